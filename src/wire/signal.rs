//! What is inside an envelope: how two companions arrange a link.
//!
//! CBOR like the control channel: `[number, map]`, unknown keys skipped, an unknown number ignored.
//!
//! | number | message | fields by key |
//! |---|---|---|
//! | 0 | `Knock` | 0 name, if any · 1 port |
//! | 1 | `Offer` | 0 generation · 1 port · 2 SDP |
//! | 2 | `Answer` | 0 hash of the offer (32 bytes) · 1 SDP |
//! | 3 | `Candidate` | 0 candidate · 1 media id, if any |
//!
//! A dialler sends `Offer` (or `Knock`, if it is not yet known); the other
//! side answers with `Answer`, or not at all: refused, blocked, paused and unknown are the same silence. A session arranges one
//! link, so its answer and its candidates belong to its one offer. The offer's hash is taken from the bytes that were sealed,
//! never from those of a message written anew: what a newer program added to an offer counts too.

use minicbor::{Decode, Encode};

use super::{MAX_ENVELOPE, WireError, bounded_text, from_cbor, split_message, to_cbor};
use crate::domain::DisplayName;

/// An SDP's greatest length in bytes.
pub const MAX_SDP: usize = 24 << 10;
/// A candidate line's greatest length in bytes.
pub const MAX_CANDIDATE: usize = 1 << 10;
/// A media id's greatest length in bytes.
pub const MAX_MID: usize = 64;

const WHAT: &str = "signalling message";

