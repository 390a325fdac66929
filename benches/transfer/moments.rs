//! Milestones as a companion's log has them (`FYTECLUB_LOG`, see `runtime::milestones`).

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use fyteclub::runtime::files::Profile;

/// The log's filter under which companions write them.
pub(crate) const FILTER: &str = "error,fyteclub=info,fyteclub::milestones=debug,webrtc=off,rtc=off,mdns_sd=off";
const TARGET: &str = "fyteclub::milestones: ";
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// One line.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// Seconds since 1970.
    pub(crate) at: f64,
    pub(crate) text: String,
}

impl Moment {
    pub(crate) fn is(&self, what: &str) -> bool {
        self.text.strip_prefix(what).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    }

    /// A number among its fields.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text.split(' ').find_map(|field| field.strip_prefix(name)?.strip_prefix('=')?.parse().ok())
    }
}

/// Seconds since 1970, now.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// All that are written by now, in order.
pub(crate) fn read(profile: &Profile) -> Result<Vec<Moment>> {
    let mut moments = Vec::new();
    let Ok(folder) = fs::read_dir(profile.logs()) else { return Ok(moments) };
    for entry in folder {
        let text = fs::read_to_string(entry?.path()).context("Failed to read a log")?;
        // A last line that is half written waits for the next look.
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        moments.extend(whole.lines().filter_map(parse));
    }
    moments.sort_by(|a, b| a.at.total_cmp(&b.at));
    Ok(moments)
}

/// Waits for a milestone from `since` on.
pub(crate) async fn wait_for(profile: &Profile, what: &str, since: f64, patience: Duration) -> Result<Moment> {
    let deadline = now() + patience.as_secs_f64();
    loop {
        if let Some(found) = read(profile)?.into_iter().find(|moment| moment.at >= since && moment.is(what)) {
            return Ok(found);
        }
        if now() > deadline {
            bail!("{what:?} did not happen within {} seconds", patience.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn parse(line: &str) -> Option<Moment> {
    let (head, text) = line.split_once(TARGET)?;
    Some(Moment { at: timestamp(head.split(' ').next()?)?, text: text.to_owned() })
}

/// `2026-01-31T23:59:59.123456Z`.
fn timestamp(text: &str) -> Option<f64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let date: Vec<i64> = date.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let time: Vec<f64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (&[year, month, day], &[hour, minute, second]) = (date.as_slice(), time.as_slice()) else { return None };
    Some(days(year, month, day) as f64 * 86_400.0 + hour * 3600.0 + minute * 60.0 + second)
}

/// Days since 1970 of a date of the Gregorian calendar, with years that begin in March.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1 - 719_468
}
