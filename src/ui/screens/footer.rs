//! What is on its way.

use eframe::egui::{Align, Layout, ScrollArea, Ui};

use super::Scene;
use super::friends::progress;
use crate::engine::command::Command;
use crate::engine::snapshot::TransferView;
use crate::i18n::{self, fl};
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, icon_button};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// The line at the window's lower edge; unfolded, the list of transfers above it.
pub(crate) fn footer(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let transfers = &scene.snapshot.transfers;
    if view.transfers_open && !transfers.is_empty() {
        ScrollArea::vertical().id_salt("transfers").max_height(tokens::FOOTER_LIST).auto_shrink([false, true]).show(ui, |ui| {
            ui.set_width(ui.available_width() - 6.0);
            for transfer in transfers {
                line(ui, scene, commands, transfer);
            }
        });
        ui.add_space(tokens::GAP);
    }
    widgets::line(ui, tokens::ICON_BUTTON, |ui| {
        summary(ui, transfers, view);
    });
}

fn summary(ui: &mut Ui, transfers: &[TransferView], view: &mut View) {
    let running: Vec<_> = transfers.iter().filter(|transfer| !transfer.finished).collect();
    if transfers.is_empty() {
        widgets::faint(ui, &fl!("transfers-none"));
        return;
    }
    let (icon, name) =
        if view.transfers_open { (Icon::Down, fl!("transfers-fold")) } else { (Icon::Up, fl!("transfers-unfold")) };
    if icon_button(ui, icon, &name).clicked() {
        view.transfers_open = !view.transfers_open;
    }
    if running.is_empty() {
        widgets::faint(ui, &fl!("transfers-done"));
        return;
    }
    let rate = running.iter().fold(0u64, |sum, transfer| sum.saturating_add(transfer.rate));
    widgets::icon(ui, Icon::Download, tokens::palette(ui).accent);
    widgets::note(ui, &fl!("joined", first = fl!("transfers", count = running.len()), second = i18n::rate(rate)));
}

fn line(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, transfer: &TransferView) {
    widgets::lazily(ui, (transfer.peer, &transfer.character), |ui| {
        widgets::line(ui, tokens::ICON_BUTTON, |ui| {
            let (character, friend) = (transfer.character.name(), words::name(scene.snapshot, transfer.peer));
            let from = if friend == character { friend } else { fl!("transfer-from", character = character, name = friend) };
            ui.scope(|ui| {
                ui.set_max_width(ui.available_width() - tokens::ICON_BUTTON - tokens::GAP);
                widgets::name(ui, &from);
            });
            let cancel = fl!("transfer-cancel", character = transfer.character.name());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if !transfer.finished && icon_button(ui, Icon::Close, &cancel).clicked() {
                    commands.push(Command::CancelTransfer { peer: transfer.peer, character: transfer.character.clone() });
                }
            });
        });
        progress(ui, transfer);
        ui.add_space(tokens::GAP);
    });
}
