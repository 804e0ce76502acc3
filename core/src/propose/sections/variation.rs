//! A variation: what carries the loop stays, and a share of the rest is made anew or moves a little.

use super::{Ground, cells_apart, usual_velocity};
use crate::groove::Part;
use crate::pattern::{Hit, Loop, MAX_LANES};
use crate::rng::Rng;

pub(super) fn draw(ground: &mut Ground<'_>, rng: &mut Rng) -> Loop {
    let of = ground.of;
    let (steps, lanes) = (of.grid.steps(), of.lanes().len());
    let mut made = of;
    // A lane or two get what the styles have in a stretch of them.
    if rng.chance(0.3 + 0.6 * ground.amount) {
        let mut hidden = [0u128; MAX_LANES];
        for _ in 0..1 + rng.below(2) {
            let length = (steps / [1, 2, 4][rng.below(3)]).max(1);
            let from = rng.below(steps / length) * length;
            hidden[rng.below(lanes)] |= ((1u128 << length) - 1) << from;
        }
        for (hidden, carries) in hidden.iter_mut().zip(ground.carries) {
            *hidden &= !carries;
        }
        made = ground.refill.refill(&made, &hidden, Part::Beat, rng);
    }
    // Single hits come, go, and move by a step.
    for _ in 0..rng.below(2 + (4.0 * ground.amount) as usize) + 1 {
        let (lane, step) = (rng.below(lanes), rng.below(steps));
        if ground.carries[lane] >> step & 1 == 1 {
            continue;
        }
        let level = usual_velocity(&of, lane);
        let has = made.lanes()[lane].mask() != 0;
        let hits = &mut made.lanes_mut()[lane].hits;
        if hits[step].is_on() {
            let to = if rng.chance(0.5) { step + 1 } else { step + steps - 1 } % steps;
            if rng.chance(0.5) && !hits[to].is_on() {
                hits[to] = hits[step];
            }
            hits[step] = Hit::NONE;
        } else if has || rng.chance(0.2) {
            hits[step] = Hit::new((f32::from(level) * rng.range(0.4, 0.95)).max(12.0) as u8);
        }
    }
    made
}

pub(super) fn fits(ground: &Ground<'_>, made: &Loop) -> bool {
    let carried = ground.carries.iter().zip(made.lanes()).all(|(carries, lane)| carries & !lane.mask() == 0);
    let share = cells_apart(&ground.of, made) as f32 / ground.of.hit_count().max(1) as f32;
    carried && share > 0.0 && share <= 0.12 + 0.35 * ground.amount
}
