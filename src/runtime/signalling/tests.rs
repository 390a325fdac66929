//! Companions' signalling on this machine's loopback, and strangers with bare sockets.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::*;
use crate::domain::DiscoveryMode;
use crate::runtime::Inputs;
use crate::wire::session::{Dialling, MAX_MESSAGE, Pattern, frame};

/// Short, so that the tests do not wait; long enough for a handshake on a busy machine.
const SILENCE: Duration = Duration::from_millis(1000);

#[tokio::test]
async fn an_offer_its_answer_and_candidates_go_both_ways() {
    let (alice, mut bob) = friends().await;
    let mut dialled = alice.dial(&bob).await.unwrap();
    assert_eq!((dialled.card, dialled.address), (*bob.identity.card(), Some(bob.address())));
    let offer = Signal::Offer { generation: 7, port: alice.signalling.port(), sdp: "an offer".to_owned() };
    dialled.say.send(offer.clone()).await.unwrap();
    dialled.say.send(candidate("from Alice")).await.unwrap();

    let Input::OfferArrived { ticket, card, generation, address } = bob.input().await else { panic!("an offer") };
    assert_eq!((card, generation, address), (*alice.identity.card(), 7, Some(alice.address())));
    let mut pending = bob.signalling.take_offer(ticket).unwrap();
    assert!(bob.signalling.take_offer(ticket).is_none(), "an offer is taken once");
    assert_eq!((pending.sdp.as_str(), pending.generation), ("an offer", 7));
    assert_eq!(pending.offer_hash, *blake3::hash(&offer.encode()).as_bytes());
    assert_eq!(next(&mut pending.conversation).await, Some(candidate("from Alice")));

    let answer = Signal::Answer { offer: pending.offer_hash, sdp: "an answer".to_owned() };
    pending.conversation.say.send(answer.clone()).await.unwrap();
    pending.conversation.say.send(candidate("from Bob")).await.unwrap();
    assert_eq!(next(&mut dialled).await, Some(answer));
    assert_eq!(next(&mut dialled).await, Some(candidate("from Bob")));
    drop(dialled);
    assert_eq!(next(&mut pending.conversation).await, None, "dropping it ends it for both");
}

#[tokio::test]
async fn the_longest_sdp_that_may_be_arrives_and_one_that_is_too_long_ends_the_conversation() {
    let (alice, mut bob) = friends().await;
    let offer = |length| Signal::Offer { generation: 1, port: 1, sdp: "x".repeat(length) };
    let dialled = alice.dial(&bob).await.unwrap();
    dialled.say.send(offer(24 << 10)).await.unwrap();
    assert!(matches!(bob.input().await, Input::OfferArrived { .. }));
    let mut dialled = alice.dial(&bob).await.unwrap();
    dialled.say.send(offer(40 << 10)).await.unwrap();
    assert_eq!(next(&mut dialled).await, None);
}

#[tokio::test]
async fn a_friend_is_reached_at_the_first_address_that_answers() {
    let (alice, bob) = friends().await;
    let nobody = free_address();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let targets = vec![nobody, silent.local_addr().unwrap(), bob.address()];
    let dialled = alice.signalling.dial(*bob.identity.card(), targets).await.unwrap();
    assert_eq!(dialled.address, Some(bob.address()));
}

#[tokio::test]
async fn failures_to_dial_say_what_is_known() {
    let (alice, bob) = friends().await;
    let stranger = companion(3, DiscoveryMode::FriendsOnly);
    let card = *bob.identity.card();
    let dial = |targets| alice.signalling.dial(card, targets);
    assert_eq!(dial(vec![]).await.unwrap_err(), DialError::Unreachable);
    assert_eq!(dial(vec![free_address()]).await.unwrap_err(), DialError::Unreachable);
    assert_eq!(dial(vec!["192.0.2.1:47311".parse().unwrap()]).await.unwrap_err(), DialError::Unreachable, "not loopback");
    let somebody_else = vec![free_address(), stranger.address()];
    assert_eq!(dial(somebody_else).await.unwrap_err(), DialError::Silent);
}

