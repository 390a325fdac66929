//! What a question shows: of one snapshot the part that it is about, as text and as JSON.

use serde_json::{Value, json};

use super::history::{self, Asked};
use super::invites;
use super::people::describe;
use super::tables::{Table, plain};
use super::words::{self, or_dash};
use crate::domain::{BlobHash, PeerId, Permission, RouterKind, Trust};
use crate::engine::explain::{Chain, Step, explain};
use crate::engine::snapshot::{ElsewhereView, LinkView, PeerView, Snapshot};

/// A transfer's bar in columns.
const BAR: usize = 20;

/// A part of the snapshot that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Status,
    Peers,
    Peer(PeerId),
    Label(PeerId),
    History(Asked),
    Friends,
    Pending,
    Nearby,
    Characters,
    Transfers,
    Identity,
    Profile,
    Explanation(PeerId),
    Settings,
    Cache,
    Discovery,
    Codes,
    Links,
    Relays,
    Network,
}

/// The answer for people. An error says who is not in the circle.
pub(super) fn text(part: Part, snapshot: &Snapshot, width: Option<usize>) -> Result<String, String> {
    Ok(match part {
        Part::Status => status(snapshot),
        Part::Peers => peers(&snapshot.peers, width),
        Part::Peer(peer) => one_peer(view_of(peer, snapshot)?, snapshot),
        Part::Label(peer) => facts(label(view_of(peer, snapshot)?)),
        Part::History(asked) => history::text(asked, snapshot, width),
        Part::Friends => peers(&friends(snapshot), width),
        Part::Pending => pending(snapshot),
        Part::Nearby => nearby(snapshot, width),
        Part::Characters => characters(snapshot, width),
        Part::Transfers => transfers(snapshot, width),
        Part::Identity => identity(snapshot),
        Part::Profile => profile(snapshot),
        Part::Explanation(peer) => explanation(&explain(snapshot, &view_of(peer, snapshot)?.peer)),
        Part::Settings => settings(snapshot),
        Part::Cache => cache(snapshot),
        Part::Discovery => discovery(snapshot),
        Part::Codes => invites::codes(snapshot),
        Part::Links => invites::links(snapshot),
        Part::Relays => invites::relays_view(snapshot),
        Part::Network => network(snapshot),
    })
}

/// The answer for scripts.
pub(super) fn json(part: Part, snapshot: &Snapshot) -> Result<Value, String> {
    Ok(match part {
        Part::Status => status_json(snapshot),
        Part::Peers => json!(snapshot.peers),
        Part::Peer(peer) => json!(view_of(peer, snapshot)?),
        Part::Label(peer) => json!(view_of(peer, snapshot)?.label),
        Part::History(asked) => history::json(asked, snapshot),
        Part::Friends => json!(friends(snapshot)),
        Part::Pending => json!(snapshot.prompts),
        Part::Nearby => json!(snapshot.nearby),
        Part::Characters => json!(snapshot.characters),
        Part::Transfers => json!(snapshot.transfers),
        Part::Identity | Part::Profile => json!(snapshot.me),
        Part::Explanation(peer) => json!(explain(snapshot, &view_of(peer, snapshot)?.peer)),
        Part::Settings => json!(snapshot.settings),
        Part::Cache => {
            json!({"cache": snapshot.cache, "folder": snapshot.settings.cache_folder, "maintenance": snapshot.maintenance})
        }
        Part::Discovery => json!(snapshot.discovery),
        Part::Codes | Part::Links => json!(snapshot.invites),
        Part::Relays => json!(snapshot.network.relays),
        Part::Network => json!({"network": snapshot.network, "listening": snapshot.listening}),
    })
}

fn view_of(peer: PeerId, snapshot: &Snapshot) -> Result<&PeerView, String> {
    let view = snapshot.peers.iter().find(|view| view.peer == peer);
    view.ok_or_else(|| format!("{} is not in your circle: see `fyteclub ctl pending` and `fyteclub ctl nearby`", peer.short()))
}

fn friends(snapshot: &Snapshot) -> Vec<PeerView> {
    snapshot.peers.iter().filter(|view| view.trust != Trust::Blocked).cloned().collect()
}

fn online(snapshot: &Snapshot) -> usize {
    snapshot.peers.iter().filter(|view| matches!(view.link, LinkView::Connected { .. })).count()
}

