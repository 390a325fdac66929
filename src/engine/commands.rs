//! What a person asks for, taken to the part that does it.

use std::path::PathBuf;
use std::time::Duration;

use super::Engine;
use super::command::{Command, CommandError, OverLimits, Scope, SettingChange};
use super::fetch::JobKey;
use super::input::RequestId;
use super::maintenance::{Chore, Part};
use super::notice::Notice;
use super::output::Output;
use crate::domain::{
    Audience, Card, Character, Direction, DiscoveryMode, DisplayName, Passphrase, PeerId, Permission, Picture, Rate, Trust,
};
use crate::wire::control::Control;
use crate::wire::pairing::Role;

impl Engine {
    pub(super) fn command(&mut self, request: RequestId, command: Command) {
        if let Command::SetPicture { file: Some(file) } = command {
            return self.profile.choose(&mut self.desk, request, file);
        }
        if let Command::ExportIdentity { file, passphrase } = command {
            return self.carry_identity(request, false, file, passphrase);
        }
        if let Command::ImportIdentity { file, passphrase } = command {
            return self.carry_identity(request, true, file, passphrase);
        }
        let quit = matches!(command, Command::Quit);
        let version = self.saved_version();
        let result = self.carry_out(command).map_err(CommandError);
        if self.saved_version() != version {
            // A person who blocks somebody relies on it, whatever ends the program: saved before it is answered.
            self.save_circle();
        }
        self.desk.order(Output::Reply(request, result));
        if quit {
            self.quit();
        }
    }

    fn carry_out(&mut self, command: Command) -> Result<(), String> {
        let now = self.desk.now();
        match command {
            Command::AcceptPeer { peer, once } => self.accept(peer, once),
            Command::DismissPeer { peer } => {
                self.roster.put_off(&peer).then_some(()).ok_or_else(|| format!("{} has not asked to connect", peer.short()))
            }
            Command::BlockPeer { peer } => self.block(peer),
            Command::UnblockPeer { peer } => self.unblock(peer),
            Command::RemovePeer { peer } => {
                self.known(&peer)?;
                self.circle.forget_peer(&peer);
                Ok(())
            }
            Command::ConnectAddress { address } => self.roster.knock_at(&mut self.desk, self.settings.name.clone(), &address),
            Command::ConnectNearby { peer } => self.connect_nearby(peer),
            Command::Reconnect { peer } => {
                self.admitted(&peer)?;
                self.links.reconnect(self.desk.now(), peer);
                Ok(())
            }
            Command::SetPermission { scope, permission, allow } => self.permit(&scope, permission, allow),
            Command::LimitRate { scope, direction, rate } => self.limit_rate(&scope, direction, rate),
            Command::OfferCode => self.invites.offer(&mut self.desk, &self.settings),
            Command::JoinByCode { code } => self.invites.join(&mut self.desk, &self.settings, &code),
            Command::PutCodeAway { offered } => {
                let role = if offered { Role::Issuer } else { Role::Joiner };
                self.invites.put_away(&mut self.desk, role);
                Ok(())
            }
            Command::OfferInvitation { lasting, uses } => self.invitations.offer(&mut self.desk, &self.settings, lasting, uses),
            Command::TakeInvitation { link } => self.invitations.take(&self.desk, &self.circle, &self.settings, &link),
            Command::DropInvitation { id } => self.invitations.put_away(&self.desk, id),
            Command::StartVerification { peer } => {
                self.admitted(&peer)?;
                self.verify.start(&mut self.desk, &self.circle, &self.links, peer)
            }
            Command::ConfirmVerification { peer, matches } => {
                self.verify.confirm(&mut self.desk, &mut self.circle, peer, matches)
            }
            Command::LabelPeer { peer, label } => {
                self.known(&peer)?;
                self.circle.label(peer, label)
            }
            Command::ShareCharacter { character, audience } => self.share(character, audience),
            Command::ChooseOwner { character, owner } => self.choose(&character, owner),
            Command::CancelTransfer { peer, character } => self.cancel(peer, &character),
            Command::RetryTransfer { peer, character } => self.retry(peer, &character),
            Command::PrioritiseTransfer { peer, character } => self.prioritise(peer, &character),
            Command::AllowLook { peer, character, over_limits } => self.allow(peer, character, over_limits),
            Command::Pause { scope, lasting } => self.pause(&scope, lasting),
            Command::Resume { scope } => self.resume(&scope),
            Command::Resync { peer } => self.resync(peer),
            Command::SetDiscovery { mode } => {
                if self.roster.set_mode(now, mode) {
                    self.save_discovery(mode);
                }
                Ok(())
            }
            Command::CheckLooks { peer } => self.check_looks(peer),
            Command::SendAgain { peer } => self.send_again(peer),
            Command::VerifyCache => self.maintenance.start(&mut self.desk, Chore::Verify(None)),
            Command::MoveCache { folder } => {
                let forbidden = self.plugins.all_roots();
                self.maintenance.start(&mut self.desk, Chore::Move { folder, forbidden })
            }
            Command::CancelMaintenance => self.maintenance.cancel(&mut self.desk),
            Command::ClearCache => {
                self.desk.order(Output::ClearCache);
                Ok(())
            }
            Command::ChangeSetting { change } => {
                self.change_setting(change);
                Ok(())
            }
            // Answered once it is done.
            Command::ExportIdentity { .. } | Command::ImportIdentity { .. } => Ok(()),
            // One with a file is answered once the file is read.
            Command::SetPicture { .. } => {
                self.profile.set(&mut self.desk, None);
                Ok(())
            }
            Command::ClearHistory { peer } => {
                self.history.clear(peer);
                self.save_history();
                Ok(())
            }
            Command::ShowWindow => {
                self.desk.notify(Notice::WindowWanted);
                Ok(())
            }
            Command::Quit => Ok(()),
        }
    }

