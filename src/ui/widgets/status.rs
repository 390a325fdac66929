//! How a friend stands, by shape first and by colour second.

use eframe::egui::{Color32, Painter, Pos2, Rect, Ui, Vec2};

use super::icon::Pen;
use crate::ui::tokens::{self, Palette};
use crate::ui::words::Mark;

/// Draws a mark around a centre, cut out of its ground by a ring of the ground's colour.
pub(crate) fn mark(ui: &Ui, centre: Pos2, mark: Mark, ground: Color32) {
    let rect = Rect::from_center_size(centre, Vec2::splat(tokens::MARK));
    ui.painter().circle_filled(centre, tokens::MARK / 2.0 + 2.0, ground);
    paint(ui.painter(), rect, mark, tokens::palette(ui), ground);
}

fn paint(painter: &Painter, rect: Rect, mark: Mark, colours: &Palette, ground: Color32) {
    let pen = |colour| Pen::new(painter, rect, colour);
    match mark {
        Mark::Online => pen(colours.good).disc((8.0, 8.0), 6.5),
        Mark::Busy => {
            pen(colours.accent).disc((8.0, 8.0), 7.5);
            pen(colours.on_accent).line(&[(8.0, 4.0), (8.0, 11.0)]);
            pen(colours.on_accent).line(&[(5.2, 8.6), (8.0, 11.4), (10.8, 8.6)]);
        }
        Mark::Waiting => {
            pen(colours.accent).arc((8.0, 8.0), 5.8, 0.0, 1.0);
            pen(colours.accent).line(&[(8.0, 5.0), (8.0, 8.2), (10.2, 9.6)]);
        }
        Mark::Offline => pen(colours.faint).arc((8.0, 8.0), 5.4, 0.0, 1.0),
        Mark::Paused => {
            pen(colours.faint).disc((8.0, 8.0), 7.5);
            pen(ground).line(&[(6.2, 5.4), (6.2, 10.6)]);
            pen(ground).line(&[(9.8, 5.4), (9.8, 10.6)]);
        }
        Mark::Blocked => {
            pen(colours.bad).arc((8.0, 8.0), 5.8, 0.0, 1.0);
            pen(colours.bad).line(&[(4.2, 11.8), (11.8, 4.2)]);
        }
        Mark::Attention => {
            pen(colours.warn).filled(&[(8.0, 0.8), (15.6, 14.4), (0.4, 14.4)]);
            pen(ground).line(&[(8.0, 5.8), (8.0, 9.6)]);
            pen(ground).disc((8.0, 12.0), 1.1);
        }
    }
}
