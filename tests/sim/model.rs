//! The reference model: who must end up seeing what, told from the history alone.
//!
//! It knows what persons did, what the games are doing and which claims were heard first. It knows nothing of links,
//! transfers, caches or time-outs, and shares no code with the engine but the plain values of `domain`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fyteclub::domain::{AppearanceId, Audience, Character, Manifest, Permission, PermissionSet, Permissions, Sensitivity};
use fyteclub::engine::command::Scope;
use fyteclub::wire::manifest;

/// A person's place in the world.
pub(crate) type Who = usize;

/// How far one person lets another in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attitude {
    Friend,
    Once,
    Blocked,
}

/// What a game should show of a character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) manifest: Manifest,
    /// Kinds of file that are left out, in the order of [`REFUSABLE`].
    pub(crate) without: Vec<Sensitivity>,
}

/// The kinds of file that a permission can refuse.
pub(crate) const REFUSABLE: [(Permission, Sensitivity); 3] = [
    (Permission::Sounds, Sensitivity::Sound),
    (Permission::Animations, Sensitivity::Animation),
    (Permission::Effects, Sensitivity::Effect),
];

/// Everything about one person that decides what others see, and what they see of others.
#[derive(Clone, Default)]
pub(crate) struct Person {
    pub(crate) attitudes: BTreeMap<Who, Attitude>,
    paused_until: Option<Duration>,
    peers_paused_until: BTreeMap<Who, Duration>,
    default_permissions: Permissions,
    permissions: BTreeMap<Who, PermissionSet>,
    pub(crate) audiences: BTreeMap<Character, Audience>,
    /// What each character wears; none once it was taken off.
    pub(crate) wears: BTreeMap<Character, Manifest>,
    /// Everything that was ever published: whoever is shown something else is shown a forgery.
    published: BTreeMap<AppearanceId, BTreeSet<Character>>,
    /// Appearances that were announced to each other person.
    announced: BTreeMap<Who, BTreeSet<AppearanceId>>,
    /// Characters that each other person was ever told of.
    told_of: BTreeMap<Who, BTreeSet<Character>>,
    pub(crate) near: BTreeSet<Character>,
    owners: BTreeMap<Character, Who>,
}

/// The whole of it.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) people: Vec<Person>,
    /// Those whose companions lie: nothing is owed to them, and nothing expected of them.
    pub(crate) liars: BTreeSet<Who>,
}

const FOR_EVER: Duration = Duration::MAX;

impl Model {
    pub(crate) fn befriend(&mut self, who: Who, other: Who, once: bool) {
        let attitude = if once { Attitude::Once } else { Attitude::Friend };
        self.people[who].attitudes.insert(other, attitude);
    }

    pub(crate) fn block(&mut self, who: Who, other: Who) {
        self.forget(who, other);
        self.people[who].attitudes.insert(other, Attitude::Blocked);
    }

    /// Removed or unblocked: as if never met.
    pub(crate) fn forget(&mut self, who: Who, other: Who) {
        let person = &mut self.people[who];
        person.attitudes.remove(&other);
        person.permissions.remove(&other);
        person.peers_paused_until.remove(&other);
        person.owners.retain(|_, owner| *owner != other);
        for audience in person.audiences.values_mut() {
            if let Audience::Chosen(chosen) = audience {
                chosen.remove(&crate::node::identity(other).peer());
            }
        }
    }

    pub(crate) fn pause(&mut self, who: Who, scope: Option<Who>, until: Option<Duration>) {
        let until = until.unwrap_or(FOR_EVER);
        let person = &mut self.people[who];
        match scope {
            None => person.paused_until = Some(until),
            Some(other) => _ = person.peers_paused_until.insert(other, until),
        }
    }

    pub(crate) fn resume(&mut self, who: Who, scope: Option<Who>) {
        let person = &mut self.people[who];
        match scope {
            None => person.paused_until = None,
            Some(other) => _ = person.peers_paused_until.remove(&other),
        }
    }

    pub(crate) fn permit(&mut self, who: Who, scope: Option<Who>, permission: Permission, allow: Option<bool>) {
        let person = &mut self.people[who];
        let Some(other) = scope else {
            return person.default_permissions.set(permission, allow.unwrap_or(true));
        };
        person.permissions.entry(other).or_default().set(permission, allow);
    }

