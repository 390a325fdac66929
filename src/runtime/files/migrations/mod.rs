//! Steps from one version of a file to the next.
//!
//! A file says its version. One of an older version is taken through every step up to the newest, in memory; then the original is kept
//! beside it, then the new one takes its place. A step is frozen: it stands in a file of its own, `KIND_N.rs` for what leads from N
//! to N + 1, is never changed once released, and knows no type of the program but the text's shape. Beside the steps,
//! `recorded/KIND-N.ron` holds the same file in each version, as a program of that version wrote it; these are never changed either.
//!
//! A version grows when a key is moved, renamed or means something else, and when an older program would lose what is new. A new key with
//! a default needs no version: since version 2, a program keeps the keys that it does not know.
//!
//! To add a step: write `KIND_N.rs`, add it to the end of its list here, record the file as the new version writes it.

mod circle_1;
mod settings_1;
#[cfg(test)]
mod tests;

use super::tree::Tree;

/// From one version to the next. What it is given is the file's value, not the frame around it. An error says what is wrong with it.
pub(super) type Step = fn(&mut Tree) -> Result<(), String>;

/// The settings' steps, from version 1 on.
pub(super) const SETTINGS: &[Step] = &[settings_1::step];
/// The history's steps, from version 1 on.
pub(super) const HISTORY: &[Step] = &[];
/// The circle's steps, from version 1 on.
pub(super) const CIRCLE: &[Step] = &[circle_1::step];

/// The version behind the last of these steps.
pub(super) fn newest(steps: &[Step]) -> u32 {
    u32::try_from(steps.len()).unwrap_or(u32::MAX).saturating_add(1)
}

/// Takes a value of this version through every step that is left.
pub(super) fn migrate(value: &mut Tree, version: u32, steps: &[Step]) -> Result<(), String> {
    let done = usize::try_from(version).unwrap_or(usize::MAX).checked_sub(1).ok_or("there is no version 0")?;
    steps.iter().skip(done).try_for_each(|step| step(value))
}
