//! A message sealed to one card and signed by another, the same on every carrier.

use super::WireError;
use crate::domain::{Card, Identity};

/// What makes an envelope fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// An interactive carrier: a nonce that the receiver gave (on TCP the Noise handshake hash).
    Nonce([u8; 32]),
}

/// An opened envelope: the body and who sealed it, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Who signed it.
    pub sender: Card,
    /// The carrier-independent number of the message in its conversation.
    pub number: u32,
    /// When it was sealed, in seconds since 1970, by the sender's clock.
    pub issued_unix: u64,
    /// The message.
    pub body: Vec<u8>,
}

/// Seals `body` to `receiver`. `entropy` is 32 fresh random bytes.
#[must_use]
pub fn seal(
    sender: &Identity,
    receiver: &Card,
    freshness: Freshness,
    number: u32,
    issued_unix: u64,
    body: &[u8],
    entropy: [u8; 32],
) -> Vec<u8> {
    let _ = (sender, receiver, freshness, number, issued_unix, body, entropy);
    todo!("wire")
}

/// Opens an envelope that was sealed to `receiver`.
///
/// # Errors
/// [`WireError`] if it is too long, malformed, sealed to somebody else, or not signed for this receiver and nonce.
pub fn open(receiver: &Identity, freshness: Freshness, bytes: &[u8]) -> Result<Opened, WireError> {
    let _ = (receiver, freshness, bytes);
    todo!("wire")
}
