//! Who is about: sightings, the nearby list, strangers who knock, my own knocks, and who may find me.

mod address;
mod strangers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub(super) use strangers::Stranger;
use strangers::Strangers;

use super::circle::Circle;
use super::desk::{Deadline, Desk, seconds_until, sooner};
use super::input::{DialError, KnockId, Sighting};
use super::notice::Notice;
use super::output::{DiscoveryPlan, Output, Target};
use super::snapshot::{DiscoveryView, NearbyView};
use crate::domain::{Card, DiscoveryMode, DisplayName, PeerId, Settings};

/// How long "Everyone nearby" lasts.
const OPEN_FOR: Duration = Duration::from_secs(600);
/// A peer not heard for so long is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(90);
/// Strangers that are listed at once: more cannot be read, and anybody can make up keys.
const MAX_NEARBY: usize = 64;
/// Knocks of mine that are under way at once.
const MAX_KNOCKS: usize = 16;

#[derive(Debug)]
struct Nearby {
    card: Card,
    name: Option<DisplayName>,
    address: SocketAddr,
    heard: Instant,
}

/// Sightings, knocks, prompts about strangers, discovery mode.
#[derive(Debug, Default)]
pub(super) struct Roster {
    nearby: BTreeMap<PeerId, Nearby>,
    sighted: BTreeMap<PeerId, (SocketAddr, Instant)>,
    strangers: Strangers,
    /// Knocks of mine under way, and where each went in words.
    knocks: BTreeMap<KnockId, String>,
    next_knock: u64,
    open_until: Option<Instant>,
}

impl Roster {
    /// Somebody was heard. The friend to be dialled, if it is one.
    pub(super) fn heard(&mut self, now: Instant, circle: &Circle, sighting: Sighting, address: SocketAddr) -> Option<PeerId> {
        let peer = match &sighting {
            Sighting::Friend(peer) => *peer,
            Sighting::Open { card, .. } => card.peer(),
        };
        if circle.admits(&peer) {
            self.sighted.insert(peer, (address, now));
            return Some(peer);
        }
        if let Sighting::Open { card, name } = sighting
            && !circle.blocks(&peer)
        {
            self.list(Nearby { card, name, address, heard: now });
        }
        None
    }

    /// Where a friend was heard lately.
    pub(super) fn sighting(&self, peer: &PeerId) -> Option<SocketAddr> {
        self.sighted.get(peer).map(|(address, _)| *address)
    }

    /// Somebody knocked. The friend to be dialled, if it is one; a stranger becomes a prompt.
    pub(super) fn knocked(
        &mut self,
        desk: &mut Desk,
        circle: &Circle,
        card: Card,
        name: Option<DisplayName>,
        address: SocketAddr,
    ) -> Option<PeerId> {
        let peer = card.peer();
        if circle.rests() || circle.blocks(&peer) {
            return None;
        }
        if circle.admits(&peer) {
            self.sighted.insert(peer, (address, desk.now()));
            return Some(peer);
        }
        if self.strangers.knocked(Stranger { card, name, address, since: desk.now() }) {
            desk.notify(Notice::PeerKnocked { peer });
        }
        None
    }

    pub(super) fn strangers(&self) -> &[Stranger] {
        self.strangers.waiting()
    }

    /// Takes a stranger's prompt away; it was answered.
    pub(super) fn answer(&mut self, peer: &PeerId) -> Option<Stranger> {
        self.strangers.answer(peer)
    }

    /// Takes a stranger's prompt away; they were let in.
    pub(super) fn welcome(&mut self, peer: &PeerId) -> Option<Stranger> {
        self.strangers.welcome(peer)
    }

    /// Takes a stranger's prompt away for this session. False if there is none.
    pub(super) fn put_off(&mut self, peer: &PeerId) -> bool {
        self.strangers.put_off(peer)
    }

    /// Card and claimed name of somebody who is near.
    pub(super) fn nearby_card(&self, peer: &PeerId) -> Option<(Card, Option<DisplayName>)> {
        self.nearby.get(peer).map(|near| (near.card, near.name.clone()))
    }

    /// Knocks at an address that a person wrote.
    ///
    /// # Errors
    /// One sentence if it is no address, or too much is under way.
    pub(super) fn knock_at(&mut self, desk: &mut Desk, name: Option<DisplayName>, address: &str) -> Result<(), String> {
        let address = address::check(address)?;
        self.knock(desk, name, Target::Named(address.clone()), None, address)
    }

    /// Knocks at somebody of the nearby list.
    ///
    /// # Errors
    /// One sentence if nobody of that id is near, or too much is under way.
    pub(super) fn knock_near(&mut self, desk: &mut Desk, name: Option<DisplayName>, peer: PeerId) -> Result<(), String> {
        let near = self.nearby.get(&peer).ok_or_else(|| format!("{} is not in the nearby list any more", peer.short()))?;
        let address = near.address;
        self.knock(desk, name, Target::Address(address), Some(peer), address.to_string())
    }

