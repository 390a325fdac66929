//! Puts into words how each friend stands: one pure function from the snapshot to text, so that every state can be tested.

use crate::domain::{Audience, Character, PeerId, Route, Trust};
use crate::engine::follow::Progress;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{CharacterView, LinkView, PeerView, Snapshot, TransferView};
use crate::i18n::{self, fl};

/// How a friend stands, at a glance. Each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Connected, nothing to do.
    Online,
    /// Connected, and something is on its way.
    Busy,
    /// Being connected, or waiting for the other side.
    Waiting,
    /// Not there.
    Offline,
    /// Paused.
    Paused,
    /// Blocked.
    Blocked,
    /// Something is wrong that a person should read.
    Attention,
}

/// A row's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerWords {
    /// At a glance.
    pub mark: Mark,
    /// What is going on.
    pub state: String,
    /// How the link runs, or when the next try is due.
    pub route: Option<String>,
    /// What went wrong and what to do.
    pub warning: Option<String>,
}

/// The words for a friend. `age`: seconds since the snapshot was made.
#[must_use]
pub fn peer(view: &PeerView, age: u64) -> PeerWords {
    let plain = |mark, state| PeerWords { mark, state, route: None, warning: None };
    match &view.link {
        LinkView::Connected { route, round_trip_us, .. } => {
            connected(&view.characters, Some(self::route(*route, *round_trip_us)))
        }
        LinkView::Connecting => plain(Mark::Waiting, fl!("state-connecting")),
        LinkView::WaitingForAcceptance => plain(Mark::Waiting, fl!("state-waiting")),
        LinkView::Offline { reason, retry_in } => PeerWords {
            route: offline_line(reason.as_deref(), retry_in.map(|seconds| seconds.saturating_sub(age))),
            ..plain(Mark::Offline, fl!("state-offline"))
        },
        LinkView::Paused => plain(Mark::Paused, fl!("state-paused")),
        LinkView::Blocked => plain(Mark::Blocked, fl!("state-blocked")),
    }
}

/// How a link runs: `Local network · 0.4 ms`.
#[must_use]
pub fn route(route: Route, round_trip_us: Option<u64>) -> String {
    let way = match route {
        Route::Lan => fl!("route-lan"),
        Route::Direct => fl!("route-direct"),
    };
    match round_trip_us {
        Some(time) => fl!("joined", first = way, second = i18n::round_trip(time)),
        None => way,
    }
}

/// How far a peer is let in.
#[must_use]
pub fn trust(trust: Trust) -> String {
    match trust {
        Trust::Blocked => fl!("trust-blocked"),
        Trust::Once => fl!("trust-once"),
        Trust::Friend => fl!("trust-friend"),
        Trust::Verified => fl!("trust-verified"),
    }
}

/// A transfer's numbers: `38.2 MiB of 120 MiB · 12.4 MiB/s · 7 s left`.
#[must_use]
pub fn transfer(view: &TransferView) -> String {
    if view.finished {
        return fl!("transfer-done", total = i18n::size(view.total), time = i18n::duration(view.elapsed_ms.div_ceil(1_000)));
    }
    let amount = fl!("transfer-amount", done = i18n::size(view.done), total = i18n::size(view.total));
    if view.rate == 0 {
        return fl!("joined", first = amount, second = fl!("transfer-stalled"));
    }
    let amount = fl!("joined", first = amount, second = i18n::rate(view.rate));
    match view.seconds_left {
        Some(seconds) => fl!("joined", first = amount, second = fl!("transfer-left", time = i18n::duration(seconds))),
        None => amount,
    }
}

/// With whom one of my characters is shared.
#[must_use]
pub fn audience(audience: Option<&Audience>) -> String {
    match audience {
        None => fl!("audience-ask"),
        Some(Audience::Nobody) => fl!("audience-nobody"),
        Some(Audience::AllFriends) => fl!("audience-all"),
        Some(Audience::Chosen(peers)) => fl!("audience-chosen", count = peers.len()),
    }
}

/// What a peer is called: the name they go by, else the short id.
#[must_use]
pub fn name(snapshot: &Snapshot, peer: PeerId) -> String {
    let known = snapshot.peers.iter().find(|view| view.peer == peer).and_then(|view| view.name.as_ref());
    let nearby = snapshot.nearby.iter().find(|view| view.peer == peer).and_then(|view| view.name.as_ref());
    known.or(nearby).map_or_else(|| peer.short(), ToString::to_string)
}

/// How much a toast matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good news.
    Good,
    /// News.
    Plain,
    /// Something to read.
    Warning,
}

