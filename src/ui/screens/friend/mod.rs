//! All there is about one friend.

mod label;
mod looks;

use eframe::egui::{RichText, Ui};

use super::Scene;
use super::diagnostics::checklist;
use super::friends::{permission_ticks, title};
use super::header::empty;
use super::section::section;
use super::transfers::{rate_limits, rates};
use crate::domain::{PeerId, Trust};
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{LinkView, PeerView};
use crate::i18n::{self, fl};
use crate::ui::view::{Confirm, Page, View};
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// The top of a graph of round trips at least, in microseconds.
const LEAST_TRIP: f32 = 20_000.0;

/// The page about a friend.
pub(crate) fn friend(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands, id: PeerId) {
    if widgets::back(ui, &fl!("page-friends")) {
        view.turn_to(Page::Friends);
    }
    let Some(peer) = scene.snapshot.peers.iter().find(|peer| peer.peer == id) else {
        return empty(ui, Icon::Person, &fl!("friend-gone"), &fl!("friend-gone-more"));
    };
    who(ui, scene, view, peer);
    actions(ui, commands, peer);
    if peer.trust != Trust::Blocked {
        looks::theirs(ui, scene, commands, peer);
        looks::mine(ui, scene, peer);
        section(ui, &fl!("friend-permissions"), |ui| {
            permission_ticks(ui, commands, &Scope::Peer(id), &peer.permissions);
        });
    }
    label::label(ui, view, commands, peer);
    section(ui, &fl!("why"), |ui| checklist(ui, scene, id));
    connection(ui, scene, peer);
    measured(ui, scene, peer);
    happened(ui, scene, peer);
    if peer.trust != Trust::Blocked {
        section(ui, &fl!("rate-limits"), |ui| rate_limits(ui, commands, &Scope::Peer(id), peer.rates));
    }
    looks::history(ui, scene, view, peer);
    ending(ui, view, peer);
}

fn who(ui: &mut Ui, scene: Scene<'_>, view: &mut View, peer: &PeerView) {
    let name = words::name(scene.snapshot, peer.peer);
    let words = words::peer(peer, scene.age);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        widgets::avatar(ui, scene.face(ui, peer.peer), tokens::AVATAR_LARGE, Some(words.mark));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing = eframe::egui::vec2(6.0, 2.0);
            title(ui, peer, &name);
            if let (Some(_), Some(own)) = (&peer.label.nickname, &peer.name) {
                widgets::faint_line(ui, &fl!("friend-own-name", name = own.as_str()));
            }
            widgets::note(ui, &words.state);
            widgets::line(ui, tokens::ICON_BUTTON, |ui| {
                ui.spacing_mut().item_spacing.x = 2.0;
                let id =
                    RichText::new(fl!("me-id", id = peer.peer.short())).font(tokens::mono()).color(tokens::palette(ui).muted);
                ui.label(id).on_hover_text(peer.peer.to_string());
                super::header::copy_button(ui, peer.peer, &fl!("menu-copy-id"), view);
            });
        });
    });
    if let Some(warning) = &words.warning {
        widgets::warning(ui, warning);
    }
}

/// What is done with a connected friend; each says afterwards what it found.
fn actions(ui: &mut Ui, commands: &mut Commands, peer: &PeerView) {
    let id = peer.peer;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::GAP;
        let mut offer = |ui: &mut Ui, kind, text: &str, command| {
            if widgets::button(ui, kind, text).clicked() {
                commands.push(command);
            }
        };
        match peer.link {
            LinkView::Blocked => offer(ui, Kind::Plain, &fl!("menu-unblock"), Command::UnblockPeer { peer: id }),
            LinkView::Paused => offer(ui, Kind::Primary, &fl!("resume"), Command::Resume { scope: Scope::Peer(id) }),
            LinkView::Offline { .. } => offer(ui, Kind::Primary, &fl!("menu-reconnect"), Command::Reconnect { peer: id }),
            LinkView::Connecting | LinkView::WaitingForAcceptance => {}
            LinkView::Connected { .. } => {
                offer(ui, Kind::Plain, &fl!("menu-resync"), Command::Resync { peer: Some(id) });
                offer(ui, Kind::Plain, &fl!("menu-check"), Command::CheckLooks { peer: id });
                offer(ui, Kind::Plain, &fl!("menu-send-again"), Command::SendAgain { peer: id });
                if peer.trust == Trust::Friend {
                    offer(ui, Kind::Plain, &fl!("menu-verify"), Command::StartVerification { peer: id });
                }
            }
        }
        if peer.trust == Trust::Once {
            offer(ui, Kind::Plain, &fl!("menu-befriend"), Command::AcceptPeer { peer: id, once: false });
        }
        if !matches!(peer.link, LinkView::Paused | LinkView::Blocked) {
            let pause = Command::Pause { scope: Scope::Peer(id), lasting: None };
            offer(ui, Kind::Plain, &fl!("pause"), pause);
        }
    });
}

fn connection(ui: &mut Ui, scene: Scene<'_>, peer: &PeerView) {
    section(ui, &fl!("friend-connection"), |ui| {
        if let Some(route) = words::peer(peer, scene.age).route {
            widgets::fact(ui, &fl!("friend-route"), &route);
        }
        if let LinkView::Connected { remote, seconds, sent, received, .. } = &peer.link {
            widgets::fact(ui, &fl!("friend-address"), &remote.to_string());
            widgets::fact(ui, &fl!("friend-since"), &i18n::duration(seconds + scene.age));
            widgets::fact(ui, &fl!("friend-received"), &i18n::size(*received));
            widgets::fact(ui, &fl!("friend-sent"), &i18n::size(*sent));
        } else {
            widgets::fact(ui, &fl!("friend-state"), &words::peer(peer, scene.age).state);
        }
        if let Some(program) = &peer.program {
            widgets::fact(ui, &fl!("friend-program"), program);
        }
    });
}

/// Rates and round trips of the last five minutes.
fn measured(ui: &mut Ui, scene: Scene<'_>, peer: &PeerView) {
    let Some(points) = scene.snapshot.graphs.peers.get(&peer.peer).filter(|points| !points.is_empty()) else { return };
    section(ui, &fl!("last-minutes"), |ui| {
        rates(ui, points);
        let trips = points.iter().filter_map(|point| Some((point.seconds_ago as f32, point.round_trip_us? as f32))).collect();
        let line = widgets::Line { colour: tokens::palette(ui).warn, points: trips };
        let top = |us: f32| i18n::round_trip(us as u64);
        widgets::graph(ui, &[line], LEAST_TRIP, top, &fl!("graph-round-trip"));
    });
}

/// What became of the connections in this run, newest first.
fn happened(ui: &mut Ui, scene: Scene<'_>, peer: &PeerView) {
    let events = scene.snapshot.timelines.of(&peer.peer);
    if events.is_empty() {
        return;
    }
    section(ui, &fl!("timeline"), |ui| {
        for event in events {
            let text = words::event(event);
            let ago = scene.unix.saturating_sub(event.unix);
            widgets::fact(ui, &fl!("ago", time = i18n::duration(ago)), &text);
        }
    });
}

fn ending(ui: &mut Ui, view: &mut View, peer: &PeerView) {
    if peer.trust == Trust::Blocked {
        return;
    }
    ui.add_space(tokens::GAP);
    ui.horizontal(|ui| {
        for (text, confirm) in [(fl!("menu-remove"), Confirm::Remove(peer.peer)), (fl!("menu-block"), Confirm::Block(peer.peer))]
        {
            if widgets::button(ui, Kind::Danger, &text).clicked() {
                view.confirm = Some(confirm);
            }
        }
    });
}
