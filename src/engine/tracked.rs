//! A value of which only real change is told.

use std::time::{Duration, Instant};

/// Remembers what was told last. With a pace, changes that come faster are gathered: the newest is told when it is time.
#[derive(Debug)]
pub(super) struct Tracked<T> {
    told: Option<T>,
    waiting: Option<T>,
    pace: Duration,
    next: Option<Instant>,
}

impl<T: PartialEq> Tracked<T> {
    /// Tells each change at once.
    pub(super) const fn new() -> Self {
        Self::paced(Duration::ZERO)
    }

    /// Tells changes at most once in `pace`.
    pub(super) const fn paced(pace: Duration) -> Self {
        Self { told: None, waiting: None, pace, next: None }
    }

    /// Takes `value` as told already.
    pub(super) fn prime(&mut self, value: T) {
        self.told = Some(value);
    }

    /// Hears the value as it is.
    pub(super) fn set(&mut self, value: T) {
        self.waiting = (self.told.as_ref() != Some(&value)).then_some(value);
    }

    /// The value, if it differs from what was told last and it is time.
    pub(super) fn take(&mut self, now: Instant) -> Option<&T> {
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        self.flush(now)
    }

    /// The value, if it differs from what was told last, whatever the pace.
    pub(super) fn flush(&mut self, now: Instant) -> Option<&T> {
        let value = self.waiting.take()?;
        self.next = Some(now + self.pace);
        Some(self.told.insert(value))
    }

    /// When a change that waits may be told.
    pub(super) fn due(&self) -> Option<Instant> {
        self.waiting.as_ref().and(self.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn only_change_is_told_and_never_faster_than_the_pace() {
        let start = Instant::now();
        let mut value = Tracked::paced(Duration::from_millis(200));
        value.set(1);
        assert_eq!(value.take(start), Some(&1));
        value.set(1);
        assert_eq!(value.take(start + Duration::from_secs(1)), None);
        value.set(2);
        assert_eq!(value.take(start + Duration::from_millis(100)), None);
        assert_eq!(value.due(), Some(start + Duration::from_millis(200)));
        value.set(3);
        assert_eq!(value.take(start + Duration::from_millis(200)), Some(&3));
        value.set(4);
        value.set(3);
        assert_eq!(value.due(), None, "back to what was told");
    }
}
