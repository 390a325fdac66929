//! One companion and what stands around it: its engine, its saved state, its cache and the game with its plugin.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use fyteclub::domain::{
    AppearanceId, BlobHash, BlobRef, Character, DisplayName, Identity, Manifest, PeerId, Sensitivity, Settings,
};
use fyteclub::engine::Engine;
use fyteclub::engine::command::CommandError;
use fyteclub::engine::input::{FetchId, LinkKey, OfferTicket, PluginId, RequestId};
use fyteclub::engine::notice::Notice;
use fyteclub::engine::output::DiscoveryPlan;
use fyteclub::engine::state::{SavedCircle, SavedHistory, SavedState};
use fyteclub::wire::GROUP;

use crate::looks::Outfit;
use crate::model::Who;

const PEOPLE: usize = 8;

/// The keys of the person in this place; the same in every run, since making them is slow.
pub(crate) fn identity(who: Who) -> &'static Identity {
    static IDENTITIES: OnceLock<Vec<Identity>> = OnceLock::new();
    &IDENTITIES.get_or_init(|| (0..PEOPLE).map(|who| Identity::from_seed([who as u8 + 1; 32])).collect())[who]
}

/// A companion and its surroundings.
pub(crate) struct Node {
    pub(crate) who: Who,
    pub(crate) address: SocketAddr,
    /// None while the program is not running.
    pub(crate) engine: Option<Engine>,
    /// When the engine's timer is due.
    pub(crate) due: Option<Duration>,
    /// The person asked it to end.
    pub(crate) quits: bool,
    /// Grows with each end of the program: what was under way for an earlier run is lost.
    pub(crate) run: u64,
    pub(crate) saved: SavedState,
    pub(crate) store: Store,
    pub(crate) plan: Option<DiscoveryPlan>,
    /// Attempts and links that are not over for the engine, by connection.
    pub(crate) links: BTreeMap<LinkKey, u64>,
    pub(crate) tickets: BTreeMap<OfferTicket, u64>,
    pub(crate) fetches: BTreeMap<FetchId, FetchRun>,
    /// At whose door the person asked to knock.
    pub(crate) wanted: BTreeSet<PeerId>,
    pub(crate) game: Game,
    pub(crate) replies: BTreeMap<RequestId, Result<(), CommandError>>,
    pub(crate) notices: Vec<Notice>,
    /// Seconds by which its clock is wrong.
    pub(crate) clock_off: i64,
    /// Nothing more can be written.
    pub(crate) disk_full: bool,
    pub(crate) backup: Option<Box<crate::trouble::Backup>>,
}

impl Node {
    pub(crate) fn new(who: Who, settings: Settings) -> Self {
        Self {
            who,
            address: SocketAddr::from((Ipv4Addr::new(10, 0, 0, who as u8 + 1), 47_311)),
            engine: None,
            due: None,
            quits: false,
            run: 0,
            saved: SavedState {
                identity: identity(who).clone(),
                settings,
                circle: SavedCircle::default(),
                history: SavedHistory::default(),
                picture: None,
            },
            store: Store::default(),
            plan: None,
            links: BTreeMap::new(),
            tickets: BTreeMap::new(),
            fetches: BTreeMap::new(),
            wanted: BTreeSet::new(),
            game: Game::new(who),
            replies: BTreeMap::new(),
            notices: Vec::new(),
            clock_off: 0,
            disk_full: false,
            backup: None,
        }
    }
}

/// The names that persons go by, in the order of their places.
pub(crate) const NAMES: [&str; PEOPLE] = ["Aria", "Brin", "Cato", "Dora", "Edda", "Finn", "Gwen", "Hale"];

pub(crate) fn display_name(who: Who) -> DisplayName {
    DisplayName::new(NAMES[who]).unwrap()
}

/// The character of the person in this place.
pub(crate) fn character(who: Who) -> Character {
    Character::new(&format!("{} Fyte", NAMES[who]), "Phoenix").unwrap()
}

/// A fetch order under way.
pub(crate) struct FetchRun {
    /// The connection, and which end of it fetches.
    pub(crate) conn: u64,
    pub(crate) end: usize,
    pub(crate) appearance: AppearanceId,
    pub(crate) todo: VecDeque<(BlobRef, Range<u32>)>,
    pub(crate) blobs: Vec<BlobRef>,
    /// Verified bytes that were not reported yet.
    pub(crate) fresh: u64,
    pub(crate) wire: u64,
    pub(crate) reported: Duration,
    /// Bytes of the whole order.
    pub(crate) ordered: u64,
}

