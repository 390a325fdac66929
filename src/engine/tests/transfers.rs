//! What is fetched from whom, and what goes wrong with it.

use std::time::Duration;

use super::files::hash_of;
use super::world::World;
use crate::domain::{AppearanceId, BlobHash, BlobKind, BlobRef, FileType, Identity, InstanceId, Revision, Weight, WeightPart};
use crate::engine::command::{Command, SettingChange};
use crate::engine::follow::Progress;
use crate::engine::input::{CachedBlob, FetchError, FetchEvent, Input, LinkKey};
use crate::engine::notice::Notice;
use crate::engine::output::FetchWork;
use crate::wire::control::{Announce, Control, ManifestBody, Refusal};
use crate::wire::grant::Grant;
use crate::wire::{GROUP, manifest};

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Fyte@Phoenix";
const MIB: u64 = 1 << 20;

#[test]
fn small_blobs_travel_together_and_large_ones_by_ranges() {
    let world = fetched(&["a.tex", "b.tex", "c*49152.tex", "d*49153.tex", "e*700000.tex"]);
    let works: Vec<&FetchWork> = world.nodes[1].fetches.iter().map(|(_, _, work)| work).collect();
    assert!(matches!(works[0], FetchWork::Pack(blobs) if blobs.len() == 3), "{works:?}");
    let ranges: Vec<_> = works[1..]
        .iter()
        .map(|work| match work {
            FetchWork::Groups { blob, groups } => (blob.size, groups.clone()),
            FetchWork::Pack(_) => panic!("a pack after the small ones"),
        })
        .collect();
    assert_eq!(ranges, [(49_153, 0..4), (700_000, 0..16), (700_000, 16..32), (700_000, 32..43)]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn no_more_than_four_mebibytes_are_ordered_from_one_peer_at_once() {
    let mut world = World::friends();
    world.slow_fetches = true;
    let files: Vec<String> = (0..6).map(|n| format!("{n}*2097152.tex")).collect();
    share(&mut world, 0, ARIA, &files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ordered(&world), 4 * MIB);
    let order = world.waiting_fetches()[0];
    world.report(order, FetchEvent::Stored { complete: Vec::new(), bytes: MIB / 4, wire_bytes: MIB / 4 });
    assert_eq!(world.nodes[1].fetches.len(), 17, "as one ends the next is ordered");
    let transfer = &world.snapshot(1).transfers[0];
    assert_eq!((transfer.done, transfer.total, transfer.files_total), (MIB / 4, 12 * MIB, 6));
    assert!(transfer.rate > 0 && transfer.seconds_left.is_some());
}

#[test]
fn no_more_than_thirty_two_mebibytes_are_ordered_from_all_and_everybody_gets_a_share() {
    let mut world = World::new(11);
    for n in 1..11 {
        world.befriend(0, n);
    }
    world.slow_fetches = true;
    for n in 1..11 {
        let name = format!("Aria{}@Phoenix", ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][n - 1]);
        let file = format!("{n}*8388608.tex");
        share(&mut world, n, &name, &[file.as_str()]);
    }
    let bytes: u64 = world.nodes[0].fetches.iter().map(|(_, _, work)| bytes(work)).sum();
    assert_eq!(bytes, 32 * MIB);
}

#[test]
fn looks_of_characters_that_are_near_come_first() {
    let mut world = World::friends();
    world.slow_fetches = true;
    world.see(1, &[BEA]);
    share(&mut world, 0, ARIA, &["far*9000000.tex"]);
    share(&mut world, 0, BEA, &["near*9000000.tex"]);
    let blob_of = |world: &World, n: usize| match &world.nodes[1].fetches[n].2 {
        FetchWork::Groups { blob, .. } => blob.hash,
        FetchWork::Pack(_) => panic!("no small ones here"),
    };
    let before = world.nodes[1].fetches.len();
    let order = world.waiting_fetches()[0];
    world.report(order, FetchEvent::Stored { complete: Vec::new(), bytes: MIB, wire_bytes: MIB });
    assert_eq!(blob_of(&world, 0), hash_of("far*9000000.tex"), "ordered when there was nothing else");
    assert_eq!(blob_of(&world, before), hash_of("near*9000000.tex"));
}

#[test]
fn only_what_is_missing_is_fetched_and_a_blob_of_two_looks_once() {
    let mut world = fetched(&["a.tex", "b.tex"]);
    let before = world.nodes[1].fetches.len();
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["a.tex", "c.tex"]);
    assert!(
        matches!(&world.nodes[1].fetches[before].2, FetchWork::Pack(blobs) if blobs.len() == 1 && blobs[0].hash == hash_of("c.tex"))
    );
    world.slow_fetches = true;
    let before = world.nodes[1].fetches.len();
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["same.tex"]);
    share(&mut world, 0, BEA, &["same.tex", "a.tex"]);
    assert_eq!(world.nodes[1].fetches.len(), before + 1);
    world.deliver_fetches();
    for character in [ARIA, BEA] {
        assert_eq!(world.progress(1, 0, character), Some(Progress::Ready));
    }
}

