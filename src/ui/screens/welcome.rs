//! The first questions: one at a time, each with a good answer already there, all to be skipped.

use eframe::egui::{Align2, Frame, Margin, Sense, Ui, vec2};

use super::Scene;
use super::cache::limit_choice;
use super::section::{choice_row, section};
use super::settings::languages;
use crate::domain::{DiscoveryMode, DisplayName, Welcome};
use crate::engine::command::{Command, SettingChange};
use crate::engine::snapshot::Snapshot;
use crate::i18n::{self, fl};
use crate::ui::outside::Wish;
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{Commands, tokens, words};

/// Whether there is somebody who was not asked yet. A profile with a name or a friend is no newcomer's.
pub(crate) fn is_wanted(snapshot: &Snapshot) -> bool {
    let settings = &snapshot.settings;
    let fresh = settings.welcome == Welcome::Language && settings.name.is_none() && snapshot.peers.is_empty();
    fresh || !matches!(settings.welcome, Welcome::Language | Welcome::Done)
}

/// The question that is next.
pub(crate) fn welcome(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let step = scene.snapshot.settings.welcome;
    let width = ui.available_width().min(tokens::QUESTIONS);
    ui.vertical_centered(|ui| {
        ui.set_max_width(width);
        ui.add_space(tokens::SECTION);
        emblem(ui, icon(step));
        ui.add_space(tokens::GAP);
        dots(ui, step);
        ui.add_space(tokens::GAP);
    });
    ui.horizontal(|ui| {
        ui.add_space((ui.available_width() - width) / 2.0);
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = tokens::GAP;
            question(ui, scene, view, commands, step);
            ui.add_space(tokens::GAP);
            onwards(ui, view, commands, step);
        });
    });
}

const fn icon(step: Welcome) -> Icon {
    match step {
        Welcome::Language => Icon::People,
        Welcome::Name => Icon::Person,
        Welcome::Cache => Icon::Disk,
        Welcome::Sharing => Icon::Waves,
        Welcome::Plugin | Welcome::Done => Icon::Plug,
    }
}

fn emblem(ui: &mut Ui, icon: Icon) {
    let (rect, _) = ui.allocate_exact_size(vec2(72.0, 72.0), Sense::hover());
    let colours = tokens::palette(ui);
    ui.painter().circle_filled(rect.center(), 36.0, colours.accent_soft);
    let place = Align2::CENTER_CENTER.align_size_within_rect(vec2(32.0, 32.0), rect);
    widgets::paint_icon(ui.painter(), place, icon, colours.accent_text);
}

/// How far it is.
fn dots(ui: &mut Ui, step: Welcome) {
    let steps = Welcome::ALL.len() - 1;
    let (rect, response) = ui.allocate_exact_size(vec2(steps as f32 * 16.0, 8.0), Sense::hover());
    let now = Welcome::ALL.iter().position(|one| *one == step).unwrap_or(0);
    let text = fl!("welcome-step", now = (now + 1), all = steps);
    response.widget_info(|| eframe::egui::WidgetInfo::labeled(eframe::egui::accesskit::Role::Label, true, &text));
    let colours = tokens::palette(ui);
    for index in 0..steps {
        let centre = rect.left_center() + vec2(8.0 + index as f32 * 16.0, 0.0);
        if index == now {
            let pill = eframe::egui::Rect::from_center_size(centre, vec2(14.0, 6.0));
            ui.painter().rect_filled(pill, 3.0, colours.accent);
        } else {
            ui.painter().circle_filled(centre, 3.0, colours.line);
        }
    }
}

fn question(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, step: Welcome) {
    match step {
        Welcome::Language => language(ui, scene, commands),
        Welcome::Name => name(ui, scene, view),
        Welcome::Cache => cache(ui, scene, view, commands),
        Welcome::Sharing => sharing(ui, scene, commands),
        Welcome::Plugin | Welcome::Done => plugin(ui, scene),
    }
}

fn language(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands) {
    widgets::head(ui, &fl!("welcome-title"));
    widgets::note(ui, &fl!("welcome-text"));
    let now = &scene.snapshot.settings.language;
    if let Some(language) = choice_row(ui, &fl!("set-language"), now, &languages(), None) {
        commands.push(Command::ChangeSetting { change: SettingChange::Language(language) });
    }
}

