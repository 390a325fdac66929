//! Who may stand at the door: limits on connections that have not yet said who they are.
//!
//! A friend's handshake takes milliseconds; a connection that stays at the door for longer is slow, a scanner or an attacker. So
//! when the door is full, the newest pushes out the oldest that has had its chance, and an attacker's idle connections
//! keep nobody out.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use tokio::time::Instant;

/// What is allowed at the door.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Guests at once.
    pub(super) guests: usize,
    /// Guests at once from one address. Loopback is exempt: there all companions of a machine have the same.
    pub(super) guests_per_address: usize,
    /// A guest is not pushed out before this.
    pub(super) grace: Duration,
    /// Connections in a row from one address.
    pub(super) connections_per_address: u32,
    /// After how long one more connection from that address is allowed.
    pub(super) refill: Duration,
}

impl Limits {
    pub(super) const DEFAULT: Self = Self {
        guests: 64,
        guests_per_address: 8,
        grace: Duration::from_millis(500),
        connections_per_address: 128,
        refill: Duration::from_millis(60),
    };
}

/// Addresses whose rate is remembered. One is forgotten when it has all its connections back, after 8 s of silence.
const MAX_RATES: usize = 1024;

/// A guest's number.
pub(super) type Slot = u64;

/// Whether one more connection can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// Yes.
    Free,
    /// Yes, once this guest is sent away.
    After(Slot),
    /// Not before this moment, or until somebody leaves.
    NotBefore(Instant),
}

/// A connection that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Admitted {
    /// Its number.
    pub(super) slot: Slot,
    /// Who has to go for it.
    pub(super) instead_of: Option<Slot>,
}

/// The guests and the rates.
#[derive(Debug)]
pub(super) struct Admission {
    limits: Limits,
    guests: BTreeMap<Slot, Guest>,
    next: Slot,
    rates: BTreeMap<IpAddr, Rate>,
}

#[derive(Clone, Copy, Debug)]
struct Guest {
    network: IpAddr,
    since: Instant,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    left: u32,
    counted: Instant,
}

impl Admission {
    /// Nobody yet.
    pub(super) const fn new(limits: Limits) -> Self {
        Self { limits, guests: BTreeMap::new(), next: 0, rates: BTreeMap::new() }
    }

    /// Whether there is room at all.
    pub(super) fn room(&self, now: Instant) -> Room {
        if self.guests.len() < self.limits.guests {
            return Room::Free;
        }
        match self.oldest(self.busiest()) {
            Some((slot, guest)) if self.has_had_its_chance(&guest, now) => Room::After(slot),
            Some((_, guest)) => Room::NotBefore(guest.since + self.limits.grace),
            None => Room::Free,
        }
    }

    /// Lets a connection in; `None` if there are too many from there.
    pub(super) fn admit(&mut self, now: Instant, source: IpAddr) -> Option<Admitted> {
        let network = network(source);
        if !self.spend(now, network) {
            return None;
        }
        let instead_of = self.to_push_out(now, network)?;
        if let Some(slot) = instead_of {
            self.leave(slot);
        }
        let slot = self.next;
        self.next += 1;
        self.guests.insert(slot, Guest { network, since: now });
        Some(Admitted { slot, instead_of })
    }

    /// Whether a guest is still here.
    pub(super) fn holds(&self, slot: Slot) -> bool {
        self.guests.contains_key(&slot)
    }

    /// A guest is gone, or no guest any more because it said who it is.
    pub(super) fn leave(&mut self, slot: Slot) {
        self.guests.remove(&slot);
    }

    /// Which guest of the same network makes way, if one must; `None` if one must and none can.
    fn to_push_out(&self, now: Instant, network: IpAddr) -> Option<Option<Slot>> {
        if network.is_loopback() || self.count(network) < self.limits.guests_per_address {
            return Some(None);
        }
        let (slot, guest) = self.oldest(Some(network))?;
        self.has_had_its_chance(&guest, now).then_some(Some(slot))
    }

    fn has_had_its_chance(&self, guest: &Guest, now: Instant) -> bool {
        now.duration_since(guest.since) >= self.limits.grace
    }

    fn oldest(&self, network: Option<IpAddr>) -> Option<(Slot, Guest)> {
        let network = network?;
        self.guests.iter().find(|(_, guest)| guest.network == network).map(|(slot, guest)| (*slot, *guest))
    }

    fn busiest(&self) -> Option<IpAddr> {
        let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
        for guest in self.guests.values() {
            *counts.entry(guest.network).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(network, _)| network)
    }

    fn count(&self, network: IpAddr) -> usize {
        self.guests.values().filter(|guest| guest.network == network).count()
    }

