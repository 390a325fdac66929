//! Friends by a code, and friends who are met by relays.

use std::time::Duration;

use super::world::World;
use crate::domain::{DisplayName, InviteCode, Trust};
use crate::engine::command::{Command, SettingChange};
use crate::engine::input::Input;
use crate::engine::notice::Notice;
use crate::engine::output::CodeRole;
use crate::engine::snapshot::{CodeFailure, CodeState, CodeView};

#[test]
fn a_code_makes_verified_friends_who_are_linked_once_they_meet() {
    let mut world = World::new(2);
    let words = offer(&mut world, 0);
    world.command(1, Command::JoinByCode { code: words.to_uppercase() }).unwrap();
    assert_eq!(world.nodes[1].codes[0].code, world.nodes[0].codes[0].code);
    assert_eq!([world.nodes[0].codes[0].role, world.nodes[1].codes[0].role], [CodeRole::Issuer, CodeRole::Joiner]);
    end_codes(&mut world);
    assert!(!world.linked(0, 1), "nobody knows where the other is");
    world.input(0, Input::Met { peer: world.peer(1), here: true });
    assert!(world.linked(0, 1));
}

#[test]
fn a_friend_who_is_met_is_dialled_again_with_no_address_and_one_who_is_not_is_not() {
    let mut world = World::new(2);
    let words = offer(&mut world, 0);
    world.command(1, Command::JoinByCode { code: words }).unwrap();
    end_codes(&mut world);
    let peer = world.peer(1);
    world.input(0, Input::Met { peer, here: true });
    world.break_link(0, 1);
    world.pass(Duration::from_secs(10));
    assert!(world.linked(0, 1), "of itself");
    world.input(0, Input::Met { peer, here: false });
    world.break_link(0, 1);
    world.pass(Duration::from_secs(200));
    assert!(!world.linked(0, 1));
    world.input(0, Input::Met { peer, here: true });
    assert!(world.linked(0, 1), "to be met is news");
}

#[test]
fn relays_are_used_only_while_somebody_is_to_be_found() {
    let mut world = World::new(1);
    let uses = |world: &World| !world.nodes[0].meeting.relays.is_empty();
    assert!(!uses(&world), "no friend, no code");
    offer(&mut world, 0);
    assert!(uses(&world));
    world.command(0, Command::PutCodeAway { offered: true }).unwrap();
    assert!(!uses(&world) && world.nodes[0].codes.is_empty());
    let mut world = World::friends();
    assert!(uses(&world));
    world.command(0, Command::Pause { scope: crate::engine::command::Scope::Everyone, lasting: None }).unwrap();
    assert!(!uses(&world), "who rests looks away");
    world.command(0, Command::Resume { scope: crate::engine::command::Scope::Everyone }).unwrap();
    world.command(0, Command::ChangeSetting { change: SettingChange::Rendezvous(false) }).unwrap();
    assert!(!uses(&world), "it is switched off");
    assert!(world.command(0, Command::OfferCode).is_err());
    world.command(0, Command::ChangeSetting { change: SettingChange::Rendezvous(true) }).unwrap();
    world.command(0, Command::ChangeSetting { change: SettingChange::Relays(Vec::new()) }).unwrap();
    assert!(world.command(0, Command::OfferCode).unwrap_err().0.contains("relay"));
}

#[test]
fn a_code_is_over_after_ten_minutes_and_a_new_one_takes_its_place() {
    let mut world = World::new(1);
    let first = offer(&mut world, 0);
    world.pass(Duration::from_secs(300));
    assert_ne!(offer(&mut world, 0), first);
    assert_eq!(world.nodes[0].codes.len(), 1, "the first one was given up");
    world.pass(Duration::from_secs(599));
    assert_eq!(offered(&world, 0).state, CodeState::Open);
    world.pass(Duration::from_secs(2));
    assert_eq!(offered(&world, 0).state, CodeState::Failed { why: CodeFailure::Expired });
    assert!(world.nodes[0].codes.is_empty());
}

#[test]
fn what_comes_of_a_code_that_was_given_up_is_not_heard() {
    let mut world = World::new(2);
    offer(&mut world, 0);
    let (invite, card) = (world.nodes[0].codes[0].invite, world.card(1));
    world.command(0, Command::PutCodeAway { offered: true }).unwrap();
    world.input(0, Input::CodeEnded { invite, result: Ok((card, None)) });
    assert!(world.snapshot(0).peers.is_empty());
    offer(&mut world, 0);
    let invite = world.nodes[0].codes[0].invite;
    world.input(0, Input::CodeEnded { invite, result: Err(CodeFailure::Wrong) });
    world.input(0, Input::CodeEnded { invite, result: Ok((card, None)) });
    assert!(world.snapshot(0).peers.is_empty(), "it has ended");
}

#[test]
fn a_code_lets_in_neither_me_nor_whom_i_have_blocked() {
    let mut world = World::friends();
    let peer = world.peer(1);
    world.command(0, Command::BlockPeer { peer }).unwrap();
    for card in [world.card(1), world.card(0)] {
        offer(&mut world, 0);
        let invite = world.nodes[0].codes.last().unwrap().invite;
        world.input(0, Input::CodeEnded { invite, result: Ok((card, None)) });
        assert!(matches!(offered(&world, 0).state, CodeState::Failed { why: CodeFailure::Other(_) }));
    }
    assert_eq!(world.view(0, 1).trust, Trust::Blocked);
}

#[test]
fn what_is_no_code_is_refused_with_a_sentence() {
    let mut world = World::new(1);
    let words = offer(&mut world, 0);
    for (code, why) in [("acid bacon", "has six words"), ("xyzzy bacon cabin dance eager fabric", "xyzzy"), (&words, "you offer")]
    {
        let error = world.command(0, Command::JoinByCode { code: code.to_owned() }).unwrap_err();
        assert!(error.0.contains(why), "{error}");
    }
}

/// Both codes make friends.
fn end_codes(world: &mut World) {
    for (n, other) in [(0, 1), (1, 0)] {
        let (invite, card) = (world.nodes[n].codes[0].invite, world.card(other));
        world.input(n, Input::CodeEnded { invite, result: Ok((card, DisplayName::new("Somebody").ok())) });
        assert_eq!(world.view(n, other).trust, Trust::Verified);
        assert_eq!(world.nodes[n].meeting.friends, [card]);
        let state = CodeState::Friends { peer: world.peer(other) };
        assert!(world.nodes[n].notices.contains(&Notice::CodeEnded { offered: n == 0, state }));
    }
}

fn offer(world: &mut World, n: usize) -> String {
    world.command(n, Command::OfferCode).unwrap();
    let view = offered(world, n);
    assert_eq!(view.state, CodeState::Open);
    assert_eq!(view.code.to_string().parse::<InviteCode>().as_ref(), Ok(&view.code));
    view.code.to_string()
}

fn offered(world: &World, n: usize) -> CodeView {
    world.snapshot(n).invites.offered.unwrap()
}
