//! A link that is up: hello, heartbeat, and what the other side may say on it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::heartbeat::Heartbeat;
use crate::domain::{Budget, InstanceId, Route};
use crate::engine::desk::{Deadline, Desk};
use crate::engine::input::LinkKey;
use crate::engine::snapshot::LinkView;
use crate::wire::control::{Control, Hello};
use crate::wire::run::{RUN_NONCE, Run};
use crate::wire::{PROTOCOL_MAX, PROTOCOL_MIN};

/// A side that has not said hello by then never will.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Messages at once and a second: far beyond what a companion says.
const MESSAGES: (u32, u32) = (1000, 100);
/// Announcements at once (twice as many as there may be characters) and a second.
const ANNOUNCES: (u32, u32) = (128, 10);
/// Manifests asked for at once and a second: each is up to a whole message, so they are what costs most to answer.
const MANIFESTS: (u32, u32) = (256, 20);
/// Profiles and pictures, said and asked for, at once and a second: a companion tells a change at most once a second.
const PROFILES: (u32, u32) = (32, 4);

/// What became of a message on a link.
#[derive(Debug)]
pub(in crate::engine) enum Said {
    /// Dealt with.
    Nothing,
    /// The other side has said hello: the link is in use from here on.
    Hello,
    /// For another part.
    Pass(Control),
    /// No common version; a sentence for both sides.
    Incompatible(String),
    /// It breaks the rules; which one.
    Misbehaved(&'static str),
}

/// A link that is up.
#[derive(Debug)]
pub(super) struct UpLink {
    pub(super) key: LinkKey,
    pub(super) route: Route,
    remote: SocketAddr,
    since: Instant,
    pub(super) hello: Option<Hello>,
    /// The number that I made up for it, until somebody has answered with it.
    pub(super) nonce: Option<[u8; RUN_NONCE]>,
    heartbeat: Heartbeat,
    messages: Budget,
    announces: Budget,
    manifests: Budget,
    profiles: Budget,
    stats: Stats,
}

/// What the runtime measures.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Stats {
    pub(in crate::engine) round_trip_us: Option<u64>,
    pub(in crate::engine) sent: u64,
    pub(in crate::engine) received: u64,
    pub(in crate::engine) served: u64,
}

impl UpLink {
    pub(super) fn new(now: Instant, key: LinkKey, nonce: [u8; RUN_NONCE], (route, remote): (Route, SocketAddr)) -> Self {
        let [drawn, ..] = nonce;
        Self {
            key,
            route,
            remote,
            since: now,
            hello: None,
            nonce: Some(nonce),
            heartbeat: Heartbeat::new(now, drawn),
            messages: Budget::new(now, MESSAGES.0, MESSAGES.1),
            announces: Budget::new(now, ANNOUNCES.0, ANNOUNCES.1),
            manifests: Budget::new(now, MANIFESTS.0, MANIFESTS.1),
            profiles: Budget::new(now, PROFILES.0, PROFILES.1),
            stats: Stats::default(),
        }
    }

    pub(super) fn alive(&mut self, now: Instant) {
        self.heartbeat.heard(now);
    }

    /// It may have been cut: silence is judged sooner for once.
    pub(super) fn probe(&mut self, now: Instant) {
        self.heartbeat.probe(now);
    }

    /// Whether it may have been cut and nothing was heard since.
    pub(super) const fn is_doubted(&self) -> bool {
        self.heartbeat.is_doubted()
    }

    pub(super) fn measured(&mut self, route: Route, stats: Stats) {
        self.route = route;
        self.stats = stats;
    }

    /// How the other side's run introduced itself.
    pub(super) fn run(&self) -> Option<Run> {
        self.hello.as_ref()?.run
    }

    /// What orders the runs of one identity: the later, the newer.
    pub(super) fn age(&self) -> Option<(u64, InstanceId)> {
        self.hello.as_ref().and_then(|hello| Some((hello.run?.began_unix, hello.instance)))
    }

    pub(super) fn instance(&self) -> Option<InstanceId> {
        self.hello.as_ref().map(|hello| hello.instance)
    }

