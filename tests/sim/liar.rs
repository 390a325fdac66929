//! A companion that lies: it has keys, a link and friends like any other, and says on its links what no companion would.
//!
//! Its own engine plays along, so that links come up; what the liar says of its own is put on the line beside what the engine
//! says. It is as bad as can be: it overhears every announcement of everybody, grants included.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fyteclub::domain::{
    AppearanceId, BlobRef, Character, FileEntry, GamePath, InstanceId, Manifest, ObjectAppearance, ObjectKind, Revision, Weight,
};
use fyteclub::engine::command::Command;
use fyteclub::engine::follow::Progress;
use fyteclub::engine::input::{Input, OfferTicket};
use fyteclub::engine::snapshot::Prompt;
use fyteclub::wire::PROTOCOL_MAX;
use fyteclub::wire::control::{Announce, ByeReason, Control, Hello, ManifestBody, Refusal, VerifyStep};
use fyteclub::wire::grant::Grant;
use fyteclub::wire::manifest;

use crate::looks::ModFile;
use crate::model::Who;
use crate::node::{character, identity};
use crate::world::World;

/// Announcements that are remembered.
const OVERHEARD: usize = 64;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What liars have made up and overheard.
#[derive(Default)]
pub(crate) struct Book {
    manifests: BTreeMap<AppearanceId, Vec<u8>>,
    overheard: Vec<Announce>,
    tickets: u64,
}

impl Book {
    /// Whether a liar made this up.
    pub(crate) fn knows(&self, appearance: &AppearanceId) -> bool {
        self.manifests.contains_key(appearance)
    }

    pub(crate) fn overhear(&mut self, announce: &Announce) {
        if self.overheard.len() >= OVERHEARD {
            self.overheard.remove(0);
        }
        self.overheard.push(announce.clone());
    }
}

impl World {
    /// The liar says something to one of those with whom it is linked.
    pub(crate) fn lies(&mut self, liar: Who) {
        let mine = |conn: &u64| self.conns[conn].who.contains(&liar);
        let conns: Vec<u64> = self.live_conns().into_iter().filter(mine).collect();
        let Some(conn) = self.chance.pick(&conns) else { return };
        let end = 1 - self.conns[&conn].end_of(liar);
        let victim = self.conns[&conn].who[end];
        let lie = self.chance.below(21);
        self.note(format!("{liar} tells {victim} lie {lie}"));
        for message in self.lie(liar, victim, lie) {
            self.say_on(conn, end, &message);
        }
    }

    /// Puts a message of the liar's own on the line, if it can be read at all.
    fn say_on(&mut self, conn: u64, end: usize, message: &Control) {
        if let Ok(message) = Control::decode(&message.encode()) {
            let wait = self.delay();
            self.post(conn, end, message, self.now + wait);
        }
    }

    fn lie(&mut self, liar: Who, victim: Who, lie: u64) -> Vec<Control> {
        let (mine, theirs) = (character(liar), character(victim));
        let third = character((0..self.nodes.len()).find(|who| ![liar, victim].contains(who)).unwrap_or(0));
        let instance = self.instance_of(victim, liar);
        let bye = |reason| Control::Bye { reason, text: "because \u{202e}I say so".to_owned() };
        match lie {
            // Looks that it never had, on its own character, a friend's, and the victim's own.
            0 => vec![self.made_up(liar, victim, &mine)],
            1 | 2 => vec![self.made_up(liar, victim, &third)],
            3 => vec![self.made_up(liar, victim, &theirs)],
            // The victim's own files, named in a manifest of the liar's, and asked for under it.
            4 | 5 => self.confused_deputy(liar, victim),
            6 | 7 => self.others_grants(liar, victim),
            8 => self.forged_grants(liar, victim),
            9 => self.flood(liar, victim, instance),
            10 => vec![Control::Hello(hello(instance))],
            11 => self.stale(liar, victim),
            12 => vec![Control::Withdraw { character: third, instance }, Control::Withdraw { character: theirs, instance }],
            13 => vec![self.with(liar, victim, |announce| announce.instance = InstanceId(announce.instance.0 ^ 1))],
            14 => vec![self.with(liar, victim, |announce| announce.manifest_size = u32::MAX)],
            15 => self.answers_nobody_asked_for(),
            16 => self.steps_of_a_verification(),
            17 => vec![bye([ByeReason::Replaced, ByeReason::ProtocolError, ByeReason::Incompatible][self.chance.index(3)])],
            18 => (0..300).map(|token| if token % 2 == 0 { Control::Resync } else { Control::Ping { token } }).collect(),
            19 => (0..40)
                .map(|_| self.with(liar, victim, |announce| announce.weight = Weight { files: u32::MAX, ..announce.weight }))
                .collect(),
            _ => self.odd_offers(liar, victim),
        }
    }

