//! Bytes of blobs: served only where the engine said so, counted, and resumed at the precision of groups.

use std::time::Duration;

use fyteclub::domain::{AppearanceId, BlobHash, BlobRef};
use fyteclub::engine::input::{FetchError, FetchEvent, FetchId, Input, LinkKey};
use fyteclub::engine::output::FetchWork;
use fyteclub::wire::control::Refusal;

use crate::model::Who;
use crate::node::{FetchRun, group_bytes, group_count};
use crate::world::{Event, Mutation, World};

/// Bytes that cross at one step.
const CHUNK: u64 = 256 << 10;
/// What a message adds to its bytes on the wire, about.
const FRAMING: u64 = 64;
/// Reports of progress are at least this far apart.
const REPORT_EVERY: Duration = Duration::from_millis(250);

impl World {
    pub(crate) fn serve(&mut self, who: Who, link: LinkKey, appearance: AppearanceId, until: Option<std::time::Instant>) {
        let until = until.map(|until| self.since_base(until));
        let Some(conn) = self.nodes[who].links.get(&link).and_then(|conn| self.conns.get_mut(conn)) else { return };
        let end = conn.end_of(who);
        match until {
            Some(until) => _ = conn.serving[end].insert(appearance, until),
            None => _ = conn.serving[end].remove(&appearance),
        }
    }

    pub(crate) fn fetch(&mut self, who: Who, fetch: FetchId, link: LinkKey, appearance: AppearanceId, work: FetchWork) {
        let Some(conn) = self.nodes[who].links.get(&link).copied() else { return };
        let end = self.conns[&conn].end_of(who);
        let todo: Vec<_> = match work {
            FetchWork::Pack(blobs) => blobs.into_iter().map(|blob| (blob, 0..group_count(&blob))).collect(),
            FetchWork::Groups { blob, groups } => vec![(blob, groups)],
        };
        let blobs = todo.iter().map(|(blob, _)| *blob).collect();
        let ordered = todo.iter().flat_map(|(blob, groups)| groups.clone().map(|group| group_bytes(blob, group))).sum();
        let reported = self.now;
        let order = FetchRun { conn, end, appearance, todo: todo.into(), blobs, fresh: 0, wire: FRAMING, reported, ordered };
        if self.nodes[who].fetches.insert(fetch, order).is_some() {
            self.complain(format!("{who} used {fetch:?} twice"));
        }
        let run = self.nodes[who].run;
        let wait = self.delay() * 2 + self.next_chunk(who, fetch);
        self.after(wait, Event::Chunk { who, run, fetch });
    }

