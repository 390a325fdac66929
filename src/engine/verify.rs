//! Comparing codes: two people read six digits to each other and know that nobody sits between them.
//!
//! The lower peer id commits to a nonce, the other side answers with its own, the commitment is opened. The code comes from both
//! cards, the link's generation and both nonces, so that whoever sits between would have to guess it in one try. What ends
//! after the commitment without two yeses counts as failed; three failures lock the comparing for a day.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::circle::Circle;
use super::desk::{Deadline, Desk, seconds_until};
use super::input::LinkKey;
use super::link::Links;
use super::notice::Notice;
use super::snapshot::Prompt;
use crate::domain::{Card, PeerId};
use crate::wire::control::{Control, VerifyStep};

const COMMIT_LABEL: &[u8] = b"fyteclub/1/verify-commit";
const CODE_LABEL: &[u8] = b"fyteclub/1/verify-code";
/// People have this long to compare.
const WITHIN: Duration = Duration::from_secs(600);
const MAX_FAILURES: u32 = 3;
const LOCKED_FOR: Duration = Duration::from_secs(24 * 3600);

/// Comparisons under way, and those that failed.
#[derive(Debug)]
pub(super) struct Verify {
    me: Card,
    sessions: BTreeMap<PeerId, Session>,
    failures: BTreeMap<PeerId, Failures>,
}

#[derive(Debug)]
struct Session {
    link: LinkKey,
    since: Instant,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// I asked the lower peer id to start.
    Asked,
    /// I am the lower peer id and have committed to this nonce.
    Committed { mine: [u8; 32] },
    /// I am the higher peer id and have answered with this nonce.
    Answered { commitment: [u8; 32], mine: [u8; 32] },
    /// Both see the code.
    Shown { code: String, mine: bool, theirs: bool },
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    locked_until: Option<Instant>,
}

impl Verify {
    pub(super) const fn new(me: Card) -> Self {
        Self { me, sessions: BTreeMap::new(), failures: BTreeMap::new() }
    }

    /// The person wants to compare codes.
    ///
    /// # Errors
    /// One sentence: why not now.
    pub(super) fn start(&mut self, desk: &mut Desk, circle: &Circle, links: &Links, peer: PeerId) -> Result<(), String> {
        if let Some(until) = self.locked_until(desk.now(), &peer) {
            let hours = seconds_until(until, desk.now()).div_ceil(3600);
            return Err(format!("comparing codes failed three times and is locked for {hours} hours"));
        }
        let called = circle.called(&peer);
        let link =
            links.linked(&peer).ok_or_else(|| format!("{called} is not connected: codes are compared while both are online"))?;
        if self.sessions.contains_key(&peer) {
            return Err(format!("codes are being compared with {called} already"));
        }
        if self.me.peer() < peer {
            self.commit(desk, circle, link);
        } else {
            desk.send(link, Control::Verify(VerifyStep::Ask));
            self.begin(desk, link, Step::Asked);
        }
        Ok(())
    }

    /// The person says whether the codes are equal.
    ///
    /// # Errors
    /// One sentence if there is no code to speak of.
    pub(super) fn confirm(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId, equal: bool) -> Result<(), String> {
        let shown = self.sessions.get_mut(&peer).and_then(|session| match &mut session.step {
            Step::Shown { mine, .. } => Some((session.link, mine)),
            Step::Asked | Step::Committed { .. } | Step::Answered { .. } => None,
        });
        let (link, mine) = shown.ok_or("no codes are being compared with them: start it first")?;
        *mine = equal;
        desk.send(link, Control::Verify(VerifyStep::Confirm(equal)));
        if equal {
            self.conclude(desk, circle, peer);
        } else {
            self.fail(desk, peer);
        }
        Ok(())
    }

