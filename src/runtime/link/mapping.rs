//! Under which addresses the internet sees the one UDP port: asked of STUN servers (RFC 8489) from that very port.
//!
//! A router maps the port for all connections alike, so the answer is asked for once and serves every connection that begins
//! within a few seconds; it goes into the SDP, or after it, as a server-reflexive candidate (RFC 8445 §5.1.1.2). The library's own
//! gatherer would ask once for each connection, and only while it gathers.

use std::collections::HashMap;
use std::future::poll_fn;
use std::io::IoSliceMut;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::time::timeout_at;
use tracing::{debug, trace};
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::hub::{Hub, locked};
use super::reach;
use super::socket::Port;
use super::stun::{self, Class, Protocol, TransactionId};
use crate::domain::{MAX_STUN, RouterKind, StunServer};
use crate::engine::input::Input;
use crate::engine::snapshot::RouterView;
use crate::runtime::Inputs;
use crate::runtime::clock::entropy;

/// A router keeps a mapping that is not used for 30 s at the least (RFC 4787 asks for two minutes).
const FRESH: Duration = Duration::from_secs(15);
/// After no server has answered, none is asked for so long.
const AFTER_NOTHING: Duration = Duration::from_secs(5);
/// How long all of it may take.
const ROUND: Duration = Duration::from_millis(1500);
/// A name's addresses are looked up anew after this.
const NAMES: Duration = Duration::from_secs(600);
/// When a server is asked again that has not answered; it is datagrams that get lost.
const ASK_AT: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(700)];
/// What other servers may take after the first has answered: they show whether the router maps alike for all.
const GRACE: Duration = Duration::from_millis(60);
/// A STUN answer is shorter.
const MAX_ANSWER: usize = 2048;

/// Asks, and remembers for a while.
#[derive(Debug)]
pub(super) struct Mapper {
    hub: Arc<Hub>,
    loopback_only: bool,
    servers: Mutex<Vec<StunServer>>,
    names: Mutex<HashMap<StunServer, (Instant, Vec<SocketAddr>)>>,
    last: tokio::sync::Mutex<Option<(Instant, Seen)>>,
    told: OnceLock<Inputs>,
}

/// How the internet sees the port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) kind: RouterKind,
    /// As the servers say, those that answer first first.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Mapper {
    pub(super) fn new(hub: &Arc<Hub>, loopback_only: bool) -> Arc<Self> {
        Arc::new(Self {
            hub: Arc::clone(hub),
            loopback_only,
            servers: Mutex::default(),
            names: Mutex::default(),
            last: tokio::sync::Mutex::default(),
            told: OnceLock::new(),
        })
    }

    /// Reports to the engine from here on.
    pub(super) fn tell(&self, inputs: Inputs) {
        let _ = self.told.set(inputs);
    }

    /// Whom to ask from here on.
    pub(super) fn set_servers(&self, servers: &[StunServer]) {
        let allowed = |server: &&StunServer| !self.loopback_only || server.is_loopback();
        *locked(&self.servers) = servers.iter().filter(allowed).take(MAX_STUN).cloned().collect();
    }

    /// How it is seen. Asks only if the last answers are old.
    pub(super) async fn seen(&self) -> Seen {
        let mut last = self.last.lock().await;
        if let Some((at, seen)) = &*last {
            let fresh = if seen.addresses.is_empty() { AFTER_NOTHING } else { FRESH };
            if at.elapsed() < fresh {
                return seen.clone();
            }
        }
        let addresses = tokio::time::timeout(ROUND, self.ask()).await.unwrap_or_default();
        let ips = reach::own_addresses(&[], self.loopback_only).into_iter();
        let own: Vec<SocketAddr> = ips.map(|ip| SocketAddr::new(ip, self.hub.port())).collect();
        let asked = !locked(&self.servers).is_empty();
        let seen = Seen { kind: kind(asked, &addresses, &own), addresses };
        debug!(kind = ?seen.kind, addresses = seen.addresses.len(), "the internet's view of our port");
        *last = Some((Instant::now(), seen.clone()));
        if let Some(inputs) = self.told.get() {
            inputs.send(Input::Router(RouterView { kind: seen.kind, addresses: seen.addresses.clone() })).await;
        }
        seen
    }

    async fn ask(&self) -> Vec<SocketAddr> {
        let servers = locked(&self.servers).clone();
        let addresses = futures_util::future::join_all(servers.iter().map(|server| self.resolve(server))).await;
        let port = Port::new(&self.hub);
        let asking = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)].into_iter().filter_map(|any| {
            let socket = port.socket(SocketAddr::new(any, 0)).ok()?;
            let like = |addresses: &Vec<SocketAddr>| addresses.iter().find(|a| a.is_ipv4() == any.is_ipv4()).copied();
            Some(round(socket, addresses.iter().filter_map(like).collect()))
        });
        let mut mapped: Vec<SocketAddr> = futures_util::future::join_all(asking).await.into_iter().flatten().collect();
        mapped.dedup();
        mapped.retain(|address| self.loopback_only || is_useful(*address));
        mapped
    }

    async fn resolve(&self, server: &StunServer) -> Vec<SocketAddr> {
        let known = locked(&self.names).get(server).filter(|(at, _)| at.elapsed() < NAMES).map(|(_, found)| found.clone());
        if let Some(found) = known {
            return found;
        }
        match tokio::net::lookup_host((server.host(), server.port())).await {
            Ok(found) => {
                let found: Vec<SocketAddr> = found.collect();
                locked(&self.names).insert(server.clone(), (Instant::now(), found.clone()));
                found
            }
            Err(error) => {
                debug!(%error, "a STUN server's name has no address");
                Vec::new()
            }
        }
    }
}

