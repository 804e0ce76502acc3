//! What the engine plays: a loop with its sounds, all made ready on a worker.
//!
//! Built on a worker, read on the audio thread. Nothing here changes after it was built.

use super::resample;
use crate::kit::Audio;
use crate::pattern::{Loop, LoopId, MAX_BARS, MAX_LANES};
use crate::units::SampleRate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// When the next loop enters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enter {
    /// At the next bar line of the host.
    #[default]
    NextBar,
    /// When the current loop has played to its end.
    LoopEnd,
    /// At the next beat.
    Beat,
    /// At once.
    Now,
}

/// A one-shot at the engine's rate, tuned already: the audio thread plays it frame by frame, without
/// interpolation. Finite, without denormal values, and ending in silence.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedSound {
    left: Vec<f32>,
    right: Option<Vec<f32>>,
    /// Peak of each stretch of [`ENVELOPE_FRAMES`], to find the quietest voice.
    envelope: Vec<f32>,
}

/// Length of the fade that a sound gets which ends abruptly.
const END_FADE_FRAMES: usize = 64;

/// Length of one stretch of a sound's coarse envelope, in frames.
const ENVELOPE_FRAMES: usize = 1024;

impl PreparedSound {
    /// A sound that is at the engine's rate already. Values that are not finite become 0, and so does
    /// what lies below −180 dBFS; trailing silence is cut. A sound of more than 256
    /// frames that ends abruptly gets a fade of its last 64. A right channel of another length is brought to the left one's.
    #[must_use]
    pub fn new(mut left: Vec<f32>, mut right: Option<Vec<f32>>) -> Self {
        if let Some(right) = &mut right {
            right.resize(left.len(), 0.0);
        }
        for value in left.iter_mut().chain(right.iter_mut().flatten()) {
            if !value.is_finite() || value.abs() < 1e-9 {
                *value = 0.0;
            }
        }
        let used = |channel: &[f32]| channel.iter().rposition(|&value| value != 0.0).map_or(0, |at| at + 1);
        let frames = used(&left).max(right.as_deref().map_or(0, used));
        left.truncate(frames);
        if let Some(right) = &mut right {
            right.truncate(frames);
        }
        for channel in [Some(&mut left), right.as_mut()].into_iter().flatten() {
            if channel.len() > 4 * END_FADE_FRAMES && channel.last().is_some_and(|last| last.abs() > 1e-4) {
                for (left_over, value) in channel.iter_mut().rev().take(END_FADE_FRAMES).enumerate() {
                    *value *= left_over as f32 / END_FADE_FRAMES as f32;
                }
            }
        }
        let envelope = (0..frames.div_ceil(ENVELOPE_FRAMES))
            .map(|stretch| {
                let from = stretch * ENVELOPE_FRAMES;
                let to = (from + ENVELOPE_FRAMES).min(frames);
                let peak =
                    |channel: &[f32]| channel[from..to].iter().fold(0.0f32, |peak, v| peak.max(v.abs()));
                peak(&left).max(right.as_deref().map_or(0.0, peak))
            })
            .collect();
        Self { left, right, envelope }
    }

    /// Brings a decoded one-shot to the engine's rate and tunes it by `semitones`, −24 to 24, by
    /// playing it faster or slower.
    #[must_use]
    pub fn prepare(audio: &Audio, rate: SampleRate, semitones: f32) -> Self {
        let speed = audio.rate.hz() / rate.hz() * 2f64.powf(f64::from(semitones.clamp(-24.0, 24.0)) / 12.0);
        Self::new(
            resample::resampled(&audio.left, speed),
            audio.right.as_deref().map(|right| resample::resampled(right, speed)),
        )
    }

    /// Length in frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.left.len()
    }

    /// The left channel, or the only one.
    #[must_use]
    pub fn left(&self) -> &[f32] {
        &self.left
    }

    /// The right channel; the left one again where the sound is mono.
    #[must_use]
    pub fn right(&self) -> &[f32] {
        self.right.as_deref().unwrap_or(&self.left)
    }

    /// The peak of the stretch around a frame; 0 beyond the end.
    pub(crate) fn peak_near(&self, frame: usize) -> f32 {
        self.envelope.get(frame / ENVELOPE_FRAMES).copied().unwrap_or(0.0)
    }
}

/// A hit with its time, ready to be played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// Quarter notes from the start of its bar; negative where it sounds before the bar begins.
    pub beats: f64,
    /// Its lane.
    pub lane: u8,
    /// 1 to 127.
    pub velocity: u8,
}

/// A loop with its sounds and the moment when it may enter. About 10 kB without its sounds.
#[derive(Debug)]
pub struct Plan {
    /// The loop's identity: facts about what was heard carry it.
    pub id: LoopId,
    /// Grows with every plan that the worker makes.
    pub serial: u64,
    /// When it enters, unless it replaces a plan of the same loop.
    pub enter: Enter,
    pattern: Loop,
    sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    /// Hits within each bar, in the order of time.
    pub(super) within: [Box<[Event]>; MAX_BARS],
    /// Hits of each bar that sound before it begins.
    pub(super) early: [Box<[Event]>; MAX_BARS],
}

impl Plan {
    /// Builds a plan. A lane without a sound plays notes only.
    #[must_use]
    pub fn new(
        id: LoopId,
        serial: u64,
        enter: Enter,
        pattern: Loop,
        sounds: [Option<Arc<PreparedSound>>; MAX_LANES],
    ) -> Self {
        let events = |bar: usize, early: bool| -> Box<[Event]> {
            let steps = usize::from(pattern.grid.steps_per_bar);
            let mut events: Vec<Event> = Vec::new();
            if bar < usize::from(pattern.grid.bars) {
                for (lane, of) in pattern.lanes().iter().enumerate() {
                    for (step, hit) in of.iter().filter(|(step, _)| step / steps == bar) {
                        let beats = pattern.beat_in_bar(step, hit);
                        if (beats < 0.0) == early {
                            events.push(Event { beats, lane: lane as u8, velocity: hit.velocity.min(127) });
                        }
                    }
                }
            }
            // Of two hits at one time the upper lane comes last, so that it is the one that chokes.
            events.sort_by(|a, b| a.beats.total_cmp(&b.beats).then(b.lane.cmp(&a.lane)));
            events.into_boxed_slice()
        };
        Self {
            id,
            serial,
            enter,
            pattern,
            sounds,
            within: std::array::from_fn(|bar| events(bar, false)),
            early: std::array::from_fn(|bar| events(bar, true)),
        }
    }

    /// The loop.
    #[must_use]
    pub fn pattern(&self) -> &Loop {
        &self.pattern
    }

    /// A lane's sound.
    #[must_use]
    pub fn sound(&self, lane: usize) -> Option<&Arc<PreparedSound>> {
        self.sounds.get(lane).and_then(Option::as_ref)
    }
}
