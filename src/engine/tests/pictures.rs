//! My name and picture, and friends' pictures.

use std::time::Duration;

use super::world::World;
use crate::domain::{BlobHash, DisplayName, Picture};
use crate::engine::command::{Command, SettingChange};
use crate::engine::input::Input;
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::wire::control::Control;

#[test]
fn a_new_name_and_picture_reach_a_linked_friend_at_once_and_outlive_the_program() {
    let mut world = World::friends();
    let change = Command::ChangeSetting { change: SettingChange::Name(name("Bea")) };
    world.command(1, change).unwrap();
    world.pass(Duration::from_secs(1));
    assert_eq!(world.view(0, 1).name, name("Bea"));
    picture(&mut world, 1, "/one.png").unwrap();
    world.pass(Duration::from_secs(1));
    let one = world.nodes[1].picture.clone().unwrap();
    assert_eq!((world.view(0, 1).picture, world.snapshot(1).me.picture), (Some(one.id()), Some(one.id())));
    assert_eq!(world.nodes[0].pictures.get(&world.peer(1)), Some(&one));
    world.pass(Duration::from_secs(1));
    world.restart(0);
    assert_eq!(world.view(0, 1).picture, Some(one.id()));
    world.pass(Duration::from_secs(60));
    assert!(world.linked(0, 1));
    let asked = world.nodes[0].sent.iter().filter(|message| matches!(message, Control::GetPicture { .. })).count();
    assert_eq!(asked, 0, "what is kept is not fetched again");
    world.command(1, Command::SetPicture { file: None }).unwrap();
    world.pass(Duration::from_secs(1));
    assert_eq!(world.view(0, 1).picture, None);
    assert!(world.nodes[0].pictures.is_empty());
}

#[test]
fn whoever_is_let_in_for_once_sees_no_picture_until_they_are_a_friend() {
    let mut world = World::new(2);
    picture(&mut world, 1, "/one.png").unwrap();
    world.set_open(1, true);
    let (peer, address) = (world.peer(0), world.nodes[1].address.to_string());
    world.command(0, Command::ConnectAddress { address }).unwrap();
    world.command(1, Command::AcceptPeer { peer, once: true }).unwrap();
    assert!(world.linked(0, 1));
    world.pass(Duration::from_secs(5));
    let shown = |message: &Control| matches!(message, Control::Profile { picture: Some(_), .. } | Control::Picture { .. });
    assert!(!world.nodes[1].sent.iter().any(shown));
    let link = world.link(1, 0);
    let id = world.nodes[1].picture.as_ref().unwrap().id();
    world.input(1, Input::Received(link, Control::GetPicture { picture: id }));
    assert!(!world.nodes[1].sent.iter().any(shown), "not even to one who knows what to ask for");
    world.command(1, Command::AcceptPeer { peer, once: false }).unwrap();
    world.pass(Duration::from_secs(5));
    assert_eq!(world.view(0, 1).picture, Some(id));
}

#[test]
fn what_is_no_picture_is_left_out_with_one_sentence_and_the_friend_stays() {
    let mut world = World::friends();
    for file in ["/bad1", "/bad2", "/bad3"] {
        picture(&mut world, 1, file).unwrap();
        world.pass(Duration::from_secs(2));
    }
    assert!(world.linked(0, 1));
    assert_eq!((world.view(0, 1).picture, world.nodes[0].pictures.len()), (None, 0));
    let sentences: Vec<&Notice> = world.nodes[0].notices.iter().filter(|notice| matches!(notice, Notice::Other { .. })).collect();
    assert!(matches!(sentences[..], [Notice::Other { text }] if text.contains("it is broken")), "{sentences:?}");
    picture(&mut world, 1, "/good").unwrap();
    world.pass(Duration::from_secs(2));
    assert!(world.view(0, 1).picture.is_some());
}

#[test]
fn other_bytes_than_were_announced_and_pictures_that_nobody_asked_for_are_not_looked_at() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    let said = BlobHash::of(b"said");
    world.input(0, Input::Received(link, Control::Picture { picture: said, bytes: b"said".to_vec() }));
    assert!(world.nodes[0].pictures.is_empty(), "nobody asked for it");
    world.input(0, Input::Received(link, Control::Profile { name: None, picture: Some(said) }));
    for bytes in [b"sent".to_vec(), vec![], vec![0; crate::domain::MAX_PICTURE + 1]] {
        world.input(0, Input::Received(link, Control::Picture { picture: said, bytes }));
    }
    assert!(world.nodes[0].pictures.is_empty() && world.linked(0, 1));
    assert_eq!(world.view(0, 1).picture, None);
}

