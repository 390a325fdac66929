//! Decides: the brain, without any input or output of its own.
//!
//! | part | owns |
//! |---|---|
//! | [`circle`] | trust, permissions, pauses, whose each character is, with whom mine are shared |
//! | [`labels`] | what I call and note of friends, whose news is told |
//! | [`roster`] | who is about: sightings, the nearby list, strangers' prompts, my knocks, discovery mode |
//! | [`link`] | each peer's connection: who dials, glare, hello, heartbeat, when to try again |
//! | [`profile`] | my name and picture, friends' pictures |
//! | [`invites`] | codes by which people become friends |
//! | [`invitations`] | links by which people become friends |
//! | [`publish`] | my looks and revisions, who was told of which, who is served which |
//! | [`follow`] | how far each friend's look has come |
//! | [`fetch`] | which piece of which blob comes from whom |
//! | [`cache`] | what is held, needed, evicted |
//! | [`history`] | what went between friends and me, by day |
//! | [`maintenance`] | what is done with the cache as a whole |
//! | [`plugin`] | what each game plugin was told to show |
//! | [`verify`] | comparing codes |
//! | [`runs`] | whether another run of mine, started later, shares in my place |
//!
//! Nothing here reads a clock, draws randomness but from the seed, opens a file, or depends on an order that is not its own.

mod cache;
mod circle;
pub mod command;
mod commands;
mod desk;
pub mod explain;
mod fetch;
pub mod follow;
mod graphs;
mod history;
pub mod input;
mod invitations;
mod invites;
mod labels;
mod link;
pub mod maintenance;
pub mod notice;
pub mod output;
mod plugin;
mod profile;
mod publish;
mod rates;
mod roster;
mod route;
mod runs;
pub mod snapshot;
pub mod state;
mod surroundings;
mod timeline;
mod tracked;
mod uploads;
mod verify;
mod view;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use cache::Cache;
use circle::Circle;
use desk::{Deadline, Desk, sooner};
use fetch::Fetch;
use follow::{Follow, Tools};
use graphs::Graphs;
use history::History;
use input::{FetchEvent, Input, MaintenanceEvent};
use invitations::{Invitations, merged};
use invites::Invites;
use link::{Introduction, Links};
use maintenance::Maintenance;
use output::{DiscoveryPlan, Output, RatePlan, RendezvousPlan};
use plugin::Plugins;
use profile::Profile;
use publish::Publish;
use roster::Roster;
use runs::Runs;
use snapshot::ListeningView;
use state::SavedCircle;
use surroundings::Surroundings;
use timeline::Timelines;
use tracked::Tracked;
use uploads::Uploads;
use verify::Verify;

use crate::domain::{Card, InstanceId, Settings};
use crate::wire::plugin::ToPlugin;

/// Between two savings of the circle for what is not a person's doing: names, addresses, generations.
const SAVE_PACE: Duration = Duration::from_millis(200);

/// The log's target for the moments by which one measures where the time of a look goes; `runtime::milestones` lists them.
pub(crate) const MILESTONES: &str = "fyteclub::milestones";

/// The brain.
///
/// The contract: after each [`handle_input`](Self::handle_input) and [`handle_timeout`](Self::handle_timeout) drain
/// [`poll_output`](Self::poll_output), carry the orders out in their order, and ask [`poll_timeout`](Self::poll_timeout) when to call
/// `handle_timeout` next. Time never runs backwards. After [`Output::Quit`] nothing more is heard or ordered.
///
/// `Engine` itself only routes. Each input changes the state of the part that owns it; then every part in turn brings what it
/// has ordered so far to what should hold now. So a friend who is blocked in the middle of a transfer needs no rule of its own:
/// there is no link to be had, hence nothing to fetch, hence nothing to show.
#[derive(Debug)]
pub struct Engine {
    desk: Desk,
    settings: Settings,
    /// The settings that this run started with.
    began_with: Settings,
    circle: Circle,
    roster: Roster,
    links: Links,
    publish: Publish,
    follow: Follow,
    fetch: Fetch,
    cache: Cache,
    maintenance: Maintenance,
    plugins: Plugins,
    verify: Verify,
    invites: Invites,
    invitations: Invitations,
    history: History,
    runs: Runs,
    profile: Profile,
    uploads: Uploads,
    graphs: Graphs,
    timelines: Timelines,
    surroundings: Surroundings,
    told: Told,
    listening: Option<ListeningView>,
    /// Another identity waits for the next start.
    import_waiting: bool,
    ended: bool,
}

