//! The one writer of a bulk carrier: our own requests first, then what the other side asked for, as the pace allows.
//!
//! Requests never wait for content. Otherwise two companions that serve each other could each wait for the other to read.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::End;
use super::pace::{Pace, QUEUE_MAX};
use super::serve::Server;
use crate::runtime::link::carrier::BulkCarrier;
use crate::wire::bulk::Bulk;

/// Writes until the link ends, and says why it did.
pub(crate) struct Writer {
    pub(super) carrier: Arc<dyn BulkCarrier>,
    /// Our own requests, encoded.
    pub(super) requests: mpsc::Receiver<Bytes>,
    /// The other side's requests.
    pub(super) asked: mpsc::Receiver<Bulk>,
    pub(super) server: Server,
    pub(super) pace: Pace,
}

impl Writer {
    pub(crate) async fn run(mut self) -> End {
        loop {
            if let Err(end) = self.turn().await {
                return end;
            }
        }
    }

    async fn turn(&mut self) -> Result<(), End> {
        if self.server.is_idle() {
            tokio::select! {
                request = self.requests.recv() => self.send_own(request).await?,
                asked = self.asked.recv() => self.take(asked).await?,
            }
        }
        while let Ok(request) = self.requests.try_recv() {
            self.send(request).await?;
        }
        while let Ok(asked) = self.asked.try_recv() {
            self.take(Some(asked)).await?;
        }
        for message in self.server.next(self.pace.line_is_slow(), Instant::now()).await {
            self.wait_for_room(message.len() as u64).await?;
            self.send(message).await?;
        }
        Ok(())
    }

    async fn send_own(&mut self, request: Option<Bytes>) -> Result<(), End> {
        self.send(or_wait(request).await).await
    }

    async fn take(&mut self, asked: Option<Bulk>) -> Result<(), End> {
        match self.server.take(or_wait(asked).await, Instant::now())? {
            Some(refusal) => self.send(refusal).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, message: Bytes) -> Result<(), End> {
        self.pace.sent(message.len());
        self.carrier.send(message).await.map_err(|_| End::Closed)
    }

    /// Waits until so many bytes more may be queued; own requests go on meanwhile.
    async fn wait_for_room(&mut self, length: u64) -> Result<(), End> {
        loop {
            let queued = self.carrier.unacknowledged().await.map_err(|_| End::Closed)?;
            self.pace.observe(Instant::now(), queued);
            let (queued, limit) = (queued as u64, self.pace.limit());
            // At the top the carrier's own bound is the same, and it wakes us sooner than a clock.
            if queued == 0 || queued + length <= limit || limit >= QUEUE_MAX {
                return Ok(());
            }
            let wait = self.pace.wait((queued + length).saturating_sub(limit));
            tokio::select! {
                request = self.requests.recv() => self.send_own(request).await?,
                () = tokio::time::sleep(wait) => {}
            }
        }
    }
}

/// What was received. When its sender is gone, the link is ending, and whoever ended it says why: this one waits.
async fn or_wait<T>(received: Option<T>) -> T {
    match received {
        Some(received) => received,
        None => std::future::pending().await,
    }
}
