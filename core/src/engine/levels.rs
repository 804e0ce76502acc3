//! At what levels, and where in the picture, a plan's sounds are played: made on a worker, kept in the plan.
//!
//! Any thread: plain `Copy` data.

use super::shape::LaneShape;
use super::sound::PreparedSound;
use crate::dsp::gain_of_db;
use crate::dsp::loudness::{POWER_S, SILENCE, gated, loudest};
use crate::pattern::{Hit, Lane, Loop, MAX_LANES, Role, Swing};
use serde::{Deserialize, Serialize};
use std::f32::consts::FRAC_PI_4;
use std::sync::Arc;

/// How a hit's velocity becomes its level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VelocityCurve {
    /// The square, as General MIDI's DLS recommends: 40 log₁₀(*v*/127) dB.
    #[default]
    Square,
    /// A square that begins at −30 dB instead of at silence (Dannenberg, "The Interpretation of MIDI
    /// Velocity", ICMC 2006, whose survey of instruments finds such curves): soft hits stay audible.
    Range30,
}

impl VelocityCurve {
    /// The gain of a velocity of 0 to 1.
    #[must_use]
    pub fn gain(self, velocity: f32) -> f32 {
        match self {
            Self::Square => velocity * velocity,
            Self::Range30 => {
                let root = RANGE_30_LEAST + (1.0 - RANGE_30_LEAST) * velocity;
                root * root
            }
        }
    }
}

/// The square root of the gain at velocity 0 of which velocity 1 of 127 has −30 dB: Dannenberg's *b* for a
/// range of 30 dB, 127/(126√r) − 1/126 with r = 10^(30/20).
const RANGE_30_LEAST: f32 = 0.171_3;

/// By how much a loop is brought to the loudness of all, in decibels to a hundredth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trim {
    /// All sounds, before the bus.
    pub before_db: f32,
    /// The sum, behind the bus: 0 or less.
    pub behind_db: f32,
}

/// What a plan knows of levels and places. [`Levels::NONE`] plays sounds as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Left and right gain of each lane's sounds: balance and place, linear.
    pub lanes: [[f32; 2]; MAX_LANES],
    /// What each lane sends to the bus's room, 0 to 1.
    pub rooms: [f32; MAX_LANES],
    /// Gain of all of them: the loop's loudness, linear.
    pub trim: f32,
    /// Gain behind the bus's limiter, linear: what keeps true peaks of a loop that it holds hard below −1 dBTP.
    pub behind: f32,
    /// From velocity to gain.
    pub velocity: VelocityCurve,
    /// The lanes' own swing.
    pub swing: [Option<Swing>; MAX_LANES],
}

impl Levels {
    /// Sounds at the level that they have, velocities squared, nothing sent to the room.
    pub const NONE: Self = Self {
        lanes: [[1.0; 2]; MAX_LANES],
        rooms: [0.0; MAX_LANES],
        trim: 1.0,
        behind: 1.0,
        velocity: VelocityCurve::Square,
        swing: [None; MAX_LANES],
    };

