//! Paths within the game's own files.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FileType;

/// A game path's greatest length in bytes.
pub const MAX_GAME_PATH: usize = 260;

/// Why a text is not a game path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GamePathError {
    /// Empty or too long.
    #[error("a game path has 1 to {MAX_GAME_PATH} bytes, this has {0}")]
    Length(usize),
    /// A character that game paths do not have.
    #[error("a game path is of lower-case printable ASCII without \\ : * ? \" < > |")]
    Character,
    /// A part that is empty, `.`, `..`, ends in a dot or blank, or names a device.
    #[error("a part of the game path is empty, a dot, ends in a dot or blank, or is a device name")]
    Part,
    /// An extension that the game does not load.
    #[error("the game path's extension is none that the game loads from mods")]
    Extension,
}

/// A path within the game's own files, checked: lower-case printable ASCII, relative, at most [`MAX_GAME_PATH`] bytes,
/// no part that means anything to a file system, an extension of the allow-list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GamePath(String);

impl GamePath {
    /// Checks a path as a peer or plugin gave it.
    ///
    /// # Errors
    /// [`GamePathError`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, GamePathError> {
        if text.is_empty() || text.len() > MAX_GAME_PATH {
            return Err(GamePathError::Length(text.len()));
        }
        let good = |c: u8| matches!(c, b' '..=b'~') && !c.is_ascii_uppercase() && !br#"\:*?"<>|"#.contains(&c);
        if !text.bytes().all(good) {
            return Err(GamePathError::Character);
        }
        if !text.split('/').all(is_plain_part) {
            return Err(GamePathError::Part);
        }
        let path = Self(text.to_owned());
        path.extension_type().ok_or(GamePathError::Extension)?;
        Ok(path)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type that the extension says.
    #[must_use]
    pub fn file_type(&self) -> FileType {
        // `new` lets nothing else through.
        self.extension_type().unwrap_or(FileType::Imc)
    }

    fn extension_type(&self) -> Option<FileType> {
        let (stem, extension) = self.0.rsplit_once('.')?;
        if stem.is_empty() || stem.ends_with('/') {
            return None;
        }
        FileType::from_extension(extension)
    }
}

fn is_plain_part(part: &str) -> bool {
    if part.is_empty() || part == "." || part == ".." || part.ends_with(['.', ' ']) {
        return false;
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let numbered =
        |name: &str| stem.len() == name.len() + 1 && stem.starts_with(name) && stem.ends_with(|c: char| c.is_ascii_digit());
    !matches!(stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$") && !numbered("com") && !numbered("lpt")
}

impl fmt::Display for GamePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for GamePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GamePath({})", self.0)
    }
}

impl TryFrom<String> for GamePath {
    type Error = GamePathError;

    fn try_from(text: String) -> Result<Self, GamePathError> {
        Self::new(&text)
    }
}

impl From<GamePath> for String {
    fn from(path: GamePath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_that_mean_something_to_a_file_system_are_refused() {
        for good in ["chara/human/c0101/obj/body.mdl", "a.tex", "chara/x y/a.b.tex", "common/console.tex", "x/comet.mdl"] {
            assert!(GamePath::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/a.tex",
            "a//b.tex",
            "../x.tex",
            "a/../b.tex",
            "./a.tex",
            "c:\\x.tex",
            "c:/x.tex",
            "\\\\host\\x.tex",
            "a\0.tex",
            "A.tex",
            "a.exe",
            "a",
            "a/b./c.tex",
            "a /b.tex",
            "con.tex",
            "a/aux.tex",
            "com1.tex",
            "x/lpt9.mdl",
            "nul/a.tex",
            ".tex",
            "a/.tex",
            "é.tex",
            "a.tex ",
            "a.tex.",
            "a?.tex",
        ] {
            assert!(GamePath::new(bad).is_err(), "{bad:?}");
        }
        assert!(GamePath::new(&format!("{}.tex", "a".repeat(256))).is_ok());
        assert!(GamePath::new(&format!("{}.tex", "a".repeat(257))).is_err());
    }

    #[test]
    fn the_rule_that_is_broken_is_named() {
        assert_eq!(GamePath::new(""), Err(GamePathError::Length(0)));
        assert_eq!(GamePath::new("a\\b.tex"), Err(GamePathError::Character));
        assert_eq!(GamePath::new("a/../b.tex"), Err(GamePathError::Part));
        assert_eq!(GamePath::new("a.exe"), Err(GamePathError::Extension));
    }

    proptest! {
        #[test]
        fn a_path_that_is_accepted_stays_where_it_is_put(text in path_like()) {
            if let Ok(path) = GamePath::new(&text) {
                let parts: Vec<_> = Path::new(path.as_str()).components().collect();
                prop_assert!(parts.iter().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(parts.len(), text.split('/').count());
                prop_assert!(!text.contains(['\\', ':', '\0']));
            }
        }

        #[test]
        fn a_path_that_is_accepted_reads_back(text in path_like()) {
            if let Ok(path) = GamePath::new(&text) {
                prop_assert_eq!(path.as_str(), &text);
                prop_assert_eq!(path.to_string().try_into(), Ok(path.clone()));
                prop_assert!(text.ends_with(path.file_type().extension()));
            }
        }

        #[test]
        fn any_text_is_judged_without_a_panic(text in any::<String>()) {
            let _ = GamePath::new(&text);
        }
    }

    /// Texts that are paths about half of the time, of parts that matter.
    fn path_like() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            6 => "[a-z0-9_]{1,6}",
            1 => Just("..".to_owned()),
            1 => Just(".".to_owned()),
            1 => Just(String::new()),
            1 => "(con|nul|com1|lpt9|aux)(\\.[a-z]{1,3})?",
            1 => "[ -~]{1,4}",
        ];
        let extension = prop_oneof![4 => Just(".tex"), 4 => Just(".mdl"), 1 => Just(""), 1 => Just(".exe"), 1 => Just(".tex.")];
        (proptest::collection::vec(part, 1..4), extension).prop_map(|(parts, extension)| parts.join("/") + extension)
    }
}
