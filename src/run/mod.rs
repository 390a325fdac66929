//! Assembles the layers into programs.

pub mod args;
pub mod ctl;
pub mod plugin_sim;
