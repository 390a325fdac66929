//! My looks: what is published, who is told, who may fetch.

use std::time::Duration;

use super::files::{hash_of, look};
use super::world::{PLUGIN, World};
use crate::domain::{AppearanceId, Audience, Permission};
use crate::engine::command::{Command, Scope};
use crate::engine::follow::Progress;
use crate::engine::input::{Input, PluginId};
use crate::engine::notice::Notice;
use crate::engine::snapshot::Prompt;
use crate::wire::control::{Announce, Control, Refusal};
use crate::wire::grant::Grant;
use crate::wire::plugin::{FromPlugin, ToPlugin};

const ARIA: &str = "Aria Fyte@Phoenix";

#[test]
fn a_new_character_is_asked_about_before_anybody_hears_of_it() {
    let mut world = World::friends();
    world.publish(0, ARIA, &["a.tex"]);
    assert!(matches!(&world.snapshot(0).prompts[..], [Prompt::NewCharacter { character }] if character.to_string() == ARIA));
    assert!(announced(&world, 0).is_empty());
    assert!(world.snapshot(0).characters[0].published.is_some(), "ready to be shared");
    world.share(0, ARIA);
    assert_eq!(announced(&world, 0).len(), 1);
    assert!(world.snapshot(0).prompts.is_empty());
    assert_eq!(world.snapshot(0).characters[0].published.as_ref().unwrap().announced_to, 1);
}

#[test]
fn the_first_publish_is_handled_at_once_and_later_ones_are_gathered() {
    let mut world = shared();
    world.publish(0, ARIA, &["b.tex"]);
    world.publish(0, ARIA, &["c.tex"]);
    assert_eq!(announced(&world, 0).len(), 1);
    world.pass(Duration::from_millis(500));
    let said = announced(&world, 0);
    assert_eq!(said.len(), 2, "b was overtaken by c");
    assert_eq!(said[1].revision.0, 2);
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["d.tex"]);
    assert_eq!(announced(&world, 0).len(), 3, "after quiet: at once");
}

#[test]
fn the_same_look_again_is_no_news() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["a.tex"]);
    assert_eq!(announced(&world, 0).len(), 1);
}

#[test]
fn a_publish_that_breaks_a_rule_says_so_everywhere_and_the_look_before_stays() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    let before = world.snapshot(0).characters[0].published.clone();
    let mut bad = look(&["a.tex"], &[]);
    bad.files[0].game_paths = vec!["../x.tex".to_owned()];
    world.plugin(0, FromPlugin::Publish { character: ARIA.to_owned(), objects: vec![bad] });
    let view = &world.snapshot(0).characters[0];
    assert_eq!(view.published, before);
    assert!(view.problem.as_ref().is_some_and(|problem| problem.contains("../x.tex")));
    assert!(world.nodes[0].said.iter().any(|line| matches!(line, ToPlugin::Notice { text } if text.contains("../x.tex"))));
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PublishFailed { .. })));
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["a.tex"]);
    assert_eq!(world.snapshot(0).characters[0].problem, None);
}

#[test]
fn a_file_that_cannot_be_read_keeps_the_look_before() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    world.nodes[0].unreadable.insert("bad.tex".to_owned());
    world.publish(0, ARIA, &["a.tex", "bad.tex"]);
    assert!(world.snapshot(0).characters[0].problem.as_ref().is_some_and(|problem| problem.contains("bad.tex")));
    assert_eq!(announced(&world, 0).len(), 1);
}

#[test]
fn a_changed_file_is_hashed_again() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    world.nodes[0].unreadable.insert("a.tex".to_owned());
    world.input(0, Input::OwnFileChanged { blob: hash_of("a.tex") });
    assert!(world.snapshot(0).characters[0].problem.is_some(), "it was hashed again");
}

#[test]
fn only_the_audience_hears_of_a_character() {
    let mut world = World::new(3);
    world.befriend(0, 1);
    world.befriend(0, 2);
    world.publish(0, ARIA, &["a.tex"]);
    let chosen = Audience::Chosen([world.peer(1)].into());
    world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience: chosen }).unwrap();
    assert_eq!(world.view(1, 0).characters.len(), 1);
    assert!(world.view(2, 0).characters.is_empty());
    assert_eq!(world.view(0, 1).sees.len(), 1);
    assert!(world.view(0, 2).sees.is_empty());
    let stranger = crate::domain::PeerId::from_bytes([9; 32]);
    let audience = Audience::Chosen([stranger].into());
    assert!(world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience }).is_err());
}

