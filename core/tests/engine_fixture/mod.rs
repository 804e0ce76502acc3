//! Loops, sounds and hosts for the engine's tests.
#![allow(dead_code, reason = "each test file uses its own part")]

use deepdrummer_core::engine::{
    Engine, Enter, Fact, Keys, MixState, NoteIn, NoteOut, Outputs, Plan, PreparedSound, Sink, Transport,
};
use deepdrummer_core::pattern::{
    Condition, Course, Curve, Direction, Grid, Hit, Lane, Life, Loop, LoopId, MAX_LANES, Meter, Role,
    SampleId, Swing,
};
use deepdrummer_core::units::{Bpm, SampleRate};
use proptest::prelude::*;
use std::sync::Arc;

/// A single frame of full scale: its amplitude in the output is the gain of the hit.
pub(crate) fn impulse() -> Arc<PreparedSound> {
    Arc::new(PreparedSound::new(vec![1.0], None))
}

/// A decaying tone, in stereo for odd numbers.
pub(crate) fn tone(number: usize, frames: usize) -> Arc<PreparedSound> {
    let channel = |detune: f32| -> Vec<f32> {
        (0..frames)
            .map(|n| {
                let decay = (-6.0 * n as f32 / frames as f32).exp();
                0.5 * decay * (n as f32 * (0.02 + 0.013 * number as f32) * detune).sin()
            })
            .collect()
    };
    Arc::new(PreparedSound::new(channel(1.0), (number % 2 == 1).then(|| channel(1.01))))
}

pub(crate) fn sounds(of: impl Fn(usize) -> Arc<PreparedSound>) -> [Option<Arc<PreparedSound>>; MAX_LANES] {
    std::array::from_fn(|lane| Some(of(lane)))
}

pub(crate) fn plan(
    id: u64,
    enter: Enter,
    pattern: Loop,
    of: impl Fn(usize) -> Arc<PreparedSound>,
) -> Box<Plan> {
    Box::new(Plan::new(LoopId(id), id, enter, pattern, sounds(of)))
}

/// Every lane to its own output, in the order of `Role::ALL`; no chokes, no limiter.
pub(crate) fn open_mix() -> MixState {
    let mut mix = MixState { limiter: false, own_output: [true; MAX_LANES], ..MixState::default() };
    mix.lanes.iter_mut().for_each(|lane| lane.choke = 0);
    mix.keys = Keys::chromatic(36);
    mix
}

/// One lane with hits on the given steps of a 16-step bar.
pub(crate) fn kick_on(steps: &[usize]) -> Loop {
    let mut lane = Lane::empty(Role::Kick, SampleId(1));
    for &step in steps {
        lane.hits[step] = Hit::PLAIN;
    }
    Loop::new(Grid::default(), Swing::STRAIGHT, &[lane])
}

/// A loop with hits in every lane, with swing and micro-timing.
pub(crate) fn busy_loop(lanes: usize, bars: u8) -> Loop {
    let grid = Grid { bars, ..Grid::default() };
    let lanes: Vec<Lane> = (0..lanes)
        .map(|number| {
            let mut lane = Lane::empty(Role::ALL[number], SampleId(number as u64 + 1));
            for step in (0..grid.steps()).filter(|step| (step * (number + 3) + number) % 5 < 2) {
                lane.hits[step] = Hit {
                    velocity: 40 + (step * 7 % 80) as u8,
                    offset: (step as i8).wrapping_mul(5) % 23 - 11,
                    ..Hit::NONE
                };
            }
            lane
        })
        .collect();
    Loop::new(grid, Swing::from_percent(57.0), &lanes)
}

/// A host's meter. Its bars are longer than half a step of any loop here: no early hit reaches back
/// over a whole bar.
pub(crate) fn any_host_meter() -> impl Strategy<Value = Meter> {
    prop::sample::select(vec![(4u8, 4u8), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (1, 4), (11, 16)])
        .prop_map(|(numerator, denominator)| Meter { numerator, denominator })
}

pub(crate) fn any_meter() -> impl Strategy<Value = Meter> {
    prop::sample::select(vec![(4u8, 4u8), (3, 4), (6, 8), (5, 4), (7, 8), (2, 2), (1, 16)])
        .prop_map(|(numerator, denominator)| Meter { numerator, denominator })
}

prop_compose! {
    pub fn any_loop()(
        bars in prop::sample::select(vec![1u8, 2, 4]),
        steps_per_bar in prop::sample::select(vec![4u8, 5, 8, 12, 16, 20, 24]),
        meter in any_meter(),
        swing in 50u8..=75,
        cells in prop::collection::vec(prop::collection::vec((any::<bool>(), 1u8..=127, -127i8..=127), 96), 1..=4),
    ) -> Loop {
        let grid = Grid { bars, steps_per_bar, meter };
        loop_of(grid, swing, &cells)
    }
}

/// A loop of lanes of cells: whether each is hit, its velocity and its offset. Swing in per cent.
pub(crate) fn loop_of(grid: Grid, swing: u8, cells: &[Vec<(bool, u8, i8)>]) -> Loop {
    let lane = |(number, cells): (usize, &Vec<(bool, u8, i8)>)| {
        let mut lane = Lane::empty(Role::ALL[number], SampleId(1));
        for (hit, &(on, velocity, offset)) in lane.hits.iter_mut().zip(cells) {
            if on {
                *hit = Hit { velocity, offset, ..Hit::NONE };
            }
        }
        lane
    };
    let lanes: Vec<Lane> = cells.iter().enumerate().map(lane).collect();
    Loop::new(grid, Swing::from_percent(f32::from(swing)), &lanes)
}

