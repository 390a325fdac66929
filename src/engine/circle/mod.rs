//! Who is let in, what they may, whose each character is. What it holds outlives the program.

mod characters;
mod pause;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use characters::Characters;
pub(super) use characters::Claim;
pub(super) use pause::Pause;

use super::command::LabelChange;
use super::desk::{Deadline, sooner};
use super::input::PluginId;
use super::labels::Labels;
use super::state::{SavedCircle, SavedPeer};
use crate::domain::{
    Audience, Card, Character, Direction, DisplayName, PeerId, Permission, PermissionSet, Permissions, Rate, RateLimits,
    RelayUrl, Trust,
};

/// Addresses that are kept of one peer.
const MAX_ADDRESSES: usize = 4;

/// A peer of the circle.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) card: Card,
    pub(super) trust: Trust,
    pub(super) name: Option<DisplayName>,
    pub(super) permissions: PermissionSet,
    pub(super) rates: RateLimits,
    /// Characters of theirs whose looks come whatever they weigh.
    unlimited: BTreeSet<Character>,
    pub(super) pause: Pause,
    pub(super) addresses: Vec<SocketAddr>,
    generation: u64,
    /// Where they are met besides where I am.
    relays: Vec<RelayUrl>,
}

/// Trust, permissions, pauses, owners, audiences.
#[derive(Debug)]
pub(super) struct Circle {
    members: BTreeMap<PeerId, Member>,
    characters: Characters,
    labels: Labels,
    everyone: Pause,
    /// Plugins that asked for rest.
    resting_plugins: BTreeSet<PluginId>,
    /// I am to be online only with a plugin, and there is none.
    lacks_plugin: bool,
    /// Grows with each change of what is saved.
    version: u64,
}

impl Circle {
    pub(super) fn new(saved: SavedCircle) -> Self {
        let characters = Characters::from_saved(&saved);
        let members = saved.peers.into_iter().map(|(peer, saved)| (peer, Member::from_saved(saved))).collect();
        Self {
            members,
            characters,
            labels: Labels::from_saved(saved.labels),
            everyone: Pause::from_saved(saved.paused),
            lacks_plugin: false,
            resting_plugins: BTreeSet::new(),
            version: 0,
        }
    }

    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    /// What outlives the program. Those let in once do not, nor does what is theirs.
    pub(super) fn to_saved(&self) -> SavedCircle {
        let kept = |peer: &PeerId| self.members.get(peer).is_some_and(|member| member.trust != Trust::Once);
        SavedCircle {
            peers: self.members.iter().filter(|(peer, _)| kept(peer)).map(|(peer, member)| (*peer, member.to_saved())).collect(),
            owners: self.characters.owners.iter().filter(|(_, peer)| kept(peer)).map(|(c, p)| (c.clone(), *p)).collect(),
            my_characters: self.characters.mine.iter().map(|(c, audience)| (c.clone(), only(audience, kept))).collect(),
            undecided: self.characters.undecided.keys().cloned().collect(),
            paused: self.everyone.saved(),
            labels: self.labels.all().iter().filter(|(peer, _)| kept(peer)).map(|(p, label)| (*p, label.clone())).collect(),
            pictures: BTreeMap::new(),
            issued: Vec::new(),
            taken: Vec::new(),
        }
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&PeerId, &Member)> {
        self.members.iter()
    }

    pub(super) fn member(&self, peer: &PeerId) -> Option<&Member> {
        self.members.get(peer)
    }

    /// Whether a link may be had at all.
    pub(super) fn admits(&self, peer: &PeerId) -> bool {
        self.members.get(peer).is_some_and(|member| member.trust.admits())
    }

    /// Whether a peer is more than let in for once.
    pub(super) fn is_friend(&self, peer: &PeerId) -> bool {
        self.members.get(peer).is_some_and(|member| member.trust >= Trust::Friend)
    }

    pub(super) fn blocks(&self, peer: &PeerId) -> bool {
        self.members.get(peer).is_some_and(|member| member.trust == Trust::Blocked)
    }

