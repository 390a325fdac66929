//! Who is near on the local network.
//!
//! Friends recognise each other by blinded beacons (`wire::beacon`), and in "Everyone nearby" everybody by open ones and by
//! mDNS. One task does all of it: it follows the plan, watches the interfaces, sends when the schedule says so, and
//! answers whoever is new.
//!
//! | module | does |
//! |---|---|
//! | `interfaces` | lists the interfaces and keeps to the person's choice |
//! | `schedule` | says when a beacon is due |
//! | `recent` | remembers who was heard |
//! | `broadcast` | owns the UDP sockets |
//! | `mdns` | owns the mDNS daemon |
//! | `task` | ties them together |

mod broadcast;
mod interfaces;
mod mdns;
mod recent;
mod schedule;
mod task;

use std::sync::Arc;

use tokio::sync::watch;

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

/// Beacon and mDNS. Clones are cheap and all alike; discovery ends with the last of them.
#[derive(Clone, Debug)]
pub struct Discovery {
    plans: Arc<watch::Sender<Option<DiscoveryPlan>>>,
}

impl Discovery {
    /// Starts; says and hears nothing until the first plan. Peers heard are reported to the engine.
    /// A socket that cannot be bound is logged and tried again; it is never fatal.
    #[must_use]
    pub fn start(config: DiscoveryConfig, inputs: super::Inputs) -> Self {
        let (plans, followed) = watch::channel(None);
        tokio::spawn(task::run(config, followed, inputs));
        Self { plans: Arc::new(plans) }
    }

    /// Replaces whom to look for and be found by. A plan that differs is shown to the network at once.
    pub fn set_plan(&self, plan: DiscoveryPlan) {
        self.plans.send_if_modified(|current| {
            let differs = current.as_ref() != Some(&plan);
            *current = Some(plan);
            differs
        });
    }
}

#[cfg(test)]
mod tests;
