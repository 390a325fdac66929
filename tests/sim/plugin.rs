//! The game and its plugin: what a person wears, who is near, and what is drawn on others.

use std::time::Duration;

use fyteclub::domain::Character;
use fyteclub::engine::input::{Input, PluginId};
use fyteclub::engine::output::Apply;
use fyteclub::wire::plugin::{FromPlugin, NearbyCharacter, ToPlugin};

use crate::looks::Outfit;
use crate::model::Who;
use crate::node::{Shown, character};
use crate::world::{Event, Mutation, World};

/// How long a line takes through the pipe; the same for all, so that they stay in order.
const PIPE: Duration = Duration::from_millis(1);

impl World {
    /// The plugin finds the companion's pipe and tells everything anew.
    pub(crate) fn plugin_arrives(&mut self, who: Who) {
        if !self.running(who) || self.nodes[who].game.session.is_some() {
            return;
        }
        let game = &mut self.nodes[who].game;
        let plugin = game.begin_session();
        let roots = vec![game.root.clone().into()];
        let worn: Vec<_> = game.wears.iter().map(|(character, outfit)| (character.clone(), outfit.clone())).collect();
        self.note(format!("{who}'s plugin connects"));
        self.feed(who, Input::PluginConnected { plugin, program: "Simulated 1.0".to_owned(), roots });
        self.say_state(who);
        self.say_nearby(who);
        for (character, outfit) in worn {
            self.say_publish(who, &character, &outfit);
        }
    }

    pub(crate) fn plugin_leaves(&mut self, who: Who) {
        if let Some(plugin) = self.nodes[who].game.end_session() {
            self.note(format!("{who}'s plugin leaves"));
            self.feed(who, Input::PluginGone(plugin));
        }
    }

    /// The engine ended the session; the plugin tries again.
    pub(crate) fn drop_plugin(&mut self, who: Who, plugin: PluginId) {
        if self.nodes[who].game.session == Some(plugin) {
            self.nodes[who].game.end_session();
            self.report(PIPE, who, Input::PluginGone(plugin));
            self.after(Duration::from_secs(5), Event::PluginArrives { who });
        }
    }

    /// A person changes clothes.
    pub(crate) fn wear(&mut self, who: Who, character: &Character, outfit: Outfit) {
        self.note(format!("{who} puts on {} files", outfit.files.len()));
        self.model.wear(who, character, Some(outfit.manifest()));
        let node = &mut self.nodes[who];
        for file in &outfit.files {
            node.store.disk.insert(file.path(&node.game.root), file.blob());
        }
        self.say_publish(who, character, &outfit);
        self.nodes[who].game.wears.insert(character.clone(), outfit);
    }

    /// A person takes everything off, which only a connected plugin can tell.
    pub(crate) fn take_off(&mut self, who: Who, character: &Character) {
        if self.nodes[who].game.session.is_some() && self.nodes[who].game.wears.remove(character).is_some() {
            self.note(format!("{who} takes everything off"));
            self.model.wear(who, character, None);
            self.say(who, FromPlugin::Unpublish { character: character.to_string() });
        }
    }

    pub(crate) fn set_near(&mut self, who: Who, character: &Character, near: bool) {
        self.note(format!("{character} is {} {who}", if near { "near" } else { "far from" }));
        for set in [&mut self.nodes[who].game.near, &mut self.model.people[who].near] {
            if near {
                set.insert(character.clone());
            } else {
                set.remove(character);
            }
        }
        self.say_nearby(who);
    }

    pub(crate) fn fight(&mut self, who: Who, in_combat: bool, in_cutscene: bool) {
        let game = &mut self.nodes[who].game;
        if (game.in_combat, game.in_cutscene) != (in_combat, in_cutscene) {
            (game.in_combat, game.in_cutscene) = (in_combat, in_cutscene);
            self.note(format!("{who}: combat {in_combat}, cutscene {in_cutscene}"));
            self.say_state(who);
        }
    }

    /// Sends a line, if the plugin is connected.
    pub(crate) fn say(&mut self, who: Who, line: FromPlugin) {
        if let Some(plugin) = self.nodes[who].game.session {
            self.after(PIPE, Event::PluginLine { who, plugin, line: Box::new(line) });
        }
    }

