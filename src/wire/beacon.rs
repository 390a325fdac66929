//! The beacon: one UDP datagram that a companion sends to its local network, so that friends find each other.
//!
//! A *blinded* beacon ("Friends only") is noise to everybody but friends: under a fresh salt it holds a tag for each friend,
//! made with a key that only the two of them can compute. There are always 32 tags, in a random order, so that nobody can
//! count friends; with fewer friends the rest is random, with more they take turns from beacon to beacon.
//!
//! ```text
//! offset  bytes
//!      0      1  kind: 1 = blinded
//!      1     16  salt, random in each beacon
//!     17      2  the sender's signalling port (TCP, big-endian)
//!     19    192  32 tags of 6 bytes, in any order
//! ```
//!
//! A tag is the first 6 bytes of keyed BLAKE3 with the pair key ([`Identity::pair_key`], context
//! `fyteclub/1/beacon pair key`) over
//! `fyteclub/1/beacon` ‖ 0 ‖ salt ‖ slot (8 bytes, big-endian) ‖ sender's address (16 bytes, IPv4 mapped) ‖ port (2) ‖
//! direction (1 byte: 0 if the sender's id is the lower of the two, else 1). A slot is 10 minutes of unix time; the receiver
//! also tries the slots before and after.
//!
//! An *open* beacon ("Everyone nearby") shows the card and the name:
//!
//! ```text
//! offset  bytes
//!      0      1  kind: 2 = open
//!      1     16  salt, random in each beacon
//!     17      4  slot (big-endian)
//!     21      2  the sender's signalling port (TCP, big-endian)
//!     23    128  card
//!    151      1  length of the name: 0–64
//!    152   0–64  name, UTF-8
//!      …     64  Ed25519 by the card over `fyteclub/1/open-beacon` ‖ 0 ‖ salt ‖ slot ‖ address (16) ‖ port ‖ name
//! ```
//!
//! Both are bound to the address that they were sent from: the receiver puts the datagram's source where the address belongs,
//! so a beacon that is sent again from elsewhere is nobody's. Sent again from the same address it says nothing new.
//!
//! Limits: 512 bytes. Bytes behind the layout are for newer programs and ignored. They are not under the signature of an open
//! beacon and in no tag: what a newer program puts there brings a signature of its own. No goal: hiding that this is FyteClub.

use std::net::{IpAddr, SocketAddr};

use super::WireError;
use crate::domain::{CARD_BYTES, Card, DisplayName, Identity, PeerId};

/// The greatest beacon in bytes.
pub const MAX_BEACON: usize = 512;
/// How many friends one blinded beacon can be recognised by.
pub const TAGS: usize = 32;

const WHAT: &str = "beacon";
const TAG: usize = 6;
const SALT: usize = 16;
const SLOT_SECONDS: u64 = 600;
const PAIR_CONTEXT: &str = "fyteclub/1/beacon pair key";
const BLINDED_LABEL: &[u8] = b"fyteclub/1/beacon\0";
const OPEN_LABEL: &[u8] = b"fyteclub/1/open-beacon";
const BLINDED: u8 = 1;
const OPEN: u8 = 2;

/// The keys that I share with each friend. Made once for a set of friends, since each costs a Diffie-Hellman.
#[derive(Clone)]
pub struct PairKeys {
    me: PeerId,
    keys: Vec<(PeerId, [u8; 32])>,
}

impl PairKeys {
    /// Computes the keys; about 40 µs a friend.
    #[must_use]
    pub fn new(me: &Identity, friends: &[Card]) -> Self {
        let keys = friends.iter().map(|friend| (friend.peer(), me.pair_key(friend, PAIR_CONTEXT))).collect();
        Self { me: me.peer(), keys }
    }

    /// Whether `peer` is one of them.
    #[must_use]
    pub fn includes(&self, peer: &PeerId) -> bool {
        self.keys.iter().any(|(friend, _)| friend == peer)
    }

    /// After how many rounds each friend has had its turn.
    #[must_use]
    pub const fn rounds(&self) -> usize {
        self.keys.len().div_ceil(TAGS)
    }

    /// Those whose turn it is, at most [`TAGS`].
    fn turn(&self, round: usize) -> impl Iterator<Item = &(PeerId, [u8; 32])> {
        let first = round.wrapping_mul(TAGS).checked_rem(self.keys.len()).unwrap_or(0);
        self.keys.iter().cycle().skip(first).take(TAGS.min(self.keys.len()))
    }
}

