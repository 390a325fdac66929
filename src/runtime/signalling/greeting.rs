//! What happens to a connection that comes in.
//!
//! Silence is the rule: whoever is not to be answered gets no byte, and an end after the same time, whether it is unknown,
//! refused, blocked, paused, too slow, or garbage. So every way out of here that is not an answer leads through
//! [`Door::stay_silent`], and what a knock gets after it was heard is the same.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::Instant;
use tracing::{debug, trace};

use super::channel::{Ear, Heard, channel};
use super::shared::{Guest, Shared};
use super::tcp::{FrameReader, HearError};
use super::{PendingOffer, conversation};
use crate::domain::Card;
use crate::engine::input::Input;
use crate::runtime::clock;
use crate::wire::WireError;
use crate::wire::session::{Answered, Answering, MAX_HANDSHAKE, Pattern, Session};
use crate::wire::signal::Signal;

/// Answers a connection from `source`, or not.
pub(super) async fn greet(shared: Arc<Shared>, stream: TcpStream, source: IpAddr, guest: Guest) {
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let closes = Instant::now() + shared.timing.silence;
    let mut door = Door { shared, reader: FrameReader::new(reader), writer, closes };
    match tokio::time::timeout_at(closes, door.introduce()).await {
        Ok(Ok((Pattern::Ik, session))) => {
            drop(guest);
            door.let_in(session, source).await;
        }
        Ok(Ok((Pattern::Xx, session))) => door.hear_knock(session, source).await,
        Ok(Err(refusal)) => {
            debug!(%refusal, "a connection is not answered");
            door.stay_silent().await;
        }
        Err(_) => trace!("a connection said nothing in time"),
    }
}

/// Why a connection is not answered; for the log only.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Heard(#[from] HearError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("it speaks no pattern that is known")]
    Garbage,
    #[error("whoever it is may not know that this companion is here")]
    NotWelcome,
    #[error("its first message was sent before")]
    Replayed,
    #[error("the system: {0}")]
    System(#[from] std::io::Error),
}

/// A connection at the door.
struct Door {
    shared: Arc<Shared>,
    reader: FrameReader,
    writer: OwnedWriteHalf,
    closes: Instant,
}

impl Door {
    /// The handshake. Nothing is sent before it is known that the other side is welcome.
    async fn introduce(&mut self) -> Result<(Pattern, Session), Refusal> {
        let pattern = Pattern::from_byte(self.reader.byte().await?).ok_or(Refusal::Garbage)?;
        let first = self.reader.frame(MAX_HANDSHAKE).await?;
        let answering = Answering::hear(&self.shared.identity, pattern, &first, clock::entropy()?)?;
        if !self.shared.answers(answering.caller()) {
            return Err(Refusal::NotWelcome);
        }
        if pattern == Pattern::Ik && !self.shared.is_first_time(answering.ephemeral()) {
            return Err(Refusal::Replayed);
        }
        let (answered, answer) = answering.answer()?;
        self.writer.write_all(&answer).await?;
        let session = match answered {
            Answered::Known(session) => session,
            Answered::AwaitingCard(waiting) => waiting.hear(&self.reader.frame(MAX_HANDSHAKE).await?)?,
        };
        Ok((pattern, session))
    }

    /// No byte, and the end when the time has come, however the connection came to this.
    async fn stay_silent(mut self) {
        let _ = tokio::time::timeout_at(self.closes, self.reader.drain()).await;
    }

    /// A stranger may knock, and is told nothing.
    async fn hear_knock(self, session: Session, source: IpAddr) {
        let (closes, card, shared) = (self.closes, *session.card(), Arc::clone(&self.shared));
        let (_voice, mut ear) = channel(&self.shared.identity, session, self.reader, self.writer);
        let heard = tokio::time::timeout_at(closes, ear.hear()).await;
        if let Ok(Ok(Heard { signal, .. })) = heard {
            knocked(&shared, card, source, signal).await;
        }
        let _ = tokio::time::timeout_at(closes, ear.drain()).await;
    }

    /// A friend comes with an offer.
    async fn let_in(self, session: Session, source: IpAddr) {
        let card = *session.card();
        let Some(seat) = self.shared.tally.seat(card.peer()) else {
            debug!(peer = %card.peer().short(), "too many sessions; one more is not kept");
            return self.stay_silent().await;
        };
        let (shared, idle) = (Arc::clone(&self.shared), self.shared.timing.idle);
        let (voice, mut ear) = channel(&shared.identity, session, self.reader, self.writer);
        let Ok(Some(first)) = tokio::time::timeout(idle, first_signal(&mut ear)).await else { return };
        match first.signal {
            Signal::Offer { generation, port, sdp } => {
                let Some(address) = dialable(source, port) else { return };
                let conversation = conversation::start(card, address, (voice, ear), idle, Some(seat));
                offered(&shared, PendingOffer { conversation, sdp, offer_hash: first.hash, generation }).await;
            }
            knock @ Signal::Knock { .. } => knocked(&shared, card, source, knock).await,
            Signal::Answer { .. } | Signal::Candidate { .. } | Signal::Unknown { .. } => {
                debug!(peer = %card.peer().short(), "a conversation that begins with neither offer nor knock");
            }
        }
    }
}

/// The first signal that this program understands; `None` if the other side ends or breaks the protocol.
async fn first_signal(ear: &mut Ear) -> Option<Heard> {
    loop {
        match ear.hear().await {
            Ok(Heard { signal: Signal::Unknown { .. }, .. }) => {}
            Ok(heard) => return Some(heard),
            Err(error) => {
                debug!(%error, "a friend came and said nothing");
                return None;
            }
        }
    }
}

pub(super) async fn offered(shared: &Shared, offer: PendingOffer) {
    let (card, generation, address) = (offer.conversation.card, offer.generation, offer.conversation.address);
    // The plan may have changed since the handshake.
    if !shared.answers(Some(&card)) {
        return;
    }
    let ticket = shared.park(offer);
    shared.inputs.send(Input::OfferArrived { ticket, card, generation, address }).await;
    tokio::time::sleep(shared.timing.offer).await;
    drop(shared.take_offer(ticket));
}

async fn knocked(shared: &Shared, card: Card, source: IpAddr, signal: Signal) {
    let Signal::Knock { name, port } = signal else {
        debug!("a stranger said something else than a knock");
        return;
    };
    if let Some(address) = dialable(source, port) {
        shared.inputs.send(Input::Knocked { card, name, address }).await;
    }
}

/// Where whoever came from `source` can be dialled, if the port it told is one.
fn dialable(source: IpAddr, port: u16) -> Option<SocketAddr> {
    (port != 0).then(|| SocketAddr::new(source, port))
}
