//! The game plugins: what they say of the game, and what they are told to show.

mod session;
mod show;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use session::Session;
use show::State;

use super::cache::Cache;
use super::desk::{Deadline, Desk, sooner};
use super::fetch::{Fetch, JobKey};
use super::follow::{Follow, Progress, Ready};
use super::input::PluginId;
use super::notice::Notice;
use super::output::Output;
use super::snapshot::PluginView;
use crate::domain::{BlobHash, Character, PeerId};
use crate::wire::plugin::{NearbyCharacter, ToPlugin};

/// Every plugin's session.
#[derive(Debug)]
pub(super) struct Plugins {
    sessions: BTreeMap<PluginId, Session>,
    /// When the last plugin went away.
    last_gone: Option<Instant>,
    revisions: Revisions,
}

/// Numbers for `apply` lines. One row of them serves all characters and sessions, and begins somewhere else at each start: a plugin
/// may answer late, on a session that is not the one it was told in, and must not seem to mean another `apply`.
#[derive(Debug)]
struct Revisions {
    last: u64,
}

impl Revisions {
    /// Starts at one of 2³² places that lie 2²⁰ apart; below 2⁵³, which is where JSON's numbers end for many.
    fn new(desk: &mut Desk) -> Self {
        Self { last: (desk.random_u64() >> 32) << 20 }
    }

    const fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

/// How long a plugin that went away may take to come back before it is missed.
const RETURN: Duration = Duration::from_secs(30);

impl Plugins {
    pub(super) fn new(desk: &mut Desk) -> Self {
        Self { sessions: BTreeMap::new(), revisions: Revisions::new(desk), last_gone: None }
    }

    pub(super) fn connected(&mut self, plugin: PluginId, program: String, roots: Vec<PathBuf>) {
        self.sessions.insert(plugin, Session::new(plugin, program, roots));
    }

    pub(super) fn gone(&mut self, desk: &mut Desk, cache: &mut Cache, plugin: PluginId) {
        if let Some(mut session) = self.sessions.remove(&plugin) {
            session.forget_shows(desk, cache, None);
            self.last_gone = Some(desk.now());
        }
    }

    /// The folders that a plugin's files may lie in; `None` if there is no such session.
    pub(super) fn roots(&self, plugin: PluginId) -> Option<Vec<PathBuf>> {
        self.sessions.get(&plugin).map(|session| session.roots.clone())
    }

    pub(super) fn set_state(&mut self, plugin: PluginId, character: Option<Character>, busy: bool) {
        if let Some(session) = self.sessions.get_mut(&plugin) {
            session.set_state(character, busy);
        }
    }

    pub(super) fn set_near(&mut self, plugin: PluginId, characters: Vec<NearbyCharacter>) {
        if let Some(session) = self.sessions.get_mut(&plugin) {
            session.set_near(characters);
        }
    }

    pub(super) fn applied(&mut self, desk: &mut Desk, cache: &mut Cache, plugin: PluginId, character: &Character, revision: u64) {
        let peer = self.sessions.get_mut(&plugin).and_then(|session| session.applied(desk, cache, character, revision));
        if let Some(peer) = peer {
            desk.notify(Notice::AppearanceApplied { peer, character: character.clone() });
        }
    }

    pub(super) fn failed(&mut self, desk: &mut Desk, plugin: PluginId, character: &Character, revision: u64, reason: &str) {
        if let Some(session) = self.sessions.get_mut(&plugin) {
            session.failed(desk, character, revision, reason);
        }
    }

    /// The person wants a friend's look that could not be shown tried again at once. False if none could not.
    pub(super) fn retry(&mut self, now: Instant, peer: &PeerId, character: &Character) -> bool {
        self.sessions.values_mut().map(|session| session.retry(now, peer, character)).filter(|tried| *tried).count() > 0
    }

    /// One plugin is to be told everything anew: its game was reloaded.
    pub(super) fn resync(&mut self, desk: &mut Desk, cache: &mut Cache, plugin: PluginId) {
        if let Some(session) = self.sessions.get_mut(&plugin) {
            session.forget_shows(desk, cache, None);
        }
    }

    /// Every plugin is to be told the looks of this friend (or of all) anew.
    /// How many looks that are.
    pub(super) fn resync_all(&mut self, desk: &mut Desk, cache: &mut Cache, of: Option<PeerId>) -> u32 {
        let forgotten = self.sessions.values_mut().map(|session| session.forget_shows(desk, cache, of)).sum::<usize>();
        u32::try_from(forgotten).unwrap_or(u32::MAX)
    }

