//! Directed histories: one thing happens, and a sentence says what must come of it.

use std::collections::BTreeSet;
use std::time::Duration;

use fyteclub::domain::{Audience, Character, DiscoveryMode, Permission};
use fyteclub::engine::command::{Command, Scope};
use fyteclub::engine::follow::Progress;
use fyteclub::engine::input::{Input, LinkKey};
use fyteclub::engine::notice::Notice;
use fyteclub::engine::snapshot::{LinkView, Prompt};
use fyteclub::wire::control::Control;
use fyteclub::wire::plugin::FromPlugin;

use crate::looks::{ModFile, Outfit};
use crate::model::Who;
use crate::node::{character, identity};
use crate::world::{Mutation, World};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn two_friends_see_each_other_after_a_knock() {
    let mut world = strangers(2);
    open_to_everyone(&mut world, &[0, 1]);
    let peer = identity(1).peer();
    assert_eq!(world.command(0, Command::ConnectNearby { peer }), Ok(()));
    assert!(world.run_until(MINUTE, |world| prompted(world, 1, 0)), "{:?}", world.snapshot(1));
    assert!(world.nodes[0].game.shown.is_empty() && world.nodes[1].game.shown.is_empty());
    assert_eq!(world.command(1, Command::AcceptPeer { peer: identity(0).peer(), once: false }), Ok(()));
    settled(&mut world);
    assert!(world.nodes[0].game.shown.contains_key(&character(1)));
    assert!(world.nodes[1].game.shown.contains_key(&character(0)));
}

#[test]
fn somebody_reached_by_address_becomes_a_friend_after_accepting() {
    let mut world = strangers(2);
    open_to_everyone(&mut world, &[1]);
    let address = world.nodes[1].address.to_string();
    assert_eq!(world.command(0, Command::ConnectAddress { address }), Ok(()));
    assert!(world.run_until(MINUTE, |world| prompted(world, 1, 0)));
    assert_eq!(world.command(1, Command::AcceptPeer { peer: identity(0).peer(), once: true }), Ok(()));
    settled(&mut world);
    assert!(world.nodes[1].game.shown.contains_key(&character(0)));
}

#[test]
fn glare_gives_one_link() {
    let mut world = friends(2);
    for who in [0, 1] {
        world.end_program(who);
    }
    world.start(0);
    world.start(1);
    for who in [0, 1] {
        let _ = world.command(who, Command::Reconnect { peer: identity(1 - who).peer() });
    }
    settled(&mut world);
    assert_eq!(world.live_conns().len(), 1);
    assert_eq!(world.nodes[0].links.len(), 1, "{:?}", world.nodes[0].links);
    assert_eq!(world.nodes[1].links.len(), 1, "{:?}", world.nodes[1].links);
}

#[test]
fn a_stranger_gets_nothing_until_accepted_and_everything_after() {
    let mut world = strangers(2);
    open_to_everyone(&mut world, &[0, 1]);
    assert_eq!(world.command(0, Command::ConnectNearby { peer: identity(1).peer() }), Ok(()));
    world.run_for(5 * MINUTE);
    assert!(world.conns.values().all(|conn| conn.ends.iter().all(|end| *end != crate::net::End::Up)), "a link came up");
    assert!(world.moved.is_empty());
    assert!(prompted(&world, 1, 0));
    assert_eq!(world.command(1, Command::AcceptPeer { peer: identity(0).peer(), once: false }), Ok(()));
    settled(&mut world);
    assert!(world.moved.keys().any(|(who, _)| *who == 0));
}

