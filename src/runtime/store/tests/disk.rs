//! What only a disk can do to us.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::super::disk::Disk;
use super::super::index::Index;
use super::super::memory::Memory;
use super::super::names::Name;
use super::super::volume::{FoundFile, SharedFile, Stamp, Volume, VolumeFile};
use super::super::{Store, StoreError};
use super::*;

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let cache = file.join("cache");
    let named = cache.display().to_string();
    let result = Store::open(StoreConfig { folder: cache, free_floor: 0 });
    assert!(matches!(&result, Err(StoreError::Io(text)) if text.contains(&named) && text.contains("choose another")));
}

#[tokio::test]
async fn one_folder_has_one_store() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, _) = open(folder.path());
    let second = Store::open(StoreConfig { folder: folder.path().to_owned(), free_floor: 0 });
    assert!(matches!(&second, Err(StoreError::Io(text)) if text.contains("another FyteClub")));
}

#[tokio::test]
async fn the_floor_of_free_disk_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(StoreConfig { folder: folder.path().to_owned(), free_floor: u64::MAX }).unwrap();
    let (blob, content) = blob(40_000, 1);
    assert_eq!(store.put_blob(blob, content).await, Err(StoreError::Full));
    assert!(matches!(store.partial(blob).await, Err(StoreError::Full)));
    assert_eq!(std::fs::read_dir(folder.path().join("partial")).unwrap().filter(is_temporary).count(), 0);
}

#[tokio::test]
async fn a_changed_file_in_the_cache_is_neither_served_nor_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    for (seed, how) in [(1, "read"), (2, "groups"), (3, "open groups"), (4, "shown"), (5, "cut"), (6, "gone")] {
        let (blob, content) = blob(100_000, seed);
        store.put_blob(blob, content.clone()).await.unwrap();
        let path = store.materialise(blob).await.unwrap();
        if how == "open groups" {
            store.read_groups(blob, 0..1).await.unwrap();
        }
        match how {
            "cut" => std::fs::File::options().write(true).open(&path).unwrap().set_len(99_999).unwrap(),
            "gone" => std::fs::remove_file(&path).unwrap(),
            _ => flip(&path, 99_999),
        }
        let failed = match how {
            "read" => store.read_blob(blob).await.err(),
            "groups" | "open groups" => store.read_groups(blob, 4..7).await.err(),
            _ => store.materialise(blob).await.err(),
        };
        assert_eq!(failed, Some(StoreError::NotHeld), "{how}");
        assert!(!path.exists(), "{how}");
        store.put_blob(blob, content.clone()).await.unwrap();
        assert_eq!(store.read_groups(blob, 0..7).await.unwrap(), content, "{how}");
    }
}

#[tokio::test]
async fn a_file_that_was_only_touched_is_checked_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(100_000, 1);
    store.put_blob(blob, content).await.unwrap();
    let path = store.materialise(blob).await.unwrap();
    settle(&path);
    assert_eq!(store.materialise(blob).await.unwrap(), path);
}

#[tokio::test]
async fn complete_blobs_are_listed_without_being_asked() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(1000, 1);
    store.put_blob(blob, content).await.unwrap();
    let original = Disk::open(folder.path()).unwrap().identity();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        // The file's time of last change in the copy is the original's, so only the index decides whether it is read.
        let left = copy_of(folder.path());
        let listed = Index::open(&left.path().join("index.redb"), &original).unwrap().load().unwrap();
        if listed.iter().any(|((hash, _), _)| *hash == blob.hash) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "it is not listed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn refused_renames_and_deletes_are_made_good_later() {
    let volume = Arc::new(Stubborn::default());
    let store = Store::over(volume.clone(), Index::memory().unwrap(), 0, None).unwrap();
    let (blob, content) = blob(3 * GROUP_LEN, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    volume.refuses.store(true, Ordering::Relaxed);
    assert!(matches!(partial.put_groups(0, content.clone()).await, Err(StoreError::Io(_))));
    assert_eq!(store.read_blob(blob).await, Err(StoreError::NotHeld));
    volume.refuses.store(false, Ordering::Relaxed);
    assert!(store.partial(blob).await.unwrap().missing(0..3).is_empty(), "it is complete, and now in its place");
    assert_eq!(store.read_blob(blob).await.unwrap(), content);
    volume.refuses.store(true, Ordering::Relaxed);
    assert_eq!(store.evict(vec![blob.hash]).await, [blob.hash]);
    assert_eq!(store.read_blob(blob).await, Err(StoreError::NotHeld));
    assert_eq!(volume.list().unwrap().len(), 1, "somebody holds it");
    volume.refuses.store(false, Ordering::Relaxed);
    store.checkpoint().await.unwrap();
    assert_eq!(volume.list().unwrap().len(), 0);
}

