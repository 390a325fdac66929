//! Reaching out: dialling a card that is held (IK), and knocking at whoever is there (XX).

use std::net::SocketAddr;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::{Instant, timeout_at};
use tracing::{debug, trace};

use super::Conversation;
use super::channel::channel;
use super::conversation;
use super::resolve::resolve;
use super::shared::Shared;
use super::tcp::{FrameReader, unmapped};
use crate::domain::{Card, DisplayName, PeerId};
use crate::engine::input::DialError;
use crate::engine::output::Target;
use crate::runtime::clock;
use crate::wire::session::{Dialling, MAX_HANDSHAKE, Session};
use crate::wire::signal::Signal;

/// Addresses of one peer that are tried.
const MAX_TARGETS: usize = 16;

/// Begins a conversation with `card` at the first of these addresses where it answers.
///
/// # Errors
/// [`DialError`]; that somebody is there says more than that nobody is.
pub(super) async fn dial(shared: &Shared, card: Card, targets: Vec<SocketAddr>) -> Result<Conversation, DialError> {
    let reached = reach(shared, Some(&card), &targets).await?;
    let address = reached.address;
    let channel = channel(&shared.identity, reached.session, reached.reader, reached.writer);
    Ok(conversation::start(card, address, channel, shared.timing.idle, None))
}

/// Shows my card to whoever is at `target` and says that I would like in.
///
/// # Errors
/// [`DialError`]; if it is not the one expected, my card is not shown.
pub(super) async fn knock(
    shared: &Shared,
    target: &Target,
    expect: Option<PeerId>,
    name: Option<DisplayName>,
) -> Result<(Card, SocketAddr), DialError> {
    let deadline = Instant::now() + shared.timing.dial;
    let resolved = timeout_at(deadline, resolve(target, shared.loopback_only)).await;
    let targets = resolved.unwrap_or(Err(DialError::NameNotFound))?;
    let mut reached = reach(shared, None, &targets).await?;
    let (card, address) = (*reached.session.card(), reached.address);
    check_welcome(shared, &card, expect)?;
    let said = async {
        reached.writer.write_all(&reached.last).await?;
        let (mut voice, ear) = channel(&shared.identity, reached.session, reached.reader, reached.writer);
        voice.say(&Signal::Knock { name, port: shared.port }).await?;
        voice.end().await;
        Ok::<_, std::io::Error>(ear)
    };
    match timeout_at(deadline, said).await {
        Ok(Ok(_)) => Ok((card, address)),
        Ok(Err(error)) => {
            debug!(%error, "a knock was broken off");
            Err(DialError::Silent)
        }
        Err(_) => Err(DialError::Silent),
    }
}

fn check_welcome(shared: &Shared, card: &Card, expect: Option<PeerId>) -> Result<(), DialError> {
    if card.peer() == shared.identity.peer() {
        return Err(DialError::Other("that address is this companion's own".to_owned()));
    }
    if expect.is_some_and(|expected| expected != card.peer()) {
        return Err(DialError::Other("somebody else answers at that address; nothing was shown to them".to_owned()));
    }
    Ok(())
}

/// A listener that has answered.
struct Reached {
    address: SocketAddr,
    reader: FrameReader,
    writer: OwnedWriteHalf,
    session: Session,
    /// To be sent before anything else.
    last: Vec<u8>,
}

/// Tries the addresses one after the other with a short head start for each (like RFC 8305); the first that answers wins.
async fn reach(shared: &Shared, card: Option<&Card>, targets: &[SocketAddr]) -> Result<Reached, DialError> {
    let deadline = Instant::now() + shared.timing.dial;
    let targets = dialable(targets, shared.loopback_only);
    let (mut waiting, mut running) = (targets.into_iter(), FuturesUnordered::new());
    let mut worst = DialError::Unreachable;
    loop {
        if let Some(target) = waiting.next() {
            running.push(attempt(shared, card, target, deadline));
        }
        let head_start = tokio::time::sleep(shared.timing.stagger);
        tokio::select! {
            ended = running.next() => match ended {
                Some(Ok(reached)) => return Ok(reached),
                Some(Err(error)) => worst = more_telling(worst, error),
                None => return Err(worst),
            },
            () = head_start, if waiting.len() > 0 => {}
        }
    }
}

/// The targets that may be dialled, each once.
fn dialable(targets: &[SocketAddr], loopback_only: bool) -> Vec<SocketAddr> {
    let mut all: Vec<SocketAddr> = Vec::new();
    for target in targets.iter().map(|target| unmapped(*target)) {
        let allowed = target.ip().is_loopback() || !loopback_only;
        if allowed && target.port() != 0 && !target.ip().is_unspecified() && !all.contains(&target) {
            all.push(target);
        }
    }
    all.truncate(MAX_TARGETS);
    all
}

async fn attempt(shared: &Shared, card: Option<&Card>, address: SocketAddr, deadline: Instant) -> Result<Reached, DialError> {
    let connected = timeout_at(deadline, TcpStream::connect(address)).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            debug!(%error, "a target cannot be reached");
            return Err(DialError::Unreachable);
        }
        Err(_) => return Err(DialError::Unreachable),
    };
    timeout_at(deadline, shake_hands(shared, card, address, stream)).await.unwrap_or(Err(DialError::Silent))
}

async fn shake_hands(shared: &Shared, card: Option<&Card>, address: SocketAddr, stream: TcpStream) -> Result<Reached, DialError> {
    let failed = |error: &dyn std::fmt::Display| {
        trace!(%error, "a handshake failed");
        DialError::Silent
    };
    let _ = stream.set_nodelay(true);
    let (reader, mut writer) = stream.into_split();
    let mut reader = FrameReader::new(reader);
    let entropy = clock::entropy().map_err(|error| DialError::Other(error.to_string()))?;
    let (dialling, first) = match card {
        Some(card) => Dialling::ik(&shared.identity, card, entropy),
        None => Dialling::xx(&shared.identity, entropy),
    }
    .map_err(|error| failed(&error))?;
    writer.write_all(&first).await.map_err(|error| failed(&error))?;
    let answer = reader.frame(MAX_HANDSHAKE).await.map_err(|error| failed(&error))?;
    let (session, last) = dialling.hear(&answer).map_err(|error| failed(&error))?;
    Ok(Reached { address, reader, writer, session, last })
}

/// Of two failures the one that tells the person more.
fn more_telling(one: DialError, other: DialError) -> DialError {
    let rank = |error: &DialError| match error {
        DialError::Unreachable | DialError::NameNotFound => 0,
        DialError::Silent | DialError::IceFailed | DialError::NoWay(_) => 1,
        DialError::Other(_) => 2,
    };
    if rank(&other) > rank(&one) { other } else { one }
}