impl std::fmt::Debug for PairKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PairKeys({})", self.keys.len())
    }
}

/// A blinded beacon for those friends whose turn it is in this round.
///
/// `here` is the address that it is sent from and my signalling port, `entropy` 32 fresh random bytes.
#[must_use]
pub fn blinded(keys: &PairKeys, here: SocketAddr, unix_now: u64, round: usize, entropy: [u8; 32]) -> Vec<u8> {
    encode_blinded(keys.me, keys.turn(round), here, unix_now, entropy)
}

/// A blinded beacon for one friend, to answer it; nothing but noise if it is none.
#[must_use]
pub fn blinded_for(keys: &PairKeys, peer: &PeerId, here: SocketAddr, unix_now: u64, entropy: [u8; 32]) -> Vec<u8> {
    let chosen = keys.keys.iter().filter(|(friend, _)| friend == peer).take(1);
    encode_blinded(keys.me, chosen, here, unix_now, entropy)
}

/// An open beacon. `here` is the address that it is sent from and my signalling port, `entropy` 32 fresh random bytes.
#[must_use]
pub fn open(me: &Identity, name: Option<&DisplayName>, here: SocketAddr, unix_now: u64, entropy: [u8; 32]) -> Vec<u8> {
    let name = name.map_or("", DisplayName::as_str).as_bytes();
    let mut salt = [0; SALT];
    random(&entropy).fill(&mut salt);
    let slot = u32::try_from(slot(unix_now)).unwrap_or(u32::MAX);
    let signature = me.sign(OPEN_LABEL, &signed_bytes(&salt, slot, here, name));
    let mut bytes = Vec::with_capacity(MAX_BEACON);
    bytes.push(OPEN);
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&slot.to_be_bytes());
    bytes.extend_from_slice(&here.port().to_be_bytes());
    bytes.extend_from_slice(&me.card().to_bytes());
    bytes.push(u8::try_from(name.len()).unwrap_or(0));
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(&signature);
    bytes
}

/// A beacon as read, by nobody yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beacon {
    /// Recognised by friends only.
    Blinded(BlindedBeacon),
    /// Shows a card.
    Open(OpenBeacon),
}

impl Beacon {
    /// Reads a datagram. Who it is from is for [`BlindedBeacon::sender`] and [`OpenBeacon::is_authentic`] to say.
    ///
    /// What costs nothing is checked before the signatures are.
    ///
    /// # Errors
    /// [`WireError`] if it is too long, too short or of an unknown kind, or (open) of another time, or the card or the name
    /// is none.
    pub fn decode(bytes: &[u8], unix_now: u64) -> Result<Self, WireError> {
        WireError::check_length(WHAT, bytes, MAX_BEACON)?;
        let (kind, rest) = bytes.split_first().ok_or_else(too_short)?;
        match *kind {
            BLINDED => BlindedBeacon::read(rest).map(Self::Blinded),
            OPEN => OpenBeacon::read(rest, unix_now).map(Self::Open),
            kind => Err(WireError::malformed(WHAT, format!("kind {kind} is unknown"))),
        }
    }
}

/// A blinded beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindedBeacon {
    salt: [u8; SALT],
    port: u16,
    tags: Vec<[u8; TAG]>,
}

impl BlindedBeacon {
    fn read(bytes: &[u8]) -> Result<Self, WireError> {
        let (salt, rest) = bytes.split_first_chunk().ok_or_else(too_short)?;
        let (port, rest) = rest.split_first_chunk().ok_or_else(too_short)?;
        let tags: Vec<[u8; TAG]> = rest.as_chunks().0.iter().take(TAGS).copied().collect();
        if tags.len() < TAGS {
            return Err(too_short());
        }
        Ok(Self { salt: *salt, port: u16::from_be_bytes(*port), tags })
    }

    /// Which friend sent it from `source`, if any.
    #[must_use]
    pub fn sender(&self, keys: &PairKeys, source: IpAddr, unix_now: u64) -> Option<PeerId> {
        let there = self.signalling(source);
        let now = slot(unix_now);
        let slots = [now, now.saturating_sub(1), now.saturating_add(1)];
        let is_from = |(peer, key): &&(PeerId, [u8; 32])| {
            slots.iter().any(|slot| self.tags.contains(&tag(key, &self.salt, *slot, there, direction(peer, &keys.me))))
        };
        keys.keys.iter().find(is_from).map(|(peer, _)| *peer)
    }

