//! The simulator against a real pipe, with the engine stood in for by its channels.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use super::*;
use crate::domain::{ObjectKind, PeerId, WinePlugins};
use crate::engine::input::{Input, PluginId};
use crate::engine::snapshot::Snapshot;
use crate::runtime::Inputs;
use crate::runtime::handle::Handle;
use crate::runtime::pipe::Pipe;
use crate::wire::plugin::{AppliedFile, AppliedObject};

const ARIA: &str = "Aria Fyte@Phoenix";
const BO: &str = "Bo Fyte@Odin";

#[tokio::test]
async fn it_says_who_is_there_publishes_the_folder_and_publishes_a_change() {
    let world = World::new();
    let _playing = world.play();
    let mut companion = world.companion().await;
    let plugin = companion.connected(&world).await;
    let FromPlugin::State { character, .. } = companion.said(plugin).await else { panic!() };
    assert_eq!(character.as_deref(), Some(ARIA));
    let FromPlugin::Nearby { characters } = companion.said(plugin).await else { panic!() };
    assert_eq!((characters[0].name.as_str(), characters[0].world.as_str()), ("Bo Fyte", "Odin"));
    assert_eq!(companion.published(plugin).await, ["chara/a.tex"]);
    world.write("look/chara/b.tex", "more");
    assert_eq!(companion.published(plugin).await, ["chara/a.tex", "chara/b.tex"]);
}

#[tokio::test]
async fn it_lays_out_what_it_is_told_to_apply_and_takes_it_off() {
    let world = World::new();
    let _playing = world.play();
    let mut companion = world.companion().await;
    let plugin = companion.ready(&world).await;
    let blob = world.write("cache/ab.tex", "texture");
    companion.pipe.to_plugin(plugin, apply(1, &blob));
    assert_eq!(companion.answer(plugin).await, FromPlugin::Applied { character: BO.into(), revision: 1 });
    let shown = world.shown();
    assert_eq!(std::fs::read_to_string(shown.join("chara/hat.tex")).unwrap(), "texture");
    assert_eq!(std::fs::read_to_string(shown.join("name.txt")).unwrap(), BO);

    companion.pipe.to_plugin(plugin, apply(2, Path::new("/none")));
    let FromPlugin::Failed { revision: 2, reason, .. } = companion.answer(plugin).await else { panic!() };
    assert!(reason.contains("/none"), "{reason}");
    assert!(shown.exists());

    let revert = ToPlugin::Revert { character: BO.into(), revision: 1, objects: vec![ObjectKind::Player] };
    companion.pipe.to_plugin(plugin, revert);
    world.until(|world| world.said().contains("reverted")).await;
    assert!(!shown.exists());
}

#[tokio::test]
async fn it_waits_for_the_companion_and_comes_back_with_nothing_shown_when_it_was_restarted() {
    let world = World::new();
    let playing = world.play();
    world.until(|world| world.said().contains("waiting for FyteClub")).await;
    let mut companion = world.companion().await;
    let plugin = companion.ready(&world).await;
    companion.pipe.to_plugin(plugin, apply(1, &world.write("cache/ab.tex", "texture")));
    companion.answer(plugin).await;
    drop(companion);
    world.until(|world| world.said().contains("disconnected")).await;
    let mut companion = world.companion().await;
    companion.ready(&world).await;
    assert!(!world.shown().exists());
    assert_eq!(world.said().matches("connected to FyteClub").count(), 2);
    assert!(!playing.is_finished());
}

#[tokio::test]
async fn it_comes_by_tcp_as_well() {
    let world = World { tcp: true, ..World::new() };
    let _playing = world.play();
    let mut companion = world.companion().await;
    let plugin = companion.ready(&world).await;
    companion.pipe.to_plugin(plugin, apply(1, &world.write("cache/ab.tex", "texture")));
    assert_eq!(companion.answer(plugin).await, FromPlugin::Applied { character: BO.into(), revision: 1 });
}

