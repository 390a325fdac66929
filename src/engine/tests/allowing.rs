//! Looks over my limits, and which look comes first.

use std::time::Duration;

use super::files::{TRIANGLES, hash_of};
use super::world::World;
use crate::domain::WeightPart;
use crate::engine::command::{Command, OverLimits, SettingChange};
use crate::engine::follow::Progress;
use crate::engine::input::{FetchError, FetchEvent, FetchId, Input};
use crate::engine::notice::Notice;
use crate::engine::output::FetchWork;
use crate::wire::control::{Announce, Control};

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Fyte@Phoenix";

#[test]
fn a_look_that_is_allowed_once_comes_and_the_next_one_is_held_back_again() {
    let mut world = held_back();
    allow(&mut world, OverLimits::AllowedOnce).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready), "at once");
    assert_eq!(over_limits(&world), OverLimits::AllowedOnce);
    world.break_link(0, 1);
    world.pass(Duration::from_secs(10));
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready), "the same look, announced anew");
    world.publish(0, ARIA, &["a longer name.tex"]);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::TooHeavy { .. })));
    assert_eq!(over_limits(&world), OverLimits::HeldBack);
}

#[test]
fn a_character_that_is_always_allowed_stays_so_until_it_no_longer_is() {
    let mut world = held_back();
    allow(&mut world, OverLimits::AllowedAlways).unwrap();
    world.publish(0, ARIA, &["a longer name.tex"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    world.pass(Duration::from_secs(1));
    world.restart(1);
    limit_bytes(&mut world);
    world.pass(Duration::from_secs(60));
    assert_eq!(over_limits(&world), OverLimits::AllowedAlways, "also after a restart");
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    allow(&mut world, OverLimits::HeldBack).unwrap();
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::TooHeavy { .. })));
}

#[test]
fn what_nobody_shows_cannot_be_allowed() {
    let mut world = held_back();
    let allow = |peer, character: &str| Command::AllowLook {
        peer,
        character: character.parse().unwrap(),
        over_limits: OverLimits::AllowedAlways,
    };
    assert!(world.command(1, allow(world.peer(0), BEA)).is_err(), "a character that they do not show");
    assert!(world.command(1, allow(world.peer(1), ARIA)).is_err(), "somebody who is no friend");
}

#[test]
fn allowing_what_a_look_weighs_does_not_show_it_against_my_will() {
    let mut world = held_back();
    allow(&mut world, OverLimits::AllowedAlways).unwrap();
    let hide = Command::SetPermission {
        scope: crate::engine::command::Scope::Peer(world.peer(0)),
        permission: crate::domain::Permission::ShowThem,
        allow: Some(false),
    };
    world.command(1, hide).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::NotWanted));
}

#[test]
fn more_triangles_than_were_announced_are_refused_when_everything_is_here() {
    let mut world = World::friends();
    world.triangles_found = TRIANGLES + 1;
    share(&mut world, 0, ARIA, &["a.mdl", "a.tex"]);
    let Some(Progress::Failed { reason }) = world.progress(1, 0, ARIA) else { panic!("{:?}", world.progress(1, 0, ARIA)) };
    assert!(reason.contains("101 triangles, and 100 were announced"), "{reason}");
    let told = world.nodes[1].notices.iter().filter(|notice| matches!(notice, Notice::AppearanceFailed { .. }));
    assert_eq!(told.count(), 1);
    world.pass(Duration::from_secs(600));
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })), "and not tried again by itself");
    world.triangles_found = TRIANGLES;
    world.publish(0, ARIA, &["a.mdl", "b.tex"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready), "an honest look comes after it");
}

#[test]
fn what_was_allowed_once_is_that_weight_and_no_other() {
    let mut world = held_back();
    allow(&mut world, OverLimits::AllowedOnce).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    let mut heavier = announced(&world);
    heavier.weight.triangles = 1_000_000_000;
    hear(&mut world, heavier);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::TooHeavy { .. })), "{:?}", world.progress(1, 0, ARIA));
    assert_eq!(over_limits(&world), OverLimits::HeldBack);
}

