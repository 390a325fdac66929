//! How fast blobs may go.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Slower than this, what is asked for would take so long to come that the other side seems to be gone.
const SLOWEST: u64 = 8 << 10;

/// Bytes a second, at least 8 KiB; less counts as that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "u64", into = "u64")]
pub struct Rate(u64);

impl Rate {
    /// Bytes a second.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl From<u64> for Rate {
    fn from(bytes: u64) -> Self {
        Self(bytes.max(SLOWEST))
    }
}

impl From<Rate> for u64 {
    fn from(rate: Rate) -> Self {
        rate.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            kib if kib < 1 << 20 => write!(f, "{} KiB/s", kib >> 10),
            mib => write!(f, "{}.{} MiB/s", mib >> 20, ((mib & ((1 << 20) - 1)) * 10) >> 20),
        }
    }
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To friends.
    Up,
    /// From friends.
    Down,
}

/// How fast blobs may go each way; `None`: as fast as the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// To friends.
    pub up: Option<Rate>,
    /// From friends.
    pub down: Option<Rate>,
}

impl RateLimits {
    /// Whether there is no limit at all.
    #[must_use]
    pub const fn is_off(&self) -> bool {
        self.up.is_none() && self.down.is_none()
    }

    /// Sets one way's limit.
    pub const fn set(&mut self, direction: Direction, rate: Option<Rate>) {
        match direction {
            Direction::Up => self.up = rate,
            Direction::Down => self.down = rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_never_so_slow_that_nothing_comes_and_reads_well() {
        assert_eq!(Rate::from(1).bytes(), 8 << 10);
        for (bytes, text) in [(8 << 10, "8 KiB/s"), (1 << 20, "1.0 MiB/s"), (5 << 19, "2.5 MiB/s")] {
            assert_eq!(Rate::from(bytes).to_string(), text);
        }
    }
}
