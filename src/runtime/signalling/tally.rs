//! How many sessions each peer has, so that one friend cannot take all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::PeerId;

/// Sessions of one peer at once. A companion needs one; after a lost network old ones linger for a while.
const PER_PEER: usize = 8;
/// Sessions at once, as many as offers can wait.
const IN_ALL: usize = 64;

/// The count. Clones are cheap and all alike.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally(Arc<Mutex<BTreeMap<PeerId, usize>>>);

/// One session's place; given up when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    tally: Tally,
    peer: PeerId,
}

impl Tally {
    /// A place for one more session of this peer, if there is one.
    pub(super) fn seat(&self, peer: PeerId) -> Option<Seat> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= IN_ALL {
            return None;
        }
        let count = counts.entry(peer).or_default();
        if *count >= PER_PEER {
            return None;
        }
        *count += 1;
        Some(Seat { tally: self.clone(), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.tally.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_peer_has_eight_seats_and_all_have_sixty_four() {
        let tally = Tally::default();
        let seats_of = |peer| -> Vec<Seat> { std::iter::from_fn(|| tally.seat(PeerId::from_bytes([peer; 32]))).collect() };
        let first = seats_of(1);
        assert_eq!(first.len(), 8);
        let others: Vec<Seat> = (2..20).flat_map(seats_of).collect();
        assert_eq!(others.len(), 56);
        drop(first);
        assert_eq!(seats_of(1).len(), 8, "a seat is free again when its session ends");
        drop(others);
        assert!(tally.0.lock().unwrap().is_empty());
    }
}
