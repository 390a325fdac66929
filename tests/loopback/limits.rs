//! Looks that are heavier than the viewer's limits, and looks that say they are not.

use fyteclub::domain::{Weight, WeightPart};
use fyteclub::engine::command::{OverLimits, SettingChange};
use fyteclub::engine::explain::explain;

use super::hostile::{MASK, show_as_weighing, weight_of};
use super::liar::Look;
use super::puppet::Puppet;
use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_over_the_limits_is_not_fetched_says_why_and_comes_when_it_is_allowed() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mtrl", &[7; 70_000])], &[BEA]).await;
    let mut bea = theatre.actor("Bea", BEA, &[], &[ARIA]).await;
    id(&mut bea).await;
    let change = SettingChange::Weight(WeightPart::Bytes(50_000));
    bea.command(Command::ChangeSetting { change }).await.unwrap();
    share(&mut aria, Audience::AllFriends).await;
    befriend(&mut bea, &mut aria).await;
    let (wearer, look) = (id(&mut aria).await, aria.character.clone());
    let held_back = |seen: &Snapshot| {
        let view = character(seen, &look)?;
        matches!(view.progress, Progress::TooHeavy { .. }).then(|| explain(seen, &wearer))
    };
    let chains = bea.wait_for("holding the look back", SOON, held_back).await.unwrap();
    let said = chains.iter().flat_map(|chain| &chain.steps).find(|step| !step.holds).unwrap();
    assert!(said.says.to_string().contains("over your limits by 20 KiB: allow it once or always"), "{}", said.says);
    assert!(heaviest_in(&bea.profile.cache()) < 50_000, "nothing but the manifest is fetched");
    let allow = |over_limits| Command::AllowLook { peer: wearer, character: look.clone(), over_limits };
    bea.command(allow(OverLimits::AllowedOnce)).await.unwrap();
    sees(&mut bea, &aria).await;
    wear(&aria, &[("a/body.mtrl", &[8; 80_000])]);
    bea.wait_for("holding the next look back", SOON, held_back).await.unwrap();
    bea.command(allow(OverLimits::AllowedAlways)).await.unwrap();
    sees(&mut bea, &aria).await;
    bea.kill_companion().await.unwrap();
    bea.start_companion().unwrap();
    wear(&aria, &[("a/body.mtrl", &[9; 90_000])]);
    sees(&mut bea, &aria).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_triangles_than_were_announced_are_never_shown() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mtrl", b"aria")], &[MASK]).await;
    let mut puppet = Puppet::new(46).await;
    id(&mut aria).await;
    let line = puppet.befriend(&mut aria).await;
    let look = Look::new(&[("m/body.mdl", model(300)), ("m/skin.tex", b"skin".to_vec())]).await;
    let weight = Weight { triangles: 99, ..weight_of(&look.manifest) };
    show_as_weighing(&puppet, &line, &aria, MASK, &look.manifest, weight).await;
    let serving = tokio::spawn(async move { look.serve(&line).await });
    let mask: Character = MASK.parse().unwrap();
    let refused = |seen: &Snapshot| match &character(seen, &mask)?.progress {
        Progress::Failed { reason } => Some(reason.clone()),
        _ => None,
    };
    let reason = aria.wait_for("refusing the look", SOON, refused).await.unwrap();
    assert!(reason.contains("it has 100 triangles, and 99 were announced"), "{reason}");
    assert!(compare::is_empty(&aria.shown).unwrap());
    serving.abort();
}

/// Bytes of the largest blob in a cache: every one lies in a folder named by the first two digits of its hash.
/// Of all files but the index, those that are only partly here included.
fn heaviest_in(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with("index"));
    files.map(|path| if path.is_dir() { heaviest_in(&path) } else { path.metadata().unwrap().len() }).max().unwrap_or_default()
}

/// A model of one mesh with so many indices: `runtime::store::model` says what lies where.
fn model(indices: u32) -> Vec<u8> {
    let mut bytes = vec![0; 68 + 8 + 56 + 180 + 36];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(76 + 4, &1_u16.to_le_bytes());
    put(76 + 56 + 2, &1_u16.to_le_bytes());
    put(76 + 56 + 180 + 4, &indices.to_le_bytes());
    bytes.resize(bytes.len() + indices as usize * 2, 0);
    bytes
}