    /// Which run the liar told the victim it is.
    fn instance_of(&self, victim: Who, liar: Who) -> InstanceId {
        let wearer = identity(liar).peer();
        let heard = self
            .book
            .overheard
            .iter()
            .rev()
            .find(|announce| announce.grant.wearer == wearer && announce.grant.audience == identity(victim).peer());
        heard.map_or(InstanceId(0), |announce| announce.instance)
    }

    /// An announcement of a look that does not exist, though its grant is right.
    fn made_up(&mut self, liar: Who, victim: Who, character: &Character) -> Control {
        let number = self.chance.below(6);
        let file = ModFile::new("chara/lie.tex", &format!("lie{number}"), 1 + number * 70_000);
        self.announce(liar, victim, character, &[file.blob()], true)
    }

    fn announce(&mut self, liar: Who, victim: Who, character: &Character, blobs: &[BlobRef], honest_weight: bool) -> Control {
        let manifest = naming(blobs);
        let (appearance, bytes) = manifest::encode(&manifest);
        let weight =
            if honest_weight { manifest.weight() } else { Weight { files: 1, bytes: 1, texture_bytes: 1, triangles: 1 } };
        let manifest_size = u32::try_from(bytes.len()).unwrap();
        self.book.manifests.insert(appearance, bytes);
        self.model.note_announced(liar, victim, character, appearance);
        let grant = Grant::sign(identity(liar), appearance, identity(victim).peer(), self.unix_of(liar), DAY);
        let revision = Revision(self.chance.below(1_000));
        let instance = self.instance_of(victim, liar);
        Control::Announce(Announce { character: character.clone(), instance, revision, appearance, manifest_size, weight, grant })
    }

    fn with(&mut self, liar: Who, victim: Who, change: impl FnOnce(&mut Announce)) -> Control {
        let mut message = self.made_up(liar, victim, &character(liar));
        if let Control::Announce(announce) = &mut message {
            change(announce);
        }
        message
    }

    fn confused_deputy(&mut self, liar: Who, victim: Who) -> Vec<Control> {
        let store = &self.nodes[victim].store;
        let known: Vec<BlobRef> = store.own.values().chain(store.cached.values()).copied().collect();
        let files = known.into_iter().filter(|blob| matches!(blob.kind, fyteclub::domain::BlobKind::File(_)));
        let mut named: Vec<BlobRef> = files.take(3).collect();
        if self.chance.percent(30) {
            for blob in &mut named {
                blob.size += 1;
            }
        }
        let honest_weight = self.chance.percent(60);
        let announce = self.announce(liar, victim, &character(liar), &named, honest_weight);
        let Control::Announce(Announce { appearance, .. }) = &announce else { return Vec::new() };
        let grant = Grant::sign(identity(liar), *appearance, identity(liar).peer(), self.unix_of(liar), DAY);
        let asked = Control::GetManifest { appearance: *appearance, grant };
        vec![announce, asked]
    }

    /// Everything overheard is asked for: looks of the victim and of third persons, with the grants of those whom they are for.
    fn others_grants(&mut self, liar: Who, victim: Who) -> Vec<Control> {
        let from: BTreeSet<_> = (0..self.nodes.len()).filter(|who| *who != liar).map(|who| identity(who).peer()).collect();
        let overheard = self.book.overheard.iter().filter(|announce| from.contains(&announce.grant.wearer));
        let mut all: Vec<Control> = overheard
            .map(|announce| Control::GetManifest { appearance: announce.appearance, grant: announce.grant.clone() })
            .collect();
        all.truncate(if victim.is_multiple_of(2) { 20 } else { 5 });
        all
    }

