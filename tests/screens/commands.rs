//! Every command, and every setting, has a control: found by its accessible name, worked by the mouse and by the keyboard.

use std::collections::BTreeSet;
use std::time::Duration;

use egui_kittest::kittest::Queryable as _;

use fyteclub::domain::{
    Audience, Direction, DiscoveryMode, DisplayName, InterfaceChoice, Note, Passphrase, PeerId, Permission, Rate, Tag, TextSize,
    Theme, Told, WeightPart, Welcome, WinePlugins, public_servers,
};
use fyteclub::engine::command::{Command, LabelChange, OverLimits, Scope, SettingChange};
use fyteclub::engine::follow::Progress;
use fyteclub::engine::snapshot::{ChoreView, Extent, LinkView, MaintenanceView, Prompt, Snapshot};
use fyteclub::ui::outside::Wish;
use fyteclub::ui::view::Page;
use serde::Deserialize;

use crate::made_up;
use crate::window::Window;

/// What the engine shows, which page is turned to, what is done, and what is sent then.
struct Case {
    snapshot: Snapshot,
    page: Page,
    does: Vec<Does>,
    sends: Command,
}

/// Something that a person does.
#[derive(Clone)]
enum Does {
    /// Works the control of this name.
    Press(String),
    /// Writes into the field of this name.
    Write(&'static str, &'static str),
}

fn press(name: &str) -> Does {
    Does::Press(name.to_owned())
}

#[test]
fn every_command_has_a_control_for_the_mouse_and_for_the_keyboard() {
    let mut sent = BTreeSet::new();
    for case in cases().into_iter().chain(settings()) {
        let written = serde_json::to_value(&case.sends).expect("JSON");
        sent.insert(written["command"].as_str().expect("a name").to_owned());
        check(&case);
    }
    // What is brought to the front is no control's to ask for; a second start and `fyteclub ctl show` do. And where the cache moves to, and
    // where an identity is carried, is asked by the system's dialog, from which the command comes.
    for elsewhere in ["show_window", "move_cache", "export_identity", "import_identity"] {
        assert!(sent.insert(elsewhere.to_owned()), "{elsewhere} has a control after all");
    }
    assert_eq!(sent, variants::<Command>(serde_json::json!({"command": "?"})), "a command that no control sends");
}

