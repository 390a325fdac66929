//! Plays the game plugin over the real pipe: for the demo, for tests, and for whoever writes a plugin.
//!
//! It publishes a folder and publishes it again when it changes, and lays what it is told to show into another folder. It waits
//! for the companion, and comes back when the companion was restarted. One line of output for each event.

mod looks;
#[cfg(test)]
mod tests;
mod wardrobe;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use tokio::time::{MissedTickBehavior, interval, sleep};

use self::looks::{Look, read_look};
use self::wardrobe::Wardrobe;
use super::args::PluginSimArgs;
use crate::domain::Character;
use crate::runtime::files::Profile;
use crate::runtime::pipe::PipeError;
use crate::runtime::pipe::client::{PipeClient, PipeReader, PipeWriter, Way};
use crate::wire::plugin::{FromPlugin, NearbyCharacter, PIPE_PROTOCOL, PathStyle, PipeHello, Role, ToPlugin};

/// How often the folder is looked through, how long it must rest before it is published, and how often an absent companion is
/// called: quick enough to feel immediate, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Plays the plugin until it is interrupted.
///
/// # Errors
/// If a folder cannot be used, or the pipe belongs to somebody else.
pub fn run(args: PluginSimArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("Failed to start")?;
    runtime.block_on(async {
        let simulator = Simulator::new(args, Box::new(std::io::stdout()))?;
        tokio::select! {
            ended = simulator.run() => ended,
            interrupted = tokio::signal::ctrl_c() => interrupted.context("Failed to wait for Ctrl-C"),
        }
    })
}

/// The simulated game and its plugin.
struct Simulator {
    profile: Profile,
    character: Character,
    publish: PathBuf,
    nearby: Vec<Character>,
    way: Way,
    drives: BTreeMap<String, String>,
    wardrobe: Wardrobe,
    out: Box<dyn Write + Send>,
}

/// Why a session ended, if it was not for good.
enum Ended {
    CompanionGone,
}

impl Simulator {
    fn new(args: PluginSimArgs, out: Box<dyn Write + Send>) -> anyhow::Result<Self> {
        let folder = &args.publish;
        let publish = folder.canonicalize().with_context(|| format!("Failed to open the folder {}", folder.display()))?;
        let wardrobe = Wardrobe::open(args.apply_to)?;
        let drives: BTreeMap<_, _> = args.drive.into_iter().collect();
        Ok(Self {
            profile: args.profile.profile()?,
            character: args.character,
            publish: if drives.is_empty() { publish } else { without_prefix(publish) },
            nearby: args.nearby,
            way: if args.tcp { Way::Tcp } else { Way::Pipe },
            drives,
            wardrobe,
            out,
        })
    }

    async fn run(mut self) -> anyhow::Result<()> {
        let mut waiting = false;
        loop {
            match PipeClient::connect_by(self.way, &self.profile, self.hello()?).await {
                Ok(client) => {
                    waiting = false;
                    self.say(&format!("connected to {} {}", client.companion.name, client.companion.version));
                    let Ended::CompanionGone = self.session(client).await?;
                    self.say("disconnected");
                }
                Err(error @ (PipeError::ForeignOwner(_) | PipeError::Refused(_) | PipeError::AlreadyServed)) => {
                    return Err(error.into());
                }
                Err(
                    error @ (PipeError::NotRunning
                    | PipeError::NoTcp
                    | PipeError::Stranger(_)
                    | PipeError::BadLine(_)
                    | PipeError::Io(_)),
                ) => {
                    if !waiting {
                        self.say(&format!("waiting for FyteClub: {error}"));
                    }
                    waiting = true;
                    sleep(LOOK_EVERY).await;
                }
            }
        }
    }

    /// A session, from the hello to the companion's end. Nothing is shown when it begins: whom to show is the companion's to say.
    async fn session(&mut self, client: PipeClient) -> anyhow::Result<Ended> {
        let PipeClient { mut reader, mut writer, .. } = client;
        self.wardrobe.clear()?;
        let mut folder = Folder::default();
        let mut clock = interval(LOOK_EVERY);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut talk = self.greet(&mut writer).await;
        while talk.is_ok() {
            talk = tokio::select! {
                heard = next(&mut reader) => match heard {
                    Ok(Some(told)) => self.obey(told, &mut writer).await,
                    Ok(None) => return Ok(Ended::CompanionGone),
                    Err(error) => Err(error),
                },
                _ = clock.tick() => self.look_again(&mut folder, &mut writer).await,
            };
        }
        match talk {
            Ok(()) | Err(PipeError::NotRunning) => {}
            Err(error) => self.say(&format!("the pipe failed: {error}")),
        }
        Ok(Ended::CompanionGone)
    }

