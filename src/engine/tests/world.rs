//! A few engines and a runtime made of maps: no latency, no loss, nothing but what a test asks for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::files::{TRIANGLES, hash, look};
use crate::domain::{
    AppearanceId, BlobHash, BlobKind, BlobRef, Card, Character, DiscoveryMode, Identity, PeerId, Picture, Settings,
};
use crate::engine::Engine;
use crate::engine::command::{Command, CommandError};
use crate::engine::input::*;
use crate::engine::notice::Notice;
use crate::engine::output::{Apply, CodeOrder, FetchWork, Output, RatePlan, RendezvousPlan, Target};
use crate::engine::snapshot::{PeerView, Snapshot};
use crate::engine::state::{SavedCircle, SavedHistory, SavedState};
use crate::wire::GROUP;
use crate::wire::control::{Control, Refusal};
use crate::wire::invitation::Answer;
use crate::wire::plugin::{FromPlugin, NearbyCharacter, ToPlugin};

pub(super) const PLUGIN: PluginId = PluginId(1);

pub(super) struct Node {
    pub(super) engine: Engine,
    pub(super) identity: Identity,
    pub(super) address: SocketAddr,
    pub(super) notices: Vec<Notice>,
    pub(super) said: Vec<ToPlugin>,
    pub(super) applies: Vec<Apply>,
    pub(super) fetches: Vec<(LinkKey, AppearanceId, FetchWork)>,
    pub(super) held: BTreeMap<AppearanceId, Vec<BlobRef>>,
    pub(super) served: BTreeSet<(LinkKey, AppearanceId)>,
    pub(super) evicted: Vec<BlobHash>,
    pub(super) saved: Option<SavedCircle>,
    pub(super) history: Option<SavedHistory>,
    pub(super) picture: Option<Picture>,
    /// Looking at a picture does not end by itself.
    pub(super) looks_slowly: bool,
    /// Friends' pictures that are kept.
    pub(super) pictures: BTreeMap<PeerId, Picture>,
    /// What was ordered for the cache as a whole.
    pub(super) upkeep: Vec<Output>,
    /// Commands that carry an identity, and whether it is to come in.
    pub(super) carried: Vec<(RequestId, bool)>,
    pub(super) store: BTreeMap<BlobHash, Vec<u8>>,
    pub(super) ended: bool,
    pub(super) rates: RatePlan,
    /// Whom it wants to meet by relays, and the codes that it uses.
    pub(super) meeting: RendezvousPlan,
    pub(super) codes: Vec<CodeOrder>,
    /// What guests with invitations were answered.
    pub(super) answers: Vec<(PeerId, Answer)>,
    pub(super) sent: Vec<Control>,
    /// Files that cannot be read.
    pub(super) unreadable: BTreeSet<String>,
    groups: BTreeMap<BlobHash, BTreeSet<u32>>,
    replies: BTreeMap<RequestId, Result<(), CommandError>>,
    open: bool,
}

struct Dialling {
    from: usize,
    to: usize,
    key: LinkKey,
}

pub(super) struct World {
    began: Instant,
    pub(super) now: Instant,
    pub(super) nodes: Vec<Node>,
    /// Pairs (dialler, dialled) between which nothing gets through.
    pub(super) cut: BTreeSet<(usize, usize)>,
    /// Offers are kept back until `deliver_offers`.
    pub(super) slow_offers: bool,
    /// Fetches are kept back until `deliver_fetches`.
    pub(super) slow_fetches: bool,
    offers: BTreeMap<OfferTicket, Dialling>,
    waiting_offers: Vec<(usize, Input)>,
    waiting_fetches: Vec<(usize, FetchId)>,
    running: BTreeMap<(usize, FetchId), (LinkKey, AppearanceId, FetchWork)>,
    links: BTreeSet<(usize, usize, u64)>,
    /// How many a receiver counts in each model.
    pub(super) triangles_found: u64,
    pub(super) queue: VecDeque<(usize, Input)>,
    next: u64,
}

