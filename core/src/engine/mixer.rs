//! From lanes to outputs: gains that glide, the sum, and the limiter.
//!
//! Audio thread. Everything advances frame by frame, so that results do not depend on block sizes.

use super::mix::MixState;
use super::voices::CHUNK;
use crate::pattern::MAX_LANES;
use crate::units::SampleRate;
use std::f32::consts::FRAC_PI_4;

/// How long a gain takes to a new value, and how long a cut sound fades.
pub(super) const GLIDE_S: f64 = 0.005;

/// A gain that glides linearly to its target.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Glide {
    target: f32,
    /// What it changes by in one frame.
    step: f32,
    /// Frames until the target is reached.
    left: u32,
}

impl Glide {
    /// A new target, reached after `frames`; 0 is at once.
    fn aim(&mut self, target: f32, frames: u32) {
        let target = if target.is_finite() { target } else { 0.0 };
        if frames == 0 {
            *self = Self { target, step: 0.0, left: 0 };
        } else if target != self.target {
            let now = self.at(0);
            *self = Self { target, step: (target - now) / frames as f32, left: frames };
        }
    }

    /// The value `frame` frames from now.
    fn at(&self, frame: usize) -> f32 {
        let left = (self.left as usize).saturating_sub(frame);
        self.target - self.step * left as f32
    }

    fn advance(&mut self, frames: usize) {
        self.left = self.left.saturating_sub(frames as u32);
    }

    /// Multiplies a stretch of sound that begins now. Does not advance.
    fn apply(&self, buffer: &mut [f32]) {
        if self.left == 0 {
            if self.target != 1.0 {
                buffer.iter_mut().for_each(|value| *value *= self.target);
            }
        } else {
            for (frame, value) in buffer.iter_mut().enumerate() {
                *value *= self.at(frame);
            }
        }
    }
}

/// The gains of all lanes and of the output.
#[derive(Clone, Debug)]
pub(super) struct Mixer {
    lanes: [[Glide; 2]; MAX_LANES],
    output: Glide,
    glide_frames: u32,
}

impl Mixer {
    pub fn new(rate: SampleRate) -> Self {
        Self {
            lanes: Default::default(),
            output: Glide::default(),
            glide_frames: (rate.hz() * GLIDE_S) as u32,
        }
    }

    /// New settings; `at_once` without a glide.
    pub fn aim(&mut self, mix: &MixState, at_once: bool) {
        let frames = if at_once { 0 } else { self.glide_frames };
        for (index, (lane, gains)) in mix.lanes.iter().zip(&mut self.lanes).enumerate() {
            let level = if mix.is_audible(index) { lane.level.gain().min(MAX_GAIN) } else { 0.0 };
            for (gain, pan) in gains.iter_mut().zip(pan_gains(lane.pan)) {
                gain.aim(level * pan, frames);
            }
        }
        self.output.aim(mix.output.gain().min(MAX_GAIN), frames);
    }

    /// Applies a lane's level and pan to its bus, and the output's level; gives the bus's peak.
    pub fn lane(&self, lane: usize, bus: &mut [[f32; CHUNK]; 2], frames: usize) -> f32 {
        let mut peak = 0.0f32;
        for (gain, channel) in self.lanes[lane].iter().zip(bus) {
            let channel = &mut channel[..frames];
            gain.apply(channel);
            self.output.apply(channel);
            peak = channel.iter().fold(peak, |peak, value| peak.max(value.abs()));
        }
        peak
    }

    pub fn advance(&mut self, frames: usize) {
        self.lanes.iter_mut().flatten().for_each(|gain| gain.advance(frames));
        self.output.advance(frames);
    }
}

/// +12 dB, the top of every level control.
const MAX_GAIN: f32 = 3.981_071_7;

