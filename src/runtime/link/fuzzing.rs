//! What the fuzz targets in `tests/fuzz` reach of this room. Nothing else is to use it.

use super::candidates;
use super::stun::Protocol;

/// Candidates heeded of one peer in one attempt.
pub const MAX_CANDIDATES: usize = candidates::MAX_CANDIDATES;

/// An SDP from outside, cut to what is heeded, and how many candidates that is.
#[must_use]
pub fn limited(sdp: &str) -> (String, usize) {
    candidates::limited(sdp)
}

/// An SDP of ours with the hub's port.
#[must_use]
pub fn with_port(sdp: &str, port: u16) -> String {
    candidates::with_port(sdp, port)
}

/// The user name fragments of an SDP.
pub fn fragments(sdp: &str) -> impl Iterator<Item = &str> {
    candidates::fragments(sdp)
}

/// The address that a STUN answer says, if it is one.
#[must_use]
pub fn mapped_address(datagram: &[u8]) -> Option<std::net::SocketAddr> {
    match Protocol::of(datagram) {
        Protocol::Stun(stun) => stun.mapped_address(),
        Protocol::DtlsHandshake | Protocol::DtlsData | Protocol::Quic | Protocol::Other => None,
    }
}

/// Whom a datagram is for, if it is a STUN request that says so.
#[must_use]
pub fn receiver(datagram: &[u8]) -> Option<&[u8]> {
    match Protocol::of(datagram) {
        Protocol::Stun(stun) => stun.receiver(),
        Protocol::DtlsHandshake | Protocol::DtlsData | Protocol::Quic | Protocol::Other => None,
    }
}
