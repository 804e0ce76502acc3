//! From voices to the host's buffers.
//!
//! Audio thread.

use super::voices::CHUNK;
use super::{Engine, Plan};
use crate::pattern::MAX_LANES;

/// The buffers that [`Engine::process`] writes. All are overwritten; all have the block's length.
#[derive(Debug)]
pub struct Outputs<'a> {
    /// Left and right of the main output. Their length is the length of the block.
    pub main: [&'a mut [f32]; 2],
    /// Left and right of each lane's own output, where the host has connected it. A lane is written
    /// there instead of to the main output when [`MixState::own_output`](super::MixState::own_output) says so.
    pub lanes: [Option<[&'a mut [f32]; 2]>; MAX_LANES],
}

impl<'a> Outputs<'a> {
    /// Only the main output.
    #[must_use]
    pub fn main(left: &'a mut [f32], right: &'a mut [f32]) -> Self {
        Self { main: [left, right], lanes: [const { None }; MAX_LANES] }
    }
}

impl Engine {
    /// Writes the frames `from..to` of all outputs.
    pub(super) fn mix_frames(&mut self, from: usize, to: usize, out: &mut Outputs<'_>) {
        let mut at = from;
        while at < to {
            let frames = (to - at).min(CHUNK);
            self.mix_chunk(at, frames, out);
            at += frames;
        }
        self.notes.advance(to - from);
    }

    fn mix_chunk(&mut self, at: usize, frames: usize, out: &mut Outputs<'_>) {
        for bus in self.buses.iter_mut().flatten() {
            bus[..frames].fill(0.0);
        }
        let written = self.voices.render(&mut self.slots, &mut self.buses, frames);
        let [left, right] = &mut out.main;
        let main = [&mut left[at..at + frames], &mut right[at..at + frames]];
        let [left, right] = main;
        left.fill(0.0);
        right.fill(0.0);
        let by_bus = self.bus.is_on();
        let kicks = self.slots.current_plan().map_or(0, Plan::kicks);
        if by_bus {
            self.sum.clear(frames);
        }
        for (lane, own) in out.lanes.iter_mut().enumerate() {
            let bus = &mut self.buses[lane];
            let sounds = written & (1 << lane) != 0;
            let goes_own = own.is_some() && self.mix.own_output[lane];
            let to_bus = by_bus && !goes_own;
            if sounds {
                let peak = self.mixer.lane(lane, bus, frames, !to_bus);
                self.meters.lane_peaks[lane] = self.meters.lane_peaks[lane].max(peak);
            }
            if let Some(own) = own {
                for (channel, bus) in own.iter_mut().zip(bus.iter()) {
                    let end = (at + frames).min(channel.len());
                    let to = &mut channel[at.min(end)..end];
                    if goes_own {
                        to.copy_from_slice(&bus[..to.len()]);
                    } else {
                        to.fill(0.0);
                    }
                }
            }
            if !sounds || goes_own {
                continue;
            }
            let to = if to_bus {
                self.bus.send(lane, bus, frames, &mut self.sum.sent);
                let is_kick = kicks >> lane & 1 == 1;
                let [l, r] = if is_kick { &mut self.sum.kick } else { &mut self.sum.rest };
                [&mut l[..frames], &mut r[..frames]]
            } else {
                [&mut *left, &mut *right]
            };
            for (to, bus) in to.into_iter().zip(bus.iter()) {
                for (to, from) in to.iter_mut().zip(bus) {
                    *to += from;
                }
            }
        }
        if by_bus {
            self.bus.run(&mut self.sum, frames);
            for (to, from) in [&mut *left, &mut *right].into_iter().zip(&self.sum.rest) {
                to.copy_from_slice(&from[..frames]);
                self.mixer.output(to);
            }
        } else {
            self.bus.pass(frames);
        }
        self.mixer.advance(frames);
        if self.mix.limiter {
            self.limiter.process(left, right);
        } else {
            self.limiter.reset();
        }
        self.loudness.take(left, right);
        let peak =
            |channel: &[f32], peak: f32| channel.iter().fold(peak, |peak, value| peak.max(value.abs()));
        self.meters.main_peaks =
            [peak(left, self.meters.main_peaks[0]), peak(right, self.meters.main_peaks[1])];
    }
}
