//! How fast, how heavy, in which order.

use super::world::World;
use crate::domain::{Direction, Rate, RateLimits, Route};
use crate::engine::command::{Command, Scope, SettingChange};
use crate::engine::input::{Input, LinkKey};
use crate::engine::output::{LinkRates, RatePlan};

#[test]
fn rates_hold_off_the_local_network_and_on_it_only_if_the_person_says_so() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    moved(&mut world, link, Route::Lan);
    assert_eq!(world.nodes[0].rates, RatePlan::default());
    limit(&mut world, Scope::Everyone, Some(1 << 20));
    let all = RateLimits { up: Some(Rate::from(1 << 20)), down: None };
    assert_eq!(world.nodes[0].rates, RatePlan { all, links: [].into() }, "the local network goes free");
    change(&mut world, SettingChange::LimitLan(true));
    let shared = LinkRates { own: RateLimits::default(), shared: true };
    assert_eq!(world.nodes[0].rates.links, [(link, shared)].into());
    change(&mut world, SettingChange::LimitLan(false));
    assert_eq!(world.nodes[0].rates.links, [].into());
    moved(&mut world, link, Route::Direct);
    assert_eq!(world.nodes[0].rates.links, [(link, shared)].into(), "another route, another rule");
    limit(&mut world, Scope::Everyone, None);
    assert_eq!(world.nodes[0].rates, RatePlan::default());
}

#[test]
fn a_friends_own_rate_is_kept_for_them_and_shown() {
    let mut world = World::friends();
    let link = world.link(0, 1);
    moved(&mut world, link, Route::Direct);
    let peer = world.peer(1);
    limit(&mut world, Scope::Peer(peer), Some(1 << 20));
    let own = RateLimits { up: Some(Rate::from(1 << 20)), down: None };
    assert_eq!(world.nodes[0].rates.links, [(link, LinkRates { own, shared: false })].into());
    assert_eq!(world.view(0, 1).rates, own);
    world.restart(0);
    assert_eq!(world.view(0, 1).rates, own, "it outlives the program");
}

fn limit(world: &mut World, scope: Scope, rate: Option<u64>) {
    world.command(0, Command::LimitRate { scope, direction: Direction::Up, rate: rate.map(Rate::from) }).unwrap();
}

fn change(world: &mut World, change: SettingChange) {
    world.command(0, Command::ChangeSetting { change }).unwrap();
}

fn moved(world: &mut World, link: LinkKey, route: Route) {
    world.input(0, Input::LinkStats { link, round_trip_us: None, route, sent: 0, received: 0, served: 0 });
}