    /// The newest friends and notes go along.
    fn carry_identity(&mut self, request: RequestId, import: bool, file: PathBuf, passphrase: Passphrase) {
        self.save_circle();
        self.desk.order(Output::CarryIdentity { request, import, file, passphrase });
    }

    pub(super) fn identity_carried(&mut self, request: RequestId, import: bool, result: Result<(), String>) {
        self.import_waiting |= import && result.is_ok();
        self.desk.order(Output::Reply(request, result.map_err(CommandError)));
    }

    fn accept(&mut self, peer: PeerId, once: bool) -> Result<(), String> {
        if let Some(stranger) = self.roster.welcome(&peer) {
            let trust = if once { Trust::Once } else { Trust::Friend };
            self.circle.admit(stranger.card, stranger.name, trust, Some(stranger.address));
            self.links.reconnect(self.desk.now(), peer);
            return Ok(());
        }
        let trust = self.circle.member(&peer).map(|member| (member.trust, member.card));
        match trust {
            Some((Trust::Once, card)) if !once => {
                self.circle.admit(card, None, Trust::Friend, None);
                Ok(())
            }
            Some((Trust::Once | Trust::Friend | Trust::Verified, _)) => Ok(()),
            Some((Trust::Blocked, _)) => Err("you have blocked them: unblock them first".to_owned()),
            None => Err(format!("{} has not asked to connect", peer.short())),
        }
    }

    fn block(&mut self, peer: PeerId) -> Result<(), String> {
        let (card, name) = self.card_of(&peer).ok_or_else(|| unknown(&peer))?;
        self.roster.answer(&peer);
        self.circle.block(card, name);
        Ok(())
    }

    fn unblock(&mut self, peer: PeerId) -> Result<(), String> {
        if !self.circle.blocks(&peer) {
            return Err(format!("{} is not blocked", peer.short()));
        }
        self.circle.forget_peer(&peer);
        Ok(())
    }

