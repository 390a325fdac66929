//! Moves blobs over a link's bulk carrier: serves what the engine allows, fetches what it orders.
//!
//! Three tasks a link: the reader decodes and sorts, the [writer](send) sends our requests and, in turns, what
//! the other side asked for, and the [fetcher](fetch) checks answers and gives them to the store. The fetcher asks for at
//! most 4 MiB at a time (32 MiB over all links), so that is what can wait in memory when the disk is slow; the reader never
//! stops for longer than the fetcher needs to store a message, and so bulk never holds up the control channel.

mod fetch;
mod order;
mod pace;
mod requests;
mod send;
mod serve;
mod storing;
mod tally;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};

pub(super) use fetch::{FetchCommand, Fetcher};
pub(super) use serve::Permits;
pub(super) use tally::Tally;

use super::carrier::BulkCarrier;
use super::flood::ShortMessages;
use super::limit::Gates;
use super::socket::Port;
use crate::engine::input::DownReason;
use crate::runtime::Inputs;
use crate::runtime::store::Store;
use crate::wire::GROUP;
use crate::wire::bulk::Bulk;
use pace::Pace;
use send::Writer;
use serve::Server;

/// Bytes asked for over all links and not yet here.
const IN_FLIGHT_IN_ALL: u64 = 32 << 20;
/// Our own requests that wait for the writer.
const REQUESTS_WAITING: usize = 256;
/// The other side's requests that wait for the writer. A companion has 32 open at most, and the writer takes requests also while it
/// writes, so this is far beyond what waits however slow the line is.
const ASKED_WAITING: usize = 1024;
/// What they may weigh: so many of the length of the one that comes. 32 of the longest are half as much.
const ASKED_BYTES: usize = 1 << 20;
/// Answers that wait for the fetcher: all that it asks for at a time ([`fetch::IN_FLIGHT`]), so that the carrier is always read. A carrier
/// that is not read closes its window, and opens it again only after a while.
const ANSWERS_WAITING: usize = 96;

/// The other side broke the protocol; how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Breach(pub(super) &'static str);

/// Why a link's task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The other side, or the connection beneath, closed.
    Closed,
    /// Something stalled; for people.
    Failed(String),
    /// Bytes that are no messages, or messages at the wrong time.
    Protocol(String),
}

impl From<Breach> for End {
    fn from(Breach(how): Breach) -> Self {
        Self::Protocol(how.to_owned())
    }
}

impl From<End> for DownReason {
    fn from(end: End) -> Self {
        match end {
            End::Closed => Self::Closed,
            End::Failed(why) => Self::Failed(why),
            End::Protocol(how) => Self::ProtocolError(how),
        }
    }
}

/// The budget of bytes in flight, shared by all links; one permit is one group.
pub(super) fn budget() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(usize::try_from(IN_FLIGHT_IN_ALL / GROUP).unwrap_or(Semaphore::MAX_PERMITS)))
}

/// What the tasks of one link's transfers share with the rest of it.
pub(super) struct Shared {
    pub(super) carrier: Arc<dyn BulkCarrier>,
    pub(super) port: Arc<Port>,
    pub(super) store: Store,
    pub(super) inputs: Inputs,
    pub(super) permits: Arc<Permits>,
    pub(super) budget: Arc<Semaphore>,
    pub(super) gates: Arc<Gates>,
    /// Blob bytes served so far.
    pub(super) served: Arc<Tally>,
}

/// The three tasks, ready to run.
pub(super) struct Tasks {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) fetcher: Fetcher,
}

/// Ties the tasks of one link together. Fetch commands come by `commands`.
pub(super) fn tasks(shared: Shared, commands: mpsc::Receiver<FetchCommand>) -> Tasks {
    let (requests, requests_waiting) = mpsc::channel(REQUESTS_WAITING);
    let (asked, asked_waiting) = mpsc::channel(ASKED_WAITING);
    let (answers, answers_waiting) = mpsc::channel(ANSWERS_WAITING);
    let Shared { carrier, port, store, inputs, permits, budget, gates, served } = shared;
    let server = Server::new(store.clone(), permits, inputs.clone(), served);
    Tasks {
        reader: Reader { carrier: Arc::clone(&carrier), port, asked, answers },
        writer: Writer {
            carrier,
            requests: requests_waiting,
            asked: asked_waiting,
            server,
            refusals: VecDeque::new(),
            pace: Pace::default(),
            gates: Arc::clone(&gates),
        },
        fetcher: Fetcher::new(store, inputs, budget, commands, answers_waiting, requests, gates),
    }
}

/// Reads the carrier and sorts requests from answers.
pub(super) struct Reader {
    carrier: Arc<dyn BulkCarrier>,
    port: Arc<Port>,
    asked: mpsc::Sender<Bulk>,
    answers: mpsc::Sender<Answer>,
}

/// An answer and its length on the wire.
type Answer = (Bulk, usize);

impl Reader {
    /// Reads until the link ends, and says why it did.
    pub(super) async fn run(self) -> End {
        let mut short = ShortMessages::of_bulk();
        while let Some(message) = self.carrier.receive().await {
            self.port.mark_alive();
            if let Err(breach) = short.count(message.len()) {
                return breach.into();
            }
            match Bulk::decode(&message) {
                Ok(bulk) if is_request(&bulk) => {
                    if let Err(breach) = self.ask(bulk, message.len()) {
                        return breach.into();
                    }
                }
                Ok(bulk) => drop(self.answers.send((bulk, message.len())).await),
                Err(error) => return End::Protocol(error.to_string()),
            }
        }
        End::Closed
    }

    /// Hands a request to the writer, and waits for nothing: see [`flood`](super::flood).
    fn ask(&self, request: Bulk, length: usize) -> Result<(), Breach> {
        let waiting = self.asked.max_capacity() - self.asked.capacity();
        if waiting.saturating_add(1).saturating_mul(length) > ASKED_BYTES {
            return Err(MORE_THAN_ANSWERED);
        }
        match self.asked.try_send(request) {
            Err(TrySendError::Full(_)) => Err(MORE_THAN_ANSWERED),
            // When the writer has ended, the link is ending, and the writer says why.
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
        }
    }
}

const MORE_THAN_ANSWERED: Breach = Breach("it asks for more at once than anybody can answer");

fn is_request(message: &Bulk) -> bool {
    match message {
        Bulk::GetPack { .. } | Bulk::GetTree { .. } | Bulk::GetGroups { .. } | Bulk::Cancel { .. } => true,
        Bulk::Pack { .. } | Bulk::Tree { .. } | Bulk::Groups { .. } | Bulk::Refused { .. } => false,
    }
}

/// The request that an answer belongs to.
fn request_of(answer: &Bulk) -> u32 {
    match answer {
        Bulk::GetPack { request, .. }
        | Bulk::GetTree { request, .. }
        | Bulk::GetGroups { request, .. }
        | Bulk::Cancel { request }
        | Bulk::Pack { request, .. }
        | Bulk::Tree { request, .. }
        | Bulk::Groups { request, .. }
        | Bulk::Refused { request, .. } => *request,
    }
}
