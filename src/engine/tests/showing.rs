//! From everything being here to the look on the screen, and off again.

use std::time::Duration;

use super::world::{PLUGIN, World};
use crate::domain::{Audience, Permission, Sensitivity};
use crate::engine::command::{Command, Scope};
use crate::engine::follow::Progress;
use crate::engine::input::{Input, PluginId};
use crate::engine::notice::Notice;
use crate::engine::snapshot::Prompt;
use crate::wire::plugin::{FromPlugin, NearbyCharacter, ToPlugin};

const ARIA: &str = "Aria Fyte@Phoenix";
/// A second session, behind [`PLUGIN`].
const PLUGIN_AGAIN: PluginId = PluginId(2);

#[test]
fn a_look_is_shown_when_the_character_is_near_and_taken_off_when_it_is_withdrawn() {
    let mut world = worn(&["a.tex", "b.mdl"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    assert!(world.nodes[1].applies.is_empty());
    world.see(1, &[ARIA]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applying));
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::AppearanceApplied { .. })));
    world.plugin(0, FromPlugin::Unpublish { character: ARIA.to_owned() });
    assert_eq!(reverts(&world, 1), 1);
    assert!(world.nodes[1].held.is_empty(), "nothing is kept from eviction any more");
}

#[test]
fn an_older_applied_does_not_count_for_a_newer_apply() {
    let mut world = shown();
    let first = world.nodes[1].applies[0].revision;
    world.publish(0, ARIA, &["c.tex"]);
    world.pass(Duration::from_secs(1));
    assert_eq!(world.nodes[1].applies.len(), 2);
    assert_eq!(world.nodes[1].held.len(), 2, "the look before stays until the new one is there");
    world.plugin(1, FromPlugin::Applied { character: ARIA.to_owned(), revision: first });
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applying));
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    assert_eq!(world.nodes[1].held.len(), 1);
    assert_eq!(reverts(&world, 1), 0);
}

#[test]
fn an_applied_of_an_earlier_session_does_not_count_for_an_apply_of_this_one() {
    let mut world = shown();
    let earlier = world.nodes[1].applies[0].revision;
    world.input(1, Input::PluginGone(PLUGIN));
    world.input(1, Input::PluginConnected { plugin: PLUGIN_AGAIN, program: "test 2".to_owned(), roots: vec!["/mods".into()] });
    let again = |said| Input::PluginSaid(PLUGIN_AGAIN, said);
    let near = NearbyCharacter {
        name: "Aria Fyte".to_owned(),
        world: "Phoenix".to_owned(),
        distance: 1.0,
        in_party: false,
        visible: true,
    };
    world.input(1, again(FromPlugin::Nearby { characters: vec![near] }));
    assert_eq!(world.nodes[1].applies.len(), 2);
    for (revision, progress) in [(earlier, Progress::Applying), (world.nodes[1].applies[1].revision, Progress::Applied)] {
        world.input(1, again(FromPlugin::Applied { character: ARIA.to_owned(), revision }));
        assert_eq!(world.progress(1, 0, ARIA), Some(progress));
    }
}

#[test]
fn nothing_changes_in_combat() {
    let mut world = worn(&["a.tex"]);
    let fight = |world: &mut World, in_combat| {
        let line = FromPlugin::State { character: None, in_combat, in_cutscene: false, in_duty: false, group_pose: false };
        world.plugin(1, line);
    };
    world.see(1, &[ARIA]);
    world.applied(1);
    fight(&mut world, true);
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["b.tex"]);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.nodes[1].applies.len(), reverts(&world, 1)), (1, 0));
    world.plugin(0, FromPlugin::Unpublish { character: ARIA.to_owned() });
    assert_eq!(reverts(&world, 1), 0);
    fight(&mut world, false);
    assert_eq!((world.nodes[1].applies.len(), reverts(&world, 1)), (1, 1));
}

#[test]
fn blocking_removing_pausing_and_hiding_take_a_look_off_at_once() {
    for n in 0..4 {
        let mut world = shown();
        let peer = world.peer(0);
        let command = match n {
            0 => Command::BlockPeer { peer },
            1 => Command::RemovePeer { peer },
            2 => Command::Pause { scope: Scope::Peer(peer), lasting: None },
            _ => Command::SetPermission { scope: Scope::Everyone, permission: Permission::ShowThem, allow: Some(false) },
        };
        world.command(1, command.clone()).unwrap();
        assert_eq!(reverts(&world, 1), 1, "{command:?}");
        assert!(world.nodes[1].held.is_empty(), "{command:?}");
    }
}

#[test]
fn what_was_hidden_is_shown_again_without_fetching() {
    let mut world = shown();
    let permit = |allow| Command::SetPermission { scope: Scope::Everyone, permission: Permission::ShowThem, allow };
    world.command(1, permit(Some(false))).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::NotWanted));
    let before = world.nodes[1].fetches.len();
    world.command(1, permit(None)).unwrap();
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    assert_eq!(world.nodes[1].fetches.len(), before);
}

