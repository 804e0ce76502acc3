//! What is measured once per one-shot and cached: descriptors, layer membership, spectra, thumbnail.
//!
//! Worker, builder and loader threads. Must never give a value that is not finite, whatever the sound.

mod bytes;

use super::Audio;
use super::loudness::loudness_db;
pub(super) use bytes::take;
use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::sync::Arc;

/// Number of scalar descriptors.
pub const DESCRIPTORS: usize = 30;
/// Mel bands of the cached per-step spectra.
pub const MEL_BANDS: usize = 16;
/// Steps after the onset that the cached spectra cover, 125 ms each.
pub(crate) const MEL_STEPS: usize = 4;
/// Points of the waveform thumbnail.
pub(crate) const PEAKS: usize = 64;

/// Seconds of one cached spectrum step: a sixteenth note at 120 quarter notes a minute.
const STEP_S: f64 = 0.125;
/// Seconds after the onset that decide on a sound's layer and centroid.
const LAYER_S: f64 = 0.3;
/// Seconds after the onset that are measured: longer tails say nothing more about a drum.
const MEASURED_S: f64 = 4.0;
/// Seconds of one spectrum frame, brought to the nearest power of two in frames.
const WINDOW_S: f64 = 0.0232;
/// Spectrum frames per window length.
const OVERLAP: usize = 4;
/// Upper edges of the energy bands in hertz; the last band is open.
const BAND_EDGES_HZ: [f32; 5] = [100.0, 300.0, 1_000.0, 4_000.0, 8_000.0];
/// The mel filters cover this range in hertz.
const MEL_RANGE_HZ: (f32, f32) = (20.0, 20_000.0);

/// Measurements of one one-shot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Raw (not normalised) descriptors: logarithms of duration and attack; RMS, crest factor; logarithms of
    /// the spectrum's centroid, spread, roll-off and flatness; zero crossings; energy in six bands; decay
    /// slope, late energy; cepstrum 1 to 12; glide of the centroid.
    pub descriptors: [f32; DESCRIPTORS],
    /// Soft membership in the layers low, mid, bright; sums to 1.
    pub layers: [f32; 3],
    /// Energy (square of full scale × seconds) in 16 mel bands from 20 Hz to 20 kHz in the four 125 ms
    /// steps from the onset. Energies of several hits may be added to estimate a loop's spectrum.
    pub mel: [[f32; MEL_BANDS]; MEL_STEPS],
    /// Length in seconds until the last value above −60 dBFS.
    pub duration_s: f32,
    /// Time in seconds from the onset until 95 % of the energy has passed.
    pub decay_s: f32,
    /// Spectral centroid of the first 300 ms in hertz.
    pub centroid_hz: f32,
    /// Loudness in LUFS-like decibels: K-weighted (ITU-R BS.1770) mean square of the loudest 200 ms,
    /// about the time over which hearing adds up short sounds; −70 for silence.
    pub loudness_db: f32,
    /// Peak of each of 64 equal stretches, 0 to 255 of full scale.
    #[serde(with = "peaks_as_seq")]
    pub peaks: [u8; PEAKS],
}

impl Analysis {
    /// Measures a sound of any rate and length, silence included. The two channels are heard as their
    /// mean, or the left one alone where the mean would cancel. Every value is finite.
    #[must_use]
    pub fn of(audio: &Audio) -> Self {
        let rate_hz = audio.rate.hz();
        let mono = heard(audio);
        let peak = mono.iter().fold(0.0f32, |m, x| m.max(x.abs()));
        let duration = mono.iter().rposition(|x| x.abs() > 0.001).map_or(0, |at| at + 1);
        let duration_s = (duration as f64 / rate_hz) as f32;
        let mut peaks = [0u8; PEAKS];
        for (index, point) in peaks.iter_mut().enumerate() {
            let from = index * mono.len() / PEAKS;
            let to = ((index + 1) * mono.len()).div_ceil(PEAKS).min(mono.len());
            let top = mono[from.min(to)..to].iter().fold(0.0f32, |m, x| m.max(x.abs()));
            *point = (top.min(1.0) * 255.0).round() as u8;
        }
        let onset = mono.iter().position(|x| x.abs() > 0.02 * peak).unwrap_or(0);
        let measured = (MEASURED_S * rate_hz) as usize;
        let sound = &mono[onset.min(mono.len())..(onset + measured).min(mono.len())];
        let time = TimeDomain::of(sound, rate_hz, peak);
        let spectra = Spectra::of(sound, rate_hz);
        let centroid_hz = spectra.moments(&spectra.sum_until(LAYER_S)).0;
        let loudness_db = loudness_db(audio);
        let analysis = Self {
            descriptors: spectra.descriptors(&time),
            layers: spectra.layers(),
            mel: spectra.steps(),
            duration_s,
            decay_s: time.decay_s,
            centroid_hz,
            loudness_db,
            peaks,
        };
        debug_assert!(analysis.is_finite());
        analysis
    }

