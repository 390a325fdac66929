//! Sessions of role `control`: every [`Command`], the [`Snapshot`], and [`Notice`]s as they come.
//!
//! Lines are answered in order. `fyteclub ctl` speaks this, and so may any program of the same user.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWrite;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{debug, trace};

use super::lines::{self, Line};
use super::server::Guest;
use crate::engine::command::Command;
use crate::engine::notice::Notice;
use crate::engine::snapshot::Snapshot;
use crate::runtime::handle::Handle;
use crate::wire::plugin::MAX_LINE;

/// The least time between two snapshots that are sent unasked: a person sees no more than four a second.
const SNAPSHOT_EVERY: Duration = Duration::from_millis(250);

/// A control client's lines, behind its `hello`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromControl {
    /// Carry this out. Answered by [`ToControl::Reply`].
    Command {
        /// Repeated in the answer.
        seq: u64,
        /// What.
        command: Command,
    },
    /// Say how everything is. Answered by [`ToControl::Snapshot`].
    Snapshot {
        /// Repeated in the answer.
        seq: u64,
    },
    /// From here on send a snapshot whenever something changed (at most four a second, the first at once) and every notice.
    Watch,
}

/// The companion's lines to a control client, behind its `hello`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToControl {
    /// The answer to a command.
    Reply {
        /// The command's `seq`.
        re: u64,
        /// Whether it was carried out.
        ok: bool,
        /// Why not: one sentence.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// How everything is.
    Snapshot {
        /// The request's `seq`; none if it comes unasked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
        /// Everything.
        snapshot: Box<Snapshot>,
    },
    /// A moment.
    Notice {
        /// Which.
        notice: Notice,
    },
    /// A line could not be used.
    Error {
        /// What is wrong with it.
        message: String,
        /// The line's `seq`, if it had one that could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
    },
}

/// What a watching client is to hear.
struct Watching {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    notices: broadcast::Receiver<Notice>,
    next_snapshot: Instant,
}

impl Watching {
    fn new(handle: &Handle) -> Self {
        let mut snapshots = handle.snapshots();
        snapshots.mark_changed();
        Self { snapshots, notices: handle.notices(), next_snapshot: Instant::now() }
    }

    /// The next thing to say; `None` when the engine has ended. Nothing is lost if this is cancelled.
    async fn next(&mut self) -> Option<ToControl> {
        let changed = async {
            sleep_until(self.next_snapshot).await;
            self.snapshots.changed().await
        };
        tokio::select! {
            changed = changed => {
                changed.ok()?;
                self.next_snapshot = Instant::now() + SNAPSHOT_EVERY;
                Some(snapshot(None, &self.snapshots.borrow_and_update()))
            }
            notice = next_notice(&mut self.notices) => notice.map(|notice| ToControl::Notice { notice }),
        }
    }
}

async fn next_notice(notices: &mut broadcast::Receiver<Notice>) -> Option<Notice> {
    loop {
        match notices.recv().await {
            Ok(notice) => return Some(notice),
            Err(broadcast::error::RecvError::Lagged(count)) => debug!(count, "a control client missed notices"),
            Err(broadcast::error::RecvError::Closed) => return None,
        }
    }
}

/// Serves a control client until it leaves or does not read.
pub(super) async fn serve(guest: Guest, handle: &Handle) {
    let Guest { mut reader, mut writer, patience, .. } = guest;
    let mut watching: Option<Watching> = None;
    loop {
        let answer = tokio::select! {
            line = reader.next() => match line {
                Ok(Some(line)) => hear(&line, handle, &mut watching).await,
                Ok(None) | Err(_) => return,
            },
            news = news(&mut watching) => match news {
                Some(news) => Some(news),
                None => return,
            },
        };
        if let Some(answer) = answer
            && let Err(error) = say(&mut writer, &answer, patience.taking).await
        {
            debug!(%error, "a control client does not read");
            return;
        }
    }
}

async fn news(watching: &mut Option<Watching>) -> Option<ToControl> {
    match watching {
        Some(watching) => watching.next().await,
        None => pending().await,
    }
}

async fn hear(line: &Line, handle: &Handle, watching: &mut Option<Watching>) -> Option<ToControl> {
    let line = match line {
        Line::Whole(line) => line,
        Line::TooLong => {
            let message = format!("this line has more than {MAX_LINE} bytes and was skipped");
            return Some(ToControl::Error { message, re: None });
        }
    };
    match lines::parse(line) {
        Ok(FromControl::Command { seq, command }) => Some(carry_out(seq, command, handle).await),
        Ok(FromControl::Snapshot { seq }) => Some(snapshot(Some(seq), &handle.snapshot())),
        Ok(FromControl::Watch) => {
            *watching = Some(Watching::new(handle));
            None
        }
        Err(message) => Some(ToControl::Error { message, re: lines::sequence(line) }),
    }
}

fn snapshot(re: Option<u64>, snapshot: &Snapshot) -> ToControl {
    ToControl::Snapshot { re, snapshot: Box::new(snapshot.clone()) }
}

async fn carry_out(seq: u64, command: Command, handle: &Handle) -> ToControl {
    trace!(?command, "from a control client");
    match handle.command(command).await {
        Ok(()) => ToControl::Reply { re: seq, ok: true, error: None },
        Err(error) => ToControl::Reply { re: seq, ok: false, error: Some(error.to_string()) },
    }
}

async fn say(writer: &mut (impl AsyncWrite + Unpin), answer: &ToControl, patience: Duration) -> io::Result<()> {
    timeout(patience, lines::write(writer, answer)).await?
}
