//! The store's background thread: lists in the index what has become complete, at most every 2 s, and tidies up.
#![allow(clippy::disallowed_methods, reason = "it waits by the clock")]

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{StoreError, lock};

/// How long complete blobs gather before they are made durable together.
const GATHER: Duration = Duration::from_secs(2);
/// How long after a failed checkpoint the next one is tried.
const RETRY: Duration = Duration::from_secs(30);
/// How often idle files are closed.
const TIDY: Duration = Duration::from_secs(5);

/// Says that something waits for a checkpoint.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// When the checkpoint is due, if something waits for it.
    due: Option<Instant>,
    stop: bool,
}

impl Signal {
    /// Something is complete and not yet durable.
    pub(super) fn raise(&self) {
        self.due_in(GATHER);
    }

    fn due_in(&self, wait: Duration) {
        let mut state = lock(&self.state);
        if state.due.is_none() {
            state.due = Some(Instant::now() + wait);
            self.wake.notify_all();
        }
    }

    fn stop(&self) {
        lock(&self.state).stop = true;
        self.wake.notify_all();
    }

    /// Waits for the next thing to do; `None` at the end.
    fn next(&self) -> Option<Task> {
        let mut state = lock(&self.state);
        let tidy_at = Instant::now() + TIDY;
        loop {
            let now = Instant::now();
            if state.stop {
                return None;
            }
            if state.due.is_some_and(|due| due <= now) {
                state.due = None;
                return Some(Task::Checkpoint);
            }
            if tidy_at <= now {
                return Some(Task::Tidy);
            }
            let until = state.due.map_or(tidy_at, |due| due.min(tidy_at));
            state = self.wake.wait_timeout(state, until - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

enum Task {
    Checkpoint,
    Tidy,
}

/// What the thread looks after.
pub(super) trait Kept: Send + Sync + 'static {
    /// Makes what is complete durable.
    fn checkpoint(&self) -> Result<(), StoreError>;
    /// Closes what is idle.
    fn tidy(&self);
}

/// The running thread; ended and waited for when dropped.
#[derive(Debug)]
pub(super) struct Keeper {
    signal: Arc<Signal>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Starts the thread.
    pub(super) fn start(signal: Arc<Signal>, kept: Arc<impl Kept>) -> std::io::Result<Self> {
        let heard = signal.clone();
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || run(&heard, &*kept))?;
        Ok(Self { signal, thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.signal.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(signal: &Signal, kept: &impl Kept) {
    while let Some(task) = signal.next() {
        match task {
            Task::Checkpoint => {
                if let Err(error) = kept.checkpoint() {
                    tracing::warn!(%error, "new files in the cache are not listed yet; they are usable, and checked again after a restart");
                    signal.due_in(RETRY);
                }
            }
            Task::Tidy => kept.tidy(),
        }
    }
}
