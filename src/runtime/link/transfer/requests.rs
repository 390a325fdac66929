//! What was asked for, and whether an answer is part of it.
//!
//! Everything that was not asked for, lies outside of the request, comes twice or comes out of order breaks the protocol:
//! so what a peer can make us hold is what we asked for.

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::Breach;
use crate::domain::{BlobHash, BlobRef};
use crate::engine::input::FetchId;
use crate::wire::GROUP;
use crate::wire::bulk::{Bulk, MAX_GROUPS_IN_MESSAGE, PackedBlob};
use crate::wire::control::Refusal;

/// The bytes of a chaining value.
pub(super) const CHAINING_VALUE: u64 = 32;

/// A request whose answers are not all here.
#[derive(Debug)]
pub(super) enum Asked {
    /// Small blobs; those that came are taken out.
    Pack(Vec<Option<BlobRef>>),
    /// A tree of so many values.
    Tree { count: usize, values: Vec<[u8; 32]> },
    /// Groups of a blob, and which is next.
    Groups { blob: BlobRef, next: u32, end: u32 },
    /// No longer wanted. At most so many bytes may still come.
    GivenUp { remaining: u64 },
}

/// What was asked of the other side and is not all here.
pub(super) struct Request {
    pub(super) asked: Asked,
    pub(super) owner: Owner,
    /// Bytes still to come that count as in flight.
    pub(super) weight: u64,
    pub(super) permit: Option<OwnedSemaphorePermit>,
}

/// What an answer is to a request.
pub(super) enum Reply {
    Brought(Piece),
    Refused(Refusal),
}

impl Request {
    /// Gives back what has come, so that as much more can be asked for; in bytes. Waiting for the last answer would leave the other
    /// side without work: it serves its requests in turns, so all of them end at about the same time.
    pub(super) fn arrived(&mut self) -> u64 {
        let left = self.weight.min(self.asked.remaining());
        if let Some(permit) = &mut self.permit {
            let units = usize::try_from(left.div_ceil(GROUP)).unwrap_or(usize::MAX);
            drop(permit.split(permit.num_permits().saturating_sub(units)));
        }
        std::mem::replace(&mut self.weight, left).saturating_sub(left)
    }
}

/// Who waits for an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Order(FetchId),
    Tree(BlobHash),
    Nobody,
}

/// What an answer brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Whole blobs of the right size.
    Blobs(Vec<(BlobRef, Bytes)>),
    /// A blob has not the size it should.
    WrongSize,
    /// All of a tree.
    Tree(Vec<[u8; 32]>),
    /// Groups in order.
    Groups { first: u32, content: Bytes },
    /// Nothing to store.
    Nothing,
}

/// How many groups a blob has; an empty one has one, of no bytes.
pub(super) fn group_count(blob: &BlobRef) -> u32 {
    u32::try_from(blob.size.div_ceil(GROUP).max(1)).unwrap_or(u32::MAX)
}

impl Piece {
    /// Bytes of content that it brought.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Blobs(blobs) => blobs.iter().map(|(blob, _)| blob.size).sum(),
            Self::Groups { content, .. } => content.len() as u64,
            Self::WrongSize | Self::Tree(_) | Self::Nothing => 0,
        }
    }
}

impl Asked {
    /// Bytes of content that are still to come.
    pub(super) fn remaining(&self) -> u64 {
        match self {
            Self::Pack(blobs) => blobs.iter().flatten().map(|blob| blob.size).sum(),
            Self::Tree { count, values } => (count.saturating_sub(values.len()) as u64) * CHAINING_VALUE,
            Self::Groups { blob, next, end } => span(blob, *next, *end),
            Self::GivenUp { remaining } => *remaining,
        }
    }

    /// Takes an answer; also says whether it was the last.
    pub(super) fn take(&mut self, answer: Bulk) -> Result<(Piece, bool), Breach> {
        match (self, answer) {
            (Self::Pack(wanted), Bulk::Pack { last, blobs, .. }) => Ok((take_blobs(wanted, blobs)?, last)),
            (Self::Tree { count, values }, Bulk::Tree { first, last, values: more, .. }) => {
                take_values(*count, values, first, last, more)
            }
            (Self::Groups { blob, next, end }, Bulk::Groups { first, content, .. }) => {
                take_groups(blob, next, *end, first, content)
            }
            (Self::GivenUp { remaining }, answer) => discard(remaining, &answer),
            (Self::Pack(_) | Self::Tree { .. } | Self::Groups { .. }, _) => {
                Err(Breach("an answer of another kind than was asked for"))
            }
        }
    }
}

fn take_blobs(wanted: &mut [Option<BlobRef>], blobs: Vec<PackedBlob>) -> Result<Piece, Breach> {
    let mut taken = Vec::with_capacity(blobs.len());
    for PackedBlob { index, content } in blobs {
        let place = wanted.get_mut(usize::from(index)).and_then(Option::take);
        let blob = place.ok_or(Breach("a small blob that was not asked for, or comes twice"))?;
        if blob.size != content.len() as u64 {
            return Ok(Piece::WrongSize);
        }
        taken.push((blob, content));
    }
    Ok(Piece::Blobs(taken))
}

fn take_values(
    count: usize,
    values: &mut Vec<[u8; 32]>,
    first: u32,
    last: bool,
    more: Vec<[u8; 32]>,
) -> Result<(Piece, bool), Breach> {
    let total = values.len().saturating_add(more.len());
    if first as usize != values.len() || more.is_empty() || total > count || last != (total == count) {
        return Err(Breach("part of a tree that does not fit the blob"));
    }
    values.extend(more);
    Ok(if last { (Piece::Tree(std::mem::take(values)), true) } else { (Piece::Nothing, false) })
}

