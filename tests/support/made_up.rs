//! A made-up evening with friends: snapshots as an engine would give them, for pictures and tests of the window.

use std::sync::Arc;
use std::time::Duration;

use fyteclub::domain::{
    AppearanceId, Audience, Character, DiscoveryMode, DisplayName, Identity, Invitation, InvitationSecret, InviteCode, Note,
    PeerId, RelayUrl, Revision, Route, RouterKind, Tag, Trust, Weight, Welcome, public_servers,
};
use fyteclub::engine::command::OverLimits;
use fyteclub::engine::follow::Progress;
use fyteclub::engine::snapshot::{
    Amount, CacheView, CharacterView, CodeFailure, CodeState, CodeView, DayHistory, DiscoveryView, Event, Extent, FriendHistory,
    GraphPoint, GraphsView, HeardView, HistoryView, InterfaceView, InvitesView, IssuedView, LinkView, ListeningView, Me,
    MyCharacterView, NearbyView, NetworkView, PeerView, PluginView, Prompt, PublishedView, RelayState, RelayView, RouterView,
    Snapshot, TakenState, TakenView, TimelineView, TransferView, UploadView, What,
};

/// Five minutes in which two looks came.
fn graphs() -> GraphsView {
    let point = |n: u64| {
        let wave = (n * 37) % 11;
        let down = if n < 25 { 9_000_000 + wave * 400_000 } else { 1_200_000 + wave * 90_000 };
        GraphPoint { seconds_ago: (60 - n) * 5, up: 2_400_000 + wave * 150_000, down, round_trip_us: Some(36_000 + wave * 900) }
    };
    let line: Vec<GraphPoint> = (0..60).map(point).collect();
    GraphsView { total: line.clone(), peers: [(id("Bryn Vale"), line)].into() }
}

/// A connection that came up at the second try.
fn timelines() -> TimelineView {
    let remote = "203.0.113.20:47311".parse().expect("an address");
    let events = vec![
        Event { unix: NOW - 840, what: What::Connected { route: Route::Direct, remote }, times: 1 },
        Event { unix: NOW - 900, what: What::Failed { reason: "nothing answered at that address".to_owned() }, times: 3 },
    ];
    TimelineView([(id("Bryn Vale"), events)].into())
}

fn network() -> NetworkView {
    let interface = |name: &str, address: &str, broadcasts| InterfaceView {
        name: name.to_owned(),
        address: address.parse().expect("an address"),
        broadcasts,
    };
    NetworkView {
        interfaces: vec![
            interface("enp3s0", "192.168.1.12", true),
            interface("enp3s0", "2001:db8:17::a4c2", false),
            interface("lo", "127.0.0.1", true),
        ],
        heard: HeardView { friends: 214, others: 3, last_unix: Some(NOW - 6) },
        relays: relays(),
        router: RouterView { kind: RouterKind::Even, addresses: vec!["203.0.113.58:47311".parse().expect("an address")] },
    }
}

/// The usual ones, of which one is gone and one is not to be used.
fn relays() -> Vec<RelayView> {
    let state = |number: u64| match number {
        1 => RelayState::Unreachable,
        3 => RelayState::Refuses("restricted: sign up to write here".to_owned()),
        _ => RelayState::Connected,
    };
    let view = |(url, number): (RelayUrl, u64)| {
        let answers_in = (state(number) == RelayState::Connected).then(|| Duration::from_millis(40 + 13 * number));
        RelayView { url, state: state(number), answers_in }
    };
    public_servers::relays().into_iter().zip(0..).map(view).collect()
}

/// An invitation of somebody.
pub(crate) fn invitation(of: &str) -> Invitation {
    let seed = id(of);
    let mut secret = [0; 16];
    secret.copy_from_slice(&seed.as_bytes()[..16]);
    Invitation {
        card: *Identity::from_seed(*seed.as_bytes()).card(),
        secret: InvitationSecret::from_bytes(secret),
        over_unix: NOW + 82_000,
        relays: public_servers::relays().into_iter().take(3).collect(),
    }
}