#[test]
fn a_short_loss_of_the_link_changes_nothing_and_a_long_one_takes_the_look_off() {
    let mut world = shown();
    let (applies, fetches) = (world.nodes[1].applies.len(), world.nodes[1].fetches.len());
    world.break_link(0, 1);
    world.pass(Duration::from_secs(5));
    assert!(world.linked(0, 1));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    assert_eq!((world.nodes[1].applies.len(), world.nodes[1].fetches.len()), (applies, fetches));
    world.cut.extend([(0, 1), (1, 0)]);
    world.break_link(0, 1);
    world.pass(Duration::from_secs(55));
    assert_eq!(reverts(&world, 1), 0);
    world.pass(Duration::from_secs(6));
    assert_eq!(reverts(&world, 1), 1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Gone));
    world.cut.clear();
    world.pass(Duration::from_secs(70));
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    assert_eq!(world.nodes[1].fetches.len(), fetches, "it was still in the cache");
}

#[test]
fn a_failed_apply_is_tried_again_until_it_works_and_said_once() {
    let mut world = worn(&["a.tex"]);
    world.see(1, &[ARIA]);
    for tries in 1..=8 {
        assert_eq!(world.nodes[1].applies.len(), tries);
        fail_last_apply(&mut world);
        world.pass(Duration::from_secs(59));
        let early = tries > 5;
        assert_eq!(world.nodes[1].applies.len(), tries + usize::from(!early));
        if early {
            assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Failed { reason: "no Penumbra".to_owned() }));
            world.pass(Duration::from_secs(1));
        }
    }
    let said = world.nodes[1].notices.iter().filter(|notice| matches!(notice, Notice::AppearanceFailed { .. })).count();
    assert_eq!(said, 1);
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
}

#[test]
fn a_failed_apply_is_tried_at_once_on_a_retry_and_on_a_resync() {
    let mut world = worn(&["a.tex"]);
    world.see(1, &[ARIA]);
    let retry = Command::RetryTransfer { peer: world.peer(0), character: ARIA.parse().unwrap() };
    assert!(world.command(1, retry.clone()).is_err(), "it has not failed");
    fail_last_apply(&mut world);
    world.command(1, retry).unwrap();
    assert_eq!(world.nodes[1].applies.len(), 2);
    fail_last_apply(&mut world);
    world.plugin(1, FromPlugin::Resync);
    assert_eq!(world.nodes[1].applies.len(), 3);
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
}

#[test]
fn a_plugin_that_does_not_answer_is_asked_again() {
    let mut world = worn(&["a.tex"]);
    world.see(1, &[ARIA]);
    world.pass(Duration::from_secs(70));
    assert_eq!(world.nodes[1].applies.len(), 2);
    assert!(world.nodes[1].applies[0].revision < world.nodes[1].applies[1].revision);
}

#[test]
fn a_new_session_of_the_plugin_is_told_everything() {
    let mut world = shown();
    world.input(1, Input::PluginGone(PLUGIN));
    world.connect_plugin(1);
    world.see(1, &[ARIA]);
    assert_eq!(world.nodes[1].applies.len(), 2);
}

#[test]
fn refused_kinds_are_neither_fetched_nor_shown_until_they_are_allowed() {
    let mut world = World::friends();
    let permit = |allow| Command::SetPermission { scope: Scope::Everyone, permission: Permission::Sounds, allow };
    world.command(1, permit(Some(false))).unwrap();
    world.publish(0, ARIA, &["a.tex", "song.scd"]);
    world.share(0, ARIA);
    world.see(1, &[ARIA]);
    assert_eq!(world.nodes[1].applies[0].without, [Sensitivity::Sound]);
    assert!(!world.nodes[1].store.contains_key(&super::files::hash_of("song.scd")));
    world.command(1, permit(Some(true))).unwrap();
    assert!(world.nodes[1].store.contains_key(&super::files::hash_of("song.scd")));
    assert!(world.nodes[1].applies[1].without.is_empty());
}

#[test]
fn what_is_refused_goes_at_once_also_while_the_next_look_is_on_its_way() {
    let mut world = worn(&["a.tex", "song.scd"]);
    world.see(1, &[ARIA]);
    world.applied(1);
    world.slow_fetches = true;
    world.publish(0, ARIA, &["b.tex", "song.scd"]);
    world.pass(Duration::from_secs(1));
    assert_eq!((world.progress(1, 0, ARIA), world.nodes[1].applies.len()), (Some(Progress::Fetching), 1));
    let permit = |permission, allow| Command::SetPermission { scope: Scope::Everyone, permission, allow };
    world.command(1, permit(Permission::Sounds, Some(false))).unwrap();
    let again = &world.nodes[1].applies[1];
    assert_eq!((again.manifest == world.nodes[1].applies[0].manifest, &again.without[..]), (true, &[Sensitivity::Sound][..]));
    world.applied(1);
    world.command(1, permit(Permission::Sounds, None)).unwrap();
    assert_eq!(world.nodes[1].applies.len(), 2, "what is allowed again comes with the next look");
}

