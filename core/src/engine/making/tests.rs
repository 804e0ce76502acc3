use super::*;
use crate::dsp::probe::amplitude;

const RATE: SampleRate = SampleRate::STUDIO;

fn drum(hz: f64, stereo: bool) -> Audio {
    let channel = |detune: f64| -> Vec<f32> {
        (0..22_050)
            .map(|n| {
                let t = f64::from(n) / 44_100.0;
                (0.6 * (-t / 0.08).exp() * (std::f64::consts::TAU * hz * detune * t).sin()) as f32
            })
            .collect()
    };
    Audio { rate: SampleRate::CD, left: channel(1.0), right: stereo.then(|| channel(1.02)) }
}

fn made(audio: &Audio, shape: LaneShape) -> PreparedSound {
    Making { shape, ..Making::plain(0.0) }.make(&[audio], RATE)
}

fn energy(sound: &[f32]) -> f64 {
    sound.iter().map(|&x| f64::from(x).powi(2)).sum()
}

#[test]
fn a_neutral_shape_is_none_bit_for_bit() {
    for stereo in [false, true] {
        for tune in [0.0, 3.0, -7.5] {
            let audio = drum(300.0, stereo);
            let plain = PreparedSound::prepare(&audio, RATE, tune);
            let made = Making::plain(tune).make(&[&audio, &drum(900.0, false)], RATE);
            assert_eq!((made.left(), made.right()), (plain.left(), plain.right()));
            assert_eq!(made.takes(), 1);
        }
    }
}

#[test]
fn takes_come_in_turn_and_soft_hits_are_darker() {
    let shape = LaneShape { velocity_tone: 1.0, takes: 3, ..LaneShape::NEUTRAL };
    let takes = [drum(5_000.0, false), drum(5_100.0, false), drum(5_200.0, false), drum(5_300.0, false)];
    let sound = Making { shape, ..Making::plain(0.0) }.make(&takes, RATE);
    assert_eq!(sound.takes(), 3);
    let heard: Vec<&Wave> = (0..4).map(|nth| sound.struck(1.0, nth)).collect();
    assert!(heard[0] != heard[1] && heard[1] != heard[2] && heard[0] == heard[3]);
    let levels: Vec<f64> =
        [1.0, 0.3].iter().map(|&velocity| energy(sound.struck(velocity, 0).left())).collect();
    assert!(levels[0] > 1.5 * levels[1], "{levels:?}");
}

#[test]
fn a_mono_sound_is_widened_without_a_trace_in_mono() {
    let audio = drum(2_000.0, false);
    let plain = PreparedSound::prepare(&audio, RATE, 0.0);
    let wide = Making { width: 0.4, ..Making::plain(0.0) }.make(&[&audio], RATE);
    let side: Vec<f32> = wide.left().iter().zip(wide.right()).map(|(l, r)| 0.5 * (l - r)).collect();
    let level = 10.0 * (energy(&side) / energy(plain.left())).log10();
    assert!((level + 8.0).abs() < 1.5, "side against middle: {level}");
    let frames = plain.frames().min(wide.frames());
    for at in 0..frames {
        assert!((0.5 * (wide.left()[at] + wide.right()[at]) - plain.left()[at]).abs() < 1e-5);
    }
    let low = Making { width: 0.4, ..Making::plain(0.0) }.make(&[&drum(55.0, false)], RATE);
    let side: Vec<f32> = low.left().iter().zip(low.right()).map(|(l, r)| 0.5 * (l - r)).collect();
    assert!(10.0 * (energy(&side) / energy(low.left())).log10() < -30.0);
}

#[test]
fn a_stereo_sound_is_narrowed_to_mono_and_back_is_as_it_was() {
    let audio = drum(2_000.0, true);
    let mono = made(&audio, LaneShape { width: -1.0, ..LaneShape::NEUTRAL });
    assert!(mono.left().iter().zip(mono.right()).all(|(l, r)| (l - r).abs() < 1e-6));
    let none = made(&audio, LaneShape::NEUTRAL);
    assert_eq!(none.left(), PreparedSound::prepare(&audio, RATE, 0.0).left());
}

