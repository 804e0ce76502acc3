//! Trains the classifier of roles by sound, and checks it on recordings whose names tell their roles.
//!
//! `cargo run --release -p deepdrummer-core --example roles -- train 16 > core/src/kit/roles/weights.rs`
//! `cargo run --release -p deepdrummer-core --example roles -- check DIR…`
//!
//! Two kinds of sounds are trained on, all synthesised: the factory's models bent far beyond its kits, and
//! the models below, which are no good to play but lie where microphones put drums: longer, with bodies,
//! sticks, rooms and hiss. Each is also altered as recordings are.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use deepdrummer_core::kit::analysis::Analysis;
use deepdrummer_core::kit::roles::{self, HIDDEN, INPUTS, Network, ROLES};
use deepdrummer_core::kit::{Audio, Origin, Role, factory, scan};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::{SampleRate, Seed};
use std::f32::consts::TAU;
use std::path::Path;

const RATE: f32 = 48_000.0;

fn frames(seconds: f32) -> usize {
    (seconds * RATE) as usize
}

/// Between two values, equally likely in every octave.
fn log_range(rng: &mut Rng, low: f32, high: f32) -> f32 {
    rng.range(low.ln(), high.ln()).exp()
}

fn noise(rng: &mut Rng, length: usize) -> Vec<f32> {
    (0..length).map(|_| rng.range(-1.0, 1.0)).collect()
}

fn decay(buffer: &mut [f32], attack_s: f32, t60_s: f32) {
    let fall = (-6.908 / (t60_s.max(0.002) * RATE)).exp();
    let rise = (attack_s * RATE).max(1.0);
    let mut level = 1.0f32;
    for (at, x) in buffer.iter_mut().enumerate() {
        *x *= level * (at as f32 / rise).min(1.0);
        level *= fall;
    }
}

/// One pole; the high-pass is what the low-pass leaves.
fn low_pass(buffer: &mut [f32], hz: f32) {
    let pole = 1.0 - (-TAU * hz / RATE).exp();
    let mut low = 0.0;
    buffer.iter_mut().for_each(|x| {
        low += pole * (*x - low);
        *x = low;
    });
}

fn high_pass(buffer: &mut [f32], hz: f32) {
    let pole = 1.0 - (-TAU * hz / RATE).exp();
    let mut low = 0.0;
    buffer.iter_mut().for_each(|x| {
        low += pole * (*x - low);
        *x -= low;
    });
}

fn normalise(buffer: &mut [f32]) {
    let peak = buffer.iter().fold(1e-9f32, |m, x| m.max(x.abs()));
    buffer.iter_mut().for_each(|x| *x /= peak);
}

fn mix(out: &mut Vec<f32>, other: &[f32], gain: f32) {
    if out.len() < other.len() {
        out.resize(other.len(), 0.0);
    }
    out.iter_mut().zip(other).for_each(|(x, y)| *x += gain * y);
}

