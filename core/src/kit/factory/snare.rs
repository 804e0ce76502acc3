//! Snares: two-mode shells with noise, membranes with wires, FM, plain noise, and a worn-out digital one.
//!
//! Sources: Reid, Synth Secrets, Sound on Sound (snare drums, 2002); Fletcher & Rossing, The Physics of
//! Musical Instruments, ch. 18; Chowning 1973 for FM.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// The noise of the wires: band-passed, with a fast and a slow part.
fn wires(length: usize, t60_s: f32, low_hz: f32, high_hz: f32, rng: &mut Rng) -> Vec<f32> {
    let mut out = noise(length, rng);
    filter(&mut out, Pass::High, low_hz, 0.8);
    filter(&mut out, Pass::Low, high_hz, 0.75);
    fall_away2(&mut out, t60_s * 0.45, t60_s, 0.6);
    normalise(&mut out);
    out
}

/// Two bridged-T shells (about 180 and 330 Hz) and high-passed noise: the 808's circuit.
pub(crate) fn two_shells(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(165.0, 205.0));
    let t60 = style.lasting(rng.range(0.3, 0.52));
    let length = frames(t60 * 1.5 + 0.05);
    let mut body = swept_sine(length, hz * 1.35, hz, 0.006);
    fall_away(&mut body, 0.000_2, t60 * 0.8);
    let mut upper = swept_sine(length, hz * 2.3, hz * rng.range(1.75, 1.95), 0.006);
    fall_away(&mut upper, 0.000_2, t60 * 0.45);
    mix(&mut body, &upper, rng.range(0.4, 0.8));
    let wires = wires(
        length,
        t60 * rng.range(0.9, 1.5),
        rng.range(1_000.0, 2_400.0),
        11_000.0 * style.brightness,
        rng,
    );
    mix(&mut body, &wires, rng.range(0.5, 1.1));
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}

/// Two triangles with a falling pitch, and noise in two bands with their own envelopes: the 909's.
pub(crate) fn two_bands(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(155.0, 215.0));
    let t60 = style.lasting(rng.range(0.34, 0.56));
    let length = frames(t60 * 1.4 + 0.06);
    let mut body = swept_triangle(length, hz * rng.range(1.8, 2.4), hz, 0.012);
    fall_away(&mut body, 0.000_3, rng.range(0.18, 0.3));
    let mut upper = swept_triangle(length, hz * 2.9, hz * 1.55, 0.01);
    fall_away(&mut upper, 0.000_3, rng.range(0.1, 0.18));
    mix(&mut body, &upper, 0.6);
    let mut low = noise(length, rng);
    filter(&mut low, Pass::Low, rng.range(3_500.0, 6_500.0) * style.brightness, 0.8);
    filter(&mut low, Pass::High, 400.0, 0.7);
    fall_away(&mut low, 0.000_5, t60);
    normalise(&mut low);
    let mut high = noise(length, rng);
    filter(&mut high, Pass::High, 4_500.0, 0.8);
    fall_away(&mut high, 0.000_3, t60 * 0.6);
    normalise(&mut high);
    mix(&mut body, &low, rng.range(0.5, 0.9));
    mix(&mut body, &high, rng.range(0.2, 0.55) * style.brightness);
    drive(&mut body, style.pushed(rng.range(0.05, 0.5)), 0.2);
    body
}

