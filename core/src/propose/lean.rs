//! Draws that lean towards notes or away from them; see `follow.rs`.
//!
//! Worker thread. Deterministic; draws no number where nothing is followed.

use super::constraints::Constraints;
use super::follow::{steps_of, weight};
use super::learned::usual_level;
use crate::features::Candidate;
use crate::pattern::{Hit, MAX_STEPS, Role};
use crate::rng::Rng;

/// The chance that a draw's kick comes to a note, or leaves it, at the end of the dial; and that one beside the notes
/// goes.
const COMES: f32 = 0.7;
const GOES: f32 = 0.35;
/// How far a kick that leaves a note goes at most, in steps.
const REACH: usize = 2;

/// Leans a draw towards the notes or away from them: cells of kicks that may change. No number is drawn where nothing
/// is followed.
pub(super) fn lean(candidate: &mut Candidate, constraints: &Constraints, rng: &mut Rng) {
    let Some(follow) = &constraints.follow else { return };
    let kicks: Vec<usize> =
        (0..candidate.parts().len()).filter(|at| candidate.parts()[*at].role == Role::Kick).collect();
    let Some(&first) = kicks.first() else { return };
    let amount = follow.amount.abs();
    if follow.amount > 0.0 {
        for step in steps_of(follow.mask) {
            let sounds = kicks.iter().any(|at| candidate.parts()[*at].mask >> step & 1 == 1);
            let comes = rng.chance(amount * COMES * weight(&follow.onsets, step));
            if comes && !sounds && constraints.free_steps(first) >> step & 1 == 1 {
                let part = &mut candidate.parts_mut()[first];
                let level = usual_level(part, rng);
                part.set(step, Hit::new(level));
            }
        }
    }
    for &lane in &kicks {
        let free = constraints.free_steps(lane);
        for step in steps_of(candidate.parts()[lane].mask & free) {
            let on_note = follow.mask >> step & 1 == 1;
            if follow.amount > 0.0 {
                // The first beat carries a loop, whether or not a note is there.
                let last = candidate.parts()[lane].mask.count_ones() == 1;
                if !on_note && step != 0 && !last && rng.chance(amount * GOES) {
                    candidate.parts_mut()[lane].set(step, Hit::NONE);
                }
            } else if on_note && rng.chance(amount * COMES) {
                let hit = candidate.parts()[lane].hits[step];
                let part = &mut candidate.parts_mut()[lane];
                part.set(step, Hit::NONE);
                let may = |at: usize| (free & !follow.mask & !part.mask) >> at & 1 == 1;
                let earlier = rng.chance(0.5);
                let near = (1..=REACH).flat_map(|by| {
                    let both = [step.checked_sub(by), Some(step + by)];
                    if earlier { both } else { [both[1], both[0]] }
                });
                let to = near.flatten().find(|at| *at < MAX_STEPS && may(*at));
                if let Some(to) = to {
                    part.set(to, hit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::Kit;
    use crate::propose::follow::tests::{candidate, onsets};
    use crate::propose::{Mode, Onsets, Request, Steering};
    use crate::units::Seed;

    fn constraints(follow: f32, notes: Onsets, four: bool) -> Constraints {
        let steering = Steering { follow, onsets: notes, four_on_the_floor: four, ..Steering::default() };
        let lanes = [Role::Kick, Role::Tom];
        let request =
            Request { mode: Mode::Ask, lanes: &lanes, any_sample: false, steering, locks: None, avoid: &[] };
        Constraints::new(&request, &Kit::new("", []))
    }

    #[test]
    fn draws_lean_to_the_notes_or_away_and_without_either_no_number_is_drawn() {
        let notes = onsets(&[2, 6, 11]);
        let drawn = |follow: f32, notes: Onsets, four: bool| {
            let constraints = constraints(follow, notes, four);
            let mut met = 0;
            for seed in 0..200 {
                let mut of = candidate(&[0, 6, 8, 12], &[]);
                lean(&mut of, &constraints, &mut Rng::new(Seed(seed)));
                met += (of.parts()[0].mask & notes.mask()).count_ones();
            }
            met
        };
        assert_eq!(drawn(0.0, notes, false), 200);
        assert!(drawn(1.0, notes, false) > 380);
        assert!(drawn(-1.0, notes, false) < 90);
        assert_eq!(drawn(1.0, notes, true), 200, "four on the floor stays");
        let mut rng = Rng::new(Seed(1));
        let mut before = rng.clone();
        for (follow, notes) in [(0.0, notes), (1.0, Onsets::NONE)] {
            lean(&mut candidate(&[0], &[]), &constraints(follow, notes, false), &mut rng);
        }
        assert_eq!(rng.bits(), before.bits());
    }
}
