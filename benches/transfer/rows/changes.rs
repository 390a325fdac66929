//! Looks that are known already, and changes of them.

use std::time::Duration;

use anyhow::{Context, Result};
use fyteclub::run::stage::wardrobe::{self, Size};

use crate::Options;
use crate::moments;
use crate::play::{Friends, PATIENCE};
use crate::system;
use crate::table::{Bound, Table, median, mib, seconds};
use crate::work::Work;

/// A file that changed less than 2 s before it was hashed is hashed again.
const UNTIL_TRUSTED: Duration = Duration::from_millis(2500);

pub(super) async fn rows(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    table.heading("changes");
    if options.wants("outfit change") {
        change(options, work, table).await?;
    }
    if options.wants("publish again") {
        again(work, table).await?;
    }
    Ok(())
}

async fn change(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    let size = if options.short { Size::Light } else { Size::Typical };
    let outfit = work.outfit("changing", size)?;
    tokio::time::sleep(UNTIL_TRUSTED).await;
    let mut friends = Friends::new(work, 2, &[])?;
    friends.start().await?;
    let mut watching = friends.plugin(1, &[]).await?;
    let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
    wearing.publish(&outfit.folder).await?;
    watching.shown(PATIENCE).await?;
    let changed = wardrobe::change_tenth(&outfit.folder, size, 7)?;
    let (wearer, receiver) = (friends.pid(0)?, friends.pid(1)?);
    let before = (system::bytes_read(wearer)?, system::bytes_read(receiver)?);
    let published = wearing.publish(&outfit.folder).await?;
    let shown = watching.shown(PATIENCE).await?;
    let read = (system::bytes_read(wearer)? - before.0, system::bytes_read(receiver)? - before.1);
    shown.check(&outfit.folder)?;
    let receiver = friends.actors.get_mut(1).context("nobody is there")?;
    let total = move |seen: &fyteclub::engine::snapshot::Snapshot| {
        seen.transfers
            .iter()
            .find(|transfer| transfer.finished && transfer.total <= changed.bytes)
            .map(|transfer| transfer.wire_bytes)
    };
    let wire = receiver.wait_for("the end of the transfer", PATIENCE, total).await?;
    let share = changed.bytes as f64 / outfit.bytes as f64 * 100.0;
    let beside = format!("{} files, {:.1} MiB, {share:.0} % of it", changed.files, mib(changed.bytes));
    let over = wire as f64 / changed.bytes as f64;
    table.judge("outfit change: on the wire", &format!("{:.1} MiB", mib(wire)), &beside, (over, " ×"), Bound::AtMost(1.05));
    // Once to hash it and once to send it; what is left is the pipe's and the program's own.
    let over = read.0 as f64 / changed.bytes as f64;
    table.judge(
        "  read by the wearer",
        &format!("{:.1} MiB", mib(read.0)),
        "hashed once, sent once",
        (over, " ×"),
        Bound::AtMost(2.1),
    );
    let over = read.1 as f64 / changed.bytes as f64;
    table.judge("  read by the receiver", &format!("{:.1} MiB", mib(read.1)), "", (over, " ×"), Bound::AtMost(0.1));
    table.show("  publish to apply", &seconds(shown.at - published), "");
    friends.end().await;
    Ok(())
}

async fn again(work: &Work, table: &mut Table) -> Result<()> {
    let outfit = work.outfit("heavy", Size::Heavy)?;
    tokio::time::sleep(UNTIL_TRUSTED).await;
    let mut friends = Friends::new(work, 1, &[])?;
    friends.start().await?;
    let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
    let published = wearing.publish(&outfit.folder).await?;
    let wearer = friends.actor(0)?.profile.clone();
    moments::wait_for(&wearer, "hashed", published - 1.0, PATIENCE).await?;
    let mut took = Vec::new();
    for _ in 0..5 {
        let published = wearing.publish(&outfit.folder).await?;
        let quiet = moments::wait_for(&wearer, "hashing", published, PATIENCE).await?.at;
        took.push(moments::wait_for(&wearer, "nothing changed", quiet, PATIENCE).await?.at - quiet);
    }
    let value = median(&took);
    let beside = format!("{} files, from the end of the quiet", outfit.files);
    table.judge("publish again, nothing changed", &seconds(value), &beside, (value * 1000.0, " ms"), Bound::AtMost(100.0));
    friends.end().await;
    Ok(())
}
