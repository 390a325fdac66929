//! What persons do: random but seeded histories, and the steps that directed tests are made of.

use std::collections::BTreeSet;
use std::time::Duration;

use fyteclub::domain::{Audience, Character, DiscoveryMode, Permission};
use fyteclub::engine::command::{Command, Scope, SettingChange};
use fyteclub::engine::snapshot::{LinkView, Prompt};
use fyteclub::wire::plugin::FromPlugin;

use crate::chance::Chance;
use crate::looks::random_outfit;
use crate::model::Who;
use crate::node::{character, display_name, identity};
use crate::world::{Event, Mutation, World};

/// How long two persons who want to be friends may need, with packets being lost.
const FRIENDS_WITHIN: Duration = Duration::from_secs(300);
/// How long the world may need after the history until everybody sees what they should.
const SETTLED_WITHIN: Duration = Duration::from_secs(600);

/// What this seed's world is like.
pub(crate) struct Cast {
    pub(crate) people: usize,
    /// Never anybody's friend.
    stranger: Option<Who>,
    /// Wears the character of person 0 too.
    impostor: Option<Who>,
    /// A friend of all whose companion lies.
    pub(crate) liar: Option<Who>,
}

/// Plays a whole random history and lets it settle.
pub(crate) fn play(seed: u64, mutation: Mutation) -> World {
    play_steps(seed, mutation, &all_steps(seed))
}

fn play_steps(seed: u64, mutation: Mutation, steps: &BTreeSet<u64>) -> World {
    let (mut world, cast) = prepare(seed);
    world.mutation = mutation;
    run(&mut world, &cast, steps);
    world
}

/// The steps of a seed's history.
pub(crate) fn all_steps(seed: u64) -> BTreeSet<u64> {
    (0..5 + Chance::new(seed ^ 0x57e9).below(18)).collect()
}

/// What goes wrong in the shortest part of a seed's history that still goes wrong: each step is left out for as long as that
/// changes nothing.
pub(crate) fn shortest(seed: u64) -> String {
    let failure = |steps: &BTreeSet<u64>| {
        let played = std::panic::catch_unwind(|| play_steps(seed, Mutation::None, steps).verdict());
        played.unwrap_or_else(|_| Err("  an engine panicked (see above)".to_owned())).err()
    };
    let mut steps = all_steps(seed);
    let mut shortest = failure(&steps).unwrap_or_default();
    for step in all_steps(seed) {
        let fewer = steps.iter().copied().filter(|kept| *kept != step).collect();
        if let Some(failure) = failure(&fewer) {
            (steps, shortest) = (fewer, failure);
        }
    }
    format!("{shortest}\nof its {} steps these were played: {steps:?}", all_steps(seed).len())
}

/// Plays these steps of the history of a prepared world. Each has a chance of its own, so that it is the same without the others.
pub(crate) fn run(world: &mut World, cast: &Cast, steps: &BTreeSet<u64>) {
    world.meet(cast);
    for step in steps {
        if !world.broken.is_empty() {
            break;
        }
        world.chance = Chance::new(world.seed ^ (step + 1).wrapping_mul(0x9e37_79b9));
        let gap = world.chance.millis(50, 12_000);
        world.run_for(gap);
        world.something_happens(cast);
    }
    world.calm();
    world.settle(SETTLED_WITHIN);
}

