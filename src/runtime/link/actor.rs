//! The life of one link: an attempt, then (if it comes up) its channels, until somebody ends it.
//!
//! The actor owns the connection. Its tasks read and write the two channels, measure and watch; the first that ends says why
//! the link does. Commands come from the engine's thread and never wait.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::Offers;
use super::carrier::{BulkCarrier, Channel};
use super::connection::{self, Connection, Ground, Meter};
use super::flood::{Forgetting, ShortMessages};
use super::limit::Gates;
use super::reach::route_to;
use super::socket::Port;
use super::transfer::{self, End, FetchCommand, Permits, Tally};
use crate::domain::{AppearanceId, Card};
use crate::engine::input::{DialError, DownReason, FetchError, FetchEvent, Input, LinkKey, OfferTicket};
use crate::runtime::Inputs;
use crate::runtime::clock::until_together;
use crate::runtime::store::Store;
use crate::wire::MAX_CONTROL;
use crate::wire::control::{ByeReason, Control, MAX_BYE};

/// Control messages that wait for the channel.
const CONTROL_WAITING: usize = 256;
/// Room in that queue that pongs leave for everything else, the farewell among it.
const NOT_FOR_PONGS: usize = CONTROL_WAITING / 2;
/// Fetch commands that wait for the fetcher.
const FETCHES_WAITING: usize = 1024;
/// At most one report of life in this time.
const ALIVE: Duration = Duration::from_secs(1);
/// How often the selected pair is measured.
const STATS: Duration = Duration::from_secs(5);
/// A channel that has something to deliver and delivers nothing for this long has stalled.
const STALLED: Duration = Duration::from_secs(15);
/// What was said before a close is handed to the channel within this time.
const HAND_OVER: Duration = Duration::from_millis(500);

/// What the engine tells a link.
#[derive(Debug)]
pub(super) enum Command {
    Say(Control),
    Serve(AppearanceId, Instant),
    StopServing(AppearanceId),
    Fetch(FetchCommand),
}

/// How a link begins.
#[derive(Debug)]
pub(super) enum Beginning {
    Dial(Card, Vec<SocketAddr>),
    Answer(OfferTicket),
}

/// What all links share.
pub(super) struct World {
    pub(super) ground: Ground,
    pub(super) offers: Arc<dyn Offers>,
    pub(super) store: Store,
    pub(super) inputs: Inputs,
    pub(super) budget: Arc<Semaphore>,
}

/// One link.
pub(super) struct Actor {
    pub(super) link: LinkKey,
    pub(super) world: Arc<World>,
    pub(super) commands: mpsc::Receiver<Command>,
    /// More commands came than fit.
    pub(super) overflowed: Arc<Notify>,
    /// How fast it may carry blobs.
    pub(super) gates: Arc<Gates>,
    /// Counts this actor for as long as it is there.
    pub(super) counted: Counted,
}

/// Counted among the actors that live.
pub(super) struct Counted(watch::Sender<usize>);

