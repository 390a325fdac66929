//! What the listener, the dialler and every connection share.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::PendingOffer;
use super::admission::{Admission, Limits, Room, Slot};
use super::offers::Offers;
use super::tally::Tally;
use crate::domain::{Card, DiscoveryMode, Identity, PeerId};
use crate::engine::input::OfferTicket;
use crate::engine::output::DiscoveryPlan;
use crate::runtime::Inputs;

/// First messages that are remembered, so that none is answered twice. Only friends' are, so nobody can flush them.
const MAX_REMEMBERED: usize = 4096;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// From a connection's start to its silent end, if it is not answered; also what a handshake may take.
    pub(super) silence: Duration,
    /// What dialling and knocking may take in all.
    pub(super) dial: Duration,
    /// Head start of each address before the next one is tried.
    pub(super) stagger: Duration,
    /// A conversation without a word ends after this.
    pub(super) idle: Duration,
    /// An offer that is not taken is dropped after this.
    pub(super) offer: Duration,
}

impl Timing {
    /// So that a lasting failure does not take a whole processor.
    pub(super) const AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(100);

    pub(super) const DEFAULT: Self = Self {
        silence: Duration::from_secs(5),
        dial: Duration::from_secs(10),
        stagger: Duration::from_millis(250),
        idle: Duration::from_secs(30),
        offer: Duration::from_secs(30),
    };
}

/// What all share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) identity: Arc<Identity>,
    pub(super) port: u16,
    pub(super) loopback_only: bool,
    pub(super) timing: Timing,
    pub(super) inputs: Inputs,
    pub(super) tally: Tally,
    circle: Mutex<Circle>,
    replays: Mutex<Replays>,
    offers: Mutex<Offers>,
    guests: Mutex<Guests>,
    somebody_left: Notify,
}

#[derive(Debug)]
struct Circle {
    mode: DiscoveryMode,
    friends: BTreeMap<PeerId, Card>,
}

#[derive(Debug, Default)]
struct Replays {
    seen: BTreeSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

#[derive(Debug)]
struct Guests {
    admission: Admission,
    tasks: BTreeMap<Slot, AbortHandle>,
}

impl Shared {
    /// Answers nobody until the first plan.
    pub(super) fn new(identity: Identity, port: u16, loopback_only: bool, timing: Timing, inputs: Inputs) -> Self {
        Self {
            identity: Arc::new(identity),
            port,
            loopback_only,
            timing,
            inputs,
            tally: Tally::default(),
            circle: Mutex::new(Circle { mode: DiscoveryMode::Off, friends: BTreeMap::new() }),
            replays: Mutex::default(),
            offers: Mutex::default(),
            guests: Mutex::new(Guests { admission: Admission::new(Limits::DEFAULT), tasks: BTreeMap::new() }),
            somebody_left: Notify::new(),
        }
    }

    /// From here on answers these and nobody else.
    pub(super) fn set_plan(&self, plan: &DiscoveryPlan) {
        let friends: BTreeMap<PeerId, Card> = plan.friends.iter().map(|card| (card.peer(), *card)).collect();
        let peers = friends.keys().copied().collect();
        *lock(&self.circle) = Circle { mode: plan.mode, friends };
        lock(&self.offers).keep_only(&peers);
    }

    /// Whether a dialler may know that I am here: one with this card, or (`None`) anybody.
    pub(super) fn answers(&self, caller: Option<&Card>) -> bool {
        let circle = lock(&self.circle);
        match (circle.mode, caller) {
            (DiscoveryMode::Off, _) | (DiscoveryMode::FriendsOnly, None) => false,
            (DiscoveryMode::EveryoneNearby, None) => true,
            (DiscoveryMode::FriendsOnly | DiscoveryMode::EveryoneNearby, Some(card)) => {
                circle.friends.get(&card.peer()) == Some(card)
            }
        }
    }

    /// Whether this ephemeral key was not seen before.
    pub(super) fn is_first_time(&self, ephemeral: [u8; 32]) -> bool {
        let mut replays = lock(&self.replays);
        if !replays.seen.insert(ephemeral) {
            return false;
        }
        replays.order.push_back(ephemeral);
        if replays.order.len() > MAX_REMEMBERED
            && let Some(oldest) = replays.order.pop_front()
        {
            replays.seen.remove(&oldest);
        }
        true
    }

    pub(super) fn park(&self, offer: PendingOffer) -> OfferTicket {
        lock(&self.offers).park(offer)
    }

    pub(super) fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        lock(&self.offers).take(ticket)
    }

    /// Waits until one more connection can be taken; sends away one that has had its chance, if it must.
    pub(super) async fn make_room(&self) {
        loop {
            let left = self.somebody_left.notified();
            let room = lock(&self.guests).admission.room(Instant::now());
            match room {
                Room::Free => return,
                Room::After(slot) => self.send_away(slot),
                Room::NotBefore(moment) => {
                    let _ = tokio::time::timeout_at(moment, left).await;
                }
            }
        }
    }

    /// Lets a connection in and starts what `greet` makes of it; drops it if there are too many from there.
    pub(super) fn welcome<F>(self: &Arc<Self>, source: IpAddr, greet: impl FnOnce(Guest) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(admitted) = lock(&self.guests).admission.admit(Instant::now(), source) else { return };
        if let Some(slot) = admitted.instead_of {
            self.send_away(slot);
        }
        let guest = Guest { shared: Arc::clone(self), slot: admitted.slot };
        // Not under the lock: a runtime that is ending drops the guest at once.
        let task = tokio::spawn(greet(guest));
        let mut guests = lock(&self.guests);
        if guests.admission.holds(admitted.slot) {
            guests.tasks.insert(admitted.slot, task.abort_handle());
        }
    }

    fn send_away(&self, slot: Slot) {
        let mut guests = lock(&self.guests);
        guests.admission.leave(slot);
        if let Some(task) = guests.tasks.remove(&slot) {
            task.abort();
        }
    }
}

/// A connection's place at the door; given up when dropped.
#[derive(Debug)]
pub(super) struct Guest {
    shared: Arc<Shared>,
    slot: Slot,
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut guests = lock(&self.shared.guests);
        guests.admission.leave(self.slot);
        guests.tasks.remove(&self.slot);
        drop(guests);
        self.shared.somebody_left.notify_one();
    }
}

/// A panic elsewhere leaves these values whole: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
