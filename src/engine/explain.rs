//! Why a friend is not seen, or does not see me: the chain from the game plugin to the look on the screen, up to the first link of it that
//! fails. A pure function of what can be seen of the engine.

mod says;

pub use says::{About, Says};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::follow::Progress;
use super::snapshot::{CharacterView, LinkView, MyCharacterView, PeerView, Snapshot};
use crate::domain::{Audience, DiscoveryMode, Limits, PeerId, Trust};

/// One link of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whether it holds. The last one of a chain may not; all before it do.
    pub holds: bool,
    /// How it stands, and what to do where it does not hold.
    pub says: Says,
}

impl Serialize for Step {
    /// With the English sentence: who reads it shows it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut step = serializer.serialize_struct("Step", 2)?;
        step.serialize_field("holds", &self.holds)?;
        step.serialize_field("text", &self.says.to_string())?;
        step.end()
    }
}

/// A chain of links, each of which needs the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// What it is about.
    pub about: About,
    /// As far as the first one that does not hold.
    pub steps: Vec<Step>,
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut chain = serializer.serialize_struct("Chain", 2)?;
        chain.serialize_field("title", &self.about.to_string())?;
        chain.serialize_field("steps", &self.steps)?;
        chain.end()
    }
}

/// Why a peer is or is not seen: the connection, then each of their characters, then each of mine. Empty for one who was never met.
#[must_use]
pub fn explain(snapshot: &Snapshot, peer: &PeerId) -> Vec<Chain> {
    let Some(view) = snapshot.peers.iter().find(|view| view.peer == *peer) else { return Vec::new() };
    let called = called(view);
    let connection = connection(snapshot, view, &called);
    let connected = connection.iter().all(|step| step.holds);
    let mut chains = vec![Chain { about: About::Connection { called: called.to_owned() }, steps: connection }];
    if !connected {
        return chains;
    }
    if view.characters.is_empty() {
        let says = Says::ShowsNothing { called: called.to_owned() };
        chains.push(Chain { about: About::What { called: called.to_owned() }, steps: vec![no(says)] });
    }
    chains.extend(view.characters.iter().map(|character| Chain {
        about: About::Looks { name: character.character.to_string() },
        steps: theirs(snapshot, view, character, &called),
    }));
    chains.extend(snapshot.characters.iter().map(|character| Chain {
        about: About::Seen { called: called.clone(), name: character.character.to_string() },
        steps: mine(snapshot, view, character, &called),
    }));
    chains
}

fn connection(snapshot: &Snapshot, view: &PeerView, called: &str) -> Vec<Step> {
    let trusted = match view.trust {
        Trust::Blocked => no(Says::Blocked { called: called.to_owned() }),
        Trust::Once => yes(Says::LetInOnce { called: called.to_owned() }),
        Trust::Friend | Trust::Verified => yes(Says::Friend { called: called.to_owned() }),
    };
    let rest = || match (snapshot.pause.paused, &view.link) {
        (false, _) if snapshot.pause.lacks_plugin => no(Says::LacksPlugin),
        (true, _) => no(Says::AllPaused),
        (false, LinkView::Paused) => no(Says::Paused { called: called.to_owned() }),
        (
            false,
            LinkView::Connected { .. }
            | LinkView::Connecting
            | LinkView::WaitingForAcceptance
            | LinkView::Offline { .. }
            | LinkView::Blocked,
        ) => yes(Says::NothingPaused),
    };
    let link = || link(snapshot, view, called);
    chain([&|| trusted.clone(), &rest, &link])
}

fn link(snapshot: &Snapshot, view: &PeerView, called: &str) -> Step {
    if let (Some(why), LinkView::Connecting | LinkView::Offline { .. }) = (view.no_way, &view.link) {
        let port = snapshot.listening.map_or(snapshot.settings.port, |ports| ports.link_port);
        return no(Says::NoWay { called: called.to_owned(), why: why.reason(), port });
    }
    match &view.link {
        LinkView::Connected { .. } => yes(Says::Connected { called: called.to_owned() }),
        LinkView::Connecting => no(Says::Connecting { called: called.to_owned() }),
        LinkView::WaitingForAcceptance => no(Says::NotLetIn { called: called.to_owned() }),
        LinkView::Offline { .. } if snapshot.elsewhere.is_some() => no(Says::Elsewhere),
        LinkView::Offline { reason: Some(reason), .. } => {
            let reason = reason.trim_end_matches('.');
            no(Says::Unreachable { called: called.to_owned(), reason: reason.to_owned() })
        }
        LinkView::Offline { reason: None, .. } if snapshot.discovery.mode == DiscoveryMode::Off => {
            no(Says::DiscoveryOff { called: called.to_owned() })
        }
        LinkView::Offline { reason: None, .. } => no(Says::Offline { called: called.to_owned() }),
        LinkView::Paused | LinkView::Blocked => no(Says::NotWantedLink { called: called.to_owned() }),
    }
}

