//! Width for mono sounds that is gone without a trace in mono.
//!
//! M. R. Schroeder, "An artificial stereophonic effect obtained from a single audio signal", JAES 6 (1958),
//! in its form of middle and side: the side is the sound through a chain of all-passes, without its low end.
//! Left and right sum to twice the middle, exactly.
//!
//! Worker: whole sounds at once.

use super::biquad::{BUTTERWORTH, Biquad};

/// Below this the sound stays in the middle, in hertz.
pub(crate) const CENTRE_HZ: f64 = 220.0;

/// Delays of the all-passes in milliseconds, and their coefficient.
const DELAYS_MS: [f64; 4] = [0.61, 1.37, 2.29, 3.83];
const COEFFICIENT: f32 = 0.55;

/// The side of a mono sound, of the same energy above [`CENTRE_HZ`]. `turn` chooses one of several, so that
/// two lanes with one sound differ.
#[must_use]
pub(crate) fn side(mono: &[f32], rate_hz: f64, turn: u8) -> Vec<f32> {
    let mut side = mono.to_vec();
    let high_pass = Biquad::high_pass(CENTRE_HZ, BUTTERWORTH, rate_hz);
    high_pass.filter(&mut side);
    high_pass.filter(&mut side);
    let stretch = 1.0 + 0.11 * f64::from(turn % 5);
    for ms in DELAYS_MS {
        all_pass(&mut side, ((ms * stretch * 1e-3 * rate_hz) as usize).max(1));
    }
    if turn % 2 == 1 {
        side.iter_mut().for_each(|value| *value = -*value);
    }
    side
}

fn all_pass(sound: &mut [f32], delay: usize) {
    let mut memory = vec![0.0f32; delay];
    for (at, value) in sound.iter_mut().enumerate() {
        let place = &mut memory[at % delay];
        let out = *place - COEFFICIENT * *value;
        *place = *value + COEFFICIENT * out;
        *value = out;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_has_the_sounds_energy_and_little_of_its_shape() {
        let mut rng = crate::rng::Rng::new(crate::units::Seed(5));
        let mono: Vec<f32> = (0..48_000).map(|n| rng.normal() * (-(n as f32) / 6_000.0).exp()).collect();
        for turn in 0..4 {
            let side = side(&mono, 48_000.0, turn);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
            let (energy, of_side) = (dot(&mono, &mono), dot(&side, &side));
            assert!((10.0 * (of_side / energy).log10()).abs() < 0.5, "{}", of_side / energy);
            assert!((dot(&mono, &side) / (energy * of_side).sqrt()).abs() < 0.35);
        }
    }

    #[test]
    fn the_low_end_has_no_side() {
        let low = super::super::probe::sine(60.0, 48_000.0, 24_000, 0.5);
        let side = side(&low, 48_000.0, 0);
        assert!(side[12_000..].iter().all(|value| value.abs() < 0.005));
    }
}
