//! An appearance: what lets a friend's game draw a character as its wearer sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::BlobHash;

/// A game path's greatest length in bytes.
pub const MAX_GAME_PATH: usize = 260;
/// Files that one manifest may name.
pub const MAX_MANIFEST_FILES: usize = 16_384;
/// Game paths that one manifest may name, all files together.
pub const MAX_MANIFEST_PATHS: usize = 65_536;
/// A text's greatest length in bytes.
pub const MAX_TEXT: u64 = 1 << 20;
/// Texts longer than this are blobs; others stand in the manifest.
pub const MAX_INLINE_TEXT: usize = 64 << 10;
/// A text name's greatest length in bytes.
const MAX_TEXT_NAME: usize = 64;
/// Texts that one object may carry.
pub const MAX_TEXTS: usize = 64;

macro_rules! file_types {
    ($($(#[$doc:meta])* $variant:ident = $number:literal $extension:literal $sensitivity:ident),* $(,)?) => {
        /// The kinds of file that the game loads; anything else is refused on publish and on receipt.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FileType {
            $($(#[$doc])* $variant,)*
        }

        impl FileType {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The extension, lower case, no dot.
            #[must_use]
            pub const fn extension(self) -> &'static str {
                match self { $(Self::$variant => $extension),* }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$variant => $number),* }
            }

            /// The type with this number on the wire.
            #[must_use]
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)* _ => None }
            }

            /// The type with this extension (any case, no dot).
            #[must_use]
            pub fn from_extension(extension: &str) -> Option<Self> {
                $(if extension.eq_ignore_ascii_case($extension) { return Some(Self::$variant); })*
                None
            }

            /// Which permission covers it.
            #[must_use]
            pub const fn sensitivity(self) -> Sensitivity {
                match self { $(Self::$variant => Sensitivity::$sensitivity),* }
            }
        }
    };
}

/// Which permission covers a kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensitivity {
    /// Shown whenever the character is.
    Plain,
    /// Sounds.
    Sound,
    /// Animations.
    Animation,
    /// Effects.
    Effect,
}

file_types! {
    /// Model.
    Mdl = 1 "mdl" Plain,
    /// Texture.
    Tex = 2 "tex" Plain,
    /// Material.
    Mtrl = 3 "mtrl" Plain,
    /// Timeline.
    Tmb = 4 "tmb" Animation,
    /// Animation.
    Pap = 5 "pap" Animation,
    /// Effect.
    Avfx = 6 "avfx" Effect,
    /// Effect texture.
    Atex = 7 "atex" Effect,
    /// Skeleton.
    Sklb = 8 "sklb" Animation,
    /// Element ids.
    Eid = 9 "eid" Animation,
    /// Physics.
    Phyb = 10 "phyb" Animation,
    /// Pre-bone deformers.
    Pbd = 11 "pbd" Animation,
    /// Sound.
    Scd = 12 "scd" Sound,
    /// Skeleton parameters.
    Skp = 13 "skp" Animation,
    /// Shader package.
    Shpk = 14 "shpk" Plain,
    /// Image change data.
    Imc = 15 "imc" Plain,
}

/// What a blob is, and so its extension in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlobKind {
    /// A file of the game.
    File(FileType),
    /// A text too long for the manifest.
    Text,
    /// A manifest too long for one message.
    Manifest,
}

impl BlobKind {
    /// The extension in the cache, no dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::File(file_type) => file_type.extension(),
            Self::Text => "text",
            Self::Manifest => "manifest",
        }
    }

    /// The number on the wire and in the index.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::File(file_type) => file_type.number(),
            Self::Text => 254,
            Self::Manifest => 255,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            254 => Some(Self::Text),
            255 => Some(Self::Manifest),
            other => FileType::from_number(other).map(Self::File),
        }
    }
}

/// A blob as a manifest names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobRef {
    /// BLAKE3 of the content.
    pub hash: BlobHash,
    /// Bytes of content.
    pub size: u64,
    /// What it is.
    pub kind: BlobKind,
}

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

/// Why a text is not a character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a character is Name@World, each of 1 to 32 letters, spaces, apostrophes and hyphens")]
pub struct CharacterError;

