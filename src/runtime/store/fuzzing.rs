//! What the fuzz targets in `tests/fuzz` reach of this room. Nothing else is to use it.

use super::names::Name;
use super::volume::VolumeFile as _;
use super::{index, memory, model, sidecar, tree};
use crate::domain::{BlobHash, BlobKind, BlobRef};

/// The triangles of a model.
#[must_use]
pub fn triangles(bytes: &[u8]) -> u64 {
    let file = memory::file(bytes);
    model::triangles(bytes.len() as u64, |buffer, offset| file.read_exact_at(buffer, offset)).unwrap_or_default()
}

/// How many groups are missing by a sidecar's bytes, as if they were of a blob of this size.
#[must_use]
pub fn sidecar(bytes: &[u8], size: u64) -> Option<u32> {
    missing(bytes, [0; 32], size)
}

/// The same for what stands behind a sidecar's header. The header, and so the blob's hash, is made to fit the tree at its end.
#[must_use]
pub fn sidecar_of(size: u64, rest: &[u8]) -> Option<u32> {
    let count = tree::group_count(size)? as usize;
    let start = rest.len().checked_sub(count.checked_mul(32)?)?;
    let root = tree::root(rest.get(start..)?.as_chunks().0, size)?;
    let header = sidecar::header(&blob(root, size), true);
    missing(&[header.as_slice(), rest].concat(), root, size)
}

fn missing(bytes: &[u8], hash: [u8; 32], size: u64) -> Option<u32> {
    sidecar::decode(bytes, &blob(hash, size)).map(|saved| saved.bits.count_missing())
}

const fn blob(hash: [u8; 32], size: u64) -> BlobRef {
    BlobRef { hash: BlobHash::from_bytes(hash), size, kind: BlobKind::Text }
}

/// A key of the index, read and written again.
#[must_use]
pub fn index_key(bytes: &[u8; 33]) -> Option<[u8; 33]> {
    index::decode_key(bytes).map(|key| index::encode_key(&key))
}

/// Whether a file in a folder of the cache is one of ours.
#[must_use]
pub fn is_file_name(folder: &str, file: &str) -> bool {
    Name::parse(folder, file).is_some_and(|(name, _)| {
        let _ = name.as_blob();
        true
    })
}
