//! Which piece of which blob comes from whom, and when.
//!
//! A look that lacks blobs is a *job*; a blob that any job lacks is a *want*, fetched once however many want it. A *source* is a
//! link and an appearance under which the other side serves: a want waits in line at every link that has a source for it.
//! Each line is in order: what the person puts first, then characters near in the game, then small blobs (many in one order), then large ones (by ranges).
//! Several orders run on each link at once, so that the line never idles while an answer is on its way.

mod job;
mod rate;
mod want;

pub(super) use rate::Rate;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

pub(super) use job::JobKey;
use job::{Job, SEEN_FINISHED};
use want::{Place, Urgency, Want, bytes_of};

use super::desk::{Deadline, Desk};
use super::input::{FetchError, FetchEvent, FetchId, LinkKey};
use super::link::Links;
use super::output::{FetchWork, Output};
use super::snapshot::TransferView;
use crate::domain::{AppearanceId, BlobHash, BlobRef, Character, PeerId};
use crate::wire::bulk::MAX_PACK;
use crate::wire::control::Refusal;

/// Bytes ordered from one peer and not here yet.
const PER_LINK: u64 = 4 << 20;
/// Bytes ordered from all peers and not here yet.
const IN_ALL: u64 = 32 << 20;
/// Bytes of small blobs in one order: as [`want::GROUPS_AT_ONCE`].
const PACK_BYTES: u64 = 256 << 10;

/// What came of a report, for the parts that wait for it.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Blobs that are complete.
    pub(super) complete: Vec<BlobRef>,
    /// Looks that lack nothing any more.
    pub(super) finished: Vec<JobKey>,
    /// Looks that cannot be completed, and why. The job is over.
    pub(super) failed: Vec<(JobKey, FetchError)>,
    /// Who sent bytes that do not have their hash.
    pub(super) bad: Option<PeerId>,
}

/// Jobs, wants, sources, orders.
#[derive(Debug, Default)]
pub(super) struct Fetch {
    jobs: BTreeMap<JobKey, Job>,
    wants: BTreeMap<BlobHash, Want>,
    sources: BTreeMap<LinkKey, BTreeMap<AppearanceId, Arc<BTreeSet<BlobHash>>>>,
    lines: BTreeMap<LinkKey, BTreeSet<Place>>,
    orders: BTreeMap<FetchId, Order>,
    near: BTreeSet<Character>,
    next: u64,
}

/// What an order asks for: its pieces, in the runtime's words, and their bytes.
type Piecework = (Vec<(BlobHash, Range<u32>)>, FetchWork, u64);

#[derive(Debug)]
struct Order {
    link: LinkKey,
    appearance: AppearanceId,
    pieces: Vec<(BlobHash, Range<u32>)>,
    bytes: u64,
}

impl Fetch {
    /// A look lacks these blobs. `quiet`: not to be seen as a transfer.
    pub(super) fn begin(&mut self, desk: &mut Desk, key: JobKey, appearance: AppearanceId, missing: &[BlobRef], quiet: bool) {
        let first = self.jobs.get(&key).is_some_and(|job| job.first && job.appearance == appearance);
        self.cancel(desk, &key);
        for blob in missing {
            self.wants.entry(blob.hash).or_insert_with(|| Want::new(*blob)).users.insert(key.clone());
        }
        let mut job = Job::new(desk.now(), appearance, missing, quiet);
        job.first = first;
        self.jobs.insert(key, job);
        self.sort_by_urgency();
        for blob in missing {
            self.line_up(&blob.hash);
        }
    }

    /// A look is no longer wanted. What nobody else wants is no longer fetched.
    pub(super) fn cancel(&mut self, desk: &mut Desk, key: &JobKey) {
        let Some(job) = self.jobs.remove(key) else { return };
        for hash in &job.missing {
            let unwanted = self.wants.get_mut(hash).is_some_and(|want| {
                want.users.remove(key);
                want.users.is_empty()
            });
            if unwanted {
                self.remove_want(hash);
            }
        }
        let wants = &self.wants;
        let idle: Vec<FetchId> = self
            .orders
            .iter()
            .filter(|(_, order)| !order.pieces.iter().any(|(hash, _)| wants.contains_key(hash)))
            .map(|(id, _)| *id)
            .collect();
        for id in idle {
            self.orders.remove(&id);
            desk.order(Output::CancelFetch(id));
        }
        self.sort_by_urgency();
    }

