//! How fast looks travel on this machine: `cargo bench --bench transfer -- [--short] [--check] [--only WORD]`.
//!
//! Companions are processes of the program itself, headless, with profiles of their own on the disk, on loopback. The game's side
//! is played over the real pipe from here. Each row stands beside baselines that are measured in the same run:
//!
//! | baseline | what it is |
//! |---|---|
//! | raw channel | two processes and one data channel of our own stack and settings: nothing read, checked or written |
//! | tar stream | one TLS connection that carries file after file to the same disk |
//! | server path | files zstd-3 compressed and PUT one by one to a local HTTPS server, then fetched by 10 parallel GETs |
//!
//! The clock of a transfer runs from `Announce` sent to `apply` written (as its reader sees it, which is later). `--check` fails
//! where a row is beyond what it must hold by more than a quarter; `--short` has fewer repeats and smaller looks for CI.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it measures, prints, and may end"
)]

mod ends;
mod https;
mod moments;
mod play;
mod plugin;
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    dead_code,
    reason = "it is shared with tests, and not all of it is needed here"
)]
#[path = "../../tests/support/puppet.rs"]
mod puppet;
mod raw;
mod rows;
mod system;
mod table;
mod tar;
mod tls;
mod work;

use std::process::ExitCode;

use anyhow::Result;

use table::Table;
use work::Work;

/// `net.core.rmem_max` as most Linux systems come with it.
const USUAL_RMEM_MAX: &str = "212992";

/// What is asked for on the command line.
#[derive(Clone, Debug, Default)]
struct Options {
    short: bool,
    check: bool,
    only: Option<String>,
    /// Rows that fail no check, by the beginnings of their names and what they are beside.
    except: Vec<String>,
    /// The second pass, in which the UDP buffers are clamped.
    clamped: bool,
}

impl Options {
    fn read() -> Self {
        let mut options = Self::default();
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--short" => options.short = true,
                "--check" => options.check = true,
                "--clamped" => options.clamped = true,
                "--only" => options.only = arguments.next(),
                "--except" => options.except.extend(arguments.next()),
                _ => {}
            }
        }
        options
    }

    fn wants(&self, row: &str) -> bool {
        self.only.as_ref().is_none_or(|word| row.contains(word.as_str()))
    }
}

fn main() -> ExitCode {
    let done = match std::env::var(ends::END) {
        Ok(end) => ends::run(&end).map(|()| true),
        Err(_) => run(&Options::read()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("transfer: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    fyteclub::run::tokio_runtime()?.block_on(async {
        let work = Work::new()?;
        let mut table = Table::begin(&options.except);
        rows::all(options, &work, &mut table).await?;
        if options.clamped {
            return Ok(true);
        }
        if options.only.is_none() {
            clamped(options).await?;
        }
        Ok(table.end() || !options.check)
    })
}

/// Whole looks once more, as a system with a usual `net.core.rmem_max` would carry them. Only shown.
async fn clamped(options: &Options) -> Result<()> {
    println!(
        "\nOnce more, with UDP buffers clamped to {USUAL_RMEM_MAX} bytes (FYTECLUB_UDP_BUFFER; the system is left as it is):"
    );
    let mut again = tokio::process::Command::new(std::env::current_exe()?);
    again.arg("--clamped").env("FYTECLUB_UDP_BUFFER", USUAL_RMEM_MAX);
    if options.short {
        again.args(["--short", "--only", "typical"]);
    }
    anyhow::ensure!(again.status().await?.success(), "the clamped pass failed");
    Ok(())
}
