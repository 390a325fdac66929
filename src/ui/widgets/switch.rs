//! A switch.

use eframe::egui::accesskit::Role;
use eframe::egui::{Response, Sense, Ui, WidgetInfo, lerp, pos2};

use super::button::pressable;
use crate::ui::tokens;

/// Draws a switch that is on or off. `name` says to a screen reader what it switches.
pub(crate) fn switch(ui: &mut Ui, on: bool, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(tokens::SWITCH, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, name));
    let colours = tokens::palette(ui);
    let way = ui.ctx().animate_bool_responsive(response.id, on);
    let radius = rect.height() / 2.0;
    ui.painter().rect_filled(rect, radius, if on { colours.accent } else { colours.raised_more });
    let knob = pos2(lerp(rect.left() + radius..=rect.right() - radius, way), rect.center().y);
    ui.painter().circle_filled(knob, radius - 3.0, colours.on_accent);
    pressable(ui, response, rect, radius)
}
