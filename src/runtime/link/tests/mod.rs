//! Links over loopback within one process, with signalling in memory.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test waits for one input among many")]

mod harness;
mod liars;
mod life;
mod limited;
mod signalled;
mod transfers;
