//! `fyteclub ctl history`: what went between friends and me.

use serde_json::{Value, json};

use super::people::named;
use super::tables::Table;
use super::words;
use crate::domain::PeerId;
use crate::engine::snapshot::{Amount, CharacterHistory, DayHistory, FriendHistory, Snapshot};

const SECONDS_OF_A_DAY: u64 = 86_400;

/// What is asked for: with whom (`None`: everybody), and for how many days back, today included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) peer: Option<PeerId>,
    pub(super) days: u32,
}

pub(super) fn text(asked: Asked, snapshot: &Snapshot, width: Option<usize>) -> String {
    let friends = friends(asked, snapshot);
    if friends.is_empty() {
        return "Nothing was exchanged in that time.".to_owned();
    }
    let mut parts = Vec::new();
    if let (Some(_), [friend]) = (asked.peer, friends.as_slice()) {
        parts.push(characters(friend, width));
    } else {
        let mut table = Table::new(&["FRIEND", "RECEIVED", "SENT", "LOOKS", "LAST"]);
        for friend in &friends {
            table.row(with_amount(named(&friend.peer, snapshot), &friend.total, date_of(friend.last)));
        }
        parts.push(table.render(width));
    }
    let mut table = Table::new(&["DAY (UTC)", "RECEIVED", "SENT", "LOOKS"]);
    for day in sums(&friends) {
        table.row(with_amount(date(day.day), &day.amount, String::new()).into_iter().take(4));
    }
    parts.push(table.render(width));
    parts.join("\n\n")
}

pub(super) fn json(asked: Asked, snapshot: &Snapshot) -> Value {
    let friends = friends(asked, snapshot);
    json!({"today": date(snapshot.history.today), "days": sums(&friends), "friends": friends})
}

/// Those who are asked for, with nothing but the days asked for. Characters keep the sums of all days.
fn friends(asked: Asked, snapshot: &Snapshot) -> Vec<FriendHistory> {
    let first = snapshot.history.today.saturating_sub(asked.days.saturating_sub(1));
    let wanted = snapshot.history.friends.iter().filter(|friend| asked.peer.is_none_or(|peer| peer == friend.peer));
    let recent = wanted.cloned().map(|mut friend| {
        friend.days.retain(|day| day.day >= first);
        friend.total = Amount::default();
        friend.days.iter().for_each(|day| friend.total.add(day.amount));
        friend.characters.retain(|character| character.last >= u64::from(first) * SECONDS_OF_A_DAY);
        friend
    });
    recent.filter(|friend| !friend.days.is_empty()).collect()
}

fn characters(friend: &FriendHistory, width: Option<usize>) -> String {
    let mut table = Table::new(&["CHARACTER (90 DAYS)", "RECEIVED", "SENT", "LOOKS", "LAST"]);
    for CharacterHistory { character, total, last } in &friend.characters {
        table.row(with_amount(words::or_dash(character.as_ref()), total, date_of(*last)));
    }
    table.render(width)
}

/// All friends together, by day.
fn sums(friends: &[FriendHistory]) -> Vec<DayHistory> {
    let mut days = std::collections::BTreeMap::<u32, Amount>::new();
    for day in friends.iter().flat_map(|friend| &friend.days) {
        days.entry(day.day).or_default().add(day.amount);
    }
    days.into_iter().map(|(day, amount)| DayHistory { day, amount }).collect()
}

fn with_amount(what: String, amount: &Amount, last: String) -> [String; 5] {
    [what, words::bytes(amount.received), words::bytes(amount.sent), amount.looks.to_string(), last]
}

fn date_of(seconds: u64) -> String {
    date(u32::try_from(seconds / SECONDS_OF_A_DAY).unwrap_or(u32::MAX))
}

/// The date of a day since 1970, in the Gregorian calendar. Counted in eras of 400 years that begin on the first of March, so that the
/// day of a leap year is the last of its year.
fn date(day: u32) -> String {
    const DAYS_TO_1970: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = u64::from(day) + DAYS_TO_1970;
    let (era, of_era) = (days / ERA, days % ERA);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{of_month:02}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::stand_in::{self, BO, CY};
    use super::*;
    use crate::engine::snapshot::HistoryView;

    #[test]
    fn days_have_their_dates() {
        for (day, text) in
            [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_833, "2027-01-15")]
        {
            assert_eq!(date(day), text);
        }
    }

    #[test]
    fn friends_and_days_are_summed_over_the_days_asked_for() {
        let snapshot = with_history();
        let all = text(Asked { peer: None, days: 90 }, &snapshot, None);
        assert!(all.contains("Bo") && all.contains("Cy") && all.contains("3.0 KiB") && all.contains("1970-03-01"), "{all}");
        let recent = text(Asked { peer: None, days: 1 }, &snapshot, None);
        assert!(recent.contains("Bo") && !recent.contains("Cy") && recent.contains("1.0 KiB"), "{recent}");
        let bo = text(Asked { peer: Some(BO), days: 90 }, &snapshot, None);
        assert!(bo.contains("Bo Fyte@Odin") && !bo.contains("Cy"), "{bo}");
        let nobody = text(Asked { peer: Some(stand_in::DI), days: 90 }, &snapshot, None);
        assert!(nobody.ends_with('.'), "{nobody}");
        let value = json(Asked { peer: Some(BO), days: 90 }, &snapshot);
        assert_eq!((&value["today"], &value["days"][0]["received"]), (&json!("1970-03-02"), &json!(2_048)));
    }

    fn with_history() -> Snapshot {
        let day = |day, received| DayHistory { day, amount: Amount { received, sent: 1, looks: 1 } };
        let bo = FriendHistory {
            total: Amount { received: 3_072, sent: 2, looks: 2 },
            last: 60 * SECONDS_OF_A_DAY,
            days: vec![day(59, 2_048), day(60, 1_024)],
            characters: vec![CharacterHistory {
                character: "Bo Fyte@Odin".parse().ok(),
                total: Amount { received: 3_072, sent: 2, looks: 2 },
                last: 60 * SECONDS_OF_A_DAY,
            }],
            ..FriendHistory::of(BO)
        };
        let cy = FriendHistory { days: vec![day(59, 5)], ..FriendHistory::of(CY) };
        let history = HistoryView { today: 60, days: vec![], friends: vec![bo, cy] };
        Snapshot { history: Arc::new(history), ..stand_in::snapshot() }
    }
}
