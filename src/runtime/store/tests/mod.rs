//! The store from outside: [`both`] runs each body over a disk and over memory, the others are about one of them.
#![allow(clippy::single_range_in_vec_init, reason = "lists of ranges are what is meant")]

mod both;
mod crash;
mod disk;
mod moving;
mod own;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;

use super::tree::{self, GROUP_LEN, Value};
use super::{Store, StoreConfig};
use crate::domain::{AppearanceId, BlobHash, BlobKind, BlobRef, FileType};

const TEX: BlobKind = BlobKind::File(FileType::Tex);

/// Bytes that look like nothing else, and what they are called.
fn blob(size: usize, seed: u64) -> (BlobRef, Bytes) {
    let mut content = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut content);
    (BlobRef { hash: BlobHash::of(&content), size: size as u64, kind: TEX }, content.into())
}

fn tree_of(content: &[u8]) -> Vec<Value> {
    let alone = content.len() <= GROUP_LEN;
    tree::groups_of(content).zip(0..).map(|(bytes, group)| tree::value(group, bytes, alone)).collect()
}

fn group(content: &Bytes, number: usize) -> Bytes {
    groups(content, number, number + 1)
}

fn groups(content: &Bytes, first: usize, end: usize) -> Bytes {
    content.slice(first * GROUP_LEN..content.len().min(end * GROUP_LEN))
}

fn appearance(number: u8) -> AppearanceId {
    AppearanceId::from_bytes([number; 32])
}

fn open(folder: &Path) -> (Store, Vec<BlobRef>) {
    Store::open(StoreConfig { folder: folder.to_owned(), free_floor: 0 }).unwrap()
}

/// Opens a store and has everything in doubt checked: also what it holds then.
async fn open_checked(folder: &Path) -> (Store, Vec<BlobRef>) {
    let (store, mut held) = open(folder);
    while let Some(right) = store.check_some().await {
        held.extend(right);
    }
    (store, held)
}

/// What a killed program leaves behind: the folder as it is, while the store is still at work.
fn copy_of(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder, copy.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            std::fs::File::options().write(true).open(target).unwrap().set_modified(modified).unwrap();
        }
    }
}

/// Changes one byte of a file.
fn flip(path: &Path, at: u64) {
    use super::disk::DiskFile;
    use super::volume::VolumeFile as _;
    let file = DiskFile(std::fs::File::options().read(true).write(true).open(path).unwrap());
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}

/// Puts a file's time of last change into the past, as if it had been written long ago.
fn settle(path: &Path) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(file.metadata().unwrap().modified().unwrap() - Duration::from_secs(60)).unwrap();
}