    fn connect_nearby(&mut self, peer: PeerId) -> Result<(), String> {
        if self.circle.blocks(&peer) {
            return Err("you have blocked them: unblock them first".to_owned());
        }
        if self.circle.admits(&peer) {
            self.links.reconnect(self.desk.now(), peer);
            return Ok(());
        }
        self.roster.knock_near(&mut self.desk, self.settings.name.clone(), peer)
    }

    fn permit(&mut self, scope: &Scope, permission: Permission, allow: Option<bool>) -> Result<(), String> {
        if *scope == Scope::Everyone {
            self.settings.permissions.set(permission, allow.unwrap_or(true));
            self.save_settings();
            return Ok(());
        }
        for peer in self.meant(scope)? {
            self.circle.set_permission(&peer, permission, allow);
        }
        Ok(())
    }

    fn limit_rate(&mut self, scope: &Scope, direction: Direction, rate: Option<Rate>) -> Result<(), String> {
        if *scope == Scope::Everyone {
            self.settings.rates.set(direction, rate);
            self.save_settings();
            return Ok(());
        }
        for peer in self.meant(scope)? {
            self.circle.set_rate(&peer, direction, rate);
        }
        Ok(())
    }

    /// Whom a scope means, if not everyone.
    fn meant(&self, scope: &Scope) -> Result<Vec<PeerId>, String> {
        match scope {
            Scope::Everyone => Ok(Vec::new()),
            Scope::Peer(peer) => self.known(peer).map(|()| vec![*peer]),
            Scope::Tagged(tag) => {
                let bears = |peer: &PeerId| self.circle.labels().of(peer).tags.iter().any(|borne| borne == tag);
                let peers: Vec<PeerId> = self.circle.members().map(|(peer, _)| *peer).filter(bears).collect();
                if peers.is_empty() { Err(format!("no friend of yours bears the tag {tag}")) } else { Ok(peers) }
            }
        }
    }

    fn share(&mut self, character: Character, audience: Audience) -> Result<(), String> {
        if let Audience::Chosen(chosen) = &audience
            && let Some(stranger) = chosen.iter().find(|peer| !self.circle.admits(peer))
        {
            return Err(format!("{} is no friend of yours: add them first", stranger.short()));
        }
        if !self.circle.is_mine(&character) {
            return Err(format!("{character} is not a character of yours: log in with it, with the plugin running"));
        }
        self.circle.share(character, audience);
        Ok(())
    }

    fn choose(&mut self, character: &Character, owner: PeerId) -> Result<(), String> {
        if self.circle.choose_owner(character, owner, self.desk.now()) {
            Ok(())
        } else {
            Err(format!("{} does not claim {character}", self.circle.called(&owner)))
        }
    }

    fn cancel(&mut self, peer: PeerId, character: &Character) -> Result<(), String> {
        let cancelled = self.with_follow(|follow, tools| follow.cancel(tools, peer, character));
        cancelled.then_some(()).ok_or_else(|| self.not_fetched(&peer, character))
    }

    fn prioritise(&mut self, peer: PeerId, character: &Character) -> Result<(), String> {
        let first = self.fetch.put_first(&JobKey { peer, character: character.clone() });
        first.then_some(()).ok_or_else(|| self.not_fetched(&peer, character))
    }

    fn not_fetched(&self, peer: &PeerId, character: &Character) -> String {
        format!("nothing of {character} is being fetched from {}", self.circle.called(peer))
    }

    fn allow(&mut self, peer: PeerId, character: Character, over_limits: OverLimits) -> Result<(), String> {
        self.admitted(&peer)?;
        let always = self.circle.is_unlimited(&peer, &character);
        if !self.follow.allow(&peer, &character, over_limits) && !always {
            return Err(format!("{} shows you no {character}", self.circle.called(&peer)));
        }
        self.circle.set_unlimited(&peer, character, over_limits == OverLimits::AllowedAlways);
        Ok(())
    }

