//! The task that holds everything: follows the plan, hears, says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tracing::{debug, info, trace};

use super::RendezvousConfig;
use super::code::{CodeSession, Step};
use super::friend::Friend;
use super::pace::Pace;
use super::relays::{News, Relays};
use super::talk::{self, TalkId};
use crate::domain::{Card, Invitation, InvitationSecret, PeerId, RelayUrl};
use crate::engine::input::{DialError, Input, InviteId};
use crate::engine::output::{CodeOrder, RendezvousPlan};
use crate::engine::snapshot::{CodeFailure, RelayView};
use crate::runtime::Inputs;
use crate::runtime::clock::{entropy, unix_now};
use crate::runtime::signalling::{Conversation, PendingOffer, Signalling};
use crate::wire::invitation::{self, Answer, Heard, Keys, Side};
use crate::wire::pairing::{self, Pairing};
use crate::wire::rendezvous::{self, ConversationId, PairTopics, Post, SessionId, Topic, day, days_around};
use crate::wire::signal::Signal;

/// How often what is due seldom is looked at.
const TICK: Duration = Duration::from_millis(500);
/// How often relays are looked after that refused something or sent too much.
const TEND_RELAYS: Duration = Duration::from_secs(10);
/// Several relays that connect one after the other make one call.
const CALL_AFTER: Duration = Duration::from_millis(250);
/// Calls do not begin anew more often, however often relays come and go.
const CALL_AGAIN: Duration = Duration::from_secs(20);
/// Changes in how relays are that are told together.
const HEALTH_AFTER: Duration = Duration::from_millis(500);
/// Guests of one invitation are heard no more often; who waits comes again.
const GUEST_EVERY: Duration = Duration::from_millis(200);
/// Without any relay for so long, a code has failed.
const RELAY_WITHIN: Duration = Duration::from_secs(20);

/// What others ask of the task.
#[derive(Debug)]
pub(super) enum Order {
    Dial(Card, oneshot::Sender<Result<Conversation, DialError>>),
    Say(TalkId, Vec<Vec<u8>>),
    Over(TalkId),
    ConnectAnew,
    UseCode(CodeOrder),
    DropCode(InviteId),
    AnswerGuest(InvitationSecret, Card, Answer),
    /// A code's words are stretched.
    Stretched(CodeOrder, Result<CodeSession, String>),
}

/// Whose a topic is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    Friend(PeerId),
    Code(InviteId),
    /// Guests of an invitation of mine.
    Issued(InvitationSecret),
    /// The issuer of one that I have taken up.
    Taken(InvitationSecret),
}

/// An invitation of mine.
#[derive(Debug)]
struct Issued {
    keys: Keys,
    /// When a guest was last heard.
    heard: Option<Instant>,
}

/// An invitation that I have taken up.
#[derive(Debug)]
struct Taken {
    invitation: Invitation,
    keys: Keys,
    pace: Pace,
}

#[derive(Debug)]
struct Code {
    order: CodeOrder,
    /// Until its words are stretched there is none.
    session: Option<CodeSession>,
    began: Instant,
    told: bool,
}

pub(super) struct Task {
    config: RendezvousConfig,
    signalling: Signalling,
    inputs: Inputs,
    orders: mpsc::WeakSender<Order>,
    within_reach: Arc<Mutex<BTreeSet<PeerId>>>,
    session: SessionId,
    padding: [u8; 32],
    plan: RendezvousPlan,
    relays: Option<Relays>,
    friends: BTreeMap<PeerId, Friend>,
    codes: BTreeMap<InviteId, Code>,
    issued: BTreeMap<InvitationSecret, Issued>,
    taken: BTreeMap<InvitationSecret, Taken>,
    topics: BTreeMap<String, Whose>,
    day: u32,
    /// When everybody was last called anew, since there was a relay more.
    called: Option<Instant>,
    health_at: Option<Instant>,
    /// When the relays are looked after next.
    relays_at: Instant,
    told_health: Vec<RelayView>,
}

