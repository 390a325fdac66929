//! Lines of SDP (RFC 8839) as they leave and arrive.
//!
//! The library believes in the port of the socket that it bound; the hub's port is put in its place. Of what the other side
//! sends, only the first [`MAX_CANDIDATES`] candidates are heeded, since each is an address that we send packets to.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::reach;
use crate::domain::RouterKind;

/// The least preferred of our own reflexive candidates.
const LAST: usize = 9;
/// Candidates heeded of one peer in one attempt.
pub(super) const MAX_CANDIDATES: usize = 64;

/// The SDP with the hub's port in all candidates of our own socket.
pub(super) fn with_port(sdp: &str, port: u16) -> String {
    sdp.split_inclusive('\n').map(|line| candidate_with_port(line, port)).collect()
}

/// A candidate (with or without `a=` before it; the type is its eighth word) with the hub's port in the place of the library's own.
pub(super) fn candidate_with_port(line: &str, port: u16) -> String {
    if !is_candidate(line) {
        return line.to_owned();
    }
    let body = line.trim_end();
    let mut words: Vec<&str> = body.split(' ').collect();
    let place = match words.get(6..8) {
        Some(["typ", "host"]) => Some(5),
        Some(["typ", "relay"]) | None => None,
        Some(_) => words.iter().skip(8).position(|word| *word == "rport").map(|found| found + 9),
    };
    let port = port.to_string();
    if let Some(word) = place.and_then(|place| words.get_mut(place)) {
        *word = &port;
    }
    words.join(" ") + line.get(body.len()..).unwrap_or_default()
}

/// A server-reflexive candidate (RFC 8445 §5.1.1.2): where the internet sees our port. What lies behind it is not said.
pub(super) fn reflexive(mapped: SocketAddr, number: usize) -> String {
    // RFC 8445 §5.1.2: type preference 100, local preference falling from the highest on, component 1.
    let local = u64::from(u16::MAX).saturating_sub(number as u64);
    let priority = (100 << 24) + (local << 8) + 255;
    let (nowhere, ip) = (if mapped.is_ipv4() { "0.0.0.0" } else { "::" }, mapped.ip());
    format!("candidate:r{number} 1 udp {priority} {ip} {} typ srflx raddr {nowhere} rport 0", mapped.port())
}

/// A candidate for a port that a person may have forwarded by hand: a router that maps the port for each destination anew still takes
/// in what comes to that.
pub(super) fn forwarded(seen: IpAddr, port: u16) -> String {
    let at = SocketAddr::new(seen, port);
    reflexive(at, LAST).replacen(&format!("candidate:r{LAST} "), "candidate:f ", 1)
}

/// What the other side's candidates show of its router.
#[derive(Debug, Default)]
pub(super) struct TheirRouter {
    reflexive: BTreeSet<(IpAddr, u16)>,
    public: bool,
    heard: bool,
}

impl TheirRouter {
    /// Takes candidates into account, of an SDP or one by itself.
    pub(super) fn note(&mut self, lines: &str) {
        for line in lines.lines().map(|line| line.trim_start_matches("a=")).filter(|line| is_candidate(line)) {
            let words: Vec<&str> = line.split(' ').collect();
            let [name, _, _, _, ip, port, "typ", kind, ..] = words.as_slice() else { continue };
            let (Ok(ip), Ok(port)) = (ip.parse::<IpAddr>(), port.parse::<u16>()) else { continue };
            self.heard = true;
            if *kind == "host" {
                self.public |= !reach::is_private(ip);
            } else if name.starts_with("candidate:r") && ip.is_ipv4() {
                self.reflexive.insert((ip, port));
            }
        }
    }

    /// Whether the internet sees them under one of these addresses.
    pub(super) fn is_seen_at(&self, addresses: &BTreeSet<IpAddr>) -> bool {
        self.reflexive.iter().any(|(ip, _)| addresses.contains(ip))
    }

    pub(super) fn kind(&self) -> RouterKind {
        match (self.reflexive.len(), self.public, self.heard) {
            (_, _, false) => RouterKind::Unknown,
            (0, true, true) => RouterKind::Open,
            (0, false, true) => RouterKind::Blocked,
            (1, ..) => RouterKind::Even,
            _ => RouterKind::Strict,
        }
    }
}

/// The SDP with these candidates too, behind its own. It may have more sections than one; they are bundled on the first.
pub(super) fn with_more(sdp: &str, candidates: &[String]) -> String {
    let end = |(at, line): (usize, &str)| (is_candidate(line) || line.starts_with("m=")).then_some(at + line.len());
    let lines = sdp.split_inclusive('\n').scan(0, |at, line| {
        let here = *at;
        *at += line.len();
        Some((here, line))
    });
    let first_section = lines.clone().filter(|(_, line)| line.starts_with("m=")).nth(1).map_or(sdp.len(), |(at, _)| at);
    let place = lines.take_while(|(at, _)| *at < first_section).filter_map(end).last().unwrap_or(sdp.len());
    let (before, after) = sdp.split_at_checked(place).unwrap_or((sdp, ""));
    let more: String = candidates.iter().map(|candidate| format!("a={candidate}\r\n")).collect();
    format!("{before}{more}{after}")
}