    /// Grants made over: for the liar, by the liar, for ever, or for another look.
    fn forged_grants(&mut self, liar: Who, victim: Who) -> Vec<Control> {
        let me = identity(liar).peer();
        let Some(Announce { appearance, grant, .. }) = self.chance.pick(&self.book.overheard) else { return Vec::new() };
        let now = self.unix_of(victim);
        let mine = Grant::sign(identity(liar), appearance, me, now, DAY);
        let mut long_ago = Grant::sign(identity(liar), appearance, me, now - 2 * DAY.as_secs(), DAY);
        long_ago.wearer = grant.wearer;
        [
            Grant { audience: me, ..grant.clone() },
            Grant { expires_unix: now + 3_000_000, ..grant.clone() },
            Grant { audience: me, wearer: me, ..grant },
            Grant { wearer: identity(victim).peer(), ..mine.clone() },
            mine,
            long_ago,
        ]
        .into_iter()
        .map(|grant| Control::GetManifest { appearance, grant })
        .collect()
    }

    /// A thousand characters.
    fn flood(&mut self, liar: Who, victim: Who, instance: InstanceId) -> Vec<Control> {
        let (bytes, manifest) = (manifest::encode(&naming(&[])), naming(&[]));
        let (appearance, manifest_size) = (bytes.0, u32::try_from(bytes.1.len()).unwrap());
        let grant = Grant::sign(identity(liar), appearance, identity(victim).peer(), self.unix_of(liar), DAY);
        self.book.manifests.insert(appearance, bytes.1);
        let name = |number: u32| {
            let letter = |n: u32| char::from(b'a' + u8::try_from(n % 26).unwrap());
            Character::new(&format!("Flood {}{}{}", letter(number / 676), letter(number / 26), letter(number)), "Phoenix")
                .unwrap()
        };
        let said = |number| {
            let (grant, weight) = (grant.clone(), manifest.weight());
            let character = name(number);
            Control::Announce(Announce { character, instance, revision: Revision(1), appearance, manifest_size, weight, grant })
        };
        (0..1_000).map(said).collect()
    }

    /// What it said before, once more; then another look of the same revision, and an older one.
    fn stale(&mut self, liar: Who, victim: Who) -> Vec<Control> {
        let (mine, them) = (identity(liar).peer(), identity(victim).peer());
        let heard = |announce: &&Announce| announce.grant.wearer == mine && announce.grant.audience == them;
        let old: Vec<Announce> = self.book.overheard.iter().filter(heard).cloned().collect();
        let mut said: Vec<Control> = old.iter().take(3).cloned().map(Control::Announce).collect();
        let newest = old.iter().map(|announce| announce.revision).max().unwrap_or_default();
        for revision in [newest, Revision(newest.0.saturating_sub(1)), Revision(u64::MAX), Revision(0)] {
            said.push(self.with(liar, victim, |announce| announce.revision = revision));
        }
        said
    }

    fn answers_nobody_asked_for(&mut self) -> Vec<Control> {
        let overheard: Vec<AppearanceId> = self.book.overheard.iter().map(|announce| announce.appearance).collect();
        let mut said = Vec::new();
        for appearance in overheard.into_iter().take(6) {
            let body = if self.chance.percent(50) { ManifestBody::Inline(vec![1, 2, 3]) } else { ManifestBody::Blob(1 << 30) };
            said.push(Control::Manifest { appearance, body });
            let refusal = Refusal::from_number(self.chance.below(5) as u8);
            said.push(Control::Refuse { appearance, refusal });
        }
        said
    }

    fn steps_of_a_verification(&mut self) -> Vec<Control> {
        let bytes = self.chance.bytes32();
        let all = [
            VerifyStep::Confirm(true),
            VerifyStep::Ask,
            VerifyStep::Commit(bytes),
            VerifyStep::Answer(bytes),
            VerifyStep::Open(bytes),
            VerifyStep::Abort,
        ];
        (0..4).map(|_| Control::Verify(all[self.chance.index(all.len())].clone())).collect()
    }

