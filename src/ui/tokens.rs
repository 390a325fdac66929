//! The look: the only file that knows a colour, a size or a font.
//!
//! Two palettes, light and dark, say the same things; everything else asks `palette` for a colour by what it means.
//! Sizes are points. The scale of distances is 4, 8, 12, 16, 24.

use std::sync::Arc;

use eframe::egui::epaint::text::MissingGlyphPolicy;
use eframe::egui::style::{ScrollStyle, Selection, Widgets};
use eframe::egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Frame, Margin, Shadow, Stroke, Style,
    TextStyle, Theme, Ui, Vec2, Visuals, vec2,
};
use egui_system_font_provider::SystemFontProvider;

/// The window's size when it is first opened.
pub const WINDOW: [f32; 2] = [440.0, 720.0];
/// The least size at which nothing is clipped.
pub const WINDOW_LEAST: [f32; 2] = [360.0, 480.0];

/// Between things that belong together.
pub(super) const TIGHT: f32 = 4.0;
/// Between rows.
pub(super) const GAP: f32 = 8.0;
/// Within a card.
pub(super) const PAD: i8 = 12;
/// Between the window's edge and its content.
pub(super) const EDGE: i8 = 16;
/// Between sections.
pub(super) const SECTION: f32 = 20.0;

/// A card's corners.
pub(super) const CARD_RADIUS: u8 = 12;
/// A control's corners.
pub(super) const CONTROL_RADIUS: u8 = 9;
/// A control's height.
pub(super) const CONTROL_HEIGHT: f32 = 32.0;
/// The least height of a line of widgets.
const LINE: f32 = 18.0;
/// A menu entry's height.
pub(super) const MENU_ENTRY: f32 = 30.0;
/// A small round button's side.
pub(super) const ICON_BUTTON: f32 = 26.0;
/// The rail of pages: its width while it shows icons only, and with words.
pub(super) const RAIL: f32 = 52.0;
pub(super) const RAIL_WIDE: f32 = 184.0;
/// An icon's side in the rail.
pub(super) const RAIL_ICON: f32 = 20.0;
/// From this width of the window on, the rail shows words.
pub(super) const WIDE: f32 = 760.0;
/// An entry of the rail.
pub(super) const RAIL_ENTRY: f32 = 40.0;
/// How wide a page's content gets at most: longer lines are hard to read.
pub(super) const COLUMN: f32 = 680.0;
/// An icon's side within a button.
pub(super) const ICON: f32 = 16.0;
/// An avatar's diameter in a row.
pub(super) const AVATAR: f32 = 40.0;
/// An avatar's diameter in a compact row.
pub(super) const AVATAR_SMALL: f32 = 26.0;
/// An avatar's diameter in a dialog.
pub(super) const AVATAR_LARGE: f32 = 64.0;
/// A status mark's diameter.
pub(super) const MARK: f32 = 14.0;
/// A progress bar's height.
pub(super) const BAR: f32 = 6.0;
/// A switch's size.
pub(super) const SWITCH: Vec2 = vec2(38.0, 22.0);
/// A dialog's width at most.
pub(super) const DIALOG: f32 = 332.0;
/// A menu's width at least.
pub(super) const MENU: f32 = 190.0;
/// A transfer list's height at most.
pub(super) const FOOTER_LIST: f32 = 160.0;

/// A QR code's side.
pub(super) const QR: f32 = 148.0;
/// The least room for a name.
pub(super) const NAME_LEAST: f32 = 90.0;
/// A graph's height.
pub(super) const GRAPH: f32 = 84.0;
/// The height of the picture of the cache.
pub(super) const CHART: f32 = 22.0;
/// The log's height.
pub(super) const LOG: f32 = 260.0;
/// How wide the first questions get at most.
pub(super) const QUESTIONS: f32 = 380.0;

/// How far beyond what is seen rows are drawn, so that the keyboard finds the next one.
pub(super) const BEYOND: f32 = 160.0;

/// A toast's width at most.
pub(super) const TOAST: f32 = 420.0;
/// How long a toast stays, in seconds.
pub(super) const TOAST_SECONDS: f64 = 6.0;
/// How many toasts are seen at once.
pub(super) const TOASTS: usize = 3;

/// The four sizes of text, in points.
const SMALL: f32 = 12.0;
const BODY: f32 = 13.5;
const TITLE: f32 = 19.0;
const CODE: f32 = 36.0;

const REGULAR: &str = "Inter";
const SEMIBOLD: &str = "Inter SemiBold";

