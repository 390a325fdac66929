//! Plugins in Wine prefixes that are made up of folders and links.

use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

#[tokio::test]
async fn paths_of_a_wine_prefix_are_translated_both_ways() {
    let mut house = House::open().await;
    let prefix = house.folder.path().canonicalize().unwrap();
    std::fs::create_dir_all(prefix.join("drive_c/Mods")).unwrap();
    std::fs::write(prefix.join("drive_c/Mods/Hat.tex"), "x").unwrap();
    let drives = json!({"C:": prefix.join("drive_c")});
    let mut plugin = house.client().await;
    plugin
        .say(json!({"type": "hello", "protocol": 1, "role": "plugin", "name": "Test", "version": "1.0", "paths": "wine",
            "drives": drives, "roots": ["c:\\mods"]}))
        .await;
    assert_eq!(plugin.line().await["type"], "hello");
    let Input::PluginConnected { plugin: number, roots, .. } = house.input().await else { panic!() };
    assert_eq!(roots, [prefix.join("drive_c/Mods")]);

    plugin.say(published("C:\\mods\\hat.TEX")).await;
    let FromPlugin::Publish { objects, .. } = house.said(number).await else { panic!() };
    assert_eq!(objects[0].files[0].path, prefix.join("drive_c/Mods/Hat.tex").to_str().unwrap());
    plugin.say(published("D:\\mods\\hat.tex")).await;
    assert!(plugin.line().await["message"].as_str().unwrap().contains("drive"));

    house.pipe.to_plugin(number, apply(1, prefix.join("drive_c/cache/a.tex").to_str().unwrap()));
    assert_eq!(plugin.line().await["objects"][0]["files"][0]["path"], "C:\\cache\\a.tex");
    house.pipe.to_plugin(number, apply(2, "/elsewhere/a.tex"));
    let FromPlugin::Failed { character, revision: 2, reason } = house.said(number).await else { panic!() };
    assert_eq!(character, "Aria Fyte@Phoenix");
    assert!(reason.contains("/elsewhere/a.tex"), "{reason}");
}

#[tokio::test]
async fn the_drives_may_be_the_links_of_a_prefix_and_one_that_leads_nowhere_harms_no_other() {
    let mut house = House::open().await;
    let prefix = prefix(&house.folder.path().canonicalize().unwrap());
    let drive = |letter: &str| (format!("{letter}:"), json!(prefix.join(format!("dosdevices/{letter}:"))));
    let drives: serde_json::Map<_, _> = ["c", "d", "e", "z"].map(drive).into_iter().collect();
    let mut plugin = house.client().await;
    plugin
        .say(json!({"type": "hello", "protocol": 1, "role": "plugin", "name": "Test", "version": "1.0", "paths": "wine",
            "drives": drives, "roots": ["C:\\mods", "D:\\mods", "E:\\mods"]}))
        .await;
    assert_eq!(plugin.line().await["type"], "hello");
    for nowhere in ["D:\\mods", "E:\\mods"] {
        let complaint = plugin.line().await;
        let message = complaint["message"].as_str().unwrap();
        assert!(message.contains(nowhere) && message.contains("nothing of that name"), "{message}");
    }
    let Input::PluginConnected { plugin: number, roots, .. } = house.input().await else { panic!() };
    assert_eq!(roots, [prefix.join("drive_c/Mods")]);

    let outside = prefix.join("outside/b.tex").to_str().unwrap().replace('/', "\\");
    for (said, native) in [
        ("C:\\MODS\\hat.tex".to_owned(), "drive_c/Mods/Hat.tex"),
        // Wine's own link from the prefix into the person's home.
        ("c:\\users\\aria\\documents\\b.tex".to_owned(), "outside/b.tex"),
        (format!("Z:{outside}"), "outside/b.tex"),
    ] {
        plugin.say(published(&said)).await;
        let FromPlugin::Publish { objects, .. } = house.said(number).await else { panic!() };
        let found = Path::new(&objects[0].files[0].path).canonicalize().unwrap();
        assert_eq!(found, prefix.join(native), "{said}");
    }
    for (said, why) in [
        ("D:\\mods\\a.tex", "nothing of that name"),
        ("E:\\mods\\a.tex", "nothing of that name"),
        ("C:\\Mods\\loop\\loop\\a.tex", "nothing of that name"),
        ("Q:\\mods\\a.tex", "not in the map"),
        ("C:\\Mods\\..\\..\\outside\\b.tex", "upwards"),
    ] {
        plugin.say(published(said)).await;
        let answer = plugin.line().await;
        assert!(answer["message"].as_str().unwrap().contains(why), "{said}: {answer}");
    }

    for (revision, native, wine) in
        [(1, "drive_c/cache/a.tex", "C:\\cache\\a.tex".to_owned()), (2, "outside/b.tex", format!("Z:{outside}"))]
    {
        house.pipe.to_plugin(number, apply(revision, prefix.join(native).to_str().unwrap()));
        let told = plugin.line().await;
        assert_eq!(told["objects"][0]["files"][0]["path"].as_str().unwrap().to_lowercase(), wine.to_lowercase());
    }
}

/// A prefix as Wine makes it: drives are links in `dosdevices`, here also one to nothing and one to itself.
fn prefix(folder: &Path) -> PathBuf {
    let prefix = folder.join("prefix");
    for folder in ["dosdevices", "drive_c/Mods", "drive_c/users/aria", "outside"] {
        std::fs::create_dir_all(prefix.join(folder)).unwrap();
    }
    for file in ["drive_c/Mods/Hat.tex", "outside/b.tex"] {
        std::fs::write(prefix.join(file), "x").unwrap();
    }
    let outside = prefix.join("outside");
    for (link, target) in [
        ("dosdevices/c:", Path::new("../drive_c")),
        ("dosdevices/d:", Path::new("/nowhere/at/all")),
        ("dosdevices/e:", Path::new("e:")),
        ("dosdevices/z:", Path::new("/")),
        ("drive_c/users/aria/Documents", outside.as_path()),
        ("drive_c/Mods/loop", Path::new("loop")),
    ] {
        symlink(target, prefix.join(link)).unwrap();
    }
    prefix
}
