//! Checking, emptying and moving the whole cache, and folders that go away under it.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::super::place::resolve;
use super::super::{StoreError, Verified};
use super::*;
use crate::engine::snapshot::Extent;

/// Goes on to the end.
fn goes_on(_: Extent, _: Extent) -> bool {
    true
}

#[tokio::test]
async fn a_move_carries_everything_and_receiving_goes_on() {
    for place in places() {
        let (old, new) = (place.old.path().join("old"), place.new.path().join("new"));
        let (store, _) = open(&old);
        let blobs: Vec<(BlobRef, Bytes)> = (0..20).map(|seed| blob(3000 * seed as usize, seed)).collect();
        for (blob, content) in &blobs {
            store.put_blob(*blob, content.clone()).await.unwrap();
        }
        let (late, late_content) = blob(100 * GROUP_LEN, 99);
        let partial = store.partial(late).await.unwrap();
        partial.put_tree(tree_of(&late_content)).await.unwrap();
        partial.put_groups(3, groups(&late_content, 3, 50)).await.unwrap();
        let moved = store.relocate(&new, &[], &goes_on).unwrap().unwrap();
        assert_eq!((moved.folder.as_path(), moved.lost.len()), (new.as_path(), 0), "{place:?}");
        assert!(store.materialise(blobs[7].0).await.unwrap().starts_with(&new));
        assert_eq!(partial.missing(0..100), [0..3, 50..100], "nothing that came is lost");
        partial.put_groups(0, groups(&late_content, 0, 3)).await.unwrap();
        assert!(old.join("index.redb").exists(), "games may still use the old folder");
        // Wine keeps the names of a file that is open, even by another of its names.
        let refused = store.remove_old().await;
        assert_eq!(refused > 0, old.exists(), "what is left is told");
        assert!(refused == 0 || cfg!(windows), "{refused}");
        for (blob, content) in &blobs {
            assert_eq!(store.read_blob(*blob).await.unwrap(), *content, "{place:?}");
        }
        assert!(partial.put_groups(50, groups(&late_content, 50, 100)).await.unwrap());
        store.checkpoint().await.unwrap();
        drop(partial);
        assert_eq!(store.remove_old().await, 0);
        assert!(!old.exists());
        drop(store);
        let (store, held) = open(&new);
        assert_eq!(held.len(), 21, "all of it is vouched for by the new index");
        assert_eq!(store.read_groups(late, 0..100).await.unwrap(), late_content);
        assert_eq!(store.moved_to(), None);
    }
}

#[tokio::test]
async fn a_move_that_is_killed_at_any_step_loses_nothing_and_leaves_nothing() {
    for place in places() {
        for step in (0..200).step_by(3) {
            let (old, new) = (place.old.path().join("old"), place.new.path().join("new"));
            let (store, _) = open(&old);
            for seed in 0..20 {
                let (blob, content) = blob(3000, seed);
                store.put_blob(blob, content).await.unwrap();
            }
            store.checkpoint().await.unwrap();
            let steps = Cell::new(0);
            let killed = catch_unwind(AssertUnwindSafe(|| {
                store.relocate(&new, &[], &|_, _| {
                    steps.set(steps.get() + 1);
                    if steps.get() > step {
                        // The end of the program, without a word.
                        std::panic::resume_unwind(Box::new(()));
                    }
                    true
                })
            }));
            drop(store);
            let (store, held) = open(&old);
            assert_eq!(held.len(), 20, "{place:?} {step}");
            match killed {
                Err(_) => {
                    assert_eq!(store.moved_to(), None, "{step}");
                    assert!(!new.exists() && !old.join("moving-to.json").exists(), "{step}: the copy is thrown away");
                }
                Ok(moved) => {
                    assert!(moved.unwrap().is_some());
                    assert_eq!(store.moved_to(), Some(new.clone()), "whoever asks for the old folder is sent on");
                    std::fs::remove_file(first_file(&old)).unwrap();
                    assert_eq!(store.remove_old().await, 0, "a removal that was cut short is ended");
                    assert!(!old.exists() && !new.join("moved-from.json").exists());
                    assert!(step > 10, "it took some steps");
                    drop(store);
                    std::fs::remove_dir_all(&new).unwrap();
                    break;
                }
            }
            assert!(step < 198, "it never comes to its end");
        }
    }
}

