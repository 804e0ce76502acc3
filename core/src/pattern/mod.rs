//! Loops as fixed-size plain data: a grid, its lanes and their hits, and when each hit sounds.
//!
//! Any thread, the audio thread included: every type here is `Copy` and nothing allocates
//! (but for [`notation`], which makes strings). Must never know sounds, files or time in seconds.

mod course;
mod life;
pub mod notation;
mod role;
mod sounding;

pub use course::{Course, Direction};
pub use life::{Condition, Curve, Life, LifeError, MOST_EVERY, MOST_REPEATS, REPEATS};
pub use role::{LoopId, Role, SampleId};
use serde::{Deserialize, Serialize};
pub use sounding::{BarAt, MOST_PASSES, Strike, Strikes};

/// The most lanes a loop can have.
pub const MAX_LANES: usize = 8;
/// The most bars a loop can have.
pub const MAX_BARS: usize = 4;
/// The most steps a bar can have.
pub const MAX_STEPS_PER_BAR: usize = 24;
/// The most steps a loop can have.
pub const MAX_STEPS: usize = MAX_BARS * MAX_STEPS_PER_BAR;

/// A time signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Meter {
    /// Beats a bar, 1 to 16.
    pub numerator: u8,
    /// The note value of a beat: 2, 4, 8 or 16.
    pub denominator: u8,
}

impl Meter {
    /// Common time.
    pub const FOUR_FOUR: Self = Self { numerator: 4, denominator: 4 };

    /// The length of a bar in quarter notes.
    #[must_use]
    pub fn bar_beats(self) -> f64 {
        f64::from(self.numerator) * 4.0 / f64::from(self.denominator)
    }

    /// The nearest time signature that a loop can have.
    #[must_use]
    pub fn sanitized(self) -> Self {
        let denominator = match self.denominator {
            0..=2 => 2,
            3..=4 => 4,
            5..=8 => 8,
            _ => 16,
        };
        Self { numerator: self.numerator.clamp(1, 16), denominator }
    }
}

/// How a loop's time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grid {
    /// Bars in the loop: 1, 2 or 4.
    pub bars: u8,
    /// Steps a bar, 1 to [`MAX_STEPS_PER_BAR`]; 16 in 4/4 are sixteenth notes, 12 or 24 are triplets.
    pub steps_per_bar: u8,
    /// The time signature.
    pub meter: Meter,
}

impl Default for Grid {
    fn default() -> Self {
        Self { bars: 1, steps_per_bar: 16, meter: Meter::FOUR_FOUR }
    }
}

impl Grid {
    /// Steps in the loop, at most [`MAX_STEPS`].
    #[must_use]
    pub fn steps(self) -> usize {
        usize::from(self.bars) * usize::from(self.steps_per_bar)
    }

    /// The length of one step in quarter notes.
    #[must_use]
    pub fn step_beats(self) -> f64 {
        self.meter.bar_beats() / f64::from(self.steps_per_bar)
    }

    /// The length of the loop in quarter notes.
    #[must_use]
    pub fn beats(self) -> f64 {
        self.meter.bar_beats() * f64::from(self.bars)
    }

    /// Steps in one beat of the meter where that is a whole number (4 for sixteenths in 4/4), else 0.
    #[must_use]
    pub fn steps_per_beat(self) -> usize {
        let (steps, beats) = (usize::from(self.steps_per_bar), usize::from(self.meter.numerator));
        if beats > 0 && steps.is_multiple_of(beats) { steps / beats } else { 0 }
    }

    /// Whether every beat of the meter has a whole number of steps.
    #[must_use]
    pub fn fits(self) -> bool {
        self.steps_per_beat() > 0
    }

