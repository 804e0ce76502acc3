//! What the audio critic hears: a fixed number of values from any stretch of audio.
//!
//! Study and tool threads. Independent of grid, tempo, sample rate and length, so that a rendered
//! loop and a recording stand in the same space: log-mel bands pooled over time (mean, spread, onset
//! strength) and the rhythm of the onsets as autocorrelation at fixed times in three broad bands.

use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Mel bands.
pub const BANDS: usize = 32;
/// Broad bands in which onsets are followed.
const BROAD: usize = 3;
/// Times at which onsets are compared with themselves, in seconds: sixteenths at 120 bpm up to a bar.
const LAGS: usize = 16;
const LAG_S: f64 = 0.125;
/// Values that describe a stretch of audio.
pub const FEATURES: usize = 3 * BANDS + BROAD * LAGS;

const WINDOW: usize = 1024;
/// Seconds from one column to the next.
const HOP_S: f64 = 1.0 / 96.0;
const LOWEST_HZ: f64 = 40.0;
const HIGHEST_HZ: f64 = 15_000.0;
/// Power that is added before the logarithm: −70 dB of a full-scale sine in one band.
const FLOOR: f32 = 1e-3;
/// The most audio that is listened to, in seconds.
pub const MOST_S: f64 = 30.0;

/// The analysis for one sample rate.
pub struct Spectrum {
    rate_hz: f64,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// First bin and weights of each band.
    bands: Vec<(usize, Vec<f32>)>,
    frame: Vec<f32>,
    bins: Vec<realfft::num_complex::Complex<f32>>,
    scratch: Vec<realfft::num_complex::Complex<f32>>,
}

impl Spectrum {
    /// Builds the tables for a sample rate in hertz.
    #[must_use]
    pub fn new(rate_hz: f64) -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let window = (0..WINDOW)
            .map(|n| (std::f64::consts::PI * (n as f64 + 0.5) / WINDOW as f64).sin().powi(2) as f32)
            .collect();
        let mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
        let top = mel(HIGHEST_HZ.min(rate_hz / 2.0));
        let edge = |i: usize| {
            let at = mel(LOWEST_HZ) + (top - mel(LOWEST_HZ)) * i as f64 / (BANDS + 1) as f64;
            700.0 * (10f64.powf(at / 2595.0) - 1.0)
        };
        let bin_hz = rate_hz / WINDOW as f64;
        let bands = (0..BANDS)
            .map(|m| {
                let (left, centre, right) = (edge(m), edge(m + 1), edge(m + 2));
                let weight = |bin: usize| {
                    let f = bin as f64 * bin_hz;
                    ((f - left) / (centre - left)).min((right - f) / (right - centre)).max(0.0)
                };
                let inside: Vec<usize> = (1..WINDOW / 2).filter(|&b| weight(b) > 0.0).collect();
                match inside.first() {
                    Some(&first) => (first, inside.iter().map(|&b| weight(b) as f32).collect()),
                    // A band narrower than a bin listens to the nearest one.
                    None => (((centre / bin_hz).round() as usize).clamp(1, WINDOW / 2 - 1), vec![1.0]),
                }
            })
            .collect();
        Self {
            rate_hz,
            window,
            bands,
            frame: fft.make_input_vec(),
            bins: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// Describes mono audio at the analysis' rate. Level counts: a loud loop is not a quiet one.
    pub fn features(&mut self, audio: &[f32]) -> [f32; FEATURES] {
        let hop = self.rate_hz * HOP_S;
        let most = (MOST_S * self.rate_hz) as usize;
        let audio = &audio[..audio.len().min(most)];
        let columns = ((audio.len() as f64 / hop) as usize).max(1);
        let mut mel = vec![[0.0f32; BANDS]; columns];
        for (column, bands) in mel.iter_mut().enumerate() {
            self.column(audio, (column as f64 * hop) as usize, bands);
        }
        pooled(&mel)
    }

    fn column(&mut self, audio: &[f32], start: usize, out: &mut [f32; BANDS]) {
        // A loop comes round: what follows its end is its start.
        let (head, tail) = audio.split_at(start.min(audio.len()));
        let round = tail.iter().chain(head).cycle().take(WINDOW);
        self.frame.fill(0.0);
        for ((to, w), x) in self.frame.iter_mut().zip(&self.window).zip(round) {
            *to = x * w;
        }
        // The buffers have the plan's own lengths, so it cannot refuse them.
        let _ = self.fft.process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch);
        for (to, (first, weights)) in out.iter_mut().zip(&self.bands) {
            let power: f32 = self.bins[*first..].iter().zip(weights).map(|(bin, w)| bin.norm_sqr() * w).sum();
            *to = (power + FLOOR).ln();
        }
    }
}

