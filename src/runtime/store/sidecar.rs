//! The file beside a partial blob's bytes: its tree, and which of its groups are there.
//!
//! ```text
//! 0   8   "FYPART01"
//! 8   32  the blob's hash
//! 40  8   its size, big-endian
//! 48  1   1 if the tree is there
//! 49  15  zero
//! 64  b   one bit for each group, lowest bit first; b = groups / 8, rounded up
//! 64+b    32 bytes for each group: the tree
//! ```
//! It is written by plain writes, in an order that leaves it true whenever the program is killed: bytes before bits, the tree
//! before its mark. After a loss of power anything may be in it; so nothing is believed that has not been checked again.

use std::io;
use std::ops::Range;

use super::tree::{self, Value};
use super::volume::VolumeFile;
use crate::domain::BlobRef;

const MAGIC: &[u8; 8] = b"FYPART01";
const HEADER: usize = 64;
const TREE_MARK: u64 = 48;

/// Which groups of a blob are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    count: u32,
    set: u32,
}

impl Bits {
    /// None of so many groups.
    pub(super) fn none(count: u32) -> Self {
        Self { bytes: vec![0; (count as usize).div_ceil(8)], count, set: 0 }
    }

    /// Whether a group is there; one beyond the end is not.
    pub(super) fn has(&self, group: u32) -> bool {
        group < self.count && self.bytes.get(group as usize / 8).is_some_and(|byte| byte & (1 << (group % 8)) != 0)
    }

    /// Marks groups as there.
    pub(super) fn set(&mut self, groups: Range<u32>) {
        for group in groups.start..groups.end.min(self.count) {
            if !self.has(group)
                && let Some(byte) = self.bytes.get_mut(group as usize / 8)
            {
                *byte |= 1 << (group % 8);
                self.set += 1;
            }
        }
    }

    /// Whether all are there.
    pub(super) fn is_full(&self) -> bool {
        self.set == self.count
    }

    /// How many are not there.
    pub(super) fn count_missing(&self) -> u32 {
        self.count - self.set
    }

    /// The groups of a range that are not there, as ascending ranges.
    pub(super) fn missing(&self, groups: Range<u32>) -> Vec<Range<u32>> {
        self.runs(groups, false)
    }

    /// The groups that are there, as ascending ranges.
    pub(super) fn present(&self) -> Vec<Range<u32>> {
        self.runs(0..self.count, true)
    }

    fn runs(&self, groups: Range<u32>, there: bool) -> Vec<Range<u32>> {
        let mut runs: Vec<Range<u32>> = Vec::new();
        for group in (groups.start..groups.end.min(self.count)).filter(|group| self.has(*group) == there) {
            match runs.last_mut() {
                Some(run) if run.end == group => run.end += 1,
                _ => runs.push(group..group + 1),
            }
        }
        runs
    }

    /// The bytes in which these groups' bits are, and where they begin.
    fn bytes_of(&self, groups: &Range<u32>) -> (u64, &[u8]) {
        let (start, end) = (groups.start as usize / 8, (groups.end as usize).div_ceil(8).min(self.bytes.len()));
        (start as u64, self.bytes.get(start..end).unwrap_or_default())
    }

    fn from_bytes(bytes: &[u8], count: u32) -> Self {
        let claimed = Self { bytes: bytes.to_vec(), count, set: 0 };
        let mut bits = Self::none(count);
        for run in claimed.present() {
            bits.set(run);
        }
        bits
    }
}

/// What a sidecar says; its groups are yet to be checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Saved {
    /// The tree: its root is the blob's hash.
    pub(super) values: Vec<Value>,
    /// Which groups are said to be there.
    pub(super) bits: Bits,
}

/// A sidecar's length in bytes once it has its tree. `None` for a blob of more groups than can be numbered.
pub(super) fn length(blob: &BlobRef) -> Option<u64> {
    let count = tree::group_count(blob.size)?;
    Some(tree_offset(count) as u64 + u64::from(count) * 32)
}

/// Reads a sidecar. `None` if it is not this blob's, is damaged, or has no tree.
pub(super) fn load(file: &dyn VolumeFile, blob: &BlobRef) -> Option<Saved> {
    let mut bytes = vec![0; usize::try_from(length(blob)?).ok()?];
    file.read_exact_at(&mut bytes, 0).ok()?;
    decode(&bytes, blob)
}

