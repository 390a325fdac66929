//! The index: which complete blobs are known to survive a loss of power, with the size and time of last change that they had.
//!
//! Everything else about a blob is read from its file's name. A broken index is set aside and costs a hash of every file, no
//! more: it is a memory of checks, not of content. So is one that was made in another folder: files that were copied with their
//! times are not those that were checked.

use std::collections::HashMap;
use std::path::Path;

use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, Durability, ReadableDatabase as _, ReadableTable as _, TableDefinition};

use super::StoreError;
use super::volume::Stamp;
use crate::domain::{BlobHash, BlobKind};

/// Hash and the kind's number → size and time of last change.
const BLOBS: TableDefinition<'_, &[u8; 33], (u64, u64)> = TableDefinition::new("blobs.1");
/// Hash → when it was last part of a look that was shown, in milliseconds since 1970.
const USES: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("uses.1");
/// One row: [`FOLDER`] → which folder the rest is about.
const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about.1");
const FOLDER: &str = "folder";
/// Memory for pages.
const PAGES: usize = 4 << 20;

/// A complete blob under one extension.
pub(super) type Key = (BlobHash, BlobKind);

/// The index on disk or in memory.
#[derive(Debug)]
pub(super) struct Index(Database);

impl Index {
    /// Opens or makes the index of a folder. One that is broken is kept beside the new one as `index.broken`; one that is about
    /// another folder is emptied.
    pub(super) fn open(path: &Path, folder: &str) -> Result<Self, StoreError> {
        let index = Self::open_any(path)?;
        index.try_belong(folder).map_err(|error| cannot("writing it", &error))?;
        Ok(index)
    }

    fn open_any(path: &Path) -> Result<Self, StoreError> {
        match builder().create(path) {
            Ok(database) => Ok(Self(database)),
            Err(DatabaseError::DatabaseAlreadyOpen) => {
                Err(StoreError::Io("another FyteClub uses this cache folder: end it, or choose another profile".to_owned()))
            }
            Err(error) => {
                tracing::warn!(%error, "the cache's index cannot be read: every file is checked again");
                std::fs::rename(path, path.with_extension("broken")).map_err(|error| cannot("setting it aside", &error))?;
                builder().create(path).map(Self).map_err(|error| cannot("making it", &error))
            }
        }
    }

    /// An index that is gone when dropped.
    pub(super) fn memory() -> Result<Self, StoreError> {
        builder().create_with_backend(InMemoryBackend::new()).map(Self).map_err(|error| cannot("making it", &error))
    }

    /// Everything that it lists.
    pub(super) fn load(&self) -> Result<Vec<(Key, Stamp)>, StoreError> {
        self.try_load().map_err(|error| cannot("reading it", &error))
    }

    /// When blobs were last used, as far as it is listed.
    pub(super) fn load_uses(&self) -> Result<HashMap<BlobHash, u64>, StoreError> {
        self.try_load_uses().map_err(|error| cannot("reading it", &error))
    }

    /// Lists when blobs were last used; `None`: they are gone.
    pub(super) fn commit_uses(&self, changes: &[(BlobHash, Option<u64>)]) -> Result<(), StoreError> {
        self.try_commit_uses(changes).map_err(|error| cannot("writing it", &error))
    }

    /// Lists and forgets in one durable step.
    pub(super) fn commit(&self, added: &[(Key, Stamp)], removed: &[Key]) -> Result<(), StoreError> {
        self.try_commit(added, removed).map_err(|error| cannot("writing it", &error))
    }

    fn try_belong(&self, folder: &str) -> Result<(), redb::Error> {
        let transaction = self.0.begin_write()?;
        {
            let mut about = transaction.open_table(ABOUT)?;
            if about.get(FOLDER)?.is_some_and(|known| known.value() == folder) {
                return Ok(());
            }
            about.insert(FOLDER, folder)?;
            transaction.delete_table(BLOBS)?;
            transaction.delete_table(USES)?;
        }
        transaction.commit()?;
        Ok(())
    }

