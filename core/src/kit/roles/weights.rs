//! x
use super::Network;
pub(super) const NETWORK: Network = Network { scale: [(0.0,1.0); super::INPUTS], first: [[0.0; super::INPUTS+1]; super::HIDDEN], second: [[0.0; super::HIDDEN+1]; super::ROLES] };
