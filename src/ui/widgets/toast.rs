//! Short-lived lines above the footer. They ask for nothing and go away by themselves, or by a click.

use eframe::egui::{Align2, Area, Context, Frame, Id, Margin, Order, RichText, Sense, Stroke, Ui, UiBuilder, vec2};

use crate::ui::tokens;
use crate::ui::view::{Toast, View};
use crate::ui::words::Tone;

/// Draws what is to be seen of the toasts, `lift` points above the window's lower edge, and drops what has been seen.
/// `kept`: points at the window's left edge that stay free.
pub(crate) fn toasts(context: &Context, view: &mut View, lift: f32, kept: f32) {
    let now = context.input(|input| input.time);
    for toast in &mut view.toasts {
        toast.since.get_or_insert(now);
    }
    view.toasts.retain(|toast| toast.since.is_none_or(|since| now - since < tokens::TOAST_SECONDS));
    if view.toasts.is_empty() {
        return;
    }
    let mut pressed = None;
    let edge = f32::from(tokens::EDGE);
    let area = Area::new(Id::unique("toasts")).order(Order::Tooltip).anchor(Align2::RIGHT_BOTTOM, vec2(-edge, -lift));
    area.show(context, |ui| {
        ui.set_width((context.content_rect().width() - kept - 2.0 * edge).min(tokens::TOAST));
        ui.spacing_mut().item_spacing.y = tokens::GAP;
        for (index, toast) in view.toasts.iter().enumerate() {
            if line(ui, toast) {
                pressed = Some(index);
            }
        }
    });
    if let Some(index) = pressed {
        view.toasts.remove(index);
    }
    context.request_repaint_after_secs(1.0);
}

/// Draws one; whether it was pressed.
fn line(ui: &mut Ui, toast: &Toast) -> bool {
    let colours = tokens::palette(ui);
    let (ground, colour, rim) = match toast.tone {
        Tone::Good => (colours.card, colours.text, colours.good),
        Tone::Plain => (colours.card, colours.text, colours.line),
        Tone::Warning => (colours.warn_soft, colours.warn, colours.warn),
    };
    let frame = Frame::new()
        .fill(ground)
        .stroke(Stroke::new(1.0, rim))
        .corner_radius(tokens::CARD_RADIUS)
        .inner_margin(Margin::symmetric(14, 10))
        .shadow(ui.visuals().popup_shadow);
    let builder = UiBuilder::new().sense(Sense::click());
    let response = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(&toast.text).color(colour));
        });
    });
    response.response.interact(Sense::click()).clicked()
}
