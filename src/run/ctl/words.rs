//! The snapshot's values in words.

use std::fmt::Display;

use super::people::named;
use crate::domain::{Audience, DiscoveryMode, Permission, Rate, RateLimits, Route, Trust, Weight, WinePlugins};
use crate::engine::command::OverLimits;
use crate::engine::follow::Progress;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{CodeFailure, CodeState, LinkView, Prompt, Snapshot, TakenState, TransferView};

/// `1.5 GiB`.
pub(super) fn bytes(count: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1_024 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let mut value = count as f64 / 1_024.0;
    let mut unit = units.iter();
    let mut name = unit.next().unwrap_or(&"");
    while value >= 1_023.95 {
        let Some(next) = unit.next() else { break };
        (value, name) = (value / 1_024.0, next);
    }
    format!("{value:.1} {name}")
}

/// `1 h 05 min`.
pub(super) fn seconds(count: u64) -> String {
    match (count / 3_600, count / 60 % 60, count % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// `1.5 ms`.
pub(super) fn round_trip(micros: u64) -> String {
    if micros < 10_000 { format!("{}.{} ms", micros / 1_000, micros / 100 % 10) } else { format!("{} ms", micros / 1_000) }
}

/// Or a dash.
pub(super) fn or_dash<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

pub(super) const fn route(route: Route) -> &'static str {
    match route {
        Route::Lan => "local network",
        Route::Direct => "direct",
    }
}

pub(super) const fn trust(trust: Trust) -> &'static str {
    match trust {
        Trust::Blocked => "blocked",
        Trust::Once => "this time only",
        Trust::Friend => "friend",
        Trust::Verified => "verified friend",
    }
}

pub(super) fn link(view: &LinkView) -> String {
    match view {
        LinkView::Connected { .. } => "connected".to_owned(),
        LinkView::Connecting => "connecting".to_owned(),
        LinkView::WaitingForAcceptance => "waiting until they accept".to_owned(),
        LinkView::Offline { reason, retry_in } => {
            let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let retry = retry_in.map(|after| format!(" (next try in {})", seconds(after))).unwrap_or_default();
            format!("offline{reason}{retry}")
        }
        LinkView::Paused => "paused".to_owned(),
        LinkView::Blocked => "blocked".to_owned(),
    }
}

pub(super) fn progress(progress: &Progress) -> String {
    match progress {
        Progress::Asking => "asking for it".to_owned(),
        Progress::NotWanted => "not wanted".to_owned(),
        Progress::TooHeavy { weight: heavy } => format!("held back, heavier than your limits: {}", weight(heavy)),
        Progress::Conflict => "another friend has this character: see `fyteclub ctl pending`".to_owned(),
        Progress::Fetching => "being fetched".to_owned(),
        Progress::Cancelled => "cancelled until it changes".to_owned(),
        Progress::Ready => "here; shown when near".to_owned(),
        Progress::Applying => "being shown".to_owned(),
        Progress::Applied => "shown".to_owned(),
        Progress::Failed { reason } => format!("failed: {reason}"),
        Progress::Gone => "gone".to_owned(),
    }
}

pub(super) const fn over_limits(over_limits: OverLimits) -> &'static str {
    match over_limits {
        OverLimits::HeldBack => "",
        OverLimits::AllowedOnce => ", allowed this once over your limits",
        OverLimits::AllowedAlways => ", always allowed over your limits",
    }
}

pub(super) fn weight(weight: &Weight) -> String {
    format!("{} files, {}", weight.files, bytes(weight.bytes))
}

/// `up 2.0 MiB/s, down as the line allows`.
pub(super) fn rates(limits: &RateLimits) -> String {
    let say = |rate: Option<Rate>| rate.map_or_else(|| "as the line allows".to_owned(), |rate| format!("at most {rate}"));
    format!("up {}, down {}", say(limits.up), say(limits.down))
}

