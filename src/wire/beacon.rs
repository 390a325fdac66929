//! The LAN beacon.
