//! How soon friends are linked, and how quickly they hear each other while bulk runs.

use std::time::Duration;

use anyhow::{Context, Result};
use fyteclub::engine::command::Command;
use fyteclub::run::stage::wardrobe::Size;

use crate::Options;
use crate::moments::{self, now};
use crate::play::{Friends, PATIENCE};
use crate::table::{Bound, Table, median, percentile, seconds};
use crate::work::Work;

/// Between two signs of life that are asked for.
const ASK_EVERY: Duration = Duration::from_millis(40);

pub(super) async fn rows(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    table.heading("links");
    if options.wants("first byte") {
        first_byte(options, work, table).await?;
    }
    if options.wants("control round trip") {
        round_trip(work, table).await?;
    }
    Ok(())
}

async fn first_byte(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    let outfit = work.outfit("light", Size::Light)?;
    let mut took = Vec::new();
    for _ in 0..if options.short { 5 } else { 11 } {
        let mut friends = Friends::new(work, 2, &[])?;
        friends.actors.first_mut().context("nobody is there")?.start_companion()?;
        let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
        let published = wearing.publish(&outfit.folder).await?;
        moments::wait_for(&friends.actor(0)?.profile, "hashed", published - 1.0, PATIENCE).await?;
        let started = now();
        friends.actors.get_mut(1).context("nobody is there")?.start_companion()?;
        took.push(moments::wait_for(&friends.actor(1)?.profile, "arrived", started, PATIENCE).await?.at - started);
        friends.end().await;
    }
    let value = median(&took);
    let beside = format!("LAN discovery, {} starts", took.len());
    table.judge("second one's start to first byte", &seconds(value), &beside, (value, " s"), Bound::AtMost(1.0));
    Ok(())
}

async fn round_trip(work: &Work, table: &mut Table) -> Result<()> {
    let outfit = work.outfit("heavy", Size::Heavy)?;
    let mut friends = Friends::new(work, 2, &[])?;
    friends.start().await?;
    let mut watching = friends.plugin(1, &[]).await?;
    let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
    let peer = friends.actors.first_mut().context("nobody is there")?.snapshot().await?.me.peer;
    wearing.publish(&outfit.folder).await?;
    let profile = friends.actor(1)?.profile.clone();
    let begun = moments::wait_for(&profile, "arrived", 0.0, PATIENCE).await?.at;
    let receiver = friends.actors.get_mut(1).context("nobody is there")?;
    let asking = async {
        loop {
            receiver.command(Command::Reconnect { peer }).await?;
            tokio::time::sleep(ASK_EVERY).await;
        }
    };
    let ended = tokio::select! {
        shown = watching.shown(PATIENCE) => shown?.at,
        failed = asking => return failed,
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    let heard = moments::read(&profile)?;
    let asked = heard.iter().filter(|moment| moment.is("ping") && moment.at > begun && moment.at < ended);
    let answered = |token| heard.iter().find(|moment| moment.is("pong") && moment.number("token") == token);
    let trips: Vec<f64> = asked.filter_map(|ping| Some(answered(ping.number("token"))?.at - ping.at)).collect();
    let value = percentile(&trips, 95);
    let beside = format!("{} pings, median {}", trips.len(), seconds(median(&trips)));
    table.judge(
        "control round trip while bulk runs, p95",
        &seconds(value),
        &beside,
        (value * 1000.0, " ms"),
        Bound::AtMost(50.0),
    );
    friends.end().await;
    Ok(())
}
