//! Links: for each peer at most one that is up and one that is being made; who dials, whose offer stands, when to try again.
//!
//! A link is named by the peer and a generation. A dialler proposes a generation above every one it knows of, taken from the
//! clock so that a restart goes higher; the lower peer id of a pair proposes even ones and the higher one odd ones, so that two
//! simultaneous dials never bear one name. Of two simultaneous offers that of the lower peer id stands: the other side
//! drops its own attempt and answers. The lower side keeps the offer it did not want until its own attempt has ended: where only one
//! direction can be dialled, it is answered then. An attempt that has met with silence for two seconds no longer stands in the way.
//!
//! A link that is up is replaced only by one of a higher generation, and only once that one is up and has said which run of the
//! peer's program it is ([`rival`]).

mod heartbeat;
mod redial;
mod rival;
mod says;
mod up;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use redial::Redial;
use rival::Rival;
use says::{farewell, hello, misbehaviour, printable};
use up::UpLink;
pub(super) use up::{Said, Stats};

use super::circle::Circle;
use super::desk::{Deadline, Desk, seconds_until, sooner};
use super::input::{DialError, DownReason, LinkKey, OfferTicket};
use super::notice::Notice;
use super::output::Output;
use super::roster::Roster;
use super::snapshot::LinkView;
use crate::domain::{DisplayName, InstanceId, NoWay, PeerId, Route};
use crate::wire::control::{ByeReason, Control};
use crate::wire::run::RUN_NONCE;

/// The runtime ends attempts well before; this is for one that was lost.
const ATTEMPT_WITHIN: Duration = Duration::from_secs(60);
/// A companion that answers a dial does so within a few round trips; one that has not by now does not know us yet.
const SILENT_AFTER: Duration = Duration::from_secs(2);
/// Beyond this there is no generation. It leaves room above it for ever, and does not depend on anybody's clock being right.
const MAX_GENERATION: u64 = 1 << 62;
/// What the clock contributes to a generation ends here, far in the future and far below [`MAX_GENERATION`].
const MAX_CLOCK_MS: u64 = 1 << 50;

/// How I introduce myself on a new link.
#[derive(Clone, Debug)]
pub(super) struct Introduction {
    pub(super) instance: InstanceId,
    pub(super) began_unix: u64,
    pub(super) name: Option<DisplayName>,
}

/// Every link and attempt.
#[derive(Debug)]
pub(super) struct Links {
    me: PeerId,
    peers: BTreeMap<PeerId, PeerLink>,
}

#[derive(Debug, Default)]
struct PeerLink {
    up: Option<UpLink>,
    /// A newer link beside it, until it is known which run of the peer's program made it.
    rival: Option<Rival>,
    attempt: Option<Attempt>,
    redial: Redial,
    /// I knocked and they have not let me in yet.
    waiting: bool,
    /// The highest generation seen.
    seen: u64,
    /// Whether an offer reaches them by a relay.
    met: bool,
    /// Why no link came of it.
    no_way: Option<NoWay>,
    /// Whether the person was told that the peer is here.
    shown_here: bool,
}

/// A link being made.
#[derive(Debug)]
struct Attempt {
    key: LinkKey,
    dialled: bool,
    since: Instant,
    /// The other side's signalling address, to be remembered if it works.
    address: Option<SocketAddr>,
    /// The other side's offer that crossed mine.
    kept: Option<Offer>,
}

/// An offer that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer {
    pub(super) ticket: OfferTicket,
    pub(super) generation: u64,
    /// The sender's signalling address, if it came by one.
    pub(super) address: Option<SocketAddr>,
}

impl Links {
    pub(super) const fn new(me: PeerId) -> Self {
        Self { me, peers: BTreeMap::new() }
    }

    /// The link on which a peer has said hello.
    pub(super) fn linked(&self, peer: &PeerId) -> Option<LinkKey> {
        self.peers.get(peer)?.linked().map(|up| up.key)
    }

