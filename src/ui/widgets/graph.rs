//! Lines over the last five minutes, the newest at the right.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::ui::tokens;

/// Seconds from the left edge to the right one.
const SPAN: f32 = 300.0;
/// Two points further apart are not joined: nothing was measured between.
const GAP: f32 = 12.0;

/// One line: its colour, and points as seconds ago and a value, oldest first.
pub(crate) struct Line {
    pub(crate) colour: Color32,
    pub(crate) points: Vec<(f32, f32)>,
}

/// Draws lines on one scale. `least`: the top of the scale at least; `top` words the top of the scale; `name` says what it is.
pub(crate) fn graph(ui: &mut Ui, lines: &[Line], least: f32, top: impl Fn(f32) -> String, name: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tokens::GRAPH), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let colours = tokens::palette(ui);
    let highest = lines.iter().flat_map(|line| &line.points).fold(least, |highest, (_, value)| highest.max(*value));
    // The scale's top stands above the lines, so that none runs through it.
    let room = Rect::from_min_max(rect.min + vec2(0.0, 18.0), rect.max - vec2(0.0, 2.0));
    for level in [0.0, 0.5, 1.0] {
        let y = room.bottom() - level * room.height();
        ui.painter().hline(room.x_range(), y, Stroke::new(1.0, colours.line));
    }
    for line in lines {
        draw(ui, room, line, highest);
    }
    let text = top(highest);
    ui.painter().text(room.left_top() - vec2(0.0, 3.0), Align2::LEFT_BOTTOM, text, tokens::small(), colours.faint);
}

fn draw(ui: &Ui, room: Rect, line: &Line, highest: f32) {
    let place = |(ago, value): &(f32, f32)| -> Pos2 {
        let x = room.right() - ago / SPAN * room.width();
        pos2(x.max(room.left()), room.bottom() - value / highest * room.height())
    };
    for run in line.points.chunk_by(|(older, _), (newer, _)| older - newer <= GAP) {
        let points: Vec<Pos2> = run.iter().map(place).collect();
        if let [single] = points.as_slice() {
            ui.painter().circle_filled(*single, 1.5, line.colour);
        } else {
            ui.painter().add(Shape::line(points, Stroke::new(1.5, line.colour)));
        }
    }
}
