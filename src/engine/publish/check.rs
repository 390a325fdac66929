//! From what a plugin publishes to a manifest: every rule checked before a file is opened.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::domain::{
    BlobHash, BlobKind, BlobRef, FileEntry, GamePath, MAX_INLINE_TEXT, MAX_MANIFEST_FILES, MAX_TEXT, Manifest, ObjectAppearance,
    ObjectKind, TextName, TextValue, Weight, printable,
};
use crate::engine::input::HashedFile;
use crate::engine::output::FileToHash;
use crate::wire::plugin::{PublishedFile, PublishedObject};

/// Bytes of all texts of a look: a plugin is told them in one line of the pipe, together with the files.
pub(in crate::engine) const MAX_TEXTS_BYTES: usize = 4 << 20;

/// A publish whose paths and texts are right and whose files are not hashed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    /// Each file once.
    pub(super) files: Vec<FileToHash>,
    objects: Vec<DraftObject>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct DraftObject {
    kind: ObjectKind,
    /// Game paths and the place in `Draft::files`.
    files: Vec<(Vec<GamePath>, usize)>,
    texts: BTreeMap<TextName, String>,
}

/// A look of mine, hashed.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) manifest: Manifest,
    pub(super) weight: Weight,
    /// Texts that are blobs.
    pub(super) long_texts: Vec<(BlobRef, Vec<u8>)>,
}

/// Checks what a plugin publishes.
///
/// # Errors
/// One sentence: what is wrong with which part.
pub(super) fn check(objects: Vec<PublishedObject>) -> Result<Draft, String> {
    let mut draft = Draft::default();
    let mut places = BTreeMap::new();
    let mut kinds = BTreeSet::new();
    let mut text_bytes = 0;
    for object in objects {
        if !kinds.insert(object.kind) {
            return Err("one object stands in the appearance twice".to_owned());
        }
        let texts = check_texts(object.texts, &mut text_bytes)?;
        let mut files = Vec::with_capacity(object.files.len().min(MAX_MANIFEST_FILES));
        for file in object.files {
            let game_paths = check_paths(&file)?;
            let place = place(&mut draft.files, &mut places, &file.path, &game_paths);
            files.push((game_paths, place));
        }
        draft.objects.push(DraftObject { kind: object.kind, files, texts });
    }
    if draft.files.len() > MAX_MANIFEST_FILES {
        return Err(format!("an appearance has at most {MAX_MANIFEST_FILES} files, this has {}", draft.files.len()));
    }
    Ok(draft)
}

/// Puts hashed files in their places.
///
/// # Errors
/// One sentence: which file could not be read, or which rule the whole breaks. Nothing is left out: a look with a hole in it is
/// not how its wearer looks.
pub(super) fn assemble(draft: &Draft, hashed: Vec<HashedFile>) -> Result<Assembled, String> {
    let mut blobs = BTreeMap::new();
    for file in hashed {
        blobs.insert(file.index, file.result?);
    }
    let mut long_texts = BTreeMap::new();
    let mut triangles = BTreeMap::new();
    let mut objects = Vec::with_capacity(draft.objects.len());
    for object in &draft.objects {
        let mut files = Vec::with_capacity(object.files.len());
        for (game_paths, place) in &object.files {
            let hashed = blobs.get(place).ok_or("a file was not hashed: publish again")?;
            triangles.insert(hashed.blob.hash, hashed.triangles);
            files.push(FileEntry { game_paths: game_paths.clone(), blob: hashed.blob });
        }
        let texts = object.texts.iter().map(|(name, text)| (name.clone(), value(text, &mut long_texts))).collect();
        objects.push(ObjectAppearance { kind: object.kind, files, texts });
    }
    let manifest = Manifest::new(objects).map_err(|error| error.to_string())?;
    let triangles = triangles.values().fold(0, |sum: u64, count| sum.saturating_add(*count));
    let weight = Weight { triangles, ..manifest.weight() };
    Ok(Assembled { manifest, weight, long_texts: long_texts.into_iter().collect() })
}

fn check_texts(texts: BTreeMap<String, String>, total: &mut usize) -> Result<BTreeMap<TextName, String>, String> {
    let mut checked = BTreeMap::new();
    for (name, text) in texts {
        let name = TextName::new(&name).map_err(|error| error.to_string())?;
        if text.len() as u64 > MAX_TEXT {
            return Err(format!("the text {} is longer than {MAX_TEXT} bytes", name.as_str()));
        }
        *total += text.len();
        checked.insert(name, text);
    }
    if *total > MAX_TEXTS_BYTES {
        return Err(format!("the texts together are longer than {MAX_TEXTS_BYTES} bytes"));
    }
    Ok(checked)
}

fn check_paths(file: &PublishedFile) -> Result<Vec<GamePath>, String> {
    let paths: Result<Vec<GamePath>, String> = file
        .game_paths
        .iter()
        .map(|text| GamePath::new(text).map_err(|error| format!("the game path “{}” cannot be shared: {error}", shown(text))))
        .collect();
    let mut paths = paths?;
    paths.sort();
    paths.dedup();
    let (Some(first), Some(last)) = (paths.first(), paths.last()) else {
        return Err(format!("the file “{}” has no game path", shown(&file.path)));
    };
    match paths.iter().find(|path| path.file_type() != first.file_type()) {
        Some(_) => Err(format!("one file is published as {first} and as {last}, which are of different types")),
        None => Ok(paths),
    }
}

