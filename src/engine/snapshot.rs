//! What can be seen of the engine: plain data for the window, the tray and `fyteclub ctl`.
//!
//! Times are given as seconds or milliseconds from the moment of the snapshot, so that a reader needs no clock of ours.

mod invites;
mod measured;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use invites::{CodeFailure, CodeState, CodeView, InvitesView, IssuedView, RelayState, RelayView, TakenState, TakenView};
pub use measured::{
    Event, GraphPoint, GraphsView, HeardView, InterfaceView, NetworkView, RouterView, TimelineView, UploadView, What,
};

use super::command::OverLimits;
use super::follow::Progress;
use crate::domain::{
    AppearanceId, Audience, BlobHash, Character, DiscoveryMode, DisplayName, Label, NoWay, PeerId, Permissions, RateLimits,
    Revision, Route, Settings, Trust, Weight,
};

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Me.
    pub me: Me,
    /// What stands before the person, oldest first.
    pub prompts: Vec<Prompt>,
    /// The circle: friends, those let in once, blocked ones; sorted by name, then id.
    pub peers: Vec<PeerView>,
    /// Codes by which people become friends.
    #[serde(default)]
    pub invites: InvitesView,
    /// Strangers heard on the local network in "Everyone nearby".
    pub nearby: Vec<NearbyView>,
    /// Looks being fetched.
    pub transfers: Vec<TransferView>,
    /// Looks being served to friends.
    #[serde(default)]
    pub uploads: Vec<UploadView>,
    /// My characters.
    pub characters: Vec<MyCharacterView>,
    /// The game plugin, if one is connected.
    pub plugin: Option<PluginView>,
    /// Who may find me, and for how long.
    pub discovery: DiscoveryView,
    /// Whether everything is paused.
    pub pause: PauseView,
    /// The other run of my program that shares in this one's place, if there is one.
    #[serde(default)]
    pub elsewhere: Option<ElsewhereView>,
    /// The cache.
    pub cache: CacheView,
    /// What is being done with the cache as a whole.
    #[serde(default)]
    pub maintenance: MaintenanceView,
    /// This computer's network.
    #[serde(default)]
    pub network: NetworkView,
    /// The ports, once bound.
    pub listening: Option<ListeningView>,
    /// What the person has set.
    pub settings: Settings,
    /// Whether a setting was changed that holds only from the next start on.
    #[serde(default)]
    pub restart_wanted: bool,
    /// What went between friends and me.
    #[serde(serialize_with = "serialize_shared", deserialize_with = "deserialize_shared")]
    pub history: Arc<HistoryView>,
    /// The last five minutes in numbers. For whoever draws them in this process; not sent over the pipe.
    #[serde(skip)]
    pub graphs: Arc<GraphsView>,
    /// What became of connections in this run.
    #[serde(default, serialize_with = "serialize_shared", deserialize_with = "deserialize_shared")]
    pub timelines: Arc<TimelineView>,
}

impl Snapshot {
    /// Of a companion that knows nobody, shares nothing and has not been told anything yet.
    #[must_use]
    pub fn of_newcomer(peer: PeerId) -> Self {
        let settings = Settings::default();
        Self {
            me: Me { peer, name: None, picture: None, version: env!("FYTECLUB_VERSION").to_owned() },
            prompts: Vec::new(),
            peers: Vec::new(),
            invites: InvitesView::default(),
            nearby: Vec::new(),
            transfers: Vec::new(),
            uploads: Vec::new(),
            characters: Vec::new(),
            plugin: None,
            discovery: DiscoveryView { mode: settings.discovery, seconds_left: None },
            pause: PauseView { paused: false, seconds_left: None, lacks_plugin: false },
            elsewhere: None,
            cache: CacheView { limit: settings.cache_limit, ..CacheView::default() },
            maintenance: MaintenanceView::default(),
            network: NetworkView::default(),
            listening: None,
            settings,
            restart_wanted: false,
            history: Arc::default(),
            graphs: Arc::default(),
            timelines: Arc::default(),
        }
    }
}

fn serialize_shared<T: Serialize, S: Serializer>(shared: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
    shared.as_ref().serialize(serializer)
}

fn deserialize_shared<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<T>, D::Error> {
    T::deserialize(deserializer).map(Arc::new)
}

/// Me.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// My id.
    pub peer: PeerId,
    /// The name that friends see.
    pub name: Option<DisplayName>,
    /// The picture that friends see, by its hash; it lies in the profile's `pictures/me.png`.
    pub picture: Option<BlobHash>,
    /// The program's version.
    pub version: String,
}

