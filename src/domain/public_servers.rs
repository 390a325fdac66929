//! Servers of others that a new profile uses. They cost nothing, need no account, and any of them may be gone tomorrow: no
//! one of them is needed, and each can be taken out in the settings.

use super::{RelayUrl, StunServer};

/// Nostr relays that pass ephemeral events on for anybody: of the list that Trystero, a library with the same need, keeps
/// (<https://github.com/dmotz/trystero>, `src/nostr.js`). Each describes itself at its address by HTTPS (NIP-11).
const RELAYS: [&str; 6] = [
    "wss://nos.lol",
    "wss://relay.damus.io",
    "wss://yabu.me/v2",
    "wss://relay.mostro.network",
    "wss://relay.fountain.fm",
    "wss://nostr.data.haus",
];

/// STUN servers (RFC 8489) that answer anybody.
const STUN: [&str; 3] = [
    "stun.cloudflare.com:3478", // https://developers.cloudflare.com/realtime/turn/
    "stun.l.google.com:19302",  // the one in WebRTC's own samples, https://webrtc.github.io/samples/
    "stun.nextcloud.com:443",   // the default of Nextcloud Talk, https://nextcloud-talk.readthedocs.io
];

/// The relays of a new profile.
#[must_use]
pub fn relays() -> Vec<RelayUrl> {
    RELAYS.iter().filter_map(|relay| relay.parse().ok()).collect()
}

/// The STUN servers of a new profile.
#[must_use]
pub fn stun_servers() -> Vec<StunServer> {
    STUN.iter().filter_map(|server| server.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_one_of_them_is_an_address() {
        assert_eq!((relays().len(), stun_servers().len()), (RELAYS.len(), STUN.len()));
        assert!(relays().iter().all(|relay| relay.as_str().starts_with("wss://")));
    }
}
