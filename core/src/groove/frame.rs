//! Where the steps of a loop lie among the sixteen cells of the nets' bar.
//!
//! Any thread; plain data, nothing allocates.
//!
//! The nets know bars of four quarters: 16 sixteenths, or 12 triplets. A longer bar is several windows of four
//! quarters, a shorter one leaves the last cells out. Steps between the cells (thirty-seconds, every other one of
//! 24 triplets) have none; where a grid has hardly a step on a cell, each cell has the step that is nearest.

use crate::pattern::{Grid, MAX_STEPS_PER_BAR};

/// Cells of a bar.
pub const CELLS: usize = 16;
/// No cell, or no step.
const NONE: u8 = u8::MAX;

/// Four quarters of a loop's bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bar of the loop.
    pub bar: usize,
    /// Its cells are triplets: 12 of the 16.
    pub triplets: bool,
    /// Cells that are a step of the loop.
    pub usable: u16,
    /// The step in the loop of each cell.
    step_of: [u8; CELLS],
}

impl Frame {
    /// The step in the loop of a cell.
    #[must_use]
    pub fn step(&self, cell: usize) -> Option<usize> {
        self.step_of.get(cell).filter(|step| **step != NONE).map(|&step| step.into())
    }

    /// The cells of a mask of the loop's steps.
    #[must_use]
    pub fn cells(&self, steps: u128) -> u16 {
        let mut cells = 0;
        for (cell, &step) in self.step_of.iter().enumerate() {
            cells |= u16::from(step != NONE && steps >> step & 1 == 1) << cell;
        }
        cells
    }

    /// All steps of the loop that have a cell here.
    #[must_use]
    pub fn steps(&self) -> u128 {
        self.step_of.iter().filter(|step| **step != NONE).fold(0, |mask, &step| mask | 1 << step)
    }
}

/// All windows of a loop, in the order of time.
#[derive(Clone, Debug)]
pub struct Windows {
    grid: Grid,
    bar: usize,
    window: usize,
}

impl Windows {
    /// Those of a grid.
    #[must_use]
    pub fn of(grid: Grid) -> Self {
        Self { grid: grid.sanitized(), bar: 0, window: 0 }
    }

    /// Whether the grid is one of triplets.
    fn is_in_triplets(&self) -> bool {
        let per_quarter = 1.0 / self.grid.step_beats();
        let whole = per_quarter.round() as u32;
        (per_quarter - f64::from(whole)).abs() < 1e-6 && whole.is_multiple_of(3) && !whole.is_multiple_of(4)
    }
}

impl Iterator for Windows {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let grid = self.grid;
        if 4.0 * self.window as f64 > grid.meter.bar_beats() - 1e-6 {
            (self.bar, self.window) = (self.bar + 1, 0);
        }
        if self.bar >= usize::from(grid.bars) {
            return None;
        }
        let triplets = self.is_in_triplets();
        let per_quarter = if triplets { 3.0 } else { 4.0 };
        let per_bar = usize::from(grid.steps_per_bar).min(MAX_STEPS_PER_BAR);
        let mut frame = Frame { bar: self.bar, triplets, usable: 0, step_of: [NONE; CELLS] };
        // How far the step of each cell is from it, in cells.
        let mut far = [0.5f64; CELLS];
        let begin = 4.0 * self.window as f64;
        let exact = |at: f64| (at - at.round()).abs() < 1e-6;
        let place = |step: usize| (step as f64 * grid.step_beats() - begin) * per_quarter;
        let within = |at: f64| at > -1e-6 && at < 4.0 * per_quarter - 1e-6;
        let steps = (0..per_bar).map(|step| (step, place(step))).filter(|(_, at)| within(*at));
        let (all, on) =
            steps.clone().fold((0, 0), |(all, on), (_, at)| (all + 1, on + usize::from(exact(at))));
        for (step, at) in steps {
            let cell = (at.round() as usize).min(CELLS - 1);
            let distance = (at - cell as f64).abs();
            if distance < far[cell] - 1e-9 && (exact(at) || 2 * on < all) {
                far[cell] = distance;
                frame.step_of[cell] = (self.bar * per_bar + step) as u8;
                frame.usable |= 1 << cell;
            }
        }
        self.window += 1;
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Meter;

    fn steps(bars: u8, steps_per_bar: u8, meter: (u8, u8)) -> Vec<(bool, Vec<Option<usize>>)> {
        let meter = Meter { numerator: meter.0, denominator: meter.1 };
        let frames = Windows::of(Grid { bars, steps_per_bar, meter });
        frames.map(|f| (f.triplets, (0..CELLS).map(|cell| f.step(cell)).collect())).collect()
    }

    #[test]
    fn sixteenths_and_triplets_are_their_own_cells() {
        let two = steps(2, 16, (4, 4));
        assert_eq!(two.len(), 2);
        assert_eq!(two[1].1, (16..32).map(Some).collect::<Vec<_>>());
        let [(triplets, cells)] = &steps(1, 12, (4, 4))[..] else { panic!() };
        assert!(triplets);
        assert_eq!(cells[..12], (0..12).map(Some).collect::<Vec<_>>());
        assert_eq!(cells[12..], [None; 4]);
    }

    #[test]
    fn other_grids_and_meters_keep_their_time() {
        let eighths = &steps(1, 8, (4, 4))[0].1;
        assert_eq!((eighths[2], eighths[1]), (Some(1), None));
        let fine = &steps(1, 24, (4, 4))[0];
        assert!(fine.0 && fine.1[1] == Some(2));
        let five = steps(1, 20, (5, 4));
        assert_eq!((five.len(), five[1].1[3], five[1].1[4]), (2, Some(19), None));
        let seven = steps(1, 14, (7, 8));
        assert_eq!((seven.len(), seven[0].1[13], seven[0].1[14]), (1, Some(13), None));
        let odd = &steps(1, 15, (4, 4))[0].1;
        assert!(odd.iter().flatten().count() >= 14, "{odd:?}");
    }

    #[test]
    fn no_grid_goes_beyond_its_steps_and_no_step_has_two_cells() {
        for bars in [1, 2, 4] {
            for numerator in 1..=16 {
                for denominator in [2, 4, 8, 16] {
                    for steps_per_bar in 1..=24 {
                        let grid = Grid { bars, steps_per_bar, meter: Meter { numerator, denominator } };
                        let mut seen = 0u128;
                        for frame in Windows::of(grid) {
                            assert_eq!(seen & frame.steps(), 0);
                            seen |= frame.steps();
                            assert_eq!(frame.usable, frame.cells(grid.mask()));
                        }
                        assert_eq!(seen & !grid.mask(), 0);
                    }
                }
            }
        }
    }
}
