//! A message sealed to one card and signed by another, the same on every carrier.
//!
//! | field | bytes | |
//! |---|---|---|
//! | form | 1 | 1 |
//! | enc | 32 | HPKE's encapsulated key |
//! | sealed | 204 + body + 16 | what follows, sealed, and the seal's tag |
//!
//! | sealed field | bytes | |
//! |---|---|---|
//! | sender | 128 | the sender's card |
//! | number | 4 | the message's number in its conversation, big-endian |
//! | issued | 8 | by the sender's clock, seconds since 1970, big-endian |
//! | signature | 64 | see below |
//! | body | the rest | |
//!
//! The seal is HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, with the info
//! `fyteclub/1/envelope`, the form as additional data, to the X25519 key of the receiver's card. The signature is Ed25519 by the sender over the label
//! `fyteclub/1/envelope/nonce`, a zero byte, and sender card ‖ receiver card ‖ enc ‖ nonce ‖ number ‖ issued ‖ body. The label of a call,
//! which has no nonce and may be an old one sent again, is `fyteclub/1/envelope/call`.
//!
//! Goals: whoever carries an envelope learns its length and nothing else; whoever opens it cannot re-seal it to a third
//! party, since the receiver's card and this very seal (enc) are signed; it is good for one conversation only, since the nonce
//! that the receiver gave is signed. Non-goals: order and repetition within a conversation (the caller watches `number`), and
//! forward secrecy against a thief of the receiver's key (interactive carriers run in Noise, which has it).

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, HpkeError, Kem, OpModeR, OpModeS, Serializable};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use super::fields::Fields;
use super::{MAX_ENVELOPE, WireError};
use crate::domain::{CARD_BYTES, Card, Identity};

/// Bytes that an envelope adds to its body.
pub const ENVELOPE_OVERHEAD: usize = 1 + 32 + CARD_BYTES + 4 + 8 + 64 + 16;
/// The greatest body in bytes; an envelope around a longer one is refused by its receiver.
pub const MAX_BODY: usize = MAX_ENVELOPE - ENVELOPE_OVERHEAD;

const WHAT: &str = "envelope";
const FORM: u8 = 1;
const INFO: &[u8] = b"fyteclub/1/envelope";
const NONCE_LABEL: &[u8] = b"fyteclub/1/envelope/nonce";
const CALL_LABEL: &[u8] = b"fyteclub/1/envelope/call";

type Aead = ChaCha20Poly1305;
type Kdf = HkdfSha256;
type X25519 = X25519HkdfSha256;

/// What makes an envelope fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// An interactive carrier: a nonce that the receiver gave (on TCP the Noise handshake hash).
    Nonce([u8; 32]),
    /// Nothing: anybody may send it again at any time. Fit only to ask for a nonce.
    Call,
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

/// Seals `body` (at most [`MAX_BODY`] bytes) to `receiver`. `entropy` is 32 fresh random bytes.
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
    let claim = Claim { sender: sender.card(), receiver, freshness, number, issued_unix, body };
    // Sealing fails only for a key without a Diffie–Hellman result, which no `Card` holds. Nothing opens an empty envelope.
    claim.seal(sender, entropy).unwrap_or_default()
}

/// Opens an envelope that was sealed to `receiver` and is fresh in this way.
///
/// # Errors
/// [`WireError`] if it is too long, malformed, sealed to somebody else, or not signed for this receiver and nonce.
pub fn open(receiver: &Identity, freshness: Freshness, bytes: &[u8]) -> Result<Opened, WireError> {
    open_any(receiver, &[freshness], bytes).map(|(opened, _)| opened)
}

