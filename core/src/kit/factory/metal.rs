//! Hats and cymbals: six squares, noise, FM pairs, and dense modes of a struck plate.
//!
//! Sources: Werner, Abel & Smith, The TR-808 Cymbal: a Physically-Informed, Circuit-Bendable, Digital
//! Model (ICMC/SMC 2014) for the oscillators and bands; Reid, Synth Secrets (cymbals, 2002); Chowning
//! 1973; Fletcher & Rossing, ch. 20, for the mode density of plates.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// The six Schmitt-trigger oscillators of the 808 in hertz.
const SQUARES_HZ: [f32; 6] = [205.3, 304.4, 369.6, 522.7, 540.0, 800.0];

/// Six squares through the two bands of the 808, as one source.
fn squares(length: usize, scale: f32, rng: &mut Rng) -> Vec<f32> {
    let mut raw = vec![0.0f32; length];
    for hz in SQUARES_HZ {
        add_square(&mut raw, hz * scale * rng.range(0.985, 1.015), 1.0 / 6.0, rng.unit());
    }
    raw
}

fn two_bands(raw: &[f32], low_hz: f32, high_hz: f32, balance: f32) -> Vec<f32> {
    let mut low = filtered(raw, Pass::Band, low_hz, 2.2);
    let high = filtered(raw, Pass::Band, high_hz, 2.4);
    low.iter_mut().zip(&high).for_each(|(l, h)| *l = *l * (1.0 - balance) + h * balance);
    low
}

/// Six squares, high-passed: the classic machine's hat.
fn square_hat(length: usize, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let raw = squares(length, style.tuned(1.0) * rng.range(0.85, 1.5), rng);
    let mut out =
        two_bands(&raw, rng.range(3_000.0, 4_400.0), rng.range(6_800.0, 9_500.0), rng.range(0.7, 0.97));
    filter(&mut out, Pass::High, rng.range(5_200.0, 8_000.0) * style.brightness.clamp(0.6, 1.2), 0.8);
    let hiss = filtered(&noise(length, rng), Pass::High, 8_000.0, 0.7);
    normalise(&mut out);
    mix(&mut out, &hiss, rng.range(0.0, 0.2) * style.brightness);
    out
}

/// White noise with one or two resonant peaks, high-passed.
fn noise_hat(length: usize, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let raw = noise(length, rng);
    let mut out =
        filtered(&raw, Pass::High, rng.range(5_500.0, 8_500.0) * style.brightness.clamp(0.6, 1.2), 0.9);
    let peak = style.tuned(rng.range(6_000.0, 10_500.0)).min(15_000.0);
    mix(&mut out, &filtered(&raw, Pass::Band, peak, rng.range(3.0, 8.0)), rng.range(0.3, 1.0));
    normalise(&mut out);
    out
}

/// Ring-modulated FM pairs in non-whole ratios.
fn fm_hat(length: usize, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let base = style.tuned(rng.range(2_400.0, 4_600.0));
    let partial = |ratio: f32| glide(length, base * ratio, base * ratio, 1.0);
    let (p1, p2) = (partial(1.0), partial(rng.range(1.31, 1.49)));
    let (p3, p4) = (partial(rng.range(1.9, 2.4)), partial(rng.range(2.6, 3.1)));
    let depth = rng.range(0.4, 1.0);
    let mut out: Vec<f32> = (0..length)
        .map(|i| {
            let a = sin_turns(p1[i] + depth * sin_turns(p2[i]));
            let b = sin_turns(p3[i] + depth * 0.7 * sin_turns(p4[i]));
            a * b + 0.4 * b
        })
        .collect();
    filter(&mut out, Pass::High, rng.range(5_000.0, 7_500.0), 0.8);
    normalise(&mut out);
    let hiss = filtered(&noise(length, rng), Pass::High, 7_000.0, 0.7);
    mix(&mut out, &hiss, rng.range(0.1, 0.35));
    out
}

/// A plate: many modes of random frequency between 2.5 and 16 kHz, whose highs die first, and the stick.
fn plate(length: usize, low_hz: f32, t60_s: f32, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let mut out = vec![0.0f32; length];
    let count = 42;
    for index in 0..count {
        let share = (index as f32 + rng.unit()) / count as f32;
        let hz = style.tuned(low_hz * (16_500.0 / low_hz).powf(share));
        let mode = Mode {
            hz,
            level: rng.range(0.3, 1.0) * if rng.chance(0.5) { 1.0 } else { -1.0 } * (0.6 + 0.6 * share),
            t60_s: t60_s * rng.range(0.5, 1.1) * (1.2 - 0.6 * share),
        };
        add_modes(&mut out, &[mode]);
    }
    normalise(&mut out);
    let mut hiss = filtered(&noise(length, rng), Pass::High, rng.range(6_000.0, 8_500.0), 0.7);
    fall_away2(&mut hiss, t60_s * 0.2, t60_s * 0.7, 0.45);
    mix(&mut out, &hiss, rng.range(0.35, 0.7) * style.brightness);
    out
}

fn closed(mut body: Vec<f32>, t60_s: f32, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    fall_away2(&mut body, t60_s * 0.4, t60_s, rng.range(0.3, 0.7));
    drive(&mut body, style.pushed(rng.range(0.0, 0.3)), 0.0);
    filter(&mut body, Pass::High, 2_500.0, 0.7);
    body
}

