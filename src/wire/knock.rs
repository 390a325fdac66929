//! The proof before the pipe's `hello` where the pipe is a TCP port of this machine, which anybody on it can open.
//!
//! Both sides know the token of `endpoint.json`, which only this user can read; it is new at each start of the companion and is never
//! said. Three short lines of JSON show it, the plugin's proof first, so that a stranger learns nothing but that the port is open:
//!
//! ```text
//! plugin     {"type":"knock","nonce":"<64 hexadecimal digits>"}
//! companion  {"type":"knock","nonce":"<64 hexadecimal digits>"}
//! plugin     {"type":"proof","proof":"<64 hexadecimal digits>"}
//! companion  {"type":"proof","proof":"<64 hexadecimal digits>"}
//! ```
//!
//! A proof is HMAC-SHA256 with the token as its key over the text `fyteclub/1/plugin-tcp/ROLE/PLUGIN'S NONCE/COMPANION'S NONCE`, the
//! role being the prover's, `plugin` or `companion`: so neither side's proof can be handed back to it, and none can be used twice.
//! Digits are lower case. It is SHA-256 since that is what every plugin's language has at hand.
//!
//! Goals: both sides know that the other one can read this user's files. Non-goals: secrecy (it does not leave the machine), and
//! protection from programs of the same user, which can read the token as well.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

/// The greatest line before the proof, in bytes, without its end: more than any of these has, unknown keys included.
pub const MAX_KNOCK: usize = 512;
/// What the proof is for, so that it is one for nothing else.
const LABEL: &str = "fyteclub/1/plugin-tcp";

/// 32 bytes, written as lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, JsonSchema)]
pub struct Hex32(#[schemars(with = "String")] [u8; 32]);

/// The secret of `endpoint.json`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(Hex32);

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prover {
    /// The game plugin.
    Plugin,
    /// The companion.
    Companion,
}

/// The lines before `hello` over TCP, both ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Knock {
    /// The first line both ways.
    Knock {
        /// Drawn anew for each connection.
        nonce: Hex32,
    },
    /// The second line both ways.
    Proof {
        /// The sender's.
        proof: Hex32,
    },
}

/// Both nonces of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonces {
    /// The plugin's.
    pub plugin: Hex32,
    /// The companion's.
    pub companion: Hex32,
}

impl Knock {
    /// Reads a line, without its end.
    #[must_use]
    pub fn decode(line: &[u8]) -> Option<Self> {
        if line.len() > MAX_KNOCK { None } else { serde_json::from_slice(line).ok() }
    }
}

impl Token {
    /// Of fresh random bytes.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self(Hex32(random))
    }

    /// What `prover` says to show that it knows this.
    #[must_use]
    pub fn proof(&self, prover: Prover, nonces: &Nonces) -> Hex32 {
        Hex32(self.mac(prover, nonces).finalize().into_bytes().into())
    }

    /// Whether `prover` said just that. Takes the same time wherever the difference lies.
    #[must_use]
    pub fn is_shown_by(&self, proof: &Hex32, prover: Prover, nonces: &Nonces) -> bool {
        self.mac(prover, nonces).verify_slice(&proof.0).is_ok()
    }

    fn mac(&self, prover: Prover, nonces: &Nonces) -> Hmac<Sha256> {
        let role = match prover {
            Prover::Plugin => "plugin",
            Prover::Companion => "companion",
        };
        // The key has the length of no block, so it is taken as it is.
        let mut mac = Hmac::<Sha256>::new(&padded(&self.0.0).into());
        mac.update(format!("{LABEL}/{role}/{}/{}", nonces.plugin, nonces.companion).as_bytes());
        mac
    }
}

/// An HMAC key shorter than SHA-256's block stands for itself with zeros behind it.
fn padded(key: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Hex32 {
    /// These bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hex32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hex32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hex32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| D::Error::custom("64 hexadecimal digits in lower case are wanted"))
    }
}

