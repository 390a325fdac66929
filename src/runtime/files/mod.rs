//! The profile: one folder that holds everything this companion keeps.
//!
//! | file | holds | written |
//! |---|---|---|
//! | `identity.ron` | the seed of both keys, readable by the owner only | once |
//! | `settings.ron` | [`Settings`], with a comment for each | when one changes |
//! | `circle.ron` | [`SavedCircle`]: trust, owners, audiences | when it changes |
//! | `history.ron` | [`SavedHistory`]: what went between friends and me | once a minute while it changes, and at the end |
//! | `pictures/` | my picture and friends' | when one changes |
//! | `lock` | nothing; held by the running companion | at start |
//! | `endpoint.json` | how plugins and `ctl` find the pipe | at start |
//! | `cache/` | friends' blobs | as they come |
//! | `logs/` | a file a day, the last seven | as it runs |
//!
//! [`document`] says what becomes of a file that is older, newer or broken, [`mod@write`] how it is written.
#![allow(clippy::disallowed_methods, reason = "the identity's seed is drawn from the system's randomness here")]

mod bundle;
mod document;
#[doc(hidden)]
pub mod fuzzing;
mod migrations;
#[cfg(test)]
mod tests;
mod tree;
mod write;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use document::{Document, Versioned, to_ron};
use serde::{Deserialize, Serialize};
pub use write::write_atomically;

use super::pictures::Pictures;
use crate::domain::{Identity, Settings};
use crate::engine::state::{SavedCircle, SavedHistory};

/// The version of the identity's file.
const IDENTITY_VERSION: u32 = 1;

const SETTINGS: Document = Document {
    what: "settings",
    name: "settings.ron",
    instead: "the defaults hold until you set something else, so look through your permissions",
    steps: migrations::SETTINGS,
    comments: with_comments,
};

const CIRCLE: Document = Document {
    what: "friends and what you shared with them",
    name: "circle.ron",
    instead: "you begin with no friends and nothing is shared; mend the file and put it back, or add your friends again",
    steps: migrations::CIRCLE,
    comments: str::to_owned,
};

