//! One code in use: what to say at its place, what to make of what is heard there.
//!
//! Pure: told what comes and when, it says what to put up. Relays lose events, so what has no answer yet is said again.

use std::time::Duration;

use tokio::time::Instant;
use tracing::debug;

use crate::domain::{DisplayName, Identity, InviteCode};
use crate::engine::snapshot::CodeFailure;
use crate::wire::WireError;
use crate::wire::pairing::{self, Exchange, Keyed, Pairing, Role, Shown, Stretched};
use crate::wire::rendezvous::Topic;

/// After this something is said again, then after twice as long, and so on up to the second.
const AGAIN: [Duration; 2] = [Duration::from_millis(400), Duration::from_secs(2)];
/// How long a joiner asks before nobody is said to be there.
const ASK_FOR: Duration = Duration::from_secs(45);
/// How long somebody who has answered may take for the next step.
const STEP: Duration = Duration::from_secs(20);
/// How long an unsigned refusal is doubted.
const DOUBT: Duration = Duration::from_secs(3);
/// How long the last word is said again to whoever has missed it.
const LINGER: Duration = Duration::from_secs(20);

/// A code in use.
#[derive(Debug)]
pub(super) struct CodeSession {
    role: Role,
    code: InviteCode,
    stage: Stage,
    again: Option<Again>,
    /// When the stage is over.
    until: Option<Instant>,
    /// As the joiner: somebody has said that the code is used up.
    refused: bool,
}

#[derive(Debug)]
enum Stage {
    /// Nobody has answered.
    Open(Box<Exchange>),
    /// As the issuer: somebody has asked.
    Asked { ask: Pairing, reply: Pairing, keyed: Keyed },
    /// As the joiner: I have shown who I am.
    Shown { keyed: Keyed, show: Pairing },
    /// As the issuer: it has worked; what was shown and what I said to it.
    Worked { show: Vec<u8>, done: Pairing },
    /// It is used up. As the issuer: by what.
    Spent { by: Option<Pairing> },
}

#[derive(Debug)]
struct Again {
    at: Instant,
    pause: Duration,
    message: Pairing,
}

impl Again {
    const fn from(at: Instant, message: Pairing) -> Self {
        let [pause, _] = AGAIN;
        Self { at, pause, message }
    }
}

/// What follows from something heard, or from time that has passed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// To be put up.
    pub(super) say: Option<Pairing>,
    /// How it ended; once.
    pub(super) ended: Option<Result<Shown, CodeFailure>>,
}

impl CodeSession {
    /// Begins. A joiner asks at once.
    pub(super) fn begin(role: Role, code: InviteCode, stretched: &Stretched, now: Instant) -> Result<Self, WireError> {
        let exchange = Exchange::begin(role, stretched)?;
        let (again, until) = match role {
            Role::Issuer => (None, None),
            Role::Joiner => (Some(Again::from(now, exchange.ask())), Some(now + ASK_FOR)),
        };
        Ok(Self { role, code, stage: Stage::Open(Box::new(exchange)), again, until, refused: false })
    }

    /// Where I speak.
    pub(super) fn speaks(&self, day: u32) -> Topic {
        pairing::topic(&self.code, day, self.role)
    }

    /// Where the other speaks.
    pub(super) fn hears(&self, day: u32) -> Topic {
        let other = if self.role == Role::Issuer { Role::Joiner } else { Role::Issuer };
        pairing::topic(&self.code, day, other)
    }

    /// When something is to be said again, or a stage is over.
    pub(super) fn due(&self) -> Option<Instant> {
        self.again.iter().map(|again| again.at).chain(self.until).min()
    }

