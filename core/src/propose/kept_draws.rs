//! Draws from the prior that are kept with what is heard of them, so that thousands of candidates can
//! be asked about without drawing or measuring one anew.
//!
//! Worker thread. Its content depends on the seed and the request's constraints alone, and of the log on
//! nothing but whether it is long enough for sounds of foreign roles.

use super::constraints::Constraints;
use super::prior::{LoopPrior, Source};
use super::{Locks, Request, Steering};
use crate::features::{Candidate, Heard, Space};
use crate::pattern::{Course, Grid, Hit, Role, SampleId, Swing};
use crate::rng::Rng;
use crate::units::Seed;

/// How many draws are kept (about 1.3 kB each).
pub(crate) const DRAWS: usize = 2560;
/// The share of them that follow no style.
const BROAD: f32 = 0.2;

/// What the draws depend on.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    roles: Vec<Role>,
    any_sample: bool,
    steering: Steering,
    foreign_roles: bool,
    locks: Option<Locks>,
}

/// The kept draws.
#[derive(Default)]
pub(crate) struct KeptDraws {
    key: Option<Key>,
    kept: Vec<Kept>,
    heard: Vec<Heard>,
}

/// A candidate without the steps and lanes that it does not have: those are most of its bytes.
struct Kept {
    grid: Grid,
    swing: Swing,
    dice: u16,
    sounds: Box<[(Role, SampleId, u32, Course)]>,
    /// The steps of each lane, lane by lane.
    hits: Box<[Hit]>,
}

impl Kept {
    fn of(candidate: &Candidate) -> Self {
        let steps = candidate.grid.steps();
        let kept = Self {
            grid: candidate.grid,
            swing: candidate.swing,
            dice: candidate.dice,
            sounds: (candidate.parts().iter())
                .map(|part| (part.role, part.id, part.sample, part.course))
                .collect(),
            hits: candidate.parts().iter().flat_map(|part| &part.hits[..steps]).copied().collect(),
        };
        debug_assert_eq!(kept.candidate(), *candidate);
        kept
    }

    fn candidate(&self) -> Candidate {
        let roles: Vec<Role> = self.sounds.iter().map(|sound| sound.0).collect();
        let mut candidate = Candidate::empty(self.grid, &roles);
        (candidate.swing, candidate.dice) = (self.swing, self.dice);
        let lanes = self.sounds.iter().zip(self.hits.chunks_exact(self.grid.steps()));
        for (part, (&(_, id, sample, course), hits)) in candidate.parts_mut().iter_mut().zip(lanes) {
            (part.id, part.sample, part.course) = (id, sample, course);
            for (step, &hit) in hits.iter().enumerate() {
                part.set(step, hit);
            }
        }
        candidate
    }
}

impl KeptDraws {
    /// Draws anew where the request asks for other loops than the last one did.
    pub(super) fn prepare(
        &mut self,
        request: &Request<'_>,
        constraints: &Constraints,
        prior: &LoopPrior,
        space: &Space,
        seed: Seed,
    ) {
        let key = Key {
            roles: constraints.roles.clone(),
            any_sample: constraints.any_sample,
            steering: constraints.steering,
            foreign_roles: constraints.foreign_roles,
            locks: request.locks,
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let mut rng = Rng::stream(seed, "reservoir", 0);
        self.kept = Vec::with_capacity(DRAWS);
        self.heard = Vec::with_capacity(DRAWS);
        for _ in 0..DRAWS {
            let candidate =
                prior.draw(constraints, space.kit(), space.sounds(), BROAD, Source::Written, &mut rng);
            if constraints.is_playable(&candidate) {
                let mut heard = Heard::default();
                space.hear(&constraints.phases, &candidate, &mut heard);
                self.kept.push(Kept::of(&candidate));
                self.heard.push(heard);
            }
        }
        self.key = Some(key);
    }

    /// Appends the `most` draws with the highest scores to `found`, best first.
    pub(super) fn best(&self, most: usize, score: impl FnMut(&Heard) -> f32, found: &mut Vec<Candidate>) {
        let scores: Vec<f32> = self.heard.iter().map(score).collect();
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let descending = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
        if most < order.len() {
            order.select_nth_unstable_by(most, descending);
            order.truncate(most);
        }
        order.sort_unstable_by(descending);
        found.extend(order.into_iter().map(|at| self.kept[at].candidate()));
    }
}