    /// The other side of a link serves these blobs under this appearance.
    pub(super) fn add_source(&mut self, link: LinkKey, appearance: AppearanceId, blobs: impl Iterator<Item = BlobHash>) {
        let blobs: Arc<BTreeSet<BlobHash>> = Arc::new(blobs.collect());
        let served = self.sources.entry(link).or_default();
        served.insert(appearance, Arc::clone(&blobs));
        for want in self.wants.values().filter(|want| want.is_open() && blobs.contains(&want.blob.hash)) {
            self.lines.entry(link).or_default().insert(want.place());
        }
    }

    /// It no longer does: the look was replaced or taken off.
    pub(super) fn remove_source(&mut self, peer: &PeerId, appearance: &AppearanceId) {
        for (_, served) in self.sources.iter_mut().filter(|(link, _)| link.peer == *peer) {
            served.remove(appearance);
        }
    }

    /// Whether a link serves this appearance, as far as is known.
    pub(super) fn has_source(&self, link: LinkKey, appearance: &AppearanceId) -> bool {
        self.sources.get(&link).is_some_and(|served| served.contains_key(appearance))
    }

    /// Whether something of a look came under another appearance than its own.
    pub(super) fn is_mixed(&self, key: &JobKey) -> bool {
        self.jobs.get(key).is_some_and(|job| job.mixed)
    }

    /// Puts the looks of these characters first.
    pub(super) fn set_near(&mut self, near: BTreeSet<Character>) {
        if self.near != near {
            self.near = near;
            self.sort_by_urgency();
        }
    }

    /// Puts what is fetched for a look before everything that is not put first too. False if nothing is fetched for it.
    pub(super) fn put_first(&mut self, key: &JobKey) -> bool {
        let Some(job) = self.jobs.get_mut(key).filter(|job| job.finished.is_none()) else { return false };
        job.first = true;
        self.sort_by_urgency();
        true
    }

    fn sort_by_urgency(&mut self) {
        let urgencies = self.wants.iter().map(|(hash, want)| (*hash, want.urgency, self.urgency(want)));
        let moved: Vec<(BlobHash, Urgency)> =
            urgencies.filter(|(_, was, is)| was != is).map(|(hash, _, urgency)| (hash, urgency)).collect();
        for (hash, urgency) in moved {
            self.leave_lines(&hash);
            if let Some(want) = self.wants.get_mut(&hash) {
                want.urgency = urgency;
            }
            self.line_up(&hash);
        }
    }

    /// As urgent as the look that wants it most.
    fn urgency(&self, want: &Want) -> Urgency {
        let of = |user: &JobKey| match self.jobs.get(user) {
            Some(job) if job.first => Urgency::First,
            Some(_) | None if self.near.contains(&user.character) => Urgency::Near,
            Some(_) | None => Urgency::Far,
        };
        want.users.iter().map(of).min().unwrap_or(Urgency::Far)
    }

    /// The looks that want something of an order.
    pub(super) fn users_of(&self, id: FetchId) -> BTreeSet<JobKey> {
        let pieces = self.orders.get(&id).map(|order| order.pieces.as_slice()).unwrap_or_default();
        pieces.iter().filter_map(|(hash, _)| self.wants.get(hash)).flat_map(|want| want.users.iter().cloned()).collect()
    }

    /// From whom something is ordered, and the character whose look wants it first.
    pub(super) fn source_of(&self, id: FetchId) -> Option<(PeerId, Character)> {
        let order = self.orders.get(&id)?;
        let mut users = order.pieces.iter().filter_map(|(hash, _)| self.wants.get(hash)).flat_map(|want| want.users.iter());
        users.next().map(|key| (order.link.peer, key.character.clone()))
    }

