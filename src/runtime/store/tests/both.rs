//! What holds on a disk and in memory alike.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use super::super::{Store, StoreError};
use super::*;

/// Makes one test of a body for each kind of store.
macro_rules! both {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: Store) $body:block)*) => {
        $(mod $name {
            use super::*;

            async fn body($store: Store) $body

            #[tokio::test]
            async fn on_disk() {
                let folder = tempfile::tempdir().unwrap();
                body(open(folder.path()).0).await;
            }

            #[tokio::test]
            async fn in_memory() {
                body(Store::memory()).await;
            }
        })*
    };
}

both! {
    async fn a_whole_blob_is_read_back(store: Store) {
        for size in [0, 1, 16_384, 48 << 10, 4 << 20] {
            let (blob, content) = blob(size, 1);
            assert_eq!(store.read_blob(blob).await, Err(StoreError::NotHeld));
            store.put_blob(blob, content.clone()).await.unwrap();
            assert_eq!(store.read_blob(blob).await.unwrap(), content);
            let count = tree::group_count(blob.size).unwrap();
            assert_eq!(store.read_groups(blob, 0..count).await.unwrap(), content);
            assert_eq!(store.tree(blob).await.unwrap().to_vec(), tree_of(&content));
            assert_eq!(std::fs::read(store.materialise(blob).await.unwrap()).unwrap(), content);
        }
    }

    async fn whole_blobs_with_another_hash_or_size_are_refused(store: Store) {
        let (blob, content) = blob(1000, 1);
        let other = Bytes::from(vec![0; 1000]);
        assert_eq!(store.put_blob(blob, other).await, Err(StoreError::BadData));
        assert_eq!(store.put_blob(BlobRef { size: 999, ..blob }, content.clone()).await, Err(StoreError::BadData));
        assert_eq!(store.put_blob(blob, content.slice(1..)).await, Err(StoreError::BadData));
        assert_eq!(store.materialise(blob).await, Err(StoreError::NotHeld));
    }

    async fn groups_that_a_blob_does_not_have_are_not_held(store: Store) {
        let (blob, content) = blob(40_000, 1);
        store.put_blob(blob, content.clone()).await.unwrap();
        assert_eq!(store.read_groups(blob, 1..3).await.unwrap(), content.slice(16_384..));
        for range in [0..4, 3..4, 2..2, 5..u32::MAX] {
            assert_eq!(store.read_groups(blob, range).await, Err(StoreError::NotHeld));
        }
    }

    async fn a_blob_that_is_named_with_a_wrong_size_is_not_held_and_does_no_harm(store: Store) {
        let (blob, content) = blob(40_000, 1);
        store.put_blob(blob, content.clone()).await.unwrap();
        store.read_groups(blob, 0..1).await.unwrap();
        let liar = BlobRef { size: 39_999, ..blob };
        assert_eq!(store.read_groups(liar, 0..3).await, Err(StoreError::NotHeld));
        assert_eq!(store.read_blob(liar).await, Err(StoreError::NotHeld));
        assert_eq!(store.tree(liar).await, Err(StoreError::NotHeld));
        assert_eq!(store.materialise(liar).await, Err(StoreError::NotHeld));
        assert_eq!(store.read_groups(blob, 0..3).await.unwrap(), content);
    }

    async fn groups_come_in_any_order_and_more_than_once(store: Store) {
        let (blob, content) = blob(5 * GROUP_LEN + 77, 1);
        let partial = store.partial(blob).await.unwrap();
        assert!(!partial.has_tree());
        assert_eq!(partial.missing(0..6), [0..6]);
        partial.put_tree(tree_of(&content)).await.unwrap();
        assert!(partial.has_tree());
        for first in [5, 1, 1, 3] {
            assert!(!partial.put_groups(first as u32, group(&content, first)).await.unwrap());
        }
        assert_eq!(partial.missing(0..6), [0..1, 2..3, 4..5]);
        assert_eq!(partial.missing(1..4), [2..3]);
        assert_eq!(store.read_blob(blob).await, Err(StoreError::NotHeld), "it is not complete");
        assert!(partial.put_groups(0, groups(&content, 0, 6)).await.unwrap());
        assert_eq!(partial.missing(0..6), []);
        assert!(partial.put_groups(2, group(&content, 2)).await.unwrap(), "late duplicates do no harm");
        assert_eq!(store.read_blob(blob).await.unwrap(), content);
        assert_eq!(std::fs::read(store.materialise(blob).await.unwrap()).unwrap(), content);
    }

    async fn blobs_of_one_group_need_no_tree(store: Store) {
        for size in [0, 1, GROUP_LEN] {
            let (blob, content) = blob(size, 9);
            let partial = store.partial(blob).await.unwrap();
            assert!(partial.has_tree());
            assert_eq!(partial.missing(0..1), [0..1]);
            assert!(partial.put_groups(0, content.clone()).await.unwrap());
            assert_eq!(store.read_blob(blob).await.unwrap(), content);
        }
    }

    async fn a_wrong_tree_is_refused(store: Store) {
        let (blob, content) = blob(40_000, 1);
        let partial = store.partial(blob).await.unwrap();
        let mut values = tree_of(&content);
        assert_eq!(partial.put_tree(values[..2].to_vec()).await, Err(StoreError::BadData));
        assert_eq!(partial.put_tree(Vec::new()).await, Err(StoreError::BadData));
        values.swap(0, 1);
        assert_eq!(partial.put_tree(values.clone()).await, Err(StoreError::BadData));
        assert!(!partial.has_tree());
        assert_eq!(partial.put_groups(0, group(&content, 0)).await, Err(StoreError::BadData), "nothing to check it against");
        values.swap(0, 1);
        partial.put_tree(values).await.unwrap();
        assert!(partial.put_groups(0, content).await.unwrap());
    }

    async fn wrong_groups_are_refused_and_those_before_them_kept(store: Store) {
        let (blob, content) = blob(4 * GROUP_LEN, 1);
        let partial = store.partial(blob).await.unwrap();
        partial.put_tree(tree_of(&content)).await.unwrap();
        let mut bad = content.to_vec();
        bad[2 * GROUP_LEN + 5] ^= 1;
        assert_eq!(partial.put_groups(0, bad.into()).await, Err(StoreError::BadData));
        assert_eq!(partial.missing(0..4), [2..4]);
        let cut = |from: usize, to: usize| content.slice(from..to);
        assert_eq!(partial.put_groups(2, cut(2 * GROUP_LEN, 3 * GROUP_LEN - 1)).await, Err(StoreError::BadData), "not whole");
        assert_eq!(partial.put_groups(3, group(&content, 2)).await, Err(StoreError::BadData), "another one");
        assert_eq!(partial.put_groups(3, cut(2 * GROUP_LEN, 4 * GROUP_LEN)).await, Err(StoreError::BadData), "too many");
        assert_eq!(partial.put_groups(u32::MAX, group(&content, 2)).await, Err(StoreError::BadData));
        assert_eq!(partial.missing(0..4), [2..4]);
        assert!(partial.put_groups(2, groups(&content, 2, 4)).await.unwrap());
    }

    async fn a_lie_about_the_size_does_not_stop_the_true_blob(store: Store) {
        let (blob, content) = blob(40_000, 1);
        let liar = store.partial(BlobRef { size: 30_000, ..blob }).await.unwrap();
        assert_eq!(liar.put_tree(tree_of(&content[..30_000])).await, Err(StoreError::BadData));
        let partial = store.partial(blob).await.unwrap();
        partial.put_tree(tree_of(&content)).await.unwrap();
        assert!(partial.put_groups(0, content).await.unwrap());
        let huge = store.partial(BlobRef { size: u64::MAX, ..blob }).await;
        assert!(matches!(huge, Err(StoreError::Io(_))), "{huge:?}");
    }

    async fn a_partial_blob_that_was_let_go_is_gone_on_with(store: Store) {
        let (blob, content) = blob(4 * GROUP_LEN, 1);
        let partial = store.partial(blob).await.unwrap();
        partial.put_tree(tree_of(&content)).await.unwrap();
        partial.put_groups(1, groups(&content, 1, 3)).await.unwrap();
        drop(partial);
        let partial = store.partial(blob).await.unwrap();
        assert!(partial.has_tree());
        assert_eq!(partial.missing(0..4), [0..1, 3..4]);
    }

    async fn many_receivers_share_one_blob(store: Store) {
        let (blob, content) = blob(200 * GROUP_LEN + 1, 1);
        let values = tree_of(&content);
        let receive = |offset: usize| {
            let (store, content, values) = (store.clone(), content.clone(), values.clone());
            tokio::spawn(async move {
                let partial = store.partial(blob).await.unwrap();
                partial.put_tree(values).await.unwrap();
                let mut complete = false;
                for step in 0..=200 {
                    let at = (step + offset) % 201;
                    complete |= partial.put_groups(at as u32, group(&content, at)).await.unwrap();
                }
                complete
            })
        };
        let receivers: Vec<_> = [0, 50, 50, 120].into_iter().map(receive).collect();
        for receiver in receivers {
            assert!(receiver.await.unwrap());
        }
        assert_eq!(store.read_groups(blob, 0..201).await.unwrap(), content);
    }

    async fn a_complete_blob_has_nothing_left_to_receive(store: Store) {
        let (blob, content) = blob(40_000, 1);
        store.put_blob(blob, content.clone()).await.unwrap();
        let partial = store.partial(blob).await.unwrap();
        assert!(partial.has_tree());
        assert_eq!(partial.missing(0..3), []);
        assert!(partial.put_groups(0, group(&content, 0)).await.unwrap());
    }

    async fn one_content_under_two_extensions_is_held_once_and_found_twice(store: Store) {
        let (blob, content) = blob(40_000, 1);
        let material = BlobRef { kind: BlobKind::File(FileType::Mtrl), ..blob };
        store.put_blob(blob, content.clone()).await.unwrap();
        assert_eq!(store.read_blob(material).await.unwrap(), content);
        let path = store.materialise(material).await.unwrap();
        assert_eq!(path.extension().unwrap(), "mtrl");
        assert_eq!(std::fs::read(path).unwrap(), content);
        assert_eq!(store.materialise(blob).await.unwrap().extension().unwrap(), "tex");
        assert_eq!(store.evict(vec![blob.hash]).await, [blob.hash]);
        assert_eq!(store.materialise(material).await, Err(StoreError::NotHeld));
        assert_eq!(store.materialise(blob).await, Err(StoreError::NotHeld));
    }

    async fn held_blobs_are_not_evicted(store: Store) {
        let blobs: Vec<(BlobRef, Bytes)> = (0..3).map(|seed| blob(20_000, seed)).collect();
        for (blob, content) in &blobs {
            store.put_blob(*blob, content.clone()).await.unwrap();
        }
        let [one, two, three] = [blobs[0].0, blobs[1].0, blobs[2].0];
        store.hold(appearance(1), &[one, two]);
        store.hold(appearance(2), &[two]);
        let all = vec![one.hash, two.hash, three.hash];
        assert_eq!(store.evict(all.clone()).await, [three.hash]);
        assert_eq!(store.read_blob(three).await, Err(StoreError::NotHeld));
        store.release(&appearance(1));
        assert_eq!(store.evict(all.clone()).await, [one.hash, three.hash]);
        store.hold(appearance(2), &[]);
        assert_eq!(store.evict(all.clone()).await, all);
        assert_eq!(store.read_groups(two, 0..1).await, Err(StoreError::NotHeld));
        store.put_blob(two, blobs[1].1.clone()).await.unwrap();
        assert_eq!(store.read_blob(two).await.unwrap(), blobs[1].1, "an evicted blob may come back");
    }

    async fn an_appearance_names_its_blobs_and_no_others(store: Store) {
        let (one, two) = (blob(10, 1).0, blob(10, 2).0);
        store.hold(appearance(1), &[one]);
        assert_eq!(store.blob_of(&appearance(1), &one.hash), Some(one));
        assert_eq!(store.blob_of(&appearance(1), &two.hash), None);
        assert_eq!(store.blob_of(&appearance(2), &one.hash), None);
        store.release(&appearance(1));
        assert_eq!(store.blob_of(&appearance(1), &one.hash), None);
    }

    async fn ten_thousand_small_blobs_are_taken_read_and_listed(store: Store) {
        let blobs: Arc<Vec<(BlobRef, Bytes)>> = Arc::new((0..10_000).map(|seed| blob(512, seed)).collect());
        let takers: Vec<_> = (0..4).map(|part| {
            let (store, blobs) = (store.clone(), blobs.clone());
            tokio::spawn(async move {
                for (blob, content) in blobs.iter().skip(part).step_by(4) {
                    store.put_blob(*blob, content.clone()).await.unwrap();
                }
            })
        }).collect();
        for taker in takers {
            taker.await.unwrap();
        }
        store.checkpoint().await.unwrap();
        for (blob, content) in blobs.iter().step_by(100) {
            assert_eq!(store.read_blob(*blob).await.unwrap(), *content);
        }
        let listed: BTreeSet<BlobRef> = store.0.core.cache().list().into_iter().collect();
        assert_eq!(listed, blobs.iter().map(|(blob, _)| *blob).collect());
    }
}
