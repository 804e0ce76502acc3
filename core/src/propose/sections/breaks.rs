//! A break: what is left when most of a loop falls silent.

use super::Ground;
use crate::pattern::{Hit, Loop, Role};
use crate::rng::Rng;

pub(super) fn draw(ground: &mut Ground<'_>, rng: &mut Rng) -> Loop {
    let mut made = ground.of;
    let steps = made.grid.steps();
    let count = made.lanes().len();
    // One lane or a few go on, and some of what they play.
    let stay = 1 + rng.below((1 + count / 2).min(3));
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, rng.below(last + 1));
    }
    let without_kick = rng.chance(0.6);
    let keep = rng.range(0.35, 1.0);
    let beat = made.grid.steps_per_beat().max(1);
    for (rank, lane) in order.into_iter().enumerate() {
        let lane = &mut made.lanes_mut()[lane];
        let goes = rank >= stay || (without_kick && lane.role == Role::Kick);
        for step in 0..steps {
            if goes || (!step.is_multiple_of(beat) && !rng.chance(keep)) {
                lane.hits[step] = Hit::NONE;
            }
        }
    }
    made
}

pub(super) fn fits(ground: &Ground<'_>, made: &Loop) -> bool {
    let (was, now) = (ground.of.hit_count(), made.hit_count());
    let least = 2 * usize::from(made.grid.bars);
    (least.min(was)..=was / 2).contains(&now)
}
