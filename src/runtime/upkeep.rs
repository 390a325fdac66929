//! Has the whole cache checked or moved, apart from everything else, and reports.
#![allow(clippy::disallowed_methods, reason = "how often progress is told is a question to the clock")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Inputs;
use super::files::Profile;
use super::store::{Moved, Store, Verified};
use crate::engine::input::{Input, MaintenanceEvent};
use crate::engine::maintenance::{Chore, Part};
use crate::engine::snapshot::Extent;

/// How often the disk's free space is looked at.
const LOOK_AT_DISK: Duration = Duration::from_secs(30);
/// A change of free space that is worth telling.
const MUCH: u64 = 64 << 20;
/// At most four reports a second.
const REPORT: Duration = Duration::from_millis(250);

/// What is done with the whole cache, one thing at a time.
#[derive(Debug)]
pub(super) struct Upkeep {
    store: Store,
    inputs: Inputs,
    stop: Arc<AtomicBool>,
    task: Option<JoinHandle<()>>,
}

impl Upkeep {
    pub(super) fn new(store: Store, inputs: Inputs) -> Self {
        Self { store, inputs, stop: Arc::default(), task: None }
    }

    /// Begins. The engine orders nothing while something is under way.
    pub(super) fn start(&mut self, chore: Chore) {
        self.stop = Arc::default();
        let (store, inputs, stop, handle) = (self.store.clone(), self.inputs.clone(), self.stop.clone(), Handle::current());
        self.task = Some(tokio::task::spawn_blocking(move || {
            let say = |input| handle.block_on(inputs.send(input));
            work(&store, chore, &stop, &say);
        }));
    }

    /// Has it stop soon.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Stops and waits for the end: a move that is not over leaves nothing behind.
    pub(super) async fn finish(self) {
        self.stop();
        if let Some(task) = self.task {
            let _ = task.await;
        }
    }
}

/// Tells the engine where the cache lies and how much room there is: now, and again when that has changed by much, until it ends.
pub(super) async fn watch_disk(store: Store, inputs: Inputs) {
    let mut told = None::<(PathBuf, u64)>;
    let mut look = tokio::time::interval(LOOK_AT_DISK);
    loop {
        look.tick().await;
        let of = store.clone();
        let Ok(Some((folder, free))) = tokio::task::spawn_blocking(move || room(&of)).await else { continue };
        let news = told.as_ref().is_none_or(|(before, was)| *before != folder || free.abs_diff(*was) >= MUCH);
        if news {
            told = Some((folder.clone(), free));
            inputs.send(Input::Disk { folder, free }).await;
        }
    }
}

/// Where the cache lies, and its disk's free bytes. `None` if it lies in memory, or the disk does not tell.
fn room(store: &Store) -> Option<(PathBuf, u64)> {
    let folder = store.folder()?;
    let free = fs4::available_space(&folder).ok()?;
    Some((folder, free))
}

/// Removes the folder from which the cache has moved, if the saved settings name the new one; else that is for the next start.
pub(super) async fn leave_old_folder(store: Store, profile: Arc<Profile>, inputs: Inputs) {
    let text = match store.folder() {
        Some(folder) if is_saved(&profile, &folder).await => {
            let folder = folder.display();
            match store.remove_old().await {
                0 => format!("The cache lies in {folder}."),
                left => format!(
                    "The cache lies in {folder}. {left} files of its old folder are held by another program; they are removed at the next start."
                ),
            }
        }
        _ => "The cache has moved, but that could not be saved in the settings: make room on the profile's disk. Nothing is lost, and the old folder is removed at the next start.".to_owned(),
    };
    inputs.send(Input::Maintenance(MaintenanceEvent::Ended { text })).await;
}

async fn is_saved(profile: &Arc<Profile>, folder: &Path) -> bool {
    let (profile, folder) = (Arc::clone(profile), folder.to_owned());
    let saved =
        tokio::task::spawn_blocking(move || profile.load_settings().is_ok_and(|saved| saved.value.cache_folder == Some(folder)));
    saved.await.unwrap_or(false)
}

fn work(store: &Store, chore: Chore, stop: &AtomicBool, say: &dyn Fn(Input)) {
    let told = std::cell::Cell::new(None::<Instant>);
    let report = |done: Extent, total: Extent| {
        if told.get().is_none_or(|told| told.elapsed() >= REPORT) {
            told.set(Some(Instant::now()));
            say(Input::Maintenance(MaintenanceEvent::Progress { done, total }));
        }
        !stop.load(Ordering::Relaxed)
    };
    let event = match chore {
        Chore::Verify(part) => MaintenanceEvent::Ended { text: verify(store, part.as_ref(), &report, say) },
        Chore::Move { folder, forbidden } => relocate(store, (&folder, &forbidden), &report, say),
    };
    let found = store.take_found();
    if !found.is_empty() {
        say(Input::CacheLoaded(store.with_use(found)));
    }
    say(Input::Maintenance(event));
}

fn verify(store: &Store, part: Option<&Part>, report: &dyn Fn(Extent, Extent) -> bool, say: &dyn Fn(Input)) -> String {
    match store.verify(part.map(|part| &part.blobs), report) {
        Ok(Some(verified)) => {
            say(Input::CacheLost(verified.lost.clone()));
            in_words(part.map(|part| part.called.as_str()), &verified)
        }
        Ok(None) => "The check of the cache was ended.".to_owned(),
        Err(error) => format!("The cache could not be checked: {error}."),
    }
}

fn relocate(
    store: &Store,
    (folder, forbidden): (&Path, &[PathBuf]),
    report: &dyn Fn(Extent, Extent) -> bool,
    say: &dyn Fn(Input),
) -> MaintenanceEvent {
    match store.relocate(folder, forbidden, report) {
        Ok(Some(Moved { folder, lost, .. })) => {
            say(Input::CacheLost(lost));
            MaintenanceEvent::Moved { folder }
        }
        Ok(None) => MaintenanceEvent::Ended { text: "The move of the cache was ended: it lies where it was.".to_owned() },
        Err(error) => MaintenanceEvent::Ended { text: format!("The cache was not moved, and lies where it was: {error}.") },
    }
}

fn in_words(whose: Option<&str>, verified: &Verified) -> String {
    let Verified { checked, wrong, unreadable, .. } = verified;
    let what = whose.map_or_else(|| "The cache was".to_owned(), |whose| format!("The looks of {whose} were"));
    let mut text = format!("{what} checked: {} files, {} MiB", checked.files, checked.bytes >> 20);
    if *wrong > 0 {
        text += &format!("; {wrong} were damaged or gone, and are fetched again when they are needed");
    }
    if *unreadable > 0 {
        text += &format!("; {unreadable} could not be read: end the program that holds them, or look whether the disk is sound");
    }
    if *wrong == 0 && *unreadable == 0 {
        text += ", all as they should be";
    }
    text + "."
}