const HISTORY: Document = Document {
    what: "sums of what went between friends and you",
    name: "history.ron",
    instead: "the history begins anew",
    steps: migrations::HISTORY,
    comments: str::to_owned,
};

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
    /// A newer program wrote a file, and this one would lose what it holds.
    #[error(
        "the {what} in {path} were written by a newer FyteClub (version {version}, this one reads up to {known}): update FyteClub. \
         The file is left as it is; to begin anew without it, move it away"
    )]
    Newer {
        /// What it holds.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest version that this program reads.
        known: u32,
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
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
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

    /// My picture and friends'.
    #[must_use]
    pub fn pictures(&self) -> Pictures {
        Pictures::in_folder(self.root.join("pictures"))
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
            Ok(()) => {
                write::sweep(&self.root);
                Ok(ProfileLock { _file: file })
            }
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
                if saved.version > IDENTITY_VERSION {
                    return Err(broken(format!("it is of version {}, made by a newer FyteClub: update FyteClub", saved.version)));
                }
                let seed = blake3::Hash::from_hex(&saved.value.seed)
                    .map_err(|_| broken("the seed is not 64 hexadecimal digits".into()))?;
                Ok(Identity::from_seed(*seed.as_bytes()))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.make_identity(),
            Err(error) => Err(broken(error.to_string())),
        }
    }

    /// What the person has set.
    ///
    /// # Errors
    /// [`ProfileError`] if the file is there and must not be touched.
    pub fn load_settings(&self) -> Result<Loaded<Settings>, ProfileError> {
        SETTINGS.load(&self.root)
    }

    /// Writes the settings if there is no file of them, for people to edit. A file that is there is left as it is, with
    /// whatever comments it has.
    ///
    /// # Errors
    /// [`ProfileError::Io`].
    pub fn write_missing_settings(&self, settings: &Settings) -> Result<(), ProfileError> {
        if self.root.join(SETTINGS.name).exists() { Ok(()) } else { self.save_settings(settings).map(drop) }
    }

    /// Saves what the person has set, with a comment for each. Gives sentences that a person should hear.
    ///
    /// # Errors
    /// [`ProfileError`]; the file is then as it was.
    pub fn save_settings(&self, settings: &Settings) -> Result<Vec<String>, ProfileError> {
        SETTINGS.save(&self.root, settings)
    }

    /// Trust, owners, audiences.
    ///
    /// # Errors
    /// [`ProfileError`] if the file is there and must not be touched.
    pub fn load_circle(&self) -> Result<Loaded<SavedCircle>, ProfileError> {
        CIRCLE.load(&self.root)
    }

    /// Saves trust, owners, audiences. Gives sentences that a person should hear.
    ///
    /// # Errors
    /// [`ProfileError`]; the file is then as it was.
    pub fn save_circle(&self, circle: &SavedCircle) -> Result<Vec<String>, ProfileError> {
        CIRCLE.save(&self.root, circle)
    }

    /// What went between friends and me.
    ///
    /// # Errors
    /// [`ProfileError`] if the file is there and must not be touched.
    pub fn load_history(&self) -> Result<Loaded<SavedHistory>, ProfileError> {
        HISTORY.load(&self.root)
    }

    /// Saves what went between friends and me. Gives sentences that a person should hear.
    ///
    /// # Errors
    /// [`ProfileError`]; the file is then as it was.
    pub fn save_history(&self, history: &SavedHistory) -> Result<Vec<String>, ProfileError> {
        HISTORY.save(&self.root, history)
    }

    fn make_identity(&self) -> Result<Identity, ProfileError> {
        let path = self.identity();
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| ProfileError::Identity { path: path.clone(), why: error.to_string() })?;
        let saved = SavedIdentity { seed: blake3::Hash::from_bytes(seed).to_hex().to_string() };
        let text = format!(
            "// Whoever has this file is you to all your friends. Keep a copy, and show it to nobody.\n{}",
            to_ron(&Versioned { version: IDENTITY_VERSION, value: &saved })
        );
        write_atomically(&path, text.as_bytes())?;
        Ok(Identity::from_seed(seed))
    }

    fn identity(&self) -> PathBuf {
        self.root.join("identity.ron")
    }

    fn circle(&self) -> PathBuf {
        self.root.join(CIRCLE.name)
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

#[derive(Serialize, Deserialize)]
struct SavedIdentity {
    seed: String,
}

/// The comment above each setting in the file.
const COMMENTS: [(&str, &str); 27] = [
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
    ("rendezvous", "Whether friends and I find each other across the internet, by the relays."),
    ("relays", "Nostr relays, which pass on what only friends can read: [\"wss://relay.example.org\"]."),
    ("stun_servers", "STUN servers, which say under which address the internet sees me: [\"stun.example.org:3478\"]."),
    ("cache_folder", "Where friends' files are kept; None: in the profile."),
    ("cache_limit", "Its greatest size in bytes."),
    ("free_disk_floor", "Bytes of free disk that are never used."),
    ("limits", "The heaviest look that is taken from a friend."),
    ("rates", "The most that all friends together may take (up) and give (down) in bytes a second; None: as fast as the line."),
    ("limit_lan", "Whether such limits hold on the local network too."),
    ("permissions", "What friends are allowed for whom nothing else is set."),
    (
        "wine_plugins",
        "Whether game plugins in a Wine or Proton prefix are let in, by a port of this machine alone: auto, on, off.",
    ),
    ("language", "The window's language, for example Some(\"en\"); None: the system's."),
    ("theme", "The window's colours: system, light, dark."),
    ("text_size", "How large text is, in percent from 80 to 200."),
    ("keep_on_top", "Whether the window stays above others."),
    ("compact", "Whether friends take one line each."),
    ("start_with_computer", "Whether FyteClub starts with the computer."),
    ("start_hidden", "Whether it starts without showing its window."),
    ("only_with_plugin", "Whether friends find you only while the game plugin is connected."),
    ("notifications", "Of what the system tells you."),
    ("welcome", "How far you have come through the first questions: language, name, cache, sharing, plugin, done."),
    ("tray_told", "Whether you were told that closing the window leaves FyteClub in the tray."),
];

fn with_comments(text: &str) -> String {
    let mut out = String::from("// FyteClub's settings. Read at start; keys that it does not know are kept.\n");
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
