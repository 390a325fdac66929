//! One UDP port for all links: one port to forward, one firewall rule and one mapping on the router serve every friend.
//!
//! The library wants a socket for each connection. The hub owns one real socket per address family and hands each
//! connection virtual ones ([`super::socket`]). A thread of its own empties the one kernel buffer that all connections
//! share, so that a busy worker pool cannot delay it, and sorts what comes by [`super::routes`].

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Wake, Waker};
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::sync::oneshot;
use webrtc::runtime::{AsyncUdpSocket, BATCH_SIZE, RecvMeta};

use super::plain;
use super::routes::{Destination, PortId, Routes};
use super::stun::Protocol;

/// Ports tried above the configured one.
const PORTS_TO_TRY: u16 = 32;
/// What the kernel is asked to hold for us: all links come in by one buffer.
const RECEIVE_BUFFER: usize = 4 << 20;
/// Without this, bulk runs at a fifth of its speed.
const SEND_BUFFER: usize = 2 << 20;
/// If this environment variable is set, no more bytes than it says are asked for either buffer: to see what a system costs that
/// gives no more, without changing this one.
const BUFFER_CLAMP: &str = "FYTECLUB_UDP_BUFFER";
/// Bytes that wait for one connection's driver. SCTP's window of 1 MiB is the bound that matters.
const INBOX_BYTES: usize = 2 << 20;
/// Datagrams handed to a driver at once. Each of its sockets has a buffer of 1,500 bytes for each of them.
pub(super) const MOST_COALESCED: usize = 32;
/// Messages taken from the kernel at once.
const MESSAGES_AT_ONCE: usize = if BATCH_SIZE < 16 { BATCH_SIZE } else { 16 };
/// So that a lasting failure does not take a whole processor.
const AFTER_A_FAILED_RECEIVE: Duration = Duration::from_millis(5);
/// The path's datagram at most, for sizing buffers of coalesced ones.
const DATAGRAM: usize = 1500;

/// The kernel's buffers of the port, in bytes, as they really are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketBuffers {
    /// For what comes in.
    pub receive: usize,
    /// For what goes out.
    pub send: usize,
}

/// The one port.
#[derive(Debug)]
pub(super) struct Hub {
    v4: Option<Arc<Lane>>,
    v6: Option<Arc<Lane>>,
    port: u16,
    buffers: SocketBuffers,
    tables: Mutex<Tables>,
    _stops_reader_when_dropped: oneshot::Sender<()>,
}

/// The real socket of one address family.
pub(super) struct Lane {
    pub(super) io: Arc<dyn AsyncUdpSocket>,
    pub(super) local: SocketAddr,
    pub(super) waiting: Arc<WaitingSenders>,
    pub(super) waker: Waker,
}

#[derive(Debug, Default)]
struct Tables {
    routes: Routes,
    inboxes: HashMap<PortId, Vec<Arc<Inbox>>>,
    next: u64,
}

/// tokio remembers one waker for each direction of a socket; everybody who waits to send is remembered here.
#[derive(Debug, Default)]
pub(super) struct WaitingSenders(Mutex<HashMap<Sender, Waker>>);

/// A virtual socket among those that wait: its connection and its local address.
pub(super) type Sender = (PortId, SocketAddr);

/// What came for one virtual socket.
#[derive(Debug)]
pub(super) struct Inbox {
    pub(super) port: PortId,
    pub(super) local: SocketAddr,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    received: VecDeque<Received>,
    bytes: usize,
    reader: Option<Waker>,
}

/// One or more datagrams of equal length (the last may be shorter) from one address.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    pub(super) stride: usize,
    pub(super) from: SocketAddr,
    pub(super) to: Option<IpAddr>,
}

impl Hub {
    /// Binds the port, or the next free one, in both address families if the system has both.
    pub(super) fn bind(port: u16, loopback_only: bool) -> io::Result<Arc<Self>> {
        let (v4, v6) = bind_pair(port, loopback_only, bind_one)?;
        let buffers = smallest_buffers([v4.as_ref(), v6.as_ref()])?;
        let reader = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (v4, v6) = {
            let _context = reader.enter();
            (v4.map(Lane::new).transpose()?, v6.map(Lane::new).transpose()?)
        };
        let port = [&v4, &v6].into_iter().flatten().map(|lane| lane.local.port()).next().unwrap_or_default();
        let (stops, stopped) = oneshot::channel();
        let hub = Arc::new(Self { v4, v6, port, buffers, tables: Mutex::default(), _stops_reader_when_dropped: stops });
        hub.start_reading(reader, stopped)?;
        hub.report_buffers();
        Ok(hub)
    }

