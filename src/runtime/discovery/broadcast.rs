//! The beacons' UDP sockets: one ear on the beacon port, and one mouth for each outlet.
//!
//! Several companions on one machine share the beacon port (SO_REUSEADDR, on Unix also SO_REUSEPORT): a broadcast reaches
//! every socket that is bound to it, on loopback too. A unicast would reach only one of them; so each mouth has a port of its
//! own, from which it sends and at which it hears answers. A mouth is bound to its outlet's address, so that the
//! source of what it sends is the address in the beacon.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::{debug, trace, warn};

use super::interfaces::Outlet;
use crate::wire::beacon::MAX_BEACON;

/// A datagram as it came.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) bytes: Vec<u8>,
    pub(super) source: SocketAddrV4,
}

/// The sockets, as many as could be opened.
#[derive(Debug)]
pub(super) struct Broadcast {
    port: u16,
    heard: mpsc::Sender<Datagram>,
    /// The open ear and the address that it is bound to.
    ear: Option<(Ipv4Addr, Reader)>,
    ear_warned: bool,
    mouths: Vec<Mouth>,
}

impl Broadcast {
    /// No socket yet. What is heard goes to `heard`; if that is full, it is lost.
    pub(super) const fn new(port: u16, heard: mpsc::Sender<Datagram>) -> Self {
        Self { port, heard, ear: None, ear_warned: false, mouths: Vec::new() }
    }

    /// Opens the sockets of these outlets that are not open, and closes those of others. To be called again from time to
    /// time: what cannot be opened is logged once and tried again.
    pub(super) fn tune(&mut self, outlets: &[Outlet]) {
        self.mouths.retain(|mouth| outlets.contains(&mouth.outlet));
        for outlet in outlets {
            if !self.mouths.iter().any(|mouth| mouth.outlet == *outlet) {
                self.mouths.push(Mouth { outlet: *outlet, socket: None, warned: false });
            }
        }
        for mouth in &mut self.mouths {
            mouth.open(&self.heard);
        }
        self.open_ear();
    }

    /// Closes everything.
    pub(super) fn close(&mut self) {
        self.mouths.clear();
        self.ear = None;
    }

    /// Sends to every outlet what `beacon` makes for its address.
    pub(super) async fn send(&mut self, beacon: impl Fn(Ipv4Addr) -> io::Result<Vec<u8>>) {
        let port = self.port;
        for mouth in &mut self.mouths {
            let destination = SocketAddrV4::new(mouth.outlet.destination, port);
            mouth.send(destination, beacon(mouth.outlet.address)).await;
        }
    }

    /// Answers from the outlet in whose network `source` is.
    pub(super) async fn answer(&mut self, source: SocketAddrV4, beacon: impl FnOnce(Ipv4Addr) -> io::Result<Vec<u8>>) {
        if let Some(mouth) = self.mouths.iter_mut().find(|mouth| mouth.outlet.reaches(*source.ip())) {
            mouth.send(source, beacon(mouth.outlet.address)).await;
        }
    }

    /// Whether `address` is in the network of an outlet; from elsewhere nothing is heard.
    pub(super) fn reaches(&self, address: Ipv4Addr) -> bool {
        self.mouths.iter().any(|mouth| mouth.outlet.reaches(address))
    }

    fn open_ear(&mut self) {
        // A machine that starts before its network has loopback alone at first: an ear opened for that hears nobody else.
        let address = ear_address(self.mouths.iter().all(|mouth| mouth.outlet.address.is_loopback()));
        if self.ear.as_ref().is_some_and(|(bound, reader)| *bound == address && reader.is_reading()) {
            return;
        }
        self.ear = None;
        match bind(address, self.port, true) {
            Ok(socket) => {
                self.ear = Some((address, Reader::start(Arc::new(socket), self.heard.clone())));
                self.ear_warned = false;
            }
            Err(error) if !self.ear_warned => {
                self.ear_warned = true;
                warn!(port = self.port, %error, "the beacon port cannot be opened, so friends nearby are not heard; \
                       another port can be set; trying again");
            }
            Err(_) => {}
        }
    }
}

/// One outlet's socket.
#[derive(Debug)]
struct Mouth {
    outlet: Outlet,
    socket: Option<(Arc<UdpSocket>, Reader)>,
    warned: bool,
}

impl Mouth {
    fn open(&mut self, heard: &mpsc::Sender<Datagram>) {
        if self.socket.as_ref().is_some_and(|(_, reader)| reader.is_reading()) {
            return;
        }
        match bind(self.outlet.address, 0, false) {
            Ok(socket) => {
                let socket = Arc::new(socket);
                self.socket = Some((Arc::clone(&socket), Reader::start(socket, heard.clone())));
            }
            Err(error) => self.warn(&error),
        }
    }

    async fn send(&mut self, destination: SocketAddrV4, beacon: io::Result<Vec<u8>>) {
        let Some((socket, _)) = &self.socket else { return };
        let sent = match beacon {
            Ok(bytes) => socket.send_to(&bytes, destination).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(bytes) => {
                self.warned = false;
                trace!(bytes, "beacon sent");
            }
            Err(error) => self.warn(&error),
        }
    }