#[test]
fn each_control_does_what_it_says() {
    let audio = drum(400.0, false);
    let plain = made(&audio, LaneShape::NEUTRAL);
    let of = |shape: LaneShape| made(&audio, shape);
    let decays = of(LaneShape { decay_ms: 60.0, ..LaneShape::NEUTRAL });
    assert!(decays.frames() < 4_000 && decays.left()[..10] != [0.0; 10]);
    let late = of(LaneShape { delay_ms: 10.0, ..LaneShape::NEUTRAL });
    assert_eq!(late.left()[..480], [0.0; 480]);
    assert_eq!(late.left()[480..], *plain.left());
    let starts = of(LaneShape { start_ms: 5.0, ..LaneShape::NEUTRAL });
    assert_eq!(starts.left(), &plain.left()[240..]);
    let high = of(LaneShape { high_pass_hz: 2_000.0, ..LaneShape::NEUTRAL });
    assert!(energy(high.left()) < 0.02 * energy(plain.left()));
    let low = of(LaneShape { low_pass_hz: 100.0, ..LaneShape::NEUTRAL });
    assert!(energy(low.left()) < 0.1 * energy(plain.left()));
    let rings = of(LaneShape { low_pass_hz: 400.0, resonance: 1.0, ..LaneShape::NEUTRAL });
    assert!(energy(rings.left()) > 4.0 * energy(plain.left()));
    let fades = of(LaneShape { attack_ms: 20.0, ..LaneShape::NEUTRAL });
    assert!(energy(&fades.left()[..200]) < 0.02 * energy(&plain.left()[..200]));
    // An octave higher at first, itself in the end.
    let falls = of(LaneShape { pitch_env_semitones: 12.0, pitch_env_ms: 10.0, ..LaneShape::NEUTRAL });
    let level = |sound: &PreparedSound, hz| amplitude(&sound.left()[..480], hz, RATE.hz());
    assert!(level(&falls, 700.0) > 1.5 * level(&plain, 700.0));
    assert!(falls.frames() < plain.frames());
    // Third harmonic, at the place where the attack was.
    let driven = of(LaneShape { drive: 0.8, ..LaneShape::NEUTRAL });
    let third = |sound: &PreparedSound| amplitude(&sound.left()[..4_800], 1_200.0, RATE.hz());
    assert!(third(&driven) > 10.0 * third(&plain));
    let onset = |sound: &PreparedSound| sound.left().iter().position(|x| x.abs() > 0.02).unwrap();
    assert!(onset(&driven).abs_diff(onset(&plain)) <= 1);
}

#[test]
fn what_is_not_in_the_sound_is_not_in_its_name() {
    let shape = LaneShape { room: 0.5, swing_percent: 60.0, ..LaneShape::NEUTRAL };
    let name = |shape| Making { shape, ..Making::plain(0.0) }.bits();
    assert_eq!(name(shape), name(LaneShape::NEUTRAL));
    assert_ne!(name(LaneShape { drive: 0.1, ..shape }), name(shape));
}

#[test]
fn any_shape_makes_finite_sound_without_denormal_values() {
    let mut rng = crate::rng::Rng::new(crate::units::Seed(9));
    let audio = drum(150.0, true);
    for _ in 0..60 {
        let mut odd = || [f32::NAN, f32::INFINITY, -1e30, 0.0, 1.0, rng.range(-30.0, 600.0)][rng.below(6)];
        let shape = LaneShape {
            start_ms: odd(),
            attack_ms: odd(),
            hold_ms: odd(),
            decay_ms: odd(),
            pitch_env_semitones: odd(),
            pitch_env_ms: odd(),
            high_pass_hz: odd(),
            low_pass_hz: odd(),
            resonance: odd(),
            drive: odd(),
            transient: odd(),
            width: odd(),
            room: odd(),
            delay_ms: odd(),
            swing_percent: odd(),
            velocity_tone: odd(),
            takes: 2,
        };
        let sound = made(&audio, shape);
        for layer in [1.0, 0.1] {
            let wave = sound.struck(layer, 0);
            let mut all = wave.left().iter().chain(wave.right());
            assert!(all.all(|value| value.is_finite() && !value.is_subnormal()), "{shape:?}");
        }
    }
}
