//! Puts the snapshot together from what each part lets be seen.

use std::time::Instant;

use super::Engine;
use super::circle::Member;
use super::command::OverLimits;
use super::follow::Progress;
use super::snapshot::{CacheView, CharacterView, InvitesView, Me, PauseView, PeerView, Prompt, Snapshot};
use crate::domain::{Character, PeerId, Settings};

pub(super) fn snapshot(engine: &Engine, now: Instant) -> Snapshot {
    let pause = engine.circle.everyone_pause();
    Snapshot {
        me: Me {
            peer: engine.publish.me(),
            name: engine.settings.name.clone(),
            picture: engine.profile.mine(),
            version: env!("FYTECLUB_VERSION").to_owned(),
        },
        prompts: prompts(engine),
        peers: peers(engine, now),
        invites: invites(engine, now),
        nearby: engine.roster.nearby_view(now, &engine.circle),
        transfers: engine.fetch.view(now),
        uploads: engine.uploads.view(now),
        characters: engine.publish.view(&engine.circle),
        plugin: engine.plugins.view(),
        discovery: engine.roster.discovery_view(now, &engine.settings),
        pause: PauseView {
            paused: pause.is_on(),
            seconds_left: pause.seconds_left(now),
            lacks_plugin: engine.circle.lacks_plugin(),
        },
        elsewhere: engine.runs.view(),
        cache: CacheView {
            folder: engine.surroundings.folder(),
            free: engine.surroundings.free(),
            ..engine.cache.view(engine.settings.cache_limit)
        },
        maintenance: engine.maintenance.view(),
        network: engine.surroundings.network(),
        listening: engine.listening,
        settings: engine.settings.clone(),
        restart_wanted: engine.import_waiting || needs_restart(&engine.began_with, &engine.settings),
        history: engine.history.view(),
        graphs: engine.graphs.view(),
        timelines: engine.timelines.view(),
    }
}

fn invites(engine: &Engine, now: Instant) -> InvitesView {
    let (issued, taken) = engine.invitations.view(engine.desk.unix_now());
    InvitesView { issued, taken, ..engine.invites.view(now) }
}

/// Whether settings differ in what is read at the start only.
fn needs_restart(began_with: &Settings, now: &Settings) -> bool {
    let read = |settings: &Settings| {
        let ports = (settings.port, settings.beacon_port);
        (ports, settings.free_disk_floor, settings.interfaces.clone(), settings.wine_plugins)
    };
    read(began_with) != read(now)
}

/// Oldest first; what stood before the start comes before everything.
fn prompts(engine: &Engine) -> Vec<Prompt> {
    let strangers = engine.roster.strangers().iter().map(|stranger| {
        let prompt = Prompt::Stranger {
            peer: stranger.card.peer(),
            name: stranger.name.clone(),
            address: stranger.address,
            same_name_as: stranger.name.as_ref().and_then(|name| engine.circle.friend_called(name)),
        };
        (Some(stranger.since), prompt)
    });
    let new = engine.circle.undecided().map(|(character, since)| (since, Prompt::NewCharacter { character: character.clone() }));
    let conflicts = engine.circle.conflicts().map(|(since, character, owner, claimant)| {
        (Some(since), Prompt::OwnerConflict { character: character.clone(), owner, claimant })
    });
    let codes = engine.verify.prompts().map(|(since, prompt)| (Some(since), prompt));
    let mut prompts: Vec<(Option<Instant>, Prompt)> = strangers.chain(new).chain(conflicts).chain(codes).collect();
    prompts.sort_by_key(|(since, _)| *since);
    prompts.into_iter().map(|(_, prompt)| prompt).collect()
}

fn peers(engine: &Engine, now: Instant) -> Vec<PeerView> {
    let mut peers: Vec<PeerView> = engine.circle.members().map(|(peer, member)| peer_view(engine, now, peer, member)).collect();
    peers.sort_by(|a, b| {
        let key = |peer: &PeerView| (peer.called().is_none(), peer.called().map(|name| name.as_str().to_lowercase()), peer.peer);
        key(a).cmp(&key(b))
    });
    peers
}

fn peer_view(engine: &Engine, now: Instant, peer: &PeerId, member: &Member) -> PeerView {
    let mine = engine.circle.my_characters().into_iter();
    PeerView {
        peer: *peer,
        name: member.name.clone(),
        picture: engine.profile.of(peer),
        label: engine.circle.labels().of(peer),
        trust: member.trust,
        link: engine.links.view(now, &engine.circle, &engine.roster, peer),
        no_way: engine.links.no_way(peer),
        program: engine.links.program(peer),
        permissions: engine.circle.permissions(peer, &engine.settings.permissions),
        rates: member.rates,
        characters: characters(engine, peer),
        sees: mine.filter(|character| engine.circle.may_see(peer, character, &engine.settings.permissions)).cloned().collect(),
    }
}

fn characters(engine: &Engine, peer: &PeerId) -> Vec<CharacterView> {
    let looks = engine.follow.of(peer);
    looks
        .map(|(character, announce, progress)| CharacterView {
            character: character.clone(),
            appearance: announce.appearance,
            revision: announce.revision,
            weight: announce.weight,
            progress: progress.unwrap_or_else(|| shown(engine, peer, character)),
            near: engine.plugins.is_near(character),
            over_limits: over_limits(engine, peer, character),
        })
        .collect()
}

fn over_limits(engine: &Engine, peer: &PeerId, character: &Character) -> OverLimits {
    if engine.circle.is_unlimited(peer, character) {
        OverLimits::AllowedAlways
    } else if engine.follow.is_allowed_once(peer, character) {
        OverLimits::AllowedOnce
    } else {
        OverLimits::HeldBack
    }
}

/// How far a look that is all here has come.
fn shown(engine: &Engine, peer: &PeerId, character: &Character) -> Progress {
    match engine.follow.ready_of(peer, character) {
        Some(ready) => engine.plugins.progress(character, *peer, ready),
        None => Progress::Ready,
    }
}
