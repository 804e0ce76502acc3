//! Loudness and true peak after ITU-R BS.1770-5.
//!
//! Two faces: [`Meter`] follows sound frame by frame and never allocates; [`integrated`] and [`true_peak`]
//! measure a whole recording. Beside `ebur128`, which measures files in the laboratory, these exist because
//! the meter runs on the audio thread, where that crate's window must be summed anew for each reading.

use super::biquad::Biquad;
use std::f64::consts::PI;

/// What silence measures, LUFS.
pub(crate) const SILENCE: f32 = -70.0;

/// Blocks of 100 ms in the 400 ms of a momentary loudness.
const MOMENTARY_BLOCKS: usize = 4;
/// Blocks for which a true peak is held.
const PEAK_BLOCKS: usize = 15;
/// Blocks in a second.
const BLOCKS_PER_S: f64 = 10.0;
/// What brings a 997 Hz sine of full scale in one channel to −3.01 LKFS.
const OFFSET_LU: f64 = -0.691;

/// K weighting, one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KWeighting {
    shelf: Biquad,
    high_pass: Biquad,
}

impl KWeighting {
    /// For any rate, by the bilinear transform of the analogue filters behind annex 1's coefficients.
    #[must_use]
    pub(crate) fn new(rate_hz: f64) -> Self {
        let k = (PI * 1_681.974_450_955_533 / rate_hz).tan();
        let q = 0.707_175_236_955_419_6;
        let vh = 10f64.powf(3.999_843_853_973_347 / 20.0);
        let vb = vh.powf(0.499_666_774_154_541_6);
        let a0 = 1.0 + k / q + k * k;
        let b = [vh + vb * k / q + k * k, 2.0 * (k * k - vh), vh - vb * k / q + k * k];
        let shelf = Biquad::new(b.map(|b| b / a0), [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]);
        let k = (PI * 38.135_470_876_024_44 / rate_hz).tan();
        let q = 0.500_327_037_323_877_3;
        let a0 = 1.0 + k / q + k * k;
        let high_pass = Biquad::new([1.0, -2.0, 1.0], [2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]);
        Self { shelf, high_pass }
    }

    /// One frame.
    #[inline]
    pub(crate) fn run(&mut self, x: f64) -> f64 {
        self.high_pass.run(self.shelf.run(x))
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.shelf.reset();
        self.high_pass.reset();
    }
}

/// The loudness of a mean square, summed over channels.
#[must_use]
pub(crate) fn lufs(mean_square: f64) -> f32 {
    if mean_square <= 1e-10 {
        return SILENCE;
    }
    ((10.0 * mean_square.log10() + OFFSET_LU) as f32).max(SILENCE)
}

/// Taps of each phase of the fourfold interpolator of annex 2.
const TAPS: usize = 12;
/// Phases.
const PHASES: usize = 4;

/// The coefficients of annex 2, table 1.
const INTERPOLATOR: [[f32; TAPS]; PHASES] = [
    [
        0.001_708_984_4,
        0.010_986_328,
        -0.019_653_32,
        0.033_203_125,
        -0.059_448_24,
        0.137_329_1,
        0.972_167_97,
        -0.102_294_92,
        0.047_607_42,
        -0.026_611_328,
        0.014_892_578,
        -0.008_300_781,
    ],
    [
        -0.029_174_805,
        0.029_296_875,
        -0.051_757_812,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_16,
        -0.200_317_38,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_055,
        -0.018_920_898,
    ],
    [
        -0.018_920_898,
        0.033_081_055,
        -0.058_227_54,
        0.101_562_5,
        -0.200_317_38,
        0.779_785_16,
        0.465_087_9,
        -0.166_503_9,
        0.089_111_33,
        -0.051_757_812,
        0.029_296_875,
        -0.029_174_805,
    ],
    [
        -0.008_300_781,
        0.014_892_578,
        -0.026_611_328,
        0.047_607_42,
        -0.102_294_92,
        0.972_167_97,
        0.137_329_1,
        -0.059_448_24,
        0.033_203_125,
        -0.019_653_32,
        0.010_986_328,
        0.001_708_984_4,
    ],
];

