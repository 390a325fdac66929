//! Friends by a code, and friends who are met by relays.

use std::time::Duration;

use super::world::World;
use crate::domain::{DisplayName, Invitation, InviteCode, Trust};
use crate::engine::command::{Command, SettingChange};
use crate::engine::input::Input;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{CodeFailure, CodeState, CodeView, TakenState};
use crate::wire::invitation::Answer;
use crate::wire::pairing::Role;

#[test]
fn a_code_makes_verified_friends_who_are_linked_once_they_meet() {
    let mut world = World::new(2);
    let words = offer(&mut world, 0);
    world.command(1, Command::JoinByCode { code: words.to_uppercase() }).unwrap();
    assert_eq!(world.nodes[1].codes[0].code, world.nodes[0].codes[0].code);
    assert_eq!([world.nodes[0].codes[0].role, world.nodes[1].codes[0].role], [Role::Issuer, Role::Joiner]);
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

#[test]
fn a_link_lets_in_as_many_as_it_is_for_each_once_until_it_is_over_or_taken_back() {
    let mut world = World::new(4);
    let link = invite(&mut world, 0, Duration::from_secs(3600), 2);
    for guest in [1, 2, 1, 3] {
        redeem(&mut world, 0, guest, &link);
    }
    let peers = [1, 2, 3].map(|n| world.peer(n));
    let expected =
        [(peers[0], Answer::Welcome), (peers[1], Answer::Welcome), (peers[0], Answer::Welcome), (peers[2], Answer::UsedUp)];
    assert_eq!(world.nodes[0].answers, expected);
    assert_eq!(world.view(0, 1).trust, Trust::Friend);
    assert!(world.nodes[0].notices.contains(&Notice::InvitationEnded { peer: peers[0], state: None }));
    world.command(0, Command::RemovePeer { peer: peers[0] }).unwrap();
    redeem(&mut world, 0, 1, &link);
    assert_eq!(world.nodes[0].answers.last(), Some(&(peers[0], Answer::UsedUp)), "whom I have removed does not come back by it");
    assert!(world.snapshot(0).peers.iter().all(|view| view.peer != peers[0]));

    let link = invite(&mut world, 0, Duration::from_secs(3600), 2);
    world.command(0, Command::DropInvitation { id: link.id() }).unwrap();
    redeem(&mut world, 0, 3, &link);
    assert_eq!(world.nodes[0].answers.last(), Some(&(peers[2], Answer::UsedUp)), "taken back");
    let link = invite(&mut world, 0, Duration::from_secs(3600), 2);
    world.pass(Duration::from_secs(3601));
    redeem(&mut world, 0, 3, &link);
    assert_eq!(world.nodes[0].answers.last(), Some(&(peers[2], Answer::Expired)));
    let link = invite(&mut world, 0, Duration::from_secs(3600), 2);
    world.command(0, Command::BlockPeer { peer: peers[1] }).unwrap();
    let before = world.nodes[0].answers.len();
    redeem(&mut world, 0, 2, &link);
    assert_eq!(world.nodes[0].answers.len(), before, "the blocked one hears nothing");
}

#[test]
fn a_link_that_was_taken_up_waits_also_over_a_restart_and_makes_friends_once_it_is_answered() {
    let mut world = World::new(2);
    let link = invite(&mut world, 0, Duration::from_secs(3600), 1);
    world.command(1, Command::TakeInvitation { link: link.to_string() }).unwrap();
    assert_eq!(world.nodes[1].meeting.taken, std::slice::from_ref(&link));
    world.restart(1);
    assert_eq!(world.nodes[1].meeting.taken, std::slice::from_ref(&link));
    assert_eq!(world.snapshot(1).invites.taken[0].state, TakenState::Waiting);
    let answered = |answer| Input::InvitationAnswered { secret: link.secret.clone(), answer, name: None };
    world.input(1, answered(Answer::Welcome));
    assert_eq!(world.view(1, 0).trust, Trust::Friend);
    assert!(world.snapshot(1).invites.taken.is_empty());
    let again = world.command(1, Command::TakeInvitation { link: link.to_string() }).unwrap_err();
    assert!(again.0.contains("already"), "{again}");
    assert!(world.nodes[1].meeting.relays.contains(&link.relays[0]), "their relays are asked too");
}

#[test]
fn a_link_that_is_refused_says_why_and_one_that_is_none_is_not_taken() {
    let mut world = World::new(2);
    let link = invite(&mut world, 0, Duration::from_secs(3600), 1);
    world.command(1, Command::TakeInvitation { link: link.to_string() }).unwrap();
    world.input(1, Input::InvitationAnswered { secret: link.secret.clone(), answer: Answer::UsedUp, name: None });
    assert_eq!(world.snapshot(1).invites.taken[0].state, TakenState::UsedUp);
    world.input(1, Input::InvitationAnswered { secret: link.secret.clone(), answer: Answer::Welcome, name: None });
    assert!(world.snapshot(1).peers.is_empty(), "what came first counts");
    world.command(1, Command::DropInvitation { id: link.id() }).unwrap();
    assert!(world.snapshot(1).invites.taken.is_empty());
    let own = world.command(0, Command::TakeInvitation { link: link.to_string() }).unwrap_err();
    assert!(own.0.contains("your own"), "{own}");
    for (text, why) in [("hello", "no invitation"), (&link.to_string()[..100], "not whole")] {
        let error = world.command(1, Command::TakeInvitation { link: text.to_owned() }).unwrap_err();
        assert!(error.0.contains(why), "{error}");
    }
    for (lasting, uses) in [(0, 1), (31 * 86_400, 1), (60, 0), (60, 101)] {
        let order = Command::OfferInvitation { lasting: Duration::from_secs(lasting), uses };
        assert!(world.command(0, order).is_err(), "{lasting} {uses}");
    }
}

fn invite(world: &mut World, n: usize, lasting: Duration, uses: u32) -> Invitation {
    world.command(n, Command::OfferInvitation { lasting, uses }).unwrap();
    let link = world.snapshot(n).invites.issued[0].invitation.clone();
    assert!(world.nodes[n].meeting.issued.contains(&link.secret));
    link
}

fn redeem(world: &mut World, n: usize, guest: usize, link: &Invitation) {
    let card = world.card(guest);
    world.input(n, Input::Redeemed { secret: link.secret.clone(), card, name: None });
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
