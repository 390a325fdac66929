//! The serving side: what the other side may have, and its requests in turn.
//!
//! A blob is served only under an appearance that the engine allows on this link, and only if the store holds it under that
//! very appearance. Requests take turns, one step of at most 256 KiB each
//! (1 MiB on a fast line), so that a long one does not hold up short ones; the next step is read while one is sent.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::Breach;
use super::requests::group_count;
use super::tally::Tally;
use crate::domain::{AppearanceId, BlobHash, BlobRef};
use crate::engine::input::Input;
use crate::runtime::Inputs;
use crate::runtime::link::hub::locked;
use crate::runtime::store::{Store, StoreError};
use crate::wire::GROUP;
use crate::wire::bulk::{Bulk, MAX_GROUPS, MAX_GROUPS_IN_MESSAGE, MAX_PACK, MAX_PACKED, PackedBlob};
use crate::wire::control::Refusal;

/// Requests of one link that may be open at once.
const MAX_REQUESTS: usize = 64;
/// Groups read at once: 256 KiB, so that a long request does not hold up short ones.
const GROUPS_READ: u32 = 16;
/// Groups read at once where the line is not what limits: 1 MiB. Each read costs a change of threads.
const GROUPS_READ_FAST: u32 = 64;
/// Packs read at once where the line is not what limits.
const PACKS_FAST: usize = 4;
/// Bytes of blobs in one pack, their indices and lengths included.
const PACK_BYTES: u64 = 64 << 10;
/// What stands before each blob in a pack.
const PACKED_HEAD: u64 = 6;
/// Chaining values in one message: 64 KiB.
const VALUES_IN_MESSAGE: usize = 2048;

/// What the other side of one link may fetch.
#[derive(Debug, Default)]
pub(crate) struct Permits(Mutex<HashMap<AppearanceId, Instant>>);

impl Permits {
    pub(crate) fn serve(&self, appearance: AppearanceId, until: Instant) {
        locked(&self.0).insert(appearance, until);
    }

    pub(crate) fn stop(&self, appearance: &AppearanceId) {
        locked(&self.0).remove(appearance);
    }

    fn check(&self, appearance: &AppearanceId, now: Instant) -> Result<(), Refusal> {
        match locked(&self.0).get(appearance) {
            None => Err(Refusal::NotHeld),
            Some(until) if *until <= now => Err(Refusal::NotGranted),
            Some(_) => Ok(()),
        }
    }
}

/// The open requests of one link.
pub(super) struct Server {
    store: Store,
    permits: Arc<Permits>,
    inputs: Inputs,
    served: Arc<Tally>,
    jobs: VecDeque<Job>,
    /// The request whose messages are being sent.
    sending: Option<u32>,
    ahead: Option<Ahead>,
    /// Requests that were asked and not cancelled.
    asked: u64,
}

struct Job {
    request: u32,
    appearance: AppearanceId,
    content: Content,
    /// Whether compressing gains a tenth, once it was tried.
    compresses: Option<bool>,
}

/// A message that may have to wait before it is sent.
pub(super) struct Waiting {
    request: u32,
    appearance: AppearanceId,
    pub(super) bytes: Bytes,
    /// Bytes of blobs in it.
    content: usize,
}

/// Groups that are read while what was read before them is sent: of the job whose turn is next.
struct Ahead {
    request: u32,
    groups: Range<u32>,
    reading: JoinHandle<Result<Bytes, Refusal>>,
}

enum Content {
    Pack(VecDeque<(u16, BlobRef)>),
    Tree { blob: BlobRef, next: usize },
    Groups { blob: BlobRef, next: u32, end: u32 },
}

/// A step of a job: messages, and whether that was all.
type Step = Result<(Vec<Bulk>, bool), Refusal>;