pub(super) const fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::SeeMe => "see-me",
        Permission::ShowThem => "show-them",
        Permission::Sounds => "sounds",
        Permission::Animations => "animations",
        Permission::Effects => "effects",
    }
}

pub(super) const fn mode(mode: DiscoveryMode) -> &'static str {
    match mode {
        DiscoveryMode::Off => "off",
        DiscoveryMode::FriendsOnly => "friends",
        DiscoveryMode::EveryoneNearby => "everyone",
    }
}

pub(super) const fn wine_plugins(setting: WinePlugins) -> &'static str {
    match setting {
        WinePlugins::Auto => "let in if the game's prefix is there",
        WinePlugins::On => "let in",
        WinePlugins::Off => "not let in",
    }
}

pub(super) fn audience(audience: Option<&Audience>, snapshot: &Snapshot) -> String {
    match audience {
        None => "to be asked: `fyteclub ctl share`".to_owned(),
        Some(Audience::Nobody) => "nobody".to_owned(),
        Some(Audience::AllFriends) => "all friends".to_owned(),
        Some(Audience::Chosen(peers)) => peers.iter().map(|peer| named(peer, snapshot)).collect::<Vec<_>>().join(", "),
    }
}

/// What is asked, and how to answer.
pub(super) fn prompt(prompt: &Prompt, snapshot: &Snapshot) -> (String, String) {
    match prompt {
        Prompt::Stranger { peer, name, address, same_name_as } => {
            let who = super::people::describe(peer, name.as_ref());
            let short = peer.short();
            let warning = same_name_as.map_or_else(String::new, |friend| {
                format!(" WARNING: your friend of that name has another key, {}; ask them before you accept!", friend.short())
            });
            let question = format!("{who} wants to connect, from {address}; not verified.{warning}");
            (question, format!("accept {short} | accept --once {short} | dismiss {short} | block {short}"))
        }
        Prompt::NewCharacter { character } => {
            (format!("Share {character}?"), format!("share \"{character}\" all | share \"{character}\" nobody"))
        }
        Prompt::OwnerConflict { character, owner, claimant } => {
            let question = format!("{} and {} both have {character}.", named(owner, snapshot), named(claimant, snapshot));
            let answer = |peer: &crate::domain::PeerId| format!("owner \"{character}\" {}", peer.short());
            (question, format!("{} | {}", answer(owner), answer(claimant)))
        }
        Prompt::CompareCode { peer, code, confirmed } => {
            let short = peer.short();
            let wait = if *confirmed { " You have confirmed it; they have not yet." } else { "" };
            let question = format!("Does {} see the code {code}?{wait}", named(peer, snapshot));
            (question, format!("verify {short} --matches | verify {short} --differs"))
        }
    }
}

pub(super) fn notice(notice: &Notice, snapshot: &Snapshot) -> String {
    let who = |peer| named(peer, snapshot);
    match notice {
        Notice::PeerKnocked { peer } => format!("{} wants to connect", who(peer)),
        Notice::PeerConnected { peer } => format!("{} is connected", who(peer)),
        Notice::PeerDisconnected { peer } => format!("{} is gone", who(peer)),
        Notice::ConnectionFailed { peer: Some(peer), text } => format!("{}: {text}", who(peer)),
        Notice::ConnectionFailed { peer: None, text } | Notice::Other { text } => text.clone(),
        Notice::AppearanceApplied { peer, character } => format!("{character} of {} is shown", who(peer)),
        Notice::AppearanceFailed { peer, character, text } => format!("{character} of {}: {text}", who(peer)),
        Notice::PublishFailed { character, text } => format!("{character}: {text}"),
        Notice::PeerMisbehaved { peer, text } => format!("{} was disconnected: {text}", who(peer)),
        Notice::ShownAgain { plugin: false, .. } => "nothing can be shown: no game plugin is connected".to_owned(),
        Notice::ShownAgain { looks, .. } => format!("{looks} looks are shown anew"),
        Notice::DiskNearlyFull { free } => {
            format!("the cache's disk is nearly full: {} MiB are free; lower the cache's limit or make room", free >> 20)
        }
        Notice::SentAgain { peer, looks: 0 } => format!("nothing of yours is shared with {}", who(peer)),
        Notice::SentAgain { peer, looks } => format!("{looks} looks are announced to {} anew", who(peer)),
        Notice::CodeEnded { state: CodeState::Friends { peer }, .. } => format!("you and {} are friends now", who(peer)),
        Notice::CodeEnded { offered, state: CodeState::Failed { why } } => code_failure(*offered, why),
        Notice::CodeEnded { state: CodeState::Open, .. } => "a code can be used".to_owned(),
        Notice::InvitationEnded { peer, state } => match state {
            None => format!("you and {} are friends now", who(peer)),
            Some(state) => taken(*state).to_owned(),
        },
        Notice::VerificationEnded { peer, verified: true } => format!("{} is verified", who(peer)),
        Notice::VerificationEnded { peer, verified: false } => format!("{} is not verified: the codes were not equal", who(peer)),
        Notice::WindowWanted => "the window was asked for".to_owned(),
    }
}

