//! The user's own files.

use std::path::Path;

use super::super::{Store, StoreError};
use super::*;
use crate::engine::input::HashedBlob;
use crate::engine::output::FileToHash;

#[tokio::test]
async fn own_files_are_hashed_and_served_from_their_place() {
    let (mods, store) = (mods(), Store::memory());
    let contents: Vec<(BlobRef, Bytes)> = [0, 1, 16_384, 16_385, 3_000_000].iter().map(|size| blob(*size, 1)).collect();
    for (at, (_, content)) in contents.iter().enumerate() {
        std::fs::write(mods.path().join(format!("{at}.TEX")), content).unwrap();
    }
    let files = (0..5).map(|at| tex(&mods.path().join(format!("{at}.TEX")))).collect();
    let hashed = store.hash_files(vec![mods.path().to_owned()], files).await;
    for (at, (hashed, (blob, content))) in hashed.iter().zip(&contents).enumerate() {
        assert_eq!(hashed.index, at);
        assert_eq!(hashed.result, Ok(HashedBlob { blob: *blob, triangles: 0 }));
        assert_eq!(store.tree(*blob).await.unwrap().to_vec(), tree_of(content));
        let count = tree::group_count(blob.size).unwrap();
        assert_eq!(store.read_groups(*blob, 0..count).await.unwrap(), *content);
    }
    assert_eq!(store.read_blob(contents[4].0).await.unwrap(), contents[4].1);
}

#[tokio::test]
async fn the_triangles_of_a_model_are_counted() {
    let (mods, store) = (mods(), Store::memory());
    let path = mods.path().join("a.mdl");
    std::fs::write(&path, super::super::model::tests::model(&[300, 600], 0, 2, 10_000, 0)).unwrap();
    let file = FileToHash { path, file_type: FileType::Mdl };
    let hashed = store.hash_files(vec![mods.path().to_owned()], vec![file]).await;
    assert_eq!(hashed[0].result.as_ref().unwrap().triangles, 300);
}

#[tokio::test]
async fn the_triangles_of_an_own_file_are_those_of_what_was_published() {
    let (mods, store) = (mods(), Store::memory());
    let model = |indices| super::super::model::tests::model(&[indices], 0, 1, 50_000, 0);
    let path = mods.path().join("a.mdl");
    std::fs::write(&path, model(3000)).unwrap();
    let file = FileToHash { path: path.clone(), file_type: FileType::Mdl };
    let hashed = store.hash_files(vec![mods.path().to_owned()], vec![file]).await;
    let blob = hashed[0].result.as_ref().unwrap().blob;
    assert_eq!(store.triangles(vec![blob, blob]).await, Ok(2000));
    std::fs::write(&path, model(300)).unwrap();
    assert_eq!(store.triangles(vec![blob]).await, Err(StoreError::Changed(blob.hash)));
}

#[tokio::test]
async fn a_changed_own_file_is_never_served() {
    let mods = mods();
    for how in ["flipped", "cut", "longer at its end", "replaced", "deleted", "a folder"] {
        for read_before in [false, true] {
            let gone = matches!(how, "deleted" | "a folder");
            if cfg!(windows) && gone && read_before {
                // Windows may keep a deleted file until everybody has closed it.
                continue;
            }
            let store = Store::memory();
            let path = mods.path().join("a.tex");
            let (blob, content) = blob(100_000, 1);
            std::fs::write(&path, &content).unwrap();
            assert_eq!(hash(&store, &mods, &path).await, Ok(blob));
            if read_before {
                assert_eq!(store.read_groups(blob, 6..7).await.unwrap(), content.slice(6 * GROUP_LEN..));
            }
            match how {
                "flipped" => flip(&path, 99_999),
                "cut" => std::fs::File::options().write(true).open(&path).unwrap().set_len(99_999).unwrap(),
                "longer at its end" => std::fs::write(&path, [&content[..99_999], b"??"].concat()).unwrap(),
                "replaced" => std::fs::write(&path, vec![1; 100_000]).unwrap(),
                _ => std::fs::remove_file(&path).unwrap(),
            }
            if how == "a folder" {
                std::fs::create_dir(&path).unwrap();
            }
            if gone && read_before {
                // Whoever still has it open reads the right bytes; whoever opens it anew learns that it changed.
                assert_eq!(store.read_groups(blob, 6..7).await.unwrap(), content.slice(6 * GROUP_LEN..));
                assert_eq!(store.read_blob(blob).await, Err(StoreError::Changed(blob.hash)), "{how}");
            } else {
                assert_eq!(store.read_groups(blob, 6..7).await, Err(StoreError::Changed(blob.hash)), "{how}");
            }
            assert_eq!(store.read_groups(blob, 0..1).await, Err(StoreError::NotHeld), "{how}: it is forgotten");
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
        }
    }
}

