//! Which blobs make up which appearance: what may be served under it, and what stays in the cache.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lock;
use crate::domain::{AppearanceId, BlobHash, BlobRef};

/// The held appearances.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    appearances: HashMap<AppearanceId, HashMap<BlobHash, BlobRef>>,
    /// In how many appearances a blob is.
    pins: HashMap<BlobHash, usize>,
}

impl Holds {
    /// Holds an appearance; one that was held is held anew.
    pub(super) fn hold(&self, appearance: AppearanceId, blobs: &[BlobRef]) {
        let mut state = lock(&self.0);
        state.release(&appearance);
        let named: HashMap<BlobHash, BlobRef> = blobs.iter().map(|blob| (blob.hash, *blob)).collect();
        for hash in named.keys() {
            *state.pins.entry(*hash).or_default() += 1;
        }
        state.appearances.insert(appearance, named);
    }

    /// Holds it no longer.
    pub(super) fn release(&self, appearance: &AppearanceId) {
        lock(&self.0).release(appearance);
    }

    /// The blob as the appearance names it.
    pub(super) fn blob_of(&self, appearance: &AppearanceId, hash: &BlobHash) -> Option<BlobRef> {
        lock(&self.0).appearances.get(appearance)?.get(hash).copied()
    }

    /// All blobs of the appearance.
    pub(super) fn blobs(&self, appearance: &AppearanceId) -> Vec<BlobHash> {
        lock(&self.0).appearances.get(appearance).into_iter().flat_map(HashMap::keys).copied().collect()
    }

    /// Whether any held appearance needs it.
    pub(super) fn is_pinned(&self, hash: &BlobHash) -> bool {
        lock(&self.0).pins.contains_key(hash)
    }
}

impl State {
    fn release(&mut self, appearance: &AppearanceId) {
        for hash in self.appearances.remove(appearance).unwrap_or_default().into_keys() {
            if let Some(count) = self.pins.get_mut(&hash) {
                *count -= 1;
                if *count == 0 {
                    self.pins.remove(&hash);
                }
            }
        }
    }
}
