//! Takes each input to the part that owns what it is about.

use super::Engine;
use super::fetch::JobKey;
use super::input::{FetchEvent, FetchId, Input, InviteId, LinkKey, MaintenanceEvent, PluginId, Sighting};
use super::link::{Offer, Stats};
use super::output::Output;
use super::snapshot::{CodeFailure, ListeningView, What};
use crate::domain::{BlobHash, Card, Character, DisplayName, Trust};
use crate::wire::control::Control;
use crate::wire::plugin::FromPlugin;
use crate::wire::run::RunClaim;

/// Seconds by which the wall clock may drift without having been set.
const CLOCK_JUMP: u64 = 30;

impl Engine {
    pub(super) fn route(&mut self, input: Input) {
        let now = self.desk.now();
        match input {
            Input::Command(request, command) => self.command(request, command),
            Input::NetworkChanged => self.network_changed(),
            Input::Clock { unix_now } => self.clock_read(unix_now),
            Input::Listening { signal_port, link_port } => self.listening = Some(ListeningView { signal_port, link_port }),
            Input::Disk { folder, free } => {
                self.surroundings.disk(&mut self.desk, folder, free, self.settings.free_disk_floor);
            }
            Input::Interfaces(interfaces) => self.surroundings.interfaces(interfaces),
            Input::SettingsLoaded(settings) => {
                self.settings = *settings;
                self.cache.limit_changed();
            }
            Input::IdentityCarried { request, import, result } => self.identity_carried(request, import, result),
            Input::PictureRead { request, result } => self.picture_read(request, result),
            Input::PictureLookedAt { peer, picture, result } => {
                self.profile.looked_at(&mut self.desk, &self.circle, peer, picture, result);
            }
            Input::PluginConnected { plugin, program, roots } => self.plugins.connected(plugin, program, roots),
            Input::PluginSaid(plugin, line) => self.plugin_said(plugin, line),
            Input::PluginGone(plugin) => self.plugin_gone(plugin),
            Input::CacheLoaded(blobs) => self.cache.loaded(&blobs),
            Input::CacheLost(blobs) => self.cache_lost(&blobs),
            Input::Hashed(publish, files) => self.publish.hashed(&mut self.desk, &mut self.cache, publish, files),
            Input::OwnFileChanged { blob } => self.publish.file_changed(&blob),
            Input::BlobRead { blob, result } => self.blob_read(blob, &result),
            Input::TrianglesCounted { appearance, result } => {
                self.with_follow(|follow, tools| follow.triangles_counted(tools, &appearance, &result));
            }
            Input::Maintenance(event) => self.maintained(&event),
            Input::Fetch(fetch, event) => self.fetch_event(fetch, event),
            Input::Met { peer, here } => {
                let active = self.circle.is_active(&peer);
                self.links.met(now, peer, here && active);
            }
            Input::Router(router) => self.surroundings.router(router),
            Input::Relays(relays) => self.surroundings.relays(relays),
            Input::CodeEnded { invite, result } => self.code_ended(invite, result),
            Input::Redeemed { secret, card, name } => {
                self.invitations.redeemed(&mut self.desk, &mut self.circle, secret, (card, name));
            }
            Input::InvitationAnswered { secret, answer, name } => {
                self.invitations.answered(&mut self.desk, &mut self.circle, &secret, (answer, name));
            }
            other @ (Input::Heard { .. } | Input::Knocked { .. } | Input::KnockEnded { .. } | Input::OfferArrived { .. }) => {
                self.route_meeting(other);
            }
            other @ (Input::LinkUp { .. }
            | Input::LinkFailed { .. }
            | Input::LinkDown { .. }
            | Input::Received(..)
            | Input::LinkAlive(_)
            | Input::LinkStats { .. }) => self.route_link(other),
            Input::Served { link, appearance, bytes } => {
                let character = self.publish.wearing(&appearance);
                self.uploads.served(self.desk.now(), link.peer, character.clone(), bytes);
                self.history.sent(&self.desk, link.peer, character, bytes);
            }
        }
    }

    /// A new friend is dialled once they are heard.
    fn code_ended(&mut self, invite: InviteId, result: Result<(Card, Option<DisplayName>), CodeFailure>) {
        let me = self.publish.me();
        self.invites.ended(&mut self.desk, &mut self.circle, me, invite, result);
    }

    /// Grants are judged by the wall clock: those that were given by another time are given anew. And a clock that jumps may mean that
    /// the computer has slept, so that nobody is where they were.
    fn clock_read(&mut self, unix_now: u64) {
        self.history.turn_to(unix_now);
        if self.desk.set_clock(unix_now) >= CLOCK_JUMP {
            self.publish.renew_grants();
            self.network_changed();
        }
    }

    fn network_changed(&mut self) {
        self.links.network_changed(self.desk.now());
        self.desk.order(Output::MeetAgain);
    }

