//! The control channel: what two linked companions say to each other.
//!
//! One CBOR item (RFC 8949) a message, at most [`MAX_CONTROL`] bytes: an array `[number, map]` of the message's number and
//! its fields by integer keys. Unknown keys are skipped; an unknown number decodes to [`Control::Unknown`], which is ignored, so
//! that a newer program can say more to an older one. The first message both ways is [`Hello`].
//!
//! | number | message | fields by key |
//! |---|---|---|
//! | 0 | [`Hello`] | 0 oldest protocol · 1 newest · 2 features · 3 program · 4 name, if any · 5 instance |
//! | 1, 2 | `Ping`, `Pong` | 0 token |
//! | 3 | [`Announce`] | 0 character · 1 instance · 2 revision · 3 appearance · 4 manifest's bytes · 5 weight · 6 grant |
//! | 4 | `Withdraw` | 0 character · 1 instance |
//! | 5 | `GetManifest` | 0 appearance · 1 grant |
//! | 6 | `Manifest` | 0 appearance · 1 body: `[0, [bytes]]`, or `[1, [length]]` for a blob |
//! | 7 | `Refuse` | 0 appearance · 1 reason |
//! | 8 | `Verify` | 0 step: `[number, fields]` |
//! | 9 | `Resync` | |
//! | 10 | `Bye` | 0 reason · 1 text |
//!
//! Hashes, keys, nonces and signatures are byte strings; names and texts are text strings. A reason with an unknown number is
//! read as the mildest one.
//!
//! Goals: idempotent messages; nothing that depends on bulk's progress. Non-goals: order between control and bulk.

use minicbor::decode::Error as CborError;
use minicbor::{Decode, Decoder, Encode};

use super::grant::Grant;
use super::{MAX_CONTROL, MAX_INLINE_MANIFEST, WireError, bounded_bytes, bounded_text, from_cbor, split_message, to_cbor};
use crate::domain::{AppearanceId, Character, DisplayName, InstanceId, Revision, Weight};

