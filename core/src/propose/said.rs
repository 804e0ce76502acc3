//! What was said of the person's taste, kept until the log is another.
//!
//! Worker thread. Plain data.

use super::{RhythmShare, Statement};

/// What is said of the person.
pub(super) struct Said {
    /// The log that it rests on.
    pub(super) revision: u64,
    pub(super) known: usize,
    pub(super) statements: Vec<Statement>,
    pub(super) rhythm: Option<RhythmShare>,
}
