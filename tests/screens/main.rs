//! The window, driven as a person drives it, on made-up snapshots.
//!
//! Everything here runs without a screen. With `--features screens` every page is also drawn, and compared with `screenshots/`.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod commands;
mod layout;
#[path = "../support/made_up.rs"]
mod made_up;
#[cfg(feature = "screens")]
mod pictures;
mod window;

use std::rc::Rc;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use fyteclub::domain::{Audience, DiscoveryMode, DisplayName, Permission};
use fyteclub::engine::command::{Command, Scope};
use fyteclub::engine::notice::Notice;
use fyteclub::engine::snapshot::{PauseView, PeerView, Prompt, Snapshot};
use fyteclub::ui::app::App;
use fyteclub::ui::tokens;
use fyteclub::ui::view::Page;

use window::{Window, english, harness, speak, wheel, whole};

#[test]
fn each_answer_to_a_knock_sends_its_command() {
    let peer = made_up::id("Rowan Hale");
    let answers = [
        ("Accept once", Command::AcceptPeer { peer, once: true }),
        ("Add friend", Command::AcceptPeer { peer, once: false }),
        ("Not now", Command::DismissPeer { peer }),
        ("Block", Command::BlockPeer { peer }),
    ];
    for (button, command) in answers {
        let mut window = Window::of(made_up::knock());
        window.press(button);
        assert_eq!(window.sent(), [command], "the button {button}");
    }
}

#[test]
fn a_program_that_cannot_start_says_why_and_can_be_closed() {
    let _language = speak("en");
    let why = "Failed to start: the disk is full";
    let show = |ui: &mut egui::Ui| whole(ui, |ui| fyteclub::ui::failure::show(ui, why));
    let mut harness = Harness::builder().with_context_setup(tokens::install).build_ui(show);
    harness.get_by_label("FyteClub could not start");
    harness.get_by_label(why);
    harness.get_by_label("Close").click();
    harness.step();
    let commands = &harness.output().viewport_output[&egui::ViewportId::ROOT].commands;
    assert!(commands.contains(&egui::ViewportCommand::Close), "{commands:?}");
}

#[test]
fn a_knock_says_who_they_claim_to_be_and_that_it_is_not_verified() {
    let window = Window::of(made_up::knock());
    let short = made_up::id("Rowan Hale").short();
    for text in ["Rowan Hale wants to connect", "Not verified", &short, "your network · 192.168.1.34"] {
        window.reads(text);
    }
}

#[test]
fn a_friends_name_with_another_key_is_let_in_only_after_saying_that_one_asked() {
    let friend = made_up::id("Aria Moon");
    let prompt = Prompt::Stranger {
        peer: made_up::id("somebody else"),
        name: None,
        address: "203.0.113.9:1".parse().expect("an address"),
        same_name_as: Some(friend),
    };
    let mut window = Window::of(Snapshot { prompts: vec![prompt], ..made_up::evening() });
    window.press("Add friend");
    assert_eq!(window.sent(), []);
    window.press("I asked them, and it is them");
    window.press("Add friend");
    assert_eq!(window.sent(), [Command::AcceptPeer { peer: made_up::id("somebody else"), once: false }]);
}

#[test]
fn escape_puts_a_question_aside_and_a_line_brings_it_back() {
    let mut window = Window::of(made_up::knock());
    window.harness.key_press(Key::Escape);
    window.harness.run_steps(2);
    assert!(!window.shows("Rowan Hale wants to connect"));
    window.press("Look");
    window.reads("Rowan Hale wants to connect");
    assert_eq!(window.sent(), [], "nothing was answered");
}

#[test]
fn a_friend_row_says_state_route_progress_rate_and_time_left() {
    let window = Window::of(made_up::evening());
    window.reads("Aria Moon");
    window.reads("Verified");
    window.reads("Fetching how Aria Moon looks");
    window.reads("71.0 MiB of 187 MiB · 12.4 MiB/s · 9 s left");
    window.reads("Local network · 0.4 ms");
    let bar = window.harness.get_by_role_and_label(Role::ProgressIndicator, "How Aria Moon looks");
    let share = bar.accesskit_node().numeric_value().expect("a value");
    assert!((share - 100.0 * 71.0 / 187.0).abs() < 0.1, "{share}");
}

#[test]
fn a_friend_row_says_what_is_wrong() {
    let window = Window::of(made_up::evening());
    window.reads("Caius Thorne is heavier than your limits: 2.5 GiB in 1904 files.");
}

#[test]
fn countdowns_go_on_between_snapshots() {
    let mut window = Window::of(made_up::evening());
    window.reads_part("trying again in 24 s");
    *window.age.borrow_mut() = 10;
    window.harness.run_steps(1);
    window.reads_part("trying again in 14 s");
}

