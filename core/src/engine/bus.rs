//! The drum bus: what the sum of the lanes goes through before it leaves.
//!
//! Audio thread, but for [`Bus::new`]. Everything advances frame by frame, and what does nothing is not run.
//! Off, it is not run at all.

use super::bus_settings::BusSettings;
use super::levels::Levels;
use super::mixer::{GLIDE_S, Glide};
use super::voices::CHUNK;
use crate::dsp::compressor::{Compressor, Setting};
use crate::dsp::limiter::Limiter;
use crate::dsp::room::Room;
use crate::dsp::saturation::{self, Saturation};
use crate::dsp::tilt::Tilt;
use crate::dsp::{gain_of_db, keep};
use crate::pattern::MAX_LANES;
use crate::units::SampleRate;

/// Seconds in which the compressor follows a louder sum, and lets go of it.
const ATTACK_S: f64 = 0.012;
const RELEASE_S: f64 = 0.11;
/// Its ratio at full glue.
const MOST_RATIO: f32 = 4.0;
/// Peaks for which the compressor's loss of level is made up, dBFS: half of it.
const USUAL_PEAK_DB: f32 = -8.0;
/// What the limiter holds frames below, −1 dBFS: what has its true peaks below −1 dBTP it leaves as it is. Of
/// what it holds, peaks between frames are some tenths of a decibel higher; [`Levels::behind`] makes up for
/// them in loops that were measured.
pub(super) const CEILING: f32 = 0.891_250_9;
/// Seconds in which a kick's ducking is forgotten, and in which it begins.
const DUCK_RELEASE_S: f64 = 0.09;
const DUCK_ATTACK_S: f64 = 0.003;
/// The peak of a kick that ducks in full.
const DUCK_FULL: f32 = 0.3;
/// The level of a full room.
const MOST_ROOM: f32 = 1.4;
/// Below this nothing is widened, in hertz.
const CENTRE_HZ: f64 = 150.0;
/// Seconds of silence after which there is nothing left in the bus: its longest memory, the room, has then
/// died away below −500 dB.
const SILENT_S: f64 = 4.0;
/// A noise at −360 dBFS that keeps recursive filters clear of denormal numbers, so that the sound is the same
/// whether a host flushes those or not.
const NOISE: f32 = 1e-18;

/// Values that glide together, by their place.
#[derive(Clone, Copy)]
enum V {
    Wet,
    Duck,
    Makeup,
    Saturated,
    Knee,
    Below,
    Above,
    Room,
    Side,
    Wider,
    Trim,
}
const VALUES: usize = V::Trim as usize + 1;

/// Eleven values on their way to where they shall be.
#[derive(Clone, Copy, Debug)]
struct Values {
    target: [f32; VALUES],
    step: [f32; VALUES],
    left: u32,
}

impl Values {
    fn aim(&mut self, target: [f32; VALUES], frames: u32) {
        if frames == 0 {
            *self = Self { target, step: [0.0; VALUES], left: 0 };
        } else if target != self.target {
            let now: [f32; VALUES] =
                std::array::from_fn(|at| self.target[at] - self.step[at] * self.left as f32);
            self.step = std::array::from_fn(|at| (target[at] - now[at]) / frames as f32);
            (self.target, self.left) = (target, frames);
        }
    }

    /// A value from now on.
    fn of(&self, value: V) -> Line {
        Line { target: self.target[value as usize], step: self.step[value as usize], left: self.left }
    }

    /// Whether a value is there and stays.
    fn rests_at(&self, value: V, at: f32) -> bool {
        self.target[value as usize] == at && (self.left == 0 || self.step[value as usize] == 0.0)
    }

    fn advance(&mut self, frames: usize) {
        self.left = self.left.saturating_sub(frames as u32);
        if self.left == 0 {
            self.step = [0.0; VALUES];
        }
    }
}

/// One value over a stretch that ends at the latest where it arrives.
#[derive(Clone, Copy)]
struct Line {
    target: f32,
    step: f32,
    left: u32,
}

