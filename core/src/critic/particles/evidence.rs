//! What was said of a loop, as compact as the particles' inner loop wants it.

use super::hypothesis::Hypothesis;
use super::quick;
use crate::critic::Observation;
use crate::features::Heard;

/// One judgement: about 1 kB, so that a whole log stays in the second-level cache.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    /// What was heard of the loop.
    pub heard: Heard,
    /// For "A over B": what was heard of the loop that lost.
    over: Option<Box<Heard>>,
    /// Like or dislike of the whole.
    pub like: Option<bool>,
    rhythm: Option<bool>,
    sound: Option<bool>,
    /// How many explicit ratings it counts as.
    pub weight: f32,
    /// What age has left of its weight, 0 to 1.
    pub share: f32,
    /// The chance that it says nothing: see [`BESIDE`].
    beside: f32,
}

/// A reference shows more than what is liked about it: with this chance it was chosen for what a hypothesis does
/// not hear. Chosen by measurement.
const BESIDE: f32 = 0.2;

impl Evidence {
    /// What an observation says, fresh.
    #[must_use]
    pub(super) fn of(observation: &Observation) -> Self {
        Self {
            heard: observation.subject.heard.clone(),
            over: observation.over.as_ref().map(|loser| Box::new(loser.heard.clone())),
            like: observation.like,
            rhythm: observation.rhythm,
            sound: observation.sound,
            weight: observation.weight,
            share: 1.0,
            beside: if observation.reference { BESIDE } else { 0.0 },
        }
    }

    /// ln P(what was said | hypothesis), times its weight, before ageing.
    #[must_use]
    pub(crate) fn log_likelihood(&self, h: &Hypothesis) -> f32 {
        let heard = &self.heard;
        let beside = self.beside;
        let of = |p: f32, said: bool| quick::ln(beside + (1.0 - beside) * if said { p } else { 1.0 - p });
        let mut sum = 0.0;
        if let Some(loser) = &self.over {
            sum += of(h.preference(heard, loser), true);
            if let Some(like) = self.like {
                sum += 0.5 * of(h.probability(heard), like);
            }
        } else if let Some(like) = self.like {
            sum += of(h.probability(heard), like);
        }
        if let Some(rhythm) = self.rhythm {
            sum += of(h.part_probability(heard, false), rhythm);
        }
        if let Some(sound) = self.sound {
            sum += of(h.part_probability(heard, true), sound);
        }
        sum * self.weight
    }
}
