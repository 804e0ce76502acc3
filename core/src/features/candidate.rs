//! A loop as the generator handles it: hits as masks, sounds as positions in the kit.

use crate::kit::Kit;
use crate::pattern::{Course, Grid, Hit, Lane, Loop, MAX_LANES, MAX_STEPS, Role, SampleId, Swing};

/// The position of a sound that the kit does not hold.
pub(crate) const NO_SAMPLE: u32 = u32::MAX;

/// One lane of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What the lane is for.
    pub role: Role,
    /// The sound's identity, kept where the kit does not hold it.
    pub id: SampleId,
    /// The sound's position in the kit, or [`NO_SAMPLE`].
    pub sample: u32,
    /// The steps that sound. Always that of `hits`.
    pub mask: u128,
    /// The cells.
    pub hits: [Hit; MAX_STEPS],
    /// How the lane runs through them.
    pub course: Course,
}

/// A loop in the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How time is divided.
    pub grid: Grid,
    /// Swing of every second step.
    pub swing: Swing,
    /// What chances are drawn from.
    pub dice: u16,
    count: u8,
    parts: [Part; MAX_LANES],
}

impl Candidate {
    /// Empty lanes without sounds.
    #[must_use]
    pub fn empty(grid: Grid, roles: &[Role]) -> Self {
        let mut parts = [Part {
            role: Role::Kick,
            id: SampleId::NONE,
            sample: NO_SAMPLE,
            mask: 0,
            hits: [Hit::NONE; MAX_STEPS],
            course: Course::PLAIN,
        }; MAX_LANES];
        let count = roles.len().clamp(1, MAX_LANES);
        for (part, &role) in parts.iter_mut().zip(roles) {
            part.role = role;
        }
        Self { grid: grid.sanitized(), swing: Swing::STRAIGHT, dice: 0, count: count as u8, parts }
    }

    /// The candidate of a loop.
    #[must_use]
    pub fn of(pattern: &Loop, kit: &Kit) -> Self {
        let mut candidate = Self::empty(pattern.grid, &[Role::Kick; MAX_LANES][..pattern.lanes().len()]);
        (candidate.swing, candidate.dice) = (pattern.swing, pattern.dice);
        for (part, lane) in candidate.parts_mut().iter_mut().zip(pattern.lanes()) {
            part.role = lane.role;
            part.id = lane.sample;
            part.sample = kit.index_of(lane.sample).map_or(NO_SAMPLE, |at| at as u32);
            part.hits = lane.hits;
            part.mask = lane.mask();
            part.course = lane.course;
        }
        candidate
    }

    /// The loop.
    #[must_use]
    #[expect(clippy::wrong_self_convention, reason = "it is as large as a loop")]
    pub(crate) fn to_loop(&self) -> Loop {
        let mut lanes = [Lane::empty(Role::Kick, SampleId::NONE); MAX_LANES];
        for (lane, part) in lanes.iter_mut().zip(self.parts()) {
            *lane = Lane { role: part.role, sample: part.id, hits: part.hits, course: part.course };
        }
        Loop::new(self.grid, self.swing, &lanes[..usize::from(self.count)]).with_dice(self.dice)
    }

    /// Whether a hit or a lane has life.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let alive = |part: &Part| part.sounding().any(|(_, hit)| !hit.life.is_none());
        self.parts().iter().any(|part| !part.course.is_plain() || alive(part))
    }

    /// What is heard of it over all its passes, as [`Loop::expected`], where that is another loop.
    #[must_use]
    pub fn expected(&self) -> Option<Self> {
        if !self.is_alive() {
            return None;
        }
        let expected = self.to_loop().expected();
        let mut out = *self;
        for (part, lane) in out.parts_mut().iter_mut().zip(expected.lanes()) {
            (part.hits, part.mask, part.course) = (lane.hits, lane.mask(), lane.course);
        }
        Some(out)
    }

    /// The lanes.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts[..usize::from(self.count)]
    }

    /// The lanes, to be changed.
    pub(crate) fn parts_mut(&mut self) -> &mut [Part] {
        &mut self.parts[..usize::from(self.count)]
    }

    /// Steps that the swing delays, as [`Loop::is_swung`].
    #[must_use]
    pub fn is_swung(&self, step: usize) -> bool {
        let per_beat = self.grid.steps_per_beat();
        per_beat > 0 && per_beat.is_multiple_of(2) && step % 2 == 1
    }

    /// The number of hits.
    #[must_use]
    pub fn hit_count(&self) -> u32 {
        self.parts().iter().map(|part| part.mask.count_ones()).sum()
    }

    /// Cells that sound in one and not in the other; lanes are compared in order.
    #[must_use]
    pub(crate) fn rhythm_distance(&self, other: &Self) -> u32 {
        let differing = |(a, b): (&Part, &Part)| (a.mask ^ b.mask).count_ones();
        self.parts().iter().zip(other.parts()).map(differing).sum()
    }

    /// Lanes whose sounds differ, unless both are silent.
    #[must_use]
    pub(crate) fn sound_distance(&self, other: &Self) -> u32 {
        let differing = |(a, b): (&Part, &Part)| u32::from(a.id != b.id && (a.mask | b.mask) != 0);
        self.parts().iter().zip(other.parts()).map(differing).sum()
    }
}

impl Part {
    /// Sets one cell.
    pub fn set(&mut self, step: usize, hit: Hit) {
        self.hits[step] = hit;
        self.mask = (self.mask & !(1u128 << step)) | (u128::from(hit.is_on()) << step);
    }

    /// Silences the lane.
    pub fn clear(&mut self) {
        self.hits = [Hit::NONE; MAX_STEPS];
        self.mask = 0;
        self.course = Course::PLAIN;
    }

    /// The velocities of sounding steps and those steps.
    pub fn sounding(&self) -> impl Iterator<Item = (usize, Hit)> + '_ {
        let mut left = self.mask;
        std::iter::from_fn(move || {
            let step = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (step < MAX_STEPS).then(|| (step, self.hits[step]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Life;

    #[test]
    fn loops_survive_the_round_trip() {
        let kit = Kit::new("none", []);
        let mut lane = Lane::empty(Role::Tom, SampleId(7));
        lane.hits[3] = Hit { velocity: 33, offset: -5, ..Hit::NONE };
        lane.hits[95] = Hit::PLAIN;
        let grid = Grid { bars: 4, steps_per_bar: 24, ..Grid::default() };
        let pattern = Loop::new(grid, Swing::from_percent(61.0), &[lane, lane]);
        let candidate = Candidate::of(&pattern, &kit);
        assert_eq!(candidate.to_loop(), pattern);
        assert!(candidate.expected().is_none(), "without life it is seen as it is");
        let steps: Vec<usize> = candidate.parts()[1].sounding().map(|(step, _)| step).collect();
        assert_eq!(steps, [3, 95]);
    }

    #[test]
    fn life_survives_the_round_trip_and_is_seen_as_what_is_to_be_expected() {
        let kit = Kit::new("none", []);
        let mut lane = Lane::empty(Role::Tom, SampleId(7));
        lane.hits[3] = Hit { life: Life::NONE.with_chance(50), ..Hit::PLAIN };
        lane.course.rotation = 2;
        let pattern = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane]).with_dice(5);
        let candidate = Candidate::of(&pattern, &kit);
        assert_eq!(candidate.to_loop(), pattern);
        let expected = candidate.expected().unwrap();
        let hits: Vec<(usize, Hit)> = expected.parts()[0].sounding().collect();
        assert_eq!(hits, [(5, Hit::new(50))]);
        assert!(!expected.is_alive());
    }
}