    /// Every link on which hello was said.
    pub(super) fn all_linked(&self) -> impl Iterator<Item = LinkKey> {
        self.peers.values().filter_map(PeerLink::linked).map(|up| up.key)
    }

    /// Links in use, and how each runs.
    pub(super) fn routes(&self) -> impl Iterator<Item = (LinkKey, Route)> {
        self.peers.values().filter_map(PeerLink::linked).map(|up| (up.key, up.route))
    }

    pub(super) fn is_linked(&self, key: LinkKey) -> bool {
        self.linked(&key.peer) == Some(key)
    }

    /// Which run of its program a linked peer said it is.
    pub(super) fn instance(&self, peer: &PeerId) -> Option<InstanceId> {
        self.peers.get(peer)?.linked()?.instance()
    }

    /// Whether a linked peer has named this feature.
    pub(super) fn understands(&self, peer: &PeerId, feature: &str) -> bool {
        let hello = self.peers.get(peer).and_then(PeerLink::linked).and_then(|up| up.hello.as_ref());
        hello.is_some_and(|hello| hello.features.iter().any(|named| named == feature))
    }

    pub(super) fn program(&self, peer: &PeerId) -> Option<String> {
        self.peers.get(peer)?.linked()?.hello.as_ref().map(|hello| hello.program.clone())
    }

    /// Somebody offers a link.
    pub(super) fn offered(&mut self, desk: &mut Desk, circle: &Circle, peer: PeerId, offer: Offer) {
        if !circle.is_active(&peer) || offer.generation > MAX_GENERATION {
            desk.order(Output::DropOffer(offer.ticket));
            return;
        }
        let mine_stands = self.me < peer;
        let link = self.peers.entry(peer).or_default();
        link.seen = link.seen.max(offer.generation);
        if link.redial.is_deaf(desk.now()) || link.newest().is_some_and(|newest| offer.generation <= newest) {
            desk.order(Output::DropOffer(offer.ticket));
            return;
        }
        match &mut link.attempt {
            Some(attempt) if attempt.dialled && mine_stands && !attempt.is_silent(desk.now()) => {
                if let Some(older) = attempt.kept.replace(offer) {
                    desk.order(Output::DropOffer(older.ticket));
                }
            }
            Some(attempt) if !attempt.dialled && offer.generation <= attempt.key.generation => {
                desk.order(Output::DropOffer(offer.ticket));
            }
            Some(_) | None => link.answer(desk, peer, offer),
        }
    }

    /// A link is up.
    pub(super) fn up(&mut self, desk: &mut Desk, circle: &mut Circle, me: &Introduction, up: (LinkKey, Route, SocketAddr)) {
        let (key, route, remote) = up;
        let Some(link) = self.peers.get_mut(&key.peer) else {
            return desk.order(Output::CloseLink(key));
        };
        if link.attempt.as_ref().is_none_or(|attempt| attempt.key != key) {
            // It was given up while the report was on its way.
            return desk.order(Output::CloseLink(key));
        }
        let address = link.end_attempt(desk).and_then(|attempt| attempt.address);
        circle.linked(&key.peer, key.generation, address);
        let mut nonce = [0; RUN_NONCE];
        nonce.iter_mut().zip(desk.random_bytes()).for_each(|(place, byte)| *place = byte);
        let up = UpLink::new(desk.now(), key, nonce, (route, remote));
        if link.up.as_ref().is_some_and(|old| old.run().is_some()) {
            if let Some(before) = link.rival.replace(Rival::new(up)) {
                farewell(desk, before.link.key, ByeReason::Replaced, "a newer connection takes its place");
            }
        } else if let Some(old) = link.up.replace(up) {
            farewell(desk, old.key, ByeReason::Replaced, "a newer connection takes its place");
        }
        desk.send(key, hello(me, nonce));
    }