    /// Takes one connection from this network's allowance.
    fn spend(&mut self, now: Instant, network: IpAddr) -> bool {
        let (full, refill) = (self.limits.connections_per_address, self.limits.refill);
        if !self.rates.contains_key(&network) && self.rates.len() >= MAX_RATES {
            self.rates.retain(|_, rate| rate.left_at(now, full, refill) < full);
            if self.rates.len() >= MAX_RATES {
                return false;
            }
        }
        let rate = self.rates.entry(network).or_insert(Rate { left: full, counted: now });
        rate.spend(now, full, refill)
    }
}

impl Rate {
    fn left_at(&self, now: Instant, full: u32, refill: Duration) -> u32 {
        let back = now.duration_since(self.counted).as_millis() / refill.as_millis().max(1);
        self.left.saturating_add(u32::try_from(back).unwrap_or(u32::MAX)).min(full)
    }

    fn spend(&mut self, now: Instant, full: u32, refill: Duration) -> bool {
        let left = self.left_at(now, full, refill);
        if left > self.left {
            *self = Self { left, counted: now };
        }
        let spent = left.checked_sub(1);
        self.left = spent.unwrap_or(0);
        spent.is_some()
    }
}

/// One customer's addresses count as one: an IPv6 network of 64 bits, or an IPv4 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_holds_eight_guests_and_its_newest_pushes_out_its_oldest() {
        let (mut door, start) = (Admission::new(Limits::DEFAULT), Instant::now());
        for slot in 0..8 {
            assert_eq!(door.admit(start, address(1)), Some(Admitted { slot, instead_of: None }));
        }
        assert_eq!(door.admit(start, address(1)), None, "all of them are new");
        assert!(door.admit(start, address(2)).is_some(), "another is not concerned");
        let later = start + Limits::DEFAULT.grace;
        assert_eq!(door.admit(later, address(1)).map(|admitted| admitted.instead_of), Some(Some(0)));
        assert_eq!(door.admit(later, address(1)).map(|admitted| admitted.instead_of), Some(Some(1)));
    }

    #[test]
    fn a_full_door_makes_room_at_the_cost_of_the_busiest_address() {
        let (mut door, start) = (Admission::new(Limits::DEFAULT), Instant::now());
        for guest in 0..57 {
            door.admit(start, address(100 + guest)).unwrap();
        }
        let first_of_many = door.admit(start, address(1)).unwrap().slot;
        assert_eq!(door.room(start), Room::Free);
        (0..6).for_each(|_| assert!(door.admit(start, address(1)).is_some()));
        assert_eq!(door.room(start), Room::NotBefore(start + Limits::DEFAULT.grace));
        assert_eq!(door.room(start + Limits::DEFAULT.grace), Room::After(first_of_many));
        door.leave(3);
        assert_eq!(door.room(start), Room::Free);
    }

    #[test]
    fn a_hundred_from_one_machine_can_come_one_after_the_other() {
        let (mut door, start) = (Admission::new(Limits::DEFAULT), Instant::now());
        for _ in 0..100 {
            assert_eq!(door.room(start), Room::Free);
            let admitted = door.admit(start, IpAddr::from([127, 0, 0, 1])).unwrap();
            door.leave(admitted.slot);
        }
    }

    #[test]
    fn one_address_may_come_so_often_and_no_more() {
        let (mut door, start) = (Admission::new(Limits::DEFAULT), Instant::now());
        let mut come = |now| door.admit(now, address(1)).map(|admitted| door.leave(admitted.slot)).is_some();
        assert_eq!((0..1000).filter(|_| come(start)).count(), 128);
        let later = start + Duration::from_millis(600);
        assert_eq!((0..1000).filter(|_| come(later)).count(), 10);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!((0..1000).filter(|_| come(much_later)).count(), 128);
    }

    #[test]
    fn a_customer_with_many_ipv6_addresses_is_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.168.0.1"), of("192.168.0.1"));
        assert!(of("::1").is_loopback());
    }

    #[test]
    fn the_memory_of_rates_does_not_grow_without_bound() {
        let (mut door, start) = (Admission::new(Limits::DEFAULT), Instant::now());
        for from in 0..3000_u16 {
            let [high, low] = from.to_be_bytes();
            if let Some(admitted) = door.admit(start, IpAddr::from([10, 0, high, low])) {
                door.leave(admitted.slot);
            }
        }
        assert_eq!(door.rates.len(), MAX_RATES);
        assert!(door.admit(start + Duration::from_secs(1), address(1)).is_some(), "they are forgotten in time");
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 168, 0, last])
    }
}
