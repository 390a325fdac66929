//! Keeps `docs/plugin-protocol.md`, its schema and its transcripts true.
//!
//! The transcripts are replayed against a real pipe, and over TCP behind the proof. Behind it stands a scripted engine, which has one friend, Bo, and shows him
//! when he is near and nothing holds it back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fyteclub::domain::{ObjectKind, PeerId, WinePlugins};
use fyteclub::engine::input::{Input, PluginId};
use fyteclub::engine::snapshot::Snapshot;
use fyteclub::runtime::Inputs;
use fyteclub::runtime::files::Profile;
use fyteclub::runtime::handle::{CommandRequest, Handle};
use fyteclub::runtime::pipe::Pipe;
use fyteclub::runtime::pipe::lines::{Line, LineReader};
use fyteclub::wire::knock::{Hex32, Knock, Nonces, Prover, Token};
use fyteclub::wire::plugin::{AppliedFile, AppliedObject, FromPlugin, ToPlugin};
use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::traits::tokio::Stream as _;
use interprocess::local_socket::{GenericFilePath, ToFsName};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

const BO: &str = "Bo Fyte@Odin";
/// Longer than anything here takes on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(30);

#[test]
fn the_schema_is_that_of_the_types() {
    let path = docs().join("plugin-protocol.schema.json");
    let schema = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("FYTECLUB_WRITE").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        written == schema,
        "docs/plugin-protocol.schema.json is stale; rewrite it with: FYTECLUB_WRITE=1 cargo test --test plugin_protocol schema"
    );
}

#[test]
fn every_message_and_every_field_is_described() {
    let text = std::fs::read_to_string(docs().join("plugin-protocol.md")).unwrap();
    let mut names = BTreeSet::new();
    collect_names(&schema(), &mut names);
    assert!(names.contains("publish") && names.contains("game_paths"), "{names:?}");
    // Every second piece between back quotes is code.
    let code = text.split('`').skip(1).step_by(2);
    let words: BTreeSet<&str> = code.flat_map(|code| code.split(|c: char| c != '_' && !c.is_alphanumeric())).collect();
    let missing: Vec<_> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "docs/plugin-protocol.md says nothing of {missing:?}");
}

#[tokio::test]
async fn the_transcripts_are_what_happens() {
    let entries = std::fs::read_dir(docs().join("transcripts")).unwrap();
    let mut transcripts: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    transcripts.sort();
    assert!(transcripts.len() >= 5, "{transcripts:?}");
    for transcript in transcripts {
        // Paths of a prefix mean nothing on Windows.
        if cfg!(unix) || !transcript.ends_with("wine.jsonl") {
            replay(&transcript, Way::Pipe).await;
            replay(&transcript, Way::Tcp).await;
        }
    }
}

#[test]
fn the_proofs_that_are_given_to_check_ones_own_are_right() {
    let text = std::fs::read_to_string(docs().join("plugin-protocol.md")).unwrap();
    assert!(text.contains(&"07".repeat(32)));
    let nonces = Nonces { plugin: Hex32::new([0x11; 32]), companion: Hex32::new([0x22; 32]) };
    for prover in [Prover::Plugin, Prover::Companion] {
        assert!(text.contains(&Token::new([7; 32]).proof(prover, &nonces).to_string()), "{prover:?}");
    }
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

fn schema() -> Value {
    let mut generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    let (from_plugin, to_plugin) = (generator.subschema_for::<FromPlugin>(), generator.subschema_for::<ToPlugin>());
    let knock = generator.subschema_for::<Knock>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "FyteClub's plugin pipe, protocol 1",
        "description": "One line of the pipe. FromPlugin: what a plugin says. ToPlugin: what the companion says. Knock: what both say over TCP before hello.",
        "anyOf": [from_plugin, to_plugin, knock],
        "$defs": generator.take_definitions(true),
    })
}

