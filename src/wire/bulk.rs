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
//! with `last` set ends the request. Blobs that one message cannot hold ([`MAX_PACK_BODY`]) come in the next.
//!
//! Goals: each answer can be checked alone and used at once; a receiver's memory is bounded by what it asked for. Non-goals:
//! newer numbers (unlike on the control channel they are refused: they are only sent to whoever's `hello` names the feature) and
//! secrecy, which the link gives. An unknown `reason` is read as "not just now".

use bytes::Bytes;

use super::control::Refusal;
use super::fields::Fields;
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
/// Chaining values in one `Tree`: 64 KiB.
pub const MAX_TREE_VALUES: usize = 2048;
/// The greatest expanded body of a `Pack` in bytes: [`PACK_OVERHEAD`], and each blob with [`PACKED_OVERHEAD`].
pub const MAX_PACK_BODY: usize = MAX_BULK - 10;
/// Bytes of a pack's body before its blobs.
pub const PACK_OVERHEAD: usize = 3;
/// Bytes of a pack's body before each blob's content.
pub const PACKED_OVERHEAD: usize = 6;

const MAX_GROUPS_BODY: usize = MAX_GROUPS_IN_MESSAGE as usize * GROUP as usize;
const WHAT: &str = "bulk message";
const RAW: u8 = 0;
const ZSTD: u8 = 1;

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
    ///
    /// The caller keeps the limits above; a message beyond them is refused by its receiver.
    #[must_use]
    pub fn encode(&self, compress: bool) -> Bytes {
        let mut out = Vec::with_capacity(self.room());
        match self {
            Self::GetPack { request, appearance, hashes } => {
                head(&mut out, 1, *request);
                out.extend_from_slice(appearance.as_bytes());
                out.extend_from_slice(&narrow_u16(hashes.len()).to_be_bytes());
                hashes.iter().for_each(|hash| out.extend_from_slice(hash.as_bytes()));
            }
            Self::GetTree { request, appearance, hash } => {
                head(&mut out, 2, *request);
                out.extend_from_slice(appearance.as_bytes());
                out.extend_from_slice(hash.as_bytes());
            }
            Self::GetGroups { request, appearance, hash, first, count } => {
                head(&mut out, 3, *request);
                out.extend_from_slice(appearance.as_bytes());
                out.extend_from_slice(hash.as_bytes());
                out.extend_from_slice(&first.to_be_bytes());
                out.extend_from_slice(&count.to_be_bytes());
            }
            Self::Cancel { request } => head(&mut out, 4, *request),
            Self::Pack { request, last, blobs } => {
                head(&mut out, 5, *request);
                put_coded(&mut out, &pack_body(*last, blobs), compress);
            }
            Self::Tree { request, first, last, values } => {
                head(&mut out, 6, *request);
                out.extend_from_slice(&first.to_be_bytes());
                out.push(u8::from(*last));
                values.iter().for_each(|value| out.extend_from_slice(value));
            }
            Self::Groups { request, first, content } => {
                head(&mut out, 7, *request);
                out.extend_from_slice(&first.to_be_bytes());
                put_coded(&mut out, content, compress);
            }
            Self::Refused { request, refusal } => {
                head(&mut out, 8, *request);
                out.push(refusal.number());
            }
        }
        Bytes::from(out)
    }

    /// Reads a message. An uncompressed `Pack` or `Groups` shares its bytes with the message.
    ///
    /// # Errors
    /// [`WireError`] if it is too long, malformed, or expands to other than it says.
    pub fn decode(bytes: &Bytes) -> Result<Self, WireError> {
        WireError::check_length(WHAT, bytes, MAX_BULK)?;
        let mut fields = Fields::new(WHAT, bytes);
        let number = fields.u8()?;
        let request = fields.u32()?;
        let message = match number {
            1 => read_get_pack(request, &mut fields)?,
            2 => {
                let (appearance, hash) = read_names(&mut fields)?;
                Self::GetTree { request, appearance, hash }
            }
            3 => read_get_groups(request, &mut fields)?,
            4 => Self::Cancel { request },
            5 => read_pack(request, bytes, &mut fields)?,
            6 => read_tree(request, &mut fields)?,
            7 => read_groups(request, bytes, &mut fields)?,
            8 => Self::Refused { request, refusal: Refusal::from_number(fields.u8()?) },
            other => return Err(fields.malformed(format!("no message has the number {other}"))),
        };
        fields.end()?;
        Ok(message)
    }

    /// Bytes that hold the message without growing; a bound, not the exact length.
    fn room(&self) -> usize {
        const FIXED: usize = 96;
        FIXED
            + match self {
                Self::GetPack { hashes, .. } => hashes.len() * 32,
                Self::Tree { values, .. } => values.len() * 32,
                Self::Pack { blobs, .. } => blobs.iter().map(|blob| PACKED_OVERHEAD + blob.content.len()).sum(),
                Self::Groups { content, .. } => content.len(),
                Self::GetTree { .. } | Self::GetGroups { .. } | Self::Cancel { .. } | Self::Refused { .. } => 0,
            }
    }
}

