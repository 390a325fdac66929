//! Files that are made of their names.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{BlobHash, BlobKind, BlobRef, FileType, ObjectKind};
use crate::engine::input::{HashedBlob, HashedFile};
use crate::engine::output::FileToHash;
use crate::wire::plugin::{PublishedFile, PublishedObject};

/// Triangles of every model here.
pub(super) const TRIANGLES: u64 = 100;

/// A file's content from its name: `name` is itself, `name*1000` has that many bytes.
pub(super) fn content(name: &str) -> Vec<u8> {
    let size = name.split_once('*').map(|(_, size)| size.split('.').next().unwrap().parse().unwrap());
    let mut content = name.as_bytes().to_vec();
    content.resize(size.unwrap_or(content.len()), 7);
    content
}

pub(super) fn hash_of(name: &str) -> BlobHash {
    BlobHash::of(&content(name))
}

/// A player's look: each file at a game path of its own.
pub(super) fn look(files: &[&str], texts: &[(&str, &str)]) -> PublishedObject {
    let files = files.iter().enumerate().map(|(n, name)| {
        let extension = name.rsplit_once('.').map_or("tex", |(_, extension)| extension);
        PublishedFile { game_paths: vec![format!("chara/{n}.{extension}")], path: format!("/mods/{name}") }
    });
    PublishedObject {
        kind: ObjectKind::Player,
        files: files.collect(),
        texts: texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
    }
}

/// What hashing a published file gives. Names in `unreadable` cannot be read, the others' contents go into `store`.
pub(super) fn hash(
    index: usize,
    file: &FileToHash,
    unreadable: &BTreeSet<String>,
    store: &mut BTreeMap<BlobHash, Vec<u8>>,
) -> HashedFile {
    let name = file.path.to_string_lossy().trim_start_matches("/mods/").to_owned();
    if unreadable.contains(&name) {
        return HashedFile { index, result: Err(format!("{name} cannot be read")) };
    }
    let content = content(&name);
    let blob = BlobRef { hash: BlobHash::of(&content), size: content.len() as u64, kind: BlobKind::File(file.file_type) };
    store.insert(blob.hash, content);
    let triangles = if file.file_type == FileType::Mdl { TRIANGLES } else { 0 };
    HashedFile { index, result: Ok(HashedBlob { blob, triangles }) }
}
