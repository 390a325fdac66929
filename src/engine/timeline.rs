//! What became of the connections to each peer, in this run of the program.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

use super::snapshot::{Event, TimelineView, What};
use crate::domain::PeerId;

/// Events kept for each peer.
const EVENTS: usize = 30;
/// Peers kept.
const PEERS: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Timelines {
    peers: BTreeMap<PeerId, VecDeque<Event>>,
    view: OnceLock<Arc<TimelineView>>,
}

impl Timelines {
    /// Something happened. The same failure again only counts up.
    pub(super) fn add(&mut self, unix_now: u64, peer: PeerId, what: What) {
        if self.peers.len() >= PEERS && !self.peers.contains_key(&peer) {
            return;
        }
        self.view.take();
        let events = self.peers.entry(peer).or_default();
        if let Some(last) = events.back_mut().filter(|last| last.what == what) {
            last.times = last.times.saturating_add(1);
            last.unix = unix_now;
            return;
        }
        events.push_back(Event { unix: unix_now, what, times: 1 });
        while events.len() > EVENTS {
            events.pop_front();
        }
    }

    pub(super) fn view(&self) -> Arc<TimelineView> {
        let view = || {
            let newest_first = |events: &VecDeque<Event>| events.iter().rev().cloned().collect();
            Arc::new(TimelineView(self.peers.iter().map(|(peer, events)| (*peer, newest_first(events))).collect()))
        };
        Arc::clone(self.view.get_or_init(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppearanceId;

    #[test]
    fn the_newest_events_come_first_and_the_same_failure_counts_up() {
        let peer = PeerId::from_bytes(*AppearanceId::of(b"a").as_bytes());
        let mut timelines = Timelines::default();
        let failed = || What::Failed { reason: "nobody answered".to_owned() };
        timelines.add(1, peer, failed());
        timelines.add(2, peer, failed());
        timelines.add(3, peer, What::Ended { reason: "they closed it".to_owned() });
        let view = timelines.view();
        let seen: Vec<_> = view.of(&peer).iter().map(|event| (event.unix, event.times)).collect();
        assert_eq!(seen, [(3, 1), (2, 2)]);
        for n in 0..100 {
            timelines.add(n, peer, What::Failed { reason: n.to_string() });
        }
        assert_eq!(timelines.view().of(&peer).len(), EVENTS);
    }
}
