//! What went between friends and me: bytes and looks by day, friend and character, for 90 days.
//!
//! Days are those of UTC, so that a journey moves nothing. Sums are kept, not events, so the history is as small as it can be and of
//! the hour only the last one is known. It is saved once a minute while it changes: a crash costs at most that minute.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::desk::{Deadline, Desk};
use super::snapshot::{Amount, CharacterHistory, DayHistory, FriendHistory, HistoryView};
use super::state::{SavedHistory, SavedSum};
use crate::domain::{Character, PeerId};

/// Days that are kept, today's included.
const DAYS: u32 = 90;
/// Sums that are kept: 20 friends with two characters each need 3,600. Beyond it the oldest day gives way.
const MAX_SUMS: usize = 20_000;
/// Between two savings.
const SAVE_PACE: Duration = Duration::from_secs(60);
const SECONDS_OF_A_DAY: u64 = 86_400;

/// A day, a friend, and the character if it is known.
type Key = (u32, PeerId, Option<Character>);

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    amount: Amount,
    last: u64,
}

/// Sums, and when they are saved next.
#[derive(Debug, Default)]
pub(super) struct History {
    sums: BTreeMap<Key, Sum>,
    today: u32,
    save_at: Option<Instant>,
    /// Put together when it is looked at.
    view: OnceLock<Arc<HistoryView>>,
}

impl History {
    pub(super) fn new(saved: SavedHistory, unix_now: u64) -> Self {
        let sum = |saved: SavedSum| {
            let amount = Amount { received: saved.received, sent: saved.sent, looks: saved.looks };
            ((saved.day, saved.peer, saved.character), Sum { amount, last: saved.last })
        };
        let mut history = Self { sums: saved.sums.into_iter().take(MAX_SUMS).map(sum).collect(), ..Self::default() };
        history.turn_to(unix_now);
        history
    }

    pub(super) fn to_saved(&self) -> SavedHistory {
        let sum = |((day, peer, character), sum): (&Key, &Sum)| SavedSum {
            day: *day,
            peer: *peer,
            character: character.clone(),
            received: sum.amount.received,
            sent: sum.amount.sent,
            looks: sum.amount.looks,
            last: sum.last,
        };
        SavedHistory { sums: self.sums.iter().map(sum).collect() }
    }

    /// Bytes of a friend's look are here.
    pub(super) fn received(&mut self, desk: &Desk, peer: PeerId, character: Character, bytes: u64) {
        self.add(desk, peer, Some(character), Amount { received: bytes, ..Amount::default() });
    }

    /// A friend's look is complete.
    pub(super) fn completed(&mut self, desk: &Desk, peer: PeerId, character: Character) {
        self.add(desk, peer, Some(character), Amount { looks: 1, ..Amount::default() });
    }

    /// A friend was served bytes of a look, of mine or of somebody whose character is not known.
    pub(super) fn sent(&mut self, desk: &Desk, peer: PeerId, character: Option<Character>, bytes: u64) {
        self.add(desk, peer, character, Amount { sent: bytes, ..Amount::default() });
    }

    /// Forgets everything, or what went to and from one friend. True if there was anything.
    pub(super) fn clear(&mut self, peer: Option<PeerId>) -> bool {
        let before = self.sums.len();
        self.sums.retain(|(_, whose, _), _| peer.is_some_and(|peer| peer != *whose));
        self.view.take();
        self.sums.len() != before
    }

    /// A day may have ended.
    pub(super) fn turn_to(&mut self, unix_now: u64) {
        let today = u32::try_from(unix_now / SECONDS_OF_A_DAY).unwrap_or(u32::MAX);
        if self.today != today {
            self.today = today;
            self.sums.retain(|(day, ..), _| day.saturating_add(DAYS) > today);
            self.view.take();
        }
    }

