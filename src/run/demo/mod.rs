//! `fyteclub demo`: the main job for a newcomer, with nothing else needed.
//!
//! The newcomer's companion runs in this process; friends, the stranger and all plugin simulators are processes of their own.
//! Everything lies in one temporary folder, speaks on loopback only and by ports and pipe names of its own, so that a real
//! profile, the default ports and the local network stay untouched.

mod narrator;
mod report;
mod script;

use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};

use self::narrator::Narrator;
use self::report::Report;
use self::script::{Decider, NEWCOMER, Play};
use super::args::DemoArgs;
use super::gui::GuiOptions;
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
    let runtime = super::tokio_runtime()?;
    // Before there is anything to be left behind.
    let interrupted = {
        let _context = runtime.enter();
        interrupted()
    };
    let mut folder = tempfile::Builder::new().prefix("fyteclub-demo-").tempdir().context("Failed to make a temporary folder")?;
    folder.disable_cleanup(options.keep);
    let program = std::env::current_exe().context("Failed to find this program's own file")?;
    let stage = Stage::new(folder.path(), program)?;
    let mut newcomer = stage.actor(NEWCOMER.0, NEWCOMER.1)?;
    let _logs = super::logging::to_files(&newcomer.profile.logs());
    let companion =
        runtime.block_on(Companion::start(newcomer.profile.clone())).context("Failed to start the newcomer's companion")?;
    let handle = companion.handle().clone();
    let quitter = handle.clone();
    runtime.spawn(async move {
        interrupted.await;
        let _ = quitter.command(Command::Quit).await;
    });
    let (narrator, caption) = Narrator::new();
    let windowed = !options.headless && gui::has_display();
    let decider = if options.auto || !windowed { Decider::Script } else { Decider::Person };
    narrator.say(&format!("Everything of this demo lies in {}", folder.path().display()));

    let window = GuiOptions {
        handle: handle.clone(),
        runtime: runtime.handle().clone(),
        hidden: false,
        demo: true,
        profile: Some(newcomer.profile.clone()),
        caption: Some(caption),
    };
    let play = async {
        let play = Play::new(&stage, &mut newcomer, &narrator, decider, options.size, options.friends as usize);
        let Ok(mut play) = play else { return tell(&narrator, play.map(|_| Report::default())) };
        let result = tokio::select! {
            result = play.acts() => result,
            () = ended(&handle) => Err(anyhow!("it was stopped before its end")),
        };
        let code = tell(&narrator, result.map(|()| play.report.clone()));
        if decider == Decider::Person {
            // There is something to look at as long as the window stays open.
            ended(&handle).await;
        }
        play.end().await;
        code
    };
    let code = if windowed { in_window(&runtime, window, decider, play)? } else { runtime.block_on(play) };
    runtime.block_on(async {
        let _ = handle.command(Command::Quit).await;
        companion.ended().await;
    });
    if options.keep {
        narrator.say(&format!("Everything is kept in {}", folder.path().display()));
    }
    Ok(code)
}

/// The window on the main thread, the play beside it. With a script as the decider the window closes at the end.
fn in_window(
    runtime: &tokio::runtime::Runtime,
    window: GuiOptions,
    decider: Decider,
    play: impl Future<Output = ExitCode> + Send,
) -> Result<ExitCode> {
    let handle = window.handle.clone();
    std::thread::scope(|scope| {
        let player = scope.spawn(|| {
            let code = runtime.block_on(play);
            if decider == Decider::Script {
                let _ = runtime.block_on(handle.command(Command::Quit));
            }
            code
        });
        let shown = gui::run(window);
        // Ends the play too, if the window could not be shown or was closed before its end.
        let _ = runtime.block_on(handle.command(Command::Quit));
        let code = player.join().map_err(|_| anyhow!("Failed to play the demo to its end"))?;
        shown.map(|_| code)
    })
}

/// Resolves once the engine has ended.
async fn ended(handle: &Handle) {
    let mut snapshots = handle.snapshots();
    while snapshots.changed().await.is_ok() {}
}

fn tell(narrator: &Narrator, result: Result<Report>) -> ExitCode {
    match result {
        Ok(report) => {
            narrator.say(&format!("\n{report}"));
            narrator.act("All of it was right: every byte compared, nothing to a stranger");
            ExitCode::SUCCESS
        }
        Err(error) => {
            narrator.act(&format!("The demo failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
