//! What the hub reads of a datagram without any key: which protocol it is, and the plain fields of STUN (RFC 8489).
//!
//! Nothing here is authenticated. It only says to which connection a datagram is handed; that connection's own library
//! then checks it.

use std::net::{IpAddr, SocketAddr};

/// A STUN transaction id.
pub(super) type TransactionId = [u8; 12];

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const MAPPED_ADDRESS: u16 = 1;
const USERNAME: u16 = 6;
const XOR_MAPPED_ADDRESS: u16 = 0x20;
const BINDING_REQUEST: u16 = 1;

/// A STUN message's class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Request,
    Indication,
    Success,
    Error,
}

/// The plain part of a STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stun<'a> {
    pub(super) class: Class,
    pub(super) transaction: TransactionId,
    attributes: &'a [u8],
}

/// A datagram's protocol by its first bytes (RFC 7983 and 9443).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol<'a> {
    Stun(Stun<'a>),
    /// A DTLS record of a handshake in clear (epoch 0).
    DtlsHandshake,
    /// An encrypted DTLS record.
    DtlsData,
    Quic,
    Other,
}

impl<'a> Protocol<'a> {
    /// The protocol of a datagram.
    pub(super) fn of(datagram: &'a [u8]) -> Self {
        match datagram.first() {
            Some(0..=3) => Stun::read(datagram).map_or(Self::Other, Self::Stun),
            Some(20..=63) if datagram.get(3..5) == Some(&[0, 0]) => Self::DtlsHandshake,
            Some(20..=63) => Self::DtlsData,
            // No TURN channels arrive here: a TURN allocation has a socket of its own.
            Some(64..=127 | 192..=255) => Self::Quic,
            Some(_) | None => Self::Other,
        }
    }
}

impl<'a> Stun<'a> {
    fn read(datagram: &'a [u8]) -> Option<Self> {
        let (kind, rest) = datagram.split_first_chunk::<2>()?;
        let (_length, rest) = rest.split_first_chunk::<2>()?;
        let (cookie, rest) = rest.split_first_chunk::<4>()?;
        let (transaction, attributes) = rest.split_first_chunk::<12>()?;
        let class = match u16::from_be_bytes(*kind) & 0x0110 {
            0x0000 => Class::Request,
            0x0010 => Class::Indication,
            0x0100 => Class::Success,
            _ => Class::Error,
        };
        (*cookie == MAGIC_COOKIE).then_some(Self { class, transaction: *transaction, attributes })
    }

    /// The user name fragment of whom a request is for: the part of USERNAME before the colon (RFC 8445 §7.2.2).
    pub(super) fn receiver(&self) -> Option<&'a [u8]> {
        self.attribute(USERNAME)?.split(|byte| *byte == b':').next()
    }

    /// From where a server got the request (RFC 8489 §14.2; the plain form is of servers that are older).
    pub(super) fn mapped_address(&self) -> Option<SocketAddr> {
        if let Some(value) = self.attribute(XOR_MAPPED_ADDRESS) {
            let mask: Vec<u8> = MAGIC_COOKIE.into_iter().chain(self.transaction).collect();
            let (head, address) = value.split_first_chunk::<4>()?;
            let [zero, family, high, low] = *head;
            let [mask_high, mask_low, ..] = MAGIC_COOKIE;
            let plain = [zero, family, high ^ mask_high, low ^ mask_low].into_iter();
            let address: Vec<u8> = plain.chain(address.iter().zip(mask).map(|(byte, mask)| byte ^ mask)).collect();
            return address_of(&address);
        }
        address_of(self.attribute(MAPPED_ADDRESS)?)
    }

    /// The first attribute of this kind.
    fn attribute(&self, wanted: u16) -> Option<&'a [u8]> {
        let mut rest = self.attributes;
        loop {
            let (kind, after) = rest.split_first_chunk::<2>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let value = after.get(..length)?;
            if u16::from_be_bytes(*kind) == wanted {
                return Some(value);
            }
            rest = after.get(length.next_multiple_of(4)..)?;
        }
    }
}

/// An address as MAPPED-ADDRESS has it: a zero, the family, the port, the address.
fn address_of(value: &[u8]) -> Option<SocketAddr> {
    let (head, address) = value.split_first_chunk::<4>()?;
    let [_, family, high, low] = *head;
    let ip = match family {
        1 => IpAddr::from(<[u8; 4]>::try_from(address).ok()?),
        2 => IpAddr::from(<[u8; 16]>::try_from(address).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_be_bytes([high, low])))
}

