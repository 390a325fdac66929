//! What other companions say, and whoever is on the network.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use fyteclub::domain::{
    AppearanceId, BlobHash, BlobKind, BlobRef, Character, DisplayName, FileEntry, FileType, GamePath, Identity, InstanceId,
    InvitationSecret, InviteCode, Manifest, ObjectAppearance, ObjectKind, PeerId, Revision, TextName, TextValue, Weight,
};
use fyteclub::wire::beacon::{self, Beacon, PairKeys};
use fyteclub::wire::bulk::{Bulk, PackedBlob};
use fyteclub::wire::control::{Announce, ByeReason, Control, Hello, ManifestBody, Refusal, VerifyStep};
use fyteclub::wire::envelope::{self, Freshness};
use fyteclub::wire::grant::Grant;
use fyteclub::wire::invitation::{self as invitations, Answer, Keys};
use fyteclub::wire::pairing::{self, Exchange, Pairing, Role, Stretched};
use fyteclub::wire::rendezvous::{self, Post};
use fyteclub::wire::run::{Run, RunClaim};
use fyteclub::wire::session::{Answered, Answering, Dialling, Pattern, frame_length};
use fyteclub::wire::signal::Signal;
use fyteclub::wire::{GROUP, MAX_ENVELOPE, manifest as manifests};

