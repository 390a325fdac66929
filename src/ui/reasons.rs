//! Reasons in the person's language: one pure function for what a chain is about, one for each of its links.

use crate::domain::{NoWayReason, WeightPart};
use crate::engine::explain::{About, Says};
use crate::i18n::{self, fl};

/// What a chain is about.
#[must_use]
pub fn about(about: &About) -> String {
    match about {
        About::Connection { called } => fl!("about-connection", called = called.as_str()),
        About::What { called } => fl!("about-what", called = called.as_str()),
        About::Looks { name } => fl!("about-looks", name = name.as_str()),
        About::Seen { called, name } => fl!("about-seen", called = called.as_str(), name = name.as_str()),
    }
}

/// How a link of a chain stands, and what to do where it does not hold.
#[must_use]
pub fn says(says: &Says) -> String {
    match says {
        Says::Blocked { called } => fl!("says-blocked", called = called.as_str()),
        Says::LetInOnce { called } => fl!("says-let-in-once", called = called.as_str()),
        Says::Friend { called } => fl!("says-friend", called = called.as_str()),
        Says::LacksPlugin => fl!("says-lacks-plugin"),
        Says::AllPaused => fl!("says-all-paused"),
        Says::Paused { called } => fl!("says-paused", called = called.as_str()),
        Says::NothingPaused => fl!("says-nothing-paused"),
        Says::Connected { called } => fl!("says-connected", called = called.as_str()),
        Says::Connecting { called } => fl!("says-connecting", called = called.as_str()),
        Says::NotLetIn { called } => fl!("says-not-let-in", called = called.as_str()),
        Says::Elsewhere => fl!("elsewhere"),
        Says::NoWay { called, why, port } => no_way(called, *why, *port),
        Says::Unreachable { called, reason } => fl!("says-unreachable", called = called.as_str(), reason = reason.as_str()),
        Says::DiscoveryOff { called } => fl!("says-discovery-off", called = called.as_str()),
        Says::Offline { called } => fl!("says-offline", called = called.as_str()),
        Says::NotWantedLink { called } => fl!("says-not-wanted-link", called = called.as_str()),
        Says::ShowsNothing { called } => fl!("says-shows-nothing", called = called.as_str()),
        Says::Shows { called, name } => fl!("says-shows", called = called.as_str(), name = name.as_str()),
        Says::NoPlugin => fl!("says-no-plugin"),
        Says::PluginThere => fl!("says-plugin-there"),
        Says::Near { name } => fl!("says-near", name = name.as_str()),
        Says::NotNear { name } => fl!("says-not-near", name = name.as_str()),
        Says::Busy => fl!("says-busy"),
        Says::Free => fl!("says-free"),
        Says::NotShown { called } => fl!("says-not-shown", called = called.as_str()),
        Says::OwnCharacter => fl!("says-own-character"),
        Says::TooHeavy { by } => fl!("says-too-heavy", by = over(by)),
        Says::Conflict => fl!("says-conflict"),
        Says::Gone { called } => fl!("says-gone", called = called.as_str()),
        Says::Cancelled => fl!("says-cancelled"),
        Says::Wanted => fl!("says-wanted"),
        Says::Asking { name } => fl!("says-asking", name = name.as_str()),
        Says::Fetching { name } => fl!("says-fetching", name = name.as_str()),
        Says::Failed { reason } => fl!("says-failed", reason = reason.as_str()),
        Says::AllHere => fl!("says-all-here"),
        Says::Applied { name } => fl!("says-applied", name = name.as_str()),
        Says::Applying => fl!("says-applying"),
        Says::NotYet => fl!("says-not-yet"),
        Says::NobodyElse => fl!("says-nobody-else"),
        Says::Problem { name, reason } => fl!("says-problem", name = name.as_str(), reason = reason.as_str()),
        Says::NotPublished { name } => fl!("says-not-published", name = name.as_str()),
        Says::Published { name } => fl!("says-published", name = name.as_str()),
        Says::NotDecided { name } => fl!("says-not-decided", name = name.as_str()),
        Says::SharedWithNobody { name } => fl!("says-shared-with-nobody", name = name.as_str()),
        Says::SharedWithOthers { called, name } => fl!("says-shared-with-others", called = called.as_str(), name = name.as_str()),
        Says::SharedWithThem { called, name } => fl!("says-shared-with-them", called = called.as_str(), name = name.as_str()),
        Says::MaySee { called } => fl!("says-may-see", called = called.as_str()),
        Says::MayNotSee { called } => fl!("says-may-not-see", called = called.as_str()),
    }
}

/// Why two routers leave no way, and what to do.
#[must_use]
pub fn no_way(called: &str, why: NoWayReason, port: u16) -> String {
    // A port is no quantity: it is written without marks between its digits.
    let port = port.to_string();
    match why {
        NoWayReason::MineBlocked => fl!("says-no-way-mine-blocked"),
        NoWayReason::TheirsBlocked => fl!("says-no-way-theirs-blocked", called = called),
        NoWayReason::BothStrict => fl!("says-no-way-both-strict", called = called, port = port),
        NoWayReason::MineStrict => fl!("says-no-way-mine-strict", called = called, port = port),
        NoWayReason::TheirsStrict => fl!("says-no-way-theirs-strict", called = called, port = port),
        NoWayReason::Unclear => fl!("says-no-way-unclear", called = called, port = port),
    }
}

/// By how much a look is over which limits.
fn over(by: &[WeightPart]) -> String {
    let part = |part: &WeightPart| match part {
        WeightPart::Files(files) => fl!("files", count = files),
        WeightPart::Bytes(bytes) => i18n::size(*bytes),
        WeightPart::TextureBytes(bytes) => fl!("textures", size = i18n::size(*bytes)),
        WeightPart::Triangles(triangles) => fl!("triangles", count = i18n::count(*triangles)),
    };
    by.iter().map(part).reduce(|first, second| fl!("and", first = first, second = second)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_words_are_those_of_the_engine() {
        let (called, name, reason) = ("Aria".to_owned(), "Aria Moon".to_owned(), "it broke".to_owned());
        let all = [
            Says::Blocked { called: called.clone() },
            Says::LacksPlugin,
            Says::Unreachable { called: called.clone(), reason: reason.clone() },
            Says::Offline { called: called.clone() },
            Says::NotNear { name: name.clone() },
            Says::Conflict,
            Says::Elsewhere,
            Says::Failed { reason: reason.clone() },
            Says::Problem { name: name.clone(), reason },
            Says::SharedWithOthers { called: called.clone(), name: name.clone() },
            Says::MayNotSee { called: called.clone() },
        ];
        for one in all {
            assert_eq!(says(&one), one.to_string());
        }
        let titles = [About::Connection { called: called.clone() }, About::Seen { called, name }];
        for one in titles {
            assert_eq!(about(&one), one.to_string());
        }
        let by = vec![WeightPart::Files(12), WeightPart::Bytes(5 << 20), WeightPart::Triangles(1_000)];
        assert!(says(&Says::TooHeavy { by }).contains("12 files and 5.0 MiB and 1,000 triangles"));
    }
}
