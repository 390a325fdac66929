//! One WebRTC connection: how it is set up, negotiated over a conversation, and ended.
//!
//! Each connection has a fresh certificate, since DTLS 1.2 shows certificates in clear and a kept one would be a tracker.
//! Its fingerprint stands in the SDP, which the conversation signs; the library compares the certificate that the other side
//! shows in the handshake with the fingerprint of the remote SDP (SHA-256) and refuses any other, so an open channel belongs
//! to whoever signed.
//!
//! The answerer speaks first on the control channel, with [`PREFACE`]; the offerer's link is up when that is here. The offerer
//! is the SCTP server (its answerer is the DTLS client), whose association opens half a round trip before the client's; what
//! it sent before the client's channels exist would be acknowledged and lost (seen with `rtc` 0.21.1: the client's data
//! channel handler refuses data that arrives in one batch with COOKIE-ACK).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::configuration::setting_engine::SctpMaxMessageSize;
use tokio::sync::{mpsc, watch};
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit, RTCIceGatheringState,
    RTCPeerConnectionIceEvent, RTCPeerConnectionState, RTCSessionDescription, SettingEngine, SettingEngineBuilder, StatsSelector,
};

use super::Offers;
use super::candidates::{self, MAX_CANDIDATES, TheirRouter};
use super::discretion::Discretion;
use super::hub::Hub;
use super::mapping::{Mapper, Seen};
use super::reach;
use super::rt::LinkRuntime;
use super::socket::Port;
use crate::domain::{Card, NoWay, RouterKind};
use crate::engine::input::DialError;
use crate::runtime::signalling::{Conversation, PendingOffer};
use crate::wire::MAX_CONTROL;
use crate::wire::signal::Signal;

/// From the offer's departure (or arrival) to open channels.
const SETUP: Duration = Duration::from_secs(20);
/// What is gathered within this time goes along with the SDP; the rest follows.
const GATHERING: Duration = Duration::from_millis(200);
/// What was sent is delivered within this time when a link is closed.
const FLUSH: Duration = Duration::from_millis(500);
/// How often the rest of it is looked at.
const FLUSH_STEP: Duration = Duration::from_millis(5);
/// Without a sign of the other side for this long, a connection is in doubt,
const DISCONNECTED: Duration = Duration::from_secs(10);
/// and after this much more it is over: after the same 15 s that the engine gives a silent link.
const FAILED: Duration = Duration::from_secs(5);
/// How often consent is asked for; RFC 7675 has 5 s, give or take one. Whatever else comes is a sign of life as well, and every
/// packet wakes a sleeping processor.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Bytes that a channel holds unacknowledged before its sender waits; the library's default is without bound.
pub(super) const SEND_BUFFER: usize = 1 << 20;
/// SCTP's window. 4 MiB is faster at 200 ms round trip and slower on shallow queues.
const RECEIVE_WINDOW: u32 = 1 << 20;
/// Ways in which the internet may see us that are told: a router may map differently for each server, or there are two.
const MAX_REFLEXIVE: usize = 4;
/// The stream of the `control` channel, agreed on beforehand.
const CONTROL_STREAM: u16 = 0;
/// The stream of the `bulk` channel.
const BULK_STREAM: u16 = 2;
/// The first message on the control channel, from the answerer to the offerer.
const PREFACE: &[u8] = b"fyteclub/1";
/// Our own candidates that wait to be said.
const CANDIDATES_WAITING: usize = MAX_CANDIDATES;

/// A connection, being made or up. Dropping it closes it.
pub(super) struct Connection {
    peer: Arc<dyn PeerConnection>,
    /// Reliable and ordered; carries `wire::control`.
    pub(super) control: Arc<dyn DataChannel>,
    /// Reliable and ordered; carries `wire::bulk`.
    pub(super) bulk: Arc<dyn DataChannel>,
    /// What came on the channels while they opened.
    pub(super) early: Early,
    /// Its share of the hub.
    pub(super) port: Arc<Port>,
    state: watch::Receiver<RTCPeerConnectionState>,
    gathered: watch::Receiver<bool>,
    candidates: mpsc::Receiver<RTCIceCandidateInit>,
    /// How the internet sees us, as long as that is not known.
    mapping: Option<Mapping>,
    seen: Seen,
    discretion: Discretion,
    /// The hub's port.
    hub_port: u16,
    runtime: tokio::runtime::Handle,
}