/// Loudness and true peak of stereo sound as it passes.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    weighting: [KWeighting; 2],
    /// Frames of a block of 100 ms.
    block: u32,
    /// Frames of the block that is filled, and what is in it.
    filled: u32,
    sum: f64,
    blocks: [f64; MOMENTARY_BLOCKS],
    newest: usize,
    /// The last frames of each channel, twice in a row, so that one stretch holds the window.
    recent: [[f32; 2 * TAPS]; 2],
    at: usize,
    /// The highest true peak of the block that is filled, of those before it, and of all.
    true_peak: f32,
    peaks: [f32; PEAK_BLOCKS],
    held: f32,
    /// Frames of silence so far, until there is nothing left to forget.
    silent: u32,
}

impl Meter {
    /// Silent.
    #[must_use]
    pub(crate) fn new(rate_hz: f64) -> Self {
        Self {
            weighting: [KWeighting::new(rate_hz); 2],
            block: ((rate_hz / BLOCKS_PER_S).round() as u32).max(1),
            filled: 0,
            sum: 0.0,
            blocks: [0.0; MOMENTARY_BLOCKS],
            newest: 0,
            recent: [[0.0; 2 * TAPS]; 2],
            at: 0,
            true_peak: 0.0,
            peaks: [0.0; PEAK_BLOCKS],
            held: 0.0,
            silent: u32::MAX,
        }
    }

    /// Forgets the past.
    pub(crate) fn reset(&mut self) {
        self.weighting.iter_mut().for_each(KWeighting::reset);
        (self.filled, self.sum, self.blocks) = (0, 0.0, [0.0; MOMENTARY_BLOCKS]);
        (self.recent, self.silent) = ([[0.0; 2 * TAPS]; 2], u32::MAX);
        (self.true_peak, self.peaks, self.held) = (0.0, [0.0; PEAK_BLOCKS], 0.0);
    }

    /// Takes sound in.
    pub(crate) fn take(&mut self, left: &[f32], right: &[f32]) {
        for (&left, &right) in left.iter().zip(right) {
            let peak = left.abs().max(right.abs());
            if peak == 0.0 {
                // Filters that ring on through silence would come to denormal numbers.
                self.silent = self.silent.saturating_add(1);
                if self.silent == MOMENTARY_BLOCKS as u32 * self.block {
                    self.weighting.iter_mut().for_each(KWeighting::reset);
                    self.recent = [[0.0; 2 * TAPS]; 2];
                }
            } else {
                self.silent = 0;
            }
            if self.silent < MOMENTARY_BLOCKS as u32 * self.block {
                let [l, r] = &mut self.weighting;
                let (l, r) = (l.run(f64::from(left)), r.run(f64::from(right)));
                self.sum += l * l + r * r;
                self.peak([left, right], peak);
            }
            self.filled += 1;
            if self.filled == self.block {
                self.newest = (self.newest + 1) % MOMENTARY_BLOCKS;
                self.blocks[self.newest] = self.sum;
                (self.filled, self.sum) = (0, 0.0);
                self.peaks.rotate_right(1);
                self.peaks[0] = std::mem::take(&mut self.true_peak);
                self.held = self.peaks.iter().copied().fold(0.0, f32::max);
            }
        }
    }

    #[inline]
    fn peak(&mut self, frame: [f32; 2], sample: f32) {
        self.at = if self.at == 0 { TAPS - 1 } else { self.at - 1 };
        let mut most = self.true_peak.max(sample);
        for (recent, value) in self.recent.iter_mut().zip(frame) {
            recent[self.at] = value;
            recent[self.at + TAPS] = value;
        }
        // Between frames a peak is at most some decibels above them: only near the highest it is looked for.
        if sample > 0.5 * most.max(self.held) {
            for recent in &self.recent {
                let window = &recent[self.at..self.at + TAPS];
                for phase in &INTERPOLATOR {
                    let value: f32 = window.iter().zip(phase).map(|(x, c)| x * c).sum();
                    most = most.max(value.abs());
                }
            }
        }
        self.true_peak = most;
    }

