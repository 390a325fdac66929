//! Peers that do not keep to the rules: what they get, what is said of them, and that nobody else is harmed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use fyteclub::domain::{AppearanceId, BlobHash, FileType, Revision, Weight};
use fyteclub::engine::input::DialError;
use fyteclub::wire::bulk::Bulk;
use fyteclub::wire::control::{Announce, ByeReason, Control, MAX_BYE, ManifestBody, Refusal};
use fyteclub::wire::grant::Grant;
use fyteclub::wire::manifest;
use fyteclub::wire::session::Dialling;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::liar::{Lie, Look, blob, manifest_over};
use super::puppet::{INSTANCE, Line, Puppet, announced, door, hello, manifest_of};
use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";
/// Whom the puppet plays.
pub(super) const MASK: &str = "Mallory Mask@Odin";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_with_a_path_out_of_the_game_is_refused_with_a_reason_and_writes_nothing() {
    let (theatre, mut aria, mut bea) = two_friends().await;
    let mut puppet = Puppet::new(40).await;
    let mut line = puppet.befriend(&mut aria).await;
    let before = lasting_files(theatre.folder());
    let wicked = [
        "../x.tex",
        "C:\\x.tex",
        "\\\\host\\x.tex",
        "a\0x.tex",
        "Chara/X.tex",
        "con/x.tex",
        "nul.tex",
        "/x.tex",
        "a/../../x.tex",
    ];
    for path in wicked {
        show(&puppet, &line, &aria, MASK, &with_path(path)).await;
        let said = line.farewell().await;
        assert!(said.contains("manifest breaks the rules"), "{path:?}: {said}");
        assert_blamed(&mut aria, &puppet, "manifest breaks the rules").await;
        line = puppet.again(&mut aria).await;
    }
    assert_eq!(lasting_files(theatre.folder()), before);
    wear(&bea, &[("b/body.mdl", b"another")]);
    sees(&mut aria, &bea).await;
    wear(&aria, &[("a/body.mdl", b"another")]);
    sees(&mut bea, &aria).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_manifest_that_is_not_the_announced_one_is_refused_with_a_reason() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(41).await;
    let line = puppet.befriend(&mut aria).await;
    let (announced, other) = (with_path("a/x.tex"), with_path("a/y.tex"));
    let appearance = AppearanceId::of(&announced);
    line.say(&announcement(&puppet, &aria, MASK, 1, &announced)).await;
    asked(&line, appearance).await;
    line.say(&Control::Manifest { appearance, body: ManifestBody::Inline(other) }).await;
    assert!(line.farewell().await.contains("not the one announced"));
    assert_blamed(&mut aria, &puppet, "not the one announced").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_the_promised_ones_are_never_shown_and_the_right_ones_are() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(42).await;
    let look = Look::new(&[("m/small.mtrl", b"small".to_vec()), ("m/large.tex", large())]).await;
    let mut line = puppet.befriend(&mut aria).await;
    for lie in [Lie::Pack, Lie::ShortPack, Lie::Tree, Lie::Groups] {
        show(&puppet, &line, &aria, MASK, &look.manifest).await;
        look.serve_until_lied(&line, lie).await;
        assert!(line.farewell().await.contains("not the ones it had promised"), "{lie:?}");
        assert_blamed(&mut aria, &puppet, "not the ones it had promised").await;
        assert!(compare::is_empty(&aria.shown).unwrap(), "{lie:?} was shown");
        line = puppet.again(&mut aria).await;
    }
    show(&puppet, &line, &aria, MASK, &look.manifest).await;
    let serving = tokio::spawn(async move { look.serve(&line).await });
    let mask: Character = MASK.parse().unwrap();
    let applied = |seen: &Snapshot| character(seen, &mask).is_some_and(|view| view.progress == Progress::Applied).then_some(());
    aria.wait_for("showing the honest look", SOON, applied).await.unwrap();
    let shown = compare::find(&aria.shown, &mask).unwrap().unwrap();
    assert_eq!(std::fs::read(shown.join("m/small.mtrl")).unwrap(), b"small");
    assert_eq!(BlobHash::of(&std::fs::read(shown.join("m/large.tex")).unwrap()), BlobHash::of(&large()));
    serving.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_ends_the_link_with_a_reason_for_both_sides_and_others_are_served() {
    let (_theatre, mut aria, mut bea) = two_friends().await;
    let mut puppet = Puppet::new(43).await;
    let mut line = puppet.befriend(&mut aria).await;
    let long = Control::Bye { reason: ByeReason::Leaving, text: "x".repeat(MAX_BYE + 1) }.encode();
    let cut = announcement(&puppet, &aria, MASK, 1, &with_path("a/x.tex")).encode();
    let hello_again = "it said hello twice";
    let frames: [(&[u8], bool, &str); 7] = [
        (&[0xff; 40], false, "not a control message"),
        (b"", false, "not a control message"),
        (&long, false, "not a control message"),
        (&cut[..cut.len() / 2], false, "not a control message"),
        (&[99, 0, 0], true, "not a bulk message"),
        (&[7; 5], true, "not a bulk message"),
        (&hello().encode(), false, hello_again),
    ];
    for (bytes, bulk, why) in frames {
        if bulk {
            line.say_bulk_raw(bytes).await;
        } else {
            line.say_raw(bytes).await;
        }
        let said = line.farewell().await;
        assert!(said.contains(why), "{bytes:?}: {said}");
        assert_blamed(&mut aria, &puppet, why).await;
        line = puppet.again(&mut aria).await;
    }
    wear(&aria, &[("a/body.mdl", b"another")]);
    sees(&mut bea, &aria).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_at_the_door_gets_not_one_byte() {
    let (_theatre, mut aria) = alone().await;
    let mut stranger = Puppet::new(44).await;
    let card = stranger.knock(&mut aria).await;
    let me = stranger.id();
    aria.wait_for("a knock", SOON, |seen| asks(seen, &me).then_some(())).await.unwrap();
    let at = door(&mut aria).await;
    // The knock stands, the door is open to everybody nearby: an offer is met with silence all the same.
    assert_eq!(stranger.signalling.dial(card, vec![at]).await.map(|_| ()), Err(DialError::Silent));
    aria.command(Command::SetDiscovery { mode: DiscoveryMode::FriendsOnly }).await.unwrap();
    let known = Dialling::ik(&stranger.identity, &card, [1; 32]).unwrap().1;
    let unknown = Dialling::xx(&stranger.identity, [2; 32]).unwrap().1;
    let sayings: [&[u8]; 7] =
        [b"", b"\x01", b"GET / HTTP/1.1\r\n\r\n", &[0xff; 4096], &known, &unknown, &known[..known.len() / 2]];
    let answers = sayings.map(|said| answer(at, said.to_vec()));
    for (answer, said) in futures_util::future::join_all(answers).await.into_iter().zip(sayings) {
        assert_eq!(answer, b"", "an answer to {said:?}");
    }
    let seen = aria.snapshot().await.unwrap();
    assert!(peer(&seen, &me).is_none(), "the stranger is in the circle");
    assert_eq!(door(&mut aria).await, at, "the companion runs on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_friend_gets_only_blobs_that_it_was_granted() {
    let (_theatre, mut aria, mut bea) = two_friends().await;
    let (mut puppet, mut other) = (Puppet::new(45).await, Puppet::new(46).await);
    let line = puppet.befriend(&mut aria).await;
    let theirs = announced(&line).await;
    let others_line = other.befriend(&mut aria).await;
    let others = announced(&others_line).await;
    let (appearance, grant) = (theirs.appearance, theirs.grant.clone());
    assert_eq!(others.appearance, appearance, "both are shown the same look");
    let hash = BlobHash::of(b"one");

    // Nothing before a grant is shown.
    assert_eq!(pack(&line, appearance, hash).await, Err(Refusal::NotHeld));
    // The grant of another, one that has run out, one of the puppet's own making.
    let wearer = aria.profile.load_identity().unwrap();
    let expired = Grant::sign(&wearer, appearance, puppet.id(), grant.expires_unix - 2 * DAY, Duration::from_secs(60));
    let forged = Grant {
        wearer: wearer.peer(),
        ..Grant::sign(&puppet.identity, appearance, puppet.id(), grant.expires_unix - DAY, MINUTE)
    };
    for bad in [others.grant, expired, forged] {
        assert_eq!(manifest_of(&line, appearance, bad).await, Err(Refusal::NotGranted));
        assert_eq!(pack(&line, appearance, hash).await, Err(Refusal::NotHeld));
    }
    // Another friend's look, which Aria holds: with no grant of hers, and by a manifest that the puppet wrote.
    let bea_look = published(&mut bea).await;
    let own_grant = Grant::sign(&puppet.identity, bea_look, puppet.id(), grant.expires_unix - DAY, MINUTE);
    assert_eq!(manifest_of(&line, bea_look, own_grant).await, Err(Refusal::NotHeld));
    assert_eq!(pack(&line, bea_look, BlobHash::of(b"two")).await, Err(Refusal::NotHeld));
    let stolen = manifest_over(&[("m/x.mdl", blob(b"two", FileType::Mdl))]);
    let stolen_look = AppearanceId::of(&stolen);
    line.say(&announcement(&puppet, &aria, MASK, 1, &stolen)).await;
    asked(&line, stolen_look).await;
    line.say(&Control::Manifest { appearance: stolen_look, body: ManifestBody::Inline(stolen) }).await;
    let own_grant = Grant::sign(&puppet.identity, stolen_look, puppet.id(), grant.expires_unix - DAY, MINUTE);
    assert_eq!(manifest_of(&line, stolen_look, own_grant).await, Err(Refusal::NotHeld));
    assert_eq!(pack(&line, stolen_look, BlobHash::of(b"two")).await, Err(Refusal::NotHeld));

    // With its own grant it gets the look, and of that nothing that is not in it.
    assert!(manifest_of(&line, appearance, grant).await.is_ok());
    assert_eq!(pack(&line, appearance, hash).await, Ok(vec![Bytes::from_static(b"one")]));
    assert_eq!(pack(&line, appearance, BlobHash::of(b"two")).await, Ok(Vec::new()));
    for hash in [BlobHash::of(b"two"), BlobHash::of(b"nobody has it")] {
        line.say_bulk(&Bulk::GetGroups { request: 2, appearance, hash, first: 0, count: 1 }).await;
        assert_eq!(line.hear_bulk().await, Some(Bulk::Refused { request: 2, refusal: Refusal::NotHeld }));
        line.say_bulk(&Bulk::GetTree { request: 3, appearance, hash }).await;
        assert_eq!(line.hear_bulk().await, Some(Bulk::Refused { request: 3, refusal: Refusal::NotHeld }));
    }
    // No longer once the look is shared with nobody.
    let mine = aria.character.clone();
    aria.command(Command::ShareCharacter { character: mine, audience: Audience::Nobody }).await.unwrap();
    line.expect(|said| matches!(said, Control::Withdraw { .. }).then_some(())).await;
    assert_eq!(pack(&line, appearance, hash).await, Err(Refusal::NotHeld));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_friend_who_claims_my_character_or_thousands_is_refused_and_costs_no_memory() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(47).await;
    let line = puppet.befriend(&mut aria).await;
    let me = puppet.id();
    let look = with_path("a/x.tex");
    line.say(&announcement(&puppet, &aria, ARIA, 1, &look)).await;
    let not_wanted = |seen: &Snapshot| {
        let view = peer(seen, &me)?.characters.first()?;
        (view.character.to_string() == ARIA && view.progress == Progress::NotWanted).then_some(())
    };
    aria.wait_for("refusing my own character", SOON, not_wanted).await.unwrap();
    assert!(compare::is_empty(&aria.shown).unwrap());

    let before = resident(&aria);
    let template = announcement(&puppet, &aria, MASK, 1, &look);
    for number in 0..10_000 {
        let Control::Announce(announce) = &template else { panic!("it is an announcement") };
        let character: Character = format!("Mask {}@Odin", letters(number)).parse().unwrap();
        line.say(&Control::Announce(Announce { character, ..announce.clone() })).await;
    }
    let said = line.farewell().await;
    assert!(said.contains("more characters than anybody plays"), "{said}");
    assert_blamed(&mut aria, &puppet, "more characters than anybody plays").await;
    let seen = aria.snapshot().await.unwrap();
    assert!(peer(&seen, &me).unwrap().characters.len() <= 64);
    let grown = resident(&aria).saturating_sub(before);
    assert!(grown < 20 << 20, "it grew by {} KiB", grown >> 10);
}

pub(super) fn large() -> Vec<u8> {
    (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect()
}

const MINUTE: Duration = Duration::from_secs(60);
/// Seconds.
const DAY: u64 = 24 * 3600;

/// Aria and Bea, who see each other; the puppet's character is near.
pub(super) async fn two_friends() -> (Theatre, Actor, Actor) {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one")], &[BEA, MASK]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"two")], &[ARIA]).await;
    share(&mut aria, Audience::AllFriends).await;
    share(&mut bea, Audience::AllFriends).await;
    befriend(&mut bea, &mut aria).await;
    sees(&mut aria, &bea).await;
    sees(&mut bea, &aria).await;
    (theatre, aria, bea)
}

pub(super) async fn alone() -> (Theatre, Actor) {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one")], &[MASK]).await;
    share(&mut aria, Audience::AllFriends).await;
    (theatre, aria)
}

/// The reason stands where the person sees it.
pub(super) async fn assert_blamed(host: &mut Actor, puppet: &Puppet, why: &str) {
    let who = puppet.id();
    let blamed = |seen: &Snapshot| match &peer(seen, &who)?.link {
        LinkView::Offline { reason, .. } => reason.clone(),
        LinkView::Connected { .. }
        | LinkView::Connecting
        | LinkView::WaitingForAcceptance
        | LinkView::Paused
        | LinkView::Blocked => None,
    };
    let reason = host.wait_for("a reason", SOON, blamed).await.unwrap();
    assert!(reason.contains(why), "the person is told: {reason}");
}

/// Announces a look and gives its manifest when it is asked for.
pub(super) async fn show(puppet: &Puppet, line: &Line, host: &Actor, who: &str, manifest: &[u8]) {
    show_as_weighing(puppet, line, host, who, manifest, weight_of(manifest)).await;
}

/// The same, saying that it weighs so much.
pub(super) async fn show_as_weighing(puppet: &Puppet, line: &Line, host: &Actor, who: &str, manifest: &[u8], weight: Weight) {
    let appearance = AppearanceId::of(manifest);
    let Control::Announce(announce) = announcement(puppet, host, who, 1, manifest) else { unreachable!() };
    line.say(&Control::Announce(Announce { weight, ..announce })).await;
    asked(line, appearance).await;
    line.say(&Control::Manifest { appearance, body: ManifestBody::Inline(manifest.to_vec()) }).await;
}

async fn asked(line: &Line, look: AppearanceId) {
    line.expect(|said| matches!(said, Control::GetManifest { appearance, .. } if appearance == look).then_some(())).await;
}

fn announcement(puppet: &Puppet, host: &Actor, who: &str, revision: u64, manifest: &[u8]) -> Control {
    let appearance = AppearanceId::of(manifest);
    let host = host.profile.load_identity().unwrap().peer();
    Control::Announce(Announce {
        character: who.parse().unwrap(),
        instance: INSTANCE,
        revision: Revision(revision),
        appearance,
        manifest_size: u32::try_from(manifest.len()).unwrap(),
        weight: weight_of(manifest),
        grant: Grant::sign(&puppet.identity, appearance, host, 0, MINUTE),
    })
}

/// What a manifest says that its look weighs, without triangles. Of one that breaks the rules: something small.
pub(super) fn weight_of(manifest: &[u8]) -> Weight {
    let read = manifest::decode(&AppearanceId::of(manifest), manifest);
    read.map_or(Weight { files: 1, bytes: 5, texture_bytes: 5, triangles: 0 }, |read| read.weight())
}

/// A valid manifest of one file, but for its path.
fn with_path(path: &str) -> Vec<u8> {
    let good = format!("{}.tex", "q".repeat(path.len() - ".tex".len()));
    let mut bytes = manifest_over(&[(&good, blob(b"bytes", FileType::Tex))]);
    let place = bytes.windows(good.len()).position(|window| window == good.as_bytes()).unwrap();
    bytes[place..place + path.len()].copy_from_slice(path.as_bytes());
    bytes
}

async fn published(actor: &mut Actor) -> AppearanceId {
    let look = |seen: &Snapshot| seen.characters.iter().find_map(|mine| mine.published.as_ref().map(|look| look.appearance));
    actor.wait_for("a published look", SOON, look).await.unwrap()
}

async fn pack(line: &Line, appearance: AppearanceId, hash: BlobHash) -> Result<Vec<Bytes>, Refusal> {
    line.say_bulk(&Bulk::GetPack { request: 1, appearance, hashes: vec![hash] }).await;
    match line.hear_bulk().await.expect("an answer") {
        Bulk::Pack { blobs, last: true, .. } => Ok(blobs.into_iter().map(|blob| blob.content).collect()),
        Bulk::Refused { refusal, .. } => Err(refusal),
        other => panic!("another answer: {other:?}"),
    }
}

/// Everything that comes back for what is said to a door, until it closes.
async fn answer(at: SocketAddr, said: Vec<u8>) -> Vec<u8> {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let mut heard = Vec::new();
    // A reset is an end, too: what was said may lie unread at the other side.
    let _ = stream.write_all(&said).await;
    let _ = tokio::time::timeout(SOON, stream.read_to_end(&mut heard)).await.expect("the door closes by itself");
    heard
}

/// Files below a folder with their content's hashes, without those that companions and plugins rewrite as they run.
fn lasting_files(root: &Path) -> BTreeMap<PathBuf, BlobHash> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if is_rewritten(&path) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                found.insert(path.clone(), BlobHash::of(&std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn is_rewritten(path: &Path) -> bool {
    let in_profile = path.parent().is_some_and(|parent| parent.ends_with("profile"));
    let name = path.file_name().unwrap().to_str().unwrap();
    // A file that is written atomically has a passing name until it is complete.
    in_profile
        && (matches!(name, "cache" | "logs" | "circle.ron" | "companion.txt" | "plugin.txt") || name.starts_with(".writing-"))
}

/// A number as letters, as in a character's name.
#[cfg(target_os = "linux")]
fn letters(mut number: u32) -> String {
    let mut text = String::from("Q");
    while number > 0 {
        text.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    text
}

/// Bytes of memory of an actor's companion.
#[cfg(target_os = "linux")]
pub(super) fn resident(actor: &Actor) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", actor.companion_pid().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() << 10
}
