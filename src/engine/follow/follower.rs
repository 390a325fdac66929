//! Friends' looks: from an announcement to everything being here, and away again.
//!
//! What was announced is ordered by revision within one link; a new link begins anew, and what is complete already stays as it is.
//! Everything else follows from who may show what now, which [`Follow::settle`] looks at after each input.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Progress;
use super::judge::{Verdict, broken_promise, judge, refused};
use super::look::{Look, Ready, Stage};
use crate::domain::{AppearanceId, BlobHash, Character, InstanceId, Manifest, PeerId, Settings};
use crate::engine::cache::{Cache, Holder};
use crate::engine::circle::{Circle, Claim};
use crate::engine::desk::{Deadline, Desk};
use crate::engine::fetch::{Fetch, JobKey};
use crate::engine::input::{FetchError, LinkKey};
use crate::engine::link::Links;
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::engine::publish::MAX_CHARACTERS;
use crate::wire::control::{Announce, Control, ManifestBody, Refusal};
use crate::wire::{MAX_INLINE_MANIFEST, MAX_MANIFEST, manifest};

/// A friend whose link is down for less than this is still shown: most links come back at once.
const ABSENT_GRACE: Duration = Duration::from_secs(60);
/// What went wrong on our side or theirs is tried again after this.
const RETRY: Duration = Duration::from_secs(60);
/// A file that changed while it was sent: the new look is on its way.
const RETRY_CHANGED: Duration = Duration::from_secs(10);
/// Bytes of manifests that are kept of one friend: memory stays bounded whatever is announced.
const MANIFEST_BYTES: u64 = 16 << 20;

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
type Broken = &'static str;

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
        if look.appearance() == announce.appearance {
            look.refresh(announce, link);
            return Ok(());
        }
        if again && announce.revision == look.announce.revision {
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
            Stage::Idle | Stage::ReadingManifest | Stage::Cancelled | Stage::Complete | Stage::Failed { .. } => {}
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
        let running = matches!(look.stage, Stage::Idle | Stage::FetchingManifest | Stage::ReadingManifest | Stage::Fetching);
        if !running || look.gone || look.verdict != Verdict::Wanted {
            return false;
        }
        tools.fetch.cancel(tools.desk, &job(peer, character));
        look.stage = Stage::Cancelled;
        true
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

fn job(peer: PeerId, character: &Character) -> JobKey {
    JobKey { peer, character: character.clone() }
}

/// Room for one more look of a friend: those of links before go first.
fn make_room(tools: &mut Tools<'_>, link: LinkKey, looks: &mut BTreeMap<Character, Look>) -> Result<(), Broken> {
    if looks.len() >= MAX_CHARACTERS {
        looks.retain(|character, look| {
            let stays = look.heard_on == link;
            if !stays {
                drop_all(tools, link.peer, character, look);
            }
            stays
        });
    }
    if looks.len() < MAX_CHARACTERS { Ok(()) } else { Err("it announced more characters than anybody plays") }
}

/// Whether the friend is still there; a look of one who is not is taken off after a while, or at once if I do not want them here.
fn settle_presence(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    let now = tools.desk.now();
    if tools.links.linked(&peer) == Some(look.heard_on) {
        look.absent_since = None;
        return;
    }
    let since = *look.absent_since.get_or_insert(now);
    let over = since + ABSENT_GRACE <= now || !tools.circle.is_active(&peer);
    if over && !look.gone {
        look.gone = true;
        drop_all(tools, peer, character, look);
        look.restart();
        look.manifest = None;
    }
}

fn settle_wanted(tools: &mut Tools<'_>, peer: PeerId, looks: &mut BTreeMap<Character, Look>) {
    let mut kept: u64 = looks.values().filter(|look| look.manifest.is_some() || look.asked.is_some()).map(size).sum();
    for (character, look) in looks.iter_mut().filter(|(_, look)| !look.gone) {
        let allowed = tools.circle.permissions(&peer, &tools.settings.permissions);
        let claim = claim(tools, peer, character, allowed.show_them);
        let verdict = judge(&allowed, claim, &look.announce.weight, &tools.settings.limits);
        let was = std::mem::replace(&mut look.verdict, verdict);
        if verdict != Verdict::Wanted {
            if was == Verdict::Wanted {
                drop_work(tools, peer, character, look);
                drop_ready(tools, peer, character, look);
                look.restart();
                look.manifest = None;
            }
            continue;
        }
        let without = refused(&allowed);
        if look.without != without {
            look.without = without;
            if matches!(look.stage, Stage::Fetching | Stage::Complete) {
                fetch_missing(tools, peer, character, look);
            }
        }
        settle_stage(tools, peer, character, look, &mut kept);
    }
}

/// A claim is made only for what would be shown: a friend whose looks are off owns nothing by announcing.
fn claim(tools: &mut Tools<'_>, peer: PeerId, character: &Character, shown: bool) -> Claim {
    if tools.circle.is_mine(character) {
        Claim::Mine
    } else if shown {
        tools.circle.claim(character, peer, tools.desk.now())
    } else {
        tools.circle.withdraw_claim(character, peer);
        Claim::Theirs
    }
}

fn settle_stage(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look, kept: &mut u64) {
    let now = tools.desk.now();
    if let Stage::Failed { retry_at: Some(at), .. } = &look.stage
        && *at <= now
    {
        look.restart();
    }
    if matches!(look.stage, Stage::Idle) && look.manifest.is_some() {
        fetch_missing(tools, peer, character, look);
    }
    match look.stage {
        Stage::Idle if look.asked.is_none() && *kept + size(look) > MANIFEST_BYTES => {
            let reason = format!("{} shows more characters at once than are kept", tools.circle.called(&peer));
            fail(tools, peer, character, look, reason, Some(RETRY));
        }
        Stage::Idle => {
            *kept += if look.asked.is_none() { size(look) } else { 0 };
            ask(tools, look);
        }
        Stage::FetchingManifest | Stage::Fetching if !tools.fetch.has_source(look.heard_on, &look.appearance()) => {
            ask(tools, look);
        }
        Stage::FetchingManifest | Stage::Fetching => look.asked = None,
        Stage::ReadingManifest | Stage::Cancelled | Stage::Complete | Stage::Failed { .. } => {}
    }
}

fn size(look: &Look) -> u64 {
    u64::from(look.announce.manifest_size)
}

/// Asks for the manifest, where it was announced and not asked for a moment ago. The answer also opens the bulk channel to it.
fn ask(tools: &mut Tools<'_>, look: &mut Look) {
    let now = tools.desk.now();
    if !tools.links.is_linked(look.heard_on) || !look.is_to_ask(now) {
        return;
    }
    look.asked = Some((look.heard_on, now));
    let message = Control::GetManifest { appearance: look.appearance(), grant: look.announce.grant.clone() };
    tools.desk.send(look.heard_on, message);
}

/// The manifest is too long for a message: it is fetched (or is here already) as a blob.
fn manifest_is_blob(tools: &mut Tools<'_>, link: LinkKey, character: &Character, look: &mut Look) {
    let blob = look.manifest_blob();
    if look.manifest.is_some() {
        return add_source(tools, link, look);
    }
    tools.cache.hold(tools.desk, &Holder::Wanted(link.peer, character.clone()), look.appearance(), &[blob]);
    tools.fetch.add_source(link, look.appearance(), std::iter::once(blob.hash));
    if tools.cache.has(&blob.hash) {
        return read_manifest(tools, look);
    }
    if !matches!(look.stage, Stage::FetchingManifest) {
        look.stage = Stage::FetchingManifest;
        tools.fetch.begin(tools.desk, job(link.peer, character), &[blob], true);
    }
}

fn read_manifest(tools: &mut Tools<'_>, look: &mut Look) {
    look.stage = Stage::ReadingManifest;
    tools.desk.order(Output::ReadBlob(look.manifest_blob()));
}

/// The manifest is here and is the one announced.
fn manifest_here(tools: &mut Tools<'_>, link: LinkKey, character: &Character, look: &mut Look, manifest: &Arc<Manifest>) {
    if look.manifest.is_some() {
        return add_source(tools, link, look);
    }
    if let Some(broken) = broken_promise(manifest, &look.announce.weight) {
        let reason = format!("{}'s look is refused: {broken}", tools.circle.called(&link.peer));
        return fail(tools, link.peer, character, look, reason, None);
    }
    look.manifest = Some(Arc::clone(manifest));
    let mut blobs = manifest.blobs();
    blobs.push(look.manifest_blob());
    // Held before anything is fetched, so that making room for one part does not evict another.
    tools.cache.hold(tools.desk, &Holder::Wanted(link.peer, character.clone()), look.appearance(), &blobs);
    add_source(tools, link, look);
    look.all_fetched = look.missing(tools.cache).len() == manifest.blobs().len();
    if !matches!(look.stage, Stage::Cancelled) {
        fetch_missing(tools, link.peer, character, look);
    }
}

fn add_source(tools: &mut Tools<'_>, link: LinkKey, look: &Look) {
    let blobs = look.manifest.iter().flat_map(|manifest| manifest.blobs()).map(|blob| blob.hash);
    tools.fetch.add_source(link, look.appearance(), blobs);
}

/// Fetches what is missing; with nothing missing the look can be shown.
fn fetch_missing(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    let missing = look.missing(tools.cache);
    if !missing.is_empty() {
        look.stage = Stage::Fetching;
        return tools.fetch.begin(tools.desk, job(peer, character), &missing, false);
    }
    let Some(manifest) = look.manifest.clone() else { return };
    look.stage = Stage::Complete;
    look.asked_again = false;
    look.told = None;
    look.ready = Some(Ready {
        appearance: look.appearance(),
        manifest: Arc::clone(&manifest),
        without: look.without.clone(),
        whole: true,
    });
    let mut blobs = manifest.blobs();
    blobs.push(look.manifest_blob());
    tools.cache.hold(tools.desk, &Holder::Ready(peer, character.clone()), look.appearance(), &blobs);
}

/// Something has left the cache: is everything of this look still here?
fn recheck(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    if let Some(ready) = &mut look.ready {
        let needed = |blob: &crate::domain::BlobRef| super::judge::is_needed(blob, &ready.without);
        ready.whole = ready.manifest.blobs().iter().filter(|blob| needed(blob)).all(|blob| tools.cache.has(&blob.hash));
    }
    if matches!(look.stage, Stage::Complete) && !look.missing(tools.cache).is_empty() {
        fetch_missing(tools, peer, character, look);
    }
}

fn failed(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look, error: &FetchError) {
    let called = tools.circle.called(&peer);
    let (reason, retry) = match error {
        FetchError::Refused(Refusal::NotHeld | Refusal::NotGranted) if !look.asked_again => {
            // Perhaps the announcement was overtaken, or the grant ran out on the way.
            look.asked_again = true;
            look.restart();
            return;
        }
        FetchError::Refused(Refusal::NotHeld | Refusal::NotGranted) => {
            (format!("{called} no longer offers this look: ask them to publish it again"), RETRY)
        }
        FetchError::Refused(Refusal::Changed) => {
            (format!("a file of {called}'s look changed while it was sent; the new look follows by itself"), RETRY_CHANGED)
        }
        FetchError::Refused(Refusal::BadRequest | Refusal::Unreadable) => {
            (format!("{called}'s FyteClub cannot read one of its files: ask them to look at their mods"), RETRY)
        }
        FetchError::Disk(text) => (text.clone(), RETRY),
        FetchError::BadData | FetchError::LinkLost => return look.restart(),
    };
    fail(tools, peer, character, look, reason, Some(retry));
}

fn fail(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look, reason: String, retry: Option<Duration>) {
    if look.told.as_ref() != Some(&reason) {
        look.told = Some(reason.clone());
        tools.desk.notify(Notice::AppearanceFailed { peer, character: character.clone(), text: reason.clone() });
    }
    let retry_at: Option<Instant> = retry.map(|retry| tools.desk.later(retry));
    look.stage = Stage::Failed { reason, retry_at };
}

/// Ends everything that goes on for the newest look.
fn drop_work(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    tools.fetch.cancel(tools.desk, &job(peer, character));
    tools.fetch.remove_source(&peer, &look.appearance());
    tools.cache.release(tools.desk, &Holder::Wanted(peer, character.clone()));
}

fn drop_ready(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    look.ready = None;
    tools.cache.release(tools.desk, &Holder::Ready(peer, character.clone()));
}

/// The look is not to be seen any more.
fn drop_all(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    drop_work(tools, peer, character, look);
    drop_ready(tools, peer, character, look);
    tools.circle.withdraw_claim(character, peer);
}
