//! The profile: one folder that holds everything this companion keeps.
//!
//! | file | holds | written |
//! |---|---|---|
//! | `identity.ron` | the seed of both keys, readable by the owner only | once |
//! | `settings.ron` | [`Settings`], with a comment for each | when one changes |
//! | `circle.ron` | [`SavedCircle`]: trust, owners, audiences | when it changes |
//! | `lock` | nothing; held by the running companion | at start |
//! | `endpoint.json` | how plugins and `ctl` find the pipe | at start |
//! | `cache/` | friends' blobs | as they come |
//! | `logs/` | a file a day, the last seven | as it runs |
//!
//! Every write goes to a temporary file first, which is synced and renamed: after a crash there is the old file or the new one.
//! A file that cannot be read is set aside as `NAME.broken-N`, never overwritten.
#![allow(clippy::disallowed_methods, reason = "the identity's seed is drawn from the system's randomness here")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::patience::patiently;
use crate::domain::{Identity, Settings};
use crate::engine::state::SavedCircle;

/// The version that this program writes into its files.
const VERSION: u32 = 1;

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Another companion uses it.
    #[error("FyteClub already runs with this profile")]
    InUse,
    /// The system names no home folder.
    #[error("this system names no folder for settings: say where to keep them with --profile DIR")]
    NoHome,
    /// The identity cannot be read, and a new one would make me a stranger to all friends.
    #[error(
        "the identity in {path} cannot be read ({why}): restore it from a copy, or move it away to begin anew as somebody new"
    )]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The system said no.
    #[error("{what} {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl ProfileError {
    fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }
}

/// Where a profile's things lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    root: PathBuf,
}

/// Held while a companion runs with a profile; the system lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct ProfileLock {
    _file: File,
}

/// What was read, and the sentences that a person should hear about it.
#[derive(Debug)]
pub struct Loaded<T> {
    /// The value, or the default where there was none to be read.
    pub value: T,
    /// What went wrong, and what was done about it.
    pub warnings: Vec<String>,
}

impl Profile {
    /// The profile in this folder.
    #[must_use]
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The profile in the system's folder for settings.
    ///
    /// # Errors
    /// [`ProfileError::NoHome`].
    pub fn of_user() -> Result<Self, ProfileError> {
        directories::ProjectDirs::from("", "", "FyteClub")
            .map(|folders| Self::at(folders.data_local_dir()))
            .ok_or(ProfileError::NoHome)
    }

    /// The folder itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The default place of the cache.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// How clients find the pipe.
    #[must_use]
    pub fn endpoint(&self) -> PathBuf {
        self.root.join("endpoint.json")
    }