#[test]
fn a_friend_cannot_dress_another_friends_character_nor_mine() {
    let mut world = friends(3);
    let victim = character(1);
    let before = world.nodes[0].game.shown.get(&victim).cloned();
    assert!(before.is_some());
    // The third puts forged looks on the second's and the first's characters and shares them.
    for forged in [victim.clone(), character(0)] {
        world.wear(2, &forged, outfit("forged", 3));
        world.run_for(Duration::from_secs(2));
        assert_eq!(
            world.command(2, Command::ShareCharacter { character: forged.clone(), audience: Audience::AllFriends }),
            Ok(())
        );
        world.set_near(0, &forged, true);
    }
    settled(&mut world);
    assert_eq!(world.nodes[0].game.shown.get(&victim), before.as_ref());
    assert!(!world.nodes[0].game.shown.contains_key(&character(0)));
    let asked = |prompt: &Prompt| matches!(prompt, Prompt::OwnerConflict { character, .. } if *character == victim);
    assert!(world.snapshot(0).unwrap().prompts.iter().any(asked), "the person is not asked");
    // Only the person can give the character to the other.
    let chosen = Command::ChooseOwner { character: victim.clone(), owner: identity(2).peer() };
    assert_eq!(world.command(0, chosen), Ok(()));
    settled(&mut world);
    assert_eq!(world.nodes[0].game.shown[&victim].manifest, outfit("forged", 3).manifest());
}

#[test]
fn what_is_revoked_in_mid_fetch_is_served_no_longer() {
    for revocation in [
        Command::BlockPeer { peer: identity(1).peer() },
        Command::RemovePeer { peer: identity(1).peer() },
        Command::Pause { scope: Scope::Everyone, lasting: None },
        Command::SetPermission { scope: Scope::Peer(identity(1).peer()), permission: Permission::SeeMe, allow: Some(false) },
        Command::ShareCharacter { character: character(0), audience: Audience::Nobody },
        Command::ShareCharacter { character: character(0), audience: Audience::Chosen(BTreeSet::new()) },
    ] {
        let mut world = in_mid_fetch();
        assert_eq!(world.command(0, revocation.clone()), Ok(()));
        let had = received(&world, 1);
        settled(&mut world);
        assert_eq!(received(&world, 1), had, "after {revocation:?} bytes still went");
        assert!(!world.nodes[1].game.shown.contains_key(&character(0)), "{revocation:?}");
    }
}

#[test]
fn a_runtime_that_serves_on_after_a_revocation_is_found_out() {
    let mut world = in_mid_fetch();
    world.mutation = Mutation::ServeAnything;
    // The other side hears late of the revocation, so that it goes on asking.
    world.weather.delay_ms = 5_000;
    let audience = Audience::Nobody;
    assert_eq!(world.command(0, Command::ShareCharacter { character: character(0), audience }), Ok(()));
    world.run_for(MINUTE);
    assert!(world.broken.iter().any(|broken| broken.contains("not entitled")), "{:?}", world.broken);
}

#[test]
fn a_restart_in_mid_fetch_converges_and_fetches_only_what_was_missing() {
    for restarted in [0, 1] {
        let mut world = in_mid_fetch();
        world.end_program(restarted);
        world.run_for(Duration::from_secs(3));
        world.start(restarted);
        settled(&mut world);
        assert!(world.nodes[1].game.shown.contains_key(&character(0)));
        for blob in large_outfit().manifest().blobs() {
            let moved = world.moved[&(1, blob.hash)];
            assert_eq!(moved, blob.size, "of {} bytes {moved} were moved", blob.size);
        }
    }
}

#[test]
fn a_link_lost_in_mid_fetch_is_dialled_again_and_nothing_is_moved_twice() {
    let mut world = in_mid_fetch();
    let conn = world.live_conns()[0];
    world.break_conn(conn);
    settled(&mut world);
    for blob in large_outfit().manifest().blobs() {
        assert_eq!(world.moved[&(1, blob.hash)], blob.size);
    }
}

#[test]
fn a_lost_profile_restored_from_a_backup_still_converges() {
    let mut world = friends(2);
    let backup = world.nodes[0].saved.clone();
    // After the backup, links of higher generations and looks of higher revisions come and go.
    for round in 0..4 {
        world.wear(0, &character(0), outfit(&format!("later{round}"), 2));
        let conn = world.live_conns()[0];
        world.break_conn(conn);
        settled(&mut world);
    }
    world.end_program(0);
    world.nodes[0].saved = backup;
    world.nodes[0].store.cached.clear();
    world.nodes[0].store.partial.clear();
    world.nodes[0].game.wears.insert(character(0), outfit("restored", 2));
    world.wear(0, &character(0), outfit("restored", 2));
    world.start(0);
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].manifest, outfit("restored", 2).manifest());
}

