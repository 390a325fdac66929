//! Why a friend is not seen, or does not see me: the chain from the game plugin to the look on the screen, up to the first link of it that
//! fails. A pure function of what can be seen of the engine.

use serde::{Deserialize, Serialize};

use super::follow::Progress;
use super::snapshot::{CharacterView, ElsewhereView, LinkView, MyCharacterView, PeerView, Snapshot};
use crate::domain::{Audience, DiscoveryMode, Limits, PeerId, Trust};

/// One link of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Whether it holds. The last one of a chain may not; all before it do.
    pub holds: bool,
    /// One sentence: how it stands, and what to do where it does not hold.
    pub text: String,
}

/// A chain of links, each of which needs the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// What it is about.
    pub title: String,
    /// As far as the first one that does not hold.
    pub steps: Vec<Step>,
}

/// Why a peer is or is not seen: the connection, then each of their characters, then each of mine. Empty for one who was never met.
#[must_use]
pub fn explain(snapshot: &Snapshot, peer: &PeerId) -> Vec<Chain> {
    let Some(view) = snapshot.peers.iter().find(|view| view.peer == *peer) else { return Vec::new() };
    let called = called(view);
    let connection = connection(snapshot, view, &called);
    let connected = connection.iter().all(|step| step.holds);
    let mut chains = vec![Chain { title: format!("The connection to {called}"), steps: connection }];
    if !connected {
        return chains;
    }
    if view.characters.is_empty() {
        let text = format!(
            "{called} shows you no character: ask them to log in with the plugin running, and to share the character with you."
        );
        chains.push(Chain { title: format!("What {called} shows you"), steps: vec![no(text)] });
    }
    chains.extend(view.characters.iter().map(|character| Chain {
        title: format!("How {} looks", character.character),
        steps: theirs(snapshot, view, character, &called),
    }));
    chains.extend(snapshot.characters.iter().map(|character| Chain {
        title: format!("How {called} sees {}", character.character),
        steps: mine(snapshot, view, character, &called),
    }));
    chains
}

fn connection(snapshot: &Snapshot, view: &PeerView, called: &str) -> Vec<Step> {
    let trusted = match view.trust {
        Trust::Blocked => no(format!("You have blocked {called}: unblock them to connect.")),
        Trust::Once => yes(format!("You have let {called} in until the program ends.")),
        Trust::Friend | Trust::Verified => yes(format!("{called} is a friend.")),
    };
    let rest = || match (snapshot.pause.paused, &view.link) {
        (false, _) if snapshot.pause.lacks_plugin => {
            no("No game plugin is connected, and you are online only with one: start the game, or change that setting."
                .to_owned())
        }
        (true, _) => no("FyteClub is paused: resume it.".to_owned()),
        (false, LinkView::Paused) => no(format!("You have paused {called}: resume them.")),
        (
            false,
            LinkView::Connected { .. }
            | LinkView::Connecting
            | LinkView::WaitingForAcceptance
            | LinkView::Offline { .. }
            | LinkView::Blocked,
        ) => yes("Nothing is paused.".to_owned()),
    };
    let link = || link(snapshot, view, called);
    chain([&|| trusted.clone(), &rest, &link])
}

fn link(snapshot: &Snapshot, view: &PeerView, called: &str) -> Step {
    match &view.link {
        LinkView::Connected { .. } => yes(format!("You are connected to {called}.")),
        LinkView::Connecting => no(format!("The connection to {called} is being made: wait a moment.")),
        LinkView::WaitingForAcceptance => no(format!("{called} has not let you in yet: ask them to accept you.")),
        LinkView::Offline { .. } if snapshot.elsewhere.is_some() => no(ElsewhereView::SENTENCE.to_owned()),
        LinkView::Offline { reason: Some(reason), .. } => {
            let reason = reason.trim_end_matches('.');
            no(format!("{called} cannot be reached ({reason}): ask whether their FyteClub is running and has you as a friend."))
        }
        LinkView::Offline { reason: None, .. } if snapshot.discovery.mode == DiscoveryMode::Off => {
            no(format!("{called} is not heard of, and discovery is off: switch it on, or connect by address."))
        }
        LinkView::Offline { reason: None, .. } => {
            no(format!("{called} is offline: ask whether their FyteClub is running; on another network, connect by address."))
        }
        LinkView::Paused | LinkView::Blocked => no(format!("No connection to {called} is wanted.")),
    }
}

