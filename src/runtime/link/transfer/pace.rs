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
/// At more than this (bytes a second) the processor is the limit rather than the line, and compressing costs more than it gains.
const FAST: f64 = 40.0 * 1024.0 * 1024.0;
/// The share of the newest measurement.
const WEIGHT: f64 = 0.3;

/// The pace of one carrier.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: u64,
    window: Option<(Instant, u64)>,
    goodput: Option<f64>,
}

impl Pace {
    /// The carrier took this many bytes.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// The carrier has this many bytes that are not acknowledged. Only while there are some is the line what limits.
    pub(super) fn observe(&mut self, now: Instant, unacknowledged: usize) {
        if unacknowledged == 0 {
            self.window = None;
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

    /// Whether the line is the limit, as far as is known.
    pub(super) fn line_is_slow(&self) -> bool {
        self.goodput.is_none_or(|goodput| goodput < FAST)
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
