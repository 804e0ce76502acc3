//! One score for a candidate of a request.

use super::company::Company;
use super::constraints::Constraints;
use super::friend::FriendModel;
use crate::critic::ensemble::{Ensemble, Scratch};
use crate::critic::particles::PanelVote;
use crate::features::{Candidate, Heard, Played};

/// How far a loop must be ahead in its direction, as a likeness, and what missing it by 1 costs as a logit.
const LEAD: f32 = 0.05;
const DIRECTION: f32 = 12.0;

/// Scores candidates of one request.
pub(super) struct Judge<'a> {
    experts: &'a Ensemble,
    constraints: &'a Constraints,
    scratch: Scratch,
    friend: Option<(&'a FriendModel, Scratch)>,
}

impl<'a> Judge<'a> {
    /// A judge with its scratch memory.
    #[must_use]
    pub(super) fn new(experts: &'a Ensemble, constraints: &'a Constraints) -> Self {
        let scratch = Scratch::new(Candidate::empty(constraints.grid(), &constraints.roles));
        Self { experts, constraints, scratch, friend: None }
    }

    /// The same with a friend's taste beside the person's own.
    #[must_use]
    pub(super) fn beside(self, friend: Option<&'a FriendModel>) -> Self {
        let scratch = || Scratch::new(Candidate::empty(self.constraints.grid(), &self.constraints.roles));
        let friend = friend.map(|friend| (friend, scratch()));
        Self { friend, ..self }
    }

    /// What the panel says of a candidate, with that of a friend.
    pub(super) fn vote(&mut self, candidate: &Candidate) -> PanelVote {
        let heard = self.experts.hear(&self.constraints.phases, candidate, &mut self.scratch);
        let vote = self.experts.particles.judge(heard);
        match &self.friend {
            Some((friend, _)) => friend.vote(vote, heard),
            None => vote,
        }
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

    /// P(like) at a glance.
    pub(super) fn glance(&mut self, candidate: &Candidate) -> f32 {
        let heard = self.experts.hear(&self.constraints.phases, candidate, &mut self.scratch);
        let mine = self.experts.particles.glance(heard);
        self.friend.as_ref().map_or(mine, |(friend, _)| friend.glance(mine, heard))
    }

    /// A careful logit of P(like), less what [`Judge::loss`] says.
    pub(super) fn worth(&mut self, candidate: &Candidate) -> f32 {
        let phases = &self.constraints.phases;
        let mut worth = self.experts.worth(phases, candidate, &mut self.scratch);
        if let Some((friend, scratch)) = &mut self.friend {
            worth = friend.pool_logits(worth, friend.model.worth(phases, candidate, scratch));
        }
        worth - self.loss(candidate)
    }
}
