//! Two links with one peer: which of them stays.
//!
//! A new link waits beside the one that is up until its hello says which run of the peer's program it is. The same run, a newer one, or
//! one that does not say takes the place at once. An older one has to wait: the run that has the link is asked to show that it is
//! still there. Its answer is passed on to the older run, and that one's link ends; without an answer the older run gets the link,
//! since then the newer one is gone.

use std::time::{Duration, Instant};

use super::up::{Said, UpLink};
use super::{Links, farewell, misbehaviour};
use crate::domain::PeerId;
use crate::engine::circle::Circle;
use crate::engine::desk::{Deadline, Desk, sooner};
use crate::engine::input::LinkKey;
use crate::engine::output::Output;
use crate::wire::control::{ByeReason, Control};
use crate::wire::run::RunClaim;

/// Whoever has the link shows by then that it is there.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);

/// A link that may take the place of the one that is up.
#[derive(Debug)]
pub(super) struct Rival {
    pub(super) link: UpLink,
    /// It is an older run's, and the newer one was asked then.
    asked: Option<Instant>,
}

impl Rival {
    pub(super) const fn new(link: UpLink) -> Self {
        Self { link, asked: None }
    }

    /// Whether the newer run has had its time.
    pub(super) fn has_waited(&self, now: Instant) -> bool {
        self.asked.is_some_and(|asked| asked + SHOWN_WITHIN <= now)
    }

    pub(super) fn deadline(&self) -> Deadline {
        let asked = self.asked.map(|asked| (asked + SHOWN_WITHIN, "another run of a friend shows that it is there"));
        sooner(asked, Some(self.link.deadline())).unwrap_or_else(|| self.link.deadline())
    }
}

impl Links {
    /// Something was said on a link that waits beside the one that is up.
    pub(super) fn rival_said(&mut self, desk: &mut Desk, circle: &mut Circle, key: LinkKey, message: Control) {
        let called = circle.called(&key.peer);
        let Some(link) = self.peers.get_mut(&key.peer) else { return };
        let Some(rival) = &mut link.rival else { return };
        match rival.link.received(desk, &called, message) {
            Said::Hello => self.compare(desk, circle, key.peer),
            // An older run believes that it is linked, and says what one says then. It will hear that it is not.
            Said::Pass(Control::Bye { .. }) => {
                link.rival = None;
                desk.order(Output::CloseLink(key));
            }
            Said::Nothing | Said::Pass(_) => {}
            Said::Incompatible(_) => {
                link.rival = None;
                farewell(desk, key, ByeReason::Incompatible, "no protocol version in common");
            }
            Said::Misbehaved(text) => {
                tracing::debug!(peer = ?key.peer, text = misbehaviour(&called, text), "a second link breaks the rules");
                link.rival = None;
                farewell(desk, key, ByeReason::ProtocolError, text);
            }
        }
    }

    /// A peer's run says that it is there. True if that was for me to hear, not the answer that a rival waits for.
    pub(super) fn is_news(&mut self, desk: &mut Desk, peer: PeerId, claim: &RunClaim) -> bool {
        let Some(link) = self.peers.get_mut(&peer) else { return false };
        let awaited = |rival: &mut Rival| rival.asked.is_some() && rival.link.run().is_some_and(|run| run.nonce == claim.nonce);
        let Some(rival) = link.rival.take_if(awaited) else { return true };
        desk.send(rival.link.key, Control::Claim(*claim));
        farewell(desk, rival.link.key, ByeReason::Replaced, "another program with the same keys began later");
        false
    }

    /// A newer run of mine has a friend's link: I leave it to that one, and look again later.
    pub(in crate::engine) fn yield_to_newer(&mut self, desk: &mut Desk, peer: PeerId) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        if let Some(up) = link.up.take() {
            desk.order(Output::CloseLink(up.key));
        }
        link.redial.yielded(desk);
        link.gone(desk, peer);
    }

    /// Whether this number was made up for this link and is heard of for the first time.
    pub(in crate::engine) fn spend_nonce(&mut self, key: LinkKey, claim: &RunClaim) -> bool {
        self.up_mut(key).is_some_and(|up| up.nonce.take_if(|nonce| *nonce == claim.nonce).is_some())
    }

    /// The rival takes the place of whatever is up.
    pub(super) fn promote(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        let Some(rival) = link.rival.take() else { return };
        let greets = rival.link.hello.is_some();
        if let Some(old) = link.up.replace(rival.link) {
            farewell(desk, old.key, ByeReason::Replaced, "a newer connection takes its place");
        }
        if greets {
            self.greeted(desk, circle, peer);
        }
    }

    /// Promotes those whose rival is gone or has not shown itself, drops those that came to nothing.
    pub(super) fn settle_rivals(&mut self, desk: &mut Desk, circle: &mut Circle) {
        let now = desk.now();
        let mut winners = Vec::new();
        for (peer, link) in &mut self.peers {
            let Some(rival) = &mut link.rival else { continue };
            if let Some(reason) = rival.link.settle(desk) {
                tracing::debug!(?peer, reason, "a second link is dead");
                desk.order(Output::CloseLink(rival.link.key));
                link.rival = None;
            } else if link.up.is_none() || rival.has_waited(now) {
                winners.push(*peer);
            }
        }
        for peer in winners {
            self.promote(desk, circle, peer);
        }
    }

    fn compare(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId) {
        let Some(link) = self.peers.get_mut(&peer) else { return };
        let (Some(up), Some(rival)) = (&link.up, &mut link.rival) else { return };
        match (up.age(), rival.link.age(), rival.link.run()) {
            (Some(newer), Some(older), Some(run)) if older < newer => {
                rival.asked = Some(desk.now());
                desk.send(up.key, Control::Rival { nonce: run.nonce });
            }
            _ => self.promote(desk, circle, peer),
        }
    }
}