/// "From where do you get this?"
pub(super) fn binding_request(transaction: TransactionId) -> Vec<u8> {
    let kind = BINDING_REQUEST.to_be_bytes();
    [kind.as_slice(), &[0, 0], &MAGIC_COOKIE, &transaction].concat()
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// The answer of a server that got a request from there.
    pub(in crate::runtime::link) fn binding_success(transaction: TransactionId, from: SocketAddr) -> Vec<u8> {
        let SocketAddr::V4(from) = from else { panic!("IPv4") };
        let [a, b, ..] = MAGIC_COOKIE;
        let [high, low] = from.port().to_be_bytes();
        let ip: Vec<u8> = from.ip().octets().iter().zip(MAGIC_COOKIE).map(|(byte, mask)| byte ^ mask).collect();
        let attribute = [&[0, 0x20, 0, 8, 0, 1, high ^ a, low ^ b], ip.as_slice()].concat();
        [&[1, 1, 0, 12], MAGIC_COOKIE.as_slice(), &transaction, &attribute].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_rfc_s_examples_have_them() {
        // RFC 5769 §2.2 and §2.3: the sample IPv4 and IPv6 responses' XOR-MAPPED-ADDRESS.
        let transaction = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];
        let response = |attribute: &[u8]| [&[1, 1, 0, 0], MAGIC_COOKIE.as_slice(), &transaction, attribute].concat();
        let mapped = |attribute: &[u8]| match Protocol::of(&response(attribute)) {
            Protocol::Stun(stun) => stun.mapped_address(),
            Protocol::DtlsHandshake | Protocol::DtlsData | Protocol::Quic | Protocol::Other => None,
        };
        let v4 = [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43];
        assert_eq!(mapped(&v4), "192.0.2.1:32853".parse().ok());
        let v6 = [
            0, 0x20, 0, 0x14, 0, 2, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe,
            0xd2, 0xb9, 0xd9,
        ];
        assert_eq!(mapped(&v6), "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().ok());
        let old = [0, 1, 0, 8, 0, 1, 0x80, 0x55, 192, 0, 2, 1];
        assert_eq!(mapped(&old), "192.0.2.1:32853".parse().ok());
        for length in 0..v6.len() {
            assert_eq!(mapped(&v6[..length]), None, "cut short after {length}");
        }
        assert_eq!(mapped(&[0, 0x20, 0, 8, 0, 9, 1, 2, 3, 4, 5, 6]), None, "another family");
        let request = binding_request(transaction);
        assert!(matches!(Protocol::of(&request), Protocol::Stun(stun) if stun.class == Class::Request));
        assert_eq!(request.len(), 20);
    }

    #[test]
    fn a_binding_request_names_its_receiver_behind_other_attributes() {
        let mut request = header(0x0001);
        request.extend_from_slice(&[0x80, 0x22, 0, 3, b'a', b'b', b'c', 0]); // SOFTWARE, padded
        request.extend_from_slice(&[0, 6, 0, 9]); // USERNAME
        request.extend_from_slice(b"mine:them");
        let Protocol::Stun(stun) = Protocol::of(&request) else { panic!("not STUN") };
        assert_eq!((stun.class, stun.transaction), (Class::Request, [7; 12]));
        assert_eq!(stun.receiver(), Some(&b"mine"[..]));
    }

    #[test]
    fn a_request_cut_short_at_any_byte_names_nobody_and_does_not_panic() {
        let mut request = header(0x0001);
        request.extend_from_slice(&[0, 6, 0, 9]);
        request.extend_from_slice(b"mine:them");
        for length in 0..request.len() {
            if let Protocol::Stun(stun) = Protocol::of(&request[..length]) {
                assert_eq!(stun.receiver(), None);
            }
        }
    }

    #[test]
    fn classes_and_protocols_are_told_apart_by_their_first_bytes() {
        for (kind, class) in [(0x0101, Class::Success), (0x0111, Class::Error), (0x0011, Class::Indication)] {
            assert!(matches!(Protocol::of(&header(kind)), Protocol::Stun(stun) if stun.class == class));
        }
        assert_eq!(Protocol::of(&[22, 254, 253, 0, 0, 0]), Protocol::DtlsHandshake);
        assert_eq!(Protocol::of(&[23, 254, 253, 0, 1, 0]), Protocol::DtlsData);
        assert_eq!(Protocol::of(&[0xc3, 0, 0, 0, 1]), Protocol::Quic);
        assert_eq!(Protocol::of(&[0x40, 0]), Protocol::Quic);
        assert_eq!(Protocol::of(&[150, 0]), Protocol::Other);
        assert_eq!(Protocol::of(&[]), Protocol::Other);
        assert_eq!(Protocol::of(&[0; 20]), Protocol::Other, "no cookie");
    }

    fn header(kind: u16) -> Vec<u8> {
        let mut bytes = kind.to_be_bytes().to_vec();
        bytes.extend_from_slice(&[0, 0]);
        bytes.extend_from_slice(&MAGIC_COOKIE);
        bytes.extend_from_slice(&[7; 12]);
        bytes
    }
}
