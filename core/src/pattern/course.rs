//! How a lane runs through its cells: over how many of them, in which direction, from which on.
//!
//! Any thread, the audio thread included: plain data.

use super::{Lane, MAX_STEPS};
use serde::{Deserialize, Serialize};

/// In which direction a lane runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the first step to the last.
    #[default]
    Forwards,
    /// From the last to the first.
    Backwards,
    /// Forwards and back again; the steps at both ends sound once.
    ToAndFro,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Forwards, Self::Backwards, Self::ToAndFro];
}

/// How a lane runs through its cells. The default is as its loop does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Course {
    /// Its own length in steps, 1 to [`MAX_STEPS`]; 0 is the loop's. What is longer than the loop rests at its end.
    pub length: u8,
    /// In which direction it runs.
    pub direction: Direction,
    /// By how many steps all it has sounds later, around its end; less than [`MAX_STEPS`].
    pub rotation: u8,
}

impl Course {
    /// As the loop runs.
    pub const PLAIN: Self = Self { length: 0, direction: Direction::Forwards, rotation: 0 };

    /// Whether it is as the loop runs.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self == Self::PLAIN
    }

    /// The nearest that is allowed.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let most = MAX_STEPS as u8;
        Self { length: self.length.min(most), rotation: self.rotation.min(most - 1), ..self }
    }

    /// Its length in steps where the loop has so many, 1 at the least.
    #[must_use]
    pub fn steps(self, of_loop: usize) -> usize {
        let own = usize::from(self.length).min(MAX_STEPS);
        if own == 0 { of_loop.max(1) } else { own }
    }

    /// After how many steps it comes again to where it began, on the way that it began with.
    #[must_use]
    pub fn period(self, of_loop: usize) -> usize {
        let steps = self.steps(of_loop);
        match self.direction {
            Direction::ToAndFro if steps > 1 => 2 * steps - 2,
            _ => steps,
        }
    }

    /// The cell that sounds in a step, counted from where the loop began to run; the loop has so many.
    #[must_use]
    pub fn cell(self, of_loop: usize, step: i64) -> usize {
        let steps = self.steps(of_loop);
        let at = step.rem_euclid(self.period(of_loop) as i64) as usize;
        let at = match self.direction {
            Direction::Forwards => at,
            Direction::Backwards => steps - 1 - at,
            Direction::ToAndFro if at < steps => at,
            Direction::ToAndFro => 2 * steps - 2 - at,
        };
        (at + steps - usize::from(self.rotation) % steps) % steps
    }
}

impl Lane {
    /// The cells that its course comes to and that sound, as a mask (bit = step).
    #[must_use]
    pub fn reached(&self, of_loop: usize) -> u128 {
        let steps = self.course.steps(of_loop);
        self.mask() & 1u128.checked_shl(steps as u32).map_or(u128::MAX, |bit| bit - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(course: Course, of_loop: usize, steps: std::ops::Range<i64>) -> Vec<usize> {
        steps.map(|step| course.cell(of_loop, step)).collect()
    }

    #[test]
    fn a_plain_lane_runs_as_its_loop() {
        assert_eq!(cells(Course::PLAIN, 4, -2..6), [2, 3, 0, 1, 2, 3, 0, 1]);
        assert!(Course::default().is_plain());
    }

    #[test]
    fn lengths_directions_and_rotations() {
        let three = Course { length: 3, ..Course::PLAIN };
        assert_eq!(cells(three, 4, -1..5), [2, 0, 1, 2, 0, 1]);
        assert_eq!(cells(Course { direction: Direction::Backwards, ..three }, 4, 0..4), [2, 1, 0, 2]);
        let to_and_fro = Course { direction: Direction::ToAndFro, ..three };
        assert_eq!(cells(to_and_fro, 4, 0..6), [0, 1, 2, 1, 0, 1]);
        assert_eq!(cells(Course { length: 1, ..to_and_fro }, 4, 0..3), [0, 0, 0]);
        // One step later: what was on the first step sounds on the second.
        assert_eq!(cells(Course { rotation: 1, ..Course::PLAIN }, 4, 0..5), [3, 0, 1, 2, 3]);
        assert_eq!(
            cells(Course { rotation: 5, ..three }, 4, 0..3),
            cells(Course { rotation: 2, ..three }, 4, 0..3)
        );
        // Longer than the loop: cells that it has not are rests.
        assert_eq!(cells(Course { length: 6, ..Course::PLAIN }, 4, 3..8), [3, 4, 5, 0, 1]);
    }

    #[test]
    fn every_cell_is_reached_in_a_period_and_nothing_else() {
        for direction in Direction::ALL {
            for length in 0..=MAX_STEPS as u8 {
                let course = Course { length, direction, rotation: length / 3 };
                let (steps, period) = (course.steps(16), course.period(16) as i64);
                let mut seen = vec![0; steps];
                cells(course, 16, -period..0).iter().for_each(|&cell| seen[cell] += 1);
                assert!(seen.iter().all(|times| (1..=2).contains(times)), "{course:?} {seen:?}");
                assert_eq!(cells(course, 16, 0..period), cells(course, 16, -period..0));
            }
        }
    }
}
