//! `fyteclub`: the companion with its window.

use std::process::ExitCode;

use anyhow::{Context, Result};
use eframe::CreationContext;
use eframe::egui::Ui;

use super::{GuiEnd, GuiOptions, NoDisplay, Start, native_options, run};
use crate::engine::command::Command;
use crate::run::{console, interrupted, logging, tokio_runtime};
use crate::runtime::files::{Profile, ProfileError};
use crate::runtime::pipe::control_client::ControlClient;
use crate::runtime::{Companion, StartError};
use crate::ui::{failure, tokens};

/// Whether a window can be hoped for: other systems than Linux always have one.
#[must_use]
pub fn has_display() -> bool {
    let named = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"].into_iter().any(named)
}

/// Like [`companion`], but says in a window why it cannot start: whoever started it from the desktop sees no terminal.
///
/// # Errors
/// Those of [`companion`].
pub fn companion_or_why(profile: &Profile, hidden: bool) -> Result<ExitCode> {
    let result = companion(profile, hidden);
    if let Err(error) = &result
        && has_display()
        && !error.is::<NoDisplay>()
    {
        console::release();
        tracing::warn!("FyteClub could not start");
        // Without a window for it, the terminal has to do.
        let _ = tell(format!("{error:#}"));
    }
    result
}

fn tell(why: String) -> eframe::Result {
    let creator = Box::new(|context: &CreationContext<'_>| {
        tokens::install(&context.egui_ctx);
        Ok(Box::new(Failure(why)) as Box<dyn eframe::App>)
    });
    eframe::run_native("FyteClub", native_options(Start::Shown, None), creator)
}

struct Failure(String);

impl eframe::App for Failure {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        failure::show(ui, &self.0);
    }
}

/// Runs the companion with its window until the person quits. If one already runs with this profile, its window comes to the
/// front and this process ends.
///
/// # Errors
/// If it cannot start, or there is no display; says why.
fn companion(profile: &Profile, hidden: bool) -> Result<ExitCode> {
    let runtime = tokio_runtime()?;
    let _logs = logging::to_files(&profile.logs());
    let companion = match runtime.block_on(Companion::start(profile.clone())) {
        Ok(companion) => companion,
        Err(StartError::Profile(ProfileError::InUse)) => return runtime.block_on(show_the_other(profile)),
        Err(error) => return Err(error).context("Failed to start"),
    };
    console::release();
    let handle = companion.handle().clone();
    let quitter = handle.clone();
    runtime.spawn(async move {
        interrupted().await;
        let _ = quitter.command(Command::Quit).await;
    });
    let options = GuiOptions {
        handle: handle.clone(),
        runtime: runtime.handle().clone(),
        hidden,
        demo: false,
        profile: Some(profile.clone()),
        caption: None,
    };
    let end = run(options);
    if matches!(end, Ok(GuiEnd::EngineStuck)) {
        // Waiting longer would leave a process that nobody sees and that holds the profile.
        runtime.shutdown_background();
        return Ok(ExitCode::FAILURE);
    }
    runtime.block_on(async {
        let _ = handle.command(Command::Quit).await;
        companion.ended().await;
    });
    end.map(|_| ExitCode::SUCCESS)
}

async fn show_the_other(profile: &Profile) -> Result<ExitCode> {
    let mut other = ControlClient::connect(profile).await.context("FyteClub already runs with this profile")?;
    other.command(Command::ShowWindow).await.context("Failed to show the window of the FyteClub that already runs")?;
    Ok(ExitCode::SUCCESS)
}
