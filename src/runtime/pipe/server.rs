//! Accepts clients and asks each what it is.

use std::sync::Arc;
use std::time::Duration;

use interprocess::local_socket::tokio::prelude::*;
use interprocess::local_socket::tokio::{Listener, Stream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{AbortHandle, JoinSet};
use tracing::{Instrument, debug, info, trace, warn};

use super::endpoint::{Endpoint, EndpointFile, pipe_name};
use super::lines::{self, Line, LineReader};
use super::plugin::{self, Plugins};
use super::tcp::{self, Door};
use super::{PipeError, control, system};
use crate::domain::WinePlugins;
use crate::runtime::Inputs;
use crate::runtime::files::Profile;
use crate::runtime::handle::Handle;
use crate::wire::plugin::{PIPE_PROTOCOL, PathStyle, PipeHello, Role, ToPlugin};

/// Clients at one time: a few plugins, a few terminals, and room to spare. Each may hold one line of memory.
pub(super) const MAX_CLIENTS: usize = 32;
/// The greatest name and version in a `hello`, in bytes.
const MAX_WORD: usize = 64;

/// How long a client is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From its connection to its `hello`.
    pub hello: Duration,
    /// For a line to be taken by a control client, and for the last lines to be taken by a plugin that is dropped.
    pub taking: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        // A program that connects has its hello ready; ten seconds forgive a machine that is busy loading the game.
        Self { hello: Duration::from_secs(10), taking: Duration::from_secs(10) }
    }
}

/// The listening pipe; it closes, with everybody on it, when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    accepting: Vec<AbortHandle>,
    _files: Vec<EndpointFile>,
}

impl Server {
    /// Opens the pipe of this profile and writes `endpoint.json`.
    pub(super) async fn start(
        profile: &Profile,
        wine_plugins: WinePlugins,
        handle: Handle,
        inputs: Inputs,
        plugins: Arc<Plugins>,
        patience: Patience,
    ) -> Result<Self, PipeError> {
        let root = profile.root();
        let canonical =
            root.canonicalize().map_err(|error| PipeError::io(format!("Failed to open {}", root.display()), error))?;
        let name = pipe_name(&system::user()?, &canonical);
        let path = system::place(&name)?;
        let listener = system::listen(&path).await?;
        let mut endpoint = Endpoint::of_this_process(&name, &path);
        let door = if tcp::is_wanted(wine_plugins) { open_door(&mut endpoint).await } else { None };
        let files = write_endpoint(profile, endpoint)?;
        debug!(%path, "the pipe is open");
        let house = Arc::new(House { path, handle, inputs, plugins, patience });
        let mut accepting = vec![tokio::spawn(accept(listener, Arc::clone(&house))).abort_handle()];
        accepting.extend(door.map(|door| tokio::spawn(door.serve(house)).abort_handle()));
        Ok(Self { accepting, _files: files })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.iter().for_each(AbortHandle::abort);
    }
}

/// Opens the port for plugins in a prefix and has the endpoint say so. Everything else goes on without it.
async fn open_door(endpoint: &mut Endpoint) -> Option<Door> {
    let opened = async {
        let door = Door::open().await?;
        Ok::<_, std::io::Error>((door.endpoint()?, door))
    };
    match opened.await {
        Ok((place, door)) => {
            info!("game plugins in a Wine or Proton prefix are let in on 127.0.0.1:{}", place.port);
            endpoint.tcp = Some(place);
            Some(door)
        }
        Err(error) => {
            warn!(%error, "no port could be opened for game plugins in a Wine or Proton prefix: they cannot connect");
            None
        }
    }
}

/// Writes the endpoint's file, and its second one where plugins in a prefix look for it.
fn write_endpoint(profile: &Profile, endpoint: Endpoint) -> Result<Vec<EndpointFile>, PipeError> {
    let is_the_users = || Profile::of_user().is_ok_and(|users| users == *profile);
    let second = endpoint.tcp.as_ref().and_then(|_| tcp::second_file()).filter(|_| is_the_users());
    let mut files = vec![EndpointFile::write(&profile.endpoint(), endpoint.clone())?];
    match second.map(|file| EndpointFile::write(&file, endpoint)) {
        Some(Ok(file)) => files.push(file),
        Some(Err(error)) => warn!(%error, "plugins in a Wine or Proton prefix may not find FyteClub"),
        None => {}
    }
    Ok(files)
}

/// What every session needs.
pub(super) struct House {
    path: String,
    handle: Handle,
    inputs: Inputs,
    plugins: Arc<Plugins>,
    patience: Patience,
}

/// Where lines come from.
pub(super) type Reader = Box<dyn AsyncRead + Send + Sync + Unpin>;
/// Where lines go.
pub(super) type Writer = Box<dyn AsyncWrite + Send + Sync + Unpin>;

