//! mDNS (RFC 6762, 6763): the second way to be found in "Everyone nearby", for networks that drop broadcasts.
//!
//! For each chosen address a service `_fyteclub._tcp.local.` is registered under a random instance and host name, so that
//! neither tells which machine it is. Its TXT record holds the open beacon for that address in two parts, `a` and `b` (a TXT
//! string has at most 255 bytes); whoever resolves it checks it like a beacon that came from the address in the A
//! record. The daemon speaks on the interfaces of those addresses only.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo, TxtProperty};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::debug;

use super::broadcast::Datagram;

const SERVICE: &str = "_fyteclub._tcp.local.";
/// Each part and its key fit a TXT string.
const PART: usize = 200;
/// An open beacon holds for at least 10 minutes.
const FRESH: Duration = Duration::from_secs(300);
/// Services that are remembered from one pulse to the next.
const MAX_FOUND: usize = 128;

/// A service found or gone, by its full name.
#[derive(Debug)]
pub(super) enum Found {
    /// It is there with these beacons, one for each of its addresses.
    Here(String, Vec<Datagram>),
    /// It is gone.
    Gone(String),
}

/// A running mDNS daemon; ends when dropped.
pub(super) struct Mdns {
    daemon: ServiceDaemon,
    names: BTreeMap<Ipv4Addr, String>,
    shown: Option<Instant>,
    found: BTreeMap<String, Vec<Datagram>>,
    events: mpsc::Receiver<Found>,
}

impl Mdns {
    /// Starts a daemon that looks around on the interfaces of these addresses.
    ///
    /// `entropy` is 32 fresh random bytes for the random names.
    ///
    /// # Errors
    /// If the sockets cannot be opened.
    pub(super) fn start(addresses: &[Ipv4Addr], entropy: [u8; 32]) -> Result<Self, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        let (sender, events) = mpsc::channel(64);
        let names = random_names(addresses, entropy);
        let mdns = Self { daemon, names, shown: None, found: BTreeMap::new(), events };
        mdns.daemon.disable_interface(IfKind::All)?;
        mdns.daemon.enable_interface(interfaces(addresses))?;
        let browsing = mdns.daemon.browse(SERVICE)?;
        // The library hands its events to a thread; it ends when the daemon does.
        std::thread::Builder::new()
            .name("mdns".to_owned())
            .spawn(move || while browsing.recv().is_ok_and(|event| forward(event, &sender)) {})
            .map_err(|error| mdns_sd::Error::Msg(format!("no thread: {error}")))?;
        Ok(mdns)
    }

    /// Shows these beacons, one for each address, if those shown before are about to grow stale. `port` is the signalling port.
    pub(super) fn show(&mut self, now: Instant, port: u16, beacon: impl Fn(Ipv4Addr) -> Option<Vec<u8>>) {
        if self.shown.is_some_and(|shown| now.duration_since(shown) < FRESH) {
            return;
        }
        self.shown = Some(now);
        for (address, name) in &self.names {
            let Some(beacon) = beacon(*address) else { continue };
            let shown = service(name, *address, port, &beacon).and_then(|service| self.daemon.register(service));
            if let Err(error) = shown {
                debug!(%error, "mDNS does not show this companion");
            }
        }
    }

    /// The next beacons of a service that was found. Cancel safe.
    pub(super) async fn next(&mut self) -> Vec<Datagram> {
        loop {
            match self.events.recv().await {
                Some(Found::Here(name, beacons)) => {
                    if self.found.len() < MAX_FOUND || self.found.contains_key(&name) {
                        self.found.insert(name, copies(&beacons));
                    }
                    return beacons;
                }
                Some(Found::Gone(name)) => {
                    self.found.remove(&name);
                }
                None => std::future::pending().await,
            }
        }
    }

    /// The beacons of all services that are there.
    pub(super) fn still_here(&self) -> Vec<Datagram> {
        self.found.values().flat_map(|beacons| copies(beacons)).collect()
    }
}

impl Drop for Mdns {
    fn drop(&mut self) {
        // Shutting down says goodbye for every registered service.
        let _ = self.daemon.shutdown();
    }
}

