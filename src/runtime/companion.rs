//! A running companion: the loop that feeds the engine and carries out its orders.
#![allow(clippy::disallowed_methods, reason = "this is the one place that tells the engine the time")]

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tracing::{debug, error, info, trace, warn};

use super::Inputs;
use super::clock::{WallClock, entropy, unix_now};
use super::discovery::{Discovery, DiscoveryConfig};
use super::files::{Loaded, Profile, ProfileError, ProfileLock};
use super::handle::{CommandRequest, Handle};
use super::link::{Links, LinksConfig};
use super::milestones;
use super::pictures;
use super::pipe::{Pipe, PipeError};
use super::presenter::Presenter;
use super::rendezvous::{Rendezvous, RendezvousConfig};
use super::saver::{File, Saver};
use super::signalling::{Signalling, SignallingConfig};
use super::store::{Store, StoreConfig, StoreError};
use super::upkeep::{Upkeep, leave_old_folder, watch_disk};
use crate::domain::{AppearanceId, BlobRef, Identity, InterfaceChoice, Passphrase, Settings};
use crate::engine::Engine;
use crate::engine::command::CommandError;
use crate::engine::input::{Input, RequestId};
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::engine::snapshot::Snapshot;
use crate::engine::state::{SavedHistory, SavedState};
use crate::wire::control::Control;

/// Reports that may wait for the engine.
const INPUTS: usize = 1024;
/// Commands that may wait for the engine.
const COMMANDS: usize = 64;
/// Notices that a slow reader may be behind.
const NOTICES: usize = 256;
/// Inputs handled before the orders and the snapshot get their turn.
const BATCH: usize = 64;
/// Snapshots are shown at most 20 times a second: more is not seen, and costs the game frames.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(50);
/// A snapshot holds times that run; while nothing else changes it is renewed this often.
const SNAPSHOT_AT_REST: Duration = Duration::from_secs(1);

