//! Makes hidden cells of a loop anew from loops of the styles: what stands in those cells there.
//!
//! Worker thread.

use crate::pattern::{Loop, MAX_LANES};
use crate::rng::Rng;

/// Loops of the styles on the very lanes of the loop that is worked on.
pub(super) struct Styles {
    drawn: Vec<Loop>,
}

impl Styles {
    pub(super) fn new(mut drawn: Vec<Loop>, mut rng: Rng) -> Self {
        for last in (1..drawn.len()).rev() {
            drawn.swap(last, rng.below(last + 1));
        }
        Self { drawn }
    }

    /// The loop with the `hidden` cells (bit = step, by lane) made anew, those of all lanes from one loop of the
    /// styles, so that they go together. Every other cell stays as it is.
    pub(super) fn refill(&mut self, pattern: &Loop, hidden: &[u128; MAX_LANES], rng: &mut Rng) -> Loop {
        let mut made = *pattern;
        let Some(from) = rng.pick(&self.drawn) else { return made };
        for ((lane, from), hidden) in made.lanes_mut().iter_mut().zip(from.lanes()).zip(hidden) {
            for step in 0..pattern.grid.steps() {
                if hidden >> step & 1 == 1 {
                    lane.hits[step] = from.hits[step];
                }
            }
        }
        made
    }
}
