//! The pipe as a TCP port of this machine: for plugins in a Wine or Proton prefix, which can open no Unix socket.
//!
//! Any program of any user may connect here, so nothing is heard before the proof of [`crate::wire::knock`]: at most two lines of
//! [`MAX_KNOCK`] bytes, within [`PROOF_PATIENCE`]. A stranger is closed without a word, and after each wrong proof nobody is let in for
//! [`REST`]. Behind the proof a session is like any other, but only plugins have one: who commands the companion runs on its own system.
//!
//! The port and the token are chosen anew at each start, and stand in the profile's `endpoint.json`; for the user's own profile
//! also in `$XDG_STATE_HOME/fyteclub/`, which a program in a prefix finds without knowing where the profile is.

use std::collections::VecDeque;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tracing::{Instrument, debug, info};

use super::PipeError;
use super::endpoint::TcpEndpoint;
use super::lines::{self, Line, LineReader};
use super::server::{Allowed, House, MAX_CLIENTS, Reader, Voices, welcome};
use crate::domain::WinePlugins;
use crate::runtime::clock::entropy;
use crate::wire::knock::{Hex32, Knock, MAX_KNOCK, Nonces, Prover, Token};
use crate::wire::plugin::MAX_LINE;

/// From a connection to its proof: a plugin has it ready, and a busy machine is forgiven.
const PROOF_PATIENCE: Duration = Duration::from_secs(5);
/// After a wrong proof. Ten guesses a second at 256 bits, and hardly any work.
pub(super) const REST: Duration = Duration::from_millis(100);
/// Connections that wait for their proof. Of more the oldest is closed, so that a stranger who only waits keeps nobody out.
pub(super) const MAX_UNPROVEN: usize = 8;
/// Where launchers put the game's prefix, below the person's home; 39210 is the game's number on Steam.
const PREFIXES: [&str; 5] = [
    ".xlcore/wineprefix",
    ".var/app/dev.goats.xivlauncher/.xlcore/wineprefix",
    ".local/share/Steam/steamapps/compatdata/39210/pfx",
    ".steam/steam/steamapps/compatdata/39210/pfx",
    ".var/app/com.valvesoftware.Steam/.local/share/Steam/steamapps/compatdata/39210/pfx",
];

/// Whether there shall be such a port. Prefixes are a matter of Unix: on Windows the pipe reaches everybody.
pub(super) fn is_wanted(setting: WinePlugins) -> bool {
    match setting {
        WinePlugins::On => true,
        WinePlugins::Off => false,
        WinePlugins::Auto => {
            let users = directories::UserDirs::new();
            cfg!(unix) && users.is_some_and(|folders| has_prefix(folders.home_dir()))
        }
    }
}

fn has_prefix(home: &Path) -> bool {
    PREFIXES.iter().any(|prefix| home.join(prefix).join("drive_c").is_dir())
}

/// Where the endpoint file of the user's own profile is written a second time.
pub(super) fn second_file() -> Option<PathBuf> {
    directories::BaseDirs::new()?.state_dir().map(|folder| folder.join("fyteclub/endpoint.json"))
}

/// An open port.
pub(super) struct Door {
    listener: TcpListener,
    token: Token,
}

impl Door {
    /// Opens a port that only programs of this machine reach.
    pub(super) async fn open() -> io::Result<Self> {
        let token = Token::new(entropy()?);
        Ok(Self { listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?, token })
    }

    /// How it is found and opened.
    pub(super) fn endpoint(&self) -> io::Result<TcpEndpoint> {
        Ok(TcpEndpoint { port: self.listener.local_addr()?.port(), token: self.token.clone() })
    }

    /// Lets plugins in, for ever.
    pub(super) async fn serve(self, house: Arc<House>) {
        let mut clients = JoinSet::new();
        let hall = Arc::new(Hall { token: self.token, unproven: Mutex::default(), wrong: AtomicBool::new(false) });
        let mut number = 0_u64;
        loop {
            if hall.wrong.swap(false, Ordering::Relaxed) {
                sleep(REST).await;
            }
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    debug!(%error, "a plugin's connection could not be accepted");
                    sleep(REST).await;
                    continue;
                }
            };
            while clients.try_join_next().is_some() {}
            if clients.len() >= MAX_CLIENTS + MAX_UNPROVEN {
                debug!("a plugin's connection was refused: {MAX_CLIENTS} are there");
                continue;
            }
            number += 1;
            let span = tracing::info_span!("tcp", client = number);
            let serving = serve(stream, number, Arc::clone(&hall), Arc::clone(&house)).instrument(span);
            // The task takes itself off the list, for which it waits until it is on it.
            let mut unproven = hall.unproven();
            unproven.push_back((number, clients.spawn(serving)));
            if unproven.len() > MAX_UNPROVEN
                && let Some((_, oldest)) = unproven.pop_front()
            {
                oldest.abort();
            }
        }
    }
}

