//! What a link of a chain can say, as data: whoever shows it puts it into words; here are the English ones.

use std::fmt;

use crate::domain::{NoWayReason, WeightPart};
use crate::engine::snapshot::ElsewhereView;

/// What a chain is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The connection.
    Connection {
        /// What they are called.
        called: String,
    },
    /// What they show.
    What {
        /// What they are called.
        called: String,
    },
    /// How one of theirs looks.
    Looks {
        /// The character.
        name: String,
    },
    /// How they see one of mine.
    Seen {
        /// What they are called.
        called: String,
        /// The character.
        name: String,
    },
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection { called } => write!(f, "The connection to {called}"),
            Self::What { called } => write!(f, "What {called} shows you"),
            Self::Looks { name } => write!(f, "How {name} looks"),
            Self::Seen { called, name } => write!(f, "How {called} sees {name}"),
        }
    }
}

/// How a link of a chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// They are blocked.
    Blocked {
        /// What they are called.
        called: String,
    },
    /// They are let in once.
    LetInOnce {
        /// What they are called.
        called: String,
    },
    /// They are a friend.
    Friend {
        /// What they are called.
        called: String,
    },
    /// I am to be online only with a plugin.
    LacksPlugin,
    /// Everything is paused.
    AllPaused,
    /// They are paused.
    Paused {
        /// What they are called.
        called: String,
    },
    /// Nothing is paused.
    NothingPaused,
    /// There is a link.
    Connected {
        /// What they are called.
        called: String,
    },
    /// A link is being made.
    Connecting {
        /// What they are called.
        called: String,
    },
    /// They have not answered.
    NotLetIn {
        /// What they are called.
        called: String,
    },
    /// My identity runs elsewhere too.
    Elsewhere,
    /// We speak by a relay, and there is no way for a connection.
    NoWay {
        /// What they are called.
        called: String,
        /// Why.
        why: NoWayReason,
        /// My UDP port.
        port: u16,
    },
    /// No link could be made.
    Unreachable {
        /// What they are called.
        called: String,
        /// Why, as a sentence's part.
        reason: String,
    },
    /// Nobody is looked for.
    DiscoveryOff {
        /// What they are called.
        called: String,
    },
    /// They are not heard of.
    Offline {
        /// What they are called.
        called: String,
    },
    /// No link is wanted.
    NotWantedLink {
        /// What they are called.
        called: String,
    },
    /// Nothing is announced.
    ShowsNothing {
        /// What they are called.
        called: String,
    },
    /// A look is announced.
    Shows {
        /// What they are called.
        called: String,
        /// The character.
        name: String,
    },
    /// There is no plugin.
    NoPlugin,
    /// There is a plugin.
    PluginThere,
    /// The character is near.
    Near {
        /// The character.
        name: String,
    },
    /// The character is not near.
    NotNear {
        /// The character.
        name: String,
    },
    /// Shows are held back.
    Busy,
    /// Shows are not held back.
    Free,
    /// I do not show theirs.
    NotShown {
        /// What they are called.
        called: String,
    },
    /// It is mine.
    OwnCharacter,
    /// It is over my limits.
    TooHeavy {
        /// By how much.
        by: Vec<WeightPart>,
    },
    /// Two claim it.
    Conflict,
    /// It was taken off.
    Gone {
        /// What they are called.
        called: String,
    },
    /// I cancelled it.
    Cancelled,
    /// It is wanted.
    Wanted,
    /// The manifest is asked for.
    Asking {
        /// The character.
        name: String,
    },
    /// It is being fetched.
    Fetching {
        /// The character.
        name: String,
    },
    /// It failed.
    Failed {
        /// Why, as a sentence's part.
        reason: String,
    },
    /// It is complete.
    AllHere,
    /// It is shown.
    Applied {
        /// The character.
        name: String,
    },
    /// It is about to be shown.
    Applying,
    /// It is not shown yet.
    NotYet,
    /// My identity runs here only.
    NobodyElse,
    /// The last publish was refused.
    Problem {
        /// The character.
        name: String,
        /// Why, as a sentence's part.
        reason: String,
    },
    /// Nothing is published.
    NotPublished {
        /// The character.
        name: String,
    },
    /// A look is published.
    Published {
        /// The character.
        name: String,
    },
    /// A question waits.
    NotDecided {
        /// The character.
        name: String,
    },
    /// It is shared with nobody.
    SharedWithNobody {
        /// The character.
        name: String,
    },
    /// It is shared with others.
    SharedWithOthers {
        /// What they are called.
        called: String,
        /// The character.
        name: String,
    },
    /// It is shared with them.
    SharedWithThem {
        /// What they are called.
        called: String,
        /// The character.
        name: String,
    },
    /// They may see me.
    MaySee {
        /// What they are called.
        called: String,
    },
    /// They may not see me.
    MayNotSee {
        /// What they are called.
        called: String,
    },
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blocked { called } => write!(f, "You have blocked {called}: unblock them to connect."),
            Self::LetInOnce { called } => write!(f, "You have let {called} in until the program ends."),
            Self::Friend { called } => write!(f, "{called} is a friend."),
            Self::LacksPlugin => f.write_str(
                "No game plugin is connected, and you are online only with one: start the game, or change that setting.",
            ),
            Self::AllPaused => f.write_str("FyteClub is paused: resume it."),
            Self::Paused { called } => write!(f, "You have paused {called}: resume them."),
            Self::NothingPaused => f.write_str("Nothing is paused."),
            Self::Connected { called } => write!(f, "You are connected to {called}."),
            Self::Connecting { called } => write!(f, "The connection to {called} is being made: wait a moment."),
            Self::NotLetIn { called } => write!(f, "{called} has not let you in yet: ask them to accept you."),
            Self::Elsewhere => f.write_str(ElsewhereView::SENTENCE),
            Self::NoWay { called, why, port } => f.write_str(&no_way(called, *why, *port)),
            Self::Unreachable { called, reason } => {
                write!(f, "{called} cannot be reached ({reason}): ask whether their FyteClub is running and has you as a friend.")
            }
            Self::DiscoveryOff { called } => {
                write!(f, "{called} is not heard of, and discovery is off: switch it on, or connect by address.")
            }
            Self::Offline { called } => {
                write!(f, "{called} is offline: ask whether their FyteClub is running; on another network, connect by address.")
            }
            Self::NotWantedLink { called } => write!(f, "No connection to {called} is wanted."),
            Self::ShowsNothing { called } => write!(
                f,
                "{called} shows you no character: ask them to log in with the plugin running, and to share the character with you."
            ),
            Self::Shows { called, name } => write!(f, "{called} shows {name} to you."),
            Self::NoPlugin => f.write_str("No game plugin is connected: start the game with the FyteClub plugin."),
            Self::PluginThere => f.write_str("The game plugin is connected."),
            Self::Near { name } => write!(f, "{name} is near in the game."),
            Self::NotNear { name } => write!(f, "{name} is not near in the game: it is shown when you meet."),
            Self::Busy => f.write_str("You are in combat or a cutscene: looks change when it is over."),
            Self::Free => f.write_str("Nothing holds looks back."),
            Self::NotShown { called } => write!(f, "You do not show {called}'s characters: allow it in their permissions."),
            Self::OwnCharacter => f.write_str("The character is your own: your own game draws it, nobody else."),
            Self::TooHeavy { by } => {
                let by = by.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
                write!(
                    f,
                    "The look is over your limits by {by}: allow it once or always, raise the limits, or ask for a lighter look."
                )
            }
            Self::Conflict => f.write_str("Another friend shows the same character: choose whose it is."),
            Self::Gone { called } => write!(f, "{called} went away or took the look off."),
            Self::Cancelled => f.write_str("You cancelled this look: retry to fetch it after all."),
            Self::Wanted => f.write_str("You want to see it."),
            Self::Asking { name } => write!(f, "The list of {name}'s files has been asked for: wait a moment."),
            Self::Fetching { name } => write!(f, "{name}'s files are being fetched: see the transfers."),
            Self::Failed { reason } => write!(f, "It failed: {reason}. It is tried again by itself, or at once with a retry."),
            Self::AllHere => f.write_str("All of its files are here."),
            Self::Applied { name } => write!(f, "{name} is shown."),
            Self::Applying => f.write_str("The game plugin was told to show it: wait a moment."),
            Self::NotYet => f.write_str("It has not been shown yet: wait a moment, then resync."),
            Self::NobodyElse => f.write_str("No other computer shares in this one's place."),
            Self::Problem { name, reason } => write!(f, "{name} cannot be shared as it looks now: {reason}."),
            Self::NotPublished { name } => write!(f, "No look of {name} is published: log in with the plugin running."),
            Self::Published { name } => write!(f, "{name}'s look is published."),
            Self::NotDecided { name } => write!(f, "You have not said with whom {name} is shared: answer the question."),
            Self::SharedWithNobody { name } => write!(f, "{name} is shared with nobody: share it."),
            Self::SharedWithOthers { called, name } => {
                write!(f, "{name} is shared with others, not with {called}: add them to its friends.")
            }
            Self::SharedWithThem { called, name } => write!(f, "{name} is shared with {called}."),
            Self::MaySee { called } => write!(f, "{called} may see you."),
            Self::MayNotSee { called } => write!(f, "{called} may not see you: allow it in their permissions."),
        }
    }
}

fn no_way(called: &str, why: NoWayReason, port: u16) -> String {
    match why {
        NoWayReason::MineBlocked => {
            "Your network lets no UDP through, which a connection needs: use another network, or ask whoever runs this one."
                .to_owned()
        }
        NoWayReason::TheirsBlocked => format!(
            "{called}'s network lets no UDP through, which a connection needs: they can use another, or ask whoever runs theirs."
        ),
        NoWayReason::BothStrict => format!(
            "You and {called} are both behind strict routers, so a direct connection is not possible: forward UDP port {port} to this \
             computer, or have them forward theirs."
        ),
        NoWayReason::MineStrict => format!(
            "Your router is a strict one and {called}'s lets in only answers, so a direct connection is not possible: forward UDP port \
             {port} to this computer, or have them forward theirs."
        ),
        NoWayReason::TheirsStrict => format!(
            "{called}'s router is a strict one and yours lets in only answers, so a direct connection is not possible: forward UDP port \
             {port} to this computer, or have them forward theirs."
        ),
        NoWayReason::Unclear => format!(
            "{called} is there, but no way for a connection was found: a firewall may be between; on both sides allow FyteClub, and UDP \
             port {port} in."
        ),
    }
}
