//! Friends who know no address of each other, by a relay: everything here is a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command as Process, Stdio};
use std::time::Instant;

use fyteclub::domain::{DiscoveryMode, RelayUrl};
use fyteclub::engine::snapshot::{CodeFailure, CodeState, TakenState};

use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_read_a_code_to_each_other_become_friends_and_see_each_other_also_after_a_restart() {
    let (theatre, relay) = (Theatre::new(), Relay::start());
    let mut aria = far(&theatre, "Aria", ARIA, &relay).await;
    let mut bea = far(&theatre, "Bea", BEA, &relay).await;
    share(&mut aria, Audience::AllFriends).await;
    share(&mut bea, Audience::AllFriends).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);

    let code = offer(&mut aria).await;
    #[allow(clippy::disallowed_methods, reason = "what it takes is printed")]
    let began = Instant::now();
    bea.command(Command::JoinByCode { code }).await.unwrap();
    for (one, other) in [(&mut aria, bea_id), (&mut bea, aria_id)] {
        one.wait_for("a link", SOON, |seen| is_linked(seen, &other).then_some(())).await.unwrap();
        let trust = peer(&one.snapshot().await.unwrap(), &other).unwrap().trust;
        assert_eq!(trust, fyteclub::domain::Trust::Verified);
    }
    println!("from the last word typed to a link: {} ms", began.elapsed().as_millis());
    sees(&mut aria, &bea).await;
    sees(&mut bea, &aria).await;

    bea.kill_companion().await.unwrap();
    wear(&aria, &[("a/body.mdl", b"meanwhile")]);
    bea.start_companion().unwrap();
    bea.start_plugin(&[ARIA.parse().unwrap()]).unwrap();
    sees(&mut bea, &aria).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_taken_up_while_its_maker_is_away_makes_friends_when_they_are_back_and_lets_in_nobody_else() {
    let (theatre, relay) = (Theatre::new(), Relay::start());
    let mut aria = far(&theatre, "Aria", ARIA, &relay).await;
    let mut bea = far(&theatre, "Bea", BEA, &relay).await;
    let mut cid = far(&theatre, "Cid", "Cid Nan@Odin", &relay).await;
    share(&mut aria, Audience::AllFriends).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);
    let lasting = std::time::Duration::from_secs(3600);
    aria.command(Command::OfferInvitation { lasting, uses: 1 }).await.unwrap();
    let made = |seen: &Snapshot| seen.invites.issued.first().map(|issued| issued.invitation.to_string());
    let link = aria.wait_for("a link", SOON, made).await.unwrap();
    aria.kill_companion().await.unwrap();

    bea.command(Command::TakeInvitation { link: link.clone() }).await.unwrap();
    bea.kill_companion().await.unwrap();
    bea.start_companion().unwrap();
    bea.start_plugin(&[ARIA.parse().unwrap()]).unwrap();
    let waits = |seen: &Snapshot| seen.invites.taken.first().filter(|taken| taken.peer == aria_id).map(drop);
    bea.wait_for("waiting for Aria", SOON, waits).await.unwrap();

    aria.start_companion().unwrap();
    aria.start_plugin(&[]).unwrap();
    aria.wait_for("a link", SOON, |seen| is_linked(seen, &bea_id).then_some(())).await.unwrap();
    sees(&mut bea, &aria).await;
    cid.command(Command::TakeInvitation { link }).await.unwrap();
    let refused =
        |seen: &Snapshot| seen.invites.taken.first().is_some_and(|taken| taken.state == TakenState::UsedUp).then_some(());
    cid.wait_for("being told that it is used up", SOON, refused).await.unwrap();
    assert_eq!(aria.snapshot().await.unwrap().peers.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_word_makes_no_friends_and_both_are_told() {
    let (theatre, relay) = (Theatre::new(), Relay::start());
    let mut aria = far(&theatre, "Aria", ARIA, &relay).await;
    let mut bea = far(&theatre, "Bea", BEA, &relay).await;
    let right = offer(&mut aria).await;
    let (first, last) = right.rsplit_once(' ').unwrap();
    let wrong = format!("{first} {}", if last == "zoo" { "acid" } else { "zoo" });
    bea.command(Command::JoinByCode { code: wrong }).await.unwrap();
    let failed = CodeState::Failed { why: CodeFailure::Wrong };
    let offered = |seen: &Snapshot| seen.invites.offered.as_ref().is_some_and(|code| code.state == failed).then_some(());
    aria.wait_for("hearing of a wrong answer", SOON, offered).await.unwrap();
    let joined = |seen: &Snapshot| seen.invites.joined.as_ref().is_some_and(|code| code.state == failed).then_some(());
    bea.wait_for("hearing of it", SOON, joined).await.unwrap();
    for one in [&mut aria, &mut bea] {
        assert!(one.snapshot().await.unwrap().peers.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_any_relay_a_code_says_so() {
    let theatre = Theatre::new();
    let mut aria = theatre.stage.actor("Aria", ARIA).unwrap();
    settle(&aria, "ws://127.0.0.1:9");
    aria.start_companion().unwrap();
    offer(&mut aria).await;
    let failed = CodeState::Failed { why: CodeFailure::NoRelay };
    let said = |seen: &Snapshot| seen.invites.offered.as_ref().is_some_and(|code| code.state == failed).then_some(());
    aria.wait_for("giving up", SOON, said).await.unwrap();
}

/// A player who finds nobody but by this relay.
async fn far(theatre: &Theatre, name: &'static str, who: &str, relay: &Relay) -> Actor {
    let mut actor = theatre.stage.actor(name, who).unwrap();
    settle(&actor, &relay.url);
    let content = format!("{name}'s").into_bytes();
    wear(&actor, &[("a/body.mdl", &content), ("a/body.tex", &[7; 100_000])]);
    actor.start_companion().unwrap();
    actor.start_plugin(&[ARIA.parse().unwrap(), BEA.parse().unwrap()]).unwrap();
    id(&mut actor).await;
    actor
}

fn settle(actor: &Actor, relay: &str) {
    let mut settings = actor.profile.load_settings().unwrap().value;
    settings.discovery = DiscoveryMode::Off;
    settings.relays = vec![relay.parse::<RelayUrl>().unwrap()];
    actor.profile.save_settings(&settings).unwrap();
}

async fn offer(actor: &mut Actor) -> String {
    id(actor).await;
    actor.command(Command::OfferCode).await.unwrap();
    let shown = |seen: &Snapshot| seen.invites.offered.as_ref().map(|code| code.code.to_string());
    actor.wait_for("a code", SOON, shown).await.unwrap()
}

/// `fyteclub rendezvous`.
struct Relay {
    process: Child,
    url: String,
}

impl Relay {
    fn start() -> Self {
        let mut process = Process::new(env!("CARGO_BIN_EXE_fyteclub"))
            .args(["rendezvous", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned() }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
