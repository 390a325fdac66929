//! Which file it is, and whether it changed: device, number, size and times, from an open file.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Younger than this, a file may change again without a change of its times.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// Two equal identities, the times settled, mean the same file with the same content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    volume: u64,
    number: u64,
    /// Bytes.
    pub(super) size: u64,
    /// Last change of the content; the unit is the system's.
    modified: (i64, i64),
    /// Last change of anything (Unix), or the time of creation (Windows).
    changed: (i64, i64),
}

/// Opens a regular file, and nothing else: no folder, no pipe, no device, and not through a symlink that took the file's
/// place after `path` was resolved.
pub(super) fn open_regular(path: &Path) -> io::Result<(File, Identity)> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let Opened { file, unfollowed } = open_without_waiting(path)?;
    let identity = Identity::of(&file)?;
    let sure = unfollowed || (fs::canonicalize(path)? == path && is_at(path, &identity)?);
    let replaced = !sure || !file.metadata()?.is_file();
    if replaced { Err(io::Error::other("it was replaced while it was opened")) } else { Ok((file, identity)) }
}

/// An open file.
struct Opened {
    file: File,
    /// Whether the system has seen to it that no symlink was followed: asking once more takes as long as all the rest together.
    unfollowed: bool,
}

/// The file that a path leads to, all symlinks resolved, if it lies below one of the folders.
pub(super) fn resolve(path: &Path, roots: &[PathBuf]) -> io::Result<Option<PathBuf>> {
    let real = fs::canonicalize(path)?;
    Ok(roots.iter().any(|root| real.starts_with(root)).then_some(real))
}

/// Whether both times are old enough that a further change would show.
pub(super) fn is_settled(file: &File, now: SystemTime) -> bool {
    let old = |time: SystemTime| now.duration_since(time).is_ok_and(|age| age >= SETTLED_AFTER);
    file.metadata().and_then(|metadata| Ok(old(metadata.modified()?) && old(changed(&metadata)?))).unwrap_or(false)
}

/// Whether another name of the file may be a secret's: it has several names (hard links), and nobody but its owner may read it.
/// Mods that a backup or a tidying program linked are for everybody on the machine; keys and passwords are not.
#[cfg(unix)]
pub(super) fn is_private_link(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = file.metadata()?;
    Ok(metadata.nlink() > 1 && metadata.mode() & 0o077 == 0)
}

/// Who else may read a file cannot be told from it here.
#[cfg(windows)]
#[allow(clippy::unnecessary_wraps, reason = "as on other systems")]
pub(super) fn is_private_link(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// Opens what a path without symlinks names, and fails if a folder of it has become a symlink meanwhile.
#[cfg(target_os = "linux")]
fn open_without_waiting(path: &Path) -> io::Result<Opened> {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    use rustix::io::Errno;
    // A pipe that took the file's place would otherwise be waited for.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
        Ok(opened) => Ok(Opened { file: File::from(opened), unfollowed: true }),
        // Before Linux 5.6, or within a sandbox that does not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_unfollowed(path),
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn open_without_waiting(path: &Path) -> io::Result<Opened> {
    open_unfollowed(path)
}

/// Only the file itself is sure not to be a symlink.
#[cfg(unix)]
fn open_unfollowed(path: &Path) -> io::Result<Opened> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // A pipe that took the file's place would otherwise be waited for.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    Ok(Opened { file, unfollowed: false })
}

#[cfg(windows)]
fn open_without_waiting(path: &Path) -> io::Result<Opened> {
    Ok(Opened { file: OpenOptions::new().read(true).open(path)?, unfollowed: false })
}

#[cfg(unix)]
impl Identity {
    /// The identity of an open file.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }
}

#[cfg(unix)]
impl From<&fs::Metadata> for Identity {
    fn from(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            volume: metadata.dev(),
            number: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[cfg(unix)]
fn is_at(path: &Path, identity: &Identity) -> io::Result<bool> {
    let there = Identity::from(&fs::symlink_metadata(path)?);
    Ok((there.volume, there.number) == (identity.volume, identity.number))
}

#[cfg(unix)]
fn changed(metadata: &fs::Metadata) -> io::Result<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let seconds = u64::try_from(metadata.ctime()).map_err(io::Error::other)?;
    let rest = u64::try_from(metadata.ctime_nsec()).map_err(io::Error::other)?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_nanos(rest))
}

#[cfg(windows)]
impl Identity {
    /// The identity of an open file.
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let information = winapi_util::file::information(file)?;
        let time = |ticks: Option<u64>| (ticks.unwrap_or_default().cast_signed(), 0);
        Ok(Self {
            volume: information.volume_serial_number(),
            number: information.file_index(),
            size: information.file_size(),
            modified: time(information.last_write_time()),
            changed: time(information.creation_time()),
        })
    }
}

#[cfg(windows)]
fn is_at(path: &Path, identity: &Identity) -> io::Result<bool> {
    let there = Identity::of(&File::open(path)?)?;
    Ok((there.volume, there.number) == (identity.volume, identity.number))
}

#[cfg(windows)]
fn changed(metadata: &fs::Metadata) -> io::Result<SystemTime> {
    metadata.created()
}