/// Damped sines; each a two-pole recursion.
fn modes(length: usize, modes: impl IntoIterator<Item = (f32, f32, f32)>) -> Vec<f32> {
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
fn bend(length: usize, hz: f32, rise: f32, tau_s: f32, t60_s: f32) -> Vec<f32> {
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

const MEMBRANE: [f32; 9] = [1.0, 1.594, 2.136, 2.296, 2.653, 2.918, 3.156, 3.5, 4.06];

fn stick(rng: &mut Rng) -> Vec<f32> {
    let mut out = noise(rng, frames(0.02));
    high_pass(&mut out, log_range(rng, 400.0, 4_000.0));
    low_pass(&mut out, log_range(rng, 3_000.0, 14_000.0));
    decay(&mut out, 0.000_2, log_range(rng, 0.004, 0.03));
    normalise(&mut out);
    out
}

fn plate(rng: &mut Rng, length: usize, low_hz: f32, t60_s: f32) -> Vec<f32> {
    let count = 30 + rng.below(50);
    let tilt = rng.range(-0.7, 0.6);
    let damp = rng.range(0.0, 0.5);
    let list: Vec<_> = (0..count)
        .map(|_| {
            let hz = log_range(rng, low_hz, 15_000.0);
            let sign = if rng.chance(0.5) { 1.0 } else { -1.0 };
            let t60 = t60_s * rng.range(0.4, 1.1) * (hz / low_hz).powf(-damp);
            (hz, sign * rng.range(0.2, 1.0) * (hz / 3_000.0).powf(tilt), t60)
        })
        .collect();
    modes(length, list)
}

fn metal(rng: &mut Rng, length: usize, low_hz: f32, t60_s: f32, share: f32) -> Vec<f32> {
    let mut out = plate(rng, length, low_hz, t60_s);
    let mut wash = noise(rng, length);
    high_pass(&mut wash, low_hz * rng.range(0.5, 2.0));
    high_pass(&mut wash, low_hz * rng.range(0.5, 2.0));
    if rng.chance(0.6) {
        low_pass(&mut wash, log_range(rng, 5_000.0, 16_000.0));
    }
    decay(&mut wash, log_range(rng, 0.000_3, 0.004), t60_s * rng.range(0.4, 1.0));
    normalise(&mut wash);
    out.iter_mut().for_each(|x| *x *= 1.0 - share);
    mix(&mut out, &wash, share);
    out
}

fn kick(rng: &mut Rng) -> Vec<f32> {
    let (hz, t60) = (log_range(rng, 42.0, 85.0), log_range(rng, 0.12, 0.9));
    let length = frames(t60 * 1.1 + 0.1);
    let mut out = bend(length, hz, rng.range(1.1, 3.5), log_range(rng, 0.004, 0.04), t60);
    let list: Vec<_> = MEMBRANE
        .iter()
        .skip(1)
        .map(|ratio| (hz * ratio * rng.range(0.95, 1.05), rng.range(0.1, 1.0), t60 * rng.range(0.1, 0.6)))
        .collect();
    mix(&mut out, &modes(length, list), rng.range(0.0, 0.4));
    mix(&mut out, &stick(rng), rng.range(0.0, 0.5));
    out
}

fn snare(rng: &mut Rng) -> Vec<f32> {
    let (hz, t60) = (log_range(rng, 130.0, 340.0), log_range(rng, 0.08, 0.7));
    let length = frames(t60 * 1.2 + 0.2);
    let list: Vec<_> = MEMBRANE
        .iter()
        .map(|ratio| {
            let t60 = t60 * rng.range(0.3, 1.0) / ratio.sqrt();
            (hz * ratio * rng.range(0.95, 1.05), rng.range(0.1, 1.0) / ratio.sqrt(), t60)
        })
        .collect();
    let mut out = modes(length, list);
    mix(&mut out, &bend(length, hz, rng.range(1.0, 1.8), 0.01, t60 * 0.6), rng.range(0.0, 0.8));
    let mut wires = noise(rng, length);
    high_pass(&mut wires, log_range(rng, 200.0, 2_000.0));
    low_pass(&mut wires, log_range(rng, 4_000.0, 15_000.0));
    decay(&mut wires, 0.000_6, log_range(rng, 0.08, 0.6));
    normalise(&mut wires);
    mix(&mut out, &wires, log_range(rng, 0.15, 1.1));
    mix(&mut out, &stick(rng), rng.range(0.2, 1.2));
    out
}

fn clap(rng: &mut Rng) -> Vec<f32> {
    if rng.chance(0.45) {
        // A stick across the rim, or on it.
        let hz = log_range(rng, 350.0, 1_900.0);
        let t60 = log_range(rng, 0.02, 0.14);
        let list: Vec<_> = (0..6)
            .map(|_| (hz * rng.range(0.8, 5.5), rng.range(0.2, 1.0), t60 * rng.range(0.3, 1.0)))
            .collect();
        let mut out = modes(frames(t60 * 1.3 + 0.05), list);
        mix(&mut out, &stick(rng), rng.range(0.3, 1.4));
        return out;
    }
    let mut out = vec![0.0; frames(0.3)];
    let (centre, spread) = (log_range(rng, 700.0, 2_600.0), log_range(rng, 0.004, 0.04));
    for _ in 0..1 + rng.below(8) {
        let mut hand = noise(rng, frames(0.12));
        high_pass(&mut hand, centre * rng.range(0.6, 1.2));
        high_pass(&mut hand, centre * rng.range(0.5, 1.0));
        low_pass(&mut hand, centre * rng.range(1.0, 4.0));
        decay(&mut hand, 0.000_5, log_range(rng, 0.01, 0.12));
        normalise(&mut hand);
        let at = frames(rng.unit() * spread);
        let level = rng.range(0.4, 1.0);
        out[at..].iter_mut().zip(&hand).for_each(|(x, y)| *x += level * y);
    }
    out
}

/// What a pair of hats has below its sizzle.
fn body(rng: &mut Rng, length: usize, t60_s: f32) -> Vec<f32> {
    let hz = log_range(rng, 200.0, 1_500.0);
    let mut out = noise(rng, length);
    high_pass(&mut out, hz * 0.6);
    low_pass(&mut out, hz * rng.range(1.0, 2.5));
    low_pass(&mut out, hz * rng.range(1.5, 4.0));
    decay(&mut out, log_range(rng, 0.000_5, 0.006), t60_s * rng.range(0.3, 1.2));
    normalise(&mut out);
    let list: Vec<_> = (0..4)
        .map(|_| (hz * rng.range(0.6, 2.5), rng.range(0.2, 1.0), t60_s * rng.range(0.3, 1.2)))
        .collect();
    let ring = modes(length, list);
    mix(&mut out, &ring, rng.range(0.0, 1.0));
    out
}

fn closed_hat(rng: &mut Rng) -> Vec<f32> {
    let t60 = log_range(rng, 0.06, 0.8);
    let (low, share) = (log_range(rng, 500.0, 7_000.0), rng.range(0.2, 1.0));
    let length = frames(t60 * 1.2 + 0.03);
    let mut out = metal(rng, length, low, t60, share);
    mix(&mut out, &stick(rng), rng.range(0.0, 1.0));
    let under = body(rng, length, t60);
    mix(&mut out, &under, log_range(rng, 0.01, 0.5));
    if rng.chance(0.3) {
        // The two closing by the foot.
        let mut thump = noise(rng, frames(0.05));
        low_pass(&mut thump, log_range(rng, 600.0, 3_000.0));
        decay(&mut thump, 0.004, 0.05);
        normalise(&mut thump);
        mix(&mut out, &thump, rng.range(0.1, 0.6));
    }
    out
}

fn open_hat(rng: &mut Rng) -> Vec<f32> {
    let t60 = log_range(rng, 0.4, 4.5);
    let (low, share) = (log_range(rng, 400.0, 6_500.0), rng.range(0.3, 1.0));
    let length = frames((t60 * log_range(rng, 0.3, 1.1)).min(3.0));
    let mut out = metal(rng, length, low, t60, share);
    let under = body(rng, length, t60);
    mix(&mut out, &under, log_range(rng, 0.01, 0.4));
    mix(&mut out, &stick(rng), rng.range(0.0, 0.8));
    let fade = out.len() / 3;
    let from = out.len() - fade;
    out[from..].iter_mut().enumerate().for_each(|(at, x)| *x *= 1.0 - at as f32 / fade as f32);
    out
}

fn cymbal(rng: &mut Rng) -> Vec<f32> {
    let t60 = log_range(rng, 1.2, 18.0);
    let (low, share) = (log_range(rng, 180.0, 2_500.0), rng.range(0.0, 0.75));
    let length = frames((t60 * rng.range(0.4, 1.0)).min(9.0));
    let mut out = metal(rng, length, low, t60, share);
    if rng.chance(0.5) {
        decay(&mut out, log_range(rng, 0.001, 0.03), 100.0);
    }
    if rng.chance(0.3) {
        // The bell.
        let hz = log_range(rng, 500.0, 3_500.0);
        let list: Vec<_> = (0..4)
            .map(|_| (hz * rng.range(0.9, 3.0), rng.range(0.2, 1.0), t60 * rng.range(0.3, 0.9)))
            .collect();
        mix(&mut out, &modes(length, list), rng.range(0.2, 0.8));
    }
    mix(&mut out, &stick(rng), rng.range(0.0, 1.0));
    out
}

fn tom(rng: &mut Rng) -> Vec<f32> {
    let (hz, t60) = (log_range(rng, 65.0, 280.0), log_range(rng, 0.25, 2.2));
    let length = frames((t60 * 1.1).min(3.0));
    let mut out = bend(length, hz, rng.range(1.0, 1.5), log_range(rng, 0.01, 0.12), t60);
    let list: Vec<_> = MEMBRANE
        .iter()
        .skip(1)
        .map(|ratio| {
            (
                hz * ratio * rng.range(0.95, 1.05),
                rng.range(0.1, 1.0),
                t60 * rng.range(0.15, 0.7) / ratio.sqrt(),
            )
        })
        .collect();
    mix(&mut out, &modes(length, list), rng.range(0.1, 0.7));
    mix(&mut out, &stick(rng), rng.range(0.0, 0.8));
    if rng.chance(0.5) {
        // Snares and cymbals of the kit that answer, and the room.
        let mut rattle = noise(rng, length);
        high_pass(&mut rattle, log_range(rng, 200.0, 2_000.0));
        low_pass(&mut rattle, log_range(rng, 1_500.0, 9_000.0));
        decay(&mut rattle, 0.004, t60 * rng.range(0.4, 1.0));
        normalise(&mut rattle);
        mix(&mut out, &rattle, log_range(rng, 0.01, 0.15));
    }
    out
}

fn percussion(rng: &mut Rng) -> Vec<f32> {
    match rng.below(6) {
        // Hand drums.
        0 | 1 => {
            let (hz, t60) = (log_range(rng, 150.0, 900.0), log_range(rng, 0.06, 0.9));
            let length = frames(t60 * 1.2 + 0.05);
            let list: Vec<_> = MEMBRANE
                .iter()
                .map(|ratio| {
                    let level = rng.range(0.05, 1.0) / ratio;
                    (hz * ratio * rng.range(0.93, 1.07), level, t60 * rng.range(0.3, 1.0) / ratio.sqrt())
                })
                .collect();
            let mut out = modes(length, list);
            mix(&mut out, &stick(rng), rng.range(0.1, 1.1));
            out
        }
        // Bells, glass, triangles.
        2 => {
            let (hz, t60) = (log_range(rng, 450.0, 6_000.0), log_range(rng, 0.1, 4.5));
            let list: Vec<_> = (0..2 + rng.below(5))
                .map(|_| (hz * rng.range(0.9, 3.6), rng.range(0.1, 1.0), t60 * rng.range(0.2, 1.0)))
                .collect();
            let mut out = modes(frames((t60 * 1.1).min(4.0)), list);
            mix(&mut out, &stick(rng), rng.range(0.0, 0.6));
            out
        }
        // Wood.
        3 => {
            let (hz, t60) = (log_range(rng, 350.0, 3_000.0), log_range(rng, 0.02, 0.2));
            let list: Vec<_> = (0..2 + rng.below(3))
                .map(|_| (hz * rng.range(0.95, 2.8), rng.range(0.1, 1.0), t60 * rng.range(0.4, 1.0)))
                .collect();
            let mut out = modes(frames(t60 * 1.3 + 0.02), list);
            mix(&mut out, &stick(rng), rng.range(0.0, 0.4));
            out
        }
        // Shakers, maracas, tambourines: grains under a swell.
        _ => {
            let length = frames(log_range(rng, 0.06, 0.5));
            let (swell, low) = (log_range(rng, 0.004, 0.08), log_range(rng, 2_000.0, 8_000.0));
            let mut out = noise(rng, length);
            let grain = rng.range(0.02, 1.0);
            out.iter_mut().for_each(|x| {
                if !rng.chance(grain) {
                    *x = 0.0;
                }
            });
            if rng.chance(0.5) {
                let list: Vec<_> = (0..5)
                    .map(|_| {
                        (log_range(rng, 4_000.0, 13_000.0), rng.range(0.2, 1.0), log_range(rng, 0.05, 0.6))
                    })
                    .collect();
                let jingle = modes(length, list);
                mix(&mut out, &jingle, rng.range(0.3, 2.0));
            }
            high_pass(&mut out, low);
            high_pass(&mut out, low * 0.7);
            decay(&mut out, swell, log_range(rng, 0.05, 0.5));
            out
        }
    }
}

fn fx(rng: &mut Rng) -> Vec<f32> {
    let length = frames(log_range(rng, 0.08, 4.0));
    let mut out = match rng.below(4) {
        // Tones that glide, one or several after each other.
        0 | 1 => {
            let (mut from, mut to) = (log_range(rng, 60.0, 6_000.0), log_range(rng, 60.0, 6_000.0));
            let parts = 1 + rng.below(4);
            let (wobble_hz, wobble) = (log_range(rng, 2.0, 200.0), rng.range(0.0, 0.6));
            let mut phase = 0.0f32;
            let each = (length / parts).max(1);
            (0..length)
                .map(|at| {
                    if at % each == 0 && at > 0 {
                        (from, to) = (log_range(rng, 60.0, 6_000.0), log_range(rng, 60.0, 6_000.0));
                    }
                    let share = (at % each) as f32 / each as f32;
                    let bent = 1.0 + wobble * (TAU * wobble_hz * at as f32 / RATE).sin();
                    phase += from * (to / from).powf(share) * bent / RATE;
                    let x = (TAU * phase.fract()).sin();
                    (x * 3.0).tanh()
                })
                .collect()
        }
        // Noise through a moving filter.
        2 => {
            let (from, to) = (log_range(rng, 100.0, 12_000.0), log_range(rng, 100.0, 12_000.0));
            let mut low = 0.0;
            noise(rng, length)
                .into_iter()
                .enumerate()
                .map(|(at, x)| {
                    let hz = from * (to / from).powf(at as f32 / length as f32);
                    low += (1.0 - (-TAU * hz / RATE).exp()) * (x - low);
                    low
                })
                .collect()
        }
        // Resonances that are driven, as of voices and machines.
        _ => {
            let hz = log_range(rng, 50.0, 400.0);
            let formants: Vec<f32> = (0..3).map(|_| log_range(rng, 200.0, 4_000.0)).collect();
            let mut out = vec![0.0; length];
            let period = (RATE / hz) as usize;
            for formant in formants {
                let ring = modes(frames(0.03).min(length), [(formant, 1.0, 0.02)]);
                for at in (0..length).step_by(period.max(1)) {
                    out[at..].iter_mut().zip(&ring).for_each(|(x, y)| *x += y);
                }
            }
            out
        }
    };
    normalise(&mut out);
    if rng.chance(0.5) {
        decay(&mut out, log_range(rng, 0.001, 0.3), length as f32 / RATE * rng.range(0.6, 3.0));
    } else {
        let rise = (length as f32 * rng.range(0.2, 0.9)) as usize;
        for (at, x) in out.iter_mut().enumerate() {
            *x *= if at < rise {
                at as f32 / rise as f32
            } else {
                (length - at) as f32 / (length - rise) as f32
            };
        }
    }
    out
}

fn recorded(role: Role, rng: &mut Rng) -> Audio {
    let mut left = match role {
        Role::Kick => kick(rng),
        Role::Snare => snare(rng),
        Role::Clap => clap(rng),
        Role::ClosedHat => closed_hat(rng),
        Role::OpenHat => open_hat(rng),
        Role::Tom => tom(rng),
        Role::Percussion => percussion(rng),
        Role::Cymbal => cymbal(rng),
        Role::Fx => fx(rng),
    };
    normalise(&mut left);
    left.iter_mut().for_each(|x| *x *= 0.7);
    Audio { rate: SampleRate::STUDIO, left, right: None }
}

/// How others might have recorded, played or cut a sound: tilted, cut short, overdriven, in a room, with hiss.
fn altered(audio: &Audio, rng: &mut Rng) -> Audio {
    let mut left = audio.left.clone();
    if rng.chance(0.8) {
        let (corner, gain) = (log_range(rng, 150.0, 6_000.0), rng.range(-0.9, 2.5));
        let pole = 1.0 - (-TAU * corner / RATE).exp();
        let (mut low, high) = (0.0, rng.chance(0.5));
        left.iter_mut().for_each(|x| {
            low += pole * (*x - low);
            *x += gain * if high { *x - low } else { low };
        });
    }
    if rng.chance(0.25) {
        let keep = ((left.len() as f32 * rng.range(0.25, 0.9)) as usize).max(600).min(left.len());
        left.truncate(keep);
        let fade = left.len() / 3;
        left[keep - fade..].iter_mut().enumerate().for_each(|(at, x)| *x *= 1.0 - at as f32 / fade as f32);
    }
    normalise(&mut left);
    if rng.chance(0.3) {
        let drive = rng.range(1.0, 6.0);
        left.iter_mut().for_each(|x| *x = (*x * drive).tanh());
    }
    if rng.chance(0.4) {
        let length = left.len() + frames(rng.range(0.1, 0.6));
        left.resize(length, 0.0);
        let dry = left.clone();
        for _ in 0..5 {
            let (delay, back) = (frames(rng.range(0.007, 0.06)), rng.range(0.1, 0.35));
            let mut low = 0.0f32;
            for at in delay..left.len() {
                low += 0.5 * (left[at - delay] - low);
                left[at] += back * low * 0.6;
            }
        }
        let wet = rng.range(0.1, 1.0);
        left.iter_mut().zip(&dry).for_each(|(x, d)| *x = *x * wet + d * (1.0 - wet));
    }
    normalise(&mut left);
    if rng.chance(0.5) {
        let hiss = 10f32.powf(rng.range(-4.2, -2.2));
        left.iter_mut().for_each(|x| *x += hiss * rng.range(-1.0, 1.0));
    }
    if rng.chance(0.4) {
        let rise = frames(log_range(rng, 0.001, 0.012));
        left.iter_mut().take(rise).enumerate().for_each(|(at, x)| *x *= at as f32 / rise as f32);
    }
    left.iter_mut().for_each(|x| *x *= 0.7);
    if let Some(last) = left.last_mut() {
        *last = 0.0;
    }
    Audio { rate: audio.rate, left, right: None }
}

/// A sound's inputs, its role, and what it counts for.
struct Row {
    inputs: [f32; INPUTS],
    role: usize,
    weight: f32,
}

/// How often effects are met beside other roles: libraries of drums hold few.
const EFFECTS: f32 = 0.2;

fn training_set(each: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for role in Role::ALL {
        let mut rng = Rng::stream(Seed(1), role.key(), 0);
        let mut sounds = factory::beyond(role, each);
        sounds.extend((0..each * 25).map(|_| recorded(role, &mut rng)));
        let first = rows.len();
        for audio in sounds {
            for audio in [altered(&audio, &mut rng), audio] {
                let analysis = Analysis::of(&audio);
                // A snare without a shell and a hat without sizzle are what nobody could name.
                let nameless = match role {
                    Role::Snare => analysis.centroid_hz > 3_800.0,
                    Role::ClosedHat => analysis.centroid_hz < 3_000.0,
                    _ => false,
                };
                if !nameless {
                    rows.push(Row { inputs: roles::inputs(&analysis), role: role.index(), weight: 0.0 });
                }
            }
        }
        let met = if role == Role::Fx { EFFECTS } else { 1.0 };
        let weight = met / (rows.len() - first) as f32;
        rows[first..].iter_mut().for_each(|row| row.weight = weight);
    }
    let mean = rows.iter().map(|row| row.weight).sum::<f32>() / rows.len() as f32;
    rows.iter_mut().for_each(|row| row.weight /= mean);
    rows
}

/// Adam on the cross entropy, with decay of the weights.
fn fit(rows: &[Row]) -> Network {
    const EPOCHS: usize = 60;
    const BATCH: usize = 128;
    const DECAY: f32 = 0.003;
    let n = rows.len() as f32;
    let mut scale = [(0.0f32, 0.0f32); INPUTS];
    for (i, slot) in scale.iter_mut().enumerate() {
        let mean = rows.iter().map(|row| row.inputs[i]).sum::<f32>() / n;
        let variance = rows.iter().map(|row| (row.inputs[i] - mean).powi(2)).sum::<f32>() / n;
        *slot = (mean, variance.sqrt().max(1e-3));
    }
    let mut rng = Rng::stream(Seed(1), "roles", 0);
    let mut network =
        Network { scale, first: [[0.0; INPUTS + 1]; HIDDEN], second: [[0.0; HIDDEN + 1]; ROLES] };
    network.first.iter_mut().flatten().for_each(|w| *w = 0.3 * rng.normal());
    network.second.iter_mut().flatten().for_each(|w| *w = 0.3 * rng.normal());
    let count = HIDDEN * (INPUTS + 1) + ROLES * (HIDDEN + 1);
    let (mut m, mut v) = (vec![0.0f32; count], vec![0.0f32; count]);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut turn = 0;
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, rng.below(at + 1));
        }
        let rate = 0.004 * (1.0 - epoch as f32 / EPOCHS as f32) + 0.0002;
        for batch in order.chunks(BATCH) {
            let mut slope = vec![0.0f32; count];
            for &at in batch {
                let row = &rows[at];
                let z = network.scaled(&row.inputs);
                let hidden = network.hidden(&z);
                let scores = network.scores(&hidden);
                let top = scores.iter().copied().fold(f32::MIN, f32::max);
                let total: f32 = scores.iter().map(|s| (s - top).exp()).sum();
                let mut back = [0.0f32; HIDDEN];
                for (role, score) in scores.iter().enumerate() {
                    let hit = f32::from(u8::from(role == row.role));
                    let error = row.weight * ((score - top).exp() / total - hit) / batch.len() as f32;
                    let from = HIDDEN * (INPUTS + 1) + role * (HIDDEN + 1);
                    for (k, h) in hidden.iter().enumerate() {
                        slope[from + k] += error * h;
                        back[k] += error * network.second[role][k];
                    }
                    slope[from + HIDDEN] += error;
                }
                for (k, error) in back.iter().enumerate().filter(|&(k, _)| hidden[k] > 0.0) {
                    let from = k * (INPUTS + 1);
                    z.iter().enumerate().for_each(|(i, z)| slope[from + i] += error * z);
                    slope[from + INPUTS] += error;
                }
            }
            turn += 1;
            let (c1, c2) = (1.0 - 0.9f32.powi(turn), 1.0 - 0.999f32.powi(turn));
            let weights = network.first.iter_mut().flatten().chain(network.second.iter_mut().flatten());
            for (((w, g), m), v) in weights.zip(&slope).zip(&mut m).zip(&mut v) {
                let g = g + DECAY * *w;
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                *w -= rate * (*m / c1) / ((*v / c2).sqrt() + 1e-8);
            }
        }
    }
    network
}