/// How an invitation stands that was taken up.
pub(super) const fn taken(state: TakenState) -> &'static str {
    match state {
        TakenState::Waiting => "waiting for them to come online",
        TakenState::Expired => "the invitation's time is over: ask for a new one",
        TakenState::UsedUp => "the invitation has been used up or taken back: ask for a new one",
    }
}

/// Why a code did not make friends, and what to do.
pub(super) fn code_failure(offered: bool, why: &CodeFailure) -> String {
    let sentence = match (why, offered) {
        (CodeFailure::Wrong, true) => "somebody answered this code wrongly, so it is used up: make a new one",
        (CodeFailure::Wrong, false) => "the words were not right, and the code is used up: ask for a new one",
        (CodeFailure::UsedUp, _) => "somebody else has answered this code: ask for a new one",
        (CodeFailure::NobodyThere, _) => {
            "nobody offers this code just now: check the words, and whether your friend still shows them"
        }
        (CodeFailure::Silent, _) => "your friend's program went silent in the middle: ask for a new code",
        (CodeFailure::NoRelay, _) => {
            "no relay can be reached: check the internet connection, and the relays (`fyteclub ctl relays`)"
        }
        (CodeFailure::Expired, _) => "the ten minutes are over: make a new code",
        (CodeFailure::Other(text), _) => text,
    };
    sentence.to_owned()
}

/// `12.0 of 60.0 MiB` and so on, in the columns of the transfers' table.
pub(super) fn transfer(view: &TransferView, snapshot: &Snapshot, bar_width: usize) -> [String; 7] {
    let bar = super::tables::bar(view.done, view.total, bar_width);
    let left = if view.finished { "done".to_owned() } else { or_dash(view.seconds_left.map(seconds)) };
    let first = if view.first { " (first)" } else { "" };
    [
        named(&view.peer, snapshot),
        format!("{}{first}", view.character),
        format!("{bar} {:3} %", super::tables::percent(view.done, view.total)),
        format!("{} of {}", bytes(view.done), bytes(view.total)),
        format!("{} of {}", view.files_done, view.files_total),
        format!("{}/s", bytes(view.rate)),
        left,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_well() {
        for (count, text) in [(0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_572_864, "1.5 MiB"), (1 << 20, "1.0 MiB")] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(bytes((1 << 20) - 1), "1.0 MiB");
        assert_eq!(bytes(u64::MAX), "16777216.0 TiB");
        for (count, text) in [(5, "5 s"), (65, "1 min 05 s"), (3_900, "1 h 05 min")] {
            assert_eq!(seconds(count), text);
        }
        assert_eq!((round_trip(1_540), round_trip(25_400)), ("1.5 ms".to_owned(), "25 ms".to_owned()));
    }
}
