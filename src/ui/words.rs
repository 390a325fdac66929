//! Puts into words how each friend stands: one pure function from the snapshot to text, so that every state can be tested.

use crate::domain::{Audience, Character, LabelError, NameError, PeerId, Permission, Route, RouterKind, Trust, Weight};
use crate::engine::follow::Progress;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{
    CharacterView, CodeFailure, CodeState, Event, LinkView, PeerView, Prompt, Snapshot, TakenState, TransferView, What,
};
use crate::i18n::{self, fl};
use crate::ui::outside::Level;

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
            route: {
                let no_way = view.no_way.map(|_| fl!("offline-no-way"));
                offline_line(no_way.as_deref().or(reason.as_deref()), retry_in.map(|seconds| seconds.saturating_sub(age)))
            },
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

/// How one look of a friend's stands.
#[must_use]
pub fn look(view: &CharacterView) -> String {
    let character = view.character.name();
    if let Some(warning) = warning(view) {
        return warning;
    }
    match view.progress {
        Progress::Asking => fl!("state-asking", character = character),
        Progress::NotWanted => fl!("look-not-wanted"),
        Progress::Fetching => fl!("state-fetching", character = character),
        Progress::Cancelled => fl!("state-cancelled"),
        Progress::Ready => fl!("state-ready", character = character),
        Progress::Applying => fl!("state-applying", character = character),
        Progress::Applied => fl!("state-applied", character = character),
        Progress::Gone | Progress::TooHeavy { .. } | Progress::Conflict | Progress::Failed { .. } => fl!("look-gone"),
    }
}

/// What a look weighs: `212 files · 187 MiB · textures 150 MiB · 312,000 triangles`.
#[must_use]
pub fn weight(weight: &Weight) -> String {
    let mut text = fl!("joined", first = fl!("files", count = weight.files), second = i18n::size(weight.bytes));
    if weight.texture_bytes > 0 {
        text = fl!("joined", first = text, second = fl!("textures", size = i18n::size(weight.texture_bytes)));
    }
    if weight.triangles > 0 {
        text = fl!("joined", first = text, second = fl!("triangles", count = i18n::count(weight.triangles)));
    }
    text
}

/// What happened to a connection.
#[must_use]
pub fn event(event: &Event) -> String {
    let text = match &event.what {
        What::Connected { route, remote } => {
            fl!("event-connected", route = self::route(*route, None), remote = remote.to_string())
        }
        What::Failed { reason } => fl!("event-failed", reason = reason.as_str()),
        What::Ended { reason } => fl!("event-ended", reason = reason.as_str()),
    };
    if event.times > 1 { fl!("event-times", event = text, times = event.times) } else { text }
}

/// How much a line of the log matters.
#[must_use]
pub fn level(level: Level) -> String {
    match level {
        Level::Error => fl!("level-error"),
        Level::Warn => fl!("level-warn"),
        Level::Info => fl!("level-info"),
        Level::Debug => fl!("level-debug"),
    }
}

/// What a permission allows.
#[must_use]
pub fn permission(permission: Permission) -> String {
    match permission {
        Permission::SeeMe => fl!("permission-see-me"),
        Permission::ShowThem => fl!("permission-show-them"),
        Permission::Sounds => fl!("permission-sounds"),
        Permission::Animations => fl!("permission-animations"),
        Permission::Effects => fl!("permission-effects"),
    }
}

/// What it means that a permission is not given.
#[must_use]
pub fn refusal(permission: Permission) -> String {
    match permission {
        Permission::SeeMe => fl!("refusal-see-me"),
        Permission::ShowThem => fl!("refusal-show-them"),
        Permission::Sounds => fl!("refusal-sounds"),
        Permission::Animations => fl!("refusal-animations"),
        Permission::Effects => fl!("refusal-effects"),
    }
}

/// Why a name is none.
#[must_use]
pub fn name_error(error: NameError) -> String {
    match error {
        NameError::Empty => fl!("name-empty"),
        NameError::TooLong => fl!("name-long"),
        NameError::Control => fl!("name-control"),
    }
}

