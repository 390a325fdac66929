//! Acts: the only layer that touches the world.

pub(crate) mod clock;
pub mod discovery;
pub mod files;
pub mod handle;
pub mod link;
pub mod pipe;
pub mod signalling;
pub mod store;

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
