//! Which hits of a lane sound in which bar, when, and how hard: the one place where it is decided.
//!
//! Any thread, the audio thread included: pure functions of the loop and of where a bar lies; nothing allocates but
//! [`Loop::expected`] and nothing here remembers what sounded before. Engine, bounces, MIDI files and the window ask
//! here, so that what is heard, bounced, dragged and shown is one, wherever play begins.

use super::{Condition, Course, Grid, Hit, Life, Loop, MAX_STEPS, MOST_REPEATS, Swing};
use crate::rng::mixed;

/// The most passes that a loop is unrolled into.
pub const MOST_PASSES: u32 = 16;
/// How many passes show what chance does.
const PASSES_OF_CHANCE: u32 = 4;

/// Where a bar of a loop lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BarAt {
    /// The loop's bars since it began to run: since its section's start, or the song's. Passes and courses are counted
    /// from there.
    pub since: i64,
    /// The loop's bars since the song's start: chance is drawn for it.
    pub song: i64,
    /// A fill comes in it.
    pub fill: bool,
}

impl BarAt {
    /// A bar of a loop that runs by itself from the song's start.
    #[must_use]
    pub fn alone(bar: i64) -> Self {
        Self { since: bar, song: bar, fill: false }
    }
}

/// A sound that a lane makes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strike {
    /// Quarter notes from the start of its bar; negative where it sounds before the bar begins.
    pub beats: f64,
    /// 1 to 127.
    pub velocity: u8,
    /// The step of the bar that it belongs to.
    pub step: u8,
    /// The lane's cell that is played there.
    pub cell: u8,
    /// Which of the hit's repeats it is, from 0.
    pub repeat: u8,
}

/// The strikes of one step, in the order of time.
#[derive(Clone, Debug)]
pub struct Strikes {
    hit: Hit,
    /// In steps from the bar's start: the first strike, and from one to the next.
    first: f64,
    spacing: f64,
    step_beats: f64,
    step: u8,
    cell: u8,
    next: u8,
    count: u8,
}

impl Iterator for Strikes {
    type Item = Strike;

    fn next(&mut self) -> Option<Strike> {
        let repeat = self.next;
        if repeat >= self.count {
            return None;
        }
        self.next += 1;
        let at = if repeat == 0 { self.first } else { self.first + f64::from(repeat) * self.spacing };
        Some(Strike {
            beats: at * self.step_beats,
            velocity: self.hit.life.velocity(self.hit.velocity, repeat).min(127),
            step: self.step,
            cell: self.cell,
            repeat,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.count.saturating_sub(self.next)).min(MOST_REPEATS);
        (left, Some(left))
    }
}

impl Loop {
    /// Whether it sounds otherwise than a plain row of its cells: a hit or a lane has life.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let steps = self.grid.steps().min(MAX_STEPS);
        self.lanes()
            .iter()
            .any(|lane| !lane.course.is_plain() || lane.hits[..steps].iter().any(|hit| !hit.life.is_none()))
    }

    /// Whether anything of it is left to chance.
    #[must_use]
    pub fn has_chance(&self) -> bool {
        self.lanes().iter().any(|lane| lane.iter().any(|(_, hit)| hit.life.chance() < 100))
    }

    /// Which pass of the loop a bar is in; the first is 0.
    #[must_use]
    pub fn pass_of(&self, at: BarAt) -> i64 {
        at.since.div_euclid(i64::from(self.grid.bars.max(1)))
    }

    /// The cell that a lane plays in a step of a bar.
    #[must_use]
    pub fn cell(&self, lane: usize, at: BarAt, step: usize) -> usize {
        let course = self.lanes().get(lane).map_or(Course::PLAIN, |lane| lane.course);
        let from = at.since.wrapping_mul(i64::from(self.grid.steps_per_bar.max(1)));
        course.cell(self.grid.steps(), from.wrapping_add(step as i64))
    }

    /// What a lane strikes in a step of a bar, with this swing: nothing where there is no hit, or where it does not
    /// sound this time.
    #[must_use]
    pub fn strikes_of(&self, lane: usize, swing: Swing, at: BarAt, step: usize) -> Strikes {
        let cell = self.cell(lane, at, step);
        let hit = self.lanes().get(lane).and_then(|lane| lane.hits.get(cell)).copied().unwrap_or(Hit::NONE);
        let sounds = hit.is_on() && (hit.life.is_none() || self.lets(hit.life, lane, at, step));
        let delay = |step: usize| if self.is_swung(step) { swing.delay_steps() } else { 0.0 };
        let own = delay(step);
        let count = if sounds { hit.life.repeats() } else { 0 };
        let spacing = if count > 1 {
            // Until the next step, however late this one begins.
            let until = 1.0 + delay(step + 1) - own - hit.offset_steps().max(0.0);
            until / f64::from(count)
        } else {
            0.0
        };
        Strikes {
            hit,
            first: step as f64 + own + hit.offset_steps(),
            spacing,
            step_beats: self.grid.step_beats(),
            step: step as u8,
            cell: cell.min(MAX_STEPS) as u8,
            next: 0,
            count,
        }
    }