    fn say_publish(&mut self, who: Who, character: &Character, outfit: &Outfit) {
        let objects = outfit.objects(&self.nodes[who].game.root);
        self.say(who, FromPlugin::Publish { character: character.to_string(), objects });
    }

    fn say_state(&mut self, who: Who) {
        let game = &self.nodes[who].game;
        let (in_combat, in_cutscene) = (game.in_combat, game.in_cutscene);
        let character = Some(character(who).to_string());
        self.say(who, FromPlugin::State { character, in_combat, in_cutscene, in_duty: false, group_pose: false });
    }

    fn say_nearby(&mut self, who: Who) {
        let seen = |character: &Character| NearbyCharacter {
            name: character.name().to_owned(),
            world: character.world().to_owned(),
            distance: 3.0,
            in_party: false,
            visible: true,
        };
        let characters = self.nodes[who].game.near.iter().map(seen).collect();
        self.say(who, FromPlugin::Nearby { characters });
    }

    pub(crate) fn hear_plugin(&mut self, who: Who, plugin: PluginId, line: FromPlugin) {
        if self.nodes[who].game.session != Some(plugin) {
            return;
        }
        let game = &mut self.nodes[who].game;
        match &line {
            FromPlugin::State { in_combat, in_cutscene, .. } => game.told_busy = *in_combat || *in_cutscene,
            FromPlugin::Nearby { characters } => {
                let named = characters.iter().filter_map(|seen| Character::new(&seen.name, &seen.world).ok());
                game.told_near = named.collect();
            }
            // The game was reloaded: it draws nothing any more.
            FromPlugin::Resync => game.shown.clear(),
            FromPlugin::Hello(_)
            | FromPlugin::Publish { .. }
            | FromPlugin::Unpublish { .. }
            | FromPlugin::Applied { .. }
            | FromPlugin::Failed { .. }
            | FromPlugin::Pause
            | FromPlugin::Resume => {}
        }
        self.feed(who, Input::PluginSaid(plugin, line));
    }

    /// The plugin is told to draw something, and says afterwards whether it could.
    pub(crate) fn apply(&mut self, who: Who, plugin: PluginId, apply: Apply) {
        self.check_apply(who, plugin, &apply);
        let (revision, name) = (apply.revision, apply.character.to_string());
        let game = &mut self.nodes[who].game;
        game.revisions.insert(apply.character.clone(), revision);
        game.used.insert(revision);
        let fails = game.fails;
        let wait = self.chance.millis(2, 200);
        let line = if self.chance.percent(fails) {
            FromPlugin::Failed { character: name, revision, reason: "the game was loading".to_owned() }
        } else {
            let mut without = apply.without;
            without.sort_by_key(|kind| format!("{kind:?}"));
            let shown = Shown { revision, manifest: (*apply.manifest).clone(), without };
            self.nodes[who].game.shown.insert(apply.character, shown);
            FromPlugin::Applied { character: name, revision }
        };
        self.after(wait, Event::PluginLine { who, plugin, line: Box::new(line) });
    }

    pub(crate) fn tell_plugin(&mut self, who: Who, plugin: PluginId, line: &ToPlugin) {
        if self.nodes[who].game.session != Some(plugin) {
            return self.complain(format!("{who} spoke to a plugin whose session is over: {line:?}"));
        }
        match line {
            ToPlugin::Revert { character, .. } => self.revert(who, character),
            ToPlugin::Error { message, .. } => self.complain(format!("{who} refused a good line: {message}")),
            ToPlugin::Apply { .. } => self.complain(format!("{who} sent an apply without paths")),
            ToPlugin::Hello(_) | ToPlugin::Status { .. } | ToPlugin::Progress { .. } | ToPlugin::Notice { .. } => {}
        }
    }

    fn revert(&mut self, who: Who, character: &str) {
        let node = &self.nodes[who];
        // A program that ends takes everything off at once: nobody will be there to do it later.
        if node.game.told_busy && !node.quits {
            self.complain(format!("{who} took a look off during combat or a cutscene"));
        }
        match character.parse::<Character>() {
            Ok(_) if self.mutation == Mutation::KeepShowing => {}
            Ok(character) => _ = self.nodes[who].game.shown.remove(&character),
            Err(error) => self.complain(format!("{who} reverts {character:?}: {error}")),
        }
    }
}