type Mapping = tokio::task::JoinHandle<Seen>;

/// Messages that the library handed out before it said that a channel is open.
#[derive(Debug, Default)]
pub(super) struct Early {
    pub(super) control: Option<Bytes>,
    pub(super) bulk: Option<Bytes>,
}

/// Where candidates come from.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) hub: Arc<Hub>,
    /// How the internet sees the hub's port.
    pub(super) mapper: Arc<Mapper>,
    pub(super) addresses: Vec<std::net::IpAddr>,
    pub(super) loopback_only: bool,
}

impl Ground {
    pub(super) fn new(hub: Arc<Hub>, addresses: Vec<std::net::IpAddr>, loopback_only: bool) -> Self {
        let mapper = Mapper::new(&hub, loopback_only);
        Self { hub, mapper, addresses, loopback_only }
    }
}

/// Makes an offer, brings it to the card's signalling and waits until both channels are open.
pub(super) async fn dial(
    ground: &Ground,
    offers: &dyn Offers,
    card: Card,
    targets: Vec<SocketAddr>,
    generation: u64,
) -> Result<Connection, DialError> {
    let conversation = offers.dial(card, targets).await?;
    let mut connection = Connection::new(ground, is_far(&conversation)).await?;
    let started = tokio::time::Instant::now();
    let description = connection.peer.create_offer(None).await.map_err(failed)?;
    let sdp = connection.describe(description, &TheirRouter::default()).await?;
    let offer = Signal::Offer { generation, port: offers.port(), sdp };
    let expected = *blake3::hash(&offer.encode()).as_bytes();
    conversation.say.send(offer).await.map_err(|_| DialError::Silent)?;
    let negotiation = Negotiation { awaited_answer: Some(expected), ..Negotiation::new(connection, conversation) };
    let mut connection = negotiation.run(started).await?;
    match tokio::time::timeout_at(started + SETUP, connection.preface()).await {
        Ok(true) => Ok(connection),
        Ok(false) | Err(_) => Err(DialError::IceFailed),
    }
}

/// Answers an offer and waits until both channels are open.
pub(super) async fn answer(ground: &Ground, offer: PendingOffer) -> Result<Connection, DialError> {
    let PendingOffer { conversation, sdp, offer_hash, .. } = offer;
    let mut connection = Connection::new(ground, is_far(&conversation)).await?;
    let started = tokio::time::Instant::now();
    let (offered, candidates_heard) = candidates::limited(&sdp);
    let remote = RTCSessionDescription::offer(offered.clone()).map_err(failed)?;
    connection.peer.set_remote_description(remote).await.map_err(failed)?;
    let mut theirs = TheirRouter::default();
    theirs.note(&offered);
    let description = connection.peer.create_answer(None).await.map_err(failed)?;
    let sdp = connection.describe(description, &theirs).await?;
    let gone = |_| DialError::Other("the other side withdrew its offer".to_owned());
    conversation.say.send(Signal::Answer { offer: offer_hash, sdp }).await.map_err(gone)?;
    let negotiation = Negotiation { candidates_heard, theirs, ..Negotiation::new(connection, conversation) };
    let connection = negotiation.run(started).await?;
    connection.control.send(PREFACE.into()).await.map_err(failed)?;
    Ok(connection)
}

/// Whether the other side may be beyond our own network.
fn is_far(conversation: &Conversation) -> bool {
    conversation.address.is_none_or(|address| !reach::is_private(address.ip().to_canonical()))
}

/// The way from an offer to open channels.
struct Negotiation {
    connection: Connection,
    conversation: Conversation,
    /// The hash of our offer until its answer is here.
    awaited_answer: Option<[u8; 32]>,
    candidates_heard: usize,
    /// Candidates that came before the answer.
    early: Vec<(String, Option<String>)>,
    theirs: TheirRouter,
}

impl Negotiation {
    fn new(connection: Connection, conversation: Conversation) -> Self {
        let (early, theirs) = (Vec::new(), TheirRouter::default());
        Self { connection, conversation, awaited_answer: None, candidates_heard: 0, early, theirs }
    }

    async fn run(mut self, started: tokio::time::Instant) -> Result<Connection, DialError> {
        match tokio::time::timeout_at(started + SETUP, self.steps()).await {
            Ok(result) => result?,
            Err(_) if self.awaited_answer.is_some() => return Err(DialError::Silent),
            Err(_) => return Err(self.no_way()),
        }
        Ok(self.connection)
    }

