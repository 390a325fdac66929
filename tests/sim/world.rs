//! The world around N engines: virtual time, and everything that the runtime does for real.
//!
//! One queue of events stands for clock, network, disks and games. Nothing happens while an engine speaks: what it orders
//! is carried out by later events, as a real runtime would. The same seed gives the same run, event by event.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fyteclub::domain::{BlobKind, BlobRef, DiscoveryMode, FileType, PeerId, Picture, Settings};
use fyteclub::engine::Engine;
use fyteclub::engine::command::{Command, CommandError};
use fyteclub::engine::input::{CachedBlob, FetchId, HashedBlob, HashedFile, Input, PluginId, RequestId};
use fyteclub::engine::output::{DiscoveryPlan, FileToHash, Output};
use fyteclub::engine::snapshot::Snapshot;

use crate::chance::Chance;
use crate::model::{Model, Who};
use crate::net::{Conn, Weather};
use crate::node::{Node, display_name, identity};

/// What can happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// The runtime reports something to this run of an engine.
    Report { who: Who, run: u64, input: Box<Input> },
    /// A plugin's line arrives, if its session still stands.
    PluginLine { who: Who, plugin: PluginId, line: Box<fyteclub::wire::plugin::FromPlugin> },
    /// A game's plugin finds the pipe.
    PluginArrives { who: Who },
    /// A companion says on the local network that it is there; `again`: and goes on to.
    Beacon { who: Who, run: u64, again: bool },
    /// A companion is started.
    Start { who: Who },
    /// Networks that were apart are joined.
    Heal,
    /// There is room on a disk again.
    DiskFreed { who: Who },
    /// A fight or a cutscene ends.
    FightEnds { who: Who },
    /// An offer reaches the other side's runtime.
    Offer { conn: u64 },
    /// The dialler gives up waiting for an answer.
    OfferExpires { conn: u64 },
    /// An end of a connection is through with the handshake.
    Shaken { conn: u64, end: usize },
    /// An attempt comes to nothing.
    AttemptFails { conn: u64, end: usize, error: fyteclub::engine::input::DialError },
    /// A message reaches an end.
    Arrives { conn: u64, end: usize },
    /// An end hears that the link is over.
    Down { conn: u64, end: usize, closed: bool },
    /// An end heard from the other side's transport.
    Alive { conn: u64, end: usize, count: u64 },
    /// A link across a partition has been silent for long.
    Starves { conn: u64, partition: u64 },
    /// The next bytes of a fetch order.
    Chunk { who: Who, run: u64, fetch: FetchId },
}

/// A deliberate fault, to see that the checks notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    None,
    /// No announcement arrives.
    DropAnnouncements,
    /// Bytes are given to whoever asks for them.
    ServeAnything,
    /// Fetches are said to be stored and are not.
    StoreNothing,
    /// This one's hello says that it speaks only protocols of the future.
    FutureProtocol {
        who: Who,
    },
    /// Games take nothing off.
    KeepShowing,
}

/// Steps that engines may take at one instant before it counts as a loop.
const MAX_STEPS_AT_ONCE: u32 = 10_000;

/// The world.
pub(crate) struct World {
    pub(crate) now: Duration,
    base: Instant,
    pub(crate) chance: Chance,
    queue: BTreeMap<(Duration, u64), Event>,
    events: u64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) conns: BTreeMap<u64, Conn>,
    pub(crate) weather: Weather,
    pub(crate) model: Model,
    pub(crate) mutation: Mutation,
    pub(crate) seed: u64,
    /// Those whose companions lie, and what they have said and heard.
    pub(crate) liars: std::collections::BTreeSet<Who>,
    pub(crate) book: crate::liar::Book,
    /// Blobs of which something came to each person under each appearance.
    pub(crate) moved_under:
        BTreeMap<(Who, fyteclub::domain::AppearanceId), std::collections::BTreeSet<fyteclub::domain::BlobHash>>,
    /// Bytes of blobs that crossed the network to each person, by blob.
    pub(crate) moved: BTreeMap<(Who, fyteclub::domain::BlobHash), u64>,
    /// Broken rules, in the order in which they were broken.
    pub(crate) broken: Vec<String>,
    /// What persons and the network did.
    pub(crate) diary: Vec<String>,
    /// A hash over everything that engines ordered, if asked for.
    pub(crate) trail: Option<blake3::Hasher>,
    loud: bool,
    requests: u64,
    steps_at_once: (Duration, u32),
}

