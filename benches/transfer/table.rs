//! The table: each row as it is measured, and at the end which of them do not hold.

use std::fmt::Write as _;

/// How far a row may be beyond its bound before the check fails: machines differ, and so do runs.
const SLACK: f64 = 1.25;

/// What must hold of a row's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// The rows so far.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Rows that are known not to hold, by the beginnings of their names, and fail no check.
    excepted: Vec<String>,
    missed: Vec<String>,
    failed: Vec<String>,
}

impl Table {
    pub(crate) fn begin(excepted: &[String]) -> Self {
        println!("{:<46} {:>20}   {:<34} must hold", "what", "measured", "beside");
        Self { excepted: excepted.to_vec(), ..Self::default() }
    }

    pub(crate) fn heading(&self, text: &str) {
        println!("\n{text}");
    }

    /// A row that is only shown.
    pub(crate) fn show(&self, what: &str, measured: &str, beside: &str) {
        println!("{what:<46} {measured:>20}   {beside}");
    }

    /// A row with what must hold of `value`, which `unit` follows. `what` may be empty under a row about the same.
    pub(crate) fn judge(&mut self, what: &str, measured: &str, beside: &str, (value, unit): (f64, &str), bound: Bound) {
        let (sign, limit, holds, within) = match bound {
            Bound::AtLeast(least) => ("≥", least, value >= least, value * SLACK >= least),
            Bound::AtMost(most) => ("≤", most, value <= most, value <= most * SLACK),
        };
        let mut verdict = String::new();
        let _ = write!(verdict, "{value:.2}{unit} {sign} {limit}{unit}");
        if !holds {
            let excepted = self.excepted.iter().any(|known| format!("{what} {beside}").starts_with(known));
            let word = if within { "MISSED" } else { "FAILED" };
            let _ = write!(verdict, "  {word}");
            let list = if within || excepted { &mut self.missed } else { &mut self.failed };
            list.push(format!("{what} {beside}: {value:.2}{unit} {sign} {limit}{unit}"));
        }
        println!("{what:<46} {measured:>20}   {beside:<34} {verdict}");
    }

    /// Says what does not hold; whether everything does within the slack.
    pub(crate) fn end(&self) -> bool {
        println!();
        for missed in &self.missed {
            println!("missed, by less than a quarter or as is known: {missed}");
        }
        for failed in &self.failed {
            println!("does not hold: {failed}");
        }
        if self.missed.is_empty() && self.failed.is_empty() {
            println!("Everything holds.");
        }
        self.failed.is_empty()
    }
}

/// The one in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}

/// The value below which so many in a hundred lie.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(last * percent / 100 + usize::from(percent > 50 && !(last * percent).is_multiple_of(100)))
        .copied()
        .unwrap_or(f64::NAN)
}

pub(crate) fn seconds(value: f64) -> String {
    if value < 1.0 { format!("{:.1} ms", value * 1000.0) } else { format!("{value:.2} s") }
}

pub(crate) fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Bytes in seconds as a rate.
pub(crate) fn rate(bytes: u64, took: f64) -> String {
    format!("{:.0} MiB/s", mib(bytes) / took)
}
