//! Whether this run of the program is the newest with my keys. The older of two runs stops sharing and says so.
//!
//! The older one learns of the newer only by its signed answer to a number that was made up for one link (`wire::run`), so nobody
//! without my keys can silence me, and nobody can again with what I once said. It holds for a while: if the newer one is no longer
//! there, no friend brings an answer any more, and sharing goes on by itself.

use std::time::{Duration, Instant};

use super::desk::{Deadline, Desk};
use super::notice::Notice;
use super::snapshot::ElsewhereView;
use crate::domain::InstanceId;
use crate::wire::run::RunClaim;

/// What the newer run's answer holds for. An older run asks each friend again well before (`link::redial`), twice if one try is lost.
const HOLDS_FOR: Duration = Duration::from_secs(180);

/// My run and the newer one, if there is one.
#[derive(Debug)]
pub(super) struct Runs {
    instance: InstanceId,
    began_unix: u64,
    newer: Option<Newer>,
}

#[derive(Clone, Copy, Debug)]
struct Newer {
    began_unix: u64,
    until: Instant,
}

impl Runs {
    pub(super) const fn new(instance: InstanceId, began_unix: u64) -> Self {
        Self { instance, began_unix, newer: None }
    }

    pub(super) const fn instance(&self) -> InstanceId {
        self.instance
    }

    pub(super) const fn began_unix(&self) -> u64 {
        self.began_unix
    }

    /// Whether I share: no newer run is known.
    pub(super) const fn shares(&self) -> bool {
        self.newer.is_none()
    }

    /// Another run with my keys has shown that it is there. False if it is not the newer one.
    pub(super) fn heard(&mut self, desk: &mut Desk, claim: &RunClaim) -> bool {
        if (claim.began_unix, claim.instance) <= (self.began_unix, self.instance) {
            return false;
        }
        let until = desk.later(HOLDS_FOR);
        let before = self.newer.replace(Newer { began_unix: claim.began_unix, until });
        if before.is_none() {
            desk.notify(Notice::Other { text: ElsewhereView::SENTENCE.to_owned() });
        }
        true
    }

    /// Shares again once the newer run has not been heard of for a while.
    pub(super) fn settle(&mut self, desk: &mut Desk) {
        if self.newer.take_if(|newer| newer.until <= desk.now()).is_some() {
            let text = "The other FyteClub with this identity is no longer there: this one shares again.";
            desk.notify(Notice::Other { text: text.to_owned() });
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.newer.map(|newer| (newer.until, "a newer run of mine has long not been heard of"))
    }

    pub(super) fn view(&self) -> Option<ElsewhereView> {
        self.newer.map(|newer| ElsewhereView { began_unix: newer.began_unix })
    }
}
