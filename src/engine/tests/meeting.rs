//! From strangers to a link, and what comes between.

use std::time::Duration;

use super::world::World;
use crate::domain::{Audience, DiscoveryMode, DisplayName, Trust};
use crate::engine::command::{Command, Scope, SettingChange};
use crate::engine::input::*;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{LinkView, Prompt};
use crate::wire::control::{ByeReason, Control, Hello};

#[test]
fn a_stranger_who_knocks_stands_before_the_person_and_gets_nothing_until_accepted() {
    let mut world = World::new(2);
    world.publish(1, "Bea@Omega", &["a.tex"]);
    world.share(1, "Bea@Omega");
    world.set_open(1, true);
    let address = world.nodes[1].address.to_string();
    world.command(0, Command::ConnectAddress { address }).unwrap();
    let stranger = world.peer(0);
    assert!(matches!(world.snapshot(1).prompts[..], [Prompt::Stranger { peer, .. }] if peer == stranger));
    assert_eq!(world.view(0, 1).link, LinkView::WaitingForAcceptance);
    world.pass(Duration::from_secs(300));
    assert!(!world.linked(0, 1), "dials of one who was not accepted stay unanswered");
    assert!(world.nodes[1].sent.is_empty(), "nothing was said to them");
    world.command(1, Command::AcceptPeer { peer: stranger, once: false }).unwrap();
    assert!(world.linked(0, 1));
    assert!(world.snapshot(1).prompts.is_empty());
    assert_eq!(world.view(0, 1).characters.len(), 1);
}

#[test]
fn a_dismissed_stranger_stays_away_and_a_blocked_one_too() {
    let mut world = World::new(2);
    world.set_open(1, true);
    let (peer, address) = (world.peer(0), world.nodes[1].address.to_string());
    for _ in 0..2 {
        world.command(0, Command::ConnectAddress { address: address.clone() }).unwrap();
        let known = world.command(1, Command::DismissPeer { peer });
        assert!(world.snapshot(1).prompts.is_empty());
        world.command(0, Command::RemovePeer { peer: world.peer(1) }).unwrap();
        drop(known);
    }
    assert_eq!(world.nodes[1].notices.iter().filter(|notice| matches!(notice, Notice::PeerKnocked { .. })).count(), 1);
    assert!(world.command(1, Command::BlockPeer { peer }).is_err(), "nobody of that id is to be seen any more");
}

#[test]
fn one_address_cannot_fill_the_queue_and_the_queue_ends() {
    let mut world = World::new(1);
    let knock = |world: &mut World, n: u8, address: &str| {
        let card = *crate::domain::Identity::from_seed([n; 32]).card();
        world.input(0, Input::Knocked { card, name: None, address: address.parse().unwrap() });
    };
    for n in 100..110 {
        knock(&mut world, n, "10.0.0.9:1");
    }
    assert_eq!(world.snapshot(0).prompts.len(), 3);
    for n in 110..150 {
        knock(&mut world, n, &format!("10.0.1.{n}:1"));
    }
    assert_eq!(world.snapshot(0).prompts.len(), 20);
}

#[test]
fn a_known_name_with_another_key_is_pointed_out() {
    let mut world = World::new(3);
    let name = DisplayName::new("Aria").unwrap();
    for n in [0, 2] {
        world.command(n, Command::ChangeSetting { change: SettingChange::Name(Some(name.clone())) }).unwrap();
    }
    world.befriend(0, 1);
    world.set_open(1, true);
    let address = world.nodes[1].address.to_string();
    world.command(2, Command::ConnectAddress { address }).unwrap();
    let friend = world.peer(0);
    assert!(matches!(world.snapshot(1).prompts[..], [Prompt::Stranger { same_name_as: Some(peer), .. }] if peer == friend));
}

#[test]
fn connecting_to_an_address_where_nobody_answers_ends_in_a_sentence() {
    let mut world = World::new(2);
    assert!(world.command(0, Command::ConnectAddress { address: "http://x".to_owned() }).is_err());
    let address = world.nodes[1].address.to_string();
    world.command(0, Command::ConnectAddress { address: address.clone() }).unwrap();
    assert!(
        matches!(&world.nodes[0].notices[..], [Notice::ConnectionFailed { peer: None, text }] if text.contains(&address) && text.contains("Everyone nearby"))
    );
}

#[test]
fn of_two_simultaneous_dials_one_link_comes_out() {
    let mut world = World::friends();
    world.slow_offers = true;
    world.break_link(0, 1);
    world.command(0, Command::Reconnect { peer: world.peer(1) }).unwrap();
    world.command(1, Command::Reconnect { peer: world.peer(0) }).unwrap();
    world.deliver_offers();
    assert!(world.linked(0, 1));
    assert_eq!(world.link(0, 1).generation, world.link(1, 0).generation);
    assert_eq!(world.link(0, 1).generation % 2, 0, "the offer of the lower id stands");
    let link = world.link(0, 1);
    world.pass(Duration::from_secs(300));
    assert_eq!(world.link(0, 1), link, "and stays");
}

