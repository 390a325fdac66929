//! Patience with whoever holds a file.
//!
//! Windows refuses to rename or delete what somebody holds open (a virus scanner, the game, a plugin that reads); such a
//! refusal passes, so it is tried again after 10, 50, 200 and 1,000 ms.
#![allow(clippy::disallowed_methods, reason = "a thread that may block waits between attempts")]

use std::io;
use std::time::Duration;

/// Waits between attempts at something that somebody else is in the way of.
const RETRIES_MS: [u64; 4] = [10, 50, 200, 1000];

/// Does something, again and again if somebody is in the way. Blocks for 1.3 seconds at most.
pub(super) fn patiently<T>(mut act: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for wait in RETRIES_MS {
        match act() {
            Err(error) if passes(&error) => std::thread::sleep(Duration::from_millis(wait)),
            result => return result,
        }
    }
    act()
}

/// Whether a refusal comes from somebody who holds the file open, and so may be over soon.
fn passes(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    let held = [ACCESS_DENIED, SHARING_VIOLATION, LOCK_VIOLATION];
    error.kind() == io::ErrorKind::ResourceBusy
        || (cfg!(windows) && error.raw_os_error().is_some_and(|code| held.contains(&code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_tried_again_and_what_fails_otherwise_is_not() {
        let mut refusals = vec![io::ErrorKind::ResourceBusy; 2];
        let result = patiently(|| refusals.pop().map_or(Ok("done"), |kind| Err(kind.into())));
        assert_eq!(result.unwrap(), "done");
        let mut attempts = 0;
        let result: io::Result<()> = patiently(|| {
            attempts += 1;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!((result.unwrap_err().kind(), attempts), (io::ErrorKind::StorageFull, 1));
    }
}
