//! Becoming friends by a link: the invitations that I have made, and those that I have taken up and that wait for their issuer.
//!
//! Whoever has an invitation is let in, as many as it is for, until it is over or taken back; each once, so that what a relay repeats
//! lets in nobody whom I have removed since. What is over is kept for a week, to be answered with a sentence.

use std::collections::BTreeSet;
use std::time::Duration;

use super::circle::Circle;
use super::desk::Desk;
use super::notice::Notice;
use super::output::Output;
use super::snapshot::{IssuedView, TakenState, TakenView};
use super::state::{IssuedInvitation, SavedCircle, TakenInvitation};
use crate::domain::{Card, DisplayName, Invitation, InvitationId, InvitationSecret, MAX_HINTS, RelayUrl, Settings, Trust};
use crate::wire::invitation::Answer;

/// Invitations of mine that are kept.
const MAX_ISSUED: usize = 50;
/// Invitations that I have taken up and that wait.
const MAX_TAKEN: usize = 50;
/// The most that one may be for.
const MAX_USES: u32 = 100;
/// The longest that one may last.
const MAX_LASTING: Duration = Duration::from_secs(30 * 24 * 3600);
/// For so long one that is over is answered.
const REMEMBERED: u64 = 7 * 24 * 3600;

/// What was made and what was taken up.
#[derive(Debug)]
pub(super) struct Invitations {
    me: Card,
    issued: Vec<IssuedInvitation>,
    taken: Vec<TakenInvitation>,
    /// Grows with each change of what is saved.
    version: u64,
}

impl Invitations {
    pub(super) fn new(me: Card, saved: &SavedCircle) -> Self {
        Self { me, issued: saved.issued.clone(), taken: saved.taken.clone(), version: 0 }
    }

    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn to_saved(&self) -> (Vec<IssuedInvitation>, Vec<TakenInvitation>) {
        (self.issued.clone(), self.taken.clone())
    }

    /// Makes one.
    ///
    /// # Errors
    /// One sentence: why not.
    pub(super) fn offer(&mut self, desk: &mut Desk, settings: &Settings, lasting: Duration, uses: u32) -> Result<(), String> {
        super::invites::check(settings)?;
        if !(1..=MAX_USES).contains(&uses) {
            return Err(format!("an invitation is for at least one friend and at most {MAX_USES}"));
        }
        if lasting.is_zero() || lasting > MAX_LASTING {
            return Err("an invitation lasts at most 30 days".to_owned());
        }
        self.forget_old(desk.unix_now());
        if self.issued.len() >= MAX_ISSUED {
            return Err(format!("there are {MAX_ISSUED} invitations already: take one back first"));
        }
        let random = desk.random_bytes();
        let secret = InvitationSecret::from_bytes(random.first_chunk().copied().unwrap_or_default());
        let over_unix = desk.unix_now().saturating_add(lasting.as_secs());
        let relays: Vec<RelayUrl> = settings.relays.iter().take(MAX_HINTS).cloned().collect();
        let invitation = Invitation { card: self.me, secret, over_unix, relays };
        self.issued.push(IssuedInvitation { invitation, uses, guests: BTreeSet::new(), revoked: false });
        self.version += 1;
        Ok(())
    }

    /// Takes one up.
    ///
    /// # Errors
    /// One sentence if it is none, or why not.
    pub(super) fn take(&mut self, desk: &Desk, circle: &Circle, settings: &Settings, text: &str) -> Result<(), String> {
        super::invites::check(settings)?;
        let invitation: Invitation = text.parse().map_err(|error| format!("{error}"))?;
        let peer = invitation.card.peer();
        if peer == self.me.peer() {
            return Err("that invitation is your own: send it to a friend".to_owned());
        }
        if circle.blocks(&peer) {
            return Err("you have blocked whoever made this invitation: unblock them first".to_owned());
        }
        if circle.is_friend(&peer) {
            return Err(format!("{} is your friend already", circle.called(&peer)));
        }
        if invitation.over_unix.saturating_add(24 * 3600) < desk.unix_now() {
            return Err("the invitation's time is over: ask for a new one".to_owned());
        }
        self.taken.retain(|taken| taken.invitation.card.peer() != peer);
        if self.taken.len() >= MAX_TAKEN {
            return Err(format!("{MAX_TAKEN} invitations wait already: give one up first"));
        }
        self.taken.push(TakenInvitation { invitation, state: TakenState::Waiting });
        self.version += 1;
        Ok(())
    }

