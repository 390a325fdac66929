//! Comparing codes.

use std::time::Duration;

use super::world::World;
use crate::domain::Trust;
use crate::engine::command::Command;
use crate::engine::input::Input;
use crate::engine::notice::Notice;
use crate::engine::snapshot::Prompt;
use crate::wire::control::{Control, VerifyStep};

#[test]
fn both_see_one_code_whoever_begins_and_two_yeses_verify() {
    for (starter, other) in [(0, 1), (1, 0)] {
        let mut world = World::friends();
        world.command(starter, Command::StartVerification { peer: world.peer(other) }).unwrap();
        let code = code(&world, 0).expect("shown");
        assert_eq!(code.len(), 6);
        assert_eq!(Some(code), self::code(&world, 1));
        confirm(&mut world, 0, true);
        assert_eq!(world.view(0, 1).trust, Trust::Friend, "one yes is not enough");
        confirm(&mut world, 1, true);
        for (n, of) in [(0, 1), (1, 0)] {
            assert_eq!(world.view(n, of).trust, Trust::Verified);
            assert!(world.nodes[n].notices.contains(&Notice::VerificationEnded { peer: world.peer(of), verified: true }));
        }
    }
}

#[test]
fn a_late_word_of_the_last_comparison_does_not_end_the_link() {
    let mut world = World::friends();
    let (link, now) = (world.link(0, 1), world.now);
    let start = Command::StartVerification { peer: world.peer(1) };
    let engine = &mut world.nodes[0].engine;
    engine.handle_input(now, Input::Command(crate::engine::input::RequestId(9_000), start));
    engine.handle_input(now, Input::Received(link, Control::Verify(VerifyStep::Confirm(true))));
    world.run();
    assert!(world.linked(0, 1));
    assert_eq!(code(&world, 0), code(&world, 1));
    assert!(code(&world, 0).is_some());
    assert_eq!(world.view(0, 1).trust, Trust::Friend);
}

#[test]
fn codes_differ_from_one_comparison_to_the_next() {
    let mut world = World::friends();
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..2 {
        world.command(0, Command::StartVerification { peer: world.peer(1) }).unwrap();
        codes.insert(code(&world, 0).unwrap());
        confirm(&mut world, 0, false);
    }
    assert_eq!(codes.len(), 2);
}

#[test]
fn three_failures_lock_the_comparing_for_a_day() {
    let mut world = World::friends();
    let start = |world: &World| Command::StartVerification { peer: world.peer(1) };
    for _ in 0..3 {
        let command = start(&world);
        world.command(0, command).unwrap();
        confirm(&mut world, 1, false);
        assert!(world.snapshot(0).prompts.is_empty() && world.snapshot(1).prompts.is_empty());
    }
    assert!(world.command(0, start(&world)).is_err_and(|error| error.0.contains("24 hours")));
    assert!(
        world.nodes[0]
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::ConnectionFailed { text, .. } if text.contains("a day")))
    );
    assert_eq!(world.view(0, 1).trust, Trust::Friend);
}

#[test]
fn a_link_lost_after_the_commitment_counts_as_failed() {
    let mut world = World::friends();
    world.command(0, Command::StartVerification { peer: world.peer(1) }).unwrap();
    world.break_link(0, 1);
    assert!(world.nodes[0].notices.contains(&Notice::VerificationEnded { peer: world.peer(1), verified: false }));
    assert!(world.snapshot(0).prompts.is_empty());
}

#[test]
fn a_commitment_that_opens_to_something_else_is_caught() {
    let mut world = World::friends();
    let link = world.link(1, 0);
    world.input(1, Input::Received(link, Control::Verify(VerifyStep::Commit([1; 32]))));
    world.input(1, Input::Received(link, Control::Verify(VerifyStep::Open([2; 32]))));
    assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
    assert_eq!(code(&world, 1), None);
}

#[test]
fn a_second_commitment_is_a_second_guess_and_fails() {
    let mut world = World::friends();
    let link = world.link(1, 0);
    for nonce in [1, 2] {
        world.input(1, Input::Received(link, Control::Verify(VerifyStep::Commit([nonce; 32]))));
    }
    assert!(world.nodes[1].notices.contains(&Notice::VerificationEnded { peer: world.peer(0), verified: false }));
    let answers = world.nodes[1].sent.iter().filter(|said| matches!(said, Control::Verify(VerifyStep::Answer(_)))).count();
    assert_eq!(answers, 1);
}

#[test]
fn a_comparison_that_nobody_ends_is_given_up() {
    let mut world = World::friends();
    world.command(0, Command::StartVerification { peer: world.peer(1) }).unwrap();
    world.pass(Duration::from_secs(601));
    assert!(world.snapshot(0).prompts.is_empty() && world.snapshot(1).prompts.is_empty());
    assert!(world.linked(0, 1));
}

fn code(world: &World, n: usize) -> Option<String> {
    world.snapshot(n).prompts.into_iter().find_map(|prompt| match prompt {
        Prompt::CompareCode { code, .. } => Some(code),
        Prompt::Stranger { .. } | Prompt::NewCharacter { .. } | Prompt::OwnerConflict { .. } => None,
    })
}

fn confirm(world: &mut World, n: usize, matches: bool) {
    let peer = world.peer(1 - n);
    world.command(n, Command::ConfirmVerification { peer, matches }).unwrap();
}
