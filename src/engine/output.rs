//! What the engine orders.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use super::command::CommandError;
use super::input::{FetchId, InviteId, KnockId, LinkKey, OfferTicket, PluginId, PublishId, RequestId};
use super::maintenance::Chore;
use super::notice::Notice;
use super::state::{SavedCircle, SavedHistory};
use crate::domain::{
    AppearanceId, BlobHash, BlobRef, Card, DiscoveryMode, DisplayName, FileType, Invitation, InvitationSecret, InviteCode,
    Passphrase, PeerId, Picture, RateLimits, RelayUrl, Settings, StunServer,
};
use crate::wire::control::Control;
use crate::wire::invitation::Answer;
use crate::wire::pairing::Role;
use crate::wire::plugin::ToPlugin;

/// Part of a fetch order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchWork {
    /// Whole small blobs, at most 48 KiB each.
    Pack(Vec<BlobRef>),
    /// Groups of 16 KiB of one blob; its tree is fetched first where the store does not have it yet.
    Groups {
        /// Which blob.
        blob: BlobRef,
        /// Which groups.
        groups: Range<u32>,
    },
}

/// Who recognises whom on the local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryPlan {
    /// Who may find me.
    pub mode: DiscoveryMode,
    /// Whom to look for and be found by: admitted, not paused.
    pub friends: Vec<Card>,
    /// The name shown in "Everyone nearby".
    pub name: Option<DisplayName>,
}

/// Whom to find across the internet, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RendezvousPlan {
    /// Where to meet; none: nowhere.
    pub relays: Vec<RelayUrl>,
    /// Whom to look for and be found by: admitted, not paused.
    pub friends: Vec<Card>,
    /// Who says how the internet sees me.
    pub stun_servers: Vec<StunServer>,
    /// Invitations of mine: whoever comes with one is reported.
    pub issued: Vec<InvitationSecret>,
    /// Invitations whose issuers are to be asked until they answer.
    pub taken: Vec<Invitation>,
    /// The name that I show to those.
    pub name: Option<DisplayName>,
}

/// A code to be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeOrder {
    /// The order.
    pub invite: InviteId,
    /// The words.
    pub code: InviteCode,
    /// Who I am in it.
    pub role: Role,
    /// The name that I show.
    pub name: Option<DisplayName>,
}

/// How fast one link may carry blobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRates {
    /// Its own limits.
    pub own: RateLimits,
    /// Whether the limits of all links together count for it.
    pub shared: bool,
}

/// How fast links may carry blobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RatePlan {
    /// All together.
    pub all: RateLimits,
    /// Those that are limited; the others may do as they can.
    pub links: BTreeMap<LinkKey, LinkRates>,
}

/// A file to hash for a publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToHash {
    /// Native, as the plugin gave it.
    pub path: PathBuf,
    /// What its real extension must be.
    pub file_type: FileType,
}

/// Where to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A signalling address.
    Address(SocketAddr),
    /// `host[:port]` as a person wrote it.
    Named(String),
}

