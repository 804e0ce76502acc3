//! A friend's taste beside the person's own: another ensemble, told of what the friend said, whose P(like) is pooled
//! with that of the first.
//!
//! Worker thread. Both are made for the same lanes and of the same seed, so that what is heard of a loop is the same
//! to both. What is said of the person (marks, statements) is about the person alone.

use crate::critic::ensemble::Ensemble;
use crate::critic::particles::PanelVote;
use crate::features::Heard;
use crate::taste::friend::Beside;

/// A friend's taste.
pub(super) struct FriendModel {
    pub(super) beside: Beside,
    pub(super) model: Ensemble,
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

impl FriendModel {
    fn pool(&self, mine: f32, theirs: f32) -> f32 {
        self.beside.together.pool(mine, theirs, self.beside.share)
    }

    /// Two probabilities with their deviations.
    pub(super) fn pool_with(&self, (mine, sd): (f32, f32), (theirs, their_sd): (f32, f32)) -> (f32, f32) {
        let [a, b] = self.beside.together.slopes(mine, theirs, self.beside.share);
        (self.pool(mine, theirs), (a * sd).hypot(b * their_sd).min(0.5))
    }

    /// Two logits.
    pub(super) fn pool_logits(&self, mine: f32, theirs: f32) -> f32 {
        let p = self.pool(sigmoid(mine), sigmoid(theirs)).clamp(1e-6, 1.0 - 1e-6);
        (p / (1.0 - p)).ln()
    }

    /// The panel's vote, with that of the friend's panel.
    pub(super) fn vote(&self, mine: PanelVote, heard: &Heard) -> PanelVote {
        let theirs = self.model.particles.judge(heard);
        let (mean, sd) =
            self.pool_with((mine.mean, mine.variance.sqrt()), (theirs.mean, theirs.variance.sqrt()));
        PanelVote { mean, variance: sd * sd, logit: self.pool_logits(mine.logit, theirs.logit) }
    }

    /// A glance, with that of the friend.
    pub(super) fn glance(&self, mine: f32, heard: &Heard) -> f32 {
        self.pool(mine, self.model.particles.glance(heard))
    }
}
