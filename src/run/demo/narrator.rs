//! Tells what happens: on the terminal, and in the window's ribbon.
#![allow(clippy::print_stdout, reason = "the demo speaks to a person at a terminal")]

use std::io::{IsTerminal, Write, stdout};

use tokio::sync::watch;

use crate::engine::snapshot::TransferView;

/// Cells of a progress bar.
const CELLS: u64 = 24;

/// Tells what happens.
#[derive(Debug)]
pub(super) struct Narrator {
    ribbon: watch::Sender<String>,
    live: bool,
}

impl Narrator {
    /// Also returns what the ribbon shows.
    pub(super) fn new() -> (Self, watch::Receiver<String>) {
        let (ribbon, shown) = watch::channel(String::new());
        (Self { ribbon, live: stdout().is_terminal() }, shown)
    }

    /// A new act begins.
    pub(super) fn act(&self, title: &str) {
        self.line(&format!("\n• {title}"));
        self.ribbon.send_replace(title.to_owned());
    }

    /// Something happened.
    pub(super) fn say(&self, text: &str) {
        self.line(&format!("  {text}"));
    }

    /// The person has to do something.
    pub(super) fn ask(&self, text: &str) {
        self.line(&format!("  → {text}"));
        self.ribbon.send_replace(text.to_owned());
    }

    /// How far a transfer is; drawn over itself, so only on a terminal.
    pub(super) fn bar(&self, name: &str, transfer: &TransferView) {
        if !self.live || transfer.total == 0 {
            return;
        }
        let full = (transfer.done.min(transfer.total) * CELLS / transfer.total) as usize;
        let empty = CELLS as usize - full;
        print!(
            "\r  {name:<8} {}{} {:>4} of {} MiB, {:>4} MiB/s ",
            "█".repeat(full),
            "░".repeat(empty),
            transfer.done >> 20,
            transfer.total >> 20,
            transfer.rate >> 20
        );
        let _ = stdout().flush();
    }

    fn line(&self, text: &str) {
        if self.live {
            print!("\r\x1b[K");
        }
        println!("{text}");
    }
}
