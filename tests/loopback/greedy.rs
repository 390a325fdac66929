//! Peers that want too much, say too much or promise too much: each is refused with a reason that both sides can read, and the
//! companion's memory stays where it was.

use std::io::Read as _;
use std::time::Duration;

use fyteclub::domain::{AppearanceId, BlobHash};
use fyteclub::wire::bulk::{Bulk, MAX_GROUPS};
use fyteclub::wire::control::Refusal;

use super::hostile::{MASK, alone, assert_blamed, large, resident, show, two_friends};
use super::puppet::{Line, Puppet, granted};
use super::*;

/// What a hostile peer may add to a companion's memory.
const MOST_GROWN: u64 = 20 << 20;
/// How many short messages a flood is: left unread, they would be 240 MiB in the library.
const FLOOD: u32 = 300_000;
/// What a flood may add: what comes while the reader does not have its turn, and what the allocator keeps.
const MOST_GROWN_BY_A_FLOOD: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_that_are_not_there_are_refused_and_endless_ones_end_the_link() {
    let (_theatre, mut aria) = alone().await;
    wear(&aria, &[("a/large.tex", &large())]);
    let mut puppet = Puppet::new(60).await;
    let mut line = puppet.befriend(&mut aria).await;
    let hash = BlobHash::of(&large());
    let look = granted(&line, hash).await;
    let last = 12;
    for (first, count) in [(last + 1, 1), (last, 2), (0, MAX_GROUPS), (u32::MAX - 1, 1)] {
        assert_eq!(
            groups(&line, look, hash, first, count).await,
            Some(Bulk::Refused { request: 9, refusal: Refusal::BadRequest })
        );
    }
    assert!(matches!(groups(&line, look, hash, last, 1).await, Some(Bulk::Groups { first: 12, .. })), "what is there is served");
    for (first, count) in [(0, 0), (0, MAX_GROUPS + 1), (0, u32::MAX), (u32::MAX, 2)] {
        line.say_bulk(&Bulk::GetGroups { request: 9, appearance: look, hash, first, count }).await;
        let said = line.farewell().await;
        assert!(said.contains("groups from"), "{count} from {first}: {said}");
        assert_blamed(&mut aria, &puppet, "groups from").await;
        line = puppet.again(&mut aria).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_without_end_ends_the_link() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(61).await;
    let line = puppet.befriend(&mut aria).await;
    let before = resident(&aria);
    for request in 0..FLOOD {
        line.say_bulk(&Bulk::Cancel { request }).await;
    }
    let said = line.farewell().await;
    assert!(said.contains("cancels more than it asked for"), "{said}");
    assert_blamed(&mut aria, &puppet, "cancels more than it asked for").await;
    assert_grown_less(&aria, before, MOST_GROWN_BY_A_FLOOD);
}

/// A message of one byte counts as one byte in the library's window, and costs hundreds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_messages_at_full_rate_end_the_link() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(66).await;
    let mut line = puppet.befriend(&mut aria).await;
    let before = resident(&aria);
    for flood in 0..2 {
        let control = flood % 2 == 0;
        for _ in 0..FLOOD {
            if control {
                line.say_raw(&[0xff]).await;
            } else {
                line.say_bulk_raw(&[0xff]).await;
            }
        }
        let said = line.farewell().await;
        let why = if control { "not a control message" } else { "not a bulk message" };
        assert!(said.contains(why), "{said}");
        assert_blamed(&mut aria, &puppet, why).await;
        line = puppet.again(&mut aria).await;
    }
    assert_grown_less(&aria, before, MOST_GROWN_BY_A_FLOOD);
}

/// Short messages that break no rule by themselves, from one who reads no answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_requests_at_full_rate_end_the_link() {
    let (_theatre, mut aria) = alone().await;
    wear(&aria, &[("a/large.tex", &large())]);
    let mut puppet = Puppet::new(67).await;
    let line = puppet.befriend(&mut aria).await;
    let hash = BlobHash::of(&large());
    let appearance = granted(&line, hash).await;
    let before = resident(&aria);
    for request in 0..FLOOD {
        line.say_bulk(&Bulk::GetPack { request, appearance, hashes: vec![hash] }).await;
    }
    assert_blamed(&mut aria, &puppet, "than anybody can").await;
    drop(line);
    assert_grown_less(&aria, before, MOST_GROWN_BY_A_FLOOD);
}

