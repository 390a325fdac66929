//! `fyteclub ctl set …` for how the program shows itself and when it is there.

use clap::{Subcommand, ValueEnum};

use super::args::size;
use super::limits::OnOff;
use crate::domain::{InterfaceChoice, TextSize, Theme, Told, Welcome};
use crate::engine::command::SettingChange;

/// Which preference, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum PreferenceArg {
    /// The window's colours.
    Theme {
        /// Which.
        theme: ThemeArg,
    },
    /// How large text is.
    TextSize {
        /// Percent, from 80 to 200.
        #[arg(value_parser = text_size)]
        percent: TextSize,
    },
    /// Whether the window stays above others.
    KeepOnTop {
        /// Whether.
        answer: OnOff,
    },
    /// Whether friends take one line each.
    Compact {
        /// Whether.
        answer: OnOff,
    },
    /// Whether FyteClub starts with the computer.
    StartWithComputer {
        /// Whether.
        answer: OnOff,
    },
    /// Whether it starts without showing its window.
    StartHidden {
        /// Whether.
        answer: OnOff,
    },
    /// Whether friends find me only while a game plugin is connected.
    OnlyWithPlugin {
        /// Whether.
        answer: OnOff,
    },
    /// Of what the system tells me.
    Tell {
        /// Of what.
        of: ToldArg,
        /// Whether.
        answer: OnOff,
    },
    /// How far the first questions have come.
    Welcome {
        /// Which is next.
        step: WelcomeArg,
    },
    /// That I know that closing the window leaves FyteClub in the tray.
    TrayTold,
    /// Where discovery speaks and links gather addresses, from the next start on: all, loopback, or names of interfaces.
    Interfaces {
        /// Which.
        #[arg(required = true, value_name = "all|loopback|NAME")]
        which: Vec<String>,
    },
    /// The UDP port of the local network's beacons, from the next start on.
    BeaconPort {
        /// The port.
        port: u16,
    },
    /// How much free disk is never used, from the next start on.
    FreeDiskFloor {
        /// Bytes, or with a unit: 500MiB, 20GiB.
        #[arg(value_parser = size)]
        size: u64,
    },
}

/// A theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeArg {
    /// The system's.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Something to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ToldArg {
    /// Somebody wants to connect.
    Question,
    /// A friend came online.
    Online,
    /// Something failed.
    Failed,
    /// The disk is nearly full.
    Disk,
}

/// A first question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WelcomeArg {
    /// From the beginning.
    Language,
    /// The name.
    Name,
    /// The cache.
    Cache,
    /// Sharing.
    Sharing,
    /// The plugin.
    Plugin,
    /// None.
    Done,
}

fn text_size(text: &str) -> Result<TextSize, String> {
    let percent = text.trim_end_matches('%').parse().map_err(|_| format!("{text:?} is no percentage"))?;
    TextSize::new(percent).map_err(|error| error.to_string())
}

impl PreferenceArg {
    /// What is asked for.
    pub(super) fn change(&self) -> SettingChange {
        let on = |answer: &OnOff| *answer == OnOff::On;
        match self {
            Self::Theme { theme } => SettingChange::Theme(match theme {
                ThemeArg::System => Theme::System,
                ThemeArg::Light => Theme::Light,
                ThemeArg::Dark => Theme::Dark,
            }),
            Self::TextSize { percent } => SettingChange::TextSize(*percent),
            Self::KeepOnTop { answer } => SettingChange::KeepOnTop(on(answer)),
            Self::Compact { answer } => SettingChange::Compact(on(answer)),
            Self::StartWithComputer { answer } => SettingChange::StartWithComputer(on(answer)),
            Self::StartHidden { answer } => SettingChange::StartHidden(on(answer)),
            Self::OnlyWithPlugin { answer } => SettingChange::OnlyWithPlugin(on(answer)),
            Self::Tell { of, answer } => SettingChange::Tell(told(*of), on(answer)),
            Self::Welcome { step } => SettingChange::Welcome(welcome(*step)),
            Self::TrayTold => SettingChange::TrayTold,
            Self::Interfaces { which } => SettingChange::Interfaces(match which.as_slice() {
                [all] if all == "all" => InterfaceChoice::All,
                [loopback] if loopback == "loopback" => InterfaceChoice::Loopback,
                names => InterfaceChoice::Named(names.to_vec()),
            }),
            Self::BeaconPort { port } => SettingChange::BeaconPort(*port),
            Self::FreeDiskFloor { size } => SettingChange::FreeDiskFloor(*size),
        }
    }
}

const fn told(of: ToldArg) -> Told {
    match of {
        ToldArg::Question => Told::Question,
        ToldArg::Online => Told::Online,
        ToldArg::Failed => Told::Failed,
        ToldArg::Disk => Told::Disk,
    }
}

const fn welcome(step: WelcomeArg) -> Welcome {
    match step {
        WelcomeArg::Language => Welcome::Language,
        WelcomeArg::Name => Welcome::Name,
        WelcomeArg::Cache => Welcome::Cache,
        WelcomeArg::Sharing => Welcome::Sharing,
        WelcomeArg::Plugin => Welcome::Plugin,
        WelcomeArg::Done => Welcome::Done,
    }
}