/// Where strangers stand.
struct Hall {
    token: Token,
    unproven: Mutex<VecDeque<(u64, AbortHandle)>>,
    /// A proof was wrong since the last connection was accepted.
    wrong: AtomicBool,
}

impl Hall {
    fn unproven(&self) -> MutexGuard<'_, VecDeque<(u64, AbortHandle)>> {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(stream: TcpStream, number: u64, hall: Arc<Hall>, house: Arc<House>) {
    let known = timeout(PROOF_PATIENCE, examine(stream, &hall.token)).await.unwrap_or(Err(Stranger::Slow));
    hall.unproven().retain(|(other, _)| *other != number);
    match known {
        Ok(voices) => welcome(voices, &house, Allowed::PluginsOnly).await,
        Err(Stranger::WrongProof) => {
            info!("a program that does not know the secret of endpoint.json was refused on the plugins' port");
            hall.wrong.store(true, Ordering::Relaxed);
        }
        Err(why @ (Stranger::Slow | Stranger::Garbage)) => debug!(?why, "a stranger on the plugins' port was closed"),
    }
}

/// Why somebody is not let in. They are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stranger {
    Slow,
    Garbage,
    WrongProof,
}

/// The plugin's proof, and then ours.
async fn examine(stream: TcpStream, token: &Token) -> Result<Voices, Stranger> {
    let garbage = |_: io::Error| Stranger::Garbage;
    stream.set_nodelay(true).map_err(garbage)?;
    let Voices { reader, mut writer } = Voices::of(stream);
    let mut reader = reader.up_to(MAX_KNOCK);
    let Some(Knock::Knock { nonce: plugin }) = hear(&mut reader).await else { return Err(Stranger::Garbage) };
    let companion = Hex32::new(entropy().map_err(garbage)?);
    lines::write(&mut writer, &Knock::Knock { nonce: companion }).await.map_err(garbage)?;
    let nonces = Nonces { plugin, companion };
    let Some(Knock::Proof { proof }) = hear(&mut reader).await else { return Err(Stranger::Garbage) };
    if !token.is_shown_by(&proof, Prover::Plugin, &nonces) {
        return Err(Stranger::WrongProof);
    }
    let proof = token.proof(Prover::Companion, &nonces);
    lines::write(&mut writer, &Knock::Proof { proof }).await.map_err(garbage)?;
    Ok(Voices { reader: reader.up_to(MAX_LINE), writer })
}

async fn hear(reader: &mut LineReader<Reader>) -> Option<Knock> {
    match reader.next().await {
        Ok(Some(Line::Whole(line))) => Knock::decode(&line),
        Ok(Some(Line::TooLong) | None) | Err(_) => None,
    }
}

/// The plugin's side: connects and shows that it knows the token, and sees that the companion does.
pub(super) async fn connect(endpoint: &TcpEndpoint) -> Result<Voices, PipeError> {
    let place = format!("127.0.0.1:{}", endpoint.port);
    let failed = |error: io::Error| PipeError::io(format!("Failed to reach FyteClub at {place}"), error);
    let stream = match TcpStream::connect((Ipv4Addr::LOCALHOST, endpoint.port)).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Err(PipeError::NotRunning),
        stream => stream.map_err(failed)?,
    };
    stream.set_nodelay(true).map_err(failed)?;
    let Voices { reader, mut writer } = Voices::of(stream);
    let mut reader = reader.up_to(MAX_KNOCK);
    // A port that a companion had may be another program's by now: it hears a nonce and one proof, which are good for nothing else.
    let stranger = || PipeError::Stranger(place.clone());
    let plugin = Hex32::new(entropy().map_err(failed)?);
    lines::write(&mut writer, &Knock::Knock { nonce: plugin }).await.map_err(failed)?;
    let Some(Knock::Knock { nonce: companion }) = hear(&mut reader).await else { return Err(stranger()) };
    let nonces = Nonces { plugin, companion };
    let proof = endpoint.token.proof(Prover::Plugin, &nonces);
    lines::write(&mut writer, &Knock::Proof { proof }).await.map_err(failed)?;
    match hear(&mut reader).await {
        Some(Knock::Proof { proof }) if endpoint.token.is_shown_by(&proof, Prover::Companion, &nonces) => {
            Ok(Voices { reader: reader.up_to(MAX_LINE), writer })
        }
        Some(Knock::Proof { .. } | Knock::Knock { .. }) | None => Err(stranger()),
    }
}
