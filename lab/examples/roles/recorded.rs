//! Models of drums as microphones hear them, and how a recording alters a sound.

use super::sound::*;
use deepdrummer_core::kit::{Audio, Role};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::SampleRate;
use std::f32::consts::TAU;

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

pub(crate) fn recorded(role: Role, rng: &mut Rng) -> Audio {
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
pub(crate) fn altered(audio: &Audio, rng: &mut Rng) -> Audio {
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