/// A character: name and home world, since two worlds may hold the same name. Never used as a file name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Character {
    name: String,
    world: String,
}

impl Character {
    /// Checks name and home world: 1–32 letters, spaces, `'`, `-` each.
    ///
    /// # Errors
    /// [`CharacterError`] if either is anything else.
    pub fn new(name: &str, world: &str) -> Result<Self, CharacterError> {
        let good = |part: &str| {
            let count = part.chars().count();
            (1..=32).contains(&count)
                && part.trim() == part
                && part.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-'))
        };
        if good(name) && good(world) { Ok(Self { name: name.to_owned(), world: world.to_owned() }) } else { Err(CharacterError) }
    }

    /// The name without the world.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The home world.
    #[must_use]
    pub fn world(&self) -> &str {
        &self.world
    }
}

impl fmt::Display for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.world)
    }
}

impl fmt::Debug for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A character is a person's: its name appears in no log above DEBUG, so a short hash stands for it.
        let hash = blake3::hash(self.to_string().as_bytes()).to_hex();
        write!(f, "Character(#{})", hash.get(..6).unwrap_or_default())
    }
}

impl FromStr for Character {
    type Err = CharacterError;

    fn from_str(text: &str) -> Result<Self, CharacterError> {
        let (name, world) = text.split_once('@').ok_or(CharacterError)?;
        Self::new(name, world)
    }
}

impl TryFrom<String> for Character {
    type Error = CharacterError;

    fn try_from(text: String) -> Result<Self, CharacterError> {
        text.parse()
    }
}

impl From<Character> for String {
    fn from(character: Character) -> Self {
        character.to_string()
    }
}

impl<C> minicbor::Encode<C> for Character {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Character {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(|_| minicbor::decode::Error::message("not a character"))
    }
}

/// What of a character is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// The player.
    Player,
    /// Minion or mount.
    MinionOrMount,
    /// Pet.
    Pet,
    /// Companion (chocobo).
    Companion,
}

impl ObjectKind {
    /// All of them, in the order of a canonical manifest.
    pub const ALL: [Self; 4] = [Self::Player, Self::MinionOrMount, Self::Pet, Self::Companion];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Player => 0,
            Self::MinionOrMount => 1,
            Self::Pet => 2,
            Self::Companion => 3,
        }
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// A text's name (`glamourer`, `customize_plus`, …): 1–64 of `a-z 0-9 _`. The list is open; the meaning is the plugin's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextName(String);

impl TextName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`ManifestError::TextName`] if it breaks the rule.
    pub fn new(text: &str) -> Result<Self, ManifestError> {
        let good = (1..=MAX_TEXT_NAME).contains(&text.len())
            && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
        if good { Ok(Self(text.to_owned())) } else { Err(ManifestError::TextName) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TextName {
    type Error = ManifestError;

    fn try_from(text: String) -> Result<Self, ManifestError> {
        Self::new(&text)
    }
}

impl From<TextName> for String {
    fn from(name: TextName) -> Self {
        name.0
    }
}

/// An opaque text of another plugin, or the blob that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TextValue {
    /// At most [`MAX_INLINE_TEXT`] bytes.
    Inline(String),
    /// Longer: the content of a blob of [`BlobKind::Text`].
    Blob(BlobRef),
}

/// Alias that reads well in signatures: a text's name and value.
pub type AppearanceText = (TextName, TextValue);

/// One file of an appearance and the game paths that it serves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileEntry {
    /// Sorted, without repetition, at least one, all of the blob's type.
    pub game_paths: Vec<GamePath>,
    /// The content.
    pub blob: BlobRef,
}

/// One object of an appearance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectAppearance {
    /// Which object.
    pub kind: ObjectKind,
    /// Sorted by their first game path.
    pub files: Vec<FileEntry>,
    /// Opaque texts.
    pub texts: BTreeMap<TextName, TextValue>,
}

/// What an appearance weighs. Checked before a byte of it is fetched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Weight {
    /// Different files.
    #[n(0)]
    pub files: u32,
    /// Bytes of different files and long texts.
    #[n(1)]
    pub bytes: u64,
    /// Bytes of `.tex` and `.atex` files.
    #[n(2)]
    pub texture_bytes: u64,
    /// Triangles of `.mdl` files; 0 where they have not been counted.
    #[n(3)]
    pub triangles: u64,
}

