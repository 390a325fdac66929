//! What the window costs: a frame with a crowd, and, where there is a display, memory, processor and time to the first frame beside an
//! empty window of the same kind in the same run.
//!
//! `cargo bench --bench window -- [--short] [--check] [--except ROW]`. Without a display only the frames are measured, and that is said.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark speaks on the terminal")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(clippy::expect_used, reason = "made-up values are right or the benchmark is wrong")]

mod empty;
#[path = "../../tests/support/made_up.rs"]
#[allow(dead_code, reason = "the pictures need more of it")]
mod made_up;
#[path = "../transfer/system.rs"]
#[allow(dead_code, reason = "the other benchmark needs more of it")]
mod system;
#[path = "../transfer/table.rs"]
#[allow(dead_code, reason = "the other benchmark needs more of it")]
mod table;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use eframe::egui::{self, RawInput};
use fyteclub::domain::{DisplayName, Settings, Tag, Welcome};
use fyteclub::engine::snapshot::{LinkView, Snapshot, TransferView};
use fyteclub::run::stage::{Stage, befriend};
use fyteclub::ui::app::App;
use fyteclub::ui::tokens;
use fyteclub::ui::view::Page;

use table::{Bound, Table};

const PROGRAM: &str = env!("CARGO_BIN_EXE_fyteclub");
/// Friends of the window that is measured.
const FRIENDS: [(&str, &str); 8] = [
    ("Bea", "Bea Vale@Odin"),
    ("Cid", "Cid Thorne@Odin"),
    ("Dan", "Dan Wren@Odin"),
    ("Eve", "Eve Sol@Odin"),
    ("Fay", "Fay Bright@Odin"),
    ("Gil", "Gil Moss@Odin"),
    ("Hal", "Hal Rook@Odin"),
    ("Ida", "Ida Lark@Odin"),
];

fn main() -> ExitCode {
    let given = |word: &str| std::env::args().any(|argument| argument == word);
    if given("--empty") {
        return empty::run();
    }
    let arguments: Vec<String> = std::env::args().collect();
    let excepted = arguments.windows(2).filter_map(|pair| match pair {
        [word, row] if word == "--except" => Some(row.clone()),
        _ => None,
    });
    match run(given("--short"), given("--check"), &excepted.collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("window: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(short: bool, check: bool, excepted: &[String]) -> Result<bool> {
    let mut table = Table::begin(excepted);
    frames(&mut table);
    if fyteclub::run::gui::has_display() {
        windows(&mut table, if short { 15 } else { 60 })?;
    } else {
        println!("There is no display: memory, processor and the first frame are not measured.");
    }
    Ok(table.end() || !check)
}

/// The window's own work for a frame: layout and shapes, with 200 peers and 1,000 transfers that change at each frame.
fn frames(table: &mut Table) {
    table.heading("A frame with 200 peers and 1,000 transfers (layout and tessellation, one thread)");
    let pages = [
        ("friends", Page::Friends),
        ("transfers", Page::Transfers),
        ("characters", Page::Characters),
        ("diagnostics", Page::Diagnostics),
        ("settings", Page::Settings),
    ];
    for (name, page) in pages {
        let mut times = frames_of(page);
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 1_000).copied().unwrap_or_default();
        let (median, p99) = (at(500), at(990));
        let measured = format!("{:.2} ms, p99 {:.2}", ms(median), ms(p99));
        table.judge(&format!("a frame of {name}"), &measured, "at most 8 ms", (ms(p99), " ms"), Bound::AtMost(8.0));
    }
}

fn frames_of(page: Page) -> Vec<Duration> {
    let mut snapshot = crowd();
    let context = egui::Context::default();
    tokens::install(&context);
    let mut app = App::new(Arc::new(snapshot.clone()), |_| true, false);
    app.turn_to(page);
    app.unfold_transfers();
    let mut times = Vec::new();
    for frame in 0..500u64 {
        for (index, transfer) in snapshot.transfers.iter_mut().enumerate() {
            transfer.done = (transfer.done + (index as u64 + frame) * 1_024) % transfer.total;
        }
        let news = Arc::new(snapshot.clone());
        let input = RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(440.0, 720.0))),
            time: Some(frame as f64 / 20.0),
            // A person scrolls.
            events: vec![wheel(if frame % 100 < 50 { -40.0 } else { 40.0 }), egui::Event::PointerMoved(egui::pos2(240.0, 400.0))],
            ..RawInput::default()
        };
        let started = Instant::now();
        app.set_snapshot(news);
        let output = context.run_ui(input, |ui| app.show(ui, 0));
        let shapes = context.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(shapes.len());
        // The first frames lay out every text for the first time; a person waits for the window then anyway.
        if frame >= 20 {
            times.push(started.elapsed());
        }
    }
    times
}

fn wheel(by: f32) -> egui::Event {
    egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, by),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    }
}

fn crowd() -> Snapshot {
    let evening = made_up::evening();
    let some = |index: usize| evening.peers.get(index % evening.peers.len()).cloned();
    let peers = (0..200).filter_map(|n| {
        let mut peer = some(n)?;
        peer.peer = made_up::id(&n.to_string());
        peer.label.nickname = DisplayName::new(&format!("Friend {n:03}")).ok();
        let _ = peer.label.tags.add(Tag::new(&format!("group {}", n % 7)).ok()?);
        Some(peer)
    });
    let peers: Vec<_> = peers.collect();
    let transfer = |n: usize| -> Option<TransferView> {
        let mut transfer = evening.transfers.get(n % 2)?.clone();
        transfer.peer = peers.get(n % peers.len())?.peer;
        Some(transfer)
    };
    let transfers = (0..1_000).filter_map(transfer).collect();
    Snapshot { transfers, peers, ..evening }
}