fn theirs(snapshot: &Snapshot, view: &PeerView, character: &CharacterView, called: &str) -> Vec<Step> {
    let name = character.character.name();
    let announced = || yes(format!("{called} shows {name} to you."));
    let wanted = || wanted(&snapshot.settings.limits, view, character, called);
    let here = || here(character, name);
    let plugin = || match &snapshot.plugin {
        None => no("No game plugin is connected: start the game with the FyteClub plugin.".to_owned()),
        Some(_) => yes("The game plugin is connected.".to_owned()),
    };
    let near = || {
        if character.near {
            yes(format!("{name} is near in the game."))
        } else {
            no(format!("{name} is not near in the game: it is shown when you meet."))
        }
    };
    let free = || match &snapshot.plugin {
        Some(plugin) if plugin.busy && character.progress != Progress::Applied => {
            no("You are in combat or a cutscene: looks change when it is over.".to_owned())
        }
        Some(_) | None => yes("Nothing holds looks back.".to_owned()),
    };
    let shown = || shown(character, name);
    if character.progress == Progress::Applied {
        return chain([&announced, &wanted, &here, &shown]);
    }
    chain([&announced, &wanted, &here, &plugin, &near, &free, &shown])
}

fn wanted(limits: &Limits, view: &PeerView, character: &CharacterView, called: &str) -> Step {
    match &character.progress {
        Progress::NotWanted if !view.permissions.show_them => {
            no(format!("You do not show {called}'s characters: allow it in their permissions."))
        }
        Progress::NotWanted => no("The character is your own: your own game draws it, nobody else.".to_owned()),
        Progress::TooHeavy { weight } => no(format!(
            "The look is over your limits by {}: allow it once or always, raise the limits, or ask for a lighter look.",
            limits.exceeded(weight).iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
        )),
        Progress::Conflict => no("Another friend shows the same character: choose whose it is.".to_owned()),
        Progress::Gone => no(format!("{called} went away or took the look off.")),
        Progress::Cancelled => no("You cancelled this look: retry to fetch it after all.".to_owned()),
        Progress::Asking
        | Progress::Fetching
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied
        | Progress::Failed { .. } => yes("You want to see it.".to_owned()),
    }
}

fn here(character: &CharacterView, name: &str) -> Step {
    match &character.progress {
        Progress::Asking => no(format!("The list of {name}'s files has been asked for: wait a moment.")),
        Progress::Fetching => no(format!("{name}'s files are being fetched: see the transfers.")),
        Progress::Failed { reason } => {
            no(format!("It failed: {}. It is tried again by itself, or at once with a retry.", reason.trim_end_matches('.')))
        }
        Progress::NotWanted
        | Progress::TooHeavy { .. }
        | Progress::Conflict
        | Progress::Cancelled
        | Progress::Gone
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied => yes("All of its files are here.".to_owned()),
    }
}

fn shown(character: &CharacterView, name: &str) -> Step {
    match &character.progress {
        Progress::Applied => yes(format!("{name} is shown.")),
        Progress::Applying => no("The game plugin was told to show it: wait a moment.".to_owned()),
        Progress::Asking
        | Progress::NotWanted
        | Progress::TooHeavy { .. }
        | Progress::Conflict
        | Progress::Fetching
        | Progress::Cancelled
        | Progress::Ready
        | Progress::Failed { .. }
        | Progress::Gone => no("It has not been shown yet: wait a moment, then resync.".to_owned()),
    }
}

