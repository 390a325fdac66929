//! Counts the triangles of a model, from the numbers at the beginning of its file.
//!
//! ```text
//! 68          file header: u16 vertex declarations at 12
//! n × 136     vertex declarations
//! 8 + s       strings: u32 s at 4
//! 56          model header: u16 meshes at 4, u16 element ids at 24, u8 flags at 27
//! n × 32      element ids
//! 3 × 60      detail levels: u16 first mesh at 0, u16 meshes at 2
//! 3 × 40      only if the flags have 0x10
//! n × 36      meshes: u32 indices at 4
//! ```
//! Little-endian. Three indices make a triangle, and the finest level, 0, is what a character near the camera is drawn with.
//! A friend's model is counted too, to see whether their limits were respected: so nothing is believed that could make a heavy
//! model look light and still be drawn, such as the size that the header gives for the index buffer.

/// Whether three blocks of 40 bytes stand behind the detail levels.
const EXTRA_LEVELS: u8 = 0x10;
/// Bytes of a mesh's entry.
const MESH: u64 = 36;

/// The triangles of detail level 0 of a file of `size` bytes, never more than its bytes have room for; 0 for bytes that are no
/// model. `read` fills a buffer from an offset within the file.
///
/// # Errors
/// Those of `read`.
pub(super) fn triangles<E>(size: u64, read: impl Fn(&mut [u8], u64) -> Result<(), E>) -> Result<u64, E> {
    let indices = match indices(&Reader { read, size }) {
        Ok(indices) => indices,
        Err(Odd::NoModel) => 0,
        Err(Odd::Unread(error)) => return Err(error),
    };
    // An index takes two bytes.
    Ok(indices.min(size / 2) / 3)
}

/// Why indices cannot be counted.
enum Odd<E> {
    /// It ends before its numbers do.
    NoModel,
    Unread(E),
}

fn indices<E, R: Fn(&mut [u8], u64) -> Result<(), E>>(file: &Reader<R>) -> Result<u64, Odd<E>> {
    let strings = 68 + u64::from(file.u16_at(12)?) * 136;
    let model = strings + 8 + u64::from(file.u32_at(strings + 4)?);
    let (meshes, elements) = (file.u16_at(model + 4)?, file.u16_at(model + 24)?);
    let [flags] = file.at(model + 27)?;
    let levels = model + 56 + u64::from(elements) * 32;
    let (first, used) = (file.u16_at(levels)?, file.u16_at(levels + 2)?);
    let extra = if flags & EXTRA_LEVELS == 0 { 0 } else { 3 * 40 };
    let table = levels + 3 * 60 + extra;
    let used = used.min(meshes.saturating_sub(first));
    let entries = file.some_at(table + u64::from(first) * MESH, usize::from(used) * MESH as usize)?;
    let (entries, _) = entries.as_chunks::<{ MESH as usize }>();
    Ok(entries.iter().map(|[_, _, _, _, a, b, c, d, ..]| u64::from(u32::from_le_bytes([*a, *b, *c, *d]))).sum())
}

/// A file of which parts are read.
struct Reader<R> {
    read: R,
    size: u64,
}

impl<E, R: Fn(&mut [u8], u64) -> Result<(), E>> Reader<R> {
    /// Memory is taken only for bytes that are there.
    fn some_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Odd<E>> {
        self.has(offset, length)?;
        let mut bytes = vec![0; length];
        (self.read)(&mut bytes, offset).map_err(Odd::Unread)?;
        Ok(bytes)
    }

    fn at<const N: usize>(&self, offset: u64) -> Result<[u8; N], Odd<E>> {
        self.has(offset, N)?;
        let mut bytes = [0; N];
        (self.read)(&mut bytes, offset).map_err(Odd::Unread)?;
        Ok(bytes)
    }

    fn has(&self, offset: u64, length: usize) -> Result<(), Odd<E>> {
        if offset + length as u64 > self.size { Err(Odd::NoModel) } else { Ok(()) }
    }

    fn u16_at(&self, offset: u64) -> Result<u16, Odd<E>> {
        self.at(offset).map(u16::from_le_bytes)
    }

    fn u32_at(&self, offset: u64) -> Result<u32, Odd<E>> {
        self.at(offset).map(u32::from_le_bytes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::fuzzing::triangles;
    use super::*;

    #[test]
    fn the_meshes_of_the_finest_level_are_counted() {
        assert_eq!(triangles(&model(&[300, 600, 90], 0, 2, 10_000, 0)), 300);
        assert_eq!(triangles(&model(&[300, 600, 90], 1, 2, 10_000, 0)), 230);
        assert_eq!(triangles(&model(&[300, 600, 90], 0, 3, 10_000, EXTRA_LEVELS)), 330);
    }

    #[test]
    fn numbers_that_say_too_much_count_what_there_is() {
        assert_eq!(triangles(&model(&[300], 0, 2, 10_000, 0)), 100, "more meshes than there are");
        let file = model(&[3_000_000], 0, 1, 600, 0);
        assert_eq!(triangles(&file), file.len() as u64 / 6, "more indices than there are bytes");
        let mut file = model(&[300], 0, 1, 10_000, 0);
        file[52..56].fill(0);
        assert_eq!(triangles(&file), 100, "whatever the header says of the index buffer");
    }

    #[test]
    fn what_is_cut_short_is_no_model() {
        let whole = model(&[300], 0, 1, 0, 0);
        assert!(triangles(&whole) > 0);
        assert_eq!(triangles(&whole[..whole.len() - 1]), 0);
        assert_eq!(triangles(&[]), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(triangles(&bytes) <= bytes.len() as u64 / 6);
        }
    }

    /// A model with so many indices in its meshes, and an index buffer of so many bytes.
    pub(in super::super) fn model(indices: &[u32], first: u16, used: u16, buffer: usize, flags: u8) -> Vec<u8> {
        let mut bytes = vec![0; 68];
        bytes[12..14].copy_from_slice(&1_u16.to_le_bytes());
        bytes[52..56].copy_from_slice(&u32::try_from(buffer).unwrap().to_le_bytes());
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
        bytes.extend(vec![0; buffer]);
        bytes
    }
}
