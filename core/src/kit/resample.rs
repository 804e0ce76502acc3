//! Whole sounds at another rate or tuning, for the engine.
//!
//! Worker, builder and loader threads. Must never move a sound's onset.

use super::{Audio, KitError};
use crate::units::SampleRate;
use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType, WindowFunction,
};

/// Semitones by which a sound can be tuned, down or up.
pub const TUNE_RANGE_SEMITONES: f32 = 24.0;
/// Taps of the interpolation filter: a stop band below −100 dB and a pass band to 0.93 of Nyquist.
const TAPS: usize = 128;
/// Frames that rubato takes at once.
const CHUNK: usize = 1024;
/// Frames that a result may have at the most: 20 s at 384 kHz, tuned down by two octaves.
const MAX_FRAMES: f64 = 20.0 * 384_000.0 * 4.0;
/// Seconds over which a result's end fades to exact zero.
const FADE_S: f64 = 0.001;

/// A sound at another rate, tuned by up to ±24 semitones (upwards plays faster). The onset stays
/// within one frame and the last frame is zero. A sound that already is as wanted is copied.
///
/// # Errors
/// [`KitError::LimitReached`] where the result would be too long, [`KitError::Unsupported`] where the
/// resampler refuses.
pub fn resample(audio: &Audio, rate: SampleRate, tune_semitones: f32) -> Result<Audio, KitError> {
    let tune = if tune_semitones.is_finite() {
        tune_semitones.clamp(-TUNE_RANGE_SEMITONES, TUNE_RANGE_SEMITONES)
    } else {
        0.0
    };
    let ratio = rate.hz() / audio.rate.hz() * 2f64.powf(-f64::from(tune) / 12.0);
    if (ratio - 1.0).abs() < 1e-9 || audio.left.is_empty() {
        return Ok(Audio { rate, ..audio.clone() });
    }
    if ratio * audio.left.len() as f64 > MAX_FRAMES {
        return Err(KitError::LimitReached {
            what: "preparing a sound for the engine",
            limit: "20 seconds at 384 kHz, tuned down by two octaves",
        });
    }
    let one = |channel: &[f32]| -> Result<Vec<f32>, KitError> {
        let refused = |reason: String| KitError::Unsupported { what: "changing a sound's rate", reason };
        let parameters = SincInterpolationParameters::new(TAPS, WindowFunction::BlackmanHarris2)
            .oversampling_factor(256)
            .interpolation(SincInterpolationType::Cubic);
        let mut resampler = Async::<f32>::new_sinc(ratio, 1.0, &parameters, CHUNK, 1, FixedAsync::Input)
            .map_err(|error| refused(error.to_string()))?;
        let (lead, drop) = alignment(ratio, resampler.output_delay());
        let mut padded = vec![0.0f32; lead];
        padded.extend_from_slice(channel);
        let input =
            SequentialSlice::new(&padded, 1, padded.len()).map_err(|error| refused(error.to_string()))?;
        let output =
            resampler.process_all(&input, padded.len(), None).map_err(|error| refused(error.to_string()))?;
        let mut data = output.take_data();
        data.drain(..drop.min(data.len()));
        data.resize((ratio * channel.len() as f64).ceil() as usize, 0.0);
        fade_end(&mut data, (FADE_S * rate.hz()) as usize);
        Ok(data)
    };
    let left = one(&audio.left)?;
    let right = audio.right.as_deref().map(one).transpose()?;
    Ok(Audio { rate, left, right })
}

/// Silence to put before the sound, and frames to drop from the result, so that the onset falls on a
/// frame. The filter delays by `ratio · TAPS / 2 − 1` output frames, a fraction, of which rubato takes out
/// `trimmed` whole ones; the lead is chosen so that the rest comes out as close to whole as can be.
fn alignment(ratio: f64, trimmed: usize) -> (usize, usize) {
    let rest = |lead: usize| ratio * (lead as f64 + TAPS as f64 / 2.0) - 1.0 - trimmed as f64;
    let error = |lead: usize| (rest(lead) - rest(lead).round()).abs();
    let lead = (TAPS..2 * TAPS).min_by(|&a, &b| error(a).total_cmp(&error(b))).unwrap_or(TAPS);
    (lead, rest(lead).round().max(0.0) as usize)
}

