//! Rows that are drawn only where they are seen, so that a list of hundreds costs what a screenful does.

use eframe::egui::{AsIdSalt, Ui, vec2};

use crate::ui::tokens;

/// Draws a row, or, where it lies beyond what is seen, leaves the room that it took when it was last drawn.
///
/// A row's height may change while it is not seen; the list then shifts a little when it comes into view.
pub(crate) fn lazily(ui: &mut Ui, key: impl AsIdSalt, row: impl FnOnce(&mut Ui)) {
    ui.push_id(key, |ui| {
        let id = ui.scope_id().with("height");
        let top = ui.cursor().top();
        let seen = ui.clip_rect().y_range().expand(tokens::BEYOND);
        if let Some(height) = ui.data(|data| data.get_temp::<f32>(id))
            && (top > seen.max || top + height < seen.min)
        {
            ui.allocate_space(vec2(ui.available_width(), height));
            return;
        }
        let height = ui.scope(row).response.rect.height();
        ui.data_mut(|data| data.insert_temp(id, height));
    });
}
