//! A line to type into.

use eframe::egui::{Align2, FontSelection, Margin, Rect, Response, TextEdit, Ui, Vec2, pos2};

use super::icon::{self, Icon};
use crate::ui::tokens;

/// A line of this width; the hint is also its name for screen readers.
pub(crate) fn field(ui: &mut Ui, text: &mut String, hint: &str, width: f32) -> Response {
    sized(ui, text, hint, width, EDGE)
}

/// The same with a lens before it.
pub(crate) fn search_field(ui: &mut Ui, text: &mut String, hint: &str, width: f32) -> Response {
    let response = sized(ui, text, hint, width, LENS);
    let middle = pos2(response.rect.left() + LENS / 2.0 + 2.0, response.rect.center().y);
    let place = Rect::from_center_size(middle, Vec2::splat(tokens::ICON));
    icon::paint(ui.painter(), place, Icon::Search, tokens::palette(ui).faint);
    response
}

/// Several lines; the hint is also its name for screen readers.
pub(crate) fn text_area(ui: &mut Ui, text: &mut String, hint: &str) -> Response {
    let margin = Margin { left: EDGE as i8, right: EDGE as i8, top: 7, bottom: 7 };
    let area = TextEdit::multiline(text)
        .hint_text(hint.to_owned())
        .margin(margin)
        .desired_width(f32::INFINITY)
        .desired_rows(3)
        .char_limit(crate::domain::MAX_NOTE);
    ui.add(area).accessible_name(hint)
}

/// The same for what nobody else is to read.
pub(crate) fn secret_field(ui: &mut Ui, text: &mut String, hint: &str, width: f32) -> Response {
    let margin = Margin { left: EDGE as i8, right: EDGE as i8, top: 7, bottom: 7 };
    let line =
        TextEdit::singleline(text).password(true).hint_text(hint.to_owned()).margin(margin).desired_width(width - 2.0 * EDGE);
    ui.add_sized([width, tokens::CONTROL_HEIGHT], line.char_limit(LONGEST)).accessible_name(hint)
}

fn sized(ui: &mut Ui, text: &mut String, hint: &str, width: f32, left: f32) -> Response {
    let margin = Margin { left: left as i8, right: EDGE as i8, top: 7, bottom: 7 };
    let line = TextEdit::singleline(text)
        .hint_text(hint.to_owned())
        .font(FontSelection::Default)
        .margin(margin)
        .align(Align2::LEFT_CENTER)
        .desired_width(width - left - EDGE)
        .char_limit(LONGEST);
    ui.add_sized([width, tokens::CONTROL_HEIGHT], line).accessible_name(hint)
}

/// Between the line's edge and its text.
const EDGE: f32 = 10.0;
/// The same where a lens stands between.
const LENS: f32 = 32.0;
/// Longer than any name or address; a paste of a whole book is cut here.
const LONGEST: usize = 256;
