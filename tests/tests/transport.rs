//! The step that sounds is the one that the song's position says, on the exact frame.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::LazyLock;

use deepdrummer_core::engine::Keys;
use deepdrummer_core::pattern::{Condition, Curve, Hit, Life, Loop, Swing};
use deepdrummer_tests::audio;
use deepdrummer_tests::clap_host::{Input, Library, Plugin, Session};
use deepdrummer_tests::state;
use deepdrummer_tests::timeline::{Cycle, Onset, Wanted, compare, note_ons, onsets, sort, wanted, wanted_of};
use deepdrummer_tests::transport::Transport;

const RATE: f64 = 48_000.0;

/// A loop that has something on every step: early, late, swung, soft and loud.
fn busy(pattern: &mut Loop) {
    pattern.swing = Swing::from_percent(58.3);
    let steps = pattern.grid.steps();
    for (number, lane) in pattern.lanes_mut().iter_mut().enumerate() {
        lane.hits = [Hit::NONE; _];
        for step in 0..steps {
            if (step + number).is_multiple_of(number + 1) {
                let offset = ((step * 37 + number * 11) % 81) as i8 - 40;
                lane.hits[step] =
                    Hit { velocity: (20 + (step * 13 + number * 29) % 108) as u8, offset, ..Hit::NONE };
            }
        }
    }
}

static BUSY: LazyLock<Vec<u8>> = LazyLock::new(|| state::with_loop(&Library::bundled(), busy));

/// An active instance that plays the busy loop, and that loop.
fn playing(rate: f64, most_frames: usize) -> (Plugin, Session, Loop) {
    let mut plugin = Library::bundled().open();
    assert!(plugin.load(&BUSY));
    let session = plugin.activate(rate, most_frames);
    let pattern = state::current(&state::document(&BUSY)).pattern;
    (plugin, session, pattern)
}

#[test]
fn hits_sound_on_the_exact_frame_wherever_play_starts() {
    for rate in [44_100.0, 48_000.0, 96_000.0] {
        let (mut plugin, mut session, pattern) = playing(rate, 8192);
        for (from, bpm, block) in [
            (0.0, 120.0, 512),
            (0.37, 120.0, 64),
            (2.0, 93.7, 441),
            (3.99, 174.0, 8192),
            (17.25, 60.0, 1024),
            (-4.0, 137.3, 128),
            (-1.3, 120.0, 333),
            (1_000.5, 99.9, 256),
        ] {
            // A stop and a jump lie between the runs.
            session.play(512, 512, Transport::stopped(from, bpm), &[]);
            session.take_notes();
            let (began, frames) = (session.frames_done(), (rate * 3.0) as usize);
            session.play(frames, block, Transport::playing(from, bpm), &[]);
            let notes = note_ons(&session.take_notes(), began);
            assert_eq!(
                compare(&notes, &wanted(&pattern, from, frames, bpm, rate)),
                Ok(()),
                "from {from} at {bpm} bpm, {rate} Hz in blocks of {block}"
            );
        }
        plugin.deactivate(session);
    }
}

/// A kick in one of every three passes, a lane of five steps, a roll of three, and a hit that is left to chance.
fn alive(pattern: &mut Loop) {
    pattern.swing = Swing::STRAIGHT;
    pattern.dice = 7;
    pattern.lanes_mut().iter_mut().for_each(|lane| lane.hits = [Hit::NONE; _]);
    let lanes = pattern.lanes_mut();
    let third = Life::NONE.with_condition(Condition::Every { passes: 3, at: 1 });
    lanes[0].hits[0] = Hit { life: third, ..Hit::PLAIN };
    lanes[1].hits[0] = Hit::new(50);
    lanes[1].course.length = 5;
    lanes[2].hits[4] = Hit { life: Life::NONE.with_repeats(3, Curve::Rising), ..Hit::PLAIN };
    lanes[3].hits[7] = Hit { life: Life::NONE.with_chance(50), ..Hit::new(90) };
}