/// Both directions of a connection, whatever it runs over.
pub(super) struct Voices {
    pub reader: LineReader<Reader>,
    pub writer: Writer,
}

impl Voices {
    /// Of a fresh connection.
    pub(super) fn of(stream: impl AsyncRead + AsyncWrite + Send + Sync + 'static) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: LineReader::new(Box::new(reader)), writer: Box::new(writer) }
    }
}

/// Which roles a connection may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    AnyRole,
    PluginsOnly,
}

/// A connection whose first line was a good `hello`, which has been answered.
pub(super) struct Guest {
    pub hello: PipeHello,
    pub reader: LineReader<Reader>,
    pub writer: Writer,
    pub patience: Patience,
}

async fn accept(listener: Listener, house: Arc<House>) {
    let mut clients = JoinSet::new();
    let mut number = 0_u64;
    loop {
        let stream = match listener.accept().await {
            Ok(stream) => stream,
            Err(error) => {
                // Out of file handles, or a client that was gone at once: the next try may do.
                debug!(%error, "a client of the pipe could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        while clients.try_join_next().is_some() {}
        if clients.len() >= MAX_CLIENTS {
            debug!("a client of the pipe was refused: {MAX_CLIENTS} are there");
            continue;
        }
        number += 1;
        let span = tracing::info_span!("pipe", client = number);
        clients.spawn(serve(stream, Arc::clone(&house)).instrument(span));
    }
}

async fn serve(stream: Stream, house: Arc<House>) {
    if let Err(error) = system::check_peer(&stream, &house.path) {
        info!("a program of another user was refused on the pipe");
        debug!(%error, "refused");
        return;
    }
    welcome(Voices::of(stream), &house, Allowed::AnyRole).await;
}

/// Serves somebody who is known to be this user's, to the end.
pub(super) async fn welcome(voices: Voices, house: &House, allowed: Allowed) {
    let Some(guest) = greet(voices, allowed, house.patience).await else { return };
    match guest.hello.role {
        Role::Plugin => plugin::serve(guest, &house.plugins, &house.inputs).await,
        Role::Control => control::serve(guest, &house.handle).await,
    }
}

/// Reads the first line and answers it. A client that says anything else is told so and closed.
async fn greet(voices: Voices, allowed: Allowed, patience: Patience) -> Option<Guest> {
    let Voices { mut reader, mut writer } = voices;
    let first = tokio::time::timeout(patience.hello, reader.next()).await;
    let hello = match first {
        Err(_) => Err(format!("no hello came within {} seconds", patience.hello.as_secs())),
        Ok(Ok(Some(Line::Whole(line)))) => {
            check_hello(&line, allowed).map_err(|why| format!("the first line must be a good hello: {why}"))
        }
        Ok(Ok(Some(Line::TooLong))) => Err("the first line must be a hello, and not longer than 8 MiB".to_owned()),
        Ok(Ok(None) | Err(_)) => return None,
    };
    match hello {
        Ok(hello) => {
            let answer = ToPlugin::Hello(companion_hello(hello.role));
            tokio::time::timeout(patience.taking, lines::write(&mut writer, &answer)).await.ok()?.ok()?;
            trace!(role = ?hello.role, "hello");
            Some(Guest { hello, reader, writer, patience })
        }
        Err(message) => {
            debug!(%message, "a client of the pipe was refused");
            let refusal = ToPlugin::Error { message, re: None };
            let _ = tokio::time::timeout(patience.taking, lines::write(&mut writer, &refusal)).await;
            None
        }
    }
}

fn check_hello(line: &[u8], allowed: Allowed) -> Result<PipeHello, String> {
    #[derive(serde::Deserialize)]
    struct Kind {
        r#type: String,
    }
    let kind: Kind = lines::parse(line)?;
    if kind.r#type != "hello" {
        return Err(format!("this is of the type {:?}", kind.r#type.chars().take(MAX_WORD).collect::<String>()));
    }
    let hello: PipeHello = lines::parse(line)?;
    if hello.protocol == 0 {
        return Err("there is no protocol 0".to_owned());
    }
    if hello.role == Role::Control && allowed == Allowed::PluginsOnly {
        return Err("over TCP FyteClub serves game plugins alone; programs that command it open the pipe".to_owned());
    }
    if hello.name.len() > MAX_WORD || hello.version.len() > MAX_WORD {
        return Err(format!("name and version have at most {MAX_WORD} bytes each"));
    }
    Ok(hello)
}

/// The companion's own first line.
fn companion_hello(role: Role) -> PipeHello {
    PipeHello {
        protocol: PIPE_PROTOCOL,
        role,
        name: "FyteClub".to_owned(),
        version: env!("FYTECLUB_VERSION").to_owned(),
        roots: Vec::new(),
        paths: PathStyle::Native,
        drives: std::collections::BTreeMap::new(),
    }
}
