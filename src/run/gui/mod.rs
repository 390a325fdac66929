//! The program with a window: eframe on the main thread, the engine elsewhere.
//!
//! The window knows the engine only by its [`Handle`]. A task on the engine's runtime puts what is new into an inbox and
//! asks for a frame, at most twenty times a second, and only while the window is seen or the tray must change; hidden, the
//! program costs next to nothing. The tray's events come from a thread of the desktop's and go into the same inbox.
//! `Shell::logic` empties it; it runs before each frame, and also while there are no frames.
//!
//! Closing the window hides it where a tray icon brings it back. Where none is drawn it is minimised, and where there is
//! not even a session bus (so no desktop to speak of), or in the demo, closing ends the program.
//! The clock is read here: a snapshot counts from the moment at which it was made, and the window shows what is left.
#![allow(clippy::disallowed_methods, reason = "this module is one of those that read the clock")]

mod around;
mod companion;
mod inbox;
mod notify;

pub use companion::{companion_or_why, has_display};

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use eframe::egui::{Context, IconData, Ui, ViewportBuilder, ViewportCommand};
use eframe::{CreationContext, NativeOptions, Renderer};

use tokio::sync::watch;

use self::around::Around;
use self::inbox::{Inbox, WAKE_PAUSE, forward, lock};
use crate::engine::command::{Command, SettingChange};
use crate::i18n::fl;
use crate::run::autostart;
use crate::runtime::files::Profile;
use crate::runtime::handle::Handle;
use crate::tray::backend::Tray;
use crate::tray::host::{Host, Presence};
use crate::tray::icon;
use crate::tray::menu::Action;
use crate::ui::app::App;
use crate::ui::tokens;
use crate::ui::view::Page;

/// How long the engine may take to end before the window closes without it.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// How long a start without a window waits to hear whether there is a tray to bring it back from.
const TRAY_PATIENCE: Duration = Duration::from_secs(2);

/// What the window is given.
pub struct GuiOptions {
    /// The running engine.
    pub handle: Handle,
    /// The runtime that it runs on.
    pub runtime: tokio::runtime::Handle,
    /// Start without showing the window.
    pub hidden: bool,
    /// Say that nothing here is real; no tray, and closing the window ends the program.
    pub demo: bool,
    /// Where pictures of people lie, and where the window's place is kept.
    pub profile: Option<Profile>,
    /// What the demo's ribbon says of what is going on.
    pub caption: Option<watch::Receiver<String>>,
}

/// How the window came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuiEnd {
    /// The person quit, and the engine has ended.
    Quit,
    /// The engine ended by itself, or somebody else told it to.
    EngineEnded,
    /// The person quit, and the engine did not end in time.
    EngineStuck,
}

/// No window can be opened here.
#[derive(Debug, thiserror::Error)]
#[error("no window can be opened here ({reason}); `fyteclub --headless` runs without one")]
pub struct NoDisplay {
    /// What the system said.
    pub reason: String,
}

/// Shows the window until the person quits or the engine ends. Call it on the main thread, once in a process.
///
/// # Errors
/// [`NoDisplay`] (to be found by `downcast_ref`) where there is no display or no way to draw on it.
pub fn run(options: GuiOptions) -> anyhow::Result<GuiEnd> {
    let host = Host::watch();
    let start = Start::of(&options, &host);
    let end = Arc::new(Mutex::new(GuiEnd::EngineEnded));
    let place = options.profile.as_ref().map(|profile| profile.root().join("window.ron"));
    let (native, told) = (native_options(start, place), end.clone());
    let creator = Box::new(move |context: &CreationContext<'_>| {
        let shell = Shell::new(context, options, host, start, told);
        Ok(Box::new(shell) as Box<dyn eframe::App>)
    });
    eframe::run_native("FyteClub", native, creator).map_err(explained)?;
    let end = *lock(&end);
    Ok(end)
}

/// How the window first appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Shown,
    Hidden,
    Minimised,
}

impl Start {
    fn of(options: &GuiOptions, host: &Host) -> Self {
        if !options.hidden {
            Self::Shown
        } else if can_hide() && !options.demo && host.wait(TRAY_PATIENCE) == Presence::Present {
            Self::Hidden
        } else {
            Self::Minimised
        }
    }
}

/// Wayland has no hidden windows, only minimised ones. It is what is used where it is offered.
fn can_hide() -> bool {
    !cfg!(target_os = "linux") || std::env::var_os("WAYLAND_DISPLAY").is_none_or(|display| display.is_empty())
}

/// `place`: where the window's size, place and monitor are kept. A place on a monitor that is gone is moved onto one that is there.
fn native_options(start: Start, place: Option<PathBuf>) -> NativeOptions {
    let icon::Picture { side, rgba } = icon::draw(icon::WINDOW_SIDE, icon::Dot::None);
    let viewport = ViewportBuilder::default()
        .with_title("FyteClub")
        .with_app_id("fyteclub")
        .with_icon(IconData { rgba, width: side, height: side })
        .with_inner_size(tokens::WINDOW)
        .with_min_inner_size(tokens::WINDOW_LEAST)
        .with_visible(start != Start::Hidden);
    let persist_window = place.is_some();
    NativeOptions { viewport, renderer: Renderer::Glow, persist_window, persistence_path: place, ..NativeOptions::default() }
}

