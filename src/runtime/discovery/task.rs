//! The task that finds peers: follows the plan, sends, hears and answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, info, trace};

use super::DiscoveryConfig;
use super::broadcast::{Broadcast, Datagram};
use super::interfaces::{self, Interface, Outlet};
use super::mdns::Mdns;
use super::recent::Recent;
use super::schedule::Schedule;
use crate::domain::{DiscoveryMode, PeerId};
use crate::engine::input::{Input, Sighting};
use crate::engine::output::DiscoveryPlan;
use crate::engine::snapshot::InterfaceView;
use crate::runtime::{Inputs, clock};
use crate::wire::beacon::{self, Beacon, PairKeys};

/// How often the interfaces are looked at.
const LOOK: Duration = Duration::from_secs(5);
/// Datagrams that wait to be read; more are lost, as datagrams may be.
const WAITING: usize = 64;

/// Runs until the last sender of plans is gone.
pub(super) async fn run(config: DiscoveryConfig, mut plans: watch::Receiver<Option<DiscoveryPlan>>, inputs: Inputs) {
    let (sender, mut heard) = mpsc::channel(WAITING);
    let mut task = Task::new(config, sender, inputs);
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = plans.changed() => {
                if changed.is_err() { return }
                let plan = plans.borrow_and_update().clone();
                if let Some(plan) = plan { task.follow(plan) }
            }
            _ = look.tick() => task.look_around().await,
            () = until(task.next_beacon()) => task.send().await,
            Some(datagram) = heard.recv() => task.hear(datagram, Carrier::Broadcast).await,
            found = next_found(&mut task.mdns) => {
                for datagram in found { task.hear(datagram, Carrier::Mdns).await }
            }
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

async fn next_found(mdns: &mut Option<Mdns>) -> Vec<Datagram> {
    match mdns {
        Some(mdns) => mdns.next().await,
        None => std::future::pending().await,
    }
}

/// How a beacon came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Broadcast,
    Mdns,
}

struct Task {
    config: DiscoveryConfig,
    inputs: Inputs,
    plan: DiscoveryPlan,
    keys: PairKeys,
    /// None until they were listed for the first time, which is no change.
    interfaces: Option<Vec<Interface>>,
    broadcast: Broadcast,
    /// The interfaces that the engine was told of.
    told: Option<Vec<Interface>>,
    mdns: Option<Mdns>,
    schedule: Schedule,
    round: usize,
    recent: Recent,
}

impl Task {
    fn new(config: DiscoveryConfig, heard: mpsc::Sender<Datagram>, inputs: Inputs) -> Self {
        let now = Instant::now();
        Self {
            plan: DiscoveryPlan { mode: DiscoveryMode::Off, friends: Vec::new(), name: None },
            keys: PairKeys::new(&config.identity, &[]),
            interfaces: None,
            told: None,
            broadcast: Broadcast::new(config.beacon_port, heard),
            mdns: None,
            schedule: Schedule::burst(now),
            round: 0,
            recent: Recent::new(now),
            config,
            inputs,
        }
    }

    fn follow(&mut self, plan: DiscoveryPlan) {
        if self.plan.mode != plan.mode {
            info!(mode = ?plan.mode, "discovery on the local network");
        }
        self.keys = PairKeys::new(&self.config.identity, &plan.friends);
        // Whoever the old plan did not know is new under this one.
        self.recent = Recent::new(Instant::now());
        self.plan = plan;
        self.begin();
    }

    /// Opens what the plan needs, closes what it does not, and begins a burst.
    fn begin(&mut self) {
        let outlets = self.outlets();
        self.schedule = Schedule::burst(Instant::now());
        match self.plan.mode {
            DiscoveryMode::Off => self.broadcast.close(),
            DiscoveryMode::FriendsOnly | DiscoveryMode::EveryoneNearby => self.broadcast.tune(&outlets),
        }
        self.mdns = self.start_mdns(&interfaces::network_addresses(&outlets));
    }

    fn outlets(&mut self) -> Vec<Outlet> {
        if self.interfaces.is_none() {
            self.interfaces = list(&self.config);
        }
        interfaces::outlets(self.interfaces.as_deref().unwrap_or_default(), &self.config.interfaces)
    }

    /// The interfaces as a person sees them.
    fn seen(&self) -> Vec<InterfaceView> {
        let view = |interface: &Interface| InterfaceView {
            name: interface.name.clone(),
            address: interface.address,
            broadcasts: interface.broadcast.is_some() || interface.address.is_loopback(),
        };
        self.interfaces.iter().flatten().map(view).collect()
    }

    fn start_mdns(&self, addresses: &[Ipv4Addr]) -> Option<Mdns> {
        if self.plan.mode != DiscoveryMode::EveryoneNearby || addresses.is_empty() {
            return None;
        }
        let started = clock::entropy().map(|entropy| Mdns::start(addresses, entropy));
        match started {
            Ok(Ok(mdns)) => Some(mdns),
            Ok(Err(error)) => {
                debug!(%error, "mDNS is not available; beacons go on");
                None
            }
            Err(error) => {
                debug!(%error, "mDNS is not available; beacons go on");
                None
            }
        }
    }

