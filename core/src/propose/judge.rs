//! One score for a candidate out of the experts' opinions.

use super::frame::Frame;
use crate::critic::particles::{Hypothesis, Particles};
use crate::critic::{Example, logit};
use crate::features::{Candidate, DENSE, Dense, Heard, Space};

/// Scores candidates of one request.
pub struct Judge<'a> {
    /// The tables of sounds.
    pub space: &'a Space,
    /// What the request allows.
    pub frame: &'a Frame,
    /// The particles.
    pub particles: &'a Particles,
    /// How much of the score is theirs, 0 to 1.
    pub particle_weight: f32,
    scratch: Example,
}

impl<'a> Judge<'a> {
    /// A judge with its scratch memory.
    #[must_use]
    pub fn new(space: &'a Space, frame: &'a Frame, particles: &'a Particles, particle_weight: f32) -> Self {
        let scratch = Example {
            candidate: Candidate::empty(frame.grid(), &frame.roles),
            heard: Heard::default(),
            dense: Dense([0.0; DENSE]),
        };
        Self { space, frame, particles, particle_weight, scratch }
    }

    /// What is heard of a candidate; valid until the next call.
    pub fn hear(&mut self, candidate: &Candidate) -> &Heard {
        self.space.hear(&self.frame.phases, candidate, &mut self.scratch.heard);
        &self.scratch.heard
    }

    /// A careful logit of P(like), less what the density that was asked for costs.
    pub fn worth(&mut self, candidate: &Candidate) -> f32 {
        self.hear(candidate);
        let vote = self.particles.judge(&self.scratch.heard);
        logit(vote.mean) + 0.06 * vote.logit - self.frame.density_loss(candidate)
    }

    /// The logit of P(like) under one hypothesis, kept within ±5.
    pub fn under(&mut self, belief: &Hypothesis, candidate: &Candidate) -> f32 {
        let loss = self.frame.density_loss(candidate);
        belief.logit(self.hear(candidate)).clamp(-5.0, 5.0) - loss
    }
}
