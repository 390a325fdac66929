//! Comparing a code with a friend proves that nobody stands between.

use eframe::egui::{RichText, Ui};

use super::pair;
use crate::domain::PeerId;
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::i18n::fl;
use crate::ui::widgets::{self, Kind};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// Shows the code and asks whether the friend sees the same.
pub(super) fn code(ui: &mut Ui, snapshot: &Snapshot, commands: &mut Commands, peer: PeerId, code: &str, confirmed: bool) {
    let name = words::name(snapshot, peer);
    widgets::head(ui, &fl!("code-title", name = name.as_str()));
    widgets::note(ui, &fl!("code-text", name = name.as_str()));
    ui.vertical_centered(|ui| {
        ui.add_space(tokens::TIGHT);
        ui.label(RichText::new(spaced(code)).font(tokens::code()));
        ui.add_space(tokens::TIGHT);
    });
    if confirmed {
        ui.vertical_centered(|ui| widgets::note(ui, &fl!("code-waiting", name = name.as_str())));
        return;
    }
    let [differ, equal] = pair(ui, (Kind::Danger, &fl!("code-differ")), (Kind::Primary, &fl!("code-equal")));
    if differ || equal {
        commands.push(Command::ConfirmVerification { peer, matches: equal });
    }
}

/// In groups of three, as people read digits out.
fn spaced(code: &str) -> String {
    let digits: Vec<char> = code.chars().collect();
    digits.chunks(3).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_in_groups_of_three() {
        assert_eq!(spaced("048213"), "048 213");
        assert_eq!(spaced(""), "");
    }
}