    /// Tells the engine when the chosen interfaces changed, and opens again what failed.
    async fn look_around(&mut self) {
        let config = self.config.clone();
        let listed = tokio::task::spawn_blocking(move || list(&config)).await.ok().flatten();
        let Some(listed) = listed else { return };
        let before = self.interfaces.replace(listed);
        if self.told != self.interfaces {
            self.told.clone_from(&self.interfaces);
            self.inputs.send(Input::Interfaces(self.seen())).await;
        }
        if before.is_some() && before != self.interfaces {
            info!("the network changed");
            self.begin();
            self.inputs.send(Input::NetworkChanged).await;
        } else if self.plan.mode != DiscoveryMode::Off {
            let outlets = self.outlets();
            self.broadcast.tune(&outlets);
        }
    }

    fn next_beacon(&self) -> Option<Instant> {
        (self.plan.mode != DiscoveryMode::Off).then(|| self.schedule.next())
    }

    async fn send(&mut self) {
        let chance = clock::entropy().map_or(0, |[a, b, c, d, ..]| u32::from_be_bytes([a, b, c, d]));
        self.schedule.sent(Instant::now(), chance);
        let (round, port) = (self.round, self.config.signal_port);
        self.round = self.round.wrapping_add(1);
        let (mode, keys, plan, me) = (self.plan.mode, &self.keys, &self.plan, &self.config.identity);
        let open = |address: Ipv4Addr| {
            let entropy = clock::entropy()?;
            Ok(beacon::open(me, plan.name.as_ref(), (address, port).into(), clock::unix_now(), entropy))
        };
        let blinded = |address: Ipv4Addr| {
            let entropy = clock::entropy()?;
            Ok(beacon::blinded(keys, (address, port).into(), clock::unix_now(), round, entropy))
        };
        match mode {
            DiscoveryMode::Off => {}
            DiscoveryMode::FriendsOnly => self.broadcast.send(blinded).await,
            DiscoveryMode::EveryoneNearby => self.broadcast.send(open).await,
        }
        self.pulse_mdns().await;
    }

    /// Shows fresh beacons, and counts as heard what is still there: a service that stays is resolved only once.
    async fn pulse_mdns(&mut self) {
        let Some(mdns) = &mut self.mdns else { return };
        let (me, name, port) = (&self.config.identity, self.plan.name.as_ref(), self.config.signal_port);
        mdns.show(Instant::now(), port, |address: Ipv4Addr| {
            let entropy = clock::entropy().ok()?;
            Some(beacon::open(me, name, (address, port).into(), clock::unix_now(), entropy))
        });
        for datagram in mdns.still_here() {
            self.hear(datagram, Carrier::Mdns).await;
        }
    }

    async fn hear(&mut self, datagram: Datagram, carrier: Carrier) {
        let (now, source) = (Instant::now(), datagram.source);
        if self.plan.mode == DiscoveryMode::Off || !self.broadcast.reaches(*source.ip()) || !self.recent.admit(now, source.into())
        {
            return;
        }
        let Some((sighting, address)) = self.recognise(&datagram) else { return };
        let peer = match &sighting {
            Sighting::Friend(peer) => *peer,
            Sighting::Open { card, .. } => card.peer(),
        };
        trace!(peer = %peer.short(), "heard nearby");
        let is_new = self.recent.heard(now, peer, source.into());
        self.inputs.send(Input::Heard { sighting, address }).await;
        if is_new && carrier == Carrier::Broadcast {
            self.answer(source, peer).await;
        }
    }

    /// Who sent this, and where it can be dialled. Nobody, if it is not for me or by myself.
    fn recognise(&self, datagram: &Datagram) -> Option<(Sighting, SocketAddr)> {
        let (source, now) = (IpAddr::V4(*datagram.source.ip()), clock::unix_now());
        let decoded = Beacon::decode(&datagram.bytes, now).inspect_err(|error| debug!(%error, "a datagram that is no beacon"));
        match decoded.ok()? {
            Beacon::Blinded(beacon) => {
                let peer = beacon.sender(&self.keys, source, now)?;
                Some((Sighting::Friend(peer), beacon.signalling(source)))
            }
            Beacon::Open(beacon) => {
                let peer = beacon.card.peer();
                if peer == self.config.identity.peer() || !beacon.is_authentic(source, now) {
                    return None;
                }
                let address = beacon.signalling(source);
                let friend = self.keys.includes(&peer);
                let sighting =
                    if friend { Sighting::Friend(peer) } else { Sighting::Open { card: beacon.card, name: beacon.name } };
                Some((sighting, address))
            }
        }
    }

    /// Lets one who is new know at once that I am here, if the mode lets it know at all.
    async fn answer(&mut self, source: SocketAddrV4, peer: PeerId) {
        let (port, plan, keys, me) = (self.config.signal_port, &self.plan, &self.keys, &self.config.identity);
        let answer = |address: Ipv4Addr| {
            let (here, now, entropy) = ((address, port).into(), clock::unix_now(), clock::entropy()?);
            Ok::<_, io::Error>(match plan.mode {
                DiscoveryMode::EveryoneNearby => beacon::open(me, plan.name.as_ref(), here, now, entropy),
                DiscoveryMode::Off | DiscoveryMode::FriendsOnly => beacon::blinded_for(keys, &peer, here, now, entropy),
            })
        };
        if plan.mode == DiscoveryMode::EveryoneNearby || keys.includes(&peer) {
            self.broadcast.answer(source, answer).await;
        }
    }
}

fn list(config: &DiscoveryConfig) -> Option<Vec<Interface>> {
    let listed = interfaces::list().inspect_err(|error| debug!(%error, "the system does not list its interfaces"));
    listed.ok().map(|all| interfaces::chosen(all, &config.interfaces))
}
