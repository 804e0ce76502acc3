//! From a model's raw wave to a one-shot: the kit's colour, then trimmed, free of DC, faded and levelled.

use super::draws::Rng;
use super::dsp::*;
use super::style::{Colour, KitStyle};
use crate::kit::Audio;
use crate::kit::loudness::loudness_db;
use crate::pattern::Role;
use crate::units::SampleRate;

/// The longest a role's sound may be, in seconds.
fn longest_s(role: Role) -> f32 {
    match role {
        Role::Cymbal | Role::Fx => 3.0,
        Role::Kick | Role::Tom => 2.5,
        Role::OpenHat => 1.5,
        Role::Snare | Role::Clap | Role::Percussion => 1.2,
        Role::ClosedHat => 0.5,
    }
}

/// Loudness in decibels (K-weighted, loudest 200 ms) and the highest peak of full scale, so that kits are
/// balanced and six lanes together stay below full scale.
pub(super) fn level(role: Role) -> (f32, f32) {
    match role {
        Role::Kick => (-18.5, 0.43),
        Role::Snare => (-22.0, 0.345),
        Role::Clap => (-23.5, 0.305),
        Role::ClosedHat => (-28.5, 0.19),
        Role::OpenHat => (-25.0, 0.2),
        Role::Tom => (-21.5, 0.36),
        Role::Percussion => (-28.0, 0.24),
        Role::Cymbal => (-25.5, 0.25),
        Role::Fx => (-25.0, 0.34),
    }
}

/// True where a role may be stereo: never what carries the low end or must cut in mono.
fn may_be_wide(role: Role) -> bool {
    matches!(role, Role::Clap | Role::OpenHat | Role::Cymbal | Role::Fx | Role::Percussion)
}

/// How much is added above a corner in hertz to what a role's models give: the air of a close microphone.
fn air(role: Role) -> (f32, f32) {
    match role {
        Role::ClosedHat | Role::OpenHat => (9_500.0, 0.9),
        Role::Cymbal => (9_000.0, 0.7),
        Role::Snare | Role::Clap => (6_000.0, 0.9),
        Role::Percussion => (7_000.0, 0.4),
        Role::Kick | Role::Tom | Role::Fx => (5_000.0, 0.0),
    }
}

/// What a role's models have too much of beside the rest of a kit: the middle in hertz of a wide dip, and how
/// deep it is, 0 to 1.
fn dip(role: Role) -> (f32, f32) {
    match role {
        Role::Kick => (280.0, 0.3),
        Role::Snare | Role::Clap => (1_300.0, 0.42),
        Role::Percussion => (1_400.0, 0.35),
        _ => (1_000.0, 0.0),
    }
}

/// Raises the first milliseconds of a kick until its attack is there: within 5 ms the mean magnitude of
/// 1.5 ms has to have come near its highest value.
fn punch(mono: &mut [f32]) {
    const WITHIN_S: f32 = 0.004_7;
    const MOST_STEPS: usize = 33;
    let attack = |boost: f32, mono: &[f32]| {
        let span = frames(0.001_5);
        let lifted: Vec<f32> = mono.iter().enumerate().map(|(at, x)| x * lift(boost, at)).collect();
        let mut sum = 0.0f32;
        let mut envelope = Vec::with_capacity(lifted.len());
        for (at, x) in lifted.iter().enumerate() {
            sum += x.abs();
            if at >= span {
                sum -= lifted[at - span].abs();
            }
            envelope.push(sum);
        }
        let top = envelope.iter().copied().fold(0.0, f32::max);
        envelope.iter().position(|level| *level >= 0.8 * top).unwrap_or(0)
    };
    let mut boosts = (0..MOST_STEPS).map(|step| 0.25 * step as f32);
    let boost = boosts.find(|boost| attack(*boost, mono) <= frames(WITHIN_S)).unwrap_or(0.0);
    mono.iter_mut().enumerate().for_each(|(at, x)| *x *= lift(boost, at));
}

/// A gain that falls from `1 + boost` to 1 with a time constant of 3 ms.
fn lift(boost: f32, at: usize) -> f32 {
    1.0 + boost * (-(at as f32) / (0.003 * RATE)).exp()
}

