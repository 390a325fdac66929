//! Two companions' rendezvous with real relays on this machine, some of them bad.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test waits for the input that it is about")]
#![allow(clippy::disallowed_methods, reason = "what takes how long is printed")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE64;
use nostr_relay_builder::builder::{PolicyResult, RateLimit, WritePolicy};
use nostr_relay_builder::{LocalRelay, RelayBuilder};
use nostr_sdk::prelude::{BoxedFuture, Event, JsonUtil};
use tokio::sync::mpsc;

use super::*;
use crate::domain::{DiscoveryMode, DisplayName, Invitation, InviteCode, RelayUrl};
use crate::engine::input::Input;
use crate::engine::output::DiscoveryPlan;
use crate::engine::snapshot::{CodeFailure, RelayState, RelayView};
use crate::runtime::signalling::SignallingConfig;
use crate::wire::pairing::Role;
use crate::wire::signal::Signal;

/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn friends_meet_and_an_offer_its_answer_and_candidates_go_both_ways() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = friends(&[relay.url()]).await;
    alice.meets(&bob, true).await;
    bob.meets(&alice, true).await;

    let mut dialled = alice.rendezvous.dial(bob.card()).await.unwrap();
    assert_eq!((dialled.card, dialled.address), (bob.card(), None));
    let offer = Signal::Offer { generation: 7, port: 1, sdp: "an offer".to_owned() };
    dialled.say.send(offer.clone()).await.unwrap();
    dialled.say.send(candidate("from Alice")).await.unwrap();
    let mut pending = bob.offer().await;
    assert_eq!((pending.conversation.card, pending.sdp.as_str(), pending.generation), (alice.card(), "an offer", 7));
    assert_eq!(pending.offer_hash, *blake3::hash(&offer.encode()).as_bytes());
    assert_eq!(heard(&mut pending.conversation).await, Some(candidate("from Alice")));

    let answer = Signal::Answer { offer: pending.offer_hash, sdp: "x".repeat(20 << 10) };
    pending.conversation.say.send(answer.clone()).await.unwrap();
    pending.conversation.say.send(candidate("from Bob")).await.unwrap();
    assert_eq!(heard(&mut dialled).await, Some(answer));
    assert_eq!(heard(&mut dialled).await, Some(candidate("from Bob")));
    drop(dialled);
    assert_eq!(heard(&mut pending.conversation).await, None, "dropping it ends it for both");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friend_who_starts_again_is_reached_again_and_silence_is_noticed() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = friends(&[relay.url()]).await;
    alice.meets(&bob, true).await;
    bob.stop();
    // What he said last may still be under way when the first conversation begins.
    while let Ok(mut conversation) = alice.rendezvous.dial(bob.card()).await {
        conversation.say.send(Signal::Offer { generation: 1, port: 1, sdp: String::new() }).await.unwrap();
        let answer = tokio::time::timeout(friend::SILENCE, conversation.hear.recv()).await;
        assert!(answer.is_err(), "nobody is there");
    }
    alice.meets(&bob, false).await;
    assert!(alice.rendezvous.dial(bob.card()).await.is_err());
    let mut bob = End::start(2).await;
    bob.follow(&[relay.url()], &[alice.card()]);
    alice.meets(&bob, true).await;
    bob.meets(&alice, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_and_a_refusing_relay_harm_nobody_and_are_shown_as_they_are() {
    let good = Relay::start().await;
    let refusing = Relay::with(RelayBuilder::default().min_pow(255)).await;
    let dead: RelayUrl = "ws://127.0.0.1:9".parse().unwrap();
    let relays = [dead.clone(), refusing.url(), good.url()];
    let (mut alice, bob) = friends(&relays).await;
    alice.meets(&bob, true).await;
    let state =
        |relays: &[RelayView], url: &RelayUrl| relays.iter().find(|relay| relay.url == *url).map(|relay| relay.state.clone());
    alice
        .until(|input| {
            let Input::Relays(relays) = input else { return None };
            let right = state(relays, &good.url()) == Some(RelayState::Connected)
                && state(relays, &dead) == Some(RelayState::Unreachable)
                && matches!(state(relays, &refusing.url()), Some(RelayState::Refuses(words)) if words.contains("pow"));
            right.then_some(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_repeats_everything_begins_nothing_twice() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = friends(&[relay.url()]).await;
    alice.meets(&bob, true).await;
    let dialled = alice.rendezvous.dial(bob.card()).await.unwrap();
    dialled.say.send(Signal::Offer { generation: 7, port: 1, sdp: String::new() }).await.unwrap();
    let _pending = bob.offer().await;
    let old = relay.seen();
    // Everything that was ever said, to companions that have begun anew.
    let mut again = End::start(2).await;
    again.follow(&[relay.url()], &[alice.card()]);
    alice.meets(&again, true).await;
    old.iter().for_each(|event| _ = relay.relay.notify_event(event.clone()));
    let mut honest = alice.rendezvous.dial(again.card()).await.unwrap();
    honest.say.send(Signal::Offer { generation: 9, port: 1, sdp: String::new() }).await.unwrap();
    let offer = again.offer().await;
    assert_eq!(offer.generation, 9, "the old offer is nobody's");
    assert!(honest.hear.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_become_friends_by_a_code() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = (End::start(1).await, End::start(2).await);
    for end in [&alice, &bob] {
        end.follow(&[relay.url()], &[]);
    }
    let (began, code) = (std::time::Instant::now(), InviteCode::from_random([5; 12]));
    alice.rendezvous.use_code(order(1, &code, Role::Issuer, "Aria")).await;
    bob.rendezvous.use_code(order(2, &code, Role::Joiner, "Bea")).await;
    assert_eq!(bob.code_ended(2).await, Ok((alice.card(), DisplayName::new("Aria").ok())));
    assert_eq!(alice.code_ended(1).await, Ok((bob.card(), DisplayName::new("Bea").ok())));
    println!("friends by a code in {} ms", began.elapsed().as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_used_up_and_both_hear_of_it() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = (End::start(1).await, End::start(2).await);
    for end in [&alice, &bob] {
        end.follow(&[relay.url()], &[]);
    }
    let (mut bytes, right) = ([5; 12], InviteCode::from_random([5; 12]));
    bytes[11] ^= 1;
    alice.rendezvous.use_code(order(1, &right, Role::Issuer, "Aria")).await;
    bob.rendezvous.use_code(order(2, &InviteCode::from_random(bytes), Role::Joiner, "Bea")).await;
    assert_eq!(alice.code_ended(1).await, Err(CodeFailure::Wrong));
    assert_eq!(bob.code_ended(2).await, Err(CodeFailure::Wrong));
    bob.rendezvous.use_code(order(3, &right, Role::Joiner, "Bea")).await;
    assert_eq!(bob.code_ended(3).await, Err(CodeFailure::UsedUp), "the right one comes too late");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_waits_for_an_issuer_who_comes_later_and_is_answered() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = (End::start(1).await, End::start(2).await);
    let invitation = Invitation {
        card: alice.card(),
        secret: InvitationSecret::from_bytes([7; 16]),
        over_unix: u64::MAX,
        relays: vec![relay.url()],
    };
    let plan = RendezvousPlan { relays: vec![relay.url()], name: DisplayName::new("Somebody").ok(), ..RendezvousPlan::default() };
    bob.rendezvous.set_plan(RendezvousPlan { taken: vec![invitation.clone()], ..plan.clone() });
    let connected = |input: &Input| {
        let Input::Relays(relays) = input else { return None };
        relays.iter().any(|relay| relay.state == RelayState::Connected).then_some(())
    };
    bob.until(connected).await;
    alice.rendezvous.set_plan(RendezvousPlan { issued: vec![invitation.secret.clone()], ..plan });
    let guest = alice
        .until(|input| match input {
            Input::Redeemed { secret, card, name } if *secret == invitation.secret => Some((*card, name.clone())),
            _ => None,
        })
        .await;
    assert_eq!(guest, (bob.card(), DisplayName::new("Somebody").ok()));
    alice.rendezvous.answer_guest(invitation.secret.clone(), guest.0, Answer::Welcome).await;
    let answer = bob
        .until(|input| match input {
            Input::InvitationAnswered { secret, answer, .. } if *secret == invitation.secret => Some(*answer),
            _ => None,
        })
        .await;
    assert_eq!(answer, Answer::Welcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_learns_no_key_name_or_content() {
    let relay = Relay::start().await;
    let (mut alice, mut bob) = friends(&[relay.url()]).await;
    alice.meets(&bob, true).await;
    let dialled = alice.rendezvous.dial(bob.card()).await.unwrap();
    let sdp = "v=0 a=candidate:1 1 udp 1 192.0.2.77 4000 typ host".to_owned();
    dialled.say.send(Signal::Offer { generation: 7, port: 1, sdp: sdp.clone() }).await.unwrap();
    let _pending = bob.offer().await;
    let code = InviteCode::from_random([5; 12]);
    alice.rendezvous.use_code(order(1, &code, Role::Issuer, "Aria of Odin")).await;
    bob.rendezvous.use_code(order(2, &code, Role::Joiner, "Bea of Odin")).await;
    bob.code_ended(2).await.unwrap();

    let seen = relay.seen();
    let mut secrets: Vec<Vec<u8>> = vec![sdp.into_bytes(), b"Aria of Odin".to_vec(), b"Bea of Odin".to_vec()];
    secrets.extend(code.words().map(|word| word.as_bytes().to_vec()));
    for card in [alice.card(), bob.card()] {
        secrets.push(card.peer().as_bytes().to_vec());
        secrets.push(card.sealing_key().to_vec());
        secrets.push(card.peer().short().into_bytes());
        secrets.push(card.peer().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    }
    for event in &seen {
        let (text, content) = (event.as_json().into_bytes(), BASE64.decode(event.content.as_bytes()).unwrap());
        for secret in &secrets {
            let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!holds(&text) && !holds(&content), "{}", String::from_utf8_lossy(secret));
        }
    }
    let count = |of: &dyn Fn(&Event) -> String| seen.iter().map(of).collect::<BTreeSet<_>>().len();
    let (keys, topics) = (count(&|event| event.pubkey.to_hex()), count(&|event| format!("{:?}", event.tags)));
    let sizes: BTreeSet<usize> = seen.iter().map(|event| event.content.len()).collect();
    println!("{} events by {keys} keys under {topics} topics, of {sizes:?} characters", seen.len());
    assert_eq!(keys, seen.len(), "a key is used once");
}

/// A relay on this machine that remembers what it was given.
struct Relay {
    relay: LocalRelay,
    seen: Arc<Seen>,
    url: String,
}

#[derive(Debug, Default)]
struct Seen(Mutex<Vec<Event>>);

impl WritePolicy for Seen {
    fn admit_event<'a>(&'a self, event: &'a Event, _: &'a SocketAddr) -> BoxedFuture<'a, PolicyResult> {
        self.0.lock().unwrap().push(event.clone());
        Box::pin(async { PolicyResult::Accept })
    }
}

#[derive(Debug)]
struct Shared(Arc<Seen>);

impl WritePolicy for Shared {
    fn admit_event<'a>(&'a self, event: &'a Event, source: &'a SocketAddr) -> BoxedFuture<'a, PolicyResult> {
        self.0.admit_event(event, source)
    }
}

impl Relay {
    async fn start() -> Self {
        Self::with(RelayBuilder::default()).await
    }

    async fn with(builder: RelayBuilder) -> Self {
        let seen = Arc::new(Seen::default());
        let limits = RateLimit { max_reqs: 100, notes_per_minute: 1000 };
        let relay = LocalRelay::new(builder.write_policy(Shared(Arc::clone(&seen))).rate_limit(limits));
        relay.run().await.unwrap();
        let url = relay.url().await.to_string();
        Self { relay, seen, url }
    }

    fn url(&self) -> RelayUrl {
        self.url.parse().unwrap()
    }

    fn seen(&self) -> Vec<Event> {
        self.seen.0.lock().unwrap().clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.relay.shutdown();
    }
}

/// One companion, as far as it takes part here.
struct End {
    identity: Identity,
    rendezvous: Rendezvous,
    signalling: Signalling,
    inputs: mpsc::Receiver<Input>,
}

async fn friends(relays: &[RelayUrl]) -> (End, End) {
    let (alice, bob) = (End::start(1).await, End::start(2).await);
    alice.follow(relays, &[bob.card()]);
    bob.follow(relays, &[alice.card()]);
    (alice, bob)
}

impl End {
    async fn start(seed: u8) -> Self {
        let identity = Identity::from_seed([seed; 32]);
        let (reports, inputs) = Inputs::channel(256);
        let config = SignallingConfig { identity: identity.clone(), port: 0, loopback_only: true };
        let signalling = Signalling::start(config, reports.clone()).await.unwrap();
        let config = RendezvousConfig { identity: identity.clone(), loopback_only: true };
        let rendezvous = Rendezvous::start(config, signalling.clone(), reports).unwrap();
        Self { identity, rendezvous, signalling, inputs }
    }

    fn follow(&self, relays: &[RelayUrl], friends: &[Card]) {
        let friends = friends.to_vec();
        self.signalling.set_plan(&DiscoveryPlan { mode: DiscoveryMode::FriendsOnly, friends: friends.clone(), name: None });
        self.rendezvous.set_plan(RendezvousPlan { relays: relays.to_vec(), friends, ..RendezvousPlan::default() });
    }

    fn card(&self) -> Card {
        *self.identity.card()
    }

    /// Ends as a process that is killed does.
    fn stop(&mut self) {
        let other = Inputs::channel(1).0;
        let config = RendezvousConfig { identity: self.identity.clone(), loopback_only: true };
        self.rendezvous = Rendezvous::start(config, self.signalling.clone(), other).unwrap();
    }

    async fn until<T>(&mut self, wanted: impl Fn(&Input) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = wanted(&self.inputs.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("it comes in time")
    }

    async fn meets(&mut self, other: &Self, there: bool) {
        let whom = other.card().peer();
        self.until(|input| matches!(input, Input::Met { peer, here } if (*peer, *here) == (whom, there)).then_some(())).await;
    }

    async fn offer(&mut self) -> crate::runtime::signalling::PendingOffer {
        let ticket = self
            .until(|input| match input {
                Input::OfferArrived { ticket, address: None, .. } => Some(*ticket),
                _ => None,
            })
            .await;
        self.signalling.take_offer(ticket).unwrap()
    }

    async fn code_ended(&mut self, number: u64) -> Result<(Card, Option<DisplayName>), CodeFailure> {
        self.until(|input| match input {
            Input::CodeEnded { invite, result } if *invite == InviteId(number) => Some(result.clone()),
            _ => None,
        })
        .await
    }
}

fn order(number: u64, code: &InviteCode, role: Role, name: &str) -> CodeOrder {
    CodeOrder { invite: InviteId(number), code: code.clone(), role, name: DisplayName::new(name).ok() }
}

fn candidate(text: &str) -> Signal {
    Signal::Candidate { candidate: text.to_owned(), mid: None }
}

async fn heard(conversation: &mut Conversation) -> Option<Signal> {
    tokio::time::timeout(PATIENCE, conversation.hear.recv()).await.expect("it comes in time")
}
