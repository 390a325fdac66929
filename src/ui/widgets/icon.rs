//! Icons, drawn with strokes on a grid of 16 × 16, so that they are sharp at any scale and take any colour.

use std::f32::consts::TAU;

use eframe::egui::epaint::PathShape;
use eframe::egui::{Color32, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, pos2};

use crate::ui::tokens;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// Two sheets.
    Copy,
    /// A tick.
    Check,
    /// Three dots.
    More,
    /// A lens.
    Search,
    /// Two bars.
    Pause,
    /// A triangle that points right.
    Play,
    /// A broken ring with a bar.
    Power,
    /// A cross.
    Close,
    /// A triangle with a mark.
    Warning,
    /// An angle that points up.
    Up,
    /// An angle that points down.
    Down,
    /// A plug.
    Plug,
    /// Waves from a point.
    Waves,
    /// An arrow into a tray.
    Download,
    /// Two people.
    People,
    /// One person.
    Person,
    /// A person and a plus.
    AddPerson,
    /// Arrows up and down.
    Transfers,
    /// A drive.
    Disk,
    /// A heartbeat.
    Pulse,
    /// A cogwheel.
    Gear,
    /// An arrow to the left.
    Back,
    /// An arrow in a ring.
    Retry,
    /// An eye struck through.
    EyeOff,
    /// A person struck through.
    MaskOff,
    /// A loudspeaker struck through.
    SoundOff,
    /// Strides struck through.
    MotionOff,
    /// A star of light struck through.
    SparkleOff,
    /// An angle that points right.
    Right,
    /// Lines of falling length.
    Sort,
    /// An arrow out of a tray.
    Upload,
    /// Two angles that point up.
    First,
    /// A ring with an i.
    Info,
}

/// Draws an icon of the usual size in a line of widgets.
pub(crate) fn icon(ui: &mut Ui, icon: Icon, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(tokens::ICON), Sense::hover());
    paint(ui.painter(), rect, icon, colour);
}

