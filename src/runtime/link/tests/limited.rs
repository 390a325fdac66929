//! Limits of rate over real links.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::harness::{Side, noise};
use super::transfers::{Served, assert_same, order_ranges, served, wire_bytes};
use crate::domain::{Rate, RateLimits};
use crate::engine::input::{FetchEvent, Input, LinkKey};
use crate::engine::output::{LinkRates, RatePlan};

/// What limits give over five seconds, beside what they say; fails beyond a twentieth. Run alone:
/// `cargo test --lib rates_as_measured -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn rates_as_measured() {
    println!("| limit | KiB/s | measured over 5 s | off by |");
    let mut worst = 0.0_f64;
    for rate in [512 << 10, 2 << 20, 8 << 20] {
        for (what, up, own) in
            [("up, all", true, false), ("up, one", true, true), ("down, all", false, false), ("down, one", false, true)]
        {
            let measured = measure(rate, up, own).await;
            let off = (measured - rate as f64) / rate as f64;
            worst = worst.max(off.abs());
            println!("| {what} | {} | {:.1} | {:+.1} % |", rate >> 10, measured / 1024.0, off * 100.0);
        }
    }
    assert!(worst <= 0.05, "a limit is off by {:.1} %", worst * 100.0);
}

/// Bytes a second that arrive of what does not compress, over five seconds after the first few.
async fn measure(rate: u64, up: bool, own: bool) -> f64 {
    let size = usize::try_from(rate * 10).unwrap() + (8 << 20);
    let (one, mut other, link) = served(&[noise(1, size)]).await;
    limit(&one, &other, &link, rate, up, own);
    let orders = order_ranges(&other, &link, link.blobs[0], 100);
    let began = Instant::now();
    let (mut bytes, mut first, mut last) = (0, None, began);
    while last < began + Duration::from_secs(8) {
        let new = arrived(&mut other).await;
        last = Instant::now();
        if first.is_some() {
            bytes += new;
        } else if last > began + Duration::from_secs(3) {
            first = Some(last);
        }
    }
    for order in orders {
        other.links.cancel(order);
    }
    bytes as f64 / (last - first.unwrap()).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_compresses_takes_less_of_a_slow_line() {
    let text = "All work and no play makes Jack a dull boy. ".repeat(200_000);
    let (one, mut other, link) = served(&[Bytes::from(text)]).await;
    limit(&one, &other, &link, 4 << 20, true, false);
    let orders = order_ranges(&other, &link, link.blobs[0], 100);
    let ended = other.collect(&orders).await;
    let wire: u64 = ended.iter().map(|(_, event, _)| wire_bytes(event)).sum();
    println!("{} bytes of text took {wire} on the wire", link.blobs[0].size);
    assert!(wire * 10 < link.blobs[0].size);
    assert_same(&one, &other, link.blobs[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_that_would_take_hours_is_gone_as_soon_as_it_is_lifted_and_says_nothing_in_between() {
    for (up, own) in [(true, false), (true, true), (false, false), (false, true)] {
        let (one, mut other, link) = served(&[noise(1, 16 << 20)]).await;
        limit(&one, &other, &link, 8 << 10, up, own);
        let orders = order_ranges(&other, &link, link.blobs[0], 100);
        arrived(&mut other).await;
        // Control messages do not wait behind what waits for its turn.
        super::transfers::said(&one, &mut other, &link).await;
        for side in [&one, &other] {
            side.links.limit(&RatePlan::default());
        }
        let ended = other.collect(&orders).await;
        assert!(ended.iter().all(|(_, event, _)| matches!(event, FetchEvent::Stored { .. })), "{ended:?}");
    }
}

async fn arrived(side: &mut Side) -> u64 {
    side.expect(|input| match input {
        Input::Fetch(_, FetchEvent::Progress { bytes } | FetchEvent::Stored { bytes, .. }) if bytes > 0 => Some(bytes),
        _ => None,
    })
    .await
}

/// Limits one way of a link: where the bytes come from, or where they go to.
fn limit(one: &Side, other: &Side, link: &Served, rate: u64, up: bool, own: bool) {
    let rates = if up {
        RateLimits { up: Some(Rate::from(rate)), down: None }
    } else {
        RateLimits { up: None, down: Some(Rate::from(rate)) }
    };
    let plan = |key: LinkKey| {
        let (all, own) = if own { (RateLimits::default(), rates) } else { (rates, RateLimits::default()) };
        RatePlan { all, links: [(key, LinkRates { own, shared: !all.is_off() })].into() }
    };
    if up { one.links.limit(&plan(link.there)) } else { other.links.limit(&plan(link.back)) }
}
