//! What a friend loses to another friend who breaks the rules.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use fyteclub::domain::{BlobHash, Direction, Rate};
use fyteclub::engine::command::{Command, Scope, SettingChange};
use fyteclub::run::stage::Actor;
use fyteclub::run::stage::wardrobe::{self, Size};
use fyteclub::wire::bulk::{Bulk, MAX_GROUPS};
use fyteclub::wire::control::Control;
use tokio::time::timeout;

use crate::Options;
use crate::moments;
use crate::play::{Friends, PATIENCE};
use crate::puppet::{Line, Puppet, granted};
use crate::system;
use crate::table::{Bound, Table, mib, rate, seconds};
use crate::work::{Work, files};

/// Bytes a second from the wearer, of all friends together. At the machine's own limit, the work of those who attack would count.
const LINE: u64 = 30 << 20;
/// Messages in a row before the attacker looks whether it is still linked.
const FLOOD: u32 = 20_000;

/// How long the look is waited for on a line: one that the host has replaced by a newer one stays silent.
const GRANTED: Duration = Duration::from_secs(1);

/// What a hostile friend does, again and again, for as long as another one fetches.
#[derive(Clone, Copy, Debug)]
enum Attack {
    Nothing,
    ShortMessages,
    Requests,
    Garbage,
    NeverReading,
}

const ATTACKS: [(Attack, &str); 5] = [
    (Attack::Nothing, ""),
    (Attack::ShortMessages, "messages of one byte"),
    (Attack::Requests, "requests without end"),
    (Attack::Garbage, "garbage"),
    (Attack::NeverReading, "asking and never reading"),
];

pub(super) async fn rows(options: &Options, work: &Work, table: &mut Table) -> Result<()> {
    if options.short || !options.wants("hostile") {
        return Ok(());
    }
    table.heading(&format!("a friend's typical look at {:.0} MiB/s, beside a hostile friend", mib(LINE)));
    let outfit = work.outfit("hostile", Size::Typical)?;
    let mut friends = Friends::new(work, 2, &[])?;
    friends.start().await?;
    let mut watching = friends.plugin(1, &[]).await?;
    let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
    let profile = friends.actor(0)?.profile.clone();
    let host = friends.actors.first_mut().context("nobody is there")?;
    limit(host).await?;
    let mut puppet = Puppet::new(70).await;
    let mut line = puppet.befriend(host).await;
    let mut undisturbed = 0.0;
    for (number, (attack, name)) in ATTACKS.into_iter().enumerate() {
        wardrobe::fill(&outfit.folder, Size::Typical, 100 + number as u64)?;
        system::settle();
        let published = wearing.publish(&outfit.folder).await?;
        let announced = moments::wait_for(&profile, "announced", published, PATIENCE).await?.at;
        let sent = Cell::new(0);
        let shown = tokio::select! {
            shown = watching.shown(PATIENCE) => shown?,
            failed = again_and_again(attack, &mut puppet, line, host, &outfit.folder, &sent) => return failed,
        };
        shown.check(&outfit.folder)?;
        let took = shown.at - announced;
        let measured = format!("{} {}", seconds(took), rate(outfit.bytes, took));
        if matches!(attack, Attack::Nothing) {
            undisturbed = took;
            table.show("hostile friend: none", &measured, "");
        } else {
            let what = format!("  {name}");
            let beside = format!("{} hostile messages", sent.get());
            anyhow::ensure!(sent.get() > 0, "nothing hostile was said");
            table.judge(&what, &measured, &beside, (undisturbed / took, " ×"), Bound::AtLeast(0.8));
        }
        line = puppet.again(host).await;
    }
    drop(line);
    friends.end().await;
    Ok(())
}

async fn limit(host: &mut Actor) -> Result<()> {
    host.command(Command::ChangeSetting { change: SettingChange::LimitLan(true) }).await?;
    let rate = Some(Rate::from(LINE));
    host.command(Command::LimitRate { scope: Scope::Everyone, direction: Direction::Up, rate }).await
}

/// Comes back whenever it was thrown out: the host lets it, though a companion would leave it alone for a while.
async fn again_and_again(
    attack: Attack,
    puppet: &mut Puppet,
    mut line: Line,
    host: &mut Actor,
    worn: &Path,
    sent: &Cell<u64>,
) -> Result<()> {
    let count = || sent.set(sent.get() + 1);
    let largest = files(worn)?.into_iter().map(|file| worn.join(file));
    let largest = largest.max_by_key(|file| std::fs::metadata(file).map_or(0, |about| about.len())).context("nothing is worn")?;
    let hash = BlobHash::of(&std::fs::read(largest)?);
    loop {
        'said: {
            match attack {
                Attack::Nothing => std::future::pending().await,
                Attack::ShortMessages => {
                    for _ in 0..FLOOD {
                        line.say_raw(&[0xff]).await;
                        count();
                    }
                }
                Attack::Garbage => {
                    for _ in 0..FLOOD / 100 {
                        line.say_bulk_raw(&[0x5a; 4096]).await;
                        count();
                    }
                }
                Attack::Requests => {
                    let Ok(appearance) = timeout(GRANTED, granted(&line, hash)).await else { break 'said };
                    for request in 0..FLOOD {
                        line.say_bulk(&Bulk::GetPack { request, appearance, hashes: vec![hash] }).await;
                        count();
                    }
                }
                Attack::NeverReading => {
                    let Ok(appearance) = timeout(GRANTED, granted(&line, hash)).await else { break 'said };
                    for request in 0..30 {
                        line.say_bulk(&Bulk::GetGroups { request, appearance, hash, first: 0, count: MAX_GROUPS }).await;
                        count();
                    }
                    for token in 0..20 {
                        line.say(&Control::Ping { token }).await;
                        tokio::time::sleep(Duration::from_millis(500)).await;
                    }
                }
            }
        }
        line = puppet.again(host).await;
    }
}
