//! What the system says of a process, and what it is asked to do between rows.

use std::fs;

use anyhow::{Context, Result};

/// Bytes of memory of a process that are in use now.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    status(pid, "VmRSS:")
}

/// The most that it ever had.
pub(crate) fn memory_peak(pid: u32) -> Result<u64> {
    status(pid, "VmHWM:")
}

/// Seconds of processor time that it has taken.
pub(crate) fn processor(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("Failed to look at a process")?;
    // The name in brackets may hold blanks; what follows it begins with the third field.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    // Linux counts in hundredths of a second everywhere that matters (USER_HZ).
    Ok(ticks as f64 / 100.0)
}

/// Bytes that it has read from files so far.
pub(crate) fn bytes_read(pid: u32) -> Result<u64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).context("Failed to look at a process")?;
    let line = io.lines().find_map(|line| line.strip_prefix("rchar: ")).context("Failed to find what a process has read")?;
    Ok(line.trim().parse()?)
}

/// Has everything written, so that what one row wrote does not slow the next.
pub(crate) fn settle() {
    let _ = std::process::Command::new("sync").status();
}

fn status(pid: u32, field: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("Failed to look at a process")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)).context("Failed to find a process's memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? << 10)
}
