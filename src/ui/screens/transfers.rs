//! What goes to and from friends: now, in the last five minutes, and in the last ninety days.

use eframe::egui::{Align, Layout, Ui};

use super::Scene;
use super::friends::progress;
use super::header::empty;
use super::section::{choice_row, section};
use crate::domain::{Character, Direction, PeerId, Rate, RateLimits};
use crate::engine::command::{Command, Scope};
use crate::engine::follow::Progress;
use crate::engine::snapshot::{Amount, DayHistory, GraphPoint, HistoryView, LinkView, TransferView, UploadView};
use crate::i18n::{self, fl};
use crate::ui::view::{Confirm, View};
use crate::ui::widgets::{self, Icon, Kind, Line, icon_button};
use crate::ui::words;
use crate::ui::{Commands, tokens};

/// The top of the graph at least: a trickle is not to look like a flood.
const LEAST_RATE: f32 = 65_536.0;
/// Days of the history that are listed.
const DAYS: usize = 14;

/// The page of transfers.
pub(crate) fn transfers(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    widgets::head(ui, &fl!("page-transfers"));
    totals(ui, scene);
    section(ui, &fl!("transfers-now"), |ui| now(ui, scene, commands));
    section(ui, &fl!("rate-limits"), |ui| {
        rate_limits(ui, commands, &Scope::Everyone, scene.snapshot.settings.rates);
    });
    history(ui, scene, view);
}

fn totals(ui: &mut Ui, scene: Scene<'_>) {
    let graph = &scene.snapshot.graphs.total;
    let down: u64 = scene.snapshot.transfers.iter().map(|transfer| transfer.rate).fold(0, u64::saturating_add);
    let up: u64 = scene.snapshot.uploads.iter().map(|upload| upload.rate).fold(0, u64::saturating_add);
    let colours = tokens::palette(ui);
    section(ui, &fl!("last-minutes"), |ui| {
        ui.horizontal(|ui| {
            widgets::icon(ui, Icon::Download, colours.accent_text);
            ui.label(i18n::rate(down));
            ui.add_space(tokens::GAP);
            widgets::icon(ui, Icon::Upload, colours.good);
            ui.label(i18n::rate(up));
        });
        rates(ui, graph);
    });
}

/// How fast bytes came and went in the last five minutes.
pub(super) fn rates(ui: &mut Ui, graph: &[GraphPoint]) {
    let colours = tokens::palette(ui);
    let line = |colour, of: fn(&GraphPoint) -> u64| Line {
        colour,
        points: graph.iter().map(|point| (point.seconds_ago as f32, of(point) as f32)).collect(),
    };
    let lines = [line(colours.good, |point| point.up), line(colours.accent_text, |point| point.down)];
    widgets::graph(ui, &lines, LEAST_RATE, |top| i18n::rate(top as u64), &fl!("graph-rates"));
}

fn now(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands) {
    let snapshot = scene.snapshot;
    let stopped = stopped(scene);
    if snapshot.transfers.is_empty() && snapshot.uploads.is_empty() && stopped.is_empty() {
        return empty(ui, Icon::Transfers, &fl!("transfers-none"), &fl!("transfers-none-more"));
    }
    for transfer in &snapshot.transfers {
        widgets::lazily(ui, (transfer.peer, &transfer.character), |ui| download(ui, scene, commands, transfer));
    }
    for upload in &snapshot.uploads {
        widgets::lazily(ui, ("up", upload.peer, &upload.character), |ui| self::upload(ui, scene, upload));
    }
    for (peer, character, reason) in stopped {
        widgets::lazily(ui, ("stopped", peer, &character), |ui| {
            title(ui, Icon::Warning, &from(scene, &character, peer), |ui| {
                let retry = fl!("transfer-retry", character = character.name());
                if icon_button(ui, Icon::Retry, &retry).clicked() {
                    commands.push(Command::RetryTransfer { peer, character: character.clone() });
                }
            });
            widgets::faint(ui, &reason);
            ui.add_space(tokens::GAP);
        });
    }
}

/// Looks that failed or were cancelled.
fn stopped(scene: Scene<'_>) -> Vec<(PeerId, Character, String)> {
    let looks = scene.snapshot.peers.iter().flat_map(|peer| peer.characters.iter().map(|view| (peer.peer, view)));
    looks
        .filter_map(|(peer, view)| match &view.progress {
            Progress::Failed { reason } => Some((peer, view.character.clone(), reason.clone())),
            Progress::Cancelled => Some((peer, view.character.clone(), fl!("state-cancelled"))),
            Progress::Asking
            | Progress::NotWanted
            | Progress::TooHeavy { .. }
            | Progress::Conflict
            | Progress::Fetching
            | Progress::Ready
            | Progress::Applying
            | Progress::Applied
            | Progress::Gone => None,
        })
        .collect()
}

fn from(scene: Scene<'_>, character: &Character, peer: PeerId) -> String {
    let (character, friend) = (character.name(), words::name(scene.snapshot, peer));
    if friend == character { friend } else { fl!("transfer-from", character = character, name = friend) }
}