    /// The next bytes of an order cross, if they may.
    pub(crate) fn chunk(&mut self, who: Who, run: u64, fetch: FetchId) {
        if self.nodes[who].run != run {
            return;
        }
        let Some(order) = self.nodes[who].fetches.get(&fetch) else { return };
        let (conn, appearance) = (order.conn, order.appearance);
        let holder = self.conns[&conn].who[1 - order.end];
        let again = Event::Chunk { who, run, fetch };
        if !self.conns[&conn].both_up() || !self.reach(who, holder) {
            // Nothing comes; it ends with the link.
            return self.after(Duration::from_millis(500), again);
        }
        if self.chance.percent(self.weather.fetches_fail) {
            return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::Refused(Refusal::Unreadable)));
        }
        if self.nodes[who].disk_full {
            return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::Disk("the disk is full".to_owned())));
        }
        if self.book.knows(&appearance) && self.liars.contains(&holder) {
            match self.chance.below(10) {
                0 => return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::BadData)),
                number @ 1..=2 => {
                    let refusal = Refusal::from_number(number as u8);
                    return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::Refused(refusal)));
                }
                3..=4 => return self.after(Duration::from_secs(2), again),
                _ => {}
            }
        }
        if self.weather.bad_bytes > 0 {
            self.weather.bad_bytes -= 1;
            return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::BadData));
        }
        let moved = match self.move_bytes(who, holder, fetch) {
            Ok(moved) => moved,
            Err(refusal) => return self.end_fetch(who, fetch, FetchEvent::Failed(FetchError::Refused(refusal))),
        };
        if moved > 0 && !self.liars.contains(&holder) {
            self.check_served(holder, who, &appearance);
        }
        self.report_progress(who, fetch);
        if self.nodes[who].fetches.get(&fetch).is_some_and(|order| order.todo.is_empty()) {
            return self.finish(who, fetch);
        }
        let wait = self.next_chunk(who, fetch);
        self.after(wait, again);
    }

    /// How long the next bytes of an order take to cross.
    fn next_chunk(&mut self, who: Who, fetch: FetchId) -> Duration {
        let Some(order) = self.nodes[who].fetches.get(&fetch) else { return Duration::ZERO };
        let (conn, holder) = (order.conn, self.conns[&order.conn].who[1 - order.end]);
        let left = order.todo.iter().flat_map(|(blob, groups)| groups.clone().map(|group| group_bytes(blob, group)));
        let bytes = left.sum::<u64>().min(CHUNK);
        self.uplink(conn, holder, bytes)
    }

    /// How long the holder's uplink takes for these bytes, behind everything that waits there.
    fn uplink(&mut self, conn: u64, holder: Who, bytes: u64) -> Duration {
        let time = Duration::from_micros(bytes * 1_000_000 / self.weather.rate);
        let now = self.now;
        let Some(conn) = self.conns.get_mut(&conn) else { return time };
        let end = conn.end_of(holder);
        let free = &mut conn.uplink_free[end];
        *free = (*free).max(now) + time;
        *free - now
    }

    /// Moves up to one chunk; what is here already is not asked for again. Returns the bytes moved.
    fn move_bytes(&mut self, who: Who, holder: Who, fetch: FetchId) -> Result<u64, Refusal> {
        let mut moved = 0;
        loop {
            let Some(order) = self.nodes[who].fetches.get_mut(&fetch) else { return Ok(moved) };
            let Some((blob, groups)) = order.todo.front_mut() else { return Ok(moved) };
            let (blob, group) = (*blob, groups.start);
            if groups.start >= groups.end {
                order.todo.pop_front();
                continue;
            }
            if moved >= CHUNK {
                return Ok(moved);
            }
            groups.start += 1;
            let (conn, appearance) = (order.conn, order.appearance);
            if self.nodes[who].store.has_group(&blob.hash, group) {
                continue;
            }
            self.may_be_served(conn, holder, &appearance, &blob)?;
            if self.nodes[holder].store.was_edited(&blob.hash) {
                self.report(Duration::from_millis(1), holder, Input::OwnFileChanged { blob: blob.hash });
                return Err(Refusal::Changed);
            }
            moved += self.move_group(who, holder, fetch, &blob, group);
        }
    }

    fn move_group(&mut self, who: Who, holder: Who, fetch: FetchId, blob: &BlobRef, group: u32) -> u64 {
        let bytes = group_bytes(blob, group);
        if self.mutation != Mutation::StoreNothing {
            self.nodes[who].store.put_group(blob, group);
        }
        if let Some(content) = self.nodes[holder].store.contents.get(&blob.hash).cloned() {
            self.nodes[who].store.contents.insert(blob.hash, content);
        }
        *self.moved.entry((who, blob.hash)).or_default() += bytes;
        if let Some(order) = self.nodes[who].fetches.get_mut(&fetch) {
            self.moved_under.entry((who, order.appearance)).or_default().insert(blob.hash);
            order.fresh += bytes;
            order.wire += bytes + FRAMING;
        }
        bytes
    }

    /// What the runtime checks before each read: served on this link, named by that appearance, and here.
    fn may_be_served(&self, conn: u64, holder: Who, appearance: &AppearanceId, blob: &BlobRef) -> Result<(), Refusal> {
        if self.book.knows(appearance) && self.liars.contains(&holder) {
            return Ok(());
        }
        let conn = &self.conns[&conn];
        let until = conn.serving[conn.end_of(holder)].get(appearance);
        if until.is_none_or(|until| *until <= self.now) && self.mutation != Mutation::ServeAnything {
            return Err(Refusal::NotGranted);
        }
        let store = &self.nodes[holder].store;
        let named = store.held.get(appearance).is_some_and(|blobs| blobs.contains_key(&blob.hash));
        let given = named || self.mutation == Mutation::ServeAnything;
        if given && store.has(&blob.hash) { Ok(()) } else { Err(Refusal::NotHeld) }
    }

    fn report_progress(&mut self, who: Who, fetch: FetchId) {
        let now = self.now;
        let Some(order) = self.nodes[who].fetches.get_mut(&fetch) else { return };
        if order.todo.is_empty() || order.fresh == 0 || now < order.reported + REPORT_EVERY {
            return;
        }
        order.reported = now;
        let bytes = std::mem::take(&mut order.fresh);
        self.feed(who, Input::Fetch(fetch, FetchEvent::Progress { bytes }));
    }

    fn finish(&mut self, who: Who, fetch: FetchId) {
        let Some(order) = self.nodes[who].fetches.get(&fetch) else { return };
        let (bytes, wire_bytes) = (order.fresh, order.wire);
        let said = |hash: &BlobHash| self.mutation == Mutation::StoreNothing || self.nodes[who].store.has(hash);
        let complete = order.blobs.iter().map(|blob| blob.hash).filter(said).collect();
        self.end_fetch(who, fetch, FetchEvent::Stored { complete, bytes, wire_bytes });
    }

    fn end_fetch(&mut self, who: Who, fetch: FetchId, event: FetchEvent) {
        self.nodes[who].fetches.remove(&fetch);
        self.feed(who, Input::Fetch(fetch, event));
    }
}
