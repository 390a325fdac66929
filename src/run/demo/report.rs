//! The table at the end.

use std::fmt;

use crate::engine::snapshot::TransferView;

/// One look that travelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    viewer: String,
    wearer: String,
    pub(super) files: u32,
    bytes: u64,
    pub(super) wire_bytes: u64,
    elapsed_ms: u64,
}

impl Row {
    pub(super) fn new(viewer: &str, wearer: &str, transfer: &TransferView) -> Self {
        Self {
            viewer: viewer.to_owned(),
            wearer: wearer.to_owned(),
            files: transfer.files_total,
            bytes: transfer.total,
            wire_bytes: transfer.wire_bytes,
            elapsed_ms: transfer.elapsed_ms,
        }
    }
}

/// What was seen and checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    rows: Vec<(&'static str, Row)>,
    notes: Vec<(&'static str, &'static str)>,
}

impl Report {
    pub(super) fn add(&mut self, act: &'static str, row: Row) {
        self.rows.push((act, row));
    }

    pub(super) fn note(&mut self, act: &'static str, text: &'static str) {
        self.notes.push((act, text));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<17} {:<16} {:>5} {:>10} {:>10} {:>8} {:>10}",
            "", "who sees whom", "files", "bytes", "on wire", "time", "rate"
        )?;
        for (act, row) in &self.rows {
            let seconds = row.elapsed_ms as f64 / 1000.0;
            writeln!(
                f,
                "{act:<17} {:<16} {:>5} {:>6.1} MiB {:>6.1} MiB {seconds:>6.2} s {:>4.0} MiB/s",
                format!("{} ← {}", row.viewer, row.wearer),
                row.files,
                mib(row.bytes),
                mib(row.wire_bytes),
                mib(row.bytes) / seconds.max(0.001),
            )?;
        }
        for (act, text) in &self.notes {
            writeln!(f, "{act:<17} {text}")?;
        }
        Ok(())
    }
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
