//! Links: one actor a peer, over WebRTC.
//!
//! ```text
//! Links ──► actor (one a link) ──► connection ──► rt, socket ─┐
//!             │                                               ├──► hub: one UDP port for all
//!             ├──► control channel ◄──► engine                │
//!             └──► transfer ──► carrier (bulk channel) ───────┘
//! ```
//!
//! - `hub` owns the UDP port and its reader; `routes` and `stun` say whose a datagram is; `socket` is what a
//!   connection takes for its own sockets; `rt` the runtime under it.
//! - `mapping` asks STUN servers how the internet sees the port; `discretion` keeps private addresses to ourselves.
//! - `connection` sets a connection up over a conversation; `candidates` edits the SDP on its way; `reach` knows which
//!   addresses are ours and which are near.
//! - `limit` says how fast each may carry blobs.
//! - `flood` is against who says too much in short messages.
//! - `raw` is a connection with nothing above it, to measure what transfers make of it.
//! - `actor` is a link's life. `transfer` moves blobs over a `carrier`.
#![allow(clippy::disallowed_methods)] // links live by the real clock

mod actor;
mod candidates;
mod carrier;
mod connection;
mod discretion;
mod flood;
#[doc(hidden)]
pub mod fuzzing;
mod hub;
mod limit;
mod mapping;
mod plain;
pub mod raw;
mod reach;
mod routes;
mod rt;
mod socket;
mod stun;
#[cfg(test)]
mod tests;
mod transfer;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc, watch};
use tracing::Instrument;

pub use hub::SocketBuffers;

use super::rendezvous::Rendezvous;
use super::signalling::{Conversation, PendingOffer, Signalling};
use super::store::Store;
use crate::domain::{AppearanceId, Card, StunServer};
use crate::engine::input::{DialError, FetchError, FetchEvent, FetchId, Input, LinkKey, OfferTicket};
use crate::engine::output::{FetchWork, RatePlan};
use crate::wire::control::Control;
use actor::{Actor, Beginning, Command, Counted, World};
use connection::Ground;
use hub::{Hub, locked};
use limit::{Common, Gates};
use transfer::FetchCommand;

/// Commands that wait for one link. The engine orders at most a few MiB of a link at a time, so more means that it stands.
const COMMANDS_WAITING: usize = 1024;
/// What an address has to answer before a relay is used.
const HEAD_START: Duration = Duration::from_millis(700);
/// Closing delivers for 500 ms and then says goodbye; this is for both.
const FINISH: Duration = Duration::from_millis(1500);

/// How links are set up.
#[derive(Clone, Debug)]
pub struct LinksConfig {
    /// The one UDP port of all links; the next free one is used if it is taken (up to 32 further), 0 is any.
    pub port: u16,
    /// Only these local addresses are gathered as candidates; empty: all.
    pub addresses: Vec<IpAddr>,
    /// Only within this machine.
    pub loopback_only: bool,
}

/// All links. Clones are cheap and all alike. None of the calls waits. They end with the last clone.
#[derive(Clone)]
pub struct Links(Arc<Inner>);

struct Inner {
    world: Arc<World>,
    actors: Mutex<HashMap<LinkKey, Entry>>,
    limits: Common,
    /// How many actors live, those that are ending among them.
    living: watch::Sender<usize>,
    runtime: tokio::runtime::Handle,
}

struct Entry {
    commands: mpsc::Sender<Command>,
    overflowed: Arc<Notify>,
    gates: Arc<Gates>,
}

/// What links need of signalling.
#[async_trait]
trait Offers: Send + Sync + 'static {
    /// Begins a conversation with a card.
    async fn dial(&self, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError>;
    /// Takes a waiting offer.
    fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer>;
    /// The signalling port, to be told in offers.
    fn port(&self) -> u16;
}

#[async_trait]
impl Offers for Signalling {
    async fn dial(&self, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError> {
        Self::dial(self, card, targets).await
    }

    fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        Self::take_offer(self, ticket)
    }

    fn port(&self) -> u16 {
        Self::port(self)
    }
}

/// Both carriers of offers.
struct Carriers {
    signalling: Signalling,
    rendezvous: Rendezvous,
}

#[async_trait]
impl Offers for Carriers {
    /// An address answers sooner than a relay if it answers at all.
    async fn dial(&self, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError> {
        if !self.rendezvous.reaches(&card.peer()) {
            return self.signalling.dial(card, targets).await;
        }
        if !targets.is_empty() {
            let direct = self.signalling.dial(card, targets);
            if let Ok(Ok(conversation)) = tokio::time::timeout(HEAD_START, direct).await {
                return Ok(conversation);
            }
        }
        self.rendezvous.dial(card).await
    }

    fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        self.signalling.take_offer(ticket)
    }

    fn port(&self) -> u16 {
        self.signalling.port()
    }
}

