//! Floods of short messages.
//!
//! The library's window counts the bytes of what lies unread and not what it costs there: some 800 bytes for each message. A
//! window of 1 MiB is little, unless it is of messages of one byte. So what comes is read at once and waits for nobody, who says
//! too much is ended, and what comes after the end is read and forgotten until the connection has closed.

use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use super::carrier::{BulkCarrier as _, Channel};
use super::transfer::Breach;
use crate::domain::Budget;

/// Messages below this length count. The window holds a thousand of them at least as long.
const SHORT: usize = 1 << 10;
/// On the control channel, at once and a second: twice what the engine allows, which has the first word.
const CONTROL: (u32, u32) = (2000, 200);
/// On the bulk channel: a companion's requests are for 64 KiB each, unless it is the last of its kind, so this many a second are
/// 1 GiB, several times what the library carries.
const BULK: (u32, u32) = (16384, 16384);

/// Counts the short messages of one channel.
#[derive(Debug)]
pub(super) struct ShortMessages(Budget);

impl ShortMessages {
    pub(super) fn of_control() -> Self {
        Self(Budget::new(Instant::now(), CONTROL.0, CONTROL.1))
    }

    pub(super) fn of_bulk() -> Self {
        Self(Budget::new(Instant::now(), BULK.0, BULK.1))
    }

    /// Counts a message of this length.
    pub(super) fn count(&mut self, length: usize) -> Result<(), Breach> {
        let enough = length >= SHORT || self.0.spend(Instant::now());
        enough.then_some(()).ok_or(Breach("it sends more short messages than anybody can read"))
    }
}

/// Takes and forgets what comes on these channels until they end, or this is dropped.
pub(super) struct Forgetting {
    _tasks: JoinSet<()>,
}

impl Forgetting {
    pub(super) fn of(channels: &[Arc<Channel>]) -> Self {
        let mut tasks = JoinSet::new();
        for channel in channels {
            let channel = Arc::clone(channel);
            tasks.spawn(async move { while channel.receive().await.is_some() {} });
        }
        Self { _tasks: tasks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_messages_run_out_and_long_ones_do_not() {
        let mut short = ShortMessages::of_control();
        assert!((0..2000).all(|_| short.count(1).is_ok()));
        assert!((0..100_000).any(|_| short.count(SHORT - 1).is_err()));
        assert!((0..100_000).all(|_| short.count(SHORT).is_ok()));
    }
}
