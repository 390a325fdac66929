//! The network: sightings, knocks, offers and links, with delay, loss, failure and partitions.
//!
//! What is like a datagram (sightings, knocks, offers) may be lost. A link's messages are reliable and ordered while it
//! lives; they wait out a partition, and are lost with the link.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use fyteclub::domain::{AppearanceId, Card, DiscoveryMode, DisplayName, PeerId, Route};
use fyteclub::engine::input::{DialError, DownReason, FetchError, FetchEvent, Input, KnockId, LinkKey, OfferTicket, Sighting};
use fyteclub::engine::output::Target;
use fyteclub::wire::PROTOCOL_MAX;
use fyteclub::wire::control::Control;

use crate::model::Who;
use crate::node::identity;
use crate::world::{Event, Mutation, World};

/// How the network behaves.
pub(crate) struct Weather {
    /// Percent of sightings, knocks and offers that are lost.
    pub(crate) loss: u64,
    /// Percent of handshakes that fail.
    pub(crate) shakes_fail: u64,
    /// Percent of fetch steps at which the holder cannot read its file.
    pub(crate) fetches_fail: u64,
    /// So many of the next fetch steps bring bytes that do not have their hash.
    pub(crate) bad_bytes: u32,
    /// The longest delay of anything in milliseconds.
    pub(crate) delay_ms: u64,
    /// The longest that reading a text from disk takes in milliseconds.
    pub(crate) reads_ms: u64,
    /// Bytes a second in each direction of a link.
    pub(crate) rate: u64,
    /// Who is on which side of a partition.
    pub(crate) sides: Option<Vec<u8>>,
    partitions: u64,
    conns: u64,
}

impl Default for Weather {
    fn default() -> Self {
        Self {
            loss: 0,
            shakes_fail: 0,
            fetches_fail: 0,
            bad_bytes: 0,
            delay_ms: 40,
            reads_ms: 50,
            rate: 20 << 20,
            sides: None,
            partitions: 0,
            conns: 0,
        }
    }
}

/// How an end of a connection stands for its companion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Offered, not answered.
    Asked,
    /// Dialled or answered; a report is due.
    Trying,
    Up,
    /// Nothing more is reported.
    Over,
}

/// A connection, from the offer on: end 0 dialled, end 1 was dialled.
pub(crate) struct Conn {
    pub(crate) who: [Who; 2],
    pub(crate) key: [LinkKey; 2],
    pub(crate) ends: [End; 2],
    /// Packets are lost for good.
    broken: bool,
    /// Messages on their way to each end, in order.
    inbox: [VecDeque<Control>; 2],
    latest: [Duration; 2],
    /// What each end serves, and until when.
    pub(crate) serving: [BTreeMap<AppearanceId, Duration>; 2],
    /// When each end's uplink is free for the next bytes.
    pub(crate) uplink_free: [Duration; 2],
}

impl Conn {
    pub(crate) fn both_up(&self) -> bool {
        self.ends == [End::Up, End::Up] && !self.broken
    }

    pub(crate) fn end_of(&self, who: Who) -> usize {
        usize::from(self.who[1] == who)
    }
}

impl World {
    pub(crate) fn delay(&mut self) -> Duration {
        let longest = self.weather.delay_ms;
        self.chance.millis(1, longest.max(1))
    }

    pub(crate) fn reach(&self, one: Who, other: Who) -> bool {
        self.weather.sides.as_ref().is_none_or(|sides| sides[one] == sides[other])
    }

    fn at_address(&self, address: &SocketAddr) -> Option<Who> {
        self.nodes.iter().find(|node| node.address == *address).map(|node| node.who)
    }

    /// A companion says that it is there; others hear it if they may and the packet is not lost.
    pub(crate) fn beacon(&mut self, who: Who, run: u64, again: bool) {
        if self.nodes[who].run != run {
            return;
        }
        if again {
            let wait = self.chance.millis(24_000, 36_000);
            self.after(wait, Event::Beacon { who, run, again });
        }
        for hearer in 0..self.nodes.len() {
            let lost = self.chance.percent(self.weather.loss);
            if let Some(sighting) = self.sighting(who, hearer).filter(|_| !lost) {
                let wait = self.delay();
                let address = self.nodes[who].address;
                self.report(wait, hearer, Input::Heard { sighting, address });
            }
        }
    }

