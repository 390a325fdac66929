//! Text in its few voices.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Align2, Color32, Label, Layout, Rect, Response, RichText, Sense, Ui, WidgetInfo, pos2, vec2};

use super::avatar::{Face, avatar};
use super::button::pressable;
use super::icon::{Icon, icon, paint as paint_icon};
use crate::domain::Weight;
use crate::i18n::fl;
use crate::ui::{tokens, words};

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

/// Plain text.
pub(crate) fn plain(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(text).wrap())
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

/// The same on one line; cut off with dots where there is no room.
pub(crate) fn faint_line(ui: &mut Ui, text: &str) -> Response {
    let text = RichText::new(text).font(tokens::small()).color(tokens::palette(ui).faint);
    ui.add(Label::new(text).truncate())
}

/// A fact: what it is on the left, what it says on the right.
pub(crate) fn fact(ui: &mut Ui, what: &str, says: &str) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(what).color(tokens::palette(ui).muted));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Label::new(says).truncate()));
    });
}

/// What a look weighs, in words.
pub(crate) fn weight(ui: &mut Ui, weight: &Weight) {
    faint(ui, &words::weight(weight));
}

/// A small icon that says something when it is pointed at, and to screen readers.
pub(crate) fn sign(ui: &mut Ui, icon: Icon, text: &str, colour: Color32) {
    let (rect, response) = ui.allocate_exact_size(vec2(tokens::ICON, tokens::ICON), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, text));
    paint_icon(ui.painter(), rect, icon, colour);
    response.on_hover_text(text);
}

/// The way back to a page; whether it was pressed.
pub(crate) fn back(ui: &mut Ui, to: &str) -> bool {
    let font = tokens::button();
    let galley = ui.painter().layout_no_wrap(to.to_owned(), font, tokens::palette(ui).muted);
    let size = vec2(galley.size().x + tokens::ICON + 3.0 * tokens::GAP, tokens::ICON_BUTTON);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, fl!("back-to", page = to)));
    let colours = tokens::palette(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, colours.raised);
    }
    let middle = pos2(rect.left() + tokens::GAP + tokens::ICON / 2.0, rect.center().y);
    paint_icon(ui.painter(), Rect::from_center_size(middle, vec2(tokens::ICON, tokens::ICON)), Icon::Back, colours.muted);
    let corner = pos2(rect.left() + tokens::ICON + 2.0 * tokens::GAP, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, colours.muted);
    pressable(ui, response, rect, tokens::CONTROL_RADIUS).clicked()
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
