//! The bulk carrier's messages: bytes of blobs, asked for by the one who wants them.
//!
//! A message is one byte of number, then fields; integers are big-endian.
//!
//! | number | message | fields |
//! |---|---|---|
//! | 1 | `GetPack` | request u32 · appearance 32 · count u16 · count × hash 32 |
//! | 2 | `GetTree` | request u32 · appearance 32 · hash 32 |
//! | 3 | `GetGroups` | request u32 · appearance 32 · hash 32 · first u32 · count u32 |
//! | 4 | `Cancel` | request u32 |
//! | 5 | `Pack` | request u32 · codec u8 · expanded u32 · (last u8 · count u16 · count × (index u16 · length u32 · bytes), by `codec`) |
//! | 6 | `Tree` | request u32 · first u32 · last u8 · n × chaining value 32 |
//! | 7 | `Groups` | request u32 · first u32 · codec u8 · expanded u32 · bytes, by `codec` |
//! | 8 | `Refused` | request u32 · reason u8 |
//!
//! `codec` 0 = raw, 1 = zstd (RFC 8878) with exactly `expanded` bytes. A blob is cut into groups of 16 KiB ([`GROUP`]).
//! Its *tree* is the list of the BLAKE3 chaining values of its groups: from it and the size the root hash is computed, which
//! must be the blob's name; afterwards each group is checked alone, in any order and from any source. A blob of one group has no
//! tree: its hash checks it. `Groups` messages of one request come in order, at most [`MAX_GROUPS_IN_MESSAGE`] groups each.
//! A pack's blobs have at most [`MAX_PACKED`] bytes each; a blob that the sender no longer has is left out, and the message
//! with `last` set ends the request.

use bytes::Bytes;

use super::control::Refusal;
use super::{GROUP, WireError};
use crate::domain::{AppearanceId, BlobHash};

/// Groups in one message: 64 KiB.
pub const MAX_GROUPS_IN_MESSAGE: u32 = 4;
/// The greatest bulk message in bytes: four groups and the fields before them.
pub const MAX_BULK: usize = MAX_GROUPS_IN_MESSAGE as usize * GROUP as usize + 64;
/// The greatest blob that travels in a pack, in bytes.
pub const MAX_PACKED: u64 = 48 << 10;
/// Blobs in one `GetPack`.
pub const MAX_PACK: usize = 512;
/// Groups in one `GetGroups`: 4 MiB.
pub const MAX_GROUPS: u32 = 256;

/// A small blob in a [`Bulk::Pack`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBlob {
    /// Its place in the request's list.
    pub index: u16,
    /// All of it.
    pub content: Bytes,
}

/// A message on a bulk carrier. `Pack` and `Groups` hold their bytes expanded; the codec is chosen when encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bulk {
    /// Give me these small blobs.
    GetPack {
        /// Chosen by the asker, not in use.
        request: u32,
        /// Under which appearance.
        appearance: AppearanceId,
        /// At most [`MAX_PACK`].
        hashes: Vec<BlobHash>,
    },
    /// Give me this blob's tree.
    GetTree {
        /// Chosen by the asker, not in use.
        request: u32,
        /// Under which appearance.
        appearance: AppearanceId,
        /// Which blob.
        hash: BlobHash,
    },
    /// Give me these groups of a blob.
    GetGroups {
        /// Chosen by the asker, not in use.
        request: u32,
        /// Under which appearance.
        appearance: AppearanceId,
        /// Which blob.
        hash: BlobHash,
        /// The first group's number.
        first: u32,
        /// How many, at most [`MAX_GROUPS`].
        count: u32,
    },
    /// I no longer want this.
    Cancel {
        /// Which request.
        request: u32,
    },
    /// Some of the small blobs.
    Pack {
        /// Which request.
        request: u32,
        /// Whether nothing more comes for it.
        last: bool,
        /// Whole blobs.
        blobs: Vec<PackedBlob>,
    },
    /// Part of a tree.
    Tree {
        /// Which request.
        request: u32,
        /// The number of the first group whose chaining value is here.
        first: u32,
        /// Whether nothing more comes for it.
        last: bool,
        /// One for each group.
        values: Vec<[u8; 32]>,
    },
    /// Groups of a blob.
    Groups {
        /// Which request.
        request: u32,
        /// The first one's number.
        first: u32,
        /// Their bytes; only a blob's last group may be shorter than [`GROUP`].
        content: Bytes,
    },
    /// The request is not served.
    Refused {
        /// Which.
        request: u32,
        /// Why.
        refusal: Refusal,
    },
}

impl Bulk {
    /// The message's bytes; `compress` asks for zstd level 1 where it makes the message smaller.
    #[must_use]
    pub fn encode(&self, compress: bool) -> Bytes {
        let _ = compress;
        todo!("wire")
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`WireError`] if it is too long, malformed, or expands to other than it says.
    pub fn decode(bytes: &Bytes) -> Result<Self, WireError> {
        let _ = bytes;
        todo!("wire")
    }
}
