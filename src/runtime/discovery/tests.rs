//! Two or more companions' discovery on this machine's loopback.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;

use super::*;
use crate::domain::{Card, DiscoveryMode, DisplayName};
use crate::engine::input::{Input, Sighting};
use crate::runtime::Inputs;
use crate::wire::beacon::{Beacon, PairKeys};

#[tokio::test]
async fn friends_on_one_machine_find_each_other_within_the_burst_and_a_stranger_recognises_nobody() {
    let port = free_port();
    let (mut alice, mut bob, mut carol) = (companion(1, port), companion(2, port), companion(3, port));
    carol.discovery.set_plan(friends_only(&[]));
    alice.discovery.set_plan(friends_only(&[&bob]));
    bob.discovery.set_plan(friends_only(&[&alice]));
    assert_eq!(alice.heard().await, (Sighting::Friend(bob.identity.peer()), bob.signalling()));
    assert_eq!(bob.heard().await, (Sighting::Friend(alice.identity.peer()), alice.signalling()));
    assert!(carol.heard_nobody(), "what friends say is noise to others");
}

#[tokio::test]
async fn in_everyone_nearby_strangers_see_card_and_name() {
    let port = free_port();
    let (mut alice, bob) = (companion(1, port), companion(2, port));
    alice.discovery.set_plan(friends_only(&[]));
    let name = DisplayName::new("Bob").unwrap();
    bob.discovery.set_plan(DiscoveryPlan { name: Some(name.clone()), ..plan(DiscoveryMode::EveryoneNearby, &[]) });
    let expected = Sighting::Open { card: *bob.identity.card(), name: Some(name) };
    assert_eq!(alice.heard().await, (expected, bob.signalling()));
}

#[tokio::test]
async fn a_friend_in_everyone_nearby_is_a_friend() {
    let port = free_port();
    let (mut alice, mut bob) = (companion(1, port), companion(2, port));
    alice.discovery.set_plan(friends_only(&[&bob]));
    bob.discovery.set_plan(plan(DiscoveryMode::EveryoneNearby, &[&alice]));
    assert_eq!(alice.heard().await, (Sighting::Friend(bob.identity.peer()), bob.signalling()));
    assert_eq!(bob.heard().await, (Sighting::Friend(alice.identity.peer()), alice.signalling()));
}

#[tokio::test]
async fn one_who_comes_late_is_answered_at_once() {
    let port = free_port();
    let (mut alice, bob) = (companion(1, port), companion(2, port));
    let (ear, mouth) = (ear(port), tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap());
    alice.discovery.set_plan(friends_only(&[&bob]));
    for _ in 0..4 {
        receive(&ear).await;
    }
    // The burst is over: without an answer the next beacon would come in 24 seconds at the soonest.
    let keys = PairKeys::new(&bob.identity, &[*alice.identity.card()]);
    let here = SocketAddr::from(([127, 0, 0, 1], 4_711));
    let beacon = crate::wire::beacon::blinded(&keys, here, clock_now(), 0, [9; 32]);
    mouth.send_to(&beacon, ("127.255.255.255", port)).await.expect_err("broadcast has to be asked for");
    mouth.set_broadcast(true).unwrap();
    mouth.send_to(&beacon, ("127.255.255.255", port)).await.unwrap();
    let (answer, source) = receive(&mouth).await;
    let Ok(Beacon::Blinded(answer)) = Beacon::decode(&answer, clock_now()) else { panic!("a blinded beacon") };
    assert_eq!(answer.sender(&keys, source.ip(), clock_now()), Some(alice.identity.peer()));
    assert_eq!(alice.heard().await, (Sighting::Friend(bob.identity.peer()), here));
}

