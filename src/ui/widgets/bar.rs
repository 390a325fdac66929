//! A progress bar.

use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Sense, Ui, WidgetInfo, vec2};

use crate::ui::tokens;

/// Draws how far something has come, from 0 to 1, over the whole width. `name` says what it is to a screen reader.
pub(crate) fn bar(ui: &mut Ui, share: f32, name: &str) {
    let share = share.clamp(0.0, 1.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::BAR), Sense::hover());
    response.widget_info(|| WidgetInfo {
        value: Some(f64::from(share) * 100.0),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, name)
    });
    let colours = tokens::palette(ui);
    let radius = tokens::BAR / 2.0;
    ui.painter().rect_filled(rect, radius, colours.raised);
    if share > 0.0 {
        let width = (rect.width() * share).max(tokens::BAR);
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(width, tokens::BAR)), radius, colours.accent);
    }
}

/// A share from 0 to 1; all of nothing is all.
pub(crate) fn share(done: u64, total: u64) -> f32 {
    if total == 0 { 1.0 } else { (done as f64 / total as f64) as f32 }
}