    fn hello(&self) -> anyhow::Result<PipeHello> {
        let root = self.publish.to_str().with_context(|| format!("{} is not UTF-8", self.publish.display()))?;
        Ok(PipeHello {
            protocol: PIPE_PROTOCOL,
            role: Role::Plugin,
            name: "plugin-sim".to_owned(),
            version: env!("FYTECLUB_VERSION").to_owned(),
            roots: vec![root.to_owned()],
            paths: if self.drives.is_empty() { PathStyle::Native } else { PathStyle::Wine },
            drives: self.drives.clone(),
        })
    }

    async fn greet(&mut self, writer: &mut PipeWriter) -> Result<(), PipeError> {
        let at_rest = FromPlugin::State {
            character: Some(self.character.to_string()),
            in_combat: false,
            in_cutscene: false,
            in_duty: false,
            group_pose: false,
        };
        writer.send(&at_rest).await?;
        writer.send(&FromPlugin::Nearby { characters: self.nearby.iter().map(near).collect() }).await
    }

    /// Publishes the folder if it has changed and come to rest.
    async fn look_again(&mut self, folder: &mut Folder, writer: &mut PipeWriter) -> Result<(), PipeError> {
        let look = match read_look(&self.publish) {
            Ok(look) => look,
            Err(error) => {
                folder.complain(&mut self.out, &format!("{error:#}"));
                return Ok(());
            }
        };
        let Some(look) = folder.at_rest(look) else { return Ok(()) };
        self.say(&format!("publishing {}", look.summary()));
        for skipped in &look.skipped {
            self.say(&format!("skipped {skipped}"));
        }
        writer.send(&FromPlugin::Publish { character: self.character.to_string(), objects: look.objects() }).await
    }

    async fn obey(&mut self, told: ToPlugin, writer: &mut PipeWriter) -> Result<(), PipeError> {
        match told {
            ToPlugin::Hello(_) => {}
            ToPlugin::Status { paused, friends_online, sharing } => {
                let paused = if paused { ", paused" } else { "" };
                self.say(&format!("status: {friends_online} friends online{paused}; {sharing}"));
            }
            ToPlugin::Apply { character, revision, objects } => {
                let answer = match self.wardrobe.put_on(&character, &objects) {
                    Ok(files) => {
                        self.say(&format!("applied {character} revision {revision}: {files} files"));
                        FromPlugin::Applied { character, revision }
                    }
                    Err(error) => {
                        let reason = format!("{error:#}");
                        self.say(&format!("failed {character} revision {revision}: {reason}"));
                        FromPlugin::Failed { character, revision, reason: reason.chars().take(250).collect() }
                    }
                };
                writer.send(&answer).await?;
            }
            ToPlugin::Revert { character, revision, objects } => match self.wardrobe.take_off(&character, &objects) {
                Ok(()) => self.say(&format!("reverted {character} revision {revision}")),
                Err(error) => self.say(&format!("failed to revert {character}: {error:#}")),
            },
            ToPlugin::Progress { character, done, total } => self.say(&format!("progress {character}: {done} of {total} bytes")),
            ToPlugin::Notice { text } => self.say(&format!("notice: {text}")),
            ToPlugin::Error { message, .. } => self.say(&format!("error: {message}")),
        }
        Ok(())
    }

    fn say(&mut self, event: &str) {
        say(&mut self.out, event);
    }
}

/// What is known of the published folder.
#[derive(Default)]
struct Folder {
    seen: Option<Look>,
    published: Option<Look>,
    complained: Option<String>,
}

impl Folder {
    /// The look, if it is the same as at the last sight and not as published.
    fn at_rest(&mut self, look: Look) -> Option<Look> {
        self.complained = None;
        let rests = self.seen.as_ref() == Some(&look);
        self.seen = Some(look.clone());
        if !rests || self.published.as_ref() == Some(&look) {
            return None;
        }
        self.published = Some(look.clone());
        Some(look)
    }

    /// Says what is wrong with the folder, once.
    fn complain(&mut self, out: &mut impl Write, error: &str) {
        if self.complained.as_deref() != Some(error) {
            say(out, error);
            self.complained = Some(error.to_owned());
        }
    }
}

/// A canonical path of Windows begins with `\\?\`, which leads to no drive of a map.
fn without_prefix(path: PathBuf) -> PathBuf {
    path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).map(PathBuf::from).unwrap_or(path)
}

fn near(character: &Character) -> NearbyCharacter {
    let (name, world) = (character.name().to_owned(), character.world().to_owned());
    NearbyCharacter { name, world, distance: 3.0, in_party: false, visible: true }
}

/// The next line that is understood; newer companions may say things that an older plugin does not know.
async fn next(reader: &mut PipeReader) -> Result<Option<ToPlugin>, PipeError> {
    loop {
        match reader.next().await {
            Err(PipeError::BadLine(_)) => {}
            heard => return heard,
        }
    }
}

/// One line. Whoever reads our output may be gone; that is no reason to stop playing.
fn say(out: &mut impl Write, event: &str) {
    let _ = writeln!(out, "{event}").and_then(|()| out.flush());
}
