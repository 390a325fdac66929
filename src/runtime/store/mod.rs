//! Bytes of blobs on disk (or in memory), verified before they count.
//!
//! | module | what it knows |
//! |---|---|
//! | `tree` | the chaining values of a blob's groups, and the hash that they make |
//! | `names` | how files in the cache folder are called |
//! | `volume`, `disk`, `memory` | what is needed of a file system, and the two that there are |
//! | `index` | which complete blobs are durable |
//! | `cache` | the complete blobs: placing, locating, removing, listing |
//! | `doubt` | files that nobody vouches for, checked before they count |
//! | `partial`, `sidecar` | blobs being received |
//! | `own`, `identity`, `model` | the user's own files: hashing, the memory of what is unchanged, triangles |
//! | `reader` | open files and trees at hand |
//! | `holds` | which appearance is made of what |
//! | `upkeep` | checking every file, emptying the cache |
//! | `relocate`, `marks`, `place` | moving it to another folder: the work, the notes that survive a crash, where it may lie |
//! | `core` | puts these together, on the caller's thread |
//! | `keeper` | the background thread |
//!
//! Wherever bytes come from, they are checked against the blob's tree or hash before anybody gets them. A file in the cache
//! that fails is removed and counts as not held; an own file that fails is [`StoreError::Changed`].

mod cache;
mod core;
mod disk;
mod doubt;
#[doc(hidden)]
pub mod fuzzing;
mod holds;
mod identity;
mod index;
mod keeper;
mod marks;
mod memory;
mod model;
mod names;
mod own;
mod parallel;
mod partial;
mod place;
mod reader;
mod relocate;
mod sidecar;
#[cfg(test)]
mod tests;
mod tree;
mod upkeep;
mod volume;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use self::cache::Cache;
use self::core::Core;
use self::disk::Disk;
use self::index::Index;
use self::keeper::{Keeper, Signal};
use self::memory::Memory;
use self::partial::PartialFile;
pub use self::relocate::Moved;
pub use self::upkeep::{Report, Verified};
use self::volume::Volume;
use crate::domain::{AppearanceId, BlobHash, BlobRef};
use crate::engine::input::{CachedBlob, HashedFile};
use crate::engine::output::FileToHash;

/// Why the store could not take or find something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Not held (under that appearance).
    #[error("the blob is not held")]
    NotHeld,
    /// One of the user's own files no longer has the content that it was published with.
    #[error("a published file has changed")]
    Changed(BlobHash),
    /// Bytes that do not have the hash they should.
    #[error("the bytes do not have the hash they should")]
    BadData,
    /// The disk is full (below the floor that is never used).
    #[error("the disk with the cache is full: make room or move the cache")]
    Full,
    /// The system said no; one sentence.
    #[error("{0}")]
    Io(String),
}

/// Where a store keeps its things.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The cache folder; made if missing.
    pub folder: PathBuf,
    /// Bytes of free disk that are never used.
    pub free_floor: u64,
}

/// The store. Clones are cheap and all alike. Every `async` call does its work on blocking threads.
#[derive(Clone, Debug)]
pub struct Store(Arc<Shared>);

/// The store's parts and its thread, which ends before they do.
#[derive(Debug)]
struct Shared {
    _keeper: Keeper,
    core: Arc<Core>,
    /// The folder that it was opened with sent it on to another.
    followed: bool,
}

impl Store {
    /// Opens (or makes) a store on disk. Blocks. Also returns what it holds, complete and verified; what is still in doubt after
    /// an unclean end comes by [`Store::check_some`].
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be made, read or written.
    pub fn open(config: StoreConfig) -> Result<(Self, Vec<BlobRef>), StoreError> {
        let StoreConfig { folder, free_floor } = config;
        // Named absolutely, as a move's notes name it.
        let named = place::resolve(&std::path::absolute(&folder).unwrap_or(folder));
        let folder = marks::follow(&named)?;
        let followed = folder != named;
        let disk = Disk::open(&folder).map_err(|error| {
            let folder = folder.display();
            StoreError::Io(format!("the cache folder {folder} cannot be made or written to ({error}): choose another"))
        })?;
        let index = Index::open(&disk.index(), &disk.identity())?;
        let store = Self::over(Arc::new(disk), index, free_floor, Some((folder, followed)))?;
        let held = store.0.core.cache().list();
        Ok((store, held))
    }

