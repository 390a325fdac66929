//! How fast each link may carry blobs: the limits of all and of each friend, except on the local network unless the person says so.

use super::circle::Circle;
use super::link::Links;
use super::output::{LinkRates, RatePlan};
use crate::domain::{Route, Settings};

/// What holds now. A link that nothing limits is not in it.
pub(super) fn plan(links: &Links, circle: &Circle, settings: &Settings) -> RatePlan {
    let all = settings.rates;
    let limited = links.routes().filter(|(_, route)| match route {
        Route::Lan => settings.limit_lan,
        Route::Direct => true,
    });
    let rates = limited.map(|(link, _)| (link, LinkRates { own: circle.rates(&link.peer), shared: !all.is_off() }));
    RatePlan { all, links: rates.filter(|(_, rates)| rates.shared || !rates.own.is_off()).collect() }
}
