//! How loops enter and leave, what cuts what, and that nothing depends on how time is cut into blocks.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod engine_fixture;

use deepdrummer_core::engine::{Engine, Enter, Fact, MixState, NoteIn, NoteOut, PreparedSound, Transport};
use deepdrummer_core::pattern::{Grid, Hit, Lane, Loop, LoopId, Role, SampleId, Swing};
use deepdrummer_core::units::{Decibels, SampleRate};
use engine_fixture::*;
use proptest::prelude::*;
use std::sync::Arc;

const RATE: SampleRate = SampleRate::STUDIO;
/// Frames of a sixteenth note at 120 bpm and 48 kHz.
const STEP: usize = 6000;
const BAR: usize = 16 * STEP;

fn engine_with(pattern: Loop) -> Engine {
    let mut engine = Engine::new(RATE);
    engine.set_mix(open_mix());
    engine.offer(plan(1, Enter::NextBar, pattern, |_| impulse())).unwrap();
    engine
}

fn entered(facts: &[Fact]) -> Vec<(u64, u32)> {
    facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::LoopEntered { id, frame, .. } => Some((id.0, *frame)),
            _ => None,
        })
        .collect()
}

/// Plays `before` frames from the start of a song, offers a second loop, and plays on to the end of bar
/// 4 in one block; gives the onsets of both loops' sounds after the offer, in frames of the song.
fn onsets_after_offer(enter: Enter, before: usize, bars: u8) -> (Vec<usize>, Vec<(u64, u32)>) {
    let first = kick_on(&[0, 4, 8, 12]).regridded(Grid { bars, ..Grid::default() });
    let mut engine = engine_with(first);
    run(&mut engine, transport(0.0, 120.0), &[before], before);
    engine.offer(plan(2, enter, kick_on(&[2]), |_| impulse())).unwrap();
    let from = transport(before as f64 / (4 * STEP) as f64, 120.0);
    let (heard, _, facts) = run(&mut engine, from, &[4 * BAR - before], 4 * BAR - before);
    (onsets(&heard.lanes[0][0]).iter().map(|at| at + before).collect(), entered(&facts))
}

#[test]
fn the_next_loop_enters_at_the_boundary_that_was_chosen() {
    let before = 9 * STEP + 77;
    let second = |bars: std::ops::Range<usize>| bars.map(|bar| bar * BAR + 2 * STEP);
    let (next_bar, entry) = onsets_after_offer(Enter::NextBar, before, 1);
    assert_eq!(next_bar, [12 * STEP].into_iter().chain(second(1..4)).collect::<Vec<_>>());
    assert_eq!(entry, [(2, (BAR - before) as u32)]);
    let (beat, entry) = onsets_after_offer(Enter::Beat, before, 1);
    assert_eq!(beat, second(1..4).collect::<Vec<_>>());
    assert_eq!(entry, [(2, (12 * STEP - before) as u32)]);
    let (now, entry) = onsets_after_offer(Enter::Now, STEP, 1);
    assert_eq!(now, second(0..4).collect::<Vec<_>>());
    assert_eq!(entry, [(2, 0)]);
    let (end, entry) = onsets_after_offer(Enter::LoopEnd, before, 2);
    let rest_of_first = [12, 16, 20, 24, 28].map(|step| step * STEP);
    assert_eq!(end, rest_of_first.into_iter().chain(second(2..4)).collect::<Vec<_>>());
    assert_eq!(entry, [(2, (2 * BAR - before) as u32)]);
}

#[test]
fn a_loop_that_enters_brings_its_own_early_downbeat() {
    let mut early = kick_on(&[0]);
    early.lanes_mut()[0].hits[0].offset = -64;
    let mut engine = engine_with(kick_on(&[8]));
    run(&mut engine, transport(0.0, 120.0), &[BAR / 2 + 1], BAR / 2 + 1);
    engine.offer(plan(2, Enter::NextBar, early, |_| impulse())).unwrap();
    let from = transport(2.0 + 1.0 / (4 * STEP) as f64, 120.0);
    let (heard, _, _) = run(&mut engine, from, &[100], BAR);
    assert_eq!(onsets(&heard.lanes[0][0]), [BAR / 2 - STEP / 4 - 1]);
}

