//! A passphrase that guards an identity.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// A passphrase's least length in characters.
pub const MIN_PASSPHRASE: usize = 8;
/// A passphrase's greatest length in bytes.
pub const MAX_PASSPHRASE: usize = 1_024;

/// At least [`MIN_PASSPHRASE`] characters. Never shown, and wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Passphrase(Zeroizing<String>);

/// Why a text is no passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Guessed too soon.
    #[error("a passphrase has at least {MIN_PASSPHRASE} characters")]
    Short,
    /// Longer than anybody types.
    #[error("a passphrase has at most {MAX_PASSPHRASE} bytes")]
    Long,
}

impl Passphrase {
    /// Checks a passphrase. Blanks count.
    ///
    /// # Errors
    /// [`PassphraseError`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        if text.chars().count() < MIN_PASSPHRASE {
            return Err(PassphraseError::Short);
        }
        if text.len() > MAX_PASSPHRASE {
            return Err(PassphraseError::Long);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl TryFrom<String> for Passphrase {
    type Error = PassphraseError;

    fn try_from(text: String) -> Result<Self, PassphraseError> {
        Self::new(&Zeroizing::new(text))
    }
}

impl From<Passphrase> for String {
    fn from(passphrase: Passphrase) -> Self {
        passphrase.0.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_has_a_length_and_is_never_shown() {
        assert_eq!(Passphrase::new("seven77"), Err(PassphraseError::Short));
        assert_eq!(Passphrase::new(&"x".repeat(MAX_PASSPHRASE + 1)), Err(PassphraseError::Long));
        let passphrase = Passphrase::new("correct horse").expect("a passphrase");
        assert_eq!(format!("{passphrase:?}"), "Passphrase(…)");
        assert_eq!(passphrase.as_bytes(), b"correct horse");
    }
}