#[test]
fn a_loop_with_life_sounds_by_its_place_in_the_song() {
    let bytes = state::with_loop(&Library::bundled(), alive);
    let pattern = state::current(&state::document(&bytes)).pattern;
    let mut plugin = Library::bundled().open();
    assert!(plugin.load(&bytes));
    let mut session = plugin.activate(RATE, 4096);
    let roles: Vec<_> = pattern.lanes().iter().map(|lane| lane.role).collect();
    let keys = Keys::general_midi(&roles).key_of_lane;
    let grid = pattern.grid;
    let (steps, step_beats) = (grid.steps() as i64, grid.step_beats());
    // A second, simple statement of the rule; what chance does is no part of it.
    let sure = |from: f64, to: f64| -> Vec<Onset> {
        let mut all = Vec::new();
        for step in (from / step_beats).floor() as i64 - 2..=(to / step_beats).ceil() as i64 {
            let at = step as f64 * step_beats;
            let mut add = |lane: usize, beats: f64, velocity: f64| {
                all.push(Onset { beats, key: keys[lane], velocity: velocity / 127.0 });
            };
            match step.rem_euclid(steps) {
                0 if step.div_euclid(steps).rem_euclid(3) == 1 => add(0, at, 100.0),
                4 => [40.0, 70.0, 100.0]
                    .into_iter()
                    .enumerate()
                    .for_each(|(nth, velocity)| add(2, at + nth as f64 * step_beats / 3.0, velocity)),
                _ => {}
            }
            if step.rem_euclid(5) == 0 {
                add(1, at, 50.0);
            }
        }
        all.retain(|onset| (from..to).contains(&onset.beats));
        all.sort_by(|a, b| a.beats.total_cmp(&b.beats).then(a.key.cmp(&b.key)));
        all
    };
    let bpm = 240.0;
    let mut lucky: Vec<Vec<i64>> = Vec::new();
    for (from, block) in [(0.0, 512), (-3.7, 64), (20.1, 4096), (9.99, 333)] {
        session.play(512, 512, Transport::stopped(from, bpm), &[]);
        session.take_notes();
        let (began, frames) = (session.frames_done(), (RATE * 12.0) as usize);
        session.play(frames, block, Transport::playing(from, bpm), &[]);
        let mut notes = note_ons(&session.take_notes(), began);
        let bar = |frame: u64| {
            ((from + frame as f64 * bpm / (60.0 * RATE)) / grid.meter.bar_beats()).floor() as i64
        };
        let chances = notes.iter().filter(|(_, key, _)| *key == keys[3]);
        lucky.push(chances.map(|(frame, ..)| bar(*frame)).filter(|bar| (6..9).contains(bar)).collect());
        notes.retain(|(_, key, _)| *key != keys[3]);
        let wanted = wanted_of(sure, from, frames, bpm, RATE);
        assert_eq!(compare(&notes, &wanted), Ok(()), "from {from} in blocks of {block}");
    }
    plugin.deactivate(session);
    assert!(lucky.iter().all(|of| *of == lucky[0]), "the same wherever play begins: {lucky:?}");
}

#[test]
fn blocks_of_any_length_give_the_same_notes() {
    let (mut plugin, mut session, pattern) = playing(RATE, 4096);
    for block in [1, 2, 31, 4096] {
        session.play(64, 64, Transport::stopped(0.0, 131.0), &[]);
        session.take_notes();
        let (began, frames) = (session.frames_done(), 24_000);
        session.play(frames, block, Transport::playing(5.1, 131.0), &[]);
        let notes = note_ons(&session.take_notes(), began);
        assert_eq!(compare(&notes, &wanted(&pattern, 5.1, frames, 131.0, RATE)), Ok(()), "blocks of {block}");
    }
    plugin.deactivate(session);
}

#[test]
fn a_cycle_that_wraps_in_mid_block_goes_on_at_its_start() {
    let (mut plugin, mut session, pattern) = playing(RATE, 1024);
    // Shorter than the loop, longer than it, and aligned to nothing.
    for (start, end) in [(1.0, 2.5), (0.0, 4.0), (3.1, 9.7)] {
        let bpm = 126.0;
        session.play(64, 64, Transport::stopped(start, bpm), &[]);
        session.take_notes();
        let began = session.frames_done();
        let cycle = Cycle { between: (start, end), from: start + 0.2, bpm, sample_rate: RATE };
        let blocks = 400;
        cycle.play(&mut session, blocks, 1024);
        let wanted = cycle.wanted(|start, end| onsets(&pattern, start, end), blocks * 1024);
        let notes = note_ons(&session.take_notes(), began);
        assert_eq!(compare(&notes, &wanted), Ok(()), "cycle {start} to {end}");
    }
    plugin.deactivate(session);
}

