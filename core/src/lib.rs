//! The engine, learner and session of DeepDrummer: everything that is not a plugin.
//!
//! Layers, lowest first; a module imports only from layers above it in this list
//! (`cargo xtask check` holds this):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`units`], [`rng`], [`disk`] |
//! | 1 | [`pattern`], [`song`], [`dsp`] |
//! | 2 | [`kit`], [`groove`] |
//! | 3 | [`engine`] |
//! | 4 | [`render`], [`export`], [`import`] |
//! | 5 | [`features`] |
//! | 6 | [`taste`] |
//! | 7 | [`critic`] |
//! | 8 | [`explain`] |
//! | 9 | [`propose`] |
//! | 10 | [`session`] |
//! | 11 | [`runtime`] |
//!
//! Nothing here knows a plugin framework or a window. `docs/architecture.md` explains the forces.
//!
//! # A loop from ratings
//!
//! ```
//! use deepdrummer_core::kit::factory;
//! use deepdrummer_core::pattern::{Role, notation};
//! use deepdrummer_core::propose::{CriticKind, learner};
//! use deepdrummer_core::session::{Session, command::Command, doc::Document, view::KitView};
//! use deepdrummer_core::{taste::Verdict, units::Seed};
//! use std::sync::Arc;
//!
//! let kit = Arc::new(factory::kit_named("Analog Club").expect("it ships"));
//! let mut session = Session::new(Document::new(Seed(7), Role::default_lanes(4)));
//! let critic = learner(CriticKind::Taste, Arc::clone(&kit), Seed(7));
//! session.set_kit(kit, critic, KitView::default());
//! for like in [true, false, true] {
//!     session.settle();
//!     let (id, _) = session.current().expect("a session with a kit has a loop");
//!     session.apply(Command::Rate { id, verdict: Verdict::of(like) });
//! }
//! let (_, pattern) = session.current().expect("the next one follows each verdict");
//! println!("{}", notation::write(&pattern));
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod critic;
pub mod disk;
pub(crate) mod dsp;
pub mod engine;
pub(crate) mod explain;
pub mod export;
pub mod features;
pub mod groove;
pub mod import;
pub mod kit;
pub mod pattern;
pub mod propose;
pub mod render;
pub mod rng;
pub mod runtime;
pub mod session;
pub mod song;
pub mod taste;
pub mod units;