/// The world of a seed and who is in it, before anything happens.
pub(crate) fn prepare(seed: u64) -> (World, Cast) {
    let mut draw = Chance::new(seed ^ 0x5eed);
    let people = [2, 3, 3, 4, 4, 5][draw.index(6)];
    let mut world = World::new(seed, people);
    world.weather.loss = draw.below(25);
    world.weather.shakes_fail = draw.below(15);
    world.weather.fetches_fail = draw.below(4);
    world.weather.delay_ms = 5 + draw.below(250);
    world.weather.reads_ms = if draw.percent(30) { 8_000 } else { 50 };
    world.weather.rate = (1 + draw.below(20)) << 20;
    let small_cache = draw.percent(20);
    for node in &mut world.nodes {
        node.game.fails = if draw.percent(30) { 10 } else { 0 };
        if small_cache {
            node.saved.settings.cache_limit = 3 << 20;
        }
    }
    let stranger = (people > 2 && draw.percent(40)).then_some(people - 1);
    let impostor = (people > 2 && stranger.is_none() && draw.percent(25)).then_some(people - 1);
    let liar = (people > 2 && stranger.is_none() && impostor.is_none() && draw.percent(60)).then_some(people - 1);
    world.liars.extend(liar);
    world.model.liars.extend(liar);
    (world, Cast { people, stranger, impostor, liar })
}

impl World {
    /// Everybody starts, dresses, and makes friends.
    fn meet(&mut self, cast: &Cast) {
        for who in 0..cast.people {
            self.dress(who, cast);
            self.start(who);
        }
        self.run_for(Duration::from_secs(4));
        for who in 0..cast.people {
            for worn in self.worn_by(who) {
                let audience = if self.chance.percent(85) { Audience::AllFriends } else { Audience::Nobody };
                let _ = self.command(who, Command::ShareCharacter { character: worn, audience });
            }
        }
        for one in 0..cast.people {
            for other in one + 1..cast.people {
                let strange = cast.stranger == Some(other);
                if !strange
                    && (cast.impostor.is_some() || cast.liar == Some(other) || other == one + 1 || self.chance.percent(70))
                {
                    let once = cast.impostor.is_none() && cast.liar.is_none() && self.chance.percent(12);
                    self.make_friends(one, other, once);
                }
                for (viewer, wearer) in [(one, other), (other, one)] {
                    if self.chance.percent(85) {
                        self.set_near(viewer, &character(wearer), true);
                    }
                }
            }
        }
    }

    fn dress(&mut self, who: Who, cast: &Cast) {
        let outfit = random_outfit(&mut self.chance, who);
        self.wear(who, &character(who), outfit);
        if cast.impostor == Some(who) {
            let outfit = random_outfit(&mut self.chance, who);
            self.wear(who, &character(0), outfit);
        }
    }

    pub(crate) fn worn_by(&self, who: Who) -> Vec<Character> {
        self.nodes[who].game.wears.keys().cloned().collect()
    }

