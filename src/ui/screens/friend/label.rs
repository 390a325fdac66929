//! What I call a friend and note of them.

use eframe::egui::Ui;

use super::super::section::{line_with_button, section};
use crate::domain::{DisplayName, Note, PeerId, Tag};
use crate::engine::command::{Command, LabelChange};
use crate::engine::snapshot::PeerView;
use crate::i18n::fl;
use crate::ui::view::{Labelling, View};
use crate::ui::widgets::{self, Icon, Kind, icon_button};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// Nickname, tags and note, to be changed in place. They stay on this computer.
pub(super) fn label(ui: &mut Ui, view: &mut View, commands: &mut Commands, peer: &PeerView) {
    section(ui, &fl!("friend-label"), |ui| {
        widgets::faint(ui, &fl!("friend-label-more"));
        let id = peer.peer;
        let mut half_typed =
            view.labelling.take().filter(|labelling| labelling.peer == id).unwrap_or_else(|| Labelling::of(peer));
        nickname(ui, commands, peer, &mut half_typed);
        tags(ui, commands, peer, &mut half_typed);
        note(ui, commands, peer, &mut half_typed);
        view.labelling = Some(half_typed);
        let mut notices = peer.label.notices;
        if widgets::tick(ui, &mut notices, &fl!("friend-notices")).changed() {
            commands.push(change(id, LabelChange::Notices(notices)));
        }
    });
}

const fn change(peer: PeerId, label: LabelChange) -> Command {
    Command::LabelPeer { peer, label }
}

fn nickname(ui: &mut Ui, commands: &mut Commands, peer: &PeerView, half: &mut Labelling) {
    let known = peer.label.nickname.as_ref().map(ToString::to_string).unwrap_or_default();
    let wanted = |text: &str| if text.trim().is_empty() { Ok(None) } else { DisplayName::new(text).map(Some) };
    let can = |text: &str| text.trim() != known && wanted(text).is_ok();
    if saved_line(ui, &mut half.nickname, &fl!("friend-nickname"), &fl!("friend-nickname-save"), can)
        && let Ok(name) = wanted(&half.nickname)
    {
        commands.push(change(peer.peer, LabelChange::Nickname(name)));
    }
    if let Err(error) = wanted(&half.nickname) {
        widgets::warning(ui, &words::name_error(error));
    }
}

/// A line and, once it can be saved, the button for it; whether it is to be saved.
fn saved_line(ui: &mut Ui, text: &mut String, hint: &str, save_name: &str, can: impl FnOnce(&str) -> bool) -> bool {
    let typed = line_with_button(ui, text, hint, (Kind::Plain, &fl!("save"), save_name), can);
    typed.pressed || typed.entered
}

fn tags(ui: &mut Ui, commands: &mut Commands, peer: &PeerView, half: &mut Labelling) {
    let colours = tokens::palette(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for tag in peer.label.tags.iter() {
            widgets::chip(ui, tag.as_str(), colours.accent_text, colours.accent_soft);
            if icon_button(ui, Icon::Close, &fl!("friend-untag", tag = tag.as_str())).clicked() {
                commands.push(change(peer.peer, LabelChange::Untag(tag.clone())));
            }
        }
    });
    let can = |text: &str| Tag::new(text).is_ok();
    let added = saved_line(ui, &mut half.tag, &fl!("friend-tag"), &fl!("friend-tag-add"), can);
    match Tag::new(&half.tag) {
        Ok(tag) if added => {
            commands.push(change(peer.peer, LabelChange::Tag(tag)));
            half.tag.clear();
        }
        Err(error) if !half.tag.trim().is_empty() => widgets::warning(ui, &words::label_error(error)),
        Ok(_) | Err(_) => {}
    }
}

fn note(ui: &mut Ui, commands: &mut Commands, peer: &PeerView, half: &mut Labelling) {
    widgets::text_area(ui, &mut half.note, &fl!("friend-note"));
    match Note::new(&half.note) {
        Ok(note) if note != peer.label.note => {
            let save = widgets::button(ui, Kind::Plain, &fl!("save")).accessible_name(fl!("friend-note-save"));
            if save.clicked() {
                commands.push(change(peer.peer, LabelChange::Note(note)));
            }
        }
        Ok(_) => {}
        Err(error) => widgets::warning(ui, &words::label_error(error)),
    }
}
