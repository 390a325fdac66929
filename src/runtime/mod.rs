//! Acts: the only layer that touches the world.
//!
//! [`Companion::start`] binds the ports, opens the store and the pipe, and runs the loop that feeds the engine and carries out
//! its orders. Every actor reports through [`Inputs`]; nobody but the loop holds the engine.
//!
//! | module | touches |
//! |---|---|
//! | [`files`] | the profile folder |
//! | [`store`] | blobs |
//! | [`signalling`], [`discovery`], [`rendezvous`] | the network, to find peers and exchange offers |
//! | [`link`] | the network, to talk to peers |
//! | [`pipe`] | the game plugin and `fyteclub ctl` |
//! | `clock` | the wall clock and the system's randomness |
//! | `milestones` | nothing: it logs where the time of a look goes |
//! | `companion` | nothing but time: it owns the engine |
//! | `patience` | nothing: it tries again what somebody who holds a file is in the way of |
//! | `presenter` | turns orders to show a look into the plugin's lines, in order |
//! | [`pictures`] | pictures of people, decoded with limits |
//! | `saver` | nothing: it has the profile's files written in order, and again what could not be written |
//! | `upkeep` | nothing: it has the store check or move the whole cache, and reports |
//! | [`handle`] | nothing: how the window and the pipe reach the engine |

pub(crate) mod clock;
mod companion;
pub mod discovery;
pub mod files;
pub mod handle;
pub mod link;
mod milestones;
mod patience;
pub mod pictures;
pub mod pipe;
mod presenter;
pub mod rendezvous;
mod saver;
pub mod signalling;
pub mod store;
mod upkeep;

pub use companion::{Companion, StartError};

use tokio::sync::mpsc;

use crate::engine::input::Input;

/// Where every actor reports to the engine. Bounded: an actor that is ahead waits.
#[derive(Clone, Debug)]
pub struct Inputs(mpsc::Sender<Input>);

impl Inputs {
    /// A channel to the engine's loop.
    #[must_use]
    pub fn channel(capacity: usize) -> (Self, mpsc::Receiver<Input>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Reports. Does nothing once the engine has ended.
    pub async fn send(&self, input: Input) {
        let _ = self.0.send(input).await;
    }
}
