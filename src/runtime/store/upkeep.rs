//! Checking every file of the cache, and emptying it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::cache::Cache;
use super::index::Key;
use super::names::Name;
use super::volume::failed;
use super::{StoreError, lock, tree};
use crate::domain::{BlobHash, BlobRef};
use crate::engine::snapshot::Extent;

/// Is told how far a long work has come, of what; `false` ends it.
pub type Report<'a> = &'a dyn Fn(Extent, Extent) -> bool;

/// How far a long work has come.
pub(super) struct Steps<'a> {
    total: Extent,
    done: Cell<Extent>,
    stopped: Cell<bool>,
    report: Report<'a>,
}

/// What came of checking every file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// What was looked at.
    pub checked: Extent,
    /// Files that did not have their content, or were gone: none of them counts any more.
    pub wrong: u64,
    /// Files that could not be read; they stay, and are checked before they are used.
    pub unreadable: u64,
    /// Blobs that are not in the cache any more.
    pub lost: Vec<BlobHash>,
}

impl<'a> Steps<'a> {
    pub(super) fn over(total: Extent, report: Report<'a>) -> Self {
        let steps = Self { total, done: Cell::default(), stopped: Cell::new(false), report };
        steps.tell();
        steps
    }

    /// So many more bytes are done. An error ends the work.
    pub(super) fn bytes(&self, count: u64) -> std::io::Result<()> {
        let done = self.done.get();
        self.done.set(Extent { bytes: done.bytes + count, ..done });
        self.tell();
        if self.stopped.get() { Err(std::io::Error::other("the work was ended")) } else { Ok(()) }
    }

    /// One more file is done, and so many bytes are up to here.
    pub(super) fn file(&self, bytes: u64) {
        let done = self.done.get();
        self.done.set(Extent { files: done.files + 1, bytes });
        self.tell();
    }

    pub(super) const fn done(&self) -> Extent {
        self.done.get()
    }

    /// Whether somebody has ended the work.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped.get()
    }

    fn tell(&self) {
        if !(self.report)(self.done.get(), self.total) {
            self.stopped.set(true);
        }
    }
}

impl Cache {
    /// Hashes every file, or those of these blobs `only`. `None` if it was ended before.
    ///
    /// # Errors
    /// If the folder itself cannot be used.
    pub(super) fn verify(&self, only: Option<&BTreeSet<BlobHash>>, report: Report<'_>) -> Result<Option<Verified>, StoreError> {
        let meant = |((hash, _), _): &(Key, u64)| only.is_none_or(|only| only.contains(hash));
        let (mut doubtful, mut believed) = (self.all_in_doubt(), self.all_believed());
        doubtful.retain(meant);
        believed.retain(meant);
        let all = || believed.iter().chain(&doubtful);
        let steps = Steps::over(amount(all().map(|(_, size)| *size)), report);
        let verified = RefCell::new(Verified::default());
        for (key, size) in all() {
            let before = steps.done().bytes;
            self.volume().probe().map_err(|error| failed("looking for it", &error))?;
            self.verify_one(*key, &steps, &mut verified.borrow_mut());
            if steps.is_stopped() {
                return Ok(None);
            }
            steps.file(before + size);
        }
        let mut verified = verified.into_inner();
        verified.checked = steps.done();
        Ok(Some(verified))
    }

    /// Settles everything that is in doubt. False if it was ended before.
    pub(super) fn settle_all(&self, steps: &Steps<'_>) -> bool {
        for (key, _) in self.all_in_doubt() {
            let _ = self.check(key);
            steps.tell();
            if steps.is_stopped() {
                return false;
            }
        }
        true
    }

    /// Removes every complete blob that is not needed; those that are gone then.
    pub(super) fn clear(&self, is_needed: impl Fn(&BlobHash) -> bool) -> Vec<BlobHash> {
        let all: BTreeSet<BlobHash> =
            self.all_believed().into_iter().chain(self.all_in_doubt()).map(|((hash, _), _)| hash).collect();
        let loose: Vec<BlobHash> = all.into_iter().filter(|hash| !is_needed(hash)).collect();
        for hash in &loose {
            self.remove(hash);
        }
        loose
    }

    /// Complete files that were hashed in this run, or are vouched for by the index, with their sizes.
    pub(super) fn all_believed(&self) -> Vec<(Key, u64)> {
        let mut all: Vec<(Key, u64)> = self.list().into_iter().map(|blob| ((blob.hash, blob.kind), blob.size)).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn all_in_doubt(&self) -> Vec<(Key, u64)> {
        let catalogue = lock(&self.catalogue);
        let all =
            catalogue.doubtful.iter().flat_map(|(hash, kinds)| kinds.iter().map(|(kind, stamp)| ((*hash, *kind), stamp.size)));
        all.collect()
    }

    fn verify_one(&self, key: Key, steps: &Steps<'_>, verified: &mut Verified) {
        if lock(&self.catalogue).is_in_doubt(&key) {
            return match self.check(key) {
                Ok(Some(_)) => {}
                Ok(None) => verified.wrong += 1,
                Err(_) => verified.unreadable += 1,
            };
        }
        let Some(noted) = lock(&self.catalogue).stamp(&key) else { return };
        match self.hash_watched(&key, noted.size, steps) {
            _ if steps.is_stopped() => {}
            Ok(true) => {}
            Ok(false) => {
                self.forget(&key.0, key.1);
                verified.wrong += 1;
                let blob = BlobRef { hash: key.0, size: noted.size, kind: key.1 };
                if !self.holds_any(&blob) {
                    verified.lost.push(key.0);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "a file in the cache cannot be read");
                verified.unreadable += 1;
            }
        }
    }

    fn hash_watched(&self, (hash, kind): &Key, size: u64, steps: &Steps<'_>) -> std::io::Result<bool> {
        let file = match self.volume().open(&Name::blob(hash, *kind)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        let hashed = tree::hash_all(|offset, buffer| {
            let count = file.read_at(buffer, offset)?;
            steps.bytes(count as u64).map(|()| count)
        })?;
        Ok(hashed.hash == *hash.as_bytes() && hashed.size == size)
    }
}

/// So many files of these sizes.
pub(super) fn amount(sizes: impl Iterator<Item = u64>) -> Extent {
    sizes.fold(Extent::default(), |all, size| Extent { files: all.files + 1, bytes: all.bytes.saturating_add(size) })
}