fn place(files: &mut Vec<FileToHash>, places: &mut BTreeMap<(String, u8), usize>, path: &str, game_paths: &[GamePath]) -> usize {
    let Some(file_type) = game_paths.first().map(GamePath::file_type) else { return files.len() };
    *places.entry((path.to_owned(), file_type.number())).or_insert_with(|| {
        files.push(FileToHash { path: PathBuf::from(path), file_type });
        files.len() - 1
    })
}

fn value(text: &str, long: &mut BTreeMap<BlobRef, Vec<u8>>) -> TextValue {
    if text.len() <= MAX_INLINE_TEXT {
        return TextValue::Inline(text.to_owned());
    }
    let blob = BlobRef { hash: BlobHash::of(text.as_bytes()), size: text.len() as u64, kind: BlobKind::Text };
    long.insert(blob, text.as_bytes().to_vec());
    TextValue::Blob(blob)
}

fn shown(text: &str) -> String {
    printable(text, 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_must_not_be_shared_are_refused_by_name() {
        for bad in ["../x.tex", "C:\\x.tex", "\\\\host\\x.tex", "a\0.tex", "a.exe", "A.tex"] {
            let error = check(vec![player(&[(&[bad], "/mods/x.tex")], &[])]).unwrap_err();
            assert!(error.contains("cannot be shared"), "{bad:?}: {error}");
        }
        assert!(check(vec![player(&[(&["a.tex", "b.mdl"], "/x")], &[])]).is_err(), "two types");
        assert!(check(vec![player(&[(&[], "/x")], &[])]).is_err(), "no path");
        assert!(check(vec![player(&[], &[]), player(&[], &[])]).is_err(), "an object twice");
        assert!(check(vec![player(&[], &[("Bad Name", "x")])]).is_err(), "a text's name");
        assert!(check(vec![player(&[], &[("meta", &"x".repeat(MAX_TEXT as usize + 1))])]).is_err(), "a long text");
    }

    #[test]
    fn a_file_that_serves_many_paths_is_hashed_once() {
        let draft = check(vec![player(&[(&["b.tex", "a.tex"], "/x"), (&["c.tex"], "/x"), (&["d.tex"], "/y")], &[])]).unwrap();
        assert_eq!(draft.files.len(), 2);
        let hashed = |index, content: &[u8]| HashedFile { index, result: Ok(blob(content, 0)) };
        let look = assemble(&draft, vec![hashed(1, b"other"), hashed(0, b"content")]).unwrap();
        let files = &look.manifest.objects()[0].files;
        assert_eq!(files.iter().map(|file| file.game_paths.len()).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(look.weight.files, 2);
    }

    #[test]
    fn a_file_that_cannot_be_read_refuses_the_whole_and_is_named() {
        let draft = check(vec![player(&[(&["a.tex"], "/x"), (&["b.tex"], "/y")], &[])]).unwrap();
        let hashed = vec![
            HashedFile { index: 0, result: Ok(blob(b"1", 0)) },
            HashedFile { index: 1, result: Err("/y cannot be read: permission denied".to_owned()) },
        ];
        assert!(assemble(&draft, hashed).unwrap_err().contains("/y"));
        assert!(assemble(&draft, vec![HashedFile { index: 0, result: Ok(blob(b"1", 0)) }]).is_err(), "one is missing");
    }

    #[test]
    fn long_texts_become_blobs_and_triangles_of_one_model_count_once() {
        let long = "x".repeat(MAX_INLINE_TEXT + 1);
        let draft =
            check(vec![player(&[(&["a.mdl"], "/x"), (&["b.mdl"], "/y")], &[("meta", &long), ("moodles", "short")])]).unwrap();
        let hashed = (0..2).map(|index| HashedFile { index, result: Ok(model(b"same", 70)) }).collect();
        let look = assemble(&draft, hashed).unwrap();
        assert_eq!(look.long_texts.len(), 1);
        assert_eq!(look.weight.triangles, 70);
        assert_eq!(look.weight.bytes, 4 + long.len() as u64);
    }

    fn blob(content: &[u8], triangles: u64) -> crate::engine::input::HashedBlob {
        let kind = BlobKind::File(crate::domain::FileType::Tex);
        let blob = BlobRef { hash: BlobHash::of(content), size: content.len() as u64, kind };
        crate::engine::input::HashedBlob { blob, triangles }
    }

    fn model(content: &[u8], triangles: u64) -> crate::engine::input::HashedBlob {
        let mut hashed = blob(content, triangles);
        hashed.blob.kind = BlobKind::File(crate::domain::FileType::Mdl);
        hashed
    }

    fn player(files: &[(&[&str], &str)], texts: &[(&str, &str)]) -> PublishedObject {
        PublishedObject {
            kind: ObjectKind::Player,
            files: files
                .iter()
                .map(|(paths, path)| PublishedFile {
                    game_paths: paths.iter().map(|path| (*path).to_owned()).collect(),
                    path: (*path).to_owned(),
                })
                .collect(),
            texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        }
    }
}
