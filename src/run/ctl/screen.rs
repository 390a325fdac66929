//! Where `ctl` prints.

use std::io::{IsTerminal, Write};

use serde::Serialize;

use super::Failure;

/// Standard output, or what a test reads.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    /// Columns, if it is a terminal.
    pub width: Option<usize>,
    /// Lines of the last drawing, to be drawn over.
    drawn: usize,
}

impl Screen {
    /// Standard output.
    pub(super) fn stdout() -> Self {
        let out = std::io::stdout();
        let columns = || terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0));
        let width = if out.is_terminal() { columns().or(Some(80)) } else { None };
        Self { out: Box::new(out), width, drawn: 0 }
    }

    #[cfg(test)]
    pub(super) fn to(out: Box<dyn Write + Send>) -> Self {
        Self { out, width: None, drawn: 0 }
    }

    /// Prints lines.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "{text}").and_then(|()| self.out.flush()).map_err(|_| Failure::Unheard)
    }

    /// Prints one line of JSON, or on a terminal several.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = if self.width.is_some() { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        self.print(&text.map_err(|error| Failure::Refused(error.to_string()))?)
    }

    /// Prints in place of what was drawn before, on a terminal; else below it.
    pub(super) fn redraw(&mut self, text: &str) -> Result<(), Failure> {
        if self.width.is_some() && self.drawn > 0 {
            // Up to the first line of the last drawing, and clear to the end of the screen (ECMA-48 CPL and ED).
            write!(self.out, "\u{1b}[{}F\u{1b}[J", self.drawn).map_err(|_| Failure::Unheard)?;
        }
        self.drawn = text.lines().count();
        self.print(text)
    }
}