    /// What a lane strikes in a bar, step by step.
    pub fn strikes(&self, lane: usize, swing: Swing, at: BarAt) -> impl Iterator<Item = Strike> + '_ {
        let steps = usize::from(self.grid.steps_per_bar);
        (0..steps).flat_map(move |step| self.strikes_of(lane, swing, at, step))
    }

    /// Whether a hit sounds this time. Chance follows from the loop's dice and the place in the song alone.
    fn lets(&self, life: Life, lane: usize, at: BarAt, step: usize) -> bool {
        if !life.condition().holds(self.pass_of(at), at.fill) {
            return false;
        }
        let place = at.song.wrapping_mul(i64::from(self.grid.steps_per_bar.max(1))).wrapping_add(step as i64);
        let seed = mixed(u64::from(self.dice) << 8 | lane as u64);
        let draw = mixed(seed ^ (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        ((u128::from(draw) * 100) >> 64) < u128::from(life.chance())
    }

    /// After how many passes it comes again as it began, at most [`MOST_PASSES`]: 1 for a loop without life. One with
    /// chances never does; it counts for 4 passes at the least, and one with a first pass of its own for 2.
    #[must_use]
    pub fn passes(&self) -> u32 {
        let steps = self.grid.steps();
        let (mut round, mut least) = (1u32, 1u32);
        for lane in self.lanes() {
            let mut reached = lane.reached(steps);
            if reached == 0 {
                continue;
            }
            let period = lane.course.period(steps);
            round = common(round, (period / divisor(period, steps)) as u32);
            while reached != 0 {
                let life = lane.hits[reached.trailing_zeros() as usize].life;
                reached &= reached - 1;
                match life.condition() {
                    Condition::Every { passes, .. } => round = common(round, passes.into()),
                    Condition::First | Condition::NotFirst => least = least.max(2),
                    Condition::Always | Condition::Fill | Condition::NotFill => {}
                }
                if life.chance() < 100 {
                    least = least.max(PASSES_OF_CHANCE);
                }
            }
        }
        (least.div_ceil(round) * round).min(MOST_PASSES)
    }

    /// Every hit where it is written, at its velocity times the share of [`Loop::passes`] in which it may sound, 1 at the
    /// least; courses aside. A loop without life is what it is.
    #[must_use]
    pub fn in_share(&self) -> Self {
        let mut out = *self;
        if !self.is_alive() {
            return out;
        }
        let passes = i64::from(self.passes());
        for hit in out.lanes_mut().iter_mut().flat_map(|lane| &mut lane.hits).filter(|hit| hit.is_on()) {
            let condition = hit.life.condition();
            let held = (0..passes).filter(|&pass| condition.holds(pass, false)).count() as f32;
            let share = held / passes as f32 * f32::from(hit.life.chance()) / 100.0;
            let velocity = (f32::from(hit.velocity) * share).round().clamp(1.0, 127.0) as u8;
            *hit = Hit { velocity, ..hit.lifeless() };
        }
        out
    }

    /// The loop as one pass that stands for all: every cell at the velocity with which its lane sounds there, times the
    /// share of [`Loop::passes`] in which it does. A loop without life is what it is.
    #[must_use]
    pub fn expected(&self) -> Self {
        if !self.is_alive() {
            return *self;
        }
        let mut out = *self;
        out.dice = 0;
        let (passes, bars) = (self.passes(), i64::from(self.grid.bars));
        let per_bar = usize::from(self.grid.steps_per_bar);
        for (index, (to, from)) in out.lanes_mut().iter_mut().zip(self.lanes()).enumerate() {
            to.course = Course::PLAIN;
            for step in 0..self.grid.steps() {
                let (mut sum, mut loudest) = (0.0f32, Hit::NONE);
                for pass in 0..i64::from(passes) {
                    let at = BarAt::alone(pass * bars + (step / per_bar) as i64);
                    let cell = self.cell(index, at, step % per_bar);
                    let hit = from.hits.get(cell).copied().unwrap_or(Hit::NONE);
                    if hit.is_on() && hit.life.condition().holds(pass, false) {
                        sum += f32::from(hit.velocity) * f32::from(hit.life.chance()) / 100.0;
                        loudest = if hit.velocity > loudest.velocity { hit } else { loudest };
                    }
                }
                let velocity = (sum / passes as f32).round().clamp(0.0, 127.0) as u8;
                to.hits[step] = Hit { velocity, offset: loudest.offset, life: Life::NONE }.sanitized();
            }
        }
        out
    }
}

impl Course {
    /// The same on another grid of the same meter: its steps are as long as they were.
    #[must_use]
    pub(super) fn regridded(self, from: Grid, to: Grid) -> Self {
        let (old, new) = (usize::from(from.steps_per_bar.max(1)), usize::from(to.steps_per_bar));
        let scaled = |steps: u8| ((usize::from(steps) * new * 2 + old) / (old * 2)).min(MAX_STEPS) as u8;
        let length = if self.length == 0 { 0 } else { scaled(self.length).max(1) };
        Self { length, rotation: scaled(self.rotation), ..self }.sanitized()
    }
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// The least common multiple, beyond [`MOST_PASSES`] just more than that.
fn common(a: u32, b: u32) -> u32 {
    let multiple = a / divisor(a as usize, b as usize) as u32 * b.max(1);
    multiple.min(MOST_PASSES + 1)
}

#[cfg(test)]
#[path = "sounding/tests.rs"]
mod tests;
