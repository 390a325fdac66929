//! How the program shows itself: what a person likes, and nothing that a friend notices.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The window's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Those of the system.
    #[default]
    System,
    /// Light ones.
    Light,
    /// Dark ones.
    Dark,
}

/// How large text and everything around it is, in percent: from [`TextSize::LEAST`] to [`TextSize::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct TextSize(u16);

/// A size of text that nobody could read, or that leaves no room for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text size is from {} to {} percent", TextSize::LEAST, TextSize::MOST)]
pub struct TextSizeError;

impl TextSize {
    /// The smallest.
    pub const LEAST: u16 = 80;
    /// The largest.
    pub const MOST: u16 = 200;

    /// Checks a size in percent.
    ///
    /// # Errors
    /// [`TextSizeError`] if it is too small or too large.
    pub const fn new(percent: u16) -> Result<Self, TextSizeError> {
        if percent < Self::LEAST || percent > Self::MOST { Err(TextSizeError) } else { Ok(Self(percent)) }
    }

    /// In percent.
    #[must_use]
    pub const fn percent(self) -> u16 {
        self.0
    }
}

impl Default for TextSize {
    fn default() -> Self {
        Self(100)
    }
}

impl fmt::Display for TextSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.0)
    }
}

impl TryFrom<u16> for TextSize {
    type Error = TextSizeError;

    fn try_from(percent: u16) -> Result<Self, TextSizeError> {
        Self::new(percent)
    }
}

impl From<TextSize> for u16 {
    fn from(size: TextSize) -> Self {
        size.0
    }
}

/// Something that the system can tell a person of while the window is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// Somebody wants to connect, or another question waits.
    Question,
    /// A friend came online; also set for each friend.
    Online,
    /// A look could not be fetched, shown or shared.
    Failed,
    /// The disk is nearly full.
    Disk,
}

impl Told {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Question, Self::Online, Self::Failed, Self::Disk];
}

/// Of what the system tells a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Notifications {
    /// Of questions.
    pub question: bool,
    /// Of friends who came online.
    pub online: bool,
    /// Of failures.
    pub failed: bool,
    /// Of a disk that is nearly full.
    pub disk: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { question: true, online: true, failed: true, disk: true }
    }
}

impl Notifications {
    /// Whether it is told.
    #[must_use]
    pub const fn tells(&self, of: Told) -> bool {
        match of {
            Told::Question => self.question,
            Told::Online => self.online,
            Told::Failed => self.failed,
            Told::Disk => self.disk,
        }
    }

    /// Sets whether it is told.
    pub const fn set(&mut self, of: Told, tell: bool) {
        match of {
            Told::Question => self.question = tell,
            Told::Online => self.online = tell,
            Told::Failed => self.failed = tell,
            Told::Disk => self.disk = tell,
        }
    }
}

/// How far a newcomer has come through the first questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Welcome {
    /// The language.
    #[default]
    Language,
    /// The name.
    Name,
    /// Where the cache goes, and how large it gets.
    Cache,
    /// Who may find me, and what sharing means.
    Sharing,
    /// Whether the game plugin is there.
    Plugin,
    /// Answered or skipped.
    Done,
}

impl Welcome {
    /// All of them, in order.
    pub const ALL: [Self; 6] = [Self::Language, Self::Name, Self::Cache, Self::Sharing, Self::Plugin, Self::Done];

    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Language => Self::Name,
            Self::Name => Self::Cache,
            Self::Cache => Self::Sharing,
            Self::Sharing => Self::Plugin,
            Self::Plugin | Self::Done => Self::Done,
        }
    }

    /// The one before.
    #[must_use]
    pub const fn previous(self) -> Self {
        match self {
            Self::Language | Self::Name => Self::Language,
            Self::Cache => Self::Name,
            Self::Sharing => Self::Cache,
            Self::Plugin | Self::Done => Self::Sharing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sizes_have_bounds() {
        assert_eq!(TextSize::new(79), Err(TextSizeError));
        assert_eq!(TextSize::new(201), Err(TextSizeError));
        assert_eq!(TextSize::new(80).map(TextSize::percent), Ok(80));
        assert_eq!(TextSize::default().to_string(), "100 %");
    }

    #[test]
    fn each_kind_is_told_by_itself() {
        for kind in Told::ALL {
            let mut all = Notifications::default();
            all.set(kind, false);
            for other in Told::ALL {
                assert_eq!(all.tells(other), other != kind);
            }
        }
    }

    #[test]
    fn the_first_questions_lead_to_their_end_and_back() {
        for pair in Welcome::ALL.windows(2) {
            assert_eq!(pair[0].next(), pair[1]);
        }
        assert_eq!(Welcome::Done.next(), Welcome::Done);
        assert_eq!(Welcome::Cache.previous(), Welcome::Name);
    }
}
