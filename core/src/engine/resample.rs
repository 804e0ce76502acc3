//! Playing a one-shot faster or slower: band-limited interpolation of a whole sound at once.
//!
//! Workers only: it allocates and takes milliseconds. Frame 0 stays frame 0 exactly, which is why
//! this is not a streaming resampler with a delay to be trimmed.

use std::f64::consts::PI;
use std::sync::{Arc, Mutex, PoisonError};

/// Zero crossings of the kernel on each side, at the lower of the two rates.
const CROSSINGS: usize = 32;
/// Kernel phases that are tabulated where the speed is no ratio of small numbers; between them the kernel is
/// interpolated linearly, which leaves errors below −105 dB.
const PHASES: usize = 512;
/// The greatest denominator of a speed whose phases are tabulated one by one: those between 44.1 kHz and all
/// rates of 48 kHz's family up to 192 kHz.
const MOST_PHASES: usize = 640;
/// Pass band as a share of the lower Nyquist frequency.
const PASS_BAND: f64 = 0.95;
/// Kaiser window's shape: about 100 dB of attenuation (Kaiser and Schafer 1980, eq. 8).
const KAISER_BETA: f64 = 10.0;
/// Values that are summed side by side.
const WIDTH: usize = 8;
/// Kernels that are kept for whoever needs them next, in the whole process: of the rates of a host and of
/// some tunings, at most half a megabyte each.
const MOST_KERNELS: usize = 8;

/// Reads sounds faster or slower. What depends on the speed alone is made once for all sounds.
pub(super) struct Resampler {
    /// The greatest number of input frames per output frame.
    fastest: f64,
    /// The same as a ratio, where it is one of small numbers.
    ratio: Option<[usize; 2]>,
    /// `None` where nothing has to be read between frames.
    kernel: Option<Arc<Kernel>>,
}

impl Resampler {
    /// For speeds of up to `fastest`: what would alias there is left out throughout.
    pub(super) fn new(fastest: f64) -> Self {
        Self { fastest, ratio: ratio(fastest), kernel: None }
    }

    /// What it was made for.
    pub(super) fn fastest(&self) -> f64 {
        self.fastest
    }

    /// `input` read at this speed.
    pub(super) fn resampled(&mut self, input: &[f32]) -> Vec<f32> {
        let speed = self.fastest;
        if input.is_empty() || !(speed > 0.0 && speed.is_finite()) {
            return Vec::new();
        }
        if (speed - 1.0).abs() < 1e-9 {
            return input.to_vec();
        }
        let kernel = self.kernel(self.ratio.map_or(PHASES, |[_, phases]| phases));
        let padded = kernel.padded(input);
        match self.ratio {
            Some([speed, phases]) => {
                let frames = (input.len() * phases).div_ceil(speed);
                let place = |frame: usize| (frame * speed / phases, frame * speed % phases);
                (0..frames).map(place).map(|(whole, row)| kernel.on_phase(&padded, whole, row)).collect()
            }
            None => {
                let frames = (input.len() as f64 / speed).ceil() as usize;
                (0..frames).map(|frame| kernel.between(&padded, frame as f64 * speed)).collect()
            }
        }
    }

    /// `input` read at a speed that changes: `speed` says how many input frames lie between an output frame and
    /// the next.
    pub(super) fn glided(&mut self, input: &[f32], speed: impl Fn(usize) -> f64) -> Vec<f32> {
        let fastest = self.fastest;
        if input.is_empty() || !(fastest > 0.0 && fastest.is_finite()) {
            return Vec::new();
        }
        let kernel = self.kernel(PHASES);
        let padded = kernel.padded(input);
        let mut out = Vec::new();
        let mut at = 0.0;
        while at < input.len() as f64 {
            let ahead = speed(out.len());
            out.push(kernel.between(&padded, at));
            at += if ahead > 0.0 && ahead.is_finite() { ahead } else { fastest };
        }
        out
    }

