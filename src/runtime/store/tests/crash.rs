//! What is left when the program or the power ends without a word.

use super::super::StoreError;
use super::*;

#[tokio::test]
async fn a_killed_receiver_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(300 * GROUP_LEN + 9, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    for first in (0..200).step_by(4) {
        partial.put_groups(first, groups(&content, first as usize, first as usize + 4)).await.unwrap();
    }
    let left = copy_of(folder.path());
    let (store, held) = open(left.path());
    assert_eq!(held, []);
    let partial = store.partial(blob).await.unwrap();
    assert_eq!(partial.missing(0..301), [200..301], "nothing of it is lost");
    assert!(partial.put_groups(200, groups(&content, 200, 301)).await.unwrap());
    assert_eq!(store.read_groups(blob, 0..301).await.unwrap(), content);
}

#[tokio::test]
async fn a_flipped_byte_in_a_partial_blob_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(100 * GROUP_LEN, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    partial.put_groups(0, groups(&content, 0, 90)).await.unwrap();
    let left = copy_of(folder.path());
    let bytes = left.path().join(format!("partial/{}-{}.part", blob.hash, blob.size));
    for at in [0, 70, 89] {
        flip(&bytes, at * GROUP_LEN as u64 + 3);
    }
    let (store, _) = open(left.path());
    let partial = store.partial(blob).await.unwrap();
    assert_eq!(partial.missing(0..100), [0..1, 70..71, 89..100]);
    for range in [0..1, 70..71, 89..100] {
        partial.put_groups(range.start, groups(&content, range.start as usize, range.end as usize)).await.unwrap();
    }
    assert_eq!(store.read_groups(blob, 0..100).await.unwrap(), content);
}

#[tokio::test]
async fn a_damaged_sidecar_costs_the_partial_blob_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(10 * GROUP_LEN, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    partial.put_groups(0, groups(&content, 0, 9)).await.unwrap();
    let left = copy_of(folder.path());
    flip(&left.path().join(format!("partial/{}-{}.side", blob.hash, blob.size)), 100);
    let (store, _) = open(left.path());
    let partial = store.partial(blob).await.unwrap();
    assert!(!partial.has_tree());
    assert_eq!(partial.missing(0..10), [0..10]);
    partial.put_tree(tree_of(&content)).await.unwrap();
    assert!(partial.put_groups(0, content).await.unwrap());
}

#[tokio::test]
async fn what_was_complete_but_not_listed_is_checked_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (listed, content) = blob(30_000, 1);
    store.put_blob(listed, content).await.unwrap();
    store.checkpoint().await.unwrap();
    let (right, right_content) = blob(30_000, 2);
    let (wrong, wrong_content) = blob(30_000, 3);
    store.put_blob(right, right_content.clone()).await.unwrap();
    store.put_blob(wrong, wrong_content).await.unwrap();
    let name = store.materialise(wrong).await.unwrap();
    let left = copy_of(folder.path());
    let wrong_file = left.path().join(name.strip_prefix(folder.path()).unwrap());
    flip(&wrong_file, 29_999);
    let (store, mut held) = open_checked(left.path()).await;
    held.sort();
    let mut expected = vec![listed, right];
    expected.sort();
    assert_eq!(held, expected);
    assert!(!wrong_file.exists());
    assert_eq!(store.read_blob(right).await.unwrap(), right_content);
    assert!(store.partial(right).await.unwrap().missing(0..2).is_empty(), "it is not fetched again");
    assert_eq!(store.read_blob(wrong).await, Err(StoreError::NotHeld));
}

#[tokio::test]
async fn what_is_listed_is_held_after_a_restart_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(30_000, 1);
    store.put_blob(blob, content).await.unwrap();
    store.checkpoint().await.unwrap();
    let path = store.materialise(blob).await.unwrap();
    drop(store);
    // Same size, same time of last change, other content: whoever believes the index does not see it, whoever reads does.
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    flip(&path, 7);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let (store, held) = open(folder.path());
    assert_eq!(held, [blob]);
    assert_eq!(store.read_blob(blob).await, Err(StoreError::NotHeld), "a wrong byte is never served");
}

#[tokio::test]
async fn a_lost_or_broken_index_costs_a_check_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (blob, content) = blob(30_000, 1);
    let (store, _) = open(folder.path());
    store.put_blob(blob, content).await.unwrap();
    store.checkpoint().await.unwrap();
    drop(store);
    std::fs::write(folder.path().join("index.redb"), vec![7; 5000]).unwrap();
    assert_eq!(open_checked(folder.path()).await.1, [blob]);
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    assert_eq!(open_checked(folder.path()).await.1, [blob]);
}