#[tokio::test]
async fn reading_and_showing_a_changed_own_file_says_so() {
    let (mods, store) = (mods(), Store::memory());
    let (one, two) = (mods.path().join("1.tex"), mods.path().join("2.tex"));
    let ((first, first_content), (second, second_content)) = (blob(9000, 1), blob(9000, 2));
    std::fs::write(&one, first_content).unwrap();
    std::fs::write(&two, second_content).unwrap();
    hash(&store, &mods, &one).await.unwrap();
    hash(&store, &mods, &two).await.unwrap();
    flip(&one, 5);
    flip(&two, 5);
    assert_eq!(store.read_blob(first).await, Err(StoreError::Changed(first.hash)));
    assert_eq!(store.materialise(second).await, Err(StoreError::Changed(second.hash)));
}

#[tokio::test]
async fn an_own_file_is_copied_into_the_cache_to_be_shown() {
    let (mods, cache) = (mods(), tempfile::tempdir().unwrap());
    let (store, _) = open(cache.path());
    let path = mods.path().join("a.tex");
    let (blob, content) = blob(100_000, 1);
    std::fs::write(&path, &content).unwrap();
    hash(&store, &mods, &path).await.unwrap();
    assert_eq!(store.partial(blob).await.unwrap().missing(0..7), [], "what the user has is not fetched");
    let shown = store.materialise(blob).await.unwrap();
    assert!(shown.starts_with(cache.path()));
    std::fs::write(&path, b"changed").unwrap();
    assert_eq!(std::fs::read(shown).unwrap(), content, "it is a copy");
}

#[tokio::test]
async fn of_two_own_files_with_one_content_either_serves() {
    let (mods, store) = (mods(), Store::memory());
    let (blob, content) = blob(9000, 1);
    for name in ["1.tex", "2.tex"] {
        let path = mods.path().join(name);
        std::fs::write(&path, &content).unwrap();
        hash(&store, &mods, &path).await.unwrap();
    }
    std::fs::remove_file(mods.path().join("1.tex")).unwrap();
    assert_eq!(store.read_blob(blob).await.unwrap(), content);
    assert_eq!(store.read_groups(blob, 0..1).await.unwrap(), content);
}

#[tokio::test]
async fn what_is_unchanged_and_old_is_not_read_again_and_what_is_young_is() {
    let (mods, store) = (mods(), Store::memory());
    let path = mods.path().join("a.tex");
    let (young, content) = blob(9000, 1);
    std::fs::write(&path, &content).unwrap();
    assert_eq!(hash(&store, &mods, &path).await, Ok(young));
    // A change that keeps size and time of last change, within the moment that is not trusted.
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    flip(&path, 5);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let changed = hash(&store, &mods, &path).await.unwrap();
    assert_ne!(changed, young);
    assert!(!settled(&store, &path), "it is too young to be remembered");
}

#[tokio::test]
async fn an_unchanged_settled_file_is_remembered_until_anything_of_it_changes() {
    let (mods, store) = (mods(), Store::memory());
    let path = mods.path().join("a.tex");
    std::fs::write(&path, blob(9000, 1).1).unwrap();
    settle(&path);
    // The time of the last change of anything cannot be set; the file must grow old.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !settled(&store, &path) {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
        hash(&store, &mods, &path).await.unwrap();
    }
    let reads = store.0.core.own.reads();
    hash(&store, &mods, &path).await.unwrap();
    assert_eq!(store.0.core.own.reads(), reads, "it is not read again");
    flip(&path, 5);
    let changed = hash(&store, &mods, &path).await.unwrap();
    assert_eq!(store.0.core.own.reads(), reads + 1);
    assert_eq!(store.read_blob(changed).await.unwrap(), std::fs::read(&path).unwrap());
}

