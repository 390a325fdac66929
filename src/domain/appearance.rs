//! An appearance: what lets a friend's game draw a character as its wearer sees it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{BlobKind, BlobRef, FileType, GamePath};

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
    /// Different files; one content under two extensions counts as two, here and in the bytes.
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
    /// One game path is a file and, to another path of the object, a folder.
    #[error("the game path {0} is a file, and a folder to another path")]
    FileAndFolder(GamePath),
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

/// Merges files of one content and kind, sorts, and checks that each path fits its file, stands once and is no folder.
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
    check_folders(&seen)?;
    files.sort_by(|a, b| a.game_paths.cmp(&b.game_paths));
    Ok(files)
}

/// That no path is a folder to another one: `a.tex` beside `a.tex/b.tex` would be nowhere to lay out as files.
fn check_folders(paths: &BTreeSet<GamePath>) -> Result<(), ManifestError> {
    // With `/` before every other character, a path is followed at once by those of which it is a folder.
    let mut ordered: Vec<&GamePath> = paths.iter().collect();
    let key = |path: &GamePath| path.as_str().bytes().map(|c| if c == b'/' { 0 } else { c }).collect::<Vec<_>>();
    ordered.sort_by_cached_key(|path| key(path));
    let holds =
        |file: &GamePath, other: &GamePath| other.as_str().strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let bad = ordered.windows(2).find_map(|pair| match pair {
        [file, other] if holds(file, other) => Some((*file).clone()),
        _ => None,
    });
    bad.map_or(Ok(()), |file| Err(ManifestError::FileAndFolder(file)))
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
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::BlobHash;
    use super::*;

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

    #[test]
    fn one_path_is_no_file_and_folder_at_once() {
        // In the order of bytes, `a.tex b.tex` and `a.tex.tex` lie between the two that contradict each other.
        let files = ["a.tex", "a.tex b.tex", "a.tex.tex", "a.tex/b/c.tex"].map(|path| file(path, b"1"));
        let folder = GamePath::new("a.tex").unwrap();
        assert_eq!(player(files.to_vec()), Err(ManifestError::FileAndFolder(folder)));
        assert!(player(files[..3].to_vec()).is_ok());
        assert!(player(files[1..].to_vec()).is_ok());
        let object = |kind, file: &FileEntry| ObjectAppearance { kind, files: vec![file.clone()], texts: BTreeMap::new() };
        let apart = vec![object(ObjectKind::Player, &files[0]), object(ObjectKind::Pet, &files[3])];
        assert!(Manifest::new(apart).is_ok(), "objects are laid out apart");
    }

    #[test]
    fn texts_keep_their_limits() {
        let blob = |size, kind| TextValue::Blob(BlobRef { hash: BlobHash::of(b"x"), size, kind });
        let inline = |length| TextValue::Inline("x".repeat(length));
        assert!(with_texts(vec![inline(MAX_INLINE_TEXT), blob(MAX_TEXT, BlobKind::Text)]).is_ok());
        for bad in [
            vec![inline(MAX_INLINE_TEXT + 1)],
            vec![blob(MAX_INLINE_TEXT as u64, BlobKind::Text)],
            vec![blob(MAX_TEXT + 1, BlobKind::Text)],
            vec![blob(MAX_TEXT, BlobKind::Manifest)],
            vec![inline(0); MAX_TEXTS + 1],
        ] {
            assert_eq!(with_texts(bad), Err(ManifestError::Text));
        }
        for bad in ["", "Meta", "a-b", "../x", &"a".repeat(65)] {
            assert_eq!(TextName::new(bad), Err(ManifestError::TextName), "{bad}");
        }
    }

    #[test]
    fn one_hash_with_two_sizes_is_noticed_among_texts_too() {
        let blob = |size| TextValue::Blob(BlobRef { hash: BlobHash::of(b"x"), size, kind: BlobKind::Text });
        assert_eq!(with_texts(vec![blob(70_000), blob(80_000)]), Err(ManifestError::SizeTwice));
    }

    #[test]
    fn files_and_paths_are_counted_over_all_objects() {
        let many = |files: usize, paths: usize, prefix: char| {
            let path = move |file, path| GamePath::new(&format!("{prefix}{file}/{path}.tex")).unwrap();
            let files = (0..files).map(move |file| FileEntry {
                game_paths: (0..paths).map(|number| path(file, number)).collect(),
                blob: BlobRef { hash: BlobHash::of(&file.to_be_bytes()), size: 1, kind: BlobKind::File(FileType::Tex) },
            });
            files.collect()
        };
        let both = |files, paths, more| {
            let object = |kind, files| ObjectAppearance { kind, files, texts: BTreeMap::new() };
            let player = object(ObjectKind::Player, many(files, paths, 'a'));
            Manifest::new(vec![player, object(ObjectKind::Pet, many(more, 1, 'b'))])
        };
        assert!(both(MAX_MANIFEST_FILES - 1, 1, 1).is_ok());
        assert_eq!(both(MAX_MANIFEST_FILES, 1, 1), Err(ManifestError::TooManyFiles(MAX_MANIFEST_FILES + 1)));
        assert_eq!(both(1, MAX_MANIFEST_PATHS, 1), Err(ManifestError::TooManyPaths(MAX_MANIFEST_PATHS + 1)));
    }

    #[test]
    fn an_object_stands_once() {
        let object = || ObjectAppearance { kind: ObjectKind::Pet, files: vec![], texts: BTreeMap::new() };
        assert_eq!(Manifest::new(vec![object(), object()]), Err(ManifestError::ObjectTwice));
        for kind in ObjectKind::ALL {
            assert_eq!(ObjectKind::from_number(kind.number()), Some(kind));
        }
    }

    proptest! {
        #[test]
        fn a_manifest_made_of_its_own_parts_is_itself(manifest in manifest()) {
            prop_assert_eq!(Manifest::new(manifest.objects().to_vec()), Ok(manifest));
        }

        #[test]
        fn splitting_files_by_path_and_giving_them_in_any_order_changes_nothing(
            manifest in manifest(),
            order in vec(any::<u32>(), 40),
        ) {
            let objects = manifest.objects().iter().rev().map(|object| {
                let mut files: Vec<_> = object.files.iter().flat_map(split).zip(order.iter().cycle()).collect();
                files.sort_by_key(|(_, place)| **place);
                ObjectAppearance { files: files.into_iter().map(|(file, _)| file).collect(), ..object.clone() }
            });
            prop_assert_eq!(Manifest::new(objects.collect()), Ok(manifest));
        }

        #[test]
        fn the_weight_is_the_sum_of_the_different_blobs(manifest in manifest()) {
            let (blobs, weight) = (manifest.blobs(), manifest.weight());
            prop_assert_eq!(weight.bytes, blobs.iter().map(|blob| blob.size).sum::<u64>());
            prop_assert_eq!(weight.files as usize, blobs.len());
            prop_assert!(blobs.is_sorted());
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

    fn split(file: &FileEntry) -> Vec<FileEntry> {
        file.game_paths.iter().map(|path| FileEntry { game_paths: vec![path.clone()], blob: file.blob }).collect()
    }

    fn with_texts(texts: Vec<TextValue>) -> Result<Manifest, ManifestError> {
        let name = |number| TextName::new(&format!("text_{number}")).unwrap();
        let texts = texts.into_iter().enumerate().map(|(number, text)| (name(number), text)).collect();
        Manifest::new(vec![ObjectAppearance { kind: ObjectKind::Player, files: vec![], texts }])
    }

    /// Manifests of up to 8 files an object, contents partly shared, each path once.
    fn manifest() -> impl Strategy<Value = Manifest> {
        let object = vec(0..6_u8, 0..8).prop_map(|contents| {
            contents.iter().enumerate().map(|(path, content)| file(&format!("{path}.tex"), &[*content])).collect::<Vec<_>>()
        });
        vec(object, 0..=4).prop_map(|objects| {
            let objects = objects.into_iter().zip(ObjectKind::ALL);
            let object = |(files, kind)| ObjectAppearance { kind, files, texts: BTreeMap::new() };
            Manifest::new(objects.map(object).collect()).unwrap()
        })
    }
}