fn mine(snapshot: &Snapshot, view: &PeerView, character: &MyCharacterView, called: &str) -> Vec<Step> {
    let name = character.character.name();
    let here = || match snapshot.elsewhere {
        Some(_) => no(ElsewhereView::SENTENCE.to_owned()),
        None => yes("No other computer shares in this one's place.".to_owned()),
    };
    let published = || match (&character.published, &character.problem) {
        (_, Some(problem)) => no(format!("{name} cannot be shared as it looks now: {}.", problem.trim_end_matches('.'))),
        (None, None) => no(format!("No look of {name} is published: log in with the plugin running.")),
        (Some(_), None) => yes(format!("{name}'s look is published.")),
    };
    let audience = || match &character.audience {
        None => no(format!("You have not said with whom {name} is shared: answer the question.")),
        Some(Audience::Nobody) => no(format!("{name} is shared with nobody: share it.")),
        Some(audience) if !audience.includes(&view.peer) => {
            no(format!("{name} is shared with others, not with {called}: add them to its friends."))
        }
        Some(Audience::AllFriends | Audience::Chosen(_)) => yes(format!("{name} is shared with {called}.")),
    };
    let permitted = || {
        if view.permissions.see_me {
            yes(format!("{called} may see you."))
        } else {
            no(format!("{called} may not see you: allow it in their permissions."))
        }
    };
    chain([&here, &published, &audience, &permitted])
}

/// The steps as far as the first one that does not hold.
fn chain<const N: usize>(steps: [&dyn Fn() -> Step; N]) -> Vec<Step> {
    let mut chain = Vec::with_capacity(N);
    for step in steps {
        let step = step();
        let holds = step.holds;
        chain.push(step);
        if !holds {
            break;
        }
    }
    chain
}

fn called(view: &PeerView) -> String {
    view.called().map_or_else(|| view.peer.short(), |name| name.as_str().to_owned())
}

const fn yes(text: String) -> Step {
    Step { holds: true, text }
}

