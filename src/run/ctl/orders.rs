//! From a command line to what it asks for, or to the engine's commands.

use std::path::{self, Path};
use std::time::Duration;

use super::args::{CtlCommand, LabelArgs, OptionalName, SettingArg, Switch, Wait};
use super::goals::{Goal, connected};
use super::history::Asked;
use super::invites::{InviteArgs, LinkArgs};
use super::people::find;
use super::views::Part;
use crate::domain::{Audience, Character, Invitation, Passphrase, PeerId, Tag};
use crate::engine::command::{Command, LabelChange, OverLimits, Scope, SettingChange};
use crate::engine::follow::Progress;
use crate::engine::snapshot::Snapshot;

/// How long the other side may take until a code can be compared.
const CODE_PATIENCE: Duration = Duration::from_secs(30);

/// What a command line means.
#[derive(Debug)]
pub(super) enum Meaning {
    /// Show this part of the snapshot.
    Show(Part),
    /// Show transfers until interrupted.
    Follow,
    /// Print what happens until interrupted.
    Watch,
    /// Have these carried out.
    Do {
        /// What.
        orders: Vec<Command>,
        /// What to wait for, and at most how long.
        until: Option<(Goal, Duration)>,
    },
}

/// What a command line means. An error says which argument means nobody, or several.
pub(super) fn meaning(asked: &CtlCommand, snapshot: &Snapshot) -> Result<Meaning, String> {
    let find = |text: &str| find(text, snapshot);
    let scope = |text: Option<&str>| match text {
        None => Ok(Scope::Everyone),
        Some(text) => match text.strip_prefix('#') {
            Some(tag) => Tag::new(tag).map(Scope::Tagged).map_err(|error| error.to_string()),
            None => find(text).map(Scope::Peer),
        },
    };
    let show = |part| Ok(Meaning::Show(part));
    let order = match asked {
        CtlCommand::Status => return show(Part::Status),
        CtlCommand::Peers { peer: None } => return show(Part::Peers),
        CtlCommand::Peers { peer: Some(peer) } => return show(Part::Peer(find(peer)?)),
        CtlCommand::Friends => return show(Part::Friends),
        CtlCommand::Pending => return show(Part::Pending),
        CtlCommand::Nearby => return show(Part::Nearby),
        CtlCommand::Characters => return show(Part::Characters),
        CtlCommand::Transfers { follow: false } => return show(Part::Transfers),
        CtlCommand::Transfers { follow: true } => return Ok(Meaning::Follow),
        CtlCommand::Identity { export: None, import: None, .. } => return show(Part::Identity),
        CtlCommand::Identity { export, import, passphrase_file } => {
            carried(export.as_deref(), import.as_deref(), passphrase_file.as_deref())?
        }
        CtlCommand::Profile { name: None, picture: None, no_picture: false } => return show(Part::Profile),
        CtlCommand::Profile { name, picture, no_picture } => {
            let orders = profile(name.as_ref(), picture.as_deref(), *no_picture)?;
            return Ok(Meaning::Do { orders, until: None });
        }
        CtlCommand::Settings { change: None } => return show(Part::Settings),
        CtlCommand::Discovery { mode: None } => return show(Part::Discovery),
        CtlCommand::Explain { peer } => return show(Part::Explanation(find(peer)?)),
        CtlCommand::Watch => return Ok(Meaning::Watch),
        CtlCommand::Accept { peer, once, wait } => {
            let peer = find(peer)?;
            return Ok(waiting(Command::AcceptPeer { peer, once: *once }, Goal::Connected(peer), *wait));
        }
        CtlCommand::Connect { whom, nearby: true, wait } => {
            let peer = find(whom)?;
            return Ok(waiting(Command::ConnectNearby { peer }, Goal::Connected(peer), *wait));
        }
        CtlCommand::Connect { whom, nearby: false, wait } => {
            let goal = Goal::AnybodyBut(connected(snapshot));
            return Ok(waiting(Command::ConnectAddress { address: whom.clone() }, goal, *wait));
        }
        CtlCommand::Network => return show(Part::Network),
        CtlCommand::Relays => return show(Part::Relays),
        CtlCommand::Invite(InviteArgs { show: true, .. }) => return show(Part::Codes),
        CtlCommand::Invite(InviteArgs { drop: true, .. }) => Command::PutCodeAway { offered: true },
        CtlCommand::Invite(_) => {
            return Ok(waiting(Command::OfferCode, Goal::Offered, Wait { at_most: Some(CODE_PATIENCE) }));
        }
        CtlCommand::Join(join) => {
            let order = join.order();
            let goal = if let Command::TakeInvitation { link } = &order {
                let invitation: Invitation = link.parse().map_err(|error| format!("{error}"))?;
                Goal::Friends(invitation.card.peer())
            } else {
                Goal::Joined
            };
            return Ok(waiting(order, goal, join.wait));
        }
        CtlCommand::Link(LinkArgs { list: true, .. }) => return show(Part::Links),
        CtlCommand::Link(link @ LinkArgs { drop: Some(_), .. }) => link.order(),
        CtlCommand::Link(link) => {
            let before = snapshot.invites.issued.iter().map(|issued| issued.id).collect();
            return Ok(waiting(link.order(), Goal::Linked(before), Wait { at_most: Some(CODE_PATIENCE) }));
        }
        CtlCommand::Reconnect { peer, wait } => {
            let peer = find(peer)?;
            return Ok(waiting(Command::Reconnect { peer }, Goal::Connected(peer), *wait));
        }
        CtlCommand::Verify { peer, matches: false, differs: false } => {
            let peer = find(peer)?;
            let wait = Wait { at_most: Some(CODE_PATIENCE) };
            return Ok(waiting(Command::StartVerification { peer }, Goal::Code(peer), wait));
        }
        CtlCommand::Cancel { peer, character } => {
            let orders = cancel(find(peer)?, character.as_ref(), snapshot)?;
            return Ok(Meaning::Do { orders, until: None });
        }
        CtlCommand::Prioritise { peer, character } => {
            let orders = prioritise(find(peer)?, character.as_ref(), snapshot)?;
            return Ok(Meaning::Do { orders, until: None });
        }
        CtlCommand::Allow { peer, character, always, never } => {
            let over_limits = match (always, never) {
                (true, _) => OverLimits::AllowedAlways,
                (false, true) => OverLimits::HeldBack,
                (false, false) => OverLimits::AllowedOnce,
            };
            let orders = allow(find(peer)?, character.as_ref(), over_limits, snapshot)?;
            return Ok(Meaning::Do { orders, until: None });
        }
        CtlCommand::Retry { peer, character } => {
            let orders = retry(find(peer)?, character.as_ref(), snapshot)?;
            return Ok(Meaning::Do { orders, until: None });
        }
        CtlCommand::Label { peer, changes } if *changes == LabelArgs::default() => return show(Part::Label(find(peer)?)),
        CtlCommand::Label { peer, changes } => return Ok(Meaning::Do { orders: label(find(peer)?, changes), until: None }),
        CtlCommand::History { peer, days, clear: false } => {
            return show(Part::History(Asked { peer: peer.as_deref().map(find).transpose()?, days: *days }));
        }
        CtlCommand::History { peer, clear: true, .. } => Command::ClearHistory { peer: peer.as_deref().map(find).transpose()? },
        CtlCommand::Verify { peer, matches, .. } => Command::ConfirmVerification { peer: find(peer)?, matches: *matches },
        CtlCommand::Dismiss { peer } => Command::DismissPeer { peer: find(peer)? },
        CtlCommand::Block { peer } => Command::BlockPeer { peer: find(peer)? },
        CtlCommand::Unblock { peer } => Command::UnblockPeer { peer: find(peer)? },
        CtlCommand::Remove { peer } => Command::RemovePeer { peer: find(peer)? },
        CtlCommand::Permit { who, what, answer } => {
            let scope = scope(Some(who.as_str()).filter(|who| *who != "everyone"))?;
            Command::SetPermission { scope, permission: (*what).into(), allow: answer.allow() }
        }
        CtlCommand::Limit { limit } => limit.order(limit.peer().map(find).transpose()?),
        CtlCommand::Share { character, with } => {
            Command::ShareCharacter { character: character.clone(), audience: audience(with, snapshot)? }
        }
        CtlCommand::Owner { character, peer } => Command::ChooseOwner { character: character.clone(), owner: find(peer)? },
        CtlCommand::Pause { peer, lasting } => Command::Pause { scope: scope(peer.as_deref())?, lasting: *lasting },
        CtlCommand::Resume { peer } => Command::Resume { scope: scope(peer.as_deref())? },
        CtlCommand::CheckLooks { peer } => Command::CheckLooks { peer: find(peer)? },
        CtlCommand::SendAgain { peer } => Command::SendAgain { peer: find(peer)? },
        CtlCommand::Resync { peer } => Command::Resync { peer: peer.as_deref().map(find).transpose()? },
        CtlCommand::Cache { verify: true, .. } => Command::VerifyCache,
        CtlCommand::Cache { move_to: Some(folder), .. } => {
            // Relative to where the line was typed, which the companion does not know.
            let folder = path::absolute(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            Command::MoveCache { folder }
        }
        CtlCommand::Cache { cancel: true, .. } => Command::CancelMaintenance,
        CtlCommand::Cache { clear: true, .. } => Command::ClearCache,
        CtlCommand::Cache { limit: Some(limit), .. } => Command::ChangeSetting { change: SettingChange::CacheLimit(*limit) },
        CtlCommand::Cache { verify: false, move_to: None, cancel: false, clear: false, limit: None } => return show(Part::Cache),
        CtlCommand::Settings { change: Some(change) } => Command::ChangeSetting { change: setting(change) },
        CtlCommand::Discovery { mode: Some(mode) } => Command::SetDiscovery { mode: (*mode).into() },
        CtlCommand::Show => Command::ShowWindow,
        CtlCommand::Quit => Command::Quit,
    };
    Ok(Meaning::Do { orders: vec![order], until: None })
}

fn waiting(order: Command, goal: Goal, wait: Wait) -> Meaning {
    Meaning::Do { orders: vec![order], until: wait.at_most.map(|at_most| (goal, at_most)) }
}

/// What is ordered for one character that is named, or for each of these. `none`: what there is to say if there are none.
fn for_each<'a>(
    named: Option<&Character>,
    all: impl Iterator<Item = &'a Character>,
    order: impl Fn(Character) -> Command,
    none: &str,
) -> Result<Vec<Command>, String> {
    let orders: Vec<Command> = match named {
        Some(character) => vec![order(character.clone())],
        None => all.cloned().map(order).collect(),
    };
    if orders.is_empty() { Err(none.to_owned()) } else { Ok(orders) }
}