    /// True where every value is finite; anything else is never made by [`Analysis::of`] and must not
    /// be taken from a file.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.descriptors.iter().chain(&self.layers).chain(self.mel.iter().flatten()).all(|x| x.is_finite())
            && [self.duration_s, self.decay_s, self.centroid_hz, self.loudness_db]
                .iter()
                .all(|x| x.is_finite())
    }
}

/// The mean of the channels; the left one where the mean has lost nearly all energy (opposite phase).
fn heard(audio: &Audio) -> Vec<f32> {
    let clean = |x: f32| if x.is_finite() { x.clamp(-64.0, 64.0) } else { 0.0 };
    let left: Vec<f32> = audio.left.iter().map(|&x| clean(x)).collect();
    let Some(right) = &audio.right else { return left };
    let mean: Vec<f32> = left.iter().zip(right).map(|(l, &r)| 0.5 * (l + clean(r))).collect();
    if energy(&mean)
        < 0.02 * (energy(&left) + right.iter().map(|&r| f64::from(clean(r)).powi(2)).sum::<f64>())
    {
        left
    } else {
        mean
    }
}

fn energy(x: &[f32]) -> f64 {
    x.iter().map(|&v| f64::from(v) * f64::from(v)).sum()
}

/// Levels in decibels by column (equal times over `seconds` from the start) and row (equal ratios from
/// 40 Hz to 20 kHz, lowest first).
#[must_use]
pub fn spectrogram(audio: &Audio, columns: usize, rows: usize, seconds: f64) -> Vec<Vec<f32>> {
    let spectra = Spectra::of(&heard(audio), audio.rate.hz());
    let edge = |row: usize| 40.0 * 500f32.powf(row as f32 / rows as f32) / spectra.bin_hz;
    (0..columns)
        .map(|column| {
            let frame = (seconds * column as f64 / columns as f64 / spectra.hop_s) as usize;
            let power = |row: usize| {
                let bins = spectra.frames.get(frame)?;
                let first = (edge(row) as usize).min(bins.len() - 1);
                let last = (edge(row + 1) as usize).clamp(first, bins.len() - 1);
                bins[first..=last].iter().copied().reduce(f32::max)
            };
            (0..rows).map(|row| 10.0 * (power(row).unwrap_or(0.0) + 1e-14).log10()).collect()
        })
        .collect()
}

/// What is measured without a spectrum.
struct TimeDomain {
    decay_s: f32,
    attack_s: f32,
    rms: f32,
    crest: f32,
    zero_crossings: f32,
    late: f32,
}

