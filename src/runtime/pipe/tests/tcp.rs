//! The port for plugins in a Wine or Proton prefix.

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use super::super::client::Way;
use super::super::endpoint::TcpEndpoint;
use super::super::tcp::{MAX_UNPROVEN, REST, is_wanted};
use super::*;
use crate::wire::knock::{Hex32, Knock, MAX_KNOCK, Nonces, Prover, Token};

const MINE: Hex32 = Hex32::new([5; 32]);

#[tokio::test]
async fn a_plugin_that_proves_itself_has_a_session_like_any_other() {
    let mut house = House::open().await;
    let (mut client, number) = by_tcp(&mut house).await;
    assert_eq!((client.companion.name.as_str(), client.companion.role), ("FyteClub", Role::Plugin));
    client.writer.send(&FromPlugin::Resume).await.unwrap();
    assert_eq!(house.said(number).await, FromPlugin::Resume);
    // Lines may be long behind the proof.
    let text = "x".repeat(MAX_LINE - 1_000);
    house.pipe.to_plugin(number, ToPlugin::Notice { text: text.clone() });
    assert_eq!(soon(client.reader.next()).await.unwrap(), Some(ToPlugin::Notice { text }));
    drop(client);
    assert!(matches!(house.input().await, Input::PluginGone(gone) if gone == number));
}

#[tokio::test]
async fn who_commands_the_companion_does_not_come_by_tcp() {
    let house = House::open().await;
    let refused = PipeClient::connect_by(Way::Tcp, &house.profile, hello(Role::Control)).await;
    assert!(matches!(&refused, Err(PipeError::Refused(why)) if why.contains("plugins alone")), "{refused:?}");
}

#[tokio::test]
async fn whoever_says_anything_else_before_the_proof_is_closed_without_a_word() {
    let mut house = House::open().await;
    let hello = serde_json::to_string(&FromPlugin::Hello(hello(Role::Plugin))).unwrap() + "\n";
    let knock = line(&Knock::Knock { nonce: MINE });
    for first in [
        hello.clone(),
        "GET / HTTP/1.1\r\n\r\n".into(),
        "\u{0}\u{1}\n".into(),
        "x".repeat(MAX_KNOCK + 1),
        line(&Knock::Proof { proof: MINE }),
    ] {
        let mut stranger = Stranger::at(&house).await;
        stranger.say(&first).await;
        assert_eq!(stranger.rest().await, "", "{first}");
    }
    for second in [hello, knock.clone(), "\u{ff}\n".into(), "x".repeat(MAX_KNOCK + 1), line(&Knock::Proof { proof: MINE })] {
        let mut stranger = Stranger::at(&house).await;
        stranger.say(&knock).await;
        stranger.nonce().await;
        stranger.say(&second).await;
        assert_eq!(stranger.rest().await, "", "{second}");
    }
    assert!(house.quiet());
    by_tcp(&mut house).await;
}

#[tokio::test]
async fn a_proof_of_another_role_token_or_connection_opens_nothing() {
    let mut house = House::open().await;
    let token = endpoint(&house).token;
    let mut other = None;
    for kind in ["replayed", "another token", "handed back", "replayed"] {
        let mut stranger = Stranger::at(&house).await;
        stranger.say(&line(&Knock::Knock { nonce: MINE })).await;
        let nonces = Nonces { plugin: MINE, companion: stranger.nonce().await };
        let right = token.proof(Prover::Plugin, &nonces);
        let proof = match kind {
            "another token" => Token::new([9; 32]).proof(Prover::Plugin, &nonces),
            "handed back" => token.proof(Prover::Companion, &nonces),
            _ => other.unwrap_or(MINE),
        };
        other = Some(right);
        stranger.say(&line(&Knock::Proof { proof })).await;
        assert_eq!(stranger.rest().await, "", "{kind}");
    }
    assert!(house.quiet());
    by_tcp(&mut house).await;
}

#[tokio::test]
async fn after_a_wrong_proof_there_is_a_rest() {
    let house = House::open().await;
    let started = tokio::time::Instant::now();
    for _ in 0..6 {
        let mut stranger = Stranger::at(&house).await;
        stranger.say(&line(&Knock::Knock { nonce: MINE })).await;
        stranger.nonce().await;
        stranger.say(&line(&Knock::Proof { proof: MINE })).await;
        stranger.rest().await;
    }
    // The last one may have come in before a rest, and the first one came before any.
    assert!(started.elapsed() >= REST * 4, "{:?}", started.elapsed());
}