/// Why parts do not make a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More files than [`MAX_MANIFEST_FILES`].
    #[error("an appearance has at most {MAX_MANIFEST_FILES} files, this has {0}")]
    TooManyFiles(usize),
    /// More game paths than [`MAX_MANIFEST_PATHS`].
    #[error("an appearance has at most {MAX_MANIFEST_PATHS} game paths, this has {0}")]
    TooManyPaths(usize),
    /// A file without a game path, or with one of another type than its own.
    #[error("a file has no game path, or one of another type")]
    FileWithoutPath,
    /// One game path names two files.
    #[error("the game path {0} stands for two files")]
    PathTwice(GamePath),
    /// One hash with two sizes.
    #[error("one file is given two sizes")]
    SizeTwice,
    /// One object twice.
    #[error("one object stands in the appearance twice")]
    ObjectTwice,
    /// Too many texts, or one too long.
    #[error("a text is longer than {MAX_TEXT} bytes, or there are more than {MAX_TEXTS}")]
    Text,
    /// A text's name breaks its rule.
    #[error("a text's name is 1 to {MAX_TEXT_NAME} of a-z, 0-9 and _")]
    TextName,
}

/// A character's appearance: game path → blob, plus opaque texts. A value of this type is canonical: two equal
/// appearances have equal values, and so equal bytes and an equal [`AppearanceId`](super::AppearanceId).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Manifest {
    objects: Vec<ObjectAppearance>,
}

impl Manifest {
    /// Sorts, merges and checks objects.
    ///
    /// # Errors
    /// [`ManifestError`] says which rule they break.
    pub fn new(mut objects: Vec<ObjectAppearance>) -> Result<Self, ManifestError> {
        objects.sort_by_key(|object| object.kind);
        if objects.windows(2).any(|pair| matches!(pair, [a, b] if a.kind == b.kind)) {
            return Err(ManifestError::ObjectTwice);
        }
        for object in &mut objects {
            object.files = canonical_files(std::mem::take(&mut object.files))?;
            check_texts(&object.texts)?;
        }
        let manifest = Self { objects };
        manifest.check_counts()?;
        manifest.check_sizes()?;
        Ok(manifest)
    }

    fn check_counts(&self) -> Result<(), ManifestError> {
        let files: usize = self.objects.iter().map(|object| object.files.len()).sum();
        if files > MAX_MANIFEST_FILES {
            return Err(ManifestError::TooManyFiles(files));
        }
        let paths: usize = self.objects.iter().flat_map(|object| &object.files).map(|file| file.game_paths.len()).sum();
        if paths > MAX_MANIFEST_PATHS { Err(ManifestError::TooManyPaths(paths)) } else { Ok(()) }
    }

    fn check_sizes(&self) -> Result<(), ManifestError> {
        // Sorted by hash: equal hashes are neighbours.
        let contradict = |pair: &[BlobRef]| matches!(pair, [a, b] if a.hash == b.hash && a.size != b.size);
        if self.blobs().windows(2).any(contradict) { Err(ManifestError::SizeTwice) } else { Ok(()) }
    }

    /// The objects, sorted by kind.
    #[must_use]
    pub fn objects(&self) -> &[ObjectAppearance] {
        &self.objects
    }

    /// Every blob once: files and long texts, sorted by hash and kind.
    #[must_use]
    pub fn blobs(&self) -> Vec<BlobRef> {
        let mut blobs: Vec<BlobRef> = self
            .objects
            .iter()
            .flat_map(|object| {
                let texts = object.texts.values().filter_map(|text| match text {
                    TextValue::Inline(_) => None,
                    TextValue::Blob(blob) => Some(*blob),
                });
                object.files.iter().map(|file| file.blob).chain(texts)
            })
            .collect();
        blobs.sort();
        blobs.dedup();
        blobs
    }