    /// The sender's signalling address, if it sent this from `source`.
    #[must_use]
    pub fn signalling(&self, source: IpAddr) -> SocketAddr {
        SocketAddr::new(source.to_canonical(), self.port)
    }
}

/// An open beacon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBeacon {
    salt: [u8; SALT],
    slot: u32,
    port: u16,
    /// The card it shows.
    pub card: Card,
    /// The name it claims.
    pub name: Option<DisplayName>,
    signature: [u8; 64],
}

impl OpenBeacon {
    fn read(bytes: &[u8], unix_now: u64) -> Result<Self, WireError> {
        let (salt, rest) = bytes.split_first_chunk().ok_or_else(too_short)?;
        let (slot, rest) = rest.split_first_chunk().ok_or_else(too_short)?;
        let (port, rest) = rest.split_first_chunk().ok_or_else(too_short)?;
        let (card, rest) = rest.split_first_chunk::<CARD_BYTES>().ok_or_else(too_short)?;
        let (length, rest) = rest.split_first().ok_or_else(too_short)?;
        let (name, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(too_short)?;
        let signature = rest.first_chunk().ok_or_else(too_short)?;
        let (slot, name) = (u32::from_be_bytes(*slot), read_name(name)?);
        if !is_near(slot, unix_now) {
            return Err(WireError::malformed(WHAT, "it is of another time"));
        }
        let card = Card::from_bytes(card).map_err(|error| WireError::malformed(WHAT, error))?;
        Ok(Self { salt: *salt, slot, port: u16::from_be_bytes(*port), card, name, signature: *signature })
    }

    /// Whether the card's owner sent it from `source`, not more than a slot ago.
    #[must_use]
    pub fn is_authentic(&self, source: IpAddr, unix_now: u64) -> bool {
        let name = self.name.as_ref().map_or("", DisplayName::as_str).as_bytes();
        let signed = signed_bytes(&self.salt, self.slot, self.signalling(source), name);
        is_near(self.slot, unix_now) && self.card.peer().signed(OPEN_LABEL, &signed, &self.signature)
    }

    /// The sender's signalling address, if it sent this from `source`.
    #[must_use]
    pub fn signalling(&self, source: IpAddr) -> SocketAddr {
        SocketAddr::new(source.to_canonical(), self.port)
    }
}

fn encode_blinded<'a>(
    me: PeerId,
    friends: impl Iterator<Item = &'a (PeerId, [u8; 32])>,
    here: SocketAddr,
    unix_now: u64,
    entropy: [u8; 32],
) -> Vec<u8> {
    let mut random = random(&entropy);
    let (mut salt, mut tags) = ([0; SALT], [[0; TAG]; TAGS]);
    random.fill(&mut salt);
    random.fill(tags.as_flattened_mut());
    for (place, (peer, key)) in tags.iter_mut().zip(friends) {
        *place = tag(key, &salt, slot(unix_now), here, direction(&me, peer));
    }
    // A friend knows its own tag: its place must not tell how many stand before it.
    shuffle(&mut tags, &mut random);
    let mut bytes = Vec::with_capacity(1 + SALT + 2 + TAGS * TAG);
    bytes.push(BLINDED);
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&here.port().to_be_bytes());
    bytes.extend_from_slice(tags.as_flattened());
    bytes
}

/// Fisher and Yates, with eight random bytes a step: the bias is below 2⁻⁵⁸.
fn shuffle(tags: &mut [[u8; TAG]; TAGS], random: &mut blake3::OutputReader) {
    for last in (1..TAGS).rev() {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        let chosen = u64::from_be_bytes(bytes) % (last as u64 + 1);
        tags.swap(last, usize::try_from(chosen).unwrap_or(last));
    }
}

fn tag(key: &[u8; 32], salt: &[u8; SALT], slot: u64, sender: SocketAddr, direction: u8) -> [u8; TAG] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(BLINDED_LABEL).update(salt).update(&slot.to_be_bytes());
    hasher.update(&sixteen(sender.ip())).update(&sender.port().to_be_bytes()).update(&[direction]);
    let mut tag = [0; TAG];
    hasher.finalize_xof().fill(&mut tag);
    tag
}

/// The pair key is the same both ways, so a tag says which way it goes: else one's own could be sent back.
fn direction(sender: &PeerId, receiver: &PeerId) -> u8 {
    u8::from(sender > receiver)
}

