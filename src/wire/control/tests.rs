use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::wire::testing::{announce, bytes32, damaged, grant, hex};

#[test]
fn a_hello_byte_by_byte() {
    let hello = Control::Hello(Hello {
        protocol_min: 1,
        protocol_max: 1,
        features: vec!["pack".to_owned()],
        program: "FyteClub 0.1.0".to_owned(),
        name: DisplayName::new("Aria").ok(),
        instance: InstanceId(0x0102_0304_0506_0708),
        run: Some(Run { began_unix: 1_704_067_200, nonce: [5; RUN_NONCE] }),
    });
    let bytes = hex("82                                // array of two
         00                                // Hello
         a7                                // map of seven
         00 01                             // oldest protocol: 1
         01 01                             // newest protocol: 1
         02 81 64 7061636b                 // features: [pack]
         03 6e 46797465436c756220302e312e30 // program: FyteClub 0.1.0
         04 64 41726961                    // name: Aria
         05 1b 0102030405060708            // instance
         06 a2                             // run:
           00 1a 65920080                  // began
           01 50 05050505050505050505050505050505 // number");
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
    assert_eq!((heard.name, heard.run), (None, None));
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
    let picture = |length| Control::Picture { picture: BlobHash::of(b""), bytes: vec![0; length] };
    let cases: [(&dyn Fn(usize) -> Control, usize); 6] = [
        (&picture, MAX_PICTURE),
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
fn a_profile_byte_by_byte() {
    let profile = Control::Profile { name: DisplayName::new("Aria").ok(), picture: Some(BlobHash::from_bytes([0xaa; 32])) };
    let bytes = [hex("82 0d a2 00 64 41726961 01 5820"), vec![0xaa; 32]].concat();
    assert_eq!(profile.encode(), bytes);
    assert_eq!(Control::decode(&bytes), Ok(profile));
    let nothing = Control::Profile { name: None, picture: None };
    assert_eq!(Control::decode(&hex("82 0d a0")), Ok(nothing), "both may be left out");
}

#[test]
fn names_that_no_one_bears_are_no_profile() {
    let named =
        |name: &str| [hex("82 0d a1 00 79"), (name.len() as u16).to_be_bytes().to_vec(), name.as_bytes().to_vec()].concat();
    assert!(Control::decode(&named("Aria")).is_ok());
    for name in ["x".repeat(65), "x".repeat(10_000), "a\u{202e}b".to_owned(), "a\u{200b}".to_owned(), " ".to_owned()] {
        assert!(matches!(Control::decode(&named(&name)), Err(WireError::Malformed { .. })), "{name:.20}");
    }
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
fn texts_for_people_are_read_without_what_could_deceive_them() {
    let said = "a\nb\u{202e}c\u{200b}\u{1b}[31m é☆";
    let shown = "a b c  [31m é☆";
    let heard = Control::decode(&hello(vec![], said.to_owned()).encode());
    assert_eq!(heard, Ok(hello(vec![], shown.to_owned())));
    let bye = |text: &str| Control::Bye { reason: ByeReason::Leaving, text: text.to_owned() };
    assert_eq!(Control::decode(&bye(said).encode()), Ok(bye(shown)));
    let longest = "\n".repeat(MAX_BYE);
    assert_eq!(Control::decode(&bye(&longest).encode()), Ok(bye(&" ".repeat(MAX_BYE))), "no text grows beyond its limit");
}

#[test]
fn a_body_or_step_of_an_unknown_kind_is_no_message() {
    for bad in ["82 08 a1 00 82 06 80", &format!("82 06 a2 00 5820 {} 01 82 02 80", "00".repeat(32))] {
        assert!(matches!(Control::decode(&hex(bad)), Err(WireError::Malformed { .. })), "{bad}");
    }
    assert_eq!(Control::decode(&hex("82 08 a1 00 82 05 80")), Ok(Control::Verify(VerifyStep::Abort)));
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
    Control::Hello(Hello { protocol_min: 1, protocol_max: 1, features, program, name: None, instance, run: None })
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
    let run = proptest::option::of((any::<u64>(), any::<[u8; RUN_NONCE]>()));
    let run = run.prop_map(|run| run.map(|(began_unix, nonce)| Run { began_unix, nonce }));
    let hello = (any::<(u16, u16, u64)>(), vec("[a-z]{0,20}", 0..9), "[ -~à-ÿ]{0,20}", name, run).prop_map(
        |((protocol_min, protocol_max, instance), features, program, name, run)| {
            let instance = InstanceId(instance);
            Control::Hello(Hello { protocol_min, protocol_max, features, program, name, instance, run })
        },
    );
    let appearance = || bytes32().prop_map(AppearanceId::from_bytes);
    let body = prop_oneof![vec(any::<u8>(), 0..200).prop_map(ManifestBody::Inline), any::<u64>().prop_map(ManifestBody::Blob)];
    prop_oneof![
        hello,
        any::<u64>().prop_map(|token| Control::Ping { token }),
        any::<u64>().prop_map(|token| Control::Pong { token }),
        any::<[u8; RUN_NONCE]>().prop_map(|nonce| Control::Rival { nonce }),
        any::<(u64, u64, [u8; RUN_NONCE])>().prop_map(|(instance, began, nonce)| {
            let me = crate::domain::Identity::from_seed([1; 32]);
            Control::Claim(RunClaim::sign(&me, InstanceId(instance), began, nonce))
        }),
        announce().prop_map(Control::Announce),
        (character(), any::<u64>())
            .prop_map(|(character, instance)| Control::Withdraw { character, instance: InstanceId(instance) }),
        grant().prop_map(|grant| Control::GetManifest { appearance: grant.appearance, grant }),
        (appearance(), body).prop_map(|(appearance, body)| Control::Manifest { appearance, body }),
        (appearance(), 0..5_u8)
            .prop_map(|(appearance, reason)| Control::Refuse { appearance, refusal: Refusal::from_number(reason) }),
        step().prop_map(Control::Verify),
        Just(Control::Resync),
        "[ -~à-ÿ]{0,40}".prop_map(|text| Control::Bye { reason: ByeReason::ProtocolError, text }),
        (proptest::option::of("[a-z]{1,64}"), proptest::option::of(bytes32())).prop_map(|(name, picture)| Control::Profile {
            name: name.and_then(|name| DisplayName::new(&name).ok()),
            picture: picture.map(BlobHash::from_bytes),
        }),
        bytes32().prop_map(|hash| Control::GetPicture { picture: BlobHash::from_bytes(hash) }),
        (bytes32(), vec(any::<u8>(), 0..200))
            .prop_map(|(hash, bytes)| Control::Picture { picture: BlobHash::from_bytes(hash), bytes }),
        (16..=u16::MAX).prop_map(|number| Control::Unknown { number }),
    ]
}
