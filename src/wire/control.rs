//! The control channel: what two linked companions say to each other.
//!
//! One CBOR item (RFC 8949) a message, at most [`MAX_CONTROL`] bytes: an array `[number, map]` of the message's number and
//! its fields by integer keys. Unknown keys are skipped; an unknown number decodes to [`Control::Unknown`], which is ignored, so
//! that a newer program can say more to an older one. Before all of this, the side that answered the offer sends one message of
//! the ten bytes `fyteclub/1`, and the side that made the offer says nothing until it has come (`runtime::link::connection`).
//! The first message both ways is [`Hello`].
//!
//! | number | message | fields by key |
//! |---|---|---|
//! | 0 | [`Hello`] | 0 oldest protocol · 1 newest · 2 features · 3 program · 4 name, if any · 5 instance · 6 [run](super::run::Run), if any |
//! | 1, 2 | `Ping`, `Pong` | 0 token |
//! | 3 | [`Announce`] | 0 character · 1 instance · 2 revision · 3 appearance · 4 manifest's bytes · 5 weight · 6 grant |
//! | 4 | `Withdraw` | 0 character · 1 instance |
//! | 5 | `GetManifest` | 0 appearance · 1 grant |
//! | 6 | `Manifest` | 0 appearance · 1 body: `[0, [bytes]]`, or `[1, [length]]` for a blob |
//! | 7 | `Refuse` | 0 appearance · 1 reason |
//! | 8 | `Verify` | 0 step: `[number, fields]` |
//! | 9 | `Resync` | |
//! | 10 | `Bye` | 0 reason · 1 text |
//! | 11 | `Rival` | 0 number, 16 bytes |
//! | 12 | `Claim` | 0 [claim](super::run::RunClaim) |
//! | 13 | `Profile` | 0 name, if any · 1 picture's hash, if any |
//! | 14 | `GetPicture` | 0 picture's hash |
//! | 15 | `Picture` | 0 picture's hash · 1 its bytes, a PNG, at most [`MAX_PICTURE`] |
//!
//! 13 to 15 are said to whoever's `hello` names the feature [`FEATURE_PROFILE`].
//!
//! Hashes, keys, nonces and signatures are byte strings; names and texts are text strings. Message numbers have 16 bits. A reason
//! with an unknown number is read as the mildest one; an unknown kind of body or step makes its message malformed, so it is only
//! said to whoever's `hello` names the feature. Control characters and unseen ones in the program's name and a farewell are
//! read as blanks.
//!
//! Goals: idempotent messages; nothing that depends on bulk's progress. Non-goals: order between control and bulk.

use minicbor::decode::Error as CborError;
use minicbor::{Decode, Decoder, Encode};

use super::grant::Grant;
use super::run::{RUN_NONCE, Run, RunClaim};
use super::{
    MAX_CONTROL, MAX_INLINE_MANIFEST, WireError, bounded_bytes, bounded_text, from_cbor, shown_text, split_message, to_cbor,
};
use crate::domain::{AppearanceId, BlobHash, Character, DisplayName, InstanceId, MAX_PICTURE, Revision, Weight};

/// Features that one [`Hello`] may name.
pub const MAX_FEATURES: usize = 64;
/// A feature's or program's name in bytes.
pub const MAX_PROGRAM: usize = 128;
/// A farewell's text in bytes.
pub const MAX_BYE: usize = 256;

/// The feature of whoever understands `Profile`, `GetPicture` and `Picture`.
pub const FEATURE_PROFILE: &str = "profile";

const WHAT: &str = "control message";

/// The first message on a link, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Hello {
    /// The oldest protocol that the sender speaks.
    #[n(0)]
    pub protocol_min: u16,
    /// The newest protocol that the sender speaks.
    #[n(1)]
    pub protocol_max: u16,
    /// Names of what the sender can do beyond the protocol's version; unknown ones are ignored. At most [`MAX_FEATURES`].
    #[n(2)]
    #[cbor(decode_with = "decode_features")]
    pub features: Vec<String>,
    /// The program and its version, for people, at most [`MAX_PROGRAM`] bytes.
    #[n(3)]
    #[cbor(decode_with = "shown_text::<MAX_PROGRAM, _>")]
    pub program: String,
    /// The name that the sender goes by.
    #[n(4)]
    pub name: Option<DisplayName>,
    /// Which run of the sender's program this is.
    #[n(5)]
    pub instance: InstanceId,
    /// When that run began, and a number for whoever asks for it.
    #[n(6)]
    pub run: Option<Run>,
}

