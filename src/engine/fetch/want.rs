//! A blob that is wanted: which parts of it nobody has been asked for yet.

use std::collections::BTreeSet;
use std::ops::Range;

use super::JobKey;
use crate::domain::{BlobHash, BlobRef};
use crate::wire::GROUP;
use crate::wire::bulk::MAX_PACKED;

/// Groups in one order: 256 KiB, which is what the other side serves in one turn. Orders that take several turns each would end at
/// about the same time, and the line would be idle until the next ones are asked for.
pub(super) const GROUPS_AT_ONCE: u32 = 16;
/// Orders for a blob that ended well and still did not complete it.
const MAX_TRIES: u8 = 2;

/// How soon a blob is wanted: first those of looks that the person puts first, then those of characters near in the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    First,
    Near,
    Far,
}

/// Where a wanted blob stands in line: by urgency, small before large, then by size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) urgency: Urgency,
    pub(super) large: bool,
    pub(super) size: u64,
    pub(super) hash: BlobHash,
}

/// A blob that is wanted.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) blob: BlobRef,
    pub(super) users: BTreeSet<JobKey>,
    pub(super) urgency: Urgency,
    /// Groups (for a small blob: one piece, all of it) that nobody has been asked for.
    todo: Vec<Range<u32>>,
    /// Orders under way.
    orders: u32,
    /// Bytes that are verified and counted.
    pub(super) got: u64,
    tries: u8,
}

impl Want {
    pub(super) fn new(blob: BlobRef) -> Self {
        Self { blob, users: BTreeSet::new(), urgency: Urgency::Far, todo: vec![all(&blob)], orders: 0, got: 0, tries: 0 }
    }

    pub(super) const fn is_large(&self) -> bool {
        self.blob.size > MAX_PACKED
    }

    pub(super) const fn place(&self) -> Place {
        Place { urgency: self.urgency, large: self.is_large(), size: self.blob.size, hash: self.blob.hash }
    }

    /// Whether there is something to ask for.
    pub(super) fn is_open(&self) -> bool {
        !self.todo.is_empty()
    }

    /// Takes the next piece to ask for.
    pub(super) fn take(&mut self) -> Option<Range<u32>> {
        let first = self.todo.first_mut()?;
        let end = first.end.min(first.start.saturating_add(GROUPS_AT_ONCE));
        let piece = first.start..end;
        if end == first.end {
            self.todo.remove(0);
        } else {
            first.start = end;
        }
        self.orders += 1;
        Some(piece)
    }

    /// An order for a piece ended without it.
    pub(super) fn give_back(&mut self, piece: Range<u32>) {
        self.orders = self.orders.saturating_sub(1);
        self.todo.push(piece);
        self.todo.sort_by_key(|piece| piece.start);
    }

    /// An order for a piece ended well, but the blob is not complete. False if that happened too often with nothing left to ask
    /// for: then what was verified and what was believed differ, and the whole is asked for again (what is here is skipped).
    pub(super) fn piece_done(&mut self) -> bool {
        self.orders = self.orders.saturating_sub(1);
        if self.todo.is_empty() && self.orders == 0 {
            self.tries += 1;
            self.todo = vec![all(&self.blob)];
        }
        self.tries <= MAX_TRIES
    }

    /// Counts verified bytes, never more than there are. What was new.
    pub(super) fn credit(&mut self, bytes: u64) -> u64 {
        let new = bytes.min(self.blob.size.saturating_sub(self.got));
        self.got += new;
        new
    }
}

/// The bytes of a piece.
pub(super) fn bytes_of(blob: &BlobRef, piece: &Range<u32>) -> u64 {
    if blob.size <= MAX_PACKED {
        return blob.size;
    }
    let at = |group: u32| (u64::from(group) * GROUP).min(blob.size);
    at(piece.end) - at(piece.start)
}

fn all(blob: &BlobRef) -> Range<u32> {
    let groups = if blob.size <= MAX_PACKED { 1 } else { blob.size.div_ceil(GROUP) };
    0..u32::try_from(groups).unwrap_or(u32::MAX)
}
