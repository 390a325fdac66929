//! The list of friends.

use eframe::egui::{Align, Layout, Ui, vec2};

use super::header::{banner, empty};
use super::{Scene, peer_menu};
use crate::domain::Trust;
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{LinkView, PeerView, PluginView, TransferView};
use crate::i18n::{self, fl};
use crate::ui::view::{Page, View};
use crate::ui::widgets::{self, Icon};
use crate::ui::words::{self, PeerWords};
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
    let found: Vec<&PeerView> = scene.snapshot.peers.iter().filter(|peer| matches(peer, &view.search)).collect();
    if found.is_empty() {
        empty(ui, Icon::Search, &fl!("search-none"), &fl!("search-none-more"));
    }
    for group in [Group::Here, Group::Away, Group::Blocked] {
        section(ui, scene, view, commands, group, &found);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Here,
    Away,
    Blocked,
}

fn group(peer: &PeerView) -> Group {
    match peer.link {
        LinkView::Connected { .. } => Group::Here,
        LinkView::Blocked => Group::Blocked,
        LinkView::Connecting | LinkView::WaitingForAcceptance | LinkView::Offline { .. } | LinkView::Paused => Group::Away,
    }
}

fn section(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, wanted: Group, found: &[&PeerView]) {
    let members: Vec<_> = found.iter().filter(|peer| group(peer) == wanted).collect();
    if members.is_empty() {
        return;
    }
    let count = members.len();
    ui.add_space(tokens::GAP);
    let head = match wanted {
        Group::Here => fl!("section-here", count = count),
        Group::Away => fl!("section-away", count = count),
        Group::Blocked => fl!("section-blocked", count = count),
    };
    widgets::label(ui, &head);
    for peer in members {
        row(ui, scene, view, commands, peer);
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
            view.page = Page::Add;
        }
    });
}

fn search(ui: &mut Ui, view: &mut View) {
    let width = ui.available_width();
    widgets::search_field(ui, &mut view.search, &fl!("search"), width);
}

/// Whether a friend is meant by what was typed: part of the name, of a character, or of the id.
fn matches(peer: &PeerView, search: &str) -> bool {
    let wanted = search.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    wanted.is_empty()
        || peer.name.as_ref().is_some_and(|name| has(name.as_str()))
        || peer.characters.iter().any(|view| has(view.character.name()))
        || has(&peer.peer.to_string())
}

fn row(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, peer: &PeerView) {
    let words = words::peer(peer, scene.age);
    let name = words::name(scene.snapshot, peer.peer);
    widgets::lazily(ui, peer.peer, |ui| {
        tokens::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 12.0;
                widgets::avatar(ui, scene.face(ui, peer.peer), tokens::AVATAR, Some(words.mark));
                let width = ui.available_width() - tokens::ICON_BUTTON - ui.spacing().item_spacing.x;
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
                    body(ui, scene, peer, &name, &words);
                });
                peer_menu::peer_menu(ui, view, commands, peer, &name);
            });
        });
    });
}

fn body(ui: &mut Ui, scene: Scene<'_>, peer: &PeerView, name: &str, words: &PeerWords) {
    title(ui, peer.trust, name);
    widgets::note(ui, &words.state);
    for transfer in scene.snapshot.transfers.iter().filter(|transfer| transfer.peer == peer.peer && !transfer.finished) {
        progress(ui, transfer);
    }
    if let Some(warning) = &words.warning {
        ui.add_space(2.0);
        widgets::warning(ui, warning);
    }
    let id = peer.peer.short();
    let line =
        words.route.as_ref().map_or_else(|| id.clone(), |route| fl!("joined", first = route.as_str(), second = id.as_str()));
    widgets::faint(ui, &line);
}

/// The name, and beside it how far the friend is let in where that is anything but plain friendship.
fn title(ui: &mut Ui, trust: Trust, name: &str) {
    let colours = tokens::palette(ui);
    let chip = match trust {
        Trust::Friend => None,
        Trust::Verified => Some((colours.good, colours.good_soft)),
        Trust::Once => Some((colours.accent_text, colours.accent_soft)),
        Trust::Blocked => Some((colours.bad, colours.bad_soft)),
    };
    ui.horizontal(|ui| {
        let text = words::trust(trust);
        let kept = if chip.is_some() {
            ui.painter().layout_no_wrap(text.clone(), tokens::label(), colours.text).size().x + 20.0
        } else {
            0.0
        };
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - kept);
            widgets::name(ui, name);
        });
        if let Some((colour, ground)) = chip {
            widgets::chip(ui, &text, colour, ground);
        }
    });
}

pub(super) fn progress(ui: &mut Ui, transfer: &TransferView) {
    ui.add_space(3.0);
    let share = widgets::share(transfer.done, transfer.total);
    widgets::bar(ui, share, &fl!("transfer-of", character = transfer.character.name()));
    ui.add_space(1.0);
    widgets::faint(ui, &words::transfer(transfer));
}