/// The finished channels; the right one is empty where the sound is mono.
pub(super) fn finish(mut mono: Vec<f32>, role: Role, style: &KitStyle, rng: &mut Rng) -> [Vec<f32>; 2] {
    normalise(&mut mono);
    mono.truncate(frames(longest_s(role)));
    let (corner, amount) = air(role);
    if amount > 0.0 {
        let highs = filtered(&mono, Pass::High, corner, 0.6);
        mix(&mut mono, &highs, amount);
    }
    let (middle, depth) = dip(role);
    if depth > 0.0 {
        let boxed = filtered(&mono, Pass::Band, middle, 0.7);
        mix(&mut mono, &boxed, -depth);
    }
    normalise(&mut mono);
    let right = colour(&mut mono, role, style.colour, rng);
    let mut channels = [mono, right];
    let corner = match role {
        Role::Kick | Role::Tom | Role::Fx => 22.0,
        // Saturation beats the partials of metal against each other; what that puts into the low end is cut.
        Role::ClosedHat | Role::OpenHat => 1_400.0,
        Role::Cymbal => 350.0,
        Role::Snare | Role::Clap | Role::Percussion => 60.0,
    };
    for channel in channels.iter_mut().filter(|channel| !channel.is_empty()) {
        filter(channel, Pass::High, corner, 0.707);
    }
    trim(&mut channels);
    if role == Role::Kick {
        punch(&mut channels[0]);
    }
    for channel in channels.iter_mut().filter(|channel| !channel.is_empty()) {
        fade(channel);
        centre(channel);
    }
    set_level(&mut channels, role);
    channels
}

/// Applies the kit's colour in place; gives a right channel where the sound becomes stereo.
fn colour(mono: &mut Vec<f32>, role: Role, colour: Colour, rng: &mut Rng) -> Vec<f32> {
    let wide = may_be_wide(role);
    match colour {
        Colour::Clean => Vec::new(),
        Colour::Sampler => {
            filter(mono, Pass::Low, 12_500.0, 0.7);
            crush(mono, 12.0, 26_040.0);
            filter(mono, Pass::Low, rng.range(12_000.0, 16_000.0), 0.8);
            let amount = if role == Role::Kick { 0.02 } else { rng.range(0.04, 0.1) };
            with_room(mono, amount, rng.range(0.8, 1.2), rng.range(0.14, 0.28), 5_000.0, wide)
        }
        Colour::Warm => {
            let shelf = filtered(mono, Pass::High, 8_000.0, 0.6);
            mix(mono, &shelf, -0.1);
            let amount = if role == Role::Kick { 0.0 } else { rng.range(0.03, 0.09) };
            with_room(mono, amount, rng.range(1.0, 1.7), rng.range(0.2, 0.4), 4_000.0, wide)
        }
        Colour::Broken => {
            if rng.chance(0.45) {
                fold(mono, rng.range(0.1, 0.7));
            } else {
                drive(mono, rng.range(0.3, 0.7), 0.3);
            }
            if rng.chance(0.3) {
                crush(mono, rng.range(6.0, 10.0), rng.range(11_000.0, 24_000.0));
                filter(mono, Pass::Low, 14_000.0, 0.7);
            }
            // What is folded and clipped piles up in the middle.
            if !matches!(role, Role::Kick | Role::Tom) {
                let middle = filtered(mono, Pass::Band, 850.0, 0.6);
                mix(mono, &middle, -0.4);
            }
            let amount = if role == Role::Kick { 0.0 } else { rng.range(0.0, 0.08) };
            with_room(mono, amount, rng.range(1.2, 2.2), rng.range(0.15, 0.35), 6_500.0, wide)
        }
        Colour::Tape => {
            wow(mono, rng);
            drive(mono, rng.range(0.2, 0.4), 0.5);
            filter(mono, Pass::Low, rng.range(9_500.0, 13_500.0), 0.7);
            let bump = filtered(mono, Pass::Band, rng.range(80.0, 120.0), 0.9);
            mix(mono, &bump, 0.15);
            Vec::new()
        }
        Colour::Crisp => {
            let shelf = filtered(mono, Pass::High, 8_000.0, 0.6);
            mix(mono, &shelf, 0.3);
            Vec::new()
        }
    }
}

