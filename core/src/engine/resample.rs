//! Playing a one-shot faster or slower: band-limited interpolation of a whole sound at once.
//!
//! Workers only: it allocates and takes milliseconds. Frame 0 stays frame 0 exactly, which is why
//! this is not a streaming resampler with a delay to be trimmed.

use std::cell::OnceCell;
use std::f64::consts::PI;

/// Zero crossings of the kernel on each side, at the lower of the two rates.
const CROSSINGS: usize = 32;
/// Kernel phases that are tabulated; between them the kernel is interpolated linearly, which leaves
/// errors below −105 dB.
const PHASES: usize = 512;
/// Pass band as a share of the lower Nyquist frequency.
const PASS_BAND: f64 = 0.95;
/// Kaiser window's shape: about 100 dB of attenuation (Kaiser and Schafer 1980, eq. 8).
const KAISER_BETA: f64 = 10.0;

/// Reads sounds faster or slower. What depends on the speed alone is made once, for all channels and takes.
pub(super) struct Resampler {
    /// The greatest number of input frames per output frame.
    fastest: f64,
    /// Half as many input frames as the kernel reaches over.
    half: usize,
    /// Made when something has to be read between frames.
    kernel: OnceCell<Vec<f32>>,
}

impl Resampler {
    /// For speeds of up to `fastest`: what would alias there is left out throughout.
    pub(super) fn new(fastest: f64) -> Self {
        Self { fastest, half: (CROSSINGS as f64 / cutoff(fastest)).ceil() as usize, kernel: OnceCell::new() }
    }

    /// What it was made for.
    pub(super) fn fastest(&self) -> f64 {
        self.fastest
    }

    /// `input` read at this speed.
    pub(super) fn resampled(&self, input: &[f32]) -> Vec<f32> {
        let speed = self.fastest;
        if input.is_empty() || !(speed > 0.0 && speed.is_finite()) {
            return Vec::new();
        }
        if (speed - 1.0).abs() < 1e-9 {
            return input.to_vec();
        }
        let frames = (input.len() as f64 / speed).ceil() as usize;
        let padded = self.padded(input);
        (0..frames).map(|frame| self.at(&padded, frame as f64 * speed)).collect()
    }

    /// `input` read at a speed that changes: `speed` says how many input frames lie between an output frame and
    /// the next.
    pub(super) fn glided(&self, input: &[f32], speed: impl Fn(usize) -> f64) -> Vec<f32> {
        let fastest = self.fastest;
        if input.is_empty() || !(fastest > 0.0 && fastest.is_finite()) {
            return Vec::new();
        }
        let padded = self.padded(input);
        let mut out = Vec::new();
        let mut at = 0.0;
        while at < input.len() as f64 {
            let ahead = speed(out.len());
            out.push(self.at(&padded, at));
            at += if ahead > 0.0 && ahead.is_finite() { ahead } else { fastest };
        }
        out
    }

    /// A sound with room for the kernel on both sides.
    fn padded(&self, input: &[f32]) -> Vec<f32> {
        let mut padded = vec![0.0f32; self.half];
        padded.extend_from_slice(input);
        padded.resize(padded.len() + 2 * self.half + 1, 0.0);
        padded
    }

    /// The value at a place in input frames, which must not lie beyond the end.
    fn at(&self, padded: &[f32], at: f64) -> f32 {
        let taps = 2 * self.half;
        let kernel = self.kernel.get_or_init(|| kernel(self.half, cutoff(self.fastest)));
        let whole = at.floor();
        let phase = (at - whole) * PHASES as f64;
        let row = phase as usize;
        let between = (phase - row as f64) as f32;
        // Input frame `whole − half + 1` is the first that the kernel reaches.
        let from = whole as usize + 1;
        let source = &padded[from..from + taps];
        let lower = &kernel[row * taps..(row + 1) * taps];
        let upper = &kernel[(row + 1) * taps..(row + 2) * taps];
        let (mut a, mut b) = ([0.0f32; 8], [0.0f32; 8]);
        for ((s, l), u) in source.chunks(8).zip(lower.chunks(8)).zip(upper.chunks(8)) {
            for (lane, ((&s, &l), &u)) in s.iter().zip(l).zip(u).enumerate() {
                a[lane] += s * l;
                b[lane] += s * u;
            }
        }
        let (a, b): (f32, f32) = (a.iter().sum(), b.iter().sum());
        a + (b - a) * between
    }
}

/// Cycles per input frame that may pass, doubled: 1 is the input's Nyquist frequency.
fn cutoff(fastest: f64) -> f64 {
    PASS_BAND * (1.0 / fastest).min(1.0)
}

