//! The signalling session on TCP: Noise (`snow`), IK to a card already held, XX otherwise.