    /// Two persons become friends as people do: one finds the other nearby and knocks, the other accepts. Both try
    /// again until it works; if it does not in time, that is a broken rule.
    pub(crate) fn make_friends(&mut self, one: Who, other: Who, once: bool) {
        self.note(format!("{one} and {other} want to be friends"));
        self.heal();
        for who in [one, other] {
            self.start(who);
            let _ = self.command(who, Command::Resume { scope: Scope::Everyone });
        }
        for (who, peer) in [(one, other), (other, one)] {
            if self.model.admits(who, peer) {
                let _ = self.command(who, Command::Resume { scope: Scope::Peer(identity(peer).peer()) });
            }
        }
        let both = [(one, other, once), (other, one, false)];
        let end = self.now + FRIENDS_WITHIN;
        let mut round = 0_u32;
        while !self.are_linked(one, other) && self.now < end && self.broken.is_empty() {
            for (who, peer, once) in both {
                if round.is_multiple_of(100) {
                    let _ = self.command(who, Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby });
                }
                self.be_friendly(who, peer, once && round < 30, who == one || round > 30, round);
            }
            self.run_for(Duration::from_secs(2));
            round += 1;
        }
        if !self.are_linked(one, other) {
            let links = [self.link_view(one, other), self.link_view(other, one)];
            self.complain(format!("{one} and {other} did not become friends within {FRIENDS_WITHIN:?}: {links:?}"));
        }
        self.tidy_up(one, other);
        self.tidy_up(other, one);
    }

    fn are_linked(&self, one: Who, other: Who) -> bool {
        let shown = |who, peer| matches!(self.link_view(who, peer), Some(LinkView::Connected { .. }));
        self.model.admits(one, other) && self.model.admits(other, one) && shown(one, other) && shown(other, one)
    }

    pub(crate) fn link_view(&self, who: Who, other: Who) -> Option<LinkView> {
        let peers = self.snapshot(who)?.peers;
        peers.into_iter().find(|view| view.peer == identity(other).peer()).map(|view| view.link)
    }

    /// One round of trying: accept a prompt; else knock, if it is one's turn and the other is in sight.
    fn be_friendly(&mut self, who: Who, peer: Who, once: bool, knocks: bool, round: u32) {
        let Some(snapshot) = self.snapshot(who) else { return };
        let id = identity(peer).peer();
        let asked = snapshot.prompts.iter().any(|prompt| matches!(prompt, Prompt::Stranger { peer, .. } if *peer == id));
        let in_sight = snapshot.nearby.iter().any(|nearby| nearby.peer == id);
        if asked {
            let _ = self.command(who, Command::AcceptPeer { peer: id, once });
        } else if knocks && in_sight && (!self.model.admits(who, peer) || round % 10 == 9) {
            let _ = self.command(who, Command::ConnectNearby { peer: id });
        }
    }

    /// What was once set for the other is set anew, whatever became of it.
    fn tidy_up(&mut self, who: Who, other: Who) {
        let scope = Scope::Peer(identity(other).peer());
        for permission in Permission::ALL {
            let _ = self.command(who, Command::SetPermission { scope: scope.clone(), permission, allow: None });
        }
        let _ = self.command(who, Command::Resume { scope });
        for (character, audience) in self.model.people[who].audiences.clone() {
            if matches!(audience, Audience::Chosen(_)) {
                let _ = self.command(who, Command::ShareCharacter { character, audience });
            }
        }
    }

    fn something_happens(&mut self, cast: &Cast) {
        if let Some(liar) = cast.liar.filter(|_| self.chance.percent(45)) {
            return self.lies(liar);
        }
        let who = self.chance.index(cast.people);
        let other = (who + 1 + self.chance.index(cast.people - 1)) % cast.people;
        match self.chance.below(50) {
            0..=6 => self.changes_clothes(who),
            7 => self.take_off(who, &character(who)),
            8..=10 => {
                let near = !self.nodes[who].game.near.contains(&character(other));
                self.set_near(who, &character(other), near);
            }
            11..=12 => self.fights_a_while(who),
            13..=15 => self.restarts(who),
            16..=18 => self.falls_apart(cast.people),
            19..=20 => self.loses_a_link(),
            21 => self.move_house(who),
            22..=23 => self.plugin_reconnects(who),
            24..=26 => self.rests_or_returns(who, other),
            27..=29 => self.permits_or_refuses(who, other),
            30..=31 => self.chooses_an_audience(who, cast.people),
            32..=34 => self.falls_out(who, other, cast),
            35 => self.strangers_knock(cast),
            36 => self.changes_a_setting(who),
            37 => self.say(who, FromPlugin::Resync),
            38 => self.asks_for_attention(who, other),
            39..=41 => self.sets_the_clock(who),
            42..=43 => self.fills_the_disk(who),
            44..=45 => self.backs_up(who),
            46..=48 => self.loses_the_profile(who, cast),
            _ => self.settles_a_claim(who),
        }
    }

    fn changes_clothes(&mut self, who: Who) {
        let quickly = if self.chance.percent(30) { 1 + self.chance.below(3) } else { 1 };
        for _ in 0..quickly {
            let Some(worn) = self.chance.pick(&self.worn_by(who)) else {
                let outfit = random_outfit(&mut self.chance, who);
                return self.wear(who, &character(who), outfit);
            };
            let outfit = random_outfit(&mut self.chance, who);
            self.wear(who, &worn, outfit);
            let gap = self.chance.millis(1, 900);
            self.run_for(gap);
        }
    }

    fn fights_a_while(&mut self, who: Who) {
        let combat = self.chance.percent(60);
        self.fight(who, combat, !combat);
        let wait = self.chance.millis(500, 60_000);
        self.after(wait, Event::FightEnds { who });
    }

    /// Ends the program, by a crash or in order, and starts it again after a while.
    pub(crate) fn restarts(&mut self, who: Who) {
        if !self.running(who) {
            return;
        }
        if self.chance.percent(30) {
            let _ = self.command(who, Command::Quit);
            if self.running(who) {
                self.complain(format!("{who} did not quit"));
            }
        } else {
            self.end_program(who);
        }
        let wait = self.chance.millis(50, 60_000);
        self.after(wait, Event::Start { who });
    }

    fn falls_apart(&mut self, people: usize) {
        let sides = (0..people).map(|_| self.chance.below(2) as u8).collect();
        self.partition(sides);
        let wait = self.chance.millis(500, 90_000);
        self.after(wait, Event::Heal);
    }

    fn loses_a_link(&mut self) {
        if let Some(conn) = self.chance.pick(&self.live_conns()) {
            let who = self.conns[&conn].who;
            self.note(format!("the link between {who:?} breaks"));
            self.break_conn(conn);
        }
    }

    fn plugin_reconnects(&mut self, who: Who) {
        self.plugin_leaves(who);
        let wait = self.chance.millis(10, 20_000);
        self.after(wait, Event::PluginArrives { who });
    }

    fn rests_or_returns(&mut self, who: Who, other: Who) {
        if !self.running(who) {
            return;
        }
        let peer = Scope::Peer(identity(other).peer());
        let scope = if self.chance.percent(50) && self.model.admits(who, other) { peer } else { Scope::Everyone };
        let lasting = self.chance.percent(60).then(|| Duration::from_secs(1 + self.chance.below(90)));
        let command = if self.chance.percent(60) { Command::Pause { scope, lasting } } else { Command::Resume { scope } };
        let _ = self.command(who, command);
    }

    fn permits_or_refuses(&mut self, who: Who, other: Who) {
        if !self.running(who) {
            return;
        }
        let peer = Scope::Peer(identity(other).peer());
        let scope = if self.chance.percent(70) && self.model.admits(who, other) { peer } else { Scope::Everyone };
        let permission = Permission::ALL[self.chance.index(5)];
        let allow = [Some(true), Some(false), Some(false), None][self.chance.index(4)];
        let _ = self.command(who, Command::SetPermission { scope, permission, allow });
    }

    fn chooses_an_audience(&mut self, who: Who, people: usize) {
        let Some(worn) = self.chance.pick(&self.worn_by(who)).filter(|_| self.running(who)) else { return };
        let audience = match self.chance.below(4) {
            0 => Audience::Nobody,
            1 | 2 => Audience::AllFriends,
            _ => {
                let chosen = (0..people).filter(|other| *other != who && self.model.admits(who, *other));
                let chosen: BTreeSet<_> = chosen.map(|other| identity(other).peer()).collect();
                Audience::Chosen(chosen.into_iter().filter(|_| self.chance.percent(50)).collect())
            }
        };
        let _ = self.command(who, Command::ShareCharacter { character: worn, audience });
    }

    /// Friends fall out; some make up again.
    fn falls_out(&mut self, who: Who, other: Who, cast: &Cast) {
        let met = self.model.people[who].attitudes.contains_key(&other);
        if cast.impostor.is_some() || cast.liar.is_some_and(|liar| liar == who || liar == other) || !self.running(who) || !met {
            return;
        }
        let peer = identity(other).peer();
        let blocks = self.chance.percent(50) && self.model.admits(who, other);
        let ending = match (blocks, self.model.admits(who, other)) {
            (true, _) => Command::BlockPeer { peer },
            (false, true) => Command::RemovePeer { peer },
            (false, false) => Command::UnblockPeer { peer },
        };
        let _ = self.command(who, ending);
        if self.chance.percent(60) {
            let wait = self.chance.millis(10, 20_000);
            self.run_for(wait);
            for (one, another) in [(who, other), (other, who)] {
                let unwanted = self.model.people[one].attitudes.contains_key(&another) && !self.model.admits(one, another);
                self.start(one);
                if unwanted {
                    let _ = self.command(one, Command::UnblockPeer { peer: identity(another).peer() });
                }
            }
            self.make_friends(who, other, false);
        }
    }

    /// Somebody whom nobody knows knocks wherever it can; some say "not now" or block it.
    fn strangers_knock(&mut self, cast: &Cast) {
        let Some(stranger) = cast.stranger else { return };
        for who in (0..cast.people).filter(|who| self.running(*who)).collect::<Vec<_>>() {
            let _ = self.command(who, Command::SetDiscovery { mode: DiscoveryMode::EveryoneNearby });
        }
        self.run_for(Duration::from_secs(40));
        for who in (0..cast.people).filter(|who| *who != stranger).collect::<Vec<_>>() {
            let peer = identity(who).peer();
            let in_sight = self.snapshot(stranger).is_some_and(|view| view.nearby.iter().any(|nearby| nearby.peer == peer));
            if in_sight {
                let _ = self.command(stranger, Command::ConnectNearby { peer });
            }
        }
        self.run_for(Duration::from_secs(10));
        let unwanted = identity(stranger).peer();
        for who in (0..cast.people).filter(|who| *who != stranger).collect::<Vec<_>>() {
            let prompts = self.snapshot(who).map(|view| view.prompts).unwrap_or_default();
            let asked = prompts.iter().any(|prompt| matches!(prompt, Prompt::Stranger { peer, .. } if *peer == unwanted));
            if asked && self.chance.percent(50) {
                let _ = self.command(who, Command::DismissPeer { peer: unwanted });
            } else if asked {
                let _ = self.command(who, Command::BlockPeer { peer: unwanted });
            }
        }
    }

    fn changes_a_setting(&mut self, who: Who) {
        if self.running(who) {
            let change = match self.chance.below(3) {
                0 => SettingChange::Name(None),
                1 => SettingChange::Name(Some(display_name(who))),
                _ => SettingChange::CacheLimit((1 + self.chance.below(30)) << 20),
            };
            let _ = self.command(who, Command::ChangeSetting { change });
        }
    }

    fn asks_for_attention(&mut self, who: Who, other: Who) {
        if !self.running(who) || !self.model.admits(who, other) {
            return;
        }
        let peer = identity(other).peer();
        let command = match self.chance.below(3) {
            0 => Command::Reconnect { peer },
            1 => Command::Resync { peer: Some(peer) },
            _ => Command::Resync { peer: None },
        };
        let _ = self.command(who, command);
    }

    fn settles_a_claim(&mut self, who: Who) {
        let prompts = self.snapshot(who).map(|view| view.prompts).unwrap_or_default();
        for prompt in prompts {
            if let Prompt::OwnerConflict { character, owner, claimant } = prompt {
                let owner = if self.chance.percent(50) { owner } else { claimant };
                let _ = self.command(who, Command::ChooseOwner { character, owner });
            }
        }
    }

    /// The end of all trouble: the network heals, everybody runs, every plugin is there, nobody fights.
    pub(crate) fn calm(&mut self) {
        self.note("calm");
        self.heal();
        self.weather.loss = 3;
        self.weather.shakes_fail = 0;
        self.weather.fetches_fail = 0;
        for who in 0..self.nodes.len() {
            self.nodes[who].game.fails = 0;
            self.nodes[who].disk_full = false;
            self.start(who);
            self.plugin_arrives(who);
            self.fight(who, false, false);
        }
        if !self.liars.is_empty() {
            self.run_for(Duration::from_secs(30));
            self.settles_every_claim();
        }
    }
}
