//! How much a peer may say: a bucket that fills with time and empties with each message.

use std::time::{Duration, Instant};

/// Allows a burst, and beyond it so many a second.
#[derive(Debug)]
pub struct Budget {
    left: u32,
    burst: u32,
    every: Duration,
    filled: Instant,
}

impl Budget {
    /// Full.
    #[must_use]
    pub fn new(now: Instant, burst: u32, per_second: u32) -> Self {
        Self { left: burst, burst, every: Duration::from_secs(1) / per_second.max(1), filled: now }
    }

    /// False if the peer has said too much.
    pub fn spend(&mut self, now: Instant) -> bool {
        let every = self.every.as_nanos().max(1);
        let drops = now.saturating_duration_since(self.filled).as_nanos() / every;
        let drops = u32::try_from(drops).unwrap_or(u32::MAX);
        self.left = self.left.saturating_add(drops).min(self.burst);
        self.filled = if self.left == self.burst { now } else { self.filled + self.every * drops };
        let enough = self.left > 0;
        self.left = self.left.saturating_sub(1);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn a_burst_is_allowed_and_then_only_the_rate() {
        let start = Instant::now();
        let mut budget = Budget::new(start, 3, 10);
        assert!((0..3).all(|_| budget.spend(start)));
        assert!(!budget.spend(start));
        assert!(budget.spend(start + Duration::from_millis(100)));
        assert!(!budget.spend(start + Duration::from_millis(150)));
        assert!(budget.spend(start + Duration::from_millis(200)));
        let sustained = (0..100u32).filter(|n| budget.spend(start + Duration::from_millis(300 + u64::from(*n) * 50))).count();
        assert!((49..=54).contains(&sustained), "{sustained}");
    }
}
