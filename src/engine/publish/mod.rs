//! My looks: from what a plugin publishes to what friends are told and may fetch.

mod announce;
mod check;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use announce::Audiences;
pub(super) use check::MAX_TEXTS_BYTES;
use check::{Assembled, Draft, assemble, check};

use super::MILESTONES;
use super::cache::{Cache, Holder};
use super::circle::Circle;
use super::desk::{Deadline, Desk, sooner};
use super::input::{HashedFile, PluginId, PublishId};
use super::link::Links;
use super::notice::Notice;
use super::output::Output;
use super::runs::Runs;
use super::snapshot::{ElsewhereView, MyCharacterView, PublishedView};
use crate::domain::{
    AppearanceId, BlobHash, BlobKind, BlobRef, Character, Identity, InstanceId, Manifest, PeerId, Permissions, Revision,
    Settings, Weight,
};
use crate::wire::plugin::{PublishedObject, ToPlugin};
use crate::wire::run::{RUN_NONCE, RunClaim};
use crate::wire::{MAX_MANIFEST, manifest};

/// Files that are shown as the largest of a look.
const LARGEST: usize = 5;
/// Publishes that come closer together are gathered: a change of outfit is many changes at once.
const GATHER: Duration = Duration::from_millis(500);
/// An older look is served for so long, so that running fetches end well.
const GRACE: Duration = Duration::from_secs(60);
/// A plugin that is back by then has only been reloaded.
const PLUGIN_GRACE: Duration = Duration::from_secs(10);
/// Characters that are published at once; friends take no more from one peer.
pub(super) const MAX_CHARACTERS: usize = 64;

/// My looks and who knows of them.
#[derive(Debug)]
pub(super) struct Publish {
    identity: Identity,
    instance: InstanceId,
    /// Another run of mine shares: I do not.
    silent: bool,
    looks: BTreeMap<Character, Mine>,
    audiences: Audiences,
    /// What friends are allowed for whom nothing else is set.
    default: Permissions,
    next: u64,
}

/// A character of mine.
#[derive(Debug)]
struct Mine {
    plugin: PluginId,
    plugin_gone: Option<Instant>,
    /// The newest publish that is not being hashed yet.
    waiting: Option<Source>,
    quiet_until: Option<Instant>,
    hashing: Option<(PublishId, Source)>,
    current: Option<Current>,
    older: Vec<Older>,
    revision: Revision,
    problem: Option<String>,
}

/// What a plugin published.
#[derive(Clone, Debug)]
struct Source {
    roots: Vec<PathBuf>,
    draft: Draft,
}

/// The look that is shared.
#[derive(Debug)]
struct Current {
    appearance: AppearanceId,
    revision: Revision,
    weight: Weight,
    manifest: Arc<Manifest>,
    bytes: Vec<u8>,
    long_texts: Vec<(BlobRef, Vec<u8>)>,
    source: Source,
    /// The largest files, for the person.
    largest: Vec<(String, u64)>,
}

/// A look of before, until running fetches have ended.
#[derive(Debug)]
struct Older {
    appearance: AppearanceId,
    bytes: Vec<u8>,
    until: Instant,
}

impl Publish {
    pub(super) fn new(identity: Identity, instance: InstanceId) -> Self {
        Self {
            identity,
            instance,
            silent: false,
            looks: BTreeMap::new(),
            audiences: Audiences::default(),
            default: Permissions::default(),
            next: 0,
        }
    }

    pub(super) fn me(&self) -> PeerId {
        self.identity.peer()
    }

    /// Whether nothing of mine is to be shared, whoever may see it.
    pub(super) const fn be_silent(&mut self, silent: bool) {
        self.silent = silent;
    }

    /// Shows whoever asks with this number that I run.
    pub(super) fn claim(&self, runs: &Runs, nonce: [u8; RUN_NONCE]) -> RunClaim {
        RunClaim::sign(&self.identity, runs.instance(), runs.began_unix(), nonce)
    }