impl Line {
    #[inline]
    fn at(&self, frame: usize) -> f32 {
        self.target - self.step * self.left.saturating_sub(frame as u32) as f32
    }
}

/// Two channels of a chunk.
pub(super) type Stereo = [[f32; CHUNK]; 2];

/// What the lanes give to the bus.
#[derive(Debug)]
pub(super) struct Sum {
    /// The kicks.
    pub kick: Stereo,
    /// All else.
    pub rest: Stereo,
    /// What is sent to the room.
    pub sent: [f32; CHUNK],
}

impl Sum {
    pub(super) fn new() -> Self {
        Self { kick: [[0.0; CHUNK]; 2], rest: [[0.0; CHUNK]; 2], sent: [0.0; CHUNK] }
    }

    pub(super) fn clear(&mut self, frames: usize) {
        let stereo = self.kick.iter_mut().chain(&mut self.rest);
        stereo.chain([&mut self.sent]).for_each(|channel| channel[..frames].fill(0.0));
    }

    fn is_silent(&self, frame: usize) -> bool {
        let stereo = self.kick.iter().chain(&self.rest);
        stereo.chain([&self.sent]).all(|channel| channel[frame] == 0.0)
    }
}

/// See the module's documentation.
#[derive(Clone, Debug)]
pub struct Bus {
    values: Values,
    rooms: [Glide; MAX_LANES],
    behind: Glide,
    glide_frames: u32,
    limits: bool,
    compressor: Compressor,
    compresses: bool,
    saturation: Saturation,
    tilt: Tilt,
    room: Box<Room>,
    /// The room holds something.
    room_rings: bool,
    limiter: Limiter,
    duck_held: f32,
    duck: f32,
    duck_release: f32,
    duck_attack: f32,
    side_take: f32,
    side_low: f32,
    /// Where each noise stands: of the sum, of the room and of the width. One for all would depend on how time
    /// is cut.
    noise: [u32; 3],
    silent: u32,
    silent_after: u32,
}

