//! The tree of a blob: one chaining value for each group of 16 KiB.
//!
//! BLAKE3 is a binary tree over chunks of 1 KiB, and a group is a whole subtree of sixteen of them. From the groups' chaining
//! values and the size, the root is computed, which is the blob's name; afterwards each group is checked alone, in any order.
//! One pass over a file gives the values, and so the hash.
//!
//! A blob of one group (an empty one too) has no subtrees: the one value of its list is its hash itself. So each blob has a
//! list of [`group_count`] values, and [`root`] holds for all of them.

use std::io;
use std::ops::Range;

use blake3::Hasher;
use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};

use crate::wire::GROUP;

/// What one group is checked against.
pub(super) type Value = [u8; 32];

/// Bytes read at a time while a whole file is hashed.
const READ: usize = 1 << 20;
/// Bytes read first: most files of a mod are smaller, and a large buffer for each of thousands takes longer than to hash them.
const READ_FIRST: usize = 32 << 10;
/// [`GROUP`] as a length in memory.
pub(super) const GROUP_LEN: usize = GROUP as usize;

/// How many groups a blob of this size has: at least one. `None` if they cannot be numbered by a `u32`.
pub(super) fn group_count(size: u64) -> Option<u32> {
    u32::try_from(size.div_ceil(GROUP).max(1)).ok()
}

/// The bytes that these groups cover; the range must lie within the blob's groups.
pub(super) fn byte_range(size: u64, groups: &Range<u32>) -> Range<u64> {
    let start = u64::from(groups.start) * GROUP;
    start.min(size)..(u64::from(groups.end) * GROUP).min(size)
}

/// The groups that so many bytes from an offset on lie in, and how many bytes of the first one come before them.
pub(super) fn groups_around(offset: u64, length: usize) -> (Range<u32>, usize) {
    let group = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    let end = offset.saturating_add(length as u64).div_ceil(GROUP);
    let skipped = usize::try_from(offset % GROUP).unwrap_or_default();
    (group(offset / GROUP)..group(end), skipped)
}

/// What a group is checked against. `alone` says that the blob has no other group.
pub(super) fn value(group: u32, content: &[u8], alone: bool) -> Value {
    if alone {
        return *blake3::hash(content).as_bytes();
    }
    let mut hasher = Hasher::new();
    hasher.set_input_offset(u64::from(group) * GROUP);
    hasher.update(content);
    hasher.finalize_non_root()
}

/// How many of the groups in `content`, counted from its beginning, fit their values. `first` is the first one's number.
pub(super) fn count_good(values: &[Value], first: u32, content: &[u8]) -> usize {
    let alone = values.len() == 1;
    let expected = values.iter().skip(first as usize);
    let groups = groups_of(content).zip(first..);
    groups.zip(expected).take_while(|((bytes, group), expected)| value(*group, bytes, alone) == **expected).count()
}

/// The groups of some bytes that begin at a group's border. Nothing is one empty group, as in an empty blob.
pub(super) fn groups_of(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let empty = content.is_empty().then_some(content);
    content.chunks(GROUP_LEN).chain(empty)
}

/// The hash of a blob, from its list of values. `None` if the list does not have as many values as the size asks for.
pub(super) fn root(values: &[Value], size: u64) -> Option<[u8; 32]> {
    if group_count(size)? as usize != values.len() {
        return None;
    }
    match values {
        [alone] => Some(*alone),
        _ => {
            let (left, right) = halves(values)?;
            Some(*merge_subtrees_root(&subtree(left)?, &subtree(right)?, Mode::Hash).as_bytes())
        }
    }
}

fn subtree(values: &[Value]) -> Option<Value> {
    match values {
        [alone] => Some(*alone),
        _ => {
            let (left, right) = halves(values)?;
            Some(merge_subtrees_non_root(&subtree(left)?, &subtree(right)?, Mode::Hash))
        }
    }
}

/// Splits as BLAKE3 does: the left side is the greatest power of two that leaves something for the right.
fn halves(values: &[Value]) -> Option<(&[Value], &[Value])> {
    values.split_at_checked(values.len().div_ceil(2).next_power_of_two()).filter(|(_, right)| !right.is_empty())
}

