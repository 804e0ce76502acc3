//! Loops that go with notes somebody plays beside them: kicks that meet the onsets of a bass line or leave them
//! free, and fills that keep clear of them.
//!
//! Worker thread. Nothing here knows where the notes came from. With the dial at 0 or without notes nothing of this
//! draws a number or costs anything: proposals are bit for bit as they are without it.
//!
//! **What it does.** Draws lean (`lean.rs`): kicks are put on onsets, or moved off them, with a chance that grows with
//! the dial. And candidates cost: the less their kicks agree with the onsets, as a logit beside that of P(like), so that taste
//! still counts and a loop that is sure to be liked may miss a note.

use super::onsets::Onsets;
use crate::features::Candidate;
use crate::pattern::{Grid, Lane, Loop, MAX_STEPS, Role};

/// What it costs, as a logit at the end of the dial, where kicks meet no note, where all of them are beside the notes,
/// and where all that fills are played with is on notes.
const MISSED: f32 = 2.5;
const STRAY: f32 = 0.8;
const FILL: f32 = 1.6;
/// How many times that of a fill.
const FILLED: f32 = 2.0;
/// The same in probability, of one logit: what is asked is chosen by a bound of P(like).
const IN_PROBABILITY: f32 = 0.1;

/// The notes of a request on its grid, and how they are followed.
#[derive(Clone, Debug)]
pub(super) struct Follow {
    pub(super) onsets: Onsets,
    pub(super) mask: u128,
    /// The sum of all weights.
    whole: f32,
    /// −1 to 1, not 0.
    pub(super) amount: f32,
}

impl Follow {
    /// `None` where nothing is followed.
    pub(super) fn new(onsets: &Onsets, amount: f32, grid: Grid) -> Option<Self> {
        let mask = onsets.mask() & grid.mask();
        if mask == 0 || amount == 0.0 {
            return None;
        }
        let whole = steps_of(mask).map(|step| weight(onsets, step)).sum();
        Some(Self { onsets: *onsets, mask, whole, amount })
    }

    /// What a loop costs whose kicks sound in `kicks` and whose toms in `toms`, as a logit.
    fn cost(&self, kicks: Option<u128>, toms: u128) -> f32 {
        let share = |part: u128, of: u128| part.count_ones() as f32 / of.count_ones().max(1) as f32;
        let mut cost = FILL * share(toms & self.mask, toms);
        if let Some(kicks) = kicks {
            let met: f32 = steps_of(kicks & self.mask).map(|step| weight(&self.onsets, step)).sum();
            let met = met / self.whole;
            let on = share(kicks & self.mask, kicks);
            cost += match self.amount > 0.0 {
                true => MISSED * (1.0 - met) + STRAY * (1.0 - on),
                false => MISSED * met + STRAY * on,
            };
        }
        self.amount.abs() * cost
    }

    /// What a candidate costs, as a logit.
    pub(super) fn loss(&self, candidate: &Candidate) -> f32 {
        let of = |role: Role| {
            let mut lanes = candidate.parts().iter().filter(move |part| part.role == role);
            lanes.next().map(|first| lanes.fold(first.mask, |mask, part| mask | part.mask))
        };
        self.cost(of(Role::Kick), of(Role::Tom).unwrap_or(0))
    }

    /// The same in probability.
    pub(super) fn loss_in_probability(&self, candidate: &Candidate) -> f32 {
        IN_PROBABILITY * self.loss(candidate)
    }
}

