//! What can be done with one friend, or with all that bear a tag.

use eframe::egui::Ui;

use crate::domain::{PeerId, Permission, Permissions, Tag, Trust};
use crate::engine::command::{Command, Scope};
use crate::engine::snapshot::{LinkView, PeerView};
use crate::i18n::fl;
use crate::ui::Commands;
use crate::ui::view::{Confirm, Page, View};
use crate::ui::widgets::{self, Icon};
use crate::ui::words;

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
    let mut done = page(ui, &fl!("menu-details"), view, Page::Friend(peer.peer));
    if peer.trust == Trust::Blocked {
        done |= entry(ui, &fl!("menu-unblock"), commands, Command::UnblockPeer { peer: peer.peer });
        return done | copy_id(ui, peer.peer);
    }
    if ui.button(fl!("menu-why")).clicked() {
        view.asked_about = Some(peer.peer);
        view.turn_to(Page::Diagnostics);
        done = true;
    }
    done |= connection(ui, commands, peer);
    if peer.trust == Trust::Once {
        done |= entry(ui, &fl!("menu-befriend"), commands, Command::AcceptPeer { peer: peer.peer, once: false });
    }
    done |= copy_id(ui, peer.peer);
    ui.separator();
    widgets::inset(ui, |ui| permission_ticks(ui, commands, &Scope::Peer(peer.peer), &peer.permissions));
    ui.separator();
    done | confirmed(ui, view, peer.peer)
}

fn connection(ui: &mut Ui, commands: &mut Commands, peer: &PeerView) -> bool {
    let mut done = false;
    if matches!(peer.link, LinkView::Offline { .. }) {
        done |= entry(ui, &fl!("menu-reconnect"), commands, Command::Reconnect { peer: peer.peer });
    }
    if matches!(peer.link, LinkView::Connected { .. }) {
        done |= entry(ui, &fl!("menu-resync"), commands, Command::Resync { peer: Some(peer.peer) });
        done |= entry(ui, &fl!("menu-check"), commands, Command::CheckLooks { peer: peer.peer });
        done |= entry(ui, &fl!("menu-send-again"), commands, Command::SendAgain { peer: peer.peer });
        if peer.trust == Trust::Friend {
            done |= entry(ui, &fl!("menu-verify"), commands, Command::StartVerification { peer: peer.peer });
        }
    }
    done
}

/// Ticks that stay open, since several are often set at once.
pub(crate) fn permission_ticks(ui: &mut Ui, commands: &mut Commands, scope: &Scope, permissions: &Permissions) {
    for permission in Permission::ALL {
        let mut allow = permissions.allows(permission);
        if widgets::tick(ui, &mut allow, &words::permission(permission)).changed() {
            commands.push(Command::SetPermission { scope: scope.clone(), permission, allow: Some(allow) });
        }
    }
}

/// What can be done with all that bear a tag: the menu in its folder's head.
pub(super) fn tag_menu(ui: &mut Ui, commands: &mut Commands, tag: &Tag, members: &[&PeerView]) {
    let button = widgets::icon_button(ui, Icon::More, &fl!("menu-of", name = tag.as_str()));
    widgets::menu(&button, |ui| {
        let scope = Scope::Tagged(tag.clone());
        let mut done = entry(ui, &fl!("pause-tag"), commands, Command::Pause { scope: scope.clone(), lasting: None });
        done |= entry(ui, &fl!("resume-tag"), commands, Command::Resume { scope: scope.clone() });
        ui.separator();
        // What all of them are allowed.
        let mut shared = Permissions::default();
        for permission in Permission::ALL {
            shared.set(permission, members.iter().all(|peer| peer.permissions.allows(permission)));
        }
        widgets::inset(ui, |ui| permission_ticks(ui, commands, &scope, &shared));
        if done {
            ui.close();
        }
    });
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

fn copy_id(ui: &mut Ui, peer: PeerId) -> bool {
    let pressed = ui.button(fl!("menu-copy-id")).clicked();
    if pressed {
        ui.ctx().copy_text(peer.to_string());
    }
    pressed
}

fn page(ui: &mut Ui, text: &str, view: &mut View, page: Page) -> bool {
    let pressed = ui.button(text).clicked();
    if pressed {
        view.turn_to(page);
    }
    pressed
}

fn entry(ui: &mut Ui, text: &str, commands: &mut Commands, command: Command) -> bool {
    let pressed = ui.button(text).clicked();
    if pressed {
        commands.push(command);
    }
    pressed
}
