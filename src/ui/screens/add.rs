//! Finding friends: who is near, and by address.

use eframe::egui::{RichText, Ui};

use super::Scene;
use super::header::copy_button;
use super::invite::invite;
use super::links::links;
use super::section::{line_with_button, section};
use crate::domain::DiscoveryMode;
use crate::engine::command::Command;
use crate::engine::snapshot::{ListeningView, NearbyView};
use crate::i18n::{self, fl};
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{Commands, tokens};

/// The page for adding friends.
pub(crate) fn add(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    widgets::head(ui, &fl!("page-add"));
    section(ui, &fl!("invite"), |ui| invite(ui, scene, view, commands));
    if scene.snapshot.settings.rendezvous {
        section(ui, &fl!("link"), |ui| links(ui, scene, view, commands));
    }
    ui.add_space(tokens::SECTION);
    widgets::label(ui, &fl!("nearby"));
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        discovery(ui, scene, commands);
    });
    for stranger in &scene.snapshot.nearby {
        nearby_row(ui, scene, commands, stranger);
    }
    ui.add_space(tokens::SECTION);
    widgets::label(ui, &fl!("by-address"));
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        by_address(ui, view, commands, scene.snapshot.listening);
    });
    ui.add_space(tokens::SECTION);
    widgets::label(ui, &fl!("my-id"));
    tokens::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        my_id(ui, scene, view);
    });
}

/// My id as a QR code and as text.
fn my_id(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    let me = scene.snapshot.me.peer;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        widgets::qr(ui, &me.to_string(), tokens::QR, &fl!("qr-name"));
        ui.vertical(|ui| {
            widgets::note(ui, &fl!("my-id-more"));
            ui.add_space(tokens::TIGHT);
            let id = RichText::new(me.to_string()).font(tokens::mono()).color(tokens::palette(ui).muted);
            ui.add(eframe::egui::Label::new(id).wrap());
            copy_button(ui, me, &fl!("me-copy"), view);
        });
    });
}

/// The switch for ten minutes, with its countdown, and below it the plain choice.
fn discovery(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands) {
    let discovery = scene.snapshot.discovery;
    let open = discovery.mode == DiscoveryMode::EveryoneNearby;
    let left = discovery.seconds_left.map(|seconds| i18n::countdown(seconds.saturating_sub(scene.age)));
    let note = left.filter(|_| open).map_or_else(|| fl!("nearby-for"), |left| fl!("nearby-left", time = left));
    ui.horizontal_top(|ui| {
        let width = ui.available_width() - tokens::SWITCH.x - tokens::GAP;
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 2.0;
            widgets::name(ui, &fl!("nearby-switch"));
            widgets::note(ui, &note);
        });
        ui.vertical(|ui| {
            ui.add_space(8.0);
            if widgets::switch(ui, open, &fl!("nearby-switch")).clicked() {
                let mode = if open { DiscoveryMode::FriendsOnly } else { DiscoveryMode::EveryoneNearby };
                commands.push(Command::SetDiscovery { mode });
            }
        });
    });
    ui.add_space(tokens::TIGHT);
    if !open {
        friends_only(ui, discovery.mode, commands);
    } else if scene.snapshot.nearby.is_empty() {
        widgets::faint(ui, &fl!("nearby-listening"));
    } else {
        widgets::faint(ui, &fl!("nearby-unverified"));
    }
}

/// Whether friends on one network find each other by themselves.
fn friends_only(ui: &mut Ui, mode: DiscoveryMode, commands: &mut Commands) {
    let mut find = mode == DiscoveryMode::FriendsOnly;
    if widgets::tick(ui, &mut find, &fl!("nearby-friends")).changed() {
        let mode = if find { DiscoveryMode::FriendsOnly } else { DiscoveryMode::Off };
        commands.push(Command::SetDiscovery { mode });
    }
}

fn nearby_row(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, stranger: &NearbyView) {
    let name = stranger.name.as_ref().map_or_else(|| stranger.peer.short(), ToString::to_string);
    widgets::lazily(ui, stranger.peer, |ui| {
        tokens::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            let line = fl!("joined", first = stranger.peer.short(), second = stranger.address.ip().to_string());
            let text = fl!("connect");
            let kept = widgets::button_width(ui, &text);
            widgets::person(ui, (scene.face(ui, stranger.peer), &name), &line, kept, |ui| {
                if widgets::button(ui, Kind::Plain, &text).accessible_name(fl!("connect-to", name = name.as_str())).clicked() {
                    commands.push(Command::ConnectNearby { peer: stranger.peer });
                }
            });
        });
    });
}

fn by_address(ui: &mut Ui, view: &mut View, commands: &mut Commands, listening: Option<ListeningView>) {
    widgets::note(ui, &fl!("by-address-how"));
    ui.add_space(tokens::TIGHT);
    let connect = fl!("connect");
    let can = |text: &str| !text.trim().is_empty();
    let line = line_with_button(ui, &mut view.address, &fl!("by-address-hint"), (Kind::Primary, &connect, &connect), can);
    if line.pressed || line.entered {
        commands.push(Command::ConnectAddress { address: view.address.trim().to_owned() });
        view.address.clear();
    }
    ui.add_space(tokens::TIGHT);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        widgets::icon(ui, Icon::Waves, tokens::palette(ui).faint);
        match listening {
            Some(ports) => widgets::faint(ui, &fl!("listening", port = ports.signal_port.to_string())),
            None => widgets::faint(ui, &fl!("listening-not")),
        };
    });
}
