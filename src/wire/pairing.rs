//! How two people become friends by six words that one reads to the other.
//!
//! The first two words name the place: everybody can find it out, and it protects nothing. The last four are the password of a
//! SPAKE2 exchange (RFC 9382 in substance, as the crate `spake2` has it, in the group of Ed25519), stretched by
//! Argon2id. Whoever does not know them can guess once: a code is good for one exchange, and each side spends it on the
//! first well-formed message of the other.
//!
//! ```text
//! joiner → issuer   1 Ask    kind 1 (1 byte) · SPAKE2 message (33)
//! issuer → joiner   2 Reply  kind 2 · hash of the Ask (16) · SPAKE2 message (33)
//! joiner → issuer   3 Show   kind 3 · sealed
//! issuer → joiner   4 Done   kind 4 · sealed
//! issuer → joiner   5 Spent  kind 5 · hash of the Ask (16): this code has been used up
//! ```
//!
//! What is sealed is card (128) · signature (64) · name, by ChaCha20-Poly1305 under a key that HKDF-SHA-256 makes of the exchange's
//! result, with the transcript: `fyteclub/1/pairing/<issuer or joiner>` ‖ 0 ‖ BLAKE3 of place ‖ Ask ‖ Reply (‖ Show). A seal
//! that opens confirms the key; the joiner confirms first, so a guess at the issuer learns whether it was right only after
//! the issuer has spent the code. The signature is Ed25519 by the card over the same label and transcript: whoever shows a card owns it.
//!
//! Goals: only who knows the words gets in, and both know whose card they hold; who carries the messages can burn a code, never open one.
//! Non-goal: hiding from relays that a code is in use.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key};
use hkdf::Hkdf;
use sha2::Sha256;
use spake2::{Ed25519Group, Identity as Side, Password, Spake2};
use zeroize::Zeroizing;

use super::WireError;
use super::fields::Fields;
use super::rendezvous::Topic;
use crate::domain::{CARD_BYTES, Card, DisplayName, Identity, InviteCode};

/// The greatest message in bytes.
pub const MAX_PAIRING: usize = 512;

const WHAT: &str = "pairing message";
const PAKE: usize = 33;
const HASH: usize = 16;
const ISSUER: &str = "fyteclub/1/pairing/issuer";
const JOINER: &str = "fyteclub/1/pairing/joiner";
const PLACE_CONTEXT: &str = "fyteclub/1/pairing place";
/// 19 MiB and two passes: OWASP's choice for Argon2id. It is computed once a side, and a guess costs a code anyway.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Made the code.
    Issuer,
    /// Was told the code.
    Joiner,
}

impl Role {
    const fn label(self) -> &'static str {
        match self {
            Self::Issuer => ISSUER,
            Self::Joiner => JOINER,
        }
    }
}

/// Who the other turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The card, whose owner has signed.
    pub card: Card,
    /// The name they go by.
    pub name: Option<DisplayName>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// The joiner's half of the exchange.
    Ask([u8; PAKE]),
    /// The issuer's half.
    Reply {
        /// Of the `Ask` that it answers.
        ask: [u8; HASH],
        /// The half.
        half: [u8; PAKE],
    },
    /// The joiner shows who they are, and that they know the words.
    Show(Vec<u8>),
    /// So does the issuer.
    Done(Vec<u8>),
    /// This code has been used up by another `Ask`.
    Spent {
        /// The one that is refused.
        ask: [u8; HASH],
    },
}

