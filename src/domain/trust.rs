//! How far a peer is let in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::PeerId;

/// How far a peer is let in. A peer that is not in the circle is unknown: it sees no name, no appearance, nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Never again, whatever else says otherwise.
    Blocked,
    /// Let in until this program ends; forgotten after it.
    Once,
    /// Let in; the key is pinned.
    Friend,
    /// A friend whose code was compared.
    Verified,
}

impl Trust {
    /// Whether a link may be had at all.
    #[must_use]
    pub const fn admits(self) -> bool {
        match self {
            Self::Blocked => false,
            Self::Once | Self::Friend | Self::Verified => true,
        }
    }
}

/// One thing that can be allowed or refused to a friend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// They may see my characters.
    SeeMe,
    /// I show their characters.
    ShowThem,
    /// Their sounds (`scd`).
    Sounds,
    /// Their animations (`pap tmb sklb phyb eid skp pbd`).
    Animations,
    /// Their effects (`avfx atex`).
    Effects,
}

impl Permission {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::SeeMe, Self::ShowThem, Self::Sounds, Self::Animations, Self::Effects];
}

/// What is allowed, one answer for each [`Permission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Permissions {
    /// See [`Permission::SeeMe`].
    pub see_me: bool,
    /// See [`Permission::ShowThem`].
    pub show_them: bool,
    /// See [`Permission::Sounds`].
    pub sounds: bool,
    /// See [`Permission::Animations`].
    pub animations: bool,
    /// See [`Permission::Effects`].
    pub effects: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { see_me: true, show_them: true, sounds: true, animations: true, effects: true }
    }
}

impl Permissions {
    /// Sets the answer for one permission.
    pub const fn set(&mut self, permission: Permission, allow: bool) {
        match permission {
            Permission::SeeMe => self.see_me = allow,
            Permission::ShowThem => self.show_them = allow,
            Permission::Sounds => self.sounds = allow,
            Permission::Animations => self.animations = allow,
            Permission::Effects => self.effects = allow,
        }
    }

    /// The answer for one permission.
    #[must_use]
    pub const fn allows(&self, permission: Permission) -> bool {
        match permission {
            Permission::SeeMe => self.see_me,
            Permission::ShowThem => self.show_them,
            Permission::Sounds => self.sounds,
            Permission::Animations => self.animations,
            Permission::Effects => self.effects,
        }
    }
}

/// Answers that are set apart from the default; `None` follows the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PermissionSet {
    /// See [`Permission::SeeMe`].
    pub see_me: Option<bool>,
    /// See [`Permission::ShowThem`].
    pub show_them: Option<bool>,
    /// See [`Permission::Sounds`].
    pub sounds: Option<bool>,
    /// See [`Permission::Animations`].
    pub animations: Option<bool>,
    /// See [`Permission::Effects`].
    pub effects: Option<bool>,
}

impl PermissionSet {
    /// Sets or (with `None`) unsets one answer.
    pub const fn set(&mut self, permission: Permission, answer: Option<bool>) {
        match permission {
            Permission::SeeMe => self.see_me = answer,
            Permission::ShowThem => self.show_them = answer,
            Permission::Sounds => self.sounds = answer,
            Permission::Animations => self.animations = answer,
            Permission::Effects => self.effects = answer,
        }
    }

    /// What holds, given the default for all friends.
    #[must_use]
    pub fn over(&self, default: &Permissions) -> Permissions {
        Permissions {
            see_me: self.see_me.unwrap_or(default.see_me),
            show_them: self.show_them.unwrap_or(default.show_them),
            sounds: self.sounds.unwrap_or(default.sounds),
            animations: self.animations.unwrap_or(default.animations),
            effects: self.effects.unwrap_or(default.effects),
        }
    }
}

/// With whom one of my characters is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Neither announced nor derivable.
    Nobody,
    /// Every friend, also those to come.
    AllFriends,
    /// These friends only.
    Chosen(BTreeSet<PeerId>),
}

impl Audience {
    /// Whether a friend with this id is meant.
    #[must_use]
    pub fn includes(&self, peer: &PeerId) -> bool {
        match self {
            Self::Nobody => false,
            Self::AllFriends => true,
            Self::Chosen(peers) => peers.contains(peer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_who_is_blocked_is_admitted() {
        assert!(!Trust::Blocked.admits());
        assert!([Trust::Once, Trust::Friend, Trust::Verified].into_iter().all(Trust::admits));
    }

    #[test]
    fn an_answer_set_for_one_friend_stands_over_the_default_and_unset_follows_it() {
        for permission in Permission::ALL {
            let mut set = PermissionSet::default();
            set.set(permission, Some(false));
            let refused: Vec<_> =
                Permission::ALL.into_iter().filter(|other| !set.over(&Permissions::default()).allows(*other)).collect();
            assert_eq!(refused, [permission]);
            set.set(permission, None);
            assert_eq!(set.over(&Permissions::default()), Permissions::default());
        }
    }

    #[test]
    fn an_audience_holds_whom_it_names() {
        let (friend, other) = (PeerId::from_bytes([1; 32]), PeerId::from_bytes([2; 32]));
        assert!(Audience::AllFriends.includes(&friend));
        assert!(!Audience::Nobody.includes(&friend));
        let chosen = Audience::Chosen(BTreeSet::from([friend]));
        assert!(chosen.includes(&friend) && !chosen.includes(&other));
    }
}