    /// The levels of a loop with these sounds. Where it is `levelled`, each lane is brought to the loudness
    /// and the place of its role beside the first kick; the loop's own loudness is left to
    /// [`Levels::with_trim`]. What the lanes play is that of `proposed`, so that a lane does not become softer
    /// where one adds hits.
    #[must_use]
    pub fn of(
        proposed: &Loop,
        sounds: &[Option<Arc<PreparedSound>>; MAX_LANES],
        settings: &Leveling,
    ) -> Self {
        let mut levels = Self::NONE;
        for (lane, shape) in settings.shapes.iter().enumerate() {
            levels.swing[lane] = shape.swing();
            levels.rooms[lane] = shape.room.max(0.0);
        }
        if !settings.levelled {
            return levels;
        }
        levels.velocity = VelocityCurve::Range30;
        let heard: Vec<Option<Heard>> = (0..proposed.lanes().len())
            .map(|lane| Heard::of(proposed, lane, sounds[lane].as_ref()?, levels.velocity))
            .collect();
        let kick = proposed.lanes().iter().zip(&heard).find(|(lane, _)| lane.role == Role::Kick);
        let reference = kick.and_then(|(_, heard)| *heard).map_or(USUAL_KICK, |kick| kick.lane);
        for (lane, (of, heard)) in proposed.lanes().iter().zip(&heard).enumerate() {
            let place = Place::of(of.role);
            levels.rooms[lane] = (place.room + settings.shapes[lane].room).clamp(0.0, 1.0);
            let gain = heard.map_or(1.0, |heard| {
                let wanted = reference - place.below_kick;
                let by_hit = wanted - heard.hit;
                let db = (wanted - heard.lane).clamp(by_hit - MOST_LOWERED, by_hit + MOST_RAISED);
                gain_of_db(db.clamp(-MOST_CHANGE, MOST_CHANGE))
            });
            levels.lanes[lane] = pan_gains(place.pan).map(|side| side * gain);
        }
        levels
    }

    /// The same with a loop's trim.
    #[must_use]
    pub(crate) fn with_trim(self, trim: Trim) -> Self {
        Self { trim: gain_of_db(trim.before_db), behind: gain_of_db(trim.behind_db), ..self }
    }

    /// Left and right gain of a hit.
    pub(crate) fn gains(&self, lane: u8, velocity: f32) -> [f32; 2] {
        let gain = self.velocity.gain(velocity) * self.trim;
        self.lanes.get(usize::from(lane)).map_or([gain; 2], |of| of.map(|of| of * gain))
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self::NONE
    }
}

/// What the levels of a loop follow from, beside the loop and its sounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leveling {
    /// Lanes come at the level and place of their role; else as they are.
    pub levelled: bool,
    /// The lanes' shaping.
    pub shapes: [LaneShape; MAX_LANES],
}

/// How loud a lane is.
#[derive(Clone, Copy, Debug)]
struct Heard {
    /// A hit at full velocity: its loudest 400 ms, LUFS.
    hit: f32,
    /// All that the lane plays, gated as BS.1770 says; the hit where it plays nothing.
    lane: f32,
}

impl Heard {
    /// `None` of a sound that is silent or was not measured.
    fn of(proposed: &Loop, lane: usize, sound: &PreparedSound, velocity: VelocityCurve) -> Option<Self> {
        let hit = loudest(sound.powers(), MOMENTARY_S);
        if hit <= SILENCE {
            return None;
        }
        let grid = proposed.grid;
        let per_beat = 60.0 / USUAL_BPM / POWER_S;
        let mut powers = vec![0.0f64; ((grid.beats() * per_beat).round() as usize).max(1)];
        let steps = usize::from(grid.steps_per_bar.max(1));
        let starts_of = |lane: &Lane| -> Vec<(usize, f32)> {
            let start = |(step, hit): (usize, Hit)| {
                let bar = (step / steps) as f64 * grid.meter.bar_beats();
                let beats = (bar + proposed.beat_in_bar(step, hit)).rem_euclid(grid.beats());
                ((beats * per_beat) as usize, velocity.gain(f32::from(hit.velocity) / 127.0))
            };
            lane.iter().map(start).collect()
        };
        let of = proposed.lanes().get(lane)?;
        let starts = starts_of(of);
        // What cuts its sounds: its own hits, and those of its group, of which the upper lane stays where
        // both are struck at once.
        let choke = of.role.default_choke();
        let mut cuts: Vec<(usize, bool)> = Vec::new();
        for (at, other) in proposed.lanes().iter().enumerate() {
            let cut = if at == lane {
                !rings_on(of.role)
            } else {
                choke.is_some() && other.role.default_choke() == choke
            };
            if cut {
                cuts.extend(starts_of(other).iter().map(|(start, _)| (*start, at < lane)));
            }
        }
        let count = powers.len();
        for &(start, gain) in &starts {
            let ahead = |&(other, at_once): &(usize, bool)| match (other + count - start) % count {
                0 if at_once => 0,
                0 => count,
                ahead => ahead,
            };
            let cut = cuts.iter().map(ahead).min().unwrap_or(usize::MAX);
            for (at, power) in sound.powers().iter().enumerate().take(cut) {
                powers[(start + at) % count] += f64::from(power * gain * gain);
            }
        }
        let span = (MOMENTARY_S / POWER_S) as usize;
        let momentary: Vec<f64> = (0..count)
            .map(|from| (from..from + span).map(|at| powers[at % count]).sum::<f64>() / span as f64)
            .collect();
        let lane = gated(&momentary);
        // A lane that plays nothing, or nothing that is not cut at once.
        Some(Self { hit, lane: if lane <= SILENCE { hit } else { lane } })
    }
}

