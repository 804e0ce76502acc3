//! critic/mod
pub mod audio;
pub mod classic;
pub mod nn;
