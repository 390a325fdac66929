//! The signalling session: two companions on one TCP connection, in Noise (revision 34), without any socket.
//!
//! The dialler's first byte says which pattern it speaks; everything behind it, both ways, is frames:
//!
//! ```text
//! dialler → listener   1 byte: 1 = Noise_IK_25519_ChaChaPoly_BLAKE2s, to a card that the dialler already holds
//!                              2 = Noise_XX_25519_ChaChaPoly_BLAKE2s, otherwise
//! both ways            2 bytes: length (big-endian) ‖ that many bytes of Noise message
//!
//! IK   →  ephemeral 32 · static 32+16 · dialler's card 128+16     (224 bytes)
//!      ←  ephemeral 32 · empty payload 16                         (48 bytes)
//! XX   →  ephemeral 32                                            (32 bytes)
//!      ←  ephemeral 32 · static 32+16 · listener's card 128+16    (224 bytes)
//!      →  static 32+16 · dialler's card 128+16                    (192 bytes)
//! then    one envelope + 16 each, at most 32 KiB + 16
//! ```
//!
//! The prologue is `fyteclub/1/signal`. A side's static key is the sealing key of its card, and the card that it shows must
//! be the one with that key. The handshake hash (32 bytes) is different in every session; the envelopes inside are bound to
//! it, so that nothing recorded in one session is fresh in another.
//!
//! Goals: who listens on mere addresses learns no key; a listener learns the dialler's card before it has said anything.
//! No goal: hiding that this is FyteClub. Limits: a handshake message has at most [`MAX_HANDSHAKE`] bytes, checked before
//! anything is allocated.
//!
//! A recorded first message of IK can be sent again by anybody, and is answered unless the listener remembers its
//! [`Answering::ephemeral`]; such a session opens nothing, because the sender lacks its secret.

use std::fmt;
use std::sync::Arc;

use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, DefaultResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState, StatelessTransportState};

use super::{MAX_ENVELOPE, WireError};
use crate::domain::{CARD_BYTES, Card, Identity, is_small_order};

/// The greatest handshake message in bytes: twice what protocol 1 needs.
pub const MAX_HANDSHAKE: usize = 512;
/// The greatest message behind the handshake in bytes: an envelope and its tag.
pub const MAX_MESSAGE: usize = MAX_ENVELOPE + TAG;

const TAG: usize = 16;
const WHAT: &str = "signalling session";
const PROLOGUE: &[u8] = b"fyteclub/1/signal";

/// Who knows whose card when a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The dialler holds the listener's card.
    Ik,
    /// Neither holds the other's card.
    Xx,
}

impl Pattern {
    /// The connection's first byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ik => 1,
            Self::Xx => 2,
        }
    }

    /// The pattern that a connection's first byte names.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ik),
            2 => Some(Self::Xx),
            _ => None,
        }
    }

    const fn noise_name(self) -> &'static str {
        match self {
            Self::Ik => "Noise_IK_25519_ChaChaPoly_BLAKE2s",
            Self::Xx => "Noise_XX_25519_ChaChaPoly_BLAKE2s",
        }
    }
}

/// Puts the length before a message. `None` if it is longer than any frame.
#[must_use]
pub fn frame(message: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(message.len()).ok()?;
    Some([&length.to_be_bytes(), message].concat())
}

/// Reads a frame's two first bytes: how many follow.
///
/// # Errors
/// [`WireError::TooLong`] if that is over `limit`, [`WireError::Malformed`] if it is zero.
pub fn frame_length(header: [u8; 2], limit: usize) -> Result<usize, WireError> {
    let length = usize::from(u16::from_be_bytes(header));
    match length {
        0 => Err(WireError::malformed(WHAT, "an empty frame")),
        1.. if length > limit => Err(WireError::TooLong { what: WHAT, limit, length }),
        1.. => Ok(length),
    }
}

/// A dialler that has spoken and waits for the listener's first message.
#[derive(Debug)]
pub struct Dialling {
    noise: HandshakeState,
    mine: Card,
    theirs: Option<Card>,
}

impl Dialling {
    /// Begins a session with a card already held. The bytes are to be sent, pattern and frame included.
    ///
    /// `entropy` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`WireError::NotAuthentic`] if the card's sealing key is no usable point.
    pub fn ik(me: &Identity, to: &Card, entropy: [u8; 32]) -> Result<(Self, Vec<u8>), WireError> {
        let noise = noise(Pattern::Ik, me, Some(to), Role::Dialler, entropy)?;
        Self::begin(noise, Pattern::Ik, me, Some(*to), &me.card().to_bytes())
    }

    /// Begins a session with whoever is there. The bytes are to be sent, pattern and frame included.
    ///
    /// `entropy` is 32 fresh random bytes.
    ///
    /// # Errors
    /// None that can be met in practice; the crypto library's are passed on.
    pub fn xx(me: &Identity, entropy: [u8; 32]) -> Result<(Self, Vec<u8>), WireError> {
        let noise = noise(Pattern::Xx, me, None, Role::Dialler, entropy)?;
        Self::begin(noise, Pattern::Xx, me, None, &[])
    }