/// Opens an envelope that was sealed to `receiver` and is fresh in one of these ways; tells in which.
///
/// # Errors
/// As [`open`].
pub fn open_any(receiver: &Identity, ways: &[Freshness], bytes: &[u8]) -> Result<(Opened, Freshness), WireError> {
    WireError::check_length(WHAT, bytes, MAX_ENVELOPE)?;
    let mut fields = Fields::new(WHAT, bytes);
    let form = fields.u8()?;
    if form != FORM {
        return Err(fields.malformed(format!("its form is {form}, which a newer program may know")));
    }
    let enc: [u8; 32] = fields.array()?;
    let plain = unseal(receiver, &enc, fields.rest()).map_err(|_| WireError::NotAuthentic { what: WHAT })?;
    read_sealed(receiver.card(), ways, &enc, &plain)
}

/// What the sender signs, but for the seal.
struct Claim<'a> {
    sender: &'a Card,
    receiver: &'a Card,
    freshness: Freshness,
    number: u32,
    issued_unix: u64,
    body: &'a [u8],
}

impl Claim<'_> {
    fn seal(&self, sender: &Identity, entropy: [u8; 32]) -> Result<Vec<u8>, HpkeError> {
        let key = <X25519 as Kem>::PublicKey::from_bytes(self.receiver.sealing_key())?;
        let mut rng = ChaCha20Rng::from_seed(entropy);
        let (enc, mut context) = hpke::setup_sender_with_rng::<Aead, Kdf, X25519>(&OpModeS::Base, &key, INFO, &mut rng)?;
        let enc: [u8; 32] = enc.to_bytes().into();
        let signature = sender.sign(self.label(), &self.signed_bytes(&enc));
        let card = self.sender.to_bytes();
        let (number, issued) = (self.number.to_be_bytes(), self.issued_unix.to_be_bytes());
        let plain = [card.as_slice(), &number, &issued, &signature, self.body].concat();
        let sealed = context.seal(&plain, &[FORM])?;
        Ok([[FORM].as_slice(), &enc, &sealed].concat())
    }

    fn is_signed(&self, enc: &[u8; 32], signature: &[u8; 64]) -> bool {
        self.sender.peer().signed(self.label(), &self.signed_bytes(enc), signature)
    }

    const fn label(&self) -> &'static [u8] {
        match self.freshness {
            Freshness::Nonce(_) => NONCE_LABEL,
            Freshness::Call => CALL_LABEL,
        }
    }

    /// Under each label every field but the last has a fixed length, so no two claims give equal bytes.
    fn signed_bytes(&self, enc: &[u8; 32]) -> Vec<u8> {
        let nonce: &[u8] = match &self.freshness {
            Freshness::Nonce(nonce) => nonce,
            Freshness::Call => &[],
        };
        let (sender, receiver) = (self.sender.to_bytes(), self.receiver.to_bytes());
        let (number, issued) = (self.number.to_be_bytes(), self.issued_unix.to_be_bytes());
        [sender.as_slice(), &receiver, enc, nonce, &number, &issued, self.body].concat()
    }
}

