//! Several Nostr relays as one noticeboard: events under topics, to be put up and to be heard.
//!
//! Events are ephemeral (kind 20,000–29,999, NIP-01): relays pass them on and keep none. Each is signed with a key made for
//! it and thrown away. What a relay does is not trusted: events that were not asked for are dropped, and one that sends too much is left alone for
//! a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use nostr_sdk::prelude::{
    Alphabet, Client, ClientOptions, EventBuilder, Filter, Keys, Kind, MemoryDatabase, MemoryDatabaseOptions, Monitor,
    MonitorNotification, Relay, RelayLimits, RelayMessage, RelayOptions, RelayPoolNotification, RelayPoolOptions, RelayStatus,
    SingleLetterTag, SubscriptionId, Tag, TagKind,
};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::debug;

use crate::domain::{RelayUrl, printable};
use crate::engine::snapshot::{RelayState, RelayView};
use crate::wire::MAX_ENVELOPE;
use crate::wire::rendezvous::Topic;

/// The kind of our events. Any of the ephemeral range would do.
pub(super) const KIND: u16 = 21_787;
/// The tag that bears the topic.
const TAG: SingleLetterTag = SingleLetterTag::lowercase(Alphabet::X);
/// Topics asked for at once are made up to a multiple of this by random ones, so that nobody can count friends.
const PAD: usize = 8;
/// Topics in one subscription; relays limit them.
const PER_SUBSCRIPTION: usize = 48;
/// A relay's greatest message in bytes: an envelope in Base64 and what is around it.
const MAX_MESSAGE: u32 = 2 * MAX_ENVELOPE as u32;
/// What a relay may send, answers to us among it: so many messages at once, and so many a second.
const BURST: f64 = 600.0;
const MESSAGES_A_SECOND: f64 = 40.0;
/// For how long one that sends more is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(600);
/// Messages of a relay that the library holds: a ring, which stays as large as it has been.
const HELD: usize = 128;
/// Notifications of the library that wait.
const WAITING: usize = 1024;
/// Ids of events by which the library knows those that came by another relay before.
const REMEMBERED: usize = 4096;
/// Letters of a relay's own words that are shown.
const MAX_WORDS: usize = 120;

/// What the relays bring.
#[derive(Debug)]
pub(super) enum News {
    /// An event.
    Mail {
        /// As text, in which it was asked for.
        topic: String,
        /// What it says.
        content: Vec<u8>,
    },
    /// One more relay can be used.
    Connected,
    /// How a relay is has changed.
    Health,
}

/// The relays in use. They are left when it is dropped.
pub(super) struct Relays {
    client: Client,
    subscriptions: BTreeMap<SubscriptionId, Filter>,
    padding: [u8; 32],
    health: BTreeMap<RelayUrl, Health>,
    reports: mpsc::Sender<Report>,
    reported: mpsc::Receiver<Report>,
    monitor: tokio::sync::broadcast::Receiver<MonitorNotification>,
    notifications: tokio::sync::broadcast::Receiver<RelayPoolNotification>,
}

/// What became of an event that was handed to a relay.
#[derive(Debug)]
struct Report {
    relay: String,
    result: Result<Duration, String>,
}

#[derive(Debug)]
struct Health {
    connected: bool,
    tried: bool,
    /// In its own words, why it does not do as we ask.
    refusal: Option<String>,
    answers_in: Option<Duration>,
    allowance: f64,
    counted: Instant,
    alone_until: Option<Instant>,
}

impl Relays {
    /// Connects to these. `padding` is 32 random bytes of this run.
    pub(super) async fn start(urls: &[RelayUrl], padding: [u8; 32]) -> Self {
        let monitor = Monitor::new(WAITING);
        let watching = monitor.subscribe();
        let mut limits = RelayLimits::default();
        limits.messages.max_size = Some(MAX_MESSAGE);
        let remembered = MemoryDatabaseOptions { events: false, max_events: Some(REMEMBERED) };
        let client = Client::builder()
            .signer(Keys::generate())
            .monitor(monitor)
            .database(MemoryDatabase::with_opts(remembered))
            .opts(ClientOptions::new().pool(RelayPoolOptions::new().notification_channel_size(HELD)))
            .build();
        let notifications = client.notifications();
        let mut health = BTreeMap::new();
        for url in urls {
            let options = RelayOptions::new().verify_subscriptions(true).limits(limits.clone()).notification_channel_size(HELD);
            match client.pool().add_relay(url.as_str(), options).await {
                Ok(_) => _ = health.insert(url.clone(), Health::new()),
                Err(error) => debug!(%error, "a relay's address is not understood"),
            }
        }
        client.connect().await;
        let (reports, reported) = mpsc::channel(WAITING);
        Self { client, subscriptions: BTreeMap::new(), padding, health, reports, reported, monitor: watching, notifications }
    }