    /// Whether a link is to be had now: let in, and neither of us rests.
    pub(super) fn is_active(&self, peer: &PeerId) -> bool {
        !self.rests() && self.members.get(peer).is_some_and(|member| member.trust.admits() && !member.pause.is_on())
    }

    /// Those with whom a link is to be had now.
    pub(super) fn active(&self) -> impl Iterator<Item = (&PeerId, &Member)> {
        self.members.iter().filter(|(peer, _)| self.is_active(peer))
    }

    pub(super) const fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Changes what I call or note of a peer.
    pub(super) fn label(&mut self, peer: PeerId, change: LabelChange) -> Result<(), String> {
        self.version += 1;
        self.labels.change(peer, change)
    }

    /// What to call a peer in a sentence.
    pub(super) fn called(&self, peer: &PeerId) -> String {
        let said = || self.members.get(peer).and_then(|member| member.name.as_ref());
        let name = self.labels.nickname(peer).or_else(said);
        name.map_or_else(|| peer.short(), |name| name.as_str().to_owned())
    }

    /// The friend who goes by this name, or whom I call so.
    pub(super) fn friend_called(&self, name: &DisplayName) -> Option<PeerId> {
        let called =
            |peer: &PeerId, member: &Member| member.name.as_ref() == Some(name) || self.labels.nickname(peer) == Some(name);
        self.members.iter().find(|(peer, member)| member.trust.admits() && called(peer, member)).map(|(peer, _)| *peer)
    }

    /// What a peer may, given the default.
    pub(super) fn permissions(&self, peer: &PeerId, default: &Permissions) -> Permissions {
        self.members.get(peer).map_or(*default, |member| member.permissions.over(default))
    }

    /// Whether a peer may see this character of mine now.
    pub(super) fn may_see(&self, peer: &PeerId, character: &Character, default: &Permissions) -> bool {
        self.is_active(peer)
            && self.permissions(peer, default).see_me
            && self.characters.mine.get(character).is_some_and(|audience| audience.includes(peer))
    }

    /// Lets a peer in, or in further. A blocked peer has to be unblocked first.
    pub(super) fn admit(&mut self, card: Card, name: Option<DisplayName>, trust: Trust, address: Option<SocketAddr>) {
        self.version += 1;
        let member = self.members.entry(card.peer()).or_insert_with(|| Member::new(card, trust));
        member.trust = member.trust.max(trust);
        member.name = name.or(member.name.take());
        if let Some(address) = address {
            member.remember(address);
        }
    }

    /// Relays at which a member is met.
    pub(super) fn meet_at(&mut self, peer: &PeerId, relays: Vec<RelayUrl>) {
        self.change(peer, |member| member.relays = relays);
    }

    /// Relays at which those are met with whom a link is to be had now.
    pub(super) fn relays(&self) -> impl Iterator<Item = &RelayUrl> {
        self.active().flat_map(|(_, member)| &member.relays)
    }

    pub(super) fn block(&mut self, card: Card, name: Option<DisplayName>) {
        // What was noted of them may say why.
        let label = self.labels.all().get(&card.peer()).cloned();
        self.forget_peer(&card.peer());
        self.labels.restore(card.peer(), label);
        let mut member = Member::new(card, Trust::Blocked);
        member.name = name;
        self.members.insert(card.peer(), member);
    }

    /// As if never met. False if the peer is not in the circle.
    pub(super) fn forget_peer(&mut self, peer: &PeerId) -> bool {
        self.version += 1;
        self.characters.forget(*peer);
        self.labels.forget(peer);
        for audience in self.characters.mine.values_mut() {
            if let Audience::Chosen(chosen) = audience {
                chosen.remove(peer);
            }
        }
        self.members.remove(peer).is_some()
    }

    pub(super) fn set_permission(&mut self, peer: &PeerId, permission: Permission, allow: Option<bool>) {
        self.change(peer, |member| member.permissions.set(permission, allow));
    }