#[test]
fn what_is_my_own_is_not_fetched() {
    let mut world = World::friends();
    world.publish(1, BEA, &["a.tex"]);
    share(&mut world, 0, ARIA, &["a.tex"]);
    assert!(world.nodes[1].fetches.is_empty());
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_blob_comes_from_any_friend_who_serves_a_look_with_it() {
    let mut world = World::new(3);
    world.befriend(0, 2);
    world.befriend(1, 2);
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["big*16777216.tex"]);
    share(&mut world, 1, BEA, &["big*16777216.tex", "own.tex"]);
    let peers: std::collections::BTreeSet<_> = world.nodes[2].fetches.iter().map(|(link, _, _)| link.peer).collect();
    assert_eq!(peers.len(), 2, "both are asked for their part");
    world.deliver_fetches();
    assert_eq!(world.progress(2, 0, ARIA), Some(Progress::Ready));
    assert_eq!(world.progress(2, 1, BEA), Some(Progress::Ready));
    let bytes: u64 = world.nodes[2].fetches.iter().map(|(_, _, work)| bytes(work)).sum();
    assert_eq!(bytes, 16_777_216 + 7, "nothing was fetched twice");
}

#[test]
fn a_link_lost_in_the_middle_goes_on_where_it_was_when_it_is_back() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["big*8388608.tex"]);
    world.slow_fetches = false;
    world.break_link(0, 1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Fetching));
    world.pass(Duration::from_secs(5));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_revoked_look_is_no_longer_fetched_in_the_middle_of_it() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["big*8388608.tex"]);
    assert_eq!(world.waiting_fetches().len(), 16);
    let audience = crate::domain::Audience::Nobody;
    world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience }).unwrap();
    assert!(world.waiting_fetches().is_empty());
    assert!(world.snapshot(1).transfers.is_empty());
    assert!(world.nodes[1].held.is_empty());
}

#[test]
fn a_cancelled_look_stays_cancelled_until_the_next_one() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["big*8388608.tex"]);
    let cancel = Command::CancelTransfer { peer: world.peer(0), character: ARIA.parse().unwrap() };
    world.command(1, cancel.clone()).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Cancelled));
    assert!(world.waiting_fetches().is_empty());
    assert!(world.command(1, cancel).is_err());
    world.slow_fetches = false;
    world.pass(Duration::from_secs(100));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Cancelled));
    world.publish(0, ARIA, &["b.tex"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn what_was_cancelled_is_fetched_after_all_on_a_retry() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["big*8388608.tex"]);
    let (peer, character) = (world.peer(0), ARIA.parse().unwrap());
    let retry = Command::RetryTransfer { peer, character };
    assert!(world.command(1, retry.clone()).is_err(), "it is being fetched");
    world.command(1, Command::CancelTransfer { peer, character: ARIA.parse().unwrap() }).unwrap();
    world.slow_fetches = false;
    world.command(1, retry.clone()).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    assert!(world.command(1, retry).is_err(), "there is nothing left to retry");
}

#[test]
fn what_found_the_disk_full_is_tried_at_once_on_a_retry_and_its_failing_again_is_said_again() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    let retry = Command::RetryTransfer { peer: world.peer(0), character: ARIA.parse().unwrap() };
    for _ in 0..2 {
        let order = *world.waiting_fetches().last().unwrap();
        world.report(order, FetchEvent::Failed(FetchError::Disk("the disk is full".to_owned())));
        assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })));
        world.command(1, retry.clone()).unwrap();
        assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Fetching));
    }
    let said = world.nodes[1].notices.iter().filter(|notice| matches!(notice, Notice::AppearanceFailed { .. })).count();
    assert_eq!(said, 2);
    world.deliver_fetches();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_finished_transfer_is_seen_for_ten_seconds() {
    let mut world = fetched(&["a.tex"]);
    let transfer = &world.snapshot(1).transfers[0];
    assert!(transfer.finished && transfer.done == transfer.total && transfer.files_done == 1);
    assert!(transfer.wire_bytes > 0);
    world.pass(Duration::from_secs(11));
    assert!(world.snapshot(1).transfers.is_empty());
}