    /// Asks for these topics and no others.
    pub(super) async fn listen(&mut self, topics: &BTreeSet<Topic>, day: u32) {
        let wanted = filters(&padded(topics, &self.padding, day));
        for id in self.subscriptions.keys().filter(|id| !wanted.contains_key(id)) {
            self.client.unsubscribe(id).await;
        }
        for (id, filter) in wanted.iter().filter(|(id, filter)| self.subscriptions.get(*id) != Some(*filter)) {
            for relay in self.client.relays().await.into_values().filter(Relay::is_connected) {
                ask(&relay, id, filter).await;
            }
        }
        self.subscriptions = wanted;
    }

    /// Puts something up. What becomes of it is seen in [`Self::view`].
    pub(super) async fn publish(&self, topic: Topic, content: &[u8]) {
        let tag = Tag::custom(TagKind::SingleLetter(TAG), [topic.to_string()]);
        let event = EventBuilder::new(Kind::Custom(KIND), BASE64.encode(content)).tag(tag).sign_with_keys(&Keys::generate());
        let event = match event {
            Ok(event) => Arc::new(event),
            Err(error) => return debug!(%error, "an event cannot be made"),
        };
        for (url, relay) in self.client.relays().await.into_iter().filter(|(_, relay)| relay.is_connected()) {
            let (event, reports) = (Arc::clone(&event), self.reports.clone());
            tokio::spawn(async move {
                let began = Instant::now();
                let result = relay.send_event(&event).await.map(|_| began.elapsed()).map_err(|error| error.to_string());
                let _ = reports.try_send(Report { relay: url.to_string(), result });
            });
        }
    }

    /// Whether any of them can be used.
    pub(super) fn any_connected(&self) -> bool {
        self.health.values().any(|health| health.connected)
    }

    /// How each is.
    pub(super) fn view(&self) -> Vec<RelayView> {
        let view = |(url, health): (&RelayUrl, &Health)| RelayView {
            url: url.clone(),
            state: health.state(),
            answers_in: health.answers_in.filter(|_| health.connected),
        };
        self.health.iter().map(view).collect()
    }

    /// The next thing that the relays bring. May be dropped at any time.
    pub(super) async fn next(&mut self) -> News {
        loop {
            let news = tokio::select! {
                changed = self.monitor.recv() => match changed {
                    Ok(MonitorNotification::StatusChanged { relay_url, status }) => self.status(relay_url.as_str(), status).await,
                    Err(RecvError::Lagged(_)) => Some(News::Health),
                    Err(RecvError::Closed) => std::future::pending().await,
                },
                Some(report) = self.reported.recv() => self.report(report),
                told = self.notifications.recv() => match told {
                    Ok(notification) => self.told(notification).await,
                    Err(RecvError::Lagged(missed)) => {
                        debug!(missed, "relays send more than can be read");
                        None
                    }
                    Err(RecvError::Closed) => std::future::pending().await,
                },
            };
            if let Some(news) = news {
                return news;
            }
        }
    }

    async fn status(&mut self, url: &str, status: RelayStatus) -> Option<News> {
        let health = self.health_of(url)?;
        health.tried |= !matches!(status, RelayStatus::Initialized | RelayStatus::Pending | RelayStatus::Connecting);
        let connected = status == RelayStatus::Connected;
        if std::mem::replace(&mut health.connected, connected) == connected {
            return Some(News::Health);
        }
        if !connected {
            return Some(News::Health);
        }
        health.refusal = None;
        let Ok(relay) = self.client.relay(url).await else { return Some(News::Health) };
        for (id, filter) in &self.subscriptions {
            ask(&relay, id, filter).await;
        }
        Some(News::Connected)
    }

    fn report(&mut self, report: Report) -> Option<News> {
        let health = self.health_of(&report.relay)?;
        match report.result {
            Ok(took) => (health.answers_in, health.refusal) = (Some(took), None),
            Err(words) => {
                debug!(words, "a relay does not pass an event on");
                health.refusal = Some(printable(&words, MAX_WORDS));
            }
        }
        Some(News::Health)
    }

    async fn told(&mut self, notification: RelayPoolNotification) -> Option<News> {
        match notification {
            RelayPoolNotification::Event { relay_url, event, .. } => {
                self.health_of(relay_url.as_str()).filter(|health| health.alone_until.is_none())?;
                let topic = event.tags.iter().find(|tag| tag.kind() == TagKind::SingleLetter(TAG))?.content()?.to_owned();
                let content = BASE64.decode(event.content.as_bytes()).ok()?;
                Some(News::Mail { topic, content })
            }
            RelayPoolNotification::Message { relay_url, message } => {
                let health = self.health_of(relay_url.as_str())?;
                if !health.may_send(Instant::now()) {
                    self.leave_alone(relay_url.as_str()).await;
                    return Some(News::Health);
                }
                let RelayMessage::Closed { message, .. } = message else { return None };
                health.refusal = Some(printable(&message, MAX_WORDS));
                Some(News::Health)
            }
            RelayPoolNotification::Shutdown => None,
        }
    }