    /// How fast blobs may go to and from a peer, apart from the limit of all.
    pub(super) fn rates(&self, peer: &PeerId) -> RateLimits {
        self.members.get(peer).map(|member| member.rates).unwrap_or_default()
    }

    pub(super) fn set_rate(&mut self, peer: &PeerId, direction: Direction, rate: Option<Rate>) {
        self.change(peer, |member| member.rates.set(direction, rate));
    }

    /// Whether every look of a peer's character comes, whatever it weighs.
    pub(super) fn is_unlimited(&self, peer: &PeerId, character: &Character) -> bool {
        self.members.get(peer).is_some_and(|member| member.unlimited.contains(character))
    }

    pub(super) fn set_unlimited(&mut self, peer: &PeerId, character: Character, unlimited: bool) {
        self.change(peer, |member| {
            if unlimited {
                member.unlimited.insert(character);
            } else {
                member.unlimited.remove(&character);
            }
        });
    }

    pub(super) fn verified(&mut self, peer: &PeerId) {
        self.change(peer, |member| member.trust = member.trust.max(Trust::Verified));
    }

    /// The name that a linked peer says.
    pub(super) fn rename(&mut self, peer: &PeerId, name: Option<DisplayName>) {
        if name.is_some() && self.members.get(peer).is_some_and(|member| member.name != name) {
            self.change(peer, |member| member.name = name);
        }
    }

    /// A link came up: what to save of it.
    pub(super) fn linked(&mut self, peer: &PeerId, generation: u64, address: Option<SocketAddr>) {
        self.change(peer, |member| {
            member.generation = member.generation.max(generation);
            if let Some(address) = address {
                member.remember(address);
            }
        });
    }

    /// The highest generation of a link with this peer.
    pub(super) fn generation(&self, peer: &PeerId) -> u64 {
        self.members.get(peer).map_or(0, |member| member.generation)
    }

    pub(super) fn everyone_pause(&self) -> Pause {
        match self.everyone {
            Pause::Off if !self.resting_plugins.is_empty() => Pause::On,
            pause @ (Pause::Off | Pause::On | Pause::Until(_)) => pause,
        }
    }

    /// Whether I look offline to everybody.
    pub(super) fn rests(&self) -> bool {
        self.lacks_plugin || self.everyone_pause().is_on()
    }

    /// Whether I look offline for want of a plugin.
    pub(super) const fn lacks_plugin(&self) -> bool {
        self.lacks_plugin
    }

    /// Says whether I am to look offline for want of a plugin.
    pub(super) const fn want_plugin(&mut self, lacks: bool) {
        self.lacks_plugin = lacks;
    }

    pub(super) fn pause_everyone(&mut self, now: Instant, lasting: Option<Duration>) {
        self.version += 1;
        self.everyone = Pause::begun(now, lasting);
    }

    pub(super) fn resume_everyone(&mut self) {
        self.version += 1;
        self.everyone = Pause::Off;
        self.resting_plugins.clear();
    }

    pub(super) fn pause_peer(&mut self, peer: &PeerId, now: Instant, lasting: Option<Duration>) {
        self.change(peer, |member| member.pause = Pause::begun(now, lasting));
    }

    pub(super) fn resume_peer(&mut self, peer: &PeerId) {
        self.change(peer, |member| member.pause = Pause::Off);
    }

    /// A plugin asks for rest, or no longer does.
    pub(super) fn plugin_rests(&mut self, plugin: PluginId, rests: bool) {
        if rests {
            self.resting_plugins.insert(plugin);
        } else {
            self.resting_plugins.remove(&plugin);
        }
    }

