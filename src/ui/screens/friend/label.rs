//! What I call a friend and note of them.

use eframe::egui::{Key, Ui};

use super::super::section::section;
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
    let wanted = if half.nickname.trim().is_empty() { Ok(None) } else { DisplayName::new(&half.nickname).map(Some) };
    let changed = half.nickname.trim() != known;
    if saved_line(ui, &mut half.nickname, &fl!("friend-nickname"), changed && wanted.is_ok(), &fl!("friend-nickname-save"))
        && let Ok(name) = &wanted
    {
        commands.push(change(peer.peer, LabelChange::Nickname(name.clone())));
    }
    if let Err(error) = wanted {
        widgets::warning(ui, &words::name_error(error));
    }
}

/// A line and, once it can be saved, the button for it; whether it is to be saved.
fn saved_line(ui: &mut Ui, text: &mut String, hint: &str, can_save: bool, save_name: &str) -> bool {
    ui.horizontal(|ui| {
        let save = fl!("save");
        let width = ui.available_width() - widgets::button_width(ui, &save) - tokens::GAP;
        let line = widgets::field(ui, text, hint, width);
        let entered = line.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let button = ui.add_enabled_ui(can_save, |ui| widgets::button(ui, Kind::Plain, &save).accessible_name(save_name)).inner;
        can_save && (button.clicked() || entered)
    })
    .inner
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
    let tag = Tag::new(&half.tag);
    let save_name = fl!("friend-tag-add");
    if saved_line(ui, &mut half.tag, &fl!("friend-tag"), tag.is_ok(), &save_name)
        && let Ok(tag) = tag
    {
        commands.push(change(peer.peer, LabelChange::Tag(tag)));
        half.tag.clear();
    } else if let Err(error) = Tag::new(&half.tag)
        && !half.tag.trim().is_empty()
    {
        widgets::warning(ui, &words::label_error(error));
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