    /// A message came; `called` is what to call the sender in a sentence.
    pub(super) fn received(&mut self, desk: &mut Desk, called: &str, message: Control) -> Said {
        let now = desk.now();
        self.heartbeat.told(now);
        if !self.messages.spend(now) {
            return Said::Misbehaved("it sends more messages than anybody can read");
        }
        if self.hello.is_none() {
            return self.first(called, message);
        }
        match message {
            Control::Hello(_) => Said::Misbehaved("it said hello twice"),
            Control::Ping { token } => {
                desk.send(self.key, Control::Pong { token });
                Said::Nothing
            }
            Control::Pong { token } => {
                self.heartbeat.answered(now, token);
                Said::Nothing
            }
            Control::Announce(_) if !self.announces.spend(now) => {
                Said::Misbehaved("it announces looks faster than anybody changes")
            }
            Control::GetManifest { .. } if !self.manifests.spend(now) => {
                Said::Misbehaved("it asks for looks faster than anybody changes")
            }
            Control::Profile { .. } | Control::GetPicture { .. } | Control::Picture { .. } if !self.profiles.spend(now) => {
                Said::Misbehaved("it changes its name and picture faster than anybody can look")
            }
            Control::Unknown { .. } => Said::Nothing,
            other @ (Control::Announce(_)
            | Control::Withdraw { .. }
            | Control::GetManifest { .. }
            | Control::Manifest { .. }
            | Control::Refuse { .. }
            | Control::Verify(_)
            | Control::Resync
            | Control::Rival { .. }
            | Control::Claim(_)
            | Control::Profile { .. }
            | Control::GetPicture { .. }
            | Control::Picture { .. }
            | Control::Bye { .. }) => Said::Pass(other),
        }
    }

    /// Does what is due: a ping, or the verdict that the link is dead (one sentence).
    pub(super) fn settle(&mut self, desk: &mut Desk) -> Option<String> {
        let now = desk.now();
        if self.hello.is_none() && now >= self.since + HELLO_WITHIN {
            return Some("the other side connected but said nothing".to_owned());
        }
        if self.heartbeat.is_dead(now) {
            return Some("nothing is heard on it any more".to_owned());
        }
        if let Some(token) = self.heartbeat.beat(now) {
            desk.send(self.key, Control::Ping { token });
        }
        None
    }

    pub(super) fn deadline(&self) -> Deadline {
        let beat = self.heartbeat.deadline();
        if self.hello.is_none() { (beat.min(self.since + HELLO_WITHIN), "a hello is awaited") } else { (beat, "a heartbeat") }
    }

    pub(super) fn view(&self, now: Instant) -> LinkView {
        LinkView::Connected {
            route: self.route,
            remote: self.remote,
            round_trip_us: self.stats.round_trip_us.or(self.heartbeat.round_trip_us()),
            seconds: now.saturating_duration_since(self.since).as_secs(),
            sent: self.stats.sent,
            received: self.stats.received,
            served: self.stats.served,
        }
    }

    fn first(&mut self, called: &str, message: Control) -> Said {
        match message {
            Control::Hello(hello) => match incompatibility(called, &hello) {
                Some(text) => Said::Incompatible(text),
                None => {
                    self.hello = Some(hello);
                    Said::Hello
                }
            },
            bye @ Control::Bye { .. } => Said::Pass(bye),
            Control::Unknown { .. } => Said::Nothing,
            Control::Ping { .. }
            | Control::Pong { .. }
            | Control::Announce(_)
            | Control::Withdraw { .. }
            | Control::GetManifest { .. }
            | Control::Manifest { .. }
            | Control::Refuse { .. }
            | Control::Verify(_)
            | Control::Rival { .. }
            | Control::Claim(_)
            | Control::Resync
            | Control::Profile { .. }
            | Control::GetPicture { .. }
            | Control::Picture { .. } => Said::Misbehaved("it spoke before it said hello"),
        }
    }
}

/// Why two programs cannot understand each other, if they cannot.
fn incompatibility(called: &str, hello: &Hello) -> Option<String> {
    if hello.protocol_max < PROTOCOL_MIN || hello.protocol_max < hello.protocol_min {
        Some(format!("{called} has an older FyteClub: ask them to update."))
    } else if hello.protocol_min > PROTOCOL_MAX {
        Some(format!("{called} has a newer FyteClub: update yours."))
    } else {
        None
    }
}
