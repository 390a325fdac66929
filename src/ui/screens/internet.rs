//! Settings: whether and by what friends find each other across the internet.

use std::fmt::Display;
use std::str::FromStr;

use eframe::egui::{Align, Layout, Ui};

use super::Scene;
use super::section::{line_with_button, switch_row};
use crate::domain::{MAX_RELAYS, MAX_STUN, RelayUrl, public_servers};
use crate::engine::command::{Command, SettingChange};
use crate::engine::snapshot::{RelayState, RelayView};
use crate::i18n::{self, fl};
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{Commands, tokens};

/// The switch, the relays and the STUN servers.
pub(super) fn internet(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let settings = &scene.snapshot.settings;
    let mut set = |change| commands.push(Command::ChangeSetting { change });
    if switch_row(ui, settings.rendezvous, &fl!("set-rendezvous"), Some(&fl!("set-rendezvous-more"))) {
        set(SettingChange::Rendezvous(!settings.rendezvous));
    }
    let known = |url: &RelayUrl| scene.snapshot.network.relays.iter().find(|relay| relay.url == *url);
    let relays = List {
        head: fl!("set-relays"),
        hint: fl!("set-relay-add"),
        add: fl!("set-relay-save"),
        usual_name: fl!("set-relays-usual"),
        most: MAX_RELAYS,
        now: &settings.relays,
        usual: &public_servers::relays(),
    };
    if let Some(relays) = relays.show(ui, &mut view.relay, |url| Some(relay_words(known(url)))) {
        set(SettingChange::Relays(relays));
    }
    let servers = List {
        head: fl!("set-stun"),
        hint: fl!("set-stun-add"),
        add: fl!("set-stun-save"),
        usual_name: fl!("set-stun-usual"),
        most: MAX_STUN,
        now: &settings.stun_servers,
        usual: &public_servers::stun_servers(),
    };
    if let Some(servers) = servers.show(ui, &mut view.stun_server, |_| None) {
        set(SettingChange::StunServers(servers));
    }
}

/// How a relay is.
pub(super) fn relay_words(relay: Option<&RelayView>) -> String {
    match relay.map(|relay| (&relay.state, relay.answers_in)) {
        None => fl!("relay-idle"),
        Some((RelayState::Connecting, _)) => fl!("relay-connecting"),
        Some((RelayState::Connected, None)) => fl!("relay-connected"),
        Some((RelayState::Connected, Some(took))) => {
            let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            fl!("relay-answers", time = i18n::round_trip(microseconds))
        }
        Some((RelayState::Unreachable, _)) => fl!("relay-unreachable"),
        Some((RelayState::Refuses(words), _)) => fl!("relay-refuses", words = words.as_str()),
    }
}

/// Servers, one to a line, each of which can be taken out, and a line for one more.
struct List<'a, T> {
    head: String,
    hint: String,
    /// The whole name of the button that adds one.
    add: String,
    usual_name: String,
    most: usize,
    now: &'a [T],
    usual: &'a [T],
}

impl<T: Clone + PartialEq + Display + FromStr> List<'_, T> {
    /// Shows it; what it is to be from now on, if it was changed.
    fn show(&self, ui: &mut Ui, typed: &mut String, state: impl Fn(&T) -> Option<String>) -> Option<Vec<T>> {
        let mut changed = None;
        widgets::plain(ui, &self.head);
        for server in self.now {
            if self.row(ui, server, state(server).as_deref()) {
                changed = Some(self.now.iter().filter(|other| *other != server).cloned().collect());
            }
        }
        let wanted = |text: &str| text.trim().parse::<T>().ok().filter(|server| !self.now.contains(server));
        let can = |text: &str| self.now.len() < self.most && wanted(text).is_some();
        let line = line_with_button(ui, typed, &self.hint, (Kind::Plain, &fl!("set-server-add"), &self.add), can);
        if (line.pressed || line.entered)
            && let Some(server) = wanted(typed)
        {
            changed = Some(self.now.iter().cloned().chain([server]).collect());
            typed.clear();
        }
        if self.now != self.usual
            && widgets::button(ui, Kind::Plain, &fl!("set-servers-usual")).accessible_name(self.usual_name.as_str()).clicked()
        {
            changed = Some(self.usual.to_vec());
        }
        changed
    }

    /// One server; whether it is to be taken out.
    fn row(&self, ui: &mut Ui, server: &T, state: Option<&str>) -> bool {
        ui.horizontal(|ui| {
            let width = ui.available_width() - tokens::ICON_BUTTON - tokens::GAP;
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 1.0;
                widgets::note(ui, &server.to_string());
                if let Some(state) = state {
                    widgets::faint(ui, state);
                }
            });
            let remove = fl!("set-server-remove", server = server.to_string());
            let layout = Layout::right_to_left(Align::Center);
            ui.with_layout(layout, |ui| widgets::icon_button(ui, Icon::Close, &remove).clicked()).inner
        })
        .inner
    }
}