    /// A store that forgets everything when dropped, with the same behaviour; for tests.
    ///
    /// # Panics
    /// If the system has no thread left for it.
    #[must_use]
    #[allow(clippy::expect_used, reason = "nothing but the start of a thread can fail, and only tests use it")]
    pub fn memory() -> Self {
        Index::memory()
            .and_then(|index| Self::over(Arc::<Memory>::default(), index, 0, None))
            .expect("a store in memory needs nothing but memory and a thread")
    }

    fn over(volume: Arc<dyn Volume>, index: Index, free_floor: u64, folder: Option<(PathBuf, bool)>) -> Result<Self, StoreError> {
        let signal = Arc::<Signal>::default();
        let cache = Cache::open(volume, index, free_floor, signal.clone(), now())?;
        let core = Arc::new(Core::new(cache, folder.as_ref().map(|(folder, _)| folder.clone())));
        let keeper = Keeper::start(signal, core.clone())
            .map_err(|error| StoreError::Io(format!("the cache's background thread cannot be started ({error})")))?;
        Ok(Self(Arc::new(Shared { _keeper: keeper, core, followed: folder.is_some_and(|(_, followed)| followed) })))
    }

    /// Does something on a blocking thread.
    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Core) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let shared = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _moving = shared.core.gate.read().unwrap_or_else(PoisonError::into_inner);
            act(&shared.core)
        })
        .await;
        done.unwrap_or_else(|_| Err(StoreError::Io("the program is ending".to_owned())))
    }

    /// Hashes published files with several threads, and remembers their trees so that they can be served from their place.
    /// Only regular files below `roots` (symlinks resolved) with the right real extension are opened; each other one gets a
    /// sentence. Unchanged files (path, file id, size, mtime, ctime; older than 2 s) are not read again.
    pub async fn hash_files(&self, roots: Vec<PathBuf>, files: Vec<FileToHash>) -> Vec<HashedFile> {
        let count = files.len();
        let shared = self.0.clone();
        // It needs nothing of the cache and may take long: a move does not wait for it.
        let hashed = tokio::task::spawn_blocking(move || shared.core.own.hash_files(&roots, &files)).await;
        hashed.unwrap_or_else(|error| (0..count).map(|index| HashedFile { index, result: Err(error.to_string()) }).collect())
    }

    /// Keeps bytes of my own as a blob: a manifest or a long text.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, blob: BlobRef, content: Bytes) -> Result<(), StoreError> {
        self.put_blob(blob, content).await
    }

    /// These blobs make up this appearance: they can be served under it and are not evicted.
    pub fn hold(&self, appearance: AppearanceId, blobs: &[BlobRef]) {
        self.0.core.holds.hold(appearance, blobs);
    }

    /// The appearance is no longer needed.
    pub fn release(&self, appearance: &AppearanceId) {
        self.0.core.holds.release(appearance);
    }

    /// This held appearance is shown now.
    pub fn note_use(&self, appearance: &AppearanceId) {
        let blobs = self.0.core.holds.blobs(appearance);
        self.0.core.cache().note_use(&blobs, now());
    }

    /// The blobs with when each was last used, as far as that is known.
    #[must_use]
    pub fn with_use(&self, blobs: Vec<BlobRef>) -> Vec<CachedBlob> {
        self.0.core.cache().with_use(blobs)
    }

    /// The blob as this appearance names it, if the appearance is held and names it.
    #[must_use]
    pub fn blob_of(&self, appearance: &AppearanceId, hash: &BlobHash) -> Option<BlobRef> {
        self.0.core.holds.blob_of(appearance, hash)
    }

    /// A whole blob of at most 4 MiB, checked against its hash. Own files are read from their place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_blob(&self, blob: BlobRef) -> Result<Bytes, StoreError> {
        self.blocking(move |core| core.read_blob(&blob)).await
    }

    /// Small blobs, in one go: each is checked, and fails alone.
    pub async fn read_blobs(&self, blobs: Vec<BlobRef>) -> Vec<Result<Bytes, StoreError>> {
        let count = blobs.len();
        let read = move |core: &Core| Ok(blobs.iter().map(|blob| core.read_blob(blob)).collect());
        self.blocking(read).await.unwrap_or_else(|error| vec![Err(error); count])
    }

    /// Groups of a blob (16 KiB each, the last may be shorter), each checked against the tree.
    ///
    /// # Errors
    /// [`StoreError`]; `Changed` if an own file no longer fits, `NotHeld` also for groups that the blob does not have.
    pub async fn read_groups(&self, blob: BlobRef, groups: Range<u32>) -> Result<Bytes, StoreError> {
        self.blocking(move |core| core.read_groups(&blob, &groups)).await
    }

    /// The triangles of these models together, each counted as often as it stands there.
    ///
    /// # Errors
    /// [`StoreError`], if one of them is not here or cannot be read.
    pub async fn triangles(&self, models: Vec<BlobRef>) -> Result<u64, StoreError> {
        self.blocking(move |core| core.triangles(&models)).await
    }

    /// A blob's tree: the chaining value of each group; for a blob of one group, its hash.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tree(&self, blob: BlobRef) -> Result<Arc<[[u8; 32]]>, StoreError> {
        self.blocking(move |core| core.tree(&blob)).await
    }

    /// Takes a whole blob of at most 4 MiB.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if it has not this hash or size.
    pub async fn put_blob(&self, blob: BlobRef, content: Bytes) -> Result<(), StoreError> {
        self.blocking(move |core| core.put(&blob, &content)).await
    }

    /// Takes whole blobs of at most 4 MiB each, each for itself: see [`Store::put_blob`].
    pub async fn put_blobs(&self, blobs: Vec<(BlobRef, Bytes)>) -> Vec<(BlobRef, Result<(), StoreError>)> {
        let all: Vec<BlobRef> = blobs.iter().map(|(blob, _)| *blob).collect();
        let put = move |core: &Core| Ok(blobs.into_iter().map(|(blob, content)| (blob, core.put(&blob, &content))).collect());
        let failed = |error: StoreError| all.into_iter().map(|blob| (blob, Err(error.clone()))).collect();
        self.blocking(put).await.unwrap_or_else(failed)
    }

    /// Begins, or goes on with, receiving a blob by groups. All callers for one blob share one partial file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partial(&self, blob: BlobRef) -> Result<Partial, StoreError> {
        let file = self.blocking(move |core| core.partial(blob)).await?;
        Ok(Partial { store: self.clone(), blob, file })
    }

    /// Where a complete blob can be read by the game, inside the cache folder. An own file is reflinked or copied there first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn materialise(&self, blob: BlobRef) -> Result<PathBuf, StoreError> {
        self.blocking(move |core| core.materialise(&blob)).await
    }

    /// Removes blobs from the cache, except those that are held. Returns those that are not in the cache afterwards.
    pub async fn evict(&self, hashes: Vec<BlobHash>) -> Vec<BlobHash> {
        self.blocking(move |core| Ok(core.evict(hashes))).await.unwrap_or_default()
    }

    /// Checks some of the files that an unclean end left in doubt, and gives those that are right; `None` once there are no
    /// more. Until then they count as not held, and whoever asks for one has it checked at once.
    pub async fn check_some(&self) -> Option<Vec<BlobRef>> {
        self.blocking(|core| Ok(core.cache().check_some())).await.ok().flatten()
    }

    /// Those of these blobs that are complete: they need not be fetched.
    pub async fn held(&self, blobs: Vec<BlobRef>) -> Vec<BlobRef> {
        let held = self.blocking(move |core| Ok(blobs.into_iter().filter(|blob| core.cache().holds(blob)).collect())).await;
        held.unwrap_or_default()
    }

    /// Removes everything that no held appearance needs; the blobs that are not in the cache afterwards.
    pub async fn clear(&self) -> Vec<BlobHash> {
        self.blocking(|core| Ok(core.clear())).await.unwrap_or_default()
    }

    /// Hashes every file of the cache, or those of these blobs `only`, and removes those that are wrong. Blocks for as long as that takes; `None` if `report`
    /// ended it.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder is not there.
    pub fn verify(&self, only: Option<&BTreeSet<BlobHash>>, report: Report<'_>) -> Result<Option<Verified>, StoreError> {
        self.0.core.cache().verify(only, report)
    }

    /// Moves the cache to another folder, while it is used. Blocks for as long as that takes; `None` if `report` ended it.
    /// The old folder stays, with everything in it, until [`Store::remove_old`].
    ///
    /// # Errors
    /// One sentence; then everything is where it was.
    pub fn relocate(&self, to: &Path, forbidden: &[PathBuf], report: Report<'_>) -> Result<Option<Moved>, StoreError> {
        self.0.core.relocate(to, forbidden, report)
    }

    /// Where the cache lies; another folder than it was opened with if a move was not noted in the settings. `None`: in memory.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        self.0.core.folder()
    }

    /// Where the cache lies, if that is another folder than the one it was opened with: it was moved there before.
    #[must_use]
    pub fn moved_to(&self) -> Option<PathBuf> {
        self.folder().filter(|_| self.0.followed)
    }

    /// Blobs that were in doubt and turned out right since this was last asked.
    #[must_use]
    pub fn take_found(&self) -> Vec<BlobRef> {
        self.0.core.cache().take_found()
    }

    /// Removes the folder from which the last move went, if it is still there. Only to be called once the settings name the new
    /// one. How many files could not be removed: they are tried again at the next start.
    pub async fn remove_old(&self) -> usize {
        self.blocking(|core| Ok(core.remove_old())).await.unwrap_or_default()
    }

    /// Makes everything that is complete durable and lists it in the index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        self.blocking(|core| core.cache().checkpoint()).await
    }
}