/// Something that only the person can decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "prompt", rename_all = "snake_case")]
pub enum Prompt {
    /// Somebody wants to connect.
    Stranger {
        /// Who.
        peer: PeerId,
        /// The name they claim; not verified.
        name: Option<DisplayName>,
        /// Where they come from.
        address: SocketAddr,
        /// The friend of that name whose key is another: a hard stop.
        same_name_as: Option<PeerId>,
    },
    /// A character of mine was published for the first time.
    NewCharacter {
        /// Which.
        character: Character,
    },
    /// Two friends claim one character.
    OwnerConflict {
        /// Which.
        character: Character,
        /// Whose it is so far.
        owner: PeerId,
        /// Who claims it too.
        claimant: PeerId,
    },
    /// Codes are to be compared.
    CompareCode {
        /// With whom.
        peer: PeerId,
        /// Six digits, shown on both sides.
        code: String,
        /// Whether I have said that they are equal and wait for the other side.
        confirmed: bool,
    },
}

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LinkView {
    /// Linked.
    Connected {
        /// How.
        route: Route,
        /// To where.
        remote: SocketAddr,
        /// Round trip in microseconds, if measured.
        round_trip_us: Option<u64>,
        /// Seconds since it came up.
        seconds: u64,
        /// Bytes sent on the wire.
        sent: u64,
        /// Bytes received on the wire.
        received: u64,
        /// Blob bytes served to the other side.
        served: u64,
    },
    /// Being dialled or answered.
    Connecting,
    /// I asked to be let in; they have not answered yet.
    WaitingForAcceptance,
    /// No address is known, or nobody was there; tried again by itself.
    Offline {
        /// Why the last try failed, one sentence, if there was one.
        reason: Option<String>,
        /// Seconds until the next try, if one is due.
        retry_in: Option<u64>,
    },
    /// Paused by me, for this peer or for all.
    Paused,
    /// Blocked.
    Blocked,
}

/// A peer of the circle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeerView {
    /// Who.
    pub peer: PeerId,
    /// The name they go by.
    pub name: Option<DisplayName>,
    /// Their picture, by its hash; it lies in the profile's `pictures/`, and a change of the hash means another picture.
    pub picture: Option<BlobHash>,
    /// What I call and note of them.
    pub label: Label,
    /// How far they are let in.
    pub trust: Trust,
    /// How the connection stands.
    pub link: LinkView,
    /// Why there is none although we speak by a relay.
    #[serde(default)]
    pub no_way: Option<NoWay>,
    /// The program they run, while linked.
    pub program: Option<String>,
    /// What holds for them, defaults filled in.
    pub permissions: Permissions,
    /// How fast blobs may go to and from them, apart from the limit of all.
    pub rates: RateLimits,
    /// Their characters that I heard of, and how far each look has come.
    pub characters: Vec<CharacterView>,
    /// My characters that they may see.
    pub sees: Vec<Character>,
}

impl PeerView {
    /// What to call them: as I do, else as they do.
    #[must_use]
    pub fn called(&self) -> Option<&DisplayName> {
        self.label.nickname.as_ref().or(self.name.as_ref())
    }

    /// Of a friend of whom nothing is known but the id, and who is not there.
    #[must_use]
    pub fn of_friend(peer: PeerId) -> Self {
        Self {
            peer,
            name: None,
            picture: None,
            label: Label::default(),
            trust: Trust::Friend,
            link: LinkView::Offline { reason: None, retry_in: None },
            no_way: None,
            program: None,
            permissions: Permissions::default(),
            rates: RateLimits::default(),
            characters: Vec::new(),
            sees: Vec::new(),
        }
    }
}

/// A friend's character.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CharacterView {
    /// Which.
    pub character: Character,
    /// The newest look announced.
    pub appearance: AppearanceId,
    /// Its revision.
    pub revision: Revision,
    /// What it weighs.
    pub weight: Weight,
    /// How far it has come.
    pub progress: Progress,
    /// Whether it is near in the game.
    pub near: bool,
    /// Whether it comes although it is over my limits.
    pub over_limits: OverLimits,
}

/// A look being fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferView {
    /// From whom.
    pub peer: PeerId,
    /// Which character's look.
    pub character: Character,
    /// Bytes verified and here, of those that were missing at the start.
    pub done: u64,
    /// Bytes that were missing at the start.
    pub total: u64,
    /// Files here, of those that were missing at the start.
    pub files_done: u32,
    /// Files that were missing at the start.
    pub files_total: u32,
    /// Bytes a second over the last seconds.
    pub rate: u64,
    /// Seconds left at that rate, if there is one.
    pub seconds_left: Option<u64>,
    /// Bytes that crossed the line for it.
    pub wire_bytes: u64,
    /// Milliseconds since the manifest was here.
    pub elapsed_ms: u64,
    /// Whether it has ended; a finished one stays in the list for 10 seconds.
    pub finished: bool,
    /// Whether the person puts it before all others.
    pub first: bool,
}

/// One of my characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MyCharacterView {
    /// Which.
    pub character: Character,
    /// With whom it is shared; `None`: to be asked.
    pub audience: Option<Audience>,
    /// What is published, if anything.
    pub published: Option<PublishedView>,
    /// Why the last publish was not shared, one sentence.
    pub problem: Option<String>,
}