type Seeds = Vec<(&'static str, Vec<u8>)>;

const NOW: u64 = 1_704_067_200;
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const NONCE: Freshness = Freshness::Nonce([9; 32]);

fn me() -> Identity {
    Identity::from_seed([1; 32])
}

fn friend() -> Identity {
    Identity::from_seed([2; 32])
}

pub(super) fn beacon(bytes: &[u8]) -> bool {
    match Beacon::decode(bytes, NOW) {
        Ok(Beacon::Blinded(blinded)) => {
            let keys = PairKeys::new(&me(), &[*friend().card()]);
            assert!(blinded.sender(&keys, SOURCE, NOW).is_none_or(|sender| sender == friend().peer()));
            assert_eq!(blinded.signalling(SOURCE).ip(), SOURCE);
            true
        }
        Ok(Beacon::Open(open)) => {
            let _ = open.is_authentic(SOURCE, NOW);
            true
        }
        Err(_) => false,
    }
}

pub(super) fn beacon_seeds() -> Seeds {
    let keys = PairKeys::new(&friend(), &[*me().card()]);
    let here = SocketAddr::new(SOURCE, 47_311);
    let name = DisplayName::new("Aria").ok();
    vec![
        ("blinded", beacon::blinded(&keys, here, NOW, 0, [3; 32])),
        ("open", beacon::open(&friend(), name.as_ref(), here, NOW, [3; 32])),
        ("nameless", beacon::open(&friend(), None, here, NOW, [3; 32])),
    ]
}

/// The first byte says which message of a session the rest is.
pub(super) fn session(bytes: &[u8]) -> bool {
    let Some((which, rest)) = bytes.split_first() else { return false };
    match which % 6 {
        0 | 1 => {
            let pattern = if which % 6 == 0 { Pattern::Ik } else { Pattern::Xx };
            Answering::hear(&me(), pattern, rest, [4; 32]).and_then(Answering::answer).is_ok()
        }
        2 => Dialling::ik(&friend(), me().card(), [5; 32]).and_then(|(dialling, _)| dialling.hear(rest)).is_ok(),
        3 => Dialling::xx(&friend(), [5; 32]).and_then(|(dialling, _)| dialling.hear(rest)).is_ok(),
        4 => {
            let header = rest.first_chunk().copied().unwrap_or_default();
            frame_length(header, MAX_ENVELOPE).is_ok_and(|length| (1..=MAX_ENVELOPE).contains(&length))
        }
        _ => {
            let (dialling, first) = Dialling::ik(&friend(), me().card(), [5; 32]).expect("a card of ours");
            // Behind the pattern and the length of the frame.
            let answering = Answering::hear(&me(), Pattern::Ik, &first[3..], [4; 32]).expect("meant for us");
            let (Answered::Known(session), answer) = answering.answer().expect("a key of ours") else { return false };
            let (theirs, _) = dialling.hear(&answer[2..]).expect("the answer to it");
            let sealed = theirs.split().0.seal(rest);
            let mut opener = session.split().1;
            assert!(opener.open(rest).is_err(), "what was not sealed is opened");
            sealed.is_ok_and(|sealed| opener.open(&sealed[2..]).as_deref() == Ok(rest))
        }
    }
}

pub(super) fn session_seeds() -> Seeds {
    let (_, ik) = Dialling::ik(&friend(), me().card(), [5; 32]).expect("a card of ours");
    let (_, xx) = Dialling::xx(&friend(), [5; 32]).expect("it needs nothing");
    let answer = |pattern, first: &[u8]| {
        let answering = Answering::hear(&me(), pattern, first, [4; 32]).expect("meant for us");
        answering.answer().expect("a key of ours").1
    };
    let (to_ik, to_xx) = (answer(Pattern::Ik, &ik[3..]), answer(Pattern::Xx, &xx[3..]));
    let as_which = |which: u8, bytes: &[u8]| [&[which], bytes].concat();
    vec![
        ("ik", as_which(0, &ik[3..])),
        ("xx", as_which(1, &xx[3..])),
        ("to-ik", as_which(2, &to_ik[2..])),
        ("to-xx", as_which(3, &to_xx[2..])),
        ("frame", vec![4, 1, 0]),
        ("sealed", as_which(5, b"an envelope")),
    ]
}

pub(super) fn envelope(bytes: &[u8]) -> bool {
    let sealed = envelope::seal(&friend(), me().card(), NONCE, 1, NOW, bytes, [6; 32]);
    let opened = envelope::open(&me(), NONCE, &sealed);
    if sealed.len() <= MAX_ENVELOPE {
        let opened = opened.expect("what was sealed to us is opened");
        assert_eq!((opened.sender.peer(), opened.body.as_slice()), (friend().peer(), bytes));
    } else {
        assert!(opened.is_err(), "an envelope beyond the limit is opened");
    }
    assert!(envelope::open(&friend(), NONCE, &sealed).is_err(), "another opens what was sealed to us");
    envelope::open(&me(), NONCE, bytes).is_ok()
}

pub(super) fn envelope_seeds() -> Seeds {
    let seal = |body: &[u8]| envelope::seal(&friend(), me().card(), NONCE, 1, NOW, body, [6; 32]);
    vec![("empty", seal(b"")), ("body", seal(b"a body of some length"))]
}

pub(super) fn signal(bytes: &[u8]) -> bool {
    let Ok(signal) = Signal::decode(bytes) else { return false };
    assert_eq!(Signal::decode(&signal.encode()), Ok(signal));
    true
}

pub(super) fn signal_seeds() -> Seeds {
    let sdp = "v=0\r\na=ice-ufrag:abcd\r\n".to_owned();
    vec![
        ("knock", Signal::Knock { name: DisplayName::new("Aria").ok(), port: 47_311 }.encode()),
        ("offer", Signal::Offer { generation: 500, port: 47_311, sdp: sdp.clone() }.encode()),
        ("answer", Signal::Answer { offer: [7; 32], sdp }.encode()),
        ("candidate", Signal::Candidate { candidate: "candidate:1".to_owned(), mid: Some("0".to_owned()) }.encode()),
        ("unknown", Signal::Unknown { number: 900 }.encode()),
    ]
}

pub(super) fn post(bytes: &[u8]) -> bool {
    let session = [9; 32];
    assert!(rendezvous::open(&me(), &friend().peer(), session, bytes).is_err(), "what nobody sealed is opened");
    let Ok(post) = Post::decode(bytes) else { return false };
    if let Post::Say { signals, .. } = &post {
        let _ = rendezvous::signals(signals);
    }
    let Ok(again) = post.encode() else { return true };
    assert_eq!(Post::decode(&again), Ok(post));
    true
}

pub(super) fn post_seeds() -> Seeds {
    let signals = vec![Signal::Candidate { candidate: "candidate:1".to_owned(), mid: None }.encode()];
    let encode = |post: Post| post.encode().expect("short");
    vec![
        ("here", encode(Post::Here { session: [5; 32] })),
        ("say", encode(Post::Say { session: [5; 32], conversation: [6; 16], signals })),
        ("over", encode(Post::Over { session: [5; 32], conversation: [6; 16] })),
    ]
}

/// As both sides of a code hear it.
pub(super) fn pairing(bytes: &[u8]) -> bool {
    let Ok(message) = Pairing::decode(bytes) else { return false };
    assert_eq!(message.encode(), bytes);
    let begin = |role| Exchange::begin(role, &STRETCHED).expect("it draws");
    match message {
        Pairing::Ask(half) => _ = begin(Role::Issuer).answer(half),
        Pairing::Reply { half, .. } => _ = begin(Role::Joiner).take(half),
        Pairing::Show(sealed) | Pairing::Done(sealed) => {
            let Pairing::Ask(half) = begin(Role::Joiner).ask() else { return false };
            let Ok((_, keyed)) = begin(Role::Issuer).answer(half) else { return false };
            assert!(keyed.finish(&me(), None, &sealed).is_err(), "what nobody sealed is opened");
        }
        Pairing::Spent { .. } => {}
    }
    true
}

/// Stretching is slow on purpose.
static STRETCHED: LazyLock<Stretched> =
    LazyLock::new(|| pairing::stretch(&InviteCode::from_random([5; 12])).expect("there is memory"));

pub(super) fn pairing_seeds() -> Seeds {
    vec![
        ("ask", Pairing::Ask([7; 33]).encode()),
        ("reply", Pairing::Reply { ask: [8; 16], half: [7; 33] }.encode()),
        ("show", Pairing::Show(vec![9; 220]).encode()),
        ("done", Pairing::Done(vec![9; 220]).encode()),
        ("spent", Pairing::Spent { ask: [8; 16] }.encode()),
    ]
}

pub(super) fn invitation(bytes: &[u8]) -> bool {
    let keys = Keys::new(&InvitationSecret::from_bytes([7; 16]));
    keys.hear(&me(), bytes).is_ok()
}

pub(super) fn invitation_seeds() -> Seeds {
    let keys = Keys::new(&InvitationSecret::from_bytes([7; 16]));
    let name = DisplayName::new("Aria").ok();
    vec![
        ("open", keys.open([9; 16])),
        ("redeem", keys.redeem(&friend(), name.as_ref(), me().card(), NOW, [4; 32])),
        ("welcome", invitations::answer(&friend(), name.as_ref(), me().card(), Answer::Welcome, NOW, [4; 32])),
    ]
}

pub(super) fn control(bytes: &[u8]) -> bool {
    let Ok(control) = Control::decode(bytes) else { return false };
    assert_eq!(Control::decode(&control.encode()), Ok(control));
    true
}

pub(super) fn control_seeds() -> Seeds {
    let (appearance, grant) = (look(), some_grant());
    let character: Character = "Aria Fyte@Phoenix".parse().expect("a good name");
    let announce = Announce {
        character: character.clone(),
        instance: InstanceId(7),
        revision: Revision(3),
        appearance,
        manifest_size: 900,
        weight: Weight { files: 1, bytes: 2, texture_bytes: 3, triangles: 4 },
        grant: grant.clone(),
    };
    let hello = Hello {
        protocol_min: 1,
        protocol_max: 1,
        features: vec!["more".to_owned()],
        program: "FyteClub 1".to_owned(),
        name: DisplayName::new("Aria").ok(),
        instance: InstanceId(7),
        run: Some(Run { began_unix: 1_704_067_200, nonce: [5; 16] }),
    };
    let bodies = [("manifest", ManifestBody::Inline(vec![1, 2, 3])), ("blob", ManifestBody::Blob(70_000))];
    let steps = [
        ("commit", VerifyStep::Commit([1; 32])),
        ("answer", VerifyStep::Answer([2; 32])),
        ("open", VerifyStep::Open([3; 32])),
        ("confirm", VerifyStep::Confirm(true)),
        ("ask", VerifyStep::Ask),
        ("abort", VerifyStep::Abort),
    ];
    let claim = RunClaim::sign(&Identity::from_seed([1; 32]), InstanceId(7), 1_704_067_200, [5; 16]);
    let mut messages = vec![
        ("hello", Control::Hello(hello)),
        ("ping", Control::Ping { token: 5 }),
        ("pong", Control::Pong { token: u64::MAX }),
        ("announce", Control::Announce(announce)),
        ("withdraw", Control::Withdraw { character, instance: InstanceId(7) }),
        ("get", Control::GetManifest { appearance, grant }),
        ("refuse", Control::Refuse { appearance, refusal: Refusal::NotGranted }),
        ("resync", Control::Resync),
        ("profile", Control::Profile { name: DisplayName::new("Aria").ok(), picture: Some(BlobHash::of(b"x")) }),
        ("get-picture", Control::GetPicture { picture: BlobHash::of(b"x") }),
        ("picture", Control::Picture { picture: BlobHash::of(b"x"), bytes: b"x".to_vec() }),
        ("bye", Control::Bye { reason: ByeReason::ProtocolError, text: "it said hello twice".to_owned() }),
        ("rival", Control::Rival { nonce: [6; 16] }),
        ("claim", Control::Claim(claim)),
        ("unknown", Control::Unknown { number: 900 }),
    ];
    messages.extend(bodies.map(|(name, body)| (name, Control::Manifest { appearance, body })));
    messages.extend(steps.map(|(name, step)| (name, Control::Verify(step))));
    messages.into_iter().map(|(name, message)| (name, message.encode())).collect()
}

pub(super) fn bulk(bytes: &[u8]) -> bool {
    let Ok(message) = Bulk::decode(&Bytes::copy_from_slice(bytes)) else { return false };
    for compress in [false, true] {
        assert_eq!(Bulk::decode(&message.encode(compress)).as_ref(), Ok(&message), "compressed: {compress}");
    }
    true
}

pub(super) fn bulk_seeds() -> Seeds {
    let (request, appearance, hash) = (3, look(), BlobHash::of(b"x"));
    let blobs = (0..3).map(|index| PackedBlob { index, content: vec![index as u8; 300].into() }).collect();
    let content = Bytes::from(vec![5; GROUP as usize]);
    let packed = [("pack", Bulk::Pack { request, last: true, blobs }), ("groups", Bulk::Groups { request, first: 2, content })];
    let mut seeds = vec![
        ("get-pack", Bulk::GetPack { request, appearance, hashes: vec![hash; 2] }.encode(false)),
        ("get-tree", Bulk::GetTree { request, appearance, hash }.encode(false)),
        ("get-groups", Bulk::GetGroups { request, appearance, hash, first: 1, count: 256 }.encode(false)),
        ("cancel", Bulk::Cancel { request }.encode(false)),
        ("tree", Bulk::Tree { request, first: 0, last: true, values: vec![[1; 32]; 3] }.encode(false)),
        ("refused", Bulk::Refused { request, refusal: Refusal::Changed }.encode(false)),
        ("short", Bulk::Groups { request, first: 0, content: Bytes::from_static(b"raw") }.encode(false)),
        ("none-left", Bulk::Pack { request, last: true, blobs: Vec::new() }.encode(false)),
    ];
    seeds.extend(packed.map(|(name, message)| (name, message.encode(true))));
    seeds.into_iter().map(|(name, bytes)| (name, bytes.to_vec())).collect()
}

/// The name is made from the bytes: a fuzzer finds no hash.
pub(super) fn manifest(bytes: &[u8]) -> bool {
    let name = AppearanceId::of(bytes);
    let Ok(manifest) = manifests::decode(&name, bytes) else { return false };
    assert_eq!(manifests::encode(&manifest), (name, bytes.to_vec()), "one look has two manifests");
    let weight = manifest.weight();
    assert!(u64::from(weight.files) <= bytes.len() as u64);
    true
}

pub(super) fn manifest_seeds() -> Seeds {
    let file = |path: &str, content: &[u8], file_type| FileEntry {
        game_paths: vec![GamePath::new(path).expect("a good path")],
        blob: BlobRef { hash: BlobHash::of(content), size: content.len() as u64, kind: BlobKind::File(file_type) },
    };
    let files = vec![file("chara/a.mdl", b"model", FileType::Mdl), file("chara/a.tex", b"picture", FileType::Tex)];
    let blob = BlobRef { hash: BlobHash::of(b"long"), size: 70_000, kind: BlobKind::Text };
    let texts = [("glamourer", TextValue::Inline("Bh8=".to_owned())), ("meta", TextValue::Blob(blob))];
    let texts = texts.into_iter().map(|(name, text)| (TextName::new(name).expect("a good name"), text)).collect();
    let player = ObjectAppearance { kind: ObjectKind::Player, files, texts };
    let pet = ObjectAppearance { kind: ObjectKind::MinionOrMount, files: Vec::new(), texts: Default::default() };
    let encode = |objects| manifests::encode(&Manifest::new(objects).expect("a good look")).1;
    vec![("empty", encode(Vec::new())), ("look", encode(vec![player, pet]))]
}

pub(super) fn grant(bytes: &[u8]) -> bool {
    let Ok(grant) = minicbor::decode::<Grant>(bytes) else { return false };
    let written = minicbor::to_vec(&grant).expect("memory takes it");
    assert_eq!(minicbor::decode::<Grant>(&written).as_ref().ok(), Some(&grant));
    let stranger: PeerId = Identity::from_seed([8; 32]).peer();
    assert!(!grant.permits(&stranger, &me().peer(), &look(), NOW), "a grant for another permits a stranger");
    // Only the very one that was signed, whatever a fuzzer makes of it.
    let permits = grant.permits(&friend().peer(), &me().peer(), &look(), NOW);
    assert_eq!(permits, grant == some_grant());
    true
}

pub(super) fn grant_seeds() -> Seeds {
    vec![("good", minicbor::to_vec(some_grant()).expect("memory takes it"))]
}

fn look() -> AppearanceId {
    AppearanceId::from_bytes([0xaa; 32])
}

fn some_grant() -> Grant {
    Grant::sign(&me(), look(), friend().peer(), NOW, Duration::from_secs(3600))
}
