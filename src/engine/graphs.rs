//! How fast bytes went and how long a round trip took, over the last five minutes.
//!
//! It is fed by what links report anyway, so that it wakes nobody. A point covers [`STEP`] seconds; what is shown changes when a new
//! point begins.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::input::LinkKey;
use super::snapshot::{GraphPoint, GraphsView};
use crate::domain::PeerId;

/// Seconds that a point covers: links report about so often.
const STEP: u64 = 5;
/// Points kept: five minutes.
const POINTS: u64 = 60;

#[derive(Debug)]
pub(super) struct Graphs {
    since: Instant,
    /// The step that is being filled.
    now: u64,
    total: Line,
    peers: BTreeMap<PeerId, Line>,
    /// Bytes sent and received when a link last reported.
    counted: BTreeMap<LinkKey, (u64, u64)>,
    view: OnceLock<Arc<GraphsView>>,
}

/// Points by their steps, oldest first; steps without a report are left out.
#[derive(Debug, Default)]
struct Line(VecDeque<(u64, Sum)>);

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    sent: u64,
    received: u64,
    round_trip_us: Option<u64>,
}

impl Line {
    fn at(&mut self, step: u64) -> Option<&mut Sum> {
        if self.0.back().is_none_or(|(last, _)| *last < step) {
            self.0.push_back((step, Sum::default()));
        }
        self.prune(step);
        self.0.back_mut().map(|(_, sum)| sum)
    }

    fn prune(&mut self, now: u64) {
        while self.0.front().is_some_and(|(step, _)| step + POINTS < now) {
            self.0.pop_front();
        }
    }

    /// The steps that are over.
    fn points(&self, now: u64) -> Vec<GraphPoint> {
        let over = self.0.iter().filter(|(step, _)| *step < now);
        over.map(|(step, sum)| GraphPoint {
            seconds_ago: (now - step) * STEP,
            up: sum.sent / STEP,
            down: sum.received / STEP,
            round_trip_us: sum.round_trip_us,
        })
        .collect()
    }
}

impl Graphs {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            now: 0,
            total: Line::default(),
            peers: BTreeMap::new(),
            counted: BTreeMap::new(),
            view: OnceLock::new(),
        }
    }

    /// A link reports what it has carried since it came up, and its round trip.
    pub(super) fn report(&mut self, now: Instant, link: LinkKey, (sent, received): (u64, u64), round_trip_us: Option<u64>) {
        self.turn_to(now);
        let (sent_before, received_before) = self.counted.insert(link, (sent, received)).unwrap_or_default();
        let (sent, received) = (sent.saturating_sub(sent_before), received.saturating_sub(received_before));
        let step = self.now;
        for line in [&mut self.total, self.peers.entry(link.peer).or_default()] {
            if let Some(sum) = line.at(step) {
                sum.sent = sum.sent.saturating_add(sent);
                sum.received = sum.received.saturating_add(received);
                sum.round_trip_us = round_trip_us.or(sum.round_trip_us);
            }
        }
    }

    /// A link has ended.
    pub(super) fn ended(&mut self, link: LinkKey) {
        self.counted.remove(&link);
    }

    pub(super) fn view(&self) -> Arc<GraphsView> {
        let view = || {
            let peers = self.peers.iter().map(|(peer, line)| (*peer, line.points(self.now))).collect();
            Arc::new(GraphsView { total: self.total.points(self.now), peers })
        };
        Arc::clone(self.view.get_or_init(view))
    }

    fn turn_to(&mut self, now: Instant) {
        let step = now.saturating_duration_since(self.since).as_secs() / STEP;
        if step > self.now {
            self.now = step;
            self.view.take();
            self.total.prune(step);
            self.peers.retain(|_, line| {
                line.prune(step);
                !line.0.is_empty()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::AppearanceId;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn points_are_differences_between_reports_and_go_after_five_minutes() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let link = LinkKey { peer: PeerId::from_bytes(*AppearanceId::of(b"a").as_bytes()), generation: 1 };
        let mut graphs = Graphs::new(start);
        graphs.report(at(1), link, (500, 1_000), Some(40));
        assert!(graphs.view().total.is_empty(), "the first step is not over");
        graphs.report(at(6), link, (500, 6_000), None);
        graphs.report(at(11), link, (500, 6_000), None);
        let view = graphs.view();
        let seen: Vec<_> = view.total.iter().map(|point| (point.seconds_ago, point.up, point.down)).collect();
        assert_eq!(seen, [(10, 100, 200), (5, 0, 1_000)]);
        assert_eq!(view.peers.get(&link.peer), Some(&view.total));
        assert_eq!(view.total.first().and_then(|point| point.round_trip_us), Some(40));
        graphs.ended(link);
        graphs.report(at(400), link, (5, 0), None);
        let view = graphs.view();
        assert_eq!(view.total.len(), 0, "older than five minutes, and the new step is not over");
    }
}
