//! What is said about a peer: its name and the route to it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A display name's greatest length in bytes of UTF-8.
pub(super) const MAX_NAME: usize = 64;

/// Why a text is not a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or only blanks.
    #[error("a name needs at least one visible character")]
    Empty,
    /// Longer than 64 bytes.
    #[error("a name has at most {MAX_NAME} bytes")]
    TooLong,
    /// Control characters, or ones that leave no mark or turn the direction of writing.
    #[error("a name holds no control characters and none that cannot be seen")]
    Control,
}

/// The name that a person goes by. It proves nothing: it is shown beside the id, never in its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

impl DisplayName {
    /// Checks and trims a name: 1–64 bytes, no control characters and none that cannot be seen.
    ///
    /// # Errors
    /// [`NameError`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || is_unseen(c)) {
            return Err(NameError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text from outside, fit to be shown in a sentence of ours: its first `most` visible characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control() && !is_unseen(*c)).take(most).collect()
}

/// Characters that leave no mark of their own or turn the direction of writing: two names that differ in them look alike.
pub(crate) const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(…)")
    }
}

impl TryFrom<String> for DisplayName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

impl<C> minicbor::Encode<C> for DisplayName {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for DisplayName {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Self::new(d.str()?).map_err(|_| minicbor::decode::Error::message("not a display name"))
    }
}

/// How a link runs. The order is the ladder of preference: a lesser route is a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Within one local network (or one machine).
    Lan,
    /// Straight across the internet.
    Direct,
}

impl Route {
    /// The rung's number on the ladder; lower is better.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Lan => 10,
            Self::Direct => 30,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_deceive_are_refused() {
        assert!(DisplayName::new(" Aria ").is_ok_and(|name| name.as_str() == "Aria"));
        assert!(DisplayName::new("  ").is_err());
        assert!(DisplayName::new("a\u{202e}b").is_err());
        assert!(DisplayName::new("a\nb").is_err());
        assert!(DisplayName::new("\u{3164}").is_err());
        assert!(DisplayName::new("Ar\u{ad}ia").is_err());
        assert!(DisplayName::new("Ar\u{34f}ia").is_err());
        assert!(DisplayName::new("Ar\u{1d173}ia").is_err());
        assert!(DisplayName::new("アリア ☆").is_ok());
        assert!(DisplayName::new(&"x".repeat(64)).is_ok());
        assert!(DisplayName::new(&"x".repeat(65)).is_err());
    }
}