impl TimeDomain {
    fn of(sound: &[f32], rate_hz: f64, peak: f32) -> Self {
        let total = energy(sound);
        let mut passed = 0.0;
        let mut decay = 0;
        if total > 0.0 {
            for (at, &x) in sound.iter().enumerate() {
                passed += f64::from(x) * f64::from(x);
                if passed >= 0.95 * total {
                    decay = at;
                    break;
                }
            }
        }
        // Running mean of the magnitude over 1.5 ms; the attack ends where it reaches 80 % of its top.
        let span = ((0.0015 * rate_hz) as usize).max(1);
        let mut window = 0.0f64;
        let envelope: Vec<f64> = sound
            .iter()
            .enumerate()
            .map(|(at, &x)| {
                window += f64::from(x.abs());
                if at >= span {
                    window -= f64::from(sound[at - span].abs());
                }
                window
            })
            .collect();
        let top = envelope.iter().copied().fold(0.0, f64::max);
        let attack = if top > 0.0 { envelope.iter().position(|&e| e > 0.8 * top).unwrap_or(0) } else { 0 };
        let rms = (total / rate_hz + 1e-12).sqrt() as f32;
        let judged = &sound[..decay.max((0.0015 * rate_hz) as usize).min(sound.len())];
        let crossings = judged.windows(2).filter(|w| (w[0] < 0.0) != (w[1] < 0.0)).count();
        // A rate in crossings a second, as a share of 44.1 kHz, so that it doesn't depend on the file's rate.
        let seconds = (judged.len() as f64 / rate_hz).max(1e-4);
        let early = &sound[..((0.1 * rate_hz) as usize).min(sound.len())];
        let late = (total - energy(early)).max(0.0) / rate_hz;
        Self {
            decay_s: (decay as f64 / rate_hz) as f32,
            attack_s: (attack as f64 / rate_hz) as f32,
            rms,
            crest: peak / (rms + 1e-3),
            zero_crossings: (crossings as f64 / seconds / 44_100.0) as f32,
            late: ((late + 1e-8).log10() - (energy(early) / rate_hz + 1e-8).log10()) as f32,
        }
    }
}

/// Short-time power spectra of one sound.
struct Spectra {
    /// Power per frame: energy (square of full scale × seconds) per bin.
    frames: Vec<Vec<f32>>,
    hop_s: f64,
    bin_hz: f32,
    mel: Arc<Vec<(usize, Vec<f32>)>>,
}

/// A planned transform and its filters, kept per thread for the last frame size and rate.
struct Transforms {
    rate_hz: f64,
    size: usize,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    mel: Arc<Vec<(usize, Vec<f32>)>>,
}

thread_local! {
    static TRANSFORMS: RefCell<Option<Transforms>> = const { RefCell::new(None) };
}

impl Transforms {
    fn new(rate_hz: f64) -> Self {
        let size = 1usize << ((WINDOW_S * rate_hz).log2().round() as u32).clamp(7, 14);
        let window: Vec<f32> = (0..size)
            .map(|i| (0.5 - 0.5 * (std::f64::consts::TAU * i as f64 / size as f64).cos()) as f32)
            .collect();
        let mel = Arc::new(mel_filters(size, rate_hz as f32));
        Self { rate_hz, size, fft: RealFftPlanner::new().plan_fft_forward(size), window, mel }
    }
}

/// Triangular filters, equally spaced in mel (O'Shaughnessy 1987), unit height, as first bin + weights.
fn mel_filters(size: usize, rate_hz: f32) -> Vec<(usize, Vec<f32>)> {
    let mel = |hz: f32| 2595.0 * (1.0 + hz / 700.0).log10();
    let hz = |mel: f32| 700.0 * (10f32.powf(mel / 2595.0) - 1.0);
    let (low, high) = (mel(MEL_RANGE_HZ.0), mel(MEL_RANGE_HZ.1));
    let edge = |i: usize| hz(low + (high - low) * i as f32 / (MEL_BANDS + 1) as f32);
    let bin_hz = rate_hz / size as f32;
    (0..MEL_BANDS)
        .map(|band| {
            let (a, b, c) = (edge(band), edge(band + 1), edge(band + 2));
            let first = (a / bin_hz) as usize;
            let last = ((c / bin_hz).ceil() as usize).min(size / 2);
            let weights = (first..=last.max(first))
                .map(|bin| {
                    let f = bin as f32 * bin_hz;
                    ((f - a) / (b - a)).min((c - f) / (c - b)).max(0.0)
                })
                .collect();
            (first, weights)
        })
        .collect()
}

impl Spectra {
    fn of(sound: &[f32], rate_hz: f64) -> Self {
        TRANSFORMS.with_borrow_mut(|slot| {
            if slot.as_ref().is_none_or(|transforms| transforms.rate_hz != rate_hz) {
                *slot = None;
            }
            let transforms = slot.get_or_insert_with(|| Transforms::new(rate_hz));
            Self::with(transforms, sound)
        })
    }