fn unseal(receiver: &Identity, enc: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, HpkeError> {
    let key = <X25519 as Kem>::PrivateKey::from_bytes(receiver.sealing_secret().as_slice())?;
    let enc = <X25519 as Kem>::EncappedKey::from_bytes(enc)?;
    let mut context = hpke::setup_receiver::<Aead, Kdf, X25519>(&OpModeR::Base, &key, &enc, INFO)?;
    context.open(sealed, &[FORM])
}

fn read_sealed(receiver: &Card, ways: &[Freshness], enc: &[u8; 32], plain: &[u8]) -> Result<(Opened, Freshness), WireError> {
    let mut fields = Fields::new(WHAT, plain);
    let sender = Card::from_bytes(fields.take(CARD_BYTES)?).map_err(|error| fields.malformed(error))?;
    let (number, issued_unix) = (fields.u32()?, fields.u64()?);
    let signature = fields.array()?;
    let body = fields.rest();
    let is_fresh = |freshness: &&Freshness| {
        Claim { sender: &sender, receiver, freshness: **freshness, number, issued_unix, body }.is_signed(enc, &signature)
    };
    let freshness = *ways.iter().find(is_fresh).ok_or(WireError::NotAuthentic { what: WHAT })?;
    Ok((Opened { sender, number, issued_unix, body: body.to_owned() }, freshness))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{damaged, hex};
    use super::*;

    const NONCE: Freshness = Freshness::Nonce([9; 32]);
    /// Sealed by version 1 and recorded: every later version must go on opening it.
    const RECORDED: &str = "
        0179159e7cf70943312b8e8db6069815891c861bb55fbf5887ebcae78abfc4f264e391a0c2f9c523c8f74a5b803a548d
        54cd9e88dfc3b030797aad7bc1d7547a6a7c7681cb2bd4a6244107faa7c904435b3354714405dd10524c44d4aef93f53
        8463d842d79236bbf3cf998c53c881ab8d4182c2584d007f1a49b384a896a61e674874072c34bff92f72f00b11b48616
        8fca9d581c3d37a15060dd6ce2d709c3102613479f439519fb6e8e6b5ba752bea65192b0d1eb9facde879d4638276a42
        94b521c4c3deb293f831ef4cd56a3b269acb741fc0d26e22b7a86b0ea35068d815c106f3b3acb76c923e3566d3a3088a
        4e6ed827839bb90da812c4952e8e831ca7";

    #[test]
    fn an_envelope_byte_by_byte() {
        let bytes = hex(RECORDED);
        let (form, rest) = bytes.split_first().unwrap();
        assert_eq!(*form, 1);
        let (enc, sealed) = rest.split_first_chunk::<32>().unwrap();
        let plain = unseal(&bob(), enc, sealed).unwrap();
        let (card, fields) = plain.split_at(CARD_BYTES);
        assert_eq!(card, alice().card().to_bytes());
        assert_eq!(&fields[..4], hex("00000003"), "number");
        assert_eq!(&fields[4..12], hex("0000000065920080"), "issued");
        assert_eq!(&fields[76..], b"body");
        let signed = [
            b"fyteclub/1/envelope/nonce\0".as_slice(),
            &alice().card().to_bytes(),
            &bob().card().to_bytes(),
            enc,
            &[9; 32],
            &hex("00000003"),
            &hex("0000000065920080"),
            b"body",
        ]
        .concat();
        let (label, message) = signed.split_at(25);
        assert!(alice().peer().signed(label, &message[1..], fields[12..76].try_into().unwrap()));
        let opened = Opened { sender: *alice().card(), number: 3, issued_unix: 1_704_067_200, body: b"body".to_vec() };
        assert_eq!(open(&bob(), NONCE, &bytes), Ok(opened));
    }

    #[test]
    fn the_receiver_reads_who_sealed_it_and_what() {
        let opened = open(&bob(), NONCE, &sealed(b"hello")).unwrap();
        let expected = Opened { sender: *alice().card(), number: 3, issued_unix: 1_704_067_200, body: b"hello".to_vec() };
        assert_eq!(opened, expected);
    }

    #[test]
    fn nobody_else_opens_it() {
        assert_eq!(open(&carol(), NONCE, &sealed(b"hello")), Err(WireError::NotAuthentic { what: WHAT }));
        assert_eq!(open(&alice(), NONCE, &sealed(b"hello")), Err(WireError::NotAuthentic { what: WHAT }));
    }

    #[test]
    fn it_is_good_for_one_nonce_only() {
        let replayed = open(&bob(), Freshness::Nonce([8; 32]), &sealed(b"hello"));
        assert_eq!(replayed, Err(WireError::NotAuthentic { what: WHAT }));
    }

    #[test]
    fn the_receiver_cannot_seal_it_again_to_somebody_else() {
        let first = sealed(b"hello");
        let (enc, rest) = first[1..].split_first_chunk::<32>().unwrap();
        let plain = unseal(&bob(), enc, rest).unwrap();
        assert_eq!(open(&carol(), NONCE, &reseal(carol().card(), &plain)), Err(WireError::NotAuthentic { what: WHAT }));
        let again = open(&bob(), NONCE, &reseal(bob().card(), &plain));
        assert_eq!(again, Err(WireError::NotAuthentic { what: WHAT }), "not even to the same receiver");
    }

    #[test]
    fn nobody_can_claim_to_be_somebody_else() {
        let claim =
            Claim { sender: alice().card(), receiver: bob().card(), freshness: NONCE, number: 3, issued_unix: 1, body: b"hello" }
                .seal(&carol(), [5; 32])
                .unwrap();
        assert_eq!(open(&bob(), NONCE, &claim), Err(WireError::NotAuthentic { what: WHAT }));
    }

    #[test]
    fn a_card_that_is_not_right_inside_is_refused() {
        let plain = [&[0; CARD_BYTES][..], &[0; 76]].concat();
        assert!(matches!(open(&bob(), NONCE, &reseal(bob().card(), &plain)), Err(WireError::Malformed { .. })));
        assert!(matches!(open(&bob(), NONCE, &reseal(bob().card(), b"")), Err(WireError::Malformed { .. })));
    }

    #[test]
    fn the_longest_body_fits_and_one_byte_more_does_not() {
        let longest = sealed(&vec![1; MAX_BODY]);
        assert_eq!(longest.len(), MAX_ENVELOPE);
        assert!(open(&bob(), NONCE, &longest).is_ok_and(|opened| opened.body.len() == MAX_BODY));
        assert!(matches!(open(&bob(), NONCE, &sealed(&vec![1; MAX_BODY + 1])), Err(WireError::TooLong { .. })));
    }

    #[test]
    fn another_form_is_refused_by_name() {
        let mut bytes = sealed(b"hello");
        bytes[0] = 2;
        assert!(open(&bob(), NONCE, &bytes).unwrap_err().to_string().contains("form is 2"));
        assert!(open(&bob(), NONCE, b"").is_err());
        assert!(open(&bob(), NONCE, &[1]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_body_reads_back(body in vec(any::<u8>(), 0..200), number: u32, issued_unix: u64, nonce: [u8; 32], entropy: [u8; 32]) {
            let freshness = Freshness::Nonce(nonce);
            let bytes = seal(&alice(), bob().card(), freshness, number, issued_unix, &body, entropy);
            prop_assert_eq!(bytes.len(), body.len() + ENVELOPE_OVERHEAD);
            prop_assert_eq!(open(&bob(), freshness, &bytes), Ok(Opened { sender: *alice().card(), number, issued_unix, body }));
        }

        #[test]
        fn one_changed_byte_anywhere_is_noticed(bytes in damaged(Just(sealed(b"hello")))) {
            prop_assert_eq!(open(&bob(), NONCE, &bytes).is_ok(), bytes == sealed(b"hello"));
        }

        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..400)) {
            prop_assert!(open(&bob(), NONCE, &bytes).is_err());
        }

        #[test]
        fn garbage_that_is_sealed_rightly_never_panics(plain in vec(any::<u8>(), 0..400)) {
            prop_assert!(open(&bob(), NONCE, &reseal(bob().card(), &plain)).is_err());
        }
    }

    fn alice() -> Identity {
        Identity::from_seed([1; 32])
    }

    fn bob() -> Identity {
        Identity::from_seed([2; 32])
    }

    fn carol() -> Identity {
        Identity::from_seed([3; 32])
    }

    fn sealed(body: &[u8]) -> Vec<u8> {
        seal(&alice(), bob().card(), NONCE, 3, 1_704_067_200, body, [4; 32])
    }

    /// A rightful seal around anything: what a peer can do who has the receiver's card.
    fn reseal(receiver: &Card, plain: &[u8]) -> Vec<u8> {
        let key = <X25519 as Kem>::PublicKey::from_bytes(receiver.sealing_key()).unwrap();
        let mut rng = ChaCha20Rng::from_seed([6; 32]);
        let (enc, mut context) = hpke::setup_sender_with_rng::<Aead, Kdf, X25519>(&OpModeS::Base, &key, INFO, &mut rng).unwrap();
        [[FORM].as_slice(), &enc.to_bytes(), &context.seal(plain, &[FORM]).unwrap()].concat()
    }
}
