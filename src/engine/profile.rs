//! My name and picture, and friends' pictures.
//!
//! Whoever is linked and understands it is told my name and, if a friend, which picture I have; at once, and again with each change, but
//! at most once a second. A friend who lacks the picture asks for it and gets it in one message. It is decoded and made anew before it
//! is kept (`runtime::pictures`), one of a friend at a time; one that is no picture is left out with a sentence, and the friend stays.
//!
//! Pictures go in control messages of their own, not as blobs: a blob is served under an appearance that its grant opens, and a picture
//! belongs to none; with [`MAX_PICTURE`](crate::domain::MAX_PICTURE) it delays what waits behind it no more than a manifest does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::circle::Circle;
use super::desk::{Deadline, Desk};
use super::input::{LinkKey, RequestId};
use super::link::Links;
use super::notice::Notice;
use super::output::Output;
use crate::domain::{BlobHash, DisplayName, PeerId, Picture};
use crate::wire::control::{Control, FEATURE_PROFILE};

/// Between two changes that a friend is told of.
const TELL_PACE: Duration = Duration::from_secs(1);

/// Friends whose pictures are kept: with [`MAX_PICTURE`](crate::domain::MAX_PICTURE) each, 24 MiB on the disk.
const MAX_KEPT: usize = 512;

/// Pictures, and who was told what.
#[derive(Debug)]
pub(super) struct Profile {
    mine: Option<Picture>,
    /// A command that waits for its picture to be read.
    reading: Option<RequestId>,
    /// Friends' pictures that are kept.
    theirs: BTreeMap<PeerId, BlobHash>,
    /// Pictures that are being looked at; until that is done nothing else of the same friend is.
    looking: BTreeMap<PeerId, BlobHash>,
    links: BTreeMap<LinkKey, Exchange>,
    /// Grows with each change of what is saved.
    version: u64,
}

/// What I am called, and the picture that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    name: Option<DisplayName>,
    picture: Option<BlobHash>,
}

/// What was said on one link.
#[derive(Debug, Default)]
struct Exchange {
    told: Option<Said>,
    told_at: Option<Instant>,
    /// A change that is told then.
    waits_until: Option<Instant>,
    /// What they have; nothing until they have said so.
    heard: Option<Option<BlobHash>>,
    /// Asked for.
    asked: Option<BlobHash>,
    /// Was no picture.
    refused: Option<BlobHash>,
    /// The person was told of a refusal; once is enough.
    complained: bool,
}

impl Profile {
    pub(super) const fn new(mine: Option<Picture>, theirs: BTreeMap<PeerId, BlobHash>) -> Self {
        Self { mine, reading: None, theirs, looking: BTreeMap::new(), links: BTreeMap::new(), version: 0 }
    }

    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    pub(super) const fn kept(&self) -> &BTreeMap<PeerId, BlobHash> {
        &self.theirs
    }

    pub(super) fn mine(&self) -> Option<BlobHash> {
        self.mine.as_ref().map(Picture::id)
    }

    pub(super) fn of(&self, peer: &PeerId) -> Option<BlobHash> {
        self.theirs.get(peer).copied()
    }

    /// The person chose a file; answered once it is read.
    pub(super) fn choose(&mut self, desk: &mut Desk, request: RequestId, file: PathBuf) {
        if let Some(earlier) = self.reading.replace(request) {
            let error = super::command::CommandError("another picture was chosen meanwhile".to_owned());
            desk.order(Output::Reply(earlier, Err(error)));
        }
        desk.order(Output::ReadPicture { request, file });
    }

    /// The file was read. True if it is what the person wants.
    pub(super) fn chosen(&mut self, desk: &mut Desk, request: RequestId, picture: &Picture) -> bool {
        let wanted = self.reading.take_if(|reading| *reading == request).is_some();
        if wanted {
            self.set(desk, Some(picture.clone()));
        }
        wanted
    }

    /// It could not be read. True if somebody waits for that.
    pub(super) fn not_chosen(&mut self, request: RequestId) -> bool {
        self.reading.take_if(|reading| *reading == request).is_some()
    }

    pub(super) fn set(&mut self, desk: &mut Desk, picture: Option<Picture>) {
        desk.order(Output::SavePicture(picture.clone()));
        self.mine = picture;
    }

    /// A peer says who it is.
    pub(super) fn heard(&mut self, circle: &mut Circle, link: LinkKey, name: Option<DisplayName>, picture: Option<BlobHash>) {
        circle.rename(&link.peer, name);
        self.links.entry(link).or_default().heard = Some(picture);
    }

