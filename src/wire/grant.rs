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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{damaged, grant, hex};
    use super::super::{from_cbor, to_cbor};
    use super::*;

    const NOW: u64 = 1_704_067_200;

    #[test]
    fn what_is_signed_byte_by_byte() {
        let signed = example().signed_bytes();
        let mut expected = hex("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"); // appearance
        expected.extend_from_slice(wearer().peer().as_bytes());
        expected.extend(hex("01")); // audience: a peer
        expected.extend_from_slice(friend().as_bytes());
        expected.extend(hex("00000000 65920e90")); // expires: an hour after NOW
        assert_eq!(signed, expected);
        assert!(wearer().peer().signed(b"fyteclub/1/grant", &expected, &example().signature));
    }

    #[test]
    fn a_grant_byte_by_byte() {
        let bytes = to_cbor(&example());
        let expected = [
            hex("a5 00 5820 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), // appearance
            hex("01 5820"),                                                                     // wearer
            wearer().peer().as_bytes().to_vec(),
            hex("02 5820"), // audience
            friend().as_bytes().to_vec(),
            hex("03 1a 65920e90 04 5840"), // expires, signature
            example().signature.to_vec(),
        ]
        .concat();
        assert_eq!(bytes, expected);
    }

    #[test]
    fn it_permits_one_friend_one_look_of_one_wearer_for_its_time() {
        let permits = |requester, wearer, look, now| example().permits(&requester, &wearer, &look, now);
        let (me, stranger) = (wearer().peer(), Identity::from_seed([3; 32]).peer());
        assert!(permits(friend(), me, look(), NOW));
        assert!(permits(friend(), me, look(), NOW + 3600));
        assert!(!permits(friend(), me, look(), NOW + 3601), "it has expired");
        assert!(!permits(stranger, me, look(), NOW), "it is somebody else's");
        assert!(!permits(friend(), stranger, look(), NOW), "another wears it");
        assert!(!permits(friend(), me, AppearanceId::of(b"other"), NOW), "it is for another look");
    }

    #[test]
    fn a_grant_for_longer_than_a_day_is_cut_and_one_that_claims_more_is_refused() {
        let year = Grant::sign(&wearer(), look(), friend(), NOW, Duration::from_secs(365 * 86_400));
        assert_eq!(year.expires_unix, NOW + MAX_GRANT.as_secs());
        assert!(year.permits(&friend(), &wearer().peer(), &look(), NOW));
        assert!(year.permits(&friend(), &wearer().peer(), &look(), NOW - 600), "clocks may differ by ten minutes");
        assert!(!year.permits(&friend(), &wearer().peer(), &look(), NOW - 601));
    }

    #[test]
    fn each_changed_field_breaks_the_signature() {
        let good = example();
        let friend_of_both = |grant: &Grant| grant.permits(&grant.audience, &grant.wearer, &grant.appearance, NOW);
        assert!(friend_of_both(&good));
        let other = Identity::from_seed([3; 32]).peer();
        for changed in [
            Grant { appearance: AppearanceId::of(b"other"), ..good.clone() },
            Grant { wearer: other, ..good.clone() },
            Grant { audience: other, ..good.clone() },
            Grant { expires_unix: good.expires_unix + 1, ..good.clone() },
            Grant { signature: [0; 64], ..good },
        ] {
            assert!(!friend_of_both(&changed), "{changed:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_grant_reads_back(grant in grant()) {
            prop_assert_eq!(from_cbor::<Grant>("grant", &to_cbor(&grant), 1024), Ok(grant));
        }

        #[test]
        fn a_damaged_grant_permits_nothing(bytes in damaged(Just(to_cbor(&example())))) {
            if let Ok(grant) = from_cbor::<Grant>("grant", &bytes, 1024) {
                let permits = grant.permits(&friend(), &wearer().peer(), &look(), NOW);
                prop_assert_eq!(permits, grant == example());
            }
        }
    }

    fn wearer() -> Identity {
        Identity::from_seed([1; 32])
    }

    fn friend() -> PeerId {
        Identity::from_seed([2; 32]).peer()
    }

    fn look() -> AppearanceId {
        AppearanceId::from_bytes([0xaa; 32])
    }

    fn example() -> Grant {
        Grant::sign(&wearer(), look(), friend(), NOW, Duration::from_secs(3600))
    }
}
