//! Whether the other side is still there, and how far away it is.

use std::time::{Duration, Instant};

/// Between two pings.
const BEAT: Duration = Duration::from_secs(5);
/// Silence after which a link is dead. Any authenticated bytes break it: a pong alone would call a lossy line dead.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// The same, after something happened that may have cut it.
const PROBED_DEAD_AFTER: Duration = Duration::from_secs(5);
/// Bytes reported so shortly after such a thing may have come before it.
const REPORT_LAG: Duration = Duration::from_secs(1);

/// The pulse of one link.
#[derive(Debug)]
pub(super) struct Heartbeat {
    heard: Instant,
    next_ping: Instant,
    token: u64,
    pinged: Option<Instant>,
    round_trip_us: Option<u64>,
    /// It may have been cut then, and nothing was heard since.
    probed: Option<Instant>,
}

impl Heartbeat {
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, next_ping: now + BEAT, token: 0, pinged: None, round_trip_us: None, probed: None }
    }

    /// Authenticated bytes came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
        self.probed = self.probed.filter(|probed| now < *probed + REPORT_LAG);
    }

    /// It may have been cut: a ping goes out at once, and its answer is not awaited for long.
    pub(super) fn probe(&mut self, now: Instant) {
        self.next_ping = now;
        self.probed = Some(now);
    }

    pub(super) const fn is_doubted(&self) -> bool {
        self.probed.is_some()
    }

    /// A pong came; only the one of the last ping counts.
    pub(super) fn answered(&mut self, now: Instant, token: u64) {
        if token == self.token
            && let Some(pinged) = self.pinged.take()
        {
            self.probed = None;
            self.round_trip_us = u64::try_from(now.saturating_duration_since(pinged).as_micros()).ok();
        }
    }

    /// Measured by pings, for routes whose statistics have no measure.
    pub(super) const fn round_trip_us(&self) -> Option<u64> {
        self.round_trip_us
    }

    pub(super) fn is_dead(&self, now: Instant) -> bool {
        now >= self.dead_at()
    }

    /// The token of a ping, if one is due.
    pub(super) fn beat(&mut self, now: Instant) -> Option<u64> {
        if now < self.next_ping {
            return None;
        }
        self.next_ping = now + BEAT;
        self.token += 1;
        self.pinged = Some(now);
        Some(self.token)
    }

    pub(super) fn deadline(&self) -> Instant {
        self.next_ping.min(self.dead_at())
    }

    fn dead_at(&self) -> Instant {
        let silent = self.heard + DEAD_AFTER;
        self.probed.map_or(silent, |probed| silent.min(probed + PROBED_DEAD_AFTER))
    }
}
