//! How fast a link may carry blobs: a bucket for each direction of each link, and one for each direction of all of them.
//!
//! What is to go takes a *turn*: it stands in a bucket at the number of bytes before it, and goes once the bucket's rate has
//! paid for it too. So turns are taken in the order in which they came, whoever takes them; and a rate that is changed counts
//! from that moment on, for those that wait as well.
//!
//! Only blobs take turns. Control messages, requests and refusals go at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::hub::locked;
use crate::domain::{Rate, RateLimits};
use crate::engine::output::{LinkRates, RatePlan};
use crate::wire::bulk::MAX_PACKED;

/// What may be ahead of the rate after a rest, as a share of a second: it keeps short pauses from costing speed, and is one
/// hundredth of what the rate gives in five seconds.
const AHEAD: u64 = 20;
/// At most this many seconds of the rate are paid for what was on its way when a limit began.
const OWED: u64 = 2;

/// Bytes that have taken turns, and those that the rate has paid for.
#[derive(Debug, Default)]
struct Bucket {
    rate: Option<Rate>,
    taken: u64,
    /// Never more than `taken` and what may be ahead.
    paid: u64,
    /// Until when `paid` is reckoned.
    at: Option<Instant>,
}

impl Bucket {
    fn set(&mut self, now: Instant, rate: Option<Rate>) {
        if self.rate != rate {
            self.advance(now);
            if self.rate.is_none() {
                self.paid = self.taken;
            }
            (self.rate, self.at) = (rate, Some(now));
        }
    }

    /// Takes a turn: the number of bytes that are to be paid until it goes.
    fn take(&mut self, now: Instant, bytes: u64) -> u64 {
        self.advance(now);
        self.taken = self.taken.saturating_add(bytes);
        self.taken
    }

    /// When a turn goes: at once, or then at the soonest.
    fn due(&mut self, now: Instant, turn: u64) -> Option<Instant> {
        self.advance(now);
        let lacking = turn.saturating_sub(self.paid);
        let rate = self.rate.filter(|_| lacking > 0)?;
        Some(now + Duration::from_nanos(nanos(lacking, rate).max(1)))
    }

    /// Bytes that took a turn did not go after all.
    fn give_back(&mut self, bytes: u64) {
        self.paid = self.paid.saturating_add(bytes);
        self.cap();
    }

    fn advance(&mut self, now: Instant) {
        let Some(rate) = self.rate else {
            self.paid = self.taken;
            return;
        };
        let at = *self.at.get_or_insert(now);
        let elapsed = now.saturating_duration_since(at).as_nanos();
        let earned = elapsed.saturating_mul(u128::from(rate.bytes())) / 1_000_000_000;
        let earned = u64::try_from(earned).unwrap_or(u64::MAX);
        if earned > 0 {
            self.paid = self.paid.saturating_add(earned);
            // As far as whole bytes reach, so that what is left over is not lost; but not behind what was capped.
            self.at = Some(if self.cap() { now } else { at + Duration::from_nanos(nanos(earned, rate)) });
        }
    }

    fn cap(&mut self) -> bool {
        let most = self.taken.saturating_add(self.rate.map_or(0, |rate| rate.bytes() / AHEAD));
        let over = self.paid > most;
        self.paid = self.paid.min(most);
        over
    }
}

fn nanos(bytes: u64, rate: Rate) -> u64 {
    let nanos = (u128::from(bytes) * 1_000_000_000).div_ceil(u128::from(rate.bytes()));
    u64::try_from(nanos).unwrap_or(u64::MAX)
}

/// The buckets of all links together, and the news that a rate has changed.
#[derive(Debug, Default)]
pub(super) struct Common {
    up: Arc<Mutex<Bucket>>,
    down: Arc<Mutex<Bucket>>,
    changes: Arc<watch::Sender<()>>,
}

impl Common {
    /// The gates of one more link, open until a plan says otherwise.
    pub(super) fn gates(&self) -> Gates {
        let gate =
            |all: &Arc<Mutex<Bucket>>| Gate { own: Mutex::default(), all: Arc::clone(all), shared: AtomicBool::new(false) };
        Gates { up: gate(&self.up), down: gate(&self.down), changes: Arc::clone(&self.changes) }
    }