/// What the answers tell of the router; by IPv4, since IPv6 has none as a rule.
fn kind(asked: bool, seen: &[SocketAddr], own: &[SocketAddr]) -> RouterKind {
    let v4: Vec<&SocketAddr> = seen.iter().filter(|address| address.is_ipv4()).collect();
    match v4.as_slice() {
        [] if !asked => RouterKind::Unknown,
        [] if seen.is_empty() => RouterKind::Blocked,
        [] => RouterKind::Open,
        [only] if own.contains(only) => RouterKind::Open,
        [_] => RouterKind::Even,
        _ => RouterKind::Strict,
    }
}

/// No address that only a lie or a mistake could name.
fn is_useful(address: SocketAddr) -> bool {
    let ip = address.ip();
    address.port() != 0 && !ip.is_unspecified() && !ip.is_loopback() && !ip.is_multicast()
}

/// Asks these servers from one socket; what they say, until a moment after the first has answered.
async fn round(socket: Arc<dyn AsyncUdpSocket>, servers: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut asked: Vec<(TransactionId, SocketAddr)> = Vec::new();
    let mut mapped: Vec<SocketAddr> = Vec::new();
    let Ok(seed) = entropy() else { return mapped };
    for (server, number) in servers.into_iter().zip(0_u8..) {
        let mut transaction = TransactionId::default();
        transaction.iter_mut().zip(seed).for_each(|(to, from)| *to = from);
        if let Some(last) = transaction.last_mut() {
            *last = last.wrapping_add(number);
        }
        asked.push((transaction, server));
    }
    let began = tokio::time::Instant::now();
    let (mut ends, mut steps) = (began + ROUND, ASK_AT.iter().peekable());
    while !asked.is_empty() {
        let now = tokio::time::Instant::now();
        if now >= ends {
            break;
        }
        if steps.next_if(|after| began + **after <= now).is_some() {
            for (transaction, server) in &asked {
                send(&*socket, *server, &stun::binding_request(*transaction)).await;
            }
            continue;
        }
        let wake = steps.peek().map_or(ends, |after| (began + **after).min(ends));
        let Ok(Some((answer, from))) = timeout_at(wake, receive(&*socket)).await else { continue };
        let Protocol::Stun(stun) = Protocol::of(&answer) else { continue };
        let Some(at) = asked.iter().position(|asked| *asked == (stun.transaction, from)) else { continue };
        asked.remove(at);
        if let (Class::Success, Some(address)) = (stun.class, stun.mapped_address()) {
            trace!("a STUN server answers");
            if !mapped.contains(&address) {
                mapped.push(address);
            }
            ends = ends.min(tokio::time::Instant::now() + GRACE);
        }
    }
    mapped
}

async fn send(socket: &dyn AsyncUdpSocket, destination: SocketAddr, contents: &[u8]) {
    let transmit = Transmit { destination, ecn: None, contents, segment_size: None, src_ip: None };
    if let Err(error) = poll_fn(|context| socket.poll_send(context, &transmit)).await {
        debug!(%error, "a STUN server cannot be asked");
    }
}

async fn receive(socket: &dyn AsyncUdpSocket) -> Option<(Vec<u8>, SocketAddr)> {
    let mut bytes = vec![0; MAX_ANSWER];
    let mut metas = [RecvMeta::default()];
    let received = poll_fn(|context| {
        let mut buffers = [IoSliceMut::new(&mut bytes)];
        socket.poll_recv(context, &mut buffers, &mut metas)
    });
    received.await.ok()?;
    let [meta] = metas;
    bytes.truncate(meta.stride.min(meta.len));
    Some((bytes, meta.addr))
}