    fn retry(&mut self, peer: PeerId, character: &Character) -> Result<(), String> {
        self.admitted(&peer)?;
        let shown_again = self.plugins.retry(self.desk.now(), &peer, character);
        if self.follow.retry(&peer, character) || shown_again {
            Ok(())
        } else {
            Err(format!("no look of {character} from {} has failed or was cancelled", self.circle.called(&peer)))
        }
    }

    fn pause(&mut self, scope: &Scope, lasting: Option<Duration>) -> Result<(), String> {
        let now = self.desk.now();
        if *scope == Scope::Everyone {
            self.circle.pause_everyone(now, lasting);
        }
        for peer in self.admitted_of(scope)? {
            self.circle.pause_peer(&peer, now, lasting);
        }
        Ok(())
    }

    fn resume(&mut self, scope: &Scope) -> Result<(), String> {
        if *scope == Scope::Everyone {
            self.circle.resume_everyone();
        }
        for peer in self.admitted_of(scope)? {
            self.circle.resume_peer(&peer);
        }
        Ok(())
    }

    /// Whom a scope means of those who are let in; one who is named must be.
    fn admitted_of(&self, scope: &Scope) -> Result<Vec<PeerId>, String> {
        if let Scope::Peer(peer) = scope {
            self.admitted(peer)?;
        }
        Ok(self.meant(scope)?.into_iter().filter(|peer| self.circle.admits(peer)).collect())
    }

    /// Every file of a friend's looks is checked, and what failed is tried again.
    fn check_looks(&mut self, peer: PeerId) -> Result<(), String> {
        self.admitted(&peer)?;
        let blobs = self.cache.of_friend(&peer);
        if blobs.is_empty() {
            return Err(format!("nothing of {} is in the cache", self.circle.called(&peer)));
        }
        let whose = Some(Part { called: self.circle.called(&peer), blobs });
        self.maintenance.start(&mut self.desk, Chore::Verify(whose))?;
        self.follow.retry_failed(Some(&peer));
        Ok(())
    }

    fn send_again(&mut self, peer: PeerId) -> Result<(), String> {
        self.admitted(&peer)?;
        let links: Vec<_> = self.links.all_linked().filter(|link| link.peer == peer).collect();
        if links.is_empty() {
            return Err(format!("{} is not connected", self.circle.called(&peer)));
        }
        let looks = links.into_iter().map(|link| self.publish.tell_all_again(link)).sum();
        self.desk.notify(Notice::SentAgain { peer, looks });
        Ok(())
    }

    fn resync(&mut self, peer: Option<PeerId>) -> Result<(), String> {
        if let Some(peer) = peer {
            self.admitted(&peer)?;
        }
        let wanted: Vec<_> = self.links.all_linked().filter(|link| peer.is_none_or(|peer| peer == link.peer)).collect();
        for link in wanted {
            self.desk.send(link, Control::Resync);
            self.publish.tell_again(self.desk.now(), link);
        }
        self.follow.retry_failed(peer.as_ref());
        let looks = self.plugins.resync_all(&mut self.desk, &mut self.cache, peer);
        self.desk.notify(Notice::ShownAgain { peer, looks, plugin: self.plugins.view().is_some() });
        Ok(())
    }