#[test]
fn every_setting_has_a_control() {
    let mut changed = BTreeSet::new();
    for case in settings() {
        let written = serde_json::to_value(&case.sends).expect("JSON");
        let change = &written["of"]["change"];
        changed.extend(change.as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        changed.extend(change.as_str().map(str::to_owned));
    }
    // The window says by itself that it goes on in the tray.
    changed.insert("tray_told".to_owned());
    assert_eq!(changed, variants::<SettingChange>(serde_json::json!({"?": 1})), "a setting that no control changes");
}

#[test]
fn what_the_system_asks_for_has_a_control() {
    let wishes = [
        (Page::Characters, "Choose a picture…", Wish::ChoosePicture),
        (Page::Cache, "Move…", Wish::ChooseCacheFolder),
        (Page::Cache, "Open the folder", Wish::OpenFolder("/home/ysolde/.local/share/fyteclub/cache".into())),
        (Page::Diagnostics, "Save a report…", Wish::SaveReport),
    ];
    for (page, name, wish) in wishes {
        let mut window = Window::of(made_up::evening());
        window.turn_to(page);
        window.press(name);
        assert_eq!(window.wished(), [wish]);
    }
}

#[test]
fn an_identity_is_carried_only_behind_a_passphrase() {
    let passphrase = Passphrase::new("correct horse").expect("a passphrase");
    let wishes = [("Export…", Wish::ExportIdentity(passphrase.clone())), ("Import…", Wish::ImportIdentity(passphrase))];
    for (name, wish) in wishes {
        let mut window = Window::of(made_up::evening());
        window.turn_to(Page::Settings);
        window.fill("Passphrase", "short");
        window.press(name);
        assert_eq!(window.wished(), []);
        window.fill("Passphrase", "correct horse");
        window.press(name);
        assert_eq!(window.wished(), [wish]);
    }
}

fn check(case: &Case) {
    for by_key in [false, true] {
        let mut window = Window::of(case.snapshot.clone());
        window.turn_to(case.page);
        for done in &case.does {
            match done {
                Does::Press(name) if by_key => window.press_by_key(name),
                Does::Press(name) => window.press(name),
                Does::Write(field, text) => window.fill(field, text),
            }
        }
        let sent = window.sent();
        assert!(
            sent.contains(&case.sends),
            "by the keyboard: {by_key}; {:?} sends {sent:?}, not {:?}",
            names(&case.does),
            case.sends
        );
    }
}

fn names(does: &[Does]) -> Vec<String> {
    let name = |does: &Does| match does {
        Does::Press(name) => name.clone(),
        Does::Write(field, text) => format!("{text} in {field}"),
    };
    does.iter().map(name).collect()
}

fn bryn() -> PeerId {
    made_up::id("Bryn Vale")
}

fn asked(prompt: Prompt) -> Snapshot {
    Snapshot { prompts: vec![prompt], ..made_up::evening() }
}

/// An evening in which one of Bryn's looks stands at this step.
fn looks(progress: Progress) -> Snapshot {
    let mut snapshot = made_up::evening();
    if let Some(view) = snapshot.peers.iter_mut().find(|peer| peer.peer == bryn()).and_then(|peer| peer.characters.first_mut()) {
        view.progress = progress;
    }
    snapshot
}

fn linked_as(link: LinkView) -> Snapshot {
    let mut snapshot = made_up::evening();
    if let Some(peer) = snapshot.peers.iter_mut().find(|peer| peer.peer == bryn()) {
        peer.link = link;
    }
    snapshot
}

fn cases() -> Vec<Case> {
    let peer = bryn();
    let knocker = made_up::id("Rowan Hale");
    let mine = made_up::character("Mott Underhill@Odin");
    let aria = (made_up::id("Aria Moon"), made_up::character("Aria Moon@Phoenix"));
    let theirs = made_up::character("Bryn Vale@Phoenix");
    let heavy = (made_up::id("Caius Thorne"), made_up::character("Caius Thorne@Odin"));
    let code = |confirmed| Prompt::CompareCode { peer, code: "048213".to_owned(), confirmed };
    let conflict = Prompt::OwnerConflict { character: aria.1.clone(), owner: aria.0, claimant: peer };
    let failed = Progress::Failed { reason: "the disk is full".to_owned() };
    let chore = Some(ChoreView { total: Extent { files: 9, bytes: 90 }, ..ChoreView::default() });
    let working = Snapshot { maintenance: MaintenanceView { running: chore, last: None }, ..made_up::evening() };
    let pictured = || {
        let mut snapshot = made_up::evening();
        snapshot.me.picture = Some(fyteclub::domain::BlobHash::of(b"a picture"));
        snapshot
    };
    let evening = made_up::evening;
    let friend = Page::Friend(peer);
    let of = |snapshot, page, does: Vec<Does>, sends| Case { snapshot, page, does, sends };
    let label = |label| Command::LabelPeer { peer, label };
    let allow = |over_limits| Command::AllowLook { peer: heavy.0, character: heavy.1.clone(), over_limits };
    let tag = || Tag::new("static").expect("a tag");
    let mut tagged = evening();
    tagged.settings.welcome = Welcome::Done;
    let by_tags = |more: Vec<Does>| [vec![press("Group and sort"), press("Tags"), press("More about static")], more].concat();
    vec![
        of(made_up::knock(), Page::Friends, vec![press("Add friend")], Command::AcceptPeer { peer: knocker, once: false }),
        of(made_up::knock(), Page::Friends, vec![press("Not now")], Command::DismissPeer { peer: knocker }),
        of(evening(), friend, vec![press("Block…"), press("Block")], Command::BlockPeer { peer }),
        of(
            evening(),
            Page::Friends,
            vec![press("More about Gale"), press("Unblock")],
            Command::UnblockPeer { peer: made_up::id("Gale") },
        ),
        of(evening(), friend, vec![press("Remove…"), press("Remove")], Command::RemovePeer { peer }),
        of(
            evening(),
            Page::Add,
            vec![Does::Write("Address, such as 192.168.1.20", "10.0.0.7"), press("Connect")],
            Command::ConnectAddress { address: "10.0.0.7".to_owned() },
        ),
        of(evening(), Page::Add, vec![press("Make a code")], Command::OfferCode),
        of(
            evening(),
            Page::Add,
            vec![press("For: one friend"), press("5 friends"), press("Make a link")],
            Command::OfferInvitation { lasting: Duration::from_secs(86_400), uses: 5 },
        ),
        of(
            made_up::with_codes(),
            Page::Add,
            vec![press(&format!("Take the link {} back", made_up::invitation("Ysolde").id()))],
            Command::DropInvitation { id: made_up::invitation("Ysolde").id() },
        ),
        of(
            evening(),
            Page::Add,
            vec![
                Does::Write("Six words or a link, such as acid bacon cabin dance eager fabric", "fyteclub://invite/abc"),
                press("Become friends"),
            ],
            Command::TakeInvitation { link: "fyteclub://invite/abc".to_owned() },
        ),
        of(made_up::with_codes(), Page::Add, vec![press("Give it up")], Command::PutCodeAway { offered: true }),
        of(made_up::with_codes(), Page::Add, vec![press("Close")], Command::PutCodeAway { offered: false }),
        of(
            evening(),
            Page::Add,
            vec![
                Does::Write("Six words or a link, such as acid bacon cabin dance eager fabric", "one two"),
                press("Become friends"),
            ],
            Command::JoinByCode { code: "one two".to_owned() },
        ),
        of(
            Snapshot { nearby: made_up::nearby().nearby.into_iter().take(1).collect(), ..made_up::nearby() },
            Page::Add,
            vec![press("Connect to Rowan Hale")],
            Command::ConnectNearby { peer: knocker },
        ),
        of(
            linked_as(LinkView::Offline { reason: None, retry_in: None }),
            friend,
            vec![press("Connect now")],
            Command::Reconnect { peer },
        ),
        of(
            evening(),
            friend,
            vec![press("With their effects")],
            Command::SetPermission { scope: Scope::Peer(peer), permission: Permission::Effects, allow: Some(false) },
        ),
        of(
            tagged,
            Page::Friends,
            by_tags(vec![press("With their effects")]),
            Command::SetPermission { scope: Scope::Tagged(tag()), permission: Permission::Effects, allow: Some(false) },
        ),
        of(
            evening(),
            friend,
            vec![press("Send at most: As fast as the line"), press("1.0 MiB/s")],
            Command::LimitRate { scope: Scope::Peer(peer), direction: Direction::Up, rate: Some(Rate::from(1 << 20)) },
        ),
        of(
            evening(),
            Page::Transfers,
            vec![press("Receive at most: As fast as the line"), press("512 KiB/s")],
            Command::LimitRate { scope: Scope::Everyone, direction: Direction::Down, rate: Some(Rate::from(512 << 10)) },
        ),
        of(evening(), friend, vec![press("Compare a code…")], Command::StartVerification { peer }),
        of(
            asked(code(false)),
            Page::Friends,
            vec![press("They are equal")],
            Command::ConfirmVerification { peer, matches: true },
        ),
        of(
            evening(),
            friend,
            vec![Does::Write("Nickname", "Bee"), press("Save the nickname")],
            label(LabelChange::Nickname(DisplayName::new("Bee").ok())),
        ),
        of(
            evening(),
            friend,
            vec![Does::Write("New tag", "raid"), press("Add the tag")],
            label(LabelChange::Tag(Tag::new("raid").expect("a tag"))),
        ),
        of(evening(), friend, vec![press("Remove the tag static")], label(LabelChange::Untag(tag()))),
        of(evening(), friend, vec![press("Tell me when they come, go or change")], label(LabelChange::Notices(false))),
        of(
            linked_as(LinkView::Paused),
            friend,
            vec![Does::Write("Note", "Also tanks"), press("Save the note")],
            label(LabelChange::Note(Note::new("Also tanks").expect("a note"))),
        ),
        of(
            evening(),
            Page::Characters,
            vec![press("Mott Underhill is shared with: Nobody. Change it"), press("All friends")],
            Command::ShareCharacter { character: mine, audience: Audience::AllFriends },
        ),
        of(
            asked(conflict),
            Page::Friends,
            vec![press("It belongs to Bryn Vale")],
            Command::ChooseOwner { character: aria.1.clone(), owner: peer },
        ),
        of(
            evening(),
            Page::Transfers,
            vec![press("Cancel fetching Aria Moon")],
            Command::CancelTransfer { peer: aria.0, character: aria.1.clone() },
        ),
        of(
            looks(failed),
            Page::Transfers,
            vec![press("Try to fetch Bryn Vale again")],
            Command::RetryTransfer { peer, character: theirs.clone() },
        ),
        of(
            looks(Progress::Cancelled),
            friend,
            vec![press("Try to fetch Bryn Vale again")],
            Command::RetryTransfer { peer, character: theirs },
        ),
        of(
            evening(),
            Page::Transfers,
            vec![press("Fetch Aria Moon before all others")],
            Command::PrioritiseTransfer { peer: aria.0, character: aria.1 },
        ),
        of(evening(), Page::Friends, vec![press("Allow this look of Caius Thorne once")], allow(OverLimits::AllowedOnce)),
        of(evening(), Page::Friends, vec![press("Always allow looks of Caius Thorne")], allow(OverLimits::AllowedAlways)),
        of(evening(), Page::Friends, vec![press("Pause Bryn Vale")], Command::Pause { scope: Scope::Peer(peer), lasting: None }),
        of(
            evening(),
            Page::Friends,
            by_tags(vec![press("Pause all of them")]),
            Command::Pause { scope: Scope::Tagged(tag()), lasting: None },
        ),
        of(evening(), Page::Friends, vec![press("Pause everything")], Command::Pause { scope: Scope::Everyone, lasting: None }),
        of(
            linked_as(LinkView::Paused),
            Page::Friends,
            vec![press("Resume Bryn Vale")],
            Command::Resume { scope: Scope::Peer(peer) },
        ),
        of(evening(), friend, vec![press("Show everything anew")], Command::Resync { peer: Some(peer) }),
        of(evening(), friend, vec![press("Check and fetch again")], Command::CheckLooks { peer }),
        of(evening(), friend, vec![press("Send mine again")], Command::SendAgain { peer }),
        of(
            evening(),
            Page::Add,
            vec![press("Let everyone nearby find me")],
            Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby },
        ),
        of(evening(), Page::Cache, vec![press("Check every file")], Command::VerifyCache),
        of(working, Page::Cache, vec![press("End the check or the move")], Command::CancelMaintenance),
        of(evening(), Page::Cache, vec![press("Empty it…"), press("Empty it")], Command::ClearCache),
        of(pictured(), Page::Characters, vec![press("Remove it")], Command::SetPicture { file: None }),
        of(evening(), Page::Transfers, vec![press("Forget this"), press("Forget")], Command::ClearHistory { peer: None }),
        of(evening(), friend, vec![press("Forget this"), press("Forget")], Command::ClearHistory { peer: Some(peer) }),
        of(evening(), Page::Friends, vec![press("Quit FyteClub")], Command::Quit),
    ]
}

