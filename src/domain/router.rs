//! What a router makes of our packets, as far as it can be seen from inside.

use serde::{Deserialize, Serialize};

/// How the internet sees the port of all connections (RFC 4787 §4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouterKind {
    /// Not known.
    #[default]
    Unknown,
    /// As it is: no router translates addresses.
    Open,
    /// Under one address, whoever looks: others can be told where to reach us.
    Even,
    /// Under another address for each who looks: nobody can be told where to reach us.
    Strict,
    /// Not at all: no UDP gets out, or no answer in.
    Blocked,
}

/// Two who speak with each other by a relay and found no way for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoWay {
    /// Mine.
    pub mine: RouterKind,
    /// Theirs, as their candidates show it.
    pub theirs: RouterKind,
}

/// Why there is no way, as far as the two routers tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWayReason {
    /// My network lets no UDP through.
    MineBlocked,
    /// Theirs does not.
    TheirsBlocked,
    /// Neither can be told where the other's packets will come from.
    BothStrict,
    /// Mine sends from somewhere else each time, theirs lets in only whom it has sent to.
    MineStrict,
    /// The other way round.
    TheirsStrict,
    /// Neither: something else is between.
    Unclear,
}

impl NoWay {
    /// The reason, and so the cure.
    #[must_use]
    pub const fn reason(&self) -> NoWayReason {
        use RouterKind::{Blocked, Strict};
        match (self.mine, self.theirs) {
            (Blocked, _) => NoWayReason::MineBlocked,
            (_, Blocked) => NoWayReason::TheirsBlocked,
            (Strict, Strict) => NoWayReason::BothStrict,
            (Strict, _) => NoWayReason::MineStrict,
            (_, Strict) => NoWayReason::TheirsStrict,
            _ => NoWayReason::Unclear,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_two_routers_have_their_reason() {
        use NoWayReason::{BothStrict, MineBlocked, MineStrict, TheirsBlocked, TheirsStrict, Unclear};
        use RouterKind::{Blocked, Even, Open, Strict, Unknown};
        for (mine, theirs, reason) in [
            (Blocked, Blocked, MineBlocked),
            (Blocked, Strict, MineBlocked),
            (Strict, Blocked, TheirsBlocked),
            (Unknown, Blocked, TheirsBlocked),
            (Strict, Strict, BothStrict),
            (Strict, Even, MineStrict),
            (Strict, Unknown, MineStrict),
            (Even, Strict, TheirsStrict),
            (Open, Even, Unclear),
            (Unknown, Unknown, Unclear),
        ] {
            assert_eq!(NoWay { mine, theirs }.reason(), reason, "{mine:?} {theirs:?}");
        }
    }
}
