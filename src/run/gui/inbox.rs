//! What waits for the window, and the task that fills it.
#![allow(clippy::disallowed_methods, reason = "a snapshot's age is counted from the moment at which it came")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use eframe::egui::Context;
use tokio::sync::broadcast::error::RecvError;

use super::notify;
use crate::engine::notice::Notice;
use crate::engine::snapshot::Snapshot;
use crate::runtime::handle::Handle;
use crate::tray::Look;
use crate::tray::menu::Action;

/// Between two frames that news ask for: twenty a second look smooth and leave the processor alone.
pub(super) const WAKE_PAUSE: Duration = Duration::from_millis(50);
/// Moments kept for a window that is not seen; older ones are no longer news.
const NOTICES: usize = 32;
/// Tray events kept between two looks into the inbox; nobody clicks faster.
const ACTIONS: usize = 16;

/// What waits for the window.
pub(super) struct Inbox {
    /// Whether somebody sees the window.
    pub(super) seen: AtomicBool,
    /// Whether it is in front of all others.
    pub(super) front: AtomicBool,
    pub(super) news: Mutex<News>,
}

pub(super) struct News {
    pub(super) snapshot: Arc<Snapshot>,
    /// When the snapshot was made.
    pub(super) made: Instant,
    pub(super) look: Look,
    pub(super) notices: VecDeque<Notice>,
    pub(super) actions: VecDeque<Action>,
    pub(super) ended: bool,
}

impl Inbox {
    pub(super) fn new(snapshot: Arc<Snapshot>, seen: bool) -> Self {
        let look = Look::of(&snapshot);
        let (notices, actions) = (VecDeque::new(), VecDeque::new());
        let news = News { snapshot, made: Instant::now(), look, notices, actions, ended: false };
        Self { seen: AtomicBool::new(seen), front: AtomicBool::new(false), news: Mutex::new(news) }
    }

    /// Takes a snapshot in; whether the window is to be woken.
    fn put_snapshot(&self, snapshot: Arc<Snapshot>) -> bool {
        let look = Look::of(&snapshot);
        let mut news = lock(&self.news);
        let changed = news.look != look;
        (news.snapshot, news.made, news.look) = (snapshot, Instant::now(), look);
        changed || self.seen.load(Ordering::Relaxed)
    }

    /// Takes a moment in; whether the window is to be woken.
    fn put_notice(&self, notice: Notice) -> bool {
        if notice == Notice::WindowWanted {
            self.put_action(Action::Open);
            return true;
        }
        let mut news = lock(&self.news);
        news.notices.push_back(notice);
        while news.notices.len() > NOTICES {
            news.notices.pop_front();
        }
        self.seen.load(Ordering::Relaxed)
    }

    /// Has the window say something of the program's own.
    pub(super) fn say(&self, text: String, context: &Context) {
        self.put_notice(Notice::Other { text });
        context.request_repaint();
    }

    /// Takes an event of the tray or the window in.
    pub(super) fn put_action(&self, action: Action) {
        let mut news = lock(&self.news);
        if news.actions.len() < ACTIONS {
            news.actions.push_back(action);
        }
    }

    fn end(&self) {
        lock(&self.news).ended = true;
    }
}

/// Puts what the engine says into the inbox and wakes the window, until the engine ends.
/// `tells`: whether the system tells a person of moments while the window is not in front.
pub(super) async fn forward(handle: Handle, inbox: Arc<Inbox>, context: Context, tells: bool) {
    let mut pace = notify::Pace::default();
    let (mut snapshots, mut notices) = (handle.snapshots(), handle.notices());
    loop {
        let wake = tokio::select! {
            changed = snapshots.changed() => match changed {
                Ok(()) => inbox.put_snapshot(snapshots.borrow_and_update().clone()),
                Err(_) => break,
            },
            notice = notices.recv() => match notice {
                Ok(notice) => {
                    let message = (tells && !inbox.front.load(Ordering::Relaxed)).then(|| notify::message(&handle.snapshot(), &notice));
                    if let Some(message) = message.flatten().filter(|_| pace.allows(Instant::now())) {
                        tokio::task::spawn_blocking(move || notify::show(&message));
                    }
                    inbox.put_notice(notice)
                }
                // What was missed is no longer news.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => break,
            },
        };
        if wake {
            context.request_repaint();
            tokio::time::sleep(WAKE_PAUSE).await;
        }
    }
    inbox.end();
    context.request_repaint();
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, PeerId};
    use crate::engine::snapshot::{CacheView, PauseView};

    #[test]
    fn a_hidden_window_is_woken_only_for_what_the_tray_shows() {
        let inbox = Inbox::new(Arc::new(snapshot()), false);
        let counted = Snapshot { cache: CacheView { blobs: 9, bytes: 9, limit: 9, ..CacheView::default() }, ..snapshot() };
        assert!(!inbox.put_snapshot(Arc::new(counted.clone())), "nothing that the tray shows has changed");
        let paused = Snapshot { pause: PauseView { paused: true, seconds_left: None, lacks_plugin: false }, ..counted };
        assert!(inbox.put_snapshot(Arc::new(paused)), "the tray shows a pause");
        inbox.seen.store(true, Ordering::Relaxed);
        assert!(inbox.put_snapshot(Arc::new(snapshot())), "somebody looks");
    }

    #[test]
    fn a_wish_for_the_window_wakes_it_and_other_moments_wait() {
        let inbox = Inbox::new(Arc::new(snapshot()), false);
        assert!(!inbox.put_notice(Notice::Other { text: "later".to_owned() }));
        assert!(inbox.put_notice(Notice::WindowWanted));
        let news = lock(&inbox.news);
        assert_eq!(news.notices.len(), 1);
        assert_eq!(news.actions, [Action::Open]);
    }

    #[test]
    fn what_nobody_reads_does_not_pile_up() {
        let inbox = Inbox::new(Arc::new(snapshot()), false);
        for number in 0..1_000 {
            inbox.put_notice(Notice::Other { text: number.to_string() });
            inbox.put_notice(Notice::WindowWanted);
            inbox.put_action(Action::Pause);
        }
        let news = lock(&inbox.news);
        assert_eq!(news.notices.len(), NOTICES);
        assert_eq!(news.notices.back(), Some(&Notice::Other { text: "999".to_owned() }));
        assert!(news.actions.len() <= ACTIONS);
    }

    #[test]
    fn the_window_hears_when_the_engine_ends() {
        let (commands, _orders) = tokio::sync::mpsc::channel(1);
        let (show, snapshots) = tokio::sync::watch::channel(Arc::new(snapshot()));
        let handle = Handle::new(commands, snapshots, tokio::sync::broadcast::channel(1).0);
        let inbox = Arc::new(Inbox::new(Arc::new(snapshot()), false));
        drop(show);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(forward(handle, inbox.clone(), Context::default(), false));
        assert!(lock(&inbox.news).ended);
    }

    fn snapshot() -> Snapshot {
        let peer = PeerId::from_bytes(*AppearanceId::of(b"me").as_bytes());
        Snapshot::of_newcomer(peer)
    }
}
