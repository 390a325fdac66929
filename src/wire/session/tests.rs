//! Sessions against each other, damaged, and as recorded.

use proptest::prelude::*;

use super::*;
use crate::wire::testing::hex;

const RECORDED_IK: &[&str] = &[
    // → ephemeral, static, the dialler's card
    "bd2729cbdedf1c9f40a12cbe703be004b9a51214ad15ee46989664c6bb418a1c37942928c11bcf0180ce35fcaa7442ecce20ed8735339307
     90597426693010e43610a01b55eefa88bb9071ab82dfbe9da78949f3f40f1da05665769123f0594b543913cd55380da1c444cfc3a6ac10da
     c324c33daf90d2b2d609f1f02363dd357b48e8547b3e64482c02459997f4cebc06096b7c3416a8b8ce9a3aee047b2dc7325fefe76e9eedb7
     0339bf2b5e63b7834d78981ff7228c3e70c7f0f68c62e04d50f2eb00b0e08af660abb7851baa6dbc2afc9b076652f9192d8136ac837ffeb9",
    // ← ephemeral, nothing
    "113daa59cbd5cfbc59daba716462a42d5ffc87b166f2beb21a2b9da63a04c32acf22f0e5f0c5b8a38ac46a3924d23bf9",
    // the handshake hash
    "68997a28c18fec349c9d1f2994ecb6ca47ad6a6cd39c63a2b485dc39d9032e01",
    // the first message behind it
    "001b5235db4ad3ca5b0183882ee36c26ef144955a434e777a8eb434f45",
];
const RECORDED_XX: &[&str] = &[
    // → ephemeral
    "bd2729cbdedf1c9f40a12cbe703be004b9a51214ad15ee46989664c6bb418a1c",
    // ← ephemeral, static, the listener's card
    "113daa59cbd5cfbc59daba716462a42d5ffc87b166f2beb21a2b9da63a04c32a5b2ca8746a99cad6bb4b746ec1b97a892705c45333752b41
     5940bb088e2a8c3c3cd53d7689b33f857c44ddbfdde08eb1b351477da699e0af1a4ff6028cd8f058d85da7b08b9431aa50098dc1ce93b152
     02cbe1a60bc97c43d63dd43e1bb0b0f97280e1e1f31523b7f8e6067c23e0035dee12db1d6563269cec20bc5b7f0354b4e918e68f24d7d109
     e943733e992e6ef905a892421dddf91ad41ef31be750dfdbcebbe252c7c14c866a49bb1a2a82804aa8a4d8c694751d6f012f48a3a0a8f7c0",
    // → static, the dialler's card
    "911e6b0f06d94ceef4d7115d3f527abb9965df367bb88adcf06fcddc812cd1f2e5a926b5ec8e60ac7376501a4b7645ebb4e740c1f6dd12a7
     dec06638bfb6e233f5fa362ac844bc7483478d24a5bcc15f0b462f552099f28865c8e50930b85a34f8cc0ee4271e1151bcdb3ecfcf35bfa5
     830ad021a5d19e6dbdd2c19aad49aac28d2d5b7d65cc0cdab11add06ad02408f35f114a115a797b2f66c27c59ae75c4e961c0813b650df98
     280992bbf238285045f073a5a36d8da47ac65799f8ebc0ee",
    // the handshake hash
    "25ee78fd5be1e6474315b67011db72a4ebf6aeae0ec8849019532e479976e5c0",
    // the first message behind it
    "001b5b776583b5ee94882e4bcb09e74aee7d7fa3481ac89771078aaadd",
];

#[test]
fn a_session_to_a_known_card_tells_both_who_is_there_and_carries_envelopes_both_ways() {
    let (dialler, listener) = ik_pair();
    assert_eq!(dialler.handshake_hash(), listener.handshake_hash());
    assert_eq!((dialler.card(), listener.card()), (bob().card(), alice().card()));
    carries_both_ways(dialler, listener);
}