/// Names of messages (the constants of `type`), fields and choices.
fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            names.extend(map.get("const").and_then(Value::as_str).map(str::to_owned));
            let choices = map.get("enum").and_then(Value::as_array).into_iter().flatten();
            names.extend(choices.filter_map(Value::as_str).map(str::to_owned));
            let properties = map.get("properties").and_then(Value::as_object).into_iter().flatten();
            names.extend(properties.map(|(name, _)| name.clone()));
            map.values().for_each(|value| collect_names(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

async fn replay(transcript: &Path, way: Way) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    for path in ["mods/hat.tex", "drive_c/Mods/Hat.tex"] {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "texture").unwrap();
    }
    let _companion = Companion::start(&root).await;
    let mut client = Client::connect(&root, way).await;
    for (index, line) in std::fs::read_to_string(transcript).unwrap().lines().enumerate() {
        let place = format!("{}:{}", transcript.display(), index + 1);
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{place}: {error}"));
        let entry = filled_in(&entry, &root);
        match (entry.get(">"), entry.get("<")) {
            // A text is sent as it stands: what is no JSON.
            (Some(Value::String(raw)), None) => client.say(raw).await,
            (Some(said), None) => client.say(&said.to_string()).await,
            (None, Some(expected)) => assert_eq!(client.hear().await, *expected, "{place}"),
            _ => panic!("{place}: neither > nor <"),
        }
    }
}

