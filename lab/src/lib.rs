//! The laboratory of DeepDrummer: what measures and makes the product and is no part of it.
//!
//! Layers, lowest first; a module imports only from layers above it in this list
//! (`cargo xtask check` holds this, and that nothing in the product imports from here):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`baselines`], `picture`, [`pretrain`], [`report`] |
//! | 1 | [`listeners`] |
//! | 2 | [`study`], [`why`] |
//! | 3 | [`cold_start`], [`follow`], [`groove`], [`mix`], [`networks`], [`reliability`] |
//!
//! The headless tool, `src/bin/deepdrummer`, stands above all layers. Threads of the tool, of studies and of
//! tests run all of this; never those of a plugin. `docs/learning.md` says what was measured with it.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod baselines;
pub mod cold_start;
pub mod follow;
pub mod groove;
pub mod listeners;
pub mod mix;
pub mod networks;
mod picture;
pub mod pretrain;
pub mod reliability;
pub mod report;
pub mod study;
pub mod why;
