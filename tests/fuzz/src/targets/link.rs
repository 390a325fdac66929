//! What a link reads before anything of it is authenticated, and the session descriptions that arrange it.

use fyteclub::runtime::link::fuzzing::{self, MAX_CANDIDATES};

type Seeds = Vec<(&'static str, Vec<u8>)>;

const SDP: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n\
    a=candidate:1 1 udp 2130706431 192.0.2.1 50001 typ host\r\n\
    a=candidate:2 1 udp 1694498815 203.0.113.9 40000 typ srflx raddr 192.0.2.1 rport 50001\r\n\
    a=candidate:3 1 udp 16777215 203.0.113.8 3478 typ relay raddr 192.0.2.1 rport 50001\r\n";

pub(super) fn sdp(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (kept, count) = fuzzing::limited(text);
    assert!(count <= MAX_CANDIDATES && kept.len() <= text.len());
    assert_eq!(fuzzing::limited(&kept), (kept, count), "what was cut is cut again");
    let ours = fuzzing::with_port(text, 47_311);
    assert_eq!(fuzzing::with_port(&ours, 47_311), ours, "the port is put in once");
    assert_eq!(ours.lines().count(), text.lines().count());
    assert!(fuzzing::fragments(text).all(|fragment| text.contains(fragment)));
    count > 0
}

pub(super) fn sdp_seeds() -> Seeds {
    vec![("whole", SDP.into()), ("one", "candidate:1 1 udp 1 192.0.2.1 5 typ host".into())]
}

pub(super) fn stun(bytes: &[u8]) -> bool {
    let named = fuzzing::receiver(bytes).is_some_and(|fragment| {
        assert!(fragment.len() < bytes.len());
        true
    });
    fuzzing::mapped_address(bytes).is_some() || named
}

pub(super) fn stun_seeds() -> Seeds {
    let header = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7];
    let software = [0x80, 0x22, 0, 3, b'a', b'b', b'c', 0];
    let username = [&[0, 6, 0, 9], b"mine:them".as_slice()].concat();
    let mapped = [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43];
    let answer = [&[1, 1], &header[2..], &mapped].concat();
    vec![("request", [header.as_slice(), &software, &username].concat()), ("answer", answer)]
}