#[test]
fn a_smaller_audience_withdraws_and_stops_serving_at_once() {
    type Shrink = fn(&mut World);
    let cases: [Shrink; 3] = [
        |world| {
            let audience = Audience::Nobody;
            world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience }).unwrap();
        },
        |world| {
            let scope = Scope::Peer(world.peer(1));
            world.command(0, Command::SetPermission { scope, permission: Permission::SeeMe, allow: Some(false) }).unwrap();
        },
        |world| world.plugin(0, FromPlugin::Unpublish { character: ARIA.to_owned() }),
    ];
    for shrink in cases {
        let mut world = shared();
        assert_eq!(world.nodes[0].served.len(), 1);
        shrink(&mut world);
        assert!(world.nodes[0].sent.iter().any(|said| matches!(said, Control::Withdraw { .. })));
        assert!(world.nodes[0].served.is_empty());
        assert!(world.view(1, 0).characters.is_empty());
    }
}

#[test]
fn an_older_look_is_served_for_a_minute_more_and_then_let_go() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    let old = announced(&world, 0)[0].appearance;
    world.slow_fetches = true;
    world.publish(0, ARIA, &["b.tex"]);
    assert!(world.nodes[0].held.contains_key(&old));
    assert!(world.nodes[0].served.iter().any(|(_, appearance)| *appearance == old));
    world.pass(Duration::from_secs(61));
    assert!(!world.nodes[0].held.contains_key(&old));
    assert!(!world.nodes[0].served.iter().any(|(_, appearance)| *appearance == old));
}

#[test]
fn going_back_to_the_look_before_keeps_it() {
    let mut world = shared();
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["b.tex"]);
    world.pass(Duration::from_secs(1));
    world.publish(0, ARIA, &["a.tex"]);
    world.pass(Duration::from_secs(120));
    let current = world.snapshot(0).characters[0].published.clone().unwrap();
    assert_eq!(current.revision.0, 3);
    assert!(world.nodes[0].held.contains_key(&current.appearance));
    assert_eq!(world.nodes[0].held.len(), 1);
}

#[test]
fn a_plugin_that_is_back_within_ten_seconds_was_only_reloaded() {
    let mut world = shared();
    world.input(0, Input::PluginGone(PLUGIN));
    world.pass(Duration::from_secs(5));
    let again = PluginId(2);
    world.input(0, Input::PluginConnected { plugin: again, program: "test 2".to_owned(), roots: vec!["/mods".into()] });
    let objects = vec![look(&["a.tex"], &[])];
    world.input(0, Input::PluginSaid(again, FromPlugin::Publish { character: ARIA.to_owned(), objects }));
    world.pass(Duration::from_secs(20));
    assert_eq!(world.view(1, 0).characters.len(), 1);
    assert_eq!(announced(&world, 0).len(), 1);
    world.input(0, Input::PluginGone(again));
    world.pass(Duration::from_secs(11));
    assert!(world.view(1, 0).characters.is_empty());
}

#[test]
fn a_manifest_is_given_only_for_a_grant_that_is_mine_to_them_and_still_holds() {
    let mut world = World::new(3);
    world.befriend(0, 1);
    world.befriend(0, 2);
    world.publish(0, ARIA, &["a.tex"]);
    let chosen = Audience::Chosen([world.peer(1)].into());
    world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience: chosen }).unwrap();
    let good = announced(&world, 0)[0].grant.clone();
    let appearance = good.appearance;
    // A friend who is not in the audience shows the grant of one who is.
    assert_eq!(ask(&mut world, 2, appearance, good.clone()), Some(Refusal::NotGranted));
    // One who is shows a grant signed by themselves.
    let wearer = world.nodes[1].identity.clone();
    let own = Grant::sign(&wearer, appearance, world.peer(1), 1_800_000_000, Duration::from_secs(60));
    assert_eq!(ask(&mut world, 1, appearance, own), Some(Refusal::NotHeld));
    // An appearance that I do not wear.
    let me = world.nodes[0].identity.clone();
    let other = AppearanceId::of(b"other");
    let grant = Grant::sign(&me, other, world.peer(1), 1_800_000_000, Duration::from_secs(60));
    assert_eq!(ask(&mut world, 1, other, grant), Some(Refusal::NotHeld));
    // A grant that I gave, for what is shared no longer.
    let audience = Audience::Nobody;
    world.command(0, Command::ShareCharacter { character: ARIA.parse().unwrap(), audience }).unwrap();
    assert_eq!(ask(&mut world, 1, appearance, good.clone()), Some(Refusal::NotHeld));
    // And one that has run out.
    world.share(0, ARIA);
    let short = Grant::sign(&me, appearance, world.peer(1), 1_800_000_000, Duration::from_secs(60));
    assert_eq!(ask(&mut world, 1, appearance, short.clone()), None);
    world.pass(Duration::from_secs(61));
    assert_eq!(ask(&mut world, 1, appearance, short), Some(Refusal::NotGranted));
    assert_eq!(ask(&mut world, 1, appearance, good), None);
}

