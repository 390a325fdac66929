//! What is told of our own addresses to somebody who may be far away.
//!
//! An address of a private network (RFC 1918, RFC 4193) is of no use across the internet, and nobody's business there. It is kept back
//! until the other side turns out to be in the same network, as it is if the internet sees both under one address; or if nothing is known of
//! how the internet sees us, so that the private address may be the only way.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::candidates::TheirRouter;
use super::mapping::Seen;
use super::reach;
use crate::domain::RouterKind;

/// Keeps candidates back, as long as there is reason to.
#[derive(Debug, Default)]
pub(super) struct Discretion {
    keeps: bool,
    kept: Vec<String>,
    /// Under which addresses the internet sees us.
    seen: BTreeSet<IpAddr>,
}

impl Discretion {
    /// `far`: the other side may be beyond our own network.
    pub(super) fn new(far: bool) -> Self {
        Self { keeps: far, ..Self::default() }
    }

    /// It is known how the internet sees us.
    pub(super) fn learn(&mut self, seen: &Seen) {
        self.seen = seen.addresses.iter().map(|address| address.ip()).collect();
        let useless = match seen.kind {
            RouterKind::Even | RouterKind::Strict => true,
            RouterKind::Unknown | RouterKind::Open | RouterKind::Blocked => false,
        };
        self.keeps &= useless;
    }

    /// Something more is known of the other side.
    pub(super) fn compare(&mut self, theirs: &TheirRouter) {
        self.keeps &= !theirs.is_seen_at(&self.seen);
    }

    /// The SDP without what is kept back.
    pub(super) fn description(&mut self, sdp: &str) -> String {
        sdp.split_inclusive('\n').filter(|line| !self.keep(line)).collect()
    }

    /// The candidate, unless it is kept back.
    pub(super) fn candidate(&mut self, candidate: String) -> Option<String> {
        (!self.keep(&candidate)).then_some(candidate)
    }

    /// What was kept back and need not be any more.
    pub(super) fn released(&mut self) -> Vec<String> {
        if self.keeps { Vec::new() } else { std::mem::take(&mut self.kept) }
    }

    fn keep(&mut self, line: &str) -> bool {
        let candidate = line.trim().trim_start_matches("a=");
        let words: Vec<&str> = candidate.split(' ').collect();
        let [name, _, _, _, ip, _, "typ", "host", ..] = words.as_slice() else { return false };
        let private = name.starts_with("candidate:") && ip.parse::<IpAddr>().is_ok_and(reach::is_private);
        if private && self.keeps && !self.kept.iter().any(|kept| kept == candidate) {
            self.kept.push(candidate.to_owned());
        }
        private && self.keeps
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidates;
    use super::*;

    const PRIVATE: &str = "candidate:1 1 udp 5 192.168.0.2 47311 typ host";
    const PUBLIC: &str = "candidate:2 1 udp 5 2001:db8::7 47311 typ host";

    fn seen(kind: RouterKind, addresses: &[&str]) -> Seen {
        Seen { kind, addresses: addresses.iter().map(|address| address.parse().unwrap()).collect() }
    }

    fn theirs(address: &str) -> TheirRouter {
        let mut theirs = TheirRouter::default();
        theirs.note(&candidates::reflexive(address.parse().unwrap(), 0));
        theirs
    }

    #[test]
    fn a_private_address_is_kept_back_until_both_are_seen_at_one_place() {
        let mut discretion = Discretion::new(true);
        let sdp = format!("v=0\r\na={PRIVATE}\r\na={PUBLIC}\r\n");
        assert_eq!(discretion.description(&sdp), format!("v=0\r\na={PUBLIC}\r\n"));
        assert_eq!(discretion.candidate(PRIVATE.to_owned()), None);
        discretion.learn(&seen(RouterKind::Even, &["203.0.113.9:5"]));
        discretion.compare(&theirs("203.0.113.8:5"));
        assert!(discretion.released().is_empty());
        discretion.compare(&theirs("203.0.113.9:6"));
        assert_eq!(discretion.released(), [PRIVATE]);
        assert_eq!(discretion.candidate(PRIVATE.to_owned()), Some(PRIVATE.to_owned()), "from here on");
    }

    #[test]
    fn where_it_may_be_the_only_way_it_is_told() {
        for kind in [RouterKind::Unknown, RouterKind::Open, RouterKind::Blocked] {
            let mut discretion = Discretion::new(true);
            assert_eq!(discretion.candidate(PRIVATE.to_owned()), None);
            discretion.learn(&seen(kind, &[]));
            assert_eq!(discretion.released(), [PRIVATE], "{kind:?}");
        }
        let mut near = Discretion::new(false);
        assert_eq!(near.candidate(PRIVATE.to_owned()), Some(PRIVATE.to_owned()));
        assert!(near.released().is_empty());
    }
}