/// A file as one pass over it showed it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hashed {
    /// BLAKE3 of all of it.
    pub(super) hash: [u8; 32],
    /// Bytes that were read.
    pub(super) size: u64,
    /// One for each group.
    pub(super) values: Vec<Value>,
}

/// Hashes everything that `read(offset, buffer)` gives, to its end.
pub(super) fn hash_all(mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<Hashed> {
    let mut buffer = vec![0; READ_FIRST];
    let (mut size, mut values) = (0_u64, Vec::new());
    loop {
        let filled = fill(&mut buffer, |done, rest| read(size + done, rest))?;
        let content = buffer.get(..filled).unwrap_or_default();
        let last = filled < buffer.len();
        if size == 0 && content.len() <= GROUP_LEN {
            let hash = value(0, content, true);
            return Ok(Hashed { hash, size: filled as u64, values: vec![hash] });
        }
        for bytes in content.chunks(GROUP_LEN) {
            let group = u32::try_from(values.len()).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
            values.push(value(group, bytes, false));
        }
        size += filled as u64;
        if last {
            let hash = root(&values, size).ok_or(io::ErrorKind::FileTooLarge)?;
            return Ok(Hashed { hash, size, values });
        }
        buffer.resize(READ, 0);
    }
}

/// Reads until the buffer is full or nothing more comes; how many bytes came.
fn fill(buffer: &mut [u8], mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(filled as u64, rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn root_and_hash_agree_with_blake3_around_every_border() {
        for size in
            [0, 1, 1023, 1024, 1025, 16383, 16384, 16385, 32767, 32768, 32769, 49152, 65537, 1 << 20, (1 << 20) + 1, 5 << 20]
        {
            check(&content(size, 7), 1 << 20);
        }
    }

    #[test]
    fn a_list_of_another_length_has_no_root() {
        let hashed = hash(&content(40_000, 1), usize::MAX);
        assert_eq!(root(&hashed.values, 40_000), Some(hashed.hash));
        assert_eq!(root(&hashed.values, 16_384), None);
        assert_eq!(root(&hashed.values, 70_000), None);
        assert_eq!(root(&[], 0), None);
        assert_eq!(root(&[], u64::MAX), None);
    }

    #[test]
    fn each_group_is_checked_alone() {
        let mut bytes = content(3 * GROUP_LEN + 5, 3);
        let values = hash(&bytes, usize::MAX).values;
        assert_eq!(count_good(&values, 0, &bytes), 4);
        assert_eq!(count_good(&values, 3, &bytes[3 * GROUP_LEN..]), 1);
        assert_eq!(count_good(&values, 2, &bytes[3 * GROUP_LEN..]), 0);
        assert_eq!(count_good(&values, 4, &bytes), 0, "there is no fifth group");
        bytes[2 * GROUP_LEN] ^= 1;
        assert_eq!(count_good(&values, 0, &bytes), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_size_read_in_any_steps_gives_blake3(size in 0_usize..200_000, step in 1_usize..100_000, seed: u8) {
            check(&content(size, seed), step);
        }
    }

    fn check(bytes: &[u8], step: usize) {
        let hashed = hash(bytes, step);
        assert_eq!(hashed.hash, *blake3::hash(bytes).as_bytes(), "{} bytes", bytes.len());
        assert_eq!(hashed.size, bytes.len() as u64);
        assert_eq!(root(&hashed.values, hashed.size), Some(hashed.hash));
        assert_eq!(count_good(&hashed.values, 0, bytes), hashed.values.len());
    }

    fn hash(bytes: &[u8], step: usize) -> Hashed {
        hash_all(|offset, buffer| {
            let rest = &bytes[bytes.len().min(offset as usize)..];
            let count = rest.len().min(buffer.len()).min(step);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        })
        .unwrap()
    }

    fn content(size: usize, seed: u8) -> Vec<u8> {
        (0..size).map(|at| (at / 7) as u8 ^ (at as u8).wrapping_mul(31) ^ seed).collect()
    }
}