    /// A plugin says how a character of mine looks.
    pub(super) fn published(
        &mut self,
        desk: &mut Desk,
        circle: &mut Circle,
        (plugin, roots): (PluginId, Vec<PathBuf>),
        character: &str,
        objects: Vec<PublishedObject>,
    ) {
        let character: Character = match character.parse() {
            Ok(character) => character,
            Err(error) => return tell(desk, plugin, format!("That look cannot be shared: {error}.")),
        };
        if !self.looks.contains_key(&character) && self.looks.len() >= MAX_CHARACTERS {
            return tell(
                desk,
                plugin,
                format!("More than {MAX_CHARACTERS} characters cannot be shared: restart FyteClub to begin anew."),
            );
        }
        circle.publish(&character, desk.now());
        let look = self.looks.entry(character.clone()).or_insert_with(|| Mine::new(plugin));
        look.plugin = plugin;
        look.plugin_gone = None;
        match check(objects) {
            Ok(draft) => look.waiting = Some(Source { roots, draft }),
            Err(problem) => look.refuse(desk, &character, problem),
        }
    }

    /// A character of mine looks as the game made it.
    pub(super) fn unpublished(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character) {
        if let Some(look) = self.looks.get_mut(character) {
            look.take_off(desk, cache, character);
        }
    }

    /// A plugin's session ended.
    pub(super) fn plugin_gone(&mut self, now: Instant, plugin: PluginId) {
        for look in self.looks.values_mut().filter(|look| look.plugin == plugin) {
            look.plugin_gone.get_or_insert(now);
        }
    }

    /// The files of a publish are hashed.
    pub(super) fn hashed(&mut self, desk: &mut Desk, cache: &mut Cache, publish: PublishId, files: Vec<HashedFile>) {
        let is_it = |look: &Mine| look.hashing.as_ref().is_some_and(|(id, _)| *id == publish);
        let Some((character, look)) = self.looks.iter_mut().find(|(_, look)| is_it(look)) else { return };
        if let Some((_, source)) = look.hashing.take() {
            look.finish(desk, cache, character, source, files);
        }
    }

    /// One of my files has changed while it was read for a friend: what I share is hashed again.
    pub(super) fn file_changed(&mut self, blob: &BlobHash) {
        for look in self.looks.values_mut().filter(|look| look.waiting.is_none()) {
            let current =
                look.current.as_ref().filter(|current| current.manifest.blobs().iter().any(|known| known.hash == *blob));
            look.waiting = current.map(|current| current.source.clone());
        }
    }

    /// Blobs that I had put into the cache are gone: they are put there again.
    pub(super) fn cache_lost(&self, desk: &mut Desk, cache: &mut Cache, lost: &[BlobHash]) {
        for current in self.looks.values().filter_map(|look| look.current.as_ref()) {
            for (blob, content) in current.long_texts.iter().filter(|(blob, _)| lost.contains(&blob.hash)) {
                cache.put(desk, *blob, content.clone());
            }
            if lost.contains(&current.appearance.as_blob()) {
                cache.put(desk, manifest_blob(current.appearance, &current.bytes), current.bytes.clone());
            }
        }
    }

    /// Does what is due, and tells everybody what is new to them.
    pub(super) fn settle(&mut self, desk: &mut Desk, cache: &mut Cache, circle: &Circle, links: &Links, settings: &Settings) {
        self.default = settings.permissions;
        for (character, look) in &mut self.looks {
            look.settle(desk, cache, character);
            if look.is_due(desk.now()) {
                let publish = PublishId(self.next);
                self.next += 1;
                look.begin(desk, cache, character, publish);
            }
        }
        self.settle_audiences(desk, circle, links);
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let renewal = self.audiences.next_renewal().map(|at| (at, "a grant is renewed"));
        self.looks.values().filter_map(Mine::deadline).fold(renewal, |a, b| sooner(a, Some(b)))
    }

    /// Which character of mine looks or looked like this.
    pub(super) fn wearing(&self, appearance: &AppearanceId) -> Option<Character> {
        self.looks.iter().find(|(_, look)| look.bytes_of(appearance).is_some()).map(|(character, _)| character.clone())
    }

