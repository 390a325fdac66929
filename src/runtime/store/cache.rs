//! The complete blobs in the cache folder.
//!
//! A file gets its final name only after its content was checked, and can be used at once. The index lists it later, when it
//! has been synced. At a start, what is listed and looks unchanged is believed; everything else is in doubt ([`super::doubt`]) and
//! counts as not held until it has been hashed. A believed file's size and time of last change are compared again before its
//! path is given away.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::index::{Index, Key};
use super::keeper::Signal;
use super::names::{Found, Name};
use super::tree;
use super::volume::{FoundFile, SharedFile, Stamp, Volume, failed};
use super::{StoreError, lock, now};
use crate::domain::{BlobHash, BlobKind, BlobRef};
use crate::engine::input::CachedBlob;

/// How long a partial blob that nobody went on with is kept.
const KEEP_PARTIAL_NS: u64 = 14 * 24 * 3600 * 1_000_000_000;
/// A time of last change without anything finer than a millisecond may come from a file system that counts in steps of up to
/// two seconds (FAT): a file that young may change again and look the same.
const COARSE_NS: u64 = 1_000_000;
const COARSE_STEP_NS: u64 = 2_500_000_000;
const NS_PER_MS: u64 = 1_000_000;

/// The complete blobs, and the volume on which they lie.
#[derive(Debug)]
pub(super) struct Cache {
    volume: Arc<dyn Volume>,
    index: Index,
    free_floor: u64,
    pub(super) catalogue: Mutex<Catalogue>,
    /// One rename at a time, so that the stamp that is noted is that of the file that stays.
    pub(super) placing: Mutex<()>,
    /// One checkpoint at a time.
    listing: Mutex<()>,
    temporaries: AtomicU64,
    pub(super) signal: Arc<Signal>,
}

#[derive(Debug, Default)]
pub(super) struct Catalogue {
    blobs: HashMap<BlobHash, Entry>,
    /// In place, never hashed in this run, and not vouched for by the index.
    pub(super) doubtful: HashMap<BlobHash, BTreeMap<BlobKind, Stamp>>,
    /// Those of them that nobody has looked at yet, smallest first.
    pub(super) unseen: VecDeque<Key>,
    /// In place, not in the index.
    unlisted: HashSet<Key>,
    /// In the index, not in place.
    gone: HashSet<Key>,
    /// In doubt until they were hashed and found right; nobody has been told yet.
    pub(super) found: Vec<BlobRef>,
    /// To be removed, refused so far.
    refused: Vec<Name>,
    /// When blobs were last part of a look that was shown, in milliseconds since 1970.
    used: HashMap<BlobHash, u64>,
    /// Those of which the index knows otherwise.
    used_since: HashSet<BlobHash>,
}

#[derive(Debug)]
struct Entry {
    size: u64,
    copies: BTreeMap<BlobKind, Stamp>,
}

impl Cache {
    /// Reads the folder and removes what is left of an unclean end. What the index does not vouch for is in doubt.
    /// `now` is the time in nanoseconds since 1970.
    pub(super) fn open(
        volume: Arc<dyn Volume>,
        index: Index,
        free_floor: u64,
        signal: Arc<Signal>,
        now: u64,
    ) -> Result<Self, StoreError> {
        let cache = Self {
            volume,
            index,
            free_floor,
            catalogue: Mutex::default(),
            placing: Mutex::default(),
            listing: Mutex::default(),
            temporaries: AtomicU64::new(1),
            signal,
        };
        let mut listed: HashMap<Key, Stamp> = cache.index.load()?.into_iter().collect();
        let found = cache.volume.list().map_err(|error| failed("reading it", &error))?;
        cache.remove_leftovers(&found, now);
        let mut doubtful = Vec::new();
        for file in found {
            let Found::Blob(hash, kind) = file.found else { continue };
            if listed.remove(&(hash, kind)) == Some(file.stamp) {
                lock(&cache.catalogue).add((hash, kind), file.stamp);
            } else {
                doubtful.push(((hash, kind), file.stamp));
            }
        }
        lock(&cache.catalogue).gone.extend(listed.into_keys());
        lock(&cache.catalogue).used = cache.index.load_uses()?;
        cache.doubt(doubtful);
        Ok(cache)
    }

    /// The volume, for partial blobs.
    pub(super) fn volume(&self) -> &dyn Volume {
        &*self.volume
    }

    /// Bytes of free disk that are never used.
    pub(super) const fn free_floor(&self) -> u64 {
        self.free_floor
    }

