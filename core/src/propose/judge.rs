//! One score for a candidate of a request.

use super::frame::Frame;
use crate::critic::ensemble::{Ensemble, Scratch};
use crate::features::{Candidate, Heard};

/// Scores candidates of one request.
pub struct Judge<'a> {
    experts: &'a Ensemble,
    frame: &'a Frame,
    scratch: Scratch,
}

impl<'a> Judge<'a> {
    /// A judge with its scratch memory.
    #[must_use]
    pub(super) fn new(experts: &'a Ensemble, frame: &'a Frame) -> Self {
        let scratch = Scratch::new(Candidate::empty(frame.grid(), &frame.roles));
        Self { experts, frame, scratch }
    }

    /// What is heard of a candidate; valid until the next call.
    pub fn hear(&mut self, candidate: &Candidate) -> &Heard {
        self.experts.hear(&self.frame.phases, candidate, &mut self.scratch)
    }

    /// A careful logit of P(like), less what the density that was asked for costs.
    pub fn worth(&mut self, candidate: &Candidate) -> f32 {
        let worth = self.experts.worth(&self.frame.phases, candidate, &mut self.scratch);
        worth - self.frame.density_loss(candidate)
    }
}
