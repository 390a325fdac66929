//! One friend's look of one character.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Progress;
use super::judge::{REFUSABLE, Verdict, is_needed};
use crate::domain::{AppearanceId, BlobKind, BlobRef, FileType, Manifest, Sensitivity};
use crate::engine::cache::Cache;
use crate::engine::input::LinkKey;
use crate::wire::control::Announce;

/// An answer that takes longer is asked for again.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// A look that can be shown.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Ready {
    pub(in crate::engine) appearance: AppearanceId,
    pub(in crate::engine) manifest: Arc<Manifest>,
    /// Kinds that are left out.
    pub(in crate::engine) without: Vec<Sensitivity>,
    /// Whether all of it is still here.
    pub(in crate::engine) whole: bool,
}

impl Ready {
    /// What is refused is left out at once, also of a look whose successor is still on its way. What is allowed again comes with
    /// the next that is complete: until then some of it may not be here.
    pub(super) fn leave_out(&mut self, refused: &[Sensitivity]) {
        let left_out = |kind: &Sensitivity| self.without.contains(kind) || refused.contains(kind);
        self.without = REFUSABLE.into_iter().filter(left_out).collect();
    }
}

/// How far the newest announced look has come.
#[derive(Clone, Debug)]
pub(super) enum Stage {
    /// The manifest is not here.
    Idle,
    /// The manifest is fetched as a blob.
    FetchingManifest,
    /// The manifest is here as a blob and is being read.
    ReadingManifest,
    /// Blobs are fetched.
    Fetching,
    /// Everything is here, and its models are being counted.
    Counting,
    /// The person does not want this one.
    Cancelled,
    /// Everything is here.
    Complete,
    /// It went wrong; tried again at that time, or with the next announcement.
    Failed { reason: String, retry_at: Option<Instant> },
}

/// One friend's look of one character.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) announce: Announce,
    /// The link on which it was announced last.
    pub(super) heard_on: LinkKey,
    pub(super) absent_since: Option<Instant>,
    pub(super) gone: bool,
    pub(super) verdict: Verdict,
    /// The person wants this one although it is over the limits.
    pub(super) allowed_once: bool,
    pub(super) stage: Stage,
    /// When the manifest was last asked for, and where.
    pub(super) asked: Option<(LinkKey, Instant)>,
    /// The holder has refused once, and was asked again.
    pub(super) asked_again: bool,
    pub(super) manifest: Option<Arc<Manifest>>,
    /// Kinds that are left out of what is fetched.
    pub(super) without: Vec<Sensitivity>,
    /// Its models have no more triangles than were announced.
    pub(super) counted: bool,
    /// Every blob of it was fetched, and under it alone: then, and only then, may it be passed on, since a manifest can name
    /// blobs which its author never had.
    pub(super) all_fetched: bool,
    /// The newest look that can be shown: this one, or the one before.
    pub(super) ready: Option<Ready>,
    /// What the person was last told.
    pub(super) told: Option<String>,
}

impl Look {
    pub(super) const fn new(announce: Announce, heard_on: LinkKey) -> Self {
        Self {
            announce,
            heard_on,
            absent_since: None,
            gone: false,
            verdict: Verdict::Wanted,
            allowed_once: false,
            stage: Stage::Idle,
            asked: None,
            asked_again: false,
            manifest: None,
            without: Vec::new(),
            counted: false,
            all_fetched: false,
            ready: None,
            told: None,
        }
    }

    /// Another look takes this one's place; what can be shown stays until the new one is complete.
    pub(super) fn renew(&mut self, announce: Announce, heard_on: LinkKey) {
        let ready = self.ready.take();
        *self = Self { ready, verdict: self.verdict, ..Self::new(announce, heard_on) };
    }

    /// Whether the same look is announced, and with what it was judged by: a person allowed that weight and no other, and its models
    /// were counted against that many triangles.
    pub(super) fn is_of(&self, announce: &Announce) -> bool {
        self.appearance() == announce.appearance && self.announce.weight == announce.weight
    }

