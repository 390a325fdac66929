//! The newest records of the log in memory, for the window and for reports.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::{Context, Layer};

use crate::ui::outside::{self, LogLine};

/// Records kept.
const KEPT: usize = 2_000;
/// A record's greatest length in bytes; longer ones are cut.
const LONGEST: usize = 1_024;

static LINES: Mutex<VecDeque<Arc<LogLine>>> = Mutex::new(VecDeque::new());

/// Keeps what it hears.
#[derive(Debug)]
pub(super) struct Ring;

impl<S: Subscriber> Layer<S> for Ring {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut text = Text(String::with_capacity(120));
        // A clock that cannot be written leaves the time out.
        let _ = SystemTime.format_time(&mut Writer::new(&mut text.0));
        let metadata = event.metadata();
        let _ = write!(text.0, " {} {}:", metadata.level(), metadata.target());
        event.record(&mut text);
        keep(level(*metadata.level()), &text.0);
    }
}

/// The newest records, oldest first.
#[must_use]
pub fn lines() -> Vec<Arc<LogLine>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
}

fn keep(level: outside::Level, text: &str) {
    let line = Arc::new(LogLine { level, text: on_one_line(text) });
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() >= KEPT {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// What could break a line, or turn its direction, is escaped.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if line.len() >= LONGEST {
            line.push('…');
            break;
        }
        if letter.is_control() || crate::domain::is_unseen(letter) {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
    }
    line
}

const fn level(level: Level) -> outside::Level {
    match level {
        Level::ERROR => outside::Level::Error,
        Level::WARN => outside::Level::Warn,
        Level::INFO => outside::Level::Info,
        Level::DEBUG | Level::TRACE => outside::Level::Debug,
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn what_is_logged_is_kept_on_one_line_each() {
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Ring), || {
            tracing::warn!(target: "ring::test", of = "two\nlines\u{202e}", "planted");
        });
        let found = lines().into_iter().find(|line| line.text.contains("planted")).expect("the record");
        assert_eq!(found.level, outside::Level::Warn);
        assert!(found.text.contains("ring::test: planted of=\"two\\nlines"), "{}", found.text);
        assert!(!found.text.contains('\u{202e}') && !found.text.contains('\n'), "{}", found.text);
    }

    #[test]
    fn only_the_newest_are_kept_and_long_ones_are_cut() {
        for number in 0..KEPT + 10 {
            keep(outside::Level::Debug, &format!("flood {number}"));
        }
        assert_eq!(lines().len(), KEPT);
        assert!(on_one_line(&"x".repeat(9_000)).len() < LONGEST + 8);
    }
}