impl Task {
    pub(super) fn new(
        config: RendezvousConfig,
        signalling: Signalling,
        inputs: Inputs,
        orders: mpsc::WeakSender<Order>,
        within_reach: Arc<Mutex<BTreeSet<PeerId>>>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            config,
            signalling,
            inputs,
            orders,
            within_reach,
            session: entropy()?,
            padding: entropy()?,
            plan: RendezvousPlan::default(),
            relays: None,
            friends: BTreeMap::new(),
            codes: BTreeMap::new(),
            issued: BTreeMap::new(),
            taken: BTreeMap::new(),
            topics: BTreeMap::new(),
            day: day(unix_now()),
            called: None,
            health_at: None,
            relays_at: Instant::now(),
            told_health: Vec::new(),
        })
    }

    /// Runs until the last handle is gone.
    pub(super) async fn run(mut self, mut plans: watch::Receiver<Option<RendezvousPlan>>, mut orders: mpsc::Receiver<Order>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                changed = plans.changed() => {
                    if changed.is_err() { return }
                    let plan = plans.borrow_and_update().clone();
                    if let Some(plan) = plan { self.follow(plan).await }
                }
                order = orders.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                news = next(self.relays.as_mut()) => self.take(news).await,
                _ = tick.tick(), if self.relays.is_some() || !self.codes.is_empty() => self.tend().await,
            }
        }
    }

    async fn follow(&mut self, plan: RendezvousPlan) {
        let relays = self.usable(&plan.relays);
        let others = relays != self.usable(&self.plan.relays);
        let cards: BTreeMap<PeerId, Card> = plan.friends.iter().map(|card| (card.peer(), *card)).collect();
        self.friends.retain(|peer, _| cards.contains_key(peer));
        self.within_reach().retain(|peer| cards.contains_key(peer));
        let new: Vec<PeerId> = cards.keys().filter(|peer| !self.friends.contains_key(*peer)).copied().collect();
        for (peer, card) in cards {
            let topics = || PairTopics::new(&self.config.identity, &card);
            self.friends.entry(peer).or_insert_with(|| Friend::new(card, topics()));
        }
        self.follow_invitations(&plan);
        self.plan = plan;
        if others {
            info!(relays = relays.len(), "relays to find friends by");
            self.connect().await;
        } else {
            self.listen().await;
        }
        for peer in new {
            if let Some(friend) = self.friends.get_mut(&peer) {
                friend.call_from(Instant::now());
            }
        }
        self.tend().await;
    }

    /// Connects to the relays of the plan, and to no other.
    async fn connect(&mut self) {
        let relays = self.usable(&self.plan.relays);
        self.relays = None;
        if !relays.is_empty() {
            self.relays = Some(Relays::start(&relays, self.padding).await);
        }
        self.listen().await;
        self.tell_health().await;
    }

    /// The relays that may be used.
    fn usable(&self, relays: &[RelayUrl]) -> Vec<RelayUrl> {
        let may = |relay: &&RelayUrl| !self.config.loopback_only || relay.is_loopback();
        relays.iter().filter(may).take(crate::domain::MAX_RELAYS).cloned().collect()
    }

    /// Asks for the topics of friends and codes.
    async fn listen(&mut self) {
        let days = days_around(self.day);
        let mut topics: BTreeMap<Topic, Whose> = BTreeMap::new();
        for (peer, friend) in &self.friends {
            topics.extend(days.iter().map(|day| (friend.topics.theirs(*day), Whose::Friend(*peer))));
        }
        for (invite, code) in &self.codes {
            let hears = code.session.iter().flat_map(|session| days.iter().map(|day| session.hears(*day)));
            topics.extend(hears.map(|topic| (topic, Whose::Code(*invite))));
        }
        for (secret, issued) in &self.issued {
            topics.extend(days.iter().map(|day| (issued.keys.topic(*day, Side::Guest), Whose::Issued(secret.clone()))));
        }
        for (secret, taken) in &self.taken {
            topics.extend(days.iter().map(|day| (taken.keys.topic(*day, Side::Issuer), Whose::Taken(secret.clone()))));
        }
        if let Some(relays) = &mut self.relays {
            relays.listen(&topics.keys().copied().collect(), self.day).await;
        }
        self.topics = topics.into_iter().map(|(topic, whose)| (topic.to_string(), whose)).collect();
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Dial(card, reply) => {
                let _ = reply.send(self.dial(card));
            }
            Order::Say(id, signals) => self.say(id, signals).await,
            Order::Over(id) => self.over(id).await,
            Order::ConnectAnew => self.connect().await,
            Order::UseCode(order) => self.use_code(order),
            Order::DropCode(invite) => {
                if self.codes.remove(&invite).is_some() {
                    self.listen().await;
                }
            }
            Order::AnswerGuest(secret, card, answer) => self.answer_guest(&secret, &card, answer).await,
            Order::Stretched(order, session) => self.code_ready(order, session).await,
        }
    }

    async fn take(&mut self, news: News) {
        match news {
            News::Connected => {
                self.call_anew();
                self.open_invitations().await;
                self.health_soon();
            }
            News::Health => self.health_soon(),
            News::Mail { topic, content } => match self.topics.get(&topic).cloned() {
                Some(Whose::Friend(peer)) => self.hear_friend(peer, &content).await,
                Some(Whose::Code(invite)) => self.hear_code(invite, &content).await,
                Some(Whose::Issued(secret)) => self.hear_guest(secret, &content).await,
                Some(Whose::Taken(secret)) => self.hear_issuer(&secret, &content).await,
                None => trace!("mail for nobody"),
            },
        }
    }

    async fn tend(&mut self) {
        let now = Instant::now();
        let today = day(unix_now());
        if today != self.day {
            self.day = today;
            self.listen().await;
        }
        self.friends.values_mut().for_each(|friend| friend.tend(now));
        let due = |(peer, friend): (&PeerId, &mut Friend)| friend.answer_due(now).map(|theirs| (*peer, theirs));
        let answers: Vec<(PeerId, SessionId)> = self.friends.iter_mut().filter_map(due).collect();
        for (peer, theirs) in answers {
            self.say_here(&peer, Some(theirs)).await;
        }
        if let Some(relays) = self.relays.as_mut().filter(|_| self.relays_at <= now) {
            self.relays_at = now + TEND_RELAYS;
            relays.tend().await;
        }
        if self.relays.as_ref().is_some_and(Relays::any_connected) {
            let due = |(peer, friend): (&PeerId, &mut Friend)| friend.call_due(now).then_some(*peer);
            let peers: Vec<PeerId> = self.friends.iter_mut().filter_map(due).collect();
            for peer in peers {
                self.say_here(&peer, None).await;
            }
            self.redeem_due(now).await;
        }
        if self.health_at.is_some_and(|at| at <= now) {
            self.health_at = None;
            self.tell_health().await;
        }
        self.tend_codes(now).await;
    }

    // Friends.

    /// One more relay can be used: whoever is not heard may be there.
    fn call_anew(&mut self) {
        let now = Instant::now();
        if self.called.is_none_or(|called| now.saturating_duration_since(called) >= CALL_AGAIN) {
            self.called = Some(now);
            self.friends.values_mut().for_each(|friend| friend.call_from(now + CALL_AFTER));
            self.taken.values_mut().for_each(|taken| taken.pace.begin(now + CALL_AFTER));
        }
    }

    async fn say_here(&self, peer: &PeerId, theirs: Option<SessionId>) {
        let Some(friend) = self.friends.get(peer) else { return };
        self.post(friend, theirs, 0, &Post::Here { session: self.session }).await;
    }

    async fn post(&self, friend: &Friend, theirs: Option<SessionId>, number: u32, post: &Post) {
        let (Some(relays), Ok(entropy)) = (&self.relays, entropy()) else { return };
        match rendezvous::seal(&self.config.identity, &friend.card, theirs, (number, unix_now()), post, entropy) {
            Ok(sealed) => relays.publish(friend.topics.mine(self.day), &sealed).await,
            Err(error) => debug!(%error, "a post cannot be made"),
        }
    }

    async fn hear_friend(&mut self, peer: PeerId, content: &[u8]) {
        let Some(friend) = self.friends.get_mut(&peer) else { return };
        let heard = match rendezvous::open(&self.config.identity, &peer, self.session, content) {
            Ok(heard) => heard,
            Err(error) => return debug!(%error, "mail that is not a friend's"),
        };
        let number = heard.number;
        let reaction = friend.hear(Instant::now(), heard);
        if let Some(theirs) = reaction.answer {
            self.say_here(&peer, Some(theirs)).await;
        }
        if reaction.arrived {
            self.within_reach().insert(peer);
            self.inputs.send(Input::Met { peer, here: true }).await;
        }
        if let Some((conversation, signals)) = reaction.begun {
            self.begun(peer, conversation, number, &signals).await;
        }
    }

    /// A friend begins a conversation.
    async fn begun(&mut self, peer: PeerId, id: ConversationId, number: u32, encoded: &[Vec<u8>]) {
        let (Some(friend), Some(orders)) = (self.friends.get_mut(&peer), self.orders.upgrade()) else { return };
        let Some((first, rest)) = encoded.split_first() else { return };
        let offer_hash = *blake3::hash(first).as_bytes();
        let (Ok(Signal::Offer { generation, sdp, .. }), Ok(rest)) = (Signal::decode(first), rendezvous::signals(rest)) else {
            return debug!("a conversation that does not begin with an offer");
        };
        let (conversation, heard) = talk::start(friend.card, id, orders);
        rest.into_iter().for_each(|signal| _ = heard.try_send(signal));
        friend.begin(Instant::now(), id, heard, Some(number));
        let (signalling, offer) = (self.signalling.clone(), PendingOffer { conversation, sdp, offer_hash, generation });
        tokio::spawn(async move { signalling.offered(offer).await });
    }

    fn dial(&mut self, card: Card) -> Result<Conversation, DialError> {
        let friend = self.friends.get_mut(&card.peer()).filter(|friend| friend.card == card && friend.theirs.is_some());
        let (Some(friend), Some(orders)) = (friend, self.orders.upgrade()) else { return Err(DialError::Unreachable) };
        let random = entropy().map_err(|error| DialError::Other(error.to_string()))?;
        let id = random.first_chunk().copied().unwrap_or_default();
        let (conversation, heard) = talk::start(card, id, orders);
        friend.begin(Instant::now(), id, heard, None);
        Ok(conversation)
    }

    async fn say(&mut self, id: TalkId, signals: Vec<Vec<u8>>) {
        let Some(friend) = self.friends.get_mut(&id.peer) else { return };
        let Some(number) = friend.number(Instant::now(), id.conversation) else { return };
        let post = Post::Say { session: self.session, conversation: id.conversation, signals };
        if let Some(friend) = self.friends.get(&id.peer).filter(|friend| friend.theirs.is_some()) {
            self.post(friend, friend.theirs, number, &post).await;
        }
    }

    async fn over(&mut self, id: TalkId) {
        let Some(friend) = self.friends.get_mut(&id.peer) else { return };
        let number = friend.number(Instant::now(), id.conversation);
        if friend.end_mine(Instant::now(), id.conversation) {
            // Their run may have ended. Whoever is there answers the call.
            friend.theirs = None;
            friend.call_from(Instant::now());
            self.within_reach().remove(&id.peer);
            self.inputs.send(Input::Met { peer: id.peer, here: false }).await;
        } else if let (Some(number), Some(friend)) = (number, self.friends.get(&id.peer).filter(|friend| friend.theirs.is_some()))
        {
            let post = Post::Over { session: self.session, conversation: id.conversation };
            self.post(friend, friend.theirs, number, &post).await;
        }
    }

    fn within_reach(&self) -> std::sync::MutexGuard<'_, BTreeSet<PeerId>> {
        self.within_reach.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // Codes.

    /// Stretching takes a thread for a while.
    fn use_code(&mut self, order: CodeOrder) {
        let Some(orders) = self.orders.upgrade() else { return };
        let code = Code { order: order.clone(), session: None, began: Instant::now(), told: false };
        self.codes.insert(order.invite, code);
        tokio::spawn(async move {
            let stretched = {
                let (code, role) = (order.code.clone(), order.role);
                let work = move || {
                    let stretched = pairing::stretch(&code)?;
                    CodeSession::begin(role, code, &stretched, Instant::now())
                };
                tokio::task::spawn_blocking(work).await
            };
            let session =
                stretched.map_err(|error| error.to_string()).and_then(|session| session.map_err(|error| error.to_string()));
            let _ = orders.send(Order::Stretched(order, session)).await;
        });
    }

    async fn code_ready(&mut self, order: CodeOrder, session: Result<CodeSession, String>) {
        let Some(code) = self.codes.get_mut(&order.invite) else { return };
        match session {
            Ok(session) => {
                code.session = Some(session);
                self.listen().await;
                self.tend_codes(Instant::now()).await;
            }
            Err(error) => {
                self.codes.remove(&order.invite);
                let failure = CodeFailure::Other(format!("the code could not be made ready: {error}"));
                self.inputs.send(Input::CodeEnded { invite: order.invite, result: Err(failure) }).await;
            }
        }
    }

    async fn tend_codes(&mut self, now: Instant) {
        let connected = self.relays.as_ref().is_some_and(Relays::any_connected);
        let invites: Vec<InviteId> = self.codes.keys().copied().collect();
        for invite in invites {
            let Some(code) = self.codes.get_mut(&invite) else { continue };
            if !connected {
                if !code.told && now.saturating_duration_since(code.began) >= RELAY_WITHIN {
                    self.codes.remove(&invite);
                    self.inputs.send(Input::CodeEnded { invite, result: Err(CodeFailure::NoRelay) }).await;
                }
                continue;
            }
            let Some(session) = code.session.as_mut().filter(|session| session.due().is_some_and(|due| due <= now)) else {
                continue;
            };
            let step = session.tick(now);
            self.step(invite, step).await;
        }
    }

    async fn hear_code(&mut self, invite: InviteId, content: &[u8]) {
        let me = &self.config.identity;
        let Some(Code { order, session: Some(session), .. }) = self.codes.get_mut(&invite) else { return };
        match Pairing::decode(content) {
            Ok(message) => {
                let step = session.hear(Instant::now(), me, order.name.as_ref(), message);
                self.step(invite, step).await;
            }
            Err(error) => debug!(%error, "somebody puts up garbage at a code's place"),
        }
    }

    async fn step(&mut self, invite: InviteId, step: Step) {
        let Some(Code { session: Some(session), .. }) = self.codes.get(&invite) else { return };
        if let (Some(message), Some(relays)) = (step.say, &self.relays) {
            relays.publish(session.speaks(self.day), &message.encode()).await;
        }
        let over = session.is_over();
        if let Some(result) = step.ended
            && let Some(code) = self.codes.get_mut(&invite)
        {
            code.told = true;
            let result = result.map(|shown| (shown.card, shown.name));
            self.inputs.send(Input::CodeEnded { invite, result }).await;
        }
        if over {
            self.codes.remove(&invite);
            self.listen().await;
        }
    }

    // Invitations.

    fn follow_invitations(&mut self, plan: &RendezvousPlan) {
        self.issued.retain(|secret, _| plan.issued.contains(secret));
        for secret in &plan.issued {
            self.issued.entry(secret.clone()).or_insert_with(|| Issued { keys: Keys::new(secret), heard: None });
        }
        let wanted: BTreeMap<&InvitationSecret, &Invitation> = plan.taken.iter().map(|taken| (&taken.secret, taken)).collect();
        self.taken.retain(|secret, _| wanted.contains_key(secret));
        for (secret, invitation) in wanted {
            self.taken.entry(secret.clone()).or_insert_with(|| {
                let mut pace = Pace::default();
                pace.begin(Instant::now());
                Taken { invitation: invitation.clone(), keys: Keys::new(secret), pace }
            });
        }
    }

    /// Guests who wait come at once.
    async fn open_invitations(&self) {
        let Some(relays) = &self.relays else { return };
        for keys in self.issued.values().map(|issued| &issued.keys) {
            let Ok(random) = entropy() else { return };
            let open = keys.open(random.first_chunk().copied().unwrap_or_default());
            relays.publish(keys.topic(self.day, Side::Issuer), &open).await;
        }
    }

    async fn redeem_due(&mut self, now: Instant) {
        let Some(relays) = &self.relays else { return };
        for taken in self.taken.values_mut().filter_map(|taken| taken.pace.is_due(now).then_some(&*taken)) {
            let Ok(entropy) = entropy() else { return };
            let (me, name) = (&self.config.identity, self.plan.name.as_ref());
            let redeem = taken.keys.redeem(me, name, &taken.invitation.card, unix_now(), entropy);
            relays.publish(taken.keys.topic(self.day, Side::Guest), &redeem).await;
        }
    }

    async fn hear_guest(&mut self, secret: InvitationSecret, content: &[u8]) {
        let Some(issued) = self.issued.get_mut(&secret) else { return };
        let now = Instant::now();
        let soon = issued.heard.is_some_and(|heard| now.saturating_duration_since(heard) < GUEST_EVERY);
        match issued.keys.hear(&self.config.identity, content) {
            // Only what is proven counts: garbage keeps no guest out.
            Ok(Heard::Redeem { card, name }) if !soon => {
                issued.heard = Some(now);
                self.inputs.send(Input::Redeemed { secret, card, name }).await;
            }
            Ok(Heard::Redeem { .. } | Heard::Open | Heard::Answered { .. }) => {}
            Err(error) => debug!(%error, "garbage at an invitation's place"),
        }
    }

    async fn hear_issuer(&mut self, secret: &InvitationSecret, content: &[u8]) {
        let Some(taken) = self.taken.get_mut(secret) else { return };
        match taken.keys.hear(&self.config.identity, content) {
            Ok(Heard::Open) => taken.pace.begin(Instant::now()),
            Ok(Heard::Answered { card, answer, name }) if card == taken.invitation.card => {
                self.inputs.send(Input::InvitationAnswered { secret: secret.clone(), answer, name }).await;
            }
            Ok(Heard::Answered { .. } | Heard::Redeem { .. }) => debug!("an answer of another than the issuer"),
            Err(error) => debug!(%error, "garbage at an invitation's place"),
        }
    }

    async fn answer_guest(&self, secret: &InvitationSecret, guest: &Card, answer: Answer) {
        let (Some(Issued { keys, .. }), Some(relays), Ok(entropy)) = (self.issued.get(secret), &self.relays, entropy()) else {
            return;
        };
        let (me, name) = (&self.config.identity, self.plan.name.as_ref());
        let said = invitation::answer(me, name, guest, answer, unix_now(), entropy);
        relays.publish(keys.topic(self.day, Side::Issuer), &said).await;
    }

    // Relays.

    fn health_soon(&mut self) {
        self.health_at.get_or_insert_with(|| Instant::now() + HEALTH_AFTER);
    }

    async fn tell_health(&mut self) {
        let health = self.relays.as_ref().map(Relays::view).unwrap_or_default();
        if health != self.told_health {
            self.told_health.clone_from(&health);
            self.inputs.send(Input::Relays(health)).await;
        }
    }
}

async fn next(relays: Option<&mut Relays>) -> News {
    match relays {
        Some(relays) => relays.next().await,
        None => std::future::pending().await,
    }
}
