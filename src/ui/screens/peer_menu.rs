//! What can be done with one friend.

use eframe::egui::Ui;

use crate::domain::{PeerId, Permission, Trust};
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{LinkView, PeerView};
use crate::i18n::fl;
use crate::ui::Commands;
use crate::ui::view::{Confirm, View};
use crate::ui::widgets::{self, Icon};

/// The button with three dots and the menu below it.
pub(super) fn peer_menu(ui: &mut Ui, view: &mut View, commands: &mut Commands, peer: &PeerView, name: &str) {
    let button = widgets::icon_button(ui, Icon::More, &fl!("menu-of", name = name));
    widgets::menu(&button, |ui| {
        if entries(ui, view, commands, peer) {
            ui.close();
        }
    });
}

/// Draws the entries; whether the menu is to be closed.
fn entries(ui: &mut Ui, view: &mut View, commands: &mut Commands, peer: &PeerView) -> bool {
    if peer.trust == Trust::Blocked {
        return entry(ui, &fl!("menu-unblock"), commands, Command::UnblockPeer { peer: peer.peer });
    }
    let mut done = connection(ui, commands, peer);
    if peer.trust == Trust::Once {
        done |= entry(ui, &fl!("menu-befriend"), commands, Command::AcceptPeer { peer: peer.peer, once: false });
    }
    ui.separator();
    widgets::inset(ui, |ui| permissions(ui, commands, peer));
    ui.separator();
    done | confirmed(ui, view, peer.peer)
}

fn connection(ui: &mut Ui, commands: &mut Commands, peer: &PeerView) -> bool {
    let scope = Scope::Peer(peer.peer);
    let mut done = match peer.link {
        LinkView::Paused => entry(ui, &fl!("resume"), commands, Command::Resume { scope }),
        LinkView::Connected { .. }
        | LinkView::Connecting
        | LinkView::WaitingForAcceptance
        | LinkView::Offline { .. }
        | LinkView::Blocked => entry(ui, &fl!("pause"), commands, Command::Pause { scope, lasting: None }),
    };
    if matches!(peer.link, LinkView::Offline { .. }) {
        done |= entry(ui, &fl!("menu-reconnect"), commands, Command::Reconnect { peer: peer.peer });
    }
    if matches!(peer.link, LinkView::Connected { .. }) {
        done |= entry(ui, &fl!("menu-resync"), commands, Command::Resync { peer: Some(peer.peer) });
        if peer.trust == Trust::Friend {
            done |= entry(ui, &fl!("menu-verify"), commands, Command::StartVerification { peer: peer.peer });
        }
    }
    done
}

/// Ticks that stay open, since several are often set at once.
fn permissions(ui: &mut Ui, commands: &mut Commands, peer: &PeerView) {
    for permission in Permission::ALL {
        let text = match permission {
            Permission::SeeMe => fl!("permission-see-me"),
            Permission::ShowThem => fl!("permission-show-them"),
            Permission::Sounds => fl!("permission-sounds"),
            Permission::Animations => fl!("permission-animations"),
            Permission::Effects => fl!("permission-effects"),
        };
        let mut allow = peer.permissions.allows(permission);
        if widgets::tick(ui, &mut allow, &text).changed() {
            commands.push(Command::SetPermission { scope: Scope::Peer(peer.peer), permission, allow: Some(allow) });
        }
    }
}

fn confirmed(ui: &mut Ui, view: &mut View, peer: PeerId) -> bool {
    let mut done = false;
    for (text, confirm) in [(fl!("menu-remove"), Confirm::Remove(peer)), (fl!("menu-block"), Confirm::Block(peer))] {
        if ui.button(text).clicked() {
            view.confirm = Some(confirm);
            done = true;
        }
    }
    done
}

fn entry(ui: &mut Ui, text: &str, commands: &mut Commands, command: Command) -> bool {
    let pressed = ui.button(text).clicked();
    if pressed {
        commands.push(command);
    }
    pressed
}
