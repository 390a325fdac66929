//! Everything that can be set. Each takes effect at once, or says why not.

use eframe::egui::Ui;

use super::Scene;
use super::friends::permission_ticks;
use super::header::banner;
use super::internet::internet;
use super::section::{choice_row, line_with_button, section, sizes, switch_row};
use super::transfers::rate_limits;
use crate::domain::{
    DiscoveryMode, InterfaceChoice, Passphrase, PassphraseError, Settings, TextSize, Theme, Told, WeightPart, WinePlugins,
};
use crate::engine::command::{Command, Scope, SettingChange};
use crate::i18n::{self, fl};
use crate::ui::outside::Wish;
use crate::ui::view::View;
use crate::ui::widgets::{self, Icon, Kind};
use crate::ui::{Commands, tokens};

/// The page of settings.
pub(crate) fn settings(ui: &mut Ui, scene: Scene<'_>, view: &mut View, commands: &mut Commands) {
    let settings = &scene.snapshot.settings;
    widgets::head(ui, &fl!("page-settings"));
    if scene.snapshot.restart_wanted {
        banner(ui, Icon::Info, &fl!("restart-wanted"), None);
    }
    let mut set = Changes { commands };
    section(ui, &fl!("set-look"), |ui| look(ui, &mut set, settings));
    section(ui, &fl!("set-start"), |ui| start(ui, &mut set, settings));
    section(ui, &fl!("set-tell"), |ui| tell(ui, &mut set, settings));
    section(ui, &fl!("set-new-friends"), |ui| {
        widgets::faint(ui, &fl!("set-new-friends-more"));
        permission_ticks(ui, set.commands, &Scope::Everyone, &settings.permissions);
    });
    section(ui, &fl!("set-limits"), |ui| limits(ui, &mut set, settings));
    section(ui, &fl!("rate-limits"), |ui| {
        rate_limits(ui, set.commands, &Scope::Everyone, settings.rates);
        if switch_row(ui, settings.limit_lan, &fl!("set-limit-lan"), None) {
            set.change(SettingChange::LimitLan(!settings.limit_lan));
        }
    });
    section(ui, &fl!("set-network"), |ui| network(ui, scene, view, &mut set));
    section(ui, &fl!("set-internet"), |ui| internet(ui, scene, view, set.commands));
    section(ui, &fl!("set-identity"), |ui| identity(ui, view));
}

/// Collects what is changed.
struct Changes<'a> {
    commands: &'a mut Commands,
}

impl Changes<'_> {
    fn change(&mut self, change: SettingChange) {
        self.commands.push(Command::ChangeSetting { change });
    }
}

/// Languages by their own names, so that each is found by whoever reads it.
pub(super) fn languages() -> Vec<(Option<String>, String)> {
    let named = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("ja", "日本語")];
    let of = |(tag, name): (&str, &str)| (Some(tag.to_owned()), name.to_owned());
    std::iter::once((None, fl!("language-system"))).chain(named.into_iter().map(of)).collect()
}

fn look(ui: &mut Ui, set: &mut Changes<'_>, settings: &Settings) {
    if let Some(language) = choice_row(ui, &fl!("set-language"), &settings.language, &languages(), None) {
        set.change(SettingChange::Language(language));
    }
    let themes = [(Theme::System, fl!("theme-system")), (Theme::Light, fl!("theme-light")), (Theme::Dark, fl!("theme-dark"))];
    if let Some(theme) = choice_row(ui, &fl!("set-theme"), &settings.theme, &themes, None) {
        set.change(SettingChange::Theme(theme));
    }
    let sizes: Vec<(TextSize, String)> = [80, 90, 100, 110, 125, 150, 175, 200]
        .into_iter()
        .filter_map(|percent| TextSize::new(percent).ok())
        .map(|size| (size, size.to_string()))
        .collect();
    if let Some(size) = choice_row(ui, &fl!("set-text-size"), &settings.text_size, &sizes, Some(settings.text_size.to_string())) {
        set.change(SettingChange::TextSize(size));
    }
    if switch_row(ui, settings.compact, &fl!("set-compact"), Some(&fl!("set-compact-more"))) {
        set.change(SettingChange::Compact(!settings.compact));
    }
    if switch_row(ui, settings.keep_on_top, &fl!("set-on-top"), None) {
        set.change(SettingChange::KeepOnTop(!settings.keep_on_top));
    }
}

