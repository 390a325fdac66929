//! A conversation by posts: gathers what is to be said into few of them.

use std::time::Duration;

use tokio::sync::mpsc;

use super::task::Order;
use crate::domain::{Card, PeerId};
use crate::runtime::signalling::Conversation;
use crate::wire::rendezvous::{ConversationId, MAX_SIGNALS};
use crate::wire::signal::Signal;

/// Signals that wait to be said or heard: more than the candidates of one link.
const WAITING: usize = 128;
/// What is said within this time goes in one post. Relays count posts.
const GATHER: Duration = Duration::from_millis(40);
/// Bytes of signals in one post: an SDP and a few candidates.
const MAX_BYTES: usize = 26 << 10;

/// Which conversation with whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TalkId {
    pub(super) peer: PeerId,
    pub(super) conversation: ConversationId,
}

/// Starts a conversation. What is said becomes orders; what is heard is put into what comes back.
pub(super) fn start(
    card: Card,
    conversation: ConversationId,
    orders: mpsc::Sender<Order>,
) -> (Conversation, mpsc::Sender<Signal>) {
    let (say, said) = mpsc::channel(WAITING);
    let (heard, hear) = mpsc::channel(WAITING);
    let id = TalkId { peer: card.peer(), conversation };
    tokio::spawn(gather(id, said, orders));
    (Conversation { card, address: None, say, hear }, heard)
}

async fn gather(id: TalkId, mut said: mpsc::Receiver<Signal>, orders: mpsc::Sender<Order>) {
    while let Some(first) = said.recv().await {
        let mut signals = vec![first.encode()];
        let over = tokio::time::sleep(GATHER);
        tokio::pin!(over);
        loop {
            let full = signals.len() >= MAX_SIGNALS || signals.iter().map(Vec::len).sum::<usize>() >= MAX_BYTES;
            tokio::select! {
                biased;
                next = said.recv(), if !full => match next {
                    Some(signal) => signals.push(signal.encode()),
                    None => break,
                },
                () = &mut over => break,
            }
        }
        if orders.send(Order::Say(id, signals)).await.is_err() {
            return;
        }
    }
    let _ = orders.send(Order::Over(id)).await;
}
