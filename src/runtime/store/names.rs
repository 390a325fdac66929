//! The names of files in the cache folder.
//!
//! ```text
//! <2 hex>/<64 hex>.<ext>           a complete blob
//! partial/<64 hex>-<size>.part     a blob being received, written out of order
//! partial/<64 hex>-<size>.side     its tree and which groups are there
//! <2 hex>/<number>.tmp             a whole blob being written
//! index.redb                       what is durable
//! ```
//! A [`Name`] is only ever built here, from a hash, a number and an extension of the allow-list: nothing that a peer says is
//! ever a path.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::domain::{BlobHash, BlobKind, BlobRef, FileType};

/// The folder of what is not complete.
pub(super) const PARTIAL: &str = "partial";

/// A file in the cache folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name {
    folder: String,
    file: String,
}

/// What a found file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A complete blob, if its content says so too.
    Blob(BlobHash, BlobKind),
    /// The bytes of a partial blob.
    Partial(BlobHash, u64),
    /// A partial blob's tree and groups.
    Sidecar(BlobHash, u64),
    /// Left behind by an unclean end.
    Temporary,
}

impl Name {
    /// A complete blob.
    pub(super) fn blob(hash: &BlobHash, kind: BlobKind) -> Self {
        let text = hash.to_string();
        let folder = text.get(..2).unwrap_or_default().to_owned();
        Self { folder, file: format!("{text}.{}", kind.extension()) }
    }

    /// The bytes of a blob being received.
    pub(super) fn partial(blob: &BlobRef) -> Self {
        Self { folder: PARTIAL.to_owned(), file: format!("{}-{}.part", blob.hash, blob.size) }
    }

    /// The tree and groups of a blob being received.
    pub(super) fn sidecar(blob: &BlobRef) -> Self {
        Self { folder: PARTIAL.to_owned(), file: format!("{}-{}.side", blob.hash, blob.size) }
    }

    /// A whole blob being written, in the folder where it will stay: ten thousand of them made in one folder would crowd the
    /// part of the disk that the file system keeps for that folder. The number is used once in a run.
    pub(super) fn temporary(hash: &BlobHash, number: u64) -> Self {
        let folder = hash.to_string().get(..2).unwrap_or_default().to_owned();
        Self { folder, file: format!("{number}.tmp") }
    }

    /// A file that is written only to see whether that is possible.
    pub(super) fn probe() -> Self {
        Self { folder: PARTIAL.to_owned(), file: "0.tmp".to_owned() }
    }

    /// What lies in `folder` as `file`, if it is one of ours.
    pub(super) fn parse(folder: &str, file: &str) -> Option<(Self, Found)> {
        let (stem, extension) = file.split_once('.')?;
        let found = match (folder, extension) {
            (PARTIAL, "part") => parse_partial(stem).map(|(hash, size)| Found::Partial(hash, size))?,
            (PARTIAL, "side") => parse_partial(stem).map(|(hash, size)| Found::Sidecar(hash, size))?,
            (_, "tmp") => stem.parse::<u64>().ok().map(|_| Found::Temporary)?,
            _ => Found::Blob(stem.parse().ok()?, parse_kind(extension)?),
        };
        let name = Self { folder: folder.to_owned(), file: file.to_owned() };
        match found {
            // A name that is spelled otherwise (upper case, another folder) would never be looked up again.
            Found::Blob(hash, kind) => (Self::blob(&hash, kind) == name).then_some((name, found)),
            Found::Partial(..) | Found::Sidecar(..) | Found::Temporary => Some((name, found)),
        }
    }

    /// The complete blob that it names, if it does.
    pub(super) fn as_blob(&self) -> Option<(BlobHash, BlobKind)> {
        match Self::parse(&self.folder, &self.file)?.1 {
            Found::Blob(hash, kind) => Some((hash, kind)),
            Found::Partial(..) | Found::Sidecar(..) | Found::Temporary => None,
        }
    }

    /// Whether a folder of the cache folder may hold files of ours.
    pub(super) fn is_folder(folder: &str) -> bool {
        folder == PARTIAL || (folder.len() == 2 && folder.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')))
    }

    /// The folder in the cache folder.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// Where it lies below the cache folder.
    pub(super) fn under(&self, root: &Path) -> PathBuf {
        root.join(&self.folder).join(&self.file)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.folder, self.file)
    }
}

fn parse_partial(stem: &str) -> Option<(BlobHash, u64)> {
    let (hash, size) = stem.split_once('-')?;
    Some((hash.parse().ok()?, size.parse().ok()?))
}

fn parse_kind(extension: &str) -> Option<BlobKind> {
    let ours = [BlobKind::Text, BlobKind::Manifest].into_iter().chain(FileType::ALL.iter().copied().map(BlobKind::File));
    ours.into_iter().find(|kind| kind.extension() == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back_as_what_it_is() {
        let hash = BlobHash::of(b"x");
        for kind in FileType::ALL.iter().copied().map(BlobKind::File).chain([BlobKind::Text, BlobKind::Manifest]) {
            assert_eq!(read_back(&Name::blob(&hash, kind)), Some(Found::Blob(hash, kind)));
        }
        let blob = BlobRef { hash, size: 77, kind: BlobKind::Text };
        assert_eq!(read_back(&Name::partial(&blob)), Some(Found::Partial(hash, 77)));
        assert_eq!(read_back(&Name::sidecar(&blob)), Some(Found::Sidecar(hash, 77)));
        assert_eq!(read_back(&Name::temporary(&hash, 5)), Some(Found::Temporary));
    }

    #[test]
    fn files_that_are_not_ours_are_nothing() {
        let hash = BlobHash::of(b"x").to_string();
        let folder = &hash[..2];
        assert!(Name::parse(folder, &format!("{hash}.tex")).is_some());
        for (folder, file) in [
            (folder, format!("{hash}.exe")),
            (folder, format!("{}.tex", hash.to_uppercase())),
            ("00", format!("{hash}.tex")),
            (folder, format!("{hash}.tex.bak")),
            (folder, hash.clone()),
            ("partial", "notes.tmp".to_owned()),
            ("partial", format!("{hash}.part")),
        ] {
            assert_eq!(Name::parse(folder, &file), None, "{folder}/{file}");
        }
        assert!(Name::is_folder("a0") && Name::is_folder("partial"));
        assert!(!Name::is_folder("A0") && !Name::is_folder("..") && !Name::is_folder("a00"));
    }

    fn read_back(name: &Name) -> Option<Found> {
        let (read, found) = Name::parse(&name.folder, &name.file)?;
        assert_eq!(read, *name);
        Some(found)
    }
}