#[test]
fn a_region_without_a_bar_line_does_not_hold_the_next_loop_back() {
    for split in [false, true] {
        let mut engine = engine_with(kick_on(&[4, 6]));
        let region = Transport { loop_range_beats: Some((1.0, 2.0)), ..transport(1.0, 120.0) };
        let mut heard = Heard::default();
        let first = if split { 4 * STEP } else { 5 * STEP };
        block(&mut engine, &region, &[], 3 * STEP, &mut heard);
        engine.offer(plan(2, Enter::NextBar, kick_on(&[5]), |_| impulse())).unwrap();
        let at = |beats| Transport { pos_beats: beats, ..region };
        let told = block(&mut engine, &at(1.75), &[], first - 3 * STEP, &mut heard);
        let rest = if split { block(&mut engine, &at(1.0), &[], STEP, &mut heard) } else { Told::default() };
        let facts: Vec<Fact> = told.facts.into_iter().chain(rest.facts).collect();
        assert_eq!(entered(&facts).len(), 1, "{facts:?}");
        block(&mut engine, &at(1.25), &[], STEP, &mut heard);
        assert_eq!(onsets(&heard.lanes[0][0]), [0, 2 * STEP, 5 * STEP], "split {split}");
    }
}

#[test]
fn an_edit_takes_effect_at_once_and_strikes_nothing_again() {
    let mut engine = engine_with(kick_on(&[0, 8]));
    let (before, _, _) = run(&mut engine, transport(0.0, 120.0), &[64], 4 * STEP);
    engine.offer(plan(1, Enter::LoopEnd, kick_on(&[0, 2, 6]), |_| impulse())).unwrap();
    let (after, _, facts) = run(&mut engine, transport(1.0, 120.0), &[64], 8 * STEP);
    assert_eq!(onsets(&before.lanes[0][0]), [0]);
    assert_eq!(onsets(&after.lanes[0][0]), [2 * STEP]);
    assert!(matches!(facts[..], [Fact::LoopReplaced { id: LoopId(1), serial: 1 }]), "{facts:?}");
}

#[test]
fn the_newest_offer_wins_and_every_box_comes_home_once_nothing_reads_it() {
    let mut engine = Engine::new(RATE);
    let long = tone(0, 4000);
    engine.offer(plan(1, Enter::NextBar, kick_on(&[0]), |_| long.clone())).unwrap();
    run(&mut engine, transport(0.0, 120.0), &[64], 128);
    engine.offer(plan(2, Enter::NextBar, kick_on(&[0]), |_| tone(1, 4000))).unwrap();
    engine.offer(plan(3, Enter::Now, kick_on(&[8]), |_| tone(2, 4000))).unwrap();
    assert_eq!(engine.take_retired().unwrap().id, LoopId(2));
    run(&mut engine, transport(128.0 / 24_000.0, 120.0), &[64], 64);
    assert_eq!(engine.current_loop(), Some(LoopId(3)));
    assert!(engine.take_retired().is_none(), "a voice still reads loop 1");
    run(&mut engine, transport(192.0 / 24_000.0, 120.0), &[64], 256);
    assert_eq!(engine.take_retired().unwrap().id, LoopId(1));
    assert!(engine.take_retired().is_none());
}

#[test]
fn a_plan_with_the_same_sounds_lets_the_old_one_go_at_once() {
    let mut engine = Engine::new(RATE);
    let long = tone(0, 48_000);
    engine.offer(plan(1, Enter::NextBar, kick_on(&[0]), |_| long.clone())).unwrap();
    run(&mut engine, transport(0.0, 120.0), &[64], 128);
    engine.offer(plan(1, Enter::NextBar, kick_on(&[0, 3]), |_| long.clone())).unwrap();
    assert!(engine.take_retired().is_some());
    let (heard, _, _) = run(&mut engine, transport(128.0 / 24_000.0, 120.0), &[64], 256);
    assert!(heard.main[0].iter().any(|value| *value != 0.0), "the voice rings on");
}

