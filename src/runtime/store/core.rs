//! What the store does, on the caller's thread: finds where a blob lies, reads it checked, takes it in.

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use bytes::Bytes;

use super::cache::Cache;
use super::disk::DiskFile;
use super::holds::Holds;
use super::identity::open_regular;
use super::keeper::Kept;
use super::model;
use super::own::Own;
use super::partial::PartialFile;
use super::reader::{Opened, ReadFailure, Reader};
use super::tree::{self, Value};
use super::volume::{VolumeFile, failed};
use super::{StoreError, lock};
use crate::domain::{BlobHash, BlobRef};

/// The greatest blob that is read or taken whole, in bytes.
const MOST_WHOLE: u64 = 4 << 20;
/// The greatest blob that is received, in bytes: no file of the game comes near it.
const MOST_RECEIVED: u64 = 16 << 30;
/// How long a partial blob that nobody asks for stays open.
const PARTIAL_IDLE: Duration = Duration::from_secs(60);

/// The parts of the store.
#[derive(Debug)]
pub(super) struct Core {
    /// Another one after a move.
    cache: Mutex<Arc<Cache>>,
    /// Where it lies, unless in memory.
    folder: Mutex<Option<PathBuf>>,
    /// Held for reading by whoever uses the cache, and for writing by a move's last step.
    pub(super) gate: RwLock<()>,
    pub(super) own: Own,
    pub(super) holds: Holds,
    reader: Reader,
    partials: Mutex<HashMap<(BlobHash, u64), Arc<PartialFile>>>,
}

impl Core {
    /// The store over this cache, with nothing held and no own files.
    pub(super) fn new(cache: Cache, folder: Option<PathBuf>) -> Self {
        let (cache, folder) = (Mutex::new(Arc::new(cache)), Mutex::new(folder));
        Self {
            cache,
            folder,
            gate: RwLock::default(),
            own: Own::default(),
            holds: Holds::default(),
            reader: Reader::default(),
            partials: Mutex::default(),
        }
    }

    /// The cache as it is now.
    pub(super) fn cache(&self) -> Arc<Cache> {
        lock(&self.cache).clone()
    }

