//! Heads with cards below them, and rows of settings.

use eframe::egui::{Align, Layout, Ui};

use crate::ui::tokens;
use crate::ui::widgets;

/// A head and a card below it.
pub(super) fn section(ui: &mut Ui, head: &str, content: impl FnOnce(&mut Ui)) {
    ui.add_space(tokens::GAP);
    widgets::label(ui, head);
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        content(ui);
    });
}

/// A switch with its name before it and, below, what it does; whether it was turned.
pub(super) fn switch_row(ui: &mut Ui, on: bool, name: &str, more: Option<&str>) -> bool {
    ui.horizontal(|ui| {
        let width = ui.available_width() - tokens::SWITCH.x - tokens::GAP;
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 1.0;
            widgets::plain(ui, name);
            if let Some(more) = more {
                widgets::faint(ui, more);
            }
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| widgets::switch(ui, on, name).clicked()).inner
    })
    .inner
}

/// A name and, below it, a line that opens a menu of choices; what was chosen, if anything was.
pub(super) fn choice_row<T: Clone + PartialEq>(
    ui: &mut Ui,
    name: &str,
    now: &T,
    all: &[(T, String)],
    said: Option<String>,
) -> Option<T> {
    widgets::plain(ui, name);
    let text = said.or_else(|| all.iter().find(|(value, _)| value == now).map(|(_, text)| text.clone())).unwrap_or_default();
    let full = format!("{name}: {text}");
    let button = widgets::choice(ui, &text).accessible_name(full);
    let mut chosen = None;
    widgets::menu(&button, |ui| {
        for (value, text) in all {
            if ui.selectable_label(value == now, text).clicked() {
                chosen = Some(value.clone());
                ui.close();
            }
        }
    });
    chosen
}
