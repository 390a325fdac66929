//! Friends see each other; strangers and greedy friends get nothing.

use std::collections::BTreeSet;

use fyteclub::engine::snapshot::TransferView;

use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";
const CID: &str = "Cid Nan@Odin";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_friends_see_each_other_and_each_change() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one"), ("a/body.tex", &[7; 100_000])], &[BEA]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"two")], &[ARIA]).await;
    share(&mut aria, Audience::AllFriends).await;
    share(&mut bea, Audience::AllFriends).await;
    befriend(&mut bea, &mut aria).await;
    sees(&mut bea, &aria).await;
    sees(&mut aria, &bea).await;
    wear(&aria, &[("a/body.mdl", b"three"), ("a/hat.mtrl", b"four")]);
    sees(&mut bea, &aria).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_gets_nothing_not_even_a_name() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one")], &[BEA]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"two")], &[ARIA]).await;
    share(&mut aria, Audience::AllFriends).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);
    let port = aria.wait_for("a port", SOON, |seen| seen.listening.map(|ports| ports.signal_port)).await.unwrap();
    // By address while Aria is not discoverable: silence.
    bea.command(Command::ConnectAddress { address: format!("127.0.0.1:{port}") }).await.unwrap();
    let seen = bea.snapshot().await.unwrap();
    assert!(seen.nearby.is_empty() && seen.peers.is_empty(), "{:?} {:?}", seen.nearby, seen.peers);
    // Knocking while she is: a prompt at hers, and nothing until she answers.
    knock(&mut bea, &mut aria).await;
    aria.wait_for("a knock", SOON, |seen| asks(seen, &bea_id).then_some(())).await.unwrap();
    let waiting = |seen: &Snapshot| peer(seen, &aria_id).map(|peer| (peer.characters.clone(), is_linked(seen, &aria_id)));
    let (characters, linked) = bea.wait_for("waiting to be let in", SOON, waiting).await.unwrap();
    assert!(characters.is_empty() && !linked, "{characters:?}");
    aria.command(Command::BlockPeer { peer: bea_id }).await.unwrap();
    let _ = bea.command(Command::Reconnect { peer: aria_id }).await;
    let failed = |seen: &Snapshot| {
        peer(seen, &aria_id).and_then(|peer| match &peer.link {
            LinkView::Offline { reason, .. } => Some(reason.clone()),
            LinkView::WaitingForAcceptance => Some(None),
            LinkView::Connected { .. } | LinkView::Connecting | LinkView::Paused | LinkView::Blocked => None,
        })
    };
    bea.wait_for("giving up for now", SOON, failed).await.unwrap();
    assert!(compare::is_empty(&bea.shown).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_character_that_is_not_shared_stays_unseen_until_it_is_and_disappears_when_it_no_longer_is() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one")], &[BEA, CID]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"two")], &[ARIA]).await;
    let mut cid = theatre.actor("Cid", CID, &[("c/body.mdl", b"three")], &[ARIA]).await;
    befriend(&mut bea, &mut aria).await;
    befriend(&mut cid, &mut aria).await;
    let bea_id = id(&mut bea).await;
    share(&mut aria, Audience::Chosen(BTreeSet::from([bea_id]))).await;
    sees(&mut bea, &aria).await;
    assert!(character(&cid.snapshot().await.unwrap(), &aria.character).is_none());
    aria.command(Command::ShareCharacter { character: aria.character.clone(), audience: Audience::Nobody }).await.unwrap();
    let shown = bea.shown.clone();
    bea.wait_for("taking the look off", SOON, |_| compare::is_empty(&shown).unwrap().then_some(())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_friend_can_dress_neither_another_friends_character_nor_mine() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"mine")], &[BEA, ARIA]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"hers")], &[ARIA]).await;
    share(&mut aria, Audience::AllFriends).await;
    share(&mut bea, Audience::AllFriends).await;
    befriend(&mut bea, &mut aria).await;
    sees(&mut aria, &bea).await;
    // Two more players who are friends of Aria and wear names that are not theirs.
    let mut false_bea = theatre.actor("Mallory", BEA, &[("b/body.mdl", b"false")], &[ARIA]).await;
    let mut false_aria = theatre.actor("Mal", ARIA, &[("a/body.mdl", b"false")], &[BEA]).await;
    for false_one in [&mut false_bea, &mut false_aria] {
        share(false_one, Audience::AllFriends).await;
        befriend(false_one, &mut aria).await;
    }
    let bea_character = bea.character.clone();
    let conflict = |seen: &Snapshot| {
        seen.prompts
            .iter()
            .any(|prompt| matches!(prompt, Prompt::OwnerConflict { character, .. } if *character == bea_character))
            .then_some(())
    };
    aria.wait_for("the question whose the character is", SOON, conflict).await.unwrap();
    let false_aria_id = id(&mut false_aria).await;
    let refused = |seen: &Snapshot| {
        let view = peer(seen, &false_aria_id)?.characters.first()?;
        (view.progress == Progress::NotWanted).then_some(())
    };
    aria.wait_for("refusing to be dressed", SOON, refused).await.unwrap();
    compare::same(&bea.outfit, &aria.shown, &bea.character).unwrap();
    assert!(compare::find(&aria.shown, &aria.character).unwrap().is_none());
}

/// Waits until a transfer that takes a while is under way.
pub(super) async fn under_way(viewer: &mut Actor, who: &Character) {
    let begun = |seen: &Snapshot| {
        let large = |transfer: &&TransferView| transfer.character == *who && transfer.total > 1_000_000;
        seen.transfers.iter().find(large).filter(|transfer| transfer.done > 0 && !transfer.finished).map(|_| ())
    };
    viewer.wait_for("a transfer", SOON, begun).await.unwrap();
}