/// What each colour means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Palette {
    /// The window's ground.
    pub(super) ground: Color32,
    /// A card on it.
    pub(super) card: Color32,
    /// A card under the pointer, a control at rest.
    pub(super) raised: Color32,
    /// A control under the pointer.
    pub(super) raised_more: Color32,
    /// Hairlines.
    pub(super) line: Color32,
    /// What is to be read.
    pub(super) text: Color32,
    /// What may be read.
    pub(super) muted: Color32,
    /// What is looked up.
    pub(super) faint: Color32,
    /// What is to be pressed.
    pub(super) accent: Color32,
    /// The same under the pointer.
    pub(super) accent_more: Color32,
    /// The ground of what is chosen.
    pub(super) accent_soft: Color32,
    /// Text on `accent_soft`.
    pub(super) accent_text: Color32,
    /// Text on `accent`.
    pub(super) on_accent: Color32,
    /// All is well.
    pub(super) good: Color32,
    /// The ground of good news.
    pub(super) good_soft: Color32,
    /// Look here.
    pub(super) warn: Color32,
    /// The ground of a warning.
    pub(super) warn_soft: Color32,
    /// Stop.
    pub(super) bad: Color32,
    /// The ground of what stops.
    pub(super) bad_soft: Color32,
    /// What lies between a dialog and the window.
    pub(super) veil: Color32,
    /// A card's shadow.
    pub(super) shadow: Color32,
}

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xf5, 0xf4, 0xf9),
    card: Color32::from_rgb(0xff, 0xff, 0xff),
    raised: Color32::from_rgb(0xec, 0xea, 0xf3),
    raised_more: Color32::from_rgb(0xe1, 0xde, 0xec),
    line: Color32::from_rgb(0xe4, 0xe1, 0xed),
    text: Color32::from_rgb(0x1d, 0x1a, 0x2b),
    muted: Color32::from_rgb(0x5d, 0x58, 0x70),
    faint: Color32::from_rgb(0x66, 0x60, 0x7a),
    accent: Color32::from_rgb(0x63, 0x49, 0xdb),
    accent_more: Color32::from_rgb(0x54, 0x3b, 0xc6),
    accent_soft: Color32::from_rgb(0xec, 0xe8, 0xfd),
    accent_text: Color32::from_rgb(0x54, 0x3b, 0xc6),
    on_accent: Color32::WHITE,
    good: Color32::from_rgb(0x12, 0x7c, 0x53),
    good_soft: Color32::from_rgb(0xdf, 0xf4, 0xea),
    warn: Color32::from_rgb(0x94, 0x5f, 0x08),
    warn_soft: Color32::from_rgb(0xfd, 0xf1, 0xd9),
    bad: Color32::from_rgb(0xc2, 0x30, 0x4d),
    bad_soft: Color32::from_rgb(0xfc, 0xe8, 0xec),
    veil: Color32::from_rgba_premultiplied(15, 12, 26, 120),
    shadow: Color32::from_rgba_premultiplied(3, 2, 7, 20),
};

const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x14, 0x12, 0x1b),
    card: Color32::from_rgb(0x1e, 0x1b, 0x28),
    raised: Color32::from_rgb(0x2a, 0x26, 0x37),
    raised_more: Color32::from_rgb(0x37, 0x32, 0x48),
    line: Color32::from_rgb(0x2e, 0x2a, 0x3c),
    text: Color32::from_rgb(0xee, 0xeb, 0xf7),
    muted: Color32::from_rgb(0xae, 0xa8, 0xc0),
    faint: Color32::from_rgb(0x97, 0x90, 0xab),
    accent: Color32::from_rgb(0x74, 0x5a, 0xeb),
    accent_more: Color32::from_rgb(0x68, 0x4e, 0xdc),
    accent_soft: Color32::from_rgb(0x2d, 0x25, 0x4d),
    accent_text: Color32::from_rgb(0xb8, 0xa9, 0xff),
    on_accent: Color32::WHITE,
    good: Color32::from_rgb(0x4f, 0xcb, 0x94),
    good_soft: Color32::from_rgb(0x18, 0x35, 0x2a),
    warn: Color32::from_rgb(0xf1, 0xb9, 0x5b),
    warn_soft: Color32::from_rgb(0x36, 0x2b, 0x18),
    bad: Color32::from_rgb(0xff, 0x7f, 0x93),
    bad_soft: Color32::from_rgb(0x3b, 0x1d, 0x26),
    veil: Color32::from_rgba_premultiplied(4, 3, 8, 170),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 60),
};

/// The figure of a pattern, on any of [`AVATARS`].
const AVATAR_FIGURE: Color32 = Color32::from_rgb(0xf4, 0xf1, 0xff);

