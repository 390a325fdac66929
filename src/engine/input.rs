//! What the engine hears.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::command::Command;
use super::snapshot::{CodeFailure, Extent, InterfaceView, RelayView, RouterView};
use crate::domain::{
    AppearanceId, BlobHash, BlobRef, Card, DisplayName, InvitationSecret, NoWay, PeerId, Picture, Route, Settings,
};
use crate::wire::control::Control;
use crate::wire::invitation::Answer;
use crate::wire::plugin::FromPlugin;

/// One connection between me and a peer: only a higher generation replaces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey {
    /// The other side.
    pub peer: PeerId,
    /// Agreed on by the offer.
    pub generation: u64,
}

/// A session of a plugin on the pipe; never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginId(pub u64);

/// One publish being hashed; chosen by the engine, never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublishId(pub u64);

/// One fetch order; chosen by the engine, never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchId(pub u64);

/// An offer that waits in the runtime for an answer or to be dropped; never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferTicket(pub u64);

/// One attempt to knock somewhere; chosen by the engine, never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KnockId(pub u64);

/// One use of an invite code; chosen by the engine, never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteId(pub u64);

/// A command's number, for its answer; never used twice in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// A peer heard on the local network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// A friend, recognised by the pair key.
    Friend(PeerId),
    /// Anybody in "Everyone nearby", by the card it shows.
    Open {
        /// The card, checked.
        card: Card,
        /// The name it claims.
        name: Option<DisplayName>,
    },
}

/// Why an attempt to reach a peer failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// Nothing listens there, or the network says no.
    #[error("nothing answered at that address")]
    Unreachable,
    /// The name has no address.
    #[error("that name has no address")]
    NameNotFound,
    /// Something listened and stayed silent: not known there, refused, paused, or not a companion.
    #[error("somebody is there but did not answer")]
    Silent,
    /// Signalling worked, the connection did not come up in time.
    #[error("the connection did not come up")]
    IceFailed,
    /// Offer and answer came and went by a relay, and no way was found between the two networks.
    #[error("no way was found between your two networks")]
    NoWay(NoWay),
    /// Anything else, for people.
    #[error("{0}")]
    Other(String),
}

/// Why a link ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DownReason {
    /// The other side closed it, or said farewell.
    #[error("the other side closed it")]
    Closed,
    /// The transport reported failure, or a channel stalled.
    #[error("{0}")]
    Failed(String),
    /// Bytes that are no messages; the link is closed.
    #[error("they sent what is no message: {0}")]
    ProtocolError(String),
}

/// A published file, hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashedFile {
    /// The game paths as published, checked by the engine beforehand.
    pub index: usize,
    /// What it is, or why it cannot be sent (one sentence naming the file).
    pub result: Result<HashedBlob, String>,
}

/// A hashed file's blob and what a receiver will want to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashedBlob {
    /// The blob.
    pub blob: BlobRef,
    /// Triangles in a model, 0 in anything else.
    pub triangles: u64,
}

/// A blob that the cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachedBlob {
    /// The blob.
    pub blob: BlobRef,
    /// When it was last part of a look that was shown, or came; in milliseconds since 1970.
    pub used_unix_ms: u64,
}

/// How a fetch order stands or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchEvent {
    /// Bytes that have come since the last report (at most 4 reports a second).
    Progress {
        /// Verified bytes, new since the last report.
        bytes: u64,
    },
    /// Everything of the order is verified and stored. Blobs that are complete by it.
    Stored {
        /// Complete blobs.
        complete: Vec<BlobHash>,
        /// Verified bytes, new since the last report.
        bytes: u64,
        /// Bytes that crossed the line for it since the last report, requests and framing included.
        wire_bytes: u64,
    },
    /// It ended without all of it.
    Failed(FetchError),
}

/// Why a fetch order ended without all of it. What was verified before stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The holder refused; its reason.
    Refused(crate::wire::control::Refusal),
    /// Bytes that do not have the hash: the holder sends bad data, or the manifest lies.
    BadData,
    /// The link ended.
    LinkLost,
    /// Our disk: full, or not to be written. One sentence.
    Disk(String),
}

/// How checking or moving the cache stands or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MaintenanceEvent {
    /// How far it has come, at most 4 times a second.
    Progress {
        /// Up to here.
        done: Extent,
        /// Of so much.
        total: Extent,
    },
    /// The cache lies in this folder from here on. The old one stays until `Output::RemoveOldCache`.
    Moved {
        /// The new one.
        folder: PathBuf,
    },
    /// It has ended.
    Ended {
        /// What came of it, one sentence.
        text: String,
    },
}

/// Everything that the engine hears. All of it may come from outside and be wrong; none of it makes the engine panic.
#[derive(Clone, Debug)]
pub enum Input {
    /// A person asks for something. Answered by `Output::Reply` with the same request.
    Command(RequestId, Command),
    /// The network's interfaces or addresses changed.
    NetworkChanged,
    /// What the wall clock says: once a minute, and as soon as it is seen to have jumped (it was set, or the computer slept).
    Clock {
        /// Seconds since 1970.
        unix_now: u64,
    },
    /// The signalling listener and the links' UDP socket are bound.
    Listening {
        /// TCP.
        signal_port: u16,
        /// UDP.
        link_port: u16,
    },
    /// Where the cache lies, and how much room its disk has. Told when that has changed by much.
    Disk {
        /// The folder.
        folder: PathBuf,
        /// Free bytes.
        free: u64,
    },
    /// The network interfaces that discovery may use, when they have changed.
    Interfaces(Vec<InterfaceView>),
    /// The settings file was changed outside; the whole of it.
    SettingsLoaded(Box<Settings>),