    /// What is heard of peers before there is a link.
    fn route_meeting(&mut self, input: Input) {
        let now = self.desk.now();
        if matches!(&input, Input::Heard { sighting: Sighting::Open { card, .. }, .. } | Input::Knocked { card, .. } if card.peer() == self.publish.me())
        {
            // My own voice, or another program with my key: nobody whom I could befriend.
            return;
        }
        if let Input::Heard { sighting, .. } = &input {
            self.surroundings.heard(&self.desk, sighting);
        }
        if let Input::Heard { sighting, address } = input {
            if let Some(peer) = self.roster.heard(now, &self.circle, sighting, address) {
                self.links.nudge(now, peer);
            }
        } else if let Input::Knocked { card, name, address } = input {
            if let Some(peer) = self.roster.knocked(&mut self.desk, &self.circle, card, name, address) {
                self.links.nudge(now, peer);
            }
        } else if let Input::KnockEnded { knock, result } = input {
            if let Some((card, name, address)) = self.roster.knock_ended(&mut self.desk, &self.circle, knock, result)
                && card.peer() != self.publish.me()
            {
                self.roster.answer(&card.peer());
                self.circle.admit(card, name, Trust::Friend, Some(address));
                self.links.wait_for(now, card.peer());
            }
        } else if let Input::OfferArrived { ticket, card, generation, address } = input {
            self.links.offered(&mut self.desk, &self.circle, card.peer(), Offer { ticket, generation, address });
        }
    }

    fn route_link(&mut self, input: Input) {
        let now = self.desk.now();
        if let Input::LinkUp { link, route, remote } = input {
            self.timelines.add(self.desk.unix_now(), link.peer, What::Connected { route, remote });
            let me = self.introduction();
            self.links.up(&mut self.desk, &mut self.circle, &me, (link, route, remote));
        } else if let Input::LinkFailed { link, error } = input {
            self.timelines.add(self.desk.unix_now(), link.peer, What::Failed { reason: error.to_string() });
            self.links.failed(&mut self.desk, link, &error);
        } else if let Input::LinkDown { link, reason } = input {
            self.graphs.ended(link);
            self.timelines.add(self.desk.unix_now(), link.peer, What::Ended { reason: reason.to_string() });
            self.links.down(&mut self.desk, &self.circle, link, reason);
        } else if let Input::Received(link, message) = input {
            self.received(link, message);
        } else if let Input::LinkAlive(link) = input {
            self.links.alive(now, link);
        } else if let Input::LinkStats { link, round_trip_us, route, sent, received, served } = input {
            self.graphs.report(now, link, (sent, received), round_trip_us);
            self.links.measured(link, route, Stats { round_trip_us, sent, received, served });
        }
    }

    fn received(&mut self, link: LinkKey, message: Control) {
        let now = self.desk.now();
        let Some(message) = self.links.received(&mut self.desk, &mut self.circle, link, message) else { return };
        let obeyed = match message {
            Control::Announce(announce) => self.with_follow(|follow, tools| follow.announced(tools, link, announce)),
            Control::Withdraw { character, instance } => {
                self.with_follow(|follow, tools| follow.withdrawn(tools, link, &character, instance));
                Ok(())
            }
            Control::GetManifest { appearance, grant } => {
                let (follow, circle) = (&self.follow, &self.circle);
                let relayed = || follow.relayed(circle, &grant.wearer, &appearance);
                self.publish.manifest_asked(&mut self.desk, circle, link, (appearance, &grant), relayed);
                Ok(())
            }
            Control::Manifest { appearance, body } => {
                self.with_follow(|follow, tools| follow.manifest(tools, link, appearance, &body))
            }
            Control::Refuse { appearance, refusal } => {
                self.with_follow(|follow, tools| follow.refused(tools, link, &appearance, refusal));
                Ok(())
            }
            Control::Verify(step) => self.verify.heard(&mut self.desk, &mut self.circle, link, &step),
            Control::Profile { name, picture } => {
                self.profile.heard(&mut self.circle, link, name, picture);
                Ok(())
            }
            Control::GetPicture { picture } => {
                self.profile.asked(&mut self.desk, &self.circle, link, picture);
                Ok(())
            }
            Control::Picture { picture, bytes } => {
                self.profile.came(&mut self.desk, &self.circle, link, picture, bytes);
                Ok(())
            }
            Control::Resync => {
                self.publish.tell_again(now, link);
                Ok(())
            }
            Control::Rival { nonce } => {
                let claim = self.publish.claim(&self.runs, nonce);
                self.desk.send(link, Control::Claim(claim));
                Ok(())
            }
            Control::Claim(claim) => {
                self.newer_run_heard(link, &claim);
                Ok(())
            }
            // The link itself deals with these.
            Control::Hello(_) | Control::Ping { .. } | Control::Pong { .. } | Control::Bye { .. } | Control::Unknown { .. } => {
                Ok(())
            }
        };
        if let Err(broken) = obeyed {
            self.links.kick(&mut self.desk, &self.circle, link.peer, broken);
        }
    }