    /// Whether there is nothing more to be said or heard.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Spent { .. }) && self.until.is_none()
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Instant) -> Step {
        if self.until.is_some_and(|until| until <= now) {
            (self.until, self.again) = (None, None);
            let failure = match (&self.stage, self.role) {
                (Stage::Open(_), Role::Joiner) if self.refused => Some(CodeFailure::UsedUp),
                (Stage::Shown { .. }, _) if self.refused => Some(CodeFailure::Wrong),
                (Stage::Open(_), _) => Some(CodeFailure::NobodyThere),
                (Stage::Asked { .. }, _) => Some(CodeFailure::Wrong),
                (Stage::Shown { .. }, _) => Some(CodeFailure::Silent),
                (Stage::Worked { .. } | Stage::Spent { .. }, _) => None,
            };
            self.stage = Stage::Spent { by: None };
            return Step { say: None, ended: failure.map(Err) };
        }
        let Some(again) = self.again.as_mut().filter(|again| again.at <= now) else { return Step::default() };
        let [_, longest] = AGAIN;
        again.at = now + again.pause;
        again.pause = (again.pause * 2).min(longest);
        Step { say: Some(again.message.clone()), ended: None }
    }

    /// Something was said where the other speaks.
    pub(super) fn hear(&mut self, now: Instant, me: &Identity, name: Option<&DisplayName>, message: Pairing) -> Step {
        match (self.role, message) {
            (Role::Issuer, ask @ Pairing::Ask(_)) => self.asked(now, ask),
            (Role::Issuer, Pairing::Show(sealed)) => self.shown(now, me, name, sealed),
            (Role::Joiner, Pairing::Reply { ask, half }) => self.replied(now, me, name, ask, half),
            (Role::Joiner, Pairing::Done(sealed)) => self.done(&sealed),
            (Role::Joiner, Pairing::Spent { ask }) => self.refused(now, ask),
            (Role::Issuer, Pairing::Reply { .. } | Pairing::Done(_) | Pairing::Spent { .. })
            | (Role::Joiner, Pairing::Ask(_) | Pairing::Show(_)) => Step::default(),
        }
    }

    fn asked(&mut self, now: Instant, ask: Pairing) -> Step {
        let Pairing::Ask(half) = ask else { return Step::default() };
        match &self.stage {
            Stage::Open(_) => {}
            Stage::Asked { ask: first, reply, .. } if *first == ask => return say(reply.clone()),
            Stage::Spent { by: Some(first) } if *first == ask => return Step::default(),
            Stage::Asked { .. } | Stage::Shown { .. } | Stage::Worked { .. } | Stage::Spent { .. } => {
                return say(Pairing::Spent { ask: pairing::hash_of(&ask.encode()) });
            }
        }
        let Stage::Open(exchange) = std::mem::replace(&mut self.stage, Stage::Spent { by: Some(ask.clone()) }) else {
            return Step::default();
        };
        match exchange.answer(half) {
            Ok((reply, keyed)) => {
                self.until = Some(now + STEP);
                self.stage = Stage::Asked { ask, reply: reply.clone(), keyed };
                say(reply)
            }
            Err(error) => {
                debug!(%error, "somebody answers a code with no answer");
                self.until = Some(now + LINGER);
                Step { say: None, ended: Some(Err(CodeFailure::Wrong)) }
            }
        }
    }

    fn shown(&mut self, now: Instant, me: &Identity, name: Option<&DisplayName>, sealed: Vec<u8>) -> Step {
        if let Stage::Worked { show, done } = &self.stage {
            return if *show == sealed { say(done.clone()) } else { Step::default() };
        }
        let Stage::Asked { ask, keyed, .. } = &self.stage else { return Step::default() };
        self.until = Some(now + LINGER);
        match keyed.finish(me, name, &sealed) {
            Ok((shown, done)) => {
                self.stage = Stage::Worked { show: sealed, done: done.clone() };
                Step { say: Some(done), ended: Some(Ok(shown)) }
            }
            Err(error) => {
                debug!(%error, "somebody answers a code wrongly");
                let refusal = Pairing::Spent { ask: pairing::hash_of(&ask.encode()) };
                self.stage = Stage::Spent { by: None };
                Step { say: Some(refusal), ended: Some(Err(CodeFailure::Wrong)) }
            }
        }
    }

    fn replied(&mut self, now: Instant, me: &Identity, name: Option<&DisplayName>, ask: [u8; 16], half: [u8; 33]) -> Step {
        let Stage::Open(exchange) = &self.stage else { return Step::default() };
        if pairing::hash_of(&exchange.ask().encode()) != ask {
            // Somebody else's.
            return Step::default();
        }
        let Stage::Open(exchange) = std::mem::replace(&mut self.stage, Stage::Spent { by: None }) else {
            return Step::default();
        };
        match exchange.take(half) {
            Ok(keyed) => {
                self.refused = false;
                let show = keyed.show(me, name);
                let [pause, _] = AGAIN;
                self.again = Some(Again::from(now + pause, show.clone()));
                self.until = Some(now + STEP);
                self.stage = Stage::Shown { keyed, show: show.clone() };
                say(show)
            }
            Err(error) => {
                debug!(%error, "a code is answered with no answer");
                self.give_up(CodeFailure::Wrong)
            }
        }
    }

    fn done(&mut self, sealed: &[u8]) -> Step {
        let Stage::Shown { keyed, show } = &self.stage else { return Step::default() };
        match keyed.learn(show, sealed) {
            Ok(shown) => {
                (self.again, self.until, self.stage) = (None, None, Stage::Spent { by: None });
                Step { say: None, ended: Some(Ok(shown)) }
            }
            // Anybody can put up garbage; the issuer's own word may still come.
            Err(_) => Step::default(),
        }
    }

    /// Nobody has signed this, so that the issuer's own word is waited for a moment longer: it counts more.
    fn refused(&mut self, now: Instant, ask: [u8; 16]) -> Step {
        let meant = match &self.stage {
            Stage::Open(exchange) => pairing::hash_of(&exchange.ask().encode()) == ask,
            Stage::Shown { .. } => true,
            Stage::Asked { .. } | Stage::Worked { .. } | Stage::Spent { .. } => false,
        };
        if meant && !self.refused {
            self.refused = true;
            self.until = Some(self.until.map_or(now + DOUBT, |until| until.min(now + DOUBT)));
        }
        Step::default()
    }

    fn give_up(&mut self, failure: CodeFailure) -> Step {
        (self.again, self.until, self.stage) = (None, None, Stage::Spent { by: None });
        Step { say: None, ended: Some(Err(failure)) }
    }
}