/// `$ROOT` and `$VERSION` are what they are in this run.
fn filled_in(value: &Value, root: &Path) -> Value {
    match value {
        Value::String(text) => {
            json!(text.replace("$ROOT", root.to_str().unwrap()).replace("$VERSION", env!("FYTECLUB_VERSION")))
        }
        Value::Array(items) => items.iter().map(|item| filled_in(item, root)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), filled_in(value, root))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[derive(Clone, Copy)]
enum Way {
    Pipe,
    Tcp,
}

struct Client {
    reader: LineReader<Box<dyn AsyncRead + Unpin>>,
    writer: Box<dyn AsyncWrite + Unpin>,
}

impl Client {
    async fn connect(profile: &Path, way: Way) -> Self {
        let endpoint = std::fs::read(Profile::at(profile).endpoint()).unwrap();
        let endpoint: Value = serde_json::from_slice(&endpoint).unwrap();
        match way {
            Way::Pipe => {
                let name = endpoint["path"].as_str().unwrap().to_fs_name::<GenericFilePath>().unwrap();
                Self::over(Stream::connect(name).await.unwrap())
            }
            Way::Tcp => {
                let port = u16::try_from(endpoint["tcp"]["port"].as_u64().unwrap()).unwrap();
                let mut client = Self::over(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
                client.prove(&serde_json::from_value(endpoint["tcp"]["token"].clone()).unwrap()).await;
                client
            }
        }
    }

    fn over(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self { reader: LineReader::new(Box::new(reader)), writer: Box::new(writer) }
    }

    async fn prove(&mut self, token: &Token) {
        let mine = "1f".repeat(32);
        self.say(&json!({"type": "knock", "nonce": mine}).to_string()).await;
        let Knock::Knock { nonce } = serde_json::from_value(self.hear().await).unwrap() else { panic!("no nonce") };
        let nonces = Nonces { plugin: Hex32::new([0x1f; 32]), companion: nonce };
        let proof = |prover| json!({"type": "proof", "proof": token.proof(prover, &nonces).to_string()});
        self.say(&proof(Prover::Plugin).to_string()).await;
        assert_eq!(self.hear().await, proof(Prover::Companion));
    }

    async fn say(&mut self, line: &str) {
        self.writer.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// The next line, or null when the companion has closed the pipe.
    async fn hear(&mut self) -> Value {
        match tokio::time::timeout(DEADLINE, self.reader.next()).await.expect("nothing comes") {
            Ok(Some(Line::Whole(line))) => serde_json::from_slice(&line).unwrap(),
            Ok(Some(Line::TooLong)) => panic!("too long"),
            Ok(None) | Err(_) => Value::Null,
        }
    }
}

/// A pipe with a scripted engine behind it.
struct Companion {
    _channels: (mpsc::Receiver<CommandRequest>, watch::Sender<Arc<Snapshot>>),
    engine: JoinHandle<()>,
}

impl Companion {
    async fn start(root: &Path) -> Self {
        let (commands, asked) = mpsc::channel(1);
        let (snapshots, seen) = watch::channel(Arc::new(snapshot()));
        let handle = Handle::new(commands, seen, broadcast::channel(1).0);
        let (sender, inputs) = Inputs::channel(16);
        let pipe = Pipe::start(&Profile::at(root), WinePlugins::On, handle, sender).await.unwrap();
        let blob = root.join("drive_c/cache/ab.tex").to_str().unwrap().to_owned();
        let script = Script { pipe, blob, state: State::default() };
        Self { _channels: (asked, snapshots), engine: tokio::spawn(script.run(inputs)) }
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.engine.abort();
    }
}

/// Stands in for the engine.
struct Script {
    pipe: Pipe,
    /// The file that Bo wears.
    blob: String,
    state: State,
}

#[derive(Default)]
struct State {
    near: bool,
    busy: bool,
    paused: bool,
    shown: bool,
    revision: u64,
}

impl Script {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        while let Some(input) = inputs.recv().await {
            if let Input::PluginConnected { plugin, .. } = input {
                self.status(plugin, "Nothing is published yet.");
            } else if let Input::PluginSaid(plugin, said) = input {
                self.hear(plugin, said);
                self.show_or_take_off(plugin);
            }
        }
    }

    fn hear(&mut self, plugin: PluginId, said: FromPlugin) {
        match said {
            FromPlugin::Hello(_) => {}
            FromPlugin::Publish { character, .. } => self.status(plugin, &format!("{character} is shared with 1 friend.")),
            FromPlugin::Unpublish { character } => self.status(plugin, &format!("{character} is not shared.")),
            FromPlugin::State { in_combat, in_cutscene, .. } => self.state.busy = in_combat || in_cutscene,
            FromPlugin::Nearby { characters } => self.state.near = characters.iter().any(|near| near.name == "Bo Fyte"),
            FromPlugin::Applied { character, .. } => {
                self.say(plugin, ToPlugin::Notice { text: format!("{character} is shown.") });
            }
            FromPlugin::Failed { character, reason, .. } => {
                self.say(plugin, ToPlugin::Notice { text: format!("{character} could not be shown: {reason}") });
            }
            FromPlugin::Pause => self.pause(plugin, true),
            FromPlugin::Resume => self.pause(plugin, false),
            FromPlugin::Resync => self.state.shown = false,
        }
    }

    fn show_or_take_off(&mut self, plugin: PluginId) {
        let wanted = self.state.near && !self.state.paused;
        if self.state.busy || wanted == self.state.shown {
            return;
        }
        self.state.shown = wanted;
        let character = BO.to_owned();
        if wanted {
            self.state.revision += 1;
            self.say(plugin, ToPlugin::Progress { character: character.clone(), done: 7, total: 7 });
            let files = vec![AppliedFile { game_path: "chara/equipment/hat.tex".to_owned(), path: self.blob.clone() }];
            let texts = BTreeMap::from([("glamourer".to_owned(), "Bh+LCAAA".to_owned())]);
            let objects = vec![AppliedObject { kind: ObjectKind::Player, files, texts }];
            self.say(plugin, ToPlugin::Apply { character, revision: self.state.revision, objects });
        } else {
            let objects = vec![ObjectKind::Player];
            self.say(plugin, ToPlugin::Revert { character, revision: self.state.revision, objects });
        }
    }

    fn pause(&mut self, plugin: PluginId, paused: bool) {
        self.state.paused = paused;
        self.status(plugin, "Aria Fyte@Phoenix is shared with 1 friend.");
    }

    fn status(&self, plugin: PluginId, sharing: &str) {
        let (paused, sharing) = (self.state.paused, sharing.to_owned());
        self.say(plugin, ToPlugin::Status { paused, friends_online: 1, sharing });
    }

    fn say(&self, plugin: PluginId, message: ToPlugin) {
        self.pipe.to_plugin(plugin, message);
    }
}

fn snapshot() -> Snapshot {
    Snapshot::of_newcomer(PeerId::from_bytes([7; 32]))
}
