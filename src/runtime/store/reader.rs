//! What is kept at hand for reading: a few open files with their trees, and the trees of recently read blobs.
#![allow(clippy::disallowed_methods, reason = "an idle file is closed by the clock")]

use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::lock;
use super::tree::{self, Value};
use super::volume::SharedFile;
use crate::domain::{BlobHash, BlobRef};

/// Files that are kept open.
const MOST_OPEN: usize = 32;
/// How long an unread file stays open; on Windows it cannot be replaced by everybody meanwhile.
const IDLE: Duration = Duration::from_secs(5);
/// Values kept in memory for all trees: 16 MiB.
const MOST_VALUES: usize = (16 << 20) / 32;

/// A blob ready for reading.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: SharedFile,
    /// Its true size, in bytes.
    pub(super) size: u64,
    pub(super) values: Arc<[Value]>,
    /// Where it lies, if it is one of the user's own files.
    pub(super) own: Option<PathBuf>,
}

/// Why groups could not be read.
#[derive(Debug)]
pub(super) enum ReadFailure {
    /// The content is not the blob's, or ends too soon.
    Wrong,
    /// The system said no.
    Io(std::io::Error),
}

impl From<std::io::Error> for ReadFailure {
    fn from(error: std::io::Error) -> Self {
        // A file that ends too soon was cut: its content is not the blob's.
        if error.kind() == std::io::ErrorKind::UnexpectedEof { Self::Wrong } else { Self::Io(error) }
    }
}

impl Opened {
    /// Reads groups that lie within the blob, each checked.
    pub(super) fn read(&self, groups: &Range<u32>) -> Result<Bytes, ReadFailure> {
        let range = tree::byte_range(self.size, groups);
        let length = usize::try_from(range.end - range.start).map_err(|_| ReadFailure::Wrong)?;
        let mut content = vec![0; length];
        self.file.read_exact_at(&mut content, range.start).map_err(ReadFailure::from)?;
        let good = tree::count_good(&self.values, groups.start, &content);
        if good == groups.len() { Ok(content.into()) } else { Err(ReadFailure::Wrong) }
    }
}

/// Open files and known trees.
#[derive(Debug, Default)]
pub(super) struct Reader(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    opened: HashMap<BlobHash, (Arc<Opened>, Instant)>,
    trees: HashMap<BlobHash, (Arc<[Value]>, u64)>,
    values: usize,
    uses: u64,
}

impl Reader {
    /// A blob that is open.
    pub(super) fn opened(&self, blob: &BlobRef) -> Option<Arc<Opened>> {
        let mut state = lock(&self.0);
        let (opened, used) = state.opened.get_mut(&blob.hash)?;
        *used = Instant::now();
        (opened.size == blob.size).then(|| opened.clone())
    }

    /// Keeps a blob open; the one that was read longest ago is closed for it.
    pub(super) fn keep_open(&self, hash: BlobHash, opened: Arc<Opened>) {
        let mut state = lock(&self.0);
        if state.opened.len() >= MOST_OPEN
            && let Some(oldest) = state.opened.iter().min_by_key(|(_, (_, used))| *used).map(|(hash, _)| *hash)
        {
            state.opened.remove(&oldest);
        }
        state.opened.insert(hash, (opened, Instant::now()));
    }

    /// Closes a blob, and forgets its tree.
    pub(super) fn close(&self, hash: &BlobHash) {
        let mut state = lock(&self.0);
        state.opened.remove(hash);
        state.forget_tree(hash);
    }

    /// Closes everything; trees stay known.
    pub(super) fn close_all(&self) {
        lock(&self.0).opened.clear();
    }

    /// Closes what has not been read for a while.
    pub(super) fn close_idle(&self) {
        let now = Instant::now();
        lock(&self.0).opened.retain(|_, (_, used)| now.saturating_duration_since(*used) < IDLE);
    }

    /// A known tree.
    pub(super) fn tree(&self, hash: &BlobHash) -> Option<Arc<[Value]>> {
        let mut state = lock(&self.0);
        state.uses += 1;
        let now = state.uses;
        let (values, used) = state.trees.get_mut(hash)?;
        *used = now;
        Some(values.clone())
    }

    /// Remembers a tree; those used longest ago make room for it.
    pub(super) fn keep_tree(&self, hash: BlobHash, values: Arc<[Value]>) {
        let mut state = lock(&self.0);
        state.forget_tree(&hash);
        state.uses += 1;
        state.values += values.len();
        let now = state.uses;
        state.trees.insert(hash, (values, now));
        while state.values > MOST_VALUES
            && let Some(oldest) = state.trees.iter().min_by_key(|(_, (_, used))| *used).map(|(hash, _)| *hash)
        {
            state.forget_tree(&oldest);
        }
    }
}

impl State {
    fn forget_tree(&mut self, hash: &BlobHash) {
        if let Some((values, _)) = self.trees.remove(hash) {
            self.values -= values.len();
        }
    }
}