#[test]
fn a_session_to_whoever_is_there_tells_both_who_is_there_and_carries_envelopes_both_ways() {
    let (dialling, first) = Dialling::xx(&alice(), [1; 32]).unwrap();
    let answering = Answering::hear(&bob(), Pattern::Xx, message(&first[1..]), [2; 32]).unwrap();
    assert_eq!(answering.caller(), None);
    let (Answered::AwaitingCard(waiting), second) = answering.answer().unwrap() else { panic!("XX needs a third message") };
    let (dialler, third) = dialling.hear(message(&second)).unwrap();
    let listener = waiting.hear(message(&third)).unwrap();
    assert_eq!((dialler.card(), listener.card()), (bob().card(), alice().card()));
    carries_both_ways(dialler, listener);
}

#[test]
fn the_first_message_byte_by_byte() {
    let (_, bytes) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
    assert_eq!(bytes.len(), 1 + 2 + 224);
    assert_eq!(bytes[0], 0x01, "IK");
    assert_eq!(bytes[1..3], [0x00, 0xe0], "224 bytes follow");
    let ephemeral = x25519_dalek::StaticSecret::from({
        let mut secret = [0; 32];
        blake3::Hasher::new_keyed(&[1; 32]).finalize_xof().fill(&mut secret);
        secret
    });
    assert_eq!(bytes[3..35], x25519_dalek::PublicKey::from(&ephemeral).to_bytes(), "the ephemeral key, in clear");
    // 35..83 the static key and its tag, 83..227 the card and its tag: ciphertext. None of it shows who dials or whom.
    let card = alice().card().to_bytes();
    assert!(!bytes.windows(32).any(|window| window == &card[..32] || window == &card[32..64]));
    let (_, bytes) = Dialling::xx(&alice(), [1; 32]).unwrap();
    assert_eq!((bytes.len(), bytes[0], &bytes[1..3]), (35, 0x02, &[0x00, 0x20][..]), "XX, 32 bytes follow");
}

#[test]
fn a_first_message_for_another_card_opens_nothing() {
    let (_, first) = Dialling::ik(&alice(), carol().card(), [1; 32]).unwrap();
    assert!(Answering::hear(&bob(), Pattern::Ik, message(&first[1..]), [2; 32]).is_err());
}

#[test]
fn an_answer_by_another_than_the_card_dialled_opens_nothing() {
    let (dialling, _) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
    let (_, to_carol) = Dialling::ik(&alice(), carol().card(), [1; 32]).unwrap();
    let (_, second) = Answering::hear(&carol(), Pattern::Ik, message(&to_carol[1..]), [2; 32]).unwrap().answer().unwrap();
    assert!(dialling.hear(message(&second)).is_err());
}

#[test]
fn a_card_of_another_than_the_static_key_is_refused() {
    let mut noise = noise(Pattern::Ik, &alice(), Some(bob().card()), Role::Dialler, [1; 32]).unwrap();
    let first = write(&mut noise, &carol().card().to_bytes()).unwrap();
    assert!(Answering::hear(&bob(), Pattern::Ik, message(&first), [2; 32]).is_err());
}

#[test]
fn in_xx_too_a_card_of_another_than_the_static_key_is_refused() {
    // The listener's, in the second message.
    let (dialling, first) = Dialling::xx(&alice(), [1; 32]).unwrap();
    let mut listener = noise(Pattern::Xx, &bob(), None, Role::Listener, [2; 32]).unwrap();
    read(&mut listener, message(&first[1..])).unwrap();
    let second = write(&mut listener, &carol().card().to_bytes()).unwrap();
    assert!(dialling.hear(message(&second)).is_err());
    // The dialler's, in the third.
    let mut dialler = noise(Pattern::Xx, &alice(), None, Role::Dialler, [1; 32]).unwrap();
    let first = write(&mut dialler, &[]).unwrap();
    let answering = Answering::hear(&bob(), Pattern::Xx, message(&first), [2; 32]).unwrap();
    let (Answered::AwaitingCard(waiting), second) = answering.answer().unwrap() else { panic!("XX needs a third message") };
    read(&mut dialler, message(&second)).unwrap();
    let third = write(&mut dialler, &carol().card().to_bytes()).unwrap();
    assert!(waiting.hear(message(&third)).is_err());
}

#[test]
fn every_cut_of_every_handshake_message_is_refused() {
    for pattern in [Pattern::Ik, Pattern::Xx] {
        let recorded = record(pattern);
        for (number, whole) in recorded.messages.iter().enumerate() {
            for length in 0..whole.len() {
                assert!(replay(pattern, &recorded, number, &whole[..length]).is_err(), "{pattern:?} {number}: {length} bytes");
            }
            assert!(replay(pattern, &recorded, number, whole).is_ok(), "{pattern:?} {number}: whole");
        }
    }
}

