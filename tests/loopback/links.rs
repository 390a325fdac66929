//! Links in trouble, between real programs: restarts, sleep, clocks that are set, hours of nothing, and a peer that stops reading.
//!
//! What takes a minute or more is left out of `cargo test`; `.ci/run links` plays it. A companion sleeps by SIGSTOP, and has a clock
//! of its own by `clock.c`.
#![allow(clippy::disallowed_methods, reason = "the clock says how long links take to notice")]
#![allow(clippy::print_stdout, reason = "what was measured")]

use std::path::PathBuf;
use std::process::Command as Process;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fyteclub::domain::{BlobHash, Direction, Rate};
use fyteclub::engine::command::{Scope, SettingChange};
use fyteclub::engine::explain::explain;
use fyteclub::run::stage;
use fyteclub::wire::bulk::{Bulk, MAX_GROUPS};
use fyteclub::wire::control::Control;

use super::friends::under_way;
use super::hostile::{assert_blamed, resident, two_friends};
use super::puppet::{Puppet, granted};
use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

/// How long a computer sleeps here: longer than anything that a link waits for.
const NAP: Duration = Duration::from_secs(60);
/// How many times as fast the clock runs in an hour of nothing. A link that is silent for 15 s is given up, so a busy machine may keep a
/// companion from running for 625 ms.
const HURRY: u64 = 24;
const HOUR: u64 = 3600;
/// What an hour of nothing may add to a companion's memory.
const HOURLY: u64 = 4 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_restart_at_once_in_mid_transfer_and_are_linked_again() {
    let (_theatre, mut aria, mut bea) = friends(&[], &[]).await;
    limit(&mut aria, Some(1 << 20)).await;
    wear(&aria, &[("a/large.tex", &noise(1, 8 << 20))]);
    for _ in 0..2 {
        under_way(&mut bea, &aria.character).await;
        let _ = tokio::join!(aria.kill_companion(), bea.kill_companion());
        aria.start_companion().unwrap();
        bea.start_companion().unwrap();
    }
    under_way(&mut bea, &aria.character).await;
    limit(&mut aria, None).await;
    sees(&mut bea, &aria).await;
    sees(&mut aria, &bea).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a minute: .ci/run links"]
async fn a_viewer_who_sleeps_for_a_minute_is_missed_and_goes_on_where_it_was() {
    sleep_and_wake(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a minute: .ci/run links"]
async fn a_wearer_who_sleeps_for_a_minute_is_missed_and_goes_on_where_it_was() {
    sleep_and_wake(true).await;
}

/// One of two friends sleeps in mid-transfer.
async fn sleep_and_wake(wearer_sleeps: bool) {
    let (_theatre, mut aria, mut bea) = friends(&[], &[]).await;
    let size = 24 << 20;
    let before = received(&bea.snapshot().await.unwrap());
    limit(&mut aria, Some(1 << 20)).await;
    wear(&aria, &[("a/large.tex", &noise(2, size))]);
    under_way(&mut bea, &aria.character).await;

    let (sleeper, awake) = if wearer_sleeps { (&mut aria, &mut bea) } else { (&mut bea, &mut aria) };
    let (sleeper_id, awake_id) = (id(sleeper).await, id(awake).await);
    let asleep = Instant::now();
    signal(sleeper, "STOP");
    let said = awake.wait_for("missing the sleeper", SOON, |seen| why_offline(seen, &sleeper_id)).await.unwrap();
    println!("missed after {:?}: {said}", asleep.elapsed());
    let told = explain(&awake.snapshot().await.unwrap(), &sleeper_id);
    let step = told.first().and_then(|chain| chain.steps.last()).expect("it explains the connection");
    println!("explained: {}", step.says);
    assert!(!step.holds && step.says.to_string().contains(&said), "{told:?}");
    // Nothing to wait for: a minute passes.
    tokio::time::sleep(NAP.saturating_sub(asleep.elapsed())).await;

    let woken = Instant::now();
    signal(sleeper, "CONT");
    for (one, other) in [(&mut *sleeper, awake_id), (awake, sleeper_id)] {
        let anew = |seen: &Snapshot| linked_for(seen, &other).filter(|seconds| *seconds <= woken.elapsed().as_secs());
        one.wait_for("a new link", SOON, anew).await.unwrap();
    }
    println!("linked again {:?} after waking", woken.elapsed());
    limit(&mut aria, None).await;
    sees(&mut bea, &aria).await;
    sees(&mut aria, &bea).await;
    let fetched = received(&bea.snapshot().await.unwrap()) - before;
    println!("{fetched} bytes came for a look of {size}");
    let again = fetched.saturating_sub(size as u64);
    assert!(again <= 4 << 20, "{again} bytes were fetched again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the long ones: .ci/run links"]
async fn a_clock_that_is_set_by_an_hour_breaks_no_link_and_keeps_nobody_from_a_new_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (_theatre, mut aria, mut bea) = friends(&[], &[("FYTECLUB_CLOCK_SET", file.path().to_str().unwrap())]).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);
    for (number, off) in [(1, "3600"), (2, "0"), (3, "-3600"), (4, "0")] {
        let held = [seconds(&mut aria, &bea_id).await, seconds(&mut bea, &aria_id).await];
        std::fs::write(file.path(), off).unwrap();
        // Longer than a link whose sign of life does not come is kept.
        for (one, other, before) in [(&mut aria, bea_id, held[0]), (&mut bea, aria_id, held[1])] {
            let lasted = |seen: &Snapshot| linked_for(seen, &other).filter(|seconds| *seconds >= before + 7);
            one.wait_for("the same link for some seconds", SOON, lasted).await.unwrap();
        }
        wear(&aria, &[("a/body.mdl", format!("look {number}").as_bytes())]);
        wear(&bea, &[("b/body.mdl", format!("look {number}").as_bytes())]);
        sees(&mut bea, &aria).await;
        sees(&mut aria, &bea).await;
        aria.kill_companion().await.unwrap();
        aria.start_companion().unwrap();
        for (one, other) in [(&mut aria, bea_id), (&mut bea, aria_id)] {
            one.wait_for("a link after a restart", SOON, |seen| is_linked(seen, &other).then_some(())).await.unwrap();
        }
        sees(&mut bea, &aria).await;
        sees(&mut aria, &bea).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes: .ci/run links"]
async fn a_link_holds_for_an_hour_of_nothing_and_costs_no_memory() {
    let (rate, since) = (HURRY.to_string(), unix_now().to_string());
    let hurried = [("FYTECLUB_CLOCK_RATE", rate.as_str()), ("FYTECLUB_CLOCK_SINCE", &since)];
    let (_theatre, mut aria, mut bea) = friends(&hurried, &[]).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);
    let linked = [seconds(&mut aria, &bea_id).await, seconds(&mut bea, &aria_id).await];
    // What a start leaves behind is gone after ten minutes.
    let mut before = [0, 0];
    for (of, least) in [(&mut before, 600), (&mut [0, 0], HOUR)] {
        for (one, other, place) in [(&mut aria, bea_id, 0), (&mut bea, aria_id, 1)] {
            let lasted = |seen: &Snapshot| linked_for(seen, &other).filter(|seconds| *seconds >= least);
            let told = one.wait_for("a link that holds", Duration::from_secs(2 * least / HURRY + 60), lasted).await.unwrap();
            of[place] = resident(one);
            println!("{} has been linked for {told} s (at first {}) and takes {} KiB", one.name, linked[place], of[place] >> 10);
        }
    }
    for (one, before) in [(&aria, before[0]), (&bea, before[1])] {
        let grown = resident(one).saturating_sub(before);
        assert!(grown <= HOURLY, "{} grew by {} KiB", one.name, grown >> 10);
    }
    for (one, other) in [(&mut aria, bea_id), (&mut bea, aria_id)] {
        let LinkView::Connected { sent, received, .. } = peer(&one.snapshot().await.unwrap(), &other).unwrap().link else {
            panic!("it is linked")
        };
        println!("{} has sent {sent} bytes and received {received}", one.name);
    }
    wear(&aria, &[("a/body.mdl", b"after the hour")]);
    sees(&mut bea, &aria).await;
}

/// It asks for a look and reads nothing more, while its connection lives on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the long ones: .ci/run links"]
async fn a_peer_that_stops_reading_is_left_and_others_are_served() {
    let (_theatre, mut aria, mut bea) = two_friends().await;
    let mut puppet = Puppet::new(66).await;
    // The library takes 16 MiB in messages, and its window's, before it holds back the rest.
    let content = noise(3, 4 << 20);
    wear(&aria, &[("a/large.tex", &content)]);
    sees(&mut bea, &aria).await;
    let line = puppet.befriend(&mut aria).await;
    let hash = BlobHash::of(&content);
    let look = granted(&line, hash).await;
    for request in 0..30 {
        line.say_bulk(&Bulk::GetGroups { request, appearance: look, hash, first: 0, count: MAX_GROUPS }).await;
    }
    let talking = tokio::spawn(async move {
        for token in 0.. {
            line.say(&Control::Ping { token }).await;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    wear(&aria, &[("a/body.mdl", b"another")]);
    sees(&mut bea, &aria).await;
    let started = Instant::now();
    assert_blamed(&mut aria, &puppet, "stalled").await;
    println!("left after {:?}", started.elapsed());
    wear(&aria, &[("a/body.mdl", b"and another")]);
    sees(&mut bea, &aria).await;
    talking.abort();
}

/// Aria and Bea, who see each other: `both` start with these environment variables, Aria with her own besides.
async fn friends(both: &[(&'static str, &str)], arias: &[(&'static str, &str)]) -> (Theatre, Actor, Actor) {
    let mut theatre = Theatre::new();
    set(&mut theatre, both);
    let mut bea = theatre.stage.actor("Bea", BEA).unwrap();
    set(&mut theatre, arias);
    let mut aria = theatre.stage.actor("Aria", ARIA).unwrap();
    wear(&aria, &[("a/body.mdl", b"one")]);
    wear(&bea, &[("b/body.mdl", b"two")]);
    stage::befriend(&[&aria, &bea]).unwrap();
    for actor in [&mut aria, &mut bea] {
        actor.start_companion().unwrap();
        actor.start_plugin(&[ARIA.parse().unwrap(), BEA.parse().unwrap()]).unwrap();
    }
    sees(&mut aria, &bea).await;
    sees(&mut bea, &aria).await;
    (theatre, aria, bea)
}

/// Sets what a clock of one's own goes by, for those who come on from here on.
fn set(theatre: &mut Theatre, variables: &[(&'static str, &str)]) {
    for (name, value) in variables {
        let library = clock(theatre);
        theatre.stage.set("LD_PRELOAD", library.to_str().unwrap());
        theatre.stage.set(name, value);
    }
}

/// The library that gives a companion a clock of its own.
fn clock(theatre: &Theatre) -> PathBuf {
    let library = theatre.folder().join("clock.so");
    if library.exists() {
        return library;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loopback/clock.c");
    let made = Process::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(made.success(), "clock.c does not compile");
    library
}

async fn limit(actor: &mut Actor, rate: Option<u64>) {
    actor.command(Command::ChangeSetting { change: SettingChange::LimitLan(true) }).await.unwrap();
    let (scope, direction, rate) = (Scope::Everyone, Direction::Up, rate.map(Rate::from));
    actor.command(Command::LimitRate { scope, direction, rate }).await.unwrap();
}

fn signal(actor: &Actor, signal: &str) {
    let pid = actor.companion_pid().unwrap().to_string();
    assert!(Process::new("kill").args(["-s", signal, &pid]).status().unwrap().success(), "{signal} to {pid}");
}

fn why_offline(seen: &Snapshot, who: &PeerId) -> Option<String> {
    match &peer(seen, who)?.link {
        LinkView::Offline { reason, .. } => reason.clone(),
        LinkView::Connected { .. }
        | LinkView::Connecting
        | LinkView::WaitingForAcceptance
        | LinkView::Paused
        | LinkView::Blocked => None,
    }
}

/// Seconds since the link came up.
fn linked_for(seen: &Snapshot, who: &PeerId) -> Option<u64> {
    if let LinkView::Connected { seconds, .. } = peer(seen, who)?.link { Some(seconds) } else { None }
}

async fn seconds(actor: &mut Actor, who: &PeerId) -> u64 {
    actor.wait_for("a link", SOON, |seen| linked_for(seen, who)).await.unwrap()
}

/// Bytes that came from friends.
fn received(seen: &Snapshot) -> u64 {
    seen.history.friends.iter().map(|friend| friend.total.received).sum()
}

/// Bytes that do not compress, the same for the same seed.
fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill(&mut bytes);
    bytes
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