fn explained(error: eframe::Error) -> anyhow::Error {
    if let eframe::Error::AppCreation(error) = error {
        return anyhow!("Failed to make the window's content: {error}");
    }
    NoDisplay { reason: last_part(&error.to_string()).to_owned() }.into()
}

/// What the innermost error says: those around it name source files, which help nobody here.
fn last_part(text: &str) -> &str {
    text.rsplit(": ").next().unwrap_or(text).trim_end_matches('.')
}

/// The window's frame around [`App`]: shows, hides and closes it, and keeps the tray up to date.
struct Shell {
    app: App,
    handle: Handle,
    runtime: tokio::runtime::Handle,
    inbox: Arc<Inbox>,
    tray: Option<Tray>,
    host: Host,
    /// Whether the window is hidden in the tray.
    hidden: bool,
    /// Whether the first frame is still to come, with which a window that is to start hidden would be seen.
    shown_by_eframe: bool,
    focused: bool,
    /// Whether the first frame was drawn.
    drawn: bool,
    demo: bool,
    caption: Option<watch::Receiver<String>>,
    /// Since when the program is ending because the person wants it.
    quitting: Option<Quitting>,
    closing: bool,
    end: Arc<Mutex<GuiEnd>>,
}

#[derive(Clone, Copy)]
struct Quitting {
    since: Instant,
    /// Whether the engine's queue took the command.
    told: bool,
}

impl Shell {
    fn new(context: &CreationContext<'_>, options: GuiOptions, host: Host, start: Start, end: Arc<Mutex<GuiEnd>>) -> Self {
        let GuiOptions { handle, runtime, demo, caption, profile, .. } = options;
        let egui = &context.egui_ctx;
        tokens::install(egui);
        let snapshot = handle.snapshot();
        let inbox = Arc::new(Inbox::new(snapshot.clone(), start == Start::Shown));
        if let Some(profile) = profile.clone().filter(|_| !demo) {
            let (inbox, context) = (inbox.clone(), egui.clone());
            runtime.spawn(autostart::follow(handle.clone(), profile, move |text| inbox.say(text, &context)));
        }
        let around = Around::new(handle.clone(), runtime.clone(), inbox.clone(), egui.clone(), profile.as_ref());
        let app = App::new(snapshot, around, demo);
        runtime.spawn(forward(handle.clone(), inbox.clone(), egui.clone(), !demo));
        if start == Start::Minimised {
            egui.send_viewport_cmd(ViewportCommand::Minimized(true));
        }
        let tray = if demo { None } else { tray(&inbox, egui) };
        let hidden = start == Start::Hidden;
        Self {
            app,
            handle,
            runtime,
            inbox,
            tray,
            host,
            hidden,
            shown_by_eframe: hidden,
            focused: false,
            drawn: false,
            demo,
            caption,
            quitting: None,
            closing: false,
            end,
        }
    }

    /// Empties the inbox.
    fn take_in(&mut self, context: &Context) {
        let mut news = lock(&self.inbox.news);
        let (snapshot, look, ended) = (news.snapshot.clone(), news.look.clone(), news.ended);
        let (notices, actions) = (std::mem::take(&mut news.notices), std::mem::take(&mut news.actions));
        drop(news);
        self.app.set_snapshot(snapshot);
        if let Some(caption) = &mut self.caption
            && caption.has_changed().unwrap_or(false)
        {
            self.app.set_caption(caption.borrow_and_update().clone());
        }
        notices.iter().for_each(|notice| self.app.notice(notice));
        if let Some(tray) = &mut self.tray {
            tray.show(look);
        }
        actions.into_iter().for_each(|action| self.act(context, action));
        if ended {
            self.close(context, if self.quitting.is_some() { GuiEnd::Quit } else { GuiEnd::EngineEnded });
        }
    }

    fn act(&mut self, context: &Context, action: Action) {
        match action {
            Action::Open => self.show(context),
            Action::OpenPrompts => {
                self.app.recall_prompts();
                self.show(context);
            }
            Action::Invite => {
                self.order(action);
                self.app.turn_to(Page::Add);
                self.show(context);
            }
            Action::Quit => self.quit(context),
            Action::Pause
            | Action::PauseHalfHour
            | Action::PauseHour
            | Action::Resume
            | Action::ShowAgain
            | Action::Discover
            | Action::StopDiscovering => self.order(action),
        }
    }

    fn order(&self, action: Action) {
        let taken = action.command().is_none_or(|command| self.handle.try_command(command));
        if !taken {
            tracing::debug!(?action, "the engine is too busy for the tray");
        }
    }

    fn show(&mut self, context: &Context) {
        self.hidden = false;
        context.send_viewport_cmd(ViewportCommand::Visible(true));
        context.send_viewport_cmd(ViewportCommand::Minimized(false));
        context.send_viewport_cmd(ViewportCommand::Focus);
        context.request_repaint();
    }

