//! What is still missing for one look, and how fast it comes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::rate::Rate;
use crate::domain::{AppearanceId, BlobHash, BlobRef, Character, PeerId};
use crate::engine::snapshot::TransferView;

/// A finished transfer is seen for so long.
pub(super) const SEEN_FINISHED: Duration = Duration::from_secs(10);

/// For which look something is fetched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct JobKey {
    /// Whose look.
    pub(in crate::engine) peer: PeerId,
    /// Which character's.
    pub(in crate::engine) character: Character,
}

/// What one look still lacks.
#[derive(Debug)]
pub(super) struct Job {
    /// Under which it is wanted.
    pub(super) appearance: AppearanceId,
    /// Only the manifest: too small a thing to be shown as a transfer.
    quiet: bool,
    /// The person puts it first.
    pub(super) first: bool,
    /// Something of it came under another appearance than its own.
    pub(super) mixed: bool,
    pub(super) missing: BTreeSet<BlobHash>,
    total: u64,
    files: u32,
    done: u64,
    pub(super) wire_bytes: u64,
    rate: Rate,
    since: Instant,
    pub(super) finished: Option<Instant>,
}

impl Job {
    pub(super) fn new(now: Instant, appearance: AppearanceId, missing: &[BlobRef], quiet: bool) -> Self {
        Self {
            appearance,
            quiet,
            first: false,
            mixed: false,
            missing: missing.iter().map(|blob| blob.hash).collect(),
            total: missing.iter().fold(0, |sum: u64, blob| sum.saturating_add(blob.size)),
            files: u32::try_from(missing.len()).unwrap_or(u32::MAX),
            done: 0,
            wire_bytes: 0,
            rate: Rate::new(now),
            since: now,
            finished: None,
        }
    }

    pub(super) fn credit(&mut self, now: Instant, bytes: u64) {
        self.done = self.done.saturating_add(bytes).min(self.total);
        self.rate.add(now, bytes);
    }

    pub(super) const fn is_seen(&self) -> bool {
        !self.quiet
    }

    pub(super) const fn progress(&self) -> (u64, u64) {
        (self.done, self.total)
    }

    pub(super) fn view(&self, now: Instant, key: &JobKey) -> Option<TransferView> {
        if self.quiet {
            return None;
        }
        let rate = if self.finished.is_some() { 0 } else { self.rate.per_second(now) };
        let left = self.total.saturating_sub(self.done);
        let missing = u32::try_from(self.missing.len()).unwrap_or(u32::MAX);
        let end = self.finished.unwrap_or(now);
        Some(TransferView {
            peer: key.peer,
            character: key.character.clone(),
            done: self.done,
            total: self.total,
            files_done: self.files.saturating_sub(missing),
            files_total: self.files,
            rate,
            seconds_left: (rate > 0).then(|| left.div_ceil(rate.max(1))),
            wire_bytes: self.wire_bytes,
            elapsed_ms: u64::try_from(end.saturating_duration_since(self.since).as_millis()).unwrap_or(u64::MAX),
            finished: self.finished.is_some(),
            first: self.first,
        })
    }
}
