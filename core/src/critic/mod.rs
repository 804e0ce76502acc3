//! critic/mod
pub mod audio;
pub mod classic;
pub mod neural;
pub mod nn;