/// A membrane on a shell: many modes, a stick, wires that answer with a comb's colour, and the room.
pub(crate) fn membrane(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(150.0, 235.0));
    let t60 = style.lasting(rng.range(0.36, 0.6));
    let length = frames(t60 * 1.3 + 0.08);
    let mut body = vec![0.0f32; length];
    for (ratio, level) in [
        (1.0, 1.0),
        (1.594, 0.75),
        (1.83, 0.5),
        (2.136, 0.45),
        (2.296, 0.4),
        (2.653, 0.35),
        (2.918, 0.3),
        (3.5, 0.22),
        (4.06, 0.2),
        (4.6, 0.15),
    ] {
        let hz = hz * ratio * rng.range(0.975, 1.025);
        let t60_s = t60 * rng.range(0.4, 0.75) / f32::sqrt(ratio);
        add_modes(&mut body, &[Mode { hz, level: level * rng.range(0.5, 1.2), t60_s }]);
    }
    normalise(&mut body);
    let mut bend = swept_sine(length, hz * 1.5, hz * 0.99, 0.01);
    fall_away(&mut bend, 0.000_2, t60 * 0.5);
    mix(&mut body, &bend, 0.4);
    let mut stick = noise(frames(0.012), rng);
    filter(&mut stick, Pass::Band, rng.range(2_600.0, 5_200.0), 0.7);
    fall_away(&mut stick, 0.000_1, 0.009);
    mix(&mut body, &stick, rng.range(0.6, 1.2));
    let mut buzz = wires(length, t60 * rng.range(0.8, 1.2), 900.0, 9_500.0 * style.brightness, rng);
    // The wires lie against the lower skin: what they radiate comes twice, a fraction later.
    let lag = frames(rng.range(0.000_4, 0.001_1));
    for at in (lag..length).rev() {
        buzz[at] += 0.6 * buzz[at - lag];
    }
    normalise(&mut buzz);
    mix(&mut body, &buzz, rng.range(0.55, 1.0));
    drive(&mut body, style.pushed(rng.range(0.05, 0.4)), 0.4);
    body
}

/// An inharmonic FM body under a burst of noise.
pub(crate) fn fm(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(170.0, 260.0));
    let t60 = style.lasting(rng.range(0.3, 0.5));
    let length = frames(t60 * 1.4 + 0.04);
    let carrier = glide(length, hz * 1.7, hz, 0.008);
    let modulator = glide(length, hz * 3.0, hz * rng.range(1.37, 2.41), 0.008);
    let index = decay(length, 0.0, rng.range(0.06, 0.16));
    let depth = rng.range(0.3, 1.1);
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * index[i] * sin_turns(modulator[i]))).collect();
    fall_away(&mut body, 0.000_2, t60 * 0.7);
    let wires = wires(length, t60 * 1.2, rng.range(1_500.0, 3_500.0), 14_000.0 * style.brightness, rng);
    mix(&mut body, &wires, rng.range(0.5, 0.9));
    drive(&mut body, style.pushed(rng.range(0.1, 0.6)), 0.2);
    body
}

/// Mostly noise with a tuned peak, as of small analogue rhythm boxes.
pub(super) fn noisy(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.3, 0.46));
    let length = frames(t60 * 1.4 + 0.03);
    let raw = noise(length, rng);
    let mut body = filtered(&raw, Pass::Band, rng.range(1_800.0, 3_600.0), 0.9);
    mix(&mut body, &filtered(&raw, Pass::High, 5_000.0, 0.7), 0.35 * style.brightness);
    fall_away2(&mut body, t60 * 0.5, t60, 0.7);
    normalise(&mut body);
    let hz = style.tuned(rng.range(180.0, 250.0));
    let mut tone = swept_sine(length, hz * 1.6, hz, 0.007);
    fall_away(&mut tone, 0.000_2, 0.18);
    mix(&mut body, &tone, rng.range(0.35, 0.8));
    drive(&mut body, style.pushed(rng.range(0.0, 0.35)), 0.2);
    body
}

/// A membrane as an early digital drum machine plays it: eight bits at a low rate, read out at a pitch that
/// falls, without a filter against the images above half that rate. They are the sound of it.
pub(super) fn sampled(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let mut body = if rng.chance(0.5) { membrane(rng, style) } else { two_bands(rng, style) };
    let rate_hz = 6_000.0 * rng.range(0.0, 1.3).exp2();
    // What was recorded fitted the rate.
    filter(&mut body, Pass::Low, 0.42 * rate_hz, 0.7);
    normalise(&mut body);
    drive(&mut body, style.pushed(rng.range(0.1, 0.4)), 0.0);
    normalise(&mut body);
    crush(&mut body, rng.range(6.0, 8.5), rate_hz);
    // The quantiser's grain must not outlast the hit.
    let length = body.len() as f32 / RATE;
    fall_away(&mut body, 0.0, length);
    filter(&mut body, Pass::Low, 13_000.0 * style.brightness.min(1.1), 0.7);
    body
}
