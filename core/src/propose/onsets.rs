//! On which steps of a loop notes begin that are played beside it.
//!
//! Any thread: plain `Copy` data.

use crate::pattern::MAX_STEPS;

/// The steps of a loop on which notes begin, with how hard, 1 to 127; 0 where none does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Onsets([u8; MAX_STEPS]);

impl Onsets {
    /// No notes.
    pub const NONE: Self = Self([0; MAX_STEPS]);

    /// Onsets of these strengths; beyond 127 is 127.
    #[must_use]
    pub fn new(strengths: [u8; MAX_STEPS]) -> Self {
        Self(strengths.map(|strength| strength.min(127)))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// How hard the note of a step is, 0 for none.
    #[must_use]
    pub fn at(&self, step: usize) -> u8 {
        self.0.get(step).copied().unwrap_or(0)
    }

    /// The steps with a note (bit = step).
    #[must_use]
    pub fn mask(&self) -> u128 {
        (0..MAX_STEPS).filter(|step| self.0[*step] > 0).fold(0, |mask, step| mask | 1 << step)
    }

    /// The steps with a note, in order.
    #[must_use]
    pub fn steps(&self) -> Vec<usize> {
        (0..MAX_STEPS).filter(|step| self.0[*step] > 0).collect()
    }
}

impl Default for Onsets {
    fn default() -> Self {
        Self::NONE
    }
}