fn running(snapshot: &Snapshot) -> usize {
    snapshot.transfers.iter().filter(|transfer| !transfer.finished).count()
}

/// Facts under each other, their names in one column.
fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let lines = facts.into_iter().map(|(name, fact)| format!("{name:<11}{}", plain(&fact)));
    lines.collect::<Vec<_>>().join("\n")
}

fn status(snapshot: &Snapshot) -> String {
    let paused = match (snapshot.pause.paused, snapshot.pause.seconds_left) {
        (false, _) => "no".to_owned(),
        (true, None) => "yes, until resumed".to_owned(),
        (true, Some(left)) => format!("yes, for {} more", words::seconds(left)),
    };
    let waiting = match snapshot.prompts.len() {
        0 => "nothing".to_owned(),
        count => format!("{count}, see `fyteclub ctl pending`"),
    };
    let plugin = snapshot.plugin.as_ref().map(|plugin| {
        let busy = if plugin.busy { ", in combat or a cutscene" } else { "" };
        format!("{}; {}{busy}; {} near", plugin.program, or_dash(plugin.character.as_ref()), plugin.near.len())
    });
    let ports = snapshot.listening.map(|ports| format!("{} (TCP), {} (UDP)", ports.signal_port, ports.link_port));
    let cache = &snapshot.cache;
    let elsewhere = snapshot.elsewhere.map(|_| ("Elsewhere", ElsewhereView::SENTENCE.to_owned()));
    facts(elsewhere.into_iter().chain([
        ("FyteClub", snapshot.me.version.clone()),
        ("Me", describe(&snapshot.me.peer, snapshot.me.name.as_ref())),
        ("Friends", format!("{} of {} online", online(snapshot), friends(snapshot).len())),
        ("Waiting", waiting),
        ("Fetching", format!("{} looks", running(snapshot))),
        ("Plugin", plugin.unwrap_or_else(|| "not connected".to_owned())),
        ("Discovery", discovery(snapshot)),
        ("Paused", paused),
        ("Cache", format!("{} files, {} of {}", cache.blobs, words::bytes(cache.bytes), words::bytes(cache.limit))),
        ("Ports", or_dash(ports)),
    ]))
}

fn cache(snapshot: &Snapshot) -> String {
    let (cache, maintenance) = (&snapshot.cache, &snapshot.maintenance);
    let folder =
        snapshot.settings.cache_folder.as_ref().map_or_else(|| "in the profile".to_owned(), |at| at.display().to_string());
    let now = maintenance.running.as_ref().map(|running| {
        let what = match &running.moving_to {
            None => "every file is checked".to_owned(),
            Some(to) if running.leaving => {
                format!("moved to {}, the old folder is left as soon as no game uses it", to.display())
            }
            Some(to) => format!("moved to {}", to.display()),
        };
        let (done, total) = (&running.done, &running.total);
        format!("{what}; {} of {} files, {} of {}", done.files, total.files, words::bytes(done.bytes), words::bytes(total.bytes))
    });
    facts([
        ("Holds", format!("{} files, {} of {}", cache.blobs, words::bytes(cache.bytes), words::bytes(cache.limit))),
        ("Folder", folder),
        ("Under way", now.unwrap_or_else(|| "nothing".to_owned())),
        ("Last", or_dash(maintenance.last.as_ref())),
    ])
}

fn status_json(snapshot: &Snapshot) -> Value {
    json!({
        "me": snapshot.me,
        "friends": friends(snapshot).len(),
        "friends_online": online(snapshot),
        "prompts": snapshot.prompts.len(),
        "transfers": running(snapshot),
        "plugin": snapshot.plugin,
        "discovery": snapshot.discovery,
        "pause": snapshot.pause,
        "elsewhere": snapshot.elsewhere,
        "cache": snapshot.cache,
        "listening": snapshot.listening,
    })
}

