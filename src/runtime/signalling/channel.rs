//! Signals on an established session: each in an envelope, each envelope in a frame.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

use super::tcp::{FrameReader, HearError};
use crate::domain::{Card, Identity};
use crate::runtime::clock;
use crate::wire::WireError;
use crate::wire::envelope::{self, Freshness};
use crate::wire::session::{MAX_MESSAGE, Opener, Sealer, Session};
use crate::wire::signal::Signal;

/// The two directions of a session on its connection.
pub(super) fn channel(me: &Arc<Identity>, session: Session, reader: FrameReader, writer: OwnedWriteHalf) -> (Voice, Ear) {
    let (card, freshness) = (*session.card(), Freshness::Nonce(session.handshake_hash()));
    let (sealer, opener) = session.split();
    let voice = Voice { me: Arc::clone(me), card, freshness, sealer, number: 0, writer };
    (voice, Ear { me: Arc::clone(me), card, freshness, opener, lowest: 0, reader })
}

/// The direction to the other side.
#[derive(Debug)]
pub(super) struct Voice {
    me: Arc<Identity>,
    card: Card,
    freshness: Freshness,
    sealer: Sealer,
    number: u32,
    writer: OwnedWriteHalf,
}

impl Voice {
    /// Says something. Not to be given up half way: what was begun cannot be said again.
    ///
    /// # Errors
    /// If the connection failed, or the signal is too long for an envelope.
    pub(super) async fn say(&mut self, signal: &Signal) -> io::Result<()> {
        let number = self.number;
        self.number = number.saturating_add(1);
        let (now, entropy) = (clock::unix_now(), clock::entropy()?);
        let sealed = envelope::seal(&self.me, &self.card, self.freshness, number, now, &signal.encode(), entropy);
        let framed = self.sealer.seal(&sealed).map_err(io::Error::other)?;
        self.writer.write_all(&framed).await
    }

    /// Says that nothing more comes, after everything that was said.
    pub(super) async fn end(&mut self) {
        let _ = self.writer.shutdown().await;
    }
}

/// A signal as heard.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) signal: Signal,
    /// BLAKE3 of the signal's bytes as the other side encoded them.
    pub(super) hash: [u8; 32],
}

/// The direction from the other side.
#[derive(Debug)]
pub(super) struct Ear {
    me: Arc<Identity>,
    card: Card,
    freshness: Freshness,
    opener: Opener,
    /// The lowest number that the next envelope may have.
    lowest: u32,
    reader: FrameReader,
}

impl Ear {
    /// Hears the next signal. A call that is given up loses nothing.
    ///
    /// # Errors
    /// [`HearError`]: the connection ended, or something came that is not by this card in this session, in order.
    pub(super) async fn hear(&mut self) -> Result<Heard, HearError> {
        let message = self.reader.frame(MAX_MESSAGE).await?;
        Ok(self.open(&message)?)
    }

    /// Hears nothing more; waits for the other side to end.
    pub(super) async fn drain(&mut self) {
        self.reader.drain().await;
    }

    fn open(&mut self, message: &[u8]) -> Result<Heard, WireError> {
        let opened = envelope::open(&self.me, self.freshness, &self.opener.open(message)?)?;
        if opened.sender != self.card {
            return Err(WireError::NotAuthentic { what: "envelope of another than the session's card" });
        }
        if opened.number < self.lowest {
            return Err(WireError::malformed("envelope", "its number is not higher than the last one's"));
        }
        self.lowest = opened.number.checked_add(1).ok_or_else(|| WireError::malformed("envelope", "no number is left"))?;
        let hash = *blake3::hash(&opened.body).as_bytes();
        Ok(Heard { signal: Signal::decode(&opened.body)?, hash })
    }
}
