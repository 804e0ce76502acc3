//! Loudness and true peak after ITU-R BS.1770-5.
//!
//! Worker, builder and loader threads.

use super::Audio;
use std::f64::consts::PI;

/// Seconds over which a one-shot's loudness is averaged.
const WINDOW_S: f64 = 0.2;
/// What silence measures.
pub const SILENCE_DB: f32 = -70.0;

/// A second-order section in transposed direct form II.
#[derive(Clone, Copy)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    z: [f64; 2],
}

impl Section {
    fn run(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.z[0];
        self.z[0] = self.b[1] * x - self.a[0] * y + self.z[1];
        self.z[1] = self.b[2] * x - self.a[1] * y;
        y
    }

    /// The head's high shelf (BS.1770 annex 1, stage 1), for any rate by the bilinear transform.
    fn shelf(rate_hz: f64) -> Self {
        let k = (PI * 1_681.974_450_955_533 / rate_hz).tan();
        let q = 0.707_175_236_955_419_6;
        let vh = 10f64.powf(3.999_843_853_973_347 / 20.0);
        let vb = vh.powf(0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        Self {
            b: [(vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0],
            a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0],
            z: [0.0; 2],
        }
    }

    /// The revised low-frequency B curve (BS.1770 annex 1, stage 2).
    fn high_pass(rate_hz: f64) -> Self {
        let k = (PI * 38.135_470_876_024_44 / rate_hz).tan();
        let q = 0.500_327_037_323_877_3;
        let a0 = 1.0 + k / q + k * k;
        Self { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0], z: [0.0; 2] }
    }
}

/// K-weighted mean square of the loudest 200 ms in decibels (a sine of full scale at 1 kHz in both
/// channels measures about 0); [`SILENCE_DB`] at the least.
#[must_use]
pub fn loudness_db(audio: &Audio) -> f32 {
    let rate_hz = audio.rate.hz();
    // A mono sound is heard from both sides.
    let (right, weight) = (audio.right.as_deref(), if audio.right.is_some() { 1.0 } else { 2.0 });
    let block = ((0.01 * rate_hz) as usize).max(1);
    let mut blocks = vec![0.0f64; audio.left.len().div_ceil(block).max(1)];
    for channel in [Some(audio.left.as_slice()), right].into_iter().flatten() {
        let (mut shelf, mut high_pass) = (Section::shelf(rate_hz), Section::high_pass(rate_hz));
        for (index, chunk) in channel.chunks(block).enumerate() {
            let mut sum = 0.0;
            for &x in chunk {
                let x = if x.is_finite() { f64::from(x.clamp(-64.0, 64.0)) } else { 0.0 };
                let y = high_pass.run(shelf.run(x));
                sum += y * y;
            }
            if let Some(slot) = blocks.get_mut(index) {
                *slot += weight * sum;
            }
        }
    }
    let span = (WINDOW_S / 0.01).round() as usize;
    let loudest = (0..blocks.len())
        .map(|from| blocks[from..(from + span).min(blocks.len())].iter().sum::<f64>())
        .fold(0.0, f64::max);
    let mean = loudest / (span * block) as f64;
    ((10.0 * (mean + 1e-12).log10() - 0.691) as f32).max(SILENCE_DB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;

    #[test]
    fn a_full_scale_1_khz_sine_in_one_channel_measures_minus_3_01() {
        // BS.1770: a 0 dBFS, 997 Hz sine in one channel gives −3.01 LKFS.
        for rate in [44_100.0, 48_000.0, 96_000.0] {
            let left: Vec<f32> =
                (0..48_000).map(|i| (2.0 * PI * 997.0 * f64::from(i) / rate).sin() as f32).collect();
            let right = Some(vec![0.0; left.len()]);
            let db = loudness_db(&Audio { rate: SampleRate::new(rate), left, right });
            assert!((db + 3.01).abs() < 0.05, "{rate}: {db}");
        }
    }
}