fn peers(peers: &[PeerView], width: Option<usize>) -> String {
    let mut table = Table::new(&["NAME", "ID", "TRUST", "STATE", "ROUTE", "ROUND TRIP", "TAGS"]);
    for view in peers {
        let (route, round_trip) = match &view.link {
            LinkView::Connected { route, round_trip_us, .. } => {
                (Some(words::route(*route)), round_trip_us.map(words::round_trip))
            }
            LinkView::Connecting
            | LinkView::WaitingForAcceptance
            | LinkView::Offline { .. }
            | LinkView::Paused
            | LinkView::Blocked => (None, None),
        };
        table.row([
            or_dash(view.called()),
            view.peer.short(),
            words::trust(view.trust).to_owned(),
            words::link(&view.link),
            or_dash(route),
            or_dash(round_trip),
            tags(view),
        ]);
    }
    or_say(&table, width, "Nobody yet: `fyteclub ctl connect ADDRESS`, or `fyteclub ctl discovery everyone` to be found nearby.")
}

/// What is noted of somebody.
fn label(view: &PeerView) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("Nickname", or_dash(view.label.nickname.as_ref())),
        ("Tags", tags(view)),
        ("Notices", if view.label.notices { "on" } else { "off" }.to_owned()),
    ];
    let note = view.label.note.as_str().lines().enumerate();
    lines.extend(note.map(|(n, line)| (if n == 0 { "Note" } else { "" }, line.to_owned())));
    lines
}

fn tags(view: &PeerView) -> String {
    let tags: Vec<&str> = view.label.tags.iter().map(crate::domain::Tag::as_str).collect();
    if tags.is_empty() { "-".to_owned() } else { tags.join(", ") }
}

fn one_peer(view: &PeerView, snapshot: &Snapshot) -> String {
    let allowed = Permission::ALL.map(|permission| {
        let answer = if view.permissions.allows(permission) { "yes" } else { "no" };
        format!("{} {answer}", words::permission(permission))
    });
    let sees: Vec<String> = view.sees.iter().map(ToString::to_string).collect();
    let mut lines = vec![
        ("Name", or_dash(view.name.as_ref())),
        ("Id", view.peer.to_string()),
        ("Picture", picture(view.picture.as_ref())),
        ("Trust", words::trust(view.trust).to_owned()),
        ("State", words::link(&view.link)),
        ("Program", or_dash(view.program.as_ref())),
        ("Allowed", allowed.join(", ")),
        ("Rates", words::rates(&view.rates)),
        ("Sees", if sees.is_empty() { "-".to_owned() } else { sees.join(", ") }),
    ];
    lines.extend(label(view));
    if let LinkView::Connected { route, remote, round_trip_us, seconds, sent, received, served } = &view.link {
        lines.push(("Route", format!("{}, to {remote}, for {}", words::route(*route), words::seconds(*seconds))));
        lines.push(("Round trip", or_dash(round_trip_us.map(words::round_trip))));
        let (sent, received, served) = (words::bytes(*sent), words::bytes(*received), words::bytes(*served));
        lines.push(("Traffic", format!("{sent} sent ({served} of it looks), {received} received")));
    }
    for look in &view.characters {
        let near = if look.near { ", near" } else { "" };
        let weight = words::weight(&look.weight);
        let allowed = words::over_limits(look.over_limits);
        lines.push(("Character", format!("{}{near}: {} ({weight}{allowed})", look.character, words::progress(&look.progress))));
    }
    let owned = snapshot.transfers.iter().filter(|transfer| transfer.peer == view.peer && !transfer.finished);
    lines.extend(owned.map(|transfer| ("Fetching", words::transfer(transfer, snapshot, BAR)[1..].join("  "))));
    facts(lines)
}

fn pending(snapshot: &Snapshot) -> String {
    if snapshot.prompts.is_empty() {
        return "Nothing waits for an answer.".to_owned();
    }
    let prompts = snapshot.prompts.iter().map(|prompt| {
        let (question, answers) = words::prompt(prompt, snapshot);
        format!("{}\n    fyteclub ctl {}", plain(&question), plain(&answers))
    });
    prompts.collect::<Vec<_>>().join("\n")
}

fn nearby(snapshot: &Snapshot, width: Option<usize>) -> String {
    let mut table = Table::new(&["NAME (NOT VERIFIED)", "ID", "ADDRESS", "HEARD"]);
    for view in &snapshot.nearby {
        let heard = format!("{} ago", words::seconds(view.seconds));
        table.row([or_dash(view.name.as_ref()), view.peer.short(), view.address.to_string(), heard]);
    }
    or_say(&table, width, "Nobody nearby shows themselves: both sides need `fyteclub ctl discovery everyone`.")
}

