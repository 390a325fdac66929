//! The other ends of the baselines: this very program, started again as a process that serves and ends with its parent.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use fyteclub::run::{UNTIL_STDIN_CLOSES, follow_parent};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{https, raw, tar};

/// Which end a process is.
pub(crate) const END: &str = "FYTECLUB_BENCH_END";
/// The folder that it works in.
const FOLDER: &str = "FYTECLUB_BENCH_FOLDER";

/// A process that serves.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) port: u16,
    _child: Child,
}

/// Starts an end and waits until it says at which port it serves.
pub(crate) async fn start(end: &str, folder: &Path, environment: &[(&str, &str)]) -> Result<End> {
    let mut child = Command::new(std::env::current_exe()?)
        .env(END, end)
        .env(FOLDER, folder)
        .env(UNTIL_STDIN_CLOSES, "1")
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("Failed to start a baseline's other end")?;
    let out = child.stdout.take().context("Failed to hear a baseline's other end")?;
    let first = BufReader::new(out).lines().next_line().await?.context("A baseline's other end has ended")?;
    Ok(End { port: first.trim().parse()?, _child: child })
}

/// Says at which port this end serves.
pub(crate) fn say(port: u16) {
    println!("{port}");
}

/// Is an end.
pub(crate) fn run(end: &str) -> Result<()> {
    follow_parent();
    let folder = std::path::PathBuf::from(std::env::var_os(FOLDER).unwrap_or_default());
    fyteclub::run::tokio_runtime()?.block_on(async move {
        match end {
            "raw" => raw::serve().await,
            "tar" => tar::serve(&folder).await,
            "https" => https::serve(&folder).await,
            other => bail!("there is no end {other}"),
        }
    })
}