#[test]
fn an_outfit_change_moves_only_changed_blobs() {
    let mut world = friends(2);
    let mut outfit = large_outfit();
    world.wear(0, &character(0), outfit.clone());
    settled(&mut world);
    world.moved.clear();
    let changed = ModFile::new("chara/changed.tex", "changed", 70_000);
    outfit.files[0] = changed.clone();
    world.wear(0, &character(0), outfit);
    settled(&mut world);
    let moved: Vec<_> = world.moved.iter().map(|((who, hash), bytes)| (*who, *hash, *bytes)).collect();
    assert_eq!(moved, [(1, changed.blob().hash, 70_000)]);
}

#[test]
fn a_look_that_was_worn_before_is_shown_again_without_a_byte() {
    let mut world = friends(2);
    for look in ["one", "two"] {
        world.wear(0, &character(0), outfit(look, 4));
        settled(&mut world);
    }
    world.moved.clear();
    world.wear(0, &character(0), outfit("one", 4));
    settled(&mut world);
    assert!(world.moved.is_empty(), "{:?}", world.moved);
}

#[test]
fn a_manifest_too_long_for_a_message_comes_as_a_blob() {
    let mut world = friends(2);
    let outfit = outfit("many", 1_500);
    assert!(fyteclub::wire::manifest::encode(&outfit.manifest()).1.len() > fyteclub::wire::MAX_INLINE_MANIFEST);
    world.wear(0, &character(0), outfit.clone());
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].manifest, outfit.manifest());
}

#[test]
fn a_friend_who_is_refused_sounds_is_shown_without_them() {
    let mut world = friends(2);
    let scope = Scope::Peer(identity(0).peer());
    let refused = Command::SetPermission { scope, permission: Permission::Sounds, allow: Some(false) };
    assert_eq!(world.command(1, refused), Ok(()));
    let mut outfit = outfit("loud", 2);
    outfit.files.push(ModFile::new("sound/song.scd", "song", 9_000));
    world.wear(0, &character(0), outfit);
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].without.len(), 1);
}

#[test]
fn nothing_is_shown_in_combat_and_everything_after_it() {
    let mut world = friends(2);
    world.fight(1, true, false);
    let before = world.nodes[1].game.shown[&character(0)].clone();
    world.run_for(Duration::from_secs(1));
    world.wear(0, &character(0), outfit("new", 2));
    world.run_for(2 * MINUTE);
    assert_eq!(world.nodes[1].game.shown[&character(0)], before);
    world.fight(1, false, false);
    settled(&mut world);
    assert_ne!(world.nodes[1].game.shown[&character(0)], before);
}

#[test]
fn a_plugin_that_rests_looks_offline_and_comes_back() {
    let mut world = friends(2);
    world.say(1, FromPlugin::Pause);
    // To the world, a plugin's rest is the person's.
    world.model.pause(1, None, None);
    settled(&mut world);
    assert!(world.nodes[0].game.shown.is_empty() && world.nodes[1].game.shown.is_empty());
    world.model.resume(1, None);
    world.say(1, FromPlugin::Resume);
    settled(&mut world);
    assert!(!world.nodes[0].game.shown.is_empty() && !world.nodes[1].game.shown.is_empty());
}

#[test]
fn a_pause_with_a_time_ends_by_itself() {
    let mut world = friends(2);
    assert_eq!(world.command(0, Command::Pause { scope: Scope::Everyone, lasting: Some(5 * MINUTE) }), Ok(()));
    world.run_for(2 * MINUTE);
    assert!(world.nodes[1].game.shown.is_empty(), "paused and still shown");
    settled(&mut world);
    world.run_for(3 * MINUTE);
    settled(&mut world);
    assert!(!world.nodes[1].game.shown.is_empty());
}

