//! Zaps, sweeps, impacts, bursts of static and backward hits.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// A sine that falls from the top of hearing within a fraction of a second.
pub(crate) fn zap(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.15, 0.5)).min(0.9);
    let length = frames(t60 * 1.1);
    let end = style.tuned(rng.range(60.0, 240.0));
    let carrier = glide(length, rng.range(2_500.0, 9_000.0), end, rng.range(0.015, 0.08));
    let wobble = glide(length, rng.range(20.0, 90.0), 12.0, 0.2);
    let depth = rng.range(0.0, 0.5);
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * sin_turns(wobble[i]))).collect();
    fall_away(&mut body, 0.000_5, t60);
    drive(&mut body, style.pushed(rng.range(0.1, 0.6)), 0.2);
    body
}

/// Noise through a closing resonant filter.
pub(crate) fn sweep(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.4, 1.1)).min(1.8);
    let length = frames(t60 * 1.1);
    let mut body = noise(length, rng);
    closing_low_pass(
        &mut body,
        rng.range(6_000.0, 14_000.0),
        rng.range(150.0, 500.0),
        t60 * rng.range(0.15, 0.4),
        rng.range(1.5, 5.0),
    );
    fall_away(&mut body, rng.range(0.001, 0.03), t60);
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.1);
    body
}

/// A low boom with debris in a large room.
pub(crate) fn impact(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.9, 1.7)).clamp(0.6, 2.2);
    let length = frames(t60 * 1.1);
    let hz = style.tuned(rng.range(38.0, 62.0));
    let mut body = swept_sine(length, hz * 4.0, hz, 0.05);
    fall_away2(&mut body, t60 * 0.3, t60, 0.5);
    let mut debris = noise(frames(0.25), rng);
    closing_low_pass(&mut debris, 7_000.0 * style.brightness, 400.0, 0.06, 0.9);
    fall_away(&mut debris, 0.001, 0.22);
    normalise(&mut debris);
    mix(&mut body, &debris, rng.range(0.4, 0.8));
    let wet = room(&debris, rng.range(1.8, 2.8), t60, 3_500.0 * style.brightness, length);
    mix(&mut body, &wet[0], rng.range(0.2, 0.45));
    drive(&mut body, style.pushed(rng.range(0.2, 0.7)), 0.3);
    body
}

/// Two FM voices in a clash, gated at random: a broken machine.
pub(crate) fn glitch(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let length = frames(style.lasting(rng.range(0.18, 0.42)).min(0.7));
    let hz = style.tuned(rng.range(120.0, 900.0));
    let carrier = glide(length, hz * rng.range(0.5, 4.0), hz, 0.07);
    let ratio = rng.range(1.1, 7.0);
    let modulator = glide(length, hz * ratio, hz * ratio * rng.range(0.3, 2.0), 0.1);
    let depth = rng.range(0.5, 1.6);
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * sin_turns(modulator[i]))).collect();
    let (mut level, mut target) = (1.0f32, 1.0f32);
    let grain = frames(rng.range(0.008, 0.03)).max(1);
    for (at, x) in body.iter_mut().enumerate() {
        if at % grain == 0 {
            target = if rng.chance(0.65) { rng.range(0.4, 1.0) } else { 0.0 };
        }
        // One millisecond from level to level, so that the gate doesn't click.
        level += (target - level) * 0.04;
        *x *= level;
    }
    fall_away(&mut body, 0.000_5, length as f32 / RATE * 1.3);
    crush(&mut body, rng.range(5.0, 9.0), rng.range(6_000.0, 20_000.0));
    filter(&mut body, Pass::Low, 12_000.0 * style.brightness, 0.7);
    drive(&mut body, style.pushed(rng.range(0.1, 0.5)), 0.1);
    body
}

/// A hit played backwards: noise and a plate that swell and stop.
pub(super) fn backward(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.35, 0.9)).min(1.4);
    let length = frames(t60 * 0.75);
    let mut body = filtered(&noise(length, rng), Pass::High, rng.range(600.0, 3_000.0), 0.8);
    let mut ring = vec![0.0f32; length];
    for _ in 0..14 {
        let mode = Mode {
            hz: style.tuned(rng.range(400.0, 6_000.0)),
            level: rng.range(-1.0, 1.0),
            t60_s: t60 * rng.range(0.5, 1.0),
        };
        add_modes(&mut ring, &[mode]);
    }
    normalise(&mut ring);
    fall_away(&mut body, 0.0, t60);
    mix(&mut body, &ring, rng.range(0.5, 1.2));
    body.reverse();
    // It stops within 12 ms, like a tape that is cut.
    let cut = frames(0.012).min(length);
    for (index, x) in body[length - cut..].iter_mut().enumerate() {
        *x *= 1.0 - index as f32 / cut as f32;
    }
    drive(&mut body, style.pushed(rng.range(0.0, 0.3)), 0.1);
    body
}