#[tokio::test]
async fn a_knock_shows_both_who_is_there() {
    let (alice, mut bob) = (companion(1, DiscoveryMode::FriendsOnly), companion(2, DiscoveryMode::EveryoneNearby));
    let mut alice = alice;
    let name = DisplayName::new("Alice").unwrap();
    alice.signalling.knock(KnockId(5), named(&bob), None, Some(name.clone()));
    let Input::KnockEnded { knock: KnockId(5), result } = alice.input().await else { panic!("a result") };
    assert_eq!(result, Ok((*bob.identity.card(), bob.address())));
    let Input::Knocked { card, name: claimed, address } = bob.input().await else { panic!("a knock") };
    assert_eq!((card, claimed, address), (*alice.identity.card(), Some(name), alice.address()));
}

#[tokio::test]
async fn a_knock_at_another_than_the_one_expected_shows_nothing() {
    let (mut alice, mut bob) = (companion(1, DiscoveryMode::FriendsOnly), companion(2, DiscoveryMode::EveryoneNearby));
    let carol = Identity::from_seed([3; 32]).peer();
    alice.signalling.knock(KnockId(1), named(&bob), Some(carol), None);
    let Input::KnockEnded { result: Err(DialError::Other(why)), .. } = alice.input().await else { panic!("a failure") };
    assert!(why.contains("somebody else"), "{why}");
    alice.signalling.knock(KnockId(2), named(&bob), Some(bob.identity.peer()), None);
    let Input::Knocked { card, .. } = bob.input().await else { panic!("a knock") };
    assert_eq!(card, *alice.identity.card(), "this is the first that Bob hears");
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_knock_where_it_cannot_be_heard_fails_with_its_reason() {
    let (mut alice, bob) = (companion(1, DiscoveryMode::EveryoneNearby), companion(2, DiscoveryMode::FriendsOnly));
    let mut ends = async |target| {
        alice.signalling.knock(KnockId(1), target, None, None);
        let Input::KnockEnded { result, .. } = alice.input().await else { panic!("a result") };
        result.unwrap_err()
    };
    assert_eq!(ends(Target::Address(bob.address())).await, DialError::Silent, "XX outside of Everyone nearby");
    assert_eq!(ends(Target::Address(free_address())).await, DialError::Unreachable);
    assert_eq!(ends(Target::Named("nowhere.invalid".to_owned())).await, DialError::NameNotFound);
    let myself = Target::Address(alice.address());
    alice.signalling.knock(KnockId(2), myself, None, None);
    let Input::KnockEnded { result: Err(DialError::Other(why)), .. } = alice.input().await else { panic!("a failure") };
    assert!(why.contains("own"), "{why}");
}

#[tokio::test]
async fn whoever_is_not_answered_gets_the_same_silence_and_the_same_end() {
    let (bob, friend) = (companion(2, DiscoveryMode::FriendsOnly), Identity::from_seed([9; 32]));
    bob.follow(DiscoveryMode::FriendsOnly, &[&friend]);
    let stranger = Identity::from_seed([3; 32]);
    let ik = |me: &Identity, to: &Identity| Dialling::ik(me, to.card(), [4; 32]).unwrap().1;
    let xx = Dialling::xx(&stranger, [4; 32]).unwrap().1;
    let wrong_length = [&[Pattern::Ik.byte()][..], &u16::MAX.to_be_bytes(), &[7; 300]].concat();
    let cases = [
        ("unknown", ik(&stranger, &bob.identity)),
        ("XX outside of Everyone nearby", xx),
        ("meant for somebody else", ik(&friend, &stranger)),
        ("garbage", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("garbage behind a right first byte", [&[1, 0, 224][..], &[7; 224]].concat()),
        ("a frame over the limit", wrong_length),
        ("cut short", ik(&friend, &bob.identity)[..100].to_vec()),
        ("silence", Vec::new()),
        ("much garbage", vec![0xff; 200_000]),
    ];
    let address = bob.address();
    let ends = cases.map(|(what, bytes)| async move { (what, observe(address, &bytes).await) });
    for (what, end) in futures_util::future::join_all(ends).await {
        assert_eq!(end.received, 0, "{what}");
        assert!(end.clean, "{what} must end with an end, not a reset");
        assert!(end.after >= SILENCE.mul_f64(0.9), "{what} ended after {:?}", end.after);
    }
}

#[tokio::test]
async fn a_friend_who_is_paused_is_a_stranger_in_every_mode() {
    let (alice, mut bob) = friends().await;
    for mode in [DiscoveryMode::FriendsOnly, DiscoveryMode::EveryoneNearby, DiscoveryMode::Off] {
        bob.follow(mode, &[]);
        assert_eq!(alice.dial(&bob).await.unwrap_err(), DialError::Silent, "{mode:?}");
    }
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn with_discovery_off_a_friend_who_has_the_address_is_answered_and_a_stranger_is_not() {
    let (alice, mut bob) = friends().await;
    bob.follow(DiscoveryMode::Off, &[&alice.identity]);
    assert_eq!(alice.dial(&bob).await.unwrap().card, *bob.identity.card());
    let carol = companion(3, DiscoveryMode::FriendsOnly);
    assert_eq!(carol.dial(&bob).await.unwrap_err(), DialError::Silent);
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn nobody_is_answered_before_the_first_plan() {
    let (alice, bob) = (companion(1, DiscoveryMode::FriendsOnly), started(2));
    assert_eq!(alice.dial(&bob).await.unwrap_err(), DialError::Silent);
}

#[tokio::test]
async fn what_a_knock_gets_is_silence_until_the_same_end() {
    let mut bob = companion(2, DiscoveryMode::EveryoneNearby);
    let alice = Identity::from_seed([1; 32]);
    let started = Instant::now();
    let mut stream = TcpStream::connect(bob.address()).await.unwrap();
    let (dialling, first) = Dialling::xx(&alice, [4; 32]).unwrap();
    stream.write_all(&first).await.unwrap();
    let (session, last) = dialling.hear(&read_frame(&mut stream).await).unwrap();
    stream.write_all(&last).await.unwrap();
    let knock = Signal::Knock { name: None, port: 4711 };
    stream.write_all(&sealed(&alice, session, &[(0, &knock)])).await.unwrap();
    assert!(matches!(bob.input().await, Input::Knocked { .. }));
    assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    assert!(started.elapsed() >= SILENCE.mul_f64(0.9));
}

#[tokio::test]
async fn a_stranger_who_offers_is_not_heard() {
    let mut bob = companion(2, DiscoveryMode::EveryoneNearby);
    let alice = Identity::from_seed([1; 32]);
    let mut stream = TcpStream::connect(bob.address()).await.unwrap();
    let (dialling, first) = Dialling::xx(&alice, [4; 32]).unwrap();
    stream.write_all(&first).await.unwrap();
    let (session, last) = dialling.hear(&read_frame(&mut stream).await).unwrap();
    stream.write_all(&last).await.unwrap();
    let offer = Signal::Offer { generation: 1, port: 1, sdp: String::new() };
    stream.write_all(&sealed(&alice, session, &[(0, &offer)])).await.unwrap();
    assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn message_numbers_only_rise() {
    let (alice, mut bob) = friends().await;
    let (mut stream, session) = ik_session(&alice.identity, &bob).await;
    let offer = Signal::Offer { generation: 1, port: 1, sdp: String::new() };
    let (one, two) = (candidate("one"), candidate("two"));
    stream.write_all(&sealed(&alice.identity, session, &[(3, &offer), (8, &one), (8, &two)])).await.unwrap();
    let Input::OfferArrived { ticket, .. } = bob.input().await else { panic!("an offer") };
    let mut pending = bob.signalling.take_offer(ticket).unwrap();
    assert_eq!(next(&mut pending.conversation).await, Some(one));
    assert_eq!(next(&mut pending.conversation).await, None, "the second 8 ends it");
}

#[tokio::test]
async fn an_envelope_of_another_than_the_sessions_card_is_refused() {
    let (alice, mut bob) = friends().await;
    let carol = Identity::from_seed([3; 32]);
    bob.follow(DiscoveryMode::FriendsOnly, &[&alice.identity, &carol]);
    let (mut stream, session) = ik_session(&alice.identity, &bob).await;
    let offer = Signal::Offer { generation: 1, port: 1, sdp: String::new() };
    stream.write_all(&sealed(&carol, session, &[(0, &offer)])).await.unwrap();
    assert_eq!(stream.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_a_conversation() {
    let (alice, mut bob) = friends().await;
    let (mut stream, _session) = ik_session(&alice.identity, &bob).await;
    stream.write_all(&frame(&vec![0; MAX_MESSAGE + 1]).unwrap()).await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_recorded_session_sent_again_opens_nothing() {
    let (alice, mut bob) = friends().await;
    let (mut stream, session) = ik_session(&alice.identity, &bob).await;
    let offer = Signal::Offer { generation: 1, port: 1, sdp: String::new() };
    let said = sealed(&alice.identity, session, &[(0, &offer)]);
    stream.write_all(&said).await.unwrap();
    assert!(matches!(bob.input().await, Input::OfferArrived { .. }));
    drop(stream);
    let (_, first) = Dialling::ik(&alice.identity, bob.identity.card(), [4; 32]).unwrap();
    let end = observe(bob.address(), &[first, said].concat()).await;
    assert_eq!(end.received, 0, "not even the handshake is answered");
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn a_hundred_silent_connections_keep_no_friend_out() {
    let (alice, mut bob) = friends().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(bob.address()).await.unwrap());
    }
    let dialled = alice.dial(&bob).await.unwrap();
    dialled.say.send(Signal::Offer { generation: 1, port: 1, sdp: String::new() }).await.unwrap();
    assert!(matches!(bob.input().await, Input::OfferArrived { .. }));
    assert_eq!(silent.len(), 100);
}

#[tokio::test]
async fn many_who_come_at_once_are_all_answered() {
    let bob = companion(2, DiscoveryMode::EveryoneNearby);
    let knocks = (0..100).map(|_| async {
        let mut stream = TcpStream::connect(bob.address()).await.unwrap();
        stream.write_all(&Dialling::xx(&Identity::from_seed([7; 32]), [4; 32]).unwrap().1).await.unwrap();
        read_frame(&mut stream).await.len()
    });
    assert!(futures_util::future::join_all(knocks).await.into_iter().all(|length| length == 224));
}

#[tokio::test]
async fn a_conversation_without_a_word_ends() {
    let (alice, bob) = friends().await;
    let mut dialled = alice.dial(&bob).await.unwrap();
    assert_eq!(next(&mut dialled).await, None);
}

#[tokio::test]
async fn a_friend_who_comes_and_says_nothing_is_let_go() {
    let (alice, mut bob) = friends().await;
    let (mut stream, _session) = ik_session(&alice.identity, &bob).await;
    let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut Vec::new())).await;
    assert_eq!(end.expect("it stays open").unwrap(), 0);
    assert!(bob.inputs.try_recv().is_err());
}

#[tokio::test]
async fn an_offer_that_is_not_taken_expires_and_one_of_a_friend_no_more_is_dropped() {
    let (alice, mut bob) = friends().await;
    let offer = Signal::Offer { generation: 1, port: 1, sdp: String::new() };
    let mut dialled = alice.dial(&bob).await.unwrap();
    dialled.say.send(offer.clone()).await.unwrap();
    let Input::OfferArrived { ticket, .. } = bob.input().await else { panic!("an offer") };
    assert_eq!(next(&mut dialled).await, None, "the other side hears nothing but the end");
    assert!(bob.signalling.take_offer(ticket).is_none());

    let dialled = alice.dial(&bob).await.unwrap();
    dialled.say.send(offer).await.unwrap();
    let Input::OfferArrived { ticket, .. } = bob.input().await else { panic!("an offer") };
    bob.follow(DiscoveryMode::FriendsOnly, &[]);
    assert!(bob.signalling.take_offer(ticket).is_none());
}

#[tokio::test]
async fn listening_ends_with_the_last_handle() {
    let bob = companion(2, DiscoveryMode::FriendsOnly);
    let (address, clone) = (bob.address(), bob.signalling.clone());
    drop(bob);
    TcpStream::connect(address).await.unwrap();
    drop(clone);
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
    }
}

struct Companion {
    identity: Identity,
    signalling: Signalling,
    inputs: mpsc::Receiver<Input>,
}

impl Companion {
    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.signalling.port()))
    }

    fn follow(&self, mode: DiscoveryMode, friends: &[&Identity]) {
        let friends = friends.iter().map(|friend| *friend.card()).collect();
        self.signalling.set_plan(&DiscoveryPlan { mode, friends, name: None });
    }

    async fn dial(&self, other: &Companion) -> Result<Conversation, DialError> {
        self.signalling.dial(*other.identity.card(), vec![other.address()]).await
    }

    async fn input(&mut self) -> Input {
        let next = tokio::time::timeout(Duration::from_secs(10), self.inputs.recv()).await;
        next.expect("nothing was reported").expect("signalling runs")
    }
}

fn started(seed: u8) -> Companion {
    let identity = Identity::from_seed([seed; 32]);
    let (inputs, receiver) = Inputs::channel(64);
    let config = SignallingConfig { identity: identity.clone(), port: 0, loopback_only: true };
    let timing = Timing { silence: SILENCE, idle: SILENCE * 2, offer: SILENCE, ..Timing::DEFAULT };
    let signalling = Signalling::start_with(config, inputs, timing).unwrap();
    Companion { identity, signalling, inputs: receiver }
}

fn companion(seed: u8, mode: DiscoveryMode) -> Companion {
    let companion = started(seed);
    companion.follow(mode, &[]);
    companion
}

/// Alice and Bob, who know each other.
async fn friends() -> (Companion, Companion) {
    let (alice, bob) = (started(1), started(2));
    alice.follow(DiscoveryMode::FriendsOnly, &[&bob.identity]);
    bob.follow(DiscoveryMode::FriendsOnly, &[&alice.identity]);
    (alice, bob)
}

fn candidate(text: &str) -> Signal {
    Signal::Candidate { candidate: text.to_owned(), mid: None }
}

async fn next(conversation: &mut Conversation) -> Option<Signal> {
    tokio::time::timeout(Duration::from_secs(10), conversation.hear.recv()).await.expect("nothing was said")
}

fn named(companion: &Companion) -> Target {
    Target::Named(format!("localhost:{}", companion.signalling.port()))
}

/// An address at which nobody listens: bound, so that nobody else gets it, until the tests end.
fn free_address() -> SocketAddr {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    std::mem::forget(socket);
    address
}

/// How a connection ended that sent these bytes.
struct End {
    received: usize,
    clean: bool,
    after: Duration,
}

async fn observe(address: SocketAddr, bytes: &[u8]) -> End {
    let started = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut received = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut received)).await;
    End { received: received.len(), clean: ended.expect("it stays open").is_ok(), after: started.elapsed() }
}

