//! To which connection a datagram on the one port belongs.
//!
//! - A STUN request names its receiver by user name fragment.
//! - A STUN response bears the transaction id of a request that we sent.
//! - Everything else goes by its source address. An address counts only once we have *answered a check* from it: the
//!   library answers only after it has verified the check's integrity, so nobody can claim another's address.
//!
//! Two generations of a link may live at one remote address for a moment. What is encrypted then goes to all of them and
//! DTLS drops what is not its own; a handshake in clear goes to the youngest that has not finished its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::stun::{Class, Protocol, Stun, TransactionId};

/// A connection's place on the one port; never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PortId(pub(super) u64);

/// Beyond this many open transactions those that are too old are forgotten.
const MANY_TRANSACTIONS: usize = 4096;
/// No STUN client waits longer for an answer (RFC 8489 §6.2.1: 39.5 s).
const TRANSACTION_LIFE: Duration = Duration::from_secs(40);

/// Who gets a datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// One connection.
    One(PortId),
    /// Several that share the remote address.
    Several(Vec<PortId>),
    /// QUIC from a known address: a second carrier's, which nobody has opened.
    SetAside,
    /// Nobody.
    Nobody,
}

/// The routing tables.
#[derive(Debug, Default)]
pub(super) struct Routes {
    by_fragment: HashMap<Box<[u8]>, PortId>,
    by_transaction: HashMap<TransactionId, (PortId, Instant)>,
    /// In order of age, youngest last; with whether its DTLS handshake is done.
    by_address: HashMap<SocketAddr, Vec<(PortId, bool)>>,
}

impl Routes {
    /// Requests that name this user name fragment are for this connection.
    pub(super) fn name(&mut self, fragment: &[u8], port: PortId) {
        self.by_fragment.insert(fragment.into(), port);
    }

    /// The connection sent a request.
    pub(super) fn asked(&mut self, transaction: TransactionId, port: PortId, now: Instant) {
        if self.by_transaction.len() > MANY_TRANSACTIONS {
            self.by_transaction.retain(|_, (_, at)| now.saturating_duration_since(*at) < TRANSACTION_LIFE);
        }
        self.by_transaction.insert(transaction, (port, now));
    }

    /// The connection answered a check from there with success.
    pub(super) fn confirmed(&mut self, remote: SocketAddr, port: PortId) {
        let ports = self.by_address.entry(remote).or_default();
        if !ports.iter().any(|(known, _)| *known == port) {
            ports.push((port, false));
            ports.sort_unstable();
        }
    }

    /// The connection sends encrypted data: its handshake is done.
    pub(super) fn established(&mut self, port: PortId) {
        self.by_address.values_mut().flatten().filter(|(known, _)| *known == port).for_each(|(_, done)| *done = true);
    }

    /// The connection is gone.
    pub(super) fn forget(&mut self, port: PortId) {
        self.by_fragment.retain(|_, known| *known != port);
        self.by_transaction.retain(|_, (known, _)| *known != port);
        self.by_address.retain(|_, ports| {
            ports.retain(|(known, _)| *known != port);
            !ports.is_empty()
        });
    }

    /// Who gets this datagram.
    pub(super) fn destination(&mut self, datagram: &[u8], from: SocketAddr) -> Destination {
        match Protocol::of(datagram) {
            Protocol::Stun(stun) => self.stun_destination(stun, from),
            Protocol::DtlsHandshake => self.handshake_destination(from),
            Protocol::DtlsData => self.all_at(from),
            Protocol::Quic if self.by_address.contains_key(&from) => Destination::SetAside,
            Protocol::Quic | Protocol::Other => Destination::Nobody,
        }
    }

    fn stun_destination(&mut self, stun: Stun<'_>, from: SocketAddr) -> Destination {
        let port = match stun.class {
            Class::Request => stun.receiver().and_then(|fragment| self.by_fragment.get(fragment).copied()),
            Class::Success | Class::Error => self.by_transaction.remove(&stun.transaction).map(|(port, _)| port),
            Class::Indication => return self.all_at(from),
        };
        port.map_or(Destination::Nobody, Destination::One)
    }