#[test]
fn an_ephemeral_key_with_which_everybody_computes_the_same_secret_is_refused() {
    let mut one = [0; 32];
    one[0] = 1;
    for weak in [[0; 32], one] {
        assert!(Answering::hear(&bob(), Pattern::Xx, &weak, [2; 32]).is_err());
    }
}

/// Two sessions recorded from protocol 1: what is sent here is what a released version reads.
#[test]
fn the_recorded_sessions_are_still_spoken() {
    for (pattern, expected) in [(Pattern::Ik, RECORDED_IK), (Pattern::Xx, RECORDED_XX)] {
        let recorded = record(pattern);
        let parts = recorded.messages.iter().map(Vec::as_slice).chain([recorded.hash.as_slice(), &recorded.sealed]);
        for (part, expected) in parts.zip(expected) {
            assert_eq!(part, hex(expected), "{pattern:?}: {}", blake3::hash(part).to_hex());
        }
        assert_eq!(recorded.messages.len() + 2, expected.len());
    }
}

#[test]
fn a_first_message_sent_again_gives_a_session_that_opens_nothing_of_the_old_one() {
    let (dialling, first) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
    let old = Answering::hear(&bob(), Pattern::Ik, message(&first[1..]), [2; 32]).unwrap();
    let again = Answering::hear(&bob(), Pattern::Ik, message(&first[1..]), [3; 32]).unwrap();
    assert_eq!(old.ephemeral(), again.ephemeral(), "by which a listener can tell");
    let (_, second) = old.answer().unwrap();
    let (Answered::Known(replayed), _) = again.answer().unwrap() else { panic!("IK is known at once") };
    let (dialler, _) = dialling.hear(message(&second)).unwrap();
    assert_ne!(dialler.handshake_hash(), replayed.handshake_hash());
    let recorded = dialler.split().0.seal(b"an envelope").unwrap();
    assert!(replayed.split().1.open(message(&recorded)).is_err());
}

#[test]
fn messages_open_once_and_in_order() {
    let (dialler, listener) = ik_pair();
    let (mut sealer, mut opener) = (dialler.split().0, listener.split().1);
    let (one, two) = (sealer.seal(b"one").unwrap(), sealer.seal(b"two").unwrap());
    assert!(opener.open(message(&two)).is_err());
    assert_eq!(opener.open(message(&one)).unwrap(), b"one");
    assert!(opener.open(message(&one)).is_err());
    assert_eq!(opener.open(message(&two)).unwrap(), b"two");
}

#[test]
fn the_greatest_envelope_fits_and_one_byte_more_does_not() {
    let (dialler, listener) = ik_pair();
    let (mut sealer, mut opener) = (dialler.split().0, listener.split().1);
    let framed = sealer.seal(&vec![7; MAX_ENVELOPE]).unwrap();
    let length = frame_length([framed[0], framed[1]], MAX_MESSAGE).unwrap();
    assert_eq!(length, framed.len() - 2);
    assert_eq!(opener.open(&framed[2..]).unwrap(), vec![7; MAX_ENVELOPE]);
    assert!(sealer.seal(&vec![7; MAX_ENVELOPE + 1]).is_err());
    assert!(frame_length(u16::try_from(MAX_MESSAGE + 1).unwrap().to_be_bytes(), MAX_MESSAGE).is_err());
    assert!(frame_length([0, 0], MAX_MESSAGE).is_err());
}

