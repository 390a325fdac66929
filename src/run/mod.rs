//! Assembles the layers into programs.