    /// A knock of mine has ended. Who is to enter the circle, and where they answer.
    pub(super) fn knock_ended(
        &mut self,
        desk: &mut Desk,
        circle: &Circle,
        knock: KnockId,
        result: Result<(Card, SocketAddr), DialError>,
    ) -> Option<(Card, Option<DisplayName>, SocketAddr)> {
        let place = self.knocks.remove(&knock)?;
        let (peer, text) = match result {
            Ok((card, _)) if circle.blocks(&card.peer()) => (
                Some(card.peer()),
                format!("{} answered, whom you have blocked: unblock them first.", circle.called(&card.peer())),
            ),
            Ok((card, address)) => {
                let name = self.nearby.get(&card.peer()).and_then(|near| near.name.clone());
                return Some((card, name, address));
            }
            Err(error) => (None, knock_failure(&place, &error)),
        };
        desk.notify(Notice::ConnectionFailed { peer, text });
        None
    }

    /// Sets who may find me; "Everyone nearby" ends by itself. True if the mode is to be saved.
    pub(super) fn set_mode(&mut self, now: Instant, mode: DiscoveryMode) -> bool {
        match mode {
            DiscoveryMode::EveryoneNearby => {
                self.open_until = Some(now + OPEN_FOR);
                false
            }
            DiscoveryMode::Off | DiscoveryMode::FriendsOnly => {
                self.open_until = None;
                true
            }
        }
    }

    /// Forgets what is over.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.open_until.is_some_and(|end| end <= now) {
            self.open_until = None;
        }
        let fresh = |heard: &Instant| now.saturating_duration_since(*heard) < FORGET_AFTER;
        self.nearby.retain(|_, near| fresh(&near.heard));
        self.sighted.retain(|_, (_, heard)| fresh(heard));
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let forget = self.nearby.values().map(|near| near.heard + FORGET_AFTER).min();
        sooner(self.open_until.map(|end| (end, "“Everyone nearby” ends")), forget.map(|end| (end, "somebody is no longer near")))
    }

    /// Who is to recognise whom. Resting looks like being away.
    pub(super) fn plan(&self, circle: &Circle, settings: &Settings) -> DiscoveryPlan {
        let mode = if circle.rests() { DiscoveryMode::Off } else { self.mode(settings) };
        DiscoveryPlan { mode, friends: circle.active().map(|(_, member)| member.card).collect(), name: settings.name.clone() }
    }

    pub(super) fn discovery_view(&self, now: Instant, settings: &Settings) -> DiscoveryView {
        DiscoveryView { mode: self.mode(settings), seconds_left: self.open_until.map(|end| seconds_until(end, now)) }
    }

    pub(super) fn nearby_view(&self, now: Instant, circle: &Circle) -> Vec<NearbyView> {
        let strangers = self.nearby.iter().filter(|(peer, _)| circle.member(peer).is_none());
        strangers
            .map(|(peer, near)| NearbyView {
                peer: *peer,
                name: near.name.clone(),
                address: near.address,
                seconds: now.saturating_duration_since(near.heard).as_secs(),
            })
            .collect()
    }

    const fn mode(&self, settings: &Settings) -> DiscoveryMode {
        // "Everyone nearby" is switched on for ten minutes by a person, never by a file.
        match (self.open_until, settings.discovery) {
            (Some(_), _) => DiscoveryMode::EveryoneNearby,
            (None, DiscoveryMode::Off) => DiscoveryMode::Off,
            (None, DiscoveryMode::FriendsOnly | DiscoveryMode::EveryoneNearby) => DiscoveryMode::FriendsOnly,
        }
    }

    fn list(&mut self, near: Nearby) {
        let peer = near.card.peer();
        if self.nearby.len() < MAX_NEARBY || self.nearby.contains_key(&peer) {
            self.nearby.insert(peer, near);
        }
    }

    fn knock(
        &mut self,
        desk: &mut Desk,
        name: Option<DisplayName>,
        target: Target,
        expect: Option<PeerId>,
        place: String,
    ) -> Result<(), String> {
        if self.knocks.len() >= MAX_KNOCKS {
            return Err("too many connections are being tried at once: wait until one of them has ended".to_owned());
        }
        let knock = KnockId(self.next_knock);
        self.next_knock += 1;
        self.knocks.insert(knock, place);
        desk.order(Output::Knock { knock, target, expect, name });
        Ok(())
    }
}

fn knock_failure(place: &str, error: &DialError) -> String {
    match error {
        DialError::Unreachable => {
            format!("Nobody answered at {place}. Ask your friend whether FyteClub is running there, and check the address.")
        }
        DialError::Silent => {
            format!("Nobody answered at {place}. Ask your friend to switch on “Everyone nearby”, and check the address.")
        }
        DialError::NameNotFound => format!("There is no address called {place}: check it for a typing error."),
        DialError::IceFailed | DialError::NoWay(_) | DialError::Other(_) => {
            format!("Connecting to {place} failed: {error}. Try again in a moment.")
        }
    }
}
