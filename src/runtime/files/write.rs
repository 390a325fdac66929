//! Writing that survives: a file is there as it was or as it shall be, whenever the power goes.
//!
//! New content goes to a temporary file of the same folder, is synced, renamed over the old one, and the folder is synced, without which
//! the rename itself could be undone. A temporary file that a crash left behind is swept up at the next start.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::ProfileError;
use crate::runtime::patience::patiently;

/// What names of temporary files begin with.
const TEMPORARY: &str = ".writing-";

/// Writes a whole file, readable by the owner only.
///
/// # Errors
/// [`ProfileError::Io`]; the file is then as it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), ProfileError> {
    try_write(path, content).map_err(ProfileError::io("cannot write", path))
}

fn try_write(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    step()?;
    let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(folder)?;
    step()?;
    file.write_all(content)?;
    step()?;
    file.as_file().sync_all()?;
    step()?;
    persist_patiently(file, path)?;
    step()?;
    sync_folder(folder)
}

/// Gives a file another name in the same folder, for good.
pub(super) fn rename_durably(from: &Path, to: &Path) -> io::Result<()> {
    step()?;
    patiently(|| fs::rename(from, to))?;
    step()?;
    sync_folder(folder_of(to))
}

/// The first of these names that nothing has: `NAME`, `NAME-2`, `NAME-3`, …
pub(super) fn free_name(name: &Path) -> PathBuf {
    let numbered = (2_u32..).map(|n| {
        let mut text = name.as_os_str().to_owned();
        text.push(format!("-{n}"));
        PathBuf::from(text)
    });
    std::iter::once(name.to_owned()).chain(numbered).find(|path| !path.exists()).unwrap_or_else(|| name.to_owned())
}

/// Removes temporary files that a crash left behind. Whoever calls it holds the profile's lock.
pub(super) fn sweep(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(TEMPORARY)) {
        // It is tried again at the next start.
        let _ = fs::remove_file(entry.path());
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Makes names in a folder durable. Windows has no such call: there, NTFS's journal keeps renames in order.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn persist_patiently(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    let mut waiting = Some(file);
    patiently(|| {
        let file = waiting.take().ok_or(io::ErrorKind::NotFound)?;
        file.persist(path).map(drop).map_err(|refused| {
            waiting = Some(refused.file);
            refused.error
        })
    })
}

/// A step that a test may be killed before.
#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, reason = "in tests it fails")]
pub(super) const fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(super) use killing::step;

/// Ends a thread's writing after so many steps, as a kill would: nothing after it happens.
#[cfg(test)]
pub(super) mod killing {
    use std::cell::Cell;
    use std::io;

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
        static KILLED: Cell<bool> = const { Cell::new(false) };
    }

    pub(in crate::runtime::files) fn step() -> io::Result<()> {
        match LEFT.get() {
            Some(0) => {
                KILLED.set(true);
                Err(io::Error::other("killed"))
            }
            left => {
                LEFT.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    /// Does something that is killed after so many steps. Whether it had more to do.
    pub(in crate::runtime::files) fn killed_after(steps: u32, act: impl FnOnce()) -> bool {
        LEFT.set(Some(steps));
        act();
        LEFT.set(None);
        KILLED.replace(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        assert!(write_atomically(&taken, b"new").is_err(), "a folder is in the way");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let file = folder.path().join("file");
        write_atomically(&file, b"old").unwrap();
        write_atomically(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn killed_between_any_two_steps_there_is_the_old_content_or_the_new() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let mut seen = Vec::new();
        for steps in 0.. {
            write_atomically(&file, b"old").unwrap();
            let killed = killing::killed_after(steps, || drop(write_atomically(&file, b"new")));
            seen.push(fs::read(&file).unwrap());
            if !killed {
                break;
            }
        }
        assert!(seen.iter().all(|content| content == b"old" || content == b"new"), "{seen:?}");
        assert!(seen.len() > 4 && seen.first().unwrap() == b"old" && seen.last().unwrap() == b"new", "{seen:?}");
    }

    #[test]
    fn what_a_crash_left_half_written_is_swept_up_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".writing-abc", "settings.ron", "settings.ron.broken-1"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        sweep(folder.path());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("x");
        assert_eq!(free_name(&name), name);
        fs::write(&name, "").unwrap();
        fs::write(folder.path().join("x-2"), "").unwrap();
        assert_eq!(free_name(&name), folder.path().join("x-3"));
    }
}
