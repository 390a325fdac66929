//! The command line of `fyteclub ctl limit`.

use clap::{Subcommand, ValueEnum};

use super::args::size;
use crate::domain::{Direction, PeerId, Rate, WeightPart};
use crate::engine::command::{Command, Scope, SettingChange};

/// What is limited, and to what.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum LimitArg {
    /// How fast files go to friends, all together or with --peer one of them.
    Up {
        /// Bytes a second: 500KiB, 2MiB, 1.5MiB/s; or off.
        #[arg(value_parser = rate)]
        rate: RateArg,
        /// Whom it is for.
        #[arg(long)]
        peer: Option<String>,
    },
    /// How fast files come from friends, all together or with --peer from one of them.
    Down {
        /// Bytes a second: 500KiB, 2MiB, 1.5MiB/s; or off.
        #[arg(value_parser = rate)]
        rate: RateArg,
        /// Whom it is for.
        #[arg(long)]
        peer: Option<String>,
    },
    /// How many files a friend's look may have.
    Files {
        /// At most.
        most: u32,
    },
    /// How many bytes a friend's look may have.
    Bytes {
        /// At most: 500MiB, 2GiB.
        #[arg(value_parser = size)]
        most: u64,
    },
    /// How many bytes of textures, uncompressed, a friend's look may have.
    Textures {
        /// At most: 500MiB, 2GiB.
        #[arg(value_parser = size)]
        most: u64,
    },
    /// How many triangles a friend's look may have.
    Triangles {
        /// At most.
        most: u64,
    },
    /// Whether the rates hold on the local network too.
    Lan {
        /// They do, or not.
        answer: OnOff,
    },
}

/// A rate, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateArg(Option<Rate>);

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// Yes.
    On,
    /// No.
    Off,
}

impl LimitArg {
    /// Whom it names, if anybody.
    pub(super) fn peer(&self) -> Option<&str> {
        match self {
            Self::Up { peer, .. } | Self::Down { peer, .. } => peer.as_deref(),
            Self::Files { .. } | Self::Bytes { .. } | Self::Textures { .. } | Self::Triangles { .. } | Self::Lan { .. } => None,
        }
    }

    /// What it orders, for whom it names.
    pub(super) fn order(&self, peer: Option<PeerId>) -> Command {
        let scope = peer.map_or(Scope::Everyone, Scope::Peer);
        match self {
            Self::Up { rate, .. } => Command::LimitRate { scope, direction: Direction::Up, rate: rate.0 },
            Self::Down { rate, .. } => Command::LimitRate { scope, direction: Direction::Down, rate: rate.0 },
            Self::Files { most } => weight(WeightPart::Files(*most)),
            Self::Bytes { most } => weight(WeightPart::Bytes(*most)),
            Self::Textures { most } => weight(WeightPart::TextureBytes(*most)),
            Self::Triangles { most } => weight(WeightPart::Triangles(*most)),
            Self::Lan { answer } => Command::ChangeSetting { change: SettingChange::LimitLan(*answer == OnOff::On) },
        }
    }
}

const fn weight(most: WeightPart) -> Command {
    Command::ChangeSetting { change: SettingChange::Weight(most) }
}

/// Reads `off`, `500KiB`, `2 MiB/s`.
fn rate(text: &str) -> Result<RateArg, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("off") {
        return Ok(RateArg(None));
    }
    let bytes = size(text.strip_suffix("/s").unwrap_or(text))?;
    if bytes == 0 {
        Err("nothing would ever come: pause instead, or say off for no limit".to_owned())
    } else {
        Ok(RateArg(Some(bytes.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_kindly() {
        for (text, bytes) in [("2MiB", 2 << 20), ("1.5 MiB/s", 3 << 19), ("500k", 500 << 10), ("1000000", 1_000_000)] {
            assert_eq!(rate(text), Ok(RateArg(Some(Rate::from(bytes)))), "{text}");
        }
        assert_eq!(rate("Off"), Ok(RateArg(None)));
        for bad in ["", "0", "fast", "2MiB/h", "-1"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }
}
