//! The choice of pages: icons at the window's left edge, with words beside them where there is room.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Layout, Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::Scene;
use crate::engine::command::{Command, Scope};
use crate::i18n::fl;
use crate::ui::view::{Page, View};
use crate::ui::widgets::{self, Icon};
use crate::ui::{Commands, tokens};

/// How wide the rail is in a window of this width.
pub(crate) fn rail_width(window: f32) -> f32 {
    if window >= tokens::WIDE { tokens::RAIL_WIDE } else { tokens::RAIL }
}

/// Draws the rail.
pub(crate) fn rail(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.y = tokens::TIGHT;
    let pages = [
        (Page::Friends, Icon::People, fl!("page-friends")),
        (Page::Add, Icon::AddPerson, fl!("page-add")),
        (Page::Characters, Icon::Person, fl!("page-characters")),
        (Page::Transfers, Icon::Transfers, fl!("page-transfers")),
        (Page::Cache, Icon::Disk, fl!("page-cache")),
        (Page::Diagnostics, Icon::Pulse, fl!("page-diagnostics")),
        (Page::Settings, Icon::Gear, fl!("page-settings")),
    ];
    for (page, icon, text) in pages {
        let chosen = view.page.top() == page;
        let news = page == Page::Friends && !view.aside.is_empty();
        if entry(ui, Role::Tab, icon, &text, chosen, news).clicked() {
            view.turn_to(page);
        }
    }
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        if entry(ui, Role::Button, Icon::Power, &fl!("quit"), false, false).clicked() {
            commands.push(Command::Quit);
        }
        pause(ui, scene.snapshot.pause.paused, commands);
    });
}

fn pause(ui: &mut Ui, paused: bool, commands: &mut Commands) {
    let scope = Scope::Everyone;
    if paused {
        if entry(ui, Role::Button, Icon::Play, &fl!("resume"), false, false).clicked() {
            commands.push(Command::Resume { scope });
        }
    } else if entry(ui, Role::Button, Icon::Pause, &fl!("pause-all"), false, false).clicked() {
        commands.push(Command::Pause { scope, lasting: None });
    }
}

/// One line of the rail. `news`: a dot says that something waits there.
fn entry(ui: &mut Ui, role: Role, icon: Icon, text: &str, chosen: bool, news: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::RAIL_ENTRY), Sense::click());
    response.widget_info(|| {
        if role == Role::Tab {
            WidgetInfo::selected(role, ui.is_enabled(), chosen, text)
        } else {
            WidgetInfo::labeled(role, ui.is_enabled(), text)
        }
    });
    let colours = tokens::palette(ui);
    let ground = if chosen { Some(colours.accent_soft) } else { response.hovered().then_some(colours.raised) };
    if let Some(ground) = ground {
        ui.painter().rect_filled(rect, tokens::CONTROL_RADIUS, ground);
    }
    let colour = if chosen { colours.accent_text } else { colours.muted };
    let middle = pos2(rect.left() + tokens::RAIL_ENTRY / 2.0, rect.center().y);
    let place = Rect::from_center_size(middle, Vec2::splat(tokens::RAIL_ICON));
    widgets::paint_icon(ui.painter(), place, icon, colour);
    if chosen {
        // Not by colour alone: a bar at the edge says which page is seen.
        let bar = Rect::from_center_size(pos2(rect.left() + 1.5, rect.center().y), vec2(3.0, rect.height() * 0.5));
        ui.painter().rect_filled(bar, 1.5, colours.accent);
    }
    if news {
        ui.painter().circle_filled(place.right_top() + vec2(1.0, -1.0), 4.0, colours.warn);
    }
    let narrow = rect.width() < tokens::RAIL_WIDE / 2.0;
    if !narrow {
        let left = place.right() + 12.0;
        let colour = if chosen { colours.accent_text } else { colours.text };
        let galley = ui.painter().layout_no_wrap(text.to_owned(), tokens::button(), colour);
        let corner = pos2(left, rect.center().y - galley.size().y / 2.0);
        ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())).galley(corner, galley, colour);
    }
    // The rail's edge would cut a ring around it.
    let response = widgets::pressable(ui, response, rect.shrink(2.0), tokens::CONTROL_RADIUS);
    if narrow { response.on_hover_text(text) } else { response }
}
