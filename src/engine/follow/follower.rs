//! Friends' looks: from an announcement to everything being here, and away again.
//!
//! What was announced is ordered by revision within one link; a new link begins anew, and what is complete already stays as it is.
//! Everything else follows from who may show what now, which [`Follow::settle`] looks at after each input.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Progress;
use super::judge::Verdict;
use super::look::{Look, Ready, Stage};
use super::steps::{
    ABSENT_GRACE, counted, drop_all, drop_work, failed, fetch_missing, make_room, manifest_here, manifest_is_blob, read_manifest,
    recheck, settle_presence, settle_wanted,
};
use crate::domain::{AppearanceId, BlobHash, Character, InstanceId, PeerId, Settings};
use crate::engine::cache::Cache;
use crate::engine::circle::Circle;
use crate::engine::command::OverLimits;
use crate::engine::desk::{Deadline, Desk};
use crate::engine::fetch::{Fetch, JobKey};
use crate::engine::input::{FetchError, LinkKey};
use crate::engine::link::Links;
use crate::wire::control::{Announce, ManifestBody, Refusal};
use crate::wire::{MAX_INLINE_MANIFEST, MAX_MANIFEST, manifest};

/// The parts that following a look needs.
pub(in crate::engine) struct Tools<'a> {
    pub(in crate::engine) desk: &'a mut Desk,
    pub(in crate::engine) circle: &'a mut Circle,
    pub(in crate::engine) cache: &'a mut Cache,
    pub(in crate::engine) fetch: &'a mut Fetch,
    pub(in crate::engine) links: &'a Links,
    pub(in crate::engine) settings: &'a Settings,
}

/// Friends' looks.
#[derive(Debug)]
pub(in crate::engine) struct Follow {
    me: PeerId,
    looks: BTreeMap<PeerId, BTreeMap<Character, Look>>,
}

/// A rule that a peer broke, in words.
pub(super) type Broken = &'static str;

impl Follow {
    pub(in crate::engine) const fn new(me: PeerId) -> Self {
        Self { me, looks: BTreeMap::new() }
    }

    /// A linked friend says how a character looks.
    ///
    /// # Errors
    /// The rule that the announcement breaks.
    pub(in crate::engine) fn announced(
        &mut self,
        tools: &mut Tools<'_>,
        link: LinkKey,
        announce: Announce,
    ) -> Result<(), Broken> {
        self.check(tools, link, &announce)?;
        let looks = self.looks.entry(link.peer).or_default();
        let character = announce.character.clone();
        let Some(look) = looks.get_mut(&character) else {
            make_room(tools, link, looks)?;
            looks.insert(character, Look::new(announce, link));
            return Ok(());
        };
        let again = look.heard_on == link && !look.gone;
        if again && announce.revision < look.announce.revision {
            return Ok(());
        }
        if look.is_of(&announce) {
            look.refresh(announce, link);
            return Ok(());
        }
        if again && announce.revision == look.announce.revision && look.appearance() != announce.appearance {
            return Err("it announced two looks as one");
        }
        drop_work(tools, link.peer, &character, look);
        look.renew(announce, link);
        Ok(())
    }

    /// A linked friend takes a character's look off, or no longer shows it to me.
    pub(in crate::engine) fn withdrawn(
        &mut self,
        tools: &mut Tools<'_>,
        link: LinkKey,
        character: &Character,
        instance: InstanceId,
    ) {
        if tools.links.instance(&link.peer) != Some(instance) {
            return;
        }
        let Some(looks) = self.looks.get_mut(&link.peer) else { return };
        if let Some(mut look) = looks.remove(character) {
            drop_all(tools, link.peer, character, &mut look);
        }
    }

