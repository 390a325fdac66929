//! A look that is served by hand, rightly or not.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use fyteclub::domain::{BlobHash, BlobKind, BlobRef, FileEntry, FileType, GamePath, Manifest, ObjectAppearance, ObjectKind};
use fyteclub::runtime::store::Store;
use fyteclub::wire::bulk::{Bulk, PackedBlob};
use fyteclub::wire::{GROUP, manifest};

use super::puppet::Line;

/// Where a look's bytes are not the right ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    Pack,
    ShortPack,
    Tree,
    Groups,
}

/// A look that is served by hand.
pub(super) struct Look {
    pub(super) manifest: Vec<u8>,
    files: Vec<(BlobRef, Bytes)>,
    trees: BTreeMap<BlobHash, Arc<[[u8; 32]]>>,
}

impl Look {
    pub(super) async fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let named = files.iter().map(|(path, content)| (*path, blob(content, GamePath::new(path).unwrap().file_type())));
        let manifest = manifest_over(&named.clone().collect::<Vec<_>>());
        let files: Vec<_> = named.zip(files).map(|((_, blob), (_, content))| (blob, Bytes::from(content.clone()))).collect();
        let store = Store::memory();
        let mut trees = BTreeMap::new();
        for (blob, content) in &files {
            store.put(*blob, content.clone()).await.unwrap();
            trees.insert(blob.hash, store.tree(*blob).await.unwrap());
        }
        Self { manifest, files, trees }
    }

    /// Answers what is asked until the link ends.
    pub(super) async fn serve(&self, line: &Line) {
        while let Some(asked) = line.hear_bulk().await {
            for answer in self.answers(&asked) {
                line.say_bulk(&answer).await;
            }
        }
    }

    /// Answers rightly until it is time for the lie.
    pub(super) async fn serve_until_lied(&self, line: &Line, lie: Lie) {
        loop {
            let asked = line.hear_bulk().await.expect("something is asked for");
            for mut answer in self.answers(&asked) {
                let lied = tell(lie, &mut answer);
                line.say_bulk(&answer).await;
                if lied {
                    return;
                }
            }
        }
    }

    fn answers(&self, asked: &Bulk) -> Vec<Bulk> {
        match asked {
            Bulk::GetPack { request, hashes, .. } => {
                let blobs = (0..).zip(hashes).map(|(index, hash)| PackedBlob { index, content: self.content(hash) }).collect();
                vec![Bulk::Pack { request: *request, last: true, blobs }]
            }
            Bulk::GetTree { request, hash, .. } => {
                vec![Bulk::Tree { request: *request, first: 0, last: true, values: self.trees[hash].to_vec() }]
            }
            Bulk::GetGroups { request, hash, first, count, .. } => {
                let content = self.content(hash);
                let group = |number: u32| {
                    let begin = number as usize * GROUP as usize;
                    content.slice(begin..content.len().min(begin + GROUP as usize))
                };
                (*first..first + count)
                    .map(|number| Bulk::Groups { request: *request, first: number, content: group(number) })
                    .collect()
            }
            Bulk::Cancel { .. } | Bulk::Pack { .. } | Bulk::Tree { .. } | Bulk::Groups { .. } | Bulk::Refused { .. } => {
                Vec::new()
            }
        }
    }

    fn content(&self, hash: &BlobHash) -> Bytes {
        self.files.iter().find(|(blob, _)| blob.hash == *hash).map(|(_, content)| content.clone()).expect("it is in the look")
    }
}

/// Falsifies an answer if it is one of this kind.
fn tell(lie: Lie, answer: &mut Bulk) -> bool {
    match (lie, answer) {
        (Lie::Pack, Bulk::Pack { blobs, .. }) => blobs[0].content = Bytes::from_static(b"smell"),
        (Lie::ShortPack, Bulk::Pack { blobs, .. }) => blobs[0].content = Bytes::from_static(b"smal"),
        (Lie::Tree, Bulk::Tree { values, .. }) => values[1] = [3; 32],
        (Lie::Groups, Bulk::Groups { content, .. }) => *content = content.iter().map(|byte| byte ^ 1).collect(),
        (Lie::Pack | Lie::ShortPack | Lie::Tree | Lie::Groups, _) => return false,
    }
    true
}

/// The manifest of a player's look with these files.
pub(super) fn manifest_over(files: &[(&str, BlobRef)]) -> Vec<u8> {
    let files =
        files.iter().map(|(path, blob)| FileEntry { game_paths: vec![GamePath::new(path).unwrap()], blob: *blob }).collect();
    let object = ObjectAppearance { kind: ObjectKind::Player, files, texts: BTreeMap::new() };
    manifest::encode(&Manifest::new(vec![object]).unwrap()).1
}

/// The blob of this content.
pub(super) fn blob(content: &[u8], file_type: FileType) -> BlobRef {
    BlobRef { hash: BlobHash::of(content), size: content.len() as u64, kind: BlobKind::File(file_type) }
}