    /// Momentary loudness of the last full 400 ms, LUFS; [`SILENCE`] at the least.
    #[must_use]
    pub(crate) fn momentary(&self) -> f32 {
        let frames = f64::from(self.block) * MOMENTARY_BLOCKS as f64;
        lufs(self.blocks.iter().sum::<f64>() / frames)
    }

    /// The highest true peak of the last second and a half, linear.
    #[must_use]
    pub(crate) fn true_peak(&self) -> f32 {
        self.held.max(self.true_peak)
    }
}

/// Integrated loudness of a whole recording in LUFS, gated as annex 1 says. One that is to be heard in a circle
/// has windows over its seam, and more of them, so that it does not matter where it begins. A recording shorter
/// than 400 ms is measured as if it were in a circle.
#[must_use]
pub(crate) fn integrated(left: &[f32], right: &[f32], rate_hz: f64, circle: bool) -> f32 {
    let frames = left.len().min(right.len());
    if frames == 0 {
        return SILENCE;
    }
    let circle = circle || (frames as f64) < 0.4 * rate_hz;
    // A circle seldom has a whole number of blocks: short ones leave little over.
    let (per_s, of_window) = if circle { (100.0, 40) } else { (BLOCKS_PER_S, MOMENTARY_BLOCKS) };
    let block = ((rate_hz / per_s).round() as usize).max(1);
    let mut weighting = [KWeighting::new(rate_hz); 2];
    let mut sums = vec![0.0f64; frames.div_ceil(block)];
    // In a circle the filters come from the end.
    let lead = if circle { frames.min((0.1 * rate_hz) as usize) } else { 0 };
    let all = (frames - lead..frames).map(|at| (at, false)).chain((0..frames).map(|at| (at, true)));
    for (at, counts) in all {
        let [l, r] = &mut weighting;
        let (l, r) = (l.run(f64::from(left[at])), r.run(f64::from(right[at])));
        if counts {
            sums[at / block] += l * l + r * r;
        }
    }
    let length = |at: usize| block.min(frames - at * block);
    let windows = if circle { sums.len() } else { (frames / block + 1).saturating_sub(of_window) };
    let momentary: Vec<f64> = (0..windows)
        .map(|from| {
            let places = (from..from + of_window).map(|at| at % sums.len());
            let (sum, length) = places.fold((0.0, 0), |(s, l), at| (s + sums[at], l + length(at)));
            sum / length as f64
        })
        .collect();
    gated(&momentary)
}

/// Loudness of momentary mean squares, gated at −70 LUFS and then 10 LU below their mean.
#[must_use]
pub(crate) fn gated(momentary: &[f64]) -> f32 {
    let over = |gate: f32| {
        let (sum, count) = momentary
            .iter()
            .filter(|&&power| lufs(power) > gate)
            .fold((0.0, 0u32), |(sum, count), power| (sum + power, count + 1));
        if count == 0 { 0.0 } else { sum / f64::from(count) }
    };
    let absolute = over(SILENCE);
    lufs(over((lufs(absolute) - 10.0).max(SILENCE)))
}

/// The true peak of a recording, linear: annex 2's fourfold interpolation, and the frames themselves.
#[must_use]
pub(crate) fn true_peak(left: &[f32], right: &[f32]) -> f32 {
    let mut meter = Meter::new(48_000.0);
    for (&left, &right) in left.iter().zip(right) {
        meter.peak([left, right], left.abs().max(right.abs()));
    }
    // The interpolator looks back.
    let last = meter.true_peak;
    (0..TAPS).for_each(|_| meter.peak([0.0; 2], last));
    meter.true_peak
}

/// Seconds of one value of [`powers`].
pub(crate) const POWER_S: f64 = 0.01;

/// K-weighted mean squares of stretches of 10 ms of a one-shot, both channels together.
#[must_use]
pub(crate) fn powers(left: &[f32], right: &[f32], rate_hz: f64) -> Vec<f32> {
    let block = ((POWER_S * rate_hz).round() as usize).max(1);
    let mut weighting = [KWeighting::new(rate_hz); 2];
    let power = |(left, right): (&[f32], &[f32])| {
        let frames = left.iter().zip(right);
        let sum = frames.fold(0.0, |sum, (&l, &r)| {
            let (l, r) = (weighting[0].run(f64::from(l)), weighting[1].run(f64::from(r)));
            sum + l * l + r * r
        });
        (sum / block as f64) as f32
    };
    left.chunks(block).zip(right.chunks(block)).map(power).collect()
}