#[test]
fn a_look_that_says_another_number_of_triangles_is_counted_anew() {
    let mut world = World::friends();
    share(&mut world, 0, ARIA, &["a.mdl"]);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    let mut lighter = announced(&world);
    lighter.weight.triangles = 0;
    hear(&mut world, lighter);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })), "{:?}", world.progress(1, 0, ARIA));
}

#[test]
fn a_look_that_was_refused_is_not_counted_again_because_it_is_announced_again() {
    let mut world = World::friends();
    world.triangles_found = TRIANGLES + 1;
    share(&mut world, 0, ARIA, &["a.mdl", "a.tex"]);
    world.triangles_found = TRIANGLES;
    let same = announced(&world);
    hear(&mut world, same);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })), "{:?}", world.progress(1, 0, ARIA));
}

#[test]
fn a_look_that_is_put_first_comes_before_one_that_is_near() {
    let mut world = World::friends();
    world.slow_fetches = true;
    world.see(1, &[BEA]);
    share(&mut world, 0, ARIA, &["far*9000000.tex"]);
    share(&mut world, 0, BEA, &["near*9000000.tex"]);
    let first = Command::PrioritiseTransfer { peer: world.peer(0), character: ARIA.parse().unwrap() };
    world.command(1, first.clone()).unwrap();
    let before = world.nodes[1].fetches.len();
    let order = world.waiting_fetches()[0];
    world.report(order, FetchEvent::Stored { complete: Vec::new(), bytes: 1, wire_bytes: 1 });
    let FetchWork::Groups { blob, .. } = &world.nodes[1].fetches[before].2 else { panic!("no small ones here") };
    assert_eq!(blob.hash, hash_of("far*9000000.tex"));
    let shown: Vec<bool> = world.snapshot(1).transfers.iter().map(|transfer| transfer.first).collect();
    assert_eq!(shown, [true, false]);
    world.slow_fetches = false;
    world.command(1, Command::CancelTransfer { peer: world.peer(0), character: ARIA.parse().unwrap() }).unwrap();
    assert!(world.command(1, first).is_err(), "nothing is fetched for it any more");
}

#[test]
fn a_resync_tries_again_what_found_the_disk_full() {
    let mut world = World::friends();
    world.slow_fetches = true;
    share(&mut world, 0, ARIA, &["a.tex"]);
    let order: (usize, FetchId) = *world.waiting_fetches().last().unwrap();
    world.report(order, FetchEvent::Failed(FetchError::Disk("the disk is full".to_owned())));
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::Failed { .. })));
    world.slow_fetches = false;
    world.command(1, Command::Resync { peer: None }).unwrap();
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

/// What node 0 said last of how it looks.
fn announced(world: &World) -> Announce {
    let said = world.nodes[0].sent.iter().rev();
    said.filter_map(|said| if let Control::Announce(announce) = said { Some(announce.clone()) } else { None }).next().unwrap()
}

/// Node 1 hears that from node 0.
fn hear(world: &mut World, announce: Announce) {
    let link = world.link(1, 0);
    world.input(1, Input::Received(link, Control::Announce(announce)));
    world.run();
}

/// Node 0 shows a look that is over node 1's limits.
fn held_back() -> World {
    let mut world = World::friends();
    limit_bytes(&mut world);
    share(&mut world, 0, ARIA, &["long name.tex"]);
    assert!(matches!(world.progress(1, 0, ARIA), Some(Progress::TooHeavy { .. })));
    world
}

fn limit_bytes(world: &mut World) {
    let change = SettingChange::Weight(WeightPart::Bytes(5));
    world.command(1, Command::ChangeSetting { change }).unwrap();
}

fn allow(world: &mut World, over_limits: OverLimits) -> Result<(), crate::engine::command::CommandError> {
    let (peer, character) = (world.peer(0), ARIA.parse().unwrap());
    world.command(1, Command::AllowLook { peer, character, over_limits })
}

fn over_limits(world: &World) -> OverLimits {
    world.view(1, 0).characters[0].over_limits
}

fn share(world: &mut World, n: usize, character: &str, files: &[&str]) {
    world.publish(n, character, files);
    world.share(n, character);
}