/// The characters of a peer whose looks are being fetched.
fn fetched(peer: PeerId, snapshot: &Snapshot) -> impl Iterator<Item = &Character> {
    let running = snapshot.transfers.iter().filter(move |transfer| transfer.peer == peer && !transfer.finished);
    running.map(|transfer| &transfer.character)
}

/// The characters of a peer whose looks have come so far.
fn looks(peer: PeerId, snapshot: &Snapshot, so_far: impl Fn(&Progress) -> bool) -> impl Iterator<Item = &Character> {
    let all = snapshot.peers.iter().filter(move |view| view.peer == peer).flat_map(|view| &view.characters);
    all.filter(move |view| so_far(&view.progress)).map(|view| &view.character)
}

const NOTHING_FETCHED: &str = "nothing is being fetched from that peer: see `fyteclub ctl transfers`";

fn cancel(peer: PeerId, character: Option<&Character>, snapshot: &Snapshot) -> Result<Vec<Command>, String> {
    let order = |character| Command::CancelTransfer { peer, character };
    for_each(character, fetched(peer, snapshot), order, NOTHING_FETCHED)
}

fn prioritise(peer: PeerId, character: Option<&Character>, snapshot: &Snapshot) -> Result<Vec<Command>, String> {
    let order = |character| Command::PrioritiseTransfer { peer, character };
    for_each(character, fetched(peer, snapshot), order, NOTHING_FETCHED)
}

