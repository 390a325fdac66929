//! Strangers who knocked: one prompt for each, few at a time, and none twice in a session that was put off.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::domain::{Card, DisplayName, PeerId};

/// Prompts that wait at once.
const MAX_PROMPTS: usize = 20;
/// New prompts that one address may cause within [`RATE_WINDOW`]: a household has a few players, not dozens.
const MAX_FROM_ONE_ADDRESS: u32 = 3;
const RATE_WINDOW: Duration = Duration::from_secs(60);
/// Addresses that are counted at once; while so many knock, no new one is let through.
const MAX_COUNTED: usize = 256;

/// Somebody who wants in.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Stranger {
    pub(in crate::engine) card: Card,
    pub(in crate::engine) name: Option<DisplayName>,
    pub(in crate::engine) address: SocketAddr,
    pub(in crate::engine) since: Instant,
}

/// The prompts about strangers.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    waiting: Vec<Stranger>,
    put_off: BTreeSet<PeerId>,
    counted: BTreeMap<IpAddr, (Instant, u32)>,
}

impl Strangers {
    /// True if a new prompt stands.
    pub(super) fn knocked(&mut self, stranger: Stranger) -> bool {
        let peer = stranger.card.peer();
        if let Some(known) = self.waiting.iter_mut().find(|known| known.card.peer() == peer) {
            known.address = stranger.address;
            return false;
        }
        if self.put_off.contains(&peer) || self.waiting.len() >= MAX_PROMPTS || !self.count(stranger.address.ip(), stranger.since)
        {
            return false;
        }
        self.waiting.push(stranger);
        true
    }

    pub(super) fn waiting(&self) -> &[Stranger] {
        &self.waiting
    }

    /// Takes the prompt away; it was answered.
    pub(super) fn answer(&mut self, peer: &PeerId) -> Option<Stranger> {
        let at = self.waiting.iter().position(|stranger| stranger.card.peer() == *peer)?;
        Some(self.waiting.remove(at))
    }

    /// Takes the prompt away; they were let in. Whoever lets somebody in is expecting people, so their address starts afresh.
    pub(super) fn welcome(&mut self, peer: &PeerId) -> Option<Stranger> {
        let stranger = self.answer(peer)?;
        self.counted.remove(&stranger.address.ip());
        Some(stranger)
    }

    /// Takes the prompt away for the rest of the session.
    pub(super) fn put_off(&mut self, peer: &PeerId) -> bool {
        let found = self.answer(peer).is_some();
        if found {
            self.put_off.insert(*peer);
        }
        found
    }

    fn count(&mut self, address: IpAddr, now: Instant) -> bool {
        self.counted.retain(|_, (since, _)| now.saturating_duration_since(*since) < RATE_WINDOW);
        if self.counted.len() >= MAX_COUNTED && !self.counted.contains_key(&address) {
            return false;
        }
        let (_, count) = self.counted.entry(address).or_insert((now, 0));
        *count += 1;
        *count <= MAX_FROM_ONE_ADDRESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Identity;

    #[test]
    fn one_address_causes_few_prompts_but_those_who_are_let_in_do_not_count() {
        #[allow(clippy::disallowed_methods, reason = "a test needs some moment to start from")]
        let now = Instant::now();
        let stranger = |seed: u8| {
            let card = *Identity::from_seed([seed; 32]).card();
            Stranger { card, name: None, address: SocketAddr::from(([10, 0, 0, 1], 1)), since: now }
        };
        let mut refused = Strangers::default();
        let prompts = (0..6).filter(|seed| refused.knocked(stranger(*seed))).count();
        assert_eq!(prompts, MAX_FROM_ONE_ADDRESS as usize);
        let mut welcome = Strangers::default();
        for seed in 0..6 {
            assert!(welcome.knocked(stranger(seed)), "stranger {seed}");
            assert!(welcome.welcome(&stranger(seed).card.peer()).is_some());
        }
    }
}
