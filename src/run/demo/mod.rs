//! `fyteclub demo`: the main job for a newcomer, with nothing else needed.
//!
//! The newcomer's companion runs in this process; friends, the stranger and all plugin simulators are processes of their own.
//! Everything lies in one temporary folder, speaks on loopback only and by ports and pipe names of its own, so that a real
//! profile, the default ports and the local network stay untouched.

mod narrator;
mod report;
mod script;

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::watch;

use self::narrator::Narrator;
use self::report::Report;
use self::script::{Decider, MOST_FRIENDS, NEWCOMER, Play};
use super::stage::Stage;
use super::stage::wardrobe::Size;
use super::{gui, interrupted};
use crate::engine::command::Command;
use crate::runtime::Companion;
use crate::runtime::handle::Handle;

/// How to play the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// As text, without a window.
    pub headless: bool,
    /// A script answers the prompts.
    pub auto: bool,
    /// How many friends, 1 to 6.
    pub friends: usize,
    /// How much everybody wears.
    pub size: Size,
    /// Leave the folder with all profiles behind and say where it is.
    pub keep: bool,
}

/// Plays the demo; success only if all of it was right.
///
/// # Errors
/// If it cannot begin.
pub fn run(options: DemoOptions) -> Result<ExitCode> {
    ensure!((1..=MOST_FRIENDS).contains(&options.friends), "a demo has 1 to {MOST_FRIENDS} friends");
    let mut folder = tempfile::Builder::new().prefix("fyteclub-demo-").tempdir().context("Failed to make a temporary folder")?;
    folder.disable_cleanup(options.keep);
    let runtime = super::tokio_runtime()?;
    let program = std::env::current_exe().context("Failed to find this program's own file")?;
    let stage = Stage::new(folder.path(), program)?;
    let mut newcomer = stage.actor(NEWCOMER.0, NEWCOMER.1)?;
    let companion = runtime.block_on(Companion::start(newcomer.profile.clone())).context("Failed to start the newcomer's companion")?;
    let handle = companion.handle().clone();
    let (narrator, ribbon) = Narrator::new();
    let windowed = !options.headless && gui::has_display();
    let decider = if options.auto || !windowed { Decider::Script } else { Decider::Person };
    narrator.say(&format!("The stage is {}", folder.path().display()));

    let logs = super::logging::to_files(&newcomer.profile.logs());
    let play = async {
        let play = Play::new(&stage, &mut newcomer, &narrator, decider, options.size, options.friends)?;
        tokio::select! {
            result = play.run() => result,
            () = interrupted() => bail!("interrupted"),
            () = ended(handle.clone()) => bail!("the window was closed before the end"),
        }
    };
    let result = if windowed {
        in_window(&runtime, &handle, ribbon, decider, &narrator, play)
    } else {
        runtime.block_on(play)
    };
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