#[test]
fn the_search_keeps_the_rows_that_match() {
    let mut window = Window::of(made_up::evening());
    window.fill("Search friends", "bryn");
    assert!(window.shows("Bryn Vale"));
    assert!(!window.shows("Aria Moon"));
    window.fill("Search friends", " of nobody");
    window.reads("Nobody of that name");
}

#[test]
fn an_address_is_sent_by_the_button_and_by_enter() {
    let expected = || [Command::ConnectAddress { address: "192.168.1.20:47311".to_owned() }];
    let mut window = Window::of(made_up::evening());
    window.press("Add a friend");
    window.fill("Address, such as 192.168.1.20", " 192.168.1.20:47311 ");
    window.press("Connect");
    assert_eq!(window.sent(), expected());
    window.fill("Address, such as 192.168.1.20", "192.168.1.20:47311");
    window.harness.key_press(Key::Enter);
    window.harness.run_steps(2);
    assert_eq!(window.sent(), expected());
}

#[test]
fn the_nearby_switch_opens_and_closes_and_shows_its_countdown() {
    let mut window = Window::of(made_up::evening());
    window.press("Add a friend");
    window.press_role(Role::Switch, "Let everyone nearby find me");
    assert_eq!(window.sent(), [Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }]);
    window.show(made_up::nearby());
    window.reads("9:41 left");
    window.press_role(Role::Switch, "Let everyone nearby find me");
    assert_eq!(window.sent(), [Command::SetDiscovery { mode: DiscoveryMode::FriendsOnly }]);
}

#[test]
fn somebody_nearby_is_connected_to_by_a_button() {
    let mut window = Window::of(Snapshot { nearby: made_up::nearby().nearby.into_iter().take(1).collect(), ..made_up::nearby() });
    window.press("Add a friend");
    window.press("Connect to Rowan Hale");
    assert_eq!(window.sent(), [Command::ConnectNearby { peer: made_up::id("Rowan Hale") }]);
}

#[test]
fn pause_and_quit_are_always_at_hand() {
    let mut window = Window::of(made_up::evening());
    window.press("Pause everything");
    window.press("Quit FyteClub");
    assert_eq!(window.sent(), [Command::Pause { scope: Scope::Everyone, lasting: None }, Command::Quit]);
    window
        .show(Snapshot { pause: PauseView { paused: true, seconds_left: Some(120), lacks_plugin: false }, ..made_up::evening() });
    window.reads("Paused for 2 min 0 s: to your friends you look offline.");
}

#[test]
fn blocking_from_the_menu_is_asked_about_once_more() {
    let mut window = Window::of(made_up::evening());
    window.press("More about Bryn Vale");
    window.press("Block…");
    assert_eq!(window.sent(), []);
    window.press("Block");
    assert_eq!(window.sent(), [Command::BlockPeer { peer: made_up::id("Bryn Vale") }]);
}

#[test]
fn a_new_character_is_shared_with_whom_one_says() {
    let character = made_up::character("Mott Underhill@Odin");
    let prompt = Prompt::NewCharacter { character: character.clone() };
    let asked = Snapshot { prompts: vec![prompt], ..made_up::evening() };
    let shared = |audience| [Command::ShareCharacter { character: character.clone(), audience }];
    let mut window = Window::of(asked.clone());
    window.press("All friends");
    assert_eq!(window.sent(), shared(Audience::AllFriends));
    let mut window = Window::of(asked);
    window.press("Choose friends…");
    window.press_role(Role::CheckBox, "Bryn Vale");
    window.press("Share with one friend");
    assert_eq!(window.sent(), shared(Audience::Chosen([made_up::id("Bryn Vale")].into())));
}

#[test]
fn the_page_about_me_changes_with_whom_a_character_is_shared() {
    let mut window = Window::of(made_up::evening());
    window.press("My characters");
    window.press("Mott Underhill is shared with: Nobody. Change it");
    window.press("All friends");
    let character = made_up::character("Mott Underhill@Odin");
    assert_eq!(window.sent(), [Command::ShareCharacter { character, audience: Audience::AllFriends }]);
}

#[test]
fn a_permission_is_given_back_in_the_menu() {
    let mut window = Window::of(made_up::evening());
    window.press("More about Bryn Vale");
    window.press("With their sounds");
    let scope = Scope::Peer(made_up::id("Bryn Vale"));
    assert_eq!(window.sent(), [Command::SetPermission { scope, permission: Permission::Sounds, allow: Some(true) }]);
}

#[test]
fn two_claims_to_one_character_are_settled_by_a_button() {
    let character = made_up::character("Aria Moon@Phoenix");
    let (owner, claimant) = (made_up::id("Aria Moon"), made_up::id("Bryn Vale"));
    let prompt = Prompt::OwnerConflict { character: character.clone(), owner, claimant };
    let mut window = Window::of(Snapshot { prompts: vec![prompt], ..made_up::evening() });
    window.press("It belongs to Bryn Vale");
    assert_eq!(window.sent(), [Command::ChooseOwner { character, owner: claimant }]);
}

