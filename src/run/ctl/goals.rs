//! What a command line waits for.

use std::collections::BTreeSet;

use super::{Failure, people, words};
use crate::domain::{InvitationId, PeerId, Trust};
use crate::engine::notice::Notice;
use crate::engine::snapshot::{CodeState, CodeView, LinkView, Prompt, Snapshot};
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
    /// A code that can be told.
    Offered,
    /// A friend by the code that I was told.
    Joined,
    /// A friend of this id, by a link.
    Friends(PeerId),
    /// A link besides these.
    Linked(BTreeSet<InvitationId>),
}

impl Goal {
    /// What is to be said when it is reached.
    fn reached(&self, snapshot: &Snapshot) -> Option<String> {
        let friends = |view: &CodeView| match view.state {
            CodeState::Friends { peer } => Some(format!("you and {} are friends now", people::named(&peer, snapshot))),
            CodeState::Open | CodeState::Failed { .. } => None,
        };
        let says = |peer: &PeerId| format!("{} is connected", people::named(peer, snapshot));
        match self {
            Self::Connected(peer) => connected(snapshot).contains(peer).then(|| says(peer)),
            Self::Offered => {
                let offered = snapshot.invites.offered.as_ref().filter(|view| view.state == CodeState::Open)?;
                Some(format!("{}", offered.code))
            }
            Self::Joined => snapshot.invites.joined.as_ref().and_then(friends),
            Self::Friends(wanted) => {
                let is_friend = snapshot.peers.iter().any(|view| view.peer == *wanted && view.trust >= Trust::Friend);
                is_friend.then(|| format!("you and {} are friends now", people::named(wanted, snapshot)))
            }
            Self::Linked(before) => {
                let new = snapshot.invites.issued.iter().find(|issued| !before.contains(&issued.id))?;
                Some(new.invitation.to_string())
            }
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
        if let (Self::Joined, Notice::CodeEnded { offered: false, state: CodeState::Failed { why } }) = (self, notice) {
            return Some(words::code_failure(false, why));
        }
        if let (Self::Friends(wanted), Notice::InvitationEnded { peer, state: Some(state) }) = (self, notice)
            && wanted == peer
        {
            return Some(words::taken(*state).to_owned());
        }
        let Notice::ConnectionFailed { peer: failed, text } = notice else { return None };
        let ours = match self {
            Self::Connected(wanted) => Some(*wanted) == *failed,
            // At an address nobody is known yet; a known friend's failure is another matter.
            Self::AnybodyBut(_) => failed.is_none(),
            Self::Code(_) | Self::Offered | Self::Joined | Self::Friends(_) | Self::Linked(_) => false,
        };
        ours.then(|| text.clone())
    }

    /// What is to be said when it is not reached in time.
    pub(super) const fn unreached(&self) -> &'static str {
        match self {
            Self::Connected(_) | Self::AnybodyBut(_) => "no connection",
            Self::Code(_) => "the other side has no code",
            Self::Offered => "no code was made",
            Self::Joined => "nobody has answered the code",
            Self::Friends(_) => "they have not come online; FyteClub goes on waiting for them",
            Self::Linked(_) => "no link was made",
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
