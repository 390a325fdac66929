//! The command line of `fyteclub ctl`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use super::invites::{InviteArgs, JoinArgs, LinkArgs};
use super::limits::LimitArg;
use super::preferences::PreferenceArg;
use crate::domain::{Character, DiscoveryMode, DisplayName, NameError, Note, Permission, Tag, WinePlugins};
use crate::run::args::ProfileArg;
use crate::runtime::files::Profile;

/// Asks and commands a running companion.
///
/// A PEER is an id (fyte1…), its short form, a beginning of it that fits only one, or a name that only one has.
///
/// Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 FyteClub is not running, 4 waited too long.
#[derive(Clone, Debug, ClapArgs)]
#[command(
    after_help = "A PEER is an id (fyte1…), its short form, a beginning of it that fits only one, or a name that only one has.\n\
    Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 FyteClub is not running, 4 waited too long."
)]
pub struct CtlArgs {
    /// The companion's profile folder; without it the system's folder for such things.
    #[arg(long = "profile", value_name = "DIR", global = true)]
    pub folder: Option<PathBuf>,
    /// Print JSON: for a question the part of the snapshot that it is about, for a command {"ok": true}.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to ask or command.
    #[command(subcommand)]
    pub command: CtlCommand,
}

impl CtlArgs {
    /// The profile of the companion that is meant.
    ///
    /// # Errors
    /// If none is given and the system names no home folder.
    pub fn profile(&self) -> anyhow::Result<Profile> {
        ProfileArg { folder: self.folder.clone() }.profile()
    }
}

