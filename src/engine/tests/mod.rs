//! The parts together: whole engines in virtual time, driven by hand.

mod allowing;
mod copies;
mod files;
mod inviting;
mod limits;
mod meeting;
mod people;
mod pictures;
mod sharing;
mod showing;
mod transfers;
mod upkeep;
mod verifying;
mod world;

/// Where virtual time begins.
#[allow(clippy::disallowed_methods, reason = "any moment will do as the origin")]
fn origin() -> std::time::Instant {
    std::time::Instant::now()
}
