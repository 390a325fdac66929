//! A grant: the wearer's signed permission to fetch one appearance, shown to whoever holds it.
//!
//! CBOR map: 0 appearance (32 bytes) · 1 wearer (32) · 2 audience (32) · 3 expires (seconds since 1970) · 4 signature (64).
//! The signature is Ed25519 by the wearer over the label `fyteclub/1/grant`, a zero byte, and
//! appearance ‖ wearer ‖ audience kind (1 = peer) ‖ audience ‖ expires (8 bytes, big-endian).

use std::time::Duration;

use minicbor::{Decode, Encode};

use crate::domain::{AppearanceId, Identity, PeerId};

/// The longest that a grant may hold.
pub const MAX_GRANT: Duration = Duration::from_secs(24 * 3600);

const LABEL: &[u8] = b"fyteclub/1/grant";

/// A wearer's signed permission. Decoding does not check it: [`Grant::permits`] does.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Grant {
    /// What may be fetched.
    #[n(0)]
    pub appearance: AppearanceId,
    /// Who wears it and signs.
    #[n(1)]
    pub wearer: PeerId,
    /// Who may fetch it.
    #[n(2)]
    pub audience: PeerId,
    /// Until when, in seconds since 1970.
    #[n(3)]
    pub expires_unix: u64,
    /// Ed25519.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

impl Grant {
    /// Signs a grant that holds for `lasting` (at most [`MAX_GRANT`]) from `unix_now` (seconds since 1970).
    #[must_use]
    pub fn sign(wearer: &Identity, appearance: AppearanceId, audience: PeerId, unix_now: u64, lasting: Duration) -> Self {
        let expires_unix = unix_now.saturating_add(lasting.min(MAX_GRANT).as_secs());
        let mut grant = Self { appearance, wearer: wearer.peer(), audience, expires_unix, signature: [0; 64] };
        grant.signature = wearer.sign(LABEL, &grant.signed_bytes());
        grant
    }

    /// Whether this lets `requester` fetch `appearance` of `wearer` at `unix_now` (seconds since 1970).
    ///
    /// A grant that claims to hold for more than [`MAX_GRANT`] from now is refused too: clocks may differ by 10 minutes.
    #[must_use]
    pub fn permits(&self, requester: &PeerId, wearer: &PeerId, appearance: &AppearanceId, unix_now: u64) -> bool {
        let latest = unix_now.saturating_add(MAX_GRANT.as_secs() + 600);
        self.audience == *requester
            && self.wearer == *wearer
            && self.appearance == *appearance
            && (unix_now..=latest).contains(&self.expires_unix)
            && wearer.signed(LABEL, &self.signed_bytes(), &self.signature)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(105);
        bytes.extend_from_slice(self.appearance.as_bytes());
        bytes.extend_from_slice(self.wearer.as_bytes());
        bytes.push(1);
        bytes.extend_from_slice(self.audience.as_bytes());
        bytes.extend_from_slice(&self.expires_unix.to_be_bytes());
        bytes
    }
}
