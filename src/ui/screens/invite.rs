//! Becoming friends by six words.

use eframe::egui::{Align, Layout, RichText, Ui};

use super::Scene;
use super::links::taken_row;
use super::section::line_with_button;
use crate::domain::Invitation;
use crate::engine::command::Command;
use crate::engine::snapshot::{CodeState, CodeView};
use crate::i18n::{self, fl};
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{Commands, tokens, words};

/// The code that I offer, and the line for one that I was told.
pub(super) fn invite(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    if !scene.snapshot.settings.rendezvous {
        widgets::note(ui, &fl!("invite-off"));
        return;
    }
    widgets::note(ui, &fl!("invite-how"));
    ui.add_space(tokens::TIGHT);
    offered(ui, scene, commands);
    ui.add_space(tokens::TIGHT);
    told(ui, scene, view, commands);
}

fn offered(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands) {
    let Some(code) = &scene.snapshot.invites.offered else {
        if widgets::button(ui, Kind::Primary, &fl!("invite-make")).clicked() {
            commands.push(Command::OfferCode);
        }
        return;
    };
    if code.state == CodeState::Open {
        words_of(ui, code);
        let left = i18n::countdown(code.seconds_left.saturating_sub(scene.age));
        widgets::note(ui, &fl!("invite-left", time = left));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.y = tokens::GAP;
            if widgets::button(ui, Kind::Plain, &fl!("invite-copy")).clicked() {
                ui.ctx().copy_text(code.code.to_string());
            }
            if widgets::button(ui, Kind::Plain, &fl!("invite-give-up")).clicked() {
                commands.push(Command::PutCodeAway { offered: true });
            }
        });
    } else {
        outcome(ui, scene, commands, true, code);
        if widgets::button(ui, Kind::Primary, &fl!("invite-again")).clicked() {
            commands.push(Command::OfferCode);
        }
    }
}

/// The words, large enough to be read aloud from.
fn words_of(ui: &mut Ui, code: &CodeView) {
    let font = eframe::egui::TextStyle::Heading.resolve(ui.style());
    let text = RichText::new(code.code.to_string()).font(font).color(tokens::palette(ui).accent_text);
    ui.add(eframe::egui::Label::new(text).wrap());
}

fn told(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    if let Some(code) = &scene.snapshot.invites.joined {
        if code.state == CodeState::Open {
            widgets::plain(ui, &fl!("invite-joining"));
            if widgets::button(ui, Kind::Plain, &fl!("cancel")).clicked() {
                commands.push(Command::PutCodeAway { offered: false });
            }
            return;
        }
        outcome(ui, scene, commands, false, code);
    }
    for taken in &scene.snapshot.invites.taken {
        taken_row(ui, scene, commands, taken);
    }
    let join = fl!("invite-join");
    let can = |text: &str| !text.trim().is_empty();
    let line = line_with_button(ui, &mut view.code, &fl!("invite-hint"), (Kind::Plain, &join, &join), can);
    if line.pressed || line.entered {
        let typed = view.code.trim().to_owned();
        commands.push(match Invitation::is_meant_by(&typed) {
            true => Command::TakeInvitation { link: typed },
            false => Command::JoinByCode { code: typed },
        });
        view.code.clear();
    }
}

/// What came of a code, until it is closed.
fn outcome(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, offered: bool, code: &CodeView) {
    let close = fl!("invite-close");
    ui.horizontal(|ui| {
        let width = ui.available_width() - widgets::button_width(ui, &close) - tokens::GAP;
        ui.vertical(|ui| {
            ui.set_width(width);
            match &code.state {
                CodeState::Open => {}
                CodeState::Friends { peer } => {
                    let text = fl!("invite-friends", name = words::name(scene.snapshot, *peer));
                    ui.horizontal_top(|ui| {
                        ui.spacing_mut().item_spacing.x = 6.0;
                        widgets::icon(ui, Icon::Check, tokens::palette(ui).good);
                        ui.add(eframe::egui::Label::new(text).wrap());
                    });
                }
                CodeState::Failed { why } => widgets::warning(ui, &words::code_failure(offered, why)),
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::button(ui, Kind::Plain, &close).clicked() {
                commands.push(Command::PutCodeAway { offered });
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::InviteCode;

    #[test]
    fn the_example_of_a_code_is_one() {
        let hint = fl!("invite-hint");
        let (_, words) = hint.split_once("such as ").unwrap();
        assert!(words.parse::<InviteCode>().is_ok(), "{words}");
    }
}
