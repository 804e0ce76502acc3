//! Making a prepared sound: takes are brought to the engine's rate, tuned, shaped and widened, in layers from
//! hard to soft.
//!
//! Worker. The order: pitch, start, filters, transient, drive, envelope, width, layers, delay. What is
//! neutral is passed over, so that a sound without shaping is what [`PreparedSound::prepare`] makes of it.

use super::resample::Resampler;
use super::shape::LaneShape;
use super::sound::{LAYERS, PreparedSound, Wave};
use crate::dsp::biquad::{BUTTERWORTH, Biquad};
use crate::dsp::saturation::{self, Saturation};
use crate::dsp::{decorrelate, envelope, loudness};
use crate::kit::Audio;
use crate::units::SampleRate;

/// The low-pass of a hit of velocity 0 with the greatest darkening; each layer lies between it and
/// [`HARD_HZ`].
const SOFT_HZ: f64 = 1_500.0;
const HARD_HZ: f64 = 18_000.0;
/// The velocity that stands for each softer layer, 0 to 1.
const LAYER_VELOCITY: [f64; LAYERS - 1] = [0.4];
/// Below this a sound of two channels counts as mono: side against middle, as a power.
const MONO: f64 = 1e-4;
/// The *Q* that a full resonance has: 18 dB.
const MOST_Q: f64 = 7.9;

/// What is made of a sound for a lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Making {
    /// −24 to 24 semitones.
    pub tune_semitones: f32,
    /// The lane's shaping.
    pub shape: LaneShape,
    /// How wide the place of its role is, 0 to 1; [`LaneShape::width`] is added.
    pub width: f32,
    /// Which of several ways a mono sound is widened in.
    pub turn: u8,
}

impl Making {
    /// Tuned, and otherwise as it is.
    #[must_use]
    pub fn plain(tune_semitones: f32) -> Self {
        Self { tune_semitones, shape: LaneShape::NEUTRAL, width: 0.0, turn: 0 }
    }

    /// What it depends on, to know one that was made already. What is in the plan and not in the sound is left
    /// out.
    #[must_use]
    pub fn bits(&self) -> [u32; 18] {
        let LaneShape {
            start_ms,
            attack_ms,
            hold_ms,
            decay_ms,
            pitch_env_semitones,
            pitch_env_ms,
            high_pass_hz,
            low_pass_hz,
            resonance,
            drive,
            transient,
            width,
            room: _,
            delay_ms,
            swing_percent: _,
            velocity_tone,
            takes,
        } = self.shape;
        let numbers = [
            (self.tune_semitones * 100.0).round(),
            self.width,
            start_ms,
            attack_ms,
            hold_ms,
            decay_ms,
            pitch_env_semitones,
            pitch_env_ms,
            high_pass_hz,
            low_pass_hz,
            resonance,
            drive,
            transient,
            width,
            delay_ms,
            velocity_tone,
            f32::from(takes),
            f32::from(self.turn),
        ];
        // Both zeros are one.
        numbers.map(|number| (number + 0.0).to_bits())
    }

    /// Makes a sound of its takes, at most as many as the shape says; of none it is silence.
    #[must_use]
    pub fn make(&self, takes: &[impl std::borrow::Borrow<Audio>], rate: SampleRate) -> PreparedSound {
        let making = Self { shape: self.shape.sanitized(), ..*self };
        let layers = if making.shape.velocity_tone > 0.0 { LAYERS } else { 1 };
        let mut waves = Vec::new();
        let mut powers = Vec::new();
        let mut resampler = Resampler::new(1.0);
        for take in takes.iter().take(making.shape.takes.into()) {
            let channels = making.channels(take.borrow(), rate, &mut resampler);
            if powers.is_empty() {
                let right = channels.get(1).unwrap_or(&channels[0]);
                powers = loudness::powers(&channels[0], right, rate.hz());
            }
            for layer in 0..layers {
                let mut of = channels.clone();
                if let Some(velocity) = layer.checked_sub(1).map(|at| LAYER_VELOCITY[at]) {
                    let open = 1.0 - f64::from(making.shape.velocity_tone) * (1.0 - velocity);
                    let hz = SOFT_HZ * (HARD_HZ / SOFT_HZ).powf(open);
                    let soft = Biquad::low_pass(hz, BUTTERWORTH, rate.hz());
                    of.iter_mut().for_each(|channel| soft.filter(channel));
                }
                let delay = (f64::from(making.shape.delay_ms) * 1e-3 * rate.hz()).round() as usize;
                if delay > 0 {
                    of.iter_mut()
                        .for_each(|channel| drop(channel.splice(0..0, std::iter::repeat_n(0.0, delay))));
                }
                let mut of = of.into_iter();
                waves.push(Wave::new(of.next().unwrap_or_default(), of.next()));
            }
        }
        PreparedSound::of_waves(waves, layers as u8, powers)
    }

