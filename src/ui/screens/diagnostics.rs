//! Why a friend is not seen, this computer's network, and the log.

use eframe::egui::{RichText, ScrollArea, Ui};

use super::Scene;
use super::section::{choice_row, section};
use crate::domain::{DiscoveryMode, PeerId};
use crate::engine::explain::explain;
use crate::i18n::{self, fl};
use crate::ui::outside::{Level, Wish};
use crate::ui::tokens;
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{reasons, words};

/// The page of what to look at when something is amiss.
pub(crate) fn diagnostics(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    widgets::head(ui, &fl!("page-diagnostics"));
    section(ui, &fl!("why"), |ui| why(ui, scene, view));
    section(ui, &fl!("network"), |ui| network(ui, scene));
    section(ui, &fl!("log"), |ui| log(ui, scene, view));
    section(ui, &fl!("report"), |ui| {
        widgets::note(ui, &fl!("report-more"));
        if widgets::button(ui, Kind::Plain, &fl!("report-save")).clicked() {
            view.wishes.push(Wish::SaveReport);
        }
    });
    widgets::faint(ui, &fl!("version", version = scene.snapshot.me.version.as_str()));
}

fn why(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    if scene.snapshot.peers.is_empty() {
        widgets::note(ui, &fl!("why-nobody"));
        return;
    }
    let all: Vec<(Option<PeerId>, String)> =
        scene.snapshot.peers.iter().map(|peer| (Some(peer.peer), words::name(scene.snapshot, peer.peer))).collect();
    let said = view.asked_about.is_none().then(|| fl!("why-choose"));
    if let Some(chosen) = choice_row(ui, &fl!("why-whom"), &view.asked_about, &all, said) {
        view.asked_about = chosen;
    }
    if let Some(peer) = view.asked_about {
        checklist(ui, scene, peer);
    }
}

/// The chains from the plugin to what is shown, each as far as the first link that does not hold.
pub(super) fn checklist(ui: &mut Ui, scene: Scene<'_>, peer: PeerId) {
    let colours = tokens::palette(ui);
    for chain in explain(scene.snapshot, &peer) {
        ui.add_space(tokens::TIGHT);
        widgets::name(ui, &reasons::about(&chain.about));
        for step in &chain.steps {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let (icon, colour) = if step.holds { (Icon::Check, colours.good) } else { (Icon::Warning, colours.warn) };
                widgets::icon(ui, icon, colour);
                widgets::plain(ui, &reasons::says(&step.says));
            });
        }
    }
}

fn network(ui: &mut Ui, scene: Scene<'_>) {
    let snapshot = scene.snapshot;
    match snapshot.listening {
        Some(ports) => {
            widgets::fact(ui, &fl!("network-signal-port"), &ports.signal_port.to_string());
            widgets::fact(ui, &fl!("network-link-port"), &ports.link_port.to_string());
        }
        None => drop(widgets::note(ui, &fl!("listening-not"))),
    }
    let mode = match snapshot.discovery.mode {
        DiscoveryMode::Off => fl!("discovery-off"),
        DiscoveryMode::FriendsOnly => fl!("discovery-friends"),
        DiscoveryMode::EveryoneNearby => fl!("discovery-everyone"),
    };
    widgets::fact(ui, &fl!("discovery"), &mode);
    let router = &snapshot.network.router;
    widgets::fact(ui, &fl!("network-router"), &words::router(router.kind));
    if !router.addresses.is_empty() {
        let addresses: Vec<String> = router.addresses.iter().map(ToString::to_string).collect();
        widgets::fact(ui, &fl!("network-mapped"), &addresses.join(", "));
    }
    let heard = snapshot.network.heard;
    widgets::fact(ui, &fl!("network-heard"), &fl!("network-heard-amount", friends = heard.friends, others = heard.others));
    ui.separator();
    if snapshot.network.interfaces.is_empty() {
        widgets::note(ui, &fl!("network-none"));
    }
    for interface in &snapshot.network.interfaces {
        let address = interface.address.to_string();
        let text = if interface.broadcasts { fl!("network-broadcasts", address = address) } else { address };
        widgets::fact(ui, &interface.name, &text);
    }
}

fn log(ui: &mut Ui, scene: Scene<'_>, view: &mut View) {
    let lines = scene.gallery.log();
    let width = ui.available_width();
    widgets::search_field(ui, &mut view.log.filter, &fl!("log-filter"), width);
    let levels = [Level::Error, Level::Warn, Level::Info, Level::Debug].map(|level| (level, words::level(level)));
    if let Some(level) = choice_row(ui, &fl!("log-level"), &view.log.least, &levels, None) {
        view.log.least = level;
    }
    widgets::tick(ui, &mut view.log.follow, &fl!("log-follow"));
    let wanted = view.log.filter.trim().to_lowercase();
    let fits = |line: &&std::sync::Arc<crate::ui::outside::LogLine>| {
        line.level <= view.log.least && (wanted.is_empty() || line.text.to_lowercase().contains(&wanted))
    };
    let fitting: Vec<_> = lines.iter().filter(fits).collect();
    let row = ui.text_style_height(&eframe::egui::TextStyle::Monospace);
    let area = ScrollArea::both().id_salt("log").max_height(tokens::LOG).min_scrolled_height(tokens::LOG);
    area.auto_shrink([false, true]).stick_to_bottom(view.log.follow).show_rows(ui, row, fitting.len(), |ui, rows| {
        for line in fitting.get(rows).unwrap_or_default() {
            let colours = tokens::palette(ui);
            let colour = match line.level {
                Level::Error => colours.bad,
                Level::Warn => colours.warn,
                Level::Info => colours.text,
                Level::Debug => colours.muted,
            };
            ui.add(eframe::egui::Label::new(RichText::new(&line.text).font(tokens::mono()).color(colour)).extend());
        }
    });
    if fitting.is_empty() {
        widgets::note(ui, &fl!("log-empty"));
    }
    ui.horizontal(|ui| {
        if widgets::button(ui, Kind::Plain, &fl!("log-copy")).clicked() {
            ui.ctx().copy_text(fitting.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n"));
        }
        widgets::faint(ui, &fl!("log-count", count = i18n::count(fitting.len() as u64)));
    });
}
