//! Who is near on the local network.

use crate::domain::{Identity, InterfaceChoice};
use crate::engine::output::DiscoveryPlan;

/// How discovery is set up.
#[derive(Clone, Debug)]
pub struct DiscoveryConfig {
    /// My keys.
    pub identity: Identity,
    /// Where to speak and listen.
    pub interfaces: InterfaceChoice,
    /// The UDP port of the beacons.
    pub beacon_port: u16,
    /// My signalling port (TCP), to be told to others.
    pub signal_port: u16,
}

/// Beacon and mDNS. Clones are cheap and all alike.
#[derive(Clone, Debug)]
pub struct Discovery {}

impl Discovery {
    /// Starts; says and hears nothing until the first plan. Peers heard are reported to the engine.
    /// A socket that cannot be bound is logged and tried again; it is never fatal.
    #[must_use]
    pub fn start(config: DiscoveryConfig, inputs: super::Inputs) -> Self {
        let _ = (config, inputs);
        todo!("net")
    }

    /// Replaces whom to look for and be found by.
    pub fn set_plan(&self, plan: DiscoveryPlan) {
        let _ = plan;
        todo!("net")
    }
}
