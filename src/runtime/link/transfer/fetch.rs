//! The fetching side: carries out the engine's orders over one link.
//!
//! An order becomes requests of at most 1 MiB, of which at most 4 MiB are open at a time; orders take turns. What the store
//! has is not asked for. A blob's tree comes first, once, for whichever orders wait for it. The store checks every group
//! before it counts, and this task waits for it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::order::{Order, packs, pieces};
use super::requests::{Asked, Owner, Piece, Reply, Request, group_count};
use super::storing::{Storing, add_blobs, add_groups, fetch_error};
use super::{Answer, Breach, End, request_of};
use crate::domain::{AppearanceId, BlobHash, BlobRef};
use crate::engine::input::{FetchError, FetchEvent, FetchId, Input};
use crate::engine::output::FetchWork;
use crate::runtime::Inputs;
use crate::runtime::link::limit::{Gates, Turn, sleep_until};
use crate::runtime::store::Store;
use crate::wire::GROUP;
use crate::wire::bulk::Bulk;
use crate::wire::control::Refusal;

/// Bytes asked for over one link and not yet here.
pub(super) const IN_FLIGHT: u64 = 4 << 20;
/// Requests open at once; the other side allows 64.
const MAX_OPEN: usize = 32;
/// Requests given up whose last answers may still come; beyond this the oldest are forgotten.
const GIVEN_UP: usize = 1024;
/// Answers that are taken together: what came while the last ones were being stored. Each task for the disk costs a change of
/// threads, and one for each message of 64 KiB would cost more than the message.
const TAKEN_AT_ONCE: usize = 16;
/// Tasks for the disk at once.
const STORED_AT_ONCE: usize = 4;
/// What is asked for is answered piece by piece. Without a piece for this long (a line of 1 KiB/s brings one each minute) the
/// other side does not serve, and what it holds of the budget is for others.
const PATIENCE: Duration = Duration::from_secs(90);
/// At most four reports a second.
const REPORT: Duration = Duration::from_millis(250);

/// What the link's actor tells the fetcher.
#[derive(Debug)]
pub(crate) enum FetchCommand {
    /// Fetch this.
    Order(FetchId, AppearanceId, FetchWork),
    /// No longer wanted.
    Cancel(FetchId),
}

/// Fetches over one link.
pub(crate) struct Fetcher {
    store: Store,
    inputs: Inputs,
    budget: Arc<Semaphore>,
    commands: mpsc::Receiver<FetchCommand>,
    answers: mpsc::Receiver<Answer>,
    out: mpsc::Sender<Bytes>,
    orders: HashMap<FetchId, Order>,
    /// Orders that have something to ask for, in turn.
    ready: VecDeque<FetchId>,
    /// Orders that wait for a tree.
    trees: HashMap<BlobHash, Vec<FetchId>>,
    /// Trees that are yet to be asked for.
    unasked: VecDeque<(AppearanceId, BlobRef)>,
    requests: HashMap<u32, Request>,
    given_up: VecDeque<u32>,
    last_request: u32,
    in_flight: u64,
    /// Permits that the budget of all links lacked for the next request.
    lacking: Option<u32>,
    gates: Arc<Gates>,
    /// What the next request waits for under a limit.
    turn: Option<Turn>,
    /// When that turn comes, as far as is known.
    due: Option<Instant>,
    limited: bool,
    /// When the last answer came, or the first of the open requests left.
    heard: Instant,
    /// How long an answer is waited for.
    patience: Duration,
}

impl Fetcher {
    pub(super) fn new(
        store: Store,
        inputs: Inputs,
        budget: Arc<Semaphore>,
        commands: mpsc::Receiver<FetchCommand>,
        answers: mpsc::Receiver<Answer>,
        out: mpsc::Sender<Bytes>,
        gates: Arc<Gates>,
    ) -> Self {
        Self {
            store,
            inputs,
            budget,
            commands,
            answers,
            out,
            orders: HashMap::new(),
            ready: VecDeque::new(),
            trees: HashMap::new(),
            unasked: VecDeque::new(),
            requests: HashMap::new(),
            given_up: VecDeque::new(),
            last_request: 0,
            in_flight: 0,
            lacking: None,
            limited: gates.down.rate().is_some(),
            gates,
            turn: None,
            due: None,
            heard: Instant::now(),
            patience: PATIENCE,
        }
    }