    /// Where it lies, unless in memory.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        lock(&self.folder).clone()
    }

    /// Uses this cache from here on; everything is opened anew. Nobody is at work with the other one.
    pub(super) fn use_instead(&self, cache: Arc<Cache>, folder: PathBuf) {
        *lock(&self.cache) = cache;
        *lock(&self.folder) = Some(folder);
        self.reader.close_all();
        for partial in lock(&self.partials).values() {
            partial.close();
        }
    }

    /// Removes everything that nobody needs; those that are gone then.
    pub(super) fn clear(&self) -> Vec<BlobHash> {
        let gone = self.cache().clear(|hash| self.holds.is_pinned(hash));
        for hash in &gone {
            self.reader.close(hash);
        }
        gone
    }

    /// Takes a whole blob.
    pub(super) fn put(&self, blob: &BlobRef, content: &[u8]) -> Result<(), StoreError> {
        let right = blob.size <= MOST_WHOLE && blob.size == content.len() as u64 && blob.hash == BlobHash::of(content);
        if right { self.cache().insert(blob, content) } else { Err(StoreError::BadData) }
    }

    /// Reads a whole blob, checked.
    pub(super) fn read_blob(&self, blob: &BlobRef) -> Result<Bytes, StoreError> {
        if blob.size > MOST_WHOLE {
            return Err(StoreError::Io("a blob of more than 4 MiB is read in groups".to_owned()));
        }
        if let Some(file) = self.cache().open_file(blob)? {
            match read_whole(&*file, blob) {
                Ok(content) => return Ok(content),
                Err(ReadFailure::Wrong) => self.cache().forget_all(&blob.hash),
                Err(ReadFailure::Io(error)) => return Err(failed("reading a file", &error)),
            }
        }
        self.with_own(blob, |file| read_whole(file, blob).map_err(|_| StoreError::BadData))
    }

    /// Reads groups, checked.
    pub(super) fn read_groups(&self, blob: &BlobRef, groups: &Range<u32>) -> Result<Bytes, StoreError> {
        if groups.is_empty() || tree::group_count(blob.size).is_none_or(|count| groups.end > count) {
            return Err(StoreError::NotHeld);
        }
        let mut changed = false;
        // Each source that fails is forgotten, so this ends.
        loop {
            let gone = changed.then_some(StoreError::Changed(blob.hash));
            let opened = self.source(blob).map_err(|error| gone.filter(|_| error == StoreError::NotHeld).unwrap_or(error))?;
            match (opened.read(groups), &opened.own) {
                (Ok(content), _) => return Ok(content),
                (Err(_), Some(path)) => {
                    changed = true;
                    self.own.forget(path);
                }
                (Err(ReadFailure::Wrong), None) => self.cache().forget_all(&blob.hash),
                (Err(ReadFailure::Io(error)), None) => return Err(failed("reading a file", &error)),
            }
            self.reader.close(&blob.hash);
        }
    }

    /// Fills the buffer from anywhere within the blob, checked.
    fn read_exact_at(&self, blob: &BlobRef, buffer: &mut [u8], offset: u64) -> Result<(), StoreError> {
        let (groups, skipped) = tree::groups_around(offset, buffer.len());
        let content = self.read_groups(blob, &groups)?;
        let wanted = content.get(skipped..).and_then(|content| content.get(..buffer.len())).ok_or(StoreError::BadData)?;
        buffer.copy_from_slice(wanted);
        Ok(())
    }

    /// The triangles of these models together.
    pub(super) fn triangles(&self, models: &[BlobRef]) -> Result<u64, StoreError> {
        models.iter().try_fold(0_u64, |sum, blob| {
            let here = model::triangles(blob.size, |buffer, offset| self.read_exact_at(blob, buffer, offset))?;
            Ok(sum.saturating_add(here))
        })
    }

    /// A blob's tree.
    pub(super) fn tree(&self, blob: &BlobRef) -> Result<Arc<[Value]>, StoreError> {
        Ok(self.source(blob)?.values.clone())
    }

    /// Begins, or goes on with, receiving a blob.
    pub(super) fn partial(&self, blob: BlobRef) -> Result<Arc<PartialFile>, StoreError> {
        let too_large = || StoreError::Io("a blob of more than 16 GiB is not received".to_owned());
        if blob.size > MOST_RECEIVED {
            return Err(too_large());
        }
        let fresh = Arc::new(PartialFile::new(blob).ok_or_else(too_large)?);
        match self.materialise(&blob) {
            Ok(_) => {
                fresh.mark_placed();
                return Ok(fresh);
            }
            Err(StoreError::NotHeld | StoreError::Changed(_)) => {}
            Err(error @ (StoreError::BadData | StoreError::Full | StoreError::Io(_))) => return Err(error),
        }
        let partial = lock(&self.partials).entry((blob.hash, blob.size)).or_insert(fresh).clone();
        if partial.resume(&self.cache())? {
            self.received(&blob, &partial);
        }
        Ok(partial)
    }

    /// Takes groups of a blob; true once it is complete.
    pub(super) fn put_groups(
        &self,
        blob: &BlobRef,
        partial: &PartialFile,
        first: u32,
        content: &[u8],
    ) -> Result<bool, StoreError> {
        let complete = partial.put_groups(&self.cache(), first, content)?;
        if complete {
            self.received(blob, partial);
        }
        Ok(complete)
    }

    /// Where a program outside finds a complete blob.
    pub(super) fn materialise(&self, blob: &BlobRef) -> Result<PathBuf, StoreError> {
        if let Some(path) = self.cache().locate(blob)? {
            return Ok(path);
        }
        self.with_own(blob, |file| self.cache().adopt(blob, &file.0))?;
        self.cache().locate(blob)?.ok_or(StoreError::NotHeld)
    }

    /// Removes blobs that no held appearance needs. Those of the list that are not in the cache (any more).
    pub(super) fn evict(&self, hashes: Vec<BlobHash>) -> Vec<BlobHash> {
        let free: Vec<BlobHash> = hashes.into_iter().filter(|hash| !self.holds.is_pinned(hash)).collect();
        for hash in &free {
            self.cache().remove(hash);
            self.reader.close(hash);
        }
        free
    }

    /// A complete blob is no longer a partial one; its tree is known without another reading.
    fn received(&self, blob: &BlobRef, partial: &PartialFile) {
        if let Some(values) = partial.values().filter(|values| values.len() > 1) {
            self.reader.keep_tree(blob.hash, values);
        }
        lock(&self.partials).remove(&(blob.hash, blob.size));
    }

    /// Opens a blob for reading by groups, wherever it lies.
    fn source(&self, blob: &BlobRef) -> Result<Arc<Opened>, StoreError> {
        if let Some(opened) = self.reader.opened(blob) {
            return Ok(opened);
        }
        let opened = match self.cached(blob)? {
            Some(opened) => Arc::new(opened),
            None => Arc::new(self.own_file(blob)?),
        };
        self.reader.keep_open(blob.hash, opened.clone());
        Ok(opened)
    }

    fn cached(&self, blob: &BlobRef) -> Result<Option<Opened>, StoreError> {
        let Some(file) = self.cache().open_file(blob)? else { return Ok(None) };
        let values = if tree::group_count(blob.size) == Some(1) {
            Some(Arc::from([*blob.hash.as_bytes()]))
        } else {
            self.reader.tree(&blob.hash)
        };
        if let Some(values) = values {
            return Ok(Some(Opened { file, size: blob.size, values, own: None }));
        }
        let hashed =
            tree::hash_all(|offset, buffer| file.read_at(buffer, offset)).map_err(|error| failed("reading a file", &error))?;
        if hashed.hash != *blob.hash.as_bytes() || hashed.size != blob.size {
            self.cache().forget_all(&blob.hash);
            return Ok(None);
        }
        let values: Arc<[Value]> = hashed.values.into();
        self.reader.keep_tree(blob.hash, values.clone());
        Ok(Some(Opened { file, size: blob.size, values, own: None }))
    }

    fn own_file(&self, blob: &BlobRef) -> Result<Opened, StoreError> {
        let mut changed = false;
        while let Some(source) = self.own.find(blob) {
            if let Ok((file, _)) = open_regular(&source.path) {
                let file = Arc::new(DiskFile(file));
                return Ok(Opened { file, size: blob.size, values: source.values, own: Some(source.path) });
            }
            self.own.forget(&source.path);
            changed = true;
        }
        Err(if changed { StoreError::Changed(blob.hash) } else { StoreError::NotHeld })
    }

    /// Does something with the first own file that still has the blob's content; `BadData` says that it has not.
    fn with_own<T>(&self, blob: &BlobRef, act: impl Fn(&DiskFile) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut changed = false;
        while let Some(source) = self.own.find(blob) {
            let opened = open_regular(&source.path).map(|(file, _)| DiskFile(file));
            match opened.map_err(|_| StoreError::BadData).and_then(|file| act(&file)) {
                Err(StoreError::BadData) => {
                    self.own.forget(&source.path);
                    self.reader.close(&blob.hash);
                    changed = true;
                }
                result => return result,
            }
        }
        Err(if changed { StoreError::Changed(blob.hash) } else { StoreError::NotHeld })
    }
}

impl Kept for Core {
    fn checkpoint(&self) -> Result<(), StoreError> {
        self.cache().checkpoint()
    }

    fn tidy(&self) {
        self.reader.close_idle();
        let in_use = |partial: &Arc<PartialFile>| Arc::strong_count(partial) > 1 || partial.idle() < PARTIAL_IDLE;
        lock(&self.partials).retain(|_, partial| in_use(partial));
    }
}

fn read_whole(file: &dyn VolumeFile, blob: &BlobRef) -> Result<Bytes, ReadFailure> {
    let mut content = vec![0; usize::try_from(blob.size).map_err(|_| ReadFailure::Wrong)?];
    file.read_exact_at(&mut content, 0).map_err(ReadFailure::from)?;
    if blob.hash == BlobHash::of(&content) { Ok(content.into()) } else { Err(ReadFailure::Wrong) }
}
