//! What I call friends and note of them, and what went between us.

use std::time::Duration;

use super::world::{PLUGIN, World};
use crate::domain::{DisplayName, MAX_TAGS, Note, Passphrase, Tag, Trust};
use crate::engine::command::{Command, LabelChange, SettingChange};
use crate::engine::explain::explain;
use crate::engine::input::{Input, RequestId};
use crate::engine::notice::Notice;
use crate::engine::snapshot::Prompt;

#[test]
fn a_friend_is_called_as_i_call_them_everywhere_and_never_hears_of_it() {
    let mut world = World::friends();
    say_name(&mut world, 1, "Bea");
    label(&mut world, LabelChange::Nickname(name("Sis"))).unwrap();
    label(&mut world, LabelChange::Note(Note::new("met in Limsa\nowes me gil").unwrap())).unwrap();
    label(&mut world, LabelChange::Tag(Tag::new("raid").unwrap())).unwrap();
    let view = world.view(0, 1);
    assert_eq!((view.called(), view.name.as_ref()), (name("Sis").as_ref(), name("Bea").as_ref()));
    let chains = explain(&world.snapshot(0), &world.peer(1));
    assert!(chains.first().unwrap().about.to_string().contains("Sis"), "{chains:?}");
    let refused = Command::ChooseOwner { character: "X@Omega".parse().unwrap(), owner: world.peer(1) };
    assert!(world.command(0, refused).unwrap_err().0.contains("Sis"));
    let said = format!("{:?}", world.nodes[0].sent);
    assert!(!said.contains("Sis") && !said.contains("Limsa") && !said.contains("raid"), "{said}");
}

#[test]
fn labels_outlive_the_program_and_a_block_but_not_the_friendship() {
    let mut world = World::friends();
    label(&mut world, LabelChange::Nickname(name("Sis"))).unwrap();
    world.restart(0);
    assert_eq!(world.view(0, 1).called(), name("Sis").as_ref());
    let peer = world.peer(1);
    world.command(0, Command::BlockPeer { peer }).unwrap();
    assert_eq!((world.view(0, 1).called(), world.view(0, 1).trust), (name("Sis").as_ref(), Trust::Blocked));
    world.command(0, Command::UnblockPeer { peer }).unwrap();
    assert!(world.nodes[0].saved.as_ref().unwrap().labels.is_empty());
    assert!(label(&mut world, LabelChange::Clear).is_err(), "they are nobody to me");
}

#[test]
fn whose_notices_are_off_comes_and_goes_unheard() {
    let mut world = World::friends();
    label(&mut world, LabelChange::Notices(false)).unwrap();
    world.nodes[0].notices.clear();
    world.break_link(0, 1);
    world.pass(Duration::from_secs(60));
    assert!(world.linked(0, 1));
    assert_eq!(world.nodes[0].notices, []);
    assert!(world.nodes[1].notices.iter().any(|notice| matches!(notice, Notice::PeerConnected { .. })));
    label(&mut world, LabelChange::Notices(true)).unwrap();
    world.break_link(0, 1);
    world.pass(Duration::from_secs(60));
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerConnected { .. })));
}

#[test]
fn a_stranger_who_goes_by_my_name_for_a_friend_is_a_stranger_of_that_name() {
    let mut world = World::new(3);
    world.befriend(0, 1);
    label(&mut world, LabelChange::Nickname(name("Sis"))).unwrap();
    say_name(&mut world, 2, "Sis");
    world.set_open(0, true);
    let address = world.nodes[0].address.to_string();
    world.command(2, Command::ConnectAddress { address }).unwrap();
    let friend = world.peer(1);
    let prompts = world.snapshot(0).prompts;
    assert!(matches!(prompts[..], [Prompt::Stranger { same_name_as: Some(same), .. }] if same == friend), "{prompts:?}");
}

#[test]
fn tags_end_where_there_is_no_room_and_one_that_is_not_there_cannot_be_taken_away() {
    let mut world = World::friends();
    for n in 0..MAX_TAGS {
        label(&mut world, LabelChange::Tag(Tag::new(&format!("t{n}")).unwrap())).unwrap();
    }
    let more = Tag::new("more").unwrap();
    assert!(label(&mut world, LabelChange::Tag(more.clone())).is_err());
    assert!(label(&mut world, LabelChange::Untag(more)).is_err());
    label(&mut world, LabelChange::Clear).unwrap();
    assert_eq!(world.view(0, 1).label.tags.iter().count(), 0);
}