/// "This is how this character looks now."
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Announce {
    /// Whose look.
    #[n(0)]
    pub character: Character,
    /// Which run of the wearer's program counts the revisions.
    #[n(1)]
    pub instance: InstanceId,
    /// Grows with each change within one instance.
    #[n(2)]
    pub revision: Revision,
    /// Names the manifest.
    #[n(3)]
    pub appearance: AppearanceId,
    /// The manifest's length in bytes.
    #[n(4)]
    pub manifest_size: u32,
    /// What it weighs, as the wearer says; checked again against the manifest.
    #[n(5)]
    pub weight: Weight,
    /// The wearer's permission for the receiver to fetch it, from anybody who holds it.
    #[n(6)]
    pub grant: Grant,
}

/// The body of an answer to [`Control::GetManifest`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ManifestBody {
    /// The manifest's bytes, at most [`MAX_INLINE_MANIFEST`].
    #[n(0)]
    Inline(
        #[n(0)]
        #[cbor(encode_with = "minicbor::bytes::encode", decode_with = "bounded_bytes::<MAX_INLINE_MANIFEST, _>")]
        Vec<u8>,
    ),
    /// Too long for a message: a blob with the appearance's hash and this many bytes, to be fetched over the bulk channel.
    #[n(1)]
    Blob(#[n(0)] u64),
}

/// Why something asked for is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
#[cbor(index_only)]
pub enum Refusal {
    /// Not, or no longer, held under that appearance; ask for the newest announcement.
    #[n(0)]
    NotHeld,
    /// The grant does not fit, or has expired.
    #[n(1)]
    NotGranted,
    /// The sender's file changed while it was read; a new revision follows.
    #[n(2)]
    Changed,
    /// The request breaks a limit.
    #[n(3)]
    BadRequest,
    /// The file cannot be read just now, or a newer program has a reason of its own.
    #[n(4)]
    Unreadable,
}

impl Refusal {
    /// The number on the wire, the same on both channels.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::NotHeld => 0,
            Self::NotGranted => 1,
            Self::Changed => 2,
            Self::BadRequest => 3,
            Self::Unreadable => 4,
        }
    }

    /// The reason with this number; [`Refusal::Unreadable`] if there is none.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::NotHeld,
            1 => Self::NotGranted,
            2 => Self::Changed,
            3 => Self::BadRequest,
            _ => Self::Unreadable,
        }
    }
}

impl<'b, C> Decode<'b, C> for Refusal {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, CborError> {
        Ok(Self::from_number(u8::try_from(d.u64()?).unwrap_or(u8::MAX)))
    }
}

/// Why a link ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ByeReason {
    /// The program ends, or rests, or a newer one has a reason of its own.
    #[n(0)]
    Leaving,
    /// A link of a higher generation takes its place.
    #[n(1)]
    Replaced,
    /// No protocol version in common.
    #[n(2)]
    Incompatible,
    /// The other side broke the protocol.
    #[n(3)]
    ProtocolError,
}

impl<'b, C> Decode<'b, C> for ByeReason {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, CborError> {
        Ok(match d.u64()? {
            1 => Self::Replaced,
            2 => Self::Incompatible,
            3 => Self::ProtocolError,
            _ => Self::Leaving,
        })
    }
}

