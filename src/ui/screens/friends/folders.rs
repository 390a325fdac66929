//! Which friends stand in which folder, and in what order: pure functions of what the engine shows.

use std::collections::BTreeMap;

use crate::domain::Tag;
use crate::engine::snapshot::{HistoryView, LinkView, PeerView};

/// Where a friend stands in the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Folder {
    /// Connected, and a character of theirs is near in the game.
    Near,
    /// Connected.
    Online,
    /// Not there, or not yet.
    Offline,
    /// Paused by me.
    Paused,
    /// Blocked.
    Blocked,
    /// Bears this tag.
    Tagged(Tag),
    /// Bears no tag.
    Untagged,
}

/// By what friends are put into folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// By how they stand.
    #[default]
    State,
    /// By their tags; who has several stands in several.
    Tags,
}

/// In which order friends stand within a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// By what I call them.
    #[default]
    Name,
    /// Those with whom something was exchanged last come first.
    Recent,
    /// Those who have sent most come first.
    Amount,
}

/// Folders from top to bottom with their members, without empty ones.
pub(crate) fn folders<'a>(
    peers: impl Iterator<Item = &'a PeerView>,
    history: &HistoryView,
    grouping: Grouping,
    order: Order,
) -> Vec<(Folder, Vec<&'a PeerView>)> {
    let mut folders: BTreeMap<Folder, Vec<&PeerView>> = BTreeMap::new();
    for peer in peers {
        for folder in folders_of(peer, grouping) {
            folders.entry(folder).or_default().push(peer);
        }
    }
    folders
        .into_iter()
        .map(|(folder, mut members)| {
            sort(&mut members, history, order);
            (folder, members)
        })
        .collect()
}

fn folders_of(peer: &PeerView, grouping: Grouping) -> Vec<Folder> {
    match grouping {
        Grouping::State => vec![by_state(peer)],
        Grouping::Tags => {
            let tags: Vec<Folder> = peer.label.tags.iter().cloned().map(Folder::Tagged).collect();
            if tags.is_empty() { vec![Folder::Untagged] } else { tags }
        }
    }
}

fn by_state(peer: &PeerView) -> Folder {
    match peer.link {
        LinkView::Connected { .. } if peer.characters.iter().any(|view| view.near) => Folder::Near,
        LinkView::Connected { .. } => Folder::Online,
        LinkView::Connecting | LinkView::WaitingForAcceptance | LinkView::Offline { .. } => Folder::Offline,
        LinkView::Paused => Folder::Paused,
        LinkView::Blocked => Folder::Blocked,
    }
}

fn sort(members: &mut [&PeerView], history: &HistoryView, order: Order) {
    let of = |peer: &PeerView| history.friends.iter().find(|friend| friend.peer == peer.peer);
    members.sort_by_cached_key(|peer| {
        let first = match order {
            Order::Name => 0,
            Order::Recent => of(peer).map_or(0, |friend| friend.last),
            Order::Amount => of(peer).map_or(0, |friend| friend.total.received),
        };
        let called = peer.called().map_or_else(|| peer.peer.short(), ToString::to_string).to_lowercase();
        (std::cmp::Reverse(first), called, peer.peer)
    });
}

/// Whether a friend is meant by what was typed: part of a name, a character, a tag, the note or the id.
pub(crate) fn matches(peer: &PeerView, search: &str) -> bool {
    let wanted = search.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    wanted.is_empty()
        || peer.name.as_ref().is_some_and(|name| has(name.as_str()))
        || peer.label.nickname.as_ref().is_some_and(|name| has(name.as_str()))
        || peer.label.tags.iter().any(|tag| has(tag.as_str()))
        || has(peer.label.note.as_str())
        || peer.characters.iter().any(|view| has(view.character.name()) || has(view.character.world()))
        || has(&peer.peer.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, DisplayName, Note, PeerId, Route};
    use crate::engine::snapshot::{Amount, FriendHistory};

    #[test]
    fn friends_stand_in_the_folder_of_their_state_and_empty_folders_are_left_out() {
        let peers = [friend("Aria", online()), friend("Bryn", LinkView::Blocked), friend("Cai", LinkView::Connecting)];
        let found = folders(peers.iter(), &HistoryView::default(), Grouping::State, Order::Name);
        let found: Vec<_> = found.iter().map(|(folder, members)| (folder.clone(), members.len())).collect();
        assert_eq!(found, [(Folder::Online, 1), (Folder::Offline, 1), (Folder::Blocked, 1)]);
    }

    #[test]
    fn who_bears_two_tags_stands_in_two_folders() {
        let mut both = friend("Aria", online());
        for tag in ["raid", "static"] {
            both.label.tags.add(Tag::new(tag).expect("a tag")).expect("room");
        }
        let peers = [both, friend("Bryn", online())];
        let found = folders(peers.iter(), &HistoryView::default(), Grouping::Tags, Order::Name);
        let names: Vec<_> = found.iter().map(|(folder, members)| (folder.clone(), members.len())).collect();
        let tagged = |tag| Folder::Tagged(Tag::new(tag).expect("a tag"));
        assert_eq!(names, [(tagged("raid"), 1), (tagged("static"), 1), (Folder::Untagged, 1)]);
    }

    #[test]
    fn the_order_is_by_name_without_regard_to_case_or_by_what_was_exchanged() {
        let peers = [friend("bryn", online()), friend("Aria", online())];
        let total = Amount { received: 9, sent: 0, looks: 0 };
        let history = HistoryView {
            friends: vec![FriendHistory { total, last: 7, ..FriendHistory::of(id("bryn")) }],
            ..HistoryView::default()
        };
        let first = |order| {
            let found = folders(peers.iter(), &history, Grouping::State, order);
            found.first().and_then(|(_, members)| members.first()).and_then(|peer| peer.name.clone()).map(|name| name.to_string())
        };
        assert_eq!(first(Order::Name).as_deref(), Some("Aria"));
        assert_eq!(first(Order::Recent).as_deref(), Some("bryn"));
        assert_eq!(first(Order::Amount).as_deref(), Some("bryn"));
    }

    #[test]
    fn the_search_looks_at_names_tags_notes_and_ids() {
        let mut peer = friend("Aria Moon", online());
        peer.label.nickname = DisplayName::new("Moony").ok();
        peer.label.note = Note::new("met in Limsa").expect("a note");
        peer.label.tags.add(Tag::new("raid").expect("a tag")).expect("room");
        for found in ["aria", "MOONY", "limsa", "rai", &peer.peer.short(), " "] {
            assert!(matches(&peer, found), "{found}");
        }
        assert!(!matches(&peer, "nobody"));
    }

    fn id(of: &str) -> PeerId {
        PeerId::from_bytes(*AppearanceId::of(of.as_bytes()).as_bytes())
    }

    fn friend(name: &str, link: LinkView) -> PeerView {
        PeerView { name: DisplayName::new(name).ok(), link, ..PeerView::of_friend(id(name)) }
    }

    fn online() -> LinkView {
        let remote = "127.0.0.1:1".parse().expect("an address");
        let round_trip_us = None;
        LinkView::Connected { route: Route::Lan, remote, round_trip_us, seconds: 1, sent: 0, received: 0, served: 0 }
    }
}
