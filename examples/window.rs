//! The window and the tray on made-up data: no engine, nothing is sent anywhere.
//!
//! `cargo run --example window -- [--hidden] [--demo] [evening|knock|nearby|first]`. Commands are logged; Quit ends it.

#![allow(clippy::expect_used, reason = "made-up values are right or the example is wrong")]

#[path = "../tests/support/made_up.rs"]
mod made_up;

use std::sync::Arc;
use std::time::Duration;

use fyteclub::domain::DiscoveryMode;
use fyteclub::engine::command::{Command, Scope};
use fyteclub::engine::notice::Notice;
use fyteclub::engine::snapshot::{DiscoveryView, Snapshot};
use fyteclub::run::gui::{self, GuiOptions};
use fyteclub::runtime::handle::{CommandRequest, Handle};
use tokio::sync::{broadcast, mpsc, watch};

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter("fyteclub=debug,window=debug").init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |word: &str| arguments.iter().any(|argument| argument == word);
    let snapshot = match arguments.last().map(String::as_str) {
        Some("knock") => made_up::knock(),
        Some("nearby") => made_up::nearby(),
        Some("codes") => made_up::with_codes(),
        Some("first") => made_up::first_start(),
        _ => made_up::evening(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (commands, orders) = mpsc::channel(64);
    let (show, snapshots) = watch::channel(Arc::new(snapshot));
    let notices = broadcast::channel(256).0;
    runtime.spawn(play(orders, show, notices.clone()));
    let handle = Handle::new(commands, snapshots, notices);
    let options = GuiOptions {
        handle,
        runtime: runtime.handle().clone(),
        hidden: given("--hidden"),
        demo: given("--demo"),
        profile: None,
        caption: None,
    };
    tracing::info!(end = ?gui::run(options)?, "the window is gone");
    Ok(())
}

/// Plays an engine: transfers run, a few commands take effect, Quit ends it.
async fn play(
    mut orders: mpsc::Receiver<CommandRequest>,
    show: watch::Sender<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
) {
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = tick.tick() => show.send_modify(|snapshot| run_on(Arc::make_mut(snapshot))),
            order = orders.recv() => {
                let Some((command, answer)) = order else { return };
                tracing::info!(?command, "a command");
                if command == Command::Quit {
                    return;
                }
                if command == Command::ShowWindow {
                    let _ = notices.send(Notice::WindowWanted);
                }
                show.send_modify(|snapshot| obey(Arc::make_mut(snapshot), &command));
                let _ = answer.send(Ok(()));
            }
        }
    }
}

fn run_on(snapshot: &mut Snapshot) {
    for transfer in &mut snapshot.transfers {
        transfer.done = (transfer.done + transfer.rate / 4) % transfer.total;
        transfer.seconds_left = Some((transfer.total - transfer.done) / transfer.rate);
    }
}

/// The few commands whose outcome is to be seen.
fn obey(snapshot: &mut Snapshot, command: &Command) {
    if let Command::SetDiscovery { mode } = command {
        let seconds_left = (*mode == DiscoveryMode::EveryoneNearby).then_some(600);
        snapshot.discovery = DiscoveryView { mode: *mode, seconds_left };
    }
    if let Command::Pause { scope: Scope::Everyone, .. } | Command::Resume { scope: Scope::Everyone } = command {
        snapshot.pause.paused = matches!(command, Command::Pause { .. });
    }
    if let Command::AcceptPeer { .. } | Command::DismissPeer { .. } | Command::BlockPeer { .. } = command {
        snapshot.prompts.clear();
    }
}
