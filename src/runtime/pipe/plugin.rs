//! Sessions of game plugins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::task::JoinError;
use tokio::time::timeout;
use tracing::{debug, info, trace, warn};

use super::lines::{self, Line, LineReader};
use super::outbox::{Outbox, Outgoing, Outgoings, outbox};
use super::paths::{Disk, Drives};
use super::server::Guest;
use crate::engine::input::{Input, PluginId};
use crate::runtime::Inputs;
use crate::wire::plugin::{FromPlugin, MAX_LINE, PathStyle, PipeHello, ToPlugin};

/// Folders that one plugin may name.
const MAX_ROOTS: usize = 64;
/// A line longer than this is read on a thread that may block.
const LONG_LINE: usize = 64 << 10;

/// The plugins that are there.
#[derive(Debug, Default)]
pub(super) struct Plugins {
    /// Folders that no root may contain: what lies around in them is not mods.
    private: Vec<PathBuf>,
    sessions: Mutex<BTreeMap<PluginId, Mouth>>,
    last: AtomicU64,
}

/// How one plugin is spoken to.
#[derive(Clone, Debug)]
struct Mouth {
    outbox: Outbox,
    paths: Arc<Paths>,
}

/// How one plugin writes paths.
#[derive(Debug)]
enum Paths {
    Native,
    Wine(Drives),
}

impl Plugins {
    /// Nobody yet. No root of theirs will contain one of these folders.
    pub(super) fn new(private: Vec<PathBuf>) -> Self {
        Self { private, ..Self::default() }
    }

    /// Says something to a plugin; nothing if it is gone.
    pub(super) fn say(&self, plugin: PluginId, message: ToPlugin) {
        let mouth = self.lock().get(&plugin).cloned();
        match mouth {
            Some(mouth) => mouth.say(message),
            None => trace!(plugin = plugin.0, "nobody is there to be told"),
        }
    }

    /// Ends a plugin's session, after what was said to it before.
    pub(super) fn close(&self, plugin: PluginId) {
        if let Some(mouth) = self.lock().remove(&plugin) {
            mouth.outbox.end();
        }
    }

    fn add(&self, mouth: Mouth) -> PluginId {
        let plugin = PluginId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        self.lock().insert(plugin, mouth);
        plugin
    }

