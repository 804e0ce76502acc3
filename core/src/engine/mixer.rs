//! From lanes to outputs: gains that glide.
//!
//! Audio thread. Everything advances frame by frame, so that results do not depend on block sizes.

use super::levels::pan_gains;
use super::mix::MixState;
use super::voices::CHUNK;
use crate::pattern::MAX_LANES;
use crate::units::SampleRate;

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
    pub(super) fn aim(&mut self, target: f32, frames: u32) {
        let target = if target.is_finite() { target } else { 0.0 };
        if frames == 0 {
            *self = Self { target, step: 0.0, left: 0 };
        } else if target != self.target {
            let now = self.at(0);
            *self = Self { target, step: (target - now) / frames as f32, left: frames };
        }
    }

    /// The value `frame` frames from now.
    pub(super) fn at(&self, frame: usize) -> f32 {
        let left = (self.left as usize).saturating_sub(frame);
        self.target - self.step * left as f32
    }

    pub(super) fn advance(&mut self, frames: usize) {
        self.left = self.left.saturating_sub(frames as u32);
    }

    /// Whether it is there and stays.
    pub(super) fn rests_at(&self, value: f32) -> bool {
        self.left == 0 && self.target == value
    }

    /// Multiplies a stretch of sound that begins now. Does not advance.
    pub(super) fn apply(&self, buffer: &mut [f32]) {
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
    pub(super) fn new(rate: SampleRate) -> Self {
        Self {
            lanes: Default::default(),
            output: Glide::default(),
            glide_frames: (rate.hz() * GLIDE_S) as u32,
        }
    }

    /// New settings; `at_once` without a glide.
    pub(crate) fn aim(&mut self, mix: &MixState, at_once: bool) {
        let frames = if at_once { 0 } else { self.glide_frames };
        for (index, (lane, gains)) in mix.lanes.iter().zip(&mut self.lanes).enumerate() {
            let level = if mix.is_audible(index) { lane.level.gain().min(MAX_GAIN) } else { 0.0 };
            for (gain, pan) in gains.iter_mut().zip(pan_gains(lane.pan)) {
                gain.aim(level * pan, frames);
            }
        }
        // Voices fade by themselves; what rings in the bus is behind them.
        let output = if mix.notes_only { 0.0 } else { mix.output.gain().min(MAX_GAIN) };
        self.output.aim(output, frames);
    }

    /// Applies a lane's level and pan to its bus, and, where nothing follows it, the output's level; gives the
    /// bus's peak.
    pub(super) fn lane(&self, lane: usize, bus: &mut [[f32; CHUNK]; 2], frames: usize, is_last: bool) -> f32 {
        let mut peak = 0.0f32;
        for (gain, channel) in self.lanes[lane].iter().zip(bus) {
            let channel = &mut channel[..frames];
            gain.apply(channel);
            if is_last {
                self.output.apply(channel);
            }
            peak = channel.iter().fold(peak, |peak, value| peak.max(value.abs()));
        }
        peak
    }

    /// Applies the output's level to what comes from the bus.
    pub(super) fn output(&self, channel: &mut [f32]) {
        self.output.apply(channel);
    }

    pub(crate) fn advance(&mut self, frames: usize) {
        self.lanes.iter_mut().flatten().for_each(|gain| gain.advance(frames));
        self.output.advance(frames);
    }
}

/// +12 dB, the top of every level control.
const MAX_GAIN: f32 = 3.981_071_7;

/// What the limiter lets through at most: −0.1 dBFS.
pub(super) const CEILING: f32 = 0.988_553_1;
#[cfg(test)]
mod tests {
    use super::*;

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