const fn no(text: String) -> Step {
    Step { holds: false, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, Character, Revision, Route, Weight};
    use crate::engine::command::OverLimits;
    use crate::engine::snapshot::{ElsewhereView, PluginView, PublishedView};

    /// What is changed in a world where everything holds, and the words of the sentence that then ends a chain.
    type Case = (&'static str, fn(&mut Snapshot));

    #[test]
    fn with_nothing_wrong_every_chain_holds_to_its_end() {
        let chains = explain(&all_well(), &friend());
        assert_eq!(chains.len(), 3);
        assert!(chains.iter().flat_map(|chain| &chain.steps).all(|step| step.holds), "{chains:?}");
        assert!(explain(&all_well(), &PeerId::from_bytes([9; 32])).is_empty());
    }

    #[test]
    fn each_thing_that_can_go_wrong_ends_its_chain_with_a_sentence_of_its_own() {
        let cases: &[Case] = &[
            ("unblock", |s| s.peers[0].trust = Trust::Blocked),
            ("resume it", |s| s.pause.paused = true),
            ("online only with one", |s| s.pause.lacks_plugin = true),
            ("resume them", |s| s.peers[0].link = LinkView::Paused),
            ("accept you", |s| s.peers[0].link = LinkView::WaitingForAcceptance),
            ("being made", |s| s.peers[0].link = LinkView::Connecting),
            ("nobody there", |s| {
                s.peers[0].link = LinkView::Offline { reason: Some("nobody there.".to_owned()), retry_in: None }
            }),
            ("is offline", |s| s.peers[0].link = LinkView::Offline { reason: None, retry_in: None }),
            ("discovery is off", |s| {
                s.peers[0].link = LinkView::Offline { reason: None, retry_in: None };
                s.discovery.mode = DiscoveryMode::Off;
            }),
            ("shows you no character", |s| s.peers[0].characters.clear()),
            ("do not show", |s| {
                s.peers[0].permissions.show_them = false;
                progress(s, Progress::NotWanted);
            }),
            ("your own", |s| progress(s, Progress::NotWanted)),
            ("over your limits by 2 files and 7 triangles: allow it once or always", |s| {
                s.settings.limits = Limits { files: 10, triangles: 100, ..Limits::default() };
                progress(s, Progress::TooHeavy { weight: Weight { files: 12, triangles: 107, ..Weight::default() } });
            }),
            ("choose whose", |s| progress(s, Progress::Conflict)),
            ("cancelled", |s| progress(s, Progress::Cancelled)),
            ("went away", |s| progress(s, Progress::Gone)),
            ("asked for", |s| progress(s, Progress::Asking)),
            ("being fetched", |s| progress(s, Progress::Fetching)),
            ("disk full", |s| progress(s, Progress::Failed { reason: "disk full".to_owned() })),
            ("start the game", |s| {
                progress(s, Progress::Ready);
                s.plugin = None;
            }),
            ("not near", |s| {
                progress(s, Progress::Ready);
                s.peers[0].characters[0].near = false;
            }),
            ("combat", |s| {
                progress(s, Progress::Ready);
                s.plugin.as_mut().unwrap().busy = true;
            }),
            ("was told", |s| progress(s, Progress::Applying)),
            ("log in with the plugin", |s| s.characters[0].published = None),
            ("broken file", |s| s.characters[0].problem = Some("broken file.".to_owned())),
            ("answer the question", |s| s.characters[0].audience = None),
            ("with nobody", |s| s.characters[0].audience = Some(Audience::Nobody)),
            ("not with Bea", |s| s.characters[0].audience = Some(Audience::Chosen(std::collections::BTreeSet::new()))),
            ("another computer", |s| s.elsewhere = Some(ElsewhereView { began_unix: 1 })),
            ("may not see you", |s| s.peers[0].permissions.see_me = false),
        ];
        for (words, change) in cases {
            let mut snapshot = all_well();
            change(&mut snapshot);
            let chains = explain(&snapshot, &friend());
            let ends: Vec<&Step> = chains.iter().filter_map(|chain| chain.steps.last()).filter(|step| !step.holds).collect();
            assert_eq!(ends.len(), 1, "{words}: {chains:?}");
            assert!(ends[0].text.contains(words), "{words}: {}", ends[0].text);
            assert!(!ends[0].text.contains(".."), "{}", ends[0].text);
        }
    }

    fn friend() -> PeerId {
        PeerId::from_bytes([2; 32])
    }

    fn progress(snapshot: &mut Snapshot, progress: Progress) {
        snapshot.peers[0].characters[0].progress = progress;
    }

    fn all_well() -> Snapshot {
        let appearance = AppearanceId::of(b"look");
        let theirs: Character = "Bea Fyte@Omega".parse().unwrap();
        let mine: Character = "Aria Fyte@Omega".parse().unwrap();
        Snapshot {
            peers: vec![PeerView {
                name: crate::domain::DisplayName::new("Bea").ok(),
                link: LinkView::Connected {
                    route: Route::Lan,
                    remote: "10.0.0.2:1".parse().unwrap(),
                    round_trip_us: None,
                    seconds: 1,
                    sent: 0,
                    received: 0,
                    served: 0,
                },
                characters: vec![CharacterView {
                    character: theirs.clone(),
                    appearance,
                    revision: Revision(1),
                    weight: Weight::default(),
                    progress: Progress::Applied,
                    near: true,
                    over_limits: OverLimits::HeldBack,
                }],
                sees: vec![mine.clone()],
                ..PeerView::of_friend(friend())
            }],
            characters: vec![MyCharacterView {
                character: mine,
                audience: Some(Audience::AllFriends),
                published: Some(PublishedView {
                    appearance,
                    revision: Revision(1),
                    weight: Weight::default(),
                    announced_to: 1,
                    seen_by: Vec::new(),
                    largest: Vec::new(),
                }),
                problem: None,
            }],
            plugin: Some(PluginView { program: "test".to_owned(), character: None, busy: false, near: vec![theirs] }),
            ..Snapshot::of_newcomer(PeerId::from_bytes([1; 32]))
        }
    }
}