impl Counted {
    pub(super) fn among(living: &watch::Sender<usize>) -> Self {
        living.send_modify(|count| *count += 1);
        Self(living.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Actor {
    /// Lives until the link ends.
    pub(super) async fn run(mut self, beginning: Beginning) {
        let attempt = attempt(Arc::clone(&self.world), self.link, beginning);
        let connection = tokio::select! {
            result = attempt => result,
            () = closed(&self.world.inputs, &mut self.commands) => return,
        };
        match connection {
            Ok(connection) => self.live(connection).await,
            Err(error) => {
                tracing::debug!(%error, "no link");
                self.world.inputs.send(Input::LinkFailed { link: self.link, error }).await;
            }
        }
    }

    async fn live(mut self, mut connection: Connection) {
        let remote = connection.port.remote().unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
        let route = route_to(remote.ip());
        self.world.inputs.send(Input::LinkUp { link: self.link, route, remote }).await;
        let mut tasks = Tasks::start(self.link, &self.world, Arc::clone(&self.gates), &mut connection);
        let served = Arc::clone(&tasks.served);
        let end = self.obey(&mut tasks).await;
        let forgetting = tasks.forget_the_rest().await;
        match end {
            None => {
                self.commands.close();
                tasks.stop_quietly().await;
                served.report(self.link, &self.world.inputs).await;
            }
            Some(end) => {
                tracing::debug!(?end, "the link has ended");
                tasks.stop(&end).await;
                self.lose_the_rest().await;
                served.report(self.link, &self.world.inputs).await;
                let reason = DownReason::from(end);
                self.world.inputs.send(Input::LinkDown { link: self.link, reason }).await;
            }
        }
        connection.close().await;
        drop(forgetting);
        drop(self.counted);
    }

    /// Takes no more commands, and reports fetch orders among those that wait as lost.
    async fn lose_the_rest(&mut self) {
        self.commands.close();
        closed(&self.world.inputs, &mut self.commands).await;
    }

    /// Carries out commands until the link ends; `None` if the engine ended it.
    async fn obey(&mut self, tasks: &mut Tasks) -> Option<End> {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    None => return None,
                    Some(command) => if let Err(end) = tasks.carry_out(command) {
                        return Some(end);
                    },
                },
                end = tasks.first_end() => return Some(end),
                () = self.overflowed.notified() => {
                    return Some(End::Failed("more was to be said at once than the link takes".to_owned()));
                }
            }
        }
    }
}

async fn attempt(world: Arc<World>, link: LinkKey, beginning: Beginning) -> Result<Connection, DialError> {
    match beginning {
        Beginning::Dial(card, targets) => {
            connection::dial(&world.ground, world.offers.as_ref(), card, targets, link.generation).await
        }
        Beginning::Answer(ticket) => {
            let gone = || DialError::Other("the other side withdrew its offer".to_owned());
            let offer = world.offers.take_offer(ticket).ok_or_else(gone)?;
            connection::answer(&world.ground, offer).await
        }
    }
}

/// Waits for the order to give an attempt up. What is ordered of a link that is not up is lost.
async fn closed(inputs: &Inputs, commands: &mut mpsc::Receiver<Command>) {
    loop {
        match commands.recv().await {
            None => return,
            Some(Command::Fetch(FetchCommand::Order(fetch, ..))) => {
                inputs.send(Input::Fetch(fetch, FetchEvent::Failed(FetchError::LinkLost))).await;
            }
            Some(Command::Say(_) | Command::Serve(..) | Command::StopServing(_) | Command::Fetch(FetchCommand::Cancel(_))) => {}
        }
    }
}

/// What runs while a link is up.
struct Tasks {
    running: JoinSet<End>,
    channels: [Arc<Channel>; 2],
    control: mpsc::Sender<Control>,
    control_writer: JoinHandle<End>,
    fetches: mpsc::Sender<FetchCommand>,
    fetcher: JoinHandle<()>,
    fetcher_end: mpsc::Receiver<End>,
    permits: Arc<Permits>,
    served: Arc<Tally>,
}