    /// The same cache in another folder, opened from what that folder's index lists.
    pub(super) fn elsewhere(&self, volume: Arc<dyn Volume>, index: Index) -> Result<Self, StoreError> {
        let cache = Self::open(volume, index, self.free_floor, self.signal.clone(), 0)?;
        let used: HashMap<_, _> =
            self.with_use(self.list()).into_iter().map(|known| (known.blob.hash, known.used_unix_ms)).collect();
        let found = self.take_found();
        let mut catalogue = lock(&cache.catalogue);
        catalogue.found = found;
        catalogue.used_since = used.keys().copied().collect();
        catalogue.used = used;
        drop(catalogue);
        cache.signal.raise();
        Ok(cache)
    }

    /// These blobs are part of a look that is shown now, in nanoseconds since 1970.
    pub(super) fn note_use(&self, blobs: &[BlobHash], now: u64) {
        let mut catalogue = lock(&self.catalogue);
        for hash in blobs {
            if catalogue.blobs.contains_key(hash) {
                catalogue.used.insert(*hash, now / NS_PER_MS);
                catalogue.used_since.insert(*hash);
            }
        }
        drop(catalogue);
        self.signal.raise();
    }

    /// When each was last used: shown, or else written. A move writes anew what was written long ago, so a use counts even if it
    /// is older.
    pub(super) fn with_use(&self, blobs: Vec<BlobRef>) -> Vec<CachedBlob> {
        let catalogue = lock(&self.catalogue);
        let used = |blob: &BlobRef| {
            let written = catalogue.stamp(&(blob.hash, blob.kind)).map_or(0, |stamp| stamp.modified / NS_PER_MS);
            catalogue.used.get(&blob.hash).copied().unwrap_or(written)
        };
        blobs.into_iter().map(|blob| CachedBlob { blob, used_unix_ms: used(&blob) }).collect()
    }

    /// Everything that is complete.
    pub(super) fn list(&self) -> Vec<BlobRef> {
        let catalogue = lock(&self.catalogue);
        let all = catalogue
            .blobs
            .iter()
            .flat_map(|(hash, entry)| entry.copies.keys().map(|kind| BlobRef { hash: *hash, size: entry.size, kind: *kind }));
        all.collect()
    }

    /// Whether a blob is complete under its own extension.
    pub(super) fn holds(&self, blob: &BlobRef) -> bool {
        self.any_kind(blob) == Some(blob.kind)
    }

    /// Whether a blob is complete under any extension.
    pub(super) fn holds_any(&self, blob: &BlobRef) -> bool {
        self.any_kind(blob).is_some()
    }

    /// The stamp of a believed file.
    pub(super) fn stamp_of_key(&self, key: &Key) -> Option<Stamp> {
        lock(&self.catalogue).stamp(key)
    }

