//! Looks to be sent, made once in a run and the same in every run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use fyteclub::run::stage::wardrobe::{self, Size};
use tempfile::TempDir;

use crate::system;

/// The folder of everything that a run writes: on the disk on which the program is built.
///
/// Nothing in it is removed before the end of the run: ext4 passes over what was removed within the last minutes when it looks for a
/// place for a new file, one by one, so files of one row that are removed would take half of the next one's time.
#[derive(Debug)]
pub(crate) struct Work(TempDir);

/// A folder with a look.
#[derive(Clone, Debug)]
pub(crate) struct Outfit {
    pub(crate) folder: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) files: u32,
}

impl Work {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(tempfile::Builder::new().prefix("transfer-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?))
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// A new, empty folder.
    pub(crate) fn fresh(&self) -> Result<PathBuf> {
        Ok(tempfile::tempdir_in(self.folder())?.keep())
    }

    /// Makes a look.
    pub(crate) fn outfit(&self, name: &str, size: Size) -> Result<Outfit> {
        let folder = self.folder().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let written = wardrobe::fill(&folder, size, 1)?;
        system::settle();
        Ok(Outfit { folder, bytes: written.bytes, files: written.files })
    }

    /// Makes a look of a few huge files.
    pub(crate) fn huge(&self, count: u64, bytes: u64) -> Result<Outfit> {
        let folder = self.folder().join("huge");
        wardrobe::add_sounds(&folder, count, bytes, 1)?;
        system::settle();
        Ok(Outfit { folder, bytes: count * bytes, files: u32::try_from(count)? })
    }
}

/// The files below a folder as paths within it, in order, without the simulator's texts.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name() == "_texts" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(root)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Fails unless two files are equal.
pub(crate) fn same(one: &Path, other: &Path) -> Result<()> {
    anyhow::ensure!(fs::read(one)? == fs::read(other)?, "{} differs from {}", other.display(), one.display());
    Ok(())
}