    /// My characters as they are seen.
    pub(super) fn view(&self, circle: &Circle) -> Vec<MyCharacterView> {
        let mut characters = circle.my_characters();
        characters.extend(self.looks.keys());
        let view = |character: &Character| {
            let look = self.looks.get(character);
            MyCharacterView {
                character: character.clone(),
                audience: circle.audience(character).cloned(),
                published: look.and_then(|look| look.current.as_ref()).map(|current| PublishedView {
                    appearance: current.appearance,
                    revision: current.revision,
                    weight: current.weight,
                    announced_to: u32::try_from(self.audiences.told_of(character).count()).unwrap_or(u32::MAX),
                    seen_by: self.audiences.told_of(character).collect(),
                    largest: current.largest.clone(),
                }),
                problem: look.and_then(|look| look.problem.clone()),
            }
        };
        characters.into_iter().map(view).collect()
    }

    /// What became of a plugin's own character, for people.
    pub(super) fn sharing(&self, circle: &Circle, character: Option<&Character>) -> String {
        let Some(character) = character else { return "No character is logged in.".to_owned() };
        if self.silent {
            return ElsewhereView::SENTENCE.to_owned();
        }
        let look = self.looks.get(character);
        if let Some(problem) = look.and_then(|look| look.problem.as_ref()) {
            return format!("{} is not shared as it looks now: {problem}.", character.name());
        }
        if look.is_none_or(|look| look.current.is_none()) {
            return format!("{} has no look to share yet.", character.name());
        }
        match (circle.audience(character), self.audiences.told_of(character).count()) {
            (None, _) => format!("FyteClub asks with whom {} is to be shared.", character.name()),
            (Some(_), 0) => format!("{} is shared, and no friend who may see it is online.", character.name()),
            (Some(_), 1) => format!("{} is shared with one friend online.", character.name()),
            (Some(_), count) => format!("{} is shared with {count} friends online.", character.name()),
        }
    }

    /// Whether this peer is to see this character of mine now.
    fn shows(&self, circle: &Circle, peer: &PeerId, character: &Character) -> bool {
        !self.silent && circle.may_see(peer, character, &self.default)
    }

    /// The manifest's bytes, if it is a look of mine that this peer may see now.
    fn manifest_for(&self, circle: &Circle, peer: &PeerId, appearance: &AppearanceId) -> Option<&[u8]> {
        let mut seen = self.looks.iter().filter(|(character, _)| self.shows(circle, peer, character));
        seen.find_map(|(_, look)| look.bytes_of(appearance))
    }
}

