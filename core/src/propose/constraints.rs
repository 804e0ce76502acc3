//! What a request allows: grid, roles, steering and locks, restored after every change.

use super::follow::Follow;
use super::{Locks, Request, Steering};
use crate::features::{Candidate, phases::Phases};
use crate::kit::Kit;
use crate::pattern::{Grid, Hit, MAX_LANES, Role};

/// Above this adventure a lane may take a sound of another role, once so many judgements are known.
const BOLD: f32 = 0.75;
const KNOWN: usize = 10;

/// A request as the generator works with it.
#[derive(Clone, Debug)]
pub(super) struct Constraints {
    /// The grid of every candidate.
    pub phases: Phases,
    /// Roles of the lanes.
    pub roles: Vec<Role>,
    /// Any lane may take any sample.
    pub any_sample: bool,
    /// Steering, its grid sanitized.
    pub steering: Steering,
    /// The notes that kicks go with, where there are any.
    pub follow: Option<Follow>,
    /// Nothing was rated yet: no lane is silent unless its style means it.
    pub cold: bool,
    /// A lane may take a sound of another role now and then.
    pub foreign_roles: bool,
    locks: Option<(Candidate, [u128; MAX_LANES], [bool; MAX_LANES])>,
    beats: u128,
}

impl Constraints {
    /// The constraints of a request.
    #[must_use]
    pub(super) fn new(request: &Request<'_>, kit: &Kit) -> Self {
        let roles: Vec<Role> = request.lanes.iter().copied().take(MAX_LANES).collect();
        let roles = if roles.is_empty() { vec![Role::Kick] } else { roles };
        let mut steering = request.steering;
        steering.grid = steering.grid.sanitized();
        let locks =
            request.locks.map(|Locks { base, steps, sound }| (Candidate::of(&base, kit), steps, sound));
        let grid = steering.grid;
        Self {
            phases: Phases::of(grid),
            roles,
            any_sample: request.any_sample,
            follow: Follow::new(&steering.onsets, steering.follow, grid),
            steering,
            cold: false,
            foreign_roles: false,
            locks,
            beats: beat_steps(grid),
        }
    }

    /// The constraints of a request to a learner that knows so many judgements.
    #[must_use]
    pub(super) fn after(self, judgements: usize) -> Self {
        let bold = self.steering.adventure > BOLD && judgements >= KNOWN;
        Self { cold: judgements == 0, foreign_roles: bold, ..self }
    }

    /// The same with nothing locked.
    #[must_use]
    pub(super) fn unlocked(&self, cold: bool) -> Self {
        Self { locks: None, cold, ..self.clone() }
    }

    /// The grid.
    #[must_use]
    pub(super) fn grid(&self) -> Grid {
        self.steering.grid
    }

    /// Whether a lane's sound may change.
    #[must_use]
    pub(crate) fn may_change_sound(&self, lane: usize) -> bool {
        self.locks.as_ref().is_none_or(|(base, _, sound)| !sound[lane] || lane >= base.parts().len())
    }

    /// The steps of a lane that may change.
    #[must_use]
    pub(crate) fn free_steps(&self, lane: usize) -> u128 {
        let mut free = self.grid().mask();
        if self.steering.four_on_the_floor
            && self.roles.iter().position(|role| *role == Role::Kick) == Some(lane)
        {
            free = 0;
        }
        if let Some((base, steps, _)) = &self.locks
            && lane < base.parts().len()
        {
            free &= !steps[lane];
        }
        free
    }

    /// Brings a candidate back within the request: four on the floor, swing, locks, and
    /// one hat at a time.
    pub(crate) fn enforce(&self, candidate: &mut Candidate) {
        if let Some(swing) = self.steering.swing {
            candidate.swing = swing;
        }
        if self.steering.four_on_the_floor
            && let Some(kick) = candidate.parts_mut().iter_mut().find(|part| part.role == Role::Kick)
            && kick.mask != self.beats
        {
            let level = kick.sounding().map(|(_, hit)| hit.velocity).max().unwrap_or(112);
            kick.clear();
            for step in 0..self.grid().steps() {
                if self.beats >> step & 1 == 1 {
                    kick.set(step, Hit::new(level));
                }
            }
        }
        if let Some((base, steps, sound)) = &self.locks {
            let grid = self.grid().mask();
            let mut dice = None;
            for (lane, (part, kept)) in candidate.parts_mut().iter_mut().zip(base.parts()).enumerate() {
                if sound[lane] {
                    (part.id, part.sample) = (kept.id, kept.sample);
                }
                let mut locked = steps[lane] & grid;
                if locked == grid {
                    part.course = kept.course;
                    dice = Some(base.dice);
                }
                while locked != 0 {
                    let step = locked.trailing_zeros() as usize;
                    locked &= locked - 1;
                    part.set(step, kept.hits[step]);
                }
            }
            candidate.dice = dice.unwrap_or(candidate.dice);
        }
        self.part_hats(candidate);
    }

