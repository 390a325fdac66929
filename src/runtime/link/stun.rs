//! What the hub reads of a datagram without any key: which protocol it is, and the plain fields of STUN (RFC 8489).
//!
//! Nothing here is authenticated. It only says to which connection a datagram is handed; that connection's own library
//! then checks it.

/// A STUN transaction id.
pub(super) type TransactionId = [u8; 12];

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const USERNAME: u16 = 6;

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
        let mut rest = self.attributes;
        loop {
            let (kind, after) = rest.split_first_chunk::<2>()?;
            let (length, after) = after.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let value = after.get(..length)?;
            if u16::from_be_bytes(*kind) == USERNAME {
                return value.split(|byte| *byte == b':').next();
            }
            rest = after.get(length.next_multiple_of(4)..)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
