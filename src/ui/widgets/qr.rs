//! A QR code, drawn from its modules: dark on light in both themes, since readers expect that.

use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Sense, Ui, Vec2, WidgetInfo, vec2};
use qrcode::{Color, QrCode};

use crate::ui::tokens;

/// Modules of light around the code, which readers need.
const QUIET: usize = 4;

/// Draws a code of this side. Nothing is drawn for a text that is too long for one.
pub(crate) fn qr(ui: &mut Ui, text: &str, side: f32, name: &str) {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let (dark, light) = tokens::qr();
    ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, light);
    let width = code.width();
    let module = side / (width + 2 * QUIET) as f32;
    for (index, colour) in code.to_colors().into_iter().enumerate() {
        if colour == Color::Dark {
            let (column, row) = (index % width + QUIET, index / width + QUIET);
            let corner = rect.min + vec2(column as f32, row as f32) * module;
            ui.painter().rect_filled(Rect::from_min_size(corner, Vec2::splat(module + 0.1)), 0.0, dark);
        }
    }
}
