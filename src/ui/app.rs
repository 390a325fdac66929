//! The window's content: a function of the newest snapshot, drawn anew for each frame.

use std::rc::Rc;
use std::sync::Arc;

use eframe::egui::{
    AsIdSalt, CentralPanel, Context, Frame, Margin, Panel, ScrollArea, Stroke, ThemePreference, Ui, ViewportCommand, WindowLevel,
};

use super::gallery::Gallery;
use super::outside::Outside;
use super::screens::{self, Scene};
use super::view::{Page, View};
use super::words::{self, Tone};
use super::{Commands, dialogs, tokens, widgets};
use crate::domain::{TextSize, Theme};
use crate::engine::notice::Notice;
use crate::engine::snapshot::{LinkView, Snapshot};
use crate::i18n::{self, fl};

/// The window's content.
pub struct App {
    snapshot: Arc<Snapshot>,
    view: View,
    outside: Rc<dyn Outside>,
    gallery: Gallery,
    demo: bool,
    caption: String,
    ending: bool,
    language: Option<String>,
    /// Whether the fonts are those of the language.
    fonts_fit: bool,
    /// What the window was last told of theme, size and place.
    dressed: Option<(Theme, TextSize, bool)>,
}

impl App {
    /// The content for a snapshot. `demo`: a ribbon says that nothing here is real.
    #[must_use]
    pub fn new(snapshot: Arc<Snapshot>, outside: impl Outside + 'static, demo: bool) -> Self {
        let language = snapshot.settings.language.clone();
        i18n::select(language.as_deref());
        let outside: Rc<dyn Outside> = Rc::new(outside);
        let gallery = Gallery::new(outside.clone());
        Self {
            snapshot,
            view: View::default(),
            outside,
            gallery,
            demo,
            caption: String::new(),
            ending: false,
            language,
            fonts_fit: false,
            dressed: None,
        }
    }

    /// Shows this snapshot from the next frame on.
    pub fn set_snapshot(&mut self, snapshot: Arc<Snapshot>) {
        if snapshot.settings.language != self.language {
            self.language.clone_from(&snapshot.settings.language);
            i18n::select(self.language.as_deref());
            self.fonts_fit = false;
        }
        self.view.tidy(&snapshot.prompts);
        self.gallery.tidy(&snapshot);
        self.snapshot = snapshot;
    }

    /// Shows a moment, if it is one to be shown.
    pub fn notice(&mut self, notice: &Notice) {
        if let Some((tone, text)) = words::notice(&self.snapshot, notice) {
            self.view.toast(tone, text);
        }
    }

    /// Shows a line of the program's own.
    pub fn say(&mut self, text: String) {
        self.view.toast(Tone::Plain, text);
    }

    /// Says in the demo's ribbon what is going on.
    pub fn set_caption(&mut self, caption: String) {
        self.caption = caption;
    }

    /// Brings back the prompts that were set aside.
    pub fn recall_prompts(&mut self) {
        self.view.recall();
    }

    /// Says from here on that the program is ending; nothing can be pressed any more.
    pub fn set_ending(&mut self) {
        self.ending = true;
    }

    /// Turns to a page.
    pub fn turn_to(&mut self, page: Page) {
        self.view.turn_to(page);
    }

    /// Unfolds the list of transfers.
    pub fn unfold_transfers(&mut self) {
        self.view.transfers_open = true;
    }

    /// Draws a frame. `age`: seconds since the snapshot was made, which its countdowns have lost since.
    pub fn show(&mut self, ui: &mut Ui, age: u64) {
        if !std::mem::replace(&mut self.fonts_fit, true) {
            tokens::speak(ui.ctx(), i18n::spoken().as_deref());
        }
        self.dress(ui.ctx());
        let mut commands = Commands::new();
        if self.ending {
            ui.disable();
        }
        self.frame(ui, age, &mut commands);
        for wish in std::mem::take(&mut self.view.wishes) {
            self.outside.wish(wish);
        }
        for command in commands {
            if !self.outside.send(command) {
                self.view.toast(Tone::Warning, fl!("busy"));
            }
        }
        if counts_down(&self.snapshot) {
            ui.ctx().request_repaint_after_secs(1.0);
        }
    }

