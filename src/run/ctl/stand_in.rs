//! A made-up snapshot for the tests: Bo is a friend and connected, Cy is blocked, Di has knocked.

use crate::domain::{AppearanceId, Audience, Character, DisplayName, PeerId, Revision, Route, Trust, Weight};
use crate::engine::command::OverLimits;
use crate::engine::follow::Progress;
use crate::engine::snapshot::*;

pub(super) const BO: PeerId = PeerId::from_bytes([7; 32]);
pub(super) const CY: PeerId = PeerId::from_bytes([8; 32]);
pub(super) const DI: PeerId = PeerId::from_bytes([200; 32]);

pub(super) fn snapshot() -> Snapshot {
    let address = "127.0.0.1:5000".parse().unwrap();
    Snapshot {
        me: Me { peer: PeerId::from_bytes([1; 32]), name: name("Aria"), picture: None, version: "0.1.0".into() },
        prompts: vec![
            Prompt::Stranger { peer: DI, name: name("Di"), address, same_name_as: None },
            Prompt::CompareCode { peer: BO, code: "123456".into(), confirmed: false },
        ],
        peers: vec![bo(), cy()],
        nearby: vec![NearbyView { peer: DI, name: name("Di"), address, seconds: 3 }],
        transfers: vec![transfer()],
        characters: vec![MyCharacterView {
            character: character("Aria Fyte@Phoenix"),
            audience: Some(Audience::AllFriends),
            published: None,
            problem: None,
        }],
        plugin: Some(PluginView { program: "Test 1.0".into(), character: None, busy: false, near: vec![] }),
        cache: CacheView { blobs: 3, bytes: 4_096, limit: 20 << 30, ..CacheView::default() },
        listening: Some(ListeningView { signal_port: 47_311, link_port: 47_311 }),
        ..Snapshot::of_newcomer(PeerId::from_bytes([1; 32]))
    }
}

fn bo() -> PeerView {
    let connected = LinkView::Connected {
        route: Route::Lan,
        remote: "127.0.0.1:6000".parse().unwrap(),
        round_trip_us: Some(1_234),
        seconds: 60,
        sent: 1_000,
        received: 2_000,
        served: 500,
    };
    let look = CharacterView {
        character: character("Bo Fyte@Odin"),
        appearance: AppearanceId::of(b"bo"),
        revision: Revision(1),
        weight: Weight { files: 40, bytes: 60 << 20, texture_bytes: 50 << 20, triangles: 0 },
        progress: Progress::Fetching,
        near: true,
        over_limits: OverLimits::HeldBack,
    };
    PeerView { link: connected, program: Some("fyteclub 0.1.0".into()), characters: vec![look], ..peer(BO, "Bo", Trust::Friend) }
}

fn cy() -> PeerView {
    PeerView { link: LinkView::Blocked, ..peer(CY, "Cy", Trust::Blocked) }
}

fn peer(peer: PeerId, called: &str, trust: Trust) -> PeerView {
    PeerView { name: name(called), trust, link: LinkView::Connecting, ..PeerView::of_friend(peer) }
}

fn transfer() -> TransferView {
    TransferView {
        peer: BO,
        character: character("Bo Fyte@Odin"),
        done: 30 << 20,
        total: 60 << 20,
        files_done: 12,
        files_total: 40,
        rate: 10 << 20,
        seconds_left: Some(3),
        wire_bytes: 31 << 20,
        elapsed_ms: 3_000,
        finished: false,
        first: false,
    }
}

fn name(text: &str) -> Option<DisplayName> {
    Some(DisplayName::new(text).unwrap())
}

fn character(text: &str) -> Character {
    text.parse().unwrap()
}
