//! FyteClub: friends in Final Fantasy XIV see each other's modded characters, with no central server.
//!
//! This page is the map. Each layer is a folder; a layer knows only those to its right:
//!
//! `domain` names · `wire` speaks · `engine` decides · `runtime` acts · `ui` shows · `tray` hints · `run` assembles
//!
//! ```text
//! main → run → { ui, tray } → engine::{Command, Snapshot, Notice} → domain
//!         └──→ runtime ─────→ engine ─→ wire ─→ domain
//! ```
//!
//! `ui` and `runtime` never meet but in `run`, through [`runtime::handle::Handle`]. `tests/architecture.rs` keeps the arrows.
//!
//! # One appearance's way through
//!
//! 1. The game plugin writes `publish` to the pipe ([`runtime::pipe`], [`wire::plugin`]). The engine's part `publish` checks each
//!    game path and orders [`Hash`](engine::output::Output::Hash); the [`store`](runtime::store) hashes the files where they lie.
//! 2. The canonical manifest ([`wire::manifest`]) gives the [`AppearanceId`](domain::AppearanceId). If it is a new one, `publish`
//!    sends an [`Announce`](wire::control::Announce) with a [`Grant`](wire::grant::Grant) to every linked friend who may see it.
//! 3. The friend's engine asks its parts: `circle` (is this theirs to wear?), the limits, `follow` (is it newer?). It asks for the
//!    manifest, takes away what the cache holds, and `fetch` cuts the rest into orders.
//! 4. The [`link`](runtime::link) asks for groups of 16 KiB over the bulk carrier ([`wire::bulk`]); the store checks each against
//!    the blob's tree before it counts.
//! 5. When everything is here, the character is near and nobody is fighting, `plugin` sends `apply`: game path → file in the cache.
//!
//! # Who owns what
//!
//! | state | its one writer |
//! |---|---|
//! | what I call and note of friends | `engine::labels` |
//! | what went between friends and me, by day | `engine::history` |
//! | my name and picture, whose picture is kept | `engine::profile`; the files are [`runtime::pictures`]' |
//! | trust, permissions, whose each character is, with whom mine are shared | `engine::circle` |
//! | my looks and revisions | `engine::publish` |
//! | how far each friend's look has come | [`engine::follow`] |
//! | who is there, and at which address | `engine::roster` |
//! | codes by which people become friends | `engine::invites`; the exchange is [`runtime::rendezvous`]' |
//! | connection state, generation, route | `engine::link` |
//! | what is held and what goes first | `engine::cache`; the bytes are [`runtime::store`]'s |
//! | whether another run of mine shares in this one's place | `engine::runs` |
//! | game plugins, who is near, what is applied | `engine::plugin` |
//! | half-typed text | `ui::view` |
//!
//! State goes out as [`Snapshot`](engine::snapshot::Snapshot)s, moments as [`Notice`](engine::notice::Notice)s. Everything that a
//! person can do is a [`Command`](engine::command::Command); window, tray and `fyteclub ctl` send the same ones.
//!
//! # The engine has no world
//!
//! [`engine::Engine`] is a state machine: inputs in, orders out, time as an argument, randomness from a seed. `tests/sim` runs many of
//! them against each other in virtual time. Only [`runtime`] (and `run`) read clocks, files and sockets; clippy says so.

#![allow(rustdoc::private_intra_doc_links, reason = "the pages are for contributors and are made with private items")]

pub mod domain;
pub mod engine;
pub mod i18n;
pub mod run;
pub mod runtime;
pub mod tray;
pub mod ui;
pub mod wire;