    /// The logs' folder.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Makes the folder if it is missing and takes the lock.
    ///
    /// # Errors
    /// [`ProfileError::InUse`] if another companion holds it.
    pub fn lock(&self) -> Result<ProfileLock, ProfileError> {
        make_private_folder(&self.root).map_err(ProfileError::io("cannot make the profile folder", &self.root))?;
        let path = self.root.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(ProfileError::io("cannot open the lock file", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(ProfileLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ProfileError::InUse),
            Err(TryLockError::Error(source)) => Err(ProfileError::Io { what: "cannot lock", path, source }),
        }
    }

    /// My keys; made at the first start.
    ///
    /// # Errors
    /// [`ProfileError::Identity`] if there is a file that cannot be read: it is left as it is.
    pub fn load_identity(&self) -> Result<Identity, ProfileError> {
        let path = self.identity();
        let broken = |why: String| ProfileError::Identity { path: path.clone(), why };
        match fs::read_to_string(&path) {
            Ok(text) => {
                let saved: Versioned<SavedIdentity> = ron::from_str(&text).map_err(|error| broken(error.to_string()))?;
                let seed = blake3::Hash::from_hex(&saved.value.seed)
                    .map_err(|_| broken("the seed is not 64 hexadecimal digits".into()))?;
                Ok(Identity::from_seed(*seed.as_bytes()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make_identity(),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    /// What the person has set.
    #[must_use]
    pub fn load_settings(&self) -> Loaded<Settings> {
        load(&self.settings(), "settings")
    }

    /// Writes the settings if there is no file of them, for people to edit. A file that is there is left as it is, with
    /// whatever comments it has.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn write_missing_settings(&self, settings: &Settings) -> Result<(), ProfileError> {
        if self.settings().exists() { Ok(()) } else { self.save_settings(settings) }
    }

    /// Saves what the person has set, with a comment for each.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn save_settings(&self, settings: &Settings) -> Result<(), ProfileError> {
        let text = to_ron(settings);
        write_atomically(&self.settings(), with_comments(&text).as_bytes())
    }

    /// Trust, owners, audiences.
    #[must_use]
    pub fn load_circle(&self) -> Loaded<SavedCircle> {
        load(&self.circle(), "circle")
    }

    /// Saves trust, owners, audiences.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn save_circle(&self, circle: &SavedCircle) -> Result<(), ProfileError> {
        write_atomically(&self.circle(), to_ron(circle).as_bytes())
    }

    fn make_identity(&self) -> Result<Identity, ProfileError> {
        let path = self.identity();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| ProfileError::Identity { path: path.clone(), why: error.to_string() })?;
        let saved = SavedIdentity { seed: blake3::Hash::from_bytes(seed).to_hex().to_string() };
        let text = format!(
            "// Whoever has this file is you to all your friends. Keep a copy, and show it to nobody.\n{}",
            to_ron(&saved)
        );
        write_atomically(&path, text.as_bytes())?;
        Ok(Identity::from_seed(seed))
    }

    fn identity(&self) -> PathBuf {
        self.root.join("identity.ron")
    }

    fn settings(&self) -> PathBuf {
        self.root.join("settings.ron")
    }

    fn circle(&self) -> PathBuf {
        self.root.join("circle.ron")
    }
}

/// Makes a folder that other users of this machine cannot look into; one that is there is left as it is.
pub(crate) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a whole file: to a temporary one in the same folder, readable by the owner only, synced, then renamed.
///
/// # Errors
/// [`ProfileError::Io`]; the file is then as it was.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), ProfileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = || ProfileError::io("cannot write", path);
    fs::create_dir_all(folder).map_err(failed())?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    file.write_all(content).map_err(failed())?;
    file.as_file().sync_all().map_err(failed())?;
    persist_patiently(file, path).map_err(failed())
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

#[derive(Serialize, Deserialize)]
struct SavedIdentity {
    seed: String,
}

/// A file's value with the version of its layout.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    version: u32,
    #[serde(rename = "of")]
    value: T,
}

fn load<T: Default + DeserializeOwned>(path: &Path, what: &str) -> Loaded<T> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Loaded { value: T::default(), warnings: Vec::new() },
        Err(error) => return set_aside(path, what, &error.to_string()),
    };
    match ron::from_str::<Versioned<T>>(&text) {
        Ok(saved) if saved.version <= VERSION => Loaded { value: saved.value, warnings: Vec::new() },
        Ok(saved) => set_aside(path, what, &format!("it is of version {}, made by a newer FyteClub", saved.version)),
        Err(error) => set_aside(path, what, &error.to_string()),
    }
}

fn set_aside<T: Default>(path: &Path, what: &str, why: &str) -> Loaded<T> {
    let free = (1..1000).map(|n| path.with_extension(format!("ron.broken-{n}"))).find(|candidate| !candidate.exists());
    let kept = free.and_then(|target| fs::rename(path, &target).ok().map(|()| target));
    let place = kept.map_or_else(|| "could not be set aside".to_owned(), |target| format!("is kept as {}", target.display()));
    Loaded {
        value: T::default(),
        warnings: vec![format!("The {what} file could not be read and {place}; FyteClub begins with an empty one ({why}).")],
    }
}

fn to_ron<T: Serialize>(value: &T) -> String {
    let pretty = ron::ser::PrettyConfig::new().struct_names(false).new_line("\n");
    // Values of these types hold nothing that RON cannot write.
    ron::ser::to_string_pretty(&Versioned { version: VERSION, value }, pretty).unwrap_or_default() + "\n"
}

/// The comment above each setting in the file.
const COMMENTS: [(&str, &str); 11] = [
    ("name", "The name that friends see; None: your short id."),
    (
        "discovery",
        "Who may find you on the local network: off, friends_only. \"Everyone nearby\" is switched on by hand, for 10 minutes.",
    ),
    ("interfaces", "Where: all, loopback, or named([\"eth0\"])."),
    (
        "port",
        "TCP port for signalling and UDP port of all connections (the one to forward); the next free one is used if it is taken.",
    ),
    ("beacon_port", "UDP port of the local network's beacons."),
    ("cache_folder", "Where friends' files are kept; None: in the profile."),
    ("cache_limit", "Its greatest size in bytes."),
    ("free_disk_floor", "Bytes of free disk that are never used."),
    ("limits", "The heaviest look that is taken from a friend."),
    ("permissions", "What friends are allowed for whom nothing else is set."),
    ("language", "The window's language, for example Some(\"en\"); None: the system's."),
];

