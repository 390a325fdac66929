//! Whether the desktop shows tray icons at all.
//!
//! On Linux an icon can be registered where nothing draws it; a window that hides there is lost. So the desktop is asked
//! over D-Bus, on a thread of its own, at the start and whenever the window gets the focus; the answer is kept, and whoever
//! closes the window reads it without waiting.

/// What is known of the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not answered yet.
    Unknown,
    /// There is no session bus, so there can be no tray and nobody who would restore a window from it.
    NoBus,
    /// There is a bus, but nothing draws tray icons.
    NoHost,
    /// Tray icons are drawn.
    Present,
}

pub use platform::Host;

#[cfg(unix)]
mod platform {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use zbus::blocking::{Proxy, connection};

    use super::Presence;

    /// How long the desktop may take to answer.
    const PATIENCE: Duration = Duration::from_secs(3);
    /// The one who knows whether somebody draws tray icons (the KDE and freedesktop StatusNotifier protocol).
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    /// Asks the desktop and keeps its answer.
    #[derive(Debug)]
    pub struct Host {
        known: Arc<(Mutex<Presence>, Condvar)>,
        questions: SyncSender<()>,
    }

    impl Host {
        /// Begins to ask.
        #[must_use]
        pub fn watch() -> Self {
            let (questions, asked) = sync_channel(1);
            let known = Arc::new((Mutex::new(Presence::Unknown), Condvar::new()));
            let answers = known.clone();
            let thread = std::thread::Builder::new().name("tray-host".to_owned()).spawn(move || answer(&asked, &answers));
            if let Err(error) = thread {
                tracing::warn!(%error, "cannot ask whether there is a tray");
                *lock(&known.0) = Presence::NoHost;
            }
            let host = Self { known, questions };
            host.refresh();
            host
        }

        /// The newest answer, at once.
        #[must_use]
        pub fn presence(&self) -> Presence {
            *lock(&self.known.0)
        }

        /// The first answer, or [`Presence::Unknown`] if it takes longer than this.
        #[must_use]
        pub fn wait(&self, longest: Duration) -> Presence {
            let (known, changed) = &*self.known;
            let waited = changed.wait_timeout_while(lock(known), longest, |presence| *presence == Presence::Unknown);
            *waited.unwrap_or_else(PoisonError::into_inner).0
        }

        /// Asks once more; the answer comes by and by.
        pub fn refresh(&self) {
            // A full queue means that a question is already on its way.
            let _ = self.questions.try_send(());
        }
    }

    /// Answers questions until there is nobody left to ask them.
    fn answer(asked: &Receiver<()>, known: &(Mutex<Presence>, Condvar)) {
        while asked.recv().is_ok() {
            let presence = ask();
            tracing::debug!(?presence, "tray");
            *lock(&known.0) = presence;
            known.1.notify_all();
        }
    }

    fn ask() -> Presence {
        let connection = connection::Builder::session().and_then(|builder| builder.method_timeout(PATIENCE).build());
        let Ok(connection) = connection else { return Presence::NoBus };
        let registered = Proxy::new(&connection, WATCHER, "/StatusNotifierWatcher", WATCHER)
            .and_then(|watcher| watcher.get_property::<bool>("IsStatusNotifierHostRegistered"));
        if registered.unwrap_or(false) { Presence::Present } else { Presence::NoHost }
    }

    fn lock(known: &Mutex<Presence>) -> MutexGuard<'_, Presence> {
        known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(unix))]
mod platform {
    use std::time::Duration;

    use super::Presence;

    /// Where the system itself draws tray icons there is nothing to ask.
    #[derive(Debug)]
    pub struct Host;

    impl Host {
        /// Begins to ask.
        #[must_use]
        pub fn watch() -> Self {
            Self
        }

        /// The newest answer, at once.
        #[must_use]
        pub fn presence(&self) -> Presence {
            Presence::Present
        }

        /// The first answer.
        #[must_use]
        pub fn wait(&self, _longest: Duration) -> Presence {
            Presence::Present
        }

        /// Asks once more.
        pub fn refresh(&self) {}
    }
}