#[tokio::test]
async fn files_with_a_wrong_real_extension_are_refused() {
    let (mods, store) = (mods(), Store::memory());
    for name in ["id_rsa", "a.exe", "a.mdl", "a.tex.bak"] {
        let path = mods.path().join(name);
        std::fs::write(&path, b"secret").unwrap();
        assert!(hash(&store, &mods, &path).await.unwrap_err().contains("does not end in .tex"), "{name}");
    }
    assert_eq!(store.read_blob(BlobRef { hash: BlobHash::of(b"secret"), size: 6, kind: TEX }).await, Err(StoreError::NotHeld));
}

#[tokio::test]
async fn files_outside_the_roots_are_refused() {
    let (mods, other, store) = (mods(), mods(), Store::memory());
    let path = other.path().join("a.tex");
    std::fs::write(&path, b"x").unwrap();
    std::fs::create_dir(mods.path().join("sub")).unwrap();
    let around = mods.path().join("sub/../..").join(other.path().file_name().unwrap()).join("a.tex");
    for path in [path, around] {
        assert!(hash(&store, &mods, &path).await.unwrap_err().contains("outside the folders"), "{}", path.display());
    }
    let result = store.hash_files(Vec::new(), vec![tex(&mods.path().join("none.tex"))]).await;
    assert!(result[0].result.as_ref().unwrap_err().contains("cannot be found"));
}

#[cfg(unix)]
#[tokio::test]
async fn symlinks_are_followed_to_the_roots_and_no_further() {
    use std::os::unix::fs::symlink;
    let (mods, other, store) = (mods(), mods(), Store::memory());
    std::fs::write(mods.path().join("real.tex"), b"mine").unwrap();
    std::fs::write(mods.path().join("key"), b"secret").unwrap();
    std::fs::write(other.path().join("real.tex"), b"secret").unwrap();
    let link = |from: std::path::PathBuf, name: &str| {
        let to = mods.path().join(name);
        symlink(from, &to).unwrap();
        to
    };
    let inside = link(mods.path().join("real.tex"), "inside.tex");
    assert_eq!(hash(&store, &mods, &inside).await.unwrap().hash, BlobHash::of(b"mine"));
    let outside = link(other.path().join("real.tex"), "outside.tex");
    assert!(hash(&store, &mods, &outside).await.unwrap_err().contains("outside the folders"));
    let folder = link(other.path().to_owned(), "folder");
    assert!(hash(&store, &mods, &folder.join("real.tex")).await.unwrap_err().contains("outside the folders"));
    let disguised = link(mods.path().join("key"), "disguised.tex");
    assert!(hash(&store, &mods, &disguised).await.unwrap_err().contains("does not end in .tex"));
    // A published file that becomes a link to a secret is not served, whatever the secret is.
    std::fs::remove_file(mods.path().join("real.tex")).unwrap();
    link(other.path().join("real.tex"), "real.tex");
    let mine = BlobRef { hash: BlobHash::of(b"mine"), size: 4, kind: TEX };
    assert_eq!(store.read_blob(mine).await, Err(StoreError::Changed(mine.hash)));
}