fn closed_length(rng: &mut Rng, style: &KitStyle) -> (f32, usize) {
    let t60 = style.lasting(rng.range(0.1, 0.3)).clamp(0.07, 0.36);
    (t60, frames(t60 * 1.25))
}

fn open_length(rng: &mut Rng, style: &KitStyle) -> (f32, usize) {
    let t60 = style.lasting(rng.range(0.55, 1.25)).clamp(0.45, 1.45);
    (t60, frames(t60 * 1.05))
}

fn open(mut body: Vec<f32>, t60_s: f32, rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    fall_away2(&mut body, t60_s * rng.range(0.12, 0.25), t60_s, rng.range(0.45, 0.75));
    drive(&mut body, style.pushed(rng.range(0.0, 0.25)), 0.0);
    filter(&mut body, Pass::High, 2_000.0, 0.7);
    body
}

pub(crate) fn closed_squares(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = closed_length(rng, style);
    closed(square_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn closed_noise(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = closed_length(rng, style);
    closed(noise_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn closed_fm(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = closed_length(rng, style);
    closed(fm_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn closed_plate(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = closed_length(rng, style);
    let low = rng.range(2_600.0, 4_500.0);
    closed(plate(length, low, t60 * 1.6, rng, style), t60 * 1.2, rng, style)
}

pub(crate) fn open_squares(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = open_length(rng, style);
    open(square_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn open_noise(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = open_length(rng, style);
    open(noise_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn open_fm(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = open_length(rng, style);
    open(fm_hat(length, rng, style), t60, rng, style)
}

pub(crate) fn open_plate(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let (t60, length) = open_length(rng, style);
    let low = rng.range(2_200.0, 3_800.0);
    open(plate(length, low, t60 * 1.2, rng, style), t60 * 1.4, rng, style)
}

/// The 808's cymbal: the six squares in two bands, each with its own decay, the upper one shorter.
pub(crate) fn cymbal_squares(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(1.5, 2.6)).min(2.8);
    let length = frames(t60 * 1.05);
    let raw = squares(length, style.tuned(1.0) * rng.range(0.9, 1.4), rng);
    let mut low = filtered(&raw, Pass::Band, rng.range(3_200.0, 4_200.0), 1.8);
    fall_away(&mut low, 0.001, t60);
    let mut high = filtered(&raw, Pass::Band, rng.range(7_000.0, 8_500.0), 2.0);
    filter(&mut high, Pass::High, 5_500.0, 0.8);
    fall_away2(&mut high, t60 * 0.15, t60 * 0.8, 0.5);
    normalise(&mut low);
    normalise(&mut high);
    mix(&mut high, &low, rng.range(0.25, 0.5));
    let mut hiss = filtered(&noise(length, rng), Pass::High, 9_000.0, 0.7);
    fall_away2(&mut hiss, t60 * 0.2, t60 * 0.9, 0.4);
    mix(&mut high, &hiss, 0.25 * style.brightness);
    drive(&mut high, style.pushed(rng.range(0.0, 0.2)), 0.0);
    high
}

/// A crash: noise that opens within some milliseconds and darkens while it falls, over a plate.
pub(super) fn crash(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(1.8, 2.8)).clamp(1.3, 2.9);
    let length = frames(t60 * 1.05);
    let mut body = plate(length, rng.range(900.0, 2_000.0), t60 * 1.2, rng, style);
    fall_away(&mut body, 0.002, t60);
    let mut wash = noise(length, rng);
    filter(&mut wash, Pass::High, rng.range(2_500.0, 4_500.0), 0.7);
    closing_low_pass(&mut wash, 18_000.0, rng.range(5_000.0, 8_000.0), t60 * 0.35, 0.7);
    fall_away2(&mut wash, t60 * 0.3, t60, 0.6);
    normalise(&mut wash);
    mix(&mut body, &wash, rng.range(0.7, 1.2));
    drive(&mut body, style.pushed(rng.range(0.0, 0.25)), 0.0);
    filter(&mut body, Pass::High, 400.0, 0.7);
    body
}

/// A ride: a stick's ping with a few clear partials over a quiet plate.
pub(crate) fn ride(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(1.4, 2.5)).clamp(1.1, 2.7);
    let length = frames(t60 * 1.05);
    let mut body = plate(length, rng.range(1_500.0, 3_000.0), t60 * 1.8, rng, style);
    fall_away2(&mut body, t60 * 0.12, t60 * 1.3, 0.55);
    let ping = style.tuned(rng.range(2_600.0, 4_200.0));
    for ratio in [0.37f32, 1.0, 1.27, 1.73, 2.2] {
        let mode = Mode {
            hz: ping * ratio * rng.range(0.98, 1.02),
            level: rng.range(0.04, 0.14) * if ratio < 0.5 { 0.5 } else { 1.0 },
            t60_s: t60 * rng.range(0.35, 0.8),
        };
        add_modes(&mut body, &[mode]);
    }
    let mut stick = filtered(&noise(frames(0.01), rng), Pass::Band, rng.range(5_000.0, 8_000.0), 0.9);
    fall_away(&mut stick, 0.000_1, 0.007);
    mix(&mut body, &stick, 0.8);
    drive(&mut body, style.pushed(rng.range(0.0, 0.2)), 0.0);
    filter(&mut body, Pass::High, 500.0, 0.7);
    body
}
