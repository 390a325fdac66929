//! Directed
