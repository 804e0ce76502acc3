//! Second-order filters.
//!
//! Robert Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter coefficients", as transposed
//! direct form II in double precision: exact down to 20 Hz at any rate.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The *Q* of a Butterworth filter, flat in its pass band.
pub(crate) const BUTTERWORTH: f64 = FRAC_1_SQRT_2;

/// One channel's filter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
    z: [f64; 2],
}

impl Biquad {
    /// Passes everything.
    pub(crate) const OPEN: Self = Self { b: [1.0, 0.0, 0.0], a: [0.0; 2], z: [0.0; 2] };

    /// From coefficients with *a*₀ = 1.
    #[must_use]
    pub(crate) const fn new(b: [f64; 3], a: [f64; 2]) -> Self {
        Self { b, a, z: [0.0; 2] }
    }

    /// Low-pass, 12 dB an octave. The edge is brought below 0.49 of the rate.
    #[must_use]
    pub(crate) fn low_pass(hz: f64, q: f64, rate_hz: f64) -> Self {
        let (cos, alpha) = terms(hz, q, rate_hz);
        let side = (1.0 - cos) / 2.0;
        Self::over([side, 2.0 * side, side], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    /// High-pass, 12 dB an octave.
    #[must_use]
    pub(crate) fn high_pass(hz: f64, q: f64, rate_hz: f64) -> Self {
        let (cos, alpha) = terms(hz, q, rate_hz);
        let side = f64::midpoint(1.0, cos);
        Self::over([side, -2.0 * side, side], [1.0 + alpha, -2.0 * cos, 1.0 - alpha])
    }

    fn over(b: [f64; 3], a: [f64; 3]) -> Self {
        Self::new(b.map(|b| b / a[0]), [a[1] / a[0], a[2] / a[0]])
    }

    /// One frame.
    #[inline]
    pub(crate) fn run(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }

    /// Filters a whole sound from silence on.
    pub(crate) fn filter(mut self, sound: &mut [f32]) {
        self.reset();
        for value in sound {
            *value = self.run(f64::from(*value)) as f32;
        }
    }

    /// Other coefficients, the same past.
    pub(crate) fn set(&mut self, of: &Self) {
        (self.b, self.a) = (of.b, of.a);
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.z = [0.0; 2];
    }
}

fn terms(hz: f64, q: f64, rate_hz: f64) -> (f64, f64) {
    let w = TAU * hz.clamp(1.0, 0.49 * rate_hz) / rate_hz;
    (w.cos(), w.sin() / (2.0 * q.max(0.05)))
}

#[cfg(test)]
mod tests {
    use super::super::probe::response_db;
    use super::*;

    const RATE: f64 = 48_000.0;

    #[test]
    fn butterworth_filters_lose_3_db_at_their_edge_and_12_an_octave_beyond() {
        let of = |filter: Biquad, hz: f64| response_db(hz, RATE, |sound| filter.filter(sound));
        let low = Biquad::low_pass(1_000.0, BUTTERWORTH, RATE);
        assert!((of(low, 1_000.0) + 3.01).abs() < 0.02);
        assert!(of(low, 50.0).abs() < 0.01);
        assert!((of(low, 4_000.0) + 24.1).abs() < 0.6, "{}", of(low, 4_000.0));
        let high = Biquad::high_pass(1_000.0, BUTTERWORTH, RATE);
        assert!((of(high, 1_000.0) + 3.01).abs() < 0.02);
        assert!(of(high, 20_000.0).abs() < 0.01);
        assert!((of(high, 250.0) + 24.1).abs() < 0.3, "{}", of(high, 250.0));
    }

    #[test]
    fn a_filter_at_any_edge_and_rate_stays_finite() {
        for rate in [8_000.0, 48_000.0, 768_000.0, 2_000_000.0] {
            for hz in [0.0, 20.0, 1e9] {
                let mut sound = vec![1.0f32; 1_000];
                Biquad::low_pass(hz, 8.0, rate).filter(&mut sound);
                Biquad::high_pass(hz, 0.0, rate).filter(&mut sound);
                assert!(sound.iter().all(|value| value.is_finite()));
            }
        }
    }
}
