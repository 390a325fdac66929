//! The parts that screens and dialogs are made of. Each knows how it looks and nothing of the engine.

mod avatar;
mod bar;
mod button;
mod field;
mod graph;
mod icon;
mod lazily;
mod menu;
mod qr;
mod status;
mod switch;
mod text;
mod tick;
mod toast;

pub(super) use avatar::{Face, avatar};
pub(super) use bar::{bar, share};
pub(super) use button::{Kind, button, button_width, choice, icon_button, pressable, wide_button};
pub(super) use field::{field, search_field, secret_field, text_area};
pub(super) use graph::{Line, graph};
pub(super) use icon::{Icon, icon, paint as paint_icon};
pub(super) use lazily::lazily;
pub(super) use menu::{inset, menu};
pub(super) use qr::qr;
pub(super) use switch::switch;
pub(super) use text::{back, chip, fact, faint, faint_line, head, label, line, name, note, person, plain, sign, warning, weight};
pub(super) use tick::tick;
pub(super) use toast::toasts;
