//! Links: one actor a peer, over WebRTC.

use std::net::IpAddr;
use std::time::Instant;

use super::signalling::Signalling;
use super::store::Store;
use crate::domain::{AppearanceId, Card};
use crate::engine::input::{FetchId, LinkKey, OfferTicket};
use crate::engine::output::FetchWork;
use crate::wire::control::Control;

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

/// All links. Clones are cheap and all alike. None of the calls waits.
#[derive(Clone, Debug)]
pub struct Links {}

impl Links {
    /// Binds the UDP port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start(
        config: LinksConfig,
        signalling: Signalling,
        store: Store,
        inputs: super::Inputs,
    ) -> std::io::Result<Self> {
        let _ = (config, signalling, store, inputs);
        todo!("link")
    }

    /// The UDP port that is bound.
    #[must_use]
    pub fn port(&self) -> u16 {
        todo!("link")
    }

    /// Makes an offer and brings it to the card's signalling. Ends in `LinkUp` or `LinkFailed`.
    pub fn dial(&self, link: LinkKey, card: Card, targets: Vec<std::net::SocketAddr>) {
        let _ = (link, card, targets);
        todo!("link")
    }

    /// Answers an offer. Ends in `LinkUp` or `LinkFailed`.
    pub fn answer(&self, link: LinkKey, ticket: OfferTicket) {
        let _ = (link, ticket);
        todo!("link")
    }

    /// Ends a link or an attempt; what was sent before is delivered first (for at most 500 ms). Nothing more is reported of it.
    pub fn close(&self, link: LinkKey) {
        let _ = link;
        todo!("link")
    }

    /// Says something on a link; lost if the link is not up.
    pub fn send(&self, link: LinkKey, message: Control) {
        let _ = (link, message);
        todo!("link")
    }

    /// Serves blobs of this appearance on this link until then.
    pub fn serve(&self, link: LinkKey, appearance: AppearanceId, until: Instant) {
        let _ = (link, appearance, until);
        todo!("link")
    }

    /// Serves nothing of this appearance on this link.
    pub fn stop_serving(&self, link: LinkKey, appearance: AppearanceId) {
        let _ = (link, appearance);
        todo!("link")
    }

    /// Carries out a fetch order and reports `Input::Fetch`.
    pub fn fetch(&self, fetch: FetchId, link: LinkKey, appearance: AppearanceId, work: FetchWork) {
        let _ = (fetch, link, appearance, work);
        todo!("link")
    }

    /// Gives an order up; nothing more is reported of it.
    pub fn cancel(&self, fetch: FetchId) {
        let _ = fetch;
        todo!("link")
    }
}

impl Links {
    /// Waits until links that were closed have said what was sent before (at most 500 ms).
    pub async fn finish(&self) {
        todo!("link")
    }
}