    /// An attempt did not end in a link.
    pub(super) fn failed(&mut self, desk: &mut Desk, key: LinkKey, error: &DialError) {
        let Some(link) = self.peers.get_mut(&key.peer) else { return };
        let Some(attempt) = link.attempt.take_if(|attempt| attempt.key == key) else { return };
        link.no_way = match error {
            DialError::NoWay(why) => Some(*why),
            // It is only tried again.
            DialError::Unreachable | DialError::Silent | DialError::NameNotFound => link.no_way,
            DialError::IceFailed | DialError::Other(_) => None,
        };
        if let Some(offer) = attempt.kept {
            link.answer(desk, key.peer, offer);
        } else if link.up.is_none() {
            link.redial.failed(desk, error.to_string());
        }
    }

    /// A link ended by itself.
    pub(super) fn down(&mut self, desk: &mut Desk, circle: &Circle, key: LinkKey, reason: DownReason) {
        let Some(link) = self.peers.get_mut(&key.peer) else { return };
        if link.attempt.take_if(|attempt| attempt.key == key).is_some() {
            return link.redial.failed(desk, "the connection did not come up".to_owned());
        }
        if link.rival.take_if(|rival| rival.link.key == key).is_some() || link.up.take_if(|up| up.key == key).is_none() {
            return;
        }
        match reason {
            DownReason::Closed => link.redial.failed(desk, "the other side closed the connection".to_owned()),
            DownReason::Failed(text) => link.redial.forced(desk, text),
            DownReason::ProtocolError(text) => {
                let text = misbehaviour(&circle.called(&key.peer), &text);
                link.redial.misbehaved(desk.now(), text.clone());
                desk.notify(Notice::PeerMisbehaved { peer: key.peer, text });
            }
        }
        link.gone(desk, key.peer);
    }

    /// Authenticated bytes came.
    pub(super) fn alive(&mut self, now: Instant, key: LinkKey) {
        if let Some(up) = self.up_mut(key) {
            up.alive(now);
        }
    }

    pub(super) fn measured(&mut self, key: LinkKey, route: Route, stats: Stats) {
        if let Some(up) = self.up_mut(key) {
            up.measured(route, stats);
        }
    }

    /// A message came on a link. What is for other parts is handed back.
    pub(super) fn received(&mut self, desk: &mut Desk, circle: &mut Circle, key: LinkKey, message: Control) -> Option<Control> {
        let called = circle.called(&key.peer);
        tracing::trace!(peer = ?key.peer, generation = key.generation, ?message, "hears");
        if self.peers.get(&key.peer)?.rival.as_ref().is_some_and(|rival| rival.link.key == key) {
            self.rival_said(desk, circle, key, message);
            return None;
        }
        let said = self.up_mut(key)?.received(desk, &called, message);
        match said {
            Said::Nothing => None,
            Said::Hello => {
                self.greeted(desk, circle, key.peer);
                None
            }
            Said::Pass(Control::Bye { reason, text }) => {
                self.bid_farewell(desk, key.peer, reason, &text);
                None
            }
            Said::Pass(Control::Claim(claim)) => self.is_news(desk, key.peer, &claim).then_some(Control::Claim(claim)),
            Said::Pass(message) => Some(message),
            Said::Incompatible(text) => {
                self.end(desk, key.peer, ByeReason::Incompatible, "no protocol version in common");
                self.refuse(desk, key.peer, text);
                None
            }
            Said::Misbehaved(text) => {
                self.kick(desk, circle, key.peer, text);
                None
            }
        }
    }

    /// A peer broke the protocol: it is disconnected, told why, and left alone for a while.
    pub(super) fn kick(&mut self, desk: &mut Desk, circle: &Circle, peer: PeerId, text: &str) {
        self.end(desk, peer, ByeReason::ProtocolError, text);
        let text = misbehaviour(&circle.called(&peer), text);
        if let Some(link) = self.peers.get_mut(&peer) {
            link.redial.misbehaved(desk.now(), text.clone());
        }
        desk.notify(Notice::PeerMisbehaved { peer, text });
    }