#[test]
fn what_goes_between_friends_is_remembered_by_character_and_outlives_the_program() {
    let mut world = World::friends();
    world.publish(1, "Bea@Omega", &["a.tex", "b.tex"]);
    world.share(1, "Bea@Omega");
    let looks = |world: &World, n: usize| world.snapshot(n).history.friends.iter().map(|friend| friend.total.looks).sum::<u32>();
    world.pass(Duration::from_secs(5));
    let history = world.snapshot(0).history;
    let [friend] = history.friends.as_slice() else { panic!("{history:?}") };
    let [character] = friend.characters.as_slice() else { panic!("{history:?}") };
    assert_eq!((friend.peer, character.character.as_ref().unwrap().to_string()), (world.peer(1), "Bea@Omega".to_owned()));
    assert!(friend.total.received > 0 && friend.total.sent == 0, "{friend:?}");
    assert_eq!((looks(&world, 0), looks(&world, 1)), (1, 0));
    assert_eq!(world.nodes[0].history, None, "not saved yet");
    world.pass(Duration::from_secs(60));
    world.restart(0);
    assert_eq!((world.snapshot(0).history.friends.len(), looks(&world, 0)), (1, 1));
    world.command(0, Command::ClearHistory { peer: None }).unwrap();
    world.restart(0);
    assert!(world.snapshot(0).history.friends.is_empty());
}

#[test]
fn what_is_served_counts_for_the_character_whose_look_it_is_even_after_the_link_has_ended() {
    let mut world = World::friends();
    world.publish(1, "Bea@Omega", &["a.tex"]);
    world.share(1, "Bea@Omega");
    let (link, appearance) = (world.link(1, 0), world.view(0, 1).characters[0].appearance);
    world.input(1, Input::Served { link, appearance, bytes: 700 });
    world.break_link(0, 1);
    world.input(1, Input::Served { link, appearance, bytes: 7 });
    let unknown = crate::domain::AppearanceId::of(b"another");
    world.input(1, Input::Served { link, appearance: unknown, bytes: 1 });
    let history = world.snapshot(1).history;
    let sent: Vec<_> = history.friends[0].characters.iter().map(|known| (known.character.is_some(), known.total.sent)).collect();
    assert_eq!(sent, [(false, 1), (true, 707)]);
}

fn label(world: &mut World, label: LabelChange) -> Result<(), crate::engine::command::CommandError> {
    let peer = world.peer(1);
    world.command(0, Command::LabelPeer { peer, label })
}

fn say_name(world: &mut World, n: usize, text: &str) {
    world.command(n, Command::ChangeSetting { change: SettingChange::Name(name(text)) }).unwrap();
    for other in (0..world.nodes.len()).filter(|other| *other != n) {
        if world.nodes[n].engine.links.linked(&world.peer(other)).is_some() {
            world.break_link(n, other);
            world.pass(Duration::from_secs(60));
        }
    }
}

fn name(text: &str) -> Option<DisplayName> {
    DisplayName::new(text).ok()
}

#[test]
fn online_only_with_a_plugin_means_offline_without_one_after_a_while() {
    let mut world = World::friends();
    let set = |world: &mut World, on| {
        world.command(0, Command::ChangeSetting { change: SettingChange::OnlyWithPlugin(on) }).unwrap();
    };
    let linked = |world: &World| world.linked(0, 1);
    world.connect_plugin(0);
    assert!(linked(&world));
    set(&mut world, true);
    assert!(!world.snapshot(0).pause.lacks_plugin, "its plugin is connected");
    world.input(0, Input::PluginGone(PLUGIN));
    world.pass(Duration::from_secs(29));
    assert!(!world.snapshot(0).pause.lacks_plugin && linked(&world), "a plugin may come back");
    world.pass(Duration::from_secs(2));
    assert!(world.snapshot(0).pause.lacks_plugin && !linked(&world));
    set(&mut world, false);
    assert!(!world.snapshot(0).pause.lacks_plugin);
}

#[test]
fn what_holds_from_the_next_start_on_is_told_and_taken_back() {
    let mut world = World::friends();
    let before = world.snapshot(0).settings.port;
    let mut set = |port| {
        world.command(0, Command::ChangeSetting { change: SettingChange::Port(port) }).unwrap();
        world.snapshot(0).restart_wanted
    };
    assert!(set(before + 1));
    assert!(!set(before));
}

#[test]
fn an_identity_is_carried_with_the_newest_friends_and_an_imported_one_waits_for_a_restart() {
    let mut world = World::friends();
    let (file, passphrase) = ("/tmp/me.fyteclub".into(), Passphrase::new("correct horse").unwrap());
    label(&mut world, LabelChange::Note(Note::new("told just now").unwrap())).unwrap();
    let import = Command::ImportIdentity { file, passphrase };
    world.input(0, Input::Command(RequestId(77), import));
    assert_eq!(world.nodes[0].carried, [(RequestId(77), true)]);
    assert!(world.nodes[0].saved.as_ref().is_some_and(|saved| format!("{saved:?}").contains("Note")), "saved before");
    let failed = Err("it is no exported identity".to_owned());
    world.input(0, Input::IdentityCarried { request: RequestId(77), import: true, result: failed });
    assert!(!world.snapshot(0).restart_wanted);
    world.input(0, Input::IdentityCarried { request: RequestId(78), import: true, result: Ok(()) });
    assert!(world.snapshot(0).restart_wanted);
}
