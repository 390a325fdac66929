//! A character of mine was published for the first time: with whom is it shared?

use eframe::egui::{ScrollArea, Ui};

use crate::domain::{Audience, Character};
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::screens::audience_ticks;
use crate::ui::view::View;
use crate::ui::widgets::{self, Kind};
use crate::ui::{Commands, tokens};

/// Asks with whom a new character is shared.
pub(super) fn character(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, commands: &mut Commands, character: &Character) {
    widgets::head(ui, &fl!("new-character-title", character = character.name()));
    widgets::note(ui, &fl!("new-character-text", world = character.world()));
    ui.add_space(tokens::TIGHT);
    let audience = choices(ui, snapshot, view, character);
    if let Some(audience) = audience {
        view.chosen.remove(character);
        commands.push(Command::ShareCharacter { character: character.clone(), audience });
    }
}

fn choices(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, character: &Character) -> Option<Audience> {
    let width = ui.available_width();
    if widgets::wide_button(ui, Kind::Primary, &fl!("audience-all"), width).clicked() {
        return Some(Audience::AllFriends);
    }
    let Some(ticked) = view.chosen.get_mut(character) else {
        if widgets::wide_button(ui, Kind::Plain, &fl!("audience-choose"), width).clicked() {
            view.chosen.insert(character.clone(), std::collections::BTreeSet::new());
        }
        return nobody(ui, width);
    };
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ScrollArea::vertical()
            .id_salt("friends")
            .max_height(tokens::FOOTER_LIST)
            .show(ui, |ui| audience_ticks(ui, snapshot, ticked));
    });
    let text = fl!("audience-chosen-share", count = ticked.len());
    let chosen = ui.add_enabled_ui(!ticked.is_empty(), |ui| widgets::wide_button(ui, Kind::Plain, &text, width)).inner;
    if chosen.clicked() {
        return Some(Audience::Chosen(ticked.clone()));
    }
    nobody(ui, width)
}

fn nobody(ui: &mut Ui, width: f32) -> Option<Audience> {
    widgets::wide_button(ui, Kind::Quiet, &fl!("audience-nobody"), width).clicked().then_some(Audience::Nobody)
}
