//! The pipe: game plugins and `fyteclub ctl`.

use super::files::Profile;
use super::handle::Handle;
use crate::engine::input::PluginId;
use crate::wire::plugin::ToPlugin;

/// The pipe's server. Clones are cheap and all alike.
#[derive(Clone, Debug)]
pub struct Pipe {}

impl Pipe {
    /// Opens the pipe of this profile and writes `endpoint.json`.
    ///
    /// # Errors
    /// If the name is taken by a stranger or cannot be had; says which and what to do.
    pub async fn start(profile: &Profile, handle: Handle, inputs: super::Inputs) -> Result<Self, PipeError> {
        let _ = (profile, handle, inputs);
        todo!("pipe")
    }

    /// Says something to a plugin. A plugin that does not read is dropped when 1,000 lines or 64 MiB wait.
    pub fn to_plugin(&self, plugin: PluginId, message: ToPlugin) {
        let _ = (plugin, message);
        todo!("pipe")
    }

    /// Ends a plugin's session.
    pub fn drop_plugin(&self, plugin: PluginId) {
        let _ = plugin;
        todo!("pipe")
    }
}

/// Why the pipe cannot be served or reached.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The name belongs to somebody else.
    #[error("another user's program holds FyteClub's pipe {0}: end that program, or use another --profile")]
    ForeignOwner(String),
    /// Nobody is there.
    #[error("FyteClub is not running with this profile: start it first")]
    NotRunning,
    /// The system said no.
    #[error("{0}")]
    Io(String),
}
