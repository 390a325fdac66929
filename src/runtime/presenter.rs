//! Turns orders to show a look into the plugin's lines.
//!
//! A look names blobs; the plugin needs files of the cache. Getting there may copy one of the user's own files, so it is done
//! apart from the engine's loop, but strictly in order: an `apply` never overtakes the `revert` before it.

use std::collections::BTreeMap;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Inputs;
use super::pipe::Pipe;
use super::store::{Store, StoreError};
use crate::domain::{BlobKind, FileEntry, ObjectAppearance, TextValue};
use crate::engine::input::{Input, PluginId};
use crate::engine::output::Apply;
use crate::wire::plugin::{AppliedFile, AppliedObject, FromPlugin, ToPlugin};

/// Lines that may wait to be made.
const WAITING: usize = 256;

enum Work {
    Say(PluginId, ToPlugin),
    Apply(PluginId, Apply),
}

/// The queue of lines to plugins.
#[derive(Debug)]
pub(super) struct Presenter {
    work: mpsc::Sender<Work>,
    task: JoinHandle<()>,
}

impl Presenter {
    pub(super) fn start(store: Store, pipe: Pipe, inputs: Inputs) -> Self {
        let (work, todo) = mpsc::channel(WAITING);
        Self { work, task: tokio::spawn(run(todo, store, pipe, inputs)) }
    }

    /// Says something, after everything before it.
    pub(super) async fn say(&self, plugin: PluginId, message: ToPlugin) {
        let _ = self.work.send(Work::Say(plugin, message)).await;
    }

    /// Has a look shown, after everything before it.
    pub(super) async fn apply(&self, plugin: PluginId, apply: Apply) {
        let _ = self.work.send(Work::Apply(plugin, apply)).await;
    }

    /// Waits until everything has been said.
    pub(super) async fn finish(self) {
        drop(self.work);
        let _ = self.task.await;
    }
}

async fn run(mut todo: mpsc::Receiver<Work>, store: Store, pipe: Pipe, inputs: Inputs) {
    while let Some(work) = todo.recv().await {
        match work {
            Work::Say(plugin, message) => pipe.to_plugin(plugin, message),
            Work::Apply(plugin, apply) => {
                let (character, revision) = (apply.character.to_string(), apply.revision);
                match objects(&store, &apply).await {
                    Ok(objects) => pipe.to_plugin(plugin, ToPlugin::Apply { character, revision, objects }),
                    Err(error) => {
                        let reason = error.to_string();
                        let inputs = inputs.clone();
                        // Apart, since the engine's loop may be waiting for room in this very queue.
                        tokio::spawn(async move {
                            inputs.send(Input::PluginSaid(plugin, FromPlugin::Failed { character, revision, reason })).await;
                        });
                    }
                }
            }
        }
    }
}

async fn objects(store: &Store, apply: &Apply) -> Result<Vec<AppliedObject>, StoreError> {
    let mut objects = Vec::new();
    for object in apply.manifest.objects() {
        let mut files = Vec::new();
        for file in object.files.iter().filter(|file| is_shown(apply, file)) {
            let path = store.materialise(file.blob).await?.to_string_lossy().into_owned();
            files.extend(
                file.game_paths.iter().map(|game_path| AppliedFile { game_path: game_path.to_string(), path: path.clone() }),
            );
        }
        objects.push(AppliedObject { kind: object.kind, files, texts: texts(apply, object) });
    }
    Ok(objects)
}

fn is_shown(apply: &Apply, file: &FileEntry) -> bool {
    match file.blob.kind {
        BlobKind::File(file_type) => !apply.without.contains(&file_type.sensitivity()),
        BlobKind::Text | BlobKind::Manifest => false,
    }
}

fn texts(apply: &Apply, object: &ObjectAppearance) -> BTreeMap<String, String> {
    let long = |hash| apply.long_texts.iter().find(|(blob, _)| *blob == hash).map(|(_, text)| text.clone());
    object
        .texts
        .iter()
        .filter_map(|(name, value)| {
            let text = match value {
                TextValue::Inline(text) => Some(text.clone()),
                TextValue::Blob(blob) => long(blob.hash),
            };
            text.map(|text| (name.as_str().to_owned(), text))
        })
        .collect()
}
