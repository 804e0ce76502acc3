//! A contrast: the same sounds and the same swing, another rhythm of about as many hits.

use super::{Ground, cells_apart};
use crate::groove::Part;
use crate::pattern::{Loop, MAX_LANES, Role};
use crate::rng::Rng;

pub(super) fn draw(ground: &mut Ground<'_>, rng: &mut Rng) -> Loop {
    let all = ground.of.grid.mask();
    let mut hidden = [all; MAX_LANES];
    // Near, a lane that keeps time stays, so that one hears that it is the same song.
    if rng.chance(1.0 - ground.amount) {
        let keeps_time = |role| matches!(role, Role::ClosedHat | Role::Cymbal | Role::Percussion);
        let mut stays = ground.of.lanes().iter().position(|lane| keeps_time(lane.role) && lane.mask() != 0);
        if rng.chance(0.35) {
            stays = Some(rng.below(ground.of.lanes().len()));
        }
        if let Some(stays) = stays {
            hidden[stays] = 0;
        }
    }
    let mut made = ground.refill.refill(&ground.of, &hidden, Part::Beat, rng);
    if rng.chance(0.4) {
        // Lanes from two loops of the styles.
        let lane = rng.below(made.lanes().len());
        let mut other = [0; MAX_LANES];
        other[lane] = hidden[lane];
        made = ground.refill.refill(&made, &other, Part::Beat, rng);
    }
    made
}

pub(super) fn fits(ground: &Ground<'_>, made: &Loop) -> bool {
    let (was, now) = (ground.of.hit_count().max(1) as f32, made.hit_count() as f32);
    let apart = cells_apart(&ground.of, made) as f32 / was;
    // What is locked can't differ.
    let locked: u32 = ground
        .of
        .lanes()
        .iter()
        .zip(ground.locked)
        .map(|(lane, locked)| (lane.mask() & locked).count_ones())
        .sum();
    let free = 1.0 - locked as f32 / was;
    (0.55 * was..=1.7 * was).contains(&now) && apart >= (0.35 + 0.35 * ground.amount) * free
}
