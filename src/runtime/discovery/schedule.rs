//! When to send beacons: a burst at the start and whenever the network changes, then a steady pulse.

use std::time::Duration;

use tokio::time::Instant;

/// Several, because the first datagrams on a new interface are easily lost.
const BURST: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(500), Duration::from_millis(2000)];
const PERIOD: Duration = Duration::from_secs(30);

/// The moments of one burst and the pulse behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    started: Instant,
    sent: usize,
    next: Instant,
}

impl Schedule {
    /// A burst that begins now.
    pub(super) const fn burst(now: Instant) -> Self {
        Self { started: now, sent: 0, next: now }
    }

    /// When the next beacon is due.
    pub(super) const fn next(&self) -> Instant {
        self.next
    }

    /// Sets the time after this one. The pulse varies by ± 20 % with `chance` (evenly spread), so that companions which
    /// started together do not stay in step.
    pub(super) fn sent(&mut self, now: Instant, chance: u32) {
        self.sent += 1;
        let share = f64::from(chance) / f64::from(u32::MAX);
        self.next = match BURST.get(self.sent) {
            Some(offset) => self.started + *offset,
            None => now + PERIOD.mul_f64(0.8 + 0.4 * share),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_four_then_every_30_seconds_give_or_take_a_fifth() {
        let start = Instant::now();
        let mut schedule = Schedule::burst(start);
        let mut times = Vec::new();
        for chance in [7, 7, 7, 0, u32::MAX, u32::MAX / 2] {
            let now = schedule.next();
            times.push((now - start).as_millis());
            schedule.sent(now, chance);
        }
        times.push((schedule.next() - start).as_millis());
        assert_eq!(times[..4], [0, 100, 500, 2000]);
        assert_eq!(times[4..6], [2000 + 24_000, 2000 + 24_000 + 36_000]);
        assert!((29_900..=30_100).contains(&(times[6] - times[5])));
    }
}