/// Draws an icon into a square.
pub(crate) fn paint(painter: &Painter, rect: Rect, icon: Icon, colour: Color32) {
    let pen = Pen::new(painter, rect, colour);
    match icon {
        Icon::Copy => {
            pen.line(&[(3.0, 10.5), (2.5, 10.5), (2.5, 2.5), (10.5, 2.5), (10.5, 3.0)]);
            pen.rounded((5.5, 5.5), (13.5, 13.5));
        }
        Icon::Check => pen.line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)]),
        Icon::More => [3.5, 8.0, 12.5].into_iter().for_each(|x| pen.disc((x, 8.0), 1.35)),
        Icon::Search => {
            pen.arc((7.0, 7.0), 4.5, 0.0, 1.0);
            pen.line(&[(10.4, 10.4), (14.0, 14.0)]);
        }
        Icon::Pause => [5.5, 10.5].into_iter().for_each(|x| pen.line(&[(x, 3.5), (x, 12.5)])),
        Icon::Play => pen.closed(&[(5.0, 3.2), (12.8, 8.0), (5.0, 12.8)]),
        Icon::Power => {
            pen.arc((8.0, 8.5), 5.2, -0.13, 0.63);
            pen.line(&[(8.0, 2.0), (8.0, 7.5)]);
        }
        Icon::Close => {
            pen.line(&[(4.0, 4.0), (12.0, 12.0)]);
            pen.line(&[(12.0, 4.0), (4.0, 12.0)]);
        }
        Icon::Warning => {
            pen.closed(&[(8.0, 2.2), (14.4, 13.4), (1.6, 13.4)]);
            pen.line(&[(8.0, 6.4), (8.0, 9.4)]);
            pen.disc((8.0, 11.4), 0.95);
        }
        Icon::Up => pen.line(&[(3.5, 10.0), (8.0, 5.5), (12.5, 10.0)]),
        Icon::Down => pen.line(&[(3.5, 6.0), (8.0, 10.5), (12.5, 6.0)]),
        Icon::Plug => {
            pen.line(&[(5.5, 2.0), (5.5, 5.5)]);
            pen.line(&[(10.5, 2.0), (10.5, 5.5)]);
            pen.closed(&[(3.5, 5.5), (12.5, 5.5), (12.0, 9.0), (9.5, 11.0), (6.5, 11.0), (4.0, 9.0)]);
            pen.line(&[(8.0, 11.0), (8.0, 14.0)]);
        }
        Icon::Waves => {
            pen.disc((8.0, 12.0), 1.4);
            pen.arc((8.0, 12.0), 4.6, 0.625, 0.875);
            pen.arc((8.0, 12.0), 8.4, 0.625, 0.875);
        }
        Icon::Download => {
            pen.line(&[(8.0, 2.5), (8.0, 10.0)]);
            pen.line(&[(4.6, 7.0), (8.0, 10.4), (11.4, 7.0)]);
            pen.line(&[(2.5, 13.5), (13.5, 13.5)]);
        }
        Icon::Person => {
            pen.arc((8.0, 5.5), 2.8, 0.0, 1.0);
            pen.arc((8.0, 14.0), 5.4, 0.5, 1.0);
        }
        Icon::AddPerson => {
            pen.arc((6.2, 5.5), 2.6, 0.0, 1.0);
            pen.arc((6.2, 13.5), 4.8, 0.5, 1.0);
            pen.line(&[(12.6, 4.2), (12.6, 8.6)]);
            pen.line(&[(10.4, 6.4), (14.8, 6.4)]);
        }
        Icon::Transfers => {
            pen.line(&[(5.0, 13.0), (5.0, 3.2)]);
            pen.line(&[(2.2, 6.0), (5.0, 3.0), (7.8, 6.0)]);
            pen.line(&[(11.0, 3.0), (11.0, 12.8)]);
            pen.line(&[(8.2, 10.0), (11.0, 13.0), (13.8, 10.0)]);
        }
        Icon::Disk => {
            pen.rounded((2.0, 3.5), (14.0, 12.5));
            pen.line(&[(2.4, 8.4), (13.6, 8.4)]);
            pen.disc((11.2, 10.5), 0.9);
        }
        Icon::Pulse => pen.line(&[(1.5, 8.5), (4.6, 8.5), (6.4, 3.5), (9.4, 12.5), (11.2, 8.5), (14.5, 8.5)]),
        Icon::Gear => {
            pen.arc((8.0, 8.0), 2.1, 0.0, 1.0);
            pen.arc((8.0, 8.0), 4.7, 0.0, 1.0);
            for tooth in 0..8u8 {
                let (sin, cos) = (f32::from(tooth) / 8.0 * TAU).sin_cos();
                pen.line(&[(8.0 + cos * 5.0, 8.0 + sin * 5.0), (8.0 + cos * 6.6, 8.0 + sin * 6.6)]);
            }
        }
        Icon::Back => {
            pen.line(&[(13.0, 8.0), (3.4, 8.0)]);
            pen.line(&[(7.2, 4.0), (3.2, 8.0), (7.2, 12.0)]);
        }
        Icon::Retry => {
            pen.arc((8.0, 8.2), 5.2, 0.02, 0.8);
            pen.line(&[(9.2, 1.2), (10.4, 3.6), (7.8, 4.6)]);
        }
        Icon::EyeOff => {
            pen.eye();
            pen.line(&STRIKE);
        }
        Icon::Right => pen.line(&[(6.0, 3.5), (10.5, 8.0), (6.0, 12.5)]),
        Icon::Sort => {
            pen.line(&[(2.5, 4.0), (13.5, 4.0)]);
            pen.line(&[(4.5, 8.0), (11.5, 8.0)]);
            pen.line(&[(6.5, 12.0), (9.5, 12.0)]);
        }
        Icon::MaskOff => {
            pen.arc((8.0, 5.5), 2.8, 0.0, 1.0);
            pen.arc((8.0, 14.0), 5.4, 0.5, 1.0);
            pen.line(&STRIKE);
        }
        Icon::SoundOff => {
            pen.closed(&[(2.0, 6.2), (4.6, 6.2), (7.8, 3.4), (7.8, 12.6), (4.6, 9.8), (2.0, 9.8)]);
            pen.arc((8.0, 8.0), 3.2, -0.12, 0.12);
            pen.arc((8.0, 8.0), 6.0, -0.12, 0.12);
            pen.line(&STRIKE);
        }
        Icon::MotionOff => {
            pen.line(&[(2.0, 5.0), (8.6, 5.0)]);
            pen.line(&[(4.4, 8.0), (8.6, 8.0)]);
            pen.line(&[(2.0, 11.0), (8.6, 11.0)]);
            pen.line(&[(10.4, 4.0), (14.2, 8.0), (10.4, 12.0)]);
        }
        Icon::SparkleOff => {
            pen.closed(&[(8.0, 1.6), (9.5, 6.5), (14.4, 8.0), (9.5, 9.5), (8.0, 14.4), (6.5, 9.5), (1.6, 8.0), (6.5, 6.5)]);
        }
        Icon::Upload => {
            pen.line(&[(8.0, 10.4), (8.0, 3.0)]);
            pen.line(&[(4.6, 6.0), (8.0, 2.6), (11.4, 6.0)]);
            pen.line(&[(2.5, 13.5), (13.5, 13.5)]);
        }
        Icon::First => {
            pen.line(&[(3.5, 7.6), (8.0, 3.1), (12.5, 7.6)]);
            pen.line(&[(3.5, 12.4), (8.0, 7.9), (12.5, 12.4)]);
        }
        Icon::Info => {
            pen.arc((8.0, 8.0), 6.0, 0.0, 1.0);
            pen.line(&[(8.0, 7.4), (8.0, 11.2)]);
            pen.disc((8.0, 4.8), 0.95);
        }
        Icon::People => {
            pen.arc((6.0, 5.5), 2.5, 0.0, 1.0);
            pen.arc((6.0, 13.5), 4.5, 0.5, 1.0);
            pen.arc((10.8, 5.5), 2.5, -0.25, 0.25);
            pen.arc((10.0, 13.5), 4.5, 0.8, 1.0);
        }
    }
}

