//! How links begin, speak and end.

use std::time::Instant;

use super::harness::{Board, Side, link};
use crate::domain::PeerId;
use crate::engine::input::{DialError, DownReason, Input, LinkKey};
use crate::runtime::link::connection;
use crate::wire::control::{ByeReason, Control};
use crate::wire::signal::Signal;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_on_loopback_and_says_so_on_both_sides() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    for generation in 1..=3 {
        let started = Instant::now();
        link(&mut one, &mut other, generation).await;
        println!("generation {generation}: open on both sides {:?} after the dial", started.elapsed());
    }
    println!("socket buffers: {:?}", one.links.socket_buffers());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_messages_arrive_both_ways_and_in_order() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let (there, back) = link(&mut one, &mut other, 1).await;
    for token in 0..200 {
        one.links.send(there, Control::Ping { token });
        other.links.send(back, Control::Ping { token: 1000 + token });
    }
    assert_eq!(tokens(&mut other, back, 200).await, (0..200).collect::<Vec<_>>());
    assert_eq!(tokens(&mut one, there, 200).await, (1000..1200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_generations_between_the_same_ports_live_side_by_side() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let old = link(&mut one, &mut other, 1).await;
    let new = link(&mut one, &mut other, 2).await;
    for (there, back) in [old, new] {
        one.links.send(there, Control::Ping { token: there.generation });
        assert_eq!(tokens(&mut other, back, 1).await, [there.generation]);
        other.links.send(back, Control::Ping { token: 9 });
        assert_eq!(tokens(&mut one, there, 1).await, [9]);
    }
    one.links.close(old.0);
    down(&mut other, old.1).await;
    one.links.send(new.0, Control::Ping { token: 7 });
    assert_eq!(tokens(&mut other, new.1, 1).await, [7]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_links_share_one_port() {
    let board = Board::default();
    let mut middle = board.side();
    let mut others: Vec<Side> = (0..20).map(|_| board.side()).collect();
    let started = Instant::now();
    for other in &others {
        middle.links.dial(middle.to(other.peer(), 1), other.desk.card, Vec::new());
    }
    let back = other_end(&middle);
    for other in &mut others {
        let ticket = other.expect_offer().await;
        other.links.answer(back, ticket);
    }
    for other in &mut others {
        other.expect_up(back).await;
        other.links.send(back, Control::Ping { token: 5 });
    }
    let mut heard = Vec::new();
    while heard.len() < others.len() {
        heard.push(
            middle
                .expect(|input| match input {
                    Input::Received(link, Control::Ping { token: 5 }) => Some(link.peer),
                    _ => None,
                })
                .await,
        );
    }
    println!("20 links open and heard after {:?}", started.elapsed());
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), others.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_is_noticed_at_once_and_what_was_said_before_arrives() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let (there, back) = link(&mut one, &mut other, 1).await;
    let bye = Control::Bye { reason: ByeReason::Leaving, text: "good night".to_owned() };
    one.links.send(there, bye.clone());
    one.links.close(there);
    let started = Instant::now();
    let mut said = None;
    let reason = other
        .expect(|input| match input {
            Input::Received(_, message) => {
                said = Some(message);
                None
            }
            Input::LinkDown { link, reason } if link == back => Some(reason),
            _ => None,
        })
        .await;
    println!("the close was noticed after {:?}", started.elapsed());
    assert_eq!((said, reason), (Some(bye), DownReason::Closed));
    // Its own side hears nothing of a link that it closed.
    let (_, back) = link(&mut one, &mut other, 2).await;
    other.links.close(back);
    let first = one
        .expect(|input| match input {
            Input::LinkDown { link, .. } => Some(link.generation),
            _ => None,
        })
        .await;
    assert_eq!(first, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn finishing_delivers_what_was_said_on_every_link() {
    let board = Board::default();
    let mut one = board.side();
    let mut others = [board.side(), board.side(), board.side()];
    let back = other_end(&one);
    for other in &mut others {
        let (there, _) = link(&mut one, other, 1).await;
        one.links.send(there, Control::Ping { token: 3 });
    }
    let started = Instant::now();
    one.links.finish().await;
    println!("finished after {:?}", started.elapsed());
    for other in &mut others {
        assert_eq!(tokens(other, back, 1).await, [3]);
        assert_eq!(down(other, back).await, DownReason::Closed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_that_is_killed_is_missed() {
    let board = Board::default();
    let mut one = board.side();
    let card = one.desk.card;
    let (up, is_up) = tokio::sync::oneshot::channel();
    let victim = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let theirs = board.clone();
    victim.spawn(async move {
        let mut side = theirs.side();
        let key = side.to(card.peer(), 1);
        side.links.dial(key, card, Vec::new());
        side.expect_up(key).await;
        let _ = up.send(());
        std::future::pending::<()>().await;
    });
    let ticket = one.expect_offer().await;
    let key = LinkKey { peer: PeerId::from_bytes([1; 32]), generation: 1 };
    one.links.answer(key, ticket);
    one.expect_up(key).await;
    is_up.await.unwrap();
    victim.shutdown_background();
    let started = Instant::now();
    let reason = down(&mut one, key).await;
    println!("missed after {:?}: {reason:?}", started.elapsed());
    assert!(matches!(reason, DownReason::Failed(_)), "{reason:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_reports_that_it_lives_and_how_it_runs() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let (there, back) = link(&mut one, &mut other, 1).await;
    other.links.send(back, Control::Ping { token: 1 });
    one.expect(|input| matches!(input, Input::LinkAlive(link) if link == there).then_some(())).await;
    let (sent, received, route, round_trip_us) = one
        .expect(|input| match input {
            Input::LinkStats { link, sent, received, route, round_trip_us, .. } if link == there => {
                Some((sent, received, route, round_trip_us))
            }
            _ => None,
        })
        .await;
    assert!(sent > 500 && received > 500, "{sent} {received}");
    assert_eq!(route, crate::domain::Route::Lan);
    assert!(round_trip_us.is_some_and(|time| time < 1_000_000), "{round_trip_us:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fingerprint_that_was_changed_on_its_way_opens_nothing() {
    let board = Board::default();
    let forge = |signal| match signal {
        Signal::Offer { generation, port, sdp } => Signal::Offer { generation, port, sdp: with_other_fingerprint(&sdp) },
        other => other,
    };
    let (one, mut other) = (board.side_with(forge), board.side());
    one.links.dial(one.to(other.peer(), 1), other.desk.card, Vec::new());
    let ticket = other.expect_offer().await;
    let back = other_end(&one);
    // The answer bears the hash of what arrived, so only the answering side gets as far as the handshake.
    other.links.answer(back, ticket);
    let error = other
        .expect(|input| match input {
            Input::LinkFailed { error, .. } => Some(error),
            Input::LinkUp { .. } => panic!("a forged fingerprint was accepted"),
            _ => None,
        })
        .await;
    assert_eq!(error, DialError::IceFailed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_nobody_answers_fails_and_one_that_is_closed_is_silent() {
    let board = Board::default();
    let (mut one, mut other) = (board.side(), board.side());
    let (closed, silent) = (one.to(other.peer(), 1), one.to(other.peer(), 2));
    one.links.dial(closed, other.desk.card, Vec::new());
    other.expect_offer().await;
    one.links.close(closed);
    one.links.dial(silent, other.desk.card, Vec::new());
    let ticket = other.expect_offer().await;
    drop(crate::runtime::link::Offers::take_offer(other.desk.as_ref(), ticket));
    let (failed, error) = one
        .expect(|input| match input {
            Input::LinkFailed { link, error } => Some((link, error)),
            _ => None,
        })
        .await;
    assert_eq!((failed, error), (silent, DialError::Silent));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_control_message_end_the_link() {
    let board = Board::default();
    let (mut bare, mut one) = (board.bare(), board.side());
    let key = one.to(bare.desk.card.peer(), 1);
    one.links.dial(key, bare.desk.card, Vec::new());
    let offer = bare.expect_offer().await;
    let connection = connection::answer(&bare.ground, offer).await.unwrap();
    one.expect_up(key).await;
    connection.control.send(b"\xff\xff\xff".as_slice().into()).await.unwrap();
    assert!(matches!(down(&mut one, key).await, DownReason::ProtocolError(_)));
}

async fn tokens(side: &mut Side, on: LinkKey, count: usize) -> Vec<u64> {
    let mut tokens = Vec::new();
    while tokens.len() < count {
        tokens.push(
            side.expect(|input| match input {
                Input::Received(link, Control::Ping { token } | Control::Pong { token }) if link == on => Some(token),
                _ => None,
            })
            .await,
        );
    }
    tokens
}

pub(super) async fn down(side: &mut Side, wanted: LinkKey) -> DownReason {
    side.expect(|input| match input {
        Input::LinkDown { link, reason } if link == wanted => Some(reason),
        _ => None,
    })
    .await
}

fn other_end(of: &Side) -> LinkKey {
    LinkKey { peer: of.peer(), generation: 1 }
}

fn with_other_fingerprint(sdp: &str) -> String {
    let flip = |digit| if digit == '0' { '1' } else { '0' };
    sdp.split_inclusive('\n')
        .map(|line| match line.strip_prefix("a=fingerprint:sha-256 ") {
            Some(rest) => format!("a=fingerprint:sha-256 {}{}", flip(rest.chars().next().unwrap()), &rest[1..]),
            None => line.to_owned(),
        })
        .collect()
}
