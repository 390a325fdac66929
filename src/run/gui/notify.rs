//! What the system tells a person while the window is not in front.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::domain::Told;
use crate::engine::notice::Notice;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::words;

/// At most so many in [`WHILE`]: two hundred friends who come back at once are no news two hundred times.
const MOST: usize = 5;
const WHILE: Duration = Duration::from_secs(60);

/// What is told: a head and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) head: String,
    pub(super) text: String,
}

/// What a moment is told by, if a person wants to hear of it now.
pub(super) fn message(snapshot: &Snapshot, notice: &Notice) -> Option<Message> {
    if !snapshot.settings.notifications.tells(kind(notice)?) || snapshot.plugin.as_ref().is_some_and(|plugin| plugin.busy) {
        return None;
    }
    if let Notice::PeerKnocked { peer } = notice {
        let head = fl!("stranger-title", name = words::stranger(snapshot, *peer));
        return Some(Message { head, text: fl!("notify-open") });
    }
    let (_, text) = words::notice(snapshot, notice)?;
    Some(Message { head: "FyteClub".to_owned(), text })
}

const fn kind(notice: &Notice) -> Option<Told> {
    match notice {
        Notice::PeerKnocked { .. } => Some(Told::Question),
        Notice::PeerConnected { .. } => Some(Told::Online),
        Notice::AppearanceFailed { .. } | Notice::PublishFailed { .. } => Some(Told::Failed),
        Notice::DiskNearlyFull { .. } => Some(Told::Disk),
        Notice::PeerDisconnected { .. }
        | Notice::ConnectionFailed { .. }
        | Notice::AppearanceApplied { .. }
        | Notice::PeerMisbehaved { .. }
        | Notice::CodeEnded { .. }
        | Notice::InvitationEnded { .. }
        | Notice::VerificationEnded { .. }
        | Notice::ShownAgain { .. }
        | Notice::SentAgain { .. }
        | Notice::WindowWanted
        | Notice::Other { .. } => None,
    }
}

/// Keeps a flood from the desktop.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<Instant>);

impl Pace {
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        self.0.retain(|told| now.saturating_duration_since(*told) < WHILE);
        let allows = self.0.len() < MOST;
        if allows {
            self.0.push_back(now);
        }
        allows
    }
}

/// Has the desktop show it. Blocks until the desktop has taken it.
pub(super) fn show(message: &Message) {
    let mut notification = notify_rust::Notification::new();
    notification.appname("FyteClub").summary(&message.head).body(&escaped(&message.text));
    #[cfg(target_os = "linux")]
    notification.icon("fyteclub").hint(notify_rust::Hint::DesktopEntry("fyteclub".to_owned()));
    if let Err(error) = notification.show() {
        tracing::debug!(%error, "the desktop shows no notifications");
    }
}

/// Linux desktops read markup in the text; what a friend calls themselves is none.
fn escaped(text: &str) -> String {
    if cfg!(target_os = "linux") { text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, PeerId};
    use crate::engine::snapshot::PluginView;

    #[test]
    fn each_kind_is_told_unless_it_is_not_wanted_or_somebody_fights() {
        let peer = PeerId::from_bytes(*AppearanceId::of(b"a").as_bytes());
        let character = "Aria Moon@Phoenix".parse().expect("a character");
        let text = "the disk is full".to_owned();
        let cases = [
            (Told::Question, Notice::PeerKnocked { peer }),
            (Told::Online, Notice::PeerConnected { peer }),
            (Told::Failed, Notice::AppearanceFailed { peer, character, text }),
            (Told::Disk, Notice::DiskNearlyFull { free: 1 }),
        ];
        for (kind, notice) in cases {
            let mut snapshot = Snapshot::of_newcomer(peer);
            assert!(message(&snapshot, &notice).is_some(), "{kind:?}");
            snapshot.plugin = Some(PluginView { program: String::new(), character: None, busy: true, near: Vec::new() });
            assert_eq!(message(&snapshot, &notice), None, "{kind:?} in a fight");
            snapshot.plugin = None;
            snapshot.settings.notifications.set(kind, false);
            assert_eq!(message(&snapshot, &notice), None, "{kind:?} not wanted");
        }
        assert_eq!(message(&Snapshot::of_newcomer(peer), &Notice::PeerDisconnected { peer }), None);
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn a_flood_is_cut() {
        let start = Instant::now();
        let mut pace = Pace::default();
        let told = (0..200).filter(|n| pace.allows(start + Duration::from_millis(*n))).count();
        assert_eq!(told, MOST);
        assert!(pace.allows(start + WHILE + Duration::from_secs(1)));
    }

    #[test]
    fn markup_in_a_name_is_shown_as_it_is() {
        if cfg!(target_os = "linux") {
            assert_eq!(escaped("<b>&"), "&lt;b&gt;&amp;");
        }
    }
}
