//! What I call and note of friends, and whose coming and going is told. Never sent to anybody.
//!
//! The circle holds it, since every part asks the circle what to call somebody; nobody but a command changes it.

use std::collections::BTreeMap;

use super::command::LabelChange;
use super::notice::Notice;
use crate::domain::{DisplayName, Label, PeerId};

/// A label for each who has one.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<PeerId, Label>);

impl Labels {
    pub(super) const fn from_saved(saved: BTreeMap<PeerId, Label>) -> Self {
        Self(saved)
    }

    pub(super) const fn all(&self) -> &BTreeMap<PeerId, Label> {
        &self.0
    }

    pub(super) fn of(&self, peer: &PeerId) -> Label {
        self.0.get(peer).cloned().unwrap_or_default()
    }

    pub(super) fn nickname(&self, peer: &PeerId) -> Option<&DisplayName> {
        self.0.get(peer)?.nickname.as_ref()
    }

    /// Changes one; an error says why not.
    pub(super) fn change(&mut self, peer: PeerId, change: LabelChange) -> Result<(), String> {
        let mut label = self.of(&peer);
        match change {
            LabelChange::Nickname(nickname) => label.nickname = nickname,
            LabelChange::Note(note) => label.note = note,
            LabelChange::Tag(tag) => label.tags.add(tag).map_err(|error| error.to_string())?,
            LabelChange::Untag(tag) => {
                if !label.tags.remove(&tag) {
                    return Err(format!("they have no tag {tag:?}", tag = tag.as_str()));
                }
            }
            LabelChange::Notices(told) => label.notices = told,
            LabelChange::Clear => label = Label::default(),
        }
        if label == Label::default() {
            self.0.remove(&peer);
        } else {
            self.0.insert(peer, label);
        }
        Ok(())
    }

    /// Puts one back.
    pub(super) fn restore(&mut self, peer: PeerId, label: Option<Label>) {
        self.0.extend(label.map(|label| (peer, label)));
    }

    pub(super) fn forget(&mut self, peer: &PeerId) {
        self.0.remove(peer);
    }

    /// Whether the person does not want to hear of this. What has to do with safety is told all the same.
    pub(super) fn silence(&self, notice: &Notice) -> bool {
        let about = match notice {
            Notice::PeerConnected { peer }
            | Notice::PeerDisconnected { peer }
            | Notice::ConnectionFailed { peer: Some(peer), .. }
            | Notice::AppearanceApplied { peer, .. }
            | Notice::AppearanceFailed { peer, .. } => peer,
            Notice::PeerKnocked { .. }
            | Notice::ConnectionFailed { peer: None, .. }
            | Notice::PublishFailed { .. }
            | Notice::PeerMisbehaved { .. }
            | Notice::CodeEnded { .. }
            | Notice::InvitationEnded { .. }
            | Notice::VerificationEnded { .. }
            | Notice::ShownAgain { .. }
            | Notice::SentAgain { .. }
            | Notice::DiskNearlyFull { .. }
            | Notice::WindowWanted
            | Notice::Other { .. } => return false,
        };
        self.0.get(about).is_some_and(|label| !label.notices)
    }
}
