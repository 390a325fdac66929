//! Simulation: several real engines in virtual time, in a world of seeded chance.
//!
//! [`world`] plays the runtime for each engine: clock, network ([`net`]), disks and bytes ([`bulk`]), games and their plugins
//! ([`plugin`]). [`script`] plays the persons. [`model`] says from the history alone who must end up seeing what, and
//! [`check`] compares: some rules at every step, the rest once the world has settled. In some histories one companion lies
//! ([`liar`]); disks, clocks and profiles have their troubles ([`trouble`]).
//!
//! `FYTECLUB_SEEDS=n` sets the number of histories, `FYTECLUB_SEED=s` plays one of them again, `FYTECLUB_TRACE=1` with
//! `--nocapture` prints everything that every engine hears and orders. A history that goes wrong is played again with fewer and
//! fewer of its steps; what is printed is the shortest that still goes wrong.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a broken simulation must stop the test at once"
)]
#![allow(clippy::wildcard_enum_match_arm, reason = "a check looks at the variants that it is about")]

mod bulk;
mod chance;
mod check;
mod directed;
mod liar;
mod logs;
mod looks;
mod model;
mod net;
mod node;
mod plugin;
mod script;
mod trouble;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use script::{play, shortest};
use world::Mutation;

/// Histories in `cargo test`; the continuous integration plays 1,000.
const SEEDS: u64 = 60;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not {text:?}")))
}

#[test]
fn histories_end_with_everybody_seeing_exactly_what_they_should() {
    if let Some(seed) = number("FYTECLUB_SEED") {
        play(seed, Mutation::None).verdict().unwrap_or_else(|_| panic!("{}", with_seed(seed, &shortest(seed))));
        return;
    }
    let count = number("FYTECLUB_SEEDS").unwrap_or(SEEDS);
    let (failures, seen) = play_all(count);
    let first = failures.first().map_or("", |(_, failure)| failure);
    let seeds: Vec<u64> = failures.iter().map(|(seed, _)| *seed).collect();
    assert!(failures.is_empty(), "{} histories went wrong, seeds {seeds:?}; the first:\n{first}", failures.len());
    assert!(seen >= count, "{count} histories ended with {seen} looks shown in all: they are about nothing");
}

fn with_seed(seed: u64, failure: &str) -> String {
    format!(
        "seed {seed}:\n{failure}\nrerun: FYTECLUB_SEED={seed} FYTECLUB_TRACE=1 cargo test --test sim -- histories --nocapture"
    )
}

/// Plays the seeds 0 to `count` on all processors; the failures, lowest seed first, and the looks that were shown in the end.
fn play_all(count: u64) -> (Vec<(u64, String)>, u64) {
    let (next, seen, failures) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        break;
                    }
                    let outcome = std::panic::catch_unwind(|| {
                        let world = play(seed, Mutation::None);
                        let shown: usize = world.nodes.iter().map(|node| node.game.shown.len()).sum();
                        seen.fetch_add(shown as u64, Ordering::Relaxed);
                        world.verdict()
                    });
                    let failure = match outcome {
                        Ok(Ok(())) => continue,
                        Ok(Err(_)) => with_seed(seed, &shortest(seed)),
                        Err(_) => with_seed(seed, "  an engine panicked (see above)"),
                    };
                    failures.lock().unwrap().push((seed, failure));
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    (failures, seen.into_inner())
}

#[test]
fn the_same_seed_gives_the_same_run_order_by_order() {
    let trail = |seed| {
        let (mut world, cast) = script::prepare(seed);
        world.trail = Some(blake3::Hasher::new());
        script::run(&mut world, &cast, &script::all_steps(seed));
        world.trail.map(|trail| trail.finalize())
    };
    for seed in [3, 11] {
        assert_eq!(trail(seed), trail(seed), "seed {seed} took two ways");
    }
    assert_ne!(trail(3), trail(11), "two seeds took one way");
}

#[test]
fn a_world_that_drops_every_announcement_is_found_out() {
    assert_found_out(Mutation::DropAnnouncements, "should see");
}

#[test]
fn a_world_whose_fetches_store_nothing_is_found_out() {
    assert_found_out(Mutation::StoreNothing, "of its blobs are not here");
}

#[test]
fn a_world_whose_games_take_nothing_off_is_found_out() {
    assert_found_out(Mutation::KeepShowing, "should see nothing");
}

/// At least one of a few histories must end with such a complaint.
fn assert_found_out(mutation: Mutation, complaint: &str) {
    let found = (0..12).any(|seed| play(seed, mutation).broken.iter().any(|broken| broken.contains(complaint)));
    assert!(found, "{mutation:?} went unnoticed");
}