#[test]
fn a_jump_told_within_a_block_counts_from_its_frame() {
    let (mut plugin, mut session, pattern) = playing(RATE, 4096);
    let bpm = 120.0;
    session.play(64, 64, Transport::stopped(0.0, bpm), &[]);
    session.take_notes();
    let began = session.frames_done();
    // From bar 1 back to the middle of bar 0, at frame 1,000 of a block of 4,096.
    let jump = Transport::playing(1.5, bpm);
    session.process(4096, Some(&Transport::playing(5.0, bpm)), &[(1_000, Input::Transport(jump))]);
    session.play(24_000, 4096, jump.after(3_096, RATE), &[]);
    let notes = note_ons(&session.take_notes(), began);
    let mut all = wanted(&pattern, 5.0, 1_000, bpm, RATE);
    all.extend(wanted(&pattern, 1.5, 27_096, bpm, RATE).iter().map(|note| note.later(1_000)));
    sort(&mut all);
    assert_eq!(compare(&notes, &all), Ok(()));
    plugin.deactivate(session);
}

#[test]
fn a_tempo_that_changes_from_block_to_block_is_followed() {
    let (mut plugin, mut session, pattern) = playing(RATE, 256);
    session.play(64, 64, Transport::stopped(0.0, 80.0), &[]);
    session.take_notes();
    let began = session.frames_done();
    let mut all = Vec::new();
    let (mut beats, mut bpm) = (0.0, 80.0);
    for block in 0..600_u64 {
        session.process(256, Some(&Transport::playing(beats, bpm)), &[]);
        all.extend(wanted(&pattern, beats, 256, bpm, RATE).iter().map(|note| note.later(block * 256)));
        beats += 256.0 / RATE * bpm / 60.0;
        bpm += 0.17;
    }
    sort(&mut all);
    let notes = note_ons(&session.take_notes(), began);
    assert_eq!(compare(&notes, &all), Ok(()), "no hit is lost, doubled or late");
    plugin.deactivate(session);
}

/// Brings a number of ticks to a whole one.
type Round = fn(f64) -> f64;

/// Whether each wanted note came once, at most so many frames from its place. Which of the notes at the
/// run's edges belong to it depends on how the host rounds.
fn near(notes: &[(u64, u8, u8)], wanted: &[Wanted], most: f64, frames: usize) -> Result<(), String> {
    let at_edge = |frame: f64| frame <= most || frame >= frames as f64 - most;
    let mut notes = notes.iter().peekable();
    for wanted in wanted {
        let is = |note: &(u64, u8, u8)| {
            note.1 == wanted.key && note.2 == wanted.velocity && (note.0 as f64 - wanted.frame).abs() <= most
        };
        while notes.next_if(|note| !is(note) && at_edge(note.0 as f64)).is_some() {}
        if notes.next_if(|note| is(note)).is_none() && !at_edge(wanted.frame) {
            return Err(format!("{wanted:?} did not come; next is {:?}", notes.peek()));
        }
    }
    match notes.find(|note| !at_edge(note.0 as f64)) {
        Some(note) => Err(format!("{note:?} is one too many")),
        None => Ok(()),
    }
}

#[test]
fn a_host_that_rounds_its_position_hears_every_hit_once() {
    let (mut plugin, mut session, pattern) = playing(RATE, 2048);
    const ROUNDINGS: [(&str, Round); 3] =
        [("down", f64::floor), ("up", f64::ceil), ("to the nearest", f64::round)];
    let frames = 3 * 48_000;
    for (bpm, block) in [(60.0, 2048), (97.3, 64), (120.0, 256), (140.0, 32), (174.0, 512), (200.0, 1024)] {
        for ticks in [480.0, 960.0, 1_920.0, 15_360.0] {
            for (name, round) in ROUNDINGS {
                session.play(64, 64, Transport::stopped(0.0, bpm), &[]);
                session.take_notes();
                let began = session.frames_done();
                let mut transport = Transport::playing(0.0, bpm);
                for _ in 0..frames / block {
                    session.process(block, Some(&transport.in_ticks(ticks, round)), &[]);
                    transport = transport.after(block, RATE);
                }
                let frames = frames / block * block;
                let notes = note_ons(&session.take_notes(), began);
                let most = RATE * 60.0 / bpm / ticks + 1.01;
                assert_eq!(
                    near(&notes, &wanted(&pattern, 0.0, frames, bpm, RATE), most, frames),
                    Ok(()),
                    "{bpm} bpm, blocks of {block}, {ticks} ticks, rounded {name}"
                );
            }
        }
    }
    plugin.deactivate(session);
}