fn parse(text: &str) -> Option<Hex32> {
    let (digits, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 32];
    if digits.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(digits) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(Hex32(bytes))
}

const fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCES: Nonces = Nonces { plugin: Hex32([0x11; 32]), companion: Hex32([0x22; 32]) };

    #[test]
    fn a_knock_and_a_proof_letter_by_letter() {
        let (knock, proof) = (Knock::Knock { nonce: NONCES.plugin }, Knock::Proof { proof: NONCES.companion });
        let (ones, twos) = ("1".repeat(64), "2".repeat(64));
        let lines = [
            (knock, format!(r#"{{"type":"knock","nonce":"{ones}"}}"#)),
            (proof, format!(r#"{{"type":"proof","proof":"{twos}"}}"#)),
        ];
        for (said, line) in lines {
            assert_eq!(serde_json::to_string(&said).unwrap(), line);
            assert_eq!(Knock::decode(line.as_bytes()), Some(said));
        }
    }

    /// Computed by another program: `hmac.new(bytes.fromhex("07" * 32), text, "sha256").hexdigest()` in Python.
    #[test]
    fn the_proofs_are_those_of_the_protocols_page() {
        let token = Token::new([7; 32]);
        for (prover, proof) in [
            (Prover::Plugin, "8d14d1db37e2ad990ba73ac12ed4b2e753dc391579c59c77e8f4fe2c1bb03f27"),
            (Prover::Companion, "5ceabde16f2428dae9a434fb645524bd308b90462a489e6f1a41fd28de743475"),
        ] {
            assert_eq!(token.proof(prover, &NONCES).to_string(), proof);
        }
    }

    #[test]
    fn a_proof_of_another_token_role_or_connection_is_none() {
        let token = Token::new([7; 32]);
        let proof = token.proof(Prover::Plugin, &NONCES);
        assert!(token.is_shown_by(&proof, Prover::Plugin, &NONCES));
        assert!(!Token::new([8; 32]).is_shown_by(&proof, Prover::Plugin, &NONCES));
        assert!(!token.is_shown_by(&proof, Prover::Companion, &NONCES), "it is handed back");
        for nonces in [Nonces { plugin: Hex32([3; 32]), ..NONCES }, Nonces { companion: Hex32([3; 32]), ..NONCES }] {
            assert!(!token.is_shown_by(&proof, Prover::Plugin, &nonces), "it is used twice");
        }
        let crossed = Nonces { plugin: NONCES.companion, companion: NONCES.plugin };
        assert!(!token.is_shown_by(&proof, Prover::Plugin, &crossed));
    }

    #[test]
    fn anything_else_is_no_knock() {
        let good = format!(r#"{{"type":"knock","nonce":"{}"}}"#, "1".repeat(64));
        assert!(Knock::decode(good.as_bytes()).is_some());
        for bad in [
            String::new(),
            "GET / HTTP/1.1".into(),
            good.replacen('1', "", 1),
            good.replacen('1', "11", 1),
            good.replacen('1', "A", 1),
            good.replacen('1', "g", 1),
            good.replacen('1', "é", 1),
            good.replace("nonce", "once"),
            good.replace("knock", "hello"),
            good.replace('}', &format!(r#","more":"{}"}}"#, "x".repeat(MAX_KNOCK))),
        ] {
            assert_eq!(Knock::decode(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn the_token_is_not_written_to_logs() {
        assert_eq!(format!("{:?}", Token::new([0xab; 32])), "Token(…)");
    }

    proptest! {
        #[test]
        fn every_nonce_travels(bytes: [u8; 32]) {
            let knock = Knock::Knock { nonce: Hex32(bytes) };
            prop_assert_eq!(Knock::decode(&serde_json::to_vec(&knock).unwrap()), Some(knock));
        }

        #[test]
        fn garbage_never_panics(line: Vec<u8>) {
            let _ = Knock::decode(&line);
        }
    }
}