fn pooled(mel: &[[f32; BANDS]]) -> [f32; FEATURES] {
    let n = mel.len() as f32;
    let mut out = [0.0; FEATURES];
    let mut onsets = vec![[0.0f32; BROAD]; mel.len()];
    for band in 0..BANDS {
        let mean = mel.iter().map(|c| c[band]).sum::<f32>() / n;
        let variance = mel.iter().map(|c| (c[band] - mean).powi(2)).sum::<f32>() / n;
        let mut rises = 0.0;
        for at in 0..mel.len() {
            // A loop comes round: its first column follows its last.
            let before = mel[(at + mel.len() - 1) % mel.len()][band];
            let rise = (mel[at][band] - before).max(0.0);
            rises += rise;
            onsets[at][band * BROAD / BANDS] += rise;
        }
        out[band] = mean;
        out[BANDS + band] = variance.sqrt();
        out[2 * BANDS + band] = rises / n;
    }
    for broad in 0..BROAD {
        let mean = onsets.iter().map(|o| o[broad]).sum::<f32>() / n;
        let at = |k: usize| onsets[k % onsets.len()][broad] - mean;
        let power = (0..onsets.len()).map(|k| at(k) * at(k)).sum::<f32>() + 1e-6;
        for lag in 0..LAGS {
            let shift = ((lag + 1) as f64 * LAG_S / HOP_S).round() as usize;
            let sum: f32 = (0..onsets.len()).map(|k| at(k) * at(k + shift)).sum();
            out[3 * BANDS + broad * LAGS + lag] = sum / power;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clicks(rate_hz: f64, hz: f64, every_s: f64, seconds: f64) -> Vec<f32> {
        (0..(rate_hz * seconds) as usize)
            .map(|n| {
                let t = (n as f64 / rate_hz) % every_s;
                ((std::f64::consts::TAU * hz * t).sin() * (-t / 0.01).exp()) as f32
            })
            .collect()
    }

    fn strongest_band(f: &[f32; FEATURES]) -> usize {
        (0..BANDS).max_by(|a, b| f[*a].total_cmp(&f[*b])).unwrap()
    }

    #[test]
    fn pitch_moves_the_bands_and_period_the_autocorrelation() {
        let mut spectrum = Spectrum::new(44_100.0);
        let low = spectrum.features(&clicks(44_100.0, 120.0, 0.5, 2.0));
        let high = spectrum.features(&clicks(44_100.0, 6000.0, 0.5, 2.0));
        assert!(strongest_band(&low) + 10 < strongest_band(&high));
        // Half a second is the fourth lag in every broad band where there are onsets.
        let lag = |f: &[f32; FEATURES], broad: usize, k: usize| f[3 * BANDS + broad * LAGS + k - 1];
        assert!(lag(&high, 2, 4) > 0.8 && lag(&high, 2, 3) < 0.3);
    }

    #[test]
    fn the_description_hardly_depends_on_the_sample_rate() {
        let a = Spectrum::new(44_100.0).features(&clicks(44_100.0, 900.0, 0.25, 2.0));
        let b = Spectrum::new(48_000.0).features(&clicks(48_000.0, 900.0, 0.25, 2.0));
        let means = |f: &[f32; FEATURES]| f[..BANDS].to_vec();
        let off: f32 =
            means(&a).iter().zip(means(&b)).map(|(x, y)| (x - y).abs()).sum::<f32>() / BANDS as f32;
        assert!(off < 0.5, "{off}");
    }

    #[test]
    fn silence_and_nothing_are_described_without_infinities() {
        for audio in [vec![0.0; 44_100], Vec::new()] {
            assert!(Spectrum::new(44_100.0).features(&audio).iter().all(|v| v.is_finite()));
        }
    }
}
