//! Moving the cache to another folder while it is in use.
//!
//! Everything is given a second name in the new folder where both are on one volume, or else copied and hashed on the way; what
//! comes meanwhile is carried after. Then, with everybody kept out for a moment, the last differences follow, the new folder is
//! made durable with an index of its own, the note is written that makes it the cache ([`super::marks`]), and every file that is
//! asked for from here on is opened there. Until that note, ending the work or a failure throws the copy away; a killed program
//! does so at its next start. The old folder is removed later, when nobody shows anything from it any more.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use super::cache::Cache;
use super::core::Core;
use super::disk::Disk;
use super::index::{Index, Key};
use super::names::{Found, Name};
use super::sidecar::{self, Bits};
use super::tree::{self, GROUP_LEN};
use super::upkeep::{Report, Steps, amount};
use super::volume::{SharedFile, Stamp, Volume, failed};
use super::{StoreError, marks, place};
use crate::domain::{BlobHash, BlobKind, BlobRef};
use crate::engine::snapshot::Extent;

/// Once no more than this is left to be carried, everybody is kept out for the rest.
const LAST_FILES: usize = 64;
const LAST_BYTES: u64 = 16 << 20;
/// Rounds of carrying what came meanwhile.
const MOST_ROUNDS: usize = 16;
/// Groups of a partial blob that are copied at once: 1 MiB.
const GROUPS_AT_ONCE: u32 = 64;

/// What came of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Where the cache lies.
    pub folder: PathBuf,
    /// How much was carried.
    pub carried: Extent,
    /// Blobs that turned out wrong on the way.
    pub lost: Vec<BlobHash>,
}

/// A move under way.
struct Move<'a> {
    from: PathBuf,
    to: PathBuf,
    disk: Arc<Disk>,
    index: Index,
    floor: u64,
    steps: Steps<'a>,
    /// What is there, as it is there, and whether the new index lists it.
    carried: HashMap<Key, (Stamp, bool)>,
    lost: Vec<BlobHash>,
    /// Whether both folders are on one volume that knows second names.
    links: bool,
}

impl Core {
    /// Moves the cache. `None` if it was ended before: then everything is as it was.
    pub(super) fn relocate(&self, to: &Path, forbidden: &[PathBuf], report: Report<'_>) -> Result<Option<Moved>, StoreError> {
        let from = self.folder().ok_or_else(|| StoreError::Io("a cache in memory cannot be moved".to_owned()))?;
        let to = place::accept(to, &from, forbidden)?;
        if marks::moved_from(&from).is_some() {
            return Err(StoreError::Io(
                "the folder of the last move is not removed yet: start FyteClub again, and then move it".to_owned(),
            ));
        }
        if marks::moved_from(&to).as_deref() == Some(&*from) {
            marks::undo(&from, &to);
        }
        let unusable =
            |error: &io::Error| StoreError::Io(format!("the folder {} cannot be used ({error}): choose another", to.display()));
        if !marks::is_free(&to).map_err(|error| unusable(&error))? {
            let text = format!("there are files in {}: choose an empty folder, or one that does not exist", to.display());
            return Err(StoreError::Io(text));
        }
        fs::create_dir_all(&to).map_err(|error| unusable(&error))?;
        let moved = marks::begin(&from, &to).and_then(|()| self.carry_everything(&from, &to, report));
        if !matches!(moved, Ok(Some(_))) {
            marks::undo(&from, &to);
        }
        moved
    }

    /// Removes what is left of the folder before the last move. How many files could not be removed.
    pub(super) fn remove_old(&self) -> usize {
        self.folder().map_or(0, |folder| marks::remove_old(&folder))
    }

    fn carry_everything(&self, from: &Path, to: &Path, report: Report<'_>) -> Result<Option<Moved>, StoreError> {
        let cache = self.cache();
        let disk = Disk::open(to).map_err(|error| failed("making the new folder", &error))?;
        let index = Index::open(&disk.index(), &disk.identity())?;
        let all = cache.all_believed().into_iter().chain(cache.all_in_doubt());
        let steps = Steps::over(amount(all.map(|(_, size)| size)), report);
        let mut moving = Move {
            from: from.to_owned(),
            to: to.to_owned(),
            disk: Arc::new(disk),
            index,
            floor: cache.free_floor(),
            steps,
            carried: HashMap::new(),
            lost: Vec::new(),
            links: true,
        };
        if !cache.settle_all(&moving.steps) || !moving.carry_most(&cache)? {
            return Ok(None);
        }
        let alone = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        if !moving.carry_rest(&cache)? {
            return Ok(None);
        }
        let (carried, lost) = (moving.steps.done(), std::mem::take(&mut moving.lost));
        let opened = moving.open(&cache)?;
        marks::complete(from, to)?;
        self.use_instead(Arc::new(opened), to.to_owned());
        drop(alone);
        Ok(Some(Moved { folder: to.to_owned(), carried, lost }))
    }
}

