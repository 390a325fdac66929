//! Who I am, and the card that others know me by.
//!
//! One 32-byte seed gives both keys by HKDF-SHA-256 (RFC 5869) with different labels: Ed25519 (RFC 8032) for signing and
//! X25519 (RFC 7748) for sealing. Everything that is signed starts with a label of its own, so that no signature
//! can be shown as one of another kind.

use std::fmt;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::PeerId;

/// A card's length in bytes: Ed25519 key (32), X25519 key (32), signature (64).
pub const CARD_BYTES: usize = 128;

const CARD_LABEL: &[u8] = b"fyteclub/1/card";

/// Why bytes are not a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// Wrong length.
    #[error("a card has {CARD_BYTES} bytes")]
    Length,
    /// The sealing key was not signed by the signing key.
    #[error("the card's signature does not fit its keys")]
    Signature,
    /// The sealing key is one with which everybody computes the same secret.
    #[error("the card's sealing key is worthless")]
    WeakKey,
}

/// A peer's two public keys, the sealing key signed by the signing key. A value of this type has been checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Card {
    peer: PeerId,
    sealing: [u8; 32],
    signature: [u8; 64],
}

impl Card {
    /// Reads and checks a card of [`CARD_BYTES`] bytes.
    ///
    /// # Errors
    /// [`CardError`] if the length or the signature is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CardError> {
        let (peer, rest) = bytes.split_first_chunk::<32>().ok_or(CardError::Length)?;
        let (sealing, rest) = rest.split_first_chunk::<32>().ok_or(CardError::Length)?;
        let signature: [u8; 64] = rest.try_into().map_err(|_| CardError::Length)?;
        let peer = PeerId::from_bytes(*peer);
        if !verify(&peer, CARD_LABEL, sealing, &signature) {
            return Err(CardError::Signature);
        }
        if is_small_order(sealing) {
            return Err(CardError::WeakKey);
        }
        Ok(Self { peer, sealing: *sealing, signature })
    }

    /// The bytes that [`Card::from_bytes`] reads.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CARD_BYTES] {
        let mut bytes = [0; CARD_BYTES];
        for (to, from) in bytes.iter_mut().zip(self.peer.as_bytes().iter().chain(&self.sealing).chain(&self.signature)) {
            *to = *from;
        }
        bytes
    }

    /// Whose card it is.
    #[must_use]
    pub const fn peer(&self) -> PeerId {
        self.peer
    }

    /// The X25519 public key that envelopes and Noise sessions are sealed to.
    #[must_use]
    pub const fn sealing_key(&self) -> &[u8; 32] {
        &self.sealing
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({})", self.peer.short())
    }
}

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes: Option<Vec<u8>> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect();
        Self::from_bytes(&bytes.ok_or_else(|| serde::de::Error::custom("a card is written in hexadecimal"))?)
            .map_err(serde::de::Error::custom)
    }
}

impl<C> minicbor::Encode<C> for Card {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Card {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::from_bytes(d.bytes()?).map_err(|_| minicbor::decode::Error::message("not a card, or its signature is wrong"))
    }
}

/// Both secret keys of this companion. Its memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Identity {
    seed: Zeroizing<[u8; 32]>,
    signing: SigningKey,
    sealing: StaticSecret,
    card: Card,
}

impl Identity {
    /// Derives both keys from a seed of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(&derive(&seed, b"fyteclub/1/ed25519"));
        let sealing = StaticSecret::from(*derive(&seed, b"fyteclub/1/x25519"));
        let public = PublicKey::from(&sealing).to_bytes();
        let peer = PeerId::from_bytes(signing.verifying_key().to_bytes());
        let signature = sign(&signing, CARD_LABEL, &public);
        Self { seed: Zeroizing::new(seed), signing, sealing, card: Card { peer, sealing: public, signature } }
    }

    /// The seed, for saving it; nothing else may see it.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// My public keys.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// My id.
    #[must_use]
    pub const fn peer(&self) -> PeerId {
        self.card.peer
    }

    /// Signs `label ‖ message`.
    #[must_use]
    pub fn sign(&self, label: &[u8], message: &[u8]) -> [u8; 64] {
        sign(&self.signing, label, message)
    }

    /// The X25519 secret key, for Noise and HPKE.
    #[must_use]
    pub fn sealing_secret(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.sealing.to_bytes())
    }

    /// A key that only this peer and `other` can compute, and that stands for these two cards alone.
    ///
    /// BLAKE3's key derivation with `context` over X25519 shared secret ‖ the lower peer's id ‖ its sealing key ‖ the higher
    /// peer's id ‖ its sealing key. A card does not prove that its owner holds the sealing key, so the secret alone would be
    /// the same for a card that shows somebody else's.
    #[must_use]
    pub fn pair_key(&self, other: &Card, context: &str) -> [u8; 32] {
        let shared = self.sealing.diffie_hellman(&PublicKey::from(other.sealing));
        let (lower, higher) = if self.peer() <= other.peer { (&self.card, other) } else { (other, &self.card) };
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(shared.as_bytes());
        for card in [lower, higher] {
            hasher.update(card.peer.as_bytes()).update(&card.sealing);
        }
        *hasher.finalize().as_bytes()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.card.peer.short())
    }
}

