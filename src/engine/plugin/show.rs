//! One look that a plugin was told to show.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::domain::{BlobHash, PeerId, printable};
use crate::engine::follow::Ready;

/// An `apply` that is not answered by then has failed.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// An `apply` that failed is sent again: first after this, later each time.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// At the latest: whatever kept the game from showing it may have ended.
const LAST_RETRY: Duration = Duration::from_secs(60);
/// It has failed so often by the time that the person is told.
const TOLD_AFTER: u32 = 4;

/// How far a plugin has come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum State {
    /// Long texts are being read.
    Reading {
        missing: BTreeSet<BlobHash>,
    },
    Applying {
        since: Instant,
    },
    Applied,
    /// `retry_at` is `None` if it would fail again for sure.
    Failed {
        reason: String,
        retry_at: Option<Instant>,
    },
}

/// One look that a plugin was told to show.
#[derive(Debug)]
pub(super) struct Show {
    pub(super) peer: PeerId,
    pub(super) look: Ready,
    pub(super) revision: u64,
    pub(super) state: State,
    texts: BTreeMap<BlobHash, String>,
    tries: u32,
}

impl Show {
    pub(super) fn new(now: Instant, peer: PeerId, look: &Ready, revision: u64, tries: u32) -> Self {
        let state = State::Applying { since: now };
        Self { peer, look: look.clone(), revision, state, texts: BTreeMap::new(), tries: tries + 1 }
    }

    /// Whether it shows this look of this friend.
    pub(super) fn is_of(&self, peer: PeerId, look: &Ready) -> bool {
        self.peer == peer && self.look.appearance == look.appearance && self.look.without == look.without
    }

    pub(super) const fn tries(&self) -> u32 {
        self.tries
    }

    pub(super) const fn is_shown(&self) -> bool {
        matches!(self.state, State::Applied)
    }

    /// Whether it is time to send the `apply` again.
    pub(super) fn is_to_repeat(&self, now: Instant) -> bool {
        matches!(self.state, State::Failed { retry_at: Some(at), .. } if at <= now)
    }

    /// The person wants it tried at once. False if it has not failed.
    pub(super) fn retry(&mut self, now: Instant) -> bool {
        let State::Failed { retry_at, .. } = &mut self.state else { return false };
        *retry_at = Some(now);
        self.tries = 0;
        true
    }

    /// Waits for these texts.
    pub(super) fn read(&mut self, missing: BTreeSet<BlobHash>) {
        self.state = State::Reading { missing };
    }

    /// Whether every text is here and the `apply` has not gone out.
    pub(super) fn is_read(&self) -> bool {
        matches!(&self.state, State::Reading { missing } if missing.is_empty())
    }

    /// A text was read, or could not be.
    pub(super) fn text_read(&mut self, now: Instant, hash: BlobHash, result: &Result<Vec<u8>, String>) {
        let State::Reading { missing } = &mut self.state else { return };
        if !missing.remove(&hash) {
            return;
        }
        match result.as_ref().map(|bytes| std::str::from_utf8(bytes)) {
            Ok(Ok(text)) => {
                self.texts.insert(hash, text.to_owned());
            }
            Ok(Err(_)) => self.state = State::Failed { reason: "one of its texts is no text".to_owned(), retry_at: None },
            Err(reason) => {
                let _ = self.fail(now, reason.clone());
            }
        }
    }

    /// The `apply` goes out. The long texts for it.
    pub(super) fn sent(&mut self, now: Instant) -> Vec<(BlobHash, String)> {
        self.state = State::Applying { since: now };
        std::mem::take(&mut self.texts).into_iter().collect()
    }

    /// The plugin shows it. False if that is no news, or is said of another `apply`.
    pub(super) fn applied(&mut self, revision: u64) -> bool {
        let news = revision == self.revision && matches!(self.state, State::Applying { .. } | State::Failed { .. });
        if news {
            self.state = State::Applied;
            self.tries = 0;
        }
        news
    }

    /// The plugin cannot show it. True if it is time to say so.
    pub(super) fn failed(&mut self, now: Instant, revision: u64, reason: &str) -> bool {
        let news = revision == self.revision && matches!(self.state, State::Applying { .. } | State::Applied);
        news && self.fail(now, shortened(reason))
    }

    /// Why the plugin's answer is no longer awaited, if it is time to say so.
    pub(super) fn give_up(&mut self, now: Instant) -> Option<String> {
        let State::Applying { since } = self.state else { return None };
        if now < since + ANSWER_WITHIN {
            return None;
        }
        let reason = "the game plugin does not answer: look whether the game still runs".to_owned();
        self.fail(now, reason.clone()).then_some(reason)
    }

    /// When something is due; `can_show`: an `apply` could be sent.
    pub(super) fn due(&self, can_show: bool) -> Option<Instant> {
        match &self.state {
            State::Applying { since } => Some(*since + ANSWER_WITHIN),
            State::Failed { retry_at, .. } => retry_at.filter(|_| can_show && self.look.whole),
            State::Reading { .. } | State::Applied => None,
        }
    }

    fn fail(&mut self, now: Instant, reason: String) -> bool {
        let delay = FIRST_RETRY.saturating_mul(2u32.saturating_pow(self.tries.saturating_sub(1))).min(LAST_RETRY);
        self.state = State::Failed { reason, retry_at: Some(now + delay) };
        self.tries == TOLD_AFTER
    }
}

fn shortened(reason: &str) -> String {
    printable(reason, 300)
}
