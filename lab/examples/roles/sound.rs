//! The few building blocks of the models that are trained on.

use deepdrummer_core::rng::Rng;
use std::f32::consts::TAU;

pub(crate) const RATE: f32 = 48_000.0;

pub(crate) fn frames(seconds: f32) -> usize {
    (seconds * RATE) as usize
}

/// Between two values, equally likely in every octave.
pub(crate) fn log_range(rng: &mut Rng, low: f32, high: f32) -> f32 {
    rng.range(low.ln(), high.ln()).exp()
}

pub(crate) fn noise(rng: &mut Rng, length: usize) -> Vec<f32> {
    (0..length).map(|_| rng.range(-1.0, 1.0)).collect()
}

pub(crate) fn decay(buffer: &mut [f32], attack_s: f32, t60_s: f32) {
    let fall = (-6.908 / (t60_s.max(0.002) * RATE)).exp();
    let rise = (attack_s * RATE).max(1.0);
    let mut level = 1.0f32;
    for (at, x) in buffer.iter_mut().enumerate() {
        *x *= level * (at as f32 / rise).min(1.0);
        level *= fall;
    }
}

/// One pole; the high-pass is what the low-pass leaves.
pub(crate) fn low_pass(buffer: &mut [f32], hz: f32) {
    let pole = 1.0 - (-TAU * hz / RATE).exp();
    let mut low = 0.0;
    buffer.iter_mut().for_each(|x| {
        low += pole * (*x - low);
        *x = low;
    });
}

pub(crate) fn high_pass(buffer: &mut [f32], hz: f32) {
    let pole = 1.0 - (-TAU * hz / RATE).exp();
    let mut low = 0.0;
    buffer.iter_mut().for_each(|x| {
        low += pole * (*x - low);
        *x -= low;
    });
}

pub(crate) fn normalise(buffer: &mut [f32]) {
    let peak = buffer.iter().fold(1e-9f32, |m, x| m.max(x.abs()));
    buffer.iter_mut().for_each(|x| *x /= peak);
}

pub(crate) fn mix(out: &mut Vec<f32>, other: &[f32], gain: f32) {
    if out.len() < other.len() {
        out.resize(other.len(), 0.0);
    }
    out.iter_mut().zip(other).for_each(|(x, y)| *x += gain * y);
}

/// Damped sines; each a two-pole recursion.
pub(crate) fn modes(length: usize, modes: impl IntoIterator<Item = (f32, f32, f32)>) -> Vec<f32> {
    let mut out = vec![0.0f32; length];
    for (hz, level, t60_s) in modes {
        if !(20.0..22_000.0).contains(&hz) {
            continue;
        }
        let r = (-6.908 / (t60_s.max(0.002) * RATE)).exp();
        let (a, b) = (2.0 * r * (TAU * hz / RATE).cos(), -r * r);
        let (mut y1, mut y2) = (0.0f32, -level * (TAU * hz / RATE).sin() / (r * r));
        for x in &mut out {
            let y = a * y1 + b * y2;
            *x += y;
            (y2, y1) = (y1, y);
        }
    }
    normalise(&mut out);
    out
}

/// A sine that falls to its pitch.
pub(crate) fn bend(length: usize, hz: f32, rise: f32, tau_s: f32, t60_s: f32) -> Vec<f32> {
    let mut phase = 0.0f32;
    let mut out: Vec<f32> = (0..length)
        .map(|at| {
            phase += hz * (1.0 + (rise - 1.0) * (-(at as f32) / (tau_s * RATE)).exp()) / RATE;
            (TAU * phase.fract()).sin()
        })
        .collect();
    decay(&mut out, 0.000_5, t60_s);
    out
}
