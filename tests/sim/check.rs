//! What must hold at every step, and what must be true in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fyteclub::domain::{AppearanceId, PeerId, TextValue};
use fyteclub::engine::command::Command;
use fyteclub::engine::follow::Progress;
use fyteclub::engine::input::{LinkKey, PluginId};
use fyteclub::engine::output::{Apply, DiscoveryPlan, Output};
use fyteclub::wire::control::{Announce, Control};

use crate::model::{Sight, Who, scope_of};
use crate::net::End;
use crate::node::{Shown, identity};
use crate::world::World;

/// Bytes on order from one peer, and in all.
const IN_FLIGHT_PEER: u64 = 4 << 20;
const IN_FLIGHT_ALL: u64 = 32 << 20;

impl World {
    /// Tells the model what a person asks for, before the engine hears it.
    pub(crate) fn model_command(&mut self, who: Who, command: &Command) {
        let find = |peer: &PeerId| self.find(peer);
        let (now, other) = (self.now, peer_of(command).and_then(find));
        let scope = scope_in(command).and_then(|scope| scope_of(&scope, find));
        let model = &mut self.model;
        match (command, other) {
            (Command::AcceptPeer { once, .. }, Some(other)) => model.befriend(who, other, *once),
            (Command::ConnectNearby { peer }, _) => _ = self.nodes[who].wanted.insert(*peer),
            (Command::BlockPeer { .. }, Some(other)) => model.block(who, other),
            (Command::UnblockPeer { .. } | Command::RemovePeer { .. }, Some(other)) => model.forget(who, other),
            (Command::ChooseOwner { character, .. }, Some(owner)) => model.choose_owner(who, character, owner),
            (Command::SetPermission { permission, allow, .. }, _) => model.permit(who, scope, *permission, *allow),
            (Command::ShareCharacter { character, audience }, _) => model.share(who, character, audience.clone()),
            (Command::Pause { lasting, .. }, _) => model.pause(who, scope, lasting.map(|lasting| now + lasting)),
            (Command::Resume { .. }, _) => model.resume(who, scope),
            _ => {}
        }
    }

    /// Checks one order at the moment at which it is given.
    pub(crate) fn check_order(&mut self, who: Who, output: &Output) {
        let broken = match output {
            Output::Dial { link, .. } | Output::Answer { link, .. } => self.check_opening(who, link),
            Output::Send(link, message) => self.check_message(who, link, message),
            Output::Serve { link, appearance, .. } => self.check_link(who, link).or_else(|| {
                let other = self.find(&link.peer)?;
                (!self.model.may_serve(who, other, appearance, self.now))
                    .then(|| format!("offers {appearance:?} to {other}, who is not entitled to it"))
                    .or_else(|| self.check_deputy(who, appearance))
            }),
            Output::StopServing { link, .. } | Output::Fetch { link, .. } => self.check_link(who, link),
            Output::Knock { expect: Some(peer), .. } => {
                (!self.nodes[who].wanted.contains(peer)).then(|| format!("knocks at {peer:?}, which nobody asked for"))
            }
            Output::Evict(hashes) => {
                let store = &self.nodes[who].store;
                hashes.iter().find(|hash| store.is_held(hash)).map(|hash| format!("evicts {hash:?}, which is held"))
            }
            _ => None,
        };
        if let Some(broken) = broken {
            self.complain(format!("{who} {broken}"));
        }
        if let Output::Send(link, Control::Announce(announce)) = output
            && let Some(other) = self.find(&link.peer)
        {
            self.model.note_announced(who, other, &announce.character, announce.appearance);
        }
    }

    /// Another's look is passed on only with blobs that came under it: a manifest may name what its author never had.
    fn check_deputy(&self, who: Who, appearance: &AppearanceId) -> Option<String> {
        if self.model.wore(who, appearance) {
            return None;
        }
        let own_text = appearance.as_blob();
        let came = self.moved_under.get(&(who, *appearance));
        let mut held = self.nodes[who].store.held.get(appearance).into_iter().flat_map(BTreeMap::keys);
        let foreign = held.find(|hash| **hash != own_text && !came.is_some_and(|came| came.contains(*hash)));
        foreign.map(|hash| format!("passes on {hash:?} under {appearance:?}, under which it never came"))
    }