    /// The other side took a step.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn heard(
        &mut self,
        desk: &mut Desk,
        circle: &mut Circle,
        link: LinkKey,
        step: &VerifyStep,
    ) -> Result<(), &'static str> {
        let peer = link.peer;
        let lower = self.me.peer() < peer;
        match *step {
            VerifyStep::Ask if lower => self.asked(desk, circle, link),
            VerifyStep::Commit(commitment) if !lower => self.committed(desk, link, commitment),
            VerifyStep::Answer(theirs) if lower => self.answered(desk, circle, link, theirs)?,
            VerifyStep::Open(theirs) if !lower => self.opened(desk, circle, link, theirs)?,
            VerifyStep::Confirm(equal) => self.confirmed(desk, circle, peer, equal)?,
            VerifyStep::Abort => self.aborted(desk, peer),
            VerifyStep::Ask | VerifyStep::Commit(_) | VerifyStep::Answer(_) | VerifyStep::Open(_) => {
                return Err("it took a step of comparing codes that is not its to take");
            }
        }
        Ok(())
    }

    /// Ends what has lost its link or takes too long.
    pub(super) fn settle(&mut self, desk: &mut Desk, links: &Links) {
        let now = desk.now();
        let over: Vec<(PeerId, LinkKey)> = self
            .sessions
            .iter()
            .filter(|(_, session)| !links.is_linked(session.link) || session.since + WITHIN <= now)
            .map(|(peer, session)| (*peer, session.link))
            .collect();
        for (peer, link) in over {
            if links.is_linked(link) {
                desk.send(link, Control::Verify(VerifyStep::Abort));
            }
            self.aborted(desk, peer);
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.sessions.values().map(|session| session.since + WITHIN).min().map(|at| (at, "comparing codes takes too long"))
    }

    /// The codes that stand before the person.
    pub(super) fn prompts(&self) -> impl Iterator<Item = (Instant, Prompt)> {
        self.sessions.iter().filter_map(|(peer, session)| match &session.step {
            Step::Shown { code, mine, .. } => {
                Some((session.since, Prompt::CompareCode { peer: *peer, code: code.clone(), confirmed: *mine }))
            }
            Step::Asked | Step::Committed { .. } | Step::Answered { .. } => None,
        })
    }

    fn locked_until(&self, now: Instant, peer: &PeerId) -> Option<Instant> {
        self.failures.get(peer)?.locked_until.filter(|until| *until > now)
    }

    fn begin(&mut self, desk: &Desk, link: LinkKey, step: Step) {
        self.sessions.insert(link.peer, Session { link, since: desk.now(), step });
    }

    fn commit(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey) {
        let mine = desk.random_bytes();
        if let Some(commitment) = self.commitment(circle, link, &mine) {
            desk.send(link, Control::Verify(VerifyStep::Commit(commitment)));
            self.begin(desk, link, Step::Committed { mine });
        }
    }

    fn asked(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey) {
        if self.sessions.contains_key(&link.peer) {
            return;
        }
        if self.locked_until(desk.now(), &link.peer).is_some() {
            return desk.send(link, Control::Verify(VerifyStep::Abort));
        }
        self.commit(desk, circle, link);
    }

    fn committed(&mut self, desk: &mut Desk, link: LinkKey, commitment: [u8; 32]) {
        let fresh = self.sessions.get(&link.peer).is_none_or(|session| matches!(session.step, Step::Asked));
        if !fresh {
            // A second commitment in one comparison would be a second guess.
            self.fail(desk, link.peer);
        }
        if !fresh || self.locked_until(desk.now(), &link.peer).is_some() {
            return desk.send(link, Control::Verify(VerifyStep::Abort));
        }
        let mine = desk.random_bytes();
        desk.send(link, Control::Verify(VerifyStep::Answer(mine)));
        self.begin(desk, link, Step::Answered { commitment, mine });
    }

    fn answered(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey, theirs: [u8; 32]) -> Result<(), &'static str> {
        let Some(Session { step: Step::Committed { mine }, .. }) = self.sessions.get(&link.peer) else {
            return self.out_of_turn(link.peer);
        };
        let mine = *mine;
        desk.send(link, Control::Verify(VerifyStep::Open(mine)));
        self.show(circle, link, &mine, &theirs);
        Ok(())
    }

    fn opened(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey, theirs: [u8; 32]) -> Result<(), &'static str> {
        let Some(Session { step: Step::Answered { commitment, mine }, .. }) = self.sessions.get(&link.peer) else {
            return self.out_of_turn(link.peer);
        };
        let (commitment, mine) = (*commitment, *mine);
        if self.commitment(circle, link, &theirs) != Some(commitment) {
            self.fail(desk, link.peer);
            return Err("it opened another commitment than it had made");
        }
        self.show(circle, link, &theirs, &mine);
        Ok(())
    }

    fn confirmed(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId, equal: bool) -> Result<(), &'static str> {
        let Some(Session { step: Step::Shown { theirs, .. }, .. }) = self.sessions.get_mut(&peer) else {
            return self.out_of_turn(peer);
        };
        *theirs = equal;
        if equal {
            self.conclude(desk, circle, peer);
        } else {
            self.fail(desk, peer);
        }
        Ok(())
    }

    /// A step of a comparison that I have ended is late, not wrong; so it is where a new one has begun to which the other side has
    /// said nothing yet.
    fn out_of_turn(&self, peer: PeerId) -> Result<(), &'static str> {
        match self.sessions.get(&peer).map(|session| &session.step) {
            None | Some(Step::Asked | Step::Committed { .. }) => Ok(()),
            Some(Step::Answered { .. } | Step::Shown { .. }) => Err("it took a step of comparing codes out of turn"),
        }
    }

    fn aborted(&mut self, desk: &mut Desk, peer: PeerId) {
        match self.sessions.get(&peer).map(|session| &session.step) {
            Some(Step::Asked) => {
                self.sessions.remove(&peer);
                desk.notify(Notice::VerificationEnded { peer, verified: false });
            }
            Some(Step::Committed { .. } | Step::Answered { .. } | Step::Shown { .. }) => self.fail(desk, peer),
            None => {}
        }
    }

    fn conclude(&mut self, desk: &mut Desk, circle: &mut Circle, peer: PeerId) {
        let both = matches!(self.sessions.get(&peer), Some(Session { step: Step::Shown { mine: true, theirs: true, .. }, .. }));
        if both {
            self.sessions.remove(&peer);
            self.failures.remove(&peer);
            circle.verified(&peer);
            desk.notify(Notice::VerificationEnded { peer, verified: true });
        }
    }

    fn fail(&mut self, desk: &mut Desk, peer: PeerId) {
        self.sessions.remove(&peer);
        let now = desk.now();
        let failures = self.failures.entry(peer).or_default();
        failures.count += 1;
        desk.notify(Notice::VerificationEnded { peer, verified: false });
        if failures.count >= MAX_FAILURES {
            *failures = Failures { count: 0, locked_until: Some(now + LOCKED_FOR) };
            let text = "Comparing codes failed three times and is locked for a day. If you did not mistype, somebody may sit between you: \
                        meet, or ask over another channel."
                .to_owned();
            desk.notify(Notice::ConnectionFailed { peer: Some(peer), text });
        }
    }

    /// `lower` is the lower peer id's nonce.
    fn show(&mut self, circle: &Circle, link: LinkKey, lower: &[u8; 32], higher: &[u8; 32]) {
        let Some((a, b)) = self.cards(circle, link.peer) else { return };
        let code = code(&a, &b, link, lower, higher);
        if let Some(session) = self.sessions.get_mut(&link.peer) {
            session.step = Step::Shown { code, mine: false, theirs: false };
        }
    }

    /// The card of the lower peer id first.
    fn cards(&self, circle: &Circle, peer: PeerId) -> Option<(Card, Card)> {
        let theirs = circle.member(&peer)?.card;
        Some(if self.me.peer() < peer { (self.me, theirs) } else { (theirs, self.me) })
    }

    fn commitment(&self, circle: &Circle, link: LinkKey, nonce: &[u8; 32]) -> Option<[u8; 32]> {
        let (a, b) = self.cards(circle, link.peer)?;
        Some(commitment(&a, &b, link, nonce))
    }
}

fn commitment(a: &Card, b: &Card, link: LinkKey, nonce: &[u8; 32]) -> [u8; 32] {
    // The role of the committing side is always "lower": only it commits.
    *hash(COMMIT_LABEL, &[b"lower", &a.to_bytes(), &b.to_bytes(), &link.generation.to_be_bytes(), nonce]).as_bytes()
}

fn code(a: &Card, b: &Card, link: LinkKey, lower: &[u8; 32], higher: &[u8; 32]) -> String {
    let hash = hash(CODE_LABEL, &[&a.to_bytes(), &b.to_bytes(), &link.generation.to_be_bytes(), lower, higher]);
    let number = hash.as_bytes().iter().fold(0u64, |rest, byte| (rest * 256 + u64::from(*byte)) % 1_000_000);
    format!("{number:06}")
}

/// Every part has a fixed length but the label, which a zero byte ends.
fn hash(label: &[u8], parts: &[&[u8]]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(label).update(&[0]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}