#[test]
fn an_incompatible_peer_gets_a_sentence() {
    let mut world = friends(2);
    let conn = world.live_conns()[0];
    world.break_conn(conn);
    // From here on the second one's hello says that it is from the future.
    world.mutation = Mutation::FutureProtocol { who: 1 };
    let told = |notice: &Notice| match notice {
        Notice::ConnectionFailed { text, .. } | Notice::PeerMisbehaved { text, .. } => {
            text.contains("FyteClub") && text.contains("update")
        }
        _ => false,
    };
    assert!(
        world.run_until(5 * MINUTE, |world| world.nodes[0].notices.iter().any(told)),
        "notices: {:?}, link {:?}",
        world.nodes[0].notices,
        world.link_view(0, 1)
    );
    world.run_for(MINUTE);
    assert!(!matches!(world.link_view(0, 1), Some(LinkView::Connected { .. })), "{:?}", world.link_view(0, 1));
    assert!(world.nodes[0].game.shown.is_empty());
}

#[test]
fn a_look_can_still_be_fetched_after_a_day_online() {
    let mut world = friends(2);
    world.set_near(1, &character(0), false);
    world.run_for(27 * 60 * MINUTE);
    assert_eq!(world.verdict(), Ok(()));
    world.wear(0, &character(0), outfit("tomorrow", 3));
    world.set_near(1, &character(0), true);
    settled(&mut world);
    // The second forgets the files and has to fetch the same look again, long after it was announced.
    world.run_for(27 * 60 * MINUTE);
    world.end_program(1);
    world.nodes[1].store.cached.clear();
    world.start(1);
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].manifest, outfit("tomorrow", 3).manifest());
}

#[test]
fn two_friends_who_compare_codes_are_verified() {
    let mut world = friends(2);
    let other = |who: Who| identity(1 - who).peer();
    assert_eq!(world.command(0, Command::StartVerification { peer: other(0) }), Ok(()));
    let code = |world: &World, who: Who| {
        world.snapshot(who)?.prompts.iter().find_map(|prompt| match prompt {
            Prompt::CompareCode { code, .. } => Some(code.clone()),
            _ => None,
        })
    };
    assert!(world.run_until(MINUTE, |world| code(world, 0).is_some() && code(world, 1).is_some()));
    assert_eq!(code(&world, 0), code(&world, 1));
    for who in [0, 1] {
        assert_eq!(world.command(who, Command::ConfirmVerification { peer: other(who), matches: true }), Ok(()));
    }
    let verified = |world: &World, who: Who| {
        let peers = world.snapshot(who).unwrap().peers;
        peers.iter().any(|view| view.trust == fyteclub::domain::Trust::Verified)
    };
    assert!(world.run_until(MINUTE, |world| verified(world, 0) && verified(world, 1)));
    settled(&mut world);
}

#[test]
fn a_character_that_was_never_shared_is_told_to_nobody() {
    let mut world = friends(2);
    let hidden = Character::new("Second Self", "Phoenix").unwrap();
    world.set_near(1, &hidden, true);
    world.wear(0, &hidden, outfit("hidden", 2));
    settled(&mut world);
    let asked = |prompt: &Prompt| matches!(prompt, Prompt::NewCharacter { character } if *character == hidden);
    assert!(world.snapshot(0).unwrap().prompts.iter().any(asked), "the person is not asked");
    assert!(!world.model.told_of(0, 1, &hidden));
    let share = Command::ShareCharacter { character: hidden.clone(), audience: Audience::AllFriends };
    assert_eq!(world.command(0, share), Ok(()));
    settled(&mut world);
    assert!(world.nodes[1].game.shown.contains_key(&hidden));
}

