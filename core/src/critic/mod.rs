//! critic/mod
