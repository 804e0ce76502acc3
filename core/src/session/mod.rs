//! The session: single owner of truth.
//!
//! Worker thread. Synchronous: no threads, files or clock in here.

pub mod command;
pub mod view;