#[test]
fn a_file_that_changed_after_it_was_published_is_published_again() {
    let mut world = friends(2);
    world.set_near(1, &character(0), false);
    let mut outfit = outfit("edited", 3);
    world.wear(0, &character(0), outfit.clone());
    // It is edited before anybody has fetched it, and the plugin notices nothing.
    let path = outfit.files[1].path(&world.nodes[0].game.root);
    world.end_program(1);
    world.run_for(Duration::from_secs(5));
    let edited = ModFile::new(&outfit.files[1].game_path, "edited-later", 5_000);
    world.nodes[0].store.disk.insert(path, edited.blob());
    outfit.files[1] = edited;
    world.model.wear(0, &character(0), Some(outfit.manifest()));
    world.start(1);
    world.set_near(1, &character(0), true);
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].manifest, outfit.manifest());
}

#[test]
fn a_look_beyond_my_limits_is_not_fetched() {
    let mut world = strangers(2);
    world.end_program(1);
    world.nodes[1].saved.settings.limits.bytes = 1 << 20;
    world.start(1);
    world.make_friends(0, 1, false);
    settled(&mut world);
    world.moved.clear();
    world.wear(0, &character(0), large_outfit());
    world.run_for(2 * MINUTE);
    assert_eq!(progress(&world, 1), Some(Progress::TooHeavy { weight: large_outfit().manifest().weight() }));
    assert!(world.moved.is_empty(), "{:?}", world.moved);
    assert_eq!(world.verdict(), Ok(()));
}

#[test]
fn a_cancelled_look_is_left_alone_until_the_next_one() {
    let mut world = in_mid_fetch();
    let cancel = Command::CancelTransfer { peer: identity(0).peer(), character: character(0) };
    assert_eq!(world.command(1, cancel), Ok(()));
    let had = received(&world, 1);
    world.run_for(5 * MINUTE);
    assert_eq!(received(&world, 1), had);
    assert_eq!(progress(&world, 1), Some(Progress::Cancelled));
    world.wear(0, &character(0), outfit("next", 2));
    settled(&mut world);
}

#[test]
fn wrong_bytes_are_reported_and_what_is_right_is_shown_in_the_end() {
    let mut world = friends(2);
    world.weather.bad_bytes = 1;
    world.wear(0, &character(0), large_outfit());
    world.run_for(MINUTE);
    assert_eq!(world.weather.bad_bytes, 0, "nothing was fetched");
    let told = |notice: &Notice| matches!(notice, Notice::PeerMisbehaved { .. } | Notice::AppearanceFailed { .. });
    assert!(world.nodes[1].notices.iter().any(told), "{:?}", world.nodes[1].notices);
    settled(&mut world);
    assert_eq!(world.nodes[1].game.shown[&character(0)].manifest, large_outfit().manifest());
}

#[test]
fn who_was_put_off_does_not_ask_again_in_this_session() {
    let mut world = strangers(2);
    open_to_everyone(&mut world, &[0, 1]);
    let peer = identity(1).peer();
    assert_eq!(world.command(0, Command::ConnectNearby { peer }), Ok(()));
    assert!(world.run_until(MINUTE, |world| prompted(world, 1, 0)));
    assert_eq!(world.command(1, Command::DismissPeer { peer: identity(0).peer() }), Ok(()));
    let address = world.nodes[1].address.to_string();
    assert_eq!(world.command(0, Command::ConnectAddress { address }), Ok(()));
    world.run_for(2 * MINUTE);
    assert!(!prompted(&world, 1, 0));
    assert!(world.live_conns().is_empty());
}

#[test]
fn a_look_is_taken_off_although_the_texts_of_its_successor_are_being_read() {
    let mut world = friends(2);
    world.weather.reads_ms = 20_000;
    let mut next = outfit("wordy", 1);
    next.texts.insert("moodles".to_owned(), "word ".repeat(20_000));
    world.wear(0, &character(0), next);
    world.run_for(Duration::from_secs(8));
    assert_eq!(progress(&world, 1), Some(Progress::Applying));
    assert!(world.nodes[1].game.shown.contains_key(&character(0)), "the former look stays until then");
    assert_eq!(world.command(1, Command::BlockPeer { peer: identity(0).peer() }), Ok(()));
    world.run_for(MINUTE);
    assert!(world.nodes[1].game.shown.is_empty());
    assert_eq!(world.verdict(), Ok(()));
}

