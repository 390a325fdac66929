//! What goes to the disk in one go: each task for it costs a change of threads, so what came together goes together.

use bytes::Bytes;

use crate::domain::{BlobHash, BlobRef};
use crate::engine::input::{FetchError, FetchId};
use crate::runtime::store::{Partial, Store, StoreError};

/// What is to be written to the disk in one go.
pub(super) enum Storing {
    Groups { hash: BlobHash, partial: Partial, groups: Vec<(u32, Bytes)> },
    Blobs(Vec<(BlobRef, Bytes)>),
}

impl Storing {
    /// The bytes that were kept, the blobs that are complete, and whether all went well.
    pub(super) async fn run(self, store: &Store) -> (u64, Vec<BlobHash>, Result<(), StoreError>) {
        match self {
            Self::Groups { hash, partial, groups } => {
                let (bytes, result) = partial.put_runs(groups).await;
                let complete = if result == Ok(true) { vec![hash] } else { Vec::new() };
                (bytes, complete, result.map(drop))
            }
            Self::Blobs(blobs) => {
                let (mut bytes, mut complete, mut result) = (0, Vec::new(), Ok(()));
                for (blob, stored) in store.put_blobs(blobs).await {
                    match stored {
                        Ok(()) => {
                            bytes += blob.size;
                            complete.push(blob.hash);
                        }
                        Err(error) => result = Err(error),
                    }
                }
                (bytes, complete, result)
            }
        }
    }
}

/// Puts groups to what is to be stored for an order: those of one order go to the disk together.
pub(super) fn add_groups(
    waiting: &mut Vec<(FetchId, Storing)>,
    fetch: FetchId,
    target: Option<&(BlobRef, Partial)>,
    run: (u32, Bytes),
) {
    let before = waiting.iter_mut().find_map(|(of, storing)| match storing {
        Storing::Groups { groups, .. } if *of == fetch => Some(groups),
        Storing::Groups { .. } | Storing::Blobs(_) => None,
    });
    if let Some(groups) = before {
        groups.push(run);
    } else if let Some((blob, partial)) = target {
        waiting.push((fetch, Storing::Groups { hash: blob.hash, partial: partial.clone(), groups: vec![run] }));
    }
}

/// Blobs that one task writes: so many that the tasks together have all that is taken at once.
const BLOBS_AT_ONCE: usize = 32;

/// The same for blobs: those of one order go in as few tasks as keep every processor busy.
pub(super) fn add_blobs(waiting: &mut Vec<(FetchId, Storing)>, fetch: FetchId, more: Vec<(BlobRef, Bytes)>) {
    let room = waiting.iter_mut().find_map(|(of, storing)| match storing {
        Storing::Blobs(blobs) if *of == fetch && blobs.len() < BLOBS_AT_ONCE => Some(blobs),
        Storing::Groups { .. } | Storing::Blobs(_) => None,
    });
    match room {
        Some(blobs) => blobs.extend(more),
        None => waiting.push((fetch, Storing::Blobs(more))),
    }
}

/// What the engine hears when the store does not take something.
pub(super) fn fetch_error(error: &StoreError) -> FetchError {
    match error {
        StoreError::BadData => FetchError::BadData,
        StoreError::Full | StoreError::Io(_) | StoreError::NotHeld | StoreError::Changed(_) => {
            FetchError::Disk(error.to_string())
        }
    }
}
