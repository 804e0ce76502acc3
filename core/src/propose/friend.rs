//! A friend's taste beside the person's own: another ensemble, told of what the friend said, whose P(like) is pooled
//! with that of the first.
//!
//! Worker thread. Both are made for the same lanes and of the same seed, so that what is heard of a loop is the same
//! to both. What is said of the person (marks, statements) is about the person alone.

use super::taste::TasteLearner;
use crate::critic::Example;
use crate::critic::ensemble::Ensemble;
use crate::critic::particles::PanelVote;
use crate::features::Heard;
use crate::pattern::Loop;
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
    fn pool_with(&self, (mine, sd): (f32, f32), (theirs, their_sd): (f32, f32)) -> (f32, f32) {
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

impl TasteLearner {
    /// Another friend, or none. What the friend said is learned anew only where it is something else.
    pub(super) fn set_friend(&mut self, beside: Option<Beside>) {
        if self.friend.as_ref().map(|friend| &friend.beside) == beside.as_ref() {
            return;
        }
        let known = self.friend.take();
        // What both like is said anew.
        self.reasons = None;
        let Some(beside) = beside.filter(|beside| beside.share > 0.0) else { return };
        self.friend = Some(match known {
            Some(known) if known.beside.said == beside.said => FriendModel { beside, ..known },
            _ => self.new_friend(beside),
        });
    }

    /// A friend for the lanes in use.
    fn new_friend(&self, beside: Beside) -> FriendModel {
        let mut model = self.setting.experts(&self.base, &self.prior, self.seed);
        self.learn_into(&mut model, &beside.said);
        FriendModel { beside, model }
    }

    /// The friend for other lanes.
    pub(super) fn remake_friend(&mut self) {
        if let Some(friend) = self.friend.take() {
            self.friend = Some(self.new_friend(friend.beside));
        }
    }

    /// What one or both think of loops.
    pub(super) fn pooled_loops(&self, patterns: &[Loop]) -> Vec<(f32, f32)> {
        let mine = self.model.predict_loops(patterns);
        let Some(friend) = &self.friend else { return mine };
        let theirs = friend.model.predict_loops(patterns);
        mine.into_iter().zip(theirs).map(|(mine, theirs)| friend.pool_with(mine, theirs)).collect()
    }

    /// What one or both think of a loop that was heard.
    pub(super) fn pooled(&self, example: &Example) -> Option<(f32, f32)> {
        let one = std::slice::from_ref(example);
        let mine = self.model.predict(one).pop()?;
        let Some(friend) = &self.friend else { return Some(mine) };
        let theirs = friend.model.predict(one).pop()?;
        Some(friend.pool_with(mine, theirs))
    }
}
