//! The tray's menu as plain data.

use std::time::Duration;

use crate::domain::DiscoveryMode;
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{LinkView, Snapshot};
use crate::i18n::fl;

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Bring the window to the front.
    Open,
    /// The same, with the questions that were set aside.
    OpenPrompts,
    /// Make a code for a friend, and show it.
    Invite,
    /// Look offline to everybody until resumed.
    Pause,
    /// The same for half an hour.
    PauseHalfHour,
    /// The same for an hour.
    PauseHour,
    /// Have every look shown anew.
    ShowAgain,
    /// Be back.
    Resume,
    /// Let everyone nearby find me.
    Discover,
    /// Let only friends find me.
    StopDiscovering,
    /// End the program.
    Quit,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Open,
        Self::OpenPrompts,
        Self::Invite,
        Self::Pause,
        Self::PauseHalfHour,
        Self::PauseHour,
        Self::ShowAgain,
        Self::Resume,
        Self::Discover,
        Self::StopDiscovering,
        Self::Quit,
    ];

    /// The name under which a desktop reports it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OpenPrompts => "open-prompts",
            Self::Invite => "invite",
            Self::Pause => "pause",
            Self::PauseHalfHour => "pause-half-hour",
            Self::PauseHour => "pause-hour",
            Self::ShowAgain => "show-again",
            Self::Resume => "resume",
            Self::Discover => "discover",
            Self::StopDiscovering => "stop-discovering",
            Self::Quit => "quit",
        }
    }

    /// The action of that name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.id() == id)
    }

    /// The command that it stands for; `None` if it concerns only the window.
    #[must_use]
    pub const fn command(self) -> Option<Command> {
        match self {
            Self::Open | Self::OpenPrompts => None,
            Self::Invite => Some(Command::OfferCode),
            Self::Pause => Some(Command::Pause { scope: Scope::Everyone, lasting: None }),
            Self::PauseHalfHour => Some(Command::Pause { scope: Scope::Everyone, lasting: Some(Duration::from_secs(1_800)) }),
            Self::PauseHour => Some(Command::Pause { scope: Scope::Everyone, lasting: Some(Duration::from_secs(3_600)) }),
            Self::ShowAgain => Some(Command::Resync { peer: None }),
            Self::Resume => Some(Command::Resume { scope: Scope::Everyone }),
            Self::Discover => Some(Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }),
            Self::StopDiscovering => Some(Command::SetDiscovery { mode: DiscoveryMode::FriendsOnly }),
            Self::Quit => Some(Command::Quit),
        }
    }
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Says something; cannot be pressed.
    Text(String),
    /// Does something.
    Entry {
        /// What.
        action: Action,
        /// How it reads.
        text: String,
    },
    /// Is on or off; pressing it does what turns it round.
    Tick {
        /// What pressing does.
        action: Action,
        /// How it reads.
        text: String,
        /// Whether it is on.
        on: bool,
    },
    /// A line between groups.
    Separator,
}

/// The menu, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu(pub Vec<Item>);

impl Menu {
    /// The menu for a snapshot. It names no seconds, so that it changes only when something happens.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut items = vec![Item::Text(status(snapshot)), Item::Separator, entry(Action::Open, fl!("tray-open"))];
        if !snapshot.prompts.is_empty() {
            items.push(entry(Action::OpenPrompts, fl!("tray-prompts", count = snapshot.prompts.len())));
        }
        if snapshot.settings.rendezvous {
            items.push(entry(Action::Invite, fl!("tray-invite")));
        }
        items.push(Item::Separator);
        items.push(entry(Action::ShowAgain, fl!("tray-show-again")));
        items.push(Item::Separator);
        if snapshot.pause.paused {
            items.push(entry(Action::Resume, fl!("resume")));
        } else {
            items.push(entry(Action::PauseHalfHour, fl!("tray-pause-half-hour")));
            items.push(entry(Action::PauseHour, fl!("tray-pause-hour")));
            items.push(entry(Action::Pause, fl!("tray-pause")));
        }
        items.push(discover(snapshot.discovery.mode == DiscoveryMode::EveryoneNearby));
        items.push(Item::Separator);
        items.push(entry(Action::Quit, fl!("tray-quit")));
        Self(items)
    }

    /// The line that says how things stand.
    #[must_use]
    pub fn status(&self) -> &str {
        match self.0.first() {
            Some(Item::Text(text)) => text,
            None | Some(Item::Entry { .. } | Item::Tick { .. } | Item::Separator) => "",
        }
    }
}

