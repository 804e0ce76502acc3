//! Loops that wait behind the current one, and what is computed for the eye after a loop is already playing. Both
//! go out of date with what the learner was told, and with what their owner says they depend on.
//!
//! Worker thread.

use crate::pattern::Loop;
use crate::propose::{Attribution, Lift, Prediction, Proposal, RhythmShare, Statement};
use crate::taste::LoopId;
use std::collections::VecDeque;
use std::sync::Arc;

/// Whether something still is as it would be made now.
struct Freshness {
    /// The revision of what was said that it was made under.
    taught: u64,
    is_spoiled: bool,
}

impl Freshness {
    /// Of what was not made yet.
    fn none() -> Self {
        Self { taught: 0, is_spoiled: true }
    }

    fn holds(&self, taught: u64) -> bool {
        !self.is_spoiled && self.taught == taught
    }

    fn renew(&mut self, taught: u64) {
        *self = Self { taught, is_spoiled: false };
    }
}

/// Loops that wait, the next one first.
pub(super) struct Queue {
    waiting: VecDeque<Proposal>,
    freshness: Freshness,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { waiting: VecDeque::new(), freshness: Freshness::none() }
    }

    /// What was asked for is another thing now.
    pub(super) fn spoil(&mut self) {
        self.freshness.is_spoiled = true;
    }

    /// Whether what waits is what would be asked for now.
    pub(super) fn is_fresh(&self, taught: u64) -> bool {
        self.freshness.holds(taught)
    }

    /// Drops what would not be asked for now.
    pub(super) fn freshen(&mut self, taught: u64) {
        if !self.is_fresh(taught) {
            self.waiting.clear();
            self.freshness.renew(taught);
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn push(&mut self, next: Proposal) {
        self.waiting.push_back(next);
    }

    pub(super) fn pop(&mut self) -> Option<Proposal> {
        self.waiting.pop_front()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Proposal> {
        self.waiting.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }
}

/// What the learner says of the current loop, and of the person.
pub(super) struct Insight {
    /// What was learned, in words.
    pub(super) statements: Vec<Statement>,
    /// The current loop's rating that is worth asking again.
    pub(super) reask: Option<LoopId>,
    /// What it says of the song's sections.
    pub(super) sections: Vec<(Loop, Prediction)>,
    /// How much of the verdicts the rhythm explains.
    pub(super) rhythm: Option<RhythmShare>,
    lift: Option<Lift>,
    attribution: Option<(Loop, Arc<Attribution>)>,
    prediction: Option<(Loop, Prediction)>,
    freshness: Freshness,
}

impl Insight {
    pub(super) fn new() -> Self {
        Self {
            statements: Vec::new(),
            reask: None,
            sections: Vec::new(),
            rhythm: None,
            lift: None,
            attribution: None,
            prediction: None,
            freshness: Freshness::none(),
        }
    }

    /// The current loop is another one, or another question is asked of it.
    pub(super) fn spoil(&mut self) {
        self.freshness.is_spoiled = true;
    }

    pub(super) fn is_fresh(&self, taught: u64) -> bool {
        self.freshness.holds(taught)
    }

    pub(super) fn renew(&mut self, taught: u64) {
        self.freshness.renew(taught);
    }

    /// What the learner says of a loop.
    pub(super) fn set_loop(&mut self, pattern: Loop, prediction: Prediction, attribution: Attribution) {
        self.prediction = Some((pattern, prediction));
        self.attribution = Some((pattern, attribution.into()));
    }

    /// The change that lifts it most.
    pub(super) fn set_lift(&mut self, lift: Option<Lift>) {
        self.lift = lift;
    }

    /// The change that lifts this very loop most, if it was asked.
    pub(super) fn lift_of(&self, pattern: &Loop) -> Option<Lift> {
        self.lift.as_ref().filter(|lift| lift.of == *pattern).cloned()
    }

    /// What it said of this very loop, if it was asked.
    pub(super) fn prediction_of(&self, pattern: &Loop) -> Option<Prediction> {
        self.prediction.as_ref().filter(|(of, _)| of == pattern).map(|(_, prediction)| *prediction)
    }

    /// The same for which of its hits speak for and against it.
    pub(super) fn attribution_of(&self, pattern: &Loop) -> Option<Arc<Attribution>> {
        let of = self.attribution.as_ref().filter(|(of, _)| of == pattern);
        of.map(|(_, attribution)| Arc::clone(attribution))
    }
}