impl Server {
    pub(super) fn new(store: Store, permits: Arc<Permits>, inputs: Inputs, served: Arc<Tally>) -> Self {
        Self { store, permits, inputs, served, jobs: VecDeque::new(), sending: None, ahead: None, asked: 0 }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Takes a request; gives the refusal if it is not served.
    pub(super) fn take(&mut self, message: Bulk, now: Instant) -> Result<Option<Bytes>, Breach> {
        let (request, appearance) = match &message {
            Bulk::GetPack { request, appearance, .. }
            | Bulk::GetTree { request, appearance, .. }
            | Bulk::GetGroups { request, appearance, .. } => (*request, *appearance),
            Bulk::Cancel { request } => {
                // One that crosses its last answer is cancelled in vain; more cancels than requests are nothing but noise.
                self.asked = self.asked.checked_sub(1).ok_or(Breach("it cancels more than it asked for"))?;
                self.drop_request(*request);
                return Ok(None);
            }
            Bulk::Pack { .. } | Bulk::Tree { .. } | Bulk::Groups { .. } | Bulk::Refused { .. } => return Ok(None),
        };
        if self.jobs.len() >= MAX_REQUESTS {
            return Err(Breach("it asks for more at once than may be open"));
        }
        if self.jobs.iter().any(|job| job.request == request) {
            return Err(Breach("a request with a number that is in use"));
        }
        self.asked = self.asked.saturating_add(1);
        match self.content_of(message, now) {
            Ok(content) => {
                self.jobs.push_back(Job { request, appearance, content, compresses: None });
                Ok(None)
            }
            Err(refusal) => Ok(Some(Bulk::Refused { request, refusal }.encode(false))),
        }
    }

    /// The next messages of the job whose turn it is, each to be [released](Self::release) when it can go. `slow` says that the
    /// line is what limits.
    pub(super) async fn next(&mut self, slow: bool, now: Instant) -> Vec<Waiting> {
        let Some(mut job) = self.jobs.pop_front() else { return Vec::new() };
        let step = match self.permits.check(&job.appearance, now) {
            Ok(()) => self.step(&mut job, slow).await,
            Err(refusal) => Err(refusal),
        };
        let (request, appearance) = (job.request, job.appearance);
        self.sending = Some(request);
        let waiting = |bytes, content| Waiting { request, appearance, bytes, content };
        let messages = match step {
            Ok((messages, done)) => {
                let encoded = messages.iter().map(|message| waiting(job.encode(message, slow), blob_bytes(message))).collect();
                if !done {
                    self.jobs.push_back(job);
                }
                encoded
            }
            Err(refusal) => vec![waiting(Bulk::Refused { request, refusal }.encode(false), 0)],
        };
        self.read_ahead(slow);
        messages
    }

    /// What is sent in place of a message that has waited: nothing if its request was cancelled meanwhile, a refusal if the other
    /// side may no longer have what is in it.
    pub(super) fn release(&mut self, message: Waiting, now: Instant) -> Option<Bytes> {
        let Waiting { request, appearance, bytes, content } = message;
        if self.sending != Some(request) {
            return None;
        }
        match self.permits.check(&appearance, now) {
            Err(refusal) if content > 0 => {
                self.drop_request(request);
                Some(Bulk::Refused { request, refusal }.encode(false))
            }
            Ok(()) | Err(_) => {
                self.served.count(appearance, content);
                Some(bytes)
            }
        }
    }

    /// Forgets a request, and what was read for it.
    fn drop_request(&mut self, request: u32) {
        self.sending = self.sending.filter(|sending| *sending != request);
        self.jobs.retain(|job| job.request != request);
        self.ahead = self.ahead.take().filter(|ahead| ahead.request != request);
    }

    fn content_of(&self, message: Bulk, now: Instant) -> Result<Content, Refusal> {
        match message {
            Bulk::GetPack { appearance, hashes, .. } => {
                self.permits.check(&appearance, now)?;
                self.pack_of(&appearance, &hashes)
            }
            Bulk::GetTree { appearance, hash, .. } => {
                let blob = self.blob_of(&appearance, &hash, now)?;
                if group_count(&blob) > 1 { Ok(Content::Tree { blob, next: 0 }) } else { Err(Refusal::BadRequest) }
            }
            Bulk::GetGroups { appearance, hash, first, count, .. } => {
                let blob = self.blob_of(&appearance, &hash, now)?;
                let end = first.checked_add(count).filter(|end| *end <= group_count(&blob)).ok_or(Refusal::BadRequest)?;
                let allowed = (1..=MAX_GROUPS).contains(&count);
                if allowed { Ok(Content::Groups { blob, next: first, end }) } else { Err(Refusal::BadRequest) }
            }
            Bulk::Cancel { .. } | Bulk::Pack { .. } | Bulk::Tree { .. } | Bulk::Groups { .. } | Bulk::Refused { .. } => {
                Err(Refusal::BadRequest)
            }
        }
    }

    fn blob_of(&self, appearance: &AppearanceId, hash: &BlobHash, now: Instant) -> Result<BlobRef, Refusal> {
        self.permits.check(appearance, now)?;
        self.store.blob_of(appearance, hash).ok_or(Refusal::NotHeld)
    }

    /// The blobs of a pack that are held; the others are left out of the answer.
    fn pack_of(&self, appearance: &AppearanceId, hashes: &[BlobHash]) -> Result<Content, Refusal> {
        let numbered = (0..u16::MAX).zip(hashes);
        let blobs: VecDeque<(u16, BlobRef)> =
            numbered.filter_map(|(index, hash)| Some((index, self.store.blob_of(appearance, hash)?))).collect();
        let allowed = hashes.len() <= MAX_PACK && blobs.iter().all(|(_, blob)| blob.size <= MAX_PACKED);
        if allowed { Ok(Content::Pack(blobs)) } else { Err(Refusal::BadRequest) }
    }

    async fn step(&mut self, job: &mut Job, slow: bool) -> Step {
        match &mut job.content {
            Content::Pack(blobs) => Ok(self.pack_step(job.request, blobs, if slow { 1 } else { PACKS_FAST }).await),
            Content::Tree { blob, next } => self.tree_step(job.request, *blob, next).await,
            Content::Groups { blob, next, end } => self.groups_step(job.request, *blob, next, *end, slow).await,
        }
    }

    async fn pack_step(&self, request: u32, waiting: &mut VecDeque<(u16, BlobRef)>, most: usize) -> (Vec<Bulk>, bool) {
        let packs: Vec<_> = std::iter::from_fn(|| next_pack(waiting)).take(most).collect();
        let done = waiting.is_empty();
        let mut read = self.store.read_blobs(packs.iter().flatten().map(|(_, blob)| *blob).collect()).await.into_iter();
        let mut messages = Vec::with_capacity(packs.len());
        for (number, pack) in packs.iter().enumerate() {
            let mut blobs = Vec::with_capacity(pack.len());
            for ((index, _), read) in pack.iter().zip(&mut read) {
                match read {
                    Ok(content) => blobs.push(PackedBlob { index: *index, content }),
                    Err(error) => drop(refusal(&self.inputs, error).await),
                }
            }
            let last = done && number + 1 == packs.len();
            if last || !blobs.is_empty() {
                messages.push(Bulk::Pack { request, last, blobs });
            }
        }
        if packs.is_empty() {
            messages.push(Bulk::Pack { request, last: true, blobs: Vec::new() });
        }
        (messages, done)
    }

    async fn tree_step(&self, request: u32, blob: BlobRef, next: &mut usize) -> Step {
        let tree = match self.store.tree(blob).await {
            Ok(tree) => tree,
            Err(error) => return Err(refusal(&self.inputs, error).await),
        };
        let end = (*next + VALUES_IN_MESSAGE).min(tree.len());
        let values = tree.get(*next..end).unwrap_or_default().to_vec();
        let first = u32::try_from(*next).unwrap_or(u32::MAX);
        *next = end;
        let last = end >= tree.len();
        Ok((vec![Bulk::Tree { request, first, last, values }], last))
    }

    async fn groups_step(&mut self, request: u32, blob: BlobRef, next: &mut u32, end: u32, slow: bool) -> Step {
        let (until, read) = match self.ahead.take_if(|ahead| ahead.request == request && ahead.groups.start == *next) {
            Some(Ahead { groups, reading, .. }) => (groups.end, reading.await.unwrap_or(Err(Refusal::Unreadable))),
            None => {
                let until = groups_at_once(*next, end, slow);
                (until, read_groups(&self.store, &self.inputs, blob, *next..until).await)
            }
        };
        let mut content = read?;
        let in_message = MAX_GROUPS_IN_MESSAGE as usize * GROUP as usize;
        let mut messages = Vec::new();
        while *next < until {
            let part = content.split_to(in_message.min(content.len()));
            messages.push(Bulk::Groups { request, first: *next, content: part });
            *next = next.saturating_add(MAX_GROUPS_IN_MESSAGE).min(until);
        }
        Ok((messages, until == end))
    }

    /// Begins to read what the next job in turn will want.
    fn read_ahead(&mut self, slow: bool) {
        let Some(Job { request, content: Content::Groups { blob, next, end }, .. }) = self.jobs.front() else {
            self.ahead = None;
            return;
        };
        let (request, blob, groups) = (*request, *blob, *next..groups_at_once(*next, *end, slow));
        if self.ahead.as_ref().is_some_and(|ahead| ahead.request == request && ahead.groups.start == groups.start) {
            return;
        }
        let (store, inputs, wanted) = (self.store.clone(), self.inputs.clone(), groups.clone());
        let reading = tokio::spawn(async move { read_groups(&store, &inputs, blob, wanted).await });
        self.ahead = Some(Ahead { request, groups, reading });
    }
}

/// Reads groups; what cannot be read is told the engine even if nobody waits for them any more.
async fn read_groups(store: &Store, inputs: &Inputs, blob: BlobRef, groups: Range<u32>) -> Result<Bytes, Refusal> {
    match store.read_groups(blob, groups).await {
        Ok(content) => Ok(content),
        Err(error) => Err(refusal(inputs, error).await),
    }
}

/// What to answer when the store cannot give something. The engine hears of own files that have changed.
async fn refusal(inputs: &Inputs, error: StoreError) -> Refusal {
    match error {
        StoreError::NotHeld => Refusal::NotHeld,
        StoreError::Changed(blob) => {
            inputs.send(Input::OwnFileChanged { blob }).await;
            Refusal::Changed
        }
        StoreError::BadData | StoreError::Full | StoreError::Io(_) => {
            tracing::debug!(%error, "a blob cannot be read");
            Refusal::Unreadable
        }
    }
}

/// Takes what fits into one pack; `None` if nothing is left.
fn next_pack(waiting: &mut VecDeque<(u16, BlobRef)>) -> Option<Vec<(u16, BlobRef)>> {
    let (mut room, mut pack) = (PACK_BYTES, Vec::new());
    while let Some((index, blob)) = waiting.pop_front_if(|(_, blob)| blob.size + PACKED_HEAD <= room) {
        room -= blob.size + PACKED_HEAD;
        pack.push((index, blob));
    }
    (!pack.is_empty()).then_some(pack)
}

/// Where a read that begins here ends.
fn groups_at_once(first: u32, end: u32, slow: bool) -> u32 {
    first.saturating_add(if slow { GROUPS_READ } else { GROUPS_READ_FAST }).min(end)
}

impl Job {
    /// Compresses where a probe of this request gained a tenth, and the line is what limits.
    fn encode(&mut self, message: &Bulk, slow: bool) -> Bytes {
        if !slow || self.compresses == Some(false) || matches!(self.content, Content::Tree { .. }) {
            return message.encode(false);
        }
        let encoded = message.encode(true);
        if self.compresses.is_none() {
            let plain = content_length(message);
            self.compresses = Some(encoded.len() * 10 <= plain * 9);
        }
        encoded
    }
}

fn content_length(message: &Bulk) -> usize {
    if let Bulk::Tree { values, .. } = message { values.len() * 32 } else { blob_bytes(message) }
}

fn blob_bytes(message: &Bulk) -> usize {
    match message {
        Bulk::Pack { blobs, .. } => blobs.iter().map(|blob| blob.content.len()).sum(),
        Bulk::Groups { content, .. } => content.len(),
        Bulk::Tree { .. }
        | Bulk::GetPack { .. }
        | Bulk::GetTree { .. }
        | Bulk::GetGroups { .. }
        | Bulk::Cancel { .. }
        | Bulk::Refused { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BlobKind;
    use crate::engine::output::FileToHash;

    const APPEARANCE: AppearanceId = AppearanceId::from_bytes([1; 32]);

    #[tokio::test]
    async fn what_was_read_is_not_sent_once_it_may_not_be_had_any_more() {
        let (mut server, permits, blob, now) = serving(2 << 20).await;
        ask(&mut server, 5, &blob, now);
        let mut messages = server.next(false, now).await;
        assert!(messages.len() > 1 && !server.is_idle(), "there is more to come");
        let rest = messages.split_off(1);
        for message in messages {
            assert!(matches!(decoded(server.release(message, now)), Some(Bulk::Groups { request: 5, .. })));
        }
        permits.stop(&APPEARANCE);
        let mut released = rest.into_iter().map(|message| server.release(message, now));
        let refused = decoded(released.next().unwrap());
        assert_eq!(refused, Some(Bulk::Refused { request: 5, refusal: Refusal::NotHeld }));
        assert!(released.all(|message| message.is_none()), "the request has ended");
        assert!(server.is_idle() && server.ahead.is_none());
    }

    #[tokio::test]
    async fn what_was_read_for_a_request_is_let_go_when_it_is_cancelled() {
        let (mut server, _, blob, now) = serving(2 << 20).await;
        ask(&mut server, 5, &blob, now);
        let messages = server.next(false, now).await;
        assert!(server.ahead.is_some());
        assert_eq!(server.take(Bulk::Cancel { request: 5 }, now), Ok(None));
        assert!(messages.into_iter().all(|message| server.release(message, now).is_none()));
        assert!(server.is_idle() && server.ahead.is_none());
    }

    #[tokio::test]
    async fn an_own_file_that_changed_is_told_even_if_nobody_waits_for_what_was_read_ahead() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body.tex");
        std::fs::write(&path, vec![7; 2 << 20]).unwrap();
        let store = Store::memory();
        let file = FileToHash { path: path.clone(), file_type: crate::domain::FileType::Tex };
        let hashed = store.hash_files(vec![folder.path().to_owned()], vec![file]).await;
        let blob = hashed[0].result.as_ref().unwrap().blob;
        let (inputs, mut told) = Inputs::channel(8);
        let (mut server, _, now) = server(store, inputs, blob);
        ask(&mut server, 1, &blob, now);
        server.next(true, now).await;
        std::fs::write(&path, vec![8; 2 << 20]).unwrap();
        server.ahead = None;
        server.read_ahead(true);
        server.take(Bulk::Cancel { request: 1 }, now).unwrap();
        assert!(matches!(told.recv().await.unwrap(), Input::OwnFileChanged { blob: changed } if changed == blob.hash));
    }

    async fn serving(size: usize) -> (Server, Arc<Permits>, BlobRef, Instant) {
        let content: Bytes = (0..size).map(|at| (at / 1000) as u8).collect::<Vec<_>>().into();
        let blob = BlobRef { hash: BlobHash::of(&content), size: size as u64, kind: BlobKind::Text };
        let store = Store::memory();
        store.put_blob(blob, content).await.unwrap();
        let (server, permits, now) = server(store, Inputs::channel(8).0, blob);
        (server, permits, blob, now)
    }

    fn server(store: Store, inputs: Inputs, blob: BlobRef) -> (Server, Arc<Permits>, Instant) {
        let (permits, now) = (Arc::<Permits>::default(), Instant::now());
        store.hold(APPEARANCE, &[blob]);
        permits.serve(APPEARANCE, now + std::time::Duration::from_secs(60));
        (Server::new(store, Arc::clone(&permits), inputs, Arc::default()), permits, now)
    }

    fn ask(server: &mut Server, request: u32, blob: &BlobRef, now: Instant) {
        let (hash, count) = (blob.hash, group_count(blob));
        let asked = Bulk::GetGroups { request, appearance: APPEARANCE, hash, first: 0, count };
        assert_eq!(server.take(asked, now), Ok(None));
    }

    fn decoded(bytes: Option<Bytes>) -> Option<Bulk> {
        bytes.map(|bytes| Bulk::decode(&bytes).unwrap())
    }
}
