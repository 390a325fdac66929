//! Players on one machine, for the demo, tests and benchmarks: companions and plugin simulators as processes, with profiles in a
//! temporary folder, speaking on loopback only and by ports and pipe names of their own.
//!
//! Every process that is started here reads its standard input and ends when that does: however the parent ends, even by
//! `kill -9`, nothing goes on without it.

pub mod compare;
pub mod wardrobe;

use std::ffi::OsStr;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command as Process};
use tokio::time::Instant;

use crate::domain::{Audience, Character, DisplayName, InterfaceChoice, Settings};
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::engine::state::{SavedCircle, SavedPeer};
use crate::run::UNTIL_STDIN_CLOSES;
use crate::runtime::files::Profile;
use crate::runtime::pipe::control_client::ControlClient;

/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Where players meet: a folder and a beacon port of their own.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    program: PathBuf,
    /// Where the players' sockets lie, so that those of killed ones go with the stage.
    sockets: PathBuf,
    beacon_port: u16,
    environment: Vec<(&'static str, String)>,
}

/// One player: a companion, a plugin simulator, an outfit to publish and a folder for what is shown.
#[derive(Debug)]
pub struct Actor {
    /// The name that friends see.
    pub name: &'static str,
    /// Who is played.
    pub character: Character,
    /// Where the companion keeps its things.
    pub profile: Profile,
    /// What is published.
    pub outfit: PathBuf,
    /// Where others' looks are laid.
    pub shown: PathBuf,
    program: PathBuf,
    sockets: PathBuf,
    environment: Vec<(&'static str, String)>,
    companion: Option<Child>,
    plugin: Option<Child>,
    client: Option<ControlClient>,
}

impl Stage {
    /// A stage below `folder` on which `program` (`fyteclub`) plays.
    ///
    /// # Errors
    /// If the system gives no port, or nothing can be written there.
    pub fn new(folder: &Path, program: PathBuf) -> Result<Self> {
        let beacon_port =
            UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).context("Failed to find a free port")?.port();
        let sockets = folder.join("run");
        private_folder(&sockets).with_context(|| format!("Failed to make {}", sockets.display()))?;
        Ok(Self { folder: folder.to_owned(), program, sockets, beacon_port, environment: Vec::new() })
    }

    /// Sets an environment variable for the processes of everybody who comes on from here on.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// Makes a player's folders and settings: loopback only, any free port.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn actor(&self, name: &'static str, character: &str) -> Result<Actor> {
        let home = self.folder.join(name.to_lowercase());
        let profile = Profile::at(home.join("profile"));
        let settings = Settings {
            name: Some(DisplayName::new(name)?),
            interfaces: InterfaceChoice::Loopback,
            port: 0,
            beacon_port: self.beacon_port,
            ..Settings::default()
        };
        fs::create_dir_all(profile.root())?;
        profile.save_settings(&settings)?;
        let (outfit, shown) = (home.join("outfit"), home.join("shown"));
        fs::create_dir_all(&outfit)?;
        fs::create_dir_all(&shown)?;
        let (program, sockets, environment) = (self.program.clone(), self.sockets.clone(), self.environment.clone());
        let character = character.parse()?;
        Ok(Actor {
            name,
            character,
            profile,
            outfit,
            shown,
            program,
            sockets,
            environment,
            companion: None,
            plugin: None,
            client: None,
        })
    }
}

/// Makes everybody friends of everybody, and shares each one's character with all of them: before their companions start.
///
/// # Errors
/// If a profile cannot be read or written.
pub fn befriend(actors: &[&Actor]) -> Result<()> {
    let known = |actor: &Actor| Ok((actor.profile.load_identity()?, DisplayName::new(actor.name)?));
    let everybody: Vec<_> = actors.iter().map(|actor| known(actor)).collect::<Result<_>>()?;
    for (actor, (me, _)) in actors.iter().zip(&everybody) {
        let others = everybody.iter().filter(|(other, _)| other.peer() != me.peer());
        let circle = SavedCircle {
            peers: others.map(|(other, name)| (other.peer(), SavedPeer::friend(*other.card(), name.clone()))).collect(),
            my_characters: [(actor.character.clone(), Audience::AllFriends)].into(),
            ..SavedCircle::default()
        };
        actor.profile.save_circle(&circle)?;
    }
    Ok(())
}

