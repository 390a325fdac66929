//! The signalling port's sockets, and frames on them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bytes::{Buf, BytesMut};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::net::tcp::OwnedReadHalf;

use crate::wire::WireError;
use crate::wire::session::frame_length;

/// How many ports beyond the configured one are tried.
const FURTHER_PORTS: u16 = 32;
/// Connections that wait to be accepted.
const BACKLOG: i32 = 128;

/// Listens on `port`, or the next free one; 0 is any. On loopback only, or on every address of both families.
///
/// # Errors
/// The last port's error, if none can be bound.
pub(super) fn listen(port: u16, loopback_only: bool) -> io::Result<TcpListener> {
    let last = if port == 0 { 0 } else { port.saturating_add(FURTHER_PORTS) };
    let mut error = io::Error::from(io::ErrorKind::AddrInUse);
    for port in port..=last {
        match listen_on(port, loopback_only) {
            Ok(listener) => return Ok(listener),
            Err(failed) => error = failed,
        }
    }
    Err(error)
}

fn listen_on(port: u16, loopback_only: bool) -> io::Result<TcpListener> {
    if loopback_only {
        return bind((Ipv4Addr::LOCALHOST, port).into());
    }
    match bind((Ipv6Addr::UNSPECIFIED, port).into()) {
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => bind((Ipv4Addr::UNSPECIFIED, port).into()),
        bound => bound,
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // So that a restart does not wait for old connections. On Windows it would let others take the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// The address as people write it: IPv4, not IPv4 within IPv6.
pub(super) fn unmapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, |v4| (v4, address.port()).into()),
    }
}

/// Why nothing more comes from a connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum HearError {
    /// The connection ended or failed.
    #[error("the connection ended: {0}")]
    Ended(#[from] io::Error),
    /// What came is not to be understood.
    #[error(transparent)]
    Wire(#[from] WireError),
}

/// Reads frames. A call that is given up loses nothing: what came stays for the next one.
#[derive(Debug)]
pub(super) struct FrameReader {
    reader: OwnedReadHalf,
    buffer: BytesMut,
}

impl FrameReader {
    /// Reads from this connection.
    pub(super) fn new(reader: OwnedReadHalf) -> Self {
        Self { reader, buffer: BytesMut::new() }
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`HearError::Ended`].
    pub(super) async fn byte(&mut self) -> Result<u8, HearError> {
        self.fill(1).await?;
        Ok(self.buffer.get_u8())
    }

    /// The next frame's message, of at most `limit` bytes. Memory is taken only for what has come.
    ///
    /// # Errors
    /// [`HearError`].
    pub(super) async fn frame(&mut self, limit: usize) -> Result<BytesMut, HearError> {
        self.fill(2).await?;
        let header = self.buffer.first_chunk().copied().unwrap_or_default();
        let length = frame_length(header, limit)?;
        self.fill(2 + length).await?;
        self.buffer.advance(2);
        Ok(self.buffer.split_to(length))
    }

    /// Reads and forgets until the other side ends. If unread bytes were left at the close, the system would send a reset in
    /// place of an end, and a scanner could tell one refusal from another.
    pub(super) async fn drain(&mut self) {
        self.buffer.clear();
        while matches!(self.reader.read_buf(&mut self.buffer).await, Ok(1..)) {
            self.buffer.clear();
        }
    }

    async fn fill(&mut self, length: usize) -> Result<(), HearError> {
        while self.buffer.len() < length {
            if self.reader.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_gives_way_to_the_next() {
        let first = listen(0, true).unwrap();
        let port = first.local_addr().unwrap().port();
        let second = listen(port, true).unwrap();
        assert!((port + 1..=port + 32).contains(&second.local_addr().unwrap().port()));
        assert!(second.local_addr().unwrap().ip().is_loopback());
    }

    #[tokio::test]
    async fn frames_that_come_in_pieces_are_put_together_and_a_given_up_call_loses_nothing() {
        let (mut near, mut far) = connection().await;
        near.write_all(&[9, 0, 3, b'a']).await.unwrap();
        assert_eq!(far.byte().await.unwrap(), 9);
        assert!(futures_util::poll!(Box::pin(far.frame(10))).is_pending());
        near.write_all(b"bc\0\x01d").await.unwrap();
        assert_eq!(far.frame(10).await.unwrap(), b"abc"[..]);
        assert_eq!(far.frame(10).await.unwrap(), b"d"[..]);
    }

    #[tokio::test]
    async fn a_frame_over_the_limit_is_refused_before_it_has_come() {
        let (mut near, mut far) = connection().await;
        near.write_all(&[0, 11]).await.unwrap();
        assert!(matches!(far.frame(10).await, Err(HearError::Wire(WireError::TooLong { length: 11, .. }))));
    }

    #[tokio::test]
    async fn a_connection_that_ends_within_a_frame_has_ended() {
        let (mut near, mut far) = connection().await;
        near.write_all(&[0, 3, b'a']).await.unwrap();
        drop(near);
        assert!(matches!(far.frame(10).await, Err(HearError::Ended(_))));
    }

    #[test]
    fn an_ipv4_address_within_ipv6_is_written_as_ipv4() {
        let unmapped = |text: &str| unmapped(text.parse().unwrap()).to_string();
        assert_eq!(unmapped("[::ffff:192.168.0.7]:5"), "192.168.0.7:5");
        assert_eq!(unmapped("[2001:db8::1]:5"), "[2001:db8::1]:5");
        assert_eq!(unmapped("192.168.0.7:5"), "192.168.0.7:5");
    }

    async fn connection() -> (TcpStream, FrameReader) {
        let listener = listen(0, true).unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (far, _write) = listener.accept().await.unwrap().0.into_split();
        (near, FrameReader::new(far))
    }
}
