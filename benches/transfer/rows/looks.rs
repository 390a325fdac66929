//! Whole looks that nobody has yet, beside the three baselines.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use fyteclub::run::stage::wardrobe::Size;

use crate::play::{Trip, cold, hashed};
use crate::raw::Raw;
use crate::table::{Bound, Table, median, mib, rate, seconds};
use crate::work::{Outfit, Work, files};
use crate::{Options, https, tar};

/// Baselines and transfers of one look, in seconds, in turns.
#[derive(Debug, Default)]
struct Runs {
    trips: Vec<Trip>,
    raw: Vec<f64>,
    tar: Vec<f64>,
    server: Vec<f64>,
}

pub(super) async fn rows(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    let raw = Raw::connect(work, &[]).await?;
    let buffers = format!("receive {} KiB, send {} KiB", raw.buffers.receive >> 10, raw.buffers.send >> 10);
    table.heading(&format!("UDP socket buffers as the system gives them: {buffers}"));
    let opened = &mut Vec::new();
    for (name, size, repeats) in
        [("typical", Size::Typical, if options.short { 2 } else { 5 }), ("small", Size::Small, 3), ("heavy", Size::Heavy, 1)]
    {
        if options.wants(name) {
            let outfit = work.outfit(name, size)?;
            let repeats = if options.short { repeats } else { repeats.max(3) };
            let runs = measure(work, &outfit, &raw, repeats).await?;
            opened.extend(runs.trips.iter().flat_map(|trip| trip.opened.clone()));
            rows_of(table, name, &outfit, &runs);
            if size == Size::Heavy {
                hashing(work, table, &outfit).await?;
            }
        }
    }
    if options.wants("two receivers") {
        two(work, table, &raw).await?;
    }
    if options.wants("huge") && !options.clamped {
        huge(options, work, table).await?;
    }
    if !opened.is_empty() && !options.clamped {
        let beside = format!("{} links", opened.len());
        let value = median(opened) * 1000.0;
        table.judge("link open", &seconds(median(opened)), &beside, (value, " ms"), Bound::AtMost(50.0));
    }
    Ok(())
}

async fn measure(work: &Work, outfit: &Outfit, raw: &Raw, repeats: usize) -> Result<Runs> {
    let mut runs = Runs::default();
    for _ in 0..repeats {
        runs.trips.push(cold(work, outfit, 1, &[]).await?);
        runs.raw.push(raw.receive(outfit.bytes).await?);
        runs.tar.push(tar::receive(work, outfit).await?);
        crate::system::settle();
        runs.server.push(https::travel(work, outfit).await?);
        crate::system::settle();
    }
    Ok(runs)
}

fn rows_of(table: &mut Table, name: &str, outfit: &Outfit, runs: &Runs) {
    let each = |of: fn(&Trip) -> f64| median(&runs.trips.iter().map(of).collect::<Vec<_>>());
    let took = each(|trip| trip.announce_to_apply);
    let (raw, tar, server) = (median(&runs.raw), median(&runs.tar), median(&runs.server));
    let bytes = outfit.bytes;
    table.heading(&format!("{name}: {} files, {:.0} MiB", outfit.files, mib(bytes)));
    let measured = format!("{} {}", seconds(took), rate(bytes, took));
    let cold = format!("{name}, cold");
    let beside = |what: &str, took| format!("{what} {} {}", seconds(took), rate(bytes, took));
    let (over_raw, over_server, over_tar) = ((raw / took, " ×"), (took / server, " ×"), (tar / took, " ×"));
    match name {
        "typical" => {
            table.judge(&cold, &measured, &beside("raw channel", raw), over_raw, Bound::AtLeast(0.8));
            table.judge("", "", &beside("server path", server), over_server, Bound::AtMost(0.6));
            table.show("", "", &beside("tar stream", tar));
        }
        "small" => {
            table.judge(&cold, &measured, &beside("server path", server), over_server, Bound::AtMost(0.2));
            table.judge("", "", &beside("tar stream", tar), over_tar, Bound::AtLeast(0.3));
            table.show("", "", &beside("raw channel", raw));
        }
        _ => {
            table.show(&cold, &measured, &beside("raw channel", raw));
            table.show("", "", &beside("server path", server));
            table.show("", "", &beside("tar stream", tar));
        }
    }
    table.show("  publish to announce", &seconds(each(|trip| trip.publish_to_announce)), "");
    table.show("  apply to applied", &seconds(each(|trip| trip.apply_to_applied)), "");
    let peak = runs.trips.iter().map(|trip| trip.memory).max().unwrap_or_default();
    memory(table, &format!("  memory, {name}"), peak);
}

fn memory(table: &mut Table, what: &str, peak: u64) {
    let measured = format!("{:.0} MB", peak as f64 / 1e6);
    table.judge(what, &measured, "the greater of both ends' peaks", (peak as f64 / 1e6, " MB"), Bound::AtMost(150.0));
}

async fn two(work: &Work, table: &mut Table, raw: &Raw) -> Result<()> {
    let outfit = work.outfit("typical", Size::Typical)?;
    let trip = cold(work, &outfit, 2, &[]).await?;
    let raw = raw.receive(outfit.bytes).await?;
    let took = trip.announce_to_apply;
    table.heading("two receivers of typical");
    let measured = format!("{} {}", seconds(took), rate(outfit.bytes * 2, took));
    table.show("both have it", &measured, &format!("raw channel, one receiver {}", rate(outfit.bytes, raw)));
    Ok(())
}

async fn huge(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    let outfit = work.huge(1, if options.short { 256 << 20 } else { 512 << 20 })?;
    let trip = cold(work, &outfit, 1, &[]).await?;
    table.heading(&format!("one file of {:.0} MiB", mib(outfit.bytes)));
    let took = trip.announce_to_apply;
    table.show("huge, cold", &format!("{} {}", seconds(took), rate(outfit.bytes, took)), "");
    memory(table, "  memory, huge", trip.memory);
    fs::remove_dir_all(&outfit.folder).context("Failed to tidy up")
}

/// In turns, and the median of several: what takes a tenth of a second is easily disturbed.
async fn hashing(work: &Work, table: &mut Table, outfit: &Outfit) -> Result<()> {
    let (mut ours, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        ours.push(hashed(work, outfit).await?);
        alone.push(blake3_alone(&outfit.folder)?);
    }
    let (ours, alone) = (median(&ours), median(&alone));
    let measured = format!("{} {}", seconds(ours), rate(outfit.bytes, ours));
    let beside = format!("BLAKE3 alone {} {}", seconds(alone), rate(outfit.bytes, alone));
    table.judge("hashing a fresh publish", &measured, &beside, (alone / ours, " ×"), Bound::AtLeast(0.7));
    Ok(())
}

/// Seconds that the same files take with as many threads and nothing but BLAKE3.
fn blake3_alone(folder: &Path) -> Result<f64> {
    let files = files(folder)?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let next = AtomicUsize::new(0);
    let hash = || -> Result<()> {
        let mut buffer = vec![0; 1 << 20];
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (mut file, mut hasher) = (fs::File::open(folder.join(path))?, blake3::Hasher::new());
            loop {
                let count = file.read(&mut buffer)?;
                if count == 0 {
                    break;
                }
                hasher.update(buffer.get(..count).unwrap_or_default());
            }
            std::hint::black_box(hasher.finalize());
        }
        Ok(())
    };
    let started = Instant::now();
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(hash)).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread broke"))?)
    })?;
    Ok(started.elapsed().as_secs_f64())
}
