//! The parts together: whole engines in virtual time, driven by hand.

mod meeting;
mod sharing;
mod showing;
mod transfers;
mod verifying;
mod world;
