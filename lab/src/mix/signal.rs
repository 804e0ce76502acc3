//! What is measured of one loop's sound: loudness and true peak (ITU-R BS.1770), crest, width, spectrum.

use ebur128::{EbuR128, Mode};
use realfft::RealFftPlanner;
use serde::Serialize;

/// Edges of the six bands in hertz.
pub const BAND_EDGES_HZ: [f64; 7] = [20.0, 60.0, 120.0, 400.0, 2_000.0, 6_000.0, 20_000.0];
/// Middles of the octave bands in hertz.
pub const OCTAVES_HZ: [f64; 9] = [31.5, 63.0, 125.0, 250.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0];
/// The highest octave band: from 11.3 to 20 kHz, where hearing ends.
pub(super) const HIGHEST_HZ: f64 = 16_000.0;
/// Bands by octave in all.
pub const OCTAVES: usize = OCTAVES_HZ.len() + 1;
/// What silence measures, in decibels.
pub const SILENCE_DB: f64 = -120.0;
/// Frames of one spectrum.
const WINDOW: usize = 8192;

/// Energy by frequency, as shares in decibels of all that is between 20 Hz and 20 kHz.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Balance {
    /// Between [`BAND_EDGES_HZ`].
    pub bands: [f64; 6],
    /// Around [`OCTAVES_HZ`], and what lies above them.
    pub octaves: [f64; OCTAVES],
}

/// What is measured of a stereo sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// Integrated loudness in LUFS.
    pub lufs: f64,
    /// The greater of both channels' true peaks in dBTP.
    pub true_peak_db: f64,
    /// True peak over root mean square in decibels.
    pub crest_db: f64,
    /// Energy of the difference of the channels relative to that of their sum, in decibels.
    pub width_db: f64,
    /// Correlation of the channels, −1 to 1.
    pub correlation: f64,
    /// What is lost in mono: energy of both channels over that of their mean in both, in decibels.
    pub mono_loss_db: f64,
    /// Energy by frequency.
    pub balance: Balance,
}

fn db(ratio: f64) -> f64 {
    10.0 * ratio.max(1e-12).log10()
}

/// Integrated loudness in LUFS and true peak in dBTP; [`SILENCE_DB`] for silence.
///
/// # Errors
/// The rate or the length is none that can be measured.
pub(super) fn loudness(left: &[f32], right: &[f32], rate_hz: u32) -> Result<(f64, f64), ebur128::Error> {
    let mut meter = EbuR128::new(2, rate_hz, Mode::I | Mode::TRUE_PEAK)?;
    // Twice, so that no block of 400 ms is missing where the loop begins anew.
    for _ in 0..2 {
        meter.add_frames_planar_f32(&[left, right])?;
    }
    let peak = meter.true_peak(0)?.max(meter.true_peak(1)?);
    Ok((meter.loudness_global()?.max(SILENCE_DB), 2.0 * db(peak)))
}

/// Measures a sound that is repeated without a gap.
///
/// # Errors
/// Those of [`loudness`].
pub fn measure(left: &[f32], right: &[f32], rate_hz: u32) -> Result<Signal, ebur128::Error> {
    let (lufs, true_peak_db) = loudness(left, right, rate_hz)?;
    let (mut both, mut middle, mut side, mut product) = (0.0, 0.0, 0.0, 0.0);
    let (mut of_left, mut of_right) = (0.0, 0.0);
    for (&l, &r) in left.iter().zip(right) {
        let (l, r) = (f64::from(l), f64::from(r));
        both += l * l + r * r;
        middle += (0.5 * (l + r)).powi(2);
        side += (0.5 * (l - r)).powi(2);
        product += l * r;
        of_left += l * l;
        of_right += r * r;
    }
    let mean = both / (2.0 * left.len().max(1) as f64);
    Ok(Signal {
        lufs,
        true_peak_db,
        crest_db: true_peak_db - db(mean),
        width_db: db(side / middle.max(1e-12)),
        correlation: product / (of_left * of_right).sqrt().max(1e-12),
        mono_loss_db: db(both / (2.0 * middle).max(1e-12)),
        balance: Balance::of(left, right, rate_hz),
    })
}

impl Balance {
    fn of(left: &[f32], right: &[f32], rate_hz: u32) -> Self {
        let mut power = vec![0.0f64; WINDOW / 2 + 1];
        for channel in [left, right] {
            add_power(&mut power, channel);
        }
        let bin_hz = f64::from(rate_hz) / WINDOW as f64;
        let between = |from: f64, to: f64| -> f64 {
            let bins = power.iter().enumerate();
            bins.filter(|(at, _)| (from..to).contains(&(*at as f64 * bin_hz))).map(|(_, power)| power).sum()
        };
        let all = between(20.0, 20_000.0).max(1e-20);
        let mut balance = Self::default();
        for (share, edges) in balance.bands.iter_mut().zip(BAND_EDGES_HZ.windows(2)) {
            *share = db(between(edges[0], edges[1]) / all);
        }
        let half = 2f64.sqrt();
        for (share, middle) in balance.octaves.iter_mut().zip(OCTAVES_HZ.iter().chain([&HIGHEST_HZ])) {
            let top = if *middle == HIGHEST_HZ { 20_000.0 } else { middle * half };
            *share = db(between(middle / half, top) / all);
        }
        balance
    }

