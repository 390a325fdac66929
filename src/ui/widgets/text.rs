//! Text in its few voices.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Align2, Color32, Label, Layout, Response, RichText, Sense, Ui, WidgetInfo, vec2};

use super::avatar::{Face, avatar};
use super::icon::{Icon, icon};
use crate::ui::tokens;

/// A line of widgets of this height, all in its middle.
pub(crate) fn line<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(ui.available_width(), height);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), content).inner
}

/// A title.
pub(crate) fn head(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(RichText::new(text).font(tokens::title())).wrap())
}

/// The name of a person or a character; cut off with dots where there is no room.
pub(crate) fn name(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(RichText::new(text).font(tokens::name())).truncate())
}

/// A small head above a section.
pub(crate) fn label(ui: &mut Ui, text: &str) -> Response {
    ui.label(RichText::new(text).font(tokens::label()).color(tokens::palette(ui).muted))
}

/// A sentence that may be read.
pub(crate) fn note(ui: &mut Ui, text: &str) -> Response {
    let text = RichText::new(text).color(tokens::palette(ui).muted);
    ui.add(Label::new(text).wrap())
}

/// A line that is looked up.
pub(crate) fn faint(ui: &mut Ui, text: &str) -> Response {
    let text = RichText::new(text).font(tokens::small()).color(tokens::palette(ui).faint);
    ui.add(Label::new(text).wrap())
}

/// A sentence that is to be read, with its sign.
pub(crate) fn warning(ui: &mut Ui, text: &str) {
    let colour = tokens::palette(ui).warn;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        icon(ui, Icon::Warning, colour);
        ui.add(Label::new(RichText::new(text).font(tokens::small()).color(colour)).wrap());
    });
}

/// A word on a ground of its own; gives its width.
pub(crate) fn chip(ui: &mut Ui, text: &str, colour: Color32, ground: Color32) -> Response {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), tokens::label(), colour);
    let size = galley.size() + vec2(12.0, 4.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().rect_filled(rect, size.y / 2.0, ground);
    let corner = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect).min;
    ui.painter().galley(corner, galley, colour);
    response
}

/// A person in a card: avatar, name and a line below it, level with each other; `trail` is drawn at the end, `kept` points wide.
pub(crate) fn person<R>(ui: &mut Ui, (face, called): (Face, &str), line: &str, kept: f32, trail: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        avatar(ui, face, tokens::AVATAR, None);
        let width = ui.available_width() - kept - 12.0;
        ui.allocate_ui_with_layout(vec2(width, tokens::AVATAR), Layout::top_down(Align::Min), |ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(2.0);
            name(ui, called);
            faint(ui, line);
        });
        ui.allocate_ui_with_layout(vec2(kept, tokens::AVATAR), Layout::right_to_left(Align::Center), trail).inner
    })
    .inner
}
