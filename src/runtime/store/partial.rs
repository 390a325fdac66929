//! A blob being received: bytes written out of order, each group checked before it counts.
//!
//! All receivers of a blob share one [`PartialFile`]. Checking happens outside of any lock; writing under `files`, so that
//! nobody writes to a file that has got its final name; marking under `progress`, which is only ever held for moments.
#![allow(clippy::disallowed_methods, reason = "an idle file is closed by the clock")]

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::cache::Cache;
use super::names::Name;
use super::sidecar::{self, Bits};
use super::tree::{self, GROUP_LEN, Value};
use super::volume::{SharedFile, failed};
use super::{StoreError, lock};
use crate::domain::BlobRef;

/// Groups that are read at once when marked ones are checked again: 1 MiB.
const CHECKED_AT_ONCE: u32 = 64;

/// A blob being received.
#[derive(Debug)]
pub(super) struct PartialFile {
    blob: BlobRef,
    count: u32,
    progress: Mutex<Progress>,
    files: Mutex<Option<Files>>,
}

#[derive(Debug)]
struct Progress {
    values: Option<Arc<[Value]>>,
    bits: Bits,
    /// In its place in the cache.
    placed: bool,
    used: Instant,
}

#[derive(Debug)]
struct Files {
    bytes: SharedFile,
    sidecar: SharedFile,
}

impl PartialFile {
    /// A blob of which nothing is known yet; `None` if it is too large to be received.
    pub(super) fn new(blob: BlobRef) -> Option<Self> {
        let count = tree::group_count(blob.size)?;
        let values = (count == 1).then(|| Arc::from([*blob.hash.as_bytes()]));
        let progress = Progress { values, bits: Bits::none(count), placed: false, used: Instant::now() };
        Some(Self { blob, count, progress: Mutex::new(progress), files: Mutex::default() })
    }

    /// Nothing is left to be received: the blob is in its place.
    pub(super) fn mark_placed(&self) {
        let mut progress = lock(&self.progress);
        progress.bits.set(0..self.count);
        progress.placed = true;
    }

    /// Closes the files; they are opened again by need, wherever they lie then.
    pub(super) fn close(&self) {
        *lock(&self.files) = None;
    }

    /// Whether the blob is in its place.
    pub(super) fn is_placed(&self) -> bool {
        lock(&self.progress).placed
    }

    /// How long nobody has asked anything of it.
    pub(super) fn idle(&self) -> Duration {
        lock(&self.progress).used.elapsed()
    }

    /// Whether groups can be checked.
    pub(super) fn has_tree(&self) -> bool {
        let progress = lock(&self.progress);
        progress.values.is_some() || progress.placed
    }

    /// The groups of a range that are not there.
    pub(super) fn missing(&self, groups: Range<u32>) -> Vec<Range<u32>> {
        let mut progress = lock(&self.progress);
        progress.used = Instant::now();
        progress.bits.missing(groups)
    }

    /// Opens the files, made if missing, and goes on with what they have: a blob whose last group came before the program
    /// ended is placed. True if it is.
    pub(super) fn resume(&self, cache: &Cache) -> Result<bool, StoreError> {
        lock(&self.progress).used = Instant::now();
        let mut files = lock(&self.files);
        if cache.holds(&self.blob) {
            self.mark_placed();
        }
        if !self.is_placed() {
            self.open(cache, &mut files)?;
            self.finish(cache, &mut files)?;
        }
        Ok(self.is_placed())
    }

    /// Takes the tree.
    pub(super) fn put_tree(&self, cache: &Cache, values: Vec<Value>) -> Result<(), StoreError> {
        if tree::root(&values, self.blob.size) != Some(*self.blob.hash.as_bytes()) {
            return Err(StoreError::BadData);
        }
        let mut files = lock(&self.files);
        if self.has_tree() {
            return Ok(());
        }
        let open = self.open(cache, &mut files)?;
        sidecar::save_tree(&*open.sidecar, &values).map_err(|error| failed("writing a file", &error))?;
        lock(&self.progress).values = Some(values.into());
        Ok(())
    }

    /// The tree, once it is known.
    pub(super) fn values(&self) -> Option<Arc<[Value]>> {
        lock(&self.progress).values.clone()
    }

    /// Takes groups; true once the blob is in its place.
    pub(super) fn put_groups(&self, cache: &Cache, first: u32, content: &[u8]) -> Result<bool, StoreError> {
        if self.is_placed() {
            return Ok(true);
        }
        let groups = self.groups_in(first, content)?;
        let values = self.values().ok_or(StoreError::BadData)?;
        let good = if groups.is_empty() { 0 } else { tree::count_good(&values, first, content) };
        let kept = groups.start..groups.start + u32::try_from(good).unwrap_or_default();
        let mut files = lock(&self.files);
        if self.is_placed() {
            return Ok(true);
        }
        if !self.missing(kept.clone()).is_empty() {
            let content = content.get(..content.len().min(good * GROUP_LEN)).unwrap_or_default();
            self.write(cache, &mut files, &kept, content)?;
        }
        self.finish(cache, &mut files)?;
        if kept == groups { Ok(self.is_placed()) } else { Err(StoreError::BadData) }
    }