    pub(crate) fn share(&mut self, who: Who, character: &Character, audience: Audience) {
        self.people[who].audiences.insert(character.clone(), audience);
    }

    pub(crate) fn wear(&mut self, who: Who, character: &Character, look: Option<Manifest>) {
        let person = &mut self.people[who];
        let Some(look) = look else {
            person.wears.remove(character);
            return;
        };
        person.published.entry(manifest::encode(&look).0).or_default().insert(character.clone());
        person.wears.insert(character.clone(), look);
    }

    /// An announcement reached `who`: the first friend to show a character owns it there.
    pub(crate) fn hear_claim(&mut self, who: Who, from: Who, character: &Character) {
        if self.admits(who, from) && !self.is_own(who, character) {
            self.people[who].owners.entry(character.clone()).or_insert(from);
        }
    }

    pub(crate) fn note_announced(&mut self, from: Who, to: Who, character: &Character, appearance: AppearanceId) {
        let person = &mut self.people[from];
        person.announced.entry(to).or_default().insert(appearance);
        person.told_of.entry(to).or_default().insert(character.clone());
    }

    /// Whether `from` ever told `to` of this character.
    pub(crate) fn told_of(&self, from: Who, to: Who, character: &Character) -> bool {
        self.people[from].told_of.get(&to).is_some_and(|told| told.contains(character))
    }

    /// Whether `who` ever published this appearance for this character.
    pub(crate) fn published(&self, who: Who, character: &Character, appearance: &AppearanceId) -> bool {
        self.people[who].published.get(appearance).is_some_and(|worn| worn.contains(character))
    }

    /// A liar showed a character before anybody else did: it is theirs until the person chooses. False if it was another's.
    pub(crate) fn liar_owns(&mut self, who: Who, liar: Who, character: &Character) -> bool {
        let own = self.is_own(who, character);
        !own && *self.people[who].owners.entry(character.clone()).or_insert(liar) == liar
    }

    /// The profile is as it once was, or new: decisions are those of then, while the world went on.
    pub(crate) fn restore(&mut self, who: Who, then: Person) {
        let now = std::mem::take(&mut self.people[who]);
        let Person { wears, published, announced, told_of, near, .. } = now;
        self.people[who] = Person { wears, published, announced, told_of, near, ..then };
        self.restart(who);
    }

    pub(crate) fn choose_owner(&mut self, who: Who, character: &Character, owner: Who) {
        self.people[who].owners.insert(character.clone(), owner);
    }

    /// The program ended: what was only for this run is over.
    pub(crate) fn restart(&mut self, who: Who) {
        let person = &mut self.people[who];
        person.attitudes.retain(|_, attitude| *attitude != Attitude::Once);
        let Person { attitudes, permissions, peers_paused_until, paused_until, owners, .. } = person;
        owners.retain(|_, owner| attitudes.contains_key(owner));
        permissions.retain(|other, _| attitudes.contains_key(other));
        peers_paused_until.retain(|other, until| attitudes.contains_key(other) && *until == FOR_EVER);
        *paused_until = paused_until.filter(|until| *until == FOR_EVER);
    }

    /// Whether `who` lets `other` in at all, awake or resting.
    pub(crate) fn admits(&self, who: Who, other: Who) -> bool {
        self.people[who].attitudes.get(&other).is_some_and(|attitude| *attitude != Attitude::Blocked)
    }

    pub(crate) fn blocks(&self, who: Who, other: Who) -> bool {
        self.people[who].attitudes.get(&other) == Some(&Attitude::Blocked)
    }

    /// Whether `who` may show `other` that they are there.
    pub(crate) fn present(&self, who: Who, other: Who, now: Duration) -> bool {
        let person = &self.people[who];
        let paused = person.paused_until.is_some_and(|until| now < until)
            || person.peers_paused_until.get(&other).is_some_and(|until| now < *until);
        self.admits(who, other) && !paused
    }

    /// Whether `viewer` may know of this character of `wearer`.
    pub(crate) fn entitled(&self, wearer: Who, viewer: Who, character: &Character, now: Duration) -> bool {
        let shared = self.people[wearer].audiences.get(character).is_some_and(|audience| self.includes(audience, viewer));
        shared && self.present(wearer, viewer, now) && self.permissions(wearer, viewer).see_me
    }

