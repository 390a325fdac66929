//! The pipe with real sockets in temporary profiles. The engine is stood in for by its channels.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{broadcast, mpsc, watch};

use super::client::PipeClient;
use super::control::{FromControl, ToControl};
use super::endpoint::Endpoint;
use super::lines::{Line, LineReader};
use super::*;
use crate::domain::PeerId;
use crate::engine::command::{Command, CommandError};
use crate::engine::input::Input;
use crate::engine::notice::Notice;
use crate::engine::snapshot::{CacheView, Snapshot};
use crate::runtime::Inputs;
use crate::runtime::handle::CommandRequest;
use crate::wire::plugin::{AppliedFile, AppliedObject, FromPlugin, MAX_LINE, PIPE_PROTOCOL, PathStyle, PipeHello, Role};

mod tcp;
#[cfg(unix)]
mod wine;

/// Longer than anything here takes on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_plugin_is_heard_and_told_and_its_end_is_noticed() {
    let mut house = House::open().await;
    let root = house.mods();
    let mut plugin = house.plugin(&[&root.join(".")]).await;
    let Input::PluginConnected { plugin: number, program, roots } = house.input().await else { panic!() };
    assert_eq!((program.as_str(), roots), ("Test 1.0", vec![root]));

    plugin.say(json!({"type": "unpublish", "character": "Aria Fyte@Phoenix", "unknown": 1})).await;
    assert_eq!(house.said(number).await, FromPlugin::Unpublish { character: "Aria Fyte@Phoenix".into() });
    house.pipe.to_plugin(number, ToPlugin::Notice { text: "hello there".into() });
    assert_eq!(plugin.line().await, json!({"type": "notice", "text": "hello there"}));

    drop(plugin);
    assert!(matches!(house.input().await, Input::PluginGone(gone) if gone == number));
    house.pipe.to_plugin(number, ToPlugin::Notice { text: "nobody hears this".into() });
}

#[tokio::test]
async fn two_plugins_are_two_sessions() {
    let mut house = House::open().await;
    let (mut one, first) = house.connected().await;
    let (mut other, second) = house.connected().await;
    assert_ne!(first, second);
    house.pipe.to_plugin(second, ToPlugin::Notice { text: "two".into() });
    house.pipe.to_plugin(first, ToPlugin::Notice { text: "one".into() });
    assert_eq!(one.line().await["text"], "one");
    assert_eq!(other.line().await["text"], "two");
    other.say(json!({"type": "pause"})).await;
    assert_eq!(house.said(second).await, FromPlugin::Pause);
}

