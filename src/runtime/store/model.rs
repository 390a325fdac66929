//! Counts the triangles of a model, from the beginning of its file.
//!
//! ```text
//! 68          file header: u16 vertex declarations at 12, u32 bytes of the index buffer of detail level 0 at 52
//! n × 136     vertex declarations
//! 8 + s       strings: u32 s at 4
//! 56          model header: u16 meshes at 4, u16 element ids at 24, u8 flags at 27
//! n × 32      element ids
//! 3 × 60      detail levels: u16 first mesh at 0, u16 meshes at 2
//! 3 × 40      only if the flags have 0x10
//! n × 36      meshes: u32 indices at 4
//! ```
//! Little-endian. Three indices make a triangle, and the finest level, 0, is what a character near the camera is drawn with.

/// Whether three blocks of 40 bytes stand behind the detail levels.
const EXTRA_LEVELS: u8 = 0x10;

/// The triangles of detail level 0; 0 for bytes that are no model, or whose numbers contradict each other.
pub(super) fn triangles(head: &[u8]) -> u64 {
    count(head).unwrap_or(0)
}

fn count(head: &[u8]) -> Option<u64> {
    let strings = 68 + usize::from(u16_at(head, 12)?) * 136;
    let model = strings.checked_add(8)?.checked_add(usize::try_from(u32_at(head, strings + 4)?).ok()?)?;
    let (meshes, elements, flags) = (u16_at(head, model + 4)?, u16_at(head, model + 24)?, *head.get(model + 27)?);
    let levels = model + 56 + usize::from(elements) * 32;
    let (first, used) = (u16_at(head, levels)?, u16_at(head, levels + 2)?);
    if first.checked_add(used)? > meshes {
        return None;
    }
    let extra = if flags & EXTRA_LEVELS == 0 { 0 } else { 3 * 40 };
    let table = levels + 3 * 60 + extra;
    let indices = (first..first + used)
        .try_fold(0_u64, |sum, mesh| u32_at(head, table + usize::from(mesh) * 36 + 4).map(|indices| sum + u64::from(indices)))?;
    // An index takes two bytes: more than the buffer holds is a lie.
    (indices * 2 <= u64::from(u32_at(head, 52)?)).then_some(indices / 3)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().copied().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_le_bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_meshes_of_the_finest_level_are_counted() {
        assert_eq!(triangles(&model(&[300, 600, 90], 0, 2, 10_000, 0)), 300);
        assert_eq!(triangles(&model(&[300, 600, 90], 1, 2, 10_000, 0)), 230);
        assert_eq!(triangles(&model(&[300, 600, 90], 0, 3, 10_000, EXTRA_LEVELS)), 330);
    }

    #[test]
    fn numbers_that_contradict_each_other_count_nothing() {
        assert_eq!(triangles(&model(&[300], 0, 2, 10_000, 0)), 0, "more meshes than there are");
        assert_eq!(triangles(&model(&[300], 0, 1, 599, 0)), 0, "more indices than the buffer holds");
        let whole = model(&[300], 0, 1, 600, 0);
        assert_eq!(triangles(&whole), 100);
        assert_eq!(triangles(&whole[..whole.len() - 30]), 0, "cut short");
        assert_eq!(triangles(&[]), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            triangles(&bytes);
        }
    }

    /// A model with so many indices in its meshes.
    pub(in super::super) fn model(indices: &[u32], first: u16, used: u16, buffer: u32, flags: u8) -> Vec<u8> {
        let mut bytes = vec![0; 68];
        bytes[12..14].copy_from_slice(&1_u16.to_le_bytes());
        bytes[52..56].copy_from_slice(&buffer.to_le_bytes());
        bytes.extend([0; 136 + 4]);
        bytes.extend(5_u32.to_le_bytes());
        bytes.extend(b"name\0");
        let header = bytes.len();
        bytes.extend([0; 56]);
        bytes[header + 4..header + 6].copy_from_slice(&u16::try_from(indices.len()).unwrap().to_le_bytes());
        bytes[header + 24..header + 26].copy_from_slice(&1_u16.to_le_bytes());
        bytes[header + 27] = flags;
        bytes.extend([0; 32]);
        let levels = bytes.len();
        bytes.extend([0; 180]);
        bytes[levels..levels + 2].copy_from_slice(&first.to_le_bytes());
        bytes[levels + 2..levels + 4].copy_from_slice(&used.to_le_bytes());
        bytes.extend(vec![0; if flags == 0 { 0 } else { 120 }]);
        for count in indices {
            bytes.extend([0; 4]);
            bytes.extend(count.to_le_bytes());
            bytes.extend([0; 28]);
        }
        bytes
    }
}
