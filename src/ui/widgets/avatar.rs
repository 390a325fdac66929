//! Somebody's picture as a disc; until there is one, a pattern that belongs to the key: the same name with another key looks different.

use eframe::egui::{Color32, Painter, Pos2, Rect, Sense, Shape, TextureId, Ui, Vec2, pos2, vec2};

use super::status;
use crate::domain::PeerId;
use crate::ui::tokens;
use crate::ui::words::Mark;

/// Whose disc it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Face {
    /// The key.
    pub(crate) peer: PeerId,
    /// Their picture, if they have one and it is here.
    pub(crate) picture: Option<TextureId>,
}

/// Draws an avatar of this diameter, with a status mark if there is one.
pub(crate) fn avatar(ui: &mut Ui, face: Face, diameter: f32, mark: Option<Mark>) -> Rect {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(diameter), Sense::hover());
    match face.picture {
        Some(picture) => {
            let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            let shape =
                eframe::egui::epaint::RectShape::filled(rect, diameter / 2.0, Color32::WHITE).with_texture(picture, whole);
            ui.painter().add(Shape::Rect(shape));
        }
        None => pattern(ui.painter(), rect, face.peer),
    }
    if let Some(mark) = mark {
        let centre = rect.right_bottom() - Vec2::splat(diameter * 0.14);
        status::mark(ui, centre, mark, tokens::palette(ui).card);
    }
    rect
}

/// Five by five cells, mirrored, on a disc in the key's colour.
fn pattern(painter: &Painter, rect: Rect, peer: PeerId) {
    let key = peer.as_bytes();
    let (ground, figure) = tokens::avatar(key);
    painter.circle_filled(rect.center(), rect.width() / 2.0, ground);
    // A square within the disc, so that no cell is cut.
    let side = rect.width() * 0.62 / 5.0;
    let origin = rect.center() - Vec2::splat(side * 2.5);
    for (column, row) in cells(key) {
        for column in std::collections::BTreeSet::from([column, 4 - column]) {
            let corner = origin + vec2(f32::from(column), f32::from(row)) * side;
            painter.rect_filled(Rect::from_min_size(corner, Vec2::splat(side + 0.2)), 0.0, figure);
        }
    }
}

/// Which cells of the left half and the middle are filled: one bit of the key for each, so that there are 2¹⁵ patterns in each colour.
fn cells(key: &[u8]) -> Vec<(u8, u8)> {
    let bits = key.iter().skip(1).fold(0u32, |sum, byte| sum.wrapping_mul(0x0100_0193) ^ u32::from(*byte));
    let bits = bits ^ (bits >> 15);
    (0..15u8).filter(|cell| bits >> cell & 1 == 1).map(|cell| (cell / 5, cell % 5)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AppearanceId;

    #[test]
    fn keys_have_patterns_of_their_own() {
        let keys = (0..64u8).map(|n| *AppearanceId::of(&[n]).as_bytes());
        let patterns: std::collections::BTreeSet<_> = keys.map(|key| cells(&key)).collect();
        assert!(patterns.len() >= 60, "{}", patterns.len());
        assert!(patterns.iter().all(|cells| cells.iter().all(|(column, row)| *column < 3 && *row < 5)));
    }

    #[test]
    fn a_key_has_the_same_pattern_always() {
        let key = *AppearanceId::of(b"key").as_bytes();
        assert_eq!(cells(&key), cells(&key));
    }
}