fn start(ui: &mut Ui, set: &mut Changes<'_>, settings: &Settings) {
    if switch_row(ui, settings.start_with_computer, &fl!("set-start-with-computer"), None) {
        set.change(SettingChange::StartWithComputer(!settings.start_with_computer));
    }
    if switch_row(ui, settings.start_hidden, &fl!("set-start-hidden"), Some(&fl!("set-start-hidden-more"))) {
        set.change(SettingChange::StartHidden(!settings.start_hidden));
    }
    if switch_row(ui, settings.only_with_plugin, &fl!("set-only-with-plugin"), Some(&fl!("set-only-with-plugin-more"))) {
        set.change(SettingChange::OnlyWithPlugin(!settings.only_with_plugin));
    }
    let wine = [(WinePlugins::Auto, fl!("wine-auto")), (WinePlugins::On, fl!("wine-on")), (WinePlugins::Off, fl!("wine-off"))];
    if cfg!(unix)
        && let Some(answer) = choice_row(ui, &fl!("set-wine"), &settings.wine_plugins, &wine, None)
    {
        set.change(SettingChange::WinePlugins(answer));
    }
}

fn tell(ui: &mut Ui, set: &mut Changes<'_>, settings: &Settings) {
    for of in Told::ALL {
        let name = match of {
            Told::Question => fl!("tell-question"),
            Told::Online => fl!("tell-online"),
            Told::Failed => fl!("tell-failed"),
            Told::Disk => fl!("tell-disk"),
        };
        let on = settings.notifications.tells(of);
        if switch_row(ui, on, &name, None) {
            set.change(SettingChange::Tell(of, !on));
        }
    }
    widgets::faint(ui, &fl!("set-tell-more"));
}

fn limits(ui: &mut Ui, set: &mut Changes<'_>, settings: &Settings) {
    widgets::faint(ui, &fl!("set-limits-more"));
    let limits = &settings.limits;
    let mib = |all: &[u64], most: fn(u64) -> WeightPart| -> Vec<(WeightPart, String)> {
        sizes(20, all).into_iter().map(|(bytes, text)| (most(bytes), text)).collect()
    };
    let usual = [100u64, 200, 375, 500, 1_024, 2_048];
    let counted = |all: &[u64], most: fn(u64) -> WeightPart| -> Vec<(WeightPart, String)> {
        all.iter().map(|count| (most(*count), i18n::count(*count))).collect()
    };
    let files = |count: u64| WeightPart::Files(u32::try_from(count).unwrap_or(u32::MAX));
    let rows = [
        (fl!("limit-bytes"), WeightPart::Bytes(limits.bytes), mib(&usual, WeightPart::Bytes), i18n::size(limits.bytes)),
        (
            fl!("limit-textures"),
            WeightPart::TextureBytes(limits.texture_bytes),
            mib(&usual, WeightPart::TextureBytes),
            i18n::size(limits.texture_bytes),
        ),
        (
            fl!("limit-triangles"),
            WeightPart::Triangles(limits.triangles),
            counted(&[200_000, 500_000, 1_000_000, 2_000_000, 4_000_000, 10_000_000], WeightPart::Triangles),
            i18n::count(limits.triangles),
        ),
        (
            fl!("limit-files"),
            WeightPart::Files(limits.files),
            counted(&[500, 1_000, 2_000, 5_000, 16_384], files),
            i18n::count(u64::from(limits.files)),
        ),
    ];
    for (name, now, all, said) in rows {
        if let Some(most) = choice_row(ui, &name, &now, &all, Some(said)) {
            set.change(SettingChange::Weight(most));
        }
    }
}

