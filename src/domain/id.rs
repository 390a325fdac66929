//! Identifiers: 32-byte hashes and keys with one text form each.

use std::fmt;
use std::str::FromStr;

use bech32::{Bech32m, Hrp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not the identifier it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A hash must be 64 hexadecimal digits.
    #[error("a hash has 64 hexadecimal digits, this has {length} characters or others in between")]
    NotHex {
        /// Characters found.
        length: usize,
    },
    /// The text of a peer id has a typing error, is cut short, or is something else.
    #[error("this is not a FyteClub id (they start with fyte1); check for a typing error")]
    NotAPeerId,
}

/// The human-readable part of a peer id's text form.
const PREFIX: Hrp = Hrp::parse_unchecked("fyte");

/// A peer's name on the wire: its Ed25519 public key, 32 bytes.
///
/// Text form: bech32m with the prefix `fyte` (BIP 350), which catches typing errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId([u8; 32]);

impl PeerId {
    /// The peer with this Ed25519 public key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The Ed25519 public key, 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 8 characters behind the prefix: enough to tell friends apart, not enough to trust.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().skip(5).take(8).collect()
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_to_fmt::<Bech32m, _>(f, PREFIX, &self.0).map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({})", self.short())
    }
}

impl FromStr for PeerId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let checked =
            bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text.trim()).map_err(|_| IdError::NotAPeerId)?;
        if checked.hrp() != PREFIX {
            return Err(IdError::NotAPeerId);
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let peer = bytes.try_into().map(Self).map_err(|_| IdError::NotAPeerId)?;
        // 52 characters hold 4 bits more than 32 bytes: an id with other bits there would be a second text for one peer.
        if peer.to_string().eq_ignore_ascii_case(text.trim()) { Ok(peer) } else { Err(IdError::NotAPeerId) }
    }
}

impl Serialize for PeerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PeerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn hex(bytes: &[u8; 32], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn from_hex(text: &str) -> Result<[u8; 32], IdError> {
    blake3::Hash::from_hex(text).map(Into::into).map_err(|_| IdError::NotHex { length: text.chars().count() })
}

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Wraps 32 bytes that are such a hash.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The hash of these bytes.
            #[must_use]
            pub fn of(content: &[u8]) -> Self {
                Self(*blake3::hash(content).as_bytes())
            }

            /// The 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = self.to_string();
                write!(f, concat!(stringify!($name), "({})"), text.get(..8).unwrap_or(&text))
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                from_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                bytes.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("a hash or key has 32 bytes"))
            }
        }
    };
}

impl<C> minicbor::Encode<C> for PeerId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for PeerId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.bytes()?.try_into().map(Self).map_err(|_| minicbor::decode::Error::message("a hash or key has 32 bytes"))
    }
}

hash_id! {
    /// A file's content, named by its BLAKE3 hash.
    BlobHash
}

hash_id! {
    /// An appearance, named by the BLAKE3 hash of its canonical manifest (`wire::manifest`).
    ///
    /// A manifest's bytes are a blob too; its [`BlobHash`] has the same 32 bytes.
    AppearanceId
}

impl AppearanceId {
    /// The manifest's bytes, as a blob.
    #[must_use]
    pub const fn as_blob(&self) -> BlobHash {
        BlobHash(self.0)
    }
}

/// One run of a companion: random at each start, so that a restored profile is not taken for an old one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct InstanceId(#[n(0)] pub u64);

/// Counts the appearances of one character within one [`InstanceId`], from 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Revision(#[n(0)] pub u64);

impl Revision {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_id_reads_back_from_its_text_and_a_typo_is_caught() {
        let peer = PeerId::from_bytes([7; 32]);
        let text = peer.to_string();
        assert!(text.starts_with("fyte1"), "{text}");
        assert_eq!(text.parse(), Ok(peer));
        assert_eq!(peer.short().len(), 8);
        for position in 5..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[position] = if typo[position] == b'q' { b'p' } else { b'q' };
            assert!(String::from_utf8(typo).unwrap().parse::<PeerId>().is_err(), "position {position}");
        }
    }

    #[test]
    fn one_peer_has_one_text_in_either_case() {
        use bech32::primitives::iter::{ByteIterExt, Fe32IterExt};

        let peer = PeerId::from_bytes([7; 32]);
        assert_eq!(peer.to_string().to_uppercase().parse(), Ok(peer));
        let symbols = || [7; 32].into_iter().bytes_to_fes().take(51);
        let text = |last: u8| -> String {
            let last = bech32::Fe32::try_from(last).unwrap();
            symbols().chain([last]).with_checksum::<Bech32m>(&PREFIX).chars().collect()
        };
        let last = 0b1_0000; // The lowest bit of 0x07, then four bits that mean nothing.
        assert_eq!(text(last), peer.to_string());
        for padded in last + 1..=0b1_1111 {
            assert_eq!(text(padded).parse::<PeerId>(), Err(IdError::NotAPeerId), "{padded:b}");
        }
    }

    #[test]
    fn a_hash_reads_back_from_its_text() {
        let hash = BlobHash::of(b"hello");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("zz".parse::<BlobHash>().is_err());
    }
}