/// Answers to what was never asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_asked_for_end_the_link() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(68).await;
    let line = puppet.befriend(&mut aria).await;
    let before = resident(&aria);
    for request in 0..FLOOD {
        line.say_bulk(&Bulk::Refused { request, refusal: Refusal::NotHeld }).await;
    }
    let said = line.farewell().await;
    assert!(said.contains("nothing that was asked for"), "{said}");
    assert_blamed(&mut aria, &puppet, "nothing that was asked for").await;
    assert_grown_less(&aria, before, MOST_GROWN_BY_A_FLOOD);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_million_entries_are_refused_before_there_is_room_for_them() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(62).await;
    let mut line = puppet.befriend(&mut aria).await;
    let before = resident(&aria);
    let millions: [u8; 5] = [0x9a, 0x00, 0x98, 0x96, 0x80];
    let files = [&[0xa2, 0, 1, 1, 0x81, 0xa3, 0, 0, 1], millions.as_slice(), &[0; 60_000]].concat();
    let objects = [&[0xa2, 0, 1, 1], millions.as_slice(), &[0; 60_000]].concat();
    for manifest in [files, objects] {
        show(&puppet, &line, &aria, MASK, &manifest).await;
        let said = line.farewell().await;
        assert!(said.contains("manifest breaks the rules"), "{said}");
        assert_blamed(&mut aria, &puppet, "manifest breaks the rules").await;
        line = puppet.again(&mut aria).await;
    }
    // The same in a message: a greeting with ten million features.
    line.say_raw(&[&[0x82, 0, 0xa6, 0, 1, 1, 1, 2], millions.as_slice()].concat()).await;
    assert!(line.farewell().await.contains("not a control message"));
    assert_grown_little(&aria, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expands_to_more_than_it_says_is_refused_before_it_is_expanded() {
    let (_theatre, mut aria) = alone().await;
    let mut puppet = Puppet::new(63).await;
    let mut line = puppet.befriend(&mut aria).await;
    let before = resident(&aria);
    let zeros = std::io::repeat(0).take(256 << 20);
    let bomb = zstd::stream::encode_all(zeros, 1).unwrap();
    assert!(bomb.len() < 64_000, "it fits into a message: {}", bomb.len());
    // As groups and as a pack, with a modest and with an honest length.
    for head in [[7, 0, 0, 0, 1, 0, 0, 0, 0].as_slice(), &[5, 0, 0, 0, 1]] {
        for expanded in [65_536_u32, 256 << 20, u32::MAX] {
            line.say_bulk_raw(&[head, &[1], expanded.to_be_bytes().as_slice(), &bomb].concat()).await;
            let said = line.farewell().await;
            assert!(said.contains("bulk message"), "{said}");
            assert_blamed(&mut aria, &puppet, "bulk message").await;
            line = puppet.again(&mut aria).await;
        }
    }
    assert_grown_little(&aria, before);
}

/// It asks for everything there is, again and again, and reads nothing of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_never_reads_holds_up_nobody_and_costs_no_memory() {
    let (_theatre, mut aria, mut bea) = two_friends().await;
    let mut puppet = Puppet::new(65).await;
    wear(&aria, &[("a/large.tex", &large())]);
    sees(&mut bea, &aria).await;
    let line = puppet.befriend(&mut aria).await;
    let hash = BlobHash::of(&large());
    let look = granted(&line, hash).await;
    let before = resident(&aria);
    for request in 0..5_000 {
        let asked = Bulk::GetGroups { request, appearance: look, hash, first: 0, count: 12 };
        // What the companion does not take is as good as said.
        if tokio::time::timeout(Duration::from_secs(2), line.say_bulk(&asked)).await.is_err() {
            break;
        }
    }
    wear(&aria, &[("a/body.mdl", b"another")]);
    sees(&mut bea, &aria).await;
    assert_grown_little(&aria, before);
}

async fn groups(line: &Line, appearance: AppearanceId, hash: BlobHash, first: u32, count: u32) -> Option<Bulk> {
    line.say_bulk(&Bulk::GetGroups { request: 9, appearance, hash, first, count }).await;
    line.hear_bulk().await
}

fn assert_grown_little(actor: &Actor, before: u64) {
    assert_grown_less(actor, before, MOST_GROWN);
}

fn assert_grown_less(actor: &Actor, before: u64, most: u64) {
    let grown = resident(actor).saturating_sub(before);
    assert!(grown < most, "it grew by {} KiB", grown >> 10);
}
