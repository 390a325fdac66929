//! What is known of a friend's run of the program, and the conversations with it.
//!
//! Pure: told what comes and when, it says what to post. A run is believed in once it has spoken under my own session, which
//! only it can have heard.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::debug;

use super::pace::Pace;
use crate::domain::Card;
use crate::wire::rendezvous::{ConversationId, Heard, PairTopics, Post, SessionId, signals};
use crate::wire::signal::Signal;

/// Conversations that a friend may have begun at once.
const MAX_TALKS: usize = 4;
/// Conversations that have ended and are not begun again.
const MAX_ENDED: usize = 256;
/// Posts in one conversation.
const MAX_POSTS: u32 = 512;
/// A friend's calls are answered no more often.
const ANSWER_EVERY: Duration = Duration::from_secs(1);
/// Who says nothing for so long is not there: relays take a second at most.
pub(super) const SILENCE: Duration = Duration::from_secs(5);
/// A conversation without a word ends after this.
const IDLE: Duration = Duration::from_secs(30);

/// A friend, seen by relays.
#[derive(Debug)]
pub(super) struct Friend {
    pub(super) card: Card,
    pub(super) topics: PairTopics,
    /// The session of theirs that has spoken under mine.
    pub(super) theirs: Option<SessionId>,
    pace: Pace,
    /// When they last spoke under mine.
    heard_at: Option<Instant>,
    answered: Option<Instant>,
    /// An answer that waits, since the last one is not long ago.
    owed: Option<SessionId>,
    talks: BTreeMap<ConversationId, Talk>,
    ended: VecDeque<ConversationId>,
}

#[derive(Debug)]
struct Talk {
    /// Whether I have begun it.
    mine: bool,
    /// The number of my next post.
    next: u32,
    heard: BTreeSet<u32>,
    hear: mpsc::Sender<Signal>,
    began: Instant,
    last: Instant,
}

/// What follows from a post.
#[derive(Debug, Default)]
pub(super) struct Reaction {
    /// To be posted, under this session of theirs.
    pub(super) answer: Option<SessionId>,
    /// The friend's run is within reach now, and was not before.
    pub(super) arrived: bool,
    /// A conversation that the friend begins, with its first signals.
    pub(super) begun: Option<(ConversationId, Vec<Vec<u8>>)>,
}

impl Friend {
    pub(super) fn new(card: Card, topics: PairTopics) -> Self {
        Self {
            card,
            topics,
            theirs: None,
            pace: Pace::default(),
            heard_at: None,
            answered: None,
            owed: None,
            talks: BTreeMap::new(),
            ended: VecDeque::new(),
        }
    }

    /// Takes a post.
    pub(super) fn hear(&mut self, now: Instant, heard: Heard) -> Reaction {
        let Some(session) = heard.post.session().copied() else { return Reaction::default() };
        if !heard.fresh {
            // Perhaps an old one. An answer does no harm, and brings out whether somebody is there.
            self.owed = Some(session);
            return Reaction { answer: self.answer_due(now), ..Reaction::default() };
        }
        self.heard_at = Some(now);
        let mut reaction = Reaction::default();
        if self.theirs.replace(session) != Some(session) {
            reaction.arrived = true;
            reaction.answer = Some(session);
            self.answered = Some(now);
        }
        match heard.post {
            Post::Here { .. } | Post::Unknown { .. } => {}
            Post::Say { conversation, signals, .. } => reaction.begun = self.said(now, conversation, heard.number, signals),
            Post::Over { conversation, .. } => self.end(conversation),
        }
        reaction
    }

    /// The answer to a call, once it is due.
    pub(super) fn answer_due(&mut self, now: Instant) -> Option<SessionId> {
        let may = self.answered.is_none_or(|answered| now.saturating_duration_since(answered) >= ANSWER_EVERY);
        let answer = self.owed.take_if(|_| may);
        if answer.is_some() {
            self.answered = Some(now);
        }
        answer
    }

