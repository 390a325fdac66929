//! Finding friends across the internet, by relays that know nothing of us.
//!
//! | module | does |
//! |---|---|
//! | `relays` | Nostr relays as one noticeboard, and how each of them is |
//! | `friend` | what is known of one friend's run, and conversations with it |
//! | `talk` | gathers what a conversation says into few posts |
//! | `code` | one invite code in use |
//! | `pace` | how often somebody is called who does not answer |
//! | `task` | holds all of these: follows the plan, says, hears |
//!
//! Like `signalling`, whose second carrier it is, it gives a [`Conversation`] to whoever dials and
//! reports offers that come. Everything that is said goes to all relays and is heard from whichever is first, so that
//! one that is slow, dead or lying harms nobody.

mod code;
mod friend;
mod pace;
mod relays;
mod talk;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot, watch};

use self::task::{Order, Task};
use super::Inputs;
use super::signalling::{Conversation, Signalling};
use crate::domain::{Card, Identity, InvitationSecret, PeerId};
use crate::engine::input::{DialError, InviteId};
use crate::engine::output::{CodeOrder, RendezvousPlan};
use crate::wire::MAX_ENVELOPE;
use crate::wire::invitation::Answer;

/// The greatest content of one of our events, in characters: an envelope in Base64.
pub const MAX_CONTENT: usize = MAX_ENVELOPE.div_ceil(3) * 4;

/// Whether events of this kind are ours.
#[must_use]
pub fn is_ours(kind: nostr_sdk::Kind) -> bool {
    kind == nostr_sdk::Kind::Custom(relays::KIND)
}

/// Orders that may wait.
const ORDERS: usize = 256;

/// Reaches friends by relays. Clones are cheap and all alike; the relays are left with the last of them.
#[derive(Clone, Debug)]
pub struct Rendezvous(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    plan: watch::Sender<Option<RendezvousPlan>>,
    orders: mpsc::Sender<Order>,
    within_reach: Arc<Mutex<BTreeSet<PeerId>>>,
}

/// How it is set up.
#[derive(Clone, Debug)]
pub struct RendezvousConfig {
    /// My keys.
    pub identity: Identity,
    /// Only relays on this machine are used.
    pub loopback_only: bool,
}

impl Rendezvous {
    /// Starts; nothing is connected to before the first plan. Offers that come are handed to `signalling`.
    ///
    /// # Errors
    /// If the system has no randomness to give.
    pub fn start(config: RendezvousConfig, signalling: Signalling, inputs: Inputs) -> std::io::Result<Self> {
        let (plan, plans) = watch::channel(None);
        let (orders, ordered) = mpsc::channel(ORDERS);
        let within_reach = Arc::new(Mutex::default());
        let task = Task::new(config, signalling, inputs, orders.downgrade(), Arc::clone(&within_reach))?;
        tokio::spawn(task.run(plans, ordered));
        Ok(Self(Arc::new(Inner { plan, orders, within_reach })))
    }

    /// From here on these relays and friends.
    pub fn set_plan(&self, plan: RendezvousPlan) {
        self.0.plan.send_replace(Some(plan));
    }

    /// Whether a friend's program was heard by a relay, and not found silent since.
    #[must_use]
    pub fn reaches(&self, peer: &PeerId) -> bool {
        self.0.within_reach.lock().unwrap_or_else(PoisonError::into_inner).contains(peer)
    }

    /// Begins a conversation.
    ///
    /// # Errors
    /// [`DialError::Unreachable`] if the friend has not been heard.
    pub async fn dial(&self, card: Card) -> Result<Conversation, DialError> {
        let (reply, begun) = oneshot::channel();
        let _ = self.0.orders.send(Order::Dial(card, reply)).await;
        begun.await.unwrap_or(Err(DialError::Unreachable))
    }

    /// The network has changed: no connection to a relay is worth anything.
    pub async fn network_changed(&self) {
        let _ = self.0.orders.send(Order::ConnectAnew).await;
    }

    /// Uses a code. Ends in `CodeEnded`, unless it is given up before.
    pub async fn use_code(&self, order: CodeOrder) {
        let _ = self.0.orders.send(Order::UseCode(order)).await;
    }

    /// Answers whoever came with an invitation of mine.
    pub async fn answer_guest(&self, secret: InvitationSecret, card: Card, answer: Answer) {
        let _ = self.0.orders.send(Order::AnswerGuest(secret, card, answer)).await;
    }

    /// Gives a code up.
    pub async fn drop_code(&self, invite: InviteId) {
        let _ = self.0.orders.send(Order::DropCode(invite)).await;
    }
}
