//! What is said at the beginning and at the end of a link.

use super::super::desk::Desk;
use super::super::input::LinkKey;
use super::super::output::Output;
use super::Introduction;
use crate::wire::control::{ByeReason, Control, FEATURE_PROFILE, Hello};
use crate::wire::run::{RUN_NONCE, Run};
use crate::wire::{PROTOCOL_MAX, PROTOCOL_MIN};

/// A farewell's text on the wire, in bytes.
const MAX_FAREWELL: usize = 256;

pub(super) fn hello(me: &Introduction, nonce: [u8; RUN_NONCE]) -> Control {
    Control::Hello(Hello {
        protocol_min: PROTOCOL_MIN,
        protocol_max: PROTOCOL_MAX,
        features: vec![FEATURE_PROFILE.to_owned()],
        program: concat!("FyteClub ", env!("FYTECLUB_VERSION")).to_owned(),
        name: me.name.clone(),
        instance: me.instance,
        run: Some(Run { began_unix: me.began_unix, nonce }),
    })
}

pub(super) fn farewell(desk: &mut Desk, link: LinkKey, reason: ByeReason, text: &str) {
    let mut end = text.len().min(MAX_FAREWELL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default().to_owned();
    desk.send(link, Control::Bye { reason, text });
    desk.order(Output::CloseLink(link));
}

pub(super) fn misbehaviour(called: &str, text: &str) -> String {
    format!("{called} was disconnected because their FyteClub broke the rules: {}.", printable(text))
}

/// A text of a peer, fit to be shown.
pub(super) fn printable(text: &str) -> String {
    crate::domain::printable(text, 200)
}
