//! The pipe: what plugins and `fyteclub ctl` exchange with the companion.
//!
//! UTF-8 JSON, one object a line, at most [`MAX_LINE`] bytes, told apart by the key `type`. Unknown keys are ignored; a line of
//! an unknown type, like any other bad line, gets an [`ToPlugin::Error`] back and the session goes on. `seq` is a request's number,
//! `re` repeats it in the answer. The first line both ways is `hello`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::{AppearanceId, ObjectKind, Weight};

/// The greatest line in bytes, without its end.
pub const MAX_LINE: usize = 8 << 20;
/// The version of this protocol.
pub const PIPE_PROTOCOL: u16 = 1;

/// What a client of the pipe is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A game plugin.
    Plugin,
    /// A person's program: every command and the snapshot.
    Control,
}

/// How paths on this pipe are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PathStyle {
    /// As the companion's system writes them.
    #[default]
    Native,
    /// Windows paths of a Wine or Proton prefix, by the drive map.
    Wine,
}

/// The first line, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PipeHello {
    /// The sender's version of this protocol.
    pub protocol: u16,
    /// What the sender is (the companion repeats what it took the client for).
    pub role: Role,
    /// The program's name, at most 64 bytes.
    pub name: String,
    /// The program's version, at most 64 bytes.
    pub version: String,
    /// The folders that published files may lie in (plugins only).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roots: Vec<String>,
    /// How paths are written (plugins only).
    #[serde(default)]
    pub paths: PathStyle,
    /// With `paths: "wine"`: drive letter and colon → folder of this system.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drives: BTreeMap<String, String>,
}

/// A file that a plugin publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedFile {
    /// Lower case, `/` between parts.
    pub game_paths: Vec<String>,
    /// Where it lies, below one of the roots.
    pub path: String,
}

/// One object that a plugin publishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedObject {
    /// Which.
    pub kind: ObjectKind,
    /// Its files.
    #[serde(default)]
    pub files: Vec<PublishedFile>,
    /// Opaque texts by name (`meta`, `glamourer`, `customize_plus`, `simple_heels`, `honorific`, `moodles`, `pet_names`, …).
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

/// A file that a plugin is told to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedFile {
    /// The game path.
    pub game_path: String,
    /// Where the content lies, in the companion's own cache; not to be written to.
    pub path: String,
}

/// One object that a plugin is told to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedObject {
    /// Which.
    pub kind: ObjectKind,
    /// Its files, one line for each game path.
    #[serde(default)]
    pub files: Vec<AppliedFile>,
    /// Opaque texts by name.
    #[serde(default)]
    pub texts: BTreeMap<String, String>,
}

/// Somebody near in the game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NearbyCharacter {
    /// Name without world.
    pub name: String,
    /// Home world.
    pub world: String,
    /// Yalms.
    #[serde(default)]
    pub distance: f32,
    /// In my party.
    #[serde(default)]
    pub in_party: bool,
    /// Drawn at all.
    #[serde(default = "yes")]
    pub visible: bool,
}

const fn yes() -> bool {
    true
}

/// A plugin's lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromPlugin {
    /// First.
    Hello(PipeHello),
    /// This is how my character looks.
    Publish {
        /// `Name@World`.
        character: String,
        /// What is drawn.
        objects: Vec<PublishedObject>,
    },
    /// My character looks as the game made it.
    Unpublish {
        /// `Name@World`.
        character: String,
    },
    /// What my character is doing.
    State {
        /// `Name@World`, or none when logged out.
        character: Option<String>,
        /// Fighting.
        #[serde(default)]
        in_combat: bool,
        /// Watching a cutscene.
        #[serde(default)]
        in_cutscene: bool,
        /// In an instanced duty.
        #[serde(default)]
        in_duty: bool,
        /// In group pose.
        #[serde(default)]
        group_pose: bool,
    },
    /// Everybody near; replaces what was said before.
    Nearby {
        /// Who.
        characters: Vec<NearbyCharacter>,
    },
    /// An `apply` was carried out.
    Applied {
        /// `Name@World`.
        character: String,
        /// The `apply`'s.
        revision: u64,
    },
    /// An `apply` could not be carried out.
    Failed {
        /// `Name@World`.
        character: String,
        /// The `apply`'s.
        revision: u64,
        /// For people, at most 1 KiB.
        reason: String,
    },
    /// Take everybody's looks off and rest.
    Pause,
    /// Go on.
    Resume,
    /// Send every `apply` again: the game was reloaded.
    Resync,
}

/// The companion's lines to a plugin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToPlugin {
    /// First.
    Hello(PipeHello),
    /// What the companion is doing; at start and after each change.
    Status {
        /// Paused by the person or a plugin.
        paused: bool,
        /// Linked friends.
        friends_online: u32,
        /// What became of the plugin's own character, for people.
        sharing: String,
    },
    /// Show this.
    Apply {
        /// `Name@World`.
        character: String,
        /// Repeated in `applied` or `failed`. Grows with each `apply` of a session; no two sessions share one.
        revision: u64,
        /// What is drawn; objects that are not here are as the game made them.
        objects: Vec<AppliedObject>,
    },
    /// Take it off.
    Revert {
        /// `Name@World`.
        character: String,
        /// Of the `apply` that is taken off.
        revision: u64,
        /// Which objects; all that were applied.
        objects: Vec<ObjectKind>,
    },
    /// How far a friend's look has come; at most 4 a second for each character.
    Progress {
        /// `Name@World`.
        character: String,
        /// Bytes here.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// Something that a player should hear of.
    Notice {
        /// One sentence.
        text: String,
    },
    /// A line could not be used.
    Error {
        /// What is wrong with it and what to do.
        message: String,
        /// The line's `seq`, if it had one that could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        re: Option<u64>,
    },
}

