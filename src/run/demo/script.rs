//! The demo's acts: meeting, first looks, another outfit, a crash in mid-transfer, a stranger.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::narrator::Narrator;
use super::report::{Report, Row};
use crate::domain::{Audience, Character, DiscoveryMode, PeerId, Trust};
use crate::engine::command::Command;
use crate::engine::follow::Progress;
use crate::engine::snapshot::{LinkView, Prompt, Snapshot, TransferView};
use crate::run::stage::wardrobe::{self, Size};
use crate::run::stage::{Actor, Stage, compare};

/// Patience with programs; they need a second or two.
const SOON: Duration = Duration::from_secs(60);
/// Patience with a person who has to press a button.
const BY_A_PERSON: Duration = Duration::from_secs(600);
/// How long a blocked stranger may try before it counts as having got nothing.
const TRYING: Duration = Duration::from_secs(3);
/// The sounds that are new when the friend is killed: enough for a second or so on loopback, and they do not compress, so that
/// bytes on the wire tell what was fetched twice.
const CRASH_SOUNDS: u64 = 6;
const CRASH_SOUND_BYTES: u64 = 32 << 20;

/// The players, in the order in which they come.
pub(super) const NEWCOMER: (&str, &str) = ("Aria", "Aria Fyte@Phoenix");
const STRANGER: (&str, &str) = ("Mallory", "Mal Ory@Phoenix");
const FRIENDS: [(&str, &str); 6] = [
    ("Bea", "Bea Bright@Phoenix"),
    ("Cid", "Cid Nan@Odin"),
    ("Dara", "Dara Dawn@Shiva"),
    ("Edda", "Edda Pure@Lich"),
    ("Finn", "Finn O'Hara@Zodiark"),
    ("Gale", "Gale Wind@Twintania"),
];

/// Who decides the newcomer's prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decider {
    /// The person at the window.
    Person,
    /// This script.
    Script,
}

/// The play with everybody on stage.
pub(super) struct Play<'a> {
    pub(super) stage: &'a Stage,
    pub(super) newcomer: &'a mut Actor,
    pub(super) friends: Vec<Actor>,
    pub(super) narrator: &'a Narrator,
    pub(super) decider: Decider,
    pub(super) size: Size,
    pub(super) report: Report,
}

impl<'a> Play<'a> {
    /// Dresses everybody and makes the friends' profiles.
    ///
    /// # Errors
    /// If files cannot be written.
    pub(super) fn new(
        stage: &'a Stage,
        newcomer: &'a mut Actor,
        narrator: &'a Narrator,
        decider: Decider,
        size: Size,
        friends: usize,
    ) -> Result<Self> {
        narrator.act("Dressing everybody with made-up mods");
        wardrobe::fill(&newcomer.outfit, size, 1).context("Failed to make up an outfit")?;
        let friends = FRIENDS
            .iter()
            .take(friends)
            .zip(2..)
            .map(|((name, character), seed)| {
                let friend = stage.actor(name, character)?;
                wardrobe::fill(&friend.outfit, size, seed).context("Failed to make up an outfit")?;
                Ok(friend)
            })
            .collect::<Result<_>>()?;
        Ok(Self { stage, newcomer, friends, narrator, decider, size, report: Report::default() })
    }

    /// Plays all acts.
    ///
    /// # Errors
    /// At the first thing that is not as it should be.
    pub(super) async fn run(mut self, cut_short: impl Future<Output = anyhow::Error>) -> Result<Report> {
        let result = tokio::select! {
            result = self.acts() => result,
            why = cut_short => Err(why),
        };
        for friend in &mut self.friends {
            friend.end().await;
        }
        self.newcomer.end().await;
        result.map(|()| self.report)
    }

    async fn acts(&mut self) -> Result<()> {
        self.enter().await?;
        self.meet().await?;
        self.see_each_other().await?;
        self.change_outfit().await?;
        self.crash_and_resume().await?;
        self.refuse_a_stranger().await
    }

    async fn enter(&mut self) -> Result<()> {
        self.narrator.act("Starting everybody's companion and game plugin");
        let near: Vec<Character> =
            self.friends.iter().map(|friend| &friend.character).chain([&self.newcomer.character]).cloned().collect();
        self.newcomer.start_plugin(&near)?;
        for friend in &mut self.friends {
            friend.start_companion()?;
            friend.start_plugin(&near)?;
        }
        for friend in &mut self.friends {
            share(friend, Decider::Script, self.narrator).await?;
        }
        share(self.newcomer, self.decider, self.narrator).await
    }

    async fn meet(&mut self) -> Result<()> {
        self.narrator.act("Everyone is discoverable nearby; friends ask to connect");
        let me = self.newcomer.snapshot().await?.me.peer;
        be_discoverable(self.newcomer).await?;
        for friend in &mut self.friends {
            knock_on(friend, me).await?;
            let who = friend.snapshot().await?.me.peer;
            let accept = Command::AcceptPeer { peer: who, once: false };
            decide(self.newcomer, self.decider, self.narrator, who, friend.name, "press Add friend", accept).await?;
        }
        for friend in &mut self.friends {
            let route = friend
                .wait_for("a connection", SOON, |seen| {
                    seen.peers.iter().find(|peer| peer.peer == me).and_then(|peer| connected(&peer.link))
                })
                .await?;
            self.narrator.say(&format!("{} and {} are connected ({route})", friend.name, self.newcomer.name));
        }
        Ok(())
    }