    fn said(
        &mut self,
        now: Instant,
        id: ConversationId,
        number: u32,
        encoded: Vec<Vec<u8>>,
    ) -> Option<(ConversationId, Vec<Vec<u8>>)> {
        let Some(talk) = self.talks.get_mut(&id) else {
            let begun_by_them = self.talks.values().filter(|talk| !talk.mine).count();
            let new = !self.ended.contains(&id) && begun_by_them < MAX_TALKS;
            return new.then_some((id, encoded));
        };
        if number >= MAX_POSTS || !talk.heard.insert(number) {
            return None;
        }
        talk.last = now;
        match signals(&encoded) {
            Ok(signals) => signals.into_iter().for_each(|signal| {
                if talk.hear.try_send(signal).is_err() {
                    debug!("a conversation does not listen");
                }
            }),
            Err(error) => {
                debug!(%error, "a conversation is broken off");
                self.end(id);
            }
        }
        None
    }

    /// A conversation begins; `first`: the number of a post that was heard already.
    pub(super) fn begin(&mut self, now: Instant, id: ConversationId, hear: mpsc::Sender<Signal>, first: Option<u32>) {
        let heard = first.into_iter().collect();
        self.talks.insert(id, Talk { mine: first.is_none(), next: 0, heard, hear, began: now, last: now });
    }

    /// The number of the next post of a conversation; `None` if it has ended.
    pub(super) fn number(&mut self, now: Instant, id: ConversationId) -> Option<u32> {
        let talk = self.talks.get_mut(&id)?;
        let number = talk.next;
        talk.next += 1;
        talk.last = now;
        Some(number)
    }

    /// A conversation is ended by me. Whether I had begun it and met with nothing but silence since.
    pub(super) fn end_mine(&mut self, now: Instant, id: ConversationId) -> bool {
        let silent = |talk: &Talk| {
            let long = now.saturating_duration_since(talk.began) >= SILENCE;
            talk.mine && long && self.heard_at.is_none_or(|heard| heard < talk.began)
        };
        let silent = self.talks.get(&id).is_some_and(silent);
        self.end(id);
        silent
    }

    fn end(&mut self, id: ConversationId) {
        if self.talks.remove(&id).is_some() {
            self.ended.push_back(id);
            if self.ended.len() > MAX_ENDED {
                self.ended.pop_front();
            }
        }
    }

    /// There is news: they are to be called, and again soon if they do not answer.
    pub(super) const fn call_from(&mut self, at: Instant) {
        self.pace.begin(at);
    }

    /// Whether they are to be called now.
    pub(super) fn call_due(&mut self, now: Instant) -> bool {
        self.theirs.is_none() && self.pace.is_due(now)
    }

