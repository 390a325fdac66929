//! Paths of a plugin that runs in a Wine or Proton prefix, and ours.
//!
//! Such a plugin writes `C:\Mods\a.tex`; its `hello` says which folder of this system each drive letter stands for. On the
//! way in the drive must be in that map, and the path is looked up ignoring case, as Wine does, since the plugin cannot know how
//! the file is really written. On the way out the drive with the nearest folder is taken. A drive's folder may be given as the link that
//! it is in the prefix's `dosdevices`, which is followed then.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// Why a path cannot be translated. Each says which path, and what to do where something can be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not `X:\…`.
    #[error("{0}: a path must begin with a drive letter, a colon and a backslash")]
    NotAbsolute(String),
    /// `\\host\share`, `\\?\` or `\\.\`.
    #[error("{0}: network and device paths cannot be reached; use a drive letter")]
    Network(String),
    /// With a part `..`.
    #[error("{0}: a path must not go upwards by ..")]
    Upwards(String),
    /// With a NUL or a colon behind the drive.
    #[error("{0}: a path holds no NUL, and no colon but the drive's")]
    Character(String),
    /// A drive that `hello` did not name.
    #[error("{0}: its drive is not in the map that hello gave: add it there")]
    UnknownDrive(String),
    /// Nothing there, whatever the case of the letters.
    #[error("{0}: there is nothing of that name, whatever the case of its letters")]
    Missing(String),
    /// Our file lies where no drive leads, or its name is none that Windows programs can open.
    #[error("{0}: no drive of the map that hello gave leads there: add Z: for /")]
    Unreachable(String),
    /// A drive map with something else than `X:` → an absolute folder.
    #[error("{0}: a drive map names drives like \"C:\" and absolute folders of this system")]
    BadDrive(String),
}

/// What the translation asks the disk.
pub trait Folders {
    /// Whether something is there.
    fn exists(&mut self, path: &Path) -> bool;
    /// How a child of this folder is really written; of several that differ only in case, always the same one.
    fn child(&mut self, folder: &Path, name: &str) -> Option<OsString>;
}

/// A prefix's drives and their folders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drives {
    folders: BTreeMap<char, PathBuf>,
    /// Where a folder that is a link, or lies behind one, really is.
    behind: BTreeMap<char, PathBuf>,
}

impl Drives {
    /// Reads the drive map of a `hello`.
    ///
    /// # Errors
    /// [`PathError::BadDrive`] names the entry.
    pub fn new(map: &BTreeMap<String, String>) -> Result<Self, PathError> {
        let mut folders = BTreeMap::new();
        for (drive, folder) in map {
            let letter = match drive.as_bytes() {
                [letter, b':'] if letter.is_ascii_alphabetic() => char::from(letter.to_ascii_uppercase()),
                _ => return Err(PathError::BadDrive(drive.clone())),
            };
            let absolute = folder.starts_with('/') && !folder.contains('\0') && !folder.split('/').any(|part| part == "..");
            if !absolute || folders.insert(letter, PathBuf::from(folder)).is_some() {
                return Err(PathError::BadDrive(format!("{drive} {folder}")));
            }
        }
        Ok(Self { folders, behind: BTreeMap::new() })
    }

    /// Follows the links to the drives' folders, so that our files are recognised on a drive however they are named. A drive that leads
    /// nowhere, or round in a circle, stays as it is: nothing is found on it.
    #[must_use]
    pub fn followed(mut self) -> Self {
        let really = |(letter, folder): (&char, &PathBuf)| {
            let real = folder.canonicalize().ok().filter(|real| real != folder)?;
            Some((*letter, real))
        };
        self.behind = self.folders.iter().filter_map(really).collect();
        self
    }

    /// The file or folder of this system that a plugin's path means.
    ///
    /// # Errors
    /// [`PathError`] says why there is none.
    pub fn to_native(&self, path: &str, disk: &mut impl Folders) -> Result<PathBuf, PathError> {
        let (letter, parts) = split(path)?;
        let folder = self.folders.get(&letter).ok_or_else(|| PathError::UnknownDrive(path.to_owned()))?;
        let exact = folder.join(parts.join("/"));
        if disk.exists(&exact) {
            return Ok(exact);
        }
        parts.iter().try_fold(folder.clone(), |folder, part| {
            let written = disk.child(&folder, part).ok_or_else(|| PathError::Missing(path.to_owned()))?;
            Ok(folder.join(written))
        })
    }

