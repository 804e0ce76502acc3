//! Feed-forward compression of a stereo sum, linked.
//!
//! D. Giannoulis, M. Massberg and J. D. Reiss, "Digital dynamic range compressor design: a tutorial and
//! analysis", JAES 60 (2012): level in decibels, static curve with a quadratic knee (eq. 4), and the smooth
//! branching detector behind it (eq. 16). Level and curve are computed for stretches of [`STRETCH`] frames
//! from their highest power, and the gain goes straight to its next value over the stretch that follows: a
//! third of a millisecond at 48 kHz, where the fastest attack is one.

use super::biquad::{BUTTERWORTH, Biquad};
use super::keep;

/// Frames for which level and gain are computed at once.
pub(crate) const STRETCH: u32 = 16;
/// Width of the knee in decibels.
const KNEE_DB: f32 = 6.0;
/// Below this nothing is compressed whatever the threshold: −100 dBFS.
const FLOOR: f32 = 1e-10;

/// What can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    /// Where it begins, dBFS.
    pub threshold_db: f32,
    /// Input over output beyond that; 1 does nothing.
    pub ratio: f32,
}

impl Setting {
    /// How far a level in dBFS is brought down, 0 or more.
    #[must_use]
    pub(crate) fn reduction_db(&self, level_db: f32) -> f32 {
        let over = level_db - self.threshold_db;
        let slope = 1.0 - 1.0 / self.ratio.max(1.0);
        if 2.0 * over < -KNEE_DB {
            0.0
        } else if 2.0 * over > KNEE_DB {
            slope * over
        } else {
            slope * (over + KNEE_DB / 2.0).powi(2) / (2.0 * KNEE_DB)
        }
    }
}

/// Two channels with one gain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compressor {
    setting: Setting,
    side_chain: [Biquad; 2],
    rate_hz: f64,
    attack: f32,
    release: f32,
    /// Highest power of the stretch that is heard.
    power: f32,
    heard: u32,
    reduction_db: f32,
    gain: f32,
    step: f32,
}

impl Compressor {
    /// Silent, with times to 63 % of a step.
    #[must_use]
    pub(crate) fn new(rate_hz: f64, attack_s: f64, release_s: f64) -> Self {
        let per_s = rate_hz / f64::from(STRETCH);
        Self {
            setting: Setting { threshold_db: 0.0, ratio: 1.0 },
            side_chain: [Biquad::OPEN; 2],
            rate_hz,
            attack: keep(attack_s, per_s),
            release: keep(release_s, per_s),
            power: 0.0,
            heard: 0,
            reduction_db: 0.0,
            gain: 1.0,
            step: 0.0,
        }
    }

    /// From the next stretch on. What lies below `side_chain_hz` is not heard.
    pub(crate) fn set(&mut self, setting: Setting, side_chain_hz: f64) {
        self.setting = setting;
        let high_pass = Biquad::high_pass(side_chain_hz, BUTTERWORTH, self.rate_hz);
        self.side_chain.iter_mut().for_each(|filter| filter.set(&high_pass));
    }

    /// The gain of the next frame, which is this one.
    #[inline]
    pub(crate) fn gain(&mut self, frame: [f32; 2]) -> f32 {
        let [left, right] = &mut self.side_chain;
        let (l, r) = (left.run(f64::from(frame[0])) as f32, right.run(f64::from(frame[1])) as f32);
        self.power = self.power.max(l * l).max(r * r);
        self.heard += 1;
        self.gain += self.step;
        if self.heard == STRETCH {
            self.turn();
        }
        self.gain
    }

    fn turn(&mut self) {
        let level_db = 10.0 * self.power.max(FLOOR).log10();
        let wanted = self.setting.reduction_db(level_db);
        let keep = if wanted > self.reduction_db { self.attack } else { self.release };
        self.reduction_db = wanted + (self.reduction_db - wanted) * keep;
        if self.reduction_db < 1e-4 {
            self.reduction_db = 0.0;
        }
        let target = if self.reduction_db == 0.0 { 1.0 } else { super::gain_of_db(-self.reduction_db) };
        self.step = (target - self.gain) / STRETCH as f32;
        if self.step == 0.0 || (target == 1.0 && (self.gain - 1.0).abs() < 1e-6) {
            (self.gain, self.step) = (target, 0.0);
        }
        (self.power, self.heard) = (0.0, 0);
    }

    /// How far the sum is brought down just now, decibels.
    #[must_use]
    pub(crate) fn reduction_db(&self) -> f32 {
        self.reduction_db
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.side_chain.iter_mut().for_each(Biquad::reset);
        (self.power, self.heard, self.reduction_db) = (0.0, 0, 0.0);
        (self.gain, self.step) = (1.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::sine;
    use super::super::{db_of_gain, gain_of_db};
    use super::*;

    const RATE: f64 = 48_000.0;

    #[test]
    fn the_curve_is_straight_on_both_sides_of_its_knee() {
        let curve = Setting { threshold_db: -20.0, ratio: 4.0 };
        assert_eq!(curve.reduction_db(-30.0), 0.0);
        assert!((curve.reduction_db(-8.0) - 9.0).abs() < 1e-4);
        assert!((curve.reduction_db(-20.0) - 0.75 * 0.75).abs() < 1e-3);
        let level = |tenths: i32| curve.reduction_db(tenths as f32 / 10.0);
        assert!((-400..0).all(|tenths| level(tenths) <= level(tenths + 1)));
    }

    #[test]
    fn a_steady_tone_is_brought_down_as_the_curve_says_and_let_go_again() {
        let mut compressor = Compressor::new(RATE, 0.01, 0.1);
        compressor.set(Setting { threshold_db: -20.0, ratio: 4.0 }, 20.0);
        let mut gain = 1.0;
        for x in sine(1_000.0, RATE, 48_000, gain_of_db(-8.0)) {
            gain = compressor.gain([x, 0.0]);
        }
        assert!((db_of_gain(gain) + 9.0).abs() < 0.2, "{}", db_of_gain(gain));
        // After 100 ms 37 % of it is left, after a while exactly nothing.
        for _ in 0..4_800 {
            gain = compressor.gain([0.0; 2]);
        }
        assert!((-db_of_gain(gain) / 9.0 - 0.37).abs() < 0.03, "{}", db_of_gain(gain));
        for _ in 0..96_000 {
            gain = compressor.gain([0.0; 2]);
        }
        assert_eq!(gain, 1.0);
    }

    #[test]
    fn what_lies_below_the_side_chain_does_not_move_it() {
        let reduction = |hz| {
            let mut compressor = Compressor::new(RATE, 0.01, 0.1);
            compressor.set(Setting { threshold_db: -20.0, ratio: 4.0 }, 200.0);
            for x in sine(hz, RATE, 24_000, gain_of_db(-8.0)) {
                compressor.gain([x; 2]);
            }
            compressor.reduction_db()
        };
        assert!(reduction(50.0) < 0.3 && reduction(2_000.0) > 8.5);
    }
}