impl World {
    pub(super) fn new(count: usize) -> Self {
        let now = super::origin();
        let mut world = Self {
            began: now,
            now,
            nodes: Vec::new(),
            cut: BTreeSet::new(),
            slow_offers: false,
            slow_fetches: false,
            offers: BTreeMap::new(),
            waiting_offers: Vec::new(),
            waiting_fetches: Vec::new(),
            running: BTreeMap::new(),
            links: BTreeSet::new(),
            triangles_found: TRIANGLES,
            queue: VecDeque::new(),
            next: 0,
        };
        // In the order of their ids, so that node 0 is always the lower one of a pair.
        let mut identities: Vec<Identity> = (0..count).map(|n| Identity::from_seed([u8::try_from(n + 1).unwrap(); 32])).collect();
        identities.sort_by_key(Identity::peer);
        for (n, identity) in identities.into_iter().enumerate() {
            let node = world.start(n, identity, Default::default(), None);
            world.nodes.push(node);
        }
        world.run();
        world
    }

    /// Two friends who are linked.
    pub(super) fn friends() -> Self {
        let mut world = Self::new(2);
        world.befriend(0, 1);
        world
    }

    pub(super) fn befriend(&mut self, a: usize, b: usize) {
        self.set_open(b, true);
        let address = self.nodes[b].address.to_string();
        self.command(a, Command::ConnectAddress { address }).unwrap();
        let peer = self.peer(a);
        self.command(b, Command::AcceptPeer { peer, once: false }).unwrap();
        self.set_open(b, false);
        assert!(self.linked(a, b), "befriended");
    }

    pub(super) fn set_open(&mut self, node: usize, open: bool) {
        let mode = if open { DiscoveryMode::EveryoneNearby } else { DiscoveryMode::FriendsOnly };
        self.command(node, Command::SetDiscovery { mode }).unwrap();
    }

    pub(super) fn restart(&mut self, n: usize) {
        let saved = (self.nodes[n].saved.clone().unwrap_or_default(), self.nodes[n].history.clone().unwrap_or_default());
        let ends: Vec<_> = self.links.iter().copied().filter(|(a, b, _)| *a == n || *b == n).collect();
        for (a, b, generation) in ends {
            self.links.remove(&(a, b, generation));
        }
        let store = std::mem::take(&mut self.nodes[n].store);
        let identity = self.nodes[n].identity.clone();
        let (picture, pictures) = (self.nodes[n].picture.take(), std::mem::take(&mut self.nodes[n].pictures));
        let node = self.start(n, identity, saved, picture);
        self.nodes[n] = Node { pictures, ..node };
        let held = store.iter().map(|(hash, content)| {
            let blob = BlobRef { hash: *hash, size: content.len() as u64, kind: BlobKind::Text };
            CachedBlob { blob, used_unix_ms: 0 }
        });
        self.input(n, Input::CacheLoaded(held.collect()));
        self.nodes[n].store = store;
        self.run();
    }

    /// Starts the same profile once more, at another address. The first one goes on.
    pub(super) fn copy(&mut self, n: usize) -> usize {
        let saved = (self.nodes[n].saved.clone().unwrap_or_default(), self.nodes[n].history.clone().unwrap_or_default());
        let (copy, identity) = (self.nodes.len(), self.nodes[n].identity.clone());
        let node = self.start(copy, identity, saved, None);
        self.nodes.push(node);
        self.run();
        copy
    }

    /// The program is gone, and its links with it.
    pub(super) fn end(&mut self, n: usize) {
        self.nodes[n].ended = true;
        for (a, b, generation) in self.links.clone().into_iter().filter(|(a, b, _)| *a == n || *b == n) {
            self.links.remove(&(a, b, generation));
            let (link, reason) = (LinkKey { peer: self.peer(n), generation }, DownReason::Failed("gone".to_owned()));
            self.queue.push_back((if a == n { b } else { a }, Input::LinkDown { link, reason }));
        }
        self.run();
    }

    pub(super) fn peer(&self, n: usize) -> PeerId {
        self.nodes[n].identity.peer()
    }

    pub(super) fn card(&self, n: usize) -> Card {
        *self.nodes[n].identity.card()
    }

    pub(super) fn snapshot(&self, n: usize) -> Snapshot {
        self.nodes[n].engine.snapshot(self.now)
    }

    pub(super) fn view(&self, n: usize, of: usize) -> PeerView {
        let peer = self.peer(of);
        self.snapshot(n).peers.into_iter().find(|view| view.peer == peer).expect("in the circle")
    }

    pub(super) fn linked(&self, a: usize, b: usize) -> bool {
        self.nodes[a].engine.links.linked(&self.peer(b)).is_some() && self.nodes[b].engine.links.linked(&self.peer(a)).is_some()
    }

    pub(super) fn link(&self, a: usize, b: usize) -> LinkKey {
        self.nodes[a].engine.links.linked(&self.peer(b)).expect("linked")
    }