/// Loudness of the loudest `window_s` seconds of [`powers`], decibels.
#[must_use]
pub(crate) fn loudest(powers: &[f32], window_s: f64) -> f32 {
    let span = ((window_s / POWER_S).round() as usize).max(1);
    let at = |from: usize| powers[from..(from + span).min(powers.len())].iter().copied().map(f64::from).sum();
    let most = (0..powers.len()).map(at).fold(0.0f64, f64::max);
    lufs(most / span as f64)
}

#[cfg(test)]
mod tests {
    use super::super::gain_of_db;
    use super::super::probe::sine;
    use super::*;

    const RATE: f64 = 48_000.0;

    #[test]
    fn the_levels_of_ebu_tech_3341_are_measured() {
        // Cases 1 and 2: a stereo sine of 1 kHz at −23 and −33 dBFS measures −23 and −33 LUFS.
        for (rate, peak_db) in [(48_000.0, -23.0f32), (44_100.0, -33.0), (96_000.0, -23.0)] {
            let tone = sine(997.0, rate, (20.0 * rate) as usize, gain_of_db(peak_db));
            let whole = integrated(&tone, &tone, rate, false);
            assert!((whole - peak_db).abs() < 0.1, "{whole}");
            let mut meter = Meter::new(rate);
            meter.take(&tone, &tone);
            assert!((meter.momentary() - peak_db).abs() < 0.1, "{}", meter.momentary());
        }
        // Case 3: tones of −36, −23 and −36 dBFS for 10, 60 and 10 s: the soft ones are gated.
        let mut parts = Vec::new();
        for (seconds, peak_db) in [(10, -36.0f32), (60, -23.0), (10, -36.0)] {
            parts.extend(sine(1_000.0, RATE, seconds * 48_000, gain_of_db(peak_db)));
        }
        assert!((integrated(&parts, &parts, RATE, false) + 23.0).abs() < 0.1);
        // BS.1770: full scale in one channel alone is −3.01 LKFS.
        let one = sine(997.0, RATE, 96_000, 1.0);
        assert!((integrated(&one, &vec![0.0; one.len()], RATE, false) + 3.01).abs() < 0.05);
    }

    #[test]
    fn a_loop_measures_the_same_wherever_its_circle_begins() {
        let mut hit: Vec<f32> = sine(80.0, RATE, 60_001, 0.8);
        hit.iter_mut().enumerate().for_each(|(n, x)| *x *= (-(n as f32) / 6_000.0).exp());
        let from_start = integrated(&hit, &hit, RATE, true);
        hit.rotate_left(28_800);
        let turned = integrated(&hit, &hit, RATE, true);
        assert!((turned - from_start).abs() < 0.3, "{from_start} {turned}");
    }

    #[test]
    fn the_peak_between_two_frames_is_found() {
        // A quarter of the rate at 45 degrees: the frames reach 0.707 of the peak.
        let tone: Vec<f32> =
            (0..4_800).map(|n| 0.5 * (PI * (f64::from(n) / 2.0 + 0.25)).sin() as f32).collect();
        assert!((tone.iter().fold(0.0f32, |peak, x| peak.max(x.abs())) - 0.353_6).abs() < 1e-3);
        let peak = true_peak(&tone, &tone);
        assert!((20.0 * (peak / 0.5).log10()).abs() < 0.3, "{peak}");
    }

    #[test]
    fn nothing_depends_on_how_time_is_cut() {
        let tone = sine(523.0, RATE, 50_000, 0.3);
        let (mut whole, mut parts) = (Meter::new(RATE), Meter::new(RATE));
        whole.take(&tone, &tone);
        tone.chunks(37).for_each(|part| parts.take(part, part));
        assert_eq!(whole.momentary(), parts.momentary());
        assert_eq!(whole.true_peak(), parts.true_peak());
    }
}