const fn say(message: Pairing) -> Step {
    Step { say: Some(message), ended: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends, and the time.
    struct Two {
        now: Instant,
        issuer: (Identity, CodeSession),
        joiner: (Identity, CodeSession),
    }

    impl Two {
        fn new(secret: [u8; 2]) -> Self {
            let code = |last| InviteCode::from_random([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, last]);
            let now = Instant::now();
            let begin = |role, last| {
                let stretched = pairing::stretch(&code(last)).unwrap();
                CodeSession::begin(role, code(last), &stretched, now).unwrap()
            };
            let [of_issuer, of_joiner] = secret;
            let issuer = (Identity::from_seed([1; 32]), begin(Role::Issuer, of_issuer));
            Self { now, issuer, joiner: (Identity::from_seed([2; 32]), begin(Role::Joiner, of_joiner)) }
        }

        fn tell_issuer(&mut self, message: Option<Pairing>) -> Step {
            let (me, session) = &mut self.issuer;
            session.hear(self.now, me, None, message.unwrap())
        }

        fn tell_joiner(&mut self, message: Option<Pairing>) -> Step {
            let (me, session) = &mut self.joiner;
            session.hear(self.now, me, DisplayName::new("Bea").ok().as_ref(), message.unwrap())
        }

        fn later(&mut self, seconds: u64) -> (Step, Step) {
            self.now += Duration::from_secs(seconds);
            (self.issuer.1.tick(self.now), self.joiner.1.tick(self.now))
        }
    }

    #[test]
    fn a_right_code_makes_friends_though_every_message_is_lost_once() {
        let mut two = Two::new([9, 9]);
        let (_, asks) = two.later(0);
        assert!(asks.say.is_some(), "at once");
        let (_, asks) = two.later(2);
        let _lost = two.tell_issuer(asks.say);
        let (_, asks) = two.later(2);
        let reply = two.tell_issuer(asks.say);
        let _lost = two.tell_joiner(reply.say);
        let (_, shows) = two.later(2);
        let done = two.tell_issuer(shows.say);
        let shown = done.ended.unwrap().unwrap();
        assert_eq!((shown.card, shown.name), (*two.joiner.0.card(), DisplayName::new("Bea").ok()));
        let (_, shows) = two.later(2);
        let again = two.tell_issuer(shows.say);
        assert_eq!(again.ended, None, "it ends once");
        let learnt = two.tell_joiner(again.say).ended.unwrap().unwrap();
        assert_eq!(learnt.card, *two.issuer.0.card());
        assert!(two.joiner.1.is_over());
        two.later(60);
        assert!(two.issuer.1.is_over());
    }

    #[test]
    fn a_wrong_code_is_noticed_by_both_and_used_up() {
        let mut two = Two::new([9, 8]);
        let (_, asks) = two.later(0);
        let reply = two.tell_issuer(asks.say);
        let show = two.tell_joiner(reply.say);
        let refusal = two.tell_issuer(show.say);
        assert_eq!(refusal.ended, Some(Err(CodeFailure::Wrong)));
        assert_eq!(two.tell_joiner(refusal.say), Step::default(), "nobody has signed it");
        assert_eq!(two.later(3).1.ended, Some(Err(CodeFailure::Wrong)));
        let second = Two::new([9, 9]).later(0).1;
        let answer = two.tell_issuer(second.say);
        assert!(matches!(answer.say, Some(Pairing::Spent { .. })), "the right one comes too late");
        let mut late = Two::new([9, 9]);
        let (_, asks) = late.later(0);
        let Some(ask) = asks.say else { unreachable!() };
        late.tell_joiner(Some(Pairing::Spent { ask: pairing::hash_of(&ask.encode()) }));
        assert_eq!(late.later(3).1.ended, Some(Err(CodeFailure::UsedUp)));
    }

    #[test]
    fn a_thousand_guesses_open_nothing() {
        let mut two = Two::new([9, 9]);
        for number in 0..1000_u32 {
            let mut guess = [7; 33];
            guess[1..5].copy_from_slice(&number.to_be_bytes());
            let answer = two.tell_issuer(Some(Pairing::Ask(guess)));
            assert!(!matches!(answer.ended, Some(Ok(_))));
            let shown = two.tell_issuer(Some(Pairing::Show(vec![0; 200])));
            assert!(!matches!(shown.ended, Some(Ok(_))));
        }
    }

    #[test]
    fn a_refusal_that_anybody_made_up_does_not_keep_the_two_apart() {
        let mut two = Two::new([9, 9]);
        let (_, asks) = two.later(0);
        let Some(ask) = &asks.say else { unreachable!() };
        let made_up = || Some(Pairing::Spent { ask: pairing::hash_of(&ask.encode()) });
        two.tell_joiner(made_up());
        two.later(1);
        let reply = two.tell_issuer(asks.say.clone());
        let show = two.tell_joiner(reply.say);
        two.tell_joiner(made_up());
        let done = two.tell_issuer(show.say);
        two.later(2);
        assert!(matches!(two.tell_joiner(done.say).ended, Some(Ok(_))));
    }

    #[test]
    fn who_waits_too_long_hears_why() {
        let mut two = Two::new([9, 9]);
        let (issuer, joiner) = two.later(50);
        assert_eq!((issuer.ended, joiner.ended), (None, Some(Err(CodeFailure::NobodyThere))), "an issuer may wait");
        let mut two = Two::new([9, 9]);
        let (_, asks) = two.later(0);
        let reply = two.tell_issuer(asks.say);
        two.tell_joiner(reply.say);
        let (issuer, joiner) = two.later(30);
        assert_eq!(issuer.ended, Some(Err(CodeFailure::Wrong)), "somebody asked and did not show themselves");
        assert_eq!(joiner.ended, Some(Err(CodeFailure::Silent)));
    }

    #[test]
    fn garbage_between_changes_nothing() {
        let mut two = Two::new([9, 9]);
        let (_, asks) = two.later(0);
        assert_eq!(two.tell_joiner(Some(Pairing::Done(vec![1; 200]))), Step::default());
        assert_eq!(two.tell_joiner(Some(Pairing::Spent { ask: [1; 16] })), Step::default());
        let reply = two.tell_issuer(asks.say.clone());
        let show = two.tell_joiner(reply.say);
        assert_eq!(two.tell_joiner(Some(Pairing::Done(vec![1; 200]))), Step::default());
        assert_eq!(two.tell_issuer(asks.say).ended, None, "an echo");
        assert!(matches!(two.tell_issuer(show.say).ended, Some(Ok(_))));
    }
}
