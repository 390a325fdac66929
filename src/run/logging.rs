//! Logs: a file a day in the profile, the last seven kept; what a person should see also on the terminal.
//!
//! Levels by audience: INFO what a user would notice, DEBUG what deviates, TRACE each message. Nothing personal (names,
//! addresses, keys, paths) above DEBUG. `FYTECLUB_LOG` sets the filter (`tracing_subscriber::EnvFilter`).

pub mod ring;

use std::io::IsTerminal;
use std::path::Path;

use log::LevelFilter;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// The filter unless `FYTECLUB_LOG` says otherwise. Libraries are heard from ERROR on, those that touch the network not at all:
/// their errors name peers' addresses, and while a network is gone there is one for each packet.
const DEFAULT_FILTER: &str = "error,fyteclub=info,webrtc=off,rtc=off,mdns_sd=off,nostr_relay_pool=off,nostr_relay_builder=off";
/// Days kept.
const DAYS: usize = 7;

/// Flushes the log when dropped.
#[derive(Debug)]
#[must_use = "the log is flushed when this is dropped"]
pub struct Logs {
    _guard: Option<WorkerGuard>,
}

/// Logs to files in `folder` and to standard error.
pub fn to_files_and_terminal(folder: &Path) -> Logs {
    start(folder, true)
}

/// Logs to files in `folder`.
pub fn to_files(folder: &Path) -> Logs {
    start(folder, false)
}

fn start(folder: &Path, terminal: bool) -> Logs {
    // Without the folder the appender complains on the terminal by itself.
    let _ = crate::runtime::files::make_private_folder(folder);
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("fyteclub")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder);
    let (file, guard) = match appender {
        Ok(appender) => {
            let (writer, guard) = tracing_appender::non_blocking(appender);
            (Some(fmt::layer().with_ansi(false).with_writer(writer).with_filter(filter())), Some(guard))
        }
        // A folder that cannot be written to is reported by the store and the profile, in words; logging is not worth ending for.
        Err(_) => (None, None),
    };
    let terminal = terminal.then(|| {
        fmt::layer()
            .without_time()
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(filter())
    });
    // Only the first of several subscribers in one process counts (tests).
    let ring = ring::Ring.with_filter(filter());
    let _ = tracing_subscriber::registry().with(file).with(terminal).with(ring).try_init();
    log::set_max_level(of_libraries(&directives()));
    log_panics();
    Logs { _guard: guard }
}

fn filter() -> EnvFilter {
    EnvFilter::try_new(directives()).unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER))
}

fn directives() -> String {
    std::env::var("FYTECLUB_LOG").unwrap_or_else(|_| DEFAULT_FILTER.to_owned())
}

/// The most that any directive wants of a library. What is above it is dropped before the filter looks at it: those that touch the
/// network make several records for each packet, and comparing them all with a filter that wants details of this program costs an
/// eighth of a transfer's work.
fn of_libraries(directives: &str) -> LevelFilter {
    let libraries = directives.split(',').map(str::trim).filter(|directive| !directive.starts_with("fyteclub"));
    let level = |directive: &str| {
        let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
        level.parse().unwrap_or(LevelFilter::Trace)
    };
    libraries.map(level).max().unwrap_or(LevelFilter::Off)
}

fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(%panic, "a task of FyteClub failed; this is a bug worth reporting");
        before(panic);
    }));
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_libraries_say_of_peers_addresses_is_not_logged() {
        let written = Written::default();
        let layer = fmt::layer().with_writer(written.clone()).with_ansi(false).with_filter(EnvFilter::new(DEFAULT_FILTER));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::error!(target: "webrtc::peer_connection::driver", "Failed to write packet to 192.0.2.7:1");
            tracing::error!(target: "rtc_ice::agent", "no route to 192.0.2.7:1");
            tracing::error!(target: "mdns_sd::service_daemon", "192.0.2.7");
            tracing::warn!(target: "eframe", "a library's warning");
            tracing::error!(target: "eframe", "a library's error");
            tracing::debug!(target: "fyteclub::runtime", "a detail");
            tracing::info!(target: "fyteclub::runtime", "a friend is here");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let said: Vec<&str> = text.lines().filter_map(|line| line.rsplit_once(": ").map(|(_, said)| said)).collect();
        assert_eq!(said, ["a library's error", "a friend is here"], "{text}");
    }

    #[test]
    fn libraries_are_heard_as_far_as_some_directive_wants_them() {
        assert_eq!(of_libraries(DEFAULT_FILTER), LevelFilter::Error);
        assert_eq!(of_libraries("fyteclub=trace"), LevelFilter::Off);
        assert_eq!(of_libraries("warn,fyteclub::milestones=debug,rtc=off"), LevelFilter::Warn);
        assert_eq!(of_libraries("error, rtc_ice=debug"), LevelFilter::Debug);
        assert_eq!(of_libraries("rtc_ice"), LevelFilter::Trace, "a target alone is all of it");
    }

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl fmt::MakeWriter<'_> for Written {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }
}