/// Seconds of a momentary loudness.
const MOMENTARY_S: f64 = 0.4;
/// The tempo at which lanes are compared: levels must not depend on what the host's is when a plan is made.
const USUAL_BPM: f64 = 120.0;
/// Loudness that stands for the kick's where there is none.
const USUAL_KICK: f32 = -16.0;
/// How much more or less than a single full hit of it a lane is raised or lowered, decibels: what is only
/// ever struck softly stays softer, what is struck all the time does not vanish.
const MOST_RAISED: f32 = 12.0;
const MOST_LOWERED: f32 = 4.0;
/// The most that a lane is raised or lowered, decibels.
const MOST_CHANGE: f32 = 36.0;

/// The place of a role in a mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Loudness of a hit below that of the kick's, LU.
    pub below_kick: f32,
    /// −1 (left) to 1 (right).
    pub pan: f32,
    /// How wide a mono sound is made, 0 to 1: the side's level against the middle's.
    pub width: f32,
    /// What is sent to the room, 0 to 1.
    pub room: f32,
}

impl Place {
    /// The place of a role. Levels: the ranges of the production handbook's drum balance (Izhaki, *Mixing
    /// Audio*, 3rd ed. 2017, ch. 7 and 20: kick and snare lead, hats well below, cymbals and percussion
    /// between) with the middle of each; places: drummer's view, low drums centred (ibid., ch. 14).
    #[must_use]
    pub const fn of(role: Role) -> Self {
        let [below_kick, pan, width, room] = match role {
            Role::Kick => [0.0, 0.0, 0.0, 0.0],
            Role::Snare => [3.0, 0.0, 0.2, 0.45],
            Role::Clap => [3.5, 0.0, 0.45, 0.55],
            Role::ClosedHat => [9.5, 0.22, 0.35, 0.15],
            Role::OpenHat => [7.5, 0.22, 0.4, 0.25],
            Role::Tom => [4.0, -0.2, 0.2, 0.4],
            Role::Percussion => [7.0, -0.3, 0.4, 0.4],
            Role::Cymbal => [7.5, -0.15, 0.5, 0.35],
            Role::Fx => [7.5, 0.0, 0.5, 0.5],
        };
        Self { below_kick, pan, width, room }
    }
}

/// Whether a lane of this role lets its earlier sounds ring when it is struck again.
#[must_use]
pub(crate) fn rings_on(role: Role) -> bool {
    matches!(role, Role::Cymbal | Role::Percussion | Role::Fx)
}

/// Left and right gain of a pan position −1 to 1: constant power, 1 in the middle and √2 at the sides.
pub(super) fn pan_gains(pan: f32) -> [f32; 2] {
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_curve_keeps_full_hits_as_they_are_and_soft_ones_audible() {
        let db = |v: f32| 20.0 * VelocityCurve::Range30.gain(v / 127.0).log10();
        assert_eq!(VelocityCurve::Range30.gain(1.0), 1.0);
        assert!((db(1.0) + 30.0).abs() < 0.1, "{}", db(1.0));
        assert!((-16.0..-13.0).contains(&db(40.0)), "{}", db(40.0));
        assert!((1..127).all(|v| db(v as f32) < db((v + 1) as f32)));
    }
}
