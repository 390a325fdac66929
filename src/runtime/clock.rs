//! The world's clock and randomness, for the actors that hand them to pure code.
#![allow(clippy::disallowed_methods)] // Here they are read, so that nobody else has to.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 by this machine's clock; 0 if it is set before that.
#[must_use]
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// 32 fresh random bytes of the operating system.
///
/// # Errors
/// If the operating system has none to give.
pub(crate) fn entropy() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(format!("the system gives no randomness: {error}")))?;
    Ok(bytes)
}
