//! Whether what is shown is what is worn, byte by byte.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::domain::Character;

/// Files that are the simulator's own.
const OWN: [&str; 2] = ["name.txt", "_texts"];

/// Checks that `shown` has a folder for `character` with exactly the files of `worn`.
///
/// # Errors
/// Names the first difference.
pub fn same(worn: &Path, shown: &Path, character: &Character) -> Result<()> {
    let Some(folder) = find(shown, character)? else { bail!("{character} is not in {}", shown.display()) };
    let (ours, theirs) = (files(worn)?, files(&folder)?);
    if let Some(odd) = ours.symmetric_difference(&theirs).next() {
        bail!("{} is worn or shown, but not both", odd.display());
    }
    for file in &ours {
        let equal = fs::read(worn.join(file))? == fs::read(folder.join(file))?;
        ensure!(equal, "{} differs", file.display());
    }
    Ok(())
}

/// The folder in which a character is shown.
///
/// # Errors
/// If the folders cannot be read.
pub fn find(shown: &Path, character: &Character) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(shown).context("Failed to read what is shown")? {
        let folder = entry?.path();
        if fs::read_to_string(folder.join("name.txt")).is_ok_and(|name| name.trim() == character.to_string()) {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// Whether nothing is shown.
///
/// # Errors
/// If the folder cannot be read.
pub fn is_empty(shown: &Path) -> Result<bool> {
    Ok(fs::read_dir(shown)?.next().is_none())
}

fn files(root: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                if path != root.join("_texts") {
                    folders.push(path);
                }
            } else if let Ok(relative) = path.strip_prefix(root)
                && !OWN.iter().any(|own| relative == Path::new(own))
            {
                found.insert(relative.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_byte_one_missing_and_one_extra_file_are_found() {
        let (worn, shown) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let character: Character = "A@B".parse().unwrap();
        let folder = shown.path().join("x");
        for root in [worn.path(), folder.as_path()] {
            fs::create_dir_all(root.join("a")).unwrap();
            fs::write(root.join("a/b.tex"), b"same").unwrap();
        }
        assert!(same(worn.path(), shown.path(), &character).is_err(), "no name.txt");
        fs::write(folder.join("name.txt"), "A@B\n").unwrap();
        same(worn.path(), shown.path(), &character).unwrap();
        fs::write(folder.join("a/b.tex"), b"sane").unwrap();
        assert!(same(worn.path(), shown.path(), &character).is_err());
        fs::write(folder.join("a/b.tex"), b"same").unwrap();
        fs::write(folder.join("extra.tex"), b"").unwrap();
        assert!(same(worn.path(), shown.path(), &character).is_err());
        fs::remove_file(folder.join("extra.tex")).unwrap();
        fs::remove_file(folder.join("a/b.tex")).unwrap();
        assert!(same(worn.path(), shown.path(), &character).is_err());
    }
}
