//! Who has been told of which look of mine, and who is being served which: both follow from who may see it now.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Publish;
use crate::domain::{AppearanceId, Character, PeerId, Revision};
use crate::engine::circle::Circle;
use crate::engine::desk::Desk;
use crate::engine::input::LinkKey;
use crate::engine::link::Links;
use crate::engine::output::Output;
use crate::wire::MAX_INLINE_MANIFEST;
use crate::wire::control::{Announce, Control, ManifestBody, Refusal};
use crate::wire::grant::{Grant, MAX_GRANT};

/// A grant is renewed at half of its life, so that none in use ever runs out.
const RENEW_AFTER: Duration = Duration::from_secs(MAX_GRANT.as_secs() / 2);

/// What was said so short ago is not said again for the asking.
const SAID_JUST_NOW: Duration = Duration::from_secs(10);

/// What was last said of a character on one link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) appearance: AppearanceId,
    pub(super) revision: Revision,
    pub(super) at: Instant,
    /// Its grant is no longer right.
    outdated: bool,
}

/// What was said and what is served, link by link.
#[derive(Debug, Default)]
pub(super) struct Audiences {
    pub(super) told: BTreeMap<LinkKey, BTreeMap<Character, Told>>,
    served: BTreeMap<LinkKey, BTreeMap<AppearanceId, Served>>,
}

#[derive(Clone, Copy, Debug)]
struct Served {
    until: Instant,
    /// It is another's look that I hold, not mine.
    relayed: bool,
}

impl Audiences {
    pub(super) fn next_renewal(&self) -> Option<Instant> {
        self.told.values().flat_map(BTreeMap::values).map(|told| told.at + RENEW_AFTER).min()
    }

    pub(super) fn told_of<'a>(&'a self, character: &'a Character) -> impl Iterator<Item = PeerId> + 'a {
        self.told.iter().filter(|(_, told)| told.contains_key(character)).map(|(link, _)| link.peer)
    }
}

impl Publish {
    /// Everything is to be said again on this link, but for what was said just now: a link loses nothing, and a peer that asks
    /// again and again makes no work.
    pub(in crate::engine) fn tell_again(&mut self, now: Instant, link: LinkKey) {
        if let Some(told) = self.audiences.told.get_mut(&link) {
            told.retain(|_, told| now.saturating_duration_since(told.at) < SAID_JUST_NOW);
        }
    }

    /// Everything is said again on this link, even what was said just now; how many looks that is.
    pub(in crate::engine) fn tell_all_again(&mut self, link: LinkKey) -> u32 {
        let told = self.audiences.told.get_mut(&link).map(std::mem::take).unwrap_or_default();
        u32::try_from(told.len()).unwrap_or(u32::MAX)
    }

    /// Everybody gets new grants: those they have were made by a clock that was wrong.
    pub(in crate::engine) fn renew_grants(&mut self) {
        self.audiences.told.values_mut().flat_map(BTreeMap::values_mut).for_each(|told| told.outdated = true);
    }

    /// A linked peer asks for a manifest. `relayed`: gives its bytes, if it is another's that I hold and may pass on.
    pub(in crate::engine) fn manifest_asked(
        &mut self,
        desk: &mut Desk,
        circle: &Circle,
        link: LinkKey,
        (appearance, grant): (AppearanceId, &Grant),
        relayed: impl FnOnce() -> Option<Vec<u8>>,
    ) {
        let answer = self.answer(desk, circle, link.peer, (appearance, grant), relayed);
        let message = match answer {
            Ok(body) => {
                let left = Duration::from_secs(grant.expires_unix.saturating_sub(desk.unix_now()));
                let until = desk.later(left);
                let relayed = grant.wearer != self.me();
                self.audiences.served.entry(link).or_default().insert(appearance, Served { until, relayed });
                desk.order(Output::Serve { link, appearance, until });
                Control::Manifest { appearance, body }
            }
            Err(refusal) => Control::Refuse { appearance, refusal },
        };
        desk.send(link, message);
    }

    /// Says what is new to whom it concerns, takes back what is no longer theirs to see.
    pub(super) fn settle_audiences(&mut self, desk: &mut Desk, circle: &Circle, links: &Links) {
        self.audiences.told.retain(|link, _| links.is_linked(*link));
        self.audiences.served.retain(|link, _| links.is_linked(*link));
        for link in links.all_linked() {
            self.tell(desk, circle, link);
        }
        self.stop_serving(desk, circle);
    }

    fn answer(
        &self,
        desk: &Desk,
        circle: &Circle,
        peer: PeerId,
        (appearance, grant): (AppearanceId, &Grant),
        relayed: impl FnOnce() -> Option<Vec<u8>>,
    ) -> Result<ManifestBody, Refusal> {
        if !grant.permits(&peer, &grant.wearer, &appearance, desk.unix_now()) {
            return Err(Refusal::NotGranted);
        }
        if grant.wearer != self.me() {
            return relayed().map(|bytes| body(&bytes)).ok_or(Refusal::NotHeld);
        }
        self.manifest_for(circle, &peer, &appearance).map(body).ok_or(Refusal::NotHeld)
    }

    fn tell(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey) {
        let mut told = self.audiences.told.remove(&link).unwrap_or_default();
        for (character, look) in &self.looks {
            let visible = look.current.as_ref().filter(|_| self.shows(circle, &link.peer, character));
            let Some(current) = visible else {
                if told.remove(character).is_some() {
                    desk.send(link, Control::Withdraw { character: character.clone(), instance: self.instance });
                }
                continue;
            };
            let fresh = |told: &Told| {
                told.revision == current.revision
                    && told.appearance == current.appearance
                    && !told.outdated
                    && desk.now().saturating_duration_since(told.at) < RENEW_AFTER
            };
            if told.get(character).is_some_and(fresh) {
                continue;
            }
            let grant = Grant::sign(&self.identity, current.appearance, link.peer, desk.unix_now(), MAX_GRANT);
            let announce = Announce {
                character: character.clone(),
                instance: self.instance,
                revision: current.revision,
                appearance: current.appearance,
                manifest_size: u32::try_from(current.bytes.len()).unwrap_or(u32::MAX),
                weight: current.weight,
                grant,
            };
            desk.send(link, Control::Announce(announce));
            let now = Told { appearance: current.appearance, revision: current.revision, at: desk.now(), outdated: false };
            told.insert(character.clone(), now);
        }
        self.audiences.told.insert(link, told);
    }

    fn stop_serving(&mut self, desk: &mut Desk, circle: &Circle) {
        let mut served = std::mem::take(&mut self.audiences.served);
        for (link, appearances) in &mut served {
            appearances.retain(|appearance, served| {
                let visible = served.relayed || self.manifest_for(circle, &link.peer, appearance).is_some();
                let still = served.until > desk.now() && visible;
                if !still {
                    desk.order(Output::StopServing { link: *link, appearance: *appearance });
                }
                still
            });
        }
        self.audiences.served = served;
    }
}

fn body(bytes: &[u8]) -> ManifestBody {
    if bytes.len() <= MAX_INLINE_MANIFEST { ManifestBody::Inline(bytes.to_vec()) } else { ManifestBody::Blob(bytes.len() as u64) }
}