    /// Leaves one of two hits on the same step of which one would cut the other before it is heard: a pair of
    /// hats is either open or closed. The open hat stays, since a pattern means it where it says it; where the
    /// closed one has nothing else, they take turns. What may not change stays.
    fn part_hats(&self, candidate: &mut Candidate) {
        for closed in 0..candidate.parts().len() {
            for open in closed + 1..candidate.parts().len() {
                let [of_closed, of_open] = [closed, open].map(|lane| candidate.parts()[lane]);
                let choke = of_closed.role.default_choke();
                if choke.is_none() || choke != of_open.role.default_choke() || of_closed.role == of_open.role
                {
                    continue;
                }
                let (closed, open) =
                    if of_closed.role == Role::ClosedHat { (closed, open) } else { (open, closed) };
                let [free_closed, free_open] = [closed, open].map(|lane| self.free_steps(lane));
                let mut both = of_closed.mask & of_open.mask;
                let take_turns = candidate.parts()[closed].mask & !both == 0;
                let mut closed_turn = true;
                while both != 0 {
                    let step = both.trailing_zeros() as usize;
                    both &= both - 1;
                    let [may_close, may_open] = [free_closed, free_open].map(|free| free >> step & 1 == 1);
                    let stays_closed = take_turns && closed_turn;
                    closed_turn = !closed_turn;
                    let goes = match (may_close, may_open) {
                        (false, false) => continue,
                        (true, false) => closed,
                        (false, true) => open,
                        (true, true) => {
                            if stays_closed {
                                open
                            } else {
                                closed
                            }
                        }
                    };
                    candidate.parts_mut()[goes].set(step, Hit::NONE);
                }
            }
        }
    }

    /// Neither near silence nor a wall of noise, as far as locks leave a choice.
    #[must_use]
    pub(crate) fn is_playable(&self, candidate: &Candidate) -> bool {
        let bars = u32::from(self.grid().bars.max(1));
        let cells = u32::from(self.grid().steps_per_bar) * candidate.parts().len() as u32 * bars;
        let hits = candidate.hit_count();
        let least = (4 * bars).min(cells / 5).max(1);
        hits >= least && hits * 100 <= cells * 72
    }

    /// How far a candidate is from the density that was asked for, as a loss on the logit scale.
    #[must_use]
    pub(crate) fn density_loss(&self, candidate: &Candidate) -> f32 {
        let Some(wanted) = self.wanted_density() else { return 0.0 };
        let cells = self.grid().steps() as f32 * candidate.parts().len() as f32;
        let miss = (candidate.hit_count() as f32 / cells.max(1.0) - wanted) / 0.06;
        let firmness = (2.0 * (self.steering.density - 0.5).abs()).min(1.0);
        firmness * (miss * miss).min(60.0)
    }

    /// The share of cells that should sound, where the person asked for one.
    #[must_use]
    pub(crate) fn wanted_density(&self) -> Option<f32> {
        let density = self.steering.density.clamp(0.0, 1.0);
        // From one hit in sixteen cells to one in two.
        ((density - 0.5).abs() > 0.02).then_some(0.07 + 0.43 * density * density.sqrt())
    }
}

/// The steps nearest to the beats of the meter.
fn beat_steps(grid: Grid) -> u128 {
    let (steps, beats) = (usize::from(grid.steps_per_bar), usize::from(grid.meter.numerator.max(1)));
    let mut mask = 0;
    for bar in 0..usize::from(grid.bars) {
        for beat in 0..beats {
            mask |= 1u128 << (bar * steps + ((2 * beat * steps + beats) / (2 * beats)).min(steps - 1));
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixture;
    use crate::pattern::{Lane, Loop, SampleId, Swing};
    use crate::propose::Mode;

    fn rows(roles: &[Role], rows: &[u128], locked: Option<[u128; MAX_LANES]>) -> Vec<u128> {
        let kit = fixture::kit();
        let lanes: Vec<Lane> = roles
            .iter()
            .zip(rows)
            .map(|(&role, &row)| {
                let mut lane = Lane::empty(role, SampleId::NONE);
                (0..16).filter(|step| row >> step & 1 == 1).for_each(|step| lane.hits[step] = Hit::PLAIN);
                lane
            })
            .collect();
        let base = Loop::new(Grid::default(), Swing::STRAIGHT, &lanes);
        let locks = locked.map(|steps| Locks { base, steps, sound: [false; MAX_LANES] });
        let request = Request {
            mode: Mode::Ask,
            lanes: roles,
            any_sample: false,
            steering: Steering::default(),
            locks,
            avoid: &[],
        };
        let mut candidate = Candidate::of(&base, &kit);
        Constraints::new(&request, &kit).enforce(&mut candidate);
        candidate.parts().iter().map(|part| part.mask).collect()
    }

    #[test]
    fn a_pair_of_hats_is_open_or_closed_and_what_is_locked_stays() {
        const ALL: u128 = 0xffff;
        const OFF_BEATS: u128 = 0x4444;
        let hats = [Role::ClosedHat, Role::OpenHat];
        assert_eq!(rows(&hats, &[ALL, OFF_BEATS], None), [ALL & !OFF_BEATS, OFF_BEATS]);
        let turned = [Role::OpenHat, Role::Kick, Role::ClosedHat];
        assert_eq!(rows(&turned, &[OFF_BEATS, 0x1111, ALL], None), [OFF_BEATS, 0x1111, ALL & !OFF_BEATS]);
        assert_eq!(rows(&hats, &[OFF_BEATS, OFF_BEATS], None), [0x0404, 0x4040], "they take turns");
        let mut locked = [0; MAX_LANES];
        locked[0] = 0x0004;
        assert_eq!(rows(&hats, &[ALL, OFF_BEATS], Some(locked)), [ALL & !0x4440, 0x4440]);
        locked[1] = 0x0004;
        assert_eq!(
            rows(&hats, &[ALL, OFF_BEATS], Some(locked)),
            [ALL & !0x4440, OFF_BEATS],
            "both are locked"
        );
        let others = [Role::ClosedHat, Role::ClosedHat, Role::Cymbal];
        assert_eq!(rows(&others, &[ALL, OFF_BEATS, ALL], None), [ALL, OFF_BEATS, ALL]);
    }
}
