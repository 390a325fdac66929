//! Troubles of a machine: its clock, its disk, its profile.

use std::time::Duration;

use fyteclub::domain::Audience;
use fyteclub::engine::command::Command;
use fyteclub::engine::input::Input;
use fyteclub::engine::state::{SavedCircle, SavedHistory, SavedState};

use crate::model::{Person, Who};
use crate::script::Cast;
use crate::world::{Event, World, settings};

/// A profile as it once was, and what its person had decided by then.
pub(crate) struct Backup {
    saved: SavedState,
    person: Person,
}

impl World {
    /// The clock is set, up to an hour and some minutes either way; the runtime notices at once.
    pub(crate) fn sets_the_clock(&mut self, who: Who) {
        let off = [-3_900, -3_600, -40, 0, 40, 3_600, 3_900];
        let off = self.chance.pick(&off).unwrap_or(0);
        self.set_clock(who, off);
    }

    pub(crate) fn set_clock(&mut self, who: Who, off: i64) {
        self.note(format!("{who}'s clock is {off} s wrong"));
        self.nodes[who].clock_off = off;
        let unix_now = self.unix_of(who);
        self.feed(who, Input::Clock { unix_now });
    }

    /// Nothing more can be written for a while.
    pub(crate) fn fills_the_disk(&mut self, who: Who) {
        self.note(format!("{who}'s disk is full"));
        self.nodes[who].disk_full = true;
        let wait = self.chance.millis(1_000, 120_000);
        self.after(wait, Event::DiskFreed { who });
    }

    /// Keeps a copy of the profile.
    pub(crate) fn backs_up(&mut self, who: Who) {
        self.note(format!("{who} makes a backup"));
        let (saved, person) = (self.nodes[who].saved.clone(), self.model.people[who].clone());
        self.nodes[who].backup = Some(Box::new(Backup { saved, person }));
    }

    /// The profile is lost: what comes back is its backup, or, without one, the keys alone. The person finds friends anew.
    pub(crate) fn loses_the_profile(&mut self, who: Who, cast: &Cast) {
        if self.liars.contains(&who) {
            return;
        }
        self.end_program(who);
        let wiped = self.nodes[who].backup.is_none();
        if let Some(backup) = self.nodes[who].backup.take() {
            self.note(format!("{who} restores the backup"));
            self.nodes[who].saved = backup.saved;
            self.model.restore(who, backup.person);
        } else {
            self.note(format!("{who} has lost all but the keys"));
            let identity = self.nodes[who].saved.identity.clone();
            self.nodes[who].saved = SavedState {
                identity,
                settings: settings(who),
                circle: SavedCircle::default(),
                history: SavedHistory::default(),
                picture: None,
            };
            self.model.restore(who, Person::default());
        }
        if self.chance.percent(50) {
            self.nodes[who].store.cached.clear();
            self.nodes[who].store.partial.clear();
        }
        let wait = self.chance.millis(50, 30_000);
        self.run_for(wait);
        self.start(who);
        self.plugin_arrives(who);
        self.run_for(Duration::from_secs(4));
        if wiped {
            self.begins_anew(who, cast);
        }
    }

    fn begins_anew(&mut self, who: Who, cast: &Cast) {
        for worn in self.worn_by(who) {
            let _ = self.command(who, Command::ShareCharacter { character: worn, audience: Audience::AllFriends });
        }
        let friends = |other: &Who| *other != who && cast.liar != Some(*other) && self.model.admits(*other, who);
        for other in (0..cast.people).filter(friends).collect::<Vec<_>>() {
            self.make_friends(who, other, false);
        }
    }
}
