//! Finds the peer that a person means.

use std::collections::BTreeMap;

use crate::domain::{DisplayName, PeerId};
use crate::engine::snapshot::{Prompt, Snapshot};

/// Fewer characters are no beginning of an id: too easily a name.
const SHORTEST_BEGINNING: usize = 4;

/// Everybody whom a command could mean, and the name they go by.
pub(super) fn everybody(snapshot: &Snapshot) -> BTreeMap<PeerId, Option<DisplayName>> {
    let knocked = snapshot.prompts.iter().filter_map(|prompt| match prompt {
        Prompt::Stranger { peer, name, .. } => Some((*peer, name.clone())),
        Prompt::NewCharacter { .. } | Prompt::OwnerConflict { .. } | Prompt::CompareCode { .. } => None,
    });
    let nearby = snapshot.nearby.iter().map(|view| (view.peer, view.name.clone()));
    // The circle last: whom we know goes by the name that we know.
    let circle = snapshot.peers.iter().map(|view| (view.peer, view.called().cloned()));
    nearby.chain(knocked).chain(circle).collect()
}

/// The peer whom `text` means: an id, its short form, a beginning of it that fits only one, or a name that only one has,
/// be it theirs or mine for them. An id comes before a name, so that nobody can pass for somebody else by calling themselves like an id.
pub(super) fn find(text: &str, snapshot: &Snapshot) -> Result<PeerId, String> {
    if let Ok(peer) = text.parse() {
        return Ok(peer);
    }
    let everybody = everybody(snapshot);
    let beginning = text.to_lowercase();
    let beginning = beginning.strip_prefix("fyte1").unwrap_or(&beginning);
    let by_id = |peer: &PeerId| beginning.len() >= SHORTEST_BEGINNING && behind_prefix(peer).starts_with(beginning);
    let by_name = |name: &Option<DisplayName>| name.as_ref().is_some_and(|name| same_name(name.as_str(), text));
    let mut found: Vec<_> = everybody.iter().filter(|(peer, _)| by_id(peer)).collect();
    if found.is_empty() {
        let said = |peer: &PeerId| snapshot.peers.iter().any(|view| view.peer == *peer && by_name(&view.name));
        found = everybody.iter().filter(|(peer, name)| by_name(name) || said(peer)).collect();
    }
    match found.as_slice() {
        [(peer, _)] => Ok(**peer),
        [] => Err(format!("nobody is known as {text:?}: see `fyteclub ctl peers`, or give the whole id")),
        several => {
            let ids: Vec<String> = several.iter().map(|(peer, name)| describe(peer, name.as_ref())).collect();
            Err(format!("{text:?} fits several: {}; give more of the id", ids.join(", ")))
        }
    }
}

/// A peer for people: the name and the short id.
pub(super) fn describe(peer: &PeerId, name: Option<&DisplayName>) -> String {
    name.map_or_else(|| peer.short(), |name| format!("{name} ({})", peer.short()))
}

/// A peer for people, by the name they go by in this snapshot.
pub(super) fn named(peer: &PeerId, snapshot: &Snapshot) -> String {
    describe(peer, everybody(snapshot).get(peer).and_then(Option::as_ref))
}

fn behind_prefix(peer: &PeerId) -> String {
    peer.to_string().chars().skip("fyte1".len()).collect()
}

fn same_name(name: &str, text: &str) -> bool {
    name.to_lowercase() == text.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::super::stand_in;
    use super::*;

    #[test]
    fn a_peer_is_found_by_id_short_id_beginning_and_name() {
        let snapshot = stand_in::snapshot();
        let bo = stand_in::BO;
        let text = bo.to_string();
        for way in [text.as_str(), &bo.short(), &text[..10], &text[5..9], "Bo", "bo ", &text.to_uppercase()] {
            assert_eq!(find(way, &snapshot), Ok(bo), "{way}");
        }
        let stranger = PeerId::from_bytes([99; 32]);
        assert_eq!(find(&stranger.to_string(), &snapshot), Ok(stranger));
    }

    #[test]
    fn nobody_and_several_are_said() {
        let mut snapshot = stand_in::snapshot();
        assert!(find("Nobody", &snapshot).unwrap_err().contains("peers"));
        assert!(find(&stand_in::BO.to_string()[5..8], &snapshot).is_err());
        snapshot.prompts.clear();
        snapshot.nearby[0].name = Some(DisplayName::new("BO").unwrap());
        let several = find("Bo", &snapshot).unwrap_err();
        assert!(several.contains(&stand_in::BO.short()) && several.contains("several"), "{several}");
    }

    #[test]
    fn whoever_calls_themselves_like_a_friends_id_is_not_taken_for_the_friend() {
        let mut snapshot = stand_in::snapshot();
        snapshot.prompts.clear();
        snapshot.nearby[0].name = Some(DisplayName::new(&stand_in::BO.short()).unwrap());
        assert_eq!(find(&stand_in::BO.short(), &snapshot), Ok(stand_in::BO));
    }
}
