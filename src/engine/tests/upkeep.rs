//! Checking, emptying and moving the cache as a whole.

use std::path::PathBuf;

use super::world::{PLUGIN, World};
use crate::engine::command::Command;
use crate::engine::input::{Input, MaintenanceEvent};
use crate::engine::maintenance::Chore;
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::engine::snapshot::Extent;
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
