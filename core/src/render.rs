//! Offline rendering through the realtime engine: previews, what the critic hears, exports, golden
//! tests. There is no second path of sound.
//!
//! Workers. Deterministic, bit for bit.

mod trim;

pub(crate) use trim::trim_of;

use crate::dsp::room::DECAY_S;
use crate::engine::{Engine, Enter, Levels, MixState, Outputs, Plan, PreparedSound, SongParts, Transport};
use crate::pattern::{Loop, LoopId, MAX_LANES};
use crate::units::{Bpm, SampleRate};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// What happens to sound that rings beyond the loop's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// It is added to the start, so that the file loops seamlessly; the file is exactly N bars.
    #[default]
    Wrap,
    /// It is kept after the N bars.
    Keep,
}

/// Frames that are rendered at once. No result depends on it.
const BLOCK: usize = 1024;

/// No tail is longer than this, in seconds.
const LONGEST_TAIL_S: f64 = 30.0;

/// Rendered sound. Left and right are of one length.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendering {
    /// Frames a second.
    pub rate: SampleRate,
    /// The left channel.
    pub left: Vec<f32>,
    /// The right channel.
    pub right: Vec<f32>,
}

impl Rendering {
    /// Length in frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.left.len()
    }

    /// The greatest absolute value of both channels, linear.
    #[must_use]
    pub fn peak(&self) -> f32 {
        self.left.iter().chain(&self.right).fold(0.0, |peak, value| peak.max(value.abs()))
    }
}

/// What to render.
#[derive(Clone, Debug)]
pub struct Take<'a> {
    /// The loop.
    pub pattern: &'a Loop,
    /// Its lanes' sounds, prepared for `rate`.
    pub sounds: &'a [Option<Arc<PreparedSound>>; MAX_LANES],
    /// At what levels they are played.
    pub levels: Levels,
    /// The mixer and the bus. `muted`, `bypassed` and `own_output` are not obeyed.
    pub mix: MixState,
    /// Frames a second.
    pub rate: SampleRate,
    /// Tempo.
    pub bpm: Bpm,
    /// How many bars of the loop's own meter; `None` is the loop once.
    pub bars: Option<u32>,
    /// Tails. With [`Tail::Wrap`] what is rendered is the loop as it sounds when it has been running
    /// for a while: what rings from its end is heard at its start, and cut there by the same hits.
    pub tail: Tail,
}

impl Take<'_> {
    /// The length of the bars in frames, without a kept tail: the nearest whole number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    pub fn frames(&self) -> usize {
        let grid = self.pattern.grid;
        let bars = self.bars.unwrap_or(u32::from(grid.bars));
        let beats = f64::from(bars) * grid.meter.bar_beats();
        (beats * self.bpm.frames_per_beat(self.rate)).round() as usize
    }

    /// The main output: lanes, levels, the bus, and the limiter where the mixer has it on.
    #[must_use]
    pub fn mix(&self) -> Rendering {
        self.finish(main_output(|take_block| self.play(false, take_block)))
    }

    /// Each lane by itself, with its level, pan, mute and solo and the output's level, before the bus and the
    /// limiter. The stems are of one length, line up frame by frame, and sum to the mix that is
    /// rendered with both off.
    #[must_use]
    pub fn stems(&self) -> Vec<Rendering> {
        let stems = lane_outputs(self.pattern.lanes().len(), |take_block| self.play(true, take_block));
        stems.into_iter().map(|stem| self.finish(stem)).collect()
    }

    /// One lane by itself, as in [`Take::stems`], but heard even where it is muted or another lane is
    /// in solo. Silence for a lane that the loop does not have.
    #[must_use]
    pub fn lane(&self, lane: usize) -> Rendering {
        let mut take = self.clone();
        for (index, mix) in take.mix.lanes.iter_mut().enumerate() {
            mix.solo = false;
            mix.mute = mix.mute && index != lane;
        }
        let frames = self.frames();
        take.stems().into_iter().nth(lane).unwrap_or_else(|| Rendering {
            rate: self.rate,
            left: vec![0.0; frames],
            right: vec![0.0; frames],
        })
    }

    fn finish(&self, channels: Channels) -> Rendering {
        Rendering { rate: self.rate, left: channels.left, right: channels.right }
    }

    /// Plays the take and hands over what belongs into it, block by block: the main output, the
    /// lanes' outputs, and which frames of them count.
    fn play(&self, split: bool, take_block: &mut TakeBlock<'_>) {
        self.play_plan(split, |plan| plan, 0.0, take_block);
    }

    /// The same of another plan from a position on, in quarter notes.
    fn play_plan(
        &self,
        split: bool,
        change: impl FnOnce(Plan) -> Plan,
        from: f64,
        take_block: &mut TakeBlock<'_>,
    ) {
        let mut engine = Engine::new(self.rate);
        engine.set_mix(MixState {
            muted: false,
            bypassed: false,
            own_output: [split; MAX_LANES],
            ..self.mix
        });
        let (id, sounds) = (LoopId::default(), self.sounds.clone());
        let plan = Plan::levelled(id, 0, Enter::Now, *self.pattern, sounds, self.levels);
        // A new engine has room for a plan.
        let _ = engine.offer(Box::new(change(plan)));
        let mut buffers = Buffers::new();
        let frames = self.frames();
        for pass in 0..=self.passes_before() {
            let counts = pass == self.passes_before();
            let mut at = 0;
            while at < frames {
                let block = BLOCK.min(frames - at);
                let pos = from + at as f64 / self.bpm.frames_per_beat(self.rate);
                let transport = Transport::at(pos, self.bpm, self.pattern.grid.meter);
                buffers.process(&mut engine, &transport, block);
                if counts {
                    take_block(&buffers.main, &buffers.lanes, 0..block);
                }
                at += block;
            }
        }
        if self.tail == Tail::Keep {
            let mut left = self.longest_tail();
            let mut room = self.room_tail();
            while left > 0 && (engine.meters().voices > 0 || room > 0) {
                let block = BLOCK.min(left);
                if engine.meters().voices == 0 {
                    room = room.saturating_sub(block);
                }
                buffers.process(&mut engine, &Transport::stopped(), block);
                take_block(&buffers.main, &buffers.lanes, 0..block);
                left -= block;
            }
        }
    }

    /// How often the loop runs before the pass that counts, so that all tails are there.
    fn passes_before(&self) -> usize {
        match self.tail {
            Tail::Keep => 0,
            Tail::Wrap => self.longest_tail().div_ceil(self.frames().max(1)),
        }
    }

    /// In frames.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    fn longest_tail(&self) -> usize {
        let longest = self.sounds.iter().flatten().map(|sound| sound.frames()).max().unwrap_or(0);
        (longest + self.room_tail()).min((LONGEST_TAIL_S * self.rate.hz()) as usize)
    }

    /// How long the room rings, in frames.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    fn room_tail(&self) -> usize {
        let sounds = !self.mix.bus.is_off() && self.mix.bus.room > 0.0;
        if sounds { (1.2 * DECAY_S * self.rate.hz()) as usize } else { 0 }
    }
}