fn characters(snapshot: &Snapshot, width: Option<usize>) -> String {
    let mut table = Table::new(&["CHARACTER", "SHARED WITH", "PUBLISHED", "TOLD TO", "PROBLEM"]);
    for view in &snapshot.characters {
        table.row([
            view.character.to_string(),
            words::audience(view.audience.as_ref(), snapshot),
            or_dash(view.published.as_ref().map(|published| words::weight(&published.weight))),
            or_dash(view.published.as_ref().map(|published| format!("{} friends", published.announced_to))),
            or_dash(view.problem.as_ref()),
        ]);
    }
    or_say(&table, width, "No character yet: the game plugin has not published one.")
}

/// Also what `--follow` repeats.
pub(super) fn transfers(snapshot: &Snapshot, width: Option<usize>) -> String {
    let mut table = Table::new(&["FROM", "CHARACTER", "PROGRESS", "BYTES", "FILES", "RATE", "LEFT"]);
    let bar = if width.is_some_and(|width| width < 100) { BAR / 2 } else { BAR };
    for transfer in &snapshot.transfers {
        table.row(words::transfer(transfer, snapshot, bar));
    }
    or_say(&table, width, "Nothing is being fetched.")
}

fn identity(snapshot: &Snapshot) -> String {
    let me = &snapshot.me;
    facts([("Name", or_dash(me.name.as_ref())), ("Id", me.peer.to_string()), ("Short id", me.peer.short())])
}

fn profile(snapshot: &Snapshot) -> String {
    let me = &snapshot.me;
    facts([("Name", or_dash(me.name.as_ref())), ("Picture", picture(me.picture.as_ref()))])
}

fn picture(hash: Option<&BlobHash>) -> String {
    hash.map_or_else(|| "-".to_owned(), |hash| hash.to_string().chars().take(16).collect())
}

/// Each chain under its title; what fails stands out.
fn explanation(chains: &[Chain]) -> String {
    let step = |step: &Step| format!("  {} {}", if step.holds { "ok  " } else { "FAIL" }, plain(&step.says.to_string()));
    let chain = |chain: &Chain| {
        std::iter::once(plain(&chain.about.to_string())).chain(chain.steps.iter().map(step)).collect::<Vec<_>>().join("\n")
    };
    chains.iter().map(chain).collect::<Vec<_>>().join("\n")
}

fn settings(snapshot: &Snapshot) -> String {
    let settings = &snapshot.settings;
    let allowed = Permission::ALL.map(|permission| {
        let answer = if settings.permissions.allows(permission) { "yes" } else { "no" };
        format!("{} {answer}", words::permission(permission))
    });
    let limits = &settings.limits;
    let (most, textures) = (words::bytes(limits.bytes), words::bytes(limits.texture_bytes));
    let folder =
        settings.cache_folder.as_ref().map_or_else(|| "in the profile".to_owned(), |folder| folder.display().to_string());
    facts([
        ("Name", or_dash(settings.name.as_ref())),
        ("Discovery", words::mode(settings.discovery).to_owned()),
        ("Port", settings.port.to_string()),
        ("Cache", format!("at most {}, {folder}", words::bytes(settings.cache_limit))),
        ("Free disk", format!("at least {}", words::bytes(settings.free_disk_floor))),
        ("Allowed", allowed.join(", ")),
        (
            "Rates",
            format!(
                "{}; {} on the local network",
                words::rates(&settings.rates),
                if settings.limit_lan { "also" } else { "not" }
            ),
        ),
        ("Limits", format!("{} files, {most}, {textures} of textures, {} triangles", limits.files, limits.triangles)),
        ("Plugins in Wine", words::wine_plugins(settings.wine_plugins).to_owned()),
        ("Language", settings.language.clone().unwrap_or_else(|| "the system's".to_owned())),
    ])
}

fn discovery(snapshot: &Snapshot) -> String {
    let left = snapshot.discovery.seconds_left.map(|left| format!(", for {} more", words::seconds(left)));
    format!("{}{}", words::mode(snapshot.discovery.mode), left.unwrap_or_default())
}

