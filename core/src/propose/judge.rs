//! One score for a candidate of a request.

use super::company::Company;
use super::constraints::Constraints;
use crate::critic::ensemble::{Ensemble, Scratch};
use crate::features::{Candidate, Heard, Played};

/// How far a loop must be ahead in its direction, as a likeness, and what missing it by 1 costs as a logit.
const LEAD: f32 = 0.05;
const DIRECTION: f32 = 12.0;

/// Scores candidates of one request.
pub(super) struct Judge<'a> {
    experts: &'a Ensemble,
    constraints: &'a Constraints,
    scratch: Scratch,
}

impl<'a> Judge<'a> {
    /// A judge with its scratch memory.
    #[must_use]
    pub(super) fn new(experts: &'a Ensemble, constraints: &'a Constraints) -> Self {
        let scratch = Scratch::new(Candidate::empty(constraints.grid(), &constraints.roles));
        Self { experts, constraints, scratch }
    }

    /// What is heard of a candidate; valid until the next call.
    pub(super) fn hear(&mut self, candidate: &Candidate) -> &Heard {
        self.experts.hear(&self.constraints.phases, candidate, &mut self.scratch)
    }

    /// What a candidate costs that is not as it was asked for, as a loss on the logit scale: its density, sounds
    /// of too many kits, a style that is none of the direction's; and kicks that do not go with the notes.
    #[must_use]
    pub(super) fn loss(&self, candidate: &Candidate) -> f32 {
        let follow = self.constraints.follow.as_ref();
        self.other_loss(candidate) + follow.map_or(0.0, |follow| follow.loss(candidate))
    }

    /// The same beside a probability, where what does not go with the notes costs accordingly.
    #[must_use]
    pub(super) fn loss_in_probability(&self, candidate: &Candidate) -> f32 {
        let follow = self.constraints.follow.as_ref();
        self.other_loss(candidate) + follow.map_or(0.0, |follow| follow.loss_in_probability(candidate))
    }

    fn other_loss(&self, candidate: &Candidate) -> f32 {
        let (constraints, space) = (self.constraints, &self.experts.space);
        let company = Company { constraints, kit: space.kit(), sounds: space.sounds() };
        let mut loss = constraints.density_loss(candidate) + company.loss(candidate);
        if let styles = constraints.steering.styles
            && !styles.is_open()
            && let Some(lead) = Played::of(candidate, &constraints.phases).lead(styles)
        {
            loss += DIRECTION * (LEAD - lead).max(0.0);
        }
        loss
    }

    /// A careful logit of P(like), less what [`Judge::loss`] says.
    pub(super) fn worth(&mut self, candidate: &Candidate) -> f32 {
        let worth = self.experts.worth(&self.constraints.phases, candidate, &mut self.scratch);
        worth - self.loss(candidate)
    }
}
