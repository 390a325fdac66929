//! What is inside an envelope: how two companions arrange a link.
//!
//! CBOR like the control channel: `[number, map]`. A dialler sends `Offer` (or `Knock`, if it is not yet known); the other
//! side answers with `Answer`, or not at all: refused, blocked, paused and unknown are the same silence.

use minicbor::{Decode, Encode};

use super::{MAX_ENVELOPE, WireError};
use crate::domain::DisplayName;

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
        /// At most 24 KiB.
        sdp: String,
    },
    /// The answer.
    Answer {
        /// BLAKE3 of the encoded `Offer`.
        offer: [u8; 32],
        /// At most 24 KiB.
        sdp: String,
    },
    /// A candidate gathered later (RFC 8838); empty: there are no more.
    Candidate {
        /// The `candidate:` line, at most 1 KiB.
        candidate: String,
        /// The media id it belongs to.
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
struct Placeholder {
    #[n(0)]
    number: u16,
}

impl Signal {
    /// The message's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        todo!("wire")
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`] if it is too long or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        WireError::check_length("signal", bytes, MAX_ENVELOPE)?;
        todo!("wire")
    }
}
