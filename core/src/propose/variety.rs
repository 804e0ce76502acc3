//! Never the same bar again, and not every sound anew: how what is asked departs from what was heard.
//!
//! Worker thread. A proposal changes its rhythm clearly and keeps its kit, or keeps a rhythm and changes one or
//! two sounds, or starts something new. What one hears of an answer is then what it was about. The loops of a
//! request that asks for likeness ([`super::Mode::Near`]) know no floor.

use super::constraints::Constraints;
use super::moves::{Palette, mutate};
use super::search::Scored;
use crate::critic::Observation;
use crate::features::Candidate;
use crate::rng::Rng;

/// Loops heard last whose rhythms do not come back nearly unchanged.
pub(super) const REMEMBERED: usize = 20;
/// The least difference from each of them, as a share of the cells that may change: at no adventure, and what
/// full adventure adds. At the usual one (.35) five and a half of a hundred cells.
const FLOOR: [f32; 2] = [0.02, 0.10];
/// What each cell below the floor costs a climber, in probability: it can cross, and does not stay.
const SHORT: f32 = 0.03;
/// Likes in a row that are near one another send the search elsewhere, once.
const ALIKE: usize = 5;
/// How near, and how far elsewhere is, as shares of the cells that may change.
const NEAR: f32 = 0.12;
const ELSEWHERE: f32 = 0.2;
/// The most chance that a rhythm is kept: at no adventure, and what full adventure takes away.
const KEPT_RHYTHM: [f32; 2] = [0.10, 0.09];
/// The weight of something new beside a new rhythm on the same sounds, where both promise as much.
const NEW: [f32; 2] = [0.05, 0.6];
/// Differences of bounds, in probability, by which a departure becomes e times as likely.
const TEMPERATURE: f32 = 0.05;
/// Changes that are tried to come from a liked loop beyond the floor.
const STRIDES: usize = 8;

/// How a proposal departs from what was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Departure {
    /// Another rhythm on the sounds of the loop before.
    Rhythm,
    /// One or two other sounds under a known rhythm.
    Sounds,
    /// Rhythm and sounds are open.
    New,
}

/// What the next proposal is to differ from.
pub(super) struct Variety {
    recent: Vec<Candidate>,
    /// Cells by which a rhythm differs at least from each of them.
    floor: u32,
    /// Likes that were all alike, where the next loop is to be of another family, and by how many cells.
    elsewhere: Option<(Vec<Candidate>, u32)>,
    adventure: f32,
}

impl Variety {
    /// For a request whose loops heard last are these, after these judgements.
    pub(super) fn new(
        heard: impl DoubleEndedIterator<Item = Candidate>,
        constraints: &Constraints,
        observations: &[Observation],
    ) -> Self {
        let lanes = constraints.roles.len();
        let comparable = |c: &Candidate| c.grid == constraints.grid() && c.parts().len() == lanes;
        let recent: Vec<Candidate> = heard.rev().take(REMEMBERED).filter(comparable).collect();
        let free: u32 = (0..lanes).map(|lane| constraints.free_steps(lane).count_ones()).sum();
        let adventure = constraints.steering.adventure;
        let cells = |share: f32| (share * free as f32).ceil() as u32;
        let said = || observations.iter().rev().filter(|said| comparable(&said.subject.candidate));
        let elsewhere = alike(said(), cells(NEAR), cells(ELSEWHERE)).map(|likes| (likes, cells(ELSEWHERE)));
        Self { recent, floor: cells(FLOOR[0] + FLOOR[1] * adventure), elsewhere, adventure }
    }

    /// Cells that a rhythm lacks to be another one.
    pub(super) fn short(&self, candidate: &Candidate) -> u32 {
        let least = |loops: &[Candidate], floor: u32| {
            let nearest = loops.iter().map(|of| candidate.rhythm_distance(of)).min();
            nearest.map_or(0, |nearest| floor.saturating_sub(nearest))
        };
        let floor = least(&self.recent, self.floor);
        self.elsewhere.as_ref().map_or(floor, |(likes, far)| floor.max(least(likes, *far)))
    }

    /// Whether a rhythm is another one than those that were heard.
    pub(super) fn allows(&self, candidate: &Candidate) -> bool {
        self.short(candidate) == 0
    }

    /// What a rhythm costs that is too near to what was heard, in probability.
    pub(super) fn loss(&self, candidate: &Candidate) -> f32 {
        SHORT * self.short(candidate) as f32
    }

    /// Changes a relative of what was heard until it is another rhythm, as far as a few changes bring it.
    pub(super) fn stride(&self, candidate: &mut Candidate, palette: &Palette<'_>, rng: &mut Rng) {
        for _ in 0..STRIDES {
            if self.allows(candidate) {
                return;
            }
            mutate(candidate, palette, rng);
        }
    }

