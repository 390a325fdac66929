//! What the store needs of a file system: a few dozen lines for a disk ([`super::disk`]) and for memory ([`super::memory`]),
//! so that everything above is written, and tested, once.

use std::fmt::Debug;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::StoreError;
use super::names::{Found, Name};

/// A file's size and time of last change: enough to notice that somebody else wrote to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Bytes.
    pub(super) size: u64,
    /// Nanoseconds since 1970; only ever compared for equality and age.
    pub(super) modified: u64,
}

/// A file found in the cache folder.
#[derive(Clone, Debug)]
pub(super) struct FoundFile {
    pub(super) name: Name,
    pub(super) found: Found,
    pub(super) stamp: Stamp,
}

/// An open file; reads and writes say where.
pub(super) trait VolumeFile: Send + Sync + Debug {
    /// Reads at most the buffer's length; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of it.
    fn write_all_at(&self, content: &[u8], offset: u64) -> io::Result<()>;
    /// Makes the file this long; what is new reads as zeros.
    fn set_len(&self, size: u64) -> io::Result<()>;

    /// Fills the buffer, or fails with `UnexpectedEof`.
    fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    buffer = buffer.get_mut(count..).unwrap_or_default();
                    offset += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// An open file that may be shared.
pub(super) type SharedFile = Arc<dyn VolumeFile>;

/// The cache folder.
pub(super) trait Volume: Send + Sync + Debug {
    /// Opens for reading.
    fn open(&self, name: &Name) -> io::Result<SharedFile>;
    /// Opens for writing, made if missing, emptied if not.
    fn create(&self, name: &Name) -> io::Result<SharedFile>;
    /// Opens for reading and writing, made if missing, its content kept.
    fn open_or_create(&self, name: &Name) -> io::Result<SharedFile>;
    /// Size and time of last change.
    fn stamp(&self, name: &Name) -> io::Result<Stamp>;
    /// Moves a file, over another one if need be.
    fn rename(&self, from: &Name, to: &Name) -> io::Result<()>;
    /// Gives a file a second name, or copies it where the file system has only one.
    fn link(&self, from: &Name, to: &Name) -> io::Result<()>;
    /// Copies a file of somebody else's, sharing its blocks where the file system can.
    fn copy_in(&self, source: &File, to: &Name) -> io::Result<()>;
    /// Removes a file; one that is not there counts as removed.
    fn remove(&self, name: &Name) -> io::Result<()>;
    /// All files of ours.
    fn list(&self) -> io::Result<Vec<FoundFile>>;
    /// Makes files and their names survive a loss of power; one result for each.
    fn sync(&self, names: &[Name]) -> Vec<io::Result<()>>;
    /// Bytes free for this user.
    fn free(&self) -> io::Result<u64>;
    /// Fails if the folder is not there at all.
    fn probe(&self) -> io::Result<()> {
        Ok(())
    }
    /// Where a program outside finds the file.
    fn path(&self, name: &Name) -> io::Result<PathBuf>;
}

/// The folder itself is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cache folder {} is not there: plug its disk in again, or move it back", .0.display())]
pub(super) struct FolderGone(pub(super) PathBuf);

/// Says in one sentence what did not work; a full disk has a name of its own.
pub(super) fn failed(what: &str, error: &io::Error) -> StoreError {
    if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return StoreError::Full;
    }
    if let Some(gone) = error.get_ref().and_then(|inner| inner.downcast_ref::<FolderGone>()) {
        return StoreError::Io(gone.to_string());
    }
    let advice = if matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem) {
        "give FyteClub leave to write there, or move the cache to another folder"
    } else {
        "look whether its disk is sound, or move the cache to another folder"
    };
    StoreError::Io(format!("the cache folder cannot be used, {what} failed ({error}): {advice}"))
}
