//! What the cache holds, who still needs what of it, and what goes first when it is full. The bytes are the store's.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::desk::{Deadline, Desk};
use super::input::{CachedBlob, PluginId};
use super::output::Output;
use super::snapshot::{CacheView, Extent};
use crate::domain::{AppearanceId, BlobHash, BlobRef, Character, PeerId};

/// How often the friends' shares are counted at most: a count looks at every file of every look.
const COUNT_PACE: Duration = Duration::from_secs(2);
/// Blobs named in one order to evict.
const EVICT_AT_ONCE: usize = 4096;

/// Who needs an appearance's blobs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// A look of mine, present or in its last minute.
    Mine(Character, AppearanceId),
    /// A friend's look that is being fetched or is the newest.
    Wanted(PeerId, Character),
    /// A friend's look that can be shown.
    Ready(PeerId, Character),
    /// A look that a plugin shows, or was told to.
    Shown(PluginId, Character),
    /// The look that a plugin still shows until the next one is there.
    Before(PluginId, Character),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    size: u64,
    used: Used,
}

/// When a blob was last used: whatever was used since the start is newer than what was used before, whatever the clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Used {
    /// Before the start, in milliseconds since 1970.
    Before(u64),
    /// Grows with each use.
    Since(u64),
}

#[derive(Debug)]
struct Held {
    blobs: Vec<BlobRef>,
    holders: BTreeSet<Holder>,
}

/// The cache's books.
#[derive(Debug, Default)]
pub(super) struct Cache {
    blobs: BTreeMap<BlobHash, Entry>,
    bytes: u64,
    uses: u64,
    held: BTreeMap<AppearanceId, Held>,
    holders: BTreeMap<Holder, AppearanceId>,
    pins: BTreeMap<BlobHash, u32>,
    /// Blobs of my own looks: they lie in their own place, and the store copies what a plugin needs of them.
    own: BTreeMap<AppearanceId, BTreeSet<BlobHash>>,
    /// Something that was here no longer is, since it was last asked.
    shrunk: bool,
    /// Whether making room may come to another result than the last time.
    changed: bool,
    /// How much each friend's looks take, and when that was last counted.
    shares: Vec<(PeerId, Extent)>,
    counted: Option<Instant>,
    miscounted: bool,
}

impl Cache {
    /// What the store holds, or has found to be right.
    pub(super) fn loaded(&mut self, blobs: &[CachedBlob]) {
        for CachedBlob { blob, used_unix_ms } in blobs {
            let before = Used::Before(*used_unix_ms);
            let used = self.blobs.get(&blob.hash).map_or(before, |known| known.used.max(before));
            self.insert(*blob, used);
        }
    }

    /// A blob is complete.
    pub(super) fn add(&mut self, blob: BlobRef) {
        self.uses += 1;
        self.insert(blob, Used::Since(self.uses));
    }

    /// Whether a blob is here, or lies in its own place as a file of mine.
    pub(super) fn has(&self, hash: &BlobHash) -> bool {
        self.blobs.contains_key(hash) || self.own.values().any(|own| own.contains(hash))
    }

    /// Whether something that was here may have gone since this was last asked.
    pub(super) const fn take_shrunk(&mut self) -> bool {
        std::mem::replace(&mut self.shrunk, false)
    }

    /// Blobs are no longer there.
    pub(super) fn lost(&mut self, hashes: &[BlobHash]) {
        for hash in hashes {
            self.remove(hash);
        }
    }

    /// The files of a friend's looks, present or on their way.
    pub(super) fn of_friend(&self, peer: &PeerId) -> BTreeSet<BlobHash> {
        let theirs = self.holders.iter().filter(|(holder, _)| match holder {
            Holder::Wanted(of, _) | Holder::Ready(of, _) => of == peer,
            Holder::Mine(..) | Holder::Shown(..) | Holder::Before(..) => false,
        });
        let held = theirs.filter_map(|(_, appearance)| self.held.get(appearance));
        held.flat_map(|held| held.blobs.iter().map(|blob| blob.hash)).collect()
    }

    /// Keeps bytes of my own as a blob.
    pub(super) fn put(&mut self, desk: &mut Desk, blob: BlobRef, content: Vec<u8>) {
        self.add(blob);
        desk.order(Output::PutBlob { blob, content });
    }

    /// `holder` needs this appearance from here on, and no other. No blobs need to be named for one that is held already.
    pub(super) fn hold(&mut self, desk: &mut Desk, holder: &Holder, appearance: AppearanceId, blobs: &[BlobRef]) {
        self.miscounted = true;
        let before = self.holders.insert(holder.clone(), appearance);
        let held = self.held.entry(appearance).or_insert_with(|| Held { blobs: Vec::new(), holders: BTreeSet::new() });
        held.holders.insert(holder.clone());
        if matches!(holder, Holder::Mine(..)) {
            self.own.insert(appearance, blobs.iter().map(|blob| blob.hash).collect());
        }
        if held.blobs.len() < blobs.len() {
            // A manifest's own blob is held before the files that it names are known.
            let known = std::mem::replace(&mut held.blobs, blobs.to_vec());
            unpin(&mut self.pins, &known);
            pin(&mut self.pins, blobs);
            desk.order(Output::HoldAppearance { appearance, blobs: blobs.to_vec() });
        }
        if let Some(before) = before
            && before != appearance
        {
            self.drop_holder(desk, holder, before);
        }
    }

