//! Offers that wait for the engine's decision.

use std::collections::{BTreeMap, BTreeSet};

use super::PendingOffer;
use crate::domain::PeerId;
use crate::engine::input::OfferTicket;

/// Offers that wait at once; beyond, the oldest goes.
const MAX_WAITING: usize = 64;
/// Offers of one peer that wait at once; beyond, its oldest goes.
const MAX_WAITING_PER_PEER: usize = 4;

/// The waiting offers, by ticket, hence by age.
#[derive(Debug, Default)]
pub(super) struct Offers {
    waiting: BTreeMap<OfferTicket, PendingOffer>,
    next: u64,
}

impl Offers {
    /// Keeps an offer until it is taken.
    pub(super) fn park(&mut self, offer: PendingOffer) -> OfferTicket {
        let peer = offer.conversation.card.peer();
        let of_peer = |offer: &PendingOffer| offer.conversation.card.peer() == peer;
        if self.waiting.values().filter(|offer| of_peer(offer)).count() >= MAX_WAITING_PER_PEER {
            self.drop_oldest(of_peer);
        }
        if self.waiting.len() >= MAX_WAITING {
            self.drop_oldest(|_| true);
        }
        let ticket = OfferTicket(self.next);
        self.next += 1;
        self.waiting.insert(ticket, offer);
        ticket
    }

    /// Takes an offer, if it is still there and its sender too.
    pub(super) fn take(&mut self, ticket: OfferTicket) -> Option<PendingOffer> {
        self.waiting.remove(&ticket).filter(|offer| !offer.conversation.say.is_closed())
    }

    /// Drops the offers of everybody else.
    pub(super) fn keep_only(&mut self, peers: &BTreeSet<PeerId>) {
        self.waiting.retain(|_, offer| peers.contains(&offer.conversation.card.peer()));
    }

    fn drop_oldest(&mut self, which: impl Fn(&PendingOffer) -> bool) {
        let oldest = self.waiting.iter().find(|(_, offer)| which(offer)).map(|(ticket, _)| *ticket);
        if let Some(ticket) = oldest {
            self.waiting.remove(&ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::domain::Identity;
    use crate::runtime::signalling::Conversation;
    use crate::wire::signal::Signal;

    #[test]
    fn an_offer_is_taken_once() {
        let (mut offers, mut ends) = (Offers::default(), Vec::new());
        let ticket = offers.park(offer(1, 7, &mut ends));
        assert_eq!(offers.take(ticket).unwrap().generation, 7);
        assert!(offers.take(ticket).is_none());
    }

    #[test]
    fn an_offer_whose_sender_has_gone_is_not_there() {
        let (mut offers, mut ends) = (Offers::default(), Vec::new());
        let ticket = offers.park(offer(1, 7, &mut ends));
        ends.clear();
        assert!(offers.take(ticket).is_none());
    }

    #[test]
    fn one_peer_has_four_waiting_and_all_have_sixty_four_the_newest() {
        let (mut offers, mut ends) = (Offers::default(), Vec::new());
        let of_one: Vec<OfferTicket> = (0..6).map(|generation| offers.park(offer(1, generation, &mut ends))).collect();
        assert_eq!(offers.waiting.keys().copied().collect::<Vec<_>>(), of_one[2..]);
        for peer in 2..40 {
            (0..4).for_each(|generation| _ = offers.park(offer(peer, generation, &mut ends)));
        }
        assert_eq!(offers.waiting.len(), 64);
        assert!(offers.take(of_one[5]).is_none());
    }

    #[test]
    fn offers_of_those_who_are_let_in_no_more_are_dropped() {
        let (mut offers, mut ends) = (Offers::default(), Vec::new());
        let (one, two) = (offers.park(offer(1, 0, &mut ends)), offers.park(offer(2, 0, &mut ends)));
        offers.keep_only(&BTreeSet::from([Identity::from_seed([2; 32]).peer()]));
        assert!(offers.take(one).is_none());
        assert!(offers.take(two).is_some());
    }

    fn offer(peer: u8, generation: u64, ends: &mut Vec<mpsc::Receiver<Signal>>) -> PendingOffer {
        let (say, end) = mpsc::channel(1);
        ends.push(end);
        let card = *Identity::from_seed([peer; 32]).card();
        let conversation = Conversation { card, address: None, say, hear: mpsc::channel(1).1 };
        PendingOffer { conversation, sdp: String::new(), offer_hash: [0; 32], generation }
    }
}