#[test]
fn where_only_the_higher_id_can_dial_its_offer_is_answered_after_all() {
    let mut world = World::friends();
    world.cut.insert((0, 1));
    world.break_link(0, 1);
    world.pass(Duration::from_secs(10));
    assert!(world.linked(0, 1));
    assert_eq!(world.link(0, 1).generation % 2, 1);
}

#[test]
fn a_restart_goes_to_a_higher_generation_and_replaces_the_link_that_seems_up() {
    let mut world = World::friends();
    let before = world.link(1, 0);
    world.restart(0);
    world.pass(Duration::from_secs(2));
    assert!(world.linked(0, 1));
    assert!(world.link(1, 0).generation > before.generation);
}

#[test]
fn an_offer_of_an_older_generation_does_not_replace_a_link() {
    let mut world = World::friends();
    let link = world.link(1, 0);
    let (card, address) = (world.card(0), world.nodes[0].address);
    for generation in [link.generation, link.generation - 2, u64::MAX] {
        world.input(1, Input::OfferArrived { ticket: OfferTicket(9_000), card, generation, address: Some(address) });
    }
    assert_eq!(world.link(1, 0), link);
}

#[test]
fn a_silent_link_is_dead_after_fifteen_seconds_and_dialled_again() {
    let mut world = World::friends();
    let before = world.link(0, 1);
    world.cut.extend([(0, 1), (1, 0)]);
    silence(&mut world, Duration::from_secs(14));
    assert!(world.nodes[0].engine.links.linked(&before.peer).is_some());
    silence(&mut world, Duration::from_secs(1));
    assert!(world.nodes[0].engine.links.linked(&before.peer).is_none());
    world.cut.clear();
}

#[test]
fn a_friend_who_is_connected_is_asked_for_a_sign_of_life_when_the_person_wants_a_link_at_once() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    world.command(0, Command::Reconnect { peer: link.peer }).unwrap();
    assert!(matches!(world.nodes[0].sent.last(), Some(Control::Ping { .. })));
    let (engine, now) = (&mut world.nodes[0].engine, world.now);
    engine.handle_input(now, Input::Command(RequestId(u64::MAX), Command::Reconnect { peer: link.peer }));
    silence(&mut world, Duration::from_secs(4));
    assert!(world.nodes[0].engine.links.linked(&link.peer).is_some());
    silence(&mut world, Duration::from_secs(1));
    assert!(world.nodes[0].engine.links.linked(&link.peer).is_none(), "it would be waited for as long as ever");
}

#[test]
fn when_the_network_or_the_clock_changes_a_link_is_asked_at_once_and_dead_after_five_seconds() {
    for news in [Input::NetworkChanged, Input::Clock { unix_now: 1_800_009_000 }] {
        let mut world = World::friends();
        let link = world.link(0, 1);
        world.input(0, news.clone());
        assert!(matches!(world.nodes[0].sent.last(), Some(Control::Ping { .. })));
        silence(&mut world, Duration::from_secs(6));
        assert_eq!(world.link(0, 1), link, "the answer came");
        world.cut.extend([(0, 1), (1, 0)]);
        let (engine, now) = (&mut world.nodes[0].engine, world.now);
        let again = if matches!(news, Input::NetworkChanged) { news } else { Input::Clock { unix_now: 1_800_000_000 } };
        engine.handle_input(now, again);
        silence(&mut world, Duration::from_secs(4));
        assert!(world.nodes[0].engine.links.linked(&link.peer).is_some());
        silence(&mut world, Duration::from_secs(1));
        assert!(world.nodes[0].engine.links.linked(&link.peer).is_none());
    }
}

#[test]
fn a_clock_that_was_set_back_or_is_dead_keeps_nobody_from_linking() {
    for unix_now in [5, 1_700_000_000, 9_000_000_000] {
        let mut world = World::friends();
        let before = world.link(0, 1);
        world.input(0, Input::Clock { unix_now });
        for cut in [(0, 1), (1, 0)] {
            world.cut.clear();
            world.cut.insert(cut);
            world.break_link(0, 1);
            world.pass(Duration::from_secs(60));
            assert!(world.linked(0, 1), "{unix_now}, {cut:?}");
        }
        assert!(world.link(0, 1).generation > before.generation);
    }
}

