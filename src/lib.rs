//! The architecture, in one page.
//!
//! `domain` names · `wire` speaks · `engine` decides · `runtime` acts · `ui` shows · `tray` hints · `run` assembles
//!
//! ```text
//! main → run → { ui, tray } → engine::{Command, Snapshot, Notice} → domain
//!         └──→ runtime ─────→ engine ─→ wire ─→ domain
//! ```

pub mod domain;
pub mod engine;
pub mod i18n;
pub mod run;
pub mod runtime;
pub mod tray;
pub mod ui;
pub mod wire;
