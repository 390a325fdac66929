//! How much may lie in the queue of a bulk carrier.
//!
//! A quarter of a second of what the line really carries: enough to keep it full, and little enough that a control message
//! does not wait for seconds behind it.

use std::time::{Duration, Instant};

/// How long the queue may take to drain.
const QUEUE: Duration = Duration::from_millis(250);
/// The least that may be queued: one message, so that a slow line is never idle.
const QUEUE_MIN: u64 = 64 << 10;
/// The most that may be queued.
pub(super) const QUEUE_MAX: u64 = 1 << 20;
/// The queue's bound while nothing is measured.
const QUEUE_UNMEASURED: u64 = 256 << 10;
/// Goodput is measured over at least this.
const WINDOW: Duration = Duration::from_millis(50);
/// Shorter times than this are too short to divide by.
const MOMENT: Duration = Duration::from_millis(1);
/// At more than this (bytes a second; a line of 100 Mbit/s has less) compressing costs more than it gains: it takes as much of the
/// processor as all else that is done with a byte, so on a fast line the processor would become what limits.
const FAST: f64 = 12.0 * 1024.0 * 1024.0;
/// The share of the newest measurement.
const WEIGHT: f64 = 0.3;

/// The pace of one carrier.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: u64,
    window: Option<(Instant, u64)>,
    goodput: Option<f64>,
    observed: Option<Instant>,
}

impl Pace {
    /// The carrier took this many bytes.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// The carrier has this many bytes that are not acknowledged. Only while there are some is the line what limits; once there are
    /// none, it has carried all there was, and could have carried more.
    pub(super) fn observe(&mut self, now: Instant, unacknowledged: usize) {
        self.observed = Some(now);
        if unacknowledged == 0 {
            if let Some((since, before)) = self.window.take() {
                let elapsed = now.saturating_duration_since(since).max(MOMENT).as_secs_f64();
                let at_least = self.sent.saturating_sub(before) as f64 / elapsed;
                self.goodput = Some(self.goodput.map_or(at_least, |old| old.max(at_least)));
            }
            return;
        }
        let arrived = self.sent.saturating_sub(unacknowledged as u64);
        let Some((since, before)) = self.window else {
            self.window = Some((now, arrived));
            return;
        };
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= WINDOW {
            let measured = arrived.saturating_sub(before) as f64 / elapsed.as_secs_f64();
            self.goodput = Some(self.goodput.map_or(measured, |old| old + (measured - old) * WEIGHT));
            self.window = Some((now, arrived));
        }
    }

    /// Whether it is time to look at the carrier again. To ask costs as much as to send a few packets: whoever asks waits for the
    /// connection's lock.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.observed.is_none_or(|observed| now.saturating_duration_since(observed) >= WINDOW / 5)
    }

    /// Bytes that may be queued.
    pub(super) fn limit(&self) -> u64 {
        let measured = |goodput: f64| ((goodput * QUEUE.as_secs_f64()) as u64).clamp(QUEUE_MIN, QUEUE_MAX);
        self.goodput.map_or(QUEUE_UNMEASURED, measured)
    }

    /// How long to wait until about this many bytes more have left the queue.
    pub(super) fn wait(&self, excess: u64) -> Duration {
        let seconds = self.goodput.map_or(0.0, |goodput| excess as f64 / goodput.max(1.0));
        Duration::try_from_secs_f64(seconds).unwrap_or(QUEUE).clamp(Duration::from_millis(1), QUEUE / 4)
    }

    /// Whether the line is known to be the limit. While nothing has had to wait for it, it is not: whoever compresses then only
    /// keeps the queue empty, and never measures anything.
    pub(super) fn line_is_slow(&self) -> bool {
        self.goodput.is_some_and(|goodput| goodput < FAST)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // any instant will do

    use super::*;

    #[test]
    fn the_queue_holds_a_quarter_of_a_second_of_what_arrives() {
        let mut pace = Pace::default();
        assert_eq!(pace.limit(), QUEUE_UNMEASURED);
        carry(&mut pace, 2 << 20, 100);
        assert!((500 << 10..540 << 10).contains(&pace.limit()), "{}", pace.limit());
        assert!(pace.line_is_slow());
    }

    #[test]
    fn the_queue_has_bounds_at_both_ends() {
        let mut slow = Pace::default();
        carry(&mut slow, 10 << 10, 100);
        assert_eq!(slow.limit(), QUEUE_MIN);
        assert!(slow.wait(1 << 20) <= QUEUE);
        let mut fast = Pace::default();
        carry(&mut fast, 100 << 20, 100);
        assert_eq!(fast.limit(), QUEUE_MAX);
        assert!(!fast.line_is_slow());
    }

    #[test]
    fn idle_time_does_not_count_as_a_slow_line() {
        let mut pace = Pace::default();
        let end = carry(&mut pace, 100 << 20, 100);
        pace.observe(end, 0);
        let later = end + Duration::from_secs(60);
        pace.sent(64 << 10);
        pace.observe(later, 64 << 10);
        pace.sent(100 << 10);
        pace.observe(later + Duration::from_millis(1), 64 << 10);
        assert!(!pace.line_is_slow());
    }

    /// Lets a line of this rate carry for so many windows with something always queued.
    fn carry(pace: &mut Pace, rate: u64, windows: u32) -> Instant {
        let start = Instant::now();
        let queued = 1 << 20;
        pace.sent(queued);
        for window in 0..windows {
            pace.observe(start + WINDOW * window, queued);
            pace.sent(usize::try_from(rate / 20).unwrap());
        }
        pace.observe(start + WINDOW * windows, queued);
        start + WINDOW * windows
    }
}