/// Fades the last `frames` to a last value of exactly zero.
pub(super) fn fade_end(data: &mut [f32], frames: usize) {
    let frames = frames.min(data.len());
    let from = data.len() - frames;
    for (index, x) in data[from..].iter_mut().enumerate() {
        *x *= (frames - 1 - index) as f32 / frames as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A band-limited tick: one period of a raised cosine on a 1 kHz tone, from a given time.
    fn tick(rate_hz: f64, at_s: f64) -> Audio {
        let left = (0..(0.3 * rate_hz) as usize)
            .map(|i| {
                let t = i as f64 / rate_hz - at_s;
                if (0.0..0.004).contains(&t) {
                    let window = 0.5 - 0.5 * (std::f64::consts::TAU * t / 0.004).cos();
                    (window * (std::f64::consts::TAU * 1_000.0 * t).sin()) as f32
                } else {
                    0.0
                }
            })
            .collect();
        Audio { rate: SampleRate::new(rate_hz), left, right: None }
    }

    /// Centre of energy in seconds.
    fn centre(audio: &Audio) -> f64 {
        let energy = |x: f32| f64::from(x) * f64::from(x);
        let total: f64 = audio.left.iter().map(|&x| energy(x)).sum();
        audio.left.iter().enumerate().map(|(i, &x)| i as f64 * energy(x)).sum::<f64>()
            / total
            / audio.rate.hz()
    }

    #[test]
    fn no_rate_moves_the_onset_by_a_frame() {
        for from in [8_000.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0] {
            for to in [22_050.0, 44_100.0, 48_000.0, 88_200.0, 192_000.0] {
                let audio = tick(from, 0.02);
                let out = resample(&audio, SampleRate::new(to), 0.0).unwrap();
                let moved = (centre(&out) - centre(&audio)) * to.min(from);
                assert!(moved.abs() < 0.1, "{from} to {to}: {moved} frames");
                assert_eq!(*out.left.last().unwrap(), 0.0);
            }
        }
    }

    #[test]
    fn tuning_scales_time_and_keeps_the_onset_at_the_start() {
        for semitones in [-24.0f32, -7.0, -0.13, 3.0, 12.0, 24.0] {
            let audio = tick(48_000.0, 0.05);
            let out = resample(&audio, SampleRate::STUDIO, semitones).unwrap();
            let ratio = 2f64.powf(-f64::from(semitones) / 12.0);
            let error = (centre(&out) - centre(&audio) * ratio) * 48_000.0;
            assert!(error.abs() < 0.1, "{semitones} semitones: {error} frames");
            assert!((out.left.len() as f64 - audio.left.len() as f64 * ratio).abs() <= 1.0);
        }
    }

    #[test]
    fn a_sound_that_starts_at_once_still_does() {
        // The first frame is a full step, as with a tightly cut sample.
        let audio = Audio { rate: SampleRate::CD, left: vec![0.8; 4_000], right: Some(vec![-0.8; 4_000]) };
        let out = resample(&audio, SampleRate::STUDIO, 0.0).unwrap();
        assert!(out.left[1] > 0.5, "{:?}", &out.left[..4]);
        assert_eq!(out.right.as_ref().unwrap().len(), out.left.len());
    }

    #[test]
    fn a_sound_as_wanted_is_copied_bit_for_bit() {
        let audio = tick(48_000.0, 0.01);
        assert_eq!(resample(&audio, SampleRate::STUDIO, 0.0).unwrap(), audio);
        assert_eq!(resample(&audio, SampleRate::STUDIO, f32::NAN).unwrap(), audio);
    }

    #[test]
    fn tones_above_the_new_nyquist_are_gone() {
        let left: Vec<f32> = (0..48_000)
            .map(|i| (std::f64::consts::TAU * 15_000.0 * f64::from(i) / 48_000.0).sin() as f32)
            .collect();
        let audio = Audio { rate: SampleRate::STUDIO, left, right: None };
        let out = resample(&audio, SampleRate::new(22_050.0), 0.0).unwrap();
        let top = out.left[2_000..20_000].iter().fold(0.0f32, |m, x| m.max(x.abs()));
        assert!(top < 1e-4, "{top}");
    }
}
