//! `fyteclub ctl invite`, `join` and `relays`: friends across the internet.

use std::str::FromStr;
use std::time::Duration;

use clap::Args as ClapArgs;

use super::args::Wait;
use super::people::named;
use super::tables::plain;
use super::words;
use crate::domain::{Invitation, InvitationId, RelayUrl};
use crate::engine::command::Command;
use crate::engine::snapshot::{CodeState, CodeView, RelayState, Snapshot};

/// What is done with the code that I offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ClapArgs)]
pub struct InviteArgs {
    /// Show how my codes stand, and make none.
    #[arg(long)]
    pub show: bool,
    /// Give the code up.
    #[arg(long, conflicts_with = "show")]
    pub drop: bool,
}

/// A code that I was told.
#[derive(Clone, Debug, PartialEq, Eq, ClapArgs)]
pub struct JoinArgs {
    /// The six words, or the link.
    #[arg(required_unless_present = "drop", value_name = "WORD")]
    pub words: Vec<String>,
    /// Give it up.
    #[arg(long, conflicts_with = "words")]
    pub drop: bool,
    /// Wait until we are friends.
    #[command(flatten)]
    pub wait: Wait,
}

/// What is done with links.
#[derive(Clone, Debug, PartialEq, Eq, ClapArgs)]
pub struct LinkArgs {
    /// How long it is good for: 1h, 24h, 7d; 30 days at most.
    #[arg(long = "for", value_name = "TIME", value_parser = super::args::duration, default_value = "24h")]
    pub lasting: Duration,
    /// For how many friends.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub uses: u32,
    /// Show my links, and those that I have taken up.
    #[arg(long)]
    pub list: bool,
    /// Take a link of mine back, or give one up that I have taken up.
    #[arg(long, value_name = "ID", conflicts_with = "list")]
    pub drop: Option<InvitationId>,
}

impl LinkArgs {
    pub(super) fn order(&self) -> Command {
        match self.drop {
            Some(id) => Command::DropInvitation { id },
            None => Command::OfferInvitation { lasting: self.lasting, uses: self.uses },
        }
    }
}

/// My links and those that I have taken up.
pub(super) fn links(snapshot: &Snapshot) -> String {
    let issued = snapshot.invites.issued.iter().map(|issued| {
        let left = words::seconds(issued.seconds_left);
        format!("{}  good for {left}, {} of {} have come\n{}", issued.id, issued.used, issued.uses, issued.invitation)
    });
    let taken = snapshot
        .invites
        .taken
        .iter()
        .map(|taken| format!("{}  of {}: {}", taken.id, named(&taken.peer, snapshot), words::taken(taken.state)));
    let lines: Vec<String> = issued.chain(taken).collect();
    if lines.is_empty() { "no link".to_owned() } else { lines.join("\n") }
}

/// Servers, as `fyteclub ctl settings` takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Servers<T> {
    /// Those of a new profile.
    Default,
    /// None.
    Nothing,
    /// This one.
    One(T),
}

impl<T: FromStr> FromStr for Servers<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        match text {
            "default" => Ok(Self::Default),
            "none" => Ok(Self::Nothing),
            text => text.parse().map(Self::One),
        }
    }
}

/// All of what was given, one after the other.
pub(super) fn all_of<T: Clone>(given: &[Servers<T>], usual: &[T]) -> Vec<T> {
    let servers = given.iter().flat_map(|servers| match servers {
        Servers::Default => usual.to_vec(),
        Servers::Nothing => Vec::new(),
        Servers::One(server) => vec![server.clone()],
    });
    servers.collect()
}

impl JoinArgs {
    pub(super) fn order(&self) -> Command {
        if self.drop {
            return Command::PutCodeAway { offered: false };
        }
        let typed = self.words.join(" ");
        if Invitation::is_meant_by(&typed) {
            Command::TakeInvitation { link: typed }
        } else {
            Command::JoinByCode { code: typed }
        }
    }
}

/// How both codes stand.
pub(super) fn codes(snapshot: &Snapshot) -> String {
    let one = |offered, view: &Option<CodeView>| {
        let head = if offered { "Offered" } else { "Told" };
        let text = view.as_ref().map_or_else(|| "no code".to_owned(), |view| code(snapshot, offered, view));
        format!("{head:<9}{}", plain(&text))
    };
    format!("{}\n{}", one(true, &snapshot.invites.offered), one(false, &snapshot.invites.joined))
}

fn code(snapshot: &Snapshot, offered: bool, view: &CodeView) -> String {
    match &view.state {
        CodeState::Open => format!("{} (for {} more)", view.code, words::seconds(view.seconds_left)),
        CodeState::Friends { peer } => format!("you and {} are friends now", named(peer, snapshot)),
        CodeState::Failed { why } => words::code_failure(offered, why),
    }
}

/// How the relays are.
pub(super) fn relays_view(snapshot: &Snapshot) -> String {
    if !snapshot.settings.rendezvous {
        return "Finding friends across the internet is off: `fyteclub ctl settings rendezvous on`".to_owned();
    }
    let known = |url: &RelayUrl| snapshot.network.relays.iter().find(|relay| relay.url == *url);
    let line = |url: &RelayUrl| {
        let state = match known(url).map(|relay| (&relay.state, relay.answers_in)) {
            None => "not in use: there is nobody to find".to_owned(),
            Some((RelayState::Connecting, _)) => "being connected to".to_owned(),
            Some((RelayState::Connected, None)) => "connected".to_owned(),
            Some((RelayState::Connected, Some(took))) => format!("connected, answers in {} ms", took.as_millis()),
            Some((RelayState::Unreachable, _)) => "not reached; tried again by itself".to_owned(),
            Some((RelayState::Refuses(words), _)) => format!("refuses: {words}"),
        };
        format!("{url}  {}", plain(&state))
    };
    let lines: Vec<String> = snapshot.settings.relays.iter().map(line).collect();
    if lines.is_empty() { "no relay: add one with `fyteclub ctl settings relays URL`".to_owned() } else { lines.join("\n") }
}
