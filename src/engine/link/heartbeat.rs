//! Whether the other side is still there, and how far away it is.

use std::time::{Duration, Instant};

/// A side that was told nothing for this long pings. What one side pings the other is told, so that both take turns.
const BEAT: Duration = Duration::from_secs(5);
/// How much longer than [`BEAT`] the side waits that has just been answered: a second on average. It is drawn anew for each link, so
/// that two sides that once pinged at the same moment do not do so for ever.
const LEAST_LAG: Duration = Duration::from_millis(500);
const LAG_STEP: Duration = Duration::from_millis(4);
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
    lag: Duration,
    token: u64,
    pinged: Option<Instant>,
    round_trip_us: Option<u64>,
    /// It may have been cut then, and nothing was heard since.
    probed: Option<Instant>,
}

impl Heartbeat {
    /// `drawn` is random.
    pub(super) fn new(now: Instant, drawn: u8) -> Self {
        let lag = LEAST_LAG + LAG_STEP * u32::from(drawn);
        Self { heard: now, next_ping: now + BEAT, lag, token: 0, pinged: None, round_trip_us: None, probed: None }
    }

    /// Authenticated bytes came.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = self.heard.max(now);
        self.probed = self.probed.filter(|probed| now < *probed + REPORT_LAG);
    }

    /// A message came, so that none has to be asked for.
    pub(super) fn told(&mut self, now: Instant) {
        self.heard(now);
        if self.probed.is_none() {
            self.next_ping = self.next_ping.max(now + BEAT);
        }
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
        // The other side was told half a round trip earlier: it is its turn, and its ping needs that long to come.
        self.next_ping = self.next_ping.max(now + BEAT + self.lag);
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn both_sides_ping_in_turn_and_both_know_the_round_trip() {
        let (start, there) = (Instant::now(), Duration::from_millis(40));
        let mut sides = [Heartbeat::new(start, 100), Heartbeat::new(start + Duration::from_millis(7), 150)];
        let (mut pings, mut on_their_way) = ([0_u32; 2], VecDeque::new());
        for step in 0..60_000 {
            let now = start + Duration::from_millis(step);
            for side in [0, 1] {
                if let Some(token) = sides[side].beat(now) {
                    pings[side] += 1;
                    on_their_way.push_back((now + there, 1 - side, None));
                    on_their_way.push_back((now + there * 2, side, Some(token)));
                }
            }
            // What comes in the very millisecond of a ping comes too late to save it.
            while let Some((_, side, answer)) = on_their_way.pop_front_if(|(at, ..)| *at <= now) {
                sides[side].told(now);
                answer.into_iter().for_each(|token| sides[side].answered(now, token));
            }
        }
        let [first, second] = pings;
        assert!((11..=12).contains(&(first + second)) && first.abs_diff(second) <= 1, "{first} and {second} in a minute");
        assert_eq!(sides.map(|side| side.round_trip_us()), [Some(80_000); 2]);
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn whoever_doubts_a_link_pings_though_it_was_just_told_something() {
        let start = Instant::now();
        let mut side = Heartbeat::new(start, 0);
        side.told(start);
        assert_eq!(side.beat(start), None);
        side.probe(start);
        side.told(start);
        assert!(side.beat(start).is_some());
    }
}
