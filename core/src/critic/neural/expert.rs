//! The neural expert behind the mixture's interface.

use super::NeuralExpert;
use crate::critic::{Example, Expert, Observation, Opinion};
use crate::features::Space;

impl Expert for NeuralExpert {
    /// Learns what was said of the whole loop; of "A over B" also that the loser was not liked, at half
    /// weight.
    fn observe(&mut self, _space: &Space, all: &[Observation]) {
        let Some(latest) = all.last() else { return };
        if let Some(like) = latest.like {
            self.learn(&latest.subject.candidate.to_loop(), like, latest.weight);
        }
        if let Some(loser) = &latest.over {
            self.learn(&loser.candidate.to_loop(), false, 0.5 * latest.weight);
        }
    }

    fn predict(&mut self, loops: &[Example], out: &mut Vec<Opinion>) {
        let loops: Vec<_> = loops.iter().map(|example| example.candidate.to_loop()).collect();
        out.clear();
        out.extend(self.score(&loops).into_iter().map(|(mean, sd)| Opinion { mean, sd }));
    }
}
