//! What characters wear: small outfits of made-up files, some of them shared by everybody, some large.
//!
//! A made-up file has no content: its hash is that of its label, and its size is whatever the outfit says. Bytes of files
//! never pass through an engine, so none of them can tell. Texts and manifests are real.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fyteclub::domain::{
    BlobHash, BlobKind, BlobRef, FileEntry, GamePath, MAX_INLINE_TEXT, Manifest, ObjectAppearance, ObjectKind, TextName,
    TextValue,
};
use fyteclub::wire::plugin::{PublishedFile, PublishedObject};

use crate::chance::Chance;

/// A file of a mod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ModFile {
    pub(crate) game_path: String,
    /// Names the content: equal labels are equal files.
    pub(crate) label: String,
    pub(crate) size: u64,
}

impl ModFile {
    pub(crate) fn new(game_path: &str, label: &str, size: u64) -> Self {
        Self { game_path: game_path.to_owned(), label: label.to_owned(), size }
    }

    pub(crate) fn blob(&self) -> BlobRef {
        let kind = BlobKind::File(GamePath::new(&self.game_path).unwrap().file_type());
        BlobRef { hash: BlobHash::of(format!("{}:{}", self.label, kind.extension()).as_bytes()), size: self.size, kind }
    }

    /// Where it lies below `root`.
    pub(crate) fn path(&self, root: &str) -> PathBuf {
        let extension = GamePath::new(&self.game_path).unwrap().file_type().extension();
        PathBuf::from(format!("{root}/{}.{extension}", self.label))
    }
}

/// What a character wears.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outfit {
    pub(crate) files: Vec<ModFile>,
    pub(crate) texts: BTreeMap<String, String>,
}

impl Outfit {
    /// As the plugin publishes it.
    pub(crate) fn objects(&self, root: &str) -> Vec<PublishedObject> {
        let files = self.files.iter().map(|file| PublishedFile {
            game_paths: vec![file.game_path.clone()],
            path: file.path(root).to_string_lossy().into_owned(),
        });
        vec![PublishedObject { kind: ObjectKind::Player, files: files.collect(), texts: self.texts.clone() }]
    }

    /// As friends must come to see it.
    pub(crate) fn manifest(&self) -> Manifest {
        let files = self
            .files
            .iter()
            .map(|file| FileEntry { game_paths: vec![GamePath::new(&file.game_path).unwrap()], blob: file.blob() });
        let texts = self.texts.iter().map(|(name, text)| (TextName::new(name).unwrap(), text_value(text)));
        let player = ObjectAppearance { kind: ObjectKind::Player, files: files.collect(), texts: texts.collect() };
        Manifest::new(vec![player]).unwrap()
    }
}

fn text_value(text: &str) -> TextValue {
    if text.len() <= MAX_INLINE_TEXT {
        return TextValue::Inline(text.to_owned());
    }
    TextValue::Blob(BlobRef { hash: BlobHash::of(text.as_bytes()), size: text.len() as u64, kind: BlobKind::Text })
}

/// A random outfit of the wearer `who`: a few small files of their own, a few that everybody has, now and then a large
/// one or a long text.
pub(crate) fn random_outfit(chance: &mut Chance, who: usize) -> Outfit {
    let mut outfit = Outfit::default();
    for slot in 0..=chance.below(5) {
        let (owner, variants) = if chance.percent(40) { ("all".to_owned(), 6) } else { (format!("own{who}"), 12) };
        let variant = chance.below(variants);
        let extension = ["tex", "mdl", "mtrl", "scd", "avfx", "pap"][chance.index(6)];
        let size = 1 + variant * 4_001;
        let path = format!("chara/slot{slot}/part.{extension}");
        outfit.files.push(ModFile::new(&path, &format!("{owner}-{variant}"), size));
    }
    if chance.percent(35) {
        let variant = chance.below(3);
        let size = ((1 + variant) << 20) + 77 * variant;
        outfit.files.push(ModFile::new("chara/body/large.tex", &format!("large{who}-{variant}"), size));
    }
    outfit.texts.insert("glamourer".to_owned(), format!("look {}", chance.below(1_000)));
    if chance.percent(10) {
        outfit.texts.insert("moodles".to_owned(), "long ".repeat(MAX_INLINE_TEXT / 5 + 1 + chance.index(9)));
    }
    outfit
}
