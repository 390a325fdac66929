//! Becoming friends by a code: the one I offer, the one I was told, and what came of each.
//!
//! At most one of each is in use. What came of it stays to be seen until the next one, or until it is put away.

use std::time::{Duration, Instant};

use super::circle::Circle;
use super::desk::{Deadline, Desk, seconds_until};
use super::input::InviteId;
use super::notice::Notice;
use super::output::{CodeOrder, Output};
use super::snapshot::{CodeFailure, CodeState, CodeView, InvitesView};
use crate::domain::{Card, DisplayName, InviteCode, PeerId, Settings, Trust};
use crate::wire::pairing::Role;

/// How long a code is good for.
const GOOD_FOR: Duration = Duration::from_secs(600);

/// The codes in use.
#[derive(Debug, Default)]
pub(super) struct Invites {
    offered: Option<Use>,
    joined: Option<Use>,
    next: u64,
}

#[derive(Debug)]
struct Use {
    invite: InviteId,
    code: InviteCode,
    until: Instant,
    state: CodeState,
}

impl Use {
    const fn is_open(&self) -> bool {
        matches!(self.state, CodeState::Open)
    }
}

impl Invites {
    /// Makes a new code in the place of the one before.
    ///
    /// # Errors
    /// One sentence: why not.
    pub(super) fn offer(&mut self, desk: &mut Desk, settings: &Settings) -> Result<(), String> {
        check(settings)?;
        let random = desk.random_bytes();
        let code = InviteCode::from_random(random.first_chunk().copied().unwrap_or_default());
        self.begin(desk, settings, Role::Issuer, code);
        Ok(())
    }

    /// Uses a code that I was told.
    ///
    /// # Errors
    /// One sentence if it is none, or why not.
    pub(super) fn join(&mut self, desk: &mut Desk, settings: &Settings, code: &str) -> Result<(), String> {
        check(settings)?;
        let code: InviteCode = code.parse().map_err(|error| format!("{error}"))?;
        if self.offered.as_ref().is_some_and(|offered| offered.is_open() && offered.code == code) {
            return Err("that is the code that you offer: your friend types it, not you".to_owned());
        }
        self.begin(desk, settings, Role::Joiner, code);
        Ok(())
    }

    fn begin(&mut self, desk: &mut Desk, settings: &Settings, role: Role, code: InviteCode) {
        self.put_away(desk, role);
        let invite = InviteId(self.next);
        self.next += 1;
        let order = CodeOrder { invite, code: code.clone(), role, name: settings.name.clone() };
        *self.place(role) = Some(Use { invite, code, until: desk.later(GOOD_FOR), state: CodeState::Open });
        desk.order(Output::UseCode(order));
    }

    /// Gives a code up, or puts away what came of it.
    pub(super) fn put_away(&mut self, desk: &mut Desk, role: Role) {
        if let Some(code) = self.place(role).take()
            && code.is_open()
        {
            desk.order(Output::DropCode(code.invite));
        }
    }

    /// What came of a code.
    pub(super) fn ended(
        &mut self,
        desk: &mut Desk,
        circle: &mut Circle,
        me: PeerId,
        invite: InviteId,
        result: Result<(Card, Option<DisplayName>), CodeFailure>,
    ) {
        let role = if self.offered.as_ref().is_some_and(|code| code.invite == invite) { Role::Issuer } else { Role::Joiner };
        let Some(code) = self.place(role).as_mut().filter(|code| code.invite == invite && code.is_open()) else { return };
        let result = result.and_then(|(card, name)| admit(circle, me, card, name));
        code.state = match result {
            Ok(peer) => CodeState::Friends { peer },
            Err(why) => CodeState::Failed { why },
        };
        desk.notify(Notice::CodeEnded { offered: role == Role::Issuer, state: code.state.clone() });
    }

    /// Ends what is over.
    pub(super) fn settle(&mut self, desk: &mut Desk) {
        for code in self.offered.iter_mut().chain(&mut self.joined) {
            if code.is_open() && code.until <= desk.now() {
                code.state = CodeState::Failed { why: CodeFailure::Expired };
                desk.order(Output::DropCode(code.invite));
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let open = self.offered.iter().chain(&self.joined).filter(|code| code.is_open());
        open.map(|code| (code.until, "a code is over")).min()
    }

    /// Whether relays are needed for a code.
    pub(super) fn are_open(&self) -> bool {
        self.offered.iter().chain(&self.joined).any(Use::is_open)
    }

    pub(super) fn view(&self, now: Instant) -> InvitesView {
        let view = |code: &Use| CodeView {
            code: code.code.clone(),
            seconds_left: seconds_until(code.until, now),
            state: code.state.clone(),
        };
        InvitesView { offered: self.offered.as_ref().map(view), joined: self.joined.as_ref().map(view), ..InvitesView::default() }
    }

    const fn place(&mut self, role: Role) -> &mut Option<Use> {
        match role {
            Role::Issuer => &mut self.offered,
            Role::Joiner => &mut self.joined,
        }
    }
}

/// Whether there is a place to meet at.
pub(super) fn check(settings: &Settings) -> Result<(), String> {
    if !settings.rendezvous {
        return Err("finding friends across the internet is switched off: switch it on in the settings".to_owned());
    }
    if settings.relays.is_empty() {
        return Err("there is no relay to meet at: add one in the settings".to_owned());
    }
    Ok(())
}

fn admit(circle: &mut Circle, me: PeerId, card: Card, name: Option<DisplayName>) -> Result<PeerId, CodeFailure> {
    let peer = card.peer();
    if peer == me {
        return Err(CodeFailure::Other("That is your own code, on this or another computer of yours.".to_owned()));
    }
    if circle.blocks(&peer) {
        let called = circle.called(&peer);
        return Err(CodeFailure::Other(format!("You have blocked {called}: unblock them first, then make a new code.")));
    }
    circle.admit(card, name, Trust::Verified, None);
    Ok(peer)
}