    async fn steps(&mut self) -> Result<(), DialError> {
        let opened = both_open(Arc::clone(&self.connection.control), Arc::clone(&self.connection.bulk));
        let over = over(self.connection.state());
        tokio::pin!(opened, over);
        let mut hearing = true;
        loop {
            tokio::select! {
                open = &mut opened => {
                    self.connection.early = open.ok_or(DialError::IceFailed)?;
                    return Ok(());
                }
                heard = self.conversation.hear.recv(), if hearing => match heard {
                    Some(signal) => self.take(signal).await?,
                    None if self.awaited_answer.is_some() => return Err(DialError::Silent),
                    None => hearing = false,
                },
                Some(candidate) = self.connection.candidates.recv() => self.say_candidate(candidate).await,
                seen = known(&mut self.connection.mapping) => self.say_mapped(seen).await,
                _ = &mut over => return Err(self.no_way()),
            }
        }
    }

    /// Why there is no connection although both have said all that they could.
    fn no_way(&self) -> DialError {
        if is_far(&self.conversation) {
            DialError::NoWay(NoWay { mine: self.connection.seen.kind, theirs: self.theirs.kind() })
        } else {
            DialError::IceFailed
        }
    }

    async fn take(&mut self, signal: Signal) -> Result<(), DialError> {
        match signal {
            Signal::Answer { offer, sdp } if self.awaited_answer == Some(offer) => {
                self.awaited_answer = None;
                let (sdp, candidates) = candidates::limited(&sdp);
                self.candidates_heard += candidates;
                self.theirs.note(&sdp);
                self.say_released().await;
                let remote = RTCSessionDescription::answer(sdp).map_err(failed)?;
                self.connection.peer.set_remote_description(remote).await.map_err(failed)?;
                for (candidate, mid) in std::mem::take(&mut self.early) {
                    self.add_candidate(candidate, mid).await;
                }
                Ok(())
            }
            Signal::Candidate { candidate, mid } => {
                self.take_candidate(candidate, mid).await;
                Ok(())
            }
            Signal::Answer { .. } | Signal::Offer { .. } | Signal::Knock { .. } | Signal::Unknown { .. } => {
                tracing::debug!("a signal that does not belong here is ignored");
                Ok(())
            }
        }
    }

    async fn take_candidate(&mut self, candidate: String, mid: Option<String>) {
        if candidate.is_empty() || self.candidates_heard >= MAX_CANDIDATES {
            return;
        }
        self.candidates_heard += 1;
        self.theirs.note(&candidate);
        self.say_released().await;
        if self.awaited_answer.is_some() {
            // A relay may bring it before the answer.
            return self.early.push((candidate, mid));
        }
        self.add_candidate(candidate, mid).await;
    }

    async fn add_candidate(&self, candidate: String, mid: Option<String>) {
        let candidate = RTCIceCandidateInit { candidate, sdp_mid: mid, ..Default::default() };
        if let Err(error) = self.connection.peer.add_ice_candidate(candidate).await {
            tracing::debug!(%error, "a candidate of the other side is not usable");
        }
    }

    async fn say_mapped(&mut self, seen: Seen) {
        self.connection.discretion.learn(&seen);
        self.connection.seen = seen;
        self.say_released().await;
        for candidate in self.connection.reflexive() {
            let _ = self.conversation.say.send(Signal::Candidate { candidate, mid: Some("0".to_owned()) }).await;
        }
    }

    /// Says what need not be kept back any more.
    async fn say_released(&mut self) {
        self.connection.discretion.compare(&self.theirs);
        for candidate in self.connection.discretion.released() {
            let _ = self.conversation.say.send(Signal::Candidate { candidate, mid: Some("0".to_owned()) }).await;
        }
    }

    async fn say_candidate(&mut self, candidate: RTCIceCandidateInit) {
        let ours = self.connection.port.local_candidate(&candidate.candidate);
        let Some(ours) = self.connection.discretion.candidate(ours) else { return };
        let said = Signal::Candidate { candidate: ours, mid: candidate.sdp_mid };
        // The other side may have ended the conversation once it had what it needs.
        let _ = self.conversation.say.send(said).await;
    }
}