#[test]
fn a_position_that_stands_still_while_playing_strikes_no_hit_again() {
    let (mut plugin, mut session, pattern) = playing(RATE, 1024);
    for (at, block) in [(0.0, 64), (4.0, 512), (6.5, 1024), (2.0 / 3.0, 256)] {
        session.play(64, 64, Transport::stopped(at, 120.0), &[]);
        session.take_notes();
        for _ in 0..200 {
            session.process(block, Some(&Transport::playing(at, 120.0)), &[]);
        }
        let mut notes: Vec<_> =
            session.take_notes().iter().filter(|n| n.velocity.is_some()).map(|n| n.key).collect();
        notes.sort_unstable();
        // What lies within the coarsest resolution of a host, or a block, may still come: each once.
        let reach = (block as f64 / 24_000.0).max(1.0 / 24.0) + block as f64 / 24_000.0;
        let mut near: Vec<_> =
            onsets(&pattern, at - 1e-9, at + reach).iter().map(|onset| onset.key).collect();
        near.sort_unstable();
        let first = onsets(&pattern, at - 1e-9, at + 1e-9).len();
        assert!(
            notes.len() >= first
                && notes.iter().all(|key| {
                    let count = |of: &[u8]| of.iter().filter(|of| *of == key).count();
                    count(&notes) <= count(&near)
                }),
            "at {at} in blocks of {block}: {notes:?}, of {near:?}"
        );
    }
    plugin.deactivate(session);
}

#[test]
fn bars_of_any_meter_begin_where_the_host_says() {
    let (mut plugin, mut session, pattern) = playing(RATE, 512);
    // Longer than any loop's bar: the loop goes on within it, and begins anew at the host's downbeat.
    let bpm = 120.0;
    for (numerator, denominator) in [(17, 8), (21, 8), (5, 32)] {
        let bar = 4.0 * f64::from(numerator) / f64::from(denominator);
        session.play(64, 64, Transport::stopped(0.0, bpm), &[]);
        session.take_notes();
        let began = session.frames_done();
        let from = bar * 4.0;
        let transport = Transport { meter: Some((numerator, denominator)), ..Transport::playing(from, bpm) };
        // Half a beat: the shortest of these bars has five eighths of one.
        session.play(12_000, 512, transport, &[]);
        let notes = note_ons(&session.take_notes(), began);
        let loop_bar = (4.0 * (bar / 4.0).ceil()) % f64::from(pattern.grid.bars) * 4.0;
        let wanted = wanted(&pattern, loop_bar, 12_000, bpm, RATE);
        assert!(!wanted.is_empty());
        assert_eq!(
            compare(&notes, &wanted),
            Ok(()),
            "{numerator}/{denominator}: a bar begins with the loop's"
        );
    }
    plugin.deactivate(session);
}

#[test]
fn a_tempo_far_from_the_usual_is_kept_and_an_impossible_one_stands() {
    let (mut plugin, mut session, pattern) = playing(RATE, 4096);
    for (bpm, seconds) in [(4.0, 20.0), (1_500.0, 1.0)] {
        session.play(64, 64, Transport::stopped(0.0, bpm), &[]);
        session.take_notes();
        let (began, frames) = (session.frames_done(), (seconds * RATE) as usize);
        session.play(frames, 4096, Transport::playing(0.0, bpm), &[]);
        let notes = note_ons(&session.take_notes(), began);
        assert_eq!(compare(&notes, &wanted(&pattern, 0.0, frames, bpm, RATE)), Ok(()), "{bpm} bpm");
    }
    for bpm in [0.0, -120.0, f64::INFINITY, f64::NAN] {
        session.play(64, 64, Transport::stopped(0.0, 120.0), &[]);
        session.take_notes();
        let transport = Transport { bpm: Some(bpm), ..Transport::playing(0.0, 120.0) };
        session.process(4096, Some(&transport), &[]);
        assert_eq!(note_ons(&session.take_notes(), 0), [], "{bpm} bpm is no tempo");
    }
    plugin.deactivate(session);
}

