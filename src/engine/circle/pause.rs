//! Resting: looking offline, for a while or until resumed.

use std::time::{Duration, Instant};

use crate::engine::desk::seconds_until;

/// Whether something rests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) enum Pause {
    #[default]
    Off,
    /// Until resumed; survives the program.
    On,
    /// Ends by itself.
    Until(Instant),
}

impl Pause {
    pub(super) const fn from_saved(paused: bool) -> Self {
        if paused { Self::On } else { Self::Off }
    }

    pub(super) fn begun(now: Instant, lasting: Option<Duration>) -> Self {
        // A duration beyond what a clock can count is for ever.
        lasting.map_or(Self::On, |lasting| now.checked_add(lasting).map_or(Self::On, Self::Until))
    }

    pub(in crate::engine) const fn is_on(self) -> bool {
        match self {
            Self::Off => false,
            Self::On | Self::Until(_) => true,
        }
    }

    /// What is saved: a pause that ends by itself ends with the program too.
    pub(super) const fn saved(self) -> bool {
        match self {
            Self::On => true,
            Self::Off | Self::Until(_) => false,
        }
    }

    pub(super) fn expire(&mut self, now: Instant) {
        if self.ends().is_some_and(|end| end <= now) {
            *self = Self::Off;
        }
    }

    pub(super) const fn ends(self) -> Option<Instant> {
        match self {
            Self::Until(end) => Some(end),
            Self::Off | Self::On => None,
        }
    }

    pub(in crate::engine) fn seconds_left(self, now: Instant) -> Option<u64> {
        self.ends().map(|end| seconds_until(end, now))
    }
}
