//! `fyteclub ctl set …` for how the program shows itself and when it is there.

use clap::builder::PossibleValue;
use clap::{Subcommand, ValueEnum};

use super::args::size;
use super::invites::{Servers, all_of};
use super::limits::OnOff;
use crate::domain::{InterfaceChoice, RelayUrl, StunServer, TextSize, Theme, Told, Welcome, public_servers};
use crate::engine::command::SettingChange;

/// Which preference, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum PreferenceArg {
    /// The window's colours.
    Theme {
        /// Which.
        theme: Theme,
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
        of: Told,
        /// Whether.
        answer: OnOff,
    },
    /// How far the first questions have come.
    Welcome {
        /// Which is next.
        step: Welcome,
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
    /// Whether friends and I find each other across the internet.
    Rendezvous {
        /// Whether.
        answer: OnOff,
    },
    /// The Nostr relays by which friends find each other.
    Relays {
        /// Their addresses; `default` for those of a new profile, `none` for none.
        #[arg(required = true, value_name = "wss://HOST|default|none")]
        relays: Vec<Servers<RelayUrl>>,
    },
    /// The servers that say under which address the internet sees me.
    StunServers {
        /// Their addresses; `default` for those of a new profile, `none` for none.
        #[arg(required = true, value_name = "HOST[:PORT]|default|none")]
        servers: Vec<Servers<StunServer>>,
    },
    /// How much free disk is never used, from the next start on.
    FreeDiskFloor {
        /// Bytes, or with a unit: 500MiB, 20GiB.
        #[arg(value_parser = size)]
        size: u64,
    },
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
            Self::Theme { theme } => SettingChange::Theme(*theme),
            Self::TextSize { percent } => SettingChange::TextSize(*percent),
            Self::KeepOnTop { answer } => SettingChange::KeepOnTop(on(answer)),
            Self::Compact { answer } => SettingChange::Compact(on(answer)),
            Self::StartWithComputer { answer } => SettingChange::StartWithComputer(on(answer)),
            Self::StartHidden { answer } => SettingChange::StartHidden(on(answer)),
            Self::OnlyWithPlugin { answer } => SettingChange::OnlyWithPlugin(on(answer)),
            Self::Tell { of, answer } => SettingChange::Tell(*of, on(answer)),
            Self::Welcome { step } => SettingChange::Welcome(*step),
            Self::TrayTold => SettingChange::TrayTold,
            Self::Interfaces { which } => SettingChange::Interfaces(match which.as_slice() {
                [all] if all == "all" => InterfaceChoice::All,
                [loopback] if loopback == "loopback" => InterfaceChoice::Loopback,
                names => InterfaceChoice::Named(names.to_vec()),
            }),
            Self::BeaconPort { port } => SettingChange::BeaconPort(*port),
            Self::Rendezvous { answer } => SettingChange::Rendezvous(on(answer)),
            Self::Relays { relays } => SettingChange::Relays(all_of(relays, &public_servers::relays())),
            Self::StunServers { servers } => SettingChange::StunServers(all_of(servers, &public_servers::stun_servers())),
            Self::FreeDiskFloor { size } => SettingChange::FreeDiskFloor(*size),
        }
    }
}

impl ValueEnum for Theme {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::System, Self::Light, Self::Dark]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::System => PossibleValue::new("system").help("The system's"),
            Self::Light => PossibleValue::new("light").help("Light"),
            Self::Dark => PossibleValue::new("dark").help("Dark"),
        })
    }
}

impl ValueEnum for Told {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Question => PossibleValue::new("question").help("Somebody wants to connect"),
            Self::Online => PossibleValue::new("online").help("A friend came online"),
            Self::Failed => PossibleValue::new("failed").help("Something failed"),
            Self::Disk => PossibleValue::new("disk").help("The disk is nearly full"),
        })
    }
}

impl ValueEnum for Welcome {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Language => PossibleValue::new("language").help("From the beginning"),
            Self::Name => PossibleValue::new("name").help("The name"),
            Self::Cache => PossibleValue::new("cache").help("The cache"),
            Self::Sharing => PossibleValue::new("sharing").help("Sharing"),
            Self::Plugin => PossibleValue::new("plugin").help("The plugin"),
            Self::Done => PossibleValue::new("done").help("None"),
        })
    }
}
