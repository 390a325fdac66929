//! How an invitation is taken up: by relays, at a place that only the two ends of it know.
//!
//! The topics are keyed BLAKE3 with a key from the invitation's secret, over the day and who speaks, as between friends
//! (`wire::rendezvous`). An event's content:
//!
//! | kind (1 byte) | who says it | the rest |
//! |---|---|---|
//! | 1 `Open` | issuer | 16 random bytes · proof over them (32): "I am here" |
//! | 2 `Redeem` | guest | envelope to the issuer: proof (32) · name |
//! | 3 `Welcome` | issuer | envelope to the guest: answer (1 byte) · name |
//!
//! Envelopes are calls, with no nonce: one that is sent again says nothing new. The issuer keeps who has taken an invitation up, lets each in once, and answers them
//! again the same; a guest believes only an envelope of the issuer whose card stands in the invitation.
//!
//! A proof is keyed BLAKE3 with the same key: over `open` ‖ 0 ‖ the random bytes, or `redeem` ‖ 0 ‖ the guest's card: whoever carries it
//! cannot take it for their own.

use super::envelope::{self, Freshness};
use super::fields::Fields;
use super::rendezvous::Topic;
use super::{MAX_ENVELOPE, WireError};
use crate::domain::{Card, DisplayName, Identity, InvitationSecret};

/// The greatest message in bytes.
pub const MAX_MESSAGE: usize = 1024;

const WHAT: &str = "message about an invitation";
const CONTEXT: &str = "fyteclub/1/invitation";
const TOPIC: &[u8] = b"topic\0";
const OPEN: &[u8] = b"open\0";
const REDEEM: &[u8] = b"redeem\0";

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Made the invitation.
    Issuer,
    /// Has it.
    Guest,
}

/// What an issuer answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// "We are friends."
    Welcome,
    /// Its time is over.
    Expired,
    /// As many as it is for have come, or it was taken back.
    UsedUp,
}

/// What an invitation's secret gives.
#[derive(Clone)]
pub struct Keys([u8; 32]);

/// What was heard at an invitation's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The issuer is there.
    Open,
    /// Somebody who has the invitation would like to be let in.
    Redeem {
        /// Who.
        card: Card,
        /// The name they go by.
        name: Option<DisplayName>,
    },
    /// The issuer's answer.
    Answered {
        /// Whose; to be compared with the invitation's.
        card: Card,
        /// What.
        answer: Answer,
        /// The name they go by.
        name: Option<DisplayName>,
    },
}

impl Keys {
    /// The keys of an invitation.
    #[must_use]
    pub fn new(secret: &InvitationSecret) -> Self {
        Self(blake3::derive_key(CONTEXT, secret.as_bytes()))
    }

    /// Where one of the two speaks on this day.
    #[must_use]
    pub fn topic(&self, day: u32, speaker: Side) -> Topic {
        Topic::from_bytes(self.mac(TOPIC, &[day.to_be_bytes().as_slice(), &[u8::from(speaker == Side::Guest)]].concat()))
    }

    fn mac(&self, label: &[u8], message: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(label).update(message);
        *hasher.finalize().as_bytes()
    }

    /// "I, the issuer, am here."
    #[must_use]
    pub fn open(&self, random: [u8; 16]) -> Vec<u8> {
        [[1].as_slice(), &random, &self.mac(OPEN, &random)].concat()
    }

    /// "I have the invitation."
    #[must_use]
    pub fn redeem(&self, me: &Identity, name: Option<&DisplayName>, issuer: &Card, now: u64, entropy: [u8; 32]) -> Vec<u8> {
        let name = name.map_or("", DisplayName::as_str).as_bytes();
        let body = [self.mac(REDEEM, &me.card().to_bytes()).as_slice(), name].concat();
        [[2].as_slice(), &envelope::seal(me, issuer, Freshness::Call, 0, now, &body, entropy)].concat()
    }

    /// Reads what was put up at the invitation's place.
    ///
    /// # Errors
    /// [`WireError`] if it is none of these, not for me, or without proof.
    pub fn hear(&self, me: &Identity, bytes: &[u8]) -> Result<Heard, WireError> {
        WireError::check_length(WHAT, bytes, MAX_MESSAGE.min(MAX_ENVELOPE))?;
        let mut fields = Fields::new(WHAT, bytes);
        let kind = fields.u8()?;
        match kind {
            1 => {
                let (random, proof) = (fields.array::<16>()?, fields.array::<32>()?);
                fields.end()?;
                self.prove(OPEN, &random, &proof)?;
                Ok(Heard::Open)
            }
            2 => {
                let opened = envelope::open(me, Freshness::Call, fields.rest())?;
                let mut body = Fields::new(WHAT, &opened.body);
                let proof = body.array::<32>()?;
                self.prove(REDEEM, &opened.sender.to_bytes(), &proof)?;
                Ok(Heard::Redeem { card: opened.sender, name: name(&mut body)? })
            }
            3 => {
                let opened = envelope::open(me, Freshness::Call, fields.rest())?;
                let mut body = Fields::new(WHAT, &opened.body);
                let answer = match body.u8()? {
                    0 => Answer::Welcome,
                    1 => Answer::Expired,
                    // Whatever a newer program may have to say, it is no welcome.
                    _ => Answer::UsedUp,
                };
                Ok(Heard::Answered { card: opened.sender, answer, name: name(&mut body)? })
            }
            other => Err(fields.malformed(format!("its kind is {other}"))),
        }
    }