/// What to ask or command.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum CtlCommand {
    /// How everything is, on one page.
    Status,
    /// Everybody of the circle, blocked ones too; with PEER all about one.
    Peers {
        /// Whom.
        peer: Option<String>,
    },
    /// Friends only.
    Friends,
    /// What waits for an answer.
    Pending,
    /// Strangers of "everyone nearby".
    Nearby,
    /// My characters and with whom each is shared.
    Characters,
    /// Looks being fetched.
    Transfers {
        /// Go on until interrupted.
        #[arg(long)]
        follow: bool,
    },
    /// My id and name; or carry my identity, friends and notes to another computer.
    #[command(group = clap::ArgGroup::new("carry").multiple(false).requires("passphrase_file"))]
    Identity {
        /// Write them into this file, which must not be there yet.
        #[arg(long, value_name = "FILE", group = "carry")]
        export: Option<PathBuf>,
        /// Take them from this file in the place of mine, from the next start on; mine are set aside.
        #[arg(long, value_name = "FILE", group = "carry")]
        import: Option<PathBuf>,
        /// The file whose first line is the passphrase; - for the standard input.
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Set the name and picture that friends see; without options show them.
    Profile {
        /// The name; "" for the short id.
        #[arg(long, value_name = "TEXT", value_parser = optional_name)]
        name: Option<OptionalName>,
        /// A PNG or JPEG of up to 1 MiB; friends see the square in its middle.
        #[arg(long, value_name = "FILE", conflicts_with = "no_picture")]
        picture: Option<PathBuf>,
        /// Show no picture.
        #[arg(long)]
        no_picture: bool,
    },
    /// Why a friend is seen or not, and whether they see me: as far as the first thing that fails, and what to do about it.
    Explain {
        /// Whom.
        peer: String,
    },
    /// Print what happens until interrupted; with --json also every snapshot.
    Watch,

    /// Let somebody in who knocked.
    Accept {
        /// Who knocked.
        peer: String,
        /// Only until FyteClub ends.
        #[arg(long)]
        once: bool,
        /// Wait until connected.
        #[command(flatten)]
        wait: Wait,
    },
    /// Not now: put a prompt away until the next session.
    Dismiss {
        /// Who knocked.
        peer: String,
    },
    /// Never let somebody in again.
    Block {
        /// Whom.
        peer: String,
    },
    /// Forget that somebody was blocked.
    Unblock {
        /// Whom.
        peer: String,
    },
    /// End a friendship.
    Remove {
        /// Whom.
        peer: String,
    },
    /// Connect to an address, or with --nearby to somebody of the nearby list, and trust whoever is there as a friend.
    Connect {
        /// `HOST[:PORT]`, or the PEER with --nearby.
        #[arg(value_name = "HOST[:PORT]|PEER")]
        whom: String,
        /// The argument is a PEER of the nearby list.
        #[arg(long)]
        nearby: bool,
        /// Wait until connected.
        #[command(flatten)]
        wait: Wait,
    },
    /// Make a code of six words by which one person becomes my friend, across the internet; good for ten minutes.
    Invite(InviteArgs),
    /// Become a friend of whoever offers this code, or made this link.
    Join(JoinArgs),
    /// Make a link by which whoever has it becomes my friend, also while I am away; or see and take back such links.
    Link(LinkArgs),
    /// This computer's network: interfaces, ports, router, and what was heard.
    Network,
    /// The relays by which friends find each other across the internet, and how each is.
    Relays,
    /// Dial a friend at once instead of at the next try; one who is connected is asked for a sign of life.
    Reconnect {
        /// Whom.
        peer: String,
        /// Wait until connected.
        #[command(flatten)]
        wait: Wait,
    },
    /// Allow or refuse something to a friend, or to everyone for whom nothing else is set.
    Permit {
        /// PEER, or `everyone`.
        #[arg(value_name = "PEER|everyone")]
        who: String,
        /// What.
        what: PermissionArg,
        /// The answer.
        answer: Answer,
    },
    /// Limit how fast files go and come, and how heavy friends' looks may be; takes effect at once.
    Limit {
        /// What, and to what.
        #[command(subcommand)]
        limit: LimitArg,
    },
    /// Compare codes with a connected friend: shows the code, then say --matches or --differs.
    Verify {
        /// With whom.
        peer: String,
        /// The codes are equal.
        #[arg(long, conflicts_with = "differs")]
        matches: bool,
        /// The codes are not equal.
        #[arg(long)]
        differs: bool,
    },
    /// Say what to call somebody and note of them; stays on this machine. Without options: show it.
    Label {
        /// Whom.
        peer: String,
        /// What.
        #[command(flatten)]
        changes: LabelArgs,
    },
    /// What went between friends and me, by friend and day, in the last 90 days.
    History {
        /// With whom; with everybody if not given.
        peer: Option<String>,
        /// How many days back, today included.
        #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=90))]
        days: u32,
        /// Forget it.
        #[arg(long, conflicts_with = "days")]
        clear: bool,
    },
    /// Share one of my characters: with `all` friends, with `nobody`, or with these peers.
    Share {
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Character,
        /// With whom.
        #[arg(required = true, value_name = "all|nobody|PEER")]
        with: Vec<String>,
    },
    /// Say whose a character is that two friends claim.
    Owner {
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Character,
        /// Whose.
        peer: String,
    },
    /// Stop fetching a friend's look: of one character, or of all that are being fetched.
    Cancel {
        /// Whose.
        peer: String,
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Option<Character>,
    },
    /// Fetch a friend's look before all others: one character's, or all that are being fetched.
    Prioritise {
        /// Whose.
        peer: String,
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Option<Character>,
    },
    /// Take a friend's look although it is over your limits: one character's, or all that are held back.
    Allow {
        /// Whose.
        peer: String,
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Option<Character>,
        /// Also every later look of the character; without it only the present one.
        #[arg(long, conflicts_with = "never")]
        always: bool,
        /// No longer; then name the character.
        #[arg(long, requires = "character")]
        never: bool,
    },
    /// Try at once what failed, was cancelled or found the disk full: one character's look, or all of that friend.
    Retry {
        /// Whose.
        peer: String,
        /// Which.
        #[arg(value_name = "NAME@WORLD")]
        character: Option<Character>,
    },
    /// Look offline, to a friend or to everyone.
    Pause {
        /// To whom, or #TAG; to everyone if not given.
        peer: Option<String>,
        /// For how long: 90s, 10m, 1h30m. Until resumed if not given.
        #[arg(long = "for", value_name = "TIME", value_parser = duration)]
        lasting: Option<Duration>,
    },
    /// Be back, for a friend or for everyone.
    Resume {
        /// For whom, or #TAG; for everyone if not given.
        peer: Option<String>,
    },
    /// Have everything announced and shown anew, by a friend or by everyone.
    Resync {
        /// By whom; by everyone if not given.
        peer: Option<String>,
    },
    /// Check every file of a friend's looks in the cache, and fetch anew what is wrong or missing.
    CheckLooks {
        /// Whose looks.
        peer: String,
    },
    /// Announce all my looks that a friend may see to them anew.
    SendAgain {
        /// To whom.
        peer: String,
    },
    /// Show the cache and what is being done with it; or check, empty, limit or move it.
    #[command(group = clap::ArgGroup::new("what").multiple(false))]
    Cache {
        /// Check every file.
        #[arg(long, group = "what")]
        verify: bool,
        /// Move it to another folder, while FyteClub runs: an empty one, or one that does not exist.
        #[arg(long = "move", value_name = "DIR", group = "what")]
        move_to: Option<PathBuf>,
        /// End the check or the move that is under way.
        #[arg(long, group = "what")]
        cancel: bool,
        /// Remove everything that is not needed for what is shown and shared.
        #[arg(long, group = "what")]
        clear: bool,
        /// Its greatest size: 500MiB, 20GiB. What is too much goes at once, least recently shown first.
        #[arg(long, value_name = "SIZE", value_parser = size, group = "what")]
        limit: Option<u64>,
    },
    /// Show the settings, or change one.
    Settings {
        /// Which, and to what.
        #[command(subcommand)]
        change: Option<SettingArg>,
    },
    /// Show who may find me on the local network, or change it.
    Discovery {
        /// Who may.
        mode: Option<ModeArg>,
    },
    /// Bring the window to the front.
    Show,
    /// End FyteClub.
    Quit,
}

