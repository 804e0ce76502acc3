//! One score for a candidate out of the experts' opinions.

use super::company::Company;
use super::frame::Frame;
use crate::critic::gp::{Gp, Workspace};
use crate::critic::particles::Particles;
use crate::critic::{Example, logit};
use crate::features::{Candidate, DENSE, Dense, Heard, Played, Space};

/// Beyond this weight of one expert the other is not asked.
const NEGLIGIBLE_REST: f32 = 0.97;
/// Standard deviations that the Gaussian process's mean is lowered by.
const CAUTION: f32 = 0.5;

/// How far a loop must be ahead in its direction, as a likeness, and what missing it by 1 costs as a logit.
const LEAD: f32 = 0.05;
const DIRECTION: f32 = 12.0;

/// Scores candidates of one request.
pub struct Judge<'a> {
    /// The tables of sounds.
    pub space: &'a Space,
    /// What the request allows.
    pub frame: &'a Frame,
    /// The particles.
    pub particles: &'a Particles,
    /// The Gaussian process.
    pub gp: &'a Gp,
    /// How much of the score is the Gaussian process's, 0 to 1.
    pub gp_weight: f32,
    scratch: Example,
    workspace: Workspace,
}

impl<'a> Judge<'a> {
    /// A judge with its scratch memory.
    #[must_use]
    pub fn new(
        space: &'a Space,
        frame: &'a Frame,
        particles: &'a Particles,
        gp: &'a Gp,
        gp_weight: f32,
    ) -> Self {
        let scratch = Example {
            candidate: Candidate::empty(frame.grid(), &frame.roles),
            heard: Heard::default(),
            dense: Dense([0.0; DENSE]),
        };
        Self { space, frame, particles, gp, gp_weight, scratch, workspace: Workspace::default() }
    }

    /// What is heard of a candidate; valid until the next call.
    pub fn hear(&mut self, candidate: &Candidate) -> &Heard {
        self.space.hear(&self.frame.phases, candidate, &mut self.scratch.heard);
        &self.scratch.heard
    }

    /// What a candidate costs that is not as it was asked for, as a loss on the logit scale: its density, sounds
    /// of too many kits, a style that is none of the direction's.
    #[must_use]
    pub fn loss(&self, candidate: &Candidate) -> f32 {
        let frame = self.frame;
        let company = Company { frame, kit: self.space.kit(), sounds: self.space.sounds() };
        let mut loss = frame.density_loss(candidate) + company.loss(candidate);
        if let styles = frame.steering.styles
            && !styles.is_open()
            && let Some(lead) = Played::of(candidate, &frame.phases).lead(styles)
        {
            loss += DIRECTION * (LEAD - lead).max(0.0);
        }
        loss
    }

    /// A careful logit of P(like), less what [`Judge::loss`] says.
    pub fn worth(&mut self, candidate: &Candidate) -> f32 {
        self.hear(candidate);
        let mut worth = 0.0;
        if self.gp_weight < NEGLIGIBLE_REST {
            let vote = self.particles.judge(&self.scratch.heard);
            worth += (1.0 - self.gp_weight) * (logit(vote.mean) + 0.06 * vote.logit);
        }
        if self.gp_weight > 1.0 - NEGLIGIBLE_REST {
            self.space.dense(&self.frame.phases, candidate, &mut self.scratch.dense);
            let opinion = self.gp.opinion(&self.scratch, &mut self.workspace);
            worth += self.gp_weight * (opinion.mean - CAUTION * opinion.sd).clamp(-6.0, 6.0);
        }
        worth - self.loss(candidate)
    }
}
