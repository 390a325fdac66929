//! How two companions exchange offers.

use std::net::SocketAddr;

use tokio::sync::mpsc;

use crate::domain::{Card, Identity};
use crate::engine::input::{DialError, KnockId, OfferTicket};
use crate::engine::output::{DiscoveryPlan, Target};
use crate::wire::signal::Signal;

/// A conversation with one card, authenticated and sealed; what runs beneath is the carrier's matter.
#[derive(Debug)]
pub struct Conversation {
    /// The other side, checked.
    pub card: Card,
    /// The address at which the other side can be dialled.
    pub address: SocketAddr,
    /// What to say. Dropping it ends the conversation.
    pub say: mpsc::Sender<Signal>,
    /// What the other side says. Ends when the other side ends.
    pub hear: mpsc::Receiver<Signal>,
}

/// An offer that came and waits for the engine's decision.
#[derive(Debug)]
pub struct PendingOffer {
    /// With whom.
    pub conversation: Conversation,
    /// The SDP.
    pub sdp: String,
    /// BLAKE3 of the encoded `Offer`, for the answer.
    pub offer_hash: [u8; 32],
    /// The generation it proposes.
    pub generation: u64,
}

/// The signalling carriers. Clones are cheap and all alike.
#[derive(Clone, Debug)]
pub struct Signalling {}

/// How signalling is set up.
#[derive(Clone, Debug)]
pub struct SignallingConfig {
    /// My keys.
    pub identity: Identity,
    /// The TCP port; the next free one is used if it is taken (up to 32 further), 0 is any.
    pub port: u16,
    /// Bind and dial within this machine only.
    pub loopback_only: bool,
}

impl Signalling {
    /// Binds and listens. Offers and knocks are reported to the engine.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(config: SignallingConfig, inputs: super::Inputs) -> std::io::Result<Self> {
        let _ = (config, inputs);
        todo!("net")
    }

    /// The TCP port that is bound.
    #[must_use]
    pub fn port(&self) -> u16 {
        todo!("net")
    }

    /// From here on answer these and nobody else (XX only in "Everyone nearby").
    pub fn set_plan(&self, plan: &DiscoveryPlan) {
        let _ = plan;
        todo!("net")
    }

    /// Begins a conversation with a card already held (IK), at the first of these addresses where it answers.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial(&self, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError> {
        let _ = (card, targets);
        todo!("net")
    }

    /// Carries out an order to knock and reports `KnockEnded`.
    pub fn knock(
        &self,
        knock: KnockId,
        target: Target,
        expect: Option<crate::domain::PeerId>,
        name: Option<crate::domain::DisplayName>,
    ) {
        let _ = (knock, target, expect, name);
        todo!("net")
    }

    /// Takes a waiting offer; `None` if its sender has gone.
    #[must_use]
    pub fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        let _ = ticket;
        todo!("net")
    }
}