fn signed_bytes(salt: &[u8; SALT], slot: u32, sender: SocketAddr, name: &[u8]) -> Vec<u8> {
    [salt.as_slice(), &slot.to_be_bytes(), &sixteen(sender.ip()), &sender.port().to_be_bytes(), name].concat()
}

fn sixteen(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

const fn slot(unix_now: u64) -> u64 {
    unix_now / SLOT_SECONDS
}

/// Whether an open beacon's slot is now, or next to now.
fn is_near(slot_told: u32, unix_now: u64) -> bool {
    u64::from(slot_told).abs_diff(slot(unix_now)) <= 1
}

fn read_name(bytes: &[u8]) -> Result<Option<DisplayName>, WireError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| WireError::malformed(WHAT, error))?;
    DisplayName::new(text).map(Some).map_err(|error| WireError::malformed(WHAT, error))
}

fn random(entropy: &[u8; 32]) -> blake3::OutputReader {
    blake3::Hasher::new_keyed(entropy).finalize_xof()
}

fn too_short() -> WireError {
    WireError::malformed(WHAT, "it is cut short")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    #[test]
    fn a_blinded_beacon_byte_by_byte() {
        let keys = PairKeys::new(&alice(), &[*bob().card()]);
        let bytes = blinded(&keys, here(), NOW, 0, [7; 32]);
        assert_eq!(bytes.len(), 211);
        assert_eq!(bytes[0], 0x01, "blinded");
        let mut noise = [0; 16 + 192];
        blake3::Hasher::new_keyed(&[7; 32]).finalize_xof().fill(&mut noise);
        assert_eq!(bytes[1..17], noise[..16], "salt");
        assert_eq!(bytes[17..19], [0xb8, 0xcf], "port 47311");
        let mut mac = blake3::Hasher::new_keyed(&alice().pair_key(bob().card(), "fyteclub/1/beacon pair key"));
        mac.update(b"fyteclub/1/beacon\0");
        mac.update(&bytes[1..17]);
        mac.update(&[0, 0, 0, 0, 0, 0x2d, 0xc6, 0xc0]); // slot 3,000,000
        mac.update(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 0, 7]);
        mac.update(&[0xb8, 0xcf]);
        mac.update(&[u8::from(alice().peer() > bob().peer())]);
        let mut tags: Vec<&[u8]> = bytes[19..].chunks(6).collect();
        let mut expected: Vec<&[u8]> = noise[16 + 6..].chunks(6).collect();
        let mac = mac.finalize();
        expected.push(&mac.as_bytes()[..6]);
        tags.sort_unstable();
        expected.sort_unstable();
        assert_eq!(tags, expected, "Bob's tag and 31 for nobody, in any order");
    }

    #[test]
    fn a_tags_place_says_nothing_about_its_friend() {
        let friends: Vec<Card> = (0..12).map(|seed| *Identity::from_seed([100 + seed; 32]).card()).collect();
        let keys = PairKeys::new(&alice(), &friends);
        let (_, key) = keys.keys[11];
        let place = |seed| {
            let bytes = blinded(&keys, here(), NOW, 0, [seed; 32]);
            let salt = bytes[1..17].try_into().unwrap();
            let direction = direction(&alice().peer(), &friends[11].peer());
            let sought = tag(&key, &salt, slot(NOW), here(), direction);
            bytes[19..].chunks(6).position(|found| found == sought).unwrap()
        };
        let places: std::collections::BTreeSet<usize> = (0..200).map(place).collect();
        assert!(places.len() > 28, "{places:?}");
        assert!(places.contains(&0) && places.contains(&31), "{places:?}");
    }

    #[test]
    fn a_friend_whose_card_borrows_anothers_sealing_key_is_not_taken_for_it() {
        let sealing = bob().card().sealing_key().to_owned();
        let signature = carol().sign(b"fyteclub/1/card", &sealing);
        let mallory = Card::from_bytes(&[carol().peer().as_bytes().as_slice(), &sealing, &signature].concat()).unwrap();
        let bytes = blinded(&PairKeys::new(&bob(), &[*alice().card()]), here(), NOW, 0, [7; 32]);
        let Ok(Beacon::Blinded(beacon)) = Beacon::decode(&bytes, NOW) else { panic!("a blinded beacon") };
        for friends in [[mallory, *bob().card()], [*bob().card(), mallory]] {
            assert_eq!(beacon.sender(&PairKeys::new(&alice(), &friends), here().ip(), NOW), Some(bob().peer()));
        }
        let only_mallory = PairKeys::new(&alice(), &[mallory]);
        assert_eq!(beacon.sender(&only_mallory, here().ip(), NOW), None);
    }

    #[test]
    fn an_open_beacon_of_another_time_is_refused_before_its_card_is_looked_at() {
        let mut bytes = open(&alice(), None, here(), NOW, [7; 32]);
        assert!(Beacon::decode(&bytes, NOW + 600).is_ok());
        bytes[23..151].fill(0);
        let why = |now| Beacon::decode(&bytes, now).unwrap_err().to_string();
        assert!(why(NOW + 1200).contains("another time"), "{}", why(NOW + 1200));
        assert!(!why(NOW).contains("another time"), "{}", why(NOW));
    }

    #[test]
    fn an_open_beacon_byte_by_byte() {
        let bytes = open(&alice(), Some(&name()), here(), NOW, [7; 32]);
        assert_eq!(bytes.len(), 152 + 4 + 64);
        assert_eq!(bytes[0], 0x02, "open");
        assert_eq!(bytes[17..21], [0x00, 0x2d, 0xc6, 0xc0], "slot 3,000,000");
        assert_eq!(bytes[21..23], [0xb8, 0xcf], "port 47311");
        assert_eq!(bytes[23..151], alice().card().to_bytes(), "card");
        assert_eq!(bytes[151..156], [4, b'A', b'r', b'i', b'a'], "name");
        let mut signed = bytes[1..21].to_vec();
        signed.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 0, 7, 0xb8, 0xcf]);
        signed.extend(b"Aria");
        assert!(alice().peer().signed(b"fyteclub/1/open-beacon", &signed, bytes[156..].try_into().unwrap()));
    }

    #[test]
    fn a_friend_recognises_the_sender_and_a_stranger_does_not() {
        let bytes = blinded(&PairKeys::new(&alice(), &[*bob().card()]), here(), NOW, 0, [7; 32]);
        assert_eq!(heard_by(&bob(), &[alice()], &bytes, here().ip(), NOW), Some(alice().peer()));
        assert_eq!(heard_by(&carol(), &[alice(), bob()], &bytes, here().ip(), NOW), None);
        assert_eq!(heard_by(&alice(), &[bob(), carol()], &bytes, here().ip(), NOW), None, "one's own is not a friend's");
    }

    #[test]
    fn a_beacon_from_another_address_or_another_time_is_nobodys() {
        let keys = PairKeys::new(&alice(), &[*bob().card()]);
        let (hidden, shown) = (blinded(&keys, here(), NOW, 0, [7; 32]), open(&alice(), None, here(), NOW, [7; 32]));
        let elsewhere = "192.168.0.8".parse().unwrap();
        let mapped = "::ffff:192.168.0.7".parse().unwrap();
        let cases = [(here().ip(), NOW, true), (mapped, NOW, true), (elsewhere, NOW, false), (here().ip(), NOW + 600, true)]
            .into_iter()
            .chain([(here().ip(), NOW - 600, true), (here().ip(), NOW + 1200, false), (here().ip(), NOW - 1200, false)]);
        for (source, now, known) in cases {
            assert_eq!(heard_by(&bob(), &[alice()], &hidden, source, now).is_some(), known, "{source} {now}");
            let Ok(Beacon::Open(beacon)) = Beacon::decode(&shown, NOW) else { panic!("an open beacon") };
            assert_eq!(beacon.is_authentic(source, now), known, "{source} {now}");
        }
    }

    #[test]
    fn with_more_than_32_friends_each_has_its_turn() {
        let friends: Vec<Identity> = (0..70).map(|seed| Identity::from_seed([100 + seed; 32])).collect();
        let cards: Vec<Card> = friends.iter().map(|friend| *friend.card()).collect();
        let keys = PairKeys::new(&alice(), &cards);
        assert_eq!(keys.rounds(), 3);
        for start in [0, 5, usize::MAX / TAGS] {
            let beacons: Vec<_> = (start..start + 3).map(|round| blinded(&keys, here(), NOW, round, [7; 32])).collect();
            assert!(beacons.iter().all(|beacon| beacon.len() == 211));
            let hears = |friend| beacons.iter().any(|beacon| heard_by(friend, &[alice()], beacon, here().ip(), NOW).is_some());
            assert!(friends.iter().all(hears));
        }
    }

    #[test]
    fn an_answer_is_for_the_one_who_asked() {
        let keys = PairKeys::new(&alice(), &[*bob().card(), *carol().card()]);
        let bytes = blinded_for(&keys, &carol().peer(), here(), NOW, [7; 32]);
        assert_eq!(bytes.len(), 211);
        assert_eq!(heard_by(&carol(), &[alice()], &bytes, here().ip(), NOW), Some(alice().peer()));
        assert_eq!(heard_by(&bob(), &[alice()], &bytes, here().ip(), NOW), None);
    }

    #[test]
    fn without_friends_a_beacon_looks_like_any_other() {
        let keys = PairKeys::new(&alice(), &[]);
        assert_eq!(blinded(&keys, here(), NOW, 3, [7; 32]).len(), 211);
        assert_ne!(blinded(&keys, here(), NOW, 0, [7; 32]), blinded(&keys, here(), NOW, 0, [8; 32]));
    }

    #[test]
    fn every_cut_of_a_beacon_is_refused() {
        let hidden = blinded(&PairKeys::new(&alice(), &[*bob().card()]), here(), NOW, 0, [7; 32]);
        for bytes in [hidden, open(&alice(), Some(&name()), here(), NOW, [7; 32])] {
            assert!((0..bytes.len()).all(|length| Beacon::decode(&bytes[..length], NOW).is_err()));
            let longer = [bytes.as_slice(), b"for newer programs"].concat();
            assert_eq!(Beacon::decode(&longer, NOW), Beacon::decode(&bytes, NOW));
        }
        assert!(matches!(Beacon::decode(&[1; MAX_BEACON + 1], NOW), Err(WireError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn garbage_is_from_nobody(bytes in prop::collection::vec(any::<u8>(), 0..600), kind in 0..4_u8) {
            let mut bytes = bytes;
            if let Some(first) = bytes.first_mut() {
                *first = kind;
            }
            let keys = PairKeys::new(&bob(), &[*alice().card()]);
            match Beacon::decode(&bytes, NOW) {
                Ok(Beacon::Blinded(beacon)) => prop_assert_eq!(beacon.sender(&keys, here().ip(), NOW), None),
                Ok(Beacon::Open(beacon)) => prop_assert!(!beacon.is_authentic(here().ip(), NOW)),
                Err(_) => {}
            }
        }

        #[test]
        fn one_changed_byte_of_an_open_beacon_is_not_authentic(position in 0..220_usize, change in 1..=255_u8) {
            let mut bytes = open(&alice(), Some(&name()), here(), NOW, [7; 32]);
            bytes[position] ^= change;
            if let Ok(Beacon::Open(beacon)) = Beacon::decode(&bytes, NOW) {
                prop_assert!(!beacon.is_authentic(here().ip(), NOW));
            }
        }

        #[test]
        fn every_beacon_sent_is_heard(address in any::<[u8; 4]>(), port in 1..=u16::MAX, now in 0..4_000_000_000_u64,
                                      entropy in any::<[u8; 32]>(), named in any::<bool>()) {
            let here = SocketAddr::new(address.into(), port);
            let bytes = blinded(&PairKeys::new(&alice(), &[*bob().card()]), here, now, 0, entropy);
            prop_assert_eq!(heard_by(&bob(), &[carol(), alice()], &bytes, here.ip(), now), Some(alice().peer()));
            let name = named.then(name);
            let Ok(Beacon::Open(beacon)) = Beacon::decode(&open(&alice(), name.as_ref(), here, now, entropy), now) else {
                panic!("an open beacon")
            };
            prop_assert!(beacon.is_authentic(here.ip(), now));
            prop_assert_eq!((beacon.signalling(here.ip()), beacon.name), (here, name));
        }
    }

    fn heard_by(me: &Identity, friends: &[Identity], bytes: &[u8], source: IpAddr, now: u64) -> Option<PeerId> {
        let cards: Vec<Card> = friends.iter().map(|friend| *friend.card()).collect();
        match Beacon::decode(bytes, now).unwrap() {
            Beacon::Blinded(beacon) => beacon.sender(&PairKeys::new(me, &cards), source, now),
            Beacon::Open(_) => None,
        }
    }

    fn alice() -> Identity {
        Identity::from_seed([10; 32])
    }

    fn bob() -> Identity {
        Identity::from_seed([11; 32])
    }

    fn carol() -> Identity {
        Identity::from_seed([12; 32])
    }

    fn name() -> DisplayName {
        DisplayName::new("Aria").unwrap()
    }

    fn here() -> SocketAddr {
        "192.168.0.7:47311".parse().unwrap()
    }
}