/// What to call somebody and note of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct LabelArgs {
    /// Forget everything below first.
    #[arg(long)]
    pub clear: bool,
    /// What to call them in place of the name that they say; "" for that name.
    #[arg(long, value_name = "TEXT", value_parser = optional_name)]
    pub nickname: Option<OptionalName>,
    /// Words about them, at most 2,000 characters; "" for none.
    #[arg(long, value_name = "TEXT", value_parser = Note::new)]
    pub note: Option<Note>,
    /// A word to find them by; may be given several times.
    #[arg(long, value_name = "TAG", value_parser = Tag::new)]
    pub tag: Vec<Tag>,
    /// A word to take away; may be given several times.
    #[arg(long, value_name = "TAG", value_parser = Tag::new)]
    pub untag: Vec<Tag>,
    /// Whether their coming, going and changing is told.
    #[arg(long, value_name = "on|off")]
    pub notify: Option<Switch>,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// A name, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalName(pub Option<DisplayName>);

fn optional_name(text: &str) -> Result<OptionalName, NameError> {
    if text.is_empty() { Ok(OptionalName(None)) } else { DisplayName::new(text).map(|name| OptionalName(Some(name))) }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct Wait {
    /// Wait until connected, at most this long (30s, 2m); exit code 4 if it is not by then.
    #[arg(long = "wait", value_name = "TIME", value_parser = duration)]
    pub at_most: Option<Duration>,
}

/// What is allowed or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PermissionArg {
    /// They may see my characters.
    SeeMe,
    /// I show their characters.
    ShowThem,
    /// Their sounds.
    Sounds,
    /// Their animations.
    Animations,
    /// Their effects.
    Effects,
}

impl From<PermissionArg> for Permission {
    fn from(arg: PermissionArg) -> Self {
        match arg {
            PermissionArg::SeeMe => Self::SeeMe,
            PermissionArg::ShowThem => Self::ShowThem,
            PermissionArg::Sounds => Self::Sounds,
            PermissionArg::Animations => Self::Animations,
            PermissionArg::Effects => Self::Effects,
        }
    }
}

/// An answer to a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Answer {
    /// Allow.
    Allow,
    /// Refuse.
    Deny,
    /// As for everyone.
    Default,
}

