//! The taste learner with a friend: told of another one, and what both think of loops.
//!
//! Worker thread.

use super::friend::FriendModel;
use super::taste::TasteLearner;
use crate::critic::Example;
use crate::pattern::Loop;
use crate::taste::friend::Beside;

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
