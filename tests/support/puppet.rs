//! A peer moved by hand: keys and signalling are a companion's, but on the link it says whatever a test wants said.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use fyteclub::domain::{AppearanceId, BlobHash, Card, DiscoveryMode, Identity, InstanceId, PeerId};
use fyteclub::engine::command::Command;
use fyteclub::engine::input::{Input, KnockId, OfferTicket};
use fyteclub::engine::output::{DiscoveryPlan, Target};
use fyteclub::engine::snapshot::{Prompt, Snapshot};
use fyteclub::run::stage::Actor;
use fyteclub::runtime::Inputs;
use fyteclub::runtime::signalling::{PendingOffer, Signalling, SignallingConfig};
use fyteclub::wire::bulk::Bulk;
use fyteclub::wire::control::{Announce, Control, Hello, ManifestBody, Refusal};
use fyteclub::wire::grant::Grant;
use fyteclub::wire::signal::Signal;
use fyteclub::wire::{MAX_CONTROL, PROTOCOL_MAX, PROTOCOL_MIN};
use rtc::ice::mdns::MulticastDnsMode;
use rtc::peer_connection::configuration::setting_engine::SctpMaxMessageSize;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use webrtc::data_channel::{DataChannel, DataChannelEvent, RTCDataChannelInit};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceCandidateInit, RTCIceGatheringState,
    RTCSessionDescription, SettingEngineBuilder,
};

/// Patience on a busy machine. Nothing that is waited for is expected to take more than a second or two.
pub(crate) const SOON: Duration = Duration::from_secs(60);
/// What the answerer of an offer says first.
const PREFACE: &[u8] = b"fyteclub/1";
/// The puppet's run, in its announcements.
pub(crate) const INSTANCE: InstanceId = InstanceId(7);

/// A peer moved by hand.
pub(crate) struct Puppet {
    pub(crate) identity: Identity,
    pub(crate) signalling: Signalling,
    heard: mpsc::Receiver<Input>,
}

impl Puppet {
    /// Each seed is another peer.
    pub(crate) async fn new(seed: u8) -> Self {
        let identity = Identity::from_seed([seed; 32]);
        let (inputs, heard) = Inputs::channel(64);
        let config = SignallingConfig { identity: identity.clone(), port: 0, loopback_only: true };
        let signalling = Signalling::start(config, inputs).await.unwrap();
        Self { identity, signalling, heard }
    }

    pub(crate) fn id(&self) -> PeerId {
        self.identity.peer()
    }

    /// Knocks, is let in, and answers the offer that the host then makes.
    pub(crate) async fn befriend(&mut self, host: &mut Actor) -> Line {
        let card = self.knock(host).await;
        let me = self.id();
        host.wait_for("the puppet's knock", SOON, |seen| asks(seen, &me).then_some(())).await.unwrap();
        self.signalling.set_plan(&DiscoveryPlan { mode: DiscoveryMode::FriendsOnly, friends: vec![card], name: None });
        host.command(Command::AcceptPeer { peer: me, once: false }).await.unwrap();
        self.line().await
    }

    /// Shows its card at the host's door; gives the host's.
    pub(crate) async fn knock(&mut self, host: &mut Actor) -> Card {
        host.command(Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }).await.unwrap();
        self.signalling.knock(KnockId(1), Target::Address(door(host).await), None, None);
        let ended = |input| if let Input::KnockEnded { result, .. } = input { Some(result) } else { None };
        self.hear(ended).await.expect("the host answers a knock").0
    }

    /// Has the host dial anew, whatever it thinks of the puppet.
    pub(crate) async fn again(&mut self, host: &mut Actor) -> Line {
        // Offers that nobody took belong to links that are replaced now.
        while self.heard.try_recv().is_ok() {}
        host.command(Command::Reconnect { peer: self.id() }).await.unwrap();
        self.line().await
    }

    /// Answers the host's next offer; both have said hello then.
    async fn line(&mut self) -> Line {
        let ticket = |input| if let Input::OfferArrived { ticket, .. } = input { Some(ticket) } else { None };
        loop {
            let ticket: OfferTicket = self.hear(ticket).await;
            // An offer may have been replaced by a newer one.
            let Some(offer) = self.signalling.take_offer(ticket) else { continue };
            if let Some(line) = Line::answer(offer).await {
                return line;
            }
        }
    }

    async fn hear<T>(&mut self, wanted: impl Fn(Input) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(found) = wanted(self.heard.recv().await.expect("signalling runs")) {
                    return found;
                }
            }
        };
        timeout(SOON, found).await.expect("the host does not come")
    }
}