/// A published appearance's weight in words that scripts read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedSummary {
    /// Names the manifest.
    pub appearance: AppearanceId,
    /// What it weighs.
    pub weight: Weight,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plugins_hello_letter_by_letter() {
        let line = r#"{"type":"hello","protocol":1,"role":"plugin","name":"FyteClub plugin","version":"2.1","roots":["C:\\Mods"],"paths":"wine","drives":{"C:":"/home/a/.wine/drive_c"}}"#;
        let hello = FromPlugin::Hello(PipeHello {
            protocol: PIPE_PROTOCOL,
            role: Role::Plugin,
            name: "FyteClub plugin".to_owned(),
            version: "2.1".to_owned(),
            roots: vec!["C:\\Mods".to_owned()],
            paths: PathStyle::Wine,
            drives: BTreeMap::from([("C:".to_owned(), "/home/a/.wine/drive_c".to_owned())]),
        });
        assert_eq!(serde_json::to_string(&hello).unwrap(), line);
        assert_eq!(read::<FromPlugin>(line), Some(hello));
    }

    #[test]
    fn an_apply_letter_by_letter() {
        let line = r#"{"type":"apply","character":"Aria Fyte@Phoenix","revision":7,"objects":[{"kind":"minion_or_mount","files":[{"game_path":"a.tex","path":"/cache/aa/aa.tex"}],"texts":{"glamourer":"Bh8="}}]}"#;
        let file = AppliedFile { game_path: "a.tex".to_owned(), path: "/cache/aa/aa.tex".to_owned() };
        let texts = BTreeMap::from([("glamourer".to_owned(), "Bh8=".to_owned())]);
        let objects = vec![AppliedObject { kind: ObjectKind::MinionOrMount, files: vec![file], texts }];
        let apply = ToPlugin::Apply { character: "Aria Fyte@Phoenix".to_owned(), revision: 7, objects };
        assert_eq!(serde_json::to_string(&apply).unwrap(), line);
        assert_eq!(read::<ToPlugin>(line), Some(apply));
    }

    #[test]
    fn what_may_be_left_out_is_filled_in() {
        let state = read::<FromPlugin>(r#"{"type":"state"}"#);
        let quiet =
            FromPlugin::State { character: None, in_combat: false, in_cutscene: false, in_duty: false, group_pose: false };
        assert_eq!(state, Some(quiet));
        let nearby = read::<FromPlugin>(r#"{"type":"nearby","characters":[{"name":"Aria","world":"Phoenix"}]}"#);
        let Some(FromPlugin::Nearby { characters }) = nearby else { panic!("not a nearby line") };
        assert!(characters[0].visible && !characters[0].in_party);
        let publish = read::<FromPlugin>(r#"{"type":"publish","character":"A@B","objects":[{"kind":"player"}]}"#);
        let Some(FromPlugin::Publish { objects, .. }) = publish else { panic!("not a publish line") };
        assert!(objects[0].files.is_empty() && objects[0].texts.is_empty());
    }

    #[test]
    fn keys_of_a_newer_plugin_are_ignored() {
        let line = r#"{"type":"applied","character":"A@B","revision":1,"seq":4,"mood":{"deep":[1,2,3]}}"#;
        assert_eq!(read(line), Some(FromPlugin::Applied { character: "A@B".to_owned(), revision: 1 }));
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for bad in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":"dance"}"#,
            r#"{"type":"publish"}"#,
            r#"{"type":"publish","character":"A@B","objects":[{"kind":"house"}]}"#,
            r#"{"type":"applied","character":"A@B","revision":-1}"#,
            r#"{"type":"resume"} {}"#,
            r#"{"type":"hello","protocol":1,"role":"owner","name":"x","version":"1"}"#,
            &format!(r#"{{"type":"resume","x":{}}}"#, "[".repeat(100_000)),
        ] {
            assert_eq!(read::<FromPlugin>(bad), None, "{}", bad.get(..60).unwrap_or(bad));
        }
    }

    #[test]
    fn an_error_names_the_line_it_is_about_if_that_could_be_read() {
        let error = |re| serde_json::to_value(ToPlugin::Error { message: "no".to_owned(), re }).unwrap();
        assert_eq!(error(Some(4)), json!({"type": "error", "message": "no", "re": 4}));
        assert_eq!(error(None), json!({"type": "error", "message": "no"}));
    }

    proptest! {
        #[test]
        fn garbage_never_panics(line in any::<String>()) {
            let _ = (read::<FromPlugin>(&line), read::<ToPlugin>(&line));
        }

        #[test]
        fn a_damaged_line_never_panics(at in 0..200_usize, with in any::<char>()) {
            let line = r#"{"type":"publish","character":"Aria@Phoenix","objects":[{"kind":"player","files":[{"game_paths":["a.tex"],"path":"/m/a.tex"}],"texts":{"meta":"x"}}]}"#;
            let damaged: String = line.chars().enumerate().map(|(place, c)| if place == at { with } else { c }).collect();
            let _ = read::<FromPlugin>(&damaged);
        }

        #[test]
        fn every_text_travels(text in any::<String>(), name in "[a-z_]{1,8}") {
            let object = PublishedObject { kind: ObjectKind::Player, files: vec![], texts: BTreeMap::from([(name, text)]) };
            let publish = FromPlugin::Publish { character: "A@B".to_owned(), objects: vec![object] };
            let line = serde_json::to_string(&publish).unwrap();
            prop_assert!(!line.contains('\n'), "one object is one line");
            prop_assert_eq!(read(&line), Some(publish));
        }
    }

    fn read<T: DeserializeOwned>(line: &str) -> Option<T> {
        serde_json::from_str(line).ok()
    }
}