/// Reads a sidecar's bytes. `None` as for [`load`].
pub(super) fn decode(bytes: &[u8], blob: &BlobRef) -> Option<Saved> {
    let count = tree::group_count(blob.size)?;
    let (head, rest) = bytes.split_at_checked(HEADER)?;
    if head != header(blob, true) {
        return None;
    }
    let (bits, values) = rest.split_at_checked(tree_offset(count) - HEADER)?;
    let (values, rest) = values.as_chunks::<32>();
    if !rest.is_empty() || tree::root(values, blob.size)? != *blob.hash.as_bytes() {
        return None;
    }
    Some(Saved { values: values.to_vec(), bits: Bits::from_bytes(bits, count) })
}

/// Writes a new sidecar: no tree, no groups.
pub(super) fn begin(file: &dyn VolumeFile, blob: &BlobRef, bits: &Bits) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all_at(&bits.bytes, HEADER as u64)?;
    file.write_all_at(&header(blob, false), 0)
}

/// Writes the tree.
pub(super) fn save_tree(file: &dyn VolumeFile, values: &[Value]) -> io::Result<()> {
    let count = u32::try_from(values.len()).map_err(io::Error::other)?;
    file.write_all_at(values.as_flattened(), tree_offset(count) as u64)?;
    file.write_all_at(&[1], TREE_MARK)
}

/// Writes the bits of these groups.
pub(super) fn save_bits(file: &dyn VolumeFile, bits: &Bits, groups: &Range<u32>) -> io::Result<()> {
    let (offset, bytes) = bits.bytes_of(groups);
    file.write_all_at(bytes, HEADER as u64 + offset)
}

pub(super) fn header(blob: &BlobRef, has_tree: bool) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    let fields = MAGIC.iter().chain(blob.hash.as_bytes()).copied().chain(blob.size.to_be_bytes()).chain([has_tree.into()]);
    for (to, from) in bytes.iter_mut().zip(fields) {
        *to = from;
    }
    bytes
}

fn tree_offset(count: u32) -> usize {
    HEADER + (count as usize).div_ceil(8)
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "lists of ranges are what is meant")]
mod tests {
    use proptest::prelude::*;

    use super::super::memory::Memory;
    use super::super::names::Name;
    use super::super::volume::Volume as _;
    use super::*;
    use crate::domain::{BlobHash, BlobKind};

    #[test]
    fn what_is_saved_is_loaded() {
        let (blob, values) = blob(20);
        let file = Memory::default().open_or_create(&Name::sidecar(&blob)).unwrap();
        let mut bits = Bits::none(20);
        begin(&*file, &blob, &bits).unwrap();
        assert_eq!(load(&*file, &blob), None, "it has no tree yet");
        save_tree(&*file, &values).unwrap();
        for groups in [3..5, 17..20] {
            bits.set(groups.clone());
            save_bits(&*file, &bits, &groups).unwrap();
        }
        assert_eq!(load(&*file, &blob), Some(Saved { values, bits: bits.clone() }));
        assert_eq!(bits.missing(0..20), [0..3, 5..17]);
        assert_eq!(bits.missing(4..u32::MAX), [5..17]);
        assert_eq!(bits.count_missing(), 15);
    }

    #[test]
    fn a_sidecar_of_another_blob_or_with_another_tree_is_refused() {
        let (blob, values) = blob(9);
        let bytes = encode(&blob, &values, &[0xff, 0xff]);
        let saved = decode(&bytes, &blob).unwrap();
        assert!(saved.bits.is_full(), "bits beyond the last group count nothing");
        assert_eq!(decode(&bytes, &BlobRef { hash: BlobHash::of(b"other"), ..blob }), None);
        assert_eq!(decode(&bytes, &BlobRef { size: blob.size - 1, ..blob }), None);
        for damaged in [0, 48, 70, bytes.len() - 1] {
            let mut bytes = bytes.clone();
            bytes[damaged] ^= 1;
            assert_eq!(decode(&bytes, &blob), None, "byte {damaged}");
        }
        assert_eq!(decode(&bytes[..bytes.len() - 1], &blob), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..500), size in 0_u64..100_000) {
            let blob = BlobRef { hash: BlobHash::of(b""), size, kind: BlobKind::Text };
            prop_assert_eq!(decode(&bytes, &blob), None);
        }
    }

    fn blob(groups: u8) -> (BlobRef, Vec<Value>) {
        let size = u64::from(groups) * crate::wire::GROUP;
        let values: Vec<Value> = (0..groups).map(|at| [at; 32]).collect();
        let hash = BlobHash::from_bytes(tree::root(&values, size).unwrap());
        (BlobRef { hash, size, kind: BlobKind::Text }, values)
    }

    fn encode(blob: &BlobRef, values: &[Value], bits: &[u8]) -> Vec<u8> {
        [&header(blob, true), bits, values.as_flattened()].concat()
    }
}