    /// The same look was announced again. What can only fail again is not tried again because the friend says so once more.
    pub(super) fn refresh(&mut self, announce: Announce, heard_on: LinkKey) {
        let elsewhere = self.heard_on != heard_on;
        self.announce = announce;
        self.heard_on = heard_on;
        self.absent_since = None;
        self.gone = false;
        if matches!(self.stage, Stage::Failed { retry_at, .. } if elsewhere || retry_at.is_some()) {
            self.restart();
        }
    }

    /// Begins anew with the same look.
    pub(super) fn restart(&mut self) {
        self.stage = Stage::Idle;
        self.asked = None;
    }

    /// Begins anew because the person says so, who is told again if it fails again.
    pub(super) fn retry(&mut self) {
        self.restart();
        self.asked_again = false;
        self.told = None;
        // What came before, and under which appearance, was forgotten with the transfer.
        self.all_fetched = false;
    }

    pub(super) const fn appearance(&self) -> AppearanceId {
        self.announce.appearance
    }

    pub(super) fn manifest_blob(&self) -> BlobRef {
        BlobRef { hash: self.appearance().as_blob(), size: u64::from(self.announce.manifest_size), kind: BlobKind::Manifest }
    }

    /// What is needed of it and not here.
    pub(super) fn missing(&self, cache: &Cache) -> Vec<BlobRef> {
        let Some(manifest) = &self.manifest else { return Vec::new() };
        let mut missing = manifest.blobs();
        missing.retain(|blob| is_needed(blob, &self.without) && !cache.has(&blob.hash));
        // One content under two types is one download.
        missing.dedup_by_key(|blob| blob.hash);
        missing
    }

    /// Its models, each once. Models are never left out.
    pub(super) fn models(&self) -> Vec<BlobRef> {
        let mut models = self.manifest.iter().flat_map(|manifest| manifest.blobs()).collect::<Vec<_>>();
        models.retain(|blob| blob.kind == BlobKind::File(FileType::Mdl));
        models
    }

    /// Whether the manifest is to be asked for (again) on its link.
    pub(super) fn is_to_ask(&self, now: Instant) -> bool {
        match self.asked {
            Some((link, at)) => link != self.heard_on || now.saturating_duration_since(at) >= ANSWER_WITHIN,
            None => true,
        }
    }

    /// When something is due without anything being heard.
    pub(super) fn due(&self) -> Option<Instant> {
        if self.gone || self.verdict != Verdict::Wanted {
            return None;
        }
        match &self.stage {
            Stage::Failed { retry_at, .. } => *retry_at,
            Stage::Idle | Stage::FetchingManifest | Stage::Fetching => {
                self.asked.filter(|_| self.absent_since.is_none()).map(|(_, at)| at + ANSWER_WITHIN)
            }
            Stage::ReadingManifest | Stage::Counting | Stage::Cancelled | Stage::Complete => None,
        }
    }

    /// How far it has come, as far as it is not the plugin's matter: `None` once everything is here.
    pub(super) fn progress(&self) -> Option<Progress> {
        if self.gone {
            return Some(Progress::Gone);
        }
        match self.verdict {
            Verdict::NotWanted => return Some(Progress::NotWanted),
            Verdict::TooHeavy => return Some(Progress::TooHeavy { weight: self.announce.weight }),
            Verdict::Conflict => return Some(Progress::Conflict),
            Verdict::Wanted => {}
        }
        match &self.stage {
            Stage::Idle | Stage::FetchingManifest | Stage::ReadingManifest => Some(Progress::Asking),
            Stage::Fetching | Stage::Counting => Some(Progress::Fetching),
            Stage::Cancelled => Some(Progress::Cancelled),
            Stage::Failed { reason, .. } => Some(Progress::Failed { reason: reason.clone() }),
            Stage::Complete => None,
        }
    }
}
