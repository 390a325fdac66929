//! The list of friends in its folders.

pub(crate) mod folders;
mod menu;
mod row;

pub(super) use menu::permission_ticks;
pub(super) use row::{looks_held_back, progress, title};

use eframe::egui::accesskit::Role;
use eframe::egui::{Align, Layout, Rect, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use self::folders::{Folder, Grouping, Order, folders, matches};
use super::Scene;
use super::header::{banner, empty};
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{PeerView, PluginView};
use crate::i18n::{self, fl};
use crate::ui::view::{Page, View};
use crate::ui::widgets::{self, Icon, icon_button};
use crate::ui::{Commands, tokens};

/// The page of friends.
pub(crate) fn friends(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    super::header(ui, scene, view);
    banners(ui, scene, view, commands);
    plugin_line(ui, scene.snapshot.plugin.as_ref());
    if scene.snapshot.peers.is_empty() {
        empty(ui, Icon::People, &fl!("friends-none"), &fl!("friends-none-more"));
        return first_steps(ui, view);
    }
    search(ui, view);
    let found = scene.snapshot.peers.iter().filter(|peer| matches(peer, &view.search));
    let folders = folders(found, &scene.snapshot.history, view.grouping, view.order);
    if folders.is_empty() {
        empty(ui, Icon::Search, &fl!("search-none"), &fl!("search-none-more"));
    }
    for (folder, members) in folders {
        section(ui, scene, view, commands, &folder, &members);
    }
}

fn section(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, folder: &Folder, members: &[&PeerView]) {
    // What was searched for is seen, though its folder is closed.
    let open = !view.closed.contains(folder) || !view.search.trim().is_empty();
    ui.push_id(folder, |ui| {
        if section_head(ui, commands, folder, members, open) && !view.closed.remove(folder) {
            view.closed.insert(folder.clone());
        }
        if open {
            for peer in members {
                row::row(ui, scene, view, commands, peer);
            }
        }
    });
}

/// The folder's name and count; whether it was pressed.
fn section_head(ui: &mut Ui, commands: &mut Commands, folder: &Folder, members: &[&PeerView], open: bool) -> bool {
    let text = head_text(folder, members.len());
    ui.horizontal(|ui| {
        let tagged = matches!(folder, Folder::Tagged(_));
        let kept = if tagged { tokens::ICON_BUTTON + tokens::GAP } else { 0.0 };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - kept, tokens::ICON_BUTTON), Sense::click());
        let said =
            if open { fl!("section-close", section = text.as_str()) } else { fl!("section-open", section = text.as_str()) };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
        let colours = tokens::palette(ui);
        let colour = if response.hovered() { colours.text } else { colours.muted };
        let icon = if open { Icon::Down } else { Icon::Right };
        let middle = pos2(rect.left() + tokens::ICON / 2.0, rect.center().y);
        widgets::paint_icon(ui.painter(), Rect::from_center_size(middle, Vec2::splat(12.0)), icon, colour);
        let galley = ui.painter().layout_no_wrap(text, tokens::label(), colour);
        let corner = pos2(rect.left() + tokens::ICON + tokens::TIGHT, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(corner, galley, colour);
        if let Folder::Tagged(tag) = folder {
            menu::tag_menu(ui, commands, tag, members);
        }
        widgets::pressable(ui, response, rect, tokens::CONTROL_RADIUS).clicked()
    })
    .inner
}

fn head_text(folder: &Folder, count: usize) -> String {
    match folder {
        Folder::Near => fl!("section-near", count = count),
        Folder::Online => fl!("section-here", count = count),
        Folder::Offline => fl!("section-away", count = count),
        Folder::Paused => fl!("section-paused", count = count),
        Folder::Blocked => fl!("section-blocked", count = count),
        Folder::Tagged(tag) => fl!("section-tag", tag = tag.as_str(), count = count),
        Folder::Untagged => fl!("section-untagged", count = count),
    }
}

fn banners(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let pause = scene.snapshot.pause;
    if pause.paused {
        let text = match pause.seconds_left {
            Some(seconds) => fl!("paused-for", time = i18n::duration(seconds.saturating_sub(scene.age))),
            None => fl!("paused"),
        };
        if banner(ui, Icon::Pause, &text, Some(&fl!("resume"))) {
            commands.push(Command::Resume { scope: Scope::Everyone });
        }
    }
    if pause.lacks_plugin {
        banner(ui, Icon::Plug, &fl!("lacks-plugin"), None);
    }
    if scene.snapshot.elsewhere.is_some() {
        banner(ui, Icon::Warning, &fl!("elsewhere"), None);
    }
    if !view.aside.is_empty() && banner(ui, Icon::People, &fl!("prompts-waiting", count = view.aside.len()), Some(&fl!("look"))) {
        view.recall();
    }
}

/// One calm line: whether the game is there, and what works without it.
fn plugin_line(ui: &mut Ui, plugin: Option<&PluginView>) {
    let Some(plugin) = plugin else {
        banner(ui, Icon::Plug, &fl!("plugin-none"), None);
        return;
    };
    let text = match (&plugin.character, plugin.busy) {
        (_, true) => fl!("plugin-busy"),
        (Some(character), false) => fl!("plugin-as", character = character.name(), world = character.world()),
        (None, false) => fl!("plugin-nobody"),
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        widgets::icon(ui, Icon::Plug, tokens::palette(ui).good);
        widgets::faint(ui, &text);
    });
}

fn first_steps(ui: &mut Ui, view: &mut View) {
    ui.add_space(tokens::GAP);
    ui.vertical_centered(|ui| {
        if widgets::button(ui, widgets::Kind::Primary, &fl!("friends-first")).clicked() {
            view.turn_to(Page::Add);
        }
    });
}

fn search(ui: &mut Ui, view: &mut View) {
    widgets::line(ui, tokens::CONTROL_HEIGHT, |ui| {
        let width = ui.available_width() - tokens::ICON_BUTTON - tokens::GAP;
        widgets::search_field(ui, &mut view.search, &fl!("search"), width);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = icon_button(ui, Icon::Sort, &fl!("sort"));
            widgets::menu(&button, |ui| arrangement(ui, view));
        });
    });
}

/// By what friends are grouped and sorted.
fn arrangement(ui: &mut Ui, view: &mut View) {
    widgets::inset(ui, |ui| widgets::label(ui, &fl!("group-by")));
    for (grouping, text) in [(Grouping::State, fl!("group-state")), (Grouping::Tags, fl!("group-tags"))] {
        if ui.selectable_label(view.grouping == grouping, text).clicked() {
            view.grouping = grouping;
            ui.close();
        }
    }
    ui.separator();
    widgets::inset(ui, |ui| widgets::label(ui, &fl!("sort-by")));
    for (order, text) in
        [(Order::Name, fl!("sort-name")), (Order::Recent, fl!("sort-recent")), (Order::Amount, fl!("sort-amount"))]
    {
        if ui.selectable_label(view.order == order, text).clicked() {
            view.order = order;
            ui.close();
        }
    }
}