#[cfg(test)]
mod tests {
    use tokio::net::UdpSocket;

    use super::*;

    #[tokio::test]
    async fn the_port_is_seen_as_the_servers_say_and_they_are_asked_once_for_all() {
        let (first, second) = (server(Answers::Truly).await, server(Answers::Truly).await);
        let (mapper, port) = mapper(&[&first, &second]);
        let mapped = mapper.seen().await.addresses;
        assert_eq!(mapped, [SocketAddr::from(([127, 0, 0, 1], port))], "both say the same");
        assert_eq!(mapper.seen().await.kind, RouterKind::Open);
        let asked = first.asked();
        assert_eq!(mapper.seen().await.addresses, mapped);
        assert_eq!(first.asked(), asked, "it is remembered");
    }

    #[tokio::test]
    async fn silent_servers_and_liars_cost_a_moment_and_no_more() {
        let (silent, good) = (server(Answers::Nothing).await, server(Answers::Truly).await);
        let stranger = server(Answers::OtherTransaction).await;
        let (mapper, port) = mapper(&[&silent, &stranger, &good]);
        assert_eq!(mapper.seen().await.addresses, [SocketAddr::from(([127, 0, 0, 1], port))]);
        let (mapper, _) = self::mapper(&[&silent, &stranger]);
        assert!(mapper.seen().await.addresses.is_empty());
        assert!(silent.asked() > 2, "a lost datagram is sent again");
    }

    #[tokio::test]
    async fn within_this_machine_no_other_is_asked() {
        let hub = Hub::bind(0, true).unwrap();
        let mapper = Mapper::new(&hub, true);
        mapper.set_servers(&["192.0.2.1:3478".parse().unwrap(), "stun.example.org".parse().unwrap()]);
        assert!(locked(&mapper.servers).is_empty());
        assert!(mapper.seen().await.addresses.is_empty());
    }

    #[test]
    fn answers_tell_what_the_router_does() {
        let own = ["192.0.2.1:5".parse().unwrap()];
        let of = |asked, seen: &[&str]| {
            let seen: Vec<SocketAddr> = seen.iter().map(|address| address.parse().unwrap()).collect();
            kind(asked, &seen, &own)
        };
        assert_eq!(of(false, &[]), RouterKind::Unknown);
        assert_eq!(of(true, &[]), RouterKind::Blocked);
        assert_eq!(of(true, &["192.0.2.1:5"]), RouterKind::Open);
        assert_eq!(of(true, &["[2001:db8::1]:5"]), RouterKind::Open);
        assert_eq!(of(true, &["192.0.2.1:6"]), RouterKind::Even);
        assert_eq!(of(true, &["203.0.113.9:5", "[2001:db8::1]:5"]), RouterKind::Even);
        assert_eq!(of(true, &["203.0.113.9:5", "203.0.113.9:6"]), RouterKind::Strict);
    }

    #[test]
    fn addresses_that_cannot_be_are_not_believed() {
        for bad in ["0.0.0.0:5", "127.0.0.1:5", "192.0.2.1:0", "224.0.0.1:5", "[::1]:5"] {
            assert!(!is_useful(bad.parse().unwrap()), "{bad}");
        }
        assert!(is_useful("192.0.2.1:5".parse().unwrap()));
    }

    fn mapper(servers: &[&Server]) -> (Arc<Mapper>, u16) {
        let hub = Hub::bind(0, true).unwrap();
        let mapper = Mapper::new(&hub, true);
        mapper.set_servers(&servers.iter().map(|server| server.address.to_string().parse().unwrap()).collect::<Vec<_>>());
        let port = hub.port();
        (mapper, port)
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Answers {
        Truly,
        OtherTransaction,
        Nothing,
    }

    /// A STUN server that may be a bad one.
    struct Server {
        address: SocketAddr,
        asked: Arc<std::sync::atomic::AtomicUsize>,
    }

    impl Server {
        fn asked(&self) -> usize {
            self.asked.load(std::sync::atomic::Ordering::Relaxed)
        }
    }

    async fn server(answers: Answers) -> Server {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let server = Server { address: socket.local_addr().unwrap(), asked: Arc::default() };
        let asked = Arc::clone(&server.asked);
        tokio::spawn(async move {
            let mut bytes = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Protocol::Stun(stun) = Protocol::of(&bytes[..length]) else { continue };
                let transaction = if answers == Answers::Truly { stun.transaction } else { [9; 12] };
                if answers != Answers::Nothing {
                    let answer = stun::testing::binding_success(transaction, from);
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        server
    }
}
