//! One fuzzer for all decoders: `FUZZ_TARGET` says which. `run` builds and starts it.
#![no_main]

mod memory;
#[expect(dead_code, reason = "the seeds are for the replay alone")]
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

#[global_allocator]
static COUNTED: memory::Counted = memory::Counted;

static CHOSEN: OnceLock<&Target> = OnceLock::new();

fuzz_target!(init: choose(), |bytes: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        targets::check(target, bytes);
    }
});

fn choose() {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("FUZZ_TARGET is {name:?}, which is none of: {}", names.join(" "));
        std::process::exit(2);
    };
    let _ = CHOSEN.set(target);
}
