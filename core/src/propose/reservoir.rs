//! Draws from the prior that are kept with what is heard of them, so that thousands of candidates can
//! be asked about without drawing or measuring one anew.
//!
//! Worker thread. Its content depends on the seed and the request's frame alone, never on the log.

use super::frame::Frame;
use super::prior::LoopPrior;
use super::{Locks, Request, Steering};
use crate::features::{Candidate, Heard, Space};
use crate::pattern::Role;
use crate::rng::Rng;
use crate::units::Seed;

/// How many draws are kept (about 3.5 kB each).
pub const DRAWS: usize = 2560;
/// The share of them that follow no style.
const BROAD: f32 = 0.2;

/// What the draws depend on.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    roles: Vec<Role>,
    any_sample: bool,
    /// The dial of adventure, which changes no draw, at 0.
    steering: Steering,
    locks: Option<Locks>,
}

/// The kept draws.
#[derive(Default)]
pub struct Reservoir {
    key: Option<Key>,
    candidates: Vec<Candidate>,
    heard: Vec<Heard>,
}

impl Reservoir {
    /// Draws anew where the request asks for other loops than the last one did.
    pub fn prepare(
        &mut self,
        request: &Request<'_>,
        frame: &Frame,
        prior: &LoopPrior,
        space: &Space,
        seed: Seed,
    ) {
        let key = Key {
            roles: frame.roles.clone(),
            any_sample: frame.any_sample,
            steering: Steering { adventure: 0.0, ..frame.steering },
            locks: request.locks,
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let mut rng = Rng::stream(seed, "reservoir", 0);
        self.candidates.clear();
        self.heard.clear();
        for _ in 0..DRAWS {
            let candidate = prior.draw(frame, space.kit(), space.sounds(), BROAD, &mut rng);
            if frame.is_playable(&candidate) {
                let mut heard = Heard::default();
                space.hear(&frame.phases, &candidate, &mut heard);
                self.candidates.push(candidate);
                self.heard.push(heard);
            }
        }
        self.key = Some(key);
    }

    /// Appends the `most` draws with the highest scores to `found`, best first.
    pub fn best(&self, most: usize, score: impl FnMut(&Heard) -> f32, found: &mut Vec<Candidate>) {
        let scores: Vec<f32> = self.heard.iter().map(score).collect();
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let descending = |a: &usize, b: &usize| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b));
        if most < order.len() {
            order.select_nth_unstable_by(most, descending);
            order.truncate(most);
        }
        order.sort_unstable_by(descending);
        found.extend(order.into_iter().map(|at| self.candidates[at]));
    }
}