    async fn see_each_other(&mut self) -> Result<()> {
        self.narrator.act("Everybody's look travels to everybody");
        for friend in &mut self.friends {
            let row = look_arrives(self.newcomer, friend, 0, self.narrator).await?;
            self.report.add("first look", row);
        }
        for friend in &mut self.friends {
            let row = look_arrives(friend, self.newcomer, 0, self.narrator).await?;
            self.report.add("first look", row);
        }
        Ok(())
    }

    async fn change_outfit(&mut self) -> Result<()> {
        let friend = self.friends.first_mut().context("Failed to find a friend")?;
        self.narrator.act(&format!("{} changes the outfit; only changed files travel", friend.name));
        let before = revision_at(&self.newcomer.snapshot().await?, &friend.character).unwrap_or_default();
        let changed = wardrobe::change_outfit(&friend.outfit, self.size, 100)?;
        let row = look_arrives(self.newcomer, friend, before, self.narrator).await?;
        ensure!(
            row.wire_bytes <= changed.bytes + changed.bytes / 20,
            "the changed outfit has {} bytes, but {} crossed the line",
            changed.bytes,
            row.wire_bytes
        );
        ensure!(row.files == changed.files, "{} files changed, but {} travelled", changed.files, row.files);
        self.report.add("changed outfit", row);
        Ok(())
    }

    async fn crash_and_resume(&mut self) -> Result<()> {
        let friend = self.friends.last_mut().context("Failed to find a friend")?;
        self.narrator.act(&format!("{}'s companion is killed in mid-transfer and started again", friend.name));
        let before = revision_at(&self.newcomer.snapshot().await?, &friend.character).unwrap_or_default();
        wardrobe::add_sounds(&friend.outfit, CRASH_SOUNDS, CRASH_SOUND_BYTES, 200)?;
        let character = friend.character.clone();
        let under_way = |seen: &Snapshot| {
            let transfer = seen.transfers.iter().find(|transfer| transfer.character == character)?;
            (transfer.done > transfer.total / 5 && !transfer.finished && transfer.total > CRASH_SOUND_BYTES).then_some(())
        };
        self.newcomer.wait_for("a transfer to interrupt", SOON, under_way).await?;
        friend.kill_companion().await?;
        let there = self.newcomer.snapshot().await?;
        let there = there.transfers.iter().find(|transfer| transfer.character == character);
        let there = there.context("Failed to see the interrupted transfer")?.clone();
        ensure!(there.done < there.total, "the transfer was over before the friend was killed: try again with a busier machine");
        self.narrator.say(&format!("killed at {} of {} MiB", there.done >> 20, there.total >> 20));
        friend.start_companion()?;
        let row = look_arrives(self.newcomer, friend, before, self.narrator).await?;
        ensure!(
            row.wire_bytes <= there.total + there.total / 20,
            "the new look has {} bytes, but {} crossed the line before and after the restart",
            there.total,
            row.wire_bytes
        );
        self.report.add("resumed", row);
        Ok(())
    }

    async fn refuse_a_stranger(&mut self) -> Result<()> {
        self.narrator.act("A stranger knocks and is blocked");
        let mut stranger = self.stage.actor(STRANGER.0, STRANGER.1)?;
        wardrobe::fill(&stranger.outfit, Size::Light, 50)?;
        stranger.start_companion()?;
        stranger.start_plugin(std::slice::from_ref(&self.newcomer.character))?;
        let result = self.stranger_gets_nothing(&mut stranger).await;
        stranger.end().await;
        result
    }

    async fn stranger_gets_nothing(&mut self, stranger: &mut Actor) -> Result<()> {
        share(stranger, Decider::Script, self.narrator).await?;
        let me = self.newcomer.snapshot().await?.me.peer;
        be_discoverable(self.newcomer).await?;
        knock_on(stranger, me).await?;
        let who = stranger.snapshot().await?.me.peer;
        let block = Command::BlockPeer { peer: who };
        decide(self.newcomer, self.decider, self.narrator, who, stranger.name, "press Block", block).await?;
        stranger.command(Command::Reconnect { peer: me }).await.ok();
        let got_in = |seen: &Snapshot| {
            seen.peers
                .iter()
                .find(|peer| peer.peer == me)
                .and_then(|peer| (connected(&peer.link).is_some() || !peer.characters.is_empty()).then(|| "got in".to_owned()))
        };
        if stranger.wait_for("getting in", TRYING, got_in).await.is_ok() {
            let trust = self.newcomer.snapshot().await?.peers.iter().find(|peer| peer.peer == who).map(|peer| peer.trust);
            ensure!(trust != Some(Trust::Blocked) && self.decider == Decider::Person, "the blocked stranger got in");
            self.narrator.say("you let the stranger in, so there is nothing to check here");
            return Ok(());
        }
        ensure!(compare::is_empty(&stranger.shown)?, "the blocked stranger was shown something");
        let seen = self.newcomer.snapshot().await?;
        let refused = seen.peers.iter().find(|peer| peer.peer == who).is_some_and(|peer| peer.trust == Trust::Blocked);
        ensure!(refused || self.decider == Decider::Person, "the stranger is not blocked");
        ensure!(compare::find(&self.newcomer.shown, &stranger.character)?.is_none(), "the stranger's look is shown");
        self.report.note("blocked stranger", "got nothing");
        Ok(())
    }
}

