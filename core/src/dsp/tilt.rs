//! Darker or brighter: a first-order shelf each way around one frequency.
//!
//! The sound is split into a one-pole's low part and the rest, which sum to it exactly; each gets its gain.

use std::f64::consts::TAU;

/// Around which the spectrum tilts, in hertz.
pub(crate) const PIVOT_HZ: f64 = 1_000.0;

/// Two channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tilt {
    take: f32,
    low: [f32; 2],
}

impl Tilt {
    /// Silent.
    #[must_use]
    pub(crate) fn new(rate_hz: f64) -> Self {
        Self { take: 1.0 - (-TAU * PIVOT_HZ / rate_hz).exp() as f32, low: [0.0; 2] }
    }

    /// One frame, with factors for what lies below and above.
    #[inline]
    pub(crate) fn run(&mut self, frame: [f32; 2], below: f32, above: f32) -> [f32; 2] {
        let mut out = frame;
        for (value, low) in out.iter_mut().zip(&mut self.low) {
            *low += self.take * (*value - *low);
            *value = *low * below + (*value - *low) * above;
        }
        out
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.low = [0.0; 2];
    }
}

#[cfg(test)]
mod tests {
    use super::super::gain_of_db;
    use super::super::probe::response_db;
    use super::*;

    #[test]
    fn the_ends_of_the_spectrum_go_apart_by_what_was_asked_for() {
        let at = |hz: f64| {
            response_db(hz, 48_000.0, |sound| {
                let mut tilt = Tilt::new(48_000.0);
                for value in sound {
                    *value = tilt.run([*value; 2], gain_of_db(-1.5), gain_of_db(1.5))[0];
                }
            })
        };
        assert!((at(40.0) + 1.5).abs() < 0.1, "{}", at(40.0));
        assert!((at(16_000.0) - 1.4).abs() < 0.15, "{}", at(16_000.0));
        assert!(at(1_000.0).abs() < 0.3, "{}", at(1_000.0));
    }
}