impl Bus {
    /// A bus that is off. Allocates.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        let hz = rate.hz();
        let silent_after = (SILENT_S * hz) as u32;
        let mut bus = Self {
            values: Values { target: [0.0; VALUES], step: [0.0; VALUES], left: 0 },
            rooms: Default::default(),
            glide_frames: (hz * GLIDE_S) as u32,
            limits: false,
            compressor: Compressor::new(hz, ATTACK_S, RELEASE_S),
            compresses: false,
            saturation: Saturation::new(),
            tilt: Tilt::new(hz),
            room: Box::new(Room::new(hz)),
            room_rings: false,
            limiter: Limiter::new(hz, CEILING),
            duck_held: 0.0,
            duck: 0.0,
            duck_release: keep(DUCK_RELEASE_S, hz),
            duck_attack: 1.0 - keep(DUCK_ATTACK_S, hz),
            side_take: 1.0 - keep(1.0 / (std::f64::consts::TAU * CENTRE_HZ), hz),
            side_low: 0.0,
            noise: [1; 3],
            behind: Glide::default(),
            silent: silent_after,
            silent_after,
        };
        bus.aim(&BusSettings::OFF, true);
        bus.behind.aim(1.0, 0);
        bus
    }

    /// Where its values glide to; `at_once` without a glide.
    pub(crate) fn aim(&mut self, settings: &BusSettings, at_once: bool) {
        let of = settings.sanitized();
        let setting = Setting { threshold_db: of.threshold.0, ratio: 1.0 + (MOST_RATIO - 1.0) * of.glue };
        self.compressor.set(setting, f64::from(of.sidechain_hz));
        self.compresses = of.glue > 0.0;
        self.limits = of.limiter;
        let mut target = [0.0; VALUES];
        let mut set = |value: V, to: f32| target[value as usize] = to;
        set(V::Wet, if of.is_off() { 0.0 } else { 1.0 });
        set(V::Duck, 1.0 - gain_of_db(-of.duck_db));
        set(V::Makeup, gain_of_db(0.5 * setting.reduction_db(USUAL_PEAK_DB)));
        let knee = saturation::knee(of.drive);
        set(V::Saturated, if of.drive > 0.0 { saturation::makeup(knee) } else { 0.0 });
        set(V::Knee, knee);
        set(V::Below, gain_of_db(-0.5 * of.tilt_db));
        set(V::Above, gain_of_db(0.5 * of.tilt_db));
        set(V::Room, MOST_ROOM * of.room * of.room);
        set(V::Side, of.width.min(1.0));
        set(V::Wider, (of.width - 1.0).max(0.0));
        set(V::Trim, of.trim.gain());
        self.values.aim(target, if at_once { 0 } else { self.glide_frames });
    }

    /// What the plan has for the bus from now on: what each lane sends to the room, and the level behind the
    /// limiter.
    pub(super) fn aim_levels(&mut self, levels: &Levels, at_once: bool) {
        let frames = if at_once { 0 } else { self.glide_frames };
        for (glide, room) in self.rooms.iter_mut().zip(levels.rooms) {
            glide.aim(room, frames);
        }
        self.behind.aim(levels.behind, frames);
    }

    fn advance(&mut self, frames: usize) {
        self.values.advance(frames);
        self.rooms.iter_mut().chain([&mut self.behind]).for_each(|glide| glide.advance(frames));
    }

    /// Whether the output is anything but what it would be without a bus.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.values.rests_at(V::Wet, 0.0)
    }

    /// How far the compressor holds the sum down, decibels.
    #[must_use]
    pub(crate) fn reduction_db(&self) -> f32 {
        self.compressor.reduction_db()
    }

    /// The limiter's gain, 1 where it does nothing.
    #[must_use]
    pub(crate) fn limiter_gain(&self) -> f32 {
        self.limiter.gain()
    }

    /// Forgets the past; settings stay.
    pub fn reset(&mut self) {
        self.forget();
        self.noise = [1; 3];
        self.silent = self.silent_after;
    }

    fn forget(&mut self) {
        self.compressor.reset();
        self.saturation.reset();
        self.tilt.reset();
        if std::mem::take(&mut self.room_rings) {
            self.room.reset();
        }
        self.limiter.reset();
        (self.duck_held, self.duck, self.side_low) = (0.0, 0.0, 0.0);
    }

    /// Adds what a lane sends to the room.
    pub(super) fn send(&self, lane: usize, bus: &Stereo, frames: usize, sent: &mut [f32; CHUNK]) {
        let glide = &self.rooms[lane];
        if glide.rests_at(0.0) {
            return;
        }
        for (frame, sent) in sent[..frames].iter_mut().enumerate() {
            *sent += 0.5 * (bus[0][frame] + bus[1][frame]) * glide.at(frame);
        }
    }

    /// Time passes without the bus.
    pub(super) fn pass(&mut self, frames: usize) {
        self.advance(frames);
        if self.silent < self.silent_after {
            self.reset();
        }
    }

    /// Brings the sum of a chunk through the bus, into `sum.rest`.
    pub(super) fn run(&mut self, sum: &mut Sum, frames: usize) {
        let mut from = 0;
        while from < frames {
            let loud = (from..frames).find(|&frame| !sum.is_silent(frame)).unwrap_or(frames);
            let gliding = if self.values.left > 0 { self.values.left as usize } else { usize::MAX };
            let to = if loud == from {
                self.silent = 0;
                let silent = (from..frames).find(|&frame| sum.is_silent(frame)).unwrap_or(frames);
                silent.min(from.saturating_add(gliding))
            } else if self.silent >= self.silent_after {
                let to = loud.min(from.saturating_add(gliding));
                self.advance(to - from);
                from = to;
                continue;
            } else {
                let left = (self.silent_after - self.silent) as usize;
                loud.min(from.saturating_add(gliding.min(left)))
            };
            if loud != from {
                self.silent += (to - from) as u32;
            }
            self.stretch(sum, from, to);
            self.advance(to - from);
            if self.silent >= self.silent_after {
                self.forget();
            }
            from = to;
        }
    }

    /// Brings a whole recording through the bus: the kicks, and all else. Worker.
    #[cfg(test)]
    pub(crate) fn whole(&mut self, kick: [&[f32]; 2], rest: [&[f32]; 2]) -> [Vec<f32>; 2] {
        self.whole_with_room(kick, rest, &vec![0.0; rest[0].len()])
    }

    /// The same with what is sent to the room.
    #[must_use]
    pub(crate) fn whole_with_room(
        &mut self,
        kick: [&[f32]; 2],
        rest: [&[f32]; 2],
        sent: &[f32],
    ) -> [Vec<f32>; 2] {
        let mut sum = Sum::new();
        let mut out = rest.map(|channel| Vec::with_capacity(channel.len()));
        let mut at = 0;
        while at < rest[0].len() {
            let frames = CHUNK.min(rest[0].len() - at);
            for (to, from) in sum.kick.iter_mut().zip(kick).chain(sum.rest.iter_mut().zip(rest)) {
                to[..frames].copy_from_slice(&from[at..at + frames]);
            }
            sum.sent[..frames].copy_from_slice(&sent[at..at + frames]);
            self.run(&mut sum, frames);
            for (to, from) in out.iter_mut().zip(&sum.rest) {
                to.extend_from_slice(&from[..frames]);
            }
            at += frames;
        }
        out
    }

    /// One stretch, in which values either stand or glide without arriving before its end.
    fn stretch(&mut self, sum: &mut Sum, from: usize, to: usize) {
        let values = self.values;
        let frames = to - from;
        let mut dry: Stereo = [[0.0; CHUNK]; 2];
        let mut out: Stereo = [[0.0; CHUNK]; 2];
        let (left, right) = out.split_at_mut(1);
        let (left, right) = (&mut left[0][..frames], &mut right[0][..frames]);
        let kick = [&sum.kick[0][from..to], &sum.kick[1][from..to]];
        let rest = [&sum.rest[0][from..to], &sum.rest[1][from..to]];
        let wet = values.of(V::Wet);
        let all_wet = values.rests_at(V::Wet, 1.0);
        if !all_wet {
            for (channel, dry) in dry.iter_mut().enumerate() {
                for (frame, dry) in dry[..frames].iter_mut().enumerate() {
                    *dry = kick[channel][frame] + rest[channel][frame];
                }
            }
        }
        self.add(kick, rest, left, right, values.of(V::Duck));
        if values.rests_at(V::Room, 0.0) {
            if std::mem::take(&mut self.room_rings) {
                self.room.reset();
            }
        } else {
            self.room_rings = true;
            let level = values.of(V::Room);
            let mut sent = [0.0; CHUNK];
            for (to, from) in sent.iter_mut().zip(&sum.sent[from..to]) {
                *to = from + noise(&mut self.noise[1]);
            }
            let mut back: Stereo = [[0.0; CHUNK]; 2];
            let [l, r] = &mut back;
            self.room.run(&sent[..frames], [&mut l[..frames], &mut r[..frames]]);
            for frame in 0..frames {
                left[frame] += back[0][frame] * level.at(frame);
                right[frame] += back[1][frame] * level.at(frame);
            }
        }
        if self.compresses || self.compressor.reduction_db() > 0.0 || !values.rests_at(V::Makeup, 1.0) {
            let makeup = values.of(V::Makeup);
            let mut compressor = self.compressor;
            for (frame, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
                let gain = compressor.gain([*l, *r]) * makeup.at(frame);
                (*l, *r) = (*l * gain, *r * gain);
            }
            self.compressor = compressor;
        }
        if values.rests_at(V::Saturated, 0.0) {
            self.saturation.reset();
        } else {
            let (mix, knee) = (values.of(V::Saturated), values.of(V::Knee));
            let mut saturation = self.saturation;
            let steady = knee.step == 0.0;
            let per_knee = 1.0 / knee.target;
            for (frame, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
                let level = mix.at(frame);
                let (knee, per_knee) =
                    if steady { (knee.target, per_knee) } else { (knee.at(frame), 1.0 / knee.at(frame)) };
                let [a, b] = saturation.run([*l, *r], knee, per_knee);
                // On its way in or out it is mixed with the sound as it was.
                let share = level.min(1.0);
                (*l, *r) = (a * level + *l * (1.0 - share), b * level + *r * (1.0 - share));
            }
            self.saturation = saturation;
        }
        if !(values.rests_at(V::Below, 1.0) && values.rests_at(V::Above, 1.0)) {
            let (below, above) = (values.of(V::Below), values.of(V::Above));
            let mut tilt = self.tilt;
            for (frame, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
                [*l, *r] = tilt.run([*l, *r], below.at(frame), above.at(frame));
            }
            self.tilt = tilt;
        }
        if !(values.rests_at(V::Side, 1.0) && values.rests_at(V::Wider, 0.0)) {
            let (side_gain, wider) = (values.of(V::Side), values.of(V::Wider));
            for (frame, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
                let (middle, side) = (0.5 * (*l + *r), 0.5 * (*l - *r));
                self.side_low += self.side_take * (side + noise(&mut self.noise[2]) - self.side_low);
                let side = side * side_gain.at(frame) + (side - self.side_low) * wider.at(frame);
                (*l, *r) = (middle + side, middle - side);
            }
        }
        let trim = values.of(V::Trim);
        for (frame, (l, r)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
            let level = trim.at(frame);
            (*l, *r) = (*l * level, *r * level);
        }
        if self.limits {
            self.limiter.process(left, right);
        } else {
            self.limiter.reset();
        }
        self.behind.apply(left);
        self.behind.apply(right);
        for (channel, (to, out)) in sum.rest.iter_mut().zip([left, right]).enumerate() {
            for (frame, (to, out)) in to[from..from + frames].iter_mut().zip(out.iter()).enumerate() {
                let mixed = if all_wet {
                    *out
                } else {
                    let wet = wet.at(frame);
                    *out * wet + dry[channel][frame] * (1.0 - wet)
                };
                *to = if mixed.abs() < 1e-12 { 0.0 } else { mixed };
            }
        }
    }

    /// The sum of kicks and all else, which the kicks push down.
    fn add(
        &mut self,
        kick: [&[f32]; 2],
        rest: [&[f32]; 2],
        left: &mut [f32],
        right: &mut [f32],
        depth: Line,
    ) {
        let ducks = depth.target > 0.0 || depth.step != 0.0;
        for frame in 0..left.len() {
            let noise = noise(&mut self.noise[0]);
            let mut gain = 1.0;
            if ducks {
                let peak = kick[0][frame].abs().max(kick[1][frame].abs());
                self.duck_held = peak.max(self.duck_held * self.duck_release);
                if self.duck_held < 1e-6 {
                    self.duck_held = 0.0;
                }
                let wanted = (self.duck_held / DUCK_FULL).min(1.0);
                self.duck += (wanted - self.duck) * self.duck_attack;
                if self.duck < 1e-6 {
                    self.duck = 0.0;
                }
                gain -= depth.at(frame) * self.duck;
            }
            left[frame] = kick[0][frame] + rest[0][frame] * gain + noise;
            right[frame] = kick[1][frame] + rest[1][frame] * gain - noise;
        }
    }
}

/// The next value of a noise (Numerical Recipes' quick generator).
#[inline]
fn noise(state: &mut u32) -> f32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*state as i32) as f32 * (NOISE / 2_147_483_648.0)
}

#[cfg(test)]
mod tests;