/// Why a note or a tag is none.
#[must_use]
pub fn label_error(error: LabelError) -> String {
    match error {
        LabelError::LongNote => fl!("label-long-note"),
        LabelError::LongTag => fl!("label-long-tag"),
        LabelError::EmptyTag => fl!("label-empty-tag"),
        LabelError::Control => fl!("name-control"),
        LabelError::ManyTags => fl!("label-many-tags"),
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
    let known = snapshot.peers.iter().find(|view| view.peer == peer).and_then(PeerView::called);
    let nearby = snapshot.nearby.iter().find(|view| view.peer == peer).and_then(|view| view.name.as_ref());
    known.or(nearby).map_or_else(|| peer.short(), ToString::to_string)
}

/// What somebody who knocks calls themselves, else their short id.
#[must_use]
pub fn stranger(snapshot: &Snapshot, peer: PeerId) -> String {
    let claimed = snapshot.prompts.iter().find_map(|prompt| match prompt {
        Prompt::Stranger { peer: knocking, name, .. } if *knocking == peer => name.as_ref().map(ToString::to_string),
        Prompt::Stranger { .. } | Prompt::NewCharacter { .. } | Prompt::OwnerConflict { .. } | Prompt::CompareCode { .. } => None,
    });
    claimed.unwrap_or_else(|| name(snapshot, peer))
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
        Notice::ShownAgain { plugin: false, .. } => (Tone::Warning, fl!("notice-shown-again-no-plugin")),
        Notice::ShownAgain { looks, .. } => (Tone::Good, fl!("notice-shown-again", count = looks)),
        Notice::DiskNearlyFull { free } => (Tone::Warning, fl!("notice-disk", free = i18n::size(*free))),
        Notice::SentAgain { peer, looks: 0 } => (Tone::Warning, fl!("notice-sent-again-nothing", name = called(peer))),
        Notice::SentAgain { peer, looks } => (Tone::Good, fl!("notice-sent-again", name = called(peer), count = looks)),
        Notice::CodeEnded { state: CodeState::Friends { peer }, .. } => (Tone::Good, fl!("invite-friends", name = called(peer))),
        Notice::CodeEnded { offered, state: CodeState::Failed { why } } => (Tone::Warning, code_failure(*offered, why)),
        Notice::CodeEnded { state: CodeState::Open, .. } => return None,
        Notice::InvitationEnded { peer, state: None } => (Tone::Good, fl!("invite-friends", name = called(peer))),
        Notice::InvitationEnded { state: Some(state), .. } => (Tone::Warning, taken(*state)),
        Notice::VerificationEnded { peer, verified: true } => (Tone::Good, fl!("notice-verified", name = called(peer))),
        Notice::VerificationEnded { peer, verified: false } => (Tone::Warning, fl!("notice-unverified", name = called(peer))),
        Notice::ConnectionFailed { peer: None, text } => (Tone::Warning, text.clone()),
        Notice::Other { text } => (Tone::Plain, text.clone()),
    })
}

/// What a router makes of our packets.
#[must_use]
pub fn router(kind: RouterKind) -> String {
    match kind {
        RouterKind::Unknown => fl!("router-unknown"),
        RouterKind::Open => fl!("router-open"),
        RouterKind::Even => fl!("router-even"),
        RouterKind::Strict => fl!("router-strict"),
        RouterKind::Blocked => fl!("router-blocked"),
    }
}

/// How an invitation stands that I have taken up.
#[must_use]
pub fn taken(state: TakenState) -> String {
    match state {
        TakenState::Waiting => fl!("taken-waiting"),
        TakenState::Expired => fl!("taken-expired"),
        TakenState::UsedUp => fl!("taken-used-up"),
    }
}

