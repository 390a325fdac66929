//! `fyteclub --headless`: the companion without a window.

use std::process::ExitCode;

use anyhow::{Context, Result};

use super::{autostart, interrupted, logging};
use crate::engine::command::Command;
use crate::runtime::Companion;
use crate::runtime::files::Profile;

/// Runs until a `quit` command, Ctrl-C or the system's request to end.
///
/// # Errors
/// If it cannot start; says why.
pub fn run(profile: Profile) -> Result<ExitCode> {
    let runtime = super::tokio_runtime()?;
    let _logs = logging::to_files_and_terminal(&profile.logs());
    runtime.block_on(async {
        let companion = Companion::start(profile.clone()).await.context("Failed to start")?;
        let handle = companion.handle().clone();
        tokio::spawn(autostart::follow(handle.clone(), profile, |text| tracing::warn!("{text}")));
        tokio::spawn(async move {
            interrupted().await;
            let _ = handle.command(Command::Quit).await;
        });
        companion.ended().await;
        Ok(ExitCode::SUCCESS)
    })
}
