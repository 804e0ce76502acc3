//! A song of sections: which loop sounds in which bar. Bar *n* of the song is all that decides it, so that a jump,
//! a cycle and a bounce hear the same.
//!
//! Any thread; [`Order::bar`] is asked on the audio thread and never allocates. Must never know the engine, the
//! taste, or how a section came to be.

mod fills;
mod order;
mod strip;

pub use fills::{Fills, turn};
pub use order::{Bar, Order, Piece, SectionOrder};
pub use strip::{Run, Strip};

/// The most sections of a project.
pub const MAX_SECTIONS: usize = 8;
/// The most bars of an arrangement.
pub const MAX_STRIP_BARS: usize = 128;
/// The most loops that a section of fills takes turns with, itself among them.
pub const MAX_VARIANTS: usize = 16;
/// How far the arrangement may lie from the song's start, in bars.
pub const MOST_OFFSET: i32 = 9_999;
