//! Mel-frequency cepstral coefficients as the published critic sees them.
//!
//! Study and tool threads. The reference is torchaudio 0.6 `transforms.MFCC(n_mfcc=60)` with its
//! defaults: periodic Hann window of 400, hop 200, reflected edges, power spectrum, 128 HTK mel bands
//! spaced *as if the audio had 16 kHz* (the published critic runs it on 44.1 kHz audio and so warps
//! the mel axis; that is part of the system), decibels with 80 dB range, orthonormal DCT-II.

use realfft::{RealFftPlanner, RealToComplex};
use std::sync::Arc;

/// Coefficients.
pub const COEFFICIENTS: usize = 60;
const MEL_BANDS: usize = 128;
const WINDOW: usize = 400;
/// Frames of audio from one column to the next.
pub(super) const HOP: usize = 200;
const BINS: usize = WINDOW / 2 + 1;
/// The rate that the mel bands are spaced for, in hertz.
const NOMINAL_RATE_HZ: f64 = 16_000.0;
/// Power below which decibels stop.
const POWER_FLOOR: f32 = 1e-10;
/// Range below the loudest cell.
const RANGE_DB: f32 = 80.0;

/// One mel band: its first bin and its weights from there.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

/// The transform with its tables and scratch memory.
pub struct Mfcc {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bands: Vec<Band>,
    /// `[coefficient][band]`.
    dct: Vec<f32>,
    frame: Vec<f32>,
    spectrum: Vec<realfft::num_complex::Complex<f32>>,
    scratch: Vec<realfft::num_complex::Complex<f32>>,
    power: Vec<f32>,
    /// `[band][column]`.
    decibels: Vec<f32>,
}

impl Default for Mfcc {
    fn default() -> Self {
        Self::new()
    }
}

impl Mfcc {
    /// Builds the tables.
    #[must_use]
    pub fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let window = (0..WINDOW)
            .map(|n| (0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / WINDOW as f64).cos()) as f32)
            .collect();
        let mut dct = vec![0.0; COEFFICIENTS * MEL_BANDS];
        for (k, row) in dct.chunks_exact_mut(MEL_BANDS).enumerate() {
            let scale =
                if k == 0 { (1.0 / MEL_BANDS as f64).sqrt() } else { (2.0 / MEL_BANDS as f64).sqrt() };
            for (m, to) in row.iter_mut().enumerate() {
                let angle = std::f64::consts::PI / MEL_BANDS as f64 * (m as f64 + 0.5) * k as f64;
                *to = (angle.cos() * scale) as f32;
            }
        }
        Self {
            window,
            bands: mel_bands(),
            dct,
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; BINS],
            decibels: Vec::new(),
            fft,
        }
    }

    /// Columns that a clip of so many frames gives.
    #[must_use]
    pub fn columns(frames: usize) -> usize {
        1 + frames / HOP
    }

    /// Appends the coefficients of a mono clip (longer than half a window), `[coefficient][column]`.
    pub fn append(&mut self, clip: &[f32], out: &mut Vec<f32>) {
        let columns = Self::columns(clip.len());
        self.decibels.clear();
        self.decibels.resize(MEL_BANDS * columns, 0.0);
        let mut loudest = f32::NEG_INFINITY;
        for column in 0..columns {
            self.power_of(clip, column);
            for (m, band) in self.bands.iter().enumerate() {
                let bins = &self.power[band.first..band.first + band.weights.len()];
                let sum: f32 = bins.iter().zip(&band.weights).map(|(p, w)| p * w).sum();
                let db = 10.0 * sum.max(POWER_FLOOR).log10();
                loudest = loudest.max(db);
                self.decibels[m * columns + column] = db;
            }
        }
        let floor = loudest - RANGE_DB;
        self.decibels.iter_mut().for_each(|db| *db = db.max(floor));
        let start = out.len();
        out.resize(start + COEFFICIENTS * columns, 0.0);
        for (k, row) in out[start..].chunks_exact_mut(columns).enumerate() {
            let weights = &self.dct[k * MEL_BANDS..(k + 1) * MEL_BANDS];
            for (weight, band) in weights.iter().zip(self.decibels.chunks_exact(columns)) {
                for (to, db) in row.iter_mut().zip(band) {
                    *to += weight * db;
                }
            }
        }
    }

    /// The power spectrum around a column's centre, edges reflected.
    fn power_of(&mut self, clip: &[f32], column: usize) {
        let centre = (column * HOP) as isize;
        let start = centre - (WINDOW / 2) as isize;
        let last = clip.len() as isize - 1;
        let inside = start >= 0 && start + WINDOW as isize <= clip.len() as isize;
        if inside {
            let from = &clip[start as usize..start as usize + WINDOW];
            for ((to, x), w) in self.frame.iter_mut().zip(from).zip(&self.window) {
                *to = x * w;
            }
        } else {
            for (n, (to, w)) in self.frame.iter_mut().zip(&self.window).enumerate() {
                let at = (start + n as isize).abs();
                let at = if at > last { 2 * last - at } else { at };
                *to = clip.get(at.unsigned_abs()).copied().unwrap_or(0.0) * w;
            }
        }
        // The buffers have the plan's own lengths, so it cannot refuse them.
        let _ = self.fft.process_with_scratch(&mut self.frame, &mut self.spectrum, &mut self.scratch);
        for (to, bin) in self.power.iter_mut().zip(&self.spectrum) {
            *to = bin.norm_sqr();
        }
    }
}

