//! One friend in the list.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Layout, Margin, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::super::Scene;
use super::menu;
use crate::domain::{Permission, Trust};
use crate::engine::command::{Command, OverLimits, Scope};
use crate::engine::follow::Progress;
use crate::engine::snapshot::{LinkView, PeerView, TransferView};
use crate::i18n::fl;
use crate::ui::view::{Page, View};
use crate::ui::widgets::{self, Icon, Kind, icon_button};
use crate::ui::words::{self, PeerWords};
use crate::ui::{Commands, tokens};

/// Draws the row; a press on it opens all there is about the friend.
pub(super) fn row(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, peer: &PeerView) {
    widgets::lazily(ui, peer.peer, |ui| {
        let words = words::peer(peer, scene.age);
        let name = words::name(scene.snapshot, peer.peer);
        let compact = scene.snapshot.settings.compact;
        // Sensed before what lies on it, so that buttons within win.
        let card = ui.scope_builder(UiBuilder::new().id_salt("card").sense(Sense::click()), |ui| {
            let hovered = ui.response().hovered();
            let mut frame = tokens::card(ui);
            if compact {
                frame.inner_margin = Margin::symmetric(tokens::PAD, 4);
            }
            if hovered {
                frame.stroke.color = tokens::palette(ui).faint;
            }
            frame.show(ui, |ui| {
                ui.set_width(ui.available_width());
                if compact {
                    return one_line(ui, scene, view, commands, peer, &name, &words);
                }
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 12.0;
                    widgets::avatar(ui, scene.face(ui, peer.peer), tokens::AVATAR, Some(words.mark));
                    let width = ui.available_width() - 2.0 * tokens::ICON_BUTTON - ui.spacing().item_spacing.x;
                    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                        ui.set_width(width);
                        ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
                        body(ui, peer, &name, &words);
                    });
                    ui.spacing_mut().item_spacing.x = 0.0;
                    pause(ui, commands, peer, &name);
                    menu::peer_menu(ui, view, commands, peer, &name);
                });
                below(ui, scene, commands, peer, &words);
            });
        });
        let response = card.response;
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, fl!("details-of", name = name.as_str())));
        let rect = response.rect;
        if widgets::pressable(ui, response, rect, tokens::CARD_RADIUS).clicked() {
            view.turn_to(Page::Friend(peer.peer));
        }
    });
}

/// Everything on one line: who, and how they stand or what is wrong.
fn one_line(
    ui: &mut Ui,
    scene: Scene<'_>,
    view: &mut View,
    commands: &mut Commands,
    peer: &PeerView,
    name: &str,
    words: &PeerWords,
) {
    widgets::line(ui, tokens::AVATAR_SMALL, |ui| {
        widgets::avatar(ui, scene.face(ui, peer.peer), tokens::AVATAR_SMALL, Some(words.mark));
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() * 0.42);
            widgets::name(ui, name);
        });
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - 2.0 * tokens::ICON_BUTTON - tokens::GAP).max(20.0));
            widgets::faint_line(ui, words.warning.as_deref().unwrap_or(&words.state));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            menu::peer_menu(ui, view, commands, peer, name);
            pause(ui, commands, peer, name);
        });
    });
}

fn pause(ui: &mut Ui, commands: &mut Commands, peer: &PeerView, name: &str) {
    let scope = Scope::Peer(peer.peer);
    match peer.link {
        LinkView::Paused => {
            if icon_button(ui, Icon::Play, &fl!("resume-of", name = name)).clicked() {
                commands.push(Command::Resume { scope });
            }
        }
        LinkView::Blocked => drop(ui.allocate_space(vec2(tokens::ICON_BUTTON, tokens::ICON_BUTTON))),
        LinkView::Connected { .. } | LinkView::Connecting | LinkView::WaitingForAcceptance | LinkView::Offline { .. } => {
            if icon_button(ui, Icon::Pause, &fl!("pause-of", name = name)).clicked() {
                commands.push(Command::Pause { scope, lasting: None });
            }
        }
    }
}

