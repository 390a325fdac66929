//! A file of the profile that is read at start and written again and again: `(version: N, of: (…))` in RON.
//!
//! | the file | at start | when it is saved |
//! |---|---|---|
//! | is of the newest version | is read | keys that this program does not know are carried over |
//! | is of an older one | is migrated; the original is kept as `NAME.version-N` until a start has read the new one | the same |
//! | is broken | is set aside as `NAME.broken-N` and reported; the default holds | the same |
//! | is of a newer version | is not touched, and the program does not start | is not touched, and nothing is saved |
//! | cannot be read at all | is not touched, and the program does not start | nothing is saved |
//!
//! The last two end the start because of what they hold: without the circle all friends would be lost, and without the settings the
//! defaults could show more of me than I had allowed. Without the history nothing is lost but itself, so there the program starts, and
//! remembers nothing.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::migrations::{self, Step};
use super::tree::Tree;
use super::write::{free_name, rename_durably, write_atomically};
use super::{Loaded, ProfileError};
use crate::runtime::patience::patiently;

/// A longer file is none of ours.
const MAX_FILE: u64 = 16 << 20;
/// Unknown keys that a warning names.
const NAMED_KEYS: usize = 8;

/// One of the files.
#[derive(Debug)]
pub(super) struct Document {
    /// What it holds, in a sentence.
    pub(super) what: &'static str,
    /// Its name in the profile.
    pub(super) name: &'static str,
    /// What holds once it is set aside, as a sentence's end.
    pub(super) instead: &'static str,
    /// From version 1 to the newest.
    pub(super) steps: &'static [Step],
    /// Makes the text fit for people.
    pub(super) comments: fn(&str) -> String,
}

/// A file's value with the version of its layout.
#[derive(Serialize, Deserialize)]
pub(super) struct Versioned<T> {
    pub(super) version: u32,
    #[serde(rename = "of")]
    pub(super) value: T,
}

/// What lies where the file should be.
pub(super) enum Found<T> {
    Nothing,
    Newest(T, Tree),
    /// Brought to the newest version in memory, and the text as it was.
    Older(T, Tree, u32, Vec<u8>),
    Broken(String),
    Newer(u32),
}

impl Document {
    /// Reads the file.
    pub(super) fn load<T: Default + Serialize + DeserializeOwned>(&self, profile: &Path) -> Result<Loaded<T>, ProfileError> {
        let path = profile.join(self.name);
        match self.find::<T>(&path)? {
            Found::Nothing => Ok(Loaded { value: T::default(), warnings: Vec::new() }),
            Found::Newest(value, tree) => {
                self.drop_backups(profile);
                let warnings = self.name_unknown(&tree, &value).into_iter().collect();
                Ok(Loaded { value, warnings })
            }
            Found::Older(value, tree, ..) => {
                let mut warnings: Vec<String> = self.name_unknown(&tree, &value).into_iter().collect();
                if let Err(error) = self.save(profile, &value) {
                    warnings.push(format!(
                        "The {} are of an older FyteClub and the new file could not be written: {error}. The old one stays as it is; \
                         this is tried again with the next change and at the next start.",
                        self.what
                    ));
                }
                Ok(Loaded { value, warnings })
            }
            Found::Broken(why) => {
                let warnings = vec![self.set_aside(&path, &why).unwrap_or_else(|error| error.to_string())];
                Ok(Loaded { value: T::default(), warnings })
            }
            Found::Newer(version) => Err(self.newer(path, version)),
        }
    }

    /// Writes the file; gives what a person should hear about it. Nothing that lies there is lost.
    pub(super) fn save<T: Serialize + DeserializeOwned>(&self, profile: &Path, value: &T) -> Result<Vec<String>, ProfileError> {
        let path = profile.join(self.name);
        let mut warnings = Vec::new();
        let text = self.text(value);
        let content = match self.find::<T>(&path)? {
            Found::Nothing => text,
            Found::Newest(known, tree) => self.with_unknown(text, &tree, &known),
            Found::Older(known, tree, version, original) => {
                self.back_up(&path, version, &original)?;
                self.with_unknown(text, &tree, &known)
            }
            Found::Broken(why) => {
                warnings.push(self.set_aside(&path, &why)?);
                text
            }
            Found::Newer(version) => return Err(self.newer(path, version)),
        };
        write_atomically(&path, (self.comments)(&content).as_bytes())?;
        Ok(warnings)
    }

    fn find<T: Serialize + DeserializeOwned>(&self, path: &Path) -> Result<Found<T>, ProfileError> {
        let bytes = match patiently(|| read_bounded(path)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(ProfileError::io("cannot read", path)(error)),
        };
        Ok(self.understand(bytes).unwrap_or_else(Found::Broken))
    }

