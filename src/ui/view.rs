//! What is half typed and what is open: the only state that the window has of its own.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zeroize::Zeroizing;

use super::outside::{Level, Wish};
use super::screens::{Folder, Grouping, LinkChoice, Order};
use super::words::Tone;
use crate::domain::{Character, InvitationId, PeerId};
use crate::engine::snapshot::{PeerView, Prompt};

/// Which page is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    /// Friends and how they stand.
    #[default]
    Friends,
    /// Who is near, and by address.
    Add,
    /// My name and my characters.
    Characters,
    /// All there is about one friend.
    Friend(PeerId),
    /// What goes to and from friends.
    Transfers,
    /// What friends' looks take on the disk.
    Cache,
    /// What to look at when something is amiss.
    Diagnostics,
    /// Everything that can be set.
    Settings,
}

impl Page {
    /// The page of the rail under which this one stands.
    #[must_use]
    pub const fn top(self) -> Self {
        match self {
            Self::Friends | Self::Add | Self::Characters | Self::Transfers | Self::Cache | Self::Diagnostics | Self::Settings => {
                self
            }
            Self::Friend(_) => Self::Friends,
        }
    }
}

/// Something that cannot be taken back, to be asked about once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// Remove a friend.
    Remove(PeerId),
    /// Block somebody.
    Block(PeerId),
    /// Forget what went between us; with everybody for `None`.
    ClearHistory(Option<PeerId>),
    /// Empty the cache.
    ClearCache,
}

/// Which lines of the log are seen.
#[derive(Clone, Debug)]
pub(super) struct LogChoice {
    pub(super) filter: String,
    pub(super) least: Level,
    pub(super) follow: bool,
}

impl Default for LogChoice {
    fn default() -> Self {
        Self { filter: String::new(), least: Level::Info, follow: true }
    }
}

/// What is half typed about a friend.
#[derive(Clone, Debug)]
pub(super) struct Labelling {
    pub(super) peer: PeerId,
    pub(super) nickname: String,
    pub(super) tag: String,
    pub(super) note: String,
}

impl Labelling {
    /// What is known, before a letter is typed.
    pub(super) fn of(peer: &PeerView) -> Self {
        let nickname = peer.label.nickname.as_ref().map(ToString::to_string).unwrap_or_default();
        Self { peer: peer.peer, nickname, tag: String::new(), note: peer.label.note.as_str().to_owned() }
    }
}

/// A short-lived line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Toast {
    pub(super) tone: Tone,
    pub(super) text: String,
    /// When it was first drawn, in the window's own seconds; `None` until then.
    pub(super) since: Option<f64>,
}

/// What is half typed and what is open.
#[derive(Debug, Default)]
pub struct View {
    /// The page.
    pub page: Page,
    /// The text that friends are searched for.
    pub(super) search: String,
    /// By what friends are put into folders, in which order, and which folders are closed.
    pub(super) grouping: Grouping,
    pub(super) order: Order,
    pub(super) closed: BTreeSet<Folder>,
    /// Ports as they are being typed.
    pub(super) port: Option<String>,
    pub(super) beacon_port: Option<String>,
    /// The passphrase that is being typed.
    pub(super) passphrase: Zeroizing<String>,
    /// Of whom it is asked why they are not seen.
    pub(super) asked_about: Option<PeerId>,
    /// Which of the log is seen.
    pub(super) log: LogChoice,
    /// What is being noted of a friend.
    pub(super) labelling: Option<Labelling>,
    /// The address that is being typed.
    pub(super) address: String,
    /// What a new link is to be, and the one that is shown as a picture.
    pub(super) link_choice: LinkChoice,
    pub(super) link_shown: Option<InvitationId>,
    /// The words of a code, as they are typed.
    pub(super) code: String,
    /// A relay's and a STUN server's address, as they are typed.
    pub(super) relay: String,
    pub(super) stun_server: String,
    /// My name as it is being typed; `None` while it is not.
    pub(super) name: Option<String>,
    /// Prompts that were set aside by Escape or a click beside them.
    pub(super) aside: Vec<Prompt>,
    /// Whether a person has said that they asked the friend whose name came with another key.
    pub(super) asked_friend: bool,
    /// Friends that are ticked while a character's audience is chosen.
    pub(super) chosen: BTreeMap<Character, BTreeSet<PeerId>>,
    /// What is to be confirmed.
    pub(super) confirm: Option<Confirm>,
    /// Whether the list of transfers is unfolded.
    pub(super) transfers_open: bool,
    /// Whose id is in the clipboard, and since when in the window's own seconds.
    pub(super) copied: Option<(PeerId, f64)>,
    /// What is asked of the program around the window in this frame.
    pub(super) wishes: Vec<Wish>,
    /// Oldest first.
    pub(super) toasts: VecDeque<Toast>,
}

impl View {
    /// Turns to a page.
    pub(super) fn turn_to(&mut self, page: Page) {
        self.page = page;
    }

    /// The prompt that stands before the person, if one does.
    pub(super) fn prompt<'a>(&self, prompts: &'a [Prompt]) -> Option<&'a Prompt> {
        prompts.iter().find(|prompt| !self.aside.contains(prompt))
    }

    /// Puts a prompt aside until it is asked for.
    pub(super) fn set_aside(&mut self, prompt: &Prompt) {
        self.aside.push(prompt.clone());
        self.asked_friend = false;
    }

    /// Brings back what was set aside.
    pub fn recall(&mut self) {
        self.aside.clear();
    }

    /// Forgets what belongs to prompts that are settled.
    pub(super) fn tidy(&mut self, prompts: &[Prompt]) {
        self.aside.retain(|prompt| prompts.contains(prompt));
        if prompts.is_empty() {
            self.asked_friend = false;
        }
    }

    /// Shows a short-lived line.
    pub(super) fn toast(&mut self, tone: Tone, text: String) {
        self.toasts.push_back(Toast { tone, text, since: None });
        while self.toasts.len() > super::tokens::TOASTS {
            self.toasts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_set_aside_gives_way_to_the_next_and_comes_back_when_recalled() {
        let (one, two) = (prompt("Aria Moon@Phoenix"), prompt("Bryn Vale@Odin"));
        let prompts = [one.clone(), two.clone()];
        let mut view = View::default();
        assert_eq!(view.prompt(&prompts), Some(&one));
        view.set_aside(&one);
        assert_eq!(view.prompt(&prompts), Some(&two));
        view.set_aside(&two);
        assert_eq!(view.prompt(&prompts), None);
        view.recall();
        assert_eq!(view.prompt(&prompts), Some(&one));
    }

    #[test]
    fn a_settled_prompt_is_not_remembered_as_set_aside() {
        let one = prompt("Aria Moon@Phoenix");
        let mut view = View::default();
        view.set_aside(&one);
        view.tidy(&[]);
        assert_eq!(view.prompt(std::slice::from_ref(&one)), Some(&one));
    }

    #[test]
    fn only_the_newest_toasts_are_kept() {
        let mut view = View::default();
        for number in 0..10 {
            view.toast(Tone::Plain, number.to_string());
        }
        let texts: Vec<&str> = view.toasts.iter().map(|toast| toast.text.as_str()).collect();
        assert_eq!(texts, ["7", "8", "9"]);
    }

    fn prompt(character: &str) -> Prompt {
        Prompt::NewCharacter { character: character.parse().expect("a character") }
    }
}
