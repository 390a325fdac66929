//! Where the simulated game shows friends: a folder for each character.
//!
//! ```text
//! APPLY-TO/<16 hex of BLAKE3(Name@World)>/name.txt          Name@World
//!                                        /chara/…/body.mdl  files by game path
//!                                        /_texts/NAME.txt   texts of other plugins
//!                                        /_objects/KIND/…   the same for minion or mount, pet and companion
//! ```
//! A look is built beside and then renamed into place, so that whoever reads the folder never sees half of one.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use super::looks::TEXTS;
use crate::domain::{GamePath, ObjectKind, TextName};
use crate::wire::plugin::AppliedObject;

/// The file that names the character.
const NAME: &str = "name.txt";

/// Where friends' looks are laid.
pub(super) struct Wardrobe {
    folder: Option<PathBuf>,
}

impl Wardrobe {
    /// A wardrobe in this folder, made if missing; without one looks are only checked.
    pub(super) fn open(folder: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(folder) = &folder {
            fs::create_dir_all(folder).with_context(|| format!("Failed to make the folder {}", folder.display()))?;
        }
        Ok(Self { folder })
    }

    /// Takes everything off.
    pub(super) fn clear(&self) -> anyhow::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        for entry in fs::read_dir(folder).with_context(|| format!("Failed to look through {}", folder.display()))? {
            let path = entry?.path();
            if is_ours(&path) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// Shows a look in place of the one before. Gives its number of files.
    pub(super) fn put_on(&self, character: &str, objects: &[AppliedObject]) -> anyhow::Result<usize> {
        let Some(folder) = &self.folder else { return check(objects) };
        let name = folder_name(character);
        let (building, old) = (folder.join(format!("{name}.new")), folder.join(format!("{name}.old")));
        remove(&building)?;
        remove(&old)?;
        let files = build(&building, character, objects)?;
        let shown = folder.join(name);
        let swap = || {
            if shown.exists() {
                fs::rename(&shown, &old)?;
            }
            fs::rename(&building, &shown)
        };
        swap().with_context(|| format!("Failed to show {}", shown.display()))?;
        remove(&old)?;
        Ok(files)
    }

    /// Takes these objects off; the character's folder goes with the player.
    pub(super) fn take_off(&self, character: &str, objects: &[ObjectKind]) -> anyhow::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let shown = folder.join(folder_name(character));
        for kind in objects {
            remove(&object_folder(&shown, *kind))?;
        }
        Ok(())
    }
}

/// 16 hexadecimal digits: a character's name is never a file's.
fn folder_name(character: &str) -> String {
    blake3::hash(character.as_bytes()).to_hex().chars().take(16).collect()
}

/// A folder that this module has made: nothing else is ever removed.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let name = name.strip_suffix(".new").or_else(|| name.strip_suffix(".old")).unwrap_or(name);
    name.len() == 16 && name.bytes().all(|c| c.is_ascii_hexdigit()) && path.join(NAME).is_file()
}

fn object_folder(look: &Path, kind: ObjectKind) -> PathBuf {
    let part = match kind {
        ObjectKind::Player => return look.to_owned(),
        ObjectKind::MinionOrMount => "minion_or_mount",
        ObjectKind::Pet => "pet",
        ObjectKind::Companion => "companion",
    };
    look.join("_objects").join(part)
}

fn build(folder: &Path, character: &str, objects: &[AppliedObject]) -> anyhow::Result<usize> {
    fs::create_dir_all(folder).with_context(|| format!("Failed to make {}", folder.display()))?;
    fs::write(folder.join(NAME), character).with_context(|| format!("Failed to write into {}", folder.display()))?;
    let mut count = 0;
    for object in objects {
        let folder = object_folder(folder, object.kind);
        for file in &object.files {
            // What the companion says is checked too: here a path becomes a file.
            let game_path = GamePath::new(&file.game_path).with_context(|| file.game_path.clone())?;
            lay(Path::new(&file.path), &folder.join(game_path.as_str()))?;
            count += 1;
        }
        for (name, text) in &object.texts {
            let path = folder.join(TEXTS).join(format!("{}.txt", TextName::new(name)?.as_str()));
            make_parent(&path)?;
            fs::write(&path, text).with_context(|| format!("Failed to write {}", path.display()))?;
        }
    }
    Ok(count)
}

/// A hard link where the disk can, else a copy.
fn lay(from: &Path, to: &Path) -> anyhow::Result<()> {
    make_parent(to)?;
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).with_context(|| format!("Failed to copy {} to {}", from.display(), to.display()))?;
    }
    Ok(())
}