#[tokio::test]
async fn a_disk_that_takes_no_more_is_said_and_loses_nothing() {
    let volume = Arc::new(Stubborn::default());
    let store = Store::over(volume.clone(), Index::memory().unwrap(), 0, None).unwrap();
    let ((kept, kept_content), (late, late_content)) = (blob(1000, 1), blob(5 * GROUP_LEN, 2));
    store.put_blob(kept, kept_content.clone()).await.unwrap();
    let partial = store.partial(late).await.unwrap();
    partial.put_tree(tree_of(&late_content)).await.unwrap();
    partial.put_groups(0, group(&late_content, 0)).await.unwrap();
    let (full, read_only) = (io::ErrorKind::StorageFull, io::ErrorKind::ReadOnlyFilesystem);
    for kind in [full, read_only, io::ErrorKind::PermissionDenied, io::ErrorKind::Other] {
        let what_to_do = if kind == io::ErrorKind::Other { "look whether its disk is sound" } else { "give FyteClub leave" };
        *volume.takes_nothing.lock().unwrap() = Some(kind);
        let refusals =
            [store.put_blob(blob(10, 3).0, blob(10, 3).1).await, partial.put_groups(1, group(&late_content, 1)).await.map(drop)];
        for refusal in refusals {
            match refusal {
                Err(StoreError::Full) => assert_eq!(kind, full),
                Err(StoreError::Io(text)) => {
                    assert!(kind != full && text.contains("cannot be used") && text.contains(what_to_do), "{text}");
                }
                other => panic!("{kind}: {other:?}"),
            }
        }
        assert_eq!(store.read_blob(kept).await.unwrap(), kept_content);
        assert_eq!(partial.missing(0..5), [1..5]);
    }
    *volume.takes_nothing.lock().unwrap() = None;
    assert!(partial.put_groups(1, groups(&late_content, 1, 5)).await.unwrap());
    assert_eq!(store.read_groups(late, 0..5).await.unwrap(), late_content);
}

#[tokio::test]
async fn a_blob_that_came_back_survives_the_refused_delete_of_its_former_file() {
    let volume = Arc::new(Stubborn::default());
    let store = Store::over(volume.clone(), Index::memory().unwrap(), 0, None).unwrap();
    let (blob, content) = blob(1000, 1);
    store.put_blob(blob, content.clone()).await.unwrap();
    volume.refuses.store(true, Ordering::Relaxed);
    store.evict(vec![blob.hash]).await;
    volume.refuses.store(false, Ordering::Relaxed);
    store.put_blob(blob, content.clone()).await.unwrap();
    store.checkpoint().await.unwrap();
    assert_eq!(store.read_blob(blob).await.unwrap(), content);
}

fn is_temporary(entry: &io::Result<std::fs::DirEntry>) -> bool {
    entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "tmp")
}

/// A volume whose files somebody else holds open from time to time.
#[derive(Debug, Default)]
struct Stubborn {
    memory: Memory,
    refuses: AtomicBool,
    takes_nothing: Arc<Mutex<Option<io::ErrorKind>>>,
}

/// A file on it.
#[derive(Debug)]
struct StubbornFile {
    file: SharedFile,
    takes_nothing: Arc<Mutex<Option<io::ErrorKind>>>,
}

impl Stubborn {
    fn ask(&self) -> io::Result<()> {
        if self.refuses.load(Ordering::Relaxed) { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }
}

impl Volume for Stubborn {
    fn open(&self, name: &Name) -> io::Result<SharedFile> {
        self.memory.open(name)
    }

    fn create(&self, name: &Name) -> io::Result<SharedFile> {
        let file = self.memory.create(name)?;
        Ok(Arc::new(StubbornFile { file, takes_nothing: self.takes_nothing.clone() }))
    }

    fn open_or_create(&self, name: &Name) -> io::Result<SharedFile> {
        let file = self.memory.open_or_create(name)?;
        Ok(Arc::new(StubbornFile { file, takes_nothing: self.takes_nothing.clone() }))
    }

    fn stamp(&self, name: &Name) -> io::Result<Stamp> {
        self.memory.stamp(name)
    }

    fn rename(&self, from: &Name, to: &Name) -> io::Result<()> {
        self.ask().and_then(|()| self.memory.rename(from, to))
    }

    fn link(&self, from: &Name, to: &Name) -> io::Result<()> {
        self.memory.link(from, to)
    }

    fn copy_in(&self, source: &std::fs::File, to: &Name) -> io::Result<()> {
        self.memory.copy_in(source, to)
    }

    fn remove(&self, name: &Name) -> io::Result<()> {
        self.ask().and_then(|()| self.memory.remove(name))
    }

    fn list(&self) -> io::Result<Vec<FoundFile>> {
        self.memory.list()
    }

    fn sync(&self, names: &[Name]) -> Vec<io::Result<()>> {
        self.memory.sync(names)
    }

    fn free(&self) -> io::Result<u64> {
        self.memory.free()
    }

    fn path(&self, name: &Name) -> io::Result<PathBuf> {
        self.memory.path(name)
    }
}

impl VolumeFile for StubbornFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_all_at(&self, content: &[u8], offset: u64) -> io::Result<()> {
        match *self.takes_nothing.lock().unwrap() {
            Some(kind) => Err(kind.into()),
            None => self.file.write_all_at(content, offset),
        }
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }
}
