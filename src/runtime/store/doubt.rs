//! Files in the cache folder that nobody vouches for: after an unclean end, a lost index, or a change from outside.
//!
//! They count as not held. [`Cache::check_some`] hashes them in the background, small ones first; whoever asks for one is not
//! made to wait for the others, since [`Cache::settle_doubt`] hashes it there and then. What is right is kept and listed, what
//! is wrong is removed, and what cannot be read stays as it is until somebody asks for it again.

use super::cache::Cache;
use super::index::Key;
use super::names::Name;
use super::volume::{Stamp, failed};
use super::{StoreError, lock};
use crate::domain::{BlobHash, BlobKind, BlobRef};

/// Files, and about how many bytes, that are checked before the caller can do something else.
const FILES_AT_ONCE: usize = 256;
const BYTES_AT_ONCE: u64 = 64 << 20;

impl Cache {
    /// These files are in doubt.
    pub(super) fn doubt(&self, mut files: Vec<(Key, Stamp)>) {
        if files.is_empty() {
            return;
        }
        tracing::info!(files = files.len(), "files in the cache are checked before they are used");
        files.sort_unstable_by_key(|(key, stamp)| (stamp.size, *key));
        let mut catalogue = lock(&self.catalogue);
        catalogue.unseen.extend(files.iter().map(|(key, _)| *key));
        for ((hash, kind), stamp) in files {
            catalogue.doubtful.entry(hash).or_default().insert(kind, stamp);
        }
    }

    /// Blobs that turned out right since this was last asked.
    pub(super) fn take_found(&self) -> Vec<BlobRef> {
        std::mem::take(&mut lock(&self.catalogue).found)
    }

    /// Checks some of the files in doubt; gives those that turned out right since it was last asked. `None` once all have been
    /// looked at.
    pub(super) fn check_some(&self) -> Option<Vec<BlobRef>> {
        let (mut files, mut bytes) = (0, 0);
        while files < FILES_AT_ONCE && bytes < BYTES_AT_ONCE {
            let Some((key, size)) = self.next_unseen() else { break };
            files += 1;
            bytes += size;
            let _ = self.check(key);
        }
        (files > 0).then(|| self.take_found())
    }

    /// Checks a blob's files now, if they are in doubt.
    pub(super) fn settle_doubt(&self, hash: &BlobHash) {
        let kinds: Vec<BlobKind> =
            lock(&self.catalogue).doubtful.get(hash).into_iter().flat_map(|kinds| kinds.keys().copied()).collect();
        for kind in kinds {
            let _ = self.check((*hash, kind));
        }
    }

    fn next_unseen(&self) -> Option<(Key, u64)> {
        let mut catalogue = lock(&self.catalogue);
        loop {
            let (hash, kind) = catalogue.unseen.pop_front()?;
            if let Some(stamp) = catalogue.doubtful.get(&hash).and_then(|kinds| kinds.get(&kind)) {
                return Some(((hash, kind), stamp.size));
            }
        }
    }

    /// Settles whether a file in doubt is right; its stamp, if that was settled here and now and it is.
    pub(super) fn check(&self, key: Key) -> Result<Option<Stamp>, StoreError> {
        let seen = self.look(&key).inspect_err(|error| tracing::debug!(%error, "a file in the cache cannot be checked yet"))?;
        // Nobody gives another file its name meanwhile.
        let _one = lock(&self.placing);
        let mut catalogue = lock(&self.catalogue);
        if catalogue.take_doubt(&key).is_none() {
            return Ok(None);
        }
        if let Some(stamp) = seen {
            catalogue.add_unlisted(key, stamp);
            catalogue.found.push(BlobRef { hash: key.0, size: stamp.size, kind: key.1 });
            drop(catalogue);
            self.signal.raise();
        } else {
            drop(catalogue);
            tracing::warn!("a file in the cache does not have its content: it is removed");
            self.remove_placed(key);
        }
        Ok(seen)
    }

    /// The stamp of a file that has its content; `None` if it has not, or is gone.
    fn look(&self, (hash, kind): &Key) -> Result<Option<Stamp>, StoreError> {
        let name = Name::blob(hash, *kind);
        match self.volume().stamp(&name) {
            Ok(stamp) => Ok(self.fits(&name, hash, stamp.size)?.then_some(stamp)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("looking at a file", &error)),
        }
    }
}