fn name(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    widgets::head(ui, &fl!("welcome-name"));
    widgets::note(ui, &fl!("me-name-seen"));
    let known = scene.snapshot.settings.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut text = view.name.clone().unwrap_or(known);
    let width = ui.available_width();
    if widgets::field(ui, &mut text, &fl!("me-name-hint"), width).changed() {
        view.name = Some(text.clone());
    }
    if let Err(error) = DisplayName::new(&text)
        && !text.trim().is_empty()
    {
        widgets::warning(ui, &words::name_error(error));
    }
}

fn cache(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    widgets::head(ui, &fl!("welcome-cache"));
    widgets::note(ui, &fl!("welcome-cache-more"));
    let cache = &scene.snapshot.cache;
    limit_choice(ui, commands, cache, &[5, 10, 20, 50, 100]);
    if let Some(folder) = &cache.folder {
        widgets::faint(ui, &fl!("cache-folder", folder = folder.display().to_string()));
    }
    if let Some(free) = cache.free {
        widgets::fact(ui, &fl!("cache-free"), &i18n::size(free));
    }
    if widgets::button(ui, Kind::Plain, &fl!("cache-move")).clicked() {
        view.wishes.push(Wish::ChooseCacheFolder);
    }
}

fn sharing(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands) {
    widgets::head(ui, &fl!("welcome-sharing"));
    let colours = tokens::palette(ui);
    let frame = Frame::new().fill(colours.warn_soft).corner_radius(tokens::CARD_RADIUS).inner_margin(Margin::same(tokens::PAD));
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        widgets::plain(ui, &fl!("welcome-sharing-means"));
    });
    widgets::note(ui, &fl!("welcome-discovery"));
    let modes = [(DiscoveryMode::FriendsOnly, fl!("discovery-friends")), (DiscoveryMode::Off, fl!("discovery-off"))];
    if let Some(mode) = choice_row(ui, &fl!("discovery"), &scene.snapshot.settings.discovery, &modes, None) {
        commands.push(Command::SetDiscovery { mode });
    }
}

fn plugin(ui: &mut Ui, scene: Scene<'_>) {
    let colours = tokens::palette(ui);
    if scene.snapshot.plugin.is_some() {
        widgets::head(ui, &fl!("welcome-plugin-there"));
        widgets::note(ui, &fl!("welcome-plugin-there-more"));
        return;
    }
    widgets::head(ui, &fl!("welcome-plugin"));
    widgets::note(ui, &fl!("welcome-plugin-more"));
    section(ui, &fl!("welcome-works"), |ui| {
        for text in [fl!("welcome-works-friends"), fl!("welcome-works-fetch"), fl!("welcome-works-demo")] {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                widgets::icon(ui, Icon::Check, colours.good);
                widgets::plain(ui, &text);
            });
        }
    });
}

/// Back, skip and onwards.
fn onwards(ui: &mut Ui, view: &mut View, commands: &mut Commands, step: Welcome) {
    let to = |step| Command::ChangeSetting { change: SettingChange::Welcome(step) };
    let last = step == Welcome::Plugin;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 2.0 * tokens::GAP) / 3.0;
        let first = step == Welcome::Language;
        let back = ui.add_enabled_ui(!first, |ui| widgets::wide_button(ui, Kind::Quiet, &fl!("back"), width)).inner;
        if back.clicked() {
            commands.push(to(step.previous()));
        }
        if widgets::wide_button(ui, Kind::Quiet, &fl!("welcome-skip"), width).clicked() {
            commands.push(to(Welcome::Done));
        }
        let name = view.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(DisplayName::new);
        let can = step != Welcome::Name || !matches!(name, Some(Err(_)));
        let text = if last { fl!("welcome-done") } else { fl!("next") };
        let next = ui.add_enabled_ui(can, |ui| widgets::wide_button(ui, Kind::Primary, &text, width)).inner;
        if next.clicked() {
            if let (Welcome::Name, Some(Ok(name))) = (step, name) {
                commands.push(Command::ChangeSetting { change: SettingChange::Name(Some(name)) });
                view.name = None;
            }
            commands.push(to(step.next()));
        }
    });
}