    fn with(transforms: &Transforms, sound: &[f32]) -> Self {
        let (size, hop) = (transforms.size, transforms.size / OVERLAP);
        let mut input = transforms.fft.make_input_vec();
        let mut output = transforms.fft.make_output_vec();
        let mut scratch = transforms.fft.make_scratch_vec();
        let norm = 2.0 / (size as f64 * transforms.window.iter().map(|&w| f64::from(w).powi(2)).sum::<f64>());
        let hop_s = hop as f64 / transforms.rate_hz;
        let scale = (norm * hop_s) as f32;
        // Half a window before the onset, so that the attack isn't faded out by the window.
        let lead = size / 2;
        let count = (sound.len() + lead).saturating_sub(size).div_ceil(hop) + 1;
        let frames = (0..count)
            .map(|frame| {
                for (i, (slot, &w)) in input.iter_mut().zip(&transforms.window).enumerate() {
                    let at = (frame * hop + i).wrapping_sub(lead);
                    *slot = sound.get(at).map_or(0.0, |&x| x * w);
                }
                // It fails only on buffers of the wrong length, and these are its own.
                if transforms.fft.process_with_scratch(&mut input, &mut output, &mut scratch).is_err() {
                    output.fill(Complex::default());
                }
                output.iter().map(|c| c.norm_sqr() * scale).collect()
            })
            .collect();
        let bin_hz = (transforms.rate_hz / size as f64) as f32;
        Self { frames, hop_s, bin_hz, mel: transforms.mel.clone() }
    }

    fn sum_until(&self, seconds: f64) -> Vec<f32> {
        let last = ((seconds / self.hop_s).ceil() as usize).clamp(1, self.frames.len().max(1));
        let mut sum = vec![0.0f32; self.frames.first().map_or(1, Vec::len)];
        for frame in self.frames.iter().take(last) {
            for (s, p) in sum.iter_mut().zip(frame) {
                *s += p;
            }
        }
        sum
    }

    /// Centroid and spread in hertz.
    fn moments(&self, power: &[f32]) -> (f32, f32) {
        let hz = |bin: usize| bin as f64 * f64::from(self.bin_hz);
        let total = power.iter().map(|&p| f64::from(p)).sum::<f64>();
        if total <= 1e-18 {
            return (0.0, 0.0);
        }
        let mean = |f: &dyn Fn(f64) -> f64| {
            power.iter().enumerate().map(|(bin, &p)| f(hz(bin)) * f64::from(p)).sum::<f64>() / total
        };
        let centroid = mean(&|f| f);
        (centroid as f32, mean(&|f| (f - centroid).powi(2)).sqrt() as f32)
    }

    fn mel_of(&self, power: &[f32]) -> [f32; MEL_BANDS] {
        let mut bands = [0.0; MEL_BANDS];
        for (band, (first, weights)) in bands.iter_mut().zip(self.mel.iter()) {
            let powers = power.get(*first..).unwrap_or_default();
            *band = powers.iter().zip(weights).map(|(p, w)| p * w).sum();
        }
        bands
    }

    fn steps(&self) -> [[f32; MEL_BANDS]; MEL_STEPS] {
        let mut steps = [[0.0; MEL_BANDS]; MEL_STEPS];
        for (index, frame) in self.frames.iter().enumerate() {
            let Some(step) = steps.get_mut((index as f64 * self.hop_s / STEP_S) as usize) else { break };
            for (sum, p) in step.iter_mut().zip(self.mel_of(frame)) {
                *sum += p;
            }
        }
        steps
    }

    /// Low, mid, bright: from the share of energy below 200 Hz and the centroid of the first 300 ms.
    fn layers(&self) -> [f32; 3] {
        let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
        let power = self.sum_until(LAYER_S);
        let below = (200.0 / self.bin_hz) as usize;
        let total = power.iter().sum::<f32>();
        if total <= 1e-15 {
            return [0.0, 1.0, 0.0];
        }
        let share = power.iter().take(below + 1).sum::<f32>() / total;
        let low = sigmoid((share - 0.55) / 0.12);
        let (centroid, _) = self.moments(&power);
        let bright = (1.0 - low) * sigmoid(((centroid + 20.0).log2() - 12.1) / 0.35);
        [low, (1.0 - low - bright).max(0.0), bright]
    }

