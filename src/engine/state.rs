//! What outlives the program.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::snapshot::TakenState;
use crate::domain::{
    Audience, BlobHash, Card, Character, DisplayName, Identity, Invitation, Label, PeerId, PermissionSet, Picture, RateLimits,
    RelayUrl, Settings, Trust,
};

/// A peer in the circle, as saved. `Trust::Once` is never saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPeer {
    /// Its keys.
    pub card: Card,
    /// How far it is let in.
    pub trust: Trust,
    /// The name it last said, or claimed when it knocked.
    #[serde(default)]
    pub name: Option<DisplayName>,
    /// What is allowed apart from the default.
    #[serde(default)]
    pub permissions: PermissionSet,
    /// How fast blobs may go to and from them.
    #[serde(default)]
    pub rates: RateLimits,
    /// Characters of theirs whose looks come whatever they weigh.
    #[serde(default)]
    pub unlimited: BTreeSet<Character>,
    /// Paused until resumed.
    #[serde(default)]
    pub paused: bool,
    /// Where it was last reached, newest first, at most 4.
    #[serde(default)]
    pub addresses: Vec<SocketAddr>,
    /// The highest generation of a link with it.
    #[serde(default)]
    pub generation: u64,
    /// Relays of theirs, if I was told.
    #[serde(default)]
    pub relays: Vec<RelayUrl>,
}

/// An invitation of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedInvitation {
    /// As it was sent.
    pub invitation: Invitation,
    /// For how many friends it is.
    pub uses: u32,
    /// Who has taken it up.
    #[serde(default)]
    pub guests: BTreeSet<PeerId>,
    /// Whether it was taken back.
    #[serde(default)]
    pub revoked: bool,
}

/// An invitation that I have taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenInvitation {
    /// As it came.
    pub invitation: Invitation,
    /// How it stands.
    pub state: TakenState,
}

impl SavedPeer {
    /// A friend of this card and name, with whom there was no link yet.
    #[must_use]
    pub fn friend(card: Card, name: DisplayName) -> Self {
        Self {
            card,
            trust: Trust::Friend,
            name: Some(name),
            permissions: PermissionSet::default(),
            rates: RateLimits::default(),
            unlimited: BTreeSet::new(),
            paused: false,
            addresses: Vec::new(),
            generation: 0,
            relays: Vec::new(),
        }
    }
}

/// Trust, owners, audiences, labels, whose picture is kept: what is saved of people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCircle {
    /// Everybody who was ever let in or blocked.
    #[serde(default)]
    pub peers: BTreeMap<PeerId, SavedPeer>,
    /// Whose each character is.
    #[serde(default)]
    pub owners: BTreeMap<Character, PeerId>,
    /// My characters and with whom each is shared.
    #[serde(default)]
    pub my_characters: BTreeMap<Character, Audience>,
    /// My characters that wait to be asked about.
    #[serde(default)]
    pub undecided: BTreeSet<Character>,
    /// Everything is paused until resumed.
    #[serde(default)]
    pub paused: bool,
    /// What I call and note of friends.
    #[serde(default)]
    pub labels: BTreeMap<PeerId, Label>,
    /// Friends' pictures that are kept, by the hash that each friend says.
    #[serde(default)]
    pub pictures: BTreeMap<PeerId, BlobHash>,
    /// Invitations of mine.
    #[serde(default)]
    pub issued: Vec<IssuedInvitation>,
    /// Invitations that I have taken up.
    #[serde(default)]
    pub taken: Vec<TakenInvitation>,
}

/// A day's sum of what went to and from a friend for one character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSum {
    /// Days since 1970, in UTC.
    pub day: u32,
    /// Between whom and me.
    pub peer: PeerId,
    /// Whose look, if known.
    pub character: Option<Character>,
    /// Bytes that came.
    pub received: u64,
    /// Bytes that went.
    pub sent: u64,
    /// Looks that became complete here.
    pub looks: u32,
    /// Seconds since 1970 of the last of it.
    pub last: u64,
}

/// What `history` saves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedHistory {
    /// In the order of their days.
    #[serde(default)]
    pub sums: Vec<SavedSum>,
}

/// What an engine starts from.
#[derive(Clone, Debug)]
pub struct SavedState {
    /// My keys.
    pub identity: Identity,
    /// What the person has set.
    pub settings: Settings,
    /// Trust, owners, audiences.
    pub circle: SavedCircle,
    /// What went between friends and me.
    pub history: SavedHistory,
    /// The picture that stands for me.
    pub picture: Option<Picture>,
}
