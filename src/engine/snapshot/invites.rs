//! What can be seen of codes and relays.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{Invitation, InvitationId, InviteCode, PeerId, RelayUrl};

/// Codes by which people become friends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitesView {
    /// The one that I offer, or what came of it.
    pub offered: Option<CodeView>,
    /// The one that I was told, or what came of it.
    pub joined: Option<CodeView>,
    /// Invitations of mine, newest first.
    #[serde(default)]
    pub issued: Vec<IssuedView>,
    /// Invitations that I have taken up, newest first.
    #[serde(default)]
    pub taken: Vec<TakenView>,
}

/// An invitation of mine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedView {
    /// Names it.
    pub id: InvitationId,
    /// The link.
    pub invitation: Invitation,
    /// Seconds until it is over.
    pub seconds_left: u64,
    /// For how many friends it is.
    pub uses: u32,
    /// How many have come.
    pub used: u32,
}

/// An invitation that I have taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenView {
    /// Names it.
    pub id: InvitationId,
    /// Whose it is.
    pub peer: PeerId,
    /// How it stands.
    pub state: TakenState,
}

/// How an invitation stands that I have taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenState {
    /// For its issuer to come online.
    Waiting,
    /// Its time is over.
    Expired,
    /// Others have come, or it was taken back.
    UsedUp,
}

/// A code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    /// The words.
    pub code: InviteCode,
    /// Seconds until it is over.
    pub seconds_left: u64,
    /// How it stands.
    pub state: CodeState,
}

/// How a code stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CodeState {
    /// It can be used.
    Open,
    /// It has made friends.
    Friends {
        /// Of whom and me.
        peer: PeerId,
    },
    /// It is of no use any more.
    Failed {
        /// Why.
        why: CodeFailure,
    },
}

/// Why a code did not make friends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeFailure {
    /// The other did not know the secret words, or altered them on the way.
    Wrong,
    /// Another answer has used the code up.
    UsedUp,
    /// Nobody offers this code.
    NobodyThere,
    /// The other was there and went silent.
    Silent,
    /// No relay can be reached.
    NoRelay,
    /// Its ten minutes are over.
    Expired,
    /// Anything else, for people.
    Other(String),
}

/// A relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayView {
    /// Where.
    pub url: RelayUrl,
    /// How it is.
    pub state: RelayState,
    /// How long it took to answer last.
    pub answers_in: Option<Duration>,
}

/// How a relay is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "words", rename_all = "snake_case")]
pub enum RelayState {
    /// Being connected to.
    Connecting,
    /// In use.
    Connected,
    /// Not there; tried again by itself.
    Unreachable,
    /// There, but it does not do as we ask; why, in its own words.
    Refuses(String),
}
