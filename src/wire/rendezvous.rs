//! What two companions say to each other by relays: topics that only they can tell apart from noise, and posts.
//!
//! A relay passes on events that bear a topic to whoever has asked for that topic. Between two friends each direction has a
//! topic of its own, which changes at midnight UTC: keyed BLAKE3 with the pair key ([`Identity::pair_key`], context
//! `fyteclub/1/rendezvous pair key`) over `fyteclub/1/topic` ‖ 0 ‖ day since 1970 (4 bytes, big-endian) ‖ direction (0 if the
//! speaker's id is the lower of the two, else 1). The listener also asks for the topics of the days before and after, so that clocks may differ by a day.
//!
//! An event's content is an envelope (`wire::envelope`) in Base64. Its body is a post:
//!
//! | bytes | |
//! |---|---|
//! | 2 | length of the message, big-endian |
//! | length | the message, CBOR `[number, map]` |
//! | the rest | zeros, up to a multiple of 1,024 bytes in all |
//!
//! | number | message | fields by key |
//! |---|---|---|
//! | 0 | `Here` | 0 the sender's session (32 bytes) |
//! | 1 | `Say` | 0 session · 1 conversation (16 bytes) · 2 signals (array of bytes, `wire::signal`) |
//! | 2 | `Over` | 0 session · 1 conversation |
//!
//! A *session* is 32 random bytes of one run of the program. An envelope whose nonce is the receiver's session is fresh: only a
//! friend who has heard from this very run can have made it. A `Here` with no nonce says only that somebody would like to know my
//! session; it is answered with a `Here` under the nonce that it brought, and believed in nothing. So neither saved state nor
//! right clocks are needed, and a relay that repeats old events reaches nothing. Within a session, a conversation's posts bear numbers, each of
//! which is heard once; a conversation that has ended is not begun again.
//!
//! A relay sees: the addresses of who is connected to it, how many events of about which size bear which topic and when, and so
//! which two connections speak with each other within a day. No key, no name, no content.

use std::fmt;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::envelope::{self, Freshness, MAX_BODY};
use super::signal::Signal;
use super::{WireError, from_cbor, split_message, to_cbor};
use crate::domain::{Card, Identity, PeerId};

/// Which run of a program speaks: the nonce of envelopes to it.
pub type SessionId = [u8; 32];
/// Which conversation a post belongs to.
pub type ConversationId = [u8; 16];

/// Signals in one post.
pub const MAX_SIGNALS: usize = 32;

const WHAT: &str = "post";
const CONTEXT: &str = "fyteclub/1/rendezvous pair key";
const TOPIC_LABEL: &[u8] = b"fyteclub/1/topic\0";
const SECONDS_A_DAY: u64 = 86_400;
const STEP: usize = 1024;

/// Under which events are found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic([u8; 32]);

impl Topic {
    /// The topic of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// In hexadecimal, as relays take it.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Topic(…)")
    }
}

/// A day since 1970, in UTC.
#[must_use]
pub fn day(unix_now: u64) -> u32 {
    u32::try_from(unix_now / SECONDS_A_DAY).unwrap_or(u32::MAX)
}

/// The days whose topics are listened to on this one.
#[must_use]
pub fn days_around(day: u32) -> [u32; 3] {
    [day.saturating_sub(1), day, day.saturating_add(1)]
}

/// The topics between a friend and me.
#[derive(Clone)]
pub struct PairTopics {
    key: [u8; 32],
    /// Whether I am the lower of the two.
    lower: bool,
}

impl PairTopics {
    /// Computes the key that the topics come from; about 40 µs.
    #[must_use]
    pub fn new(me: &Identity, friend: &Card) -> Self {
        Self { key: me.pair_key(friend, CONTEXT), lower: me.peer() < friend.peer() }
    }

    /// Where I speak.
    #[must_use]
    pub fn mine(&self, day: u32) -> Topic {
        self.topic(day, self.lower)
    }

    /// Where the friend speaks.
    #[must_use]
    pub fn theirs(&self, day: u32) -> Topic {
        self.topic(day, !self.lower)
    }