impl Move<'_> {
    /// Carries what there is, again and again, until little is left. False if the work was ended.
    fn carry_most(&mut self, cache: &Cache) -> Result<bool, StoreError> {
        for _ in 0..MOST_ROUNDS {
            let todo = self.todo(cache);
            let left = amount(todo.iter().map(|(_, stamp)| stamp.size));
            if !self.carry(cache, todo)? || !self.carry_partials(cache)? {
                return Ok(false);
            }
            self.list()?;
            if left.bytes <= LAST_BYTES && left.files <= LAST_FILES as u64 {
                break;
            }
        }
        Ok(true)
    }

    /// Nothing changes any more in the old folder: makes the new one the same.
    fn carry_rest(&mut self, cache: &Cache) -> Result<bool, StoreError> {
        let todo = self.todo(cache);
        if !self.carry(cache, todo)? || !self.carry_partials(cache)? {
            return Ok(false);
        }
        let evicted: Vec<Key> = self.carried.keys().filter(|key| cache.stamp_of_key(key).is_none()).copied().collect();
        for (hash, kind) in &evicted {
            self.carried.remove(&(*hash, *kind));
            self.disk.remove(&Name::blob(hash, *kind)).map_err(|error| self.failed("removing a file", &error))?;
        }
        self.index.commit(&[], &evicted)?;
        self.list()?;
        Ok(true)
    }

    fn todo(&self, cache: &Cache) -> Vec<(Key, Stamp)> {
        let all = cache.all_believed().into_iter().filter(|(key, _)| !self.carried.contains_key(key));
        all.filter_map(|(key, _)| cache.stamp_of_key(&key).map(|stamp| (key, stamp))).collect()
    }

    fn carry(&mut self, cache: &Cache, todo: Vec<(Key, Stamp)>) -> Result<bool, StoreError> {
        for (key, noted) in todo {
            let before = self.steps.done().bytes;
            match self.carry_one(cache, &key, noted)? {
                Some(stamp) => _ = self.carried.insert(key, (stamp, false)),
                None if self.steps.is_stopped() => return Ok(false),
                None => self.gone(cache, &key, noted.size),
            }
            self.steps.file(before + noted.size);
            if self.steps.is_stopped() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A file that is not what it should be, or is not there, is forgotten here as anywhere.
    fn gone(&mut self, cache: &Cache, key: &Key, size: u64) {
        cache.forget(&key.0, key.1);
        if !cache.holds_any(&BlobRef { hash: key.0, size, kind: key.1 }) {
            self.lost.push(key.0);
        }
    }

    /// The file's stamp in the new folder; `None` if it is not what it should be, or the work was ended.
    fn carry_one(&mut self, cache: &Cache, key: &Key, noted: Stamp) -> Result<Option<Stamp>, StoreError> {
        let name = Name::blob(&key.0, key.1);
        if self.links {
            match self.disk.take_link(&self.from, &name) {
                Ok(stamp) if stamp == noted => return Ok(Some(stamp)),
                // It changed since it was hashed, which a copy will show.
                Ok(_) => self.disk.remove(&name).map_err(|error| self.failed("removing a file", &error))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(_) => {
                    self.links = false;
                    self.check_room(cache)?;
                }
            }
        }
        self.copy(cache, key, noted.size)
    }

    /// Whether everything fits, before the first byte is copied.
    fn check_room(&self, cache: &Cache) -> Result<(), StoreError> {
        let needed = amount(self.todo(cache).iter().map(|(_, stamp)| stamp.size)).bytes;
        let free = self.disk.free().map_err(|error| self.failed("asking for its free space", &error))?;
        if free.saturating_sub(self.floor) >= needed { Ok(()) } else { Err(self.full()) }
    }

    fn copy(&self, cache: &Cache, (hash, kind): &Key, size: u64) -> Result<Option<Stamp>, StoreError> {
        let name = Name::blob(hash, *kind);
        let source = match cache.volume().open(&name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("opening a file", &error)),
        };
        let temporary = Name::temporary(hash, 0);
        let right = self.copy_hashed(&source, &temporary, hash, size);
        let placed = right.and_then(|right| if right { self.disk.rename(&temporary, &name).map(|()| true) } else { Ok(false) });
        if !matches!(placed, Ok(true)) {
            let _ = self.disk.remove(&temporary);
        }
        match placed {
            Ok(true) => self.disk.stamp(&name).map(Some).map_err(|error| self.failed("looking at a file", &error)),
            Ok(false) => Ok(None),
            Err(_) if self.steps.is_stopped() => Ok(None),
            Err(error) => Err(self.failed("copying a file", &error)),
        }
    }

    fn copy_hashed(&self, source: &SharedFile, to: &Name, hash: &BlobHash, size: u64) -> io::Result<bool> {
        let target = self.disk.create(to)?;
        let hashed = tree::hash_all(|offset, buffer| {
            let count = source.read_at(buffer, offset)?;
            target.write_all_at(buffer.get(..count).unwrap_or_default(), offset)?;
            self.steps.bytes(count as u64).map(|()| count)
        })?;
        Ok(hashed.hash == *hash.as_bytes() && hashed.size == size)
    }

    /// Carries what has come of partial blobs, and lets go of those that are none any more.
    fn carry_partials(&mut self, cache: &Cache) -> Result<bool, StoreError> {
        let unread = |error: io::Error| failed("reading it", &error);
        let old = Disk::existing(&self.from).partials().map_err(unread)?;
        for (name, _) in self.disk.partials().map_err(|error| self.failed("reading it", &error))? {
            if !old.iter().any(|(other, _)| *other == name) {
                self.disk.remove(&name).map_err(|error| self.failed("removing a file", &error))?;
            }
        }
        for (_, found) in old {
            let Found::Partial(hash, size) = found else { continue };
            let blob = BlobRef { hash, size, kind: BlobKind::Text };
            self.carry_partial(cache, &blob).map_err(|error| self.failed("copying a file", &error))?;
            self.steps.file(self.steps.done().bytes);
            if self.steps.is_stopped() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn carry_partial(&self, cache: &Cache, blob: &BlobRef) -> io::Result<()> {
        let names = [Name::sidecar(blob), Name::partial(blob)];
        if self.links && names.iter().all(|name| self.disk.take_link(&self.from, name).is_ok()) {
            return Ok(());
        }
        let [side, bytes] = names;
        let (Ok(old_side), Ok(old)) = (cache.volume().open(&side), cache.volume().open(&bytes)) else { return Ok(()) };
        // Without its tree, nothing of it counts.
        let Some(saved) = sidecar::load(&*old_side, blob) else { return Ok(()) };
        let (new_side, new) = (self.disk.open_or_create(&side)?, self.disk.open_or_create(&bytes)?);
        let there = sidecar::load(&*new_side, blob).map(|there| there.bits);
        new.set_len(blob.size)?;
        for run in saved.bits.present() {
            for groups in there.as_ref().map_or_else(|| vec![run.clone()], |there| there.missing(run.clone())) {
                copy_groups(blob, &old, &new, &groups)?;
            }
        }
        let count = tree::group_count(blob.size).unwrap_or_default();
        if there.is_none() {
            sidecar::begin(&*new_side, blob, &Bits::none(count))?;
            sidecar::save_tree(&*new_side, &saved.values)?;
        }
        sidecar::save_bits(&*new_side, &saved.bits, &(0..count))
    }

    /// Makes what was carried durable and lists it.
    fn list(&mut self) -> Result<(), StoreError> {
        let new: Vec<(Key, Stamp)> =
            self.carried.iter().filter(|(_, (_, listed))| !listed).map(|(key, (stamp, _))| (*key, *stamp)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let names: Vec<Name> = new.iter().map(|((hash, kind), _)| Name::blob(hash, *kind)).collect();
        for synced in self.disk.sync(&names) {
            synced.map_err(|error| self.failed("syncing a file", &error))?;
        }
        self.index.commit(&new, &[])?;
        for (key, _) in new {
            if let Some((_, listed)) = self.carried.get_mut(&key) {
                *listed = true;
            }
        }
        Ok(())
    }

    /// The cache in the new folder.
    fn open(self, cache: &Cache) -> Result<Cache, StoreError> {
        cache.elsewhere(self.disk, self.index)
    }

    fn failed(&self, what: &str, error: &io::Error) -> StoreError {
        match failed(what, error) {
            StoreError::Full => self.full(),
            StoreError::Io(_) => {
                StoreError::Io(format!("the cache cannot be moved to {}: {what} failed ({error})", self.to.display()))
            }
            other @ (StoreError::NotHeld | StoreError::Changed(_) | StoreError::BadData) => other,
        }
    }

    fn full(&self) -> StoreError {
        let to = self.to.display();
        StoreError::Io(format!(
            "there is not room enough in {to} for the cache: make room, lower its limit first, or choose another disk"
        ))
    }
}

fn copy_groups(blob: &BlobRef, from: &SharedFile, to: &SharedFile, groups: &Range<u32>) -> io::Result<()> {
    let mut buffer = vec![0; GROUPS_AT_ONCE as usize * GROUP_LEN];
    for first in groups.clone().step_by(GROUPS_AT_ONCE as usize) {
        let range = tree::byte_range(blob.size, &(first..groups.end.min(first.saturating_add(GROUPS_AT_ONCE))));
        let part = buffer.get_mut(..usize::try_from(range.end - range.start).unwrap_or_default()).unwrap_or_default();
        from.read_exact_at(part, range.start)?;
        to.write_all_at(part, range.start)?;
    }
    Ok(())
}
