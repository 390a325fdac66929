//! Blobs over links.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use webrtc::data_channel::DataChannelEvent;

use super::harness::{Board, Side, blob_of, link, long, noise};
use super::life::down;
use crate::domain::{AppearanceId, BlobRef};
use crate::engine::input::{FetchError, FetchEvent, FetchId, Input, LinkKey};
use crate::engine::output::FetchWork;
use crate::runtime::link::connection;
use crate::wire::GROUP;
use crate::wire::control::{Control, Refusal};

const MIB: usize = 1 << 20;

/// What the protocol, the store and the pace cost beside the bare channel. Run alone: `cargo test --lib throughput -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a measurement"]
async fn throughput_beside_a_bare_channel() {
    let size = 256 * MIB;
    let bare = bare_channel(size).await;
    let (_one, mut other, link) = served(&[noise(1, size)]).await;
    let started = Instant::now();
    let orders = order_ranges(&other, &link, link.blobs[0], 100);
    other.collect(&orders).await;
    let transfer = started.elapsed();
    let rate = |took: Duration| 256.0 / took.as_secs_f64();
    println!("{:?}: bare {:.0} MiB/s, transfer {:.0} MiB/s", other.links.socket_buffers(), rate(bare), rate(transfer));
}

/// How long this many bytes take over a channel of the same settings, in messages of 64 KiB.
async fn bare_channel(size: usize) -> Duration {
    let board = Board::default();
    let (sender, mut receiver) = (board.bare(), board.bare());
    let offers = sender.desk.as_ref();
    let (sending, receiving) = tokio::join!(connection::dial(&sender.ground, offers, receiver.desk.card, Vec::new(), 1), async {
        let offer = receiver.expect_offer().await;
        connection::answer(&receiver.ground, offer).await
    });
    let (sending, receiving) = (sending.unwrap(), receiving.unwrap());
    let message = noise(1, 64 << 10);
    let started = Instant::now();
    let bulk = Arc::clone(&sending.bulk);
    let send = tokio::spawn(async move {
        for _ in 0..size / message.len() {
            bulk.send(message.as_ref().into()).await.unwrap();
        }
    });
    let mut arrived = 0;
    while arrived < size {
        if let Some(DataChannelEvent::OnMessage(message)) = receiving.bulk.poll().await {
            arrived += message.data.len();
        }
    }
    send.await.unwrap();
    started.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_blob_arrives_by_ranges_with_several_orders_in_flight() {
    let (one, mut other, link) = served(&[noise(1, 64 * MIB + 5)]).await;
    let (appearance, blob) = (link.appearance, link.blobs[0]);
    let started = Instant::now();
    let orders = order_ranges(&other, &link, blob, 100);
    let ended = other.collect(&orders).await;
    let took = started.elapsed();
    let bytes: u64 = ended.iter().map(|(.., bytes)| bytes).sum();
    let wire: u64 = ended.iter().map(|(_, event, _)| wire_bytes(event)).sum();
    println!("64 MiB: {:.1} MiB/s, {wire} bytes on the wire", 64.0 / took.as_secs_f64());
    assert_eq!(bytes, blob.size, "{ended:?}");
    assert!(wire > blob.size && wire < blob.size + blob.size / 50, "{wire}");
    assert!(ended.iter().any(|(_, event, _)| complete(event).contains(&blob.hash)));
    assert_same(&one, &other, blob).await;
    // What is here is not fetched again.
    other.links.fetch(FetchId(999), link.back, appearance, FetchWork::Groups { blob, groups: 0..4 });
    let again = other.collect(&[FetchId(999)]).await;
    assert_eq!(again[0].1, FetchEvent::Stored { complete: vec![blob.hash], bytes: 0, wire_bytes: 0 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_small_blobs_arrive_in_packs() {
    let contents: Vec<Bytes> = (0..2000).map(|seed| noise(seed, 100 + usize::try_from(seed).unwrap() * 3)).collect();
    let (one, mut other, link) = served(&contents).await;
    let started = Instant::now();
    let orders: Vec<FetchId> = (0..10).map(FetchId).collect();
    for (order, blobs) in orders.iter().zip(link.blobs.chunks(200)) {
        other.links.fetch(*order, link.back, link.appearance, FetchWork::Pack(blobs.to_vec()));
    }
    let ended = other.collect(&orders).await;
    println!("2,000 small blobs in {:?}", started.elapsed());
    let mut got: Vec<_> = ended.iter().flat_map(|(_, event, _)| complete(event)).collect();
    let mut wanted: Vec<_> = link.blobs.iter().map(|blob| blob.hash).collect();
    got.sort();
    wanted.sort();
    assert_eq!(got, wanted);
    for blob in link.blobs.iter().step_by(97) {
        assert_same(&one, &other, *blob).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_fetch_from_each_other_at_once() {
    let (mut one, mut other, link) = served(&[noise(1, 16 * MIB)]).await;
    let (appearance, blobs) = other.publish("mine", &[noise(2, 16 * MIB)]).await;
    other.links.serve(link.back, appearance, long());
    let theirs = order_ranges(&other, &link, link.blobs[0], 100);
    let reverse = Served { there: link.back, back: link.there, appearance, blobs };
    let mine = order_ranges(&one, &reverse, reverse.blobs[0], 200);
    let (from_one, from_other) = tokio::join!(other.collect(&theirs), one.collect(&mine));
    assert_eq!(from_one.iter().chain(&from_other).map(|(.., bytes)| bytes).sum::<u64>(), 32 * MIB as u64);
    assert_same(&one, &other, link.blobs[0]).await;
    assert_same(&one, &other, reverse.blobs[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_blobs_with_trees_ordered_at_once_ask_for_no_more_than_may_be_open() {
    let contents: Vec<Bytes> = (0..100).map(|seed| noise(seed, 50 << 10)).collect();
    let (one, mut other, link) = served(&contents).await;
    let orders: Vec<FetchId> =
        link.blobs.iter().zip(100..).flat_map(|(blob, first)| order_ranges(&other, &link, *blob, first)).collect();
    for (_, event, _) in other.collect(&orders).await {
        assert!(matches!(event, FetchEvent::Stored { .. }), "{event:?}");
    }
    for blob in &link.blobs {
        assert_same(&one, &other, *blob).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transfer_goes_on_where_it_was_when_its_link_was_lost() {
    let (mut one, mut other, link) = served(&[noise(1, 48 * MIB)]).await;
    let blob = link.blobs[0];
    let orders = order_ranges(&other, &link, blob, 100);
    let first = other
        .expect(|input| match input {
            Input::Fetch(_, FetchEvent::Progress { bytes } | FetchEvent::Stored { bytes, .. }) => Some(bytes),
            _ => None,
        })
        .await;
    one.links.close(link.there);
    let mut lost = Vec::new();
    let mut before = first;
    other
        .expect(|input| match input {
            Input::Fetch(fetch, FetchEvent::Failed(error)) => {
                lost.push((fetch, error));
                None
            }
            Input::Fetch(_, FetchEvent::Progress { bytes } | FetchEvent::Stored { bytes, .. }) => {
                before += bytes;
                None
            }
            Input::LinkDown { .. } => Some(()),
            _ => None,
        })
        .await;
    assert!(!lost.is_empty() && lost.iter().all(|(_, error)| *error == FetchError::LinkLost), "{lost:?}");
    assert!(lost.len() <= orders.len());
    let (there, back) = super::harness::link(&mut one, &mut other, 2).await;
    one.links.serve(there, link.appearance, long());
    let again = Served { there, back, ..link };
    let orders = order_ranges(&other, &again, blob, 200);
    let after: u64 = other.collect(&orders).await.iter().map(|(.., bytes)| bytes).sum();
    println!("{before} bytes reported before the link was lost, {after} after");
    assert!(after < blob.size, "{before} {after}");
    assert_eq!(before + after, blob.size, "nothing came twice, and all was reported");
    assert_same(&one, &other, blob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_served_is_refused() {
    let (one, mut other, link) = served(&[noise(1, 100_000), noise(2, 100)]).await;
    let (large, small) = (link.blobs[0], link.blobs[1]);
    let groups = |blob| FetchWork::Groups { blob, groups: 0..2 };
    let unknown = AppearanceId::of(b"never heard of");
    other.links.fetch(FetchId(1), link.back, unknown, groups(large));
    other.links.fetch(FetchId(2), link.back, link.appearance, groups(blob_of(&noise(3, 70_000))));
    other.links.fetch(FetchId(3), link.back, unknown, FetchWork::Pack(vec![small]));
    assert_refused(&mut other, &[1, 2, 3], Refusal::NotHeld).await;
    other.links.fetch(FetchId(4), link.back, link.appearance, FetchWork::Pack(vec![blob_of(b"another")]));
    assert_refused(&mut other, &[4], Refusal::NotHeld).await;
    other.links.fetch(FetchId(7), link.back, link.appearance, FetchWork::Pack(vec![blob_of(b"another"), small]));
    assert_eq!(complete(&other.collect(&[FetchId(7)]).await[0].1), [small.hash]);
    // The control channel keeps its order with what the engine says of serving.
    one.links.serve(link.there, link.appearance, Instant::now());
    said(&one, &mut other, &link).await;
    other.links.fetch(FetchId(5), link.back, link.appearance, groups(large));
    assert_refused(&mut other, &[5], Refusal::NotGranted).await;
    one.links.stop_serving(link.there, link.appearance);
    said(&one, &mut other, &link).await;
    other.links.fetch(FetchId(6), link.back, link.appearance, groups(large));
    assert_refused(&mut other, &[6], Refusal::NotHeld).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_order_is_silent_and_leaves_the_link_to_others() {
    let (one, mut other, link) = served(&[noise(1, 64 * MIB), noise(2, 300_000)]).await;
    let orders = order_ranges(&other, &link, link.blobs[0], 100);
    other.expect(|input| matches!(input, Input::Fetch(..)).then_some(())).await;
    for order in &orders {
        other.links.cancel(*order);
    }
    let blob = link.blobs[1];
    other.links.fetch(FetchId(1), link.back, link.appearance, FetchWork::Groups { blob, groups: 0..100 });
    let mut of_cancelled = 0;
    other
        .expect(|input| match input {
            Input::Fetch(FetchId(1), FetchEvent::Stored { .. }) => Some(()),
            Input::Fetch(FetchId(1), FetchEvent::Failed(error)) => panic!("{error:?}"),
            Input::Fetch(..) => {
                of_cancelled += 1;
                None
            }
            _ => None,
        })
        .await;
    println!("{of_cancelled} reports were on their way when the orders were cancelled");
    assert_same(&one, &other, blob).await;
    other.links.fetch(FetchId(2), link.back, link.appearance, FetchWork::Groups { blob: link.blobs[0], groups: 0..64 });
    assert!(matches!(other.collect(&[FetchId(2)]).await[0].1, FetchEvent::Stored { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_for_a_link_that_is_gone_is_lost() {
    let (one, mut other, link) = served(&[noise(1, 10)]).await;
    one.links.close(link.there);
    down(&mut other, link.back).await;
    other.links.fetch(FetchId(1), link.back, link.appearance, FetchWork::Pack(link.blobs.clone()));
    assert_eq!(other.collect(&[FetchId(1)]).await[0].1, FetchEvent::Failed(FetchError::LinkLost));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_messages_pass_while_bulk_runs() {
    let (one, mut other, link) = served(&[noise(1, 64 * MIB)]).await;
    order_ranges(&other, &link, link.blobs[0], 100);
    let mut waits = Vec::new();
    for token in 0..20 {
        let started = Instant::now();
        one.links.send(link.there, Control::Ping { token });
        other.expect(|input| matches!(input, Input::Received(_, Control::Ping { token: t }) if t == token).then_some(())).await;
        waits.push(started.elapsed());
    }
    waits.sort();
    println!("a control message during bulk: median {:?}, worst {:?}", waits[10], waits[19]);
}

pub(super) struct Served {
    pub(super) there: LinkKey,
    pub(super) back: LinkKey,
    pub(super) appearance: AppearanceId,
    pub(super) blobs: Vec<BlobRef>,
}

/// Two linked sides; the first serves these blobs to the other.
pub(super) async fn served(contents: &[Bytes]) -> (Side, Side, Served) {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let (appearance, blobs) = one.publish("look", contents).await;
    let (there, back) = link(&mut one, &mut other, 1).await;
    one.links.serve(there, appearance, long());
    let link = Served { there, back, appearance, blobs };
    said(&one, &mut other, &link).await;
    (one, other, link)
}

/// What the first side was told before this has been done.
pub(super) async fn said(one: &Side, other: &mut Side, link: &Served) {
    one.links.send(link.there, Control::Resync);
    other.expect(|input| matches!(input, Input::Received(_, Control::Resync)).then_some(())).await;
}

/// Orders the whole blob, 4 MiB at a time.
pub(super) fn order_ranges(to: &Side, link: &Served, blob: BlobRef, first: u64) -> Vec<FetchId> {
    let groups = u32::try_from(blob.size.div_ceil(GROUP)).unwrap();
    let starts = (0..groups).step_by(256);
    let orders = starts.zip(first..).map(|(start, number)| {
        let work = FetchWork::Groups { blob, groups: start..groups.min(start + 256) };
        to.links.fetch(FetchId(number), link.back, link.appearance, work);
        FetchId(number)
    });
    orders.collect()
}

pub(super) fn wire_bytes(event: &FetchEvent) -> u64 {
    match event {
        FetchEvent::Stored { wire_bytes, .. } => *wire_bytes,
        FetchEvent::Progress { .. } => 0,
        FetchEvent::Failed(error) => panic!("{error:?}"),
    }
}

fn complete(event: &FetchEvent) -> Vec<crate::domain::BlobHash> {
    match event {
        FetchEvent::Stored { complete, .. } => complete.clone(),
        FetchEvent::Progress { .. } => Vec::new(),
        FetchEvent::Failed(error) => panic!("{error:?}"),
    }
}

async fn assert_refused(side: &mut Side, orders: &[u64], refusal: Refusal) {
    let orders: Vec<FetchId> = orders.iter().copied().map(FetchId).collect();
    for (fetch, event, _) in side.collect(&orders).await {
        assert_eq!(event, FetchEvent::Failed(FetchError::Refused(refusal)), "{fetch:?}");
    }
}

pub(super) async fn assert_same(one: &Side, other: &Side, blob: BlobRef) {
    let groups = u32::try_from(blob.size.div_ceil(GROUP)).unwrap();
    for start in (0..groups).step_by(256) {
        let range = start..groups.min(start + 256);
        let (expected, found) = tokio::join!(one.store.read_groups(blob, range.clone()), other.store.read_groups(blob, range));
        assert_eq!(expected.unwrap(), found.unwrap());
    }
}