/// The user name fragments that an SDP gives.
pub(super) fn fragments(sdp: &str) -> impl Iterator<Item = &str> {
    sdp.lines().filter_map(|line| line.trim().strip_prefix("a=ice-ufrag:"))
}

/// An SDP from outside with [`MAX_CANDIDATES`] candidates at most, and how many it has.
pub(super) fn limited(sdp: &str) -> (String, usize) {
    let mut kept = 0;
    let text = sdp
        .split_inclusive('\n')
        .filter(|line| {
            let candidate = is_candidate(line);
            kept += usize::from(candidate && kept < MAX_CANDIDATES + 1);
            !candidate || kept <= MAX_CANDIDATES
        })
        .collect();
    (text, kept.min(MAX_CANDIDATES))
}

fn is_candidate(line: &str) -> bool {
    line.trim_start_matches("a=").starts_with("candidate:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hubs_port_stands_in_host_candidates_and_behind_rport() {
        let sdp = "v=0\r\na=ice-ufrag:abcd\r\na=candidate:1 1 udp 2130706431 192.0.2.1 50001 typ host\r\n\
                   a=candidate:2 1 udp 1694498815 203.0.113.9 40000 typ srflx raddr 192.0.2.1 rport 50001\r\n\
                   a=candidate:3 1 udp 16777215 203.0.113.8 3478 typ relay raddr 192.0.2.1 rport 50001\r\n";
        assert_eq!(
            with_port(sdp, 47_311),
            "v=0\r\na=ice-ufrag:abcd\r\na=candidate:1 1 udp 2130706431 192.0.2.1 47311 typ host\r\n\
             a=candidate:2 1 udp 1694498815 203.0.113.9 40000 typ srflx raddr 192.0.2.1 rport 47311\r\n\
             a=candidate:3 1 udp 16777215 203.0.113.8 3478 typ relay raddr 192.0.2.1 rport 50001\r\n"
        );
        assert_eq!(fragments(sdp).collect::<Vec<_>>(), ["abcd"]);
    }

    #[test]
    fn what_the_internet_sees_stands_behind_our_own_candidates() {
        let mapped = reflexive("203.0.113.9:40000".parse().unwrap(), 0);
        assert_eq!(mapped, "candidate:r0 1 udp 1694498815 203.0.113.9 40000 typ srflx raddr 0.0.0.0 rport 0");
        let sdp = "v=0\r\nm=application 9\r\na=candidate:1 1 udp 5 192.0.2.1 5 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(
            with_more(sdp, std::slice::from_ref(&mapped)),
            format!(
                "v=0\r\nm=application 9\r\na=candidate:1 1 udp 5 192.0.2.1 5 typ host\r\na={mapped}\r\na=end-of-candidates\r\n"
            )
        );
        assert_eq!(with_more("v=0\r\nm=x\r\nc=y\r\n", &["candidate:1".to_owned()]), "v=0\r\nm=x\r\na=candidate:1\r\nc=y\r\n");
        assert_eq!(with_more(sdp, &[]), sdp);
    }

    #[test]
    fn candidates_show_what_router_is_before_them() {
        let kind = |lines: &[&str]| {
            let mut router = TheirRouter::default();
            lines.iter().for_each(|line| router.note(line));
            router.kind()
        };
        let (private, public) =
            ("candidate:1 1 udp 5 192.168.0.2 5 typ host", "a=candidate:1 1 udp 5 203.0.113.7 5 typ host\r\n");
        let seen = |port: u16| reflexive(SocketAddr::from(([203, 0, 113, 9], port)), 0);
        assert_eq!(kind(&["v=0", "candidate:"]), RouterKind::Unknown);
        assert_eq!(kind(&[private]), RouterKind::Blocked);
        assert_eq!(kind(&[public]), RouterKind::Open);
        assert_eq!(kind(&[private, &seen(5), &seen(5)]), RouterKind::Even);
        let guess = forwarded("203.0.113.9".parse().unwrap(), 47_311);
        assert!(guess.starts_with("candidate:f 1 udp 1694"), "{guess}");
        assert_eq!(kind(&[private, &seen(5), &guess]), RouterKind::Even, "a guess tells nothing");
        assert_eq!(kind(&[private, &seen(5), &seen(6)]), RouterKind::Strict);
    }

    #[test]
    fn a_candidate_of_few_words_is_left_as_it_is() {
        assert_eq!(candidate_with_port("candidate:1 typ host", 5), "candidate:1 typ host");
        assert_eq!(candidate_with_port("", 5), "");
        let odd = "a=candidate:1 1 udp 21301 typ hostryp relay raddr 192.0.2.1 rport 50";
        assert_eq!(candidate_with_port(&candidate_with_port(odd, 5), 5), candidate_with_port(odd, 5));
    }

    #[test]
    fn no_more_than_the_limit_of_candidates_is_heeded() {
        let line = "a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n";
        let (text, kept) = limited(&format!("v=0\r\n{}m=x\r\n", line.repeat(100)));
        assert_eq!((text.matches("candidate:").count(), kept), (MAX_CANDIDATES, MAX_CANDIDATES));
        assert!(text.ends_with("m=x\r\n"));
        assert_eq!(limited(&line.repeat(3)).1, 3);
    }
}