    /// One of the best of each departure. `sounds_in_question` is how much of what the panel does not know of
    /// them is about sounds, 0 to 1.
    pub(super) fn choose(
        &self,
        best: &[(Departure, Scored)],
        sounds_in_question: f32,
        rng: &mut Rng,
    ) -> Option<Candidate> {
        let of = |departure: Departure| best.iter().find(|(of, _)| *of == departure).map(|(_, best)| best);
        if let Some(sounds) = of(Departure::Sounds).filter(|_| self.elsewhere.is_none()) {
            let most = KEPT_RHYTHM[0] - KEPT_RHYTHM[1] * self.adventure;
            if rng.chance(most * (2.0 * sounds_in_question).min(1.0)) {
                return Some(sounds.candidate);
            }
        }
        let (rhythm, new) = (of(Departure::Rhythm), of(Departure::New));
        let chosen = match (rhythm, new) {
            (Some(rhythm), Some(new)) => {
                let odds =
                    (NEW[0] + NEW[1] * self.adventure) * ((new.worth - rhythm.worth) / TEMPERATURE).exp();
                if rng.chance(odds / (1.0 + odds)) { new } else { rhythm }
            }
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => of(Departure::Sounds)?,
        };
        Some(chosen.candidate)
    }
}

/// The likes said last, where they are as many as [`ALIKE`], all near one another, and nothing far from them was
/// heard between.
fn alike<'a>(said: impl Iterator<Item = &'a Observation>, near: u32, far: u32) -> Option<Vec<Candidate>> {
    let mut likes: Vec<Candidate> = Vec::with_capacity(ALIKE);
    for observation in said {
        let candidate = observation.subject.candidate;
        let distance = likes.iter().map(|like| like.rhythm_distance(&candidate)).max().unwrap_or(0);
        if observation.like == Some(true) {
            if distance > near {
                return None;
            }
            likes.push(candidate);
            if likes.len() == ALIKE {
                return Some(likes);
            }
        } else if distance >= far {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Grid, Hit, Role};
    use crate::propose::{Mode, Request, Steering};

    fn constraints(adventure: f32) -> Constraints {
        let request = Request {
            mode: Mode::Ask,
            lanes: Role::default_lanes(6),
            any_sample: false,
            steering: Steering { adventure, ..Steering::default() },
            locks: None,
            avoid: &[],
        };
        Constraints::new(&request, &crate::kit::Kit::new("", []))
    }

    /// A loop of so many hits from the first cell on, lane by lane.
    fn filled(hits: usize) -> Candidate {
        let mut candidate = Candidate::empty(Grid::default(), Role::default_lanes(6));
        for at in 0..hits {
            candidate.parts_mut()[at / 16].set(at % 16, Hit::PLAIN);
        }
        candidate
    }

    #[test]
    fn the_floor_grows_with_adventure_and_keeps_more_than_four_of_96_cells_by_default() {
        let floor = |adventure| Variety::new([filled(20)].into_iter(), &constraints(adventure), &[]).floor;
        assert!(floor(0.0) < floor(0.35) && floor(0.35) < floor(1.0));
        assert!(floor(0.35) > 4, "{}", floor(0.35));
        let variety = Variety::new([filled(20)].into_iter(), &constraints(0.35), &[]);
        assert!(!variety.allows(&filled(24)) && variety.allows(&filled(30)));
        // Only the loops heard last count.
        let long_ago = std::iter::once(filled(20)).chain((0..REMEMBERED).map(|_| filled(60)));
        let later: Vec<Candidate> = long_ago.collect();
        assert!(Variety::new(later.into_iter(), &constraints(0.35), &[]).allows(&filled(20)));
    }

    #[test]
    fn the_same_bounds_keep_the_kit_and_a_better_one_starts_anew() {
        let variety = Variety::new([filled(20)].into_iter(), &constraints(0.35), &[]);
        let best = |rhythm: f32, new: f32| {
            [
                (Departure::Rhythm, Scored { candidate: filled(30), worth: rhythm }),
                (Departure::New, Scored { candidate: filled(40), worth: new }),
                (Departure::Sounds, Scored { candidate: filled(20), worth: 2.0 }),
            ]
        };
        let share = |best: &[(Departure, Scored)], of: usize| {
            let mut rng = Rng::new(crate::units::Seed(1));
            let chosen = (0..1000).filter_map(|_| variety.choose(best, 0.5, &mut rng));
            chosen.filter(|candidate| candidate.hit_count() as usize == of).count()
        };
        assert!(share(&best(0.5, 0.5), 30) > 600);
        assert!(share(&best(0.3, 0.7), 40) > 900);
        assert!(
            (20..120).contains(&share(&best(0.5, 0.5), 20)),
            "kept rhythms stay rare, however they promise"
        );
    }
}
