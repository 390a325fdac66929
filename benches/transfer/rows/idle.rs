//! What a companion costs that has nothing to do.

use std::time::Duration;

use anyhow::{Context, Result};
use fyteclub::domain::DisplayName;
use fyteclub::engine::command::Command;
use fyteclub::engine::snapshot::{LinkView, Snapshot};
use fyteclub::engine::state::{SavedCircle, SavedPeer};
use fyteclub::run::stage::{Actor, Stage};
use fyteclub::runtime::Companion;

use crate::Options;
use crate::play::{Friends, PATIENCE};
use crate::system;
use crate::table::{Bound, Table};
use crate::work::Work;

const LINKS: usize = 50;
const REST: Duration = Duration::from_secs(3);

pub(super) async fn rows(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    table.heading("at rest");
    if options.wants("headless") {
        headless(work, table).await?;
    }
    if options.wants("idle links") {
        links(options, work, table).await?;
    }
    Ok(())
}

async fn headless(work: &Work, table: &mut Table) -> Result<()> {
    let mut friends = Friends::new(work, 1, &[])?;
    friends.start().await?;
    tokio::time::sleep(REST).await;
    let memory = system::memory(friends.pid(0)?)? as f64 / 1e6;
    table.judge("memory, headless and alone", &format!("{memory:.0} MB"), "", (memory, " MB"), Bound::AtMost(60.0));
    friends.end().await;
    Ok(())
}

/// One companion as a process, measured, and its friends within this one.
async fn links(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    let folder = work.fresh()?;
    let stage = Stage::new(&folder, env!("CARGO_BIN_EXE_fyteclub").into())?;
    let mut hub = stage.actor("Hub", "Hub Fyte@Phoenix")?;
    let mut others = Vec::new();
    for number in 0..LINKS {
        let name: &'static str = format!("Friend {number}").leak();
        others.push(stage.actor(name, "Bea Bright@Phoenix")?);
    }
    know(&hub, &others.iter().collect::<Vec<_>>())?;
    others.iter().try_for_each(|other| know(other, &[&hub]))?;
    hub.start_companion()?;
    hub.wait_for("its start", PATIENCE, |_| Some(())).await?;
    tokio::time::sleep(REST).await;
    let pid = hub.companion_pid().context("the hub has ended")?;
    let alone = system::memory(pid)?;
    let mut companions = Vec::new();
    for other in &others {
        companions.push(Companion::start(other.profile.clone()).await?);
    }
    hub.wait_for("all links", PATIENCE, |seen| (connected(seen) >= LINKS).then_some(())).await?;
    tokio::time::sleep(REST).await;
    let time = Duration::from_secs(if options.short { 15 } else { 60 });
    let before = system::processor(pid)?;
    tokio::time::sleep(time).await;
    let share = (system::processor(pid)? - before) / time.as_secs_f64() * 100.0;
    let each = system::memory(pid)?.saturating_sub(alone) as f64 / LINKS as f64 / f64::from(1 << 20);
    let still = connected(&hub.snapshot().await?);
    anyhow::ensure!(still == LINKS, "only {still} of {LINKS} links are left");
    table.judge("50 idle links: memory each", &format!("{each:.2} MiB"), "", (each, " MiB"), Bound::AtMost(1.0));
    let beside = format!("of one core, over {} s", time.as_secs());
    table.judge("50 idle links: processor", &format!("{share:.1} %"), &beside, (share, " %"), Bound::AtMost(2.0));
    for companion in companions {
        let _ = companion.handle().command(Command::Quit).await;
        companion.ended().await;
    }
    hub.end().await;
    Ok(())
}

fn connected(seen: &Snapshot) -> usize {
    seen.peers.iter().filter(|peer| matches!(peer.link, LinkView::Connected { .. })).count()
}

/// Makes one a friend of others, on its own side.
fn know(actor: &Actor, others: &[&Actor]) -> Result<()> {
    let mut circle = SavedCircle::default();
    for other in others {
        let card = *other.profile.load_identity()?.card();
        circle.peers.insert(card.peer(), SavedPeer::friend(card, DisplayName::new(other.name)?));
    }
    actor.profile.save_circle(&circle)?;
    Ok(())
}
