//! Checking, emptying and moving the cache as a whole.

use std::path::PathBuf;

use super::files::hash_of;
use super::world::{PLUGIN, World};
use crate::engine::command::Command;
use crate::engine::input::{Input, MaintenanceEvent};
use crate::engine::maintenance::Chore;
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::engine::snapshot::Extent;
use crate::wire::control::Control;
use crate::wire::plugin::FromPlugin;

const ARIA: &str = "Aria Fyte@Phoenix";

#[test]
fn one_thing_at_a_time_is_done_with_the_cache_and_all_of_it_is_seen() {
    let mut world = World::new(1);
    assert!(world.command(0, Command::CancelMaintenance).is_err(), "nothing is under way");
    world.command(0, Command::VerifyCache).unwrap();
    assert_eq!(world.nodes[0].upkeep, [Output::Maintain(Chore::Verify(None))]);
    assert!(world.command(0, Command::VerifyCache).is_err());
    assert!(world.command(0, Command::MoveCache { folder: "/new".into() }).is_err());
    let (done, total) = (Extent { files: 1, bytes: 10 }, Extent { files: 2, bytes: 20 });
    world.input(0, Input::Maintenance(MaintenanceEvent::Progress { done, total }));
    let running = world.snapshot(0).maintenance.running.unwrap();
    assert_eq!((running.moving_to, running.done, running.total), (None, done, total));
    world.command(0, Command::CancelMaintenance).unwrap();
    assert_eq!(world.nodes[0].upkeep.last(), Some(&Output::StopMaintenance));
    ended(&mut world, 0, "it was ended");
    let view = world.snapshot(0).maintenance;
    assert_eq!((view.running, view.last.as_deref()), (None, Some("it was ended")));
    assert!(world.nodes[0].notices.contains(&Notice::Other { text: "it was ended".to_owned() }));
    world.command(0, Command::VerifyCache).unwrap();
}

#[test]
fn a_friends_looks_are_checked_and_what_is_wrong_is_fetched_again() {
    let mut world = shown();
    let peer = world.peer(0);
    let before = world.nodes[1].fetches.len();
    world.command(1, Command::CheckLooks { peer }).unwrap();
    let [Output::Maintain(Chore::Verify(Some(part)))] = &world.nodes[1].upkeep[..] else { panic!("{:?}", world.nodes[1].upkeep) };
    let wrong = hash_of("a.tex");
    assert!(part.blobs.contains(&wrong), "{part:?}");
    world.nodes[1].store.remove(&wrong);
    world.input(1, Input::CacheLost(vec![wrong]));
    ended(&mut world, 1, "one was damaged");
    world.run();
    assert!(world.nodes[1].fetches.len() > before, "it is fetched anew");
    assert!(world.nodes[1].store.contains_key(&wrong));
    assert!(world.command(0, Command::CheckLooks { peer: world.peer(1) }).is_err(), "they show me nothing");
}

#[test]
fn my_looks_are_announced_anew_as_often_as_i_ask_and_it_is_said_how_many() {
    let mut world = shown();
    let peer = world.peer(1);
    let announced = |world: &World| world.nodes[0].sent.iter().filter(|said| matches!(said, Control::Announce(_))).count();
    for times in 1..=2 {
        let before = announced(&world);
        world.command(0, Command::SendAgain { peer }).unwrap();
        world.run();
        assert_eq!(announced(&world), before + 1);
        let told = world.nodes[0].notices.iter().filter(|notice| **notice == Notice::SentAgain { peer, looks: 1 });
        assert_eq!(told.count(), times);
    }
    let other = world.peer(0);
    world.command(1, Command::SendAgain { peer: other }).unwrap();
    assert!(world.nodes[1].notices.contains(&Notice::SentAgain { peer: other, looks: 0 }), "nothing of theirs is shared");
}

#[test]
fn after_a_move_looks_are_applied_anew_before_the_old_folder_goes() {
    let mut world = shown();
    world.command(1, Command::MoveCache { folder: "/new".into() }).unwrap();
    let forbidden = vec![PathBuf::from("/mods")];
    assert_eq!(world.nodes[1].upkeep, [Output::Maintain(Chore::Move { folder: "/new".into(), forbidden })]);
    moved(&mut world);
    assert_eq!(world.snapshot(1).settings.cache_folder, Some("/new".into()));
    assert_eq!(world.nodes[1].applies.len(), 2, "with the files' new places");
    assert!(world.snapshot(1).maintenance.running.unwrap().leaving);
    assert!(world.command(1, Command::CancelMaintenance).is_err(), "it is too late");
    assert_ne!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache), "the game still draws from it");
    world.applied(1);
    assert_eq!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache));
    ended(&mut world, 1, "moved");
    assert_eq!(world.nodes[1].upkeep.iter().filter(|order| **order == Output::RemoveOldCache).count(), 1);
}

#[test]
fn in_combat_the_old_folder_stays() {
    let mut world = shown();
    combat(&mut world, true);
    world.command(1, Command::MoveCache { folder: "/new".into() }).unwrap();
    moved(&mut world);
    world.pass(std::time::Duration::from_secs(600));
    assert_eq!(world.nodes[1].applies.len(), 1);
    assert_ne!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache));
    combat(&mut world, false);
    world.applied(1);
    assert_eq!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache));
}

#[test]
fn a_game_that_is_gone_or_shows_nothing_keeps_no_folder() {
    for with_game in [true, false] {
        let mut world = if with_game { shown() } else { World::new(2) };
        world.command(1, Command::MoveCache { folder: "/new".into() }).unwrap();
        moved(&mut world);
        if with_game {
            world.input(1, Input::PluginGone(PLUGIN));
        }
        assert_eq!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache), "{with_game}");
    }
}

#[test]
fn a_plugin_that_never_answers_does_not_keep_the_old_folder_for_ever() {
    let mut world = shown();
    world.command(1, Command::MoveCache { folder: "/new".into() }).unwrap();
    moved(&mut world);
    world.pass(std::time::Duration::from_secs(600));
    assert_eq!(world.nodes[1].upkeep.last(), Some(&Output::RemoveOldCache));
}

#[test]
fn emptying_the_cache_takes_nothing_that_is_shown() {
    let mut world = shown();
    let (before, fetches) = (world.snapshot(1).cache.blobs, world.nodes[1].fetches.len());
    world.command(1, Command::ClearCache).unwrap();
    assert_eq!(world.snapshot(1).cache.blobs, before);
    assert_eq!(world.nodes[1].fetches.len(), fetches, "nothing is fetched again");
}

/// Node 1 shows Aria, who is node 0's.
fn shown() -> World {
    let mut world = World::friends();
    world.publish(0, ARIA, &["a.tex"]);
    world.share(0, ARIA);
    world.see(1, &[ARIA]);
    world.pass(std::time::Duration::from_secs(1));
    world.applied(1);
    assert_eq!(world.nodes[1].applies.len(), 1);
    world
}

fn moved(world: &mut World) {
    world.input(1, Input::Maintenance(MaintenanceEvent::Moved { folder: "/new".into() }));
}

fn ended(world: &mut World, n: usize, text: &str) {
    world.input(n, Input::Maintenance(MaintenanceEvent::Ended { text: text.to_owned() }));
}

fn combat(world: &mut World, in_combat: bool) {
    let state = FromPlugin::State { character: None, in_combat, in_cutscene: false, in_duty: false, group_pose: false };
    world.plugin(1, state);
}
