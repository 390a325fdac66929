//! An invitation as a link, to be sent by chat: `fyteclub://invite/…`.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{CARD_BYTES, Card, RelayUrl};

/// What every link begins with.
const PREFIX: &str = "fyteclub://invite/";
/// The form of what follows.
const FORM: u8 = 1;
/// Relays that a link names at most.
pub const MAX_HINTS: usize = 3;
/// A link's greatest length in bytes.
const MAX_TEXT: usize = 1_500;
const CHECK: usize = 4;
const CHECK_CONTEXT: &str = "fyteclub/1/invitation check";
const ID_CONTEXT: &str = "fyteclub/1/invitation id";

/// Whose an invitation is and what opens it.
///
/// ```text
/// form 1 (1 byte) · card (128) · secret (16) · over at, seconds since 1970 (8, big-endian) ·
/// number of relays (1), each: length (1) · address · check: the first 4 bytes of BLAKE3 of all that
/// ```
///
/// in Base64 for URLs, without padding. The check is against links that were cut or mistyped; that the card is one is checked by itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Invitation {
    /// Whose it is.
    pub card: Card,
    /// What the issuer knows it by, and nobody else.
    pub secret: InvitationSecret,
    /// When it is over, in seconds since 1970, by the issuer's clock.
    pub over_unix: u64,
    /// Where the issuer is met.
    pub relays: Vec<RelayUrl>,
}

/// 128 random bits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvitationSecret([u8; 16]);

/// Why a text is no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// Something else.
    #[error("that is no invitation of FyteClub: one begins with {PREFIX}")]
    Other,
    /// Cut or changed on its way.
    #[error("the invitation is not whole: copy the link again, from its beginning to its end")]
    Damaged,
    /// Not how invitations are named.
    #[error("invitations are named by eight hexadecimal digits")]
    Id,
    /// Of a newer program.
    #[error("the invitation is of a newer FyteClub: update yours")]
    Newer,
}

impl InvitationSecret {
    /// The secret of these bytes, which must be random.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Drop for InvitationSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationSecret(…)")
    }
}

impl TryFrom<String> for InvitationSecret {
    type Error = InvitationError;

    fn try_from(text: String) -> Result<Self, InvitationError> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| InvitationError::Damaged)?;
        bytes.try_into().map(Self).map_err(|_| InvitationError::Damaged)
    }
}

impl From<InvitationSecret> for String {
    fn from(secret: InvitationSecret) -> Self {
        BASE64URL_NOPAD.encode(&secret.0)
    }
}

/// Names an invitation of mine, or one that I have taken up, on this machine. It gives nothing of the secret away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InvitationId(u32);

impl fmt::Display for InvitationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl fmt::Debug for InvitationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvitationId({self})")
    }
}

impl FromStr for InvitationId {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        u32::from_str_radix(text, 16).map(Self).map_err(|_| InvitationError::Id)
    }
}

impl TryFrom<String> for InvitationId {
    type Error = InvitationError;

    fn try_from(text: String) -> Result<Self, InvitationError> {
        text.parse()
    }
}

impl From<InvitationId> for String {
    fn from(id: InvitationId) -> Self {
        id.to_string()
    }
}

impl Invitation {
    /// What to call it.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        let hash = blake3::derive_key(ID_CONTEXT, self.secret.as_bytes());
        InvitationId(u32::from_be_bytes(hash.first_chunk().copied().unwrap_or_default()))
    }

    /// Whether a text looks like one, whole or not.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        text.trim_start().get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (card, rest) = bytes.split_at_checked(CARD_BYTES)?;
        let (secret, rest) = rest.split_first_chunk::<16>()?;
        let (over, rest) = rest.split_first_chunk::<8>()?;
        let (count, mut rest) = rest.split_first()?;
        let mut relays = Vec::new();
        for _ in 0..*count {
            let (length, after) = rest.split_first()?;
            let (address, after) = after.split_at_checked(usize::from(*length))?;
            // One that this program does not understand is of no use, and does no harm.
            relays.extend(std::str::from_utf8(address).ok().and_then(|address| address.parse().ok()));
            rest = after;
        }
        relays.truncate(MAX_HINTS);
        let card = Card::from_bytes(card).ok()?;
        rest.is_empty().then_some(Self { card, secret: InvitationSecret(*secret), over_unix: u64::from_be_bytes(*over), relays })
    }

    fn bytes(&self) -> Vec<u8> {
        let relays: Vec<&[u8]> = self
            .relays
            .iter()
            .map(|relay| relay.as_str().as_bytes())
            .filter(|relay| relay.len() <= 255)
            .take(MAX_HINTS)
            .collect();
        let card = self.card.to_bytes();
        let mut bytes = [&[FORM], card.as_slice(), &self.secret.0, &self.over_unix.to_be_bytes()].concat();
        bytes.push(u8::try_from(relays.len()).unwrap_or_default());
        for relay in relays {
            bytes.push(u8::try_from(relay.len()).unwrap_or_default());
            bytes.extend_from_slice(relay);
        }
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }
}

