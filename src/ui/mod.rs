//! Shows: the window's content as a function of the newest [`Snapshot`](crate::engine::snapshot::Snapshot).
//!
//! Nothing here changes the engine's state: what a person does becomes a [`Command`], and the
//! window shows the outcome when the next snapshot says so. The only state of its own is what is half typed and which
//! dialog is open ([`view`]). Words come from [`words`], colours and sizes from [`tokens`].

pub mod app;
mod dialogs;
pub mod failure;
mod gallery;
pub mod outside;
pub mod reasons;
mod screens;
pub mod tokens;
pub mod view;
mod widgets;
pub mod words;

use crate::engine::command::Command;

/// What a person did in this frame, in order.
pub(crate) type Commands = Vec<Command>;
