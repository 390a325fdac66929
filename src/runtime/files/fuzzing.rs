//! What the fuzz targets in `tests/fuzz` reach of this room. Nothing else is to use it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::document::{Document, Found};
use super::{CIRCLE, SETTINGS};
use crate::domain::Settings;
use crate::engine::state::SavedCircle;

/// The settings in a file of any version that can be read.
#[must_use]
pub fn settings(bytes: &[u8]) -> Option<Settings> {
    read(&SETTINGS, bytes)
}

/// The file of these settings.
#[must_use]
pub fn settings_text(settings: &Settings) -> String {
    write(&SETTINGS, settings)
}

/// The circle in a file of any version that can be read.
#[must_use]
pub fn circle(bytes: &[u8]) -> Option<SavedCircle> {
    read(&CIRCLE, bytes)
}

/// The file of this circle.
#[must_use]
pub fn circle_text(circle: &SavedCircle) -> String {
    write(&CIRCLE, circle)
}

fn read<T: Serialize + DeserializeOwned>(document: &Document, bytes: &[u8]) -> Option<T> {
    match document.understand::<T>(bytes.to_vec()).ok()? {
        Found::Newest(value, tree) | Found::Older(value, tree, ..) => {
            // What a save does with the keys that nobody knows.
            let _ = document.with_unknown(document.text(&value), &tree, &value);
            Some(value)
        }
        Found::Nothing | Found::Broken(_) | Found::Newer(_) => None,
    }
}

fn write<T: Serialize>(document: &Document, value: &T) -> String {
    (document.comments)(&document.text(value))
}