/// Why a companion cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The profile cannot be used.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The cache cannot be used.
    #[error("the cache in {folder} cannot be used: {source}")]
    Store {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// No port could be bound.
    #[error("cannot open a network port for {what}: {source}")]
    Network {
        /// What it is for.
        what: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The pipe cannot be opened.
    #[error(transparent)]
    Pipe(#[from] PipeError),
}

/// A running companion.
#[derive(Debug)]
pub struct Companion {
    handle: Handle,
    task: JoinHandle<()>,
}

impl Companion {
    /// Starts everything. Runs until `Command::Quit`.
    ///
    /// # Errors
    /// [`StartError`] says what is missing; nothing is left running then.
    pub async fn start(profile: Profile) -> Result<Self, StartError> {
        let lock = profile.lock()?;
        profile.adopt_import()?;
        let identity = profile.load_identity()?;
        let (mut settings, circle) = (profile.load_settings()?, profile.load_circle()?);
        let history = profile.load_history();
        let remembers = history.is_ok();
        let history = history.unwrap_or_else(|error| Loaded {
            value: SavedHistory::default(),
            warnings: vec![format!("The history is neither shown nor continued: {error}.")],
        });
        let warnings = settings.warnings.into_iter().chain(circle.warnings).chain(history.warnings);
        let mut warnings: Vec<String> = warnings.collect();
        let mut circle = circle.value;
        let (picture, sentences) = profile.pictures().load(&mut circle.pictures);
        warnings.extend(sentences);
        // For people to edit. A full disk is no reason not to start.
        if let Err(error) = profile.write_missing_settings(&settings.value) {
            warnings.push(format!("The settings could not be written: {error}."));
        }
        let (inputs, heard) = Inputs::channel(INPUTS);
        let (commands, asked) = mpsc::channel(COMMANDS);
        let (notices, _) = broadcast::channel(NOTICES);

        let (store, held) = open_store(&profile, &settings.value).await?;
        warnings.extend(end_move(&profile, &store, &mut settings.value).err());
        let parts = Network::start(&identity, &settings.value, &store, &inputs).await?;
        let wine_plugins = settings.value.wine_plugins;
        let saved = SavedState { identity, settings: settings.value, circle, history: history.value, picture };
        let seed = entropy().map_err(|source| StartError::Network { what: "randomness", source })?;
        let engine = Engine::new(seed, Instant::now(), unix_now(), saved);
        let (snapshots, seen) = watch::channel(Arc::new(engine.snapshot(Instant::now())));
        let handle = Handle::new(commands, seen, notices.clone());
        let pipe = Pipe::start(&profile, wine_plugins, handle.clone(), inputs.clone()).await?;
        let upkeep = Upkeep::new(store.clone(), inputs.clone());
        let disk = tokio::spawn(watch_disk(store.clone(), inputs.clone()));
        let presenter = Presenter::start(store.clone(), pipe.clone(), inputs.clone());

        let running = Loop {
            engine,
            profile: Arc::new(profile),
            store,
            parts,
            pipe,
            presenter,
            upkeep,
            inputs,
            replies: HashMap::new(),
            next_request: 0,
            saver: Saver::start(notices.clone()),
            remembers,
            snapshots,
            notices,
            quitting: false,
            disk,
            _lock: lock,
        };
        let task = tokio::spawn(running.run(heard, asked, held, warnings));
        Ok(Self { handle, task })
    }

    /// How to reach it.
    #[must_use]
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        if let Err(error) = self.task.await {
            error!(%error, "the engine's loop ended badly");
        }
    }
}

async fn open_store(profile: &Profile, settings: &Settings) -> Result<(Store, Vec<BlobRef>), StartError> {
    let folder = settings.cache_folder.clone().unwrap_or_else(|| profile.cache());
    let config = StoreConfig { folder: folder.clone(), free_floor: settings.free_disk_floor };
    let opened = tokio::task::spawn_blocking(move || Store::open(config)).await;
    opened.unwrap_or_else(|error| Err(StoreError::Io(error.to_string()))).map_err(|source| StartError::Store { folder, source })
}

/// Ends a move of the cache that the program's end cut short: the settings name the new folder, then the old one is removed.
fn end_move(profile: &Profile, store: &Store, settings: &mut Settings) -> Result<(), String> {
    if let Some(folder) = store.moved_to() {
        settings.cache_folder = Some(folder);
        let saved = profile.save_settings(settings);
        saved.map_err(|error| format!("The cache has moved, but the settings could not be written: {error}."))?;
    }
    let store = store.clone();
    tokio::spawn(async move { store.remove_old().await });
    Ok(())
}

/// Has everything checked that an unclean end left in doubt, beside everything else.
async fn check_doubtful(store: Store, inputs: Inputs) {
    while let Some(right) = store.check_some().await {
        if !right.is_empty() {
            inputs.send(Input::CacheLoaded(store.with_use(right))).await;
        }
    }
}

/// Everything that speaks to other companions.
struct Network {
    signalling: Signalling,
    rendezvous: Rendezvous,
    links: Links,
    discovery: Discovery,
}

impl Network {
    async fn start(identity: &Identity, settings: &Settings, store: &Store, inputs: &Inputs) -> Result<Self, StartError> {
        let loopback_only = settings.interfaces == InterfaceChoice::Loopback;
        let failed = |what| move |source| StartError::Network { what, source };
        let config = SignallingConfig { identity: identity.clone(), port: settings.port, loopback_only };
        let signalling = Signalling::start(config, inputs.clone()).await.map_err(failed("signalling (TCP)"))?;
        let config = RendezvousConfig { identity: identity.clone(), loopback_only };
        let rendezvous = Rendezvous::start(config, signalling.clone(), inputs.clone()).map_err(failed("relays"))?;
        let config = LinksConfig { port: settings.port, addresses: addresses_of(&settings.interfaces), loopback_only };
        let links = Links::start(config, signalling.clone(), rendezvous.clone(), store.clone(), inputs.clone())
            .await
            .map_err(failed("links (UDP)"))?;
        let discovery = Discovery::start(
            DiscoveryConfig {
                identity: identity.clone(),
                interfaces: settings.interfaces.clone(),
                beacon_port: settings.beacon_port,
                signal_port: signalling.port(),
            },
            inputs.clone(),
        );
        Ok(Self { signalling, rendezvous, links, discovery })
    }
}

fn addresses_of(choice: &InterfaceChoice) -> Vec<IpAddr> {
    match choice {
        InterfaceChoice::All | InterfaceChoice::Loopback => Vec::new(),
        InterfaceChoice::Named(names) => if_addrs::get_if_addrs()
            .unwrap_or_default()
            .into_iter()
            .filter(|interface| names.contains(&interface.name))
            .map(|interface| interface.ip())
            .collect(),
    }
}

struct Loop {
    engine: Engine,
    profile: Arc<Profile>,
    store: Store,
    parts: Network,
    pipe: Pipe,
    presenter: Presenter,
    upkeep: Upkeep,
    inputs: Inputs,
    replies: HashMap<RequestId, oneshot::Sender<Result<(), CommandError>>>,
    next_request: u64,
    saver: Saver,
    /// Whether the history may be saved.
    remembers: bool,
    snapshots: watch::Sender<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
    quitting: bool,
    /// Watches the disk's free space.
    disk: JoinHandle<()>,
    _lock: ProfileLock,
}

/// Does something that takes a thread for a while, and reports what came of it.
async fn reported<T: Send + 'static>(
    inputs: Inputs,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
    report: impl FnOnce(Result<T, String>) -> Input + Send + 'static,
) {
    let failed = |error| Err(format!("it could not be looked at ({error})"));
    let result = tokio::task::spawn_blocking(work).await.unwrap_or_else(failed);
    inputs.send(report(result)).await;
}