    fn topic(&self, day: u32, speaker_is_lower: bool) -> Topic {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(TOPIC_LABEL).update(&day.to_be_bytes()).update(&[u8::from(!speaker_is_lower)]);
        Topic(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for PairTopics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairTopics(…)")
    }
}

/// What is said in one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Post {
    /// "I am here, and this is my session."
    Here {
        /// The sender's.
        session: SessionId,
    },
    /// Signals of a conversation.
    Say {
        /// The sender's.
        session: SessionId,
        /// Which; named by whoever begins it.
        conversation: ConversationId,
        /// At most [`MAX_SIGNALS`], each as `wire::signal` encodes it.
        signals: Vec<Vec<u8>>,
    },
    /// A conversation ends.
    Over {
        /// The sender's.
        session: SessionId,
        /// Which.
        conversation: ConversationId,
    },
    /// A post of a newer program, to be ignored.
    Unknown {
        /// Its number.
        number: u16,
    },
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct HereFields {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    session: SessionId,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct SayFields {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    session: SessionId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    conversation: ConversationId,
    #[n(2)]
    signals: Vec<ByteVec>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct OverFields {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    session: SessionId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    conversation: ConversationId,
}

#[derive(Encode)]
#[cbor(map)]
struct Nothing {}

impl Post {
    /// The sender's session.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Here { session } | Self::Say { session, .. } | Self::Over { session, .. } => Some(session),
            Self::Unknown { .. } => None,
        }
    }

    /// The post's bytes, padded.
    ///
    /// # Errors
    /// [`WireError`] if there is too much in it for one envelope.
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        let message = match self.clone() {
            Self::Here { session } => to_cbor(&(0, HereFields { session })),
            Self::Say { session, conversation, signals } => {
                let signals = signals.into_iter().map(ByteVec::from).collect();
                to_cbor(&(1, SayFields { session, conversation, signals }))
            }
            Self::Over { session, conversation } => to_cbor(&(2, OverFields { session, conversation })),
            Self::Unknown { number } => to_cbor(&(number, Nothing {})),
        };
        let too_long = || WireError::TooLong { what: WHAT, limit: MAX_BODY, length: message.len() + 2 };
        let length = u16::try_from(message.len()).map_err(|_| too_long())?;
        let mut bytes = [length.to_be_bytes().as_slice(), &message].concat();
        if bytes.len() > MAX_BODY {
            return Err(too_long());
        }
        bytes.resize(bytes.len().next_multiple_of(STEP).min(MAX_BODY), 0);
        Ok(bytes)
    }

    /// Reads a post.
    ///
    /// # Errors
    /// [`WireError`] if it is malformed or holds too many signals.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        WireError::check_length(WHAT, bytes, MAX_BODY)?;
        let cut_short = || WireError::malformed(WHAT, "it is cut short");
        let (length, rest) = bytes.split_first_chunk().ok_or_else(cut_short)?;
        let message = rest.get(..usize::from(u16::from_be_bytes(*length))).ok_or_else(cut_short)?;
        let (number, fields) = split_message(WHAT, message, MAX_BODY)?;
        Ok(match number {
            0 => Self::Here { session: from_cbor::<HereFields>(WHAT, fields, MAX_BODY)?.session },
            1 => {
                let SayFields { session, conversation, signals } = from_cbor(WHAT, fields, MAX_BODY)?;
                if signals.len() > MAX_SIGNALS {
                    return Err(WireError::malformed(WHAT, format!("it holds more than {MAX_SIGNALS} signals")));
                }
                Self::Say { session, conversation, signals: signals.into_iter().map(Vec::from).collect() }
            }
            2 => {
                let OverFields { session, conversation } = from_cbor(WHAT, fields, MAX_BODY)?;
                Self::Over { session, conversation }
            }
            number => Self::Unknown { number },
        })
    }
}

/// What stood in an envelope from a friend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Its number in its conversation.
    pub number: u32,
    /// When it was sealed by the sender's clock, in seconds since 1970.
    pub issued_unix: u64,
    /// Whether it was made for this very run of mine.
    pub fresh: bool,
    /// What it says.
    pub post: Post,
}

/// Seals a post to a friend. `theirs`: the session of theirs that is known, without which only a `Here` means anything.
///
/// # Errors
/// [`WireError`] if there is too much in it.
pub fn seal(
    me: &Identity,
    friend: &Card,
    theirs: Option<SessionId>,
    (number, unix_now): (u32, u64),
    post: &Post,
    entropy: [u8; 32],
) -> Result<Vec<u8>, WireError> {
    let freshness = theirs.map_or(Freshness::Call, Freshness::Nonce);
    Ok(envelope::seal(me, friend, freshness, number, unix_now, &post.encode()?, entropy))
}

/// Opens what came on a friend's topic. `session` is mine.
///
/// # Errors
/// [`WireError`] if it is not of this friend, not for me, malformed, or says more than a `Here` without being fresh.
pub fn open(me: &Identity, friend: &PeerId, session: SessionId, bytes: &[u8]) -> Result<Heard, WireError> {
    let (opened, freshness) = envelope::open_any(me, &[Freshness::Nonce(session), Freshness::Call], bytes)?;
    if opened.sender.peer() != *friend {
        return Err(WireError::NotAuthentic { what: "post of another than the topic's friend" });
    }
    let (post, fresh) = (Post::decode(&opened.body)?, freshness != Freshness::Call);
    if !fresh && !matches!(post, Post::Here { .. }) {
        return Err(WireError::NotAuthentic { what: "post to another run of the program" });
    }
    Ok(Heard { number: opened.number, issued_unix: opened.issued_unix, fresh, post })
}

