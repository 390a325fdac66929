//! Characters: the people of the game.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::peer::is_unseen;

/// Why a text is not a character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a character is Name@World, each of 1 to 32 letters, spaces, apostrophes and hyphens")]
pub struct CharacterError;

/// A character: name and home world, since two worlds may hold the same name. Never used as a file name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Character {
    name: String,
    world: String,
}

impl Character {
    /// Checks name and home world: 1–32 letters, spaces, `'`, `-` each. A letter that cannot be seen is none.
    ///
    /// # Errors
    /// [`CharacterError`] if either is anything else.
    pub fn new(name: &str, world: &str) -> Result<Self, CharacterError> {
        let good = |part: &str| {
            let count = part.chars().count();
            (1..=32).contains(&count)
                && part.trim() == part
                && part.chars().all(|c| (c.is_alphabetic() && !is_unseen(c)) || matches!(c, ' ' | '\'' | '-'))
        };
        if good(name) && good(world) { Ok(Self { name: name.to_owned(), world: world.to_owned() }) } else { Err(CharacterError) }
    }

    /// The name without the world.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The home world.
    #[must_use]
    pub fn world(&self) -> &str {
        &self.world
    }
}

impl fmt::Display for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.world)
    }
}

impl fmt::Debug for Character {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A character is a person's: its name appears in no log above DEBUG, so a short hash stands for it.
        let hash = blake3::hash(self.to_string().as_bytes()).to_hex();
        write!(f, "Character(#{})", hash.get(..6).unwrap_or_default())
    }
}

impl FromStr for Character {
    type Err = CharacterError;

    fn from_str(text: &str) -> Result<Self, CharacterError> {
        let (name, world) = text.split_once('@').ok_or(CharacterError)?;
        Self::new(name, world)
    }
}

impl TryFrom<String> for Character {
    type Error = CharacterError;

    fn try_from(text: String) -> Result<Self, CharacterError> {
        text.parse()
    }
}

impl From<Character> for String {
    fn from(character: Character) -> Self {
        character.to_string()
    }
}

impl<C> minicbor::Encode<C> for Character {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.to_string())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Character {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        d.str()?.parse().map_err(|_| minicbor::decode::Error::message("not a character"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_are_name_and_world() {
        assert!("Aria Fyte@Phoenix".parse::<Character>().is_ok());
        for bad in ["Aria", "Aria@", "@Phoenix", "A@B@C", "../x@y", "A1@B", " A@B", "A\n@B"] {
            assert!(bad.parse::<Character>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn letters_that_cannot_be_seen_make_no_second_character_of_the_same_looks() {
        // Fillers: to Unicode they are letters.
        for unseen in ['\u{115f}', '\u{1160}', '\u{3164}', '\u{ffa0}'] {
            assert!(unseen.is_alphabetic());
            assert!(Character::new(&format!("Aria{unseen} Fyte"), "Phoenix").is_err(), "{unseen:?}");
            assert!(Character::new("Aria Fyte", &format!("Phoenix{unseen}")).is_err(), "{unseen:?}");
        }
    }

    #[test]
    fn each_part_has_1_to_32_letters() {
        assert!(Character::new(&"é".repeat(32), "Phoenix").is_ok(), "letters are counted, not bytes");
        assert!(Character::new(&"e".repeat(33), "Phoenix").is_err());
        assert!(Character::new("Y'shtola Rhul-Nunh", "Phoenix").is_ok());
    }

    #[test]
    fn a_character_is_not_named_in_debug_output() {
        let text = format!("{:?}", Character::new("Aria Fyte", "Phoenix").unwrap());
        assert!(!text.contains("Aria") && !text.contains("Phoenix"), "{text}");
    }

    proptest! {
        #[test]
        fn a_character_reads_back_from_its_text(text in "[A-Za-z' -]{1,12}@[A-Za-z]{1,12}") {
            if let Ok(character) = text.parse::<Character>() {
                prop_assert_eq!(character.to_string(), text);
            }
        }
    }
}
