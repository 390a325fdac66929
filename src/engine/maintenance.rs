//! What is done with the cache as a whole, one thing at a time: every file checked, or all of it moved to another folder.
//!
//! The store does it and reports. After a move the new folder is the one in use, but the old one stays until the settings name
//! the new one and no game draws from the old one any more: looks are applied anew first, and in combat that has to wait.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::desk::Desk;
use super::input::MaintenanceEvent;
use super::notice::Notice;
use super::output::Output;
use super::snapshot::{ChoreView, MaintenanceView};
use crate::domain::BlobHash;

/// Something that is done with the whole cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chore {
    /// Every file is hashed, or those of a part.
    Verify(Option<Part>),
    /// Everything is moved.
    Move {
        /// To where.
        folder: PathBuf,
        /// Folders that it must not lie in or around: those of the plugins' files.
        forbidden: Vec<PathBuf>,
    },
}

/// A part of the cache: the looks of one friend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the friend is called.
    pub called: String,
    /// The files' blobs.
    pub blobs: BTreeSet<BlobHash>,
}

/// What is under way, and how the last thing ended.
#[derive(Debug, Default)]
pub(super) struct Maintenance {
    running: Option<Running>,
    last: Option<String>,
}

#[derive(Debug)]
struct Running {
    view: ChoreView,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Working,
    /// Ordered to stop.
    Stopping,
    /// The new folder is in use, and games may still draw from the old one.
    Leaving,
    /// The old folder is being removed.
    Removing,
}

impl Maintenance {
    /// Begins with something.
    ///
    /// # Errors
    /// One sentence, if something is under way already.
    pub(super) fn start(&mut self, desk: &mut Desk, chore: Chore) -> Result<(), String> {
        if self.running.is_some() {
            return Err("the cache is being checked or moved: wait for the end of that, or cancel it first".to_owned());
        }
        let moving_to = match &chore {
            Chore::Verify(_) => None,
            Chore::Move { folder, .. } => Some(folder.clone()),
        };
        self.running = Some(Running { view: ChoreView { moving_to, ..ChoreView::default() }, stage: Stage::Working });
        self.last = None;
        desk.order(Output::Maintain(chore));
        Ok(())
    }

    /// Ends what is under way.
    ///
    /// # Errors
    /// One sentence, if there is nothing that could be ended.
    pub(super) fn cancel(&mut self, desk: &mut Desk) -> Result<(), String> {
        let running = self.running.as_mut().ok_or_else(|| "the cache is neither being checked nor moved".to_owned())?;
        match running.stage {
            Stage::Working => {
                running.stage = Stage::Stopping;
                desk.order(Output::StopMaintenance);
                Ok(())
            }
            Stage::Stopping => Ok(()),
            Stage::Leaving | Stage::Removing => {
                Err("the cache is in its new folder already: move it back if you want it where it was".to_owned())
            }
        }
    }

    /// The store reports.
    pub(super) fn heard(&mut self, desk: &mut Desk, event: &MaintenanceEvent) {
        match event {
            MaintenanceEvent::Progress { done, total } => {
                if let Some(running) = &mut self.running {
                    (running.view.done, running.view.total) = (*done, *total);
                }
            }
            MaintenanceEvent::Moved { .. } => {
                if let Some(running) = &mut self.running {
                    running.stage = Stage::Leaving;
                    running.view.leaving = true;
                }
            }
            MaintenanceEvent::Ended { text } => {
                self.running = None;
                self.last = Some(text.clone());
                desk.notify(Notice::Other { text: text.clone() });
            }
        }
    }

    /// Has the old folder removed once no game draws from it.
    pub(super) fn settle(&mut self, desk: &mut Desk, still_drawn: bool) {
        if let Some(running) = &mut self.running
            && running.stage == Stage::Leaving
            && !still_drawn
        {
            running.stage = Stage::Removing;
            desk.order(Output::RemoveOldCache);
        }
    }

    pub(super) fn view(&self) -> MaintenanceView {
        MaintenanceView { running: self.running.as_ref().map(|running| running.view.clone()), last: self.last.clone() }
    }
}
