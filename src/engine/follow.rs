//! How far each friend's look has come.

mod follower;
mod judge;
mod look;
mod steps;

pub(super) use follower::{Follow, Tools};
pub(super) use look::Ready;
use serde::{Deserialize, Serialize};

use crate::domain::Weight;

/// How far a friend's look has come; the same for the engine, the window and tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Progress {
    /// Announced; the manifest has been asked for.
    Asking,
    /// Not fetched, by my own choice: showing them is off, or the character is mine.
    NotWanted,
    /// Held back: heavier than my limits.
    TooHeavy {
        /// What it weighs.
        weight: Weight,
    },
    /// Held back: another friend owns the character.
    Conflict,
    /// Missing blobs are being fetched.
    Fetching,
    /// Cancelled by the person, until the next look.
    Cancelled,
    /// Everything is here; it is shown as soon as the character is near and nothing holds it back.
    Ready,
    /// The plugin was told to show it.
    Applying,
    /// It is shown.
    Applied,
    /// It could not be fetched or shown; tried again by itself.
    Failed {
        /// One sentence: what happened and what to do.
        reason: String,
    },
    /// The friend went away; it is shown no longer.
    Gone,
}