fn body(ui: &mut Ui, peer: &PeerView, name: &str, words: &PeerWords) {
    title(ui, peer, name);
    if let Some(character) = peer.characters.first() {
        let character = &character.character;
        widgets::faint_line(ui, &fl!("character", name = character.name(), world = character.world()));
    }
    widgets::note(ui, &words.state);
    if let Some(route) = &words.route {
        widgets::faint_line(ui, route);
    }
    if let Some(line) = peer.label.note.as_str().lines().next() {
        widgets::faint_line(ui, line);
    }
}

/// What needs the whole width: transfers under way, and what is wrong.
fn below(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, peer: &PeerView, words: &PeerWords) {
    for transfer in scene.snapshot.transfers.iter().filter(|transfer| transfer.peer == peer.peer && !transfer.finished) {
        progress(ui, transfer);
    }
    if let Some(warning) = &words.warning {
        ui.add_space(2.0);
        widgets::warning(ui, warning);
        looks_held_back(ui, commands, peer);
    }
}

/// For a look that my limits hold back: let it come all the same.
pub(crate) fn looks_held_back(ui: &mut Ui, commands: &mut Commands, peer: &PeerView) {
    for view in peer.characters.iter().filter(|view| matches!(view.progress, Progress::TooHeavy { .. })) {
        let allow = |over_limits| Command::AllowLook { peer: peer.peer, character: view.character.clone(), over_limits };
        ui.add_space(tokens::TIGHT);
        ui.horizontal_wrapped(|ui| {
            let character = view.character.name();
            let once = widgets::button(ui, Kind::Plain, &fl!("allow-once"));
            if once.accessible_name(fl!("allow-once-of", character = character)).clicked() {
                commands.push(allow(OverLimits::AllowedOnce));
            }
            let always = widgets::button(ui, Kind::Quiet, &fl!("allow-always"));
            if always.accessible_name(fl!("allow-always-of", character = character)).clicked() {
                commands.push(allow(OverLimits::AllowedAlways));
            }
        });
    }
}

/// The name; beside it how far the friend is let in where that is anything but plain friendship, and what is not allowed.
pub(crate) fn title(ui: &mut Ui, peer: &PeerView, name: &str) {
    let colours = tokens::palette(ui);
    let chip = match peer.trust {
        Trust::Friend => None,
        Trust::Verified => Some((colours.good, colours.good_soft)),
        Trust::Once => Some((colours.accent_text, colours.accent_soft)),
        Trust::Blocked => Some((colours.bad, colours.bad_soft)),
    };
    let refused: Vec<Permission> = Permission::ALL.into_iter().filter(|what| !peer.permissions.allows(*what)).collect();
    let text = words::trust(peer.trust);
    let mut kept = refused.len() as f32 * (tokens::ICON + 6.0);
    if chip.is_some() {
        kept += ui.painter().layout_no_wrap(text.clone(), tokens::label(), colours.text).size().x + 20.0;
    }
    let signs = |ui: &mut Ui| {
        if let Some((colour, ground)) = chip {
            widgets::chip(ui, &text, colour, ground);
        }
        for what in refused {
            widgets::sign(ui, refusal_icon(what), &words::refusal(what), colours.faint);
        }
    };
    let room = ui.available_width() - kept;
    if room < tokens::NAME_LEAST {
        // A name of which nothing is left is none: what stands beside it goes below.
        widgets::name(ui, name);
        if kept > 0.0 {
            ui.horizontal_wrapped(signs);
        }
        return;
    }
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_max_width(room);
            widgets::name(ui, name);
        });
        signs(ui);
    });
}

const fn refusal_icon(permission: Permission) -> Icon {
    match permission {
        Permission::SeeMe => Icon::EyeOff,
        Permission::ShowThem => Icon::MaskOff,
        Permission::Sounds => Icon::SoundOff,
        Permission::Animations => Icon::MotionOff,
        Permission::Effects => Icon::SparkleOff,
    }
}

pub(crate) fn progress(ui: &mut Ui, transfer: &TransferView) {
    ui.add_space(3.0);
    let share = widgets::share(transfer.done, transfer.total);
    widgets::bar(ui, share, &fl!("transfer-of", character = transfer.character.name()));
    ui.add_space(1.0);
    widgets::faint(ui, &words::transfer(transfer));
}
