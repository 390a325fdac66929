//! Every page and dialog as a picture, in both themes, in English and Japanese, compared with what is committed.
//!
//! `UPDATE_SNAPSHOTS=1` writes them anew. They are drawn by Mesa's llvmpipe, so that every machine draws the same.

use eframe::egui::Theme;
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults};

use fyteclub::domain::Welcome;
use fyteclub::engine::snapshot::Snapshot;
use fyteclub::ui::app::App;
use fyteclub::ui::tokens;
use fyteclub::ui::view::Page;

use crate::made_up;
use crate::window::{Around, in_language, speak, whole};

/// What is drawn: a name, what the engine says, and what was done in the window before.
type Scene = (&'static str, fn() -> Snapshot, fn(&mut App));

const SCENES: &[Scene] = &[
    ("friends", made_up::evening, |_| ()),
    ("friends-none", made_up::first_start, |_| ()),
    ("friend", made_up::evening, |app| app.turn_to(Page::Friend(made_up::id("Bryn Vale")))),
    ("prompt", made_up::knock, |_| ()),
    ("add", made_up::nearby, |app| app.turn_to(Page::Add)),
    ("add-code", made_up::with_codes, |app| app.turn_to(Page::Add)),
    ("characters", made_up::evening, |app| app.turn_to(Page::Characters)),
    ("transfers", made_up::evening, |app| app.turn_to(Page::Transfers)),
    ("cache", made_up::evening, |app| app.turn_to(Page::Cache)),
    ("diagnostics", made_up::evening, |app| app.turn_to(Page::Diagnostics)),
    ("settings", made_up::evening, |app| app.turn_to(Page::Settings)),
    ("welcome-language", || made_up::newcomer(Welcome::Language), |_| ()),
    ("welcome-name", || made_up::newcomer(Welcome::Name), |_| ()),
    ("welcome-cache", || made_up::newcomer(Welcome::Cache), |_| ()),
    ("welcome-sharing", || made_up::newcomer(Welcome::Sharing), |_| ()),
    ("welcome-plugin", || made_up::newcomer(Welcome::Plugin), |_| ()),
];

#[test]
fn every_page_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for language in ["en", "ja"] {
        let _language = speak(language);
        for (name, snapshot, prepare) in SCENES {
            for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
                let app = App::new(in_language(snapshot(), language), Around::default(), false);
                let mut harness = window(app, theme, 1.0);
                prepare(harness.state_mut());
                harness.run_steps(6);
                results.add(harness.try_snapshot_options(format!("{name}-{language}-{suffix}"), &options()));
            }
        }
    }
}

/// Rounding differs a little between processors; a text that moved by a point does not pass.
fn options() -> SnapshotOptions {
    SnapshotOptions::new().output_path("screenshots").threshold(0.6).max_failed_pixels(150)
}

fn window(app: App, theme: Theme, scale: f32) -> Harness<'static, App> {
    let [width, height] = tokens::WINDOW;
    Harness::builder()
        .allow_missing_glyphs()
        .with_size((width, height))
        .with_pixels_per_point(scale)
        .with_theme(theme)
        .with_render_cursor(false)
        .with_context_setup(tokens::install)
        .build_ui_state(|ui, app: &mut App| whole(ui, |ui| app.show(ui, 0)), app)
}
