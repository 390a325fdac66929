//! The pipe: game plugins and `fyteclub ctl`.
//!
//! One local socket for each profile (a Unix socket, or a Windows named pipe) that only this user can open, and which
//! speaks JSON lines ([`crate::wire::plugin`]). The first line says what a client is:
//!
//! - a **plugin** tells the engine what the game shows and is told what to show ([`Pipe::to_plugin`]);
//! - a **control** client sends every command that the window can, and reads the same snapshot ([`control`]).
//!
//! Plugins in a Wine or Proton prefix, which can open no Unix socket, come by a port of this machine and prove themselves first
//! ([`tcp`]).
//!
//! Both sides check that the other one belongs to this user. A client that sends nonsense gets an `error` line and goes
//! on; one that does not read is dropped. No client can hold more than one line of memory on its way in and
//! [`outbox::MAX_WAITING`] on its way out.

pub mod client;
pub mod control;
pub mod control_client;
pub mod lines;
pub mod paths;

mod endpoint;
mod outbox;
mod plugin;
mod server;
#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(windows)]
#[path = "windows.rs"]
mod system;
mod tcp;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use super::files::Profile;
use super::handle::Handle;
use crate::domain::WinePlugins;
use crate::engine::input::PluginId;
use crate::wire::plugin::ToPlugin;
use plugin::Plugins;
use server::{Patience, Server};

/// The pipe's server. Clones are cheap and all alike; the pipe closes when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Pipe {
    plugins: Arc<Plugins>,
    _server: Arc<Server>,
}

impl Pipe {
    /// Opens the pipe of this profile, and the port for plugins in a prefix if it is wanted, and writes `endpoint.json`.
    ///
    /// # Errors
    /// If the name is taken by a stranger or cannot be had; says which and what to do.
    pub async fn start(
        profile: &Profile,
        wine_plugins: WinePlugins,
        handle: Handle,
        inputs: super::Inputs,
    ) -> Result<Self, PipeError> {
        Self::start_patient(profile, wine_plugins, handle, inputs, Patience::default()).await
    }

    async fn start_patient(
        profile: &Profile,
        wine_plugins: WinePlugins,
        handle: Handle,
        inputs: super::Inputs,
        patience: Patience,
    ) -> Result<Self, PipeError> {
        let plugins = Arc::new(Plugins::new(private_folders(profile)));
        let server = Server::start(profile, wine_plugins, handle, inputs, Arc::clone(&plugins), patience).await?;
        Ok(Self { plugins, _server: Arc::new(server) })
    }

    /// Says something to a plugin. A plugin that does not read is dropped when 1,000 lines or 64 MiB wait.
    pub fn to_plugin(&self, plugin: PluginId, message: ToPlugin) {
        self.plugins.say(plugin, message);
    }

    /// Ends a plugin's session, after what was said to it before.
    pub fn drop_plugin(&self, plugin: PluginId) {
        self.plugins.close(plugin);
    }
}

/// The profile (its identity is in it) and the person's home, canonical as far as they are there.
fn private_folders(profile: &Profile) -> Vec<PathBuf> {
    let home = directories::UserDirs::new().map(|folders| folders.home_dir().to_owned());
    home.iter().map(PathBuf::as_path).chain([profile.root()]).filter_map(|folder| folder.canonicalize().ok()).collect()
}

/// Why the pipe cannot be served or reached.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The name belongs to somebody else.
    #[error("another user's program holds FyteClub's pipe {0}: end that program, or use another --profile")]
    ForeignOwner(String),
    /// Something listens on the companion's port, but it is not the companion.
    #[error(
        "the program at {0} cannot show that it is this user's FyteClub: start FyteClub again, and look what else uses that port"
    )]
    Stranger(String),
    /// The companion opened no port for plugins in a prefix.
    #[error("FyteClub lets no plugins in by TCP: run `fyteclub ctl settings wine-plugins on` and start it again")]
    NoTcp,
    /// This user already serves this profile's pipe.
    #[error("FyteClub already runs with this profile: use that one, end it, or use another --profile")]
    AlreadyServed,
    /// Nobody is there.
    #[error("FyteClub is not running with this profile: start it first")]
    NotRunning,
    /// The companion does not take this client.
    #[error("FyteClub refuses the connection: {0}")]
    Refused(String),
    /// The other side said something that is not understood; the session can go on.
    #[error("FyteClub said something that this program does not understand ({0}): are both of the same version?")]
    BadLine(String),
    /// The system said no.
    #[error("{0}")]
    Io(String),
}

impl PipeError {
    /// A failure of the system, with what was tried.
    fn io(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Self {
        Self::Io(format!("{what}: {error}"))
    }
}