fn status(snapshot: &Snapshot) -> String {
    if snapshot.pause.paused {
        return fl!("tray-status-paused");
    }
    if snapshot.pause.lacks_plugin {
        return fl!("tray-status-no-plugin");
    }
    let here = snapshot.peers.iter().filter(|peer| matches!(peer.link, LinkView::Connected { .. })).count();
    let status = fl!("tray-status", here = here);
    match snapshot.transfers.iter().filter(|transfer| !transfer.finished).count() {
        0 => status,
        count => fl!("joined", first = status, second = fl!("tray-status-fetching", count = count)),
    }
}

fn discover(on: bool) -> Item {
    let action = if on { Action::StopDiscovering } else { Action::Discover };
    Item::Tick { action, text: fl!("tray-discover"), on }
}

const fn entry(action: Action, text: String) -> Item {
    Item::Entry { action, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tray::tests_support::{connected, quiet, stranger, transfer};

    #[test]
    fn a_quiet_evening_offers_open_pause_discovery_and_quit() {
        let menu = Menu::of(&quiet());
        let expected = [
            Item::Text("No friend is here".to_owned()),
            Item::Separator,
            entry(Action::Open, "Open FyteClub".to_owned()),
            entry(Action::Invite, "Invite a friend with a code".to_owned()),
            Item::Separator,
            entry(Action::ShowAgain, "Show all looks anew".to_owned()),
            Item::Separator,
            entry(Action::PauseHalfHour, "Pause for 30 minutes".to_owned()),
            entry(Action::PauseHour, "Pause for an hour".to_owned()),
            entry(Action::Pause, "Pause until I resume".to_owned()),
            Item::Tick { action: Action::Discover, text: "Let everyone nearby find me for 10 minutes".to_owned(), on: false },
            Item::Separator,
            entry(Action::Quit, "Quit".to_owned()),
        ];
        assert_eq!(menu.0, expected);
    }

    #[test]
    fn the_first_line_says_who_is_here_and_what_is_on_its_way() {
        let mut snapshot = quiet();
        snapshot.peers = vec![connected(), connected()];
        assert_eq!(Menu::of(&snapshot).status(), "2 friends are here");
        snapshot.transfers = vec![transfer(false), transfer(true)];
        assert_eq!(Menu::of(&snapshot).status(), "2 friends are here · Fetching one look");
        snapshot.pause.paused = true;
        assert_eq!(Menu::of(&snapshot).status(), "Paused");
    }

    #[test]
    fn prompts_pause_and_discovery_change_what_is_offered() {
        let mut snapshot = quiet();
        snapshot.prompts = vec![stranger()];
        snapshot.pause.paused = true;
        snapshot.discovery.mode = DiscoveryMode::EveryoneNearby;
        let menu = Menu::of(&snapshot);
        assert!(menu.0.contains(&entry(Action::OpenPrompts, "One question is waiting…".to_owned())));
        assert!(menu.0.contains(&entry(Action::Resume, "Resume".to_owned())));
        assert!(menu.0.contains(&discover(true)));
        assert!(!menu.0.iter().any(|item| matches!(item, Item::Entry { action: Action::Pause, .. })));
    }

    #[test]
    fn the_menu_stays_the_same_while_only_numbers_run() {
        let mut snapshot = quiet();
        snapshot.transfers = vec![transfer(false)];
        let before = Menu::of(&snapshot);
        snapshot.transfers[0].done += 1;
        snapshot.discovery.seconds_left = Some(3);
        assert_eq!(Menu::of(&snapshot), before);
    }

    #[test]
    fn an_action_is_found_by_its_own_name_only() {
        for action in Action::ALL {
            assert_eq!(Action::from_id(action.id()), Some(action));
        }
        assert_eq!(Action::from_id("else"), None);
    }
}
