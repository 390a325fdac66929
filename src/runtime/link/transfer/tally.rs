//! What one link has served: in all, and of each look since it was last asked.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::AppearanceId;
use crate::engine::input::{Input, LinkKey};
use crate::runtime::Inputs;
use crate::runtime::link::hub::locked;

/// Blob bytes served on one link.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: AtomicU64,
    fresh: Mutex<BTreeMap<AppearanceId, u64>>,
}

impl Tally {
    pub(super) fn count(&self, appearance: AppearanceId, bytes: usize) {
        if bytes > 0 {
            self.total.fetch_add(bytes as u64, Ordering::Relaxed);
            *locked(&self.fresh).entry(appearance).or_default() += bytes as u64;
        }
    }

    /// Since the link came up.
    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Reports what was served since the last report.
    pub(crate) async fn report(&self, link: LinkKey, inputs: &Inputs) {
        let fresh = std::mem::take(&mut *locked(&self.fresh));
        for (appearance, bytes) in fresh {
            inputs.send(Input::Served { link, appearance, bytes }).await;
        }
    }
}