    /// The port that is bound.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// The kernel's buffers as they really are.
    pub(super) fn buffers(&self) -> SocketBuffers {
        self.buffers
    }

    /// The real socket for addresses like this one.
    pub(super) fn lane(&self, like: IpAddr) -> Option<&Arc<Lane>> {
        if like.is_ipv4() { self.v4.as_ref() } else { self.v6.as_ref() }
    }

    /// A new connection's number.
    pub(super) fn next_port(&self) -> PortId {
        let mut tables = locked(&self.tables);
        tables.next += 1;
        PortId(tables.next)
    }

    /// Changes the routing tables.
    pub(super) fn route<T>(&self, change: impl FnOnce(&mut Routes) -> T) -> T {
        change(&mut locked(&self.tables).routes)
    }

    /// From here on what comes for this connection is put there.
    pub(super) fn open_inbox(&self, port: PortId, local: SocketAddr) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox { port, local, queue: Mutex::default() });
        locked(&self.tables).inboxes.entry(port).or_default().push(Arc::clone(&inbox));
        inbox
    }

    /// The virtual socket is gone.
    pub(super) fn close_inbox(&self, inbox: &Arc<Inbox>) {
        let mut tables = locked(&self.tables);
        if let Some(inboxes) = tables.inboxes.get_mut(&inbox.port) {
            inboxes.retain(|open| !Arc::ptr_eq(open, inbox));
        }
    }

    /// The connection is gone.
    pub(super) fn forget(&self, port: PortId) {
        let mut tables = locked(&self.tables);
        tables.routes.forget(port);
        tables.inboxes.remove(&port);
    }

    fn start_reading(self: &Arc<Self>, reader: tokio::runtime::Runtime, stopped: oneshot::Receiver<()>) -> io::Result<()> {
        for lane in [&self.v4, &self.v6].into_iter().flatten() {
            reader.spawn(read(Arc::downgrade(self), Arc::clone(lane)));
        }
        let run = move || {
            let _ = reader.block_on(stopped);
        };
        std::thread::Builder::new().name("links-udp".to_owned()).spawn(run).map(drop)
    }

    fn report_buffers(&self) {
        let SocketBuffers { receive, send } = self.buffers;
        if receive < RECEIVE_BUFFER / 2 {
            tracing::info!(
                receive,
                send,
                "The system limits the UDP buffers, so transfers are slower than they could be. On Linux: \
                 sysctl -w net.core.rmem_max={RECEIVE_BUFFER} net.core.wmem_max={SEND_BUFFER}"
            );
        } else {
            tracing::debug!(receive, send, "UDP buffers");
        }
    }

    /// Hands a message from the kernel on. It may be a batch from one address: datagrams of the same length, not
    /// necessarily for the same connection or of the same protocol.
    fn dispatch(&self, bytes: &[u8], meta: &RecvMeta) {
        let mut woken = Vec::new();
        let mut tables = locked(&self.tables);
        let mut rest = bytes;
        while let Some((run, after)) = rest.split_at_checked(run_length(rest, meta.stride)).filter(|(run, _)| !run.is_empty()) {
            let first = run.get(..meta.stride.min(run.len())).unwrap_or(run);
            match tables.routes.destination(first, meta.addr) {
                Destination::One(port) => tables.deliver(port, run, meta, &mut woken),
                Destination::Several(ports) => {
                    ports.into_iter().for_each(|port| tables.deliver(port, run, meta, &mut woken));
                }
                Destination::SetAside => tracing::trace!("QUIC from a linked peer, and no carrier for it"),
                Destination::Nobody => tracing::trace!(length = run.len(), "a datagram for nobody"),
            }
            rest = after;
        }
        drop(tables);
        woken.into_iter().for_each(Waker::wake);
    }
}

impl Tables {
    fn deliver(&self, port: PortId, run: &[u8], meta: &RecvMeta, woken: &mut Vec<Waker>) {
        let inboxes = self.inboxes.get(&port).map(Vec::as_slice).unwrap_or_default();
        let addressed = inboxes.iter().find(|inbox| Some(inbox.local.ip()) == meta.dst_ip);
        let inbox = addressed.or_else(|| inboxes.iter().find(|inbox| inbox.local.is_ipv4() == meta.addr.is_ipv4()));
        let Some(inbox) = inbox else { return };
        let stride = meta.stride.clamp(1, run.len().max(1));
        woken.extend(inbox.put(Received { bytes: run.to_vec(), stride, from: meta.addr, to: meta.dst_ip }));
    }
}