#[test]
fn a_character_belongs_to_the_friend_who_showed_it_first_until_the_person_chooses() {
    let mut world = World::new(3);
    world.befriend(2, 0);
    world.befriend(2, 1);
    for n in [0, 1] {
        world.publish(n, ARIA, &[["a.tex", "b.tex"][n]]);
        world.share(n, ARIA);
    }
    world.see(2, &[ARIA]);
    world.applied(2);
    assert_eq!(world.progress(2, 0, ARIA), Some(Progress::Applied));
    assert_eq!(world.progress(2, 1, ARIA), Some(Progress::Conflict));
    assert!(
        matches!(world.snapshot(2).prompts[..], [Prompt::OwnerConflict { owner, claimant, .. }] if owner == world.peer(0) && claimant == world.peer(1))
    );
    let choose = |owner| Command::ChooseOwner { character: ARIA.parse().unwrap(), owner };
    world.command(2, choose(world.peer(1))).unwrap();
    assert!(world.snapshot(2).prompts.is_empty());
    world.applied(2);
    assert_eq!(world.progress(2, 1, ARIA), Some(Progress::Applied));
    assert_eq!(world.progress(2, 0, ARIA), Some(Progress::Conflict));
    assert!(world.command(2, choose(world.peer(2))).is_err());
    world.pass(Duration::from_secs(1));
    assert_eq!(world.nodes[2].saved.as_ref().unwrap().owners[&ARIA.parse().unwrap()], world.peer(1));
}

#[test]
fn my_own_character_is_never_shown_from_outside() {
    let mut world = shown();
    let line = FromPlugin::State {
        character: Some(ARIA.to_owned()),
        in_combat: false,
        in_cutscene: false,
        in_duty: false,
        group_pose: false,
    };
    world.plugin(1, line);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::NotWanted));
    assert_eq!(reverts(&world, 1), 1);
}

#[test]
fn long_texts_are_read_before_a_look_is_shown() {
    let mut world = World::friends();
    let long = "x".repeat(70_000);
    world.publish_texts(0, ARIA, &[("meta", &long), ("moodles", "short")]);
    world.share(0, ARIA);
    world.see(1, &[ARIA]);
    let texts = &world.nodes[1].applies[0].long_texts;
    assert!(matches!(&texts[..], [(_, text)] if *text == long));
}

#[test]
fn the_status_is_told_once_for_each_change() {
    let mut world = World::friends();
    world.connect_plugin(1);
    let statuses = |world: &World| world.nodes[1].said.iter().filter(|line| matches!(line, ToPlugin::Status { .. })).count();
    assert_eq!(statuses(&world), 1);
    world.pass(Duration::from_secs(30));
    assert_eq!(statuses(&world), 1);
    world.command(1, Command::Pause { scope: Scope::Everyone, lasting: None }).unwrap();
    assert!(matches!(world.nodes[1].said.last(), Some(ToPlugin::Status { paused: true, friends_online: 0, .. })));
}

#[test]
fn quitting_takes_everything_off() {
    let mut world = shown();
    world.command(1, Command::Quit).unwrap();
    assert_eq!(reverts(&world, 1), 1);
}

#[test]
fn a_friend_who_restarts_is_linked_again_at_once_and_nothing_is_called_shown_that_is_not() {
    let mut world = shown();
    let before = world.link(1, 0);
    world.restart(0);
    world.pass(Duration::from_secs(2));
    assert!(world.linked(0, 1) && world.link(1, 0).generation > before.generation);
    assert_eq!((world.progress(1, 0, ARIA), reverts(&world, 1)), (Some(Progress::Applied), 0), "the game still draws it");
    world.publish(0, ARIA, &["c.tex"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applying));
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
    // The one who looks restarts: its game has to say anew what it draws.
    world.restart(1);
    world.pass(Duration::from_secs(2));
    assert!(world.linked(0, 1));
    world.see(1, &[ARIA]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applying));
    world.applied(1);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Applied));
}

/// Node 0 wears a look that is at node 1.
fn worn(files: &[&str]) -> World {
    let mut world = World::friends();
    world.publish(0, ARIA, files);
    world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience: Audience::AllFriends }).unwrap();
    world.connect_plugin(1);
    world
}

/// ... and is shown there.
fn shown() -> World {
    let mut world = worn(&["a.tex", "b.mdl"]);
    world.see(1, &[ARIA]);
    world.applied(1);
    world.pass(Duration::from_secs(1));
    world
}

fn reverts(world: &World, n: usize) -> usize {
    world.nodes[n].said.iter().filter(|line| matches!(line, ToPlugin::Revert { .. })).count()
}

fn fail_last_apply(world: &mut World) {
    let revision = world.nodes[1].applies.last().unwrap().revision;
    world.plugin(1, FromPlugin::Failed { character: ARIA.to_owned(), revision, reason: "no Penumbra".to_owned() });
}