#[test]
fn whoever_sends_bad_data_is_disconnected_and_left_alone() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    let order = world.waiting_fetches()[0];
    world.report(order, FetchEvent::Failed(FetchError::BadData));
    assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
    assert!(!world.linked(0, 1));
    assert!(!world.nodes[1].store.contains_key(&hash_of("a.tex")));
}

#[test]
fn a_refusal_is_asked_about_once_and_then_said() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    let refuse = |world: &mut World| {
        let order = *world.waiting_fetches().last().unwrap();
        world.report(order, FetchEvent::Failed(FetchError::Refused(Refusal::NotHeld)));
    };
    refuse(&mut world);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Fetching));
    refuse(&mut world);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { reason }) if reason.contains("no longer offers")));
    world.slow_fetches = false;
    world.pass(Duration::from_secs(61));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_full_disk_is_said_once_and_tried_again_after_a_minute() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    for _ in 0..2 {
        let order = *world.waiting_fetches().last().unwrap();
        world.report(order, FetchEvent::Failed(FetchError::Disk("the disk is full".to_owned())));
        assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Failed { reason: "the disk is full".to_owned() }));
        world.pass(Duration::from_secs(61));
    }
    let said = world.nodes[1].notices.iter().filter(|notice| matches!(notice, Notice::AppearanceFailed { .. })).count();
    assert_eq!(said, 1);
    world.deliver_fetches();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn an_order_that_ends_well_and_completes_nothing_is_repeated_but_not_for_ever() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    for _ in 0..20 {
        let Some(order) = world.waiting_fetches().last().copied() else { break };
        world.report(order, FetchEvent::Stored { complete: Vec::new(), bytes: 0, wire_bytes: 1 });
        if matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })) {
            break;
        }
    }
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })));
}

#[test]
fn a_manifest_too_long_for_a_message_comes_as_a_blob() {
    let files: Vec<String> = (0..2000).map(|n| format!("file{n}.tex")).collect();
    let world = fetched(&files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    assert!(world.nodes[1].sent.iter().all(|said| !matches!(said, Control::Manifest { .. })));
    assert!(matches!(&world.nodes[1].fetches[0].2, FetchWork::Groups { blob, .. } if blob.kind == BlobKind::Manifest));
    assert!(world.nodes[1].fetches.iter().all(|(_, _, work)| !matches!(work, FetchWork::Pack(blobs) if blobs.len() > 512)));
}

#[test]
fn what_is_heavier_than_the_limits_is_held_back_before_anything_is_fetched() {
    let mut world = World::friends();
    let most = |bytes| Command::ChangeSetting { change: SettingChange::Weight(WeightPart::Bytes(bytes)) };
    world.command(1, most(10)).unwrap();
    share(&mut world, 0, ARIA, &["long name.tex"]);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::TooHeavy { .. })));
    assert!(!world.nodes[1].sent.iter().any(|said| matches!(said, Control::GetManifest { .. })));
    world.command(1, most(1 << 20)).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready), "at once");
}

#[test]
fn a_manifest_that_weighs_more_than_was_announced_is_refused() {
    let mut world = World::friends();
    let (appearance, bytes) = made_up();
    let announce = announce(&world, appearance, u32::try_from(bytes.len()).unwrap(), Weight { files: 1, ..Weight::default() });
    let link = hear_only(&mut world, announce);
    world.input(1, Input::Received(link, Control::Manifest { appearance, body: ManifestBody::Inline(bytes) }));
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { reason }) if reason.contains("weighs more")));
    assert!(world.nodes[1].fetches.is_empty());
}

#[test]
fn a_manifest_of_another_name_breaks_the_rules_and_one_nobody_asked_for_is_ignored() {
    let mut world = World::friends();
    let (appearance, bytes) = made_up();
    let other = AppearanceId::of(b"other");
    let link = world.link(1, 0);
    world.input(1, Input::Received(link, Control::Manifest { appearance: other, body: ManifestBody::Inline(bytes.clone()) }));
    assert!(world.linked(0, 1));
    let announce =
        announce(&world, other, u32::try_from(bytes.len()).unwrap(), Weight { files: 9, bytes: 99, ..Weight::default() });
    hear_only(&mut world, announce);
    assert_ne!(appearance, other);
    world.input(1, Input::Received(link, Control::Manifest { appearance: other, body: ManifestBody::Inline(bytes) }));
    assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
}

