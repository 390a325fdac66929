//! A target for each decoder: what is done with an input, what must hold afterwards, and what it may cost.
//!
//! A target's function tells whether the input was understood. It panics where a property does not hold: what was read must be
//! the same after being written and read again, and what is broken must be refused and never end the program.

mod link;
mod local;
mod wire;

use super::memory;

/// One decoder.
pub struct Target {
    /// As in `FUZZ_TARGET` and `corpus/`.
    pub name: &'static str,
    /// Decodes and checks; whether the input was understood.
    pub run: fn(&[u8]) -> bool,
    /// Good inputs to begin with, each named.
    pub seeds: fn() -> Vec<(&'static str, Vec<u8>)>,
    /// Bytes that any input may cost, and for each of its own bytes.
    pub cost: (usize, usize),
}

/// An error's text, a small table, the codec's own state.
const SMALL: usize = 64 << 10;

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "beacon", run: wire::beacon, seeds: wire::beacon_seeds, cost: (SMALL, 4) },
    Target { name: "session", run: wire::session, seeds: wire::session_seeds, cost: (SMALL, 4) },
    Target { name: "envelope", run: wire::envelope, seeds: wire::envelope_seeds, cost: (SMALL, 16) },
    Target { name: "signal", run: wire::signal, seeds: wire::signal_seeds, cost: (SMALL, 16) },
    Target { name: "post", run: wire::post, seeds: wire::post_seeds, cost: (SMALL, 32) },
    // The first input has the code stretched, which takes 19 MiB on purpose.
    Target { name: "pairing", run: wire::pairing, seeds: wire::pairing_seeds, cost: (20 << 20, 16) },
    Target { name: "invitation", run: wire::invitation, seeds: wire::invitation_seeds, cost: (SMALL, 16) },
    Target { name: "typed", run: local::typed, seeds: local::typed_seeds, cost: (SMALL, 64) },
    Target { name: "control", run: wire::control, seeds: wire::control_seeds, cost: (SMALL, 64) },
    // An input may expand to a whole message, which is then written and read twice.
    Target { name: "bulk", run: wire::bulk, seeds: wire::bulk_seeds, cost: (2 << 20, 16) },
    // A file of one short path takes about 45 bytes of a manifest, and a list, a text and a name in memory.
    Target { name: "manifest", run: wire::manifest, seeds: wire::manifest_seeds, cost: (SMALL, 64) },
    Target { name: "grant", run: wire::grant, seeds: wire::grant_seeds, cost: (SMALL, 4) },
    Target { name: "plugin", run: local::plugin, seeds: local::plugin_seeds, cost: (SMALL, 256) },
    Target { name: "knock", run: local::knock, seeds: local::knock_seeds, cost: (SMALL, 8) },
    Target { name: "ctl", run: local::ctl, seeds: local::ctl_seeds, cost: (SMALL, 256) },
    Target { name: "lines", run: local::lines, seeds: local::lines_seeds, cost: (256 << 10, 8) },
    Target { name: "settings", run: local::settings, seeds: local::settings_seeds, cost: (256 << 10, 256) },
    Target { name: "circle", run: local::circle, seeds: local::circle_seeds, cost: (256 << 10, 256) },
    Target { name: "sidecar", run: local::sidecar, seeds: local::sidecar_seeds, cost: (SMALL, 16) },
    Target { name: "index", run: local::index, seeds: local::index_seeds, cost: (SMALL, 16) },
    Target { name: "model", run: local::model, seeds: local::model_seeds, cost: (SMALL, 1) },
    // 256 × 256 points of eight bytes, as read, as four bytes each and as written, and the decoders' own state.
    Target { name: "picture", run: local::picture, seeds: local::picture_seeds, cost: (6 << 20, 16) },
    Target { name: "sdp", run: link::sdp, seeds: link::sdp_seeds, cost: (SMALL, 64) },
    Target { name: "stun", run: link::stun, seeds: link::stun_seeds, cost: (SMALL, 1) },
];

/// Runs a target over an input and checks what it cost. Whether the input was understood.
pub fn check(target: &Target, bytes: &[u8]) -> bool {
    let (understood, most) = memory::measured(|| (target.run)(bytes));
    let (fixed, each) = target.cost;
    let allowed = fixed + each * bytes.len();
    assert!(most <= allowed, "{} held {most} bytes for an input of {}, allowed are {allowed}", target.name, bytes.len());
    understood
}