fn retry(peer: PeerId, character: Option<&Character>, snapshot: &Snapshot) -> Result<Vec<Command>, String> {
    let ended = looks(peer, snapshot, |progress| matches!(progress, Progress::Cancelled | Progress::Failed { .. }));
    let order = |character| Command::RetryTransfer { peer, character };
    for_each(character, ended, order, "nothing of that peer has failed or was cancelled: see `fyteclub ctl explain PEER`")
}

fn allow(
    peer: PeerId,
    character: Option<&Character>,
    over_limits: OverLimits,
    snapshot: &Snapshot,
) -> Result<Vec<Command>, String> {
    let held_back = looks(peer, snapshot, |progress| matches!(progress, Progress::TooHeavy { .. }));
    let order = |character| Command::AllowLook { peer, character, over_limits };
    for_each(character, held_back, order, "no look of that peer is held back by your limits: see `fyteclub ctl explain PEER`")
}

fn label(peer: PeerId, changes: &LabelArgs) -> Vec<Command> {
    let LabelArgs { clear, nickname, note, tag, untag, notify } = changes;
    let all = clear.then_some(LabelChange::Clear).into_iter();
    let all = all.chain(nickname.clone().map(|nickname| LabelChange::Nickname(nickname.0)));
    let all = all.chain(note.clone().map(LabelChange::Note));
    // Taken away first, so that a friend with as many tags as there may be can get another.
    let all = all.chain(untag.iter().cloned().map(LabelChange::Untag)).chain(tag.iter().cloned().map(LabelChange::Tag));
    let all = all.chain(notify.map(|switch| LabelChange::Notices(switch == Switch::On)));
    all.map(|label| Command::LabelPeer { peer, label }).collect()
}

