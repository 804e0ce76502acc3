//! A fill: a bar whose last half, or all of it, leads into the next one.
//!
//! Figures that drummers play there (the usual vocabulary of rolls, runs over the drums, answers of kick and
//! snare, and stops), what the styles have in these steps, and mixtures of both.

use super::{Ground, hits_from, usual_velocity};
use crate::groove::Part;
use crate::pattern::{Hit, Loop, MAX_LANES, Role};
use crate::rng::Rng;

pub(super) fn draw(ground: &mut Ground<'_>, rng: &mut Rng) -> Loop {
    let of = ground.of;
    let steps = of.grid.steps();
    let from = if rng.chance(0.25 + 0.5 * ground.amount) && steps > 3 { 0 } else { steps / 2 };
    let beat = of.grid.steps_per_beat().max(1);
    // A whole bar keeps its first beat as it is, so that one knows where one is.
    let from = if from == 0 && rng.chance(0.6) { beat.min(steps / 2) } else { from };
    let mut hidden = [0u128; MAX_LANES];
    for (lane, hidden) in of.lanes().iter().zip(&mut hidden) {
        let keeps_time = matches!(lane.role, Role::ClosedHat | Role::OpenHat | Role::Cymbal);
        // Hats stop, or go on below the fill.
        if !keeps_time || rng.chance(0.6) {
            *hidden = ((1u128 << steps) - 1) & !((1u128 << from) - 1);
        }
    }
    let mut made = of;
    if rng.chance(0.35) {
        made = ground.refill.refill(&made, &hidden, Part::Fill, rng);
    } else {
        for (lane, hidden) in made.lanes_mut().iter_mut().zip(hidden) {
            for step in (0..steps).filter(|step| hidden >> step & 1 == 1) {
                lane.hits[step] = Hit::NONE;
            }
        }
    }
    let drums = drums(&of);
    if drums.is_empty() {
        return made;
    }
    // Towards the end of the bar, in one figure or two.
    let mut at = from;
    while at < steps {
        let length =
            if rng.chance(0.5) { steps - at } else { beat * (1 + rng.below(2)) }.min(steps - at).max(1);
        figure(&mut made, &of, &drums, at..at + length, ground.amount, rng);
        at += length;
    }
    made
}

/// Lanes that fills are played on, high drums first.
fn drums(of: &Loop) -> Vec<usize> {
    let rank = |role| match role {
        Role::Snare => Some(0),
        Role::Clap => Some(1),
        Role::Percussion => Some(2),
        Role::Tom => Some(3),
        Role::Kick => Some(4),
        _ => None,
    };
    let lanes = of.lanes().iter().enumerate();
    let mut drums: Vec<(u8, usize)> = lanes.filter_map(|(at, lane)| Some((rank(lane.role)?, at))).collect();
    drums.sort_unstable();
    drums.into_iter().map(|(_, lane)| lane).collect()
}

fn figure(
    made: &mut Loop,
    of: &Loop,
    drums: &[usize],
    range: std::ops::Range<usize>,
    amount: f32,
    rng: &mut Rng,
) {
    let length = range.len();
    let rises = |at: usize| 0.55 + 0.45 * (at as f32 + 1.0) / length as f32;
    let hit = |made: &mut Loop, lane: usize, step: usize, share: f32| {
        let level = f32::from(usual_velocity(of, lane).max(84));
        made.lanes_mut()[lane].hits[step] = Hit::new((level * share).clamp(14.0, 127.0) as u8);
    };
    let every = if rng.chance(0.3 + 0.5 * amount) { 1 } else { 2 };
    match rng.below(5) {
        // A roll on one drum that grows louder.
        0 => {
            let drum = drums[rng.below(drums.len().min(3))];
            for (at, step) in range.enumerate().filter(|(at, _)| at % every == 0) {
                hit(made, drum, step, rises(at));
            }
        }
        // A run down the drums.
        1 => {
            for (at, step) in range.enumerate().filter(|(at, _)| at % every == 0) {
                let drum = drums[(at * drums.len() / length.max(1)).min(drums.len() - 1)];
                hit(made, drum, step, 0.8 + 0.2 * rises(at));
            }
        }
        // Drums answer each other in threes or fives.
        2 => {
            let group = [3, 5][rng.below(2)];
            for (at, step) in range.enumerate() {
                match at % group {
                    0 => hit(made, drums[0], step, 1.0),
                    2 if every == 1 => hit(made, drums[drums.len() - 1], step, 0.9),
                    _ => {}
                }
            }
        }
        // Any of them, more towards the end, with soft hits between.
        3 => {
            for (at, step) in range.enumerate() {
                if rng.chance((0.25 + 0.55 * amount) * rises(at) + 0.1) {
                    let drum = drums[rng.below(drums.len())];
                    let share = if rng.chance(0.3) { 0.4 } else { rises(at) };
                    hit(made, drum, step, share);
                }
            }
        }
        // A stop with a last word.
        _ => {
            if let Some(step) = range.clone().nth(length / 2) {
                hit(made, drums[0], step, 0.95);
            }
            if amount > 0.3
                && let Some(step) = range.clone().next_back()
            {
                hit(made, drums[drums.len() - 1], step, 1.0);
            }
        }
    }
}

pub(super) fn fits(ground: &Ground<'_>, made: &Loop) -> bool {
    let of = &ground.of;
    let half = of.grid.steps() / 2;
    let changed =
        made.lanes().iter().zip(of.lanes()).any(|(now, was)| now.mask() >> half != was.mask() >> half);
    let busy = hits_from(made, half);
    changed && made.hit_count() > 0 && busy as f32 <= 4.0 + (0.35 + 0.6 * ground.amount) * (half * 3) as f32
}