    fn handshake_destination(&self, from: SocketAddr) -> Destination {
        let youngest = self.by_address.get(&from).and_then(|ports| ports.iter().rev().find(|(_, done)| !done));
        youngest.map_or_else(|| self.all_at(from), |(port, _)| Destination::One(*port))
    }

    fn all_at(&self, from: SocketAddr) -> Destination {
        match self.by_address.get(&from).map(Vec::as_slice) {
            Some([(only, _)]) => Destination::One(*only),
            Some(ports) => Destination::Several(ports.iter().map(|(port, _)| *port).collect()),
            None => Destination::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // any instant will do

    use super::*;

    const HANDSHAKE: [u8; 13] = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const DATA: [u8; 13] = [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    const QUIC: [u8; 5] = [0xc0, 0, 0, 0, 1];

    #[test]
    fn data_from_an_address_that_was_never_confirmed_reaches_nobody() {
        let mut routes = Routes::default();
        routes.name(b"me", PortId(1));
        assert_eq!(routes.destination(&DATA, at(9)), Destination::Nobody);
        assert_eq!(routes.destination(&QUIC, at(9)), Destination::Nobody);
        routes.confirmed(at(9), PortId(1));
        assert_eq!(routes.destination(&DATA, at(9)), Destination::One(PortId(1)));
        assert_eq!(routes.destination(&QUIC, at(9)), Destination::SetAside);
    }

    #[test]
    fn a_request_goes_by_name_and_a_response_once_by_transaction() {
        let mut routes = Routes::default();
        routes.name(b"me", PortId(1));
        routes.asked([7; 12], PortId(2), Instant::now());
        assert_eq!(routes.destination(&stun(0x0001, b"me:you"), at(9)), Destination::One(PortId(1)));
        assert_eq!(routes.destination(&stun(0x0001, b"you:me"), at(9)), Destination::Nobody);
        assert_eq!(routes.destination(&stun(0x0101, b""), at(9)), Destination::One(PortId(2)));
        assert_eq!(routes.destination(&stun(0x0101, b""), at(9)), Destination::Nobody);
    }

    #[test]
    fn two_generations_at_one_address_share_data_and_the_younger_gets_the_handshake() {
        let mut routes = Routes::default();
        routes.confirmed(at(9), PortId(1));
        routes.established(PortId(1));
        routes.confirmed(at(9), PortId(2));
        assert_eq!(routes.destination(&HANDSHAKE, at(9)), Destination::One(PortId(2)));
        assert_eq!(routes.destination(&DATA, at(9)), Destination::Several(vec![PortId(1), PortId(2)]));
        routes.established(PortId(2));
        assert_eq!(routes.destination(&HANDSHAKE, at(9)), Destination::Several(vec![PortId(1), PortId(2)]));
        routes.forget(PortId(1));
        assert_eq!(routes.destination(&DATA, at(9)), Destination::One(PortId(2)));
        routes.forget(PortId(2));
        assert_eq!(routes.destination(&DATA, at(9)), Destination::Nobody);
    }

    #[test]
    fn requests_that_nobody_answers_are_forgotten_in_time() {
        let mut routes = Routes::default();
        let start = Instant::now();
        for number in 0..=MANY_TRANSACTIONS as u64 {
            routes.asked(transaction(number), PortId(1), start);
        }
        routes.asked([0xff; 12], PortId(1), start + TRANSACTION_LIFE);
        assert_eq!(routes.by_transaction.len(), 1);
    }

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn transaction(number: u64) -> TransactionId {
        let mut id = [0; 12];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn stun(kind: u16, username: &[u8]) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend_from_slice(&[0, 0, 0x21, 0x12, 0xa4, 0x42]);
        bytes.extend_from_slice(&[7; 12]);
        bytes.extend_from_slice(&[0, 6, 0, u8::try_from(username.len()).unwrap()]);
        bytes.extend_from_slice(username);
        bytes
    }
}
