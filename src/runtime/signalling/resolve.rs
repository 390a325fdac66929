//! From what a person wrote to addresses.

use std::net::{IpAddr, SocketAddr};

use crate::engine::input::DialError;
use crate::engine::output::Target;

/// The signalling port that is meant if none is written.
const DEFAULT_PORT: u16 = 47_311;
/// Addresses of one name that are tried.
const MAX_ADDRESSES: usize = 8;

/// The addresses of a target. With `loopback_only` no name is looked up but `localhost`: a question would leave this machine.
///
/// # Errors
/// [`DialError::NameNotFound`], or [`DialError::Other`] if it is not written like an address.
pub(super) async fn resolve(target: &Target, loopback_only: bool) -> Result<Vec<SocketAddr>, DialError> {
    match target {
        Target::Address(address) => Ok(vec![*address]),
        Target::Named(text) => {
            let (host, port) = parse(text)?;
            match host.parse::<IpAddr>() {
                Ok(address) => Ok(vec![(address, port).into()]),
                Err(_) if loopback_only && host != "localhost" => Err(DialError::NameNotFound),
                Err(_) => look_up(host, port).await,
            }
        }
    }
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|_| DialError::NameNotFound)?;
    let addresses: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();
    if addresses.is_empty() { Err(DialError::NameNotFound) } else { Ok(addresses) }
}

/// Splits `host`, `host:port`, `address`, `address:port`, `[address]` or `[address]:port`.
fn parse(text: &str) -> Result<(&str, u16), DialError> {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(not_an_address)?)),
        // More than one colon: an IPv6 address without a port.
        None if text.matches(':').count() > 1 => (text, None),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(DEFAULT_PORT), |port| port.parse().map_err(|_| not_an_address()))?;
    let plausible = !host.is_empty() && host.len() <= 253 && !host.contains(|c: char| c.is_whitespace() || c == '/');
    if plausible && port != 0 { Ok((host, port)) } else { Err(not_an_address()) }
}

fn not_an_address() -> DialError {
    DialError::Other("that is not an address; write a name or an address, and :port if it is not 47311".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address_is_understood() {
        for (text, host, port) in [
            ("example.org", "example.org", 47_311),
            (" example.org:5 ", "example.org", 5),
            ("192.168.0.7", "192.168.0.7", 47_311),
            ("192.168.0.7:5", "192.168.0.7", 5),
            ("2001:db8::1", "2001:db8::1", 47_311),
            ("[2001:db8::1]", "2001:db8::1", 47_311),
            ("[2001:db8::1]:5", "2001:db8::1", 5),
        ] {
            assert_eq!(parse(text), Ok((host, port)), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_sentence() {
        for text in ["", ":5", "host:", "host:0", "host:65536", "host:port", "two words", "[::1]5", "https://host", "a/b"] {
            assert_eq!(parse(text), Err(not_an_address()), "{text}");
        }
    }

    #[tokio::test]
    async fn on_loopback_only_no_name_is_asked_for() {
        let named = |text: &str| Target::Named(text.to_owned());
        assert_eq!(resolve(&named("example.org"), true).await, Err(DialError::NameNotFound));
        let local = resolve(&named("localhost:5"), true).await.unwrap();
        assert!(local.iter().all(|address| address.ip().is_loopback() && address.port() == 5));
        assert_eq!(resolve(&named("127.0.0.1"), true).await, Ok(vec![([127, 0, 0, 1], 47_311).into()]));
    }
}