/// A message inside an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signal {
    /// "I would like to be let in." Carries no SDP: accepting makes a new offer the other way.
    Knock {
        /// The name that the sender claims.
        name: Option<DisplayName>,
        /// The sender's signalling port, to be dialled at the address that the knock came from.
        port: u16,
    },
    /// An SDP offer (RFC 8829) for a link of this generation.
    Offer {
        /// Higher than that of any link the sender knows of between the two.
        generation: u64,
        /// The sender's signalling port, for the next time.
        port: u16,
        /// At most [`MAX_SDP`] bytes.
        sdp: String,
    },
    /// The answer.
    Answer {
        /// BLAKE3 of the `Offer`'s bytes as they lay in the envelope.
        offer: [u8; 32],
        /// At most [`MAX_SDP`] bytes.
        sdp: String,
    },
    /// A candidate gathered later (RFC 8838); empty: there are no more.
    Candidate {
        /// The `candidate:` line, at most [`MAX_CANDIDATE`] bytes.
        candidate: String,
        /// The media id it belongs to, at most [`MAX_MID`] bytes.
        mid: Option<String>,
    },
    /// A message of a newer program, to be ignored.
    Unknown {
        /// Its number.
        number: u16,
    },
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct KnockFields {
    #[n(0)]
    name: Option<DisplayName>,
    #[n(1)]
    port: u16,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct OfferFields {
    #[n(0)]
    generation: u64,
    #[n(1)]
    port: u16,
    #[n(2)]
    #[cbor(decode_with = "bounded_text::<MAX_SDP, _>")]
    sdp: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct AnswerFields {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    offer: [u8; 32],
    #[n(1)]
    #[cbor(decode_with = "bounded_text::<MAX_SDP, _>")]
    sdp: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct CandidateFields {
    #[n(0)]
    #[cbor(decode_with = "bounded_text::<MAX_CANDIDATE, _>")]
    candidate: String,
    #[n(1)]
    mid: Option<Mid>,
}

#[derive(Encode, Decode)]
#[cbor(transparent)]
struct Mid(
    #[n(0)]
    #[cbor(decode_with = "bounded_text::<MAX_MID, _>")]
    String,
);

#[derive(Encode, Decode)]
#[cbor(map)]
struct Nothing {}

impl Signal {
    /// The message's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self.clone() {
            Self::Knock { name, port } => to_cbor(&(0, KnockFields { name, port })),
            Self::Offer { generation, port, sdp } => to_cbor(&(1, OfferFields { generation, port, sdp })),
            Self::Answer { offer, sdp } => to_cbor(&(2, AnswerFields { offer, sdp })),
            Self::Candidate { candidate, mid } => to_cbor(&(3, CandidateFields { candidate, mid: mid.map(Mid) })),
            Self::Unknown { number } => to_cbor(&(number, Nothing {})),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`] if it is too long or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let (number, rest) = split_message(WHAT, bytes, MAX_ENVELOPE)?;
        Ok(match number {
            0 => {
                let KnockFields { name, port } = fields(rest)?;
                Self::Knock { name, port }
            }
            1 => {
                let OfferFields { generation, port, sdp } = fields(rest)?;
                Self::Offer { generation, port, sdp }
            }
            2 => {
                let AnswerFields { offer, sdp } = fields(rest)?;
                Self::Answer { offer, sdp }
            }
            3 => {
                let CandidateFields { candidate, mid } = fields(rest)?;
                Self::Candidate { candidate, mid: mid.map(|mid| mid.0) }
            }
            number => Self::Unknown { number },
        })
    }
}

fn fields<'b, T: Decode<'b, ()>>(rest: &'b [u8]) -> Result<T, WireError> {
    from_cbor(WHAT, rest, MAX_ENVELOPE)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{bytes32, damaged, hex};
    use super::*;

    #[test]
    fn an_offer_byte_by_byte() {
        let offer = Signal::Offer { generation: 500, port: 47_311, sdp: "v=0".to_owned() };
        let bytes = hex("82       // array of two
             01       // Offer
             a3       // map of three
             00 1901f4 // generation: 500
             01 19b8cf // port: 47311
             02 63 763d30 // SDP: v=0");
        assert_eq!(offer.encode(), bytes);
        assert_eq!(Signal::decode(&bytes), Ok(offer));
    }

    #[test]
    fn messages_of_a_newer_program_are_understood_as_far_as_they_go() {
        let with_more = hex("82 00 a4 00 64 41726961 01 05 18 63 83 01 02 f6 19 0400 a1 61 78 f5");
        let name = DisplayName::new("Aria").ok();
        assert_eq!(Signal::decode(&with_more), Ok(Signal::Knock { name, port: 5 }));
        let unknown = hex("82 19 0400 a1 00 9f 01 02 ff");
        assert_eq!(Signal::decode(&unknown), Ok(Signal::Unknown { number: 1024 }));
    }

    #[test]
    fn each_limit_is_kept_to_the_byte() {
        let sdp = |length| Signal::Offer { generation: 1, port: 1, sdp: "x".repeat(length) };
        let answer = |length| Signal::Answer { offer: [0; 32], sdp: "x".repeat(length) };
        let candidate = |length| Signal::Candidate { candidate: "x".repeat(length), mid: None };
        let mid = |length| Signal::Candidate { candidate: String::new(), mid: Some("x".repeat(length)) };
        let cases: [(&dyn Fn(usize) -> Signal, usize); 4] =
            [(&sdp, MAX_SDP), (&answer, MAX_SDP), (&candidate, MAX_CANDIDATE), (&mid, MAX_MID)];
        for (message, limit) in cases {
            assert_eq!(Signal::decode(&message(limit).encode()), Ok(message(limit)));
            assert!(Signal::decode(&message(limit + 1).encode()).is_err(), "{limit}");
        }
        assert!(matches!(Signal::decode(&vec![0; MAX_ENVELOPE + 1]), Err(WireError::TooLong { .. })));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (why, bad) in [
            ("empty", ""),
            ("no array", "00"),
            ("an array of three", "83 01 a0 00"),
            ("a list of no stated length", "9f 01 a0 ff"),
            ("fields in no map", "82 19 0400 01"),
            ("a field missing", "82 01 a2 00 01 01 02"),
            ("a name that could deceive", "82 00 a2 00 63 610a62 01 05"),
            ("a port out of range", "82 00 a2 00 f6 01 1a 00010000"),
            ("a hash cut short", "82 02 a2 00 41 00 01 60"),
            ("a tail", "82 00 a2 00 f6 01 05 00"),
            ("a tail behind an unknown number", "82 19 0400 a0 00"),
            ("an endless map behind an unknown number", "82 19 0400 bb ffffffffffffffff"),
        ] {
            assert!(Signal::decode(&hex(bad)).is_err(), "{why}");
        }
    }

    proptest! {
        #[test]
        fn every_message_reads_back(message in signal()) {
            prop_assert_eq!(Signal::decode(&message.encode()), Ok(message));
        }

        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..200)) {
            let _ = Signal::decode(&bytes);
        }

        #[test]
        fn damaged_messages_never_panic(bytes in damaged(signal().prop_map(|message| message.encode()))) {
            if let Ok(message) = Signal::decode(&bytes) {
                prop_assert_eq!(Signal::decode(&message.encode()), Ok(message));
            }
        }
    }

    fn signal() -> impl Strategy<Value = Signal> {
        let name = proptest::option::of("[a-zA-Z]{1,64}").prop_map(|name| name.and_then(|name| DisplayName::new(&name).ok()));
        prop_oneof![
            (name, any::<u16>()).prop_map(|(name, port)| Signal::Knock { name, port }),
            (any::<u64>(), any::<u16>(), ".{0,200}").prop_map(|(generation, port, sdp)| Signal::Offer { generation, port, sdp }),
            (bytes32(), ".{0,200}").prop_map(|(offer, sdp)| Signal::Answer { offer, sdp }),
            (".{0,100}", proptest::option::of("[a-z0-9]{0,9}")).prop_map(|(candidate, mid)| Signal::Candidate { candidate, mid }),
            (4..=u16::MAX).prop_map(|number| Signal::Unknown { number }),
        ]
    }
}
