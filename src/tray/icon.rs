//! The icon, drawn in code: a base, and a dot over its corner that says how things stand.
//!
//! Every shape is a signed distance from its edge, in a square that reaches from 0 to 1; a pixel's cover is how far the
//! distance lies within half a pixel of that edge. So one drawing is smooth at 16 points and at 256.

use crate::engine::follow::Progress;
use crate::engine::snapshot::{LinkView, Snapshot};

/// The side of the tray's icon in pixels: desktops scale it down, which looks better than up.
pub const TRAY_SIDE: u32 = 64;
/// The side of the window's icon in pixels.
pub const WINDOW_SIDE: u32 = 256;

/// The dot over the corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dot {
    /// Nobody is here.
    None,
    /// A friend is here.
    Connected,
    /// A look is on its way.
    Busy,
    /// Paused.
    Paused,
    /// A question waits, or something went wrong.
    Attention,
}

impl Dot {
    /// What matters most in a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let failed = |step: &Progress| matches!(step, Progress::Failed { .. } | Progress::Conflict);
        let mut looks = snapshot.peers.iter().flat_map(|peer| &peer.characters);
        if !snapshot.prompts.is_empty() || looks.any(|look| failed(&look.progress)) {
            Self::Attention
        } else if snapshot.pause.paused {
            Self::Paused
        } else if snapshot.transfers.iter().any(|transfer| !transfer.finished) {
            Self::Busy
        } else if snapshot.peers.iter().any(|peer| matches!(peer.link, LinkView::Connected { .. })) {
            Self::Connected
        } else {
            Self::None
        }
    }
}

/// A picture: rows from the top, four bytes a pixel (red, green, blue, opacity, not premultiplied).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width and height in pixels.
    pub side: u32,
    /// `side * side * 4` bytes.
    pub rgba: Vec<u8>,
}

/// Draws the icon.
#[must_use]
pub fn draw(side: u32, dot: Dot) -> Picture {
    let pixel = 1.0 / side as f32;
    let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let colour = |(x, y): (u32, u32)| at((x as f32 + 0.5) * pixel, (y as f32 + 0.5) * pixel, pixel, dot);
    Picture { side, rgba: places.flat_map(colour).collect() }
}

/// A colour with its opacity, each from 0 to 1.
type Rgba = [f32; 4];

const CLEAR: Rgba = [0.0; 4];
const TOP: Rgba = [0.55, 0.44, 0.97, 1.0];
const BOTTOM: Rgba = [0.33, 0.22, 0.80, 1.0];
const WHITE: Rgba = [1.0, 1.0, 1.0, 1.0];
const GREEN: Rgba = [0.20, 0.75, 0.50, 1.0];
const BLUE: Rgba = [0.18, 0.62, 0.96, 1.0];
const GREY: Rgba = [0.50, 0.48, 0.56, 1.0];
const AMBER: Rgba = [0.98, 0.66, 0.13, 1.0];
/// The dot's middle and radius.
const DOT: (f32, f32, f32) = (0.76, 0.76, 0.21);

fn at(x: f32, y: f32, pixel: f32, dot: Dot) -> [u8; 4] {
    let mut colour = base(x, y, pixel);
    if let Some(dot_colour) = dot_colour(dot) {
        let (dot_x, dot_y, radius) = DOT;
        // A gap around the dot, so that it stands out on any ground.
        colour = erased(colour, cover(disc(x, y, dot_x, dot_y, radius + 0.06), pixel));
        colour = over(colour, dot_colour, cover(disc(x, y, dot_x, dot_y, radius), pixel));
        colour = over(colour, WHITE, cover(sign(x - dot_x, y - dot_y, dot), pixel));
    }
    colour.map(|part| (part * 255.0).round() as u8)
}

/// A rounded square with two linked rings: two companions, and what they share.
fn base(x: f32, y: f32, pixel: f32) -> Rgba {
    let ground = mixed(TOP, BOTTOM, y);
    let square = over(CLEAR, ground, cover(rounded_square(x, y, 0.46, 0.24), pixel));
    let left = (disc(x, y, 0.385, 0.5, 0.175)).abs() - 0.048;
    let right = (disc(x, y, 0.615, 0.5, 0.175)).abs() - 0.048;
    let with_left = over(square, WHITE, cover(left, pixel));
    // The right ring passes over the left one above and under it below: a rim of ground parts them.
    let upper = y < 0.5;
    let rim = if upper { cover(right - 0.03, pixel) } else { cover(right - 0.03, pixel) * (1.0 - cover(left, pixel)) };
    let parted = over(with_left, ground, rim * square[3]);
    let ring = if upper { cover(right, pixel) } else { cover(right, pixel) * (1.0 - cover(left - 0.03, pixel)) };
    over(parted, WHITE, ring)
}

const fn dot_colour(dot: Dot) -> Option<Rgba> {
    match dot {
        Dot::None => None,
        Dot::Connected => Some(GREEN),
        Dot::Busy => Some(BLUE),
        Dot::Paused => Some(GREY),
        Dot::Attention => Some(AMBER),
    }
}

/// What stands on the dot, since colour alone does not reach everybody: an arrow, bars, or an exclamation mark.
fn sign(x: f32, y: f32, dot: Dot) -> f32 {
    match dot {
        Dot::None | Dot::Connected => f32::MAX,
        Dot::Busy => {
            let wings = stroke(x.abs(), y, (0.0, 0.10), (0.08, 0.02));
            wings.min(stroke(x, y, (0.0, -0.10), (0.0, 0.08)))
        }
        Dot::Paused => bar(x.abs() - 0.06, y, 0.025, 0.09),
        Dot::Attention => bar(x, y + 0.035, 0.028, 0.075).min(disc(x, y, 0.0, 0.105, 0.032)),
    }
}

