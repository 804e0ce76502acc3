//! Kicks: bridged-T and swept-sine machines, two oscillators, FM, and a struck skin.
//!
//! Sources: Werner, Abel & Smith, A Physically-Informed, Circuit-Bendable, Digital Model of the Roland
//! TR-808 Bass Drum Circuit (DAFx 2014); Reid, Synth Secrets, Sound on Sound (bass drums, 2002).

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// A short click: a high-passed noise tick and a half-sine thump.
fn click(out: &mut [f32], level: f32, bright_hz: f32, rng: &mut Rng) {
    let length = frames(0.006);
    let mut tick = noise(length, rng);
    filter(&mut tick, Pass::Band, bright_hz, 0.8);
    fall_away(&mut tick, 0.000_1, 0.005);
    mix(out, &tick, level);
}

/// The bridged-T network of the 808: a long sine that starts nearly an octave up for one period, with
/// the trigger's own pulse leaking through a low-pass.
pub(crate) fn bridged(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(43.0, 62.0));
    let t60 = style.lasting(rng.range(0.55, 1.5)).min(2.3);
    let length = frames(t60 * 1.1);
    let mut body = swept_sine(length, hz * rng.range(1.8, 3.2), hz, rng.range(0.005, 0.011));
    fall_away2(&mut body, t60 * 0.25, t60, rng.range(0.55, 0.85));
    let mut pulse = vec![0.0f32; frames(0.02)];
    for (at, x) in pulse.iter_mut().enumerate().take(frames(0.001)) {
        *x = sin_turns(0.5 * at as f32 / frames(0.001) as f32);
    }
    filter(&mut pulse, Pass::Low, rng.range(900.0, 3_800.0) * style.brightness, 0.7);
    mix(&mut body, &pulse, rng.range(0.25, 0.8));
    drive(&mut body, style.pushed(rng.range(0.0, 0.45)), rng.range(0.0, 0.5));
    body
}

/// The 909's way: a triangle rounded to a sine whose pitch falls from far above within 30–60 ms, and a
/// click of noise and pulse.
pub(crate) fn swept(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(44.0, 66.0));
    let t60 = style.lasting(rng.range(0.3, 0.75));
    let length = frames(t60 * 1.1);
    let mut body = swept_sine(length, hz * rng.range(3.5, 6.5), hz, rng.range(0.012, 0.03));
    // A little third harmonic, as of a triangle through diodes.
    let mut third = swept_sine(length, hz * 9.0, hz * 3.0, 0.015);
    fall_away(&mut third, 0.0, 0.12);
    mix(&mut body, &third, rng.range(0.02, 0.1));
    let hold = frames(rng.range(0.01, 0.05));
    let fall_after = decay(length, 0.0, t60);
    for (at, x) in body.iter_mut().enumerate() {
        *x *= if at < hold { 1.0 } else { fall_after[at - hold] };
    }
    click(&mut body, rng.range(0.25, 1.0) * style.brightness, rng.range(1_800.0, 5_500.0), rng);
    drive(&mut body, style.pushed(rng.range(0.1, 0.6)), rng.range(0.0, 0.4));
    body
}

/// A sub and an octave with its own shorter envelope, glued by saturation.
pub(crate) fn two_oscillators(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(43.0, 60.0));
    let t60 = style.lasting(rng.range(0.4, 1.0));
    let length = frames(t60 * 1.1);
    let mut body = swept_sine(length, hz * rng.range(1.5, 2.6), hz, rng.range(0.02, 0.045));
    fall_away(&mut body, 0.000_6, t60);
    let mut upper = swept_triangle(length, hz * rng.range(5.0, 8.0), hz * rng.range(1.9, 2.6), 0.018);
    fall_away(&mut upper, 0.000_2, rng.range(0.06, 0.16));
    mix(&mut body, &upper, rng.range(0.25, 0.6));
    click(&mut body, rng.range(0.1, 0.5) * style.brightness, rng.range(1_500.0, 3_500.0), rng);
    drive(&mut body, style.pushed(rng.range(0.05, 0.5)), 0.2);
    body
}

/// A falling carrier whose modulation dies away within some tens of milliseconds: hard and woody.
pub(crate) fn fm(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(52.0, 72.0));
    let t60 = style.lasting(rng.range(0.25, 0.7));
    let length = frames(t60 * 1.1);
    let carrier = glide(length, hz * rng.range(2.5, 5.0), hz, rng.range(0.012, 0.03));
    let ratio = *rng.pick(&[1.41f32, 1.73, 2.3, 2.77, 3.46]).unwrap_or(&1.41);
    let modulator = glide(length, hz * ratio * 3.0, hz * ratio, 0.02);
    let index = decay(length, 0.0, rng.range(0.05, 0.18));
    let depth = rng.range(0.25, 0.9) * style.brightness;
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * index[i] * sin_turns(modulator[i]))).collect();
    fall_away(&mut body, 0.000_3, t60);
    drive(&mut body, style.pushed(rng.range(0.1, 0.7)), 0.3);
    body
}

/// A struck skin: the circular membrane's modes (ratios of Bessel zeros; Fletcher & Rossing, The Physics
/// of Musical Instruments, ch. 18), a felt beater and the shell's air.
pub(crate) fn skin(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(47.0, 67.0));
    let t60 = style.lasting(rng.range(0.45, 0.85));
    let length = frames(t60 * 1.2 + 0.05);
    let mut body = swept_sine(length, hz * rng.range(1.5, 2.2), hz, 0.02);
    fall_away2(&mut body, t60 * 0.55, t60, 0.6);
    let mut modes = vec![0.0f32; length];
    for (ratio, level) in
        [(1.594, 0.5), (2.136, 0.34), (2.296, 0.3), (2.653, 0.22), (2.918, 0.18), (3.6, 0.15)]
    {
        let spread = rng.range(0.97, 1.03);
        let t60_s = t60 * rng.range(0.14, 0.28) / ratio;
        add_modes(&mut modes, &[Mode { hz: hz * ratio * spread, level: level * rng.range(0.6, 1.2), t60_s }]);
    }
    mix(&mut body, &modes, rng.range(0.35, 0.65));
    let mut beater = noise(frames(0.04), rng);
    let corner = rng.range(1_200.0, 3_400.0) * style.brightness;
    filter(&mut beater, Pass::Low, corner, 0.9);
    filter(&mut beater, Pass::High, 250.0, 0.7);
    fall_away(&mut beater, 0.000_5, rng.range(0.018, 0.04));
    mix(&mut body, &beater, rng.range(0.4, 1.0));
    let mut air = noise(frames(0.12), rng);
    filter(&mut air, Pass::Low, 220.0, 0.8);
    fall_away(&mut air, 0.004, 0.11);
    mix(&mut body, &air, rng.range(0.3, 0.9));
    drive(&mut body, style.pushed(rng.range(0.05, 0.35)), 0.4);
    body
}

/// A swept sine with a layer of noise under the attack, as in distorted techno kicks.
pub(crate) fn noise_layered(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let mut body = swept(rng, style);
    let length = body.len();
    let mut layer = noise(length, rng);
    closing_low_pass(
        &mut layer,
        rng.range(3_000.0, 9_000.0),
        rng.range(120.0, 300.0),
        rng.range(0.02, 0.06),
        1.2,
    );
    fall_away(&mut layer, 0.000_3, rng.range(0.08, 0.3));
    normalise(&mut layer);
    mix(&mut body, &layer, rng.range(0.25, 0.6));
    drive(&mut body, style.pushed(rng.range(0.3, 0.9)), 0.3);
    body
}