/// A step of comparing codes (design section 5): commit, answer, open, confirm.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum VerifyStep {
    /// The lower peer id commits to its nonce.
    #[n(0)]
    Commit(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
    /// The higher peer id answers with its nonce.
    #[n(1)]
    Answer(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
    /// The lower peer id opens its commitment.
    #[n(2)]
    Open(
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        [u8; 32],
    ),
    /// The person said that the codes are equal (true) or not.
    #[n(3)]
    Confirm(#[n(0)] bool),
    /// The higher peer id's person asks the other side to start.
    #[n(4)]
    Ask,
    /// Given up.
    #[n(5)]
    Abort,
}

/// A message on the control channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Control {
    /// First, both ways.
    Hello(Hello),
    /// Are you there? Answered by [`Control::Pong`] with the same token.
    Ping {
        /// Chosen by the sender.
        token: u64,
    },
    /// I am.
    Pong {
        /// The ping's.
        token: u64,
    },
    /// A character's newest look.
    Announce(Announce),
    /// A character is not shown to you, or has been taken off.
    Withdraw {
        /// Whose look.
        character: Character,
        /// Which run of the wearer's program says so.
        instance: InstanceId,
    },
    /// Give me this manifest. From here on blobs of it may be asked for, until the grant expires.
    GetManifest {
        /// Which.
        appearance: AppearanceId,
        /// The wearer's permission.
        grant: Grant,
    },
    /// The manifest.
    Manifest {
        /// Which.
        appearance: AppearanceId,
        /// Its bytes, or how to get them.
        body: ManifestBody,
    },
    /// The manifest is not given.
    Refuse {
        /// Which.
        appearance: AppearanceId,
        /// Why.
        refusal: Refusal,
    },
    /// Comparing codes.
    Verify(VerifyStep),
    /// Announce everything again: what was heard has been lost.
    Resync,
    /// The link ends.
    Bye {
        /// Why.
        reason: ByeReason,
        /// For people: what happened, at most [`MAX_BYE`] bytes.
        text: String,
    },
    /// Another program with your keys, one that began earlier, wants a link with me: show that you are there.
    Rival {
        /// The other one's number.
        nonce: [u8; RUN_NONCE],
    },
    /// I am, said by the newer run; or passed on to the older one: it is.
    Claim(RunClaim),
    /// What I am called and which picture stands for me, as of now. Repeats the name of `Hello`.
    Profile {
        /// The name that I go by.
        name: Option<DisplayName>,
        /// The hash of my picture; may be asked for.
        picture: Option<BlobHash>,
    },
    /// Give me your picture.
    GetPicture {
        /// Which.
        picture: BlobHash,
    },
    /// My picture.
    Picture {
        /// Which.
        picture: BlobHash,
        /// Its bytes, at most [`MAX_PICTURE`].
        bytes: Vec<u8>,
    },
    /// A message of a newer program, to be ignored.
    Unknown {
        /// Its number.
        number: u16,
    },
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Token {
    #[n(0)]
    token: u64,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct WithdrawFields {
    #[n(0)]
    character: Character,
    #[n(1)]
    instance: InstanceId,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct GetManifestFields {
    #[n(0)]
    appearance: AppearanceId,
    #[n(1)]
    grant: Grant,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ManifestFields {
    #[n(0)]
    appearance: AppearanceId,
    #[n(1)]
    body: ManifestBody,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct RefuseFields {
    #[n(0)]
    appearance: AppearanceId,
    #[n(1)]
    refusal: Refusal,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct VerifyFields {
    #[n(0)]
    step: VerifyStep,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ByeFields {
    #[n(0)]
    reason: ByeReason,
    #[n(1)]
    #[cbor(decode_with = "shown_text::<MAX_BYE, _>")]
    text: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct RivalFields {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    nonce: [u8; RUN_NONCE],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ProfileFields {
    #[n(0)]
    name: Option<DisplayName>,
    #[n(1)]
    picture: Option<BlobHash>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct ClaimFields {
    #[n(0)]
    claim: RunClaim,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct GetPictureFields {
    #[n(0)]
    picture: BlobHash,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct PictureFields {
    #[n(0)]
    picture: BlobHash,
    #[n(1)]
    #[cbor(encode_with = "minicbor::bytes::encode", decode_with = "bounded_bytes::<MAX_PICTURE, _>")]
    bytes: Vec<u8>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Nothing {}

impl Control {
    /// The message's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        fn with<T: Encode<()>>(number: u16, fields: &T) -> Vec<u8> {
            to_cbor(&(number, fields))
        }
        match self {
            Self::Hello(hello) => with(0, hello),
            Self::Ping { token } => with(1, &Token { token: *token }),
            Self::Pong { token } => with(2, &Token { token: *token }),
            Self::Announce(announce) => with(3, announce),
            Self::Withdraw { character, instance } => {
                with(4, &WithdrawFields { character: character.clone(), instance: *instance })
            }
            Self::GetManifest { appearance, grant } => {
                with(5, &GetManifestFields { appearance: *appearance, grant: grant.clone() })
            }
            Self::Manifest { appearance, body } => with(6, &ManifestFields { appearance: *appearance, body: body.clone() }),
            Self::Refuse { appearance, refusal } => with(7, &RefuseFields { appearance: *appearance, refusal: *refusal }),
            Self::Verify(step) => with(8, &VerifyFields { step: step.clone() }),
            Self::Resync => with(9, &Nothing {}),
            Self::Bye { reason, text } => with(10, &ByeFields { reason: *reason, text: text.clone() }),
            Self::Rival { nonce } => with(11, &RivalFields { nonce: *nonce }),
            Self::Claim(claim) => with(12, &ClaimFields { claim: *claim }),
            Self::Profile { name, picture } => with(13, &ProfileFields { name: name.clone(), picture: *picture }),
            Self::GetPicture { picture } => with(14, &GetPictureFields { picture: *picture }),
            Self::Picture { picture, bytes } => with(15, &PictureFields { picture: *picture, bytes: bytes.clone() }),
            Self::Unknown { number } => with(*number, &Nothing {}),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`] if it is too long or malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let (number, rest) = split_message(WHAT, bytes, MAX_CONTROL)?;
        Ok(match number {
            0 => Self::Hello(fields(rest)?),
            1 => Self::Ping { token: fields::<Token>(rest)?.token },
            2 => Self::Pong { token: fields::<Token>(rest)?.token },
            3 => Self::Announce(fields(rest)?),
            4 => {
                let WithdrawFields { character, instance } = fields(rest)?;
                Self::Withdraw { character, instance }
            }
            5 => {
                let GetManifestFields { appearance, grant } = fields(rest)?;
                Self::GetManifest { appearance, grant }
            }
            6 => {
                let ManifestFields { appearance, body } = fields(rest)?;
                Self::Manifest { appearance, body }
            }
            7 => {
                let RefuseFields { appearance, refusal } = fields(rest)?;
                Self::Refuse { appearance, refusal }
            }
            8 => Self::Verify(fields::<VerifyFields>(rest)?.step),
            9 => {
                let Nothing {} = fields(rest)?;
                Self::Resync
            }
            10 => {
                let ByeFields { reason, text } = fields(rest)?;
                Self::Bye { reason, text }
            }
            11 => Self::Rival { nonce: fields::<RivalFields>(rest)?.nonce },
            12 => Self::Claim(fields::<ClaimFields>(rest)?.claim),
            13 => {
                let ProfileFields { name, picture } = fields(rest)?;
                Self::Profile { name, picture }
            }
            14 => Self::GetPicture { picture: fields::<GetPictureFields>(rest)?.picture },
            15 => {
                let PictureFields { picture, bytes } = fields(rest)?;
                Self::Picture { picture, bytes }
            }
            number => Self::Unknown { number },
        })
    }
}

fn fields<'b, T: Decode<'b, ()>>(rest: &'b [u8]) -> Result<T, WireError> {
    from_cbor(WHAT, rest, MAX_CONTROL)
}

fn decode_features<C>(d: &mut Decoder<'_>, context: &mut C) -> Result<Vec<String>, CborError> {
    let count = d.array()?.ok_or_else(|| CborError::message("a list of features says how many they are"))?;
    if count > MAX_FEATURES as u64 {
        return Err(CborError::message("more than 64 features"));
    }
    (0..count).map(|_| bounded_text::<MAX_PROGRAM, _>(d, context)).collect()
}

#[cfg(test)]
mod tests;
