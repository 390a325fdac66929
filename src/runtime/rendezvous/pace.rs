//! How often somebody is called who does not answer: less and less.

use std::time::Duration;

use tokio::time::Instant;

/// Seconds after which the next call comes, the last one for good. Whoever starts calls of themselves.
const PACE: [u64; 6] = [1, 4, 15, 60, 300, 600];

/// When the next call is due.
#[derive(Debug, Default)]
pub(super) struct Pace {
    at: Option<Instant>,
    calls: usize,
}

impl Pace {
    /// There is news: calls begin anew.
    pub(super) const fn begin(&mut self, at: Instant) {
        (self.at, self.calls) = (Some(at), 0);
    }

    /// Whether to call now; then the next one is later.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        if self.at.is_none_or(|at| now < at) {
            return false;
        }
        let pause = PACE.get(self.calls).or(PACE.last()).copied().unwrap_or_default();
        (self.at, self.calls) = (Some(now + Duration::from_secs(pause)), self.calls + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_called_less_and_less_often() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        assert!(!pace.is_due(now), "there is no news");
        pace.begin(now);
        let calls = (0..3600).filter(|_| {
            now += Duration::from_secs(1);
            pace.is_due(now)
        });
        assert_eq!(calls.count(), 11);
        pace.begin(now);
        assert!(pace.is_due(now));
    }
}