    /// The same grid in another meter: steps of the same length (16 of 4/4 are 14 of 7/8), or of half or
    /// double that length where a bar can't hold them, or else the number that is nearest. Every beat of
    /// the meter then has a whole number of steps. A grid that does not fit its own meter is taken for one
    /// of 4/4.
    #[must_use]
    pub fn in_meter(self, meter: Meter) -> Self {
        let meter = meter.sanitized();
        if meter == self.meter {
            return self;
        }
        let from = if self.fits() { self.meter } else { Meter::FOUR_FOUR };
        let wanted = f64::from(self.steps_per_bar) * meter.bar_beats() / from.bar_beats();
        let beats = meter.numerator;
        // How far a number of steps is from the wanted length, whole octaves apart from everything else.
        let distance = |steps: u8| {
            let octaves = (f64::from(steps) / wanted).log2();
            let same_feel = (octaves - octaves.round()).abs() < 1e-6;
            (!same_feel, octaves.abs())
        };
        let nearest =
            (1..=MAX_STEPS_PER_BAR as u8 / beats).map(|per_beat| per_beat * beats).min_by(|&a, &b| {
                let ((rough_a, far_a), (rough_b, far_b)) = (distance(a), distance(b));
                rough_a.cmp(&rough_b).then(far_a.total_cmp(&far_b))
            });
        Self { steps_per_bar: nearest.unwrap_or(self.steps_per_bar), meter, ..self }
    }

    /// The same grid with steps that fit its meter; a grid of 4/4 stays as it is, whatever its steps.
    #[must_use]
    pub fn fitted(self) -> Self {
        if self.fits() { self } else { Self { meter: Meter::FOUR_FOUR, ..self }.in_meter(self.meter) }
    }

    /// All steps of the loop as a mask.
    #[must_use]
    pub fn mask(self) -> u128 {
        (1u128 << self.steps()) - 1
    }

    /// The nearest grid that is allowed: 1, 2 or 4 bars, 1 to 24 steps a bar.
    #[must_use]
    pub fn sanitized(self) -> Self {
        Self {
            bars: match self.bars {
                0 | 1 => 1,
                2 | 3 => 2,
                _ => 4,
            },
            steps_per_bar: self.steps_per_bar.clamp(1, MAX_STEPS_PER_BAR as u8),
            meter: self.meter.sanitized(),
        }
    }
}

/// Swing as the position of the second of two steps in per cent of the pair: 50 is straight, 66 a
/// triplet shuffle, 75 the most. Stored in tenths of a per cent so that it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Swing(u16);

impl Default for Swing {
    fn default() -> Self {
        Self::STRAIGHT
    }
}

impl Swing {
    /// No swing.
    pub const STRAIGHT: Self = Self(500);

    /// From per cent, brought into 50 to 75.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    pub fn from_percent(percent: f32) -> Self {
        Self((percent.clamp(50.0, 75.0) * 10.0).round() as u16)
    }

    /// In per cent, 50 to 75.
    #[must_use]
    pub fn percent(self) -> f32 {
        f32::from(self.0.clamp(500, 750)) / 10.0
    }

    /// How much later the second step of a pair sounds, in steps, 0 to 0.5.
    #[must_use]
    pub fn delay_steps(self) -> f64 {
        f64::from(self.0.clamp(500, 750) - 500) / 500.0
    }
}

/// One cell of the grid. Velocity 0 is no hit, and then the offset is 0 too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hit {
    /// MIDI velocity, 1 to 127; 0 where nothing sounds.
    pub velocity: u8,
    /// Micro-timing in 1/256 of a step, −127 (early) to 127 (late): just under half a step each way,
    /// so that hits never change their order.
    pub offset: i8,
    /// Its chance, its repeats and its condition.
    #[serde(default, skip_serializing_if = "Life::is_none")]
    pub life: Life,
}

impl Hit {
    /// No hit.
    pub const NONE: Self = Self { velocity: 0, offset: 0, life: Life::NONE };
    /// A plain hit.
    pub const PLAIN: Self = Self { velocity: 100, ..Self::NONE };