    /// How a plugin writes a path of this system.
    ///
    /// # Errors
    /// [`PathError::Unreachable`].
    pub fn to_wine(&self, path: &str) -> Result<String, PathError> {
        let unreachable = || PathError::Unreachable(path.to_owned());
        let within = |(letter, folder): (&char, &PathBuf)| {
            let rest = Path::new(path).strip_prefix(folder).ok()?.to_owned();
            Some((folder.components().count(), *letter, rest))
        };
        // The nearest folder gives the shortest path; of drives that stand for one folder the last is as good as the first.
        let nearest = self.folders.iter().chain(&self.behind).filter_map(within).max_by_key(|(depth, _, _)| *depth);
        let (_, letter, rest) = nearest.ok_or_else(unreachable)?;
        let mut wine = format!("{letter}:");
        for component in rest.components() {
            let part = windows_part(component).ok_or_else(unreachable)?;
            wine.push('\\');
            wine.push_str(part);
        }
        if wine.len() == 2 {
            wine.push('\\');
        }
        Ok(wine)
    }
}

/// Drive letter, upper case, and the parts behind it.
fn split(path: &str) -> Result<(char, Vec<&str>), PathError> {
    let own = || path.to_owned();
    let is_slash = |c: char| c == '\\' || c == '/';
    if path.starts_with(is_slash) && path.chars().nth(1).is_some_and(is_slash) {
        return Err(PathError::Network(own()));
    }
    let mut characters = path.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic).ok_or_else(|| PathError::NotAbsolute(own()))?;
    let rest = characters.as_str().strip_prefix(':').filter(|rest| rest.starts_with(is_slash));
    let rest = rest.ok_or_else(|| PathError::NotAbsolute(own()))?;
    if rest.contains(['\0', ':']) {
        return Err(PathError::Character(own()));
    }
    let parts: Vec<&str> = rest.split(is_slash).filter(|part| !part.is_empty() && *part != ".").collect();
    if parts.contains(&"..") {
        return Err(PathError::Upwards(own()));
    }
    Ok((letter.to_ascii_uppercase(), parts))
}

/// A part that a Windows program can name.
fn windows_part(component: Component<'_>) -> Option<&str> {
    let Component::Normal(part) = component else { return None };
    let part = part.to_str()?;
    let named = !part.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) && !part.chars().any(char::is_control);
    (named && !part.ends_with(['.', ' '])).then_some(part)
}

/// The real disk. Each folder is listed at most once, so that a publish of thousands of files stays quick.
#[derive(Debug, Default)]
pub struct Disk {
    listed: BTreeMap<PathBuf, BTreeMap<String, OsString>>,
}

