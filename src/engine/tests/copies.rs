//! The same identity in two programs at once: the newer one has the friends, the older one says so and rests.

use std::time::Duration;

use super::world::World;
use crate::domain::Identity;
use crate::engine::explain::{Says, explain};
use crate::engine::input::*;
use crate::engine::notice::Notice;
use crate::engine::snapshot::ElsewhereView;
use crate::wire::control::Control;
use crate::wire::run::RunClaim;

const ARIA: &str = "Aria@Omega";
const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn the_newer_of_two_copies_has_the_friends_and_the_older_one_rests_and_says_so() {
    let (world, copy) = two_copies();
    assert!(world.snapshot(copy).elsewhere.is_none());
    assert_eq!(world.link(1, 0).generation, world.link(copy, 1).generation);
    let older = world.snapshot(0);
    assert!(older.elsewhere.is_some());
    assert!(world.nodes[0].engine.links.linked(&world.peer(1)).is_none());
    assert_eq!(told(&world, 0, ElsewhereView::SENTENCE), 1, "said once");
    let chains = explain(&older, &world.peer(1));
    let said = chains.iter().flat_map(|chain| &chain.steps).any(|step| !step.holds && step.says == Says::Elsewhere);
    assert!(said, "{chains:?}");
}

#[test]
fn two_copies_do_not_take_the_link_from_each_other_in_turns() {
    let (mut world, copy) = two_copies();
    world.publish(copy, ARIA, &["new.tex"]);
    world.share(copy, ARIA);
    world.pass(MINUTE);
    world.applied(1);
    let (link, applies) = (world.link(1, 0), world.nodes[1].applies.len());
    for _ in 0..60 {
        world.pass(MINUTE);
        assert_eq!(world.link(1, 0), link);
        assert!(world.snapshot(0).elsewhere.is_some(), "the older one shares again while the newer one is there");
    }
    assert_eq!(world.nodes[1].applies.len(), applies, "what is shown flaps");
    assert_eq!(told(&world, 0, ElsewhereView::SENTENCE), 1, "said once");
}

#[test]
fn the_older_copy_shares_again_once_the_newer_one_is_gone() {
    let (mut world, copy) = two_copies();
    world.end(copy);
    world.pass(MINUTE * 10);
    assert!(world.snapshot(0).elsewhere.is_none());
    assert!(world.linked(0, 1));
    assert_eq!(world.view(1, 0).characters.len(), 1, "it is shown as before");
}

#[test]
fn nobody_silences_me_without_my_keys_or_with_what_i_said_before() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    let said = |message: &Control| if let Control::Hello(hello) = message { hello.run.map(|run| run.nonce) } else { None };
    let nonce = world.nodes[0].sent.iter().find_map(said);
    let (nonce, me) = (nonce.unwrap(), world.nodes[0].identity.clone());
    let later = 1_900_000_000;
    let claims = [
        RunClaim::sign(&Identity::from_seed([9; 32]), crate::domain::InstanceId(7), later, nonce),
        RunClaim::sign(&me, crate::domain::InstanceId(7), later, [0; 16]),
    ];
    for claim in claims {
        world.input(0, Input::Received(link, Control::Claim(claim)));
        assert!(world.snapshot(0).elsewhere.is_none(), "{claim:?}");
    }
}

/// Two friends, the first of whom is started a second time, later and elsewhere.
fn two_copies() -> (World, usize) {
    let mut world = World::friends();
    world.publish(0, ARIA, &["old.tex"]);
    world.share(0, ARIA);
    world.see(1, &[ARIA]);
    world.pass(MINUTE);
    assert_eq!(world.view(1, 0).characters.len(), 1);
    let copy = world.copy(0);
    world.pass(MINUTE);
    (world, copy)
}

fn told(world: &World, n: usize, sentence: &str) -> usize {
    world.nodes[n].notices.iter().filter(|notice| matches!(notice, Notice::Other { text } if text == sentence)).count()
}