impl Tasks {
    fn start(link: LinkKey, world: &World, gates: Arc<Gates>, connection: &mut Connection) -> Self {
        let inputs = &world.inputs;
        let control_channel = Channel::new(&connection.control, connection.early.control.take());
        let bulk_channel = Channel::new(&connection.bulk, connection.early.bulk.take());
        let permits = Arc::<Permits>::default();
        let served = Arc::<Tally>::default();
        let (control, to_say) = mpsc::channel(CONTROL_WAITING);
        let (fetches, to_fetch) = mpsc::channel(FETCHES_WAITING);
        let (fetcher_ends, fetcher_end) = mpsc::channel(1);
        let shared = transfer::Shared {
            carrier: Arc::clone(&bulk_channel) as Arc<dyn BulkCarrier>,
            port: Arc::clone(&connection.port),
            store: world.store.clone(),
            inputs: inputs.clone(),
            permits: Arc::clone(&permits),
            budget: Arc::clone(&world.budget),
            gates,
            served: Arc::clone(&served),
        };
        let transfer::Tasks { reader, writer, fetcher } = transfer::tasks(shared, to_fetch);
        let channels = [Arc::clone(&control_channel), bulk_channel];
        let measure = Measure {
            link,
            inputs: inputs.clone(),
            port: Arc::clone(&connection.port),
            meter: connection.meter(),
            served: Arc::clone(&served),
            channels: channels.clone(),
        };
        let mut running = JoinSet::new();
        running.spawn(read_control(link, Arc::clone(&control_channel), Arc::clone(&connection.port), inputs.clone()));
        running.spawn(reader.run());
        running.spawn(writer.run());
        running.spawn(report_life(link, Arc::clone(&connection.port), inputs.clone()));
        running.spawn(measure.run());
        running.spawn(watch_state(connection));
        Self {
            running,
            channels,
            control,
            control_writer: tokio::spawn(write_control(control_channel, to_say)),
            fetches,
            fetcher: tokio::spawn(fetcher.run(fetcher_ends)),
            fetcher_end,
            permits,
            served,
        }
    }

    fn carry_out(&self, command: Command) -> Result<(), End> {
        let full = |what: &str| End::Failed(format!("{what} does not take what is to be said"));
        match command {
            // Whoever asks faster than answers leave does not wait for each of them.
            Command::Say(Control::Pong { .. }) if self.control.capacity() <= NOT_FOR_PONGS => Ok(()),
            Command::Say(message) => self.control.try_send(message).map_err(|_| full("the control channel")),
            Command::Fetch(command) => self.fetches.try_send(command).map_err(|_| full("the bulk channel")),
            Command::Serve(appearance, until) => {
                self.permits.serve(appearance, until);
                Ok(())
            }
            Command::StopServing(appearance) => {
                self.permits.stop(&appearance);
                Ok(())
            }
        }
    }

    async fn first_end(&mut self) -> End {
        tokio::select! {
            Some(ended) = self.running.join_next() => {
                ended.unwrap_or_else(|error| End::Failed(format!("a task of the link broke: {error}")))
            }
            Some(end) = self.fetcher_end.recv() => end,
            else => End::Closed,
        }
    }

    /// Ends everything that reads. What comes from here on is forgotten as it comes, until the connection has ended.
    async fn forget_the_rest(&mut self) -> Forgetting {
        self.running.shutdown().await;
        Forgetting::of(&self.channels)
    }

    /// Ends the tasks; fetch orders that were open are reported as lost. Who broke the protocol is told how.
    async fn stop(mut self, end: &End) {
        match end {
            End::Protocol(how) => {
                let _ = self.control.try_send(farewell(how));
                drop(self.control);
                let _ = tokio::time::timeout(HAND_OVER, &mut self.control_writer).await;
            }
            End::Closed | End::Failed(_) => {}
        }
        self.control_writer.abort();
        drop(self.fetches);
        let _ = self.fetcher.await;
    }

    /// Ends the tasks and reports nothing; what was said is handed to the channel first.
    async fn stop_quietly(self) {
        self.fetcher.abort();
        drop(self.control);
        let _ = tokio::time::timeout(HAND_OVER, self.control_writer).await;
    }
}

fn farewell(how: &str) -> Control {
    let text = how.get(..how.floor_char_boundary(MAX_BYE)).unwrap_or_default().to_owned();
    Control::Bye { reason: ByeReason::ProtocolError, text }
}

