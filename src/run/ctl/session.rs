//! A control session with the companion.

use std::collections::{BTreeMap, VecDeque};

use super::Failure;
use crate::engine::command::Command;
use crate::engine::snapshot::Snapshot;
use crate::runtime::files::Profile;
use crate::runtime::pipe::client::PipeClient;
use crate::runtime::pipe::control::{FromControl, ToControl};
use crate::wire::plugin::{PIPE_PROTOCOL, PathStyle, PipeHello, Role};

/// A control session. What comes unasked while an answer is awaited is kept for later.
pub(super) struct Session {
    client: PipeClient,
    seq: u64,
    unasked: VecDeque<ToControl>,
}

impl Session {
    /// Connects to the companion of this profile.
    pub(super) async fn open(profile: &Profile) -> Result<Self, Failure> {
        let hello = PipeHello {
            protocol: PIPE_PROTOCOL,
            role: Role::Control,
            name: "ctl".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            roots: Vec::new(),
            paths: PathStyle::Native,
            drives: BTreeMap::new(),
        };
        let client = PipeClient::connect(profile, hello).await?;
        Ok(Self { client, seq: 0, unasked: VecDeque::new() })
    }

    /// How everything is.
    pub(super) async fn snapshot(&mut self) -> Result<Snapshot, Failure> {
        let seq = self.next_seq();
        self.client.writer.send(&FromControl::Snapshot { seq }).await?;
        let answer = self.answer(seq).await?;
        if let ToControl::Snapshot { snapshot, .. } = answer { Ok(*snapshot) } else { Err(out_of_turn(answer)) }
    }

    /// Has a command carried out.
    pub(super) async fn command(&mut self, command: Command) -> Result<(), Failure> {
        let seq = self.next_seq();
        self.client.writer.send(&FromControl::Command { seq, command }).await?;
        match self.answer(seq).await? {
            ToControl::Reply { ok: true, .. } => Ok(()),
            ToControl::Reply { error, .. } => Err(Failure::Refused(error.unwrap_or_else(|| "FyteClub refused".to_owned()))),
            answer @ (ToControl::Snapshot { .. } | ToControl::Notice { .. } | ToControl::Error { .. }) => {
                Err(out_of_turn(answer))
            }
        }
    }

    /// From here on [`Session::heard`] gives what happens.
    pub(super) async fn watch(&mut self) -> Result<(), Failure> {
        Ok(self.client.writer.send(&FromControl::Watch).await?)
    }

    /// What comes unasked.
    pub(super) async fn heard(&mut self) -> Result<ToControl, Failure> {
        match self.unasked.pop_front() {
            Some(kept) => Ok(kept),
            None => self.next().await,
        }
    }

    async fn answer(&mut self, seq: u64) -> Result<ToControl, Failure> {
        loop {
            let heard = self.next().await?;
            if answers(&heard) == Some(seq) {
                return Ok(heard);
            }
            self.unasked.push_back(heard);
        }
    }

    async fn next(&mut self) -> Result<ToControl, Failure> {
        match self.client.reader.next().await? {
            Some(ToControl::Error { message, re: None }) => Err(Failure::Refused(message)),
            Some(heard) => Ok(heard),
            None => Err(Failure::Ended),
        }
    }

    fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}

const fn answers(heard: &ToControl) -> Option<u64> {
    match heard {
        ToControl::Reply { re, .. } => Some(*re),
        ToControl::Snapshot { re, .. } | ToControl::Error { re, .. } => *re,
        ToControl::Notice { .. } => None,
    }
}

fn out_of_turn(answer: ToControl) -> Failure {
    let message = if let ToControl::Error { message, .. } = answer { message } else { "it answered something else".to_owned() };
    Failure::Refused(format!("FyteClub did not understand: {message}; are both programs of the same version?"))
}
