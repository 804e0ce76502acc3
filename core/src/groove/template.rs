//! A groove template: how a clip's hits lie and how hard they are struck, by role and place in the bar.
//!
//! Any thread but the audio thread; plain data of a fixed size, nothing allocates. Must never know files: the clip
//! comes as loops of one bar.
//!
//! What a clip says of a role at a place is the mean of its hits there, over all bars. Where it has none, what it
//! says of the same place of the beat stands in; of timing also what other roles do there, since a beat that is
//! laid back is so for a lane that the clip lacks. What it says nothing of stays as it is written.

use super::frame::{CELLS, Frame, Windows};
use crate::pattern::{Loop, MAX_LANES, Role};

/// Places of a bar of four quarters: both sixteenths (every third) and triplets (every fourth) are whole ones.
const PLACES: usize = 48;
/// Places of a quarter.
const BEAT: usize = PLACES / 4;

/// Sums over hits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    weight: f32,
    velocity: f32,
    /// In quarter notes.
    offset: f32,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.weight += other.weight;
        self.velocity += other.velocity;
        self.offset += other.offset;
    }

    fn said(self) -> Option<Self> {
        (self.weight > 0.0).then(|| Self {
            weight: 1.0,
            velocity: self.velocity / self.weight,
            offset: self.offset / self.weight,
        })
    }
}

/// How a clip is played.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// By role and place.
    of_role: [[Sum; PLACES]; Role::ALL.len()],
    /// By place, all roles.
    of_all: [Sum; PLACES],
}

/// What a template says of a hit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placing {
    /// Velocity, 1 to 127.
    pub velocity: Option<f32>,
    /// In quarter notes, later being positive.
    pub offset: Option<f32>,
}

impl Template {
    /// Of bars, each with how often it is played. `None` where there is no hit in them. The mean offset of all
    /// hits is taken out: a clip that was recorded late says nothing by that.
    #[must_use]
    pub fn of<'a>(bars: impl IntoIterator<Item = (&'a Loop, u16)>) -> Option<Self> {
        let mut template =
            Self { of_role: [[Sum::default(); PLACES]; Role::ALL.len()], of_all: [Sum::default(); PLACES] };
        for (bar, count) in bars {
            let step_beats = bar.grid.step_beats() as f32;
            for frame in Windows::of(bar.grid) {
                for lane in bar.lanes() {
                    let cells = frame.cells(lane.mask());
                    for cell in (0..CELLS).filter(|cell| cells >> cell & 1 == 1) {
                        let Some(step) = frame.step(cell) else { continue };
                        let (hit, weight) = (lane.hits[step], f32::from(count.max(1)));
                        let sum = Sum {
                            weight,
                            velocity: weight * f32::from(hit.velocity),
                            offset: weight * hit.offset_steps() as f32 * step_beats,
                        };
                        template.of_role[lane.role.index()][place(&frame, cell)].add(sum);
                        template.of_all[place(&frame, cell)].add(sum);
                    }
                }
            }
        }
        let all = template.of_all.iter().fold(Sum::default(), |mut all, sum| {
            all.add(*sum);
            all
        });
        let late = all.said()?.offset;
        for sum in template.of_role.iter_mut().flatten().chain(&mut template.of_all) {
            sum.offset -= late * sum.weight;
        }
        Some(template)
    }

    /// What it says of a hit of a role in a cell of a window.
    #[must_use]
    pub fn placing(&self, role: Role, frame: &Frame, cell: usize) -> Placing {
        let at = place(frame, cell);
        let own = &self.of_role[role.index()];
        let own = own[at].said().or_else(|| same_in_beat(own, at));
        let any = || self.of_all[at].said().or_else(|| same_in_beat(&self.of_all, at));
        Placing { velocity: own.map(|own| own.velocity), offset: own.or_else(any).map(|sum| sum.offset) }
    }
}

fn place(frame: &Frame, cell: usize) -> usize {
    (cell * if frame.triplets { 4 } else { 3 }) % PLACES
}

/// All that is said of the same place in any beat.
fn same_in_beat(sums: &[Sum; PLACES], at: usize) -> Option<Sum> {
    let mut all = Sum::default();
    sums.iter().skip(at % BEAT).step_by(BEAT).for_each(|sum| all.add(*sum));
    all.said()
}

/// A loop as a template plays it, `amount` of the way (0 to 1) from what is written. Lanes of `written` (bit = lane)
/// and hits of `kept` (bit = step) stay as they are, and where the loop swings, what of the template is a swing is
/// taken out: how far swung steps are swung is the loop's to say.
pub(super) fn play(
    pattern: &Loop,
    template: &Template,
    amount: f32,
    written: u8,
    kept: &[u128; MAX_LANES],
) -> Loop {
    let mut played = *pattern;
    let step_beats = pattern.grid.step_beats() as f32;
    for frame in Windows::of(pattern.grid) {
        let swing = swing_of(pattern, template, &frame);
        for (lane, of) in pattern.lanes().iter().enumerate().filter(|(lane, _)| written >> lane & 1 == 0) {
            let cells = frame.cells(of.mask());
            for cell in (0..CELLS).filter(|cell| cells >> cell & 1 == 1) {
                let Some(step) = frame.step(cell).filter(|step| kept[lane] >> step & 1 == 0) else {
                    continue;
                };
                let said = template.placing(of.role, &frame, cell);
                let hit = &mut played.lanes_mut()[lane].hits[step];
                let mix = |from: f32, to: f32| (from + amount * (to - from)).round();
                if let Some(velocity) = said.velocity {
                    hit.velocity = mix(hit.velocity.into(), velocity).clamp(1.0, 127.0) as u8;
                }
                if let Some(offset) = said.offset {
                    let swung = if pattern.is_swung(step) { swing } else { 0.0 };
                    let to = 256.0 * (offset - swung) / step_beats;
                    hit.offset = mix(hit.offset.into(), to).clamp(-127.0, 127.0) as i8;
                }
            }
        }
    }
    played
}

/// By how many quarter notes the template has swung steps later than the others, over the loop's hits.
fn swing_of(pattern: &Loop, template: &Template, frame: &Frame) -> f32 {
    let offsets = pattern.lanes().iter().flat_map(|lane| {
        let cells = frame.cells(lane.mask());
        (0..CELLS)
            .filter(move |cell| cells >> cell & 1 == 1)
            .filter_map(|cell| Some((frame.step(cell)?, template.placing(lane.role, frame, cell).offset?)))
    });
    swing_among(pattern, offsets)
}

/// How much later hits on swung steps are than the others on average, in the unit of the offsets; 0 where the loop does
/// not swing by itself, or has no hits of one kind.
pub(super) fn swing_among(pattern: &Loop, offsets: impl Iterator<Item = (usize, f32)>) -> f32 {
    if pattern.swing.delay_steps() == 0.0 {
        return 0.0;
    }
    let mut sums = [(0.0f32, 0.0f32); 2];
    for (step, offset) in offsets {
        let (sum, count) = &mut sums[usize::from(pattern.is_swung(step))];
        *sum += offset;
        *count += 1.0;
    }
    let [(even, evens), (odd, odds)] = sums;
    if evens == 0.0 || odds == 0.0 { 0.0 } else { odd / odds - even / evens }
}