    fn begin(
        mut noise: HandshakeState,
        pattern: Pattern,
        me: &Identity,
        theirs: Option<Card>,
        payload: &[u8],
    ) -> Result<(Self, Vec<u8>), WireError> {
        let first = write(&mut noise, payload)?;
        let bytes = [&[pattern.byte()], first.as_slice()].concat();
        Ok((Self { noise, mine: *me.card(), theirs }, bytes))
    }

    /// Hears the listener's first message. The session is for the card that was dialled or (XX) shown; the bytes, if any,
    /// are to be sent before anything else, and only if that card is welcome: they show ours.
    ///
    /// # Errors
    /// [`WireError`] if the message is not authentic or the card shown is not that of the static key.
    pub fn hear(mut self, message: &[u8]) -> Result<(Session, Vec<u8>), WireError> {
        let payload = read(&mut self.noise, message)?;
        let (card, last) = match self.theirs {
            Some(card) => (card, Vec::new()),
            None => (shown_card(&self.noise, &payload)?, write(&mut self.noise, &self.mine.to_bytes())?),
        };
        Ok((Session::new(self.noise, card)?, last))
    }
}

/// A listener that has heard a dialler's first message and may answer or stay silent.
#[derive(Debug)]
pub struct Answering {
    noise: HandshakeState,
    mine: Card,
    caller: Option<Card>,
    ephemeral: [u8; 32],
}

impl Answering {
    /// Hears the dialler's first message. `entropy` is 32 fresh random bytes.
    ///
    /// # Errors
    /// [`WireError`] if it is malformed or (IK) not meant for this identity, the ephemeral key is of small order, or the card
    /// is not that of the static key.
    pub fn hear(me: &Identity, pattern: Pattern, message: &[u8], entropy: [u8; 32]) -> Result<Self, WireError> {
        let ephemeral = *message.first_chunk().ok_or_else(|| WireError::malformed(WHAT, "no ephemeral key"))?;
        // Noise leaves it open; with such a key everybody could read the listener's card on the wire.
        if is_small_order(&ephemeral) {
            return Err(not_authentic());
        }
        let mut noise = noise(pattern, me, None, Role::Listener, entropy)?;
        let payload = read(&mut noise, message)?;
        let caller = match pattern {
            Pattern::Ik => Some(shown_card(&noise, &payload)?),
            Pattern::Xx => None,
        };
        Ok(Self { noise, mine: *me.card(), caller, ephemeral })
    }

    /// Who dials, if the first message told (IK).
    #[must_use]
    pub const fn caller(&self) -> Option<&Card> {
        self.caller.as_ref()
    }

    /// The dialler's ephemeral key: the same again only if the first message is a recorded one.
    #[must_use]
    pub const fn ephemeral(&self) -> [u8; 32] {
        self.ephemeral
    }

    /// Answers: the bytes are to be sent.
    ///
    /// # Errors
    /// [`WireError`] if the dialler's key is no usable point.
    pub fn answer(mut self) -> Result<(Answered, Vec<u8>), WireError> {
        match self.caller {
            Some(card) => {
                let bytes = write(&mut self.noise, &[])?;
                Ok((Answered::Known(Session::new(self.noise, card)?), bytes))
            }
            None => {
                let bytes = write(&mut self.noise, &self.mine.to_bytes())?;
                Ok((Answered::AwaitingCard(AwaitingCard { noise: self.noise }), bytes))
            }
        }
    }
}

/// What a listener has once it has answered.
#[derive(Debug)]
pub enum Answered {
    /// IK: the session stands.
    Known(Session),
    /// XX: the dialler has yet to show its card.
    AwaitingCard(AwaitingCard),
}

/// A listener that waits for the third message of XX.
#[derive(Debug)]
pub struct AwaitingCard {
    noise: HandshakeState,
}

impl AwaitingCard {
    /// Hears the dialler's card.
    ///
    /// # Errors
    /// [`WireError`] if the message is not authentic or the card is not that of the static key.
    pub fn hear(mut self, message: &[u8]) -> Result<Session, WireError> {
        let payload = read(&mut self.noise, message)?;
        let card = shown_card(&self.noise, &payload)?;
        Session::new(self.noise, card)
    }
}

/// An established session.
#[derive(Debug)]
pub struct Session {
    card: Card,
    handshake_hash: [u8; 32],
    transport: StatelessTransportState,
}

impl Session {
    fn new(noise: HandshakeState, card: Card) -> Result<Self, WireError> {
        let handshake_hash = noise.get_handshake_hash().try_into().map_err(|_| not_authentic())?;
        let transport = noise.into_stateless_transport_mode().map_err(|_| not_authentic())?;
        Ok(Self { card, handshake_hash, transport })
    }