/// A blob being received. Clones share the same file.
#[derive(Clone, Debug)]
pub struct Partial {
    store: Store,
    blob: BlobRef,
    file: Arc<PartialFile>,
}

impl Partial {
    /// Whether the tree is known (always, for a blob of one group).
    #[must_use]
    pub fn has_tree(&self) -> bool {
        self.file.has_tree()
    }

    /// Takes the tree: one chaining value for each group.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if its root is not the blob's hash.
    pub async fn put_tree(&self, values: Vec<[u8; 32]>) -> Result<(), StoreError> {
        let file = self.file.clone();
        self.store.blocking(move |core| file.put_tree(&core.cache(), values)).await
    }

    /// The groups of this range that are not here yet, as ascending ranges.
    #[must_use]
    pub fn missing(&self, groups: Range<u32>) -> Vec<Range<u32>> {
        self.file.missing(groups)
    }

    /// Takes groups; true once the blob is complete, verified and in its place.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if a group does not fit the tree; groups before it are kept.
    pub async fn put_groups(&self, first: u32, content: Bytes) -> Result<bool, StoreError> {
        self.put_runs(vec![(first, content)]).await.1
    }

    /// Takes runs of groups, each with its first group's number, one after the other, as [`Partial::put_groups`] does. Also gives the
    /// bytes of the runs before one that fails.
    pub async fn put_runs(&self, runs: Vec<(u32, Bytes)>) -> (u64, Result<bool, StoreError>) {
        let (file, blob) = (self.file.clone(), self.blob);
        let put = move |core: &Core| {
            let (mut kept, mut complete) = (0, false);
            for (first, content) in runs {
                match core.put_groups(&blob, &file, first, &content) {
                    Ok(now_complete) => complete = now_complete,
                    Err(error) => return Ok((kept, Err(error))),
                }
                kept += content.len() as u64;
            }
            Ok((kept, Ok(complete)))
        };
        self.store.blocking(put).await.unwrap_or_else(|error| (0, Err(error)))
    }
}

/// Locks, also after a panic elsewhere: every change under these locks is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nanoseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "how old a left partial file is, is a question to the clock")]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