#[test]
fn with_the_transport_stopped_nothing_begins_and_tails_ring_out() {
    let (mut plugin, mut session, _) = playing(RATE, 512);
    let (audio, _) = session.play(48_000, 512, Transport::stopped(0.0, 120.0), &[]);
    assert_eq!(audio::first_sound(&audio), None, "a stopped transport is silent");
    session.play(12_000, 512, Transport::playing(0.0, 120.0), &[]);
    session.take_notes();
    let (tail, _) = session.play(512, 512, Transport::stopped(0.5, 120.0), &[]);
    assert!(audio::peak(&tail) > 0.0, "the tail rings after the stop");
    let notes = session.take_notes();
    assert_eq!(note_ons(&notes, 0), [], "a stop begins no note");
    // Factory sounds are shorter than ten seconds; after that, exact silence.
    session.play(480_000, 512, Transport::stopped(0.5, 120.0), &[]);
    let (silence, _) = session.play(4_800, 512, Transport::stopped(0.5, 120.0), &[]);
    assert_eq!(audio::first_sound(&silence), None, "tails end at exactly zero");
    plugin.deactivate(session);
}

#[test]
fn every_note_on_gets_its_note_off_at_stop_jump_and_bypass() {
    let (mut plugin, mut session, _) = playing(RATE, 512);
    let mut sounding = std::collections::BTreeMap::<u8, i32>::new();
    let mut follow = |session: &mut Session| {
        for note in session.take_notes() {
            let count = sounding.entry(note.key).or_default();
            if note.velocity.is_some() {
                assert_eq!(*count, 0, "key {} begins again before it ended", note.key);
                *count = 1;
            } else {
                *count = 0;
            }
        }
        sounding.values().sum::<i32>()
    };
    for turn in 0..20 {
        let from = f64::from(turn) * 0.77;
        session.play(512 * (5 + turn as usize), 512, Transport::playing(from, 140.0), &[]);
        follow(&mut session);
        session.play(512 * 3, 512, Transport::playing(from + 31.2, 140.0), &[]);
        follow(&mut session);
        session.process(512, Some(&Transport::stopped(from, 140.0)), &[]);
        assert_eq!(follow(&mut session), 0, "all notes end at a stop");
    }
    session.play(4096, 512, Transport::playing(0.0, 140.0), &[]);
    follow(&mut session);
    session.process(
        512,
        Some(&Transport::playing(0.4, 140.0)),
        &[(0, Input::Parameter { id: "bypass", value: 1.0 })],
    );
    session.process(512, Some(&Transport::playing(0.425, 140.0)), &[]);
    assert_eq!(follow(&mut session), 0, "all notes end at bypass");
    plugin.deactivate(session);
}

#[test]
fn a_host_that_tells_little_or_nothing_is_survived() {
    let (mut plugin, mut session, _) = playing(RATE, 512);
    for _ in 0..50 {
        session.process(512, None, &[]);
    }
    let odd = [
        Transport { bpm: None, ..Transport::playing(0.0, 120.0) },
        Transport { meter: None, ..Transport::playing(0.0, 120.0) },
        Transport { beats: None, ..Transport::playing(0.0, 120.0) },
        Transport { beats: None, seconds: None, ..Transport::playing(0.0, 120.0) },
        Transport { bpm: Some(0.0), ..Transport::playing(0.0, 120.0) },
        Transport { bpm: Some(f64::NAN), ..Transport::playing(0.0, 120.0) },
        Transport { meter: Some((0, 0)), ..Transport::playing(0.0, 120.0) },
        Transport { meter: Some((17, 3)), ..Transport::playing(0.0, 120.0) },
        Transport { cycle_beats: Some((2.0, 2.0)), ..Transport::playing(0.0, 120.0) },
        Transport { cycle_beats: Some((3.0, 1.0)), ..Transport::playing(0.0, 120.0) },
        Transport { beats: Some(-1e9), ..Transport::playing(0.0, 120.0) },
        Transport { beats: Some(1e9), ..Transport::playing(0.0, 999.0) },
    ];
    for transport in odd {
        for _ in 0..20 {
            session.process(512, Some(&transport), &[]);
            for channel in session.block(0, 512) {
                assert!(channel.iter().all(|sample| sample.is_finite()), "{transport:?}");
            }
        }
    }
    plugin.deactivate(session);
}