#[test]
fn messages_for_a_link_that_is_over_change_nothing() {
    let mut world = friends(2);
    let link = *world.nodes[0].links.keys().next().unwrap();
    let old = LinkKey { generation: link.generation.wrapping_sub(1), ..link };
    let text = String::new();
    let bye = Control::Bye { reason: fyteclub::wire::control::ByeReason::Leaving, text };
    world.feed(0, Input::Received(old, bye));
    world.feed(0, Input::LinkDown { link: old, reason: fyteclub::engine::input::DownReason::Closed });
    settled(&mut world);
    assert_eq!(world.nodes[0].links.keys().next(), Some(&link));
}

/// Persons who have never met, each dressed, shared with friends and near all others.
fn strangers(people: usize) -> World {
    let mut world = World::new(1, people);
    for who in 0..people {
        world.wear(who, &character(who), outfit(&format!("first{who}"), 3));
        world.start(who);
        for other in (0..people).filter(|other| *other != who) {
            world.set_near(who, &character(other), true);
        }
    }
    world.run_for(Duration::from_secs(5));
    for who in 0..people {
        let share = Command::ShareCharacter { character: character(who), audience: Audience::AllFriends };
        assert_eq!(world.command(who, share), Ok(()));
    }
    world
}

/// Persons who are all friends and see each other.
fn friends(people: usize) -> World {
    let mut world = strangers(people);
    for one in 0..people {
        for other in one + 1..people {
            world.make_friends(one, other, false);
        }
    }
    settled(&mut world);
    world
}

/// Two friends; the second is in the middle of fetching a large outfit of the first.
fn in_mid_fetch() -> World {
    let mut world = friends(2);
    world.weather.rate = 1 << 20;
    world.wear(0, &character(0), large_outfit());
    let half = large_outfit().manifest().weight().bytes / 2;
    let start = received(&world, 1);
    assert!(world.run_until(MINUTE, |world| received(world, 1) > start + half), "{:?}", world.snapshot(1));
    world
}

fn outfit(label: &str, files: usize) -> Outfit {
    let file = |number: usize| {
        ModFile::new(
            &format!("chara/{label}/part{number}.tex"),
            &format!("{label}-{number}"),
            1_000 + number as u64 * 20_000 % 90_000,
        )
    };
    Outfit { files: (0..files).map(file).collect(), ..Outfit::default() }
}

fn large_outfit() -> Outfit {
    let mut outfit = outfit("large", 6);
    outfit.files.push(ModFile::new("chara/large/body.tex", "large-body", 3 << 20));
    outfit.files.push(ModFile::new("chara/large/face.tex", "large-face", (2 << 20) + 5));
    outfit
}

fn received(world: &World, who: Who) -> u64 {
    world.moved.iter().filter(|((to, _), _)| *to == who).map(|(_, bytes)| bytes).sum()
}

fn progress(world: &World, viewer: Who) -> Option<Progress> {
    let peers = world.snapshot(viewer)?.peers;
    peers.into_iter().flat_map(|peer| peer.characters).map(|view| view.progress).next()
}

fn open_to_everyone(world: &mut World, all: &[Who]) {
    for who in all {
        assert_eq!(world.command(*who, Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }), Ok(()));
    }
    world.run_for(Duration::from_secs(40));
}

fn prompted(world: &World, who: Who, stranger: Who) -> bool {
    let peer = identity(stranger).peer();
    let prompts = world.snapshot(who).unwrap().prompts;
    prompts.iter().any(|prompt| matches!(prompt, Prompt::Stranger { peer: asked, .. } if *asked == peer))
}

#[track_caller]
fn settled(world: &mut World) {
    world.settle(10 * MINUTE);
    if let Err(failure) = world.verdict() {
        panic!("{failure}");
    }
}