    /// Files, bytes and texture bytes; triangles are not in a manifest and stay 0.
    #[must_use]
    pub fn weight(&self) -> Weight {
        self.blobs().iter().fold(Weight::default(), |mut weight, blob| {
            weight.bytes = weight.bytes.saturating_add(blob.size);
            match blob.kind {
                BlobKind::File(FileType::Tex | FileType::Atex) => {
                    weight.files += 1;
                    weight.texture_bytes = weight.texture_bytes.saturating_add(blob.size);
                }
                BlobKind::File(_) => weight.files += 1,
                BlobKind::Text | BlobKind::Manifest => {}
            }
            weight
        })
    }
}

/// Merges files of one content and kind, sorts, and checks that each path fits its file and stands once.
fn canonical_files(files: Vec<FileEntry>) -> Result<Vec<FileEntry>, ManifestError> {
    let mut files = merge_contents(files);
    let mut seen = BTreeSet::new();
    for file in &mut files {
        file.game_paths.sort();
        file.game_paths.dedup();
        let fits = |path: &GamePath| BlobKind::File(path.file_type()) == file.blob.kind;
        if file.game_paths.is_empty() || !file.game_paths.iter().all(fits) {
            return Err(ManifestError::FileWithoutPath);
        }
        if let Some(twice) = file.game_paths.iter().find(|path| !seen.insert((*path).clone())) {
            return Err(ManifestError::PathTwice(twice.clone()));
        }
    }
    files.sort_by(|a, b| a.game_paths.cmp(&b.game_paths));
    Ok(files)
}

fn merge_contents(files: Vec<FileEntry>) -> Vec<FileEntry> {
    let mut merged: BTreeMap<BlobRef, Vec<GamePath>> = BTreeMap::new();
    for file in files {
        merged.entry(file.blob).or_default().extend(file.game_paths);
    }
    merged.into_iter().map(|(blob, game_paths)| FileEntry { game_paths, blob }).collect()
}

fn check_texts(texts: &BTreeMap<TextName, TextValue>) -> Result<(), ManifestError> {
    let long = MAX_INLINE_TEXT as u64 + 1..=MAX_TEXT;
    let fits = |text: &TextValue| match text {
        TextValue::Inline(text) => text.len() <= MAX_INLINE_TEXT,
        TextValue::Blob(blob) => blob.kind == BlobKind::Text && long.contains(&blob.size),
    };
    if texts.len() <= MAX_TEXTS && texts.values().all(fits) { Ok(()) } else { Err(ManifestError::Text) }
}

#[cfg(test)]
mod tests {
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
    fn characters_are_name_and_world() {
        assert!("Aria Fyte@Phoenix".parse::<Character>().is_ok());
        for bad in ["Aria", "Aria@", "@Phoenix", "A@B@C", "../x@y", "A1@B", " A@B", "A\n@B"] {
            assert!(bad.parse::<Character>().is_err(), "{bad:?}");
        }
    }

    fn file(path: &str, content: &[u8]) -> FileEntry {
        let game_path = GamePath::new(path).unwrap();
        let kind = BlobKind::File(game_path.file_type());
        FileEntry { game_paths: vec![game_path], blob: BlobRef { hash: BlobHash::of(content), size: content.len() as u64, kind } }
    }

    fn player(files: Vec<FileEntry>) -> Result<Manifest, ManifestError> {
        Manifest::new(vec![ObjectAppearance { kind: ObjectKind::Player, files, texts: BTreeMap::new() }])
    }

    #[test]
    fn the_order_in_which_files_are_given_does_not_matter() {
        let (a, b, c) = (file("a.tex", b"1"), file("b.tex", b"2"), file("c.tex", b"1"));
        let one = player(vec![a.clone(), b.clone(), c.clone()]).unwrap();
        let other = player(vec![c, b, a]).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.weight(), Weight { files: 2, bytes: 2, texture_bytes: 2, triangles: 0 });
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(matches!(player(vec![file("a.tex", b"1"), file("a.tex", b"2")]), Err(ManifestError::PathTwice(_))));
        let mut odd = file("a.tex", b"1");
        odd.blob.size = 7;
        assert_eq!(player(vec![odd, file("b.tex", b"1")]), Err(ManifestError::SizeTwice));
        let mut odd = file("a.tex", b"1");
        odd.blob.kind = BlobKind::File(FileType::Mdl);
        assert_eq!(player(vec![odd]), Err(ManifestError::FileWithoutPath));
    }
}
