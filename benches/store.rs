//! How fast the store is on this machine: `cargo bench --bench store [-- FOLDER]`.
//!
//! Each line is a rate beside that of BLAKE3 alone on one core. The folder (default: the temporary one) should lie on the
//! disk that is to be measured.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::print_stdout, reason = "it measures, prints, and may end")]

use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fyteclub::domain::{BlobHash, BlobKind, BlobRef, FileType};
use fyteclub::engine::output::FileToHash;
use fyteclub::runtime::store::{Store, StoreConfig};

const GROUP: usize = 16 << 10;
const LARGE: usize = 256 << 20;
const FILES: usize = 8;
const SMALL: usize = 10_000;

#[tokio::main]
async fn main() {
    let base = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let folder = base.map_or_else(tempfile::tempdir, tempfile::tempdir_in).expect("a folder to measure in");
    let (store, _) = Store::open(StoreConfig { folder: folder.path().join("cache"), free_floor: 0 }).expect("a store");
    let (large, content) = blob(LARGE, 0);
    report("BLAKE3 alone, one core", LARGE, time(|| blake3::hash(&content)).1);

    let mods = folder.path().join("mods");
    own_files(&store, &mods).await;
    receive(&store, large, &content).await;
    serve(&store, large).await;
    small(&store).await;
}

async fn own_files(store: &Store, mods: &Path) {
    std::fs::create_dir(mods).expect("a folder");
    let paths = (0..FILES).map(|at| mods.join(format!("{at}.tex")));
    let files: Vec<_> = paths.map(|path| FileToHash { path, file_type: FileType::Tex }).collect();
    for (seed, file) in files.iter().enumerate() {
        std::fs::write(&file.path, blob(LARGE / FILES, seed as u64).1).expect("a file");
    }
    let start = Instant::now();
    let hashed = store.hash_files(vec![mods.to_owned()], files.clone()).await;
    report("hash own files", LARGE, start.elapsed());
    let first = hashed.into_iter().next().and_then(|file| file.result.ok()).expect("a hashed file").blob;
    let start = Instant::now();
    read_all(store, first, 64).await;
    report("serve an own file, 1 MiB at a time", LARGE / FILES, start.elapsed());
}

async fn receive(store: &Store, blob: BlobRef, content: &Bytes) {
    let values = store_tree(content).await;
    let partial = store.partial(blob).await.expect("a partial blob");
    partial.put_tree(values).await.expect("a tree");
    let start = Instant::now();
    for first in (0..LARGE / GROUP).step_by(4) {
        let part = content.slice(first * GROUP..(first + 4) * GROUP);
        partial.put_groups(u32::try_from(first).expect("a group"), part).await.expect("good groups");
    }
    report("receive, 64 KiB at a time", LARGE, start.elapsed());
    let start = Instant::now();
    store.checkpoint().await.expect("a checkpoint");
    report("make it durable", LARGE, start.elapsed());
}

async fn serve(store: &Store, blob: BlobRef) {
    for groups in [4, 16, 64, 256] {
        let start = Instant::now();
        read_all(store, blob, groups).await;
        report(&format!("serve, {} KiB at a time", groups * 16), LARGE, start.elapsed());
    }
}

async fn small(store: &Store) {
    let blobs: Vec<_> = (0..SMALL).map(|seed| blob(8 << 10, 1000 + seed as u64)).collect();
    let start = Instant::now();
    for (blob, content) in &blobs {
        store.put_blob(*blob, content.clone()).await.expect("room");
    }
    report("take 10,000 blobs of 8 KiB", SMALL * (8 << 10), start.elapsed());
    let start = Instant::now();
    store.checkpoint().await.expect("a checkpoint");
    report("make them durable", SMALL * (8 << 10), start.elapsed());
    let start = Instant::now();
    for (blob, _) in &blobs {
        store.read_blob(*blob).await.expect("the blob");
    }
    report("read them", SMALL * (8 << 10), start.elapsed());
}

async fn read_all(store: &Store, blob: BlobRef, step: u32) {
    let count = u32::try_from(blob.size.div_ceil(GROUP as u64)).expect("few groups");
    for first in (0..count).step_by(step as usize) {
        store.read_groups(blob, first..(first + step).min(count)).await.expect("right groups");
    }
}

/// The tree of some bytes, as a store that has them tells it.
async fn store_tree(content: &Bytes) -> Vec<[u8; 32]> {
    let folder = tempfile::tempdir().expect("a folder");
    let root = std::fs::canonicalize(folder.path()).expect("a folder");
    let path = root.join("a.tex");
    std::fs::write(&path, content).expect("a file");
    let other = Store::memory();
    let hashed = other.hash_files(vec![root], vec![FileToHash { path, file_type: FileType::Tex }]).await;
    let blob = hashed.into_iter().next().and_then(|file| file.result.ok()).expect("a hashed file").blob;
    other.tree(blob).await.expect("its tree").to_vec()
}

fn blob(size: usize, seed: u64) -> (BlobRef, Bytes) {
    let mut content = vec![0; size];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut content);
    (BlobRef { hash: BlobHash::of(&content), size: size as u64, kind: BlobKind::File(FileType::Tex) }, content.into())
}

fn time<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = act();
    (result, start.elapsed())
}

fn report(what: &str, bytes: usize, took: Duration) {
    let rate = bytes as f64 / took.as_secs_f64() / f64::from(1 << 20);
    println!("{what:<36} {:>9.1} ms {rate:>9.0} MiB/s", took.as_secs_f64() * 1000.0);
}