#[cfg(unix)]
#[tokio::test]
async fn a_private_key_is_not_published_by_any_way_that_leads_to_it() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let (home, store) = (mods(), Store::memory());
    let folder = |name: &str| {
        let path = home.path().join(name);
        std::fs::create_dir(&path).unwrap();
        path
    };
    let (ssh, mods) = (folder(".ssh"), folder("mods"));
    let key = ssh.join("id_ed25519");
    std::fs::write(&key, b"-----BEGIN OPENSSH PRIVATE KEY-----").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let (soft, hard, around) = (mods.join("soft.tex"), mods.join("hard.tex"), mods.join("../.ssh/id_ed25519"));
    symlink(&key, &soft).unwrap();
    std::fs::hard_link(&key, &hard).unwrap();
    symlink(&ssh, mods.join("folder.tex")).unwrap();
    let through = mods.join("folder.tex/id_ed25519");
    for path in [&key, &soft, &hard, &around, &through] {
        // The plugin's own folder, and folders that a plugin should not have named.
        for root in [&mods, home.path(), Path::new("/")] {
            let hashed = store.hash_files(vec![root.to_owned()], vec![tex(path)]).await;
            assert!(hashed[0].result.is_err(), "{} below {}", path.display(), root.display());
        }
    }
    let content = BlobRef { hash: BlobHash::of(&std::fs::read(&key).unwrap()), size: 35, kind: TEX };
    assert_eq!(store.read_blob(content).await, Err(StoreError::NotHeld));
    // A mod that a backup linked is no secret.
    std::fs::write(mods.join("mod.tex"), b"mod").unwrap();
    std::fs::set_permissions(mods.join("mod.tex"), std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::hard_link(mods.join("mod.tex"), ssh.join("backup")).unwrap();
    let hashed = store.hash_files(vec![mods.clone()], vec![tex(&mods.join("mod.tex"))]).await;
    assert!(hashed[0].result.is_ok());
}

/// The folder turns into a symlink to the secrets and back, over and over, while a file in it is published.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_turns_into_a_symlink_while_it_is_read_gives_away_nothing() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (mods, secrets, store) = (mods(), mods(), Store::memory());
    let (folder, link) = (mods.path().join("look"), mods.path().join("link"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.tex"), b"mine").unwrap();
    std::fs::write(secrets.path().join("a.tex"), b"secret").unwrap();
    std::os::unix::fs::symlink(secrets.path(), &link).unwrap();
    let over = std::sync::Arc::new(AtomicBool::new(false));
    let turning = std::thread::spawn({
        let (folder, link, over) = (folder.clone(), link, over.clone());
        move || {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            while !over.load(Ordering::Relaxed) {
                renameat_with(CWD, &folder, CWD, &link, RenameFlags::EXCHANGE).unwrap();
            }
        }
    });
    let secret = BlobHash::of(b"secret");
    for _ in 0..2_000 {
        if let Ok(blob) = hash(&store, &mods, &folder.join("a.tex")).await {
            assert_ne!(blob.hash, secret);
        }
    }
    over.store(true, Ordering::Relaxed);
    turning.join().unwrap();
    assert_eq!(store.read_blob(BlobRef { hash: secret, size: 6, kind: TEX }).await, Err(StoreError::NotHeld));
}

#[cfg(unix)]
#[tokio::test]
async fn folders_and_pipes_are_refused_without_waiting() {
    let (mods, store) = (mods(), Store::memory());
    let (folder, pipe) = (mods.path().join("folder.tex"), mods.path().join("pipe.tex"));
    std::fs::create_dir(&folder).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    for path in [folder, pipe] {
        let refusal = tokio::time::timeout(Duration::from_secs(20), hash(&store, &mods, &path)).await.unwrap();
        assert!(refusal.unwrap_err().contains("not a regular file"), "{}", path.display());
    }
}

/// A folder of mods; its own path has no symlinks in it.
fn mods() -> tempfile::TempDir {
    tempfile::tempdir_in(std::fs::canonicalize(std::env::temp_dir()).unwrap()).unwrap()
}

fn tex(path: &Path) -> FileToHash {
    FileToHash { path: path.to_owned(), file_type: FileType::Tex }
}

async fn hash(store: &Store, mods: &tempfile::TempDir, path: &Path) -> Result<BlobRef, String> {
    let hashed = store.hash_files(vec![mods.path().to_owned()], vec![tex(path)]).await;
    hashed[0].result.clone().map(|hashed| hashed.blob)
}

fn settled(store: &Store, path: &Path) -> bool {
    store.0.core.own.is_settled(path)
}
