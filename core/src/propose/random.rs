//! The learner that does not learn: draws from the prior.

use super::constraints::Constraints;
use super::prior::{LoopPrior, Source};
use super::{Attribution, Learner, Prediction, Proposal, Request, Statement};
use crate::features::{Candidate, SoundTable, Styles};
use crate::kit::Kit;
use crate::pattern::Loop;
use crate::rng::Rng;
use crate::taste::Log;
use crate::units::Seed;
use std::sync::Arc;

/// Draws that follow no style.
pub(super) const BROAD: f32 = 0.1;

/// Draws from the prior, steered and locked as asked; ignores what was judged.
pub(super) struct Random {
    kit: Arc<Kit>,
    sounds: Arc<SoundTable>,
    prior: LoopPrior,
    rng: Rng,
}

impl Random {
    /// A learner over a kit.
    #[must_use]
    pub(super) fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        let sounds = SoundTable::of(&kit);
        let rng = Rng::stream(seed, "random learner", 0);
        Self { kit, sounds, prior: LoopPrior::new(Styles::builtin()), rng }
    }
}

impl Learner for Random {
    fn observe(&mut self, _log: &Log) {}

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        let constraints = Constraints::new(request, &self.kit);
        let mut drawn = None;
        for _ in 0..16 {
            let candidate =
                self.prior.draw(&constraints, &self.kit, &self.sounds, BROAD, Source::Groove, &mut self.rng);
            let pattern = candidate.to_loop();
            let known = request.avoid.contains(&pattern);
            drawn = Some(pattern);
            if !known {
                break;
            }
        }
        let pattern =
            drawn.unwrap_or_else(|| Candidate::empty(constraints.grid(), &constraints.roles).to_loop());
        Proposal { pattern, prediction: Prediction { p_like: 0.5, sd: 0.5 } }
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        (0..n).map(|_| self.propose(request)).collect()
    }

    fn predict(&mut self, _pattern: &Loop) -> Prediction {
        Prediction { p_like: 0.5, sd: 0.5 }
    }

    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        Attribution::none(pattern.lanes().len(), 0.5)
    }

    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }

    fn work(&mut self) -> bool {
        false
    }
}
