//! The steps that a friend's look takes: asked for, fetched, complete, failed, dropped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::follower::{Broken, Tools, job};
use super::judge::{Verdict, broken_promise, is_needed, judge, refused};
use super::look::{Look, Ready, Stage};
use crate::domain::{BlobRef, Character, Manifest, PeerId};
use crate::engine::cache::Holder;
use crate::engine::circle::Claim;
use crate::engine::input::{FetchError, LinkKey};
use crate::engine::notice::Notice;
use crate::engine::output::Output;
use crate::engine::publish::MAX_CHARACTERS;
use crate::wire::control::{Control, Refusal};

/// A friend whose link is down for less than this is still shown: most links come back at once.
pub(super) const ABSENT_GRACE: Duration = Duration::from_secs(60);
/// What went wrong on our side or theirs is tried again after this.
const RETRY: Duration = Duration::from_secs(60);
/// A file that changed while it was sent: the new look is on its way.
const RETRY_CHANGED: Duration = Duration::from_secs(10);
/// Bytes of manifests that are kept of one friend: memory stays bounded whatever is announced.
const MANIFEST_BYTES: u64 = 16 << 20;

/// Room for one more look of a friend: those of links before go first.
pub(super) fn make_room(tools: &mut Tools<'_>, link: LinkKey, looks: &mut BTreeMap<Character, Look>) -> Result<(), Broken> {
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
pub(super) fn settle_presence(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
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

pub(super) fn settle_wanted(tools: &mut Tools<'_>, peer: PeerId, looks: &mut BTreeMap<Character, Look>) {
    let mut kept: u64 = looks.values().filter(|look| look.manifest.is_some() || look.asked.is_some()).map(size).sum();
    for (character, look) in looks.iter_mut().filter(|(_, look)| !look.gone) {
        let allowed = tools.circle.permissions(&peer, &tools.settings.permissions);
        let claim = claim(tools, peer, character, allowed.show_them);
        let unlimited = look.allowed_once || tools.circle.is_unlimited(&peer, character);
        let limits = (!unlimited).then_some(&tools.settings.limits);
        let verdict = judge(&allowed, claim, &look.announce.weight, limits);
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
            if let Some(ready) = &mut look.ready {
                ready.leave_out(&without);
            }
            look.without = without;
            if matches!(look.stage, Stage::Fetching | Stage::Counting | Stage::Complete) {
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
        Stage::ReadingManifest | Stage::Counting | Stage::Cancelled | Stage::Complete | Stage::Failed { .. } => {}
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
pub(super) fn manifest_is_blob(tools: &mut Tools<'_>, link: LinkKey, character: &Character, look: &mut Look) {
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
        tools.fetch.begin(tools.desk, job(link.peer, character), look.appearance(), &[blob], true);
    }
}

pub(super) fn read_manifest(tools: &mut Tools<'_>, look: &mut Look) {
    look.stage = Stage::ReadingManifest;
    tools.desk.order(Output::ReadBlob(look.manifest_blob()));
}

/// The manifest is here and is the one announced.
pub(super) fn manifest_here(
    tools: &mut Tools<'_>,
    link: LinkKey,
    character: &Character,
    look: &mut Look,
    manifest: &Arc<Manifest>,
) {
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

/// Fetches what is missing; with nothing missing, and its models counted, the look can be shown.
pub(super) fn fetch_missing(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    let missing = look.missing(tools.cache);
    let key = job(peer, character);
    look.all_fetched &= !tools.fetch.is_mixed(&key);
    if !missing.is_empty() {
        look.stage = Stage::Fetching;
        return tools.fetch.begin(tools.desk, key, look.appearance(), &missing, false);
    }
    let Some(manifest) = look.manifest.clone() else { return };
    let models = if look.counted { Vec::new() } else { look.models() };
    if !models.is_empty() {
        if !matches!(look.stage, Stage::Counting) {
            look.stage = Stage::Counting;
            tools.desk.order(Output::CountTriangles { appearance: look.appearance(), models });
        }
        return;
    }
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

/// The models of a look that is here were counted: it can be shown, unless it has more triangles than was announced, and so more
/// than the limits were asked for.
pub(super) fn counted(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look, result: &Result<u64, String>) {
    match result {
        Ok(triangles) if *triangles > look.announce.weight.triangles => {
            let called = tools.circle.called(&peer);
            let announced = look.announce.weight.triangles;
            let reason = format!("{called}'s look is refused: it has {triangles} triangles, and {announced} were announced");
            drop_work(tools, peer, character, look);
            look.manifest = None;
            fail(tools, peer, character, look, reason, None);
        }
        Ok(_) => {
            look.counted = true;
            fetch_missing(tools, peer, character, look);
        }
        Err(text) => failed(tools, peer, character, look, &FetchError::Disk(text.clone())),
    }
}

/// Something has left the cache: is everything of this look still here?
pub(super) fn recheck(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    if let Some(ready) = &mut look.ready {
        let needed = |blob: &BlobRef| is_needed(blob, &ready.without);
        ready.whole = ready.manifest.blobs().iter().filter(|blob| needed(blob)).all(|blob| tools.cache.has(&blob.hash));
    }
    if matches!(look.stage, Stage::Counting | Stage::Complete) && !look.missing(tools.cache).is_empty() {
        fetch_missing(tools, peer, character, look);
    }
}

pub(super) fn failed(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look, error: &FetchError) {
    // What came so far, and under which appearance, is forgotten with the transfer.
    look.all_fetched = false;
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
pub(super) fn drop_work(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    tools.fetch.cancel(tools.desk, &job(peer, character));
    tools.fetch.remove_source(&peer, &look.appearance());
    tools.cache.release(tools.desk, &Holder::Wanted(peer, character.clone()));
}

fn drop_ready(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    look.ready = None;
    tools.cache.release(tools.desk, &Holder::Ready(peer, character.clone()));
}

/// The look is not to be seen any more.
pub(super) fn drop_all(tools: &mut Tools<'_>, peer: PeerId, character: &Character, look: &mut Look) {
    drop_work(tools, peer, character, look);
    drop_ready(tools, peer, character, look);
    tools.circle.withdraw_claim(character, peer);
}