impl Connection {
    async fn new(ground: &Ground, far: bool) -> Result<Self, DialError> {
        let mapper = Arc::clone(&ground.mapper);
        let mapping = far.then(|| tokio::spawn(async move { mapper.seen().await }));
        let port = Port::new(&ground.hub);
        let (events, state, gathered, candidates) = Events::channels();
        let addresses: Vec<SocketAddr> = reach::own_addresses(&ground.addresses, ground.loopback_only)
            .into_iter()
            .filter(|address| ground.hub.lane(*address).is_some())
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        let peer: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_setting_engine(settings())
                .with_handler(Arc::new(events))
                .with_runtime(Arc::new(LinkRuntime::new(Arc::clone(&port))))
                .with_udp_addrs(addresses)
                .with_data_channel_send_buffer_limit(SEND_BUFFER)
                .build()
                .await
                .map_err(failed)?,
        );
        let control = channel(&peer, "control", CONTROL_STREAM).await?;
        let bulk = channel(&peer, "bulk", BULK_STREAM).await?;
        let runtime = tokio::runtime::Handle::current();
        Ok(Self {
            peer,
            control,
            bulk,
            early: Early::default(),
            port,
            state,
            gathered,
            candidates,
            mapping,
            seen: Seen::default(),
            discretion: Discretion::new(far),
            hub_port: ground.hub.port(),
            runtime,
        })
    }

    /// Takes the description for our own and gives it as the other side must see it, with what is gathered quickly.
    async fn describe(&mut self, description: RTCSessionDescription, theirs: &TheirRouter) -> Result<String, DialError> {
        self.peer.set_local_description(description).await.map_err(failed)?;
        let mut gathered = self.gathered.clone();
        let _ = tokio::time::timeout(GATHERING, async {
            let _ = gathered.wait_for(|done| *done).await;
            if self.mapping.is_some() {
                self.seen = known(&mut self.mapping).await;
                self.discretion.learn(&self.seen);
            }
        })
        .await;
        let local = self.peer.local_description().await.ok_or_else(|| failed("it has no description of itself"))?;
        self.discretion.compare(theirs);
        let sdp = self.discretion.description(&self.port.local_description(&local.sdp));
        self.seen.addresses.retain(|address| !sdp.contains(&own_candidate(address)));
        Ok(candidates::with_more(&sdp, &self.reflexive()))
    }

    /// How the internet sees us, as candidates.
    fn reflexive(&self) -> Vec<String> {
        let seen = self.seen.addresses.iter().take(MAX_REFLEXIVE).enumerate();
        let mut all: Vec<String> = seen.map(|(number, address)| candidates::reflexive(*address, number)).collect();
        let strict = (self.seen.kind == RouterKind::Strict).then(|| self.seen.addresses.first()).flatten();
        all.extend(strict.map(|address| candidates::forwarded(address.ip(), self.hub_port)));
        all
    }

    /// Waits for the answerer's first word; whether it is the right one.
    async fn preface(&mut self) -> bool {
        let mut first = self.early.control.take();
        while first.is_none() {
            match self.control.poll().await {
                Some(DataChannelEvent::OnMessage(message)) => first = Some(message.data.freeze()),
                Some(DataChannelEvent::OnClose) | None => return false,
                Some(_) => {}
            }
        }
        first.is_some_and(|word| word == PREFACE)
    }

    /// The state of the connection, to be watched.
    pub(super) fn state(&self) -> watch::Receiver<RTCPeerConnectionState> {
        self.state.clone()
    }

    /// What measures the selected pair.
    pub(super) fn meter(&self) -> Meter {
        Meter(Arc::clone(&self.peer))
    }

    /// Lets what was sent on the control channel arrive, for a moment, and closes.
    pub(super) async fn close(self) {
        let delivered = async {
            let mut step = tokio::time::interval(FLUSH_STEP);
            while self.control.outstanding_bytes().await.is_ok_and(|bytes| bytes > 0) {
                step.tick().await;
            }
        };
        let _ = tokio::time::timeout(FLUSH, delivered).await;
        let _ = self.peer.close().await;
    }
}

/// Measures a connection's selected pair.
pub(super) struct Meter(Arc<dyn PeerConnection>);