/// Triangular bands, evenly spaced on the HTK mel scale, peak 1.
fn mel_bands() -> Vec<Band> {
    let mel_of = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
    let hz_of = |mel: f64| 700.0 * (10f64.powf(mel / 2595.0) - 1.0);
    let top = mel_of(NOMINAL_RATE_HZ / 2.0);
    let edge = |i: usize| hz_of(top * i as f64 / (MEL_BANDS + 1) as f64);
    let bin_hz = NOMINAL_RATE_HZ / 2.0 / (BINS - 1) as f64;
    (0..MEL_BANDS)
        .map(|m| {
            let (left, centre, right) = (edge(m), edge(m + 1), edge(m + 2));
            let weight = |bin: usize| {
                let f = bin as f64 * bin_hz;
                ((f - left) / (centre - left)).min((right - f) / (right - centre)).max(0.0)
            };
            let inside: Vec<usize> = (0..BINS).filter(|&bin| weight(bin) > 0.0).collect();
            let first = inside.first().copied().unwrap_or(0);
            Band { first, weights: inside.iter().map(|&bin| weight(bin) as f32).collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use deepdrummer_core::rng::Rng;
    use deepdrummer_core::units::Seed;

    /// The definition, term by term in double precision: reflected frame, DFT by its sum, dense mel
    /// matrix, decibels, DCT by its sum.
    fn by_definition(clip: &[f32]) -> Vec<f64> {
        let n_cols = 1 + clip.len() / 200;
        let reflect = |i: i64| {
            let last = clip.len() as i64 - 1;
            let i = if i < 0 { -i } else { i };
            f64::from(clip[(if i > last { 2 * last - i } else { i }) as usize])
        };
        let mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
        let edges: Vec<f64> = (0..130)
            .map(|i| 700.0 * (10f64.powf(mel(8000.0) * f64::from(i) / 129.0 / 2595.0) - 1.0))
            .collect();
        // `[column][band]`.
        let mut db = vec![vec![0.0; 128]; n_cols];
        for (c, column) in db.iter_mut().enumerate() {
            let power: Vec<f64> = (0..=200)
                .map(|k| {
                    let (mut re, mut im) = (0.0, 0.0);
                    for n in 0..400 {
                        let hann = (std::f64::consts::PI * f64::from(n) / 400.0).sin().powi(2);
                        let x = reflect(c as i64 * 200 - 200 + i64::from(n)) * hann;
                        let angle = std::f64::consts::TAU * f64::from(k) * f64::from(n) / 400.0;
                        re += x * angle.cos();
                        im -= x * angle.sin();
                    }
                    re * re + im * im
                })
                .collect();
            for (m, to) in column.iter_mut().enumerate() {
                let sum: f64 = (0..=200)
                    .map(|k| {
                        let f = f64::from(k) * 40.0;
                        let up = (f - edges[m]) / (edges[m + 1] - edges[m]);
                        let down = (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1]);
                        power[k as usize] * up.min(down).max(0.0)
                    })
                    .sum();
                *to = 10.0 * sum.max(1e-10).log10();
            }
        }
        let top = db.iter().flatten().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let mut out = Vec::new();
        for k in 0..60 {
            for column in &db {
                let sum: f64 = column
                    .iter()
                    .enumerate()
                    .map(|(m, db)| {
                        let angle = std::f64::consts::PI * f64::from(k) * (2.0 * m as f64 + 1.0) / 256.0;
                        db.max(top - 80.0) * angle.cos()
                    })
                    .sum();
                let scale: f64 = if k == 0 { 1.0 / 128.0 } else { 2.0 / 128.0 };
                out.push(sum * scale.sqrt());
            }
        }
        out
    }

    #[test]
    fn coefficients_equal_their_definition() {
        let mut rng = Rng::new(Seed(4));
        let clip: Vec<f32> = (0..1700)
            .map(|n| 0.3 * (n as f32 * 0.05).sin() * (-(n as f32) / 500.0).exp() + 0.01 * rng.normal())
            .collect();
        let mut ours = Vec::new();
        Mfcc::new().append(&clip, &mut ours);
        let theirs = by_definition(&clip);
        assert_eq!(ours.len(), theirs.len());
        for (at, (a, b)) in ours.iter().zip(&theirs).enumerate() {
            assert!((f64::from(*a) - b).abs() < 2e-3 * b.abs().max(1.0), "{at}: {a} {b}");
        }
    }

    #[test]
    fn a_bar_of_two_seconds_gives_442_columns() {
        let mut out = Vec::new();
        Mfcc::new().append(&vec![0.0; 88_200], &mut out);
        assert_eq!(out.len(), COEFFICIENTS * 442);
        assert!(out.iter().all(|v| v.is_finite()));
    }
}
