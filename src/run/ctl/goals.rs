//! What a command line waits for.

use std::collections::BTreeSet;

use super::{Failure, people, words};
use crate::domain::PeerId;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{LinkView, Prompt, Snapshot};
use crate::runtime::pipe::control::ToControl;
use crate::runtime::pipe::control_client::ControlClient;

/// What a command line waits for.
#[derive(Debug)]
pub(super) enum Goal {
    /// A link to this peer.
    Connected(PeerId),
    /// A link to somebody else than these.
    AnybodyBut(BTreeSet<PeerId>),
    /// A code to be compared with this peer.
    Code(PeerId),
}

impl Goal {
    /// What is to be said when it is reached.
    fn reached(&self, snapshot: &Snapshot) -> Option<String> {
        let says = |peer: &PeerId| format!("{} is connected", people::named(peer, snapshot));
        match self {
            Self::Connected(peer) => connected(snapshot).contains(peer).then(|| says(peer)),
            Self::AnybodyBut(before) => connected(snapshot).difference(before).next().map(says),
            Self::Code(with) => {
                let is_it = |prompt: &&Prompt| matches!(prompt, Prompt::CompareCode { peer, .. } if peer == with);
                let (question, answers) = words::prompt(snapshot.prompts.iter().find(is_it)?, snapshot);
                Some(format!("{question}\nAnswer: fyteclub ctl {answers}"))
            }
        }
    }

    /// Why it cannot be reached any more.
    fn hopeless(&self, notice: &Notice) -> Option<String> {
        let Notice::ConnectionFailed { peer: failed, text } = notice else { return None };
        let ours = match self {
            Self::Connected(wanted) => Some(*wanted) == *failed,
            // At an address nobody is known yet; a known friend's failure is another matter.
            Self::AnybodyBut(_) => failed.is_none(),
            Self::Code(_) => false,
        };
        ours.then(|| text.clone())
    }

    /// What is to be said when it is not reached in time.
    pub(super) const fn unreached(&self) -> &'static str {
        match self {
            Self::Connected(_) | Self::AnybodyBut(_) => "no connection",
            Self::Code(_) => "the other side has no code",
        }
    }
}

/// Waits until a goal is reached, and says so.
pub(super) async fn reach(goal: &Goal, session: &mut ControlClient) -> Result<String, Failure> {
    loop {
        match session.heard().await? {
            ToControl::Snapshot { snapshot, .. } => {
                if let Some(reached) = goal.reached(&snapshot) {
                    return Ok(reached);
                }
            }
            ToControl::Notice { notice } => {
                if let Some(why) = goal.hopeless(&notice) {
                    return Err(Failure::Refused(why));
                }
            }
            ToControl::Reply { .. } | ToControl::Error { .. } => {}
        }
    }
}

/// Who is linked.
pub(super) fn connected(snapshot: &Snapshot) -> BTreeSet<PeerId> {
    let connected = snapshot.peers.iter().filter(|view| matches!(view.link, LinkView::Connected { .. }));
    connected.map(|view| view.peer).collect()
}
