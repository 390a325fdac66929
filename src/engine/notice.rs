//! Moments that a person may want to hear of, once.

use serde::{Deserialize, Serialize};

use super::snapshot::{CodeState, TakenState};
use crate::domain::{Character, PeerId};

/// A moment. The window words it; `text` fields hold what cannot be worded from the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Somebody wants to connect.
    PeerKnocked {
        /// Who.
        peer: PeerId,
    },
    /// A friend came online.
    PeerConnected {
        /// Who.
        peer: PeerId,
    },
    /// A friend went away.
    PeerDisconnected {
        /// Who.
        peer: PeerId,
    },
    /// A connection could not be made, or ended for a reason to know.
    ConnectionFailed {
        /// Who, if known.
        peer: Option<PeerId>,
        /// One sentence: what happened and what to do.
        text: String,
    },
    /// A friend's look is shown.
    AppearanceApplied {
        /// Whose.
        peer: PeerId,
        /// Which character.
        character: Character,
    },
    /// A friend's look could not be fetched or shown.
    AppearanceFailed {
        /// Whose.
        peer: PeerId,
        /// Which character.
        character: Character,
        /// One sentence: what happened and what to do.
        text: String,
    },
    /// My own look could not be shared.
    PublishFailed {
        /// Which character.
        character: Character,
        /// One sentence: what happened and what to do.
        text: String,
    },
    /// A peer broke the protocol and was disconnected.
    PeerMisbehaved {
        /// Who.
        peer: PeerId,
        /// One sentence.
        text: String,
    },
    /// A code was used, or was not.
    CodeEnded {
        /// Whether I had offered it.
        offered: bool,
        /// What came of it.
        state: CodeState,
    },
    /// An invitation has made friends, or was refused.
    InvitationEnded {
        /// Of whom and me, or by whom.
        peer: PeerId,
        /// `None`: we are friends.
        state: Option<TakenState>,
    },
    /// Codes were compared.
    VerificationEnded {
        /// With whom.
        peer: PeerId,
        /// Whether both said that they are equal.
        verified: bool,
    },
    /// Looks were handed to the game plugin anew, as was asked.
    ShownAgain {
        /// Whose; `None`: everybody's.
        peer: Option<PeerId>,
        /// How many.
        looks: u32,
        /// Whether a plugin is there at all.
        plugin: bool,
    },
    /// My looks were announced to a friend anew, as was asked.
    SentAgain {
        /// To whom.
        peer: PeerId,
        /// How many.
        looks: u32,
    },
    /// The cache's disk is nearly full.
    DiskNearlyFull {
        /// Free bytes.
        free: u64,
    },
    /// The window is to be brought to the front.
    WindowWanted,
    /// Anything else.
    Other {
        /// One sentence.
        text: String,
    },
}