    /// Works until the commands end. If the other side breaks the protocol, says so at once and fails what comes after.
    pub(crate) async fn run(mut self, ends: mpsc::Sender<End>) {
        if let Err(end) = self.work().await {
            let _ = ends.try_send(end);
        }
        self.requests.clear();
        for (fetch, order) in std::mem::take(&mut self.orders) {
            self.report_failed(fetch, order.unreported, FetchError::LinkLost).await;
        }
        while let Some(command) = self.commands.recv().await {
            if let FetchCommand::Order(fetch, ..) = command {
                self.report(fetch, FetchEvent::Failed(FetchError::LinkLost)).await;
            }
        }
    }

    async fn work(&mut self) -> Result<(), End> {
        let budget = Arc::clone(&self.budget);
        let mut changes = self.gates.changes();
        let mut answering = true;
        let mut taken = Vec::with_capacity(TAKEN_AT_ONCE);
        loop {
            self.ask_more()?;
            let silent_at = self.heard + self.patience;
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(FetchCommand::Order(fetch, appearance, work)) => self.begin(fetch, appearance, work).await?,
                    Some(FetchCommand::Cancel(fetch)) => self.drop_order(fetch)?,
                    None => return Ok(()),
                },
                count = self.answers.recv_many(&mut taken, TAKEN_AT_ONCE), if answering => {
                    answering = count > 0;
                    self.take_all(taken.drain(..)).await?;
                    self.heard = Instant::now();
                }
                // Whoever had it has given it back: try again.
                _ = budget.acquire_many(self.lacking.unwrap_or_default()), if self.lacking.is_some() => {}
                () = sleep_until(self.due), if self.due.is_some() => {}
                Ok(()) = changes.changed() => self.rate_changed(),
                () = tokio::time::sleep_until(silent_at.into()), if self.is_waiting() => {
                    // What came while this task was busy with the disk is no silence.
                    if self.answers.is_empty() {
                        return Err(End::Failed("the other side does not answer what it is asked".to_owned()));
                    }
                }
            }
        }
    }

    /// What waits begins anew under the new rate, and what is on its way counts for a limit that begins.
    fn rate_changed(&mut self) {
        if let Some(turn) = self.turn.take() {
            self.gates.down.abandon(&turn);
        }
        let limited = self.gates.down.rate().is_some();
        if limited && !self.limited {
            self.gates.down.owe(self.in_flight, Instant::now());
        }
        self.limited = limited;
    }

    /// Whether a request may leave under the limit, and the most that it may ask for.
    fn take_turn(&mut self) -> Option<u64> {
        let Some(rate) = self.gates.down.rate() else { return Some(u64::MAX) };
        let turn = self.turn.get_or_insert_with(|| Turn::of_answer(rate));
        self.due = self.gates.down.due(turn, Instant::now());
        self.due.is_none().then_some(turn.bytes())
    }

    /// Whether an answer is still wanted.
    fn is_waiting(&self) -> bool {
        self.requests.len() > self.given_up.len()
    }

    async fn begin(&mut self, fetch: FetchId, appearance: AppearanceId, work: FetchWork) -> Result<(), End> {
        let mut order = Order::new(appearance);
        match work {
            FetchWork::Pack(blobs) => {
                let held: HashSet<BlobRef> = self.store.held(blobs.clone()).await.into_iter().collect();
                order.complete.extend(held.iter().map(|blob| blob.hash));
                order.todo = packs(blobs.into_iter().filter(|blob| !held.contains(blob)).collect());
                self.orders.insert(fetch, order);
                self.ready.push_back(fetch);
                self.finish_if_done(fetch).await;
                Ok(())
            }
            FetchWork::Groups { blob, groups } => match self.store.partial(blob).await {
                Ok(partial) => {
                    order.groups = groups.start..groups.end.min(group_count(&blob));
                    order.target = Some((blob, partial));
                    self.orders.insert(fetch, order);
                    self.begin_groups(fetch, blob).await
                }
                Err(error) => {
                    self.report(fetch, FetchEvent::Failed(fetch_error(&error))).await;
                    Ok(())
                }
            },
        }
    }

    /// Plans the order, once the tree is here.
    async fn begin_groups(&mut self, fetch: FetchId, blob: BlobRef) -> Result<(), End> {
        let Some(order) = self.orders.get_mut(&fetch) else { return Ok(()) };
        if order.target.as_ref().is_some_and(|(_, partial)| partial.has_tree()) {
            self.plan(fetch).await;
            return Ok(());
        }
        let appearance = order.appearance;
        let waiting = self.trees.entry(blob.hash).or_default();
        waiting.push(fetch);
        if waiting.len() == 1 {
            self.unasked.push_back((appearance, blob));
        }
        Ok(())
    }

    /// Sends requests for trees, as many as may be open: without them nothing can be asked for.
    fn ask_for_trees(&mut self) -> Result<(), End> {
        while self.requests.len() < MAX_OPEN + self.given_up.len() {
            let Some((appearance, blob)) = self.unasked.pop_front() else { return Ok(()) };
            if !self.trees.contains_key(&blob.hash) {
                continue; // nobody wants it any more
            }
            let request = self.next_request();
            let asked = Asked::Tree { count: group_count(&blob) as usize, values: Vec::new() };
            let message = Bulk::GetTree { request, appearance, hash: blob.hash };
            self.send(request, asked, Owner::Tree(blob.hash), &message, None)?;
        }
        Ok(())
    }

    async fn plan(&mut self, fetch: FetchId) {
        let Some(order) = self.orders.get_mut(&fetch) else { return };
        let Some((blob, partial)) = &order.target else { return };
        let missing = partial.missing(order.groups.clone());
        order.todo = missing.into_iter().flat_map(|range| pieces(*blob, range)).collect();
        if partial.missing(0..group_count(blob)).is_empty() {
            order.complete.push(blob.hash);
        }
        self.ready.push_back(fetch);
        self.finish_if_done(fetch).await;
    }

    /// Sends requests, order by order, as long as there is room for their answers.
    fn ask_more(&mut self) -> Result<(), End> {
        self.ask_for_trees()?;
        (self.lacking, self.due) = (None, None);
        while self.requests.len() < MAX_OPEN + self.given_up.len() {
            if self.ready.is_empty() {
                return Ok(());
            }
            let Some(most) = self.take_turn() else { return Ok(()) };
            let Some(fetch) = self.ready.pop_front() else { return Ok(()) };
            let Some((order, ask)) = self.orders.get_mut(&fetch).and_then(|order| {
                let mut ask = order.todo.pop_front()?;
                if let Some(rest) = ask.cut(most) {
                    order.todo.push_front(rest);
                }
                Some((order, ask))
            }) else {
                continue;
            };
            let weight = ask.weight();
            let units = u32::try_from(weight.div_ceil(GROUP)).unwrap_or(u32::MAX);
            let room = self.in_flight == 0 || self.in_flight + weight <= IN_FLIGHT;
            let permit = if room { Arc::clone(&self.budget).try_acquire_many_owned(units).ok() } else { None };
            let Some(permit) = permit else {
                order.todo.push_front(ask);
                self.ready.push_front(fetch);
                self.lacking = room.then_some(units);
                return Ok(());
            };
            if let Some(turn) = self.turn.take() {
                self.gates.down.give_back(turn.bytes().saturating_sub(weight));
            }
            order.open += 1;
            if !order.todo.is_empty() {
                self.ready.push_back(fetch);
            }
            let appearance = order.appearance;
            let request = self.next_request();
            let (asked, message) = ask.into_request(request, appearance);
            self.send(request, asked, Owner::Order(fetch), &message, Some(permit))?;
        }
        Ok(())
    }

    fn send(
        &mut self,
        request: u32,
        asked: Asked,
        owner: Owner,
        message: &Bulk,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<(), End> {
        let weight = if permit.is_some() { asked.remaining() } else { 0 };
        if !self.is_waiting() {
            self.heard = Instant::now();
        }
        self.in_flight += weight;
        self.requests.insert(request, Request { asked, owner, weight, permit });
        let sent = self.say(message)?;
        self.count_wire(owner, sent);
        Ok(())
    }

    /// Hands a message to the writer; gives its length.
    fn say(&self, message: &Bulk) -> Result<u64, End> {
        let message = message.encode(false);
        let length = message.len() as u64;
        // Its queue holds more than can be open: it is full only if nothing has left for long.
        self.out.try_send(message).map_err(|_| End::Failed("the bulk channel does not take requests".to_owned()))?;
        Ok(length)
    }

    async fn take_all(&mut self, answers: impl Iterator<Item = Answer>) -> Result<(), End> {
        let mut waiting = Vec::new();
        for (answer, length) in answers {
            match self.accept(answer, length as u64)? {
                (Owner::Order(fetch), Reply::Brought(Piece::Groups { first, content })) => {
                    // An order that has failed wants nothing more.
                    let order = self.orders.get(&fetch).and_then(|order| order.target.as_ref());
                    add_groups(&mut waiting, fetch, order, (first, content));
                }
                (Owner::Order(fetch), Reply::Brought(Piece::Blobs(blobs))) => add_blobs(&mut waiting, fetch, blobs),
                (owner, reply) => {
                    // What came before it counts.
                    self.store(std::mem::take(&mut waiting)).await?;
                    self.take_other(owner, reply).await?;
                }
            }
            self.ask_more()?;
        }
        self.store(waiting).await
    }

    /// Notes an answer in the request that it belongs to.
    fn accept(&mut self, answer: Bulk, length: u64) -> Result<(Owner, Reply), End> {
        let number = request_of(&answer);
        let request = self.requests.get_mut(&number).ok_or(Breach("an answer to nothing that was asked for"))?;
        let owner = request.owner;
        if let Bulk::Refused { refusal, .. } = answer {
            self.count_wire(owner, length);
            self.close(number);
            return Ok((owner, Reply::Refused(refusal)));
        }
        let (piece, done) = request.asked.take(answer)?;
        self.in_flight = self.in_flight.saturating_sub(request.arrived());
        self.count_wire(owner, length);
        if done {
            self.close(number);
        }
        // Under a limit it is what crosses the line that counts.
        self.gates.down.give_back(piece.bytes().saturating_sub(length));
        Ok((owner, Reply::Brought(piece)))
    }

    async fn take_other(&mut self, owner: Owner, reply: Reply) -> Result<(), End> {
        match (owner, reply) {
            (_, Reply::Refused(refusal)) => self.refused(owner, refusal).await,
            (Owner::Order(fetch), Reply::Brought(Piece::WrongSize)) => self.fail(fetch, FetchError::BadData).await,
            (Owner::Order(fetch), Reply::Brought(_)) => {
                self.finish_if_done(fetch).await;
                Ok(())
            }
            (Owner::Tree(hash), Reply::Brought(piece)) => self.store_tree(hash, piece).await,
            (Owner::Nobody, Reply::Brought(_)) => Ok(()),
        }
    }

    async fn store(&mut self, waiting: Vec<(FetchId, Storing)>) -> Result<(), End> {
        let store = &self.store;
        let storing = stream::iter(waiting).map(|(fetch, storing)| async move { (fetch, storing.run(store).await) });
        let stored: Vec<_> = storing.buffer_unordered(STORED_AT_ONCE).collect().await;
        let mut results = Vec::with_capacity(stored.len());
        for (fetch, (bytes, complete, result)) in stored {
            if let Some(order) = self.orders.get_mut(&fetch) {
                order.unreported += bytes;
                order.complete.extend(complete);
            }
            results.push((fetch, result));
        }
        // An order may have ended with any of them, so what each brought is counted before.
        for (fetch, result) in results {
            match result {
                Ok(()) => {
                    self.report_progress(fetch).await;
                    self.finish_if_done(fetch).await;
                }
                Err(error) => self.fail(fetch, fetch_error(&error)).await?,
            }
        }
        Ok(())
    }

    async fn store_tree(&mut self, hash: BlobHash, piece: Piece) -> Result<(), End> {
        let Piece::Tree(values) = piece else { return Ok(()) };
        let waiting = self.trees.remove(&hash).unwrap_or_default();
        let target = waiting.iter().find_map(|fetch| self.orders.get(fetch)?.target.clone());
        let Some((_, partial)) = target else { return Ok(()) };
        match partial.put_tree(values).await {
            Ok(()) => {
                for fetch in waiting {
                    self.plan(fetch).await;
                }
                Ok(())
            }
            Err(error) => self.fail_all(waiting, fetch_error(&error)).await,
        }
    }

    async fn refused(&mut self, owner: Owner, refusal: Refusal) -> Result<(), End> {
        match owner {
            Owner::Order(fetch) => self.fail(fetch, FetchError::Refused(refusal)).await,
            Owner::Tree(hash) => {
                let waiting = self.trees.remove(&hash).unwrap_or_default();
                self.fail_all(waiting, FetchError::Refused(refusal)).await
            }
            Owner::Nobody => Ok(()),
        }
    }

    async fn fail_all(&mut self, orders: Vec<FetchId>, error: FetchError) -> Result<(), End> {
        for fetch in orders {
            self.fail(fetch, error.clone()).await?;
        }
        Ok(())
    }

    async fn fail(&mut self, fetch: FetchId, error: FetchError) -> Result<(), End> {
        if let Some(order) = self.orders.get(&fetch) {
            let unreported = order.unreported;
            self.drop_order(fetch)?;
            self.report_failed(fetch, unreported, error).await;
        }
        Ok(())
    }

    /// Forgets an order and gives up what was asked for it.
    fn drop_order(&mut self, fetch: FetchId) -> Result<(), End> {
        self.orders.remove(&fetch);
        for waiting in self.trees.values_mut() {
            waiting.retain(|other| *other != fetch);
        }
        let unwanted = |owner: Owner| match owner {
            Owner::Order(of) => of == fetch,
            Owner::Tree(hash) => self.trees.get(&hash).is_some_and(Vec::is_empty),
            Owner::Nobody => false,
        };
        let given_up: Vec<u32> =
            self.requests.iter().filter(|(_, request)| unwanted(request.owner)).map(|(number, _)| *number).collect();
        self.trees.retain(|_, waiting| !waiting.is_empty());
        given_up.into_iter().try_for_each(|request| self.give_up(request))
    }

    fn give_up(&mut self, number: u32) -> Result<(), End> {
        let Some(request) = self.requests.get_mut(&number) else { return Ok(()) };
        self.in_flight = self.in_flight.saturating_sub(request.weight);
        let asked = Asked::GivenUp { remaining: request.asked.remaining() };
        *request = Request { asked, owner: Owner::Nobody, weight: 0, permit: None };
        self.given_up.push_back(number);
        if self.given_up.len() > GIVEN_UP {
            let oldest = self.given_up.pop_front();
            oldest.and_then(|oldest| self.requests.remove(&oldest));
        }
        self.say(&Bulk::Cancel { request: number }).map(drop)
    }

    /// A request's last answer is here.
    fn close(&mut self, number: u32) {
        let Some(request) = self.requests.remove(&number) else { return };
        self.in_flight = self.in_flight.saturating_sub(request.weight);
        match request.owner {
            Owner::Order(fetch) => {
                if let Some(order) = self.orders.get_mut(&fetch) {
                    order.open = order.open.saturating_sub(1);
                    order.left_out |= matches!(&request.asked, Asked::Pack(blobs) if blobs.iter().any(Option::is_some));
                }
            }
            Owner::Tree(_) => {}
            Owner::Nobody => self.given_up.retain(|given_up| *given_up != number),
        }
    }

    /// Small blobs that the holder left out are missing among the complete ones; with none at all the order is refused.
    async fn finish_if_done(&mut self, fetch: FetchId) {
        let done = |order: &Order| order.open == 0 && order.todo.is_empty();
        if !self.orders.get(&fetch).is_some_and(done) {
            return;
        }
        let Some(order) = self.orders.remove(&fetch) else { return };
        let Order { mut complete, left_out, unreported, wire, .. } = order;
        if left_out && complete.is_empty() {
            return self.report_failed(fetch, unreported, FetchError::Refused(Refusal::NotHeld)).await;
        }
        complete.dedup();
        self.report(fetch, FetchEvent::Stored { complete, bytes: unreported, wire_bytes: wire }).await;
    }

    async fn report_progress(&mut self, fetch: FetchId) {
        let Some(order) = self.orders.get_mut(&fetch) else { return };
        let now = Instant::now();
        let due = now.saturating_duration_since(order.reported) >= REPORT;
        if due && order.unreported > 0 && !(order.open == 0 && order.todo.is_empty()) {
            order.reported = now;
            let bytes = std::mem::take(&mut order.unreported);
            self.report(fetch, FetchEvent::Progress { bytes }).await;
        }
    }

    /// What was verified before stays, so it is reported all the same.
    async fn report_failed(&self, fetch: FetchId, unreported: u64, error: FetchError) {
        if unreported > 0 {
            self.report(fetch, FetchEvent::Progress { bytes: unreported }).await;
        }
        self.report(fetch, FetchEvent::Failed(error)).await;
    }

    async fn report(&self, fetch: FetchId, event: FetchEvent) {
        self.inputs.send(Input::Fetch(fetch, event)).await;
    }

    fn count_wire(&mut self, owner: Owner, bytes: u64) {
        let fetch = match owner {
            Owner::Order(fetch) => Some(fetch),
            Owner::Tree(hash) => self.trees.get(&hash).and_then(|waiting| waiting.first().copied()),
            Owner::Nobody => None,
        };
        if let Some(order) = fetch.and_then(|fetch| self.orders.get_mut(&fetch)) {
            order.wire += bytes;
        }
    }

    fn next_request(&mut self) -> u32 {
        loop {
            self.last_request = self.last_request.wrapping_add(1);
            if !self.requests.contains_key(&self.last_request) {
                return self.last_request;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::BlobKind;
    use crate::runtime::link::transfer::budget;

    const SOON: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn who_never_answers_loses_the_link_and_what_it_held_of_the_budget() {
        let (inputs, mut heard) = Inputs::channel(16);
        let (order, commands) = mpsc::channel(16);
        let (_answer, answers) = mpsc::channel(16);
        let (out, mut asked) = mpsc::channel(16);
        let (ends, mut end) = mpsc::channel(1);
        let budget = budget();
        let all = budget.available_permits();
        let mut fetcher = Fetcher::new(Store::memory(), inputs, Arc::clone(&budget), commands, answers, out, Arc::default());
        fetcher.patience = Duration::from_millis(50);
        let running = tokio::spawn(fetcher.run(ends));
        let blob = BlobRef { hash: BlobHash::of(b"x"), size: 1, kind: BlobKind::Text };
        let work = FetchWork::Pack(vec![blob]);
        order.send(FetchCommand::Order(FetchId(7), AppearanceId::from_bytes([1; 32]), work)).await.unwrap();
        let request = tokio::time::timeout(SOON, asked.recv()).await.unwrap().unwrap();
        assert!(matches!(Bulk::decode(&request), Ok(Bulk::GetPack { .. })));
        let ended = tokio::time::timeout(SOON, end.recv()).await.expect("it waits for ever").unwrap();
        assert!(matches!(ended, End::Failed(_)), "{ended:?}");
        drop(order);
        tokio::time::timeout(SOON, running).await.unwrap().unwrap();
        let lost = heard.recv().await.unwrap();
        assert!(matches!(lost, Input::Fetch(FetchId(7), FetchEvent::Failed(FetchError::LinkLost))), "{lost:?}");
        assert_eq!(budget.available_permits(), all);
    }
}