#[tokio::test]
async fn a_bad_line_gets_an_error_with_its_number_and_the_session_goes_on() {
    let mut house = House::open().await;
    let (mut plugin, number) = house.connected().await;
    for (line, re, why) in [
        (json!({"type": "nonsense", "seq": 7}).to_string(), json!(7), "unknown variant"),
        (json!({"type": "unpublish", "seq": 8}).to_string(), json!(8), "missing field"),
        ("garbage {".to_owned(), Value::Null, "not understood"),
        (format!("{{\"type\":\"{}\"}}", "x".repeat(100_000)), Value::Null, "not understood"),
        ("\u{0}\u{1}\u{2}".to_owned(), Value::Null, "not understood"),
        (
            json!({"type": "hello", "protocol": 1, "role": "plugin", "name": "a", "version": "b"}).to_string(),
            Value::Null,
            "already",
        ),
        (published("relative/a.tex").to_string(), Value::Null, "must be absolute"),
    ] {
        plugin.raw(line.as_bytes()).await;
        plugin.raw(b"\n").await;
        let answer = plugin.line().await;
        assert_eq!(answer["type"], "error", "{answer}");
        assert_eq!(answer["re"], re, "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(why) && message.len() < 2_000, "{message}");
    }
    plugin.raw(b"\xff\xfe\n").await;
    assert_eq!(plugin.line().await["type"], "error");
    plugin.say(json!({"type": "resume"})).await;
    assert_eq!(house.said(number).await, FromPlugin::Resume);
}

#[tokio::test]
async fn a_line_that_is_too_long_is_skipped_and_the_next_one_is_heard() {
    let mut house = House::open().await;
    let (mut plugin, number) = house.connected().await;
    plugin.raw(&vec![b'x'; MAX_LINE + 5]).await;
    assert!(plugin.line().await["message"].as_str().unwrap().contains("8388608"));
    plugin.raw(b"still the same line\n{\"type\":\"resync\"}\n").await;
    assert_eq!(house.said(number).await, FromPlugin::Resync);
}

#[tokio::test]
async fn a_line_of_nearly_the_limit_is_heard() {
    let mut house = House::open().await;
    let (mut plugin, number) = house.connected().await;
    let text = "x".repeat(MAX_LINE - 1_000);
    plugin.say(json!({"type": "publish", "character": "A@B", "objects": [{"kind": "player", "texts": {"meta": text}}]})).await;
    let FromPlugin::Publish { objects, .. } = house.said(number).await else { panic!() };
    assert_eq!(objects[0].texts["meta"].len(), MAX_LINE - 1_000);
}

#[tokio::test]
async fn a_plugin_that_vanishes_in_the_middle_of_a_line_is_gone_and_said_nothing() {
    let mut house = House::open().await;
    let (mut plugin, number) = house.connected().await;
    plugin.raw(b"{\"type\":\"pause\"}").await;
    drop(plugin);
    assert!(matches!(house.input().await, Input::PluginGone(gone) if gone == number));
}

#[tokio::test]
async fn a_plugin_that_speaks_byte_by_byte_is_heard_and_holds_nobody_up() {
    let mut house = House::open().await;
    let mut slow = house.client().await;
    let hello = json!({"type": "hello", "protocol": 1, "role": "plugin", "name": "Slow", "version": "1.0"});
    for byte in format!("{hello}\n").bytes() {
        slow.raw(&[byte]).await;
    }
    assert_eq!(slow.line().await["type"], "hello");
    let Input::PluginConnected { plugin: number, .. } = house.input().await else { panic!() };
    slow.raw(b"{\"type\":\"pa").await;
    let (mut other, second) = house.connected().await;
    other.say(json!({"type": "resume"})).await;
    assert_eq!(house.said(second).await, FromPlugin::Resume);
    slow.raw(b"use\"}\n").await;
    assert_eq!(house.said(number).await, FromPlugin::Pause);
}

#[tokio::test]
async fn a_plugin_that_does_not_read_is_dropped_and_others_are_not() {
    let mut house = House::open().await;
    let (_deaf, number) = house.connected().await;
    let (mut other, second) = house.connected().await;
    let text = "x".repeat(100_000);
    // The socket's buffer takes some; 64 MiB more are too many.
    for _ in 0..800 {
        house.pipe.to_plugin(number, ToPlugin::Notice { text: text.clone() });
    }
    assert!(matches!(house.input().await, Input::PluginGone(gone) if gone == number));
    house.pipe.to_plugin(second, ToPlugin::Notice { text: "well".into() });
    assert_eq!(other.line().await["text"], "well");
}

#[tokio::test]
async fn a_plugin_that_is_dropped_hears_what_was_said_before() {
    let mut house = House::open().await;
    let (mut plugin, number) = house.connected().await;
    house.pipe.to_plugin(number, ToPlugin::Notice { text: "goodbye".into() });
    house.pipe.drop_plugin(number);
    assert_eq!(plugin.line().await["text"], "goodbye");
    assert_eq!(plugin.next().await, None);
    assert!(matches!(house.input().await, Input::PluginGone(gone) if gone == number));
}

#[tokio::test]
async fn the_first_line_must_be_a_good_hello() {
    let house = House::open().await;
    let hello = |change: Value| {
        let mut hello = json!({"type": "hello", "protocol": 1, "role": "plugin", "name": "Test", "version": "1.0"});
        hello.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        hello.to_string()
    };
    for (line, why) in [
        (json!({"type": "publish", "character": "A@B", "objects": []}).to_string(), "\"publish\""),
        ("GET / HTTP/1.1".to_owned(), "not understood"),
        (hello(json!({"role": "king"})), "unknown variant"),
        (hello(json!({"protocol": 0})), "protocol 0"),
        (hello(json!({"name": "x".repeat(65)})), "64 bytes"),
        (hello(json!({"paths": "wine", "drives": {"C": "/"}})), "drive map"),
        (hello(json!({"roots": vec!["/"; 65]})), "at most 64"),
    ] {
        let mut client = house.client().await;
        client.raw(line.as_bytes()).await;
        client.raw(b"\n").await;
        let mut answer = client.line().await;
        if answer["type"] == "hello" {
            answer = client.line().await;
        }
        assert_eq!(answer["type"], "error");
        assert!(answer["message"].as_str().unwrap().contains(why), "{answer}");
        assert_eq!(client.next().await, None);
    }
    assert!(house.quiet());
}

#[tokio::test]
async fn a_client_that_says_no_hello_is_closed() {
    let house = House::open_patient(Patience { hello: Duration::from_millis(50), taking: DEADLINE }).await;
    let mut client = house.client().await;
    assert!(client.line().await["message"].as_str().unwrap().contains("no hello"));
    assert_eq!(client.next().await, None);
}

#[tokio::test]
async fn a_root_that_is_not_there_is_complained_about_and_the_others_count() {
    let mut house = House::open().await;
    let good = house.mods();
    let mut plugin = house.plugin(&[&good.join("none"), &good]).await;
    assert!(plugin.line().await["message"].as_str().unwrap().contains("none"));
    let Input::PluginConnected { roots, .. } = house.input().await else { panic!() };
    assert_eq!(roots, [good]);
}

#[tokio::test]
async fn a_root_that_holds_more_than_mods_is_refused_and_the_others_count() {
    let mut house = House::open().await;
    let good = house.mods();
    let profile = house.folder.path().canonicalize().unwrap();
    let drive = good.ancestors().last().unwrap().to_owned();
    let home = directories::UserDirs::new().unwrap().home_dir().to_owned();
    // The folder of the profile holds the identity; one above it holds the profile.
    let wide = [drive.as_path(), &home, &good.join(".."), &profile, profile.parent().unwrap()];
    let mut plugin = house.plugin(&[&wide, [good.as_path()].as_slice()].concat()).await;
    for _ in wide {
        let message = plugin.line().await["message"].as_str().unwrap().to_owned();
        assert!(message.contains("contains more than mods"), "{message}");
    }
    let Input::PluginConnected { roots, .. } = house.input().await else { panic!() };
    assert_eq!(roots, [good]);
}

#[tokio::test]
async fn a_look_that_fits_into_no_line_has_failed() {
    let mut house = House::open().await;
    let (_plugin, number) = house.connected().await;
    house.pipe.to_plugin(number, apply(3, &"x".repeat(MAX_LINE)));
    assert!(matches!(house.said(number).await, FromPlugin::Failed { revision: 3, .. }));
}

#[tokio::test]
async fn a_control_client_sends_commands_and_reads_their_answers() {
    let mut house = House::open().await;
    let mut control = house.control().await;
    control.writer.send(&FromControl::Command { seq: 1, command: Command::Quit }).await.unwrap();
    house.answer(Ok(())).await;
    assert_eq!(control.heard().await, ToControl::Reply { re: 1, ok: true, error: None });
    control.writer.send(&FromControl::Command { seq: 2, command: Command::ShowWindow }).await.unwrap();
    house.answer(Err(CommandError("there is no window".into()))).await;
    assert_eq!(control.heard().await, ToControl::Reply { re: 2, ok: false, error: Some("there is no window".into()) });
    control.writer.send(&FromControl::Snapshot { seq: 3 }).await.unwrap();
    assert_eq!(control.heard().await, ToControl::Snapshot { re: Some(3), snapshot: Box::new(snapshot(0)) });
    control.writer.send(&json!({"type": "nonsense", "seq": 4})).await.unwrap();
    assert!(matches!(control.heard().await, ToControl::Error { re: Some(4), .. }));
}

#[tokio::test]
async fn a_watching_control_client_hears_changes_not_too_often_and_every_notice() {
    let house = House::open().await;
    let mut control = house.control().await;
    control.writer.send(&FromControl::Watch).await.unwrap();
    assert_eq!(control.heard().await, ToControl::Snapshot { re: None, snapshot: Box::new(snapshot(0)) });
    let started = tokio::time::Instant::now();
    for blobs in 1..=50 {
        house.snapshots.send(Arc::new(snapshot(blobs))).unwrap();
        tokio::task::yield_now().await;
    }
    let mut heard = 0;
    loop {
        let ToControl::Snapshot { re: None, snapshot } = control.heard().await else { panic!() };
        heard += 1;
        if snapshot.cache.blobs == 50 {
            break;
        }
    }
    let most = 1 + started.elapsed().as_millis() / 250;
    assert!(heard <= most, "{heard} snapshots, {most} allowed");
    for text in ["one", "two"] {
        house.notices.send(Notice::Other { text: text.into() }).unwrap();
    }
    for text in ["one", "two"] {
        assert_eq!(control.heard().await, ToControl::Notice { notice: Notice::Other { text: text.into() } });
    }
}

#[tokio::test]
async fn a_second_server_on_one_profile_is_refused_and_the_first_goes_on() {
    let mut house = House::open().await;
    let (handle, ..) = stand_in();
    let second = Pipe::start(&house.profile, WinePlugins::Off, handle, Inputs::channel(1).0).await;
    assert!(matches!(second, Err(PipeError::AlreadyServed)), "{second:?}");
    house.connected().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_that_a_killed_companion_left_is_replaced() {
    let house = House::open().await;
    let House { folder, profile, pipe, .. } = house;
    let path = Endpoint::read(&profile.endpoint()).unwrap().path;
    drop(pipe);
    until(|| !std::path::Path::new(&path).exists()).await;
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(std::path::Path::new(&path).exists());
    let endpoint = json!({"protocol": 1, "name": "x", "path": path, "pid": 1}).to_string();
    std::fs::write(profile.endpoint(), endpoint).unwrap();
    let hello = hello(Role::Control);
    assert!(matches!(PipeClient::connect(&profile, hello).await, Err(PipeError::NotRunning)));
    let mut house = House::at(folder, Patience::default()).await;
    house.connected().await;
}

#[tokio::test]
async fn when_the_pipe_is_dropped_clients_are_closed_and_nothing_is_left() {
    let mut house = House::open().await;
    let path = Endpoint::read(&house.profile.endpoint()).unwrap().path;
    let (mut plugin, _) = house.connected().await;
    let House { folder: _folder, profile, pipe, .. } = house;
    drop(pipe);
    assert_eq!(plugin.next().await, None);
    assert!(!profile.endpoint().exists());
    until(|| !std::path::Path::new(&path).exists()).await;
    let hello = hello(Role::Control);
    assert!(matches!(PipeClient::connect(&profile, hello).await, Err(PipeError::NotRunning)));
}

#[tokio::test]
async fn a_client_is_told_why_it_is_refused() {
    let house = House::open().await;
    let hello = PipeHello { name: "x".repeat(65), ..hello(Role::Control) };
    let refused = PipeClient::connect(&house.profile, hello).await;
    assert!(matches!(&refused, Err(PipeError::Refused(why)) if why.contains("64 bytes")), "{refused:?}");
}

/// A running pipe and the ends of its engine's channels.
struct House {
    folder: TempDir,
    profile: Profile,
    pipe: Pipe,
    inputs: mpsc::Receiver<Input>,
    commands: mpsc::Receiver<CommandRequest>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    notices: broadcast::Sender<Notice>,
}

impl House {
    async fn open() -> Self {
        Self::open_patient(Patience::default()).await
    }

    async fn open_patient(patience: Patience) -> Self {
        Self::at(tempfile::tempdir().unwrap(), patience).await
    }

    async fn at(folder: TempDir, patience: Patience) -> Self {
        let profile = Profile::at(folder.path());
        let (handle, commands, snapshots, notices) = stand_in();
        let (sender, inputs) = Inputs::channel(16);
        let pipe = Pipe::start_patient(&profile, WinePlugins::On, handle, sender, patience).await.unwrap();
        Self { folder, profile, pipe, inputs, commands, snapshots, notices }
    }

    /// A folder of mods, canonical.
    fn mods(&self) -> PathBuf {
        let mods = self.folder.path().canonicalize().unwrap().join("mods");
        std::fs::create_dir_all(&mods).unwrap();
        mods
    }

    async fn client(&self) -> Client {
        let path = Endpoint::read(&self.profile.endpoint()).unwrap().path;
        let (reader, writer) = tokio::io::split(system::connect(&path).await.unwrap());
        Client { reader: LineReader::new(reader), writer }
    }

    async fn plugin(&self, roots: &[&std::path::Path]) -> Client {
        let mut client = self.client().await;
        let hello =
            PipeHello { roots: roots.iter().map(|root| root.to_str().unwrap().to_owned()).collect(), ..hello(Role::Plugin) };
        client.say(serde_json::to_value(FromPlugin::Hello(hello)).unwrap()).await;
        let answer = client.line().await;
        assert_eq!((&answer["type"], &answer["role"], &answer["name"]), (&json!("hello"), &json!("plugin"), &json!("FyteClub")));
        client
    }

    async fn connected(&mut self) -> (Client, PluginId) {
        let client = self.plugin(&[]).await;
        let Input::PluginConnected { plugin, .. } = self.input().await else { panic!() };
        (client, plugin)
    }

    async fn control(&self) -> PipeClient {
        PipeClient::connect(&self.profile, hello(Role::Control)).await.unwrap()
    }

    async fn input(&mut self) -> Input {
        soon(self.inputs.recv()).await.unwrap()
    }

    async fn said(&mut self, plugin: PluginId) -> FromPlugin {
        let Input::PluginSaid(who, said) = self.input().await else { panic!("the plugin said nothing") };
        assert_eq!(who, plugin);
        said
    }

    async fn answer(&mut self, answer: Result<(), CommandError>) {
        let (_, reply) = soon(self.commands.recv()).await.unwrap();
        reply.send(answer).unwrap();
    }

    fn quiet(&self) -> bool {
        self.inputs.is_empty()
    }
}

struct Client {
    reader: LineReader<ReadHalf<interprocess::local_socket::tokio::Stream>>,
    writer: WriteHalf<interprocess::local_socket::tokio::Stream>,
}

impl Client {
    async fn raw(&mut self, bytes: &[u8]) {
        soon(self.writer.write_all(bytes)).await.unwrap();
    }

    async fn say(&mut self, line: Value) {
        self.raw(format!("{line}\n").as_bytes()).await;
    }

    async fn next(&mut self) -> Option<Value> {
        match soon(self.reader.next()).await {
            Ok(Some(Line::Whole(line))) => Some(serde_json::from_slice(&line).unwrap()),
            Ok(Some(Line::TooLong)) => panic!("too long"),
            Ok(None) | Err(_) => None,
        }
    }

    async fn line(&mut self) -> Value {
        self.next().await.unwrap()
    }
}

impl PipeClient {
    async fn heard(&mut self) -> ToControl {
        soon(self.reader.next()).await.unwrap().unwrap()
    }
}

type StandIn = (Handle, mpsc::Receiver<CommandRequest>, watch::Sender<Arc<Snapshot>>, broadcast::Sender<Notice>);

fn stand_in() -> StandIn {
    let (command_sender, commands) = mpsc::channel(4);
    let (snapshots, snapshot_receiver) = watch::channel(Arc::new(snapshot(0)));
    let notices = broadcast::channel(16).0;
    (Handle::new(command_sender, snapshot_receiver, notices.clone()), commands, snapshots, notices)
}

fn snapshot(blobs: u64) -> Snapshot {
    Snapshot { cache: CacheView { blobs, ..CacheView::default() }, ..Snapshot::of_newcomer(PeerId::from_bytes([7; 32])) }
}

fn hello(role: Role) -> PipeHello {
    PipeHello {
        protocol: PIPE_PROTOCOL,
        role,
        name: "Test".into(),
        version: "1.0".into(),
        roots: vec![],
        paths: PathStyle::Native,
        drives: std::collections::BTreeMap::new(),
    }
}

fn published(path: &str) -> Value {
    let objects = json!([{"kind": "player", "files": [{"game_paths": ["a.tex"], "path": path}]}]);
    json!({"type": "publish", "character": "Aria Fyte@Phoenix", "objects": objects})
}

fn apply(revision: u64, path: &str) -> ToPlugin {
    let files = vec![AppliedFile { game_path: "a.tex".into(), path: path.into() }];
    let object = AppliedObject { kind: crate::domain::ObjectKind::Player, files, texts: std::collections::BTreeMap::new() };
    ToPlugin::Apply { character: "Aria Fyte@Phoenix".into(), revision, objects: vec![object] }
}

async fn soon<T>(thing: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, thing).await.expect("it takes too long")
}

async fn until(done: impl Fn() -> bool) {
    soon(async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