#[test]
fn while_a_host_bounces_no_other_loop_enters() {
    let mut engine = engine_with(kick_on(&[0]));
    let offline = |beats| Transport { offline: true, ..transport(beats, 120.0) };
    run(&mut engine, offline(0.0), &[512], STEP);
    engine.offer(plan(2, Enter::Now, kick_on(&[8]), |_| impulse())).unwrap();
    let (_, _, facts) = run(&mut engine, offline(0.25), &[512], 3 * BAR);
    assert_eq!(entered(&facts), []);
}

#[test]
fn stop_starts_nothing_and_lets_tails_ring_to_exact_silence() {
    let mut engine = Engine::new(RATE);
    engine.offer(plan(1, Enter::NextBar, kick_on(&[0, 1, 2]), |_| tone(0, 3000))).unwrap();
    run(&mut engine, transport(0.0, 120.0), &[100], 100);
    let (heard, _, facts) = run(&mut engine, Transport::stopped(), &[100], 10_000);
    assert!(heard.main[0][..2800].iter().any(|value| value.abs() > 0.001));
    assert!(heard.main[0][2900..].iter().all(|value| value.to_bits() == 0), "exactly +0");
    assert!(facts.contains(&Fact::Stopped { id: Some(LoopId(1)) }));
}

#[test]
fn audition_plays_from_a_bar_line_while_the_transport_stands() {
    let mut engine = engine_with(kick_on(&[0, 4]));
    engine.set_audition(true);
    let mut heard = Heard::default();
    for _ in 0..11 {
        let standing = Transport { playing: false, ..transport(7.3, 120.0) };
        block(&mut engine, &standing, &[], BAR / 8, &mut heard);
    }
    assert_eq!(onsets(&heard.lanes[0][0]), [0, 4 * STEP, BAR, BAR + 4 * STEP]);
}

#[test]
fn bars_are_counted_for_the_loop_that_was_heard() {
    let mut engine = engine_with(kick_on(&[0]));
    let (_, _, facts) = run(&mut engine, transport(0.0, 120.0), &[1000], 2 * BAR + 10);
    let bars: Vec<u32> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::BarPassed { bars_heard, id: LoopId(1), .. } => Some(*bars_heard),
            _ => None,
        })
        .collect();
    assert_eq!(bars, [1, 2]);
}

fn two_lanes(first: Role, first_steps: &[usize], second: Role, second_steps: &[usize]) -> Loop {
    let lane = |role, steps: &[usize]| {
        let mut lane = Lane::empty(role, SampleId(1));
        steps.iter().for_each(|&step| lane.hits[step] = Hit::new(127));
        lane
    };
    Loop::new(Grid::default(), Swing::STRAIGHT, &[lane(first, first_steps), lane(second, second_steps)])
}

/// A sound that stays at full scale.
fn held(frames: usize) -> Arc<PreparedSound> {
    Arc::new(PreparedSound::new(vec![1.0; frames], None))
}

#[test]
fn a_closed_hat_chokes_the_open_one_within_five_milliseconds() {
    let mut engine = Engine::new(RATE);
    let mut mix = open_mix();
    (mix.lanes[0].choke, mix.lanes[1].choke) = (1, 1);
    engine.set_mix(mix);
    let pattern = two_lanes(Role::ClosedHat, &[2], Role::OpenHat, &[0]);
    engine.offer(plan(1, Enter::NextBar, pattern, |_| held(BAR))).unwrap();
    let (heard, _, _) = run(&mut engine, transport(0.0, 120.0), &[64], 4 * STEP);
    let open = &heard.lanes[1][0];
    assert_eq!(open[2 * STEP - 1], 1.0);
    assert!(open[2 * STEP + 120] > 0.3 && open[2 * STEP + 120] < 0.7, "a fade, not a cut");
    assert_eq!(open[2 * STEP + 240], 0.0);
}

