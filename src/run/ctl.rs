//! `fyteclub ctl`: asks and commands a running companion from a terminal or a script.
//!
//! It sends the same commands that the window sends and reads the same snapshot, over the pipe's role `control`.
//!
//! | exit code | means |
//! |---|---|
//! | 0 | done |
//! | 1 | refused or failed; the reason is on standard error (with `--json` on standard output as `{"ok": false, "error": …}`) |
//! | 2 | wrong usage: an argument that does not exist, or a PEER that means nobody or several |
//! | 3 | FyteClub is not running with this profile |
//! | 4 | `--wait` (or the wait for a code) took too long |

pub mod args;

mod goals;
mod history;
pub mod invites;
mod limits;
mod orders;
mod people;
pub mod preferences;
mod screen;
#[cfg(test)]
mod stand_in;
mod tables;
#[cfg(test)]
mod tests;
mod views;
mod words;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use self::args::CtlArgs;
use self::goals::Goal;
use self::orders::{Meaning, meaning};
use self::screen::Screen;
use self::views::Part;
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::runtime::pipe::PipeError;
use crate::runtime::pipe::control::ToControl;
use crate::runtime::pipe::control_client::{ControlClient, ControlError};

/// Runs the command line and prints the answer.
#[must_use]
pub fn run(args: &CtlArgs) -> ExitCode {
    let mut screen = Screen::stdout();
    let done = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(execute(args, &mut screen)),
        Err(error) => Err(Failure::Refused(error.to_string())),
    };
    match done {
        Ok(()) | Err(Failure::Unheard) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure, args.json, &mut screen);
            ExitCode::from(failure.code())
        }
    }
}

/// Why a command line was not carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("FyteClub has ended")]
    Ended,
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    NotRunning(PipeError),
    #[error("{0}")]
    TooLong(String),
    /// Whoever reads our output is gone, as `head` does: no failure.
    #[error("nobody reads this")]
    Unheard,
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Unheard => 0,
            Self::Refused(_) | Self::Ended => 1,
            Self::Usage(_) => 2,
            Self::NotRunning(_) => 3,
            Self::TooLong(_) => 4,
        }
    }
}

impl From<PipeError> for Failure {
    fn from(error: PipeError) -> Self {
        match error {
            PipeError::NotRunning => Self::NotRunning(error),
            PipeError::ForeignOwner(_)
            | PipeError::AlreadyServed
            | PipeError::Refused(_)
            | PipeError::Stranger(_)
            | PipeError::NoTcp
            | PipeError::BadLine(_)
            | PipeError::Io(_) => Self::Refused(error.to_string()),
        }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Pipe(error) => error.into(),
            ControlError::Ended => Self::Ended,
            ControlError::Refused(error) => Self::Refused(error.to_string()),
        }
    }
}

fn report(failure: &Failure, json: bool, screen: &mut Screen) {
    let message = tables::plain(&failure.to_string());
    let _ = if json {
        screen.json(&json!({"ok": false, "error": message}))
    } else {
        writeln!(std::io::stderr(), "fyteclub ctl: {message}").map_err(|_| Failure::Unheard)
    };
}

async fn execute(args: &CtlArgs, screen: &mut Screen) -> Result<(), Failure> {
    let profile = args.profile().map_err(|error| Failure::Usage(format!("{error:#}")))?;
    let mut session = ControlClient::connect(&profile).await?;
    let snapshot = session.snapshot().await?;
    match meaning(&args.command, &snapshot).map_err(Failure::Usage)? {
        Meaning::Show(part) => show(part, args.json, &snapshot, screen),
        Meaning::Watch => watch(args.json, snapshot, session, screen).await,
        Meaning::Follow => follow(args.json, session, screen).await,
        Meaning::Do { orders, until } => {
            let reached = carry_out(orders, until, &mut session).await?;
            if args.json { screen.json(&json!({"ok": true})) } else { screen.print(&reached) }
        }
    }
}

fn show(part: Part, as_json: bool, snapshot: &Snapshot, screen: &mut Screen) -> Result<(), Failure> {
    if as_json {
        let value = views::json(part, snapshot).map_err(Failure::Usage)?;
        screen.json(&value)
    } else {
        let text = views::text(part, snapshot, screen.width).map_err(Failure::Usage)?;
        screen.print(&text)
    }
}

/// Has everything carried out, and says what was reached if something is waited for.
async fn carry_out(
    orders: Vec<Command>,
    until: Option<(Goal, Duration)>,
    session: &mut ControlClient,
) -> Result<String, Failure> {
    if until.is_some() {
        session.watch().await?;
    }
    for order in orders {
        let quits = order == Command::Quit;
        match session.command(order).await {
            // Its end may overtake its answer.
            Err(ControlError::Ended) if quits => {}
            answer => answer?,
        }
    }
    let Some((goal, at_most)) = until else { return Ok(String::new()) };
    let late = |_| Failure::TooLong(format!("{} within {} seconds", goal.unreached(), at_most.as_secs()));
    timeout(at_most, goals::reach(&goal, session)).await.map_err(late)?
}

/// Prints what happens until interrupted.
async fn watch(as_json: bool, mut last: Snapshot, mut session: ControlClient, screen: &mut Screen) -> Result<(), Failure> {
    session.watch().await?;
    loop {
        match session.heard().await? {
            heard @ (ToControl::Snapshot { .. } | ToControl::Notice { .. }) if as_json => screen.json(&heard)?,
            ToControl::Snapshot { snapshot, .. } => last = *snapshot,
            ToControl::Notice { notice } => screen.print(&tables::plain(&words::notice(&notice, &last)))?,
            ToControl::Reply { .. } | ToControl::Error { .. } => {}
        }
    }
}

/// Shows the transfers until interrupted.
async fn follow(as_json: bool, mut session: ControlClient, screen: &mut Screen) -> Result<(), Failure> {
    session.watch().await?;
    let mut shown = None;
    loop {
        let ToControl::Snapshot { snapshot, .. } = session.heard().await? else { continue };
        if shown.as_ref() == Some(&snapshot.transfers) {
            continue;
        }
        if as_json {
            screen.json(&snapshot.transfers)?;
        } else {
            screen.redraw(&views::transfers(&snapshot, screen.width))?;
        }
        shown = Some(snapshot.transfers);
    }
}