impl Meter {
    /// The selected pair's round trip, if it was measured.
    pub(super) async fn round_trip(&self) -> Option<Duration> {
        let report = self.0.get_stats(Instant::now(), StatsSelector::None).await;
        let measured = report.candidate_pairs().filter(|pair| pair.nominated).map(|pair| pair.current_round_trip_time);
        let seconds = measured.fold(0.0, f64::max);
        (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The library's driver runs on until it is told to end. Closing twice does nothing.
        let peer = Arc::clone(&self.peer);
        self.runtime.spawn(async move {
            let _ = peer.close().await;
        });
    }
}

fn settings() -> SettingEngine {
    SettingEngineBuilder::new()
        .with_ice_timeouts(Some(DISCONNECTED), Some(FAILED), Some(KEEP_ALIVE))
        .with_ice_connection_attempts(Some(Duration::from_millis(50)), Some(60))
        .with_srflx_acceptance_min_wait(Some(Duration::from_millis(200)))
        .with_prflx_acceptance_min_wait(Some(Duration::from_millis(200)))
        .with_relay_acceptance_min_wait(Some(Duration::from_millis(500)))
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .with_include_loopback_candidate(true)
        .with_sctp_max_receive_buffer_size(RECEIVE_WINDOW)
        .with_sctp_max_message_size(SctpMaxMessageSize::Bounded(u32::try_from(MAX_CONTROL).unwrap_or(u32::MAX)))
        .build()
}

async fn channel(peer: &Arc<dyn PeerConnection>, label: &str, stream: u16) -> Result<Arc<dyn DataChannel>, DialError> {
    let init = RTCDataChannelInit { ordered: true, negotiated: Some(stream), ..Default::default() };
    peer.create_data_channel(label, Some(init)).await.map_err(failed)
}

async fn both_open(control: Arc<dyn DataChannel>, bulk: Arc<dyn DataChannel>) -> Option<Early> {
    let (control, bulk) = tokio::join!(open(control), open(bulk));
    Some(Early { control: control?, bulk: bulk? })
}

/// Waits until it is known how the internet sees us; for ever if that is not asked, or was told.
async fn known(mapping: &mut Option<Mapping>) -> Seen {
    match mapping {
        Some(asking) => {
            let seen = asking.await.unwrap_or_default();
            *mapping = None;
            seen
        }
        None => std::future::pending().await,
    }
}

/// How an address of our own stands in an SDP; the internet sees it so where no router is between.
fn own_candidate(address: &SocketAddr) -> String {
    format!(" {} {} typ host", address.ip(), address.port())
}

/// Waits for a channel to open; `None` if it ends before. A message that comes first opens it as well, and is kept.
async fn open(channel: Arc<dyn DataChannel>) -> Option<Option<Bytes>> {
    while let Some(event) = channel.poll().await {
        if matches!(event, DataChannelEvent::OnOpen) {
            return Some(None);
        }
        if matches!(event, DataChannelEvent::OnClose) {
            return None;
        }
        if let DataChannelEvent::OnMessage(message) = event {
            return Some(Some(message.data.freeze()));
        }
    }
    None
}

/// Waits until the connection is beyond repair; true if it ended by failure.
pub(super) async fn over(mut state: watch::Receiver<RTCPeerConnectionState>) -> bool {
    let over = |state: &RTCPeerConnectionState| matches!(state, RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed);
    // An error means that the library has let go of its handler: over, too.
    state.wait_for(over).await.is_ok_and(|state| *state == RTCPeerConnectionState::Failed)
}

fn failed(error: impl std::fmt::Display) -> DialError {
    DialError::Other(format!("the connection could not be set up: {error}"))
}

/// What the library tells us of a connection. It waits for each of these calls, so none of them waits.
struct Events {
    state: watch::Sender<RTCPeerConnectionState>,
    gathered: watch::Sender<bool>,
    candidates: mpsc::Sender<RTCIceCandidateInit>,
}

type Heard = (Events, watch::Receiver<RTCPeerConnectionState>, watch::Receiver<bool>, mpsc::Receiver<RTCIceCandidateInit>);

impl Events {
    fn channels() -> Heard {
        let (state, states) = watch::channel(RTCPeerConnectionState::New);
        let (gathered, gathering) = watch::channel(false);
        let (candidates, heard) = mpsc::channel(CANDIDATES_WAITING);
        (Self { state, gathered, candidates }, states, gathering, heard)
    }
}

#[async_trait]
impl PeerConnectionEventHandler for Events {
    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        self.state.send_replace(state);
    }

    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.gathered.send_replace(true);
        }
    }

    async fn on_ice_candidate(&self, event: RTCPeerConnectionIceEvent) {
        let Ok(candidate) = event.candidate.to_json() else { return };
        if self.candidates.try_send(candidate).is_err() {
            tracing::debug!("more addresses of our own than are worth saying");
        }
    }
}
