//! Twice the rate and back by half-band filters of two branches of all-passes.
//!
//! R. A. Valenzuela and A. G. Constantinides, "Digital signal processing schemes for efficient interpolation
//! and decimation", IEE Proc. G 130 (1983): elliptic half-band filters as polyphase all-passes. Recursive:
//! they wait for no future frame. Their phase turns with frequency, as that of any analogue filter does.

use std::f64::consts::PI;

/// All-pass sections of both branches together.
pub(crate) const SECTIONS: usize = 10;
/// Sections of one branch.
const BRANCH: usize = SECTIONS / 2;
/// Width of the transition around a quarter of the higher rate, as a share of that rate: at 48 kHz the pass
/// band ends at 21.6 kHz and what lies above 26.4 kHz is stopped by more than 100 dB.
const TRANSITION: f64 = 0.025;

/// The coefficients, those of the first branch at even places.
#[must_use]
pub(crate) fn coefficients() -> [f32; SECTIONS] {
    let k = ((1.0 - 2.0 * TRANSITION) * PI / 4.0).tan().powi(2);
    let root = (1.0 - k * k).powf(0.25);
    let e = 0.5 * (1.0 - root) / (1.0 + root);
    let e4 = e.powi(4);
    let q = e * (1.0 + e4 * (2.0 + e4 * (15.0 + 150.0 * e4)));
    let order = (2 * SECTIONS + 1) as f64;
    std::array::from_fn(|index| {
        let c = (index + 1) as f64;
        let series =
            |from: i32, term: &dyn Fn(f64) -> f64| (from..12).map(|i| term(f64::from(i))).sum::<f64>();
        let sign = |i: f64| if i as i64 % 2 == 0 { 1.0 } else { -1.0 };
        let above =
            series(0, &|i| sign(i) * q.powf(i * (i + 1.0)) * ((2.0 * i + 1.0) * c * PI / order).sin());
        let below = series(1, &|i| sign(i) * q.powf(i * i) * (2.0 * i * c * PI / order).cos());
        let ww = (above * q.powf(0.25) / (below + 0.5)).powi(2);
        let x = ((1.0 - ww * k) * (1.0 - ww / k)).sqrt() / (1.0 + ww);
        ((1.0 - x) / (1.0 + x)) as f32
    })
}

/// Both branches of two channels side by side: each section's output is `c * x + x_before - c * y_before`.
#[derive(Clone, Copy, Debug)]
struct Branches {
    coefficients: [[f32; 4]; BRANCH],
    /// The last input and, from then on, the last output of each section.
    past: [[f32; 4]; BRANCH + 1],
}

impl Branches {
    fn new() -> Self {
        let all = coefficients();
        Self {
            coefficients: std::array::from_fn(|section| {
                let (first, second) = (all[2 * section], all[2 * section + 1]);
                [first, first, second, second]
            }),
            past: [[0.0; 4]; BRANCH + 1],
        }
    }

    /// Two channels of the first branch, then of the second.
    #[inline]
    fn run(&mut self, mut x: [f32; 4]) -> [f32; 4] {
        for section in 0..BRANCH {
            let (c, before, after) =
                (&self.coefficients[section], self.past[section], self.past[section + 1]);
            let mut y = [0.0; 4];
            for at in 0..4 {
                y[at] = (c[at] * x[at] + before[at]) - c[at] * after[at];
            }
            self.past[section] = x;
            x = y;
        }
        self.past[BRANCH] = x;
        x
    }
}

/// From a rate to its double, two channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Upsampler(Branches);

/// From a rate to its half, two channels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Downsampler(Branches);

impl Upsampler {
    /// Silent.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(Branches::new())
    }

    /// One frame in, two out: left and right of the first, then of the second.
    #[inline]
    pub(crate) fn run(&mut self, [left, right]: [f32; 2]) -> [f32; 4] {
        self.0.run([left, right, left, right])
    }
}

impl Downsampler {
    /// Silent.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self(Branches::new())
    }

    /// Two frames in, left and right of the first before those of the second; one out.
    #[inline]
    pub(crate) fn run(&mut self, [l0, r0, l1, r1]: [f32; 4]) -> [f32; 2] {
        let [late_l, late_r, early_l, early_r] = self.0.run([l1, r1, l0, r0]);
        [0.5 * (late_l + early_l), 0.5 * (late_r + early_r)]
    }
}

impl Default for Upsampler {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for Downsampler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::{amplitude, sine};
    use super::*;

    const RATE: f64 = 48_000.0;

    fn up(signal: &[f32]) -> Vec<f32> {
        let mut up = Upsampler::new();
        let both = |[l0, _, l1, _]: [f32; 4]| [l0, l1];
        signal.iter().flat_map(|&x| both(up.run([x; 2]))).collect()
    }

    fn down(signal: &[f32]) -> Vec<f32> {
        let mut down = Downsampler::new();
        signal.as_chunks::<2>().0.iter().map(|&[a, b]| down.run([a, a, b, b])[0]).collect()
    }

    #[test]
    fn what_passes_keeps_its_level_and_images_and_aliases_are_gone() {
        for hz in [50.0, 1_000.0, 10_000.0, 20_000.0, 21_500.0] {
            let higher = up(&sine(hz, RATE, 48_000, 0.5));
            let level = |at: f64| 20.0 * (amplitude(&higher[48_000..], at, 2.0 * RATE) / 0.5).log10();
            assert!(level(hz).abs() < 0.001, "{hz}: {}", level(hz));
            assert!(level(RATE - hz) < -100.0, "image of {hz}: {}", level(RATE - hz));
        }
        for hz in [26_500.0, 30_000.0, 40_000.0, 47_500.0] {
            let lower = down(&sine(hz, 2.0 * RATE, 96_000, 0.5));
            let alias = 20.0 * (amplitude(&lower[24_000..], RATE - hz, RATE) / 0.5).log10();
            assert!(alias < -100.0, "alias of {hz}: {alias}");
        }
    }

    #[test]
    fn there_and_back_is_a_delay_of_some_frames_and_nothing_else() {
        // The group delay at low frequencies: what a host would have to be told of a linear-phase filter.
        let mut click = vec![0.0f32; 4_096];
        click[0] = 1.0;
        let back = down(&up(&click));
        let energy: f32 = back.iter().map(|x| x * x).sum();
        assert!((energy - 1.0).abs() < 0.15, "{energy}");
        let middle: f32 = back.iter().enumerate().map(|(n, x)| n as f32 * x).sum();
        assert!(middle < 8.0, "{middle}");
    }
}
