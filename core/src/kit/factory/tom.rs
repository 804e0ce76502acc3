//! Toms: bridged-T sines, struck skins, FM, and the long fall of early drum synthesisers.
//!
//! Sources: as for the kicks and snares.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

fn pitch(rng: &mut Rng, style: &KitStyle) -> f32 {
    // Low, middle or high.
    style.tuned(*rng.pick(&[82.0f32, 110.0, 147.0, 185.0]).unwrap_or(&110.0) * rng.range(0.92, 1.1))
}

/// A decaying sine that starts a third up, with a breath of filtered noise.
pub(crate) fn bridged(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = pitch(rng, style);
    let t60 = style.lasting(rng.range(0.28, 0.65)).min(1.4);
    let length = frames(t60 * 1.1);
    let mut body = swept_sine(length, hz * rng.range(1.25, 1.8), hz, rng.range(0.02, 0.06));
    fall_away(&mut body, 0.000_4, t60);
    let mut breath = filtered(&noise(length, rng), Pass::Low, hz * 7.0, 0.8);
    fall_away(&mut breath, 0.001, t60 * 0.5);
    normalise(&mut breath);
    mix(&mut body, &breath, rng.range(0.06, 0.2));
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}

/// Membrane modes, a stick, and the pitch that sinks as the skin relaxes.
pub(crate) fn skin(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = pitch(rng, style);
    let t60 = style.lasting(rng.range(0.35, 0.7)).min(1.5);
    let length = frames(t60 * 1.1);
    let mut body = swept_sine(length, hz * rng.range(1.15, 1.35), hz, 0.05);
    fall_away2(&mut body, t60 * 0.4, t60, 0.5);
    let mut modes = vec![0.0f32; length];
    for (ratio, level) in
        [(1.594, 0.6), (2.136, 0.4), (2.296, 0.32), (2.653, 0.26), (2.918, 0.2), (3.5, 0.14)]
    {
        let mode = Mode {
            hz: hz * ratio * rng.range(0.975, 1.025),
            level: level * rng.range(0.5, 1.1),
            t60_s: t60 * rng.range(0.3, 0.6) / ratio,
        };
        add_modes(&mut modes, &[mode]);
    }
    mix(&mut body, &modes, 0.6);
    let mut stick = noise(frames(0.02), rng);
    filter(&mut stick, Pass::Band, rng.range(1_400.0, 3_200.0) * style.brightness, 0.7);
    fall_away(&mut stick, 0.000_2, 0.015);
    mix(&mut body, &stick, rng.range(0.4, 0.9));
    drive(&mut body, style.pushed(rng.range(0.05, 0.4)), 0.4);
    body
}

/// FM with a quickly closing index: wooden or metallic.
pub(crate) fn fm(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = pitch(rng, style);
    let t60 = style.lasting(rng.range(0.25, 0.55)).min(1.2);
    let length = frames(t60 * 1.1);
    let carrier = glide(length, hz * 1.6, hz, 0.03);
    let ratio = *rng.pick(&[1.41f32, 1.7, 2.24, 2.9]).unwrap_or(&1.41);
    let modulator = glide(length, hz * ratio * 1.6, hz * ratio, 0.03);
    let index = decay(length, 0.0, rng.range(0.1, 0.25));
    let depth = rng.range(0.2, 0.7);
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * index[i] * sin_turns(modulator[i]))).collect();
    fall_away(&mut body, 0.000_3, t60);
    drive(&mut body, style.pushed(rng.range(0.0, 0.5)), 0.2);
    body
}

/// The disco drum: a triangle that falls over an octave and more.
pub(crate) fn falling(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = pitch(rng, style);
    let t60 = style.lasting(rng.range(0.4, 0.8)).min(1.5);
    let length = frames(t60 * 1.1);
    let mut body = swept_triangle(length, hz * rng.range(2.0, 3.6), hz * 0.8, rng.range(0.08, 0.2));
    fall_away(&mut body, 0.000_3, t60);
    let mut tick = noise(frames(0.01), rng);
    filter(&mut tick, Pass::High, 2_000.0, 0.7);
    fall_away(&mut tick, 0.0, 0.008);
    mix(&mut body, &tick, rng.range(0.05, 0.3));
    filter(&mut body, Pass::Low, 6_000.0 * style.brightness, 0.7);
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}