/// What was last told to the runtime.
#[derive(Debug)]
struct Told {
    plan: Tracked<DiscoveryPlan>,
    meeting: Tracked<RendezvousPlan>,
    rates: Tracked<RatePlan>,
    circle: Tracked<SavedCircle>,
    circle_version: u64,
}

impl Engine {
    /// An engine that starts from what was saved. `unix_now`: seconds since 1970.
    #[must_use]
    pub fn new(seed: [u8; 32], now: Instant, unix_now: u64, saved: state::SavedState) -> Self {
        let mut desk = Desk::new(seed, now, unix_now);
        let me = *saved.identity.card();
        let instance = InstanceId(desk.random_u64());
        let plugins = Plugins::new(&mut desk);
        let mut circle_told = Tracked::paced(SAVE_PACE);
        circle_told.prime(saved.circle.clone());
        let mut meeting_told = Tracked::new();
        meeting_told.prime(RendezvousPlan::default());
        let mut rates_told = Tracked::new();
        rates_told.prime(RatePlan::default());
        let mut engine = Self {
            profile: Profile::new(saved.picture, saved.circle.pictures.clone()),
            invitations: Invitations::new(me, &saved.circle),
            circle: Circle::new(saved.circle),
            roster: Roster::default(),
            links: Links::new(me.peer()),
            publish: Publish::new(saved.identity, instance),
            follow: Follow::new(me.peer()),
            fetch: Fetch::default(),
            cache: Cache::default(),
            maintenance: Maintenance::default(),
            plugins,
            verify: Verify::new(me),
            invites: Invites::default(),
            history: History::new(saved.history, unix_now),
            runs: Runs::new(instance, unix_now),
            uploads: Uploads::default(),
            graphs: Graphs::new(now),
            timelines: Timelines::default(),
            surroundings: Surroundings::default(),
            told: Told { plan: Tracked::new(), meeting: meeting_told, rates: rates_told, circle: circle_told, circle_version: 0 },
            began_with: saved.settings.clone(),
            settings: saved.settings,
            listening: None,
            import_waiting: false,
            ended: false,
            desk,
        };
        engine.settle();
        engine
    }