    fn sighting(&self, who: Who, hearer: Who) -> Option<Sighting> {
        let (said, heard) = (self.nodes[who].plan.as_ref()?, self.nodes[hearer].plan.as_ref()?);
        if who == hearer || said.mode == DiscoveryMode::Off || heard.mode == DiscoveryMode::Off || !self.reach(who, hearer) {
            return None;
        }
        let (me, them) = (*identity(who).card(), *identity(hearer).card());
        if said.friends.contains(&them) && heard.friends.contains(&me) {
            return Some(Sighting::Friend(me.peer()));
        }
        (said.mode == DiscoveryMode::EveryoneNearby).then(|| Sighting::Open { card: me, name: said.name.clone() })
    }

    pub(crate) fn knock(&mut self, who: Who, knock: KnockId, target: &Target, expect: Option<PeerId>, name: Option<DisplayName>) {
        let result = self.knock_result(target, expect);
        let wait = match &result {
            Ok(_) => self.delay() * 4,
            Err(DialError::Silent) => Duration::from_secs(5),
            Err(_) => self.chance.millis(50, 5_000),
        };
        if let Ok((there, _)) = &result {
            let (card, address) = (*identity(who).card(), self.nodes[who].address);
            let soon = self.delay() * 3;
            self.report(soon, *there, Input::Knocked { card, name, address });
        }
        let result = result.map(|(there, address)| (*identity(there).card(), address));
        self.report(wait, who, Input::KnockEnded { knock, result });
    }

    fn knock_result(&mut self, target: &Target, expect: Option<PeerId>) -> Result<(Who, SocketAddr), DialError> {
        let address = match target {
            Target::Address(address) => *address,
            Target::Named(text) => named(text).ok_or(DialError::NameNotFound)?,
        };
        let there = self.at_address(&address).filter(|there| self.running(*there)).ok_or(DialError::Unreachable)?;
        let open = self.nodes[there].plan.as_ref().is_some_and(|plan| plan.mode == DiscoveryMode::EveryoneNearby);
        let expected = expect.is_none_or(|peer| identity(there).peer() == peer);
        if !open || !expected || self.chance.percent(self.weather.loss) {
            return Err(DialError::Silent);
        }
        Ok((there, address))
    }

    pub(crate) fn dial(&mut self, who: Who, link: LinkKey, card: &Card, targets: &[SocketAddr]) {
        self.weather.conns += 1;
        let conn = self.weather.conns;
        let there = self.find(&card.peer());
        let found = there
            .filter(|there| self.running(*there) && self.reach(who, *there) && targets.contains(&self.nodes[*there].address));
        let other = LinkKey { peer: identity(who).peer(), generation: link.generation };
        self.conns.insert(
            conn,
            Conn {
                who: [who, there.unwrap_or(who)],
                key: [link, other],
                ends: [End::Trying, End::Asked],
                broken: false,
                inbox: Default::default(),
                latest: Default::default(),
                serving: Default::default(),
                uplink_free: Default::default(),
            },
        );
        self.nodes[who].links.insert(link, conn);
        if found.is_none() {
            let wait = self.chance.millis(50, 5_000);
            return self.after(wait, Event::AttemptFails { conn, end: 0, error: DialError::Unreachable });
        }
        if self.chance.percent(self.weather.loss) {
            let wait = self.chance.millis(10_000, 12_000);
            return self.after(wait, Event::AttemptFails { conn, end: 0, error: DialError::Silent });
        }
        let wait = self.delay() * 3;
        self.after(wait, Event::Offer { conn });
        let wait = self.chance.millis(20_000, 22_000);
        self.after(wait, Event::OfferExpires { conn });
    }

