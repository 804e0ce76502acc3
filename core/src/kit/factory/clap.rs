//! Claps, snaps and rim shots.
//!
//! Sources: Reid, Synth Secrets, Sound on Sound (claps, 2002: three to four saw-shaped bursts of
//! band-passed noise some 10 ms apart, then a reverberating tail); Seppänen et al. on hand claps.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// The 808's clap: bursts of noise at 1 kHz, then the tail that stands for a room.
pub(crate) fn bursts(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.25, 0.6));
    let length = frames(t60 * 1.1 + 0.06);
    let count = 3 + rng.below(2);
    let gap = rng.range(0.008, 0.012_5);
    let raw = noise(length, rng);
    let mut envelope = vec![0.0f32; length];
    for burst in 0..count {
        let at = frames(burst as f32 * gap * rng.range(0.94, 1.06));
        let last = burst + 1 == count;
        let fall_s = if last { 0.09 } else { 0.022 };
        for (x, e) in envelope[at.min(length)..].iter_mut().zip(decay(length, 0.000_4, fall_s)) {
            *x = x.max(e * if last { 1.0 } else { 0.85 });
        }
        if last {
            for (x, e) in envelope[at.min(length)..].iter_mut().zip(decay(length, 0.000_4, t60)) {
                *x += e * 0.42;
            }
        }
    }
    let centre = style.tuned(rng.range(950.0, 1_500.0));
    let mut body = filtered(&raw, Pass::Band, centre, rng.range(1.2, 2.4));
    mix(&mut body, &filtered(&raw, Pass::Band, centre * rng.range(2.0, 3.2), 0.8), 0.35 * style.brightness);
    filter(&mut body, Pass::High, 500.0, 0.7);
    shape(&mut body, &envelope);
    drive(&mut body, style.pushed(rng.range(0.0, 0.45)), 0.2);
    body
}

/// Several people: every hand its own time, colour and level, in a small room.
pub(super) fn hands(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.12, 0.3));
    let length = frames(t60 + 0.12);
    let mut body = vec![0.0f32; length];
    for _ in 0..5 + rng.below(5) {
        let at = frames(rng.unit() * rng.range(0.012, 0.034));
        let mut hand = noise(frames(0.08), rng);
        filter(&mut hand, Pass::Band, style.tuned(rng.range(800.0, 2_600.0)), rng.range(1.0, 2.6));
        fall_away(&mut hand, 0.000_3, rng.range(0.02, 0.07));
        normalise(&mut hand);
        mix_at(&mut body, at, &hand, rng.range(0.4, 1.0));
    }
    let wet = room(&body, rng.range(0.7, 1.4), t60, 5_000.0 * style.brightness, length);
    mix(&mut body, &wet[0], rng.range(0.12, 0.35));
    filter(&mut body, Pass::High, 450.0, 0.7);
    drive(&mut body, style.pushed(rng.range(0.0, 0.35)), 0.2);
    body
}

/// A finger snap: one narrow, bright burst with a short echo of the hand.
pub(crate) fn snap(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.08, 0.2));
    let length = frames(t60 + 0.14);
    let mut body = vec![0.0f32; length];
    let centre = style.tuned(rng.range(1_700.0, 3_000.0));
    for (at_s, level) in [(0.0, 0.5), (rng.range(0.005, 0.009), 1.0)] {
        let mut burst = noise(frames(0.1), rng);
        filter(&mut burst, Pass::Band, centre, rng.range(2.5, 5.0));
        fall_away(&mut burst, 0.000_2, t60);
        normalise(&mut burst);
        mix_at(&mut body, frames(at_s), &burst, level);
    }
    let wet = room(&body, 0.8, 0.18, 6_000.0, length);
    mix(&mut body, &wet[0], rng.range(0.1, 0.25));
    filter(&mut body, Pass::High, 700.0, 0.7);
    drive(&mut body, style.pushed(rng.range(0.0, 0.25)), 0.1);
    body
}

/// A rim shot: two short high-passed modes (about 455 and 1667 Hz in the 808) and a stick's click.
pub(super) fn rim(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.03, 0.085));
    let length = frames(t60 * 1.6 + 0.02);
    let low = style.tuned(rng.range(420.0, 540.0));
    let mut body = vec![0.0f32; length];
    let modes = [
        Mode { hz: low, level: 0.8, t60_s: t60 },
        Mode { hz: low * rng.range(3.3, 3.9), level: 1.0, t60_s: t60 * 0.7 },
        Mode { hz: low * rng.range(5.1, 6.2), level: 0.3 * style.brightness, t60_s: t60 * 0.4 },
    ];
    add_modes(&mut body, &modes);
    let mut stick = noise(frames(0.004), rng);
    filter(&mut stick, Pass::High, 3_000.0, 0.7);
    fall_away(&mut stick, 0.0, 0.003);
    mix(&mut body, &stick, rng.range(0.2, 0.7));
    drive(&mut body, style.pushed(rng.range(0.2, 0.7)), 0.5);
    filter(&mut body, Pass::High, 300.0, 0.7);
    body
}

/// A side stick on wood: a dense cluster of short modes over the drum's own low answer.
pub(crate) fn side_stick(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.05, 0.11));
    let length = frames(t60 * 1.6 + 0.04);
    let mut body = vec![0.0f32; length];
    let base = style.tuned(rng.range(850.0, 1_350.0));
    for ratio in [1.0f32, 1.34, 1.79, 2.27, 3.1, 3.9, 4.7] {
        let mode = Mode {
            hz: base * ratio * rng.range(0.96, 1.04),
            level: rng.range(0.4, 1.0) / ratio.sqrt(),
            t60_s: t60 * rng.range(0.35, 0.9) / ratio.sqrt(),
        };
        add_modes(&mut body, &[mode]);
    }
    add_modes(&mut body, &[Mode { hz: style.tuned(210.0), level: 0.5, t60_s: 0.09 }]);
    let mut stick = noise(frames(0.005), rng);
    filter(&mut stick, Pass::High, 2_000.0, 0.7);
    fall_away(&mut stick, 0.0, 0.004);
    mix(&mut body, &stick, 0.8);
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}