impl Pairing {
    /// The message's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Ask(half) => [&[1], half.as_slice()].concat(),
            Self::Reply { ask, half } => [&[2], ask.as_slice(), half].concat(),
            Self::Show(sealed) => [&[3], sealed.as_slice()].concat(),
            Self::Done(sealed) => [&[4], sealed.as_slice()].concat(),
            Self::Spent { ask } => [&[5], ask.as_slice()].concat(),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`] if it is none.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        WireError::check_length(WHAT, bytes, MAX_PAIRING)?;
        let mut fields = Fields::new(WHAT, bytes);
        let message = match fields.u8()? {
            1 => Self::Ask(fields.array()?),
            2 => Self::Reply { ask: fields.array()?, half: fields.array()? },
            3 => Self::Show(fields.rest().to_owned()),
            4 => Self::Done(fields.rest().to_owned()),
            5 => Self::Spent { ask: fields.array()? },
            other => return Err(fields.malformed(format!("its kind is {other}"))),
        };
        fields.end()?;
        Ok(message)
    }
}

/// What names an `Ask`.
#[must_use]
pub fn hash_of(ask: &[u8]) -> [u8; HASH] {
    let mut short = [0; HASH];
    short.iter_mut().zip(blake3::hash(ask).as_bytes()).for_each(|(to, from)| *to = *from);
    short
}

/// Where the two of a code meet on this day: the topic on which this one speaks.
#[must_use]
pub fn topic(code: &InviteCode, day: u32, speaker: Role) -> Topic {
    let mut hasher = blake3::Hasher::new_derive_key(PLACE_CONTEXT);
    hasher.update(&day.to_be_bytes()).update(&[u8::from(speaker == Role::Joiner)]).update(code.place().as_bytes());
    Topic::from_bytes(*hasher.finalize().as_bytes())
}

/// What the four words become; takes some tens of milliseconds, by design.
///
/// # Errors
/// If there is not enough memory.
pub fn stretch(code: &InviteCode) -> Result<Stretched, WireError> {
    let mut key = Zeroizing::new([0; 32]);
    let failed = |error: argon2::Error| WireError::malformed(WHAT, error);
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(key.len())).map_err(failed)?;
    let (secret, salt) = (Zeroizing::new(code.secret()), format!("{PLACE_CONTEXT}\0{}", code.place()));
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(secret.as_bytes(), salt.as_bytes(), key.as_mut()).map_err(failed)?;
    Ok(Stretched { key, place: code.place() })
}

/// A stretched code.
#[derive(Clone)]
pub struct Stretched {
    key: Zeroizing<[u8; 32]>,
    place: String,
}

impl Stretched {
    fn sides(&self) -> (Password, Side, Side) {
        let side = |role: Role| Side::new(format!("{}\0{}", role.label(), self.place).as_bytes());
        (Password::new(self.key.as_slice()), side(Role::Issuer), side(Role::Joiner))
    }
}

/// One end of an exchange. It is used up by the other's first well-formed message.
pub struct Exchange {
    role: Role,
    place: String,
    pake: Spake2<Ed25519Group>,
    half: [u8; PAKE],
}

impl Exchange {
    /// Draws the secrets of one exchange.
    ///
    /// # Errors
    /// Never, as the crate is today.
    pub fn begin(role: Role, code: &Stretched) -> Result<Self, WireError> {
        let (password, issuer, joiner) = code.sides();
        let (pake, half) = match role {
            Role::Issuer => Spake2::<Ed25519Group>::start_a(&password, &issuer, &joiner),
            Role::Joiner => Spake2::<Ed25519Group>::start_b(&password, &issuer, &joiner),
        };
        let half = half.try_into().map_err(|_| WireError::malformed(WHAT, "a half of another length"))?;
        Ok(Self { role, place: code.place.clone(), pake, half })
    }

    /// As the joiner: the first message.
    #[must_use]
    pub const fn ask(&self) -> Pairing {
        Pairing::Ask(self.half)
    }

    /// As the issuer: the answer to an `Ask`, and what a `Show` is opened with.
    ///
    /// # Errors
    /// [`WireError`] if the other half is none. The code is spent all the same.
    pub fn answer(self, other: [u8; PAKE]) -> Result<(Pairing, Keyed), WireError> {
        let ask = Pairing::Ask(other).encode();
        let reply = Pairing::Reply { ask: hash_of(&ask), half: self.half };
        let transcript = Transcript::new(&self.place, &ask, &reply.encode());
        let keyed = self.key(&other, transcript)?;
        Ok((reply, keyed))
    }

    /// As the joiner: takes the issuer's half.
    ///
    /// # Errors
    /// [`WireError`] if it is none.
    pub fn take(self, other: [u8; PAKE]) -> Result<Keyed, WireError> {
        let ask = self.ask().encode();
        let reply = Pairing::Reply { ask: hash_of(&ask), half: other }.encode();
        let transcript = Transcript::new(&self.place, &ask, &reply);
        self.key(&other, transcript)
    }

    fn key(self, other: &[u8; PAKE], transcript: Transcript) -> Result<Keyed, WireError> {
        let key = self.pake.finish(other).map_err(|_| WireError::malformed(WHAT, "half of an exchange that is none"))?;
        Ok(Keyed { role: self.role, key: Zeroizing::new(key), transcript })
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exchange({:?})", self.role)
    }
}

#[derive(Clone)]
struct Transcript(blake3::Hasher);

impl Transcript {
    /// Ask and Reply have fixed lengths, so no two transcripts give equal bytes.
    fn new(place: &str, ask: &[u8], reply: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(place.len() as u64).to_be_bytes()).update(place.as_bytes()).update(ask).update(reply);
        Self(hasher)
    }

    fn with(&self, show: &[u8]) -> Self {
        let mut hasher = self.0.clone();
        hasher.update(show);
        Self(hasher)
    }

    fn hash(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// An exchange that has its key, which the other side may or may not have.
pub struct Keyed {
    role: Role,
    key: Zeroizing<Vec<u8>>,
    transcript: Transcript,
}

impl Keyed {
    /// As the joiner: shows who I am.
    #[must_use]
    pub fn show(&self, me: &Identity, name: Option<&DisplayName>) -> Pairing {
        Pairing::Show(self.seal(Role::Joiner, &self.transcript, me, name))
    }

    /// As the issuer: opens what the joiner shows, and answers it.
    ///
    /// # Errors
    /// [`WireError::NotAuthentic`] if the joiner does not know the words.
    pub fn finish(&self, me: &Identity, name: Option<&DisplayName>, show: &[u8]) -> Result<(Shown, Pairing), WireError> {
        let shown = self.open(Role::Joiner, &self.transcript, show)?;
        let done = self.seal(Role::Issuer, &self.transcript.with(show), me, name);
        Ok((shown, Pairing::Done(done)))
    }

    /// As the joiner: opens what the issuer shows in answer to what I have shown.
    ///
    /// # Errors
    /// [`WireError::NotAuthentic`] if the issuer does not know the words.
    pub fn learn(&self, show: &Pairing, done: &[u8]) -> Result<Shown, WireError> {
        let show = show.encode();
        self.open(Role::Issuer, &self.transcript.with(show.get(1..).unwrap_or_default()), done)
    }

    fn cipher(&self, of: Role, transcript: &Transcript) -> ChaCha20Poly1305 {
        let mut key = Zeroizing::new([0; 32]);
        let info = [of.label().as_bytes(), &[0], &transcript.hash()].concat();
        // 32 bytes are within HKDF's limit of 255 hash lengths, so this cannot fail.
        let _ = Hkdf::<Sha256>::new(None, &self.key).expand(&info, key.as_mut());
        ChaCha20Poly1305::new(&Key::from(*key))
    }

    /// A key seals once, so its nonce is zero.
    fn seal(&self, of: Role, transcript: &Transcript, me: &Identity, name: Option<&DisplayName>) -> Vec<u8> {
        let signature = me.sign(of.label().as_bytes(), &transcript.hash());
        let name = name.map_or("", DisplayName::as_str).as_bytes();
        let plain = [me.card().to_bytes().as_slice(), &signature, name].concat();
        self.cipher(of, transcript).encrypt(&Default::default(), plain.as_slice()).unwrap_or_default()
    }

    fn open(&self, of: Role, transcript: &Transcript, sealed: &[u8]) -> Result<Shown, WireError> {
        let wrong = WireError::NotAuthentic { what: WHAT };
        let plain = self.cipher(of, transcript).decrypt(&Default::default(), sealed).map_err(|_| wrong.clone())?;
        let mut fields = Fields::new(WHAT, &plain);
        let card = Card::from_bytes(fields.take(CARD_BYTES)?).map_err(|error| fields.malformed(error))?;
        let signature = fields.array()?;
        let name = std::str::from_utf8(fields.rest()).map_err(|error| fields.malformed(error))?;
        if !card.peer().signed(of.label().as_bytes(), &transcript.hash(), &signature) {
            return Err(wrong);
        }
        Ok(Shown { card, name: DisplayName::new(name).ok() })
    }
}

impl std::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyed({:?})", self.role)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::hex;
    use super::*;

    #[test]
    fn messages_byte_by_byte() {
        for (message, bytes) in [
            (Pairing::Ask([7; PAKE]), format!("01{}", "07".repeat(33))),
            (Pairing::Reply { ask: [8; HASH], half: [7; PAKE] }, format!("02{}{}", "08".repeat(16), "07".repeat(33))),
            (Pairing::Show(vec![1, 2]), "03 0102".to_owned()),
            (Pairing::Done(vec![3]), "04 03".to_owned()),
            (Pairing::Spent { ask: [8; HASH] }, format!("05{}", "08".repeat(16))),
        ] {
            assert_eq!(message.encode(), hex(&bytes));
            assert_eq!(Pairing::decode(&hex(&bytes)), Ok(message));
        }
        for bad in ["", "00", "06", "01 07", &format!("01{}", "07".repeat(34)), &format!("05{}", "07".repeat(15))] {
            assert!(Pairing::decode(&hex(bad)).is_err(), "{bad}");
        }
        assert!(Pairing::decode(&[3; MAX_PAIRING + 1]).is_err());
    }

    #[test]
    fn who_knows_the_words_learns_who_the_other_is() {
        let (issuer, joiner) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]));
        let name = DisplayName::new("Bea").ok();
        let code = stretch(&code(5)).unwrap();
        let (theirs, mine) = (begin(Role::Issuer, &code), begin(Role::Joiner, &code));
        let Pairing::Ask(ask) = mine.ask() else { unreachable!() };
        let (reply, at_issuer) = theirs.answer(ask).unwrap();
        let Pairing::Reply { half, ask: named } = reply else { unreachable!() };
        assert_eq!(named, hash_of(&mine.ask().encode()));
        let at_joiner = mine.take(half).unwrap();
        let show = at_joiner.show(&joiner, name.as_ref());
        let Pairing::Show(sealed) = &show else { unreachable!() };
        let (shown, done) = at_issuer.finish(&issuer, None, sealed).unwrap();
        assert_eq!(shown, Shown { card: *joiner.card(), name });
        let Pairing::Done(sealed) = done else { unreachable!() };
        assert_eq!(at_joiner.learn(&show, &sealed), Ok(Shown { card: *issuer.card(), name: None }));
    }

    #[test]
    fn who_guesses_learns_nothing_and_is_noticed() {
        let (issuer, guesser) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]));
        let (right, wrong) = (stretch(&code(5)).unwrap(), stretch(&code(6)).unwrap());
        let (theirs, mine) = (begin(Role::Issuer, &right), begin(Role::Joiner, &wrong));
        let Pairing::Ask(ask) = mine.ask() else { unreachable!() };
        let (reply, at_issuer) = theirs.answer(ask).unwrap();
        let Pairing::Reply { half, .. } = reply else { unreachable!() };
        let Pairing::Show(sealed) = mine.take(half).unwrap().show(&guesser, None) else { unreachable!() };
        assert_eq!(at_issuer.finish(&issuer, None, &sealed), Err(WireError::NotAuthentic { what: WHAT }));
    }

    #[test]
    fn what_another_carries_cannot_be_altered() {
        let me = Identity::from_seed([1; 32]);
        let code = stretch(&code(5)).unwrap();
        let (theirs, mine) = (begin(Role::Issuer, &code), begin(Role::Joiner, &code));
        let Pairing::Ask(ask) = mine.ask() else { unreachable!() };
        let (reply, at_issuer) = theirs.answer(ask).unwrap();
        let Pairing::Reply { half, .. } = reply else { unreachable!() };
        let Pairing::Show(sealed) = mine.take(half).unwrap().show(&me, None) else { unreachable!() };
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(at_issuer.finish(&me, None, &altered).is_err(), "{at}");
        }
        assert!(at_issuer.finish(&me, None, &sealed).is_ok());
        // The issuer's own words sent back to it open nothing.
        let Ok((_, Pairing::Done(done))) = at_issuer.finish(&me, None, &sealed) else { unreachable!() };
        assert!(at_issuer.finish(&me, None, &done).is_err());
    }

    #[test]
    fn a_half_that_is_none_is_refused() {
        let code = stretch(&code(5)).unwrap();
        for half in [[0; PAKE], [255; PAKE]] {
            assert!(begin(Role::Issuer, &code).answer(half).is_err());
            assert!(begin(Role::Joiner, &code).take(half).is_err());
        }
    }

    #[test]
    fn the_place_is_by_day_and_by_who_speaks() {
        let one = topic(&code(5), 9, Role::Issuer);
        assert_eq!(one, topic(&code(6), 9, Role::Issuer), "the secret words are not in it");
        assert_ne!(one, topic(&code(5), 10, Role::Issuer));
        assert_ne!(one, topic(&code(5), 9, Role::Joiner));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..600)) {
            if let Ok(message) = Pairing::decode(&bytes) {
                prop_assert_eq!(message.encode(), bytes);
            }
        }
    }

    fn code(secret: u8) -> InviteCode {
        InviteCode::from_random([0, 1, 0, 2, 0, secret, 0, 4, 0, 5, 0, 6])
    }

    fn begin(role: Role, code: &Stretched) -> Exchange {
        Exchange::begin(role, code).unwrap()
    }
}