    fn descriptors(&self, time: &TimeDomain) -> [f32; DESCRIPTORS] {
        let sum = self.sum_until(MEASURED_S);
        let total = sum.iter().sum::<f32>() + 1e-12;
        let (centroid, spread) = self.moments(&sum);
        let mut passed = 0.0;
        let rolloff = sum
            .iter()
            .position(|&p| {
                passed += p;
                passed >= 0.85 * total
            })
            .unwrap_or(0) as f32
            * self.bin_hz;
        let floor = total * 1e-9 / sum.len() as f32;
        let log_mean = sum.iter().map(|&p| (p + floor).ln()).sum::<f32>() / sum.len() as f32;
        let flatness = (log_mean - (total / sum.len() as f32).ln()).exp();
        let mut bands = [0.0f32; 6];
        for (bin, &p) in sum.iter().enumerate() {
            let f = bin as f32 * self.bin_hz;
            bands[BAND_EDGES_HZ.iter().take_while(|&&edge| f >= edge).count()] += p;
        }
        let counted = ((f64::from(time.decay_s) / self.hop_s) as usize).max(3).min(self.frames.len());
        let logs: Vec<f32> =
            self.frames[..counted].iter().map(|f| (f.iter().sum::<f32>() + 1e-12).ln()).collect();
        // Nats a second of the log power over the decay.
        let decay_slope = (slope(&logs) / self.hop_s) as f32;
        let half = (counted / 2).max(1);
        let mean_centroid = |frames: &[Vec<f32>]| {
            frames.iter().map(|f| self.moments(f).0).sum::<f32>() / frames.len().max(1) as f32
        };
        let glide = if counted > half {
            (mean_centroid(&self.frames[..half]) + 20.0).ln()
                - (mean_centroid(&self.frames[half..counted]) + 20.0).ln()
        } else {
            0.0
        };
        let mel = self.mel_of(&sum).map(|p| (p / total + 1e-7).ln());
        let mut out = [0.0f32; DESCRIPTORS];
        out[..9].copy_from_slice(&[
            (time.decay_s + 0.003).ln(),
            (time.attack_s + 0.0005).ln(),
            20.0 * (time.rms + 1e-5).log10(),
            time.crest,
            (centroid + 20.0).ln(),
            (spread + 20.0).ln(),
            (rolloff + 20.0).ln(),
            (flatness + 1e-6).ln(),
            time.zero_crossings,
        ]);
        for (slot, band) in out[9..15].iter_mut().zip(bands) {
            *slot = (band / total).max(0.0).sqrt();
        }
        out[15] = decay_slope;
        out[16] = time.late;
        for (k, slot) in out[17..29].iter_mut().enumerate() {
            let turn = std::f32::consts::PI / MEL_BANDS as f32 * (k + 1) as f32;
            *slot = mel.iter().enumerate().map(|(i, m)| m * (turn * (i as f32 + 0.5)).cos()).sum();
        }
        out[29] = glide;
        out.map(|x| if x.is_finite() { x } else { 0.0 })
    }
}

/// The least-squares slope per index.
fn slope(y: &[f32]) -> f64 {
    let n = y.len() as f64;
    if y.len() < 3 {
        return 0.0;
    }
    let mean_x = (n - 1.0) / 2.0;
    let mean_y = y.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let (mut xy, mut xx) = (0.0, 0.0);
    for (i, &v) in y.iter().enumerate() {
        let x = i as f64 - mean_x;
        xy += x * (f64::from(v) - mean_y);
        xx += x * x;
    }
    xy / xx
}

