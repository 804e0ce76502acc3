//! Congas, claves, cowbells, shakers, tambourines, wood blocks and the like.
//!
//! Sources: Reid, Synth Secrets, Sound on Sound (cowbells and claves, 2002); Cook, Physically Informed
//! Sonic Modeling (Computer Music Journal 1997) for shakers and tambourines.

use super::KitStyle;
use super::draws::Rng;
use super::dsp::*;

/// Conga or bongo: two skin modes bent by the hand, with a slap.
pub(crate) fn conga(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(165.0, 420.0));
    let t60 = style.lasting(rng.range(0.16, 0.4)).min(0.8);
    let length = frames(t60 * 1.15);
    let mut body = swept_sine(length, hz * rng.range(1.06, 1.3), hz, 0.012);
    fall_away(&mut body, 0.000_8, t60);
    for (ratio, level) in [(1.5, 0.35), (2.13, 0.3), (2.9, 0.18), (4.1, 0.1)] {
        let mode = Mode {
            hz: hz * ratio * rng.range(0.97, 1.03),
            level: level * rng.range(0.5, 1.2),
            t60_s: t60 * rng.range(0.2, 0.5),
        };
        add_modes(&mut body, &[mode]);
    }
    let mut slap = noise(frames(0.025), rng);
    filter(&mut slap, Pass::Band, rng.range(1_200.0, 3_800.0), 0.9);
    fall_away(&mut slap, 0.000_3, rng.range(0.008, 0.02));
    mix(&mut body, &slap, rng.range(0.25, 0.9));
    drive(&mut body, style.pushed(rng.range(0.0, 0.3)), 0.3);
    body
}

/// Claves: one high, nearly pure mode.
pub(super) fn clave(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(1_900.0, 2_900.0));
    let t60 = style.lasting(rng.range(0.06, 0.16)).min(0.3);
    let length = frames(t60 * 1.3 + 0.01);
    let mut body = vec![0.0f32; length];
    let modes = [
        Mode { hz, level: 1.0, t60_s: t60 },
        Mode { hz: hz * rng.range(2.5, 2.8), level: rng.range(0.05, 0.3), t60_s: t60 * 0.4 },
        Mode { hz: hz * 0.5, level: rng.range(0.0, 0.15), t60_s: t60 * 0.5 },
    ];
    add_modes(&mut body, &modes);
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}

/// Cowbell: two squares (540 and 800 Hz in the 808) through a band-pass, hit first, then ringing.
pub(crate) fn cowbell(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let base = style.tuned(rng.range(470.0, 640.0));
    let t60 = style.lasting(rng.range(0.3, 0.75)).min(1.0);
    let length = frames(t60 * 1.1);
    let mut body = vec![0.0f32; length];
    add_square(&mut body, base, 0.5, 0.0);
    add_square(&mut body, base * rng.range(1.44, 1.52), 0.5, 0.0);
    filter(&mut body, Pass::Band, base * rng.range(1.5, 2.4), rng.range(1.0, 2.0));
    filter(&mut body, Pass::High, base * 0.8, 0.7);
    fall_away2(&mut body, 0.05, t60, rng.range(0.3, 0.5));
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.1);
    body
}

/// Agogô or bell: a few bar modes.
pub(super) fn bell(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let base = style.tuned(rng.range(560.0, 1_300.0));
    let t60 = style.lasting(rng.range(0.25, 0.8)).min(1.3);
    let length = frames(t60 * 1.1);
    let mut body = vec![0.0f32; length];
    for (ratio, level) in [(1.0f32, 1.0), (2.02, 0.35), (2.76, 0.6), (4.07, 0.25), (5.4, 0.4), (8.93, 0.18)] {
        let mode = Mode {
            hz: base * ratio * rng.range(0.99, 1.01),
            level: level * rng.range(0.5, 1.1),
            t60_s: t60 / ratio.sqrt() * rng.range(0.7, 1.1),
        };
        add_modes(&mut body, &[mode]);
    }
    let mut tick = noise(frames(0.004), rng);
    filter(&mut tick, Pass::High, 3_000.0, 0.7);
    fall_away(&mut tick, 0.0, 0.003);
    mix(&mut body, &tick, 0.3);
    drive(&mut body, style.pushed(rng.range(0.0, 0.3)), 0.1);
    body
}

