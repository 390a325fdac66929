//! What carries bulk messages between two linked companions.
//!
//! The transfer code knows this trait alone: not the route, not the socket. The data channel is the first carrier and always
//! the fallback; a second (QUIC on the hub's port, over the path that ICE opened) can be added beside it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use webrtc::data_channel::{DataChannel, DataChannelEvent};

use super::hub::locked;

/// The carrier has ended, with its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bulk carrier has ended")]
pub(super) struct CarrierEnded;

/// Carries whole messages, reliably and in order.
#[async_trait]
pub(super) trait BulkCarrier: Send + Sync + 'static {
    /// Takes a message to be sent; waits while too much is queued for the carrier itself.
    async fn send(&self, message: Bytes) -> Result<(), CarrierEnded>;

    /// The next message; `None` once the carrier has ended. What is not taken is held back at the sender.
    async fn receive(&self) -> Option<Bytes>;

    /// Bytes taken that the other side has not acknowledged.
    async fn unacknowledged(&self) -> Result<usize, CarrierEnded>;
}

/// A reliable, ordered data channel.
pub(super) struct Channel {
    channel: Arc<dyn DataChannel>,
    /// A message that came while it opened.
    early: Mutex<Option<Bytes>>,
    sent: AtomicU64,
}

impl Channel {
    pub(super) fn new(channel: &Arc<dyn DataChannel>, early: Option<Bytes>) -> Arc<Self> {
        Arc::new(Self { channel: Arc::clone(channel), early: Mutex::new(early), sent: AtomicU64::new(0) })
    }

    /// Bytes that the other side has acknowledged so far, and whether there are others.
    pub(super) async fn progress(&self) -> Result<(u64, bool), CarrierEnded> {
        let unacknowledged = self.unacknowledged().await? as u64;
        Ok((self.sent.load(Ordering::Relaxed).saturating_sub(unacknowledged), unacknowledged > 0))
    }
}

#[async_trait]
impl BulkCarrier for Channel {
    async fn send(&self, message: Bytes) -> Result<(), CarrierEnded> {
        let length = message.len() as u64;
        self.channel.send(owned(message)).await.map_err(|_| CarrierEnded)?;
        self.sent.fetch_add(length, Ordering::Relaxed);
        Ok(())
    }

    async fn receive(&self) -> Option<Bytes> {
        if let Some(early) = locked(&self.early).take() {
            return Some(early);
        }
        while let Some(event) = self.channel.poll().await {
            if let DataChannelEvent::OnMessage(message) = event {
                return Some(message.data.freeze());
            }
            if matches!(event, DataChannelEvent::OnClose) {
                return None;
            }
        }
        None
    }

    async fn unacknowledged(&self) -> Result<usize, CarrierEnded> {
        self.channel.outstanding_bytes().await.map_err(|_| CarrierEnded)
    }
}

/// A message's bytes for the library, without a copy where nobody else holds them.
fn owned(message: Bytes) -> BytesMut {
    message.try_into_mut().unwrap_or_else(|shared| BytesMut::from(shared.as_ref()))
}
