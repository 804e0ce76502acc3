//! The lanes that a model is for, and the model of a setting before any judgement.
//!
//! Worker thread. Nothing here searches.

use super::constraints::Constraints;
use super::prior::{LoopPrior, Source};
use super::{Mode, Request, Steering};
use crate::critic::ensemble::Ensemble;
use crate::critic::particles::Dictionary;
use crate::features::{Candidate, Space};
use crate::kit::Kit;
use crate::pattern::{Grid, Role};
use crate::rng::Rng;
use crate::units::Seed;
use std::sync::Arc;

/// Reference loops that set the scale of measures, and of them those that set the scale of terms.
const REFERENCE: usize = 480;
const TERM_REFERENCE: usize = 80;

/// The setting that measures are scaled for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    pub(super) roles: Vec<Role>,
    pub(super) any_sample: bool,
}

fn constraints_of(setting: &Setting) -> Constraints {
    let request = Request {
        mode: Mode::Random,
        lanes: &setting.roles,
        any_sample: setting.any_sample,
        steering: Steering { grid: Grid::default(), ..Steering::default() },
        locks: None,
        avoid: &[],
    };
    Constraints::new(&request, &Kit::new("", []))
}

/// Loops as they come before any rating, a third of them of no style.
pub(super) fn reference(
    setting: &Setting,
    space: &Space,
    prior: &LoopPrior,
    count: usize,
    rng: &mut Rng,
) -> Vec<Candidate> {
    let constraints = constraints_of(setting);
    let broad = |at: usize| if at.is_multiple_of(3) { 1.0 } else { 0.0 };
    let draw = |at| prior.draw(&constraints, space.kit(), space.sounds(), broad(at), Source::Written, rng);
    (0..count).map(draw).collect()
}

impl Setting {
    /// Experts that were told nothing: measures are scaled to the lanes in use, so other lanes need others.
    pub(super) fn experts(&self, base: &Space, prior: &LoopPrior, seed: Seed) -> Ensemble {
        let mut rng = Rng::stream(seed, "reference", 0);
        let mut space = base.clone();
        let reference = reference(self, base, prior, REFERENCE, &mut rng);
        space.fit_scale(&reference);
        let heard = reference[..TERM_REFERENCE].iter().map(|candidate| space.heard(candidate)).collect();
        let dictionary = Arc::new(Dictionary::new(prior.styles(), heard));
        Ensemble::new(space, dictionary, seed)
    }
}
