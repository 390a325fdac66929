//! One plugin's session: what it told me of the game, and what I told it to show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Revisions;
use super::show::{Show, State};
use crate::domain::{Character, ObjectKind, PeerId, TextValue};
use crate::engine::cache::{Cache, Holder};
use crate::engine::desk::{Deadline, Desk, sooner};
use crate::engine::follow::Ready;
use crate::engine::input::PluginId;
use crate::engine::notice::Notice;
use crate::engine::output::{Apply, Output};
use crate::engine::snapshot::PluginView;
use crate::engine::tracked::Tracked;
use crate::wire::plugin::{NearbyCharacter, ToPlugin};

/// Characters near in the game that are believed; the game draws fewer.
const MAX_NEAR: usize = 512;
/// Between two lines of progress for one character.
const PROGRESS_PACE: Duration = Duration::from_millis(250);
const PROGRESS_KEPT: Duration = Duration::from_secs(60);

/// What has to be taken off again.
#[derive(Debug)]
struct Drawn {
    revision: u64,
    objects: Vec<ObjectKind>,
}

/// One plugin's session.
#[derive(Debug)]
pub(super) struct Session {
    plugin: PluginId,
    program: String,
    pub(super) roots: Vec<PathBuf>,
    character: Option<Character>,
    busy: bool,
    near: BTreeSet<Character>,
    shows: BTreeMap<Character, Show>,
    /// What the game draws as far as I know: the last `apply` of each character that went out and was not taken back.
    drawn: BTreeMap<Character, Drawn>,
    /// Characters that the game may draw from a folder in which the cache does not lie any more.
    outdated: BTreeSet<Character>,
    progress: BTreeMap<Character, ((u64, u64), Instant)>,
    pub(super) status: Tracked<ToPlugin>,
}

impl Session {
    pub(super) const fn new(plugin: PluginId, program: String, roots: Vec<PathBuf>) -> Self {
        Self {
            plugin,
            program,
            roots,
            character: None,
            busy: false,
            near: BTreeSet::new(),
            shows: BTreeMap::new(),
            drawn: BTreeMap::new(),
            outdated: BTreeSet::new(),
            progress: BTreeMap::new(),
            status: Tracked::new(),
        }
    }

    pub(super) const fn character(&self) -> Option<&Character> {
        self.character.as_ref()
    }

    pub(super) const fn near(&self) -> &BTreeSet<Character> {
        &self.near
    }

    pub(super) fn set_state(&mut self, character: Option<Character>, busy: bool) {
        self.character = character;
        self.busy = busy;
    }

    pub(super) fn set_near(&mut self, characters: Vec<NearbyCharacter>) {
        let named = characters.into_iter().filter_map(|near| Character::new(&near.name, &near.world).ok());
        self.near = named.take(MAX_NEAR).collect();
    }

    /// The plugin shows what it was told to. Whose look it is, if it was asked for.
    pub(super) fn applied(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character, revision: u64) -> Option<PeerId> {
        let show = self.shows.get_mut(character)?;
        let news = show.applied(revision);
        if news {
            self.outdated.remove(character);
            cache.release(desk, &Holder::Before(self.plugin, character.clone()));
        }
        news.then_some(show.peer)
    }

    /// The plugin cannot show it.
    pub(super) fn failed(&mut self, desk: &mut Desk, character: &Character, revision: u64, reason: &str) {
        let Some(show) = self.shows.get_mut(character) else { return };
        if show.failed(desk.now(), revision, reason) {
            self.outdated.remove(character);
            desk.notify(Notice::AppearanceFailed { peer: show.peer, character: character.clone(), text: reason.to_owned() });
        }
    }

    /// The person wants a friend's look, which the plugin could not show, tried again at once. False if it could, or was not told to.
    pub(super) fn retry(&mut self, now: Instant, peer: &PeerId, character: &Character) -> bool {
        self.shows.get_mut(character).filter(|show| show.peer == *peer).is_some_and(|show| show.retry(now))
    }

    /// The game was reloaded: everything is to be shown anew.
    pub(super) fn forget_shows(&mut self, desk: &mut Desk, cache: &mut Cache, of: Option<PeerId>) -> usize {
        let (plugin, before) = (self.plugin, self.shows.len());
        self.shows.retain(|character, show| {
            let stays = of.is_some_and(|peer| show.peer != peer);
            if !stays {
                release(desk, cache, plugin, character);
            }
            stays
        });
        before - self.shows.len()
    }

    /// The cache lies elsewhere: everything is to be shown anew, as far as the game lets us.
    pub(super) fn cache_moved(&mut self, desk: &mut Desk, cache: &mut Cache) {
        self.outdated.extend(self.drawn.keys().cloned());
        self.forget_shows(desk, cache, None);
    }

    /// Whether the game may still draw from the folder in which the cache was.
    pub(super) fn draws_from_old_folder(&self) -> bool {
        !self.outdated.is_empty()
    }

    /// Long texts that an `apply` waits for; it goes out when everything is settled, if nothing holds it back by then.
    pub(super) fn text_read(&mut self, desk: &Desk, hash: crate::domain::BlobHash, result: &Result<Vec<u8>, String>) {
        for show in self.shows.values_mut() {
            show.text_read(desk.now(), hash, result);
        }
    }

    /// Brings what is shown to what is to be shown: what is ready of those who are near. Nothing changes in combat and in
    /// cutscenes.
    pub(super) fn settle(
        &mut self,
        desk: &mut Desk,
        cache: &mut Cache,
        ready: &BTreeMap<&Character, (PeerId, &Ready)>,
        revisions: &mut Revisions,
    ) {
        self.give_up_waiting(desk);
        if self.busy {
            return;
        }
        let stays = |character: &Character| ready.contains_key(character) && self.near.contains(character);
        let all = self.shows.keys().chain(self.drawn.keys());
        let gone: BTreeSet<Character> = all.filter(|character| !stays(character)).cloned().collect();
        for character in gone {
            self.revert(desk, cache, &character);
        }
        for (character, (peer, look)) in ready {
            if self.near.contains(*character) {
                self.show(desk, cache, character, (*peer, look), revisions);
            }
        }
        self.send_what_is_read(desk);
    }