    /// A friend passes on that another run with my keys is there. Only its own signature under the number of this link counts.
    fn newer_run_heard(&mut self, link: LinkKey, claim: &RunClaim) {
        let genuine = self.links.spend_nonce(link, claim) && claim.is_by(&self.publish.me());
        if genuine && self.runs.heard(&mut self.desk, claim) {
            self.links.yield_to_newer(&mut self.desk, link.peer);
        }
    }

    fn plugin_said(&mut self, plugin: PluginId, line: FromPlugin) {
        let Some(roots) = self.plugins.roots(plugin) else { return };
        match line {
            FromPlugin::Publish { character, objects } => {
                self.publish.published(&mut self.desk, &mut self.circle, (plugin, roots), &character, objects);
            }
            FromPlugin::Unpublish { character } => {
                if let Ok(character) = character.parse() {
                    self.publish.unpublished(&mut self.desk, &mut self.cache, &character);
                }
            }
            FromPlugin::State { character, in_combat, in_cutscene, in_duty: _, group_pose: _ } => {
                let character: Option<Character> = character.and_then(|character| character.parse().ok());
                if let Some(character) = &character {
                    self.circle.wear(character);
                }
                self.plugins.set_state(plugin, character, in_combat || in_cutscene);
            }
            FromPlugin::Nearby { characters } => self.plugins.set_near(plugin, characters),
            FromPlugin::Applied { character, revision } => {
                if let Ok(character) = character.parse() {
                    self.plugins.applied(&mut self.desk, &mut self.cache, plugin, &character, revision);
                }
            }
            FromPlugin::Failed { character, revision, reason } => {
                if let Ok(character) = character.parse() {
                    self.plugins.failed(&mut self.desk, plugin, &character, revision, &reason);
                }
            }
            FromPlugin::Pause => self.circle.plugin_rests(plugin, true),
            FromPlugin::Resume => self.circle.plugin_rests(plugin, false),
            FromPlugin::Resync => self.plugins.resync(&mut self.desk, &mut self.cache, plugin),
            // The pipe has answered it.
            FromPlugin::Hello(_) => {}
        }
    }

    fn plugin_gone(&mut self, plugin: PluginId) {
        self.plugins.gone(&mut self.desk, &mut self.cache, plugin);
        self.publish.plugin_gone(self.desk.now(), plugin);
        self.circle.plugin_rests(plugin, false);
    }

    fn cache_lost(&mut self, blobs: &[BlobHash]) {
        self.cache.lost(blobs);
        self.publish.cache_lost(&mut self.desk, &mut self.cache, blobs);
    }

    /// After a move, the settings name the new folder, and every game is told the files' new places.
    fn maintained(&mut self, event: &MaintenanceEvent) {
        if let MaintenanceEvent::Moved { folder } = event {
            self.settings.cache_folder = Some(folder.clone());
            self.desk.order(Output::SaveSettings(Box::new(self.settings.clone())));
            self.plugins.cache_moved(&mut self.desk, &mut self.cache);
        }
        self.maintenance.heard(&mut self.desk, event);
    }

    fn blob_read(&mut self, blob: BlobHash, result: &Result<Vec<u8>, String>) {
        self.plugins.text_read(&mut self.desk, blob, result);
        let read = self.with_follow(|follow, tools| follow.manifest_read(tools, blob, result));
        if let Err((peer, broken)) = read {
            self.links.kick(&mut self.desk, &self.circle, peer, broken);
        }
    }

    fn fetch_event(&mut self, fetch: FetchId, event: FetchEvent) {
        let touched = self.fetch.users_of(fetch);
        if let (Some((peer, character)), Some(bytes)) = (self.fetch.source_of(fetch), bytes_in(&event)) {
            self.history.received(&self.desk, peer, character, bytes);
        }
        let news = self.fetch.report(&mut self.desk, fetch, event);
        for blob in &news.complete {
            self.cache.add(*blob);
        }
        self.plugins.tell_progress(&mut self.desk, &self.fetch, &touched);
        for key in &news.finished {
            self.finished(key);
        }
        for (key, error) in &news.failed {
            self.with_follow(|follow, tools| follow.fetch_failed(tools, key, error));
        }
        if let Some(peer) = news.bad {
            self.links.kick(&mut self.desk, &self.circle, peer, "it sent bytes that are not the ones it had promised");
        }
    }

    fn finished(&mut self, key: &JobKey) {
        if self.fetch.is_seen(key) {
            self.history.completed(&self.desk, key.peer, key.character.clone());
        }
        self.with_follow(|follow, tools| follow.fetched(tools, key));
    }
}

/// The verified bytes that a report brings.
fn bytes_in(event: &FetchEvent) -> Option<u64> {
    match event {
        FetchEvent::Progress { bytes } | FetchEvent::Stored { bytes, .. } => Some(*bytes).filter(|bytes| *bytes > 0),
        FetchEvent::Failed(_) => None,
    }
}
