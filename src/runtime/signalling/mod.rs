//! How two companions exchange offers.
//!
//! Carriers come and go; what they all give is a [`Conversation`]. The first carrier is TCP: Noise sessions (`wire::session`)
//! that carry envelopes (`wire::envelope`) bound to the session. The second is `rendezvous`.
//!
//! | module | does |
//! |---|---|
//! | `tcp` | sockets and frames |
//! | `admission`, `tally` | limits on who is at the door, and on sessions |
//! | `greeting` | answers a connection that comes in, or stays silent |
//! | `dial`, `resolve` | reaches out, by address or name |
//! | `channel` | signals on a session |
//! | `conversation` | the task behind a [`Conversation`] |
//! | `offers` | keeps offers until the engine has decided |
//! | `shared` | what all of these know |

mod admission;
mod channel;
mod conversation;
mod dial;
mod greeting;
mod offers;
mod resolve;
mod shared;
mod tally;
mod tcp;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tracing::{debug, info};

use self::shared::{Shared, Timing};
use crate::domain::{Card, DisplayName, Identity, PeerId};
use crate::engine::input::{DialError, Input, KnockId, OfferTicket};
use crate::engine::output::{DiscoveryPlan, Target};
use crate::wire::signal::Signal;

/// A conversation with one card, authenticated and sealed; what runs beneath is the carrier's matter.
#[derive(Debug)]
pub struct Conversation {
    /// The other side, checked.
    pub card: Card,
    /// The address at which the other side can be dialled, if the carrier knows one.
    pub address: Option<SocketAddr>,
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

/// The signalling carriers. Clones are cheap and all alike; listening ends with the last of them.
#[derive(Clone, Debug)]
pub struct Signalling {
    shared: Arc<Shared>,
    _listening: Arc<Listening>,
}

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
    /// Binds and listens. Offers and knocks are reported to the engine. Nobody is answered before the first plan.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(config: SignallingConfig, inputs: super::Inputs) -> io::Result<Self> {
        Self::start_with(config, inputs, Timing::DEFAULT)
    }

    fn start_with(config: SignallingConfig, inputs: super::Inputs, timing: Timing) -> io::Result<Self> {
        let listener = tcp::listen(config.port, config.loopback_only)?;
        let port = listener.local_addr()?.port();
        info!(port, "listening for friends' companions");
        let shared = Arc::new(Shared::new(config.identity, port, config.loopback_only, timing, inputs));
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { shared, _listening: Arc::new(Listening(task.abort_handle())) })
    }

    /// The TCP port that is bound.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.shared.port
    }

    /// From here on answer these friends and nobody else; whoever holds no card of mine (XX) only in "Everyone nearby". Offers
    /// that wait of those who are no longer among them are dropped.
    pub fn set_plan(&self, plan: &DiscoveryPlan) {
        self.shared.set_plan(plan);
    }

    /// Begins a conversation with a card already held (IK), at the first of these addresses where it answers.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial(&self, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError> {
        dial::dial(&self.shared, card, targets).await
    }

    /// Carries out an order to knock and reports `KnockEnded`.
    pub fn knock(&self, knock: KnockId, target: Target, expect: Option<PeerId>, name: Option<DisplayName>) {
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            let result = dial::knock(&shared, &target, expect, name).await;
            shared.inputs.send(Input::KnockEnded { knock, result }).await;
        });
    }

    /// An offer has come by another carrier: keeps it and reports it to the engine, if its sender may have a link. Waits until it
    /// is taken or too old.
    pub async fn offered(&self, offer: PendingOffer) {
        greeting::offered(&self.shared, offer).await;
    }

    /// Takes a waiting offer; `None` if its sender has gone.
    #[must_use]
    pub fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        self.shared.take_offer(ticket)
    }
}

/// Ends the listener when dropped.
#[derive(Debug)]
struct Listening(AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        shared.make_room().await;
        match listener.accept().await {
            Ok((stream, source)) => {
                let source = source.ip().to_canonical();
                shared.welcome(source, |guest| greeting::greet(Arc::clone(&shared), stream, source, guest));
            }
            Err(error) => {
                // Out of file descriptors, or a connection that was gone before it was taken.
                debug!(%error, "a connection could not be accepted");
                tokio::time::sleep(Timing::AFTER_A_FAILED_ACCEPT).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
