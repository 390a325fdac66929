//! Everything that a person can ask for.
//!
//! The window, the tray and `fyteclub ctl` send these and nothing else.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Audience, Character, Direction, DiscoveryMode, DisplayName, InterfaceChoice, InvitationId, Note, Passphrase, PeerId,
    Permission, Rate, RelayUrl, StunServer, Tag, TextSize, Theme, Told, WeightPart, Welcome, WinePlugins,
};

/// Whom a setting or a pause is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everybody for whom nothing else is set.
    Everyone,
    /// One friend.
    Peer(PeerId),
    /// Every friend who bears this tag now.
    Tagged(Tag),
}

/// A change of one setting; each takes effect at once or at the next start, as its text says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingChange {
    /// The name that friends see; `None`: the short id.
    Name(Option<DisplayName>),
    /// The ports' start: signalling TCP and links' UDP. At the next start.
    Port(u16),
    /// The cache's greatest size in bytes.
    CacheLimit(u64),
    /// Whether rate limits hold on the local network too. At once.
    LimitLan(bool),
    /// The most that a friend's look may weigh, in one of its parts. At once.
    Weight(WeightPart),
    /// Whether game plugins in a Wine or Proton prefix are let in. At the next start.
    WinePlugins(WinePlugins),
    /// The window's language as a BCP 47 tag; `None`: the system's.
    Language(Option<String>),
    /// Where discovery speaks and links gather addresses. At the next start.
    Interfaces(InterfaceChoice),
    /// The UDP port that beacons are sent to. At the next start.
    BeaconPort(u16),
    /// Whether friends and I find each other across the internet. At once.
    Rendezvous(bool),
    /// The relays by which that happens. At once.
    Relays(Vec<RelayUrl>),
    /// The servers that say how the internet sees me. From the next connection on.
    StunServers(Vec<StunServer>),
    /// Bytes of free disk that are never used. At the next start.
    FreeDiskFloor(u64),
    /// The window's colours. At once.
    Theme(Theme),
    /// How large text is. At once.
    TextSize(TextSize),
    /// Whether the window stays above others. At once.
    KeepOnTop(bool),
    /// Whether friends take one line each. At once.
    Compact(bool),
    /// Whether the program starts with the computer. At once.
    StartWithComputer(bool),
    /// Whether it starts without showing its window.
    StartHidden(bool),
    /// Whether friends find me only while a game plugin is connected. At once.
    OnlyWithPlugin(bool),
    /// Whether the system tells me of something. At once.
    Tell(Told, bool),
    /// How far I have come through the first questions.
    Welcome(Welcome),
    /// The window has said that closing it leaves the program in the tray.
    TrayTold,
}

/// Whether a friend's look of a character comes although it is over my limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverLimits {
    /// It does not.
    #[default]
    HeldBack,
    /// The present look does, and not the next one.
    AllowedOnce,
    /// Every look of that character does.
    AllowedAlways,
}

/// A change of what I call or note of a friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelChange {
    /// What to call them; `None`: by the name they say.
    Nickname(Option<DisplayName>),
    /// Words about them.
    Note(Note),
    /// One word more to find them by.
    Tag(Tag),
    /// One word less.
    Untag(Tag),
    /// Whether their coming, going and changing is told.
    Notices(bool),
    /// Nothing of all that.
    Clear,
}

