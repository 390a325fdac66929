//! A disc with initials, in a colour that belongs to the key: the same name with another key looks different.

use eframe::egui::{Align2, FontId, Rect, Sense, Ui, Vec2};

use super::status;
use crate::domain::PeerId;
use crate::ui::tokens;
use crate::ui::words::Mark;

/// Draws an avatar of this diameter, with a status mark if there is one.
pub(crate) fn avatar(ui: &mut Ui, peer: PeerId, name: &str, diameter: f32, mark: Option<Mark>) -> Rect {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(diameter), Sense::hover());
    let colour = tokens::avatar(peer.as_bytes());
    ui.painter().circle_filled(rect.center(), diameter / 2.0, colour);
    let font = FontId::new(diameter * 0.36, tokens::name().family);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, initials(name), font, tokens::palette(ui).on_accent);
    if let Some(mark) = mark {
        let centre = rect.right_bottom() - Vec2::splat(diameter * 0.14);
        status::mark(ui, centre, mark, tokens::palette(ui).card);
    }
    rect
}

/// The first letters of the first two words.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    letters.take(2).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_letters_of_the_first_two_words() {
        let cases = [("Aria Moon", "AM"), ("aria", "A"), ("A'bel of the Sea", "AO"), ("(x) y", "XY"), ("", ""), ("月影", "月")];
        for (name, expected) in cases {
            assert_eq!(initials(name), expected);
        }
    }
}