#[tokio::test]
async fn off_says_nothing_and_hears_nothing() {
    let port = free_port();
    let (mut alice, bob) = (companion(1, port), companion(2, port));
    let ear = ear(port);
    alice.discovery.set_plan(plan(DiscoveryMode::Off, &[&bob]));
    bob.discovery.set_plan(plan(DiscoveryMode::EveryoneNearby, &[&alice]));
    // Four beacons take two seconds, in which Alice, were she on, would have sent four of her own.
    for _ in 0..4 {
        let (bytes, _) = receive(&ear).await;
        let Ok(Beacon::Open(beacon)) = Beacon::decode(&bytes, clock_now()) else { panic!("only Bob speaks") };
        assert_eq!(beacon.card, *bob.identity.card());
    }
    assert!(alice.heard_nobody());
}

#[tokio::test]
async fn turning_off_closes_and_turning_on_again_finds_at_once() {
    let port = free_port();
    let (mut alice, bob) = (companion(1, port), companion(2, port));
    alice.discovery.set_plan(friends_only(&[&bob]));
    bob.discovery.set_plan(friends_only(&[&alice]));
    alice.heard().await;
    alice.discovery.set_plan(plan(DiscoveryMode::Off, &[]));
    // The beacon port can be had alone as soon as both have let go of it.
    bob.discovery.set_plan(plan(DiscoveryMode::Off, &[]));
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while std::net::UdpSocket::bind(("127.255.255.255", port)).is_err() {
        assert!(tokio::time::Instant::now() < deadline, "the port is still held");
        tokio::task::yield_now().await;
    }
    while alice.inputs.try_recv().is_ok() {}
    alice.discovery.set_plan(friends_only(&[&bob]));
    bob.discovery.set_plan(friends_only(&[&alice]));
    assert_eq!(alice.heard().await.0, Sighting::Friend(bob.identity.peer()));
}

struct Companion {
    identity: Identity,
    discovery: Discovery,
    inputs: mpsc::Receiver<Input>,
    signal_port: u16,
}

impl Companion {
    fn signalling(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.signal_port))
    }

    async fn heard(&mut self) -> (Sighting, SocketAddr) {
        let next = async {
            loop {
                if let Input::Heard { sighting, address } = self.inputs.recv().await.expect("discovery runs") {
                    return (sighting, address);
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), next).await.expect("nobody was heard")
    }

    fn heard_nobody(&mut self) -> bool {
        std::iter::from_fn(|| self.inputs.try_recv().ok()).all(|input| !matches!(input, Input::Heard { .. }))
    }
}

fn companion(seed: u8, beacon_port: u16) -> Companion {
    let identity = Identity::from_seed([seed; 32]);
    let (inputs, receiver) = Inputs::channel(64);
    let signal_port = 40_000 + u16::from(seed);
    let interfaces = InterfaceChoice::Loopback;
    let config = DiscoveryConfig { identity: identity.clone(), interfaces, beacon_port, signal_port };
    Companion { identity, discovery: Discovery::start(config, inputs), inputs: receiver, signal_port }
}

fn friends_only(friends: &[&Companion]) -> DiscoveryPlan {
    plan(DiscoveryMode::FriendsOnly, friends)
}

fn plan(mode: DiscoveryMode, friends: &[&Companion]) -> DiscoveryPlan {
    let friends: Vec<Card> = friends.iter().map(|friend| *friend.identity.card()).collect();
    DiscoveryPlan { mode, friends, name: None }
}

/// Hears what is broadcast, like any companion on this machine.
fn ear(port: u16) -> tokio::net::UdpSocket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None).unwrap();
    socket.set_reuse_address(true).unwrap();
    #[cfg(unix)]
    socket.set_reuse_port(true).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.bind(&SocketAddr::from(([0, 0, 0, 0], port)).into()).unwrap();
    tokio::net::UdpSocket::from_std(socket.into()).unwrap()
}

async fn receive(socket: &tokio::net::UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 600];
    let received = tokio::time::timeout(Duration::from_secs(10), socket.recv_from(&mut buffer)).await;
    let (length, source) = received.expect("nothing was sent").unwrap();
    (buffer[..length].to_vec(), source)
}

fn clock_now() -> u64 {
    crate::runtime::clock::unix_now()
}

/// A UDP port that nobody uses at this moment.
pub(super) fn free_port() -> u16 {
    std::net::UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}
