//! Two and more sides in one process: each has links on a port of its own, a store in memory, and the ear of an engine.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use blake3::hazmat::HasherExt;
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::domain::{AppearanceId, BlobHash, BlobKind, BlobRef, Card, Identity, PeerId};
use crate::engine::input::{DialError, FetchEvent, FetchId, Input, LinkKey, OfferTicket};
use crate::runtime::Inputs;
use crate::runtime::link::connection::Ground;
use crate::runtime::link::hub::{Hub, locked};
use crate::runtime::link::{Links, LinksConfig, Offers};
use crate::runtime::signalling::{Conversation, PendingOffer};
use crate::runtime::store::Store;
use crate::wire::GROUP;
use crate::wire::signal::Signal;

/// Everything that a test waits for comes within this time.
pub(super) const DEADLINE: Duration = Duration::from_secs(60);

/// What everybody signals over.
#[derive(Clone, Default)]
pub(super) struct Board(Arc<Mutex<HashMap<PeerId, Weak<Desk>>>>);

/// One side's signalling.
pub(super) struct Desk {
    pub(super) card: Card,
    board: Board,
    inputs: Inputs,
    pending: Mutex<HashMap<u64, PendingOffer>>,
    next: AtomicU64,
    /// Changes what is said on its way.
    forge: fn(Signal) -> Signal,
}

/// A side without links: it can talk to others by hand.
pub(super) struct Bare {
    pub(super) desk: Arc<Desk>,
    pub(super) ground: Ground,
    heard: mpsc::Receiver<Input>,
}

pub(super) struct Side {
    pub(super) links: Links,
    pub(super) store: Store,
    pub(super) desk: Arc<Desk>,
    heard: mpsc::Receiver<Input>,
}

impl Board {
    pub(super) fn side(&self) -> Side {
        self.side_with(|signal| signal)
    }

    pub(super) fn side_with(&self, forge: fn(Signal) -> Signal) -> Side {
        let (desk, heard) = self.desk(forge);
        let store = Store::memory();
        let config = LinksConfig { port: 0, addresses: Vec::new(), loopback_only: true };
        let offers = Arc::clone(&desk) as Arc<dyn Offers>;
        let links = Links::start_over(config, offers, store.clone(), desk.inputs.clone()).unwrap();
        Side { links, store, desk, heard }
    }

    pub(super) fn bare(&self) -> Bare {
        let (desk, heard) = self.desk(|signal| signal);
        let ground = Ground::new(Hub::bind(0, true).unwrap(), Vec::new(), true);
        Bare { desk, ground, heard }
    }

    fn desk(&self, forge: fn(Signal) -> Signal) -> (Arc<Desk>, mpsc::Receiver<Input>) {
        static PEOPLE: AtomicU64 = AtomicU64::new(1);
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&PEOPLE.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let (inputs, heard) = Inputs::channel(256);
        let card = *Identity::from_seed(seed).card();
        let (pending, next) = Default::default();
        let desk = Arc::new(Desk { card, board: self.clone(), inputs, pending, next, forge });
        locked(&self.0).insert(card.peer(), Arc::downgrade(&desk));
        (desk, heard)
    }
}

#[async_trait]
impl Offers for Desk {
    async fn dial(&self, card: Card, _: Vec<SocketAddr>) -> Result<Conversation, DialError> {
        let other = locked(&self.board.0).get(&card.peer()).and_then(Weak::upgrade).ok_or(DialError::Unreachable)?;
        let (to_other, at_other) = mpsc::channel(64);
        let (to_me, at_me) = mpsc::channel(64);
        let conversation = |card, say, hear| Conversation { card, address: Some(address()), say, hear };
        tokio::spawn(other.receive(conversation(self.card, to_me, forged(at_other, self.forge))));
        Ok(conversation(card, to_other, at_me))
    }

    fn take_offer(&self, ticket: OfferTicket) -> Option<PendingOffer> {
        locked(&self.pending).remove(&ticket.0)
    }

    fn port(&self) -> u16 {
        address().port()
    }
}

impl Desk {
    async fn receive(self: Arc<Self>, mut conversation: Conversation) {
        let Some(signal) = conversation.hear.recv().await else { return };
        let offer_hash = *blake3::hash(&signal.encode()).as_bytes();
        let Signal::Offer { generation, sdp, .. } = signal else { return };
        let ticket = OfferTicket(self.next.fetch_add(1, Ordering::Relaxed));
        let (card, address) = (conversation.card, conversation.address);
        locked(&self.pending).insert(ticket.0, PendingOffer { conversation, sdp, offer_hash, generation });
        self.inputs.send(Input::OfferArrived { ticket, card, generation, address }).await;
    }
}

/// What is heard, changed on its way.
fn forged(mut heard: mpsc::Receiver<Signal>, forge: fn(Signal) -> Signal) -> mpsc::Receiver<Signal> {
    let (sender, receiver) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Some(signal) = heard.recv().await {
            if sender.send(forge(signal)).await.is_err() {
                return;
            }
        }
    });
    receiver
}

