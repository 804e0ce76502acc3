//! The bus, levels and takes as they are heard from the engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{
    BusSettings, Engine, Enter, LaneShape, Levels, Making, MixState, Plan, PreparedSound, VelocityCurve,
};
use deepdrummer_core::kit::Audio;
use deepdrummer_core::pattern::{LoopId, MAX_LANES, Swing};
use deepdrummer_core::units::{Decibels, SampleRate};
use engine_fixture::{any_loop, busy_loop, impulse, kick_on, run, sounds, tone, transport};
use proptest::prelude::*;
use std::sync::Arc;

const RATE: SampleRate = SampleRate::STUDIO;

fn engine(plan: Plan, bus: BusSettings) -> Engine {
    let mut engine = Engine::new(RATE);
    engine.set_mix(MixState { bus, ..MixState::default() });
    engine.offer(Box::new(plan)).unwrap();
    engine
}

fn levels() -> Levels {
    let mut levels = Levels { trim: 0.8, velocity: VelocityCurve::Range30, ..Levels::NONE };
    for lane in 0..MAX_LANES {
        levels.lanes[lane] = [1.0 - 0.05 * lane as f32, 0.6 + 0.05 * lane as f32];
        levels.rooms[lane] = 0.1 * lane as f32;
    }
    levels
}

prop_compose! {
    fn any_bus()(
        shares in prop::array::uniform4(0.0f32..=1.0),
        threshold in -48.0f32..=0.0,
        sidechain_hz in 20.0f32..=400.0,
        tilt_db in -6.0f32..=6.0,
        duck_db in 0.0f32..=12.0,
        trim in -24.0f32..=12.0,
        limiter in any::<bool>(),
    ) -> BusSettings {
        let [glue, drive, room, width] = shares;
        let (threshold, trim) = (Decibels(threshold), Decibels(trim));
        let width = 2.0 * width;
        BusSettings { on: true, glue, threshold, sidechain_hz, drive, tilt_db, room, duck_db, width, trim, limiter }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_bus_that_is_off_is_no_bus_bit_for_bit(pattern in any_loop(), bus in any_bus(), frames in 1usize..20_000) {
        let plan = || Plan::new(LoopId(1), 1, Enter::Now, pattern, sounds(|lane| tone(lane, 6_000)));
        let with = |bus| run(&mut engine(plan(), bus), transport(0.0, 133.0), &[256], frames).0;
        let off = with(BusSettings { on: false, ..bus });
        prop_assert_eq!(&off, &with(BusSettings::OFF));
        prop_assert_eq!(&off, &with(BusSettings { threshold: bus.threshold, on: true, ..BusSettings::OFF }));
    }

    #[test]
    fn blocks_of_any_length_sound_the_same_through_the_bus(
        pattern in any_loop(),
        bus in any_bus(),
        sizes in prop::collection::vec(1usize..700, 1..6),
    ) {
        let plan = || Plan::levelled(LoopId(1), 1, Enter::Now, pattern, sounds(|lane| tone(lane, 6_000)), levels());
        let with = |sizes: &[usize]| run(&mut engine(plan(), bus), transport(0.0, 133.0), sizes, 20_000).0;
        prop_assert_eq!(with(&sizes), with(&[512]));
    }
}

#[test]
fn an_engine_that_was_reset_is_a_new_one_through_the_bus() {
    let plan = || {
        Plan::levelled(LoopId(1), 1, Enter::Now, busy_loop(6, 2), sounds(|lane| tone(lane, 9_000)), levels())
    };
    let mut used = engine(plan(), BusSettings::GENTLE);
    run(&mut used, transport(1.3, 150.0), &[300], 50_000);
    used.reset();
    let again = run(&mut used, transport(0.0, 120.0), &[256], 60_000).0;
    assert_eq!(again, run(&mut engine(plan(), BusSettings::GENTLE), transport(0.0, 120.0), &[256], 60_000).0);
}

#[test]
fn lanes_with_an_output_of_their_own_do_not_go_through_the_bus() {
    let plan = || Plan::new(LoopId(1), 1, Enter::Now, busy_loop(4, 1), sounds(|lane| tone(lane, 6_000)));
    let heard = |bus| {
        let mut engine = Engine::new(RATE);
        engine.set_mix(MixState { bus, own_output: [true; MAX_LANES], ..MixState::default() });
        engine.offer(Box::new(plan())).unwrap();
        run(&mut engine, transport(0.0, 120.0), &[256], 24_000).0
    };
    let (with, without) = (heard(BusSettings::GENTLE), heard(BusSettings::OFF));
    assert_eq!(with.lanes, without.lanes);
    assert!(with.main.iter().flatten().all(|value| *value == 0.0));
}

#[test]
fn a_bus_that_is_switched_makes_no_click() {
    let low: Vec<f32> = (0..96_000).map(|n| 0.3 * (n as f32 * 0.01).sin()).collect();
    let sound = Arc::new(PreparedSound::new(low, None));
    let plan = Plan::new(LoopId(1), 1, Enter::Now, kick_on(&[0]), sounds(|_| Arc::clone(&sound)));
    let mut engine = engine(plan, BusSettings::OFF);
    let mut out = run(&mut engine, transport(0.0, 120.0), &[256], 8_192).0.main[0].clone();
    let bus = BusSettings { room: 0.0, trim: Decibels(-3.0), ..BusSettings::GENTLE };
    for (turn, bus) in [bus, BusSettings::OFF].into_iter().enumerate() {
        engine.set_mix(MixState { bus, ..MixState::default() });
        let at = (turn + 1) as f64 * 8_192.0 / 24_000.0;
        out.extend(&run(&mut engine, transport(at, 120.0), &[256], 8_192).0.main[0]);
    }
    // A sine of this height and pitch turns by 0.003 in a frame.
    let step = out.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0f32, f32::max);
    assert!(step < 0.008, "{step}");
}

