//! The two notes by which a move of the cache survives any end of the program.
//!
//! ```text
//! old/moving-to.json     {"to": …, "done": false}   everything is still here; what lies there is a copy to be thrown away
//!                        {"to": …, "done": true}    everything is there; what lies here is to be removed
//! new/moved-from.json    {"from": …}                whose copy this is, until the old folder is gone
//! ```
//! Each is written whole or not at all. So there is one moment at which the cache moves, which is when the first one says `true`,
//! and at every other moment it is sure which of the two folders is the cache.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::names::Name;
use super::volume::FolderGone;
use crate::runtime::files::write_atomically;
use crate::runtime::patience::patiently;

const MOVING_TO: &str = "moving-to.json";
const MOVED_FROM: &str = "moved-from.json";
/// Moves that are followed from a folder that is named somewhere.
const MOST_HOPS: usize = 8;

/// In the old folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MovingTo {
    pub(super) to: PathBuf,
    pub(super) done: bool,
}

/// In the new folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct MovedFrom {
    from: PathBuf,
}

/// The folder that is the cache, if `folder` is said to be it. What a move left behind that never came to its end is removed.
pub(super) fn follow(folder: &Path) -> Result<PathBuf, StoreError> {
    let mut folder = folder.to_owned();
    for _ in 0..MOST_HOPS {
        match moving_to(&folder) {
            None => break,
            Some(MovingTo { to, done: true }) if to.is_dir() => folder = to,
            Some(MovingTo { to, done: true }) => return Err(StoreError::Io(FolderGone(to).to_string())),
            Some(MovingTo { to, done: false }) => {
                undo(&folder, &to);
                break;
            }
        }
    }
    Ok(folder)
}

/// Notes that a move begins.
pub(super) fn begin(from: &Path, to: &Path) -> Result<(), StoreError> {
    save(&from.join(MOVING_TO), &MovingTo { to: to.to_owned(), done: false })?;
    save(&to.join(MOVED_FROM), &MovedFrom { from: from.to_owned() })
}

/// The moment of the move.
pub(super) fn complete(from: &Path, to: &Path) -> Result<(), StoreError> {
    save(&from.join(MOVING_TO), &MovingTo { to: to.to_owned(), done: true })
}

/// Throws an unfinished copy away.
pub(super) fn undo(from: &Path, to: &Path) {
    if moving_to(from).is_some_and(|mark| mark.done) {
        return;
    }
    if moved_from(to).as_deref() == Some(from) {
        remove_ours(to);
        let _ = std::fs::remove_file(to.join(MOVED_FROM));
        let _ = std::fs::remove_dir(to);
    }
    let _ = std::fs::remove_file(from.join(MOVING_TO));
}

/// The folder that is still to be removed after a move to this one.
pub(super) fn moved_from(folder: &Path) -> Option<PathBuf> {
    load::<MovedFrom>(&folder.join(MOVED_FROM)).map(|mark| mark.from)
}

pub(super) fn moving_to(folder: &Path) -> Option<MovingTo> {
    load(&folder.join(MOVING_TO))
}

/// Removes what is left of the folder from which everything moved here; files of others stay. How many of ours could not be
/// removed: then it is to be done again.
pub(super) fn remove_old(here: &Path) -> usize {
    let Some(from) = moved_from(here) else { return 0 };
    if moving_to(&from).is_some_and(|mark| mark.done && mark.to == here) {
        let refused = remove_ours(&from);
        if refused > 0 {
            return refused;
        }
        let _ = std::fs::remove_file(from.join(MOVING_TO));
        // Only if nothing of anybody else is in it.
        let _ = std::fs::remove_dir(&from);
    }
    let _ = std::fs::remove_file(here.join(MOVED_FROM));
    0
}

/// Whether a folder can take a cache: it is not there, or nothing is in it.
pub(super) fn is_free(folder: &Path) -> io::Result<bool> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes files of ours; how many could not be removed.
fn remove_ours(folder: &Path) -> usize {
    let mut refused = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Some(sub) = entry.file_name().to_str().map(str::to_owned).filter(|sub| Name::is_folder(sub)) else { continue };
        for file in ours_in(&entry.path(), &sub) {
            if let Err(error) = patiently(|| std::fs::remove_file(&file)) {
                tracing::debug!(%error, file = %file.display(), "a file of the old folder cannot be removed yet");
            }
        }
        // Removed, and yet there while somebody has it open: so it is in Wine, and on old versions of Windows.
        if std::fs::remove_dir(entry.path()).is_err() {
            refused += ours_in(&entry.path(), &sub).count();
        }
    }
    for name in ["index.redb", "index.broken"] {
        let removed = patiently(|| std::fs::remove_file(folder.join(name)));
        refused += usize::from(removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound));
    }
    refused
}

/// The files of ours in one of a cache's folders.
fn ours_in(folder: &Path, sub: &str) -> impl Iterator<Item = PathBuf> {
    let ours = move |file: &std::fs::DirEntry| file.file_name().to_str().is_some_and(|name| Name::parse(sub, name).is_some());
    std::fs::read_dir(folder).into_iter().flatten().flatten().filter(ours).map(|file| file.path())
}

fn save(path: &Path, mark: &impl Serialize) -> Result<(), StoreError> {
    let text =
        serde_json::to_vec(mark).map_err(|error| StoreError::Io(format!("{} cannot be written ({error})", path.display())))?;
    write_atomically(path, &text).map_err(|error| StoreError::Io(error.to_string()))
}

fn load<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = std::fs::read(path).ok()?;
    serde_json::from_slice(&text)
        .inspect_err(|error| tracing::warn!(%error, "a note about a move of the cache cannot be read: it is passed over"))
        .ok()
}
