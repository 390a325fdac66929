//! Which network interfaces there are, and which of them discovery may use.
//!
//! Everything that is ever sent goes to an [`Outlet`]'s destination or to a source inside its network, so what
//! [`outlets`] returns is what the person's choice allows.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use crate::domain::InterfaceChoice;

/// More interfaces than this are left alone: that many are virtual ones of containers.
const MAX_OUTLETS: usize = 16;

/// One address of one interface that is up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) address: IpAddr,
    pub(super) prefix: u8,
    /// IPv4 only; none on point-to-point interfaces.
    pub(super) broadcast: Option<Ipv4Addr>,
}

/// An address to send beacons from and where they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outlet {
    pub(super) address: Ipv4Addr,
    pub(super) destination: Ipv4Addr,
    pub(super) prefix: u8,
}

impl Outlet {
    const LOOPBACK: Self = Self { address: Ipv4Addr::LOCALHOST, destination: Ipv4Addr::new(127, 255, 255, 255), prefix: 8 };

    /// Whether `other` is in this outlet's network.
    pub(super) fn reaches(&self, other: Ipv4Addr) -> bool {
        let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.prefix.into())).unwrap_or(0);
        self.address.to_bits() & mask == other.to_bits() & mask
    }
}

/// What the system says, sorted.
///
/// # Errors
/// If the system does not say.
pub(super) fn list() -> io::Result<Vec<Interface>> {
    let up = if_addrs::get_if_addrs()?.into_iter().filter(if_addrs::Interface::is_oper_up_or_unknown);
    let mut all: Vec<Interface> = up.map(Interface::from).collect();
    all.sort();
    Ok(all)
}

/// Those among `all` that the person has chosen.
pub(super) fn chosen(mut all: Vec<Interface>, choice: &InterfaceChoice) -> Vec<Interface> {
    all.retain(|interface| match choice {
        InterfaceChoice::All => true,
        InterfaceChoice::Loopback => interface.address.is_loopback(),
        InterfaceChoice::Named(names) => names.contains(&interface.name),
    });
    all
}

/// Where beacons go out, given the chosen interfaces.
///
/// Loopback is there even where the system does not list it, except if the person named other interfaces.
pub(super) fn outlets(chosen: &[Interface], choice: &InterfaceChoice) -> Vec<Outlet> {
    let mut outlets: Vec<Outlet> = match choice {
        InterfaceChoice::All | InterfaceChoice::Loopback => vec![Outlet::LOOPBACK],
        InterfaceChoice::Named(_) => Vec::new(),
    };
    for outlet in chosen.iter().filter_map(outlet) {
        if !outlets.contains(&outlet) {
            outlets.push(outlet);
        }
    }
    outlets.truncate(MAX_OUTLETS);
    outlets
}

/// The chosen IPv4 addresses of real networks, for mDNS; none if only loopback is chosen.
pub(super) fn network_addresses(outlets: &[Outlet]) -> Vec<Ipv4Addr> {
    outlets.iter().map(|outlet| outlet.address).filter(|address| !address.is_loopback()).collect()
}

fn outlet(interface: &Interface) -> Option<Outlet> {
    let IpAddr::V4(address) = interface.address else { return None };
    if address.is_loopback() {
        return Some(Outlet::LOOPBACK);
    }
    let destination = interface.broadcast.filter(|_| interface.prefix < 31)?;
    Some(Outlet { address, destination, prefix: interface.prefix })
}

/// Some drivers (bridges, tunnels) do not say whether they are up.
trait UpOrUnknown {
    fn is_oper_up_or_unknown(&self) -> bool;
}

impl UpOrUnknown for if_addrs::Interface {
    fn is_oper_up_or_unknown(&self) -> bool {
        matches!(self.oper_status, if_addrs::IfOperStatus::Up | if_addrs::IfOperStatus::Unknown)
    }
}

impl From<if_addrs::Interface> for Interface {
    fn from(interface: if_addrs::Interface) -> Self {
        let address = interface.ip();
        let (prefix, broadcast) = match interface.addr {
            if_addrs::IfAddr::V4(v4) => (v4.prefixlen, v4.broadcast),
            if_addrs::IfAddr::V6(v6) => (v6.prefixlen, None),
        };
        Self { name: interface.name, address, prefix, broadcast }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_choice_sends_to_loopback_and_nowhere_else() {
        let outlets = outlets_for(&InterfaceChoice::Loopback);
        assert_eq!(outlets, [Outlet::LOOPBACK]);
        assert!(outlets.iter().all(|outlet| outlet.destination.is_loopback() && outlet.address.is_loopback()));
        assert!(!outlets.iter().any(|outlet| outlet.reaches(Ipv4Addr::new(192, 168, 0, 9))), "answers stay inside too");
        assert!(network_addresses(&outlets).is_empty(), "and mDNS is off");
    }

    #[test]
    fn the_loopback_choice_holds_even_if_the_system_lists_nothing() {
        assert_eq!(outlets(&[], &InterfaceChoice::Loopback), [Outlet::LOOPBACK]);
    }

    #[test]
    fn every_interface_is_sent_to_at_its_own_broadcast_address() {
        let destinations: Vec<_> = outlets_for(&InterfaceChoice::All).iter().map(|outlet| outlet.destination).collect();
        assert_eq!(destinations, ["127.255.255.255", "192.168.0.255", "10.7.255.255"].map(|a| a.parse::<Ipv4Addr>().unwrap()));
    }

    #[test]
    fn named_interfaces_are_sent_to_and_no_other() {
        let named = |name: &str| outlets_for(&InterfaceChoice::Named(vec![name.to_owned()]));
        assert_eq!(named("eth0"), [outlet(&machine()[1]).unwrap()]);
        assert_eq!(named("lo"), [Outlet::LOOPBACK]);
        assert_eq!(named("eth"), []);
        assert_eq!(named("tun0"), [], "a point-to-point interface has no broadcast");
    }

    #[test]
    fn an_outlet_reaches_its_own_network() {
        let outlet = outlet(&machine()[1]).unwrap();
        assert!(outlet.reaches(Ipv4Addr::new(192, 168, 0, 200)));
        assert!(!outlet.reaches(Ipv4Addr::new(192, 168, 1, 200)));
        assert!(!outlet.reaches(Ipv4Addr::LOCALHOST));
        assert!(Outlet { prefix: 0, ..outlet }.reaches(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn this_machine_lists_its_loopback() {
        assert!(list().unwrap().iter().any(|interface| interface.address.is_loopback()));
    }

    fn outlets_for(choice: &InterfaceChoice) -> Vec<Outlet> {
        outlets(&chosen(machine(), choice), choice)
    }

    fn machine() -> Vec<Interface> {
        let of = |name: &str, address: &str, prefix, broadcast: Option<&str>| Interface {
            name: name.to_owned(),
            address: address.parse().unwrap(),
            prefix,
            broadcast: broadcast.map(|address| address.parse().unwrap()),
        };
        vec![
            of("lo", "127.0.0.1", 8, None),
            of("eth0", "192.168.0.7", 24, Some("192.168.0.255")),
            of("eth0", "fe80::7", 64, None),
            of("lo", "::1", 128, None),
            of("tun0", "10.8.0.2", 32, None),
            of("wlan0", "10.7.1.2", 16, Some("10.7.255.255")),
        ]
    }
}