    /// Offers of generations that are over, or that leave no room above them. Nobody stands behind them.
    fn odd_offers(&mut self, liar: Who, victim: Who) -> Vec<Control> {
        let (card, address) = (*identity(liar).card(), self.nodes[liar].address);
        let welcome = self.nodes[victim].plan.as_ref().is_some_and(|plan| plan.friends.contains(&card));
        for generation in [0, 1, u64::MAX, (1 << 62) + 1].into_iter().filter(|_| welcome) {
            self.book.tickets += 1;
            let ticket = OfferTicket(u64::MAX - self.book.tickets);
            self.feed(victim, Input::OfferArrived { ticket, card, generation, address: Some(address) });
        }
        Vec::new()
    }

    /// The liar is asked for a manifest that it made up.
    pub(crate) fn answers_with_a_lie(&mut self, conn: u64, end: usize, appearance: AppearanceId) {
        let bytes = self.book.manifests[&appearance].clone();
        let lie = self.chance.below(8);
        let message = match lie {
            0 => Control::Refuse { appearance, refusal: Refusal::NotHeld },
            1 => Control::Refuse { appearance, refusal: Refusal::NotGranted },
            2 => Control::Manifest { appearance, body: ManifestBody::Inline(bytes.iter().rev().copied().collect()) },
            3 => Control::Manifest { appearance, body: ManifestBody::Blob(bytes.len() as u64) },
            4 => return,
            _ => Control::Manifest { appearance, body: ManifestBody::Inline(bytes) },
        };
        self.say_on(conn, 1 - end, &message);
    }

    /// Brings the model up to what this person's companion made of the liars' claims, which depends on what was refused of them. Nobody
    /// else's character may become theirs.
    pub(crate) fn hear_liars(&mut self, who: Who) {
        if self.liars.is_empty() || self.liars.contains(&who) {
            return;
        }
        let Some(snapshot) = self.snapshot(who) else { return };
        for liar in self.liars.clone() {
            let peer = identity(liar).peer();
            for view in snapshot.peers.iter().filter(|view| view.peer == peer).flat_map(|view| &view.characters) {
                let claimed = !matches!(view.progress, Progress::Conflict | Progress::NotWanted | Progress::Gone);
                if claimed && !self.model.liar_owns(who, liar, &view.character) {
                    self.complain(format!("{who} lets {liar} dress {:?}, who is another's", view.character));
                }
            }
        }
    }

    /// Everybody says of each character that two claim that it is the one's who plays it.
    pub(crate) fn settles_every_claim(&mut self) {
        for who in 0..self.nodes.len() {
            let prompts = self.snapshot(who).map(|view| view.prompts).unwrap_or_default();
            for prompt in prompts {
                let Prompt::OwnerConflict { character: claimed, owner, claimant } = prompt else { continue };
                let plays = |peer: &fyteclub::domain::PeerId| self.find(peer).is_some_and(|player| character(player) == claimed);
                if let Some(owner) = [owner, claimant].into_iter().find(plays) {
                    let _ = self.command(who, Command::ChooseOwner { character: claimed, owner });
                }
            }
        }
    }
}

fn hello(instance: InstanceId) -> Hello {
    Hello {
        protocol_min: 1,
        protocol_max: PROTOCOL_MAX,
        features: Vec::new(),
        program: "Liar".to_owned(),
        name: None,
        instance,
        run: None,
    }
}

/// A manifest of these files.
fn naming(blobs: &[BlobRef]) -> Manifest {
    let files = blobs.iter().enumerate().filter_map(|(number, blob)| {
        let path = GamePath::new(&format!("chara/lie{number}.{}", blob.kind.extension())).ok()?;
        Some(FileEntry { game_paths: vec![path], blob: *blob })
    });
    let player = ObjectAppearance { kind: ObjectKind::Player, files: files.collect(), texts: BTreeMap::new() };
    Manifest::new(vec![player]).unwrap()
}