/// The line above a transfer: which way, what and whose, and what can be done.
fn title(ui: &mut Ui, icon: Icon, text: &str, buttons: impl FnOnce(&mut Ui)) {
    let colours = tokens::palette(ui);
    let colour = if icon == Icon::Warning { colours.warn } else { colours.accent_text };
    widgets::line(ui, tokens::ICON_BUTTON, |ui| {
        widgets::icon(ui, icon, colour);
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() - 3.0 * tokens::ICON_BUTTON);
            widgets::name(ui, text);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            buttons(ui);
        });
    });
}

fn download(ui: &mut Ui, scene: Scene<'_>, commands: &mut Commands, transfer: &TransferView) {
    let character = &transfer.character;
    title(ui, Icon::Download, &from(scene, character, transfer.peer), |ui| {
        if transfer.finished {
            return;
        }
        let cancel = fl!("transfer-cancel", character = character.name());
        if icon_button(ui, Icon::Close, &cancel).clicked() {
            commands.push(Command::CancelTransfer { peer: transfer.peer, character: character.clone() });
        }
        if transfer.first {
            widgets::sign(ui, Icon::First, &fl!("transfer-is-first"), tokens::palette(ui).accent_text);
        } else {
            let first = fl!("transfer-first-of", character = character.name());
            if icon_button(ui, Icon::First, &first).clicked() {
                commands.push(Command::PrioritiseTransfer { peer: transfer.peer, character: character.clone() });
            }
        }
    });
    progress(ui, transfer);
    let files = fl!("transfer-files", done = transfer.files_done, total = transfer.files_total);
    let line =
        route(scene, transfer.peer).map_or_else(|| files.clone(), |route| fl!("joined", first = files.as_str(), second = route));
    widgets::faint_line(ui, &line);
    ui.add_space(tokens::GAP);
}

fn upload(ui: &mut Ui, scene: Scene<'_>, upload: &UploadView) {
    let name = words::name(scene.snapshot, upload.peer);
    let text = match &upload.character {
        Some(character) => fl!("upload-of", character = character.name(), name = name),
        None => fl!("upload-to", name = name),
    };
    title(ui, Icon::Upload, &text, |_| ());
    let sent = fl!("upload-sent", size = i18n::size(upload.sent));
    let how = if upload.finished { fl!("upload-ended") } else { i18n::rate(upload.rate) };
    let line = fl!("joined", first = sent, second = how);
    let line =
        route(scene, upload.peer).map_or_else(|| line.clone(), |route| fl!("joined", first = line.as_str(), second = route));
    widgets::faint_line(ui, &line);
    ui.add_space(tokens::GAP);
}

fn route(scene: Scene<'_>, peer: PeerId) -> Option<String> {
    let view = scene.snapshot.peers.iter().find(|view| view.peer == peer)?;
    match &view.link {
        LinkView::Connected { route, .. } => Some(words::route(*route, None)),
        LinkView::Connecting
        | LinkView::WaitingForAcceptance
        | LinkView::Offline { .. }
        | LinkView::Paused
        | LinkView::Blocked => None,
    }
}

/// The most that may come and go, to be chosen.
pub(super) fn rate_limits(ui: &mut Ui, commands: &mut Commands, scope: &Scope, rates: RateLimits) {
    for (direction, now, name) in [(Direction::Down, rates.down, fl!("rate-down")), (Direction::Up, rates.up, fl!("rate-up"))] {
        let all = rate_choices();
        let said = now.map(|rate| i18n::rate(rate.bytes()));
        if let Some(rate) = choice_row(ui, &name, &now, &all, said) {
            commands.push(Command::LimitRate { scope: scope.clone(), direction, rate });
        }
    }
}

fn rate_choices() -> Vec<(Option<Rate>, String)> {
    let kib = [128u64, 256, 512, 1_024, 2_048, 5_120, 10_240, 25_600, 51_200];
    let limited = kib.into_iter().map(|kib| Rate::from(kib << 10)).map(|rate| (Some(rate), i18n::rate(rate.bytes())));
    std::iter::once((None, fl!("rate-unlimited"))).chain(limited).collect()
}

fn history(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    let history: &HistoryView = &scene.snapshot.history;
    section(ui, &fl!("history"), |ui| {
        if history.days.is_empty() {
            widgets::note(ui, &fl!("history-none"));
            return;
        }
        let mut total = Amount::default();
        history.days.iter().for_each(|day| total.add(day.amount));
        widgets::fact(ui, &fl!("history-total"), &amount(total));
        ui.separator();
        days(ui, history.today, &history.days);
        ui.separator();
        for friend in &history.friends {
            let name = words::name(scene.snapshot, friend.peer);
            widgets::fact(ui, &name, &amount(friend.total));
        }
        if widgets::button(ui, Kind::Quiet, &fl!("history-clear")).clicked() {
            view.confirm = Some(Confirm::ClearHistory(None));
        }
    });
}

/// The newest days, each with what went.
pub(super) fn days(ui: &mut Ui, today: u32, days: &[DayHistory]) {
    for day in days.iter().rev().take(DAYS) {
        widgets::fact(ui, &i18n::day(day.day, today), &amount(day.amount));
    }
}

fn amount(amount: Amount) -> String {
    fl!("history-amount", received = i18n::size(amount.received), sent = i18n::size(amount.sent))
}
