//! Steps against what was recorded, and chains of steps that are killed.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::*;
use crate::runtime::files::Profile;
use crate::runtime::files::document::Document;
use crate::runtime::files::write::killing::killed_after;

/// A kind of file, its steps, and the file as each version wrote it, from version 1 on.
type Recorded = (&'static str, &'static [Step], &'static [&'static str]);

const RECORDED: &[Recorded] = &[
    ("settings", SETTINGS, &[include_str!("recorded/settings-1.ron"), include_str!("recorded/settings-2.ron")]),
    ("circle", CIRCLE, &[include_str!("recorded/circle-1.ron"), include_str!("recorded/circle-2.ron")]),
];

#[test]
fn each_step_leads_from_what_its_version_wrote_to_what_the_next_one_writes() {
    for (kind, steps, files) in RECORDED {
        assert_eq!(files.len(), steps.len() + 1, "{kind}: one file for each version");
        for (n, step) in steps.iter().enumerate() {
            let mut before = value_of(files[n], n + 1);
            step(&mut before).unwrap();
            assert_eq!(before, value_of(files[n + 1], n + 2), "{kind} {} to {}", n + 1, n + 2);
        }
    }
}

#[test]
fn every_recorded_version_is_read_and_what_it_says_still_holds() {
    for text in RECORDED.iter().find(|(kind, ..)| *kind == "settings").unwrap().2 {
        let (folder, profile) = profile();
        fs::write(folder.path().join("settings.ron"), text).unwrap();
        let loaded = profile.load_settings().unwrap();
        assert_eq!(loaded.warnings, Vec::<String>::new());
        let settings = loaded.value;
        assert_eq!((settings.port, settings.language.as_deref()), (5000, Some("de")));
        assert!(!settings.permissions.see_me && settings.permissions.sounds);
        assert_eq!((settings.limits.files, settings.cache_folder.as_deref()), (500, Some(Path::new("/data/fyte"))));
    }
    for text in RECORDED.iter().find(|(kind, ..)| *kind == "circle").unwrap().2 {
        let (folder, profile) = profile();
        fs::write(folder.path().join("circle.ron"), text).unwrap();
        let loaded = profile.load_circle().unwrap();
        assert_eq!(loaded.warnings, Vec::<String>::new());
        let circle = loaded.value;
        assert_eq!((circle.peers.len(), circle.owners.len(), circle.my_characters.len(), circle.undecided.len()), (3, 1, 3, 1));
        assert!(circle.peers.values().any(|peer| peer.paused && peer.permissions.sounds == Some(false)));
    }
}

#[test]
fn migrating_twice_is_migrating_once() {
    for (kind, _, files) in RECORDED {
        let (folder, profile) = profile();
        let file = folder.path().join(format!("{kind}.ron"));
        fs::write(&file, files[0]).unwrap();
        let load = || if *kind == "circle" { load_circle(&profile) } else { load_settings(&profile) };
        load();
        let once = fs::read(&file).unwrap();
        assert_ne!(once, files[0].as_bytes());
        load();
        assert_eq!(fs::read(&file).unwrap(), once, "{kind}");
    }
}

#[test]
fn the_original_is_kept_until_a_start_has_read_the_new_one() {
    let (folder, profile) = profile();
    let original = RECORDED[1].2[0];
    fs::write(folder.path().join("circle.ron"), original).unwrap();
    let migrated = profile.load_circle().unwrap().value;
    let backup = folder.path().join("circle.ron.version-1");
    assert_eq!(fs::read_to_string(&backup).unwrap(), original);
    assert_eq!(profile.load_circle().unwrap().value, migrated);
    assert!(!backup.exists());
}

#[test]
fn unknown_keys_outlive_every_step() {
    let (folder, profile) = profile();
    let file = folder.path().join("settings.ron");
    fs::write(&file, RECORDED[0].2[0].replace("        port: 5000", "        mine: [1, 2],\n        port: 5000")).unwrap();
    let loaded = profile.load_settings().unwrap();
    assert!(loaded.warnings.first().unwrap().contains("mine"), "{:?}", loaded.warnings);
    assert!(fs::read_to_string(&file).unwrap().contains("mine: [1, 2]"));
}

