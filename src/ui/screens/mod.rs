//! The window's pages and what stands around them.

mod add;
mod cache;
mod characters;
mod diagnostics;
mod footer;
mod friend;
mod friends;
mod header;
mod internet;
mod invite;
mod links;
mod rail;
mod section;
mod settings;
mod transfers;
mod welcome;

pub(super) use add::add;
pub(super) use cache::cache;
pub(super) use characters::{audience_ticks, characters};
pub(super) use diagnostics::diagnostics;
pub(super) use footer::footer;
pub(super) use friend::friend;
pub(super) use friends::folders::{Folder, Grouping, Order};
pub(super) use friends::friends;
pub(super) use header::{header, ribbon};
pub(super) use links::LinkChoice;
pub(super) use rail::{rail, rail_width};
pub(super) use settings::settings;
pub(super) use transfers::transfers;
pub(super) use welcome::{is_wanted, welcome};

use eframe::egui::Ui;

use super::gallery::Gallery;
use super::widgets::Face;
use crate::domain::PeerId;
use crate::engine::snapshot::Snapshot;

/// What a screen is drawn from.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// Everything there is to show.
    pub(super) snapshot: &'a Snapshot,
    /// Seconds since it was made: what its countdowns have lost since.
    pub(super) age: u64,
    /// Seconds since 1970, as the program around the window has it.
    pub(super) unix: u64,
    /// Pictures of people, and the log.
    pub(super) gallery: &'a Gallery,
}

impl Scene<'_> {
    /// How somebody is shown: me, a friend or a stranger.
    pub(super) fn face(&self, ui: &Ui, peer: PeerId) -> Face {
        let me = &self.snapshot.me;
        let picture = if peer == me.peer {
            me.picture.and_then(|picture| self.gallery.picture(ui.ctx(), None, picture))
        } else {
            let friend = self.snapshot.peers.iter().find(|view| view.peer == peer);
            friend.and_then(|view| view.picture).and_then(|picture| self.gallery.picture(ui.ctx(), Some(peer), picture))
        };
        Face { peer, picture }
    }
}