fn head(out: &mut Vec<u8>, number: u8, request: u32) {
    out.push(number);
    out.extend_from_slice(&request.to_be_bytes());
}

/// Lengths beyond the field's range are beyond every limit too; they become its greatest value, which is refused.
fn narrow_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

fn narrow_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn pack_body(last: bool, blobs: &[PackedBlob]) -> Vec<u8> {
    let mut body = vec![u8::from(last)];
    body.extend_from_slice(&narrow_u16(blobs.len()).to_be_bytes());
    for blob in blobs {
        body.extend_from_slice(&blob.index.to_be_bytes());
        body.extend_from_slice(&narrow_u32(blob.content.len()).to_be_bytes());
        body.extend_from_slice(&blob.content);
    }
    body
}

/// `codec u8 · expanded u32 · bytes`.
fn put_coded(out: &mut Vec<u8>, raw: &[u8], compress: bool) {
    let smaller = if compress { zstd::bulk::compress(raw, 1).ok().filter(|packed| packed.len() < raw.len()) } else { None };
    out.push(if smaller.is_some() { ZSTD } else { RAW });
    out.extend_from_slice(&narrow_u32(raw.len()).to_be_bytes());
    out.extend_from_slice(smaller.as_deref().unwrap_or(raw));
}

fn read_names(fields: &mut Fields<'_>) -> Result<(AppearanceId, BlobHash), WireError> {
    Ok((AppearanceId::from_bytes(fields.array()?), BlobHash::from_bytes(fields.array()?)))
}

fn read_get_pack(request: u32, fields: &mut Fields<'_>) -> Result<Bulk, WireError> {
    let appearance = AppearanceId::from_bytes(fields.array()?);
    let count = usize::from(fields.u16()?);
    if count == 0 || count > MAX_PACK {
        return Err(fields.malformed(format!("a pack of {count} blobs; 1 to {MAX_PACK} may be asked for")));
    }
    let hashes = fields.take(count * 32)?;
    let hashes = hashes.as_chunks::<32>().0.iter().map(|hash| BlobHash::from_bytes(*hash)).collect();
    Ok(Bulk::GetPack { request, appearance, hashes })
}

fn read_get_groups(request: u32, fields: &mut Fields<'_>) -> Result<Bulk, WireError> {
    let (appearance, hash) = read_names(fields)?;
    let (first, count) = (fields.u32()?, fields.u32()?);
    if count == 0 || count > MAX_GROUPS || first.checked_add(count).is_none() {
        return Err(fields.malformed(format!("{count} groups from {first} on; 1 to {MAX_GROUPS} may be asked for")));
    }
    Ok(Bulk::GetGroups { request, appearance, hash, first, count })
}

fn read_pack(request: u32, message: &Bytes, fields: &mut Fields<'_>) -> Result<Bulk, WireError> {
    let body = read_coded(message, fields, MAX_PACK_BODY)?;
    let mut fields = Fields::new(WHAT, &body);
    let last = fields.flag()?;
    let count = usize::from(fields.u16()?);
    if count > MAX_PACK || (count == 0 && !last) {
        return Err(fields.malformed(format!("a pack with {count} blobs; 1 to {MAX_PACK}, or none in the last")));
    }
    let blobs = (0..count).map(|_| read_packed(&body, &mut fields)).collect::<Result<_, _>>()?;
    fields.end()?;
    Ok(Bulk::Pack { request, last, blobs })
}

fn read_packed(body: &Bytes, fields: &mut Fields<'_>) -> Result<PackedBlob, WireError> {
    let (index, length) = (fields.u16()?, fields.u32()?);
    if usize::from(index) >= MAX_PACK || u64::from(length) > MAX_PACKED {
        return Err(fields.malformed(format!("blob {index} of {length} bytes in a pack")));
    }
    let content = body.slice_ref(fields.take(length as usize)?);
    Ok(PackedBlob { index, content })
}