    /// The other side's card; it has proved to hold the sealing key. The signing key is proved by the envelopes inside.
    #[must_use]
    pub const fn card(&self) -> &Card {
        &self.card
    }

    /// What the envelopes inside are bound to.
    #[must_use]
    pub const fn handshake_hash(&self) -> [u8; 32] {
        self.handshake_hash
    }

    /// The two directions.
    #[must_use]
    pub fn split(self) -> (Sealer, Opener) {
        let transport = Arc::new(self.transport);
        (Sealer { transport: Arc::clone(&transport), sent: 0 }, Opener { transport, heard: 0 })
    }
}

/// The direction from this side.
pub struct Sealer {
    transport: Arc<StatelessTransportState>,
    sent: u64,
}

impl Sealer {
    /// Seals one envelope into one frame.
    ///
    /// # Errors
    /// [`WireError::TooLong`] if it is over 32 KiB.
    pub fn seal(&mut self, envelope: &[u8]) -> Result<Vec<u8>, WireError> {
        WireError::check_length("envelope", envelope, MAX_ENVELOPE)?;
        let mut message = vec![0; envelope.len() + TAG];
        let length = self.transport.write_message(self.sent, envelope, &mut message).map_err(|_| not_authentic())?;
        self.sent += 1;
        message.truncate(length);
        frame(&message).ok_or(WireError::TooLong { what: WHAT, limit: MAX_MESSAGE, length })
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} sent)", self.sent)
    }
}

/// The direction to this side.
pub struct Opener {
    transport: Arc<StatelessTransportState>,
    heard: u64,
}

impl Opener {
    /// Opens one frame's message: each exactly once, in the order in which they were sent.
    ///
    /// # Errors
    /// [`WireError`] if it is too long or not the next message of this session. The session is to be ended then.
    pub fn open(&mut self, message: &[u8]) -> Result<Vec<u8>, WireError> {
        WireError::check_length(WHAT, message, MAX_MESSAGE)?;
        let mut envelope = vec![0; message.len()];
        let length = self.transport.read_message(self.heard, message, &mut envelope).map_err(|_| not_authentic())?;
        self.heard += 1;
        envelope.truncate(length);
        Ok(envelope)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({} heard)", self.heard)
    }
}

#[derive(Clone, Copy)]
enum Role {
    Dialler,
    Listener,
}

fn noise(pattern: Pattern, me: &Identity, to: Option<&Card>, role: Role, entropy: [u8; 32]) -> Result<HandshakeState, WireError> {
    let secret = me.sealing_secret();
    let parameters = pattern.noise_name().parse().map_err(|_| not_authentic())?;
    let builder = Builder::with_resolver(parameters, Box::new(Seeded(entropy)))
        .prologue(PROLOGUE)
        .and_then(|builder| builder.local_private_key(secret.as_ref()));
    let builder = match to {
        Some(card) => builder.and_then(|builder| builder.remote_public_key(card.sealing_key())),
        None => builder,
    };
    let built = builder.and_then(|builder| match role {
        Role::Dialler => builder.build_initiator(),
        Role::Listener => builder.build_responder(),
    });
    built.map_err(|_| not_authentic())
}

fn write(noise: &mut HandshakeState, payload: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut message = [0; MAX_HANDSHAKE];
    let length = noise.write_message(payload, &mut message).map_err(|_| not_authentic())?;
    message.get(..length).and_then(frame).ok_or_else(not_authentic)
}

fn read(noise: &mut HandshakeState, message: &[u8]) -> Result<Vec<u8>, WireError> {
    WireError::check_length(WHAT, message, MAX_HANDSHAKE)?;
    let mut payload = vec![0; MAX_HANDSHAKE];
    let length = noise.read_message(message, &mut payload).map_err(|_| not_authentic())?;
    payload.truncate(length);
    Ok(payload)
}

/// The card that the other side shows, if it is the one with its static key. Bytes behind it are for newer programs.
fn shown_card(noise: &HandshakeState, payload: &[u8]) -> Result<Card, WireError> {
    let bytes = payload.first_chunk::<CARD_BYTES>().ok_or_else(|| WireError::malformed(WHAT, "no card"))?;
    let card = Card::from_bytes(bytes).map_err(|error| WireError::malformed(WHAT, error))?;
    if noise.get_remote_static() == Some(card.sealing_key().as_slice()) { Ok(card) } else { Err(not_authentic()) }
}

const fn not_authentic() -> WireError {
    WireError::NotAuthentic { what: WHAT }
}

/// The crypto library's own primitives, with randomness that was given.
struct Seeded([u8; 32]);

impl CryptoResolver for Seeded {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Stream(blake3::Hasher::new_keyed(&self.0).finalize_xof())))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        DefaultResolver.resolve_dh(choice)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        DefaultResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        DefaultResolver.resolve_cipher(choice)
    }
}

struct Stream(blake3::OutputReader);

impl Random for Stream {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), snow::Error> {
        self.0.fill(dest);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
