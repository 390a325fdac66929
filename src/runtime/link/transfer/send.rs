//! The one writer of a bulk carrier: our own requests first, then what the other side asked for, as the pace allows.
//!
//! Requests never wait for content, and what the other side asks is taken also while the carrier takes nothing. Otherwise two
//! companions that serve each other could each wait for the other to read.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::End;
use super::pace::{Pace, QUEUE_MAX};
use super::serve::Server;
use crate::runtime::link::carrier::BulkCarrier;
use crate::runtime::link::limit::{Gates, Turn};
use crate::wire::bulk::Bulk;

/// Refusals that wait for the carrier; beyond, no more requests are taken. Only a companion that asks for what it may not have
/// comes so far.
const MOST_REFUSALS: usize = 64;

/// Writes until the link ends, and says why it did.
pub(crate) struct Writer {
    pub(super) carrier: Arc<dyn BulkCarrier>,
    /// Our own requests, encoded.
    pub(super) requests: mpsc::Receiver<Bytes>,
    /// The other side's requests.
    pub(super) asked: mpsc::Receiver<Bulk>,
    pub(super) server: Server,
    pub(super) refusals: VecDeque<Bytes>,
    pub(super) pace: Pace,
    pub(super) gates: Arc<Gates>,
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
        if self.server.is_idle() && self.refusals.is_empty() {
            tokio::select! {
                request = self.requests.recv() => self.send(or_wait(request).await).await?,
                asked = self.asked.recv() => self.take(or_wait(asked).await)?,
            }
        }
        while let Ok(request) = self.requests.try_recv() {
            self.send(request).await?;
        }
        while let Ok(asked) = self.asked.try_recv() {
            self.take(asked)?;
        }
        while let Some(refusal) = self.refusals.pop_front() {
            self.send(refusal).await?;
        }
        let slow = self.pace.line_is_slow() || self.gates.up.rate().is_some();
        for message in self.server.next(slow, Instant::now()).await {
            let length = message.bytes.len() as u64;
            self.wait_for_turn(length).await?;
            self.wait_for_room(length).await?;
            if let Some(bytes) = self.server.release(message, Instant::now()) {
                self.send(bytes).await?;
            }
        }
        Ok(())
    }

    fn take(&mut self, asked: Bulk) -> Result<(), End> {
        let refusal = self.server.take(asked, Instant::now())?;
        self.refusals.extend(refusal);
        Ok(())
    }

    async fn send(&mut self, message: Bytes) -> Result<(), End> {
        self.pace.sent(message.len());
        let carrier = Arc::clone(&self.carrier);
        let mut sending = pin!(carrier.send(message));
        loop {
            tokio::select! {
                biased;
                sent = &mut sending => return sent.map_err(|_| End::Closed),
                Some(asked) = self.asked.recv(), if self.refusals.len() < MOST_REFUSALS => self.take(asked)?,
            }
        }
    }

    /// Waits until so many bytes may go under the limits; own requests go on meanwhile.
    async fn wait_for_turn(&mut self, length: u64) -> Result<(), End> {
        let mut changes = self.gates.changes();
        let mut turn = Turn::of(length);
        while let Some(at) = self.gates.up.due(&mut turn, Instant::now()) {
            tokio::select! {
                request = self.requests.recv() => self.send(or_wait(request).await).await?,
                Some(asked) = self.asked.recv(), if self.refusals.len() < MOST_REFUSALS => self.take(asked)?,
                Ok(()) = changes.changed() => {}
                () = tokio::time::sleep_until(at.into()) => {}
            }
        }
        Ok(())
    }

    /// Waits until so many bytes more may be queued; own requests go on meanwhile.
    async fn wait_for_room(&mut self, length: u64) -> Result<(), End> {
        // At the top the carrier's own bound is the same, and it wakes us sooner than a clock.
        if self.pace.limit() >= QUEUE_MAX && !self.pace.is_due(Instant::now()) {
            return Ok(());
        }
        loop {
            let queued = self.carrier.unacknowledged().await.map_err(|_| End::Closed)?;
            self.pace.observe(Instant::now(), queued);
            let (queued, limit) = (queued as u64, self.pace.limit());
            if queued == 0 || queued + length <= limit || limit >= QUEUE_MAX {
                return Ok(());
            }
            let wait = self.pace.wait((queued + length).saturating_sub(limit));
            tokio::select! {
                request = self.requests.recv() => self.send(or_wait(request).await).await?,
                Some(asked) = self.asked.recv(), if self.refusals.len() < MOST_REFUSALS => self.take(asked)?,
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;
    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    use super::*;
    use crate::domain::AppearanceId;
    use crate::domain::BlobHash;
    use crate::runtime::Inputs;
    use crate::runtime::link::carrier::CarrierEnded;
    use crate::runtime::store::Store;

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn what_the_other_side_asks_is_taken_while_the_carrier_takes_nothing() {
        let (carrier, requests, asked) = start();
        requests.send(Bytes::from_static(b"mine")).await.unwrap();
        for request in 0..MOST_REFUSALS as u32 {
            for message in [forbidden(request), Bulk::Cancel { request }] {
                let taken = timeout(SOON, asked.send(message)).await;
                taken.expect("the reader would wait for the carrier").unwrap();
            }
        }
        assert_eq!(carrier.taken.available_permits(), 0);
        carrier.room.add_permits(1);
        timeout(SOON, carrier.taken.acquire()).await.expect("nothing is sent").unwrap().forget();
    }

    #[tokio::test]
    async fn refusals_are_sent_once_there_is_room_and_do_not_pile_up() {
        let (carrier, requests, asked) = start();
        requests.send(Bytes::from_static(b"mine")).await.unwrap();
        let mut sent = 0;
        while timeout(Duration::from_millis(200), asked.send(forbidden(sent))).await.is_ok() {
            sent += 1;
            assert!(sent <= 200, "refusals pile up");
        }
        carrier.room.add_permits(Semaphore::MAX_PERMITS / 2);
        timeout(SOON, carrier.taken.acquire_many(1 + sent)).await.expect("refusals are missing").unwrap().forget();
    }

    fn forbidden(request: u32) -> Bulk {
        let (appearance, hash) = (AppearanceId::from_bytes([1; 32]), BlobHash::of(b"x"));
        Bulk::GetTree { request, appearance, hash }
    }

    fn start() -> (Arc<Narrow>, mpsc::Sender<Bytes>, mpsc::Sender<Bulk>) {
        let carrier = Arc::new(Narrow { room: Semaphore::new(0), taken: Semaphore::new(0) });
        let (requests, requests_waiting) = mpsc::channel(4);
        let (asked, asked_waiting) = mpsc::channel(4);
        let server = Server::new(Store::memory(), Arc::default(), Inputs::channel(1).0, Arc::default());
        let writer = Writer {
            carrier: Arc::clone(&carrier) as Arc<dyn BulkCarrier>,
            requests: requests_waiting,
            asked: asked_waiting,
            server,
            refusals: VecDeque::new(),
            pace: Pace::default(),
            gates: Arc::default(),
        };
        tokio::spawn(writer.run());
        (carrier, requests, asked)
    }

    /// Takes a message for each permit that `room` has.
    struct Narrow {
        room: Semaphore,
        taken: Semaphore,
    }

    #[async_trait]
    impl BulkCarrier for Narrow {
        async fn send(&self, _: Bytes) -> Result<(), CarrierEnded> {
            self.room.acquire().await.map_err(|_| CarrierEnded)?.forget();
            self.taken.add_permits(1);
            Ok(())
        }

        async fn receive(&self) -> Option<Bytes> {
            std::future::pending().await
        }

        async fn unacknowledged(&self) -> Result<usize, CarrierEnded> {
            Ok(0)
        }
    }
}