/// A session by hand, with the entropy `[4; 32]`.
async fn ik_session(me: &Identity, to: &Companion) -> (TcpStream, crate::wire::session::Session) {
    let mut stream = TcpStream::connect(to.address()).await.unwrap();
    let (dialling, first) = Dialling::ik(me, to.identity.card(), [4; 32]).unwrap();
    stream.write_all(&first).await.unwrap();
    let (session, _) = dialling.hear(&read_frame(&mut stream).await).unwrap();
    (stream, session)
}

async fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let read = async {
        let mut message = vec![0; stream.read_u16().await.unwrap().into()];
        stream.read_exact(&mut message).await.unwrap();
        message
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.expect("no frame came")
}

/// These signals with these numbers, in envelopes by `sender`, as frames of this session.
fn sealed(sender: &Identity, session: crate::wire::session::Session, signals: &[(u32, &Signal)]) -> Vec<u8> {
    use crate::wire::envelope::{Freshness, seal};
    let (to, freshness) = (*session.card(), Freshness::Nonce(session.handshake_hash()));
    let mut sealer = session.split().0;
    let framed = signals.iter().map(|(number, signal)| {
        let envelope = seal(sender, &to, freshness, *number, 1_800_000_000, &signal.encode(), [6; 32]);
        sealer.seal(&envelope).unwrap()
    });
    framed.collect::<Vec<_>>().concat()
}