    /// Sets the rates of all links together.
    pub(super) fn set(&self, now: Instant, plan: &RatePlan) {
        locked(&self.up).set(now, plan.all.up);
        locked(&self.down).set(now, plan.all.down);
    }

    /// Wakes whoever waits for a turn.
    pub(super) fn tell(&self) {
        self.changes.send_replace(());
    }
}

/// Both directions of one link.
#[derive(Debug)]
pub(super) struct Gates {
    pub(super) up: Gate,
    pub(super) down: Gate,
    changes: Arc<watch::Sender<()>>,
}

impl Default for Gates {
    fn default() -> Self {
        Common::default().gates()
    }
}

impl Gates {
    /// Sets this link's rates; `None`: it is not limited.
    pub(super) fn set(&self, now: Instant, rates: Option<&LinkRates>) {
        let LinkRates { own, shared } = rates.copied().unwrap_or(LinkRates { own: RateLimits::default(), shared: false });
        self.up.set(now, own.up, shared);
        self.down.set(now, own.down, shared);
    }

    /// Hears when rates change.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// One direction of one link.
#[derive(Debug)]
pub(super) struct Gate {
    own: Mutex<Bucket>,
    all: Arc<Mutex<Bucket>>,
    /// Whether the limit of all links together counts for this one.
    shared: AtomicBool,
}

/// Bytes that wait to go.
#[derive(Debug)]
pub(super) struct Turn {
    bytes: u64,
    own: Option<u64>,
    all: Option<u64>,
}

impl Turn {
    pub(super) const fn of(bytes: u64) -> Self {
        Self { bytes, own: None, all: None }
    }

    /// For what is asked for at once: a share of a second's worth, so that the answer is no burst. At least the largest of
    /// the small blobs.
    pub(super) fn of_answer(rate: Rate) -> Self {
        Self::of((rate.bytes() / AHEAD).max(MAX_PACKED))
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Waits until then, if there is anything to wait for.
pub(super) async fn sleep_until(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due.into()).await;
    }
}

impl Gate {
    /// When these bytes may go: at once, or then at the soonest, if no rate changes before.
    pub(super) fn due(&self, turn: &mut Turn, now: Instant) -> Option<Instant> {
        let bytes = turn.bytes;
        if let Some(at) = due(&self.own, &mut turn.own, bytes, now) {
            return Some(at);
        }
        // Only what the link's own rate has let through stands in the way of others.
        if self.shared.load(Ordering::Relaxed) { due(&self.all, &mut turn.all, bytes, now) } else { None }
    }

    /// These bytes of a turn did not go after all: they were compressed.
    pub(super) fn give_back(&self, bytes: u64) {
        locked(&self.own).give_back(bytes);
        if self.shared.load(Ordering::Relaxed) {
            locked(&self.all).give_back(bytes);
        }
    }

    /// None of a turn went.
    pub(super) fn abandon(&self, turn: &Turn) {
        for (bucket, taken) in [(&self.own, turn.own), (&*self.all, turn.all)] {
            if taken.is_some() {
                locked(bucket).give_back(turn.bytes);
            }
        }
    }

    /// Counts bytes that were on their way before the limit.
    pub(super) fn owe(&self, bytes: u64, now: Instant) {
        let Some(rate) = self.rate() else { return };
        let bytes = bytes.min(rate.bytes().saturating_mul(OWED));
        locked(&self.own).take(now, bytes);
        if self.shared.load(Ordering::Relaxed) {
            locked(&self.all).take(now, bytes);
        }
    }

    /// The rate that holds, if any does.
    pub(super) fn rate(&self) -> Option<Rate> {
        let own = locked(&self.own).rate;
        let all = if self.shared.load(Ordering::Relaxed) { locked(&self.all).rate } else { None };
        own.into_iter().chain(all).min()
    }

