//! Whether what the learner says of its reasons is true: of simulated listeners, whose taste is known.
//!
//! Threads of the headless tool and of tests. A listener rates a learner's proposals as in a study; then what the
//! learner states is held against the listener's own probabilities on loops that no session has shaped
//! ([`Yard`]), and its marks against what deleting hits does to them ([`deletion()`]).

mod deletion;
mod doubt;
mod report;

pub use deletion::{Deletion, deletion};
pub use doubt::{Doubt, doubt};
pub use report::{Options, Report, Said, examine};

use crate::listeners::{Listener, Setting};
use deepdrummer_core::kit::Kit;
use deepdrummer_core::pattern::{Lane, Loop, SampleId};
use deepdrummer_core::propose::{CriticKind, Learner, Mode, learner};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::taste::{Judgement, Log, Verdict};
use deepdrummer_core::units::Seed;
use std::sync::Arc;

/// A learner that a listener has taught.
pub struct Taught {
    /// The learner, told of everything.
    pub learner: Box<dyn Learner>,
    /// What was said.
    pub log: Log,
    /// What was heard, in order.
    pub played: Vec<Loop>,
}

/// Lets a listener rate so many proposals of the product's learner, from the first on.
#[must_use]
pub fn teach(listener: &Listener, kit: &Arc<Kit>, setting: &Setting, ratings: usize, seed: u64) -> Taught {
    let mut answers = Rng::stream(Seed(seed), &listener.name, 1);
    let mut learner = learner(CriticKind::Taste, Arc::clone(kit), Seed(seed));
    let (mut log, mut played) = (Log::default(), Vec::new());
    learner.observe(&log);
    for rating in 0..ratings {
        let proposal = learner.propose(&setting.request(Mode::Ask, &played));
        while learner.work() {}
        let like = listener.rate(&proposal.pattern, rating, &mut answers);
        let said = Judgement::rated(rating as u64 + 1, proposal.pattern, Verdict::of(like));
        log.push(Judgement { predicted: Some(proposal.prediction.p_like), ..said });
        played.push(proposal.pattern);
        learner.observe(&log);
    }
    Taught { learner, log, played }
}

/// Loops by which statements are measured: draws from the prior whose lanes' rhythms, sounds and swing were
/// exchanged among them, so that what comes together in styles does not come together here.
pub struct Yard {
    loops: Vec<Loop>,
}

/// What a statement is worth: the listener's probabilities where it holds and where it does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Loops in which it holds.
    pub holding: usize,
    /// Mean P(like) there, wrong answers taken out.
    pub with: f32,
    /// Mean P(like) of the others.
    pub without: f32,
    /// Standard error of the difference.
    pub error: f32,
}

/// A statement is true where liking is so many times likelier with it than without.
const LEAST_RATIO: f32 = 1.5;
/// And the difference so many standard errors.
const LEAST_ERRORS: f32 = 3.0;
/// In fewer loops nothing can be told of it.
const LEAST_HOLDING: usize = 20;

impl Truth {
    /// Whether the listener likes loops with it clearly more often than loops without it.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.holding >= LEAST_HOLDING
            && self.with >= LEAST_RATIO * self.without
            && self.with - self.without >= LEAST_ERRORS * self.error
    }
}

impl Yard {
    /// So many loops.
    #[must_use]
    pub fn new(kit: &Arc<Kit>, setting: &Setting, count: usize, seed: u64) -> Self {
        let mut rng = Rng::stream(Seed(seed), "yard", 0);
        let mut draws = learner(CriticKind::Random, Arc::clone(kit), Seed(seed));
        let drawn = draws.sample(&setting.request(Mode::Random, &[]), count.max(1));
        let any = |rng: &mut Rng| drawn[rng.below(drawn.len())].pattern;
        let loops = (0..count)
            .map(|_| {
                let swing = any(&mut rng).swing;
                let lanes: Vec<Lane> = (0..setting.lanes.len())
                    .map(|at| {
                        let (rhythm, sound) = (any(&mut rng), any(&mut rng));
                        let sample = sound.lanes().get(at).map_or(SampleId::NONE, |lane| lane.sample);
                        Lane { sample, ..rhythm.lanes()[at] }
                    })
                    .collect();
                Loop::new(setting.grid, swing, &lanes)
            })
            .collect();
        Self { loops }
    }

    /// The loops.
    #[must_use]
    pub fn loops(&self) -> &[Loop] {
        &self.loops
    }

    /// A listener's P(like) of each loop after so many ratings, wrong answers taken out.
    #[must_use]
    pub fn heard_by(&self, listener: &Listener, rating: usize) -> Vec<f32> {
        let honest = |p: f32| ((p - listener.noise) / (1.0 - 2.0 * listener.noise)).clamp(0.0, 1.0);
        self.loops.iter().map(|pattern| honest(listener.p_like(pattern, rating))).collect()
    }

    /// Measures a statement by those probabilities; `holds` says in which loops it does.
    #[must_use]
    pub fn measure(&self, liking: &[f32], holds: impl Fn(&Loop) -> bool) -> Truth {
        let mut sums = [[0f64; 3]; 2];
        for (pattern, &p) in self.loops.iter().zip(liking) {
            let (sum, p) = (&mut sums[usize::from(holds(pattern))], f64::from(p));
            *sum = [sum[0] + 1.0, sum[1] + p, sum[2] + p * p];
        }
        let [without, with] = sums.map(|[n, sum, squares]| {
            let n = n.max(1.0);
            let mean = sum / n;
            (mean, (squares / n - mean * mean).max(0.0) / n)
        });
        Truth {
            holding: sums[1][0] as usize,
            with: with.0 as f32,
            without: without.0 as f32,
            error: (with.1 + without.1).sqrt() as f32,
        }
    }
}

#[cfg(test)]
mod tests;
