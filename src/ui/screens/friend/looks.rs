//! What a friend wears, what they see of mine, and what went between us.

use eframe::egui::Ui;

use super::super::Scene;
use super::super::friends::{looks_held_back, progress};
use super::super::section::section;
use super::super::transfers::days;
use crate::engine::command::{Command, OverLimits};
use crate::engine::follow::Progress;
use crate::engine::snapshot::{CharacterView, PeerView};
use crate::i18n::{self, fl};
use crate::ui::Commands;
use crate::ui::view::{Confirm, View};
use crate::ui::widgets::{self, Kind};
use crate::ui::words;

/// Their characters, with weights.
pub(super) fn theirs(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, peer: &PeerView) {
    section(ui, &fl!("friend-wears"), |ui| {
        if peer.characters.is_empty() {
            widgets::note(ui, &fl!("friend-wears-nothing"));
        }
        for (index, view) in peer.characters.iter().enumerate() {
            if index > 0 {
                ui.separator();
            }
            ui.push_id(view.character.to_string(), |ui| look(ui, scene, commands, peer, view));
        }
        looks_held_back(ui, commands, peer);
    });
}

fn look(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, peer: &PeerView, view: &CharacterView) {
    let character = &view.character;
    widgets::name(ui, &fl!("character", name = character.name(), world = character.world()));
    widgets::note(ui, &words::look(view));
    widgets::weight(ui, &view.weight);
    for transfer in &scene.snapshot.transfers {
        if transfer.peer == peer.peer && transfer.character == *character && !transfer.finished {
            progress(ui, transfer);
        }
    }
    let offers = offers(peer, view);
    if offers.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for (text, full, command) in offers {
            if widgets::button(ui, Kind::Plain, &text).accessible_name(full).clicked() {
                commands.push(command);
            }
        }
    });
}

/// What can be done with a look: how it reads, its whole name, and what is asked for.
fn offers(peer: &PeerView, view: &CharacterView) -> Vec<(String, String, Command)> {
    let (peer, name) = (peer.peer, view.character.name());
    let character = || view.character.clone();
    let mut offers = match view.progress {
        Progress::Fetching | Progress::Asking => {
            let first = Command::PrioritiseTransfer { peer, character: character() };
            let cancel = Command::CancelTransfer { peer, character: character() };
            vec![
                (fl!("transfer-first"), fl!("transfer-first-of", character = name), first),
                (fl!("cancel"), fl!("transfer-cancel", character = name), cancel),
            ]
        }
        Progress::Failed { .. } | Progress::Cancelled => {
            let retry = Command::RetryTransfer { peer, character: character() };
            vec![(fl!("retry"), fl!("transfer-retry", character = name), retry)]
        }
        Progress::NotWanted
        | Progress::TooHeavy { .. }
        | Progress::Conflict
        | Progress::Ready
        | Progress::Applying
        | Progress::Applied
        | Progress::Gone => Vec::new(),
    };
    if view.over_limits != OverLimits::HeldBack {
        let hold = Command::AllowLook { peer, character: character(), over_limits: OverLimits::HeldBack };
        offers.push((fl!("hold-back"), fl!("hold-back-of", character = name), hold));
    }
    offers
}

/// My characters that they may see.
pub(super) fn mine(ui: &mut Ui, scene: Scene<'_>, peer: &PeerView) {
    section(ui, &fl!("friend-sees"), |ui| {
        if peer.sees.is_empty() {
            widgets::note(ui, &fl!("friend-sees-nothing"));
        }
        for character in &peer.sees {
            widgets::name(ui, &fl!("character", name = character.name(), world = character.world()));
            let mine = scene.snapshot.characters.iter().find(|view| view.character == *character);
            match mine.and_then(|view| view.published.as_ref()) {
                Some(look) => widgets::weight(ui, &look.weight),
                None => drop(widgets::faint(ui, &fl!("published-not"))),
            }
        }
    });
}

/// What went between us, in all and by day.
pub(super) fn history(ui: &mut Ui, scene: Scene<'_>, view: &mut View, peer: &PeerView) {
    let history = &scene.snapshot.history;
    let Some(with) = history.friends.iter().find(|friend| friend.peer == peer.peer) else { return };
    section(ui, &fl!("friend-history"), |ui| {
        widgets::fact(ui, &fl!("history-received"), &i18n::size(with.total.received));
        widgets::fact(ui, &fl!("history-sent"), &i18n::size(with.total.sent));
        widgets::fact(ui, &fl!("history-looks"), &with.total.looks.to_string());
        ui.separator();
        days(ui, history.today, &with.days);
        if widgets::button(ui, Kind::Quiet, &fl!("history-clear")).clicked() {
            view.confirm = Some(Confirm::ClearHistory(Some(peer.peer)));
        }
    });
}