impl Inbox {
    /// The oldest batch; otherwise the waker is remembered.
    pub(super) fn take_or_wait(&self, waker: &Waker) -> Option<Received> {
        let mut queue = locked(&self.queue);
        let Some(received) = queue.received.pop_front() else {
            queue.reader = Some(waker.clone());
            return None;
        };
        queue.bytes = queue.bytes.saturating_sub(received.bytes.len());
        Some(received)
    }

    /// Drops what would be too much, as the kernel does.
    fn put(&self, received: Received) -> Option<Waker> {
        let mut queue = locked(&self.queue);
        if queue.bytes + received.bytes.len() > INBOX_BYTES {
            tracing::debug!("a connection does not take its datagrams fast enough");
            return None;
        }
        queue.bytes += received.bytes.len();
        queue.received.push_back(received);
        queue.reader.take()
    }
}

impl Lane {
    /// Gives the socket to the runtime that is entered.
    fn new(socket: Socket) -> io::Result<Arc<Self>> {
        let local = local_address(&socket)?;
        let io = plain::wrap(socket.into())?;
        let waiting = Arc::<WaitingSenders>::default();
        let waker = Waker::from(Arc::clone(&waiting));
        Ok(Arc::new(Self { io, local, waiting, waker }))
    }
}

impl WaitingSenders {
    pub(super) fn add(&self, who: Sender, waker: Waker) {
        locked(&self.0).insert(who, waker);
    }

    pub(super) fn remove(&self, who: &Sender) {
        locked(&self.0).remove(who);
    }
}

impl Wake for WaitingSenders {
    fn wake(self: Arc<Self>) {
        let all = std::mem::take(&mut *locked(&self.0));
        all.into_values().for_each(Waker::wake);
    }
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("port", &self.local.port()).finish_non_exhaustive()
    }
}

/// A lock whose holder never panics in between, or left the value whole if it did.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Pair = (Option<Socket>, Option<Socket>);

fn bind_pair(port: u16, loopback_only: bool, bind: impl Fn(SocketAddr) -> io::Result<Socket>) -> io::Result<Pair> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for step in 0..=PORTS_TO_TRY {
        let attempt = if port == 0 { 0 } else { port.checked_add(step).unwrap_or_default() };
        match bind_both(attempt, loopback_only, &bind) {
            Ok(pair) => return Ok(pair),
            Err(error) if is_taken(&error) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}

/// One port in both families. A family that the system does not have is left out.
fn bind_both(port: u16, loopback_only: bool, bind: impl Fn(SocketAddr) -> io::Result<Socket>) -> io::Result<Pair> {
    let v4_address = if loopback_only { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED };
    let v6_address = if loopback_only { Ipv6Addr::LOCALHOST } else { Ipv6Addr::UNSPECIFIED };
    let v4 = bind(SocketAddr::from((v4_address, port)));
    let port = match &v4 {
        Ok(socket) => local_address(socket)?.port(),
        Err(_) => port,
    };
    let v6 = bind(SocketAddr::from((v6_address, port)));
    match (v4, v6) {
        (Err(error), _) | (_, Err(error)) if is_taken(&error) => Err(error),
        (Err(error), Err(_)) => Err(error),
        (v4, v6) => Ok((v4.ok(), v6.ok())),
    }
}

/// Windows refuses permission for the ranges of ports that it keeps for virtual machines.
fn is_taken(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied)
}

