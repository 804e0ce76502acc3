//! What the taste learner said of its reasons, kept until something else was said.
//!
//! Worker thread. Plain data.

use super::{RhythmShare, Statement};

/// What is said of the person.
pub(super) struct KeptReasons {
    /// The log that it rests on.
    pub(super) revision: u64,
    /// How many entries that has.
    pub(super) known: usize,
    pub(super) statements: Vec<Statement>,
    /// What a friend likes too.
    pub(super) shared: Vec<String>,
    pub(super) rhythm: Option<RhythmShare>,
}