    /// Whether `server` may give `receiver` anything of this appearance: as its wearer, or for a wearer who granted it.
    pub(crate) fn may_serve(&self, server: Who, receiver: Who, appearance: &AppearanceId, now: Duration) -> bool {
        let own = self.people[server].published.get(appearance);
        let mine = own.is_some_and(|shown| shown.iter().any(|character| self.entitled(server, receiver, character, now)));
        let granted = |wearer: &Person| wearer.announced.get(&receiver).is_some_and(|heard| heard.contains(appearance));
        let anothers = self.people.iter().enumerate().any(|(who, person)| who != server && who != receiver && granted(person));
        // Whoever wears it can grant it to themselves: it tells them nothing new.
        let worn = self.people[receiver].announced.values().any(|heard| heard.contains(appearance));
        self.present(server, receiver, now) && (mine || anothers || worn)
    }

    /// Whether `who` ever published this appearance.
    pub(crate) fn wore(&self, who: Who, appearance: &AppearanceId) -> bool {
        self.people[who].published.contains_key(appearance)
    }

    /// Whether `wearer` ever published this under this character.
    pub(crate) fn ever_wore(&self, wearer: Who, character: &Character, look: &Manifest) -> bool {
        self.published(wearer, character, &manifest::encode(look).0)
    }

    /// Whether `who` ever wore or shared this character: their own are never dressed from outside.
    pub(crate) fn is_own(&self, who: Who, character: &Character) -> bool {
        let person = &self.people[who];
        person.audiences.contains_key(character) || person.published.values().any(|worn| worn.contains(character))
    }

    pub(crate) fn owner(&self, viewer: Who, character: &Character) -> Option<Who> {
        self.people[viewer].owners.get(character).copied()
    }

    /// What the viewer allows and shows of the wearer.
    pub(crate) fn permissions(&self, who: Who, other: Who) -> Permissions {
        let person = &self.people[who];
        person.permissions.get(&other).copied().unwrap_or_default().over(&person.default_permissions)
    }

    /// Kinds of file of `wearer` that `viewer` refuses.
    pub(crate) fn refused(&self, viewer: Who, wearer: Who) -> Vec<Sensitivity> {
        let permissions = self.permissions(viewer, wearer);
        REFUSABLE.iter().filter(|(permission, _)| !permissions.allows(*permission)).map(|(_, kind)| *kind).collect()
    }

    /// Everything that `viewer` must end up seeing, and nothing else.
    pub(crate) fn sights(&self, viewer: Who, now: Duration) -> BTreeMap<Character, Sight> {
        let mut sights = BTreeMap::new();
        let honest = |wearer: Who| wearer != viewer && !self.liars.contains(&wearer);
        for (wearer, person) in self.people.iter().enumerate().filter(|(wearer, _)| honest(*wearer)) {
            for (character, look) in &person.wears {
                if self.sees(wearer, viewer, character, now) {
                    let without = self.refused(viewer, wearer);
                    sights.insert(character.clone(), Sight { manifest: look.clone(), without });
                }
            }
        }
        sights
    }

    fn sees(&self, wearer: Who, viewer: Who, character: &Character, now: Duration) -> bool {
        self.entitled(wearer, viewer, character, now)
            && self.present(viewer, wearer, now)
            && self.permissions(viewer, wearer).show_them
            && self.people[viewer].near.contains(character)
            && !self.is_own(viewer, character)
            && self.owner(viewer, character).is_none_or(|owner| owner == wearer)
    }

    fn includes(&self, audience: &Audience, viewer: Who) -> bool {
        match audience {
            Audience::Nobody => false,
            Audience::AllFriends => true,
            Audience::Chosen(peers) => peers.contains(&crate::node::identity(viewer).peer()),
        }
    }
}

/// Whom a scope means, given everybody's place.
pub(crate) fn scope_of(scope: &Scope, find: impl Fn(&fyteclub::domain::PeerId) -> Option<Who>) -> Option<Who> {
    match scope {
        Scope::Everyone => None,
        Scope::Peer(peer) => find(peer),
        Scope::Tagged(_) => panic!("histories know no tags"),
    }
}
