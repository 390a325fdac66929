//! Runs of one identity: which of two programs with the same keys has its friends, and the proof that the other one is there.
//!
//! A run is one start of the program. Of two runs that live at once, that which began later has the friends; the older one stops
//! sharing. A friend with whom both want a link asks the newer one (`Rival`) with a number that the older one made up for that link
//! (`hello`), and passes the answer, a [`RunClaim`], on to the older one. Nobody without the keys can make such an answer, and
//! nobody can use one again: the number is another on each link.
//!
//! | value | fields by key |
//! |---|---|
//! | [`Run`] | 0 when it began, seconds since 1970 · 1 the number, 16 bytes |
//! | [`RunClaim`] | 0 instance · 1 when it began · 2 the number, 16 bytes · 3 signature, 64 bytes |
//!
//! The signature is Ed25519 by the identity over the label `fyteclub/1/run`, a zero byte, and
//! instance (8 bytes, big-endian) ‖ began (8, big-endian) ‖ number.
//!
//! Goals: friends, who know anyway when somebody comes online, learn nothing more; everybody else learns nothing. Non-goal: the
//! right order where a clock is wrong.

use minicbor::{Decode, Encode};

use crate::domain::{Identity, InstanceId, PeerId};

/// Bytes of the number.
pub const RUN_NONCE: usize = 16;

const LABEL: &[u8] = b"fyteclub/1/run";

/// How a run introduces itself on one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Run {
    /// When it began, in seconds since 1970, by its own clock.
    #[n(0)]
    pub began_unix: u64,
    /// Made up for this link.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: [u8; RUN_NONCE],
}

/// "I run, and have done so since then." Decoding does not check it: [`RunClaim::is_by`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RunClaim {
    /// Which run.
    #[n(0)]
    pub instance: InstanceId,
    /// When it began, in seconds since 1970, by its own clock.
    #[n(1)]
    pub began_unix: u64,
    /// The number that was asked with.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub nonce: [u8; RUN_NONCE],
    /// Ed25519 by the identity.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

impl RunClaim {
    /// Answers whoever asks with this number.
    #[must_use]
    pub fn sign(identity: &Identity, instance: InstanceId, began_unix: u64, nonce: [u8; RUN_NONCE]) -> Self {
        let mut claim = Self { instance, began_unix, nonce, signature: [0; 64] };
        claim.signature = identity.sign(LABEL, &claim.signed_bytes());
        claim
    }

    /// Whether a run of this identity said it.
    #[must_use]
    pub fn is_by(&self, peer: &PeerId) -> bool {
        peer.signed(LABEL, &self.signed_bytes(), &self.signature)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        [self.instance.0.to_be_bytes().as_slice(), &self.began_unix.to_be_bytes(), &self.nonce].concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{damaged, hex};
    use super::super::{from_cbor, to_cbor};
    use super::*;

    #[test]
    fn what_is_signed_byte_by_byte() {
        let expected = hex("0000000000000007                 // instance
             0000000065920080                 // began
             05050505050505050505050505050505 // number");
        assert_eq!(example().signed_bytes(), expected);
        assert!(example().is_by(&me().peer()));
    }

    #[test]
    fn each_changed_field_and_another_signer_break_it() {
        let good = example();
        for changed in [
            RunClaim { instance: InstanceId(8), ..good },
            RunClaim { began_unix: good.began_unix + 1, ..good },
            RunClaim { nonce: [6; RUN_NONCE], ..good },
            RunClaim { signature: [0; 64], ..good },
            RunClaim::sign(&Identity::from_seed([2; 32]), good.instance, good.began_unix, good.nonce),
        ] {
            assert!(!changed.is_by(&me().peer()), "{changed:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_damaged_claim_is_nobodys(bytes in damaged(Just(to_cbor(&example())))) {
            if let Ok(claim) = from_cbor::<RunClaim>("claim", &bytes, 1024) {
                prop_assert_eq!(claim.is_by(&me().peer()), claim == example());
            }
        }
    }

    fn me() -> Identity {
        Identity::from_seed([1; 32])
    }

    fn example() -> RunClaim {
        RunClaim::sign(&me(), InstanceId(7), 1_704_067_200, [5; RUN_NONCE])
    }
}
