//! What a connection takes for its own UDP sockets: virtual ones on the hub's port.
//!
//! On its way out every datagram is looked at: requests tell the hub whose the response will be, success responses from
//! where the connection may be reached, encrypted records where the selected pair runs.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::Notify;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

use super::candidates;
use super::hub::{Hub, Inbox, Lane, MOST_COALESCED, locked};
use super::routes::PortId;
use super::stun::{Class, Protocol};

/// One connection's share of the port.
#[derive(Debug)]
pub(super) struct Port {
    hub: Arc<Hub>,
    place: PortId,
    sent: AtomicU64,
    received: AtomicU64,
    established: AtomicBool,
    remote: Mutex<Option<SocketAddr>>,
    alive: Notify,
}

impl Port {
    pub(super) fn new(hub: &Arc<Hub>) -> Arc<Self> {
        Arc::new(Self {
            hub: Arc::clone(hub),
            place: hub.next_port(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            established: AtomicBool::new(false),
            remote: Mutex::default(),
            alive: Notify::new(),
        })
    }

    /// A virtual socket. `local` is the address that the library bound; only its IP address counts.
    pub(super) fn socket(self: &Arc<Self>, local: SocketAddr) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        let lane = self.hub.lane(local.ip()).ok_or(io::ErrorKind::Unsupported)?;
        let inbox = self.hub.open_inbox(self.place, local);
        Ok(Arc::new(VirtualSocket { port: Arc::clone(self), lane: Arc::clone(lane), inbox }))
    }

    /// Our SDP as the other side must see it. From here on checks that name its user name fragments are ours.
    pub(super) fn local_description(&self, sdp: &str) -> String {
        self.hub.route(|routes| {
            candidates::fragments(sdp).for_each(|fragment| routes.name(fragment.as_bytes(), self.place));
        });
        candidates::with_port(sdp, self.hub.port())
    }

    /// Our candidate as the other side must see it.
    pub(super) fn local_candidate(&self, candidate: &str) -> String {
        candidates::candidate_with_port(candidate, self.hub.port())
    }

    /// Where the encrypted data goes: the remote end of the selected pair.
    pub(super) fn remote(&self) -> Option<SocketAddr> {
        *locked(&self.remote)
    }

    /// UDP payload bytes sent and received so far.
    pub(super) fn traffic(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }

    /// Something authentic came: a check that the library answered (it verifies first), or a message.
    pub(super) fn mark_alive(&self) {
        self.alive.notify_one();
    }

    /// Waits until something authentic has come since the last wait.
    pub(super) async fn alive(&self) {
        self.alive.notified().await;
    }

    fn note_outgoing(&self, datagram: &[u8], destination: SocketAddr) {
        match Protocol::of(datagram) {
            Protocol::Stun(stun) => match stun.class {
                Class::Request => {
                    self.hub.route(|routes| routes.asked(stun.transaction, self.place, Instant::now()));
                }
                Class::Success => {
                    self.hub.route(|routes| routes.confirmed(destination, self.place));
                    self.mark_alive();
                }
                Class::Indication | Class::Error => {}
            },
            Protocol::DtlsData => self.note_data(destination),
            Protocol::DtlsHandshake | Protocol::Quic | Protocol::Other => {}
        }
    }

    fn note_data(&self, destination: SocketAddr) {
        if !self.established.swap(true, Ordering::Relaxed) {
            self.hub.route(|routes| routes.established(self.place));
        }
        *locked(&self.remote) = Some(destination);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.hub.forget(self.place);
    }
}

/// A socket that a connection takes for its own.
#[derive(Debug)]
struct VirtualSocket {
    port: Arc<Port>,
    lane: Arc<Lane>,
    inbox: Arc<Inbox>,
}

impl AsyncUdpSocket for VirtualSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.inbox.local)
    }

    fn max_gso_segments(&self) -> usize {
        self.lane.io.max_gso_segments()
    }

    fn max_gro_segments(&self) -> usize {
        self.lane.io.max_gro_segments().min(MOST_COALESCED)
    }

    fn poll_send(&self, context: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let segment = transmit.segment_size.unwrap_or(transmit.contents.len()).max(1);
        for datagram in transmit.contents.chunks(segment) {
            self.port.note_outgoing(datagram, transmit.destination);
        }
        // Answers leave from the address that was asked, also on a machine with several.
        let from_any = self.lane.local.ip().is_unspecified() && !self.inbox.local.ip().is_unspecified();
        let outgoing = Transmit {
            destination: transmit.destination,
            ecn: transmit.ecn,
            contents: transmit.contents,
            segment_size: transmit.segment_size,
            src_ip: from_any.then(|| self.inbox.local.ip()),
        };
        let sent = self.send_or_wait(context, &outgoing);
        if let Poll::Ready(Ok(_)) = &sent {
            self.port.sent.fetch_add(transmit.contents.len() as u64, Ordering::Relaxed);
        }
        sent
    }

    fn poll_recv(
        &self,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        metas: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(meta)) = (buffers.first_mut(), metas.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let Some(received) = self.inbox.take_or_wait(context.waker()) else { return Poll::Pending };
        let length = received.bytes.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), received.bytes.get(..length)) {
            to.copy_from_slice(from);
        }
        *meta = RecvMeta::default();
        meta.addr = received.from;
        meta.len = length;
        meta.stride = received.stride.clamp(1, length.max(1));
        meta.dst_ip = received.to;
        self.port.received.fetch_add(length as u64, Ordering::Relaxed);
        Poll::Ready(Ok(1))
    }
}

impl VirtualSocket {
    fn send_or_wait(&self, context: &mut Context<'_>, outgoing: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let mut shared = Context::from_waker(&self.lane.waker);
        let first = self.lane.io.poll_send(&mut shared, outgoing);
        if first.is_ready() {
            return first;
        }
        self.lane.waiting.add((self.port.place, self.inbox.local), context.waker().clone());
        // Again: the socket may have become writable before the waker was there.
        self.lane.io.poll_send(&mut shared, outgoing)
    }
}

impl Drop for VirtualSocket {
    fn drop(&mut self) {
        self.lane.waiting.remove(&(self.port.place, self.inbox.local));
        self.port.hub.close_inbox(&self.inbox);
    }
}