    /// I was let into my own circle of friends by a knock: they will dial once they have let me in.
    pub(super) fn wait_for(&mut self, now: Instant, peer: PeerId) {
        let link = self.peers.entry(peer).or_default();
        if link.up.is_none() && link.attempt.is_none() {
            link.waiting = true;
            link.redial.wait(now);
        }
    }

    /// A peer was heard by a relay, or is not heard there any more.
    pub(super) fn met(&mut self, now: Instant, peer: PeerId, here: bool) {
        if !here {
            if let Some(link) = self.peers.get_mut(&peer) {
                link.met = false;
            }
            return;
        }
        let link = self.peers.entry(peer).or_default();
        link.met = true;
        link.redial.nudge(now);
    }

    /// There is news of a peer that make a try worth while.
    pub(super) fn nudge(&mut self, now: Instant, peer: PeerId) {
        self.peers.entry(peer).or_default().redial.nudge(now);
    }

    /// The network changed: everybody may be within reach, and whoever is linked may no longer be.
    pub(super) fn network_changed(&mut self, now: Instant) {
        for link in self.peers.values_mut() {
            link.redial.nudge(now);
            if let Some(up) = &mut link.up {
                up.probe(now);
            }
        }
    }

    /// The person wants a link at once. One that is up is asked for a sign of life, and given up sooner than usual without.
    pub(super) fn reconnect(&mut self, now: Instant, peer: PeerId) {
        let link = self.peers.entry(peer).or_default();
        link.redial.at_once();
        if let Some(up) = &mut link.up {
            up.probe(now);
        }
    }

    /// Says farewell to everybody: the program ends.
    pub(super) fn quit(&mut self, desk: &mut Desk) {
        let peers: Vec<PeerId> = self.peers.keys().copied().collect();
        for peer in peers {
            self.end(desk, peer, ByeReason::Leaving, "");
        }
    }

    /// Ends links that are not to be, finds dead ones, dials where it is due.
    pub(super) fn settle(&mut self, desk: &mut Desk, circle: &mut Circle, roster: &Roster) {
        self.part(desk, circle);
        for (peer, link) in &mut self.peers {
            link.watch(desk, *peer);
        }
        self.settle_rivals(desk, circle);
        let circle = &*circle;
        for (peer, member) in circle.active() {
            let link = self.peers.entry(*peer).or_default();
            let idle = link.up.is_none() && link.attempt.is_none();
            if !idle || !link.redial.is_due(desk.now()) {
                continue;
            }
            let targets = targets(roster.sighting(peer), &member.addresses);
            if link.met || !targets.is_empty() {
                let generation = next_generation(link.seen.max(circle.generation(peer)), desk.unix_ms(), self.me < *peer);
                let key = LinkKey { peer: *peer, generation };
                link.dial(desk, key, targets.first().copied());
                desk.order(Output::Dial { link: key, card: member.card, targets });
            }
        }
    }

    pub(super) fn deadline(&self, circle: &Circle, roster: &Roster) -> Option<Deadline> {
        self.peers
            .iter()
            .filter_map(|(peer, link)| link.deadline(link.met || reachable(circle, roster, peer)))
            .fold(None, |a, b| sooner(a, Some(b)))
    }

    /// How the connection to a member of the circle stands.
    pub(super) fn view(&self, now: Instant, circle: &Circle, roster: &Roster, peer: &PeerId) -> LinkView {
        if circle.blocks(peer) {
            return LinkView::Blocked;
        }
        if !circle.is_active(peer) {
            return LinkView::Paused;
        }
        let Some(link) = self.peers.get(peer) else {
            return LinkView::Offline { reason: None, retry_in: None };
        };
        if let Some(up) = link.linked() {
            return up.view(now);
        }
        if link.waiting {
            return LinkView::WaitingForAcceptance;
        }
        if link.attempt.is_some() || link.up.is_some() {
            return LinkView::Connecting;
        }
        let within_reach = link.met || reachable(circle, roster, peer);
        let retry_in = within_reach.then(|| link.redial.at().map_or(0, |at| seconds_until(at, now)));
        LinkView::Offline { reason: link.redial.reason().map(str::to_owned), retry_in }
    }