/// A code that is offered, and one that I was told and that was of no use.
pub(crate) fn with_codes() -> Snapshot {
    let code: InviteCode = "velvet orbit candy lunar acoustic fox".parse().expect("a code");
    let view = |state| CodeView { code: code.clone(), seconds_left: 583, state };
    let invites = InvitesView {
        offered: Some(view(CodeState::Open)),
        joined: Some(view(CodeState::Failed { why: CodeFailure::NobodyThere })),
        issued: vec![IssuedView {
            id: invitation("Ysolde").id(),
            invitation: invitation("Ysolde"),
            seconds_left: 82_000,
            uses: 5,
            used: 2,
        }],
        taken: vec![TakenView {
            id: invitation("Tamsin").id(),
            peer: invitation("Tamsin").card.peer(),
            state: TakenState::Waiting,
        }],
    };
    Snapshot { invites, ..evening() }
}

/// A cache that is a sixth full.
fn cache() -> CacheView {
    let share = |who: &str, files, mib: u64| (id(who), Extent { files, bytes: mib << 20 });
    CacheView {
        blobs: 4_812,
        bytes: 3_435_973_836,
        limit: 20 << 30,
        folder: Some("/home/ysolde/.local/share/fyteclub/cache".into()),
        free: Some(143 << 30),
        by_friend: vec![share("Bryn Vale", 640, 1_210), share("Aria Moon", 212, 187), share("Dahlia Wren", 88, 52)],
    }
}

/// Seconds since 1970 at which all of it is.
pub(crate) const NOW: u64 = 1_790_000_000;

/// Seven people in all states, two looks on their way.
pub(crate) fn evening() -> Snapshot {
    Snapshot {
        me: Me { peer: id("me"), name: Some(name("Ysolde Fairwind")), picture: None, version: "0.1.0".to_owned() },
        peers: friends(),
        transfers: vec![
            transfer("Aria Moon", "Aria Moon@Phoenix", (71, 187), 13_002_342, 9),
            transfer("Dahlia Wren", "Dahlia Wren@Odin", (6, 52), 2_411_724, 19),
        ],
        uploads: vec![UploadView {
            peer: id("Bryn Vale"),
            character: Some(character("Ysolde Fairwind@Phoenix")),
            sent: 64 << 20,
            rate: 3_355_443,
            elapsed_ms: 19_000,
            finished: false,
        }],
        graphs: Arc::new(graphs()),
        timelines: Arc::new(timelines()),
        network: network(),
        characters: my_characters(),
        plugin: Some(PluginView {
            program: "FyteClub plugin 1.0".to_owned(),
            character: Some(character("Ysolde Fairwind@Phoenix")),
            busy: false,
            near: vec![character("Aria Moon@Phoenix")],
        }),
        history: Arc::new(history()),
        cache: cache(),
        listening: Some(ListeningView { signal_port: 47_311, link_port: 47_311 }),
        ..answered()
    }
}

/// Somebody who has answered the first questions.
fn answered() -> Snapshot {
    let mut snapshot = Snapshot::of_newcomer(id("me"));
    snapshot.settings.welcome = Welcome::Done;
    snapshot
}

/// A fortnight with two friends.
fn history() -> HistoryView {
    let amount = |n: u64| Amount { received: n * (37 << 20), sent: n * (21 << 20), looks: n as u32 };
    let days = |every: u32| {
        (0..14).filter(move |n| n % every == 0).map(|n| DayHistory { day: 20_000 + n, amount: amount(u64::from(n)) })
    };
    let with = |peer: PeerId, every: u32| FriendHistory {
        total: amount(40),
        last: 20_013 * 86_400,
        days: days(every).collect(),
        ..FriendHistory::of(peer)
    };
    let friends = vec![with(id("Aria Moon"), 1), with(id("Bryn Vale"), 3)];
    HistoryView { today: 20_013, days: days(1).collect(), friends }
}