#[tokio::test]
async fn what_was_used_longest_ago_stays_so_over_a_move_and_a_restart() {
    for place in places() {
        let (old, new) = (place.old.path().join("old"), place.new.path().join("new"));
        let (store, _) = open(&old);
        let blobs: Vec<(BlobRef, Bytes)> = (0..3).map(|seed| blob(3000, seed)).collect();
        for (blob, content) in &blobs {
            store.put_blob(*blob, content.clone()).await.unwrap();
        }
        let refs: Vec<BlobRef> = blobs.iter().map(|(blob, _)| *blob).collect();
        let written = store.with_use(refs.clone());
        while store.with_use(vec![refs[0]])[0].used_unix_ms <= written[2].used_unix_ms {
            store.hold(appearance(1), &refs[..1]);
            store.note_use(&appearance(1));
        }
        let used = store.with_use(refs.clone());
        assert_eq!(used[1..], written[1..], "only what is shown is used");
        store.relocate(&new, &[], &goes_on).unwrap().unwrap();
        assert_eq!(store.with_use(refs.clone()), used, "{place:?}");
        store.checkpoint().await.unwrap();
        drop(store);
        assert_eq!(open(&new).0.with_use(refs), used, "{place:?}");
    }
}

#[tokio::test]
async fn a_move_that_is_ended_leaves_everything_where_it_was() {
    let place = &places()[0];
    let (old, new) = (place.old.path().join("old"), place.new.path().join("new"));
    let (store, _) = open(&old);
    let (blob, content) = blob(3000, 1);
    store.put_blob(blob, content.clone()).await.unwrap();
    assert_eq!(store.relocate(&new, &[], &|done, _| done.files == 0), Ok(None));
    assert!(!new.exists() && !old.join("moving-to.json").exists());
    assert!(store.materialise(blob).await.unwrap().starts_with(&old));
    assert!(store.relocate(&new, &[], &goes_on).unwrap().is_some(), "another attempt is welcome");
    assert_eq!(store.read_blob(blob).await.unwrap(), content);
}

#[tokio::test]
async fn a_folder_with_files_of_others_is_not_moved_to_and_one_is_not_left_half() {
    let place = &places()[0];
    let (old, new) = (place.old.path().join("old"), place.new.path().join("new"));
    let (store, _) = open(&old);
    std::fs::create_dir(&new).unwrap();
    std::fs::write(new.join("mine.txt"), b"mine").unwrap();
    let refused = store.relocate(&new, &[], &goes_on);
    assert!(matches!(&refused, Err(StoreError::Io(text)) if text.contains("choose an empty folder")), "{refused:?}");
    std::fs::remove_file(new.join("mine.txt")).unwrap();
    std::fs::write(old.join("mine.txt"), b"mine").unwrap();
    store.relocate(&new, &[], &goes_on).unwrap();
    let again = store.relocate(&place.new.path().join("newer"), &[], &goes_on);
    assert!(matches!(&again, Err(StoreError::Io(text)) if text.contains("not removed yet")), "{again:?}");
    store.remove_old().await;
    assert_eq!(std::fs::read_dir(&old).unwrap().count(), 1, "what is not ours stays");
    assert!(store.relocate(&place.new.path().join("newer"), &[], &goes_on).unwrap().is_some());
}

#[tokio::test]
async fn a_damaged_file_does_not_travel() {
    for place in places() {
        let (store, _) = open(&place.old.path().join("old"));
        let ((right, content), (wrong, wrong_content)) = (blob(9000, 1), blob(9000, 2));
        store.put_blob(right, content.clone()).await.unwrap();
        store.put_blob(wrong, wrong_content).await.unwrap();
        flip(&store.materialise(wrong).await.unwrap(), 77);
        let moved = store.relocate(&place.new.path().join("new"), &[], &goes_on).unwrap().unwrap();
        assert_eq!(moved.lost, [wrong.hash], "{place:?}");
        assert_eq!(store.read_blob(right).await.unwrap(), content);
        assert_eq!(store.read_blob(wrong).await, Err(StoreError::NotHeld));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_and_goes_during_a_move_is_there_and_gone_after_it() {
    for place in places() {
        let (store, _) = open(&place.old.path().join("old"));
        let blobs: Vec<(BlobRef, Bytes)> = (0..400).map(|seed| blob(5000, seed)).collect();
        for (blob, content) in &blobs[..200] {
            store.put_blob(*blob, content.clone()).await.unwrap();
        }
        let (receiver, late) = (store.clone(), blobs[200..].to_vec());
        let gone: Vec<BlobHash> = blobs[..50].iter().map(|(blob, _)| blob.hash).collect();
        let receiving = tokio::spawn(async move {
            for (blob, content) in late {
                receiver.put_blob(blob, content).await.unwrap();
            }
            receiver.evict(gone).await;
        });
        let (mover, to) = (store.clone(), place.new.path().join("new"));
        let moved = tokio::task::spawn_blocking(move || mover.relocate(&to, &[], &goes_on)).await.unwrap();
        assert!(moved.unwrap().is_some());
        receiving.await.unwrap();
        store.checkpoint().await.unwrap();
        assert_eq!(store.0.core.cache().list().len(), 350, "{place:?}");
        for (blob, content) in &blobs[50..] {
            assert_eq!(store.read_blob(*blob).await.unwrap(), *content);
        }
        assert_eq!(store.read_blob(blobs[0].0).await, Err(StoreError::NotHeld));
    }
}

#[tokio::test]
async fn checking_finds_what_is_damaged_or_gone_and_tells_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let blobs: Vec<BlobRef> = (0..4).map(|seed| blob(2_000_000, seed).0).collect();
    for (seed, blob_ref) in (0..).zip(&blobs) {
        store.put_blob(*blob_ref, blob(2_000_000, seed).1).await.unwrap();
    }
    flip(&store.materialise(blobs[1]).await.unwrap(), 1_999_999);
    std::fs::remove_file(store.materialise(blobs[2]).await.unwrap()).unwrap();
    let told = RefCell::new(Vec::new());
    let verified = store.verify(None, &|done, total| {
        told.borrow_mut().push((done, total));
        true
    });
    let Verified { checked, wrong, unreadable, mut lost } = verified.unwrap().unwrap();
    assert_eq!((checked, wrong, unreadable), (Extent { files: 4, bytes: 8_000_000 }, 2, 0));
    lost.sort_unstable();
    let mut expected = vec![blobs[1].hash, blobs[2].hash];
    expected.sort_unstable();
    assert_eq!(lost, expected);
    let told = told.into_inner();
    assert!(told.iter().all(|(_, total)| *total == checked) && told.is_sorted_by_key(|(done, _)| done.files), "{told:?}");
    assert!(told.iter().any(|(done, _)| done.files == 0 && done.bytes > 0), "within a file too");
    assert_eq!(store.verify(None, &|done, _| done.bytes == 0), Ok(None), "it can be ended within a file");
}

#[tokio::test]
async fn what_was_in_doubt_and_is_right_is_told_after_checking_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(9000, 1);
    store.put_blob(blob, content).await.unwrap();
    drop(store);
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    let (store, held) = open(folder.path());
    assert_eq!(held, []);
    assert_eq!(store.verify(None, &goes_on).unwrap().unwrap().checked.files, 1);
    assert_eq!(store.take_found(), [blob]);
}

