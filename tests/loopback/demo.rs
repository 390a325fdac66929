//! The demo keeps to itself and leaves nothing behind.

use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command as Process};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_demo_leaves_no_process_and_no_folder() {
    let places = Places::new();
    let mut demo = start(&places);
    reach(&mut demo, "Starting everybody").await;
    let pid = rustix::process::Pid::from_raw(demo.id().unwrap().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = tokio::time::timeout(super::SOON, demo.wait()).await.expect("the demo does not end").unwrap();
    assert!(!status.success());
    for place in [&places.temp, &places.runtime, &places.home] {
        let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_touches_neither_the_real_profile_nor_the_default_ports_nor_the_network() {
    let places = Places::new();
    let mut demo = start(&places);
    reach(&mut demo, "Everybody's look travels").await;
    let sockets = sockets::of_family(demo.id().unwrap());
    assert!(sockets.len() >= 6, "two companions have at least six sockets, these are {sockets:?}");
    for (address, port) in &sockets {
        assert!(address.is_loopback(), "a socket of the demo is bound to {address}:{port}");
        assert!(!matches!(port, 47_311 | 47_312), "the demo uses the default port {port}");
    }
    demo.kill().await.unwrap();
    assert_eq!(std::fs::read_dir(places.home.path()).unwrap().count(), 0, "the real profile's place was touched");
}

/// Where a program may leave something.
struct Places {
    home: TempDir,
    temp: TempDir,
    runtime: TempDir,
}

impl Places {
    fn new() -> Self {
        let new = || tempfile::tempdir().unwrap();
        let places = Self { home: new(), temp: new(), runtime: new() };
        // As a session's own folder is; any other would not be used.
        std::fs::set_permissions(places.runtime.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        places
    }
}

fn start(places: &Places) -> Child {
    Process::new(env!("CARGO_BIN_EXE_fyteclub"))
        .args(["demo", "--headless", "--friends", "1"])
        .env("HOME", places.home.path())
        .env("TMPDIR", places.temp.path())
        .env("XDG_RUNTIME_DIR", places.runtime.path())
        .env_remove("XDG_DATA_HOME")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Reads the demo's text until a line holds `text`.
async fn reach(demo: &mut Child, text: &str) {
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let found = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(text) {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(super::SOON, found).await.expect("the demo hangs"), "the demo ended before {text:?}");
    // Goes on reading, so that the demo does not block on a full pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
}

#[cfg(target_os = "linux")]
mod sockets {
    use std::collections::BTreeSet;
    use std::fs;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    /// Local addresses and ports of all UDP sockets and TCP listeners of a process and its descendants.
    pub(super) fn of_family(root: u32) -> Vec<(IpAddr, u16)> {
        let inodes = inodes(&family(root));
        let tables = [("tcp", true), ("tcp6", true), ("udp", false), ("udp6", false)];
        tables.iter().flat_map(|(table, tcp)| read(table, *tcp, &inodes)).collect()
    }

    fn family(root: u32) -> BTreeSet<u32> {
        let mut found = BTreeSet::from([root]);
        loop {
            let more: Vec<u32> =
                processes().filter(|(pid, parent)| found.contains(parent) && !found.contains(pid)).map(|(pid, _)| pid).collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    fn processes() -> impl Iterator<Item = (u32, u32)> {
        fs::read_dir("/proc").unwrap().filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
    }

    fn inodes(pids: &BTreeSet<u32>) -> BTreeSet<String> {
        let descriptors = pids.iter().filter_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).ok()).flatten();
        descriptors
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect()
    }

    fn read(table: &str, tcp: bool, inodes: &BTreeSet<String>) -> Vec<(IpAddr, u16)> {
        const LISTEN: &str = "0A";
        let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        text.lines()
            .skip(1)
            .filter_map(|line| {
                let fields: Vec<&str> = line.split_whitespace().collect();
                let ours = inodes.contains(fields[9]) && (!tcp || fields[3] == LISTEN);
                ours.then(|| address(fields[1]))
            })
            .collect()
    }

    fn address(field: &str) -> (IpAddr, u16) {
        let (address, port) = field.split_once(':').unwrap();
        let words = (0..address.len() / 8).map(|n| u32::from_str_radix(&address[n * 8..n * 8 + 8], 16).unwrap().to_ne_bytes());
        let bytes: Vec<u8> = words.flatten().collect();
        let ip = match <[u8; 4]>::try_from(bytes.as_slice()) {
            Ok(bytes) => IpAddr::V4(Ipv4Addr::from(bytes)),
            Err(_) => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes.as_slice()).unwrap())),
        };
        (ip, u16::from_str_radix(port, 16).unwrap())
    }
}
