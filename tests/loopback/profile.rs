//! A friend's picture comes over the line, is made anew, and goes with the friendship.

use std::path::PathBuf;

use fyteclub::engine::command::SettingChange;
use fyteclub::runtime::pictures::Pictures;

use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_and_a_picture_reach_a_friend_and_are_taken_back() {
    let theatre = Theatre::new();
    let mut aria = theatre.actor("Aria", ARIA, &[("a/body.mdl", b"one")], &[BEA]).await;
    let mut bea = theatre.actor("Bea", BEA, &[("b/body.mdl", b"two")], &[ARIA]).await;
    befriend(&mut bea, &mut aria).await;
    let (aria_id, bea_id) = (id(&mut aria).await, id(&mut bea).await);

    let refused = aria.command(Command::SetPicture { file: Some(write(&theatre, "no.png", b"no picture")) }).await;
    assert!(format!("{:?}", refused.unwrap_err()).contains("neither PNG nor JPEG"));
    let chosen = image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([(x / 2) as u8, y as u8, 77]));
    let file = theatre.folder().join("chosen.jpg");
    image::DynamicImage::from(chosen).save(&file).unwrap();
    aria.command(Command::SetPicture { file: Some(file) }).await.unwrap();
    let name = fyteclub::domain::DisplayName::new("Aria the Second").ok();
    aria.command(Command::ChangeSetting { change: SettingChange::Name(name.clone()) }).await.unwrap();

    let mine = aria.wait_for("having a picture", SOON, |seen| seen.me.picture).await.unwrap();
    let arrived = |seen: &Snapshot| {
        let view = peer(seen, &aria_id)?;
        (view.picture == Some(mine) && view.name == name).then_some(())
    };
    bea.wait_for("the friend's picture and name", SOON, arrived).await.unwrap();
    let kept = pictures(&bea).of(&aria_id, &mine);
    let [sent, shown] = [pictures(&aria).mine(), kept.clone()].map(|file| image::open(file).unwrap());
    assert_eq!(sent, shown, "point by point");
    assert_eq!((shown.width(), shown.height()), (128, 128));

    bea.command(Command::RemovePeer { peer: aria_id }).await.unwrap();
    let gone = |seen: &Snapshot| (peer(seen, &aria_id).is_none() && !kept.exists()).then_some(());
    bea.wait_for("forgetting the picture", SOON, gone).await.unwrap();
    aria.command(Command::SetPicture { file: None }).await.unwrap();
    let mine = pictures(&aria).mine();
    let none = |seen: &Snapshot| (seen.me.picture.is_none() && !mine.exists()).then_some(());
    aria.wait_for("having no picture", SOON, none).await.unwrap();
    assert!(peer(&aria.snapshot().await.unwrap(), &bea_id).is_some_and(|view| view.picture.is_none()));
}

fn pictures(actor: &Actor) -> Pictures {
    actor.profile.pictures()
}

fn write(theatre: &Theatre, name: &str, content: &[u8]) -> PathBuf {
    let file = theatre.folder().join(name);
    std::fs::write(&file, content).unwrap();
    file
}