    /// Whether it is time to save.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.save_at.is_some_and(|at| at <= now)
    }

    /// Whether anything was not saved yet. From here on it is.
    pub(super) const fn take_unsaved(&mut self) -> bool {
        self.save_at.take().is_some()
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.save_at.map(|at| (at, "the history is saved"))
    }

    pub(super) fn view(&self) -> Arc<HistoryView> {
        Arc::clone(self.view.get_or_init(|| Arc::new(self.put_together())))
    }

    fn add(&mut self, desk: &Desk, peer: PeerId, character: Option<Character>, amount: Amount) {
        self.turn_to(desk.unix_now());
        let sum = self.sums.entry((self.today, peer, character)).or_default();
        sum.amount.add(amount);
        sum.last = sum.last.max(desk.unix_now());
        while self.sums.len() > MAX_SUMS && self.sums.pop_first().is_some() {}
        self.save_at.get_or_insert(desk.later(SAVE_PACE));
        self.view.take();
    }

    fn put_together(&self) -> HistoryView {
        let mut days = BTreeMap::<u32, Amount>::new();
        let mut friends = BTreeMap::<PeerId, FriendHistory>::new();
        for ((day, peer, character), sum) in &self.sums {
            days.entry(*day).or_default().add(sum.amount);
            let friend = friends.entry(*peer).or_insert_with(|| FriendHistory::of(*peer));
            friend.total.add(sum.amount);
            friend.last = friend.last.max(sum.last);
            match friend.days.last_mut().filter(|last| last.day == *day) {
                Some(last) => last.amount.add(sum.amount),
                None => friend.days.push(DayHistory { day: *day, amount: sum.amount }),
            }
            match friend.characters.iter_mut().find(|known| known.character == *character) {
                Some(known) => {
                    known.total.add(sum.amount);
                    known.last = known.last.max(sum.last);
                }
                None => {
                    friend.characters.push(CharacterHistory { character: character.clone(), total: sum.amount, last: sum.last });
                }
            }
        }
        let days = days.into_iter().map(|(day, amount)| DayHistory { day, amount }).collect();
        HistoryView { today: self.today, days, friends: friends.into_values().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(SECONDS_OF_A_DAY);

    #[test]
    fn sums_are_kept_by_day_friend_and_character() {
        let mut desk = desk();
        let mut history = History::new(SavedHistory::default(), desk.unix_now());
        history.received(&desk, peer(1), character("A"), 100);
        history.received(&desk, peer(1), character("A"), 20);
        history.completed(&desk, peer(1), character("A"));
        history.sent(&desk, peer(1), Some(character("B")), 7);
        history.sent(&desk, peer(2), None, 5);
        desk.advance(desk.later(DAY));
        history.received(&desk, peer(1), character("A"), 3);
        let view = history.view();
        assert_eq!(view.days.iter().map(|day| day.amount.received).collect::<Vec<_>>(), [120, 3]);
        let friend = view.friends.iter().find(|friend| friend.peer == peer(1)).unwrap();
        assert_eq!(friend.total, Amount { received: 123, sent: 7, looks: 1 });
        assert_eq!(friend.last, desk.unix_now());
        assert_eq!((friend.days.len(), friend.characters.len()), (2, 2));
        assert_eq!(history.view(), History::new(history.to_saved(), desk.unix_now()).view(), "it reads back");
    }

    #[test]
    fn what_is_older_than_90_days_is_forgotten_by_and_by() {
        let mut desk = desk();
        let mut history = History::new(SavedHistory::default(), desk.unix_now());
        history.sent(&desk, peer(1), None, 5);
        desk.advance(desk.later(DAY * (DAYS - 1)));
        history.turn_to(desk.unix_now());
        assert_eq!(history.view().friends.len(), 1);
        desk.advance(desk.later(DAY));
        history.turn_to(desk.unix_now());
        assert_eq!(history.view().friends.len(), 0);
    }

    #[test]
    fn however_much_happens_its_size_is_bounded_and_the_newest_stays() {
        let desk = desk();
        let mut history = History::new(SavedHistory::default(), desk.unix_now());
        history.sums.insert((history.today - 1, peer(1), None), Sum::default());
        for n in 0..MAX_SUMS {
            let letters: String =
                n.to_string().chars().map(|digit| char::from(b'a' + u8::try_from(digit).unwrap() - b'0')).collect();
            history.received(&desk, peer(2), character(&letters), 1);
        }
        assert_eq!(history.sums.len(), MAX_SUMS);
        assert!(history.sums.keys().all(|(day, ..)| *day == history.today));
    }

    #[test]
    fn it_is_saved_a_minute_after_the_first_change_and_not_before() {
        let mut desk = desk();
        let mut history = History::new(SavedHistory::default(), desk.unix_now());
        assert!(history.deadline().is_none() && !history.take_unsaved());
        history.sent(&desk, peer(1), None, 5);
        desk.advance(desk.later(Duration::from_secs(59)));
        history.sent(&desk, peer(1), None, 5);
        assert!(!history.is_due(desk.now()));
        desk.advance(desk.later(Duration::from_secs(1)));
        assert!(history.is_due(desk.now()) && history.take_unsaved() && !history.take_unsaved());
    }

    #[test]
    fn it_is_cleared_for_one_friend_or_for_all() {
        let desk = desk();
        let mut history = History::new(SavedHistory::default(), desk.unix_now());
        history.sent(&desk, peer(1), None, 5);
        history.sent(&desk, peer(2), None, 5);
        assert!(history.clear(Some(peer(1))) && !history.clear(Some(peer(1))));
        assert_eq!(history.view().friends.iter().map(|friend| friend.peer).collect::<Vec<_>>(), [peer(2)]);
        assert!(history.clear(None));
        assert!(history.to_saved().sums.is_empty());
    }

    #[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
    fn desk() -> Desk {
        Desk::new([0; 32], Instant::now(), 1_800_000_000)
    }

    fn peer(n: u8) -> PeerId {
        PeerId::from_bytes([n; 32])
    }

    fn character(name: &str) -> Character {
        Character::new(name, "Omega").unwrap()
    }
}