/// Features that one [`Hello`] may name.
pub const MAX_FEATURES: usize = 64;
/// A feature's or program's name in bytes.
pub const MAX_PROGRAM: usize = 128;
/// A farewell's text in bytes.
pub const MAX_BYE: usize = 256;

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
    #[cbor(decode_with = "bounded_text::<MAX_PROGRAM, _>")]
    pub program: String,
    /// The name that the sender goes by.
    #[n(4)]
    pub name: Option<DisplayName>,
    /// Which run of the sender's program this is.
    #[n(5)]
    pub instance: InstanceId,
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
    #[cbor(decode_with = "bounded_text::<MAX_BYE, _>")]
    text: String,
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
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{announce, bytes32, damaged, grant, hex};
    use super::*;

    #[test]
    fn a_hello_byte_by_byte() {
        let hello = Control::Hello(Hello {
            protocol_min: 1,
            protocol_max: 1,
            features: vec!["pack".to_owned()],
            program: "FyteClub 0.1.0".to_owned(),
            name: DisplayName::new("Aria").ok(),
            instance: InstanceId(0x0102_0304_0506_0708),
        });
        let bytes = hex("82                                // array of two
             00                                // Hello
             a6                                // map of six
             00 01                             // oldest protocol: 1
             01 01                             // newest protocol: 1
             02 81 64 7061636b                 // features: [pack]
             03 6e 46797465436c756220302e312e30 // program: FyteClub 0.1.0
             04 64 41726961                    // name: Aria
             05 1b 0102030405060708            // instance");
        assert_eq!(hello.encode(), bytes);
        assert_eq!(Control::decode(&bytes), Ok(hello));
    }

    /// Said by version 1 of the protocol and recorded: every later version must go on understanding it.
    #[test]
    fn a_recorded_peer_of_version_1_is_understood() {
        let hello = hex(RECORDED_HELLO);
        let Ok(Control::Hello(heard)) = Control::decode(&hello) else { panic!("not a hello") };
        assert_eq!((heard.protocol_min, heard.protocol_max), (1, 1));
        assert_eq!(heard.program, "FyteClub 0.1.0");
        assert_eq!(heard.name, None);
        let Ok(Control::Announce(heard)) = Control::decode(&hex(RECORDED_ANNOUNCE)) else { panic!("not an announcement") };
        assert_eq!(heard.character.to_string(), "Aria Fyte@Phoenix");
        assert_eq!((heard.instance, heard.revision), (InstanceId(81_985_529_216_486_895), Revision(7)));
        assert_eq!((heard.appearance, heard.manifest_size), (AppearanceId::from_bytes([0xaa; 32]), 9_000));
        let weight = Weight { files: 120, bytes: 230_686_720, texture_bytes: 193_986_560, triangles: 164_000 };
        assert_eq!(heard.weight, weight);
        let wearer = crate::domain::Identity::from_seed([1; 32]).peer();
        let friend = crate::domain::Identity::from_seed([2; 32]).peer();
        assert!(heard.grant.permits(&friend, &wearer, &heard.appearance, 1_704_067_200));
    }

    #[test]
    fn messages_of_a_newer_program_are_understood_as_far_as_they_go() {
        let more_keys = hex("82 01 a3 00 05 07 83 01 02 f6 19 0400 a1 61 78 f5");
        assert_eq!(Control::decode(&more_keys), Ok(Control::Ping { token: 5 }));
        let new_number = hex("82 19 0400 a1 00 9f 01 02 ff");
        assert_eq!(Control::decode(&new_number), Ok(Control::Unknown { number: 1024 }));
        let new_reason = hex("82 0a a2 00 18 63 01 63 627965");
        assert_eq!(Control::decode(&new_reason), Ok(Control::Bye { reason: ByeReason::Leaving, text: "bye".to_owned() }));
        let appearance = AppearanceId::from_bytes([0; 32]);
        let new_refusal = [hex("82 07 a2 00 5820"), vec![0; 32], hex("01 19 0400")].concat();
        assert_eq!(Control::decode(&new_refusal), Ok(Control::Refuse { appearance, refusal: Refusal::Unreadable }));
    }

    #[test]
    fn each_limit_is_kept_to_the_byte() {
        let features = |count| hello(vec!["x".to_owned(); count], String::new());
        let feature = |length| hello(vec!["x".repeat(length)], String::new());
        let program = |length| hello(vec![], "x".repeat(length));
        let bye = |length| Control::Bye { reason: ByeReason::Leaving, text: "x".repeat(length) };
        let appearance = AppearanceId::from_bytes([0; 32]);
        let inline = |length| Control::Manifest { appearance, body: ManifestBody::Inline(vec![0; length]) };
        let cases: [(&dyn Fn(usize) -> Control, usize); 5] = [
            (&features, MAX_FEATURES),
            (&feature, MAX_PROGRAM),
            (&program, MAX_PROGRAM),
            (&bye, MAX_BYE),
            (&inline, MAX_INLINE_MANIFEST),
        ];
        for (number, (message, limit)) in cases.into_iter().enumerate() {
            assert_eq!(Control::decode(&message(limit).encode()), Ok(message(limit)));
            assert!(Control::decode(&message(limit + 1).encode()).is_err(), "case {number}");
        }
        let long = [hex("82 01 a2 00 05 07 5a 00040000"), vec![0; 256 << 10]].concat();
        assert!(matches!(Control::decode(&long), Err(WireError::TooLong { limit: MAX_CONTROL, .. })));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (why, bad) in [
            ("empty", ""),
            ("no array", "a0"),
            ("an array of one", "81 01"),
            ("a list of no stated length", "9f 01 a1 00 05 ff"),
            ("a negative number", "82 20 a0"),
            ("fields in no map", "82 09 80"),
            ("a field missing", "82 01 a0"),
            ("a field of another type", "82 01 a1 00 61 78"),
            ("a tail", "82 09 a0 00"),
            ("a tail behind an unknown number", "82 19 0400 a0 00"),
            ("a name that could deceive", "82 00 a6 00 01 01 01 02 80 03 60 04 63 610a62 05 01"),
            ("endless features", "82 00 a6 00 01 01 01 02 9b ffffffffffffffff"),
            ("features of no stated length", "82 00 a6 00 01 01 01 02 9f ff 03 60 04 f6 05 01"),
            ("a character that is a path", "82 04 a2 00 66 2e2e2f784079 01 01"),
        ] {
            assert!(matches!(Control::decode(&hex(bad)), Err(WireError::Malformed { .. })), "{why}");
        }
    }

    #[test]
    fn both_channels_number_a_refusal_alike() {
        for number in 0..5 {
            let refusal = Refusal::from_number(number);
            assert_eq!(refusal.number(), number);
            assert_eq!(to_cbor(&refusal), [number]);
        }
    }

    #[test]
    fn every_reason_for_a_farewell_reads_back() {
        for reason in [ByeReason::Leaving, ByeReason::Replaced, ByeReason::Incompatible, ByeReason::ProtocolError] {
            let bye = Control::Bye { reason, text: String::new() };
            assert_eq!(Control::decode(&bye.encode()), Ok(bye));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn every_message_reads_back(message in control()) {
            prop_assert_eq!(Control::decode(&message.encode()), Ok(message));
        }

        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..300)) {
            let _ = Control::decode(&bytes);
        }

        #[test]
        fn damaged_messages_never_panic(bytes in damaged(control().prop_map(|message| message.encode()))) {
            if let Ok(message) = Control::decode(&bytes) {
                prop_assert_eq!(Control::decode(&message.encode()), Ok(message));
            }
        }
    }

    const RECORDED_HELLO: &str = "
        8200a5000101010280036e46797465436c756220302e312e30051b0123456789abcdef";
    const RECORDED_ANNOUNCE: &str = "
        8203a700714172696120467974654050686f656e6978011b0123456789abcdef0207035820aaaaaaaaaaaaaaaaaaaaaa
        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0419232805a4001878011a0dc00000021a0b900000031a000280a0
        06a5005820aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa015820bad074a0ff6aa82b
        956a8f381a4e84e03b3bb2a58dbf26f6b540720ea06be0f5025820f6231386f2718e05e2cfd8b4b9cddd04dcef6406fb
        43dffb0ea801fac3606877031a65920e900458408c1b13292b8e6c286b77ec94f852cec7480b05d7b13630814acf9057
        ad6284c8e5929ba95d25fe649fe8fc7332c921924001292da5c4c2e453f687f224340f03";

    fn hello(features: Vec<String>, program: String) -> Control {
        let instance = InstanceId(81_985_529_216_486_895);
        Control::Hello(Hello { protocol_min: 1, protocol_max: 1, features, program, name: None, instance })
    }

    fn character() -> impl Strategy<Value = Character> {
        "[A-Za-z]{1,16}".prop_map(|name| Character::new(&name, "Phoenix").unwrap())
    }

    fn step() -> impl Strategy<Value = VerifyStep> {
        prop_oneof![
            bytes32().prop_map(VerifyStep::Commit),
            bytes32().prop_map(VerifyStep::Answer),
            bytes32().prop_map(VerifyStep::Open),
            any::<bool>().prop_map(VerifyStep::Confirm),
            Just(VerifyStep::Ask),
            Just(VerifyStep::Abort),
        ]
    }

    fn control() -> impl Strategy<Value = Control> {
        let name = proptest::option::of("[a-z]{1,64}").prop_map(|name| name.and_then(|name| DisplayName::new(&name).ok()));
        let hello = (any::<(u16, u16, u64)>(), vec("[a-z]{0,20}", 0..9), ".{0,20}", name).prop_map(
            |((protocol_min, protocol_max, instance), features, program, name)| {
                let instance = InstanceId(instance);
                Control::Hello(Hello { protocol_min, protocol_max, features, program, name, instance })
            },
        );
        let appearance = || bytes32().prop_map(AppearanceId::from_bytes);
        let body =
            prop_oneof![vec(any::<u8>(), 0..200).prop_map(ManifestBody::Inline), any::<u64>().prop_map(ManifestBody::Blob)];
        prop_oneof![
            hello,
            any::<u64>().prop_map(|token| Control::Ping { token }),
            any::<u64>().prop_map(|token| Control::Pong { token }),
            announce().prop_map(Control::Announce),
            (character(), any::<u64>())
                .prop_map(|(character, instance)| Control::Withdraw { character, instance: InstanceId(instance) }),
            grant().prop_map(|grant| Control::GetManifest { appearance: grant.appearance, grant }),
            (appearance(), body).prop_map(|(appearance, body)| Control::Manifest { appearance, body }),
            (appearance(), 0..5_u8)
                .prop_map(|(appearance, reason)| Control::Refuse { appearance, refusal: Refusal::from_number(reason) }),
            step().prop_map(Control::Verify),
            Just(Control::Resync),
            ".{0,40}".prop_map(|text| Control::Bye { reason: ByeReason::ProtocolError, text }),
            (11..=u16::MAX).prop_map(|number| Control::Unknown { number }),
        ]
    }
}
