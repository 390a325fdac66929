//! A folder on disk as the store's volume. Renaming and removing are done patiently ([`crate::runtime::patience`]).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::names::{Found, Name, PARTIAL};
use super::volume::{FolderGone, FoundFile, SharedFile, Stamp, Volume, VolumeFile};
use crate::runtime::patience::patiently;

/// From this many files on, one sync of the whole file system is cheaper than one for each.
#[cfg(target_os = "linux")]
const SYNC_ALL_FROM: usize = 16;

/// The cache folder on disk.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// The volume it was on when it was opened, where the system numbers them.
    volume: u64,
}

impl Disk {
    /// Makes the folder where it is missing, and tries to write to it.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let root = ordinary(std::path::absolute(folder)?);
        fs::create_dir_all(&root)?;
        let volume = volume_of(&root);
        let disk = Self { root, volume };
        let probe = Name::probe();
        disk.open_or_create(&probe)?.write_all_at(b"probe", 0)?;
        disk.remove(&probe)?;
        Ok(disk)
    }

    /// A folder that is there, without trying to write to it.
    pub(super) fn existing(folder: &Path) -> Self {
        Self { root: folder.to_owned(), volume: volume_of(folder) }
    }

    /// Files of blobs being received, and what each is.
    pub(super) fn partials(&self) -> io::Result<Vec<(Name, Found)>> {
        let mut files = Vec::new();
        match self.list_folder(PARTIAL, &mut files) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        Ok(files.into_iter().filter(|file| file.found != Found::Temporary).map(|file| (file.name, file.found)).collect())
    }

    /// Gives a file of another cache folder on the same volume a second name here; its stamp.
    pub(super) fn take_link(&self, from: &Path, name: &Name) -> io::Result<Stamp> {
        let (source, target) = (name.under(from), self.at(name));
        match self.in_folder(name, || fs::hard_link(&source, &target)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => self.stamp(name),
        }
    }

    /// The index's place.
    pub(super) fn index(&self) -> PathBuf {
        self.root.join("index.redb")
    }

    /// Which folder it is: one that was copied here with all its files is another.
    pub(super) fn identity(&self) -> String {
        let path = fs::canonicalize(&self.root).unwrap_or_else(|_| self.root.clone());
        format!("{} {}", number(&self.root), path.display())
    }

    fn at(&self, name: &Name) -> PathBuf {
        name.under(&self.root)
    }

    /// Does something that needs the name's folder, and makes the folder if that is what is missing.
    fn in_folder<T>(&self, name: &Name, act: impl Fn() -> io::Result<T>) -> io::Result<T> {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.gone()?;
                match fs::create_dir(self.root.join(name.folder())) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    Ok(()) | Err(_) => {}
                }
                act()
            }
            result => result,
        }
    }

    /// Fails if the folder itself is not there: its disk was unplugged, or somebody moved it. What is not found then is not lost,
    /// and nothing must be made in its place. Where a volume was, an empty folder of another one may be seen.
    fn gone(&self) -> io::Result<()> {
        let there = self.index().exists() || (self.root.is_dir() && volume_of(&self.root) == self.volume);
        if there { Ok(()) } else { Err(io::Error::other(FolderGone(self.root.clone()))) }
    }

    /// The same error, unless what is missing is the whole folder.
    fn or_gone(&self, error: io::Error) -> io::Error {
        self.gone().err().unwrap_or(error)
    }

    fn list_folder(&self, folder: &str, files: &mut Vec<FoundFile>) -> io::Result<()> {
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let Some((name, found)) = entry.file_name().to_str().and_then(|file| Name::parse(folder, file)) else { continue };
            if let Ok(metadata) = entry.metadata()
                && metadata.is_file()
            {
                files.push(FoundFile { name, found, stamp: stamp(&metadata) });
            }
        }
        Ok(())
    }
}

impl Volume for Disk {
    fn open(&self, name: &Name) -> io::Result<SharedFile> {
        Ok(Arc::new(DiskFile(File::open(self.at(name)).map_err(|error| self.or_gone(error))?)))
    }

    fn create(&self, name: &Name) -> io::Result<SharedFile> {
        let path = self.at(name);
        let file = self.in_folder(name, || OpenOptions::new().write(true).create(true).truncate(true).open(&path))?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn open_or_create(&self, name: &Name) -> io::Result<SharedFile> {
        let path = self.at(name);
        let file = self.in_folder(name, || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path))?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn stamp(&self, name: &Name) -> io::Result<Stamp> {
        let metadata = fs::symlink_metadata(self.at(name)).map_err(|error| self.or_gone(error))?;
        if metadata.is_file() { Ok(stamp(&metadata)) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn rename(&self, from: &Name, to: &Name) -> io::Result<()> {
        let (source, target) = (self.at(from), self.at(to));
        patiently(|| self.in_folder(to, || fs::rename(&source, &target)))
    }

    fn link(&self, from: &Name, to: &Name) -> io::Result<()> {
        let (source, target) = (self.at(from), self.at(to));
        self.in_folder(to, || fs::hard_link(&source, &target))
            .or_else(|_| self.in_folder(to, || fs::copy(&source, &target).map(drop)))
    }

    fn copy_in(&self, mut source: &File, to: &Name) -> io::Result<()> {
        let path = self.at(to);
        let mut target = self.in_folder(to, || OpenOptions::new().write(true).create(true).truncate(true).open(&path))?;
        io::copy(&mut source, &mut target).map(drop)
    }

    fn remove(&self, name: &Name) -> io::Result<()> {
        let path = self.at(name);
        patiently(|| match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.gone(),
            result => result,
        })
    }

    fn list(&self) -> io::Result<Vec<FoundFile>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            if let Some(folder) = entry.file_name().to_str().filter(|folder| Name::is_folder(folder))
                && entry.file_type()?.is_dir()
            {
                self.list_folder(folder, &mut files)?;
            }
        }
        Ok(files)
    }

