//! Hints: the icon beside the clock, what it looks like, and the menu below it.
//!
//! [`menu`] and [`icon`] are plain data made from a snapshot; only [`backend`] and [`host`] know an operating system.

pub mod backend;
pub mod host;
pub mod icon;
pub mod menu;

use crate::engine::snapshot::Snapshot;

/// All that the tray shows at one moment. Equal values look alike, so that only real changes are sent to the desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The dot on the icon.
    pub dot: icon::Dot,
    /// The menu.
    pub menu: menu::Menu,
}

impl Look {
    /// What the tray shows for a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        Self { dot: icon::Dot::of(snapshot), menu: menu::Menu::of(snapshot) }
    }
}

#[cfg(test)]
mod tests_support {
    use crate::domain::{AppearanceId, PeerId, Route};
    use crate::engine::snapshot::{LinkView, PeerView, Prompt, Snapshot, TransferView};

    pub(super) fn quiet() -> Snapshot {
        Snapshot::of_newcomer(id())
    }

    pub(super) fn connected() -> PeerView {
        let remote = "127.0.0.1:1".parse().expect("an address");
        let link =
            LinkView::Connected { route: Route::Lan, remote, round_trip_us: None, seconds: 1, sent: 0, received: 0, served: 0 };
        PeerView { link, ..PeerView::of_friend(id()) }
    }

    pub(super) fn transfer(finished: bool) -> TransferView {
        TransferView {
            peer: id(),
            character: "Aria Moon@Phoenix".parse().expect("a character"),
            done: 1,
            total: 9,
            files_done: 0,
            files_total: 1,
            rate: 1,
            seconds_left: None,
            wire_bytes: 1,
            elapsed_ms: 1,
            finished,
            first: false,
        }
    }

    pub(super) fn stranger() -> Prompt {
        let address = "127.0.0.1:1".parse().expect("an address");
        Prompt::Stranger { peer: id(), name: None, address, same_name_as: None }
    }

    fn id() -> PeerId {
        PeerId::from_bytes(*AppearanceId::of(b"somebody").as_bytes())
    }
}