    pub(super) fn command(&mut self, n: usize, command: Command) -> Result<(), CommandError> {
        self.next += 1;
        let request = RequestId(self.next);
        self.input(n, Input::Command(request, command));
        self.nodes[n].replies.remove(&request).expect("every command is answered at once")
    }

    pub(super) fn input(&mut self, n: usize, input: Input) {
        self.queue.push_back((n, input));
        self.run();
    }

    pub(super) fn plugin(&mut self, n: usize, line: FromPlugin) {
        self.input(n, Input::PluginSaid(PLUGIN, line));
    }

    pub(super) fn connect_plugin(&mut self, n: usize) {
        self.input(n, Input::PluginConnected { plugin: PLUGIN, program: "test 1".to_owned(), roots: vec!["/mods".into()] });
    }

    /// Publishes files by name; see `content`.
    pub(super) fn publish(&mut self, n: usize, character: &str, files: &[&str]) {
        self.connect_plugin_once(n);
        self.plugin(n, FromPlugin::Publish { character: character.to_owned(), objects: vec![look(files, &[])] });
    }

    pub(super) fn publish_texts(&mut self, n: usize, character: &str, texts: &[(&str, &str)]) {
        self.connect_plugin_once(n);
        self.plugin(n, FromPlugin::Publish { character: character.to_owned(), objects: vec![look(&[], texts)] });
    }

    pub(super) fn share(&mut self, n: usize, character: &str) {
        let audience = crate::domain::Audience::AllFriends;
        self.command(n, Command::ShareCharacter { character: character.parse().unwrap(), audience }).unwrap();
    }

    pub(super) fn see(&mut self, n: usize, characters: &[&str]) {
        self.connect_plugin_once(n);
        let characters = characters
            .iter()
            .map(|text| {
                let character: Character = text.parse().unwrap();
                NearbyCharacter {
                    name: character.name().to_owned(),
                    world: character.world().to_owned(),
                    distance: 1.0,
                    in_party: false,
                    visible: true,
                }
            })
            .collect();
        self.plugin(n, FromPlugin::Nearby { characters });
    }

    pub(super) fn applied(&mut self, n: usize) {
        let last = self.nodes[n].applies.last().expect("something was applied").clone();
        self.plugin(n, FromPlugin::Applied { character: last.character.to_string(), revision: last.revision });
    }

    pub(super) fn progress(&self, n: usize, of: usize, character: &str) -> Option<crate::engine::follow::Progress> {
        let character: Character = character.parse().unwrap();
        self.view(n, of).characters.into_iter().find(|view| view.character == character).map(|view| view.progress)
    }

    /// Kills the connection under both; each hears it.
    pub(super) fn break_link(&mut self, a: usize, b: usize) {
        let (one, other) = (self.link(a, b), self.link(b, a));
        self.links.retain(|(x, y, _)| (*x, *y) != (a.min(b), a.max(b)));
        self.queue.push_back((a, Input::LinkDown { link: one, reason: DownReason::Failed("cut".to_owned()) }));
        self.queue.push_back((b, Input::LinkDown { link: other, reason: DownReason::Failed("cut".to_owned()) }));
        self.run();
    }

    pub(super) fn deliver_offers(&mut self) {
        self.slow_offers = false;
        self.queue.extend(std::mem::take(&mut self.waiting_offers));
        self.run();
    }

    pub(super) fn deliver_fetches(&mut self) {
        self.slow_fetches = false;
        for (n, id) in std::mem::take(&mut self.waiting_fetches) {
            self.serve(n, id);
        }
        self.run();
    }

    /// Ends (or reports on) a fetch that was kept back.
    pub(super) fn report(&mut self, (n, id): (usize, FetchId), event: FetchEvent) {
        self.running.remove(&(n, id));
        self.input(n, Input::Fetch(id, event));
    }

    pub(super) fn waiting_fetches(&self) -> Vec<(usize, FetchId)> {
        self.waiting_fetches.iter().copied().filter(|key| self.running.contains_key(key)).collect()
    }