/// The signals of a post, those of a newer program left out.
///
/// # Errors
/// [`WireError`] for the first that is malformed.
pub fn signals(encoded: &[Vec<u8>]) -> Result<Vec<Signal>, WireError> {
    let all = encoded.iter().map(|bytes| Signal::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    Ok(all.into_iter().filter(|signal| !matches!(signal, Signal::Unknown { .. })).collect())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::testing::{damaged, hex};
    use super::*;

    fn pair() -> (Identity, Identity) {
        (Identity::from_seed([1; 32]), Identity::from_seed([2; 32]))
    }

    #[test]
    fn a_post_byte_by_byte() {
        let post = Post::Over { session: [7; 32], conversation: [9; 16] };
        let bytes = hex(&format!(
            "0038     // 56 bytes follow
             82 02 a2 // an array of two: Over, a map of two
             00 5820 {} // session
             01 50 {} // conversation",
            "07".repeat(32),
            "09".repeat(16)
        ));
        let encoded = post.encode().unwrap();
        assert_eq!(encoded.len(), 1024);
        assert_eq!(encoded[..bytes.len()], bytes);
        assert!(encoded[bytes.len()..].iter().all(|byte| *byte == 0));
        assert_eq!(Post::decode(&encoded), Ok(post.clone()));
        assert_eq!(Post::decode(&bytes), Ok(post), "without padding too");
    }

    #[test]
    fn both_name_the_same_topics_and_nobody_else_does() {
        let (a, b) = pair();
        let (of_a, of_b) = (PairTopics::new(&a, b.card()), PairTopics::new(&b, a.card()));
        assert_eq!((of_a.mine(9), of_a.theirs(9)), (of_b.theirs(9), of_b.mine(9)));
        assert_ne!(of_a.mine(9), of_a.theirs(9), "by direction");
        assert_ne!(of_a.mine(9), of_a.mine(10), "by day");
        let third = Identity::from_seed([3; 32]);
        assert_ne!(PairTopics::new(&third, b.card()).theirs(9), of_a.theirs(9));
        assert_eq!(of_a.mine(9).to_string().len(), 64);
        assert_eq!((day(0), day(86_399), day(86_400), days_around(0)), (0, 0, 1, [0, 0, 1]));
    }

    #[test]
    fn a_call_is_only_heard_as_such_and_anything_more_must_be_fresh() {
        let (a, b) = pair();
        let here = Post::Here { session: [5; 32] };
        let seal = |theirs, post: &Post| seal(&a, b.card(), theirs, (0, 77), post, [4; 32]).unwrap();
        let heard = open(&b, &a.peer(), [8; 32], &seal(None, &here)).unwrap();
        assert_eq!((heard.fresh, heard.issued_unix, heard.post), (false, 77, here.clone()));
        assert!(open(&b, &a.peer(), [8; 32], &seal(Some([8; 32]), &here)).unwrap().fresh);
        let say = Post::Say { session: [5; 32], conversation: [1; 16], signals: vec![vec![1]] };
        assert_eq!(open(&b, &a.peer(), [8; 32], &seal(Some([8; 32]), &say)).unwrap().post, say);
        for (why, bytes) in [("no nonce", seal(None, &say)), ("an older run's", seal(Some([6; 32]), &say))] {
            assert!(open(&b, &a.peer(), [8; 32], &bytes).is_err(), "{why}");
        }
        assert!(open(&b, &b.peer(), [8; 32], &seal(None, &here)).is_err(), "on another's topic");
        assert!(open(&a, &a.peer(), [8; 32], &seal(None, &here)).is_err(), "sealed to another");
    }

    #[test]
    fn limits_are_kept() {
        let many = |count| Post::Say { session: [0; 32], conversation: [0; 16], signals: vec![vec![]; count] };
        assert_eq!(Post::decode(&many(MAX_SIGNALS).encode().unwrap()), Ok(many(MAX_SIGNALS)));
        assert!(Post::decode(&many(MAX_SIGNALS + 1).encode().unwrap()).is_err());
        let long = Post::Say { session: [0; 32], conversation: [0; 16], signals: vec![vec![0; MAX_BODY]] };
        assert!(long.encode().is_err());
        assert!(Post::decode(&vec![0; MAX_BODY + 1]).is_err());
        for bad in ["", "00", "0005 8200a0", "0003 8200a0"] {
            assert!(Post::decode(&hex(bad)).is_err(), "{bad}");
        }
        assert_eq!(Post::decode(&hex("0004 8218 63a0")), Ok(Post::Unknown { number: 99 }));
    }

    proptest! {
        #[test]
        fn every_post_is_read_back(session: [u8; 32], conversation: [u8; 16], signals in vec(vec(any::<u8>(), 0..200), 0..MAX_SIGNALS)) {
            for post in [
                Post::Here { session },
                Post::Say { session, conversation, signals },
                Post::Over { session, conversation },
            ] {
                let bytes = post.encode().unwrap();
                prop_assert_eq!(bytes.len() % STEP, 0);
                prop_assert_eq!(Post::decode(&bytes), Ok(post));
            }
        }

        #[test]
        fn garbage_and_damage_never_panic(
            garbage in vec(any::<u8>(), 0..300),
            damaged in damaged(Just(Post::Over { session: [1; 32], conversation: [2; 16] }.encode().unwrap())),
        ) {
            let _ = (Post::decode(&garbage), Post::decode(&damaged));
        }
    }
}