#[tokio::test]
async fn without_its_index_a_folder_opens_at_once_and_a_blob_is_checked_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let blobs: Vec<(BlobRef, Bytes)> = (0..5).map(|seed| blob(30_000, seed)).collect();
    for (blob, content) in &blobs {
        store.put_blob(*blob, content.clone()).await.unwrap();
    }
    let wrong = store.materialise(blobs[4].0).await.unwrap();
    drop(store);
    std::fs::remove_file(folder.path().join("index.redb")).unwrap();
    flip(&wrong, 100);
    let (store, held) = open(folder.path());
    assert_eq!(held, [], "nothing was hashed, and nothing is claimed");
    assert_eq!(store.read_blob(blobs[0].0).await.unwrap(), blobs[0].1);
    assert!(store.partial(blobs[1].0).await.unwrap().missing(0..2).is_empty(), "it is not fetched again");
    assert_eq!(store.held(vec![blobs[2].0, blobs[4].0]).await, [blobs[2].0]);
    assert_eq!(store.materialise(blobs[4].0).await, Err(StoreError::NotHeld), "what is wrong is never shown");
    assert!(!wrong.exists());
    let mut found = store.check_some().await.unwrap();
    found.sort_unstable();
    let mut right: Vec<BlobRef> = blobs[..4].iter().map(|(blob, _)| *blob).collect();
    right.sort_unstable();
    assert_eq!(found, right);
    assert_eq!(store.check_some().await, None);
}

#[tokio::test]
async fn files_that_were_copied_with_their_index_and_their_times_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(30_000, 1);
    store.put_blob(blob, content).await.unwrap();
    store.checkpoint().await.unwrap();
    let path = store.materialise(blob).await.unwrap();
    drop(store);
    let copy = copy_of(folder.path());
    let torn = copy.path().join(path.strip_prefix(folder.path()).unwrap());
    let modified = std::fs::metadata(&torn).unwrap().modified().unwrap();
    flip(&torn, 7);
    std::fs::File::options().write(true).open(&torn).unwrap().set_modified(modified).unwrap();
    let (store, held) = open(copy.path());
    assert_eq!(held, []);
    assert_eq!(store.materialise(blob).await, Err(StoreError::NotHeld), "a wrong byte is never shown");
}

#[tokio::test]
async fn a_clock_that_jumped_ahead_makes_no_partial_blob_old() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(3 * GROUP_LEN, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    let left = copy_of(folder.path());
    // A clock that is years ahead, seen from the files.
    for entry in std::fs::read_dir(left.path().join("partial")).unwrap() {
        let file = std::fs::File::options().write(true).open(entry.unwrap().path()).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - Duration::from_secs(900 * 24 * 3600)).unwrap();
    }
    let (store, _) = open(left.path());
    assert!(store.partial(blob).await.unwrap().has_tree(), "it is gone on with");
}

#[tokio::test]
async fn leftovers_are_removed_and_foreign_files_are_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let (blob, content) = blob(3 * GROUP_LEN, 1);
    let partial = store.partial(blob).await.unwrap();
    partial.put_tree(tree_of(&content)).await.unwrap();
    let left = copy_of(folder.path());
    let lone = format!("partial/{}-5.part", BlobHash::of(b"lone"));
    let old = format!("partial/{}-6", BlobHash::of(b"old"));
    let ours = ["ab/17.tmp".to_owned(), lone, format!("{old}.part")];
    let foreign = ["notes.txt", "partial/notes.txt", "ab/notes.tex"].map(str::to_owned);
    std::fs::create_dir_all(left.path().join("ab")).unwrap();
    for file in ours.iter().chain(&foreign).chain([&format!("{old}.side")]) {
        std::fs::write(left.path().join(file), b"x").unwrap();
    }
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1);
    std::fs::File::options().write(true).open(left.path().join(&ours[2])).unwrap().set_modified(long_ago).unwrap();
    let (store, _) = open(left.path());
    assert_eq!(ours.iter().filter(|file| left.path().join(file).exists()).count(), 0);
    assert_eq!(foreign.iter().filter(|file| left.path().join(file).exists()).count(), 3);
    assert!(store.partial(blob).await.unwrap().has_tree(), "a partial blob of today stays");
}
