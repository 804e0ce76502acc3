//! What a voice reads: a one-shot at the engine's rate, in takes and layers.
//!
//! Built on a worker, read on the audio thread. Nothing here changes after it was built.

use super::resample::Resampler;
use crate::kit::Audio;
use crate::units::SampleRate;

/// Layers of a take, for hits from hard to soft.
pub const LAYERS: usize = 2;

/// The least velocity of each layer but the last, 0 to 1.
const LAYER_FROM: [f32; LAYERS - 1] = [0.65];

/// Length of the fade that a sound gets which ends abruptly.
const END_FADE_FRAMES: usize = 64;

/// Length of one stretch of a sound's coarse envelope, in frames.
const ENVELOPE_FRAMES: usize = 1024;

/// One layer of one take. Finite, without denormal values, and ending in silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Wave {
    left: Vec<f32>,
    right: Option<Vec<f32>>,
}

impl Wave {
    /// Values that are not finite become 0, and so does what lies below −180 dBFS; trailing silence is cut.
    /// More than 256 frames that end abruptly get a fade of the last 64. A right channel of another length is
    /// brought to the left one's.
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
        Self { left, right }
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

    fn peak(&self, from: usize, to: usize) -> f32 {
        let peak = |channel: &[f32]| channel[from..to].iter().fold(0.0f32, |peak, v| peak.max(v.abs()));
        peak(&self.left).max(self.right.as_deref().map_or(0.0, peak))
    }

    fn values(&self) -> usize {
        self.left.len() + self.right.as_ref().map_or(0, Vec::len)
    }
}

/// A one-shot at the engine's rate, tuned and shaped already: the audio thread plays it frame by frame,
/// without interpolation. It has one to four takes, played in turn, each in one layer or in [`LAYERS`] from
/// hard to soft.
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedSound {
    /// Take by take, hard to soft; never empty.
    waves: Box<[Wave]>,
    layers: u8,
    /// Peak of each stretch of [`ENVELOPE_FRAMES`] of the first take, to find the quietest voice.
    envelope: Vec<f32>,
    /// See [`PreparedSound::powers`].
    powers: Box<[f32]>,
}

impl PreparedSound {
    /// One take in one layer, at the engine's rate already; see [`Wave::new`].
    #[must_use]
    pub fn new(left: Vec<f32>, right: Option<Vec<f32>>) -> Self {
        Self::of_waves(vec![Wave::new(left, right)], 1, Vec::new())
    }

    /// Takes of equally many layers each, hard to soft. Without any wave it is silence.
    pub(super) fn of_waves(mut waves: Vec<Wave>, layers: u8, powers: Vec<f32>) -> Self {
        if waves.is_empty() {
            waves.push(Wave { left: Vec::new(), right: None });
        }
        let frames = waves[0].frames();
        let envelope = (0..frames.div_ceil(ENVELOPE_FRAMES))
            .map(|stretch| {
                let from = stretch * ENVELOPE_FRAMES;
                waves[0].peak(from, (from + ENVELOPE_FRAMES).min(frames))
            })
            .collect();
        Self { waves: waves.into(), layers: layers.max(1), envelope, powers: powers.into() }
    }

    /// Brings a decoded one-shot to the engine's rate and tunes it by `semitones`, −24 to 24, by
    /// playing it faster or slower.
    #[must_use]
    pub fn prepare(audio: &Audio, rate: SampleRate, semitones: f32) -> Self {
        let speed = audio.rate.hz() / rate.hz() * 2f64.powf(f64::from(semitones.clamp(-24.0, 24.0)) / 12.0);
        let mut resampler = Resampler::new(speed);
        Self::new(
            resampler.resampled(&audio.left),
            audio.right.as_deref().map(|right| resampler.resampled(right)),
        )
    }

    /// Length of the longest take in frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.waves.iter().map(Wave::frames).max().unwrap_or(0)
    }

    /// The left channel, or the only one, of the first take as it is struck at full velocity.
    #[must_use]
    pub fn left(&self) -> &[f32] {
        self.waves[0].left()
    }

    /// The right channel of the same; the left one again where the sound is mono.
    #[must_use]
    pub fn right(&self) -> &[f32] {
        self.waves[0].right()
    }

    /// K-weighted mean squares (ITU-R BS.1770-5) of the first take at full velocity, one each 10 ms; none of a
    /// sound that was not measured.
    #[must_use]
    pub(crate) fn powers(&self) -> &[f32] {
        &self.powers
    }

    /// How many takes there are.
    #[must_use]
    pub fn takes(&self) -> usize {
        self.waves.len() / usize::from(self.layers)
    }

    /// The take of the `nth` hit.
    pub(super) fn take(&self, nth: u32) -> u8 {
        (nth as usize % self.takes().max(1)) as u8
    }

    /// The layer of a velocity of 0 to 1.
    pub(super) fn layer(&self, velocity: f32) -> u8 {
        let softer = LAYER_FROM.iter().filter(|&&from| velocity < from).count() as u8;
        softer.min(self.layers - 1)
    }

    /// What is played of the `nth` hit, of a velocity of 0 to 1.
    #[must_use]
    pub(crate) fn struck(&self, velocity: f32, nth: u32) -> &Wave {
        self.wave(self.take(nth), self.layer(velocity))
    }

    /// What is played of a take and a layer.
    #[must_use]
    pub fn wave(&self, take: u8, layer: u8) -> &Wave {
        let at = usize::from(take) * usize::from(self.layers) + usize::from(layer);
        &self.waves[at.min(self.waves.len() - 1)]
    }

    /// The peak of the stretch around a frame; 0 beyond the end.
    pub(crate) fn peak_near(&self, frame: usize) -> f32 {
        self.envelope.get(frame / ENVELOPE_FRAMES).copied().unwrap_or(0.0)
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.waves.iter().map(Wave::values).sum::<usize>() * size_of::<f32>()
    }
}
