//! Real programs on loopback: each companion and each game plugin is a process of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks at the variants that it is about")]

mod copies;
mod crash;
#[cfg(target_os = "linux")]
mod crowd;
#[cfg(unix)]
mod demo;
mod friends;
#[cfg(target_os = "linux")]
mod greedy;
mod hostile;
mod internet;
mod liar;
mod limits;
#[cfg(target_os = "linux")]
mod links;
mod profile;
#[path = "../support/puppet.rs"]
mod puppet;

use std::path::Path;

use fyteclub::domain::{Audience, Character, DiscoveryMode, PeerId};
use fyteclub::engine::command::Command;
use fyteclub::engine::follow::Progress;
use fyteclub::engine::snapshot::{CharacterView, LinkView, PeerView, Prompt, Snapshot};
use fyteclub::run::stage::{Actor, Stage, compare};
use tempfile::TempDir;

use puppet::{SOON, asks};

/// A folder to play in; it must outlive the actors.
struct Theatre {
    folder: TempDir,
    stage: Stage,
}

impl Theatre {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::new(folder.path(), env!("CARGO_BIN_EXE_fyteclub").into()).unwrap();
        Self { folder, stage }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A player whose companion and plugin run; `files` are game paths and contents of the outfit.
    async fn actor(&self, name: &'static str, character: &str, files: &[(&str, &[u8])], near: &[&str]) -> Actor {
        let mut actor = self.stage.actor(name, character).unwrap();
        wear(&actor, files);
        actor.start_companion().unwrap();
        let near: Vec<Character> = near.iter().map(|character| character.parse().unwrap()).collect();
        actor.start_plugin(&near).unwrap();
        actor
    }
}

/// Puts files into an actor's outfit.
fn wear(actor: &Actor, files: &[(&str, &[u8])]) {
    for (path, content) in files {
        let path = actor.outfit.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, content).unwrap();
        std::fs::rename(fresh, path).unwrap();
    }
}

async fn id(actor: &mut Actor) -> PeerId {
    actor.wait_for("the companion's start", SOON, |seen| Some(seen.me.peer)).await.unwrap()
}

async fn share(actor: &mut Actor, audience: Audience) {
    let character = actor.character.clone();
    let published = |seen: &Snapshot| seen.characters.iter().any(|mine| mine.character == character).then_some(());
    actor.wait_for("the first publish", SOON, published).await.unwrap();
    actor.command(Command::ShareCharacter { character: character.clone(), audience }).await.unwrap();
}

/// `guest` knocks on `host`, who accepts; both are linked afterwards.
async fn befriend(guest: &mut Actor, host: &mut Actor) {
    let (guest_id, host_id) = (id(guest).await, id(host).await);
    knock(guest, host).await;
    host.wait_for("a knock", SOON, |seen| asks(seen, &guest_id).then_some(())).await.unwrap();
    host.command(Command::AcceptPeer { peer: guest_id, once: false }).await.unwrap();
    for (one, other) in [(guest, host_id), (host, guest_id)] {
        one.wait_for("a link", SOON, |seen| is_linked(seen, &other).then_some(())).await.unwrap();
    }
}

async fn knock(guest: &mut Actor, host: &mut Actor) {
    let host_id = id(host).await;
    for one in [&mut *guest, host] {
        one.command(Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }).await.unwrap();
    }
    // A knock by address that is still under way may come before: then it is this one.
    let heard = |seen: &Snapshot| {
        let knocked = peer(seen, &host_id).map(|_| true);
        knocked.or_else(|| seen.nearby.iter().any(|near| near.peer == host_id).then_some(false))
    };
    if !guest.wait_for("hearing the host", SOON, heard).await.unwrap() {
        guest.command(Command::ConnectNearby { peer: host_id }).await.unwrap();
    }
}

fn is_linked(seen: &Snapshot, who: &PeerId) -> bool {
    peer(seen, who).is_some_and(|peer| matches!(peer.link, LinkView::Connected { .. }))
}

fn peer<'a>(seen: &'a Snapshot, who: &PeerId) -> Option<&'a PeerView> {
    seen.peers.iter().find(|peer| peer.peer == *who)
}

fn character<'a>(seen: &'a Snapshot, who: &Character) -> Option<&'a CharacterView> {
    seen.peers.iter().flat_map(|peer| &peer.characters).find(|view| view.character == *who)
}

/// Waits until `viewer` shows what `wearer` wears, byte by byte.
async fn sees(viewer: &mut Actor, wearer: &Actor) {
    let (who, shown) = (wearer.character.clone(), viewer.shown.clone());
    let same = |seen: &Snapshot| {
        let applied = character(seen, &who).is_some_and(|view| view.progress == Progress::Applied);
        (applied && compare::same(&wearer.outfit, &shown, &who).is_ok()).then_some(())
    };
    viewer.wait_for("showing the look as worn", SOON, same).await.unwrap();
}
