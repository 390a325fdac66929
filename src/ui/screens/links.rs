//! Becoming friends by a link.

use std::time::Duration;

use eframe::egui::Ui;

use super::Scene;
use super::section::choice_row;
use crate::engine::command::Command;
use crate::engine::snapshot::{IssuedView, TakenState, TakenView};
use crate::i18n::{self, fl};
use crate::ui::view::View;
use crate::ui::widgets::{self, Kind};
use crate::ui::{Commands, tokens, words};

const USES: [u32; 4] = [1, 5, 20, 100];

/// What a new link is to be.
#[derive(Clone, Copy, Debug)]
pub(in crate::ui) struct LinkChoice {
    seconds: u64,
    uses: u32,
}

impl Default for LinkChoice {
    fn default() -> Self {
        Self { seconds: 86_400, uses: 1 }
    }
}

/// The links that I have made, those that I have taken up, and how to make one more.
pub(super) fn links(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    widgets::note(ui, &fl!("link-how"));
    ui.add_space(tokens::TIGHT);
    for issued in &scene.snapshot.invites.issued {
        issued_row(ui, scene, view, commands, issued);
    }
    let choice = &mut view.link_choice;
    let lasting =
        [(3_600, fl!("link-hour")), (86_400, fl!("link-day")), (604_800, fl!("link-week")), (2_592_000, fl!("link-month"))];
    if let Some(seconds) = choice_row(ui, &fl!("link-lasting"), &choice.seconds, &lasting, None) {
        choice.seconds = seconds;
    }
    let uses: Vec<(u32, String)> = USES.iter().map(|count| (*count, fl!("link-for-friends", count = count))).collect();
    if let Some(uses) = choice_row(ui, &fl!("link-uses"), &choice.uses, &uses, None) {
        choice.uses = uses;
    }
    if widgets::button(ui, Kind::Plain, &fl!("link-make")).clicked() {
        commands.push(Command::OfferInvitation { lasting: Duration::from_secs(choice.seconds), uses: choice.uses });
    }
}

fn issued_row(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, issued: &IssuedView) {
    let id = issued.id.to_string();
    let left = issued.seconds_left.saturating_sub(scene.age);
    let state = match left {
        0 => fl!("link-over"),
        _ => fl!("link-left", time = i18n::duration(left), used = issued.used, uses = issued.uses),
    };
    widgets::plain(ui, &state);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::GAP;
        let button =
            |ui: &mut Ui, text: String, full: String| widgets::button(ui, Kind::Plain, &text).accessible_name(full).clicked();
        if button(ui, fl!("link-copy"), fl!("link-copy-of", id = id.as_str())) {
            ui.ctx().copy_text(issued.invitation.to_string());
        }
        if button(ui, fl!("link-show"), fl!("link-show-of", id = id.as_str())) {
            view.link_shown = (view.link_shown != Some(issued.id)).then_some(issued.id);
        }
        if button(ui, fl!("link-drop"), fl!("link-drop-of", id = id.as_str())) {
            commands.push(Command::DropInvitation { id: issued.id });
        }
    });
    if view.link_shown == Some(issued.id) {
        let side = (2.0 * tokens::QR).min(ui.available_width());
        widgets::qr(ui, &issued.invitation.to_string(), side, &fl!("link-qr", id = id.as_str()));
    }
    ui.add_space(tokens::TIGHT);
}

/// An invitation that I have taken up.
pub(super) fn taken_row(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, taken: &TakenView) {
    let from = words::name(scene.snapshot, taken.peer);
    widgets::plain(ui, &fl!("taken-from", id = from.as_str()));
    let state = words::taken(taken.state);
    if taken.state == TakenState::Waiting {
        widgets::faint(ui, &state);
    } else {
        widgets::warning(ui, &state);
    }
    let full = fl!("taken-drop-of", id = from.as_str());
    if widgets::button(ui, Kind::Plain, &fl!("taken-drop")).accessible_name(full).clicked() {
        commands.push(Command::DropInvitation { id: taken.id });
    }
    ui.add_space(tokens::TIGHT);
}
