//! Speaks: bytes ⇄ messages, pure.
//!
//! Every module here carries its byte layout, its limits and a test that spells out one message byte by byte. Decoders
//! check every length before they allocate, skip what they do not know, and never panic.
//!
//! | module | who speaks it to whom | over |
//! |---|---|---|
//! | [`beacon`] | a companion to its local network | UDP broadcast |
//! | [`session`] | two companions' signalling ports | TCP, Noise |
//! | [`envelope`] | a companion to one card, through anybody | any carrier |
//! | [`rendezvous`] | two friends, through relays | Nostr events |
//! | [`pairing`] | two who share a code | Nostr events |
//! | [`invitation`] | two who share a link | Nostr events |
//! | [`signal`] | what is inside an envelope | |
//! | [`control`] | two linked companions | data channel `control` |
//! | [`bulk`] | two linked companions, bytes of blobs | a bulk carrier |
//! | [`manifest`], [`grant`], [`run`] | named by control messages | |
//! | [`plugin`] | game plugin and companion | the pipe, JSON lines |

pub mod beacon;
pub mod bulk;
pub mod control;
pub mod envelope;
mod fields;
pub mod grant;
pub mod invitation;
pub mod knock;
pub mod manifest;
pub mod pairing;
pub mod plugin;
pub mod rendezvous;
pub mod run;
pub mod session;
pub mod signal;
#[cfg(test)]
mod testing;

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error as CborError;

use crate::domain::is_unseen;

/// The oldest protocol that this program speaks.
pub const PROTOCOL_MIN: u16 = 1;
/// The newest protocol that this program speaks.
pub const PROTOCOL_MAX: u16 = 1;
/// The greatest control message in bytes.
pub const MAX_CONTROL: usize = 256 << 10;
/// The greatest envelope in bytes.
pub const MAX_ENVELOPE: usize = 32 << 10;
/// The greatest manifest in bytes.
pub const MAX_MANIFEST: usize = 4 << 20;
/// A manifest up to this many bytes travels inside a control message; a longer one is fetched as a blob.
pub const MAX_INLINE_MANIFEST: usize = 64 << 10;
/// Blobs are verified, counted and resumed in groups of this many bytes.
pub const GROUP: u64 = 16 << 10;

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// More bytes than this kind of message may have.
    #[error("a {what} has at most {limit} bytes, this has {length}")]
    TooLong {
        /// Which message.
        what: &'static str,
        /// The limit in bytes.
        limit: usize,
        /// Its length in bytes.
        length: usize,
    },
    /// The bytes do not follow the layout.
    #[error("not a {what}: {why}")]
    Malformed {
        /// Which message.
        what: &'static str,
        /// Which rule they break.
        why: String,
    },
    /// The layout is right, a signature, seal or code is not.
    #[error("a {what} that is not authentic")]
    NotAuthentic {
        /// Which message.
        what: &'static str,
    },
}

impl WireError {
    pub(crate) fn malformed(what: &'static str, why: impl std::fmt::Display) -> Self {
        Self::Malformed { what, why: why.to_string() }
    }

    pub(crate) const fn check_length(what: &'static str, bytes: &[u8], limit: usize) -> Result<(), Self> {
        if bytes.len() > limit { Err(Self::TooLong { what, limit, length: bytes.len() }) } else { Ok(()) }
    }
}

/// Encodes a CBOR message (RFC 8949). Writing to memory cannot fail.
pub(crate) fn to_cbor<T: minicbor::Encode<()>>(message: &T) -> Vec<u8> {
    minicbor::to_vec(message).unwrap_or_default()
}

/// Decodes one CBOR message that fills `bytes` exactly.
pub(crate) fn from_cbor<'b, T: minicbor::Decode<'b, ()>>(
    what: &'static str,
    bytes: &'b [u8],
    limit: usize,
) -> Result<T, WireError> {
    WireError::check_length(what, bytes, limit)?;
    let mut decoder = Decoder::new(bytes);
    let message = decoder.decode().map_err(|error| WireError::malformed(what, error))?;
    end_of(what, &decoder)?;
    Ok(message)
}

/// The number of a message `[number, map]` that fills `bytes` exactly, and the bytes of its map, which need not be known.
fn split_message<'b>(what: &'static str, bytes: &'b [u8], limit: usize) -> Result<(u16, &'b [u8]), WireError> {
    WireError::check_length(what, bytes, limit)?;
    let mut decoder = Decoder::new(bytes);
    let bad = |error: CborError| WireError::malformed(what, error);
    if decoder.array().map_err(bad)? != Some(2) {
        return Err(WireError::malformed(what, "it is not an array of two"));
    }
    let number = decoder.u16().map_err(bad)?;
    let rest = bytes.get(decoder.position()..).unwrap_or_default();
    if decoder.datatype().map_err(bad)? != Type::Map {
        return Err(WireError::malformed(what, "its fields are not a map of stated length"));
    }
    decoder.skip().map_err(bad)?;
    end_of(what, &decoder)?;
    Ok((number, rest))
}

fn end_of(what: &'static str, decoder: &Decoder<'_>) -> Result<(), WireError> {
    if decoder.position() == decoder.input().len() {
        Ok(())
    } else {
        Err(WireError::malformed(what, "there are bytes behind its end"))
    }
}

/// A text of at most `MAX` bytes, checked before it is copied.
fn bounded_text<const MAX: usize, C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, CborError> {
    let text = d.str()?;
    if text.len() > MAX { Err(CborError::message(format!("a text has more than {MAX} bytes"))) } else { Ok(text.to_owned()) }
}

/// A text of at most `MAX` bytes that people are shown. Control characters and those that leave no mark or turn the
/// direction of writing are read as blanks, which are never longer.
fn shown_text<const MAX: usize, C>(d: &mut Decoder<'_>, context: &mut C) -> Result<String, CborError> {
    let text = bounded_text::<MAX, C>(d, context)?;
    Ok(text.chars().map(|c| if c.is_control() || is_unseen(c) { ' ' } else { c }).collect())
}

/// Bytes, at most `MAX`, checked before they are copied.
fn bounded_bytes<const MAX: usize, C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Vec<u8>, CborError> {
    let bytes = d.bytes()?;
    if bytes.len() > MAX { Err(CborError::message(format!("a field has more than {MAX} bytes"))) } else { Ok(bytes.to_owned()) }
}