    /// A manifest came.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(in crate::engine) fn manifest(
        &mut self,
        tools: &mut Tools<'_>,
        link: LinkKey,
        appearance: AppearanceId,
        body: &ManifestBody,
    ) -> Result<(), Broken> {
        let decoded = match body {
            ManifestBody::Inline(_) if !self.awaits(link, &appearance) => return Ok(()),
            ManifestBody::Inline(bytes) => Some(Arc::new(
                manifest::decode(&appearance, bytes).map_err(|_| "its manifest breaks the rules or is not the one announced")?,
            )),
            ManifestBody::Blob(_) => None,
        };
        for (character, look) in asked_for(&mut self.looks, link, &appearance) {
            look.asked = None;
            match (body, &decoded) {
                (ManifestBody::Inline(bytes), Some(decoded)) => {
                    if !tools.cache.has(&appearance.as_blob()) {
                        tools.cache.put(tools.desk, look.manifest_blob_of(bytes.len()), bytes.clone());
                    }
                    manifest_here(tools, link, character, look, decoded);
                }
                (ManifestBody::Inline(_), None) => {}
                (ManifestBody::Blob(size), _) => {
                    let fits = *size == u64::from(look.announce.manifest_size) && *size > MAX_INLINE_MANIFEST as u64;
                    if !fits {
                        return Err("its manifest has another length than was announced");
                    }
                    manifest_is_blob(tools, link, character, look);
                }
            }
        }
        Ok(())
    }

    /// A manifest is not given.
    pub(in crate::engine) fn refused(
        &mut self,
        tools: &mut Tools<'_>,
        link: LinkKey,
        appearance: &AppearanceId,
        refusal: Refusal,
    ) {
        for (character, look) in asked_for(&mut self.looks, link, appearance) {
            look.asked = None;
            tools.fetch.cancel(tools.desk, &job(link.peer, character));
            failed(tools, link.peer, character, look, &FetchError::Refused(refusal));
        }
    }

    /// A manifest that came as a blob was read.
    ///
    /// # Errors
    /// Who broke which rule with it.
    pub(in crate::engine) fn manifest_read(
        &mut self,
        tools: &mut Tools<'_>,
        blob: BlobHash,
        result: &Result<Vec<u8>, String>,
    ) -> Result<(), (PeerId, Broken)> {
        let all =
            self.looks.iter_mut().flat_map(|(peer, looks)| looks.iter_mut().map(|(character, look)| (*peer, character, look)));
        for (peer, character, look) in all {
            if !matches!(look.stage, Stage::ReadingManifest) || look.appearance().as_blob() != blob {
                continue;
            }
            match result {
                Ok(bytes) => {
                    let manifest =
                        manifest::decode(&look.appearance(), bytes).map_err(|_| (peer, "its manifest breaks the rules"))?;
                    manifest_here(tools, look.heard_on, character, look, &Arc::new(manifest));
                }
                Err(text) => failed(tools, peer, character, look, &FetchError::Disk(text.clone())),
            }
        }
        Ok(())
    }

    /// Everything that a look lacked is here.
    pub(in crate::engine) fn fetched(&mut self, tools: &mut Tools<'_>, key: &JobKey) {
        let Some(look) = self.looks.get_mut(&key.peer).and_then(|looks| looks.get_mut(&key.character)) else { return };
        match look.stage {
            Stage::FetchingManifest => read_manifest(tools, look),
            Stage::Fetching => fetch_missing(tools, key.peer, &key.character, look),
            Stage::Idle
            | Stage::ReadingManifest
            | Stage::Counting
            | Stage::Cancelled
            | Stage::Complete
            | Stage::Failed { .. } => {}
        }
    }

    /// The models of a look were counted.
    pub(in crate::engine) fn triangles_counted(
        &mut self,
        tools: &mut Tools<'_>,
        appearance: &AppearanceId,
        result: &Result<u64, String>,
    ) {
        let all =
            self.looks.iter_mut().flat_map(|(peer, looks)| looks.iter_mut().map(|(character, look)| (*peer, character, look)));
        for (peer, character, look) in all {
            if matches!(look.stage, Stage::Counting) && look.appearance() == *appearance {
                counted(tools, peer, character, look, result);
            }
        }
    }

    /// A look's blobs could not be had.
    pub(in crate::engine) fn fetch_failed(&mut self, tools: &mut Tools<'_>, key: &JobKey, error: &FetchError) {
        if let Some(look) = self.looks.get_mut(&key.peer).and_then(|looks| looks.get_mut(&key.character)) {
            failed(tools, key.peer, &key.character, look, error);
        }
    }

    /// The person does not want a look that is being fetched. False if nothing of it is.
    pub(in crate::engine) fn cancel(&mut self, tools: &mut Tools<'_>, peer: PeerId, character: &Character) -> bool {
        let Some(look) = self.looks.get_mut(&peer).and_then(|looks| looks.get_mut(character)) else { return false };
        let running = matches!(
            look.stage,
            Stage::Idle | Stage::FetchingManifest | Stage::ReadingManifest | Stage::Fetching | Stage::Counting
        );
        if !running || look.gone || look.verdict != Verdict::Wanted {
            return false;
        }
        tools.fetch.cancel(tools.desk, &job(peer, character));
        look.stage = Stage::Cancelled;
        true
    }

    /// The person wants a look after all that was cancelled, or at once one that failed. False if it is neither.
    pub(in crate::engine) fn retry(&mut self, peer: &PeerId, character: &Character) -> bool {
        let Some(look) = self.looks.get_mut(peer).and_then(|looks| looks.get_mut(character)) else { return false };
        let ended = matches!(look.stage, Stage::Cancelled | Stage::Failed { .. });
        if !ended || look.gone || look.verdict != Verdict::Wanted {
            return false;
        }
        look.retry();
        true
    }

    /// As [`Follow::retry`], for every look of a peer (`None`: of everybody) that failed.
    pub(in crate::engine) fn retry_failed(&mut self, peer: Option<&PeerId>) {
        let looks = self.looks.iter_mut().filter(|(whose, _)| peer.is_none_or(|peer| peer == *whose));
        let failed = looks.flat_map(|(_, looks)| looks.values_mut()).filter(|look| matches!(look.stage, Stage::Failed { .. }));
        failed.for_each(Look::retry);
    }

    /// Whether a look comes although it is over the limits. False if there is no such look.
    pub(in crate::engine) fn allow(&mut self, peer: &PeerId, character: &Character, over_limits: OverLimits) -> bool {
        let Some(look) = self.looks.get_mut(peer).and_then(|looks| looks.get_mut(character)) else { return false };
        look.allowed_once = over_limits == OverLimits::AllowedOnce;
        true
    }

    /// Whether the present look, and no other of the character, comes although it is over the limits.
    pub(in crate::engine) fn is_allowed_once(&self, peer: &PeerId, character: &Character) -> bool {
        self.looks.get(peer).and_then(|looks| looks.get(character)).is_some_and(|look| look.allowed_once)
    }

    /// Brings every look to where it should be now.
    pub(in crate::engine) fn settle(&mut self, tools: &mut Tools<'_>) {
        let shrunk = tools.cache.take_shrunk();
        self.looks.retain(|peer, looks| {
            for (character, look) in &mut *looks {
                settle_presence(tools, *peer, character, look);
                if shrunk {
                    recheck(tools, *peer, character, look);
                }
            }
            settle_wanted(tools, *peer, looks);
            if !tools.circle.admits(peer) {
                for (character, look) in &mut *looks {
                    drop_all(tools, *peer, character, look);
                }
                looks.clear();
            }
            !looks.is_empty()
        });
    }

    pub(in crate::engine) fn deadline(&self) -> Option<Deadline> {
        let looks = self.looks.values().flat_map(BTreeMap::values);
        let due = |look: &Look| {
            let absent = look.absent_since.filter(|_| !look.gone).map(|since| since + ABSENT_GRACE);
            [absent, look.due()].into_iter().flatten().min()
        };
        looks.filter_map(due).min().map(|at| (at, "a friend's look"))
    }

    /// Looks that can be shown: whose, and which.
    pub(in crate::engine) fn ready(&self) -> BTreeMap<&Character, (PeerId, &Ready)> {
        let all = self.looks.iter().flat_map(|(peer, looks)| looks.iter().map(|(character, look)| (*peer, character, look)));
        all.filter_map(|(peer, character, look)| look.ready.as_ref().map(|ready| (character, (peer, ready)))).collect()
    }

    /// The look of a friend's character that can be shown.
    pub(in crate::engine) fn ready_of(&self, peer: &PeerId, character: &Character) -> Option<&Ready> {
        self.looks.get(peer)?.get(character)?.ready.as_ref()
    }

    /// A friend's looks: how far each has come, `None` once everything is here.
    pub(in crate::engine) fn of(&self, peer: &PeerId) -> impl Iterator<Item = (&Character, &Announce, Option<Progress>)> {
        let looks = self.looks.get(peer).into_iter().flatten();
        looks.map(|(character, look)| (character, &look.announce, look.progress()))
    }

    /// The bytes of another's manifest that I may pass on: its wearer is a friend here and now, and every blob of it came from them.
    pub(in crate::engine) fn relayed(&self, circle: &Circle, wearer: &PeerId, appearance: &AppearanceId) -> Option<Vec<u8>> {
        if !circle.is_active(wearer) {
            return None;
        }
        let held = |look: &&Look| look.appearance() == *appearance && look.all_fetched && matches!(look.stage, Stage::Complete);
        let look = self.looks.get(wearer)?.values().find(held)?;
        look.manifest.as_ref().map(|known| manifest::encode(known).1)
    }

    fn check(&self, tools: &Tools<'_>, link: LinkKey, announce: &Announce) -> Result<(), Broken> {
        if tools.links.instance(&link.peer) != Some(announce.instance) {
            return Err("it announced a look of another run of its program");
        }
        if announce.manifest_size == 0 || announce.manifest_size as usize > MAX_MANIFEST {
            return Err("it announced a manifest longer than any may be");
        }
        // Whoever holds the blobs judges by its own clock whether the grant still holds: here only its signature counts.
        let grant = &announce.grant;
        if !grant.permits(&self.me, &link.peer, &announce.appearance, grant.expires_unix) {
            return Err("it announced a look with a grant that is not for me or not by the wearer");
        }
        Ok(())
    }

    fn awaits(&self, link: LinkKey, appearance: &AppearanceId) -> bool {
        let looks = self.looks.get(&link.peer).into_iter().flat_map(BTreeMap::values);
        looks.into_iter().any(|look| is_asked(look, link, appearance))
    }
}

impl Look {
    fn manifest_blob_of(&self, length: usize) -> crate::domain::BlobRef {
        crate::domain::BlobRef { size: length as u64, ..self.manifest_blob() }
    }
}

fn is_asked(look: &Look, link: LinkKey, appearance: &AppearanceId) -> bool {
    look.appearance() == *appearance && look.asked.is_some_and(|(asked, _)| asked == link)
}

fn asked_for<'a>(
    looks: &'a mut BTreeMap<PeerId, BTreeMap<Character, Look>>,
    link: LinkKey,
    appearance: &'a AppearanceId,
) -> impl Iterator<Item = (&'a Character, &'a mut Look)> {
    let looks = looks.get_mut(&link.peer).into_iter().flatten();
    looks.filter(move |(_, look)| is_asked(look, link, appearance))
}

pub(super) fn job(peer: PeerId, character: &Character) -> JobKey {
    JobKey { peer, character: character.clone() }
}
