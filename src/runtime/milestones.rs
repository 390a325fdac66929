//! Where the time of a look goes: its milestones as lines of the log.
//!
//! `FYTECLUB_LOG=fyteclub::milestones=debug` writes them, each with its time, into the profile's log. A person who wonders why a
//! friend's look took long reads them there, and so does `cargo bench --bench transfer`.
//!
//! | line | says that |
//! |---|---|
//! | `publish heard` | the plugin said how my character looks |
//! | `hashing`, `hashed` | the quiet time is over and its files are being hashed; they are |
//! | `nothing changed` | it is the look that is shared already |
//! | `announced` | a friend is told of a new look |
//! | `announce heard` | a friend told of a look |
//! | `arrived` | bytes of a look are here and verified |
//! | `showing` | a look is complete and the plugin is to be told |
//! | `applied` | the plugin shows it |
//! | `dialling`, `linked` | a link is being made; it is up |
//! | `ping`, `pong` | a sign of life was asked for; it came |

use tracing::debug;

use crate::engine::MILESTONES;
use crate::engine::input::{FetchEvent, Input};
use crate::engine::output::Output;
use crate::wire::control::Control;
use crate::wire::plugin::FromPlugin;

/// Notes what the engine is about to hear.
pub(super) fn heard(input: &Input) {
    if let Input::PluginSaid(_, FromPlugin::Publish { .. }) = input {
        debug!(target: MILESTONES, "publish heard");
    } else if let Input::PluginSaid(_, FromPlugin::Applied { revision, .. }) = input {
        debug!(target: MILESTONES, revision, "applied");
    } else if let Input::Hashed(_, files) = input {
        debug!(target: MILESTONES, files = files.len(), "hashed");
    } else if let Input::Received(_, Control::Announce(announce)) = input {
        debug!(target: MILESTONES, revision = announce.revision.0, "announce heard");
    } else if let Input::Received(_, Control::Pong { token }) = input {
        debug!(target: MILESTONES, token, "pong");
    } else if let Input::Fetch(_, FetchEvent::Progress { bytes } | FetchEvent::Stored { bytes, .. }) = input {
        debug!(target: MILESTONES, bytes, "arrived");
    } else if let Input::LinkUp { link, .. } = input {
        debug!(target: MILESTONES, generation = link.generation, "linked");
    }
}

/// Notes what the engine ordered.
pub(super) fn ordered(output: &Output) {
    if let Output::Hash { files, .. } = output {
        debug!(target: MILESTONES, files = files.len(), "hashing");
    } else if let Output::Send(_, Control::Announce(announce)) = output {
        debug!(target: MILESTONES, revision = announce.revision.0, "announced");
    } else if let Output::Send(_, Control::Ping { token }) = output {
        debug!(target: MILESTONES, token, "ping");
    } else if let Output::Dial { link, .. } = output {
        debug!(target: MILESTONES, generation = link.generation, "dialling");
    } else if let Output::Apply { apply, .. } = output {
        debug!(target: MILESTONES, revision = apply.revision, "showing");
    }
}