#[test]
fn drums_cut_their_own_sound_and_cymbals_ring_on() {
    for (role, after) in [(Role::Kick, 1.0), (Role::Cymbal, 2.0)] {
        let mut engine = Engine::new(RATE);
        engine.set_mix(open_mix());
        let pattern = two_lanes(role, &[0, 2], Role::Fx, &[]);
        engine.offer(plan(1, Enter::NextBar, pattern, |_| held(BAR))).unwrap();
        let (heard, _, _) = run(&mut engine, transport(0.0, 120.0), &[64], 4 * STEP);
        assert_eq!(heard.lanes[0][0][3 * STEP], after, "{role:?}");
    }
}

#[test]
fn no_more_than_64_voices_ring_and_a_stolen_one_fades() {
    let mut engine = Engine::new(RATE);
    let mix = open_mix();
    engine.set_mix(mix);
    let pattern = two_lanes(Role::Cymbal, &[], Role::Fx, &[]);
    engine.offer(plan(1, Enter::NextBar, pattern, |_| held(BAR))).unwrap();
    let notes: Vec<NoteIn> = (0..70)
        .map(|n| NoteIn { frame: n * 10, key: 36, velocity: if n == 20 { 0.1 } else { 0.5 }, on: true })
        .collect();
    let mut heard = Heard::default();
    block(&mut engine, &Transport::stopped(), &notes, 2000, &mut heard);
    assert_eq!(engine.meters().voices, 64);
    // 70 hits at a gain of 1/4 but one at 1/100; the quiet one and five old ones are gone.
    assert!((heard.lanes[0][0][1999] - 64.0 * 0.25).abs() < 1e-4);
    let steepest = heard.lanes[0][0].windows(2).map(|pair| pair[0] - pair[1]).fold(0.0, f32::max);
    assert!(steepest < 0.26 / 20.0, "a step of {steepest}");
}

#[test]
fn general_midi_keys_play_the_lanes_at_their_frame_with_their_velocity() {
    let mut engine = Engine::new(RATE);
    let pattern = busy_loop(6, 1);
    let roles: Vec<Role> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let mut mix = MixState { own_output: [true; 8], limiter: false, ..MixState::of(&roles) };
    mix.lanes.iter_mut().for_each(|lane| lane.choke = 0);
    engine.set_mix(mix);
    engine.offer(plan(1, Enter::NextBar, pattern, |_| impulse())).unwrap();
    let keys = [(35, 0), (36, 0), (38, 1), (40, 1), (39, 2), (42, 3), (44, 3), (46, 4), (47, 5), (3, 9)];
    let mut heard = Heard::default();
    let notes: Vec<NoteIn> = keys
        .iter()
        .enumerate()
        .map(|(n, &(key, _))| NoteIn { frame: n as u32 * 10, key, velocity: 0.5, on: true })
        .collect();
    block(&mut engine, &Transport::stopped(), &notes, 100, &mut heard);
    for (n, (key, lane)) in keys.into_iter().enumerate() {
        for (index, [left, _]) in heard.lanes.iter().enumerate() {
            assert_eq!(left[n * 10], if index == lane { 0.25 } else { 0.0 }, "key {key} lane {index}");
        }
    }
}

#[test]
fn without_sound_the_notes_are_the_same_and_what_rings_fades() {
    let play = |notes_only: bool, at: usize| {
        let mut engine = engine_with(busy_loop(4, 1));
        engine.offer(plan(2, Enter::Now, busy_loop(4, 1), |lane| tone(lane, 40_000))).unwrap();
        let (mut heard, mut notes) = (Heard::default(), Vec::new());
        for number in 0..BAR / 500 {
            let frame = number * 500;
            engine.set_mix(MixState { notes_only: notes_only && frame >= at, ..open_mix() });
            let now = transport(frame as f64 / (4 * STEP) as f64, 120.0);
            let told = block(&mut engine, &now, &[], 500, &mut heard);
            notes.extend(told.notes.into_iter().map(|note| (frame + note.frame as usize, note)));
        }
        (heard, notes, engine.meters())
    };
    let (with, notes, _) = play(false, 0);
    let (without, same, meters) = play(true, BAR / 2);
    assert_eq!(notes, same, "the pattern runs on");
    let of = |heard: &Heard, from: usize, to: usize| {
        let all = heard.lanes.iter().flatten().chain(&heard.main);
        all.flat_map(|side| side[from..to].to_vec()).collect::<Vec<f32>>()
    };
    assert_eq!(of(&with, 0, BAR / 2), of(&without, 0, BAR / 2));
    let glide = 5 * 48 + 1;
    assert!(of(&without, BAR / 2 + glide, BAR).iter().all(|value| *value == 0.0));
    assert!(of(&with, BAR / 2 + glide, BAR).iter().any(|value| *value != 0.0));
    assert!(of(&without, BAR / 2, BAR / 2 + 20).iter().any(|value| *value != 0.0), "it does not jump");
    assert_eq!(meters.voices, 0);
    assert!(play(true, 0).0.main[0].iter().all(|value| *value == 0.0));
}

