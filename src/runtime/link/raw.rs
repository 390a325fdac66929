//! A link's connection with nothing above it: the same sockets, runtime, settings and buffers, and two channels that carry
//! whatever they are given. What `cargo bench --bench transfer` compares transfers with.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;

use super::carrier::{BulkCarrier, Channel};
use super::connection::{self, Connection, Ground};
use super::hub::{Hub, SocketBuffers};
use super::{LinksConfig, Signalling};
use crate::domain::Card;
use crate::engine::input::{DialError, OfferTicket};

/// The port of raw links.
#[derive(Debug)]
pub struct RawPort(Ground);

/// One end of a connection. Dropping it closes it.
pub struct RawLink {
    bulk: Arc<Channel>,
    _connection: Connection,
}

impl RawPort {
    /// Binds the UDP port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub fn bind(config: LinksConfig) -> std::io::Result<Self> {
        let LinksConfig { port, addresses, loopback_only } = config;
        Ok(Self(Ground::new(Hub::bind(port, loopback_only)?, addresses, loopback_only)))
    }

    /// The kernel's buffers as they really are.
    #[must_use]
    pub fn socket_buffers(&self) -> SocketBuffers {
        self.0.hub.buffers()
    }

    /// Connects to whoever answers this card's signalling there.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn dial(&self, signalling: &Signalling, card: Card, targets: Vec<SocketAddr>) -> Result<RawLink, DialError> {
        connection::dial(&self.0, signalling, card, targets, 1).await.map(RawLink::new)
    }

    /// Answers an offer.
    ///
    /// # Errors
    /// [`DialError`].
    pub async fn answer(&self, signalling: &Signalling, ticket: OfferTicket) -> Result<RawLink, DialError> {
        let offer = signalling.take_offer(ticket).ok_or_else(|| DialError::Other("the offer is gone".to_owned()))?;
        connection::answer(&self.0, offer).await.map(RawLink::new)
    }
}

impl RawLink {
    fn new(mut connection: Connection) -> Self {
        let bulk = Channel::new(&connection.bulk, connection.early.bulk.take());
        Self { bulk, _connection: connection }
    }

    /// Sends a message on the bulk channel; waits while its buffer is full. False once the connection has ended.
    pub async fn send(&self, message: Bytes) -> bool {
        self.bulk.send(message).await.is_ok()
    }

    /// The next message on the bulk channel; `None` once the connection has ended.
    pub async fn receive(&self) -> Option<Bytes> {
        self.bulk.receive().await
    }
}

impl std::fmt::Debug for RawLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawLink").finish_non_exhaustive()
    }
}
