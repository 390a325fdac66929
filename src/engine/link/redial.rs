//! When to try again: soon at first, then less and less often, and not at all for a while where it does harm.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::engine::desk::Desk;

const FIRST_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(60);
/// Whoever left in good order comes back by itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whoever is knocked on dials once the person there has decided. Until then our own dials meet with silence, for 5 s each, and
/// are in the way of theirs; they are only there for when the other side cannot dial.
const KNOCK_PATIENCE: Duration = Duration::from_secs(20);
/// A link that dies so often ...
const FORCED_MANY: usize = 3;
/// ... within this time ...
const FORCED_WINDOW: Duration = Duration::from_secs(120);
/// ... is left alone for this long, as is a peer that breaks the protocol or speaks another one.
const COOL_DOWN: Duration = Duration::from_secs(300);
/// A sighting or a new network is a reason to try at once, but not straight after a try.
const NUDGE_PAUSE: Duration = Duration::from_secs(3);

/// When to try a peer again, and why the last try failed.
#[derive(Debug, Default)]
pub(super) struct Redial {
    failures: u32,
    next: Option<Instant>,
    tried: Option<Instant>,
    forced: VecDeque<Instant>,
    cooling_until: Option<Instant>,
    /// Until then the other side is expected to dial, whatever else is heard of it.
    expecting_until: Option<Instant>,
    /// Until then the other side's offers are not answered either.
    deaf_until: Option<Instant>,
    reason: Option<String>,
}

impl Redial {
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.at().is_none_or(|at| at <= now)
    }

    /// When the next try is due; `None`: at once.
    pub(super) fn at(&self) -> Option<Instant> {
        self.next.max(self.cooling_until)
    }

    pub(super) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub(super) const fn tried(&mut self, now: Instant) {
        self.tried = Some(now);
    }

    /// A try failed.
    pub(super) fn failed(&mut self, desk: &mut Desk, reason: String) {
        self.reason = Some(reason);
        let delay = FIRST_DELAY.saturating_mul(1 << self.failures.min(6)).min(MAX_DELAY);
        self.failures = self.failures.saturating_add(1);
        self.next = Some(desk.now() + desk.jitter(delay));
    }

    /// A link is up and has said hello.
    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
        self.next = None;
        self.cooling_until = None;
        self.expecting_until = None;
        self.reason = None;
    }

    /// The other side went away in good order.
    pub(super) fn left(&mut self, desk: &mut Desk) {
        self.reason = None;
        self.next = Some(desk.now() + desk.jitter(PATIENCE));
    }

    /// The link died and has to be made anew.
    pub(super) fn forced(&mut self, desk: &mut Desk, reason: String) {
        let now = desk.now();
        self.forced.retain(|at| now.saturating_duration_since(*at) < FORCED_WINDOW);
        self.forced.push_back(now);
        self.failed(desk, reason);
        if self.forced.len() >= FORCED_MANY {
            self.forced.clear();
            self.cool_down(now);
        }
    }

    /// The other side broke the rules: for a while there is no link with it, whoever dials.
    pub(super) fn misbehaved(&mut self, now: Instant, reason: String) {
        self.refused(now, reason);
        self.deaf_until = self.cooling_until;
    }

    pub(super) fn is_deaf(&self, now: Instant) -> bool {
        self.deaf_until.is_some_and(|until| now < until)
    }

    /// Trying again would do harm.
    pub(super) fn refused(&mut self, now: Instant, reason: String) {
        self.reason = Some(reason);
        self.cool_down(now);
    }

    /// The other side is expected to dial.
    pub(super) fn wait(&mut self, now: Instant) {
        let until = Some(now + KNOCK_PATIENCE);
        *self = Self { next: until, expecting_until: until, ..Self::default() };
    }

    /// A newer run of mine has the link: it is asked again at this pace whether it still is there, whatever is heard of the other side.
    pub(super) fn yielded(&mut self, desk: &mut Desk) {
        let until = Some(desk.now() + desk.jitter(MAX_DELAY));
        let reason = Some("another FyteClub with your identity, started later, is connected with them".to_owned());
        *self = Self { next: until, expecting_until: until, reason, ..Self::default() };
    }

    /// There is news that make a try worth while.
    pub(super) fn nudge(&mut self, now: Instant) {
        let expecting = self.expecting_until.is_some_and(|until| now < until);
        if !expecting && self.tried.is_none_or(|at| now.saturating_duration_since(at) >= NUDGE_PAUSE) {
            self.next = None;
        }
    }

    /// The person wants it at once.
    pub(super) fn at_once(&mut self) {
        self.next = None;
        self.cooling_until = None;
        self.deaf_until = None;
        self.expecting_until = None;
        self.failures = 0;
    }

    fn cool_down(&mut self, now: Instant) {
        self.cooling_until = Some(now + COOL_DOWN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_knock_nothing_that_is_heard_makes_us_dial_before_they_had_their_time() {
        #[allow(clippy::disallowed_methods, reason = "a test needs some moment to start from")]
        let start = Instant::now();
        let mut redial = Redial::default();
        redial.wait(start);
        redial.nudge(start + Duration::from_secs(1));
        assert!(!redial.is_due(start + Duration::from_secs(1)), "a sighting is no reason");
        assert!(redial.is_due(start + KNOCK_PATIENCE));
        redial.wait(start);
        redial.at_once();
        assert!(redial.is_due(start), "the person is one");
    }
}