    /// The runtime lets an offer in only from those whom the engine's plan names; all others get silence.
    pub(crate) fn offer_arrives(&mut self, conn: u64) {
        let Some(Conn { who: [from, to], key, .. }) = self.conns.get(&conn) else { return };
        let (from, to, generation) = (*from, *to, key[0].generation);
        let card = *identity(from).card();
        let welcome = self.nodes[to].plan.as_ref().is_some_and(|plan| plan.friends.contains(&card));
        if welcome && self.running(to) && self.reach(from, to) {
            let ticket = OfferTicket(conn);
            self.nodes[to].tickets.insert(ticket, conn);
            let address = self.nodes[from].address;
            self.feed(to, Input::OfferArrived { ticket, card, generation, address: Some(address) });
        } else {
            // Refused, unknown and resting are the same silence, and the same close after it.
            self.after(Duration::from_secs(5), Event::AttemptFails { conn, end: 0, error: DialError::Silent });
        }
    }

    pub(crate) fn offer_expires(&mut self, conn: u64) {
        if self.conns.get(&conn).is_some_and(|conn| conn.ends[1] == End::Asked) {
            self.attempt_fails(conn, 0, DialError::Silent);
        }
    }

    pub(crate) fn answer(&mut self, who: Who, link: LinkKey, ticket: OfferTicket) {
        let conn = self.nodes[who].tickets.remove(&ticket);
        let offered = conn.and_then(|conn| self.conns.get(&conn)).map(|conn| conn.key[1]);
        let Some(id) = conn.filter(|_| offered == Some(link)) else {
            return self.complain(format!("{who} answered {ticket:?} with {link:?}, offered was {offered:?}"));
        };
        if let Some(own) = self.nodes[who].links.insert(link, id) {
            // Its own attempt of the same generation gives way.
            self.leave(own, who);
        }
        let fails = self.chance.percent(self.weather.shakes_fail);
        let slow = self.chance.millis(5_000, 15_000);
        let quick = [self.chance.millis(20, 700), self.chance.millis(20, 700)];
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.ends[1] = End::Trying;
        let gone = conn.ends[0] != End::Trying;
        for end in [0, 1] {
            if fails || gone {
                self.after(slow, Event::AttemptFails { conn: id, end, error: DialError::IceFailed });
            } else {
                self.after(quick[end], Event::Shaken { conn: id, end });
            }
        }
    }