/// A notice as a toast; `None` for one that is shown in another way.
#[must_use]
pub fn notice(snapshot: &Snapshot, notice: &Notice) -> Option<(Tone, String)> {
    let called = |peer: &PeerId| name(snapshot, *peer);
    Some(match notice {
        // A prompt stands in the window, and rows show who comes and goes.
        Notice::PeerKnocked { .. } | Notice::WindowWanted => return None,
        Notice::PeerConnected { peer } => (Tone::Good, fl!("notice-connected", name = called(peer))),
        Notice::PeerDisconnected { peer } => (Tone::Plain, fl!("notice-disconnected", name = called(peer))),
        Notice::AppearanceApplied { peer, character } => {
            (Tone::Good, fl!("notice-applied", name = called(peer), character = character.name()))
        }
        Notice::ConnectionFailed { peer: Some(peer), text } => (Tone::Warning, about(&called(peer), text)),
        Notice::AppearanceFailed { character, text, .. } | Notice::PublishFailed { character, text } => {
            (Tone::Warning, about(character.name(), text))
        }
        Notice::PeerMisbehaved { peer, text } => (Tone::Warning, about(&called(peer), text)),
        Notice::VerificationEnded { peer, verified: true } => (Tone::Good, fl!("notice-verified", name = called(peer))),
        Notice::VerificationEnded { peer, verified: false } => (Tone::Warning, fl!("notice-unverified", name = called(peer))),
        Notice::ConnectionFailed { peer: None, text } | Notice::Other { text } => (Tone::Plain, text.clone()),
    })
}

fn about(whom: &str, text: &str) -> String {
    fl!("about", whom = whom, text = text)
}

fn offline_line(reason: Option<&str>, retry_in: Option<u64>) -> Option<String> {
    let retry = retry_in.map(|seconds| match seconds {
        0 => fl!("retry-now"),
        _ => fl!("retry-in", time = i18n::duration(seconds)),
    });
    match (reason, retry) {
        (Some(reason), Some(retry)) => Some(fl!("joined", first = reason, second = retry)),
        (Some(reason), None) => Some(reason.to_owned()),
        (None, retry) => retry,
    }
}

/// What matters most of a linked friend's characters: what is wrong as the warning, what is going on as the state.
fn connected(characters: &[CharacterView], route: Option<String>) -> PeerWords {
    let warning = characters.iter().find_map(warning);
    let (busy, state) = activity(characters, warning.is_some());
    let mark = match (&warning, busy) {
        (Some(_), _) => Mark::Attention,
        (None, true) => Mark::Busy,
        (None, false) => Mark::Online,
    };
    PeerWords { mark, state, route, warning }
}

fn warning(view: &CharacterView) -> Option<String> {
    let character = view.character.name();
    match &view.progress {
        Progress::TooHeavy { weight } => {
            Some(fl!("warning-heavy", character = character, size = i18n::size(weight.bytes), files = weight.files))
        }
        Progress::Conflict => Some(fl!("warning-conflict", character = character)),
        Progress::Failed { reason } => Some(about(character, reason)),
        Progress::Asking
        | Progress::NotWanted
        | Progress::Fetching
        | Progress::Cancelled
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied
        | Progress::Gone => None,
    }
}

/// Whether something is on its way, and the sentence for what is furthest from rest.
fn activity(characters: &[CharacterView], warned: bool) -> (bool, String) {
    let of = |wanted: fn(&Progress) -> bool| -> Vec<&Character> {
        characters.iter().filter(|view| wanted(&view.progress)).map(|view| &view.character).collect()
    };
    let fetching = of(|step| matches!(step, Progress::Fetching));
    if let Some(first) = fetching.first() {
        return (
            true,
            one_or_many(&fetching, || fl!("state-fetching", character = first.name()), |n| fl!("state-fetching-many", count = n)),
        );
    }
    if let [first, ..] = of(|step| matches!(step, Progress::Asking)).as_slice() {
        return (true, fl!("state-asking", character = first.name()));
    }
    if let [first, ..] = of(|step| matches!(step, Progress::Applying)).as_slice() {
        return (true, fl!("state-applying", character = first.name()));
    }
    (false, at_rest(characters, of(|step| matches!(step, Progress::Applied)).as_slice(), warned))
}

fn at_rest(characters: &[CharacterView], applied: &[&Character], warned: bool) -> String {
    if let [first, ..] = applied {
        return one_or_many(applied, || fl!("state-applied", character = first.name()), |n| fl!("state-applied-many", count = n));
    }
    let has =
        |wanted: fn(&Progress) -> bool| characters.iter().find(|view| wanted(&view.progress)).map(|view| view.character.name());
    if let Some(character) = has(|step| matches!(step, Progress::Ready)) {
        fl!("state-ready", character = character)
    } else if has(|step| matches!(step, Progress::Cancelled)).is_some() {
        fl!("state-cancelled")
    } else if has(|step| matches!(step, Progress::NotWanted)).is_some() {
        fl!("state-not-wanted")
    } else if warned {
        fl!("state-connected")
    } else {
        fl!("state-connected-empty")
    }
}

fn one_or_many(all: &[&Character], one: impl Fn() -> String, many: impl Fn(usize) -> String) -> String {
    match all {
        [_] => one(),
        more => many(more.len()),
    }
}