    /// Lets so much time pass, doing what is due on the way.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps = 0;
        loop {
            let due = self.nodes.iter().filter(|node| !node.ended).filter_map(|node| node.engine.poll_timeout());
            let Some((at, why)) = due.min().filter(|(at, _)| *at <= end) else { break };
            steps += 1;
            assert!(steps < 100_000, "it never comes to rest: {why}");
            self.now = self.now.max(at);
            for n in 0..self.nodes.len() {
                let node = &mut self.nodes[n];
                if !node.ended && node.engine.poll_timeout().is_some_and(|(at, _)| at <= self.now) {
                    node.engine.handle_timeout(self.now);
                    let left = node.engine.poll_timeout();
                    assert!(left.is_none_or(|(at, _)| at > self.now), "still due after its time: {left:?}");
                }
            }
            self.run();
            // Links that are up carry bytes all the time.
            for (a, b, generation) in self.links.clone() {
                for (n, other) in [(a, b), (b, a)] {
                    let link = LinkKey { peer: self.peer(other), generation };
                    self.queue.push_back((n, Input::LinkAlive(link)));
                }
            }
            self.run();
        }
        self.now = end;
    }

    pub(super) fn run(&mut self) {
        loop {
            for n in 0..self.nodes.len() {
                while let Some(order) = self.nodes[n].engine.poll_output() {
                    self.act(n, order);
                }
            }
            let Some((n, input)) = self.queue.pop_front() else { return };
            let now = self.now;
            self.nodes[n].engine.handle_input(now, input);
        }
    }

    fn start(
        &mut self,
        n: usize,
        identity: Identity,
        (circle, history): (SavedCircle, SavedHistory),
        picture: Option<Picture>,
    ) -> Node {
        self.next += 1;
        let mut seed = [u8::try_from(n).unwrap(); 32];
        seed[..8].copy_from_slice(&self.next.to_be_bytes());
        let state =
            SavedState { identity: identity.clone(), settings: Settings::default(), circle, history, picture: picture.clone() };
        Node {
            engine: Engine::new(seed, self.now, 1_800_000_000 + (self.now - self.began).as_secs(), state),
            identity,
            address: SocketAddr::from(([10, 0, 0, u8::try_from(n + 1).unwrap()], 47_311)),
            notices: Vec::new(),
            said: Vec::new(),
            applies: Vec::new(),
            fetches: Vec::new(),
            held: BTreeMap::new(),
            served: BTreeSet::new(),
            evicted: Vec::new(),
            saved: None,
            history: None,
            picture,
            looks_slowly: false,
            pictures: BTreeMap::new(),
            upkeep: Vec::new(),
            carried: Vec::new(),
            store: BTreeMap::new(),
            ended: false,
            rates: RatePlan::default(),
            meeting: RendezvousPlan::default(),
            codes: Vec::new(),
            answers: Vec::new(),
            sent: Vec::new(),
            unreadable: BTreeSet::new(),
            groups: BTreeMap::new(),
            replies: BTreeMap::new(),
            open: false,
        }
    }

    fn connect_plugin_once(&mut self, n: usize) {
        if self.snapshot(n).plugin.is_none() {
            self.connect_plugin(n);
        }
    }

    fn at(&self, address: SocketAddr) -> Option<usize> {
        self.nodes.iter().position(|node| node.address == address && !node.ended)
    }

    /// Who is at the other end of a link that is up.
    fn other_end(&self, n: usize, link: LinkKey) -> Option<usize> {
        let ends = self.links.iter().filter(|(_, _, generation)| *generation == link.generation);
        let others = ends.filter_map(|(a, b, _)| if *a == n { Some(*b) } else { (*b == n).then_some(*a) });
        others.into_iter().find(|other| self.peer(*other) == link.peer)
    }

    fn act(&mut self, n: usize, order: Output) {
        let node = &mut self.nodes[n];
        match order {
            Output::Reply(request, result) => drop(node.replies.insert(request, result)),
            Output::Notify(notice) => node.notices.push(notice),
            Output::SaveCircle(circle) => node.saved = Some(*circle),
            Output::SaveSettings(_) => {}
            other @ (Output::SavePicture(_)
            | Output::ReadPicture { .. }
            | Output::KeepPicture { .. }
            | Output::DropPicture { .. }) => self.act_on_picture(n, other),
            Output::CarryIdentity { request, import, .. } => node.carried.push((request, import)),
            Output::SaveHistory(history) => node.history = Some(*history),
            Output::Quit => node.ended = true,
            Output::Discover(plan) => node.open = plan.mode == DiscoveryMode::EveryoneNearby,
            Output::Meet(plan) => node.meeting = plan,
            Output::MeetAgain => {}
            Output::UseCode(order) => node.codes.push(order),
            Output::AnswerGuest { card, answer, .. } => node.answers.push((card.peer(), answer)),
            Output::DropCode(invite) => node.codes.retain(|order| order.invite != invite),
            Output::Knock { knock, target, expect: _, name } => self.knock(n, knock, target, name),
            Output::Dial { link, card, targets } => self.dial(n, link, card, &targets),
            Output::Answer { link, ticket } => self.answer(n, link, ticket),
            Output::DropOffer(ticket) => {
                if let Some(dialling) = self.offers.remove(&ticket) {
                    self.queue.push_back((dialling.from, Input::LinkFailed { link: dialling.key, error: DialError::Silent }));
                }
            }
            Output::CloseLink(link) => self.close(n, link),
            Output::Send(link, message) => {
                self.send(n, link, &message);
                self.nodes[n].sent.push(message);
            }
            Output::Serve { link, appearance, until: _ } => drop(node.served.insert((link, appearance))),
            Output::Limit(plan) => node.rates = plan,
            Output::StopServing { link, appearance } => drop(node.served.remove(&(link, appearance))),
            Output::Fetch { fetch, link, appearance, work } => {
                node.fetches.push((link, appearance, work.clone()));
                self.running.insert((n, fetch), (link, appearance, work));
                if self.slow_fetches { self.waiting_fetches.push((n, fetch)) } else { self.serve(n, fetch) }
            }
            Output::CancelFetch(fetch) => drop(self.running.remove(&(n, fetch))),
            Output::Hash { publish, roots: _, files } => {
                let hashed =
                    files.iter().enumerate().map(|(index, file)| hash(index, file, &node.unreadable, &mut node.store)).collect();
                self.queue.push_back((n, Input::Hashed(publish, hashed)));
            }
            Output::PutBlob { blob, content } => drop(node.store.insert(blob.hash, content)),
            Output::HoldAppearance { appearance, blobs } => drop(node.held.insert(appearance, blobs)),
            Output::ReleaseAppearance(appearance) => drop(node.held.remove(&appearance)),
            Output::NoteUse(appearance) => assert!(node.held.contains_key(&appearance), "what is shown is held"),
            Output::ReadBlob(blob) => {
                let result = node.store.get(&blob.hash).cloned().ok_or_else(|| "gone".to_owned());
                self.queue.push_back((n, Input::BlobRead { blob: blob.hash, result }));
            }
            Output::CountTriangles { appearance, models } => {
                let result = Ok(models.len() as u64 * self.triangles_found);
                self.queue.push_back((n, Input::TrianglesCounted { appearance, result }));
            }
            Output::Evict(blobs) => {
                node.evicted.extend(&blobs);
                self.queue.push_back((n, Input::CacheLost(blobs)));
            }
            Output::ClearCache => {
                let held: BTreeSet<BlobHash> = node.held.values().flatten().map(|blob| blob.hash).collect();
                let lost = node.store.keys().copied().filter(|hash| !held.contains(hash)).collect();
                node.store.retain(|hash, _| held.contains(hash));
                self.queue.push_back((n, Input::CacheLost(lost)));
            }
            other @ (Output::Maintain(_) | Output::StopMaintenance | Output::RemoveOldCache) => node.upkeep.push(other),
            Output::Apply { plugin: _, apply } => node.applies.push(apply),
            Output::ToPlugin(_, line) => node.said.push(line),
            Output::DropPlugin(_) => {}
        }
    }

    fn knock(&mut self, n: usize, knock: KnockId, target: Target, name: Option<crate::domain::DisplayName>) {
        let address = match target {
            Target::Address(address) => Some(address),
            Target::Named(name) => name.parse().ok(),
        };
        let result = match address.and_then(|address| self.at(address)) {
            None => Err(DialError::Unreachable),
            Some(to) if self.cut.contains(&(n, to)) => Err(DialError::Unreachable),
            Some(to) if !self.nodes[to].open => Err(DialError::Silent),
            Some(to) => {
                let (card, address) = (self.card(n), self.nodes[n].address);
                self.queue.push_back((to, Input::Knocked { card, name, address }));
                Ok((self.card(to), self.nodes[to].address))
            }
        };
        self.queue.push_back((n, Input::KnockEnded { knock, result }));
    }

    fn dial(&mut self, n: usize, link: LinkKey, card: Card, targets: &[SocketAddr]) {
        // With no address it goes by a relay.
        let by_relay = self.nodes.iter().position(|node| targets.is_empty() && *node.identity.card() == card && !node.ended);
        let reached = targets.iter().filter_map(|address| self.at(*address)).chain(by_relay);
        let to = reached.into_iter().find(|to| !self.cut.contains(&(n, *to)));
        let Some(to) = to.filter(|to| self.peer(*to) == card.peer()) else {
            self.queue.push_back((n, Input::LinkFailed { link, error: DialError::Unreachable }));
            return;
        };
        self.next += 1;
        let ticket = OfferTicket(self.next);
        self.offers.insert(ticket, Dialling { from: n, to, key: link });
        let (card, address) = (self.card(n), Some(self.nodes[n].address).filter(|_| !targets.is_empty()));
        let offer = (to, Input::OfferArrived { ticket, card, generation: link.generation, address });
        if self.slow_offers { self.waiting_offers.push(offer) } else { self.queue.push_back(offer) }
    }

    fn answer(&mut self, n: usize, link: LinkKey, ticket: OfferTicket) {
        let Some(dialling) = self.offers.remove(&ticket) else {
            self.queue.push_back((n, Input::LinkFailed { link, error: DialError::IceFailed }));
            return;
        };
        assert_eq!(dialling.to, n);
        self.links.insert((n.min(dialling.from), n.max(dialling.from), link.generation));
        for (node, other, link) in [(n, dialling.from, link), (dialling.from, n, dialling.key)] {
            let remote = self.nodes[other].address;
            self.queue.push_back((node, Input::LinkUp { link, route: crate::domain::Route::Lan, remote }));
        }
    }

    fn close(&mut self, n: usize, link: LinkKey) {
        self.offers.retain(|_, dialling| dialling.from != n || dialling.key != link);
        if let Some(other) = self.other_end(n, link) {
            self.links.remove(&(n.min(other), n.max(other), link.generation));
            let link = LinkKey { peer: self.peer(n), generation: link.generation };
            self.queue.push_back((other, Input::LinkDown { link, reason: DownReason::Closed }));
        }
    }

    fn send(&mut self, n: usize, link: LinkKey, message: &Control) {
        if let Some(other) = self.other_end(n, link) {
            let link = LinkKey { peer: self.peer(n), generation: link.generation };
            // Everything crosses the wire as bytes.
            let message = Control::decode(&message.encode()).expect("what is sent can be read");
            self.queue.push_back((other, Input::Received(link, message)));
        }
    }

    fn serve(&mut self, n: usize, fetch: FetchId) {
        let Some((link, appearance, work)) = self.running.remove(&(n, fetch)) else { return };
        let back = LinkKey { peer: self.peer(n), generation: link.generation };
        let event = match self.other_end(n, link) {
            None => FetchEvent::Failed(FetchError::LinkLost),
            Some(holder) if !self.nodes[holder].served.contains(&(back, appearance)) => {
                FetchEvent::Failed(FetchError::Refused(Refusal::NotGranted))
            }
            Some(holder) => self.transfer(n, holder, appearance, &work),
        };
        self.queue.push_back((n, Input::Fetch(fetch, event)));
    }

    fn transfer(&mut self, n: usize, holder: usize, appearance: AppearanceId, work: &FetchWork) -> FetchEvent {
        let wanted: Vec<BlobRef> = match work {
            FetchWork::Pack(blobs) => blobs.clone(),
            FetchWork::Groups { blob, .. } => vec![*blob],
        };
        let Some(held) = self.nodes[holder].held.get(&appearance) else {
            return FetchEvent::Failed(FetchError::Refused(Refusal::NotHeld));
        };
        if wanted.iter().any(|blob| !held.contains(blob) || !self.nodes[holder].store.contains_key(&blob.hash)) {
            return FetchEvent::Failed(FetchError::Refused(Refusal::NotHeld));
        }
        let mut complete = Vec::new();
        let mut bytes = 0;
        for blob in wanted {
            if let FetchWork::Groups { groups, .. } = work {
                let here = self.nodes[n].groups.entry(blob.hash).or_default();
                here.extend(groups.clone());
                bytes += u64::from(groups.end - groups.start) * GROUP;
                if (here.len() as u64) < blob.size.div_ceil(GROUP) {
                    continue;
                }
            } else {
                bytes += blob.size;
            }
            let content = self.nodes[holder].store[&blob.hash].clone();
            assert_eq!(BlobHash::of(&content), blob.hash);
            self.nodes[n].store.insert(blob.hash, content);
            complete.push(blob.hash);
        }
        FetchEvent::Stored { complete, bytes, wire_bytes: bytes + 100 }
    }
}
