//! Writes the profile's files apart from the loop, one after the other.
//!
//! What is overtaken before its turn is never written, so that the newest is on the disk after two writes of each at most: a crash
//! costs no more than that. What could not be written (a full disk, a folder that may not be written to) is reported once, tried
//! again and again, and reported once more when it is written.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinHandle;
use tracing::{debug, info, warn};

use super::files::ProfileError;
use crate::engine::notice::Notice;

/// Between two attempts at what could not be written: soon enough for a person who has just made room.
const RETRY: Duration = Duration::from_secs(10);

/// A file that is written again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum File {
    Circle,
    Settings,
    History,
    Picture,
}

/// Writes a file; gives sentences that a person should hear. Called again if it fails.
pub(super) type Write = Box<dyn Fn() -> Result<Vec<String>, ProfileError> + Send + Sync>;

enum Work {
    Save(File, Write),
    After(Box<dyn FnOnce() + Send>),
}

/// The queue of files to be written.
#[derive(Debug)]
pub(super) struct Saver {
    work: mpsc::UnboundedSender<Work>,
    task: JoinHandle<()>,
}

impl Saver {
    pub(super) fn start(notices: broadcast::Sender<Notice>) -> Self {
        Self::retrying(notices, RETRY)
    }

    fn retrying(notices: broadcast::Sender<Notice>, retry: Duration) -> Self {
        // Not bounded: what waits is overtaken by what comes, and a loop that waited here would not answer anybody.
        let (work, todo) = mpsc::unbounded_channel();
        let writer = Writer { notices, retry, failed: BTreeMap::new() };
        Self { work, task: tokio::spawn(writer.run(todo)) }
    }

    /// Writes a file.
    pub(super) fn save(&self, file: File, write: Write) {
        let _ = self.work.send(Work::Save(file, write));
    }

    /// Does something once everything up to here is written, or could not be.
    pub(super) fn after(&self, act: impl FnOnce() + Send + 'static) {
        let _ = self.work.send(Work::After(Box::new(act)));
    }

    /// Writes what is left, tries once more what could not be written, and ends.
    pub(super) async fn finish(self) {
        drop(self.work);
        let _ = self.task.await;
    }
}

struct Writer {
    notices: broadcast::Sender<Notice>,
    retry: Duration,
    failed: BTreeMap<File, Write>,
}

impl Writer {
    async fn run(mut self, mut todo: mpsc::UnboundedReceiver<Work>) {
        let mut batch = Vec::new();
        loop {
            let heard = async {
                if self.failed.is_empty() {
                    Ok(todo.recv_many(&mut batch, usize::MAX).await)
                } else {
                    tokio::time::timeout(self.retry, todo.recv_many(&mut batch, usize::MAX)).await
                }
            };
            match heard.await {
                Ok(0) => break,
                Ok(_) => self.work_off(std::mem::take(&mut batch)).await,
                Err(_) => self.try_again().await,
            }
        }
        self.try_again().await;
    }

    async fn work_off(&mut self, batch: Vec<Work>) {
        let mut newest: BTreeMap<File, usize> = BTreeMap::new();
        for (at, work) in batch.iter().enumerate() {
            if let Work::Save(file, _) = work {
                newest.insert(*file, at);
            }
        }
        // Those who wait for what was overtaken wait for what overtook it.
        let mut waiting: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
        let last = newest.values().copied().max();
        for (at, work) in batch.into_iter().enumerate() {
            match work {
                Work::Save(file, write) if newest.get(&file) == Some(&at) => self.write(file, write).await,
                Work::Save(..) => {}
                Work::After(act) => waiting.push(act),
            }
            if last.is_none_or(|last| at >= last) {
                waiting.drain(..).for_each(|act| act());
            }
        }
    }

    async fn try_again(&mut self) {
        for (file, write) in std::mem::take(&mut self.failed) {
            self.failed.insert(file, Box::new(|| Ok(Vec::new())));
            self.write(file, write).await;
        }
    }