    /// Compared without telling by the time it takes where they differ.
    fn prove(&self, label: &[u8], message: &[u8], proof: &[u8; 32]) -> Result<(), WireError> {
        let right = blake3::Hash::from_bytes(self.mac(label, message)) == blake3::Hash::from_bytes(*proof);
        right.then_some(()).ok_or(WireError::NotAuthentic { what: WHAT })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// The issuer's answer to a guest.
#[must_use]
pub fn answer(me: &Identity, name: Option<&DisplayName>, guest: &Card, answer: Answer, now: u64, entropy: [u8; 32]) -> Vec<u8> {
    let code = match answer {
        Answer::Welcome => 0,
        Answer::Expired => 1,
        Answer::UsedUp => 2,
    };
    let body = [&[code], name.map_or("", DisplayName::as_str).as_bytes()].concat();
    [[3].as_slice(), &envelope::seal(me, guest, Freshness::Call, 0, now, &body, entropy)].concat()
}

fn name(body: &mut Fields<'_>) -> Result<Option<DisplayName>, WireError> {
    let text = std::str::from_utf8(body.rest()).map_err(|error| WireError::malformed(WHAT, error))?;
    Ok(DisplayName::new(text).ok())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn keys(byte: u8) -> Keys {
        Keys::new(&InvitationSecret::from_bytes([byte; 16]))
    }

    fn two() -> (Identity, Identity) {
        (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]))
    }

    #[test]
    fn open_byte_by_byte() {
        let bytes = keys(7).open([9; 16]);
        assert_eq!((bytes.len(), bytes[0]), (49, 1));
        assert_eq!(bytes[1..17], [9; 16]);
        let key = blake3::derive_key("fyteclub/1/invitation", &[7; 16]);
        let proof = blake3::keyed_hash(&key, &[b"open\0".as_slice(), &[9; 16]].concat());
        assert_eq!(bytes[17..], *proof.as_bytes());
        assert_eq!(keys(7).hear(&two().0, &bytes), Ok(Heard::Open));
        assert!(keys(8).hear(&two().0, &bytes).is_err(), "another invitation's");
    }

    #[test]
    fn a_guest_is_heard_by_the_issuer_and_answered() {
        let ((issuer, guest), name) = (two(), DisplayName::new("Bea").ok());
        let redeem = keys(7).redeem(&guest, name.as_ref(), issuer.card(), 5, [4; 32]);
        assert_eq!(keys(7).hear(&issuer, &redeem), Ok(Heard::Redeem { card: *guest.card(), name: name.clone() }));
        assert!(keys(8).hear(&issuer, &redeem).is_err(), "who does not know the secret");
        assert!(keys(7).hear(&guest, &redeem).is_err(), "sealed to another");
        for said in [Answer::Welcome, Answer::Expired, Answer::UsedUp] {
            let bytes = answer(&issuer, name.as_ref(), guest.card(), said, 5, [4; 32]);
            let heard = Heard::Answered { card: *issuer.card(), answer: said, name: name.clone() };
            assert_eq!(keys(7).hear(&guest, &bytes), Ok(heard));
        }
    }

    #[test]
    fn a_proof_is_of_no_use_to_another() {
        let (issuer, guest) = two();
        let thief = Identity::from_seed([3; 32]);
        let body = [keys(7).mac(REDEEM, &guest.card().to_bytes()).as_slice(), b"Bea"].concat();
        let stolen = [[2].as_slice(), &envelope::seal(&thief, issuer.card(), Freshness::Call, 0, 5, &body, [4; 32])].concat();
        assert!(keys(7).hear(&issuer, &stolen).is_err());
    }

    #[test]
    fn places_are_by_day_and_by_who_speaks() {
        let place = keys(7).topic(9, Side::Issuer);
        assert_ne!(place, keys(7).topic(9, Side::Guest));
        assert_ne!(place, keys(7).topic(10, Side::Issuer));
        assert_ne!(place, keys(8).topic(9, Side::Issuer));
        assert!(keys(7).hear(&two().0, &[0; MAX_MESSAGE + 1]).is_err());
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..400)) {
            prop_assert!(keys(7).hear(&two().0, &bytes).is_err());
        }
    }
}