fn read_tree(request: u32, fields: &mut Fields<'_>) -> Result<Bulk, WireError> {
    let (first, last) = (fields.u32()?, fields.flag()?);
    let (values, odd) = fields.rest().as_chunks::<32>();
    let end = u32::try_from(values.len()).ok().and_then(|count| first.checked_add(count));
    if !odd.is_empty() || values.len() > MAX_TREE_VALUES || (values.is_empty() && !last) || end.is_none() {
        return Err(fields.malformed(format!("a tree's part with {} values and {} bytes more", values.len(), odd.len())));
    }
    Ok(Bulk::Tree { request, first, last, values: values.to_vec() })
}

fn read_groups(request: u32, message: &Bytes, fields: &mut Fields<'_>) -> Result<Bulk, WireError> {
    let first = fields.u32()?;
    let content = read_coded(message, fields, MAX_GROUPS_BODY)?;
    if content.is_empty() || first.checked_add(MAX_GROUPS_IN_MESSAGE).is_none() {
        return Err(fields.malformed(format!("{} bytes of groups from {first} on", content.len())));
    }
    Ok(Bulk::Groups { request, first, content })
}

/// The rest of the message, expanded. The limit is checked before a byte is expanded.
fn read_coded(message: &Bytes, fields: &mut Fields<'_>, limit: usize) -> Result<Bytes, WireError> {
    let codec = fields.u8()?;
    let expanded = fields.u32()? as usize;
    if expanded > limit {
        return Err(WireError::TooLong { what: "bulk message, expanded,", limit, length: expanded });
    }
    let coded = fields.rest();
    let content = match codec {
        RAW => message.slice_ref(coded),
        ZSTD => Bytes::from(expand(coded, expanded).ok_or_else(|| fields.malformed("its zstd frame is broken"))?),
        other => return Err(fields.malformed(format!("no codec has the number {other}"))),
    };
    if content.len() == expanded {
        Ok(content)
    } else {
        Err(fields.malformed(format!("it says {expanded} bytes and has {}", content.len())))
    }
}