/// Real windows.
fn windows(table: &mut Table, seconds: u64) -> Result<bool> {
    table.heading(&format!("Beside an empty window, over {seconds} s each"));
    let folder = tempfile::tempdir()?;
    let rest = Duration::from_secs(seconds);
    let (empty, nobody, friends) =
        (median_of_starts(start_empty)?, alone(folder.path(), rest)?, with_friends(folder.path(), rest)?);
    let base = measure(&start_empty()?, rest)?;
    let first = nobody.first.as_secs_f64() / empty.as_secs_f64();
    let measured = format!("{:.0} ms", ms(nobody.first));
    table.judge("first frame", &measured, &format!("empty window {:.0} ms", ms(empty)), (first, "×"), Bound::AtMost(1.3));
    let over = (friends.memory.saturating_sub(base.memory)) as f64 / f64::from(1 << 20);
    let measured = format!("{} MiB", friends.memory >> 20);
    table.judge(
        "memory with 8 friends",
        &measured,
        &format!("empty window {} MiB", base.memory >> 20),
        (over, " MiB more"),
        Bound::AtMost(40.0),
    );
    for (what, run, most) in [("hidden, nobody", &nobody, 0.1), ("hidden, 8 friends connected", &friends, 0.4)] {
        let more = (run.processor - base.processor).max(0.0);
        let measured = format!("{:.2} % of a core", run.processor);
        let beside = format!("empty window {:.2} %", base.processor);
        table.judge(what, &measured, &beside, (more, " points more"), Bound::AtMost(most));
    }
    Ok(true)
}

struct Run {
    /// From the start to the first frame.
    first: Duration,
    /// Bytes in use.
    memory: u64,
    /// Per cent of a core.
    processor: f64,
}

struct Started {
    child: Child,
    first: Duration,
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_empty() -> Result<Started> {
    let program = std::env::current_exe()?;
    start(Command::new(program).arg("--empty"))
}

fn start_ours(profile: &Path) -> Result<Started> {
    start(Command::new(PROGRAM).arg("--profile").arg(profile).arg("--hidden").env("FYTECLUB_TELL_FIRST_FRAME", "1"))
}

/// Starts a program that says `first frame` when it has drawn one.
fn start(command: &mut Command) -> Result<Started> {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("Failed to start a window")?;
    let output = child.stdout.take().context("Failed to read what a window says")?;
    let mut child = Started { child, first: Duration::ZERO };
    for line in BufReader::new(output).lines() {
        if line?.contains("first frame") {
            child.first = started.elapsed();
            return Ok(child);
        }
    }
    bail!("a window ended before its first frame")
}

fn median_of_starts(start: impl Fn() -> Result<Started>) -> Result<Duration> {
    let mut times: Vec<Duration> = (0..5).map(|_| start().map(|started| started.first)).collect::<Result<_>>()?;
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("no start")
}

fn measure(started: &Started, rest: Duration) -> Result<Run> {
    let pid = started.child.id();
    std::thread::sleep(Duration::from_secs(4));
    let before = system::processor(pid)?;
    std::thread::sleep(rest);
    let processor = (system::processor(pid)? - before) / rest.as_secs_f64() * 100.0;
    Ok(Run { first: started.first, memory: system::memory(pid)?, processor })
}

fn alone(folder: &Path, rest: Duration) -> Result<Run> {
    let profile = folder.join("alone");
    let stage = Stage::new(&profile, PROGRAM.into())?;
    let actor = stage.actor("Aria", "Aria Fyte@Phoenix")?;
    answered(&actor.profile)?;
    let first = median_of_starts(|| start_ours(actor.profile.root()))?;
    let run = measure(&start_ours(actor.profile.root())?, rest)?;
    Ok(Run { first, ..run })
}

fn with_friends(folder: &Path, rest: Duration) -> Result<Run> {
    fyteclub::run::tokio_runtime()?.block_on(async {
        let stage = Stage::new(&folder.join("friends"), PROGRAM.into())?;
        let mut me = stage.actor("Aria", "Aria Fyte@Phoenix")?;
        let mut others = FRIENDS.into_iter().map(|(name, character)| stage.actor(name, character)).collect::<Result<Vec<_>>>()?;
        befriend(&others.iter().chain([&me]).collect::<Vec<_>>())?;
        answered(&me.profile)?;
        for other in &mut others {
            other.start_companion()?;
        }
        let started = start_ours(me.profile.root())?;
        let all = |seen: &Snapshot| {
            let linked = seen.peers.iter().filter(|peer| matches!(peer.link, LinkView::Connected { .. })).count();
            (linked == FRIENDS.len()).then_some(())
        };
        me.wait_for("eight links", Duration::from_secs(60), all).await?;
        let run = tokio::task::spawn_blocking(move || measure(&started, rest)).await??;
        for other in &mut others {
            other.end().await;
        }
        Ok(run)
    })
}

/// Past the first questions, as somebody is who has used the program before.
fn answered(profile: &fyteclub::runtime::files::Profile) -> Result<()> {
    let settings = Settings { welcome: Welcome::Done, ..profile.load_settings()?.value };
    profile.save_settings(&settings)?;
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
