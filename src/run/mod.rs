//! Assembles the layers into programs.

pub mod gui;