/// The grounds of avatars, told apart at a glance; a light figure is clear on each.
const AVATARS: [Color32; 8] = [
    Color32::from_rgb(0x6d, 0x55, 0xdd),
    Color32::from_rgb(0x2f, 0x77, 0xc4),
    Color32::from_rgb(0x1c, 0x82, 0x7f),
    Color32::from_rgb(0x3f, 0x7f, 0x3f),
    Color32::from_rgb(0x9a, 0x67, 0x1b),
    Color32::from_rgb(0xb8, 0x54, 0x3a),
    Color32::from_rgb(0xb5, 0x44, 0x7e),
    Color32::from_rgb(0x8a, 0x4b, 0xb8),
];

/// The colours of the theme in which `ui` is drawn.
pub(super) fn palette(ui: &Ui) -> &'static Palette {
    palette_of(ui.visuals().dark_mode)
}

/// The colours of the dark theme or the light one.
pub(super) fn palette_of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// The ground and the figure of a key's pattern, always the same for the same key.
pub(super) fn avatar(key: &[u8]) -> (Color32, Color32) {
    let sum = key.iter().fold(0usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    (AVATARS.get(sum % AVATARS.len()).copied().unwrap_or(LIGHT.accent), AVATAR_FIGURE)
}

/// The colour of one part of a picture of amounts.
pub(super) fn chart(index: usize) -> Color32 {
    AVATARS.get(index % AVATARS.len()).copied().unwrap_or(LIGHT.accent)
}

/// The colour of what is left over in a picture of amounts.
pub(super) const fn chart_rest() -> Color32 {
    LIGHT.faint
}

/// The dark and the light of a QR code.
pub(super) const fn qr() -> (Color32, Color32) {
    (LIGHT.text, LIGHT.card)
}

/// A dialog's or the window's title.
pub(super) fn title() -> FontId {
    FontId::new(TITLE, FontFamily::Name(SEMIBOLD.into()))
}

/// A row's name, a section's head.
pub(super) fn name() -> FontId {
    FontId::new(BODY, FontFamily::Name(SEMIBOLD.into()))
}

/// A label above a section, a chip.
pub(super) fn label() -> FontId {
    FontId::new(SMALL, FontFamily::Name(SEMIBOLD.into()))
}

/// A button's text.
pub(super) fn button() -> FontId {
    FontId::new(BODY, FontFamily::Name(SEMIBOLD.into()))
}

/// What is read in passing.
pub(super) fn small() -> FontId {
    FontId::new(SMALL, FontFamily::Proportional)
}

/// Ids and addresses.
pub(super) fn mono() -> FontId {
    FontId::new(SMALL, FontFamily::Monospace)
}

/// A code to be compared.
pub(super) fn code() -> FontId {
    FontId::new(CODE, FontFamily::Monospace)
}

/// A card.
pub(super) fn card(ui: &Ui) -> Frame {
    let colours = palette(ui);
    Frame::new()
        .fill(colours.card)
        .corner_radius(CARD_RADIUS)
        .inner_margin(Margin::same(PAD))
        .stroke(Stroke::new(1.0, colours.line))
}

/// Gives a context fonts, both themes and the distances between things.
pub fn install(context: &Context) {
    install_fonts(context);
    // What friends call themselves may be written in a script that no font here has.
    context.set_missing_glyph_policy(MissingGlyphPolicy::Tofu);
    for (theme, colours) in [(Theme::Light, &LIGHT), (Theme::Dark, &DARK)] {
        context.style_mut_of(theme, |style| apply(style, theme, colours));
    }
}

/// Has characters that the program's own fonts lack drawn by the system's, as readers of this language expect them: the same Han
/// character has other strokes in Japan than in China.
pub fn speak(context: &Context, language: Option<&str>) {
    context.set_font_providers(vec![Arc::new(SystemFontProvider::new().with_locale(language))]);
}

fn install_fonts(context: &Context) {
    let mut fonts = FontDefinitions::default();
    let regular = include_bytes!("../../assets/fonts/Inter-Regular.otf");
    let semibold = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
    fonts.font_data.insert(REGULAR.to_owned(), Arc::new(FontData::from_static(regular)));
    fonts.font_data.insert(SEMIBOLD.to_owned(), Arc::new(FontData::from_static(semibold)));
    let proportional = fonts.families.entry(FontFamily::Proportional).or_default();
    let fallback = proportional.clone();
    proportional.insert(0, REGULAR.to_owned());
    let bold = std::iter::once(SEMIBOLD.to_owned()).chain(fallback).collect();
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), bold);
    context.set_fonts(fonts);
}