/// False once nobody listens.
fn forward(event: ServiceEvent, sender: &mpsc::Sender<Found>) -> bool {
    let found = match event {
        ServiceEvent::ServiceResolved(service) => Found::Here(service.fullname.clone(), beacons(&service)),
        ServiceEvent::ServiceRemoved(_, name) => Found::Gone(name),
        ServiceEvent::SearchStarted(_) | ServiceEvent::ServiceFound(..) | ServiceEvent::SearchStopped(_) => return true,
        // The library may have further events one day.
        #[allow(clippy::wildcard_enum_match_arm)]
        _ => return true,
    };
    !matches!(sender.try_send(found), Err(mpsc::error::TrySendError::Closed(_)))
}

fn beacons(service: &ResolvedService) -> Vec<Datagram> {
    let part = |key| service.txt_properties.get(key).and_then(TxtProperty::val).unwrap_or_default();
    let bytes = [part("a"), part("b")].concat();
    let datagram = |address| Datagram { bytes: bytes.clone(), source: SocketAddrV4::new(address, service.port) };
    service.get_addresses_v4().into_iter().take(8).map(datagram).collect()
}

fn service(name: &str, address: Ipv4Addr, port: u16, beacon: &[u8]) -> Result<ServiceInfo, mdns_sd::Error> {
    let (first, second) = beacon.split_at_checked(PART).unwrap_or((beacon, &[]));
    let parts: Vec<TxtProperty> = vec![("a", first).into(), ("b", second).into()];
    let host = format!("{name}.local.");
    let mut service = ServiceInfo::new(SERVICE, name, &host, std::net::IpAddr::V4(address), port, parts)?;
    service.set_interfaces(interfaces(&[address]));
    Ok(service)
}

fn interfaces(addresses: &[Ipv4Addr]) -> Vec<IfKind> {
    addresses.iter().map(|address| IfKind::Addr((*address).into())).collect()
}

fn random_names(addresses: &[Ipv4Addr], entropy: [u8; 32]) -> BTreeMap<Ipv4Addr, String> {
    let name = |address: &Ipv4Addr| {
        let hash = blake3::keyed_hash(&entropy, &address.octets()).to_hex();
        (*address, hash.as_str().chars().take(16).collect())
    };
    addresses.iter().map(name).collect()
}

fn copies(beacons: &[Datagram]) -> Vec<Datagram> {
    beacons.iter().map(|beacon| Datagram { bytes: beacon.bytes.clone(), source: beacon.source }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DisplayName, Identity};
    use crate::wire::beacon::{self, Beacon};

    #[test]
    fn the_longest_open_beacon_survives_the_way_through_a_service() {
        let me = Identity::from_seed([1; 32]);
        let name = DisplayName::new(&"x".repeat(64)).unwrap();
        let bytes = beacon::open(&me, Some(&name), (ADDRESS, 47_311).into(), 1_800_000_000, [7; 32]);
        let resolved = service("somebody", ADDRESS, 47_311, &bytes).unwrap().as_resolved_service();
        let heard = beacons(&resolved);
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].source, SocketAddrV4::new(ADDRESS, 47_311));
        let Ok(Beacon::Open(open)) = Beacon::decode(&heard[0].bytes, 1_800_000_000) else { panic!("an open beacon") };
        assert!(open.is_authentic(ADDRESS.into(), 1_800_000_000));
        assert_eq!((open.card, open.name), (*me.card(), Some(name)));
    }

    #[test]
    fn names_are_random_and_say_nothing() {
        let (one, two) = (random_names(&[ADDRESS], [1; 32]), random_names(&[ADDRESS], [2; 32]));
        assert_ne!(one, two);
        let info = service(&one[&ADDRESS], ADDRESS, 47_311, b"beacon").unwrap();
        assert_eq!(info.get_hostname(), format!("{}.local.", one[&ADDRESS]));
        assert_eq!(info.get_fullname(), format!("{}.{SERVICE}", one[&ADDRESS]));
    }

    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 7);
}