/// Whether the next snapshot should not wait: what an idle link says of itself several times a second changes only numbers.
const fn is_seen(input: &Input) -> bool {
    !matches!(
        input,
        Input::LinkAlive(_) | Input::LinkStats { .. } | Input::Received(_, Control::Ping { .. } | Control::Pong { .. })
    )
}

impl Loop {
    async fn run(
        mut self,
        mut heard: mpsc::Receiver<Input>,
        mut asked: mpsc::Receiver<CommandRequest>,
        held: Vec<BlobRef>,
        warnings: Vec<String>,
    ) {
        let (signal_port, link_port) = (self.parts.signalling.port(), self.parts.links.port());
        info!(signal_port, link_port, blobs = held.len(), "FyteClub is running");
        self.hear(Input::CacheLoaded(self.store.with_use(held)));
        let checking = tokio::spawn(check_doubtful(self.store.clone(), self.inputs.clone()));
        self.hear(Input::Listening { signal_port, link_port });
        for text in warnings {
            warn!("part of the profile could not be read or written");
            debug!("{text}");
            let _ = self.notices.send(Notice::Other { text });
        }
        let mut shown = Instant::now();
        let mut changed = true;
        let mut clock = WallClock::read(shown);
        loop {
            if let Some(unix_now) = clock.news(Instant::now()) {
                self.hear(Input::Clock { unix_now });
            }
            self.carry_out_orders().await;
            if self.quitting {
                break;
            }
            let now = Instant::now();
            let show_at = shown + if changed { SNAPSHOT_EVERY } else { SNAPSHOT_AT_REST };
            if now >= show_at {
                self.snapshots.send_replace(Arc::new(self.engine.snapshot(now)));
                (shown, changed) = (now, false);
                continue;
            }
            let due = self.engine.poll_timeout().map_or(show_at, |(at, _)| at);
            tokio::select! {
                Some(input) = heard.recv() => {
                    changed |= is_seen(&input);
                    self.hear(input);
                    for _ in 1..BATCH {
                        let Ok(input) = heard.try_recv() else { break };
                        changed |= is_seen(&input);
                        self.hear(input);
                    }
                }
                Some((command, reply)) = asked.recv() => {
                    self.next_request += 1;
                    let request = RequestId(self.next_request);
                    self.replies.insert(request, reply);
                    self.hear(Input::Command(request, command));
                    changed = true;
                }
                () = tokio::time::sleep_until(due.min(show_at).into()) => {
                    if Instant::now() >= due {
                        self.engine.handle_timeout(Instant::now());
                        changed = true;
                    }
                }
            }
        }
        // Nobody listens from here on: a report that waits for room would keep its actor from ending.
        drop((heard, asked));
        checking.abort();
        self.end().await;
    }