fn with_comments(text: &str) -> String {
    let mut out = String::from("// FyteClub's settings. Read at start; unknown keys are ignored.\n");
    for line in text.lines() {
        let key = line.strip_prefix("        ").and_then(|rest| rest.split_once(':')).map(|(key, _)| key);
        if let Some((_, comment)) = COMMENTS.iter().find(|(name, _)| Some(*name) == key) {
            out.push_str(&format!("        // {comment}\n"));
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DisplayName;

    #[test]
    fn the_identity_is_made_once_and_stays() {
        let (_folder, profile) = profile();
        let first = profile.load_identity().unwrap();
        assert_eq!(profile.load_identity().unwrap().peer(), first.peer());
    }

    #[cfg(unix)]
    #[test]
    fn secret_files_are_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, profile) = profile();
        profile.load_identity().unwrap();
        let mode = fs::metadata(profile.identity()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_broken_identity_is_an_error_and_is_left_as_it_is() {
        let (_folder, profile) = profile();
        fs::write(profile.identity(), "(version: 1, of: (seed: \"short\"))").unwrap();
        assert!(matches!(profile.load_identity(), Err(ProfileError::Identity { .. })));
        assert!(fs::read_to_string(profile.identity()).unwrap().contains("short"));
    }

    #[test]
    fn settings_read_back_and_every_one_has_its_comment() {
        let (_folder, profile) = profile();
        let settings = Settings { name: DisplayName::new("Aria").ok(), port: 7, ..Settings::default() };
        profile.save_settings(&settings).unwrap();
        let loaded = profile.load_settings();
        assert_eq!((loaded.value, loaded.warnings), (settings, vec![]));
        let text = fs::read_to_string(profile.settings()).unwrap();
        for (name, comment) in COMMENTS {
            assert!(text.contains(&format!("// {comment}\n        {name}:")), "{name} in\n{text}");
        }
        let fields = text
            .lines()
            .filter(|line| line.starts_with("        ") && !line.starts_with("         ") && !line.trim().starts_with("//"));
        assert_eq!(fields.filter(|line| line.contains(':')).count(), COMMENTS.len());
    }

    #[test]
    fn settings_that_a_person_wrote_are_not_written_over() {
        let (_folder, profile) = profile();
        profile.write_missing_settings(&Settings::default()).unwrap();
        assert!(profile.settings().exists());
        fs::write(profile.settings(), "(version: 1, of: ()) // mine").unwrap();
        profile.write_missing_settings(&Settings::default()).unwrap();
        assert!(fs::read_to_string(profile.settings()).unwrap().ends_with("// mine"));
    }

    #[cfg(unix)]
    #[test]
    fn a_new_profile_is_closed_to_other_users() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, _) = profile();
        let profile = Profile::at(folder.path().join("new").join("profile"));
        let _lock = profile.lock().unwrap();
        assert_eq!(fs::metadata(profile.root()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file_and_no_other() {
        let (folder, _) = profile();
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
    fn a_broken_file_is_set_aside_and_reported() {
        let (_folder, profile) = profile();
        for expected in ["circle.ron.broken-1", "circle.ron.broken-2"] {
            fs::write(profile.circle(), "nonsense").unwrap();
            let loaded = profile.load_circle();
            assert_eq!(loaded.value, SavedCircle::default());
            assert!(loaded.warnings.first().is_some_and(|text| text.contains(expected)), "{:?}", loaded.warnings);
            assert_eq!(fs::read_to_string(profile.root().join(expected)).unwrap(), "nonsense");
        }
    }

    #[test]
    fn a_profile_is_used_by_one_companion_at_a_time() {
        let (_folder, profile) = profile();
        let held = profile.lock().unwrap();
        assert!(matches!(profile.lock(), Err(ProfileError::InUse)));
        drop(held);
        assert!(profile.lock().is_ok());
    }

    fn profile() -> (tempfile::TempDir, Profile) {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path());
        (folder, profile)
    }
}
