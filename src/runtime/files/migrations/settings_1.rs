//! Settings, 1 to 2: nothing but the number changes. Programs of version 1 leave out the keys that they do not know when they save; the
//! number keeps them from doing so to what later programs have set.

use crate::runtime::files::tree::Tree;

#[allow(clippy::unnecessary_wraps, reason = "every step may fail")]
pub(super) const fn step(_: &mut Tree) -> Result<(), String> {
    Ok(())
}
