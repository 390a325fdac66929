//! An empty window of the same kind, to compare with: eframe and glow, minimised, with nothing in it.

use std::io::Write as _;
use std::process::ExitCode;

use eframe::egui::{Ui, ViewportBuilder, ViewportCommand};
use eframe::{NativeOptions, Renderer};

/// Shows it until it is killed.
pub(crate) fn run() -> ExitCode {
    let viewport = ViewportBuilder::default().with_title("empty").with_inner_size(fyteclub::ui::tokens::WINDOW);
    let options = NativeOptions { viewport, renderer: Renderer::Glow, persist_window: false, ..NativeOptions::default() };
    let shown = eframe::run_native(
        "empty",
        options,
        Box::new(|context| {
            context.egui_ctx.send_viewport_cmd(ViewportCommand::Minimized(true));
            Ok(Box::new(Empty { told: false }))
        }),
    );
    if shown.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Empty {
    told: bool,
}

impl eframe::App for Empty {
    fn ui(&mut self, _ui: &mut Ui, _frame: &mut eframe::Frame) {
        if !std::mem::replace(&mut self.told, true) {
            println!("first frame");
            let _ = std::io::stdout().flush();
        }
    }
}
