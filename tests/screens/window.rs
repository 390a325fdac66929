//! A window without a screen, and what a person does with it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Key, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use fyteclub::engine::command::Command;
use fyteclub::engine::snapshot::Snapshot;
use fyteclub::i18n;
use fyteclub::ui::app::App;
use fyteclub::ui::outside::{Level, LogLine, Outside, Wish};
use fyteclub::ui::tokens;
use fyteclub::ui::view::Page;

use crate::made_up;

/// A window on a made-up snapshot, and what was sent from it.
pub(crate) struct Window {
    pub(crate) harness: Harness<'static, App>,
    sent: Rc<RefCell<Vec<Command>>>,
    wishes: Rc<RefCell<Vec<Wish>>>,
    pub(crate) age: Rc<RefCell<u64>>,
    _language: Language,
}

impl Window {
    pub(crate) fn of(snapshot: Snapshot) -> Self {
        Self::new(snapshot, false)
    }

    pub(crate) fn new(snapshot: Snapshot, demo: bool) -> Self {
        let language = speak("en");
        let around = Around::default();
        let (sent, wishes) = (around.sent.clone(), around.wishes.clone());
        let age = Rc::new(RefCell::new(0));
        let app = App::new(english(snapshot), around, demo);
        // Tall, so that every row is drawn.
        let mut harness = harness(app, Theme::Light, age.clone(), (440.0, 3_600.0));
        harness.run_steps(2);
        Self { harness, sent, wishes, age, _language: language }
    }

    pub(crate) fn show(&mut self, snapshot: Snapshot) {
        self.harness.state_mut().set_snapshot(Arc::new(snapshot));
        self.harness.run_steps(2);
    }

    pub(crate) fn press(&mut self, button: &str) {
        self.control(button).click();
        self.harness.run_steps(3);
    }

    pub(crate) fn turn_to(&mut self, page: Page) {
        self.harness.state_mut().turn_to(page);
        self.harness.run_steps(3);
    }

    /// The one control of this name.
    fn control<'a>(&'a self, name: &'a str) -> egui_kittest::Node<'a> {
        let mut found = self.harness.query_all_by(|node| is_control(node.role()) && named(node, name));
        let first = found.next().unwrap_or_else(|| panic!("there is no control {name:?}"));
        assert!(found.next().is_none(), "there are several controls {name:?}");
        first
    }

    /// Gives a control the keyboard's focus, and presses Enter.
    pub(crate) fn press_by_key(&mut self, name: &str) {
        self.control(name).focus();
        self.harness.run_steps(2);
        self.harness.key_press(Key::Enter);
        self.harness.run_steps(3);
    }

    pub(crate) fn press_role(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.harness.run_steps(3);
    }

    pub(crate) fn fill(&mut self, field: &str, text: &str) {
        self.harness
            .get_by(|node| {
                matches!(node.role(), Role::TextInput | Role::MultilineTextInput | Role::PasswordInput) && named(node, field)
            })
            .focus();
        self.harness.run_steps(1);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        self.harness.run_steps(1);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.run_steps(2);
    }

    /// What was sent since this was last asked.
    pub(crate) fn sent(&mut self) -> Vec<Command> {
        std::mem::take(&mut *self.sent.borrow_mut())
    }

    /// What was asked of the program around the window since this was last asked.
    pub(crate) fn wished(&mut self) -> Vec<Wish> {
        std::mem::take(&mut *self.wishes.borrow_mut())
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.harness.query_all_by_label(text).next().is_some()
    }

    pub(crate) fn reads(&self, text: &str) {
        assert!(self.shows(text), "{text:?} is not to be read");
    }

    pub(crate) fn reads_part(&self, text: &str) {
        assert!(self.harness.query_all_by_label_contains(text).next().is_some(), "{text:?} is not to be read");
    }
}

/// A turn of the wheel far down.
pub(crate) fn wheel() -> egui::Event {
    egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -10_000.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    }
}