/// The same, and somebody knocks.
pub(crate) fn knock() -> Snapshot {
    Snapshot { prompts: vec![stranger("Rowan Hale", None)], ..evening() }
}

/// Everyone nearby may find me, and two do.
pub(crate) fn nearby() -> Snapshot {
    let near = |called: &str, address: &str| NearbyView {
        peer: id(called),
        name: Some(name(called)),
        address: address.parse().expect("an address"),
        seconds: 4,
    };
    Snapshot {
        nearby: vec![near("Rowan Hale", "192.168.1.34:47311"), near("Isaura Vey", "192.168.1.51:47311")],
        discovery: DiscoveryView { mode: DiscoveryMode::EveryoneNearby, seconds_left: Some(581) },
        ..evening()
    }
}

/// A new profile: nobody known, no plugin.
pub(crate) fn first_start() -> Snapshot {
    Snapshot {
        me: Me { peer: id("me"), name: None, picture: None, version: "0.1.0".to_owned() },
        peers: Vec::new(),
        transfers: Vec::new(),
        characters: Vec::new(),
        plugin: None,
        ..evening()
    }
}

/// A new profile at one of the first questions.
#[allow(dead_code, reason = "the example has no use for it")]
pub(crate) fn newcomer(step: Welcome) -> Snapshot {
    let mut snapshot = Snapshot { cache: CacheView { blobs: 0, bytes: 0, by_friend: Vec::new(), ..cache() }, ..first_start() };
    snapshot.settings.welcome = step;
    snapshot
}

/// Friends who call themselves and say what they like: the longest that is let in, in scripts of every direction.
#[allow(dead_code, reason = "the example has no use for it")]
pub(crate) fn hostile() -> Snapshot {
    let names = [
        "W".repeat(64),
        "ﷺ".repeat(21),
        "𒐫".repeat(16),
        "ＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷＷ".to_owned(),
        "a b ".repeat(15),
    ];
    let mut snapshot = evening();
    for (peer, called) in snapshot.peers.iter_mut().zip(names) {
        peer.name = DisplayName::new(&called).ok();
        peer.label.note = Note::new(&"Wg ".repeat(600)).expect("a note");
        peer.label.tags.add(Tag::new(&"レ".repeat(32)).expect("a tag")).expect("room for a tag");
        if let LinkView::Offline { reason, .. } = &mut peer.link {
            *reason = Some("x".repeat(2_000));
        }
    }
    snapshot.me.name = DisplayName::new(&"Ｗ".repeat(21)).ok();
    snapshot
}

/// Somebody who knocks; `same_name_as`: the friend whose name they claim.
pub(crate) fn stranger(called: &str, same_name_as: Option<PeerId>) -> Prompt {
    let address = "192.168.1.34:50122".parse().expect("an address");
    Prompt::Stranger { peer: id(called), name: Some(name(called)), address, same_name_as }
}

/// A peer's id, always the same for the same word.
pub(crate) fn id(word: &str) -> PeerId {
    PeerId::from_bytes(*AppearanceId::of(word.as_bytes()).as_bytes())
}

/// A character from `Name@World`.
pub(crate) fn character(text: &str) -> Character {
    text.parse().expect("a character")
}

fn name(text: &str) -> DisplayName {
    DisplayName::new(text).expect("a name")
}