#[test]
fn grants_are_renewed_at_half_of_their_life() {
    let mut world = shared();
    world.pass(Duration::from_secs(12 * 3600 + 60));
    let said = announced(&world, 0);
    assert_eq!(said.len(), 2);
    assert!(said[1].grant.expires_unix > said[0].grant.expires_unix);
    assert_eq!(said[0].revision, said[1].revision);
    assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
}

#[test]
fn a_friend_who_lost_everything_is_told_again() {
    let mut world = shared();
    world.pass(Duration::from_secs(10));
    world.command(1, Command::Resync { peer: None }).unwrap();
    assert_eq!(announced(&world, 0).len(), 2);
}

#[test]
fn one_who_asks_again_and_again_is_told_once() {
    let mut world = shared();
    world.pass(Duration::from_secs(10));
    for _ in 0..500 {
        world.input(0, Input::Received(world.link(0, 1), Control::Resync));
    }
    assert_eq!(announced(&world, 0).len(), 2);
    assert!(world.linked(0, 1));
}

#[test]
fn a_clock_that_was_set_gives_new_grants_that_hold_by_the_new_time() {
    for unix_now in [1_800_200_000, 1_700_000_000, 5] {
        let mut world = shared();
        world.input(0, Input::Clock { unix_now: 1_800_000_010 });
        assert_eq!(announced(&world, 0).len(), 1, "a drift is no jump");
        world.input(0, Input::Clock { unix_now });
        let said = announced(&world, 0);
        assert_eq!(said.len(), 2);
        let (old, new) = (said[0].grant.clone(), said[1].grant.clone());
        assert_eq!(ask(&mut world, 1, said[1].appearance, old), Some(Refusal::NotGranted));
        assert_eq!(ask(&mut world, 1, said[1].appearance, new), None);
        assert_eq!(world.progress(1, 0, ARIA), Some(Progress::Ready));
    }
}

#[test]
fn whoever_asks_for_manifests_without_end_is_disconnected() {
    let mut world = shared();
    let (link, said) = (world.link(0, 1), announced(&world, 0).remove(0));
    for _ in 0..300 {
        let (appearance, grant) = (said.appearance, said.grant.clone());
        world.input(0, Input::Received(link, Control::GetManifest { appearance, grant }));
    }
    assert!(!world.linked(0, 1));
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
}

/// Node 0 shares a look of one file with node 1.
fn shared() -> World {
    let mut world = World::friends();
    world.publish(0, ARIA, &["a.tex"]);
    world.share(0, ARIA);
    world
}

fn announced(world: &World, n: usize) -> Vec<Announce> {
    let said = world.nodes[n].sent.iter();
    said.filter_map(|said| if let Control::Announce(announce) = said { Some(announce.clone()) } else { None }).collect()
}

/// What node 0 answers when a node asks it for a manifest.
fn ask(world: &mut World, from: usize, appearance: AppearanceId, grant: Grant) -> Option<Refusal> {
    let link = world.link(0, from);
    let before = world.nodes[0].sent.len();
    world.input(0, Input::Received(link, Control::GetManifest { appearance, grant }));
    let answers = &world.nodes[0].sent[before..];
    let refused = answers.iter().find_map(|said| if let Control::Refuse { refusal, .. } = said { Some(*refusal) } else { None });
    assert!(refused.is_some() || answers.iter().any(|said| matches!(said, Control::Manifest { .. })), "there is an answer");
    refused
}