    /// The mean of shares in decibels.
    #[must_use]
    pub fn mean(of: &[Self]) -> Self {
        let n = of.len().max(1) as f64;
        let mut mean = Self::default();
        for one in of {
            mean.bands.iter_mut().zip(one.bands).for_each(|(to, share)| *to += share / n);
            mean.octaves.iter_mut().zip(one.octaves).for_each(|(to, share)| *to += share / n);
        }
        mean
    }

    /// Shares of the energy of all added up, each weighing the same.
    #[must_use]
    pub fn together(of: &[Self]) -> Self {
        let power = |db: f64| 10f64.powf(db / 10.0);
        let n = of.len().max(1) as f64;
        let mut sum = Self::default();
        for one in of {
            sum.bands.iter_mut().zip(one.bands).for_each(|(to, share)| *to += power(share) / n);
            sum.octaves.iter_mut().zip(one.octaves).for_each(|(to, share)| *to += power(share) / n);
        }
        Self { bands: sum.bands.map(db), octaves: sum.octaves.map(db) }
    }
}

/// Adds the power of windows (Hann, half overlapping) of a channel that is repeated without a gap.
fn add_power(power: &mut [f64], channel: &[f32]) {
    if channel.is_empty() {
        return;
    }
    let fft = RealFftPlanner::<f32>::new().plan_fft_forward(WINDOW);
    let (mut input, mut output) = (fft.make_input_vec(), fft.make_output_vec());
    let window: Vec<f32> = (0..WINDOW)
        .map(|at| (0.5 - 0.5 * (std::f64::consts::TAU * at as f64 / WINDOW as f64).cos()) as f32)
        .collect();
    for from in (0..channel.len()).step_by(WINDOW / 2) {
        for (at, (x, w)) in input.iter_mut().zip(&window).enumerate() {
            *x = w * channel[(from + at) % channel.len()];
        }
        // It fails only on buffers of the wrong length, and these are its own.
        if fft.process(&mut input, &mut output).is_ok() {
            for (to, bin) in power.iter_mut().zip(&output) {
                *to += f64::from(bin.norm_sqr());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(hz: f64, seconds: f64, gain: f64) -> Vec<f32> {
        let at = |i: usize| (gain * (std::f64::consts::TAU * hz * i as f64 / 48_000.0).sin()) as f32;
        (0..(seconds * 48_000.0) as usize).map(at).collect()
    }

    #[test]
    fn a_sine_measures_what_the_recommendation_says() {
        // BS.1770 annex 1: 997 Hz at full scale in one channel is −3.01 LKFS, so in both 0.
        let tone = sine(997.0, 2.0, 0.1);
        let found = measure(&tone, &tone, 48_000).unwrap();
        assert!((found.lufs + 20.0).abs() < 0.1, "{found:?}");
        assert!((found.true_peak_db + 20.0).abs() < 0.1, "{found:?}");
        assert!((found.crest_db - 3.01).abs() < 0.1, "{found:?}");
        assert!(found.width_db < -100.0 && found.correlation > 0.999 && found.mono_loss_db < 0.01);
    }

    #[test]
    fn energy_lands_in_its_band() {
        for (hz, band, octave) in
            [(32.0, 0, 0), (104.0, 1, 2), (300.0, 2, 3), (1_000.0, 3, 5), (12_000.0, 5, 9)]
        {
            let tone = sine(hz, 1.0, 0.5);
            let found = measure(&tone, &tone, 48_000).unwrap().balance;
            assert!(found.bands[band] > -0.5, "{hz}: {found:?}");
            assert!(found.octaves[octave] > -0.5, "{hz}: {found:?}");
        }
    }

    #[test]
    fn opposite_channels_are_wide_and_lost_in_mono() {
        let left = sine(500.0, 1.0, 0.5);
        let right: Vec<f32> = left.iter().map(|x| -0.5 * x).collect();
        let found = measure(&left, &right, 48_000).unwrap();
        assert!(found.width_db > 9.0 && found.correlation < -0.99 && found.mono_loss_db > 9.0, "{found:?}");
    }

    #[test]
    fn silence_is_silent() {
        let found = measure(&[0.0; 48_000], &[0.0; 48_000], 48_000).unwrap();
        assert!(found.lufs <= SILENCE_DB && found.crest_db.is_finite() && found.width_db.is_finite());
    }
}