#[test]
fn changes_are_told_once_a_second_and_who_changes_faster_is_disconnected() {
    let mut world = World::friends();
    world.pass(Duration::from_secs(5));
    let told = |world: &World| world.nodes[1].sent.iter().filter(|message| matches!(message, Control::Profile { .. })).count();
    let before = told(&world);
    for n in 0..50 {
        picture(&mut world, 1, &format!("/{n}")).unwrap();
    }
    world.pass(Duration::from_secs(3));
    assert_eq!(told(&world) - before, 2, "the first at once, the last a second later");
    assert_eq!(world.view(0, 1).picture, world.nodes[1].picture.as_ref().map(Picture::id));
    let link = world.link(0, 1);
    for n in 0..40_u8 {
        let picture = Some(BlobHash::of(&[n]));
        world.input(0, Input::Received(link, Control::Profile { name: None, picture }));
    }
    assert!(!world.linked(0, 1));
    assert!(world.nodes[0].notices.iter().any(|notice| matches!(notice, Notice::PeerMisbehaved { .. })));
}

#[test]
fn a_picture_goes_with_the_friendship() {
    let mut world = World::friends();
    picture(&mut world, 1, "/one.png").unwrap();
    world.pass(Duration::from_secs(2));
    assert_eq!(world.nodes[0].pictures.len(), 1);
    let peer = world.peer(1);
    world.command(0, Command::RemovePeer { peer }).unwrap();
    world.pass(Duration::from_secs(2));
    assert!(world.nodes[0].pictures.is_empty());
    assert!(world.nodes[0].saved.as_ref().unwrap().pictures.is_empty());
}

#[test]
fn a_file_that_is_no_picture_changes_nothing_and_the_command_says_why() {
    let mut world = World::friends();
    picture(&mut world, 1, "/one.png").unwrap();
    assert!(picture(&mut world, 1, "/no").unwrap_err().0.contains("no picture"));
    assert!(world.nodes[1].picture.is_some());
}

#[test]
fn a_blocked_friend_is_given_no_picture_and_theirs_is_forgotten() {
    let mut world = World::friends();
    picture(&mut world, 0, "/mine.png").unwrap();
    picture(&mut world, 1, "/theirs.png").unwrap();
    world.pass(Duration::from_secs(2));
    let (link, mine) = (world.link(0, 1), world.nodes[0].picture.as_ref().unwrap().id());
    let given = |world: &World| world.nodes[0].sent.iter().filter(|said| matches!(said, Control::Picture { .. })).count();
    assert_eq!((given(&world), world.nodes[0].pictures.len()), (1, 1));
    let peer = world.peer(1);
    world.command(0, Command::BlockPeer { peer }).unwrap();
    world.input(0, Input::Received(link, Control::GetPicture { picture: mine }));
    assert_eq!((given(&world), world.nodes[0].pictures.len()), (1, 0));
}

#[test]
fn of_one_friend_one_picture_at_a_time_is_looked_at_and_then_the_newest() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    let [first, second] = [b"/first".to_vec(), b"/second".to_vec()];
    let profile = |bytes: &[u8]| Control::Profile { name: None, picture: Some(BlobHash::of(bytes)) };
    world.nodes[0].looks_slowly = true;
    world.input(0, Input::Received(link, profile(&first)));
    world.input(0, Input::Received(link, Control::Picture { picture: BlobHash::of(&first), bytes: first.clone() }));
    let asked = |world: &World, bytes: &[u8]| {
        world.nodes[0].sent.iter().any(|said| *said == Control::GetPicture { picture: BlobHash::of(bytes) })
    };
    world.input(0, Input::Received(link, profile(&second)));
    world.input(0, Input::Received(link, Control::Picture { picture: BlobHash::of(&second), bytes: second.clone() }));
    assert!(asked(&world, &first) && !asked(&world, &second));
    let peer = world.peer(1);
    world.input(0, Input::PictureLookedAt { peer, picture: BlobHash::of(&first), result: Ok(()) });
    assert!(asked(&world, &second));
}

impl World {
    /// A picture is nothing but its file's name, and some names are none.
    pub(super) fn act_on_picture(&mut self, n: usize, output: Output) {
        let node = &mut self.nodes[n];
        if let Output::SavePicture(picture) = output {
            node.picture = picture;
        } else if let Output::DropPicture { peer, .. } = output {
            node.pictures.remove(&peer);
        } else if let Output::ReadPicture { request, file } = output {
            let bytes = file.to_string_lossy().into_owned().into_bytes();
            let picture = if bytes.starts_with(b"/no") { None } else { Picture::new(bytes) };
            let result = picture.ok_or_else(|| "that is no picture".to_owned());
            self.queue.push_back((n, Input::PictureRead { request, result }));
        } else if let Output::KeepPicture { peer, picture } = output
            && !node.looks_slowly
        {
            let (id, bad) = (picture.id(), picture.bytes().starts_with(b"/bad"));
            let result = if bad { Err("it is broken".to_owned()) } else { Ok(()) };
            if !bad {
                node.pictures.insert(peer, picture);
            }
            self.queue.push_back((n, Input::PictureLookedAt { peer, picture: id, result }));
        }
    }
}

fn picture(world: &mut World, n: usize, file: &str) -> Result<(), crate::engine::command::CommandError> {
    world.command(n, Command::SetPicture { file: Some(file.into()) })
}

fn name(text: &str) -> Option<DisplayName> {
    DisplayName::new(text).ok()
}
