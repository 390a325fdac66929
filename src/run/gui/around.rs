//! What the window asks of the program around it: commands, dialogs of the system's, pictures. Nothing here waits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use eframe::egui::{ColorImage, Context};
use rfd::FileDialog;

use super::inbox::{Inbox, lock};
use crate::domain::{BlobHash, PeerId};
use crate::engine::command::Command;
use crate::i18n::fl;
use crate::run::logging::ring;
use crate::run::report;
use crate::runtime::clock;
use crate::runtime::files::Profile;
use crate::runtime::handle::Handle;
use crate::runtime::pictures::Pictures;
use crate::tray::menu::Action;
use crate::ui::outside::{LogLine, Outside, Wish};

/// The program around the window.
pub(super) struct Around {
    handle: Handle,
    runtime: tokio::runtime::Handle,
    inbox: Arc<Inbox>,
    context: Context,
    pictures: Option<Pictures>,
    /// Where the logs lie.
    logs: Option<PathBuf>,
    loaded: Arc<Mutex<BTreeMap<BlobHash, Loading>>>,
    asking: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Loading {
    UnderWay,
    Here(Arc<ColorImage>),
    Broken,
}

impl Around {
    /// `profile`: where pictures of people and the logs lie; without it there are none.
    pub(super) fn new(
        handle: Handle,
        runtime: tokio::runtime::Handle,
        inbox: Arc<Inbox>,
        context: Context,
        profile: Option<&Profile>,
    ) -> Self {
        let (pictures, logs) = (profile.map(Profile::pictures), profile.map(Profile::logs));
        Self { handle, runtime, inbox, context, pictures, logs, loaded: Arc::default(), asking: Arc::default() }
    }

    /// Has a person asked by a dialog, one at a time, on a thread of its own: a dialog may stand for hours.
    fn ask(&self, dialog: impl FnOnce() -> Option<Command> + Send + 'static) {
        if self.asking.swap(true, Ordering::AcqRel) {
            return;
        }
        let (asking, handle) = (self.asking.clone(), self.handle.clone());
        let asked = std::thread::Builder::new().name("file dialog".to_owned()).spawn(move || {
            if let Some(command) = dialog()
                && !handle.try_command(command)
            {
                tracing::warn!("the engine is too busy for what was chosen in a dialog");
            }
            asking.store(false, Ordering::Release);
        });
        if let Err(error) = asked {
            self.asking.store(false, Ordering::Release);
            tracing::warn!(%error, "no dialog can be opened");
        }
    }

    /// Asks where, writes, and says what became of it.
    fn save_report(&self) {
        let (snapshot, logs) = (self.handle.snapshot(), self.logs.clone());
        let (inbox, context) = (self.inbox.clone(), self.context.clone());
        let dialog =
            FileDialog::new().set_title(fl!("dialog-report")).set_file_name("fyteclub-report.zip").add_filter("ZIP", &["zip"]);
        self.ask(move || {
            let file = dialog.save_file()?;
            let text = match report::write(&file, &snapshot, logs.as_deref()) {
                Ok(()) => fl!("report-saved", file = file.display().to_string()),
                Err(error) => fl!("report-failed", reason = error.to_string()),
            };
            inbox.say(text, &context);
            None
        });
    }

    fn open(&self, folder: PathBuf) {
        let (inbox, context) = (self.inbox.clone(), self.context.clone());
        self.runtime.spawn_blocking(move || {
            if let Err(error) = opener::open(&folder) {
                let text = fl!("open-failed", folder = folder.display().to_string(), reason = error.to_string());
                inbox.say(text, &context);
            }
        });
    }
}

impl Outside for Around {
    /// The command to quit goes the way of the tray's, since the window closes behind it.
    fn send(&self, command: Command) -> bool {
        if command != Command::Quit {
            return self.handle.try_command(command);
        }
        self.inbox.put_action(Action::Quit);
        self.context.request_repaint();
        true
    }

    fn wish(&self, wish: Wish) {
        match wish {
            Wish::ChoosePicture => {
                let dialog = FileDialog::new().set_title(fl!("dialog-picture")).add_filter("PNG, JPEG", &["png", "jpg", "jpeg"]);
                self.ask(move || dialog.pick_file().map(|file| Command::SetPicture { file: Some(file) }));
            }
            Wish::ChooseCacheFolder => {
                let dialog = FileDialog::new().set_title(fl!("dialog-cache"));
                self.ask(move || dialog.pick_folder().map(|folder| Command::MoveCache { folder }));
            }
            Wish::OpenFolder(folder) => self.open(folder),
            Wish::SaveReport => self.save_report(),
            Wish::ExportIdentity(passphrase) => {
                let dialog = FileDialog::new().set_title(fl!("dialog-export")).set_file_name("me.fyteclub");
                self.ask(move || dialog.save_file().map(|file| Command::ExportIdentity { file, passphrase }));
            }
            Wish::ImportIdentity(passphrase) => {
                let dialog = FileDialog::new().set_title(fl!("dialog-import"));
                self.ask(move || dialog.pick_file().map(|file| Command::ImportIdentity { file, passphrase }));
            }
        }
    }

    fn unix_now(&self) -> u64 {
        clock::unix_now()
    }

    fn log(&self) -> Vec<Arc<LogLine>> {
        ring::lines()
    }

    fn picture(&self, whose: Option<PeerId>, picture: BlobHash) -> Option<Arc<ColorImage>> {
        let pictures = self.pictures.clone()?;
        let mut loaded = lock(&self.loaded);
        match loaded.get(&picture) {
            Some(Loading::Here(image)) => {
                let image = image.clone();
                // The window has it from here on.
                loaded.remove(&picture);
                return Some(image);
            }
            Some(Loading::UnderWay | Loading::Broken) => return None,
            None => {}
        }
        loaded.insert(picture, Loading::UnderWay);
        drop(loaded);
        let (loaded, context) = (self.loaded.clone(), self.context.clone());
        self.runtime.spawn_blocking(move || {
            let outcome = match pictures.pixels(whose.as_ref(), &picture) {
                Ok(pixels) => Loading::Here(Arc::new(ColorImage::from_rgba_unmultiplied([pixels.side; 2], &pixels.rgba))),
                Err(reason) => {
                    tracing::debug!(reason, "a picture cannot be shown");
                    Loading::Broken
                }
            };
            lock(&loaded).insert(picture, outcome);
            context.request_repaint();
        });
        None
    }
}