/// Adds a room at a level relative to the dry sound; stereo where that is allowed.
fn with_room(mono: &mut Vec<f32>, amount: f32, size: f32, t60_s: f32, damp_hz: f32, wide: bool) -> Vec<f32> {
    if amount < 0.005 {
        return Vec::new();
    }
    normalise(mono);
    let length = mono.len() + frames(t60_s);
    let wet = room(mono, size, t60_s, damp_hz, length);
    mono.resize(length, 0.0);
    let mut right = if wide { mono.clone() } else { Vec::new() };
    mix(mono, &wet[0], amount);
    mix(&mut right, &wet[1], amount);
    right
}

/// The slow and fast speed errors of a cassette: a delay of some tenths of a millisecond that wanders.
fn wow(buffer: &mut [f32], rng: &mut Rng) {
    let depth = rng.range(2.0, 7.0);
    let (slow, fast) = (rng.range(0.6, 1.6) / RATE, rng.range(6.0, 11.0) / RATE);
    // Both start at no delay, so that the onset stays.
    let source = buffer.to_vec();
    for (at, x) in buffer.iter_mut().enumerate() {
        let t = at as f32;
        let delay = depth * (0.5 - 0.5 * sin_turns(slow * t + 0.25)) * 4.0
            + depth * 0.3 * (0.5 - 0.5 * sin_turns(fast * t + 0.25));
        let from = t - delay;
        let index = from.max(0.0) as usize;
        let share = (from - index as f32).max(0.0);
        let a = source[index];
        let b = source.get(index + 1).copied().unwrap_or(0.0);
        *x = a + (b - a) * share;
    }
}

/// Cuts silence before the onset and what lies 72 dB below the peak at the end.
fn trim(channels: &mut [Vec<f32>; 2]) {
    let peak = channels.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
    let end = channels.iter().filter_map(|c| c.iter().rposition(|x| x.abs() > peak * 0.000_25)).max();
    let start = channels.iter().filter_map(|c| c.iter().position(|x| x.abs() > peak * 0.001)).min();
    for channel in channels.iter_mut() {
        channel.truncate(end.map_or(0, |end| end + 1));
        let lead = start.unwrap_or(0).saturating_sub(8).min(channel.len());
        channel.drain(..lead);
    }
}

/// Starts from zero within 0.15 ms and ends at exact zero.
fn fade(channel: &mut [f32]) {
    let (start, end) = (frames(0.000_15).min(channel.len()), frames(0.008).min(channel.len() / 3));
    for (index, x) in channel[..start].iter_mut().enumerate() {
        *x *= index as f32 / start as f32;
    }
    let from = channel.len() - end;
    for (index, x) in channel[from..].iter_mut().enumerate() {
        let share = (end - 1 - index) as f32 / end as f32;
        *x *= share * share * (3.0 - 2.0 * share);
    }
}

/// Takes out the mean with a smooth hump, so that start and end stay at zero.
fn centre(channel: &mut [f32]) {
    let length = channel.len().max(1) as f32;
    let mean = channel.iter().map(|&x| f64::from(x)).sum::<f64>() / f64::from(length);
    let inverse = 1.0 / (length - 1.0).max(1.0);
    for (index, x) in channel.iter_mut().enumerate() {
        let t = index as f32 * inverse;
        // A parabola over the sound: mean 1, zero at both ends.
        *x -= mean as f32 * 6.0 * t * (1.0 - t);
    }
    if let Some(last) = channel.last_mut() {
        *last = 0.0;
    }
}

/// Brings the sound to its role's loudness, or to its highest peak where that comes first.
fn set_level(channels: &mut [Vec<f32>; 2], role: Role) {
    let (loudness, ceiling) = level(role);
    let peak = channels.iter().flatten().fold(0.0f32, |m, x| m.max(x.abs()));
    if peak <= 0.0 {
        return;
    }
    let audio = Audio {
        rate: SampleRate::new(f64::from(RATE)),
        left: channels[0].clone(),
        right: (!channels[1].is_empty()).then(|| channels[1].clone()),
    };
    let wanted = 10f32.powf((loudness - loudness_db(&audio)) / 20.0);
    let gain = wanted.min(ceiling / peak);
    channels.iter_mut().flatten().for_each(|x| *x *= gain);
}
