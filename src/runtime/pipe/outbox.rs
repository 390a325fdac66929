//! What waits to be said to one plugin: bounded, so that a plugin that does not read costs us no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, mpsc};

use crate::wire::plugin::FromPlugin;

/// Lines that may wait.
pub(super) const MAX_LINES: usize = 1_000;
/// Bytes that may wait.
pub(super) const MAX_WAITING: usize = 64 << 20;

/// Where lines to one plugin are put. Clones are cheap and all alike.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    queue: mpsc::Sender<Outgoing>,
    shared: Arc<Shared>,
}

/// Where lines to one plugin are taken from.
#[derive(Debug)]
pub(super) struct Outgoings {
    queue: mpsc::Receiver<Outgoing>,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: AtomicUsize,
    overflowed: Notify,
    ending: Notify,
}

/// What waits.
#[derive(Debug, PartialEq)]
pub(super) enum Outgoing {
    /// A line with its end.
    Line(Vec<u8>),
    /// Not for the plugin: what the engine is told in its stead.
    Report(FromPlugin),
    /// The session's end.
    End,
}

/// The plugin does not read: its session is ending.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overflow;

/// An empty outbox, both ends of it.
pub(super) fn outbox() -> (Outbox, Outgoings) {
    let (sender, receiver) = mpsc::channel(MAX_LINES);
    let shared = Arc::<Shared>::default();
    (Outbox { queue: sender, shared: Arc::clone(&shared) }, Outgoings { queue: receiver, shared })
}

impl Outbox {
    /// Puts a line (with its end) behind the others.
    pub(super) fn push(&self, line: Vec<u8>) -> Result<(), Overflow> {
        self.put(line.len(), Outgoing::Line(line))
    }

    /// Tells the engine something in the plugin's stead, in its turn.
    pub(super) fn report(&self, said: FromPlugin) -> Result<(), Overflow> {
        self.put(0, Outgoing::Report(said))
    }

    fn put(&self, length: usize, outgoing: Outgoing) -> Result<(), Overflow> {
        let fits = self.shared.waiting.fetch_add(length, Ordering::Relaxed) + length <= MAX_WAITING;
        if fits && self.queue.try_send(outgoing).is_ok() {
            return Ok(());
        }
        self.shared.waiting.fetch_sub(length, Ordering::Relaxed);
        self.shared.overflowed.notify_one();
        Err(Overflow)
    }

    /// Ends the session once everything before this is said.
    pub(super) fn end(&self) {
        let _ = self.queue.try_send(Outgoing::End);
        self.shared.ending.notify_one();
    }

    /// Waits until more was said than a plugin may leave unread.
    pub(super) async fn overflowed(&self) {
        self.shared.overflowed.notified().await;
    }

    /// Waits for [`Outbox::end`]; lines may still wait.
    pub(super) async fn ending(&self) {
        self.shared.ending.notified().await;
    }
}

impl Outgoings {
    /// The next in turn; the end when there is nobody left to put anything in.
    pub(super) async fn next(&mut self) -> Outgoing {
        let outgoing = self.queue.recv().await.unwrap_or(Outgoing::End);
        if let Outgoing::Line(line) = &outgoing {
            self.shared.waiting.fetch_sub(line.len(), Ordering::Relaxed);
        }
        outgoing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_in_order_and_the_end_behind_them() {
        let (outbox, mut outgoings) = outbox();
        outbox.push(b"1\n".to_vec()).unwrap();
        outbox.report(FromPlugin::Pause).unwrap();
        outbox.push(b"2\n".to_vec()).unwrap();
        outbox.end();
        assert_eq!(outgoings.next().await, Outgoing::Line(b"1\n".to_vec()));
        assert_eq!(outgoings.next().await, Outgoing::Report(FromPlugin::Pause));
        assert_eq!(outgoings.next().await, Outgoing::Line(b"2\n".to_vec()));
        assert_eq!(outgoings.next().await, Outgoing::End);
        outbox.ending().await;
    }

    #[tokio::test]
    async fn neither_more_lines_nor_more_bytes_wait_than_allowed() {
        let (many, _outgoings) = outbox();
        for _ in 0..MAX_LINES {
            many.push(b"x\n".to_vec()).unwrap();
        }
        assert_eq!(many.push(b"x\n".to_vec()), Err(Overflow));
        many.overflowed().await;

        let (heavy, mut outgoings) = outbox();
        for _ in 0..8 {
            heavy.push(vec![b'x'; MAX_WAITING / 8]).unwrap();
        }
        outgoings.next().await;
        heavy.push(vec![b'x'; MAX_WAITING / 8]).unwrap();
        assert_eq!(heavy.push(b"x\n".to_vec()), Err(Overflow));
    }
}