    fn warn(&mut self, error: &io::Error) {
        if !self.warned {
            self.warned = true;
            debug!(address = %self.outlet.address, %error, "no beacon can be sent from this address; trying again");
        }
    }
}

/// Reads one socket until it fails or this is dropped.
#[derive(Debug)]
struct Reader(JoinHandle<()>);

impl Reader {
    fn start(socket: Arc<UdpSocket>, heard: mpsc::Sender<Datagram>) -> Self {
        Self(tokio::spawn(read(socket, heard)))
    }

    fn is_reading(&self) -> bool {
        !self.0.is_finished()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn read(socket: Arc<UdpSocket>, heard: mpsc::Sender<Datagram>) {
    // One byte more than a beacon has, to tell what is too long.
    let mut buffer = [0; MAX_BEACON + 1];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, SocketAddr::V4(source))) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let _ = heard.try_send(Datagram { bytes, source });
            }
            Ok((_, SocketAddr::V6(_))) => {}
            Err(error) if is_about_another_packet(&error) => trace!(%error, "a beacon that was sent did not arrive"),
            Err(error) => {
                debug!(%error, "a beacon socket failed");
                return;
            }
        }
    }
}

/// An ICMP answer to something sent before (on Windows also "message too long") says nothing about this socket.
fn is_about_another_packet(error: &io::Error) -> bool {
    const WSAEMSGSIZE: i32 = 10_040;
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable)
        || (cfg!(windows) && error.raw_os_error() == Some(WSAEMSGSIZE))
}

/// Linux can bind to a broadcast address, so that on loopback nothing else can even reach the socket.
const fn ear_address(loopback_only: bool) -> Ipv4Addr {
    if loopback_only && cfg!(target_os = "linux") { Ipv4Addr::new(127, 255, 255, 255) } else { Ipv4Addr::UNSPECIFIED }
}

fn bind(address: Ipv4Addr, port: u16, share: bool) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    if share {
        socket.set_reuse_address(true)?;
        #[cfg(unix)]
        socket.set_reuse_port(true)?;
    }
    socket.set_broadcast(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddrV4::new(address, port).into())?;
    UdpSocket::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_broadcast_on_loopback_reaches_everybody_who_shares_the_port() {
        let port = super::super::tests::free_port();
        let ears: Vec<UdpSocket> = (0..3).map(|_| bind(ear_address(true), port, true).unwrap()).collect();
        let mouth = bind(Ipv4Addr::LOCALHOST, 0, false).unwrap();
        mouth.send_to(b"hello", (Ipv4Addr::new(127, 255, 255, 255), port)).await.unwrap();
        for ear in ears {
            let mut buffer = [0; 16];
            let heard = tokio::time::timeout(Duration::from_secs(5), ear.recv_from(&mut buffer)).await.unwrap().unwrap();
            assert_eq!(heard, (5, mouth.local_addr().unwrap()));
        }
    }

    #[tokio::test]
    async fn a_port_that_another_program_holds_is_tried_again() {
        let (heard, _inbox) = mpsc::channel(1);
        let holder = std::net::UdpSocket::bind((ear_address(true), 0)).unwrap();
        let mut broadcast = Broadcast::new(holder.local_addr().unwrap().port(), heard);
        let loopback = super::super::interfaces::outlets(&[], &crate::domain::InterfaceChoice::Loopback);
        broadcast.tune(&loopback);
        assert!(broadcast.ear.is_none(), "held without sharing");
        drop(holder);
        broadcast.tune(&loopback);
        assert!(broadcast.ear.is_some());
        assert!(broadcast.mouths[0].socket.is_some());
        broadcast.tune(&[]);
        assert!(broadcast.mouths.is_empty());
    }

    #[tokio::test]
    async fn the_ear_hears_the_network_once_there_is_one() {
        let (heard, _inbox) = mpsc::channel(1);
        let mut broadcast = Broadcast::new(super::super::tests::free_port(), heard);
        let mut outlets = super::super::interfaces::outlets(&[], &crate::domain::InterfaceChoice::Loopback);
        let bound = |broadcast: &Broadcast| broadcast.ear.as_ref().map(|(address, _)| *address);
        broadcast.tune(&outlets);
        assert_eq!(bound(&broadcast), Some(ear_address(true)));
        // An address that this machine does not have: nothing is sent from it, and the ear does not depend on that.
        let network = Ipv4Addr::new(192, 0, 2, 7);
        outlets.push(Outlet { address: network, destination: Ipv4Addr::new(192, 0, 2, 255), prefix: 24 });
        broadcast.tune(&outlets);
        assert_eq!(bound(&broadcast), Some(ear_address(false)));
        outlets.pop();
        broadcast.tune(&outlets);
        assert_eq!(bound(&broadcast), Some(ear_address(true)), "and keeps to loopback when there is none");
    }
}