    /// An attempt shows that somebody is here: only those who are let in may learn that.
    fn check_opening(&self, who: Who, link: &LinkKey) -> Option<String> {
        let other = self.find(&link.peer)?;
        let taken = self.nodes[who].links.get(link).is_some_and(|conn| self.conns[conn].ends != [End::Trying, End::Asked]);
        if taken {
            return Some(format!("opens {link:?} twice"));
        }
        (!self.model.present(who, other, self.now)).then(|| format!("opens a link with {other}, who must not see it"))
    }

    fn check_link(&self, who: Who, link: &LinkKey) -> Option<String> {
        let conn = self.nodes[who].links.get(link).and_then(|conn| self.conns.get(conn));
        let up = conn.is_some_and(|conn| conn.ends[conn.end_of(who)] == End::Up);
        (!up).then(|| format!("gives an order for {link:?}, which is not up"))
    }

    fn check_message(&self, who: Who, link: &LinkKey, message: &Control) -> Option<String> {
        let other = self.find(&link.peer)?;
        let given = match message {
            Control::Announce(announce) => self.check_announce(who, other, announce),
            Control::Manifest { appearance, .. } => (!self.model.may_serve(who, other, appearance, self.now))
                .then(|| format!("gives the manifest {appearance:?} to {other}, who is not entitled to it")),
            Control::Withdraw { character, .. } => (!self.model.told_of(who, other, character))
                .then(|| format!("withdraws {character:?} from {other}, who never heard of it")),
            Control::Hello(_) => {
                (!self.model.present(who, other, self.now)).then(|| format!("says its name to {other}, who must not see it"))
            }
            _ => None,
        };
        self.check_link(who, link).or(given)
    }

    fn check_announce(&self, who: Who, other: Who, announce: &Announce) -> Option<String> {
        let Announce { character, appearance, grant, .. } = announce;
        let (me, them) = (identity(who).peer(), identity(other).peer());
        if !self.model.entitled(who, other, character, self.now) {
            return Some(format!("announces {character:?} to {other}, who is not entitled to it"));
        }
        if !self.model.published(who, character, appearance) {
            return Some(format!("announces {appearance:?}, which was never published for {character:?}"));
        }
        (!grant.permits(&them, &me, appearance, self.unix_of(who))).then(|| format!("announces {appearance:?} with a void grant"))
    }

    /// Checks whom the companion lets itself be found by.
    pub(crate) fn check_plan(&mut self, who: Who, plan: &DiscoveryPlan) {
        for card in &plan.friends {
            if let Some(other) = self.find(&card.peer()).filter(|other| !self.model.present(who, *other, self.now)) {
                self.complain(format!("{who} lets {other} find it, who must not see it"));
            }
        }
    }

    /// Checks what stands after a step: links, what is served on them, and bytes on order.
    pub(crate) fn check_standing(&mut self, who: Who) {
        let mut broken = Vec::new();
        for (key, conn) in &self.nodes[who].links {
            let Some(other) = self.find(&key.peer) else { continue };
            if !self.model.present(who, other, self.now) {
                broken.push(format!("{who} keeps a link with {other}, who must not see it"));
            }
            let conn = &self.conns[conn];
            for appearance in conn.serving[conn.end_of(who)].keys() {
                if !self.model.may_serve(who, other, appearance, self.now) {
                    broken.push(format!("{who} goes on serving {appearance:?} to {other}, who is not entitled to it"));
                }
            }
        }
        let mut on_order: BTreeMap<Who, u64> = BTreeMap::new();
        for order in self.nodes[who].fetches.values() {
            *on_order.entry(self.conns[&order.conn].who[1 - order.end]).or_default() += order.ordered;
        }
        if on_order.values().any(|bytes| *bytes > IN_FLIGHT_PEER) || on_order.values().sum::<u64>() > IN_FLIGHT_ALL {
            broken.push(format!("{who} has too many bytes on order: {on_order:?}"));
        }
        for text in broken {
            self.complain(text);
        }
    }

    /// Checks bytes that have just crossed from `holder` to `to`.
    pub(crate) fn check_served(&mut self, holder: Who, to: Who, appearance: &AppearanceId) {
        if !self.model.may_serve(holder, to, appearance, self.now) {
            self.complain(format!("bytes of {appearance:?} went from {holder} to {to}, who is not entitled to them"));
        }
    }