proptest! {
    #[test]
    fn garbage_opens_nothing(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(Answering::hear(&bob(), Pattern::Ik, &bytes, [2; 32]).is_err());
        let (dialling, _) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
        prop_assert!(dialling.hear(&bytes).is_err());
        let (dialling, _) = Dialling::xx(&alice(), [1; 32]).unwrap();
        prop_assert!(dialling.hear(&bytes).is_err());
        prop_assert!(ik_pair().1.split().1.open(&bytes).is_err());
    }

    #[test]
    fn one_changed_bit_of_any_message_of_xx_gives_no_session(number in 0..3_usize, bit in 0..8_u8,
                                                               place in any::<prop::sample::Index>()) {
        let recorded = record(Pattern::Xx);
        let mut changed = recorded.messages[number].clone();
        let position = place.index(changed.len());
        changed[position] ^= 1 << bit;
        let heard = replay(Pattern::Xx, &recorded, number, &changed);
        // The first is not authentic by itself; whoever changes it gets an answer that its dialler cannot open.
        prop_assert!(heard.is_err() || number == 0);
        if let (Ok(Some(answer)), 0) = (heard, number) {
            let (dialling, _) = Dialling::xx(&alice(), [1; 32]).unwrap();
            prop_assert!(dialling.hear(&answer).is_err());
        }
    }

    #[test]
    fn one_changed_bit_of_the_first_message_is_refused(position in 0..224_usize, bit in 0..8_u8) {
        let (_, first) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
        let mut changed = message(&first[1..]).to_vec();
        changed[position] ^= 1 << bit;
        // X25519 ignores the highest bit of a point, the transcript does not.
        prop_assert!(Answering::hear(&bob(), Pattern::Ik, &changed, [2; 32]).is_err());
    }
}

struct Recorded {
    messages: Vec<Vec<u8>>,
    hash: [u8; 32],
    sealed: Vec<u8>,
}

/// A session of Alice, who dials, with Bob.
fn record(pattern: Pattern) -> Recorded {
    let (dialling, first) = dial(pattern);
    let first = message(&first[1..]).to_vec();
    let (answered, second) = Answering::hear(&bob(), pattern, &first, [2; 32]).unwrap().answer().unwrap();
    let (session, third) = dialling.hear(message(&second)).unwrap();
    let mut messages = vec![first, message(&second).to_vec()];
    if let Answered::AwaitingCard(waiting) = answered {
        waiting.hear(message(&third)).unwrap();
        messages.push(message(&third).to_vec());
    }
    Recorded { messages, hash: session.handshake_hash(), sealed: session.split().0.seal(b"an envelope").unwrap() }
}

/// The recorded session with `instead` in the place of one message, as its receiver hears it; the answer, if it is the first.
fn replay(pattern: Pattern, recorded: &Recorded, number: usize, instead: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
    match number {
        0 => {
            let (_, second) = Answering::hear(&bob(), pattern, instead, [2; 32])?.answer()?;
            Ok(Some(message(&second).to_vec()))
        }
        1 => dial(pattern).0.hear(instead).map(|_| None),
        _ => {
            let answering = Answering::hear(&bob(), pattern, &recorded.messages[0], [2; 32])?;
            let (Answered::AwaitingCard(waiting), _) = answering.answer()? else { panic!("XX needs a third message") };
            waiting.hear(instead).map(|_| None)
        }
    }
}

fn dial(pattern: Pattern) -> (Dialling, Vec<u8>) {
    match pattern {
        Pattern::Ik => Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap(),
        Pattern::Xx => Dialling::xx(&alice(), [1; 32]).unwrap(),
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

fn message(framed: &[u8]) -> &[u8] {
    assert_eq!(frame_length([framed[0], framed[1]], MAX_MESSAGE), Ok(framed.len() - 2));
    &framed[2..]
}

fn ik_pair() -> (Session, Session) {
    let (dialling, first) = Dialling::ik(&alice(), bob().card(), [1; 32]).unwrap();
    let answering = Answering::hear(&bob(), Pattern::Ik, message(&first[1..]), [2; 32]).unwrap();
    assert_eq!(answering.caller(), Some(alice().card()));
    let (Answered::Known(listener), second) = answering.answer().unwrap() else { panic!("IK is known at once") };
    let (dialler, rest) = dialling.hear(message(&second)).unwrap();
    assert!(rest.is_empty());
    (dialler, listener)
}

fn carries_both_ways(dialler: Session, listener: Session) {
    let ((mut from_dialler, mut to_dialler), (mut from_listener, mut to_listener)) = (dialler.split(), listener.split());
    let there = from_dialler.seal(b"there").unwrap();
    assert_eq!(to_listener.open(message(&there)).unwrap(), b"there");
    let back = from_listener.seal(b"back").unwrap();
    assert_eq!(to_dialler.open(message(&back)).unwrap(), b"back");
}