    /// One take, shaped: one channel or two of one length. The resampler is that of the take before, which mostly
    /// serves this one too.
    fn channels(&self, audio: &Audio, rate: SampleRate, resampler: &mut Resampler) -> Vec<Vec<f32>> {
        let shape = &self.shape;
        let hz = rate.hz();
        let semitones = f64::from(self.tune_semitones.clamp(-24.0, 24.0));
        let speed = audio.rate.hz() / hz * 2f64.powf(semitones / 12.0);
        let more = f64::from(shape.pitch_env_semitones);
        let fastest = speed * 2f64.powf(more.max(0.0) / 12.0);
        if resampler.fastest() != fastest {
            *resampler = Resampler::new(fastest);
        }
        let resampled = |channel: &Vec<f32>| {
            if more == 0.0 {
                resampler.resampled(channel)
            } else {
                let fall = f64::from(shape.pitch_env_ms) * 1e-3 * hz;
                let at = |frame: usize| speed * 2f64.powf(more / 12.0 * (-(frame as f64) / fall).exp());
                resampler.glided(channel, at)
            }
        };
        let mut channels: Vec<Vec<f32>> =
            std::iter::once(&audio.left).chain(&audio.right).map(resampled).collect();
        if let [left, right] = channels.as_mut_slice() {
            right.resize(left.len(), 0.0);
        }
        for value in channels.iter_mut().flatten().filter(|value| !value.is_finite()) {
            *value = 0.0;
        }
        let start = (f64::from(shape.start_ms) * 1e-3 * hz) as usize;
        if start > 0 {
            channels.iter_mut().for_each(|channel| drop(channel.drain(..start.min(channel.len()))));
        }
        let q = BUTTERWORTH * (MOST_Q / BUTTERWORTH).powf(f64::from(shape.resonance));
        if shape.high_pass_hz > LaneShape::NO_HIGH_PASS_HZ {
            let filter = Biquad::high_pass(shape.high_pass_hz.into(), q, hz);
            channels.iter_mut().for_each(|channel| filter.filter(channel));
        }
        if shape.low_pass_hz < LaneShape::NO_LOW_PASS_HZ {
            let filter = Biquad::low_pass(shape.low_pass_hz.into(), q, hz);
            channels.iter_mut().for_each(|channel| filter.filter(channel));
        }
        if shape.transient != 0.0 {
            envelope::transient(&mut channels.iter_mut().collect::<Vec<_>>(), shape.transient, hz);
        }
        if shape.drive > 0.0 {
            drive(&mut channels, shape.drive);
        }
        let decays = shape.decay_ms < LaneShape::NO_DECAY_MS;
        if shape.attack_ms > 0.0 || decays {
            let [attack, hold, decay] = [shape.attack_ms, shape.hold_ms, shape.decay_ms]
                .map(|ms| (f64::from(ms) * 1e-3 * hz) as usize);
            let mut of: Vec<_> = channels.iter_mut().collect();
            envelope::shape(&mut of, attack, hold, decays.then_some(decay));
        }
        self.widened(channels, hz)
    }

    /// In its width. What is mono gets a side of its own; the side of what has one is brought up or down.
    fn widened(&self, mut channels: Vec<Vec<f32>>, hz: f64) -> Vec<Vec<f32>> {
        let wanted = (self.width + self.shape.width).clamp(-1.0, 1.0);
        if wanted == 0.0 {
            return channels;
        }
        if let [left, right] = channels.as_slice() {
            let (middle, side) = left.iter().zip(right).fold((0.0f64, 0.0f64), |(m, s), (&l, &r)| {
                let (l, r) = (f64::from(l), f64::from(r));
                (m + (l + r) * (l + r), s + (l - r) * (l - r))
            });
            if side > MONO * middle {
                // What lies at the sides already is left there, or brought up to what is wanted, at most
                // doubled.
                let has = (side / middle.max(1e-30)).sqrt() as f32;
                let gain = if wanted < 0.0 { 1.0 + wanted } else { (wanted / has).clamp(1.0, 2.0) };
                if let [left, right] = channels.as_mut_slice() {
                    for (left, right) in left.iter_mut().zip(right) {
                        let (middle, side) = (0.5 * (*left + *right), 0.5 * (*left - *right) * gain);
                        (*left, *right) = (middle + side, middle - side);
                    }
                }
                return channels;
            }
        }
        if wanted < 0.0 {
            return channels;
        }
        let Some(middle) = channels.into_iter().next() else { return Vec::new() };
        let side = decorrelate::side(&middle, hz, self.turn);
        let with = |sign: f32| middle.iter().zip(&side).map(|(m, s)| m + sign * wanted * s).collect();
        vec![with(1.0), with(-1.0)]
    }
}

/// Saturates a whole sound. The frames by which the oversampling is late are cut off before and appended
/// behind, so that the attack stays where it is.
fn drive(channels: &mut [Vec<f32>], drive: f32) {
    /// Group delay of both half-band filters at low frequencies, in frames.
    const LATE: usize = 3;
    let (knee, mut saturation) = (saturation::knee(drive), Saturation::new());
    let makeup = saturation::makeup(knee);
    let frames = channels.first().map_or(0, Vec::len);
    let mut out = channels.to_vec();
    for at in 0..frames + LATE {
        let of = |channel: usize| channels.get(channel).and_then(|channel| channel.get(at)).copied();
        let left = of(0).unwrap_or(0.0);
        let frame = saturation.run([left, of(1).unwrap_or(left)], knee, 1.0 / knee);
        if let Some(to) = at.checked_sub(LATE) {
            for (channel, value) in out.iter_mut().zip(frame) {
                channel[to] = value * makeup;
            }
        }
    }
    for (channel, out) in channels.iter_mut().zip(out) {
        *channel = out;
    }
}

#[cfg(test)]
mod tests;