    /// Hears something. Then drain `poll_output`.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if self.ended {
            return;
        }
        self.desk.advance(now);
        let settled = is_only_a_measure(&input);
        self.route(input);
        if self.ended {
            return;
        }
        if settled {
            // A link may have moved to another route.
            self.tell_rates();
        } else {
            self.settle();
        }
    }

    /// Does what is due. Then drain `poll_output`.
    pub fn handle_timeout(&mut self, now: Instant) {
        if !self.ended {
            self.desk.advance(now);
            self.settle();
        }
    }

    /// The next order.
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            match self.desk.next_order() {
                Some(Output::Notify(notice)) if self.circle.labels().silence(&notice) => {}
                order => return order,
            }
        }
    }

    /// When `handle_timeout` is due next, and why.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Instant, &'static str)> {
        if self.ended {
            return None;
        }
        let saving: Option<Deadline> = self.told.circle.due().map(|at| (at, "the circle is saved"));
        let missed = self.settings.only_with_plugin && !self.circle.lacks_plugin();
        let missing = self.plugins.missing_from().filter(|_| missed).map(|at| (at, "a plugin is missed"));
        [
            self.circle.deadline(),
            self.roster.deadline(),
            self.links.deadline(&self.circle, &self.roster),
            self.verify.deadline(),
            self.invites.deadline(),
            self.runs.deadline(),
            self.publish.deadline(),
            self.follow.deadline(),
            self.fetch.deadline(),
            self.plugins.deadline(),
            self.history.deadline(),
            self.profile.deadline(),
            self.uploads.deadline(self.desk.now()),
            self.cache.deadline(),
            missing,
        ]
        .into_iter()
        .fold(saving, sooner)
    }

    /// Everything that can be seen, at this moment.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> snapshot::Snapshot {
        view::snapshot(self, now.max(self.desk.now()))
    }

    /// Brings every part, in the order in which they depend on each other, to what should hold now.
    fn settle(&mut self) {
        let now = self.desk.now();
        self.circle.settle(now);
        self.circle.want_plugin(self.settings.only_with_plugin && self.plugins.are_missing(now));
        self.roster.settle(now);
        self.links.settle(&mut self.desk, &mut self.circle, &self.roster);
        self.runs.settle(&mut self.desk);
        self.publish.be_silent(!self.runs.shares());
        self.verify.settle(&mut self.desk, &self.links);
        self.invites.settle(&mut self.desk);
        self.profile.settle(&mut self.desk, &self.circle, &self.links, self.settings.name.as_ref());
        self.publish.settle(&mut self.desk, &mut self.cache, &self.circle, &self.links, &self.settings);
        self.fetch.set_near(self.plugins.near());
        self.with_follow(|follow, tools| follow.settle(tools));
        self.fetch.settle(&mut self.desk, &self.links);
        self.plugins.settle(&mut self.desk, &mut self.cache, &self.follow);
        self.cache.settle(&mut self.desk, self.settings.cache_limit);
        self.uploads.settle(now);
        self.maintenance.settle(&mut self.desk, self.plugins.draw_from_old_folder());
        self.tell();
    }

    /// Tells the runtime and the plugins what has changed for them.
    fn tell(&mut self) {
        self.told.plan.set(self.roster.plan(&self.circle, &self.settings));
        if let Some(plan) = self.told.plan.take(self.desk.now()) {
            self.desk.order(Output::Discover(plan.clone()));
        }
        self.told.meeting.set(self.meeting_plan());
        if let Some(plan) = self.told.meeting.take(self.desk.now()) {
            self.desk.order(Output::Meet(plan.clone()));
        }
        if self.told.circle_version != self.saved_version() {
            self.told.circle_version = self.saved_version();
            self.told.circle.set(self.saved_circle());
        }
        if let Some(circle) = self.told.circle.take(self.desk.now()) {
            self.desk.order(Output::SaveCircle(Box::new(circle.clone())));
        }
        if self.history.is_due(self.desk.now()) {
            self.save_history();
        }
        self.tell_rates();
        let (paused, online) = (self.circle.rests(), self.links.all_linked().count());
        let friends_online = u32::try_from(online).unwrap_or(u32::MAX);
        let (publish, circle) = (&self.publish, &self.circle);
        self.plugins.tell_status(&mut self.desk, |character| ToPlugin::Status {
            paused,
            friends_online,
            sharing: publish.sharing(circle, character),
        });
    }

    fn tell_rates(&mut self) {
        self.told.rates.set(rates::plan(&self.links, &self.circle, &self.settings));
        if let Some(plan) = self.told.rates.take(self.desk.now()) {
            self.desk.order(Output::Limit(plan.clone()));
        }
    }

    /// Whom to find by relays. Nobody has to be connected to where nobody is to be found.
    fn meeting_plan(&self) -> RendezvousPlan {
        let friends: Vec<Card> = self.circle.active().map(|(_, member)| member.card).collect();
        let (issued, taken) = (self.invitations.open_places(), self.invitations.waiting());
        let nobody = friends.is_empty() && !self.invites.are_open() && issued.is_empty() && taken.is_empty();
        if !self.settings.rendezvous || nobody || self.circle.rests() {
            return RendezvousPlan::default();
        }
        let theirs = taken.iter().flat_map(|invitation| &invitation.relays).chain(self.circle.relays());
        RendezvousPlan {
            relays: merged(self.settings.relays.iter().chain(theirs)),
            friends,
            stun_servers: self.settings.stun_servers.clone(),
            issued,
            taken,
            name: self.settings.name.clone(),
        }
    }

    const fn saved_version(&self) -> u64 {
        self.circle.version().wrapping_add(self.profile.version()).wrapping_add(self.invitations.version())
    }

    fn saved_circle(&self) -> SavedCircle {
        let (issued, taken) = self.invitations.to_saved();
        SavedCircle { pictures: self.profile.kept().clone(), issued, taken, ..self.circle.to_saved() }
    }

    fn with_follow<T>(&mut self, act: impl FnOnce(&mut Follow, &mut Tools<'_>) -> T) -> T {
        let mut tools = Tools {
            desk: &mut self.desk,
            circle: &mut self.circle,
            cache: &mut self.cache,
            fetch: &mut self.fetch,
            links: &self.links,
            settings: &self.settings,
        };
        act(&mut self.follow, &mut tools)
    }

    fn introduction(&self) -> Introduction {
        let (instance, began_unix) = (self.runs.instance(), self.runs.began_unix());
        Introduction { instance, began_unix, name: self.settings.name.clone() }
    }
}

/// Whether an input changes nothing but a number to be looked at. There are many of them, and nothing follows from one.
const fn is_only_a_measure(input: &Input) -> bool {
    matches!(
        input,
        Input::LinkAlive(_)
            | Input::LinkStats { .. }
            | Input::Served { .. }
            | Input::Disk { .. }
            | Input::Interfaces(_)
            | Input::Fetch(_, FetchEvent::Progress { .. })
            | Input::Maintenance(MaintenanceEvent::Progress { .. })
    )
}