fn address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 9))
}

/// The first input that fits; others are dropped.
pub(super) async fn expect<T>(heard: &mut mpsc::Receiver<Input>, mut fits: impl FnMut(Input) -> Option<T>) -> T {
    let wait = async {
        loop {
            let input = heard.recv().await.expect("the side has ended");
            if let Some(found) = fits(input) {
                return found;
            }
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("what is waited for did not come in time")
}

impl Side {
    pub(super) fn peer(&self) -> PeerId {
        self.desk.card.peer()
    }

    /// The link from here to a peer.
    pub(super) fn to(&self, peer: PeerId, generation: u64) -> LinkKey {
        LinkKey { peer, generation }
    }

    pub(super) async fn expect<T>(&mut self, fits: impl FnMut(Input) -> Option<T>) -> T {
        expect(&mut self.heard, fits).await
    }

    pub(super) async fn expect_offer(&mut self) -> OfferTicket {
        self.expect(|input| match input {
            Input::OfferArrived { ticket, .. } => Some(ticket),
            _ => None,
        })
        .await
    }

    /// Waits for the link; fails if it fails.
    pub(super) async fn expect_up(&mut self, wanted: LinkKey) {
        self.expect(|input| match input {
            Input::LinkUp { link, .. } if link == wanted => Some(()),
            Input::LinkFailed { link, error } if link == wanted => panic!("{error:?}"),
            _ => None,
        })
        .await;
    }

    /// Fetches and waits for the end: verified bytes, bytes on the wire, complete blobs.
    pub(super) async fn collect(&mut self, orders: &[FetchId]) -> Vec<(FetchId, FetchEvent, u64)> {
        let mut bytes_of: HashMap<FetchId, u64> = HashMap::new();
        let mut ended = Vec::new();
        while ended.len() < orders.len() {
            let (fetch, event) = self
                .expect(|input| match input {
                    Input::Fetch(fetch, event) if orders.contains(&fetch) => Some((fetch, event)),
                    _ => None,
                })
                .await;
            let so_far = bytes_of.entry(fetch).or_default();
            match event {
                FetchEvent::Progress { bytes } => *so_far += bytes,
                FetchEvent::Stored { bytes, .. } => ended.push((fetch, event, *so_far + bytes)),
                FetchEvent::Failed(_) => ended.push((fetch, event, *so_far)),
            }
        }
        ended
    }

    /// Publishes blobs under an appearance of this name.
    pub(super) async fn publish(&self, name: &str, contents: &[Bytes]) -> (AppearanceId, Vec<BlobRef>) {
        let appearance = AppearanceId::of(name.as_bytes());
        let mut blobs = Vec::new();
        for content in contents {
            let blob = blob_of(content);
            if content.len() <= 4 << 20 {
                self.store.put(blob, content.clone()).await.unwrap();
            } else {
                self.put_large(blob, content).await;
            }
            blobs.push(blob);
        }
        self.store.hold(appearance, &blobs);
        (appearance, blobs)
    }
}

impl Side {
    /// Puts a large blob in by the way that it would come from others.
    async fn put_large(&self, blob: BlobRef, content: &Bytes) {
        let group = usize::try_from(GROUP).unwrap();
        let value =
            |(offset, group): (u64, &[u8])| blake3::Hasher::new().set_input_offset(offset).update(group).finalize_non_root();
        let partial = self.store.partial(blob).await.unwrap();
        partial.put_tree((0..).step_by(group).zip(content.chunks(group)).map(value).collect()).await.unwrap();
        for (first, part) in (0..).step_by(64).zip(content.chunks(64 * group)) {
            partial.put_groups(first, content.slice_ref(part)).await.unwrap();
        }
    }
}

impl Bare {
    pub(super) async fn expect_offer(&mut self) -> PendingOffer {
        let ticket = expect(&mut self.heard, |input| match input {
            Input::OfferArrived { ticket, .. } => Some(ticket),
            _ => None,
        })
        .await;
        self.desk.take_offer(ticket).unwrap()
    }
}

/// Links two sides: the first dials.
pub(super) async fn link(one: &mut Side, other: &mut Side, generation: u64) -> (LinkKey, LinkKey) {
    let (there, back) = (one.to(other.peer(), generation), other.to(one.peer(), generation));
    one.links.dial(there, other.desk.card, vec![address()]);
    let ticket = other.expect_offer().await;
    other.links.answer(back, ticket);
    tokio::join!(one.expect_up(there), other.expect_up(back));
    (there, back)
}

pub(super) fn blob_of(content: &[u8]) -> BlobRef {
    BlobRef { hash: BlobHash::of(content), size: content.len() as u64, kind: BlobKind::Text }
}

/// Bytes that do not compress, the same for the same seed.
pub(super) fn noise(seed: u64, length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&seed.to_be_bytes()).finalize_xof().fill(&mut bytes);
    bytes.into()
}

/// Far enough ahead for any test.
pub(super) fn long() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}