    async fn leave_alone(&mut self, url: &str) {
        let Some(health) = self.health_of(url) else { return };
        if health.alone_until.is_some() {
            return;
        }
        debug!("a relay sends too much, and is left alone");
        health.alone_until = Some(Instant::now() + LEFT_ALONE);
        health.refusal = Some("it sends too much".to_owned());
        let _ = self.client.disconnect_relay(url).await;
    }

    /// Tries again those that were left alone for long enough, and to be heard by those that refused it.
    pub(super) async fn tend(&mut self) {
        let now = Instant::now();
        let over = |health: &&mut Health| health.alone_until.is_some_and(|until| until <= now);
        for (url, health) in &mut self.health {
            if let Some(health) = Some(&mut *health).filter(over) {
                *health = Health::new();
                let _ = self.client.connect_relay(url.as_str()).await;
            }
        }
        for relay in self.client.relays().await.into_values().filter(Relay::is_connected) {
            for (id, filter) in &self.subscriptions {
                if relay.subscription(id).await.is_none() {
                    ask(&relay, id, filter).await;
                }
            }
        }
    }

    fn health_of(&mut self, url: &str) -> Option<&mut Health> {
        let url: RelayUrl = url.parse().ok()?;
        self.health.get_mut(&url)
    }
}

impl Drop for Relays {
    fn drop(&mut self) {
        let client = self.client.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { client.shutdown().await });
        }
    }
}

impl Health {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            connected: false,
            tried: false,
            refusal: None,
            answers_in: None,
            allowance: BURST,
            counted: now,
            alone_until: None,
        }
    }

    /// Counts one more message against what the relay may send.
    fn may_send(&mut self, now: Instant) -> bool {
        let earned = now.duration_since(self.counted).as_secs_f64() * MESSAGES_A_SECOND;
        (self.allowance, self.counted) = ((self.allowance + earned).min(BURST) - 1.0, now);
        self.allowance >= 0.0
    }

    fn state(&self) -> RelayState {
        match (&self.refusal, self.connected, self.tried) {
            (Some(words), ..) => RelayState::Refuses(words.clone()),
            (None, true, _) => RelayState::Connected,
            (None, false, false) => RelayState::Connecting,
            (None, false, true) => RelayState::Unreachable,
        }
    }
}

/// Asks a relay for what this filter names.
async fn ask(relay: &Relay, id: &SubscriptionId, filter: &Filter) {
    if let Err(error) = relay.subscribe_with_id(id.clone(), filter.clone(), Default::default()).await {
        debug!(%error, "a relay cannot be asked");
    }
}

/// These and as many random ones as make a multiple of [`PAD`], the same all day.
fn padded(topics: &BTreeSet<Topic>, padding: &[u8; 32], day: u32) -> BTreeSet<Topic> {
    let wanted = topics.len().next_multiple_of(PAD);
    let more = (0_u32..).map(|number| {
        let mut hasher = blake3::Hasher::new_keyed(padding);
        hasher.update(&day.to_be_bytes()).update(&number.to_be_bytes());
        Topic::from_bytes(*hasher.finalize().as_bytes())
    });
    topics.iter().copied().chain(more.take(wanted - topics.len())).collect()
}

fn filters(topics: &BTreeSet<Topic>) -> BTreeMap<SubscriptionId, Filter> {
    let all: Vec<String> = topics.iter().map(Topic::to_string).collect();
    let filter = |topics: &[String]| Filter::new().kind(Kind::Custom(KIND)).custom_tags(TAG, topics.iter().cloned());
    all.chunks(PER_SUBSCRIPTION)
        .zip(0..)
        .map(|(chunk, number): (_, u32)| (SubscriptionId::new(number.to_string()), filter(chunk)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_may_send_so_much_and_no_more() {
        let mut health = Health::new();
        let now = health.counted;
        let at_once = (0..1000).take_while(|_| health.may_send(now)).count();
        assert_eq!(at_once, 600);
        assert!((0..79).all(|_| health.may_send(now + Duration::from_secs(2))));
    }

    #[test]
    fn nobody_can_count_friends() {
        let topics = |count: u8| (0..count).map(|number| Topic::from_bytes([number; 32])).collect::<BTreeSet<_>>();
        for (count, shown) in [(0, 0), (1, 8), (8, 8), (9, 16), (100, 104)] {
            let padded = padded(&topics(count), &[7; 32], 1);
            assert_eq!(padded.len(), shown);
            assert!(padded.is_superset(&topics(count)));
        }
        assert_eq!(padded(&topics(1), &[7; 32], 1), padded(&topics(1), &[7; 32], 1), "the same all day");
        assert_eq!(filters(&topics(100)).len(), 3);
    }

    #[test]
    fn a_relays_words_are_made_harmless() {
        assert_eq!(printable("no\u{202e}\n\u{7}pe", MAX_WORDS), "nope");
        assert_eq!(printable(&"x".repeat(500), MAX_WORDS).len(), MAX_WORDS);
    }
}
