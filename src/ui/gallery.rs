//! What the program around the window has for it to show: the log, and pictures of people as the graphics card has them. Each is uploaded when it is first seen, and dropped when nobody bears it any more.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use eframe::egui::{Context, TextureHandle, TextureId, TextureOptions};

use super::outside::{LogLine, Outside};
use crate::domain::{BlobHash, PeerId};
use crate::engine::snapshot::Snapshot;

/// The pictures that were seen.
pub(super) struct Gallery {
    outside: Rc<dyn Outside>,
    textures: RefCell<BTreeMap<BlobHash, TextureHandle>>,
}

impl Gallery {
    pub(super) fn new(outside: Rc<dyn Outside>) -> Self {
        Self { outside, textures: RefCell::default() }
    }

    /// A picture, if it is there by now. `whose`: `None` for mine.
    pub(super) fn picture(&self, context: &Context, whose: Option<PeerId>, picture: BlobHash) -> Option<TextureId> {
        if let Some(texture) = self.textures.borrow().get(&picture) {
            return Some(texture.id());
        }
        let image = self.outside.picture(whose, picture)?;
        let texture = context.load_texture(picture.to_string(), image, TextureOptions::LINEAR);
        let id = texture.id();
        self.textures.borrow_mut().insert(picture, texture);
        Some(id)
    }

    /// The newest lines of the log, oldest first.
    pub(super) fn log(&self) -> Vec<Arc<LogLine>> {
        self.outside.log()
    }

    /// Drops the pictures that nobody bears in this snapshot.
    pub(super) fn tidy(&self, snapshot: &Snapshot) {
        let mut textures = self.textures.borrow_mut();
        if textures.is_empty() {
            return;
        }
        let born: BTreeSet<BlobHash> = snapshot.peers.iter().filter_map(|peer| peer.picture).chain(snapshot.me.picture).collect();
        textures.retain(|picture, _| born.contains(picture));
    }
}
