//! The world's clock and randomness, for the actors that hand them to pure code.
#![allow(clippy::disallowed_methods)] // Here they are read, so that nobody else has to.

use std::io;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds since 1970 by this machine's clock; 0 if it is set before that.
#[must_use]
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Between two tellings of the wall clock.
const TOLD_EVERY: Duration = Duration::from_secs(60);
/// A difference between the two clocks' progress that is a jump: the clock was set, or the computer slept.
const JUMP: u64 = 5;

/// Tells when the engine has to hear what the wall clock says.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallClock {
    told: Instant,
    said: u64,
}

impl WallClock {
    /// Reads the clock; the engine starts with this.
    pub(super) fn read(now: Instant) -> Self {
        Self { told: now, said: unix_now() }
    }

    /// What the clock says, in seconds since 1970, if it is time to tell or it has jumped.
    pub(super) fn news(&mut self, now: Instant) -> Option<u64> {
        self.compare(now, unix_now())
    }

    fn compare(&mut self, now: Instant, unix_now: u64) -> Option<u64> {
        let since = now.saturating_duration_since(self.told);
        let jumped = self.said.saturating_add(since.as_secs()).abs_diff(unix_now) >= JUMP;
        if !jumped && since < TOLD_EVERY {
            return None;
        }
        *self = Self { told: now, said: unix_now };
        Some(unix_now)
    }
}

/// What is counted from when things are to end together.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// At least `wait`, and until the next multiple of `grid` after it: what may wait a little ends together with others of its
/// kind, and wakes a sleeping processor once for all of them.
pub(super) fn until_together(wait: Duration, grid: Duration) -> Duration {
    rounded_up(BEGINNING.elapsed(), wait, grid)
}

fn rounded_up(now: Duration, wait: Duration, grid: Duration) -> Duration {
    let beyond = (now + wait).as_nanos().checked_rem(grid.as_nanos()).unwrap_or_default();
    if beyond == 0 { wait } else { wait + grid.saturating_sub(Duration::from_nanos_u128(beyond)) }
}

/// 32 fresh random bytes of the operating system.
///
/// # Errors
/// If the operating system has none to give.
pub(crate) fn entropy() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("the system gives no randomness: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_that_begin_apart_end_together_and_none_ends_early() {
        let (grid, ms) = (Duration::from_millis(250), Duration::from_millis);
        for (now, wait, long) in
            [(0, 4000, 4000), (1, 4000, 4249), (249, 4000, 4001), (250, 4000, 4000), (10, 0, 240), (100, 333, 400)]
        {
            assert_eq!(rounded_up(ms(now), ms(wait), grid), ms(long), "{wait} ms at {now}");
        }
        assert_eq!(rounded_up(ms(3), ms(5), Duration::ZERO), ms(5));
    }

    #[test]
    fn the_clock_is_told_once_a_minute_and_at_once_when_it_jumps() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut clock = WallClock { told: start, said: 1_000_000 };
        assert_eq!(clock.compare(at(30), 1_000_031), None);
        assert_eq!(clock.compare(at(60), 1_000_061), Some(1_000_061));
        assert_eq!(clock.compare(at(61), 1_000_062), None);
        assert_eq!(clock.compare(at(62), 1_003_600), Some(1_003_600), "the computer slept");
        assert_eq!(clock.compare(at(63), 1_003_601), None);
        assert_eq!(clock.compare(at(64), 5), Some(5), "the clock was set back");
    }
}
