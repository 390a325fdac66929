//! My name, my characters and with whom each is shared.

use std::collections::BTreeSet;

use eframe::egui::{RichText, Ui};

use super::Scene;
use super::header::{copy_button, empty};
use super::section::line_with_button;
use crate::domain::{Audience, DisplayName, Limits, NameError, PeerId, Trust};
use crate::engine::command::{Command, SettingChange};
use crate::engine::snapshot::{MyCharacterView, PublishedView, Snapshot};
use crate::i18n::{self, fl};
use crate::ui::outside::Wish;
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// The page about me and my characters.
pub(crate) fn characters(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    widgets::head(ui, &fl!("page-characters"));
    ui.add_space(tokens::GAP);
    widgets::label(ui, &fl!("me-name"));
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        picture(ui, scene, view, commands);
        my_name(ui, scene.snapshot, view, commands);
        my_id(ui, scene.snapshot.me.peer, view);
    });
    ui.add_space(tokens::SECTION);
    widgets::label(ui, &fl!("my-characters"));
    if scene.snapshot.characters.is_empty() {
        empty(ui, Icon::People, &fl!("my-characters-none"), &fl!("my-characters-none-more"));
    }
    for character in &scene.snapshot.characters {
        my_character(ui, scene.snapshot, view, commands, character);
    }
}

/// What friends see before my name, to be chosen with the system's dialog.
fn picture(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let me = &scene.snapshot.me;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        widgets::avatar(ui, scene.face(ui, me.peer), tokens::AVATAR_LARGE, None);
        ui.vertical(|ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = eframe::egui::vec2(tokens::GAP, tokens::GAP);
                let text = if me.picture.is_some() { fl!("picture-change") } else { fl!("picture-choose") };
                if widgets::button(ui, Kind::Plain, &text).clicked() {
                    view.wishes.push(Wish::ChoosePicture);
                }
                if me.picture.is_some() && widgets::button(ui, Kind::Quiet, &fl!("picture-remove")).clicked() {
                    commands.push(Command::SetPicture { file: None });
                }
            });
            widgets::faint(ui, &fl!("picture-more"));
        });
    });
    ui.add_space(tokens::GAP);
}

fn my_name(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, commands: &mut Commands) {
    let known = snapshot.me.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut text = view.name.clone().unwrap_or_else(|| known.clone());
    let save = fl!("save");
    let can = |text: &str| text.trim() != known && wanted_name(text).is_ok();
    let line = line_with_button(ui, &mut text, &fl!("me-name-hint"), (Kind::Primary, &save, &save), can);
    if line.changed {
        view.name = Some(text.clone());
    }
    if line.pressed
        && let Ok(name) = wanted_name(&text)
    {
        commands.push(Command::ChangeSetting { change: SettingChange::Name(name) });
        view.name = None;
    }
    match wanted_name(&text) {
        Ok(_) => drop(widgets::faint(ui, &fl!("me-name-seen"))),
        Err(error) => widgets::warning(ui, &words::name_error(error)),
    }
}

/// An empty line takes the name away.
fn wanted_name(text: &str) -> Result<Option<DisplayName>, NameError> {
    match DisplayName::new(text) {
        Ok(name) => Ok(Some(name)),
        Err(NameError::Empty) => Ok(None),
        Err(error) => Err(error),
    }
}

/// My whole id, to be compared or copied.
fn my_id(ui: &mut Ui, me: PeerId, view: &mut View) {
    ui.add_space(tokens::GAP);
    widgets::line(ui, tokens::ICON_BUTTON, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        widgets::label(ui, &fl!("me-id-whole"));
        copy_button(ui, me, &fl!("me-copy"), view);
    });
    let id = RichText::new(me.to_string()).font(tokens::mono()).color(tokens::palette(ui).muted);
    ui.add(eframe::egui::Label::new(id).wrap());
}