#[tokio::test]
async fn strangers_who_only_wait_keep_no_plugin_out() {
    let mut house = House::open().await;
    let mut waiting = Vec::new();
    for _ in 0..5 * MAX_UNPROVEN {
        waiting.push(Stranger::at(&house).await);
    }
    let (client, number) = by_tcp(&mut house).await;
    // The first one was closed for it, with nothing said; a plugin that is in stays in.
    assert_eq!(waiting[0].rest().await, "");
    waiting.extend([Stranger::at(&house).await]);
    house.pipe.drop_plugin(number);
    drop(client);
}

#[tokio::test]
async fn a_program_that_took_the_port_is_not_taken_for_the_companion() {
    let house = House::open().await;
    let impostor = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoint = Endpoint::read(&house.profile.endpoint()).unwrap();
    endpoint.tcp.as_mut().unwrap().port = impostor.local_addr().unwrap().port();
    std::fs::write(house.profile.endpoint(), serde_json::to_vec(&endpoint).unwrap()).unwrap();
    let playing = tokio::spawn(async move {
        loop {
            let (mut stream, _) = impostor.accept().await.unwrap();
            // It says what it heard: the nonce, and the proof.
            let (mut from, mut to) = stream.split();
            let _ = tokio::io::copy(&mut from, &mut to).await;
        }
    });
    let refused = PipeClient::connect_by(Way::Tcp, &house.profile, hello(Role::Plugin)).await;
    assert!(matches!(&refused, Err(PipeError::Stranger(place)) if place.starts_with("127.0.0.1:")), "{refused:?}");
    playing.abort();
}

#[tokio::test]
async fn the_secret_is_new_at_each_start_and_only_this_user_can_read_it() {
    let house = House::open().await;
    let old = endpoint(&house);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(house.profile.endpoint()).unwrap().mode() & 0o077, 0);
    }
    let path = Endpoint::read(&house.profile.endpoint()).unwrap().path;
    let House { folder, profile, pipe, .. } = house;
    drop(pipe);
    until(|| !std::path::Path::new(&path).exists()).await;
    let gone = PipeClient::connect_by(Way::Tcp, &profile, hello(Role::Plugin)).await;
    assert!(matches!(gone, Err(PipeError::NotRunning)), "{gone:?}");
    let house = House::at(folder, Patience::default()).await;
    assert!(endpoint(&house).token != old.token);
}

#[tokio::test]
async fn without_the_port_a_plugin_is_told_how_to_have_one() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let (handle, ..) = stand_in();
    let _pipe = Pipe::start(&profile, WinePlugins::Off, handle, Inputs::channel(1).0).await.unwrap();
    let refused = PipeClient::connect_by(Way::Tcp, &profile, hello(Role::Plugin)).await;
    assert!(refused.unwrap_err().to_string().contains("settings wine-plugins on"));
    assert!(!is_wanted(WinePlugins::Off) && is_wanted(WinePlugins::On));
}

async fn by_tcp(house: &mut House) -> (PipeClient, PluginId) {
    let client = PipeClient::connect_by(Way::Tcp, &house.profile, hello(Role::Plugin)).await.unwrap();
    let Input::PluginConnected { plugin, .. } = house.input().await else { panic!() };
    (client, plugin)
}

fn endpoint(house: &House) -> TcpEndpoint {
    Endpoint::read(&house.profile.endpoint()).unwrap().tcp.unwrap()
}

fn line(said: &Knock) -> String {
    serde_json::to_string(said).unwrap() + "\n"
}

/// Somebody on the port who can say anything.
struct Stranger(TcpStream);

impl Stranger {
    async fn at(house: &House) -> Self {
        Self(soon(TcpStream::connect(("127.0.0.1", endpoint(house).port))).await.unwrap())
    }

    async fn say(&mut self, text: &str) {
        soon(self.0.write_all(text.as_bytes())).await.unwrap();
    }

    /// The companion's nonce: all that it says before the proof.
    async fn nonce(&mut self) -> Hex32 {
        let mut said = vec![0; line(&Knock::Knock { nonce: MINE }).len()];
        soon(self.0.read_exact(&mut said)).await.unwrap();
        let Some(Knock::Knock { nonce }) = Knock::decode(said.trim_ascii_end()) else { panic!() };
        nonce
    }

    /// All that is said until it is closed.
    async fn rest(&mut self) -> String {
        let mut said = Vec::new();
        // What we said and it did not read makes the close a reset.
        let _ = soon(self.0.read_to_end(&mut said)).await;
        String::from_utf8(said).unwrap()
    }
}
