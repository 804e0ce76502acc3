//! DeepDrummer as a plugin: constants, trait implementations, exports; no logic.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod editor;