/// An arrangement to render: bars of the song, each with what sounds in it.
#[derive(Clone, Debug)]
pub struct SongTake<'a> {
    /// The loop that is current, and how it is rendered; its own number of bars is not obeyed.
    pub take: Take<'a>,
    /// The sections and what sounds in which bar.
    pub song: &'a SongParts,
    /// The first bar of the song.
    pub from: i64,
    /// How many bars of the loop's meter.
    pub bars: u32,
}

impl SongTake<'_> {
    fn of_its_length(&self) -> Take<'_> {
        // Tails are as long as the longest sound of any section.
        let parts = self.song.parts.iter().map(|part| &part.sounds);
        let longest = |sounds: &&[Option<Arc<PreparedSound>>; MAX_LANES]| {
            sounds.iter().flatten().map(|sound| sound.frames()).max()
        };
        let sounds = parts.chain([self.take.sounds]).max_by_key(longest).unwrap_or(self.take.sounds);
        Take { bars: Some(self.bars), sounds, ..self.take.clone() }
    }

    /// The length in frames, without a kept tail: the nearest whole number.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.of_its_length().frames()
    }

    fn play(&self, split: bool, take_block: &mut TakeBlock<'_>) {
        let from = self.from as f64 * self.take.pattern.grid.meter.bar_beats();
        let take = self.of_its_length();
        take.play_plan(split, |plan| plan.with_song(self.song.clone()), from, take_block);
    }

    /// As [`Take::mix`].
    #[must_use]
    pub fn mix(&self) -> Rendering {
        self.take.finish(main_output(|take_block| self.play(false, take_block)))
    }

    /// As [`Take::stems`].
    #[must_use]
    pub fn stems(&self) -> Vec<Rendering> {
        let stems = lane_outputs(self.take.pattern.lanes().len(), |take_block| self.play(true, take_block));
        stems.into_iter().map(|stem| self.take.finish(stem)).collect()
    }
}

#[derive(Clone, Debug, Default)]
struct Channels {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Channels {
    fn extend(&mut self, from: &[Vec<f32>; 2], range: &Range<usize>) {
        for (to, from) in [&mut self.left, &mut self.right].into_iter().zip(from) {
            to.extend_from_slice(&from[range.clone()]);
        }
    }
}

/// Takes a block: the main output, the lanes' outputs, and which frames of them count.
type TakeBlock<'a> = dyn FnMut(&[Vec<f32>; 2], &[[Vec<f32>; 2]; MAX_LANES], Range<usize>) + 'a;

/// The main output of what `play` plays.
fn main_output(play: impl FnOnce(&mut TakeBlock<'_>)) -> Channels {
    let mut channels = Channels::default();
    play(&mut |main, _, range| channels.extend(main, &range));
    channels
}

/// The outputs of so many lanes of what `play` plays.
fn lane_outputs(lanes: usize, play: impl FnOnce(&mut TakeBlock<'_>)) -> Vec<Channels> {
    let mut outputs = vec![Channels::default(); lanes];
    play(&mut |_, from, range| {
        for (to, from) in outputs.iter_mut().zip(from) {
            to.extend(from, &range);
        }
    });
    outputs
}

struct Buffers {
    main: [Vec<f32>; 2],
    lanes: [[Vec<f32>; 2]; MAX_LANES],
}

impl Buffers {
    fn new() -> Self {
        let pair = || [vec![0.0; BLOCK], vec![0.0; BLOCK]];
        Self { main: pair(), lanes: std::array::from_fn(|_| pair()) }
    }

    fn process(&mut self, engine: &mut Engine, transport: &Transport, frames: usize) {
        let [left, right] = &mut self.main;
        let mut lanes = self.lanes.iter_mut();
        let mut out = Outputs {
            main: [&mut left[..frames], &mut right[..frames]],
            lanes: std::array::from_fn(|_| {
                lanes.next().map(|[left, right]| [&mut left[..frames], &mut right[..frames]])
            }),
        };
        engine.process(transport, &[], &mut out, &mut ());
    }
}