    /// Opens a blob, under whichever extension it lies. `None` if it is not held, or no longer there.
    pub(super) fn open_file(&self, blob: &BlobRef) -> Result<Option<SharedFile>, StoreError> {
        while let Some(kind) = self.any_kind(blob) {
            match self.volume.open(&Name::blob(&blob.hash, kind)) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => self.forget(&blob.hash, kind),
                Err(error) => return Err(failed("opening a file", &error)),
            }
        }
        Ok(None)
    }

    /// Fails if so many more bytes would leave less than the floor of the disk free.
    pub(super) fn check_room(&self, bytes: u64) -> Result<(), StoreError> {
        let free = self.volume.free().map_err(|error| failed("asking for its free space", &error))?;
        if free >= bytes.saturating_add(self.free_floor) { Ok(()) } else { Err(StoreError::Full) }
    }

    /// Keeps a whole blob whose content has been checked.
    pub(super) fn insert(&self, blob: &BlobRef, content: &[u8]) -> Result<(), StoreError> {
        if self.stamp_of(blob).is_some() {
            return Ok(());
        }
        self.check_room(blob.size)?;
        self.through_temporary(blob, |name| {
            let file = self.volume.create(name).map_err(|error| failed("making a file", &error))?;
            file.write_all_at(content, 0).map_err(|error| failed("writing a file", &error))
        })
    }

    /// Copies a file of somebody else's, checks the copy, and keeps it.
    pub(super) fn adopt(&self, blob: &BlobRef, source: &File) -> Result<(), StoreError> {
        self.check_room(blob.size)?;
        self.through_temporary(blob, |name| {
            self.volume.copy_in(source, name).map_err(|error| failed("copying a file", &error))?;
            if self.fits(name, &blob.hash, blob.size)? { Ok(()) } else { Err(StoreError::BadData) }
        })
    }

    /// Gives a file whose content has been checked its final name. A file that is there already wins.
    pub(super) fn place(&self, blob: &BlobRef, from: &Name) -> Result<(), StoreError> {
        let key = (blob.hash, blob.kind);
        let to = Name::blob(&blob.hash, blob.kind);
        let _one = lock(&self.placing);
        if self.stamp_of(blob).is_some() {
            self.remove_later(from.clone());
            return Ok(());
        }
        self.volume.rename(from, &to).map_err(|error| failed("renaming a file", &error))?;
        let stamp = self.volume.stamp(&to).map_err(|error| failed("looking at a file", &error))?;
        let mut catalogue = lock(&self.catalogue);
        catalogue.take_doubt(&key);
        catalogue.add_unlisted(key, stamp);
        drop(catalogue);
        self.signal.raise();
        Ok(())
    }

    /// Where a blob lies under its own extension, for a program outside. `None` if it is not held.
    pub(super) fn locate(&self, blob: &BlobRef) -> Result<Option<PathBuf>, StoreError> {
        while let Some(kind) = self.any_kind(blob) {
            let name = Name::blob(&blob.hash, kind);
            if !self.still_fits(blob, kind, &name)? {
                self.forget(&blob.hash, kind);
            } else if kind == blob.kind {
                return self.volume.path(&name).map(Some).map_err(|error| failed("showing a file", &error));
            } else {
                self.through_temporary(blob, |temporary| {
                    self.volume.link(&name, temporary).map_err(|error| failed("linking a file", &error))
                })?;
            }
        }
        Ok(None)
    }

    /// Removes a blob that turned out not to have its content, or to be gone, under one extension.
    pub(super) fn forget(&self, hash: &BlobHash, kind: BlobKind) {
        tracing::warn!("a file in the cache was changed or removed by another program: it is not used");
        self.unlist((*hash, kind));
        self.remove_copy(hash, kind);
    }

    /// Takes a file that was believed out of the index before anything else: if it cannot be removed, and the program ends, it
    /// must not be believed again.
    fn unlist(&self, key: Key) {
        let _one = lock(&self.listing);
        lock(&self.catalogue).drop_copy(&key);
        if let Err(error) = self.index.commit(&[], &[key]) {
            tracing::debug!(%error, "a file cannot be taken out of the index yet");
        }
    }

    /// Removes a blob under all extensions because its content is not what it should be.
    pub(super) fn forget_all(&self, hash: &BlobHash) {
        for kind in self.kinds(hash) {
            self.forget(hash, kind);
        }
    }

    /// Removes a blob under all extensions.
    pub(super) fn remove(&self, hash: &BlobHash) {
        self.settle_doubt(hash);
        for kind in self.kinds(hash) {
            self.remove_copy(hash, kind);
        }
    }

    /// Removes a file, now or, if that is refused, at a later checkpoint.
    pub(super) fn remove_later(&self, name: Name) {
        if let Err(error) = self.volume.remove(&name) {
            tracing::debug!(%error, "a file in the cache cannot be removed yet");
            lock(&self.catalogue).refused.push(name);
        }
    }

    /// Syncs what is in place and lists it in one durable step.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        let _one = lock(&self.listing);
        let (unlisted, gone, refused) = lock(&self.catalogue).take_changes();
        for name in refused {
            self.remove_refused(name);
        }
        self.list_uses()?;
        if unlisted.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let before = lock(&self.catalogue).stamps(&unlisted);
        let names: Vec<Name> = before.iter().map(|((hash, kind), _)| Name::blob(hash, *kind)).collect();
        let results = self.volume.sync(&names);
        // What was replaced meanwhile is another file, and waits for the next checkpoint.
        let now = now();
        let listed: Vec<(Key, Stamp)> = {
            let catalogue = lock(&self.catalogue);
            let synced = before.iter().zip(&results).filter(|(_, result)| result.is_ok()).map(|(listed, _)| *listed);
            synced.filter(|(key, stamp)| catalogue.stamp(key) == Some(*stamp) && is_settled(*stamp, now)).collect()
        };
        if before.iter().any(|(_, stamp)| !is_settled(*stamp, now) && stamp.modified <= now) {
            self.signal.raise();
        }
        let committed = self.index.commit(&listed, &gone);
        self.note_checkpoint(unlisted, gone, &listed, committed)?;
        let missing = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
        match results.into_iter().filter_map(Result::err).find(|error| !missing(error)) {
            None => Ok(()),
            Some(error) => Err(failed("syncing a file", &error)),
        }
    }

    /// Lists when blobs were last used. What is lost here of it costs no more than a worse choice when the cache is full.
    fn list_uses(&self) -> Result<(), StoreError> {
        let mut catalogue = lock(&self.catalogue);
        let changed = std::mem::take(&mut catalogue.used_since);
        if changed.is_empty() {
            return Ok(());
        }
        let changes: Vec<_> = changed.into_iter().map(|hash| (hash, catalogue.used.get(&hash).copied())).collect();
        drop(catalogue);
        self.index.commit_uses(&changes)
    }

    /// Tries again to remove a file, unless its blob has come back meanwhile.
    fn remove_refused(&self, name: Name) {
        let _one = lock(&self.placing);
        let back = name.as_blob().is_some_and(|key| lock(&self.catalogue).stamp(&key).is_some());
        if !back {
            self.remove_later(name);
        }
    }

    /// Puts back what a checkpoint could not do.
    fn note_checkpoint(
        &self,
        unlisted: Vec<Key>,
        gone: Vec<Key>,
        listed: &[(Key, Stamp)],
        committed: Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut catalogue = lock(&self.catalogue);
        if committed.is_err() {
            catalogue.put_back(unlisted, gone);
        } else {
            let listed: HashSet<Key> = listed.iter().map(|(key, _)| *key).collect();
            catalogue.put_back(unlisted.into_iter().filter(|key| !listed.contains(key)).collect(), Vec::new());
        }
        committed
    }

    /// Writes to a temporary file and places it; whatever happens, the temporary file does not stay.
    fn through_temporary(&self, blob: &BlobRef, fill: impl FnOnce(&Name) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let name = Name::temporary(&blob.hash, self.temporaries.fetch_add(1, Ordering::Relaxed));
        fill(&name).and_then(|()| self.place(blob, &name)).inspect_err(|_| self.remove_later(name))
    }

    fn any_kind(&self, blob: &BlobRef) -> Option<BlobKind> {
        self.settle_doubt(&blob.hash);
        let catalogue = lock(&self.catalogue);
        let entry = catalogue.blobs.get(&blob.hash).filter(|entry| entry.size == blob.size)?;
        entry.copies.get_key_value(&blob.kind).or_else(|| entry.copies.first_key_value()).map(|(kind, _)| *kind)
    }

    fn stamp_of(&self, blob: &BlobRef) -> Option<Stamp> {
        lock(&self.catalogue).stamp(&(blob.hash, blob.kind))
    }

    fn kinds(&self, hash: &BlobHash) -> Vec<BlobKind> {
        lock(&self.catalogue).blobs.get(hash).map(|entry| entry.copies.keys().copied().collect()).unwrap_or_default()
    }

    /// Whether the file looks as it did when its content was checked, or else still has that content.
    fn still_fits(&self, blob: &BlobRef, kind: BlobKind, name: &Name) -> Result<bool, StoreError> {
        let noted = self.stamp_of(&BlobRef { kind, ..*blob });
        let stamp = match self.volume.stamp(name) {
            Ok(stamp) => stamp,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(failed("looking at a file", &error)),
        };
        if noted == Some(stamp) {
            return Ok(true);
        }
        let fits = self.fits(name, &blob.hash, blob.size)?;
        if fits {
            lock(&self.catalogue).add_unlisted((blob.hash, kind), stamp);
            self.signal.raise();
        }
        Ok(fits)
    }

    /// Whether a file's content has this hash and size.
    pub(super) fn fits(&self, name: &Name, hash: &BlobHash, size: u64) -> Result<bool, StoreError> {
        let file = self.volume.open(name).map_err(|error| failed("opening a file", &error))?;
        let hashed =
            tree::hash_all(|offset, buffer| file.read_at(buffer, offset)).map_err(|error| failed("reading a file", &error))?;
        Ok(hashed.hash == *hash.as_bytes() && hashed.size == size)
    }

    fn remove_copy(&self, hash: &BlobHash, kind: BlobKind) {
        let _one = lock(&self.placing);
        self.remove_placed((*hash, kind));
    }

    /// Removes a file that nobody can place meanwhile: `placing` is held.
    pub(super) fn remove_placed(&self, key: Key) {
        let mut catalogue = lock(&self.catalogue);
        catalogue.drop_copy(&key);
        catalogue.gone.insert(key);
        drop(catalogue);
        self.remove_later(Name::blob(&key.0, key.1));
        self.signal.raise();
    }

    fn remove_leftovers(&self, found: &[FoundFile], now: u64) {
        // A clock that jumped ahead makes nothing old: the newest file here has seen a time that was true.
        let newest = found.iter().map(|file| file.stamp.modified).filter(|modified| *modified <= now).max();
        let now = newest.unwrap_or(now);
        let sidecars: HashSet<_> = found.iter().filter_map(|file| partial_of(file, false)).collect();
        let bytes: HashSet<_> = found.iter().filter_map(|file| partial_of(file, true)).collect();
        for file in found {
            let stale = match file.found {
                Found::Blob(..) => false,
                Found::Temporary => true,
                Found::Partial(hash, size) => {
                    !sidecars.contains(&(hash, size)) || now.saturating_sub(file.stamp.modified) > KEEP_PARTIAL_NS
                }
                Found::Sidecar(hash, size) => !bytes.contains(&(hash, size)),
            };
            if stale {
                self.remove_later(file.name.clone());
            }
        }
    }
}