    /// Takes one of mine back, or gives one up that I have taken.
    ///
    /// # Errors
    /// One sentence if there is none.
    pub(super) fn put_away(&mut self, desk: &Desk, id: InvitationId) -> Result<(), String> {
        let before = self.taken.len();
        self.taken.retain(|taken| taken.invitation.id() != id);
        if let Some(issued) = self.issued.iter_mut().find(|issued| issued.invitation.id() == id) {
            issued.revoked = true;
        } else if self.taken.len() == before {
            return Err(format!("there is no invitation {id}"));
        }
        self.forget_old(desk.unix_now());
        self.version += 1;
        Ok(())
    }

    /// Somebody has one of mine.
    pub(super) fn redeemed(
        &mut self,
        desk: &mut Desk,
        circle: &mut Circle,
        secret: InvitationSecret,
        (card, name): (Card, Option<DisplayName>),
    ) {
        let (peer, now) = (card.peer(), desk.unix_now());
        let Some(issued) = self.issued.iter_mut().find(|issued| issued.invitation.secret == secret) else { return };
        if peer == self.me.peer() || circle.blocks(&peer) {
            return;
        }
        let answer = if issued.guests.contains(&peer) {
            if circle.is_friend(&peer) { Answer::Welcome } else { Answer::UsedUp }
        } else if issued.invitation.over_unix <= now {
            Answer::Expired
        } else if !issued.is_open(now) {
            Answer::UsedUp
        } else {
            issued.guests.insert(peer);
            self.version += 1;
            circle.admit(card, name, Trust::Friend, None);
            desk.notify(Notice::InvitationEnded { peer, state: None });
            Answer::Welcome
        };
        desk.order(Output::AnswerGuest { secret, card, answer });
    }

    /// The issuer of one that I have taken up has answered.
    pub(super) fn answered(
        &mut self,
        desk: &mut Desk,
        circle: &mut Circle,
        secret: &InvitationSecret,
        (answer, name): (Answer, Option<DisplayName>),
    ) {
        let Some(at) = self.taken.iter().position(|taken| taken.invitation.secret == *secret) else { return };
        let Some(taken) = self.taken.get_mut(at).filter(|taken| taken.state == TakenState::Waiting) else { return };
        let card = taken.invitation.card;
        let state = match answer {
            Answer::Welcome => None,
            Answer::Expired => Some(TakenState::Expired),
            Answer::UsedUp => Some(TakenState::UsedUp),
        };
        self.version += 1;
        match state {
            Some(state) => taken.state = state,
            None => {
                let relays = self.taken.remove(at).invitation.relays;
                circle.admit(card, name, Trust::Friend, None);
                circle.meet_at(&card.peer(), relays);
            }
        }
        desk.notify(Notice::InvitationEnded { peer: card.peer(), state });
    }

    /// Who may still come, or hear why not.
    pub(super) fn open_places(&self) -> Vec<InvitationSecret> {
        self.issued.iter().map(|issued| issued.invitation.secret.clone()).collect()
    }

    /// Those whose issuers are waited for.
    pub(super) fn waiting(&self) -> Vec<Invitation> {
        let waiting = self.taken.iter().filter(|taken| taken.state == TakenState::Waiting);
        waiting.map(|taken| taken.invitation.clone()).collect()
    }

    /// Newest first.
    pub(super) fn view(&self, unix_now: u64) -> (Vec<IssuedView>, Vec<TakenView>) {
        let issued = self.issued.iter().rev().filter(|issued| !issued.revoked).map(|issued| IssuedView {
            id: issued.invitation.id(),
            invitation: issued.invitation.clone(),
            seconds_left: issued.invitation.over_unix.saturating_sub(unix_now),
            uses: issued.uses,
            used: u32::try_from(issued.guests.len()).unwrap_or(u32::MAX),
        });
        let taken = self.taken.iter().rev().map(|taken| TakenView {
            id: taken.invitation.id(),
            peer: taken.invitation.card.peer(),
            state: taken.state,
        });
        (issued.collect(), taken.collect())
    }

    fn forget_old(&mut self, now: u64) {
        self.issued.retain(|issued| issued.invitation.over_unix.saturating_add(REMEMBERED) > now);
    }
}

impl IssuedInvitation {
    fn is_open(&self, now: u64) -> bool {
        !self.revoked && self.invitation.over_unix > now && self.guests.len() < self.uses as usize
    }
}

/// Relays without repetition, those of the settings first.
pub(super) fn merged<'a>(all: impl Iterator<Item = &'a RelayUrl>) -> Vec<RelayUrl> {
    let mut merged: Vec<RelayUrl> = Vec::new();
    for relay in all {
        if !merged.contains(relay) {
            merged.push(relay.clone());
        }
    }
    merged
}