impl Folders for Disk {
    fn exists(&mut self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn child(&mut self, folder: &Path, name: &str) -> Option<OsString> {
        if folder.join(name).symlink_metadata().is_ok() {
            return Some(name.into());
        }
        if !self.listed.contains_key(folder) {
            self.listed.insert(folder.to_owned(), list(folder));
        }
        self.listed.get(folder)?.get(&name.to_lowercase()).cloned()
    }
}

fn list(folder: &Path) -> BTreeMap<String, OsString> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<OsString> = entries.map(|entry| entry.file_name()).collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    // Of names that differ only in case the first in order stays, being inserted last.
    names.into_iter().filter_map(|name| Some((name.to_str()?.to_lowercase(), name))).collect()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that holds just these files.
    struct Files(&'static [&'static str]);

    impl Folders for Files {
        fn exists(&mut self, path: &Path) -> bool {
            self.0.iter().any(|file| Path::new(file).starts_with(path))
        }

        fn child(&mut self, folder: &Path, name: &str) -> Option<OsString> {
            let children = self.0.iter().filter_map(|file| Path::new(file).strip_prefix(folder).ok()?.components().next());
            let mut names: Vec<OsString> = children.map(|child| child.as_os_str().to_owned()).collect();
            names.sort();
            let exact = names.iter().find(|child| child.as_os_str() == name);
            exact.or_else(|| names.iter().find(|child| child.eq_ignore_ascii_case(name))).cloned()
        }
    }

    const FILES: &[&str] =
        &["/p/drive_c/Mods/Hat/a.tex", "/p/drive_c/mods/b.tex", "/home/aria/Look/c.tex", "/d/x.tex", "/d/sub/y.tex"];

    fn drives() -> Drives {
        let map = [("C:", "/p/drive_c"), ("z:", "/"), ("D:", "/d/")];
        Drives::new(&map.map(|(drive, folder)| (drive.to_owned(), folder.to_owned())).into()).unwrap()
    }

    #[test]
    fn paths_on_mapped_drives_are_found_ignoring_case() {
        for (wine, native) in [
            (r"C:\Mods\Hat\a.tex", "/p/drive_c/Mods/Hat/a.tex"),
            (r"c:\MODS\hat\A.TEX", "/p/drive_c/Mods/Hat/a.tex"),
            (r"C:\mods\b.tex", "/p/drive_c/mods/b.tex"),
            ("C:/Mods/Hat/a.tex", "/p/drive_c/Mods/Hat/a.tex"),
            (r"C:\\Mods\.\Hat\a.tex", "/p/drive_c/Mods/Hat/a.tex"),
            (r"Z:\home\aria\look\c.tex", "/home/aria/Look/c.tex"),
            (r"z:\d\X.tex", "/d/x.tex"),
            (r"d:\sub\y.tex", "/d/sub/y.tex"),
            (r"C:\", "/p/drive_c"),
        ] {
            assert_eq!(drives().to_native(wine, &mut Files(FILES)).as_deref(), Ok(Path::new(native)), "{wine}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        type Kind = fn(String) -> PathError;
        let cases: [(&str, Kind); 16] = [
            (r"E:\a.tex", PathError::UnknownDrive),
            (r"\\host\share\a.tex", PathError::Network),
            (r"//host/share/a.tex", PathError::Network),
            (r"\\?\C:\Mods\Hat\a.tex", PathError::Network),
            (r"\\.\C:\Mods\Hat\a.tex", PathError::Network),
            (r"Mods\Hat\a.tex", PathError::NotAbsolute),
            (r"C:Mods\Hat\a.tex", PathError::NotAbsolute),
            (r"\Mods\Hat\a.tex", PathError::NotAbsolute),
            ("/home/aria/Look/c.tex", PathError::NotAbsolute),
            ("", PathError::NotAbsolute),
            ("é:\\a", PathError::NotAbsolute),
            (r"C:\Mods\..\..\secret", PathError::Upwards),
            (r"C:/Mods/../x", PathError::Upwards),
            ("C:\\a\0.tex", PathError::Character),
            (r"C:\Mods\Hat\a.tex:stream", PathError::Character),
            (r"C:\Mods\Hat\none.tex", PathError::Missing),
        ];
        for (path, kind) in cases {
            assert_eq!(drives().to_native(path, &mut Files(FILES)), Err(kind(path.to_owned())), "{path:?}");
        }
    }

    #[test]
    fn our_paths_are_written_by_the_nearest_drive() {
        for (native, wine) in [
            ("/p/drive_c/fyteclub/cache/ab/abcd.tex", r"C:\fyteclub\cache\ab\abcd.tex"),
            ("/home/aria/.local/cache/ab/abcd.tex", r"Z:\home\aria\.local\cache\ab\abcd.tex"),
            ("/d/x.tex", r"D:\x.tex"),
            ("/d", r"D:\"),
        ] {
            assert_eq!(drives().to_wine(native).as_deref(), Ok(wine), "{native}");
        }
    }

    #[test]
    fn our_paths_that_a_prefix_cannot_reach_are_named() {
        let only_c = Drives::new(&[("C:".to_owned(), "/p/drive_c".to_owned())].into()).unwrap();
        for path in ["/home/aria/x.tex", "/p/drive_cc/x.tex", "/p/drive_c/a:b.tex", "/p/drive_c/a\\b.tex", "/p/drive_c/a. /b.tex"]
        {
            assert_eq!(only_c.to_wine(path), Err(PathError::Unreachable(path.to_owned())), "{path}");
        }
    }

    #[test]
    fn a_drive_map_of_something_else_is_refused() {
        for (drive, folder) in
            [("C", "/p"), ("CC:", "/p"), ("1:", "/p"), ("C:", "p"), ("C:", r"\\host"), ("C:", "/p/../q"), ("", "")]
        {
            let map = [(drive.to_owned(), folder.to_owned())].into();
            assert!(matches!(Drives::new(&map), Err(PathError::BadDrive(_))), "{drive} {folder}");
        }
        let twice = [("C:".to_owned(), "/p".to_owned()), ("c:".to_owned(), "/q".to_owned())].into();
        assert!(matches!(Drives::new(&twice), Err(PathError::BadDrive(_))));
    }

    #[test]
    fn the_real_disk_is_asked_ignoring_case() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Mods")).unwrap();
        std::fs::write(folder.path().join("Mods/Hat.TEX"), "x").unwrap();
        std::fs::write(folder.path().join("Mods/hat.tex"), "y").unwrap();
        let drives = Drives::new(&[("C:".to_owned(), folder.path().to_str().unwrap().to_owned())].into()).unwrap();
        let mut disk = Disk::default();
        assert_eq!(drives.to_native(r"C:\mods\hat.tex", &mut disk), Ok(folder.path().join("Mods/hat.tex")));
        assert_eq!(drives.to_native(r"C:\MODS\HAT.tex", &mut disk), Ok(folder.path().join("Mods/Hat.TEX")));
        assert!(drives.to_native(r"C:\mods\none.tex", &mut disk).is_err());
    }
}
