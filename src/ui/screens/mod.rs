//! The window's pages and what stands around them.

mod add;
mod footer;
mod friends;
mod header;
mod me;
mod peer_menu;

pub(super) use add::add;
pub(super) use footer::footer;
pub(super) use friends::friends;
pub(super) use header::{header, ribbon};
pub(super) use me::{audience_ticks, me};

use crate::engine::snapshot::Snapshot;

/// What a screen is drawn from.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// Everything there is to show.
    pub(super) snapshot: &'a Snapshot,
    /// Seconds since it was made: what its countdowns have lost since.
    pub(super) age: u64,
}
