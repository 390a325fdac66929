//! What a person can set.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    DisplayName, Notifications, Permissions, RateLimits, RelayUrl, StunServer, TextSize, Theme, Weight, Welcome, public_servers,
};

/// Who may find this companion on the local network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscoveryMode {
    /// Nobody; no beacon is sent or heard. A friend who dials my address is answered all the same.
    Off,
    /// Friends recognise each other; to others the beacon is noise.
    #[default]
    FriendsOnly,
    /// Everyone sees my card and name, and whoever knows my address is answered. Lasts 10 minutes.
    EveryoneNearby,
}

/// On which network interfaces discovery speaks and listens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterfaceChoice {
    /// On every interface.
    #[default]
    All,
    /// Within this machine only.
    Loopback,
    /// On interfaces with these names.
    Named(Vec<String>),
}

/// Whether game plugins in a Wine or Proton prefix are let in: by a TCP port of this machine, behind a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WinePlugins {
    /// If one of the prefixes that the game's launchers make is there.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Limits that a person sets for what is taken from friends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Files in one appearance.
    pub files: u32,
    /// Bytes in one appearance.
    pub bytes: u64,
    /// Bytes of textures in one appearance, uncompressed.
    pub texture_bytes: u64,
    /// Triangles in one appearance.
    pub triangles: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // The most that a manifest may name; 2 GiB. Existing tools warn at 375 MiB of textures but show them: so the
        // default holds back only what could do harm.
        Self { files: 16_384, bytes: 2 << 30, texture_bytes: 2 << 30, triangles: 4_000_000 }
    }
}

impl Limits {
    /// Sets one of them.
    pub const fn set(&mut self, most: WeightPart) {
        match most {
            WeightPart::Files(files) => self.files = files,
            WeightPart::Bytes(bytes) => self.bytes = bytes,
            WeightPart::TextureBytes(bytes) => self.texture_bytes = bytes,
            WeightPart::Triangles(triangles) => self.triangles = triangles,
        }
    }

    /// By how much a look is over which of them; nothing if it may be taken.
    #[must_use]
    pub fn exceeded(&self, weight: &Weight) -> Vec<WeightPart> {
        let over = |is: u64, most: u64| is.checked_sub(most).filter(|over| *over > 0);
        let files = weight.files.checked_sub(self.files).filter(|over| *over > 0);
        let parts = [
            files.map(WeightPart::Files),
            over(weight.bytes, self.bytes).map(WeightPart::Bytes),
            over(weight.texture_bytes, self.texture_bytes).map(WeightPart::TextureBytes),
            over(weight.triangles, self.triangles).map(WeightPart::Triangles),
        ];
        parts.into_iter().flatten().collect()
    }
}

/// So much of one thing that a look weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightPart {
    /// Files.
    Files(u32),
    /// Bytes of all files.
    Bytes(u64),
    /// Bytes of textures, uncompressed.
    TextureBytes(u64),
    /// Triangles.
    Triangles(u64),
}

impl fmt::Display for WeightPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files(files) => write!(f, "{files} files"),
            Self::Bytes(bytes) => write!(f, "{}", Size(*bytes)),
            Self::TextureBytes(bytes) => write!(f, "{} of textures", Size(*bytes)),
            Self::Triangles(triangles) => write!(f, "{triangles} triangles"),
        }
    }
}

/// Bytes in the unit that leaves few digits, rounded up.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shift, unit) = match self.0 {
            0..1_024 => (0, "bytes"),
            1_024..1_048_576 => (10, "KiB"),
            _ => (20, "MiB"),
        };
        write!(f, "{} {unit}", self.0.div_ceil(1 << shift))
    }
}

/// Everything that a person can set, saved as commented RON. `Default` is a new profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name that friends see; the short id until one is set.
    pub name: Option<DisplayName>,
    /// Who may find me on the local network at start. "Everyone nearby" is never saved.
    pub discovery: DiscoveryMode,
    /// Where discovery speaks and links gather addresses.
    pub interfaces: InterfaceChoice,
    /// The TCP port for signalling and the UDP port of all links; the next free one is used if it is taken. 0: any.
    pub port: u16,
    /// The UDP port that beacons are sent to.
    pub beacon_port: u16,
    /// Whether friends and I find each other across the internet, by the relays.
    pub rendezvous: bool,
    /// Nostr relays by which that happens.
    pub relays: Vec<RelayUrl>,
    /// STUN servers, which say under which address the internet sees me.
    pub stun_servers: Vec<StunServer>,
    /// Where the cache lies; `None`: in the profile.
    pub cache_folder: Option<PathBuf>,
    /// The cache's greatest size in bytes.
    pub cache_limit: u64,
    /// Bytes of free disk that are never used.
    pub free_disk_floor: u64,
    /// What is taken from friends.
    pub limits: Limits,
    /// How fast blobs may go, all friends together.
    pub rates: RateLimits,
    /// Whether that holds on the local network too.
    pub limit_lan: bool,
    /// What new friends are allowed, and every friend for whom nothing else is set.
    pub permissions: Permissions,
    /// Whether plugins in a Wine or Proton prefix are let in. At the next start.
    pub wine_plugins: WinePlugins,
    /// The window's language as a BCP 47 tag; `None`: the system's.
    pub language: Option<String>,
    /// The window's colours.
    pub theme: Theme,
    /// How large text is.
    pub text_size: TextSize,
    /// Whether the window stays above others.
    pub keep_on_top: bool,
    /// Whether friends take one line each.
    pub compact: bool,
    /// Whether the program starts with the computer.
    pub start_with_computer: bool,
    /// Whether it starts without showing its window.
    pub start_hidden: bool,
    /// Whether friends find me only while a game plugin is connected.
    pub only_with_plugin: bool,
    /// Of what the system tells me.
    pub notifications: Notifications,
    /// How far I have come through the first questions.
    pub welcome: Welcome,
    /// Whether the window has said once that closing it leaves the program in the tray.
    pub tray_told: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: None,
            discovery: DiscoveryMode::FriendsOnly,
            interfaces: InterfaceChoice::All,
            port: 47_311,
            beacon_port: 47_312,
            rendezvous: true,
            relays: public_servers::relays(),
            stun_servers: public_servers::stun_servers(),
            cache_folder: None,
            cache_limit: 20 << 30,
            free_disk_floor: 1 << 30,
            limits: Limits::default(),
            rates: RateLimits::default(),
            limit_lan: false,
            permissions: Permissions::default(),
            wine_plugins: WinePlugins::Auto,
            language: None,
            theme: Theme::default(),
            text_size: TextSize::default(),
            keep_on_top: false,
            compact: false,
            start_with_computer: false,
            start_hidden: false,
            only_with_plugin: false,
            notifications: Notifications::default(),
            welcome: Welcome::default(),
            tray_told: false,
        }
    }
}
