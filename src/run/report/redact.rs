//! Takes out of a text what tells who somebody is or where they live.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use crate::domain::{PeerId, RelayUrl, StunServer, public_servers};
use crate::engine::snapshot::{Prompt, Snapshot};

/// Replaces what is known to be personal, and every address.
#[derive(Debug, Default)]
pub(super) struct Redactor {
    /// What is replaced, the longest first, and by what.
    known: Vec<(String, String)>,
}

impl Redactor {
    /// For everybody and everything that a snapshot names, and the folders of the person.
    pub(super) fn of(snapshot: &Snapshot, folders: &[&Path]) -> Self {
        let mut redactor = Self::default();
        redactor.peer(&snapshot.me.peer, "me");
        redactor.word(snapshot.me.name.as_ref().map(ToString::to_string), "‹my name›");
        // Public ones say nothing of anybody; one of one's own may bear a name.
        let (relays, stun) = (public_servers::relays(), public_servers::stun_servers());
        let own = snapshot.settings.relays.iter().filter(|relay| !relays.contains(relay)).map(RelayUrl::host);
        own.for_each(|host| redactor.word(Some(host.to_owned()), "‹relay›"));
        let own = snapshot.settings.stun_servers.iter().filter(|server| !stun.contains(server)).map(StunServer::host);
        own.for_each(|host| redactor.word(Some(host.to_owned()), "‹server›"));
        for (number, peer) in snapshot.peers.iter().enumerate() {
            let called = format!("friend {}", number + 1);
            redactor.peer(&peer.peer, &called);
            let names = [&peer.name, &peer.label.nickname].map(|name| name.as_ref().map(ToString::to_string));
            names.into_iter().for_each(|name| redactor.word(name, &format!("‹{called}›")));
            let note = peer.label.note.as_str();
            redactor.word((!note.is_empty()).then(|| note.to_owned()), "‹note›");
            peer.label.tags.iter().for_each(|tag| redactor.word(Some(tag.to_string()), "‹tag›"));
            for (index, view) in peer.characters.iter().enumerate() {
                redactor.character(&view.character, &format!("character {} of {called}", index + 1));
            }
        }
        for (number, mine) in snapshot.characters.iter().enumerate() {
            redactor.character(&mine.character, &format!("my character {}", number + 1));
        }
        for (number, near) in snapshot.nearby.iter().enumerate() {
            redactor.peer(&near.peer, &format!("stranger {}", number + 1));
            redactor.word(near.name.as_ref().map(ToString::to_string), "‹stranger›");
        }
        for prompt in &snapshot.prompts {
            if let Prompt::Stranger { peer, name, .. } = prompt {
                redactor.peer(peer, "stranger");
                redactor.word(name.as_ref().map(ToString::to_string), "‹stranger›");
            }
        }
        for folder in folders {
            redactor.word(Some(folder.display().to_string()), "‹folder›");
        }
        redactor.known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        redactor
    }

    fn peer(&mut self, peer: &PeerId, called: &str) {
        self.word(Some(peer.to_string()), &format!("‹id of {called}›"));
        self.word(Some(peer.short()), &format!("‹id of {called}›"));
    }

    fn character(&mut self, character: &crate::domain::Character, called: &str) {
        self.word(Some(character.to_string()), &format!("‹{called}›"));
        self.word(Some(character.name().to_owned()), &format!("‹{called}›"));
    }

    /// A word of one letter is everywhere, and says nothing.
    fn word(&mut self, text: Option<String>, by: &str) {
        if let Some(text) = text.filter(|text| text.chars().count() > 1) {
            self.known.push((text, by.to_owned()));
        }
    }

    /// The text without anything personal.
    pub(super) fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (known, by) in &self.known {
            if text.contains(known.as_str()) {
                text = text.replace(known.as_str(), by);
            }
        }
        without_addresses(&text)
    }
}

/// Addresses of the network are named by their kind; ids that are not known are cut.
fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        out.push_str(&one(word));
        let gap = behind.find(is_part).unwrap_or(behind.len());
        let (gap, next) = behind.split_at(gap);
        out.push_str(gap);
        rest = next;
    }
    out
}

const fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '[' | ']' | '%')
}

fn one(word: &str) -> String {
    // An address may itself begin or end with colons.
    let bare = word.trim_end_matches('.');
    let core = if bare.parse::<IpAddr>().is_ok() { bare } else { word.trim_matches(['.', ':']) };
    let core = core.strip_prefix('[').filter(|inner| !inner.contains(']')).unwrap_or(core);
    let address = core.parse::<IpAddr>().ok().map(|ip| (ip, None));
    let socket = core.parse::<SocketAddr>().ok().map(|socket| (socket.ip(), Some(socket.port())));
    if let Some((ip, port)) = address.or(socket) {
        let mut kind = format!("‹{}›", kind(ip));
        if let Some(port) = port {
            let _ = write!(kind, ":{port}");
        }
        return word.replace(core, &kind);
    }
    if word.starts_with("fyte1") && word.len() > 12 { "‹id›".to_owned() } else { word.to_owned() }
}

const fn kind(ip: IpAddr) -> &'static str {
    match ip {
        IpAddr::V4(ip) if ip.is_loopback() => "this computer",
        IpAddr::V6(ip) if ip.is_loopback() => "this computer",
        IpAddr::V4(ip) if ip.is_unspecified() => "any IPv4",
        IpAddr::V6(ip) if ip.is_unspecified() => "any IPv6",
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => "private IPv4",
        IpAddr::V6(ip) if ip.is_unique_local() || ip.is_unicast_link_local() => "private IPv6",
        IpAddr::V4(_) => "public IPv4",
        IpAddr::V6(_) => "public IPv6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, DisplayName};
    use crate::engine::snapshot::PeerView;

    #[test]
    fn addresses_are_named_by_their_kind() {
        let cases = [
            ("dialling 192.168.1.7:47311 now", "dialling ‹private IPv4›:47311 now"),
            ("from 203.0.113.9.", "from ‹public IPv4›."),
            ("to [2001:db8::1]:5, then", "to ‹public IPv6›:5, then"),
            ("fe80::1 or ::1", "‹private IPv6› or ‹this computer›"),
            ("at 18:47:01.5 version 0.1.0", "at 18:47:01.5 version 0.1.0"),
            ("fyte1qqqqqqqqqqqqqqqqqqqq", "‹id›"),
        ];
        for (text, expected) in cases {
            assert_eq!(without_addresses(text), expected);
        }
    }

    #[test]
    fn friends_are_numbered_and_folders_taken_out() {
        let id = |of: &str| PeerId::from_bytes(*AppearanceId::of(of.as_bytes()).as_bytes());
        let mut snapshot = Snapshot::of_newcomer(id("me"));
        snapshot.peers = vec![PeerView { name: DisplayName::new("Aria Moon").ok(), ..PeerView::of_friend(id("aria")) }];
        let redactor = Redactor::of(&snapshot, &[Path::new("/home/ysolde")]);
        let text = format!("Aria Moon ({}) at /home/ysolde/cache", id("aria").short());
        assert_eq!(redactor.redact(&text), "‹friend 1› (‹id of friend 1›) at ‹folder›/cache");
    }
}