    /// Why there is no link with a peer with whom we speak by a relay.
    pub(super) fn no_way(&self, peer: &PeerId) -> Option<NoWay> {
        self.peers.get(peer).filter(|link| link.linked().is_none()).and_then(|link| link.no_way)
    }

    fn up_mut(&mut self, key: LinkKey) -> Option<&mut UpLink> {
        let PeerLink { up, rival, .. } = self.peers.get_mut(&key.peer)?;
        up.iter_mut().chain(rival.iter_mut().map(|rival| &mut rival.link)).find(|up| up.key == key)
    }

    fn greeted(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        link.redial.succeeded();
        link.waiting = false;
        link.no_way = None;
        if let Some(hello) = link.up.as_ref().and_then(|up| up.hello.as_ref()) {
            circle.rename(&peer, hello.name.clone());
        }
        if !std::mem::replace(&mut link.shown_here, true) {
            desk.notify(Notice::PeerConnected { peer });
        }
    }

    /// The other side has said farewell.
    fn bid_farewell(&mut self, desk: &mut Desk, peer: PeerId, reason: ByeReason, text: &str) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        if let Some(up) = link.up.take() {
            desk.order(Output::CloseLink(up.key));
        }
        match reason {
            ByeReason::Leaving => link.redial.left(desk),
            ByeReason::Replaced => link.redial.failed(desk, "the other side made a newer connection".to_owned()),
            ByeReason::Incompatible => {
                self.refuse(desk, peer, "Your two FyteClubs do not understand each other: update both.".to_owned());
            }
            ByeReason::ProtocolError => {
                self.refuse(desk, peer, format!("The other side ended the connection: {}", printable(text)));
            }
        }
        if let Some(link) = self.peers.get_mut(&peer) {
            link.gone(desk, peer);
        }
    }

    fn refuse(&mut self, desk: &mut Desk, peer: PeerId, text: String) {
        if let Some(link) = self.peers.get_mut(&peer) {
            link.redial.refused(desk.now(), text.clone());
        }
        desk.notify(Notice::ConnectionFailed { peer: Some(peer), text });
    }

    /// Ends whatever there is with a peer.
    fn end(&mut self, desk: &mut Desk, peer: PeerId, reason: ByeReason, text: &str) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        if let Some(attempt) = link.end_attempt(desk) {
            desk.order(Output::CloseLink(attempt.key));
        }
        for up in link.up.take().into_iter().chain(link.rival.take().map(|rival| rival.link)) {
            farewell(desk, up.key, reason, text);
        }
        link.gone(desk, peer);
    }

    /// Leaves those with whom no link is to be had. They only hear that I am leaving.
    fn part(&mut self, desk: &mut Desk, circle: &Circle) {
        let leaving: Vec<PeerId> = self.peers.keys().filter(|peer| !circle.is_active(peer)).copied().collect();
        for peer in leaving {
            self.end(desk, peer, ByeReason::Leaving, "");
            if !circle.admits(&peer) {
                self.peers.remove(&peer);
            } else if let Some(link) = self.peers.get_mut(&peer) {
                link.redial.at_once();
            }
        }
    }
}

impl Attempt {
    fn is_silent(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= SILENT_AFTER
    }
}

impl PeerLink {
    /// The highest generation of a link that is up.
    fn newest(&self) -> Option<u64> {
        let rival = self.rival.as_ref().map(|rival| rival.link.key.generation);
        self.up.as_ref().map(|up| up.key.generation).max(rival)
    }

    fn linked(&self) -> Option<&UpLink> {
        self.up.as_ref().filter(|up| up.hello.is_some())
    }

