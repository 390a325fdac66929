//! A serving side by hand, which does not keep to the rules.

use bytes::{Bytes, BytesMut};
use webrtc::data_channel::DataChannelEvent;

use super::harness::{Board, Side, blob_of, noise};
use super::life::down;
use crate::domain::{AppearanceId, BlobRef};
use crate::engine::input::{DownReason, FetchError, FetchEvent, FetchId, LinkKey};
use crate::engine::output::FetchWork;
use crate::runtime::link::connection::{self, Connection};
use crate::wire::GROUP;
use crate::wire::bulk::{Bulk, PackedBlob};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_in_groups_are_bad_data() {
    let (mut side, link, liar) = linked().await;
    let content = noise(1, 20_000);
    order_groups(&side, link, blob_of(&content));
    // The tree of two groups is not known: its values are wrong, too.
    let Bulk::GetTree { request, .. } = hear(&liar).await else { panic!("no tree was asked for") };
    say(&liar, Bulk::Tree { request, first: 0, last: true, values: vec![[3; 32]; 2] }).await;
    assert_bad(&mut side).await;
    // A blob of one group is checked by its hash.
    order_groups(&side, link, blob_of(b"right"));
    let Bulk::GetGroups { request, .. } = hear(&liar).await else { panic!("no groups were asked for") };
    say(&liar, Bulk::Groups { request, first: 0, content: Bytes::from_static(b"wrong") }).await;
    assert_bad(&mut side).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_in_a_pack_are_bad_data() {
    let (mut side, link, liar) = linked().await;
    let work = || FetchWork::Pack(vec![blob_of(b"right")]);
    for content in [&b"wrong"[..], b"too long"] {
        side.links.fetch(FetchId(1), link, AppearanceId::of(b"look"), work());
        let Bulk::GetPack { request, .. } = hear(&liar).await else { panic!("no pack was asked for") };
        let blobs = vec![PackedBlob { index: 0, content: Bytes::copy_from_slice(content) }];
        say(&liar, Bulk::Pack { request, last: true, blobs }).await;
        assert_bad(&mut side).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_asked_for_ends_the_link_and_its_orders() {
    let (mut side, link, liar) = linked().await;
    order_groups(&side, link, blob_of(&noise(1, 200_000)));
    hear(&liar).await;
    say(&liar, Bulk::Groups { request: 4711, first: 0, content: noise(1, GROUP as usize) }).await;
    assert_eq!(side.collect(&[FetchId(1)]).await[0].1, FetchEvent::Failed(FetchError::LinkLost));
    assert!(matches!(down(&mut side, link).await, DownReason::ProtocolError(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_outside_of_the_request_end_the_link() {
    let (mut side, link, liar) = linked().await;
    order_groups(&side, link, blob_of(b"right"));
    let Bulk::GetGroups { request, .. } = hear(&liar).await else { panic!("no groups were asked for") };
    say(&liar, Bulk::Groups { request, first: 1, content: Bytes::from_static(b"right") }).await;
    assert!(matches!(down(&mut side, link).await, DownReason::ProtocolError(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_the_bulk_channel_ends_the_link() {
    let (mut side, link, liar) = linked().await;
    liar.bulk.send(BytesMut::from(&[99, 0, 0][..])).await.unwrap();
    assert!(matches!(down(&mut side, link).await, DownReason::ProtocolError(_)));
}

/// A side that is linked to a liar.
async fn linked() -> (Side, LinkKey, Connection) {
    let board = Board::default();
    let (mut bare, mut side) = (board.bare(), board.side());
    let link = side.to(bare.desk.card.peer(), 1);
    side.links.dial(link, bare.desk.card, Vec::new());
    let offer = bare.expect_offer().await;
    let liar = connection::answer(&bare.ground, offer).await.unwrap();
    side.expect_up(link).await;
    (side, link, liar)
}

fn order_groups(side: &Side, link: LinkKey, blob: BlobRef) {
    side.links.fetch(FetchId(1), link, AppearanceId::of(b"look"), FetchWork::Groups { blob, groups: 0..1 });
}

async fn hear(liar: &Connection) -> Bulk {
    loop {
        if let DataChannelEvent::OnMessage(message) = liar.bulk.poll().await.expect("the link is open") {
            return Bulk::decode(&message.data.freeze()).unwrap();
        }
    }
}

async fn say(liar: &Connection, message: Bulk) {
    liar.bulk.send(BytesMut::from(message.encode(false).as_ref())).await.unwrap();
}

async fn assert_bad(side: &mut Side) {
    assert_eq!(side.collect(&[FetchId(1)]).await[0].1, FetchEvent::Failed(FetchError::BadData));
}