    /// A hit on the grid.
    #[must_use]
    pub fn new(velocity: u8) -> Self {
        Self { velocity: velocity.min(127), ..Self::NONE }
    }

    /// The same without life: it always sounds, once.
    #[must_use]
    pub fn lifeless(self) -> Self {
        Self { life: Life::NONE, ..self }
    }

    /// Whether it sounds.
    #[must_use]
    pub fn is_on(self) -> bool {
        self.velocity > 0
    }

    /// The micro-timing in steps, −0.496 to 0.496.
    #[must_use]
    pub fn offset_steps(self) -> f64 {
        f64::from(self.offset) / 256.0
    }

    /// The nearest allowed hit.
    #[must_use]
    pub fn sanitized(self) -> Self {
        if self.velocity == 0 {
            Self::NONE
        } else {
            Self { velocity: self.velocity.min(127), offset: self.offset.max(-127), ..self }
        }
    }
}

/// One lane: a sound and when it is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What the lane is for. In any-sample sessions it is a label only.
    pub role: Role,
    /// The sound it plays.
    pub sample: SampleId,
    /// One cell a step; cells at and beyond the grid's steps are [`Hit::NONE`].
    pub hits: [Hit; MAX_STEPS],
    /// How it runs through them.
    pub course: Course,
}

impl Lane {
    /// A lane without hits.
    #[must_use]
    pub fn empty(role: Role, sample: SampleId) -> Self {
        Self { role, sample, hits: [Hit::NONE; MAX_STEPS], course: Course::PLAIN }
    }

    /// The steps that sound, as a mask (bit = step).
    #[must_use]
    pub fn mask(&self) -> u128 {
        let mut mask = 0;
        for (step, hit) in self.hits.iter().enumerate() {
            mask |= u128::from(hit.is_on()) << step;
        }
        mask
    }

    /// The steps that sound and their hits.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Hit)> + '_ {
        self.hits.iter().copied().enumerate().filter(|(_, hit)| hit.is_on())
    }
}

/// A drum loop: what plays, without its sounds' audio and without the mixer's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// How time is divided.
    pub grid: Grid,
    /// Swing of every second step.
    pub swing: Swing,
    /// What chances are drawn from, beside the place in the song.
    pub dice: u16,
    lane_count: u8,
    lanes: [Lane; MAX_LANES],
}

impl Loop {
    /// A loop of the given lanes; those beyond [`MAX_LANES`] are dropped and none becomes one empty lane.
    #[must_use]
    pub fn new(grid: Grid, swing: Swing, lanes: &[Lane]) -> Self {
        let grid = grid.sanitized();
        let count = lanes.len().clamp(1, MAX_LANES);
        let mut all = [Lane::empty(Role::Kick, SampleId::NONE); MAX_LANES];
        for (to, from) in all.iter_mut().zip(lanes) {
            *to = *from;
            to.course = from.course.sanitized();
            for hit in &mut to.hits[grid.steps()..] {
                *hit = Hit::NONE;
            }
        }
        Self { grid, swing, dice: 0, lane_count: count as u8, lanes: all }
    }

    /// The same with chances that are drawn from this.
    #[must_use]
    pub fn with_dice(self, dice: u16) -> Self {
        Self { dice, ..self }
    }

