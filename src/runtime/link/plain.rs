//! A UDP socket of the plainest kind: one datagram for each call to the system, and nothing said of a datagram but its sender.
//!
//! The library's own kind asks the system for batches, coalescing and packet information, and refuses a socket where it cannot
//! ask (an IPv4 socket under Wine, for one). There a link is better slow than absent. Without packet information the hub hands
//! a datagram to the connection's first virtual socket of the family, and the system chooses the address that answers leave from.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Runtime, TokioRuntime, Transmit};

/// Gives a socket to the runtime that is entered: as the library does it, or plainly if the system cannot do that.
pub(super) fn wrap(socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
    let kept = socket.try_clone()?;
    TokioRuntime.wrap_udp_socket(socket).or_else(|error| {
        tracing::info!(%error, "this system sends and receives UDP datagrams one by one only: transfers are slower");
        plain(kept)
    })
}

fn plain(socket: std::net::UdpSocket) -> io::Result<Arc<dyn AsyncUdpSocket>> {
    socket.set_nonblocking(true)?;
    Ok(Arc::new(PlainSocket(UdpSocket::from_std(socket)?)))
}

#[derive(Debug)]
struct PlainSocket(UdpSocket);

impl AsyncUdpSocket for PlainSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    fn poll_send(&self, context: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        self.0.poll_send_to(context, transmit.contents, transmit.destination)
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
        let mut buffer = ReadBuf::new(buffer);
        let from = ready!(self.0.poll_recv_from(context, &mut buffer))?;
        *meta = RecvMeta::default();
        meta.addr = from;
        meta.len = buffer.filled().len();
        meta.stride = meta.len.max(1);
        Poll::Ready(Ok(1))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn send(socket: &dyn AsyncUdpSocket, contents: &[u8], destination: SocketAddr) -> usize {
        let transmit = Transmit { destination, ecn: None, contents, segment_size: None, src_ip: None };
        poll_fn(|context| socket.poll_send(context, &transmit)).await.unwrap()
    }

    async fn receive(socket: &dyn AsyncUdpSocket) -> (Vec<u8>, RecvMeta) {
        let (mut bytes, mut metas) = (vec![0; 2000], [RecvMeta::default(); 4]);
        let count = poll_fn(|context| socket.poll_recv(context, &mut [IoSliceMut::new(&mut bytes)], &mut metas)).await.unwrap();
        assert_eq!(count, 1);
        bytes.truncate(metas[0].len);
        (bytes, metas[0])
    }

    #[tokio::test]
    async fn datagrams_go_both_ways_one_by_one_with_their_senders() {
        let [one, other] = [0, 1].map(|_| plain(std::net::UdpSocket::bind("127.0.0.1:0").unwrap()).unwrap());
        for (from, to) in [(&one, &other), (&other, &one)] {
            for content in [&b"first"[..], b"", b"third"] {
                assert_eq!(send(&**from, content, to.local_addr().unwrap()).await, content.len());
            }
            for content in [&b"first"[..], b"", b"third"] {
                let (bytes, meta) = receive(&**to).await;
                assert_eq!((bytes.as_slice(), meta.addr, meta.dst_ip), (content, from.local_addr().unwrap(), None));
                assert!(meta.stride >= 1, "the readers divide by it");
            }
        }
    }
}