    fn sync(&self, names: &[Name]) -> Vec<io::Result<()>> {
        #[cfg(target_os = "linux")]
        if names.len() >= SYNC_ALL_FROM {
            let result = sync_file_system(&self.root);
            return names.iter().map(|_| result.as_ref().copied().map_err(|error| error.kind().into())).collect();
        }
        let results = names.iter().map(|name| sync_file(&self.at(name))).collect();
        self.sync_folders(names);
        results
    }

    fn free(&self) -> io::Result<u64> {
        fs4::available_space(&self.root).map_err(|error| self.or_gone(error))
    }

    fn probe(&self) -> io::Result<()> {
        self.gone()
    }

    fn path(&self, name: &Name) -> io::Result<PathBuf> {
        Ok(self.at(name))
    }
}

impl Disk {
    /// A rename is durable only with its folder. A failure costs a hash at the next start, and nothing else.
    #[cfg(unix)]
    fn sync_folders(&self, names: &[Name]) {
        let folders: std::collections::BTreeSet<&str> = names.iter().map(Name::folder).collect();
        // The last one is for the folders' own names.
        for folder in folders.into_iter().chain([""]) {
            let synced = File::open(self.root.join(folder)).and_then(|folder| folder.sync_all());
            if let Err(error) = synced {
                tracing::debug!(%error, "a folder of the cache could not be synced");
            }
        }
    }

    /// NTFS journals its names.
    #[cfg(not(unix))]
    #[allow(clippy::unused_self, reason = "the other systems need the folder")]
    fn sync_folders(&self, _: &[Name]) {}
}

/// The path as every Windows program understands it: the game is given paths below it, and `\\?\C:\…` means nothing to it.
/// What has no other form (a network path, or one too long for the old interface) stays.
pub(super) fn ordinary(path: PathBuf) -> PathBuf {
    /// A blob's name behind it has 75 characters, and 259 is the old interface's limit.
    const LONGEST: usize = 160;
    let on_a_drive = |rest: &&str| matches!(rest.as_bytes(), [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic());
    let shorter = path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).filter(on_a_drive);
    shorter.filter(|rest| rest.len() <= LONGEST).map(PathBuf::from).unwrap_or(path)
}

/// The number by which the file system knows a folder, where it says so.
#[cfg(unix)]
fn number(folder: &Path) -> u64 {
    fs::metadata(folder).map(|metadata| std::os::unix::fs::MetadataExt::ino(&metadata)).unwrap_or_default()
}

#[cfg(not(unix))]
const fn number(_: &Path) -> u64 {
    0
}

#[cfg(unix)]
fn volume_of(folder: &Path) -> u64 {
    fs::metadata(folder).map(|metadata| std::os::unix::fs::MetadataExt::dev(&metadata)).unwrap_or_default()
}

#[cfg(not(unix))]
const fn volume_of(_: &Path) -> u64 {
    0
}

#[cfg(target_os = "linux")]
fn sync_file_system(root: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(root)?)?)
}

fn sync_file(path: &Path) -> io::Result<()> {
    // Windows flushes only what is open for writing.
    OpenOptions::new().read(true).write(cfg!(windows)).open(path)?.sync_all()
}

fn stamp(metadata: &fs::Metadata) -> Stamp {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Stamp { size: metadata.len(), modified: u64::try_from(since.as_nanos()).unwrap_or(u64::MAX) }
}

/// An open file on disk.
#[derive(Debug)]
pub(super) struct DiskFile(pub(super) File);

#[cfg(unix)]
impl VolumeFile for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.0, buffer, offset)
    }

    fn write_all_at(&self, content: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, content, offset)
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }
}

#[cfg(windows)]
impl VolumeFile for DiskFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset)
    }

    fn write_all_at(&self, mut content: &[u8], mut offset: u64) -> io::Result<()> {
        while !content.is_empty() {
            match std::os::windows::fs::FileExt::seek_write(&self.0, content, offset) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    content = content.get(count..).unwrap_or_default();
                    offset += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn set_len(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_game_is_given_a_path_that_it_understands() {
        let of = |text: &str| ordinary(PathBuf::from(text)).to_str().unwrap().to_owned();
        assert_eq!(of(r"\\?\C:\Users\Aria\cache"), r"C:\Users\Aria\cache");
        let long = format!(r"\\?\C:\{}", "x".repeat(200));
        for stays in [r"C:\Users", r"\\?\UNC\host\share", r"\\?\Volume{1}\x", r"\\host\share", "/home/aria", &long] {
            assert_eq!(of(stays), stays);
        }
    }
}