fn make_parent(path: &Path) -> anyhow::Result<()> {
    let parent = path.parent().unwrap_or(path);
    fs::create_dir_all(parent).with_context(|| format!("Failed to make {}", parent.display()))
}

fn check(objects: &[AppliedObject]) -> anyhow::Result<usize> {
    let files = objects.iter().flat_map(|object| &object.files);
    let mut count = 0;
    for file in files {
        ensure!(Path::new(&file.path).is_file(), "{} is not there", file.path);
        count += 1;
    }
    Ok(count)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("Failed to remove {}", folder.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::wire::plugin::AppliedFile;

    fn object(kind: ObjectKind, files: &[(&str, &Path)]) -> AppliedObject {
        let file = |(game_path, path): &(&str, &Path)| AppliedFile {
            game_path: (*game_path).to_owned(),
            path: path.to_str().unwrap().to_owned(),
        };
        let texts = BTreeMap::from([("glamourer".to_owned(), "state".to_owned())]);
        AppliedObject { kind, files: files.iter().map(file).collect(), texts }
    }

    #[test]
    fn a_look_is_laid_by_game_path_replaced_and_taken_off() {
        let cache = tempfile::tempdir().unwrap();
        let blob = cache.path().join("abcd.tex");
        fs::write(&blob, "texture").unwrap();
        let place = tempfile::tempdir().unwrap();
        let wardrobe = Wardrobe::open(Some(place.path().to_owned())).unwrap();
        let objects = [object(ObjectKind::Player, &[("chara/a.tex", &blob)]), object(ObjectKind::Pet, &[("pet/b.tex", &blob)])];
        assert_eq!(wardrobe.put_on("Bo Fyte@Odin", &objects).unwrap(), 2);

        let shown = place.path().join(folder_name("Bo Fyte@Odin"));
        let read = |path: &str| fs::read_to_string(shown.join(path)).ok();
        assert_eq!(read("name.txt").unwrap(), "Bo Fyte@Odin");
        assert_eq!(read("chara/a.tex").unwrap(), "texture");
        assert_eq!(read("_texts/glamourer.txt").unwrap(), "state");
        assert_eq!(read("_objects/pet/pet/b.tex").unwrap(), "texture");

        wardrobe.take_off("Bo Fyte@Odin", &[ObjectKind::Pet]).unwrap();
        assert_eq!((read("_objects/pet/pet/b.tex"), read("chara/a.tex").is_some()), (None, true));
        wardrobe.put_on("Bo Fyte@Odin", &[object(ObjectKind::Player, &[("chara/c.tex", &blob)])]).unwrap();
        assert_eq!((read("chara/a.tex"), read("chara/c.tex").is_some()), (None, true));
        wardrobe.take_off("Bo Fyte@Odin", &ObjectKind::ALL).unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_laid_leaves_the_look_before_and_nothing_outside() {
        let place = tempfile::tempdir().unwrap();
        let blob = place.path().join("blob");
        fs::write(&blob, "x").unwrap();
        let wardrobe = Wardrobe::open(Some(place.path().join("looks"))).unwrap();
        wardrobe.put_on("A@B", &[object(ObjectKind::Player, &[("a.tex", &blob)])]).unwrap();
        for (game_path, path) in [("../../evil.tex", &*blob), ("a.tex", Path::new("/none"))] {
            assert!(wardrobe.put_on("A@B", &[object(ObjectKind::Player, &[(game_path, path)])]).is_err(), "{game_path}");
        }
        assert!(!place.path().join("evil.tex").exists());
        assert!(place.path().join("looks").join(folder_name("A@B")).join("a.tex").exists());
    }

    #[test]
    fn clearing_removes_looks_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("0123456789abcdef")).unwrap();
        fs::write(place.path().join("diary.txt"), "dear").unwrap();
        let wardrobe = Wardrobe::open(Some(place.path().to_owned())).unwrap();
        wardrobe.put_on("A@B", &[]).unwrap();
        wardrobe.clear().unwrap();
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }

    #[test]
    fn without_a_folder_looks_are_checked_to_be_there() {
        let wardrobe = Wardrobe::open(None).unwrap();
        let here = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(wardrobe.put_on("A@B", &[object(ObjectKind::Player, &[("a.tex", here.path())])]).unwrap(), 1);
        assert!(wardrobe.put_on("A@B", &[object(ObjectKind::Player, &[("a.tex", Path::new("/none"))])]).is_err());
    }
}
