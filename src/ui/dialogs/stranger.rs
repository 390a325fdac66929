//! Somebody wants to connect.

use std::net::{IpAddr, SocketAddr};

use eframe::egui::{Frame, Label, Margin, RichText, Ui};

use super::{fact, pair};
use crate::domain::{DisplayName, PeerId};
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::screens::Scene;
use crate::ui::view::View;
use crate::ui::widgets::{self, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// Who wants to connect, as far as it is known.
#[derive(Clone, Copy)]
pub(super) struct Stranger<'a> {
    pub(super) peer: PeerId,
    pub(super) name: Option<&'a DisplayName>,
    pub(super) address: SocketAddr,
    pub(super) same_name_as: Option<PeerId>,
}

/// Says who they say they are and where they come from, and asks.
pub(super) fn stranger(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, who: Stranger<'_>) {
    let name = who.name.map_or_else(|| fl!("stranger-nameless"), ToString::to_string);
    ui.vertical_centered(|ui| {
        widgets::avatar(ui, scene.face(ui, who.peer), tokens::AVATAR_LARGE, None);
        ui.add_space(tokens::TIGHT);
        widgets::head(ui, &fl!("stranger-title", name = name.as_str()));
        ui.add_space(tokens::TIGHT);
    });
    facts(ui, &name, who);
    match who.same_name_as {
        None => {
            widgets::note(ui, &fl!("stranger-check"));
        }
        Some(friend) => hard_stop(ui, scene.snapshot, view, friend),
    }
    ui.add_space(tokens::TIGHT);
    answers(ui, view, commands, who);
}

fn facts(ui: &mut Ui, name: &str, who: Stranger<'_>) {
    let colours = tokens::palette(ui);
    Frame::new().fill(colours.ground).corner_radius(tokens::CARD_RADIUS).inner_margin(Margin::same(tokens::PAD)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        fact(ui, &fl!("stranger-says"), |ui| {
            widgets::chip(ui, &fl!("stranger-unverified"), colours.warn, colours.warn_soft);
            ui.add(Label::new(name).truncate());
        });
        fact(ui, &fl!("stranger-id"), |ui| {
            ui.label(RichText::new(who.peer.short()).font(tokens::mono())).on_hover_text(who.peer.to_string());
        });
        fact(ui, &fl!("stranger-from"), |ui| {
            ui.label(origin(who.address));
        });
    });
}

fn origin(address: SocketAddr) -> String {
    let ip = address.ip();
    let place = match ip {
        _ if ip.is_loopback() => return fl!("stranger-here"),
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => fl!("stranger-lan"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() || v6.is_unique_local() => fl!("stranger-lan"),
        IpAddr::V4(_) | IpAddr::V6(_) => return ip.to_string(),
    };
    fl!("joined", first = place, second = ip.to_string())
}

/// A friend's name with another key: accepting needs a word with that friend first.
fn hard_stop(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, friend: PeerId) {
    let colours = tokens::palette(ui);
    Frame::new().fill(colours.bad_soft).corner_radius(tokens::CARD_RADIUS).inner_margin(Margin::same(tokens::PAD)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            let text = fl!("stranger-changed", name = words::name(snapshot, friend), id = friend.short());
            ui.add(Label::new(RichText::new(text).color(colours.bad)).wrap());
            widgets::tick(ui, &mut view.asked_friend, &fl!("stranger-asked"));
        },
    );
}

fn answers(ui: &mut Ui, view: &mut View, commands: &mut Commands, who: Stranger<'_>) {
    let peer = who.peer;
    let may = who.same_name_as.is_none() || view.asked_friend;
    let accept = ui.add_enabled_ui(may, |ui| pair(ui, (Kind::Plain, &fl!("accept-once")), (Kind::Primary, &fl!("accept")))).inner;
    let refuse = pair(ui, (Kind::Danger, &fl!("block")), (Kind::Quiet, &fl!("not-now")));
    let answer = match (accept, refuse) {
        ([true, _], _) => Command::AcceptPeer { peer, once: true },
        ([_, true], _) => Command::AcceptPeer { peer, once: false },
        (_, [true, _]) => Command::BlockPeer { peer },
        (_, [_, true]) => Command::DismissPeer { peer },
        ([false, false], [false, false]) => return,
    };
    commands.push(answer);
    view.asked_friend = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_says_whether_it_is_this_network() {
        let cases = [
            ("127.0.0.1:5", "this computer"),
            ("192.168.1.20:5", "your network · 192.168.1.20"),
            ("[fe80::1]:5", "your network · fe80::1"),
            ("203.0.113.9:5", "203.0.113.9"),
        ];
        for (address, expected) in cases {
            assert_eq!(origin(address.parse().expect("an address")), expected);
        }
    }
}