    /// Sets theme, size and place as the settings have them.
    fn dress(&mut self, context: &Context) {
        let settings = &self.snapshot.settings;
        let wanted = (settings.theme, settings.text_size, settings.keep_on_top);
        if self.dressed == Some(wanted) {
            return;
        }
        let before = self.dressed.replace(wanted);
        if before.map(|(theme, ..)| theme) != Some(settings.theme) && (before.is_some() || settings.theme != Theme::System) {
            context.set_theme(match settings.theme {
                Theme::System => ThemePreference::System,
                Theme::Light => ThemePreference::Light,
                Theme::Dark => ThemePreference::Dark,
            });
        }
        context.set_zoom_factor(f32::from(settings.text_size.percent()) / 100.0);
        if before.map_or(settings.keep_on_top, |(_, _, on_top)| on_top != settings.keep_on_top) {
            let level = if settings.keep_on_top { WindowLevel::AlwaysOnTop } else { WindowLevel::Normal };
            context.send_viewport_cmd(ViewportCommand::WindowLevel(level));
        }
    }

    fn frame(&mut self, ui: &mut Ui, age: u64, commands: &mut Commands) {
        let snapshot = self.snapshot.clone();
        let scene = Scene { snapshot: &snapshot, age, unix: self.outside.unix_now(), gallery: &self.gallery };
        let view = &mut self.view;
        if self.demo {
            Panel::top("ribbon").frame(Frame::new()).show_separator_line(false).show(ui, |ui| screens::ribbon(ui, &self.caption));
        }
        let ground = tokens::palette(ui).ground;
        if screens::is_wanted(&snapshot) && !self.demo {
            let area = |ui: &mut Ui| screens::welcome(ui, scene, view, commands);
            CentralPanel::no_frame().frame(Frame::new().fill(ground)).show(ui, |ui| scrolled(ui, "welcome", area));
            return widgets::toasts(ui.ctx(), view, tokens::GAP, 0.0);
        }
        let side = Frame::new().fill(tokens::palette(ui).card).inner_margin(Margin::symmetric(6, 12));
        let width = screens::rail_width(ui.available_width());
        let rail = Panel::left("rail").frame(side).resizable(false).exact_size(width).show_separator_line(false);
        let rail = rail.show(ui, |ui| screens::rail(ui, scene, view, commands)).response.rect;
        ui.painter().vline(rail.right(), rail.y_range(), Stroke::new(1.0, tokens::palette(ui).line));
        let foot = foot(ui);
        let footer = Panel::bottom("footer").frame(foot).show_separator_line(false);
        let footer = footer.show(ui, |ui| {
            if self.ending { drop(widgets::note(ui, &fl!("ending"))) } else { screens::footer(ui, scene, view, commands) }
        });
        CentralPanel::no_frame().frame(Frame::new().fill(ground)).show(ui, |ui| page(ui, scene, view, commands));
        let rim = footer.response.rect;
        ui.painter().hline(rim.x_range(), rim.top(), Stroke::new(1.0, tokens::palette(ui).line));
        dialogs::dialogs(ui.ctx(), scene, view, commands);
        widgets::toasts(ui.ctx(), view, rim.height() + tokens::GAP, width);
    }
}

fn foot(ui: &Ui) -> Frame {
    let colours = tokens::palette(ui);
    let margin = Margin { left: tokens::EDGE, right: 10, top: 8, bottom: 8 };
    Frame::new().fill(colours.card).inner_margin(margin)
}

fn page(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let page = view.page;
    scrolled(ui, page, |ui| {
        ui.set_max_width(ui.available_width().min(tokens::COLUMN));
        match page {
            Page::Friends => screens::friends(ui, scene, view, commands),
            Page::Add => screens::add(ui, scene, view, commands),
            Page::Characters => screens::characters(ui, scene, view, commands),
            Page::Friend(peer) => screens::friend(ui, scene, view, commands, peer),
            Page::Transfers => screens::transfers(ui, scene, view, commands),
            Page::Cache => screens::cache(ui, scene, view, commands),
            Page::Diagnostics => screens::diagnostics(ui, scene, view),
            Page::Settings => screens::settings(ui, scene, view, commands),
        }
    });
}

fn scrolled(ui: &mut Ui, id: impl AsIdSalt, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
        Frame::new().inner_margin(Margin::same(tokens::EDGE)).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = tokens::GAP;
            content(ui);
        });
    });
}

/// Whether something that is shown changes by the mere passing of time.
fn counts_down(snapshot: &Snapshot) -> bool {
    let retries = |link: &LinkView| matches!(link, LinkView::Offline { retry_in: Some(_), .. });
    snapshot.discovery.seconds_left.is_some()
        || snapshot.pause.seconds_left.is_some()
        || snapshot.peers.iter().any(|peer| retries(&peer.link))
}