    fn kernel(&mut self, phases: usize) -> Arc<Kernel> {
        let own = self.kernel.take().filter(|kernel| kernel.phases == phases);
        Arc::clone(self.kernel.insert(own.unwrap_or_else(|| Kernel::known(self.fastest, phases))))
    }
}

/// A speed as a ratio of whole numbers, the lower at most [`MOST_PHASES`].
fn ratio(speed: f64) -> Option<[usize; 2]> {
    (1..=MOST_PHASES).find_map(|phases| {
        let frames = speed * phases as f64;
        let whole = frames.round();
        let fits = (1.0..=1e6).contains(&whole) && (frames - whole).abs() < 1e-9 * whole;
        fits.then_some([whole as usize, phases])
    })
}

/// A windowed sinc in all its phases.
#[derive(Debug)]
struct Kernel {
    fastest: f64,
    phases: usize,
    /// Half as many input frames as it reaches over; a multiple of half of [`WIDTH`].
    half: usize,
    /// `phases + 1` rows of `2 × half` taps.
    rows: Vec<f32>,
}

impl Kernel {
    /// That of a speed, made where nobody has made it yet.
    fn known(fastest: f64, phases: usize) -> Arc<Self> {
        static KNOWN: Mutex<Vec<Arc<Kernel>>> = Mutex::new(Vec::new());
        let is_wanted = |kernel: &&Arc<Self>| kernel.fastest == fastest && kernel.phases == phases;
        let of = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kernel) = of().iter().find(is_wanted) {
            return Arc::clone(kernel);
        }
        let made = Arc::new(Self::new(fastest, phases));
        let mut known = of();
        if known.len() >= MOST_KERNELS {
            let _ = known.remove(0);
        }
        known.push(Arc::clone(&made));
        made
    }

    fn new(fastest: f64, phases: usize) -> Self {
        // Cycles per input frame that may pass, doubled: 1 is the input's Nyquist frequency.
        let cutoff = PASS_BAND * (1.0 / fastest).min(1.0);
        let half = ((CROSSINGS as f64 / cutoff).ceil() as usize).next_multiple_of(WIDTH / 2);
        let taps = half * 2;
        let norm = 1.0 / bessel_i0(KAISER_BETA);
        let mut rows = Vec::with_capacity((phases + 1) * taps);
        for phase in 0..=phases {
            let fraction = phase as f64 / phases as f64;
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
        Self { fastest, phases, half, rows }
    }

    /// A sound with room for the kernel on both sides.
    fn padded(&self, input: &[f32]) -> Vec<f32> {
        let mut padded = Vec::with_capacity(input.len() + 3 * self.half + 1);
        padded.resize(self.half, 0.0);
        padded.extend_from_slice(input);
        padded.resize(padded.len() + 2 * self.half + 1, 0.0);
        padded
    }

    /// The value at an input frame, which must not lie beyond the end, and a phase behind it.
    fn on_phase(&self, padded: &[f32], whole: usize, row: usize) -> f32 {
        let taps = 2 * self.half;
        // Input frame `whole − half + 1` is the first that the kernel reaches.
        let source = &padded[whole + 1..whole + 1 + taps];
        let row = &self.rows[row * taps..(row + 1) * taps];
        let mut sums = [0.0f32; WIDTH];
        for (s, r) in source.as_chunks::<WIDTH>().0.iter().zip(row.as_chunks::<WIDTH>().0) {
            for ((sum, s), r) in sums.iter_mut().zip(s).zip(r) {
                *sum += s * r;
            }
        }
        sums.iter().sum()
    }

    /// The value at a place in input frames, which must not lie beyond the end.
    fn between(&self, padded: &[f32], at: f64) -> f32 {
        let whole = at.floor();
        let phase = (at - whole) * self.phases as f64;
        let row = phase as usize;
        let [a, b] = [row, row + 1].map(|row| self.on_phase(padded, whole as usize, row));
        a + (b - a) * (phase - row as f64) as f32
    }
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