    /// The lanes, 1 to [`MAX_LANES`].
    #[must_use]
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes[..usize::from(self.lane_count)]
    }

    /// The lanes, to be changed. Cells beyond the grid must stay [`Hit::NONE`].
    pub fn lanes_mut(&mut self) -> &mut [Lane] {
        &mut self.lanes[..usize::from(self.lane_count)]
    }

    /// The number of hits.
    #[must_use]
    pub fn hit_count(&self) -> usize {
        self.lanes().iter().map(|lane| lane.mask().count_ones() as usize).sum()
    }

    /// Steps that the swing delays: every second one, where a beat has an even number of steps.
    #[must_use]
    pub fn is_swung(&self, step: usize) -> bool {
        step % 2 == 1 && self.grid.steps_per_beat().is_multiple_of(2) && self.grid.steps_per_beat() > 0
    }

    /// When a step's hit sounds, in quarter notes from the start of the bar it is written in.
    /// Negative for an early hit on a bar's first step.
    #[must_use]
    pub fn beat_in_bar(&self, step: usize, hit: Hit) -> f64 {
        let in_bar = step % usize::from(self.grid.steps_per_bar.max(1));
        let swing = if self.is_swung(in_bar) { self.swing.delay_steps() } else { 0.0 };
        (in_bar as f64 + swing + hit.offset_steps()) * self.grid.step_beats()
    }

    /// The same loop on another grid: bars are repeated or cut; another number of steps a bar moves
    /// each hit to the nearest step (the louder of two that meet stays). In another meter every hit stays
    /// where it is in its bar: a shorter bar is cut, a longer one goes on with the bar's beginning.
    #[must_use]
    pub fn regridded(&self, grid: Grid) -> Self {
        let grid = grid.sanitized();
        if grid.meter != self.grid.meter {
            return self.in_bars_of(grid);
        }
        let mut out = Self { grid, ..*self };
        let (from_spb, to_spb) = (usize::from(self.grid.steps_per_bar), usize::from(grid.steps_per_bar));
        for (to, from) in out.lanes_mut().iter_mut().zip(self.lanes()) {
            to.hits = [Hit::NONE; MAX_STEPS];
            to.course = from.course.regridded(self.grid, grid);
            for bar in 0..usize::from(grid.bars) {
                let source = (bar % usize::from(self.grid.bars)) * from_spb;
                for step in 0..from_spb {
                    let hit = from.hits[source + step];
                    let target =
                        bar * to_spb + ((step * to_spb * 2 + from_spb) / (from_spb * 2)).min(to_spb - 1);
                    if hit.velocity > to.hits[target].velocity {
                        to.hits[target] = hit;
                    }
                }
            }
        }
        out
    }

    /// See [`Loop::regridded`]; bars of another length.
    fn in_bars_of(&self, grid: Grid) -> Self {
        let mut out = Self { grid, ..*self };
        let (from_spb, to_spb) = (usize::from(self.grid.steps_per_bar), usize::from(grid.steps_per_bar));
        let ratio = self.grid.step_beats() / grid.step_beats();
        for (to, from) in out.lanes_mut().iter_mut().zip(self.lanes()) {
            to.hits = [Hit::NONE; MAX_STEPS];
            for bar in 0..usize::from(grid.bars) {
                let source = (bar % usize::from(self.grid.bars)) * from_spb;
                for step in 0.. {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
                    let target = (step as f64 * ratio + 1e-9).round() as usize;
                    if target >= to_spb {
                        break;
                    }
                    let hit = from.hits[source + step % from_spb];
                    let cell = &mut to.hits[bar * to_spb + target];
                    if hit.velocity > cell.velocity {
                        *cell = hit;
                    }
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(grid: Grid) -> Loop {
        let mut lane = Lane::empty(Role::Kick, SampleId::NONE);
        for step in (0..grid.steps()).step_by(4) {
            lane.hits[step] = Hit::PLAIN;
        }
        Loop::new(grid, Swing::STRAIGHT, &[lane])
    }

    #[test]
    fn swing_of_two_thirds_puts_the_second_step_on_the_triplet() {
        let mut l = plain(Grid::default());
        l.swing = Swing::from_percent(66.7);
        let second = l.beat_in_bar(1, Hit::PLAIN);
        assert!((second - 0.5 * 0.667).abs() < 1e-9, "{second}");
        assert!((l.beat_in_bar(2, Hit::PLAIN) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn triplet_grids_do_not_swing() {
        let mut l = plain(Grid { steps_per_bar: 12, ..Grid::default() });
        l.swing = Swing::from_percent(75.0);
        assert!((l.beat_in_bar(1, Hit::PLAIN) - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn more_bars_repeat_and_fewer_cut() {
        let one = plain(Grid::default());
        let four = one.regridded(Grid { bars: 4, ..Grid::default() });
        assert_eq!(four.hit_count(), 16);
        assert_eq!(four.regridded(Grid::default()), one);
    }

    #[test]
    fn four_on_the_floor_survives_triplets() {
        let one = plain(Grid::default());
        let triplets = one.regridded(Grid { steps_per_bar: 12, ..Grid::default() });
        assert_eq!(triplets.lanes()[0].mask(), 0b0010_0100_1001);
        assert_eq!(triplets.regridded(Grid::default()), one);
    }

    #[test]
    fn steps_follow_the_meter_and_every_beat_has_whole_ones() {
        let of = |steps, numerator, denominator| {
            let grid = Grid { steps_per_bar: steps, ..Grid::default() };
            let grid = grid.in_meter(Meter { numerator, denominator });
            assert!(grid.fits(), "{grid:?}");
            grid.steps_per_bar
        };
        for (numerator, denominator, steps) in [
            (2, 4, 8),
            (3, 4, 12),
            (4, 4, 16),
            (5, 4, 20),
            (6, 4, 24),
            (7, 4, 14),
            (5, 8, 10),
            (6, 8, 12),
            (7, 8, 14),
            (9, 8, 18),
            (12, 8, 24),
        ] {
            assert_eq!(of(16, numerator, denominator), steps, "{numerator}/{denominator}");
        }
        // Triplets stay triplets, eighths stay eighths.
        assert_eq!((of(12, 3, 4), of(24, 3, 4), of(12, 7, 8), of(8, 7, 8)), (9, 18, 21, 7));
        for numerator in 1..=16 {
            for denominator in [2, 4, 8, 16] {
                for steps in 1..=MAX_STEPS_PER_BAR as u8 {
                    let _ = if (numerator, denominator) == (4, 4) {
                        0
                    } else {
                        of(steps, numerator, denominator)
                    };
                }
            }
        }
        let seven = Meter { numerator: 7, denominator: 8 };
        let unfit = Grid { meter: seven, ..Grid::default() };
        assert_eq!(unfit.fitted().steps_per_bar, 14);
        assert_eq!(unfit.in_meter(Meter::FOUR_FOUR), Grid::default());
        let own = Grid { steps_per_bar: 15, ..Grid::default() };
        assert_eq!(own.fitted(), own, "in 4/4 any number is somebody's wish");
    }

    #[test]
    fn a_loop_keeps_its_hits_where_they_are_in_another_meter() {
        let mut loop_ = plain(Grid::default());
        loop_.lanes_mut()[0].hits[15] = Hit::new(50);
        let to = |loop_: &Loop, numerator, denominator| {
            loop_.regridded(loop_.grid.in_meter(Meter { numerator, denominator }))
        };
        let seven = to(&loop_, 7, 8);
        assert_eq!(seven.lanes()[0].mask(), 0b01_0001_0001_0001, "the bar is cut");
        let five = to(&loop_, 5, 4);
        assert_eq!(five.lanes()[0].mask(), 0b0001_1001_0001_0001_0001, "the bar goes on with its beginning");
        assert_eq!(to(&five, 4, 4), loop_);
        let two_bars = to(&loop_.regridded(Grid { bars: 2, ..Grid::default() }), 3, 4);
        assert_eq!(two_bars.lanes()[0].mask(), 0b0001_0001_0001_0001_0001_0001);
    }

    #[test]
    fn offsets_keep_the_order_of_hits() {
        let l = plain(Grid::default());
        let late = l.beat_in_bar(3, Hit { velocity: 1, offset: 127, ..Hit::NONE });
        let early = l.beat_in_bar(4, Hit { velocity: 1, offset: -127, ..Hit::NONE });
        assert!(late < early);
    }
}
