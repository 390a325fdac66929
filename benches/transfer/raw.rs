//! The raw channel: our own connection with nothing above it. The other end sends as many bytes as it is asked for.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use anyhow::{Context, Result};
use bytes::{Buf, Bytes};
use fyteclub::domain::{Card, DiscoveryMode, Identity};
use fyteclub::engine::input::Input;
use fyteclub::engine::output::DiscoveryPlan;
use fyteclub::runtime::Inputs;
use fyteclub::runtime::link::raw::{RawLink, RawPort};
use fyteclub::runtime::link::{LinksConfig, SocketBuffers};
use fyteclub::runtime::signalling::{Signalling, SignallingConfig};
use tokio::sync::mpsc;

use crate::ends::{self, End};
use crate::work::Work;

/// What a transfer puts into one message.
const MESSAGE: usize = 64 << 10;
/// The two ends know each other's cards.
const SEEDS: [[u8; 32]; 2] = [[1; 32], [2; 32]];

/// The receiving end.
#[derive(Debug)]
pub(crate) struct Raw {
    link: RawLink,
    pub(crate) buffers: SocketBuffers,
    _port: RawPort,
    _signalling: Signalling,
    _end: End,
}

impl Raw {
    pub(crate) async fn connect(work: &Work, environment: &[(&str, &str)]) -> Result<Self> {
        let end = ends::start("raw", work.folder(), environment).await?;
        let (signalling, port, _heard) = begin(1, 0).await?;
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, end.port));
        let link = port.dial(&signalling, card(0), vec![target]).await?;
        let buffers = port.socket_buffers();
        Ok(Self { link, buffers, _port: port, _signalling: signalling, _end: end })
    }

    /// Seconds that so many bytes take.
    pub(crate) async fn receive(&self, bytes: u64) -> Result<f64> {
        let started = Instant::now();
        self.link.send(Bytes::copy_from_slice(&bytes.to_be_bytes())).await;
        let mut left = bytes;
        while left > 0 {
            let message = self.link.receive().await.context("the raw channel has ended")?;
            left = left.saturating_sub(message.len() as u64);
        }
        Ok(started.elapsed().as_secs_f64())
    }
}

/// The sending end.
pub(crate) async fn serve() -> Result<()> {
    let (signalling, port, mut heard) = begin(0, 1).await?;
    ends::say(signalling.port());
    let ticket = loop {
        if let Input::OfferArrived { ticket, .. } = heard.recv().await.context("signalling has ended")? {
            break ticket;
        }
    };
    let link = port.answer(&signalling, ticket).await?;
    let mut content = vec![0; MESSAGE];
    blake3::Hasher::new().finalize_xof().fill(&mut content);
    while let Some(mut request) = link.receive().await {
        let mut left = request.try_get_u64()?;
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(MESSAGE).min(MESSAGE);
            let part = Bytes::from(content.get(..length).unwrap_or_default().to_vec());
            if !link.send(part).await {
                return Ok(());
            }
            left -= length as u64;
        }
    }
    Ok(())
}

async fn begin(me: usize, other: usize) -> Result<(Signalling, RawPort, mpsc::Receiver<Input>)> {
    let (inputs, heard) = Inputs::channel(64);
    let config = SignallingConfig { identity: identity(me), port: 0, loopback_only: true };
    let signalling = Signalling::start(config, inputs).await?;
    signalling.set_plan(&DiscoveryPlan { mode: DiscoveryMode::FriendsOnly, friends: vec![card(other)], name: None });
    let port = RawPort::bind(LinksConfig { port: 0, addresses: Vec::new(), loopback_only: true })?;
    Ok((signalling, port, heard))
}

fn identity(of: usize) -> Identity {
    Identity::from_seed(SEEDS.get(of).copied().unwrap_or_default())
}

fn card(of: usize) -> Card {
    *identity(of).card()
}
