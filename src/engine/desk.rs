//! What every part of the engine shares for the length of one input: the moment, randomness from the seed, and the tray
//! for orders.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::input::LinkKey;
use super::notice::Notice;
use super::output::Output;
use crate::wire::control::Control;

/// The moment, the randomness and the orders that wait to be drained.
#[derive(Debug)]
pub(super) struct Desk {
    now: Instant,
    /// When the wall clock was last read, and what it said.
    clock_read: Instant,
    clock_said: u64,
    random: ChaCha20Rng,
    orders: VecDeque<Output>,
}

impl Desk {
    pub(super) fn new(seed: [u8; 32], now: Instant, unix_now: u64) -> Self {
        Self { now, clock_read: now, clock_said: unix_now, random: ChaCha20Rng::from_seed(seed), orders: VecDeque::new() }
    }

    /// Moves on to this moment; never back.
    pub(super) fn advance(&mut self, now: Instant) {
        self.now = self.now.max(now);
    }

    pub(super) const fn now(&self) -> Instant {
        self.now
    }

    /// The moment so much later.
    pub(super) fn later(&self, by: Duration) -> Instant {
        self.now + by
    }

    /// Hears what the wall clock says. By how many seconds it differs from what was reckoned.
    pub(super) fn set_clock(&mut self, unix_now: u64) -> u64 {
        let off = self.unix_now().abs_diff(unix_now);
        (self.clock_read, self.clock_said) = (self.now, unix_now);
        off
    }

    /// Seconds since 1970, by the wall clock.
    pub(super) fn unix_now(&self) -> u64 {
        self.clock_said.saturating_add(self.now.duration_since(self.clock_read).as_secs())
    }

    /// Milliseconds since 1970, by the wall clock.
    pub(super) fn unix_ms(&self) -> u64 {
        let since = u64::try_from(self.now.duration_since(self.clock_read).as_millis()).unwrap_or(u64::MAX);
        self.clock_said.saturating_mul(1000).saturating_add(since)
    }

    pub(super) fn order(&mut self, order: Output) {
        self.orders.push_back(order);
    }

    pub(super) fn send(&mut self, link: LinkKey, message: Control) {
        tracing::trace!(peer = ?link.peer, generation = link.generation, ?message, "says");
        self.order(Output::Send(link, message));
    }

    pub(super) fn notify(&mut self, notice: Notice) {
        // What it is about is personal: the log says only what kind of thing happened.
        tracing::info!("{}", headline(&notice));
        self.order(Output::Notify(notice));
    }

    pub(super) fn next_order(&mut self) -> Option<Output> {
        self.orders.pop_front()
    }

    pub(super) fn random_u64(&mut self) -> u64 {
        self.random.next_u64()
    }

    pub(super) fn random_bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    /// This duration, made up to 20 % shorter or longer, so that two sides do not act in step for ever.
    pub(super) fn jitter(&mut self, duration: Duration) -> Duration {
        let per_mille = 800 + self.random_u64() % 401;
        duration * u32::try_from(per_mille).unwrap_or(1000) / 1000
    }
}

/// A notice without whom it is about.
const fn headline(notice: &Notice) -> &'static str {
    match notice {
        Notice::PeerKnocked { .. } => "somebody wants to connect",
        Notice::PeerConnected { .. } => "a friend is here",
        Notice::PeerDisconnected { .. } => "a friend went away",
        Notice::ConnectionFailed { .. } => "a connection failed",
        Notice::AppearanceApplied { .. } => "a look is shown",
        Notice::AppearanceFailed { .. } => "a look could not be shown",
        Notice::PublishFailed { .. } => "a look of mine could not be shared",
        Notice::PeerMisbehaved { .. } => "a peer broke the protocol and was disconnected",
        Notice::CodeEnded { .. } => "a code was used",
        Notice::InvitationEnded { .. } => "an invitation was answered",
        Notice::VerificationEnded { .. } => "codes were compared",
        Notice::ShownAgain { .. } => "looks are shown anew",
        Notice::DiskNearlyFull { .. } => "the disk is nearly full",
        Notice::SentAgain { .. } => "looks are announced anew",
        Notice::WindowWanted => "the window is wanted",
        Notice::Other { .. } => "something to know",
    }
}

/// Whole seconds from now until `at`, rounded up.
pub(super) fn seconds_until(at: Instant, now: Instant) -> u64 {
    let left = at.saturating_duration_since(now);
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

/// The earlier of two deadlines.
pub(super) fn sooner(a: Option<Deadline>, b: Option<Deadline>) -> Option<Deadline> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.0 < a.0 { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// When something is due, and why.
pub(super) type Deadline = (Instant, &'static str);
