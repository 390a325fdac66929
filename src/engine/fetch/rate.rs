//! Bytes a second over the last few seconds.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(3);
const BUCKET: Duration = Duration::from_millis(250);

/// A sliding measure.
#[derive(Debug)]
pub(in crate::engine) struct Rate {
    since: Instant,
    buckets: VecDeque<(Instant, u64)>,
}

impl Rate {
    pub(in crate::engine) const fn new(now: Instant) -> Self {
        Self { since: now, buckets: VecDeque::new() }
    }

    pub(in crate::engine) fn add(&mut self, now: Instant, bytes: u64) {
        self.buckets.retain(|(at, _)| now.saturating_duration_since(*at) < WINDOW);
        match self.buckets.back_mut() {
            Some((at, sum)) if now.saturating_duration_since(*at) < BUCKET => *sum += bytes,
            Some(_) | None => self.buckets.push_back((now, bytes)),
        }
    }

    pub(in crate::engine) fn per_second(&self, now: Instant) -> u64 {
        let recent = self.buckets.iter().filter(|(at, _)| now.saturating_duration_since(*at) < WINDOW);
        let bytes: u64 = recent.map(|(_, bytes)| bytes).sum();
        let millis = now.saturating_duration_since(self.since).min(WINDOW).max(BUCKET).as_millis();
        u64::try_from(u128::from(bytes) * 1000 / millis).unwrap_or(u64::MAX)
    }
}
