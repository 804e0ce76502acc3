//! The neural expert behind the ensemble's interface.

use super::NeuralExpert;
use crate::critic::along::{Along, Way};
use crate::critic::{Example, Expert, Latent, Observation, Opinion};
use crate::pattern::Loop;

impl Expert for NeuralExpert {
    /// Learns what was said of the whole loop; of "A over B" also that the loser was not liked, at half
    /// weight.
    fn observe(&mut self, observation: &Observation) {
        if let Some(like) = observation.like {
            self.learn(&observation.subject.candidate.to_loop(), like, observation.weight);
        }
        if let Some(loser) = &observation.over {
            self.learn(&loser.candidate.to_loop(), false, 0.5 * observation.weight);
        }
    }

    fn opinions(&self, examples: &[Example]) -> Vec<Opinion> {
        let loops: Vec<Loop> = examples.iter().map(|example| example.candidate.to_loop()).collect();
        self.score(&loops).into_iter().map(|(mean, sd)| Latent { mean, sd }.into()).collect()
    }

    fn is_smooth(&self) -> bool {
        true
    }

    fn along(&self, way: &Way<'_>) -> Option<Along> {
        Some(self.slopes_along(way))
    }

    fn work(&mut self) -> bool {
        self.tune()
    }

    fn reset(&mut self) {
        self.forget();
    }
}