    fn remove(&self, plugin: PluginId) {
        self.lock().remove(&plugin);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PluginId, Mouth>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mouth {
    fn say(&self, message: ToPlugin) {
        let overflow = match self.paths.outgoing(message).and_then(|message| Ok((line(&message)?, message))) {
            Ok((line, message)) => {
                trace!(?message, "to the plugin");
                self.outbox.push(line)
            }
            Err(Unsayable { about: Some((character, revision)), reason }) => {
                debug!("a look could not be told to the plugin");
                self.outbox.report(FromPlugin::Failed { character, revision, reason })
            }
            Err(Unsayable { about: None, reason }) => {
                debug!(%reason, "a line could not be said to the plugin");
                Ok(())
            }
        };
        if overflow.is_err() {
            warn!("the game plugin does not read what it is told: its session is ended");
        }
    }

    fn complain(&self, message: String, re: Option<u64>) {
        debug!(%message, "a bad line from the plugin");
        self.say(ToPlugin::Error { message, re });
    }
}

/// Something that cannot be said to a plugin.
#[derive(Debug)]
struct Unsayable {
    /// The `apply` that it is, if it is one.
    about: Option<(String, u64)>,
    reason: String,
}

fn line(message: &ToPlugin) -> Result<Vec<u8>, Unsayable> {
    let unsayable = |reason: String| Unsayable { about: applied(message), reason };
    let mut line = serde_json::to_vec(message).map_err(|error| unsayable(error.to_string()))?;
    if line.len() > MAX_LINE {
        return Err(unsayable(format!("the look has too many files or texts to be told: {} bytes of {MAX_LINE}", line.len())));
    }
    line.push(b'\n');
    Ok(line)
}

fn applied(message: &ToPlugin) -> Option<(String, u64)> {
    if let ToPlugin::Apply { character, revision, .. } = message { Some((character.clone(), *revision)) } else { None }
}

impl Paths {
    /// How this plugin writes paths, and its roots, canonical; with a sentence for each root that cannot be used.
    fn of(hello: &PipeHello, private: &[PathBuf]) -> Result<(Self, Vec<PathBuf>, Vec<String>), String> {
        let paths = match hello.paths {
            PathStyle::Native => Self::Native,
            PathStyle::Wine if cfg!(unix) => {
                Self::Wine(Drives::new(&hello.drives).map_err(|error| error.to_string())?.followed())
            }
            PathStyle::Wine => return Err("paths of a Wine prefix mean nothing to a companion on Windows".to_owned()),
        };
        if hello.roots.len() > MAX_ROOTS {
            return Err(format!("a plugin names at most {MAX_ROOTS} roots, this one {}", hello.roots.len()));
        }
        let (mut roots, mut complaints) = (Vec::new(), Vec::new());
        let mut disk = Disk::default();
        for root in &hello.roots {
            let opened =
                paths.to_native(root, &mut disk).and_then(|path| path.canonicalize().map_err(|error| format!("{root}: {error}")));
            match opened {
                Ok(path) if is_too_wide(&path, private) => complaints.push(too_wide(root)),
                Ok(path) => roots.push(path),
                Err(error) => complaints.push(format!("nothing can be published from one of the roots: {error}")),
            }
        }
        Ok((paths, roots, complaints))
    }

    fn to_native(&self, path: &str, disk: &mut Disk) -> Result<PathBuf, String> {
        match self {
            Self::Native if Path::new(path).is_absolute() => Ok(PathBuf::from(path)),
            Self::Native => Err(format!("{path}: a path must be absolute")),
            Self::Wine(drives) => drives.to_native(path, disk).map_err(|error| error.to_string()),
        }
    }

    /// A plugin's line with paths of this system. Blocks.
    fn incoming(&self, mut said: FromPlugin) -> Result<FromPlugin, String> {
        if let FromPlugin::Publish { objects, .. } = &mut said {
            let mut disk = Disk::default();
            for file in objects.iter_mut().flat_map(|object| &mut object.files) {
                let native = self.to_native(&file.path, &mut disk)?;
                file.path = native.into_os_string().into_string().map_err(|_| format!("{}: it is not UTF-8", file.path))?;
            }
        }
        Ok(said)
    }

    /// A line of ours with paths of the plugin.
    fn outgoing(&self, mut message: ToPlugin) -> Result<ToPlugin, Unsayable> {
        let about = applied(&message);
        if let (Self::Wine(drives), ToPlugin::Apply { objects, .. }) = (self, &mut message) {
            for file in objects.iter_mut().flat_map(|object| &mut object.files) {
                file.path =
                    drives.to_wine(&file.path).map_err(|error| Unsayable { about: about.clone(), reason: error.to_string() })?;
            }
        }
        Ok(message)
    }
}

/// Whether a canonical root is a whole drive, or contains what is private.
fn is_too_wide(root: &Path, private: &[PathBuf]) -> bool {
    root.parent().is_none() || private.iter().any(|folder| folder.starts_with(root))
}

fn too_wide(root: &str) -> String {
    format!("nothing is published from {root}: it contains more than mods; name the folder of the mods alone")
}

/// Serves a plugin until it leaves, is dropped or does not read.
pub(super) async fn serve(guest: Guest, plugins: &Plugins, inputs: &Inputs) {
    let Guest { hello, reader, mut writer, patience } = guest;
    let program = format!("{} {}", hello.name, hello.version);
    let private = plugins.private.clone();
    let (paths, roots, complaints) = match blocking(move || Paths::of(&hello, &private)).await {
        Ok(opened) => opened,
        Err(message) => {
            debug!(%message, "a plugin was refused");
            let refusal = ToPlugin::Error { message, re: None };
            let _ = timeout(patience.taking, lines::write(&mut writer, &refusal)).await;
            return;
        }
    };
    let (outbox, outgoings) = outbox();
    let mouth = Mouth { outbox, paths: Arc::new(paths) };
    for complaint in complaints {
        mouth.complain(complaint, None);
    }
    let plugin = plugins.add(mouth.clone());
    info!("a game plugin is connected");
    inputs.send(Input::PluginConnected { plugin, program, roots }).await;
    let mut speaking = pin!(speak(outgoings, writer, plugin, inputs));
    tokio::select! {
        () = hear(reader, plugin, &mouth, inputs) => {}
        () = &mut speaking => {}
        () = mouth.outbox.overflowed() => {}
        () = mouth.outbox.ending() => {
            // It hears what was said before, if it listens.
            let _ = timeout(patience.taking, speaking).await;
        }
    }
    plugins.remove(plugin);
    info!("a game plugin is gone");
    inputs.send(Input::PluginGone(plugin)).await;
}

/// Until the plugin closes the pipe.
async fn hear<R: AsyncRead + Unpin>(mut reader: LineReader<R>, plugin: PluginId, mouth: &Mouth, inputs: &Inputs) {
    while let Ok(Some(line)) = reader.next().await {
        let line = match line {
            Line::Whole(line) => line,
            Line::TooLong => {
                mouth.complain(format!("this line has more than {MAX_LINE} bytes and was skipped"), None);
                continue;
            }
        };
        match understand(line, &mouth.paths).await {
            Ok(said) => {
                trace!(?said, "from the plugin");
                inputs.send(Input::PluginSaid(plugin, said)).await;
            }
            Err((message, re)) => mouth.complain(message, re),
        }
    }
}

/// Until the session is to end, or the plugin is gone.
async fn speak<W: AsyncWrite + Unpin>(mut outgoings: Outgoings, mut writer: W, plugin: PluginId, inputs: &Inputs) {
    loop {
        match outgoings.next().await {
            Outgoing::Line(line) => {
                if writer.write_all(&line).await.is_err() {
                    return;
                }
            }
            Outgoing::Report(said) => inputs.send(Input::PluginSaid(plugin, said)).await,
            Outgoing::End => return,
        }
    }
}

/// What a line says, with paths of this system; or what is wrong with it, and its number.
async fn understand(line: Vec<u8>, paths: &Arc<Paths>) -> Result<FromPlugin, (String, Option<u64>)> {
    let asks_the_disk = matches!(**paths, Paths::Wine(_));
    if line.len() <= LONG_LINE && !asks_the_disk {
        return read(&line, paths);
    }
    let paths = Arc::clone(paths);
    blocking(move || read(&line, &paths)).await
}

fn read(line: &[u8], paths: &Paths) -> Result<FromPlugin, (String, Option<u64>)> {
    let said = lines::parse(line).and_then(|said| {
        if matches!(said, FromPlugin::Hello(_)) { Err("hello was said already".to_owned()) } else { paths.incoming(said) }
    });
    said.map_err(|message| (message, lines::sequence(line)))
}

/// Runs something on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        // The program is ending, and this task with it.
        Err(Err(_)) => std::future::pending().await,
    }
}