    pub(crate) fn shaken(&mut self, id: u64, end: usize) {
        let Some(conn) = self.conns.get(&id).filter(|conn| conn.ends[end] == End::Trying) else { return };
        let (who, other, key) = (conn.who[end], conn.who[1 - end], conn.key[end]);
        if conn.broken || conn.ends[1 - end] == End::Over || !self.reach(who, other) {
            for end in [0, 1] {
                let wait = self.chance.millis(5_000, 15_000);
                self.after(wait, Event::Down { conn: id, end, closed: false });
            }
            return;
        }
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.ends[end] = End::Up;
        }
        self.note(format!("{who} is linked with {other}"));
        let remote = self.nodes[other].address;
        self.feed(who, Input::LinkUp { link: key, route: Route::Lan, remote });
        let wait = self.chance.millis(1_000, 5_000);
        self.after(wait, Event::Alive { conn: id, end, count: 0 });
        self.flush(id);
    }

    pub(crate) fn attempt_fails(&mut self, id: u64, end: usize, error: DialError) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.ends[end] == End::Trying) else { return };
        conn.ends[end] = End::Over;
        let (who, link) = (conn.who[end], conn.key[end]);
        self.unlink(who, link, id);
        self.feed(who, Input::LinkFailed { link, error });
    }

    fn unlink(&mut self, who: Who, link: LinkKey, conn: u64) {
        if self.nodes[who].links.get(&link) == Some(&conn) {
            self.nodes[who].links.remove(&link);
        }
    }

    pub(crate) fn send(&mut self, who: Who, link: LinkKey, message: Control) {
        let Some(id) = self.nodes[who].links.get(&link).copied() else { return };
        let bytes = message.encode();
        match Control::decode(&bytes) {
            Ok(read) if read == message => {}
            other => self.complain(format!("{who} sent {message:?}, which reads back as {other:?}")),
        }
        let wait = self.delay();
        let arrival = self.now + wait;
        let Some(end) = self.conns.get(&id).map(|conn| 1 - conn.end_of(who)) else { return };
        self.post(id, end, message, arrival);
    }

    /// Puts a message on its way to an end.
    pub(crate) fn post(&mut self, id: u64, end: usize, message: Control, arrival: Duration) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.inbox[end].push_back(message);
        conn.latest[end] = conn.latest[end].max(arrival);
        let wait = conn.latest[end] - self.now;
        self.after(wait, Event::Arrives { conn: id, end });
    }

    pub(crate) fn arrives(&mut self, id: u64, end: usize) {
        let Some(conn) = self.conns.get(&id) else { return };
        let [from, to] = [conn.who[1 - end], conn.who[end]];
        if conn.broken || conn.ends[end] != End::Up || !self.reach(from, to) {
            return;
        }
        let link = conn.key[end];
        let Some(mut message) = self.conns.get_mut(&id).and_then(|conn| conn.inbox[end].pop_front()) else { return };
        if let Control::Hello(hello) = &mut message
            && self.mutation == (Mutation::FutureProtocol { who: from })
        {
            (hello.protocol_min, hello.protocol_max) = (PROTOCOL_MAX + 1, PROTOCOL_MAX + 1);
        }
        if let Control::Announce(announce) = &message {
            if self.mutation == Mutation::DropAnnouncements {
                return;
            }
            if !self.liars.contains(&from) {
                self.hear_liars(to);
                self.model.hear_claim(to, from, &announce.character);
            }
            self.book.overhear(announce);
        }
        if let Control::GetManifest { appearance, .. } = &message
            && self.liars.contains(&to)
            && self.book.knows(appearance)
        {
            return self.answers_with_a_lie(id, end, *appearance);
        }
        let claims = matches!(message, Control::Announce(_)) && self.liars.contains(&from);
        self.feed(to, Input::Received(link, message));
        if claims {
            self.hear_liars(to);
        }
    }

    /// Lets waiting messages go on their way again.
    fn flush(&mut self, id: u64) {
        for end in [0, 1] {
            let wait = self.delay();
            let waiting = self.conns.get(&id).map_or(0, |conn| conn.inbox[end].len());
            for _ in 0..waiting {
                self.after(wait, Event::Arrives { conn: id, end });
            }
        }
    }

    pub(crate) fn close(&mut self, who: Who, link: LinkKey) {
        if let Some(conn) = self.nodes[who].links.remove(&link) {
            self.leave(conn, who);
        }
    }

    /// One side ends a connection; the other hears of it if it can.
    fn leave(&mut self, id: u64, who: Who) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let end = conn.end_of(who);
        conn.ends[end] = End::Over;
        conn.serving[end].clear();
        let (other, state, latest) = (conn.who[1 - end], conn.ends[1 - end], conn.latest[1 - end]);
        self.nodes[who].fetches.retain(|_, fetch| fetch.conn != id);
        if state == End::Over || state == End::Asked {
            return;
        }
        let heard = state == End::Up && self.reach(who, other);
        let soon = self.delay();
        let flushed = (self.now + soon).max(latest) - self.now + Duration::from_millis(1);
        let wait = if heard { flushed } else { self.chance.millis(4_600, 30_000) };
        self.after(wait, Event::Down { conn: id, end: 1 - end, closed: heard });
    }

    pub(crate) fn link_down(&mut self, id: u64, end: usize, closed: bool) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.ends[end] != End::Up {
            return self.attempt_fails(id, end, DialError::IceFailed);
        }
        let (who, link) = (conn.who[end], conn.key[end]);
        // Orders may be reported lost before or after the link.
        if self.chance.percent(50) {
            self.lose_fetches(who, id);
        }
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.ends[end] == End::Up) else { return };
        conn.ends[end] = End::Over;
        conn.serving[end].clear();
        self.unlink(who, link, id);
        let reason = if closed { DownReason::Closed } else { DownReason::Failed("no answer for 15 s".to_owned()) };
        self.feed(who, Input::LinkDown { link, reason });
        self.lose_fetches(who, id);
    }

    fn lose_fetches(&mut self, who: Who, conn: u64) {
        let fetches = &self.nodes[who].fetches;
        let lost: Vec<_> = fetches.iter().filter(|(_, fetch)| fetch.conn == conn).map(|(fetch, _)| *fetch).collect();
        for fetch in lost {
            if self.nodes[who].fetches.remove(&fetch).is_some() {
                self.feed(who, Input::Fetch(fetch, FetchEvent::Failed(FetchError::LinkLost)));
            }
        }
    }

    /// Packets of this connection are lost from here on; both ends find out in time.
    pub(crate) fn break_conn(&mut self, id: u64) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| !conn.broken) else { return };
        conn.broken = true;
        for end in [0, 1] {
            let wait = self.chance.millis(100, 30_000);
            self.after(wait, Event::Down { conn: id, end, closed: false });
        }
    }

    pub(crate) fn break_links_of(&mut self, who: Who) {
        let mine = |conn: &Conn| conn.who.contains(&who) && conn.ends[conn.end_of(who)] != End::Over;
        let ids: Vec<u64> = self.conns.iter().filter(|(_, conn)| mine(conn)).map(|(id, _)| *id).collect();
        for id in ids {
            self.break_conn(id);
            if let Some(conn) = self.conns.get_mut(&id) {
                let end = conn.end_of(who);
                conn.ends[end] = End::Over;
                conn.serving[end].clear();
            }
        }
    }

    pub(crate) fn live_conns(&self) -> Vec<u64> {
        self.conns.iter().filter(|(_, conn)| conn.both_up()).map(|(id, _)| *id).collect()
    }

    pub(crate) fn alive(&mut self, id: u64, end: usize, count: u64) {
        let Some(conn) = self.conns.get(&id).filter(|conn| conn.ends[end] == End::Up && !conn.broken) else { return };
        let (who, other, link) = (conn.who[end], conn.who[1 - end], conn.key[end]);
        let there = conn.ends[1 - end] == End::Up && self.reach(who, other);
        let wait = self.chance.millis(4_000, 6_000);
        self.after(wait, Event::Alive { conn: id, end, count: count + 1 });
        if !there {
            return;
        }
        self.feed(who, Input::LinkAlive(link));
        if count % 4 == 1 && self.nodes[who].links.contains_key(&link) {
            let round_trip_us = Some(self.weather.delay_ms * 1_000);
            let bytes = count * 1_000;
            self.feed(who, Input::LinkStats { link, round_trip_us, route: Route::Lan, sent: bytes, received: bytes, served: 0 });
        }
    }

    /// Cuts the network in two: those in `sides` with different numbers do not reach each other.
    pub(crate) fn partition(&mut self, sides: Vec<u8>) {
        self.note(format!("the network falls apart: {sides:?}"));
        self.weather.sides = Some(sides);
        self.weather.partitions += 1;
        let partition = self.weather.partitions;
        for conn in self.live_conns() {
            let [one, other] = self.conns[&conn].who;
            if !self.reach(one, other) {
                let wait = self.chance.millis(15_000, 30_000);
                self.after(wait, Event::Starves { conn, partition });
            }
        }
    }

    pub(crate) fn starves(&mut self, id: u64, partition: u64) {
        if self.weather.sides.is_some() && self.weather.partitions == partition {
            self.break_conn(id);
        }
    }

    pub(crate) fn heal(&mut self) {
        if self.weather.sides.take().is_some() {
            self.note("the network heals");
            let all: Vec<u64> = self.conns.keys().copied().collect();
            for conn in all {
                self.flush(conn);
            }
        }
    }

    /// A companion's machine gets another address; its links break.
    pub(crate) fn move_house(&mut self, who: Who) {
        let street = self.chance.below(250) as u8 + 1;
        self.nodes[who].address = SocketAddr::from(([10, 0, street, who as u8 + 1], 47_311));
        self.note(format!("{who} moves to {}", self.nodes[who].address));
        for conn in self.live_conns() {
            if self.conns[&conn].who.contains(&who) {
                self.break_conn(conn);
            }
        }
        if self.running(who) {
            let run = self.nodes[who].run;
            self.feed(who, Input::NetworkChanged);
            self.after(Duration::from_millis(100), Event::Beacon { who, run, again: false });
        }
    }
}

fn named(text: &str) -> Option<SocketAddr> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address| SocketAddr::new(address, 47_311)))
}