fn network(ui: &mut Ui, scene: Scene<'_>, view: &mut View, set: &mut Changes<'_>) {
    let settings = &scene.snapshot.settings;
    let modes = [(DiscoveryMode::FriendsOnly, fl!("discovery-friends")), (DiscoveryMode::Off, fl!("discovery-off"))];
    if let Some(mode) = choice_row(ui, &fl!("discovery"), &settings.discovery, &modes, None) {
        set.commands.push(Command::SetDiscovery { mode });
    }
    port(ui, &mut view.port, settings.port, &fl!("set-port"), |port| set.change(SettingChange::Port(port)));
    port(ui, &mut view.beacon_port, settings.beacon_port, &fl!("set-beacon-port"), |port| {
        set.change(SettingChange::BeaconPort(port));
    });
    let mut names: Vec<String> = scene.snapshot.network.interfaces.iter().map(|interface| interface.name.clone()).collect();
    names.dedup();
    let mut choices =
        vec![(InterfaceChoice::All, fl!("interfaces-all")), (InterfaceChoice::Loopback, fl!("interfaces-loopback"))];
    choices.extend(names.into_iter().map(|name| (InterfaceChoice::Named(vec![name.clone()]), name)));
    let said = match &settings.interfaces {
        InterfaceChoice::Named(names) => Some(names.join(", ")),
        InterfaceChoice::All | InterfaceChoice::Loopback => None,
    };
    if let Some(interfaces) = choice_row(ui, &fl!("set-interfaces"), &settings.interfaces, &choices, said) {
        set.change(SettingChange::Interfaces(interfaces));
    }
    let floors = sizes(20, &[512, 1_024, 2_048, 5_120, 10_240, 20_480]);
    let said = Some(i18n::size(settings.free_disk_floor));
    if let Some(floor) = choice_row(ui, &fl!("set-free-disk"), &settings.free_disk_floor, &floors, said) {
        set.change(SettingChange::FreeDiskFloor(floor));
    }
}

/// My identity, to be carried to another computer.
fn identity(ui: &mut Ui, view: &mut View) {
    widgets::note(ui, &fl!("set-identity-more"));
    let width = ui.available_width();
    widgets::secret_field(ui, &mut view.passphrase, &fl!("passphrase"), width);
    let passphrase = Passphrase::new(&view.passphrase);
    if let Err(error) = &passphrase
        && !view.passphrase.is_empty()
    {
        let text = match error {
            PassphraseError::Short => fl!("passphrase-short"),
            PassphraseError::Long => fl!("passphrase-long"),
        };
        widgets::warning(ui, &text);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.y = tokens::GAP;
        let (export, import) = (fl!("identity-export"), fl!("identity-import"));
        for (text, wish) in [(export, Wish::ExportIdentity as fn(Passphrase) -> Wish), (import, Wish::ImportIdentity)] {
            let pressed = ui.add_enabled_ui(passphrase.is_ok(), |ui| widgets::button(ui, Kind::Plain, &text).clicked()).inner;
            if let (true, Ok(passphrase)) = (pressed, &passphrase) {
                view.wishes.push(wish(passphrase.clone()));
                view.passphrase = zeroize::Zeroizing::default();
            }
        }
    });
}

/// A port to be typed and saved.
fn port(ui: &mut Ui, typed: &mut Option<String>, now: u16, name: &str, mut save: impl FnMut(u16)) {
    widgets::plain(ui, name);
    let mut text = typed.clone().unwrap_or_else(|| now.to_string());
    let wanted = |text: &str| text.trim().parse::<u16>();
    let full = fl!("save-what", what = name);
    let can = |text: &str| wanted(text).is_ok_and(|port| port != now);
    let line = line_with_button(ui, &mut text, name, (Kind::Plain, &fl!("save"), &full), can);
    if line.changed {
        *typed = Some(text.clone());
    }
    if line.pressed
        && let Ok(port) = wanted(&text)
    {
        save(port);
        *typed = None;
    }
    if wanted(&text).is_err() {
        widgets::warning(ui, &fl!("port-wrong"));
    }
}
