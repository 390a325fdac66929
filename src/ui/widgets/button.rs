//! Buttons. Each has a name for screen readers, a look under the pointer and a ring while it has the keyboard's focus.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Color32, CornerRadius, CursorIcon, FontId, Rect, Response, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

use super::icon::{self, Icon};
use crate::ui::tokens::{self, Palette};

/// How loud a button is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The one thing to press.
    Primary,
    /// Another thing to press.
    Plain,
    /// A way out.
    Quiet,
    /// Something that shuts somebody out.
    Danger,
}

/// A button as wide as its text.
pub(crate) fn button(ui: &mut Ui, kind: Kind, text: &str) -> Response {
    let width = button_width(ui, text);
    wide_button(ui, kind, text, width)
}

/// How wide a button with this text is.
pub(crate) fn button_width(ui: &Ui, text: &str) -> f32 {
    let text = ui.painter().layout_no_wrap(text.to_owned(), tokens::button(), Color32::WHITE);
    text.size().x + 2.0 * ui.spacing().button_padding.x
}

/// A button of this width; a text that is too long is cut off.
pub(crate) fn wide_button(ui: &mut Ui, kind: Kind, text: &str, width: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, tokens::CONTROL_HEIGHT), Sense::click());
    let enabled = ui.is_enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, text));
    // What cannot be pressed has no loudness; the rest of its fading is egui's.
    let kind = if enabled { kind } else { Kind::Plain };
    let (fill, colour) = colours(kind, tokens::palette(ui), response.hovered() && enabled);
    ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, fill);
    centred(ui, rect, text, tokens::button(), colour);
    pressable(ui, response, rect, tokens::CONTROL_RADIUS)
}

/// A button that is only an icon; its name is its tooltip.
pub(crate) fn icon_button(ui: &mut Ui, icon: Icon, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(tokens::ICON_BUTTON), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let colours = tokens::palette(ui);
    if response.hovered() {
        ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, colours.raised);
    }
    let colour = if response.hovered() { colours.text } else { colours.muted };
    icon::paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(tokens::ICON)), icon, colour);
    pressable(ui, response, rect, tokens::CONTROL_RADIUS).on_hover_text(name)
}

/// A line that opens a menu: what is chosen on its left, an angle on its right.
pub(crate) fn choice(ui: &mut Ui, text: &str) -> Response {
    let size = vec2(ui.available_width(), tokens::CONTROL_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), text));
    let (fill, colour) = colours(Kind::Plain, tokens::palette(ui), response.hovered());
    ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, fill);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), TextStyle::Body.resolve(ui.style()), colour);
    let corner = pos2(rect.left() + ui.spacing().button_padding.x, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, colour);
    let angle = Rect::from_center_size(rect.right_center() - vec2(18.0, 0.0), Vec2::splat(tokens::ICON));
    icon::paint(ui.painter(), angle, Icon::Down, tokens::palette(ui).muted);
    pressable(ui, response, rect, tokens::CONTROL_RADIUS)
}

fn colours(kind: Kind, colours: &Palette, hovered: bool) -> (Color32, Color32) {
    let pick = |rest: Color32, over: Color32| if hovered { over } else { rest };
    match kind {
        Kind::Primary => (pick(colours.accent, colours.accent_more), colours.on_accent),
        Kind::Plain => (pick(colours.raised, colours.raised_more), colours.text),
        Kind::Quiet => (pick(Color32::TRANSPARENT, colours.raised), colours.muted),
        Kind::Danger => (pick(Color32::TRANSPARENT, colours.bad_soft), colours.bad),
    }
}

fn centred(ui: &Ui, rect: Rect, text: &str, font: FontId, colour: Color32) {
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, colour);
    let corner = rect.center() - galley.size() / 2.0;
    ui.painter().with_clip_rect(rect.shrink(TEXT_EDGE).intersect(ui.clip_rect())).galley(corner, galley, colour);
}

/// How far text stays from a button's edge.
const TEXT_EDGE: f32 = 3.0;

/// What is to be pressed shows a ring while it has the keyboard's focus, and a hand under the pointer.
pub(crate) fn pressable(ui: &Ui, response: Response, rect: Rect, radius: impl Into<CornerRadius>) -> Response {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens::palette(ui).accent);
        ui.painter().rect_stroke(rect, radius, stroke, StrokeKind::Outside);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}
