//! `fyteclub rendezvous`: a relay of one's own, for friends who would rather use nobody else's.
//!
//! It is a Nostr relay that passes on FyteClub's own ephemeral events and nothing else, and keeps none. Encryption on the way
//! is a reverse proxy's matter; what passes through is sealed anyway (`docs/rendezvous.md`).

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args as ClapArgs;
use nostr_relay_builder::builder::{PolicyResult, RateLimit, WritePolicy};
use nostr_relay_builder::{LocalRelay, RelayBuilder};
use nostr_sdk::prelude::{BoxedFuture, Event, MemoryDatabase, MemoryDatabaseOptions};

use super::interrupted;
use crate::runtime::rendezvous::{MAX_CONTENT, is_ours};

/// Arguments of the relay.
#[derive(Clone, Debug, PartialEq, Eq, ClapArgs)]
pub struct RendezvousArgs {
    /// Where to listen; port 0 takes any. For others to reach it, an address of theirs, or a reverse proxy before it.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:47313")]
    pub listen: SocketAddr,
    /// Connections at once.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub connections: usize,
    /// Events a minute that one connection may send.
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub events: u32,
}

/// Passes on our own events only, of a size that they have.
#[derive(Debug)]
struct OursOnly;

impl WritePolicy for OursOnly {
    fn admit_event<'a>(&'a self, event: &'a Event, _: &'a SocketAddr) -> BoxedFuture<'a, PolicyResult> {
        let answer = if !is_ours(event.kind) {
            PolicyResult::Reject("this relay is for FyteClub alone".to_owned())
        } else if event.content.len() > MAX_CONTENT || event.tags.len() > 1 {
            PolicyResult::Reject("larger than anything FyteClub says".to_owned())
        } else {
            PolicyResult::Accept
        };
        Box::pin(async move { answer })
    }
}

/// Runs until Ctrl-C or the system's request to end. Prints its address once it listens.
///
/// # Errors
/// If the address cannot be listened on.
pub fn run(args: &RendezvousArgs) -> Result<ExitCode> {
    super::tokio_runtime()?.block_on(async {
        let ended = interrupted();
        let nothing = MemoryDatabaseOptions { events: false, max_events: Some(1) };
        let mut builder = RelayBuilder::default()
            .addr(args.listen.ip())
            .database(MemoryDatabase::with_opts(nothing))
            .max_connections(args.connections)
            .rate_limit(RateLimit { max_reqs: 64, notes_per_minute: args.events })
            .write_policy(OursOnly);
        if args.listen.port() != 0 {
            builder = builder.port(args.listen.port());
        }
        let relay = LocalRelay::new(builder);
        relay.run().await.with_context(|| format!("Failed to listen on {}", args.listen))?;
        announce(&relay.url().await.to_string(), args.listen.ip())?;
        ended.await;
        relay.shutdown();
        Ok(ExitCode::SUCCESS)
    })
}

fn announce(url: &str, ip: IpAddr) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", url.trim_end_matches('/'))?;
    if ip.is_loopback() {
        writeln!(out, "Only this computer reaches it. See docs/rendezvous.md for how friends do.")?;
    }
    out.flush().context("Failed to say where it listens")
}