fn network(snapshot: &Snapshot) -> String {
    let network = &snapshot.network;
    let router = match network.router.kind {
        RouterKind::Unknown => "not asked yet",
        RouterKind::Open => "none: the internet reaches this computer",
        RouterKind::Even => "an ordinary one",
        RouterKind::Strict => "a strict one: some friends are reached only if a port is forwarded",
        RouterKind::Blocked => "no STUN server answers: UDP may be blocked",
    };
    let seen: Vec<String> = network.router.addresses.iter().map(ToString::to_string).collect();
    let ports = snapshot.listening.map(|ports| format!("{} (TCP), {} (UDP)", ports.signal_port, ports.link_port));
    let heard = format!("{} times friends, {} times others", network.heard.friends, network.heard.others);
    let interfaces =
        network.interfaces.iter().map(|interface| ("Interface", format!("{} {}", interface.name, interface.address)));
    facts(
        [
            ("Ports", or_dash(ports)),
            ("Router", router.to_owned()),
            ("Seen as", or_dash(Some(seen.join(", ")).filter(|seen| !seen.is_empty()))),
            ("Discovery", discovery(snapshot)),
            ("Heard", heard),
        ]
        .into_iter()
        .chain(interfaces),
    )
}

fn or_say(table: &Table, width: Option<usize>, empty: &str) -> String {
    if table.is_empty() { empty.to_owned() } else { table.render(width) }
}

#[cfg(test)]
mod tests {
    use super::super::stand_in;
    use super::*;

    fn shown(part: Part) -> String {
        text(part, &stand_in::snapshot(), None).unwrap()
    }

    #[test]
    fn peers_are_a_table_and_one_peer_is_a_page() {
        let all = shown(Part::Peers);
        assert_eq!(all.lines().count(), 3);
        assert!(
            all.contains("Bo") && all.contains("connected") && all.contains("local network") && all.contains("1.2 ms"),
            "{all}"
        );
        assert!(!shown(Part::Friends).contains("Cy"));
        let one = shown(Part::Peer(stand_in::BO));
        assert!(one.contains(&stand_in::BO.to_string()) && one.contains("Bo Fyte@Odin, near: being fetched"), "{one}");
        assert!(one.contains("[##########----------]  50 %"), "{one}");
        assert!(text(Part::Peer(stand_in::DI), &stand_in::snapshot(), None).is_err());
    }

    #[test]
    fn prompts_say_how_they_are_answered() {
        let pending = shown(Part::Pending);
        assert!(pending.contains("Di") && pending.contains(&format!("accept --once {}", stand_in::DI.short())), "{pending}");
        assert!(pending.contains("verify") && pending.contains("123456"), "{pending}");
    }

    #[test]
    fn the_status_page_tells_what_matters() {
        let status = shown(Part::Status);
        for part in ["1 of 1 online", "2, see", "1 looks", "Test 1.0", "47311"] {
            assert!(status.contains(part), "{part} in {status}");
        }
    }

    #[test]
    fn an_explanation_says_what_holds_and_what_fails() {
        let shown = shown(Part::Explanation(stand_in::BO));
        assert!(shown.contains("  ok   ") && shown.contains("  FAIL ") && shown.contains("Bo Fyte@Odin"), "{shown}");
        assert!(text(Part::Explanation(stand_in::DI), &stand_in::snapshot(), None).is_err());
    }

    #[test]
    fn transfers_fit_into_eighty_columns() {
        let transfers = text(Part::Transfers, &stand_in::snapshot(), Some(80)).unwrap();
        assert!(transfers.lines().all(|line| line.chars().count() <= 80), "{transfers}");
        assert!(transfers.contains("30.0 MiB"), "{transfers}");
    }

    #[test]
    fn json_is_the_part_of_the_snapshot_that_was_asked_for() {
        let snapshot = stand_in::snapshot();
        let asked = |part| json(part, &snapshot).unwrap();
        assert_eq!(asked(Part::Peers), json!(snapshot.peers));
        assert_eq!(asked(Part::Peer(stand_in::BO))["peer"], json!(stand_in::BO));
        assert_eq!(asked(Part::Transfers)[0]["done"], 30 << 20);
        assert_eq!(asked(Part::Status)["friends_online"], 1);
    }

    #[test]
    fn an_empty_list_says_what_to_do() {
        let empty = Snapshot {
            peers: vec![],
            prompts: vec![],
            nearby: vec![],
            transfers: vec![],
            characters: vec![],
            ..stand_in::snapshot()
        };
        for asked in [Part::Friends, Part::Pending, Part::Nearby, Part::Characters] {
            assert!(text(asked, &empty, None).unwrap().ends_with('.'), "{asked:?}");
        }
    }
}