async fn read_control(link: LinkKey, channel: Arc<Channel>, port: Arc<Port>, inputs: Inputs) -> End {
    let mut short = ShortMessages::of_control();
    while let Some(bytes) = channel.receive().await {
        port.mark_alive();
        if let Err(breach) = short.count(bytes.len()) {
            return breach.into();
        }
        match Control::decode(&bytes) {
            Ok(message) => {
                tracing::trace!(length = bytes.len(), "control message received");
                inputs.send(Input::Received(link, message)).await;
            }
            Err(error) => return End::Protocol(error.to_string()),
        }
    }
    End::Closed
}

async fn write_control(channel: Arc<Channel>, mut to_say: mpsc::Receiver<Control>) -> End {
    while let Some(message) = to_say.recv().await {
        let bytes = message.encode();
        if bytes.len() > MAX_CONTROL {
            tracing::debug!(length = bytes.len(), "a control message is too long to be sent");
        } else if channel.send(bytes.into()).await.is_err() {
            return End::Closed;
        }
    }
    End::Closed
}

async fn report_life(link: LinkKey, port: Arc<Port>, inputs: Inputs) -> End {
    loop {
        port.alive().await;
        inputs.send(Input::LinkAlive(link)).await;
        tokio::time::sleep(until_together(Duration::ZERO, ALIVE)).await;
    }
}

fn watch_state(connection: &Connection) -> impl Future<Output = End> + Send + 'static {
    let state = connection.state();
    async move {
        let failed = connection::over(state).await;
        if failed { End::Failed("nothing has come through for too long".to_owned()) } else { End::Closed }
    }
}

/// Reports what the selected pair does, and notices channels that stall.
struct Measure {
    link: LinkKey,
    inputs: Inputs,
    port: Arc<Port>,
    meter: Meter,
    served: Arc<Tally>,
    channels: [Arc<Channel>; 2],
}

impl Measure {
    async fn run(self) -> End {
        let mut stalls = [Stall::default(), Stall::default()];
        let first = tokio::time::Instant::now() + until_together(Duration::ZERO, STATS);
        let mut pause = tokio::time::interval_at(first, STATS);
        loop {
            pause.tick().await;
            self.report().await;
            for (channel, stall) in self.channels.iter().zip(&mut stalls) {
                let Ok((delivered, waiting)) = channel.progress().await else { return End::Closed };
                if stall.is_stalled(Instant::now(), delivered, waiting) {
                    return End::Failed("a channel has stalled".to_owned());
                }
            }
        }
    }

    async fn report(&self) {
        let Some(remote) = self.port.remote() else { return };
        let (sent, received) = self.port.traffic();
        let round_trip = self.meter.round_trip().await;
        let stats = Input::LinkStats {
            link: self.link,
            round_trip_us: round_trip.and_then(|time| u64::try_from(time.as_micros()).ok()),
            route: route_to(remote.ip()),
            sent,
            received,
            served: self.served.total(),
        };
        self.inputs.send(stats).await;
        self.served.report(self.link, &self.inputs).await;
    }
}

/// Notices when nothing is delivered although something waits.
#[derive(Debug, Default)]
struct Stall {
    delivered: u64,
    since: Option<Instant>,
}

impl Stall {
    fn is_stalled(&mut self, now: Instant, delivered: u64, waiting: bool) -> bool {
        if !waiting || delivered > self.delivered {
            self.since = None;
        }
        self.delivered = delivered;
        waiting && now.saturating_duration_since(*self.since.get_or_insert(now)) >= STALLED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_stalls_only_while_something_waits_and_nothing_is_delivered() {
        let start = Instant::now();
        let mut stall = Stall::default();
        assert!(!stall.is_stalled(start, 10, false));
        assert!(!stall.is_stalled(start + STALLED, 10, true));
        assert!(!stall.is_stalled(start + STALLED + STATS, 11, true), "something was delivered");
        assert!(!stall.is_stalled(start + STALLED * 2, 11, true));
        assert!(stall.is_stalled(start + STALLED * 3 + STATS, 11, true));
        assert!(!stall.is_stalled(start + STALLED * 9, 11, false), "nothing waits");
    }
}