    /// What came of `Output::CarryIdentity`.
    IdentityCarried {
        /// The command that asked for it.
        request: RequestId,
        /// Whether one is ready for the next start.
        import: bool,
        /// Done, or one sentence.
        result: Result<(), String>,
    },
    /// The file of `Output::ReadPicture` was read.
    PictureRead {
        /// The command that asked for it.
        request: RequestId,
        /// The picture, made small, or one sentence.
        result: Result<Picture, String>,
    },
    /// A friend's picture of `Output::KeepPicture` was looked at, and is kept if it is one.
    PictureLookedAt {
        /// Whose.
        peer: PeerId,
        /// As the friend names it.
        picture: BlobHash,
        /// Kept, or a sentence's end.
        result: Result<(), String>,
    },

    /// A plugin's session began (after its `hello`).
    PluginConnected {
        /// The session.
        plugin: PluginId,
        /// Name and version, for people.
        program: String,
        /// The folders that its files may lie in, canonical.
        roots: Vec<PathBuf>,
    },
    /// A plugin said something. Paths are native by now.
    PluginSaid(PluginId, FromPlugin),
    /// A plugin's session ended.
    PluginGone(PluginId),

    /// What the cache holds, complete and verified: at start, and what an unclean end left in doubt as it turns out right.
    CacheLoaded(Vec<CachedBlob>),
    /// Cache blobs that are no longer there (evicted by order, or lost).
    CacheLost(Vec<BlobHash>),
    /// A publish's files are hashed; one for each file of the order.
    Hashed(PublishId, Vec<HashedFile>),
    /// A published file was found changed while it was read for a friend: publish again.
    OwnFileChanged {
        /// Which blob.
        blob: BlobHash,
    },
    /// The content of a manifest or text blob asked for by `Output::ReadBlob`.
    BlobRead {
        /// Which.
        blob: BlobHash,
        /// Its bytes, or why not.
        result: Result<Vec<u8>, String>,
    },
    /// The models of `Output::CountTriangles` were counted.
    TrianglesCounted {
        /// Of which look.
        appearance: AppearanceId,
        /// Triangles of all models together, or why not.
        result: Result<u64, String>,
    },
    /// How a fetch order stands or ended.
    Fetch(FetchId, FetchEvent),
    /// How the order of `Output::Maintain` stands or ended.
    Maintenance(MaintenanceEvent),

    /// Somebody was heard on the local network.
    Heard {
        /// Who.
        sighting: Sighting,
        /// Its signalling address (TCP).
        address: SocketAddr,
    },
    /// Somebody who is not in the circle knocked.
    Knocked {
        /// Its card, checked.
        card: Card,
        /// The name it claims.
        name: Option<DisplayName>,
        /// Its signalling address (TCP), to be dialled if accepted.
        address: SocketAddr,
    },
    /// An order to knock was carried out: whoever is there showed this card and has been told ours. Or it failed.
    KnockEnded {
        /// The order.
        knock: KnockId,
        /// The card of whoever answered and the address (TCP) at which it did.
        result: Result<(Card, SocketAddr), DialError>,
    },
    /// A friend's program was heard by a relay, or is not heard there any more.
    Met {
        /// Whose.
        peer: PeerId,
        /// Whether an offer may reach it.
        here: bool,
    },
    /// How the internet sees the links' port, when that was asked.
    Router(RouterView),
    /// How the relays are, when that has changed.
    Relays(Vec<RelayView>),
    /// A code was used, or was not.
    CodeEnded {
        /// The order.
        invite: InviteId,
        /// Who the other is, proven by the code; or why nothing came of it.
        result: Result<(Card, Option<DisplayName>), CodeFailure>,
    },
    /// Somebody has an invitation of mine.
    Redeemed {
        /// Which.
        secret: InvitationSecret,
        /// Their card, which has signed.
        card: Card,
        /// The name they claim.
        name: Option<DisplayName>,
    },
    /// The issuer of an invitation that I have taken up has answered.
    InvitationAnswered {
        /// Which.
        secret: InvitationSecret,
        /// What.
        answer: Answer,
        /// The name they go by.
        name: Option<DisplayName>,
    },
    /// Somebody offers a link.
    OfferArrived {
        /// To be answered or dropped.
        ticket: OfferTicket,
        /// Who, checked.
        card: Card,
        /// The generation it proposes.
        generation: u64,
        /// Its signalling address (TCP), for the next time, if it came by one.
        address: Option<SocketAddr>,
    },

    /// A link is up: both channels are open and the fingerprints are the signed ones.
    LinkUp {
        /// Which.
        link: LinkKey,
        /// How it runs.
        route: Route,
        /// The remote address, for people.
        remote: SocketAddr,
    },
    /// A dial or an answer did not end in a link.
    LinkFailed {
        /// Which.
        link: LinkKey,
        /// Why.
        error: DialError,
    },
    /// A link ended.
    LinkDown {
        /// Which.
        link: LinkKey,
        /// Why.
        reason: DownReason,
    },
    /// A control message came.
    Received(LinkKey, Control),
    /// Authenticated bytes came (at most one report a second).
    LinkAlive(LinkKey),
    /// Blob bytes of a look were served, since the last report of it. The last one may come after the link has ended.
    Served {
        /// To whom.
        link: LinkKey,
        /// Which look.
        appearance: AppearanceId,
        /// How many.
        bytes: u64,
    },
    /// Measured on the selected pair, about once in 5 s while linked.
    LinkStats {
        /// Which.
        link: LinkKey,
        /// Round trip in microseconds, if measured.
        round_trip_us: Option<u64>,
        /// How it runs now.
        route: Route,
        /// Bytes sent on the wire since it came up.
        sent: u64,
        /// Bytes received on the wire since it came up.
        received: u64,
        /// Blob bytes served to the other side since it came up.
        served: u64,
    },
}