impl Catalogue {
    pub(super) fn add(&mut self, (hash, kind): Key, stamp: Stamp) {
        let entry = self.blobs.entry(hash).or_insert_with(|| Entry { size: stamp.size, copies: BTreeMap::new() });
        entry.copies.insert(kind, stamp);
    }

    /// Adds what was just hashed: the index does not list it yet.
    pub(super) fn add_unlisted(&mut self, key: Key, stamp: Stamp) {
        self.add(key, stamp);
        self.gone.remove(&key);
        self.unlisted.insert(key);
    }

    /// The file is no longer in doubt; its stamp, if it was.
    pub(super) fn take_doubt(&mut self, (hash, kind): &Key) -> Option<Stamp> {
        let kinds = self.doubtful.get_mut(hash)?;
        let stamp = kinds.remove(kind);
        if kinds.is_empty() {
            self.doubtful.remove(hash);
        }
        stamp
    }

    fn drop_copy(&mut self, key: &Key) {
        if let Some(entry) = self.blobs.get_mut(&key.0) {
            entry.copies.remove(&key.1);
            if entry.copies.is_empty() {
                self.blobs.remove(&key.0);
                if self.used.remove(&key.0).is_some() {
                    self.used_since.insert(key.0);
                }
            }
        }
        self.unlisted.remove(key);
    }

