//! Menus that drop down from a button and stay open until something is chosen.

use eframe::egui::{Frame, Margin, Popup, PopupCloseBehavior, Response, Ui, vec2};

use crate::ui::tokens;

/// The menu below a button, while it is open.
pub(crate) fn menu(button: &Response, content: impl FnOnce(&mut Ui)) {
    Popup::menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(tokens::MENU);
        ui.spacing_mut().interact_size.y = tokens::MENU_ENTRY;
        ui.spacing_mut().button_padding = vec2(tokens::GAP, 0.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        content(ui);
    });
}

/// Boxes and heads within a menu, level with the text of its entries.
pub(crate) fn inset<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let margin = Margin { left: tokens::GAP as i8, right: tokens::GAP as i8, top: 2, bottom: 2 };
    Frame::new().inner_margin(margin).show(ui, content).inner
}
