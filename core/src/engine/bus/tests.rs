use super::*;
use crate::dsp::probe::{amplitude, sine};
use crate::units::Decibels;

const RATE: SampleRate = SampleRate::STUDIO;

/// A few seconds of clicks and tones, with silence in between.
fn music() -> [Vec<f32>; 2] {
    let channel = |detune: f32| -> Vec<f32> {
        (0..96_000)
            .map(|n| {
                let since = (n % 24_000) as f32;
                if since > 9_000.0 {
                    0.0
                } else {
                    0.7 * (-since / 2_500.0).exp() * (since * 0.05 * detune).sin()
                }
            })
            .collect()
    };
    [channel(1.0), channel(1.3)]
}

fn silent(frames: usize) -> [Vec<f32>; 2] {
    [vec![0.0; frames], vec![0.0; frames]]
}

fn through(bus: &mut Bus, kick: &[Vec<f32>; 2], rest: &[Vec<f32>; 2]) -> [Vec<f32>; 2] {
    bus.whole([&kick[0], &kick[1]], [&rest[0], &rest[1]])
}

fn with(settings: BusSettings) -> Bus {
    let mut bus = Bus::new(RATE);
    bus.aim(&settings, true);
    bus
}

#[test]
fn off_it_is_not_run_and_what_is_neutral_counts_as_off() {
    assert!(!with(BusSettings::OFF).is_on());
    assert!(!with(BusSettings { on: false, ..BusSettings::GENTLE }).is_on());
    assert!(!with(BusSettings { on: true, ..BusSettings::OFF }).is_on());
    assert!(with(BusSettings::GENTLE).is_on());
    assert!(with(BusSettings { on: true, limiter: true, ..BusSettings::OFF }).is_on());
}

#[test]
fn the_limiter_alone_changes_no_bit_of_what_lies_below_its_ceiling() {
    let mut bus = with(BusSettings { on: true, limiter: true, ..BusSettings::OFF });
    let music = music();
    assert_eq!(through(&mut bus, &silent(96_000), &music), music);
    let mut loud = with(BusSettings { on: true, limiter: true, trim: Decibels(12.0), ..BusSettings::OFF });
    let out = through(&mut loud, &silent(96_000), &music);
    assert!(out.iter().flatten().all(|value| value.abs() <= CEILING));
    assert!(out.iter().flatten().any(|value| value.abs() > 0.99 * CEILING));
}

#[test]
fn soft_sounds_pass_a_gentle_bus_at_an_even_level() {
    let settings = BusSettings { room: 0.0, ..BusSettings::GENTLE };
    let level = |hz: f64| {
        let tone = sine(hz, RATE.hz(), 48_000, 0.01);
        let out = through(&mut with(settings), &silent(48_000), &[tone.clone(), tone]);
        20.0 * (amplitude(&out[0][24_000..], hz, RATE.hz()) / 0.01).log10()
    };
    let reference = level(1_000.0);
    for hz in [40.0, 200.0, 5_000.0, 15_000.0, 20_000.0] {
        assert!((level(hz) - reference).abs() < 0.05, "{hz}: {} of {reference}", level(hz));
    }
    // What the compressor and the saturation take of loud sounds is made up for.
    assert!((0.0..3.5).contains(&reference), "{reference}");
}

#[test]
fn nothing_depends_on_how_time_is_cut() {
    let (kick, rest) = ([music()[1].clone(), music()[1].clone()], music());
    let settings = BusSettings { duck_db: 6.0, width: 1.4, tilt_db: 2.0, ..BusSettings::GENTLE };
    let run = |sizes: &[usize]| {
        let mut bus = with(settings);
        bus.aim_levels(&Levels { rooms: [0.7; MAX_LANES], behind: 0.9, ..Levels::NONE }, true);
        let mut sum = Sum::new();
        let mut out = silent(0);
        let mut at = 0;
        for turn in 0.. {
            let frames = sizes[turn % sizes.len()].min(96_000 - at);
            if frames == 0 {
                break;
            }
            for side in 0..2 {
                sum.kick[side][..frames].copy_from_slice(&kick[side][at..at + frames]);
                sum.rest[side][..frames].copy_from_slice(&rest[side][at..at + frames]);
            }
            sum.sent[..frames].copy_from_slice(&rest[0][at..at + frames]);
            bus.run(&mut sum, frames);
            out.iter_mut().zip(&sum.rest).for_each(|(to, from)| to.extend_from_slice(&from[..frames]));
            at += frames;
            // Values turn at the same frames in every case.
            if at % 24_000 == 0 {
                bus.aim(
                    &BusSettings { on: at % 48_000 == 0, drive: at as f32 / 96_000.0, ..settings },
                    false,
                );
            }
        }
        out
    };
    let whole = run(&[64, 64, 32]);
    assert_eq!(run(&[1]), whole);
    assert_eq!(run(&[7, 41, 16]), whole);
}