#[test]
fn takes_are_played_in_turn_through_the_song_wherever_it_begins() {
    let take = |level: f32| Audio { rate: RATE, left: vec![level; 8], right: None };
    let shape = LaneShape { takes: 3, ..LaneShape::NEUTRAL };
    let takes = [take(0.1), take(0.2), take(0.3)];
    let sound = Arc::new(Making { shape, ..Making::plain(0.0) }.make(&takes, RATE));
    let plan = || Plan::new(LoopId(1), 1, Enter::Now, kick_on(&[0, 8]), sounds(|_| Arc::clone(&sound)));
    let heard = |from_bar: usize| -> Vec<usize> {
        let from = transport(4.0 * from_bar as f64, 120.0);
        let out = run(&mut engine(plan(), BusSettings::OFF), from, &[500], 5 * 96_000).0.main[0].clone();
        let first = out.windows(2).filter(|pair| pair[0] == 0.0 && pair[1] != 0.0).map(|pair| pair[1]);
        let hits = (out[0] != 0.0).then_some(out[0]).into_iter().chain(first);
        hits.map(|level| (level / (0.1 * (100.0f32 / 127.0).powi(2))).round() as usize).collect()
    };
    assert_eq!(heard(0), [1, 2, 3, 1, 2, 3, 1, 2, 3, 1]);
    assert_eq!(heard(1), [3, 1, 2, 3, 1, 2, 3, 1, 2, 3], "bar 1 begins with the third hit");
}

#[test]
fn levels_places_and_swing_are_those_of_the_plan() {
    let mut levels = levels();
    levels.swing[0] = Some(Swing::from_percent(75.0));
    let plan = Plan::levelled(LoopId(1), 1, Enter::Now, kick_on(&[0, 1]), sounds(|_| impulse()), levels);
    let out = run(&mut engine(plan, BusSettings::OFF), transport(0.0, 120.0), &[256], 12_000).0.main;
    let gain = 0.8 * VelocityCurve::Range30.gain(100.0 / 127.0);
    assert!((out[0][0] - gain).abs() < 1e-6 && (out[1][0] - 0.6 * gain).abs() < 1e-6);
    // The second sixteenth of a pair comes half a step later than straight.
    assert!(out[0][9_000] != 0.0 && out[0][6_000] == 0.0);
}
