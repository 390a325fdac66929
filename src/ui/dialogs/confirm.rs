//! What shuts somebody out is asked about once more.

use eframe::egui::Ui;

use super::pair;
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::Commands;
use crate::ui::view::{Confirm, View};
use crate::ui::widgets::{self, Kind};
use crate::ui::words;

/// Asks whether it is meant.
pub(super) fn confirm(ui: &mut Ui, snapshot: &Snapshot, view: &mut View, commands: &mut Commands, question: Confirm) {
    let (title, text, yes, command) = match question {
        Confirm::Remove(peer) => {
            let name = words::name(snapshot, peer);
            (fl!("remove-title", name = name), fl!("remove-text"), fl!("remove"), Command::RemovePeer { peer })
        }
        Confirm::Block(peer) => {
            let name = words::name(snapshot, peer);
            (fl!("block-title", name = name), fl!("block-text"), fl!("block"), Command::BlockPeer { peer })
        }
        Confirm::ClearCache => (fl!("cache-clear-title"), fl!("cache-clear-text"), fl!("cache-clear-yes"), Command::ClearCache),
        Confirm::ClearHistory(peer) => {
            let title = match peer {
                Some(peer) => fl!("history-clear-title", name = words::name(snapshot, peer)),
                None => fl!("history-clear-all-title"),
            };
            (title, fl!("history-clear-text"), fl!("history-clear-yes"), Command::ClearHistory { peer })
        }
    };
    widgets::head(ui, &title);
    widgets::note(ui, &text);
    let [yes, no] = pair(ui, (Kind::Danger, &yes), (Kind::Plain, &fl!("keep")));
    if yes {
        commands.push(command);
    }
    if yes || no {
        view.confirm = None;
    }
}