/// Everything that the engine orders. The runtime carries each out and reports by `Input`.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The answer to a command: carried out, or why not.
    Reply(RequestId, Result<(), CommandError>),
    /// A moment for people.
    Notify(Notice),
    /// Save the circle: trust, owners, audiences.
    SaveCircle(Box<SavedCircle>),
    /// Save the settings.
    SaveSettings(Box<Settings>),
    /// Save what went between friends and me.
    SaveHistory(Box<SavedHistory>),
    /// Make the picture that friends see from this file. Ends in `PictureRead`.
    ReadPicture {
        /// The command that asks for it.
        request: RequestId,
        /// Which file; chosen by the person.
        file: PathBuf,
    },
    /// Carry an identity out of the profile, or lay one ready in it. Ends in `IdentityCarried`.
    CarryIdentity {
        /// The command that asks for it.
        request: RequestId,
        /// Lay one ready for the next start.
        import: bool,
        /// From or to where.
        file: PathBuf,
        /// What opens it.
        passphrase: Passphrase,
    },
    /// Keep my picture, or none.
    SavePicture(Option<Picture>),
    /// Keep a friend's picture, if it is one. Ends in `PictureLookedAt`.
    KeepPicture {
        /// Whose.
        peer: PeerId,
        /// As it came.
        picture: Picture,
    },
    /// Keep a friend's picture no longer.
    DropPicture {
        /// Whose.
        peer: PeerId,
        /// As the friend named it.
        picture: BlobHash,
    },
    /// End the program, after everything before this.
    Quit,

    /// Be found, and look for others, like this; replaces the plan before.
    Discover(DiscoveryPlan),
    /// Find friends across the internet like this; replaces the plan before.
    Meet(RendezvousPlan),
    /// The network has changed, or the computer has slept: connect to the relays anew.
    MeetAgain,
    /// Use a code with whoever uses it too. Ends in `CodeEnded`.
    UseCode(CodeOrder),
    /// Give a code up; nothing more is reported of it.
    DropCode(InviteId),
    /// Answer whoever came with an invitation of mine.
    AnswerGuest {
        /// Which.
        secret: InvitationSecret,
        /// Who.
        card: Card,
        /// What.
        answer: Answer,
    },
    /// Show my card to whoever is there (XX) and say that I would like in. Ends in `KnockEnded`.
    Knock {
        /// The order.
        knock: KnockId,
        /// Where.
        target: Target,
        /// If known, only this peer will do.
        expect: Option<PeerId>,
        /// The name to claim.
        name: Option<DisplayName>,
    },
    /// Make an offer and bring it to any of these addresses (IK). Ends in `LinkUp` or `LinkFailed`.
    Dial {
        /// The link to be.
        link: LinkKey,
        /// Whom.
        card: Card,
        /// Where, best first; if there is none, by a relay.
        targets: Vec<SocketAddr>,
    },
    /// Answer an offer. Ends in `LinkUp` or `LinkFailed`.
    Answer {
        /// The link to be.
        link: LinkKey,
        /// Which offer.
        ticket: OfferTicket,
    },
    /// Leave an offer unanswered: the other side hears nothing.
    DropOffer(OfferTicket),
    /// End a link (or an attempt), silently if it is not up. Nothing more is reported of it.
    CloseLink(LinkKey),
    /// Say something on a link.
    Send(LinkKey, Control),

    /// From here on, and until then, serve blobs of this appearance on this link.
    Serve {
        /// To whom.
        link: LinkKey,
        /// What.
        appearance: AppearanceId,
        /// Until when.
        until: Instant,
    },
    /// Carry blobs so fast; replaces the plan before.
    Limit(RatePlan),
    /// Serve nothing of this appearance on this link.
    StopServing {
        /// To whom.
        link: LinkKey,
        /// What.
        appearance: AppearanceId,
    },
    /// Get this from the other side. Ends in `FetchEvent::Stored` or `Failed`.
    Fetch {
        /// The order.
        fetch: FetchId,
        /// From whom.
        link: LinkKey,
        /// Under which appearance.
        appearance: AppearanceId,
        /// What.
        work: FetchWork,
    },
    /// No longer wanted; nothing more is reported of it.
    CancelFetch(FetchId),

    /// Hash these files; all below these roots. Ends in `Hashed`.
    Hash {
        /// The order.
        publish: PublishId,
        /// Canonical.
        roots: Vec<PathBuf>,
        /// Which.
        files: Vec<FileToHash>,
    },
    /// Keep these bytes as a blob of mine: a manifest or a long text.
    PutBlob {
        /// Its name.
        blob: BlobRef,
        /// Its bytes.
        content: Vec<u8>,
    },
    /// These blobs make up this appearance; from here on they can be served under it. Also keeps them from eviction.
    HoldAppearance {
        /// Which.
        appearance: AppearanceId,
        /// Files, long texts and the manifest itself.
        blobs: Vec<BlobRef>,
    },
    /// No longer needed: its blobs may be evicted and are not served under it.
    ReleaseAppearance(AppearanceId),
    /// This held appearance is shown now: at the next start its blobs are among those last used.
    NoteUse(AppearanceId),
    /// Read a small blob. Ends in `BlobRead`.
    ReadBlob(BlobRef),
    /// Count the triangles of a friend's models, each of which is here. Ends in `TrianglesCounted`.
    CountTriangles {
        /// Whose look they are of.
        appearance: AppearanceId,
        /// The models, each once.
        models: Vec<BlobRef>,
    },
    /// Remove these from the cache: least recently shown first, never held ones. Ends in `CacheLost`.
    Evict(Vec<BlobHash>),

    /// Do this with the whole cache. Ends in `Input::Maintenance`.
    Maintain(Chore),
    /// Stop doing it; it ends all the same.
    StopMaintenance,
    /// Once the settings are saved that name the cache's new folder, remove the old one. Ends in `Input::Maintenance`.
    RemoveOldCache,
    /// Remove everything from the cache that is not held. Ends in `CacheLost`.
    ClearCache,

    /// Tell a plugin to show this; the runtime fills in where the blobs lie.
    Apply {
        /// To whom.
        plugin: PluginId,
        /// What.
        apply: Apply,
    },
    /// Say something to a plugin.
    ToPlugin(PluginId, ToPlugin),
    /// End a plugin's session.
    DropPlugin(PluginId),
}

/// A look to be shown: the `apply` line with blobs where paths will stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apply {
    /// `Name@World`.
    pub character: crate::domain::Character,
    /// Repeated by the plugin.
    pub revision: u64,
    /// The look, held by `HoldAppearance`.
    pub manifest: std::sync::Arc<crate::domain::Manifest>,
    /// Long texts that were read, by their blob.
    pub long_texts: Vec<(BlobHash, String)>,
    /// Files of these kinds are left out.
    pub without: Vec<crate::domain::Sensitivity>,
}
