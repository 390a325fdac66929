//! What the window asks of the program around it. Nothing here waits: an answer comes as a snapshot, a notice or in a later frame.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::ColorImage;

use crate::domain::{BlobHash, Passphrase, PeerId};
use crate::engine::command::Command;

/// Something for which a person is asked by the system: for a file, a folder. What comes of it goes to the engine as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A picture that friends see is to be chosen.
    ChoosePicture,
    /// Another folder for the cache is to be chosen.
    ChooseCacheFolder,
    /// This folder is to be shown by the system's file manager.
    OpenFolder(PathBuf),
    /// A report without anything personal is to be saved somewhere.
    SaveReport,
    /// My identity is to be saved somewhere, behind a passphrase.
    ExportIdentity(Passphrase),
    /// An exported identity is to be chosen, and opened with a passphrase.
    ImportIdentity(Passphrase),
}

/// How much a line of the log matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is amiss.
    Warn,
    /// What a person would notice.
    Info,
    /// What deviates.
    Debug,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How much it matters.
    pub level: Level,
    /// The line, with its time.
    pub text: String,
}

/// The program around the window.
pub trait Outside {
    /// Sends a command to the engine. False: it cannot be taken now.
    fn send(&self, command: Command) -> bool;

    /// Asks a person by a dialog of the system's.
    fn wish(&self, _wish: Wish) {}

    /// A friend's picture, or mine for `None`, once it is read and decoded; asking for it has that done.
    fn picture(&self, _whose: Option<PeerId>, _picture: BlobHash) -> Option<Arc<ColorImage>> {
        None
    }

    /// Seconds since 1970, by the wall clock; 0 where there is none.
    fn unix_now(&self) -> u64 {
        0
    }

    /// The newest lines of the log, oldest first.
    fn log(&self) -> Vec<Arc<LogLine>> {
        Vec::new()
    }
}

/// A function that takes commands is enough where nobody asks for anything else.
impl<F: Fn(Command) -> bool> Outside for F {
    fn send(&self, command: Command) -> bool {
        self(command)
    }
}