/// Chance, repeats and conditions, of which most hits have none.
pub(crate) fn any_life() -> impl Strategy<Value = Life> {
    let condition = prop_oneof![
        4 => Just(Condition::Always),
        1 => Just(Condition::First),
        1 => Just(Condition::NotFirst),
        1 => Just(Condition::Fill),
        1 => Just(Condition::NotFill),
        3 => (2u8..=8, 0u8..8).prop_map(|(passes, at)| Condition::Every { passes, at }),
    ];
    let curve = prop::sample::select(Curve::ALL.to_vec());
    let chance = prop_oneof![Just(100u8), 1u8..=99];
    prop_oneof![
        2 => Just(Life::NONE),
        1 => (chance, 1u8..=6, curve, condition)
            .prop_map(|(chance, repeats, curve, condition)| Life::new(chance, (repeats, curve), condition)),
    ]
}

/// How a lane runs; half of them as their loop.
pub(crate) fn any_course() -> impl Strategy<Value = Course> {
    prop_oneof![
        Just(Course::PLAIN),
        (0u8..=96, prop::sample::select(Direction::ALL.to_vec()), 0u8..96)
            .prop_map(|(length, direction, rotation)| Course { length, direction, rotation }),
    ]
}

/// The life of a loop: its dice, and of each lane how it runs and what its cells do.
pub(crate) fn any_lives() -> impl Strategy<Value = (u16, Vec<(Course, Vec<Life>)>)> {
    let lane = (any_course(), prop::collection::vec(any_life(), 96));
    (any::<u16>(), prop::collection::vec(lane, MAX_LANES))
}

/// The same loop with this life.
pub(crate) fn alive(mut of: Loop, (dice, lanes): &(u16, Vec<(Course, Vec<Life>)>)) -> Loop {
    of.dice = *dice;
    for (lane, (course, lives)) in of.lanes_mut().iter_mut().zip(lanes) {
        lane.course = *course;
        for (hit, life) in lane.hits.iter_mut().zip(lives).filter(|(hit, _)| hit.is_on()) {
            hit.life = *life;
        }
    }
    of
}

pub(crate) fn transport(pos_beats: f64, bpm: f64) -> Transport {
    Transport::at(pos_beats, Bpm::new(bpm), Meter::FOUR_FOUR)
}

/// Quarter notes a frame.
pub(crate) fn per_frame(bpm: Bpm, rate: SampleRate) -> f64 {
    bpm.get() / (60.0 * rate.hz())
}

/// Collects what the engine tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub notes: Vec<NoteOut>,
    pub facts: Vec<Fact>,
}

impl Sink for Told {
    fn note(&mut self, note: NoteOut) {
        self.notes.push(note);
    }
    fn fact(&mut self, fact: Fact) {
        self.facts.push(fact);
    }
}

/// What a stretch of blocks gave.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Heard {
    pub main: [Vec<f32>; 2],
    pub lanes: [[Vec<f32>; 2]; MAX_LANES],
}

/// One block into `heard`, appended.
pub(crate) fn block(
    engine: &mut Engine,
    transport: &Transport,
    notes: &[NoteIn],
    frames: usize,
    heard: &mut Heard,
) -> Told {
    let mut told = Told::default();
    // What was in the buffers must not matter.
    let mut main = [vec![7.0f32; frames], vec![7.0f32; frames]];
    let mut lanes: [[Vec<f32>; 2]; MAX_LANES] =
        std::array::from_fn(|_| [vec![7.0f32; frames], vec![7.0f32; frames]]);
    {
        let [left, right] = &mut main;
        let mut of_lanes = lanes.iter_mut();
        let mut out = Outputs {
            main: [left, right],
            lanes: std::array::from_fn(|_| {
                of_lanes.next().map(|[left, right]| [left.as_mut_slice(), right.as_mut_slice()])
            }),
        };
        engine.process(transport, notes, &mut out, &mut told);
    }
    for (to, from) in heard.main.iter_mut().zip(&main) {
        to.extend_from_slice(from);
    }
    for (to, from) in heard.lanes.iter_mut().flatten().zip(lanes.iter().flatten()) {
        to.extend_from_slice(from);
    }
    told
}

/// Plays from a position on in blocks of the given sizes, the last one repeated, for `frames` frames.
pub(crate) fn run(
    engine: &mut Engine,
    from: Transport,
    sizes: &[usize],
    frames: usize,
) -> (Heard, Vec<(usize, NoteOut)>, Vec<Fact>) {
    let (mut heard, mut notes, mut facts) = (Heard::default(), Vec::new(), Vec::new());
    let step = per_frame(from.bpm, engine.rate());
    let mut sizes = sizes.iter().copied().chain(std::iter::repeat(sizes[sizes.len() - 1]));
    let mut at = 0;
    while at < frames {
        let size = sizes.next().unwrap().min(frames - at);
        let now = Transport { pos_beats: from.pos_beats + at as f64 * step, ..from };
        let told = block(engine, &now, &[], size, &mut heard);
        notes.extend(told.notes.into_iter().map(|note| (at + note.frame as usize, note)));
        facts.extend(told.facts);
        at += size;
    }
    (heard, notes, facts)
}

/// Frames at which a lane's own output is not silent.
pub(crate) fn onsets(channel: &[f32]) -> Vec<usize> {
    channel.iter().enumerate().filter(|(_, value)| **value != 0.0).map(|(frame, _)| frame).collect()
}
