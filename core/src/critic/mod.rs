//! critic/mod
pub mod classic;
pub mod nn;