#[tokio::test]
async fn emptying_leaves_what_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let ((held, content), (loose, loose_content)) = (blob(9000, 1), blob(9000, 2));
    store.put_blob(held, content.clone()).await.unwrap();
    store.put_blob(loose, loose_content).await.unwrap();
    store.hold(appearance(1), &[held]);
    assert_eq!(store.clear().await, [loose.hash]);
    assert_eq!(store.read_blob(held).await.unwrap(), content);
    assert_eq!(store.read_blob(loose).await, Err(StoreError::NotHeld));
}

#[tokio::test]
async fn a_folder_that_is_away_is_said_and_nothing_of_it_is_lost() {
    let place = &places()[0];
    let (here, away) = (place.old.path().join("cache"), place.old.path().join("unplugged"));
    let (store, _) = open(&here);
    let ((kept, content), (late, late_content)) = (blob(9000, 1), blob(9 * GROUP_LEN, 2));
    store.put_blob(kept, content.clone()).await.unwrap();
    let partial = store.partial(late).await.unwrap();
    partial.put_tree(tree_of(&late_content)).await.unwrap();
    std::fs::rename(&here, &away).unwrap();
    let new = blob(10, 3);
    let refusals = [
        store.read_blob(kept).await.map(drop),
        store.read_groups(kept, 0..1).await.map(drop),
        store.materialise(kept).await.map(drop),
        store.put_blob(new.0, new.1).await,
        store.partial(blob(9 * GROUP_LEN, 4).0).await.map(drop),
        store.verify(None, &goes_on).map(drop),
    ];
    for refusal in refusals {
        assert!(matches!(&refusal, Err(StoreError::Io(text)) if text.contains("is not there: plug its disk in")), "{refusal:?}");
    }
    assert!(!here.exists(), "nothing is made in its place");
    std::fs::rename(&away, &here).unwrap();
    assert_eq!(store.read_blob(kept).await.unwrap(), content);
    assert_eq!(store.materialise(kept).await.unwrap().extension().unwrap(), "tex");
    assert!(partial.put_groups(0, late_content.clone()).await.unwrap());
    assert_eq!(store.read_groups(late, 0..9).await.unwrap(), late_content);
}

/// Two folders.
#[derive(Debug)]
struct Place {
    old: tempfile::TempDir,
    new: tempfile::TempDir,
}

/// On one volume, and on two where this machine has them: then files are copied.
fn places() -> Vec<Place> {
    let temporary = || tempfile::tempdir_in(resolve(&std::env::temp_dir())).unwrap();
    let other = PathBuf::from("/dev/shm");
    let mut places = vec![Place { old: temporary(), new: temporary() }];
    if other.is_dir() {
        places.push(Place { old: temporary(), new: tempfile::tempdir_in(other).unwrap() });
    }
    places
}

fn first_file(folder: &Path) -> PathBuf {
    let name = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    name.flat_map(|path| std::fs::read_dir(path).unwrap()).next().unwrap().unwrap().path()
}