/// A look of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedView {
    /// Names the manifest.
    pub appearance: AppearanceId,
    /// Its revision.
    pub revision: Revision,
    /// What it weighs.
    pub weight: Weight,
    /// Friends to whom it is announced.
    pub announced_to: u32,
    /// Who they are.
    #[serde(default)]
    pub seen_by: Vec<PeerId>,
    /// The largest files: a game path and bytes, largest first.
    #[serde(default)]
    pub largest: Vec<(String, u64)>,
}

/// A connected game plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginView {
    /// Name and version.
    pub program: String,
    /// The character that is logged in.
    pub character: Option<Character>,
    /// Whether shows are held back: combat or a cutscene.
    pub busy: bool,
    /// Characters near in the game.
    pub near: Vec<Character>,
}

/// Who may find me.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveryView {
    /// The mode.
    pub mode: DiscoveryMode,
    /// Seconds until "Everyone nearby" ends.
    pub seconds_left: Option<u64>,
}

/// Whether everything is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseView {
    /// Paused.
    pub paused: bool,
    /// Seconds until it ends by itself.
    pub seconds_left: Option<u64>,
    /// Whether I look offline because no game plugin is connected, as the setting has it.
    #[serde(default)]
    pub lacks_plugin: bool,
}

/// Another program with my keys, started later, that shares in this one's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElsewhereView {
    /// When it began, by its clock, in seconds since 1970.
    pub began_unix: u64,
}

impl ElsewhereView {
    /// What there is to say of it.
    pub const SENTENCE: &str = "This identity also runs on another computer, started later; this one has stopped sharing. To share from \
                                here, end FyteClub there, or start it anew here.";
}

/// The cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheView {
    /// Blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The limit in bytes.
    pub limit: u64,
    /// Where it lies; `None` until that is known.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Free bytes on its disk, once known.
    #[serde(default)]
    pub free: Option<u64>,
    /// How much of it the looks of each friend take that are worn or on their way, most first. What two need counts for the first.
    #[serde(default)]
    pub by_friend: Vec<(PeerId, Extent)>,
}

/// How much of the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Files.
    pub files: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What is being done with the cache as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceView {
    /// What is under way.
    pub running: Option<ChoreView>,
    /// How the last one ended, one sentence.
    pub last: Option<String>,
}

/// Something that is done with the whole cache: every file is checked, or all of it is moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoreView {
    /// Where it is moved to; `None`: it is checked.
    pub moving_to: Option<PathBuf>,
    /// Up to here.
    pub done: Extent,
    /// Of so much.
    pub total: Extent,
    /// The new folder is in use; the old one is removed as soon as no game draws from it.
    pub leaving: bool,
}

/// The ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListeningView {
    /// Signalling, TCP.
    pub signal_port: u16,
    /// Links, UDP.
    pub link_port: u16,
}

/// Somebody in "Everyone nearby".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearbyView {
    /// Who.
    pub peer: PeerId,
    /// The name they claim; not verified.
    pub name: Option<DisplayName>,
    /// Their signalling address.
    pub address: SocketAddr,
    /// Seconds since they were last heard.
    pub seconds: u64,
}

/// What went to and from friends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Bytes that came.
    pub received: u64,
    /// Bytes that went.
    pub sent: u64,
    /// Looks that became complete here.
    pub looks: u32,
}

impl Amount {
    /// Adds another to it.
    pub const fn add(&mut self, other: Self) {
        self.received = self.received.saturating_add(other.received);
        self.sent = self.sent.saturating_add(other.sent);
        self.looks = self.looks.saturating_add(other.looks);
    }
}

/// What went between friends and me in the last 90 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// Today, in days since 1970 in UTC.
    pub today: u32,
    /// With all friends, by day, oldest first; days without anything are left out.
    pub days: Vec<DayHistory>,
    /// By friend, in the order of their ids; some may be friends no longer.
    pub friends: Vec<FriendHistory>,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayHistory {
    /// Days since 1970, in UTC.
    pub day: u32,
    /// What went.
    #[serde(flatten)]
    pub amount: Amount,
}

/// A friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FriendHistory {
    /// Who.
    pub peer: PeerId,
    /// Everything together.
    pub total: Amount,
    /// Seconds since 1970 of the last of it.
    pub last: u64,
    /// By day, oldest first.
    pub days: Vec<DayHistory>,
    /// By character.
    pub characters: Vec<CharacterHistory>,
}

impl FriendHistory {
    /// Of a friend with whom nothing was exchanged.
    #[must_use]
    pub const fn of(peer: PeerId) -> Self {
        let total = Amount { received: 0, sent: 0, looks: 0 };
        Self { peer, total, last: 0, days: Vec::new(), characters: Vec::new() }
    }
}

/// A character, theirs or mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CharacterHistory {
    /// Which; `None` if it was not known any more.
    pub character: Option<Character>,
    /// Everything together.
    pub total: Amount,
    /// Seconds since 1970 of the last of it.
    pub last: u64,
}
