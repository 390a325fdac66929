//! Decides: the brain, without any input or output of its own.

pub mod command;
pub mod follow;
pub mod input;
pub mod notice;
pub mod output;
pub mod snapshot;
pub mod state;

use std::time::Instant;

/// The brain.
pub struct Engine {}

impl Engine {
    /// An engine that starts from what was saved. `unix_now`: seconds since 1970.
    #[must_use]
    pub fn new(seed: [u8; 32], now: Instant, unix_now: u64, saved: state::SavedState) -> Self {
        let _ = (seed, now, unix_now, saved);
        todo!("engine")
    }

    /// Hears something. Then drain `poll_output`.
    pub fn handle_input(&mut self, now: Instant, input: input::Input) {
        let _ = (now, input);
        todo!("engine")
    }

    /// Does what is due. Then drain `poll_output`.
    pub fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
        todo!("engine")
    }

    /// The next order.
    pub fn poll_output(&mut self) -> Option<output::Output> {
        todo!("engine")
    }

    /// When `handle_timeout` is due next, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        todo!("engine")
    }

    /// Everything that can be seen, at this moment.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> snapshot::Snapshot {
        let _ = now;
        todo!("engine")
    }
}