fn disc(x: f32, y: f32, centre_x: f32, centre_y: f32, radius: f32) -> f32 {
    (x - centre_x).hypot(y - centre_y) - radius
}

fn bar(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    (x.abs() - half_width).max(y.abs() - half_height)
}

/// A line of the arrow, with round ends.
fn stroke(x: f32, y: f32, (from_x, from_y): (f32, f32), (to_x, to_y): (f32, f32)) -> f32 {
    let (way_x, way_y) = (to_x - from_x, to_y - from_y);
    let along = ((x - from_x) * way_x + (y - from_y) * way_y) / (way_x * way_x + way_y * way_y);
    let along = along.clamp(0.0, 1.0);
    disc(x, y, from_x + way_x * along, from_y + way_y * along, 0.028)
}

fn rounded_square(x: f32, y: f32, half: f32, radius: f32) -> f32 {
    let (over_x, over_y) = ((x - 0.5).abs() - half + radius, (y - 0.5).abs() - half + radius);
    over_x.max(0.0).hypot(over_y.max(0.0)) + over_x.max(over_y).min(0.0) - radius
}

/// How much of a pixel lies within a shape, given its middle's distance from the edge.
fn cover(distance: f32, pixel: f32) -> f32 {
    (0.5 - distance / pixel).clamp(0.0, 1.0)
}

fn mixed(one: Rgba, other: Rgba, share: f32) -> Rgba {
    let [a, b, c, d] = one;
    let [e, f, g, h] = other;
    [(a, e), (b, f), (c, g), (d, h)].map(|(from, to)| from + (to - from) * share)
}

/// Lays a colour over another; neither is premultiplied.
fn over(below: Rgba, above: Rgba, share: f32) -> Rgba {
    let [red, green, blue, opacity] = below;
    let [top_red, top_green, top_blue, top_opacity] = above;
    let top = top_opacity * share;
    let whole = top + opacity * (1.0 - top);
    if whole <= 0.0 {
        return CLEAR;
    }
    let part = |below: f32, above: f32| (above * top + below * opacity * (1.0 - top)) / whole;
    [part(red, top_red), part(green, top_green), part(blue, top_blue), whole]
}

fn erased([red, green, blue, opacity]: Rgba, share: f32) -> Rgba {
    [red, green, blue, opacity * (1.0 - share)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tray::tests_support::{connected, quiet, stranger, transfer};

    const DOTS: [Dot; 5] = [Dot::None, Dot::Connected, Dot::Busy, Dot::Paused, Dot::Attention];

    #[test]
    fn a_question_outweighs_a_pause_a_pause_a_transfer_and_a_transfer_a_friend() {
        let mut snapshot = quiet();
        assert_eq!(Dot::of(&snapshot), Dot::None);
        snapshot.peers = vec![connected()];
        assert_eq!(Dot::of(&snapshot), Dot::Connected);
        snapshot.transfers = vec![transfer(true)];
        assert_eq!(Dot::of(&snapshot), Dot::Connected);
        snapshot.transfers = vec![transfer(false)];
        assert_eq!(Dot::of(&snapshot), Dot::Busy);
        snapshot.pause.paused = true;
        assert_eq!(Dot::of(&snapshot), Dot::Paused);
        snapshot.prompts = vec![stranger()];
        assert_eq!(Dot::of(&snapshot), Dot::Attention);
    }

    #[test]
    fn the_base_is_clear_at_its_corners_and_whole_in_its_middle() {
        for side in [16, TRAY_SIDE, WINDOW_SIDE] {
            let picture = draw(side, Dot::None);
            assert_eq!(picture.rgba.len(), (side * side * 4) as usize);
            for (x, y) in [(0, 0), (side - 1, 0), (0, side - 1), (side - 1, side - 1)] {
                assert_eq!(pixel(&picture, x, y)[3], 0, "the corner {x}, {y} of {side}");
            }
            assert_eq!(pixel(&picture, side / 2, side / 5)[3], 255);
        }
    }

    #[test]
    fn each_dot_looks_different_and_lies_in_its_own_corner() {
        let pictures = DOTS.map(|dot| draw(TRAY_SIDE, dot));
        for (index, one) in pictures.iter().enumerate() {
            for other in &pictures[..index] {
                assert_ne!(one, other);
                assert_eq!(pixel(one, 20, 32), pixel(other, 20, 32), "the left ring is the same");
            }
        }
    }

    #[test]
    fn dots_differ_in_shape_and_not_only_in_colour() {
        let white = |dot| {
            let picture = draw(TRAY_SIDE, dot);
            let (x, y, radius) = DOT;
            let side = TRAY_SIDE as f32;
            let within = |px: u32, py: u32| disc(px as f32 / side, py as f32 / side, x, y, radius * 0.8) < 0.0;
            let all = (0..TRAY_SIDE).flat_map(|py| (0..TRAY_SIDE).map(move |px| (px, py)));
            all.filter(|(px, py)| within(*px, *py) && pixel(&picture, *px, *py) == [255; 4]).collect::<Vec<_>>()
        };
        let shapes = [Dot::Connected, Dot::Busy, Dot::Paused, Dot::Attention].map(white);
        for (index, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..index].contains(shape));
        }
    }

    fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 4] {
        let start = ((y * picture.side + x) * 4) as usize;
        picture.rgba[start..start + 4].try_into().expect("four bytes")
    }
}