    /// Ends pauses that are over.
    pub(super) fn settle(&mut self, now: Instant) {
        self.everyone.expire(now);
        for member in self.members.values_mut() {
            member.pause.expire(now);
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let ends = self.members.values().filter_map(|member| member.pause.ends()).chain(self.everyone.ends());
        sooner(None, ends.min().map(|end| (end, "a pause ends")))
    }

    pub(super) fn is_mine(&self, character: &Character) -> bool {
        self.characters.is_mine(character)
    }

    /// A plugin says that this character is the person's own.
    pub(super) fn wear(&mut self, character: &Character) {
        if self.characters.wear(character) {
            self.version += 1;
        }
    }

    /// A character of mine is published.
    pub(super) fn publish(&mut self, character: &Character, now: Instant) {
        if self.characters.publish(character, now) {
            self.version += 1;
        }
    }

    pub(super) fn share(&mut self, character: Character, audience: Audience) {
        self.version += 1;
        self.characters.share(character, audience);
    }

    /// With whom a character of mine is shared; `None`: to be asked.
    pub(super) fn audience(&self, character: &Character) -> Option<&Audience> {
        self.characters.mine.get(character)
    }

    /// My characters, decided or not.
    pub(super) fn my_characters(&self) -> BTreeSet<&Character> {
        self.characters.mine.keys().chain(self.characters.undecided.keys()).collect()
    }

    /// Characters that wait to be asked about, since when (`None`: since before the start).
    pub(super) fn undecided(&self) -> impl Iterator<Item = (&Character, Option<Instant>)> {
        self.characters.undecided.iter().map(|(character, since)| (character, *since))
    }

    /// A friend shows a character: whose is it?
    pub(super) fn claim(&mut self, character: &Character, peer: PeerId, now: Instant) -> Claim {
        let (claim, new) = self.characters.claim(character, peer, now);
        self.version += u64::from(new);
        claim
    }

    pub(super) fn withdraw_claim(&mut self, character: &Character, peer: PeerId) {
        self.characters.withdraw_claim(character, peer);
    }

    pub(super) fn choose_owner(&mut self, character: &Character, owner: PeerId, now: Instant) -> bool {
        self.version += 1;
        self.characters.choose(character, owner, now)
    }

    /// Open questions of ownership: since when, which character, whose it is, who claims it too.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = (Instant, &Character, PeerId, PeerId)> {
        self.characters.conflicts()
    }

    fn change(&mut self, peer: &PeerId, change: impl FnOnce(&mut Member)) {
        if let Some(member) = self.members.get_mut(peer) {
            change(member);
            self.version += 1;
        }
    }
}

/// An audience without those who do not outlive the program.
fn only(audience: &Audience, kept: impl Fn(&PeerId) -> bool) -> Audience {
    match audience {
        Audience::Chosen(chosen) => Audience::Chosen(chosen.iter().filter(|peer| kept(peer)).copied().collect()),
        Audience::AllFriends | Audience::Nobody => audience.clone(),
    }
}

impl Member {
    fn new(card: Card, trust: Trust) -> Self {
        Self {
            card,
            trust,
            name: None,
            permissions: PermissionSet::default(),
            rates: RateLimits::default(),
            unlimited: BTreeSet::new(),
            pause: Pause::Off,
            addresses: Vec::new(),
            generation: 0,
            relays: Vec::new(),
        }
    }

    fn from_saved(saved: SavedPeer) -> Self {
        Self {
            card: saved.card,
            trust: saved.trust,
            name: saved.name,
            permissions: saved.permissions,
            rates: saved.rates,
            unlimited: saved.unlimited,
            pause: Pause::from_saved(saved.paused),
            addresses: saved.addresses.into_iter().take(MAX_ADDRESSES).collect(),
            generation: saved.generation,
            relays: saved.relays,
        }
    }

    fn to_saved(&self) -> SavedPeer {
        SavedPeer {
            card: self.card,
            trust: self.trust,
            name: self.name.clone(),
            permissions: self.permissions,
            rates: self.rates,
            unlimited: self.unlimited.clone(),
            paused: self.pause.saved(),
            addresses: self.addresses.clone(),
            generation: self.generation,
            relays: self.relays.clone(),
        }
    }

    fn remember(&mut self, address: SocketAddr) {
        self.addresses.retain(|known| *known != address);
        self.addresses.insert(0, address);
        self.addresses.truncate(MAX_ADDRESSES);
    }
}
