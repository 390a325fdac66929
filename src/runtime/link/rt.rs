//! The runtime under one connection: tokio, with the hub's virtual sockets and the driver's extra turns.
//!
//! The library's driver writes, handles events and reads, in this order, and then waits. What its last step produced thus
//! lies in the queue until the next packet or the ICE tick of 200 ms, which costs half a second until a link is open. The
//! driver makes one `sleep` in each turn; here, after something other than the clock woke it, its next two sleeps end at
//! once, so that it turns twice more and sends what it has. Only sleeps inside the driver's task are shortened.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use webrtc::runtime::{AsyncInterval, AsyncTcpListener, AsyncTcpStream, AsyncUdpSocket, JoinHandle, Runtime, TokioRuntime};

use super::socket::Port;
use crate::runtime::clock::until_together;

/// Turns of the driver after a wake-up: one brings an answer from the protocols to the queue, one from the queue to the socket.
const EXTRA_TURNS: u8 = 2;
/// A wait of the driver from which on it does not matter that it takes [`TOGETHER`] longer: consent checks, not retransmissions.
const LONG: Duration = Duration::from_secs(2);
/// Long waits of all drivers end at multiples of this.
const TOGETHER: Duration = Duration::from_millis(250);
/// Multicast DNS has its own sockets.
const MDNS_PORT: u16 = 5353;

type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

tokio::task_local! {
    static IN_DRIVER: ();
}

/// The runtime of one connection.
#[derive(Debug)]
pub(super) struct LinkRuntime {
    port: Arc<Port>,
    turns_left: Arc<AtomicU8>,
}

impl LinkRuntime {
    pub(super) fn new(port: Arc<Port>) -> Self {
        Self { port, turns_left: Arc::default() }
    }

    fn take_turn(&self) -> bool {
        self.turns_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

impl Runtime for LinkRuntime {
    fn spawn(&self, future: Pending<'static, ()>) -> Box<dyn JoinHandle> {
        TokioRuntime.spawn(Box::pin(IN_DRIVER.scope((), future)))
    }

    fn wrap_udp_socket(&self, socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        if socket.local_addr()?.port() == MDNS_PORT {
            return TokioRuntime.wrap_udp_socket(socket);
        }
        self.port.socket(socket.local_addr()?)
    }

    fn wrap_tcp_listener(&self, listener: std::net::TcpListener) -> io::Result<Arc<dyn AsyncTcpListener>> {
        TokioRuntime.wrap_tcp_listener(listener)
    }

    fn connect_tcp<'a>(&'a self, remote: SocketAddr) -> Pending<'a, io::Result<Arc<dyn AsyncTcpStream>>> {
        Box::pin(async move { TokioRuntime.connect_tcp(remote).await })
    }

    fn resolve_host<'a>(&'a self, host: &'a str) -> Pending<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { TokioRuntime.resolve_host(host).await })
    }

    fn sleep(&self, duration: Duration) -> Pending<'static, ()> {
        if IN_DRIVER.try_with(|()| ()).is_err() {
            return TokioRuntime.sleep(duration);
        }
        let duration = if duration < LONG { duration } else { until_together(duration, TOGETHER) };
        let inner = (!self.take_turn()).then(|| TokioRuntime.sleep(duration));
        Box::pin(DriverSleep { inner, ended: false, turns_left: Arc::clone(&self.turns_left) })
    }

    fn interval(&self, period: Duration) -> Box<dyn AsyncInterval> {
        TokioRuntime.interval(period)
    }

    fn block_on(&self, future: Pin<Box<dyn Future<Output = ()> + '_>>) {
        TokioRuntime.block_on(future);
    }

    fn yield_now(&self) -> Pending<'static, ()> {
        TokioRuntime.yield_now()
    }

    fn name(&self) -> &'static str {
        "link"
    }
}

/// The driver's wait, or (without `inner`) an extra turn. When something else woke the driver before it ended, extra turns
/// follow. None follow the clock: what a timeout produces is written at the beginning of the next turn anyway, and most
/// timeouts of an idle link produce nothing.
struct DriverSleep {
    inner: Option<Pending<'static, ()>>,
    ended: bool,
    turns_left: Arc<AtomicU8>,
}

impl Future for DriverSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let ended = self.inner.as_mut().is_none_or(|inner| inner.as_mut().poll(context).is_ready());
        self.ended = ended;
        if ended { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for DriverSleep {
    fn drop(&mut self) {
        if !self.ended {
            self.turns_left.store(EXTRA_TURNS, Ordering::Relaxed);
        }
    }
}