#[test]
fn announcements_that_break_a_rule_end_the_link() {
    type Change = fn(&mut Announce, &World);
    let cases: [(&str, Change); 4] = [
        ("another run", |announce, _| announce.instance = InstanceId(1)),
        ("somebody else's grant", |announce, world| {
            let other = Identity::from_seed([99; 32]);
            announce.grant = Grant::sign(&other, announce.appearance, world.peer(1), 1_800_000_000, Duration::from_secs(60));
        }),
        ("a grant for somebody else", |announce, world| {
            let wearer = &world.nodes[0].identity;
            announce.grant = Grant::sign(wearer, announce.appearance, world.peer(0), 1_800_000_000, Duration::from_secs(60));
        }),
        ("too long", |announce, _| announce.manifest_size = u32::MAX),
    ];
    for (what, change) in cases {
        let mut world = World::friends();
        let mut announce = announce(&world, AppearanceId::of(b"x"), 10, Weight::default());
        change(&mut announce, &world);
        hear(&mut world, announce);
        assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })), "{what}");
        assert!(!world.linked(0, 1), "{what}");
    }
}

#[test]
fn nobody_plays_sixty_five_characters() {
    let mut world = World::friends();
    for n in 0..65u8 {
        let mut announce = announce(&world, AppearanceId::of(&[n]), 10, Weight::default());
        let letters = [b'a' + n / 26, b'a' + n % 26];
        announce.character = format!("Aria {}@Phoenix", std::str::from_utf8(&letters).unwrap()).parse().unwrap();
        hear(&mut world, announce);
        assert_eq!(world.linked(0, 1), n < 64, "{n}");
    }
}

#[test]
fn an_announcement_that_was_overtaken_changes_nothing() {
    let mut world = World::friends();
    let mut newer = announce(&world, AppearanceId::of(b"newer"), 10, Weight::default());
    newer.revision = Revision(5);
    let older = announce(&world, AppearanceId::of(b"older"), 10, Weight::default());
    hear(&mut world, newer);
    hear(&mut world, older);
    assert_eq!(world.view(1, 0).characters[0].revision, Revision(5));
    assert!(world.linked(0, 1));
}

