//! Bytes of blobs on disk (or in memory), verified before they count.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use crate::domain::{AppearanceId, BlobHash, BlobRef};
use crate::engine::input::HashedFile;
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
pub struct Store {
    // The parts of the store; see `disk` and `memory`.
}

impl Store {
    /// Opens (or makes) a store on disk. Blocks. Also returns what it holds, complete and verified.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the folder cannot be made, read or written.
    pub fn open(config: StoreConfig) -> Result<(Self, Vec<BlobRef>), StoreError> {
        let _ = config;
        todo!("store")
    }

    /// A store that forgets everything when dropped, with the same behaviour; for tests.
    #[must_use]
    pub fn memory() -> Self {
        todo!("store")
    }

    /// Hashes published files with several threads, and remembers their trees so that they can be served from their place.
    /// Only regular files below `roots` (symlinks resolved) with the right real extension are opened; each other one gets a
    /// sentence. Unchanged files (path, file id, size, mtime, ctime; older than 2 s) are not read again.
    pub async fn hash_files(&self, roots: Vec<PathBuf>, files: Vec<FileToHash>) -> Vec<HashedFile> {
        let _ = (roots, files);
        todo!("store")
    }

    /// Keeps bytes of my own as a blob: a manifest or a long text.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put(&self, blob: BlobRef, content: Bytes) -> Result<(), StoreError> {
        let _ = (blob, content);
        todo!("store")
    }

    /// These blobs make up this appearance: they can be served under it and are not evicted.
    pub fn hold(&self, appearance: AppearanceId, blobs: &[BlobRef]) {
        let _ = (appearance, blobs);
        todo!("store")
    }

    /// The appearance is no longer needed.
    pub fn release(&self, appearance: &AppearanceId) {
        let _ = appearance;
        todo!("store")
    }

    /// The blob as this appearance names it, if the appearance is held and names it.
    #[must_use]
    pub fn blob_of(&self, appearance: &AppearanceId, hash: &BlobHash) -> Option<BlobRef> {
        let _ = (appearance, hash);
        todo!("store")
    }

    /// A whole blob of at most 4 MiB, checked against its hash. Own files are read from their place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_blob(&self, blob: BlobRef) -> Result<Bytes, StoreError> {
        let _ = blob;
        todo!("store")
    }

    /// Groups of a blob (16 KiB each, the last may be shorter), each checked against the tree.
    ///
    /// # Errors
    /// [`StoreError`]; `Changed` if an own file no longer fits.
    pub async fn read_groups(&self, blob: BlobRef, groups: Range<u32>) -> Result<Bytes, StoreError> {
        let _ = (blob, groups);
        todo!("store")
    }

    /// A blob's tree: the chaining value of each group.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tree(&self, blob: BlobRef) -> Result<Arc<[[u8; 32]]>, StoreError> {
        let _ = blob;
        todo!("store")
    }

    /// Takes a whole blob of at most 4 MiB.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if it has not this hash or size.
    pub async fn put_blob(&self, blob: BlobRef, content: Bytes) -> Result<(), StoreError> {
        let _ = (blob, content);
        todo!("store")
    }

    /// Begins, or goes on with, receiving a blob by groups. All callers for one blob share one partial file.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn partial(&self, blob: BlobRef) -> Result<Partial, StoreError> {
        let _ = blob;
        todo!("store")
    }

    /// Where a complete blob can be read by the game, inside the cache folder. An own file is reflinked or copied there first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn materialise(&self, blob: BlobRef) -> Result<PathBuf, StoreError> {
        let _ = blob;
        todo!("store")
    }

    /// Removes blobs from the cache, except those that are held. Returns those removed.
    pub async fn evict(&self, hashes: Vec<BlobHash>) -> Vec<BlobHash> {
        let _ = hashes;
        todo!("store")
    }

    /// Makes everything that is complete durable and lists it in the index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        todo!("store")
    }
}

/// A blob being received. Clones share the same file.
#[derive(Clone, Debug)]
pub struct Partial {}

impl Partial {
    /// Whether the tree is known (always, for a blob of one group).
    #[must_use]
    pub fn has_tree(&self) -> bool {
        todo!("store")
    }

    /// Takes the tree: one chaining value for each group.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if its root is not the blob's hash.
    pub async fn put_tree(&self, values: Vec<[u8; 32]>) -> Result<(), StoreError> {
        let _ = values;
        todo!("store")
    }

    /// The groups of this range that are not here yet, as ascending ranges.
    #[must_use]
    pub fn missing(&self, groups: Range<u32>) -> Vec<Range<u32>> {
        let _ = groups;
        todo!("store")
    }

    /// Takes groups; true once the blob is complete, verified and in its place.
    ///
    /// # Errors
    /// [`StoreError::BadData`] if a group does not fit the tree; groups before it are kept.
    pub async fn put_groups(&self, first: u32, content: Bytes) -> Result<bool, StoreError> {
        let _ = (first, content);
        todo!("store")
    }
}