    fn stamps(&self, keys: &[Key]) -> Vec<(Key, Stamp)> {
        keys.iter().filter_map(|key| self.stamp(key).map(|stamp| (*key, stamp))).collect()
    }

    pub(super) fn is_in_doubt(&self, (hash, kind): &Key) -> bool {
        self.doubtful.get(hash).is_some_and(|kinds| kinds.contains_key(kind))
    }

    pub(super) fn stamp(&self, (hash, kind): &Key) -> Option<Stamp> {
        self.blobs.get(hash)?.copies.get(kind).copied()
    }

    fn take_changes(&mut self) -> (Vec<Key>, Vec<Key>, Vec<Name>) {
        let unlisted = std::mem::take(&mut self.unlisted).into_iter().collect();
        let gone = std::mem::take(&mut self.gone).into_iter().collect();
        (unlisted, gone, std::mem::take(&mut self.refused))
    }

    fn put_back(&mut self, unlisted: Vec<Key>, gone: Vec<Key>) {
        for key in unlisted {
            if self.stamp(&key).is_some() {
                self.unlisted.insert(key);
            }
        }
        for key in gone {
            if self.stamp(&key).is_none() {
                self.gone.insert(key);
            }
        }
    }
}

/// Whether a later change of the file is sure to show in its stamp.
const fn is_settled(stamp: Stamp, now: u64) -> bool {
    !stamp.modified.is_multiple_of(COARSE_NS) || now.saturating_sub(stamp.modified) > COARSE_STEP_NS
}

fn partial_of(file: &FoundFile, bytes: bool) -> Option<(BlobHash, u64)> {
    match file.found {
        Found::Partial(hash, size) => bytes.then_some((hash, size)),
        Found::Sidecar(hash, size) => (!bytes).then_some((hash, size)),
        Found::Blob(..) | Found::Temporary => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_may_change_unseen_is_not_settled() {
        let at = |modified| Stamp { size: 1, modified };
        let now = 1_800_000_000_000_000_000;
        assert!(is_settled(at(now - 1), now), "fine times show every change");
        assert!(!is_settled(at(now), now) && !is_settled(at(now - 2_000_000_000), now), "within two seconds of FAT");
        assert!(is_settled(at(now - 4_000_000_000), now));
        assert!(!is_settled(at(now + 3_600_000_000_000), now), "the clock was set back");
    }
}