/// What strikes an icon through.
const STRIKE: [(f32, f32); 2] = [(2.6, 13.4), (13.4, 2.6)];

/// Draws on the grid of 16 × 16 that `rect` is divided into.
pub(super) struct Pen<'a> {
    painter: &'a Painter,
    origin: Pos2,
    scale: f32,
    colour: Color32,
}

impl<'a> Pen<'a> {
    pub(super) fn new(painter: &'a Painter, rect: Rect, colour: Color32) -> Self {
        Self { painter, origin: rect.min, scale: rect.width() / 16.0, colour }
    }

    fn at(&self, (x, y): (f32, f32)) -> Pos2 {
        pos2(self.origin.x + x * self.scale, self.origin.y + y * self.scale)
    }

    fn stroke(&self) -> Stroke {
        Stroke::new(1.5 * self.scale, self.colour)
    }

    pub(super) fn line(&self, points: &[(f32, f32)]) {
        let points: Vec<Pos2> = points.iter().map(|point| self.at(*point)).collect();
        // Rounded ends, which a stroked path has not by itself.
        for end in points.first().into_iter().chain(points.last()) {
            self.painter.circle_filled(*end, self.stroke().width / 2.0, self.colour);
        }
        self.painter.add(Shape::line(points, self.stroke()));
    }

    /// An eye's outline and its pupil.
    fn eye(&self) {
        let lid = |sign: f32| -> Vec<(f32, f32)> {
            (0..=12u8)
                .map(|step| f32::from(step) / 12.0)
                .map(|t| (1.4 + 13.2 * t, 8.0 - sign * 4.6 * (t * TAU / 2.0).sin()))
                .collect()
        };
        self.line(&lid(1.0));
        self.line(&lid(-1.0));
        self.disc((8.0, 8.0), 2.0);
    }

    pub(super) fn closed(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|point| self.at(*point)).collect();
        self.painter.add(PathShape::closed_line(points, self.stroke()));
    }

    pub(super) fn filled(&self, points: &[(f32, f32)]) {
        let points = points.iter().map(|point| self.at(*point)).collect();
        self.painter.add(Shape::convex_polygon(points, self.colour, Stroke::NONE));
    }

    pub(super) fn disc(&self, centre: (f32, f32), radius: f32) {
        self.painter.circle_filled(self.at(centre), radius * self.scale, self.colour);
    }

    /// A part of a ring, in turns clockwise from three o'clock.
    pub(super) fn arc(&self, centre: (f32, f32), radius: f32, from: f32, to: f32) {
        let steps = 24;
        let point = |step: usize| {
            let angle = TAU * (from + (to - from) * step as f32 / steps as f32);
            (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
        };
        let points: Vec<_> = (0..=steps).map(point).collect();
        if to - from >= 1.0 { self.closed(&points) } else { self.line(&points) }
    }

    fn rounded(&self, from: (f32, f32), to: (f32, f32)) {
        let rect = Rect::from_min_max(self.at(from), self.at(to));
        self.painter.rect_stroke(rect, 2.0 * self.scale, self.stroke(), StrokeKind::Middle);
    }
}
