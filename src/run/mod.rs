//! Assembles the layers into programs.
//!
//! | module | command |
//! |---|---|
//! | [`gui`] | `fyteclub` |
//! | [`headless`] | `fyteclub --headless` |
//! | [`demo`] | `fyteclub demo` |
//! | [`plugin_sim`] | `fyteclub plugin-sim` |
//! | [`ctl`] | `fyteclub ctl` |
//! | [`rendezvous`] | `fyteclub rendezvous` |
//!
//! [`stage`] puts several of them together on one machine, for the demo, tests and benchmarks.

pub mod args;
mod autostart;
pub mod console;
pub mod ctl;
pub mod demo;
pub mod gui;
pub mod headless;
pub mod logging;
pub mod plugin_sim;
pub mod rendezvous;
pub mod report;
pub mod stage;

use std::io::Read;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// If this environment variable is set, the process ends when its standard input does: so a child never outlives its parent.
pub const UNTIL_STDIN_CLOSES: &str = "FYTECLUB_UNTIL_STDIN_CLOSES";

/// Ends this process when its standard input ends, if the environment asks for it.
pub fn follow_parent() {
    if std::env::var_os(UNTIL_STDIN_CLOSES).is_none() {
        return;
    }
    std::thread::spawn(|| {
        let mut byte = [0];
        while matches!(std::io::stdin().read(&mut byte), Ok(1)) {}
        std::process::exit(0);
    });
}

/// Resolves when the person or the system asks this process to end: Ctrl-C, or SIGTERM on Unix.
///
/// From the call on, and not only once it is awaited, such a request no longer ends the process by itself.
///
/// # Panics
/// Outside of a tokio runtime.
pub fn interrupted() -> impl Future<Output = ()> + Send + 'static {
    #[cfg(unix)]
    let requests = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
    };
    #[cfg(windows)]
    let requests = [tokio::signal::windows::ctrl_c()];
    async move {
        let mut requests: FuturesUnordered<_> =
            requests.into_iter().flatten().map(async |mut request| request.recv().await).collect();
        if requests.next().await.is_none() {
            // The system lets nobody ask.
            std::future::pending::<()>().await;
        }
    }
}

/// The runtime that everything but the window runs on. Two workers keep a link at the line's speed beside a game.
///
/// # Errors
/// If the system gives no threads.
pub fn tokio_runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("fyteclub")
        .enable_all()
        .build()
        .context("Failed to start threads")
}

/// Says on the terminal why the program ends.
#[allow(clippy::print_stderr, reason = "this is for the person at the terminal")]
pub fn complain(error: &anyhow::Error) {
    eprintln!("fyteclub: {error:#}");
}
