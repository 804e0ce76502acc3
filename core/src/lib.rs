//! The engine, learner and session of DeepDrummer: everything that is not a plugin.
//!
//! Layers, lowest first; a module imports only from layers above it in this list
//! (`cargo xtask check` holds this):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`units`], [`rng`], [`disk`] |
//! | 1 | [`pattern`] |
//! | 2 | [`kit`] |
//! | 3 | [`engine`] |
//! | 4 | [`render`], [`export`], [`import`] |
//! | 5 | [`features`] |
//! | 6 | [`taste`] |
//! | 7 | [`critic`] |
//! | 8 | [`propose`], [`explain`] |
//! | 9 | [`session`] |
//! | 10 | [`runtime`] |
//!
//! Nothing here knows a plugin framework or a window. `docs/architecture.md` explains the forces.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod critic;
pub mod disk;
pub mod engine;
pub mod explain;
pub mod export;
pub mod features;
pub mod import;
pub mod kit;
pub mod pattern;
pub mod propose;
pub mod render;
pub mod rng;
pub mod runtime;
pub mod session;
pub mod taste;
pub mod units;
