//! The deletion test: what removing the best-marked hits does to a listener's own P(like), beside removing hits at
//! random (after Samek et al. 2017).

use crate::listeners::Listener;
use deepdrummer_core::pattern::{Hit, Loop};
use deepdrummer_core::rng::Rng;
use serde::Serialize;

/// Hits that are removed.
const REMOVED: usize = 3;
/// Random removals that are averaged.
const DRAWS: usize = 8;

/// Mean drops of the true P(like) over loops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Deletion {
    /// Loops that were tested.
    pub loops: usize,
    /// When the three best-marked hits are removed.
    pub marked: f32,
    /// When three hits are removed at random.
    pub random: f32,
}

impl Deletion {
    /// Both tests in one.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let loops = self.loops + other.loops;
        let mean = |a: f32, b: f32| (a * self.loops as f32 + b * other.loops as f32) / loops.max(1) as f32;
        Self { loops, marked: mean(self.marked, other.marked), random: mean(self.random, other.random) }
    }
}

/// Tests one loop. `marks` gives the worth of a lane's step.
#[must_use]
pub fn deletion(
    listener: &Listener,
    rating: usize,
    pattern: &Loop,
    marks: &dyn Fn(usize, usize) -> f32,
    rng: &mut Rng,
) -> Deletion {
    let mut hits: Vec<(usize, usize)> = pattern
        .lanes()
        .iter()
        .enumerate()
        .flat_map(|(lane, hits)| hits.iter().map(move |(step, _)| (lane, step)))
        .collect();
    let without = |gone: &[(usize, usize)]| {
        let mut left = *pattern;
        for &(lane, step) in gone {
            left.lanes_mut()[lane].hits[step] = Hit::NONE;
        }
        listener.p_like(&left, rating)
    };
    let whole = listener.p_like(pattern, rating);
    let mut random = 0.0;
    for _ in 0..DRAWS {
        for at in 0..REMOVED.min(hits.len()) {
            let other = at + rng.below(hits.len() - at);
            hits.swap(at, other);
        }
        random += (whole - without(&hits[..REMOVED.min(hits.len())])) / DRAWS as f32;
    }
    hits.sort_unstable();
    hits.sort_by(|a, b| marks(b.0, b.1).total_cmp(&marks(a.0, a.1)));
    Deletion { loops: 1, marked: whole - without(&hits[..REMOVED.min(hits.len())]), random }
}
