//! Makes hidden cells of a loop anew: from the groove net, in the light of all that stays, or from loops of the
//! styles, what stands in those cells there. Half and half, since the net knows how drummers go on and the styles
//! know electronic music.
//!
//! Worker thread.

use crate::groove::{Family, Part, Said};
use crate::pattern::{Loop, MAX_LANES};
use crate::propose::refill;
use crate::rng::Rng;

/// Loops of the styles on the very lanes of the loop that is worked on, and what the net is told of it.
pub(super) struct Refill {
    drawn: Vec<Loop>,
    family: Option<Family>,
}

impl Refill {
    pub(super) fn new(mut drawn: Vec<Loop>, family: Option<Family>, mut rng: Rng) -> Self {
        for last in (1..drawn.len()).rev() {
            drawn.swap(last, rng.below(last + 1));
        }
        Self { drawn, family }
    }

    /// The loop with the `hidden` cells (bit = step, by lane) made anew, those of all lanes by the net or from one
    /// loop of the styles, so that they go together. Every other cell stays as it is.
    pub(super) fn refill(
        &self,
        pattern: &Loop,
        hidden: &[u128; MAX_LANES],
        part: Part,
        rng: &mut Rng,
    ) -> Loop {
        if rng.chance(0.5) {
            let said = Said { family: self.family, part: Some(part), ..Said::default() };
            return refill(pattern, hidden, &said, rng);
        }
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