fn profile(name: Option<&OptionalName>, picture: Option<&Path>, no_picture: bool) -> Result<Vec<Command>, String> {
    let name = name.map(|name| Command::ChangeSetting { change: SettingChange::Name(name.0.clone()) });
    let whole = |file: &Path| path::absolute(file).map_err(|error| format!("{} is no file's path: {error}", file.display()));
    let file = picture.map(whole).transpose()?;
    let picture = (file.is_some() || no_picture).then_some(Command::SetPicture { file });
    Ok(name.into_iter().chain(picture).collect())
}

/// An identity that is carried out or in.
fn carried(export: Option<&Path>, import: Option<&Path>, passphrase: Option<&Path>) -> Result<Command, String> {
    let source = passphrase.ok_or_else(|| "say which file has the passphrase".to_owned())?;
    let text = if source == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(source) };
    let text = zeroize::Zeroizing::new(
        text.map_err(|error| format!("the passphrase cannot be read from {}: {error}", source.display()))?,
    );
    let passphrase = Passphrase::new(text.lines().next().unwrap_or_default()).map_err(|error| error.to_string())?;
    let whole = |file: &Path| path::absolute(file).map_err(|error| format!("{} is no file's path: {error}", file.display()));
    match (export, import) {
        (Some(file), _) => Ok(Command::ExportIdentity { file: whole(file)?, passphrase }),
        (None, Some(file)) => Ok(Command::ImportIdentity { file: whole(file)?, passphrase }),
        (None, None) => Err("say --export or --import".to_owned()),
    }
}

fn audience(with: &[String], snapshot: &Snapshot) -> Result<Audience, String> {
    match with {
        [all] if all == "all" => Ok(Audience::AllFriends),
        [nobody] if nobody == "nobody" => Ok(Audience::Nobody),
        peers => peers.iter().map(|peer| find(peer, snapshot)).collect::<Result<_, _>>().map(Audience::Chosen),
    }
}