/// Everything that a person can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", content = "of", rename_all = "snake_case")]
pub enum Command {
    /// Let a peer who knocked in: as a friend, or only until the program ends.
    AcceptPeer {
        /// Who knocked.
        peer: PeerId,
        /// Forget it when the program ends.
        once: bool,
    },
    /// Not now: the prompt goes away until the next session.
    DismissPeer {
        /// Who knocked.
        peer: PeerId,
    },
    /// Never again.
    BlockPeer {
        /// Whom.
        peer: PeerId,
    },
    /// As if never met.
    UnblockPeer {
        /// Whom.
        peer: PeerId,
    },
    /// No longer a friend.
    RemovePeer {
        /// Whom.
        peer: PeerId,
    },
    /// Connect to whoever answers at this address and trust them as a friend.
    ConnectAddress {
        /// `host[:port]`.
        address: String,
    },
    /// Connect to somebody in the nearby list and trust them as a friend.
    ConnectNearby {
        /// Whom.
        peer: PeerId,
    },
    /// Dial a friend at once instead of at the next try; one who is connected is asked for a sign of life.
    Reconnect {
        /// Whom.
        peer: PeerId,
    },
    /// Allow or refuse; `None` follows the default (for `Scope::Everyone` it allows).
    SetPermission {
        /// Whom it is for.
        scope: Scope,
        /// What.
        permission: Permission,
        /// The answer.
        allow: Option<bool>,
    },
    /// Limit how fast blobs go, at once: for `Scope::Everyone` all friends together, else one friend.
    LimitRate {
        /// Whom it is for.
        scope: Scope,
        /// Which way.
        direction: Direction,
        /// How fast at most; `None`: as fast as the line.
        rate: Option<Rate>,
    },
    /// Make a code by which one person becomes my friend, in the place of the one before.
    OfferCode,
    /// Become a friend of whoever offers this code.
    JoinByCode {
        /// Six words, as typed.
        code: String,
    },
    /// Give a code up, or put away what came of it.
    PutCodeAway {
        /// The one I offer, or the one I was told.
        offered: bool,
    },
    /// Make an invitation: a link by which whoever has it becomes my friend.
    OfferInvitation {
        /// For how long; 30 days at most.
        lasting: Duration,
        /// For how many friends; 100 at most.
        uses: u32,
    },
    /// Take an invitation up: become a friend of whoever made it, as soon as they are online.
    TakeInvitation {
        /// The link.
        link: String,
    },
    /// Take an invitation of mine back, or give one up that I have taken up.
    DropInvitation {
        /// Which.
        id: InvitationId,
    },
    /// Begin comparing codes with a linked friend.
    StartVerification {
        /// With whom.
        peer: PeerId,
    },
    /// The codes are equal, or not.
    ConfirmVerification {
        /// With whom.
        peer: PeerId,
        /// Whether they are equal.
        matches: bool,
    },
    /// Change what I call or note of somebody in the circle. Stays on this machine.
    LabelPeer {
        /// Of whom.
        peer: PeerId,
        /// What.
        label: LabelChange,
    },
    /// Share one of my characters.
    ShareCharacter {
        /// Which.
        character: Character,
        /// With whom.
        audience: Audience,
    },
    /// Settle whose a character is that two friends claim.
    ChooseOwner {
        /// Which.
        character: Character,
        /// Whose.
        owner: PeerId,
    },
    /// Stop fetching a character's present look.
    CancelTransfer {
        /// Whose look.
        peer: PeerId,
        /// Which character.
        character: Character,
    },
    /// Try at once to fetch a character's look that failed or was cancelled.
    RetryTransfer {
        /// Whose look.
        peer: PeerId,
        /// Which character.
        character: Character,
    },
    /// Fetch a character's look before all others.
    PrioritiseTransfer {
        /// Whose look.
        peer: PeerId,
        /// Which character.
        character: Character,
    },
    /// Say whether a character's look comes although it is over my limits.
    AllowLook {
        /// Whose look.
        peer: PeerId,
        /// Which character.
        character: Character,
        /// Whether.
        over_limits: OverLimits,
    },
    /// Look offline.
    Pause {
        /// To whom.
        scope: Scope,
        /// For how long; `None`: until resumed.
        lasting: Option<Duration>,
    },
    /// Be back.
    Resume {
        /// For whom.
        scope: Scope,
    },
    /// Have everything announced and applied anew.
    Resync {
        /// By whom; `None`: by everybody.
        peer: Option<PeerId>,
    },
    /// Have every file of a friend's looks in the cache checked; what is wrong or missing is fetched anew.
    CheckLooks {
        /// Whose looks.
        peer: PeerId,
    },
    /// Announce all my looks that a friend may see to them anew.
    SendAgain {
        /// To whom.
        peer: PeerId,
    },
    /// Who may find me on the local network.
    SetDiscovery {
        /// `EveryoneNearby` lasts 10 minutes.
        mode: DiscoveryMode,
    },
    /// Check every file in the cache.
    VerifyCache,
    /// Move the cache to another folder.
    MoveCache {
        /// Empty, or not there.
        folder: PathBuf,
    },
    /// End the check or the move of the cache that is under way.
    CancelMaintenance,
    /// Remove everything from the cache that is not needed for what is shown and shared.
    ClearCache,
    /// Change a setting.
    ChangeSetting {
        /// Which, and to what.
        change: SettingChange,
    },
    /// Show friends this picture.
    SetPicture {
        /// A PNG or JPEG of up to 1 MiB, by its whole path; `None`: no picture.
        file: Option<PathBuf>,
    },
    /// Write my identity, friends and notes into a file, behind a passphrase.
    ExportIdentity {
        /// Where to; not there yet, by its whole path.
        file: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Take an exported identity in the place of this one, from the next start on. This one is set aside.
    ImportIdentity {
        /// From where.
        file: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Forget what went between friends and me.
    ClearHistory {
        /// With whom; `None`: with everybody.
        peer: Option<PeerId>,
    },
    /// Bring the window to the front.
    ShowWindow,
    /// End the program.
    Quit,
}

/// Why a command was not carried out: one sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub struct CommandError(pub String);
