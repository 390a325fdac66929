//! A small picture that stands for somebody.

use std::fmt;
use std::sync::Arc;

use super::BlobHash;

/// A picture's greatest length in bytes: it travels in one control message.
pub const MAX_PICTURE: usize = 48 << 10;

/// The bytes of a picture and their hash, which is its name. What the bytes show is for whoever decodes them to find out.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    id: BlobHash,
    bytes: Arc<[u8]>,
}

impl Picture {
    /// A picture of these bytes; nothing if there are none or more than [`MAX_PICTURE`].
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=MAX_PICTURE).contains(&bytes.len()).then(|| Self { id: BlobHash::of(&bytes), bytes: bytes.into() })
    }

    /// The hash of its bytes.
    #[must_use]
    pub const fn id(&self) -> BlobHash {
        self.id
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({:?}, {} bytes)", self.id, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_length_and_bears_the_hash_of_its_bytes() {
        assert_eq!(Picture::new(Vec::new()), None);
        assert_eq!(Picture::new(vec![0; MAX_PICTURE + 1]), None);
        let picture = Picture::new(vec![7; MAX_PICTURE]).unwrap();
        assert_eq!((picture.id(), picture.bytes().len()), (BlobHash::of(picture.bytes()), MAX_PICTURE));
    }
}
