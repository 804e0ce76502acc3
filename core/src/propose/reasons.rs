//! What the taste learner says of its reasons.
//!
//! Worker thread. What is said of the person is kept until something else was said: it follows from the judgements
//! alone, and costs some ten milliseconds.

use super::kept_reasons::KeptReasons;
use super::setting::reference;
use super::taste::TasteLearner;
use super::{Attribution, Free, Lift, RhythmShare, Statement};
use crate::explain::{self, Reference};
use crate::features::Candidate;
use crate::pattern::Loop;
use crate::rng::Rng;

/// Loops by which statements are examined.
const REFERENCE: usize = 400;

impl TasteLearner {
    /// Draws from the prior whose lanes' rhythms, sounds and swing were exchanged among them.
    fn shuffled(&self, rng: &mut Rng) -> Vec<Candidate> {
        let drawn = reference(&self.setting, &self.base, &self.prior, REFERENCE, rng);
        let any = |rng: &mut Rng| &drawn[rng.below(drawn.len())];
        (0..REFERENCE)
            .map(|_| {
                let mut candidate = *any(rng);
                candidate.swing = any(rng).swing;
                for (lane, part) in candidate.parts_mut().iter_mut().enumerate() {
                    *part = any(rng).parts()[lane];
                    let sound = any(rng).parts()[lane];
                    (part.id, part.sample) = (sound.id, sound.sample);
                }
                candidate
            })
            .collect()
    }

    /// Every one of some rhythms on every one of some sets of sounds.
    fn crossed(&self, rng: &mut Rng) -> Vec<Candidate> {
        let count = explain::RHYTHMS + explain::SOUNDS;
        let drawn = reference(&self.setting, &self.base, &self.prior, count, rng);
        let (rhythms, sounds) = drawn.split_at(explain::RHYTHMS);
        let crossed = rhythms.iter().flat_map(|rhythm| {
            sounds.iter().map(|sounds| {
                let mut candidate = *rhythm;
                for (part, of) in candidate.parts_mut().iter_mut().zip(sounds.parts()) {
                    (part.id, part.sample) = (of.id, of.sample);
                }
                candidate
            })
        });
        crossed.collect()
    }

    fn reasons(&mut self) -> &KeptReasons {
        let (revision, known) = (self.log.revision(), self.log.entries().len());
        let kept = self.reasons.take().filter(|kept| (kept.revision, kept.known) == (revision, known));
        let reasons = kept.unwrap_or_else(|| {
            let mut rng = Rng::stream(self.seed, "reasons", 0);
            let observations = &self.model.observations;
            let statements = match explain::is_enough(observations) {
                true => {
                    let reference = Reference::new(&self.model, &self.shuffled(&mut rng));
                    explain::statements(&self.model, &reference, MOST_STATEMENTS)
                }
                false => Vec::new(),
            };
            let shared = self.shared_with_friend(&statements, &mut rng);
            let mut rng = Rng::stream(self.seed, "rhythm or sound", 0);
            let rhythm = match observations.is_empty() {
                true => None,
                false => explain::rhythm_share(&self.model, &self.crossed(&mut rng)),
            };
            KeptReasons { revision, known, statements, shared, rhythm }
        });
        self.reasons.insert(reasons)
    }

    /// See [`super::Learner::statements`].
    pub(super) fn words(&mut self, most: usize) -> Vec<Statement> {
        let statements = &self.reasons().statements;
        statements.iter().take(most).cloned().collect()
    }

    /// What both like, of what can be said of each: see [`super::Learner::shared`].
    fn shared_with_friend(&self, mine: &[Statement], rng: &mut Rng) -> Vec<String> {
        let Some(friend) = &self.friend else { return Vec::new() };
        let reference = Reference::new(&self.model, &self.shuffled(rng));
        let theirs = explain::statements(&friend.model, &reference, MOST_STATEMENTS);
        let of_mine = explain::agreed(&friend.model, &reference, mine);
        let of_theirs = explain::agreed(&self.model, &reference, &theirs);
        let mut texts: Vec<String> = Vec::new();
        for statement in of_mine.into_iter().chain(of_theirs) {
            if !texts.contains(&statement.text) {
                texts.push(statement.text);
            }
        }
        texts
    }

    /// See [`super::Learner::shared`].
    pub(super) fn shared_words(&mut self, most: usize) -> Vec<String> {
        self.reasons().shared.iter().take(most).cloned().collect()
    }

    /// See [`super::Learner::rhythm_share`].
    pub(super) fn rhythm(&mut self) -> Option<RhythmShare> {
        self.reasons().rhythm
    }

    /// See [`super::Learner::attribute`].
    pub(super) fn marks(&mut self, pattern: &Loop) -> Attribution {
        if self.model.observations.is_empty() {
            let p_like = self.model.predict_loops(&[*pattern]).first().map_or(0.5, |(p, _)| *p);
            return Attribution::none(pattern.lanes().len(), p_like);
        }
        explain::attribute(&self.model, pattern)
    }

    /// See [`super::Learner::lift`].
    pub(super) fn best_change(&mut self, pattern: &Loop, free: &Free) -> Option<Lift> {
        if self.model.observations.is_empty() {
            return None;
        }
        let space = &self.model.space;
        let p_like = |loops: &[Loop]| self.model.predict_loops(loops).into_iter().map(|(p, _)| p).collect();
        explain::best(pattern, free, space.kit(), space.sounds(), p_like)
    }
}

/// Statements that are kept.
const MOST_STATEMENTS: usize = 6;

#[cfg(test)]
mod tests;
