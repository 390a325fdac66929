//! Nothing is clipped, overlaps or is out of reach: every page in every language, in the least window and in the largest.

use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use fyteclub::domain::Welcome;
use fyteclub::engine::snapshot::{Prompt, Snapshot};
use fyteclub::i18n::pseudo;
use fyteclub::ui::app::App;
use fyteclub::ui::tokens;
use fyteclub::ui::view::Page;

use crate::made_up;
use crate::window::{Around, harness, in_language, speak};

const LANGUAGES: [&str; 5] = ["en", "de", "fr", "ja", pseudo::TAG];

fn scenes() -> Vec<(&'static str, Snapshot, Page)> {
    let bryn = made_up::id("Bryn Vale");
    let mut compact = made_up::evening();
    compact.settings.compact = true;
    let mut scenes = vec![
        ("friends", made_up::evening(), Page::Friends),
        ("compact", compact, Page::Friends),
        ("nobody", made_up::first_start(), Page::Friends),
        ("friend", made_up::evening(), Page::Friend(bryn)),
        ("add", made_up::nearby(), Page::Add),
        ("characters", made_up::evening(), Page::Characters),
        ("transfers", made_up::evening(), Page::Transfers),
        ("cache", made_up::evening(), Page::Cache),
        ("diagnostics", made_up::evening(), Page::Diagnostics),
        ("settings", made_up::evening(), Page::Settings),
        ("hostile", made_up::hostile(), Page::Friends),
    ];
    let prompts = [
        made_up::stranger("Rowan Hale", Some(bryn)),
        Prompt::NewCharacter { character: made_up::character("Aria Moon@Phoenix") },
        Prompt::OwnerConflict {
            character: made_up::character("Aria Moon@Phoenix"),
            owner: bryn,
            claimant: made_up::id("Aria Moon"),
        },
        Prompt::CompareCode { peer: bryn, code: "048213".to_owned(), confirmed: false },
    ];
    scenes.extend(prompts.map(|prompt| ("prompt", Snapshot { prompts: vec![prompt], ..made_up::evening() }, Page::Friends)));
    scenes.extend(
        Welcome::ALL
            .into_iter()
            .filter(|step| *step != Welcome::Done)
            .map(|step| ("welcome", made_up::newcomer(step), Page::Friends)),
    );
    scenes
}

#[test]
fn in_the_least_window_nothing_is_cut_and_nothing_overlaps() {
    let [width, height] = tokens::WINDOW_LEAST;
    every_scene((width, height));
}

#[test]
fn on_the_largest_monitor_nothing_is_lost() {
    every_scene((3840.0, 2160.0));
}

fn every_scene((width, height): (f32, f32)) {
    for language in LANGUAGES {
        let _language = speak(language);
        for (name, snapshot, page) in scenes() {
            let app = App::new(in_language(snapshot, language), Around::default(), false);
            let mut harness = harness(app, Theme::Light, std::rc::Rc::default(), (width, height));
            harness.state_mut().turn_to(page);
            harness.run_steps(5);
            let what = format!("{name} in {language} at {width} × {height}");
            assert!(harness.unnamed_widgets().is_empty(), "{what}: {:?}", harness.unnamed_widgets());
            let mut controls: Vec<(String, Rect)> = Vec::new();
            for node in harness.query_all_by(|node| is_seen(node.role())) {
                let (rect, label) = (node.rect(), node.accesskit_node().label().unwrap_or_default());
                // Lines of the log are as long as they are, and scrolled.
                if node.accesskit_node().value().is_some_and(|text| text.starts_with("2026-")) {
                    continue;
                }
                assert!(
                    rect.right() <= width + 0.5 && rect.left() >= -0.5,
                    "{what}: {label:?} reaches from {} to {}",
                    rect.left(),
                    rect.right()
                );
                if is_control(node.accesskit_node().role()) && !label.is_empty() {
                    controls.push((label, rect));
                }
            }
            // What is scrolled out of sight lies below the footer, as far as its place goes.
            let footer = footer_of(&controls).map_or(height, |rect| rect.top() - 6.0);
            controls.retain(|(_, rect)| rect.bottom() <= footer || rect.left() < 52.0);
            // A dialog lies over everything else.
            if name != "prompt" {
                no_overlaps(&what, &controls);
            }
        }
    }
}

/// Where the footer is, if it has a control: the one that unfolds the transfers, which is small, at the left, and the lowest.
fn footer_of(controls: &[(String, Rect)]) -> Option<Rect> {
    let small =
        controls.iter().map(|(_, rect)| *rect).filter(|rect| rect.width() <= 27.0 && rect.left() > 52.0 && rect.left() < 240.0);
    small.max_by(|a, b| a.top().total_cmp(&b.top()))
}

fn no_overlaps(what: &str, controls: &[(String, Rect)]) {
    for (index, (name, rect)) in controls.iter().enumerate() {
        for (other, beside) in controls.iter().skip(index + 1) {
            let shared = rect.intersect(*beside);
            // A row holds its own buttons.
            let holds = rect.expand(1.0).contains_rect(*beside) || beside.expand(1.0).contains_rect(*rect);
            assert!(
                holds || shared.width() <= 1.0 || shared.height() <= 1.0,
                "{what}: {name:?} and {other:?} overlap: {rect:?} {beside:?}"
            );
        }
    }
}

fn is_seen(role: Role) -> bool {
    is_control(role) || matches!(role, Role::Label | Role::Image | Role::ProgressIndicator)
}

fn is_control(role: Role) -> bool {
    matches!(role, Role::Button | Role::Tab | Role::CheckBox | Role::Switch | Role::TextInput | Role::MultilineTextInput)
}