impl Actor {
    /// Starts the companion as a process of its own.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_companion(&mut self) -> Result<()> {
        let child = self.spawn([OsStr::new("--headless"), OsStr::new("--profile"), self.profile.root().as_os_str()])?;
        self.companion = Some(child);
        Ok(())
    }

    /// Starts the plugin simulator; `near` are the characters that stand near in the game.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_plugin(&mut self, near: &[Character]) -> Result<()> {
        let character = self.character.to_string();
        let near: Vec<String> = near.iter().filter(|other| **other != self.character).map(ToString::to_string).collect();
        let mut arguments: Vec<&OsStr> = vec!["plugin-sim".as_ref(), "--profile".as_ref(), self.profile.root().as_os_str()];
        arguments.extend::<[&OsStr; 6]>([
            "--character".as_ref(),
            character.as_ref(),
            "--publish".as_ref(),
            self.outfit.as_os_str(),
            "--apply-to".as_ref(),
            self.shown.as_os_str(),
        ]);
        for other in &near {
            arguments.extend::<[&OsStr; 2]>(["--nearby".as_ref(), other.as_ref()]);
        }
        let child = self.spawn(arguments)?;
        self.plugin = Some(child);
        Ok(())
    }

    /// Ends the companion as a crash would: at once, with nothing written or said.
    ///
    /// # Errors
    /// If there is none.
    pub async fn kill_companion(&mut self) -> Result<()> {
        self.client = None;
        self.companion.take().context("Failed to kill a companion that does not run")?.kill().await?;
        Ok(())
    }

    /// The companion's process number, while it runs.
    #[must_use]
    pub fn companion_pid(&self) -> Option<u32> {
        self.companion.as_ref().and_then(Child::id)
    }

    /// Sends a command.
    ///
    /// # Errors
    /// If the companion does not carry it out; says why.
    pub async fn command(&mut self, command: Command) -> Result<()> {
        let name = self.name;
        self.client().await?.command(command).await.with_context(|| format!("{name}'s companion did not do as asked"))
    }

    /// What the companion shows.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub async fn snapshot(&mut self) -> Result<Snapshot> {
        let result = self.client().await?.snapshot().await;
        if result.is_err() {
            self.client = None;
        }
        Ok(result?)
    }

    /// Waits until the snapshot shows something.
    ///
    /// # Errors
    /// If it does not within `patience`, with `what` in the sentence.
    pub async fn wait_for<T>(
        &mut self,
        what: &str,
        patience: Duration,
        mut shows: impl FnMut(&Snapshot) -> Option<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + patience;
        loop {
            let seen = self.snapshot().await;
            if let Some(found) = seen.as_ref().ok().and_then(&mut shows) {
                return Ok(found);
            }
            if Instant::now() > deadline {
                let why = seen.err().map(|error| format!(" ({error:#})")).unwrap_or_default();
                bail!("{}: {what} did not happen within {} seconds{why}", self.name, patience.as_secs());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Ends the processes and waits until they are gone.
    pub async fn end(&mut self) {
        self.client = None;
        for mut child in self.plugin.take().into_iter().chain(self.companion.take()) {
            let _ = child.kill().await;
        }
    }

    async fn client(&mut self) -> Result<&mut ControlClient> {
        if self.client.is_none() {
            self.client = Some(ControlClient::connect(&self.profile).await?);
        }
        self.client.as_mut().context("Failed to keep a connection")
    }

    fn spawn(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Child> {
        let log =
            fs::File::create(self.profile.root().join(if self.companion.is_some() { "plugin.txt" } else { "companion.txt" }))?;
        Process::new(&self.program)
            .args(arguments)
            .env(UNTIL_STDIN_CLOSES, "1")
            .env("XDG_RUNTIME_DIR", &self.sockets)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("Failed to start {}", self.program.display()))
    }
}

/// Makes a folder that a companion accepts for its socket.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