#[test]
fn a_full_cache_evicts_what_was_shown_longest_ago_and_nothing_that_is_held() {
    let mut world = fetched(&["a*1000.tex"]);
    let hash = |n: u64| BlobHash::of(&n.to_be_bytes());
    let cached = [70, 90, 60, 80, 50].map(|used_unix_ms| {
        let blob = BlobRef { hash: hash(used_unix_ms), size: 1000, kind: BlobKind::File(FileType::Tex) };
        CachedBlob { blob, used_unix_ms }
    });
    world.input(1, Input::CacheLoaded(cached.to_vec()));
    let change = SettingChange::CacheLimit(3500);
    world.command(1, Command::ChangeSetting { change }).unwrap();
    assert_eq!(world.nodes[1].evicted, [50, 60, 70].map(hash), "1,000 and a manifest are held, the newest stay");
    assert!(world.snapshot(1).cache.bytes <= 3500);
    let change = SettingChange::CacheLimit(0);
    world.command(1, Command::ChangeSetting { change }).unwrap();
    assert_eq!(world.nodes[1].evicted.len(), 5);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_blob_that_was_lost_is_fetched_again() {
    let mut world = fetched(&["a.tex", "b.tex"]);
    let before = world.nodes[1].fetches.len();
    world.nodes[1].store.remove(&hash_of("a.tex"));
    world.input(1, Input::CacheLost(vec![hash_of("a.tex")]));
    assert_eq!(world.nodes[1].fetches.len(), before + 1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_restart_fetches_nothing_again() {
    let mut world = fetched(&["a.tex", "b.tex"]);
    world.pass(Duration::from_secs(1));
    world.restart(1);
    world.pass(Duration::from_secs(5));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    assert!(world.nodes[1].fetches.is_empty());
}

#[test]
fn a_look_is_passed_on_for_its_wearers_grant_if_all_of_it_came_from_them() {
    for all_fetched in [true, false] {
        let mut world = World::new(3);
        world.befriend(0, 1);
        world.befriend(1, 2);
        if !all_fetched {
            // Node 1 has the file already, so the manifest that names it proves nothing about its author.
            world.publish(1, BEA, &["a.tex"]);
        }
        share(&mut world, 0, ARIA, &["a.tex"]);
        let appearance = world.view(1, 0).characters[0].appearance;
        let grant = Grant::sign(&world.nodes[0].identity, appearance, world.peer(2), 1_800_000_000, Duration::from_secs(600));
        let link = world.link(1, 2);
        world.input(1, Input::Received(link, Control::GetManifest { appearance, grant }));
        assert_eq!(world.nodes[1].served.contains(&(link, appearance)), all_fetched);
    }
}

#[test]
fn a_look_is_not_passed_on_if_part_of_it_came_as_part_of_anothers() {
    let mut world = World::new(3);
    world.befriend(0, 1);
    world.befriend(1, 2);
    world.slow_fetches = true;
    share(&mut world, 2, BEA, &["a.tex"]);
    // Its author need not have the first file: node 1 gets it from node 2 under the other look.
    share(&mut world, 0, ARIA, &["b.tex", "a.tex"]);
    world.deliver_fetches();
    for (wearer, reader, passed_on) in [(0, 2, false), (2, 0, true)] {
        let appearance = world.view(1, wearer).characters[0].appearance;
        let (wearer, reader) = (&world.nodes[wearer].identity, world.peer(reader));
        let grant = Grant::sign(wearer, appearance, reader, 1_800_000_000, Duration::from_secs(600));
        let link = world.nodes[1].engine.links.linked(&reader).unwrap();
        world.input(1, Input::Received(link, Control::GetManifest { appearance, grant }));
        assert_eq!(world.nodes[1].served.contains(&(link, appearance)), passed_on);
    }
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

fn share(world: &mut World, n: usize, character: &str, files: &[&str]) {
    world.publish(n, character, files);
    world.share(n, character);
}

/// Node 1 has fetched node 0's look of these files.
fn fetched(files: &[&str]) -> World {
    let mut world = World::friends();
    share(&mut world, 0, ARIA, files);
    world
}

fn ordered(world: &World) -> u64 {
    world.nodes[1].fetches.iter().map(|(_, _, work)| bytes(work)).sum()
}

fn bytes(work: &FetchWork) -> u64 {
    match work {
        FetchWork::Pack(blobs) => blobs.iter().map(|blob| blob.size).sum(),
        FetchWork::Groups { blob, groups } => {
            (u64::from(groups.end) * GROUP).min(blob.size) - (u64::from(groups.start) * GROUP).min(blob.size)
        }
    }
}

/// A manifest of two files.
fn made_up() -> (AppearanceId, Vec<u8>) {
    let file = |n: u8| crate::domain::FileEntry {
        game_paths: vec![crate::domain::GamePath::new(&format!("{n}.tex")).unwrap()],
        blob: BlobRef { hash: BlobHash::of(&[n]), size: 10, kind: BlobKind::File(FileType::Tex) },
    };
    let object = crate::domain::ObjectAppearance {
        kind: crate::domain::ObjectKind::Player,
        files: vec![file(1), file(2)],
        texts: std::collections::BTreeMap::new(),
    };
    manifest::encode(&crate::domain::Manifest::new(vec![object]).unwrap())
}

/// What node 0 might announce to node 1.
fn announce(world: &World, appearance: AppearanceId, manifest_size: u32, weight: Weight) -> Announce {
    let grant = Grant::sign(&world.nodes[0].identity, appearance, world.peer(1), 1_800_000_000, Duration::from_secs(600));
    let instance = world.nodes[1].engine.links.instance(&world.peer(0)).unwrap();
    Announce { character: ARIA.parse().unwrap(), instance, revision: Revision(1), appearance, manifest_size, weight, grant }
}

fn hear(world: &mut World, announce: Announce) -> LinkKey {
    let link = hear_only(world, announce);
    world.run();
    link
}

/// Node 1 hears it; what it says to it is still on its way.
fn hear_only(world: &mut World, announce: Announce) -> LinkKey {
    let link = world.link(1, 0);
    let now = world.now;
    world.nodes[1].engine.handle_input(now, Input::Received(link, Control::Announce(announce)));
    link
}
