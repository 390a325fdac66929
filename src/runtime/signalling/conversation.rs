//! A conversation: the task between a session and whoever arranges a link with it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::mpsc;
use tracing::{debug, trace};

use super::Conversation;
use super::channel::{Ear, Heard, Voice};
use super::tally::Seat;
use super::tcp::HearError;
use crate::domain::Card;
use crate::wire::signal::Signal;

/// Signals that wait to be said or heard: more than the candidates of one link.
const WAITING: usize = 64;

/// Starts a conversation. It ends when it is dropped, when the other side ends it, or after `idle` without a word.
/// `seat` is given up at its end.
pub(super) fn start(card: Card, address: SocketAddr, channel: (Voice, Ear), idle: Duration, seat: Option<Seat>) -> Conversation {
    let (say, said) = mpsc::channel(WAITING);
    let (heard, hear) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        converse(channel, said, heard, idle).await;
        drop(seat);
    });
    Conversation { card, address: Some(address), say, hear }
}

async fn converse(
    (mut voice, mut ear): (Voice, Ear),
    mut said: mpsc::Receiver<Signal>,
    heard: mpsc::Sender<Signal>,
    idle: Duration,
) {
    loop {
        tokio::select! {
            signal = said.recv() => {
                let Some(signal) = signal else { break };
                if !speak(&mut voice, &signal, idle).await { return }
            }
            signal = ear.hear() => {
                if !pass_on(signal, &heard, idle).await { break }
            }
            () = tokio::time::sleep(idle) => {
                trace!("a conversation was silent for too long");
                break;
            }
        }
    }
    voice.end().await;
    // What the other side still has under way is read, so that its end is an end and not a reset.
    drop(heard);
    let _ = tokio::time::timeout(Duration::from_secs(1), ear.drain()).await;
}

/// False if the connection is of no use any more.
async fn speak(voice: &mut Voice, signal: &Signal, idle: Duration) -> bool {
    match tokio::time::timeout(idle, voice.say(signal)).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            debug!(%error, "nothing can be said in a conversation");
            false
        }
        Err(_) => {
            debug!("the other side of a conversation does not read");
            false
        }
    }
}

/// False if nothing more is to be heard.
async fn pass_on(signal: Result<Heard, HearError>, heard: &mpsc::Sender<Signal>, idle: Duration) -> bool {
    match signal {
        Ok(Heard { signal: Signal::Unknown { number }, .. }) => {
            trace!(number, "a signal of a newer program");
            true
        }
        // Whoever does not listen (any more) may still speak.
        Ok(Heard { signal, .. }) => tokio::time::timeout(idle, heard.send(signal)).await.is_ok(),
        Err(HearError::Ended(error)) => {
            trace!(%error, "a conversation ended");
            false
        }
        Err(HearError::Wire(error)) => {
            debug!(%error, "a conversation is broken off");
            false
        }
    }
}
