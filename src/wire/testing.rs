//! What the tests of several wire modules need.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::control::Announce;
use super::grant::Grant;
use crate::domain::{AppearanceId, Character, Identity, InstanceId, Revision, Weight};

/// Bytes from hexadecimal; blanks, line ends and what follows `//` in a line are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: String =
        text.lines().map(|line| line.split("//").next().unwrap()).flat_map(|line| line.split_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "half a byte in {digits}");
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

/// A message and a version of it with some bytes changed, cut off or added.
pub(crate) fn damaged(original: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    (original, vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), any::<prop::sample::Index>(), vec(any::<u8>(), 0..3))
        .prop_map(|(mut bytes, changes, cut, tail)| {
            if !bytes.is_empty() {
                for (at, value) in changes {
                    let at = at.index(bytes.len());
                    bytes[at] ^= value;
                }
                if tail.len() == 1 {
                    bytes.truncate(cut.index(bytes.len()));
                }
            }
            bytes.extend(tail);
            bytes
        })
}

/// 32 bytes.
pub(crate) fn bytes32() -> impl Strategy<Value = [u8; 32]> + Clone {
    any::<[u8; 32]>()
}

/// A grant by one of a few wearers.
pub(crate) fn grant() -> impl Strategy<Value = Grant> {
    (0..4_u8, bytes32(), 0..4_u8, 0..u64::from(u32::MAX)).prop_map(|(wearer, appearance, audience, now)| {
        let audience = Identity::from_seed([audience; 32]).peer();
        Grant::sign(
            &Identity::from_seed([wearer; 32]),
            AppearanceId::from_bytes(appearance),
            audience,
            now,
            Duration::from_secs(60),
        )
    })
}

/// An announcement.
pub(crate) fn announce() -> impl Strategy<Value = Announce> {
    let weight = any::<(u32, u64, u64, u64)>();
    ("[A-Za-z]{1,16}", any::<u64>(), any::<u64>(), any::<u32>(), weight, grant()).prop_map(
        |(name, instance, revision, manifest_size, (files, bytes, texture_bytes, triangles), grant)| Announce {
            character: Character::new(&name, "Phoenix").unwrap(),
            instance: InstanceId(instance),
            revision: Revision(revision),
            appearance: grant.appearance,
            manifest_size,
            weight: Weight { files, bytes, texture_bytes, triangles },
            grant,
        },
    )
}
