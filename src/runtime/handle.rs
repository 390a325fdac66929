//! How the window, the tray and the pipe's control clients reach a running engine.

use std::sync::Arc;

use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::engine::command::{Command, CommandError};
use crate::engine::notice::Notice;
use crate::engine::snapshot::Snapshot;

/// A command and where its answer goes.
pub type CommandRequest = (Command, oneshot::Sender<Result<(), CommandError>>);

/// A running engine, as seen from outside. Clones are cheap and all alike.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::Sender<CommandRequest>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
}

impl Handle {
    /// Ties the ends of an engine's channels together.
    #[must_use]
    pub fn new(
        commands: mpsc::Sender<CommandRequest>,
        snapshots: watch::Receiver<Arc<Snapshot>>,
        notices: broadcast::Sender<Notice>,
    ) -> Self {
        Self { commands, snapshots, notices }
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// [`CommandError`] says in one sentence why it was not carried out.
    pub async fn command(&self, command: Command) -> Result<(), CommandError> {
        let (reply, answer) = oneshot::channel();
        let ended = || CommandError("FyteClub is ending".to_owned());
        self.commands.send((command, reply)).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// Sends a command without waiting, for a thread that must not block; its failure comes as a notice.
    /// False if the engine is ended or 64 commands already wait.
    #[must_use]
    pub fn try_command(&self, command: Command) -> bool {
        self.commands.try_send((command, oneshot::channel().0)).is_ok()
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshots.borrow().clone()
    }

    /// Snapshots as they change, at most about 20 a second.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// Moments from here on; a receiver that is 256 behind loses the oldest.
    #[must_use]
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.subscribe()
    }
}