    fn change_setting(&mut self, change: SettingChange) {
        match change {
            SettingChange::Name(name) => self.settings.name = name,
            SettingChange::Port(port) => self.settings.port = port,
            SettingChange::CacheLimit(limit) => {
                self.settings.cache_limit = limit;
                self.cache.limit_changed();
            }
            SettingChange::Weight(most) => self.settings.limits.set(most),
            SettingChange::LimitLan(limited) => self.settings.limit_lan = limited,
            SettingChange::WinePlugins(answer) => self.settings.wine_plugins = answer,
            SettingChange::Language(language) => self.settings.language = language,
            SettingChange::Interfaces(interfaces) => self.settings.interfaces = interfaces,
            SettingChange::BeaconPort(port) => self.settings.beacon_port = port,
            SettingChange::Rendezvous(on) => self.settings.rendezvous = on,
            SettingChange::Relays(relays) => self.settings.relays = relays,
            SettingChange::StunServers(servers) => self.settings.stun_servers = servers,
            SettingChange::FreeDiskFloor(floor) => self.settings.free_disk_floor = floor,
            SettingChange::Theme(theme) => self.settings.theme = theme,
            SettingChange::TextSize(size) => self.settings.text_size = size,
            SettingChange::KeepOnTop(on) => self.settings.keep_on_top = on,
            SettingChange::Compact(on) => self.settings.compact = on,
            SettingChange::StartWithComputer(on) => self.settings.start_with_computer = on,
            SettingChange::StartHidden(on) => self.settings.start_hidden = on,
            SettingChange::OnlyWithPlugin(on) => self.settings.only_with_plugin = on,
            SettingChange::Tell(of, tell) => self.settings.notifications.set(of, tell),
            SettingChange::Welcome(step) => self.settings.welcome = step,
            SettingChange::TrayTold => self.settings.tray_told = true,
        }
        self.save_settings();
    }

    fn save_discovery(&mut self, mode: DiscoveryMode) {
        if self.settings.discovery != mode {
            self.settings.discovery = mode;
            self.save_settings();
        }
    }

    fn save_settings(&mut self) {
        self.desk.order(Output::SaveSettings(Box::new(self.settings.clone())));
    }

    /// Says farewell, takes everything off, saves, ends.
    fn quit(&mut self) {
        self.links.quit(&mut self.desk);
        self.plugins.quit(&mut self.desk, &mut self.cache);
        self.save_circle();
        if self.history.take_unsaved() {
            self.save_history();
        }
        self.desk.order(Output::Quit);
        self.ended = true;
    }

    pub(super) fn save_history(&mut self) {
        self.history.take_unsaved();
        self.desk.order(Output::SaveHistory(Box::new(self.history.to_saved())));
    }

    /// Saves the circle if it has changed, whatever the pace.
    fn save_circle(&mut self) {
        self.told.circle_version = self.saved_version();
        self.told.circle.set(self.saved_circle());
        if let Some(circle) = self.told.circle.flush(self.desk.now()) {
            self.desk.order(Output::SaveCircle(Box::new(circle.clone())));
        }
    }

    /// The file that was to become my picture was read.
    pub(super) fn picture_read(&mut self, request: RequestId, result: Result<Picture, String>) {
        let answered = match &result {
            Ok(picture) => self.profile.chosen(&mut self.desk, request, picture),
            Err(_) => self.profile.not_chosen(request),
        };
        if answered {
            self.desk.order(Output::Reply(request, result.map(drop).map_err(CommandError)));
        }
    }

    fn card_of(&self, peer: &PeerId) -> Option<(Card, Option<DisplayName>)> {
        let member = || self.circle.member(peer).map(|member| (member.card, member.name.clone()));
        let stranger = || {
            let stranger = self.roster.strangers().iter().find(|stranger| stranger.card.peer() == *peer)?;
            Some((stranger.card, stranger.name.clone()))
        };
        member().or_else(stranger).or_else(|| self.roster.nearby_card(peer))
    }

    fn known(&self, peer: &PeerId) -> Result<(), String> {
        self.circle.member(peer).map(|_| ()).ok_or_else(|| unknown(peer))
    }

    fn admitted(&self, peer: &PeerId) -> Result<(), String> {
        self.circle.admits(peer).then_some(()).ok_or_else(|| unknown(peer))
    }
}

fn unknown(peer: &PeerId) -> String {
    format!("{} is not among your friends", peer.short())
}