/// The address of an actor's signalling.
pub(crate) async fn door(host: &mut Actor) -> SocketAddr {
    let port = host.wait_for("a port", SOON, |seen| seen.listening.map(|ports| ports.signal_port)).await.unwrap();
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// A link to a host on which nothing is checked.
pub(crate) struct Line {
    peer: Arc<dyn PeerConnection>,
    control: Arc<dyn DataChannel>,
    bulk: Arc<dyn DataChannel>,
    candidates: JoinHandle<()>,
}

impl Line {
    /// `None` if the host gave it up.
    async fn answer(offer: PendingOffer) -> Option<Self> {
        let PendingOffer { mut conversation, sdp, offer_hash, .. } = offer;
        let (gathered, mut gathering) = watch::channel(false);
        let peer = connection(Events(gathered)).await;
        let (control, bulk) = (channel(&peer, "control", 0).await, channel(&peer, "bulk", 2).await);
        peer.set_remote_description(RTCSessionDescription::offer(sdp).unwrap()).await.unwrap();
        let answer = peer.create_answer(None).await.unwrap();
        peer.set_local_description(answer).await.unwrap();
        timeout(SOON, gathering.wait_for(|done| *done)).await.expect("addresses are gathered").unwrap();
        let sdp = peer.local_description().await.unwrap().sdp;
        conversation.say.send(Signal::Answer { offer: offer_hash, sdp }).await.ok()?;
        let adding = Arc::clone(&peer);
        let candidates = tokio::spawn(async move {
            while let Some(signal) = conversation.hear.recv().await {
                if let Signal::Candidate { candidate, mid } = signal {
                    let _ = adding.add_ice_candidate(RTCIceCandidateInit { candidate, sdp_mid: mid, ..Default::default() }).await;
                }
            }
        });
        let line = Self { peer, control, bulk, candidates };
        for channel in [&line.control, &line.bulk] {
            timeout(SOON, open(channel)).await.expect("channels open").then_some(())?;
        }
        line.say_raw(PREFACE).await;
        line.say(&hello()).await;
        line.find(|said| matches!(said, Control::Hello(_)).then_some(())).await?;
        Some(line)
    }

    /// Says something on the control channel.
    pub(crate) async fn say(&self, message: &Control) {
        self.say_raw(&message.encode()).await;
    }

    /// Says any bytes on the control channel, if it is still there.
    pub(crate) async fn say_raw(&self, bytes: &[u8]) {
        let _ = self.control.send(BytesMut::from(bytes)).await;
    }

    /// Says something on the bulk channel.
    pub(crate) async fn say_bulk(&self, message: &Bulk) {
        self.say_bulk_raw(&message.encode(false)).await;
    }

    /// Says any bytes on the bulk channel, if it is still there.
    pub(crate) async fn say_bulk_raw(&self, bytes: &[u8]) {
        let _ = self.bulk.send(BytesMut::from(bytes)).await;
    }

    /// What the host says next on the control channel that is `wanted`.
    pub(crate) async fn expect<T>(&self, wanted: impl FnMut(Control) -> Option<T>) -> T {
        self.find(wanted).await.expect("the host has ended the link")
    }

    /// Waits until the host says farewell; gives its words.
    pub(crate) async fn farewell(self) -> String {
        self.find(|said| if let Control::Bye { text, .. } = said { Some(text) } else { None })
            .await
            .expect("the host has ended the link without a word")
    }

    /// What the host says next on the bulk channel; nothing if it has ended the link.
    pub(crate) async fn hear_bulk(&self) -> Option<Bulk> {
        let bytes = timeout(SOON, message(&self.bulk)).await.expect("the host is silent on the bulk channel")?;
        Some(Bulk::decode(&bytes.freeze()).unwrap())
    }

    async fn find<T>(&self, mut wanted: impl FnMut(Control) -> Option<T>) -> Option<T> {
        let found = async {
            while let Some(bytes) = message(&self.control).await {
                if let Some(found) = wanted(Control::decode(&bytes).unwrap()) {
                    return Some(found);
                }
            }
            None
        };
        timeout(SOON, found).await.expect("the host does not say what it should")
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.candidates.abort();
        let peer = Arc::clone(&self.peer);
        tokio::spawn(async move { peer.close().await });
    }
}

/// Whether somebody's knock waits for an answer.
pub(crate) fn asks(seen: &Snapshot, who: &PeerId) -> bool {
    seen.prompts.iter().any(|prompt| matches!(prompt, Prompt::Stranger { peer, .. } if peer == who))
}

/// The look that the host announces.
pub(crate) async fn announced(line: &Line) -> Announce {
    line.expect(|said| if let Control::Announce(announce) = said { Some(announce) } else { None }).await
}

/// Asks for a manifest; what the host says to it.
pub(crate) async fn manifest_of(line: &Line, look: AppearanceId, grant: Grant) -> Result<ManifestBody, Refusal> {
    line.say(&Control::GetManifest { appearance: look, grant }).await;
    line.expect(|said| match said {
        Control::Manifest { appearance, body } if appearance == look => Some(Ok(body)),
        Control::Refuse { appearance, refusal } if appearance == look => Some(Err(refusal)),
        _ => None,
    })
    .await
}

/// The look of the host that holds this blob, with its manifest asked for: from here on it is served.
pub(crate) async fn granted(line: &Line, hash: BlobHash) -> AppearanceId {
    loop {
        // The next look may be announced before the manifest of the last one has come.
        let said = line.expect(|said| matches!(said, Control::Announce(_) | Control::Manifest { .. }).then_some(said)).await;
        match said {
            Control::Announce(Announce { appearance, grant, .. }) => line.say(&Control::GetManifest { appearance, grant }).await,
            Control::Manifest { appearance, body: ManifestBody::Inline(manifest) } => {
                if manifest.windows(32).any(|window| window == hash.as_bytes()) {
                    return appearance;
                }
            }
            other => panic!("that is not short: {other:?}"),
        }
    }
}

/// The puppet's greeting.
pub(crate) fn hello() -> Control {
    Control::Hello(Hello {
        protocol_min: PROTOCOL_MIN,
        protocol_max: PROTOCOL_MAX,
        features: Vec::new(),
        program: "Puppet".to_owned(),
        name: None,
        instance: INSTANCE,
        run: None,
    })
}

async fn connection(events: Events) -> Arc<dyn PeerConnection> {
    let settings = SettingEngineBuilder::new()
        .with_multicast_dns_mode(MulticastDnsMode::Disabled)
        .with_include_loopback_candidate(true)
        .with_sctp_max_message_size(SctpMaxMessageSize::Bounded(MAX_CONTROL as u32))
        .build();
    let built = PeerConnectionBuilder::new()
        .with_setting_engine(settings)
        .with_handler(Arc::new(events))
        .with_udp_addrs(vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))])
        .build()
        .await;
    Arc::new(built.unwrap())
}

async fn channel(peer: &Arc<dyn PeerConnection>, label: &str, stream: u16) -> Arc<dyn DataChannel> {
    let init = RTCDataChannelInit { ordered: true, negotiated: Some(stream), ..Default::default() };
    peer.create_data_channel(label, Some(init)).await.unwrap()
}

/// The host says nothing before the preface, so nothing is lost here.
async fn open(channel: &Arc<dyn DataChannel>) -> bool {
    while let Some(event) = channel.poll().await {
        if matches!(event, DataChannelEvent::OnOpen) {
            return true;
        }
        if matches!(event, DataChannelEvent::OnClose) {
            return false;
        }
    }
    false
}

async fn message(channel: &Arc<dyn DataChannel>) -> Option<BytesMut> {
    while let Some(event) = channel.poll().await {
        if let DataChannelEvent::OnMessage(message) = event {
            return Some(message.data);
        }
        if matches!(event, DataChannelEvent::OnClose) {
            return None;
        }
    }
    None
}

struct Events(watch::Sender<bool>);

#[async_trait]
impl PeerConnectionEventHandler for Events {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.0.send_replace(true);
        }
    }
}