fn friends() -> Vec<PeerView> {
    let look = |of: &str, progress| vec![look(of, progress)];
    let heavy =
        Progress::TooHeavy { weight: Weight { files: 1_904, bytes: 2_684_354_560, texture_bytes: 2 << 30, triangles: 0 } };
    let reason = Some("nobody answered where they were last".to_owned());
    vec![
        peer("Aria Moon", Trust::Verified, connected(Route::Lan, 412), look("Aria Moon@Phoenix", Progress::Fetching)),
        noted(peer("Bryn Vale", Trust::Friend, connected(Route::Direct, 38_400), look("Bryn Vale@Phoenix", Progress::Applied))),
        peer("Caius Thorne", Trust::Friend, connected(Route::Direct, 112_000), look("Caius Thorne@Odin", heavy)),
        peer("Dahlia Wren", Trust::Once, connected(Route::Direct, 61_000), look("Dahlia Wren@Odin", Progress::Fetching)),
        peer("Edric Sol", Trust::Friend, LinkView::Offline { reason, retry_in: Some(24) }, Vec::new()),
        peer("Fenna Brightwater", Trust::Friend, LinkView::WaitingForAcceptance, Vec::new()),
        peer("Gale", Trust::Blocked, LinkView::Blocked, Vec::new()),
    ]
}

/// With a nickname, tags and a note, and without her sounds.
fn noted(mut peer: PeerView) -> PeerView {
    peer.label.note = Note::new("Met at the Quicksand; plays on weekends").expect("a note");
    for tag in ["static", "venue"] {
        peer.label.tags.add(Tag::new(tag).expect("a tag")).expect("room for a tag");
    }
    peer.permissions.sounds = false;
    peer
}

fn peer(called: &str, trust: Trust, link: LinkView, characters: Vec<CharacterView>) -> PeerView {
    PeerView { name: Some(name(called)), trust, link, characters, ..PeerView::of_friend(id(called)) }
}

fn connected(route: Route, round_trip_us: u64) -> LinkView {
    let remote = "192.168.1.20:47311".parse().expect("an address");
    LinkView::Connected { route, remote, round_trip_us: Some(round_trip_us), seconds: 840, sent: 0, received: 0, served: 0 }
}

fn look(of: &str, progress: Progress) -> CharacterView {
    CharacterView {
        character: character(of),
        appearance: AppearanceId::of(of.as_bytes()),
        revision: Revision(3),
        weight: Weight { files: 212, bytes: 187 << 20, texture_bytes: 150 << 20, triangles: 0 },
        progress,
        near: of.starts_with("Aria"),
        over_limits: OverLimits::HeldBack,
    }
}

fn transfer(from: &str, of: &str, (done, total): (u64, u64), rate: u64, seconds_left: u64) -> TransferView {
    TransferView {
        peer: id(from),
        character: character(of),
        done: done << 20,
        total: total << 20,
        files_done: 80,
        files_total: 212,
        rate,
        seconds_left: Some(seconds_left),
        wire_bytes: done << 20,
        elapsed_ms: 5_600,
        finished: false,
        first: false,
    }
}

fn my_characters() -> Vec<MyCharacterView> {
    let published = PublishedView {
        appearance: AppearanceId::of(b"mine"),
        revision: Revision(7),
        weight: Weight { files: 220, bytes: 231 << 20, texture_bytes: 180 << 20, triangles: 0 },
        announced_to: 4,
        seen_by: ["Aria Moon", "Bryn Vale", "Caius Thorne", "Dahlia Wren"].map(id).into(),
        largest: vec![
            ("chara/equipment/e6101/texture/v01_c0201e6101_top_d.tex".to_owned(), 22 << 20),
            ("chara/equipment/e6101/model/c0201e6101_top.mdl".to_owned(), 9 << 20),
            ("chara/human/c0201/obj/hair/h0170/texture/hair_n.tex".to_owned(), 5_452_595),
        ],
    };
    vec![
        MyCharacterView {
            character: character("Ysolde Fairwind@Phoenix"),
            audience: Some(Audience::AllFriends),
            published: Some(published),
            problem: None,
        },
        MyCharacterView {
            character: character("Mott Underhill@Odin"),
            audience: Some(Audience::Nobody),
            published: None,
            problem: None,
        },
    ]
}
