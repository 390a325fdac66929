//! Who I am, and the choice of pages.

use eframe::egui::{Align, Align2, Frame, Layout, Margin, RichText, Sense, TextStyle, Ui, vec2};

use super::Scene;
use crate::domain::PeerId;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::tokens;
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind, icon_button};

/// Says that nothing here is real, and what is going on.
pub(crate) fn ribbon(ui: &mut Ui, caption: &str) {
    let colours = tokens::palette(ui);
    Frame::new().fill(colours.accent_soft).inner_margin(Margin::symmetric(tokens::EDGE, 6)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.vertical_centered(|ui| {
            ui.label(RichText::new(fl!("demo-ribbon")).font(tokens::label()).color(colours.accent_text));
            if !caption.is_empty() {
                ui.label(RichText::new(caption).strong().color(colours.accent_text));
            }
        });
    });
}

/// My name and id.
pub(crate) fn header(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    let me = &scene.snapshot.me;
    let name = my_name(scene.snapshot);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        widgets::avatar(ui, scene.face(ui, me.peer), tokens::AVATAR, None);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            widgets::name(ui, &name);
            id_line(ui, me.peer, view);
        });
    });
}

fn my_name(snapshot: &Snapshot) -> String {
    snapshot.me.name.as_ref().map_or_else(|| fl!("me-nameless"), ToString::to_string)
}

/// The beginning of my id, and a button that copies all of it.
fn id_line(ui: &mut Ui, me: PeerId, view: &mut View) {
    widgets::line(ui, tokens::ICON_BUTTON, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let id = RichText::new(fl!("me-id", id = me.short())).font(tokens::mono()).color(tokens::palette(ui).muted);
        ui.label(id).on_hover_text(me.to_string());
        copy_button(ui, me, &fl!("me-copy"), view);
    });
}

/// A button that copies an id, and says for two seconds that it has.
pub(super) fn copy_button(ui: &mut Ui, id: PeerId, name: &str, view: &mut View) {
    let now = ui.input(|input| input.time);
    let fresh = view.copied.is_some_and(|(copied, at)| copied == id && now - at < 2.0);
    let copied = fl!("me-copied");
    let (icon, name) = if fresh { (Icon::Check, copied.as_str()) } else { (Icon::Copy, name) };
    if icon_button(ui, icon, name).clicked() {
        ui.ctx().copy_text(id.to_string());
        view.copied = Some((id, now));
        ui.ctx().request_repaint_after_secs(2.1);
    }
}

/// A card with an icon, a sentence and, at its end, what can be done; whether that was pressed.
pub(super) fn banner(ui: &mut Ui, icon: Icon, text: &str, action: Option<&str>) -> bool {
    let colours = tokens::palette(ui);
    let frame = Frame::new().fill(colours.accent_soft).corner_radius(tokens::CARD_RADIUS).inner_margin(Margin::symmetric(12, 10));
    frame
        .show(ui, |ui| {
            let kept = action.map_or(0.0, |text| widgets::button_width(ui, text) + tokens::GAP);
            let width = ui.available_width() - tokens::ICON - tokens::GAP - kept;
            let font = TextStyle::Body.resolve(ui.style());
            let text = ui.painter().layout(text.to_owned(), font, colours.text, width);
            let height = if action.is_some() { tokens::CONTROL_HEIGHT } else { tokens::ICON };
            widgets::line(ui, height.max(text.size().y), |ui| {
                widgets::icon(ui, icon, colours.accent_text);
                ui.label(text);
                let end = Layout::right_to_left(Align::Center);
                let press = |ui: &mut Ui| action.is_some_and(|text| widgets::button(ui, Kind::Primary, text).clicked());
                ui.with_layout(end, press).inner
            })
        })
        .inner
}

/// What is shown where there is nothing yet.
pub(super) fn empty(ui: &mut Ui, icon: Icon, title: &str, text: &str) {
    ui.add_space(tokens::SECTION * 2.0);
    ui.vertical_centered(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(56.0, 56.0), Sense::hover());
        let colours = tokens::palette(ui);
        ui.painter().circle_filled(rect.center(), 28.0, colours.accent_soft);
        let place = Align2::CENTER_CENTER.align_size_within_rect(vec2(tokens::ICON, tokens::ICON) * 1.5, rect);
        widgets::paint_icon(ui.painter(), place, icon, colours.accent_text);
        ui.add_space(tokens::GAP);
        ui.label(RichText::new(title).font(tokens::name()));
        ui.set_max_width(280.0);
        widgets::note(ui, text);
    });
}