    fn hear(&mut self, input: Input) {
        trace!(?input, "heard");
        milestones::heard(&input);
        self.engine.handle_input(Instant::now(), input);
    }

    async fn carry_out_orders(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            self.carry_out(output).await;
        }
    }

    async fn carry_out(&mut self, output: Output) {
        trace!(?output, "ordered");
        milestones::ordered(&output);
        let Network { signalling, rendezvous, links, discovery } = &self.parts;
        match output {
            Output::Reply(request, result) => {
                if let Some(reply) = self.replies.remove(&request) {
                    let notices = self.notices.clone();
                    self.saver.after(move || {
                        // A command that was sent without waiting has nobody to hear of its failure but the person.
                        if let Err(Err(CommandError(text))) = reply.send(result) {
                            let _ = notices.send(Notice::Other { text });
                        }
                    });
                }
            }
            Output::Notify(notice) => {
                let _ = self.notices.send(notice);
            }
            Output::SaveCircle(circle) => {
                let profile = self.profile.clone();
                self.saver.save(File::Circle, Box::new(move || profile.save_circle(&circle)));
            }
            Output::SaveSettings(settings) => {
                let profile = self.profile.clone();
                self.saver.save(File::Settings, Box::new(move || profile.save_settings(&settings)));
            }
            Output::SaveHistory(history) => {
                let profile = self.profile.clone();
                if self.remembers {
                    self.saver.save(File::History, Box::new(move || profile.save_history(&history)));
                }
            }
            other @ (Output::ReadPicture { .. }
            | Output::SavePicture(_)
            | Output::KeepPicture { .. }
            | Output::DropPicture { .. }) => self.carry_out_picture(other),
            Output::Quit => self.quitting = true,
            Output::Discover(plan) => {
                signalling.set_plan(&plan);
                discovery.set_plan(plan);
            }
            Output::Meet(plan) => {
                links.set_stun_servers(&plan.stun_servers);
                rendezvous.set_plan(plan);
            }
            Output::MeetAgain => rendezvous.network_changed().await,
            Output::UseCode(order) => rendezvous.use_code(order).await,
            Output::DropCode(invite) => rendezvous.drop_code(invite).await,
            Output::AnswerGuest { secret, card, answer } => rendezvous.answer_guest(secret, card, answer).await,
            Output::Knock { knock, target, expect, name } => signalling.knock(knock, target, expect, name),
            Output::Dial { link, card, targets } => links.dial(link, card, targets),
            Output::Answer { link, ticket } => links.answer(link, ticket),
            Output::DropOffer(ticket) => drop(signalling.take_offer(ticket)),
            Output::CloseLink(link) => links.close(link),
            Output::Send(link, message) => links.send(link, message),
            Output::Serve { link, appearance, until } => links.serve(link, appearance, until),
            Output::Limit(plan) => links.limit(&plan),
            Output::StopServing { link, appearance } => links.stop_serving(link, appearance),
            Output::Fetch { fetch, link, appearance, work } => links.fetch(fetch, link, appearance, work),
            Output::CancelFetch(fetch) => links.cancel(fetch),
            Output::Hash { publish, roots, files } => {
                self.in_background(|store| async move { Input::Hashed(publish, store.hash_files(roots, files).await) });
            }
            Output::PutBlob { blob, content } => self.put(blob, content).await,
            Output::HoldAppearance { appearance, blobs } => self.store.hold(appearance, &blobs),
            Output::ReleaseAppearance(appearance) => self.store.release(&appearance),
            Output::NoteUse(appearance) => self.store.note_use(&appearance),
            Output::ReadBlob(blob) => self.in_background(move |store| async move {
                let result = store.read_blob(blob).await.map(|bytes| bytes.to_vec()).map_err(|error| error.to_string());
                Input::BlobRead { blob: blob.hash, result }
            }),
            Output::CountTriangles { appearance, models } => self.count_triangles(appearance, models),
            Output::Evict(hashes) => {
                self.in_background(|store| async move { Input::CacheLost(store.evict(hashes).await) });
            }
            Output::ClearCache => self.in_background(|store| async move { Input::CacheLost(store.clear().await) }),
            Output::Maintain(chore) => self.upkeep.start(chore),
            Output::StopMaintenance => self.upkeep.stop(),
            Output::RemoveOldCache => {
                let leaving = leave_old_folder(self.store.clone(), self.profile.clone(), self.inputs.clone());
                self.saver.after(move || _ = tokio::spawn(leaving));
            }
            Output::Apply { plugin, apply } => self.presenter.apply(plugin, apply).await,
            Output::CarryIdentity { request, import, file, passphrase } => self.carry_identity(request, import, file, passphrase),
            Output::ToPlugin(plugin, message) => self.presenter.say(plugin, message).await,
            Output::DropPlugin(plugin) => self.pipe.drop_plugin(plugin),
        }
    }

    /// After everything that is to be saved: an export has the newest friends.
    fn carry_identity(&self, request: RequestId, import: bool, file: PathBuf, passphrase: Passphrase) {
        let (profile, inputs, handle) = (Arc::clone(&self.profile), self.inputs.clone(), tokio::runtime::Handle::current());
        let work = move || {
            if import { profile.import_identity(&file, &passphrase) } else { profile.export_identity(&file, &passphrase) }
        };
        let report = move |result| Input::IdentityCarried { request, import, result };
        self.saver.after(move || drop(handle.spawn(reported(inputs, work, report))));
    }

    fn carry_out_picture(&self, output: Output) {
        let folder = self.profile.pictures();
        if let Output::ReadPicture { request, file } = output {
            self.apart(move || pictures::prepare(&file), move |result| Input::PictureRead { request, result });
        } else if let Output::SavePicture(picture) = output {
            self.saver.save(File::Picture, Box::new(move || folder.save_mine(picture.as_ref()).map(|()| Vec::new())));
        } else if let Output::KeepPicture { peer, picture } = output {
            let id = picture.id();
            let seen = move |result| Input::PictureLookedAt { peer, picture: id, result };
            self.apart(move || folder.keep(&peer, &picture), seen);
        } else if let Output::DropPicture { peer, picture } = output {
            tokio::task::spawn_blocking(move || folder.forget(&peer, &picture));
        }
    }

    /// Does something that takes a thread for a while and reports what came of it.
    fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
        report: impl FnOnce(Result<T, String>) -> Input + Send + 'static,
    ) {
        tokio::spawn(reported(self.inputs.clone(), work, report));
    }

    /// Keeps bytes of my own; done before the next order, which may let a friend ask for them.
    async fn put(&self, blob: BlobRef, content: Vec<u8>) {
        if let Err(error) = self.store.put(blob, content.into()).await {
            let text = format!("My look could not be kept for sending: {error}.");
            let _ = self.notices.send(Notice::Other { text });
        }
    }

    /// Does something with the store apart from the loop and reports what came of it.
    fn count_triangles(&self, appearance: AppearanceId, models: Vec<BlobRef>) {
        let inputs = self.inputs.clone();
        self.in_background(move |store| async move {
            let counted = store.triangles(models).await;
            if let Err(StoreError::Changed(blob)) = counted {
                inputs.send(Input::OwnFileChanged { blob }).await;
            }
            Input::TrianglesCounted { appearance, result: counted.map_err(|error| error.to_string()) }
        });
    }

    fn in_background<F, R>(&self, work: F)
    where
        F: FnOnce(Store) -> R,
        R: Future<Output = Input> + Send + 'static,
    {
        let (work, inputs) = (work(self.store.clone()), self.inputs.clone());
        tokio::spawn(async move { inputs.send(work.await).await });
    }

    async fn end(self) {
        self.disk.abort();
        self.upkeep.finish().await;
        self.saver.finish().await;
        self.presenter.finish().await;
        if let Err(error) = self.store.checkpoint().await {
            warn!(%error, "the cache's index could not be written; its files are checked again at the next start");
        }
        self.parts.links.finish().await;
        info!("FyteClub has ended");
    }
}
