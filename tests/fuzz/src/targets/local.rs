//! What plugins, scripts and the disk say: programs of the same user, and files that a crash or a hand may have changed.

use std::ffi::OsString;
use std::path::Path;

use futures_util::FutureExt as _;
use fyteclub::domain::{Audience, DiscoveryMode, Identity, Invitation, InvitationSecret, InviteCode, RelayUrl, StunServer};
use fyteclub::engine::command::Command;
use fyteclub::runtime::files::fuzzing as files;
use fyteclub::runtime::pictures;
use fyteclub::runtime::pipe::control::{FromControl, ToControl};
use fyteclub::runtime::pipe::lines::{self as pipe, Line, LineReader};
use fyteclub::runtime::pipe::paths::{Drives, Folders};
use fyteclub::runtime::store::fuzzing as store;
use fyteclub::wire::GROUP;
use fyteclub::wire::knock::{Hex32, Knock};
use fyteclub::wire::plugin::{FromPlugin, MAX_LINE, PipeHello, ToPlugin};

type Seeds = Vec<(&'static str, Vec<u8>)>;

pub(super) fn plugin(line: &[u8]) -> bool {
    let _ = pipe::sequence(line);
    if let Ok(said) = pipe::parse::<ToPlugin>(line) {
        let written = serde_json::to_vec(&said).expect("it is JSON");
        assert_eq!(pipe::parse(&written), Ok(said));
    }
    let Ok(said) = pipe::parse::<FromPlugin>(line) else { return false };
    let written = serde_json::to_vec(&said).expect("it is JSON");
    assert!(!written.contains(&b'\n'), "one object is one line");
    assert_eq!(pipe::parse(&written), Ok(said.clone()));
    if let FromPlugin::Hello(hello) = &said {
        translate(hello);
    }
    true
}

/// Paths of a Wine prefix never lead out of its drives.
fn translate(hello: &PipeHello) {
    let Ok(drives) = Drives::new(&hello.drives) else { return };
    for root in &hello.roots {
        if let Ok(native) = drives.to_native(root, &mut Everything) {
            let within = hello.drives.values().any(|folder| native.starts_with(folder));
            assert!(within, "{root:?} leads to {}", native.display());
        }
        let _ = drives.to_wine(root);
    }
}

/// A disk on which everything is there.
struct Everything;

impl Folders for Everything {
    fn exists(&mut self, _: &Path) -> bool {
        true
    }

    fn child(&mut self, _: &Path, name: &str) -> Option<OsString> {
        Some(name.into())
    }
}

pub(super) fn plugin_seeds() -> Seeds {
    let lines = [
        (
            "hello",
            r#"{"type":"hello","protocol":1,"role":"plugin","name":"P","version":"2","roots":["C:\\Mods"],"paths":"wine","drives":{"C:":"/w/c"}}"#,
        ),
        (
            "publish",
            r#"{"type":"publish","character":"Aria@Phoenix","objects":[{"kind":"player","files":[{"game_paths":["a.tex"],"path":"/m/a.tex"}],"texts":{"meta":"x"}}]}"#,
        ),
        ("unpublish", r#"{"type":"unpublish","character":"Aria@Phoenix","seq":4}"#),
        ("state", r#"{"type":"state","character":null,"in_combat":true}"#),
        ("nearby", r#"{"type":"nearby","characters":[{"name":"Aria","world":"Phoenix","distance":1.5}]}"#),
        ("applied", r#"{"type":"applied","character":"Aria@Phoenix","revision":7}"#),
        ("failed", r#"{"type":"failed","character":"Aria@Phoenix","revision":7,"reason":"busy"}"#),
        ("resync", r#"{"type":"resync"}"#),
    ];
    lines.into_iter().map(|(name, line)| (name, line.into())).collect()
}

/// All that is read of a stranger on the plugins' port.
pub(super) fn knock(line: &[u8]) -> bool {
    let Some(said) = Knock::decode(line) else { return false };
    let written = serde_json::to_vec(&said).expect("it is JSON");
    assert_eq!(Knock::decode(&written), Some(said));
    true
}

pub(super) fn knock_seeds() -> Seeds {
    let (nonce, proof) = (Hex32::new([0x1f; 32]), Hex32::new([0xe0; 32]));
    let lines = [("knock", Knock::Knock { nonce }), ("proof", Knock::Proof { proof })];
    lines.into_iter().map(|(name, said)| (name, serde_json::to_vec(&said).expect("it is JSON"))).collect()
}

pub(super) fn ctl(line: &[u8]) -> bool {
    if let Ok(said) = pipe::parse::<ToControl>(line) {
        let written = serde_json::to_vec(&said).expect("it is JSON");
        assert_eq!(pipe::parse(&written), Ok(said));
    }
    let Ok(said) = pipe::parse::<FromControl>(line) else { return false };
    let written = serde_json::to_vec(&said).expect("it is JSON");
    assert_eq!(pipe::parse(&written), Ok(said));
    true
}

pub(super) fn ctl_seeds() -> Seeds {
    let character = "Aria Fyte@Phoenix".parse().expect("a good name");
    let commands = [
        ("connect", Command::ConnectAddress { address: "[::1]:47311".to_owned() }),
        ("discovery", Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }),
        ("share", Command::ShareCharacter { character, audience: Audience::AllFriends }),
        ("block", Command::BlockPeer { peer: Identity::from_seed([2; 32]).peer() }),
    ];
    let commands = commands.map(|(name, command)| (name, FromControl::Command { seq: 2, command }));
    let others = [("snapshot", FromControl::Snapshot { seq: 1 }), ("watch", FromControl::Watch)];
    commands.into_iter().chain(others).map(|(name, said)| (name, serde_json::to_vec(&said).expect("it is JSON"))).collect()
}

pub(super) fn lines(bytes: &[u8]) -> bool {
    let mut reader = LineReader::new(bytes);
    let mut expected = bytes.split(|byte| *byte == b'\n');
    let mut whole = 0;
    while let Some(Ok(Some(line))) = reader.next().now_or_never() {
        let Line::Whole(line) = line else { panic!("no input is so long") };
        assert!(line.len() <= MAX_LINE && expected.any(|piece| piece == line), "a line that nobody said");
        whole += 1;
    }
    whole > 0
}

pub(super) fn lines_seeds() -> Seeds {
    vec![("some", b"{}\n\n \r\n[1]\r\n{\"cut\":".to_vec())]
}

/// What a person types: a code, a link, a relay, a STUN server.
pub(super) fn typed(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let code = text.parse::<InviteCode>();
    if let Ok(code) = &code {
        assert_eq!(code.to_string().parse().as_ref(), Ok(code));
    }
    let relay = text.parse::<RelayUrl>();
    if let Ok(relay) = &relay {
        assert_eq!(relay.as_str().parse().as_ref(), Ok(relay));
        assert!(relay.as_str().contains(relay.host()));
    }
    let server = text.parse::<StunServer>();
    if let Ok(server) = &server {
        assert_eq!(server.to_string().parse().as_ref(), Ok(server));
    }
    let link = text.parse::<Invitation>();
    if let Ok(link) = &link {
        assert_eq!(link.to_string().parse().as_ref(), Ok(link));
    }
    code.is_ok() || relay.is_ok() || server.is_ok() || link.is_ok()
}

fn invitation() -> String {
    let (card, secret) = (*Identity::from_seed([7; 32]).card(), InvitationSecret::from_bytes([7; 16]));
    let relays = "wss://relay.example.org".parse().into_iter().collect();
    Invitation { card, secret, over_unix: 1_800_000_000, relays }.to_string()
}

pub(super) fn typed_seeds() -> Seeds {
    vec![
        ("code", b"Acid-bacon, CABIN danc eager fabric".to_vec()),
        ("relay", b"wss://Relay.example.org:7777/path/".to_vec()),
        ("stun", b"stun:[2001:db8::1]:3478".to_vec()),
        ("link", invitation().into_bytes()),
    ]
}

pub(super) fn settings(bytes: &[u8]) -> bool {
    let Some(settings) = files::settings(bytes) else { return false };
    let written = files::settings_text(&settings);
    assert_eq!(files::settings(written.as_bytes()).as_ref(), Some(&settings));
    true
}

pub(super) fn settings_seeds() -> Seeds {
    vec![
        ("default", files::settings_text(&Default::default()).into()),
        ("first", b"(version: 1, of: (name: Some(\"Aria\"), port: 0, interfaces: named([\"lo\"])))".to_vec()),
    ]
}

pub(super) fn circle(bytes: &[u8]) -> bool {
    let Some(circle) = files::circle(bytes) else { return false };
    let written = files::circle_text(&circle);
    assert_eq!(files::circle(written.as_bytes()).as_ref(), Some(&circle));
    true
}

pub(super) fn circle_seeds() -> Seeds {
    let recorded = include_bytes!("../../../../src/runtime/files/migrations/recorded/circle-1.ron");
    vec![("empty", files::circle_text(&Default::default()).into()), ("recorded", recorded.to_vec())]
}

/// The size of the blob, then the bits and the tree: the rest of a sidecar follows from these.
pub(super) fn sidecar(bytes: &[u8]) -> bool {
    let Some((size, rest)) = bytes.split_first_chunk() else { return false };
    let size = u64::from_be_bytes(*size);
    assert!(store::sidecar(bytes, size).is_none(), "a sidecar without its header is read");
    let Some(missing) = store::sidecar_of(size, rest) else { return false };
    assert!(u64::from(missing) <= size.div_ceil(GROUP).max(1));
    true
}

pub(super) fn sidecar_seeds() -> Seeds {
    let size = (9 * GROUP).to_be_bytes();
    vec![("nine", [size.as_slice(), &[0xff, 0], &[5; 9 * 32]].concat())]
}

/// Keys of the index and names of files, which are the values of what lies in the cache.
pub(super) fn index(bytes: &[u8]) -> bool {
    let named = std::str::from_utf8(bytes).ok().and_then(|text| text.split_once('/'));
    let named = named.is_some_and(|(folder, file)| store::is_file_name(folder, file));
    let Some((key, _)) = bytes.split_first_chunk() else { return named };
    let Some(again) = store::index_key(key) else { return named };
    assert_eq!(again, *key, "two keys for one blob");
    true
}

pub(super) fn index_seeds() -> Seeds {
    let hash = "ab".repeat(32);
    vec![
        ("key", [[7_u8; 32].as_slice(), &[1]].concat()),
        ("name", format!("ab/{hash}.tex").into()),
        ("partial", format!("partial/{hash}-70000.side").into()),
    ]
}

pub(super) fn model(bytes: &[u8]) -> bool {
    let triangles = store::triangles(bytes);
    assert!(triangles <= bytes.len() as u64 / 6, "more triangles than the file has room for");
    triangles > 0
}

pub(super) fn model_seeds() -> Seeds {
    // One vertex declaration, no strings, one mesh of 300 indices in a buffer of 600 bytes.
    let mut bytes = vec![0; 68 + 136 + 8 + 56 + 180 + 36];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(12, &[1, 0]);
    put(52, &600_u32.to_le_bytes());
    put(68 + 136 + 8 + 4, &[1, 0]);
    put(68 + 136 + 8 + 56 + 2, &[1, 0]);
    put(68 + 136 + 8 + 56 + 180 + 4, &300_u32.to_le_bytes());
    vec![("one-mesh", bytes)]
}

/// A friend's picture; both decoders have a try.
pub(super) fn picture(bytes: &[u8]) -> bool {
    let (png, jpeg) = (pictures::remake(bytes), pictures::remake_jpeg(bytes));
    for kept in [&png, &jpeg].into_iter().flatten() {
        let again = pictures::remake(kept.bytes()).expect("what is kept can be read");
        assert_eq!(again.id(), kept.id(), "its points stay the same");
    }
    png.is_ok() || jpeg.is_ok()
}

pub(super) fn picture_seeds() -> Seeds {
    let smooth = |x: u32, y: u32| image::Rgb([x as u8 * 8, y as u8 * 8, 99]);
    let picture = image::DynamicImage::from(image::RgbImage::from_fn(20, 14, smooth));
    let written = |picture: &image::DynamicImage, format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("it is a picture");
        bytes.into_inner()
    };
    vec![
        ("png", written(&picture, image::ImageFormat::Png)),
        ("png-alpha", written(&picture.to_rgba8().into(), image::ImageFormat::Png)),
        ("png-grey", written(&picture.to_luma16().into(), image::ImageFormat::Png)),
        ("jpeg", written(&picture, image::ImageFormat::Jpeg)),
        ("jpeg-grey", written(&picture.to_luma8().into(), image::ImageFormat::Jpeg)),
    ]
}
