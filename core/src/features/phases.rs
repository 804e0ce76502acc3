//! Sixteen phases a bar: where a step of any grid falls, and bit arithmetic on rows of phases.
//!
//! A phase is a sixteenth note from the start of the bar. Steps between two sixteenths (triplets) take
//! the nearer one. In meters longer than four quarter notes the later beats share the phases of the
//! fourth beat; in shorter ones the last phases stay empty.

use crate::pattern::{Grid, MAX_STEPS};

/// All phases of the four rows of a word.
pub const ROWS: u64 = u64::MAX;

/// Where the steps of a grid fall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phases {
    /// The grid.
    pub grid: Grid,
    /// Bar · 16 + phase of every step.
    position: [u8; MAX_STEPS],
    /// Steps that are not on a sixteenth.
    pub between: u128,
    is_plain: bool,
}

impl Phases {
    /// The phases of a grid.
    #[must_use]
    pub fn of(grid: Grid) -> Self {
        let mut position = [0; MAX_STEPS];
        let mut between = 0;
        let per_bar = usize::from(grid.steps_per_bar.max(1));
        for (step, to) in position.iter_mut().enumerate().take(grid.steps()) {
            let sixteenths = (step % per_bar) as f64 * grid.step_beats() * 4.0;
            let nearest = sixteenths.round();
            if (sixteenths - nearest).abs() > 1e-6 {
                between |= 1u128 << step;
            }
            let nearest = nearest as usize;
            let phase = if nearest < 16 { nearest } else { 12 + nearest % 4 };
            *to = ((step / per_bar) * 16 + phase) as u8;
        }
        let is_plain = (0..grid.steps()).all(|step| usize::from(position[step]) == step);
        Self { grid, position, between, is_plain }
    }

    /// Bar · 16 + phase of a step.
    #[must_use]
    pub fn position(&self, step: usize) -> u8 {
        self.position[step]
    }

    /// The phases of a mask of steps, bit = bar · 16 + phase.
    #[must_use]
    pub fn fold(&self, mut mask: u128) -> u64 {
        if self.is_plain {
            return mask as u64;
        }
        let mut folded = 0;
        while mask != 0 {
            folded |= 1u64 << self.position[mask.trailing_zeros() as usize];
            mask &= mask - 1;
        }
        folded
    }
}

/// The number of hits in each of the four rows of a word, in four fields of 16 bits.
#[must_use]
pub(crate) fn count_rows(word: u64) -> u64 {
    let pairs = word - ((word >> 1) & 0x5555_5555_5555_5555);
    let nibbles = (pairs & 0x3333_3333_3333_3333) + ((pairs >> 2) & 0x3333_3333_3333_3333);
    let bytes = (nibbles + (nibbles >> 4)) & 0x0f0f_0f0f_0f0f_0f0f;
    (bytes + (bytes >> 8)) & 0x00ff_00ff_00ff_00ff
}

/// The four fields of a word as numbers.
#[must_use]
pub fn fields(word: u64) -> [f32; 4] {
    // Through i32: that conversion is one vector instruction, the one from u16 is not.
    [0, 16, 32, 48].map(|shift| ((word >> shift) & 0xffff) as i32 as f32)
}

/// The same 16 phases in all four rows.
#[must_use]
pub(crate) fn in_all_rows(phases: u16) -> u64 {
    u64::from(phases) * 0x0001_0001_0001_0001
}

/// Each row turned so that phase `t` holds what was at `t + by`; `by` is 1 to 15.
#[must_use]
pub fn ahead(word: u64, by: u32) -> u64 {
    let low = in_all_rows(0xffff >> by);
    ((word >> by) & low) | ((word << (16 - by)) & !low)
}

/// One row of a word.
#[must_use]
pub fn row(word: u64, layer: usize) -> u16 {
    (word >> (16 * layer)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Meter;

    #[test]
    fn sixteenths_are_their_own_phases() {
        let grid = Grid { bars: 4, ..Grid::default() };
        let phases = Phases::of(grid);
        assert!((0..64).all(|step| usize::from(phases.position(step)) == step));
        assert_eq!(phases.fold(0x8000_0000_0000_0001), 0x8000_0000_0000_0001);
        assert_eq!(phases.between, 0);
    }

    #[test]
    fn beats_keep_their_phase_on_every_grid() {
        for steps_per_bar in [4, 8, 12, 16, 20, 24] {
            let phases = Phases::of(Grid { steps_per_bar, ..Grid::default() });
            for beat in 0..4 {
                let step = beat * usize::from(steps_per_bar) / 4;
                assert_eq!(usize::from(phases.position(step)), 4 * beat, "{steps_per_bar}");
            }
        }
    }

    #[test]
    fn every_meter_stays_within_its_bar() {
        for numerator in 1..=16 {
            for denominator in [2, 4, 8, 16] {
                for steps_per_bar in 1..=24 {
                    let grid = Grid { bars: 2, steps_per_bar, meter: Meter { numerator, denominator } };
                    let phases = Phases::of(grid);
                    for step in 0..grid.steps() {
                        let bar = step / usize::from(steps_per_bar);
                        assert_eq!(usize::from(phases.position(step)) / 16, bar);
                    }
                }
            }
        }
    }

    #[test]
    fn row_arithmetic_agrees_with_bit_by_bit_counting() {
        let mut rng = crate::rng::Rng::new(crate::units::Seed(3));
        for _ in 0..200 {
            let word = rng.bits();
            for (layer, count) in fields(count_rows(word)).into_iter().enumerate() {
                assert_eq!(count as u32, row(word, layer).count_ones());
            }
            for by in 1..16 {
                for layer in 0..4 {
                    assert_eq!(row(ahead(word, by), layer), row(word, layer).rotate_right(by));
                }
            }
        }
    }
}