impl Links {
    /// Binds the UDP port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(
        config: LinksConfig,
        signalling: Signalling,
        rendezvous: Rendezvous,
        store: Store,
        inputs: super::Inputs,
    ) -> std::io::Result<Self> {
        Self::start_over(config, Arc::new(Carriers { signalling, rendezvous }), store, inputs)
    }

    /// The UDP port that is bound.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.world.ground.hub.port()
    }

    /// The kernel's buffers of the port as they really are, for diagnostics: Linux clamps them silently to
    /// `net.core.rmem_max` and `wmem_max`, at the cost of speed.
    #[must_use]
    pub fn socket_buffers(&self) -> SocketBuffers {
        self.0.world.ground.hub.buffers()
    }

    /// Whom to ask how the internet sees the port, for connections from here on.
    pub fn set_stun_servers(&self, servers: &[StunServer]) {
        self.0.world.ground.mapper.set_servers(servers);
    }

    /// Makes an offer and brings it to the card's signalling. Ends in `LinkUp` or `LinkFailed`.
    pub fn dial(&self, link: LinkKey, card: Card, targets: Vec<SocketAddr>) {
        self.begin(link, Beginning::Dial(card, targets));
    }

    /// Answers an offer. Ends in `LinkUp` or `LinkFailed`.
    pub fn answer(&self, link: LinkKey, ticket: OfferTicket) {
        self.begin(link, Beginning::Answer(ticket));
    }

    /// Ends a link or an attempt; what was sent before is delivered first (for at most 500 ms). Nothing more is reported of it.
    pub fn close(&self, link: LinkKey) {
        // The end of its queue tells it.
        locked(&self.0.actors).remove(&link);
    }

    /// Says something on a link; lost if the link is not up.
    pub fn send(&self, link: LinkKey, message: Control) {
        self.tell(link, Command::Say(message));
    }

    /// Serves blobs of this appearance on this link until then.
    pub fn serve(&self, link: LinkKey, appearance: AppearanceId, until: Instant) {
        self.tell(link, Command::Serve(appearance, until));
    }

    /// Carries blobs so fast from here on.
    pub fn limit(&self, plan: &RatePlan) {
        let now = Instant::now();
        self.0.limits.set(now, plan);
        for (link, entry) in &*locked(&self.0.actors) {
            entry.gates.set(now, plan.links.get(link));
        }
        self.0.limits.tell();
    }

    /// Serves nothing of this appearance on this link.
    pub fn stop_serving(&self, link: LinkKey, appearance: AppearanceId) {
        self.tell(link, Command::StopServing(appearance));
    }

    /// Carries out a fetch order and reports `Input::Fetch`.
    pub fn fetch(&self, fetch: FetchId, link: LinkKey, appearance: AppearanceId, work: FetchWork) {
        if !self.tell(link, Command::Fetch(FetchCommand::Order(fetch, appearance, work))) {
            let inputs = self.0.world.inputs.clone();
            let lost = Input::Fetch(fetch, FetchEvent::Failed(FetchError::LinkLost));
            self.0.runtime.spawn(async move { inputs.send(lost).await });
        }
    }

    /// Gives an order up; nothing more is reported of it.
    pub fn cancel(&self, fetch: FetchId) {
        // Numbers are never used twice, so whoever does not have the order ignores this.
        let links: Vec<LinkKey> = locked(&self.0.actors).keys().copied().collect();
        for link in links {
            self.tell(link, Command::Fetch(FetchCommand::Cancel(fetch)));
        }
    }

    /// Closes all links and waits until what was said has been delivered, for at most a second or so: before the program ends.
    pub async fn finish(&self) {
        locked(&self.0.actors).clear();
        let mut living = self.0.living.subscribe();
        let _ = tokio::time::timeout(FINISH, living.wait_for(|count| *count == 0)).await;
    }

    fn start_over(config: LinksConfig, offers: Arc<dyn Offers>, store: Store, inputs: super::Inputs) -> std::io::Result<Self> {
        let LinksConfig { port, addresses, loopback_only } = config;
        let ground = Ground::new(Hub::bind(port, loopback_only)?, addresses, loopback_only);
        ground.mapper.tell(inputs.clone());
        let world = World { ground, offers, store, inputs, budget: transfer::budget() };
        let runtime = tokio::runtime::Handle::current();
        Ok(Self(Arc::new(Inner {
            world: Arc::new(world),
            actors: Mutex::default(),
            limits: Common::default(),
            living: watch::Sender::new(0),
            runtime,
        })))
    }

    fn begin(&self, link: LinkKey, beginning: Beginning) {
        let (sender, commands) = mpsc::channel(COMMANDS_WAITING);
        let overflowed = Arc::new(Notify::new());
        let (world, counted) = (Arc::clone(&self.0.world), Counted::among(&self.0.living));
        let gates = Arc::new(self.0.limits.gates());
        let actor = Actor { link, world, commands, overflowed: Arc::clone(&overflowed), gates: Arc::clone(&gates), counted };
        let mut actors = locked(&self.0.actors);
        actors.retain(|_, entry| !entry.commands.is_closed());
        actors.insert(link, Entry { commands: sender, overflowed, gates });
        let span = tracing::debug_span!("link", peer = link.peer.short(), generation = link.generation);
        self.0.runtime.spawn(actor.run(beginning).instrument(span));
    }

    /// False if there is no such link, or it is ending.
    fn tell(&self, link: LinkKey, command: Command) -> bool {
        let actors = locked(&self.0.actors);
        let Some(entry) = actors.get(&link) else { return false };
        match entry.commands.try_send(command) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(_)) => {
                entry.overflowed.notify_one();
                false
            }
        }
    }
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").field("links", &locked(&self.0.actors).len()).finish_non_exhaustive()
    }
}