#[test]
fn after_a_while_of_silence_it_is_silent_and_as_new_and_never_near_denormal_numbers() {
    let settings = BusSettings { duck_db: 6.0, width: 1.4, tilt_db: 2.0, ..BusSettings::GENTLE };
    let (mut used, mut new) = (with(settings), with(settings));
    let mut sounds = through(&mut used, &music(), &music());
    let after = through(&mut used, &silent(300_000), &silent(300_000));
    sounds.iter_mut().zip(&after).for_each(|(to, from)| to.extend_from_slice(from));
    assert!(sounds.iter().flatten().all(|value| value.is_finite() && !value.is_subnormal()));
    assert!(after.iter().all(|channel| channel[250_000..].iter().all(|value| *value == 0.0)));
    // The noise that keeps filters awake goes on; it lies at -360 dB.
    let (a, b) = (through(&mut used, &music(), &music()), through(&mut new, &music(), &music()));
    for (a, b) in a.iter().flatten().zip(b.iter().flatten()) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn kicks_push_the_rest_down_and_not_themselves() {
    let settings = BusSettings { on: true, duck_db: 6.0, ..BusSettings::OFF };
    let tone = sine(1_000.0, RATE.hz(), 24_000, 0.2);
    let steady = [tone.clone(), tone];
    let mut kick = silent(24_000);
    kick.iter_mut().for_each(|channel| channel[4_800..9_600].fill(0.5));
    let out = through(&mut with(settings), &kick, &steady);
    let heard = |from: usize| amplitude(&out[0][from..from + 4_800], 1_000.0, RATE.hz()) / 0.2;
    assert!((heard(0) - 1.0).abs() < 1e-3);
    assert!((20.0 * heard(4_800).log10() + 6.0).abs() < 1.0, "{}", heard(4_800));
    assert!((heard(19_200) - 1.0).abs() < 0.1, "{}", heard(19_200));
    let alone = through(&mut with(settings), &kick, &silent(24_000));
    assert_eq!(alone, kick);
}

#[test]
fn width_leaves_the_low_end_in_the_middle() {
    let settings = BusSettings { on: true, width: 2.0, ..BusSettings::OFF };
    let side = |hz: f64| {
        let tone = sine(hz, RATE.hz(), 48_000, 0.2);
        let out =
            through(&mut with(settings), &silent(48_000), &[tone.clone(), tone.iter().map(|x| -x).collect()]);
        20.0 * (amplitude(&out[0][24_000..], hz, RATE.hz()) / 0.2).log10()
    };
    assert!((side(5_000.0) - 6.02).abs() < 0.1 && side(40.0) < 1.0, "{} {}", side(5_000.0), side(40.0));
    let mono = BusSettings { width: 0.0, ..settings };
    let out = through(&mut with(mono), &silent(96_000), &music());
    assert!(out[0].iter().zip(&out[1]).all(|(l, r)| (l - r).abs() < 1e-6));
}

#[test]
fn any_settings_give_finite_sound() {
    let mut rng = crate::rng::Rng::new(crate::units::Seed(3));
    let mut bus = Bus::new(RATE);
    for _ in 0..200 {
        let mut odd =
            || [f32::NAN, f32::INFINITY, -1e30, 0.0, 1.0, 1e30, rng.range(-50.0, 50.0)][rng.below(7)];
        let settings = BusSettings {
            on: true,
            glue: odd(),
            threshold: Decibels(odd()),
            sidechain_hz: odd(),
            drive: odd(),
            tilt_db: odd(),
            room: odd(),
            duck_db: odd(),
            width: odd(),
            trim: Decibels(odd()),
            limiter: false,
        };
        bus.aim(&settings, false);
        let out = bus.whole([&[0.9; 500], &[-0.9; 500]], [&[0.1; 500], &[0.4; 500]]);
        assert!(out.iter().flatten().all(|value| value.is_finite()), "{settings:?}");
    }
}

#[test]
fn every_kit_has_settings_of_its_own_and_none_leaves_its_range() {
    for kit in crate::kit::factory::kits() {
        assert!(BusSettings::PRESETS.iter().any(|(name, _)| name == kit), "{kit}");
    }
    for (name, settings) in BusSettings::PRESETS {
        assert_eq!(settings.sanitized(), *settings, "{name}");
        assert!(!settings.is_off(), "{name}");
    }
}

#[test]
fn a_room_that_was_switched_off_comes_back_empty() {
    let on = BusSettings { on: true, room: 1.0, ..BusSettings::OFF };
    let mut bus = with(on);
    bus.aim_levels(&Levels { rooms: [1.0; MAX_LANES], ..Levels::NONE }, true);
    let mut sum = Sum::new();
    let mut run = |bus: &mut Bus, value: f32, chunks: usize| -> f32 {
        let mut peak = 0.0f32;
        for _ in 0..chunks {
            sum.clear(CHUNK);
            sum.sent.fill(value);
            sum.sent.iter_mut().step_by(2).for_each(|value| *value = -*value);
            bus.run(&mut sum, CHUNK);
            peak = sum.rest.iter().flatten().fold(peak, |peak, value| peak.max(value.abs()));
        }
        peak
    };
    assert!(run(&mut bus, 0.5, 200) > 0.1);
    bus.aim(&BusSettings { room: 0.0, limiter: true, ..on }, false);
    run(&mut bus, 0.0, 20);
    bus.aim(&on, false);
    assert!(run(&mut bus, 0.0, 200) < 1e-6);
}