    /// Ends conversations without a word.
    pub(super) fn tend(&mut self, now: Instant) {
        let idle = |talk: &Talk| now.saturating_duration_since(talk.last) >= IDLE;
        let over: Vec<ConversationId> = self.talks.iter().filter(|(_, talk)| idle(talk)).map(|(id, _)| *id).collect();
        over.into_iter().for_each(|id| self.end(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Identity;

    #[test]
    fn a_call_is_answered_and_believed_in_nothing() {
        let mut friend = friend();
        let now = Instant::now();
        let reaction = friend.hear(now, heard(false, Post::Here { session: [5; 32] }));
        assert_eq!((reaction.answer, reaction.arrived, friend.theirs), (Some([5; 32]), false, None));
        let again = friend.hear(now, heard(false, Post::Here { session: [6; 32] }));
        assert_eq!(again.answer, None, "not that often");
        assert_eq!(friend.answer_due(now + ANSWER_EVERY), Some([6; 32]), "but then");
        assert_eq!(friend.answer_due(now + 2 * ANSWER_EVERY), None);
    }

    #[test]
    fn who_speaks_under_my_session_is_there_and_hears_it_once() {
        let mut friend = friend();
        let here = heard(true, Post::Here { session: [5; 32] });
        let reaction = friend.hear(Instant::now(), here.clone());
        assert_eq!((reaction.answer, reaction.arrived, friend.theirs), (Some([5; 32]), true, Some([5; 32])));
        let again = friend.hear(Instant::now(), here);
        assert_eq!((again.answer, again.arrived), (None, false));
        let restarted = friend.hear(Instant::now(), heard(true, Post::Here { session: [6; 32] }));
        assert!(restarted.arrived);
    }

    #[tokio::test]
    async fn each_post_is_heard_once_and_no_conversation_begins_twice() {
        let mut friend = friend();
        let now = Instant::now();
        let say = |number| {
            let signal = Signal::Candidate { candidate: String::new(), mid: None }.encode();
            let post = Post::Say { session: [5; 32], conversation: [1; 16], signals: vec![signal] };
            Heard { number, issued_unix: 0, fresh: true, post }
        };
        let begun = friend.hear(now, say(0)).begun.unwrap();
        let (hear, mut heard_signals) = mpsc::channel(9);
        friend.begin(now, begun.0, hear, Some(0));
        for number in [0, 1, 1, 2, 1] {
            assert!(friend.hear(now, say(number)).begun.is_none());
        }
        assert_eq!(std::iter::from_fn(|| heard_signals.try_recv().ok()).count(), 2);
        friend.hear(now, heard(true, Post::Over { session: [5; 32], conversation: [1; 16] }));
        assert!(heard_signals.recv().await.is_none());
        assert!(friend.hear(now, say(0)).begun.is_none(), "it has ended");
    }

    #[test]
    fn a_friend_begins_only_so_many_at_once_and_silent_ones_end() {
        let mut friend = friend();
        let now = Instant::now();
        let say = |id: u8| heard(true, Post::Say { session: [5; 32], conversation: [id; 16], signals: Vec::new() });
        let mut ends = Vec::new();
        for id in 0..10 {
            if let Some((id, _)) = friend.hear(now, say(id)).begun {
                let (hear, end) = mpsc::channel(1);
                friend.begin(now, id, hear, Some(0));
                ends.push(end);
            }
        }
        assert_eq!(ends.len(), MAX_TALKS);
        friend.tend(now + IDLE);
        assert!(friend.hear(now + IDLE, say(11)).begun.is_some());
    }

    #[test]
    fn silence_upon_what_i_began_is_noticed() {
        let mut friend = friend();
        let ((hear, _heard), now) = (mpsc::channel(1), Instant::now());
        for id in [1, 3, 4] {
            friend.begin(now, [id; 16], hear.clone(), None);
        }
        friend.begin(now, [2; 16], hear, Some(0));
        assert_eq!(friend.number(now, [1; 16]), Some(0));
        assert_eq!(friend.number(now, [1; 16]), Some(1));
        assert!(!friend.end_mine(now, [1; 16]), "another offer may stand");
        assert!(!friend.end_mine(now + SILENCE, [2; 16]), "they began it");
        assert!(friend.end_mine(now + SILENCE, [3; 16]));
        friend.hear(now + SILENCE, heard(true, Post::Here { session: [5; 32] }));
        assert!(!friend.end_mine(now + SILENCE, [4; 16]), "they were heard");
        assert_eq!(friend.number(now, [1; 16]), None);
    }

    #[test]
    fn who_is_heard_is_not_called() {
        let (mut friend, now) = (friend(), Instant::now());
        friend.call_from(now);
        assert!(friend.call_due(now));
        friend.hear(now, heard(true, Post::Here { session: [5; 32] }));
        assert!(!friend.call_due(now + Duration::from_secs(9)));
    }

    fn friend() -> Friend {
        let (me, they) = (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]));
        Friend::new(*they.card(), PairTopics::new(&me, they.card()))
    }

    fn heard(fresh: bool, post: Post) -> Heard {
        Heard { number: 0, issued_unix: 0, fresh, post }
    }
}
