//! A file for whoever helps: how everything is, and what happened, without anything personal.

mod redact;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use self::redact::Redactor;
use crate::engine::explain::explain;
use crate::engine::snapshot::{LinkView, Snapshot};
use crate::run::logging::ring;

/// Of the log's file, at most so much of its end.
const LOG: u64 = 4 << 20;

/// Writes the report. An older file of that name is replaced.
///
/// # Errors
/// If the file cannot be written.
pub fn write(file: &Path, snapshot: &Snapshot, logs: Option<&Path>) -> io::Result<()> {
    let home = directories::BaseDirs::new();
    let mut folders: Vec<&Path> = home.iter().map(directories::BaseDirs::home_dir).collect();
    folders.extend(snapshot.cache.folder.as_deref());
    folders.extend(logs);
    let redactor = Redactor::of(snapshot, &folders);
    let mut zip = ZipWriter::new(fs::File::create(file)?);
    let options = SimpleFileOptions::default();
    let recent: String = ring::lines().iter().map(|line| format!("{}\n", line.text)).collect();
    let parts = [
        ("summary.txt", summary(snapshot)),
        ("why.txt", reasons(snapshot)),
        ("settings.json", settings(snapshot)),
        ("recent.log", recent),
        ("newest.log", logs.and_then(|logs| newest(logs).ok()).unwrap_or_default()),
    ];
    for (name, text) in parts {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(redactor.redact(&text).as_bytes())?;
    }
    zip.finish().map_err(io::Error::other)?;
    Ok(())
}

fn summary(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "FyteClub {} on {} {}", snapshot.me.version, std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(text, "plugin: {}", snapshot.plugin.as_ref().map_or("none", |plugin| plugin.program.as_str()));
    let _ = writeln!(text, "discovery: {:?}, heard {:?}", snapshot.discovery.mode, snapshot.network.heard);
    let _ = writeln!(text, "listening: {:?}", snapshot.listening);
    for interface in &snapshot.network.interfaces {
        let _ = writeln!(text, "interface {}: {}, broadcasts: {}", interface.name, interface.address, interface.broadcasts);
    }
    let seen: Vec<String> = snapshot.network.router.addresses.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "router: {:?}, seen as {}", snapshot.network.router.kind, seen.join(" "));
    for relay in &snapshot.network.relays {
        let _ = writeln!(text, "relay {}: {:?}, answers in {:?}", relay.url, relay.state, relay.answers_in);
    }
    let cache = &snapshot.cache;
    let _ = writeln!(text, "cache: {} files, {} of {} bytes, free {:?}", cache.blobs, cache.bytes, cache.limit, cache.free);
    let _ = writeln!(text, "paused: {:?}; elsewhere: {}", snapshot.pause, snapshot.elsewhere.is_some());
    for (number, peer) in snapshot.peers.iter().enumerate() {
        let _ = writeln!(text, "\nfriend {}: {:?}, {}", number + 1, peer.trust, link(&peer.link));
        let _ = writeln!(text, "  permissions {:?}, program {:?}", peer.permissions, peer.program);
        for (index, view) in peer.characters.iter().enumerate() {
            let _ = writeln!(text, "  character {}: {:?}, {:?}, near: {}", index + 1, view.progress, view.weight, view.near);
        }
        for event in snapshot.timelines.of(&peer.peer) {
            let _ = writeln!(text, "  {} ×{}: {:?}", event.unix, event.times, event.what);
        }
    }
    text
}

fn link(link: &LinkView) -> String {
    match link {
        LinkView::Connected { route, round_trip_us, seconds, sent, received, .. } => {
            format!("connected by {route:?} for {seconds} s, round trip {round_trip_us:?} us, {sent} bytes out, {received} in")
        }
        LinkView::Offline { reason, retry_in } => format!("offline ({reason:?}), next try in {retry_in:?} s"),
        LinkView::Connecting | LinkView::WaitingForAcceptance | LinkView::Paused | LinkView::Blocked => format!("{link:?}"),
    }
}

fn reasons(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    for peer in &snapshot.peers {
        for chain in explain(snapshot, &peer.peer) {
            let _ = writeln!(text, "{}", chain.about);
            for step in chain.steps {
                let _ = writeln!(text, "  {} {}", if step.holds { "+" } else { "-" }, step.says);
            }
        }
    }
    text
}

fn settings(snapshot: &Snapshot) -> String {
    serde_json::to_string_pretty(&snapshot.settings).unwrap_or_default()
}

/// The end of the newest log.
fn newest(logs: &Path) -> io::Result<String> {
    let files =
        fs::read_dir(logs)?.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "log"));
    let Some(file) = files.max() else { return Ok(String::new()) };
    let mut file = fs::File::open(file)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG)))?;
    let mut bytes = Vec::new();
    file.take(LOG).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AppearanceId, DisplayName, PeerId};
    use crate::engine::snapshot::PeerView;

    #[test]
    fn nothing_personal_is_in_the_report() {
        let id = |of: &str| PeerId::from_bytes(*AppearanceId::of(of.as_bytes()).as_bytes());
        let mut snapshot = Snapshot::of_newcomer(id("me"));
        snapshot.settings.name = DisplayName::new("Ysolde").ok();
        snapshot.me.name.clone_from(&snapshot.settings.name);
        let reason = Some("nobody answered at 203.0.113.9:47311".to_owned());
        snapshot.settings.relays.push("wss://ysoldes-relay.example.net".parse().unwrap());
        snapshot.network.router.addresses = vec!["203.0.113.9:47311".parse().unwrap()];
        snapshot.peers = vec![PeerView {
            name: DisplayName::new("Aria Moon").ok(),
            link: LinkView::Offline { reason, retry_in: None },
            ..PeerView::of_friend(id("aria"))
        }];
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        fs::create_dir(&logs).unwrap();
        fs::write(logs.join("fyteclub.2026-01-01.log"), "old").unwrap();
        let said = format!("Aria Moon {} {} 192.168.7.7", id("aria"), folder.path().display());
        fs::write(logs.join("fyteclub.2026-01-02.log"), said).unwrap();
        let file = folder.path().join("report.zip");
        write(&file, &snapshot, Some(&logs)).unwrap();
        let mut zip = zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap();
        let mut all = String::new();
        for index in 0..zip.len() {
            zip.by_index(index).unwrap().read_to_string(&mut all).unwrap();
        }
        assert!(all.contains("FyteClub ") && all.contains("‹friend 1›") && all.contains("‹public IPv4›:47311"), "{all}");
        let planted = [
            "Aria Moon".to_owned(),
            "Ysolde".to_owned(),
            "203.0.113.9".to_owned(),
            "192.168.7.7".to_owned(),
            "ysoldes-relay".to_owned(),
        ];
        for secret in planted.into_iter().chain([id("aria").to_string(), id("aria").short(), id("me").short()]) {
            assert!(!all.contains(&secret), "{secret} is in {all}");
        }
    }
}