/// Keys that are on after these notes; panics where an off or on comes twice.
fn keys_on(notes: &[(usize, NoteOut)]) -> u128 {
    let mut on = 0u128;
    for (frame, note) in notes {
        let bit = 1u128 << note.key;
        assert_eq!(on & bit != 0, !note.on, "key {} at {frame} twice", note.key);
        on ^= bit;
    }
    on
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_note_is_ever_stuck(
        loops in prop::collection::vec(any_loop(), 1..4),
        life in prop::option::of(any_lives()),
        moves in prop::collection::vec((0u8..9, 1usize..6000, -2.0f64..8.0), 1..40),
    ) {
        let of = |number: usize| {
            let of = loops[number % loops.len()];
            life.as_ref().map_or(of, |life| alive(of, life))
        };
        let mut engine = engine_with(of(0));
        let (mut now, mut mix, mut at) = (transport(0.0, 140.0), open_mix(), 0);
        let mut notes = Vec::new();
        let mut heard = Heard::default();
        for (number, (what, frames, beats)) in moves.into_iter().enumerate() {
            match what {
                0 => now.playing = !now.playing,
                1 => now.pos_beats = beats,
                2 => now.loop_range_beats = Some((beats, beats + 0.3)),
                3 => mix.lanes[number % 4].mute ^= true,
                4 => mix.bypassed ^= true,
                5 => mix.muted ^= true,
                6 => mix.keys.key_of_lane[number % 4] = number as u8,
                7 => engine.offer(plan(number as u64 + 2, Enter::Now, of(number), |_| impulse())).unwrap(),
                _ => engine.reset(),
            }
            while engine.take_retired().is_some() {}
            engine.set_mix(mix);
            let told = block(&mut engine, &now, &[], frames, &mut heard);
            prop_assert!(told.notes.is_sorted_by_key(|note| note.frame));
            prop_assert!(told.notes.iter().all(|note| (note.frame as usize) < frames));
            notes.extend(told.notes.into_iter().map(|note| (at + note.frame as usize, note)));
            at += frames;
            if now.playing {
                now.pos_beats += frames as f64 * per_frame(now.bpm, RATE);
            }
            if !now.playing || mix.bypassed || mix.muted {
                prop_assert_eq!(keys_on(&notes) & if what == 8 { 0 } else { u128::MAX }, 0);
            }
        }
        let told = block(&mut engine, &Transport::stopped(), &[], 64, &mut heard);
        notes.extend(told.notes.into_iter().map(|note| (at + note.frame as usize, note)));
        prop_assert_eq!(keys_on(&notes), 0);
    }

    #[test]
    fn no_bit_depends_on_how_time_is_cut_into_blocks(
        sizes in prop::collection::vec(prop_oneof![1usize..64, 1usize..8192], 1..30),
        bpm in 50.0f64..250.0,
        bars in prop::sample::select(vec![1u8, 2]),
        life in prop::option::of(any_lives()),
    ) {
        let living = |of: Loop| life.as_ref().map_or(of, |life| alive(of, life));
        let play = |sizes: &[usize]| {
            let mut engine = Engine::new(RATE);
            let mut mix = MixState::default();
            mix.lanes[1].pan = -0.4;
            mix.lanes[3].level = Decibels(5.0);
            mix.output = Decibels(9.0);
            engine.set_mix(mix);
            engine.offer(plan(1, Enter::NextBar, living(busy_loop(8, bars)), |lane| tone(lane, 9000 + lane * 7000))).unwrap();
            let mut all = run(&mut engine, transport(-0.3, bpm), sizes, 30_000);
            // Glides, a mute and another loop, from the same frame on.
            mix.output = Decibels(-3.0);
            mix.lanes[0].mute = true;
            engine.set_mix(mix);
            engine.offer(plan(2, Enter::Beat, living(busy_loop(6, 1)), |lane| tone(lane + 1, 20_000))).unwrap();
            let from = transport(-0.3 + 30_000.0 * per_frame(transport(0.0, bpm).bpm, RATE), bpm);
            let more = run(&mut engine, from, sizes, 60_000);
            all.0.main.iter_mut().zip(more.0.main).for_each(|(to, from)| to.extend(from));
            all.1.extend(more.1.iter().map(|&(at, note)| (at + 30_000, note)));
            let notes: Vec<(usize, u8, bool)> = all.1.iter().map(|(at, note)| (*at, note.key, note.on)).collect();
            (all.0.main.map(|channel| channel.into_iter().map(f32::to_bits).collect::<Vec<_>>()), notes)
        };
        let (expected, got) = (play(&[512]), play(&sizes));
        prop_assert!(expected.1 == got.1, "notes differ");
        for (expected, got) in expected.0.iter().zip(&got.0) {
            let differs = expected.iter().zip(got).position(|(a, b)| a != b);
            prop_assert_eq!(differs, None);
        }
    }
}

