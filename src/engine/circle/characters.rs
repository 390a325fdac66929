//! Whose each character is: mine, or the friend's who showed it first; and with whom mine are shared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use crate::domain::{Audience, Character, PeerId};
use crate::engine::state::SavedCircle;

/// What a friend's claim to a character comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Claim {
    /// It is theirs.
    Theirs,
    /// It is mine: never shown from outside.
    Mine,
    /// It is another friend's, until the person chooses.
    Conflict,
    /// The friend has claimed more characters than anybody plays.
    TooMany,
}

/// Characters that one friend may own: what is saved stays small, whatever is announced.
const MAX_OWNED: usize = 256;

/// Owners, audiences, claims.
#[derive(Debug, Default)]
pub(super) struct Characters {
    pub(super) owners: BTreeMap<Character, PeerId>,
    pub(super) mine: BTreeMap<Character, Audience>,
    pub(super) undecided: BTreeMap<Character, Option<Instant>>,
    /// Mine by what a plugin of this session said, shared or not.
    worn: BTreeSet<Character>,
    /// Claims to a character that is another's, since when; settled ones are not asked about again in this session.
    claims: BTreeMap<(Character, PeerId), Contest>,
}

#[derive(Clone, Copy, Debug)]
struct Contest {
    since: Instant,
    settled: bool,
}

impl Characters {
    pub(super) fn from_saved(saved: &SavedCircle) -> Self {
        Self {
            owners: saved.owners.clone(),
            mine: saved.my_characters.clone(),
            undecided: saved.undecided.iter().map(|character| (character.clone(), None)).collect(),
            worn: BTreeSet::new(),
            claims: BTreeMap::new(),
        }
    }

    pub(super) fn is_mine(&self, character: &Character) -> bool {
        self.mine.contains_key(character) || self.undecided.contains_key(character) || self.worn.contains(character)
    }

    /// A plugin says that this is the person's own. True if it changes what is saved.
    pub(super) fn wear(&mut self, character: &Character) -> bool {
        self.worn.insert(character.clone());
        self.claims.retain(|(claimed, _), _| claimed != character);
        self.owners.remove(character).is_some()
    }

    /// A character of mine is published; one that was never shared waits to be asked about. True if it is new.
    pub(super) fn publish(&mut self, character: &Character, now: Instant) -> bool {
        self.wear(character);
        if self.mine.contains_key(character) || self.undecided.contains_key(character) {
            return false;
        }
        self.undecided.insert(character.clone(), Some(now));
        true
    }

    pub(super) fn share(&mut self, character: Character, audience: Audience) {
        self.undecided.remove(&character);
        self.mine.insert(character, audience);
    }

    /// A friend shows a character. The second value is whether it became theirs by that.
    pub(super) fn claim(&mut self, character: &Character, peer: PeerId, now: Instant) -> (Claim, bool) {
        if self.is_mine(character) {
            return (Claim::Mine, false);
        }
        let owner = self.owners.get(character).copied();
        if owner.is_none() && self.owners.values().filter(|owner| **owner == peer).count() >= MAX_OWNED {
            return (Claim::TooMany, false);
        }
        if owner.is_none_or(|owner| owner == peer) {
            self.claims.remove(&(character.clone(), peer));
            self.owners.insert(character.clone(), peer);
            return (Claim::Theirs, owner.is_none());
        }
        self.claims.entry((character.clone(), peer)).or_insert(Contest { since: now, settled: false });
        (Claim::Conflict, false)
    }

    /// The friend no longer shows it. A settled claim stays settled.
    pub(super) fn withdraw_claim(&mut self, character: &Character, peer: PeerId) {
        let key = (character.clone(), peer);
        if self.claims.get(&key).is_some_and(|claim| !claim.settled) {
            self.claims.remove(&key);
        }
    }

    /// The person has chosen. False if nobody is known to claim it.
    pub(super) fn choose(&mut self, character: &Character, owner: PeerId, now: Instant) -> bool {
        let Some(before) = self.owners.get(character).copied() else { return false };
        if before != owner && !self.claims.contains_key(&(character.clone(), owner)) {
            return false;
        }
        if before != owner {
            self.claims.remove(&(character.clone(), owner));
            self.claims.insert((character.clone(), before), Contest { since: now, settled: true });
        }
        for ((claimed, _), claim) in &mut self.claims {
            claim.settled |= claimed == character;
        }
        self.owners.insert(character.clone(), owner);
        true
    }

    /// A peer leaves the circle, or is blocked: nothing is theirs.
    pub(super) fn forget(&mut self, peer: PeerId) {
        self.owners.retain(|_, owner| *owner != peer);
        self.claims.retain(|(_, claimant), _| *claimant != peer);
    }

    /// One open question a character: since when, whose it is, who claims it too.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = (Instant, &Character, PeerId, PeerId)> {
        let mut asked = BTreeSet::new();
        self.claims.iter().filter(|(_, claim)| !claim.settled).filter_map(move |((character, claimant), claim)| {
            let owner = *self.owners.get(character)?;
            asked.insert(character).then_some((claim.since, character, owner, *claimant))
        })
    }
}