impl PeerId {
    /// Whether this peer signed `label ‖ message`. Small-order keys and malleable signatures are refused.
    #[must_use]
    pub fn signed(&self, label: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
        verify(self, label, message, signature)
    }
}

/// Whether an X25519 key is of small order: every secret key, being a multiple of the cofactor, takes it to zero.
#[must_use]
pub fn is_small_order(key: &[u8; 32]) -> bool {
    !StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(*key)).was_contributory()
}

fn derive(seed: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // 32 bytes are within HKDF's limit of 255 hash lengths, so this cannot fail.
    let _ = Hkdf::<Sha256>::new(None, seed).expand(label, key.as_mut());
    key
}

fn labelled(label: &[u8], message: &[u8]) -> Vec<u8> {
    // A zero byte, which no label has, ends the label.
    [label, &[0], message].concat()
}

fn sign(key: &SigningKey, label: &[u8], message: &[u8]) -> [u8; 64] {
    key.sign(&labelled(label, message)).to_bytes()
}

fn verify(peer: &PeerId, label: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(peer.as_bytes())
        .and_then(|key| key.verify_strict(&labelled(label, message), &Signature::from_bytes(signature)))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_reads_back_and_one_changed_bit_anywhere_is_refused() {
        let card = *Identity::from_seed([1; 32]).card();
        assert_eq!(Card::from_bytes(&card.to_bytes()), Ok(card));
        for position in 0..CARD_BYTES {
            let mut bytes = card.to_bytes();
            bytes[position] ^= 1;
            assert!(Card::from_bytes(&bytes).is_err(), "byte {position}");
        }
    }

    #[test]
    fn a_sealing_key_that_gives_everybody_the_same_secret_is_refused() {
        let me = Identity::from_seed([1; 32]);
        // u = 0 (order 2), u = 1 (order 4) and one of order 8.
        let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let order_eight = std::array::from_fn(|i| u8::from_str_radix(&order_eight[2 * i..2 * i + 2], 16).unwrap());
        let mut order_four = [0; 32];
        order_four[0] = 1;
        for weak in [[0; 32], order_four, order_eight] {
            let bytes = [me.peer().as_bytes().as_slice(), &weak, &me.sign(CARD_LABEL, &weak)].concat();
            assert_eq!(Card::from_bytes(&bytes), Err(CardError::WeakKey));
        }
    }

    #[test]
    fn both_sides_compute_the_same_pair_key_and_a_third_does_not() {
        let (a, b, c) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]), Identity::from_seed([3; 32]));
        assert_eq!(a.pair_key(b.card(), "test"), b.pair_key(a.card(), "test"));
        assert_ne!(a.pair_key(b.card(), "test"), c.pair_key(a.card(), "test"));
    }

    #[test]
    fn a_card_with_somebody_elses_sealing_key_shares_no_pair_key_with_it() {
        let (a, b, c) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]), Identity::from_seed([3; 32]));
        let sealing = b.card().sealing_key();
        let bytes = [c.peer().as_bytes().as_slice(), sealing, &c.sign(CARD_LABEL, sealing)].concat();
        let borrowed = Card::from_bytes(&bytes).unwrap();
        assert_eq!(borrowed.sealing_key(), b.card().sealing_key(), "the card is right as far as it goes");
        assert_ne!(a.pair_key(&borrowed, "test"), a.pair_key(b.card(), "test"));
    }

    #[test]
    fn a_pair_key_byte_by_byte() {
        let (a, b) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]));
        let shared = StaticSecret::from(*a.sealing_secret()).diffie_hellman(&PublicKey::from(*b.card().sealing_key()));
        let mut cards = [a.card().to_bytes(), b.card().to_bytes()];
        cards.sort_unstable();
        let material = [shared.as_bytes().as_slice(), &cards[0][..64], &cards[1][..64]].concat();
        assert_eq!(a.pair_key(b.card(), "test"), blake3::derive_key("test", &material));
        assert_ne!(a.pair_key(b.card(), "test"), a.pair_key(b.card(), "other"));
    }

    #[test]
    fn a_signature_under_one_label_is_none_under_another() {
        let me = Identity::from_seed([1; 32]);
        let signature = me.sign(b"one", b"message");
        assert!(me.peer().signed(b"one", b"message", &signature));
        assert!(!me.peer().signed(b"two", b"message", &signature));
    }
}
