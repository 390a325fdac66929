//! Where a cache may lie: not where another program copies, reads or tidies everything that it finds.

use std::path::{Component, Path, PathBuf};

use super::StoreError;
use super::disk::ordinary;

/// Characters that the folder's path may have: with a blob's name behind it, it must fit into the 259 that the game can open.
pub(super) const LONGEST: usize = 120;

/// Names of folders that other programs keep in step with a server, in small letters.
const SYNCED: [&str; 14] = [
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "my drive",
    "iclouddrive",
    "icloud drive",
    "mobile documents",
    "nextcloud",
    "owncloud",
    "pclouddrive",
    "proton drive",
    "mega",
    "megasync",
];
/// Files and folders by which such a folder, whatever its name, can be known.
const SYNC_MARKS: [&str; 6] = [".dropbox", ".dropbox.cache", ".stfolder", ".nextcloudsync.log", ".owncloudsync.log", ".tresorit"];
/// Files and folders by which the game's folder, or one above it, can be known.
const GAME_MARKS: [&str; 5] = ["ffxiv_dx11.exe", "ffxivgame.ver", "sqpack", "game/ffxiv_dx11.exe", "ffxivboot.exe"];
/// Files by which the folder of a mod can be known.
const MOD_MARKS: [&str; 1] = ["default_mod.json"];

/// The folder with nothing to be resolved in its path, if the cache may be moved there.
pub(super) fn accept(to: &Path, from: &Path, forbidden: &[PathBuf]) -> Result<PathBuf, StoreError> {
    let refuse = |why: &str| Err(StoreError::Io(format!("the cache cannot be moved to {}: {why}", to.display())));
    if !to.is_absolute() {
        return refuse("write the whole path, from the drive or the root on");
    }
    let resolved = resolve(to);
    if resolved.to_str().is_none_or(|text| text.chars().count() > LONGEST) {
        return refuse(
            "its path is longer than 120 characters, or not plain text, and the game could not open what lies there: choose one nearer to the root",
        );
    }
    let from = resolve(from);
    if overlap(&resolved, &from) {
        return refuse("it is the cache's present folder, or one lies inside the other: choose a folder apart");
    }
    if forbidden.iter().any(|root| overlap(&resolved, &resolve(root))) {
        return refuse("your mods lie there, and a mod manager may change or remove what it finds: choose a folder of its own");
    }
    if resolved.ancestors().any(|folder| has_any(folder, &GAME_MARKS)) {
        return refuse("the game lies there, and its updates may remove what they do not know: choose a folder of its own");
    }
    if resolved.ancestors().any(|folder| has_any(folder, &MOD_MARKS)) {
        return refuse("it is the folder of a mod: choose a folder of its own");
    }
    if resolved.components().any(|part| is_synced(&part)) || resolved.ancestors().any(|folder| has_any(folder, &SYNC_MARKS)) {
        return refuse("that folder is kept in step with a server, which would upload the whole cache: choose one that is not");
    }
    Ok(resolved)
}

/// The path with its symlinks resolved as far as it exists.
pub(super) fn resolve(path: &Path) -> PathBuf {
    let plain = lexical(path);
    for there in plain.ancestors() {
        if let (Ok(real), Ok(rest)) = (std::fs::canonicalize(there), plain.strip_prefix(there)) {
            return ordinary(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
        }
    }
    plain
}

/// The path without `.` and `..`.
fn lexical(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = plain.pop(),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

fn overlap(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn has_any(folder: &Path, marks: &[&str]) -> bool {
    marks.iter().any(|mark| folder.join(mark).symlink_metadata().is_ok())
}

fn is_synced(part: &Component<'_>) -> bool {
    let name = part.as_os_str().to_string_lossy().to_lowercase();
    // A company's folder is called "OneDrive - Company".
    SYNCED.contains(&name.as_str()) || name.starts_with("onedrive - ") || name.starts_with("dropbox (")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_others_look_after_are_refused_with_the_reason() {
        let home = tempfile::tempdir().unwrap();
        let root = resolve(home.path());
        for folder in ["cache/old", "mods/penumbra", "game/game", "shared", "amod"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["game/game/ffxiv_dx11.exe", "shared/.stfolder", "amod/default_mod.json"] {
            std::fs::write(root.join(file), b"").unwrap();
        }
        let (from, mods) = (root.join("cache/old"), vec![root.join("mods")]);
        for (to, why) in [
            ("cache/old", "present folder"),
            ("cache/old/sub", "inside the other"),
            ("cache/old/../old/sub", "inside the other"),
            ("cache", "inside the other"),
            ("mods/penumbra/x", "mods"),
            ("mods", "mods"),
            ("", "inside the other"),
            ("game/game/x/y", "game"),
            ("game/x", "game"),
            ("shared/x", "server"),
            ("OneDrive/x", "server"),
            ("OneDrive - Fyte Ltd/x", "server"),
            ("dropbox", "server"),
            ("amod/x", "a mod"),
            (&"x".repeat(120), "120 characters"),
        ] {
            let refused = accept(&root.join(to), &from, &mods);
            assert!(matches!(&refused, Err(StoreError::Io(text)) if text.contains(why)), "{to}: {refused:?}");
        }
        assert!(matches!(accept(Path::new("new"), &from, &mods), Err(StoreError::Io(text)) if text.contains("whole path")));
        for to in ["new", "cache/older", "modsandmore", "a/b/./c"] {
            assert_eq!(accept(&root.join(to), &from, &mods), Ok(lexical(&root.join(to))), "{to}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symlink_into_a_refused_folder_is_seen_through() {
        let home = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(home.path()).unwrap();
        std::fs::create_dir_all(root.join("mods/deep")).unwrap();
        std::os::unix::fs::symlink(root.join("mods/deep"), root.join("innocent")).unwrap();
        let refused = accept(&root.join("innocent/cache"), &root.join("old"), &[root.join("mods")]);
        assert!(matches!(refused, Err(StoreError::Io(text)) if text.contains("mods")));
    }
}
