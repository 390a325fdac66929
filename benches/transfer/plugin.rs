//! The game's side, played over the real pipe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fyteclub::domain::{Character, ObjectKind};
use fyteclub::run::stage::Actor;
use fyteclub::runtime::pipe::client::PipeClient;
use fyteclub::wire::plugin::{
    AppliedObject, FromPlugin, NearbyCharacter, PIPE_PROTOCOL, PathStyle, PipeHello, PublishedFile, PublishedObject, Role,
    ToPlugin,
};

use crate::moments::now;
use crate::work;

/// A companion that has just been started opens its pipe within this time.
const START: Duration = Duration::from_secs(20);

/// A plugin's session.
#[derive(Debug)]
pub(crate) struct Plugin {
    client: PipeClient,
    character: Character,
}

/// An `apply`.
#[derive(Debug)]
pub(crate) struct Shown {
    /// When its line was here, in seconds since 1970.
    pub(crate) at: f64,
    /// Game path and file.
    pub(crate) files: Vec<(String, PathBuf)>,
}

impl Plugin {
    /// Connects as the plugin of an actor whose companion has been started; `roots` are what may be published.
    pub(crate) async fn connect(actor: &Actor, roots: &[&Path], near: &[&Character]) -> Result<Self> {
        let hello = PipeHello {
            protocol: PIPE_PROTOCOL,
            role: Role::Plugin,
            name: "bench".to_owned(),
            version: "1".to_owned(),
            roots: roots.iter().map(|root| root.to_string_lossy().into_owned()).collect(),
            paths: PathStyle::Native,
            drives: BTreeMap::new(),
        };
        let deadline = now() + START.as_secs_f64();
        let client = loop {
            match PipeClient::connect(&actor.profile, hello.clone()).await {
                Ok(client) => break client,
                Err(error) if now() > deadline => return Err(error).context("Failed to reach a companion that was started"),
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        };
        let mut plugin = Self { client, character: actor.character.clone() };
        plugin.greet(near).await?;
        Ok(plugin)
    }

    async fn greet(&mut self, near: &[&Character]) -> Result<()> {
        let character = Some(self.character.to_string());
        let (in_combat, in_cutscene, in_duty, group_pose) = (false, false, false, false);
        self.client.writer.send(&FromPlugin::State { character, in_combat, in_cutscene, in_duty, group_pose }).await?;
        let at_hand = |character: &&Character| NearbyCharacter {
            name: character.name().to_owned(),
            world: character.world().to_owned(),
            distance: 1.0,
            in_party: true,
            visible: true,
        };
        let characters = near.iter().map(at_hand).collect();
        Ok(self.client.writer.send(&FromPlugin::Nearby { characters }).await?)
    }

    /// Publishes a folder; gives the moment at which the line was written.
    pub(crate) async fn publish(&mut self, folder: &Path) -> Result<f64> {
        let file = |path: PathBuf| PublishedFile {
            game_paths: vec![path.to_string_lossy().into_owned()],
            path: folder.join(&path).to_string_lossy().into_owned(),
        };
        let files = work::files(folder)?.into_iter().map(file).collect();
        let objects = vec![PublishedObject { kind: ObjectKind::Player, files, texts: BTreeMap::new() }];
        self.client.writer.send(&FromPlugin::Publish { character: self.character.to_string(), objects }).await?;
        Ok(now())
    }

    /// Waits to be told to show somebody, and says that it is done.
    pub(crate) async fn shown(&mut self, patience: Duration) -> Result<Shown> {
        tokio::time::timeout(patience, self.next_apply()).await.context("Failed to see a look in time")?
    }

    async fn next_apply(&mut self) -> Result<Shown> {
        loop {
            let told =
                self.client.reader.next::<ToPlugin>().await?.context("Failed to hear of a look: the companion has ended")?;
            if let ToPlugin::Apply { character, revision, objects } = told {
                let at = now();
                self.client.writer.send(&FromPlugin::Applied { character, revision }).await?;
                return Ok(Shown { at, files: files_of(objects) });
            }
            if let ToPlugin::Error { message, .. } = told {
                bail!("the companion refused a line: {message}");
            }
        }
    }
}

impl Shown {
    /// Fails unless exactly the files of a folder are shown, byte by byte.
    pub(crate) fn check(&self, folder: &Path) -> Result<()> {
        let worn = work::files(folder)?;
        anyhow::ensure!(worn.len() == self.files.len(), "{} files are worn and {} shown", worn.len(), self.files.len());
        self.files.iter().try_for_each(|(game_path, path)| work::same(&folder.join(game_path), path))
    }
}

fn files_of(objects: Vec<AppliedObject>) -> Vec<(String, PathBuf)> {
    objects.into_iter().flat_map(|object| object.files).map(|file| (file.game_path, file.path.into())).collect()
}