#[test]
fn a_code_is_compared_and_then_waits_for_the_friend() {
    let peer = made_up::id("Bryn Vale");
    let asked = |confirmed| Snapshot {
        prompts: vec![Prompt::CompareCode { peer, code: "048213".to_owned(), confirmed }],
        ..made_up::evening()
    };
    let mut window = Window::of(asked(false));
    window.reads("048 213");
    window.press("They are equal");
    assert_eq!(window.sent(), [Command::ConfirmVerification { peer, matches: true }]);
    window.show(asked(true));
    window.reads("Waiting for Bryn Vale to say the same…");
    assert!(!window.shows("They are equal"));
}

#[test]
fn my_name_is_saved_and_my_id_copied() {
    let mut window = Window::of(made_up::first_start());
    window.press("Copy my whole id");
    let copied = window
        .harness
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::CopyText(text) if *text == made_up::id("me").to_string()));
    assert!(copied || window.shows("Copied"));
    window.press("My characters");
    window.fill("The name your friends see", "Ysolde");
    window.press("Save");
    let expected = fyteclub::engine::command::SettingChange::Name(DisplayName::new("Ysolde").ok());
    assert_eq!(window.sent(), [Command::ChangeSetting { change: expected }]);
}

#[test]
fn without_a_plugin_a_calm_line_says_what_still_works() {
    Window::of(made_up::first_start()).reads_part("The game plugin is not connected");
}

#[test]
fn the_demo_says_that_it_is_one() {
    let window = Window::new(made_up::evening(), true);
    window.reads_part("Demo");
}

#[test]
fn a_notice_is_shown_and_goes_away_by_itself() {
    let mut window = Window::of(made_up::evening());
    let text = "Something happened.".to_owned();
    window.harness.state_mut().notice(&Notice::Other { text: text.clone() });
    window.harness.run_steps(2);
    assert!(window.shows(&text));
    window.harness.run_steps(40);
    assert!(!window.shows(&text));
}

#[test]
fn a_command_that_cannot_be_taken_is_said() {
    let _language = speak("en");
    let app = App::new(english(made_up::evening()), Box::new(|_| false), false);
    let mut harness = harness(app, Theme::Light, Rc::default(), (400.0, 700.0));
    harness.get_by_label("Pause everything").click();
    harness.run_steps(3);
    harness.get_by_label("FyteClub is busy. Please try again.");
}

#[test]
fn every_control_has_a_name_on_every_page_and_in_every_dialog() {
    let peer = made_up::id("Bryn Vale");
    let character = made_up::character("Aria Moon@Phoenix");
    let prompts = [
        made_up::stranger("Rowan Hale", Some(peer)),
        Prompt::NewCharacter { character: character.clone() },
        Prompt::OwnerConflict { character, owner: peer, claimant: made_up::id("Aria Moon") },
        Prompt::CompareCode { peer, code: "123456".to_owned(), confirmed: false },
    ];
    for prompt in prompts {
        let window = Window::of(Snapshot { prompts: vec![prompt], ..made_up::nearby() });
        assert!(window.harness.unnamed_widgets().is_empty());
    }
    for page in [Page::Friends, Page::Add, Page::Characters] {
        let mut window = Window::of(made_up::nearby());
        window.harness.state_mut().turn_to(page);
        window.harness.state_mut().unfold_transfers();
        window.harness.run_steps(2);
        assert!(window.harness.unnamed_widgets().is_empty(), "{page:?}");
    }
}

#[test]
fn of_hundreds_of_friends_only_those_in_sight_are_drawn() {
    let _language = speak("en");
    let mut crowd = made_up::evening();
    let friend = crowd.peers.first().expect("a friend").clone();
    crowd.peers = (0..300)
        .map(|n| {
            let mut one = PeerView { peer: made_up::id(&n.to_string()), ..friend.clone() };
            one.label.nickname = DisplayName::new(&format!("Friend {n:03}")).ok();
            one
        })
        .collect();
    let app = App::new(english(crowd), Box::new(|_| true), false);
    let mut harness = harness(app, Theme::Light, Rc::default(), (400.0, 700.0));
    harness.run_steps(3);
    let drawn = |harness: &Harness<'_, App>| harness.query_all_by_label_contains("More about Friend").count();
    assert!((1..40).contains(&drawn(&harness)), "{} rows", drawn(&harness));
    harness.hover_at(egui::pos2(200.0, 400.0));
    for _ in 0..40 {
        harness.event(wheel());
        harness.run_steps(2);
    }
    assert!((1..40).contains(&drawn(&harness)), "{} rows at the end", drawn(&harness));
    assert!(
        harness.query_all_by_label_contains("More about Friend 299").next().is_some(),
        "the last row is drawn at the end of the list"
    );
}
