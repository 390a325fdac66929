//! What was measured and heard: uploads, graphs, timelines, the network.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::RelayView;
use crate::domain::{Character, PeerId, Route, RouterKind};

/// A look being served to a friend. Only they know how much of it they still lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadView {
    /// To whom.
    pub peer: PeerId,
    /// Which of my characters; `None` if it is not known any more, or somebody else's.
    pub character: Option<Character>,
    /// Bytes of files sent.
    pub sent: u64,
    /// Bytes a second over the last seconds.
    pub rate: u64,
    /// Milliseconds from the first byte to the last.
    pub elapsed_ms: u64,
    /// Whether it has ended; a finished one stays in the list for 10 seconds.
    pub finished: bool,
}

/// The last five minutes in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GraphsView {
    /// All links together, oldest first.
    pub total: Vec<GraphPoint>,
    /// Each peer with a link in that time, oldest first.
    pub peers: BTreeMap<PeerId, Vec<GraphPoint>>,
}

/// A few seconds in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphPoint {
    /// Seconds from its beginning to the newest point's end.
    pub seconds_ago: u64,
    /// Bytes sent a second.
    pub up: u64,
    /// Bytes received a second.
    pub down: u64,
    /// Round trip in microseconds, if measured.
    pub round_trip_us: Option<u64>,
}

/// What became of the connections to each peer in this run, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineView(pub BTreeMap<PeerId, Vec<Event>>);

impl TimelineView {
    /// What became of the connections to a peer, newest first.
    #[must_use]
    pub fn of(&self, peer: &PeerId) -> &[Event] {
        self.0.get(peer).map_or(&[], Vec::as_slice)
    }
}

/// Something that happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, the last time, in seconds since 1970.
    pub unix: u64,
    /// What.
    pub what: What,
    /// How often in a row.
    pub times: u32,
}

/// What happened to a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// It came up.
    Connected {
        /// How.
        route: Route,
        /// To where.
        remote: SocketAddr,
    },
    /// It could not be made.
    Failed {
        /// Why, as a sentence's end.
        reason: String,
    },
    /// It ended.
    Ended {
        /// Why, as a sentence's end.
        reason: String,
    },
}

/// This computer's network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkView {
    /// The interfaces that discovery may use.
    pub interfaces: Vec<InterfaceView>,
    /// What it has heard in this run.
    pub heard: HeardView,
    /// The relays by which friends are found across the internet, and how each is.
    #[serde(default)]
    pub relays: Vec<RelayView>,
    /// How the internet sees the links' port.
    #[serde(default)]
    pub router: RouterView,
}

/// How the internet sees the links' port, when that was last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterView {
    /// What the router makes of it.
    pub kind: RouterKind,
    /// Under which addresses.
    pub addresses: Vec<SocketAddr>,
}

/// A network interface and one of its addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceView {
    /// The system's name for it.
    pub name: String,
    /// The address.
    pub address: IpAddr,
    /// Whether beacons are sent there.
    pub broadcasts: bool,
}

/// What discovery has heard in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardView {
    /// Signs of friends.
    pub friends: u64,
    /// Signs of others, in "everyone nearby".
    pub others: u64,
    /// When the last one came, in seconds since 1970.
    pub last_unix: Option<u64>,
}
