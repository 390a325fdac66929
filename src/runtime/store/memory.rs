//! A folder in memory as the store's volume, for tests: it behaves like one on disk and is gone with its last user.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::names::Name;
use super::volume::{FoundFile, SharedFile, Stamp, Volume, VolumeFile};

/// Bytes that one file may have.
const CAPACITY: u64 = 1 << 30;

/// The cache folder in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    files: Mutex<BTreeMap<Name, Arc<MemoryFile>>>,
    // Made when a program outside first asks for a path.
    outside: Mutex<Option<tempfile::TempDir>>,
}

#[derive(Debug, Default)]
struct MemoryFile {
    content: RwLock<Vec<u8>>,
    changes: AtomicU64,
}

/// A file of these bytes, in no folder.
pub(super) fn file(bytes: &[u8]) -> impl VolumeFile {
    MemoryFile { content: RwLock::new(bytes.to_vec()), ..MemoryFile::default() }
}

impl Memory {
    fn files(&self) -> MutexGuard<'_, BTreeMap<Name, Arc<MemoryFile>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, name: &Name) -> io::Result<Arc<MemoryFile>> {
        self.files().get(name).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl MemoryFile {
    fn stamp(&self) -> Stamp {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        Stamp { size: content.len() as u64, modified: self.changes.load(Ordering::Relaxed) }
    }

    fn change<T>(&self, act: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::Relaxed);
        act(&mut content)
    }
}

impl Volume for Memory {
    fn open(&self, name: &Name) -> io::Result<SharedFile> {
        Ok(self.file(name)?)
    }

    fn create(&self, name: &Name) -> io::Result<SharedFile> {
        let file = self.files().entry(name.clone()).or_default().clone();
        file.set_len(0)?;
        Ok(file)
    }

    fn open_or_create(&self, name: &Name) -> io::Result<SharedFile> {
        Ok(self.files().entry(name.clone()).or_default().clone())
    }

    fn stamp(&self, name: &Name) -> io::Result<Stamp> {
        Ok(self.file(name)?.stamp())
    }

    fn rename(&self, from: &Name, to: &Name) -> io::Result<()> {
        let mut files = self.files();
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.clone(), file);
        Ok(())
    }

    fn link(&self, from: &Name, to: &Name) -> io::Result<()> {
        let file = self.file(from)?;
        self.files().insert(to.clone(), file);
        Ok(())
    }

    fn copy_in(&self, mut source: &File, to: &Name) -> io::Result<()> {
        let mut content = Vec::new();
        source.read_to_end(&mut content)?;
        self.files().insert(to.clone(), Arc::new(MemoryFile { content: RwLock::new(content), changes: AtomicU64::default() }));
        Ok(())
    }

    fn remove(&self, name: &Name) -> io::Result<()> {
        self.files().remove(name);
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<FoundFile>> {
        let files = self.files();
        let read_back = |name: &Name| {
            let text = name.to_string();
            let (folder, file) = text.split_once('/')?;
            Name::parse(folder, file)
        };
        let found = files
            .iter()
            .filter_map(|(name, file)| read_back(name).map(|(name, found)| FoundFile { name, found, stamp: file.stamp() }));
        Ok(found.collect())
    }

    fn sync(&self, names: &[Name]) -> Vec<io::Result<()>> {
        names.iter().map(|name| self.file(name).map(drop)).collect()
    }

    fn free(&self) -> io::Result<u64> {
        Ok(CAPACITY)
    }

    fn path(&self, name: &Name) -> io::Result<PathBuf> {
        let file = self.file(name)?;
        let mut outside = self.outside.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = match outside.as_mut() {
            Some(folder) => folder,
            None => outside.insert(tempfile::tempdir()?),
        };
        let path = name.under(folder.path());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, &*file.content.read().unwrap_or_else(PoisonError::into_inner))?;
        Ok(path)
    }
}

impl VolumeFile for MemoryFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        let rest = usize::try_from(offset).ok().and_then(|offset| content.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::StorageFull)?;
        self.change(|content| {
            let end = start.saturating_add(bytes.len());
            if content.len() < end {
                content.resize(end, 0);
            }
            if let Some(place) = content.get_mut(start..end) {
                place.copy_from_slice(bytes);
            }
        });
        Ok(())
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        let size = usize::try_from(size).map_err(|_| io::ErrorKind::StorageFull)?;
        self.change(|content| content.resize(size, 0));
        Ok(())
    }
}
