//! A control session, from the client's side: what `fyteclub ctl`, the demo and tests command a companion by.

use std::collections::{BTreeMap, VecDeque};

use super::PipeError;
use super::client::PipeClient;
use super::control::{FromControl, ToControl};
use crate::engine::command::{Command, CommandError};
use crate::engine::snapshot::Snapshot;
use crate::runtime::files::Profile;
use crate::wire::plugin::{PIPE_PROTOCOL, PathStyle, PipeHello, Role};

/// Why a companion did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The pipe cannot be reached, or failed.
    #[error(transparent)]
    Pipe(#[from] PipeError),
    /// It ended before it answered.
    #[error("FyteClub has ended")]
    Ended,
    /// It refused, or did not understand; one sentence.
    #[error(transparent)]
    Refused(#[from] CommandError),
}

impl ControlError {
    fn refused(text: impl Into<String>) -> Self {
        Self::Refused(CommandError(text.into()))
    }
}

/// A control session. What comes unasked while an answer is awaited is kept for later.
#[derive(Debug)]
pub struct ControlClient {
    client: PipeClient,
    seq: u64,
    unasked: VecDeque<ToControl>,
}

impl ControlClient {
    /// Connects to the companion of this profile.
    ///
    /// # Errors
    /// [`ControlError::Pipe`].
    pub async fn connect(profile: &Profile) -> Result<Self, ControlError> {
        let hello = PipeHello {
            protocol: PIPE_PROTOCOL,
            role: Role::Control,
            name: "ctl".to_owned(),
            version: env!("FYTECLUB_VERSION").to_owned(),
            roots: Vec::new(),
            paths: PathStyle::Native,
            drives: BTreeMap::new(),
        };
        let client = PipeClient::connect(profile, hello).await?;
        Ok(Self { client, seq: 0, unasked: VecDeque::new() })
    }

    /// How everything is.
    ///
    /// # Errors
    /// [`ControlError`].
    pub async fn snapshot(&mut self) -> Result<Snapshot, ControlError> {
        let seq = self.next_seq();
        self.client.writer.send(&FromControl::Snapshot { seq }).await?;
        let answer = self.answer(seq).await?;
        if let ToControl::Snapshot { snapshot, .. } = answer { Ok(*snapshot) } else { Err(out_of_turn(answer)) }
    }

    /// Has a command carried out.
    ///
    /// # Errors
    /// [`ControlError::Refused`] says why not; or the pipe failed.
    pub async fn command(&mut self, command: Command) -> Result<(), ControlError> {
        let seq = self.next_seq();
        self.client.writer.send(&FromControl::Command { seq, command }).await?;
        match self.answer(seq).await? {
            ToControl::Reply { ok: true, .. } => Ok(()),
            ToControl::Reply { error, .. } => Err(ControlError::refused(error.unwrap_or_else(|| "FyteClub refused".to_owned()))),
            answer @ (ToControl::Snapshot { .. } | ToControl::Notice { .. } | ToControl::Error { .. }) => {
                Err(out_of_turn(answer))
            }
        }
    }

    /// From here on [`ControlClient::heard`] gives what happens.
    ///
    /// # Errors
    /// [`ControlError::Pipe`].
    pub async fn watch(&mut self) -> Result<(), ControlError> {
        Ok(self.client.writer.send(&FromControl::Watch).await?)
    }

    /// What comes unasked.
    ///
    /// # Errors
    /// [`ControlError`], also when the companion has ended.
    pub async fn heard(&mut self) -> Result<ToControl, ControlError> {
        match self.unasked.pop_front() {
            Some(kept) => Ok(kept),
            None => self.next().await,
        }
    }

    async fn answer(&mut self, seq: u64) -> Result<ToControl, ControlError> {
        loop {
            let heard = self.next().await?;
            if answers(&heard) == Some(seq) {
                return Ok(heard);
            }
            self.unasked.push_back(heard);
        }
    }

    async fn next(&mut self) -> Result<ToControl, ControlError> {
        match self.client.reader.next().await? {
            Some(ToControl::Error { message, re: None }) => Err(ControlError::refused(message)),
            Some(heard) => Ok(heard),
            None => Err(ControlError::Ended),
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

fn out_of_turn(answer: ToControl) -> ControlError {
    let message = if let ToControl::Error { message, .. } = answer { message } else { "it answered something else".to_owned() };
    ControlError::refused(format!("FyteClub did not understand: {message}; are both programs of the same version?"))
}
