//! `ctl` against a real pipe, with the engine stood in for by its channels.

use std::io::Write;
use std::sync::{Arc, Mutex};

use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;

use super::*;
use crate::domain::WinePlugins;
use crate::engine::command::CommandError;
use crate::engine::notice::Notice;
use crate::runtime::Inputs;
use crate::runtime::files::Profile;
use crate::runtime::handle::{CommandRequest, Handle};
use crate::runtime::pipe::Pipe;
use stand_in::BO;

#[tokio::test]
async fn questions_are_answered_as_text_and_as_json() {
    let house = House::open().await;
    let (done, text) = house.ctl("friends").await;
    assert!(done.is_ok() && text.contains("Bo") && text.contains("connected"), "{text}");
    let (done, text) = house.ctl("--json peers Bo").await;
    assert!(done.is_ok());
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["peer"], BO.to_string());
}

#[tokio::test]
async fn commands_reach_the_engine_and_refusals_come_back() {
    let mut house = House::open().await;
    let engine = house.engine(vec![Ok(()), Err(CommandError("they are not a friend".into()))]);
    let (done, text) = house.ctl("--json block Bo").await;
    assert!(done.is_ok());
    assert_eq!(text, "{\"ok\":true}\n");
    let (done, _) = house.ctl("remove Bo").await;
    let failure = done.unwrap_err();
    assert_eq!((failure.code(), failure.to_string().as_str()), (1, "they are not a friend"));
    assert_eq!(engine.await.unwrap(), [Command::BlockPeer { peer: BO }, Command::RemovePeer { peer: BO }]);
}

#[tokio::test]
async fn a_peer_that_means_nobody_is_wrong_usage() {
    let house = House::open().await;
    assert_eq!(house.ctl("block Nobody").await.0.unwrap_err().code(), 2);
}

#[tokio::test]
async fn a_companion_that_is_not_running_has_a_code_of_its_own() {
    let house = House::open().await;
    let House { folder, pipe, .. } = house;
    drop(pipe);
    let (done, _) = ctl(&folder, "status").await;
    assert_eq!(done.unwrap_err().code(), 3);
}

#[tokio::test]
async fn quitting_is_done_even_if_the_end_overtakes_the_answer() {
    let mut house = House::open().await;
    let mut commands = house.commands.take().unwrap();
    let (folder, pipe) = (&house.folder, house.pipe);
    let quitting = async {
        let (command, _reply) = commands.recv().await.unwrap();
        assert_eq!(command, Command::Quit);
        drop(pipe);
    };
    let ((done, _), ()) = tokio::join!(ctl(folder, "quit"), quitting);
    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test]
async fn waiting_ends_when_connected_or_too_late_or_hopeless() {
    let mut house = House::open().await;
    let engine = house.engine(vec![Ok(()), Ok(()), Ok(())]);
    let (done, text) = house.ctl("reconnect Bo --wait 30s").await;
    assert!(done.is_ok() && text.contains("Bo") && text.contains("is connected"), "{text}");
    assert_eq!(house.ctl("accept Di --wait 1s").await.0.unwrap_err().code(), 4);

    let notices = house.notices.clone();
    let failing = tokio::spawn(async move {
        loop {
            // Nobody may be listening yet.
            let _ = notices.send(Notice::ConnectionFailed { peer: None, text: "nothing answered".into() });
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let failure = house.ctl("connect 127.0.0.1:1 --wait 30s").await.0.unwrap_err();
    assert_eq!((failure.code(), failure.to_string().as_str()), (1, "nothing answered"));
    failing.abort();
    assert_eq!(engine.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_code_to_be_compared_is_shown_with_the_answers() {
    let mut house = House::open().await;
    let engine = house.engine(vec![Ok(())]);
    let (done, text) = house.ctl("verify Bo").await;
    assert!(done.is_ok() && text.contains("123456") && text.contains("--differs"), "{text}");
    assert_eq!(engine.await.unwrap(), [Command::StartVerification { peer: BO }]);
}

#[tokio::test]
async fn watching_prints_what_happens_until_the_companion_ends() {
    let house = House::open().await;
    let folder = house.folder.path().to_owned();
    let (screen, printed) = paper();
    let watching = tokio::spawn(async move { run_line(&folder, "watch", screen).await });
    while house.notices.receiver_count() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.notices.send(Notice::PeerConnected { peer: BO }).unwrap();
    while !printed.text().contains("is connected") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(house);
    assert_eq!(watching.await.unwrap().unwrap_err().code(), 1);
    assert_eq!(printed.text(), format!("Bo ({}) is connected\n", BO.short()));
}

struct House {
    folder: TempDir,
    pipe: Pipe,
    commands: Option<mpsc::Receiver<CommandRequest>>,
    notices: broadcast::Sender<Notice>,
    _snapshots: watch::Sender<Arc<Snapshot>>,
}

impl House {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, commands) = mpsc::channel(4);
        let (snapshots, seen) = watch::channel(Arc::new(stand_in::snapshot()));
        let notices = broadcast::channel(256).0;
        let handle = Handle::new(sender, seen, notices.clone());
        let pipe = Pipe::start(&Profile::at(folder.path()), WinePlugins::Off, handle, Inputs::channel(1).0).await.unwrap();
        Self { folder, pipe, commands: Some(commands), notices, _snapshots: snapshots }
    }

    /// Gives these answers and then the commands that were heard.
    fn engine(&mut self, answers: Vec<Result<(), CommandError>>) -> JoinHandle<Vec<Command>> {
        let mut commands = self.commands.take().unwrap();
        tokio::spawn(async move {
            let mut heard = Vec::new();
            for answer in answers {
                let (command, reply) = commands.recv().await.unwrap();
                heard.push(command);
                reply.send(answer).unwrap();
            }
            heard
        })
    }

    async fn ctl(&self, line: &str) -> (Result<(), Failure>, String) {
        ctl(&self.folder, line).await
    }
}

async fn ctl(folder: &TempDir, line: &str) -> (Result<(), Failure>, String) {
    let (screen, printed) = paper();
    let done = timeout(Duration::from_secs(30), run_line(folder.path(), line, screen)).await.unwrap();
    (done, printed.text())
}

async fn run_line(folder: &std::path::Path, line: &str, mut screen: Screen) -> Result<(), Failure> {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        ctl: CtlArgs,
    }
    let words = ["ctl", "--profile", folder.to_str().unwrap()].into_iter().chain(line.split(' '));
    execute(&Line::parse_from(words).ctl, &mut screen).await
}

fn paper() -> (Screen, Paper) {
    let paper = Paper::default();
    (Screen::to(Box::new(paper.clone())), paper)
}

/// What was printed.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