    fn try_load(&self) -> Result<Vec<(Key, Stamp)>, redb::Error> {
        let transaction = self.0.begin_read()?;
        let table = match transaction.open_table(BLOBS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut listed = Vec::new();
        for row in table.iter()? {
            let (key, value) = row?;
            let (size, modified) = value.value();
            listed.extend(decode_key(key.value()).map(|key| (key, Stamp { size, modified })));
        }
        Ok(listed)
    }

    fn try_load_uses(&self) -> Result<HashMap<BlobHash, u64>, redb::Error> {
        let transaction = self.0.begin_read()?;
        let table = match transaction.open_table(USES) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(HashMap::new()),
            Err(error) => return Err(error.into()),
        };
        let rows = table.iter()?.map(|row| row.map(|(hash, used)| (BlobHash::from_bytes(*hash.value()), used.value())));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn try_commit_uses(&self, changes: &[(BlobHash, Option<u64>)]) -> Result<(), redb::Error> {
        let mut transaction = self.0.begin_write()?;
        // The next durable step takes these with it: losing them loses nothing but an order.
        transaction.set_durability(Durability::None)?;
        {
            let mut table = transaction.open_table(USES)?;
            for (hash, used) in changes {
                match used {
                    Some(used) => table.insert(hash.as_bytes(), used)?,
                    None => table.remove(hash.as_bytes())?,
                };
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn try_commit(&self, added: &[(Key, Stamp)], removed: &[Key]) -> Result<(), redb::Error> {
        let transaction = self.0.begin_write()?;
        {
            let mut table = transaction.open_table(BLOBS)?;
            for key in removed {
                table.remove(&encode_key(key))?;
            }
            for (key, stamp) in added {
                table.insert(&encode_key(key), (stamp.size, stamp.modified))?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    // Without it, a file that was damaged from outside may end the program instead of failing to open.
    builder.set_check_integrity_on_open(true);
    builder.set_cache_size(PAGES);
    builder
}

fn cannot(what: &str, error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Io(format!("the cache's index cannot be used: {what} failed ({error})"))
}

pub(super) fn encode_key((hash, kind): &Key) -> [u8; 33] {
    let mut bytes = [0; 33];
    let (start, end) = bytes.split_at_mut(32);
    start.copy_from_slice(hash.as_bytes());
    end.fill(kind.number());
    bytes
}

pub(super) fn decode_key(bytes: &[u8; 33]) -> Option<Key> {
    let (hash, kind) = bytes.split_first_chunk::<32>()?;
    Some((BlobHash::from_bytes(*hash), BlobKind::from_number(*kind.first()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::FileType;

    #[test]
    fn what_was_listed_is_there_after_a_restart_and_what_was_removed_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.redb");
        let key = |text: &[u8], kind| (BlobHash::of(text), kind);
        let (one, two) = (key(b"1", BlobKind::Text), key(b"2", BlobKind::File(FileType::Tex)));
        let stamp = Stamp { size: 5, modified: u64::MAX };
        let index = Index::open(&path, "here").unwrap();
        assert_eq!(index.load().unwrap(), []);
        index.commit(&[(one, stamp), (two, stamp)], &[]).unwrap();
        index.commit(&[], &[one]).unwrap();
        drop(index);
        assert_eq!(Index::open(&path, "here").unwrap().load().unwrap(), [(two, stamp)]);
    }

    #[test]
    fn when_a_blob_was_last_used_is_known_after_a_restart_until_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.redb");
        let [one, two] = [b"1", b"2"].map(|text| BlobHash::of(text));
        let index = Index::open(&path, "here").unwrap();
        index.commit_uses(&[(one, Some(5)), (two, Some(6))]).unwrap();
        index.commit_uses(&[(one, None), (two, Some(7))]).unwrap();
        drop(index);
        assert_eq!(Index::open(&path, "here").unwrap().load_uses().unwrap(), HashMap::from([(two, 7)]));
        assert_eq!(Index::open(&path, "there").unwrap().load_uses().unwrap(), HashMap::new());
    }

    #[test]
    fn a_broken_index_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.redb");
        std::fs::write(&path, vec![0x55; 70_000]).unwrap();
        assert_eq!(Index::open(&path, "here").unwrap().load().unwrap(), []);
        assert_eq!(std::fs::read(folder.path().join("index.broken")).unwrap().len(), 70_000);
    }

    #[test]
    fn an_index_from_another_folder_vouches_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.redb");
        let listed = ((BlobHash::of(b"1"), BlobKind::Text), Stamp { size: 5, modified: 6 });
        Index::open(&path, "there").unwrap().commit(&[listed], &[]).unwrap();
        assert_eq!(Index::open(&path, "there").unwrap().load().unwrap(), [listed]);
        assert_eq!(Index::open(&path, "here").unwrap().load().unwrap(), []);
        assert_eq!(Index::open(&path, "there").unwrap().load().unwrap(), [], "nor once it is back");
    }

    #[test]
    fn one_folder_has_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.redb");
        let _first = Index::open(&path, "here").unwrap();
        assert!(matches!(Index::open(&path, "here"), Err(StoreError::Io(text)) if text.contains("another FyteClub")));
    }
}
