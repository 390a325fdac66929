//! Questions that only the person can answer, one at a time, before a veil.
//!
//! Escape, or a click beside the dialog, puts a question aside without answering it; a line among the friends brings it back.

mod character;
mod code;
mod confirm;
mod conflict;
mod stranger;

use eframe::egui::{Align, Context, Frame, Id, Layout, Margin, Modal, ScrollArea, Ui};

use super::screens::Scene;
use super::view::View;
use super::widgets::{self, Kind};
use super::{Commands, tokens};
use crate::engine::snapshot::Prompt;

/// Shows the question that stands before the person, if one does.
pub(super) fn dialogs(context: &Context, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    if let Some(question) = view.confirm {
        if sheet(context, "confirm", |ui| confirm::confirm(ui, scene.snapshot, view, commands, question)) {
            view.confirm = None;
        }
        return;
    }
    let Some(prompt) = view.prompt(&scene.snapshot.prompts) else { return };
    if sheet(context, "prompt", |ui| body(ui, scene, view, commands, prompt)) {
        view.set_aside(prompt);
    }
}

fn body(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, prompt: &Prompt) {
    let snapshot = scene.snapshot;
    match prompt {
        Prompt::Stranger { peer, name, address, same_name_as } => {
            let stranger =
                stranger::Stranger { peer: *peer, name: name.as_ref(), address: *address, same_name_as: *same_name_as };
            stranger::stranger(ui, scene, view, commands, stranger);
        }
        Prompt::NewCharacter { character } => character::character(ui, snapshot, view, commands, character),
        Prompt::OwnerConflict { character, owner, claimant } => {
            conflict::conflict(ui, scene, commands, character, *owner, *claimant);
        }
        Prompt::CompareCode { peer, code, confirmed } => code::code(ui, snapshot, commands, *peer, code, *confirmed),
    }
}

/// Draws a dialog; whether it is to be closed.
fn sheet(context: &Context, id: &str, content: impl FnOnce(&mut Ui)) -> bool {
    let room = context.content_rect();
    let width = tokens::DIALOG.min(room.width() - 2.0 * f32::from(tokens::EDGE));
    let style = context.global_style();
    let frame = Frame::window(&style).inner_margin(Margin::same(20));
    let veil = tokens::palette_of(style.visuals.dark_mode).veil;
    let shown = Modal::new(Id::unique(id)).frame(frame).backdrop_color(veil).show(context, |ui| {
        ui.set_width(width - 40.0);
        let height = room.height() - 80.0;
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.set_width(width - 40.0);
            ui.spacing_mut().item_spacing.y = tokens::GAP;
            content(ui);
        });
    });
    shown.should_close()
}

/// Two buttons of one width; which was pressed.
fn pair(ui: &mut Ui, left: (Kind, &str), right: (Kind, &str)) -> [bool; 2] {
    let width = (ui.available_width() - tokens::GAP) / 2.0;
    ui.horizontal(|ui| [left, right].map(|(kind, text)| widgets::wide_button(ui, kind, text, width).clicked())).inner
}

/// A fact: what it is on the left, what it says on the right.
fn fact(ui: &mut Ui, what: &str, says: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        widgets::faint(ui, what);
        ui.with_layout(Layout::right_to_left(Align::Center), says);
    });
}
