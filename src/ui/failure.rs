//! The window of a program that cannot start: whoever started it from the desktop has no terminal to read why.

use eframe::egui::{CentralPanel, Frame, Margin, Ui, ViewportCommand};

use super::tokens;
use super::widgets::{self, Kind};
use crate::i18n::fl;

/// Says why, and closes the window when that has been read.
pub fn show(ui: &mut Ui, why: &str) {
    let frame = Frame::new().fill(tokens::palette(ui).ground).inner_margin(Margin::same(tokens::EDGE));
    CentralPanel::no_frame().frame(frame).show(ui, |ui| {
        widgets::name(ui, &fl!("failure-title"));
        ui.add_space(tokens::GAP);
        widgets::note(ui, why);
        ui.add_space(tokens::GAP);
        let width = ui.available_width();
        if widgets::wide_button(ui, Kind::Primary, &fl!("failure-close"), width).clicked() {
            ui.ctx().send_viewport_cmd(ViewportCommand::Close);
        }
    });
}