/// What a loop costs in probability, or a section that begins on a step of the loop whose notes are followed. Of a
/// fill, all that it is played with counts and nothing else: it is there to be heard beside the notes.
#[must_use]
pub(crate) fn loss_beside_notes(onsets: &Onsets, amount: f32, made: &Loop, from: usize, fills: bool) -> f32 {
    let mut moved = [0; MAX_STEPS];
    for (to, step) in moved.iter_mut().zip(from..MAX_STEPS) {
        *to = onsets.at(step);
    }
    let Some(follow) = Follow::new(&Onsets::new(moved), amount, made.grid) else { return 0.0 };
    let sound = |of: &dyn Fn(&Lane) -> bool| {
        made.lanes().iter().filter(|lane| of(lane)).fold(0, |mask, lane| mask | lane.mask())
    };
    if fills {
        let drums =
            |lane: &Lane| matches!(lane.role, Role::Tom | Role::Snare | Role::Clap | Role::Percussion);
        return FILLED * IN_PROBABILITY * follow.cost(None, sound(&drums));
    }
    let has_kicks = made.lanes().iter().any(|lane| lane.role == Role::Kick);
    let kicks = has_kicks.then(|| sound(&|lane| lane.role == Role::Kick));
    IN_PROBABILITY * follow.cost(kicks, sound(&|lane| lane.role == Role::Tom))
}

pub(super) fn steps_of(mask: u128) -> impl Iterator<Item = usize> {
    (0..MAX_STEPS).filter(move |step| mask >> step & 1 == 1)
}

/// Soft notes count less, and no note counts nothing.
pub(super) fn weight(onsets: &Onsets, step: usize) -> f32 {
    0.3 + 0.7 * f32::from(onsets.at(step)) / 127.0
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pattern::Hit;

    pub(in crate::propose) fn onsets(steps: &[usize]) -> Onsets {
        let mut strengths = [0; MAX_STEPS];
        steps.iter().for_each(|step| strengths[*step] = 100);
        Onsets::new(strengths)
    }

    pub(in crate::propose) fn candidate(kicks: &[usize], toms: &[usize]) -> Candidate {
        let mut candidate = Candidate::empty(Grid::default(), &[Role::Kick, Role::Tom]);
        for (lane, steps) in [kicks, toms].into_iter().enumerate() {
            steps.iter().for_each(|step| candidate.parts_mut()[lane].set(*step, Hit::PLAIN));
        }
        candidate
    }

    #[test]
    fn kicks_that_meet_the_notes_cost_less_one_way_and_more_the_other() {
        let notes = onsets(&[0, 3, 10]);
        let loss = |amount: f32, kicks: &[usize], toms: &[usize]| {
            Follow::new(&notes, amount, Grid::default()).unwrap().loss(&candidate(kicks, toms))
        };
        assert!(loss(1.0, &[0, 3, 10], &[]) < 1e-5);
        assert!(loss(1.0, &[0, 3], &[]) < loss(1.0, &[0, 8], &[]));
        assert!(loss(1.0, &[0, 3, 10, 12], &[]) > 0.0, "one beside the notes");
        assert!((loss(0.5, &[0, 8], &[]) * 2.0 - loss(1.0, &[0, 8], &[])).abs() < 1e-5);
        assert!(loss(-1.0, &[4, 12], &[]) < 1e-5);
        assert!(loss(-1.0, &[0, 3], &[]) > loss(-1.0, &[0, 8], &[]));
        for amount in [-1.0, 1.0] {
            assert!(loss(amount, &[0], &[3, 10]) > loss(amount, &[0], &[5, 11]), "fills keep clear");
        }
        assert!(Follow::new(&notes, 0.0, Grid::default()).is_none());
        assert!(Follow::new(&onsets(&[40]), 1.0, Grid::default()).is_none(), "behind the loop's end");
    }

    #[test]
    fn a_section_is_held_against_the_notes_of_its_own_bars() {
        let grid = Grid { bars: 2, ..Grid::default() };
        let mut fill = Lane::empty(Role::Snare, crate::pattern::SampleId::NONE);
        fill.hits[3] = Hit::PLAIN;
        let made = Loop::new(Grid { bars: 1, ..grid }, crate::pattern::Swing::STRAIGHT, &[fill]);
        assert!(loss_beside_notes(&onsets(&[19]), 1.0, &made, 16, true) > 0.0);
        assert_eq!(loss_beside_notes(&onsets(&[3, 20]), 1.0, &made, 16, true), 0.0);
        assert_eq!(loss_beside_notes(&onsets(&[19]), 1.0, &made, 16, false), 0.0, "a snare alone is no fill");
    }
}