    /// Writes a file. Only a change is told: that it could not be written, and that it is.
    async fn write(&mut self, file: File, write: Write) {
        let failed_before = self.failed.remove(&file).is_some();
        let done = tokio::task::spawn_blocking(move || (write(), write)).await;
        match done {
            Ok((Ok(sentences), _)) => {
                sentences.into_iter().for_each(|text| self.tell(text));
                if failed_before {
                    info!("what could not be saved is saved");
                    self.tell("Saved after all.".to_owned());
                }
            }
            Ok((Err(error), write)) => {
                self.failed.insert(file, write);
                debug!(%error, "not saved");
                if !failed_before {
                    warn!("a change could not be saved; it is tried again");
                    self.tell(format!(
                        "Not saved: {error}. Check that the disk has room and may be written to; it is tried again by itself."
                    ));
                }
            }
            Err(error) => warn!(%error, "a file was not written"),
        }
    }

    fn tell(&self, text: String) {
        let _ = self.notices.send(Notice::Other { text });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn what_is_overtaken_is_not_written_and_the_newest_is_written_before_anybody_is_answered() {
        let (saver, _heard) = saver();
        let written = Arc::new(Mutex::new(Vec::new()));
        for n in 0..100 {
            let written = Arc::clone(&written);
            saver.save(File::Circle, Box::new(move || Ok(written.lock().map(|mut all| all.push(n)).map(|()| vec![]).unwrap())));
        }
        let (answer, answered) = tokio::sync::oneshot::channel();
        let seen = Arc::clone(&written);
        saver.after(move || answer.send(seen.lock().unwrap().last().copied()).unwrap());
        let last = tokio::time::timeout(PATIENCE, answered).await.unwrap().unwrap();
        assert_eq!(last, Some(99));
        assert!(written.lock().unwrap().len() <= 3, "{written:?}");
        saver.finish().await;
    }

    #[tokio::test]
    async fn a_full_disk_is_told_once_tried_again_and_told_once_when_it_is_over() {
        let (saver, mut heard) = saver();
        let (full, attempts) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let (is_full, counted) = (Arc::clone(&full), Arc::clone(&attempts));
        saver.save(
            File::Settings,
            Box::new(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                if is_full.load(Ordering::SeqCst) { Err(refused()) } else { Ok(vec![]) }
            }),
        );
        assert!(next(&mut heard).await.contains("disk has room"));
        let often = async {
            while attempts.load(Ordering::SeqCst) < 4 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, often).await.unwrap();
        full.store(false, Ordering::SeqCst);
        assert_eq!(next(&mut heard).await, "Saved after all.");
        saver.finish().await;
        assert!(attempts.load(Ordering::SeqCst) >= 4);
    }

    #[tokio::test]
    async fn what_fails_is_tried_once_more_at_the_end_and_answers_are_not_held_back() {
        let (saver, _heard) = saver();
        let attempts = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&attempts);
        saver.save(
            File::Circle,
            Box::new(move || {
                counted.fetch_add(1, Ordering::SeqCst);
                Err(refused())
            }),
        );
        let (answer, answered) = tokio::sync::oneshot::channel();
        saver.after(move || answer.send(()).unwrap());
        tokio::time::timeout(PATIENCE, answered).await.unwrap().unwrap();
        let before = attempts.load(Ordering::SeqCst);
        saver.finish().await;
        assert!(attempts.load(Ordering::SeqCst) > before);
    }

    fn saver() -> (Saver, broadcast::Receiver<Notice>) {
        let (notices, heard) = broadcast::channel(64);
        (Saver::retrying(notices, Duration::from_millis(1)), heard)
    }

    fn refused() -> ProfileError {
        ProfileError::Io { what: "cannot write", path: "x".into(), source: std::io::ErrorKind::StorageFull.into() }
    }

    async fn next(heard: &mut broadcast::Receiver<Notice>) -> String {
        let notice = tokio::time::timeout(PATIENCE, heard.recv()).await.unwrap().unwrap();
        let Notice::Other { text } = notice else { panic!("{notice:?}") };
        text
    }
}