impl Mine {
    const fn new(plugin: PluginId) -> Self {
        Self {
            plugin,
            plugin_gone: None,
            waiting: None,
            quiet_until: None,
            hashing: None,
            current: None,
            older: Vec::new(),
            revision: Revision(0),
            problem: None,
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.waiting.is_some() && self.hashing.is_none() && self.quiet_until.is_none_or(|until| until <= now)
    }

    fn begin(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character, publish: PublishId) {
        let Some(source) = self.waiting.take() else { return };
        self.quiet_until = Some(desk.later(GATHER));
        if source.draft.files.is_empty() {
            return self.finish(desk, cache, character, source, Vec::new());
        }
        desk.order(Output::Hash { publish, roots: source.roots.clone(), files: source.draft.files.clone() });
        self.hashing = Some((publish, source));
    }

    fn finish(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character, source: Source, files: Vec<HashedFile>) {
        let look = match assemble(&source.draft, files) {
            Ok(look) => look,
            Err(problem) => return self.refuse(desk, character, problem),
        };
        let (appearance, bytes) = manifest::encode(&look.manifest);
        if bytes.len() > MAX_MANIFEST {
            let problem =
                format!("the list of its files has {} bytes, more than {MAX_MANIFEST}: publish fewer files", bytes.len());
            return self.refuse(desk, character, problem);
        }
        self.problem = None;
        match &mut self.current {
            Some(current) if current.appearance == appearance => {
                tracing::debug!(target: MILESTONES, "nothing changed");
                current.source = source;
            }
            Some(_) | None => self.replace(desk, cache, character, (appearance, bytes), look, source),
        }
    }

    fn replace(
        &mut self,
        desk: &mut Desk,
        cache: &mut Cache,
        character: &Character,
        (appearance, bytes): (AppearanceId, Vec<u8>),
        look: Assembled,
        source: Source,
    ) {
        for (blob, content) in &look.long_texts {
            cache.put(desk, *blob, content.clone());
        }
        let own = manifest_blob(appearance, &bytes);
        cache.put(desk, own, bytes.clone());
        let mut blobs = look.manifest.blobs();
        blobs.push(own);
        cache.hold(desk, &Holder::Mine(character.clone(), appearance), appearance, &blobs);
        self.older.retain(|older| older.appearance != appearance);
        if let Some(before) = self.current.take() {
            self.older.push(Older { appearance: before.appearance, bytes: before.bytes, until: desk.later(GRACE) });
        }
        self.revision = self.revision.next();
        self.current = Some(Current {
            appearance,
            revision: self.revision,
            weight: look.weight,
            largest: largest(&look.manifest),
            manifest: Arc::new(look.manifest),
            bytes,
            long_texts: look.long_texts,
            source,
        });
    }

    /// The look that was shared before stays shared.
    fn refuse(&mut self, desk: &mut Desk, character: &Character, problem: String) {
        tell(desk, self.plugin, format!("{} is not shared as it looks now: {problem}.", character.name()));
        desk.notify(Notice::PublishFailed { character: character.clone(), text: problem.clone() });
        self.problem = Some(problem);
    }

    fn settle(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character) {
        let now = desk.now();
        if self.plugin_gone.is_some_and(|since| since + PLUGIN_GRACE <= now) {
            self.take_off(desk, cache, character);
        }
        self.older.retain(|older| {
            let over = older.until <= now;
            if over {
                cache.release(desk, &Holder::Mine(character.clone(), older.appearance));
            }
            !over
        });
    }

    fn take_off(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character) {
        let older = self.older.drain(..).map(|older| older.appearance);
        let all: Vec<AppearanceId> = older.chain(self.current.take().map(|current| current.appearance)).collect();
        for appearance in all {
            cache.release(desk, &Holder::Mine(character.clone(), appearance));
        }
        *self = Self { revision: self.revision, quiet_until: self.quiet_until, ..Self::new(self.plugin) };
    }

    fn bytes_of(&self, appearance: &AppearanceId) -> Option<&[u8]> {
        let current = self.current.as_ref().filter(|current| current.appearance == *appearance).map(|current| &current.bytes);
        let older = || self.older.iter().find(|older| older.appearance == *appearance).map(|older| &older.bytes);
        current.or_else(older).map(Vec::as_slice)
    }

    fn deadline(&self) -> Option<Deadline> {
        let ready = self.waiting.is_some() && self.hashing.is_none();
        let quiet = self.quiet_until.filter(|_| ready).map(|at| (at, "a publish is gathered"));
        let older = self.older.iter().map(|older| (older.until, "an older look of mine is let go")).min();
        let gone = self.plugin_gone.map(|since| (since + PLUGIN_GRACE, "a plugin stays away"));
        sooner(sooner(quiet, older), gone)
    }
}

fn manifest_blob(appearance: AppearanceId, bytes: &[u8]) -> BlobRef {
    BlobRef { hash: appearance.as_blob(), size: bytes.len() as u64, kind: BlobKind::Manifest }
}

fn tell(desk: &mut Desk, plugin: PluginId, text: String) {
    desk.order(Output::ToPlugin(plugin, ToPlugin::Notice { text }));
}
/// The few files that weigh most, each by one of its game paths.
fn largest(manifest: &Manifest) -> Vec<(String, u64)> {
    let files = manifest.objects().iter().flat_map(|object| &object.files);
    let sizes: BTreeMap<BlobHash, (u64, String)> = files
        .filter_map(|file| file.game_paths.first().map(|path| (file.blob.hash, (file.blob.size, path.to_string()))))
        .collect();
    let mut sizes: Vec<(u64, String)> = sizes.into_values().collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.into_iter().take(LARGEST).map(|(size, path)| (path, size)).collect()
}