/// One zstd frame that fills `coded`, expanded to at most `limit` bytes.
fn expand(coded: &[u8], limit: usize) -> Option<Vec<u8>> {
    let frame = zstd::zstd_safe::find_frame_compressed_size(coded).ok()?;
    if frame != coded.len() {
        return None;
    }
    let mut expanded = vec![0; limit];
    let length = zstd::bulk::decompress_to_buffer(coded, &mut expanded).ok()?;
    expanded.truncate(length);
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{bytes32, damaged, hex};
    use super::*;

    #[test]
    fn a_request_for_groups_byte_by_byte() {
        let message = Bulk::GetGroups {
            request: 0x0102_0304,
            appearance: AppearanceId::from_bytes([0xaa; 32]),
            hash: BlobHash::from_bytes([0xbb; 32]),
            first: 256,
            count: 64,
        };
        let bytes = hex("03                                                               // GetGroups
             01020304                                                         // request
             aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa // appearance
             bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb // hash
             00000100                                                         // first
             00000040                                                         // count");
        assert_eq!(message.encode(true), bytes);
        assert_eq!(Bulk::decode(&bytes.into()), Ok(message));
    }

    #[test]
    fn a_pack_byte_by_byte() {
        let message = Bulk::Pack { request: 7, last: true, blobs: vec![packed(0, b"first"), packed(2, b"")] };
        let bytes = hex("05             // Pack
             00000007       // request
             00             // codec: raw
             00000014       // expanded: 20 bytes follow
             01             // last
             0002           // two blobs
             0000           //   index 0
             00000005       //   5 bytes
             66 69 72 73 74 //   first
             0002           //   index 2: the sender has no blob 1
             00000000       //   0 bytes");
        assert_eq!(message.encode(false), bytes);
        assert_eq!(message.encode(true), bytes, "zstd would not make it smaller");
        assert_eq!(Bulk::decode(&bytes.into()), Ok(message));
    }

    #[test]
    fn groups_that_compress_travel_as_a_zstd_frame() {
        let message = Bulk::Groups { request: 7, first: 1, content: Bytes::from(vec![0; 16 << 10]) };
        let bytes = message.encode(true);
        let head = hex("07       // Groups
             00000007 // request
             00000001 // first
             01       // codec: zstd
             00004000 // expanded: 16 KiB
             28b52ffd // zstd's magic number (RFC 8878 section 3.1.1)");
        assert!(bytes.starts_with(&head), "{bytes:02x?}");
        assert!(bytes.len() < 64, "{}", bytes.len());
        assert_eq!(Bulk::decode(&bytes), Ok(message.clone()));
        assert_eq!(Bulk::decode(&message.encode(false)), Ok(message));
    }

    #[test]
    fn the_greatest_messages_fit() {
        let content = Bytes::from(vec![1; MAX_GROUPS_BODY]);
        let fits = Bulk::Groups { request: u32::MAX, first: 9, content };
        assert_eq!(Bulk::decode(&fits.encode(false)), Ok(fits));
        let room = MAX_PACK_BODY - PACK_OVERHEAD - 2 * PACKED_OVERHEAD - MAX_PACKED as usize;
        let blobs = vec![packed(0, &vec![1; MAX_PACKED as usize]), packed(1, &vec![1; room])];
        let fits = Bulk::Pack { request: 1, last: false, blobs };
        assert_eq!(fits.encode(false).len(), MAX_BULK);
        assert_eq!(Bulk::decode(&fits.encode(false)), Ok(fits));
        let fits = Bulk::Tree { request: 1, first: 0, last: true, values: vec![[1; 32]; MAX_TREE_VALUES] };
        assert_eq!(Bulk::decode(&fits.encode(false)), Ok(fits));
        let fits = Bulk::GetPack { request: 1, appearance: appearance(), hashes: vec![BlobHash::of(b"x"); MAX_PACK] };
        assert_eq!(Bulk::decode(&fits.encode(false)), Ok(fits));
    }

    #[test]
    fn whatever_breaks_a_limit_is_refused() {
        let hash = BlobHash::of(b"x");
        let get_groups = |first, count| Bulk::GetGroups { request: 1, appearance: appearance(), hash, first, count };
        let get_pack = |count| Bulk::GetPack { request: 1, appearance: appearance(), hashes: vec![hash; count] };
        let pack = |last, blobs| Bulk::Pack { request: 1, last, blobs };
        let groups = |first, length| Bulk::Groups { request: 1, first, content: Bytes::from(vec![0; length]) };
        let tree = |first, last, count| Bulk::Tree { request: 1, first, last, values: vec![[0; 32]; count] };
        for (why, bad) in [
            ("no groups", get_groups(0, 0)),
            ("too many groups", get_groups(0, MAX_GROUPS + 1)),
            ("groups behind the last number", get_groups(u32::MAX, 1)),
            ("nothing to pack", get_pack(0)),
            ("too much to pack", get_pack(MAX_PACK + 1)),
            ("an empty pack that is not the last", pack(false, vec![])),
            ("too many blobs in a pack", pack(false, vec![packed(0, b""); MAX_PACK + 1])),
            ("a blob that was never asked for", pack(false, vec![packed(512, b"")])),
            ("too long a blob in a pack", pack(false, vec![packed(0, &vec![0; MAX_PACKED as usize + 1])])),
            ("too long a pack", pack(false, vec![packed(0, &vec![0; 40 << 10]); 2])),
            ("no content", groups(0, 0)),
            ("too much content", groups(0, MAX_GROUPS_BODY + 1)),
            ("content behind the last number", groups(u32::MAX, 1)),
            ("no tree that is not the last", tree(0, false, 0)),
            ("too long a tree", tree(0, true, MAX_TREE_VALUES + 1)),
            ("a tree behind the last number", tree(u32::MAX, true, 1)),
        ] {
            for compress in [false, true] {
                assert!(Bulk::decode(&bad.encode(compress)).is_err(), "{why}, compress {compress}");
            }
        }
    }

    #[test]
    fn a_message_over_the_limit_or_empty_or_with_a_tail_is_refused() {
        assert!(matches!(Bulk::decode(&vec![4; MAX_BULK + 1].into()), Err(WireError::TooLong { limit: MAX_BULK, .. })));
        assert!(Bulk::decode(&Bytes::new()).is_err());
        assert!(Bulk::decode(&hex("04 00000001").into()).is_ok());
        assert!(Bulk::decode(&hex("04 00000001 00").into()).is_err(), "a tail");
        assert!(Bulk::decode(&hex("09 00000001").into()).is_err(), "an unknown number");
        assert!(Bulk::decode(&hex("06 00000001 00000000 02").into()).is_err(), "a yes or no of 2");
        assert!(Bulk::decode(&hex("06 00000001 00000000 01 ffff").into()).is_err(), "a cut chaining value");
    }

    #[test]
    fn a_frame_that_expands_to_other_than_it_says_is_refused() {
        let frame = zstd::bulk::compress(&vec![0; 100 << 10], 1).unwrap();
        let message = |expanded: u32, coded: &[u8]| {
            Bytes::from([&hex("07 00000001 00000000 01")[..], &expanded.to_be_bytes(), coded].concat())
        };
        assert!(Bulk::decode(&message(16 << 10, &frame)).is_err(), "more than it says");
        assert!(Bulk::decode(&message(100 << 10, &frame)).is_err(), "more than a message may hold");
        let frame = zstd::bulk::compress(&vec![0; 16 << 10], 1).unwrap();
        assert!(Bulk::decode(&message(16 << 10, &frame)).is_ok());
        assert!(Bulk::decode(&message((16 << 10) + 1, &frame)).is_err(), "less than it says");
        assert!(Bulk::decode(&message(16 << 10, &frame[..frame.len() - 1])).is_err(), "cut short");
        assert!(Bulk::decode(&message(16 << 10, &[&frame[..], b"x"].concat())).is_err(), "a tail");
        assert!(Bulk::decode(&message(32 << 10, &[&frame[..], &frame].concat())).is_err(), "two frames");
        assert!(Bulk::decode(&message(0, b"")).is_err(), "no frame");
        assert!(Bulk::decode(&hex("07 00000001 00000000 02 00000001 00").into()).is_err(), "an unknown codec");
        assert!(Bulk::decode(&hex("07 00000001 00000000 00 00000002 00").into()).is_err(), "raw bytes that are too few");
    }

    #[test]
    fn a_newer_programs_reason_means_not_just_now() {
        let refused = Bulk::decode(&hex("08 00000001 63").into());
        assert_eq!(refused, Ok(Bulk::Refused { request: 1, refusal: Refusal::Unreadable }));
    }

    proptest! {
        #[test]
        fn every_message_reads_back(message in bulk(), compress: bool) {
            prop_assert_eq!(Bulk::decode(&message.encode(compress)), Ok(message));
        }

        #[test]
        fn garbage_never_panics(bytes in vec(any::<u8>(), 0..300)) {
            let _ = Bulk::decode(&bytes.into());
        }

        #[test]
        fn damaged_messages_never_panic_and_mean_what_they_say(
            bytes in damaged((bulk(), any::<bool>()).prop_map(|(message, compress)| message.encode(compress).to_vec())),
        ) {
            if let Ok(message) = Bulk::decode(&bytes.into()) {
                prop_assert_eq!(Bulk::decode(&message.encode(false)), Ok(message));
            }
        }
    }

    fn packed(index: u16, content: &[u8]) -> PackedBlob {
        PackedBlob { index, content: Bytes::copy_from_slice(content) }
    }

    fn appearance() -> AppearanceId {
        AppearanceId::from_bytes([7; 32])
    }

    fn bulk() -> impl Strategy<Value = Bulk> {
        let names = (bytes32(), bytes32()).prop_map(|(a, h)| (AppearanceId::from_bytes(a), BlobHash::from_bytes(h)));
        let blob = (0..512_u16, vec(0..4_u8, 0..200)).prop_map(|(index, content)| packed(index, &content));
        prop_oneof![
            (any::<u32>(), bytes32(), vec(bytes32().prop_map(BlobHash::from_bytes), 1..20))
                .prop_map(|(request, a, hashes)| { Bulk::GetPack { request, appearance: AppearanceId::from_bytes(a), hashes } }),
            (any::<u32>(), names.clone()).prop_map(|(request, (appearance, hash))| Bulk::GetTree { request, appearance, hash }),
            (any::<u32>(), names, 0..1_000_000_u32, 1..=MAX_GROUPS).prop_map(|(request, (appearance, hash), first, count)| {
                Bulk::GetGroups { request, appearance, hash, first, count }
            }),
            any::<u32>().prop_map(|request| Bulk::Cancel { request }),
            (any::<u32>(), vec(blob, 1..20), any::<bool>()).prop_map(|(request, blobs, last)| Bulk::Pack {
                request,
                last,
                blobs
            }),
            (any::<u32>(), 0..1_000_000_u32, any::<bool>(), vec(bytes32(), 1..20))
                .prop_map(|(request, first, last, values)| Bulk::Tree { request, first, last, values }),
            (any::<u32>(), 0..1_000_000_u32, vec(0..4_u8, 1..5000)).prop_map(|(request, first, content)| Bulk::Groups {
                request,
                first,
                content: content.into()
            }),
            (any::<u32>(), 0..5_u8)
                .prop_map(|(request, reason)| Bulk::Refused { request, refusal: Refusal::from_number(reason) }),
        ]
    }
}
