//! What I call a friend and note of them: on this machine only, never sent.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{DisplayName, is_unseen};

/// A note's greatest length in characters.
pub const MAX_NOTE: usize = 2_000;
/// A tag's greatest length in characters.
pub const MAX_TAG: usize = 32;
/// Tags that one friend has at most.
pub const MAX_TAGS: usize = 16;

/// Why a text is no note or tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// A note that is too long.
    #[error("a note has at most {MAX_NOTE} characters")]
    LongNote,
    /// A tag that is too long.
    #[error("a tag has at most {MAX_TAG} characters")]
    LongTag,
    /// A tag without anything to see.
    #[error("a tag needs at least one visible character")]
    EmptyTag,
    /// Control characters, or ones that leave no mark or turn the direction of writing.
    #[error("it holds control characters or ones that cannot be seen")]
    Control,
    /// One tag more than there is room for.
    #[error("a friend has at most {MAX_TAGS} tags")]
    ManyTags,
}

/// Words about a friend: up to [`MAX_NOTE`] characters, line breaks among them. May be empty.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Note(String);

impl Note {
    /// Checks and trims a note.
    ///
    /// # Errors
    /// [`LabelError`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, LabelError> {
        let text = text.trim();
        if text.chars().count() > MAX_NOTE {
            return Err(LabelError::LongNote);
        }
        if text.chars().any(|c| c != '\n' && (c.is_control() || is_unseen(c))) {
            return Err(LabelError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A word to find friends by: 1 to [`MAX_TAG`] characters on one line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tag(String);

impl Tag {
    /// Checks and trims a tag.
    ///
    /// # Errors
    /// [`LabelError`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, LabelError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LabelError::EmptyTag);
        }
        if text.chars().count() > MAX_TAG {
            return Err(LabelError::LongTag);
        }
        if text.chars().any(|c| c.is_control() || is_unseen(c)) {
            return Err(LabelError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Everything that is noted of one friend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Label {
    /// What to call them; `None`: by the name they say.
    pub nickname: Option<DisplayName>,
    /// Words about them.
    pub note: Note,
    /// Words to find them by.
    pub tags: Tags,
    /// Whether their coming, going and changing is told.
    pub notices: bool,
}

impl Default for Label {
    fn default() -> Self {
        Self { nickname: None, note: Note::default(), tags: Tags::default(), notices: true }
    }
}

/// Up to [`MAX_TAGS`] tags, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Tag>", into = "BTreeSet<Tag>")]
pub struct Tags(BTreeSet<Tag>);

impl Tags {
    /// Adds one.
    ///
    /// # Errors
    /// [`LabelError::ManyTags`] if there is no room.
    pub fn add(&mut self, tag: Tag) -> Result<(), LabelError> {
        if self.0.len() >= MAX_TAGS && !self.0.contains(&tag) {
            return Err(LabelError::ManyTags);
        }
        self.0.insert(tag);
        Ok(())
    }

    /// Takes one away. False if it is not there.
    pub fn remove(&mut self, tag: &Tag) -> bool {
        self.0.remove(tag)
    }

    /// All of them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }
}

impl TryFrom<BTreeSet<Tag>> for Tags {
    type Error = LabelError;

    fn try_from(tags: BTreeSet<Tag>) -> Result<Self, LabelError> {
        if tags.len() > MAX_TAGS { Err(LabelError::ManyTags) } else { Ok(Self(tags)) }
    }
}

impl From<Tags> for BTreeSet<Tag> {
    fn from(tags: Tags) -> Self {
        tags.0
    }
}

macro_rules! as_text {
    ($($kind:ident),*) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($kind), "(…)"))
            }
        }

        impl TryFrom<String> for $kind {
            type Error = LabelError;

            fn try_from(text: String) -> Result<Self, LabelError> {
                Self::new(&text)
            }
        }

        impl From<$kind> for String {
            fn from(text: $kind) -> Self {
                text.0
            }
        }
    )*};
}

as_text!(Note, Tag);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_and_tags_that_could_deceive_or_are_too_long_are_refused() {
        assert!(Note::new(" two\nlines ").is_ok_and(|note| note.as_str() == "two\nlines"));
        assert!(Note::new("").is_ok_and(|note| note.is_empty()));
        assert!(Note::new(&"é".repeat(MAX_NOTE)).is_ok());
        assert_eq!(Note::new(&"é".repeat(MAX_NOTE + 1)), Err(LabelError::LongNote));
        assert!(Tag::new(" raid ").is_ok_and(|tag| tag.as_str() == "raid"));
        assert!(Tag::new(&"レ".repeat(MAX_TAG)).is_ok());
        assert_eq!(Tag::new(&"x".repeat(MAX_TAG + 1)), Err(LabelError::LongTag));
        assert_eq!(Tag::new(" "), Err(LabelError::EmptyTag));
        for bad in ["a\u{202e}b", "a\u{200b}b", "a\u{1b}[31m", "a\u{2066}b"] {
            assert_eq!(Note::new(bad), Err(LabelError::Control), "{bad:?}");
            assert_eq!(Tag::new(bad), Err(LabelError::Control), "{bad:?}");
        }
        assert_eq!(Tag::new("a\nb"), Err(LabelError::Control));
    }

    #[test]
    fn there_is_room_for_so_many_tags_and_each_counts_once() {
        let mut tags = Tags::default();
        for n in 0..MAX_TAGS {
            tags.add(Tag::new(&format!("t{n}")).unwrap()).unwrap();
        }
        assert_eq!(tags.add(Tag::new("one more").unwrap()), Err(LabelError::ManyTags));
        assert_eq!(tags.add(Tag::new("t0").unwrap()), Ok(()));
        assert!(tags.remove(&Tag::new("t0").unwrap()) && !tags.remove(&Tag::new("t0").unwrap()));
        assert_eq!(tags.add(Tag::new("one more").unwrap()), Ok(()));
        assert_eq!(tags.iter().count(), MAX_TAGS);
    }
}
