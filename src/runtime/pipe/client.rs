//! The other end of the pipe, for `fyteclub ctl` and the plugin simulator.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::lines::{self, Line, LineReader};
use super::server::{Reader, Voices, Writer};
use super::{PipeError, system, tcp};
use crate::runtime::files::Profile;
use crate::wire::plugin::{FromPlugin, PipeHello, ToPlugin};

/// How long the companion may take to let us in and to answer our `hello`.
const HELLO_PATIENCE: Duration = Duration::from_secs(10);

/// A session that the companion has let us into.
#[derive(Debug)]
pub struct PipeClient {
    /// What the companion said of itself.
    pub companion: PipeHello,
    /// What it says.
    pub reader: PipeReader,
    /// What we say.
    pub writer: PipeWriter,
}

/// Reads the companion's lines.
pub struct PipeReader(LineReader<Reader>);

/// Writes lines to the companion.
pub struct PipeWriter(Writer);

/// The way to the companion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// The pipe.
    #[default]
    Pipe,
    /// The port for plugins in a Wine or Proton prefix.
    Tcp,
}

impl PipeClient {
    /// Connects to the companion that runs with this profile, checks that it is this user's, and says hello.
    ///
    /// # Errors
    /// [`PipeError::NotRunning`], [`PipeError::ForeignOwner`], [`PipeError::Refused`] with the companion's reason, or
    /// [`PipeError::Io`].
    pub async fn connect(profile: &Profile, hello: PipeHello) -> Result<Self, PipeError> {
        Self::connect_by(Way::Pipe, profile, hello).await
    }

    /// The same by one way or another.
    ///
    /// # Errors
    /// Besides, [`PipeError::NoTcp`] and [`PipeError::Stranger`].
    pub async fn connect_by(way: Way, profile: &Profile, hello: PipeHello) -> Result<Self, PipeError> {
        let endpoint = Endpoint::read(&profile.endpoint())?;
        let silent = |_| PipeError::io(&endpoint.path, "FyteClub does not answer; end it and start it again");
        timeout(HELLO_PATIENCE, Self::greet(way, &endpoint, hello)).await.map_err(silent)?
    }

    async fn greet(way: Way, endpoint: &Endpoint, hello: PipeHello) -> Result<Self, PipeError> {
        let voices = match way {
            Way::Pipe => Voices::of(system::connect(&endpoint.path).await?),
            Way::Tcp => tcp::connect(endpoint.tcp.as_ref().ok_or(PipeError::NoTcp)?).await?,
        };
        let (mut reader, mut writer) = (PipeReader(voices.reader), PipeWriter(voices.writer));
        writer.send(&FromPlugin::Hello(hello)).await?;
        match reader.next().await? {
            Some(ToPlugin::Hello(companion)) => Ok(Self { companion, reader, writer }),
            Some(ToPlugin::Error { message, .. }) => Err(PipeError::Refused(message)),
            Some(_) => Err(PipeError::Refused("it does not answer with a hello".to_owned())),
            None => Err(PipeError::NotRunning),
        }
    }
}

impl PipeReader {
    /// The next message; `None` when the companion has ended. Nothing is lost if this is cancelled.
    ///
    /// # Errors
    /// [`PipeError::BadLine`] for a line of a kind that we do not know, after which one can go on; else the pipe failed.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, PipeError> {
        match self.0.next().await {
            Ok(Some(Line::Whole(line))) => lines::parse(&line).map(Some).map_err(PipeError::BadLine),
            Ok(Some(Line::TooLong)) => Err(PipeError::BadLine("a line of more than 8 MiB".to_owned())),
            Ok(None) => Ok(None),
            Err(error) if is_end(&error) => Ok(None),
            Err(error) => Err(PipeError::io("Failed to read from the pipe", error)),
        }
    }
}

impl PipeWriter {
    /// Says something.
    ///
    /// # Errors
    /// [`PipeError::NotRunning`] if the companion has ended, [`PipeError::Io`] if the pipe failed.
    pub async fn send<T: Serialize>(&mut self, message: &T) -> Result<(), PipeError> {
        lines::write(&mut self.0, message).await.map_err(|error| {
            if is_end(&error) { PipeError::NotRunning } else { PipeError::io("Failed to write to the pipe", error) }
        })
    }
}

impl fmt::Debug for PipeReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeReader").finish_non_exhaustive()
    }
}

impl fmt::Debug for PipeWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeWriter").finish_non_exhaustive()
    }
}

fn is_end(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    /// Windows: the server has disconnected. It has no kind of its own.
    const ERROR_PIPE_NOT_CONNECTED: i32 = 233;
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
        || (cfg!(windows) && error.raw_os_error() == Some(ERROR_PIPE_NOT_CONNECTED))
}
