//! A folder as a character's look.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;

use crate::domain::{GamePath, MAX_TEXT, ObjectKind, TextName};
use crate::wire::plugin::{PublishedFile, PublishedObject};

/// Where other plugins' texts lie in a look's folder: `_texts/NAME.txt`.
pub(super) const TEXTS: &str = "_texts";

/// What lies in the folder. Two equal looks need no second publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    files: BTreeMap<GamePath, (PathBuf, Version)>,
    texts: BTreeMap<TextName, String>,
    /// What lies there but is no part of a look, with the reason.
    pub skipped: Vec<String>,
}

/// Tells an old content from a new one without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    length: u64,
    modified: Option<SystemTime>,
}

impl Look {
    /// How a plugin publishes it.
    pub(super) fn objects(&self) -> Vec<PublishedObject> {
        let file = |(game_path, (path, _)): (&GamePath, &(PathBuf, Version))| PublishedFile {
            game_paths: vec![game_path.to_string()],
            path: path.to_string_lossy().into_owned(),
        };
        let texts = self.texts.iter().map(|(name, text)| (name.as_str().to_owned(), text.clone()));
        let files = self.files.iter().map(file).collect();
        vec![PublishedObject { kind: ObjectKind::Player, files, texts: texts.collect() }]
    }

    /// For people.
    pub(super) fn summary(&self) -> String {
        let bytes: u64 = self.files.values().map(|(_, version)| version.length).sum();
        format!("{} files, {} texts, {bytes} bytes", self.files.len(), self.texts.len())
    }
}

/// Looks through a folder.
pub(super) fn read_look(folder: &Path) -> anyhow::Result<Look> {
    let mut look = Look::default();
    read_folder(folder, folder, &mut look)?;
    look.skipped.sort();
    Ok(look)
}

fn read_folder(root: &Path, folder: &Path, look: &mut Look) -> anyhow::Result<()> {
    let failed = || format!("Failed to look through {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        // A file that has gone since is a change; the next sight will tell.
        let Ok(metadata) = path.metadata() else { continue };
        if metadata.is_dir() {
            read_folder(root, &path, look)?;
        } else if let Some(skipped) = read_file(root, &path, &metadata, look) {
            look.skipped.push(skipped);
        }
    }
    Ok(())
}

/// Adds one file, or says why it is skipped.
fn read_file(root: &Path, path: &Path, metadata: &Metadata, look: &mut Look) -> Option<String> {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    let name = parts.join("/");
    if let [folder, text] = parts.as_slice()
        && folder == TEXTS
    {
        return read_text(path, text, metadata, look).err().map(|error| format!("{name}: {error:#}"));
    }
    match GamePath::new(&name) {
        Ok(game_path) => {
            let version = Version { length: metadata.len(), modified: metadata.modified().ok() };
            look.files.insert(game_path, (path.to_owned(), version));
            None
        }
        Err(error) => Some(format!("{name}: {error}")),
    }
}

fn read_text(path: &Path, file_name: &str, metadata: &Metadata, look: &mut Look) -> anyhow::Result<()> {
    let name = TextName::new(file_name.strip_suffix(".txt").context("a text's file ends in .txt")?)?;
    anyhow::ensure!(metadata.len() <= MAX_TEXT, "a text has at most {MAX_TEXT} bytes");
    look.texts.insert(name, std::fs::read_to_string(path)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_a_look_and_what_is_no_part_of_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("chara/human/body.mdl", "body");
        write("chara/skin.tex", "skin");
        write("_texts/glamourer.txt", "state");
        write("_texts/Bad.txt", "x");
        write("readme.md", "x");
        let look = read_look(folder.path()).unwrap();
        let objects = look.objects();
        let paths: Vec<_> = objects[0].files.iter().flat_map(|file| file.game_paths.clone()).collect();
        assert_eq!(paths, ["chara/human/body.mdl", "chara/skin.tex"]);
        assert_eq!(objects[0].texts, BTreeMap::from([("glamourer".to_owned(), "state".to_owned())]));
        assert_eq!(look.summary(), "2 files, 1 texts, 8 bytes");
        assert!(look.skipped[0].starts_with("_texts/Bad.txt") && look.skipped[1].starts_with("readme.md"), "{:?}", look.skipped);

        assert_eq!(read_look(folder.path()).unwrap(), look);
        write("chara/skin.tex", "other skin");
        assert_ne!(read_look(folder.path()).unwrap(), look);
    }
}