async fn share(actor: &mut Actor, decider: Decider, narrator: &Narrator) -> Result<()> {
    let character = actor.character.clone();
    let decided =
        |seen: &Snapshot| seen.characters.iter().any(|mine| mine.character == character && mine.audience.is_some()).then_some(());
    match decider {
        Decider::Script => {
            actor.wait_for("the plugin's first publish", SOON, |seen| asked_about(seen, &character)).await?;
            actor.command(Command::ShareCharacter { character: character.clone(), audience: Audience::AllFriends }).await
        }
        Decider::Person => {
            narrator.ask(&format!("FyteClub asks whether to share {}: choose all friends", character.name()));
            actor.wait_for("your answer", BY_A_PERSON, decided).await
        }
    }
}

fn asked_about(seen: &Snapshot, character: &Character) -> Option<()> {
    seen.prompts.iter().any(|prompt| matches!(prompt, Prompt::NewCharacter { character: new } if new == character)).then_some(())
}

async fn be_discoverable(actor: &mut Actor) -> Result<()> {
    actor.command(Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }).await
}

async fn knock_on(actor: &mut Actor, peer: PeerId) -> Result<()> {
    be_discoverable(actor).await?;
    actor
        .wait_for("hearing the newcomer nearby", SOON, |seen| seen.nearby.iter().any(|near| near.peer == peer).then_some(()))
        .await?;
    actor.command(Command::ConnectNearby { peer }).await
}

/// Waits for a stranger's prompt and until it has been decided.
async fn decide(
    newcomer: &mut Actor,
    decider: Decider,
    narrator: &Narrator,
    who: PeerId,
    name: &str,
    button: &str,
    command: Command,
) -> Result<()> {
    let asked = |seen: &Snapshot| {
        seen.prompts.iter().any(|prompt| matches!(prompt, Prompt::Stranger { peer, .. } if *peer == who)).then_some(())
    };
    newcomer.wait_for("the question whether to let somebody in", SOON, asked).await?;
    match decider {
        Decider::Script => newcomer.command(command).await,
        Decider::Person => {
            narrator.ask(&format!("{name} would like to connect: {button}"));
            newcomer.wait_for("your answer", BY_A_PERSON, |seen| if asked(seen).is_none() { Some(()) } else { None }).await
        }
    }
}

fn connected(link: &LinkView) -> Option<String> {
    match link {
        LinkView::Connected { route, .. } => Some(format!("{route:?}")),
        LinkView::Connecting
        | LinkView::WaitingForAcceptance
        | LinkView::Offline { .. }
        | LinkView::Paused
        | LinkView::Blocked => None,
    }
}

fn revision_at(seen: &Snapshot, character: &Character) -> Option<u64> {
    let views = seen.peers.iter().flat_map(|peer| &peer.characters);
    views.filter(|view| view.character == *character).map(|view| view.appearance.as_bytes()).next().map(fingerprint)
}

/// Tells one look from another; revisions begin anew when a companion is started again.
fn fingerprint(bytes: &[u8; 32]) -> u64 {
    bytes.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// Waits until `viewer` shows a look of `wearer` other than `before`, byte by byte as it is worn.
async fn look_arrives(viewer: &mut Actor, wearer: &Actor, before: u64, narrator: &Narrator) -> Result<Row> {
    let mut transfers: BTreeMap<u64, TransferView> = BTreeMap::new();
    let character = &wearer.character;
    let applied = |seen: &Snapshot| {
        let view = seen.peers.iter().flat_map(|peer| &peer.characters).find(|view| view.character == *character)?;
        let look = fingerprint(view.appearance.as_bytes());
        if let Some(transfer) = seen.transfers.iter().find(|transfer| transfer.character == *character) {
            narrator.bar(wearer.name, transfer);
            transfers.insert(look, transfer.clone());
        }
        (look != before && view.progress == Progress::Applied).then_some(look)
    };
    let look = viewer.wait_for(&format!("showing {character}"), SOON, applied).await?;
    let transfer = transfers.remove(&look).context("Failed to see the transfer")?;
    compare::same(&wearer.outfit, &viewer.shown, character)?;
    narrator.say(&format!("{} sees {} as worn, every byte", viewer.name, wearer.name));
    Ok(Row::new(viewer.name, wearer.name, &transfer))
}