/// Serde has no arrays above 32 elements of its own.
mod peaks_as_seq {
    use super::PEAKS;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(peaks: &[u8; PEAKS], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(peaks)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; PEAKS], D::Error> {
        let peaks = Vec::<u8>::deserialize(deserializer)?;
        peaks.try_into().map_err(|_| serde::de::Error::custom("64 peaks are needed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::SampleRate;
    use proptest::prelude::*;

    fn sine(rate_hz: f64, hz: f64, decay_s: f64, length_s: f64) -> Audio {
        let left = (0..(length_s * rate_hz) as usize)
            .map(|i| {
                let t = i as f64 / rate_hz;
                (0.5 * (-t / decay_s).exp() * (std::f64::consts::TAU * hz * t).sin()) as f32
            })
            .collect();
        Audio { rate: SampleRate::new(rate_hz), left, right: None }
    }

    #[test]
    fn a_sound_measures_the_same_at_any_rate() {
        let at = |rate| Analysis::of(&sine(rate, 440.0, 0.1, 0.8));
        let (a, b, c) = (at(44_100.0), at(96_000.0), at(192_000.0));
        for other in [&b, &c] {
            assert!(
                (a.centroid_hz - other.centroid_hz).abs() < 25.0,
                "{} {}",
                a.centroid_hz,
                other.centroid_hz
            );
            assert!((a.decay_s - other.decay_s).abs() < 0.003);
            assert!((a.loudness_db - other.loudness_db).abs() < 0.2);
            let mel = |x: &Analysis| x.mel.iter().flatten().sum::<f32>();
            assert!((mel(&a) / mel(other)).ln().abs() < 0.15, "{} {}", mel(&a), mel(other));
        }
        assert!((a.centroid_hz - 440.0).abs() < 30.0, "{}", a.centroid_hz);
        // 95 % of exp(-2t/0.1) has passed at t = 0.15 s.
        assert!((a.decay_s - 0.15).abs() < 0.005, "{}", a.decay_s);
    }

    #[test]
    fn layers_tell_kick_snare_and_hat_apart() {
        let low = Analysis::of(&sine(48_000.0, 60.0, 0.2, 0.6)).layers;
        let mid = Analysis::of(&sine(48_000.0, 700.0, 0.1, 0.4)).layers;
        let bright = Analysis::of(&sine(48_000.0, 9_000.0, 0.05, 0.2)).layers;
        assert!(low[0] > 0.9 && mid[1] > 0.9 && bright[2] > 0.9, "{low:?} {mid:?} {bright:?}");
        for layers in [low, mid, bright] {
            assert!((layers.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn mel_energy_adds_up_to_the_sounds_energy() {
        let audio = sine(48_000.0, 1_000.0, 0.05, 0.4);
        let energy = energy(&audio.left) / 48_000.0;
        // Triangular filters of unit height overlap to about one.
        let mel: f32 = Analysis::of(&audio).mel.iter().flatten().sum();
        assert!((f64::from(mel) / energy - 1.0).abs() < 0.2, "{mel} {energy}");
    }

    #[test]
    fn a_later_onset_changes_no_spectrum() {
        let audio = sine(48_000.0, 300.0, 0.1, 0.5);
        let mut late = audio.clone();
        late.left.splice(0..0, std::iter::repeat_n(0.0, 9_600));
        let (a, b) = (Analysis::of(&audio), Analysis::of(&late));
        assert!((a.centroid_hz - b.centroid_hz).abs() < 1.0);
        assert!((a.decay_s - b.decay_s).abs() < 0.001);
    }

    #[test]
    fn opposite_channels_are_not_taken_for_silence() {
        let mut audio = sine(48_000.0, 300.0, 0.1, 0.5);
        audio.right = Some(audio.left.iter().map(|x| -x).collect());
        assert!(Analysis::of(&audio).centroid_hz > 200.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn nothing_measured_is_ever_not_finite(
            length in prop_oneof![Just(0usize), Just(1), Just(2), 3usize..3000],
            rate in prop_oneof![Just(8_000.0), Just(44_100.0), Just(384_000.0)],
            gain in prop_oneof![Just(0.0f32), Just(1e-30), Just(1.0), Just(1e30), Just(f32::NAN), Just(f32::INFINITY)],
            seed in any::<u64>(), stereo in any::<bool>(),
        ) {
            let mut rng = crate::rng::Rng::new(crate::units::Seed(seed));
            let mut channel = || (0..length).map(|_| gain * rng.range(-1.0, 1.0)).collect::<Vec<_>>();
            let audio = Audio { rate: SampleRate::new(rate), left: channel(), right: stereo.then(&mut channel) };
            prop_assert!(Analysis::of(&audio).is_finite());
        }
    }
}