/// Shaker or maracas: grains of noise whose density swells and falls, through the gourd's resonance.
pub(crate) fn shaker(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let rise = rng.range(0.008, 0.045);
    let t60 = style.lasting(rng.range(0.07, 0.17)).min(0.3);
    let length = frames(rise + t60 * 1.2);
    let mut body = noise(length, rng);
    let mut grain = 0.0f32;
    let thin = rng.range(0.02, 0.25);
    let settle = fall(0.006);
    for x in &mut body {
        if rng.chance(thin) {
            grain = 1.0;
        }
        *x *= 0.35 + grain;
        grain *= settle;
    }
    let centre = style.tuned(rng.range(4_500.0, 8_000.0)).min(11_000.0);
    filter(&mut body, Pass::Band, centre, rng.range(0.8, 1.8));
    filter(&mut body, Pass::High, 2_500.0, 0.8);
    let rising = frames(rise);
    let falling = decay(length, 0.0, t60);
    for (at, x) in body.iter_mut().enumerate() {
        let swell = at as f32 / rising.max(1) as f32;
        *x *= if at < rising { swell * swell } else { falling[at - rising] };
    }
    drive(&mut body, style.pushed(rng.range(0.0, 0.2)), 0.0);
    body
}

/// Tambourine: pairs of jingles, hit several times within some tens of milliseconds.
pub(crate) fn tambourine(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let t60 = style.lasting(rng.range(0.14, 0.36)).min(0.6);
    let length = frames(t60 * 1.2 + 0.05);
    let mut jingle = vec![0.0f32; length];
    for _ in 0..18 {
        let mode = Mode {
            hz: style.tuned(rng.range(4_800.0, 13_500.0)),
            level: rng.range(-1.0, 1.0),
            t60_s: t60 * rng.range(0.4, 1.1),
        };
        add_modes(&mut jingle, &[mode]);
    }
    normalise(&mut jingle);
    let mut body = vec![0.0f32; length];
    for hit in 0..4 {
        let at = frames(hit as f32 * rng.range(0.006, 0.014));
        mix_at(&mut body, at, &jingle, [1.0, 0.5, 0.4, 0.25][hit] * rng.range(0.6, 1.1));
    }
    let mut hiss = filtered(&noise(length, rng), Pass::High, 7_000.0, 0.8);
    fall_away2(&mut hiss, t60 * 0.3, t60, 0.4);
    normalise(&mut body);
    mix(&mut body, &hiss, rng.range(0.3, 0.7));
    filter(&mut body, Pass::High, 2_500.0, 0.7);
    drive(&mut body, style.pushed(rng.range(0.0, 0.2)), 0.0);
    body
}

/// Wood block: hollow modes with a short, dry decay.
pub(super) fn wood(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let base = style.tuned(rng.range(480.0, 1_250.0));
    let t60 = style.lasting(rng.range(0.05, 0.13)).min(0.25);
    let length = frames(t60 * 1.4 + 0.02);
    let mut body = vec![0.0f32; length];
    for (ratio, level) in [(1.0f32, 1.0), (1.48, 0.5), (2.57, 0.4), (3.3, 0.22), (4.96, 0.18)] {
        let mode = Mode {
            hz: base * ratio * rng.range(0.97, 1.03),
            level: level * rng.range(0.5, 1.2),
            t60_s: t60 / ratio.sqrt() * rng.range(0.6, 1.0),
        };
        add_modes(&mut body, &[mode]);
    }
    let mut tick = noise(frames(0.005), rng);
    filter(&mut tick, Pass::Band, base * 3.0, 0.8);
    fall_away(&mut tick, 0.0, 0.004);
    mix(&mut body, &tick, rng.range(0.2, 0.6));
    drive(&mut body, style.pushed(rng.range(0.0, 0.35)), 0.2);
    body
}

/// An FM blip, as of early digital machines.
pub(crate) fn blip(rng: &mut Rng, style: &KitStyle) -> Vec<f32> {
    let hz = style.tuned(rng.range(280.0, 1_500.0));
    let t60 = style.lasting(rng.range(0.06, 0.24)).min(0.4);
    let length = frames(t60 * 1.2 + 0.01);
    let carrier = glide(length, hz * rng.range(1.0, 2.5), hz, 0.015);
    let ratio = rng.range(1.2, 4.4);
    let modulator = glide(length, hz * ratio, hz * ratio, 0.01);
    let index = decay(length, 0.0, t60 * 0.6);
    let depth = rng.range(0.1, 0.8);
    let mut body: Vec<f32> =
        (0..length).map(|i| sin_turns(carrier[i] + depth * index[i] * sin_turns(modulator[i]))).collect();
    fall_away(&mut body, 0.000_3, t60);
    drive(&mut body, style.pushed(rng.range(0.0, 0.4)), 0.2);
    body
}
