//! Our own addresses, and whether a remote one is near.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use if_addrs::{IfAddr, Interface};

use crate::domain::Route;

/// The addresses to offer as candidates: those that are configured, or else every one that another machine could use. If
/// there is none (no network), loopback, so that companions on this machine find each other all the same.
pub(super) fn own_addresses(configured: &[IpAddr], loopback_only: bool) -> Vec<IpAddr> {
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let chosen: Vec<IpAddr> = if loopback_only {
        loopback.to_vec()
    } else if configured.is_empty() {
        usable(interfaces().iter().map(Interface::ip))
    } else {
        configured.to_vec()
    };
    if chosen.is_empty() { loopback.to_vec() } else { chosen }
}

/// How a link to this address runs.
pub(super) fn route_to(remote: IpAddr) -> Route {
    let remote = remote.to_canonical();
    if is_private(remote) || interfaces().iter().any(|interface| shares_subnet(&interface.addr, remote)) {
        Route::Lan
    } else {
        Route::Direct
    }
}

fn interfaces() -> Vec<Interface> {
    if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::debug!(%error, "the network interfaces cannot be listed");
        Vec::new()
    })
}

fn usable(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut usable: Vec<IpAddr> =
        addresses.filter(|address| !address.is_loopback() && !address.is_unspecified() && !is_link_local(*address)).collect();
    usable.sort_unstable();
    usable.dedup();
    usable
}

pub(super) fn is_private(address: IpAddr) -> bool {
    let private = match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    };
    private || address.is_loopback() || is_link_local(address)
}

/// A candidate cannot say on which interface such an address lies, so it is of no use to the other side.
fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn shares_subnet(own: &IfAddr, remote: IpAddr) -> bool {
    match (own, remote) {
        (IfAddr::V4(own), IpAddr::V4(remote)) => {
            let mask = own.netmask.to_bits();
            mask != 0 && mask & own.ip.to_bits() == mask & remote.to_bits()
        }
        (IfAddr::V6(own), IpAddr::V6(remote)) => {
            let mask = own.netmask.to_bits();
            mask != 0 && mask & own.ip.to_bits() == mask & remote.to_bits()
        }
        (IfAddr::V4(_), IpAddr::V6(_)) | (IfAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_link_local_and_loopback_addresses_are_near_and_others_are_not() {
        for near in
            ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.5.5", "169.254.1.1", "::1", "fe80::1", "fd00::9", "::ffff:10.0.0.1"]
        {
            assert_eq!(route_to(near.parse().unwrap()), Route::Lan, "{near}");
        }
        for far in ["198.51.100.7", "2001:db8:ffff::1"] {
            assert_eq!(route_to(far.parse().unwrap()), Route::Direct, "{far}");
        }
    }

    #[test]
    fn the_same_subnet_is_near() {
        let own = IfAddr::V4(if_addrs::Ifv4Addr {
            ip: "203.0.113.5".parse().unwrap(),
            netmask: "255.255.255.0".parse().unwrap(),
            prefixlen: 24,
            broadcast: None,
        });
        assert!(shares_subnet(&own, "203.0.113.200".parse().unwrap()));
        assert!(!shares_subnet(&own, "203.0.114.1".parse().unwrap()));
        assert!(!shares_subnet(&own, "2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn addresses_of_no_use_to_others_are_not_offered() {
        let all = ["127.0.0.1", "192.168.1.2", "fe80::5", "169.254.3.4", "2001:db8::7", "192.168.1.2", "0.0.0.0"];
        let all = all.iter().map(|text| text.parse().unwrap());
        let expected: Vec<IpAddr> = ["192.168.1.2", "2001:db8::7"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(usable(all), expected);
        assert!(own_addresses(&[], true).iter().all(IpAddr::is_loopback));
        assert!(!own_addresses(&[], false).is_empty());
    }
}