/// Folders of one game, and what the simulator said.
struct World {
    folder: TempDir,
    said: Paper,
    tcp: bool,
}

/// A companion whose engine is the test.
struct Companion {
    pipe: Pipe,
    inputs: mpsc::Receiver<Input>,
    _channels: (mpsc::Receiver<crate::runtime::handle::CommandRequest>, watch::Sender<Arc<Snapshot>>),
}

/// Ends the simulator with its test.
struct Playing(JoinHandle<anyhow::Result<()>>);

impl Playing {
    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap(), said: Paper::default(), tcp: false };
        world.write("look/chara/a.tex", "skin");
        std::fs::create_dir(world.folder.path().join("profile")).unwrap();
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    fn play(&self) -> Playing {
        let args = PluginSimArgs {
            profile: crate::run::args::ProfileArg { folder: Some(self.path("profile")) },
            character: ARIA.parse().unwrap(),
            publish: self.path("look"),
            apply_to: Some(self.path("shown")),
            tcp: self.tcp,
            drive: Vec::new(),
            nearby: vec![BO.parse().unwrap()],
        };
        let simulator = Simulator::new(args, Box::new(self.said.clone())).unwrap();
        Playing(tokio::spawn(simulator.run()))
    }

    async fn companion(&self) -> Companion {
        let (commands, asked) = mpsc::channel(1);
        let (snapshots, seen) = watch::channel(Arc::new(snapshot()));
        let handle = Handle::new(commands, seen, broadcast::channel(1).0);
        let (sender, inputs) = Inputs::channel(16);
        let pipe = Pipe::start(&Profile::at(self.path("profile")), WinePlugins::On, handle, sender).await.unwrap();
        Companion { pipe, inputs, _channels: (asked, snapshots) }
    }

    fn shown(&self) -> PathBuf {
        let name: String = blake3::hash(BO.as_bytes()).to_hex().chars().take(16).collect();
        self.path("shown").join(name)
    }

    fn said(&self) -> String {
        String::from_utf8(self.said.0.lock().unwrap().clone()).unwrap()
    }

    async fn until(&self, done: impl Fn(&Self) -> bool) {
        soon(async {
            while !done(self) {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

impl Companion {
    async fn input(&mut self) -> Input {
        soon(self.inputs.recv()).await.unwrap()
    }

    async fn connected(&mut self, world: &World) -> PluginId {
        let Input::PluginConnected { plugin, roots, .. } = self.input().await else { panic!() };
        assert_eq!(roots, [world.path("look").canonicalize().unwrap()]);
        plugin
    }

    async fn said(&mut self, plugin: PluginId) -> FromPlugin {
        let Input::PluginSaid(who, said) = self.input().await else { panic!() };
        assert_eq!(who, plugin);
        said
    }

    /// Waits until everything of the start is said.
    async fn ready(&mut self, world: &World) -> PluginId {
        let plugin = self.connected(world).await;
        self.said(plugin).await;
        self.said(plugin).await;
        self.published(plugin).await;
        plugin
    }

    async fn published(&mut self, plugin: PluginId) -> Vec<String> {
        let FromPlugin::Publish { character, objects } = self.said(plugin).await else { panic!() };
        assert_eq!(character, ARIA);
        objects[0].files.iter().flat_map(|file| file.game_paths.clone()).collect()
    }

    async fn answer(&mut self, plugin: PluginId) -> FromPlugin {
        self.said(plugin).await
    }
}

fn apply(revision: u64, path: &Path) -> ToPlugin {
    let file = AppliedFile { game_path: "chara/hat.tex".into(), path: path.to_str().unwrap().into() };
    let object = AppliedObject { kind: ObjectKind::Player, files: vec![file], texts: BTreeMap::new() };
    ToPlugin::Apply { character: BO.into(), revision, objects: vec![object] }
}

fn snapshot() -> Snapshot {
    Snapshot::of_newcomer(PeerId::from_bytes([7; 32]))
}

async fn soon<T>(thing: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), thing).await.expect("it takes too long")
}

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