    /// `holder` needs nothing any more.
    pub(super) fn release(&mut self, desk: &mut Desk, holder: &Holder) {
        if let Some(appearance) = self.holders.remove(holder) {
            self.miscounted = true;
            self.drop_holder(desk, holder, appearance);
        }
    }

    /// An appearance's blobs are in use: they go last.
    pub(super) fn touch(&mut self, desk: &mut Desk, appearance: &AppearanceId) {
        let Some(held) = self.held.get(appearance) else { return };
        self.uses += 1;
        for blob in &held.blobs {
            if let Some(entry) = self.blobs.get_mut(&blob.hash) {
                entry.used = Used::Since(self.uses);
            }
        }
        desk.order(Output::NoteUse(*appearance));
    }

    /// Makes room if there is more than the limit: least recently used first, never what is held.
    pub(super) fn settle(&mut self, desk: &mut Desk, limit: u64) {
        self.count(desk.now());
        if self.bytes <= limit || !std::mem::take(&mut self.changed) {
            return;
        }
        let mut loose: Vec<(Used, BlobHash, u64)> = self
            .blobs
            .iter()
            .filter(|(hash, _)| !self.pins.contains_key(hash))
            .map(|(hash, entry)| (entry.used, *hash, entry.size))
            .collect();
        loose.sort_unstable();
        let mut excess = self.bytes - limit;
        let enough = loose.into_iter().take_while(|(_, _, size)| {
            let wanted = excess > 0;
            excess = excess.saturating_sub(*size);
            wanted
        });
        let evicted: Vec<BlobHash> = enough.map(|(_, hash, _)| hash).collect();
        self.lost(&evicted);
        for part in evicted.chunks(EVICT_AT_ONCE) {
            desk.order(Output::Evict(part.to_vec()));
        }
    }

    pub(super) fn view(&self, limit: u64) -> CacheView {
        let by_friend = self.shares.clone();
        CacheView { blobs: self.blobs.len() as u64, bytes: self.bytes, limit, by_friend, ..CacheView::default() }
    }

    /// When the shares are counted next.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        let due = self.counted.and_then(|counted| counted.checked_add(COUNT_PACE));
        due.filter(|_| self.miscounted).map(|at| (at, "the cache's shares are counted"))
    }

    /// Counts how much each friend's looks take, if that may have changed, and not at every file that comes.
    fn count(&mut self, now: Instant) {
        let due = self.counted.is_none_or(|counted| now.saturating_duration_since(counted) >= COUNT_PACE);
        if !due || !std::mem::take(&mut self.miscounted) {
            return;
        }
        self.counted = Some(now);
        let (mut seen, mut shares) = (BTreeSet::new(), BTreeMap::<PeerId, Extent>::new());
        for (holder, appearance) in &self.holders {
            let (Holder::Wanted(peer, _) | Holder::Ready(peer, _)) = holder else { continue };
            let share = shares.entry(*peer).or_default();
            for blob in self.held.get(appearance).map_or(&[][..], |held| &held.blobs) {
                if self.blobs.contains_key(&blob.hash) && seen.insert(blob.hash) {
                    share.files += 1;
                    share.bytes = share.bytes.saturating_add(blob.size);
                }
            }
        }
        self.shares = shares.into_iter().filter(|(_, share)| share.files > 0).collect();
        self.shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.bytes));
    }

    /// The limit is another: there may be too much.
    pub(super) const fn limit_changed(&mut self) {
        self.changed = true;
    }

    fn insert(&mut self, blob: BlobRef, used: Used) {
        if let Some(before) = self.blobs.get(&blob.hash) {
            self.bytes = self.bytes.saturating_sub(before.size);
        }
        self.miscounted = true;
        self.changed = true;
        self.bytes = self.bytes.saturating_add(blob.size);
        self.blobs.insert(blob.hash, Entry { size: blob.size, used });
    }

    fn remove(&mut self, hash: &BlobHash) {
        if let Some(entry) = self.blobs.remove(hash) {
            self.bytes = self.bytes.saturating_sub(entry.size);
            self.miscounted = true;
            self.shrunk = true;
        }
    }

    fn drop_holder(&mut self, desk: &mut Desk, holder: &Holder, appearance: AppearanceId) {
        if matches!(holder, Holder::Shown(..)) {
            self.touch(desk, &appearance);
        }
        let Some(held) = self.held.get_mut(&appearance) else { return };
        held.holders.remove(holder);
        self.changed = true;
        if !held.holders.iter().any(|holder| matches!(holder, Holder::Mine(..))) && self.own.remove(&appearance).is_some() {
            self.shrunk = true;
        }
        if held.holders.is_empty()
            && let Some(held) = self.held.remove(&appearance)
        {
            unpin(&mut self.pins, &held.blobs);
            desk.order(Output::ReleaseAppearance(appearance));
        }
    }
}

fn pin(pins: &mut BTreeMap<BlobHash, u32>, blobs: &[BlobRef]) {
    for blob in blobs {
        *pins.entry(blob.hash).or_default() += 1;
    }
}

fn unpin(pins: &mut BTreeMap<BlobHash, u32>, blobs: &[BlobRef]) {
    for blob in blobs {
        if let Some(count) = pins.get_mut(&blob.hash) {
            *count -= 1;
            if *count == 0 {
                pins.remove(&blob.hash);
            }
        }
    }
}