fn settings() -> Vec<Case> {
    let change = |does: &[&str], change| Case {
        snapshot: made_up::evening(),
        page: Page::Settings,
        does: does.iter().map(|name| press(name)).collect(),
        sends: Command::ChangeSetting { change },
    };
    let port = |field, text, save: &str, change| Case {
        snapshot: made_up::evening(),
        page: Page::Settings,
        does: vec![Does::Write(field, text), press(save)],
        sends: Command::ChangeSetting { change },
    };
    let mut cases = vec![
        Case {
            snapshot: made_up::first_start(),
            page: Page::Characters,
            does: vec![Does::Write("The name your friends see", "Ysolde"), press("Save")],
            sends: Command::ChangeSetting { change: SettingChange::Name(DisplayName::new("Ysolde").ok()) },
        },
        Case {
            snapshot: made_up::evening(),
            page: Page::Cache,
            does: vec![press("Greatest size: 20.0 GiB"), press("50.0 GiB")],
            sends: Command::ChangeSetting { change: SettingChange::CacheLimit(50 << 30) },
        },
        Case {
            snapshot: made_up::newcomer(Welcome::Language),
            page: Page::Friends,
            does: vec![press("Next")],
            sends: Command::ChangeSetting { change: SettingChange::Welcome(Welcome::Name) },
        },
        change(&["Language: English", "Français"], SettingChange::Language(Some("fr".to_owned()))),
        change(&["Theme: As the system", "Dark"], SettingChange::Theme(Theme::Dark)),
        change(&["Size of text: 100 %", "150 %"], SettingChange::TextSize(TextSize::new(150).expect("a size"))),
        change(&["Compact list"], SettingChange::Compact(true)),
        change(&["Keep the window above others"], SettingChange::KeepOnTop(true)),
        change(&["Start with the computer"], SettingChange::StartWithComputer(true)),
        change(&["Start in the tray"], SettingChange::StartHidden(true)),
        change(&["Be online only with the game"], SettingChange::OnlyWithPlugin(true)),
        change(&["A friend comes online"], SettingChange::Tell(Told::Online, false)),
        change(&["Size at most: 2.0 GiB", "500 MiB"], SettingChange::Weight(WeightPart::Bytes(500 << 20))),
        change(&["Limit on the local network too"], SettingChange::LimitLan(true)),
        change(&["Network interfaces: All", "This computer only"], SettingChange::Interfaces(InterfaceChoice::Loopback)),
        change(&["Disk space that always stays free: 1.0 GiB", "5.0 GiB"], SettingChange::FreeDiskFloor(5 << 30)),
        change(&["Find friends across the internet"], SettingChange::Rendezvous(false)),
        change(&["Remove wss://nos.lol"], SettingChange::Relays(public_servers::relays().into_iter().skip(1).collect())),
        port(
            "Address of a server, such as stun.example.org:3478",
            "stun.example.org",
            "Add the server",
            SettingChange::StunServers(
                public_servers::stun_servers().into_iter().chain("stun.example.org".parse().ok()).collect(),
            ),
        ),
        port("Port", "1", "Save: Port", SettingChange::Port(1)),
        port("Port for finding friends nearby", "7", "Save: Port for finding friends nearby", SettingChange::BeaconPort(7)),
    ];
    if cfg!(unix) {
        let wine = "Game plugins in Wine or Proton: If a game launcher's prefix is found";
        cases.push(change(&[wine, "Let in"], SettingChange::WinePlugins(WinePlugins::On)));
    }
    cases
}

/// The names of an enum's variants, as it says them itself when it is given one that it does not know.
fn variants<T: for<'de> Deserialize<'de>>(unknown: serde_json::Value) -> BTreeSet<String> {
    let error = serde_json::from_value::<T>(unknown).err().expect("no such variant").to_string();
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_pages_are_reached_by_the_rail() {
    for (name, head) in
        [("Transfers", "Now"), ("Cache", "Care"), ("Diagnostics", "Log"), ("Settings", "Look"), ("My characters", "Your name")]
    {
        let mut window = Window::of(made_up::evening());
        window.press_by_key(name);
        window.reads(head);
    }
    let mut window = Window::of(made_up::evening());
    window.press_by_key("All about Bryn Vale");
    window.reads("What they wear");
    window.press_by_key("Back to Friends");
    assert!(window.harness.query_all_by_label("What they wear").next().is_none());
}