/// `PHASES + 1` rows of `2 × half` taps of a windowed sinc with the given cutoff.
fn kernel(half: usize, cutoff: f64) -> Vec<f32> {
    let taps = half * 2;
    let norm = 1.0 / bessel_i0(KAISER_BETA);
    let mut rows = Vec::with_capacity((PHASES + 1) * taps);
    for phase in 0..=PHASES {
        let fraction = phase as f64 / PHASES as f64;
        for tap in 0..taps {
            let x = tap as f64 - (half as f64 - 1.0) - fraction;
            let at = x / half as f64;
            let window =
                if at.abs() < 1.0 { bessel_i0(KAISER_BETA * (1.0 - at * at).sqrt()) * norm } else { 0.0 };
            let argument = PI * x * cutoff;
            let sinc = if argument.abs() < 1e-9 { 1.0 } else { argument.sin() / argument };
            rows.push((sinc * cutoff * window) as f32);
        }
    }
    rows
}

/// The modified Bessel function of the first kind and order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    let quarter = x * x / 4.0;
    for k in 1..60 {
        term *= quarter / (f64::from(k) * f64::from(k));
        sum += term;
        if term < sum * 1e-12 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resampled(input: &[f32], speed: f64) -> Vec<f32> {
        Resampler::new(speed).resampled(input)
    }

    fn sine(hz: f64, rate: f64, frames: usize) -> Vec<f32> {
        (0..frames).map(|n| (2.0 * PI * hz * n as f64 / rate).sin() as f32).collect()
    }

    #[test]
    fn a_sine_keeps_its_phase_and_level_at_another_rate() {
        for (from, to) in [(44_100.0, 48_000.0), (48_000.0, 44_100.0), (96_000.0, 22_050.0)] {
            let out = resampled(&sine(1000.0, from, 20_000), from / to);
            let expected = sine(1000.0, to, out.len());
            let worst = out[200..out.len() - 200]
                .iter()
                .zip(&expected[200..])
                .fold(0.0f32, |worst, (a, b)| worst.max((a - b).abs()));
            assert!(worst < 2e-4, "{from} -> {to}: {worst}");
        }
    }

    /// A band-limited tick: one period of a raised cosine on a 1 kHz tone, from a given time.
    fn tick(rate: f64, at_s: f64) -> Vec<f32> {
        let value = |frame: usize| {
            let t = frame as f64 / rate - at_s;
            let window = 0.5 - 0.5 * (2.0 * PI * t / 0.004).cos();
            if (0.0..0.004).contains(&t) { window * (2.0 * PI * 1_000.0 * t).sin() } else { 0.0 }
        };
        (0..(0.3 * rate) as usize).map(|frame| value(frame) as f32).collect()
    }

    /// Centre of energy in frames.
    fn centre(sound: &[f32]) -> f64 {
        let energy = |x: f32| f64::from(x) * f64::from(x);
        let total: f64 = sound.iter().map(|&x| energy(x)).sum();
        sound.iter().enumerate().map(|(i, &x)| i as f64 * energy(x)).sum::<f64>() / total
    }

    #[test]
    fn no_rate_and_no_tuning_moves_the_onset() {
        for from in [8_000.0, 22_050.0, 44_100.0, 48_000.0, 96_000.0] {
            for to in [22_050.0, 44_100.0, 48_000.0, 88_200.0, 192_000.0] {
                let sound = tick(from, 0.02);
                let out = resampled(&sound, from / to);
                let moved = (centre(&out) / to - centre(&sound) / from) * to.min(from);
                assert!(moved.abs() < 0.02, "{from} to {to}: {moved} frames");
            }
        }
        for semitones in [-24.0f64, -7.0, -0.13, 3.0, 12.0, 24.0] {
            let (sound, speed) = (tick(48_000.0, 0.05), 2f64.powf(semitones / 12.0));
            let out = resampled(&sound, speed);
            let moved = centre(&out) - centre(&sound) / speed;
            assert!(moved.abs() < 0.02, "{semitones} semitones: {moved} frames");
        }
    }

    #[test]
    fn a_sound_that_starts_at_once_still_does() {
        let out = resampled(&[0.8; 4_000], 44_100.0 / 48_000.0);
        assert!(out[0] > 0.35 && out[1] > 0.5, "{:?}", &out[..4]);
    }

    #[test]
    fn what_the_lower_rate_cannot_hold_is_gone() {
        let out = resampled(&sine(15_000.0, 48_000.0, 20_000), 48_000.0 / 22_050.0);
        let worst = out[200..out.len() - 200].iter().fold(0.0f32, |worst, v| worst.max(v.abs()));
        assert!(worst < 1e-4, "{worst}");
    }

    #[test]
    fn the_same_speed_is_a_copy() {
        let input = sine(440.0, 48_000.0, 100);
        assert_eq!(resampled(&input, 1.0), input);
    }
}
