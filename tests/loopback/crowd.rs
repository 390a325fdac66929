//! Many friends who connect at once: when I come on, when they do, and when all of us do in the same moment.
//!
//! The friends have a companion's signalling and links, and no more than that. `cargo test` plays it with twenty of them,
//! `.ci/run links` with two hundred.
#![allow(clippy::disallowed_methods, reason = "the clock says how long it takes until all are linked")]
#![allow(clippy::print_stdout, reason = "what was measured")]

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fyteclub::domain::{Card, DisplayName, Identity};
use fyteclub::engine::input::{Input, LinkKey};
use fyteclub::engine::output::DiscoveryPlan;
use fyteclub::engine::state::{SavedCircle, SavedPeer};
use fyteclub::runtime::Inputs;
use fyteclub::runtime::link::{Links, LinksConfig};
use fyteclub::runtime::rendezvous::{Rendezvous, RendezvousConfig};
use fyteclub::runtime::signalling::{Signalling, SignallingConfig};
use fyteclub::runtime::store::Store;
use fyteclub::wire::control::Control;
use tokio::sync::{mpsc, watch};

use super::hostile::resident;
use super::puppet::{door, hello};
use super::*;

/// How long a friend waits after a dial that failed.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// Patience with two hundred handshakes, at both of their ends, on one machine.
const LONG: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_peers_that_connect_at_once_are_all_linked() {
    crowd(20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a minute: .ci/run links"]
async fn two_hundred_peers_that_connect_at_once_are_all_linked() {
    crowd(200).await;
}

async fn crowd(count: usize) {
    let theatre = Theatre::new();
    let mut host = theatre.stage.actor("Aria", "Aria Fyte@Phoenix").unwrap();
    let card = *host.profile.load_identity().unwrap().card();
    let (door_of_host, linked) = (watch::Sender::new(None), Arc::new(Linked::default()));
    let (mut friends, store) = (HashMap::new(), Store::memory());
    for number in 0..count {
        let guest = Guest::new(number as u64, card, store.clone()).await;
        friends.insert(*guest.identity.card(), guest.signalling.port());
        tokio::spawn(guest.attend(door_of_host.subscribe(), Arc::clone(&linked)));
    }
    for (who, host_dials, guests_dial) in [("the host", true, false), ("the guests", false, true), ("everybody", true, true)] {
        save_friends(&host, &friends, host_dials);
        host.start_companion().unwrap();
        let at = door(&mut host).await;
        let (before, started) = (resident(&host), Instant::now());
        door_of_host.send_replace(guests_dial.then_some(at));
        let all = |seen: &Snapshot| (seen.peers.iter().filter(|peer| is_linked(seen, &peer.peer)).count() == count).then_some(());
        host.wait_for("all being linked", LONG, all).await.unwrap();
        let took = started.elapsed();
        // Each is spoken to: a companion asks whether a silent peer is there.
        linked.all(count).await;
        let each = resident(&host).saturating_sub(before) / count as u64;
        println!(
            "{who} dialled: {count} linked within {took:?}; {} KiB for each, {} attempts came to nothing",
            each >> 10,
            linked.failed()
        );
        host.kill_companion().await.unwrap();
        linked.forget();
    }
}

/// The host's circle: all of them, with or without an address at which they can be dialled.
fn save_friends(host: &Actor, friends: &HashMap<Card, u16>, with_addresses: bool) {
    let at = |port: &u16| SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
    let friend = |(number, (card, port)): (usize, (&Card, &u16))| {
        let name = DisplayName::new(&format!("Friend {number}")).unwrap();
        let addresses = with_addresses.then(|| at(port)).into_iter().collect();
        (card.peer(), SavedPeer { addresses, ..SavedPeer::friend(*card, name) })
    };
    let peers = friends.iter().enumerate().map(friend).collect();
    host.profile.save_circle(&SavedCircle { peers, ..SavedCircle::default() }).unwrap();
}

/// How the guests are doing.
#[derive(Default)]
struct Linked {
    /// Who was asked whether they are there.
    asked: watch::Sender<HashSet<PeerId>>,
    /// Dials and answers that ended in no link.
    failed: AtomicUsize,
}

impl Linked {
    async fn all(&self, count: usize) {
        let mut asked = self.asked.subscribe();
        let all = asked.wait_for(|asked| asked.len() == count);
        tokio::time::timeout(LONG, all).await.expect("each is asked whether it is there").unwrap();
    }

    fn failed(&self) -> usize {
        self.failed.load(Ordering::Relaxed)
    }

    fn forget(&self) {
        self.asked.send_modify(HashSet::clear);
        self.failed.store(0, Ordering::Relaxed);
    }
}

/// A friend of the host.
struct Guest {
    identity: Identity,
    host: Card,
    signalling: Signalling,
    links: Links,
    heard: mpsc::Receiver<Input>,
    /// The highest generation of a link that was up, begun or answered.
    seen: u64,
    /// What was dialled and has come to no end.
    dialled: Option<LinkKey>,
    up: Option<LinkKey>,
    dial_at: Option<Instant>,
}

impl Guest {
    async fn new(number: u64, host: Card, store: Store) -> Self {
        let mut seed = [1; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        let identity = Identity::from_seed(seed);
        let (inputs, heard) = Inputs::channel(64);
        let config = SignallingConfig { identity: identity.clone(), port: 0, loopback_only: true };
        let signalling = Signalling::start(config, inputs.clone()).await.unwrap();
        signalling.set_plan(&DiscoveryPlan { mode: DiscoveryMode::FriendsOnly, friends: vec![host], name: None });
        let config = RendezvousConfig { identity: identity.clone(), loopback_only: true };
        let rendezvous = Rendezvous::start(config, signalling.clone(), inputs.clone()).unwrap();
        let config = LinksConfig { port: 0, addresses: Vec::new(), loopback_only: true };
        let links = Links::start(config, signalling.clone(), rendezvous, store, inputs).await.unwrap();
        Self { identity, host, signalling, links, heard, seen: 0, dialled: None, up: None, dial_at: None }
    }

    /// Answers whoever dials, and dials while there is a door and no link.
    async fn attend(mut self, mut door: watch::Receiver<Option<SocketAddr>>, linked: Arc<Linked>) {
        loop {
            let dial_at = self.dial_at.filter(|_| self.up.is_none() && self.dialled.is_none() && door.borrow().is_some());
            let due = async {
                match dial_at {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                input = self.heard.recv() => self.hear(&input.expect("links run"), &linked),
                changed = door.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.up.take().into_iter().for_each(|link| self.links.close(link));
                    self.dial_at = Some(Instant::now());
                }
                () = due => {
                    self.dial_at = None;
                    let at = *door.borrow();
                    self.dial(at.into_iter().collect());
                }
            }
        }
    }

    fn dial(&mut self, targets: Vec<SocketAddr>) {
        let host = self.host.peer();
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let least = clock.max(self.seen + 1);
        // The lower peer of a pair proposes even generations, the higher one odd ones.
        let generation = least + u64::from(least.is_multiple_of(2) != (self.identity.peer() < host));
        self.seen = generation;
        let link = LinkKey { peer: host, generation };
        self.dialled = Some(link);
        self.links.dial(link, self.host, targets);
    }

    fn hear(&mut self, input: &Input, linked: &Linked) {
        let again = Some(Instant::now() + AGAIN_AFTER);
        match *input {
            // Of two who dial at once, the offer of the lower peer stands.
            Input::OfferArrived { ticket, generation, card, .. }
                if self.dialled.is_none() || card.peer() < self.identity.peer() =>
            {
                self.seen = self.seen.max(generation);
                self.dialled.take().into_iter().for_each(|mine| self.links.close(mine));
                self.links.answer(LinkKey { peer: card.peer(), generation }, ticket);
            }
            Input::LinkUp { link, .. } => {
                self.dialled = None;
                if let Some(older) = self.up.replace(link) {
                    self.links.close(older);
                }
                self.links.send(link, hello());
            }
            Input::Received(link, Control::Ping { token }) => {
                self.links.send(link, Control::Pong { token });
                linked.asked.send_if_modified(|asked| asked.insert(self.identity.peer()));
            }
            Input::LinkFailed { link, .. } => {
                self.dialled.take_if(|mine| *mine == link);
                linked.failed.fetch_add(1, Ordering::Relaxed);
                self.dial_at = again;
            }
            Input::LinkDown { link, .. } if self.up == Some(link) => {
                self.up = None;
                self.dial_at = again;
            }
            _ => {}
        }
    }
}
