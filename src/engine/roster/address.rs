//! Addresses as a person writes them.

use std::net::Ipv6Addr;

use crate::domain::{PeerId, printable};

/// Checks `host[:port]`: a name, an IPv4 or an IPv6 address (in brackets if a port follows).
///
/// # Errors
/// One sentence: what is wrong and what to do.
pub(super) fn check(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.parse::<PeerId>().is_ok() {
        return Err("that is an id, not an address: ask your friend for the address that their FyteClub shows".to_owned());
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok(text.to_owned());
    }
    let (host, port) = split(text).ok_or_else(|| wrong(text))?;
    if let Some(port) = port
        && port.parse::<u16>().map_or(true, |port| port == 0)
    {
        return Err(format!("{port} is not a port: a port is a number from 1 to 65535"));
    }
    if is_host(host) { Ok(text.to_owned()) } else { Err(wrong(text)) }
}

fn wrong(text: &str) -> String {
    let shown = printable(text, 60);
    format!("“{shown}” is not an address: write it like 192.168.1.20, or like friend.example.org:47311")
}

fn split(text: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match rest {
            "" => Some((host, None)),
            rest => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    match text.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((text, None)),
    }
}

fn is_host(host: &str) -> bool {
    if host.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_and_addresses_with_and_without_port_are_taken_and_others_are_explained() {
        for good in
            ["10.0.0.1", "10.0.0.1:5000", "friend.example.org", "friend.example.org:1", "::1", "[fe80::1]", "[::1]:47311", " a "]
        {
            assert!(check(good).is_ok(), "{good}");
        }
        let id = crate::domain::PeerId::from_bytes([3; 32]).to_string();
        for bad in ["", "a b", "host:", "host:0", "host:99999", "host:x", "[::1", "[x]:1", "-a", "a..b", "http://x", id.as_str()]
        {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
