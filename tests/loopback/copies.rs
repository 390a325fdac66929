//! A profile that was copied to a second computer, and runs on both.

use fyteclub::run::stage;

use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn friends_see_the_copy_that_was_started_last_and_the_other_one_says_so() {
    let theatre = Theatre::new();
    let [mut aria, mut bea] = [("Aria", ARIA), ("Bea", BEA)].map(|(name, who)| theatre.stage.actor(name, who).unwrap());
    stage::befriend(&[&aria, &bea]).unwrap();
    let mut copy = theatre.stage.actor("Aria elsewhere", ARIA).unwrap();
    for file in ["identity.ron", "circle.ron"] {
        std::fs::copy(aria.profile.root().join(file), copy.profile.root().join(file)).unwrap();
    }
    wear(&aria, &[("a/body.mdl", b"at the old computer")]);
    wear(&copy, &[("a/body.mdl", b"at the new computer"), ("a/hair.tex", b"and more of it")]);
    let near = [ARIA.parse().unwrap(), BEA.parse().unwrap()];
    for actor in [&mut aria, &mut bea] {
        actor.start_companion().unwrap();
        actor.start_plugin(&near).unwrap();
    }
    sees(&mut bea, &aria).await;
    let alone = aria.snapshot().await.unwrap();
    assert!(alone.elsewhere.is_none());

    // Runs are ordered by the second in which they began.
    let first = unix_seconds();
    aria.wait_for("the next second", SOON, |_| (unix_seconds() > first).then_some(())).await.unwrap();
    copy.start_companion().unwrap();
    copy.start_plugin(&near).unwrap();
    sees(&mut bea, &copy).await;
    aria.wait_for("hearing of its copy", SOON, |seen| seen.elsewhere.map(drop)).await.unwrap();
    assert!(copy.snapshot().await.unwrap().elsewhere.is_none());
}

fn unix_seconds() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}