/// The bytes on a companion's disk. Contents are kept for texts and manifests only.
#[derive(Default)]
pub(crate) struct Store {
    /// Complete and in the cache folder.
    pub(crate) cached: BTreeMap<BlobHash, BlobRef>,
    /// The user's own files, served from their place; forgotten when the program ends.
    pub(crate) own: BTreeMap<BlobHash, BlobRef>,
    pub(crate) partial: BTreeMap<BlobHash, BTreeSet<u32>>,
    pub(crate) held: BTreeMap<AppearanceId, BTreeMap<BlobHash, BlobRef>>,
    /// Published files by where they lie.
    pub(crate) disk: BTreeMap<PathBuf, BlobRef>,
    pub(crate) contents: BTreeMap<BlobHash, Vec<u8>>,
}

impl Store {
    pub(crate) fn has(&self, hash: &BlobHash) -> bool {
        self.cached.contains_key(hash) || self.own.contains_key(hash)
    }

    pub(crate) fn has_group(&self, hash: &BlobHash, group: u32) -> bool {
        self.has(hash) || self.partial.get(hash).is_some_and(|groups| groups.contains(&group))
    }

    /// Takes a verified group; the blob counts once all of them are here.
    pub(crate) fn put_group(&mut self, blob: &BlobRef, group: u32) {
        let groups = self.partial.entry(blob.hash).or_default();
        groups.insert(group);
        if groups.len() == group_count(blob) as usize {
            self.partial.remove(&blob.hash);
            self.cached.insert(blob.hash, *blob);
        }
    }

    pub(crate) fn is_held(&self, hash: &BlobHash) -> bool {
        self.held.values().any(|blobs| blobs.contains_key(hash))
    }

    /// Whether it is an own file whose content is no longer what was hashed.
    pub(crate) fn was_edited(&self, hash: &BlobHash) -> bool {
        !self.cached.contains_key(hash) && self.own.contains_key(hash) && !self.disk.values().any(|blob| blob.hash == *hash)
    }

    /// The program ended: what it knew only in memory is lost. Partial files stay.
    pub(crate) fn restart(&mut self) {
        self.own.clear();
        self.held.clear();
    }
}

pub(crate) fn group_count(blob: &BlobRef) -> u32 {
    u32::try_from(blob.size.div_ceil(GROUP)).unwrap().max(1)
}

pub(crate) fn group_bytes(blob: &BlobRef, group: u32) -> u64 {
    blob.size.saturating_sub(u64::from(group) * GROUP).min(GROUP)
}

/// The game and its plugin.
pub(crate) struct Game {
    pub(crate) root: String,
    pub(crate) session: Option<PluginId>,
    sessions: u64,
    /// What the person wears just now, told again in each session.
    pub(crate) wears: BTreeMap<Character, Outfit>,
    pub(crate) near: BTreeSet<Character>,
    pub(crate) in_combat: bool,
    pub(crate) in_cutscene: bool,
    /// Whether combat or a cutscene was the last thing that the engine was told.
    pub(crate) told_busy: bool,
    /// Who is near, as the engine was last told.
    pub(crate) told_near: BTreeSet<Character>,
    /// What is drawn on others.
    pub(crate) shown: BTreeMap<Character, Shown>,
    /// The highest revision of an apply in this session.
    pub(crate) revisions: BTreeMap<Character, u64>,
    /// The revisions of all applies of all sessions.
    pub(crate) used: BTreeSet<u64>,
    /// How often out of 100 an apply fails.
    pub(crate) fails: u64,
}

/// What is drawn on a character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) revision: u64,
    pub(crate) manifest: Manifest,
    pub(crate) without: Vec<Sensitivity>,
}

impl Game {
    fn new(who: Who) -> Self {
        Self {
            root: format!("/sim/{who}/mods"),
            session: None,
            sessions: 0,
            wears: BTreeMap::new(),
            near: BTreeSet::new(),
            in_combat: false,
            in_cutscene: false,
            told_busy: false,
            told_near: BTreeSet::new(),
            shown: BTreeMap::new(),
            revisions: BTreeMap::new(),
            used: BTreeSet::new(),
            fails: 0,
        }
    }

    pub(crate) fn begin_session(&mut self) -> PluginId {
        self.sessions += 1;
        let plugin = PluginId(self.sessions);
        self.session = Some(plugin);
        plugin
    }

    /// The pipe broke: the plugin takes everybody's looks off by itself.
    pub(crate) fn end_session(&mut self) -> Option<PluginId> {
        self.shown.clear();
        self.revisions.clear();
        self.told_busy = false;
        self.told_near.clear();
        self.session.take()
    }
}
