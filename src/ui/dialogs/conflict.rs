//! Two friends claim one character.

use eframe::egui::Ui;

use crate::domain::{Character, PeerId};
use crate::engine::command::Command;
use crate::i18n::fl;
use crate::ui::screens::Scene;
use crate::ui::widgets::{self, Face, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// Shows both and asks whose it is.
pub(super) fn conflict(
    ui: &mut Ui,
    scene: Scene<'_>,
    commands: &mut Commands,
    character: &Character,
    owner: PeerId,
    claimant: PeerId,
) {
    widgets::head(ui, &fl!("conflict-title", character = character.name()));
    widgets::note(ui, &fl!("conflict-text"));
    ui.add_space(tokens::TIGHT);
    for (peer, role) in [(owner, fl!("conflict-owner")), (claimant, fl!("conflict-claimant"))] {
        let name = words::name(scene.snapshot, peer);
        if claim(ui, scene.face(ui, peer), &name, &role) {
            commands.push(Command::ChooseOwner { character: character.clone(), owner: peer });
        }
    }
}

/// One side of it; whether it was chosen.
fn claim(ui: &mut Ui, face: Face, name: &str, role: &str) -> bool {
    tokens::card(ui)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let line = fl!("joined", first = role, second = face.peer.short());
            widgets::person(ui, (face, name), &line, 0.0, |_| ());
            ui.add_space(tokens::TIGHT);
            let width = ui.available_width();
            widgets::wide_button(ui, Kind::Plain, &fl!("conflict-choose", name = name), width).clicked()
        })
        .inner
}
