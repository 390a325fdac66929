//! Who was heard lately: whom to answer, and whose datagrams to drop because there are too many.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::PeerId;

/// After this long without a beacon a peer counts as new.
const FORGOTTEN: Duration = Duration::from_secs(90);
/// A source is answered once in this time.
const ANSWER_PAUSE: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(1);
/// Datagrams of one source in a window. A companion sends four in its first two seconds.
const PER_SOURCE: u32 = 10;
/// Datagrams in a window: each can cost two signature checks, about 0.2 ms.
const IN_ALL: u32 = 200;
/// Peers and sources that are remembered; nothing is answered beyond.
const MAX_REMEMBERED: usize = 512;

/// The memory.
#[derive(Debug)]
pub(super) struct Recent {
    window: Instant,
    in_window: BTreeMap<SocketAddr, u32>,
    heard: BTreeMap<(PeerId, SocketAddr), Instant>,
    answered: BTreeMap<SocketAddr, Instant>,
}

impl Recent {
    /// An empty memory.
    pub(super) const fn new(now: Instant) -> Self {
        Self { window: now, in_window: BTreeMap::new(), heard: BTreeMap::new(), answered: BTreeMap::new() }
    }

    /// Whether a datagram from this source is worth reading.
    pub(super) fn admit(&mut self, now: Instant, source: SocketAddr) -> bool {
        if now.duration_since(self.window) >= WINDOW {
            self.window = now;
            self.in_window.clear();
        }
        if self.in_window.values().sum::<u32>() >= IN_ALL {
            return false;
        }
        let count = self.in_window.entry(source).or_default();
        let admitted = *count < PER_SOURCE;
        // What is dropped is not counted: a flood from one source takes nothing from the others.
        *count += u32::from(admitted);
        admitted
    }

    /// Notes that this peer was heard, and says whether it is to be answered: only if it is new, so that answers do not
    /// answer each other. A companion that was started anew speaks from a new UDP port and is new.
    pub(super) fn heard(&mut self, now: Instant, peer: PeerId, source: SocketAddr) -> bool {
        self.heard.retain(|_, last| now.duration_since(*last) < FORGOTTEN);
        self.answered.retain(|_, last| now.duration_since(*last) < ANSWER_PAUSE);
        if self.heard.len() >= MAX_REMEMBERED || self.answered.len() >= MAX_REMEMBERED {
            return false;
        }
        let is_new = self.heard.insert((peer, source), now).is_none();
        let may_answer = is_new && !self.answered.contains_key(&source);
        if may_answer {
            self.answered.insert(source, now);
        }
        may_answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_peer_is_answered_once_and_again_after_90_seconds_of_silence() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(recent.heard(at(0), peer(1), source(1)));
        assert!(!recent.heard(at(30), peer(1), source(1)));
        assert!(!recent.heard(at(119), peer(1), source(1)), "89 seconds later");
        assert!(recent.heard(at(209), peer(1), source(1)), "90 seconds later");
        assert!(recent.heard(at(211), peer(1), source(2)), "started anew");
    }

    #[test]
    fn one_source_is_answered_once_a_second_whoever_it_claims_to_be() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        assert!(recent.heard(start, peer(1), source(1)));
        assert!(!recent.heard(start + Duration::from_millis(900), peer(2), source(1)));
        assert!(recent.heard(start + Duration::from_millis(1000), peer(3), source(1)));
    }

    #[test]
    fn a_flood_is_dropped_and_others_are_still_heard() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        assert_eq!((0..1000).filter(|_| recent.admit(start, source(1))).count(), 10);
        assert!(recent.admit(start, source(2)));
        assert!((0..1000).filter(|port| recent.admit(start, source(10 + port % 500))).count() < 200);
        assert!(recent.admit(start + WINDOW, source(1)), "the next second");
    }

    #[test]
    fn the_memory_does_not_grow_without_bound() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        let answers = (0..2000).filter(|port| recent.heard(start, peer(1), source(*port))).count();
        assert_eq!(answers, MAX_REMEMBERED);
        assert!(recent.heard.len() <= MAX_REMEMBERED);
    }

    fn peer(number: u8) -> PeerId {
        PeerId::from_bytes([number; 32])
    }

    fn source(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }
}
