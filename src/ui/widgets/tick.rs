//! A box to tick.

use eframe::egui::{Response, Stroke, Ui};

use crate::ui::tokens;

/// Draws a box with a text beside it; `changed` of the answer says that it was pressed.
pub(crate) fn tick(ui: &mut Ui, on: &mut bool, text: &str) -> Response {
    let colours = tokens::palette(ui);
    ui.scope(|ui| {
        // A rim, so that the box is seen on any ground.
        let widgets = &mut ui.visuals_mut().widgets;
        for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
            state.bg_fill = if *on { colours.accent } else { colours.card };
            state.bg_stroke = Stroke::new(1.0, if *on { colours.accent } else { colours.faint });
            state.corner_radius = 4.into();
        }
        widgets.inactive.fg_stroke = Stroke::new(1.5, if *on { colours.on_accent } else { colours.text });
        widgets.hovered.fg_stroke = widgets.inactive.fg_stroke;
        widgets.active.fg_stroke = widgets.inactive.fg_stroke;
        ui.visuals_mut().override_text_color = Some(colours.text);
        ui.checkbox(on, text.to_owned())
    })
    .inner
}