    /// The window is asked to close: hides it, minimises it, or quits.
    fn close_requested(&mut self, context: &Context) {
        let presence = if self.demo || self.tray.is_none() { Presence::NoBus } else { self.host.presence() };
        if presence == Presence::NoBus {
            if !self.demo {
                tracing::info!("there is no tray here: closing the window ends FyteClub");
            }
            // The window stays until the engine has ended.
            context.send_viewport_cmd(ViewportCommand::CancelClose);
            return self.quit(context);
        }
        context.send_viewport_cmd(ViewportCommand::CancelClose);
        if presence == Presence::Present && can_hide() {
            self.hidden = true;
            context.send_viewport_cmd(ViewportCommand::Visible(false));
            self.tell_of_tray();
        } else {
            self.app.say(if presence == Presence::Present { fl!("tray-kept") } else { fl!("tray-absent") });
            context.send_viewport_cmd(ViewportCommand::Minimized(true));
        }
    }

    /// Says once, at the first close, that the program goes on in the tray.
    fn tell_of_tray(&mut self) {
        if self.handle.snapshot().settings.tray_told
            || !self.handle.try_command(Command::ChangeSetting { change: SettingChange::TrayTold })
        {
            return;
        }
        let message = notify::Message { head: "FyteClub".to_owned(), text: fl!("tray-kept") };
        self.runtime.spawn_blocking(move || notify::show(&message));
    }

    /// Tells the engine to end; the window closes when it has.
    fn quit(&mut self, context: &Context) {
        if self.quitting.is_none() {
            self.quitting = Some(Quitting { since: Instant::now(), told: false });
            self.app.set_ending();
        }
        self.go_on_quitting(context);
    }

    fn go_on_quitting(&mut self, context: &Context) {
        let Some(quitting) = &mut self.quitting else { return };
        quitting.told = quitting.told || self.handle.try_command(Command::Quit);
        if quitting.since.elapsed() > END_PATIENCE {
            tracing::warn!("the engine did not end within {END_PATIENCE:?}");
            return self.close(context, GuiEnd::EngineStuck);
        }
        context.request_repaint_after(WAKE_PAUSE);
    }

    fn close(&mut self, context: &Context, end: GuiEnd) {
        if !self.closing {
            self.closing = true;
            *lock(&self.end) = end;
            // Gone at once, even if it was hidden: nothing is drawn any more.
            self.tray = None;
        }
        context.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Notices whether somebody sees the window, and asks after the tray when it comes to the front.
    fn look_at_window(&mut self, context: &Context) {
        let (minimised, focused, closing) = context.input(|input| {
            let viewport = input.viewport();
            (viewport.minimized == Some(true), viewport.focused == Some(true), viewport.close_requested())
        });
        self.inbox.seen.store(!self.hidden && !minimised, Ordering::Relaxed);
        self.inbox.front.store(focused && !self.hidden && !minimised, Ordering::Relaxed);
        if focused && !self.focused {
            self.host.refresh();
        }
        self.focused = focused;
        // While hidden, the request that hid it is still what was last heard.
        if closing && !self.closing && !self.hidden {
            self.close_requested(context);
        }
    }
}

impl eframe::App for Shell {
    /// What is open and half typed ends with the program; only the window's place is kept.
    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn logic(&mut self, context: &Context, _frame: &mut eframe::Frame) {
        self.take_in(context);
        self.look_at_window(context);
        self.go_on_quitting(context);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        if !std::mem::replace(&mut self.drawn, true) {
            tell_first_frame();
        }
        if self.hidden {
            // eframe shows every window when its first frame is painted, also one that was to start hidden. Only once:
            // a command asks for another frame.
            if std::mem::take(&mut self.shown_by_eframe) {
                ui.ctx().send_viewport_cmd(ViewportCommand::Visible(false));
            }
            return;
        }
        let age = lock(&self.inbox.news).made.elapsed().as_secs();
        self.app.show(ui, age);
    }
}

/// If this environment variable is set, the first frame is told on standard output: how long a start takes is measured from outside.
const TELL_FIRST_FRAME: &str = "FYTECLUB_TELL_FIRST_FRAME";

#[allow(clippy::print_stdout, reason = "whoever measures reads it")]
fn tell_first_frame() {
    if std::env::var_os(TELL_FIRST_FRAME).is_some() {
        println!("first frame");
        let _ = std::io::stdout().flush();
    }
}

fn tray(inbox: &Arc<Inbox>, context: &Context) -> Option<Tray> {
    let (inbox, context) = (inbox.clone(), context.clone());
    let look = lock(&inbox.news).look.clone();
    let act = move |action| {
        inbox.put_action(action);
        context.request_repaint();
    };
    match Tray::new(look, act) {
        Ok(tray) => Some(tray),
        Err(error) => {
            tracing::info!(%error, "no tray icon");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_display_the_way_out_is_named() {
        let reason = last_part("winit EventLoopError: os error at /x/mod.rs:765: DISPLAY is not set.").to_owned();
        let text = NoDisplay { reason }.to_string();
        assert_eq!(text, "no window can be opened here (DISPLAY is not set); `fyteclub --headless` runs without one");
    }
}