    /// The groups that so many bytes are, if they are whole groups of this blob.
    fn groups_in(&self, first: u32, content: &[u8]) -> Result<Range<u32>, StoreError> {
        let count = if self.blob.size == 0 { 1 } else { content.len().div_ceil(GROUP_LEN) };
        let end = u32::try_from(count).ok().and_then(|count| first.checked_add(count)).ok_or(StoreError::BadData)?;
        let range = tree::byte_range(self.blob.size, &(first..end));
        let fits = end <= self.count && range.end.checked_sub(range.start) == Some(content.len() as u64);
        if fits { Ok(first..end) } else { Err(StoreError::BadData) }
    }

    fn write(&self, cache: &Cache, files: &mut Option<Files>, groups: &Range<u32>, content: &[u8]) -> Result<(), StoreError> {
        let open = self.open(cache, files)?;
        cache.check_room(content.len() as u64)?;
        let offset = tree::byte_range(self.blob.size, groups).start;
        open.bytes.write_all_at(content, offset).map_err(|error| failed("writing a file", &error))?;
        let mut progress = lock(&self.progress);
        progress.bits.set(groups.clone());
        sidecar::save_bits(&*open.sidecar, &progress.bits, groups).map_err(|error| failed("writing a file", &error))
    }

    /// Gives a complete blob its final name.
    fn finish(&self, cache: &Cache, files: &mut Option<Files>) -> Result<(), StoreError> {
        if !lock(&self.progress).bits.is_full() {
            return Ok(());
        }
        // Windows renames nothing that is open for writing. If it is refused all the same, they are opened again by need.
        *files = None;
        cache.place(&self.blob, &Name::partial(&self.blob))?;
        cache.remove_later(Name::sidecar(&self.blob));
        self.mark_placed();
        Ok(())
    }

    fn open<'a>(&self, cache: &Cache, files: &'a mut Option<Files>) -> Result<&'a Files, StoreError> {
        match files {
            Some(open) => Ok(open),
            None => Ok(files.insert(self.open_files(cache)?)),
        }
    }

    fn open_files(&self, cache: &Cache) -> Result<Files, StoreError> {
        let volume = cache.volume();
        let open = |name: Name| volume.open_or_create(&name).map_err(|error| failed("opening a file", &error));
        let files = Files { sidecar: open(Name::sidecar(&self.blob))?, bytes: open(Name::partial(&self.blob))? };
        // Nothing is allocated on the strength of a size that somebody only claims.
        let whole = volume.stamp(&Name::sidecar(&self.blob)).is_ok_and(|stamp| Some(stamp.size) == sidecar::length(&self.blob));
        match whole.then(|| sidecar::load(&*files.sidecar, &self.blob)).flatten() {
            Some(saved) => self.take_up(cache, &files, &saved)?,
            None => self.begin(cache, &files)?,
        }
        Ok(files)
    }

    fn begin(&self, cache: &Cache, files: &Files) -> Result<(), StoreError> {
        cache.check_room(self.blob.size)?;
        let mut progress = lock(&self.progress);
        progress.bits = Bits::none(self.count);
        let written = sidecar::begin(&*files.sidecar, &self.blob, &progress.bits)
            .and_then(|()| progress.values.as_ref().map_or(Ok(()), |values| sidecar::save_tree(&*files.sidecar, values)))
            .and_then(|()| files.bytes.set_len(self.blob.size));
        written.map_err(|error| failed("making a file", &error))
    }

    /// Goes on where an earlier run ended: every group that is said to be there is checked again.
    fn take_up(&self, cache: &Cache, files: &Files, saved: &sidecar::Saved) -> Result<(), StoreError> {
        let mut bits = Bits::none(self.count);
        for run in saved.bits.present() {
            for start in run.clone().step_by(CHECKED_AT_ONCE as usize) {
                let groups = start..run.end.min(start.saturating_add(CHECKED_AT_ONCE));
                self.check(&*files.bytes, &saved.values, groups, &mut bits);
            }
        }
        cache.check_room(u64::from(bits.count_missing()) * GROUP_LEN as u64)?;
        let lost = bits.count_missing() - saved.bits.count_missing();
        tracing::debug!(there = self.count - bits.count_missing(), lost, "going on with a blob that was begun earlier");
        sidecar::save_bits(&*files.sidecar, &bits, &(0..self.count))
            .and_then(|()| files.bytes.set_len(self.blob.size))
            .map_err(|error| failed("writing a file", &error))?;
        let mut progress = lock(&self.progress);
        progress.values = Some(saved.values.as_slice().into());
        progress.bits = bits;
        Ok(())
    }

    /// Marks those of these groups whose bytes are right; what cannot be read is not there.
    fn check(&self, file: &dyn super::volume::VolumeFile, values: &[Value], mut groups: Range<u32>, bits: &mut Bits) {
        let range = tree::byte_range(self.blob.size, &groups);
        let mut content = vec![0; usize::try_from(range.end - range.start).unwrap_or_default()];
        if file.read_exact_at(&mut content, range.start).is_err() {
            return;
        }
        let mut rest = content.as_slice();
        while !groups.is_empty() {
            let good = tree::count_good(values, groups.start, rest);
            let bad = groups.start.saturating_add(u32::try_from(good).unwrap_or_default()).min(groups.end);
            bits.set(groups.start..bad);
            groups.start = bad.saturating_add(1).min(groups.end);
            rest = rest.get((good + 1) * GROUP_LEN..).unwrap_or_default();
        }
    }
}
