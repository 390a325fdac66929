//! Two or more companions as processes, and what one transfer between them takes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use fyteclub::domain::Character;
use fyteclub::run::stage::{Actor, Stage, befriend};

use crate::moments::{self, Moment};
use crate::plugin::{Plugin, Shown};
use crate::system;
use crate::work::{Outfit, Work};

/// Patience for one look on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

const PEOPLE: [(&str, &str); 3] = [("Aria", "Aria Fyte@Phoenix"), ("Bea", "Bea Bright@Phoenix"), ("Cid", "Cid Nan@Odin")];

/// Friends who are linked: the first wears, the others look.
#[derive(Debug)]
pub(crate) struct Friends {
    pub(crate) actors: Vec<Actor>,
    _stage: Stage,
}

/// What one look took, in seconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trip {
    pub(crate) publish_to_announce: f64,
    pub(crate) announce_to_apply: f64,
    pub(crate) apply_to_applied: f64,
    /// The greatest memory of wearer and receivers.
    pub(crate) memory: u64,
    /// Seconds from dialling to an open link.
    pub(crate) opened: Vec<f64>,
}

impl Friends {
    /// So many, with nobody started.
    pub(crate) fn new(work: &Work, count: usize, environment: &[(&'static str, &str)]) -> Result<Self> {
        let folder = work.fresh()?;
        let mut stage = Stage::new(&folder, env!("CARGO_BIN_EXE_fyteclub").into())?;
        stage.set("FYTECLUB_LOG", moments::FILTER);
        environment.iter().for_each(|(name, value)| stage.set(name, value));
        let actors = PEOPLE.iter().take(count).map(|(name, who)| stage.actor(name, who)).collect::<Result<Vec<_>>>()?;
        befriend(&actors.iter().collect::<Vec<_>>())?;
        Ok(Self { actors, _stage: stage })
    }

    /// Starts everybody and waits until the wearer is linked with all.
    pub(crate) async fn start(&mut self) -> Result<()> {
        for actor in &mut self.actors {
            actor.start_companion()?;
        }
        let others = self.actors.len() - 1;
        let linked = move |seen: &fyteclub::engine::snapshot::Snapshot| {
            let up = |peer: &&fyteclub::engine::snapshot::PeerView| {
                matches!(peer.link, fyteclub::engine::snapshot::LinkView::Connected { .. })
            };
            (seen.peers.iter().filter(up).count() >= others).then_some(())
        };
        let wearer = self.actors.first_mut().context("nobody is there")?;
        wearer.wait_for("linking", PATIENCE, linked).await
    }

    pub(crate) fn actor(&self, number: usize) -> Result<&Actor> {
        self.actors.get(number).context("nobody is there")
    }

    pub(crate) fn pid(&self, number: usize) -> Result<u32> {
        self.actor(number)?.companion_pid().context("nobody is there")
    }

    /// The plugin of one of them; everybody stands near.
    pub(crate) async fn plugin(&self, number: usize, roots: &[&Path]) -> Result<Plugin> {
        let near: Vec<&Character> = self.actors.iter().map(|actor| &actor.character).collect();
        Plugin::connect(self.actor(number)?, roots, &near).await
    }

    pub(crate) async fn end(mut self) {
        for actor in &mut self.actors {
            actor.end().await;
        }
        drop(self);
        system::settle();
    }

    /// What everybody's log says of links.
    pub(crate) fn opened(&self) -> Result<Vec<f64>> {
        let mut opened = Vec::new();
        for actor in &self.actors {
            let moments = moments::read(&actor.profile)?;
            for dialled in moments.iter().filter(|moment| moment.is("dialling")) {
                let up = |moment: &&Moment| {
                    moment.at >= dialled.at && moment.is("linked") && moment.number("generation") == dialled.number("generation")
                };
                opened.extend(moments.iter().find(up).map(|up| up.at - dialled.at));
            }
        }
        Ok(opened)
    }
}

/// One look, cold: nothing of it is hashed or held anywhere.
pub(crate) async fn cold(work: &Work, outfit: &Outfit, receivers: usize, environment: &[(&'static str, &str)]) -> Result<Trip> {
    let mut friends = Friends::new(work, receivers + 1, environment)?;
    friends.start().await?;
    let mut watching = Vec::new();
    for number in 1..=receivers {
        watching.push(friends.plugin(number, &[]).await?);
    }
    let mut wearing = friends.plugin(0, &[&outfit.folder]).await?;
    let published = wearing.publish(&outfit.folder).await?;
    let seen = futures_util::future::join_all(watching.iter_mut().map(|plugin| plugin.shown(PATIENCE))).await;
    let seen: Vec<Shown> = seen.into_iter().collect::<Result<_>>()?;
    let wearer = &friends.actor(0)?.profile;
    let announced = moments::wait_for(wearer, "announced", published - 1.0, PATIENCE).await?.at;
    let mut trip = Trip {
        publish_to_announce: announced - published,
        announce_to_apply: seen.iter().map(|shown| shown.at).fold(0.0, f64::max) - announced,
        opened: friends.opened()?,
        ..Trip::default()
    };
    for (number, shown) in (1..).zip(&seen) {
        let applied = moments::wait_for(&friends.actor(number)?.profile, "applied", shown.at - 1.0, PATIENCE).await?;
        trip.apply_to_applied = trip.apply_to_applied.max(applied.at - shown.at);
    }
    for number in 0..=receivers {
        trip.memory = trip.memory.max(system::memory_peak(friends.pid(number)?)?);
    }
    if let Some(shown) = seen.first() {
        shown.check(&outfit.folder)?;
    }
    friends.end().await;
    Ok(trip)
}

/// Seconds for hashing a fresh publish with nobody to send it to.
pub(crate) async fn hashed(work: &Work, outfit: &Outfit) -> Result<f64> {
    let mut alone = Friends::new(work, 1, &[])?;
    alone.start().await?;
    let mut wearing = alone.plugin(0, &[&outfit.folder]).await?;
    let published = wearing.publish(&outfit.folder).await?;
    let wearer = &alone.actor(0)?.profile;
    let hashing = moments::wait_for(wearer, "hashing", published - 1.0, PATIENCE).await?.at;
    let hashed = moments::wait_for(wearer, "hashed", hashing, PATIENCE).await?.at;
    alone.end().await;
    Ok(hashed - hashing)
}