impl World {
    /// `people` companions that have never met, none of them running.
    pub(crate) fn new(seed: u64, people: usize) -> Self {
        crate::logs::listen();
        let _ = crate::logs::take_errors();
        let nodes = (0..people).map(|who| Node::new(who, settings(who))).collect();
        Self {
            now: Duration::from_secs(1),
            base: base(),
            chance: Chance::new(seed),
            queue: BTreeMap::new(),
            events: 0,
            nodes,
            conns: BTreeMap::new(),
            weather: Weather::default(),
            model: Model { people: (0..people).map(|_| crate::model::Person::default()).collect(), ..Model::default() },
            mutation: Mutation::None,
            seed,
            liars: std::collections::BTreeSet::new(),
            book: crate::liar::Book::default(),
            moved_under: BTreeMap::new(),
            moved: BTreeMap::new(),
            broken: Vec::new(),
            diary: Vec::new(),
            trail: None,
            loud: std::env::var_os("FYTECLUB_TRACE").is_some(),
            requests: 0,
            steps_at_once: (Duration::ZERO, 0),
        }
    }

    pub(crate) fn instant(&self) -> Instant {
        self.base + self.now
    }

    pub(crate) fn since_base(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.base)
    }

    /// What this person's clock says.
    pub(crate) fn unix_of(&self, who: Who) -> u64 {
        (1_790_000_000 + self.now.as_secs()).saturating_add_signed(self.nodes[who].clock_off)
    }

    pub(crate) fn find(&self, peer: &PeerId) -> Option<Who> {
        (0..self.nodes.len()).find(|who| identity(*who).peer() == *peer)
    }

    /// Writes down a broken rule.
    pub(crate) fn complain(&mut self, what: impl Into<String>) {
        let text = format!("{:>9.3} s: {}", self.now.as_secs_f64(), what.into());
        if self.loud {
            eprintln!("BROKEN {text}");
        }
        if self.broken.len() < 20 {
            self.broken.push(text);
        }
    }

    /// Writes down what persons or the network did.
    pub(crate) fn note(&mut self, what: impl Into<String>) {
        let text = format!("{:>9.3} s: {}", self.now.as_secs_f64(), what.into());
        if self.loud {
            eprintln!("{text}");
        }
        self.diary.push(text);
    }

    pub(crate) fn after(&mut self, wait: Duration, event: Event) {
        // Never at once: nothing happens while an engine speaks.
        let at = self.now + wait.max(Duration::from_micros(1));
        self.events += 1;
        self.queue.insert((at, self.events), event);
    }

    /// Reports to this run of an engine after a while.
    pub(crate) fn report(&mut self, wait: Duration, who: Who, input: Input) {
        let run = self.nodes[who].run;
        self.after(wait, Event::Report { who, run, input: Box::new(input) });
    }

    /// Lets time pass.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.next_moment().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step();
            if self.looping() {
                break;
            }
        }
        self.now = end;
    }

    /// Lets time pass until this holds; false if it did not within `limit`.
    pub(crate) fn run_until(&mut self, limit: Duration, mut holds: impl FnMut(&mut Self) -> bool) -> bool {
        let end = self.now + limit;
        while !holds(self) {
            if self.now >= end || !self.broken.is_empty() {
                return false;
            }
            self.run_for(Duration::from_millis(500));
        }
        true
    }

    fn next_moment(&self) -> Option<Duration> {
        let event = self.queue.keys().next().map(|(at, _)| *at);
        let timer = self.due().map(|(at, _)| at);
        [event, timer].into_iter().flatten().min()
    }

    /// The engine whose timer is due first.
    fn due(&self) -> Option<(Duration, Who)> {
        self.nodes.iter().filter_map(|node| Some((node.due?, node.who))).min()
    }

    fn step(&mut self) {
        if let Some((_, who)) = self.due().filter(|(at, _)| *at <= self.now) {
            let now = self.instant();
            if let Some(engine) = self.nodes[who].engine.as_mut() {
                engine.handle_timeout(now);
                self.drain(who);
            }
        } else if let Some(((at, _), event)) = self.queue.pop_first() {
            debug_assert!(at <= self.now, "only due events are taken");
            self.happen(event);
        }
    }

    /// Guards against a timer that is due for ever: time would stand still.
    fn looping(&mut self) -> bool {
        if self.steps_at_once.0 != self.now {
            self.steps_at_once = (self.now, 0);
        }
        self.steps_at_once.1 += 1;
        let looping = self.steps_at_once.1 > MAX_STEPS_AT_ONCE;
        if looping {
            let reasons: Vec<_> =
                self.nodes.iter().filter_map(|node| Some((node.who, node.engine.as_ref()?.poll_timeout()?.1))).collect();
            self.complain(format!("{MAX_STEPS_AT_ONCE} steps at one instant; timers: {reasons:?}"));
        }
        looping
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Report { who, run, input } if self.nodes[who].run == run => self.feed(who, *input),
            Event::Report { .. } => {}
            Event::PluginLine { who, plugin, line } => self.hear_plugin(who, plugin, *line),
            Event::PluginArrives { who } => self.plugin_arrives(who),
            Event::Beacon { who, run, again } => self.beacon(who, run, again),
            Event::Start { who } => self.start(who),
            Event::Heal => self.heal(),
            Event::DiskFreed { who } => self.nodes[who].disk_full = false,
            Event::FightEnds { who } => self.fight(who, false, false),
            Event::Offer { conn } => self.offer_arrives(conn),
            Event::OfferExpires { conn } => self.offer_expires(conn),
            Event::Shaken { conn, end } => self.shaken(conn, end),
            Event::AttemptFails { conn, end, error } => self.attempt_fails(conn, end, error),
            Event::Arrives { conn, end } => self.arrives(conn, end),
            Event::Down { conn, end, closed } => self.link_down(conn, end, closed),
            Event::Alive { conn, end, count } => self.alive(conn, end, count),
            Event::Starves { conn, partition } => self.starves(conn, partition),
            Event::Chunk { who, run, fetch } => self.chunk(who, run, fetch),
        }
    }

    /// Tells an engine something and carries out what it orders.
    pub(crate) fn feed(&mut self, who: Who, input: Input) {
        let now = self.instant();
        if self.loud && self.nodes[who].engine.is_some() {
            eprintln!("{:>9.3} {who} <- {input:?}", self.now.as_secs_f64());
        }
        if let Input::KnockEnded { result: Ok((card, _)), .. } = &input
            && let Some(other) = self.find(&card.peer())
            && !self.model.blocks(who, other)
        {
            // Whoever answers where a person asked to knock is trusted as a friend.
            self.model.befriend(who, other, false);
        }
        if let Some(engine) = self.nodes[who].engine.as_mut() {
            engine.handle_input(now, input);
            self.drain(who);
        }
    }

    fn drain(&mut self, who: Who) {
        while let Some(output) = self.nodes[who].engine.as_mut().and_then(Engine::poll_output) {
            if self.loud {
                eprintln!("{:>9.3} {who} -> {output:?}", self.now.as_secs_f64());
            }
            if let Some(trail) = &mut self.trail {
                trail.update(format!("{:?} {who} {output:?}", self.now).as_bytes());
            }
            self.check_order(who, &output);
            self.perform(who, output);
        }
        let timer = self.nodes[who].engine.as_ref().and_then(Engine::poll_timeout);
        self.nodes[who].due = timer.map(|(at, _)| self.since_base(at));
        self.check_standing(who);
    }

    fn perform(&mut self, who: Who, output: Output) {
        match output {
            Output::Reply(request, result) => _ = self.nodes[who].replies.insert(request, result),
            Output::Notify(notice) => self.nodes[who].notices.push(notice),
            Output::SaveCircle(circle) => self.nodes[who].saved.circle = *circle,
            Output::CarryIdentity { request, import, .. } => {
                let result = Ok(());
                self.report(Duration::from_millis(5), who, Input::IdentityCarried { request, import, result });
            }
            Output::SavePicture(picture) => self.nodes[who].saved.picture = picture,
            Output::ReadPicture { request, file } => {
                let picture = Picture::new(file.to_string_lossy().into_owned().into_bytes());
                let result = picture.ok_or_else(|| "no picture".to_owned());
                self.report(Duration::from_millis(5), who, Input::PictureRead { request, result });
            }
            Output::KeepPicture { peer, picture } => {
                self.report(
                    Duration::from_millis(5),
                    who,
                    Input::PictureLookedAt { peer, picture: picture.id(), result: Ok(()) },
                );
            }
            Output::DropPicture { .. } => {}
            Output::SaveHistory(history) => self.nodes[who].saved.history = *history,
            Output::SaveSettings(settings) => self.nodes[who].saved.settings = *settings,
            Output::Quit => self.end_program(who),
            Output::Discover(plan) => self.discover(who, &plan),
            // The simulated net has no relays.
            Output::Meet(_) | Output::MeetAgain | Output::UseCode(_) | Output::DropCode(_) | Output::AnswerGuest { .. } => {}
            Output::Knock { knock, target, expect, name } => self.knock(who, knock, &target, expect, name),
            Output::Dial { link, card, targets } => self.dial(who, link, &card, &targets),
            Output::Answer { link, ticket } => self.answer(who, link, ticket),
            Output::DropOffer(ticket) => _ = self.nodes[who].tickets.remove(&ticket),
            Output::CloseLink(link) => self.close(who, link),
            Output::Send(link, message) => self.send(who, link, message),
            Output::Serve { link, appearance, until } => self.serve(who, link, appearance, Some(until)),
            // The simulated net has a speed of its own.
            Output::Limit(_) => {}
            Output::StopServing { link, appearance } => self.serve(who, link, appearance, None),
            Output::Fetch { fetch, link, appearance, work } => self.fetch(who, fetch, link, appearance, work),
            Output::CancelFetch(fetch) => _ = self.nodes[who].fetches.remove(&fetch),
            Output::Hash { publish, files, .. } => {
                let hashed = self.hash(who, &files);
                let wait = self.chance.millis(5, 400);
                self.report(wait, who, Input::Hashed(publish, hashed));
            }
            Output::PutBlob { blob, content } => {
                let store = &mut self.nodes[who].store;
                store.cached.insert(blob.hash, blob);
                store.contents.insert(blob.hash, content);
            }
            Output::HoldAppearance { appearance, blobs } => {
                let blobs = blobs.into_iter().map(|blob| (blob.hash, blob)).collect();
                self.nodes[who].store.held.insert(appearance, blobs);
            }
            Output::ReleaseAppearance(appearance) => _ = self.nodes[who].store.held.remove(&appearance),
            Output::NoteUse(appearance) => {
                assert!(self.nodes[who].store.held.contains_key(&appearance), "what is shown is held");
            }
            Output::ReadBlob(blob) => {
                let store = &self.nodes[who].store;
                let content = store.contents.get(&blob.hash).filter(|_| store.has(&blob.hash));
                let result = content.cloned().ok_or_else(|| "the blob is not held".to_owned());
                let slowest = self.weather.reads_ms;
                let wait = self.chance.millis(slowest / 2, slowest);
                self.report(wait, who, Input::BlobRead { blob: blob.hash, result });
            }
            Output::CountTriangles { appearance, models } => {
                let store = &self.nodes[who].store;
                let here = models.iter().all(|model| store.has(&model.hash));
                let result = if here { Ok(models.iter().map(triangles).sum()) } else { Err("the blob is not held".to_owned()) };
                let slowest = self.weather.reads_ms;
                let wait = self.chance.millis(slowest / 2, slowest);
                self.report(wait, who, Input::TrianglesCounted { appearance, result });
            }
            Output::Evict(hashes) => self.evict(who, &hashes),
            Output::Maintain(_) | Output::StopMaintenance | Output::RemoveOldCache | Output::ClearCache => {
                self.complain(format!("{who} orders something for its whole cache, which nobody asked for"));
            }
            Output::Apply { plugin, apply } => self.apply(who, plugin, apply),
            Output::ToPlugin(plugin, line) => self.tell_plugin(who, plugin, &line),
            Output::DropPlugin(plugin) => self.drop_plugin(who, plugin),
        }
    }

    fn hash(&mut self, who: Who, files: &[FileToHash]) -> Vec<HashedFile> {
        let store = &mut self.nodes[who].store;
        let mut hashed = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let found = store.disk.get(&file.path).copied();
            let fitting = found.filter(|blob| blob.kind.extension() == file.file_type.extension());
            if let Some(blob) = fitting {
                store.own.insert(blob.hash, blob);
            }
            let result = fitting.map(|blob| HashedBlob { blob, triangles: triangles(&blob) });
            hashed.push(HashedFile { index, result: result.ok_or_else(|| format!("{} is not there", file.path.display())) });
        }
        hashed
    }

    fn evict(&mut self, who: Who, hashes: &[fyteclub::domain::BlobHash]) {
        let store = &mut self.nodes[who].store;
        let mut lost = Vec::new();
        for hash in hashes {
            if !store.is_held(hash) && store.cached.remove(hash).is_some() {
                lost.push(*hash);
            }
        }
        let wait = self.chance.millis(1, 100);
        self.report(wait, who, Input::CacheLost(lost));
    }

    fn discover(&mut self, who: Who, plan: &DiscoveryPlan) {
        self.check_plan(who, plan);
        let before = self.nodes[who].plan.replace(plan.clone());
        let same = before.is_some_and(|before| before.mode == plan.mode && before.friends == plan.friends);
        if !same && plan.mode != DiscoveryMode::Off {
            let run = self.nodes[who].run;
            for wait in [0, 100, 500, 2_000] {
                self.after(Duration::from_millis(wait), Event::Beacon { who, run, again: false });
            }
        }
    }

    /// Starts a companion from what it saved.
    pub(crate) fn start(&mut self, who: Who) {
        if self.nodes[who].engine.is_some() {
            return;
        }
        self.note(format!("{who} starts"));
        let seed = self.chance.bytes32();
        let (now, unix) = (self.instant(), self.unix_of(who));
        let node = &mut self.nodes[who];
        node.engine = Some(Engine::new(seed, now, unix, node.saved.clone()));
        let run = node.run;
        let cached = node.store.cached.values().map(|blob| CachedBlob { blob: *blob, used_unix_ms: 0 }).collect();
        self.drain(who);
        let port = self.nodes[who].address.port();
        self.feed(who, Input::Listening { signal_port: port, link_port: port });
        self.feed(who, Input::CacheLoaded(cached));
        let wait = self.chance.millis(100, 30_000);
        self.after(wait, Event::Beacon { who, run, again: true });
        let wait = self.chance.millis(10, 3_000);
        self.after(wait, Event::PluginArrives { who });
    }

    /// The program ends without a word: killed, or after it said farewell.
    pub(crate) fn end_program(&mut self, who: Who) {
        self.note(format!("{who} ends"));
        self.break_links_of(who);
        let node = &mut self.nodes[who];
        node.engine = None;
        node.quits = false;
        node.due = None;
        node.run += 1;
        node.plan = None;
        node.links.clear();
        node.tickets.clear();
        node.fetches.clear();
        node.wanted.clear();
        node.store.restart();
        node.game.end_session();
        self.model.restart(who);
    }

    /// A person asks for something and reads the answer.
    pub(crate) fn command(&mut self, who: Who, command: Command) -> Result<(), CommandError> {
        self.requests += 1;
        let request = RequestId(self.requests);
        let asked = format!("{who} {command:?}");
        self.note(asked.clone());
        let before = self.model.people[who].attitudes.clone();
        self.model_command(who, &command);
        self.nodes[who].quits |= command == Command::Quit;
        self.feed(who, Input::Command(request, command));
        let reply = self.nodes[who].replies.remove(&request);
        let reply = reply.unwrap_or_else(|| {
            self.complain(format!("{asked} was never answered"));
            Ok(())
        });
        if let Err(error) = &reply {
            self.note(format!("   refused: {error}"));
            self.model.people[who].attitudes = before;
        }
        reply
    }

    pub(crate) fn snapshot(&self, who: Who) -> Option<Snapshot> {
        self.nodes[who].engine.as_ref().map(|engine| engine.snapshot(self.instant()))
    }

    pub(crate) fn running(&self, who: Who) -> bool {
        self.nodes[who].engine.is_some()
    }
}

pub(crate) fn settings(who: Who) -> Settings {
    Settings { name: Some(display_name(who)), ..Settings::default() }
}

/// One real moment that all virtual time starts from; nothing depends on which it is.
#[allow(clippy::disallowed_methods, reason = "an Instant cannot be made otherwise")]
fn base() -> Instant {
    static BASE: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *BASE.get_or_init(Instant::now)
}

/// Of a model: by its size, for want of content. Of anything else: none.
const fn triangles(blob: &BlobRef) -> u64 {
    match blob.kind {
        BlobKind::File(FileType::Mdl) => blob.size / 100,
        BlobKind::File(_) | BlobKind::Text | BlobKind::Manifest => 0,
    }
}