    fn set(&self, now: Instant, rate: Option<Rate>, shared: bool) {
        locked(&self.own).set(now, rate);
        self.shared.store(shared, Ordering::Relaxed);
    }
}

fn due(bucket: &Mutex<Bucket>, turn: &mut Option<u64>, bytes: u64, now: Instant) -> Option<Instant> {
    let mut bucket = locked(bucket);
    let turn = *turn.get_or_insert_with(|| bucket.take(now, bytes));
    bucket.due(now, turn)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::PeerId;
    use crate::engine::input::LinkKey;

    const MESSAGE: u64 = 64 << 10;
    const SECOND: Duration = Duration::from_secs(1);

    /// A link in virtual time that sends a message whenever it may.
    struct Sender {
        gates: Gates,
        turn: Turn,
        sent: Vec<(Instant, u64)>,
    }

    impl Sender {
        fn new(common: &Common, own: Option<u64>, shared: bool) -> Self {
            let gates = common.gates();
            let own = RateLimits { up: own.map(Rate::from), down: None };
            gates.set(start(), Some(&LinkRates { own, shared }));
            Self { gates, turn: Turn::of(MESSAGE), sent: Vec::new() }
        }

        /// Sends what may go now; when it may go on.
        fn go(&mut self, now: Instant) -> Instant {
            loop {
                if let Some(at) = self.gates.up.due(&mut self.turn, now) {
                    return at;
                }
                self.sent.push((now, self.turn.bytes()));
                self.turn = Turn::of(MESSAGE);
            }
        }

        fn between(&self, from: Instant, until: Instant) -> u64 {
            self.sent.iter().filter(|(at, _)| (from..until).contains(at)).map(|(_, bytes)| bytes).sum()
        }
    }

    /// Lets all send until then, each as soon as it may.
    fn run(senders: &mut [&mut Sender], from: Instant, until: Instant) {
        let mut due: Vec<Instant> = senders.iter().map(|_| from).collect();
        loop {
            let (next, at) = due.iter().copied().enumerate().min_by_key(|(_, at)| *at).unwrap();
            if at >= until {
                return;
            }
            due[next] = senders[next].go(at);
        }
    }

    #[allow(clippy::disallowed_methods)] // any instant will do, but always the same one
    fn start() -> Instant {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        *START.get_or_init(Instant::now)
    }

    fn limit_all(common: &Common, now: Instant, up: Option<u64>) {
        common.set(now, &RatePlan { all: RateLimits { up: up.map(Rate::from), down: None }, links: BTreeMap::new() });
    }

    proptest! {
        #[test]
        fn in_any_five_seconds_the_rate_is_kept_within_a_twentieth(rate in 400_u64 << 10..64 << 20, from_ms in 0_u64..20_000) {
            let common = Common::default();
            let mut sender = Sender::new(&common, Some(rate), false);
            run(&mut [&mut sender], start(), start() + SECOND * 30);
            let from = start() + Duration::from_millis(from_ms);
            let (sent, right) = (sender.between(from, from + SECOND * 5), rate * 5);
            prop_assert!(sent.abs_diff(right) * 20 <= right, "{sent} of {right}");
        }

        #[test]
        fn links_share_the_rate_of_all_equally_and_together_keep_it(rate in 400_u64 << 10..64 << 20) {
            let common = Common::default();
            limit_all(&common, start(), Some(rate));
            let [mut a, mut b, mut c] = [(); 3].map(|()| Sender::new(&common, None, true));
            run(&mut [&mut a, &mut b, &mut c], start(), start() + SECOND * 15);
            let [a, b, c] = [&a, &b, &c].map(|sender| sender.between(start() + SECOND * 5, start() + SECOND * 10));
            prop_assert!((a + b + c).abs_diff(rate * 5) * 20 <= rate * 5, "{a} {b} {c}");
            prop_assert!(a.abs_diff(b) <= MESSAGE && b.abs_diff(c) <= MESSAGE, "{a} {b} {c}");
        }
    }

    #[test]
    fn after_a_rest_no_more_than_a_moment_is_made_up_for() {
        let common = Common::default();
        let mut sender = Sender::new(&common, Some(2 << 20), false);
        let later = start() + SECOND * 3600;
        run(&mut [&mut sender], later, later + SECOND * 5);
        let (sent, right) = (sender.between(later, later + SECOND * 5), 10 << 20);
        assert!(sent.abs_diff(right) * 20 <= right, "{sent} of {right}");
    }

    #[test]
    fn a_slow_friend_leaves_the_others_what_it_cannot_take() {
        let common = Common::default();
        limit_all(&common, start(), Some(4 << 20));
        let (mut slow, mut quick) = (Sender::new(&common, Some(1 << 20), true), Sender::new(&common, None, true));
        run(&mut [&mut slow, &mut quick], start(), start() + SECOND * 20);
        let of = |sender: &Sender| sender.between(start() + SECOND * 10, start() + SECOND * 15);
        assert!(of(&slow).abs_diff(5 << 20) * 20 <= 5 << 20, "{}", of(&slow));
        assert!(of(&quick).abs_diff(15 << 20) * 20 <= 15 << 20, "{}", of(&quick));
    }

    #[test]
    fn a_changed_rate_counts_at_once_for_what_waits_too() {
        let common = Common::default();
        let mut sender = Sender::new(&common, None, true);
        limit_all(&common, start(), Some(8 << 10));
        let far = sender.go(start());
        assert!(far > start() + SECOND * 7, "a message at this rate takes 8 seconds");
        let now = start() + SECOND;
        limit_all(&common, now, Some(2 << 20));
        run(&mut [&mut sender], now, now + SECOND * 5);
        let (sent, right) = (sender.between(now, now + SECOND * 5), 10 << 20);
        assert!(sent.abs_diff(right) * 20 <= right, "{sent} of {right}");
        limit_all(&common, now + SECOND * 5, None);
        assert!(sender.gates.up.due(&mut Turn::of(1 << 40), now + SECOND * 5).is_none(), "without a limit nothing waits");
        limit_all(&common, now + SECOND * 6, Some(2 << 20));
        let again = now + SECOND * 6;
        run(&mut [&mut sender], again, again + SECOND * 5);
        let (sent, right) = (sender.between(again, again + SECOND * 5), 10 << 20);
        assert!(sent.abs_diff(right) * 20 <= right, "what went before the limit is not made up for: {sent} of {right}");
    }

    #[test]
    fn who_is_not_limited_neither_waits_nor_counts() {
        let common = Common::default();
        limit_all(&common, start(), Some(8 << 10));
        let lan = common.gates();
        lan.set(start(), None);
        assert!(lan.up.due(&mut Turn::of(1 << 40), start()).is_none());
        assert_eq!(lan.up.rate(), None);
        let mut other = Sender::new(&common, None, true);
        run(&mut [&mut other], start(), start() + SECOND * 16);
        assert_eq!(other.between(start(), start() + SECOND * 16), MESSAGE);
    }

    #[test]
    fn what_compressing_saved_goes_to_what_comes_after() {
        let common = Common::default();
        let sender = Sender::new(&common, Some(1 << 20), false);
        let (mut now, mut wire) = (start(), 0);
        while now < start() + SECOND * 5 {
            let mut turn = Turn::of(MESSAGE);
            while let Some(at) = sender.gates.up.due(&mut turn, now) {
                now = at;
            }
            wire += MESSAGE / 2;
            sender.gates.up.give_back(MESSAGE / 2);
        }
        let right = 5 << 20;
        assert!(wire.abs_diff(right) * 20 <= right, "{wire} of {right}");
    }

    #[test]
    fn a_plan_reaches_the_links_that_it_names() {
        let link = LinkKey { peer: PeerId::from_bytes([1; 32]), generation: 1 };
        let own = RateLimits { up: Some(Rate::from(1 << 20)), down: Some(Rate::from(2 << 20)) };
        let plan = RatePlan { all: RateLimits::default(), links: [(link, LinkRates { own, shared: true })].into() };
        let gates = Common::default().gates();
        gates.set(start(), plan.links.get(&link));
        assert_eq!((gates.up.rate(), gates.down.rate()), (own.up, own.down));
        gates.set(start(), None);
        assert_eq!((gates.up.rate(), gates.down.rate()), (None, None));
    }
}