fn print(network: &Network) {
    println!("//! The numbers of [`super::role_by_sound`], written by `examples/roles.rs`, never edited.\n");
    println!("#![expect(clippy::approx_constant, reason = \"fitted, not named\")]\n\nuse super::Network;\n");
    println!("#[rustfmt::skip]\npub(super) const NETWORK: Network = Network {{\n    scale: [");
    network.scale.iter().for_each(|(mean, deviation)| println!("        ({mean:.4}, {deviation:.4}),"));
    println!("    ],");
    let rows = |name: &str, rows: Vec<Vec<f32>>| {
        println!("    {name}: [");
        for row in rows {
            let row: Vec<String> = row.iter().map(|w| format!("{w:.3}")).collect();
            println!("        [{}],", row.join(", "));
        }
        println!("    ],");
    };
    rows("first", network.first.iter().map(|row| row.to_vec()).collect());
    rows("second", network.second.iter().map(|row| row.to_vec()).collect());
    println!("}};");
}

/// Recordings whose names tell their roles: how many are found by sound, role by role.
fn check(folder: &Path, find: &dyn Fn(&Analysis) -> Role) {
    let kit = scan::load_dir(folder).expect("a folder").kit;
    let mut table = [[0usize; ROLES]; ROLES];
    for sample in kit.samples() {
        let Origin::File { path } = &sample.origin else { continue };
        let name = Path::new(path.file_name().unwrap_or_default());
        if let Some(role) = roles::role_by_name(name, &sample.analysis) {
            table[role.index()][find(&sample.analysis).index()] += 1;
        }
    }
    eprintln!("{}", folder.display());
    for (role, row) in Role::ALL.iter().zip(&table) {
        eprintln!("{:10} {:3} of {:3}  {row:3?}", role.label(), row[role.index()], row.iter().sum::<usize>());
    }
    let all: usize = table.iter().flatten().sum();
    let right: usize = (0..ROLES).map(|i| table[i][i]).sum();
    eprintln!("{right} of {all}: {:.1} %", 100.0 * right as f32 / all.max(1) as f32);
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folders = |from: usize| arguments.iter().skip(from).map(Path::new);
    match arguments.first().map(String::as_str) {
        Some("train") => {
            let each = arguments.get(1).and_then(|each| each.parse().ok()).unwrap_or(16);
            let rows = training_set(each);
            let network = fit(&rows);
            let right = rows.iter().filter(|row| network.role(&row.inputs).index() == row.role).count();
            eprintln!(
                "{} sounds, {:.1} % of them fitted",
                rows.len(),
                100.0 * right as f32 / rows.len() as f32
            );
            folders(2).for_each(|folder| check(folder, &|analysis| network.role(&roles::inputs(analysis))));
            print(&network);
        }
        Some("check") => folders(1).for_each(|folder| check(folder, &roles::role_by_sound)),
        _ => eprintln!("train EACH [DIR…] > core/src/kit/roles/weights.rs\ncheck DIR…"),
    }
}