#[test]
fn after_a_reset_the_engine_is_a_new_one_sample_for_sample() {
    let fresh = |engine: &mut Engine| run(engine, transport(1.0, 133.0), &[300], 50_000).0;
    let new_plan = || plan(5, Enter::NextBar, busy_loop(8, 2), |lane| tone(lane, 20_000));
    let mix = MixState { output: Decibels(7.0), ..MixState::default() };
    let mut used = Engine::new(RATE);
    used.set_mix(MixState::default());
    used.offer(plan(1, Enter::NextBar, busy_loop(6, 1), |lane| tone(lane + 2, 30_000))).unwrap();
    used.set_audition(true);
    run(&mut used, transport(0.2, 90.0), &[777], 100_000);
    used.set_mix(mix);
    run(&mut used, Transport::stopped(), &[50], 50);
    used.set_audition(false);
    used.offer(new_plan()).unwrap();
    used.reset();
    let mut new = Engine::new(RATE);
    new.set_mix(mix);
    new.offer(new_plan()).unwrap();
    assert!(fresh(&mut used) == fresh(&mut new));
}

#[test]
fn the_main_output_never_exceeds_full_scale_with_the_limiter_on() {
    let mut engine = Engine::new(RATE);
    engine.set_mix(MixState { output: Decibels(12.0), ..MixState::default() });
    engine.offer(plan(1, Enter::NextBar, busy_loop(8, 1), |_| held(30_000))).unwrap();
    let (heard, _, _) = run(&mut engine, transport(0.0, 120.0), &[64], 2 * BAR);
    let peak = heard.main.iter().flatten().fold(0.0f32, |peak, value| peak.max(value.abs()));
    assert!(peak <= 1.0 && peak > 0.9, "{peak}");
}

#[test]
fn a_bypassed_engine_is_silent_within_five_milliseconds() {
    let mut engine = Engine::new(RATE);
    engine.offer(plan(1, Enter::NextBar, busy_loop(8, 1), |_| held(30_000))).unwrap();
    run(&mut engine, transport(0.0, 120.0), &[64], 2 * STEP);
    engine.set_mix(MixState { bypassed: true, ..MixState::default() });
    let (heard, notes, _) = run(&mut engine, transport(0.5, 120.0), &[64], BAR);
    assert!(heard.main[0][240..].iter().all(|value| *value == 0.0));
    assert!(notes.iter().all(|(_, note)| !note.on));
}