fn check(bytes: &[u8]) -> [u8; CHECK] {
    let hash = blake3::derive_key(CHECK_CONTEXT, bytes);
    hash.first_chunk().copied().unwrap_or_default()
}

/// Blanks and line breaks that a chat has put in are left out.
impl FromStr for Invitation {
    type Err = InvitationError;

    fn from_str(text: &str) -> Result<Self, InvitationError> {
        if !Self::is_meant_by(text) {
            return Err(InvitationError::Other);
        }
        let code: String = text.trim_start().chars().skip(PREFIX.len()).filter(|c| !c.is_whitespace()).collect();
        if code.len() > MAX_TEXT {
            return Err(InvitationError::Damaged);
        }
        let bytes = BASE64URL_NOPAD.decode(code.trim_end_matches('/').as_bytes()).map_err(|_| InvitationError::Damaged)?;
        let (body, found) = bytes.split_last_chunk::<CHECK>().ok_or(InvitationError::Damaged)?;
        if check(body) != *found {
            return Err(InvitationError::Damaged);
        }
        match body.split_first() {
            Some((&FORM, rest)) => Self::read(rest).ok_or(InvitationError::Damaged),
            Some(_) => Err(InvitationError::Newer),
            None => Err(InvitationError::Damaged),
        }
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", BASE64URL_NOPAD.encode(&self.bytes()))
    }
}

/// An invitation lets in whoever has it: never in a log.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Invitation({})", self.card.peer().short())
    }
}

impl TryFrom<String> for Invitation {
    type Error = InvitationError;

    fn try_from(text: String) -> Result<Self, InvitationError> {
        text.parse()
    }
}

impl From<Invitation> for String {
    fn from(invitation: Invitation) -> Self {
        invitation.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Identity;

    fn invitation() -> Invitation {
        Invitation {
            card: *Identity::from_seed([1; 32]).card(),
            secret: InvitationSecret([7; 16]),
            over_unix: 1_800_000_000,
            relays: vec!["wss://relay.example.org".parse().unwrap(), "ws://127.0.0.1:7777".parse().unwrap()],
        }
    }

    #[test]
    fn a_link_byte_by_byte() {
        let bytes = invitation().bytes();
        let card = Identity::from_seed([1; 32]).card().to_bytes();
        let expected = [
            &[1],
            card.as_slice(),
            &[7; 16],
            &1_800_000_000_u64.to_be_bytes(),
            &[2, 23],
            b"wss://relay.example.org",
            &[19],
            b"ws://127.0.0.1:7777",
        ]
        .concat();
        assert_eq!(bytes[..bytes.len() - 4], expected);
        assert!(invitation().to_string().len() < 400);
    }

    #[test]
    fn a_link_is_read_back_also_as_chats_change_it() {
        let text = invitation().to_string();
        assert_eq!(text.parse(), Ok(invitation()));
        let (start, end) = text.split_at(100);
        assert_eq!(format!("  {start}\n {end}/ ").parse(), Ok(invitation()));
        assert_eq!(text.replace("fyteclub", "FyteClub").parse(), Ok(invitation()));
        assert!(!format!("{:?}", invitation()).contains("BwcH"));
    }

    #[test]
    fn what_is_no_link_is_said_to_be_none_and_why() {
        let text = invitation().to_string();
        assert_eq!("https://example.org".parse::<Invitation>(), Err(InvitationError::Other));
        assert_eq!("".parse::<Invitation>(), Err(InvitationError::Other));
        for length in PREFIX.len()..text.len() {
            assert_eq!(text[..length].parse::<Invitation>(), Err(InvitationError::Damaged), "{length}");
        }
        let mut newer = invitation().bytes();
        newer.truncate(newer.len() - 4);
        newer[0] = 2;
        let sum = check(&newer);
        newer.extend_from_slice(&sum);
        let newer = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&newer));
        assert_eq!(newer.parse::<Invitation>(), Err(InvitationError::Newer));
        assert_eq!(format!("{PREFIX}{}", "A".repeat(2000)).parse::<Invitation>(), Err(InvitationError::Damaged));
    }

    proptest! {
        #[test]
        fn one_changed_letter_is_noticed(at in 0_usize..300, with in "[A-Za-z0-9_-]") {
            let mut text = invitation().to_string();
            let at = PREFIX.len() + at % (text.len() - PREFIX.len());
            let changed = text[at..=at] != with;
            text.replace_range(at..=at, &with);
            prop_assert_eq!(text.parse::<Invitation>().is_err(), changed);
        }

        #[test]
        fn no_text_is_too_odd(text: String) {
            let _ = format!("{PREFIX}{text}").parse::<Invitation>();
        }
    }
}
