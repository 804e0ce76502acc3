//! Saturation at twice the rate.
//!
//! The curve is *x*/√(1 + *x*²), whose antiderivative √(1 + *x*²) makes the antialiased form of Parker et al.
//! ("Reducing the aliasing of nonlinear waveshaping using continuous-time convolution", DAFx 2016) exact and
//! free of its division by small differences: (*a* + *b*)/(√(1 + *a*²) + √(1 + *b*²)). What that form takes
//! from the highest frequencies of the undistorted part is given back, so that soft sounds pass as they are.

use super::halfband::{Downsampler, Upsampler};

/// The levels at which the least and the full drive bend by 3 dB, and which nothing exceeds.
const SOFTEST_DB: f32 = 4.0;
const HARDEST_DB: f32 = -12.0;

/// The level, as a factor, at which a drive of 0 to 1 bends by 3 dB: from 4 dB above full scale to 12 dB
/// below. What comes out stays below it.
#[must_use]
pub(crate) fn knee(drive: f32) -> f32 {
    super::gain_of_db(SOFTEST_DB + (HARDEST_DB - SOFTEST_DB) * drive)
}

/// What makes up for the loss of level: half of what a peak of −6 dBFS loses.
#[must_use]
pub(crate) fn makeup(knee: f32) -> f32 {
    let bent = 0.5 / knee;
    (1.0 + bent * bent).powf(0.25)
}

/// Two channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saturation {
    up: Upsampler,
    down: Downsampler,
    /// The last frame at twice the rate over the knee, and the root that belongs to it.
    before: [f32; 2],
    root_before: [f32; 2],
}

impl Default for Saturation {
    fn default() -> Self {
        Self::new()
    }
}

impl Saturation {
    /// Silent.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self { up: Upsampler::new(), down: Downsampler::new(), before: [0.0; 2], root_before: [1.0; 2] }
    }

    /// One frame, of which what exceeds `knee` is bent; `per_knee` is one over it. The knee may change from
    /// frame to frame.
    #[inline]
    pub(crate) fn run(&mut self, frame: [f32; 2], knee: f32, per_knee: f32) -> [f32; 2] {
        // Left and right of two frames, beside those of the frame before each.
        let x = self.up.run(frame).map(|value| value * per_knee);
        let root = x.map(|x| (1.0 + x * x).sqrt());
        let before = [self.before[0], self.before[1], x[0], x[1]];
        let root_before = [self.root_before[0], self.root_before[1], root[0], root[1]];
        let mut bent = [0.0; 4];
        for at in 0..4 {
            let sum = x[at] + before[at];
            // The curve, less its straight part, plus the sound itself.
            bent[at] = (sum / (root[at] + root_before[at]) - 0.5 * sum + x[at]) * knee;
        }
        (self.before, self.root_before) = ([x[2], x[3]], [root[2], root[3]]);
        self.down.run(bent)
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::{amplitude, sine};
    use super::*;

    const RATE: f64 = 48_000.0;

    fn saturated(hz: f64, peak: f32, drive: f32) -> Vec<f32> {
        let mut saturation = Saturation::new();
        let knee = knee(drive);
        sine(hz, RATE, 96_000, peak).iter().map(|&x| saturation.run([x; 2], knee, 1.0 / knee)[0]).collect()
    }

    #[test]
    fn soft_sounds_pass_as_they_are() {
        for hz in [50.0, 1_000.0, 10_000.0, 20_000.0] {
            let out = saturated(hz, 0.01, 0.25);
            let level = 20.0 * (amplitude(&out[48_000..], hz, RATE) / 0.01).log10();
            assert!(level.abs() < 0.01, "{hz}: {level}");
        }
    }

    #[test]
    fn aliases_are_below_minus_90_db_at_the_default_drive() {
        // A frequency that divides no multiple of the rate: every alias falls beside every harmonic.
        for (hz, peak) in [(1_234.5, 1.0), (4_321.0, 1.0), (7_003.0, 0.7), (9_871.0, 0.5)] {
            let out = saturated(hz, peak, 0.25);
            let mut worst = f64::NEG_INFINITY;
            for harmonic in (3..60).step_by(2) {
                let at = hz * f64::from(harmonic);
                let folded = (at + RATE / 2.0).rem_euclid(RATE) - RATE / 2.0;
                if at < RATE / 2.0 {
                    continue;
                }
                let alias = amplitude(&out[48_000..], folded.abs(), RATE);
                worst = worst.max(20.0 * (alias / f64::from(peak)).max(1e-12).log10());
            }
            assert!(worst < -90.0, "{hz} Hz at {peak}: {worst}");
        }
    }

    #[test]
    fn more_drive_bends_more() {
        let peak = |drive| {
            let out = saturated(200.0, 0.5, drive);
            out[48_000..].iter().fold(0.0f32, |peak, x| peak.max(x.abs()))
        };
        let all: Vec<f32> = [0.0, 0.25, 0.5, 1.0].map(peak).to_vec();
        assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
        assert!((20.0 * (all[0] / 0.5).log10()).abs() < 0.6, "{all:?}");
    }
}
