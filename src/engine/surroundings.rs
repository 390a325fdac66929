//! What is around the program on this computer: the disk, the network's interfaces, and who was heard on them.

use std::path::PathBuf;

use super::desk::Desk;
use super::input::Sighting;
use super::notice::Notice;
use super::snapshot::{HeardView, InterfaceView, NetworkView, RelayView, RouterView};

/// So much above the floor, the disk counts as nearly full.
const NEARLY: u64 = 1 << 30;

#[derive(Debug, Default)]
pub(super) struct Surroundings {
    folder: Option<PathBuf>,
    free: Option<u64>,
    told_nearly_full: bool,
    interfaces: Vec<InterfaceView>,
    heard: HeardView,
    relays: Vec<RelayView>,
    router: RouterView,
}

impl Surroundings {
    /// Where the cache lies and how much room there is. Says once that it gets scarce, until there is more again.
    pub(super) fn disk(&mut self, desk: &mut Desk, folder: PathBuf, free: u64, floor: u64) {
        (self.folder, self.free) = (Some(folder), Some(free));
        let scarce = free < floor.saturating_add(NEARLY);
        if scarce && !self.told_nearly_full {
            desk.notify(Notice::DiskNearlyFull { free });
        }
        // Not told again at each file that comes and goes around the limit.
        self.told_nearly_full = scarce || (self.told_nearly_full && free < floor.saturating_add(2 * NEARLY));
    }

    pub(super) fn interfaces(&mut self, interfaces: Vec<InterfaceView>) {
        self.interfaces = interfaces;
    }

    /// How the internet sees us.
    pub(super) fn router(&mut self, router: RouterView) {
        self.router = router;
    }

    /// How the relays are.
    pub(super) fn relays(&mut self, relays: Vec<RelayView>) {
        self.relays = relays;
    }

    /// Somebody was heard on the local network.
    pub(super) fn heard(&mut self, desk: &Desk, sighting: &Sighting) {
        match sighting {
            Sighting::Friend(_) => self.heard.friends = self.heard.friends.saturating_add(1),
            Sighting::Open { .. } => self.heard.others = self.heard.others.saturating_add(1),
        }
        self.heard.last_unix = Some(desk.unix_now());
    }

    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.folder.clone()
    }

    pub(super) const fn free(&self) -> Option<u64> {
        self.free
    }

    pub(super) fn network(&self) -> NetworkView {
        NetworkView {
            interfaces: self.interfaces.clone(),
            heard: self.heard,
            relays: self.relays.clone(),
            router: self.router.clone(),
        }
    }
}