fn apply(style: &mut Style, theme: Theme, colours: &Palette) {
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, FontId::new(BODY, FontFamily::Proportional)),
        (TextStyle::Button, button()),
        (TextStyle::Heading, title()),
        (TextStyle::Monospace, mono()),
    ]
    .into();
    style.spacing.item_spacing = vec2(GAP, TIGHT);
    style.spacing.button_padding = vec2(12.0, 6.0);
    // Low, since it is also the least height of a line; controls have a height of their own.
    style.spacing.interact_size = vec2(ICON_BUTTON, LINE);
    style.spacing.menu_margin = Margin::same(6);
    style.spacing.scroll = ScrollStyle { foreground_color: false, ..ScrollStyle::floating() };
    style.interaction.selectable_labels = false;
    style.visuals = visuals(theme, colours);
}

fn visuals(theme: Theme, colours: &Palette) -> Visuals {
    let base = match theme {
        Theme::Light => Visuals::light(),
        Theme::Dark => Visuals::dark(),
    };
    Visuals {
        widgets: widgets(base.widgets.clone(), colours),
        weak_text_color: Some(colours.muted),
        hyperlink_color: colours.accent,
        faint_bg_color: colours.raised,
        extreme_bg_color: colours.raised,
        text_edit_bg_color: Some(colours.raised),
        warn_fg_color: colours.warn,
        error_fg_color: colours.bad,
        window_corner_radius: CornerRadius::same(CARD_RADIUS + 4),
        menu_corner_radius: CornerRadius::same(CARD_RADIUS),
        window_fill: colours.card,
        window_stroke: Stroke::new(1.0, colours.line),
        panel_fill: colours.ground,
        window_shadow: shadow(colours),
        popup_shadow: shadow(colours),
        selection: Selection { bg_fill: colours.accent_soft, stroke: Stroke::new(1.0, colours.accent_text) },
        ..base
    }
}

fn shadow(colours: &Palette) -> Shadow {
    Shadow { offset: [0, 6], blur: 24, spread: 0, color: colours.shadow }
}

fn widgets(mut widgets: Widgets, colours: &Palette) -> Widgets {
    let states = [
        (&mut widgets.noninteractive, colours.card, colours.line, colours.text),
        (&mut widgets.inactive, colours.raised, Color32::TRANSPARENT, colours.text),
        (&mut widgets.hovered, colours.raised_more, Color32::TRANSPARENT, colours.text),
        (&mut widgets.active, colours.raised_more, colours.accent, colours.text),
        (&mut widgets.open, colours.raised_more, Color32::TRANSPARENT, colours.text),
    ];
    for (state, fill, line, text) in states {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, line);
        state.fg_stroke = Stroke::new(1.5, text);
        state.corner_radius = CornerRadius::same(CONTROL_RADIUS);
        state.expansion = 0.0;
    }
    widgets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_readable_on_its_ground_in_both_themes() {
        for colours in [LIGHT, DARK] {
            let pairs = [
                (colours.text, colours.ground),
                (colours.text, colours.card),
                (colours.muted, colours.card),
                (colours.muted, colours.ground),
                (colours.muted, colours.raised),
                (colours.faint, colours.card),
                (colours.warn, colours.warn_soft),
                (colours.bad, colours.bad_soft),
                (colours.good, colours.card),
                (colours.good, colours.good_soft),
                (colours.accent_text, colours.accent_soft),
                (colours.faint, colours.ground),
                (colours.on_accent, colours.accent),
                (colours.on_accent, colours.accent_more),
                (colours.faint, colours.raised),
                (colours.warn, colours.card),
                (colours.bad, colours.card),
                (colours.accent_text, colours.card),
                (colours.text, colours.warn_soft),
                (colours.text, colours.accent_soft),
                (colours.muted, colours.raised_more),
            ];
            for (text, ground) in pairs {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
        }
        for ground in AVATARS {
            assert!(contrast(AVATAR_FIGURE, ground) >= 3.0, "{ground:?}: {}", contrast(AVATAR_FIGURE, ground));
        }
    }

    #[test]
    fn one_key_has_one_avatar_and_keys_differ() {
        assert_eq!(avatar(b"key"), avatar(b"key"));
        let different: std::collections::BTreeSet<_> = (0..32u8).map(|n| avatar(&[n, 7, 9]).0.to_array()).collect();
        assert!(different.len() > 4);
    }

    /// The contrast ratio of WCAG 2.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let linear = |part: u8| match f32::from(part) / 255.0 {
                dark if dark <= 0.039_28 => dark / 12.92,
                light => ((light + 0.055) / 1.055).powf(2.4),
            };
            0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
        };
        let (a, b) = (luminance(one), luminance(other));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}