impl Answer {
    /// As the engine takes it.
    #[must_use]
    pub const fn allow(self) -> Option<bool> {
        match self {
            Self::Allow => Some(true),
            Self::Deny => Some(false),
            Self::Default => None,
        }
    }
}

/// Whether plugins in a prefix are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WineArg {
    /// If the game's launchers made a prefix.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl From<WineArg> for WinePlugins {
    fn from(arg: WineArg) -> Self {
        match arg {
            WineArg::Auto => Self::Auto,
            WineArg::On => Self::On,
            WineArg::Off => Self::Off,
        }
    }
}

/// Who may find me.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// Nobody; nothing is sent and nothing is heard.
    Off,
    /// Friends recognise each other.
    Friends,
    /// Everyone nearby, for 10 minutes.
    Everyone,
}

impl From<ModeArg> for DiscoveryMode {
    fn from(arg: ModeArg) -> Self {
        match arg {
            ModeArg::Off => Self::Off,
            ModeArg::Friends => Self::FriendsOnly,
            ModeArg::Everyone => Self::EveryoneNearby,
        }
    }
}

/// A change of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum SettingArg {
    /// The name that friends see.
    Name {
        /// The name.
        #[arg(required_unless_present = "unset", value_parser = DisplayName::new)]
        name: Option<DisplayName>,
        /// Show the short id.
        #[arg(long, conflicts_with = "name")]
        unset: bool,
    },
    /// The TCP port for signalling and the UDP port of all links, from the next start on; 0: any.
    Port {
        /// The port.
        port: u16,
    },
    /// The cache's greatest size.
    CacheLimit {
        /// Bytes, or with a unit: 500MiB, 20GiB.
        #[arg(value_parser = size)]
        size: u64,
    },
    /// Whether game plugins in a Wine or Proton prefix are let in, by a port of this machine; from the next start on.
    WinePlugins {
        /// Whether.
        answer: WineArg,
    },
    /// How the program shows itself and when it is there.
    #[command(flatten)]
    Preference(PreferenceArg),
    /// The window's language.
    Language {
        /// Its tag: en, de, fr, ja.
        #[arg(required_unless_present = "unset")]
        tag: Option<String>,
        /// The system's.
        #[arg(long, conflicts_with = "tag")]
        unset: bool,
    },
}

/// Reads `90s`, `10m`, `1h30m`, `2d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no time: write it like 90s, 10m or 1h30m");
    let (mut seconds, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, behind) = rest.split_at(digits);
        let mut letters = behind.chars();
        let unit = match letters.next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = number.parse().map_err(|_| wrong())?;
        seconds = number.checked_mul(unit).and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
        rest = letters.as_str();
    }
    if seconds == 0 { Err(wrong()) } else { Ok(Duration::from_secs(seconds)) }
}

/// Reads `1000`, `500MiB`, `1.5G`. Units are powers of 1,024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size: write it like 500MiB or 20GiB");
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, behind) = text.split_at(digits);
    let fraction = behind.strip_prefix('.').map(|rest| rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()));
    let (fraction, unit) = fraction.unwrap_or(("0", behind));
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    if fraction.is_empty() || fraction.len() > 9 {
        return Err(wrong());
    }
    let tens = 10_u64.pow(u32::try_from(fraction.len()).map_err(|_| wrong())?);
    let part = u128::from(fraction.parse::<u64>().map_err(|_| wrong())?) * (1 << shift) / u128::from(tens);
    let part = u64::try_from(part).map_err(|_| wrong())?;
    number.checked_mul(1 << shift).and_then(|whole| whole.checked_add(part)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        for (text, seconds) in [("90s", 90), ("10m", 600), ("1h30m", 5_400), ("2d", 172_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "10", "m", "0s", "1y", "-5m", "99999999999999999999s", "18446744073709551615d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("1000", 1_000), ("2k", 2_048), ("500MiB", 500 << 20), ("20 GiB", 20 << 30), ("1.5G", 3 << 29), ("0", 0)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for bad in ["", "GiB", "1.G", ".5G", "1.5.5G", "5 apples", "99999999999T"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