fn theirs(snapshot: &Snapshot, view: &PeerView, character: &CharacterView, called: &str) -> Vec<Step> {
    let name = character.character.name();
    let announced = || yes(Says::Shows { called: called.to_owned(), name: name.to_owned() });
    let wanted = || wanted(&snapshot.settings.limits, view, character, called);
    let here = || here(character, name);
    let plugin = || match &snapshot.plugin {
        None => no(Says::NoPlugin),
        Some(_) => yes(Says::PluginThere),
    };
    let near = || {
        if character.near { yes(Says::Near { name: name.to_owned() }) } else { no(Says::NotNear { name: name.to_owned() }) }
    };
    let free = || match &snapshot.plugin {
        Some(plugin) if plugin.busy && character.progress != Progress::Applied => no(Says::Busy),
        Some(_) | None => yes(Says::Free),
    };
    let shown = || shown(character, name);
    if character.progress == Progress::Applied {
        return chain([&announced, &wanted, &here, &shown]);
    }
    chain([&announced, &wanted, &here, &plugin, &near, &free, &shown])
}

fn wanted(limits: &Limits, view: &PeerView, character: &CharacterView, called: &str) -> Step {
    match &character.progress {
        Progress::NotWanted if !view.permissions.show_them => no(Says::NotShown { called: called.to_owned() }),
        Progress::NotWanted => no(Says::OwnCharacter),
        Progress::TooHeavy { weight } => no(Says::TooHeavy { by: limits.exceeded(weight) }),
        Progress::Conflict => no(Says::Conflict),
        Progress::Gone => no(Says::Gone { called: called.to_owned() }),
        Progress::Cancelled => no(Says::Cancelled),
        Progress::Asking
        | Progress::Fetching
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied
        | Progress::Failed { .. } => yes(Says::Wanted),
    }
}

fn here(character: &CharacterView, name: &str) -> Step {
    match &character.progress {
        Progress::Asking => no(Says::Asking { name: name.to_owned() }),
        Progress::Fetching => no(Says::Fetching { name: name.to_owned() }),
        Progress::Failed { reason } => no(Says::Failed { reason: reason.trim_end_matches('.').to_owned() }),
        Progress::NotWanted
        | Progress::TooHeavy { .. }
        | Progress::Conflict
        | Progress::Cancelled
        | Progress::Gone
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied => yes(Says::AllHere),
    }
}

fn shown(character: &CharacterView, name: &str) -> Step {
    match &character.progress {
        Progress::Applied => yes(Says::Applied { name: name.to_owned() }),
        Progress::Applying => no(Says::Applying),
        Progress::Asking
        | Progress::NotWanted
        | Progress::TooHeavy { .. }
        | Progress::Conflict
        | Progress::Fetching
        | Progress::Cancelled
        | Progress::Ready
        | Progress::Failed { .. }
        | Progress::Gone => no(Says::NotYet),
    }
}

fn mine(snapshot: &Snapshot, view: &PeerView, character: &MyCharacterView, called: &str) -> Vec<Step> {
    let name = character.character.name();
    let here = || match snapshot.elsewhere {
        Some(_) => no(Says::Elsewhere),
        None => yes(Says::NobodyElse),
    };
    let published = || match (&character.published, &character.problem) {
        (_, Some(problem)) => no(Says::Problem { name: name.to_owned(), reason: problem.trim_end_matches('.').to_owned() }),
        (None, None) => no(Says::NotPublished { name: name.to_owned() }),
        (Some(_), None) => yes(Says::Published { name: name.to_owned() }),
    };
    let audience = || match &character.audience {
        None => no(Says::NotDecided { name: name.to_owned() }),
        Some(Audience::Nobody) => no(Says::SharedWithNobody { name: name.to_owned() }),
        Some(audience) if !audience.includes(&view.peer) => {
            no(Says::SharedWithOthers { called: called.to_owned(), name: name.to_owned() })
        }
        Some(Audience::AllFriends | Audience::Chosen(_)) => {
            yes(Says::SharedWithThem { called: called.to_owned(), name: name.to_owned() })
        }
    };
    let permitted = || {
        if view.permissions.see_me {
            yes(Says::MaySee { called: called.to_owned() })
        } else {
            no(Says::MayNotSee { called: called.to_owned() })
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

const fn yes(says: Says) -> Step {
    Step { holds: true, says }
}

const fn no(says: Says) -> Step {
    Step { holds: false, says }
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
            assert!(ends[0].says.to_string().contains(words), "{words}: {}", ends[0].says);
            assert!(!ends[0].says.to_string().contains(".."), "{}", ends[0].says);
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
