//! A code to become friends by: six words that one person reads to another.

use std::fmt;
use std::str::FromStr;

use bip39::Language;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// Words of a code.
pub const CODE_WORDS: usize = 6;
/// Words by which the two find each other. Who carries messages can find them out by trying all.
const PLACE_WORDS: usize = 2;
/// Words of the list, the English one of BIP 39: no two share their first four letters.
const LIST: u16 = 2048;
/// No text that is longer is looked at.
const MAX_TEXT: usize = 256;

/// Six words of a list of 2,048: 66 bits, of which the last four words (44 bits) are the secret.
///
/// They are enough because a guess costs a code: it is good for one answer and for ten minutes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InviteCode([u16; CODE_WORDS]);

/// Why a text is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not six words.
    #[error("a code has six words, this has {0}")]
    Count(usize),
    /// A word that is not in the list.
    #[error("“{word}” is not a word of a code{}", suggested(.like.as_deref()))]
    Word {
        /// As it was typed, shortened.
        word: String,
        /// The word of the list that is nearest to it.
        like: Option<String>,
    },
    /// Much longer than six words.
    #[error("that is too long for a code of six words")]
    TooLong,
}

fn suggested(like: Option<&str>) -> String {
    like.map_or_else(|| ": ask for it again".to_owned(), |like| format!("; did you mean “{like}”?"))
}

impl InviteCode {
    /// The code that random bytes stand for; the words are spread evenly.
    #[must_use]
    pub fn from_random(bytes: [u8; 2 * CODE_WORDS]) -> Self {
        let mut words = [0; CODE_WORDS];
        for (word, pair) in words.iter_mut().zip(bytes.chunks_exact(2)) {
            let pair = <[u8; 2]>::try_from(pair).unwrap_or_default();
            *word = u16::from_be_bytes(pair) % LIST;
        }
        Self(words)
    }

    /// The words by which the two find each other.
    #[must_use]
    pub fn place(&self) -> String {
        self.words().take(PLACE_WORDS).collect::<Vec<_>>().join(" ")
    }

    /// The words that only the two know.
    #[must_use]
    pub fn secret(&self) -> String {
        self.words().skip(PLACE_WORDS).collect::<Vec<_>>().join(" ")
    }

    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|word| Language::English.word_list().get(usize::from(*word)).copied().unwrap_or_default())
    }
}

impl Drop for InviteCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The words, between blanks.
impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join(" "))
    }
}

/// A code is a secret: never in a log.
impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(…)")
    }
}

/// As people type: any case, anything but letters between words, and the first four letters of a word are enough.
impl FromStr for InviteCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        if text.len() > MAX_TEXT {
            return Err(CodeError::TooLong);
        }
        let typed: Vec<String> =
            text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        let found = typed.iter().map(|word| find(word)).collect::<Result<Vec<u16>, _>>()?;
        found.try_into().map(Self).map_err(|found: Vec<u16>| CodeError::Count(found.len()))
    }
}

impl TryFrom<String> for InviteCode {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        text.parse()
    }
}

impl From<InviteCode> for String {
    fn from(code: InviteCode) -> Self {
        code.to_string()
    }
}

fn find(typed: &str) -> Result<u16, CodeError> {
    if let Some(word) = Language::English.find_word(typed) {
        return Ok(word);
    }
    // Four letters are one word; whatever was typed behind them must be that word's beginning.
    if typed.len() >= 4
        && let [word] = Language::English.words_by_prefix(typed)
        && let Some(word) = Language::English.find_word(word)
    {
        return Ok(word);
    }
    let like = Language::English.word_list().iter().map(|word| (distance(typed, word), *word)).min();
    let like = like.filter(|(distance, _)| *distance <= 2).map(|(_, word)| word.to_owned());
    Err(CodeError::Word { word: typed.chars().take(20).collect(), like })
}

/// How many letters must be put in, left out or changed to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let (mut corner, mut left) = (at, at + 1);
        let mut next = vec![left];
        for (above, wanted) in row.iter().skip(1).zip(&other) {
            left = (corner + usize::from(letter != *wanted)).min(left + 1).min(above + 1);
            corner = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = InviteCode::from_random([0, 0, 0, 1, 7, 255, 0, 2, 0, 3, 15, 255]);
        assert_eq!(code.to_string(), "abandon ability zoo able about zoo");
        assert_eq!((code.place(), code.secret()), ("abandon ability".to_owned(), "zoo able about zoo".to_owned()));
        for typed in
            ["abandon-ability-zoo-able-about-zoo", "  ABANDON, Ability\tzoo\nable. about zoo! ", "aban abil zoo able abou zoo"]
        {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_said_to_be_none_and_why() {
        let parse = |text: &str| text.parse::<InviteCode>().unwrap_err().to_string();
        assert_eq!(parse("abandon ability"), "a code has six words, this has 2");
        assert_eq!(parse(""), "a code has six words, this has 0");
        assert_eq!(parse("abandon abiliti zoo able about zoo"), "“abiliti” is not a word of a code; did you mean “ability”?");
        assert_eq!(parse("abandon ability zoo able about xyzzyxyzzy"), "“xyzzyxyzzy” is not a word of a code: ask for it again");
        assert_eq!(parse(&"zoo ".repeat(100)), "that is too long for a code of six words");
        assert!(!format!("{:?}", InviteCode::from_random([9; 12])).contains(' '));
    }

    #[test]
    fn no_two_words_share_four_letters() {
        let mut heads: Vec<String> = Language::English.word_list().iter().map(|word| word.chars().take(4).collect()).collect();
        heads.sort_unstable();
        heads.dedup();
        assert_eq!(heads.len(), usize::from(LIST));
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        for (one, other, apart) in
            [("kitten", "sitting", 3), ("", "zoo", 3), ("zoo", "", 3), ("able", "able", 0), ("baer", "bear", 2)]
        {
            assert_eq!(distance(one, other), apart, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn every_code_is_read_back(bytes: [u8; 12]) {
            let code = InviteCode::from_random(bytes);
            prop_assert_eq!(code.to_string().parse::<InviteCode>(), Ok(code));
        }

        #[test]
        fn no_text_is_too_odd(text: String) {
            let _ = text.parse::<InviteCode>();
        }
    }
}