fn my_character(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, commands: &mut Commands, mine: &MyCharacterView) {
    ui.push_id(mine.character.to_string(), |ui| {
        tokens::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 3.0;
            widgets::name(ui, &fl!("character", name = mine.character.name(), world = mine.character.world()));
            let published = mine.published.as_ref().map_or_else(
                || fl!("published-not"),
                |look| {
                    fl!("published", files = look.weight.files, size = i18n::size(look.weight.bytes), count = look.announced_to)
                },
            );
            widgets::faint(ui, &published);
            if let Some(look) = &mine.published {
                look_of_mine(ui, snapshot, look);
            }
            if let Some(problem) = &mine.problem {
                widgets::warning(ui, problem);
            }
            ui.add_space(tokens::TIGHT);
            share_choice(ui, snapshot, view, commands, mine);
        });
    });
}

/// What a look of mine weighs against what most people accept, who sees it, and what weighs most in it.
fn look_of_mine(ui: &mut Ui, snapshot: &Snapshot, look: &PublishedView) {
    let usual = Limits::default();
    let share = |is: u64, most: u64| is.saturating_mul(100) / most.max(1);
    let heaviest = [
        share(look.weight.bytes, usual.bytes),
        share(look.weight.texture_bytes, usual.texture_bytes),
        share(look.weight.triangles, usual.triangles),
        share(u64::from(look.weight.files), u64::from(usual.files)),
    ];
    let heaviest = heaviest.into_iter().max().unwrap_or(0);
    let text = fl!("against-limits", share = heaviest);
    widgets::bar(ui, heaviest as f32 / 100.0, &text);
    widgets::faint(ui, &text);
    let names: Vec<String> = look.seen_by.iter().map(|peer| words::name(snapshot, *peer)).collect();
    let seen = if names.is_empty() { fl!("seen-by-nobody") } else { fl!("seen-by", names = names.join(", ")) };
    widgets::faint(ui, &seen);
    if look.largest.is_empty() {
        return;
    }
    ui.add_space(tokens::TIGHT);
    widgets::label(ui, &fl!("largest"));
    for (path, size) in &look.largest {
        let file = path.rsplit('/').next().unwrap_or(path);
        widgets::fact(ui, file, &i18n::size(*size));
    }
}

fn share_choice(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, commands: &mut Commands, mine: &MyCharacterView) {
    let now = words::audience(mine.audience.as_ref());
    let name = fl!("share-of", character = mine.character.name(), audience = now.as_str());
    let button = widgets::choice(ui, &fl!("share-with", audience = now.as_str())).accessible_name(name);
    widgets::menu(&button, |ui| {
        if let Some(audience) = audiences(ui, snapshot, mine) {
            view.chosen.remove(&mine.character);
            commands.push(Command::ShareCharacter { character: mine.character.clone(), audience });
        }
    });
}

/// The entries of the choice; what was chosen, if anything was.
fn audiences(ui: &mut Ui, snapshot: &Snapshot, mine: &MyCharacterView) -> Option<Audience> {
    for audience in [Audience::AllFriends, Audience::Nobody] {
        let chosen = mine.audience.as_ref() == Some(&audience);
        if ui.selectable_label(chosen, words::audience(Some(&audience))).clicked() {
            ui.close();
            return Some(audience);
        }
    }
    ui.separator();
    let mut ticked = match &mine.audience {
        Some(Audience::Chosen(peers)) => peers.clone(),
        None | Some(Audience::Nobody | Audience::AllFriends) => BTreeSet::new(),
    };
    let changed = widgets::inset(ui, |ui| {
        widgets::label(ui, &fl!("audience-only"));
        audience_ticks(ui, snapshot, &mut ticked)
    });
    changed.then_some(Audience::Chosen(ticked))
}

/// A tick for every friend; whether one changed.
pub(crate) fn audience_ticks(ui: &mut Ui, snapshot: &Snapshot, ticked: &mut BTreeSet<PeerId>) -> bool {
    let mut changed = false;
    for peer in snapshot.peers.iter().filter(|peer| matches!(peer.trust, Trust::Friend | Trust::Verified)) {
        let mut on = ticked.contains(&peer.peer);
        if widgets::tick(ui, &mut on, &words::name(snapshot, peer.peer)).changed() {
            changed = true;
            if on {
                ticked.insert(peer.peer);
            } else {
                ticked.remove(&peer.peer);
            }
        }
    }
    changed
}