/// Why a code did not make friends, and what to do.
#[must_use]
pub fn code_failure(offered: bool, why: &CodeFailure) -> String {
    match (why, offered) {
        (CodeFailure::Wrong, true) => fl!("invite-wrong-offered"),
        (CodeFailure::Wrong, false) => fl!("invite-wrong-joined"),
        (CodeFailure::UsedUp, _) => fl!("invite-used-up"),
        (CodeFailure::NobodyThere, _) => fl!("invite-nobody"),
        (CodeFailure::Silent, _) => fl!("invite-silent"),
        (CodeFailure::NoRelay, _) => fl!("invite-no-relay"),
        (CodeFailure::Expired, _) => fl!("invite-expired"),
        (CodeFailure::Other(text), _) => text.clone(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, DisplayName, Revision};
    use crate::engine::command::OverLimits;

    const ARIA: &str = "Aria Moon@Phoenix";
    const BRYN: &str = "Bryn Vale@Odin";

    #[test]
    fn every_state_of_a_link_has_its_words() {
        let offline = |reason: Option<&str>, retry_in| LinkView::Offline { reason: reason.map(str::to_owned), retry_in };
        let cases = [
            (LinkView::Connecting, Mark::Waiting, "Connecting…", None),
            (LinkView::WaitingForAcceptance, Mark::Waiting, "Waiting for them to let you in", None),
            (offline(None, None), Mark::Offline, "Offline", None),
            (offline(None, Some(65)), Mark::Offline, "Offline", Some("trying again in 1 min 0 s")),
            (offline(None, Some(5)), Mark::Offline, "Offline", Some("trying again")),
            (offline(Some("nobody answered"), None), Mark::Offline, "Offline", Some("nobody answered")),
            (offline(Some("nobody answered"), Some(8)), Mark::Offline, "Offline", Some("nobody answered · trying again in 3 s")),
            (LinkView::Paused, Mark::Paused, "Paused", None),
            (LinkView::Blocked, Mark::Blocked, "Blocked", None),
            (linked(), Mark::Online, "Connected; nothing to show yet", Some("Direct · 38 ms")),
        ];
        for (link, mark, state, route) in cases {
            let words = peer(&PeerView { link, ..view(Vec::new()) }, 5);
            let expected = PeerWords { mark, state: state.to_owned(), route: route.map(str::to_owned), warning: None };
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn every_step_of_a_look_has_its_words() {
        use Progress as P;
        let heavy = Weight { files: 12, bytes: 3 << 30, texture_bytes: 0, triangles: 0 };
        let failed = || P::Failed { reason: "the disk is full".to_owned() };
        let heavy_words = "Aria Moon is heavier than your limits: 3.0 GiB in 12 files.";
        let conflict_words = "Two friends say that Aria Moon is theirs. Only the first is shown until you choose.";
        let cases = [
            (P::Asking, Mark::Busy, "Asking how Aria Moon looks", None),
            (P::Fetching, Mark::Busy, "Fetching how Aria Moon looks", None),
            (P::Applying, Mark::Busy, "About to show Aria Moon", None),
            (P::Applied, Mark::Online, "Showing Aria Moon", None),
            (P::Ready, Mark::Online, "Aria Moon is ready, and shown when near", None),
            (P::Cancelled, Mark::Online, "Cancelled until their next look", None),
            (P::NotWanted, Mark::Online, "Connected; you do not show their characters", None),
            (P::Gone, Mark::Online, "Connected; nothing to show yet", None),
            (P::TooHeavy { weight: heavy }, Mark::Attention, "Connected", Some(heavy_words)),
            (P::Conflict, Mark::Attention, "Connected", Some(conflict_words)),
            (failed(), Mark::Attention, "Connected", Some("Aria Moon: the disk is full")),
        ];
        for (progress, mark, state, warning) in cases {
            let words = peer(&view(vec![look(ARIA, progress)]), 0);
            assert_eq!((words.mark, words.state.as_str(), words.warning.as_deref()), (mark, state, warning));
        }
    }

    #[test]
    fn of_several_looks_what_is_wrong_and_what_is_under_way_come_first() {
        let both = |one, other| peer(&view(vec![look(ARIA, one), look(BRYN, other)]), 0);
        assert_eq!(both(Progress::Applied, Progress::Fetching).state, "Fetching how Bryn Vale looks");
        assert_eq!(both(Progress::Fetching, Progress::Fetching).state, "Fetching how 2 characters look");
        assert_eq!(both(Progress::Applied, Progress::Applied).state, "Showing 2 characters");
        let words = both(Progress::Applied, Progress::Conflict);
        assert_eq!((words.mark, words.state.as_str()), (Mark::Attention, "Showing Aria Moon"));
        assert!(words.warning.is_some_and(|text| text.contains("Bryn Vale")));
    }

    #[test]
    fn a_transfer_says_what_it_knows() {
        let running = transfer_view();
        assert_eq!(transfer(&running), "1.0 MiB of 4.0 MiB · 1.0 MiB/s · 3 s left");
        assert_eq!(transfer(&TransferView { seconds_left: None, ..running.clone() }), "1.0 MiB of 4.0 MiB · 1.0 MiB/s");
        assert_eq!(transfer(&TransferView { rate: 0, seconds_left: None, ..running.clone() }), "1.0 MiB of 4.0 MiB · waiting");
        assert_eq!(transfer(&TransferView { finished: true, ..running }), "All 4.0 MiB in 2 s");
    }

    #[test]
    fn trust_route_and_audience_have_their_words() {
        let all = [Trust::Blocked, Trust::Once, Trust::Friend, Trust::Verified].map(trust);
        assert_eq!(all, ["Blocked", "Let in once", "Friend", "Verified"]);
        assert_eq!(route(Route::Lan, Some(412)), "Local network · 0.4 ms");
        assert_eq!(route(Route::Direct, None), "Direct");
        let chosen = |count: u8| Audience::Chosen((0..count).map(|n| id(&[n])).collect());
        let cases = [
            (None, "not decided yet"),
            (Some(Audience::Nobody), "Nobody"),
            (Some(Audience::AllFriends), "All friends"),
            (Some(chosen(1)), "one friend"),
            (Some(chosen(3)), "3 friends"),
        ];
        for (given, expected) in cases {
            assert_eq!(audience(given.as_ref()), expected);
        }
    }

    #[test]
    fn moments_name_the_friend_and_what_is_shown_otherwise_is_no_toast() {
        let snapshot = snapshot();
        let peer = id(b"aria");
        let character = || ARIA.parse().expect("a character");
        let text = || "it broke".to_owned();
        let cases = [
            (Notice::PeerKnocked { peer }, None),
            (Notice::WindowWanted, None),
            (Notice::PeerConnected { peer }, Some((Tone::Good, "Aria is here"))),
            (Notice::PeerDisconnected { peer }, Some((Tone::Plain, "Aria went away"))),
            (Notice::AppearanceApplied { peer, character: character() }, Some((Tone::Good, "You see Aria Moon as Aria does"))),
            (Notice::ConnectionFailed { peer: Some(peer), text: text() }, Some((Tone::Warning, "Aria: it broke"))),
            (Notice::ConnectionFailed { peer: None, text: text() }, Some((Tone::Warning, "it broke"))),
            (
                Notice::AppearanceFailed { peer, character: character(), text: text() },
                Some((Tone::Warning, "Aria Moon: it broke")),
            ),
            (Notice::PublishFailed { character: character(), text: text() }, Some((Tone::Warning, "Aria Moon: it broke"))),
            (Notice::PeerMisbehaved { peer, text: text() }, Some((Tone::Warning, "Aria: it broke"))),
            (Notice::VerificationEnded { peer, verified: true }, Some((Tone::Good, "Aria is verified"))),
            (Notice::Other { text: text() }, Some((Tone::Plain, "it broke"))),
        ];
        for (given, expected) in cases {
            let said = notice(&snapshot, &given);
            assert_eq!(said.as_ref().map(|(tone, text)| (*tone, text.as_str())), expected);
        }
        let stranger = notice(&snapshot, &Notice::PeerConnected { peer: id(b"unknown") });
        assert_eq!(stranger, Some((Tone::Good, format!("{} is here", id(b"unknown").short()))));
    }

    fn id(of: &[u8]) -> PeerId {
        PeerId::from_bytes(*AppearanceId::of(of).as_bytes())
    }

    fn linked() -> LinkView {
        let remote = "203.0.113.9:47311".parse().expect("an address");
        let round_trip_us = Some(38_400);
        LinkView::Connected { route: Route::Direct, remote, round_trip_us, seconds: 9, sent: 0, received: 0, served: 0 }
    }

    fn view(characters: Vec<CharacterView>) -> PeerView {
        let friend = PeerView::of_friend(id(b"aria"));
        PeerView { name: DisplayName::new("Aria").ok(), link: linked(), characters, ..friend }
    }

    fn look(of: &str, progress: Progress) -> CharacterView {
        CharacterView {
            character: of.parse().expect("a character"),
            appearance: AppearanceId::of(b"look"),
            revision: Revision(1),
            weight: Weight::default(),
            progress,
            near: false,
            over_limits: OverLimits::HeldBack,
        }
    }

    fn transfer_view() -> TransferView {
        TransferView {
            peer: id(b"aria"),
            character: ARIA.parse().expect("a character"),
            done: 1 << 20,
            total: 4 << 20,
            files_done: 1,
            files_total: 4,
            rate: 1 << 20,
            seconds_left: Some(3),
            wire_bytes: 1 << 20,
            elapsed_ms: 1_400,
            finished: false,
            first: false,
        }
    }

    fn snapshot() -> Snapshot {
        Snapshot { peers: vec![view(Vec::new())], ..Snapshot::of_newcomer(id(b"me")) }
    }
}
