//! Heads with cards below them, and rows of settings.

use eframe::egui::{Align, Key, Layout, Ui};

use crate::i18n;
use crate::ui::tokens;
use crate::ui::widgets::{self, Kind};

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

/// Sizes in bytes to choose from, with their words.
pub(super) fn sizes(shift: u32, all: &[u64]) -> Vec<(u64, String)> {
    all.iter().map(|size| size << shift).map(|bytes| (bytes, i18n::size(bytes))).collect()
}

/// What a line to type into and the button behind it say.
pub(super) struct Typed {
    /// The text was changed.
    pub(super) changed: bool,
    /// The button was pressed.
    pub(super) pressed: bool,
    /// Enter was pressed in the line.
    pub(super) entered: bool,
}

/// A line to type into, with a button behind it that can be pressed if `can`. `full`: the button's whole name.
pub(super) fn line_with_button(
    ui: &mut Ui,
    text: &mut String,
    hint: &str,
    (kind, button, full): (Kind, &str, &str),
    can: impl FnOnce(&str) -> bool,
) -> Typed {
    ui.horizontal(|ui| {
        let width = ui.available_width() - widgets::button_width(ui, button) - tokens::GAP;
        let line = widgets::field(ui, text, hint, width);
        let entered = line.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let can = can(text);
        let pressed = ui.add_enabled_ui(can, |ui| widgets::button(ui, kind, button).accessible_name(full)).inner.clicked();
        Typed { changed: line.changed(), pressed, entered: entered && can }
    })
    .inner
}