fn take_groups(blob: &BlobRef, next: &mut u32, end: u32, first: u32, content: Bytes) -> Result<(Piece, bool), Breach> {
    let groups = u32::try_from((content.len() as u64).div_ceil(GROUP).max(1)).unwrap_or(u32::MAX);
    let after = first.saturating_add(groups);
    let fits = first == *next && groups <= MAX_GROUPS_IN_MESSAGE && after <= end;
    if !fits || content.len() as u64 != span(blob, first, after) {
        return Err(Breach("groups that were not asked for, or out of order"));
    }
    *next = after;
    Ok((Piece::Groups { first, content }, after == end))
}

fn discard(remaining: &mut u64, answer: &Bulk) -> Result<(Piece, bool), Breach> {
    let (length, last) = match answer {
        Bulk::Pack { last, blobs, .. } => (blobs.iter().map(|blob| blob.content.len() as u64).sum(), *last),
        Bulk::Tree { last, values, .. } => (values.len() as u64 * CHAINING_VALUE, *last),
        Bulk::Groups { content, .. } => (content.len() as u64, false),
        Bulk::GetPack { .. } | Bulk::GetTree { .. } | Bulk::GetGroups { .. } | Bulk::Cancel { .. } | Bulk::Refused { .. } => {
            (0, true)
        }
    };
    *remaining = remaining.checked_sub(length).ok_or(Breach("more than was asked for"))?;
    Ok((Piece::Nothing, last || *remaining == 0))
}

/// The bytes of these groups.
pub(super) fn span(blob: &BlobRef, first: u32, end: u32) -> u64 {
    let at = |group: u32| (u64::from(group) * GROUP).min(blob.size);
    at(end).saturating_sub(at(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{BlobHash, BlobKind};

    #[test]
    fn groups_are_taken_in_order_up_to_the_blobs_short_end() {
        let blob = blob(5 * GROUP + 10);
        let mut asked = Asked::Groups { blob, next: 1, end: 6 };
        assert_eq!(asked.remaining(), 4 * GROUP + 10);
        let taken = asked.take(groups(1, 4 * GROUP)).unwrap();
        assert!(matches!(taken, (Piece::Groups { first: 1, .. }, false)));
        assert!(matches!(asked.take(groups(5, 10)), Ok((Piece::Groups { first: 5, .. }, true))));
        assert_eq!(asked.remaining(), 0);
    }

    #[test]
    fn groups_outside_of_the_request_break_the_protocol() {
        let blob = blob(20 * GROUP);
        for (first, length) in [(0, GROUP), (3, GROUP), (2, GROUP + 1), (2, 5 * GROUP), (2, 0), (u32::MAX, GROUP)] {
            let mut asked = Asked::Groups { blob, next: 2, end: 9 };
            assert!(asked.take(groups(first, length)).is_err(), "{first} {length}");
        }
        let mut asked = Asked::Groups { blob, next: 8, end: 9 };
        assert!(asked.take(groups(8, 2 * GROUP)).is_err());
    }

    #[test]
    fn a_pack_brings_each_blob_once_and_in_its_size() {
        let mut asked = Asked::Pack(vec![Some(blob(3)), Some(blob(4))]);
        assert_eq!(asked.take(pack(1, 4, false)).unwrap(), (Piece::Blobs(vec![(blob(4), vec![0; 4].into())]), false));
        assert!(asked.take(pack(1, 4, false)).is_err());
        assert!(asked.take(pack(2, 4, false)).is_err());
        assert_eq!(asked.take(pack(0, 9, true)).unwrap(), (Piece::WrongSize, true));
    }

    #[test]
    fn a_tree_comes_whole_or_not_at_all() {
        let tree = |first, last, count| Bulk::Tree { request: 1, first, last, values: vec![[1; 32]; count] };
        let mut asked = Asked::Tree { count: 3, values: Vec::new() };
        assert_eq!(asked.take(tree(0, false, 2)).unwrap(), (Piece::Nothing, false));
        assert!(asked.take(tree(2, true, 2)).is_err(), "too many");
        assert!(asked.take(tree(1, true, 1)).is_err(), "out of order");
        assert!(asked.take(tree(2, false, 1)).is_err(), "all, but not last");
        assert!(asked.take(tree(2, false, 0)).is_err(), "nothing");
        assert_eq!(asked.take(tree(2, true, 1)).unwrap(), (Piece::Tree(vec![[1; 32]; 3]), true));
    }

    #[test]
    fn of_a_request_given_up_no_more_may_come_than_was_asked_for() {
        let mut asked = Asked::GivenUp { remaining: 2 * GROUP };
        assert_eq!(asked.take(groups(7, GROUP)).unwrap(), (Piece::Nothing, false));
        assert_eq!(asked.take(groups(8, GROUP)).unwrap(), (Piece::Nothing, true));
        assert!(asked.take(groups(9, 1)).is_err());
        assert!(Asked::Pack(vec![]).take(groups(0, 1)).is_err(), "another kind");
    }

    fn blob(size: u64) -> BlobRef {
        BlobRef { hash: BlobHash::of(&size.to_be_bytes()), size, kind: BlobKind::Text }
    }

    fn groups(first: u32, length: u64) -> Bulk {
        Bulk::Groups { request: 1, first, content: vec![0; usize::try_from(length).unwrap()].into() }
    }

    fn pack(index: u16, length: usize, last: bool) -> Bulk {
        Bulk::Pack { request: 1, last, blobs: vec![PackedBlob { index, content: vec![0; length].into() }] }
    }
}