/// Left and right gain of a pan position −1 to 1: constant power, 1 in the middle and √2 at the sides.
fn pan_gains(pan: f32) -> [f32; 2] {
    let pan = if pan.is_finite() { pan.clamp(-1.0, 1.0) } else { 0.0 };
    let side = |pan: f32| {
        if pan <= -1.0 {
            0.0
        } else if pan == 0.0 {
            1.0
        } else {
            std::f32::consts::SQRT_2 * ((pan + 1.0) * FRAC_PI_4).sin()
        }
    };
    [side(-pan), side(pan)]
}

/// What the limiter lets through at most: −0.1 dBFS.
pub(super) const CEILING: f32 = 0.988_553_1;
/// How long the limiter takes to forget 63 % of a reduction.
const RELEASE_S: f64 = 0.06;

/// A safety limiter without latency: the gain drops within the very frame that would be too loud and
/// recovers slowly, for both channels together. While nothing is too loud it changes no bit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limiter {
    /// 1 − gain. Kept as such because it decays to an exact 0.
    reduction: f32,
    keep: f32,
}

impl Limiter {
    pub fn new(rate: SampleRate) -> Self {
        Self { reduction: 0.0, keep: (-1.0 / (RELEASE_S * rate.hz())).exp() as f32 }
    }

    pub fn reset(&mut self) {
        self.reduction = 0.0;
    }

    pub fn gain(&self) -> f32 {
        1.0 - self.reduction
    }

    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (left, right) in left.iter_mut().zip(right) {
            let peak = left.abs().max(right.abs());
            self.reduction *= self.keep;
            if self.reduction < 1e-5 {
                self.reduction = 0.0;
            }
            if peak * self.gain() > CEILING {
                self.reduction = 1.0 - CEILING / peak;
            }
            if self.reduction > 0.0 {
                *left = (*left * self.gain()).clamp(-CEILING, CEILING);
                *right = (*right * self.gain()).clamp(-CEILING, CEILING);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limiter_changes_no_bit_below_its_ceiling() {
        let mut limiter = Limiter::new(SampleRate::STUDIO);
        let source: Vec<f32> = (0..2000).map(|n| (n as f32 * 0.37).sin() * 0.98).collect();
        let (mut left, mut right) = (source.clone(), source.clone());
        limiter.process(&mut left, &mut right);
        assert_eq!((left, right), (source.clone(), source));
    }

    #[test]
    fn nothing_leaves_the_limiter_above_its_ceiling_and_it_recovers_to_exactly_one() {
        let mut limiter = Limiter::new(SampleRate::STUDIO);
        let mut left: Vec<f32> = (0..4800).map(|n| (n as f32 * 0.05).sin() * 9.0).collect();
        let mut right = vec![f32::MAX; 4800];
        limiter.process(&mut left, &mut right);
        assert!(left.iter().chain(&right).all(|value| value.abs() <= CEILING));
        limiter.process(&mut [0.1; 48_000], &mut [0.1; 48_000]);
        assert_eq!(limiter.gain(), 1.0);
    }

    #[test]
    fn pan_keeps_power_and_is_exact_at_the_middle_and_the_sides() {
        assert_eq!(pan_gains(0.0), [1.0, 1.0]);
        assert_eq!(pan_gains(-1.0)[1], 0.0);
        assert_eq!(pan_gains(1.0)[0], 0.0);
        for pan in [-0.8f32, -0.3, 0.1, 0.6] {
            let [left, right] = pan_gains(pan);
            assert!((left * left + right * right - 2.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_glide_takes_the_same_values_in_one_piece_and_in_many() {
        let mut whole = Glide::default();
        whole.aim(1.0, 0);
        whole.aim(0.25, 240);
        let mut parts = whole;
        let mut a = [1.0f32; 300];
        whole.apply(&mut a);
        let mut b = [1.0f32; 300];
        for chunk in b.chunks_mut(7) {
            parts.apply(chunk);
            parts.advance(chunk.len());
        }
        assert_eq!(a, b);
        assert_eq!(a[299], 0.25);
    }
}