    pub(super) fn understand<T: DeserializeOwned>(&self, bytes: Vec<u8>) -> Result<Found<T>, String> {
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!("it is longer than {} MiB", MAX_FILE >> 20));
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| "it is no text".to_owned())?;
        let newest = migrations::newest(self.steps);
        let Some(mut tree) = Tree::parse(text) else {
            // What the tree cannot open may be RON all the same: attributes.
            let saved: Versioned<T> = ron::from_str(text).map_err(|error| error.to_string())?;
            return if saved.version == newest {
                Ok(Found::Newest(saved.value, Tree::Struct(Vec::new())))
            } else {
                Err(format!("its version {} cannot be read", saved.version))
            };
        };
        let version = tree.get("version").and_then(Tree::leaf).ok_or("it has no version")?;
        let version: u32 = version.parse().map_err(|_| format!("{version:?} is no version"))?;
        if version > newest {
            return Ok(Found::Newer(version));
        }
        if version == newest {
            let saved: Versioned<T> = ron::from_str(text).map_err(|error| error.to_string())?;
            return Ok(Found::Newest(saved.value, tree));
        }
        migrations::migrate(tree.get_mut("of").ok_or("it holds nothing")?, version, self.steps)?;
        tree.set("version", Tree::Leaf(newest.to_string()));
        let saved: Versioned<T> = ron::from_str(&tree.render()).map_err(|error| error.to_string())?;
        Ok(Found::Older(saved.value, tree, version, bytes))
    }

    pub(super) fn text<T: Serialize>(&self, value: &T) -> String {
        to_ron(&Versioned { version: migrations::newest(self.steps), value })
    }

    /// The text with the keys of the old file that this program does not know.
    pub(super) fn with_unknown<T: Serialize>(&self, text: String, old: &Tree, known: &T) -> String {
        let unknown = self.unknown(old, known);
        if unknown.is_empty() {
            return text;
        }
        let Some(mut tree) = Tree::parse(&text) else { return text };
        for (path, value) in unknown {
            tree.carry(&path, value);
        }
        tree.render()
    }

    fn unknown<T: Serialize>(&self, tree: &Tree, known: &T) -> Vec<(Vec<String>, Tree)> {
        Tree::parse(&self.text(known)).map(|known| tree.unknown_to(&known)).unwrap_or_default()
    }

    fn name_unknown<T: Serialize>(&self, tree: &Tree, known: &T) -> Option<String> {
        let unknown = self.unknown(tree, known);
        let name = |(path, _): &(Vec<String>, Tree)| path.iter().skip(1).cloned().collect::<Vec<_>>().join(".");
        let mut names: Vec<String> = unknown.iter().take(NAMED_KEYS).map(name).collect();
        if unknown.len() > NAMED_KEYS {
            names.push(format!("{} more", unknown.len() - NAMED_KEYS));
        }
        (!names.is_empty()).then(|| {
            format!("{} holds keys that this FyteClub does not know; they are kept as they are: {}.", self.name, names.join(", "))
        })
    }

    /// Keeps the original beside the file, once.
    fn back_up(&self, path: &Path, version: u32, original: &[u8]) -> Result<(), ProfileError> {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".version-{version}"));
        let backup = PathBuf::from(name);
        if fs::read(&backup).is_ok_and(|kept| kept == original) {
            return Ok(());
        }
        write_atomically(&free_name(&backup), original)
    }

    /// The new file is durable and was read: what it was made from has served its time.
    fn drop_backups(&self, profile: &Path) {
        let begins = format!("{}.version-", self.name);
        let entries = fs::read_dir(profile).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&begins)) {
            // It is tried again at the next start.
            let _ = fs::remove_file(entry.path());
        }
    }

    /// Gives a broken file another name. The sentence says where it lies and what holds now.
    fn set_aside(&self, path: &Path, why: &str) -> Result<String, ProfileError> {
        let place = (1_u32..).map(|n| path.with_extension(format!("ron.broken-{n}"))).find(|place| !place.exists());
        let place = place.unwrap_or_else(|| path.to_owned());
        rename_durably(path, &place).map_err(ProfileError::io("cannot set aside the broken", path))?;
        Ok(format!(
            "The {} could not be read ({}). The file is kept as {}; {}.",
            self.what,
            why.trim_end_matches('.'),
            place.display(),
            self.instead
        ))
    }

    fn newer(&self, path: PathBuf, version: u32) -> ProfileError {
        ProfileError::Newer { what: self.what, path, version, known: migrations::newest(self.steps) }
    }
}

/// The text of a value.
pub(super) fn to_ron<T: Serialize>(value: &T) -> String {
    let pretty = ron::ser::PrettyConfig::new().struct_names(false).new_line("\n");
    // Values of these types hold nothing that RON cannot write.
    ron::ser::to_string_pretty(value, pretty).unwrap_or_default() + "\n"
}

/// The file's bytes, and one more than the most if it is longer.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