fn bind_one(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    let clamp = std::env::var(BUFFER_CLAMP).ok().and_then(|bytes| bytes.parse().ok()).unwrap_or(usize::MAX);
    // Refused sizes are no failure: what the system gives is read back and reported.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER.min(clamp));
    let _ = socket.set_send_buffer_size(SEND_BUFFER.min(clamp));
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn local_address(socket: &Socket) -> io::Result<SocketAddr> {
    socket.local_addr()?.as_socket().ok_or_else(|| io::Error::other("a UDP socket has no IP address"))
}

fn smallest_buffers(sockets: [Option<&Socket>; 2]) -> io::Result<SocketBuffers> {
    // Linux keeps, and reports, twice of what is asked, for its own bookkeeping (socket(7)).
    let real = |reported: usize| if cfg!(target_os = "linux") { reported / 2 } else { reported };
    let mut smallest = SocketBuffers { receive: usize::MAX, send: usize::MAX };
    for socket in sockets.into_iter().flatten() {
        smallest.receive = smallest.receive.min(real(socket.recv_buffer_size()?));
        smallest.send = smallest.send.min(real(socket.send_buffer_size()?));
    }
    Ok(smallest)
}

/// Reads one real socket until the hub is gone.
async fn read(hub: Weak<Hub>, lane: Arc<Lane>) {
    let capacity = (lane.io.max_gro_segments() * DATAGRAM).clamp(2048, 1 << 16);
    let mut store = vec![0; capacity * MESSAGES_AT_ONCE];
    let mut metas = vec![RecvMeta::default(); MESSAGES_AT_ONCE];
    loop {
        let received = poll_fn(|context| {
            let mut buffers: Vec<IoSliceMut<'_>> = store.chunks_mut(capacity).map(IoSliceMut::new).collect();
            lane.io.poll_recv(context, &mut buffers, &mut metas)
        })
        .await;
        let Some(hub) = hub.upgrade() else { return };
        match received {
            Ok(count) => store.chunks(capacity).zip(&metas).take(count).for_each(|(buffer, meta)| {
                hub.dispatch(buffer.get(..meta.len).unwrap_or_default(), meta);
            }),
            Err(error) if is_about_another_packet(&error) => tracing::trace!(%error, "a datagram that was sent did not arrive"),
            Err(error) => {
                tracing::debug!(%error, "receiving on the links' port failed");
                tokio::time::sleep(AFTER_A_FAILED_RECEIVE).await;
            }
        }
    }
}

/// Windows reports here the ICMP answer to something sent before, for example to a friend whose companion has just ended; it
/// says nothing about this socket, and the other links' datagrams must not wait for it.
fn is_about_another_packet(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable};
    matches!(error.kind(), ConnectionReset | ConnectionRefused | HostUnreachable)
}

/// The length of the first datagrams that can be handed on in one piece: encrypted records of one sender.
fn run_length(bytes: &[u8], stride: usize) -> usize {
    let is_data = |datagram: &&[u8]| Protocol::of(datagram) == Protocol::DtlsData;
    let data: usize = bytes.chunks(stride.max(1)).take(MOST_COALESCED).take_while(is_data).map(<[u8]>::len).sum();
    if data > 0 { data } else { stride.max(1).min(bytes.len()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_families_share_one_port_and_a_taken_port_gives_the_next() {
        let first = Hub::bind(0, true).unwrap();
        let second = Hub::bind(first.port(), true).unwrap();
        assert_ne!(first.port(), second.port());
        assert!(second.port() - first.port() <= PORTS_TO_TRY, "{} {}", first.port(), second.port());
        for hub in [&first, &second] {
            for lane in [&hub.v4, &hub.v6].into_iter().flatten() {
                assert_eq!(lane.local.port(), hub.port());
                assert!(lane.local.ip().is_loopback());
            }
            assert!(hub.buffers().receive > 0 && hub.buffers().send > 0);
        }
    }

    #[test]
    fn a_port_that_the_system_keeps_for_itself_counts_as_taken_and_a_family_that_is_absent_is_left_out() {
        let kept = |address: SocketAddr| match (address, address.port()) {
            (SocketAddr::V6(_), _) => Err(io::ErrorKind::Unsupported.into()),
            (SocketAddr::V4(_), 47_311 | 47_312) => Err(io::ErrorKind::PermissionDenied.into()),
            (SocketAddr::V4(_), 47_313) => bind_one((Ipv4Addr::LOCALHOST, 0).into()),
            (SocketAddr::V4(_), port) => panic!("{port} was tried"),
        };
        let (v4, v6) = bind_pair(47_311, true, kept).unwrap();
        assert!(v4.is_some() && v6.is_none());
    }

    #[test]
    fn a_batch_is_cut_where_the_protocol_changes() {
        let data = [23, 254, 253, 0, 1, 9, 9, 9];
        let handshake = [22, 254, 253, 0, 0, 9, 9, 9];
        let batch = [data, data, handshake, handshake, data].concat();
        assert_eq!(run_length(&batch, 8), 16);
        assert_eq!(run_length(&batch[16..], 8), 8);
        assert_eq!(run_length(&batch[24..], 8), 8);
        assert_eq!(run_length(&batch[32..], 8), 8);
        assert_eq!(run_length(&batch[..11], 8), 11, "the last datagram may be shorter");
        assert_eq!(run_length(&[], 8), 0);
        assert_eq!(run_length(&[0; 400], 8), 8);
        assert_eq!(run_length(&data.repeat(100), 8), MOST_COALESCED * 8);
    }
}