    /// Whether a job is one that people see: a look's files, not its manifest.
    pub(super) fn is_seen(&self, key: &JobKey) -> bool {
        self.jobs.get(key).is_some_and(Job::is_seen)
    }

    /// How an order stands or ended.
    pub(super) fn report(&mut self, desk: &mut Desk, id: FetchId, event: FetchEvent) -> News {
        let mut news = News::default();
        match event {
            FetchEvent::Progress { bytes } => self.progressed(desk, id, bytes),
            FetchEvent::Stored { complete, bytes, wire_bytes } => {
                self.progressed(desk, id, bytes);
                self.stored(desk, id, &complete, wire_bytes, &mut news);
            }
            FetchEvent::Failed(error) => self.failed(desk, id, &error, &mut news),
        }
        news
    }

    /// Forgets links that are down, ends what is over, and orders as much as there is room for.
    pub(super) fn settle(&mut self, desk: &mut Desk, links: &Links) {
        self.drop_links(links);
        let now = desk.now();
        self.jobs.retain(|_, job| job.finished.is_none_or(|at| now < at + SEEN_FINISHED));
        let mut flying: BTreeMap<LinkKey, u64> = self.lines.keys().map(|link| (*link, 0)).collect();
        let mut all = 0;
        for order in self.orders.values() {
            *flying.entry(order.link).or_default() += order.bytes;
            all += order.bytes;
        }
        // One order for each in turn, so that no peer takes all the room.
        let mut waiting: Vec<LinkKey> = self.lines.keys().copied().collect();
        while !waiting.is_empty() && all < IN_ALL {
            waiting.retain(|link| {
                let here = flying.get(link).copied().unwrap_or_default();
                if here >= PER_LINK || all >= IN_ALL {
                    return false;
                }
                let room = (PER_LINK - here).min(IN_ALL - all);
                let Some(bytes) = self.order_from(desk, *link, room) else { return false };
                *flying.entry(*link).or_default() += bytes;
                all += bytes;
                true
            });
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let finished = self.jobs.values().filter_map(|job| job.finished).min();
        finished.map(|at| (at + SEEN_FINISHED, "a finished transfer leaves the list"))
    }

    /// Bytes here and bytes in all of a look that is being fetched.
    pub(super) fn progress(&self, key: &JobKey) -> Option<(u64, u64)> {
        self.jobs.get(key).filter(|job| job.finished.is_none()).map(Job::progress)
    }

    pub(super) fn view(&self, now: std::time::Instant) -> Vec<TransferView> {
        self.jobs.iter().filter_map(|(key, job)| job.view(now, key)).collect()
    }

    fn progressed(&mut self, desk: &Desk, id: FetchId, bytes: u64) {
        let Some(order) = self.orders.get(&id) else { return };
        let mut left = bytes;
        for (hash, _) in &order.pieces {
            let Some(want) = self.wants.get_mut(hash) else { continue };
            let new = want.credit(left);
            left -= new;
            credit(&mut self.jobs, want, desk, new);
            mark_mixed(&mut self.jobs, want, order.appearance);
        }
    }

    fn stored(&mut self, desk: &mut Desk, id: FetchId, complete: &[BlobHash], wire_bytes: u64, news: &mut News) {
        let Some(order) = self.orders.remove(&id) else { return };
        if let Some(job) = self.job_of(&order) {
            job.wire_bytes = job.wire_bytes.saturating_add(wire_bytes);
        }
        for hash in complete {
            self.completed(desk, hash, news);
        }
        for (hash, _) in &order.pieces {
            let Some(want) = self.wants.get_mut(hash) else { continue };
            if want.piece_done() {
                self.line_up(hash);
            } else {
                self.give_up(desk, hash, &FetchError::Refused(Refusal::NotHeld), news);
            }
        }
    }

    fn completed(&mut self, desk: &Desk, hash: &BlobHash, news: &mut News) {
        self.leave_lines(hash);
        let Some(mut want) = self.wants.remove(hash) else { return };
        let rest = want.credit(u64::MAX);
        credit(&mut self.jobs, &want, desk, rest);
        for key in &want.users {
            let Some(job) = self.jobs.get_mut(key) else { continue };
            job.missing.remove(hash);
            if job.missing.is_empty() {
                job.finished = Some(desk.now());
                news.finished.push(key.clone());
            }
        }
        news.complete.push(want.blob);
    }

    fn failed(&mut self, desk: &mut Desk, id: FetchId, error: &FetchError, news: &mut News) {
        let Some(order) = self.orders.remove(&id) else { return };
        for (hash, piece) in &order.pieces {
            if let Some(want) = self.wants.get_mut(hash) {
                want.give_back(piece.clone());
            }
        }
        match error {
            FetchError::LinkLost => self.drop_link(order.link),
            FetchError::BadData => {
                self.drop_link(order.link);
                news.bad = Some(order.link.peer);
            }
            FetchError::Disk(_) => self.fail_users(desk, &order, |_| true, error, news),
            FetchError::Refused(_) => {
                let appearance = order.appearance;
                if let Some(served) = self.sources.get_mut(&order.link) {
                    served.remove(&appearance);
                }
                let peer = order.link.peer;
                self.fail_users(desk, &order, |key| key.peer == peer, error, news);
            }
        }
        for (hash, _) in &order.pieces {
            self.line_up(hash);
        }
    }

    /// Ends the jobs that wanted something of an order.
    fn fail_users(
        &mut self,
        desk: &mut Desk,
        order: &Order,
        whose: impl Fn(&JobKey) -> bool,
        error: &FetchError,
        news: &mut News,
    ) {
        let wants = order.pieces.iter().filter_map(|(hash, _)| self.wants.get(hash));
        let users: BTreeSet<JobKey> = wants.flat_map(|want| want.users.iter().filter(|key| whose(key)).cloned()).collect();
        for key in users {
            self.cancel(desk, &key);
            news.failed.push((key, error.clone()));
        }
    }

    fn give_up(&mut self, desk: &mut Desk, hash: &BlobHash, error: &FetchError, news: &mut News) {
        let users = self.wants.get(hash).map(|want| want.users.clone()).unwrap_or_default();
        for key in users {
            self.cancel(desk, &key);
            news.failed.push((key, error.clone()));
        }
    }

    fn job_of(&mut self, order: &Order) -> Option<&mut Job> {
        let mut users = order.pieces.iter().filter_map(|(hash, _)| self.wants.get(hash)).flat_map(|want| want.users.iter());
        let key = users.next()?.clone();
        self.jobs.get_mut(&key)
    }

    /// Orders the next piece from a link. Its bytes, or nothing if there is nothing to order or no room for it.
    fn order_from(&mut self, desk: &mut Desk, link: LinkKey, room: u64) -> Option<u64> {
        let (place, appearance) = self.first_in_line(link)?;
        let (pieces, work, bytes) = if place.large { self.range(&place.hash, room)? } else { self.pack(link, appearance, room)? };
        let fetch = FetchId(self.next);
        self.next += 1;
        for (hash, _) in &pieces {
            if self.wants.get(hash).is_some_and(|want| !want.is_open()) {
                self.leave_lines(hash);
            }
        }
        self.orders.insert(fetch, Order { link, appearance, pieces, bytes });
        desk.order(Output::Fetch { fetch, link, appearance, work });
        Some(bytes)
    }

    /// The first want in line and the appearance under which this link serves it; those it serves no longer leave the line.
    fn first_in_line(&mut self, link: LinkKey) -> Option<(Place, AppearanceId)> {
        let line = self.lines.get_mut(&link)?;
        let served = self.sources.get(&link)?;
        while let Some(place) = line.first().copied() {
            if let Some(appearance) = serving(served, &place.hash) {
                return Some((place, appearance));
            }
            line.remove(&place);
        }
        None
    }

    fn range(&mut self, hash: &BlobHash, room: u64) -> Option<Piecework> {
        let want = self.wants.get_mut(hash)?;
        let groups = want.take()?;
        let bytes = bytes_of(&want.blob, &groups);
        if bytes > room {
            want.give_back(groups);
            return None;
        }
        Some((vec![(*hash, groups.clone())], FetchWork::Groups { blob: want.blob, groups }, bytes))
    }

    fn pack(&mut self, link: LinkKey, appearance: AppearanceId, room: u64) -> Option<Piecework> {
        let served = Arc::clone(self.sources.get(&link)?.get(&appearance)?);
        let room = room.min(PACK_BYTES);
        let line = self.lines.get(&link)?.iter();
        let small = line.take_while(|place| !place.large).filter(|place| served.contains(&place.hash)).take(MAX_PACK);
        let chosen: Vec<BlobHash> = small
            .scan(0, |sum, place| {
                *sum += place.size;
                (*sum <= room).then_some(place.hash)
            })
            .collect();
        let mut pieces = Vec::with_capacity(chosen.len());
        let mut blobs = Vec::with_capacity(chosen.len());
        for hash in chosen {
            let Some(want) = self.wants.get_mut(&hash) else { continue };
            let Some(piece) = want.take() else { continue };
            pieces.push((hash, piece));
            blobs.push(want.blob);
        }
        let bytes = blobs.iter().map(|blob| blob.size).sum();
        (!blobs.is_empty()).then_some((pieces, FetchWork::Pack(blobs), bytes))
    }

    /// Puts a want into the line of every link that serves it.
    fn line_up(&mut self, hash: &BlobHash) {
        let Some(want) = self.wants.get(hash).filter(|want| want.is_open()) else { return };
        for (link, served) in &self.sources {
            if serving(served, hash).is_some() {
                self.lines.entry(*link).or_default().insert(want.place());
            }
        }
    }

    fn leave_lines(&mut self, hash: &BlobHash) {
        let Some(place) = self.wants.get(hash).map(Want::place) else { return };
        for line in self.lines.values_mut() {
            line.remove(&place);
        }
    }

    fn remove_want(&mut self, hash: &BlobHash) {
        self.leave_lines(hash);
        self.wants.remove(hash);
    }

    fn drop_links(&mut self, links: &Links) {
        let mut down: BTreeSet<LinkKey> = self.sources.keys().chain(self.lines.keys()).copied().collect();
        down.extend(self.orders.values().map(|order| order.link));
        for link in down.into_iter().filter(|link| !links.is_linked(*link)) {
            self.drop_link(link);
        }
    }

    /// A link is down, or not to be trusted: what was ordered from it is open again.
    fn drop_link(&mut self, link: LinkKey) {
        self.sources.remove(&link);
        self.lines.remove(&link);
        let lost: Vec<FetchId> = self.orders.iter().filter(|(_, order)| order.link == link).map(|(id, _)| *id).collect();
        for order in lost.iter().filter_map(|id| self.orders.remove(id)).collect::<Vec<_>>() {
            for (hash, piece) in order.pieces {
                if let Some(want) = self.wants.get_mut(&hash) {
                    want.give_back(piece);
                }
                self.line_up(&hash);
            }
        }
    }
}

fn serving(served: &BTreeMap<AppearanceId, Arc<BTreeSet<BlobHash>>>, hash: &BlobHash) -> Option<AppearanceId> {
    served.iter().find(|(_, blobs)| blobs.contains(hash)).map(|(appearance, _)| *appearance)
}

/// Those who want a blob of which something came under another appearance than theirs.
fn mark_mixed(jobs: &mut BTreeMap<JobKey, Job>, want: &Want, appearance: AppearanceId) {
    for key in &want.users {
        if let Some(job) = jobs.get_mut(key) {
            job.mixed |= job.appearance != appearance;
        }
    }
}

fn credit(jobs: &mut BTreeMap<JobKey, Job>, want: &Want, desk: &Desk, bytes: u64) {
    for key in &want.users {
        if let Some(job) = jobs.get_mut(key) {
            job.credit(desk.now(), bytes);
        }
    }
}