    /// The cache lies elsewhere: every plugin is to be told all looks anew, with their files' new places.
    pub(super) fn cache_moved(&mut self, desk: &mut Desk, cache: &mut Cache) {
        for session in self.sessions.values_mut() {
            session.cache_moved(desk, cache);
        }
    }

    /// Whether any game may still draw from the folder before the last move.
    pub(super) fn draw_from_old_folder(&self) -> bool {
        self.sessions.values().any(Session::draws_from_old_folder)
    }

    /// The folders of all plugins' files.
    pub(super) fn all_roots(&self) -> Vec<PathBuf> {
        self.sessions.values().flat_map(|session| session.roots.iter().cloned()).collect()
    }

    pub(super) fn text_read(&mut self, desk: &mut Desk, hash: BlobHash, result: &Result<Vec<u8>, String>) {
        for session in self.sessions.values_mut() {
            session.text_read(desk, hash, result);
        }
    }

    /// Brings what is shown to what is to be shown.
    pub(super) fn settle(&mut self, desk: &mut Desk, cache: &mut Cache, follow: &Follow) {
        let ready = follow.ready();
        for session in self.sessions.values_mut() {
            session.settle(desk, cache, &ready, &mut self.revisions);
        }
    }

    /// Tells plugins how far looks have come that are being fetched.
    pub(super) fn tell_progress(&mut self, desk: &mut Desk, fetch: &Fetch, keys: &BTreeSet<JobKey>) {
        for key in keys {
            let Some(progress) = fetch.progress(key) else { continue };
            for session in self.sessions.values_mut() {
                session.tell_progress(desk, &key.character, progress);
            }
        }
    }

    /// Tells each plugin its status, if that has changed.
    pub(super) fn tell_status(&mut self, desk: &mut Desk, status: impl Fn(Option<&Character>) -> ToPlugin) {
        for (plugin, session) in &mut self.sessions {
            let status = status(session.character());
            session.status.set(status);
            if let Some(status) = session.status.take(desk.now()) {
                desk.order(Output::ToPlugin(*plugin, status.clone()));
            }
        }
    }

    /// Takes everything off: the program ends.
    pub(super) fn quit(&mut self, desk: &mut Desk, cache: &mut Cache) {
        for session in self.sessions.values_mut() {
            session.revert_all(desk, cache);
        }
    }

    /// Characters that are near in any plugin's game.
    pub(super) fn near(&self) -> BTreeSet<Character> {
        self.sessions.values().flat_map(|session| session.near().iter().cloned()).collect()
    }

    pub(super) fn is_near(&self, character: &Character) -> bool {
        self.sessions.values().any(|session| session.near().contains(character))
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.sessions.values().filter_map(Session::deadline).fold(None, |a, b| sooner(a, Some(b)))
    }

    /// How far a look that is all here has come with the plugins: the furthest counts.
    pub(super) fn progress(&self, character: &Character, peer: PeerId, look: &Ready) -> Progress {
        let states = self.sessions.values().filter_map(|session| session.state_of(character, peer, look));
        let mut furthest = Progress::Ready;
        for state in states {
            match state {
                State::Applied => return Progress::Applied,
                State::Reading { .. } | State::Applying { .. } => furthest = Progress::Applying,
                State::Failed { reason, .. } if furthest == Progress::Ready => {
                    furthest = Progress::Failed { reason: reason.clone() };
                }
                State::Failed { .. } => {}
            }
        }
        furthest
    }

    /// Whether there is no plugin, nor was one until a moment ago: a game that is started anew, or a plugin that is updated, is not gone.
    pub(super) fn are_missing(&self, now: Instant) -> bool {
        self.sessions.is_empty() && self.missing_from().is_none_or(|at| at <= now)
    }

    /// When the want of a plugin begins to count, while there is none.
    pub(super) fn missing_from(&self) -> Option<Instant> {
        self.last_gone.filter(|_| self.sessions.is_empty()).and_then(|gone| gone.checked_add(RETURN))
    }

    /// The newest session.
    pub(super) fn view(&self) -> Option<PluginView> {
        self.sessions.values().next_back().map(Session::view)
    }
}