pub(crate) fn is_control(role: Role) -> bool {
    matches!(role, Role::Button | Role::Tab | Role::CheckBox | Role::Switch)
}

pub(crate) fn named(node: &egui_kittest::kittest::AccessKitNode<'_>, name: &str) -> bool {
    node.label().as_deref() == Some(name) || node.placeholder() == Some(name)
}

pub(crate) fn harness(app: App, theme: Theme, age: Rc<RefCell<u64>>, size: (f32, f32)) -> Harness<'static, App> {
    Harness::builder()
        .allow_missing_glyphs()
        .with_size(size)
        .with_theme(theme)
        .with_context_setup(tokens::install)
        .build_ui_state(move |ui, app: &mut App| whole(ui, |ui| app.show(ui, *age.borrow())), app)
}

/// The whole window, as eframe gives it: without the margin that the harness leaves.
pub(crate) fn whole(ui: &mut egui::Ui, content: impl FnOnce(&mut egui::Ui)) {
    let room = ui.ctx().content_rect();
    ui.scope_builder(egui::UiBuilder::new().max_rect(room), |ui| {
        ui.set_clip_rect(room);
        content(ui);
    });
}

/// A program around the window that remembers what it was asked for.
#[derive(Clone, Default)]
pub(crate) struct Around {
    pub(crate) sent: Rc<RefCell<Vec<Command>>>,
    pub(crate) wishes: Rc<RefCell<Vec<Wish>>>,
}

impl Outside for Around {
    fn send(&self, command: Command) -> bool {
        self.sent.borrow_mut().push(command);
        true
    }

    fn wish(&self, wish: Wish) {
        self.wishes.borrow_mut().push(wish);
    }

    fn unix_now(&self) -> u64 {
        made_up::NOW
    }

    fn log(&self) -> Vec<Arc<LogLine>> {
        let line = |level, text: &str| Arc::new(LogLine { level, text: format!("2026-09-21T14:13:{text}") });
        vec![
            line(Level::Info, "20Z INFO fyteclub::runtime::companion: FyteClub 0.1.0 has started"),
            line(Level::Info, "20Z INFO fyteclub::runtime::discovery::task: discovery on the local network mode=FriendsOnly"),
            line(Level::Debug, "22Z DEBUG fyteclub::runtime::link::actor: link up generation=3"),
            line(Level::Info, "22Z INFO fyteclub::engine::desk: a friend is here"),
            line(Level::Warn, "41Z WARN fyteclub::runtime::store::cache: a file was damaged, and is fetched again"),
        ]
    }
}

/// Which language the process speaks, and how many tests need it to.
static SPOKEN: Mutex<(&str, usize)> = Mutex::new(("", 0));
static SILENCE: Condvar = Condvar::new();

/// While it lives, the process speaks one language.
pub(crate) struct Language;

/// Waits until nobody needs another language, and speaks this one: the language is the process's, and tests run side by side.
pub(crate) fn speak(language: &'static str) -> Language {
    let spoken = SPOKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut spoken =
        SILENCE.wait_while(spoken, |(now, users)| *users > 0 && *now != language).unwrap_or_else(PoisonError::into_inner);
    if spoken.0 != language {
        i18n::select(Some(language));
    }
    *spoken = (language, spoken.1 + 1);
    Language
}

impl Drop for Language {
    fn drop(&mut self) {
        SPOKEN.lock().unwrap_or_else(PoisonError::into_inner).1 -= 1;
        SILENCE.notify_all();
    }
}

/// A snapshot of somebody who reads English.
pub(crate) fn english(snapshot: Snapshot) -> Arc<Snapshot> {
    in_language(snapshot, "en")
}

/// A snapshot of somebody who reads this language.
pub(crate) fn in_language(mut snapshot: Snapshot, language: &str) -> Arc<Snapshot> {
    snapshot.settings.language = Some(language.to_owned());
    Arc::new(snapshot)
}
