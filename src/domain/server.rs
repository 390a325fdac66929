//! Addresses of servers that help two companions to find each other.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::peer::printable;

/// Relays that are used at once.
pub const MAX_RELAYS: usize = 12;
/// STUN servers that are asked at once.
pub const MAX_STUN: usize = 6;
/// An address's greatest length in bytes.
const MAX_ADDRESS: usize = 200;

/// Where a Nostr relay is: `wss://host[:port][/path]`, or `ws://` without encryption.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelayUrl(String);

/// Where a STUN server is: `host:port`, asked by UDP.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StunServer {
    host: String,
    port: u16,
}

/// Why a text is no server's address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// Not a relay's address.
    #[error("“{0}” is not the address of a relay, which looks like wss://relay.example.org")]
    Relay(String),
    /// Not a STUN server's address.
    #[error("“{0}” is not the address of a STUN server, which looks like stun.example.org:3478")]
    Stun(String),
}

impl RelayUrl {
    /// The address, in lower case but for its path, and without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without brackets around an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        split_port(authority).map_or(authority, |(host, _)| host).trim_matches(['[', ']'])
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }
}

impl FromStr for RelayUrl {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let text = text.trim().trim_end_matches('/');
        let bad = || ServerError::Relay(printable(text, 60));
        let (scheme, rest) = text.split_once("://").ok_or_else(bad)?;
        let scheme = scheme.to_lowercase();
        let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
        let host = match split_port(authority) {
            Some((host, port)) => port.parse::<u16>().is_ok_and(|port| port != 0).then_some(host).ok_or_else(bad)?,
            None => authority,
        };
        let clean = |c: char| c.is_ascii_graphic() && !['"', '\\', '#', '@', '<', '>'].contains(&c);
        let whole = ["ws", "wss"].contains(&scheme.as_str()) && is_host(host) && path.is_none_or(|path| path.chars().all(clean));
        if !whole || text.len() > MAX_ADDRESS {
            return Err(bad());
        }
        let path = path.map_or_else(String::new, |path| format!("/{path}"));
        Ok(Self(format!("{scheme}://{}{path}", authority.to_lowercase())))
    }
}

impl StunServer {
    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The UDP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl FromStr for StunServer {
    type Err = ServerError;

    fn from_str(text: &str) -> Result<Self, ServerError> {
        let text = text.trim();
        let bad = || ServerError::Stun(printable(text, 60));
        let address = text.strip_prefix("stun:").unwrap_or(text);
        let (host, port) = match split_port(address) {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?),
            None => (address, 3478),
        };
        if !is_host(host) || text.len() > MAX_ADDRESS {
            return Err(bad());
        }
        Ok(Self { host: host.trim_matches(['[', ']']).to_lowercase(), port })
    }
}

impl fmt::Display for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for StunServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl TryFrom<String> for RelayUrl {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse()
    }
}

impl From<RelayUrl> for String {
    fn from(relay: RelayUrl) -> Self {
        relay.0
    }
}

impl TryFrom<String> for StunServer {
    type Error = ServerError;

    fn try_from(text: String) -> Result<Self, ServerError> {
        text.parse()
    }
}

impl From<StunServer> for String {
    fn from(server: StunServer) -> Self {
        server.to_string()
    }
}

/// Host and port, if there is a port. An IPv6 address stands in brackets where a port may follow.
fn split_port(address: &str) -> Option<(&str, &str)> {
    if let Some(end) = address.rfind(']') {
        return address.get(end + 1..)?.strip_prefix(':').map(|port| (address.get(..=end).unwrap_or_default(), port));
    }
    address.split_once(':')
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    !host.is_empty() && host.split('.').all(label)
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_are_read_and_written_one_way() {
        for (text, read, host) in [
            ("wss://Relay.Example.org", "wss://relay.example.org", "relay.example.org"),
            (" WS://127.0.0.1:7777/ ", "ws://127.0.0.1:7777", "127.0.0.1"),
            ("wss://example.org/Nostr/v2", "wss://example.org/Nostr/v2", "example.org"),
            ("ws://[::1]:80", "ws://[::1]:80", "::1"),
        ] {
            let relay: RelayUrl = text.parse().unwrap();
            assert_eq!((relay.as_str(), relay.host()), (read, host));
        }
        assert!("ws://[::1]:80".parse::<RelayUrl>().unwrap().is_loopback());
        assert!(!"wss://example.org".parse::<RelayUrl>().unwrap().is_loopback());
    }

    #[test]
    fn what_is_no_relay_is_refused() {
        let long = format!("wss://{}.org", "a.".repeat(120));
        for text in [
            "",
            "example.org",
            "http://example.org",
            "wss://",
            "wss://a b",
            "wss://u@h",
            "wss://h:0",
            "wss://h:99999",
            "wss://h/\"",
            &long,
        ] {
            assert!(text.parse::<RelayUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn stun_servers_are_read_and_written_one_way() {
        for (text, read) in [
            ("stun.example.org", "stun.example.org:3478"),
            ("stun:A.b:19302", "a.b:19302"),
            ("[2001:db8::1]:5", "[2001:db8::1]:5"),
        ] {
            let server: StunServer = text.parse().unwrap();
            assert_eq!(server.to_string(), read);
            assert_eq!(server.to_string().parse(), Ok(server));
        }
        for text in ["", ":3478", "a:0", "a:b", "a b:1", "turn:a:1:2"] {
            assert!(text.parse::<StunServer>().is_err(), "{text}");
        }
    }
}
