//! A build: thinner than the loop at its beginning, denser and louder towards its end.

use super::{Ground, usual_velocity};
use crate::pattern::{Hit, Loop, Role};
use crate::rng::Rng;

pub(super) fn draw(ground: &mut Ground<'_>, rng: &mut Rng) -> Loop {
    let of = ground.of;
    let mut made = of;
    let steps = of.grid.steps();
    let beat = of.grid.steps_per_beat().max(1);
    let thin = rng.range(0.2, 0.7);
    let rolls = of.lanes().iter().position(|lane| matches!(lane.role, Role::Snare | Role::Clap | Role::Tom));
    let roll = rolls.unwrap_or_else(|| rng.below(of.lanes().len()));
    let level = f32::from(usual_velocity(&of, roll).max(80));
    for step in 0..steps {
        let along = step as f32 / steps.max(2) as f32;
        for lane in made.lanes_mut() {
            let hit = &mut lane.hits[step];
            if !step.is_multiple_of(beat) && rng.chance(thin * (1.0 - 2.0 * along)) {
                *hit = Hit::NONE;
            }
            if hit.is_on() {
                hit.velocity = (f32::from(hit.velocity) * (0.7 + 0.35 * along)).clamp(10.0, 127.0) as u8;
            }
        }
        // First each beat, then each half of one, then each step.
        let every = if along < 0.5 {
            beat
        } else if along < 0.75 {
            (beat / 2).max(1)
        } else {
            1
        };
        if step.is_multiple_of(every) && rng.chance(0.35 + 0.6 * ground.amount) {
            let velocity = (level * (0.45 + 0.6 * along)).clamp(12.0, 127.0);
            made.lanes_mut()[roll].hits[step] = Hit::new(velocity as u8);
        }
    }
    made
}

pub(super) fn fits(_: &Ground<'_>, made: &Loop) -> bool {
    let steps = made.grid.steps();
    let quarter = (steps / 4).max(1);
    let weight = |from: usize| -> u32 {
        let hits = made.lanes().iter().flat_map(|lane| &lane.hits[from..from + quarter]);
        hits.map(|hit| u32::from(hit.velocity)).sum()
    };
    weight(steps - quarter) as f32 > 1.25 * weight(0) as f32
}