#[test]
fn what_a_person_decides_is_saved_before_anything_else_happens() {
    let mut world = World::friends();
    let peer = world.peer(1);
    let trust = |world: &World| world.nodes[0].saved.as_ref().and_then(|saved| saved.peers.get(&peer)).map(|saved| saved.trust);
    assert_eq!(trust(&world), Some(Trust::Friend));
    // In the same moment as what was saved last.
    world.command(0, Command::BlockPeer { peer }).unwrap();
    assert_eq!(trust(&world), Some(Trust::Blocked));
    world.command(0, Command::UnblockPeer { peer }).unwrap();
    assert_eq!(trust(&world), None);
}

#[test]
fn my_own_card_is_neither_a_stranger_nor_near() {
    let mut world = World::new(1);
    let (card, address) = (world.card(0), world.nodes[0].address);
    world.input(0, Input::Knocked { card, name: None, address });
    world.input(0, Input::Heard { sighting: Sighting::Open { card, name: None }, address });
    assert!(world.snapshot(0).prompts.is_empty() && world.snapshot(0).nearby.is_empty());
}

#[test]
fn three_deaths_in_two_minutes_are_followed_by_rest() {
    let mut world = World::friends();
    for _ in 0..3 {
        world.break_link(0, 1);
        world.pass(Duration::from_secs(8));
    }
    assert!(!world.linked(0, 1));
    assert!(matches!(world.view(0, 1).link, LinkView::Offline { retry_in: Some(seconds), .. } if seconds > 200));
    world.pass(Duration::from_secs(310));
    assert!(world.linked(0, 1));
}

#[test]
fn reconnecting_waits_longer_each_time_and_a_sighting_ends_the_wait() {
    let mut world = World::friends();
    world.cut.extend([(0, 1), (1, 0)]);
    world.break_link(0, 1);
    world.pass(Duration::from_secs(600));
    assert!(matches!(world.view(0, 1).link, LinkView::Offline { reason: Some(_), retry_in: Some(_) }));
    world.cut.clear();
    let (peer, address) = (world.peer(1), world.nodes[1].address);
    world.pass(Duration::from_secs(4));
    if !world.linked(0, 1) {
        world.input(0, Input::Heard { sighting: Sighting::Friend(peer), address });
    }
    assert!(world.linked(0, 1));
}

#[test]
fn hello_comes_first_and_once_and_within_ten_seconds() {
    let spoken = |messages: Vec<Control>| {
        let mut world = World::friends();
        let link = world.link(0, 1);
        for message in messages {
            world.input(0, Input::Received(link, message));
        }
        world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. }))
    };
    assert!(!spoken(vec![Control::Ping { token: 1 }, Control::Unknown { number: 999 }]));
    assert!(spoken(vec![Control::Hello(hello(1, 1))]), "a second hello");
    let mut world = World::friends();
    let link = fresh_link(&mut world);
    world.input(0, Input::Received(link, Control::Ping { token: 1 }));
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })), "a word before hello");
    let mut world = World::friends();
    let link = fresh_link(&mut world);
    world.pass(Duration::from_secs(11));
    assert_ne!(world.nodes[0].engine.links.linked(&link.peer), Some(link));
}

#[test]
fn programs_without_a_common_version_part_with_a_sentence_that_says_who_is_older() {
    for (min, max, word) in [(0, 0, "older"), (2, 9, "newer")] {
        let mut world = World::friends();
        let link = fresh_link(&mut world);
        world.input(0, Input::Received(link, Control::Hello(hello(min, max))));
        let said = world.nodes[0]
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::ConnectionFailed { text, .. } if text.contains(word)));
        assert!(said, "{word}: {:?}", world.nodes[0].notices);
        assert!(world.nodes[0].sent.iter().any(|said| matches!(said, Control::Bye { reason: ByeReason::Incompatible, .. })));
        assert!(matches!(world.view(0, 1).link, LinkView::Offline { reason: Some(_), .. }));
    }
}

#[test]
fn too_many_messages_end_the_link() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    for token in 0..2000 {
        world.input(0, Input::Received(link, Control::Ping { token }));
    }
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
    assert!(!world.linked(0, 1));
}

#[test]
fn one_who_broke_the_rules_is_not_answered_for_five_minutes() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    world.input(0, Input::Received(link, Control::Hello(hello(1, 1))));
    assert!(!world.linked(0, 1));
    world.pass(Duration::from_secs(290));
    assert!(!world.linked(0, 1), "whoever dials");
    world.pass(Duration::from_secs(80));
    assert!(world.linked(0, 1));
}

#[test]
fn pausing_looks_like_being_away_and_ends_by_itself() {
    let mut world = World::friends();
    world.command(0, Command::Pause { scope: Scope::Everyone, lasting: Some(Duration::from_secs(60)) }).unwrap();
    assert!(!world.linked(0, 1));
    assert_eq!(world.view(0, 1).link, LinkView::Paused);
    assert!(
        world.nodes[0]
            .sent
            .iter()
            .any(|said| matches!(said, Control::Bye { reason: ByeReason::Leaving, text } if text.is_empty()))
    );
    world.pass(Duration::from_secs(50));
    assert!(!world.linked(0, 1));
    world.pass(Duration::from_secs(75));
    assert!(world.linked(0, 1));
    assert!(!world.snapshot(0).pause.paused);
}