    fn dial(&mut self, desk: &Desk, key: LinkKey, address: Option<SocketAddr>) {
        self.seen = key.generation;
        self.redial.tried(desk.now());
        self.attempt = Some(Attempt { key, dialled: true, since: desk.now(), address, kept: None });
    }

    /// Answers an offer in place of whatever attempt there is.
    fn answer(&mut self, desk: &mut Desk, peer: PeerId, offer: Offer) {
        if let Some(own) = self.end_attempt(desk) {
            desk.order(Output::CloseLink(own.key));
        }
        let key = LinkKey { peer, generation: offer.generation };
        self.attempt = Some(Attempt { key, dialled: false, since: desk.now(), address: offer.address, kept: None });
        desk.order(Output::Answer { link: key, ticket: offer.ticket });
    }

    fn end_attempt(&mut self, desk: &mut Desk) -> Option<Attempt> {
        let attempt = self.attempt.take()?;
        if let Some(offer) = attempt.kept {
            desk.order(Output::DropOffer(offer.ticket));
        }
        Some(attempt)
    }

    /// Finds a dead link and an attempt that never ends.
    fn watch(&mut self, desk: &mut Desk, peer: PeerId) {
        let doubted = self.up.as_ref().is_some_and(UpLink::is_doubted);
        if let Some(reason) = self.up.as_mut().and_then(|up| up.settle(desk)) {
            tracing::debug!(?peer, reason, "a link is dead");
            if let Some(up) = self.up.take() {
                desk.order(Output::CloseLink(up.key));
            }
            if doubted {
                // The network's doing, not the other side's: no reason to rest.
                self.redial.failed(desk, reason);
            } else {
                self.redial.forced(desk, reason);
            }
            self.gone(desk, peer);
        }
        if self.attempt.as_ref().is_some_and(|attempt| attempt.since + ATTEMPT_WITHIN <= desk.now())
            && let Some(attempt) = self.end_attempt(desk)
        {
            desk.order(Output::CloseLink(attempt.key));
            self.redial.failed(desk, "the connection did not come up".to_owned());
        }
    }

    /// Tells the person once that the peer is no longer here.
    fn gone(&mut self, desk: &mut Desk, peer: PeerId) {
        if self.up.is_none() && self.rival.is_none() && std::mem::take(&mut self.shown_here) {
            desk.notify(Notice::PeerDisconnected { peer });
        }
    }

    fn deadline(&self, reachable: bool) -> Option<Deadline> {
        let attempt = self.attempt.as_ref().map(|attempt| (attempt.since + ATTEMPT_WITHIN, "an attempt to connect ends"));
        let idle = self.up.is_none() && self.attempt.is_none();
        let redial = self.redial.at().filter(|_| idle && reachable).map(|at| (at, "a friend is dialled again"));
        let links = sooner(self.up.as_ref().map(UpLink::deadline), self.rival.as_ref().map(Rival::deadline));
        sooner(sooner(attempt, redial), links)
    }
}

fn reachable(circle: &Circle, roster: &Roster, peer: &PeerId) -> bool {
    let known = circle.member(peer).is_some_and(|member| !member.addresses.is_empty());
    circle.is_active(peer) && (known || roster.sighting(peer).is_some())
}

/// Where to dial, best first: where the peer was heard just now, then where it was reached before.
fn targets(sighted: Option<SocketAddr>, known: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut targets: Vec<SocketAddr> = sighted.into_iter().collect();
    targets.extend(known.iter().filter(|address| Some(**address) != sighted));
    targets
}

/// Above every generation seen and not below the clock, so that a restart goes higher; even for the lower peer id of the pair.
const fn next_generation(seen: u64, unix_ms: u64, even: bool) -> u64 {
    let after = seen.saturating_add(1);
    let clock = if unix_ms < MAX_CLOCK_MS { unix_ms } else { MAX_CLOCK_MS };
    let least = if after > clock { after } else { clock };
    if least.is_multiple_of(2) == even { least } else { least.saturating_add(1) }
}
