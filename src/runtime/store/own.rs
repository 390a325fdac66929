//! The user's own files: hashed where they lie, and served from there.
//!
//! A published file is opened only if it is a regular file below one of the plugin's folders once every symlink is resolved,
//! and its real extension is the one that its game paths have; no hard link of a file that is private to its owner. What is remembered of it is its tree; whatever is read from it
//! later is checked against that tree, so a file that takes its place can never be sent.
#![allow(clippy::disallowed_methods, reason = "whether a file is settled is a question to the clock")]

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::disk::DiskFile;
use super::identity::{Identity, is_private_link, is_settled, open_regular, resolve};
use super::tree::{self, Value};
use super::volume::VolumeFile as _;
use super::{lock, model, parallel};
use crate::domain::{BlobHash, BlobKind, BlobRef, FileType};
use crate::engine::input::{HashedBlob, HashedFile};
use crate::engine::output::FileToHash;

/// Files that are remembered; beyond, those published longest ago are forgotten, and read again if published again.
const MOST_REMEMBERED: usize = 65_536;

/// What is known of the user's own files.
#[derive(Debug, Default)]
pub(super) struct Own(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    by_path: HashMap<PathBuf, OwnFile>,
    by_hash: HashMap<BlobHash, Vec<PathBuf>>,
    publishes: u64,
    /// Files that were read to be hashed.
    reads: u64,
}

#[derive(Clone, Debug)]
struct OwnFile {
    identity: Identity,
    /// Whether a later change is sure to show in the identity.
    settled: bool,
    hashed: HashedBlob,
    values: Arc<[Value]>,
    /// The number of the publish that named it last.
    published: u64,
}

/// An own file to be read.
#[derive(Clone, Debug)]
pub(super) struct OwnSource {
    /// Where it lay when it was hashed, symlinks resolved.
    pub(super) path: PathBuf,
    /// Its tree.
    pub(super) values: Arc<[Value]>,
}

impl Own {
    /// Hashes these files with several threads.
    pub(super) fn hash_files(&self, roots: &[PathBuf], files: &[FileToHash]) -> Vec<HashedFile> {
        let roots: Vec<PathBuf> = roots.iter().filter_map(|root| fs::canonicalize(root).ok()).collect();
        let publish = self.next_publish();
        parallel::map(files, |index, file| HashedFile { index, result: self.hash_file(&roots, file, publish) })
    }

    /// An own file that had this content when it was hashed.
    pub(super) fn find(&self, blob: &BlobRef) -> Option<OwnSource> {
        let state = lock(&self.0);
        let path = state.by_hash.get(&blob.hash)?.first()?;
        let own = state.by_path.get(path).filter(|own| own.hashed.blob.size == blob.size)?;
        Some(OwnSource { path: path.clone(), values: own.values.clone() })
    }

    /// The file no longer has its content: the next publish reads it again.
    pub(super) fn forget(&self, path: &Path) {
        lock(&self.0).forget(path);
    }

    /// How many files have been read to be hashed.
    #[cfg(test)]
    pub(super) fn reads(&self) -> u64 {
        lock(&self.0).reads
    }

    /// Whether a file's hash will be believed if nothing of it changes.
    #[cfg(test)]
    pub(super) fn is_settled(&self, path: &Path) -> bool {
        lock(&self.0).by_path.get(path).is_some_and(|own| own.settled)
    }

    fn next_publish(&self) -> u64 {
        let mut state = lock(&self.0);
        state.publishes += 1;
        state.make_room();
        state.publishes
    }

    fn hash_file(&self, roots: &[PathBuf], file: &FileToHash, publish: u64) -> Result<HashedBlob, String> {
        let says = |what: String| format!("{}: {what}", file.path.display());
        let path = resolve(&file.path, roots)
            .map_err(|error| says(format!("it cannot be found ({error})")))?
            .ok_or_else(|| says("it lies outside the folders that the plugin named".to_owned()))?;
        if extension(&path) != Some(file.file_type) {
            return Err(says(format!("its real name does not end in .{}", file.file_type.extension())));
        }
        let (opened, identity) = open_regular(&path).map_err(|error| says(format!("it cannot be opened ({error})")))?;
        if is_private_link(&opened).map_err(|error| says(format!("it cannot be looked at ({error})")))? {
            return Err(says("it is a second name of a file that only you may read: publish a copy of it".to_owned()));
        }
        if let Some(known) = self.unchanged(&path, &identity, publish) {
            return Ok(known);
        }
        let own = hash(opened, identity, file.file_type, publish).map_err(says)?;
        let hashed = own.hashed;
        lock(&self.0).remember(path, own);
        Ok(hashed)
    }

    fn unchanged(&self, path: &Path, identity: &Identity, publish: u64) -> Option<HashedBlob> {
        let mut state = lock(&self.0);
        let own = state.by_path.get_mut(path).filter(|own| own.settled && own.identity == *identity)?;
        own.published = publish;
        Some(own.hashed)
    }
}

impl State {
    fn remember(&mut self, path: PathBuf, own: OwnFile) {
        self.reads += 1;
        self.forget(&path);
        self.by_hash.entry(own.hashed.blob.hash).or_default().push(path.clone());
        self.by_path.insert(path, own);
    }

    fn forget(&mut self, path: &Path) {
        let Some(own) = self.by_path.remove(path) else { return };
        let hash = own.hashed.blob.hash;
        if let Some(paths) = self.by_hash.get_mut(&hash) {
            paths.retain(|other| other != path);
            if paths.is_empty() {
                self.by_hash.remove(&hash);
            }
        }
    }

    fn make_room(&mut self) {
        if self.by_path.len() <= MOST_REMEMBERED {
            return;
        }
        let mut ages: Vec<u64> = self.by_path.values().map(|own| own.published).collect();
        ages.sort_unstable();
        let oldest_kept = ages.get(ages.len() / 4).copied().unwrap_or_default();
        let old = self.by_path.iter().filter(|(_, own)| own.published < oldest_kept).map(|(path, _)| path.clone());
        for path in old.collect::<Vec<_>>() {
            self.forget(&path);
        }
    }
}

fn extension(path: &Path) -> Option<FileType> {
    FileType::from_extension(path.extension()?.to_str()?)
}

fn hash(file: File, identity: Identity, file_type: FileType, publish: u64) -> Result<OwnFile, String> {
    // Asked before reading: a change during the reading must not look old by the time it is over.
    let settled = is_settled(&file, SystemTime::now());
    let file = DiskFile(file);
    let unread = |error: std::io::Error| format!("it cannot be read ({error})");
    let hashed = tree::hash_all(|offset, buffer| file.read_at(buffer, offset)).map_err(unread)?;
    let triangles = if file_type == FileType::Mdl {
        model::triangles(hashed.size, |buffer, offset| file.read_exact_at(buffer, offset)).map_err(unread)?
    } else {
        0
    };
    if Identity::of(&file.0).map_err(unread)? != identity || hashed.size != identity.size {
        return Err("it changed while it was read: publish again".to_owned());
    }
    let blob = BlobRef { hash: BlobHash::from_bytes(hashed.hash), size: hashed.size, kind: BlobKind::File(file_type) };
    let hashed_blob = HashedBlob { blob, triangles };
    Ok(OwnFile { identity, settled, hashed: hashed_blob, values: hashed.values.into(), published: publish })
}