    /// Checks a look at the moment at which the plugin is told to show it.
    pub(crate) fn check_apply(&mut self, who: Who, plugin: PluginId, apply: &Apply) {
        self.hear_liars(who);
        let Apply { character, manifest, .. } = apply;
        let game = &self.nodes[who].game;
        let mut broken = Vec::new();
        if game.session != Some(plugin) {
            broken.push("a plugin whose session is over".to_owned());
        }
        if game.told_busy {
            broken.push("a plugin that is in combat or a cutscene".to_owned());
        }
        if !game.told_near.contains(character) {
            broken.push("a character that is not near".to_owned());
        }
        if game.revisions.get(character).is_some_and(|last| *last >= apply.revision) {
            broken.push(format!("revision {} after {:?}", apply.revision, game.revisions.get(character)));
        }
        if game.used.contains(&apply.revision) {
            broken.push(format!("revision {}, which an earlier apply had", apply.revision));
        }
        let owner = self.model.owner(who, character).filter(|_| !self.model.is_own(who, character));
        match owner {
            None => broken.push("a character that nobody owns, or that is its own".to_owned()),
            Some(owner) => broken.extend(self.check_shown(who, owner, apply)),
        }
        for text in broken {
            self.complain(format!("{who} applies {character:?} ({:?}): {text}", fyteclub::wire::manifest::encode(manifest).0));
        }
    }

    fn check_shown(&self, who: Who, owner: Who, apply: &Apply) -> Vec<String> {
        let Apply { character, manifest, long_texts, without, .. } = apply;
        let store = &self.nodes[who].store;
        let refused = self.model.refused(who, owner);
        let mut broken = Vec::new();
        if !self.liars.contains(&owner) && !self.model.ever_wore(owner, character, manifest) {
            broken.push(format!("what its owner {owner} never published"));
        }
        if !self.model.present(who, owner, self.now) || !self.model.permissions(who, owner).show_them {
            broken.push(format!("a look of {owner}, who is not to be shown"));
        }
        if without.len() != refused.len() || !refused.iter().all(|kind| without.contains(kind)) {
            broken.push(format!("without {without:?}, refused are {refused:?}"));
        }
        let wanted = |blob: &&fyteclub::domain::BlobRef| match blob.kind {
            fyteclub::domain::BlobKind::File(file) => !refused.contains(&file.sensitivity()),
            fyteclub::domain::BlobKind::Text | fyteclub::domain::BlobKind::Manifest => true,
        };
        let missing = manifest.blobs().iter().filter(wanted).filter(|blob| !store.has(&blob.hash)).count();
        if missing > 0 {
            broken.push(format!("{missing} of its blobs are not here"));
        }
        for text in manifest.objects().iter().flat_map(|object| object.texts.values()) {
            let TextValue::Blob(blob) = text else { continue };
            let given = long_texts.iter().find(|(hash, _)| *hash == blob.hash);
            if given.is_none_or(|(hash, text)| fyteclub::domain::BlobHash::of(text.as_bytes()) != *hash) {
                broken.push("a long text is missing or wrong".to_owned());
            }
        }
        broken
    }

    /// What is not yet as the model says, one sentence each; empty when all is well.
    pub(crate) fn differences(&self) -> Vec<String> {
        (0..self.nodes.len()).flat_map(|viewer| self.differences_of(viewer)).collect()
    }

    fn differences_of(&self, viewer: Who) -> Vec<String> {
        let expected = self.model.sights(viewer, self.now);
        let shown = &self.nodes[viewer].game.shown;
        let mut differences = Vec::new();
        if self.liars.contains(&viewer) {
            return differences;
        }
        let lied_about = |character: &fyteclub::domain::Character| {
            self.model.owner(viewer, character).is_some_and(|owner| self.liars.contains(&owner))
        };
        for character in expected.keys().chain(shown.keys()).collect::<BTreeSet<_>>() {
            if lied_about(character) {
                continue;
            }
            let (want, have) = (expected.get(character), shown.get(character));
            if !same(want, have) {
                let progress = self.progress(viewer, character);
                differences.push(format!(
                    "{viewer} should see {} on {character} and sees {} ({progress})",
                    told(want.map(|sight| (&sight.manifest, &sight.without))),
                    told(have.map(|shown| (&shown.manifest, &shown.without))),
                ));
            }
        }
        differences.extend(self.plan_differences(viewer));
        differences.extend(expected.keys().filter_map(|character| self.view_difference(viewer, character)));
        differences
    }

