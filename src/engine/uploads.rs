//! Looks that are being served to friends, as far as this side can tell: what went, and how fast.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::desk::{Deadline, sooner};
use super::fetch::Rate;
use super::snapshot::UploadView;
use crate::domain::{Character, PeerId};

/// Without a byte for so long, it has ended: only the receiver knows what they still lack.
const QUIET: Duration = Duration::from_secs(4);
/// For how long one that has ended is still shown.
const SHOWN: Duration = Duration::from_secs(10);

type Key = (PeerId, Option<Character>);

#[derive(Debug, Default)]
pub(super) struct Uploads(BTreeMap<Key, Upload>);

#[derive(Debug)]
struct Upload {
    sent: u64,
    rate: Rate,
    began: Instant,
    last: Instant,
}

impl Upload {
    fn has_ended(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= QUIET
    }

    fn view(&self, now: Instant, (peer, character): &Key) -> UploadView {
        let finished = self.has_ended(now);
        let elapsed = self.last.saturating_duration_since(self.began).as_millis();
        UploadView {
            peer: *peer,
            character: character.clone(),
            sent: self.sent,
            rate: if finished { 0 } else { self.rate.per_second(now) },
            elapsed_ms: u64::try_from(elapsed).unwrap_or(u64::MAX),
            finished,
        }
    }
}

impl Uploads {
    /// A friend was served bytes.
    pub(super) fn served(&mut self, now: Instant, peer: PeerId, character: Option<Character>, bytes: u64) {
        let key = (peer, character);
        if self.0.get(&key).is_some_and(|upload| upload.has_ended(now)) {
            self.0.remove(&key);
        }
        let upload = self.0.entry(key).or_insert_with(|| Upload { sent: 0, rate: Rate::new(now), began: now, last: now });
        upload.sent = upload.sent.saturating_add(bytes);
        upload.last = now;
        upload.rate.add(now, bytes);
    }

    /// Drops those that were shown long enough.
    pub(super) fn settle(&mut self, now: Instant) {
        self.0.retain(|_, upload| now.saturating_duration_since(upload.last) < QUIET + SHOWN);
    }

    /// When the next one ends or is dropped.
    pub(super) fn deadline(&self, now: Instant) -> Option<Deadline> {
        self.0.values().fold(None, |soonest, upload| {
            let after = if upload.has_ended(now) { QUIET + SHOWN } else { QUIET };
            sooner(soonest, upload.last.checked_add(after).map(|at| (at, "an upload ends")))
        })
    }

    pub(super) fn view(&self, now: Instant) -> Vec<UploadView> {
        self.0.iter().map(|(key, upload)| upload.view(now, key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppearanceId;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn an_upload_runs_ends_and_goes() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let peer = PeerId::from_bytes(*AppearanceId::of(b"a").as_bytes());
        let mut uploads = Uploads::default();
        uploads.served(at(0), peer, None, 1_000);
        uploads.served(at(1), peer, None, 2_000);
        let view = uploads.view(at(1));
        assert_eq!(view.iter().map(|view| (view.sent, view.finished)).collect::<Vec<_>>(), [(3_000, false)]);
        assert!(view.iter().all(|view| view.rate > 0));
        assert_eq!(uploads.deadline(at(1)).map(|(at, _)| at), Some(at(5)));
        assert!(uploads.view(at(5)).iter().all(|view| view.finished && view.rate == 0));
        assert_eq!(uploads.deadline(at(5)).map(|(at, _)| at), Some(at(15)));
        uploads.settle(at(14));
        assert_eq!(uploads.view(at(14)).len(), 1);
        uploads.settle(at(15));
        assert_eq!(uploads.view(at(15)).len(), 0);
        uploads.served(at(20), peer, None, 5);
        uploads.served(at(30), peer, None, 7);
        assert_eq!(uploads.view(at(30)).first().map(|view| view.sent), Some(7), "after its end it begins anew");
    }
}