/// What the third version of a made-up file holds: `a` was renamed to `b`, then `c` was added as its double.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct MadeUp {
    b: u32,
    c: u32,
}

const MADE_UP: Document = Document {
    what: "made-up things",
    name: "made-up.ron",
    instead: "nothing holds",
    steps: &[rename_a, double_b],
    comments: str::to_owned,
};

fn rename_a(value: &mut Tree) -> Result<(), String> {
    let a = value.get("a").cloned().ok_or("a is missing")?;
    *value = Tree::Struct(vec![("b".to_owned(), a)]);
    Ok(())
}

fn double_b(value: &mut Tree) -> Result<(), String> {
    let b: u32 = value.get("b").and_then(Tree::leaf).and_then(|text| text.parse().ok()).ok_or("b is no number")?;
    value.set("c", Tree::Leaf((2 * b).to_string()));
    Ok(())
}

#[test]
fn a_chain_is_entered_at_any_version_and_what_a_step_cannot_read_is_set_aside() {
    for (text, read) in [
        ("(version: 1, of: (a: 21))", Some(MadeUp { b: 21, c: 42 })),
        ("(version: 2, of: (b: 21))", Some(MadeUp { b: 21, c: 42 })),
        ("(version: 3, of: (b: 21, c: 7))", Some(MadeUp { b: 21, c: 7 })),
        ("(version: 1, of: (b: 21))", None),
        ("(version: 2, of: (b: x))", None),
        ("(version: 1, of: 5)", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MADE_UP.name), text).unwrap();
        let loaded = MADE_UP.load::<MadeUp>(folder.path()).unwrap();
        assert_eq!(loaded.warnings.is_empty(), read.is_some(), "{text}: {:?}", loaded.warnings);
        assert_eq!(folder.path().join("made-up.ron.broken-1").exists(), read.is_none());
        assert_eq!(loaded.value, read.unwrap_or_default(), "{text}");
    }
}

#[test]
fn killed_before_any_step_of_a_migration_nothing_is_lost() {
    let original = "(version: 1, of: (a: 21))";
    let mut kills = 0;
    for steps in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(MADE_UP.name);
        fs::write(&file, original).unwrap();
        let killed = killed_after(steps, || drop(MADE_UP.load::<MadeUp>(folder.path())));
        let kept = || fs::read_to_string(folder.path().join("made-up.ron.version-1")).unwrap_or_default();
        let lies = fs::read_to_string(&file).unwrap();
        assert!(lies == original || (lies.contains("version: 3") && kept() == original), "after {steps}: {lies}");
        let loaded = MADE_UP.load::<MadeUp>(folder.path()).unwrap();
        assert_eq!((loaded.value, loaded.warnings), (MadeUp { b: 21, c: 42 }, vec![]), "after {steps}");
        if !killed {
            break;
        }
        kills += 1;
    }
    assert!(kills >= 10, "{kills} places to be killed at: two files, each written in six steps");
}

#[test]
fn killed_while_a_broken_file_is_set_aside_its_bytes_are_somewhere() {
    for steps in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let (file, aside) = (folder.path().join(MADE_UP.name), folder.path().join("made-up.ron.broken-1"));
        fs::write(&file, "broken").unwrap();
        let value = MadeUp { b: 1, c: 2 };
        let killed = killed_after(steps, || drop(MADE_UP.save(folder.path(), &value)));
        let places = [&file, &aside].map(|path| fs::read_to_string(path).unwrap_or_default());
        assert!(places.contains(&"broken".to_owned()), "after {steps}: {places:?}");
        if !killed {
            break;
        }
    }
}

fn load_settings(profile: &Profile) {
    drop(profile.load_settings().unwrap());
}

fn load_circle(profile: &Profile) {
    drop(profile.load_circle().unwrap());
}

fn value_of(text: &str, version: usize) -> Tree {
    let tree = Tree::parse(text).unwrap();
    assert_eq!(tree.get("version").and_then(Tree::leaf), Some(version.to_string().as_str()));
    tree.get("of").unwrap().clone()
}

fn profile() -> (tempfile::TempDir, Profile) {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    (folder, profile)
}