    /// Tells how far a friend's look has come, at most 4 times a second.
    pub(super) fn tell_progress(&mut self, desk: &mut Desk, character: &Character, (done, total): (u64, u64)) {
        let said = self.progress.get(character);
        let same = said.is_some_and(|(said, _)| *said == (done, total));
        let early = said.is_some_and(|(_, at)| desk.now() < *at + PROGRESS_PACE);
        if same || (early && done < total) {
            return;
        }
        // What was said longer ago is of a transfer that has ended.
        self.progress.retain(|_, (_, at)| desk.now() < *at + PROGRESS_KEPT);
        self.progress.insert(character.clone(), ((done, total), desk.now()));
        desk.order(Output::ToPlugin(self.plugin, ToPlugin::Progress { character: character.to_string(), done, total }));
    }

    pub(super) fn revert_all(&mut self, desk: &mut Desk, cache: &mut Cache) {
        let all: BTreeSet<Character> = self.shows.keys().chain(self.drawn.keys()).cloned().collect();
        for character in all {
            self.revert(desk, cache, &character);
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let can_show = |character: &Character| !self.busy && self.near.contains(character);
        let due = self.shows.iter().filter_map(|(character, show)| show.due(can_show(character)));
        due.fold(None, |a, at| sooner(a, Some((at, "an apply is due or overdue"))))
    }

    pub(super) fn state_of(&self, character: &Character, peer: PeerId, look: &Ready) -> Option<&State> {
        self.shows.get(character).filter(|show| show.is_of(peer, look)).map(|show| &show.state)
    }

    pub(super) fn view(&self) -> PluginView {
        PluginView {
            program: self.program.clone(),
            character: self.character.clone(),
            busy: self.busy,
            near: self.near.iter().cloned().collect(),
        }
    }

    fn show(
        &mut self,
        desk: &mut Desk,
        cache: &mut Cache,
        character: &Character,
        (peer, look): (PeerId, &Ready),
        revisions: &mut Revisions,
    ) {
        let shown = self.shows.get(character).filter(|show| show.is_of(peer, look));
        if shown.is_some_and(|show| !show.is_to_repeat(desk.now())) || !look.whole {
            return;
        }
        let tries = shown.map_or(0, Show::tries);
        let mut show = Show::new(desk.now(), peer, look, revisions.next(), tries);
        if let Some(before) = self.shows.get(character).filter(|before| before.is_shown()) {
            let holder = Holder::Before(self.plugin, character.clone());
            cache.hold(desk, &holder, before.look.appearance, &[]);
        }
        cache.hold(desk, &Holder::Shown(self.plugin, character.clone()), look.appearance, &[]);
        cache.touch(desk, &look.appearance);
        let texts = long_texts(look);
        show.read(texts.iter().map(|blob| blob.hash).collect());
        texts.into_iter().for_each(|blob| desk.order(Output::ReadBlob(blob)));
        self.shows.insert(character.clone(), show);
    }

    /// Sends every `apply` whose texts are all here.
    fn send_what_is_read(&mut self, desk: &mut Desk) {
        for (character, show) in self.shows.iter_mut().filter(|(_, show)| show.is_read()) {
            let drawn = send_apply(desk, self.plugin, character, show);
            self.drawn.insert(character.clone(), drawn);
        }
    }

    fn revert(&mut self, desk: &mut Desk, cache: &mut Cache, character: &Character) {
        self.shows.remove(character);
        self.outdated.remove(character);
        // What is drawn may be an older look, while the texts of its successor are still being read.
        if let Some(Drawn { revision, objects }) = self.drawn.remove(character) {
            let revert = ToPlugin::Revert { character: character.to_string(), revision, objects };
            desk.order(Output::ToPlugin(self.plugin, revert));
        }
        release(desk, cache, self.plugin, character);
    }

    fn give_up_waiting(&mut self, desk: &mut Desk) {
        for (character, show) in &mut self.shows {
            if let Some(text) = show.give_up(desk.now()) {
                self.outdated.remove(character);
                desk.notify(Notice::AppearanceFailed { peer: show.peer, character: character.clone(), text });
            }
        }
    }
}

fn release(desk: &mut Desk, cache: &mut Cache, plugin: PluginId, character: &Character) {
    cache.release(desk, &Holder::Shown(plugin, character.clone()));
    cache.release(desk, &Holder::Before(plugin, character.clone()));
}

fn send_apply(desk: &mut Desk, plugin: PluginId, character: &Character, show: &mut Show) -> Drawn {
    let manifest = std::sync::Arc::clone(&show.look.manifest);
    let drawn = Drawn { revision: show.revision, objects: manifest.objects().iter().map(|object| object.kind).collect() };
    let apply = Apply {
        character: character.clone(),
        revision: show.revision,
        manifest,
        long_texts: show.sent(desk.now()),
        without: show.look.without.clone(),
    };
    desk.order(Output::Apply { plugin, apply });
    drawn
}

fn long_texts(look: &Ready) -> BTreeSet<crate::domain::BlobRef> {
    let texts = look.manifest.objects().iter().flat_map(|object| object.texts.values());
    texts
        .filter_map(|text| match text {
            TextValue::Inline(_) => None,
            TextValue::Blob(blob) => Some(*blob),
        })
        .collect()
}
