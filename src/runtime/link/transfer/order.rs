//! A fetch order on its way, and the requests that it becomes.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Instant;

use super::requests::{Asked, span};
use crate::domain::{AppearanceId, BlobHash, BlobRef};
use crate::runtime::store::Partial;
use crate::wire::GROUP;
use crate::wire::bulk::{Bulk, MAX_PACK};

/// Groups asked for at once: 1 MiB.
const GROUPS_ASKED: u32 = 64;
/// Bytes of small blobs asked for at once.
const PACK_ASKED: u64 = 256 << 10;

/// An order that has not ended.
pub(super) struct Order {
    pub(super) appearance: AppearanceId,
    pub(super) target: Option<(BlobRef, Partial)>,
    pub(super) groups: Range<u32>,
    pub(super) todo: VecDeque<Ask>,
    pub(super) open: usize,
    pub(super) complete: Vec<BlobHash>,
    pub(super) left_out: bool,
    pub(super) unreported: u64,
    pub(super) wire: u64,
    pub(super) reported: Instant,
}

/// What is to be asked for in one request.
pub(super) enum Ask {
    Pack(Vec<BlobRef>),
    Groups(BlobRef, Range<u32>),
}

impl Order {
    pub(super) fn new(appearance: AppearanceId) -> Self {
        Self {
            appearance,
            target: None,
            groups: 0..0,
            todo: VecDeque::new(),
            open: 0,
            complete: Vec::new(),
            left_out: false,
            unreported: 0,
            wire: 0,
            reported: Instant::now(),
        }
    }
}

impl Ask {
    pub(super) fn weight(&self) -> u64 {
        match self {
            Self::Pack(blobs) => blobs.iter().map(|blob| blob.size).sum(),
            Self::Groups(blob, groups) => span(blob, groups.start, groups.end),
        }
    }

    /// Keeps as much as fits into so many bytes, at least one blob or group, and gives the rest.
    pub(super) fn cut(&mut self, most: u64) -> Option<Self> {
        match self {
            Self::Pack(blobs) => {
                let mut sum = 0;
                let fitting = blobs.iter().take_while(|blob| {
                    sum += blob.size;
                    sum <= most
                });
                let kept = fitting.count().max(1).min(blobs.len());
                let rest = blobs.split_off(kept);
                (!rest.is_empty()).then_some(Self::Pack(rest))
            }
            Self::Groups(blob, groups) => {
                let kept = u32::try_from(most / GROUP).unwrap_or(u32::MAX).max(1);
                let at = groups.start.saturating_add(kept).min(groups.end);
                let rest = at..groups.end;
                groups.end = at;
                (!rest.is_empty()).then_some(Self::Groups(*blob, rest))
            }
        }
    }

    pub(super) fn into_request(self, request: u32, appearance: AppearanceId) -> (Asked, Bulk) {
        match self {
            Self::Pack(blobs) => {
                let hashes = blobs.iter().map(|blob| blob.hash).collect();
                (Asked::Pack(blobs.into_iter().map(Some).collect()), Bulk::GetPack { request, appearance, hashes })
            }
            Self::Groups(blob, Range { start, end }) => {
                let count = end.saturating_sub(start);
                let message = Bulk::GetGroups { request, appearance, hash: blob.hash, first: start, count };
                (Asked::Groups { blob, next: start, end }, message)
            }
        }
    }
}

/// Small blobs in requests of a size.
pub(super) fn packs(blobs: Vec<BlobRef>) -> VecDeque<Ask> {
    let mut packs = VecDeque::new();
    let (mut pack, mut bytes) = (Vec::new(), 0);
    for blob in blobs {
        if pack.len() == MAX_PACK || (bytes > 0 && bytes + blob.size > PACK_ASKED) {
            packs.push_back(Ask::Pack(std::mem::take(&mut pack)));
            bytes = 0;
        }
        bytes += blob.size;
        pack.push(blob);
    }
    if !pack.is_empty() {
        packs.push_back(Ask::Pack(pack));
    }
    packs
}

/// A range in requests of a size.
pub(super) fn pieces(blob: BlobRef, range: Range<u32>) -> impl Iterator<Item = Ask> {
    let end = range.end;
    range.step_by(GROUPS_ASKED as usize).map(move |first| Ask::Groups(blob, first..first.saturating_add(GROUPS_ASKED).min(end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BlobKind;

    #[test]
    fn what_is_cut_keeps_its_order_and_loses_nothing() {
        let blob = |size: u64| BlobRef { hash: BlobHash::of(&size.to_be_bytes()), size, kind: BlobKind::Text };
        let large = blob(10 * GROUP - 1);
        let mut ask = Ask::Groups(large, 2..9);
        let rest = ask.cut(3 * GROUP + 5).unwrap();
        assert!(
            matches!(&ask, Ask::Groups(_, groups) if *groups == (2..5))
                && matches!(&rest, Ask::Groups(_, groups) if *groups == (5..9))
        );
        assert!(Ask::Groups(large, 2..3).cut(1).is_none(), "one group is the least");
        let small = [blob(100), blob(50), blob(70)];
        let mut ask = Ask::Pack(small.to_vec());
        let rest = ask.cut(150).unwrap();
        assert!(
            matches!(&ask, Ask::Pack(kept) if *kept == small[..2]) && matches!(&rest, Ask::Pack(rest) if *rest == small[2..])
        );
        assert!(Ask::Pack(small[..1].to_vec()).cut(1).is_none(), "one blob is the least");
    }
}
