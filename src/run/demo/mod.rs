//! `fyteclub demo`: the main job for a newcomer, with nothing else needed.
//!
//! The newcomer's companion runs in this process; friends, the stranger and all plugin simulators are processes of their own.
//! Everything lies in one temporary folder, speaks on loopback only and by ports and pipe names of its own, so that a real
//! profile, the default ports and the local network stay untouched.

mod narrator;
mod report;
mod script;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use tokio::sync::watch;

use self::narrator::Narrator;
use self::report::Report;
use self::script::{Decider, NEWCOMER, Play};
use super::args::DemoArgs;
use super::stage::Stage;
use super::{gui, interrupted};
use crate::engine::command::Command;
use crate::runtime::Companion;
use crate::runtime::handle::Handle;

/// Plays the demo; success only if all of it was right.
///
/// # Errors
/// If it cannot begin.
pub fn run(options: &DemoArgs) -> Result<ExitCode> {
    let mut folder = tempfile::Builder::new().prefix("fyteclub-demo-").tempdir().context("Failed to make a temporary folder")?;
    folder.disable_cleanup(options.keep);
    let runtime = super::tokio_runtime()?;
    let program = std::env::current_exe().context("Failed to find this program's own file")?;
    let stage = Stage::new(folder.path(), program)?;
    let mut newcomer = stage.actor(NEWCOMER.0, NEWCOMER.1)?;
    let companion =
        runtime.block_on(Companion::start(newcomer.profile.clone())).context("Failed to start the newcomer's companion")?;
    let handle = companion.handle().clone();
    let (narrator, ribbon) = Narrator::new();
    let windowed = !options.headless && gui::has_display();
    let decider = if options.auto || !windowed { Decider::Script } else { Decider::Person };
    narrator.say(&format!("The stage is {}", folder.path().display()));

    let logs = super::logging::to_files(&newcomer.profile.logs());
    let play = async {
        let play = Play::new(&stage, &mut newcomer, &narrator, decider, options.size, options.friends as usize)?;
        tokio::select! {
            result = play.run() => result,
            () = interrupted() => bail!("interrupted"),
            () = ended(handle.clone()) => bail!("the window was closed before the end"),
        }
    };
    let result = if windowed { in_window(&runtime, &handle, ribbon, decider, &narrator, play) } else { runtime.block_on(play) };
    runtime.block_on(async {
        let _ = handle.command(Command::Quit).await;
        companion.ended().await;
    });
    drop(logs);
    let code = tell(&narrator, result);
    if options.keep {
        narrator.say(&format!("Everything is kept in {}", folder.path().display()));
    }
    Ok(code)
}

/// The window on the main thread, the play beside it.
fn in_window(
    runtime: &tokio::runtime::Runtime,
    handle: &Handle,
    ribbon: watch::Receiver<String>,
    decider: Decider,
    narrator: &Narrator,
    play: impl Future<Output = Result<Report>> + Send,
) -> Result<Report> {
    let (_ribbon, _decider, _narrator) = (ribbon, decider, narrator);
    let (_runtime, _handle) = (runtime, handle);
    drop(play);
    todo!("gui")
}

/// Resolves once the engine has ended.
async fn ended(handle: Handle) {
    let mut snapshots = handle.snapshots();
    while snapshots.changed().await.is_ok() {}
}

fn tell(narrator: &Narrator, result: Result<Report>) -> ExitCode {
    match result {
        Ok(report) => {
            narrator.say(&format!("\n{report}\nAll of it was right."));
            ExitCode::SUCCESS
        }
        Err(error) => {
            narrator.say(&format!("\nThe demo failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