    /// A companion must be findable by exactly those who may see it.
    fn plan_differences(&self, who: Who) -> Option<String> {
        let present = |other: &Who| *other != who && self.model.present(who, *other, self.now);
        let expected: BTreeSet<PeerId> = (0..self.nodes.len()).filter(present).map(|other| identity(other).peer()).collect();
        let plan: BTreeSet<PeerId> = self.nodes[who].plan.iter().flat_map(|plan| &plan.friends).map(|card| card.peer()).collect();
        (plan != expected).then(|| format!("{who} can be found by {plan:?}, should by {expected:?}"))
    }

    /// The window must say "applied" of what is shown.
    fn view_difference(&self, viewer: Who, character: &fyteclub::domain::Character) -> Option<String> {
        let owner = identity(self.model.owner(viewer, character)?).peer();
        let snapshot = self.snapshot(viewer)?;
        let peer = snapshot.peers.iter().find(|view| view.peer == owner);
        let view = peer.and_then(|peer| peer.characters.iter().find(|view| view.character == *character));
        let applied = view.is_some_and(|view| view.progress == Progress::Applied);
        (!applied).then(|| format!("{viewer}'s window does not say that {character} is applied: {view:?}"))
    }

    fn progress(&self, viewer: Who, character: &fyteclub::domain::Character) -> String {
        let Some(snapshot) = self.snapshot(viewer) else { return "not running".to_owned() };
        let mut found = Vec::new();
        for peer in &snapshot.peers {
            for view in peer.characters.iter().filter(|view| view.character == *character) {
                found.push(format!("of {:?}: {:?}, link {:?}, near {}", peer.peer, view.progress, peer.link, view.near));
            }
        }
        if found.is_empty() {
            found = snapshot.peers.iter().map(|peer| format!("{:?}: link {:?}", peer.peer, peer.link)).collect();
        }
        found.join("; ")
    }

    /// Lets time pass until everything has been as the model says for half a minute; complains if it is not within `limit`.
    pub(crate) fn settle(&mut self, limit: Duration) {
        let (end, mut calm) = (self.now + limit, 0);
        while calm < 15 && self.broken.is_empty() {
            self.run_for(Duration::from_secs(2));
            let differences = self.differences();
            calm = if differences.is_empty() { calm + 1 } else { 0 };
            if self.now >= end {
                for difference in differences {
                    self.complain(format!("in the end {difference}"));
                }
                break;
            }
        }
        for error in crate::logs::take_errors() {
            self.complain(format!("an ERROR was logged: {error}"));
        }
    }

    /// The outcome: nothing, or all that went wrong with the way that led there.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        if self.broken.is_empty() {
            return Ok(());
        }
        Err(format!("  {}\nhow it came:\n  {}", self.broken.join("\n  "), self.diary.join("\n  ")))
    }
}

fn same(want: Option<&Sight>, have: Option<&Shown>) -> bool {
    match (want, have) {
        (None, None) => true,
        (Some(want), Some(have)) => {
            let kinds = |without: &[fyteclub::domain::Sensitivity]| {
                without.iter().map(|kind| format!("{kind:?}")).collect::<BTreeSet<_>>()
            };
            want.manifest == have.manifest && kinds(&want.without) == kinds(&have.without)
        }
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn told(sight: Option<(&fyteclub::domain::Manifest, &Vec<fyteclub::domain::Sensitivity>)>) -> String {
    sight.map_or_else(
        || "nothing".to_owned(),
        |(manifest, without)| format!("{:?} without {without:?}", fyteclub::wire::manifest::encode(manifest).0),
    )
}

fn peer_of(command: &Command) -> Option<&PeerId> {
    match command {
        Command::AcceptPeer { peer, .. }
        | Command::ConnectNearby { peer }
        | Command::BlockPeer { peer }
        | Command::UnblockPeer { peer }
        | Command::RemovePeer { peer } => Some(peer),
        Command::ChooseOwner { owner, .. } => Some(owner),
        _ => None,
    }
}

fn scope_in(command: &Command) -> Option<fyteclub::engine::command::Scope> {
    match command {
        Command::SetPermission { scope, .. } | Command::Pause { scope, .. } | Command::Resume { scope } => Some(scope.clone()),
        _ => None,
    }
}
