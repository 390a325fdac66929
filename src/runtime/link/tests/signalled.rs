//! Links over real signalling: TCP, Noise and sealed envelopes.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use tokio::sync::mpsc;

use super::harness::expect;
use crate::domain::{Card, DiscoveryMode, Identity};
use crate::engine::input::{Input, LinkKey};
use crate::engine::output::DiscoveryPlan;
use crate::runtime::Inputs;
use crate::runtime::link::{Links, LinksConfig};
use crate::runtime::rendezvous::{Rendezvous, RendezvousConfig};
use crate::runtime::signalling::{Signalling, SignallingConfig};
use crate::runtime::store::Store;
use crate::wire::control::Control;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_over_tcp_signalling() {
    let (mine, theirs) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]));
    let (my_card, their_card) = (*mine.card(), *theirs.card());
    let mut me = Whole::start(mine, their_card).await;
    let mut they = Whole::start(theirs, my_card).await;
    let (there, back) = (key(their_card), key(my_card));
    let started = Instant::now();
    let target = SocketAddr::from((Ipv4Addr::LOCALHOST, they.signalling.port()));
    me.links.dial(there, their_card, vec![target]);
    let ticket = expect(&mut they.heard, |input| match input {
        Input::OfferArrived { ticket, card, .. } if card == my_card => Some(ticket),
        _ => None,
    })
    .await;
    they.links.answer(back, ticket);
    for (side, link) in [(&mut me, there), (&mut they, back)] {
        expect(&mut side.heard, |input| matches!(input, Input::LinkUp { link: up, .. } if up == link).then_some(())).await;
    }
    println!("open over TCP signalling {:?} after the dial", started.elapsed());
    me.links.send(there, Control::Ping { token: 8 });
    expect(&mut they.heard, |input| matches!(input, Input::Received(_, Control::Ping { token: 8 })).then_some(())).await;
}

/// A companion's runtime, without its engine.
struct Whole {
    links: Links,
    signalling: Signalling,
    heard: mpsc::Receiver<Input>,
}

impl Whole {
    async fn start(identity: Identity, friend: Card) -> Self {
        let (inputs, heard) = Inputs::channel(256);
        let config = SignallingConfig { identity: identity.clone(), port: 0, loopback_only: true };
        let signalling = Signalling::start(config, inputs.clone()).await.unwrap();
        signalling.set_plan(&DiscoveryPlan { mode: DiscoveryMode::FriendsOnly, friends: vec![friend], name: None });
        let config = RendezvousConfig { identity, loopback_only: true };
        let rendezvous = Rendezvous::start(config, signalling.clone(), inputs.clone()).unwrap();
        let config = LinksConfig { port: 0, addresses: Vec::new(), loopback_only: true };
        let links = Links::start(config, signalling.clone(), rendezvous, Store::memory(), inputs).await.unwrap();
        Self { links, signalling, heard }
    }
}

fn key(card: Card) -> LinkKey {
    LinkKey { peer: card.peer(), generation: 1 }
}