#[test]
fn a_plugin_that_rests_pauses_everything_until_it_resumes_or_is_gone() {
    let mut world = World::friends();
    world.connect_plugin(0);
    world.plugin(0, crate::wire::plugin::FromPlugin::Pause);
    assert!(world.snapshot(0).pause.paused && !world.linked(0, 1));
    world.input(0, Input::PluginGone(super::world::PLUGIN));
    assert!(!world.snapshot(0).pause.paused);
}

#[test]
fn blocking_ends_the_link_and_unblocking_is_as_if_never_met() {
    let mut world = World::friends();
    let peer = world.peer(1);
    world.command(0, Command::BlockPeer { peer }).unwrap();
    assert!(!world.linked(0, 1));
    assert_eq!(world.view(0, 1).link, LinkView::Blocked);
    world.pass(Duration::from_secs(120));
    assert!(!world.linked(0, 1));
    world.command(0, Command::UnblockPeer { peer }).unwrap();
    assert!(world.snapshot(0).peers.is_empty());
}

#[test]
fn one_who_was_let_in_once_is_forgotten_when_the_program_ends() {
    let mut world = World::new(2);
    world.set_open(1, true);
    let address = world.nodes[1].address.to_string();
    world.command(0, Command::ConnectAddress { address }).unwrap();
    let peer = world.peer(0);
    world.command(1, Command::AcceptPeer { peer, once: true }).unwrap();
    assert!(world.linked(0, 1));
    assert_eq!(world.view(1, 0).trust, Trust::Once);
    let (character, chosen) = ("Bea@Omega".parse().unwrap(), [peer].into());
    world.publish(1, "Bea@Omega", &["a.tex"]);
    world.command(1, Command::ShareCharacter { character, audience: Audience::Chosen(chosen) }).unwrap();
    assert_eq!(world.view(1, 0).sees.len(), 1);
    world.restart(1);
    assert!(world.snapshot(1).peers.is_empty());
    assert_eq!(
        world.snapshot(1).characters[0].audience,
        Some(Audience::Chosen([].into())),
        "nor does it see anything if met again"
    );
}

#[test]
fn everyone_nearby_lasts_ten_minutes() {
    let mut world = World::new(1);
    world.set_open(0, true);
    assert_eq!(world.snapshot(0).discovery.seconds_left, Some(600));
    world.pass(Duration::from_secs(601));
    assert_eq!(world.snapshot(0).discovery.mode, DiscoveryMode::FriendsOnly);
}

#[test]
fn quitting_bids_farewell_saves_and_ends() {
    let mut world = World::friends();
    world.command(0, Command::Quit).unwrap();
    assert!(world.nodes[0].ended);
    assert!(world.nodes[0].saved.as_ref().is_some_and(|saved| saved.peers.len() == 1));
    assert!(world.nodes[1].notices.contains(&Notice::PeerDisconnected { peer: world.peer(0) }));
    assert_eq!(world.nodes[0].engine.poll_timeout(), None);
}

/// Lets time pass for node 0 while nothing comes.
fn silence(world: &mut World, time: Duration) {
    let end = world.now + time;
    while let Some((at, _)) = world.nodes[0].engine.poll_timeout().filter(|(at, _)| *at <= end) {
        world.nodes[0].engine.handle_timeout(at);
        while world.nodes[0].engine.poll_output().is_some() {}
    }
    world.now = end;
}

/// A new link at node 0 on which nothing was said yet; the other side stays out of it.
fn fresh_link(world: &mut World) -> LinkKey {
    let (peer, card, address) = (world.peer(1), world.card(1), world.nodes[1].address);
    world.break_link(0, 1);
    let generation = world.nodes[0].engine.desk.unix_ms() + 1_000_001;
    world.cut.extend([(0, 1), (1, 0)]);
    let link = LinkKey { peer, generation };
    let now = world.now;
    let engine = &mut world.nodes[0].engine;
    engine.handle_input(now, Input::OfferArrived { ticket: OfferTicket(77_777), card, generation, address: Some(address) });
    while engine.poll_output().is_some() {}
    world.input(0, Input::LinkUp { link, route: crate::domain::Route::Lan, remote: address });
    link
}

fn hello(protocol_min: u16, protocol_max: u16) -> Hello {
    Hello {
        protocol_min,
        protocol_max,
        features: Vec::new(),
        program: "test".to_owned(),
        name: None,
        instance: crate::domain::InstanceId(1),
        run: None,
    }
}