    /// A peer asks for a picture. It gets mine, if it is a friend and asks for that.
    pub(super) fn asked(&self, desk: &mut Desk, circle: &Circle, link: LinkKey, picture: BlobHash) {
        match &self.mine {
            Some(mine) if mine.id() == picture && circle.is_friend(&link.peer) => {
                desk.send(link, Control::Picture { picture, bytes: mine.bytes().to_vec() });
            }
            Some(_) | None => tracing::debug!(peer = ?link.peer, "a picture is not given"),
        }
    }

    /// A picture came. Only one that was asked for is looked at.
    pub(super) fn came(&mut self, desk: &mut Desk, circle: &Circle, link: LinkKey, said: BlobHash, bytes: Vec<u8>) {
        let Some(exchange) = self.links.get_mut(&link).filter(|exchange| exchange.asked == Some(said)) else { return };
        exchange.asked = None;
        match Picture::new(bytes).filter(|picture| picture.id() == said) {
            Some(picture) => {
                self.looking.insert(link.peer, said);
                desk.order(Output::KeepPicture { peer: link.peer, picture });
            }
            None => self.refuse(desk, circle, link.peer, said, "its bytes are not the ones that were announced"),
        }
    }

    /// A picture was looked at, and is kept if it is one.
    pub(super) fn looked_at(
        &mut self,
        desk: &mut Desk,
        circle: &Circle,
        peer: PeerId,
        picture: BlobHash,
        result: Result<(), String>,
    ) {
        self.looking.remove(&peer);
        match result {
            Ok(()) => {
                self.theirs.insert(peer, picture);
                self.version += 1;
            }
            Err(reason) => self.refuse(desk, circle, peer, picture, &reason),
        }
    }

    /// Tells and asks what is to be told and asked, and drops what is nobody's any more.
    pub(super) fn settle(&mut self, desk: &mut Desk, circle: &Circle, links: &Links, name: Option<&DisplayName>) {
        self.links.retain(|link, _| links.is_linked(*link));
        for link in links.all_linked().filter(|link| links.understands(&link.peer, FEATURE_PROFILE)) {
            let friend = circle.is_friend(&link.peer);
            let said = Said { name: name.cloned(), picture: self.mine().filter(|_| friend) };
            let kept = self.theirs.get(&link.peer).copied();
            let room = kept.is_some() || self.theirs.len() + self.looking.len() < MAX_KEPT;
            let may_ask = friend && room && !self.looking.contains_key(&link.peer);
            let exchange = self.links.entry(link).or_default();
            exchange.tell(desk, link, said);
            if may_ask {
                exchange.ask(desk, link, kept);
            }
        }
        let said_none = |links: &BTreeMap<LinkKey, Exchange>, peer: &PeerId| {
            links.iter().any(|(link, exchange)| link.peer == *peer && exchange.heard == Some(None))
        };
        let gone: Vec<PeerId> =
            self.theirs.keys().filter(|peer| !circle.is_friend(peer) || said_none(&self.links, peer)).copied().collect();
        for peer in gone {
            if let Some(picture) = self.theirs.remove(&peer) {
                self.version += 1;
                desk.order(Output::DropPicture { peer, picture });
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        let waiting = self.links.values().filter_map(|exchange| exchange.waits_until);
        waiting.min().map(|at| (at, "a friend is told my name and picture"))
    }

    fn refuse(&mut self, desk: &mut Desk, circle: &Circle, peer: PeerId, picture: BlobHash, reason: &str) {
        let mut complain = false;
        for (_, exchange) in self.links.iter_mut().filter(|(link, _)| link.peer == peer) {
            exchange.refused = Some(picture);
            complain |= !std::mem::replace(&mut exchange.complained, true);
        }
        tracing::debug!(?peer, reason, "a picture is not kept");
        if complain {
            desk.notify(Notice::Other { text: format!("{}'s picture is not shown: {reason}.", circle.called(&peer)) });
        }
    }
}

impl Exchange {
    fn tell(&mut self, desk: &mut Desk, link: LinkKey, said: Said) {
        self.waits_until = None;
        if self.told.as_ref() == Some(&said) {
            return;
        }
        let due = self.told_at.map(|at| at + TELL_PACE);
        if due.is_some_and(|due| desk.now() < due) {
            self.waits_until = due;
            return;
        }
        desk.send(link, Control::Profile { name: said.name.clone(), picture: said.picture });
        self.told_at = Some(desk.now());
        self.told = Some(said);
    }

    fn ask(&mut self, desk: &mut Desk, link: LinkKey, kept: Option<BlobHash>) {
        let Some(Some(picture)) = self.heard else { return };
        if [kept, self.asked, self.refused].contains(&Some(picture)) {
            return;
        }
        self.asked = Some(picture);
        desk.send(link, Control::GetPicture { picture });
    }
}