fn setting(change: &SettingArg) -> SettingChange {
    match change {
        SettingArg::Name { name, .. } => SettingChange::Name(name.clone()),
        SettingArg::Port { port } => SettingChange::Port(*port),
        SettingArg::CacheLimit { size } => SettingChange::CacheLimit(*size),
        SettingArg::WinePlugins { answer } => SettingChange::WinePlugins((*answer).into()),
        SettingArg::Language { tag, .. } => SettingChange::Language(tag.clone()),
        SettingArg::Preference(preference) => preference.change(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use clap::Parser;
    use serde_json::json;

    use super::super::args::CtlArgs;
    use super::super::stand_in::{self, BO, CY, DI};
    use super::*;
    use crate::domain::{
        Direction, DiscoveryMode, DisplayName, InterfaceChoice, Note, Permission, Rate, Tag, TextSize, Theme, Told, WeightPart,
        Welcome, WinePlugins, public_servers,
    };

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        ctl: CtlArgs,
    }

    fn ordered(line: &str) -> Result<Vec<Command>, String> {
        // `_` stands for a blank within an argument.
        // … and PASS for a file with a passphrase.
        let mut file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file, b"correct horse\n").unwrap();
        let word = |word: &str| match word {
            "PASS" => file.path().display().to_string(),
            link if Invitation::is_meant_by(link) => link.to_owned(),
            word => word.replace('_', " "),
        };
        let words = std::iter::once("ctl".to_owned()).chain(line.split(' ').map(word));
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        match meaning(&line.ctl.command, &stand_in::snapshot())? {
            Meaning::Do { orders, .. } => Ok(orders),
            Meaning::Show(_) | Meaning::Follow | Meaning::Watch => Ok(vec![]),
        }
    }

    /// Command lines and what they order.
    fn lines() -> Vec<(&'static str, Command)> {
        let (aria, bo): (Character, Character) = ("Aria Fyte@Phoenix".parse().unwrap(), "Bo Fyte@Odin".parse().unwrap());
        let pass = || Passphrase::new("correct horse").unwrap();
        let change = |change| Command::ChangeSetting { change };
        let relay = || "wss://r.example.org".parse().unwrap();
        let named = |names: &[&str]| InterfaceChoice::Named(names.iter().map(ToString::to_string).collect());
        let label = |label| Command::LabelPeer { peer: BO, label };
        let limit = |scope, direction, rate: Option<u64>| Command::LimitRate { scope, direction, rate: rate.map(Rate::from) };
        let allow = |over_limits| Command::AllowLook { peer: BO, character: bo.clone(), over_limits };
        let share = |audience| Command::ShareCharacter { character: aria.clone(), audience };
        vec![
            ("accept Di", Command::AcceptPeer { peer: DI, once: false }),
            ("accept --once Di", Command::AcceptPeer { peer: DI, once: true }),
            ("dismiss Di", Command::DismissPeer { peer: DI }),
            ("block Di", Command::BlockPeer { peer: DI }),
            ("unblock Cy", Command::UnblockPeer { peer: CY }),
            ("remove Bo", Command::RemovePeer { peer: BO }),
            ("connect [::1]:47311", Command::ConnectAddress { address: "[::1]:47311".into() }),
            ("connect --nearby Di", Command::ConnectNearby { peer: DI }),
            ("reconnect Bo --wait 5s", Command::Reconnect { peer: BO }),
            ("invite", Command::OfferCode),
            ("invite --drop", Command::PutCodeAway { offered: true }),
            ("join acid bacon cabin", Command::JoinByCode { code: "acid bacon cabin".into() }),
            ("join --drop", Command::PutCodeAway { offered: false }),
            ("link --for 2h --uses 3", Command::OfferInvitation { lasting: Duration::from_secs(7200), uses: 3 }),
            ("link --drop 00c0ffee", Command::DropInvitation { id: "00c0ffee".parse().unwrap() }),
            (invitation(), Command::TakeInvitation { link: invitation().trim_start_matches("join ").into() }),
            (
                "permit Bo sounds deny",
                Command::SetPermission { scope: Scope::Peer(BO), permission: Permission::Sounds, allow: Some(false) },
            ),
            (
                "permit everyone show-them default",
                Command::SetPermission { scope: Scope::Everyone, permission: Permission::ShowThem, allow: None },
            ),
            ("limit up 2MiB", limit(Scope::Everyone, Direction::Up, Some(2 << 20))),
            ("limit down off --peer Bo", limit(Scope::Peer(BO), Direction::Down, None)),
            ("limit files 500", change(SettingChange::Weight(WeightPart::Files(500)))),
            ("limit bytes 1GiB", change(SettingChange::Weight(WeightPart::Bytes(1 << 30)))),
            ("limit textures 375MiB", change(SettingChange::Weight(WeightPart::TextureBytes(375 << 20)))),
            ("limit triangles 2000000", change(SettingChange::Weight(WeightPart::Triangles(2_000_000)))),
            ("limit lan on", change(SettingChange::LimitLan(true))),
            (
                "identity --export /tmp/me --passphrase-file PASS",
                Command::ExportIdentity { file: "/tmp/me".into(), passphrase: pass() },
            ),
            (
                "identity --import /tmp/me --passphrase-file PASS",
                Command::ImportIdentity { file: "/tmp/me".into(), passphrase: pass() },
            ),
            ("settings theme dark", change(SettingChange::Theme(Theme::Dark))),
            ("settings text-size 150%", change(SettingChange::TextSize(TextSize::new(150).unwrap()))),
            ("settings keep-on-top on", change(SettingChange::KeepOnTop(true))),
            ("settings compact on", change(SettingChange::Compact(true))),
            ("settings start-with-computer on", change(SettingChange::StartWithComputer(true))),
            ("settings start-hidden on", change(SettingChange::StartHidden(true))),
            ("settings only-with-plugin on", change(SettingChange::OnlyWithPlugin(true))),
            ("settings tell online off", change(SettingChange::Tell(Told::Online, false))),
            ("settings welcome done", change(SettingChange::Welcome(Welcome::Done))),
            ("settings tray-told", change(SettingChange::TrayTold)),
            ("settings interfaces eth0 eth1", change(SettingChange::Interfaces(named(&["eth0", "eth1"])))),
            ("settings beacon-port 5", change(SettingChange::BeaconPort(5))),
            ("settings rendezvous off", change(SettingChange::Rendezvous(false))),
            ("settings relays none wss://r.example.org", change(SettingChange::Relays(vec![relay()]))),
            ("settings relays default", change(SettingChange::Relays(public_servers::relays()))),
            ("settings stun-servers none", change(SettingChange::StunServers(Vec::new()))),
            ("settings free-disk-floor 2GiB", change(SettingChange::FreeDiskFloor(2 << 30))),
            ("verify Bo", Command::StartVerification { peer: BO }),
            ("verify Bo --matches", Command::ConfirmVerification { peer: BO, matches: true }),
            ("verify Bo --differs", Command::ConfirmVerification { peer: BO, matches: false }),
            ("label Bo --nickname Bobo", label(LabelChange::Nickname(DisplayName::new("Bobo").ok()))),
            ("label Bo --nickname=", label(LabelChange::Nickname(None))),
            ("label Bo --note met_in_Limsa", label(LabelChange::Note(Note::new("met in Limsa").unwrap()))),
            ("label Bo --tag raid", label(LabelChange::Tag(Tag::new("raid").unwrap()))),
            ("label Bo --untag raid", label(LabelChange::Untag(Tag::new("raid").unwrap()))),
            ("label Bo --notify off", label(LabelChange::Notices(false))),
            ("label Bo --clear", label(LabelChange::Clear)),
            ("share Aria_Fyte@Phoenix all", share(Audience::AllFriends)),
            ("share Aria_Fyte@Phoenix nobody", share(Audience::Nobody)),
            ("share Aria_Fyte@Phoenix Bo Cy", share(Audience::Chosen([BO, CY].into()))),
            ("owner Bo_Fyte@Odin Bo", Command::ChooseOwner { character: bo.clone(), owner: BO }),
            ("cancel Bo", Command::CancelTransfer { peer: BO, character: bo.clone() }),
            ("retry Bo Bo_Fyte@Odin", Command::RetryTransfer { peer: BO, character: bo.clone() }),
            ("prioritise Bo", Command::PrioritiseTransfer { peer: BO, character: bo.clone() }),
            ("allow Bo Bo_Fyte@Odin", allow(OverLimits::AllowedOnce)),
            ("allow Bo Bo_Fyte@Odin --always", allow(OverLimits::AllowedAlways)),
            ("allow Bo Bo_Fyte@Odin --never", allow(OverLimits::HeldBack)),
            ("pause Bo --for 10m", Command::Pause { scope: Scope::Peer(BO), lasting: Some(Duration::from_secs(600)) }),
            ("pause", Command::Pause { scope: Scope::Everyone, lasting: None }),
            ("resume Bo", Command::Resume { scope: Scope::Peer(BO) }),
            ("resume", Command::Resume { scope: Scope::Everyone }),
            ("pause #raid", Command::Pause { scope: Scope::Tagged(Tag::new("raid").unwrap()), lasting: None }),
            ("check-looks Bo", Command::CheckLooks { peer: BO }),
            ("send-again Bo", Command::SendAgain { peer: BO }),
            ("resync Bo", Command::Resync { peer: Some(BO) }),
            ("resync", Command::Resync { peer: None }),
            ("discovery off", Command::SetDiscovery { mode: DiscoveryMode::Off }),
            ("discovery friends", Command::SetDiscovery { mode: DiscoveryMode::FriendsOnly }),
            ("discovery everyone", Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby }),
            ("settings name Aria", change(SettingChange::Name(Some(DisplayName::new("Aria").unwrap())))),
            ("settings name --unset", change(SettingChange::Name(None))),
            ("settings port 5000", change(SettingChange::Port(5000))),
            ("settings cache-limit 2GiB", change(SettingChange::CacheLimit(2 << 30))),
            ("settings wine-plugins on", change(SettingChange::WinePlugins(WinePlugins::On))),
            ("settings language de", change(SettingChange::Language(Some("de".into())))),
            ("settings language --unset", change(SettingChange::Language(None))),
            ("profile --picture me.png", Command::SetPicture { file: path::absolute("me.png").ok() }),
            ("profile --no-picture", Command::SetPicture { file: None }),
            ("profile --name=", change(SettingChange::Name(None))),
            ("history --clear", Command::ClearHistory { peer: None }),
            ("history Bo --clear", Command::ClearHistory { peer: Some(BO) }),
            ("cache --verify", Command::VerifyCache),
            ("cache --move /new/place", Command::MoveCache { folder: path::absolute("/new/place").unwrap() }),
            ("cache --cancel", Command::CancelMaintenance),
            ("cache --clear", Command::ClearCache),
            ("cache --limit 5GiB", change(SettingChange::CacheLimit(5 << 30))),
            ("show", Command::ShowWindow),
            ("quit", Command::Quit),
        ]
    }

    /// Takes an invitation of Bo's up.
    fn invitation() -> &'static str {
        static LINE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
            let card = *crate::domain::Identity::from_seed([7; 32]).card();
            let secret = crate::domain::InvitationSecret::from_bytes([7; 16]);
            format!("join {}", Invitation { card, secret, over_unix: 0, relays: Vec::new() })
        });
        &LINE
    }

    /// The names of all variants of an enum, out of the error that an unknown one gets.
    fn variants<T: serde::de::DeserializeOwned>(unknown: serde_json::Value) -> BTreeSet<String> {
        let Err(error) = serde_json::from_value::<T>(unknown) else { panic!() };
        let error = error.to_string();
        let (_, expected) = error.split_once("expected one of ").unwrap();
        expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// The variant of an enum that was written.
    fn names_in(written: &serde_json::Value) -> Vec<String> {
        let fields = written.as_object().into_iter().flat_map(|fields| fields.keys().cloned());
        fields.chain(written.as_str().map(str::to_owned)).collect()
    }

    #[test]
    fn several_labels_are_changed_by_one_line_and_what_could_deceive_is_refused() {
        let orders = ordered("label Bo --clear --tag new --untag old --notify on").unwrap();
        let labels: Vec<LabelChange> = orders
            .into_iter()
            .map(|order| {
                let Command::LabelPeer { peer: BO, label } = order else { panic!("{order:?}") };
                label
            })
            .collect();
        let tag = |text| Tag::new(text).unwrap();
        let expected =
            [LabelChange::Clear, LabelChange::Untag(tag("old")), LabelChange::Tag(tag("new")), LabelChange::Notices(true)];
        assert_eq!(labels, expected);
        for bad in
            ["label Bo --nickname a\u{202e}b", "label Bo --tag a\u{200b}", "label Bo --note \u{7}", "label Bo --notify maybe"]
        {
            assert!(ordered(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_command_can_be_sent_by_a_command_line() {
        let (mut commands, mut settings, mut labels) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (line, command) in lines() {
            let written = serde_json::to_value(&command).unwrap();
            commands.insert(written["command"].as_str().unwrap().to_owned());
            settings.extend(names_in(&written["of"]["change"]));
            labels.extend(names_in(&written["of"]["label"]));
            assert_eq!(ordered(line), Ok(vec![command]), "{line}");
        }
        assert_eq!(labels, variants::<LabelChange>(json!({"?": 1})), "a label that no line changes");
        assert_eq!(commands, variants::<Command>(json!({"command": "?"})), "a command that no line sends");
        assert_eq!(settings, variants::<SettingChange>(json!({"?": 1})), "a setting that no line changes");
    }

    #[test]
    fn questions_order_nothing() {
        for line in [
            "status",
            "peers",
            "peers Bo",
            "label Bo",
            "history",
            "history Bo --days 7",
            "friends",
            "pending",
            "nearby",
            "characters",
            "transfers --follow",
            "identity",
            "watch",
            "explain Bo",
            "settings",
            "cache",
            "discovery",
        ] {
            assert_eq!(ordered(line), Ok(vec![]), "{line}");
        }
    }

    #[test]
    fn a_retry_without_a_character_is_of_all_that_failed_or_was_cancelled() {
        let mut snapshot = stand_in::snapshot();
        assert!(retry(BO, None, &snapshot).is_err(), "all goes well");
        let bo = snapshot.peers.iter_mut().find(|view| view.peer == BO).unwrap();
        bo.characters[0].progress = Progress::Failed { reason: "the disk is full".to_owned() };
        let character = bo.characters[0].character.clone();
        assert_eq!(retry(BO, None, &snapshot), Ok(vec![Command::RetryTransfer { peer: BO, character }]));
    }

    #[test]
    fn all_looks_that_are_held_back_are_allowed_by_one_line() {
        let mut snapshot = stand_in::snapshot();
        assert!(allow(BO, None, OverLimits::AllowedOnce, &snapshot).is_err(), "nothing is held back");
        let bo = snapshot.peers.iter_mut().find(|view| view.peer == BO).unwrap();
        bo.characters[0].progress = Progress::TooHeavy { weight: bo.characters[0].weight };
        let order = Command::AllowLook {
            peer: BO,
            character: bo.characters[0].character.clone(),
            over_limits: OverLimits::AllowedAlways,
        };
        assert_eq!(allow(BO, None, OverLimits::AllowedAlways, &snapshot), Ok(vec![order]));
    }

    #[test]
    fn wrong_lines_are_refused() {
        for line in [
            "accept Nobody",
            "block",
            "permit Bo flying allow",
            "share Aria Bo",
            "cancel Cy",
            "prioritise Cy",
            "allow Bo",
            "allow Bo --never",
            "allow Bo Bo_Fyte@Odin --always --never",
            "pause --for 5",
            "settings port 70000",
            "verify Bo --matches --differs",
            "discovery sometimes",
            "settings name",
            "history --days 0",
            "history --days 7 --clear",
            "cache --verify --clear",
            "cache --limit much",
            "connect",
        ] {
            assert!(ordered(line).is_err(), "{line}");
        }
    }
}
