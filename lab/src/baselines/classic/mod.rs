//! The published system, whole: its MFCC, its convolutional critic, its training and its sampler
//! (Alain, Chevalier-Boisvert, Osterrath, Piché-Taillefer 2020, arXiv 2008.04391). It is the baseline
//! that the learner is measured against.
//!
//! Study and tool threads. Slow as published: seconds a rating. [`Classic::work`] trains one batch a
//! call; whatever is still untrained is trained before the next loop is proposed or scored, so that the
//! log alone decides what is proposed.

mod clips;
mod layers;
mod mfcc;
mod network;
pub(super) mod sampler;
mod training;

pub use clips::{Clips, FRAMES, Pass, RATE_HZ};
pub use mfcc::{COEFFICIENTS, Mfcc};
pub use network::Network;
pub use training::{BATCH, BATCHES, Trainer};

use burn::tensor::Device;
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Hit, Loop};
use deepdrummer_core::propose::{Attribution, Learner, Mode, Prediction, Proposal, Request, Statement};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::Log;
use deepdrummer_core::units::Seed;
use sampler::{Goal, Judge, Schedule, Space};
use std::sync::Arc;

/// The published system as a learner.
pub struct Classic {
    kit: Arc<Kit>,
    seed: Seed,
    trainer: Trainer,
    /// How much of the log the trainer has seen, and at which revision.
    seen: usize,
    revision: u64,
    rng: Rng,
}

impl Classic {
    /// An untrained critic for a kit.
    #[must_use]
    pub fn new(kit: Arc<Kit>, seed: Seed) -> Self {
        let trainer = fresh(&kit, seed);
        Self { kit, seed, trainer, seen: 0, revision: 0, rng: Rng::stream(seed, "classic chains", 0) }
    }

    fn propose_many(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        let kit = Arc::clone(&self.kit);
        let space = Space::new(&kit, request);
        let goal = match request.mode {
            Mode::Ask => Goal::Walk,
            Mode::Good => Goal::Good,
            Mode::Bad => Goal::Bad,
            Mode::Random => return self.unscored(n, |rng| space.draw(0.5, rng)),
            Mode::Near { of, distance } => return self.unscored(n, |rng| space.near(&of, distance, rng)),
        };
        let starts: Vec<Loop> = (0..n).map(|_| space.draw(0.0, &mut self.rng)).collect();
        let mut chains = space.chains(starts, Schedule::published(goal), &mut self.trainer, &mut self.rng);
        chains
            .iter_mut()
            .map(|chain| Proposal { pattern: space.unplayed(chain), prediction: prediction(chain.p) })
            .collect()
    }

    /// Loops that the critic did not choose, with what it thinks of them.
    fn unscored(&mut self, n: usize, mut draw: impl FnMut(&mut Rng) -> Loop) -> Vec<Proposal> {
        let loops: Vec<Loop> = (0..n).map(|_| draw(&mut self.rng)).collect();
        let p = self.trainer.score(&loops);
        loops.into_iter().zip(p).map(|(pattern, p)| Proposal { pattern, prediction: prediction(p) }).collect()
    }
}

fn fresh(kit: &Arc<Kit>, seed: Seed) -> Trainer {
    Trainer::new(Clips::new(Arc::clone(kit)), Rng::stream(seed, "classic critic", 0), &Device::flex())
}

/// The network has no notion of its own uncertainty; the Bernoulli spread of P stands for it, halved
/// so that it keeps within the allowed 0 to 0.5.
fn prediction(p: f32) -> Prediction {
    let p = p.clamp(0.0, 1.0);
    Prediction { p_like: p, sd: 0.5 * (p * (1.0 - p)).sqrt() }
}

impl Judge for Trainer {
    fn judge(&mut self, loops: &[Loop]) -> Vec<f32> {
        self.score(loops)
    }
}

impl Learner for Classic {
    fn observe(&mut self, log: &Log) {
        if log.revision() != self.revision || log.entries().len() < self.seen {
            self.trainer = fresh(&self.kit, self.seed);
            self.seen = 0;
            self.revision = log.revision();
        }
        for judgement in &log.entries()[self.seen..] {
            if let Some(like) = judgement.verdict.like {
                self.trainer.rate(&judgement.subject, like);
            }
            if let Some(loser) = &judgement.over {
                self.trainer.rate(loser, false);
            }
        }
        self.seen = log.entries().len();
    }

    fn propose(&mut self, request: &Request<'_>) -> Proposal {
        let fallback = Space::new(&self.kit, request).draw(0.5, &mut self.rng.clone());
        let proposal = self.propose_many(request, 1).pop();
        proposal.unwrap_or(Proposal { pattern: fallback, prediction: prediction(0.5) })
    }

    fn sample(&mut self, request: &Request<'_>, n: usize) -> Vec<Proposal> {
        self.propose_many(request, n)
    }

    fn predict(&mut self, pattern: &Loop) -> Prediction {
        prediction(self.trainer.score(std::slice::from_ref(pattern)).first().copied().unwrap_or(0.5))
    }

    /// What each hit adds: P(like) with it less P(like) without it.
    fn attribute(&mut self, pattern: &Loop) -> Attribution {
        let mut places = Vec::new();
        let mut loops = vec![*pattern];
        for (at, lane) in pattern.lanes().iter().enumerate() {
            for (step, _) in lane.hits.iter().enumerate().filter(|(_, hit)| hit.is_on()) {
                let mut without = *pattern;
                without.lanes_mut()[at].hits[step] = Hit::NONE;
                places.push((at, step));
                loops.push(without);
            }
        }
        let p = self.trainer.score(&loops);
        let mut out = Attribution::none(pattern.lanes().len(), p.first().copied().unwrap_or(0.5));
        for ((at, step), without) in places.into_iter().zip(p.iter().skip(1)) {
            out.hits[at][step].points = p[0] - without;
        }
        out
    }

    /// A convolutional network has no words.
    fn statements(&mut self, _most: usize) -> Vec<Statement> {
        Vec::new()
    }

    fn work(&mut self) -> bool {
        self.trainer.train_one()
    }
}

#[cfg(test)]
mod tests;
